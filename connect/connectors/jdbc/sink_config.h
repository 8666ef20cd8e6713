/*
 * Settings of the JDBC sink connector: names, defaults and groups of JdbcSinkConfig (10.9.7), and a few of our
 * own that REST does not list (exactly.once, mysql.*), so that its answers stay those that tools know.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_CONFIG_H
#define CONNECT_CONNECTORS_JDBC_SINK_CONFIG_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "common/config/config_def.h"

#include <stdbool.h>
#include <stdint.h>

enum sink_insert_mode { SINK_INSERT, SINK_UPSERT, SINK_UPDATE };
enum sink_pk_mode { SINK_PK_NONE, SINK_PK_KAFKA, SINK_PK_RECORD_KEY, SINK_PK_RECORD_VALUE };
enum { SINK_TABLE = 1, SINK_PARTITIONED_TABLE = 2, SINK_VIEW = 4 };

/* Words as the settings are written: "insert", "record_key". */
const char *sink_insert_mode_name(enum sink_insert_mode mode);
const char *sink_pk_mode_name(enum sink_pk_mode mode);

struct sink_config {
    char *name; /* of the connector */
    char *url, *user, *password, *credentials_provider, *dialect;
    int32_t connection_attempts;
    int64_t connection_backoff_ms;
    char *insert_mode_text;
    enum sink_insert_mode insert_mode;
    int32_t batch_size; /* at least 1 */
    bool delete_enabled;
    struct string_list table_types_list;
    unsigned table_types; /* SINK_TABLE and so on, or'ed */
    bool replace_null_with_default;
    char *table_name_format;
    char *pk_mode_text;
    enum sink_pk_mode pk_mode;
    struct string_list pk_fields, fields_whitelist, timestamp_fields;
    char *db_timezone, *date_timezone;
    bool date_in_utc;             /* date.timezone=utc */
    char *timestamp_precision_text, *calendar_text;
    bool timestamps_are_nanos;    /* timestamp.precision.mode=nanoseconds */
    bool calendar_is_proleptic;   /* date.calendar.system=PROLEPTIC_GREGORIAN */
    char *string_column;          /* string.output.value.column.name */
    bool auto_create, auto_evolve;
    char *quote_text;
    bool quote;
    bool mssql_holdlock;
    int32_t max_retries, retry_backoff_ms;
    bool trim_sensitive_log;
    /* ours */
    bool exactly_once;
    char *exactly_once_table;
    char *string_type, *string_key_type, *bytes_type, *float32_type;
};

extern const struct config_row sink_config_rows[];

/* False: ERROR_CONFIG as Java words it. On failure there is nothing to free. */
bool sink_config_init(struct sink_config *config, const struct config *cfg, struct error *err) MUST_CHECK;
void sink_config_fini(struct sink_config *config);

/* Rules across settings, as JdbcSinkConnector.validate has them; those that need no database. Adds errors;
   false when there were any, these or earlier ones. */
bool sink_config_validate(const struct config *cfg, struct config_values *values);

#endif
