/*
 * The life of a task's thread: wait while paused, set up, run, report how it ended.
 *
 *   start -> [PAUSED until resumed] -> RUNNING <-> PAUSED -> UNASSIGNED   (closed)
 *                                           \-> FAILED                    (error, with its trace)
 */
#include "connect/runtime/task_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/runtime/client_settings.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

LOGGER("org.apache.kafka.connect.runtime.WorkerTask");

static atomic_int tasks_given_up; /* by task_join, and still running */

int
task_given_up_count(void)
{
    return atomic_load(&tasks_given_up);
}

/* ---- asking, waiting ------------------------------------------------------------------------------ */

static bool
task_flag(struct task *task, const bool *flag)
{
    pthread_mutex_lock(&task->lock);
    bool value = *flag;
    pthread_mutex_unlock(&task->lock);
    return value;
}

bool
task_is_closing(struct task *task)
{
    return atomic_load(&task->is_closing);
}

bool
task_is_cancelled(struct task *task)
{
    return task_flag(task, &task->is_cancelled);
}

bool
task_is_ended(const struct task *task)
{
    return task_flag((struct task *)task, &task->is_ended);
}

bool
task_is_paused(struct task *task)
{
    pthread_mutex_lock(&task->lock);
    bool paused = task->target != TARGET_STARTED;
    pthread_mutex_unlock(&task->lock);
    return paused;
}

/* Wait for a signal until a moment of the monotonic clock. Lock held. False: that moment has come. */
static bool
task_wait_locked(struct task *task, int64_t until_ms)
{
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    return pthread_cond_timedwait(&task->changed, &task->lock, &until) != ETIMEDOUT;
}

bool
task_wait(struct task *task, int64_t timeout_ms)
{
    pthread_mutex_lock(&task->lock);
    enum target_state before = task->target;
    int64_t until_ms = clock_now_ms() + timeout_ms;
    while (!task->is_closing && task->target == before && task_wait_locked(task, until_ms)) {
    }
    bool closing = task->is_closing;
    pthread_mutex_unlock(&task->lock);
    return closing;
}

bool
task_sit_out_pause(struct task *task, bool (*idle)(struct task *task, void *arg), void *arg)
{
    enum { IDLE_EVERY_MS = 500 };
    int64_t started_us = clock_now_us();
    task_report(task, STATUS_PAUSED, NULL);
    while (task_is_paused(task) && !task_is_closing(task))
        if (idle && !idle(task, arg))
            return false;
        else
            task_wait(task, IDLE_EVERY_MS);
    atomic_fetch_add(&task->metrics->paused_us, clock_now_us() - started_us);
    if (task_is_closing(task))
        return false;
    task_report(task, STATUS_RUNNING, NULL);
    return true;
}

void
task_report(struct task *task, enum status_state state, const char *trace)
{
    if (!task->has_started && (state == STATUS_RUNNING || state == STATUS_FAILED)) {
        task->has_started = true;
        metrics_task_started(task->env->metrics, state == STATUS_RUNNING);
    }
    if (task_is_cancelled(task) || task_flag(task, &task->is_forsaken))
        return;
    struct status status = {
        .task = task->number,
        .state = state,
        .trace = (char *)trace,
        .version = (char *)task->plugin->version,
        .worker_id = task->env->worker->worker_id,
        .generation = task->env->generation(task->env->arg),
    };
    /* Endings must not overwrite what another worker has written meanwhile. */
    bool safe = state == STATUS_UNASSIGNED || state == STATUS_FAILED;
    status_store_put(task->env->statuses, task->connector, &status, safe);
}

/* ---- settings ----------------------------------------------------------------------------------------- */

void
task_client_settings(const struct task *task, const char *kind, const struct config *fixed, struct config *out)
{
    client_settings(task->env->worker, task->connector_config, kind, fixed, out);
}

static void
fact(struct task *task, const char *attribute, const char *value)
{
    metrics_task_fact(task->env->metrics, task->metrics,
                      &(struct metric_fact){.group = "connector_task", .attribute = attribute, .value = value});
}

static void
plugin_facts(struct task *task, struct metric_fact fact, const char *const attributes[2], const char *class_name, const char *version)
{
    const char *const values[2] = {class_name, version};
    for (int i = 0; i < 2; i++) {
        fact.attribute = attributes[i];
        fact.value = values[i];
        metrics_task_fact(task->env->metrics, task->metrics, &fact);
    }
}

