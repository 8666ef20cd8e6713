CONNECT_SRC += $(wildcard connect/data/*.c)
