/*
 * One conversion a kind of column, chosen by type and modes; a conversion reads text (snapshot) and cells (log). Where
 * the two differ in Debezium, they differ here, and it is said beside the function.
 */
#include "connect/connectors/binlog/value.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/regex.h"
#include "connect/connectors/binlog/row_image.h"
#include "connect/connectors/binlog/value_priv.h"
#include "connect/connectors/binlog/value_time.h"
#include "connect/data/base64.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("io.debezium.connector.mysql.jdbc.MySqlValueConverters");

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
static const struct kind {
    const struct cdc_conversion *conversion;
    enum schema_type type, unsigned_type;
    const char *name;
} kinds[] = {
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
    [CDC_UUID] = {&of_address, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_INET4] = {&of_address, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_INET6] = {&of_address, SCHEMA_STRING, SCHEMA_STRING, NULL},
    [CDC_XML] = {&of_string, SCHEMA_STRING, SCHEMA_STRING, "io.debezium.data.Xml"},
};

static bool
is_bytes(enum cdc_type type)
{
    return type >= CDC_BINARY && type <= CDC_LONGBLOB;
}

static struct kind
decimal_kind(const struct cdc_config *config)
{
    static const struct kind by_mode[] = {
        [CDC_DECIMAL_PRECISE] = {&of_decimal, SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_DECIMAL_NAME},
        [CDC_DECIMAL_DOUBLE] = {&of_decimal_real, SCHEMA_FLOAT64, SCHEMA_FLOAT64, NULL},
        [CDC_DECIMAL_STRING] = {&of_decimal_text, SCHEMA_STRING, SCHEMA_STRING, NULL},
    };
    return by_mode[config->decimal_mode];
}

/* The kind of a column, with what the modes make of it. */
static struct kind
kind_of(const struct cdc_config *config, const struct cdc_column *column)
{
    struct kind kind = kinds[column->type];
    enum cdc_type type = column->type;
    if (type == CDC_DECIMAL)
        return decimal_kind(config);
    if (type == CDC_BIGINT && column->is_unsigned && config->bigint_unsigned_mode == CDC_BIGINT_UNSIGNED_PRECISE)
        return (struct kind){&of_wide, SCHEMA_BYTES, SCHEMA_BYTES, SCHEMA_DECIMAL_NAME};
    if (type == CDC_FLOAT && column->scale < 0 && column->length <= 24)
        kind.type = kind.unsigned_type = SCHEMA_FLOAT32;
    if (type == CDC_BIT && column->length > 1)
        return (struct kind){&of_bits, SCHEMA_BYTES, SCHEMA_BYTES, "io.debezium.data.Bits"};
    if (is_bytes(type) && config->binary_mode != CDC_BINARY_BYTES)
        return (struct kind){&of_encoded, SCHEMA_STRING, SCHEMA_STRING, NULL};
    if (type == CDC_DATE || type == CDC_TIME || type == CDC_DATETIME) {
        struct cdc_time_form form = cdc_time_form(type, config->time_mode, column->length);
        kind.type = kind.unsigned_type = form.type;
        kind.name = form.name;
    }
    return kind;
}

/* ---- custom converters ---------------------------------------------------------------------------------------------------- */

#define TINYINT_CONVERTER "io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter"

/* Does the converter `name` of the setting take the column? */
static bool
takes(const struct cdc_config *config, const char *name, const char *label, const struct cdc_column *column, bool *takes_out,
      struct error *err)
{
    char key[256];
    snprintf(key, sizeof(key), "%s.type", name);
    const char *type = config_get_or(config->cfg, key, "");
    if (strcmp(type, TINYINT_CONVERTER) != 0)
        return error_set(err, ERROR_CONFIG, "the converter '%s' of type '%s' is not known: " TINYINT_CONVERTER " is", name, type);
    snprintf(key, sizeof(key), "%s.length.checker", name);
    bool checks_length = strcasecmp(config_get_or(config->cfg, key, "true"), "true") == 0;
    bool is_tiny = column->type == CDC_TINYINT && !column->is_zerofill;
    *takes_out = is_tiny && (!checks_length || column->length == 1);
    snprintf(key, sizeof(key), "%s.selector", name);
    const char *selector = config_get_or(config->cfg, key, "");
    if (!*takes_out || !*selector)
        return true;
    struct regex *regex = regex_new(selector, err);
    if (!regex)
        return error_wrap(err, "%s", key);
    *takes_out = regex_matches(regex, label);
    regex_free(regex);
    return true;
}

static bool
apply_custom(const struct cdc_config *config, const char *label, const struct cdc_column *column, struct kind *kind,
             struct error *err)
{
    char *names = xstrdup(config->converters ? config->converters : ""), *rest = names, *name;
    bool ok = true;
    while (ok && (name = strtok_r(rest, ", ", &rest))) {
        bool takes_it = false;
        ok = takes(config, name, label, column, &takes_it, err);
        if (ok && takes_it)
            *kind = (struct kind){&of_boolean, SCHEMA_BOOLEAN, SCHEMA_BOOLEAN, NULL};
    }
    free(names);
    return ok;
}

