/* The table of settings, their checks, and what becomes of the texts. */
#include "connect/connectors/jdbc/source_config.h"

#include "common/base/alloc.h"
#include "common/base/regex.h"
#include "connect/connectors/jdbc/dialect.h"
#include "connect/connectors/jdbc/tables.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TOPIC_LENGTH_MAX = 249 };

/* ---- allowed and recommended values ----------------------------------------------------------------- */

static const char *const modes[] = {"", "bulk", "timestamp", "incrementing", "timestamp+incrementing", NULL};
static const char *const numeric_mappings[] = {"none", "precision_only", "best_fit", "best_fit_eager_double", NULL};
static const char *const quote_methods[] = {"always", "never", NULL};
static const char *const calendars[] = {"legacy", "proleptic_gregorian", NULL};
static const char *const granularities[] = {"connect_logical", "micros_long", "micros_string", "micros_iso_datetime_string",
                                            "nanos_long", "nanos_string", "nanos_iso_datetime_string", NULL};
static const char *const isolations[] = {"default", "read_uncommitted", "read_committed", "repeatable_read",
                                         "serializable", "sql_server_snapshot", NULL};
static const char *const url_dependents[] = {"table.whitelist", "table.blacklist", NULL};
static const char *const mode_dependents[] = {"incrementing.column.name", "timestamp.column.name", "incrementing.column.mapping",
                                              "timestamp.columns.mapping", "validate.non.null", NULL};

static void
recommend(const char *const *values, struct string_list *out)
{
    for (; *values; values++)
        string_list_add(out, *values);
}
static void
recommend_numeric_mapping(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    recommend(numeric_mappings, out);
}
static void
recommend_quotes(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    recommend(quote_methods, out);
}
static void
recommend_isolations(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    recommend(isolations, out);
}
static void
recommend_granularities(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    recommend(granularities, out);
}

/* All lower or all upper case; -1: none of them. */
static int
enumerator_find(const char *const *choices, const char *text)
{
    bool has_lower = false, has_upper = false;
    for (const char *c = text; *c; c++) {
        has_lower |= islower((unsigned char)*c) != 0;
        has_upper |= isupper((unsigned char)*c) != 0;
    }
    for (int i = 0; choices[i] && !(has_lower && has_upper); i++)
        if (strcasecmp(choices[i], text) == 0)
            return i;
    return -1;
}

/* ---- checks of one setting ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *const *choices;
} enumerators[] = {
    {"numeric.mapping", numeric_mappings}, {"date.calendar.system", calendars}, {"timestamp.granularity", granularities},
};

static bool
check_enumerator(const struct config_row *row, const char *value, struct error *err)
{
    for (size_t i = 0; i < sizeof(enumerators) / sizeof(*enumerators); i++)
        if (strcmp(enumerators[i].name, row->name) == 0 && enumerator_find(enumerators[i].choices, value) >= 0)
            return true;
    return error_set(err, ERROR_CONFIG, "Invalid enumerator");
}

static bool
check_regexes(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    struct string_list list = STRING_LIST_INIT;
    string_list_split(&list, value);
    bool is_valid = true;
    for (size_t i = 0; i < list.count && is_valid; i++) {
        struct regex *regex = regex_new(list.items[i], err);
        is_valid = regex != NULL || error_wrap(err, "Must be a valid comma-separated list of regular expression patterns");
        regex_free(regex);
    }
    string_list_fini(&list);
    return is_valid;
}

static bool
check_mappings(const char *value, bool is_list, struct error *err)
{
    struct string_list texts = STRING_LIST_INIT;
    struct source_mappings mappings;
    string_list_split(&texts, value);
    bool is_valid = source_mappings_parse(&texts, is_list, &mappings, err);
    if (is_valid)
        source_mappings_fini(&mappings);
    string_list_fini(&texts);
    return is_valid;
}
static bool
check_timestamp_mappings(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return check_mappings(value, true, err);
}
static bool
check_incrementing_mappings(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return check_mappings(value, false, err);
}

static bool
check_topic_prefix(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    if (strlen(value) > TOPIC_LENGTH_MAX)
        return error_set(err, ERROR_CONFIG, "Topic prefix length must not exceed max topic name length, %d chars", TOPIC_LENGTH_MAX);
    if (strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != strlen(value))
        return error_set(err, ERROR_CONFIG, "Topic prefix must not contain any character other than ASCII alphanumerics, '.', '_' and '-'.");
    return true;
}

static bool
check_zone(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    struct zone *zone = zone_open(value, err);
    zone_close(zone);
    return zone != NULL;
}

/* ---- visibility ------------------------------------------------------------------------------------------- */

