CONNECT_SRC += connect/plugin_name.c connect/plugins.c
