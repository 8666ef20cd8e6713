/* A pattern becomes a list of elements: a letter and how often it stands there, or a literal byte. */
#include "connect/data/date_format.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "connect/data/calendar.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct element {
    char letter; /* 0: literal */
    char literal;
    int count;
};

struct date_format {
    char *pattern;
    struct element *elements;
    size_t count;
};

static const char *const month_names[] = {"January", "February", "March",     "April",   "May",      "June",    "July",
                                          "August",  "September", "October", "November", "December", NULL};
static const char *const day_names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", NULL};
static const char *const half_names[] = {"AM", "PM", NULL};
static const char *const era_names[] = {"BC", "AD", NULL};

/* ---- the pattern ------------------------------------------------------------------------------------------- */

static void
add_element(struct date_format *format, char letter, char literal)
{
    struct element *last = format->count ? &format->elements[format->count - 1] : NULL;
    if (letter && last && last->letter == letter) {
        last->count++;
        return;
    }
    ensure(format->elements, "room for the elements is made first");
    format->elements[format->count++] = (struct element){.letter = letter, .literal = literal, .count = 1};
}

static bool
compile(struct date_format *format, struct error *err)
{
    bool is_quoted = false;
    for (const char *c = format->pattern; *c; c++) {
        if (*c == '\'' && c[1] == '\'') {
            add_element(format, 0, *c++);
        } else if (*c == '\'') {
            is_quoted = !is_quoted;
        } else if (is_quoted || !isalpha((unsigned char)*c)) {
            add_element(format, 0, *c);
        } else if (strchr("GyYMLdDEuFwWaHkKhmsSzZX", *c)) {
            add_element(format, *c, 0);
            struct element *last = &format->elements[format->count - 1];
            if (*c == 'X' && last->count > 3)
                return error_set(err, ERROR_CONFIG, "invalid ISO 8601 format: length=%d", last->count);
            if (last->count > 20)
                return error_set(err, ERROR_CONFIG, "Pattern letter '%c' is repeated too often", *c);
        } else {
            return error_set(err, ERROR_CONFIG, "Illegal pattern character '%c'", *c);
        }
    }
    return !is_quoted || error_set(err, ERROR_CONFIG, "Unterminated quote");
}

struct date_format *
date_format_new(const char *pattern, struct error *err)
{
    struct date_format *format = xcalloc(1, sizeof(*format));
    format->pattern = xstrdup(pattern);
    format->elements = xcalloc(strlen(pattern) + 1, sizeof(*format->elements));
    if (compile(format, err))
        return format;
    err->java_class = "java.lang.IllegalArgumentException";
    date_format_free(format);
    return NULL;
}

void
date_format_free(struct date_format *format)
{
    if (!format)
        return;
    free(format->pattern);
    free(format->elements);
    free(format);
}

const char *
date_format_pattern(const struct date_format *format)
{
    return format->pattern;
}

/* ---- printing ------------------------------------------------------------------------------------------------ */

static int
week_of_year(const struct calendar *c)
{
    int first_weekday = (int)calendar_floor_mod(c->weekday - (c->day_of_year - 1), 7);
    int64_t days_left = calendar_days(c->year + 1, 1, 1) - calendar_days(c->year, c->month, c->day);
    bool is_next_years = days_left <= 6 - c->weekday;
    return is_next_years ? 1 : (c->day_of_year - 1 + first_weekday) / 7 + 1;
}

/* The number that a letter stands for. */
static int64_t
number_of(char letter, const struct calendar *c)
{
    switch (letter) {
    case 'y':
        return c->year > 0 ? c->year : 1 - c->year;
    case 'Y':
        return c->year + (c->month == 12 && week_of_year(c) == 1);
    case 'M':
    case 'L':
        return c->month;
    case 'd':
        return c->day;
    case 'D':
        return c->day_of_year;
    case 'u':
        return c->weekday ? c->weekday : 7;
    case 'F':
        return (c->day - 1) / 7 + 1;
    case 'w':
        return week_of_year(c);
    case 'W':
        return (c->day - 1 + calendar_floor_mod(c->weekday - (c->day - 1), 7)) / 7 + 1;
    case 'H':
        return c->hour;
    case 'k':
        return c->hour ? c->hour : 24;
    case 'K':
        return c->hour % 12;
    case 'h':
        return c->hour % 12 ? c->hour % 12 : 12;
    case 'm':
        return c->minute;
    case 's':
        return c->second;
    default:
        return c->ms;
    }
}

