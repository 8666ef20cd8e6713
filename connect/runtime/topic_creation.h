/*
 * What the topics of a source connector are made with, when it has settings of its own for them (topic.creation.*,
 * Connect's TopicCreation and TopicCreationGroup). One a task, task thread only.
 */
#ifndef CONNECT_RUNTIME_TOPIC_CREATION_H
#define CONNECT_RUNTIME_TOPIC_CREATION_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "connect/storage/kafka_topics.h"

#include <stdbool.h>

struct topic_creation;

/* Reads topic.creation.* of the connector. *out is NULL with true when the connector has none, or the worker does not
   allow it: the broker then makes topics by itself, or does not. */
bool topic_creation_new(const struct config *connector, bool is_allowed, struct topic_creation **out, struct error *err) MUST_CHECK;
void topic_creation_free(struct topic_creation *creation); /* accepts NULL */

/* What a topic of this name is made with: *out, whose settings are the creation's own. Returns the name of the group
   that decides. Never fails; asking Kafka is the task's part, whose client it is. */
const char *topic_creation_find(const struct topic_creation *creation, const char *topic, struct kafka_new_topic *out);

#endif
