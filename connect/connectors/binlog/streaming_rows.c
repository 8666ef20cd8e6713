/* Row events: which table, which columns, and what a row becomes. */
#include "connect/connectors/binlog/streaming_priv.h"

#include "common/base/log.h"
#include "connect/connectors/binlog/table_match.h"

#include <inttypes.h>
#include <string.h>

LOGGER("io.debezium.connector.binlog.BinlogStreamingChangeEventSource");

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static bool
is_skipped(const struct cdc_config *config, enum binlog_row_op op)
{
    return op == BINLOG_INSERT ? config->skips_create : op == BINLOG_UPDATE ? config->skips_update : config->skips_delete;
}

/* inconsistent.schema.handling.mode */
static bool
refuse_unknown(struct cdc_streaming *streaming, struct cdc_slot *slot, struct error *err)
{
    enum cdc_failure_mode mode = streaming->ctx->config.inconsistent_schema;
    if (mode == CDC_FAILURE_FAIL)
        return error_set(err, ERROR_DATA, "Encountered change event for table %s whose schema isn't known to this connector. One possible "
                                          "cause is an incomplete database schema history topic. Take a new snapshot in this case", slot->label);
    if (mode == CDC_FAILURE_WARN && !slot->is_reported)
        log_warn("Encountered change event for table %s whose schema isn't known to this connector. One possible cause is an incomplete "
                 "database schema history topic. The event will be ignored", slot->label);
    slot->is_reported = true;
    return true;
}

/* Nothing is guessed: the columns must be what the history says. A map that was compared already costs one more look, at the
   number of columns, as more cells than there are would be read. */
static bool
check_columns(struct cdc_slot *slot, const struct binlog_table_map *map, const struct cdc_table *table, struct error *err)
{
    if (slot->map_serial == map->serial && map->column_count == table->column_count)
        return true;
    if (!cdc_table_matches(table, map, err))
        return false;
    slot->map_serial = map->serial;
    return true;
}

bool
cdc_streaming_begin_rows(struct cdc_streaming *streaming, const struct binlog_event *event, struct error *err)
{
    struct cdc_context *ctx = streaming->ctx;
    struct binlog_table_map *map = event->rows.map;
    if (!map || streaming->is_filtered || is_skipped(&ctx->config, event->rows.op))
        return true;
    if (!map->owner_data)
        map->owner_data = cdc_context_slot(ctx, map->database, map->table);
    struct cdc_slot *slot = map->owner_data;
    if (!slot->is_captured && !slot->is_signal)
        return true;
    struct cdc_plan *plan;
    if (!cdc_context_plan(ctx, slot, &plan, err))
        return false;
    if (!plan)
        return refuse_unknown(streaming, slot, err);
    if (!check_columns(slot, map, plan->table, err))
        return false;
    streaming->slot = slot;
    streaming->plan = plan;
    streaming->rows_event = event;
    streaming->rows = event->rows;
    return true;
}

/* ---- records ------------------------------------------------------------------------------------------------------ */

/* The records of one row. Only the last one's offset has the row done: else a part of it might be lost. */
struct row_output {
    struct cdc_streaming *streaming;
    struct record_batch *out;
    struct cdc_row_record record;
    struct source_offset not_done, done;
};

static void
set_offset(struct row_output *row, bool is_last)
{
    row->record.offset = is_last ? row->done : row->not_done;
}

/* Counts in the transaction, too. */
static void
add_row(struct row_output *row, const char *op, struct value key, struct value before, struct value after, bool is_last)
{
    int64_t count;
    row->record.op = op;
    row->record.key = key;
    row->record.before = before;
    row->record.after = after;
    row->record.transaction = cdc_transaction_row(&row->streaming->transaction, row->streaming->slot->label, &row->out->arena, &count);
    row->done.n[CDC_PLACE_COUNT] = count;
    set_offset(row, is_last);
    cdc_context_add_row(row->streaming->ctx, row->out, &row->record);
}

static void
add_tombstone(struct row_output *row, bool is_last)
{
    set_offset(row, is_last);
    cdc_context_add_tombstone(row->streaming->ctx, row->out, &row->record);
}

static void
add_delete(struct row_output *row, const struct cdc_row *before, bool is_last)
{
    bool has_tombstone = row->streaming->ctx->config.tombstones;
    add_row(row, "d", before->key, before->row, VALUE_NONE, is_last && !has_tombstone);
    if (has_tombstone)
        add_tombstone(row, is_last);
}

/* Another key is another record in Kafka: the old one is deleted, the new one made. */
static void
add_update(struct row_output *row, const struct cdc_row *before, const struct cdc_row *after)
{
    const struct cdc_config *config = &row->streaming->ctx->config;
    if (config->skip_messages_without_change && value_equal(&before->row, &after->row))
        return;
    if (!row->record.plan->key.schema || value_equal(&before->key, &after->key)) {
        add_row(row, "u", after->key, before->row, after->row, true);
        return;
    }
    row->record.other_key_name = "__debezium.newkey";
    row->record.other_key = after->key;
    add_delete(row, before, false);
    row->record.other_key_name = "__debezium.oldkey";
    row->record.other_key = before->key;
    add_row(row, "c", after->key, VALUE_NONE, after->row, true);
}

