/*
 * TABLE_MAP events.
 *
 *   table id u48, flags u16, database (length, text, NUL), table (the same), column count, a type byte per column,
 *   metadata block, null bitmap, then optional metadata: type, length, value
 */
#include "connect/connectors/binlog/table_map_priv.h"

#include "common/base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { COLUMNS_MAX = 4096, KEPT_MAX = 1024, BUCKETS = 256 };

/* Of all streams: readers outlive a stream and compare the maps of the next one. */
static atomic_ullong last_serial;

/* One allocation: this, the columns, the event's bytes (names point into them), and column names. */
struct binlog_kept_map {
    struct binlog_table_map map; /* first */
    struct binlog_kept_map *next;
    uint64_t statement;          /* in which it was last used */
    uint8_t *body;
    size_t body_len;
    char *names;
    struct binlog_column columns[];
};

/* ---- column types ---------------------------------------------------------------------------------------- */

/* CHAR, BINARY, ENUM, SET: two bytes, real type and length; of a CHAR beyond 255 bytes two bits of the length stand,
   inverted, in the type. */
static void
read_string_meta(struct binlog_column *column, struct bytes *meta)
{
    unsigned type = bytes_u8(meta), len = bytes_u8(meta);
    if ((type & 0x30) != 0x30) {
        len |= ((type & 0x30) ^ 0x30) << 4;
        type |= 0x30;
    }
    if (type == BINLOG_TYPE_ENUM || type == BINLOG_TYPE_SET)
        column->type = (uint8_t)type;
    column->meta = (uint16_t)len;
}

static void
read_bit_meta(struct binlog_column *column, struct bytes *meta)
{
    unsigned bits = bytes_u8(meta), bytes = bytes_u8(meta);
    column->meta = (uint16_t)(bytes * 8 + bits);
}

/* False: a type that nobody knows, whose metadata has an unknown length. */
static bool
read_column_meta(struct binlog_column *column, struct bytes *meta)
{
    switch (column->type) {
    case BINLOG_TYPE_STRING:
    case BINLOG_TYPE_ENUM:
    case BINLOG_TYPE_SET:
        read_string_meta(column, meta);
        return true;
    case BINLOG_TYPE_NEWDECIMAL:
        column->meta = (uint16_t)bytes_be(meta, 2);
        return true;
    case BINLOG_TYPE_BIT:
        read_bit_meta(column, meta);
        return true;
    case BINLOG_TYPE_VARCHAR:
    case BINLOG_TYPE_VAR_STRING:
    case BINLOG_TYPE_VARCHAR_COMPRESSED:
        column->meta = (uint16_t)bytes_le(meta, 2);
        return true;
    case BINLOG_TYPE_FLOAT: case BINLOG_TYPE_DOUBLE:
    case BINLOG_TYPE_TIMESTAMP2: case BINLOG_TYPE_DATETIME2: case BINLOG_TYPE_TIME2:
    case BINLOG_TYPE_TINY_BLOB: case BINLOG_TYPE_BLOB: case BINLOG_TYPE_MEDIUM_BLOB: case BINLOG_TYPE_LONG_BLOB:
    case BINLOG_TYPE_JSON: case BINLOG_TYPE_GEOMETRY: case BINLOG_TYPE_VECTOR: case BINLOG_TYPE_BLOB_COMPRESSED:
        column->meta = bytes_u8(meta);
        return true;
    case BINLOG_TYPE_TINY: case BINLOG_TYPE_SHORT: case BINLOG_TYPE_INT24: case BINLOG_TYPE_LONG: case BINLOG_TYPE_LONGLONG:
    case BINLOG_TYPE_NULL: case BINLOG_TYPE_YEAR: case BINLOG_TYPE_DATE: case BINLOG_TYPE_NEWDATE:
    case BINLOG_TYPE_TIMESTAMP: case BINLOG_TYPE_TIME: case BINLOG_TYPE_DATETIME:
        return true;
    default:
        return false;
    }
}

/* ---- optional metadata --------------------------------------------------------------------------------------- */

enum { META_SIGNEDNESS = 1, META_DEFAULT_COLLATION = 2, META_COLUMN_COLLATION = 3, META_COLUMN_NAME = 4 };

static bool
is_numeric(const struct binlog_column *column)
{
    switch (column->type) {
    case BINLOG_TYPE_TINY: case BINLOG_TYPE_SHORT: case BINLOG_TYPE_INT24: case BINLOG_TYPE_LONG: case BINLOG_TYPE_LONGLONG:
    case BINLOG_TYPE_FLOAT: case BINLOG_TYPE_DOUBLE: case BINLOG_TYPE_NEWDECIMAL: case BINLOG_TYPE_YEAR:
        return true;
    default:
        return false;
    }
}

