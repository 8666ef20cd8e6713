/*
 * Topics that a source connector writes to, made with settings of its own before the first record goes there
 * (topic.creation.*, Connect's TopicCreation and TopicCreationGroup). One a task, task thread only.
 */
#ifndef CONNECT_RUNTIME_TOPIC_CREATION_H
#define CONNECT_RUNTIME_TOPIC_CREATION_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

struct topic_creation;

/* Reads topic.creation.* of the connector. *out is NULL with true when the connector has none, or the worker does not
   allow it: the broker then makes topics by itself, or does not. */
bool topic_creation_new(const struct config *connector, bool is_allowed, struct topic_creation **out, struct error *err) MUST_CHECK;
void topic_creation_free(struct topic_creation *creation); /* accepts NULL */

/* What a topic of this name would be made with; for tests. Settings are the creation's own. */
void topic_creation_describe(const struct topic_creation *creation, const char *topic, int *partitions_out,
                             int *replication_factor_out, const struct config **settings_out);
/* Make the topic unless it exists; an existing one is used as it is. Blocks on Kafka. Accepts NULL. */
bool topic_creation_ensure(const struct topic_creation *creation, rd_kafka_t *client, const char *topic, struct error *err) MUST_CHECK;

#endif
