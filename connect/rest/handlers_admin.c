/* /, /health, /metrics and /admin/loggers. */
#include "connect/rest/rest_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/plugins.h"
#include "connect/storage/group_offsets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CLUSTER_ID_MS = 5000 };

#ifndef PROJECT_COMMIT
#define PROJECT_COMMIT "unknown"
#endif

bool
get_root(struct call *call, struct error *err)
{
    (void)err;
    char *cluster = call->worker->is_distributed ? herder_cluster_id(call->herder, CLUSTER_ID_MS) : group_cluster_id(call->worker, CLUSTER_ID_MS);
    struct strbuf *out = &call->response->body;
    strbuf_puts(out, "{\"version\":\"" CONNECT_VERSION "\",\"commit\":\"" PROJECT_COMMIT "\",\"kafka_cluster_id\":");
    body_string(out, cluster);
    strbuf_putc(out, '}');
    free(cluster);
    reply_json(call, 200);
    return true;
}

bool
get_health(struct call *call, struct error *err)
{
    (void)err;
    bool ready = herder_is_ready(call->herder);
    char *stage = ready ? xstrdup("") : herder_stage(call->herder);
    char *message = ready ? xstrdup("Worker has completed startup and is ready to handle requests.")
                          : xasprintf("Worker is still starting up. %s", stage);
    struct strbuf *out = &call->response->body;
    strbuf_printf(out, "{\"status\":\"%s\",\"message\":", ready ? "healthy" : "starting");
    body_string(out, message);
    strbuf_putc(out, '}');
    free(stage);
    free(message);
    reply_json(call, ready ? 200 : 503);
    return true;
}

/* ---- metrics --------------------------------------------------------------------------------------------------------- */

static void
gauge(struct strbuf *out, const char *name, double value)
{
    strbuf_printf(out, "# TYPE %s gauge\n%s %g\n", name, name, value);
}

static void
write_worker(struct strbuf *out, const struct herder_counts *counts)
{
    double starts = (double)counts->connector_starts, failures = (double)counts->connector_start_failures;
    gauge(out, "kafka_connect_worker_connector_count", counts->connectors);
    gauge(out, "kafka_connect_worker_task_count", counts->tasks);
    gauge(out, "kafka_connect_worker_connector_startup_attempts_total", starts);
    gauge(out, "kafka_connect_worker_connector_startup_success_total", starts - failures);
    gauge(out, "kafka_connect_worker_connector_startup_failure_total", failures);
    gauge(out, "kafka_connect_worker_connector_startup_success_percentage", starts > 0 ? (starts - failures) / starts : 0);
    gauge(out, "kafka_connect_worker_connector_startup_failure_percentage", starts > 0 ? failures / starts : 0);
    gauge(out, "kafka_connect_coordinator_assigned_connectors", counts->connectors);
    gauge(out, "kafka_connect_coordinator_assigned_tasks", counts->tasks);
}

/* A text is the value of a label: name{name="text"} 1, with the last words of the name. */
static void
info(struct strbuf *out, const char *group, const char *connector, const char *attribute, const char *text)
{
    strbuf_printf(out, "kafka_connect_%s_%s{", group, attribute);
    if (connector) {
        strbuf_puts(out, "connector=\"");
        metrics_label(out, connector);
        strbuf_puts(out, "\",");
    }
    strbuf_printf(out, "%s=\"", attribute);
    metrics_label(out, text);
    strbuf_puts(out, "\"} 1\n");
}

static void
write_rebalances(struct call *call, struct strbuf *out, const struct herder_counts *counts)
{
    double handled = (double)counts->rebalances;
    gauge(out, "kafka_connect_worker_rebalance_completed_rebalances_total", handled);
    gauge(out, "kafka_connect_worker_rebalance_epoch", counts->generation);
    gauge(out, "kafka_connect_worker_rebalance_rebalancing", counts->is_rebalancing);
    gauge(out, "kafka_connect_worker_rebalance_rebalance_max_time_ms", (double)counts->rebalance_ms_max);
    gauge(out, "kafka_connect_worker_rebalance_rebalance_avg_time_ms", handled > 0 ? (double)counts->rebalance_ms_sum / handled : 0);
    if (counts->rebalanced_ms)
        gauge(out, "kafka_connect_worker_rebalance_time_since_last_rebalance_ms", (double)(clock_now_ms() - counts->rebalanced_ms));
    info(out, "worker_rebalance", NULL, "connect_protocol", "cooperative-sticky");
    if (counts->is_leader) /* others would have to ask Kafka */
        info(out, "worker_rebalance", NULL, "leader_name", call->worker->advertised_url);
}

