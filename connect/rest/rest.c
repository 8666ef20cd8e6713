/* The way of one request: wait for the herder, CORS, authentication, route, media types, handler, headers. */
#include "connect/rest/rest_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

LOGGER("connect.rest.rest");

enum { WORKERS = 16, BODY_MAX = 16 << 20, STOP_GRACE_MS = 5000 };

struct header_rule { /* of response.http.headers.config */
    bool adds, is_date;
    char *name, *value;
};

struct rest {
    const struct worker_config *worker;
    const struct config_providers *providers;
    struct metrics *metrics;
    struct auth *auth;
    struct http_server *main_server, *admin_server; /* admin: only with admin.listeners of its own */
    bool admin_is_main;
    struct header_rule *headers;
    size_t header_count;
    pthread_mutex_t lock; /* guards the herder */
    pthread_cond_t attached;
    struct herder *herder;
    bool is_stopping;
};

/* ---- headers and CORS ---------------------------------------------------------------------------------------------- */

static void
add_rule(struct rest *rest, const char *text, size_t len)
{
    char *item = xmemdup(text, len);
    char action[16] = "", *colon = strchr(item, ':');
    int used = 0;
    if (colon && sscanf(item, " %15s %n", action, &used) == 1 && used) {
        rest->headers = xrealloc(rest->headers, (rest->header_count + 1) * sizeof(*rest->headers));
        const char *value = colon + 1 + strspn(colon + 1, " ");
        rest->headers[rest->header_count++] = (struct header_rule){
            .adds = strncasecmp(action, "add", 3) == 0,
            .is_date = strlen(action) > 3,
            .name = xmemdup(item + used, (size_t)(colon - item) - (size_t)used),
            .value = xstrdup(value),
        };
    }
    free(item);
}

/* Items by commas; one in quotes may hold commas. The form was checked with the settings. */
static void
read_rules(struct rest *rest)
{
    const char *at = rest->worker->response_http_headers;
    while (at && *at) {
        at += strspn(at, " ,");
        bool is_quoted = *at == '"';
        at += is_quoted;
        size_t len = strcspn(at, is_quoted ? "\"" : ",");
        if (len)
            add_rule(rest, at, len);
        at += len + (at[len] != '\0');
    }
}

static void
apply_rules(const struct rest *rest, struct http_response *response)
{
    for (size_t i = 0; i < rest->header_count; i++) {
        const struct header_rule *rule = &rest->headers[i];
        char date[64];
        time_t at = (time_t)(clock_wall_ms() / 1000 + (rule->is_date ? atoll(rule->value) / 1000 : 0));
        struct tm utc;
        gmtime_r(&at, &utc);
        strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &utc);
        (rule->adds ? http_add : http_set)(response, rule->name, rule->is_date ? date : rule->value);
    }
}

/* A pattern with * for any text. */
static bool
origin_matches(const char *pattern, size_t len, const char *origin)
{
    if (len == 0)
        return *origin == '\0';
    if (*pattern == '*') {
        for (;; origin++) {
            if (origin_matches(pattern + 1, len - 1, origin))
                return true;
            if (!*origin)
                return false;
        }
    }
    return *pattern == *origin && origin_matches(pattern + 1, len - 1, origin + 1);
}

static bool
list_has(const char *list, const char *item, bool is_pattern)
{
    while (*list) {
        list += strspn(list, " ,");
        size_t len = strcspn(list, ","), bare = len;
        while (bare > 0 && list[bare - 1] == ' ')
            bare--;
        if (bare && (is_pattern ? origin_matches(list, bare, item) : strlen(item) == bare && strncasecmp(list, item, bare) == 0))
            return true;
        list += len;
    }
    return false;
}

static void
apply_cors(const struct worker_config *worker, const struct http_request *request, struct http_response *response)
{
    const char *origins = worker->access_control_allow_origin, *origin = http_header(request, "Origin");
    if (!*origins || !origin)
        return;
    http_set(response, "Vary", "Origin");
    if (!list_has(origins, origin, true))
        return;
    const char *methods = *worker->access_control_allow_methods ? worker->access_control_allow_methods : "GET,POST,HEAD";
    const char *asked = http_header(request, "Access-Control-Request-Method");
    bool is_preflight = asked && strcmp(request->method, "OPTIONS") == 0;
    if (is_preflight && !list_has(methods, asked, false))
        return;
    http_set(response, "Access-Control-Allow-Origin", origin);
    http_set(response, "Access-Control-Allow-Credentials", "true");
    if (is_preflight) {
        http_set(response, "Access-Control-Max-Age", "1800");
        http_set(response, "Access-Control-Allow-Methods", methods);
        http_set(response, "Access-Control-Allow-Headers", "X-Requested-With,Content-Type,Accept,Origin");
    }
}

