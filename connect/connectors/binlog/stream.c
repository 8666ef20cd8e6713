/*
 * One thread reads from the server into `filling`; the task's thread decodes from `draining`. When that is used up, the two
 * are swapped. So an event costs one copy and no allocation, and a lock is taken once for many.
 *
 *   a frame in a buffer: length u32, the event, one byte that the decoder may write
 */
#include "connect/connectors/binlog/stream.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/strbuf.h"
#include "common/db/db_binlog.h"
#include "connect/connectors/binlog/decoder.h"
#include "connect/connectors/binlog/gtid.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NOT_YET INT64_MIN

enum { HEARTBEAT_MS = 10000, SILENCE_MS = 30000, FIRST_POSITION = 4, KEEP_MAX = 4 * BINLOG_READ_AHEAD };

struct binlog_stream {
    struct db *db;                  /* reading thread, but for db_kill */
    struct binlog_decoder *decoder; /* task thread, as everything up to the lock */
    struct strbuf draining;
    size_t at;                      /* of the next frame */
    uint32_t server_id;
    unsigned heartbeat_ms;
    bool wants_annotations;
    uint64_t skip_to;               /* events in front are not given: a position that the dump command cannot say */
    bool is_over;                   /* outcome, err and failure are what next gives from now on */
    enum binlog_result outcome;
    struct error err;
    enum binlog_failure failure;
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock;
    pthread_cond_t has_more, has_room;
    struct strbuf filling;
    bool is_task_waiting, is_closing, has_ended;
    struct error end;               /* why the reading thread has ended */
};

/* ---- what a failure means ------------------------------------------------------------------------------------ */

/* The servers have one number for most of it; their texts differ. */
enum { REFUSED = 1236, NO_PRIVILEGE = 1227, TOO_LARGE = 2020 };

static const struct {
    int number;
    const char *part; /* of the text; NULL: any */
    enum binlog_failure failure;
} failures[] = {
    {REFUSED, "purged", BINLOG_FAIL_PURGED},
    {REFUSED, "Could not find first log file", BINLOG_FAIL_PURGED},
    {REFUSED, "could not find next log", BINLOG_FAIL_PURGED},
    {REFUSED, "same server_uuid/server_id", BINLOG_FAIL_SERVER_ID},
    {REFUSED, "same server_id", BINLOG_FAIL_SERVER_ID},
    {REFUSED, "more GTIDs than", BINLOG_FAIL_AHEAD},
    {REFUSED, "position > file size", BINLOG_FAIL_AHEAD},
    {REFUSED, "impossible position", BINLOG_FAIL_AHEAD},
    {REFUSED, "which is not in the master's binlog", BINLOG_FAIL_AHEAD},
    {REFUSED, "Binary log is not open", BINLOG_FAIL_NO_BINLOG},
    {REFUSED, "bogus data", BINLOG_FAIL_DATA},
    {REFUSED, "truncated", BINLOG_FAIL_DATA},
    {REFUSED, "max_allowed_packet", BINLOG_FAIL_TOO_LARGE},
    {TOO_LARGE, NULL, BINLOG_FAIL_TOO_LARGE},
    {REFUSED, "checksum", BINLOG_FAIL_DATA},
    {REFUSED, NULL, BINLOG_FAIL_OTHER},
    {4052, NULL, BINLOG_FAIL_SERVER_ID}, /* MariaDB */
    {1044, NULL, BINLOG_FAIL_DENIED},
    {1045, NULL, BINLOG_FAIL_DENIED},
    {NO_PRIVILEGE, NULL, BINLOG_FAIL_DENIED},
    {1698, NULL, BINLOG_FAIL_DENIED},
};

static enum binlog_failure
classify(const struct error *err)
{
    for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++)
        if (failures[i].number == err->cause && (!failures[i].part || strstr(err->message, failures[i].part)))
            return failures[i].failure;
    return err->retriable ? BINLOG_FAIL_CONNECTION : BINLOG_FAIL_OTHER;
}

