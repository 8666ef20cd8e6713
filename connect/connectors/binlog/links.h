/*
 * The connections of a task that another thread may have to end: plain sessions and the stream. Zeroed memory is a
 * good start, as close may come before init.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_LINKS_H
#define CONNECT_CONNECTORS_BINLOG_LINKS_H

#include "common/db/db.h"
#include "connect/connectors/binlog/history.h"
#include "connect/connectors/binlog/stream.h"

#include <pthread.h>
#include <stdint.h>

enum { CDC_LINKS_MAX = 4 };

struct cdc_links {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    bool is_closed;
    struct db *dbs[CDC_LINKS_MAX];
    struct binlog_stream *stream;
    struct cdc_history *history;
};

/* Owner. A plain session; NULL: *err (ERROR_TIMEOUT when closed). */
struct db *cdc_links_open(struct cdc_links *links, const struct db_params *params, struct error *err);
/* Owner. Forget and close one; accepts NULL. */
void cdc_links_drop(struct cdc_links *links, struct db *db);
/* Owner. What close has to reach; NULL before it is freed. */
void cdc_links_stream(struct cdc_links *links, struct binlog_stream *stream);
void cdc_links_history(struct cdc_links *links, struct cdc_history *history);
/* Owner. Sleep; true at once when closed. */
bool cdc_links_wait(struct cdc_links *links, int64_t ms);
bool cdc_links_is_closed(struct cdc_links *links);
/* Any thread, may repeat, never blocks: waits end, statements are ended, later connections are refused. */
void cdc_links_close(struct cdc_links *links);

#endif
