/* The course of a snapshot: the structure is told, then rows, table by table. */
#include "connect/connectors/binlog/snapshot_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/binlog/schema_change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("io.debezium.relational.RelationalSnapshotChangeEventSource");

enum {
    STATEMENTS_A_POLL = 500,
    LOG_MS = 10000,
    WAIT_MS = 500,
};

/* ---- life ------------------------------------------------------------------------------------------------------- */

void
cdc_snapshot_forget_tables(struct cdc_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->table_count; i++)
        free(snapshot->tables[i].condition);
    free(snapshot->tables);
    snapshot->tables = NULL;
    snapshot->table_count = 0;
}

void
cdc_snapshot_add_table(struct cdc_snapshot *snapshot, struct cdc_slot *slot, const char *condition)
{
    snapshot->tables = xrealloc(snapshot->tables, (snapshot->table_count + 1) * sizeof(*snapshot->tables));
    snapshot->tables[snapshot->table_count++] = (struct cdc_snapshot_source){.slot = slot, .condition = xstrdup(condition)};
}

void
cdc_snapshot_remove_table(struct cdc_snapshot *snapshot, size_t index)
{
    struct cdc_snapshot_source *table = &snapshot->tables[index];
    free(table->condition);
    snapshot->table_count--;
    memmove(table, table + 1, (snapshot->table_count - index) * sizeof(*table));
}

struct cdc_snapshot *
cdc_snapshot_new(struct cdc_context *ctx, const struct cdc_snapshot_task *task)
{
    struct cdc_snapshot *snapshot = xcalloc(1, sizeof(*snapshot));
    snapshot->ctx = ctx;
    snapshot->with_schema = task->with_schema;
    snapshot->with_data = task->with_data;
    snapshot->resume = task->resume ? cdc_offset_dup(task->resume) : CDC_OFFSET_INIT;
    snapshot->position = CDC_OFFSET_INIT;
    snapshot->at = (struct cdc_source){.mark = CDC_MARK_TRUE, .database = "", .thread = -1};
    if (!task->at)
        return snapshot;
    snapshot->is_blocking = true;
    snapshot->at_gtid = xstrdup(task->at->gtid);
    snapshot->at.gtid = snapshot->at_gtid;
    snapshot->at.server_id = task->at->server_id;
    snapshot->at.pos = task->at->pos;
    snapshot->position = cdc_offset_dup(task->at_offset);
    snapshot->extra_done = xstrdup(task->extra_done);
    for (size_t i = 0; i < task->table_count; i++)
        cdc_snapshot_add_table(snapshot, cdc_context_slot(ctx, task->tables[i].slot->database, task->tables[i].slot->table), task->tables[i].condition);
    return snapshot;
}

static void
forget_rows(struct cdc_snapshot_source *source)
{
    free(source->sql);
    free(source->columns);
    source->sql = NULL;
    source->columns = NULL;
    source->rows = 0;
}

void
cdc_snapshot_stop_reading(struct cdc_snapshot *snapshot)
{
    cdc_readers_free(snapshot->readers);
    snapshot->readers = NULL;
    for (size_t i = 0; i < snapshot->table_count; i++)
        forget_rows(&snapshot->tables[i]);
    free(snapshot->statements_of_rows);
    snapshot->statements_of_rows = NULL;
    snapshot->begun = 0;
}

void
cdc_snapshot_drop_sessions(struct cdc_snapshot *snapshot, bool with_own)
{
    struct db *dbs[CDC_READERS_MAX];
    size_t count = snapshot->other_count;
    memcpy(dbs, snapshot->others, count * sizeof(*dbs));
    if (with_own) {
        dbs[count++] = snapshot->db;
        snapshot->db = NULL;
    }
    db_links_drop_all(&snapshot->ctx->links.dbs, dbs, count);
    snapshot->other_count = 0;
}

