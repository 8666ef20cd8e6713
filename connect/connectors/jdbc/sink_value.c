/* Values as SQL literals. */
#include "connect/connectors/jdbc/sink_value.h"

#include "connect/data/number_text.h"

#include <math.h>
#include <string.h>

/* Days before this one, 15 October 1582, are Julian in Java's old calendar. */
enum { GREGORIAN_FIRST_DAY = -141427 };
enum { DAY_MS = 86400000 };

static bool
refuse(const struct value *value, const char *expected, struct error *err)
{
    return error_set(err, ERROR_CONFIG, "a value of kind %d cannot be written as %s", value->kind, expected);
}

static bool
write_unsupported(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    (void)format;
    (void)out;
    const char *type = value->kind == VALUE_ARRAY ? "ARRAY" : value->kind == VALUE_MAP ? "MAP" : "STRUCT";
    return error_set(err, ERROR_CONFIG, "Unsupported source data type: %s", type);
}

/* ---- texts and bytes --------------------------------------------------------------------------------------- */

/* What stands behind the backslash; 0: the byte stands for itself. */
static const char escapes[256] = {
    ['\0'] = '0', ['\n'] = 'n', ['\r'] = 'r', ['\\'] = '\\', ['\''] = '\'', ['"'] = '"', ['\x1a'] = 'Z',
};

void
sink_write_text(struct strbuf *out, const char *bytes, size_t len)
{
    char *start = strbuf_room(out, 2 * len + 2), *to = start;
    *to++ = '\'';
    for (const char *end = bytes + len; bytes < end; bytes++) {
        char escape = escapes[(unsigned char)*bytes];
        if (escape)
            *to++ = '\\';
        *to++ = escape ? escape : *bytes;
    }
    *to++ = '\'';
    strbuf_wrote(out, (size_t)(to - start));
}

static bool
write_string(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    (void)format;
    if (value->kind != VALUE_STRING)
        return refuse(value, "a string", err);
    sink_write_text(out, value->as.bytes, value->len);
    return true;
}

static bool
write_bytes(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    (void)format;
    if (value->kind != VALUE_BYTES)
        return refuse(value, "bytes", err);
    strbuf_add(out, "_binary", 7);
    sink_write_text(out, value->as.bytes, value->len);
    return true;
}

/* ---- numbers ------------------------------------------------------------------------------------------------ */

static bool
write_int(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    (void)format;
    if (value->kind != VALUE_INT)
        return refuse(value, "an integer", err);
    strbuf_wrote(out, number_text_int(value->as.integer, strbuf_room(out, NUMBER_TEXT_SIZE)));
    return true;
}

static bool
write_boolean(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    (void)format;
    if (value->kind != VALUE_BOOLEAN)
        return refuse(value, "a boolean", err);
    strbuf_putc(out, value->as.boolean ? '1' : '0');
    return true;
}

static bool
check_real(const struct value *value, struct error *err)
{
    if (value->kind != VALUE_FLOAT)
        return refuse(value, "a floating-point number", err);
    if (isfinite(value->as.real))
        return true;
    const char *name = isnan(value->as.real) ? "NaN" : value->as.real < 0 ? "-\xe2\x88\x9e" : "\xe2\x88\x9e"; /* Java's sign of infinity */
    error_set(err, ERROR_DATA, "'%s' is not a valid numeric or approximate numeric value", name);
    err->java_class = "java.sql.SQLException";
    memcpy(err->sqlstate, SINK_STATE_ARGUMENT, sizeof(SINK_STATE_ARGUMENT));
    return false;
}

static bool
write_double(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    (void)format;
    if (!check_real(value, err))
        return false;
    strbuf_wrote(out, number_text_double(value->as.real, strbuf_room(out, NUMBER_TEXT_SIZE)));
    return true;
}

static bool
write_float(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    (void)format;
    if (!check_real(value, err))
        return false;
    strbuf_wrote(out, number_text_float((float)value->as.real, strbuf_room(out, NUMBER_TEXT_SIZE)));
    return true;
}

