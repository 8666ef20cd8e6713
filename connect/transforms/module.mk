CONNECT_SRC += $(wildcard connect/transforms/*.c)
