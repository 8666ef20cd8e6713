CONNECT_SRC += $(wildcard connect/storage/*.c)
