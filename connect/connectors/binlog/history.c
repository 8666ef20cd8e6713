/* The history in Kafka: records of change_text.h in a topic_log, and which of them a position includes. */
#include "connect/connectors/binlog/history.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/kafka/topic_log.h"
#include "connect/connectors/binlog/change_text.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/connectors/binlog/position.h"

#include <stdlib.h>
#include <string.h>

LOGGER("connect.connectors.binlog.history");

#define PREFIX "schema.history.internal."

struct cdc_history {
    const struct cdc_config *config;
    struct topic_log *log;
    struct cdc_filters *filters; /* of GTID sources */
    struct strbuf text; /* of the record being written */
};

/* ---- making ---------------------------------------------------------------------------------------------------------- */

/* What stands behind PREFIX "consumer." or "producer.", the brokers added. */
static void
client_settings(const struct cdc_config *config, const char *kind, struct config *out)
{
    config_set(out, "bootstrap.servers", config->history_servers);
    char *id = xasprintf("%s-schemahistory", config->topic_prefix);
    config_set(out, "client.id", id);
    free(id);
    char *prefix = xasprintf(PREFIX "%s.", kind);
    config_subset(config->cfg, prefix, out);
    free(prefix);
}

static bool
needs(const char *setting, const char *value, struct error *err)
{
    if (value && *value)
        return true;
    error_set(err, ERROR_CONFIG, "Error configuring the schema history: the '" PREFIX "%s' value is invalid: A value is required",
              setting);
    err->java_class = "io.debezium.DebeziumException";
    return false;
}

static bool
is_kafka(const struct cdc_config *config, struct error *err)
{
    static const char kafka[] = "io.debezium.storage.kafka.history.KafkaSchemaHistory";
    if (strcmp(config->history_class, kafka) == 0)
        return true;
    return error_set(err, ERROR_CONFIG, "schema.history.internal: %s is not supported, the history is kept in Kafka (%s)",
                     config->history_class, kafka);
}

struct cdc_history *
cdc_history_new(const struct cdc_config *config, struct error *err)
{
    if (!is_kafka(config, err) || !needs("kafka.topic", config->history_topic, err) ||
        !needs("kafka.bootstrap.servers", config->history_servers, err))
        return NULL;
    struct cdc_filters *filters = cdc_filters_new(config, err);
    if (!filters)
        return NULL;
    struct config consumer = CONFIG_INIT, producer = CONFIG_INIT;
    client_settings(config, "consumer", &consumer);
    client_settings(config, "producer", &producer);
    struct topic_log *log = topic_log_new(config->history_topic, &consumer, &producer, err);
    config_fini(&consumer);
    config_fini(&producer);
    if (!log) {
        cdc_filters_free(filters);
        return NULL;
    }
    struct cdc_history *history = xcalloc(1, sizeof(*history));
    history->config = config;
    history->filters = filters;
    history->log = log;
    return history;
}

void
cdc_history_close(struct cdc_history *history)
{
    topic_log_give_up(history->log);
}

void
cdc_history_free(struct cdc_history *history)
{
    if (!history)
        return;
    topic_log_free(history->log);
    cdc_filters_free(history->filters);
    strbuf_fini(&history->text);
    free(history);
}

bool
cdc_history_exists(struct cdc_history *history, bool *topic_out, bool *records_out, struct error *err)
{
    int64_t timeout_ms = history->config->history_query_timeout_ms;
    return topic_log_look(history->log, topic_out, records_out, (int)timeout_ms, err) || error_wrap(err, "schema history");
}

bool
cdc_history_create(struct cdc_history *history, struct error *err)
{
    static const char *const settings[][2] = {
        {"cleanup.policy", "delete"}, {"retention.ms", "9223372036854775807"}, {"retention.bytes", "-1"}};
    struct config topic = CONFIG_INIT;
    for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
        config_set(&topic, settings[i][0], settings[i][1]);
    bool ok = topic_log_make(history->log, &topic, (int)history->config->history_create_timeout_ms, err);
    config_fini(&topic);
    if (ok)
        log_info("schema history topic %s is there", history->config->history_topic);
    return ok || error_wrap(err, "schema history");
}

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

struct recovery {
    const struct cdc_history *history;
    const char *position; /* up to which */
    struct cdc_tables *tables;
    struct cdc_changes changes;
    struct cdc_recovered recovered;
};

static bool
keep_source(const char *source, void *arg)
{
    return cdc_filters_has_gtid_source(arg, source);
}

