/*
 * One conversion a kind of column, chosen by type and modes; a conversion reads text (snapshot) and cells (log). Where
 * the two differ in Debezium, they differ here, and it is said beside the function.
 */
#include "connect/connectors/binlog/row_image.h"
#include "connect/connectors/binlog/value_priv.h"
#include "connect/connectors/binlog/value_time.h"
#include "connect/data/base64.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum cdc_outcome
impossible(struct error *err, const char *what)
{
    error_set(err, ERROR_DATA, "%s", what);
    return CDC_IMPOSSIBLE;
}

static struct value
copy_text(const void *bytes, size_t len, struct arena *arena)
{
    return value_string(arena_memdup(arena, bytes, len), len);
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

static bool
parse_integer(const char *text, size_t len, int64_t *out)
{
    bool is_negative = len && text[0] == '-';
    uint64_t number = 0;
    size_t i = is_negative;
    for (; i < len && text[i] >= '0' && text[i] <= '9'; i++)
        number = number * 10 + (uint64_t)(text[i] - '0');
    *out = (int64_t)(is_negative ? 0 - number : number); /* above 2^63 it wraps, as in the records of the original */
    return i == len && len > is_negative;
}

static enum cdc_outcome
integer_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                  struct error *err)
{
    (void)converter, (void)arena;
    int64_t number;
    if (!parse_integer(text, len, &number))
        return impossible(err, "not an integer");
    *out = value_int(number);
    return CDC_VALUE;
}

static bool
is_unsigned(const struct cdc_column *column)
{
    return column->is_unsigned || column->is_zerofill;
}

static int64_t
integer_of(const struct cdc_value_converter *converter, const struct binlog_cell *cell)
{
    return is_unsigned(converter->column) ? (int64_t)binlog_cell_unsigned(cell) : cell->integer;
}

static enum cdc_outcome
integer_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                  struct error *err)
{
    (void)arena;
    if (cell->kind != BINLOG_CELL_INT)
        return impossible(err, "the log has no integer for it");
    *out = value_int(integer_of(converter, cell));
    return CDC_VALUE;
}

/* BIGINT UNSIGNED as a decimal number. */
static enum cdc_outcome
wide_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
               struct error *err)
{
    (void)converter, (void)err;
    for (; len > 1 && *text == '0'; text++, len--)
        ; /* ZEROFILL */
    *out = value_decimal(arena_memdup(arena, text, len), len, 0);
    return CDC_VALUE;
}

static enum cdc_outcome
wide_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
               struct error *err)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%" PRIu64, binlog_cell_unsigned(cell));
    return wide_from_text(converter, text, (size_t)len, arena, out, err);
}

/* A BOOLEAN column, or TINYINT(1) by the converter that makes it one: above zero is true. */
static enum cdc_outcome
boolean_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                  struct error *err)
{
    (void)arena;
    int64_t number;
    if (!parse_integer(text, len, &number))
        return impossible(err, "not an integer");
    *out = value_boolean(converter->column->type == CDC_BOOLEAN ? number != 0 : number > 0);
    return CDC_VALUE;
}

static enum cdc_outcome
boolean_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                  struct error *err)
{
    (void)arena;
    if (cell->kind != BINLOG_CELL_INT)
        return impossible(err, "the log has no integer for it");
    int64_t number = integer_of(converter, cell);
    *out = value_boolean(converter->column->type == CDC_BOOLEAN ? number != 0 : number > 0);
    return CDC_VALUE;
}

/* The server's digits of a FLOAT have six places in a SELECT, so a snapshot is less exact than the log. */
static enum cdc_outcome
real_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
               struct error *err)
{
    char *copy = arena_memdup(arena, text, len), *end;
    bool is_float = converter->column->type == CDC_FLOAT;
    *out = value_real(is_float ? (double)strtof(copy, &end) : strtod(copy, &end));
    if (end != copy + len || len == 0)
        return impossible(err, "not a number");
    if (!is_float && converter->column->type == CDC_DOUBLE && !converter->column->is_zerofill)
        out->text = copy;
    return CDC_VALUE;
}

