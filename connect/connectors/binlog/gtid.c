/*
 * GTID sets. A source is a UUID with a tag (MySQL) or a domain (MariaDB); a set has few of them, so they are looked for one
 * by one. Intervals are in order, apart from each other, both ends belong to them.
 */
#include "connect/connectors/binlog/gtid.h"

#include "common/base/alloc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UUID_LEN = 36, TAG_MAX = 32, NAME_SIZE = UUID_LEN + 1 };

struct interval {
    uint64_t first, last;
};

struct source {
    char name[NAME_SIZE];     /* lower-case UUID, or the domain's number */
    char tag[TAG_MAX + 1];
    uint32_t server_id;       /* MariaDB; the one interval there is 1 to the last number */
    struct interval *intervals;
    size_t count, size;
};

struct binlog_gtids {
    bool is_mariadb;
    struct source *sources;
    size_t count, size;
};

/* ---- intervals ------------------------------------------------------------------------------------------------- */

static void
intervals_replace(struct source *source, size_t at, size_t old_count, const struct interval *items, size_t count)
{
    size_t rest = source->count - at - old_count, total = source->count - old_count + count;
    if (total > source->size) {
        source->size = 2 * total + 4;
        source->intervals = xrealloc(source->intervals, source->size * sizeof(*source->intervals));
    }
    if (rest > 0)
        memmove(source->intervals + at + count, source->intervals + at + old_count, rest * sizeof(*items));
    if (count > 0)
        memcpy(source->intervals + at, items, count * sizeof(*items));
    source->count = total;
}

/* The first interval that ends at or behind `number`; transactions mostly come in order, so look from the end. */
static size_t
interval_search(const struct source *source, uint64_t number)
{
    size_t i = source->count;
    while (i > 0 && source->intervals[i - 1].last >= number)
        i--;
    return i;
}

static void
source_add(struct source *source, struct interval added)
{
    size_t from = interval_search(source, added.first > 0 ? added.first - 1 : 0), to = from;
    while (to < source->count && source->intervals[to].first <= added.last + 1) {
        if (source->intervals[to].first < added.first)
            added.first = source->intervals[to].first;
        if (source->intervals[to].last > added.last)
            added.last = source->intervals[to].last;
        to++;
    }
    intervals_replace(source, from, to - from, &added, 1);
}

static void
source_subtract(struct source *source, struct interval gone)
{
    size_t i = interval_search(source, gone.first);
    while (i < source->count && source->intervals[i].first <= gone.last) {
        struct interval old = source->intervals[i], rest[2];
        size_t count = 0;
        if (old.first < gone.first)
            rest[count++] = (struct interval){old.first, gone.first - 1};
        if (old.last > gone.last)
            rest[count++] = (struct interval){gone.last + 1, old.last};
        intervals_replace(source, i, 1, rest, count);
        i += count;
    }
}

static bool
source_contains(const struct source *source, struct interval inner)
{
    size_t i = interval_search(source, inner.first);
    return i < source->count && source->intervals[i].first <= inner.first && source->intervals[i].last >= inner.last;
}

/* ---- sources ---------------------------------------------------------------------------------------------------- */

static struct source *
source_find(const struct binlog_gtids *set, const char *name, const char *tag)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->sources[i].name, name) == 0 && strcmp(set->sources[i].tag, tag) == 0)
            return &set->sources[i];
    return NULL;
}

static struct source *
source_get(struct binlog_gtids *set, const char *name, const char *tag)
{
    struct source *source = source_find(set, name, tag);
    if (source)
        return source;
    if (set->count == set->size) {
        set->size = 2 * set->size + 4;
        set->sources = xrealloc(set->sources, set->size * sizeof(*set->sources));
    }
    source = &set->sources[set->count++];
    *source = (struct source){.size = 0};
    snprintf(source->name, sizeof(source->name), "%s", name);
    snprintf(source->tag, sizeof(source->tag), "%s", tag);
    return source;
}

static void
source_remove(struct binlog_gtids *set, size_t i)
{
    free(set->sources[i].intervals);
    set->count--;
    memmove(set->sources + i, set->sources + i + 1, (set->count - i) * sizeof(*set->sources));
}

static void
mariadb_set(struct source *source, uint32_t server_id, uint64_t number)
{
    source->server_id = server_id;
    source->count = 0;
    source_add(source, (struct interval){1, number});
}

/* ---- text --------------------------------------------------------------------------------------------------------- */

static bool
bad(struct error *err, const char *text)
{
    return error_set(err, ERROR_DATA, "not a set of GTIDs: %.200s", text);
}

static void
skip_space(const char **at)
{
    while (isspace((unsigned char)**at))
        ++*at;
}

static bool
read_number(const char **at, uint64_t *out)
{
    uint64_t number = 0;
    const char *start = *at;
    for (; isdigit((unsigned char)**at); ++*at) {
        if (number > (UINT64_MAX >> 1) / 10 - 10)
            return false;
        number = number * 10 + (uint64_t)(**at - '0');
    }
    *out = number;
    return *at > start;
}

