/* A request's way to its handler, and the life of a service. */
#include "common/resource/service_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/http/uri.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

LOGGER("common.resource");

/* ---- calls ----------------------------------------------------------------------------------------------------- */

bool
method_is(const struct call *call, const char *method)
{
    return strcmp(call->req->method, method) == 0;
}

/* Doubled slashes count as one. */
static const char *
path_collapse(struct arena *arena, const char *path)
{
    if (!strstr(path, "//"))
        return path;
    char *out = arena_strdup(arena, path), *to = out;
    for (const char *c = path; *c; c++)
        if (!(c[0] == '/' && c[1] == '/'))
            *to++ = *c;
    *to = '\0';
    return out;
}

/* The first of a list that proxies appended to. */
static const char *
forwarded(struct call *call, const char *name)
{
    const char *value = call->service->settings.trusts_forwarded ? http_header(call->req, name) : NULL;
    if (!value || !*value)
        return NULL;
    return arena_memdup(&call->arena, value, strcspn(value, ", "));
}

static const char *
base_of(struct call *call)
{
    const char *scheme = forwarded(call, "X-Forwarded-Proto"), *host = forwarded(call, "X-Forwarded-Host"), *port = forwarded(call, "X-Forwarded-Port");
    if (!scheme)
        scheme = call->req->is_tls ? "https" : "http";
    if (!host)
        host = http_header(call->req, "Host");
    if (!host || !*host)
        host = call->req->local;
    const char *colon = strrchr(host, ':');
    size_t len = colon && !strchr(colon, ']') ? (size_t)(colon - host) : strlen(host);
    if (!port && len < strlen(host))
        port = host + len + 1;
    bool is_usual = !port || !*port || strcmp(port, strcmp(scheme, "https") == 0 ? "443" : "80") == 0;
    return arena_printf(&call->arena, "%s://%.*s%s%s", scheme, (int)len, host, is_usual ? "" : ":", is_usual ? "" : port);
}

void
call_init(struct call *call, struct service *service, struct http_request *req, struct http_response *res)
{
    *call = (struct call){.service = service, .req = req, .res = res, .arena = ARENA_INIT};
    call->path = path_collapse(&call->arena, req->path);
    call->base = base_of(call);
    call->accept = http_header(req, "Accept");
    if (call->accept && !*call->accept)
        call->accept = NULL;
    const char *at = call->path, *segment;
    struct strbuf text = STRBUF_INIT;
    size_t len;
    while (uri_segment_next(&at, &segment, &len)) {
        strbuf_reset(&text);
        uri_decode(&text, segment, len, false);
        if (text.len == 1 && *text.data == '.')
            continue;
        if (call->segment_count < SEGMENTS_MAX)
            call->segments[call->segment_count] = arena_memdup(&call->arena, text.data, text.len);
        call->segment_count++;
    }
    strbuf_fini(&text);
}

void
call_fini(struct call *call)
{
    arena_fini(&call->arena);
}

/* ---- routing ------------------------------------------------------------------------------------------------------ */

/* "name", "name:port", "[v6]:port"; links are made of it. */
static bool
host_is_legal(const char *host)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    bool is_bracketed = *host == '[';
    size_t len = is_bracketed ? 1 + strspn(host + 1, "0123456789abcdefABCDEF:.") : strspn(host, letters);
    if ((is_bracketed && host[len++] != ']') || *host == '-' || strstr(host, ".."))
        return false;
    const char *port = host + len + 1;
    return host[len] == '\0' || (host[len] == ':' && port[strspn(port, "0123456789")] == '\0');
}

/* What may stand in a target, and which escapes may not be in its path: a slash, a backslash, a zero byte. */
static bool
target_is_legal(const struct http_request *req)
{
    if (*req->path != '/')
        return false;
    for (const unsigned char *c = (const unsigned char *)req->target; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("\"#<>[]\\^`{|}", *c))
            return false;
    for (const char *c = req->path; (c = strchr(c, '%')); c += 3) {
        struct strbuf byte = STRBUF_INIT;
        bool is_fit = uri_decode(&byte, c, strnlen(c, 3), false) && !strchr("/\\", *byte.data); /* finds the zero, too */
        strbuf_fini(&byte);
        if (!is_fit)
            return false;
    }
    const char *host = http_header(req, "Host");
    return !host || host_is_legal(host);
}

/* A browser asks whether a page from elsewhere may do something: nobody may. */
static bool
is_preflight(const struct call *call)
{
    const char *origin = http_header(call->req, "Origin");
    return origin && method_is(call, "OPTIONS") && http_header(call->req, "Access-Control-Request-Method") && strcasecmp(origin, call->base) != 0;
}

/* Below an item there is nothing: its fields are no resources of their own. */
static void
below_handle(struct call *call)
{
    bool is_search = strcmp(call->segments[1], "search") == 0, is_options = method_is(call, "OPTIONS");
    if (method_is(call, "PUT") && call->segment_count == 3) {
        answer_failure(call, 400, 1, "a field is not a resource; PATCH the item");
    } else if (call->segment_count > 4 || (is_options && !is_search)) {
        answer_error(call, 404, "");
    } else {
        answer_empty(call, 404);
        if (is_options)
            http_set(call->res, "Allow", "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS");
    }
}

