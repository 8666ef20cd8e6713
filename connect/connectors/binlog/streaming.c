/*
 * The loop over events.
 *
 *   GTID -> BEGIN -> TABLE_MAP, ROWS, ... -> COMMIT        a transaction; the position moves behind it at its end
 *   GTID -> QUERY                                          a statement that changes structure
 *
 * The position names a transaction's start and how many of its events and rows are done. After a lost connection, or a
 * restart, the same transaction comes again, and what was handed on before is passed over.
 */
#include "connect/connectors/binlog/streaming.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/binlog/dml.h"
#include "connect/connectors/binlog/resume.h"
#include "connect/connectors/binlog/schema_change.h"
#include "connect/connectors/binlog/streaming_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("io.debezium.connector.binlog.BinlogStreamingChangeEventSource");

enum {
    EVENTS_A_POLL = 20000, /* of no interest: then the framework has its turn */
};

/* ---- life -------------------------------------------------------------------------------------------------------- */

/* So much of the transaction at the position was handed on. None of it: its BEGIN may have been, then its id is known. */
static void
keep_partial(struct cdc_streaming *streaming, uint64_t event, uint64_t row)
{
    struct cdc_partial *partial = &streaming->partial;
    *partial = (struct cdc_partial){.is_due = event > 0 || row > 0 || streaming->transaction.id, .pos = streaming->pos, .event = event, .row = row};
    memcpy(partial->file, streaming->file, sizeof(partial->file));
}

struct cdc_streaming *
cdc_streaming_new(struct cdc_context *ctx, const struct cdc_offset *position, struct error *err)
{
    struct cdc_streaming *streaming = xcalloc(1, sizeof(*streaming));
    streaming->ctx = ctx;
    cdc_transaction_init(&streaming->transaction, &ctx->config);
    cdc_heartbeat_init(&streaming->heartbeat, &ctx->config);
    snprintf(streaming->file, sizeof(streaming->file), "%s", position->file);
    streaming->pos = position->pos;
    streaming->ts_sec = position->ts_sec;
    streaming->server_id = position->server_id;
    streaming->thread = -1;
    streaming->incremental = cdc_incremental_new(ctx, position->extra);
    streaming->channels = cdc_channels_new(&ctx->config, position->extra, err);
    streaming->resumes_chunk = true;
    streaming->wanted_offset = CDC_OFFSET_INIT;
    cdc_transaction_restore(&streaming->transaction, position->extra);
    keep_partial(streaming, position->event, position->row);
    if (streaming->channels && position->gtids)
        streaming->gtids = binlog_gtids_parse(position->gtids, err);
    if (!streaming->channels || (position->gtids && !streaming->gtids)) {
        cdc_streaming_free(streaming);
        return NULL;
    }
    return streaming;
}

/* What is of one transaction. */
static void
forget_group(struct cdc_streaming *streaming)
{
    streaming->place = NULL;
    streaming->is_in_group = streaming->is_open = streaming->is_xa = streaming->is_filtered = false;
    streaming->is_without_effect = streaming->is_end_told = false;
    streaming->event = streaming->row = streaming->skip_events = streaming->skip_rows = 0;
    streaming->gtid[0] = '\0';
    streaming->gtid_copy = NULL;
    streaming->commit_us = 0;
    streaming->thread = -1;
    streaming->has_query = false;
    streaming->query_copy = NULL;
}

/* The transaction at hand comes again with the next connection; as much of it is done as was before this one, or more. */
static void
disconnect(struct cdc_streaming *streaming)
{
    bool is_beyond = streaming->event > streaming->skip_events ||
                     (streaming->event == streaming->skip_events && streaming->row >= streaming->skip_rows);
    if (streaming->is_open && is_beyond)
        keep_partial(streaming, streaming->event, streaming->row);
    else if (streaming->is_open)
        streaming->partial.is_due = true;
    forget_group(streaming);
    cdc_incremental_forget_chunk(streaming->incremental);
    streaming->resumes_chunk = true;
    cdc_links_stream(&streaming->ctx->links, NULL);
    binlog_stream_free(streaming->stream);
    streaming->stream = NULL;
    streaming->rows_event = NULL;
}

