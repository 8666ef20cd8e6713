/*
 * Row images.
 *
 *   bitmap of nulls over the columns that are present, then the values of the others
 *
 * A value is laid out by the type and metadata of the TABLE_MAP alone.
 */
#include "connect/connectors/binlog/row_image_priv.h"

#include "connect/connectors/binlog/binary_json.h"
#include "connect/connectors/binlog/payload.h"

/* ---- decimals --------------------------------------------------------------------------------------------- */

enum { DECIMAL_PRECISION_MAX = 81, GROUP_DIGITS = 9, GROUP_BYTES = 4 };

static const uint8_t bytes_of_digits[GROUP_DIGITS + 1] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

/* Groups of nine digits in four bytes, most significant first, with an incomplete one in front (of the integer part) or
   behind (of the fraction). The first bit is inverted, all bits are when the number is negative. */
struct decimal_reader {
    struct bytes bytes;
    uint8_t mask;   /* 0xff: negative */
    bool is_first;
    char *to;
};

static bool
read_group(struct decimal_reader *reader, unsigned digits)
{
    uint32_t group = 0;
    unsigned size = bytes_of_digits[digits];
    for (unsigned i = 0; i < size; i++) {
        uint8_t byte = bytes_u8(&reader->bytes) ^ reader->mask;
        if (reader->is_first)
            byte ^= 0x80;
        reader->is_first = false;
        group = group << 8 | byte;
    }
    for (unsigned i = digits; i-- > 0; group /= 10)
        reader->to[i] = (char)('0' + group % 10);
    reader->to += digits;
    return group == 0 && !reader->bytes.is_short;
}

static bool
read_groups(struct decimal_reader *reader, unsigned digits)
{
    bool is_right = true;
    for (; digits >= GROUP_DIGITS; digits -= GROUP_DIGITS)
        is_right = read_group(reader, GROUP_DIGITS) && is_right;
    return is_right;
}

const char *
row_image_decimal(struct bytes *from, unsigned precision, unsigned scale, struct arena *scratch, size_t *len_out)
{
    if (precision > DECIMAL_PRECISION_MAX || scale > precision || precision == 0 || bytes_left(from) == 0)
        return NULL;
    unsigned whole = precision - scale, first = whole % GROUP_DIGITS, last = scale % GROUP_DIGITS;
    char *text = arena_alloc(scratch, precision + 5); /* sign, a leading zero, a point, NUL */
    char *digits = text + 2;
    struct decimal_reader reader = {.bytes = *from, .mask = *from->at & 0x80 ? 0 : 0xff, .is_first = true, .to = digits};
    bool is_right = (first == 0 || read_group(&reader, first)) && read_groups(&reader, whole - first);
    char *point = reader.to;
    if (scale > 0)
        *reader.to++ = '.';
    is_right = is_right && read_groups(&reader, scale - last) && (last == 0 || read_group(&reader, last));
    if (!is_right)
        return NULL;
    *from = reader.bytes;
    while (digits + 1 < point && *digits == '0')
        digits++;
    if (digits == point)
        *--digits = '0';
    if (reader.mask)
        *--digits = '-';
    *reader.to = '\0';
    *len_out = (size_t)(reader.to - digits);
    return digits;
}

/* ---- dates and times ------------------------------------------------------------------------------------------ */

static const uint8_t fraction_bytes[] = {0, 1, 1, 2, 2, 3, 3};
static const uint32_t fraction_unit_us[] = {0, 10000, 10000, 100, 100, 1, 1};

/* Fractions have two, four or six digits in the image, whatever the column shows. */
static uint32_t
read_fraction_us(struct bytes *from, unsigned digits)
{
    return (uint32_t)bytes_be(from, fraction_bytes[digits]) * fraction_unit_us[digits];
}

static void
read_date(struct bytes *from, struct binlog_cell *out)
{
    uint32_t packed = (uint32_t)bytes_le(from, 3);
    out->kind = BINLOG_CELL_DATE;
    out->time = (struct binlog_time){.day = packed & 31, .month = packed >> 5 & 15, .year = (uint16_t)(packed >> 9)};
}

