/*
 * The connections of one owner (a task, a connector) that another thread may have to end: whoever stops the owner calls
 * db_links_close, whatever the owner waits for. Zeroed memory is a good start, as close may come before the owner's
 * init. There is no fini: the owner drops what it has added.
 */
#ifndef COMMON_DB_LINKS_H
#define COMMON_DB_LINKS_H

#include "common/db/db.h"

#include <pthread.h>

enum { DB_LINKS_MAX = 24 };

struct db_links {
    pthread_mutex_t lock; /* guards all below, and what an owner of more than databases keeps beside it */
    pthread_cond_t changed;
    bool is_closed;
    struct db *dbs[DB_LINKS_MAX];
};

/* Owner. As db_connect, but close ends it, also while it connects. NULL: *err (ERROR_TIMEOUT when closed). */
struct db *db_links_connect(struct db_links *links, const struct db_params *params, struct error *err);
/* Owner. Forget and close one; accepts NULL. */
void db_links_drop(struct db_links *links, struct db *db);
/* The same for several of one server; accepts NULLs among them. */
void db_links_drop_all(struct db_links *links, struct db *const *dbs, size_t count);
/* Owner. Sleep; true at once when closed. */
bool db_links_wait(struct db_links *links, int64_t ms);
bool db_links_is_closed(struct db_links *links);
/* Any thread, may repeat, never blocks: waits end, statements are ended, later connections are refused. */
void db_links_close(struct db_links *links);

#endif
