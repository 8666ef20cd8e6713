/* Connector instances and tasks that run on this worker: starting, stopping, restarting. */
#include "connect/runtime/herder_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"
#include "connect/plugins.h"

#include <stdlib.h>
#include <string.h>

LOGGER("connect.runtime.herder");

enum { ASK_AGAIN_MS = 2000 };

struct work *
work_find(struct herder *herder, const char *name)
{
    for (size_t i = 0; i < herder->work_count; i++)
        if (strcmp(herder->works[i]->name, name) == 0)
            return herder->works[i];
    return NULL;
}

static struct work *
work_get(struct herder *herder, const char *name)
{
    struct work *work = work_find(herder, name);
    if (work)
        return work;
    work = xcalloc(1, sizeof(*work));
    work->name = xstrdup(name);
    herder->works = xrealloc(herder->works, (herder->work_count + 1) * sizeof(struct work *));
    herder->works[herder->work_count++] = work;
    return work;
}

static void
work_drop_if_idle(struct herder *herder, struct work *work)
{
    if (work->owns_connector || work->instance || work->task_count)
        return;
    for (size_t i = 0; i < herder->work_count; i++)
        if (herder->works[i] == work) {
            herder->works[i] = herder->works[--herder->work_count];
            herder->works[herder->work_count] = NULL;
            break;
        }
    free(work->tasks);
    free(work->name);
    free(work);
}

static int64_t
graceful_deadline(const struct herder *herder)
{
    return clock_now_ms() + herder->options.worker->task_shutdown_graceful_timeout_ms;
}

/* ---- statuses -------------------------------------------------------------------------------------------------------- */

static void
put_status(struct herder *herder, const char *connector, int task, enum status_state state, const struct error *err,
           const char *version, bool safe)
{
    struct strbuf trace = STRBUF_INIT;
    if (err)
        error_trace(err, &trace);
    struct status status = {
        .task = task,
        .state = state,
        .trace = trace.data,
        .worker_id = herder->options.worker->worker_id,
        .version = (char *)version,
        .generation = herder->env.generation(herder->env.arg),
    };
    status_store_put(herder->stores.status, connector, &status, safe);
    strbuf_fini(&trace);
}

static bool
is_failed(struct herder *herder, const char *connector, int task)
{
    struct status status;
    if (!status_store_get(herder->stores.status, connector, task, &status))
        return false;
    bool failed = status.state == STATUS_FAILED;
    status_fini(&status);
    return failed;
}

/* ---- the connector instance ---------------------------------------------------------------------------------------------- */

static void
instance_event(void *arg, const char *connector, unsigned serial, enum instance_event event, struct config_list *tasks,
               const struct error *err)
{
    struct herder_mail *mail = xcalloc(1, sizeof(*mail));
    mail->kind = MAIL_INSTANCE;
    mail->connector = xstrdup(connector);
    mail->serial = serial;
    mail->event = event;
    if (tasks) {
        mail->tasks = *tasks;
        *tasks = CONFIG_LIST_INIT;
    }
    if (err)
        mail->err = *err;
    post(arg, mail);
}

static const char *
version_of(const struct config_connector *connector)
{
    const struct connector_plugin *plugin = connector_plugin_find(config_get_or(connector->config, "connector.class", ""));
    return plugin ? plugin->version : NULL;
}

static void
instance_failed(struct herder *herder, struct work *work, const struct error *err)
{
    log_error("the connector %s failed: %s", work->name, err->message);
    work->is_failed = true;
    pthread_mutex_lock(&herder->lock);
    herder->counts.connector_start_failures++;
    pthread_mutex_unlock(&herder->lock);
    put_status(herder, work->name, STATUS_CONNECTOR, STATUS_FAILED, err, NULL, true);
    struct error told = ERROR_INIT;
    error_set(&told, ERROR_INTERNAL, "Failed to transition connector %s to state STARTED", work->name);
    requests_settle(herder, work->name, &told);
}

