CONNECT_SRC += $(wildcard connect/converters/*.c)
