/* The server's life: bind, start libmicrohttpd on each listener, workers, the watch over slow clients, stop. */
#include "common/http/http_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

LOGGER("common.http");

enum { WORKER_STACK = 512 * 1024, REAP_EVERY_MS = 500, PEM_MAX = 1 << 20 };

/* ---- connections and their deadlines ------------------------------------------------------------------ */

void
connection_deadline_set(struct http_listener *listener, struct http_connection *link, unsigned timeout_ms)
{
    if (!link)
        return;
    pthread_mutex_lock(&listener->lock);
    link->deadline_ms = timeout_ms ? clock_now_ms() + timeout_ms : INT64_MAX;
    pthread_mutex_unlock(&listener->lock);
}

static void
peer_name(struct MHD_Connection *connection, char *out)
{
    *out = '\0';
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr)
        return;
    const struct sockaddr *address = info->client_addr;
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, out, HTTP_PEER_SIZE);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, out, HTTP_PEER_SIZE);
    if (strncmp(out, "::ffff:", 7) == 0) /* an IPv4 client of a socket for both */
        memmove(out, out + 7, strlen(out + 7) + 1);
}

static void
connection_open(struct http_listener *listener, struct MHD_Connection *connection, void **context)
{
    struct http_connection *link = xcalloc(1, sizeof(*link));
    link->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    peer_name(connection, link->peer);
    link->deadline_ms = clock_now_ms() + listener->server->config.request_timeout_ms;
    pthread_mutex_lock(&listener->lock);
    link->next = listener->connections;
    link->at = &listener->connections;
    if (link->next)
        link->next->at = &link->next;
    listener->connections = link;
    pthread_mutex_unlock(&listener->lock);
    *context = link;
}

static void
connection_event(void *arg, struct MHD_Connection *connection, void **context, enum MHD_ConnectionNotificationCode code)
{
    struct http_listener *listener = arg;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        connection_open(listener, connection, context);
        return;
    }
    struct http_connection *link = *context;
    if (!link)
        return;
    pthread_mutex_lock(&listener->lock);
    *link->at = link->next;
    if (link->next)
        link->next->at = link->at;
    pthread_mutex_unlock(&listener->lock);
    free(link);
}

/* libmicrohttpd's own time-out starts anew with every byte; this one does not. The socket is shut down, not
   closed: its owner sees the end of the stream and cleans up. */
static void
reap(struct http_listener *listener, int64_t now_ms)
{
    pthread_mutex_lock(&listener->lock);
    for (struct http_connection *link = listener->connections; link; link = link->next) {
        if (link->deadline_ms <= now_ms) {
            link->deadline_ms = INT64_MAX;
            shutdown(link->fd, SHUT_RDWR);
            log_debug("client %s is too slow, disconnected", link->peer);
        }
    }
    pthread_mutex_unlock(&listener->lock);
}

static void
wait_ms(struct http_server *server, int64_t ms)
{
    struct timespec until = clock_deadline(ms);
    pthread_cond_timedwait(&server->changed, &server->lock, &until);
}

static void *
reaper_main(void *arg)
{
    struct http_server *server = arg;
    int64_t next_ms = 0;
    pthread_mutex_lock(&server->lock);
    while (!server->is_stopped) {
        int64_t now_ms = clock_now_ms();
        if (now_ms >= next_ms) {
            pthread_mutex_unlock(&server->lock);
            for (size_t i = 0; i < server->listener_count; i++)
                reap(&server->listeners[i], now_ms);
            next_ms = now_ms + REAP_EVERY_MS;
            pthread_mutex_lock(&server->lock);
        } else {
            wait_ms(server, next_ms - now_ms);
        }
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* ---- workers --------------------------------------------------------------------------------------------- */

static void *
worker_main(void *arg)
{
    struct http_server *server = arg;
    struct lane_item *item;
    while ((item = lanes_take(&server->queue))) {
        bool is_narrow = item->is_narrow; /* the exchange may be gone when it has run */
        exchange_run((struct http_exchange *)item);
        lanes_done(&server->queue, is_narrow);
    }
    return NULL;
}

/* Signals are for the program's main thread. */
static pthread_t
thread_start(void *(*main)(void *), void *arg)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, WORKER_STACK);
    pthread_t thread;
    int code = pthread_create(&thread, &attr, main, arg);
    ensure(code == 0, "pthread_create: %s", strerror(code));
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return thread;
}

/* ---- listeners ------------------------------------------------------------------------------------------- */

static int
bind_address(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1, off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int code = errno;
    close(fd);
    errno = code;
    return -1;
}