/* ---- schemas ---------------------------------------------------------------------------------------------------------------- */

/* As the records show them: a comma inside a value has a backslash in front. */
static void
set_options(struct cdc_value_converter *converter, struct strbuf *allowed)
{
    const struct cdc_column *column = converter->column;
    converter->options = arena_array(&converter->arena, struct value, column->enum_count + 1);
    converter->option_count = column->enum_count;
    for (size_t i = 0; i < column->enum_count; i++) {
        if (i)
            strbuf_putc(allowed, ',');
        size_t start = allowed->len;
        for (const char *at = column->enum_values[i]; *at; at++) {
            if (*at == ',')
                strbuf_putc(allowed, '\\');
            strbuf_putc(allowed, *at);
        }
        converter->options[i] = copy_text(allowed->data ? allowed->data + start : "", allowed->len - start, &converter->arena);
    }
}

static void
add_number_parameter(struct schema_builder *builder, const char *name, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    schema_builder_parameter(builder, name, text);
}

static void
add_field(struct schema_builder *builder, const char *name, enum schema_type type, bool is_optional)
{
    const struct schema *schema = schema_primitive(type, is_optional);
    schema_builder_field(builder, name, schema);
    schema_unref(schema);
}

/* Fields, items and parameters that belong to the kind. */
static void
describe_kind(struct cdc_value_converter *converter, const struct kind *kind, struct schema_builder *builder)
{
    const struct cdc_column *column = converter->column;
    if (kind->conversion == &of_wide || kind->conversion == &of_decimal) {
        bool is_wide = kind->conversion == &of_wide;
        add_number_parameter(builder, "scale", is_wide || column->scale < 0 ? 0 : column->scale);
        add_number_parameter(builder, "connect.decimal.precision", is_wide ? 20 : column->length);
    } else if (kind->conversion == &of_bits) {
        add_number_parameter(builder, "length", column->length);
    } else if (column->type == CDC_ENUM || column->type == CDC_SET) {
        struct strbuf allowed = STRBUF_INIT;
        strbuf_puts(&allowed, "");
        set_options(converter, &allowed);
        schema_builder_parameter(builder, "allowed", allowed.data);
        strbuf_fini(&allowed);
    } else if (column->type == CDC_VECTOR) {
        const struct schema *items = schema_primitive(SCHEMA_FLOAT32, false);
        schema_builder_value(builder, items);
        schema_unref(items);
    } else if (kind->conversion == &of_geometry) {
        bool is_point = column->type == CDC_POINT;
        if (is_point) {
            add_field(builder, "x", SCHEMA_FLOAT64, false);
            add_field(builder, "y", SCHEMA_FLOAT64, false);
        }
        add_field(builder, "wkb", SCHEMA_BYTES, is_point);
        add_field(builder, "srid", SCHEMA_INT32, true);
        schema_builder_doc(builder, is_point ? "Geometry (POINT)" : "Geometry");
    }
}

static void
describe_source(const struct cdc_column *column, struct schema_builder *builder)
{
    schema_builder_parameter(builder, "__debezium.source.column.type", column->type_name);
    if (column->length != CDC_UNSET)
        add_number_parameter(builder, "__debezium.source.column.length", column->length);
    if (column->scale != CDC_UNSET)
        add_number_parameter(builder, "__debezium.source.column.scale", column->scale);
    if (column->comment && *column->comment)
        schema_builder_parameter(builder, "__debezium.source.column.comment", column->comment);
    schema_builder_parameter(builder, "__debezium.source.column.name", column->name);
}

static struct schema_builder *
describe(struct cdc_value_converter *converter, const struct kind *kind, const struct cdc_mask *mask, bool propagates)
{
    const struct cdc_column *column = converter->column;
    struct schema_builder *builder = schema_builder_new(column->is_unsigned ? kind->unsigned_type : kind->type);
    if (kind->name) {
        schema_builder_name(builder, kind->name);
        schema_builder_version(builder, 1);
    }
    describe_kind(converter, kind, builder);
    if (propagates)
        describe_source(column, builder);
    if (mask)
        cdc_mask_describe(mask, column, builder);
    schema_builder_optional(builder, column->is_optional);
    if (column->comment)
        schema_builder_doc(builder, column->comment);
    return builder;
}

/* ---- life --------------------------------------------------------------------------------------------------------------------- */