/* 32 hexadecimal digits with dashes at their places; made lower-case. */
static bool
read_uuid(const char **at, char out[NAME_SIZE])
{
    for (int i = 0; i < UUID_LEN; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = (*at)[i];
        if (is_dash ? c != '-' : !isxdigit((unsigned char)c))
            return false;
        out[i] = (char)tolower((unsigned char)c);
    }
    out[UUID_LEN] = '\0';
    *at += UUID_LEN;
    return true;
}

static bool
read_tag(const char **at, char out[TAG_MAX + 1])
{
    size_t len = 0;
    for (; isalnum((unsigned char)**at) || **at == '_'; ++*at) {
        if (len == TAG_MAX)
            return false;
        out[len++] = (char)tolower((unsigned char)**at);
    }
    out[len] = '\0';
    return len > 0;
}

/* What follows a UUID: intervals, and tags to which the intervals behind them belong. */
static bool
read_mysql_source(struct binlog_gtids *set, const char *uuid, const char **at)
{
    char tag[TAG_MAX + 1] = "";
    bool has_interval = false;
    while (**at == ':') {
        ++*at;
        skip_space(at);
        if (isdigit((unsigned char)**at)) {
            struct interval interval;
            if (!read_number(at, &interval.first))
                return false;
            interval.last = interval.first;
            if (**at == '-' && (++*at, !read_number(at, &interval.last)))
                return false;
            if (interval.first == 0 || interval.last < interval.first)
                return false;
            source_add(source_get(set, uuid, tag), interval);
            has_interval = true;
        } else if (!read_tag(at, tag)) {
            return false;
        } else {
            has_interval = false;
        }
        skip_space(at);
    }
    return has_interval;
}

/* domain-server-number; of several for a domain the last counts. */
static bool
read_mariadb_source(struct binlog_gtids *set, const char **at)
{
    uint64_t domain, server, number;
    char name[NAME_SIZE];
    if (!read_number(at, &domain) || domain > UINT32_MAX || *(*at)++ != '-' || !read_number(at, &server) || server > UINT32_MAX ||
        *(*at)++ != '-' || !read_number(at, &number))
        return false;
    snprintf(name, sizeof(name), "%u", (uint32_t)domain);
    mariadb_set(source_get(set, name, ""), (uint32_t)server, number);
    return true;
}

/* One source; the first one decides what the set is. */
static bool
read_source(struct binlog_gtids *set, const char **at)
{
    char uuid[NAME_SIZE];
    const char *start = *at;
    if (read_uuid(at, uuid))
        return !set->is_mariadb && read_mysql_source(set, uuid, at);
    *at = start;
    bool is_first = set->count == 0;
    if (!is_first && !set->is_mariadb)
        return false;
    set->is_mariadb = true;
    return read_mariadb_source(set, at);
}

static bool
read_set(struct binlog_gtids *set, const char *text, struct error *err)
{
    const char *at = text;
    for (skip_space(&at); *at; skip_space(&at)) {
        if (!read_source(set, &at))
            return bad(err, text);
        skip_space(&at);
        if (*at == ',')
            at++;
        else if (*at)
            return bad(err, text);
    }
    return true;
}

struct binlog_gtids *
binlog_gtids_parse(const char *text, struct error *err)
{
    struct binlog_gtids *set = xcalloc(1, sizeof(*set));
    if (read_set(set, text, err))
        return set;
    binlog_gtids_free(set);
    return NULL;
}

static void
print_intervals(const struct source *source, struct strbuf *out)
{
    if (source->tag[0])
        strbuf_printf(out, ":%s", source->tag);
    for (size_t n = 0; n < source->count; n++) {
        const struct interval *interval = &source->intervals[n];
        strbuf_printf(out, ":%llu", (unsigned long long)interval->first);
        if (interval->last > interval->first)
            strbuf_printf(out, "-%llu", (unsigned long long)interval->last);
    }
}

/* What is behind a tag belongs to it, so a UUID's own intervals come first. */
static void
print_mysql_source(const struct binlog_gtids *set, size_t i, struct strbuf *out)
{
    const char *name = set->sources[i].name;
    const struct source *untagged = source_find(set, name, "");
    strbuf_printf(out, "%s%s", i > 0 ? "," : "", name);
    if (untagged)
        print_intervals(untagged, out);
    for (size_t k = i; k < set->count; k++)
        if (strcmp(set->sources[k].name, name) == 0 && set->sources[k].tag[0])
            print_intervals(&set->sources[k], out);
}

static bool
is_first_of_name(const struct binlog_gtids *set, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(set->sources[k].name, set->sources[i].name) == 0)
            return false;
    return true;
}

void
binlog_gtids_text(const struct binlog_gtids *set, struct strbuf *out)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct source *source = &set->sources[i];
        if (set->is_mariadb)
            strbuf_printf(out, "%s%s-%u-%llu", i > 0 ? "," : "", source->name, source->server_id,
                          (unsigned long long)source->intervals[0].last);
        else if (is_first_of_name(set, i))
            print_mysql_source(set, i, out);
    }
}

