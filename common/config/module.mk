COMMON_SRC += common/config/config.c common/config/config_def.c common/config/properties.c
