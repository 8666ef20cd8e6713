/* Changes that somebody asked for: who may make them, whether they are possible, and writing them down. */
#include "connect/runtime/herder_priv.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/plugins.h"

#include <stdlib.h>
#include <string.h>

LOGGER("connect.runtime.herder");

void
request_answer(struct herder_request *request, enum herder_answer answer)
{
    pthread_mutex_lock(&request->lock);
    request->done = answer;
    pthread_cond_signal(&request->answered);
    pthread_mutex_unlock(&request->lock);
    herder_request_free(request);
}

/* `format` has one %s, for the name. */
#define refuse(request, code, format) error_set(&(request)->err, (code), (format), (request)->name)

static const struct config_connector *
current(const struct config_snapshot *snapshot, const struct herder_request *request)
{
    return config_snapshot_find(snapshot, request->name);
}

/* ---- the operations ------------------------------------------------------------------------------------------------ */

typedef bool handle_fn(struct herder *herder, struct herder_request *request, const struct config_connector *connector);

/* A slot for a new connector, away from what there is. */
static int
place(const struct herder *herder)
{
    if (!herder->slots)
        return -1;
    int *load = xcalloc((size_t)herder->slots, sizeof(*load));
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct config_connector *connector = snapshot->connectors[i];
        int first = slot_first(connector->name, connector->slot, herder->slots);
        int tasks = connector->task_count ? (int)connector->task_count : 1;
        for (int task = SLOT_CONNECTOR; task < tasks; task++)
            load[slot_of(first, task, herder->slots)]++;
    }
    config_snapshot_release(snapshot);
    int slot = slot_place(load, herder->slots);
    free(load);
    return slot;
}

static bool
handle_put_connector(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    if (connector && request->must_be_new)
        return refuse(request, ERROR_CONFLICT, "Connector %s already exists");
    request->was_created = !connector;
    return config_store_place_connector(herder->stores.config, request->name, request->config,
                                        request->has_initial ? &request->initial : NULL,
                                        connector ? connector->slot : place(herder), &request->err);
}

static bool
handle_delete(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    if (!connector)
        return refuse(request, ERROR_NOT_FOUND, "Connector %s not found");
    return config_store_remove_connector(herder->stores.config, request->name, &request->err);
}

static bool
handle_target(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    if (!connector)
        return refuse(request, ERROR_NOT_FOUND, "Unknown connector %s");
    return config_store_put_target(herder->stores.config, request->name, request->target, &request->err);
}

static bool
handle_restart(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    if (!connector)
        return herder->options.worker->is_distributed
                   ? refuse(request, ERROR_NOT_FOUND, "Unknown connector: %s")
                   : refuse(request, ERROR_NOT_FOUND, "Connector %s not found");
    return work_restart_connector(herder, request->name) ||
           refuse(request, ERROR_INTERNAL, "Failed to start connector: %s");
}

static bool
handle_restart_task(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    bool is_distributed = herder->options.worker->is_distributed;
    if (!connector)
        return is_distributed ? refuse(request, ERROR_NOT_FOUND, "Unknown connector: %s")
                              : refuse(request, ERROR_NOT_FOUND, "Connector %s not found");
    if (request->task < 0 || (size_t)request->task >= connector->task_count) {
        error_set(&request->err, ERROR_NOT_FOUND, is_distributed ? "Unknown task: %s-%d" : "Task %s-%d not found", request->name,
                  request->task);
        return false;
    }
    if (work_restart_task(herder, request->name, request->task))
        return true;
    return error_set(&request->err, ERROR_INTERNAL, "Failed to start task: %s-%d", request->name, request->task);
}

static void
plan_add(struct status_list *plan, const struct status *from, bool restarts)
{
    plan->items = xrealloc(plan->items, (plan->count + 1) * sizeof(*plan->items));
    plan->items[plan->count++] = (struct status){
        .task = from->task,
        .state = restarts ? STATUS_RESTARTING : from->state,
        .trace = xstrdup(from->trace),
        .worker_id = xstrdup(from->worker_id),
        .version = xstrdup(from->version),
        .generation = from->generation,
    };
}