static bool
is_character(const struct binlog_column *column)
{
    switch (column->type) {
    case BINLOG_TYPE_STRING: case BINLOG_TYPE_VARCHAR: case BINLOG_TYPE_VAR_STRING: case BINLOG_TYPE_BLOB:
    case BINLOG_TYPE_TINY_BLOB: case BINLOG_TYPE_MEDIUM_BLOB: case BINLOG_TYPE_LONG_BLOB:
    case BINLOG_TYPE_VARCHAR_COMPRESSED: case BINLOG_TYPE_BLOB_COMPRESSED:
        return true;
    default:
        return false;
    }
}

static void
read_signedness(struct binlog_kept_map *kept, struct bytes value)
{
    size_t bit = 0;
    for (size_t i = 0; i < kept->map.column_count; i++) {
        if (!is_numeric(&kept->columns[i]))
            continue;
        if (bit / 8 >= bytes_left(&value))
            return; /* as good as not sent */
        kept->columns[i].is_unsigned = value.at[bit / 8] >> (7 - bit % 8) & 1;
        bit++;
    }
    kept->map.has_signedness = true;
}

/* The collation of most columns, then pairs of index and collation for the others; indexes count character columns only. */
static void
read_default_collation(struct binlog_kept_map *kept, struct bytes value)
{
    uint32_t most = (uint32_t)bytes_packed(&value);
    uint64_t exception = 0, collation = 0, index = 0;
    bool has_exception = false;
    for (size_t i = 0; i < kept->map.column_count; i++) {
        if (!is_character(&kept->columns[i]))
            continue;
        if (!has_exception && bytes_left(&value) > 0) {
            exception = bytes_packed(&value);
            collation = bytes_packed(&value);
            has_exception = true;
        }
        bool is_exception = has_exception && exception == index;
        kept->columns[i].collation = is_exception ? (uint32_t)collation : most;
        has_exception = has_exception && !is_exception;
        index++;
    }
}

static void
read_column_collations(struct binlog_kept_map *kept, struct bytes value)
{
    for (size_t i = 0; i < kept->map.column_count; i++)
        if (is_character(&kept->columns[i]))
            kept->columns[i].collation = (uint32_t)bytes_packed(&value);
}

/* The bytes are copied so that each name gets a NUL. */
static void
read_names(struct binlog_kept_map *kept, struct bytes value)
{
    if (kept->names)
        return;
    kept->names = xmalloc(bytes_left(&value) + kept->map.column_count + 1);
    char *to = kept->names;
    for (size_t i = 0; i < kept->map.column_count; i++) {
        size_t len = bytes_packed(&value);
        const uint8_t *name = bytes_take(&value, len);
        if (!name) { /* as good as not sent */
            for (i = 0; i < kept->map.column_count; i++)
                kept->columns[i].name = NULL;
            return;
        }
        kept->columns[i].name = to;
        memcpy(to, name, len);
        to[len] = '\0';
        to += len + 1;
    }
    kept->map.has_names = true;
}

static const struct {
    uint8_t type;
    void (*read)(struct binlog_kept_map *kept, struct bytes value);
} optional_fields[] = {
    {META_SIGNEDNESS, read_signedness},
    {META_DEFAULT_COLLATION, read_default_collation},
    {META_COLUMN_COLLATION, read_column_collations},
    {META_COLUMN_NAME, read_names},
};

/* Fields of other types are skipped. */
static void
read_optional(struct binlog_kept_map *kept, struct bytes *body)
{
    while (bytes_left(body) > 0) {
        uint8_t type = bytes_u8(body);
        struct bytes value = bytes_part(body, bytes_packed(body));
        for (size_t i = 0; i < sizeof(optional_fields) / sizeof(*optional_fields); i++)
            if (optional_fields[i].type == type)
                optional_fields[i].read(kept, value);
    }
}

/* ---- an event ------------------------------------------------------------------------------------------------- */

/* Length, text, NUL. */
static const char *
read_name(struct bytes *body)
{
    size_t len = bytes_u8(body);
    const char *name = (const char *)bytes_take(body, len + 1);
    if (!name || name[len] != '\0') {
        body->is_short = true;
        return "";
    }
    return name;
}

/* Behind a type that is not known nothing of the metadata can be told. Then rows are refused, and only rows, as the table may
   be of no interest. */
static void
read_columns(struct binlog_kept_map *kept, const uint8_t *types, struct bytes meta, const uint8_t *nullable)
{
    for (size_t i = 0; i < kept->map.column_count; i++) {
        struct binlog_column *column = &kept->columns[i];
        column->type = types[i];
        column->is_nullable = bytes_bit(nullable, i);
        if (!read_column_meta(column, &meta)) {
            kept->map.unknown_column = i + 1;
            return;
        }
        kept->map.json_count += column->type == BINLOG_TYPE_JSON;
    }
    kept->map.is_readable = !meta.is_short && bytes_left(&meta) == 0;
}

static void
kept_free(struct binlog_kept_map *kept)
{
    free(kept->names);
    free(kept->body);
    free(kept);
}