static void
forget_statements(struct cdc_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->statement_count; i++) {
        free(snapshot->statements[i].database);
        free(snapshot->statements[i].sql);
    }
    free(snapshot->statements);
    snapshot->statements = NULL;
    snapshot->statement_count = snapshot->statement_next = 0;
}

void
cdc_snapshot_rewind(struct cdc_snapshot *snapshot)
{
    cdc_snapshot_stop_reading(snapshot);
    cdc_snapshot_drop_sessions(snapshot, true);
    snapshot->has_global_lock = snapshot->has_table_locks = false;
    forget_statements(snapshot);
    if (!snapshot->is_blocking) {
        cdc_snapshot_forget_tables(snapshot);
        cdc_offset_fini(&snapshot->position);
    }
    cdc_place_unref(snapshot->running);
    cdc_place_unref(snapshot->done);
    snapshot->running = snapshot->done = NULL;
    snapshot->rows_total = 0;
    snapshot->phase = PHASE_BEGIN;
}

void
cdc_snapshot_pause(struct cdc_snapshot *snapshot)
{
    if (!snapshot->has_global_lock && !snapshot->has_table_locks)
        return;
    log_info("the snapshot holds locks, which are let go of while the task is paused: it begins again then");
    cdc_snapshot_rewind(snapshot);
}

void
cdc_snapshot_free(struct cdc_snapshot *snapshot)
{
    if (!snapshot)
        return;
    cdc_snapshot_rewind(snapshot);
    cdc_snapshot_forget_tables(snapshot);
    cdc_changes_fini(&snapshot->changes);
    cdc_offset_fini(&snapshot->resume);
    cdc_offset_fini(&snapshot->position);
    free(snapshot->extra_done);
    free(snapshot->texts);
    free(snapshot->lengths);
    free(snapshot->at_gtid);
    free(snapshot);
}

const struct cdc_offset *
cdc_snapshot_position(const struct cdc_snapshot *snapshot)
{
    return &snapshot->position;
}

/* ---- schema changes ----------------------------------------------------------------------------------------------- */

static bool
tell_statement(struct cdc_snapshot *snapshot, const struct cdc_snapshot_statement *statement, struct record_batch *out, struct error *err)
{
    struct cdc_context *ctx = snapshot->ctx;
    const struct cdc_config *config = &ctx->config;
    struct cdc_changes *changes = &snapshot->changes;
    if (!cdc_ddl_apply(ctx->tables, statement->database, statement->sql, strlen(statement->sql), config->include_schema_comments, changes, err)) {
        if (!config->history_skip_unparseable)
            return false;
        log_warn("a statement that cannot be read is left out (schema.history.internal.skip.unparseable.ddl): %s", err->message);
        return true;
    }
    if (!cdc_changes_concern(config, ctx->filters, statement->database, statement->sql, changes))
        return true;
    for (size_t i = 0; i < changes->count; i++) {
        const struct cdc_change *change = &changes->items[i];
        if (!cdc_change_is_told(config, ctx->filters, change))
            continue;
        struct cdc_source source = snapshot->at;
        source.database = arena_strdup(&out->arena, change->database);
        source.table = change->tables ? arena_strdup(&out->arena, change->tables) : NULL;
        if (!cdc_context_change(ctx, out, change, &source, snapshot->running, err))
            return false;
    }
    return true;
}

/* Beside a position that stays the offset does not tell that the history is not whole. */
static bool
mark_rebuild(const struct cdc_snapshot *snapshot,
             bool (*mark)(struct cdc_history *history, const char *position_json, int64_t ts_ms, struct error *err), struct error *err)
{
    if (!snapshot->resume.file)
        return true;
    struct strbuf position = STRBUF_INIT;
    cdc_offset_write(&snapshot->resume, &position);
    bool ok = mark(snapshot->ctx->history, position.data, clock_wall_ms(), err);
    strbuf_fini(&position);
    return ok;
}