/* What the server's words leave open: what to do about it. */
static void
explain(enum binlog_failure failure, uint32_t server_id, struct error *err)
{
    switch (failure) {
    case BINLOG_FAIL_SERVER_ID:
        error_wrap(err, "another reader of this server's binlog has the server id %u, too; give each its own", server_id);
        break;
    case BINLOG_FAIL_DENIED:
        if (err->cause == NO_PRIVILEGE)
            error_wrap(err, "the account must be allowed to read the binlog (GRANT REPLICATION SLAVE ON *.* TO ...)");
        break;
    case BINLOG_FAIL_TOO_LARGE:
        error_wrap(err, "an event of the log is too large to be sent: up to 1 GiB is possible, and what the server's max_allowed_packet says. "
                        "Where that cannot be raised the event must be passed over, with a new snapshot; smaller transactions, or "
                        "binlog_transaction_compression=OFF, avoid it");
        break;
    case BINLOG_FAIL_NO_BINLOG:
        error_wrap(err, "the server writes no binlog; start it with log_bin");
        break;
    default:
        break;
    }
}

static enum binlog_result
end_with(struct binlog_stream *stream, enum binlog_failure failure, const struct error *reason, struct error *err)
{
    stream->is_over = true;
    stream->failure = failure;
    stream->outcome = failure == BINLOG_FAIL_CONNECTION ? BINLOG_LOST : BINLOG_FAILED;
    stream->err = *reason;
    explain(failure, stream->server_id, &stream->err);
    stream->err.retriable = failure == BINLOG_FAIL_CONNECTION;
    *err = stream->err;
    return stream->outcome;
}

/* ---- the reading thread ------------------------------------------------------------------------------------------ */

/* False: the stream is being closed. */
static bool
append(struct binlog_stream *stream, const uint8_t *event, size_t len)
{
    uint32_t len32 = (uint32_t)len;
    pthread_mutex_lock(&stream->lock);
    while (stream->filling.len >= BINLOG_READ_AHEAD && !stream->is_closing)
        pthread_cond_wait(&stream->has_room, &stream->lock);
    bool goes_on = !stream->is_closing;
    if (goes_on) {
        strbuf_add(&stream->filling, &len32, sizeof(len32));
        strbuf_add(&stream->filling, event, len);
        strbuf_putc(&stream->filling, '\0');
        if (stream->is_task_waiting)
            pthread_cond_signal(&stream->has_more);
    }
    pthread_mutex_unlock(&stream->lock);
    return goes_on;
}

static void *
read_events(void *arg)
{
    struct binlog_stream *stream = arg;
    struct error err = ERROR_INIT;
    const uint8_t *event;
    size_t len;
    enum db_binlog_status status = DB_BINLOG_EVENT;
    do
        status = db_binlog_read(stream->db, &event, &len, &err);
    while (status == DB_BINLOG_EVENT && append(stream, event, len));
    if (status == DB_BINLOG_EVENT)
        error_set_retriable(&err, ERROR_TIMEOUT, "the stream is closed");
    if (status == DB_BINLOG_END)
        error_set_retriable(&err, ERROR_UNAVAILABLE, "the server has ended the stream of its binlog");
    pthread_mutex_lock(&stream->lock);
    stream->has_ended = true;
    stream->end = err;
    pthread_cond_signal(&stream->has_more);
    pthread_mutex_unlock(&stream->lock);
    return NULL;
}

/* ---- opening ------------------------------------------------------------------------------------------------------------ */

static bool
exec(struct db *db, const struct strbuf *sql, struct error *err)
{
    return db_exec(db, sql->data, sql->len, NULL, err);
}

/* What replicas say before the dump: we take checksums, and want to hear from the server when nothing happens. */
static bool
prepare_session(const struct binlog_stream *stream, const char *mariadb_gtids, struct error *err)
{
    struct db *db = stream->db;
    unsigned long long heartbeat_ns = stream->heartbeat_ms * 1000000ULL;
    struct strbuf sql = STRBUF_INIT;
    strbuf_printf(&sql, "SET @master_binlog_checksum='CRC32', @source_binlog_checksum='CRC32', @master_heartbeat_period=%llu, "
                  "@source_heartbeat_period=%llu", heartbeat_ns, heartbeat_ns);
    if (db_is_mariadb(db))
        strbuf_puts(&sql, ", @mariadb_slave_capability=4");
    if (mariadb_gtids) {
        strbuf_puts(&sql, ", @slave_gtid_strict_mode=0, @slave_gtid_ignore_duplicates=0, @slave_connect_state=");
        db_quote(db, &sql, mariadb_gtids, strlen(mariadb_gtids));
    }
    bool is_done = exec(db, &sql, err);
    strbuf_fini(&sql);
    return is_done;
}