static void
write_app(struct call *call, struct strbuf *out)
{
    strbuf_puts(out, "kafka_connect_app_info{client_id=\"");
    metrics_label(out, call->worker->worker_id);
    strbuf_printf(out, "\",version=\"%s\",commit_id=\"%s\"} 1\n", CONNECT_VERSION, PROJECT_COMMIT);
}

static void
write_connector(struct strbuf *out, const struct config_connector *connector)
{
    const struct connector_plugin *plugin = connector_plugin_find(config_get_or(connector->config, "connector.class", ""));
    if (!plugin)
        return;
    info(out, "connector", connector->name, "connector_class", plugin->class_name);
    info(out, "connector", connector->name, "connector_type", plugin->type == CONNECTOR_SOURCE ? "source" : "sink");
    info(out, "connector", connector->name, "connector_version", plugin->version);
}

static void
write_statuses(struct strbuf *out, const char *connector, const struct status_list *statuses)
{
    int by_state[STATUS_DESTROYED + 1] = {0};
    size_t tasks = 0;
    for (size_t i = 0; i < statuses->count; i++) {
        const struct status *status = &statuses->items[i];
        bool is_task = status->task != STATUS_CONNECTOR;
        strbuf_puts(out, is_task ? "kafka_connect_connector_task_status{connector=\"" : "kafka_connect_connector_status{connector=\"");
        metrics_label(out, connector);
        if (is_task)
            strbuf_printf(out, "\",task=\"%d", status->task);
        strbuf_puts(out, "\",status=\"");
        for (const char *c = status_state_name(status->state); *c; c++)
            strbuf_putc(out, (char)(*c | 32));
        strbuf_puts(out, "\"} 1\n");
        tasks += is_task;
        by_state[status->state] += is_task;
    }
    static const struct {
        const char *name;
        int state;
    } counts[] = {{"running", STATUS_RUNNING},       {"paused", STATUS_PAUSED},       {"failed", STATUS_FAILED},
                  {"unassigned", STATUS_UNASSIGNED}, {"destroyed", STATUS_DESTROYED}, {"restarting", STATUS_RESTARTING}};
    strbuf_puts(out, "kafka_connect_worker_connector_total_task_count{connector=\"");
    metrics_label(out, connector);
    strbuf_printf(out, "\"} %zu\n", tasks);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        strbuf_printf(out, "kafka_connect_worker_connector_%s_task_count{connector=\"", counts[i].name);
        metrics_label(out, connector);
        strbuf_printf(out, "\"} %d\n", by_state[counts[i].state]);
    }
}

