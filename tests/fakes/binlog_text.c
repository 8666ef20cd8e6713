#include "tests/fakes/binlog_text.h"

#include "common/base/alloc.h"
#include "connect/connectors/binlog/bytes.h"
#include "connect/data/number_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

enum { SHOWN_MAX = 100 };

/* ---- cells ------------------------------------------------------------------------------------------------- */

static void
text_bytes(const struct binlog_bytes *bytes, struct strbuf *out)
{
    strbuf_putc(out, '\'');
    for (size_t i = 0; i < bytes->len && i < SHOWN_MAX; i++) {
        uint8_t c = bytes->data[i];
        if (c >= 32 && c < 127)
            strbuf_putc(out, (char)c);
        else
            strbuf_printf(out, "\\x%02x", c);
    }
    strbuf_putc(out, '\'');
    if (bytes->len > SHOWN_MAX)
        strbuf_printf(out, "...%zu", bytes->len);
}

static void
text_clock(const struct binlog_time *time, unsigned digits, struct strbuf *out)
{
    strbuf_printf(out, "%02u:%02u:%02u.%06u/%u", time->hour, time->minute, time->second, time->us, digits);
}

static void
text_date(const struct binlog_time *time, struct strbuf *out)
{
    strbuf_printf(out, "%04u-%02u-%02u", time->year, time->month, time->day);
}

static void
text_real(double real, bool is_float, struct strbuf *out)
{
    char *to = strbuf_room(out, NUMBER_TEXT_SIZE);
    strbuf_wrote(out, is_float ? number_text_float((float)real, to) : number_text_double(real, to));
}

static void
text_json(const struct binlog_cell *cell, struct strbuf *out)
{
    struct error err = ERROR_INIT;
    strbuf_puts(out, "json ");
    if (!binlog_json_text(cell, out, &err))
        strbuf_puts(out, err.message);
}

void
binlog_text_cell(const struct binlog_cell *cell, struct strbuf *out)
{
    switch ((enum binlog_cell_kind)cell->kind) {
    case BINLOG_CELL_ABSENT: strbuf_puts(out, "ABSENT"); break;
    case BINLOG_CELL_NULL: strbuf_puts(out, "NULL"); break;
    case BINLOG_CELL_INT: strbuf_printf(out, "%" PRId64 "/%u", cell->integer, 8u * cell->width); break;
    case BINLOG_CELL_YEAR: strbuf_printf(out, "%" PRId64, cell->integer); break;
    case BINLOG_CELL_FLOAT: text_real((double)cell->real32, true, out); break;
    case BINLOG_CELL_DOUBLE: text_real(cell->real64, false, out); break;
    case BINLOG_CELL_DECIMAL: strbuf_add(out, cell->bytes.data, cell->bytes.len); break;
    case BINLOG_CELL_DATE: text_date(&cell->time, out); break;
    case BINLOG_CELL_TIME:
        strbuf_puts(out, cell->time.is_negative ? "-" : "");
        text_clock(&cell->time, cell->digits, out);
        break;
    case BINLOG_CELL_DATETIME:
        text_date(&cell->time, out);
        strbuf_putc(out, ' ');
        text_clock(&cell->time, cell->digits, out);
        break;
    case BINLOG_CELL_TIMESTAMP:
        strbuf_printf(out, "@%" PRId64 ".%06u/%u", cell->timestamp.seconds, cell->timestamp.us, cell->digits);
        break;
    case BINLOG_CELL_BIT: strbuf_printf(out, "b/%u 0x%" PRIx64, cell->width, cell->bits); break;
    case BINLOG_CELL_ENUM: strbuf_printf(out, "enum %" PRIu64, cell->bits); break;
    case BINLOG_CELL_SET: strbuf_printf(out, "set 0x%" PRIx64, cell->bits); break;
    case BINLOG_CELL_JSON: text_json(cell, out); break;
    case BINLOG_CELL_BYTES: text_bytes(&cell->bytes, out); break;
    case BINLOG_CELL_GEOMETRY: strbuf_puts(out, "geometry "); text_bytes(&cell->bytes, out); break;
    case BINLOG_CELL_VECTOR: strbuf_puts(out, "vector "); text_bytes(&cell->bytes, out); break;
    }
}

/* ---- events -------------------------------------------------------------------------------------------------- */

/* Maps are counted from the first one of a recorded dump, as their serials go on from dump to dump. */
static _Thread_local uint64_t first_serial;

static void
text_map(const struct binlog_table_map *map, struct strbuf *out)
{
    first_serial = first_serial ? first_serial : map->serial;
    strbuf_printf(out, " %s.%s id=%" PRIu64 " serial=%" PRIu64, map->database, map->table, map->table_id, map->serial - first_serial + 1);
    for (size_t i = 0; i < map->column_count; i++) {
        const struct binlog_column *column = &map->columns[i];
        strbuf_printf(out, ", %s%s%u:%u%s%s", column->name ? column->name : "", column->name ? " " : "", column->type, column->meta,
                      column->is_nullable ? " null" : "", map->has_signedness && column->is_unsigned ? " unsigned" : "");
        if (column->collation)
            strbuf_printf(out, " collation %u", column->collation);
    }
}