/* Transforms and predicates. What is not there is an error elsewhere. */
static void
chain_facts(struct task *task, const char *setting)
{
    static const char *const of_transform[2] = {"transform-class", "transform-version"};
    static const char *const of_predicate[2] = {"predicate-class", "predicate-version"};
    bool is_transform = strcmp(setting, "transforms") == 0;
    struct string_list aliases = STRING_LIST_INIT;
    string_list_split(&aliases, config_get_or(task->connector_config, setting, ""));
    for (size_t i = 0; i < aliases.count; i++) {
        char *key = xasprintf("%s.%s.type", setting, aliases.items[i]);
        const char *class_name = config_get_or(task->connector_config, key, "");
        const struct transform_plugin *transform = is_transform ? transform_plugin_find(class_name) : NULL;
        const struct predicate_plugin *predicate = is_transform ? NULL : predicate_plugin_find(class_name);
        if (transform)
            plugin_facts(task, (struct metric_fact){.group = "connector_transform", .kind = "transform", .alias = aliases.items[i]},
                         of_transform, transform->class_name, transform->version);
        if (predicate)
            plugin_facts(task, (struct metric_fact){.group = "connector_predicate", .kind = "predicate", .alias = aliases.items[i]},
                         of_predicate, predicate->class_name, predicate->version);
        free(key);
    }
    string_list_fini(&aliases);
}

static void
task_facts(struct task *task)
{
    fact(task, "connector-class", task->plugin->class_name);
    fact(task, "connector-version", task->plugin->version);
    fact(task, "connector-type", task->plugin->type == CONNECTOR_SOURCE ? "source" : "sink");
    fact(task, "task-class", task->plugin->task_class);
    fact(task, "task-version", task->plugin->version);
}

/* The connector's converter with the connector's settings for it, or the worker's with the worker's. */
static bool
task_converter(struct task *task, const char *key, const char *worker_class, enum converter_role role,
               struct converter *out, struct error *err)
{
    const char *class_name = config_get(task->connector_config, key);
    const struct config *settings = class_name ? task->connector_config : &task->env->worker->raw;
    char prefix[64];
    snprintf(prefix, sizeof(prefix), "%s.", key);
    if (!converter_new(out, class_name ? class_name : worker_class, role, settings, prefix, err))
        return error_wrap(err, "%s", key);
    static const char *const attributes[][2] = {[CONVERTER_KEY] = {"key-converter-class", "key-converter-version"},
                                                [CONVERTER_VALUE] = {"value-converter-class", "value-converter-version"},
                                                [CONVERTER_HEADER] = {"header-converter-class", "header-converter-version"}};
    fact(task, attributes[role][0], out->plugin->class_name);
    fact(task, attributes[role][1], out->plugin->version);
    return true;
}

static bool
task_set_up(struct task *task, struct error *err)
{
    const struct worker_config *worker = task->env->worker;
    task_facts(task);
    bool ok = task_converter(task, "key.converter", worker->key_converter, CONVERTER_KEY, &task->key_converter, err) &&
              task_converter(task, "value.converter", worker->value_converter, CONVERTER_VALUE, &task->value_converter, err) &&
              task_converter(task, "header.converter", worker->header_converter, CONVERTER_HEADER, &task->header_converter, err) &&
              transform_chain_new(task->connector_config, &task->transforms, err);
    if (ok) {
        chain_facts(task, "transforms");
        chain_facts(task, "predicates");
    }
    return ok;
}

bool
task_transform(struct task *task, struct record_batch *batch, struct record *record, struct error *err)
{
    const char *class_name = NULL;
    if (!task->transforms || transform_chain_apply(task->transforms, record, batch, &class_name, err))
        return true;
    record->is_dropped = true;
    return tolerance_failed(&task->tolerance, STAGE_TRANSFORMATION, class_name, record, err);
}

void
task_set_wake(struct task *task, void (*wake)(void *arg), void *arg)
{
    pthread_mutex_lock(&task->lock);
    task->wake = wake;
    task->wake_arg = arg;
    pthread_mutex_unlock(&task->lock);
}

/* Lock held. */
static void
task_changed(struct task *task)
{
    pthread_cond_broadcast(&task->changed);
    if (task->wake)
        task->wake(task->wake_arg);
}

void
task_gauge(struct task *task, const char *name, double value)
{
    for (int i = 0; i < METRIC_GAUGES; i++) {
        const char *known = atomic_load(&task->metrics->gauges[i].name);
        if (known && strcmp(known, name))
            continue;
        atomic_store(&task->metrics->gauges[i].value, value);
        atomic_store(&task->metrics->gauges[i].name, name);
        return;
    }
}

void
task_state_fini(struct task *task)
{
    pthread_mutex_lock(&task->lock);
    task->is_state_over = true;
    pthread_mutex_unlock(&task->lock);
    (task->plugin->type == CONNECTOR_SOURCE ? task->plugin->source->fini : task->plugin->sink->fini)(task->state);
}

/* ---- the thread ----------------------------------------------------------------------------------------- */

static void
task_free(struct task *task)
{
    transform_chain_free(task->transforms);
    converter_free(&task->key_converter);
    converter_free(&task->value_converter);
    converter_free(&task->header_converter);
    metrics_task_remove(task->env->metrics, task->metrics);
    config_free(task->connector_config);
    config_free(task->task_config);
    pthread_cond_destroy(&task->changed);
    pthread_mutex_destroy(&task->lock);
    free(task->state);
    free(task->connector);
    free(task->id);
    free(task);
}

