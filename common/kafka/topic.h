/*
 * One topic, made or looked for through Kafka's admin requests (TopicAdmin): internal ones, those that a source writes
 * to (topic.creation.*), dead letter queues, the history of a log-based source. Any thread; all of these block.
 */
#ifndef COMMON_KAFKA_TOPIC_H
#define COMMON_KAFKA_TOPIC_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <librdkafka/rdkafka.h>

#include <stdint.h>

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

#endif