/* Sign and fraction belong to one number. */
static void
read_time2(struct bytes *from, unsigned digits, struct binlog_cell *out)
{
    unsigned shift = 8 * fraction_bytes[digits];
    int64_t packed = (int64_t)bytes_be(from, 3 + fraction_bytes[digits]) - (INT64_C(0x800000) << shift);
    uint64_t size = (uint64_t)(packed < 0 ? -packed : packed);
    uint32_t clock = (uint32_t)(size >> shift);
    out->kind = BINLOG_CELL_TIME;
    out->time = (struct binlog_time){
        .is_negative = packed < 0, .hour = clock >> 12 & 1023, .minute = clock >> 6 & 63, .second = clock & 63,
        .us = (uint32_t)(size & ((UINT64_C(1) << shift) - 1)) * fraction_unit_us[digits],
    };
}

static void
read_datetime2(struct bytes *from, unsigned digits, struct binlog_cell *out)
{
    uint64_t packed = bytes_be(from, 5) & 0x7fffffffff; /* the first bit is the sign: always positive */
    uint32_t date = (uint32_t)(packed >> 17), clock = packed & 0x1ffff;
    out->kind = BINLOG_CELL_DATETIME;
    out->time = (struct binlog_time){
        .year = (uint16_t)((date >> 5) / 13), .month = (uint8_t)((date >> 5) % 13), .day = date & 31,
        .hour = (uint16_t)(clock >> 12), .minute = clock >> 6 & 63, .second = clock & 63,
    };
    out->time.us = read_fraction_us(from, digits);
}

/* The forms before MySQL 5.6: decimal digits in a number. */
static void
read_old_time(struct bytes *from, struct binlog_cell *out)
{
    int64_t number = bytes_signed(bytes_le(from, 3), 3);
    uint32_t digits = (uint32_t)(number < 0 ? -number : number);
    out->kind = BINLOG_CELL_TIME;
    out->time = (struct binlog_time){.is_negative = number < 0, .hour = (uint16_t)(digits / 10000),
                                     .minute = digits / 100 % 100, .second = digits % 100};
}

static void
read_old_datetime(struct bytes *from, struct binlog_cell *out)
{
    uint64_t digits = bytes_le(from, 8);
    uint32_t date = (uint32_t)(digits / 1000000), clock = (uint32_t)(digits % 1000000);
    out->kind = BINLOG_CELL_DATETIME;
    out->time = (struct binlog_time){.year = (uint16_t)(date / 10000), .month = date / 100 % 100, .day = date % 100,
                                     .hour = (uint16_t)(clock / 10000), .minute = clock / 100 % 100, .second = clock % 100};
}

static void
read_timestamp(struct bytes *from, bool is_old, unsigned digits, struct binlog_cell *out)
{
    out->kind = BINLOG_CELL_TIMESTAMP;
    out->timestamp.seconds = (int64_t)(is_old ? bytes_le(from, 4) : bytes_be(from, 4));
    out->timestamp.us = read_fraction_us(from, digits);
}

static void
read_year(struct bytes *from, struct binlog_cell *out)
{
    uint8_t year = bytes_u8(from);
    out->kind = BINLOG_CELL_YEAR;
    out->integer = year == 0 ? 0 : 1900 + year;
}

/* ---- the others --------------------------------------------------------------------------------------------------- */

static void
read_integer(struct bytes *from, unsigned width, struct binlog_cell *out)
{
    out->kind = BINLOG_CELL_INT;
    out->width = (uint8_t)width;
    out->integer = bytes_signed(bytes_le(from, width), width);
}

static void
read_float(struct bytes *from, struct binlog_cell *out)
{
    uint32_t bits = (uint32_t)bytes_le(from, 4);
    out->kind = BINLOG_CELL_FLOAT;
    memcpy(&out->real32, &bits, sizeof(bits));
}

static void
read_double(struct bytes *from, struct binlog_cell *out)
{
    uint64_t bits = bytes_le(from, 8);
    out->kind = BINLOG_CELL_DOUBLE;
    memcpy(&out->real64, &bits, sizeof(bits));
}

