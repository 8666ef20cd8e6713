/* Calendars. Texts have fixed columns, so a digit is found by its place. */
#include "connect/connectors/jdbc/temporal.h"

#include <stdio.h>

enum { DAY_SECONDS = 86400 };

/* Two or four digits at a place; -1 when one is missing. */
static inline int
two(const char *at)
{
    unsigned a = (unsigned)(at[0] - '0'), b = (unsigned)(at[1] - '0');
    return a > 9 || b > 9 ? -1 : (int)(a * 10 + b);
}

/* ".123456" up to nine digits */
static bool
parse_fraction(const char *text, size_t len, int *nanos_out)
{
    int nanos = 0, unit = 100000000;
    *nanos_out = 0;
    if (len == 0)
        return true;
    if (text[0] != '.')
        return false;
    for (size_t i = 1; i < len; i++, unit /= 10) {
        unsigned digit = (unsigned)(text[i] - '0');
        if (digit > 9 || unit == 0)
            return false;
        nanos += (int)digit * unit;
    }
    *nanos_out = nanos;
    return true;
}

static bool
parse_clock(const char *text, struct temporal *out)
{
    out->hour = two(text);
    out->minute = two(text + 3);
    out->second = two(text + 6);
    return text[2] == ':' && text[5] == ':' && out->hour >= 0 && out->minute >= 0 && out->second >= 0;
}

bool
temporal_parse(const char *text, size_t len, struct temporal *out)
{
    *out = (struct temporal){0};
    if (len < 10 || text[4] != '-' || text[7] != '-')
        return false;
    int century = two(text), year = two(text + 2);
    out->year = century * 100 + year;
    out->month = two(text + 5);
    out->day = two(text + 8);
    if (century < 0 || year < 0 || out->month < 0 || out->day < 0)
        return false;
    if (len == 10)
        return true;
    return len >= 19 && (text[10] == ' ' || text[10] == 'T') && parse_clock(text + 11, out) &&
           parse_fraction(text + 19, len - 19, &out->nanos);
}

bool
temporal_parse_time(const char *text, size_t len, struct temporal *out)
{
    *out = (struct temporal){.year = 1970, .month = 1, .day = 1};
    if (len && text[0] == '-') {
        out->is_negative = true;
        text++;
        len--;
    }
    size_t digits = 0;
    int hour = 0;
    for (; digits < len && digits < 4 && text[digits] >= '0' && text[digits] <= '9'; digits++)
        hour = hour * 10 + (text[digits] - '0');
    if (digits < 2 || len < digits + 6)
        return false;
    if (!parse_clock(text + digits - 2, out))
        return false;
    out->hour = hour;
    return parse_fraction(text + digits + 6, len - digits - 6, &out->nanos);
}

/* Both calendars count March as the first month, so that leap days come last. */
static int64_t
days_in(int64_t year, int month, int day, bool is_julian)
{
    year -= month <= 2;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    if (is_julian) {
        int64_t cycle = (year >= 0 ? year : year - 3) / 4;
        return cycle * 1461 + (year - cycle * 4) * 365 + of_year - 719470;
    }
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t
temporal_days(int year, int month, int day, bool is_proleptic)
{
    bool is_before = year < 1582 || (year == 1582 && (month < 10 || (month == 10 && day < 15)));
    bool is_skipped = is_before && year == 1582 && month == 10 && day > 4; /* in no calendar: taken as Julian by both */
    bool is_julian = is_skipped || (is_before && !is_proleptic);
    if (month == 0) {
        month = 12;
        year--;
    }
    return days_in(year, month, day, is_julian);
}

void
temporal_date(int64_t days, struct temporal *out)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    out->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = (int)(year + era * 400 + (out->month <= 2));
}

int64_t
temporal_seconds(const struct temporal *at, bool is_proleptic)
{
    return temporal_days(at->year, at->month, at->day, is_proleptic) * DAY_SECONDS + at->hour * 3600 + at->minute * 60 +
           at->second;
}

void
temporal_write(struct strbuf *out, int64_t seconds, int nanos)
{
    int64_t days = seconds / DAY_SECONDS, left = seconds % DAY_SECONDS;
    if (left < 0) {
        left += DAY_SECONDS;
        days--;
    }
    struct temporal at;
    temporal_date(days, &at);
    strbuf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", at.year, at.month, at.day, (int)(left / 3600),
                  (int)(left / 60 % 60), (int)(left % 60));
    int micros = nanos / 1000, digits = 6;
    for (; micros && micros % 10 == 0; digits--)
        micros /= 10;
    if (micros)
        strbuf_printf(out, ".%0*d", digits, micros);
}