static void
print_name(const char *name, bool is_full, struct strbuf *out)
{
    strbuf_add(out, name, is_full ? strlen(name) : 3);
}

static void
print_element(const struct element *element, const struct calendar *c, struct strbuf *out)
{
    switch (element->letter) {
    case 'G':
        strbuf_puts(out, era_names[c->year > 0]);
        return;
    case 'E':
        print_name(day_names[c->weekday], element->count >= 4, out);
        return;
    case 'a':
        strbuf_puts(out, half_names[c->hour >= 12]);
        return;
    case 'z':
        strbuf_puts(out, element->count >= 4 ? "Coordinated Universal Time" : "UTC");
        return;
    case 'Z':
        strbuf_puts(out, "+0000");
        return;
    case 'X':
        strbuf_putc(out, 'Z');
        return;
    default:
        break;
    }
    int64_t number = number_of(element->letter, c);
    bool is_month = element->letter == 'M' || element->letter == 'L', is_year = element->letter == 'y' || element->letter == 'Y';
    if (is_month && element->count >= 3)
        print_name(month_names[c->month - 1], element->count >= 4, out);
    else if (is_year && element->count == 2)
        strbuf_printf(out, "%02d", (int)(number % 100));
    else
        strbuf_printf(out, "%0*lld", element->count, (long long)number);
}

void
date_format_print(const struct date_format *format, int64_t ms, struct strbuf *out)
{
    struct calendar c;
    calendar_split(ms, &c);
    for (size_t i = 0; i < format->count; i++) {
        if (format->elements[i].letter)
            print_element(&format->elements[i], &c, out);
        else
            strbuf_putc(out, format->elements[i].literal);
    }
}

/* ---- parsing -------------------------------------------------------------------------------------------------- */

/* What a text has said; -1 or as Java's calendar begins. */
struct reading {
    const char *next, *end;
    int64_t year, month, day, day_of_year; /* day_of_year 0: month and day count */
    int64_t hour, half, minute, second, ms;
    bool is_half_day, is_bc;
    int offset; /* seconds east of UTC */
};

/* Numbers end here, so that an instant of any of them fits 64 bits. */
#define NUMBER_MAX 10000000000
#define DAYS_MAX 100000000000

static bool
read_number(struct reading *r, int digits_max, int64_t *out, int *digits_out)
{
    while (r->next < r->end && (*r->next == ' ' || *r->next == '\t'))
        r->next++;
    bool is_negative = r->next < r->end && *r->next == '-';
    r->next += is_negative;
    int64_t number = 0;
    int digits = 0;
    for (; r->next < r->end && isdigit((unsigned char)*r->next) && digits < digits_max; r->next++, digits++)
        if (number < NUMBER_MAX)
            number = number * 10 + (*r->next - '0');
    *out = is_negative ? -number : number;
    *digits_out = is_negative ? -digits : digits;
    return digits > 0;
}

/* One of the names, whole or its first three letters, in any case; the index. */
static bool
read_name(struct reading *r, const char *const *names, int64_t *out)
{
    size_t left = (size_t)(r->end - r->next);
    for (int64_t i = 0; names[i]; i++) {
        size_t len = strlen(names[i]);
        bool is_whole = left >= len && strncasecmp(r->next, names[i], len) == 0;
        bool is_short = len > 3 && left >= 3 && strncasecmp(r->next, names[i], 3) == 0;
        if (!is_whole && !is_short)
            continue;
        r->next += is_whole ? len : 3;
        *out = i;
        return true;
    }
    return false;
}

/* +09, +0900, +09:00 */
static bool
read_offset(struct reading *r)
{
    if (r->next == r->end || (*r->next != '+' && *r->next != '-'))
        return false;
    int sign = *r->next++ == '-' ? -1 : 1, digits[4] = {0}, count = 0;
    while (r->next < r->end && count < 4) {
        if (isdigit((unsigned char)*r->next))
            digits[count++] = *r->next - '0';
        else if (*r->next != ':' || count == 0 || count > 2)
            break;
        r->next++;
    }
    if (count == 0 || count == 3)
        return false;
    int hours = count == 1 ? digits[0] : digits[0] * 10 + digits[1];
    r->offset = sign * (hours * 3600 + (digits[2] * 10 + digits[3]) * 60);
    return true;
}