static bool
read_decimal(const struct binlog_column *column, struct bytes *from, struct arena *scratch, struct binlog_cell *out)
{
    size_t len;
    const char *text = row_image_decimal(from, column->meta >> 8, column->meta & 255, scratch, &len);
    out->kind = BINLOG_CELL_DECIMAL;
    out->bytes = (struct binlog_bytes){(const uint8_t *)text, text ? len : 0};
    return text != NULL;
}

static void
read_bytes(struct bytes *from, enum binlog_cell_kind kind, unsigned prefix, struct binlog_cell *out)
{
    size_t len = bytes_le(from, prefix);
    out->kind = (uint8_t)kind;
    out->bytes.data = bytes_take(from, len);
    out->bytes.len = out->bytes.data ? len : 0;
}

/* A column that is stored COMPRESSED. */
static bool
read_packed(struct bytes *from, unsigned prefix, struct arena *scratch, struct binlog_cell *out)
{
    struct bytes value;
    read_bytes(from, BINLOG_CELL_BYTES, prefix, out);
    if (from->is_short)
        return true;
    if (!payload_unzip_value((struct bytes){.at = out->bytes.data, .end = out->bytes.data + out->bytes.len}, scratch, &value))
        return false;
    out->bytes = (struct binlog_bytes){value.at, bytes_left(&value)};
    return true;
}

static void
read_bits(struct bytes *from, enum binlog_cell_kind kind, const struct binlog_column *column, struct binlog_cell *out)
{
    out->kind = (uint8_t)kind;
    if (kind == BINLOG_CELL_BIT) {
        out->width = (uint8_t)column->meta;
        out->bits = bytes_be(from, (column->meta + 7u) / 8);
    } else {
        out->bits = bytes_le(from, column->meta);
    }
}

/* False: broken, or a type or metadata that is not known; a value that is cut off shows in from->is_short. */
static bool
read_cell(const struct binlog_column *column, struct bytes *from, struct arena *scratch, struct binlog_cell *out)
{
    unsigned meta = column->meta;
    switch (column->type) {
    case BINLOG_TYPE_TINY: read_integer(from, 1, out); return true;
    case BINLOG_TYPE_SHORT: read_integer(from, 2, out); return true;
    case BINLOG_TYPE_INT24: read_integer(from, 3, out); return true;
    case BINLOG_TYPE_LONG: read_integer(from, 4, out); return true;
    case BINLOG_TYPE_LONGLONG: read_integer(from, 8, out); return true;
    case BINLOG_TYPE_FLOAT: read_float(from, out); return true;
    case BINLOG_TYPE_DOUBLE: read_double(from, out); return true;
    case BINLOG_TYPE_NEWDECIMAL: return read_decimal(column, from, scratch, out);
    case BINLOG_TYPE_DATE:
    case BINLOG_TYPE_NEWDATE: read_date(from, out); return true;
    case BINLOG_TYPE_TIME: read_old_time(from, out); return true;
    case BINLOG_TYPE_DATETIME: read_old_datetime(from, out); return true;
    case BINLOG_TYPE_TIMESTAMP: read_timestamp(from, true, 0, out); return true;
    case BINLOG_TYPE_YEAR: read_year(from, out); return true;
    case BINLOG_TYPE_STRING:
    case BINLOG_TYPE_VARCHAR:
    case BINLOG_TYPE_VAR_STRING: read_bytes(from, BINLOG_CELL_BYTES, meta > 255 ? 2 : 1, out); return true;
    case BINLOG_TYPE_VARCHAR_COMPRESSED: return read_packed(from, meta > 255 ? 2 : 1, scratch, out);
    case BINLOG_TYPE_BIT: read_bits(from, BINLOG_CELL_BIT, column, out); return meta >= 1 && meta <= 64;
    case BINLOG_TYPE_ENUM: read_bits(from, BINLOG_CELL_ENUM, column, out); return meta >= 1 && meta <= 2;
    case BINLOG_TYPE_SET: read_bits(from, BINLOG_CELL_SET, column, out); return meta >= 1 && meta <= 8;
    default: break;
    }
    out->digits = (uint8_t)meta;
    switch (column->type) {
    case BINLOG_TYPE_TIMESTAMP2: return meta <= 6 ? read_timestamp(from, false, meta, out), true : false;
    case BINLOG_TYPE_DATETIME2: return meta <= 6 ? read_datetime2(from, meta, out), true : false;
    case BINLOG_TYPE_TIME2: return meta <= 6 ? read_time2(from, meta, out), true : false;
    case BINLOG_TYPE_TINY_BLOB: case BINLOG_TYPE_BLOB: case BINLOG_TYPE_MEDIUM_BLOB:
    case BINLOG_TYPE_LONG_BLOB: read_bytes(from, BINLOG_CELL_BYTES, meta, out); return meta <= 4;
    case BINLOG_TYPE_BLOB_COMPRESSED: return meta <= 4 && read_packed(from, meta, scratch, out);
    case BINLOG_TYPE_JSON: read_bytes(from, BINLOG_CELL_JSON, meta, out); return meta <= 4;
    case BINLOG_TYPE_GEOMETRY: read_bytes(from, BINLOG_CELL_GEOMETRY, meta, out); return meta <= 4;
    case BINLOG_TYPE_VECTOR: read_bytes(from, BINLOG_CELL_VECTOR, meta, out); return meta <= 4;
    default: return false;
    }
}

