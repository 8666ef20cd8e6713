/* One request: gathered on the listener's thread, handled on a worker's, answered on the listener's again. */
#include "common/http/http_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A client that sends more than this many times the limit in chunks is cut off without an answer. */
enum { BODY_PATIENCE = 4 };

static _Thread_local bool handler_deferred; /* by the handler that runs on this thread */

/* ---- ids ------------------------------------------------------------------------------------------- */

static bool
id_is_fit(const char *id)
{
    size_t len = strspn(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/+=");
    return len > 0 && id[len] == '\0' && len < HTTP_ID_SIZE;
}

static uint64_t id_seed; /* differs between runs */

static void
id_seed_init(void)
{
    if (getrandom(&id_seed, sizeof(id_seed), GRND_NONBLOCK) != sizeof(id_seed))
        id_seed = (uint64_t)clock_wall_ms() << 20;
}

static void
id_make(char *out)
{
    static atomic_uint_fast64_t next;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, id_seed_init);
    snprintf(out, HTTP_ID_SIZE, "%016" PRIx64, id_seed + atomic_fetch_add(&next, 1) * 0x9e3779b97f4a7c15u);
}

/* ---- gathering --------------------------------------------------------------------------------------- */

void *
exchange_begin(void *arg, const char *uri, struct MHD_Connection *connection)
{
    struct http_listener *listener = arg;
    size_t len = strlen(uri), path_len = strcspn(uri, "?");
    struct http_exchange *exchange = xcalloc(1, sizeof(*exchange) + len + 1 + path_len + 1);
    exchange->listener = listener;
    exchange->connection = connection;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    exchange->link = info ? info->socket_context : NULL;
    exchange->response.status = 200;
    memcpy(exchange->target, uri, len + 1);
    char *path = memcpy(exchange->target + len + 1, uri, path_len);
    exchange->request = (struct http_request){
        .target = exchange->target,
        .path = path,
        .query = uri[path_len] ? exchange->target + path_len + 1 : NULL,
        .local = listener->local,
        .peer = exchange->link ? exchange->link->peer : "",
        .is_tls = listener->is_tls,
        .id = exchange->id,
        .body = "",
        .exchange = exchange,
    };
    return exchange;
}

const char *
http_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->exchange->connection, MHD_HEADER_KIND, name);
}

struct header_visit {
    void (*each)(void *arg, const char *name, const char *value);
    void *arg;
};

static enum MHD_Result
header_visit(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    const struct header_visit *visit = arg;
    visit->each(visit->arg, name, value ? value : "");
    return MHD_YES;
}

void
http_header_each(const struct http_request *request,
                 void (*each)(void *arg, const char *name, const char *value), void *arg)
{
    struct header_visit visit = {each, arg};
    MHD_get_connection_values(request->exchange->connection, MHD_HEADER_KIND, header_visit, &visit);
}

static void
header_complete(struct http_exchange *exchange, const char *method, const char *version)
{
    struct http_request *request = &exchange->request;
    request->method = method;
    request->version = version;
    request->start_us = clock_now_us();
    const char *id = http_header(request, "X-Request-Id");
    if (id && id_is_fit(id))
        memcpy(exchange->id, id, strlen(id) + 1);
    else
        id_make(exchange->id);
}

/* ---- answering --------------------------------------------------------------------------------------- */

static enum MHD_Result
send_response(struct http_exchange *exchange)
{
    struct http_server *server = exchange->listener->server;
    struct http_response *response = &exchange->response;
    if (atomic_load_explicit(&server->is_closing, memory_order_relaxed))
        response->close = true;
    const char *wish = http_header(&exchange->request, "Connection");
    bool keep_alive = wish && strcasecmp(wish, "keep-alive") == 0 && !response->close;
    if (keep_alive) {
        char text[32];
        snprintf(text, sizeof(text), "timeout=%u", server->config.idle_timeout_ms / 1000);
        http_set(response, "Keep-Alive", text);
    }
    size_t body_bytes = response->body.len;
    struct MHD_Response *out = response_build(response, keep_alive);
    response->body.len = body_bytes; /* for the log; the memory went with the response */
    exchange->state = EXCHANGE_ANSWERED;
    connection_deadline_set(exchange->listener, exchange->link, server->config.request_timeout_ms);
    enum MHD_Result result = MHD_queue_response(exchange->connection, (unsigned)response->status, out);
    MHD_destroy_response(out);
    return result;
}