void
cdc_streaming_free(struct cdc_streaming *streaming)
{
    if (!streaming)
        return;
    disconnect(streaming);
    cdc_transaction_fini(&streaming->transaction);
    cdc_heartbeat_fini(&streaming->heartbeat);
    cdc_changes_fini(&streaming->changes);
    cdc_incremental_free(streaming->incremental);
    cdc_channels_free(streaming->channels);
    cdc_streaming_forget_wanted(streaming);
    arena_fini(&streaming->wanted_arena);
    free(streaming->signals_text);
    binlog_gtids_free(streaming->gtids);
    free(streaming->gtids_text);
    strbuf_fini(&streaming->query);
    free(streaming);
}

void
cdc_streaming_stored(struct cdc_streaming *streaming)
{
    cdc_channels_stored(streaming->channels);
}

void
cdc_streaming_pause(struct cdc_streaming *streaming)
{
    disconnect(streaming);
}

/* ---- positions ----------------------------------------------------------------------------------------------------- */

/* Members joined by a comma; takes both. */
static char *
join(char *a, char *b)
{
    if (!a || !b)
        return a ? a : b;
    char *both = xasprintf("%s,%s", a, b);
    free(a);
    free(b);
    return both;
}

struct cdc_offset
cdc_streaming_offset(struct cdc_streaming *streaming, char *extra)
{
    if (!streaming->has_signals_text) {
        streaming->signals_text = join(cdc_incremental_extra(streaming->incremental), cdc_channels_extra(streaming->channels));
        streaming->has_signals_text = true;
    }
    if (streaming->gtids && !streaming->gtids_text) {
        struct strbuf text = STRBUF_INIT;
        binlog_gtids_text(streaming->gtids, &text);
        streaming->gtids_text = strbuf_take(&text);
    }
    return (struct cdc_offset){
        .file = xstrdup(streaming->file), .pos = streaming->pos, .gtids = xstrdup(streaming->gtids_text),
        .server_id = streaming->server_id, .ts_sec = streaming->ts_sec, .extra = join(extra, xstrdup(streaming->signals_text)),
    };
}

struct cdc_place *
cdc_streaming_place(struct cdc_streaming *streaming, const char *counted)
{
    bool is_told = streaming->transaction.id != NULL;
    if (streaming->place && !is_told)
        return streaming->place;
    if (streaming->place && counted && streaming->place->counted && strcmp(counted, streaming->place->counted) == 0)
        return streaming->place; /* counts of other tables have not changed since */
    struct cdc_offset offset = cdc_streaming_offset(streaming, cdc_transaction_extra(&streaming->transaction, counted));
    struct cdc_place *place = cdc_place_new(&offset, is_told && counted ? xstrdup(counted) : NULL);
    streaming->place = cdc_context_keep(streaming->ctx, place);
    return place;
}

/* The transaction or statement that ends at `event` is done. */
static void
move_on(struct cdc_streaming *streaming, const struct binlog_event *event)
{
    if (streaming->gtids && *streaming->gtid) {
        struct error ignored;
        if (!binlog_gtids_add(streaming->gtids, streaming->gtid, &ignored))
            log_warn("GTID %s: %s", streaming->gtid, ignored.message);
        free(streaming->gtids_text);
        streaming->gtids_text = NULL;
    }
    memcpy(streaming->last_gtid, streaming->gtid, sizeof(streaming->gtid));
    snprintf(streaming->file, sizeof(streaming->file), "%s", event->file);
    streaming->pos = event->next_pos;
    streaming->partial.is_due = false;
    cdc_transaction_end(&streaming->transaction);
    forget_group(streaming);
}

int64_t
cdc_streaming_ts_us(const struct cdc_streaming *streaming, const struct binlog_event *event)
{
    return streaming->commit_us ? streaming->commit_us : (int64_t)event->timestamp_s * 1000000;
}

static const char *
copy_once(const char **copy, const char *text, struct arena *arena)
{
    if (!*copy)
        *copy = arena_strdup(arena, text);
    return *copy;
}