/* RestartPlan: what would be restarted shows RESTARTING, all else its present state. */
static bool
handle_restart_plan(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    if (!connector)
        return refuse(request, ERROR_NOT_FOUND, "Unknown connector: %s");
    struct status_list statuses = {0};
    status_store_list(herder->stores.status, request->name, &statuses);
    bool is_known = statuses.count > 0 && statuses.items[0].task == STATUS_CONNECTOR;
    for (size_t i = 0; is_known && i < statuses.count; i++) {
        const struct status *status = &statuses.items[i];
        bool is_meant = (status->task == STATUS_CONNECTOR || request->include_tasks) &&
                        (!request->only_failed || status->state == STATUS_FAILED);
        plan_add(&request->plan, status, is_meant);
    }
    status_list_fini(&statuses);
    if (!is_known)
        return refuse(request, ERROR_NOT_FOUND, "Status for connector %s not found");
    return config_store_put_restart(herder->stores.config, request->name, request->include_tasks, request->only_failed, &request->err);
}

static bool
handle_put_tasks(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    if (!connector)
        return refuse(request, ERROR_NOT_FOUND, "Connector %s not found");
    return config_store_put_tasks(herder->stores.config, request->name, &request->tasks, &request->err);
}

static bool
handle_may_alter(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    (void)herder;
    if (!connector)
        return refuse(request, ERROR_NOT_FOUND, "Connector %s not found");
    if (connector->target == TARGET_STOPPED && connector->task_count == 0)
        return true;
    return refuse(request, ERROR_CONFIG,
                  "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the "
                  "specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' endpoint");
}

static bool
handle_logger(struct herder *herder, struct herder_request *request, const struct config_connector *connector)
{
    (void)connector;
    return config_store_put_logger_level(herder->stores.config, request->name, request->level, &request->err);
}

enum who { ANYBODY, LEADER, HOLDER };

static const struct {
    handle_fn *handle;
    enum who who;
    const char *stage;
    const char *not_written; /* what Java says when Kafka does not take the records; or NULL */
} operations[] = {
    [HERDER_PUT_CONNECTOR] = {handle_put_connector, LEADER, "writing a config for connector %s to the config topic",
     "Error writing connector configuration to Kafka"},
    [HERDER_DELETE] = {handle_delete, LEADER, "removing the config for connector %s from the config topic",
     "Error removing connector configuration from Kafka"},
    [HERDER_TARGET] = {handle_target, ANYBODY, "writing the target state of connector %s to the config topic",
     "Error writing target state to Kafka"},
    [HERDER_RESTART] = {handle_restart, HOLDER, "restarting connector %s", NULL},
    [HERDER_RESTART_TASK] = {handle_restart_task, HOLDER, "restarting a task of connector %s", NULL},
    [HERDER_RESTART_PLAN] = {handle_restart_plan, LEADER, "writing a restart request for connector %s to the config topic",
     "Error writing restart request to Kafka"},
    [HERDER_PUT_TASKS] = {handle_put_tasks, LEADER, "writing task configs for connector %s to the config topic",
     "Error writing task configurations to Kafka"},
    [HERDER_MAY_ALTER] = {handle_may_alter, LEADER, "checking whether connector %s is stopped", NULL},
    [HERDER_FENCE] = {NULL, LEADER, "performing a round of zombie fencing for connector %s", NULL}, /* the fencer does it */
    [HERDER_LOGGER] = {handle_logger, ANYBODY, "writing the level of logger %s to the config topic",
     "Error writing logger level to Kafka"},
};

/* As StandaloneHerder, which answers with the tasks. */
static void
settle_later(struct herder *herder, struct herder_request *request)
{
    herder->settling = xrealloc(herder->settling, (herder->settling_count + 1) * sizeof(struct herder_request *));
    herder->settling[herder->settling_count++] = request;
}

void
requests_settle(struct herder *herder, const char *name, const struct error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < herder->settling_count; i++) {
        struct herder_request *request = herder->settling[i];
        if (name && strcmp(request->name, name)) {
            herder->settling[kept++] = request;
            continue;
        }
        if (err)
            request->err = *err;
        request_answer(request, err ? HERDER_REFUSED : HERDER_DONE);
    }
    herder->settling_count = kept;
}