static bool
tell_schema(struct cdc_snapshot *snapshot, struct record_batch *out, struct error *err)
{
    if (snapshot->statement_next == 0 && !mark_rebuild(snapshot, cdc_history_begin_rebuild, err))
        return false;
    for (int i = 0; i < STATEMENTS_A_POLL && snapshot->statement_next < snapshot->statement_count; i++)
        if (!tell_statement(snapshot, &snapshot->statements[snapshot->statement_next++], out, err))
            return false;
    if (snapshot->statement_next < snapshot->statement_count)
        return true;
    snapshot->phase = PHASE_DATA;
    return mark_rebuild(snapshot, cdc_history_end_rebuild, err) && cdc_history_flush(snapshot->ctx->history, err);
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

/* All columns that the key or the row needs. */
static void
write_select(const struct cdc_snapshot_source *source, struct strbuf *sql)
{
    const struct cdc_plan *plan = source->plan;
    const struct cdc_table *table = plan->table;
    bool *is_needed = xcalloc(table->column_count + 1, sizeof(*is_needed)), is_first = true;
    for (size_t i = 0; i < plan->key.count; i++)
        is_needed[plan->key.columns[i]] = true;
    for (size_t i = 0; i < plan->row.count; i++)
        is_needed[plan->row.columns[i]] = true;
    strbuf_puts(sql, "SELECT ");
    for (size_t i = 0; i < table->column_count; i++) {
        if (!is_needed[i])
            continue;
        if (!is_first)
            strbuf_puts(sql, ", ");
        is_first = false;
        db_quote_name(sql, table->columns[i].name);
    }
    if (is_first)
        strbuf_puts(sql, "1");
    free(is_needed);
    strbuf_puts(sql, " FROM ");
    db_quote_name(sql, table->database);
    strbuf_putc(sql, '.');
    db_quote_name(sql, table->name);
    if (source->condition)
        strbuf_printf(sql, " WHERE %s", source->condition);
}

static bool
prepare_table(struct cdc_snapshot *snapshot, struct cdc_snapshot_source *source, struct error *err)
{
    struct cdc_context *ctx = snapshot->ctx;
    struct cdc_slot *slot = source->slot;
    if (!cdc_context_plan(ctx, slot, &source->plan, err))
        return false;
    if (!source->plan)
        return error_set(err, ERROR_INTERNAL, "the structure of the table is not known");
    struct strbuf sql = STRBUF_INIT;
    const char *given = cdc_filters_select_override(ctx->filters, slot->database, slot->table);
    if (given && !source->condition)
        strbuf_puts(&sql, given);
    else
        write_select(source, &sql);
    source->sql = strbuf_take(&sql);
    return true;
}

/* Statements for all tables, and a reader for each session. */
static bool
start_reading(struct cdc_snapshot *snapshot, struct error *err)
{
    size_t count = snapshot->with_data ? snapshot->table_count : 0;
    snapshot->statements_of_rows = xcalloc(count + 1, sizeof(*snapshot->statements_of_rows));
    for (size_t i = 0; i < count; i++) {
        struct cdc_snapshot_source *source = &snapshot->tables[i];
        if (!prepare_table(snapshot, source, err))
            return error_wrap(err, "Snapshotting of table %s failed", source->slot->label);
        snapshot->statements_of_rows[i] = source->sql;
    }
    struct db *dbs[CDC_READERS_MAX] = {snapshot->db};
    for (size_t i = 0; i < snapshot->other_count; i++)
        dbs[i + 1] = snapshot->others[i];
    snapshot->texts_of = SIZE_MAX;
    snapshot->readers = cdc_readers_new(dbs, snapshot->other_count + 1, snapshot->statements_of_rows, count, err);
    return snapshot->readers != NULL;
}

/* Columns of the result are found by name, as a statement of the user may have them in any order. */
static void
begin_table(struct cdc_snapshot *snapshot, const struct cdc_read_event *event)
{
    struct cdc_snapshot_source *source = &snapshot->tables[event->table];
    const struct cdc_table *table = source->plan->table;
    source->columns = xcalloc(event->count + 1, sizeof(*source->columns));
    for (size_t i = 0; i < event->count; i++) {
        const struct cdc_column *column = cdc_table_column(table, event->texts[i]);
        source->columns[i] = column ? (size_t)(column - table->columns) : table->column_count;
    }
    if (snapshot->room <= table->column_count) {
        snapshot->room = table->column_count + 1;
        snapshot->texts = xrealloc(snapshot->texts, snapshot->room * sizeof(*snapshot->texts));
        snapshot->lengths = xrealloc(snapshot->lengths, snapshot->room * sizeof(*snapshot->lengths));
    }
    source->ts_us = event->ts_us;
    source->begin_ms = source->log_ms = clock_now_ms();
    snapshot->texts_of = SIZE_MAX;
    snapshot->begun++;
    log_info("Exporting data from table '%s' (%zu of %zu tables)", source->slot->label, snapshot->begun, snapshot->table_count);
}

static void
end_table(const struct cdc_snapshot *snapshot, const struct cdc_read_event *event)
{
    const struct cdc_snapshot_source *source = &snapshot->tables[event->table];
    log_info("Finished exporting %" PRIu64 " records for table '%s' (%zu of %zu tables) in %" PRId64 " ms", source->rows, source->slot->label,
             event->table + 1, snapshot->table_count, clock_now_ms() - source->begin_ms);
}

static void
log_progress(struct cdc_snapshot_source *source)
{
    int64_t now_ms = clock_now_ms();
    if (now_ms - source->log_ms < LOG_MS)
        return;
    source->log_ms = now_ms;
    log_info("Exported %" PRIu64 " records for table '%s' after %" PRId64 " ms", source->rows, source->slot->label, now_ms - source->begin_ms);
}

/* What the row is within its table. The last one of all is known at the end. */
static enum cdc_mark
mark_of(const struct cdc_snapshot *snapshot, const struct cdc_read_event *event)
{
    if (snapshot->tables[event->table].rows > 0)
        return event->is_last ? CDC_MARK_LAST_IN_TABLE : CDC_MARK_TRUE;
    return event->table == 0 ? CDC_MARK_FIRST : event->is_last ? CDC_MARK_LAST_IN_TABLE : CDC_MARK_FIRST_IN_TABLE;
}

/* Values in the order of the table's columns; those that were not asked for are NULL. */
static void
place_texts(struct cdc_snapshot *snapshot, const struct cdc_read_event *event)
{
    const struct cdc_snapshot_source *source = &snapshot->tables[event->table];
    if (snapshot->texts_of != event->table) {
        memset(snapshot->texts, 0, snapshot->room * sizeof(*snapshot->texts));
        memset(snapshot->lengths, 0, snapshot->room * sizeof(*snapshot->lengths));
        snapshot->texts_of = event->table;
    }
    for (size_t i = 0; i < event->count; i++) {
        snapshot->texts[source->columns[i]] = event->texts[i];
        snapshot->lengths[source->columns[i]] = event->lengths[i];
    }
}

static bool
take_row(struct cdc_snapshot *snapshot, const struct cdc_read_event *event, struct record_batch *out, struct error *err)
{
    struct cdc_context *ctx = snapshot->ctx;
    struct cdc_snapshot_source *table = &snapshot->tables[event->table];
    struct cdc_row row;
    place_texts(snapshot, event);
    if (!cdc_plan_texts(table->plan, snapshot->texts, snapshot->lengths, &out->arena, &row, err))
        return error_wrap(err, "table %s", table->slot->label);
    struct cdc_source source = snapshot->at;
    source.mark = mark_of(snapshot, event);
    source.database = table->slot->database;
    source.table = table->slot->table;
    source.ts_us = table->ts_us;
    struct cdc_row_record change = {
        .plan = table->plan, .op = "r", .key = row.key, .before = VALUE_NONE, .after = row.row, .transaction = VALUE_NONE,
        .source = cdc_source_make(&ctx->maker, &source, &out->arena), .offset = cdc_place_offset(snapshot->running, snapshot->position.event, snapshot->position.row, 0),
    };
    cdc_context_add_row(ctx, out, &change);
    table->rows++;
    snapshot->rows_total++;
    log_progress(table);
    return true;
}

/* Records that end here are told apart from those that do not: behind the structure whether there is any row, and behind
   the last row that it was that. */
static bool
take_rows(struct cdc_snapshot *snapshot, struct record_batch *out, struct error *err)
{
    bool is_final = false, is_first = out->count > 0;
    if (!snapshot->readers && !start_reading(snapshot, err))
        return false;
    while (is_final || is_first || cdc_context_has_room(snapshot->ctx, out)) {
        struct cdc_read_event event;
        switch (cdc_readers_next(snapshot->readers, out->count && !is_first ? 0 : WAIT_MS, &event, err)) {
        case CDC_READ_BEGIN:
            begin_table(snapshot, &event);
            break;
        case CDC_READ_ROW:
            if (!take_row(snapshot, &event, out, err))
                return false;
            is_final = event.is_final;
            is_first = false;
            break;
        case CDC_READ_END:
            end_table(snapshot, &event);
            break;
        case CDC_READ_IDLE:
            if (!is_first && !is_final)
                return true;
            break;
        case CDC_READ_OVER:
            snapshot->phase = PHASE_END;
            return true;
        case CDC_READ_FAILED:
            return error_wrap(err, "Snapshotting of table %s failed", snapshot->tables[event.table].slot->label);
        }
    }
    return true;
}

/* ---- end ---------------------------------------------------------------------------------------------------------- */

/* The last record, whatever it is, says so, and its offset has no mark of the snapshot. Without any record a new position would
   be forgotten by a stop, and what is logged until the next start with it. */
static void
end(struct cdc_snapshot *snapshot, struct record_batch *out)
{
    if (out->count == 0 && !snapshot->is_blocking) {
        const struct cdc_offset *offset = &snapshot->done->offset;
        cdc_context_add_offset(snapshot->ctx, out, cdc_place_offset(snapshot->done, offset->event, offset->row, 0));
    } else if (out->count > 0) {
        struct record *last = &out->records[out->count - 1];
        last->source_offset.state = &snapshot->done->base;
        bool is_change = last->value_schema == snapshot->ctx->change_value;
        cdc_source_remark(is_change ? &last->value.as.items[0] : cdc_envelope_source(&last->value), CDC_MARK_LAST);
    }
    cdc_snapshot_finish(snapshot);
    log_info("Snapshot ended: %" PRIu64 " records of %zu tables", snapshot->rows_total, snapshot->table_count);
}

/* Kept for the records of this batch, which may outlive the snapshot. */
static void
keep_places(struct cdc_snapshot *snapshot)
{
    offset_state_ref(&snapshot->running->base);
    offset_state_ref(&snapshot->done->base);
    cdc_context_keep(snapshot->ctx, snapshot->running);
    cdc_context_keep(snapshot->ctx, snapshot->done);
}

enum poll_result
cdc_snapshot_poll(struct cdc_snapshot *snapshot, struct record_batch *out, bool *done_out, struct error *err)
{
    bool ok = snapshot->phase != PHASE_BEGIN || cdc_snapshot_begin(snapshot, err);
    if (snapshot->at_gtid) /* the records of this batch may outlive the snapshot */
        snapshot->at.gtid = arena_strdup(&out->arena, snapshot->at_gtid);
    if (ok && snapshot->phase == PHASE_SCHEMA)
        ok = tell_schema(snapshot, out, err);
    if (ok && snapshot->phase == PHASE_DATA)
        ok = take_rows(snapshot, out, err);
    if (!ok)
        return POLL_FAILED;
    if (snapshot->phase == PHASE_END) {
        *done_out = true;
        end(snapshot, out);
    }
    keep_places(snapshot);
    return out->count ? POLL_RECORDS : POLL_IDLE;
}