static bool
has_dots(const struct call *call)
{
    for (size_t i = 0; i < call->segment_count && i < SEGMENTS_MAX; i++)
        if (strcmp(call->segments[i], "..") == 0)
            return true;
    return false;
}

static void
entity_handle(struct call *call)
{
    for (size_t i = 0; i < call->service->store_count && !has_dots(call); i++)
        if (strcmp(call->service->stores[i].entity->rel, call->segments[0]) == 0)
            call->store = &call->service->stores[i];
    if (!call->store) {
        answer_error(call, method_is(call, "TRACE") ? 405 : 404, "");
    } else if (!atomic_load(&call->service->is_prepared)) {
        struct error err;
        error_set(&err, ERROR_UNAVAILABLE, "the tables are not ready");
        answer_database(call, &err);
    } else if (call->segment_count == 1) {
        collection_handle(call);
    } else if (call->segment_count == 2 && strcmp(call->segments[1], "search") != 0) {
        item_handle(call);
    } else {
        below_handle(call);
    }
}

static void
route(struct call *call)
{
    const char *first = call->segment_count ? call->segments[0] : "";
    if (!media_is_sound(call->accept)) {
        answer_empty(call, 406);
        return;
    }
    call->varies = strcmp(first, "actuator") != 0 && strcmp(first, "metrics") != 0;
    if (call->varies)
        answer_vary(call);
    if (is_preflight(call)) {
        answer_empty(call, 403);
        strbuf_puts(&call->res->body, "Invalid CORS request");
    } else if (strcmp(first, "actuator") == 0) {
        actuator_handle(call);
    } else if (strcmp(call->path, "/metrics") == 0) {
        metrics_handle(call);
    } else if (!*first) {
        root_handle(call);
    } else if (strcmp(first, "profile") == 0) {
        profile_handle(call);
    } else {
        entity_handle(call);
    }
}

void
service_handle(void *arg, struct http_request *request, struct http_response *response)
{
    struct call call;
    call_init(&call, arg, request, response);
    if (strcmp(request->target, "*") == 0 && method_is(&call, "OPTIONS"))
        http_set(response, "Allow", "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS");
    else if (!target_is_legal(request))
        answer_refused_target(&call);
    else
        route(&call);
    if (http_header(request, "X-Request-Id") && response->status)
        http_set(response, "X-Request-Id", request->id);
    call_fini(&call);
}

/* Reading rows: it waits for nothing but the processors of the database. */
static bool
is_reading(void *arg, const struct http_request *request)
{
    const struct service *service = arg;
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
        return false;
    for (size_t i = 0; i < service->store_count; i++) {
        const char *rel = service->stores[i].entity->rel;
        size_t len = strlen(rel);
        if (request->path[0] == '/' && strncmp(request->path + 1, rel, len) == 0 && strchr("/;", request->path[len + 1]))
            return true;
    }
    return false;
}

/* Twice the processors, assuming that the database's machine has as many, and more the longer questions are on their way instead of
   being worked on: a small one takes a quarter of a millisecond there. */
unsigned
service_readers(const struct settings *settings, int64_t processors, int64_t round_trip_us)
{
    enum { WORK_US = 250 };
    int64_t workers = settings->workers, wanted = settings->readers;
    if (wanted == 0)
        wanted = 2 * processors * (WORK_US + round_trip_us) / WORK_US;
    return (unsigned)(wanted < 1 ? 1 : wanted > workers ? workers : wanted);
}

static unsigned
readers_wanted(const struct service *service)
{
    return service_readers(&service->settings, sysconf(_SC_NPROCESSORS_ONLN), db_pool_stats(service->pool).round_trip_us);
}

/* ---- life ------------------------------------------------------------------------------------------------------------ */

bool
service_prepare(struct service *service, struct error *err)
{
    for (size_t i = 0; i < service->store_count; i++)
        if (!store_prepare(&service->stores[i], err))
            return false;
    atomic_store(&service->is_prepared, true);
    if (service->server)
        http_server_narrow_set(service->server, readers_wanted(service));
    return true;
}

static void *
watcher_main(void *arg)
{
    wait_run(arg);
    return NULL;
}

/* False: the service is stopping. */
static bool
pause_between_steps(struct service *service, int64_t ms)
{
    struct timespec until = clock_deadline(ms);
    pthread_mutex_lock(&service->lock);
    for (int code = 0; !service->is_stopping && code == 0;)
        code = pthread_cond_timedwait(&service->changed, &service->lock, &until);
    bool is_stopping = service->is_stopping;
    pthread_mutex_unlock(&service->lock);
    return !is_stopping;
}