static enum cdc_outcome
real_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
               struct error *err)
{
    (void)converter, (void)arena;
    if (cell->kind != BINLOG_CELL_FLOAT && cell->kind != BINLOG_CELL_DOUBLE)
        return impossible(err, "the log has no floating-point number for it");
    *out = value_real(cell->kind == BINLOG_CELL_FLOAT ? (double)cell->real32 : cell->real64);
    return CDC_VALUE;
}

/* "-0012.30" of scale 2 is "-1230": no point, no zeros in front. */
static enum cdc_outcome
decimal_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                  struct error *err)
{
    int scale = converter->column->scale < 0 ? 0 : converter->column->scale, decimals = -1;
    char *digits = arena_alloc(arena, len + 2 + (size_t)scale), *to = digits;
    bool is_negative = len && text[0] == '-';
    *to++ = '-';
    for (size_t i = is_negative; i < len; i++) {
        if (text[i] == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (text[i] < '0' || text[i] > '9' || decimals >= scale)
            return impossible(err, "not a decimal number of the column's scale");
        decimals += decimals >= 0;
        if (to > digits + 1 || text[i] != '0')
            *to++ = text[i];
    }
    for (int missing = scale - (decimals < 0 ? 0 : decimals); missing > 0 && to > digits + 1; missing--)
        *to++ = '0';
    if (to == digits + 1) {
        *to++ = '0';
        is_negative = false;
    }
    const char *start = is_negative ? digits : digits + 1;
    *out = value_decimal(start, (size_t)(to - start), scale);
    return CDC_VALUE;
}

static enum cdc_outcome
decimal_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                  struct error *err)
{
    if (cell->kind != BINLOG_CELL_DECIMAL)
        return impossible(err, "the log has no decimal number for it");
    return decimal_from_text(converter, (const char *)cell->bytes.data, cell->bytes.len, arena, out, err);
}

static enum cdc_outcome
decimal_text_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                       struct error *err)
{
    (void)converter, (void)err;
    for (; len > 1 && text[0] == '0' && text[1] != '.'; text++, len--)
        ; /* ZEROFILL */
    *out = copy_text(text, len, arena);
    return CDC_VALUE;
}

static enum cdc_outcome
decimal_text_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena,
                       struct value *out, struct error *err)
{
    if (cell->kind != BINLOG_CELL_DECIMAL)
        return impossible(err, "the log has no decimal number for it");
    return decimal_text_from_text(converter, (const char *)cell->bytes.data, cell->bytes.len, arena, out, err);
}

static enum cdc_outcome
decimal_real_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena,
                       struct value *out, struct error *err)
{
    if (cell->kind != BINLOG_CELL_DECIMAL)
        return impossible(err, "the log has no decimal number for it");
    return real_from_text(converter, (const char *)cell->bytes.data, cell->bytes.len, arena, out, err);
}

/* ---- bits -------------------------------------------------------------------------------------------------------- */

static uint64_t
bits_of_text(const char *text, size_t len)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < len; i++)
        bits = bits << 8 | (unsigned char)text[i];
    return bits;
}

struct value
cdc_value_bits(uint64_t bits, int width, struct arena *arena)
{
    size_t len = (size_t)(width + 7) / 8;
    char *bytes = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++, bits >>= 8)
        bytes[i] = (char)bits; /* io.debezium.data.Bits is little-endian */
    return value_bytes(bytes, len);
}

static enum cdc_outcome
bit_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
              struct error *err)
{
    (void)converter, (void)arena, (void)err;
    *out = value_boolean(bits_of_text(text, len) != 0);
    return CDC_VALUE;
}

static enum cdc_outcome
bits_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
               struct error *err)
{
    (void)err;
    *out = cdc_value_bits(bits_of_text(text, len), converter->column->length, arena);
    return CDC_VALUE;
}

static enum cdc_outcome
bit_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
              struct error *err)
{
    (void)converter, (void)arena, (void)err;
    *out = value_boolean(cell->bits != 0);
    return CDC_VALUE;
}

static enum cdc_outcome
bits_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
               struct error *err)
{
    (void)err;
    *out = cdc_value_bits(cell->bits, converter->column->length, arena);
    return CDC_VALUE;
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

/* The server has made UTF-8 of it already. */
static enum cdc_outcome
string_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                 struct error *err)
{
    (void)converter, (void)err;
    *out = copy_text(text, len, arena);
    return CDC_VALUE;
}

