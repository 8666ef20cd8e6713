/* What Debezium's fields check of their values (io.debezium.config.Field and the connectors' own validators), as a table:
   a setting's type first, then its rules, then its allowed words. */
#include "connect/connectors/binlog/config.h"

#include "common/base/regex.h"
#include "common/base/strbuf.h"
#include "connect/connectors/binlog/filter.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct check {
    const struct config *cfg;
    const struct config_row *row;
    const char *value; /* as given, or the default; NULL: neither */
    cdc_problem_fn *report;
    void *arg;
};

typedef void check_fn(const struct check *check);

static void problem(const struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
problem(const struct check *check, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text;
    int len = vasprintf(&text, format, args);
    va_end(args);
    ensure(len >= 0, "out of memory");
    check->report(check->arg, check->row->name, text);
    free(text);
}

/* ---- numbers and words ---------------------------------------------------------------------------------------- */

static bool
number_parse(const char *text, int64_t *out)
{
    const char *digits = text + (*text == '-' || *text == '+');
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    *out = strtoll(text, NULL, 10);
    return errno == 0;
}

static void
check_number(const struct check *check, int64_t min, int64_t max, const char *text)
{
    int64_t number;
    if (check->value && (!number_parse(check->value, &number) || number < min || number > max))
        problem(check, "%s", text);
}
static void
is_integer(const struct check *check)
{
    check_number(check, INT32_MIN, INT32_MAX, "An integer is expected");
}
static void
is_long(const struct check *check)
{
    check_number(check, INT64_MIN, INT64_MAX, "A long value is expected");
}
static void
is_positive_integer(const struct check *check)
{
    check_number(check, 1, INT32_MAX, "A positive, non-zero integer value is expected");
}
static void
is_not_negative_integer(const struct check *check)
{
    check_number(check, 0, INT32_MAX, "An non-negative integer is expected");
}
static void
is_positive_long(const struct check *check)
{
    check_number(check, 1, INT64_MAX, "A positive, non-zero long value is expected");
}
static void
is_not_negative_long(const struct check *check)
{
    check_number(check, 0, INT64_MAX, "A non-negative long value is expected");
}

static bool
is_blank(const char *text)
{
    return !text || text[strspn(text, " \t\r\n")] == '\0';
}

static void
is_boolean(const struct check *check)
{
    if (!check->value)
        return;
    const char *word = check->value + strspn(check->value, " \t\r\n");
    size_t len = strcspn(word, " \t\r\n");
    if (!is_blank(word + len) || !((len == 4 && strncasecmp(word, "true", 4) == 0) || (len == 5 && strncasecmp(word, "false", 5) == 0)))
        problem(check, "Either 'true' or 'false' is expected");
}

static void
is_required(const struct check *check)
{
    if (is_blank(check->value))
        problem(check, "A value is required");
}

static void
check_name(const struct check *check)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    if (check->value && (!*check->value || strspn(check->value, letters) != strlen(check->value)))
        problem(check, "%s has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)",
                   check->value);
}
static void
is_host_name(const struct check *check)
{
    if (!is_blank(check->value))
        check_name(check);
}

static void
is_class_name(const struct check *check)
{
    if (!check->value)
        return;
    bool starts = true;
    for (const char *c = check->value; *c; c++) {
        bool is_letter = isalpha((unsigned char)*c) || *c == '_' || *c == '$' || (unsigned char)*c >= 0x80;
        if (*c == '.' ? starts : !(is_letter || (!starts && isdigit((unsigned char)*c)))) {
            problem(check, "A Java class name is expected");
            return;
        }
        starts = *c == '.';
    }
    if (starts)
        problem(check, "A Java class name is expected");
}

/* ---- lists ------------------------------------------------------------------------------------------------------ */

static void
is_list_of_regex(const struct check *check)
{
    struct string_list list = STRING_LIST_INIT;
    cdc_regex_split(check->value ? check->value : "", &list);
    for (size_t i = 0; i < list.count; i++) {
        struct error err = ERROR_INIT;
        struct regex *regex = regex_new(list.items[i], &err);
        if (!regex) {
            problem(check, "A comma-separated list of valid regular expressions is expected, but %s", err.message);
            break;
        }
        regex_free(regex);
    }
    string_list_fini(&list);
}

static void
is_list_of_pairs(const struct check *check)
{
    struct string_list list = STRING_LIST_INIT;
    string_list_split(&list, check->value ? check->value : "");
    bool is_fine = true;
    for (size_t i = 0; i < list.count && is_fine; i++) {
        const char *equals = strchr(list.items[i], '=');
        is_fine = equals && equals != list.items[i] && equals[1] && !strchr(equals + 1, '=');
    }
    if (!is_fine)
        problem(check, "A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2");
    string_list_fini(&list);
}

