CONNECT_SRC += connect/storage/kafka_log.c connect/storage/kafka_topics.c
