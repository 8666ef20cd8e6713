/*
 * One task: a thread with its connector's task, converters, transforms and Kafka client
 * (WorkerSourceTask, WorkerSinkTask). Started, paused and stopped by the herder; it reports its own state to
 * the status store.
 */
#ifndef CONNECT_RUNTIME_TASK_H
#define CONNECT_RUNTIME_TASK_H

#include "connect/connector.h"
#include "connect/runtime/metrics.h"
#include "connect/runtime/worker_config.h"
#include "connect/storage/config_store.h"
#include "connect/storage/offset_store.h"
#include "connect/storage/status_store.h"

/* What all tasks of a worker share; outlives them. */
struct task_env {
    const struct worker_config *worker;
    struct status_store *statuses;
    struct offset_store *offsets;
    struct metrics *metrics;
    int (*generation)(void *arg); /* of the group, for status records; any thread */
    /* Exactly-once, on the task's thread. `fence` shuts out producers of this connector's earlier tasks; blocks until that
       is done or `gives_up`; a retriable error may be tried again. `is_current`: is the task still ours, and of the
       latest task configs? NULL when the worker does not have that. */
    bool (*fence)(void *arg, const char *connector, bool (*gives_up)(void *gives_up_arg), void *gives_up_arg, struct error *err);
    bool (*is_current)(void *arg, const char *connector, int task, unsigned task_generation, struct error *err);
    void *arg;
};

/* A start order; everything is copied. Configs have their ${provider:...} references resolved. */
struct task_spec {
    const char *connector;
    int task;
    const struct connector_plugin *plugin;
    const struct config *connector_config; /* converters, transforms, errors.*, overrides */
    const struct config *task_config;
    enum target_state target;              /* STARTED or PAUSED */
    unsigned task_generation;
};

struct task;

/* Starts the thread and returns at once; problems become the task's FAILED status. NULL: there was no thread to be had. */
struct task *task_start(const struct task_env *env, const struct task_spec *spec);
/* Any thread, none of these blocks. */
void task_set_target(struct task *task, enum target_state target); /* STARTED or PAUSED */
void task_close(struct task *task);                                /* begin to stop */
/* Another worker may have the task already, and says how it is: this one reports no states any more. */
void task_forsake(struct task *task);
bool task_is_ended(const struct task *task);                       /* the thread is through, also after a failure */
/* Wait for the end, then free. False when deadline_ms (clock_now_ms) has passed: the task is cancelled, writes
   no more status or offsets, and frees itself when its thread gets there ("Graceful stop of task X-0 failed."). */
bool task_join(struct task *task, int64_t deadline_ms);
/* Tasks whose thread was given up so and has not ended yet; they use what task_env points to. Any thread. */
int task_given_up_count(void);

#endif
