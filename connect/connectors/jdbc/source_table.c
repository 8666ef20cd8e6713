/* Statements and start checks of one table. */
#include "connect/connectors/jdbc/source_table.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/connectors/jdbc/tables.h"
#include "connect/connectors/jdbc/temporal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("connect.jdbc.source_table");

#define CONFIG_EXCEPTION "org.apache.kafka.common.config.ConfigException"

static bool
refuse_config(struct error *err)
{
    err->java_class = CONFIG_EXCEPTION;
    return false;
}

/* ---- names ------------------------------------------------------------------------------------------------ */

static char *
trimmed(const char *text)
{
    size_t start = strspn(text, " \t\r\n\f\v"), len = strlen(text);
    while (len > start && strchr(" \t\r\n\f\v", text[len - 1]))
        len--;
    return xmemdup(text + start, len - start);
}

/* `db`.`t`.`column`; in query mode `column` alone. */
static void
write_column(const struct source_table *t, const char *column, struct strbuf *out)
{
    bool with_quotes = t->settings->with_quotes;
    if (t->table.name) {
        jdbc_table_write(out, &t->table, with_quotes);
        strbuf_putc(out, '.');
    }
    jdbc_name_write(out, column, with_quotes);
}

/* The one column, or COALESCE of several in their order. */
static char *
timestamp_expression(const struct source_table *t)
{
    struct strbuf out = STRBUF_INIT;
    bool is_one = t->timestamp_names.count == 1;
    strbuf_puts(&out, is_one ? "" : "COALESCE(");
    for (size_t i = 0; i < t->timestamp_names.count; i++) {
        if (i)
            strbuf_putc(&out, ',');
        write_column(t, t->timestamp_names.items[i], &out);
    }
    strbuf_puts(&out, is_one ? "" : ")");
    return strbuf_take(&out);
}

static void
write_expressions(struct source_table *t)
{
    struct strbuf out = STRBUF_INIT;
    if (t->incrementing_name) {
        write_column(t, t->incrementing_name, &out);
        t->incrementing_sql = strbuf_take(&out);
    }
    if (t->timestamp_names.count)
        t->timestamp_sql = timestamp_expression(t);
    strbuf_fini(&out);
}

void
source_table_init(struct source_table *t, const struct source_settings *settings, struct jdbc_table table)
{
    *t = (struct source_table){.settings = settings, .table = table, .gaps = GAPS_INIT};
    t->position.incrementing = t->completed.incrementing = -1;
    t->label = table.name ? jdbc_table_text(&table, true) : xstrdup("query");
    t->topic = xasprintf("%s%s", settings->topic_prefix, table.name ? table.name : "");
    bool is_old = settings->mode == SOURCE_BULK; /* Java still writes the old key there */
    t->partition_key = !table.name ? xstrdup(SOURCE_PARTITION_QUERY)
                       : is_old    ? source_partition_old(&table)
                                   : source_partition_current(&table);
    t->partition = (struct source_partition){.key_json = t->partition_key, .task = t, .write = source_position_write};
}

void
source_table_fini(struct source_table *t)
{
    jdbc_table_fini(&t->table);
    gaps_fini(&t->gaps);
    jdbc_reader_fini(&t->reader);
    free(t->timestamp_fields);
    offset_state_unref(t->state_middle);
    offset_state_unref(t->state_end);
    string_list_fini(&t->timestamp_names);
    char *texts[] = {t->label, t->topic, t->base, t->incrementing_name, t->incrementing_sql, t->timestamp_sql, t->partition_key};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free(texts[i]);
    *t = (struct source_table){0};
}

/* ---- columns ------------------------------------------------------------------------------------------------ */

static void
take_names(struct source_table *t, const char *incrementing, const struct string_list *timestamps)
{
    if (source_has_incrementing(t->settings->mode) && incrementing && *incrementing)
        t->incrementing_name = xstrdup(incrementing);
    if (source_has_timestamp(t->settings->mode))
        for (size_t i = 0; i < timestamps->count; i++)
            string_list_add(&t->timestamp_names, timestamps->items[i]);
}

