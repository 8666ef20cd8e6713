/* Settings of the JDBC sink connector. */
#include "connect/connectors/jdbc/sink_config.h"

#include "common/base/alloc.h"
#include "common/base/strbuf.h"
#include "common/base/zone.h"
#include "connect/connectors/jdbc/dialect.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- enumerations ------------------------------------------------------------------------------------------ */

static const char *const insert_modes[] = {"insert", "upsert", "update", NULL};
static const char *const pk_modes[] = {"none", "kafka", "record_key", "record_value", NULL};
static const char *const table_types[] = {"table", "partitioned table", "view", NULL};
static const char *const date_zones[] = {"db_timezone", "utc", NULL};
static const char *const precisions[] = {"microseconds", "nanoseconds", NULL};
static const char *const calendars[] = {"legacy", "proleptic_gregorian", NULL};
static const char *const quotes[] = {"always", "never", NULL};

const char *
sink_insert_mode_name(enum sink_insert_mode mode)
{
    return insert_modes[mode];
}

const char *
sink_pk_mode_name(enum sink_pk_mode mode)
{
    return pk_modes[mode];
}

/* Java takes a name in lower or in upper case, but not mixed. -1: neither. */
static int
enum_find(const char *const *names, const char *text)
{
    bool has_lower = false, has_upper = false;
    for (const char *c = text; *c; c++) {
        has_lower |= islower((unsigned char)*c) != 0;
        has_upper |= isupper((unsigned char)*c) != 0;
    }
    for (int i = 0; names[i] && !(has_lower && has_upper); i++)
        if (strcasecmp(names[i], text) == 0)
            return i;
    return -1;
}

static bool
check_enum(const char *const *names, const char *value, struct error *err)
{
    return enum_find(names, value) >= 0 ? true : error_set(err, ERROR_CONFIG, "Invalid enumerator");
}

#define CHECK_ENUM(function, names)                                                                    \
    static bool function(const struct config_row *row, const char *value, struct error *err)           \
    {                                                                                                  \
        (void)row;                                                                                     \
        return check_enum(names, value, err);                                                          \
    }
CHECK_ENUM(check_insert_mode, insert_modes)
CHECK_ENUM(check_pk_mode, pk_modes)
CHECK_ENUM(check_date_zone, date_zones)
CHECK_ENUM(check_precision, precisions)
CHECK_ENUM(check_calendar, calendars)

static bool
check_table_types(const struct config_row *row, const char *value, struct error *err)
{
    struct string_list items = STRING_LIST_INIT;
    string_list_split(&items, value);
    bool is_fine = items.count > 0;
    if (!is_fine) /* another code than ERROR_CONFIG: the whole text, as Java names the item and not the list */
        error_set(err, ERROR_DATA,
                  "Invalid value [] for configuration %s: At least one value must be specified. "
                  "Valid values are: [table, partitioned table, view]", row->name);
    for (size_t i = 0; i < items.count && is_fine; i++)
        if (enum_find(table_types, items.items[i]) < 0)
            is_fine = error_set(err, ERROR_DATA, "Invalid value %s for configuration %s: Invalid enumerator",
                                items.items[i], row->name);
    string_list_fini(&items);
    return is_fine;
}

/* ---- other checks ------------------------------------------------------------------------------------------ */

static bool
check_not_empty(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return *value ? true : error_set(err, ERROR_CONFIG, "String must be non-empty");
}

static bool
check_zone(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    struct zone *zone = zone_open(value, err);
    zone_close(zone);
    return zone != NULL;
}

/* The text becomes part of CREATE TABLE: words, and a length or two in brackets, nothing else. */
static bool
check_column_type(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_ ";
    size_t word = strspn(value, letters);
    const char *p = value + word;
    if (*p == '(') {
        p += 1 + strspn(p + 1, "0123456789, ");
        p = *p == ')' ? p + 1 + strspn(p + 1, letters) : p;
    }
    return word > 0 && !*p ? true : error_set(err, ERROR_CONFIG, "Not a column type such as VARCHAR(255)");
}

/* ---- recommended values ------------------------------------------------------------------------------------ */

static bool
has_record_key(const struct config *cfg)
{
    return enum_find(pk_modes, config_get_or(cfg, "pk.mode", "none")) == SINK_PK_RECORD_KEY;
}

static void
recommend_delete(const struct config *cfg, struct string_list *out)
{
    if (has_record_key(cfg))
        string_list_add(out, "true");
    string_list_add(out, "false");
}