static enum cdc_outcome
string_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                 struct error *err)
{
    if (cell->kind != BINLOG_CELL_BYTES)
        return impossible(err, "the log has no text for it");
    *out = cdc_charset_decode(converter->charset, (const char *)cell->bytes.data, cell->bytes.len, arena);
    return CDC_VALUE;
}

static enum cdc_outcome
json_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
               struct error *err)
{
    if (cell->kind != BINLOG_CELL_JSON && cell->kind != BINLOG_CELL_BYTES)
        return impossible(err, "the log has no JSON for it");
    if (cell->bytes.len == 0)
        return CDC_MISSING;
    strbuf_reset(&converter->scratch);
    if (cell->kind == BINLOG_CELL_BYTES)
        strbuf_add(&converter->scratch, cell->bytes.data, cell->bytes.len);
    else if (!binlog_json_text(cell, &converter->scratch, err))
        return CDC_IMPOSSIBLE;
    *out = copy_text(converter->scratch.data, converter->scratch.len, arena);
    return CDC_VALUE;
}

static enum cdc_outcome
enum_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
               struct error *err)
{
    (void)arena;
    if (cell->kind != BINLOG_CELL_ENUM)
        return impossible(err, "the log has no index of an ENUM for it");
    if (cell->bits == 0)
        *out = value_string("", 0);
    else if (cell->bits <= converter->option_count)
        *out = converter->options[cell->bits - 1];
    else
        return impossible(err, "the index is none of the ENUM's values");
    return CDC_VALUE;
}

static enum cdc_outcome
set_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
              struct error *err)
{
    if (cell->kind != BINLOG_CELL_SET)
        return impossible(err, "the log has no bits of a SET for it");
    strbuf_reset(&converter->scratch);
    strbuf_puts(&converter->scratch, "");
    for (size_t i = 0; i < converter->option_count; i++)
        if (cell->bits >> i & 1) {
            if (converter->scratch.len)
                strbuf_putc(&converter->scratch, ',');
            strbuf_add(&converter->scratch, converter->options[i].as.bytes, converter->options[i].len);
        }
    *out = copy_text(converter->scratch.data, converter->scratch.len, arena);
    return CDC_VALUE;
}

/* ---- bytes ----------------------------------------------------------------------------------------------------------- */

static void
write_hex(struct strbuf *out, const char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        strbuf_putc(out, digits[(unsigned char)bytes[i] >> 4]);
        strbuf_putc(out, digits[(unsigned char)bytes[i] & 15]);
    }
}

static void
make_url_safe(struct strbuf *text)
{
    for (size_t i = 0; i < text->len; i++)
        text->data[i] = text->data[i] == '+' ? '-' : text->data[i] == '/' ? '_' : text->data[i];
}

/* BINARY(n) is padded to its length, which the log leaves out. */
static enum cdc_outcome
bytes_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                struct error *err)
{
    (void)err;
    const struct cdc_column *column = converter->column;
    size_t padded = column->type == CDC_BINARY && column->length > 0 && (size_t)column->length > len ? (size_t)column->length : len;
    char *bytes = arena_alloc(arena, padded + 1);
    memcpy(bytes, text, len);
    memset(bytes + len, 0, padded - len + 1);
    enum cdc_binary_mode mode = converter->config->binary_mode;
    if (mode == CDC_BINARY_BYTES) {
        *out = value_bytes(bytes, padded);
        return CDC_VALUE;
    }
    strbuf_reset(&converter->scratch);
    strbuf_puts(&converter->scratch, "");
    if (mode == CDC_BINARY_HEX)
        write_hex(&converter->scratch, bytes, padded);
    else
        base64_encode(&converter->scratch, bytes, padded);
    if (mode == CDC_BINARY_BASE64_URL_SAFE)
        make_url_safe(&converter->scratch);
    *out = copy_text(converter->scratch.data, converter->scratch.len, arena);
    return CDC_VALUE;
}

static enum cdc_outcome
bytes_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                struct error *err)
{
    if (cell->kind != BINLOG_CELL_BYTES)
        return impossible(err, "the log has no bytes for it");
    return bytes_from_text(converter, (const char *)cell->bytes.data, cell->bytes.len, arena, out, err);
}

/* ---- dates and times ---------------------------------------------------------------------------------------------------- */

