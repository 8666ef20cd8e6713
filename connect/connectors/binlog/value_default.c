/*
 * DEFAULT of a column as the default of its field (BinlogDefaultValueConverter). Texts that the type cannot read, such as
 * expressions, are no default.
 */
#include "common/base/alloc.h"
#include "connect/connectors/binlog/value_priv.h"
#include "connect/connectors/binlog/value_time.h"
#include "connect/data/decimal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* TRUE and FALSE are numbers. */
static bool
read_number(const char *text, size_t len, double *out)
{
    char *copy = xmemdup(text, len), *end = copy;
    bool is_word = strcasecmp(copy, "true") == 0 || strcasecmp(copy, "false") == 0;
    *out = is_word ? strcasecmp(copy, "true") == 0 : strtod(copy, &end);
    bool ok = is_word || (end > copy && *end == '\0');
    free(copy);
    return ok;
}

/* Math.round of the number, kept within a long. */
enum cdc_outcome
cdc_default_integer(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                    struct error *err)
{
    (void)converter, (void)arena, (void)err;
    double number;
    if (!read_number(text, len, &number))
        return CDC_MISSING;
    number = floor(number + 0.5);
    *out = value_int(number >= 0x1p63 ? INT64_MAX : number < -0x1p63 ? INT64_MIN : (int64_t)number);
    if (converter->column->type == CDC_YEAR && out->as.integer >= 0 && out->as.integer < 100)
        out->as.integer += out->as.integer < 70 ? 2000 : 1900;
    return CDC_VALUE;
}

enum cdc_outcome
cdc_default_boolean(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                    struct error *err)
{
    enum cdc_outcome outcome = cdc_default_integer(converter, text, len, arena, out, err);
    if (outcome == CDC_VALUE)
        *out = value_boolean(converter->column->type == CDC_BOOLEAN ? out->as.integer != 0 : out->as.integer > 0);
    return outcome;
}

/* b'101', or its digits alone. */
static bool
read_bits(const char *text, size_t len, uint64_t *out)
{
    if (len >= 3 && (text[0] == 'b' || text[0] == 'B') && text[1] == '\'') {
        text += 2;
        len -= 3;
    }
    uint64_t bits = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '0' && text[i] != '1')
            return false;
        bits = bits << 1 | (uint64_t)(text[i] - '0');
    }
    *out = bits;
    return len > 0;
}

enum cdc_outcome
cdc_default_bit(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                struct error *err)
{
    (void)converter, (void)arena, (void)err;
    uint64_t bits;
    if (!read_bits(text, len, &bits))
        return CDC_MISSING;
    *out = value_boolean(bits != 0);
    return CDC_VALUE;
}

enum cdc_outcome
cdc_default_bits(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                 struct error *err)
{
    (void)err;
    uint64_t bits;
    if (!read_bits(text, len, &bits))
        return CDC_MISSING;
    *out = cdc_value_bits(bits, converter->column->length, arena);
    return CDC_VALUE;
}

/* Adds one to the last digit; "99" becomes "100". */
static void
round_up(struct strbuf *digits)
{
    size_t i = digits->len;
    while (i > 0 && digits->data[i - 1] == '9')
        digits->data[--i] = '0';
    if (i > 0) {
        digits->data[i - 1]++;
        return;
    }
    struct strbuf longer = STRBUF_INIT;
    strbuf_putc(&longer, '1');
    strbuf_add(&longer, digits->data, digits->len);
    strbuf_fini(digits);
    *digits = longer;
}

/* Plain text of a decimal number with `scale` decimals, rounded half up. False: no number. */
static bool
rescale(const char *text, size_t len, int scale, struct arena *arena, struct strbuf *out)
{
    struct value number;
    if (!decimal_parse(text, len, arena, &number))
        return false;
    bool is_negative = number.as.bytes[0] == '-';
    struct strbuf digits = STRBUF_INIT;
    for (int i = number.scale - (int)(number.len - is_negative); i >= 0; i--)
        strbuf_putc(&digits, '0');
    strbuf_add(&digits, number.as.bytes + is_negative, number.len - is_negative);
    for (int missing = scale - number.scale; missing > 0; missing--)
        strbuf_putc(&digits, '0');
    size_t surplus = number.scale > scale ? (size_t)(number.scale - scale) : 0;
    if (surplus >= digits.len)
        surplus = digits.len - 1;
    bool is_up = surplus && digits.data[digits.len - surplus] >= '5';
    digits.len -= surplus;
    digits.data[digits.len] = '\0';
    if (is_up)
        round_up(&digits);
    if (is_negative)
        strbuf_putc(out, '-');
    strbuf_add(out, digits.data, digits.len - (size_t)scale);
    if (scale > 0) {
        strbuf_putc(out, '.');
        strbuf_add(out, digits.data + digits.len - (size_t)scale, (size_t)scale);
    }
    strbuf_fini(&digits);
    return true;
}