bool
get_metrics(struct call *call, struct error *err)
{
    (void)err;
    struct strbuf *out = &call->response->body;
    struct herder_counts counts = herder_counts(call->herder);
    const struct herder_stores *stores = herder_stores(call->herder, 0);
    write_worker(out, &counts);
    if (call->worker->is_distributed)
        write_rebalances(call, out, &counts);
    write_app(call, out);
    if (stores) {
        const struct config_snapshot *snapshot = config_store_snapshot(stores->config);
        for (size_t i = 0; i < snapshot->count; i++) {
            struct status_list statuses = {0};
            status_store_list(stores->status, snapshot->connectors[i]->name, &statuses);
            write_connector(out, snapshot->connectors[i]);
            write_statuses(out, snapshot->connectors[i]->name, &statuses);
            status_list_fini(&statuses);
        }
        config_snapshot_release(snapshot);
    }
    metrics_write(call->metrics, out);
    http_set(call->response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return true;
}

/* ---- loggers ---------------------------------------------------------------------------------------------------------- */

struct known_logger {
    char *name;
    enum log_level level;
    int64_t modified_ms;
};
struct logger_list {
    struct known_logger *items;
    size_t count;
};

static void
collect(void *arg, const char *name, enum log_level level, int64_t modified_ms)
{
    struct logger_list *list = arg;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return;
    list->items = xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
    list->items[list->count++] = (struct known_logger){xstrdup(name), level, modified_ms};
}

static int
compare_loggers(const void *a, const void *b)
{
    return strcmp(((const struct known_logger *)a)->name, ((const struct known_logger *)b)->name);
}

static struct logger_list
known_loggers(void)
{
    struct logger_list list = {0};
    int64_t modified_ms;
    enum log_level root = log_level_of("root", &modified_ms);
    collect(&list, "root", root, modified_ms);
    log_each_logger(collect, &list);
    qsort(list.items, list.count, sizeof(*list.items), compare_loggers);
    return list;
}

static void
logger_list_fini(struct logger_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
}

static void
view_logger(struct strbuf *out, const struct known_logger *logger)
{
    strbuf_printf(out, "{\"level\":\"%s\",\"last_modified\":", log_level_name(logger->level));
    if (logger->modified_ms >= 0)
        strbuf_printf(out, "%lld}", (long long)logger->modified_ms);
    else
        strbuf_puts(out, "null}");
}

bool
list_loggers(struct call *call, struct error *err)
{
    (void)err;
    struct logger_list list = known_loggers();
    struct strbuf *out = &call->response->body;
    strbuf_putc(out, '{');
    for (size_t i = 0; i < list.count; i++) {
        if (i)
            strbuf_putc(out, ',');
        body_string(out, list.items[i].name);
        strbuf_putc(out, ':');
        view_logger(out, &list.items[i]);
    }
    strbuf_putc(out, '}');
    logger_list_fini(&list);
    reply_json(call, 200);
    return true;
}

bool
get_logger(struct call *call, struct error *err)
{
    struct logger_list list = known_loggers();
    bool found = false;
    for (size_t i = 0; i < list.count && !found; i++) {
        found = strcmp(list.items[i].name, call->name) == 0;
        if (found)
            view_logger(&call->response->body, &list.items[i]);
    }
    logger_list_fini(&list);
    if (!found)
        return error_set(err, ERROR_NOT_FOUND, "Logger %.300s not found.", call->name);
    reply_json(call, 200);
    return true;
}

static bool
is_below(const char *name, const char *above)
{
    size_t len = strlen(above);
    return strcmp(above, "root") == 0 || (strncmp(name, above, len) == 0 && (name[len] == '\0' || name[len] == '.'));
}

/* Sets the level here and answers with the names it changed for. */
static void
set_level(struct call *call, enum log_level level)
{
    struct logger_list before = known_loggers();
    bool is_known = false, is_first = true;
    struct strbuf *out = &call->response->body;
    strbuf_putc(out, '[');
    for (size_t i = 0; i < before.count; i++)
        is_known = is_known || strcmp(before.items[i].name, call->name) == 0;
    if (!is_known && log_level_of(call->name, &(int64_t){0}) != level)
        collect(&before, call->name, log_level_of(call->name, &(int64_t){0}), -1);
    qsort(before.items, before.count, sizeof(*before.items), compare_loggers);
    for (size_t i = 0; i < before.count; i++) {
        if (!is_below(before.items[i].name, call->name) || before.items[i].level == level)
            continue;
        if (!is_first)
            strbuf_putc(out, ',');
        is_first = false;
        body_string(out, before.items[i].name);
    }
    strbuf_putc(out, ']');
    if (!is_first)
        log_level_set(call->name, level);
    logger_list_fini(&before);
    reply_json(call, 200);
}

static bool
read_level(struct call *call, enum log_level *level_out, const char **text_out, struct error *err)
{
    struct config body = CONFIG_INIT;
    bool ok = call_config(call, &body, "Cannot invoke \"java.util.Map.get(Object)\" because \"levelMap\" is null", err);
    const char *text = ok ? config_get(&body, "level") : NULL;
    char *trimmed = NULL;
    if (ok && !text)
        ok = error_set(err, ERROR_CONFIG, "Desired 'level' parameter was not specified in request.");
    if (ok && text && !*text)
        ok = error_set(err, ERROR_INTERNAL, "Illegal null or empty Level name.");
    if (ok && text) {
        size_t skip = strspn(text, " \t\r\n"), len = strlen(text + skip);
        while (len > 0 && strchr(" \t\r\n", text[skip + len - 1]))
            len--;
        trimmed = arena_memdup(&call->arena, text + skip, len);
        ok = log_level_parse(trimmed, level_out) || error_set(err, ERROR_NOT_FOUND, "invalid log level '%.100s'.", text);
    }
    *text_out = trimmed;
    config_fini(&body);
    return ok;
}

bool
put_logger(struct call *call, struct error *err)
{
    enum log_level level = LOG_INFO;
    const char *text = NULL, *scope = call_param(call, "scope");
    if (!read_level(call, &level, &text, err))
        return false;
    if (!scope || strcasecmp(scope, "cluster")) {
        set_level(call, level);
        return true;
    }
    struct herder_request *request = herder_request_new(HERDER_LOGGER, call->name);
    request->level = xstrdup(log_level_name(level));
    enum herder_answer answer = herder_ask(call->herder, request, REST_TIMEOUT_MS, err);
    herder_request_free(request);
    if (answer != HERDER_DONE)
        return false;
    reply_empty(call, 204);
    return true;
}