#define RECOMMEND(function, names)                                          \
    static void function(const struct config *cfg, struct string_list *out) \
    {                                                                       \
        (void)cfg;                                                          \
        for (const char *const *name = names; *name; name++)                \
            string_list_add(out, *name);                                    \
    }
RECOMMEND(recommend_pk_mode, pk_modes)
RECOMMEND(recommend_date_zone, date_zones)
RECOMMEND(recommend_precision, precisions)
RECOMMEND(recommend_quote, quotes)

/* ---- the table --------------------------------------------------------------------------------------------- */

#define CONNECTION "Connection"
#define WRITES "Writes"
#define MAPPING "Data Mapping"
#define DDL "DDL Support"
#define DML "DML Support"
#define RETRIES "Retries"
#define AT(member) offsetof(struct sink_config, member)

const struct config_row sink_config_rows[] = {
    {.name = "connection.url", .type = CONFIG_STRING, .default_value = config_no_default, .importance = CONFIG_HIGH,
     .doc = "Where the database is: jdbc:mysql://host:port/database?name=value or jdbc:mariadb:... Parameters of the "
            "JDBC drivers that matter to a client are honoured, others are named once in the log.",
     .group = CONNECTION, .order_in_group = 1, .width = CONFIG_WIDTH_LONG, .display_name = "JDBC URL", .offset = AT(url)},
    {.name = "connection.user", .type = CONFIG_STRING, .importance = CONFIG_HIGH,
     .doc = "User name; goes before one in the URL.",
     .group = CONNECTION, .order_in_group = 2, .width = CONFIG_WIDTH_MEDIUM, .display_name = "JDBC User", .offset = AT(user)},
    {.name = "connection.password", .type = CONFIG_PASSWORD, .importance = CONFIG_HIGH,
     .doc = "Password of that user.",
     .group = CONNECTION, .order_in_group = 3, .width = CONFIG_WIDTH_MEDIUM, .display_name = "JDBC Password", .offset = AT(password)},
    {.name = "jdbc.credentials.provider.class", .type = CONFIG_CLASS,
     .default_value = "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider", .importance = CONFIG_LOW,
     .doc = "Only the default, user and password from the settings above, exists here.",
     .group = CONNECTION, .order_in_group = 4, .width = CONFIG_WIDTH_LONG, .display_name = "JDBC Credentials Provider Class",
     .offset = AT(credentials_provider)},
    {.name = "dialect.name", .type = CONFIG_STRING, .default_value = "", .importance = CONFIG_LOW,
     .doc = "Kind of database. Empty: as the URL says. MySQL's is the only one, and serves MariaDB, too.",
     .group = CONNECTION, .order_in_group = 5, .width = CONFIG_WIDTH_LONG, .display_name = "Database Dialect",
     .check = jdbc_dialect_check, .recommend = jdbc_dialect_recommend, .offset = AT(dialect)},
    {.name = "connection.attempts", .type = CONFIG_INT, .default_value = "3", .importance = CONFIG_LOW,
     .doc = "How often to try to connect before that counts as failed.",
     .group = CONNECTION, .order_in_group = 6, .width = CONFIG_WIDTH_SHORT, .display_name = "JDBC connection attempts",
     .has_min = true, .min = 1, .offset = AT(connection_attempts)},
    {.name = "connection.backoff.ms", .type = CONFIG_LONG, .default_value = "10000", .importance = CONFIG_LOW,
     .doc = "Milliseconds between two attempts to connect.",
     .group = CONNECTION, .order_in_group = 7, .width = CONFIG_WIDTH_SHORT, .display_name = "JDBC connection backoff in milliseconds",
     .offset = AT(connection_backoff_ms)},

    {.name = "insert.mode", .type = CONFIG_STRING, .default_value = "insert", .importance = CONFIG_HIGH,
     .doc = "insert: INSERT every record. upsert: INSERT ... ON DUPLICATE KEY UPDATE, safe to repeat. update: UPDATE "
            "rows that exist.",
     .group = WRITES, .order_in_group = 1, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Insert Mode",
     .check = check_insert_mode, .offset = AT(insert_mode_text)},
    {.name = "batch.size", .type = CONFIG_INT, .default_value = "3000", .importance = CONFIG_MEDIUM,
     .doc = "Most rows of one statement. A statement also ends before it gets larger than the server takes.",
     .group = WRITES, .order_in_group = 2, .width = CONFIG_WIDTH_SHORT, .display_name = "Batch Size",
     .has_min = true, .min = 0, .offset = AT(batch_size)},
    {.name = "delete.enabled", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
     .doc = "A record with a key and without a value deletes the row of that key. Needs pk.mode=record_key.",
     .group = WRITES, .order_in_group = 3, .width = CONFIG_WIDTH_SHORT, .display_name = "Enable deletes",
     .recommend = recommend_delete, .visible = has_record_key, .offset = AT(delete_enabled)},
    {.name = "table.types", .type = CONFIG_LIST, .default_value = "TABLE", .importance = CONFIG_LOW,
     .doc = "What a destination may be: table, partitioned table, view.",
     .group = WRITES, .order_in_group = 4, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Table Types",
     .check = check_table_types, .offset = AT(table_types_list)},
    {.name = "replace.null.with.default", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
     .doc = "Write a field's default where its value is null. Key fields always take their default.",
     .group = WRITES, .order_in_group = 5, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Replace null value with default value",
     .offset = AT(replace_null_with_default)},

    {.name = "table.name.format", .type = CONFIG_STRING, .default_value = "${topic}", .importance = CONFIG_MEDIUM,
     .doc = "Name of the destination table; ${topic} stands for the record's topic. database.table is possible.",
     .group = MAPPING, .order_in_group = 1, .width = CONFIG_WIDTH_LONG, .display_name = "Table Name Format",
     .check = check_not_empty, .offset = AT(table_name_format)},
    {.name = "pk.mode", .type = CONFIG_STRING, .default_value = "none", .importance = CONFIG_HIGH,
     .doc = "Where the primary key comes from: none, kafka (topic, partition, offset), record_key, record_value.",
     .group = MAPPING, .order_in_group = 2, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Primary Key Mode",
     .check = check_pk_mode, .recommend = recommend_pk_mode, .offset = AT(pk_mode_text)},
    {.name = "pk.fields", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
     .doc = "Fields of the primary key. Empty: all fields of the key or value; with kafka __connect_topic, "
            "__connect_partition, __connect_offset. A key that is no struct needs one name here.",
     .group = MAPPING, .order_in_group = 3, .width = CONFIG_WIDTH_LONG, .display_name = "Primary Key Fields", .offset = AT(pk_fields)},
    {.name = "fields.whitelist", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
     .doc = "Value fields to write besides the key. Empty: all.",
     .group = MAPPING, .order_in_group = 4, .width = CONFIG_WIDTH_LONG, .display_name = "Fields Whitelist", .offset = AT(fields_whitelist)},
    {.name = "db.timezone", .type = CONFIG_STRING, .default_value = "UTC", .importance = CONFIG_MEDIUM,
     .doc = "Time zone in which times and timestamps are written.",
     .group = MAPPING, .order_in_group = 5, .width = CONFIG_WIDTH_MEDIUM, .display_name = "DB Time Zone",
     .check = check_zone, .offset = AT(db_timezone)},
    {.name = "date.timezone", .type = CONFIG_STRING, .default_value = "DB_TIMEZONE", .importance = CONFIG_LOW,
     .doc = "Time zone in which dates are written: db_timezone, where west of Greenwich every date becomes the day before, "
            "or utc, which keeps them.",
     .group = MAPPING, .order_in_group = 6, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Time Zone used for Date",
     .check = check_date_zone, .recommend = recommend_date_zone, .offset = AT(date_timezone)},
    {.name = "timestamp.fields.list", .type = CONFIG_LIST, .default_value = "", .importance = CONFIG_MEDIUM,
     .doc = "INT64 and STRING fields that hold timestamps finer than milliseconds; written as DATETIME(6).",
     .group = MAPPING, .order_in_group = 7, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Timestamp Fields Whitelist",
     .offset = AT(timestamp_fields)},
    {.name = "timestamp.precision.mode", .type = CONFIG_STRING, .default_value = "MICROSECONDS", .importance = CONFIG_LOW,
     .doc = "Unit of the fields in timestamp.fields.list: microseconds or nanoseconds.",
     .group = MAPPING, .order_in_group = 8, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Sink Timestamp Precision mode",
     .check = check_precision, .recommend = recommend_precision, .offset = AT(timestamp_precision_text)},
    {.name = "date.calendar.system", .type = CONFIG_STRING, .default_value = "LEGACY", .importance = CONFIG_LOW,
     .doc = "Calendar of dates before 15 October 1582: LEGACY (Julian) or PROLEPTIC_GREGORIAN (as the database counts).",
     .group = MAPPING, .order_in_group = 9, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Date Calendar System",
     .check = check_calendar, .offset = AT(calendar_text)},
    {.name = "string.output.value.column.name", .type = CONFIG_STRING, .default_value = "record_value", .importance = CONFIG_LOW,
     .doc = "Column for values that are a plain string.",
     .group = MAPPING, .order_in_group = 10, .width = CONFIG_WIDTH_MEDIUM, .display_name = "String Value Column Name",
     .check = check_not_empty, .offset = AT(string_column)},

    {.name = "auto.create", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
     .doc = "Create a missing table from the record's schema.",
     .group = DDL, .order_in_group = 1, .width = CONFIG_WIDTH_SHORT, .display_name = "Auto-Create", .offset = AT(auto_create)},
    {.name = "auto.evolve", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
     .doc = "Add missing columns to a table; the fields must be optional or have a default.",
     .group = DDL, .order_in_group = 2, .width = CONFIG_WIDTH_SHORT, .display_name = "Auto-Evolve", .offset = AT(auto_evolve)},
    {.name = "quote.sql.identifiers", .type = CONFIG_STRING, .default_value = "ALWAYS", .importance = CONFIG_MEDIUM,
     .doc = "Put names of tables and columns in quotes: always or never.",
     .group = DDL, .order_in_group = 3, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Quote Identifiers",
     .recommend = recommend_quote, .offset = AT(quote_text)},
    {.name = "mssql.use.merge.holdlock", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
     .doc = "Of another database; has no effect.",
     .group = DML, .order_in_group = 1, .width = CONFIG_WIDTH_MEDIUM, .display_name = "SQL Server - Use HOLDLOCK in MERGE",
     .offset = AT(mssql_holdlock)},

    {.name = "max.retries", .type = CONFIG_INT, .default_value = "10", .importance = CONFIG_MEDIUM,
     .doc = "How often a batch is written again after an error before the task fails or the dead letter queue takes over.",
     .group = RETRIES, .order_in_group = 1, .width = CONFIG_WIDTH_SHORT, .display_name = "Maximum Retries",
     .has_min = true, .min = 0, .offset = AT(max_retries)},
    {.name = "retry.backoff.ms", .type = CONFIG_INT, .default_value = "3000", .importance = CONFIG_MEDIUM,
     .doc = "Milliseconds to wait before a batch is written again.",
     .group = RETRIES, .order_in_group = 2, .width = CONFIG_WIDTH_SHORT, .display_name = "Retry Backoff (millis)",
     .has_min = true, .min = 0, .offset = AT(retry_backoff_ms)},
    {.name = "trim.sensitive.log", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
     .doc = "Leave the database's message, which may quote values, out of errors and logs.",
     .group = "", .order_in_group = -1, .width = CONFIG_WIDTH_NONE, .display_name = "trim.sensitive.log", .offset = AT(trim_sensitive_log)},

    {.name = "exactly.once", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
     .doc = "Keep the consumed offsets in a table of the destination database, in the transaction of the rows, and start "
            "from there: every record is applied once, whatever is killed.",
     .group = WRITES, .order_in_group = 6, .display_name = "Exactly once", .is_internal = true, .offset = AT(exactly_once)},
    {.name = "exactly.once.table", .type = CONFIG_STRING, .default_value = "connect_sink_offsets", .importance = CONFIG_LOW,
     .doc = "That table; created when missing. Connectors may share one.",
     .group = WRITES, .order_in_group = 7, .display_name = "Offsets Table", .check = check_not_empty, .is_internal = true,
     .offset = AT(exactly_once_table)},
    {.name = "mysql.string.type", .type = CONFIG_STRING, .default_value = "TEXT", .importance = CONFIG_LOW,
     .doc = "Column type that auto.create and auto.evolve give to strings, e.g. LONGTEXT.",
     .group = DDL, .order_in_group = 4, .display_name = "String Type", .check = check_column_type, .is_internal = true,
     .offset = AT(string_type)},
    {.name = "mysql.string.key.type", .type = CONFIG_STRING, .default_value = "VARCHAR(255)", .importance = CONFIG_LOW,
     .doc = "The same for strings in the primary key, where MySQL takes no TEXT.",
     .group = DDL, .order_in_group = 5, .display_name = "String Key Type", .check = check_column_type, .is_internal = true,
     .offset = AT(string_key_type)},
    {.name = "mysql.bytes.type", .type = CONFIG_STRING, .default_value = "VARBINARY(1024)", .importance = CONFIG_LOW,
     .doc = "The same for bytes, e.g. LONGBLOB.",
     .group = DDL, .order_in_group = 6, .display_name = "Bytes Type", .check = check_column_type, .is_internal = true,
     .offset = AT(bytes_type)},
    {.name = "mysql.float32.type", .type = CONFIG_STRING, .default_value = "FLOAT", .importance = CONFIG_LOW,
     .doc = "The same for FLOAT32, whose largest values do not fit into FLOAT: DOUBLE holds them all.",
     .group = DDL, .order_in_group = 7, .display_name = "FLOAT32 Type", .check = check_column_type, .is_internal = true,
     .offset = AT(float32_type)},
    {.name = NULL},
};