/* Zero is 2000 in a snapshot and 1900 in the log. */
static enum cdc_outcome
year_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
               struct error *err)
{
    enum cdc_outcome outcome = integer_from_text(converter, text, len, arena, out, err);
    if (outcome == CDC_VALUE && out->as.integer >= 0 && out->as.integer < 100)
        out->as.integer += out->as.integer < 70 ? 2000 : 1900;
    return outcome;
}

static enum cdc_outcome
year_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
               struct error *err)
{
    (void)converter, (void)arena;
    if (cell->kind != BINLOG_CELL_YEAR)
        return impossible(err, "the log has no year for it");
    *out = value_int(cell->integer ? cell->integer : 1900);
    return CDC_VALUE;
}

static enum cdc_outcome
temporal(struct cdc_value_converter *converter, struct binlog_time *time, struct arena *arena, struct value *out, struct error *err)
{
    const struct cdc_column *column = converter->column;
    if (column->type != CDC_TIME) {
        if (cdc_time_is_zero(time))
            return CDC_MISSING;
        if (converter->config->time_adjuster)
            cdc_time_adjust(time);
    }
    if (cdc_time_value(column->type, converter->config->time_mode, column->length, time, arena, out))
        return CDC_VALUE;
    return impossible(err, "Time values must be between 00:00:00 and 24:00:00 (inclusive)");
}

static enum cdc_outcome
temporal_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                   struct error *err)
{
    struct binlog_time time;
    enum cdc_type type = converter->column->type;
    bool ok = type == CDC_DATE   ? cdc_time_parse_date(text, len, &time)
              : type == CDC_TIME ? cdc_time_parse_time(text, len, &time)
                                 : cdc_time_parse_datetime(text, len, &time);
    if (!ok)
        return impossible(err, "not a date or time of the column's type");
    if (type == CDC_DATETIME)
        cdc_time_reform(&time);
    return temporal(converter, &time, arena, out, err);
}

static enum cdc_outcome
temporal_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                   struct error *err)
{
    if (cell->kind != BINLOG_CELL_DATE && cell->kind != BINLOG_CELL_TIME && cell->kind != BINLOG_CELL_DATETIME)
        return impossible(err, "the log has no date or time for it");
    struct binlog_time time = cell->time;
    return temporal(converter, &time, arena, out, err);
}

/* A snapshot's fraction has no zeros at its end, the log's has all the column's digits; the zero date is the epoch in the log. */
static enum cdc_outcome
timestamp_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                    struct error *err)
{
    (void)converter;
    struct binlog_time time;
    if (!cdc_time_parse_datetime(text, len, &time))
        return impossible(err, "not a date and time");
    if (cdc_time_is_zero(&time))
        return CDC_MISSING;
    *out = cdc_time_zoned(cdc_time_seconds(&time), time.us, 0, arena);
    return CDC_VALUE;
}

static enum cdc_outcome
timestamp_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                    struct error *err)
{
    if (cell->kind != BINLOG_CELL_TIMESTAMP)
        return impossible(err, "the log has no timestamp for it");
    int digits = converter->column->length > 0 && converter->column->length <= 6 ? converter->column->length : 0;
    *out = cdc_time_zoned(cell->timestamp.seconds, cell->timestamp.us, digits, arena);
    return CDC_VALUE;
}

/* ---- geometry, vectors ------------------------------------------------------------------------------------------------------ */

static double
read_double(const unsigned char *bytes, bool is_little)
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | bytes[is_little ? 7 - i : i];
    double number;
    memcpy(&number, &bits, sizeof(number));
    return number;
}

/* Four bytes SRID, then WKB: its byte order, kind and coordinates. */
static enum cdc_outcome
geometry_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                   struct error *err)
{
    enum { SRID = 4, HEAD = 5, POINT_SIZE = HEAD + 16, POINT = 1 };
    if (len < SRID + HEAD)
        return impossible(err, "not a geometry");
    const unsigned char *bytes = (const unsigned char *)text, *wkb = bytes + SRID;
    uint32_t srid = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    bool is_point = converter->column->type == CDC_POINT, is_little = wkb[0] == 1;
    struct value *items = arena_array(arena, struct value, 4), *to = items;
    if (is_point) {
        if (len - SRID < POINT_SIZE || wkb[is_little ? 1 : 4] != POINT)
            return impossible(err, "Failed to parse and read a value of type POINT");
        *to++ = value_real(read_double(wkb + HEAD, is_little));
        *to++ = value_real(read_double(wkb + HEAD + 8, is_little));
    }
    *to++ = value_bytes(arena_memdup(arena, wkb, len - SRID), len - SRID);
    *to++ = srid ? value_int((int32_t)srid) : VALUE_NONE;
    *out = (struct value){.kind = VALUE_STRUCT, .len = (uint32_t)(to - items), .as.items = items};
    return CDC_VALUE;
}