static bool
listener_bind(struct http_listener *listener, const struct http_listen *want, struct error *err)
{
    const char *host = want->host && *want->host ? want->host : NULL;
    char service[8];
    snprintf(service, sizeof(service), "%u", want->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found;
    int code = getaddrinfo(host, service, &hints, &found);
    if (code != 0)
        return error_set(err, ERROR_CONFIG, "cannot listen on %s: %s", host ? host : "*", gai_strerror(code));
    int saved = 0;
    for (int pass = 0; pass < 2 && listener->fd < 0; pass++) /* IPv6 first: without a host it serves both */
        for (struct addrinfo *a = found; a && listener->fd < 0; a = a->ai_next)
            if (host ? pass == 0 : (a->ai_family == AF_INET6) == (pass == 0))
                if ((listener->fd = bind_address(a)) < 0)
                    saved = errno;
    freeaddrinfo(found);
    if (listener->fd < 0) {
        error_set(err, ERROR_CONFIG, "cannot listen on %s:%u: %s", host ? host : "*", want->port, strerror(saved));
        err->cause = saved;
        return false;
    }
    struct sockaddr_storage bound = {0};
    socklen_t len = sizeof(bound);
    if (getsockname(listener->fd, (struct sockaddr *)&bound, &len))
        return error_set(err, ERROR_INTERNAL, "cannot ask for the port of %s: %s", host ? host : "*", strerror(errno));
    in_port_t port = 0;
    if (bound.ss_family == AF_INET6)
        port = ((const struct sockaddr_in6 *)&bound)->sin6_port;
    else if (bound.ss_family == AF_INET)
        port = ((const struct sockaddr_in *)&bound)->sin_port;
    listener->port = ntohs(port); // NOLINT(clang-analyzer-core.CallAndMessage): getsockname has filled it
    snprintf(listener->local, sizeof(listener->local), host && strchr(host, ':') ? "[%s]:%u" : "%s:%u",
             host ? host : "localhost", listener->port);
    return true;
}

static char *
pem_read(const char *file, struct error *err)
{
    FILE *in = fopen(file, "re");
    if (!in) {
        error_set(err, ERROR_CONFIG, "cannot read %s: %s", file, strerror(errno));
        return NULL;
    }
    char *text = xmalloc(PEM_MAX + 1);
    size_t len = fread(text, 1, PEM_MAX, in);
    fclose(in);
    text[len] = '\0';
    text = xrealloc(text, len + 1);
    if (strstr(text, "-----BEGIN "))
        return text;
    free(text);
    error_set(err, ERROR_CONFIG, "%s is not a PEM file", file);
    return NULL;
}

static void mhd_log(void *arg, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void
mhd_log(void *arg, const char *format, va_list args)
{
    (void)arg;
    char text[512];
    vsnprintf(text, sizeof(text), format, args);
    text[strcspn(text, "\r\n")] = '\0';
    log_debug("%s", text);
}

/* Nothing is decoded below the handlers: %2F in a path is not a slash. */
static size_t
leave_as_is(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg, (void)connection;
    return strlen(text);
}

static bool
listener_run(struct http_listener *listener, struct error *err)
{
    const struct http_config *config = &listener->server->config;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (listener->is_tls ? MHD_USE_TLS : 0);
    struct MHD_OptionItem options[16] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)mhd_log, NULL},
        {MHD_OPTION_LISTEN_SOCKET, listener->fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)config->connections_max, NULL},
        /* Room for the header, what libmicrohttpd notes about it, and the header of the answer. */
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)(config->header_max + config->header_max / 2), NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)((config->idle_timeout_ms + 999) / 1000), NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_THREAD_STACK_SIZE, WORKER_STACK, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)exchange_begin, listener},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_as_is, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)exchange_done, listener},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_event, listener},
    };
    size_t n = 11;
    if (listener->is_tls) {
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, listener->tls_key};
        options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, listener->tls_cert};
        if (listener->tls_password)
            options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_KEY_PASSWORD, 0, listener->tls_password};
        if (listener->tls_trust)
            options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, listener->tls_trust};
    }
    options[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    listener->daemon = MHD_start_daemon(flags, 0, NULL, NULL, exchange_step, listener, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (!listener->daemon)
        return error_set(err, ERROR_CONFIG, "cannot serve %s on %s%s", listener->is_tls ? "HTTPS" : "HTTP", listener->local,
                         listener->is_tls ? ": the key or the certificate is not usable" : "");
    return true;
}

static bool
listener_start(struct http_server *server, struct http_listener *listener, const struct http_listen *want, struct error *err)
{
    listener->server = server;
    listener->fd = -1;
    pthread_mutex_init(&listener->lock, NULL);
    server->listener_count++;
    listener->is_tls = want->tls_key_file && want->tls_cert_file;
    if (listener->is_tls) {
        if (!(listener->tls_key = pem_read(want->tls_key_file, err)) ||
            !(listener->tls_cert = pem_read(want->tls_cert_file, err)) ||
            (want->tls_trust_file && !(listener->tls_trust = pem_read(want->tls_trust_file, err))))
            return false;
        listener->tls_client_required = want->tls_client_required;
        listener->tls_password = xstrdup(want->tls_key_password);
    }
    return listener_bind(listener, want, err) && listener_run(listener, err);
}

static void
listener_fini(struct http_listener *listener)
{
    if (listener->daemon)
        MHD_stop_daemon(listener->daemon);
    if (listener->fd >= 0)
        close(listener->fd);
    free(listener->tls_key);
    free(listener->tls_cert);
    free(listener->tls_password);
    free(listener->tls_trust);
    pthread_mutex_destroy(&listener->lock);
}

/* ---- the server -------------------------------------------------------------------------------------------- */

static void
config_complete(struct http_config *config)
{
    config->workers = config->workers ? config->workers : 8;
    config->connections_max = config->connections_max ? config->connections_max : 1024;
    config->header_max = config->header_max ? config->header_max : 8192;
    config->body_max = config->body_max ? config->body_max : 1 << 20;
    config->idle_timeout_ms = config->idle_timeout_ms ? config->idle_timeout_ms : 60000;
    config->request_timeout_ms = config->request_timeout_ms ? config->request_timeout_ms : 20000;
}

struct http_server *
http_server_start(const struct http_config *config, struct error *err)
{
    struct http_server *server = xcalloc(1, sizeof(*server));
    server->config = *config;
    config_complete(&server->config);
    server->access.name = config->access_log;
    lanes_init(&server->queue, server->config.narrow ? server->config.narrow : server->config.workers);
    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    server->workers = xcalloc(server->config.workers, sizeof(*server->workers));
    while (server->worker_count < server->config.workers)
        server->workers[server->worker_count++] = thread_start(worker_main, server);
    server->listeners = xcalloc(config->listen_count, sizeof(*server->listeners));
    for (size_t i = 0; i < config->listen_count; i++) {
        if (!listener_start(server, &server->listeners[i], &config->listen[i], err)) {
            http_server_stop(server, 0);
            return NULL;
        }
    }
    server->reaper = thread_start(reaper_main, server);
    server->has_reaper = true;
    server->config.listen = NULL;
    return server;
}

void
http_server_narrow_set(struct http_server *server, unsigned narrow)
{
    lanes_width_set(&server->queue, narrow);
}

uint16_t
http_server_port(const struct http_server *server, size_t listener)
{
    return server->listeners[listener].port;
}

void
http_server_close(struct http_server *server)
{
    if (atomic_exchange(&server->is_closing, true))
        return;
    for (size_t i = 0; i < server->listener_count; i++) {
        if (server->listeners[i].daemon)
            MHD_quiesce_daemon(server->listeners[i].daemon);
        if (server->listeners[i].fd >= 0) /* connections in the backlog are refused, not left hanging */
            shutdown(server->listeners[i].fd, SHUT_RDWR);
    }
}

/* Running requests first, however long they take; then the clients that still read their answers. */
static void
drain(struct http_server *server, unsigned grace_ms)
{
    int64_t end_ms = clock_now_ms() + grace_ms;
    pthread_mutex_lock(&server->lock);
    while (server->taken > 0)
        pthread_cond_wait(&server->changed, &server->lock);
    for (int64_t left; server->unsent > 0 && (left = end_ms - clock_now_ms()) > 0;)
        wait_ms(server, left);
    server->is_stopped = true;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

void
http_server_stop(struct http_server *server, unsigned grace_ms)
{
    if (!server)
        return;
    http_server_close(server);
    drain(server, grace_ms);
    if (server->has_reaper)
        pthread_join(server->reaper, NULL);
    lanes_close(&server->queue);
    for (size_t i = 0; i < server->worker_count; i++)
        pthread_join(server->workers[i], NULL);
    for (size_t i = 0; i < server->listener_count; i++)
        listener_fini(&server->listeners[i]);
    log_forget(&server->access);
    free(server->workers);
    free(server->listeners);
    lanes_fini(&server->queue);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->changed);
    free(server);
}