/* ---- one request ------------------------------------------------------------------------------------------------------- */

static struct herder *
wait_attached(struct rest *rest)
{
    pthread_mutex_lock(&rest->lock);
    while (!rest->herder && !rest->is_stopping)
        pthread_cond_wait(&rest->attached, &rest->lock);
    struct herder *herder = rest->herder;
    pthread_mutex_unlock(&rest->lock);
    return herder;
}

/* What the server refuses by itself. */
static void
bad_request(struct http_response *response)
{
    http_reply(response, 400, "text/html;charset=iso-8859-1",
               "<html>\n<head>\n<title>Error 400 Bad Request</title>\n</head>\n<body><h2>HTTP ERROR 400 Bad Request: ambiguous or malformed "
               "path, or malformed Content-Type</h2>\n</body>\n</html>\n");
}

/* An answer of the framework: JSON, but without its Content-Type. */
static void
framework_error(struct call *call, int status, bool has_type)
{
    char text[64];
    snprintf(text, sizeof(text), "HTTP %d %s", status, http_reason(status));
    reply_error(call, status, text, has_type);
}

static void
reply_options(struct call *call, const char *allow)
{
    struct strbuf shown = STRBUF_INIT;
    for (const char *at = allow; *at; at++)
        strbuf_printf(&shown, *at == ',' ? "%c " : "%c", *at);
    http_reply(call->response, 200, "text/plain", shown.data);
    strbuf_fini(&shown);
    http_set(call->response, "Allow", allow);
}

/* Content-Type: false with the answer when it is not JSON's. */
static bool
check_content_type(struct call *call)
{
    const char *type = http_header(call->request, "Content-Type");
    bool has_body = call->request->body_len > 0 && strcmp(call->request->method, "GET") && strcmp(call->request->method, "HEAD");
    enum media_result result = type ? media_is_json(&call->arena, type, has_body) : has_body ? MEDIA_UNREADABLE : MEDIA_FITS;
    if (result == MEDIA_MALFORMED) {
        bad_request(call->response);
        return false;
    }
    if (result == MEDIA_FITS || call->route->flags & ROUTE_ANY_TYPE)
        return true;
    framework_error(call, 415, result == MEDIA_UNREADABLE);
    return false;
}

/* The checks between finding a route and calling it; true: go on. */
static bool
check_media(struct call *call)
{
    if (!check_content_type(call))
        return false;
    if (call->route->flags & ROUTE_PLAIN)
        return true;
    switch (media_accepts_json(&call->arena, http_header(call->request, "Accept"), &call->media_type)) {
    case MEDIA_FITS:
        return true;
    case MEDIA_MALFORMED:
        reply_empty(call, 400);
        return false;
    default:
        framework_error(call, 406, false);
        return false;
    }
}

static bool
open_stores(struct call *call, struct error *err)
{
    call->stores = herder_stores(call->herder, REST_TIMEOUT_MS);
    if (call->stores)
        return true;
    char *stage = herder_stage(call->herder);
    error_set(err, ERROR_TIMEOUT, "Request timed out. %s", stage);
    free(stage);
    return false;
}

static void
run_handler(struct call *call)
{
    struct error err = ERROR_INIT;
    bool ok = ((call->route->flags & ROUTE_NO_STORES) || open_stores(call, &err)) && call->route->handle(call, &err);
    if (!ok) {
        int status = error_status(&err);
        if (status >= 500)
            log_warn("%s %s: %d %s", call->request->method, call->request->path, status, err.message);
        reply_error(call, status, err.message, true);
    }
}