static void
is_operations(const struct check *check)
{
    if (!check->value || strcmp(check->value, "none") == 0)
        return;
    struct string_list list = STRING_LIST_INIT;
    string_list_split(&list, check->value);
    bool is_known = true, has_none = false, has_others = false;
    for (size_t i = 0; i < list.count && is_known; i++) {
        bool is_none = strcmp(list.items[i], "none") == 0;
        is_known = is_none || (strlen(list.items[i]) == 1 && strchr("rcudt", list.items[i][0]));
        has_none |= is_none;
        has_others |= !is_none;
    }
    if (!is_known)
        problem(check, "Invalid operation");
    else if (has_none && has_others)
        problem(check, "'none' cannot be specified with other skipped operation types");
    string_list_fini(&list);
}

/* TABLES:COLUMNS without blanks inside, one colon. */
static bool
is_key_mapping(const char *text, size_t len)
{
    static const char blanks[] = " \t\r\n\f\v";
    while (len > 0 && strchr(blanks, text[len - 1]))
        len--;
    size_t skip = strspn(text, blanks);
    skip = skip < len ? skip : len;
    const char *colon = memchr(text + skip, ':', len - skip);
    if (!colon || colon == text + skip || colon == text + len - 1)
        return false;
    for (size_t i = skip; i < len; i++)
        if (strchr(blanks, text[i]) || (text[i] == ':' && text + i != colon))
            return false;
    return true;
}

static void
is_key_mappings(const struct check *check)
{
    if (!check->value)
        return;
    if (!*check->value)
        problem(check, "Must not be empty");
    for (const char *at = check->value;; at++) {
        size_t len = strcspn(at, ";");
        bool is_last = !at[len];
        if (is_last && len == 0 && at != check->value)
            break; /* what Java's split leaves out */
        if (!is_key_mapping(at, len)) {
            struct strbuf part = STRBUF_INIT;
            strbuf_add(&part, at, len);
            problem(check, "%s has an invalid format (expecting '^\\s*([^\\s:]+):([^:\\s]+)\\s*$')", part.data);
            strbuf_fini(&part);
        }
        at += len;
        if (is_last)
            break;
    }
}

/* ---- rules across settings ---------------------------------------------------------------------------------------- */

static void
check_exclusive(const struct check *check, const char *include, const char *text)
{
    if (config_get(check->cfg, include) && config_get(check->cfg, check->row->name))
        problem(check, "%s", text);
}
static void
excludes_columns(const struct check *check)
{
    check_exclusive(check, "column.include.list", "\"column.include.list\" is already specified");
}
static void
excludes_tables(const struct check *check)
{
    check_exclusive(check, "table.include.list", "\"table.include.list\" is already specified");
}
static void
excludes_databases(const struct check *check)
{
    check_exclusive(check, "database.include.list", "\"database.include.list\" is already specified");
}
static void
excludes_gtids(const struct check *check)
{
    check_exclusive(check, "gtid.source.includes", "Cannot specify GTID excludes when includes are provided.");
}

static void
is_queue_size(const struct check *check)
{
    int64_t queue, batch;
    if (!number_parse(check->value, &queue) || !number_parse(config_get_or(check->cfg, "max.batch.size", "2048"), &batch))
        return;
    if (queue <= 0)
        problem(check, "A positive queue size is required");
    if (queue <= batch)
        problem(check, "Must be larger than the maximum batch size");
}

static void
is_not_adaptive(const struct check *check)
{
    if (check->value && strcmp(check->value, "adaptive") == 0)
        problem(check, "The 'adaptive' time.precision.mode is no longer supported");
}

static void
is_choice(const struct check *check)
{
    if (!check->value || !check->row->choices)
        return;
    struct strbuf words = STRBUF_INIT;
    const char *word = check->value + strspn(check->value, " \t");
    size_t len = strcspn(word, " \t");
    bool is_found = false;
    for (const char *const *choice = check->row->choices; *choice; choice++) {
        is_found |= strlen(*choice) == len && strncasecmp(*choice, word, len) == 0 && is_blank(word + len);
        strbuf_printf(&words, "%s%s", choice == check->row->choices ? "" : ", ", *choice);
    }
    if (!is_found)
        problem(check, "Value must be one of %s", words.data);
    strbuf_fini(&words);
}

