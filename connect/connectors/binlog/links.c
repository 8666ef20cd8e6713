#include "connect/connectors/binlog/links.h"

#include <time.h>

static bool
links_add(struct cdc_links *links, struct db *db)
{
    pthread_mutex_lock(&links->lock);
    bool is_open = !links->is_closed, is_added = false;
    for (size_t i = 0; is_open && !is_added && i < CDC_LINKS_MAX; i++)
        if (!links->dbs[i]) {
            links->dbs[i] = db;
            is_added = true;
        }
    pthread_mutex_unlock(&links->lock);
    ensure(is_added || !is_open, "more than %d connections", CDC_LINKS_MAX);
    return is_open;
}

struct db *
cdc_links_open(struct cdc_links *links, const struct db_params *params, struct error *err)
{
    struct db *db = cdc_links_is_closed(links) ? NULL : db_connect(params, err);
    if (db && links_add(links, db))
        return db;
    db_close(db);
    if (cdc_links_is_closed(links))
        error_set(err, ERROR_TIMEOUT, "stopped while connecting");
    return NULL;
}

void
cdc_links_drop(struct cdc_links *links, struct db *db)
{
    if (!db)
        return;
    pthread_mutex_lock(&links->lock);
    for (size_t i = 0; i < CDC_LINKS_MAX; i++)
        if (links->dbs[i] == db)
            links->dbs[i] = NULL;
    pthread_mutex_unlock(&links->lock);
    db_close(db);
}

void
cdc_links_stream(struct cdc_links *links, struct binlog_stream *stream)
{
    pthread_mutex_lock(&links->lock);
    links->stream = stream;
    if (stream && links->is_closed)
        binlog_stream_close_async(stream);
    pthread_mutex_unlock(&links->lock);
}

void
cdc_links_history(struct cdc_links *links, struct cdc_history *history)
{
    pthread_mutex_lock(&links->lock);
    links->history = history;
    if (history && links->is_closed)
        cdc_history_close(history);
    pthread_mutex_unlock(&links->lock);
}

bool
cdc_links_wait(struct cdc_links *links, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&links->lock);
    while (!links->is_closed && pthread_cond_clockwait(&links->changed, &links->lock, CLOCK_MONOTONIC, &until) == 0)
        ;
    bool is_closed = links->is_closed;
    pthread_mutex_unlock(&links->lock);
    return is_closed;
}

bool
cdc_links_is_closed(struct cdc_links *links)
{
    pthread_mutex_lock(&links->lock);
    bool is_closed = links->is_closed;
    pthread_mutex_unlock(&links->lock);
    return is_closed;
}

void
cdc_links_close(struct cdc_links *links)
{
    pthread_mutex_lock(&links->lock);
    links->is_closed = true;
    for (size_t i = 0; i < CDC_LINKS_MAX; i++)
        if (links->dbs[i])
            db_kill(links->dbs[i]);
    if (links->stream)
        binlog_stream_close_async(links->stream);
    if (links->history)
        cdc_history_close(links->history);
    pthread_cond_broadcast(&links->changed);
    pthread_mutex_unlock(&links->lock);
}
