/* The scripted log: events with their rows, and the functions of stream.h on top. */
#include "tests/fakes/binlog_script.h"

#include "common/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 256, COLUMNS_MAX = 3, EVENT_SIZE = 100, FIRST_POS = 200 };

/* Stands behind the opaque reader of a row event. */
struct rows {
    const struct binlog_script_row *rows;
    const char *const *texts; /* or these, as one row */
    size_t count, next;
    uint8_t *bytes;           /* as many as the longest value has */
    struct binlog_cell before[COLUMNS_MAX], after[COLUMNS_MAX];
    struct binlog_table_map map;
    struct binlog_column columns[COLUMNS_MAX];
};

struct binlog_stream {
    size_t next;
};

static struct {
    struct binlog_event events[EVENTS_MAX];
    struct rows *rows[EVENTS_MAX];
    size_t count, rows_count, lost_at, opens;
    const char *file;
    uint64_t pos, serial;
    struct binlog_start start;
    char start_gtids[512], start_file[BINLOG_FILE_SIZE];
} script;

/* ---- the script ------------------------------------------------------------------------------------------------- */

void
binlog_script_reset(void)
{
    for (size_t i = 0; i < script.rows_count; i++) {
        free(script.rows[i]->bytes);
        free(script.rows[i]);
    }
    memset(&script, 0, sizeof(script));
    script.lost_at = (size_t)-1;
    script.pos = FIRST_POS;
    script.file = "binlog.000001";
}

void
binlog_script_file(const char *file)
{
    script.file = file;
    script.pos = FIRST_POS;
}

struct binlog_event *
binlog_script_add(enum binlog_event_kind kind)
{
    ensure(script.count < EVENTS_MAX, "too many events");
    struct binlog_event *event = &script.events[script.count++];
    *event = (struct binlog_event){
        .kind = kind, .timestamp_s = 1700000000, .server_id = 7, .file = script.file, .pos = script.pos, .next_pos = script.pos + EVENT_SIZE,
    };
    script.pos += EVENT_SIZE;
    return event;
}

struct binlog_event *
binlog_script_gtid(const char *text)
{
    struct binlog_event *event = binlog_script_add(BINLOG_GTID);
    snprintf(event->gtid.text, sizeof(event->gtid.text), "%s", text);
    return event;
}

struct binlog_event *
binlog_script_query(enum binlog_event_kind kind, const char *database, const char *sql)
{
    struct binlog_event *event = binlog_script_add(kind);
    event->query.database = (struct binlog_text){database, strlen(database)};
    event->query.sql = (struct binlog_text){sql, strlen(sql)};
    return event;
}

static struct rows *
add_rows(enum binlog_row_op op, const char *database, const char *table, size_t column_count)
{
    struct rows *rows = xcalloc(1, sizeof(*rows));
    script.rows[script.rows_count++] = rows;
    rows->map = (struct binlog_table_map){
        .serial = ++script.serial, .database = database, .table = table, .column_count = column_count, .columns = rows->columns,
    };
    binlog_script_add(BINLOG_TABLE_MAP)->map = &rows->map;
    struct binlog_event *event = binlog_script_add(BINLOG_ROWS);
    event->rows = (struct binlog_rows){.op = op, .map = &rows->map, .reader = (struct binlog_rows_reader *)rows};
    return rows;
}

void
binlog_script_rows(enum binlog_row_op op, const char *database, const char *table, const struct binlog_script_row *list, size_t count)
{
    struct rows *rows = add_rows(op, database, table, 2);
    size_t longest = 0;
    rows->rows = list;
    rows->count = count;
    for (size_t i = 0; i < count; i++)
        if (list[i].v > 0 && (size_t)list[i].v > longest)
            longest = (size_t)list[i].v;
    rows->bytes = xcalloc(longest + 1, 1);
}

void
binlog_script_texts(const char *database, const char *table, const char *const *texts)
{
    struct rows *rows = add_rows(BINLOG_INSERT, database, table, 3);
    rows->texts = texts;
    rows->count = 1;
}

void
binlog_script_lose_at(size_t event)
{
    script.lost_at = event;
}

size_t
binlog_script_count(void)
{
    return script.count;
}

const struct binlog_start *
binlog_script_start(void)
{
    return &script.start;
}

size_t
binlog_script_opens(void)
{
    return script.opens;
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

static void
fill(const struct rows *rows, struct binlog_cell *cells, int id, int v)
{
    cells[0] = (struct binlog_cell){.kind = BINLOG_CELL_INT, .width = 4, .integer = id};
    cells[1] = (struct binlog_cell){.kind = BINLOG_CELL_NULL};
    if (v >= 0)
        cells[1] = (struct binlog_cell){.kind = BINLOG_CELL_BYTES, .bytes = {rows->bytes, (size_t)v}};
}

static void
fill_texts(struct rows *rows)
{
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        rows->after[i] = (struct binlog_cell){.kind = BINLOG_CELL_BYTES, .bytes = {(const uint8_t *)rows->texts[i], strlen(rows->texts[i])}};
}

enum binlog_row_status
binlog_script_next_row(struct binlog_rows *event, const struct binlog_cell **before_out, const struct binlog_cell **after_out)
{
    struct rows *rows = (struct rows *)event->reader;
    if (rows->next == rows->count)
        return BINLOG_ROWS_END;
    if (rows->texts) {
        fill_texts(rows);
    } else {
        const struct binlog_script_row *row = &rows->rows[rows->next];
        fill(rows, rows->before, row->old_id, -1);
        fill(rows, rows->after, row->id, row->v);
    }
    rows->next++;
    *before_out = event->op == BINLOG_INSERT ? NULL : rows->before;
    *after_out = event->op == BINLOG_DELETE ? NULL : rows->after;
    return BINLOG_ROW;
}

/* ---- streams --------------------------------------------------------------------------------------------------------- */

struct binlog_stream *
binlog_stream_new(const struct binlog_stream_params *params)
{
    (void)params;
    return xcalloc(1, sizeof(struct binlog_stream));
}

bool
binlog_stream_open(struct binlog_stream *stream, const struct binlog_start *start, enum binlog_failure *failure_out, struct error *err)
{
    (void)stream, (void)err;
    *failure_out = BINLOG_FAIL_NONE;
    snprintf(script.start_gtids, sizeof(script.start_gtids), "%s", start->gtids ? start->gtids : "");
    snprintf(script.start_file, sizeof(script.start_file), "%s", start->file);
    script.start = (struct binlog_start){.gtids = start->gtids ? script.start_gtids : NULL, .file = script.start_file, .pos = start->pos};
    script.opens++;
    for (size_t i = 0; i < script.rows_count; i++) {
        script.rows[i]->next = 0;
        script.rows[i]->map.owner_data = NULL;
    }
    return true;
}

enum binlog_result
binlog_stream_next(struct binlog_stream *stream, int timeout_ms, const struct binlog_event **event_out, struct error *err)
{
    (void)timeout_ms;
    if (stream->next == script.lost_at) {
        error_set_retriable(err, ERROR_UNAVAILABLE, "the script loses the stream");
        return BINLOG_LOST;
    }
    if (stream->next == script.count)
        return BINLOG_IDLE;
    *event_out = &script.events[stream->next++];
    return BINLOG_EVENT;
}

enum binlog_failure
binlog_stream_failure(const struct binlog_stream *stream)
{
    (void)stream;
    return BINLOG_FAIL_CONNECTION;
}

void
binlog_stream_close_async(struct binlog_stream *stream)
{
    (void)stream;
}

void
binlog_stream_free(struct binlog_stream *stream)
{
    free(stream);
}