static void
dispatch(struct call *call, bool is_admin, bool is_main)
{
    const char *allow = NULL;
    switch (route_find(call, is_admin, is_main, &allow)) {
    case ROUTE_BAD_PATH:
        bad_request(call->response);
        break;
    case ROUTE_UNKNOWN:
        framework_error(call, 404, false);
        break;
    case ROUTE_BAD_TASK:
        if (check_media(call))
            framework_error(call, 404, true);
        break;
    case ROUTE_BAD_METHOD:
        framework_error(call, 405, false);
        break;
    case ROUTE_OPTIONS:
        reply_options(call, allow);
        break;
    case ROUTE_FOUND:
        if (check_media(call))
            run_handler(call);
        break;
    }
}

/* Between workers the signature stands in for a password. */
static bool
is_internal(const struct http_request *request)
{
    size_t len = strlen(request->path);
    bool is_tasks = len > 6 && strcmp(request->path + len - 6, "/tasks") == 0 && strcmp(request->method, "POST") == 0;
    bool is_fence = len > 6 && strcmp(request->path + len - 6, "/fence") == 0 && strcmp(request->method, "PUT") == 0;
    return is_tasks || is_fence;
}

static void
serve(struct rest *rest, struct http_request *request, struct http_response *response, bool is_admin, bool is_main)
{
    struct call call = {
        .rest = rest,
        .worker = rest->worker,
        .providers = rest->providers,
        .metrics = rest->metrics,
        .herder = wait_attached(rest),
        .request = request,
        .response = response,
        .media_type = "application/json",
    };
    if (!call.herder) {
        reply_error(&call, 503, "The worker is shutting down", true);
    } else if (rest->auth && !is_internal(request) && !auth_allows(rest->auth, http_header(request, "Authorization"))) {
        http_reply(response, 401, "text/plain", "User cannot access the resource.");
        http_set(response, "WWW-Authenticate", "Basic realm=\"Secure Area\"");
    } else {
        dispatch(&call, is_admin, is_main);
    }
    apply_cors(rest->worker, request, response);
    apply_rules(rest, response);
    arena_fini(&call.arena);
}

static void
serve_main(void *arg, struct http_request *request, struct http_response *response)
{
    struct rest *rest = arg;
    serve(rest, request, response, rest->admin_is_main, true);
}

static void
serve_admin(void *arg, struct http_request *request, struct http_response *response)
{
    serve(arg, request, response, true, false);
}

/* ---- listeners -------------------------------------------------------------------------------------------------------------- */

static const char *
https_setting(const struct worker_config *worker, const char *name)
{
    char key[128];
    snprintf(key, sizeof(key), "listeners.https.%s", name);
    const char *value = config_get(&worker->raw, key);
    return value ? value : config_get(&worker->raw, name);
}

static bool
listen_tls(const struct worker_config *worker, const char *address, struct http_listen *listen, struct error *err)
{
    const char *pem = https_setting(worker, "ssl.keystore.location"), *key = https_setting(worker, "ssl.key.location");
    const char *trust = https_setting(worker, "ssl.truststore.location"), *auth = https_setting(worker, "ssl.client.auth");
    bool asks = auth && strcasecmp(auth, "none") != 0;
    listen->tls_cert_file = pem;
    listen->tls_key_file = key ? key : pem;
    listen->tls_key_password = https_setting(worker, "ssl.key.password");
    listen->tls_trust_file = asks ? trust : NULL;
    listen->tls_client_required = asks && strcasecmp(auth, "required") == 0;
    if (!pem)
        return error_set(err, ERROR_CONFIG, "%s needs ssl.keystore.location: a PEM file with the private key and the certificates", address);
    if (asks && !trust)
        return error_set(err, ERROR_CONFIG, "ssl.client.auth=%s needs ssl.truststore.location: a PEM file with the certificates that clients' ones "
                                            "are signed with", auth);
    return true;
}

static struct http_server *
listen_on(struct rest *rest, const struct string_list *addresses, http_handler handler, struct error *err)
{
    struct http_listen *listen = xcalloc(addresses->count + 1, sizeof(*listen));
    struct listener *parsed = xcalloc(addresses->count + 1, sizeof(*parsed));
    bool ok = true;
    for (size_t i = 0; ok && i < addresses->count; i++) {
        if (!listener_parse(addresses->items[i], &parsed[i]))
            continue;
        listen[i].host = parsed[i].host;
        listen[i].port = (uint16_t)parsed[i].port;
        if (parsed[i].is_https)
            ok = listen_tls(rest->worker, addresses->items[i], &listen[i], err);
    }
    struct http_config config = {
        .listen = listen,
        .listen_count = addresses->count,
        .handler = handler,
        .arg = rest,
        .workers = WORKERS,
        .body_max = BODY_MAX,
        .idle_timeout_ms = REST_TIMEOUT_MS,
        .request_timeout_ms = REST_TIMEOUT_MS,
        .access_log = "org.apache.kafka.connect.runtime.rest.RestServer",
    };
    struct http_server *server = ok ? http_server_start(&config, err) : NULL;
    free(listen);
    free(parsed);
    return server;
}