/* BigDecimal.toPlainString of unscaled digits and a scale. */
static void
write_plain_decimal(struct strbuf *out, const char *digits, size_t len, int scale)
{
    if (len && *digits == '-') {
        strbuf_putc(out, '-');
        digits++;
        len--;
    }
    if (scale <= 0) {
        strbuf_add(out, digits, len);
        bool is_zero = len == 1 && *digits == '0';
        for (int i = scale; i < 0 && !is_zero; i++)
            strbuf_putc(out, '0');
        return;
    }
    size_t point = len > (size_t)scale ? len - (size_t)scale : 0;
    if (point)
        strbuf_add(out, digits, point);
    else
        strbuf_putc(out, '0');
    strbuf_putc(out, '.');
    for (size_t i = len; i < (size_t)scale; i++)
        strbuf_putc(out, '0');
    strbuf_add(out, digits + point, len - point);
}

static bool
write_decimal(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    (void)format;
    if (value->kind != VALUE_DECIMAL)
        return refuse(value, "a decimal number", err);
    write_plain_decimal(out, value->as.bytes, value->len, value->scale);
    return true;
}

/* ---- dates and times ------------------------------------------------------------------------------------------ */

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static void
put_digits(struct strbuf *out, unsigned number, int width)
{
    char *to = strbuf_room(out, (size_t)width);
    for (int i = width - 1; i >= 0; i--, number /= 10)
        to[i] = (char)('0' + number % 10);
    strbuf_wrote(out, (size_t)width);
}

