/* What signals do to the stream: incremental snapshots beside it, blocking ones in its stead. */
#include "connect/connectors/binlog/streaming_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <stdlib.h>
#include <string.h>

LOGGER("io.debezium.pipeline.signal.SignalProcessor");

enum { SIGNAL_COLUMNS = 3, RETRY_MS = 1000 };

/* ---- blocking snapshots ------------------------------------------------------------------------------------------- */

void
cdc_streaming_forget_wanted(struct cdc_streaming *streaming)
{
    free(streaming->wanted);
    streaming->wanted = NULL;
    streaming->wanted_count = 0;
    cdc_offset_fini(&streaming->wanted_offset);
    free(streaming->wanted_extra);
    streaming->wanted_extra = NULL;
    arena_reset(&streaming->wanted_arena);
}

static void
want_table(struct cdc_streaming *streaming, const struct cdc_signal *signal, const struct cdc_slot *slot)
{
    const char *condition = cdc_signal_condition(signal, slot->label);
    streaming->wanted = xrealloc(streaming->wanted, (streaming->wanted_count + 1) * sizeof(*streaming->wanted));
    streaming->wanted[streaming->wanted_count++] = (struct cdc_snapshot_table){
        .slot = slot, .condition = condition ? arena_strdup(&streaming->wanted_arena, condition) : NULL,
    };
}

/* The stream waits behind this row; a start meanwhile goes on there, without the snapshot. Between two transactions it is a signal of
   another channel, whose place is the one in front of it until the snapshot is over. */
static void
want_snapshot(struct cdc_streaming *streaming, const struct cdc_signal *signal, const struct cdc_source *source)
{
    struct cdc_context *ctx = streaming->ctx;
    struct cdc_table *const *tables;
    size_t count = cdc_tables_all(ctx->tables, &tables);
    cdc_streaming_forget_wanted(streaming);
    for (size_t i = 0; i < count; i++) {
        const struct cdc_slot *slot = cdc_context_slot(ctx, tables[i]->database, tables[i]->name);
        bool is_named = false;
        for (size_t j = 0; !is_named && j < signal->tables.count; j++)
            is_named = cdc_signal_names(signal->tables.items[j], slot->label);
        if (is_named && slot->is_captured && !slot->is_signal)
            want_table(streaming, signal, slot);
    }
    if (!streaming->wanted)
        log_warn("signal '%s': no captured table is named", signal->id);
    streaming->wanted_at = *source;
    if (streaming->wanted_at.gtid)
        streaming->wanted_at.gtid = arena_strdup(&streaming->wanted_arena, streaming->wanted_at.gtid);
    streaming->wanted_offset = cdc_streaming_offset(streaming, cdc_transaction_extra(&streaming->transaction, NULL));
    streaming->wanted_offset.event = streaming->is_in_group ? streaming->event : 0;
    streaming->wanted_offset.row = streaming->is_in_group ? streaming->row + 1 : 0;
}

bool
cdc_streaming_wants_snapshot(struct cdc_streaming *streaming, struct cdc_snapshot_task *out)
{
    if (!streaming->wanted)
        return false;
    struct cdc_offset done = cdc_streaming_offset(streaming, cdc_transaction_extra(&streaming->transaction, NULL));
    free(streaming->wanted_extra);
    streaming->wanted_extra = xstrdup(done.extra);
    cdc_offset_fini(&done);
    *out = (struct cdc_snapshot_task){
        .with_data = true, .tables = streaming->wanted, .table_count = streaming->wanted_count, .at = &streaming->wanted_at,
        .at_offset = &streaming->wanted_offset, .extra_done = streaming->wanted_extra,
    };
    return true;
}

/* ---- incremental snapshots ------------------------------------------------------------------------------------------ */

/* The offset has another state from now on. */
static void
state_changed(struct cdc_streaming *streaming)
{
    free(streaming->signals_text);
    streaming->signals_text = NULL;
    streaming->has_signals_text = false;
    streaming->place = NULL;
}

/* A connection that was lost is made anew later; anything else ends the task. */
static bool
settle(struct cdc_streaming *streaming, bool ok, struct error *err)
{
    state_changed(streaming);
    if (ok || !err->retriable)
        return ok;
    log_warn("the incremental snapshot goes on later: %s", err->message);
    streaming->resumes_chunk = true;
    streaming->resume_ms = clock_now_ms() + RETRY_MS;
    return true;
}

bool
cdc_streaming_resume_chunk(struct cdc_streaming *streaming, struct error *err)
{
    if (clock_now_ms() < streaming->resume_ms)
        return true;
    streaming->resumes_chunk = false;
    return settle(streaming, cdc_incremental_resume(streaming->incremental, err), err);
}