static void
is_locking_mode(const struct check *check)
{
    for (const char *const *choice = check->row->choices; *choice; choice++)
        if (check->value && strcasecmp(*choice, check->value) == 0)
            return;
    problem(check, "Must be a valid snapshot.locking.mode value");
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

enum { CHECKS_MAX = 2 };

/* times: how often, where two other settings name this one as depending on them, the original looks at it. */
static const struct {
    const char *name;
    check_fn *checks[CHECKS_MAX];
    int times;
} rules[] = {
    {"topic.prefix", {is_required, check_name}, 1},
    {"database.hostname", {is_host_name, is_required}, 1},
    {"database.port", {is_integer, NULL}, 1},
    {"database.user", {is_required, NULL}, 1},
    {"database.server.id", {is_positive_long, is_required}, 1},
    {"database.jdbc.driver", {is_class_name, NULL}, 1},
    {"max.batch.size", {is_positive_integer, NULL}, 1},
    {"max.queue.size", {is_queue_size, NULL}, 1},
    {"poll.interval.ms", {is_positive_integer, NULL}, 1},
    {"max.queue.size.in.bytes", {is_not_negative_long, NULL}, 1},
    {"skipped.operations", {is_operations, NULL}, 1},
    {"snapshot.delay.ms", {is_not_negative_long, NULL}, 1},
    {"streaming.delay.ms", {is_not_negative_long, NULL}, 1},
    {"snapshot.include.collection.list", {is_list_of_regex, NULL}, 1},
    {"snapshot.fetch.size", {is_not_negative_integer, NULL}, 1},
    {"snapshot.max.threads", {is_positive_integer, NULL}, 1},
    {"retriable.restart.connector.wait.ms", {is_positive_long, NULL}, 1},
    {"query.fetch.size", {is_not_negative_integer, NULL}, 1},
    {"errors.max.retries", {is_integer, NULL}, 1},
    {"connection.validation.timeout.ms", {is_positive_long, NULL}, 1},
    {"executor.shutdown.timeout.ms", {is_positive_long, NULL}, 1},
    {"guardrail.collections.max", {is_not_negative_integer, NULL}, 1},
    {"connect.timeout.ms", {is_positive_integer, NULL}, 1},
    {"connect.keep.alive", {is_boolean, NULL}, 1},
    {"connect.keep.alive.interval.ms", {is_positive_integer, NULL}, 1},
    {"time.precision.mode", {is_not_adaptive, NULL}, 1},
    {"min.row.count.to.stream.results", {is_not_negative_long, NULL}, 1},
    {"incremental.snapshot.chunk.size", {is_not_negative_integer, NULL}, 1},
    {"snapshot.locking.mode", {is_locking_mode, NULL}, 1},
    {"tombstones.on.delete", {is_boolean, NULL}, 1},
    {"heartbeat.interval.ms", {is_not_negative_integer, NULL}, 1},
    {"signal.poll.interval.ms", {is_positive_integer, NULL}, 1},
    {"custom.metric.tags", {is_list_of_pairs, NULL}, 1},
    {"column.include.list", {is_list_of_regex, NULL}, 1},
    {"column.exclude.list", {excludes_columns, is_list_of_regex}, 1},
    {"table.include.list", {is_list_of_regex, NULL}, 2},
    {"table.exclude.list", {excludes_tables, is_list_of_regex}, 1},
    {"message.key.columns", {is_key_mappings, NULL}, 1},
    {"include.schema.comments", {is_boolean, NULL}, 1},
    {"column.propagate.source.type", {is_list_of_regex, NULL}, 1},
    {"datatype.propagate.source.type", {is_list_of_regex, NULL}, 1},
    {"table.ignore.builtin", {is_boolean, NULL}, 1},
    {"database.include.list", {is_list_of_regex, NULL}, 1},
    {"database.exclude.list", {excludes_databases, is_list_of_regex}, 1},
    {"binlog.buffer.size", {is_not_negative_integer, NULL}, 1},
    {"gtid.source.excludes", {excludes_gtids, NULL}, 1},
};

static void
check_type(const struct check *check)
{
    switch (check->row->type) {
    case CONFIG_BOOLEAN:
        is_boolean(check);
        break;
    case CONFIG_INT:
        is_integer(check);
        break;
    case CONFIG_LONG:
        is_long(check);
        break;
    case CONFIG_CLASS:
        is_class_name(check);
        break;
    default:
        break;
    }
}

static void
check_row(const struct check *check)
{
    check_type(check);
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (strcmp(rules[i].name, check->row->name) != 0)
            continue;
        for (int time = 0; time < rules[i].times; time++)
            for (size_t c = 0; c < CHECKS_MAX && rules[i].checks[c]; c++)
                rules[i].checks[c](check);
    }
    is_choice(check);
}

void
cdc_config_check(const struct config_row *rows, const struct config *cfg, cdc_problem_fn *report, void *arg)
{
    for (const struct config_row *row = rows; row->name; row++) {
        const char *given = config_get(cfg, row->name);
        struct check check = {.cfg = cfg, .row = row, .value = given ? given : row->default_value, .report = report, .arg = arg};
        check_row(&check);
    }
}
