/*
 * A small HTTP server: the contract between a program's handlers and libmicrohttpd, which is used in this
 * folder alone.
 *
 * One thread per listener speaks HTTP for all its connections; a complete request is put into a queue and
 * handled by one of `workers` threads, so a handler may block (on a database, on the herder) without holding
 * up connections, and an idle or slow client costs no thread. A handler that has to wait long for something
 * gives its worker back with http_defer() and is answered later, from any thread, by http_resume().
 *
 *   listener thread              queue              worker thread
 *   accept, read, check limits -------> request ---> handler(arg, request, response)
 *   write the response        <------- response <--- return, or later http_resume()
 *
 * What the server answers by itself: 400 (malformed request, HTTP/1.1 without Host, more than one), 417, 413 (body over the
 * limit), 431 (header over the limit), 100 Continue. Everything else is the handler's, unknown methods and
 * odd targets included; HEAD too, whose response body is measured but not sent.
 */
#ifndef COMMON_HTTP_HTTP_H
#define COMMON_HTTP_HTTP_H

#include "common/base/error.h"
#include "common/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct http_exchange; /* what the server knows about a request; hidden */

/* ---- requests ------------------------------------------------------------------------------------ */

/* All text is as it was sent (nothing percent-decoded), NUL-terminated, and lives until the exchange ends. */
struct http_request {
    const char *method;  /* case matters: "get" is not GET */
    const char *target;  /* all of "/orders?size=1", or whatever was sent in its place */
    const char *path;    /* "/orders" */
    const char *query;   /* "size=1"; NULL without a question mark */
    const char *version; /* "HTTP/1.1" */
    const char *body;    /* never NULL, a NUL behind */
    size_t body_len;
    const char *peer;    /* address of the client */
    const char *local;   /* "host:port" of the listening socket, for links when there is no Host header */
    const char *id;      /* X-Request-Id of the client, or one made up; also the thread's log context */
    bool is_tls;
    int64_t start_us;    /* clock_now_us() when the header was complete */
    void *user;          /* the handler's own, from the first call to the deferred answer; starts as NULL */
    struct http_exchange *exchange;
};

/* The first header of this name in any case, or NULL. Handler or owner of a deferred request only. */
const char *http_header(const struct http_request *request, const char *name);
/* Every header, in no fixed order. */
void http_header_each(const struct http_request *request,
                      void (*each)(void *arg, const char *name, const char *value), void *arg);

/* ---- responses ----------------------------------------------------------------------------------- */

/* The server hands the handler an empty one with status 200. Fill it with the functions and the body buffer. */
struct http_response {
    int status;
    bool close;          /* close the connection after this answer */
    struct strbuf body;  /* appended to by the handler */
    struct http_field *fields; /* through http_set and http_add */
    size_t field_count;
};

/* Name and value are copied. http_set replaces a header of that name, http_add sends one more. A value with
   a line end in it is a bug of the caller, unless it comes from input: control characters become '?'. */
void http_set(struct http_response *response, const char *name, const char *value);
void http_add(struct http_response *response, const char *name, const char *value);
/* What was set for a name, or NULL. */
const char *http_get(const struct http_response *response, const char *name);
/* Forget everything that was set and start over with this status. */
void http_reset(struct http_response *response, int status);
/* Status, Content-Type and a text in one go. */
void http_reply(struct http_response *response, int status, const char *content_type, const char *text);
/* "Not Found"; "" for unknown numbers. */
const char *http_reason(int status);

/* Tests and other users without a server: an empty response to begin with, and its end. */
#define HTTP_RESPONSE_INIT ((struct http_response){.status = 200})
void http_response_fini(struct http_response *response);

/* ---- waiting without a thread ---------------------------------------------------------------------- */

/* From a handler: the answer comes later. After this call another thread may fill the response (the same
   struct the handler was given) and must end with http_resume(); the handler returns without touching it. */
void http_defer(struct http_request *request);
/* Any thread, once: the response of a deferred request is complete. Does not block. */
void http_resume(struct http_request *request);

/* ---- the server ------------------------------------------------------------------------------------ */

typedef void (*http_handler)(void *arg, struct http_request *request, struct http_response *response);
/* An answer was sent, or its client went away (status 0). Listener thread: count, do not block. */
typedef void (*http_observer)(void *arg, const struct http_request *request, int status, size_t body_bytes,
                              int64_t took_us);

struct http_listen {
    const char *host;    /* address or name; NULL or "": every address, both families */
    uint16_t port;       /* 0: any free one, see http_server_port */
    const char *tls_key_file, *tls_cert_file; /* PEM; both set: HTTPS */
    const char *tls_key_password;             /* or NULL */
    const char *tls_trust_file;               /* PEM: whose certificates clients may show; NULL: clients are not asked */
    bool tls_client_required;                 /* a client that shows none is disconnected */
};

struct http_config {
    const struct http_listen *listen; /* read during http_server_start only */
    size_t listen_count;
    http_handler handler;             /* worker threads, several at once */
    http_observer observer;           /* or NULL */
    void *arg;                        /* of both */
    unsigned workers;                 /* 0: 8 */
    /* Is it one of those of which only `narrow` are handled at once, see common/http/lanes.h? Listener thread. NULL: none is. */
    bool (*is_narrow)(void *arg, const struct http_request *request);
    unsigned narrow;
    unsigned connections_max;         /* per listener; the rest wait in the backlog. 0: 1024 */
    size_t header_max;                /* bytes of request line and headers; 0: 8192 */
    size_t body_max;                  /* 0: 1 MiB */
    unsigned idle_timeout_ms;         /* of a kept connection between requests; 0: 60000 */
    unsigned request_timeout_ms;      /* for a client to send a whole request; as much again to take the
                                         answer. Trickling bytes does not extend it. 0: 20000 */
    const char *access_log;           /* logger name for one line a request (INFO), or NULL */
};

/* Bind, then serve; returns when connections are accepted. NULL on failure: ERROR_CONFIG for an address that
   is taken or does not resolve and for unreadable or useless PEM files. */
struct http_server *http_server_start(const struct http_config *config, struct error *err);
/* Another `narrow`. Any thread. */
void http_server_narrow_set(struct http_server *server, unsigned narrow);
/* The port a listener got. */
uint16_t http_server_port(const struct http_server *server, size_t listener);
/* Tell: accept nothing more, answer what is there with "Connection: close". Any thread, may repeat, does not
   block. Owners of deferred requests should now resume them. */
void http_server_close(struct http_server *server);
/* Wait until every request taken is answered, at most grace_ms for clients that do not take their answer
   (running handlers and deferred requests are always waited for), then free. Accepts NULL. */
void http_server_stop(struct http_server *server, unsigned grace_ms);

#endif
