/*
 * Follows the log from a position on: row events become records, DDL statements change the structure and are told,
 * transactions and heartbeats are told where that is asked for (BinlogStreamingChangeEventSource). Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_STREAMING_H
#define CONNECT_CONNECTORS_BINLOG_STREAMING_H

#include "connect/connectors/binlog/context.h"
#include "connect/connectors/binlog/snapshot.h"

struct cdc_streaming;

/* Begins at `position`, in the middle of a transaction if it says so. Nothing is asked of the server yet. NULL: the
   position or a setting cannot be read. */
struct cdc_streaming *cdc_streaming_new(struct cdc_context *ctx, const struct cdc_offset *position, struct error *err);
void cdc_streaming_free(struct cdc_streaming *streaming); /* accepts NULL */
/* Append records, at most a batch, waiting up to timeout_ms for the first. POLL_RETRY: the connection was lost; the next
   poll connects again. */
enum poll_result cdc_streaming_poll(struct cdc_streaming *streaming, struct record_batch *out, int timeout_ms, struct error *err);
/* A blocking snapshot was asked for: the stream waits until it is over, and polls give nothing before this was asked. *out
   points to what lives until the next poll. */
bool cdc_streaming_wants_snapshot(struct cdc_streaming *streaming, struct cdc_snapshot_task *out);
/* Every record that was given out is stored. */
void cdc_streaming_stored(struct cdc_streaming *streaming);
/* Let go of the connection; the next poll connects again. */
void cdc_streaming_pause(struct cdc_streaming *streaming);

#endif
