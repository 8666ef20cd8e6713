/*
 * What the two kinds of task share: the thread, the target state, converters and transforms, status reports.
 * For task.c, source_task.c, sink_task.c and their tests.
 */
#ifndef CONNECT_RUNTIME_TASK_PRIV_H
#define CONNECT_RUNTIME_TASK_PRIV_H

#include "connect/converters/converter.h"
#include "connect/runtime/task.h"
#include "connect/runtime/tolerance.h"
#include "connect/transforms/transform.h"

#include <pthread.h>
#include <stdatomic.h>

struct task {
    /* set before the thread starts, never changed */
    const struct task_env *env;
    const struct connector_plugin *plugin;
    char *connector;
    int number;
    char *id;                       /* "name-0", as Java's ConnectorTaskId */
    struct config *connector_config, *task_config;
    unsigned task_generation;
    pthread_t thread;
    void *state;                    /* the connector's task; allocated at start, so close can always be called */

    pthread_mutex_t lock;           /* guards the next nine */
    pthread_cond_t changed;         /* target or is_closing */
    enum target_state target;
    atomic_bool is_closing;         /* changed with the lock held, looked at without */
    bool is_cancelled;              /* given up by task_join: no more status, no more offsets */
    bool is_forsaken;               /* no more status */
    bool is_ended;
    bool is_state_over;             /* fini has begun: close must not be called any more */
    void (*wake)(void *arg);        /* ends a wait of the task's thread that is not task_wait; or NULL */
    void *wake_arg;

    /* task thread only */
    struct converter key_converter, value_converter, header_converter;
    struct transform_chain *transforms;
    struct tolerance tolerance;
    struct task_metrics *metrics;
    bool has_started;               /* it has run, or failed before that; counted */
};

/* The body of a task, between setting up and the last status: init, work until closing, fini.
   False: *err is why the task FAILED. Task thread. */
bool source_task_run(struct task *task, struct error *err);
bool sink_task_run(struct task *task, struct error *err);

/* Set or (NULL) remove `wake`. It is called with the lock held by whoever changes target or closes. */
void task_set_wake(struct task *task, void (*wake)(void *arg), void *arg);
/* The connector's fini, after which task_close leaves the connector alone. */
void task_state_fini(struct task *task);

/* Any thread. */
bool task_is_closing(struct task *task);
bool task_is_cancelled(struct task *task);
bool task_is_paused(struct task *task);
/* Wait up to timeout_ms, less when the target state changes or the task is closed. True: closing. */
bool task_wait(struct task *task, int64_t timeout_ms);
/* Wait until the task is to run again or to end; reports PAUSED before and RUNNING after. `idle` (or NULL) is
   called now and then meanwhile; false from it ends the wait. True: run on. */
bool task_sit_out_pause(struct task *task, bool (*idle)(struct task *task, void *arg), void *arg);

/* Report a state; trace may be NULL. Nothing is written once the task is cancelled. */
void task_report(struct task *task, enum status_state state, const char *trace);

/* A figure of the connector's own, by literal name; see struct source_task_context. */
void task_gauge(struct task *task, const char *name, double value);

/* Settings of a Kafka client of this task: the worker's "producer." (or "consumer.", "admin.") settings over the
   fixed ones given, then the connector's overrides ("producer.override.") where the policy lets them. */
void task_client_settings(const struct task *task, const char *kind, const struct config *fixed, struct config *out);

/* Transform in place, a failure under the task's tolerance. True: go on (look at record->is_dropped). False: *err ends the task. */
bool task_transform(struct task *task, struct record_batch *batch, struct record *record, struct error *err) MUST_CHECK;

#endif
