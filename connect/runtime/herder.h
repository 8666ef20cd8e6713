/*
 * The herder: one thread that owns the desired state of this worker. It follows the config store, holds the
 * slots that the member was given, starts and stops what sits on them, writes what the leader writes, and
 * purges statuses. Everything reaches it through its mailbox; nothing here waits for connector code except
 * orderly stops, which have a deadline.
 *
 * Reads never come here: they take snapshots of the stores, on any thread.
 */
#ifndef CONNECT_RUNTIME_HERDER_H
#define CONNECT_RUNTIME_HERDER_H

#include "common/base/mailbox.h"
#include "connect/runtime/config_provider.h"
#include "connect/runtime/metrics.h"
#include "connect/runtime/worker_config.h"
#include "connect/storage/config_store.h"
#include "connect/storage/offset_store.h"
#include "connect/storage/status_store.h"

struct herder;

struct herder_stores {
    struct config_store *config;
    struct status_store *status;
    struct offset_store *offsets;
};

/* All that is pointed to outlives the herder. */
struct herder_options {
    const struct worker_config *worker;
    const struct config_providers *providers;
    struct metrics *metrics;
    /* Make and read the stores; herder thread, may block until *stop. A failure ends the worker (`failed`). */
    bool (*open)(void *arg, config_listener_fn *listener, void *listener_arg, const atomic_bool *stop, struct herder_stores *out,
                 struct error *err);
    void (*close)(void *arg, struct herder_stores *stores);
    /* Hand task configurations to the leader at this URL; blocks, but not when gives_up says so. NULL when there is only one worker. */
    bool (*send_tasks)(void *arg, const char *leader_url, const char *connector, const struct config_list *tasks,
                       bool (*gives_up)(void *gives_up_arg), void *gives_up_arg, struct error *err);
    /* Ask the leader at this URL to shut out earlier exactly-once tasks; blocks, but not when gives_up says so. Or NULL. */
    bool (*send_fence)(void *arg, const char *leader_url, const char *connector, bool (*gives_up)(void *gives_up_arg),
                       void *gives_up_arg, struct error *err);
    /* The worker cannot go on; called once on the herder's thread. */
    void (*failed)(void *arg, const struct error *err);
    void *arg;
};

struct herder *herder_start(const struct herder_options *options);
/* Stops everything in order, refuses what is asked, leaves the group; blocks, bounded by the graceful time-outs. */
void herder_stop(struct herder *herder);
/* Connectors or tasks that did not end in time still run: then nothing that they use may be freed. */
bool herder_has_stragglers(void);
/* Closes the stores, when nobody reads them any more. Accepts NULL. */
void herder_free(struct herder *herder);

/* ---- reading; any thread ------------------------------------------------------------------------------------ */

/* Wait until the stores are open. NULL: not by then. */
const struct herder_stores *herder_stores(struct herder *herder, int64_t timeout_ms);
/* The stores are open and the first assignment is known. */
bool herder_is_ready(struct herder *herder);
bool herder_is_leader(struct herder *herder);
bool herder_is_stopping(struct herder *herder);
/* Advertised URL (heap) of the leader or of the worker that holds a task; NULL: not known now (ERROR_CONFLICT). */
char *herder_leader(struct herder *herder, struct error *err);
char *herder_holder(struct herder *herder, const char *connector, int task, struct error *err);
char *herder_cluster_id(struct herder *herder, int64_t timeout_ms); /* heap, or NULL */
/* What it does, or did last, as a sentence for time-out answers (heap). */
char *herder_stage(struct herder *herder);

struct herder_counts {
    int connectors, tasks; /* running here */
    int64_t connector_starts, connector_start_failures;
    int64_t rebalances, rebalance_ms_sum, rebalance_ms_max;
    int64_t rebalanced_ms; /* clock_now_ms of the last one; 0: none */
    int generation;
    bool is_leader, is_rebalancing;
};
struct herder_counts herder_counts(struct herder *herder);

/* ---- asking for changes --------------------------------------------------------------------------------------- */

enum herder_op {
    HERDER_PUT_CONNECTOR, /* config, initial, must_be_new -> was_created; leader */
    HERDER_DELETE,        /* leader */
    HERDER_TARGET,        /* target; STOPPED is the leader's, others any worker's */
    HERDER_RESTART,       /* the connector instance alone; the worker that holds it */
    HERDER_RESTART_TASK,  /* task; the worker that holds it */
    HERDER_RESTART_PLAN,  /* include_tasks, only_failed -> plan; leader */
    HERDER_PUT_TASKS,     /* tasks; leader */
    HERDER_MAY_ALTER,     /* is it stopped, so that its offsets may be changed? leader */
    HERDER_FENCE,         /* shut out the exactly-once producers of earlier tasks; leader */
    HERDER_LOGGER,        /* name is the logger, level; any worker */
};

/* Counted by two: whoever asks, who may give up waiting, and the herder. */
struct herder_request {
    struct mail mail;
    enum herder_op op;
    char *name;
    struct config *config;
    bool has_initial, must_be_new;
    enum target_state initial, target;
    int task;
    bool include_tasks, only_failed;
    struct config_list tasks;
    char *level;
    /* answer */
    bool was_created;
    struct status_list plan;
    int done; /* enum herder_answer once it is answered; guarded by lock */
    struct error err;
    int refs;
    pthread_mutex_t lock;
    pthread_cond_t answered;
};

enum herder_answer {
    HERDER_WAITING, /* not an answer */
    HERDER_DONE,
    HERDER_REFUSED,     /* *err: NOT_FOUND, CONFLICT, CONFIG, ... */
    HERDER_ASK_LEADER,  /* only the leader can */
    HERDER_ASK_HOLDER,  /* only the holder of that connector or task can */
};

struct herder_request *herder_request_new(enum herder_op op, const char *name);
void herder_request_free(struct herder_request *request);
/* Post it and wait for the answer; after a time-out (REFUSED with ERROR_TIMEOUT) it may still be done. */
enum herder_answer herder_ask(struct herder *herder, struct herder_request *request, int64_t timeout_ms, struct error *err);

#endif