void
source_table_use_query(struct source_table *t)
{
    take_names(t, t->settings->incrementing_column, &t->settings->timestamp_columns);
    t->base = xstrdup(t->settings->sql);
    write_expressions(t);
}

/* The mapping that matches the table, when tables are named by regular expressions. */
static bool
map_names(struct source_table *t, struct error *err)
{
    const struct source_settings *settings = t->settings;
    struct source_mappings timestamps = {0}, ids = {0};
    const struct string_list *timestamp_names = &settings->timestamp_columns, *id_names = NULL;
    bool ok = source_mappings_parse(&settings->timestamp_columns_mapping, true, &timestamps, err) &&
              source_mappings_parse(&settings->incrementing_column_mapping, false, &ids, err);
    if (ok && source_has_timestamp(settings->mode))
        ok = source_mappings_find(&timestamps, &t->table, &timestamp_names, err) ||
             error_wrap(err, "Error while validating timestamp column mappings");
    if (ok && source_has_incrementing(settings->mode))
        ok = source_mappings_find(&ids, &t->table, &id_names, err) || error_wrap(err, "Error while validating incrementing column mappings");
    if (ok)
        take_names(t, id_names ? id_names->items[0] : NULL, timestamp_names);
    source_mappings_fini(&timestamps);
    source_mappings_fini(&ids);
    return ok;
}

static bool
detect_incrementing(struct source_table *t, const struct jdbc_table_columns *columns, struct error *err)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->items[i].is_auto_increment) {
            t->incrementing_name = xstrdup(columns->items[i].name);
            return true;
        }
    error_set(err, ERROR_CONFIG, "table %s has no AUTO_INCREMENT column. Name the column in incrementing.column.name", t->label);
    return refuse_config(err);
}

/* Names that are spelt in another case become the table's own. */
static bool
check_existence(struct source_table *t, const struct jdbc_table_columns *columns, struct error *err)
{
    if (t->incrementing_name) {
        const struct jdbc_table_column *column = jdbc_table_columns_get(columns, t->incrementing_name);
        if (!column) {
            error_set(err, ERROR_CONFIG, "Incrementing column: %s does not exist in table '%s'", t->incrementing_name, t->label);
            return refuse_config(err);
        }
        free(t->incrementing_name);
        t->incrementing_name = xstrdup(column->name);
    }
    struct strbuf missing = STRBUF_INIT;
    for (size_t i = 0; i < t->timestamp_names.count; i++) {
        const struct jdbc_table_column *column = jdbc_table_columns_get(columns, t->timestamp_names.items[i]);
        if (!column) {
            strbuf_printf(&missing, "%s%s", missing.len ? "," : "", t->timestamp_names.items[i]);
            continue;
        }
        free(t->timestamp_names.items[i]);
        t->timestamp_names.items[i] = xstrdup(column->name);
    }
    bool is_complete = missing.len == 0;
    if (!is_complete) {
        error_set(err, ERROR_CONFIG, "Timestamp columns: %s do not exist in table '%s'", missing.data, t->label);
        refuse_config(err);
    }
    strbuf_fini(&missing);
    return is_complete;
}

static bool
check_nullable(const struct source_table *t, const struct jdbc_table_columns *columns, struct error *err)
{
    if (t->incrementing_name && jdbc_table_columns_get(columns, t->incrementing_name)->is_nullable)
        return error_set(err, ERROR_CONFIG,
                         "Cannot make incremental queries using incrementing column %s on %s because this column is nullable.",
                         t->incrementing_name, t->label);
    if (!source_has_timestamp(t->settings->mode))
        return true;
    struct strbuf names = STRBUF_INIT;
    bool is_one_required = false;
    strbuf_puts(&names, "");
    for (size_t i = 0; i < t->timestamp_names.count; i++) {
        is_one_required |= !jdbc_table_columns_get(columns, t->timestamp_names.items[i])->is_nullable;
        strbuf_printf(&names, "%s%s", i ? "," : "", t->timestamp_names.items[i]);
    }
    if (!is_one_required)
        error_set(err, ERROR_CONFIG,
                  "Cannot make incremental queries using timestamp columns %s on %s because all of these columns are nullable.",
                  names.data, t->label);
    strbuf_fini(&names);
    return is_one_required;
}