static bool
read_zone(struct reading *r)
{
    static const char *const names[] = {"UTC", "GMT", "Coordinated Universal Time", "UT", NULL};
    int64_t name;
    if (r->next < r->end && *r->next == 'Z') {
        r->next++;
        return true;
    }
    if (!read_name(r, names, &name))
        return read_offset(r);
    read_offset(r);
    return true;
}

/* Two digits are a year between 80 years ago and 20 ahead. */
static int64_t
full_year(int64_t year)
{
    struct calendar now;
    calendar_split(clock_wall_ms(), &now);
    int64_t first = now.year - 80, candidate = first - first % 100 + year;
    return candidate < first ? candidate + 100 : candidate;
}

static bool
store_number(struct reading *r, const struct element *element, int64_t number, int digits)
{
    switch (element->letter) {
    case 'y':
    case 'Y':
        r->year = element->count <= 2 && digits == 2 ? full_year(number) : number;
        return true;
    case 'M':
    case 'L':
        r->month = number;
        return true;
    case 'd':
        r->day = number;
        return true;
    case 'D':
        r->day_of_year = number;
        return true;
    case 'H':
    case 'k':
        r->is_half_day = false;
        r->hour = element->letter == 'k' && number == 24 ? 0 : number;
        return true;
    case 'K':
    case 'h':
        r->is_half_day = true;
        r->hour = element->letter == 'h' && number == 12 ? 0 : number;
        return true;
    case 'm':
        r->minute = number;
        return true;
    case 's':
        r->second = number;
        return true;
    case 'S':
        r->ms = number;
        return true;
    default: /* weeks and weekdays are read, and do not change the date */
        return true;
    }
}

static bool
is_text_element(const struct element *element)
{
    return element->letter && (strchr("GEazZX", element->letter) || (strchr("ML", element->letter) && element->count >= 3));
}

static bool
read_text_element(struct reading *r, const struct element *element)
{
    int64_t index = 0, number;
    int digits;
    bool is_read;
    while (r->next < r->end && (*r->next == ' ' || *r->next == '\t'))
        r->next++;
    switch (element->letter) {
    case 'G':
        is_read = read_name(r, era_names, &index);
        r->is_bc = is_read && index == 0;
        return is_read;
    case 'E':
        return read_name(r, day_names, &index);
    case 'a':
        return read_name(r, half_names, &r->half);
    case 'M':
    case 'L':
        if (read_name(r, month_names, &index)) {
            r->month = index + 1;
            return true;
        }
        return read_number(r, 20, &number, &digits) && store_number(r, element, number, digits);
    default:
        return read_zone(r);
    }
}

static bool
read_element(struct reading *r, const struct element *element, bool is_adjacent)
{
    int64_t number;
    int digits;
    if (!element->letter) {
        bool matches = r->next < r->end && *r->next == element->literal;
        r->next += matches;
        return matches;
    }
    if (is_text_element(element))
        return read_text_element(r, element);
    return read_number(r, is_adjacent ? element->count : 20, &number, &digits) && store_number(r, element, number, digits);
}

static bool
is_number_element(const struct element *element)
{
    return element->letter && !is_text_element(element);
}

bool
date_format_parse(const struct date_format *format, const char *text, size_t len, int64_t *ms_out)
{
    struct reading r = {.next = text, .end = text + len, .year = 1970, .month = 1, .day = 1};
    for (size_t i = 0; i < format->count; i++) {
        bool is_adjacent = i + 1 < format->count && is_number_element(&format->elements[i + 1]);
        if (!read_element(&r, &format->elements[i], is_adjacent))
            return false;
    }
    int64_t year = r.is_bc ? 1 - r.year : r.year;
    int64_t hour = r.hour + (r.is_half_day && r.half == 1 ? 12 : 0);
    int64_t days = r.day_of_year ? calendar_days(year, 1, r.day_of_year) : calendar_days(year, r.month, r.day);
    if (days > DAYS_MAX || days < -DAYS_MAX)
        return false;
    *ms_out = days * CALENDAR_DAY_MS + ((hour * 60 + r.minute) * 60 + r.second - r.offset) * 1000 + r.ms;
    return true;
}
