/*
 * Topics made and looked at through Kafka's admin requests (TopicAdmin): the worker's internal ones, those that a
 * source writes to (topic.creation.*), and dead letter queues. Any thread; all of these block.
 */
#ifndef CONNECT_STORAGE_KAFKA_TOPICS_H
#define CONNECT_STORAGE_KAFKA_TOPICS_H

#include "connect/storage/kafka_log.h"

#include <librdkafka/rdkafka.h>

struct kafka_new_topic {
    const char *topic;
    int32_t partitions, replication_factor; /* -1: the broker's default */
    const struct config *settings;          /* or NULL */
};

enum kafka_topic_made {
    TOPIC_MADE,
    TOPIC_EXISTS,
    TOPIC_UNKNOWN, /* not allowed to make it, or the broker cannot: it may exist or not */
    TOPIC_FAILED,  /* *err is filled */
};

/* Make one topic. `client` may be a client of any kind. */
enum kafka_topic_made kafka_topic_make(rd_kafka_t *client, const struct kafka_new_topic *topic, int timeout_ms, struct error *err);
/* Does it exist? Never makes it, if `client` is a consumer. */
bool kafka_topic_exists(rd_kafka_t *client, const char *topic, bool *exists_out, int timeout_ms, struct error *err) MUST_CHECK;

/* Make the internal topics that are missing and see that all are compacted. Waits for Kafka until *stop. `client` is a
   consumer: looking with a producer would make topics. */
bool kafka_topics_prepare(rd_kafka_t *client, const struct kafka_log_spec *const *specs, size_t count, const atomic_bool *stop,
                          struct error *err) MUST_CHECK;

#endif