static bool
convert(const struct cdc_streaming *streaming, const struct binlog_cell *cells, struct arena *arena, struct cdc_row *out, struct error *err)
{
    return !cells || cdc_plan_cells(streaming->plan, cells, arena, out, err) ||
           error_wrap(err, "table %s, %s:%" PRIu64 ", row %" PRIu64, streaming->slot->label, streaming->file, streaming->rows_event->pos,
                      streaming->row);
}

static bool
take_row(struct cdc_streaming *streaming, struct record_batch *out, const struct binlog_cell *before_cells,
         const struct binlog_cell *after_cells, struct error *err)
{
    struct arena *arena = &out->arena;
    struct cdc_row before, after;
    size_t first = out->count;
    if (!convert(streaming, before_cells, arena, &before, err) || !convert(streaming, after_cells, arena, &after, err))
        return false;
    const struct cdc_plan *plan = streaming->plan;
    struct cdc_source source = cdc_streaming_source(streaming, streaming->rows_event, arena);
    source.database = plan->table->database;
    source.table = plan->table->name;
    source.row = (int32_t)streaming->row;
    struct cdc_place *place = cdc_streaming_place(streaming, streaming->slot->label);
    int64_t count = cdc_transaction_count(&streaming->transaction, streaming->slot->label);
    struct row_output row = {
        .streaming = streaming, .out = out,
        .record = {.plan = plan, .source = cdc_source_make(&streaming->ctx->maker, &source, arena)},
        .not_done = cdc_place_offset(place, streaming->event, streaming->row, (uint64_t)count),
        .done = cdc_place_offset(place, streaming->event, streaming->row + 1, 0),
    };
    if (cdc_incremental_watches(streaming->incremental, streaming->slot)) {
        if (before_cells)
            cdc_incremental_changed(streaming->incremental, streaming->slot, &before);
        if (after_cells)
            cdc_incremental_changed(streaming->incremental, streaming->slot, &after);
    }
    if (streaming->rows.op == BINLOG_INSERT)
        add_row(&row, "c", after.key, VALUE_NONE, after.row, true);
    else if (streaming->rows.op == BINLOG_UPDATE)
        add_update(&row, &before, &after);
    else
        add_delete(&row, &before, true);
    if (!streaming->slot->is_signal || streaming->rows.op == BINLOG_UPDATE)
        return true;
    bool is_delete = streaming->rows.op == BINLOG_DELETE;
    size_t own = out->count;
    if (!cdc_streaming_signal(streaming, is_delete ? &before : &after, is_delete, &source, row.done, out, err))
        return false;
    if (own > first && own == out->count) /* what the signal began or changed is part of its record's offset: a start would not see it again */
        out->records[own - 1].source_offset.state = &cdc_streaming_place(streaming, streaming->slot->label)->base;
    return true;
}

bool
cdc_streaming_read_rows(struct cdc_streaming *streaming, struct record_batch *out, struct error *err)
{
    const struct binlog_cell *before, *after;
    while (cdc_context_has_room(streaming->ctx, out) && !streaming->wanted) {
        switch (binlog_rows_next(&streaming->rows, &before, &after, err)) {
        case BINLOG_ROW:
            if (streaming->skip_rows > 0)
                streaming->skip_rows--;
            else if (!take_row(streaming, out, before, after, err))
                return false;
            streaming->row++;
            break;
        case BINLOG_ROWS_FAILED:
            return error_wrap(err, "%s:%" PRIu64, streaming->file, streaming->rows_event->pos);
        default:
            streaming->rows_event = NULL;
            streaming->skip_rows = 0;
            return true;
        }
    }
    return true;
}

bool
cdc_streaming_add_truncate(struct cdc_streaming *streaming, const struct binlog_event *event, const struct cdc_change *change,
                           struct record_batch *out, struct error *err)
{
    struct cdc_slot *slot = cdc_context_slot(streaming->ctx, change->table_database, change->table_name);
    struct cdc_plan *plan;
    if (!slot->is_captured)
        return true;
    if (!cdc_context_plan(streaming->ctx, slot, &plan, err))
        return false;
    if (!plan)
        return refuse_unknown(streaming, slot, err);
    struct cdc_source source = cdc_streaming_source(streaming, event, &out->arena);
    source.database = plan->table->database;
    source.table = plan->table->name;
    struct cdc_row_record record = {
        .plan = plan, .op = "t", .source = cdc_source_make(&streaming->ctx->maker, &source, &out->arena),
        .offset = cdc_place_offset(cdc_streaming_place(streaming, NULL), 0, 0, 0),
    };
    cdc_context_add_row(streaming->ctx, out, &record);
    return true;
}
