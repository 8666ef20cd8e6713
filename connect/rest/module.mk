CONNECT_SRC += $(wildcard connect/rest/*.c)
