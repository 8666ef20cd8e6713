/*
 * What the task waits for and another thread may have to end: plain sessions, the stream, the history's client. Zeroed
 * memory is a good start, as close may come before init.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_LINKS_H
#define CONNECT_CONNECTORS_BINLOG_LINKS_H

#include "common/db/links.h"
#include "connect/connectors/binlog/history.h"
#include "connect/connectors/binlog/stream.h"

struct cdc_links {
    struct db_links dbs; /* its lock guards the rest, too */
    struct binlog_stream *stream;
    struct cdc_history *history;
};

/* Owner. What close has to reach; NULL before it is freed. */
void cdc_links_stream(struct cdc_links *links, struct binlog_stream *stream);
void cdc_links_history(struct cdc_links *links, struct cdc_history *history);
/* Any thread, may repeat, never blocks: as db_links_close, for all of it. */
void cdc_links_close(struct cdc_links *links);

#endif
