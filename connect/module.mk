CONNECT_SRC += connect/plugins.c
