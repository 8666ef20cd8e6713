#include "connect/connectors/binlog/value_time.h"

#include "connect/data/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SECOND_US = 1000000, DAY_S = 86400 };
#define DAY_US (INT64_C(86400) * SECOND_US)

/* ---- reading ------------------------------------------------------------------------------------------------ */

/* Up to 4 digits. False: none. */
static bool
take_number(const char **at, const char *end, unsigned *out)
{
    const char *start = *at;
    unsigned number = 0;
    for (; *at < end && **at >= '0' && **at <= '9' && *at - start < 4; (*at)++)
        number = number * 10 + (unsigned)(**at - '0');
    *out = number;
    return *at > start;
}

static bool
take_char(const char **at, const char *end, char c)
{
    if (*at >= end || **at != c)
        return false;
    (*at)++;
    return true;
}

static bool
take_date(const char **at, const char *end, struct binlog_time *out)
{
    unsigned year, month, day;
    if (!take_number(at, end, &year) || !take_char(at, end, '-') || !take_number(at, end, &month) || !take_char(at, end, '-') ||
        !take_number(at, end, &day))
        return false;
    out->year = (uint16_t)year;
    out->month = (uint8_t)month;
    out->day = (uint8_t)day;
    return true;
}

/* Seconds and their fraction may be missing. */
static bool
take_time(const char **at, const char *end, struct binlog_time *out)
{
    unsigned hour, minute, second = 0;
    if (!take_number(at, end, &hour) || !take_char(at, end, ':') || !take_number(at, end, &minute))
        return false;
    if (take_char(at, end, ':') && !take_number(at, end, &second))
        return false;
    out->hour = (uint16_t)hour;
    out->minute = (uint8_t)minute;
    out->second = (uint8_t)second;
    out->us = 0;
    if (!take_char(at, end, '.'))
        return true;
    for (uint32_t unit = SECOND_US / 10; *at < end && **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
        out->us += unit * (uint32_t)(**at - '0');
    return true;
}

bool
cdc_time_parse_date(const char *text, size_t len, struct binlog_time *out)
{
    const char *at = text, *end = text + len;
    *out = (struct binlog_time){0};
    return take_date(&at, end, out) && at == end;
}

bool
cdc_time_parse_time(const char *text, size_t len, struct binlog_time *out)
{
    const char *at = text, *end = text + len;
    *out = (struct binlog_time){0};
    out->is_negative = take_char(&at, end, '-');
    return take_time(&at, end, out) && at == end;
}

bool
cdc_time_parse_datetime(const char *text, size_t len, struct binlog_time *out)
{
    const char *at = text, *end = text + len;
    *out = (struct binlog_time){0};
    if (!take_date(&at, end, out))
        return false;
    if (at == end)
        return true;
    return (take_char(&at, end, ' ') || take_char(&at, end, 'T')) && take_time(&at, end, out) && at == end;
}

/* ---- days --------------------------------------------------------------------------------------------------- */

bool
cdc_time_is_zero(const struct binlog_time *time)
{
    return time->month == 0 || time->day == 0;
}

void
cdc_time_adjust(struct binlog_time *time)
{
    if (time->year < 100)
        time->year = (uint16_t)(time->year + (time->year < 70 ? 2000 : 1900));
}

void
cdc_time_reform(struct binlog_time *time)
{
    if (time->year == 1582 && time->month == 10 && time->day >= 5 && time->day <= 14)
        time->day = (uint8_t)(time->day + 10);
}

static int64_t
days_of(const struct binlog_time *time)
{
    return calendar_days(time->year, time->month, time->day);
}

static int64_t
seconds_of_day(const struct binlog_time *time)
{
    return (int64_t)time->hour * 3600 + time->minute * 60 + time->second;
}

int64_t
cdc_time_seconds(const struct binlog_time *time)
{
    return days_of(time) * DAY_S + seconds_of_day(time);
}

/* ---- forms ---------------------------------------------------------------------------------------------------- */

#define TIME_NAME(name) "io.debezium.time." name

enum unit { UNIT_MS, UNIT_US, UNIT_NS };

/* The unit that a column's value is counted in. */
static enum unit
unit_of(enum cdc_type type, enum cdc_time_mode mode, int digits)
{
    switch (mode) {
    case CDC_TIME_NANOSECONDS:
        return UNIT_NS;
    case CDC_TIME_MICROSECONDS:
        return UNIT_US;
    case CDC_TIME_CONNECT:
        return UNIT_MS;
    default:
        return type == CDC_TIME || digits > 3 ? UNIT_US : UNIT_MS;
    }
}

struct cdc_time_form
cdc_time_form(enum cdc_type type, enum cdc_time_mode mode, int digits)
{
    static const char *const times[] = {TIME_NAME("Time"), TIME_NAME("MicroTime"), TIME_NAME("NanoTime")};
    static const char *const timestamps[] = {TIME_NAME("Timestamp"), TIME_NAME("MicroTimestamp"), TIME_NAME("NanoTimestamp")};
    enum unit unit = unit_of(type, mode, digits);
    bool is_connect = mode == CDC_TIME_CONNECT, is_text = mode == CDC_TIME_ISOSTRING;
    if (type == CDC_DATE)
        return is_text ? (struct cdc_time_form){SCHEMA_STRING, TIME_NAME("IsoDate")}
                       : (struct cdc_time_form){SCHEMA_INT32, is_connect ? SCHEMA_DATE_NAME : TIME_NAME("Date")};
    if (type == CDC_TIME)
        return is_text      ? (struct cdc_time_form){SCHEMA_STRING, TIME_NAME("IsoTime")}
               : is_connect ? (struct cdc_time_form){SCHEMA_INT32, SCHEMA_TIME_NAME}
                            : (struct cdc_time_form){SCHEMA_INT64, times[unit]};
    return is_text      ? (struct cdc_time_form){SCHEMA_STRING, TIME_NAME("IsoTimestamp")}
           : is_connect ? (struct cdc_time_form){SCHEMA_INT64, SCHEMA_TIMESTAMP_NAME}
                        : (struct cdc_time_form){SCHEMA_INT64, timestamps[unit]};
}

/* ".5", "" : the fraction without its trailing zeros, or with exactly so many digits. */
static void
put_fraction(char *out, uint32_t us, int digits)
{
    char text[16];
    snprintf(text, sizeof(text), ".%06" PRIu32, us);
    int len = digits ? digits + 1 : 7;
    while (!digits && len > 1 && text[len - 1] == '0')
        len--;
    if (len == 1)
        len = 0;
    memcpy(out, text, (size_t)len);
    out[len] = '\0';
}

static struct value
iso_text(const struct binlog_time *time, bool has_date, bool has_time, int digits, struct arena *arena)
{
    char text[64], date[24] = "", clock[24] = "", fraction[16] = "";
    if (has_date)
        snprintf(date, sizeof(date), "%04d-%02d-%02d", time->year, time->month, time->day);
    if (has_time) {
        snprintf(clock, sizeof(clock), "%02d:%02d:%02d", time->hour % 24, time->minute, time->second);
        put_fraction(fraction, time->us, digits);
    }
    int len = snprintf(text, sizeof(text), "%s%s%s%sZ", date, has_date && has_time ? "T" : "", clock, fraction);
    return value_string(arena_memdup(arena, text, (size_t)len), (size_t)len);
}

static struct value
count_of(int64_t us, enum unit unit)
{
    int64_t ns;
    switch (unit) {
    case UNIT_MS:
        return value_int(calendar_floor_div(us, 1000));
    case UNIT_US:
        return value_int(us);
    default:
        if (__builtin_mul_overflow(us, 1000, &ns))
            ns = us < 0 ? INT64_MIN : INT64_MAX;
        return value_int(ns);
    }
}

static bool
time_value(enum cdc_time_mode mode, int digits, const struct binlog_time *time, struct arena *arena, struct value *out)
{
    int64_t us = seconds_of_day(time) * SECOND_US + time->us;
    bool is_outside = (time->is_negative && us) || us > DAY_US;
    if (is_outside && (mode == CDC_TIME_CONNECT || mode == CDC_TIME_ISOSTRING))
        return false;
    if (mode == CDC_TIME_ISOSTRING)
        *out = iso_text(time, false, true, 0, arena);
    else
        *out = count_of(time->is_negative ? -us : us, unit_of(CDC_TIME, mode, digits));
    return true;
}

bool
cdc_time_value(enum cdc_type type, enum cdc_time_mode mode, int digits, const struct binlog_time *time, struct arena *arena,
               struct value *out)
{
    if (type == CDC_TIME)
        return time_value(mode, digits, time, arena, out);
    if (mode == CDC_TIME_ISOSTRING)
        *out = iso_text(time, true, type != CDC_DATE, 0, arena);
    else if (type == CDC_DATE)
        *out = value_int(days_of(time));
    else
        *out = count_of(cdc_time_seconds(time) * SECOND_US + time->us, unit_of(type, mode, digits));
    return true;
}

struct value
cdc_time_zoned(int64_t seconds, uint32_t us, int digits, struct arena *arena)
{
    struct calendar day;
    calendar_split(seconds * 1000, &day);
    struct binlog_time time = {
        .year = (uint16_t)day.year, .month = (uint8_t)day.month, .day = (uint8_t)day.day, .hour = (uint16_t)day.hour,
        .minute = (uint8_t)day.minute, .second = (uint8_t)day.second, .us = us,
    };
    return iso_text(&time, true, true, digits, arena);
}
