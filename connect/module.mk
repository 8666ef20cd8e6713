CONNECT_SRC += connect/document.c connect/main.c connect/plugin_name.c connect/plugin_version.c connect/plugins.c
