/*
 * The marks around the rows of a chunk that need no signal table: GTID sets (read.only). Everything that the stream has given out
 * must be in the rows, and the window is over when the stream has given out all that may be in them.
 *
 *   cdc_watermark_low   what the stream has seen is visible to the session
 *   SELECT of a chunk
 *   cdc_watermark_high  what the server has executed now
 *
 * Each call blocks for a few statements, and for a second at most where the server is behind.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_WATERMARK_H
#define CONNECT_CONNECTORS_BINLOG_WATERMARK_H

#include "common/db/db.h"
#include "connect/connectors/binlog/gtid.h"

#include <stdint.h>

/* How far the stream is, between two transactions. */
struct cdc_seen {
    const struct binlog_gtids *gtids;
    const char *file;
    uint64_t pos;
};

/* False: the server refused, or (retriable) does not show all of it yet. MariaDB: a read view is open from here to the other mark. */
bool cdc_watermark_low(struct db *db, const struct cdc_seen *seen, struct error *err) MUST_CHECK;
/* What will never come through the log, as it was purged or not logged, is not in the set. The caller frees it. */
bool cdc_watermark_high(struct db *db, struct binlog_gtids **out, struct error *err) MUST_CHECK;

#endif
