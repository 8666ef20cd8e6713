/*
 * A service is a list of entities behind HTTP: collection and item resources with paging, sorting and links, in
 * the forms that clients of Spring Data REST 3.3 know, and beside them profiles, health and metrics.
 *
 *   int main(int argc, char **argv) { return service_main(&definition, argc, argv); }
 */
#ifndef COMMON_RESOURCE_SERVICE_H
#define COMMON_RESOURCE_SERVICE_H

#include "common/resource/store.h"

struct service;

/* Regular work of a service, on a thread of its own while the database can be reached. */
struct service_task {
    size_t state_size; /* of the state, zeroed at the start */
    /* One step, every second; at once again when it says that there is more to do. May block on the database, for a second or so: a
       stop waits for it. A failure is logged when failing begins, and the next step comes a second later. */
    bool (*step)(void *state, struct db_pool *pool, bool *has_more_out, struct error *err);
};

struct service_definition {
    const char *name;                      /* "order-service" */
    const char *port;                      /* if SERVER_PORT does not say */
    const struct entity *const *entities;  /* ended by NULL */
    const struct service_task *task;       /* or NULL */
};

/* Settings from options and environment, then serve until SIGTERM or SIGINT. Returns the exit status: 0 after a stop,
   1 if it cannot serve, 2 for a wrong setting. */
int service_main(const struct service_definition *definition, int argc, char **argv);

#endif
