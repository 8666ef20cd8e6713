/*
 * Reads zone files (RFC 8536): a list of instants at which the offset changes, and behind them a POSIX rule for
 * all later years ("EST5EDT,M3.2.0,M11.1.0"). Files are not trusted: every length is checked.
 */
#include "common/base/zone.h"

#include "common/base/alloc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FILE_MAX = 1 << 20, DAY = 86400 };

#define UTC_1900 INT64_C(-2208988800)

/* One of the two days of the year when a rule's clock is changed. */
struct change {
    enum { BY_WEEKDAY, BY_DAY, BY_JULIAN_DAY } kind; /* Mm.w.d, n, Jn */
    int month, week, weekday, day;
    int32_t time; /* seconds after midnight, wall clock */
};

/* What holds behind the last transition. */
struct rule {
    bool is_set, has_summer;
    int32_t standard, summer;
    struct change start, end;
};

struct transition {
    int64_t at;
    int32_t offset;
};

struct zone {
    bool is_fixed;
    int32_t first; /* offset before the first transition, or the only one */
    struct transition *transitions;
    size_t count;
    struct rule rule;
};

/* ---- days ---------------------------------------------------------------------------------------- */

static int64_t
days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool
is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t
year_of(int64_t seconds)
{
    int64_t year = 1970 + seconds / 31556952 - 1;
    while (days_of(year + 1, 1, 1) * DAY <= seconds)
        year++;
    return year;
}