/* Take the connector on: run it, or say that it is paused or stopped. */
static void
connector_start(struct herder *herder, struct work *work, const struct config_connector *connector)
{
    work->owns_connector = true;
    work->is_failed = false;
    work->target = connector->target;
    work->serial = ++herder->serial;
    work->ask_again_ms = 0;
    if (connector->target != TARGET_STARTED) {
        put_status(herder, work->name, STATUS_CONNECTOR, connector->target == TARGET_PAUSED ? STATUS_PAUSED : STATUS_STOPPED, NULL,
                   version_of(connector), false);
        requests_settle(herder, work->name, NULL);
        return;
    }
    struct error err = ERROR_INIT;
    pthread_mutex_lock(&herder->lock);
    herder->counts.connector_starts++;
    pthread_mutex_unlock(&herder->lock);
    struct config *resolved = config_providers_resolve(herder->options.providers, connector->config, &err);
    const struct connector_plugin *plugin =
        resolved ? connector_plugin_require(config_get_or(resolved, "connector.class", ""), &err) : NULL;
    if (plugin)
        work->instance = connector_instance_start(&(struct instance_spec){.connector = work->name,
                                                                          .plugin = plugin,
                                                                          .config = resolved,
                                                                          .serial = work->serial,
                                                                          .listener = instance_event,
                                                                          .arg = herder});
    else
        instance_failed(herder, work, &err);
    config_free(resolved);
}

/* End its thread, if it has one; the connector stays ours. */
static void
instance_end(struct herder *herder, struct work *work)
{
    if (!work->instance)
        return;
    connector_instance_close(work->instance);
    if (!connector_instance_join(work->instance, graceful_deadline(herder)))
        log_error("Graceful stop of connector %s failed.", work->name);
    work->instance = NULL;
    work->serial = ++herder->serial;
}

static void
connector_stop(struct herder *herder, struct work *work)
{
    if (!work->owns_connector)
        return;
    bool was_failed = work->is_failed;
    instance_end(herder, work);
    work->owns_connector = false;
    if (!was_failed && !work->is_lost)
        put_status(herder, work->name, STATUS_CONNECTOR, STATUS_UNASSIGNED, NULL, NULL, true);
}

/* ---- tasks ------------------------------------------------------------------------------------------------------------------ */

static void
task_begin(struct herder *herder, struct work *work, const struct config_connector *connector, int id)
{
    struct error err = ERROR_INIT;
    struct config *resolved = config_providers_resolve(herder->options.providers, connector->config, &err);
    struct config *own = resolved ? config_providers_resolve(herder->options.providers, connector->tasks[id], &err) : NULL;
    const struct connector_plugin *plugin =
        own ? connector_plugin_require(config_get_or(resolved, "connector.class", ""), &err) : NULL;
    struct task *task = NULL;
    if (plugin) {
        task = task_start(&herder->env, &(struct task_spec){.connector = work->name,
                                                            .task = id,
                                                            .plugin = plugin,
                                                            .connector_config = resolved,
                                                            .task_config = own,
                                                            .target = connector->target,
                                                            .task_generation = connector->task_generation});
    } else {
        log_error("the task %s-%d cannot be started: %s", work->name, id, err.message);
        put_status(herder, work->name, id, STATUS_FAILED, &err, NULL, true);
    }
    work->tasks = xrealloc(work->tasks, (work->task_count + 1) * sizeof(*work->tasks));
    work->tasks[work->task_count++] = (struct work_task){id, task};
    if (!plugin)
        metrics_task_started(herder->options.metrics, false);
    config_free(resolved);
    config_free(own);
}

static struct work_task *
task_find(struct work *work, int id)
{
    for (size_t i = 0; work && i < work->task_count; i++)
        if (work->tasks[i].id == id)
            return &work->tasks[i];
    return NULL;
}

/* Tasks that are told to stop and waited for together. */
struct leaving {
    struct {
        struct task *task;
        const char *connector;
        int id;
    } *items;
    size_t count;
};

static void
task_leave(struct leaving *leaving, struct work *work, size_t index)
{
    if (work->tasks[index].task) {
        if (work->is_lost)
            task_forsake(work->tasks[index].task);
        task_close(work->tasks[index].task);
        leaving->items = xrealloc(leaving->items, (leaving->count + 1) * sizeof(*leaving->items));
        leaving->items[leaving->count].task = work->tasks[index].task;
        leaving->items[leaving->count].connector = work->name;
        leaving->items[leaving->count++].id = work->tasks[index].id;
    }
    memmove(&work->tasks[index], &work->tasks[index + 1], (work->task_count - index - 1) * sizeof(*work->tasks));
    work->task_count--;
}

/* The time for an orderly stop is one for all. */
static void
tasks_join(struct herder *herder, struct leaving *leaving)
{
    int64_t deadline = graceful_deadline(herder);
    for (size_t i = 0; i < leaving->count; i++)
        if (!task_join(leaving->items[i].task, deadline))
            log_error("Graceful stop of task %s-%d failed.", leaving->items[i].connector, leaving->items[i].id);
    free(leaving->items);
    *leaving = (struct leaving){0};
}

