/* /connectors: reading from snapshots, changing through the herder. */
#include "connect/rest/rest_priv.h"

#include "common/base/alloc.h"
#include "connect/plugins.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONFIG_IS_NULL "Cannot invoke \"java.util.Map.get(Object)\" because \"connectorConfig\" is null"
#define REQUEST_CLASS "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest"

/* ---- bodies ------------------------------------------------------------------------------------------------------- */

const struct body_value *
call_body(struct call *call, struct error *err)
{
    return body_parse(&call->arena, call->request->body, call->request->body_len, err);
}

bool
call_config(struct call *call, struct config *out, const char *null_text, struct error *err)
{
    const struct body_value *body = call_body(call, err);
    if (!body)
        return false;
    if (body->kind == BODY_NONE || body->kind == BODY_NULL)
        return error_set(err, ERROR_INTERNAL, "%s", null_text);
    return body_config(body, out, err);
}

struct create {
    const char *name; /* trimmed; "" when missing */
    struct config config;
    bool has_config, has_initial;
    enum target_state initial;
};

static bool
not_an_object(const struct body_value *body, struct error *err)
{
    if (body->kind == BODY_NONE || body->kind == BODY_NULL)
        return error_set(err, ERROR_INTERNAL, "Cannot invoke \"" REQUEST_CLASS ".name()\" because \"createRequest\" is null");
    if (body->kind == BODY_STRING && !*body->text)
        return body_error(err, "Cannot coerce empty String (\"\") to `" REQUEST_CLASS "` value (but could if coercion was enabled using "
                               "`CoercionConfig`)");
    return body_no_creator(body, REQUEST_CLASS, err);
}

static bool
read_initial(const struct body_value *value, struct create *create, struct error *err)
{
    static const char *const names[] = {"RUNNING", "PAUSED", "STOPPED"};
    static const enum target_state states[] = {TARGET_STARTED, TARGET_PAUSED, TARGET_STOPPED};
    const char *text;
    if (value->kind == BODY_NULL)
        return true;
    if (value->kind == BODY_OBJECT || value->kind == BODY_ARRAY)
        return body_wrong_type(value, REQUEST_CLASS "$InitialState", err);
    if (!body_text(value, &text, err))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (strcasecmp(text, names[i]) == 0) {
            create->has_initial = true;
            create->initial = states[i];
            return true;
        }
    char upper[64];
    size_t len = 0;
    for (; text[len] && len + 1 < sizeof(upper); len++)
        upper[len] = (char)toupper((unsigned char)text[len]);
    upper[len] = '\0';
    return body_error(err, "Cannot construct instance of `" REQUEST_CLASS "$InitialState`, problem: No enum constant " REQUEST_CLASS
                           ".InitialState.%s", upper);
}

/* As String.trim, in place of the arena's copy. */
static const char *
trimmed(struct call *call, const char *text)
{
    size_t len = strlen(text), skip = 0;
    while (len > 0 && (unsigned char)text[len - 1] <= ' ')
        len--;
    while (skip < len && (unsigned char)text[skip] <= ' ')
        skip++;
    return arena_memdup(&call->arena, text + skip, len - skip);
}

static bool
read_create(struct call *call, struct create *create, struct error *err)
{
    const struct body_value *body = call_body(call, err);
    if (!body)
        return false;
    if (body->kind != BODY_OBJECT)
        return not_an_object(body, err);
    const char *name = NULL;
    for (size_t i = 0; i < body->count; i++) {
        const struct body_value *value = body->values[i];
        bool ok = true;
        if (strcmp(body->names[i], "name") == 0) {
            ok = body_text(value, &name, err);
        } else if (strcmp(body->names[i], "config") == 0) {
            create->has_config = value->kind != BODY_NULL;
            ok = !create->has_config || body_config(value, &create->config, err);
        } else if (strcmp(body->names[i], "initial_state") == 0) {
            ok = read_initial(value, create, err);
        } else {
            ok = body_error(err, "Unrecognized field \"%.100s\" (class " REQUEST_CLASS
                                 "), not marked as ignorable (3 known properties: \"config\", \"name\", \"initial_state\"])",
                            body->names[i]);
        }
        if (!ok)
            return false;
    }
    create->name = trimmed(call, name ? name : "");
    return create->has_config || error_set(err, ERROR_INTERNAL, CONFIG_IS_NULL);
}

