COMMON_SRC += common/kafka/client_config.c common/kafka/client_settings.c common/kafka/kafka_error.c common/kafka/topic.c common/kafka/topic_log.c common/kafka/topic_tail.c
