/*
 * The worker's internal topics, made and looked at through Kafka's admin requests (TopicAdmin). Any thread; blocks.
 */
#ifndef CONNECT_STORAGE_KAFKA_TOPICS_H
#define CONNECT_STORAGE_KAFKA_TOPICS_H

#include "common/kafka/topic.h"
#include "connect/storage/kafka_log.h"

#include <librdkafka/rdkafka.h>

/* Make the internal topics that are missing and see that all are compacted. Waits for Kafka until *stop. `client` is a
   consumer: looking with a producer would make topics. */
bool kafka_topics_prepare(rd_kafka_t *client, const struct kafka_log_spec *const *specs, size_t count, const atomic_bool *stop,
                          struct error *err) MUST_CHECK;

#endif
