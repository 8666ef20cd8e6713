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

struct service_definition {
    const char *name;                      /* "order-service" */
    const char *port;                      /* if SERVER_PORT does not say */
    const struct entity *const *entities;  /* ended by NULL */
    /* Optional: called every second on a thread of its own while the database can be reached, and once with
       `is_last` on stop. A failure is logged. */
    bool (*every_second)(struct db_pool *pool, void **state, bool is_last, struct error *err);
};

/* Settings from options and environment, then serve until SIGTERM or SIGINT. Returns the exit status: 0 after a stop,
   1 if it cannot serve, 2 for a wrong setting. */
int service_main(const struct service_definition *definition, int argc, char **argv);

#endif
