/*
 * Incremental snapshots: rows of a table in chunks while the stream goes on (the watermark algorithm of the DBLog paper).
 *
 *   mark "open" -> SELECT of a chunk -> mark "close"      written to the signal table, they come back through the log:
 *   ... open ... change of key 7 (leaves the window) ... close: the rest of the window goes out
 *
 * A row of the window may be given out only if no later change of its key was given out before. With read.only nothing is written:
 * GTID sets are the marks (watermark.h), and chunks are read by cdc_incremental_read alone. Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_INCREMENTAL_H
#define CONNECT_CONNECTORS_BINLOG_INCREMENTAL_H

#include "connect/connectors/binlog/context.h"
#include "connect/connectors/binlog/signal.h"
#include "connect/connectors/binlog/watermark.h"

struct cdc_incremental;

/* `extra`: further members of the stored offset, which may have an unfinished one; NULL: none. */
struct cdc_incremental *cdc_incremental_new(struct cdc_context *ctx, const char *extra);
void cdc_incremental_free(struct cdc_incremental *incremental); /* accepts NULL */

/* Tables of a signal are added to the queue; the first chunk is read when nothing is under way. Reading blocks for one
   statement. What the server refuses is logged, and the table is passed over. False: the signal table cannot be written, or the
   connection is lost. */
bool cdc_incremental_execute(struct cdc_incremental *incremental, const struct cdc_signal *signal, struct error *err) MUST_CHECK;
/* Go on with what the stored offset had. */
bool cdc_incremental_resume(struct cdc_incremental *incremental, struct error *err) MUST_CHECK;
/* The log may not have its marks: the connection is another one, and maybe the server, behind the same address, too. So the session
   goes with it. Resume reads the chunk again, with marks of its own. */
void cdc_incremental_forget_chunk(struct cdc_incremental *incremental);
bool cdc_incremental_stop(struct cdc_incremental *incremental, const struct cdc_signal *signal, struct error *err) MUST_CHECK;
bool cdc_incremental_pause(struct cdc_incremental *incremental, bool is_paused, struct error *err) MUST_CHECK;

/* A mark came back. The second returns whether the window is over: give out its rows, then ask for the next. */
void cdc_incremental_open(struct cdc_incremental *incremental, const char *id);
bool cdc_incremental_close(struct cdc_incremental *incremental, const char *id);
/* Append the rows of the window; the offset is that in front of them, behind it stands what cdc_incremental_extra says from now on. */
void cdc_incremental_emit(struct cdc_incremental *incremental, const struct cdc_source *source, struct source_offset offset,
                          struct record_batch *out);
bool cdc_incremental_next(struct cdc_incremental *incremental, struct error *err) MUST_CHECK;

/* read.only, between two transactions. Is a chunk to be read? Read it; a failure is as above. Is its window over, as the stream
   has seen so much? Then its rows are given out. */
bool cdc_incremental_wants_chunk(const struct cdc_incremental *incremental);
bool cdc_incremental_read(struct cdc_incremental *incremental, const struct cdc_seen *seen, struct error *err) MUST_CHECK;
bool cdc_incremental_is_over(const struct cdc_incremental *incremental, const struct binlog_gtids *seen);

/* This row was changed, or is what became of one. */
void cdc_incremental_changed(struct cdc_incremental *incremental, const struct cdc_slot *slot, const struct cdc_row *row);
/* Is a window of this table open? */
bool cdc_incremental_watches(const struct cdc_incremental *incremental, const struct cdc_slot *slot);
/* Members for the offset; heap, NULL: none. */
char *cdc_incremental_extra(const struct cdc_incremental *incremental);

#endif
