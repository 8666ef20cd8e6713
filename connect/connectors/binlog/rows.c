/*
 * ROWS events.
 *
 *   table id u48, flags u16, [v2: extra data, its length u16 in front], column count, bitmaps of present columns (an update has
 *   two), then rows: [before image], [after image]. Partial updates have options in front of the after image. MariaDB may
 *   compress what stands behind the bitmaps.
 */
#include "connect/connectors/binlog/rows_priv.h"

#include "common/base/alloc.h"
#include "connect/connectors/binlog/event_priv.h"
#include "connect/connectors/binlog/payload.h"

#include <stdlib.h>

enum { FLAG_ENDS_STATEMENT = 1 };
enum { NO_TABLE = 0xffffff }; /* an event that only ends the statement */

static const struct layout {
    uint8_t type;
    enum binlog_row_op op;
    bool is_v2, is_compressed, is_partial;
} layouts[] = {
    {BINLOG_EVENT_WRITE_V1, BINLOG_INSERT, false, false, false},
    {BINLOG_EVENT_UPDATE_V1, BINLOG_UPDATE, false, false, false},
    {BINLOG_EVENT_DELETE_V1, BINLOG_DELETE, false, false, false},
    {BINLOG_EVENT_WRITE_V2, BINLOG_INSERT, true, false, false},
    {BINLOG_EVENT_UPDATE_V2, BINLOG_UPDATE, true, false, false},
    {BINLOG_EVENT_DELETE_V2, BINLOG_DELETE, true, false, false},
    {BINLOG_EVENT_PARTIAL_UPDATE, BINLOG_UPDATE, true, false, true},
    {BINLOG_EVENT_MARIADB_WRITE_COMPRESSED_V1, BINLOG_INSERT, false, true, false},
    {BINLOG_EVENT_MARIADB_UPDATE_COMPRESSED_V1, BINLOG_UPDATE, false, true, false},
    {BINLOG_EVENT_MARIADB_DELETE_COMPRESSED_V1, BINLOG_DELETE, false, true, false},
    {BINLOG_EVENT_MARIADB_WRITE_COMPRESSED, BINLOG_INSERT, true, true, false},
    {BINLOG_EVENT_MARIADB_UPDATE_COMPRESSED, BINLOG_UPDATE, true, true, false},
    {BINLOG_EVENT_MARIADB_DELETE_COMPRESSED, BINLOG_DELETE, true, true, false},
};

void
binlog_rows_reader_fini(struct binlog_rows_reader *reader)
{
    free(reader->before.cells);
    free(reader->after.cells);
    free(reader->unzipped);
    arena_fini(&reader->scratch);
}

static const struct layout *
layout_of(uint8_t type)
{
    const struct layout *layout = layouts;
    while (layout->type != type)
        layout++;
    return layout;
}

static void
make_room(struct binlog_rows_reader *reader, size_t columns)
{
    if (columns <= reader->cells_size)
        return;
    reader->before.cells = xrealloc(reader->before.cells, columns * sizeof(*reader->before.cells));
    reader->after.cells = xrealloc(reader->after.cells, columns * sizeof(*reader->after.cells));
    reader->cells_size = columns;
}

static void
read_present(struct bytes *body, size_t columns, struct row_image *image)
{
    image->present = bytes_take(body, (columns + 7) / 8);
    image->present_count = 0;
    for (size_t i = 0; image->present && i < columns; i++)
        image->present_count += bytes_bit(image->present, i);
}

static bool
unzip(struct binlog_rows_reader *reader, struct error *err)
{
    size_t len;
    free(reader->unzipped);
    reader->unzipped = payload_unzip(reader->rest, &len, err);
    if (!reader->unzipped)
        return error_wrap(err, "table %s.%s", reader->map->database, reader->map->table);
    reader->rest = bytes_of(reader->unzipped, len);
    reader->is_packed = false;
    return true;
}