static void
text_row(const char *image, const struct binlog_cell *cells, size_t count, struct strbuf *out)
{
    strbuf_printf(out, "    %s", image);
    for (size_t i = 0; cells && i < count; i++) {
        strbuf_puts(out, i > 0 ? ", " : " ");
        binlog_text_cell(&cells[i], out);
    }
    strbuf_putc(out, '\n');
}

static bool
text_rows(const struct binlog_event *event, struct strbuf *out, struct error *err)
{
    static const char *const operations[] = {"insert", "update", "delete"};
    struct binlog_rows rows = event->rows;
    const struct binlog_cell *before, *after;
    enum binlog_row_status status;
    strbuf_printf(out, " %s %s%s\n", operations[rows.op], rows.map ? rows.map->table : "", rows.ends_statement ? ", last" : "");
    while ((status = binlog_rows_next(&rows, &before, &after, err)) == BINLOG_ROW) {
        if (before)
            text_row("before", before, rows.map->column_count, out);
        if (after)
            text_row("after", after, rows.map->column_count, out);
    }
    return status == BINLOG_ROWS_END;
}

static void
text_gtid(const struct binlog_gtid *gtid, struct strbuf *out)
{
    strbuf_printf(out, " %s", gtid->text);
    if (gtid->commit_us)
        strbuf_printf(out, " committed=%" PRIu64 " originally=%" PRIu64 " length=%" PRIu64, gtid->commit_us, gtid->original_commit_us,
                      gtid->transaction_length);
    strbuf_printf(out, "%s%s%s%s%s", gtid->is_standalone ? " standalone" : "", gtid->is_ddl ? " ddl" : "",
                  gtid->is_prepared ? " prepared" : "", gtid->is_completed ? " completed" : "",
                  gtid->is_without_effect ? " without effect" : "");
}

static void
text_query(const struct binlog_query *query, struct strbuf *out)
{
    strbuf_printf(out, " thread=%u mode=%" PRIu64 " collations=%u,%u,%u %s: %s", query->thread_id, query->sql_mode,
                  query->client_collation, query->connection_collation, query->server_collation, query->database.data, query->sql.data);
}

static void
text_head(const struct binlog_event *event, struct strbuf *out)
{
    static const char *const kinds[] = {"ROTATE", "FORMAT", "GTID", "BEGIN", "QUERY", "ROWS_QUERY", "TABLE_MAP", "ROWS", "COMMIT",
                                        "ROLLBACK", "XA_PREPARE", "HEARTBEAT", "INCIDENT", "OTHER"};
    strbuf_printf(out, "%s/%u %" PRIu64 "-%" PRIu64 " at %u by %u%s%s", kinds[event->kind], event->type, event->pos,
                  event->next_pos, event->timestamp_s, event->server_id, event->is_artificial ? " artificial" : "",
                  event->is_in_payload ? " compressed" : "");
}

bool
binlog_text_event(const struct binlog_event *event, struct strbuf *out, struct error *err)
{
    text_head(event, out);
    switch (event->kind) {
    case BINLOG_ROTATE: strbuf_printf(out, " to %s:%" PRIu64, event->rotate.file, event->rotate.pos); break;
    case BINLOG_GTID: text_gtid(&event->gtid, out); break;
    case BINLOG_BEGIN:
    case BINLOG_QUERY:
    case BINLOG_ROLLBACK: text_query(&event->query, out); break;
    case BINLOG_INCIDENT:
    case BINLOG_ROWS_QUERY: strbuf_printf(out, " %s", event->text.data); break;
    case BINLOG_TABLE_MAP: text_map(event->map, out); break;
    case BINLOG_ROWS: return text_rows(event, out, err);
    case BINLOG_COMMIT: strbuf_printf(out, " %s%" PRIu64, event->commit.is_query ? "query " : "", event->commit.xid); break;
    case BINLOG_XA_PREPARE:
        strbuf_printf(out, "%s %.*s", event->xa.is_one_phase ? " one phase" : "", (int)event->xa.xid.len, event->xa.xid.data);
        break;
    case BINLOG_FORMAT:
    case BINLOG_HEARTBEAT:
    case BINLOG_OTHER: break;
    }
    strbuf_putc(out, '\n');
    return true;
}

static bool
text_decoded(struct binlog_decoder *decoder, struct strbuf *out, struct error *err)
{
    for (;;) {
        const struct binlog_event *event;
        switch (binlog_decoder_next(decoder, &event, err)) {
        case BINLOG_DECODER_HUNGRY: return true;
        case BINLOG_DECODER_FAILED: return false;
        case BINLOG_DECODER_EVENT:
            if (!binlog_text_event(event, out, err))
                return false;
        }
    }
}

bool
binlog_text_recorded(const void *data, size_t len, struct strbuf *out, struct error *err)
{
    struct binlog_decoder *decoder = binlog_decoder_new("", 4);
    first_serial = 0;
    struct bytes rest = bytes_of(data, len);
    bool is_read = true;
    while (is_read && bytes_left(&rest) > 0) {
        struct bytes size = rest;
        bytes_take(&size, 9);
        size_t event_len = bytes_le(&size, 4);
        if (event_len == 0 || event_len > bytes_left(&rest))
            event_len = bytes_left(&rest);
        uint8_t *event = xmalloc(event_len + 1);
        memcpy(event, bytes_take(&rest, event_len), event_len);
        binlog_decoder_feed(decoder, event, event_len);
        is_read = text_decoded(decoder, out, err);
        free(event);
    }
    binlog_decoder_free(decoder);
    return is_read;
}