/* The program's own regular work. Its failures are the database's, and logged when they begin. */
static void *
ticker_main(void *arg)
{
    enum { STEP_EVERY_MS = 1000 };
    struct service *service = arg;
    const struct service_task *task = service->definition->task;
    void *state = xcalloc(1, task->state_size);
    bool has_failed = false, has_more = false;
    while (pause_between_steps(service, has_more ? 0 : STEP_EVERY_MS)) {
        if (!atomic_load(&service->is_prepared))
            continue;
        struct error err = ERROR_INIT;
        has_more = false;
        bool ok = task->step(state, service->pool, &has_more, &err);
        if (!ok && !has_failed)
            log_warn("%s", err.message);
        has_failed = !ok;
        has_more = has_more && ok;
    }
    free(state);
    return NULL;
}

static void
service_init(struct service *service, const struct service_definition *definition)
{
    service->definition = definition;
    service->start_ms = clock_now_ms();
    service->pool = db_pool_new(&service->settings.db, (unsigned)service->settings.pool_size);
    for (; definition->entities[service->store_count]; service->store_count++)
        store_init(&service->stores[service->store_count], definition->entities[service->store_count], service->pool);
    pthread_mutex_init(&service->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&service->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void
service_fini(struct service *service)
{
    for (size_t i = 0; i < service->store_count; i++)
        store_fini(&service->stores[i]);
    db_pool_free(service->pool);
    pthread_mutex_destroy(&service->lock);
    pthread_cond_destroy(&service->changed);
}

static bool
service_listen(struct service *service, struct error *err)
{
    const struct settings *settings = &service->settings;
    struct http_listen listen = {.host = settings->address, .port = (uint16_t)settings->port,
                                 .tls_cert_file = settings->tls_cert, .tls_key_file = settings->tls_key};
    struct http_config config = {
        .listen = &listen,
        .listen_count = 1,
        .handler = service_handle,
        .observer = metrics_observe,
        .arg = service,
        .workers = (unsigned)settings->workers,
        .is_narrow = is_reading,
        .narrow = readers_wanted(service),
        .connections_max = (unsigned)settings->connections_max,
        .header_max = (size_t)settings->header_max,
        .body_max = (size_t)settings->body_max,
        .idle_timeout_ms = (unsigned)settings->idle_timeout_ms,
        .request_timeout_ms = (unsigned)settings->request_timeout_ms,
        .access_log = settings->has_access_log ? "http.access" : NULL,
    };
    service->server = http_server_start(&config, err);
    return service->server != NULL;
}

/* First the waiting requests are told, then the running ones finish. */
static void
service_stop(struct service *service)
{
    http_server_close(service->server);
    pthread_mutex_lock(&service->lock);
    service->is_stopping = true;
    pthread_cond_broadcast(&service->changed);
    pthread_mutex_unlock(&service->lock);
    http_server_stop(service->server, (unsigned)service->settings.shutdown_timeout_ms);
    pthread_join(service->watcher, NULL);
    if (service->definition->task)
        pthread_join(service->ticker, NULL);
}

static int
service_run(struct service *service, const sigset_t *stop_signals)
{
    const struct service_definition *definition = service->definition;
    struct error err = ERROR_INIT;
    if (!service_prepare(service, &err)) {
        if (err.code != ERROR_UNAVAILABLE && err.code != ERROR_TIMEOUT) {
            log_error("cannot use database %s at %s:%u as %s: %s", service->settings.db.database, service->settings.db.host,
                      service->settings.db.port, service->settings.db.user, err.message);
            return 1;
        }
        log_warn("starting without the database: requests are answered with 503 until %s:%u can be reached", service->settings.db.host,
                 service->settings.db.port);
    }
    if (!service_listen(service, &err)) {
        log_error("%s", err.message);
        return 1;
    }
    pthread_create(&service->watcher, NULL, watcher_main, service);
    if (definition->task)
        pthread_create(&service->ticker, NULL, ticker_main, service);
    log_info("%s %s listens on port %u, started in %lld ms", definition->name, PROJECT_VERSION, http_server_port(service->server, 0),
             (long long)(clock_now_ms() - service->start_ms));
    int signal;
    sigwait(stop_signals, &signal);
    log_info("stopping on %s", signal == SIGTERM ? "SIGTERM" : "SIGINT");
    service_stop(service);
    log_info("stopped");
    return 0;
}

int
service_main(const struct service_definition *definition, int argc, char **argv)
{
    struct service *service = calloc(1, sizeof(*service));
    ensure(service, "out of memory");
    enum settings_result read = settings_read(definition->name, definition->port, argc, argv, &service->settings);
    if (read != SETTINGS_DONE) {
        free(service);
        return read == SETTINGS_EXIT ? 0 : 2;
    }
    mallopt(M_ARENA_MAX, 2); /* many threads that allocate little: an arena for each would only hold memory */
    sigset_t stop_signals;
    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGTERM);
    sigaddset(&stop_signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop_signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    service_init(service, definition);
    int status = service_run(service, &stop_signals);
    service_fini(service);
    free(service);
    return status;
}
