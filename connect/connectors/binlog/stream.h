/*
 * The binlog of a server as a stream of events: the contract for the task.
 *
 * A stream is one connection in dump mode. A thread of its own reads ahead (at most BINLOG_READ_AHEAD bytes, or one larger
 * event), so that next() can wait with a time limit. A stream belongs to the task's thread, but for close_async.
 *
 * It never reconnects by itself: only the task knows up to where its records are safe. After BINLOG_LOST free it and open
 * another one at the position (or GTID set) behind the last transaction that was handed on, after a pause.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_STREAM_H
#define CONNECT_CONNECTORS_BINLOG_STREAM_H

#include "common/db/db.h"
#include "connect/connectors/binlog/event.h"

enum { BINLOG_FILE_SIZE = 512, BINLOG_READ_AHEAD = 1 << 20 };

struct binlog_stream_params {
    const struct db_params *db;   /* read during new only; read_timeout_ms does not matter */
    uint32_t server_id;           /* unique among the replicas of the server; a later one with the same ends this; not 0 */
    unsigned heartbeat_ms;        /* the server sends a heartbeat when it was silent for so long; 0: 10 s */
    unsigned silence_ms;          /* nothing at all for so long: the connection is lost; 0: three heartbeats and 30 s */
    bool wants_annotations;       /* MariaDB: send the text of statements, too (MySQL sends it when the server is set so) */
};

/* Where to start: behind a GTID set (what was seen already; MySQL "uuid:1-5,...", MariaDB "0-1-48,..."), or at a file and
   position. With gtids, file and pos are not used. */
struct binlog_start {
    const char *gtids;            /* NULL: by file and position. "" is the beginning of all there is */
    const char *file;
    uint64_t pos;                 /* start of an event; below 4: 4 */
};

/* What went wrong, for whoever must decide; the words are in *err. */
enum binlog_failure {
    BINLOG_FAIL_NONE,
    BINLOG_FAIL_CONNECTION,       /* unreachable, lost, silent: retriable */
    BINLOG_FAIL_DENIED,           /* credentials, or the REPLICATION SLAVE privilege is missing */
    BINLOG_FAIL_NO_BINLOG,        /* log_bin is off */
    BINLOG_FAIL_PURGED,           /* file or GTIDs are no longer on the server */
    BINLOG_FAIL_AHEAD,            /* the position or GTIDs lie behind the end of the server's log: an older or another server */
    BINLOG_FAIL_SERVER_ID,        /* another reader has taken server_id: two of them end each other in turn */
    BINLOG_FAIL_TOO_LARGE,        /* an event that server or client do not let through */
    BINLOG_FAIL_DATA,             /* an event that is broken, or that this reader does not know */
    BINLOG_FAIL_OTHER,
};

enum binlog_result {
    BINLOG_EVENT,  /* *event_out is valid until the next call */
    BINLOG_IDLE,   /* none within timeout_ms */
    BINLOG_LOST,   /* *err filled; open another stream later (err->retriable) */
    BINLOG_FAILED, /* *err filled; the same again would fail, too */
};

struct binlog_stream;

/* Not connected yet, so that close_async is already possible. */
struct binlog_stream *binlog_stream_new(const struct binlog_stream_params *params);
/* Connect and ask for the dump, once. Blocks up to the connect timeout, or until close_async. False: *err and *failure_out are
   filled. Some refusals (a purged file, a server id that is taken) come with the first next(). */
bool binlog_stream_open(struct binlog_stream *stream, const struct binlog_start *start, enum binlog_failure *failure_out,
                        struct error *err) MUST_CHECK;
/* The next event, waiting up to timeout_ms (0: only what has been read already). After LOST or FAILED, and after
   close_async, every call gives the same again. */
enum binlog_result binlog_stream_next(struct binlog_stream *stream, int timeout_ms, const struct binlog_event **event_out,
                                      struct error *err);
/* Why the last next() was LOST or FAILED. */
enum binlog_failure binlog_stream_failure(const struct binlog_stream *stream);
/* Any thread, never blocks, may repeat: a running or later open() fails and a next() returns BINLOG_LOST soon. */
void binlog_stream_close_async(struct binlog_stream *stream);
/* Accepts NULL. Waits for the reading thread. */
void binlog_stream_free(struct binlog_stream *stream);

#endif
