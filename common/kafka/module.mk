COMMON_SRC += common/kafka/client_config.c common/kafka/kafka_error.c