/* ---- create, update ---------------------------------------------------------------------------------------------------- */

static bool
check_name(const char *name, struct config *cfg, struct error *err)
{
    const char *given = config_get(cfg, "name");
    if (given && strcmp(given, name))
        return error_set(err, ERROR_CONFIG, "Connector name configuration (%.300s) doesn't match connector name in the URL (%.300s)", given, name);
    config_set(cfg, "name", name);
    return true;
}

/* A reference that cannot be resolved is no fault of the request. */
static bool
validate(struct call *call, const struct config *cfg, char **problem_out, struct error *err)
{
    struct validation validation;
    *problem_out = NULL;
    bool ok = validation_run(&validation, call->worker, call->providers, cfg, err);
    if (!ok && err->java_class && strstr(err->java_class, "ConfigException"))
        err->cause = 500;
    if (ok)
        ok = validation_passed(&validation, problem_out);
    validation_fini(&validation);
    return ok;
}

static void
set_location(struct call *call, const char *name)
{
    const char *host = http_header(call->request, "Host");
    struct strbuf url = STRBUF_INIT;
    strbuf_printf(&url, "%s://%s/connectors/", call->request->is_tls ? "https" : "http", host ? host : call->request->local);
    view_path_name(&url, name);
    http_set(call->response, "Location", url.data);
    strbuf_fini(&url);
}

static char *
path_of(struct call *call, const char *name, const char *rest)
{
    struct strbuf path = STRBUF_INIT;
    strbuf_puts(&path, "connectors/");
    view_path_name(&path, name);
    strbuf_puts(&path, rest);
    char *copy = arena_strdup(&call->arena, path.data);
    strbuf_fini(&path);
    return copy;
}

/* Validate, let the leader write it, answer with the connector. */
static bool
store_config(struct call *call, const char *name, const struct config *cfg, const struct create *create, const char *path, struct error *err)
{
    char *problem;
    if (!validate(call, cfg, &problem, err)) {
        if (!problem)
            return false;
        reply_error(call, 400, problem, true);
        free(problem);
        return true;
    }
    struct herder_request *request = herder_request_new(HERDER_PUT_CONNECTOR, name);
    request->config = config_dup(cfg);
    request->must_be_new = create != NULL;
    request->has_initial = create && create->has_initial;
    request->initial = request->has_initial ? create->initial : TARGET_STARTED;
    bool is_forwarded = false;
    bool ok = ask_or_forward(call, request, path, NULL, &is_forwarded, err);
    bool was_created = is_forwarded ? call->response->status == 201 : request->was_created;
    if (ok && was_created)
        set_location(call, name);
    if (ok && !is_forwarded) {
        const struct config_snapshot *snapshot = config_store_snapshot(call->stores->config);
        const struct config_connector *connector = config_snapshot_find(snapshot, name);
        bool has_tasks = connector && (!was_created || !call->worker->is_distributed);
        view_connector(&call->response->body, name, cfg, has_tasks ? connector->task_count : 0);
        config_snapshot_release(snapshot);
        reply_json(call, was_created ? 201 : 200);
    }
    herder_request_free(request);
    return ok;
}

bool
post_connector(struct call *call, struct error *err)
{
    struct create create = {.name = ""};
    bool ok = read_create(call, &create, err) && check_name(create.name, &create.config, err) &&
              store_config(call, create.name, &create.config, &create, "connectors", err);
    config_fini(&create.config);
    return ok;
}

bool
put_config(struct call *call, struct error *err)
{
    struct config cfg = CONFIG_INIT;
    bool ok = call_config(call, &cfg, CONFIG_IS_NULL, err) && check_name(call->name, &cfg, err) &&
              store_config(call, call->name, &cfg, NULL, path_of(call, call->name, "/config"), err);
    config_fini(&cfg);
    return ok;
}

static bool
not_found(const char *name, struct error *err)
{
    return error_set(err, ERROR_NOT_FOUND, "Connector %.500s not found", name);
}

