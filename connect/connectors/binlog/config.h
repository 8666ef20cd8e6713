/*
 * Settings of the log-based source: names, defaults and meaning are those of Debezium's connectors for MySQL and
 * MariaDB 3.3.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_CONFIG_H
#define CONNECT_CONNECTORS_BINLOG_CONFIG_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "common/config/config_def.h"
#include "common/db/db.h"
#include "connect/connectors/binlog/dialect.h"

#include <stdbool.h>
#include <stdint.h>

/* The members of each enum are in the order of the texts beside it in config.c. */
enum cdc_snapshot_mode {
    CDC_SNAPSHOT_ALWAYS, CDC_SNAPSHOT_INITIAL, CDC_SNAPSHOT_INITIAL_ONLY, CDC_SNAPSHOT_NO_DATA, CDC_SNAPSHOT_RECOVERY,
    CDC_SNAPSHOT_WHEN_NEEDED, CDC_SNAPSHOT_NEVER, CDC_SNAPSHOT_CONFIGURATION_BASED, CDC_SNAPSHOT_CUSTOM,
};
enum cdc_locking_mode {
    CDC_LOCKING_EXTENDED, CDC_LOCKING_MINIMAL, CDC_LOCKING_MINIMAL_PERCONA, CDC_LOCKING_MINIMAL_PERCONA_NO_TABLE_LOCKS,
    CDC_LOCKING_NONE, CDC_LOCKING_CUSTOM,
};
enum cdc_decimal_mode { CDC_DECIMAL_PRECISE, CDC_DECIMAL_DOUBLE, CDC_DECIMAL_STRING };
enum cdc_bigint_unsigned_mode { CDC_BIGINT_UNSIGNED_LONG, CDC_BIGINT_UNSIGNED_PRECISE };
enum cdc_time_mode {
    CDC_TIME_ADAPTIVE_TIME_MICROSECONDS, CDC_TIME_CONNECT, CDC_TIME_ISOSTRING, CDC_TIME_MICROSECONDS, CDC_TIME_NANOSECONDS,
};
enum cdc_binary_mode { CDC_BINARY_BYTES, CDC_BINARY_BASE64, CDC_BINARY_BASE64_URL_SAFE, CDC_BINARY_HEX };
enum cdc_adjustment_mode { CDC_ADJUST_NONE, CDC_ADJUST_AVRO, CDC_ADJUST_AVRO_UNICODE };
enum cdc_failure_mode { CDC_FAILURE_FAIL, CDC_FAILURE_WARN, CDC_FAILURE_SKIP };
enum cdc_watermark_strategy { CDC_WATERMARK_INSERT_INSERT, CDC_WATERMARK_INSERT_DELETE };
enum cdc_row_count_order { CDC_ROW_COUNT_DISABLED, CDC_ROW_COUNT_ASCENDING, CDC_ROW_COUNT_DESCENDING };

/* Parsed settings; immutable. Texts are NULL where the setting is not given and has no default. Settings that are accepted
   without effect are not here. */
struct cdc_config {
    const struct config *cfg; /* as given; the caller's, which outlives this */
    const struct cdc_dialect *dialect;

    /* connection */
    char *topic_prefix;
    char *host;
    int32_t port;
    char *user, *password;
    int64_t server_id;
    char *initial_statements;
    char **initial; /* the same one by one, ended by NULL; NULL: none */
    char *ssl_keystore, *ssl_keystore_password, *ssl_truststore, *ssl_truststore_password;
    char *ssl_mode_text;
    enum db_ssl_mode ssl_mode;
    int32_t query_timeout_ms, connect_timeout_ms;
    int64_t validation_timeout_ms;
    bool keep_alive;
    int64_t keep_alive_interval_ms;

    /* what is captured; compiled by filter.h */
    struct string_list database_include, database_exclude, table_include, table_exclude, column_include, column_exclude;
    bool ignore_builtin;
    char *message_key_columns;
    struct string_list propagate_source_type, propagate_datatype;
    struct string_list skipped_operations;
    bool skips_create, skips_update, skips_delete, skips_truncate;
    bool skip_messages_without_change;
    struct string_list gtid_source_includes;
    char *gtid_source_excludes;
    bool gtid_filter_dml;

    /* snapshot */
    char *snapshot_mode_text, *locking_mode_text;
    enum cdc_snapshot_mode snapshot_mode;
    enum cdc_locking_mode locking_mode;
    bool based_snapshot_data, based_snapshot_schema, based_start_stream, based_on_schema_error, based_on_data_error;
    int64_t snapshot_lock_timeout_ms;
    int32_t snapshot_max_threads;
    struct string_list snapshot_include;
    char *select_overrides;
    char *row_count_order_text;
    enum cdc_row_count_order row_count_order;
    int32_t chunk_size;
    char *watermark_text;
    enum cdc_watermark_strategy watermark_strategy;
    bool read_only;

    /* values */
    char *decimal_text, *bigint_unsigned_text, *time_text, *binary_text, *schema_name_text, *field_name_text;
    enum cdc_decimal_mode decimal_mode;
    enum cdc_bigint_unsigned_mode bigint_unsigned_mode;
    enum cdc_time_mode time_mode;
    enum cdc_binary_mode binary_mode;
    enum cdc_adjustment_mode schema_name_adjustment, field_name_adjustment;
    bool time_adjuster, include_query, tombstones, include_schema_changes, include_schema_comments, extended_headers;
    char *converters; /* list of names; the task reads NAME.type from cfg */

    /* flow and failure */
    int32_t max_batch_size;
    int64_t max_queue_bytes;  /* 0: no limit of its own */
    int32_t heartbeat_interval_ms;
    char *heartbeat_prefix;
    char *inconsistent_schema_text, *event_failure_text;
    enum cdc_failure_mode inconsistent_schema, event_failure;

    /* signals, transactions, topics */
    char *signal_table;
    struct string_list signal_channels;
    int64_t signal_poll_interval_ms;
    char *signal_file, *signal_topic, *signal_servers, *signal_group; /* topic and servers: NULL where not given */
    bool transaction_metadata;
    char *topic_delimiter;    /* topic.delimiter, "." */
    char *transaction_topic;  /* topic.transaction, "transaction" */

    /* schema history */
    char *history_class, *history_topic, *history_servers; /* topic and servers are needed by the task only */
    bool history_skip_unparseable, history_only_captured_tables, history_only_captured_databases;
    int32_t history_poll_interval_ms, history_attempts;
    int64_t history_query_timeout_ms, history_create_timeout_ms;
};

/* The connector's own rules for values, in Debezium's words (config_check.c): each problem of each setting of the table,
   in its order; some settings are looked at twice, as there. */
typedef void cdc_problem_fn(void *arg, const char *setting, const char *problem);
void cdc_config_check(const struct config_row *rows, const struct config *cfg, cdc_problem_fn *report, void *arg);

/* False: ERROR_CONFIG, a value that is not allowed; nothing to free. `connector` is "mysql" or "mariadb". */
bool cdc_config_init(struct cdc_config *config, const struct config *cfg, const char *connector, struct error *err) MUST_CHECK;
void cdc_config_fini(struct cdc_config *config);

/* Parameters of a plain connection; valid as long as the configuration. */
struct db_params cdc_config_connection(const struct cdc_config *config);

/* Rules across settings and checks against the server (validate.c); Debezium's texts. Bounded by connect.timeout.ms. */
void cdc_mysql_validate(const struct config *cfg, struct config_values *values);
void cdc_mariadb_validate(const struct config *cfg, struct config_values *values);

#endif
