/*
 * Rules across settings, in the order of JdbcSourceConnectorValidation (release 10.9.7): each step runs only when the
 * steps before it found nothing. The last ones ask the database.
 */
#include "connect/connectors/jdbc/source_config.h"

#include "common/base/strbuf.h"
#include "connect/connectors/jdbc/dialect.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct check {
    const struct config *cfg;
    struct config_values *values;
    const char *mode;
};

static bool
is_set(const struct check *check, const char *name)
{
    const char *value = config_get(check->cfg, name);
    return value && *value;
}

/* A list or a name of blanks is none; a query of blanks is one, which is then refused. */
static bool
is_filled(const struct check *check, const char *name)
{
    const char *value = config_get(check->cfg, name);
    return value && value[strspn(value, " \t\r\n\f\v")];
}

static bool
is_one_filled(const struct check *check, const char *const *names)
{
    for (; *names; names++)
        if (is_filled(check, *names))
            return true;
    return false;
}

static bool
has_query(const struct check *check)
{
    return is_set(check, "query") || is_set(check, "query.masked");
}

static void
add_error(const struct check *check, const char *const *names, const char *text)
{
    for (; *names; names++)
        config_values_error(check->values, *names, "%s", text);
}

static bool
is_incrementing(const struct check *check)
{
    return strstr(check->mode, "incrementing") != NULL;
}

static bool
is_timestamp(const struct check *check)
{
    return strstr(check->mode, "timestamp") != NULL;
}

static const char *const filter_names[] = {"table.whitelist", "table.blacklist", "table.include.list", "table.exclude.list", NULL};
static const char *const query_names[] = {"query", "query.masked", NULL};
static const char *const old_names[] = {"table.whitelist", "table.blacklist", "incrementing.column.name", "timestamp.column.name", NULL};
static const char *const new_names[] = {"table.include.list", "table.exclude.list", "incrementing.column.mapping",
                                        "timestamp.columns.mapping", NULL};

/* ---- mode -------------------------------------------------------------------------------------------- */

static void
check_mode(const struct check *check)
{
    static const char *const known[] = {"bulk", "timestamp", "incrementing", "timestamp+incrementing"};
    static const char *const dependent[] = {"incrementing.column.name", "timestamp.column.name", "timestamp.columns.mapping",
                                            "incrementing.column.mapping", "timestamp.initial", "validate.non.null"};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(check->mode, known[i]) == 0)
            return;
    for (size_t i = 0; i < sizeof(dependent) / sizeof(*dependent); i++) {
        if (*check->mode)
            config_values_error(check->values, dependent[i], "Invalid mode: %s", check->mode);
        else
            config_values_error(check->values, dependent[i], "Query mode must be specified");
    }
}

static void
check_isolation(const struct check *check)
{
    if (strcasecmp(config_get_or(check->cfg, "transaction.isolation.mode", ""), "SQL_SERVER_SNAPSHOT") == 0)
        config_values_error(check->values, "transaction.isolation.mode",
                            "Isolation mode of `SQL_SERVER_SNAPSHOT` can only be configured with a Sql Server Dialect");
}

/* ---- which tables ---------------------------------------------------------------------------------------- */

static void
add_error_where_filled(const struct check *check, const char *const *names, const char *text)
{
    for (; *names; names++)
        if (is_filled(check, *names))
            config_values_error(check->values, *names, "%s", text);
}

static void
check_filters(const struct check *check)
{
    static const char mixed[] =
        "Cannot mix legacy and new configuration approaches. Legacy configurations (table.whitelist, table.blacklist, "
        "timestamp.column.name, incrementing.column.name) cannot be used together with new configurations (table.include.list, "
        "table.exclude.list, timestamp.columns.mapping, incrementing.column.mapping). Please choose one approach: either use all "
        "legacy configurations or all new configurations.";
    bool has_old = is_one_filled(check, old_names), has_new = is_one_filled(check, new_names);
    if (has_query(check))
        return;
    if (has_old && has_new) {
        add_error_where_filled(check, old_names, mixed);
        add_error_where_filled(check, new_names, mixed);
    } else if (!has_old && !has_new) {
        add_error(check, filter_names,
                  "At least one table filtering configuration is required. Provide one of: table.whitelist, table.blacklist, "
                  "table.include.list, or table.exclude.list.");
    }
}

/* ---- the query ---------------------------------------------------------------------------------------------- */

static bool
begins_with_select(const char *sql)
{
    sql += strspn(sql, " \t\r\n\f\v");
    return strncasecmp(sql, "select", 6) == 0 && !isalnum((unsigned char)sql[6]) && sql[6] != '_';
}