/* Unlike for PUT, the name in the config is not compared with the one in the path. */
bool
patch_config(struct call *call, struct error *err)
{
    const struct body_value *body = call_body(call, err);
    struct config patch = CONFIG_INIT;
    bool is_null = body && (body->kind == BODY_NONE || body->kind == BODY_NULL);
    bool ok = body && (is_null || body_config(body, &patch, err));
    struct config *merged = NULL;
    if (ok) {
        const struct config_snapshot *snapshot = config_store_snapshot(call->stores->config);
        const struct config_connector *connector = config_snapshot_find(snapshot, call->name);
        merged = connector ? config_patched(connector->config, &patch) : NULL;
        config_snapshot_release(snapshot);
        ok = merged || not_found(call->name, err);
    }
    if (ok && is_null)
        ok = error_set(err, ERROR_INTERNAL, "Cannot invoke \"java.util.Map.forEach(java.util.function.BiConsumer)\" because \"patch\" is null");
    ok = ok && store_config(call, call->name, merged, NULL, path_of(call, call->name, "/config"), err);
    config_fini(&patch);
    config_free(merged);
    return ok;
}

/* ---- other changes --------------------------------------------------------------------------------------------------------- */

/* Ask for a change that answers nothing but a status. Takes the request. */
static bool
change(struct call *call, struct herder_request *request, const char *rest, int status, struct error *err)
{
    bool is_forwarded = false;
    bool ok = ask_or_forward(call, request, path_of(call, call->name, rest), NULL, &is_forwarded, err);
    if (ok && !is_forwarded)
        reply_empty(call, status);
    herder_request_free(request);
    return ok;
}

bool
delete_connector(struct call *call, struct error *err)
{
    return change(call, herder_request_new(HERDER_DELETE, call->name), "", 204, err);
}

static bool
set_target(struct call *call, enum target_state target, const char *rest, int status, struct error *err)
{
    struct herder_request *request = herder_request_new(HERDER_TARGET, call->name);
    request->target = target;
    return change(call, request, rest, status, err);
}

bool
pause_connector(struct call *call, struct error *err)
{
    return set_target(call, TARGET_PAUSED, "/pause", 202, err);
}

bool
resume_connector(struct call *call, struct error *err)
{
    return set_target(call, TARGET_STARTED, "/resume", 202, err);
}

bool
stop_connector(struct call *call, struct error *err)
{
    return set_target(call, TARGET_STOPPED, "/stop", 204, err);
}

bool
restart_task(struct call *call, struct error *err)
{
    struct herder_request *request = herder_request_new(HERDER_RESTART_TASK, call->name);
    request->task = call->task;
    return change(call, request, arena_printf(&call->arena, "/tasks/%d/restart", call->task), 204, err);
}

bool
restart_connector(struct call *call, struct error *err)
{
    bool include_tasks = call_flag(call, "includeTasks"), only_failed = call_flag(call, "onlyFailed");
    if (!include_tasks && !only_failed)
        return change(call, herder_request_new(HERDER_RESTART, call->name), "/restart", 204, err);
    struct herder_request *request = herder_request_new(HERDER_RESTART_PLAN, call->name);
    request->include_tasks = include_tasks;
    request->only_failed = only_failed;
    bool is_forwarded = false;
    bool ok = ask_or_forward(call, request, path_of(call, call->name, "/restart"), NULL, &is_forwarded, err);
    if (ok && !is_forwarded) {
        const struct config_snapshot *snapshot = config_store_snapshot(call->stores->config);
        const struct config_connector *connector = config_snapshot_find(snapshot, call->name);
        view_status(&call->response->body, call->name, connector ? connector->config : NULL, &request->plan);
        config_snapshot_release(snapshot);
        reply_json(call, 202);
    }
    herder_request_free(request);
    return ok;
}

