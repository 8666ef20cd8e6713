/*
 * Reported states of connectors and tasks, and the topics they use (KafkaStatusBackingStore), in the status
 * topic or in memory. Any thread; reading never blocks on Kafka, writing is asynchronous and retried.
 */
#ifndef CONNECT_STORAGE_STATUS_STORE_H
#define CONNECT_STORAGE_STATUS_STORE_H

#include "common/base/error.h"
#include "connect/runtime/worker_config.h"
#include "connect/storage/kafka_log.h"

#include <stdint.h>

enum status_state { STATUS_UNASSIGNED, STATUS_RUNNING, STATUS_PAUSED, STATUS_FAILED, STATUS_RESTARTING, STATUS_STOPPED,
                    STATUS_DESTROYED /* written as a tombstone */ };
const char *status_state_name(enum status_state state); /* "RUNNING" */

enum { STATUS_CONNECTOR = -1 }; /* in place of a task number */

struct status {
    int task; /* or STATUS_CONNECTOR */
    enum status_state state;
    char *trace;     /* or NULL */
    char *worker_id;
    char *version;   /* or NULL */
    int generation;
};
void status_fini(struct status *status);

struct status_list { /* of one connector: the connector's own first if it has one, then tasks by number */
    struct status *items;
    size_t count;
};
void status_list_fini(struct status_list *list);

struct status_store;

/* Over a topic of the log, which is made, checked and read when the log is started. Close the log first: that writes
   what is queued, in 5 s at most. */
struct status_store *status_store_kafka_new(struct kafka_log *log, const struct worker_config *worker);
struct status_store *status_store_memory_new(const struct worker_config *worker);
void status_store_close(struct status_store *store); /* accepts NULL */

/* Copies; false when there is none. */
bool status_store_get(struct status_store *store, const char *connector, int task, struct status *out);
void status_store_list(struct status_store *store, const char *connector, struct status_list *out);
/* Names of all connectors that have any status. */
void status_store_connectors(struct status_store *store, struct string_list *out);

/* Record a state; worker id is the worker's own. `safe`: only over an entry that is absent, ours, or of no
   younger generation (shutdown and failure). Seen by status_store_get at once. */
void status_store_put(struct status_store *store, const char *connector, const struct status *status, bool safe);

/* Topics in use. */
void status_store_topic_used(struct status_store *store, const char *connector, int task, const char *topic); /* cheap if known */
void status_store_topics(struct status_store *store, const char *connector, struct string_list *out);
void status_store_topics_reset(struct status_store *store, const char *connector);

#endif