struct cdc_source
cdc_streaming_source(struct cdc_streaming *streaming, const struct binlog_event *event, struct arena *arena)
{
    int64_t ts_us = cdc_streaming_ts_us(streaming, event);
    if (ts_us / 1000000 != streaming->ts_sec) {
        streaming->ts_sec = ts_us / 1000000;
        streaming->place = NULL;
    }
    return (struct cdc_source){
        .mark = CDC_MARK_NONE,
        .ts_us = ts_us,
        .database = "",
        .server_id = streaming->server_id,
        .gtid = *streaming->gtid ? copy_once(&streaming->gtid_copy, streaming->gtid, arena) : NULL,
        .file = copy_once(&streaming->file_copy, event->file, arena),
        .pos = event->pos,
        .thread = streaming->thread,
        .query = streaming->has_query ? copy_once(&streaming->query_copy, streaming->query.data, arena) : NULL,
    };
}

/* ---- transactions ----------------------------------------------------------------------------------------------------- */

/* Is this the transaction that was handed on in part? With another server's log another one may be the first, or the same
   one elsewhere and cut into other events: that is given out as a whole, as nothing else is safe. `id` is its own. Debezium's
   offsets name the position of the begin, ours that of the GTID. */
static bool
is_partial(const struct cdc_streaming *streaming, const struct binlog_event *begin, const char *id)
{
    const struct cdc_partial *partial = &streaming->partial;
    return strcmp(partial->file, streaming->file) == 0 && (partial->pos == streaming->pos || partial->pos == begin->pos) &&
           (!streaming->transaction.id || strcmp(streaming->transaction.id, id) == 0);
}

/* Rows may come. True: it goes on, where it was left. */
static bool
open_group(struct cdc_streaming *streaming, const struct binlog_event *begin, const char *id)
{
    struct cdc_partial *partial = &streaming->partial;
    bool was_due = partial->is_due, goes_on = was_due && is_partial(streaming, begin, id);
    streaming->is_in_group = streaming->is_open = true;
    streaming->event = streaming->row = 0;
    partial->is_due = false;
    if (goes_on) {
        streaming->skip_events = partial->event;
        streaming->skip_rows = partial->row;
    } else if (was_due) {
        log_warn("transaction %s at %s:%" PRIu64 " is not the one at %s:%" PRIu64 " that was being read: nothing of it is passed over", id,
                 streaming->file, streaming->pos, partial->file, partial->pos);
    }
    return goes_on;
}

/* No record but END has an offset with all events in front of the end done and no row. */
static void
begin_transaction(struct cdc_streaming *streaming, const struct binlog_event *event, struct record_batch *out)
{
    char id[BINLOG_FILE_SIZE + 64];
    struct cdc_transaction *transaction = &streaming->transaction;
    if (*streaming->gtid)
        snprintf(id, sizeof(id), "%s", streaming->gtid);
    else
        snprintf(id, sizeof(id), "file=%s,pos=%" PRIu64, streaming->file, streaming->pos);
    if (open_group(streaming, event, id)) {
        streaming->is_end_told = transaction->id && streaming->skip_events > 0 && streaming->skip_rows == 0;
        cdc_transaction_go_on(transaction, id);
        return;
    }
    cdc_transaction_begin(transaction, id);
    if (transaction->id)
        cdc_transaction_add_begin(transaction, streaming->ctx, out, cdc_streaming_ts_us(streaming, event) / 1000,
                                  cdc_place_offset(cdc_streaming_place(streaming, NULL), 0, 0, 0));
}

static void
end_transaction(struct cdc_streaming *streaming, const struct binlog_event *event, struct record_batch *out)
{
    bool is_told = streaming->is_end_told && streaming->event == streaming->skip_events;
    if (streaming->transaction.id && !streaming->is_xa && !is_told) {
        streaming->place = NULL;
        struct cdc_place *place = cdc_streaming_place(streaming, NULL);
        cdc_transaction_add_end(&streaming->transaction, streaming->ctx, out, cdc_streaming_ts_us(streaming, event) / 1000,
                                cdc_place_offset(place, streaming->event, 0, 0));
    }
    move_on(streaming, event);
}

static void
take_gtid(struct cdc_streaming *streaming, const struct binlog_event *event, struct record_batch *out)
{
    const struct binlog_gtid *gtid = &event->gtid;
    snprintf(streaming->gtid, sizeof(streaming->gtid), "%s", gtid->text);
    streaming->gtid_copy = NULL;
    streaming->commit_us = (int64_t)gtid->commit_us;
    streaming->is_without_effect = gtid->is_without_effect;
    snprintf(streaming->file, sizeof(streaming->file), "%s", event->file);
    streaming->pos = event->pos;
    streaming->place = NULL;
    streaming->is_in_group = true;
    if (*gtid->text && streaming->ctx->config.gtid_filter_dml) {
        char source[128];
        snprintf(source, sizeof(source), "%s", gtid->text);
        *(gtid->is_mariadb ? strrchr(source, '-') : source + strcspn(source, ":")) = '\0';
        streaming->is_filtered = !cdc_filters_has_gtid_source(streaming->ctx->filters, source);
    }
    if (gtid->is_mariadb && !gtid->is_standalone)
        begin_transaction(streaming, event, out);
}

