/*
 * Settings of the JDBC source connector: names, defaults and meaning are those of JdbcSourceConnectorConfig
 * (release 10.9.7), with three of our own for what the original does not do.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SOURCE_CONFIG_H
#define CONNECT_CONNECTORS_JDBC_SOURCE_CONFIG_H

#include "common/config/config_def.h"
#include "connect/connectors/jdbc/dialect.h"
#include "connect/connectors/jdbc/types.h"

enum source_mode { SOURCE_BULK, SOURCE_INCREMENTING, SOURCE_TIMESTAMP, SOURCE_TIMESTAMP_INCREMENTING };

extern const struct config_row jdbc_source_rows[];

/* Parsed settings; immutable. */
struct source_settings {
    char *connection_url, *connection_user, *connection_password, *credentials_provider; /* read by connection.c */
    int32_t connection_attempts;
    int64_t connection_backoff_ms;
    struct string_list table_whitelist, table_blacklist, table_include_list, table_exclude_list, table_types;
    char *catalog_pattern, *schema_pattern, *dialect_name;
    bool numeric_precision_mapping;
    char *numeric_mapping, *calendar_system;
    char *mode_text;
    char *incrementing_column;
    struct string_list timestamp_columns, timestamp_columns_mapping, incrementing_column_mapping;
    int64_t timestamp_initial; /* INT64_MIN: not set */
    bool validate_non_null;
    char *query, *query_masked, *query_suffix;
    char *quote_text, *isolation_text;
    int32_t query_retry_attempts;
    int32_t poll_interval_ms, batch_max_rows, max_buffer_size;
    int64_t poll_linger_ms, table_poll_interval_ms, startup_polling_limit_ms;
    char *topic_prefix;
    int64_t timestamp_delay_ms;
    char *zone_text, *granularity_text;
    bool gap_tracking;        /* incrementing.gap.tracking */
    int64_t gap_timeout_ms;   /* incrementing.gap.timeout.ms */
    bool timestamp_bound;     /* timestamp.open.transactions */

    /* made of the texts above */
    enum source_mode mode;
    bool with_quotes;
    const char *sql;          /* query or query.masked; NULL: tables are read */
    struct zone *zone;
    struct jdbc_types types;  /* behaviour is the connection's */
};

/* False: ERROR_CONFIG, worded as Kafka's ConfigException; nothing to free. */
bool source_settings_init(struct source_settings *settings, const struct config *cfg, struct error *err) MUST_CHECK;
void source_settings_fini(struct source_settings *settings);

static inline bool
source_has_incrementing(enum source_mode mode)
{
    return mode == SOURCE_INCREMENTING || mode == SOURCE_TIMESTAMP_INCREMENTING;
}
static inline bool
source_has_timestamp(enum source_mode mode)
{
    return mode == SOURCE_TIMESTAMP || mode == SOURCE_TIMESTAMP_INCREMENTING;
}

/* incrementing.column.mapping and timestamp.columns.mapping: "REGEX:column", "REGEX:[c1|c2]". */
struct source_mapping {
    struct regex *regex;
    struct string_list columns;
};
struct source_mappings {
    struct source_mapping *items;
    size_t count;
};
/* is_list: timestamp.columns.mapping, columns stand in brackets. False: ERROR_DATA, as the text is complete for
   config_row.check; nothing to free. */
bool source_mappings_parse(const struct string_list *texts, bool is_list, struct source_mappings *out, struct error *err) MUST_CHECK;
void source_mappings_fini(struct source_mappings *mappings);
/* The one mapping whose expression matches "database.table". False: none or several do. */
bool source_mappings_find(const struct source_mappings *mappings, const struct jdbc_table *table, const struct string_list **out,
                          struct error *err) MUST_CHECK;

/* Rules across settings and checks against the database (source_validate.c). */
void jdbc_source_validate(const struct config *cfg, struct config_values *values);

#endif