/* ---- parsing ------------------------------------------------------------------------------------------------ */

static void
resolve_enums(struct sink_config *config)
{
    config->insert_mode = (enum sink_insert_mode)enum_find(insert_modes, config->insert_mode_text);
    config->pk_mode = (enum sink_pk_mode)enum_find(pk_modes, config->pk_mode_text);
    for (size_t i = 0; i < config->table_types_list.count; i++)
        config->table_types |= 1u << enum_find(table_types, config->table_types_list.items[i]);
    config->date_in_utc = enum_find(date_zones, config->date_timezone) == 1;
    config->timestamps_are_nanos = enum_find(precisions, config->timestamp_precision_text) == 1;
    config->calendar_is_proleptic = enum_find(calendars, config->calendar_text) == 1;
}

/* A JSON null where a text is needed means the default. */
static const struct config *
without_nulls(const struct config *cfg, struct config *copy)
{
    for (size_t i = 0; i < cfg->count; i++)
        if (cfg->entries[i].value)
            config_set(copy, cfg->entries[i].key, cfg->entries[i].value);
    return copy;
}

bool
sink_config_init(struct sink_config *config, const struct config *cfg, struct error *err)
{
    *config = (struct sink_config){0};
    struct config copy = CONFIG_INIT;
    bool is_fine = config_parse(sink_config_rows, without_nulls(cfg, &copy), config, err);
    config_fini(&copy);
    if (!is_fine)
        return false;
    config->name = xstrdup(config_get_or(cfg, "name", ""));
    resolve_enums(config);
    if (config->batch_size < 1)
        config->batch_size = 1;
    if (!jdbc_quote_method_parse(config->quote_text, &config->quote, err))
        is_fine = false;
    else if (config->delete_enabled && config->pk_mode != SINK_PK_RECORD_KEY)
        is_fine = error_set(err, ERROR_CONFIG, "Primary key mode must be 'record_key' when delete support is enabled");
    if (!is_fine) {
        err->java_class = "org.apache.kafka.common.config.ConfigException";
        sink_config_fini(config);
    }
    return is_fine;
}

