/* The table of settings of the MySQL connector: what GET /connector-plugins and validation show, and what is parsed.
   Allowed values stand in the order in which Debezium's messages name them. */
#include "connect/connectors/binlog/config.h"

#include <stddef.h>

static const char *const ssl_modes[] = {"verify_identity", "disabled", "preferred", "required", "verify_ca", NULL};
static const char *const failure_modes[] = {"warn", "fail", "ignore", "skip", NULL};
static const char *const watermark_strategies[] = {"insert_delete", "insert_insert", NULL};
static const char *const guardrail_actions[] = {"warn", "fail", NULL};
static const char *const decimal_modes[] = {"string", "double", "precise", NULL};
static const char *const snapshot_modes[] = {"always", "never", "initial_only", "configuration_based", "when_needed",
                                             "initial", "custom", "no_data", "recovery", NULL};
static const char *const query_modes[] = {"custom", "select_all", NULL};
static const char *const bigint_modes[] = {"precise", "long", NULL};
static const char *const time_modes[] = {"adaptive", "adaptive_time_microseconds", "isostring", "microseconds",
                                         "nanoseconds", "connect", NULL};
static const char *const adjustment_modes[] = {"none", "avro_unicode", "avro", NULL};
static const char *const locking_modes[] = {"minimal", "minimal_percona", "custom", "none",
                                            "minimal_percona_no_table_locks", "extended", NULL};
static const char *const row_count_orders[] = {"disabled", "ascending", "descending", NULL};
static const char *const table_dependents[] = {"table.include.list", NULL};
static const char *const database_dependents[] = {"database.include.list", NULL};

static bool
is_never(const struct config *cfg)
{
    (void)cfg;
    return false;
}