/* ---- reactions --------------------------------------------------------------------------------------------------------------- */

/* Start what sits on our slots and does not run yet. */
static void
start_missing(struct herder *herder, const struct config_connector *connector)
{
    struct work *work = work_find(herder, connector->name);
    if (holds(herder, connector, SLOT_CONNECTOR) && !(work && work->owns_connector)) {
        work = work_get(herder, connector->name);
        connector_start(herder, work, connector);
    }
    for (size_t i = 0; i < connector->task_count; i++)
        if (connector->target != TARGET_STOPPED && holds(herder, connector, (int)i) && !task_find(work, (int)i)) {
            work = work_get(herder, connector->name);
            task_begin(herder, work, connector, (int)i);
        }
}

/* Stop what is not ours, or does not exist, any more. */
static void
stop_foreign(struct herder *herder, struct work *work, const struct config_connector *connector, struct leaving *leaving)
{
    for (size_t i = work->task_count; i-- > 0;) {
        int id = work->tasks[i].id;
        if (!connector || (size_t)id >= connector->task_count || !holds(herder, connector, id))
            task_leave(leaving, work, i);
    }
    if (work->owns_connector && (!connector || !holds(herder, connector, SLOT_CONNECTOR)))
        connector_stop(herder, work);
}

void
work_connector_changed(struct herder *herder, const char *name)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    struct work *work = work_find(herder, name);
    struct leaving leaving = {0};
    if (!connector)
        requests_settle(herder, name, NULL);
    if (work && !connector) {
        stop_foreign(herder, work, NULL, &leaving);
        tasks_join(herder, &leaving);
        work_drop_if_idle(herder, work);
    } else if (connector) {
        if (work && work->owns_connector)
            connector_stop(herder, work);
        start_missing(herder, connector);
    }
    config_snapshot_release(snapshot);
    purge_soon(herder);
}

void
work_tasks_changed(struct herder *herder, const char *name)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    struct work *work = work_find(herder, name);
    struct leaving leaving = {0};
    while (work && work->task_count)
        task_leave(&leaving, work, work->task_count - 1);
    tasks_join(herder, &leaving);
    if (connector)
        start_missing(herder, connector);
    config_snapshot_release(snapshot);
    purge_soon(herder);
}

void
work_target_changed(struct herder *herder, const char *name)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    struct work *work = work_find(herder, name);
    bool is_fresh = !work && connector && !connector->task_count; /* its own record comes next */
    if (connector && work) {
        struct leaving leaving = {0};
        while (connector->target == TARGET_STOPPED && work->task_count)
            task_leave(&leaving, work, work->task_count - 1);
        tasks_join(herder, &leaving);
        for (size_t i = 0; i < work->task_count; i++)
            if (work->tasks[i].task)
                task_set_target(work->tasks[i].task, connector->target);
        bool is_new = work->target != connector->target;
        work->target = connector->target;
        if (work->owns_connector && is_new && !work->is_failed) {
            instance_end(herder, work);
            connector_start(herder, work, connector);
        }
    }
    if (connector && !is_fresh)
        start_missing(herder, connector);
    config_snapshot_release(snapshot);
}

void
work_instance_event(struct herder *herder, struct herder_mail *mail)
{
    struct work *work = work_find(herder, mail->connector);
    if (!work || work->serial != mail->serial)
        return;
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, mail->connector);
    struct error err = ERROR_INIT;
    switch (mail->event) {
    case INSTANCE_STARTED:
        if (connector)
            put_status(herder, work->name, STATUS_CONNECTOR, STATUS_RUNNING, NULL, version_of(connector), false);
        break;
    case INSTANCE_FAILED:
        instance_end(herder, work);
        instance_failed(herder, work, &mail->err);
        break;
    case INSTANCE_TASKS:
        if (connector && !tasks_publish(herder, work->name, work->serial, &mail->tasks, &err)) {
            log_error("task configurations of %s could not be stored, next try in %d ms: %s", work->name, ASK_AGAIN_MS, err.message);
            work->ask_again_ms = clock_now_ms() + ASK_AGAIN_MS;
        }
        requests_settle(herder, work->name, NULL);
        break;
    }
    config_snapshot_release(snapshot);
}

/* ---- restarts ------------------------------------------------------------------------------------------------------------------ */