/* ---- the set ---------------------------------------------------------------------------------------------------------- */

struct binlog_gtids *
binlog_gtids_dup(const struct binlog_gtids *set)
{
    struct binlog_gtids *copy = xcalloc(1, sizeof(*copy));
    binlog_gtids_union(copy, set);
    return copy;
}

void
binlog_gtids_free(struct binlog_gtids *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        free(set->sources[i].intervals);
    free(set->sources);
    free(set);
}

bool
binlog_gtids_is_empty(const struct binlog_gtids *set)
{
    return set->count == 0;
}

bool
binlog_gtids_is_mariadb(const struct binlog_gtids *set)
{
    return set->is_mariadb;
}

bool
binlog_gtids_add(struct binlog_gtids *set, const char *gtid, struct error *err)
{
    return read_set(set, gtid, err);
}

void
binlog_gtids_union(struct binlog_gtids *set, const struct binlog_gtids *other)
{
    set->is_mariadb = set->count > 0 ? set->is_mariadb : other->is_mariadb;
    for (size_t i = 0; i < other->count; i++) {
        const struct source *from = &other->sources[i];
        struct source *to = source_get(set, from->name, from->tag);
        if (!other->is_mariadb)
            for (size_t k = 0; k < from->count; k++)
                source_add(to, from->intervals[k]);
        else if (to->count == 0 || to->intervals[0].last < from->intervals[0].last)
            mariadb_set(to, from->server_id, from->intervals[0].last);
    }
}

void
binlog_gtids_subtract(struct binlog_gtids *set, const struct binlog_gtids *other)
{
    for (size_t i = set->count; i-- > 0;) {
        const struct source *gone = source_find(other, set->sources[i].name, set->sources[i].tag);
        for (size_t k = 0; gone && k < gone->count; k++)
            source_subtract(&set->sources[i], gone->intervals[k]);
        if (set->sources[i].count == 0)
            source_remove(set, i);
    }
}

bool
binlog_gtids_contains(const struct binlog_gtids *set, const struct binlog_gtids *inner)
{
    for (size_t i = 0; i < inner->count; i++) {
        const struct source *part = &inner->sources[i], *whole = source_find(set, part->name, part->tag);
        for (size_t k = 0; k < part->count; k++)
            if (!whole || !source_contains(whole, part->intervals[k]))
                return false;
    }
    return true;
}

void
binlog_gtids_retain(struct binlog_gtids *set, bool (*keep)(const char *source, void *arg), void *arg)
{
    for (size_t i = set->count; i-- > 0;) {
        const struct source *source = &set->sources[i];
        char name[NAME_SIZE + 12];
        if (set->is_mariadb)
            snprintf(name, sizeof(name), "%s-%u", source->name, source->server_id);
        else
            snprintf(name, sizeof(name), "%s", source->name);
        if (!keep(name, arg))
            source_remove(set, i);
    }
}

bool
binlog_gtids_has_source(const struct binlog_gtids *set, const char *source)
{
    size_t len = set->is_mariadb ? strcspn(source, "-") : strlen(source);
    for (size_t i = 0; i < set->count; i++)
        if (strlen(set->sources[i].name) == len && strncasecmp(set->sources[i].name, source, len) == 0)
            return true;
    return false;
}

/* ---- MySQL's binary form ------------------------------------------------------------------------------------------------- */

static void
put_u64(struct strbuf *out, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        strbuf_putc(out, (char)(number >> (8 * i)));
}

static void
put_uuid(struct strbuf *out, const char *uuid)
{
    char pair[3] = "";
    for (; *uuid; uuid += 2) {
        if (*uuid == '-')
            uuid++;
        memcpy(pair, uuid, 2);
        strbuf_putc(out, (char)strtoul(pair, NULL, 16));
    }
}

/* count of sources u64 (with tags: 1, the count in six bytes, 1); each: UUID, with tags twice the tag's length and the tag,
   count of intervals, each first and behind the last. */
void
binlog_gtids_encode(const struct binlog_gtids *set, struct strbuf *out)
{
    bool has_tags = false;
    for (size_t i = 0; i < set->count; i++)
        has_tags = has_tags || set->sources[i].tag[0];
    put_u64(out, has_tags ? UINT64_C(1) << 56 | (uint64_t)set->count << 8 | 1 : set->count);
    for (size_t i = 0; i < set->count; i++) {
        const struct source *source = &set->sources[i];
        put_uuid(out, source->name);
        if (has_tags) {
            strbuf_putc(out, (char)(2 * strlen(source->tag)));
            strbuf_puts(out, source->tag);
        }
        put_u64(out, source->count);
        for (size_t k = 0; k < source->count; k++) {
            put_u64(out, source->intervals[k].first);
            put_u64(out, source->intervals[k].last + 1);
        }
    }
}