static enum cdc_outcome
geometry_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                   struct error *err)
{
    if (cell->kind != BINLOG_CELL_GEOMETRY && cell->kind != BINLOG_CELL_BYTES)
        return impossible(err, "the log has no geometry for it");
    return geometry_from_text(converter, (const char *)cell->bytes.data, cell->bytes.len, arena, out, err);
}

static enum cdc_outcome
vector_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                 struct error *err)
{
    (void)converter;
    if (len % sizeof(float) != 0)
        return impossible(err, "not a vector");
    size_t count = len / sizeof(float);
    struct value *items = arena_array(arena, struct value, count + 1);
    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = (const unsigned char *)text + i * sizeof(float);
        uint32_t bits = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        float number;
        memcpy(&number, &bits, sizeof(number));
        items[i] = value_real((double)number);
    }
    *out = (struct value){.kind = VALUE_ARRAY, .len = (uint32_t)count, .as.items = items};
    return CDC_VALUE;
}

static enum cdc_outcome
vector_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                 struct error *err)
{
    if (cell->kind != BINLOG_CELL_VECTOR && cell->kind != BINLOG_CELL_BYTES)
        return impossible(err, "the log has no vector for it");
    return vector_from_text(converter, (const char *)cell->bytes.data, cell->bytes.len, arena, out, err);
}

int
cdc_address_text(enum cdc_type type, const unsigned char *bytes, char *out, size_t size)
{
    if (type != CDC_UUID) {
        inet_ntop(type == CDC_INET4 ? AF_INET : AF_INET6, bytes, out, (socklen_t)size);
        return (int)strlen(out);
    }
    int len = 0;
    for (int i = 0; i < 16; i++) {
        bool is_dashed = i == 4 || i == 6 || i == 8 || i == 10;
        len += snprintf(out + len, size - (size_t)len, "%s%02x", is_dashed ? "-" : "", bytes[i]);
    }
    return len;
}

/* MariaDB's UUID and INET types: the log has their bytes, a record the text that SELECT shows. */
static enum cdc_outcome
address_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                  struct error *err)
{
    if (cell->kind != BINLOG_CELL_BYTES)
        return impossible(err, "the log has no bytes for it");
    unsigned char bytes[16] = {0}; /* trailing zeros are left out in the log */
    memcpy(bytes, cell->bytes.data, cell->bytes.len < sizeof(bytes) ? cell->bytes.len : sizeof(bytes));
    char text[64];
    int len = cdc_address_text(converter->column->type, bytes, text, sizeof(text));
    *out = copy_text(text, (size_t)len, arena);
    return CDC_VALUE;
}

/* ---- which ------------------------------------------------------------------------------------------------------------------- */

#define ZERO {.kind = VALUE_INT}
#define EMPTY_TEXT {.kind = VALUE_STRING, .as.bytes = ""}
#define EMPTY_BYTES {.kind = VALUE_BYTES, .as.bytes = ""}
#define ZERO_DECIMAL {.kind = VALUE_DECIMAL, .len = 1, .as.bytes = "0"}
#define TEXT(text) {.kind = VALUE_STRING, .len = sizeof(text) - 1, .as.bytes = (text)}