static enum MHD_Result
refuse(struct http_exchange *exchange, int status, const char *text)
{
    http_reply(&exchange->response, status, "text/plain", text);
    exchange->response.close = true;
    pthread_mutex_lock(&exchange->listener->server->lock);
    exchange->listener->server->unsent++;
    pthread_mutex_unlock(&exchange->listener->server->lock);
    return send_response(exchange);
}

/* The handler's part is over: back to the listener's thread, which calls exchange_step once more. The exchange
   may be gone as soon as the connection is resumed; the server stays until the last line. */
static void
finish(struct http_exchange *exchange)
{
    struct http_server *server = exchange->listener->server;
    struct MHD_Connection *connection = exchange->connection;
    pthread_mutex_lock(&server->lock);
    server->unsent++;
    pthread_mutex_unlock(&server->lock);
    MHD_resume_connection(connection);
    pthread_mutex_lock(&server->lock);
    server->taken--;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

void
http_defer(struct http_request *request)
{
    (void)request;
    handler_deferred = true;
}

void
http_resume(struct http_request *request)
{
    finish(request->exchange);
}

void
exchange_run(struct http_exchange *exchange)
{
    const struct http_config *config = &exchange->listener->server->config;
    log_context_set(exchange->id);
    handler_deferred = false;
    config->handler(config->arg, &exchange->request, &exchange->response);
    if (!handler_deferred) /* else it may be answered and gone by now */
        finish(exchange);
    log_context_set(NULL);
}

/* On the listener's thread: see all that the handler's thread wrote. It locks when it lets go of the exchange; how
   libmicrohttpd passes the connection on is its own affair. */
static void
take_back(struct http_exchange *exchange)
{
    pthread_mutex_lock(&exchange->listener->server->lock);
    pthread_mutex_unlock(&exchange->listener->server->lock);
}

/* ---- the callbacks of libmicrohttpd ------------------------------------------------------------------- */

static void
count_host(void *arg, const char *name, const char *value)
{
    (void)value;
    *(int *)arg += strcasecmp(name, "Host") == 0;
}

static enum MHD_Result
take_header(struct http_exchange *exchange, const char *method, const char *version)
{
    const struct http_config *config = &exchange->listener->server->config;
    header_complete(exchange, method, version);
    exchange->state = EXCHANGE_READING;
    int hosts = 0;
    http_header_each(&exchange->request, count_host, &hosts);
    if (hosts > 1 || (hosts == 0 && strcmp(version, "HTTP/1.1") == 0))
        return refuse(exchange, 400, hosts ? "there is more than one Host header\n" : "the Host header is missing\n");
    const char *expect = http_header(&exchange->request, "Expect");
    if (expect && strcasecmp(expect, "100-continue") != 0)
        return refuse(exchange, 417, "only 100-continue can be expected\n");
    const char *length = http_header(&exchange->request, "Content-Length");
    if (length && strtoull(length, NULL, 10) > config->body_max)
        return refuse(exchange, 413, "the body is too large\n");
    return MHD_YES;
}

static enum MHD_Result
take_body(struct http_exchange *exchange, const char *data, size_t size)
{
    size_t max = exchange->listener->server->config.body_max;
    if (exchange->body.len + size > max)
        exchange->state = EXCHANGE_TOO_LARGE;
    if (exchange->state != EXCHANGE_TOO_LARGE) {
        strbuf_add(&exchange->body, data, size);
        return MHD_YES;
    }
    exchange->request.body_len += size; /* counts what is thrown away */
    return exchange->request.body_len / BODY_PATIENCE <= max ? MHD_YES : MHD_NO;
}

static enum MHD_Result
hand_over(struct http_exchange *exchange)
{
    struct http_server *server = exchange->listener->server;
    if (exchange->state == EXCHANGE_TOO_LARGE)
        return refuse(exchange, 413, "the body is too large\n");
    if (exchange->body.data)
        exchange->request.body = exchange->body.data;
    exchange->request.body_len = exchange->body.len;
    exchange->state = EXCHANGE_TAKEN;
    connection_deadline_set(exchange->listener, exchange->link, 0);
    pthread_mutex_lock(&server->lock);
    server->taken++;
    pthread_mutex_unlock(&server->lock);
    MHD_suspend_connection(exchange->connection);
    const struct http_config *config = &server->config;
    bool is_narrow = config->is_narrow && config->is_narrow(config->arg, &exchange->request);
    if (!lanes_post(&server->queue, &exchange->item, is_narrow)) { /* the workers are gone already */
        http_reply(&exchange->response, 503, "text/plain", "stopping\n");
        exchange->response.close = true;
        finish(exchange);
    }
    return MHD_YES;
}

enum MHD_Result
exchange_step(void *listener, struct MHD_Connection *connection, const char *url, const char *method,
              const char *version, const char *data, size_t *size, void **context)
{
    (void)listener, (void)connection, (void)url;
    struct http_exchange *exchange = *context;
    if (!exchange)
        return MHD_NO;
    if (exchange->state == EXCHANGE_NEW && !tls_client_allowed(exchange->listener, exchange->connection))
        return MHD_NO;
    if (exchange->state == EXCHANGE_NEW)
        return take_header(exchange, method, version);
    if (exchange->state == EXCHANGE_TAKEN) {
        take_back(exchange);
        return send_response(exchange);
    }
    if (*size == 0)
        return hand_over(exchange);
    size_t part = *size;
    *size = 0;
    return take_body(exchange, data, part);
}

static void
access_log(const struct http_exchange *exchange, int status, size_t bytes, int64_t took_us)
{
    struct http_server *server = exchange->listener->server;
    const struct http_request *request = &exchange->request;
    if (!server->access.name || !log_enabled(&server->access, LOG_INFO))
        return;
    log_write(&server->access, LOG_INFO, "%s \"%s %s %s\" status=%d bytes=%zu ms=%" PRId64 ".%03d id=%s",
              request->peer, request->method, request->target, request->version, status, bytes, took_us / 1000,
              (int)(took_us % 1000), request->id);
}

void
exchange_done(void *arg, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
    (void)connection;
    struct http_listener *listener = arg;
    struct http_server *server = listener->server;
    struct http_exchange *exchange = *context;
    if (!exchange)
        return;
    take_back(exchange);
    /* A client that left while its request was handled: the answer is there, but was never asked for. */
    if (exchange->state == EXCHANGE_ANSWERED || exchange->state == EXCHANGE_TAKEN) {
        int status = exchange->state == EXCHANGE_ANSWERED && code == MHD_REQUEST_TERMINATED_COMPLETED_OK ? exchange->response.status : 0;
        int64_t took_us = clock_now_us() - exchange->request.start_us;
        access_log(exchange, status, exchange->response.body.len, took_us);
        if (server->config.observer)
            server->config.observer(server->config.arg, &exchange->request, status, exchange->response.body.len, took_us);
        pthread_mutex_lock(&server->lock);
        server->unsent--;
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
    }
    connection_deadline_set(listener, exchange->link, server->config.idle_timeout_ms + server->config.request_timeout_ms);
    strbuf_fini(&exchange->body);
    http_response_fini(&exchange->response);
    free(exchange);
    *context = NULL;
}