/* By MySQL's GTIDs, by MariaDB's, or by file and position. */
static bool
request_dump(struct binlog_stream *stream, const struct binlog_start *start, struct error *err)
{
    bool is_mariadb = db_is_mariadb(stream->db), by_gtids = start->gtids != NULL;
    struct strbuf encoded = STRBUF_INIT, text = STRBUF_INIT;
    struct binlog_gtids *gtids = by_gtids ? binlog_gtids_parse(start->gtids, err) : NULL;
    if (by_gtids && !gtids)
        return false;
    struct db_binlog_request request = {
        .server_id = stream->server_id, .pos = FIRST_POSITION, .file = by_gtids ? "" : start->file,
        .flags = is_mariadb && stream->wants_annotations ? DB_BINLOG_ANNOTATE : 0,
    };
    if (!by_gtids && start->pos > UINT32_MAX)
        stream->skip_to = start->pos;
    else if (!by_gtids && start->pos > FIRST_POSITION)
        request.pos = (uint32_t)start->pos;
    if (by_gtids && is_mariadb)
        binlog_gtids_text(gtids, &text);
    if (by_gtids && !is_mariadb) {
        binlog_gtids_encode(gtids, &encoded);
        request.gtid_set = encoded.data;
        request.gtid_set_len = encoded.len;
    }
    strbuf_add(&text, "", 0);
    bool is_done = prepare_session(stream, by_gtids && is_mariadb ? text.data : NULL, err) &&
                   db_binlog_dump(stream->db, &request, err);
    stream->decoder = binlog_decoder_new(request.file, request.pos);
    strbuf_fini(&encoded);
    strbuf_fini(&text);
    binlog_gtids_free(gtids);
    return is_done;
}

static struct db *
new_connection(const struct binlog_stream_params *params, unsigned heartbeat_ms)
{
    struct db_params db = *params->db;
    db.database = NULL;
    db.init = NULL;
    db.read_timeout_ms = params->silence_ms ? params->silence_ms : 3 * heartbeat_ms + SILENCE_MS;
    return db_new(&db);
}

struct binlog_stream *
binlog_stream_new(const struct binlog_stream_params *params)
{
    struct binlog_stream *stream = xcalloc(1, sizeof(*stream));
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&stream->lock, NULL);
    pthread_cond_init(&stream->has_more, &monotonic);
    pthread_cond_init(&stream->has_room, NULL);
    pthread_condattr_destroy(&monotonic);
    stream->server_id = params->server_id;
    stream->heartbeat_ms = params->heartbeat_ms ? params->heartbeat_ms : HEARTBEAT_MS;
    stream->wants_annotations = params->wants_annotations;
    stream->db = new_connection(params, stream->heartbeat_ms);
    return stream;
}

bool
binlog_stream_open(struct binlog_stream *stream, const struct binlog_start *start, enum binlog_failure *failure_out, struct error *err)
{
    *failure_out = BINLOG_FAIL_NONE;
    if (!db_open(stream->db, err) || !request_dump(stream, start, err)) {
        *failure_out = classify(err);
        explain(*failure_out, stream->server_id, err);
        return false;
    }
    int failed = pthread_create(&stream->thread, NULL, read_events, stream);
    stream->has_thread = failed == 0;
    if (failed) {
        *failure_out = BINLOG_FAIL_CONNECTION;
        error_set_retriable(err, ERROR_UNAVAILABLE, "no thread for the reader of the log: %s", strerror(failed));
    }
    return stream->has_thread;
}

/* ---- reading --------------------------------------------------------------------------------------------------------------- */

static void
reset_drained(struct binlog_stream *stream)
{
    if (stream->draining.size > KEEP_MAX)
        strbuf_fini(&stream->draining);
    else
        strbuf_reset(&stream->draining);
    stream->at = 0;
}