/* ---- statements --------------------------------------------------------------------------------------------------------- */

static bool
starts_with(const char *sql, const char *word)
{
    return strncasecmp(sql, word, strlen(word)) == 0;
}

static bool
tell_change(struct cdc_streaming *streaming, const struct binlog_event *event, const struct cdc_change *change, struct record_batch *out,
            struct error *err)
{
    struct cdc_context *ctx = streaming->ctx;
    if (change->kind == CDC_CHANGE_TRUNCATE)
        return ctx->config.skips_truncate || cdc_streaming_add_truncate(streaming, event, change, out, err);
    struct cdc_source source = cdc_streaming_source(streaming, event, &out->arena);
    source.database = arena_strdup(&out->arena, change->database);
    source.table = change->tables ? arena_strdup(&out->arena, change->tables) : NULL;
    struct cdc_offset offset = cdc_streaming_offset(streaming, NULL);
    offset.event = streaming->is_open ? streaming->event + 1 : 0; /* CREATE TABLE ... SELECT is part of a transaction */
    struct cdc_place *place = cdc_context_keep(ctx, cdc_place_new(&offset, NULL));
    return cdc_context_change(ctx, out, change, &source, place, err);
}

/* Only the last record has the position behind the statement: else a crash between them might lose the later ones. */
static bool
tell_changes(struct cdc_streaming *streaming, const struct binlog_event *event, struct source_offset before, struct record_batch *out,
             struct error *err)
{
    size_t first = out->count;
    const struct cdc_config *config = &streaming->ctx->config;
    const struct cdc_filters *filters = streaming->ctx->filters;
    const struct cdc_changes *changes = &streaming->changes;
    if (!cdc_changes_concern(config, filters, event->query.database.data, event->query.sql.data, changes))
        return true;
    for (size_t i = 0; i < changes->count; i++)
        if (cdc_change_is_told(config, filters, &changes->items[i]) && !tell_change(streaming, event, &changes->items[i], out, err))
            return false;
    for (size_t i = first; i + 1 < out->count; i++)
        out->records[i].source_offset = before;
    return cdc_history_flush(streaming->ctx->history, err);
}

/* How backslashes and quotes of the text are to be read. */
static void
set_sql_mode(struct cdc_streaming *streaming, uint64_t mode)
{
    enum { ANSI_QUOTES = 1 << 2, NO_BACKSLASH_ESCAPES = 1 << 20 };
    const char *text = mode & NO_BACKSLASH_ESCAPES ? (mode & ANSI_QUOTES ? "ANSI_QUOTES,NO_BACKSLASH_ESCAPES" : "NO_BACKSLASH_ESCAPES")
                                                   : (mode & ANSI_QUOTES ? "ANSI_QUOTES" : "");
    cdc_tables_set_variable(streaming->ctx->tables, "sql_mode", text);
}

/* A statement of its own is a transaction of its own: the position behind it goes with its last record, so that it is not
   applied again after a restart. */
static bool
take_statement(struct cdc_streaming *streaming, const struct binlog_event *event, struct source_offset before, struct record_batch *out,
               struct error *err)
{
    struct cdc_context *ctx = streaming->ctx;
    const struct binlog_query *query = &event->query;
    if (!cdc_ddl_apply(ctx->tables, query->database.data, query->sql.data, query->sql.len, ctx->config.include_schema_comments,
                       &streaming->changes, err)) {
        if (!ctx->config.history_skip_unparseable)
            return error_wrap(err, "%s:%" PRIu64, event->file, event->pos);
        log_warn("a statement that cannot be read is left out (schema.history.internal.skip.unparseable.ddl): %s", err->message);
        return true;
    }
    return tell_changes(streaming, event, before, out, err);
}