/* The array of maps. */
static bool
read_tasks(struct call *call, struct config_list *out, struct error *err)
{
    const struct body_value *body = call_body(call, err);
    if (!body)
        return false;
    if (body->kind == BODY_NONE)
        return body_error(err, "No content to map due to end-of-input");
    if (body->kind != BODY_ARRAY && body->kind != BODY_NULL)
        return body_wrong_type(body, "java.util.ArrayList<java.util.Map<java.lang.String,java.lang.String>>", err);
    for (size_t i = 0; i < body->count; i++) {
        struct config *task = config_new();
        config_list_add(out, task);
        if (!body_config(body->values[i], task, err))
            return false;
    }
    return true;
}

/* Internal: task configurations that a worker made, for the leader to write. The body is read first, as there. */
bool
post_tasks(struct call *call, struct error *err)
{
    struct herder_request *request = herder_request_new(HERDER_PUT_TASKS, call->name);
    bool is_forwarded = false, ok = read_tasks(call, &request->tasks, err) && signature_check(call, err);
    if (ok && !call->worker->is_distributed)
        ok = error_set(err, ERROR_INTERNAL,
                       "Kafka Connect in standalone mode does not support externally setting task configurations.");
    ok = ok && ask_or_forward(call, request, path_of(call, call->name, "/tasks"), NULL, &is_forwarded, err);
    if (ok && !is_forwarded)
        reply_empty(call, 204);
    herder_request_free(request);
    return ok;
}