/* Get what the reading thread has collected. BINLOG_EVENT: there is something. */
static enum binlog_result
refill(struct binlog_stream *stream, int timeout_ms, struct error *err)
{
    struct timespec deadline = clock_deadline(timeout_ms);
    reset_drained(stream);
    pthread_mutex_lock(&stream->lock);
    stream->is_task_waiting = true;
    int waited = timeout_ms > 0 ? 0 : 1;
    while (stream->filling.len == 0 && !stream->has_ended && waited == 0)
        waited = pthread_cond_timedwait(&stream->has_more, &stream->lock, &deadline);
    stream->is_task_waiting = false;
    struct strbuf full = stream->filling;
    stream->filling = stream->draining;
    stream->draining = full;
    struct error end = stream->end;
    bool has_ended = stream->has_ended;
    pthread_cond_signal(&stream->has_room);
    pthread_mutex_unlock(&stream->lock);
    if (full.len > 0)
        return BINLOG_EVENT;
    return has_ended ? end_with(stream, classify(&end), &end, err) : BINLOG_IDLE;
}

static void
feed_next(struct binlog_stream *stream)
{
    uint32_t len;
    memcpy(&len, stream->draining.data + stream->at, sizeof(len));
    binlog_decoder_feed(stream->decoder, (uint8_t *)stream->draining.data + stream->at + sizeof(len), len);
    stream->at += sizeof(len) + len + 1;
}

/* Nothing that names a position in front of the start is given: the reader would go back there. */
static bool
is_skipped(struct binlog_stream *stream, const struct binlog_event *event)
{
    bool ends_file = event->kind == BINLOG_ROTATE && !event->is_artificial;
    if (stream->skip_to > 0 && event->pos < stream->skip_to && !ends_file)
        return true;
    stream->skip_to = 0;
    return false;
}

/* The first one says when the time is over; where much is passed over that is looked at between two buffers, not only when
   nothing comes. */
static enum binlog_result
refill_until(struct binlog_stream *stream, int64_t *until_ms, int timeout_ms, struct error *err)
{
    int64_t now_ms = clock_now_ms();
    if (*until_ms == NOT_YET)
        *until_ms = now_ms + timeout_ms;
    else if (now_ms >= *until_ms)
        return BINLOG_IDLE;
    return refill(stream, (int)(*until_ms - now_ms), err);
}

enum binlog_result
binlog_stream_next(struct binlog_stream *stream, int timeout_ms, const struct binlog_event **event_out, struct error *err)
{
    int64_t until_ms = NOT_YET;
    while (!stream->is_over) {
        enum binlog_decoder_result result = binlog_decoder_next(stream->decoder, event_out, err);
        if (result == BINLOG_DECODER_EVENT && !is_skipped(stream, *event_out))
            return BINLOG_EVENT;
        if (result == BINLOG_DECODER_FAILED)
            return end_with(stream, BINLOG_FAIL_DATA, err, err);
        if (result == BINLOG_DECODER_EVENT)
            continue;
        if (stream->at == stream->draining.len) {
            enum binlog_result refilled = refill_until(stream, &until_ms, timeout_ms, err);
            if (refilled != BINLOG_EVENT)
                return refilled;
        }
        feed_next(stream);
    }
    *err = stream->err;
    return stream->outcome;
}

enum binlog_failure
binlog_stream_failure(const struct binlog_stream *stream)
{
    return stream->failure;
}

/* ---- ending --------------------------------------------------------------------------------------------------------------------- */

void
binlog_stream_close_async(struct binlog_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    stream->is_closing = true;
    pthread_cond_signal(&stream->has_room);
    pthread_mutex_unlock(&stream->lock);
    db_kill(stream->db);
}

void
binlog_stream_free(struct binlog_stream *stream)
{
    if (!stream)
        return;
    if (stream->has_thread) {
        binlog_stream_close_async(stream);
        pthread_join(stream->thread, NULL);
    }
    db_close(stream->db);
    binlog_decoder_free(stream->decoder);
    strbuf_fini(&stream->draining);
    strbuf_fini(&stream->filling);
    pthread_cond_destroy(&stream->has_more);
    pthread_cond_destroy(&stream->has_room);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}