static const struct cdc_conversion
    of_integer = {integer_from_text, integer_from_cell, cdc_default_integer, ZERO},
    of_wide = {wide_from_text, wide_from_cell, cdc_default_decimal, ZERO_DECIMAL},
    of_boolean = {boolean_from_text, boolean_from_cell, cdc_default_boolean, {.kind = VALUE_BOOLEAN}},
    of_real = {real_from_text, real_from_cell, cdc_default_real, {.kind = VALUE_FLOAT}},
    of_decimal = {decimal_from_text, decimal_from_cell, cdc_default_decimal, ZERO_DECIMAL},
    of_decimal_text = {decimal_text_from_text, decimal_text_from_cell, cdc_default_decimal, TEXT("0")},
    of_decimal_real = {real_from_text, decimal_real_from_cell, cdc_default_real, {.kind = VALUE_FLOAT}},
    of_bit = {bit_from_text, bit_from_cell, cdc_default_bit, {.kind = VALUE_BOOLEAN}},
    of_bits = {bits_from_text, bits_from_cell, cdc_default_bits, EMPTY_BYTES},
    of_string = {string_from_text, string_from_cell, cdc_default_text, EMPTY_TEXT},
    of_json = {string_from_text, json_from_cell, cdc_default_none, TEXT("{}")},
    of_enum = {string_from_text, enum_from_cell, cdc_default_text, EMPTY_TEXT},
    of_set = {string_from_text, set_from_cell, cdc_default_text, EMPTY_TEXT},
    of_bytes = {bytes_from_text, bytes_from_cell, cdc_default_text, EMPTY_BYTES},
    of_encoded = {bytes_from_text, bytes_from_cell, cdc_default_text, EMPTY_TEXT},
    of_year = {year_from_text, year_from_cell, cdc_default_integer, ZERO},
    of_date = {temporal_from_text, temporal_from_cell, cdc_default_date, ZERO},
    of_time = {temporal_from_text, temporal_from_cell, cdc_default_time, ZERO},
    of_datetime = {temporal_from_text, temporal_from_cell, cdc_default_datetime, ZERO},
    of_timestamp = {timestamp_from_text, timestamp_from_cell, cdc_default_timestamp, TEXT("1970-01-01T00:00:00Z")},
    of_geometry = {geometry_from_text, geometry_from_cell, cdc_default_none, {.kind = VALUE_NULL}},
    of_vector = {vector_from_text, vector_from_cell, cdc_default_none, {.kind = VALUE_ARRAY}},
    of_address = {string_from_text, address_from_cell, cdc_default_text, EMPTY_TEXT};

/* What a kind of column is in a record; modes may say otherwise. */
static const struct cdc_kind kinds[] = {
    [CDC_TINYINT] = {&of_integer, SCHEMA_INT16, SCHEMA_INT16, NULL},
    [CDC_SMALLINT] = {&of_integer, SCHEMA_INT16, SCHEMA_INT32, NULL},
    [CDC_MEDIUMINT] = {&of_integer, SCHEMA_INT32, SCHEMA_INT32, NULL},
    [CDC_INT] = {&of_integer, SCHEMA_INT32, SCHEMA_INT64, NULL},
    [CDC_BIGINT] = {&of_integer, SCHEMA_INT64, SCHEMA_INT64, NULL},
    [CDC_BOOLEAN] = {&of_boolean, SCHEMA_BOOLEAN, SCHEMA_BOOLEAN, NULL},
    [CDC_FLOAT] = {&of_real, SCHEMA_FLOAT64, SCHEMA_FLOAT64, NULL},
    [CDC_DOUBLE] = {&of_real, SCHEMA_FLOAT64, SCHEMA_FLOAT64, NULL},
    [CDC_DECIMAL] = {&of_decimal, SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_DECIMAL_NAME},
    [CDC_BIT] = {&of_bit, SCHEMA_BOOLEAN, SCHEMA_BOOLEAN, NULL},
    [CDC_YEAR] = {&of_year, SCHEMA_INT32, SCHEMA_INT32, "io.debezium.time.Year"},
    [CDC_DATE] = {&of_date, SCHEMA_INT32, SCHEMA_INT32, NULL},
    [CDC_TIME] = {&of_time, SCHEMA_INT64, SCHEMA_INT64, NULL},
    [CDC_DATETIME] = {&of_datetime, SCHEMA_INT64, SCHEMA_INT64, NULL},
    [CDC_TIMESTAMP] = {&of_timestamp, SCHEMA_STRING, SCHEMA_STRING, "io.debezium.time.ZonedTimestamp"},
    [CDC_CHAR] = {&of_string, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_VARCHAR] = {&of_string, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_TINYTEXT] = {&of_string, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_TEXT] = {&of_string, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_MEDIUMTEXT] = {&of_string, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_LONGTEXT] = {&of_string, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_BINARY] = {&of_bytes, SCHEMA_BYTES, SCHEMA_BYTES, NULL},
    [CDC_VARBINARY] = {&of_bytes, SCHEMA_BYTES, SCHEMA_BYTES, NULL},
    [CDC_TINYBLOB] = {&of_bytes, SCHEMA_BYTES, SCHEMA_BYTES, NULL},
    [CDC_BLOB] = {&of_bytes, SCHEMA_BYTES, SCHEMA_BYTES, NULL},
    [CDC_MEDIUMBLOB] = {&of_bytes, SCHEMA_BYTES, SCHEMA_BYTES, NULL},
    [CDC_LONGBLOB] = {&of_bytes, SCHEMA_BYTES, SCHEMA_BYTES, NULL},
    [CDC_ENUM] = {&of_enum, SCHEMA_STRING, SCHEMA_STRING, "io.debezium.data.Enum"},
    [CDC_SET] = {&of_set, SCHEMA_STRING, SCHEMA_STRING, "io.debezium.data.EnumSet"},
    [CDC_JSON] = {&of_json, SCHEMA_STRING, SCHEMA_STRING, "io.debezium.data.Json"},
    [CDC_VECTOR] = {&of_vector, SCHEMA_ARRAY, SCHEMA_ARRAY, "io.debezium.data.FloatVector"},
    [CDC_POINT] = {&of_geometry, SCHEMA_STRUCT, SCHEMA_STRUCT, "io.debezium.data.geometry.Point"},
    [CDC_GEOMETRY] = {&of_geometry, SCHEMA_STRUCT, SCHEMA_STRUCT, "io.debezium.data.geometry.Geometry"},
    [CDC_UUID] = {&of_address, SCHEMA_STRING, SCHEMA_STRING, "io.debezium.data.Uuid"},
    [CDC_INET4] = {&of_address, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_INET6] = {&of_address, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_XML] = {&of_string, SCHEMA_STRING, SCHEMA_STRING, "io.debezium.data.Xml"},
};