/* Internal: a worker is about to start exactly-once tasks. */
bool
put_fence(struct call *call, struct error *err)
{
    if (!call->worker->is_distributed)
        return error_set(err, ERROR_INTERNAL, "Kafka Connect in standalone mode does not support exactly-once source connectors.");
    return signature_check(call, err) && change(call, herder_request_new(HERDER_FENCE, call->name), "/fence", 204, err);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------ */

typedef void view_fn(struct strbuf *out, const struct config_connector *connector);

static bool
show(struct call *call, view_fn *view, struct error *err)
{
    const struct config_snapshot *snapshot = config_store_snapshot(call->stores->config);
    const struct config_connector *connector = config_snapshot_find(snapshot, call->name);
    if (connector)
        view(&call->response->body, connector);
    bool ok = connector != NULL;
    config_snapshot_release(snapshot);
    if (!ok)
        return not_found(call->name, err);
    reply_json(call, 200);
    return true;
}

bool
get_connector(struct call *call, struct error *err)
{
    return show(call, view_connector_config, err);
}

static void
view_only_config(struct strbuf *out, const struct config_connector *connector)
{
    view_config(out, connector->config);
}

bool
get_config(struct call *call, struct error *err)
{
    return show(call, view_only_config, err);
}

static void
view_tasks(struct strbuf *out, const struct config_connector *connector)
{
    strbuf_putc(out, '[');
    for (size_t i = 0; i < connector->task_count; i++) {
        strbuf_puts(out, i ? ",{\"id\":{\"connector\":" : "{\"id\":{\"connector\":");
        body_string(out, connector->name);
        strbuf_printf(out, ",\"task\":%zu},\"config\":", i);
        view_config(out, connector->tasks[i]);
        strbuf_putc(out, '}');
    }
    strbuf_putc(out, ']');
}

bool
get_tasks(struct call *call, struct error *err)
{
    return show(call, view_tasks, err);
}

/* Gone since Kafka 4.0, kept for older clients. */
static void
view_tasks_config(struct strbuf *out, const struct config_connector *connector)
{
    strbuf_putc(out, '{');
    for (size_t i = 0; i < connector->task_count; i++) {
        char *id = xasprintf("%s-%zu", connector->name, i);
        if (i)
            strbuf_putc(out, ',');
        body_string(out, id);
        strbuf_putc(out, ':');
        view_config(out, connector->tasks[i]);
        free(id);
    }
    strbuf_putc(out, '}');
}

bool
get_tasks_config(struct call *call, struct error *err)
{
    return show(call, view_tasks_config, err);
}

/* False when it has no status of its own. */
static bool
status_of(struct call *call, const char *name, const struct config *cfg)
{
    struct status_list statuses = {0};
    status_store_list(call->stores->status, name, &statuses);
    bool is_known = statuses.count > 0 && statuses.items[0].task == STATUS_CONNECTOR;
    if (is_known)
        view_status(&call->response->body, name, cfg, &statuses);
    status_list_fini(&statuses);
    return is_known;
}

bool
get_status(struct call *call, struct error *err)
{
    const struct config_snapshot *snapshot = config_store_snapshot(call->stores->config);
    const struct config_connector *connector = config_snapshot_find(snapshot, call->name);
    bool ok = status_of(call, call->name, connector ? connector->config : NULL);
    config_snapshot_release(snapshot);
    if (!ok)
        return error_set(err, ERROR_NOT_FOUND, "No status found for connector %.500s", call->name);
    reply_json(call, 200);
    return true;
}

bool
get_task_status(struct call *call, struct error *err)
{
    struct status status;
    if (call->task < 0 || !status_store_get(call->stores->status, call->name, call->task, &status))
        return error_set(err, ERROR_NOT_FOUND, "No status found for task %.500s-%d", call->name, call->task);
    view_task_status(&call->response->body, &status);
    status_fini(&status);
    reply_json(call, 200);
    return true;
}

/* One member of the map that `expand` asks for; nothing at all for a connector without the status asked for. */
static void
view_expanded(struct call *call, const struct config_connector *connector, const struct string_list *expansions, bool is_first)
{
    struct strbuf *out = &call->response->body;
    size_t start = out->len;
    if (!is_first)
        strbuf_putc(out, ',');
    body_string(out, connector->name);
    strbuf_puts(out, ":{");
    bool has_member = false, is_whole = true;
    if (string_list_has(expansions, "status")) {
        strbuf_puts(out, "\"status\":");
        is_whole = status_of(call, connector->name, connector->config);
        has_member = true;
    }
    if (is_whole && string_list_has(expansions, "info")) {
        strbuf_puts(out, has_member ? ",\"info\":" : "\"info\":");
        view_connector_config(out, connector);
    }
    strbuf_putc(out, '}');
    if (!is_whole) {
        out->len = start;
        out->data[start] = '\0';
    }
}

bool
list_connectors(struct call *call, struct error *err)
{
    (void)err;
    struct string_list expansions = STRING_LIST_INIT;
    call_params(call, "expand", &expansions);
    struct strbuf *out = &call->response->body;
    const struct config_snapshot *snapshot = config_store_snapshot(call->stores->config);
    bool is_map = expansions.count > 0;
    strbuf_putc(out, is_map ? '{' : '[');
    for (size_t i = 0; i < snapshot->count; i++) {
        if (is_map) {
            view_expanded(call, snapshot->connectors[i], &expansions, out->len == 1);
        } else {
            if (i)
                strbuf_putc(out, ',');
            body_string(out, snapshot->connectors[i]->name);
        }
    }
    strbuf_putc(out, is_map ? '}' : ']');
    config_snapshot_release(snapshot);
    string_list_fini(&expansions);
    reply_json(call, 200);
    return true;
}

/* ---- topics in use ---------------------------------------------------------------------------------------------------------------- */

static bool
forbidden(struct error *err, const char *text)
{
    error_set(err, ERROR_INTERNAL, "%s", text);
    err->cause = 403;
    return false;
}

bool
get_topics(struct call *call, struct error *err)
{
    if (!call->worker->topic_tracking_enable)
        return forbidden(err, "Topic tracking is disabled.");
    struct string_list topics = STRING_LIST_INIT;
    struct strbuf *out = &call->response->body;
    status_store_topics(call->stores->status, call->name, &topics);
    strbuf_putc(out, '{');
    body_string(out, call->name);
    strbuf_puts(out, ":{\"topics\":[");
    for (size_t i = 0; i < topics.count; i++) {
        if (i)
            strbuf_putc(out, ',');
        body_string(out, topics.items[i]);
    }
    strbuf_puts(out, "]}}");
    string_list_fini(&topics);
    reply_json(call, 200);
    return true;
}

bool
reset_topics(struct call *call, struct error *err)
{
    if (!call->worker->topic_tracking_enable)
        return forbidden(err, "Topic tracking is disabled.");
    if (!call->worker->topic_tracking_allow_reset)
        return forbidden(err, "Topic tracking reset is disabled.");
    status_store_topics_reset(call->stores->status, call->name);
    reply_empty(call, 202);
    return true;
}
