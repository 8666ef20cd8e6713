/*
 * A snapshot: the structure of the tables as DDL statements, then their rows, all of one moment
 * (RelationalSnapshotChangeEventSource, BinlogSnapshotChangeEventSource).
 *
 *   lock -> position -> begin a consistent read -> SHOW CREATE TABLE ... -> unlock -> schema changes -> rows, as many tables at once as
 *   snapshot.max.threads says
 *
 * Rows are streamed over as many polls as it takes. A snapshot that is interrupted begins again. Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_SNAPSHOT_H
#define CONNECT_CONNECTORS_BINLOG_SNAPSHOT_H

#include "connect/connectors/binlog/context.h"

struct cdc_snapshot;

/* A table of a blocking snapshot, and a condition on its rows (NULL: all). */
struct cdc_snapshot_table {
    const struct cdc_slot *slot;
    const char *condition;
};

struct cdc_snapshot_task {
    bool with_schema, with_data;
    const struct cdc_offset *resume; /* the position to keep (schema only, mode recovery); NULL: that of the snapshot */
    /* A blocking snapshot of these tables while the stream waits at `at`; table_count 0: all that are captured. */
    const struct cdc_snapshot_table *tables;
    size_t table_count;
    const struct cdc_source *at;
    const struct cdc_offset *at_offset;
    const char *extra_done; /* further members of the offset when it is over; NULL: none */
};

/* Nothing is asked of the server yet; what `task` points to is copied. */
struct cdc_snapshot *cdc_snapshot_new(struct cdc_context *ctx, const struct cdc_snapshot_task *task);
void cdc_snapshot_free(struct cdc_snapshot *snapshot); /* accepts NULL; closes its session */
/* Append records, at most a batch. *done_out: it is over (there may still be records). POLL_FAILED: *err. */
enum poll_result cdc_snapshot_poll(struct cdc_snapshot *snapshot, struct record_batch *out, bool *done_out, struct error *err);
/* The connection is lost, or let go of: the next poll begins from the start, a blocking one at its place in the stream. */
void cdc_snapshot_rewind(struct cdc_snapshot *snapshot);
/* Polls stop for a while: locks are not kept so long. */
void cdc_snapshot_pause(struct cdc_snapshot *snapshot);
/* Where the stream begins; known when it is over. */
const struct cdc_offset *cdc_snapshot_position(const struct cdc_snapshot *snapshot);

#endif
