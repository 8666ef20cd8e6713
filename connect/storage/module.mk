CONNECT_SRC += connect/storage/config_store.c connect/storage/json_text.c connect/storage/kafka_log.c connect/storage/kafka_topics.c
