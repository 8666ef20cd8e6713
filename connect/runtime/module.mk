CONNECT_SRC += $(wildcard connect/runtime/*.c)
