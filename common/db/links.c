#include "common/db/links.h"

#include "common/base/clock.h"

/* False: they are closed. */
static bool
add(struct db_links *links, struct db *db)
{
    pthread_mutex_lock(&links->lock);
    bool is_open = !links->is_closed, is_added = false;
    for (size_t i = 0; is_open && !is_added && i < DB_LINKS_MAX; i++)
        if (!links->dbs[i]) {
            links->dbs[i] = db;
            is_added = true;
        }
    pthread_mutex_unlock(&links->lock);
    ensure(is_added || !is_open, "more than %d connections", DB_LINKS_MAX);
    return is_open;
}

void
db_links_drop_all(struct db_links *links, struct db *const *dbs, size_t count)
{
    pthread_mutex_lock(&links->lock);
    for (size_t i = 0; i < DB_LINKS_MAX; i++)
        for (size_t j = 0; j < count; j++)
            if (links->dbs[i] == dbs[j])
                links->dbs[i] = NULL;
    pthread_mutex_unlock(&links->lock);
    db_close_all(dbs, count);
}

void
db_links_drop(struct db_links *links, struct db *db)
{
    if (db)
        db_links_drop_all(links, &db, 1);
}

struct db *
db_links_connect(struct db_links *links, const struct db_params *params, struct error *err)
{
    struct db *db = db_new(params);
    if (add(links, db) && db_open(db, err))
        return db;
    db_links_drop(links, db);
    if (db_links_is_closed(links))
        error_set(err, ERROR_TIMEOUT, "stopped while connecting");
    return NULL;
}

bool
db_links_wait(struct db_links *links, int64_t ms)
{
    struct timespec until = clock_deadline(ms);
    pthread_mutex_lock(&links->lock);
    while (!links->is_closed && pthread_cond_clockwait(&links->changed, &links->lock, CLOCK_MONOTONIC, &until) == 0)
        ;
    bool is_closed = links->is_closed;
    pthread_mutex_unlock(&links->lock);
    return is_closed;
}

bool
db_links_is_closed(struct db_links *links)
{
    pthread_mutex_lock(&links->lock);
    bool is_closed = links->is_closed;
    pthread_mutex_unlock(&links->lock);
    return is_closed;
}

void
db_links_close(struct db_links *links)
{
    pthread_mutex_lock(&links->lock);
    links->is_closed = true;
    for (size_t i = 0; i < DB_LINKS_MAX; i++)
        if (links->dbs[i])
            db_kill(links->dbs[i]);
    pthread_cond_broadcast(&links->changed);
    pthread_mutex_unlock(&links->lock);
}