/* What keeps chunks from being marked; NULL: nothing. */
static const char *
missing_marks(const struct cdc_streaming *streaming)
{
    const struct cdc_config *config = &streaming->ctx->config;
    if (config->read_only)
        return streaming->gtids ? NULL : "read.only=true needs GTIDs, which this server does not have";
    return config->signal_table ? NULL : "signal.data.collection is not set, and read.only is not true";
}

static bool
execute(struct cdc_streaming *streaming, const struct cdc_signal *signal, const struct cdc_source *source, struct error *err)
{
    if (signal->is_blocking) {
        want_snapshot(streaming, signal, source);
        return true;
    }
    const char *missing = missing_marks(streaming);
    if (missing) {
        log_warn("signal '%s': no incremental snapshot is possible, as %s", signal->id, missing);
        return true;
    }
    return settle(streaming, cdc_incremental_execute(streaming->incremental, signal, err), err);
}

static bool
close_window(struct cdc_streaming *streaming, const char *id, const struct cdc_source *source, struct source_offset offset,
             struct record_batch *out, struct error *err)
{
    if (!cdc_incremental_close(streaming->incremental, id))
        return true;
    size_t first = out->count;
    cdc_incremental_emit(streaming->incremental, source, offset, out);
    state_changed(streaming);
    if (out->count > first) /* the last row has the chunk behind it: a start there does not read it again */
        out->records[out->count - 1].source_offset.state = &cdc_streaming_place(streaming, streaming->slot->label)->base;
    return settle(streaming, cdc_incremental_next(streaming->incremental, err), err);
}

static bool
obey(struct cdc_streaming *streaming, const struct cdc_signal *signal, const struct cdc_source *source, struct source_offset offset,
     struct record_batch *out, struct error *err)
{
    struct cdc_incremental *incremental = streaming->incremental;
    switch (signal->kind) {
    case CDC_SIGNAL_EXECUTE:
        return execute(streaming, signal, source, err);
    case CDC_SIGNAL_STOP:
        return settle(streaming, cdc_incremental_stop(incremental, signal, err), err);
    case CDC_SIGNAL_PAUSE:
    case CDC_SIGNAL_RESUME:
        return settle(streaming, cdc_incremental_pause(incremental, signal->kind == CDC_SIGNAL_PAUSE, err), err);
    case CDC_SIGNAL_LOG:
        log_info("signal '%s': %s", signal->id, signal->message ? signal->message : "");
        return true;
    case CDC_SIGNAL_WINDOW_OPEN:
        cdc_incremental_open(incremental, signal->id);
        return true;
    case CDC_SIGNAL_WINDOW_CLOSE:
        return close_window(streaming, signal->id, source, offset, out, err);
    default:
        return true;
    }
}

/* ---- other channels ------------------------------------------------------------------------------------------------ */

/* Where the stream stands between two transactions. */
static struct cdc_source
source_here(const struct cdc_streaming *streaming, struct arena *arena)
{
    return (struct cdc_source){
        .mark = CDC_MARK_NONE, .database = "", .server_id = streaming->server_id, .pos = streaming->pos, .thread = -1,
        .file = arena_strdup(arena, streaming->file), .gtid = *streaming->last_gtid ? arena_strdup(arena, streaming->last_gtid) : NULL,
    };
}

static struct source_offset
offset_here(struct cdc_streaming *streaming)
{
    return cdc_place_offset(cdc_streaming_place(streaming, NULL), 0, 0, 0);
}

/* Marks come from the table alone. */
static bool
obey_here(struct cdc_streaming *streaming, const struct cdc_signal *signal, struct record_batch *out, struct error *err)
{
    struct cdc_source here = source_here(streaming, &out->arena);
    bool is_mark = signal->kind == CDC_SIGNAL_WINDOW_OPEN || signal->kind == CDC_SIGNAL_WINDOW_CLOSE;
    return is_mark || obey(streaming, signal, &here, offset_here(streaming), out, err);
}

/* Later ones come with any record. The first is told at once: without one a start begins where the group is, and another
   connector may have moved that. */
static void
place_moved(struct cdc_streaming *streaming, bool is_first)
{
    state_changed(streaming);
    streaming->owes_place = streaming->owes_place || is_first;
}