/* What stands behind the column types. */
static bool
read_rest(struct binlog_kept_map *kept, const uint8_t *types, struct bytes body, struct error *err)
{
    const struct binlog_table_map *map = &kept->map;
    struct bytes meta = bytes_part(&body, bytes_packed(&body));
    const uint8_t *nullable = bytes_take(&body, (map->column_count + 7) / 8);
    if (body.is_short)
        return error_set(err, ERROR_DATA, "table %s.%s: the table map is cut off", map->database, map->table);
    read_columns(kept, types, meta, nullable);
    if (map->is_readable)
        read_optional(kept, &body);
    return true;
}

/* The size of the struct is known once the column count is read. */
static struct binlog_kept_map *
parse(struct bytes from, struct error *err)
{
    uint8_t *copy = (uint8_t *)xmemdup(from.at, bytes_left(&from));
    size_t copy_len = bytes_left(&from);
    struct bytes body = bytes_of(copy, copy_len);
    uint64_t table_id = bytes_le(&body, 6);
    bytes_le(&body, 2);
    const char *database = read_name(&body), *table = read_name(&body);
    uint64_t count = bytes_packed(&body);
    if (body.is_short || count > COLUMNS_MAX || count > bytes_left(&body)) {
        free(copy);
        error_set(err, ERROR_DATA, "the table map is cut off");
        return NULL;
    }
    struct binlog_kept_map *kept = xcalloc(1, sizeof(*kept) + count * sizeof(*kept->columns));
    kept->body = copy;
    kept->body_len = copy_len;
    kept->map = (struct binlog_table_map){.table_id = table_id, .database = database, .table = table,
                                          .column_count = count, .columns = kept->columns};
    const uint8_t *types = bytes_take(&body, count);
    if (read_rest(kept, types, body, err))
        return kept;
    kept_free(kept);
    return NULL;
}

/* ---- the maps that are known ------------------------------------------------------------------------------------ */

static struct binlog_kept_map **
bucket_of(const struct binlog_table_maps *maps, uint64_t table_id)
{
    return &maps->buckets[table_id % maps->bucket_count];
}

static struct binlog_kept_map *
find(const struct binlog_table_maps *maps, uint64_t table_id)
{
    if (!maps->buckets)
        return NULL;
    struct binlog_kept_map *kept = *bucket_of(maps, table_id);
    while (kept && kept->map.table_id != table_id)
        kept = kept->next;
    return kept;
}

/* Drop what the present statement does not use, or everything. */
static void
drop(struct binlog_table_maps *maps, bool with_present)
{
    for (size_t i = 0; i < maps->bucket_count; i++)
        for (struct binlog_kept_map **link = &maps->buckets[i], *kept = *link; kept; kept = *link) {
            if (!with_present && kept->statement == maps->statement) {
                link = &kept->next;
                continue;
            }
            *link = kept->next;
            kept_free(kept);
            maps->count--;
        }
}

void
binlog_table_maps_clear(struct binlog_table_maps *maps)
{
    drop(maps, true);
}

void
binlog_table_maps_fini(struct binlog_table_maps *maps)
{
    drop(maps, true);
    free(maps->buckets);
    *maps = (struct binlog_table_maps){0};
}

void
binlog_table_maps_end_statement(struct binlog_table_maps *maps)
{
    maps->statement++;
    if (maps->count > KEPT_MAX)
        drop(maps, false);
}

static void
forget(struct binlog_table_maps *maps, struct binlog_kept_map *old)
{
    struct binlog_kept_map **link = bucket_of(maps, old->map.table_id);
    while (*link != old)
        link = &(*link)->next;
    *link = old->next;
    kept_free(old);
    maps->count--;
}

static void
keep(struct binlog_table_maps *maps, struct binlog_kept_map *kept)
{
    if (!maps->buckets) {
        maps->bucket_count = BUCKETS;
        maps->buckets = xcalloc(BUCKETS, sizeof(*maps->buckets));
    }
    struct binlog_kept_map **bucket = bucket_of(maps, kept->map.table_id);
    kept->next = *bucket;
    *bucket = kept;
    kept->map.serial = atomic_fetch_add(&last_serial, 1) + 1;
    maps->count++;
}

struct binlog_table_map *
binlog_table_maps_read(struct binlog_table_maps *maps, struct bytes body, struct error *err)
{
    struct bytes id = body;
    struct binlog_kept_map *kept = find(maps, bytes_le(&id, 6));
    if (!kept || kept->body_len != bytes_left(&body) || memcmp(kept->body, body.at, kept->body_len) != 0) {
        struct binlog_kept_map *fresh = parse(body, err);
        if (!fresh)
            return NULL;
        if (kept)
            forget(maps, kept);
        keep(maps, fresh);
        kept = fresh;
    }
    kept->statement = maps->statement;
    return &kept->map;
}

struct binlog_table_map *
binlog_table_maps_find(const struct binlog_table_maps *maps, uint64_t table_id)
{
    struct binlog_kept_map *kept = find(maps, table_id);
    return kept ? &kept->map : NULL;
}