void
request_handle(struct herder *herder, struct herder_request *request)
{
    enum who who = operations[request->op].who;
    if (request->op == HERDER_TARGET && request->target == TARGET_STOPPED)
        who = LEADER;
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = current(snapshot, request);
    enum herder_answer answer;
    int unit = request->op == HERDER_RESTART_TASK ? request->task : SLOT_CONNECTOR;
    bool is_missing = !connector || (unit >= 0 && (size_t)unit >= connector->task_count);
    if (who == LEADER && !herder->is_leader) {
        answer = HERDER_ASK_LEADER;
    } else if (who == HOLDER && !is_missing && unit >= SLOT_CONNECTOR && !holds(herder, connector, unit)) {
        answer = HERDER_ASK_HOLDER;
    } else if (request->op == HERDER_FENCE && herder->fencer) {
        config_snapshot_release(snapshot);
        fencer_post(herder->fencer, request);
        return;
    } else if (request->op == HERDER_FENCE) {
        answer = HERDER_DONE; /* nobody writes in transactions */
    } else {
        char *stage = xstrdup(operations[request->op].stage);
        char *at = strstr(stage, "%s");
        *at = '\0';
        stage_begin(herder, "%s%s%s", stage, request->name, at + 2);
        free(stage);
        answer = operations[request->op].handle(herder, request, connector) ? HERDER_DONE : HERDER_REFUSED;
        stage_end(herder);
        if (answer == HERDER_REFUSED && request->err.cause && operations[request->op].not_written) {
            log_error("%s: %s", operations[request->op].not_written, request->err.message);
            error_set(&request->err, ERROR_INTERNAL, "%s", operations[request->op].not_written);
        }
    }
    config_snapshot_release(snapshot);
    if (answer == HERDER_DONE && request->op == HERDER_PUT_CONNECTOR && !herder->options.worker->is_distributed)
        settle_later(herder, request);
    else
        request_answer(request, answer);
}

/* ---- task configurations -------------------------------------------------------------------------------------------- */

/* What WorkerConnector and AbstractHerder.reverseTransform do to what the connector gave: the task class and a sink's
   topics are added, and settings that are references in the connector's config are references again. */
static void
decorate(const struct config_connector *connector, struct config_list *tasks)
{
    const struct connector_plugin *plugin = connector_plugin_find(config_get_or(connector->config, "connector.class", ""));
    for (size_t i = 0; i < tasks->count; i++) {
        struct config *task = tasks->items[i];
        if (plugin)
            config_set(task, "task.class", plugin->task_class);
        static const char *const copied[] = {"topics", "topics.regex"};
        for (size_t k = 0; plugin && plugin->type == CONNECTOR_SINK && k < 2; k++)
            if (config_get(connector->config, copied[k]))
                config_set(task, copied[k], config_get(connector->config, copied[k]));
        for (size_t k = 0; k < connector->config->count; k++) {
            const struct config_entry *entry = &connector->config->entries[k];
            if (config_has_reference(entry->value) && config_has(task, entry->key))
                config_set(task, entry->key, entry->value);
        }
    }
}

static bool
differs(const struct config_connector *connector, const struct config_list *tasks)
{
    if (connector->is_inconsistent || connector->task_count != tasks->count)
        return true;
    for (size_t i = 0; i < tasks->count; i++)
        if (!config_equal(connector->tasks[i], tasks->items[i]))
            return true;
    return !connector->applied_config || !config_equal(connector->applied_config, connector->config);
}

bool
tasks_publish(struct herder *herder, const char *name, unsigned serial, struct config_list *tasks, struct error *err)
{
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    bool ok = true;
    if (connector && connector->target == TARGET_STARTED) {
        decorate(connector, tasks);
        if (!differs(connector, tasks)) {
            log_debug("the task configurations of %s are as before", name);
        } else if (herder->is_leader) {
            stage_begin(herder, "writing task configs for connector %s to the config topic", name);
            ok = config_store_put_tasks(herder->stores.config, name, tasks, err);
            stage_end(herder);
        } else if (herder->courier) {
            courier_send(herder->courier, name, serial, tasks);
        } else {
            ok = error_set(err, ERROR_CONFLICT, "this worker is not the leader");
        }
    }
    config_snapshot_release(snapshot);
    return ok;
}
