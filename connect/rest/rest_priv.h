/* What the files of the REST API share.
 *
 *   rest.c             listeners, the way of one request: CORS, authentication, routing, handler, headers
 *   routes.c           the table of routes, and which of them a path and method mean
 *   media.c            Accept and Content-Type
 *   body.c             request bodies
 *   views.c            answers
 *   forward.c          requests that another worker must answer; signatures
 *   handlers_*.c       one function a route
 */
#ifndef CONNECT_REST_REST_PRIV_H
#define CONNECT_REST_REST_PRIV_H

#include "common/base/arena.h"
#include "common/http/http.h"
#include "connect/rest/body.h"
#include "connect/rest/rest.h"
#include "connect/runtime/validation.h"

enum { REST_TIMEOUT_MS = 90000, HEALTH_TIMEOUT_MS = 10000 };

struct route;

/* One request on its way. Owned by the worker thread that handles it. */
struct call {
    struct rest *rest;
    const struct worker_config *worker;
    const struct config_providers *providers;
    struct metrics *metrics;
    struct herder *herder;
    const struct herder_stores *stores; /* open, unless the route says it needs none */
    struct http_request *request;
    struct http_response *response;
    const struct route *route;
    const char *name;                   /* {name} or {logger} or {plugin} of the path, decoded */
    int task;
    const char *media_type;             /* of a JSON answer */
    struct arena arena;
};

/* False: *err becomes the answer, by its code. */
typedef bool route_handler(struct call *call, struct error *err);

enum route_flags {
    ROUTE_ADMIN = 1,     /* on the admin listeners */
    ROUTE_NO_STORES = 2, /* answers before the stores are open */
    ROUTE_ANY_TYPE = 4,  /* looks at no Content-Type */
    ROUTE_PLAIN = 8,     /* answers something else than JSON */
};

struct route {
    const char *method, *path; /* "/connectors/{name}/config" */
    route_handler *handle;
    unsigned flags;
};

extern const struct route routes[]; /* ended by one without a method */

/* ---- routes.c */
enum route_result { ROUTE_FOUND, ROUTE_BAD_PATH /* Jetty's own page */, ROUTE_UNKNOWN, ROUTE_BAD_TASK, ROUTE_BAD_METHOD, ROUTE_OPTIONS };
/* Fills route, name and task; of ROUTE_BAD_TASK, too. OPTIONS: *allow_out lists the methods (arena). */
enum route_result route_find(struct call *call, bool is_admin, bool is_main, const char **allow_out);
/* A query parameter, decoded, in the arena; NULL when it is not there. */
const char *call_param(struct call *call, const char *name);
bool call_flag(struct call *call, const char *name); /* true in any case */
/* All values of a parameter. */
void call_params(struct call *call, const char *name, struct string_list *out);

/* ---- media.c */
enum media_result { MEDIA_FITS, MEDIA_DIFFERS, MEDIA_UNREADABLE /* only for a body */, MEDIA_MALFORMED };
/* Can the client take JSON? *type_out is what to put into Content-Type (arena). Qualities are checked, and mean nothing. */
enum media_result media_accepts_json(struct arena *arena, const char *accept, const char **type_out);
enum media_result media_is_json(struct arena *arena, const char *content_type, bool has_body);

/* ---- views.c: fill the response */
void reply_json(struct call *call, int status);  /* what is in response->body is JSON */
void reply_empty(struct call *call, int status);
void reply_error(struct call *call, int status, const char *message, bool has_type);
int error_status(const struct error *err);
void view_config(struct strbuf *out, const struct config *cfg);
void view_connector(struct strbuf *out, const char *name, const struct config *cfg, size_t task_count);
void view_connector_config(struct strbuf *out, const struct config_connector *connector);
void view_status(struct strbuf *out, const char *name, const struct config *cfg, const struct status_list *statuses);
void view_task_status(struct strbuf *out, const struct status *status);
void view_definition(struct strbuf *out, const struct config_row *row);
void view_validation(struct strbuf *out, const struct validation *validation);
void view_path_name(struct strbuf *out, const char *name); /* percent-encoded for a path, as UriBuilder.path does */

/* ---- body.c's callers */
/* The body as JSON; empty is BODY_NONE. NULL: *err. */
const struct body_value *call_body(struct call *call, struct error *err);
/* A map of settings; `null_text` is Java's error for null and an empty body. */
bool call_config(struct call *call, struct config *out, const char *null_text, struct error *err);

/* ---- forward.c */
/* Ask the herder; if another worker must do it, hand the request on to that and copy its answer.
   *is_forwarded_out: the response is complete. `body` is what is sent on, or NULL for the request's own. */
bool ask_or_forward(struct call *call, struct herder_request *request, const char *path, const char *body, bool *is_forwarded_out,
                    struct error *err);
/* Is an internal request signed with the current session key? */
bool signature_check(struct call *call, struct error *err);
/* A signed request of ours to the leader. `gives_up` ends the wait for its answer. */
struct internal_call {
    const struct worker_config *worker;
    const struct herder_stores *stores;
    const char *leader_url, *connector;
    bool (*gives_up)(void *arg);
    void *gives_up_arg;
};
bool forward_tasks(const struct internal_call *to, const struct config_list *tasks, struct error *err);
bool forward_fence(const struct internal_call *to, struct error *err);

/* ---- auth.c */
struct auth;
/* NULL with true: no authentication configured. */
bool auth_new(const struct worker_config *worker, struct auth **auth_out, struct error *err);
void auth_free(struct auth *auth);
bool auth_allows(const struct auth *auth, const char *authorization);

/* ---- handlers */
route_handler get_root, get_health, get_metrics;
route_handler list_connectors, post_connector, get_connector, delete_connector, get_config, put_config, patch_config, get_status,
    restart_connector, pause_connector, resume_connector, stop_connector, get_tasks, get_tasks_config, post_tasks, get_task_status,
    restart_task, get_topics, reset_topics, put_fence;
route_handler get_offsets, patch_offsets, delete_offsets;
route_handler list_plugins, get_plugin_config, put_validate;
route_handler list_loggers, get_logger, put_logger;

#endif