/* The position that the records of a statement have is behind it, their source block is of it. */
static bool
take_own_statement(struct cdc_streaming *streaming, const struct binlog_event *event, struct record_batch *out, struct error *err)
{
    char gtid[sizeof(streaming->gtid)];
    int64_t commit_us = streaming->commit_us;
    struct source_offset before = cdc_place_offset(cdc_streaming_place(streaming, NULL), 0, 0, 0);
    memcpy(gtid, streaming->gtid, sizeof(gtid));
    move_on(streaming, event);
    memcpy(streaming->gtid, gtid, sizeof(gtid));
    streaming->commit_us = commit_us;
    bool ok = take_statement(streaming, event, before, out, err);
    streaming->gtid[0] = '\0';
    streaming->gtid_copy = NULL;
    streaming->commit_us = 0;
    streaming->place = NULL;
    return ok;
}

/* XA START begins rows that end with XA PREPARE; XA COMMIT and the like are groups of their own. */
static void
take_xa(struct cdc_streaming *streaming, const struct binlog_event *event)
{
    const char *sql = event->query.sql.data;
    if (starts_with(sql, "XA START") || starts_with(sql, "XA BEGIN")) {
        streaming->is_xa = true;
        if (!open_group(streaming, event, "of XA"))
            cdc_transaction_end(&streaming->transaction);
    } else if (!starts_with(sql, "XA END")) {
        move_on(streaming, event);
    }
}

/* Changes that are not known: what becomes of that is said as for an event that cannot be read. */
static bool
lose_changes(const struct cdc_streaming *streaming, const struct binlog_event *event, const char *what, struct error *err)
{
    enum cdc_failure_mode mode = streaming->ctx->config.event_failure;
    if (mode == CDC_FAILURE_FAIL)
        return error_set(err, ERROR_DATA, "%s:%" PRIu64 ": %s. Take a new snapshot; event.processing.failure.handling.mode=warn goes on "
                                          "without the changes that are missing", event->file, event->pos, what);
    if (mode == CDC_FAILURE_WARN)
        log_warn("%s:%" PRIu64 ": %s, so changes are missing", event->file, event->pos, what);
    return true;
}

static bool
is_followed(void *arg, const struct cdc_table *table)
{
    const struct cdc_slot *slot = cdc_context_slot(arg, table->database, table->name);
    return slot->is_captured || slot->is_signal;
}

/* Its rows are not in the log. */
static bool
lose_text(const struct cdc_streaming *streaming, const struct binlog_event *event, const struct cdc_table *table, struct error *err)
{
    char what[500];
    snprintf(what, sizeof(what), "a statement that may change rows of table %.100s.%.100s is in the log as text, so binlog_format was not ROW for "
             "its session (thread %" PRIu64 ")", table->database, table->name, (uint64_t)event->query.thread_id);
    return lose_changes(streaming, event, what, err);
}

static bool
take_query(struct cdc_streaming *streaming, const struct binlog_event *event, struct record_batch *out, struct error *err)
{
    const char *sql = event->query.sql.data;
    if (starts_with(sql, "XA ")) {
        take_xa(streaming, event);
        return true;
    }
    const struct cdc_table *table;
    set_sql_mode(streaming, event->query.sql_mode);
    if (cdc_dml_read(streaming->ctx->tables, event->query.database.data, sql, event->query.sql.len, is_followed, streaming->ctx, &table)) {
        if (table && !streaming->is_filtered && !streaming->is_without_effect && !lose_text(streaming, event, table, err))
            return false;
    } else if (!streaming->is_without_effect && !cdc_statement_is_ignored(sql, event->query.sql.len)) {
        if (!streaming->is_open)
            return take_own_statement(streaming, event, out, err);
        struct source_offset before = cdc_place_offset(cdc_streaming_place(streaming, NULL), streaming->event, 0, 0);
        return take_statement(streaming, event, before, out, err);
    }
    if (!streaming->is_open)
        move_on(streaming, event);
    return true;
}

/* ---- events ------------------------------------------------------------------------------------------------------------- */

