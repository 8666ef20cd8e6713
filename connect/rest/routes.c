/* The table of routes, and matching: paths as Jetty and Jersey take them. */
#include "connect/rest/rest_priv.h"

#include "common/http/uri.h"
#include "connect/data/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct route routes[] = {
    {"GET", "/", get_root, ROUTE_NO_STORES | ROUTE_ANY_TYPE},
    {"GET", "/health", get_health, ROUTE_NO_STORES | ROUTE_ANY_TYPE},
    {"GET", "/metrics", get_metrics, ROUTE_NO_STORES | ROUTE_ANY_TYPE | ROUTE_PLAIN | ROUTE_ADMIN},
    {"GET", "/connectors", list_connectors, 0},
    {"POST", "/connectors", post_connector, 0},
    {"GET", "/connectors/{name}", get_connector, 0},
    {"DELETE", "/connectors/{name}", delete_connector, 0},
    {"GET", "/connectors/{name}/config", get_config, 0},
    {"PUT", "/connectors/{name}/config", put_config, 0},
    {"PATCH", "/connectors/{name}/config", patch_config, 0},
    {"GET", "/connectors/{name}/status", get_status, 0},
    {"POST", "/connectors/{name}/restart", restart_connector, 0},
    {"PUT", "/connectors/{name}/pause", pause_connector, 0},
    {"PUT", "/connectors/{name}/resume", resume_connector, 0},
    {"PUT", "/connectors/{name}/stop", stop_connector, 0},
    {"GET", "/connectors/{name}/tasks", get_tasks, 0},
    {"POST", "/connectors/{name}/tasks", post_tasks, 0},
    {"GET", "/connectors/{name}/tasks-config", get_tasks_config, 0},
    {"GET", "/connectors/{name}/tasks/{task}/status", get_task_status, 0},
    {"POST", "/connectors/{name}/tasks/{task}/restart", restart_task, 0},
    {"GET", "/connectors/{name}/topics", get_topics, 0},
    {"PUT", "/connectors/{name}/topics/reset", reset_topics, 0},
    {"GET", "/connectors/{name}/offsets", get_offsets, 0},
    {"PATCH", "/connectors/{name}/offsets", patch_offsets, 0},
    {"DELETE", "/connectors/{name}/offsets", delete_offsets, 0},
    {"PUT", "/connectors/{name}/fence", put_fence, 0},
    {"GET", "/connector-plugins", list_plugins, ROUTE_NO_STORES},
    {"GET", "/connector-plugins/{name}/config", get_plugin_config, ROUTE_NO_STORES},
    {"PUT", "/connector-plugins/{name}/config/validate", put_validate, ROUTE_NO_STORES},
    {"GET", "/admin/loggers", list_loggers, ROUTE_NO_STORES | ROUTE_ADMIN},
    {"GET", "/admin/loggers/{name}", get_logger, ROUTE_NO_STORES | ROUTE_ADMIN},
    {"PUT", "/admin/loggers/{name}", put_logger, ROUTE_NO_STORES | ROUTE_ADMIN},
    {0},
};

enum { SEGMENTS_MAX = 8 };

struct path {
    struct {
        char *text;      /* decoded */
        const char *raw; /* as sent, without parameters */
        size_t raw_len;
    } segments[SEGMENTS_MAX + 1];
    size_t count;
};

/* Well-formed UTF-8 without control characters. */
static bool
is_clean(const char *text)
{
    const char *end = text + strlen(text);
    for (int len; text < end; text += len) {
        len = utf8_length(text, end);
        if (len == 0 || (unsigned char)*text < ' ' || *text == 0x7F)
            return false;
    }
    return true;
}

/* What Jetty refuses in a path: what is no character of one, double slashes, and encoded characters whose meaning would
   be ambiguous. */
static bool
is_ambiguous(const char *path)
{
    if (*path != '/' || strstr(path, "//") || strpbrk(path, "\\|^\"<>{}[]`"))
        return true;
    for (const char *at = strchr(path, '%'); at; at = strchr(at + 3, '%')) {
        if (!isxdigit((unsigned char)at[1]) || !isxdigit((unsigned char)at[2]))
            return true;
        static const char *const refused[] = {"2F", "25", "5C", "00"};
        for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
            if (strncasecmp(at + 1, refused[i], 2) == 0)
                return true;
    }
    return false;
}

/* "%2e%2e" and the like. */
static bool
is_encoded_dots(const char *raw, size_t len, const char *decoded)
{
    return memchr(raw, '%', len) && (strcmp(decoded, ".") == 0 || strcmp(decoded, "..") == 0);
}