/* Day of the change in a year, as days since 1970. */
static int64_t
change_day(const struct change *change, int64_t year)
{
    int64_t new_year = days_of(year, 1, 1);
    if (change->kind == BY_DAY)
        return new_year + change->day;
    if (change->kind == BY_JULIAN_DAY) /* 1 to 365, 29 February is never counted */
        return new_year + change->day - 1 + (is_leap(year) && change->day > 59);
    int64_t first = days_of(year, change->month, 1);
    int64_t next = change->month == 12 ? days_of(year + 1, 1, 1) : days_of(year, change->month + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    int64_t day = first + (change->weekday - weekday + 7) % 7 + 7 * (change->week - 1);
    while (day >= next)
        day -= 7;
    return day;
}

static int32_t
rule_offset(const struct rule *rule, int64_t utc)
{
    if (!rule->has_summer)
        return rule->standard;
    int64_t year = year_of(utc + rule->standard);
    int64_t start = change_day(&rule->start, year) * DAY + rule->start.time - rule->standard;
    int64_t end = change_day(&rule->end, year) * DAY + rule->end.time - rule->summer;
    bool is_summer = start < end ? utc >= start && utc < end : utc >= start || utc < end;
    return is_summer ? rule->summer : rule->standard;
}

/* ---- POSIX rule ------------------------------------------------------------------------------------- */

static bool
take_number(const char **text, int max, int *out)
{
    int number = 0, digits = 0;
    for (; isdigit((unsigned char)**text) && digits < 4; digits++)
        number = number * 10 + (*(*text)++ - '0');
    *out = number;
    return digits > 0 && number <= max;
}

/* [+-]h[:mm[:ss]] */
static bool
take_time(const char **text, int32_t *out)
{
    int sign = **text == '-' ? -1 : 1, part = 0;
    if (**text == '-' || **text == '+')
        (*text)++;
    int32_t seconds = 0, unit = 3600;
    do {
        if (!take_number(text, unit == 3600 ? 167 : 59, &part))
            return false;
        seconds += part * unit;
        unit /= 60;
    } while (unit && **text == ':' && (*text)++);
    *out = sign * seconds;
    return true;
}

static bool
take_name(const char **text)
{
    const char *start = *text;
    if (*start == '<') {
        *text += strcspn(start, ">");
        return *(*text)++ == '>';
    }
    while (isalpha((unsigned char)**text))
        (*text)++;
    return *text - start >= 3;
}

static bool
take_change(const char **text, struct change *out)
{
    *out = (struct change){.kind = BY_DAY, .time = 2 * 3600};
    if (*(*text)++ != ',')
        return false;
    bool is_read = false;
    if (**text == 'M') {
        out->kind = BY_WEEKDAY;
        is_read = (*text)++ && take_number(text, 12, &out->month) && *(*text)++ == '.' && take_number(text, 5, &out->week) &&
                  *(*text)++ == '.' && take_number(text, 6, &out->weekday) && out->month > 0 && out->week > 0;
    } else if (**text == 'J') {
        out->kind = BY_JULIAN_DAY;
        is_read = (*text)++ && take_number(text, 365, &out->day);
    } else {
        is_read = take_number(text, 365, &out->day);
    }
    return is_read && (**text != '/' || ((*text)++ && take_time(text, &out->time)));
}

static bool
parse_rule(const char *text, struct rule *out)
{
    struct rule rule = {.is_set = true};
    if (!take_name(&text) || !take_time(&text, &rule.standard))
        return false;
    rule.standard = -rule.standard; /* POSIX counts to the west */
    if (*text) {
        rule.has_summer = true;
        rule.summer = rule.standard + 3600;
        if (!take_name(&text))
            return false;
        if (*text && *text != ',') {
            if (!take_time(&text, &rule.summer))
                return false;
            rule.summer = -rule.summer;
        }
        if (!take_change(&text, &rule.start) || !take_change(&text, &rule.end))
            return false;
    }
    *out = rule;
    return *text == '\0';
}

/* ---- file ----------------------------------------------------------------------------------------------- */

struct header {
    uint32_t is_ut, is_std, leaps, times, types, chars;
};

static uint32_t
be32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t
be64(const unsigned char *at)
{
    return (int64_t)((uint64_t)be32(at) << 32 | be32(at + 4));
}

static bool
read_header(const unsigned char *at, const unsigned char *end, struct header *out)
{
    if (end - at < 44 || memcmp(at, "TZif", 4) != 0)
        return false;
    *out = (struct header){be32(at + 20), be32(at + 24), be32(at + 28), be32(at + 32), be32(at + 36), be32(at + 40)};
    return out->is_ut < FILE_MAX && out->is_std < FILE_MAX && out->leaps < FILE_MAX && out->times < FILE_MAX &&
           out->types > 0 && out->types < 256 && out->chars < FILE_MAX;
}

static int64_t
block_size(const struct header *header, int64_t time_size)
{
    return header->times * (time_size + 1) + (int64_t)header->types * 6 + header->chars + header->leaps * (time_size + 4) +
           header->is_std + header->is_ut;
}

/* The offset that Java takes for all instants before 1900: the last standard one. */
static int32_t
present_standard(const struct header *header, const unsigned char *indexes, const unsigned char *types,
                 const struct rule *rule)
{
    if (rule->is_set)
        return rule->standard;
    for (uint32_t i = header->times; i-- > 0;)
        if (indexes[i] < header->types && !types[indexes[i] * 6 + 4])
            return (int32_t)be32(types + indexes[i] * 6);
    return (int32_t)be32(types);
}

/* Transitions from 1900 on; what held then starts at 1900. */
static bool
read_transitions(struct zone *zone, const struct header *header, const unsigned char *times)
{
    const unsigned char *indexes = times + (size_t)header->times * 8, *types = indexes + header->times;
    int32_t now = (int32_t)be32(types), last;
    zone->transitions = xcalloc(header->times + 1, sizeof(*zone->transitions));
    zone->first = last = present_standard(header, indexes, types, &zone->rule);
    for (uint32_t i = 0; i <= header->times; i++) {
        int64_t at = i < header->times ? be64(times + (size_t)i * 8) : INT64_MAX;
        if (at > UTC_1900 && zone->count == 0 && now != last)
            zone->transitions[zone->count++] = (struct transition){UTC_1900, last = now};
        if (i == header->times)
            break;
        if (indexes[i] >= header->types || (i && at <= be64(times + (size_t)i * 8 - 8)))
            return false;
        now = (int32_t)be32(types + indexes[i] * 6);
        if (at > UTC_1900 && now != last && zone->count <= header->times)
            zone->transitions[zone->count++] = (struct transition){at, last = now};
    }
    zone->is_fixed = zone->count == 0 && !zone->rule.has_summer;
    return true;
}

static bool
read_zone(struct zone *zone, const unsigned char *bytes, size_t len)
{
    const unsigned char *end = bytes + len;
    struct header header;
    if (!read_header(bytes, end, &header) || bytes[4] < '2' || block_size(&header, 4) > end - bytes - 44)
        return false;
    const unsigned char *second = bytes + 44 + block_size(&header, 4);
    if (!read_header(second, end, &header) || block_size(&header, 8) > end - second - 44)
        return false;
    const unsigned char *footer = second + 44 + block_size(&header, 8);
    if (end - footer >= 2 && footer[0] == '\n') {
        const unsigned char *stop = memchr(footer + 1, '\n', (size_t)(end - footer - 1));
        if (stop && stop > footer + 1) {
            char *text = xmemdup(footer + 1, (size_t)(stop - footer - 1));
            bool is_read = parse_rule(text, &zone->rule);
            free(text);
            if (!is_read)
                return false;
        }
    }
    return read_transitions(zone, &header, second + 44);
}

/* ---- ids -------------------------------------------------------------------------------------------------- */

/* java.time.ZoneId.SHORT_IDS */
static const struct {
    const char *id, *name;
} short_ids[] = {
    {"ACT", "Australia/Darwin"},   {"AET", "Australia/Sydney"},    {"AGT", "America/Argentina/Buenos_Aires"},
    {"ART", "Africa/Cairo"},       {"AST", "America/Anchorage"},   {"BET", "America/Sao_Paulo"},
    {"BST", "Asia/Dhaka"},         {"CAT", "Africa/Harare"},       {"CNT", "America/St_Johns"},
    {"CST", "America/Chicago"},    {"CTT", "Asia/Shanghai"},       {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"},       {"EST", "-05:00"},              {"HST", "-10:00"},
    {"IET", "America/Indiana/Indianapolis"}, {"IST", "Asia/Kolkata"}, {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"},       {"MST", "-07:00"},              {"NET", "Asia/Yerevan"},
    {"NST", "Pacific/Auckland"},   {"PLT", "Asia/Karachi"},        {"PNT", "America/Phoenix"},
    {"PRT", "America/Puerto_Rico"}, {"PST", "America/Los_Angeles"}, {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"},   {"Z", "UTC"},
};

/* +h, +hh, +hh:mm, +hhmm, +hh:mm:ss */
static bool
parse_offset(const char *text, int32_t *out)
{
    int sign = *text == '-' ? -1 : 1, parts[3] = {0};
    if (*text != '+' && *text != '-')
        return false;
    size_t digits = strspn(++text, "0123456789");
    if (strlen(text) == digits && digits <= 2 && digits >= 1) {
        parts[0] = atoi(text);
    } else if (strlen(text) == digits && (digits == 4 || digits == 6)) {
        for (size_t i = 0; i < digits; i++)
            parts[i / 2] = parts[i / 2] * 10 + (text[i] - '0');
    } else {
        size_t len = strlen(text);
        for (size_t i = 0; i < len; i++)
            if ((i % 3 == 2) != (text[i] == ':') || (text[i] != ':' && !isdigit((unsigned char)text[i])))
                return false;
        if ((len != 5 && len != 8) || sscanf(text, "%2d:%2d:%2d", &parts[0], &parts[1], &parts[2]) < 2)
            return false;
    }
    *out = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return parts[1] < 60 && parts[2] < 60 && *out >= -18 * 3600 && *out <= 18 * 3600;
}

/* Ids that need no file: UTC, offsets, and offsets behind UTC, UT or GMT. */
static bool
parse_fixed(const char *id, int32_t *out)
{
    *out = 0;
    if (strcmp(id, "UTC") == 0 || strcmp(id, "GMT") == 0 || strcmp(id, "UT") == 0)
        return true;
    if (strncmp(id, "GMT", 3) == 0)
        return parse_offset(id + 3, out);
    int32_t ignored; /* java.util.TimeZone does not know "UTC+1" and falls back to UTC */
    if (strncmp(id, "UTC", 3) == 0)
        return parse_offset(id + 3, &ignored);
    if (strncmp(id, "UT", 2) == 0)
        return parse_offset(id + 2, &ignored);
    return parse_offset(id, out);
}

/* Region/City: never a way out of the folder of zones. */
static bool
is_region(const char *id)
{
    return isalpha((unsigned char)*id) && strlen(id) < 64 && !strstr(id, "..") && !strstr(id, "//") &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/+-") == strlen(id);
}

static bool
load(struct zone *zone, const char *id)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", "/usr/share/zoneinfo", id);
    FILE *file = is_region(id) ? fopen(path, "re") : NULL;
    if (!file)
        return false;
    unsigned char *bytes = xmalloc(FILE_MAX);
    size_t len = fread(bytes, 1, FILE_MAX, file);
    bool is_read = !ferror(file) && read_zone(zone, bytes, len);
    free(bytes);
    fclose(file);
    return is_read;
}

struct zone *
zone_open(const char *id, struct error *err)
{
    const char *name = id;
    for (size_t i = 0; i < sizeof(short_ids) / sizeof(*short_ids); i++)
        if (strcmp(id, short_ids[i].id) == 0)
            name = short_ids[i].name;
    struct zone *zone = xcalloc(1, sizeof(*zone));
    if (parse_fixed(name, &zone->first)) {
        zone->is_fixed = true;
        return zone;
    }
    if (load(zone, name))
        return zone;
    zone_close(zone);
    error_set(err, ERROR_CONFIG, "Invalid time zone. See the list of valid time zones at "
              "https://docs.oracle.com/javase/8/docs/api/java/time/ZoneId.html#shortIds");
    return NULL;
}

void
zone_close(struct zone *zone)
{
    if (!zone)
        return;
    free(zone->transitions);
    free(zone);
}

/* ---- questions ------------------------------------------------------------------------------------------------ */

bool
zone_is_fixed(const struct zone *zone)
{
    return zone->is_fixed;
}

int32_t
zone_offset(const struct zone *zone, int64_t utc)
{
    size_t low = 0, high = zone->count; /* the first transition behind utc */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zone->transitions[middle].at <= utc)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->count && zone->rule.is_set && utc > UTC_1900)
        return rule_offset(&zone->rule, utc);
    return low ? zone->transitions[low - 1].offset : zone->first;
}

int64_t
zone_to_utc(const struct zone *zone, int64_t local)
{
    if (zone->is_fixed)
        return local - zone->first;
    /* No offset changes twice within two days: these are the ones before and after a change near `local`. */
    int32_t before = zone_offset(zone, local - DAY), after = zone_offset(zone, local + DAY);
    if (zone_offset(zone, local - after) == after)
        return local - after;
    return local - before; /* unambiguous, or in the gap of a change: forward by its length */
}