static bool
mode_has(const struct config *cfg, const char *part)
{
    const char *mode = config_get_or(cfg, "mode", "");
    return strcmp(mode, part) == 0 || strcmp(mode, "timestamp+incrementing") == 0;
}
static bool
is_incrementing(const struct config *cfg)
{
    return mode_has(cfg, "incrementing");
}
static bool
is_timestamp(const struct config *cfg)
{
    return mode_has(cfg, "timestamp");
}
static bool
is_incremental(const struct config *cfg)
{
    return is_incrementing(cfg) || is_timestamp(cfg);
}
static bool
is_never(const struct config *cfg)
{
    (void)cfg;
    return false;
}

/* ---- the table ---------------------------------------------------------------------------------------------- */

const struct config_row jdbc_source_rows[] = {
    {
        .name = "connection.url", .type = CONFIG_STRING, .default_value = "", .importance = CONFIG_HIGH,
        .doc = "JDBC address of the database, such as jdbc:mysql://host:3306/database.",
        .group = "Database", .order_in_group = 1, .width = CONFIG_WIDTH_LONG, .display_name = "JDBC URL",
        .offset = offsetof(struct source_settings, connection_url), .dependents = url_dependents,
    },
    {
        .name = "connection.user", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Database user.",
        .group = "Database", .order_in_group = 2, .width = CONFIG_WIDTH_LONG, .display_name = "JDBC User",
        .offset = offsetof(struct source_settings, connection_user),
    },
    {
        .name = "connection.password", .type = CONFIG_PASSWORD, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Password of the database user.",
        .group = "Database", .order_in_group = 3, .width = CONFIG_WIDTH_SHORT, .display_name = "JDBC Password",
        .offset = offsetof(struct source_settings, connection_password),
    },
    {
        .name = "jdbc.credentials.provider.class", .type = CONFIG_CLASS, .default_value = "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider", .importance = CONFIG_LOW,
        .doc = "Where user and password come from. Only the default is supported: the two settings above.",
        .group = "Database", .order_in_group = 4, .width = CONFIG_WIDTH_LONG, .display_name = "JDBC Credentials Provider Class",
        .offset = offsetof(struct source_settings, credentials_provider),
    },
    {
        .name = "connection.attempts", .type = CONFIG_INT, .default_value = "3", .importance = CONFIG_LOW,
        .doc = "How often a connection is tried before the task fails.",
        .group = "Database", .order_in_group = 5, .width = CONFIG_WIDTH_SHORT, .display_name = "JDBC connection attempts",
        .offset = offsetof(struct source_settings, connection_attempts), .has_min = true, .min = 1,
    },
    {
        .name = "connection.backoff.ms", .type = CONFIG_LONG, .default_value = "10000", .importance = CONFIG_LOW,
        .doc = "Milliseconds between two attempts to connect.",
        .group = "Database", .order_in_group = 6, .width = CONFIG_WIDTH_SHORT, .display_name = "JDBC connection backoff in milliseconds",
        .offset = offsetof(struct source_settings, connection_backoff_ms),
    },
    {
        .name = "table.whitelist", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "Tables to read, as table, database.table or `database`.`table`.",
        .group = "Database", .order_in_group = 7, .width = CONFIG_WIDTH_LONG, .display_name = "Table Whitelist",
        .offset = offsetof(struct source_settings, table_whitelist),
    },
    {
        .name = "table.blacklist", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "Tables to leave out, spelt as in table.whitelist.",
        .group = "Database", .order_in_group = 8, .width = CONFIG_WIDTH_LONG, .display_name = "Table Blacklist",
        .offset = offsetof(struct source_settings, table_blacklist),
    },
    {
        .name = "table.include.list", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "Regular expressions; a table whose database.table one of them matches in full is read.",
        .group = "Database", .order_in_group = 9, .width = CONFIG_WIDTH_LONG, .display_name = "Tables Included (Regex)",
        .offset = offsetof(struct source_settings, table_include_list), .check = check_regexes,
    },
    {
        .name = "table.exclude.list", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "Regular expressions; of the tables of table.include.list those that one of them matches are left "
               "out.",
        .group = "Database", .order_in_group = 10, .width = CONFIG_WIDTH_LONG, .display_name = "Tables Excluded (Regex)",
        .offset = offsetof(struct source_settings, table_exclude_list), .check = check_regexes,
    },
    {
        .name = "catalog.pattern", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Database to look for tables in. Without it all databases are looked at.",
        .group = "Database", .order_in_group = 11, .width = CONFIG_WIDTH_SHORT, .display_name = "Schema pattern",
        .offset = offsetof(struct source_settings, catalog_pattern),
    },
    {
        .name = "schema.pattern", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Without effect: what others call a schema is a database in MySQL.",
        .group = "Database", .order_in_group = 12, .width = CONFIG_WIDTH_SHORT, .display_name = "Schema pattern",
        .offset = offsetof(struct source_settings, schema_pattern),
    },
    {
        .name = "numeric.precision.mapping", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Old spelling of numeric.mapping=precision_only.",
        .group = "Database", .order_in_group = 13, .width = CONFIG_WIDTH_SHORT, .display_name = "Map Numeric Values By Precision (deprecated)",
        .offset = offsetof(struct source_settings, numeric_precision_mapping),
    },
    {
        .name = "numeric.mapping", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "How NUMERIC columns are mapped. MySQL reports them as DECIMAL, so that they always become Connect's "
               "Decimal.",
        .group = "Database", .order_in_group = 14, .width = CONFIG_WIDTH_SHORT, .display_name = "Map Numeric Values, Integral or Decimal, By Precision and Scale",
        .offset = offsetof(struct source_settings, numeric_mapping), .check = check_enumerator, .recommend = recommend_numeric_mapping,
    },
    {
        .name = "dialect.name", .type = CONFIG_STRING, .default_value = "", .importance = CONFIG_LOW,
        .doc = "Accepted for compatibility; the dialect is always MySQL's.",
        .group = "Database", .order_in_group = 15, .width = CONFIG_WIDTH_LONG, .display_name = "Database Dialect",
        .offset = offsetof(struct source_settings, dialect_name), .check = jdbc_dialect_check, .recommend = jdbc_dialect_recommend,
    },
    {
        .name = "date.calendar.system", .type = CONFIG_STRING, .default_value = "LEGACY", .importance = CONFIG_LOW,
        .doc = "Calendar of dates before 1582-10-15: LEGACY (Julian, as java.util.Date) or PROLEPTIC_GREGORIAN.",
        .group = "Database", .order_in_group = 16, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Date Calendar System",
        .offset = offsetof(struct source_settings, calendar_system), .check = check_enumerator,
    },
    {
        .name = "mode", .type = CONFIG_STRING, .default_value = "", .importance = CONFIG_HIGH,
        .doc = "How new rows are found: bulk (all rows at every poll), incrementing (a growing id), timestamp (a "
               "time of last change), timestamp+incrementing (both).",
        .group = "Mode", .order_in_group = 1, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Table Loading Mode",
        .offset = offsetof(struct source_settings, mode_text), .choices = modes, .dependents = mode_dependents,
    },
    {
        .name = "incrementing.column.name", .type = CONFIG_STRING, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "Column whose values grow with every new row. Empty: the AUTO_INCREMENT column.",
        .group = "Mode", .order_in_group = 2, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Incrementing Column Name",
        .offset = offsetof(struct source_settings, incrementing_column), .visible = is_incrementing,
    },
    {
        .name = "timestamp.column.name", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "Columns that hold the time of the last change; the first that is not NULL counts.",
        .group = "Mode", .order_in_group = 3, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Timestamp Column Name",
        .offset = offsetof(struct source_settings, timestamp_columns), .visible = is_timestamp,
    },
    {
        .name = "timestamp.columns.mapping", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "Timestamp columns by table: REGEX:[column|column], for use with table.include.list.",
        .group = "Mode", .order_in_group = 4, .width = CONFIG_WIDTH_LONG, .display_name = "Table to timestamp columns mappings",
        .offset = offsetof(struct source_settings, timestamp_columns_mapping), .check = check_timestamp_mappings, .visible = is_timestamp,
    },
    {
        .name = "incrementing.column.mapping", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "Incrementing column by table: REGEX:column, for use with table.include.list.",
        .group = "Mode", .order_in_group = 5, .width = CONFIG_WIDTH_LONG, .display_name = "Table to incrementing column mappings",
        .offset = offsetof(struct source_settings, incrementing_column_mapping), .check = check_incrementing_mappings, .visible = is_incrementing,
    },
    {
        .name = "timestamp.initial", .type = CONFIG_LONG, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Where timestamp modes begin without a stored offset, in milliseconds since 1970; -1 is now.",
        .group = "Mode", .order_in_group = 6, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Unix time value of initial timestamp",
        .offset = offsetof(struct source_settings, timestamp_initial), .visible = is_timestamp,
    },
    {
        .name = "validate.non.null", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
        .doc = "Refuse to start when the incrementing column or all timestamp columns may be NULL.",
        .group = "Mode", .order_in_group = 7, .width = CONFIG_WIDTH_SHORT, .display_name = "Validate Non Null",
        .offset = offsetof(struct source_settings, validate_non_null), .visible = is_incremental,
    },
    {
        .name = "query", .type = CONFIG_STRING, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "A SELECT to read instead of tables. In the modes other than bulk a WHERE is added to it: wrap one "
               "that has its own.",
        .group = "Mode", .order_in_group = 8, .width = CONFIG_WIDTH_SHORT, .display_name = "Query",
        .offset = offsetof(struct source_settings, query),
    },
    {
        .name = "query.masked", .type = CONFIG_PASSWORD, .default_value = "", .importance = CONFIG_MEDIUM,
        .doc = "As query, but hidden in logs and answers.",
        .group = "Mode", .order_in_group = 9, .width = CONFIG_WIDTH_SHORT, .display_name = "Query (Masked)",
        .offset = offsetof(struct source_settings, query_masked), .visible = is_never,
    },
    {
        .name = "quote.sql.identifiers", .type = CONFIG_STRING, .default_value = "ALWAYS", .importance = CONFIG_MEDIUM,
        .doc = "Whether names in statements are put in back-ticks: always or never.",
        .group = "Mode", .order_in_group = 10, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Quote Identifiers",
        .offset = offsetof(struct source_settings, quote_text), .recommend = recommend_quotes,
    },
    {
        .name = "query.suffix", .type = CONFIG_STRING, .default_value = "", .importance = CONFIG_LOW,
        .doc = "Text behind every statement, e.g. a LIMIT.",
        .group = "Mode", .order_in_group = 11, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Query suffix",
        .offset = offsetof(struct source_settings, query_suffix),
    },
    {
        .name = "transaction.isolation.mode", .type = CONFIG_STRING, .default_value = "DEFAULT", .importance = CONFIG_LOW,
        .doc = "Isolation level of the reading session, in upper case.",
        .group = "Mode", .order_in_group = 12, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Transaction Isolation Mode",
        .offset = offsetof(struct source_settings, isolation_text), .recommend = recommend_isolations,
    },
    {
        .name = "query.retry.attempts", .type = CONFIG_INT, .default_value = "-1", .importance = CONFIG_LOW,
        .doc = "How often a statement that failed for a passing reason is tried again; -1 is for ever.",
        .group = "Mode", .order_in_group = 13, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Query Retry Attempts",
        .offset = offsetof(struct source_settings, query_retry_attempts),
    },
    {
        .name = "table.types", .type = CONFIG_LIST, .default_value = "TABLE", .importance = CONFIG_LOW,
        .doc = "Kinds of tables to look for: TABLE, VIEW, SYSTEM TABLE, SYSTEM VIEW.",
        .group = "Connector", .order_in_group = 1, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Table Types",
        .offset = offsetof(struct source_settings, table_types),
    },
    {
        .name = "poll.interval.ms", .type = CONFIG_INT, .default_value = "5000", .importance = CONFIG_HIGH,
        .doc = "Milliseconds to wait after a poll that found nothing. After one that found rows the next follows at "
               "once.",
        .group = "Connector", .order_in_group = 2, .width = CONFIG_WIDTH_SHORT, .display_name = "Poll Interval (ms)",
        .offset = offsetof(struct source_settings, poll_interval_ms),
    },
    {
        .name = "batch.max.rows", .type = CONFIG_INT, .default_value = "1000", .importance = CONFIG_LOW,
        .doc = "Rows handed on at once.",
        .group = "Connector", .order_in_group = 3, .width = CONFIG_WIDTH_SHORT, .display_name = "Max Rows Per Batch",
        .offset = offsetof(struct source_settings, batch_max_rows),
    },
    {
        .name = "max.buffer.size", .type = CONFIG_INT, .default_value = "0", .importance = CONFIG_LOW,
        .doc = "Accepted for compatibility: rows are not buffered, they are read as fast as they are sent on.",
        .group = "Connector", .order_in_group = 4, .width = CONFIG_WIDTH_SHORT, .display_name = "Maximum Buffer Size",
        .offset = offsetof(struct source_settings, max_buffer_size),
    },
    {
        .name = "poll.linger.ms", .type = CONFIG_LONG, .default_value = "5000", .importance = CONFIG_LOW,
        .doc = "Accepted for compatibility: rows are handed on as soon as they are there.",
        .group = "Connector", .order_in_group = 5, .width = CONFIG_WIDTH_SHORT, .display_name = "Poll Linger Milliseconds",
        .offset = offsetof(struct source_settings, poll_linger_ms),
    },
    {
        .name = "table.monitoring.startup.polling.limit.ms", .type = CONFIG_LONG, .default_value = "10000", .importance = CONFIG_LOW,
        .doc = "How long a start waits for the list of tables.",
        .group = "", .order_in_group = -1, .width = CONFIG_WIDTH_NONE, .display_name = "table.monitoring.startup.polling.limit.ms",
        .offset = offsetof(struct source_settings, startup_polling_limit_ms),
    },
    {
        .name = "table.poll.interval.ms", .type = CONFIG_LONG, .default_value = "60000", .importance = CONFIG_LOW,
        .doc = "Milliseconds between two looks for new and dropped tables.",
        .group = "Connector", .order_in_group = 6, .width = CONFIG_WIDTH_SHORT, .display_name = "Metadata Change Monitoring Interval (ms)",
        .offset = offsetof(struct source_settings, table_poll_interval_ms),
    },
    {
        .name = "topic.prefix", .type = CONFIG_STRING, .default_value = "", .importance = CONFIG_HIGH,
        .doc = "In front of the table's name in the topic's; with a query the whole name of the topic.",
        .group = "Connector", .order_in_group = 7, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Topic Prefix",
        .offset = offsetof(struct source_settings, topic_prefix), .check = check_topic_prefix,
    },
    {
        .name = "timestamp.delay.interval.ms", .type = CONFIG_LONG, .default_value = "0", .importance = CONFIG_HIGH,
        .doc = "Rows are read once their timestamp is this old, so that transactions have time to commit.",
        .group = "Connector", .order_in_group = 8, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Delay Interval (ms)",
        .offset = offsetof(struct source_settings, timestamp_delay_ms),
    },
    {
        .name = "db.timezone", .type = CONFIG_STRING, .default_value = "UTC", .importance = CONFIG_MEDIUM,
        .doc = "Zone in which the database's dates and times are read and asked for.",
        .group = "Connector", .order_in_group = 9, .width = CONFIG_WIDTH_MEDIUM, .display_name = "DB time zone",
        .offset = offsetof(struct source_settings, zone_text), .check = check_zone,
    },
    {
        .name = "timestamp.granularity", .type = CONFIG_STRING, .default_value = "connect_logical", .importance = CONFIG_LOW,
        .doc = "What becomes of DATETIME and TIMESTAMP: Connect's Timestamp in milliseconds, or micro- or "
               "nanoseconds as number or text.",
        .group = "Connector", .order_in_group = 10, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Timestamp granularity for timestamp columns",
        .offset = offsetof(struct source_settings, granularity_text), .check = check_enumerator, .recommend = recommend_granularities,
    },
    {
        .name = "incrementing.gap.tracking", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
        .doc = "Remember ids that are missing between those read and look for them again, as their transaction may "
               "commit later.",
        .group = "Mode", .order_in_group = 14, .width = CONFIG_WIDTH_SHORT, .display_name = "Track gaps between ids",
        .offset = offsetof(struct source_settings, gap_tracking), .is_internal = true,
    },
    {
        .name = "incrementing.gap.timeout.ms", .type = CONFIG_LONG, .default_value = "60000", .importance = CONFIG_LOW,
        .doc = "How long a missing id is looked for when the open transactions cannot be seen (the PROCESS privilege "
               "is missing).",
        .group = "Mode", .order_in_group = 15, .width = CONFIG_WIDTH_SHORT, .display_name = "Time to look for missing ids",
        .offset = offsetof(struct source_settings, gap_timeout_ms), .is_internal = true,
    },
    {
        .name = "timestamp.open.transactions", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
        .doc = "In timestamp modes read no further than the start of the oldest transaction that is still open.",
        .group = "Mode", .order_in_group = 16, .width = CONFIG_WIDTH_SHORT, .display_name = "Wait for open transactions",
        .offset = offsetof(struct source_settings, timestamp_bound), .is_internal = true,
    },
    {0},
};