static void
task_failed(struct task *task, const struct error *err)
{
    struct strbuf trace = STRBUF_INIT;
    error_trace(err, &trace);
    log_error("Task threw an uncaught and unrecoverable exception. Task is being killed and will not recover until "
              "manually restarted: %s", trace.data);
    task_report(task, STATUS_FAILED, trace.data);
    strbuf_fini(&trace);
}

static void *
task_main(void *arg)
{
    struct task *task = arg;
    char context[128];
    snprintf(context, sizeof(context), "%s|task-%d", task->connector, task->number);
    log_context_set(context);

    struct error err = ERROR_INIT;
    bool run = !task_is_closing(task);
    if (run)
        log_info("the task starts");
    if (run && task_is_paused(task))
        run = task_sit_out_pause(task, NULL, NULL);
    int64_t started_us = clock_now_us();
    bool ok = !run || (task_set_up(task, &err) &&
                       (task->plugin->type == CONNECTOR_SOURCE ? source_task_run : sink_task_run)(task, &err));
    atomic_fetch_add(&task->metrics->running_us, clock_now_us() - started_us);
    if (!ok && task_is_closing(task)) { /* e.g. a connection attempt that close has ended */
        log_warn("After being scheduled for shutdown, the task threw: %s", err.message);
        ok = true;
    }
    if (ok) {
        log_info("the task has stopped");
        task_report(task, STATUS_UNASSIGNED, NULL);
    } else {
        task_failed(task, &err);
    }

    alloc_give_back();
    pthread_mutex_lock(&task->lock);
    task->is_ended = true;
    bool is_cancelled = task->is_cancelled;
    pthread_cond_broadcast(&task->changed);
    pthread_mutex_unlock(&task->lock);
    if (is_cancelled) {
        task_free(task);
        atomic_fetch_sub(&tasks_given_up, 1); /* last: nothing of the worker is used any more */
    }
    return NULL;
}

struct task *
task_start(const struct task_env *env, const struct task_spec *spec)
{
    struct task *task = xcalloc(1, sizeof(*task));
    bool is_source = spec->plugin->type == CONNECTOR_SOURCE;
    task->env = env;
    task->plugin = spec->plugin;
    task->connector = xstrdup(spec->connector);
    task->number = spec->task;
    task->id = xasprintf("%s-%d", spec->connector, spec->task);
    task->connector_config = config_dup(spec->connector_config);
    task->task_config = config_dup(spec->task_config);
    task->task_generation = spec->task_generation;
    task->target = spec->target;
    task->state = xcalloc(1, is_source ? spec->plugin->source->size : spec->plugin->sink->size);
    task->metrics = metrics_task_add(env->metrics, spec->connector, spec->task, is_source);
    tolerance_init(&task->tolerance, task->connector, task->number, is_source, task->connector_config, task->metrics);

    pthread_mutex_init(&task->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&task->changed, &attr);
    pthread_condattr_destroy(&attr);

    int rc = pthread_create(&task->thread, NULL, task_main, task);
    if (rc == 0)
        return task;
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_INTERNAL, "no thread for the task: %s", strerror(rc));
    task_failed(task, &err);
    task_free(task);
    return NULL;
}

void
task_set_target(struct task *task, enum target_state target)
{
    pthread_mutex_lock(&task->lock);
    task->target = target;
    task_changed(task);
    pthread_mutex_unlock(&task->lock);
}

void
task_forsake(struct task *task)
{
    pthread_mutex_lock(&task->lock);
    task->is_forsaken = true;
    pthread_mutex_unlock(&task->lock);
}

void
task_close(struct task *task)
{
    pthread_mutex_lock(&task->lock);
    task->is_closing = true;
    task_changed(task);
    /* Under the lock, because fini takes it too: the state cannot go away under the connector's close. */
    if (!task->is_state_over)
        (task->plugin->type == CONNECTOR_SOURCE ? task->plugin->source->close : task->plugin->sink->close)(task->state);
    pthread_mutex_unlock(&task->lock);
}

bool
task_join(struct task *task, int64_t deadline_ms)
{
    pthread_mutex_lock(&task->lock);
    while (!task->is_ended && task_wait_locked(task, deadline_ms)) {
    }
    bool ended = task->is_ended;
    pthread_t thread = task->thread;
    if (!ended) {
        task->is_cancelled = true;
        atomic_fetch_add(&tasks_given_up, 1);
        pthread_detach(thread); /* with the lock held: after it the task frees itself at any moment */
    }
    pthread_mutex_unlock(&task->lock);
    if (!ended)
        return false;
    pthread_join(thread, NULL);
    task_free(task);
    return true;
}
