/*
 * Source offsets (KafkaOffsetBackingStore; a file of ours for standalone). Keys and values are the exact JSON
 * texts of Java's offsets topic. Keys are compared by meaning, and written back with the bytes they were
 * read with, so that compaction works across both workers. Any thread.
 */
#ifndef CONNECT_STORAGE_OFFSET_STORE_H
#define CONNECT_STORAGE_OFFSET_STORE_H

#include "common/base/error.h"
#include "connect/runtime/worker_config.h"
#include "connect/storage/kafka_log.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct offset_entry {
    char *partition_json; /* NULL: a null partition */
    char *offset_json;    /* NULL: tombstone */
};
struct offset_list {
    struct offset_entry *items;
    size_t count;
};
void offset_list_add(struct offset_list *list, const char *partition_json, const char *offset_json); /* copies */
void offset_list_fini(struct offset_list *list);

struct offset_store;

/* Over a topic of the log, which is made, checked and read when the log is started. Close the log first. */
struct offset_store *offset_store_kafka_new(struct kafka_log *log, const struct worker_config *worker);
/* The connector's own topic (offsets.storage.topic) over the worker's store, which must outlive it: reads merge, writes
   go to the topic, and then to the worker's store, where a failure is only logged. `settings`: Java-named client settings
   of the connector. Blocks until the topic is made and read, or *stop. NULL: *err is filled. */
struct offset_store *offset_store_connector_open(const struct worker_config *worker, const struct config *settings,
                                                 struct offset_store *shared, const char *connector, const char *topic,
                                                 const atomic_bool *stop, struct error *err);
/* A file of ours: a line for each partition, key, tab, value. It is replaced as a whole at each write. */
struct offset_store *offset_store_file_open(const char *path, struct error *err);
struct offset_store *offset_store_memory_new(void);
void offset_store_close(struct offset_store *store); /* accepts NULL */

/* Read the topic to its end as of now. A task start does this once. */
bool offset_store_refresh(struct offset_store *store, int64_t timeout_ms, struct error *err) MUST_CHECK;
/* *offset_json_out is a heap copy, or NULL when there is none. */
bool offset_store_get(struct offset_store *store, const char *connector, const char *partition_json,
                      char **offset_json_out, struct error *err) MUST_CHECK;
/* Every partition of the connector whose last value is not a tombstone. */
void offset_store_list(struct offset_store *store, const char *connector, struct offset_list *out);
/* Write; blocks until acknowledged or timeout_ms (then ERROR_TIMEOUT; the values may still arrive). */
bool offset_store_put(struct offset_store *store, const char *connector, const struct offset_list *offsets,
                      int64_t timeout_ms, struct error *err) MUST_CHECK;
/* Offsets that a transaction writes to the connector's own topic are written to the worker's, too, as offset_store_put does;
   tombstones before the commit, others after it. Nothing to do without an own topic. */
bool offset_store_mirror(struct offset_store *store, const char *connector, const struct offset_list *offsets, struct error *err) MUST_CHECK;
/* Key bytes of the offsets topic for a partition, e.g. for a transactional producer of a task. Heap. */
char *offset_store_key(struct offset_store *store, const char *connector, const char *partition_json);
/* Where the store's records go: the connector's own topic, else the worker's; NULL when not in Kafka. */
const char *offset_store_topic(const struct offset_store *store);

#endif