static bool
start_servers(struct rest *rest, struct error *err)
{
    const char *admin = rest->worker->admin_listeners;
    rest->admin_is_main = !admin; /* before the first request can come */
    rest->main_server = listen_on(rest, &rest->worker->listeners, serve_main, err);
    if (!rest->main_server)
        return false;
    if (!admin || !*admin)
        return true;
    struct string_list addresses = STRING_LIST_INIT;
    string_list_split(&addresses, admin);
    rest->admin_server = listen_on(rest, &addresses, serve_admin, err);
    string_list_fini(&addresses);
    return rest->admin_server != NULL;
}

struct rest *
rest_start(const struct worker_config *worker, const struct config_providers *providers, struct metrics *metrics, struct error *err)
{
    struct rest *rest = xcalloc(1, sizeof(*rest));
    rest->worker = worker;
    rest->providers = providers;
    rest->metrics = metrics;
    pthread_mutex_init(&rest->lock, NULL);
    pthread_cond_init(&rest->attached, NULL);
    read_rules(rest);
    if (auth_new(worker, &rest->auth, err) && start_servers(rest, err))
        return rest;
    rest_stop(rest);
    return NULL;
}

int
rest_port(const struct rest *rest)
{
    return http_server_port(rest->main_server, 0);
}

void
rest_attach(struct rest *rest, struct herder *herder)
{
    pthread_mutex_lock(&rest->lock);
    rest->herder = herder;
    pthread_cond_broadcast(&rest->attached);
    pthread_mutex_unlock(&rest->lock);
}

void
rest_close(struct rest *rest)
{
    pthread_mutex_lock(&rest->lock);
    rest->is_stopping = true;
    pthread_cond_broadcast(&rest->attached);
    pthread_mutex_unlock(&rest->lock);
    if (rest->main_server)
        http_server_close(rest->main_server);
    if (rest->admin_server)
        http_server_close(rest->admin_server);
}

void
rest_stop(struct rest *rest)
{
    if (!rest)
        return;
    rest_close(rest);
    http_server_stop(rest->main_server, STOP_GRACE_MS);
    http_server_stop(rest->admin_server, STOP_GRACE_MS);
    auth_free(rest->auth);
    for (size_t i = 0; i < rest->header_count; i++) {
        free(rest->headers[i].name);
        free(rest->headers[i].value);
    }
    free(rest->headers);
    pthread_mutex_destroy(&rest->lock);
    pthread_cond_destroy(&rest->attached);
    free(rest);
}

/* False: the worker is not ready to ask others. */
static bool
internal_call_init(struct rest *rest, struct internal_call *to, struct error *err)
{
    struct herder *herder = wait_attached(rest);
    to->worker = rest->worker;
    to->stores = herder ? herder_stores(herder, 0) : NULL;
    return to->stores || error_set_retriable(err, ERROR_UNAVAILABLE, "the worker is not ready");
}

bool
rest_send_tasks(void *arg, const char *leader_url, const char *connector, const struct config_list *tasks,
                bool (*gives_up)(void *gives_up_arg), void *gives_up_arg, struct error *err)
{
    struct internal_call to = {.leader_url = leader_url, .connector = connector, .gives_up = gives_up, .gives_up_arg = gives_up_arg};
    return internal_call_init(arg, &to, err) && forward_tasks(&to, tasks, err);
}

bool
rest_send_fence(void *arg, const char *leader_url, const char *connector, bool (*gives_up)(void *gives_up_arg), void *gives_up_arg,
                struct error *err)
{
    struct internal_call to = {.leader_url = leader_url, .connector = connector, .gives_up = gives_up, .gives_up_arg = gives_up_arg};
    return internal_call_init(arg, &to, err) && forward_fence(&to, err);
}
