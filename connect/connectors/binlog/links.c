#include "connect/connectors/binlog/links.h"

void
cdc_links_stream(struct cdc_links *links, struct binlog_stream *stream)
{
    pthread_mutex_lock(&links->dbs.lock);
    links->stream = stream;
    if (stream && links->dbs.is_closed)
        binlog_stream_close_async(stream);
    pthread_mutex_unlock(&links->dbs.lock);
}

void
cdc_links_history(struct cdc_links *links, struct cdc_history *history)
{
    pthread_mutex_lock(&links->dbs.lock);
    links->history = history;
    if (history && links->dbs.is_closed)
        cdc_history_close(history);
    pthread_mutex_unlock(&links->dbs.lock);
}

/* What is kept in between by its owner is closed by the owner, who finds the links closed. */
void
cdc_links_close(struct cdc_links *links)
{
    db_links_close(&links->dbs);
    pthread_mutex_lock(&links->dbs.lock);
    if (links->stream)
        binlog_stream_close_async(links->stream);
    if (links->history)
        cdc_history_close(links->history);
    pthread_mutex_unlock(&links->dbs.lock);
}