/* SELECT * FROM table; every FLOAT column once more as DOUBLE when all its digits are asked for. */
static void
write_base(struct source_table *t, const struct jdbc_table_columns *columns, const struct jdbc_behaviour *behaviour)
{
    struct strbuf out = STRBUF_INIT;
    bool with_quotes = t->settings->with_quotes;
    strbuf_puts(&out, "SELECT *");
    for (size_t i = 0; i < columns->count && behaviour->use_server_prepared; i++)
        if (columns->items[i].is_float) {
            strbuf_putc(&out, ',');
            jdbc_name_write(&out, columns->items[i].name, with_quotes);
            strbuf_puts(&out, "+0e0");
            t->exact_floats++;
        }
    strbuf_puts(&out, " FROM ");
    jdbc_table_write(&out, &t->table, with_quotes);
    t->base = strbuf_take(&out);
}

/* Without an index the server sorts the whole table for every poll. */
static bool
check_index(struct source_table *t, struct db *db, struct error *err)
{
    bool is_several = t->timestamp_names.count > 1, has_index = false;
    const char *column = t->timestamp_names.count ? t->timestamp_names.items[0] : t->incrementing_name;
    if (!column)
        return true;
    if (!is_several && !jdbc_table_has_index(db, &t->table, column, &has_index, err))
        return false;
    if (is_several)
        log_warn("table %s: an index does not help with several timestamp columns: every poll reads and sorts the whole table", t->label);
    else if (!has_index)
        log_warn("table %s has no index that begins with column %s: every poll reads and sorts the whole table", t->label, column);
    t->is_chunked = t->may_be_large = has_index && !*t->settings->query_suffix;
    return true;
}

bool
source_table_check(struct source_table *t, struct db *db, const struct jdbc_behaviour *behaviour, struct error *err)
{
    const struct source_settings *settings = t->settings;
    bool has_mapping = settings->table_include_list.count > 0;
    if (has_mapping && !map_names(t, err))
        return false;
    if (!has_mapping)
        take_names(t, settings->incrementing_column, &settings->timestamp_columns);
    struct jdbc_table_columns columns;
    if (!jdbc_table_columns_find(db, &t->table, &columns, err)) {
        error_cause(err, CONFIG_EXCEPTION, "Table %s cannot be read", t->label);
        return false;
    }
    jdbc_table_estimate(db, &t->table, &t->rows_expected);
    bool ok = (!source_has_incrementing(settings->mode) || t->incrementing_name || detect_incrementing(t, &columns, err)) &&
              check_existence(t, &columns, err) && (!settings->validate_non_null || check_nullable(t, &columns, err));
    if (ok) {
        write_base(t, &columns, behaviour);
        write_expressions(t);
    }
    jdbc_table_columns_fini(&columns);
    return ok && check_index(t, db, err);
}

/* ---- offsets ---------------------------------------------------------------------------------------------------- */

bool
source_table_restore(struct source_table *t, const struct source_task_context *ctx, int64_t now_ms, struct error *err)
{
    const struct source_settings *settings = t->settings;
    if (settings->mode == SOURCE_BULK)
        return true;
    char *stored = NULL;
    if (!ctx->offset_get(ctx, t->partition_key, &stored, err))
        return false;
    if (!stored && t->table.name) {
        char *old = source_partition_old(&t->table);
        bool ok = ctx->offset_get(ctx, old, &stored, err);
        free(old);
        if (!ok)
            return false;
    }
    bool ok = true;
    struct source_position position = {.incrementing = -1};
    if (stored)
        ok = source_position_read(stored, &position, &t->gaps, now_ms, err) || error_wrap(err, "table %s", t->label);
    if (ok && stored && settings->mode == SOURCE_INCREMENTING)
        position.has_timestamp = false;
    if (ok && stored && settings->mode == SOURCE_TIMESTAMP)
        position.has_incrementing = false;
    if (!position.has_incrementing)
        position.incrementing = -1;
    t->position = t->completed = position;
    if (stored)
        t->rows_expected = 0; /* who knows how many of them were read */
    if (ok && stored)
        log_info("table %s continues from %s", t->label, stored);
    free(stored);
    return ok;
}