/* Between transactions the position follows what passes, unless one is to come that was handed on in part. */
static void
pass(struct cdc_streaming *streaming, const struct binlog_event *event)
{
    if (streaming->is_in_group || streaming->partial.is_due || (event->is_artificial && event->kind != BINLOG_ROTATE && event->kind != BINLOG_HEARTBEAT))
        return;
    bool is_rotate = event->kind == BINLOG_ROTATE, is_heartbeat = event->kind == BINLOG_HEARTBEAT;
    const char *file = is_rotate ? event->rotate.file : event->file;
    uint64_t pos = is_rotate ? event->rotate.pos : is_heartbeat ? event->pos : event->next_pos;
    if (!file || !*file || pos < 4)
        return;
    snprintf(streaming->file, sizeof(streaming->file), "%s", file);
    streaming->pos = pos;
    streaming->place = NULL;
}

static void
take_text(struct cdc_streaming *streaming, const struct binlog_event *event)
{
    if (!streaming->ctx->config.include_query)
        return;
    strbuf_reset(&streaming->query);
    strbuf_add(&streaming->query, event->text.data, event->text.len);
    streaming->has_query = true;
    streaming->query_copy = NULL;
}

static bool
take_incident(struct cdc_streaming *streaming, const struct binlog_event *event, struct error *err)
{
    char what[300];
    snprintf(what, sizeof(what), "the server could not write all changes to its log (incident: %.200s)", event->text.data);
    if (!lose_changes(streaming, event, what, err))
        return false;
    if (!streaming->is_open)
        move_on(streaming, event);
    return true;
}

/* Rows are read by the loop, behind this. */
static bool
take_event(struct cdc_streaming *streaming, const struct binlog_event *event, struct record_batch *out, struct error *err)
{
    switch (event->kind) {
    case BINLOG_GTID:
        take_gtid(streaming, event, out);
        return true;
    case BINLOG_BEGIN:
        streaming->thread = event->query.thread_id;
        begin_transaction(streaming, event, out);
        return true;
    case BINLOG_ROWS_QUERY:
        take_text(streaming, event);
        return true;
    case BINLOG_ROWS:
        return cdc_streaming_begin_rows(streaming, event, err);
    case BINLOG_QUERY:
        return take_query(streaming, event, out, err);
    case BINLOG_COMMIT:
    case BINLOG_ROLLBACK:
    case BINLOG_XA_PREPARE:
        end_transaction(streaming, event, out);
        return true;
    case BINLOG_TABLE_MAP:
        return true;
    case BINLOG_INCIDENT:
        return take_incident(streaming, event, err);
    default:
        pass(streaming, event);
        return true;
    }
}

/* An event that was handed on before counts and does nothing, but for those that open and close the transaction. */
static bool
is_known(const struct cdc_streaming *streaming, const struct binlog_event *event)
{
    bool is_inside = event->kind == BINLOG_ROWS || event->kind == BINLOG_QUERY;
    bool is_xa_start = event->kind == BINLOG_QUERY && starts_with(event->query.sql.data, "XA ");
    return streaming->is_open && is_inside && !is_xa_start && streaming->event < streaming->skip_events;
}

/* Behind a whole event of a transaction. */
static void
count_event(struct cdc_streaming *streaming)
{
    if (!streaming->is_open || streaming->rows_event)
        return;
    streaming->event++;
    streaming->row = 0;
    if (streaming->event > streaming->skip_events)
        streaming->skip_rows = 0;
}

static void
beat(struct cdc_streaming *streaming, struct record_batch *out)
{
    if (streaming->is_in_group || streaming->partial.is_due || !cdc_heartbeat_is_due(&streaming->heartbeat))
        return;
    struct cdc_offset offset = cdc_streaming_offset(streaming, NULL);
    struct cdc_place *place = cdc_context_keep(streaming->ctx, cdc_place_new(&offset, NULL));
    cdc_heartbeat_add(&streaming->heartbeat, streaming->ctx, out, cdc_place_offset(place, 0, 0, 0));
}

/* ---- connection ----------------------------------------------------------------------------------------------------------- */