/* ---- parsed -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    enum source_mode mode;
} mode_names[] = {
    {"bulk", SOURCE_BULK},
    {"incrementing", SOURCE_INCREMENTING},
    {"timestamp", SOURCE_TIMESTAMP},
    {"timestamp+incrementing", SOURCE_TIMESTAMP_INCREMENTING},
};

static bool
set_mode(struct source_settings *settings, struct error *err)
{
    for (size_t i = 0; i < sizeof(mode_names) / sizeof(*mode_names); i++)
        if (strcmp(settings->mode_text, mode_names[i].text) == 0) {
            settings->mode = mode_names[i].mode;
            return true;
        }
    error_set(err, ERROR_CONFIG, "Query mode must be specified");
    err->java_class = "org.apache.kafka.common.config.ConfigException";
    return false;
}

static bool
is_empty(const char *text)
{
    return !text || !*text;
}

bool
source_settings_init(struct source_settings *settings, const struct config *cfg, struct error *err)
{
    struct source_settings parsed = {0};
    if (!config_parse(jdbc_source_rows, cfg, &parsed, err))
        return false;
    parsed.zone = zone_open(parsed.zone_text, err);
    if (!parsed.zone || !set_mode(&parsed, err) || !jdbc_quote_method_parse(parsed.quote_text, &parsed.with_quotes, err)) {
        source_settings_fini(&parsed);
        return false;
    }
    parsed.sql = !is_empty(parsed.query) ? parsed.query : !is_empty(parsed.query_masked) ? parsed.query_masked : NULL;
    int granularity = enumerator_find(granularities, parsed.granularity_text);
    parsed.types = (struct jdbc_types){
        .granularity = granularity < 0 ? JDBC_CONNECT_LOGICAL : (enum jdbc_granularity)granularity,
        .zone = parsed.zone,
        .is_proleptic = enumerator_find(calendars, parsed.calendar_system) == 1,
    };
    *settings = parsed;
    return true;
}

void
source_settings_fini(struct source_settings *settings)
{
    zone_close(settings->zone);
    config_parsed_free(jdbc_source_rows, settings);
    *settings = (struct source_settings){0};
}

/* ---- mappings -------------------------------------------------------------------------------------------------- */