bool
binlog_rows_open(struct binlog_rows_reader *reader, const struct binlog_table_maps *maps, uint8_t type, struct bytes body,
                 struct binlog_event *event, struct error *err)
{
    const struct layout *layout = layout_of(type);
    uint64_t table_id = bytes_le(&body, 6);
    uint16_t flags = (uint16_t)bytes_le(&body, 2);
    if (layout->is_v2) {
        uint64_t extra = bytes_le(&body, 2);
        bytes_take(&body, extra >= 2 ? extra - 2 : 0);
    }
    size_t columns = bytes_packed(&body);
    struct binlog_table_map *map = binlog_table_maps_find(maps, table_id);
    event->rows = (struct binlog_rows){.op = layout->op, .map = map, .ends_statement = flags & FLAG_ENDS_STATEMENT,
                                       .reader = reader};
    reader->map = map;
    if (!map && table_id == NO_TABLE)
        return true;
    if (!map)
        return error_set(err, ERROR_DATA, "rows of table id %llu without a table map", (unsigned long long)table_id);
    if (body.is_short || columns != map->column_count)
        return error_set(err, ERROR_DATA, "table %s.%s: %zu columns in the rows, %zu in the table map", map->database, map->table,
                         columns, map->column_count);
    make_room(reader, columns);
    reader->has_before = layout->op != BINLOG_INSERT;
    reader->has_after = layout->op != BINLOG_DELETE;
    reader->is_partial = layout->is_partial;
    if (reader->has_before)
        read_present(&body, columns, &reader->before);
    if (reader->has_after)
        read_present(&body, columns, &reader->after);
    reader->rest = body;
    if (body.is_short)
        return error_set(err, ERROR_DATA, "table %s.%s: the event is cut off", map->database, map->table);
    reader->is_packed = layout->is_compressed;
    return true;
}

/* Partial updates: options, and with the first of them a bitmap over the JSON columns. */
static bool
read_options(struct binlog_rows_reader *reader, const uint8_t **partial_out, struct error *err)
{
    enum { PARTIAL_JSON = 1 };
    uint64_t options = bytes_packed(&reader->rest);
    *partial_out = options & PARTIAL_JSON ? bytes_take(&reader->rest, (reader->map->json_count + 7) / 8) : NULL;
    if (options > PARTIAL_JSON)
        return error_set(err, ERROR_DATA, "table %s.%s: an update with unknown options", reader->map->database, reader->map->table);
    return !reader->rest.is_short ||
           error_set(err, ERROR_DATA, "table %s.%s: the row is cut off", reader->map->database, reader->map->table);
}

static bool
read_row(struct binlog_rows_reader *reader, struct error *err)
{
    const uint8_t *partial = NULL;
    const struct binlog_cell *before = reader->has_before ? reader->before.cells : NULL;
    arena_reset(&reader->scratch);
    if (reader->has_before &&
        !row_image_read(reader->map, &reader->rest, &reader->before, NULL, NULL, &reader->scratch, err))
        return false;
    if (reader->is_partial && !read_options(reader, &partial, err))
        return false;
    return !reader->has_after ||
           row_image_read(reader->map, &reader->rest, &reader->after, partial, before, &reader->scratch, err);
}

static bool
refuse_map(const struct binlog_table_map *map, struct error *err)
{
    size_t unknown = map->unknown_column;
    if (unknown == 0)
        return error_set(err, ERROR_DATA, "table %s.%s: the metadata of the columns does not fit to their types", map->database, map->table);
    return error_set(err, ERROR_DATA, "table %s.%s: the type of column %zu (%u) is not known", map->database, map->table, unknown,
                     map->columns[unknown - 1].type);
}

enum binlog_row_status
binlog_rows_next(struct binlog_rows *rows, const struct binlog_cell **before_out, const struct binlog_cell **after_out,
                 struct error *err)
{
    struct binlog_rows_reader *reader = rows->reader;
    if (reader->map && reader->is_packed && !unzip(reader, err))
        return BINLOG_ROWS_FAILED;
    size_t left = bytes_left(&reader->rest);
    if (!reader->map || left == 0)
        return BINLOG_ROWS_END;
    if (!(reader->map->is_readable || refuse_map(reader->map, err)) || !read_row(reader, err))
        return BINLOG_ROWS_FAILED;
    if (bytes_left(&reader->rest) == left) {
        error_set(err, ERROR_DATA, "table %s.%s: rows without columns", reader->map->database, reader->map->table);
        return BINLOG_ROWS_FAILED;
    }
    *before_out = reader->has_before ? reader->before.cells : NULL;
    *after_out = reader->has_after ? reader->after.cells : NULL;
    return BINLOG_ROW;
}