static bool
ask_channels(struct cdc_streaming *streaming, struct record_batch *out, struct error *err)
{
    struct cdc_signal signal;
    if (!cdc_channels_is_due(streaming->channels))
        return true;
    int64_t place = cdc_channels_place(streaming->channels);
    while (!streaming->wanted && cdc_channels_next(streaming->channels, &signal)) {
        bool ok = obey_here(streaming, &signal, out, err);
        cdc_signal_fini(&signal);
        if (!ok)
            return false;
        cdc_channels_done(streaming->channels);
        state_changed(streaming);
        streaming->owes_place = true;
    }
    if (cdc_channels_place(streaming->channels) != place)
        place_moved(streaming, place < 0);
    return true;
}

/* ---- without a signal table ------------------------------------------------------------------------------------------ */

static void
give_out_window(struct cdc_streaming *streaming, struct record_batch *out)
{
    struct cdc_source here = source_here(streaming, &out->arena);
    size_t first = out->count;
    cdc_incremental_emit(streaming->incremental, &here, offset_here(streaming), out);
    state_changed(streaming);
    if (out->count > first)
        out->records[out->count - 1].source_offset.state = &cdc_streaming_place(streaming, NULL)->base;
    else
        streaming->owes_place = true;
}

static bool
advance_chunks(struct cdc_streaming *streaming, struct record_batch *out, struct error *err)
{
    struct cdc_incremental *incremental = streaming->incremental;
    const struct cdc_seen seen = {.gtids = streaming->gtids, .file = streaming->file, .pos = streaming->pos};
    while (!streaming->wanted && cdc_context_has_room(streaming->ctx, out)) {
        if (cdc_incremental_is_over(incremental, streaming->gtids))
            give_out_window(streaming, out);
        else if (!cdc_incremental_wants_chunk(incremental) || clock_now_ms() < streaming->resume_ms)
            return true;
        else if (!settle(streaming, cdc_incremental_read(incremental, &seen, err), err))
            return false;
    }
    return true;
}

/* The offset says what became of signals even where no row is changed for long. */
static void
tell_place(struct cdc_streaming *streaming, struct record_batch *out)
{
    cdc_context_add_offset(streaming->ctx, out, offset_here(streaming));
    streaming->owes_place = false;
    cdc_channels_told(streaming->channels);
}

bool
cdc_streaming_serve(struct cdc_streaming *streaming, struct record_batch *out, struct error *err)
{
    if (streaming->is_in_group || streaming->partial.is_due || streaming->rows_event)
        return true;
    if (!ask_channels(streaming, out, err))
        return false;
    if (streaming->ctx->config.read_only && streaming->gtids && !advance_chunks(streaming, out, err))
        return false;
    if (streaming->owes_place && !streaming->wanted)
        tell_place(streaming, out);
    return true;
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

/* The text of a field of the row; "" for what is no text. */
static const char *
text_of(const struct cdc_row *row, uint32_t field, struct arena *arena)
{
    const struct value *value = field < row->row.len ? &row->row.as.items[field] : NULL;
    return value && value->kind == VALUE_STRING ? arena_memdup(arena, value->as.bytes, value->len) : "";
}

bool
cdc_streaming_signal(struct cdc_streaming *streaming, const struct cdc_row *row, bool is_delete, const struct cdc_source *source,
                     struct source_offset offset, struct record_batch *out, struct error *err)
{
    if (row->row.len < SIGNAL_COLUMNS)
        return true;
    const char *id = text_of(row, 0, &out->arena), *type = text_of(row, 1, &out->arena), *data = text_of(row, 2, &out->arena);
    struct cdc_signal signal;
    struct error problem;
    if (is_delete) { /* the open mark goes: that is how the strategy insert_delete closes */
        bool closes = streaming->ctx->config.watermark_strategy == CDC_WATERMARK_INSERT_DELETE && strcmp(type, "snapshot-window-open") == 0;
        return !closes || close_window(streaming, id, source, offset, out, err);
    }
    if (!cdc_signal_parse(id, type, data, &signal, &problem)) {
        log_warn("%s; it is passed over", problem.message);
        return true;
    }
    bool is_mark = signal.kind == CDC_SIGNAL_WINDOW_OPEN || signal.kind == CDC_SIGNAL_WINDOW_CLOSE;
    if (!is_mark && !string_list_has(&streaming->ctx->config.signal_channels, "source")) {
        cdc_signal_fini(&signal);
        return true;
    }
    if (signal.kind == CDC_SIGNAL_UNKNOWN)
        log_warn("Signal '%s' has been received but the type '%s' is not recognized", id, type);
    bool ok = obey(streaming, &signal, source, offset, out, err);
    cdc_signal_fini(&signal);
    return ok;
}
