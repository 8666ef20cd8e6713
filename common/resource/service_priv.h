/* What the files of a service share. */
#ifndef COMMON_RESOURCE_SERVICE_PRIV_H
#define COMMON_RESOURCE_SERVICE_PRIV_H

#include "common/http/http.h"
#include "common/resource/json_read.h"
#include "common/resource/json_write.h"
#include "common/resource/media.h"
#include "common/resource/service.h"
#include "common/resource/settings.h"

#include <pthread.h>
#include <stdatomic.h>

enum { ENTITIES_MAX = 8, SEGMENTS_MAX = 4, METHODS_COUNTED = 8, BUCKETS = 12 };

/* A collection request that waits for rows behind an id; see wait.c. */
struct waiter {
    struct waiter *next;
    struct http_request *request;
    struct http_response *response;
    struct store *store;
    int64_t after, size, deadline_ms;
};

struct service {
    const struct service_definition *definition;
    struct settings settings;
    struct db_pool *pool;
    struct store stores[ENTITIES_MAX];
    size_t store_count;
    struct http_server *server;
    int64_t start_ms;
    atomic_bool is_prepared; /* the tables are there */
    pthread_t watcher, ticker;
    pthread_mutex_t lock;    /* guards the next three */
    pthread_cond_t changed;
    struct waiter *waiters;
    bool is_stopping;
    atomic_ullong answers[METHODS_COUNTED][6]; /* by method and hundreds of the status; 0: client gone */
    atomic_ullong buckets[BUCKETS + 1], took_us;
};

/* One request on its way through the handlers. */
struct call {
    struct service *service;
    struct http_request *req;
    struct http_response *res;
    const char *path;       /* raw, doubled slashes collapsed */
    const char *base;       /* "http://host:port", for links */
    const char *segments[SEGMENTS_MAX]; /* decoded */
    size_t segment_count;   /* of all; only the first few are kept */
    const char *accept;     /* NULL or not empty */
    bool varies;            /* say that the answer depends on CORS headers, as the original does but for operators */
    struct store *store;    /* of the entity that the path names */
    const char *place;      /* in front of the messages of failures ("element 3: "), or NULL */
    struct arena arena;     /* until the answer */
};

bool method_is(const struct call *call, const char *method);

/* How many requests that read rows are handled at once: what server.readers says, else what keeps a database of as many
   processors at work at this distance; between one and all workers. */
unsigned service_readers(const struct settings *settings, int64_t processors, int64_t round_trip_us);

/* answer.c */
void answer_empty(struct call *call, int status);
/* The general error body: status, its name and the path; `message` is "" for what the original says nothing about. */
void answer_error(struct call *call, int status, const char *message);
/* The error body of a request that was understood but cannot be done: nested causes of the same message. */
void answer_failure(struct call *call, int status, unsigned causes, const char *message);
/* A failure of the database. */
void answer_database(struct call *call, const struct error *err);
void answer_refused_target(struct call *call);
/* Label the body as the client wants it and tell which offer that is, or answer 406: MEDIA_NONE. */
int answer_choose(struct call *call, const struct media_offer *offers, size_t count);
/* The same for a body in the usual form. False: it was answered. */
bool answer_label(struct call *call);
struct json_writer answer_json(struct call *call, bool is_pretty);
void answer_vary(struct call *call);
/* "NAME" : { "href" : "..." } */
void write_link(struct json_writer *writer, const char *name, const char *href, const char *templated);
/* The same, or as an element of a list: { "rel" : "NAME", "href" : "..." } */
void write_any_link(struct json_writer *writer, const char *name, const char *href, bool is_hal);

/* collection.c, item.c, body.c, wait.c, profile.c, actuator.c */
void collection_handle(struct call *call);
void item_handle(struct call *call);
void write_embedded(struct call *call, struct json_writer *writer, const struct row *rows, size_t count);
void write_item(struct call *call, struct json_writer *writer, const struct row *row);
const char *item_href(struct call *call, int64_t id);
/* An item that was written: Location, and the item itself if the client wants one. */
void answer_item(struct call *call, int status, const struct row *row, bool has_location);

/* Is the body of a type that can be read? False after an answer. `patch_out` (may be NULL): it is a JSON Patch. */
bool body_type_is_fit(struct call *call, bool *patch_out);
/* The JSON of the body, or NULL after an answer. */
const struct json_node *body_json(struct call *call);
/* Both. */
const struct json_node *body_read(struct call *call);
/* The members of an object onto a row; absent ones are left alone. False after an answer. */
bool body_apply(struct call *call, const struct json_node *object, bool is_new, struct row *row);
/* The member "id", 0 if there is none. False after an answer. */
bool body_id(struct call *call, const struct json_node *object, int64_t *out);
/* An RFC 6902 document onto a row, in memory. False after an answer. */
bool patch_apply(struct call *call, const struct json_node *patch, struct row *row);
/* Are all numbers such that a column can hold them? False after an answer. */
bool row_is_storable(struct call *call, const struct row *row);

void wait_handle(struct call *call, const char *after);
void wait_run(struct service *service); /* the watcher's thread until stop */
unsigned wait_count(struct service *service);

void root_handle(struct call *call);
void profile_handle(struct call *call);
void actuator_handle(struct call *call);
void metrics_handle(struct call *call);
void metrics_observe(void *service, const struct http_request *request, int status, size_t bytes, int64_t took_us);

/* service.c */
void service_handle(void *service, struct http_request *request, struct http_response *response);
bool service_prepare(struct service *service, struct error *err);
/* Set up a call for a request outside of its handler; call_fini frees what it allocated. */
void call_init(struct call *call, struct service *service, struct http_request *req, struct http_response *res);
void call_fini(struct call *call);

#endif
