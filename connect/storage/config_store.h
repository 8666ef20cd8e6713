/*
 * Desired state: connector configs, task configs, target states, as Kafka Connect keeps them in the config
 * topic (KafkaConfigBackingStore), or in memory for standalone.
 *
 * The thread of the log applies each record to the state (reference: task records count only with their commit
 * record). Any thread may take a snapshot, which never changes. Writing is the leader's: those functions block
 * until Kafka has the records and this store has read them back.
 */
#ifndef CONNECT_STORAGE_CONFIG_STORE_H
#define CONNECT_STORAGE_CONFIG_STORE_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "connect/runtime/worker_config.h"
#include "connect/storage/kafka_log.h"

#include <stdint.h>

enum target_state { TARGET_STARTED, TARGET_PAUSED, TARGET_STOPPED };
const char *target_state_name(enum target_state state); /* "STARTED" */

/* One connector as of a snapshot. Immutable, counted with its snapshot. */
struct config_connector {
    const char *name;
    const struct config *config;
    enum target_state target;
    int slot;                          /* where it was placed when it was made (runtime/slots.h); -1: nobody did */
    const struct config *const *tasks; /* live task configs */
    size_t task_count;                 /* 0 while inconsistent */
    bool is_inconsistent;
    const struct config *applied_config; /* connector config when the tasks were committed; NULL: not known */
    unsigned task_generation;            /* counts accepted commits; exactly-once fencing */
    bool needs_fencing;
    int fenced_task_count;               /* of the last tasks-fencing record; -1: none */
};

struct config_snapshot {
    int64_t offset; /* next offset to read of the topic */
    const struct config_connector *const *connectors; /* sorted by name */
    size_t count;
};
const struct config_connector *config_snapshot_find(const struct config_snapshot *snapshot, const char *name);

/* What changed, told for records that come after the store has caught up once (what was there before is in the
   first snapshot). Called on the thread of the log (in memory: on the writer's), so it must only post to a mailbox. */
enum config_event { CONFIG_CONNECTOR_CHANGED, CONFIG_CONNECTOR_REMOVED, CONFIG_TASKS_CHANGED, CONFIG_TARGET_CHANGED,
                    CONFIG_RESTART_REQUESTED, CONFIG_LOGGER_LEVEL };
struct config_change {
    enum config_event event;
    const char *name;                /* connector, or logger */
    bool include_tasks, only_failed; /* restart */
    const char *level;               /* logger */
};
typedef void config_listener_fn(void *arg, const struct config_change *change);

struct config_store;

/* Over a topic of the log, which is made, checked and read when the log is started. Close the log first. */
struct config_store *config_store_kafka_new(struct kafka_log *log, const struct worker_config *worker, config_listener_fn *listener,
                                            void *arg);
struct config_store *config_store_memory_new(config_listener_fn *listener, void *arg);
void config_store_close(struct config_store *store); /* accepts NULL */

/* Any thread; never blocks for long. Give it back with _release, which may come after the store's close. */
const struct config_snapshot *config_store_snapshot(struct config_store *store);
void config_snapshot_release(const struct config_snapshot *snapshot); /* accepts NULL */
/* Read up to the topic's end as of now. */
bool config_store_refresh(struct config_store *store, int64_t timeout_ms, struct error *err) MUST_CHECK;

/* The worker stops: whoever waits for Kafka in one of these functions, now or later, gives up. Any thread. */
void config_store_give_up(struct config_store *store);
/* This worker leads now. With exactly-once prepared or enabled, a leader before it cannot write any more. Blocks. */
bool config_store_claim(struct config_store *store, struct error *err) MUST_CHECK;

/* All of these block until the records are read back (30 s at most), or fail with ERROR_TIMEOUT / ERROR_UNAVAILABLE.
   Not on the thread of the log. */
bool config_store_put_connector(struct config_store *store, const char *name, const struct config *cfg,
                                const enum target_state *initial, struct error *err) MUST_CHECK;
/* As above, placed on a slot. The record carries it in a header, which Java workers do not look at; without one here, an
   update keeps the slot. */
bool config_store_place_connector(struct config_store *store, const char *name, const struct config *cfg,
                                  const enum target_state *initial, int slot, struct error *err) MUST_CHECK;
bool config_store_remove_connector(struct config_store *store, const char *name, struct error *err) MUST_CHECK;
bool config_store_put_tasks(struct config_store *store, const char *name, const struct config_list *tasks,
                            struct error *err) MUST_CHECK;
/* STOPPED first commits zero tasks, as Java does. */
bool config_store_put_target(struct config_store *store, const char *name, enum target_state state, struct error *err) MUST_CHECK;
bool config_store_put_restart(struct config_store *store, const char *name, bool include_tasks, bool only_failed,
                              struct error *err) MUST_CHECK;
bool config_store_put_fencing(struct config_store *store, const char *name, int task_count, struct error *err) MUST_CHECK;
bool config_store_put_logger_level(struct config_store *store, const char *logger, const char *level,
                                   struct error *err) MUST_CHECK;

/* The key that signs requests from worker to worker (record session-key): the last record wins. */
struct session_key {
    char *key;          /* base64, as in the record; heap */
    char *algorithm;    /* "HmacSHA256"; heap */
    int64_t created_ms; /* creation-timestamp */
};
void session_key_fini(struct session_key *key);
/* Any thread; copies. False: none was read yet. */
bool config_store_session_key(struct config_store *store, struct session_key *out);
bool config_store_put_session_key(struct config_store *store, const struct session_key *key, struct error *err) MUST_CHECK;

#endif
