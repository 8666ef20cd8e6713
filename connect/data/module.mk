CONNECT_SRC += connect/data/record.c connect/data/schema.c connect/data/value.c