double
source_table_left(const struct source_table *t)
{
    double left = t->horizon > 0 ? (double)t->horizon - (double)t->position.incrementing : (double)t->rows_expected - (double)t->rows;
    return left > 0 ? left : 0;
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

static void
write_time(const struct source_table *t, int64_t seconds, int nanos, struct strbuf *out)
{
    strbuf_putc(out, '\'');
    temporal_write(out, seconds + zone_offset(t->settings->zone, seconds), nanos);
    strbuf_putc(out, '\'');
}

static void
write_incrementing(const struct source_table *t, struct strbuf *out)
{
    strbuf_printf(out, " WHERE %s > %lld ORDER BY %s ASC", t->incrementing_sql, (long long)t->position.incrementing,
                  t->incrementing_sql);
}

static void
write_timestamp(const struct source_table *t, int64_t end_seconds, int end_nanos, struct strbuf *out)
{
    strbuf_printf(out, " WHERE %s > ", t->timestamp_sql);
    write_time(t, t->completed.seconds, t->completed.nanos, out);
    strbuf_printf(out, " AND %s < ", t->timestamp_sql);
    write_time(t, end_seconds, end_nanos, out);
    strbuf_printf(out, " ORDER BY %s ASC", t->timestamp_sql);
}

static void
write_both(const struct source_table *t, int64_t end_seconds, int end_nanos, struct strbuf *out)
{
    strbuf_printf(out, " WHERE %s < ", t->timestamp_sql);
    write_time(t, end_seconds, end_nanos, out);
    strbuf_printf(out, " AND ((%s = ", t->timestamp_sql);
    write_time(t, t->position.seconds, t->position.nanos, out);
    strbuf_printf(out, " AND %s > %lld) OR %s > ", t->incrementing_sql, (long long)t->position.incrementing, t->timestamp_sql);
    write_time(t, t->position.seconds, t->position.nanos, out);
    strbuf_printf(out, ") ORDER BY %s,%s ASC", t->timestamp_sql, t->incrementing_sql);
}

static void
write_suffix(const struct source_table *t, struct strbuf *out)
{
    char *suffix = trimmed(t->settings->query_suffix);
    if (*suffix)
        strbuf_printf(out, " %s", suffix);
    free(suffix);
}

void
source_table_write_query(const struct source_table *t, int64_t end_seconds, int end_nanos, size_t limit, struct strbuf *out)
{
    strbuf_reset(out);
    strbuf_puts(out, t->base);
    if (t->incrementing_sql && t->timestamp_sql)
        write_both(t, end_seconds, end_nanos, out);
    else if (t->timestamp_sql)
        write_timestamp(t, end_seconds, end_nanos, out);
    else if (t->incrementing_sql)
        write_incrementing(t, out);
    if (limit)
        strbuf_printf(out, " LIMIT %zu", limit);
    write_suffix(t, out);
}

void
source_table_write_milestone(const struct source_table *t, int64_t end_seconds, int end_nanos, size_t rows, struct strbuf *out)
{
    strbuf_reset(out);
    strbuf_printf(out, "SELECT %s FROM ", t->timestamp_sql);
    jdbc_table_write(out, &t->table, t->settings->with_quotes);
    write_timestamp(t, end_seconds, end_nanos, out);
    strbuf_printf(out, " LIMIT %zu,1", rows);
}

void
source_table_write_gaps(const struct source_table *t, size_t from, size_t count, struct strbuf *out)
{
    strbuf_reset(out);
    strbuf_printf(out, "%s WHERE (", t->base);
    for (size_t i = from; i < t->gaps.count && i < from + count; i++) {
        const struct gap *gap = &t->gaps.items[i];
        if (i > from)
            strbuf_puts(out, " OR ");
        strbuf_puts(out, t->incrementing_sql);
        if (gap->first == gap->last)
            strbuf_printf(out, "=%lld", (long long)gap->first);
        else
            strbuf_printf(out, " BETWEEN %lld AND %lld", (long long)gap->first, (long long)gap->last);
    }
    strbuf_printf(out, ") ORDER BY %s ASC", t->incrementing_sql);
}