/* Java shows the part of the value that is wrong. */
static bool
refuse_part(struct error *err, bool is_list, const char *part, const char *problem)
{
    return error_set(err, ERROR_DATA, "Invalid value %s for configuration %s: %s", part,
                     is_list ? "timestamp.columns.mapping" : "incrementing.column.mapping", problem);
}

static bool
mapping_columns(const char *text, bool is_list, struct string_list *out, struct error *err)
{
    size_t len = strlen(text);
    if (is_list && (len < 2 || text[0] != '[' || text[len - 1] != ']'))
        return refuse_part(err, is_list, text, "Columns list must be enclosed in square brackets");
    if (is_list && len == 2)
        return refuse_part(err, is_list, text, "Columns list cannot be empty");
    char *inner = is_list ? xmemdup(text + 1, len - 2) : xstrdup(text);
    const char *start = inner;
    bool is_valid = true;
    do {
        size_t name_len = is_list ? strcspn(start, "|") : strlen(start);
        char *name = xmemdup(start, name_len);
        is_valid = is_valid && name_len > 0;
        string_list_add(out, name);
        free(name);
        start += name_len;
    } while (*start++ == '|');
    free(inner);
    return is_valid || refuse_part(err, is_list, "", "Column name cannot be empty");
}

static bool
mapping_parse(const char *text, bool is_list, struct source_mapping *out, struct error *err)
{
    const char *colon = strchr(text, ':');
    if (!colon || strchr(colon + 1, ':'))
        return refuse_part(err, is_list, text,
                           is_list ? "Invalid format. Expected 'regex:[col1|col2|...]'" : "Invalid format. Expected 'regex:columnName'");
    struct error why = ERROR_INIT;
    char *pattern = xmemdup(text, (size_t)(colon - text));
    out->regex = regex_new(pattern, &why);
    if (!out->regex) {
        char *problem = xasprintf("Invalid regular expression: %s", why.message);
        refuse_part(err, is_list, pattern, problem);
        free(problem);
    }
    free(pattern);
    return out->regex && mapping_columns(colon + 1, is_list, &out->columns, err);
}

