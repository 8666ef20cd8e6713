/*
 * Offsets that the consumer group of a sink connector has committed: reading and changing them from outside the group,
 * for GET, PATCH and DELETE /connectors/X/offsets. Every function makes a client of its own and blocks, bounded by
 * timeout_ms. Any thread.
 */
#ifndef CONNECT_STORAGE_GROUP_OFFSETS_H
#define CONNECT_STORAGE_GROUP_OFFSETS_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "connect/runtime/worker_config.h"

#include <stdint.h>

struct group_offset {
    char *topic;
    int32_t partition;
    int64_t offset; /* -1 to alter: remove what is committed */
};
struct group_offsets {
    struct group_offset *items;
    size_t count;
};
/* Copies the topic; a partition that is there already is overwritten. */
void group_offsets_set(struct group_offsets *offsets, const char *topic, int32_t partition, int64_t offset);
void group_offsets_fini(struct group_offsets *offsets);

/* `connector`: its configuration, for admin.override.* and consumer.override.group.id; `name` its name. */
char *group_offsets_group(const struct config *connector, const char *name); /* heap */
bool group_offsets_read(const struct worker_config *worker, const struct config *connector, const char *group, int timeout_ms,
                        struct group_offsets *out, struct error *err) MUST_CHECK;
bool group_offsets_alter(const struct worker_config *worker, const struct config *connector, const char *group,
                         const struct group_offsets *offsets, int timeout_ms, struct error *err) MUST_CHECK;
/* Delete the whole group; one that does not exist is fine. */
bool group_offsets_reset(const struct worker_config *worker, const struct config *connector, const char *group, int timeout_ms,
                         struct error *err) MUST_CHECK;

/* Id of the Kafka cluster (heap); NULL when it is not known in time. For a worker that is no member of a group. */
char *group_cluster_id(const struct worker_config *worker, int timeout_ms);

#endif