const struct config_row cdc_mysql_rows[] = {
    {
        .name = "topic.prefix", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Name of the source: first part of all its topics and schema names, and the key of its offsets. Never change it "
               "for a running connector.",
        .group = "MySQL", .order_in_group = 1, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Topic prefix",
        .offset = offsetof(struct cdc_config, topic_prefix),
    },
    {
        .name = "database.hostname", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Host of the MySQL server.",
        .group = "MySQL", .order_in_group = 2, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Hostname",
        .offset = offsetof(struct cdc_config, host),
    },
    {
        .name = "database.port", .type = CONFIG_INT, .default_value = "3306", .importance = CONFIG_HIGH,
        .doc = "Port of the server.",
        .group = "MySQL", .order_in_group = 3, .width = CONFIG_WIDTH_SHORT, .display_name = "Port",
        .offset = offsetof(struct cdc_config, port),
    },
    {
        .name = "database.user", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Account for reading; needs SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE and REPLICATION CLIENT.",
        .group = "MySQL", .order_in_group = 4, .width = CONFIG_WIDTH_SHORT, .display_name = "User",
        .offset = offsetof(struct cdc_config, user),
    },
    {
        .name = "database.password", .type = CONFIG_PASSWORD, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Password of the account.",
        .group = "MySQL", .order_in_group = 5, .width = CONFIG_WIDTH_SHORT, .display_name = "Password",
        .offset = offsetof(struct cdc_config, password),
    },
    {
        .name = "database.query.timeout.ms", .type = CONFIG_INT, .default_value = "600000", .importance = CONFIG_LOW,
        .doc = "Longest time a plain statement may take, in milliseconds; 0: no bound.",
        .group = "MySQL", .order_in_group = 6, .width = CONFIG_WIDTH_NONE, .display_name = "Query timeout",
        .offset = offsetof(struct cdc_config, query_timeout_ms),
    },
    {
        .name = "database.initial.statements", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Statements for each plain connection (not the one that follows the log), separated by semicolons; a doubled "
               "one stands for itself.",
        .group = "MySQL", .order_in_group = 7, .width = CONFIG_WIDTH_LONG, .display_name = "Initial statements",
        .offset = offsetof(struct cdc_config, initial_statements),
    },
    {
        .name = "database.server.id", .type = CONFIG_LONG, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Number of this reader among the server's replicas; must differ from those of all servers and readers.",
        .group = "MySQL", .order_in_group = 8, .width = CONFIG_WIDTH_LONG, .display_name = "Cluster ID",
        .offset = offsetof(struct cdc_config, server_id),
    },
    {
        .name = "database.server.id.offset", .type = CONFIG_LONG, .default_value = "10000", .importance = CONFIG_HIGH,
        .doc = "Added to the reader's number for a second reader of the log. Accepted; there is never a second one.",
        .group = "MySQL", .order_in_group = 9, .width = CONFIG_WIDTH_LONG, .display_name = "Cluster ID offset",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "database.ssl.keystore", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "PEM file with the client's certificate and key. Java key stores cannot be read.",
        .group = "MySQL", .order_in_group = 10, .width = CONFIG_WIDTH_LONG, .display_name = "SSL Keystore",
        .offset = offsetof(struct cdc_config, ssl_keystore),
    },
    {
        .name = "database.ssl.keystore.password", .type = CONFIG_PASSWORD, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Accepted; PEM files have none.",
        .group = "MySQL", .order_in_group = 11, .width = CONFIG_WIDTH_MEDIUM, .display_name = "SSL Keystore Password",
        .offset = offsetof(struct cdc_config, ssl_keystore_password),
    },
    {
        .name = "database.ssl.truststore", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "PEM file with the certificates of authorities. Java key stores cannot be read.",
        .group = "MySQL", .order_in_group = 12, .width = CONFIG_WIDTH_LONG, .display_name = "SSL Truststore",
        .offset = offsetof(struct cdc_config, ssl_truststore),
    },
    {
        .name = "database.ssl.truststore.password", .type = CONFIG_PASSWORD, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Accepted; PEM files have none.",
        .group = "MySQL", .order_in_group = 13, .width = CONFIG_WIDTH_MEDIUM, .display_name = "SSL Truststore Password",
        .offset = offsetof(struct cdc_config, ssl_truststore_password),
    },
    {
        .name = "database.jdbc.driver", .type = CONFIG_CLASS, .default_value = "com.mysql.cj.jdbc.Driver", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: there is no JDBC driver.",
        .group = "MySQL", .order_in_group = 14, .width = CONFIG_WIDTH_MEDIUM, .display_name = "JDBC Driver Class Name",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "database.protocol", .type = CONFIG_STRING, .default_value = "jdbc:mysql", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: there is no JDBC driver.",
        .group = "MySQL", .order_in_group = 15, .width = CONFIG_WIDTH_MEDIUM, .display_name = "JDBC Protocol",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "database.ssl.mode", .type = CONFIG_STRING, .default_value = "preferred", .importance = CONFIG_MEDIUM,
        .doc = "TLS: disabled, preferred (if the server offers it), required, verify_ca (checks the certificate), "
               "verify_identity (checks the host name, too).",
        .group = "MySQL", .order_in_group = 16, .width = CONFIG_WIDTH_MEDIUM, .display_name = "SSL mode",
        .offset = offsetof(struct cdc_config, ssl_mode_text), .choices = ssl_modes, .choices_any_case = true,
    },
    {
        .name = "event.processing.failure.handling.mode", .type = CONFIG_STRING, .default_value = "fail", .importance = CONFIG_MEDIUM,
        .doc = "What becomes of an incident, with which the server says that changes are missing from its log: fail, warn, skip or "
               "ignore. An event that cannot be turned into a record always fails the task.",
        .group = "Connector", .order_in_group = 1, .width = CONFIG_WIDTH_SHORT, .display_name = "Event deserialization failure handling",
        .offset = offsetof(struct cdc_config, event_failure_text), .choices = failure_modes, .choices_any_case = true,
    },
    {
        .name = "max.batch.size", .type = CONFIG_INT, .default_value = "2048", .importance = CONFIG_MEDIUM,
        .doc = "Records that one poll gives at most; see max.queue.size.in.bytes.",
        .group = "Connector", .order_in_group = 2, .width = CONFIG_WIDTH_SHORT, .display_name = "Change event batch size",
        .offset = offsetof(struct cdc_config, max_batch_size),
    },
    {
        .name = "max.queue.size", .type = CONFIG_INT, .default_value = "8192", .importance = CONFIG_MEDIUM,
        .doc = "Must be larger than max.batch.size, as in the original; there is no queue, the log is read as fast as records "
               "go out.",
        .group = "Connector", .order_in_group = 3, .width = CONFIG_WIDTH_SHORT, .display_name = "Change event buffer size",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "poll.interval.ms", .type = CONFIG_LONG, .default_value = "500", .importance = CONFIG_MEDIUM,
        .doc = "Accepted; events are given as soon as they come.",
        .group = "Connector", .order_in_group = 4, .width = CONFIG_WIDTH_SHORT, .display_name = "Poll interval (ms)",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "max.queue.size.in.bytes", .type = CONFIG_LONG, .default_value = "0", .importance = CONFIG_MEDIUM,
        .doc = "Bytes of the records that one poll gives, at most one record more. 0: 4 MiB, which is the upper bound, too.",
        .group = "Connector", .order_in_group = 5, .width = CONFIG_WIDTH_LONG, .display_name = "Change event buffer size in bytes",
        .offset = offsetof(struct cdc_config, max_queue_bytes),
    },
    {
        .name = "provide.transaction.metadata", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Write begin and end of transactions to a topic of their own, and each record's place in its transaction.",
        .group = "Connector", .order_in_group = 6, .width = CONFIG_WIDTH_SHORT, .display_name = "Store transaction metadata information in a dedicated topic.",
        .offset = offsetof(struct cdc_config, transaction_metadata),
    },
    {
        .name = "skipped.operations", .type = CONFIG_LIST, .default_value = "t", .importance = CONFIG_LOW,
        .doc = "Operations that give no records, separated by commas: c (insert), u (update), d (delete), t (truncate), r "
               "(snapshot), or none.",
        .group = "Connector", .order_in_group = 7, .width = CONFIG_WIDTH_SHORT, .display_name = "Skipped Operations",
        .offset = offsetof(struct cdc_config, skipped_operations),
    },
    {
        .name = "snapshot.delay.ms", .type = CONFIG_LONG, .default_value = "0", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: a snapshot begins at once.",
        .group = "Connector", .order_in_group = 8, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot Delay (milliseconds)",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "streaming.delay.ms", .type = CONFIG_LONG, .default_value = "0", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: the log is followed at once.",
        .group = "Connector", .order_in_group = 9, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Streaming Delay (milliseconds)",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "snapshot.include.collection.list", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Expressions for the tables (of those captured) whose rows a snapshot reads; not given: all.",
        .group = "Connector", .order_in_group = 10, .width = CONFIG_WIDTH_LONG, .display_name = "Snapshot mode include data collection",
        .offset = offsetof(struct cdc_config, snapshot_include),
    },
    {
        .name = "snapshot.fetch.size", .type = CONFIG_INT, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Accepted; a snapshot's rows are streamed, whatever their number.",
        .group = "Connector", .order_in_group = 11, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot fetch size",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "snapshot.max.threads", .type = CONFIG_INT, .default_value = "1", .importance = CONFIG_MEDIUM,
        .doc = "How many tables a snapshot reads at once, each through a connection of its own; at most 16.",
        .group = "Connector", .order_in_group = 12, .width = CONFIG_WIDTH_SHORT, .display_name = "Snapshot maximum threads",
        .offset = offsetof(struct cdc_config, snapshot_max_threads),
    },
    {
        .name = "snapshot.mode.custom.name", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Name of a Java class for snapshot.mode=custom, which is refused.",
        .group = "Connector", .order_in_group = 13, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot Mode Custom Name",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "snapshot.mode.configuration.based.snapshot.data", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "With snapshot.mode=configuration_based: read rows.",
        .group = "Connector", .order_in_group = 14, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot mode property based snapshot data",
        .offset = offsetof(struct cdc_config, based_snapshot_data),
    },
    {
        .name = "snapshot.mode.configuration.based.snapshot.schema", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "With snapshot.mode=configuration_based: read the structure of tables.",
        .group = "Connector", .order_in_group = 15, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot mode property based snapshot schema",
        .offset = offsetof(struct cdc_config, based_snapshot_schema),
    },
    {
        .name = "snapshot.mode.configuration.based.start.stream", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "With snapshot.mode=configuration_based: follow the log.",
        .group = "Connector", .order_in_group = 16, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot mode property based start stream",
        .offset = offsetof(struct cdc_config, based_start_stream),
    },
    {
        .name = "snapshot.mode.configuration.based.snapshot.on.schema.error", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "With snapshot.mode=configuration_based: read the structure again when the history is lost.",
        .group = "Connector", .order_in_group = 17, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot mode property based snapshot on schema error",
        .offset = offsetof(struct cdc_config, based_on_schema_error),
    },
    {
        .name = "snapshot.mode.configuration.based.snapshot.on.data.error", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "With snapshot.mode=configuration_based: read the rows again when the log's position is gone.",
        .group = "Connector", .order_in_group = 18, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot mode property based snapshot on data error",
        .offset = offsetof(struct cdc_config, based_on_data_error),
    },
    {
        .name = "retriable.restart.connector.wait.ms", .type = CONFIG_LONG, .default_value = "10000", .importance = CONFIG_LOW,
        .doc = "Accepted; waits between attempts grow by themselves.",
        .group = "Connector", .order_in_group = 19, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Retriable restart wait (ms)",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "query.fetch.size", .type = CONFIG_INT, .default_value = "0", .importance = CONFIG_MEDIUM,
        .doc = "Accepted, no effect on MySQL.",
        .group = "Connector", .order_in_group = 20, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Query fetch size",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "errors.max.retries", .type = CONFIG_INT, .default_value = "-1", .importance = CONFIG_LOW,
        .doc = "Accepted; a connection that is lost is made anew until it succeeds.",
        .group = "Connector", .order_in_group = 21, .width = CONFIG_WIDTH_MEDIUM, .display_name = "The maximum number of retries",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "incremental.snapshot.watermarking.strategy", .type = CONFIG_STRING, .default_value = "INSERT_INSERT", .importance = CONFIG_LOW,
        .doc = "How the window of a chunk is marked in the signal table: insert_insert (two rows) or insert_delete (one row, "
               "deleted again).",
        .group = "Connector", .order_in_group = 22, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Incremental snapshot watermarking strategy",
        .offset = offsetof(struct cdc_config, watermark_text), .choices = watermark_strategies, .choices_any_case = true,
    },
    {
        .name = "internal.log.position.check.enable", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_MEDIUM,
        .doc = "Accepted; the position is always checked.",
        .group = "Connector", .order_in_group = 23, .width = CONFIG_WIDTH_SHORT, .display_name = "Log position check enabled",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "internal.advanced.metrics.enable", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "Accepted, no effect.",
        .group = "Connector", .order_in_group = 24, .width = CONFIG_WIDTH_SHORT, .display_name = "Advanced metrics",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "connection.validation.timeout.ms", .type = CONFIG_LONG, .default_value = "60000", .importance = CONFIG_LOW,
        .doc = "Longest time that validation spends on the connection, in milliseconds.",
        .group = "Connector", .order_in_group = 25, .width = CONFIG_WIDTH_SHORT, .display_name = "Connection validation timeout (ms)",
        .offset = offsetof(struct cdc_config, validation_timeout_ms),
    },
    {
        .name = "executor.shutdown.timeout.ms", .type = CONFIG_LONG, .default_value = "4000", .importance = CONFIG_MEDIUM,
        .doc = "Accepted, no effect: nothing waits for executors.",
        .group = "Connector", .order_in_group = 26, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Executor shutdown timeout (ms)",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "openlineage.integration.enabled", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: OpenLineage is not supported.",
        .group = "Connector", .order_in_group = 27, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Openlineage enabled",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "openlineage.integration.config.file.path", .type = CONFIG_STRING, .default_value = "./openlineage.yml", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: OpenLineage is not supported.",
        .group = "Connector", .order_in_group = 28, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Openlineage config file path",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "openlineage.integration.job.namespace", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: OpenLineage is not supported.",
        .group = "Connector", .order_in_group = 29, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Openlineage job namespace",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "openlineage.integration.job.description", .type = CONFIG_STRING, .default_value = "Debezium change data capture job", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: OpenLineage is not supported.",
        .group = "Connector", .order_in_group = 30, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Openlineage job description",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "openlineage.integration.job.tags", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: OpenLineage is not supported.",
        .group = "Connector", .order_in_group = 31, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Openlineage job tags",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "openlineage.integration.job.owners", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: OpenLineage is not supported.",
        .group = "Connector", .order_in_group = 32, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Openlineage job owners",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "openlineage.integration.dataset.kafka.bootstrap.servers", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: OpenLineage is not supported.",
        .group = "Connector", .order_in_group = 33, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Openlineage dataset kafka bootstrap servers",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "extended.headers.enabled", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
        .doc = "Three headers in each record: topic prefix, task, connector.",
        .group = "Connector", .order_in_group = 34, .width = CONFIG_WIDTH_SHORT, .display_name = "Extended headers",
        .offset = offsetof(struct cdc_config, extended_headers),
    },
    {
        .name = "guardrail.collections.max", .type = CONFIG_INT, .default_value = "0", .importance = CONFIG_MEDIUM,
        .doc = "Accepted, no effect: any number of tables is captured.",
        .group = "Connector", .order_in_group = 35, .width = CONFIG_WIDTH_SHORT, .display_name = "Maximum number of collections or tables",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "guardrail.collections.limit.action", .type = CONFIG_STRING, .default_value = "warn", .importance = CONFIG_MEDIUM,
        .doc = "Accepted, no effect, see guardrail.collections.max.",
        .group = "Connector", .order_in_group = 36, .width = CONFIG_WIDTH_SHORT, .display_name = "Guardrail limit action",
        .offset = CONFIG_NOT_PARSED, .choices = guardrail_actions, .choices_any_case = true,
    },
    {
        .name = "decimal.handling.mode", .type = CONFIG_STRING, .default_value = "precise", .importance = CONFIG_MEDIUM,
        .doc = "DECIMAL as precise (Connect's Decimal), double or string.",
        .group = "Connector", .order_in_group = 37, .width = CONFIG_WIDTH_SHORT, .display_name = "Decimal Handling",
        .offset = offsetof(struct cdc_config, decimal_text), .choices = decimal_modes, .choices_any_case = true,
    },
    {
        .name = "snapshot.lock.timeout.ms", .type = CONFIG_LONG, .default_value = "10000", .importance = CONFIG_MEDIUM,
        .doc = "How long a snapshot waits for its locks, in milliseconds.",
        .group = "Connector", .order_in_group = 38, .width = CONFIG_WIDTH_LONG, .display_name = "Snapshot lock timeout (ms)",
        .offset = offsetof(struct cdc_config, snapshot_lock_timeout_ms),
    },
    {
        .name = "connect.timeout.ms", .type = CONFIG_INT, .default_value = "30000", .importance = CONFIG_MEDIUM,
        .doc = "How long connecting may take, in milliseconds.",
        .group = "Connector", .order_in_group = 39, .width = CONFIG_WIDTH_SHORT, .display_name = "Connection Timeout (ms)",
        .offset = offsetof(struct cdc_config, connect_timeout_ms),
    },
    {
        .name = "connect.keep.alive", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
        .doc = "Watch the connection that follows the log, and connect anew when it is silent.",
        .group = "Connector", .order_in_group = 40, .width = CONFIG_WIDTH_SHORT, .display_name = "Keep connection alive (true/false)",
        .offset = offsetof(struct cdc_config, keep_alive),
    },
    {
        .name = "connect.keep.alive.interval.ms", .type = CONFIG_LONG, .default_value = "60000", .importance = CONFIG_LOW,
        .doc = "How often it is looked at, in milliseconds; the server is asked for a beat each 0.8 of it.",
        .group = "Connector", .order_in_group = 41, .width = CONFIG_WIDTH_SHORT, .display_name = "Keep alive interval (ms)",
        .offset = offsetof(struct cdc_config, keep_alive_interval_ms),
    },
    {
        .name = "use.nongraceful.disconnect", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "Accepted, no effect: connections are closed without waiting.",
        .group = "Connector", .order_in_group = 42, .width = CONFIG_WIDTH_SHORT, .display_name = "Use Non-graceful Disconnect",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "snapshot.mode", .type = CONFIG_STRING, .default_value = "initial", .importance = CONFIG_LOW,
        .doc = "When a snapshot is taken: initial (no offset yet), always (each start), initial_only (then nothing more), "
               "no_data (structure only), when_needed (no offset, or the position is gone), recovery (rebuild the history), "
               "never, configuration_based (see below); custom is refused.",
        .group = "Connector", .order_in_group = 43, .width = CONFIG_WIDTH_SHORT, .display_name = "Snapshot mode",
        .offset = offsetof(struct cdc_config, snapshot_mode_text), .choices = snapshot_modes, .choices_any_case = true,
    },
    {
        .name = "snapshot.query.mode", .type = CONFIG_STRING, .default_value = "select_all", .importance = CONFIG_LOW,
        .doc = "How a snapshot reads a table; only select_all is supported.",
        .group = "Connector", .order_in_group = 44, .width = CONFIG_WIDTH_SHORT, .display_name = "Snapshot query mode",
        .offset = CONFIG_NOT_PARSED, .choices = query_modes, .choices_any_case = true,
    },
    {
        .name = "snapshot.query.mode.custom.name", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Name of a Java class for snapshot.query.mode=custom, which is refused.",
        .group = "Connector", .order_in_group = 45, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Snapshot Query Mode Custom Name",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "bigint.unsigned.handling.mode", .type = CONFIG_STRING, .default_value = "long", .importance = CONFIG_MEDIUM,
        .doc = "BIGINT UNSIGNED as long (wraps above 2^63-1) or precise (Connect's Decimal).",
        .group = "Connector", .order_in_group = 46, .width = CONFIG_WIDTH_SHORT, .display_name = "The mode for handling bigint-unsigned values",
        .offset = offsetof(struct cdc_config, bigint_unsigned_text), .choices = bigint_modes, .choices_any_case = true,
    },
    {
        .name = "time.precision.mode", .type = CONFIG_STRING, .default_value = "adaptive_time_microseconds", .importance = CONFIG_MEDIUM,
        .doc = "Form of dates and times: adaptive_time_microseconds (by the column's precision, TIME in microseconds), connect "
               "(Connect's types, milliseconds), microseconds, nanoseconds, isostring (text).",
        .group = "Connector", .order_in_group = 47, .width = CONFIG_WIDTH_SHORT, .display_name = "The time precision mode to be used",
        .offset = offsetof(struct cdc_config, time_text), .choices = time_modes, .choices_any_case = true,
    },
    {
        .name = "enable.time.adjuster", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
        .doc = "Read two-digit years as 1970 to 2069.",
        .group = "Connector", .order_in_group = 48, .width = CONFIG_WIDTH_SHORT, .display_name = "Enable Time Adjuster",
        .offset = offsetof(struct cdc_config, time_adjuster),
    },
    {
        .name = "schema.name.adjustment.mode", .type = CONFIG_STRING, .default_value = "none", .importance = CONFIG_LOW,
        .doc = "Make schema names valid for others: none, avro (odd characters become _), avro_unicode (become _uXXXX).",
        .group = "Connector", .order_in_group = 49, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Schema Name Adjustment",
        .offset = offsetof(struct cdc_config, schema_name_text), .choices = adjustment_modes, .choices_any_case = true,
    },
    {
        .name = "min.row.count.to.stream.results", .type = CONFIG_INT, .default_value = "1000", .importance = CONFIG_LOW,
        .doc = "Accepted; the rows of every table are streamed.",
        .group = "Connector", .order_in_group = 50, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Stream result set of size",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "incremental.snapshot.chunk.size", .type = CONFIG_INT, .default_value = "1024", .importance = CONFIG_MEDIUM,
        .doc = "Rows of one chunk of an incremental snapshot.",
        .group = "Connector", .order_in_group = 51, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Incremental snapshot chunk size",
        .offset = offsetof(struct cdc_config, chunk_size),
    },
    {
        .name = "incremental.snapshot.allow.schema.changes", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Accepted; each chunk is read with the structure that the table has then.",
        .group = "Connector", .order_in_group = 52, .width = CONFIG_WIDTH_SHORT, .display_name = "Allow schema changes during incremental snapshot if supported.",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "snapshot.locking.mode", .type = CONFIG_STRING, .default_value = "minimal", .importance = CONFIG_LOW,
        .doc = "Locks of a snapshot: minimal (while structure and position are read), extended (to its end), none, "
               "minimal_percona, minimal_percona_no_table_locks (Percona's backup lock).",
        .group = "Connector", .order_in_group = 53, .width = CONFIG_WIDTH_SHORT, .display_name = "Snapshot locking mode",
        .offset = offsetof(struct cdc_config, locking_mode_text), .choices = locking_modes, .choices_any_case = true,
    },
    {
        .name = "schema.history.internal", .type = CONFIG_CLASS, .default_value = "io.debezium.storage.kafka.history.KafkaSchemaHistory", .importance = CONFIG_LOW,
        .doc = "Where the history of structures is kept; only the Kafka topic is supported.",
        .group = "History Storage", .order_in_group = 1, .width = CONFIG_WIDTH_LONG, .display_name = "Database schema history class",
        .offset = offsetof(struct cdc_config, history_class), .visible = is_never,
    },
    {
        .name = "schema.history.internal.skip.unparseable.ddl", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Leave statements out that cannot be read, instead of failing. The structure may be wrong afterwards.",
        .group = "History Storage", .order_in_group = 2, .width = CONFIG_WIDTH_SHORT, .display_name = "Skip DDL statements that cannot be parsed",
        .offset = offsetof(struct cdc_config, history_skip_unparseable),
    },
    {
        .name = "schema.history.internal.store.only.captured.tables.ddl", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Keep only statements about captured tables in the history.",
        .group = "History Storage", .order_in_group = 3, .width = CONFIG_WIDTH_SHORT, .display_name = "Store only DDL that modifies tables that are captured based on include/exclude lists",
        .offset = offsetof(struct cdc_config, history_only_captured_tables),
    },
    {
        .name = "schema.history.internal.store.only.captured.databases.ddl", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Keep only statements about captured databases in the history.",
        .group = "History Storage", .order_in_group = 4, .width = CONFIG_WIDTH_SHORT, .display_name = "Store only DDL that modifies tables of databases that are captured based on include/exclude lists",
        .offset = offsetof(struct cdc_config, history_only_captured_databases),
    },
    {
        .name = "converters", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Names of converters for single columns; NAME.type is the class. "
               "io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter is supported.",
        .group = "Events", .order_in_group = 1, .width = CONFIG_WIDTH_MEDIUM, .display_name = "List of prefixes defining custom values converters.",
        .offset = offsetof(struct cdc_config, converters),
    },
    {
        .name = "post.processors", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Names of post processors; Java classes, not supported.",
        .group = "Events", .order_in_group = 2, .width = CONFIG_WIDTH_MEDIUM, .display_name = "List of change event post processors.",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "tombstones.on.delete", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_MEDIUM,
        .doc = "A record with null value behind each delete.",
        .group = "Events", .order_in_group = 3, .width = CONFIG_WIDTH_SHORT, .display_name = "Change the behaviour of Debezium with regards to delete operations",
        .offset = offsetof(struct cdc_config, tombstones),
    },
    {
        .name = "heartbeat.interval.ms", .type = CONFIG_INT, .default_value = "0", .importance = CONFIG_MEDIUM,
        .doc = "At least so long between two heartbeat records, in milliseconds; 0: none.",
        .group = "Events", .order_in_group = 4, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Connector heartbeat interval (milli-seconds)",
        .offset = offsetof(struct cdc_config, heartbeat_interval_ms),
    },
    {
        .name = "heartbeat.topics.prefix", .type = CONFIG_STRING, .default_value = "__debezium-heartbeat", .importance = CONFIG_LOW,
        .doc = "Listed as in the original, which does not read it: see topic.heartbeat.prefix.",
        .group = "Events", .order_in_group = 5, .width = CONFIG_WIDTH_MEDIUM, .display_name = "A prefix used for naming of heartbeat topics",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "signal.data.collection", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "database.table whose inserted rows are signals.",
        .group = "Events", .order_in_group = 6, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Signaling data collection",
        .offset = offsetof(struct cdc_config, signal_table),
    },
    {
        .name = "signal.poll.interval.ms", .type = CONFIG_LONG, .default_value = "5000", .importance = CONFIG_MEDIUM,
        .doc = "How often the channels file and kafka are asked, in milliseconds.",
        .group = "Events", .order_in_group = 7, .width = CONFIG_WIDTH_SHORT, .display_name = "Signal processor poll interval",
        .offset = offsetof(struct cdc_config, signal_poll_interval_ms),
    },
    {
        .name = "signal.enabled.channels", .type = CONFIG_LIST, .default_value = "source", .importance = CONFIG_MEDIUM,
        .doc = "Where signals come from: source (the table), file, kafka.",
        .group = "Events", .order_in_group = 8, .width = CONFIG_WIDTH_LONG, .display_name = "Enabled channels names",
        .offset = offsetof(struct cdc_config, signal_channels),
    },
    {
        .name = "topic.naming.strategy", .type = CONFIG_CLASS, .default_value = "io.debezium.schema.SchemaTopicNamingStrategy", .importance = CONFIG_MEDIUM,
        .doc = "How topics are named; only the default is supported.",
        .group = "Events", .order_in_group = 9, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Topic naming strategy class",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "notification.enabled.channels", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Accepted, no effect: notifications are not supported.",
        .group = "Events", .order_in_group = 10, .width = CONFIG_WIDTH_LONG, .display_name = "Enabled notification channels names",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "notification.sink.topic.name", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Accepted, no effect: notifications are not supported.",
        .group = "Events", .order_in_group = 11, .width = CONFIG_WIDTH_LONG, .display_name = "Notification topic name",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "transaction.metadata.factory", .type = CONFIG_CLASS, .default_value = "io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory", .importance = CONFIG_LOW,
        .doc = "Class behind the transaction topic; only the default is supported.",
        .group = "Events", .order_in_group = 12, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Factory class to create transaction context & transaction struct maker classes",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "custom.metric.tags", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: metrics carry connector and task.",
        .group = "Events", .order_in_group = 13, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Customize metric tags",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "column.include.list", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Expressions for database.table.column: only these columns are in the records. Not with column.exclude.list.",
        .group = "Events", .order_in_group = 14, .width = CONFIG_WIDTH_LONG, .display_name = "Include Columns",
        .offset = offsetof(struct cdc_config, column_include),
    },
    {
        .name = "column.exclude.list", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Expressions for database.table.column: these columns are left out.",
        .group = "Events", .order_in_group = 15, .width = CONFIG_WIDTH_LONG, .display_name = "Exclude Columns",
        .offset = offsetof(struct cdc_config, column_exclude),
    },
    {
        .name = "table.include.list", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Expressions for database.table: only these tables are captured. Not with table.exclude.list.",
        .group = "Events", .order_in_group = 16, .width = CONFIG_WIDTH_LONG, .display_name = "Include Tables",
        .offset = offsetof(struct cdc_config, table_include),
    },
    {
        .name = "table.exclude.list", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Expressions for database.table: these tables are not captured.",
        .group = "Events", .order_in_group = 17, .width = CONFIG_WIDTH_LONG, .display_name = "Exclude Tables",
        .offset = offsetof(struct cdc_config, table_exclude),
    },
    {
        .name = "message.key.columns", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Other columns for the keys of records: table-expression:column,column;...",
        .group = "Events", .order_in_group = 18, .width = CONFIG_WIDTH_LONG, .display_name = "Columns PK mapping",
        .offset = offsetof(struct cdc_config, message_key_columns),
    },
    {
        .name = "snapshot.select.statement.overrides", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Tables (database.table, separated by commas) that a snapshot reads with a statement of their own, in "
               "snapshot.select.statement.overrides.DATABASE.TABLE.",
        .group = "Events", .order_in_group = 19, .width = CONFIG_WIDTH_LONG, .display_name = "List of tables where the default select statement used during snapshotting should be overridden.",
        .offset = offsetof(struct cdc_config, select_overrides),
    },
    {
        .name = "column.mask.hash.([^.]+).with.salt.(.+)", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "column.mask.hash.ALGORITHM.with.salt.SALT: expressions for text columns whose values become hashes; "
               "column.mask.hash.v2... for a salt-first hash.",
        .group = "Events", .order_in_group = 20, .width = CONFIG_WIDTH_LONG, .display_name = "Mask Columns Using Hash and Salt",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "column.mask.with.(d+).chars", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "column.mask.with.N.chars: expressions for text columns whose values become N asterisks.",
        .group = "Events", .order_in_group = 21, .width = CONFIG_WIDTH_NONE, .display_name = "Mask Columns With n Asterisks",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "column.truncate.to.(d+).chars", .type = CONFIG_INT, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "column.truncate.to.N.chars: expressions for text columns that are cut to N characters.",
        .group = "Events", .order_in_group = 22, .width = CONFIG_WIDTH_NONE, .display_name = "Truncate Columns To n Characters",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "include.schema.changes", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_MEDIUM,
        .doc = "Write changes of structure to the topic named like topic.prefix.",
        .group = "Events", .order_in_group = 23, .width = CONFIG_WIDTH_SHORT, .display_name = "Include database schema changes",
        .offset = offsetof(struct cdc_config, include_schema_changes),
    },
    {
        .name = "include.schema.comments", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "Keep comments of tables and columns.",
        .group = "Events", .order_in_group = 24, .width = CONFIG_WIDTH_SHORT, .display_name = "Include Table and Column Comments",
        .offset = offsetof(struct cdc_config, include_schema_comments),
    },
    {
        .name = "column.propagate.source.type", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Expressions for database.table.column: the schema of these carries the column's type as parameters.",
        .group = "Events", .order_in_group = 25, .width = CONFIG_WIDTH_NONE, .display_name = "Propagate Source Types by Columns",
        .offset = offsetof(struct cdc_config, propagate_source_type),
    },
    {
        .name = "datatype.propagate.source.type", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "The same by type: expressions for database.table.TYPE.",
        .group = "Events", .order_in_group = 26, .width = CONFIG_WIDTH_NONE, .display_name = "Propagate Source Types by Data Type",
        .offset = offsetof(struct cdc_config, propagate_datatype),
    },
    {
        .name = "internal.snapshot.scan.all.columns.force", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect.",
        .group = "Events", .order_in_group = 27, .width = CONFIG_WIDTH_SHORT, .display_name = "Snapshot force scan all columns of all tables",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "snapshot.tables.order.by.row.count", .type = CONFIG_STRING, .default_value = "disabled", .importance = CONFIG_MEDIUM,
        .doc = "Order of a snapshot's tables by their size: disabled, ascending, descending.",
        .group = "Events", .order_in_group = 28, .width = CONFIG_WIDTH_NONE, .display_name = "Initial snapshot tables order by row count",
        .offset = offsetof(struct cdc_config, row_count_order_text), .choices = row_count_orders, .choices_any_case = true,
    },
    {
        .name = "heartbeat.action.query", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_LOW,
        .doc = "Accepted, no effect yet: no statement is run with a heartbeat.",
        .group = "Events", .order_in_group = 29, .width = CONFIG_WIDTH_MEDIUM, .display_name = "An optional query to execute with every heartbeat",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "include.query", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "The statement in source.query; the server must log it (binlog_rows_query_log_events).",
        .group = "Events", .order_in_group = 30, .width = CONFIG_WIDTH_SHORT, .display_name = "Include original SQL query with in change events",
        .offset = offsetof(struct cdc_config, include_query),
    },
    {
        .name = "table.ignore.builtin", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
        .doc = "Leave the server's own databases out.",
        .group = "Events", .order_in_group = 31, .width = CONFIG_WIDTH_SHORT, .display_name = "Ignore system databases",
        .offset = offsetof(struct cdc_config, ignore_builtin), .dependents = database_dependents,
    },
    {
        .name = "database.include.list", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Expressions for databases: only these are captured. Not with database.exclude.list.",
        .group = "Events", .order_in_group = 32, .width = CONFIG_WIDTH_LONG, .display_name = "Include Databases",
        .offset = offsetof(struct cdc_config, database_include), .dependents = table_dependents,
    },
    {
        .name = "database.exclude.list", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Expressions for databases that are not captured.",
        .group = "Events", .order_in_group = 33, .width = CONFIG_WIDTH_LONG, .display_name = "Exclude Databases",
        .offset = offsetof(struct cdc_config, database_exclude),
    },
    {
        .name = "binlog.buffer.size", .type = CONFIG_INT, .default_value = "0", .importance = CONFIG_MEDIUM,
        .doc = "Accepted; what is rolled back does not get into the log of today's servers.",
        .group = "Events", .order_in_group = 34, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Binlog reader buffer size",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "event.deserialization.failure.handling.mode", .type = CONFIG_STRING, .default_value = "fail", .importance = CONFIG_MEDIUM,
        .doc = "Accepted; an event that cannot be read fails the task.",
        .group = "Events", .order_in_group = 35, .width = CONFIG_WIDTH_SHORT, .display_name = "Event deserialization failure handling",
        .offset = CONFIG_NOT_PARSED, .choices = failure_modes, .choices_any_case = true,
    },
    {
        .name = "inconsistent.schema.handling.mode", .type = CONFIG_STRING, .default_value = "fail", .importance = CONFIG_MEDIUM,
        .doc = "What becomes of rows of a captured table whose structure is not known: fail, warn, skip or ignore.",
        .group = "Events", .order_in_group = 36, .width = CONFIG_WIDTH_SHORT, .display_name = "Inconsistent schema failure handling",
        .offset = offsetof(struct cdc_config, inconsistent_schema_text), .choices = failure_modes, .choices_any_case = true,
    },
    {
        .name = "gtid.source.filter.dml.events", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_MEDIUM,
        .doc = "Leave rows out that gtid.source.includes or gtid.source.excludes leave out.",
        .group = "Events", .order_in_group = 37, .width = CONFIG_WIDTH_SHORT, .display_name = "Filter DML events",
        .offset = offsetof(struct cdc_config, gtid_filter_dml),
    },
    {
        .name = "gtid.source.includes", .type = CONFIG_LIST, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Expressions for the server UUIDs whose transactions are read.",
        .group = "Events", .order_in_group = 38, .width = CONFIG_WIDTH_LONG, .display_name = "Include GTID sources",
        .offset = offsetof(struct cdc_config, gtid_source_includes), .dependents = table_dependents,
    },
    {
        .name = "gtid.source.excludes", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_MEDIUM,
        .doc = "Expressions for the server UUIDs whose transactions are not read. Not with gtid.source.includes.",
        .group = "Events", .order_in_group = 39, .width = CONFIG_WIDTH_LONG, .display_name = "Exclude GTID sources",
        .offset = offsetof(struct cdc_config, gtid_source_excludes), .visible = is_never,
    },
    {
        .name = "sourceinfo.struct.maker", .type = CONFIG_CLASS, .default_value = "io.debezium.connector.mysql.MySqlSourceInfoStructMaker", .importance = CONFIG_LOW,
        .doc = "Class behind the source block; only the default is supported.",
        .group = "Events", .order_in_group = 40, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Source info struct maker class",
        .offset = CONFIG_NOT_PARSED,
    },
    {
        .name = "skip.messages.without.change", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_MEDIUM,
        .doc = "No record for an update that changes no column of the record.",
        .offset = offsetof(struct cdc_config, skip_messages_without_change), .is_internal = true,
    },
    {
        .name = "binary.handling.mode", .type = CONFIG_STRING, .default_value = "bytes", .importance = CONFIG_LOW,
        .doc = "BINARY and BLOB as bytes, base64, base64-url-safe or hex (text).",
        .offset = offsetof(struct cdc_config, binary_text), .is_internal = true,
    },
    {
        .name = "field.name.adjustment.mode", .type = CONFIG_STRING, .default_value = "none", .importance = CONFIG_LOW,
        .doc = "The same as schema.name.adjustment.mode for names of columns.",
        .offset = offsetof(struct cdc_config, field_name_text), .is_internal = true,
    },
    {
        .name = "read.only", .type = CONFIG_BOOLEAN, .default_value = "false", .importance = CONFIG_LOW,
        .doc = "Nothing is written to the source: GTIDs are the marks of incremental snapshots, not rows of the signal table.",
        .offset = offsetof(struct cdc_config, read_only), .is_internal = true,
    },
    {
        .name = "signal.file", .type = CONFIG_STRING, .default_value = "file-signals.txt", .importance = CONFIG_HIGH,
        .doc = "File of the channel file: a signal a line, as JSON. It is emptied when it is read.",
        .offset = offsetof(struct cdc_config, signal_file), .is_internal = true,
    },
    {
        .name = "signal.kafka.topic", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Topic of the channel kafka, with one partition; <topic.prefix>-signal where it is not given. Signals have topic.prefix as "
               "their key.",
        .offset = offsetof(struct cdc_config, signal_topic), .is_internal = true,
    },
    {
        .name = "signal.kafka.bootstrap.servers", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Brokers of that topic. Needed by the channel kafka; signal.consumer.* are further settings of its consumer.",
        .offset = offsetof(struct cdc_config, signal_servers), .is_internal = true,
    },
    {
        .name = "signal.kafka.groupId", .type = CONFIG_STRING, .default_value = "kafka-signal", .importance = CONFIG_LOW,
        .doc = "Consumer group of the channel kafka. Its offset is where to begin when the source's offset does not say.",
        .offset = offsetof(struct cdc_config, signal_group), .is_internal = true,
    },
    {
        .name = "signal.kafka.poll.timeout.ms", .type = CONFIG_INT, .default_value = "0", .importance = CONFIG_LOW,
        .doc = "Accepted, no effect: the topic is never waited for.",
        .offset = CONFIG_NOT_PARSED, .is_internal = true,
    },
    {
        .name = "unavailable.value.placeholder", .type = CONFIG_STRING, .default_value = "__debezium_unavailable_value", .importance = CONFIG_MEDIUM,
        .doc = "Accepted, no effect: the log must have whole rows (binlog_row_image=FULL).",
        .offset = CONFIG_NOT_PARSED, .is_internal = true,
    },
    {
        .name = "topic.delimiter", .type = CONFIG_STRING, .default_value = ".", .importance = CONFIG_LOW,
        .doc = "Between the parts of a topic's name.",
        .offset = offsetof(struct cdc_config, topic_delimiter), .is_internal = true,
    },
    {
        .name = "topic.transaction", .type = CONFIG_STRING, .default_value = "transaction", .importance = CONFIG_LOW,
        .doc = "Last part of the name of the transaction topic.",
        .offset = offsetof(struct cdc_config, transaction_topic), .is_internal = true,
    },
    {
        .name = "topic.heartbeat.prefix", .type = CONFIG_STRING, .default_value = "__debezium-heartbeat", .importance = CONFIG_LOW,
        .doc = "First part of the name of the heartbeat topic.",
        .offset = offsetof(struct cdc_config, heartbeat_prefix), .is_internal = true,
    },
    {
        .name = "schema.history.internal.kafka.topic", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Topic of the history of structures; one partition, kept for ever. Needed by the task.",
        .offset = offsetof(struct cdc_config, history_topic), .is_internal = true,
    },
    {
        .name = "schema.history.internal.kafka.bootstrap.servers", .type = CONFIG_STRING, .default_value = NULL, .importance = CONFIG_HIGH,
        .doc = "Brokers of that topic. Needed by the task.",
        .offset = offsetof(struct cdc_config, history_servers), .is_internal = true,
    },
    {
        .name = "schema.history.internal.kafka.recovery.poll.interval.ms", .type = CONFIG_INT, .default_value = "100", .importance = CONFIG_LOW,
        .doc = "How long one poll of the history waits, in milliseconds.",
        .offset = offsetof(struct cdc_config, history_poll_interval_ms), .is_internal = true,
    },
    {
        .name = "schema.history.internal.kafka.recovery.attempts", .type = CONFIG_INT, .default_value = "100", .importance = CONFIG_LOW,
        .doc = "Polls without a record before reading the history is given up.",
        .offset = offsetof(struct cdc_config, history_attempts), .is_internal = true,
    },
    {
        .name = "schema.history.internal.kafka.query.timeout.ms", .type = CONFIG_LONG, .default_value = "3000", .importance = CONFIG_LOW,
        .doc = "How long questions about the topic may take, in milliseconds.",
        .offset = offsetof(struct cdc_config, history_query_timeout_ms), .is_internal = true,
    },
    {
        .name = "schema.history.internal.kafka.create.timeout.ms", .type = CONFIG_LONG, .default_value = "30000", .importance = CONFIG_LOW,
        .doc = "How long making the topic may take, in milliseconds.",
        .offset = offsetof(struct cdc_config, history_create_timeout_ms), .is_internal = true,
    },
    {.name = NULL},
};
