/* What the files of this folder share. The path of an exchange through its states:
 *
 *   NEW -> READING (or TOO_LARGE) -> TAKEN -> ANSWERED -> freed by exchange_done
 *
 * It belongs to a worker, or to whoever it was deferred to, while it is TAKEN (the connection is suspended),
 * and to the listener's thread before and after. The hand-over is
 * through the queue's lock, or through libmicrohttpd's own when the connection is resumed.
 */
#ifndef COMMON_HTTP_HTTP_PRIV_H
#define COMMON_HTTP_HTTP_PRIV_H

#include "common/base/log.h"
#include "common/http/http.h"
#include "common/http/lanes.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum { HTTP_ID_SIZE = 72, HTTP_PEER_SIZE = 48 };

struct http_field {
    char *name, *value;
};

enum exchange_state { EXCHANGE_NEW, EXCHANGE_READING, EXCHANGE_TOO_LARGE, EXCHANGE_TAKEN, EXCHANGE_ANSWERED };

struct http_exchange {
    struct lane_item item; /* in the server's queue */
    struct http_listener *listener;
    struct MHD_Connection *connection;
    struct http_connection *link;
    struct http_request request;
    struct http_response response;
    struct strbuf body;
    enum exchange_state state;
    char id[HTTP_ID_SIZE];
    char target[]; /* then the path, if there is a query */
};

/* One accepted connection, for the deadline of a request that trickles in. */
struct http_connection {
    struct http_connection *next, **at;
    int fd;
    char peer[HTTP_PEER_SIZE];
    int64_t deadline_ms; /* of what the client is doing now; guarded by the listener's lock */
};

struct http_listener {
    struct http_server *server;
    struct MHD_Daemon *daemon;
    int fd;
    uint16_t port;
    bool is_tls;
    char local[280];
    pthread_mutex_t lock; /* guards the list and the deadlines in it */
    struct http_connection *connections;
    bool tls_client_required;
    char *tls_key, *tls_cert, *tls_password, *tls_trust; /* PEM text; libmicrohttpd keeps pointers to it */
};

struct http_server {
    struct http_config config;
    struct http_listener *listeners;
    size_t listener_count;
    struct logger access; /* of the lines in the access log */
    struct lanes queue;   /* complete requests, to the workers */
    pthread_t *workers;
    size_t worker_count;
    pthread_t reaper;
    bool has_reaper;
    atomic_bool is_closing;
    pthread_mutex_t lock; /* guards the next four */
    pthread_cond_t changed;
    size_t taken;         /* with a worker or deferred */
    size_t unsent;        /* answered, not yet sent */
    bool is_stopped;      /* ends the reaper */
};

/* exchange.c: the callbacks of libmicrohttpd for a request, and its hand-over to the workers */
void *exchange_begin(void *listener, const char *uri, struct MHD_Connection *connection);
enum MHD_Result exchange_step(void *listener, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *size,
                              void **exchange);
void exchange_done(void *listener, struct MHD_Connection *connection, void **exchange,
                   enum MHD_RequestTerminationCode code);
void exchange_run(struct http_exchange *exchange);
/* What the client of a connection does now must be done in so many milliseconds; 0: no limit. */
void connection_deadline_set(struct http_listener *listener, struct http_connection *link, unsigned timeout_ms);

/* tls.c: may the client of this connection ask? Always true without TLS or where clients are not asked for certificates. */
bool tls_client_allowed(const struct http_listener *listener, struct MHD_Connection *connection);

/* response.c */
struct MHD_Response *response_build(struct http_response *response, bool keep_alive);

#endif