/* ---- an image ------------------------------------------------------------------------------------------------------- */

/* Edits of the value before, put together to the new value's text. Without a value before it stays unknown. */
static bool
read_edits(struct bytes *from, const struct binlog_cell *before, struct arena *scratch, struct binlog_cell *out,
           struct error *err)
{
    struct bytes edits = bytes_part(from, bytes_le(from, 4));
    if (from->is_short)
        return error_set(err, ERROR_DATA, "the value is cut off");
    if (!before || before->kind != BINLOG_CELL_JSON)
        return true; /* stays ABSENT */
    struct strbuf text = STRBUF_INIT;
    bool is_done = binary_json_edited_text(before, edits, &text, err);
    if (is_done) {
        out->kind = BINLOG_CELL_JSON;
        out->is_text = true;
        out->bytes = (struct binlog_bytes){(uint8_t *)arena_memdup(scratch, text.data, text.len), text.len};
    }
    strbuf_fini(&text);
    return is_done;
}

static bool
refuse(const struct binlog_table_map *map, size_t i, struct error *err)
{
    const struct binlog_column *column = &map->columns[i];
    return error_wrap(err, "table %s.%s, column %zu%s%s (type %u)", map->database, map->table, i + 1, column->name ? " " : "",
                      column->name ? column->name : "", column->type);
}

static bool
read_value(const struct binlog_column *column, struct bytes *from, struct arena *scratch, struct binlog_cell *out,
           struct error *err)
{
    if (!read_cell(column, from, scratch, out))
        return error_set(err, ERROR_DATA, "a value or a type that cannot be read");
    return !from->is_short || error_set(err, ERROR_DATA, "the value is cut off");
}

bool
row_image_read(const struct binlog_table_map *map, struct bytes *from, const struct row_image *image,
               const uint8_t *partial, const struct binlog_cell *before, struct arena *scratch, struct error *err)
{
    const uint8_t *nulls = bytes_take(from, (image->present_count + 7) / 8);
    if (!nulls)
        return error_set(err, ERROR_DATA, "table %s.%s: the row is cut off", map->database, map->table);
    size_t present = 0, json = 0;
    for (size_t i = 0; i < map->column_count; i++) {
        struct binlog_cell *cell = &image->cells[i];
        bool is_json = map->columns[i].type == BINLOG_TYPE_JSON;
        bool is_partial = is_json && partial && bytes_bit(partial, json);
        json += is_json;
        cell->kind = BINLOG_CELL_ABSENT;
        cell->is_text = false;
        if (!bytes_bit(image->present, i))
            continue;
        if (bytes_bit(nulls, present++))
            cell->kind = BINLOG_CELL_NULL;
        else if (!(is_partial ? read_edits(from, before ? &before[i] : NULL, scratch, cell, err)
                              : read_value(&map->columns[i], from, scratch, cell, err)))
            return refuse(map, i, err);
    }
    return true;
}