/* Dot segments are names like others, but must not lead above the root. */
static enum route_result
path_split(struct call *call, struct path *path)
{
    const char *at = call->request->path;
    int depth = 0;
    if (is_ambiguous(at))
        return ROUTE_BAD_PATH;
    while (*at == '/' && at[1]) {
        const char *segment = ++at;
        size_t all = strcspn(segment, "/"), len = strcspn(segment, "/;");
        at += all;
        struct strbuf text = STRBUF_INIT;
        bool ok = uri_decode(&text, segment, len, false);
        char *decoded = arena_memdup(&call->arena, text.data ? text.data : "", text.len);
        strbuf_fini(&text);
        depth += strcmp(decoded, "..") == 0 ? -1 : strcmp(decoded, ".") != 0;
        if (!ok || is_encoded_dots(segment, len, decoded) || !is_clean(decoded) || depth < 0)
            return ROUTE_BAD_PATH;
        if (path->count > SEGMENTS_MAX - 1)
            return ROUTE_UNKNOWN;
        path->segments[path->count].raw = segment;
        path->segments[path->count].raw_len = len;
        path->segments[path->count++].text = decoded;
    }
    return ROUTE_FOUND;
}

static bool
task_parse(const char *text, int *task_out)
{
    if (!text)
        return false;
    const char *digits = text + (*text == '-' || *text == '+');
    if (!*digits || strspn(digits, "0123456789") != strlen(digits) || strlen(digits) > 10)
        return false;
    long long number = atoll(text);
    *task_out = (int)number;
    return number >= INT32_MIN && number <= INT32_MAX;
}

static bool
matches(const struct route *route, const struct path *path, struct call *call, bool *bad_task)
{
    const char *at = route->path;
    size_t i = 0;
    for (; *at == '/' && at[1]; i++) {
        const char *part = ++at;
        size_t len = strcspn(part, "/");
        at += len;
        if (i >= path->count)
            return false;
        if (part[0] != '{' && (path->segments[i].raw_len != len || memcmp(path->segments[i].raw, part, len)))
            return false;
    }
    if (i != path->count)
        return false;
    at = route->path;
    for (i = 0; *at == '/' && at[1]; i++) {
        const char *part = ++at;
        at += strcspn(part, "/");
        if (strncmp(part, "{name}", 6) == 0)
            call->name = path->segments[i].text;
        else if (strncmp(part, "{task}", 6) == 0)
            *bad_task = !task_parse(path->segments[i].text, &call->task);
    }
    return true;
}

/* The methods in the order in which Jersey lists them: that of a hash table. */
static const char *const method_order[] = {"HEAD", "DELETE", "POST", "GET", "OPTIONS", "PUT", "PATCH"};
enum { METHODS = sizeof(method_order) / sizeof(method_order[0]) };

static void
allow_add(bool *allowed, const char *method)
{
    for (size_t i = 0; i < METHODS; i++)
        allowed[i] = allowed[i] || strcmp(method_order[i], method) == 0;
}

static const char *
allow_text(struct arena *arena, const bool *allowed)
{
    const char *text = "";
    for (size_t i = 0; i < METHODS; i++)
        if (allowed[i])
            text = arena_printf(arena, "%s%s%s", text, *text ? "," : "", method_order[i]);
    return text;
}

enum route_result
route_find(struct call *call, bool is_admin, bool is_main, const char **allow_out)
{
    struct path path = {.count = 0};
    enum route_result result = path_split(call, &path);
    if (result != ROUTE_FOUND)
        return result;
    const char *method = call->request->method;
    bool is_head = strcmp(method, "HEAD") == 0, bad_task = false;
    bool allowed[METHODS] = {false}, is_known = false;
    for (const struct route *route = routes; route->method; route++) {
        bool is_here = route->flags & ROUTE_ADMIN ? is_admin : is_main;
        if (!is_here || !matches(route, &path, call, &bad_task))
            continue;
        is_known = true;
        if (strcmp(route->method, "GET") == 0)
            allow_add(allowed, "HEAD");
        allow_add(allowed, route->method);
        if (strcmp(route->method, is_head ? "GET" : method) == 0)
            call->route = route;
    }
    allow_add(allowed, "OPTIONS");
    *allow_out = allow_text(&call->arena, allowed);
    if (!is_known)
        return ROUTE_UNKNOWN;
    if (strcmp(method, "OPTIONS") == 0)
        return ROUTE_OPTIONS;
    if (!call->route)
        return ROUTE_BAD_METHOD;
    return bad_task ? ROUTE_BAD_TASK : ROUTE_FOUND;
}

/* ---- query ------------------------------------------------------------------------------------------------------- */

void
call_params(struct call *call, const char *name, struct string_list *out)
{
    const char *at = call->request->query;
    struct uri_param param;
    while (uri_param_next(&at, &param)) {
        struct strbuf key = STRBUF_INIT, value = STRBUF_INIT;
        uri_decode(&key, param.name, param.name_len, true);
        if (key.data && strcmp(key.data, name) == 0) {
            if (param.value)
                uri_decode(&value, param.value, param.value_len, true);
            string_list_add(out, value.data ? value.data : "");
        }
        strbuf_fini(&key);
        strbuf_fini(&value);
    }
}

const char *
call_param(struct call *call, const char *name)
{
    struct string_list values = STRING_LIST_INIT;
    call_params(call, name, &values);
    const char *first = values.count ? arena_strdup(&call->arena, values.items[0]) : NULL;
    string_list_fini(&values);
    return first;
}

bool
call_flag(struct call *call, const char *name)
{
    const char *value = call_param(call, name);
    return value && strcasecmp(value, "true") == 0;
}