bool
work_restart_connector(struct herder *herder, const char *name)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    struct work *work = work_find(herder, name);
    bool ours = connector && holds(herder, connector, SLOT_CONNECTOR);
    if (ours) {
        if (work)
            connector_stop(herder, work);
        start_missing(herder, connector);
    }
    config_snapshot_release(snapshot);
    return ours;
}

bool
work_restart_task(struct herder *herder, const char *name, int id)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    struct work *work = work_find(herder, name);
    bool ours = connector && (size_t)id < connector->task_count && holds(herder, connector, id);
    struct work_task *task = ours ? task_find(work, id) : NULL;
    struct leaving leaving = {0};
    if (task)
        task_leave(&leaving, work, (size_t)(task - work->tasks));
    tasks_join(herder, &leaving);
    if (ours)
        start_missing(herder, connector);
    config_snapshot_release(snapshot);
    return ours;
}

void
work_restart_planned(struct herder *herder, const char *name, bool include_tasks, bool only_failed)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    struct work *work = work_find(herder, name);
    struct leaving leaving = {0};
    if (connector && work) {
        int *ids = xcalloc(work->task_count + 1, sizeof(*ids));
        size_t count = 0;
        for (size_t i = work->task_count; include_tasks && i-- > 0;)
            if (!only_failed || is_failed(herder, name, work->tasks[i].id)) {
                ids[count++] = work->tasks[i].id;
                task_leave(&leaving, work, i);
            }
        bool restarts = work->owns_connector && (!only_failed || is_failed(herder, name, STATUS_CONNECTOR));
        if (restarts)
            connector_stop(herder, work);
        tasks_join(herder, &leaving);
        if (restarts)
            put_status(herder, name, STATUS_CONNECTOR, STATUS_RESTARTING, NULL, NULL, false);
        for (size_t i = 0; i < count; i++)
            put_status(herder, name, ids[i], STATUS_RESTARTING, NULL, NULL, false);
        free(ids);
        start_missing(herder, connector);
    }
    config_snapshot_release(snapshot);
}

/* ---- slots ---------------------------------------------------------------------------------------------------------------------- */

void
work_slots_gained(struct herder *herder)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    size_t before = herder->work_count;
    for (size_t i = 0; i < snapshot->count; i++)
        start_missing(herder, snapshot->connectors[i]);
    if (herder->work_count != before)
        log_info("Finished starting connectors and tasks");
    config_snapshot_release(snapshot);
    purge_soon(herder);
}

void
work_slots_revoked(struct herder *herder, bool are_lost)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    struct leaving leaving = {0};
    for (size_t i = 0; i < herder->work_count; i++) {
        herder->works[i]->is_lost = are_lost;
        stop_foreign(herder, herder->works[i], config_snapshot_find(snapshot, herder->works[i]->name), &leaving);
        herder->works[i]->is_lost = false;
    }
    tasks_join(herder, &leaving);
    for (size_t i = herder->work_count; i-- > 0;)
        work_drop_if_idle(herder, herder->works[i]); // NOLINT(clang-analyzer-unix.Malloc): the dropped one leaves the list
    config_snapshot_release(snapshot);
}

void
work_stop_all(struct herder *herder)
{
    struct leaving leaving = {0};
    for (size_t i = 0; i < herder->work_count; i++) {
        struct work *work = herder->works[i];
        if (work->instance)
            connector_instance_close(work->instance);
        while (work->task_count)
            task_leave(&leaving, work, work->task_count - 1);
    }
    tasks_join(herder, &leaving);
    for (size_t i = herder->work_count; i-- > 0;) {
        connector_stop(herder, herder->works[i]); // NOLINT(clang-analyzer-unix.Malloc): as above
        work_drop_if_idle(herder, herder->works[i]);
    }
    free(herder->works);
    herder->works = NULL;
}

/* ---- timers ----------------------------------------------------------------------------------------------------------------------- */

void
work_timers(struct herder *herder, int64_t now_ms)
{
    for (size_t i = 0; i < herder->work_count; i++) {
        struct work *work = herder->works[i];
        if (work->ask_again_ms && work->ask_again_ms <= now_ms) {
            work->ask_again_ms = 0;
            if (work->instance)
                connector_instance_ask(work->instance);
        }
    }
}

int64_t
work_next_timer(const struct herder *herder)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < herder->work_count; i++)
        if (herder->works[i]->ask_again_ms && herder->works[i]->ask_again_ms < next)
            next = herder->works[i]->ask_again_ms;
    return next;
}