/* What NULL becomes where it is not allowed: the default, else what the type has. */
static void
set_fallback(struct cdc_value_converter *converter, const struct kind *kind, const struct value *given)
{
    converter->fallback = given ? *given : kind->conversion->fallback;
    const struct cdc_column *column = converter->column;
    if (given)
        return;
    if (kind->conversion == &of_decimal)
        converter->fallback.scale = (int16_t)(column->scale < 0 ? 0 : column->scale);
    bool is_temporal = column->type == CDC_DATE || column->type == CDC_TIME || column->type == CDC_DATETIME;
    struct binlog_time epoch = {.year = 1970, .month = 1, .day = 1};
    if (is_temporal && !cdc_time_value(column->type, converter->config->time_mode, column->length, &epoch, &converter->arena, &converter->fallback))
        converter->fallback = VALUE_NONE;
}

static enum cdc_failure_mode
failure_mode(const struct cdc_config *config)
{
    const char *mode = config_get_or(config->cfg, "event.converting.failure.handling.mode", "warn");
    return strcasecmp(mode, "fail") == 0 ? CDC_FAILURE_FAIL : strcasecmp(mode, "skip") == 0 ? CDC_FAILURE_SKIP : CDC_FAILURE_WARN;
}

bool
cdc_value_converter_new(const struct cdc_config *config, const struct cdc_filters *filters, const struct cdc_table *table,
                        const struct cdc_column *column, struct cdc_value_converter **out, struct error *err)
{
    struct cdc_value_converter *converter = xcalloc(1, sizeof(*converter));
    converter->config = config;
    converter->column = column;
    converter->on_failure = failure_mode(config);
    converter->charset = cdc_charset_new(column->charset);
    converter->label = arena_printf(&converter->arena, "%s.%s.%s", table->database, table->name, column->name);
    const struct cdc_mask *mask = filters ? cdc_filters_mask(filters, table, column) : NULL;
    struct kind kind = kind_of(config, column);
    if (!apply_custom(config, converter->label, column, &kind, err) || (mask && !cdc_mask_hand_new(mask, column, &converter->mask, err))) {
        cdc_value_converter_free(converter);
        return false;
    }
    converter->conversion = kind.conversion;
    struct schema_builder *builder = describe(converter, &kind, mask, filters && cdc_filters_propagates(filters, table, column));
    struct value given;
    bool has_default = column->has_default && cdc_value_default(converter, &given);
    if (has_default)
        schema_builder_default(builder, &given);
    converter->schema = schema_builder_finish(builder);
    set_fallback(converter, &kind, has_default ? &given : NULL);
    *out = converter;
    return true;
}

void
cdc_value_converter_free(struct cdc_value_converter *converter)
{
    if (!converter)
        return;
    schema_unref(converter->schema);
    cdc_charset_free(converter->charset);
    cdc_mask_hand_free(converter->mask);
    strbuf_fini(&converter->scratch);
    arena_fini(&converter->arena);
    free(converter);
}

const struct schema *
cdc_value_schema(const struct cdc_value_converter *converter)
{
    return converter->schema;
}

/* ---- converting ------------------------------------------------------------------------------------------------------------- */

/* The end of both ways: NULL, failures, masks. */
static bool
finish(struct cdc_value_converter *converter, enum cdc_outcome outcome, struct arena *arena, struct value *out, struct error *err)
{
    if (outcome == CDC_MISSING) {
        *out = converter->column->is_optional ? VALUE_NONE : converter->fallback;
    } else if (outcome == CDC_IMPOSSIBLE) {
        if (converter->on_failure == CDC_FAILURE_FAIL)
            return error_wrap(err, "Failed to properly convert data value for '%s' of type %s", converter->label,
                              converter->column->type_name);
        if (converter->on_failure == CDC_FAILURE_WARN && !converter->has_warned)
            log_warn("Failed to properly convert data value for '%s' of type %s: %s (said once)", converter->label,
                     converter->column->type_name, err->message);
        converter->has_warned = true;
        *out = VALUE_NONE;
    }
    if (converter->mask)
        cdc_mask_apply(converter->mask, out, arena);
    return true;
}

bool
cdc_value_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                    struct error *err)
{
    enum cdc_outcome outcome = text ? converter->conversion->from_text(converter, text, len, arena, out, err) : CDC_MISSING;
    if (outcome == CDC_VALUE && !converter->mask)
        return true;
    return finish(converter, outcome, arena, out, err);
}

bool
cdc_value_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                    struct error *err)
{
    if (cell->kind == BINLOG_CELL_ABSENT)
        return error_set(err, ERROR_DATA, "the log does not have the value of %s: set binlog_row_image=FULL on the server",
                         converter->label);
    enum cdc_outcome outcome = cell->kind == BINLOG_CELL_NULL
                                   ? CDC_MISSING
                                   : converter->conversion->from_cell(converter, cell, arena, out, err);
    if (outcome == CDC_VALUE && !converter->mask)
        return true;
    return finish(converter, outcome, arena, out, err);
}
