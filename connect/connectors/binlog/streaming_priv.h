/* What the files of the stream's reader share. */
#ifndef CONNECT_CONNECTORS_BINLOG_STREAMING_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_STREAMING_PRIV_H

#include "connect/connectors/binlog/channels.h"
#include "connect/connectors/binlog/gtid.h"
#include "connect/connectors/binlog/heartbeat.h"
#include "connect/connectors/binlog/incremental.h"
#include "connect/connectors/binlog/stream.h"
#include "connect/connectors/binlog/streaming.h"
#include "connect/connectors/binlog/transaction.h"

/* A transaction that was handed on in part: it is the first to come when the stream is opened, and goes on from there. */
struct cdc_partial {
    bool is_due;         /* has not come yet */
    char file[BINLOG_FILE_SIZE];
    uint64_t pos;        /* where it starts */
    uint64_t event, row; /* done of it */
};

struct cdc_streaming {
    struct cdc_context *ctx;
    struct binlog_stream *stream;   /* NULL: to be opened */
    struct cdc_transaction transaction;
    struct cdc_heartbeat heartbeat;
    struct cdc_changes changes;

    /* the position: the start of the transaction being read, or the end of the last one */
    struct binlog_gtids *gtids;     /* completed before it; NULL: the server has none, or they are not known */
    char *gtids_text;               /* the same; NULL: to be written anew */
    char file[BINLOG_FILE_SIZE];
    uint64_t pos;
    int64_t ts_sec;                 /* of the last row or statement that was told; negative: none */
    struct cdc_place *place;        /* of the records of this transaction; NULL: to be made */

    struct cdc_partial partial;

    /* the transaction */
    bool is_in_group;               /* from its GTID, or its begin where servers have none, to its end: the position stays in front */
    bool is_open;                   /* between its begin and its end */
    bool is_xa;                     /* its rows end with XA PREPARE, and it is not told as a transaction */
    bool is_filtered;               /* its source is not wanted */
    bool is_without_effect;         /* its statement changes nothing yet, or not at all */
    uint64_t event, row;            /* done: events of it, rows of the event behind them */
    uint64_t skip_events, skip_rows; /* of it: handed on before the stream was opened */
    bool is_end_told;               /* its END record, too */
    char gtid[128], last_gtid[128]; /* of this one, and of the one before */
    int64_t commit_us;              /* 0: not known */
    uint64_t server_id;
    int64_t thread;                 /* negative: not known */
    struct strbuf query;            /* the statement's text; empty: not known */
    bool has_query;

    /* signals */
    struct cdc_incremental *incremental;
    struct cdc_channels *channels;
    char *signals_text;             /* members of the offset of both; NULL: to be written anew, or none */
    bool has_signals_text;
    bool owes_place;                /* no record has them yet */
    bool resumes_chunk;             /* a chunk is to be asked for again */
    int64_t resume_ms;              /* not before */
    struct cdc_snapshot_table *wanted; /* of a blocking snapshot that was asked for; NULL: none */
    size_t wanted_count;
    struct cdc_source wanted_at;
    struct cdc_offset wanted_offset;
    char *wanted_extra;             /* further members of the offset when it is done */
    struct arena wanted_arena;

    /* copies in the arena of this batch; NULL: to be made */
    const char *gtid_copy, *file_copy, *query_copy;

    /* the row event being read, over as many batches as it takes */
    const struct binlog_event *rows_event;
    struct binlog_rows rows;
    struct cdc_slot *slot;
    struct cdc_plan *plan;
};

/* The rows of an event have come: sets rows_event when they are to be read. */
bool cdc_streaming_begin_rows(struct cdc_streaming *streaming, const struct binlog_event *event, struct error *err) MUST_CHECK;
/* Go on with them while the batch has room. At their end rows_event is NULL. */
bool cdc_streaming_read_rows(struct cdc_streaming *streaming, struct record_batch *out, struct error *err) MUST_CHECK;
/* An op "t" record. */
bool cdc_streaming_add_truncate(struct cdc_streaming *streaming, const struct binlog_event *event, const struct cdc_change *change,
                                struct record_batch *out, struct error *err) MUST_CHECK;

/* A row was inserted into the signal table or deleted from it: the signal is carried out. */
bool cdc_streaming_signal(struct cdc_streaming *streaming, const struct cdc_row *row, bool is_delete, const struct cdc_source *source,
                          struct source_offset offset, struct record_batch *out, struct error *err) MUST_CHECK;
/* Go on with an incremental snapshot that a start or a lost connection interrupted. */
bool cdc_streaming_resume_chunk(struct cdc_streaming *streaming, struct error *err) MUST_CHECK;
/* Between two transactions: signals of other channels, chunks without a signal table, and what the offset has to say of them. */
bool cdc_streaming_serve(struct cdc_streaming *streaming, struct record_batch *out, struct error *err) MUST_CHECK;
void cdc_streaming_forget_wanted(struct cdc_streaming *streaming);
/* The position with event and row, and all further members; owned by the caller. `extra` (heap or NULL) is taken. */
struct cdc_offset cdc_streaming_offset(struct cdc_streaming *streaming, char *extra);

/* What records of this event have in common. */
struct cdc_source cdc_streaming_source(struct cdc_streaming *streaming, const struct binlog_event *event, struct arena *arena);
/* The place of the transaction's records, counting rows of `counted` (or NULL). */
struct cdc_place *cdc_streaming_place(struct cdc_streaming *streaming, const char *counted);
/* When the transaction was committed, in microseconds. */
int64_t cdc_streaming_ts_us(const struct cdc_streaming *streaming, const struct binlog_event *event);

#endif