void
sink_config_fini(struct sink_config *config)
{
    config_parsed_free(sink_config_rows, config);
    free(config->name);
    *config = (struct sink_config){0};
}

/* ---- validation --------------------------------------------------------------------------------------------- */

/* REST does not describe our own settings, but their errors belong into its answer. */
static void
check_own_rows(const struct config *cfg, struct config_values *values)
{
    for (const struct config_row *row = sink_config_rows; row->name; row++) {
        const char *value = config_get(cfg, row->name);
        if (!row->is_internal || !value)
            continue;
        struct string_list errors = STRING_LIST_INIT;
        free(config_row_check(row, value, &errors));
        for (size_t i = 0; i < errors.count; i++)
            config_values_error(values, row->name, "%s", errors.items[i]);
        string_list_fini(&errors);
    }
}

bool
sink_config_validate(const struct config *cfg, struct config_values *values)
{
    check_own_rows(cfg, values);
    const char *deletes = config_get_or(cfg, "delete.enabled", "false");
    int pk_mode = enum_find(pk_modes, config_get_or(cfg, "pk.mode", "none"));
    if (strcasecmp(deletes, "true") == 0 && pk_mode >= 0 && pk_mode != SINK_PK_RECORD_KEY) {
        static const char text[] = "Deletes are only supported for pk.mode record_key";
        config_values_error(values, "delete.enabled", "%s", text);
        config_values_error(values, "pk.mode", "%s", text);
    }
    return config_values_error_count(values) == 0;
}
