CONNECT_SRC += $(wildcard connect/connectors/binlog/*.c)