static bool
open_stream(struct cdc_streaming *streaming, enum binlog_failure *failure, struct error *err)
{
    const struct cdc_config *config = &streaming->ctx->config;
    struct db_params db = cdc_config_connection(config);
    struct binlog_stream_params params = {
        .db = &db,
        .server_id = (uint32_t)config->server_id,
        .heartbeat_ms = config->keep_alive ? (unsigned)(config->keep_alive_interval_ms * 8 / 10) : 0,
        .wants_annotations = config->include_query,
    };
    struct cdc_offset at = cdc_streaming_offset(streaming, NULL);
    struct binlog_start start = {.gtids = at.gtids, .file = streaming->file, .pos = streaming->pos};
    streaming->stream = binlog_stream_new(&params);
    cdc_links_stream(&streaming->ctx->links, streaming->stream); /* so that a stop ends the connecting, too */
    bool is_open = binlog_stream_open(streaming->stream, &start, failure, err);
    if (is_open)
        log_info("Connected to binlog at %s:%d, starting at %s:%" PRIu64 "%s%s, skipping %" PRIu64 " events and %" PRIu64 " rows", config->host,
                 config->port, streaming->file, streaming->pos, at.gtids ? ", GTIDs " : "", at.gtids ? at.gtids : "",
                 streaming->partial.is_due ? streaming->partial.event : 0, streaming->partial.is_due ? streaming->partial.row : 0);
    cdc_offset_fini(&at);
    return is_open;
}

/* The connection is gone, or was refused. */
static enum poll_result
fail(struct cdc_streaming *streaming, enum binlog_failure failure, bool is_lost, struct error *err)
{
    disconnect(streaming);
    if (db_links_is_closed(&streaming->ctx->links.dbs))
        return POLL_IDLE;
    if (failure == BINLOG_FAIL_PURGED || failure == BINLOG_FAIL_AHEAD) {
        struct error cause = *err;
        struct cdc_offset at = cdc_streaming_offset(streaming, NULL);
        cdc_resume_refuse(&at, err);
        cdc_offset_fini(&at);
        log_error("%s", cause.message);
        return POLL_FAILED;
    }
    return is_lost || failure == BINLOG_FAIL_CONNECTION ? POLL_RETRY : POLL_FAILED;
}

/* ---- polling -------------------------------------------------------------------------------------------------------------- */

static void
begin_batch(struct cdc_streaming *streaming)
{
    streaming->gtid_copy = streaming->file_copy = streaming->query_copy = NULL;
    streaming->place = NULL; /* kept by the context until now */
    if (streaming->wanted)
        cdc_streaming_forget_wanted(streaming);
}

/* One event, as far as the batch has room. */
static bool
work_off(struct cdc_streaming *streaming, const struct binlog_event *event, struct record_batch *out, struct error *err)
{
    if (event) {
        streaming->server_id = event->server_id;
        if (!is_known(streaming, event) && !take_event(streaming, event, out, err))
            return false;
    }
    if (streaming->rows_event && !cdc_streaming_read_rows(streaming, out, err))
        return false;
    count_event(streaming);
    beat(streaming, out);
    return true;
}

enum poll_result
cdc_streaming_poll(struct cdc_streaming *streaming, struct record_batch *out, int timeout_ms, struct error *err)
{
    enum binlog_failure failure = BINLOG_FAIL_NONE;
    begin_batch(streaming);
    if (!streaming->stream && !open_stream(streaming, &failure, err))
        return fail(streaming, failure, false, err);
    if (streaming->resumes_chunk && !cdc_streaming_resume_chunk(streaming, err))
        return POLL_FAILED;
    if (streaming->rows_event && !work_off(streaming, NULL, out, err))
        return POLL_FAILED;
    for (int i = 0; i < EVENTS_A_POLL && cdc_context_has_room(streaming->ctx, out) && !streaming->wanted; i++) {
        const struct binlog_event *event;
        if (!cdc_streaming_serve(streaming, out, err))
            return POLL_FAILED;
        if (streaming->wanted || !cdc_context_has_room(streaming->ctx, out))
            break;
        switch (binlog_stream_next(streaming->stream, out->count ? 0 : timeout_ms, &event, err)) {
        case BINLOG_EVENT:
            if (!work_off(streaming, event, out, err))
                return POLL_FAILED;
            break;
        case BINLOG_IDLE:
            return out->count ? POLL_RECORDS : POLL_IDLE;
        case BINLOG_LOST:
            if (out->count)
                return POLL_RECORDS; /* the same is said next time */
            return fail(streaming, binlog_stream_failure(streaming->stream), true, err);
        case BINLOG_FAILED:
            if (out->count)
                return POLL_RECORDS;
            return fail(streaming, binlog_stream_failure(streaming->stream), false, err);
        }
    }
    return out->count ? POLL_RECORDS : POLL_IDLE;
}
