COMMON_SRC += common/config/config.c