enum cdc_outcome
cdc_default_decimal(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                    struct error *err)
{
    const struct cdc_column *column = converter->column;
    int scale = column->type == CDC_DECIMAL && column->scale > 0 ? column->scale : 0;
    struct strbuf plain = STRBUF_INIT;
    double number;
    if (read_number(text, len, &number) && (*text == 't' || *text == 'T' || *text == 'f' || *text == 'F')) {
        text = number != 0 ? "1" : "0";
        len = 1;
    }
    enum cdc_outcome outcome = CDC_MISSING;
    if (rescale(text, len, scale, arena, &plain))
        outcome = converter->conversion->from_text(converter, plain.data, plain.len, arena, out, err);
    strbuf_fini(&plain);
    return outcome;
}

enum cdc_outcome
cdc_default_real(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                 struct error *err)
{
    (void)arena, (void)err;
    double number;
    if (!read_number(text, len, &number))
        return CDC_MISSING;
    *out = value_real(converter->column->type == CDC_FLOAT && converter->column->scale < 0 ? (double)(float)number : number);
    return CDC_VALUE;
}

/* _utf8mb4'x' is x. */
enum cdc_outcome
cdc_default_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                 struct error *err)
{
    const char *quote = *text == '_' ? strchr(text, '\'') : NULL;
    if (quote && len > 2 && text[len - 1] == '\'') {
        len -= (size_t)(quote + 1 - text) + 1;
        text = quote + 1;
    }
    if (converter->column->type >= CDC_BINARY && converter->column->type <= CDC_LONGBLOB) {
        if (converter->config->binary_mode != CDC_BINARY_BYTES)
            return converter->conversion->from_text(converter, text, len, arena, out, err);
        *out = value_bytes(arena_memdup(arena, text, len), len); /* not padded */
        return CDC_VALUE;
    }
    *out = value_string(arena_memdup(arena, text, len), len);
    return CDC_VALUE;
}

/* ---- dates and times ------------------------------------------------------------------------------------------ */

/* What cannot be read is the epoch where NULL is not allowed. */
static enum cdc_outcome
temporal_default(struct cdc_value_converter *converter, bool is_read, struct binlog_time *time, struct arena *arena, struct value *out)
{
    const struct cdc_column *column = converter->column;
    if (!is_read || (column->type != CDC_TIME && cdc_time_is_zero(time))) {
        if (column->is_optional)
            return CDC_MISSING;
        *time = (struct binlog_time){.year = 1970, .month = 1, .day = 1};
    }
    bool ok = cdc_time_value(column->type, converter->config->time_mode, column->length, time, arena, out);
    return ok ? CDC_VALUE : CDC_MISSING;
}

enum cdc_outcome
cdc_default_date(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                 struct error *err)
{
    (void)err;
    struct binlog_time time;
    bool is_read = cdc_time_parse_datetime(text, len, &time); /* a time behind the date is left out */
    return temporal_default(converter, is_read, &time, arena, out);
}

enum cdc_outcome
cdc_default_datetime(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                     struct error *err)
{
    return cdc_default_date(converter, text, len, arena, out, err);
}

enum cdc_outcome
cdc_default_time(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                 struct error *err)
{
    (void)err;
    struct binlog_time time;
    bool is_read = cdc_time_parse_time(text, len, &time) || cdc_time_parse_datetime(text, len, &time);
    return is_read ? temporal_default(converter, true, &time, arena, out) : CDC_MISSING;
}

enum cdc_outcome
cdc_default_timestamp(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                      struct error *err)
{
    (void)err;
    struct binlog_time time;
    if (!cdc_time_parse_datetime(text, len, &time) && strcmp(text, "0") != 0)
        return CDC_MISSING;
    int64_t seconds = cdc_time_is_zero(&time) ? 0 : cdc_time_seconds(&time);
    if (seconds == 0 && time.us == 0 && converter->column->is_optional)
        return CDC_MISSING;
    *out = cdc_time_zoned(seconds, time.us, 0, arena);
    return CDC_VALUE;
}

enum cdc_outcome
cdc_default_none(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                 struct error *err)
{
    (void)converter, (void)text, (void)len, (void)arena, (void)out, (void)err;
    return CDC_MISSING;
}

bool
cdc_value_default(struct cdc_value_converter *converter, struct value *out)
{
    const char *text = converter->column->default_value;
    struct error ignored = ERROR_INIT;
    if (!text)
        return false;
    return converter->conversion->from_default(converter, text, strlen(text), &converter->arena, out, &ignored) == CDC_VALUE;
}