/* The record's statement, where it has no table changes. */
static bool
apply_statement(struct recovery *recovery, const struct cdc_change_record *record, struct error *err)
{
    const struct cdc_config *config = recovery->history->config;
    if (!record->ddl)
        return true;
    if (cdc_ddl_apply(recovery->tables, record->database, record->ddl, strlen(record->ddl), config->include_schema_comments,
                      &recovery->changes, err))
        return true;
    if (!config->history_skip_unparseable)
        return false;
    log_warn("left out of the history, as " PREFIX "skip.unparseable.ddl says: %s", err->message);
    return true;
}

/* A snapshot that is one of the offset's, too, says by that whether it has ended: what it has written takes the place of all
   before. */
static void
see_rebuild(struct recovery *recovery, const struct cdc_change_record *record)
{
    if (record->rebuild != CDC_REBUILD_NONE)
        recovery->recovered.is_whole = record->rebuild == CDC_REBUILD_END;
    else if (cdc_position_is_snapshot(record->position_json))
        recovery->recovered.is_whole = true;
}

static bool
recover_record(void *arg, const char *value, size_t len, int64_t offset, struct error *err)
{
    struct recovery *recovery = arg;
    const struct cdc_config *config = recovery->history->config;
    struct cdc_change_record record;
    struct error problem = ERROR_INIT;
    if (!cdc_change_read(value, len, &record, &problem)) {
        log_warn("offset %lld of topic %s is left out: %s", (long long)offset, config->history_topic, problem.message);
        return true;
    }
    size_t count = 0;
    bool is_ours = record.server && strcmp(record.server, config->topic_prefix) == 0;
    bool ok = true;
    if (is_ours)
        see_rebuild(recovery, &record);
    if (is_ours && record.rebuild == CDC_REBUILD_NONE &&
        cdc_position_includes(recovery->position, record.position_json, keep_source, recovery->history->filters)) {
        ok = cdc_change_record_apply(&record, recovery->tables, &count, err) && (count || apply_statement(recovery, &record, err));
        recovery->recovered.count++;
    }
    cdc_change_record_fini(&record);
    return ok || error_wrap(err, "offset %lld of the schema history %s", (long long)offset, config->history_topic);
}

bool
cdc_history_recover(struct cdc_history *history, const char *position_json, struct cdc_tables *tables, struct cdc_recovered *out,
                    struct error *err)
{
    struct recovery recovery = {.history = history, .position = position_json, .tables = tables, .recovered = {.is_whole = true}};
    int64_t idle_ms = (int64_t)history->config->history_poll_interval_ms * history->config->history_attempts;
    bool ok = topic_log_read(history->log, recover_record, &recovery, idle_ms, err);
    cdc_changes_fini(&recovery.changes);
    if (!ok)
        return error_wrap(err, "The schema history couldn't be recovered");
    *out = recovery.recovered;
    return true;
}

/* ---- writing -------------------------------------------------------------------------------------------------------------- */

bool
cdc_history_append(struct cdc_history *history, const struct cdc_change *change, const char *position_json, int64_t ts_ms,
                   struct error *err)
{
    strbuf_reset(&history->text);
    return (cdc_change_write(change, history->config->topic_prefix, position_json, ts_ms, &history->text, err) &&
            topic_log_append(history->log, history->text.data, history->text.len, err)) ||
           error_wrap(err, "schema history");
}

static bool
mark(struct cdc_history *history, enum cdc_rebuild rebuild, const char *position_json, int64_t ts_ms, struct error *err)
{
    strbuf_reset(&history->text);
    return (cdc_rebuild_write(rebuild, history->config->topic_prefix, position_json, ts_ms, &history->text, err) &&
            topic_log_append(history->log, history->text.data, history->text.len, err)) ||
           error_wrap(err, "schema history");
}

bool
cdc_history_begin_rebuild(struct cdc_history *history, const char *position_json, int64_t ts_ms, struct error *err)
{
    return mark(history, CDC_REBUILD_BEGIN, position_json, ts_ms, err);
}

bool
cdc_history_end_rebuild(struct cdc_history *history, const char *position_json, int64_t ts_ms, struct error *err)
{
    return mark(history, CDC_REBUILD_END, position_json, ts_ms, err);
}

bool
cdc_history_flush(struct cdc_history *history, struct error *err)
{
    enum { FLUSH_MS = 120000 };
    return topic_log_flush(history->log, FLUSH_MS, err) || error_wrap(err, "schema history");
}