static void
check_query_column(const struct check *check)
{
    if (is_incrementing(check) && !is_filled(check, "incrementing.column.name"))
        config_values_error(check->values, "incrementing.column.name",
                            "'incrementing.column.name' must be provided when using mode 'incrementing' or 'timestamp+incrementing' "
                            "with a custom query. The incrementing column cannot be auto-discovered in query mode because there is no "
                            "table to inspect. Note that 'incrementing.column.mapping' is not applied in query mode (it maps columns by "
                            "table-name regex, and a custom query has no underlying table to match), so 'incrementing.column.name' must "
                            "be set explicitly.");
}

static void
check_query(const struct check *check)
{
    if (!has_query(check))
        return;
    if (is_set(check, "query") && is_set(check, "query.masked")) {
        add_error(check, query_names,
                  "Both 'query' and 'query.masked' configs cannot be set at the same time. Please use only one of them.");
        return;
    }
    if (is_one_filled(check, filter_names)) {
        static const char text[] =
            "Do not specify table filtering configs with 'query'. Remove table.whitelist / table.blacklist / table.include.list / "
            "table.exclude.list when using query mode or 'query' when using table filtering mode.";
        add_error_where_filled(check, filter_names, text);
        add_error(check, query_names, text);
        return;
    }
    const char *name = is_set(check, "query") ? "query" : "query.masked";
    if (begins_with_select(config_get(check->cfg, name)))
        check_query_column(check);
    else
        config_values_error(check->values, name,
                            "Only SELECT statements are supported for '%s'. Please provide a statement that starts with SELECT.", name);
}

/* ---- the database --------------------------------------------------------------------------------------------- */

/* The server parses the query and looks its names up, without running it. */
static void
check_query_text(const struct check *check, struct db *db)
{
    const char *name = is_set(check, "query") ? "query" : "query.masked", *text = config_get(check->cfg, name);
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "PREPARE connector_query FROM ");
    db_quote(db, &sql, text, strlen(text));
    struct error err = ERROR_INIT;
    if (!db_exec(db, sql.data, sql.len, NULL, &err) && *err.sqlstate)
        config_values_error(check->values, name,
                            "The configured query is not valid and has database/connection errors. Please provide the correct query by "
                            "validating the query syntax and the existing table/column names with the database being connected "
                            "(SQLState: %s, errorCode: %d)",
                            err.sqlstate, err.cause);
    strbuf_fini(&sql);
}

static void
check_database(const struct check *check)
{
    struct jdbc_connection conn;
    struct error err = ERROR_INIT;
    bool with_quotes;
    struct db *db = NULL;
    if (jdbc_connection_init(&conn, check->cfg, &err)) {
        if (jdbc_quote_method_parse(config_get_or(check->cfg, "quote.sql.identifiers", "ALWAYS"), &with_quotes, &err))
            db = jdbc_connection_open(&conn, &err);
        jdbc_connection_fini(&conn);
    }
    if (!db)
        config_values_error(check->values, "connection.url", "Could not connect to database. %s", err.message);
    else if (has_query(check))
        check_query_text(check, db);
    db_close(db);
}

/* ---- lists of regular expressions ------------------------------------------------------------------------------ */

/* The first that is wrong is named. */
static void
check_mappings(const struct check *check)
{
    if (!is_one_filled(check, new_names))
        return;
    if (is_filled(check, "table.exclude.list") && !is_filled(check, "table.include.list")) {
        config_values_error(check->values, "table.exclude.list",
                            "table.exclude.list cannot be used without table.include.list. Exclude list only applies to tables that "
                            "match the include list.");
        return;
    }
    const struct {
        const char *name, *needed, *unused;
        bool is_needed;
    } mappings[] = {
        {"timestamp.columns.mapping",
         "Timestamp column configuration must be provided when using mode 'timestamp' or 'timestamp+incrementing'. Provide "
         "'timestamp.columns.mapping'.",
         "Timestamp column configurations should not be provided if mode is not 'timestamp' or 'timestamp+incrementing'. Remove "
         "'timestamp.columns.mapping'.",
         is_timestamp(check)},
        {"incrementing.column.mapping",
         "Incrementing column configuration must be provided when using mode 'incrementing' or 'timestamp+incrementing'. Provide "
         "'incrementing.column.mapping'.",
         "Incrementing column configurations should not be provided if mode is not 'incrementing' or 'timestamp+incrementing'. Remove "
         "'incrementing.column.mapping'.",
         is_incrementing(check)},
    };
    for (size_t i = 0; i < sizeof(mappings) / sizeof(*mappings); i++) {
        if (mappings[i].is_needed == is_filled(check, mappings[i].name))
            continue;
        config_values_error(check->values, "mode", "%s", mappings[i].is_needed ? mappings[i].needed : mappings[i].unused);
        return;
    }
}

void
jdbc_source_validate(const struct config *cfg, struct config_values *values)
{
    static void (*const steps[])(const struct check *check) = {check_isolation, check_filters, check_query, check_database, check_mappings};
    struct check check = {.cfg = cfg, .values = values, .mode = config_get_or(cfg, "mode", "")};
    check_mode(&check);
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && config_values_error_count(values) == 0; i++)
        steps[i](&check);
}