/* Year, month and day of a day number; in the Julian calendar leap years are every fourth. */
static void
civil_from_days(int64_t days, bool is_julian, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t shifted = days + (is_julian ? 719470 : 719468); /* days since 1 March of year 0 */
    int64_t era_days = is_julian ? 1461 : 146097, era_years = is_julian ? 4 : 400;
    int64_t era = floor_div(shifted, era_days);
    unsigned of_era = (unsigned)(shifted - era * era_days);
    unsigned of_era_year = is_julian ? (of_era - of_era / 1460) / 365
                                     : (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned centuries = is_julian ? 0 : of_era_year / 100;
    unsigned of_year = of_era - (365 * of_era_year + of_era_year / 4 - centuries);
    unsigned shifted_month = (5 * of_year + 2) / 153;
    *day = of_year - (153 * shifted_month + 2) / 5 + 1;
    *month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *year = of_era_year + era * era_years + (*month <= 2);
}

static void
write_day(const struct sink_format *format, struct strbuf *out, int64_t days)
{
    int64_t year;
    unsigned month, day;
    civil_from_days(days, !format->is_proleptic && days < GREGORIAN_FIRST_DAY, &year, &month, &day);
    if (year < 0 || year > 9999)
        strbuf_add_int(out, year); /* the server says what it thinks of that */
    else
        put_digits(out, (unsigned)year, 4);
    strbuf_putc(out, '-');
    put_digits(out, month, 2);
    strbuf_putc(out, '-');
    put_digits(out, day, 2);
}

/* `min_digits` to 9 digits behind a point, zeros at the end left out; nothing at all for none. */
static void
write_fraction(struct strbuf *out, unsigned nanos, int min_digits)
{
    char digits[9];
    for (int i = 8; i >= 0; i--, nanos /= 10)
        digits[i] = (char)('0' + nanos % 10);
    int len = 9;
    while (len > min_digits && digits[len - 1] == '0')
        len--;
    if (len == 0)
        return;
    strbuf_putc(out, '.');
    strbuf_add(out, digits, (size_t)len);
}

static void
write_clock(struct strbuf *out, unsigned second_of_day, unsigned nanos, int min_digits)
{
    put_digits(out, second_of_day / 3600, 2);
    strbuf_putc(out, ':');
    put_digits(out, second_of_day / 60 % 60, 2);
    strbuf_putc(out, ':');
    put_digits(out, second_of_day % 60, 2);
    write_fraction(out, nanos, min_digits);
}

static int64_t
local_seconds(const struct sink_format *format, int64_t utc_seconds)
{
    return format->zone ? utc_seconds + zone_offset(format->zone, utc_seconds) : utc_seconds;
}

static void
put_date(const struct sink_format *format, struct strbuf *out, int64_t days)
{
    int64_t seconds = days * 86400;
    write_day(format, out, format->date_in_utc ? days : floor_div(local_seconds(format, seconds), 86400));
}

static void
put_time(const struct sink_format *format, struct strbuf *out, int64_t ms, int min_digits)
{
    int64_t seconds = floor_div(ms, 1000);
    int64_t local = local_seconds(format, seconds);
    write_clock(out, (unsigned)(local - floor_div(local, 86400) * 86400), (unsigned)(ms - seconds * 1000) * 1000000, min_digits);
}

static void
put_timestamp(const struct sink_format *format, struct strbuf *out, int64_t seconds, unsigned nanos, int min_digits)
{
    int64_t local = local_seconds(format, seconds), day = floor_div(local, 86400);
    write_day(format, out, day);
    strbuf_putc(out, ' ');
    write_clock(out, (unsigned)(local - day * 86400), nanos, min_digits);
}

/* Literals of times are texts: Connector/J sends '2020-02-29 10:11:12.123'. */
static bool
write_date(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    if (value->kind != VALUE_INT)
        return refuse(value, "a date", err);
    strbuf_putc(out, '\'');
    put_date(format, out, value->as.integer);
    strbuf_putc(out, '\'');
    return true;
}

static bool
write_time(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    if (value->kind != VALUE_INT)
        return refuse(value, "a time", err);
    strbuf_putc(out, '\'');
    put_time(format, out, value->as.integer, 0);
    strbuf_putc(out, '\'');
    return true;
}

static bool
write_timestamp(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    if (value->kind != VALUE_INT)
        return refuse(value, "a timestamp", err);
    int64_t seconds = floor_div(value->as.integer, 1000);
    strbuf_putc(out, '\'');
    put_timestamp(format, out, seconds, (unsigned)(value->as.integer - seconds * 1000) * 1000000, 0);
    strbuf_putc(out, '\'');
    return true;
}

/* As Long.parseLong: a sign and digits, within the range. */
static bool
parse_int64(const char *text, size_t len, int64_t *out)
{
    size_t i = len && (*text == '-' || *text == '+');
    bool is_negative = len && *text == '-';
    uint64_t limit = (uint64_t)INT64_MAX + is_negative, number = 0;
    if (i == len)
        return false;
    for (; i < len; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';
        if (digit > 9 || number > (limit - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = is_negative ? (int64_t)(0 - number) : (int64_t)number;
    return true;
}

static void
split_units(int64_t units, int64_t per_second, int64_t *seconds_out, unsigned *nanos_out)
{
    *seconds_out = floor_div(units, per_second);
    *nanos_out = (unsigned)((units - *seconds_out * per_second) * (1000000000 / per_second));
}

/* Nanoseconds as text may be more than 64 bits hold (Java: BigInteger): the last nine digits are the fraction. */
static bool
parse_nanos(const char *text, size_t len, int64_t *seconds_out, unsigned *nanos_out)
{
    int64_t units, fraction;
    if (parse_int64(text, len, &units)) {
        split_units(units, 1000000000, seconds_out, nanos_out);
        return true;
    }
    if (len < 11 || !parse_int64(text, len - 9, seconds_out) || text[len - 9] == '-' || text[len - 9] == '+' ||
        !parse_int64(text + len - 9, 9, &fraction) || *seconds_out > INT64_MAX / 1000 || *seconds_out < INT64_MIN / 1000)
        return false;
    bool borrows = *text == '-' && fraction > 0;
    *seconds_out -= borrows;
    *nanos_out = (unsigned)(borrows ? 1000000000 - fraction : fraction);
    return true;
}

static bool
parse_fine(const struct sink_format *format, const struct value *value, int64_t *seconds_out, unsigned *nanos_out)
{
    int64_t micros;
    if (format->timestamps_are_nanos)
        return parse_nanos(value->as.bytes, value->len, seconds_out, nanos_out);
    if (!parse_int64(value->as.bytes, value->len, &micros))
        return false;
    split_units(micros, 1000000, seconds_out, nanos_out);
    return true;
}

/* Micro- or nanoseconds as a number or as decimal digits. */
static bool
write_fine_timestamp(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err)
{
    int64_t seconds;
    unsigned nanos;
    if (value->kind == VALUE_INT) {
        split_units(value->as.integer, format->timestamps_are_nanos ? 1000000000 : 1000000, &seconds, &nanos);
    } else if (value->kind != VALUE_STRING) {
        return refuse(value, "a timestamp", err);
    } else if (!parse_fine(format, value, &seconds, &nanos)) {
        error_set(err, ERROR_CONFIG, "For input string: \"%.*s\"", (int)(value->len < 100 ? value->len : 100), value->as.bytes);
        err->java_class = "java.lang.NumberFormatException";
        return false;
    }
    strbuf_putc(out, '\'');
    put_timestamp(format, out, seconds, nanos, 0);
    strbuf_putc(out, '\'');
    return true;
}

/* ---- choosing -------------------------------------------------------------------------------------------------- */

sink_write_fn *
sink_writer_find(const struct schema *schema, bool is_timestamp)
{
    static sink_write_fn *const by_logical[] = {
        [SCHEMA_DECIMAL] = write_decimal, [SCHEMA_DATE] = write_date,
        [SCHEMA_TIME] = write_time,       [SCHEMA_TIMESTAMP] = write_timestamp,
    };
    static sink_write_fn *const by_type[] = {
        [SCHEMA_INT8] = write_int,      [SCHEMA_INT16] = write_int,       [SCHEMA_INT32] = write_int,
        [SCHEMA_INT64] = write_int,     [SCHEMA_FLOAT32] = write_float,   [SCHEMA_FLOAT64] = write_double,
        [SCHEMA_BOOLEAN] = write_boolean, [SCHEMA_STRING] = write_string, [SCHEMA_BYTES] = write_bytes,
        [SCHEMA_ARRAY] = write_unsupported, [SCHEMA_MAP] = write_unsupported, [SCHEMA_STRUCT] = write_unsupported,
    };
    if (is_timestamp && schema->logical == SCHEMA_PLAIN && (schema->type == SCHEMA_INT64 || schema->type == SCHEMA_STRING))
        return write_fine_timestamp;
    return schema->logical != SCHEMA_PLAIN ? by_logical[schema->logical] : by_type[schema->type];
}

/* ---- defaults of columns ---------------------------------------------------------------------------------------- */

static void
write_hex(struct strbuf *out, const char *bytes, size_t len)
{
    strbuf_puts(out, "x'");
    for (size_t i = 0; i < len; i++)
        strbuf_printf(out, "%02x", (unsigned char)bytes[i]);
    strbuf_putc(out, '\'');
}

/* Times keep three digits here, as Java prints them in DDL. */
static bool
write_default_time(const struct sink_format *format, struct strbuf *out, const struct schema *schema, int64_t number)
{
    strbuf_putc(out, '\'');
    if (schema->logical == SCHEMA_TIME) {
        put_time(format, out, number, 3);
    } else {
        int64_t seconds = floor_div(number, 1000);
        put_timestamp(format, out, seconds, (unsigned)(number - seconds * 1000) * 1000000, 3);
    }
    strbuf_putc(out, '\'');
    return true;
}

bool
sink_write_default(const struct sink_format *format, struct strbuf *out, const struct schema *schema, bool is_text_type,
                   struct error *err)
{
    const struct value *value = schema->default_value;
    bool is_time = schema->logical == SCHEMA_TIME || schema->logical == SCHEMA_TIMESTAMP;
    if (is_time && value->kind == VALUE_INT)
        return write_default_time(format, out, schema, value->as.integer);
    if (value->kind == VALUE_BYTES) {
        write_hex(out, value->as.bytes, value->len);
        return true;
    }
    sink_write_fn *write = sink_writer_find(schema, false);
    bool with_brackets = is_text_type && format->mysql_default_brackets;
    strbuf_puts(out, with_brackets ? "(" : "");
    bool is_fine = write(format, out, value, err);
    strbuf_puts(out, with_brackets ? ")" : "");
    return is_fine;
}