bool
source_mappings_parse(const struct string_list *texts, bool is_list, struct source_mappings *out, struct error *err)
{
    struct source_mappings mappings = {.items = xcalloc(texts->count + 1, sizeof(*mappings.items))};
    for (size_t i = 0; i < texts->count; i++) {
        mappings.count++;
        if (!mapping_parse(texts->items[i], is_list, &mappings.items[i], err)) {
            source_mappings_fini(&mappings);
            return false;
        }
    }
    *out = mappings;
    return true;
}

void
source_mappings_fini(struct source_mappings *mappings)
{
    for (size_t i = 0; i < mappings->count; i++) {
        regex_free(mappings->items[i].regex);
        string_list_fini(&mappings->items[i].columns);
    }
    free(mappings->items);
    *mappings = (struct source_mappings){0};
}

bool
source_mappings_find(const struct source_mappings *mappings, const struct jdbc_table *table, const struct string_list **out,
                     struct error *err)
{
    char *name = jdbc_table_text(table, false);
    const struct source_mapping *found = NULL;
    size_t matches = 0;
    for (size_t i = 0; i < mappings->count; i++)
        if (regex_matches(mappings->items[i].regex, name)) {
            found = &mappings->items[i];
            matches++;
        }
    free(name);
    if (matches != 1)
        return error_set(err, ERROR_CONFIG, "Included table '\"%s\".\"%s\"' %s of the provided regexes", table->database ? table->database : "",
                         table->name, matches ? "matches more than one" : "does not match any");
    *out = &found->columns;
    return true;
}