static bool
is_bytes(enum cdc_type type)
{
    return type >= CDC_BINARY && type <= CDC_LONGBLOB;
}

static struct cdc_kind
decimal_kind(const struct cdc_config *config)
{
    static const struct cdc_kind by_mode[] = {
        [CDC_DECIMAL_PRECISE] = {&of_decimal, SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_DECIMAL_NAME},
        [CDC_DECIMAL_DOUBLE] = {&of_decimal_real, SCHEMA_FLOAT64, SCHEMA_FLOAT64, NULL},
        [CDC_DECIMAL_STRING] = {&of_decimal_text, SCHEMA_STRING, SCHEMA_STRING, NULL},
    };
    return by_mode[config->decimal_mode];
}

const struct cdc_kind cdc_kind_boolean = {&of_boolean, SCHEMA_BOOLEAN, SCHEMA_BOOLEAN, NULL};

struct cdc_kind
cdc_kind_of(const struct cdc_config *config, const struct cdc_column *column)
{
    struct cdc_kind kind = kinds[column->type];
    enum cdc_type type = column->type;
    if (type == CDC_DECIMAL)
        return decimal_kind(config);
    if (type == CDC_BIGINT && column->is_unsigned && config->bigint_unsigned_mode == CDC_BIGINT_UNSIGNED_PRECISE)
        return (struct cdc_kind){&of_wide, SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_DECIMAL_NAME};
    if (type == CDC_FLOAT && column->scale < 0 && column->length <= 24)
        kind.type = kind.unsigned_type = SCHEMA_FLOAT32;
    if (type == CDC_BIT && column->length > 1)
        return (struct cdc_kind){&of_bits, SCHEMA_BYTES, SCHEMA_BYTES, "io.debezium.data.Bits"};
    if (is_bytes(type) && config->binary_mode != CDC_BINARY_BYTES)
        return (struct cdc_kind){&of_encoded, SCHEMA_STRING, SCHEMA_STRING, NULL};
    if (type == CDC_DATE || type == CDC_TIME || type == CDC_DATETIME) {
        struct cdc_time_form form = cdc_time_form(type, config->time_mode, column->length);
        kind.type = kind.unsigned_type = form.type;
        kind.name = form.name;
    }
    return kind;
}
