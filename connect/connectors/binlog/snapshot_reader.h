/*
 * Threads that read tables, each through a connection of its own, into buffers that the task's thread empties. So several
 * tables are under way at once, and the server and the network work while records are made.
 *
 *   reader 1:  BEGIN a, ROW, ROW, ... END a | BEGIN c, ROW ...      a table is read by one reader, in its order
 *   reader 2:  BEGIN b, ROW, ...
 *
 * The last row of all is known as such when it is given, whatever tables without rows come behind it: each reader keeps its
 * own last one back until the others have given theirs.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_SNAPSHOT_READER_H
#define CONNECT_CONNECTORS_BINLOG_SNAPSHOT_READER_H

#include "common/base/error.h"
#include "common/db/db.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CDC_READERS_MAX = 16 };

struct cdc_readers;

enum cdc_read {
    CDC_READ_BEGIN,  /* of a table's rows: names of the columns */
    CDC_READ_ROW,
    CDC_READ_END,    /* of a table's rows */
    CDC_READ_IDLE,   /* nothing yet */
    CDC_READ_OVER,   /* all tables were read */
    CDC_READ_FAILED, /* *err; event->table is the one */
};

/* What it points to is valid until the next call. */
struct cdc_read_event {
    size_t table;                /* index of its statement */
    size_t count;                /* columns */
    const char *const *texts;    /* BEGIN: names; ROW: values, NULL: SQL NULL */
    const unsigned long *lengths;
    int64_t ts_us;               /* BEGIN: the server's clock */
    bool is_last, is_final;      /* ROW: the last one of its table, and of all */
};

/* One thread for each connection, until the readers are freed; connections and statements (a table each, in the order in
   which they are begun) stay the caller's, who keeps them until then. At most CDC_READERS_MAX. NULL: the system has no thread
   (retriable); the connections are of no more use. */
struct cdc_readers *cdc_readers_new(struct db *const *dbs, size_t db_count, const char *const *statements, size_t count,
                                    struct error *err);
/* Task thread; waits up to timeout_ms. Whoever ends a connection ends the wait. */
enum cdc_read cdc_readers_next(struct cdc_readers *readers, int timeout_ms, struct cdc_read_event *event, struct error *err);
/* Accepts NULL. Before CDC_READ_OVER the connections are killed, and of no more use. */
void cdc_readers_free(struct cdc_readers *readers);

#endif
