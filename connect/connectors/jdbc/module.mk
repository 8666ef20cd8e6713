CONNECT_SRC += $(wildcard connect/connectors/jdbc/*.c)
