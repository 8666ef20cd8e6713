/*
 * The JDBC sink connector: its life, and what is done about failures.
 *
 *   failure              retries left             none left
 *   no connection        connection.attempts, then as a statement; FAILED when access is denied
 *   a statement          the batch comes again    record by record with a reporter, else FAILED
 *   connection, server   the batch comes again    FAILED: never a reason to give records up
 *   table cannot be made                          record by record with a reporter, else FAILED
 *   commit unknown       the batch comes again if writing twice does no harm, else FAILED
 *   wrong record or setting                       FAILED
 */
#include "connect/connectors/jdbc/jdbc.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"
#include "connect/connectors/jdbc/sink_error.h"
#include "connect/connectors/jdbc/sink_writer.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

LOGGER("connect.jdbc.sink");

enum {
    DEADLOCK_RETRIES = 5,  /* at once, not counted: the other transaction is through by then */
    STOP_GRACE_MS = 2000,  /* a batch may take so long when the task is told to stop */
    BATCH_MIN = 500, BATCH_MAX = 50000,
};

struct sink_task {
    const struct sink_task_context *ctx;
    struct sink_config config;
    struct sink_writer writer;
    int32_t retries;        /* left */
    int32_t attempts;       /* to connect, since the last connection */
    int deadlocks;          /* since the last success */
    unsigned random;

    pthread_mutex_t lock;   /* guards what follows */
    pthread_cond_t changed;
    bool is_writing, is_closing, has_closer;
    pthread_t closer;
};

/* ---- failures ------------------------------------------------------------------------------------------------ */

static const char retriable_class[] = "org.apache.kafka.connect.errors.RetriableException";

static enum put_result
retry(struct sink_task *task, int64_t ms, int64_t *retry_ms_out, struct error *err)
{
    *err = task->writer.failure.err;
    sink_error_wrap(err);
    err->java_class = retriable_class;
    err->retriable = true;
    *retry_ms_out = ms;
    return PUT_RETRY;
}

static enum put_result
give_up(struct sink_task *task, struct error *err)
{
    const struct sink_failure *failure = &task->writer.failure;
    *err = failure->err;
    if (failure->kind == SINK_FAILED_SQL || failure->kind == SINK_FAILED_COMMIT || failure->kind == SINK_FAILED_CONNECT)
        sink_error_wrap(err);
    return PUT_FAILED;
}

/* One of the retries; they begin with a new connection, and tables are looked at again. */
static enum put_result
use_retry(struct sink_task *task, int64_t *retry_ms_out, struct error *err)
{
    task->retries--;
    sink_writer_disconnect(&task->writer);
    return retry(task, task->config.retry_backoff_ms, retry_ms_out, err);
}

/* Attempts are spread over puts, so that the task stays a member of its group meanwhile. */
static enum put_result
connect_failed(struct sink_task *task, int64_t *retry_ms_out, struct error *err)
{
    const struct sink_failure *failure = &task->writer.failure;
    if (failure->kind == SINK_FAILED_OWNER)
        return give_up(task, err);
    if (++task->attempts < task->config.connection_attempts)
        return retry(task, task->config.connection_backoff_ms, retry_ms_out, err);
    task->attempts = 0;
    if (failure->err.code != ERROR_CONFIG && task->retries > 0)
        return use_retry(task, retry_ms_out, err);
    return give_up(task, err);
}

/* Was it applied or not? Repeating is harmless where rows are found by key, and known with stored offsets. */
static enum put_result
commit_unknown(struct sink_task *task, const struct record_batch *batch, int64_t *retry_ms_out, struct error *err)
{
    bool is_harmless = task->config.exactly_once || task->config.insert_mode != SINK_INSERT;
    if (is_harmless && task->retries > 0)
        return use_retry(task, retry_ms_out, err);
    give_up(task, err);
    const struct record *first = &batch->records[0], *last = &batch->records[batch->count - 1];
    log_error("the connection was lost in COMMIT: %zu records, %s-%d offset %" PRId64 " to %s-%d offset %" PRId64
              ", may be in the table or not; a restart writes them again. Settings without this doubt: insert.mode=upsert, "
              "exactly.once=true", batch->count, first->topic, (int)first->partition, first->offset, last->topic,
              (int)last->partition, last->offset);
    return PUT_FAILED;
}

static enum put_result
statement_failed(struct sink_task *task, int64_t *retry_ms_out, struct error *err)
{
    if (task->writer.failure.is_deadlock && task->retries > 0 && task->deadlocks < DEADLOCK_RETRIES) {
        task->deadlocks++;
        return retry(task, 10 + rand_r(&task->random) % 90, retry_ms_out, err);
    }
    if (task->retries > 0)
        return use_retry(task, retry_ms_out, err);
    return give_up(task, err);
}

static enum put_result
write_failed(struct sink_task *task, const struct record_batch *batch, bool is_tolerant, int64_t *retry_ms_out, struct error *err)
{
    const struct sink_failure *failure = &task->writer.failure;
    bool is_of_record = failure->kind == SINK_FAILED_TABLE ||
                        (failure->kind == SINK_FAILED_SQL && !failure->is_general && task->retries == 0);
    if (is_of_record && !is_tolerant && task->ctx->report) {
        sink_writer_disconnect(&task->writer);
        if (!sink_writer_connect(&task->writer))
            return connect_failed(task, retry_ms_out, err);
        if (sink_writer_write(&task->writer, batch, true))
            return PUT_DONE;
        return write_failed(task, batch, true, retry_ms_out, err);
    }
    if (failure->kind == SINK_FAILED_COMMIT)
        return commit_unknown(task, batch, retry_ms_out, err);
    if (failure->kind == SINK_FAILED_SQL)
        return statement_failed(task, retry_ms_out, err);
    return give_up(task, err);
}

/* ---- the task ------------------------------------------------------------------------------------------------- */

/* Settings of the original that mean nothing here: said once, by the first task. */
static void
warn_without_effect(const struct config *cfg)
{
    static const struct {
        const char *name, *harmless, *why;
    } settings[] = {
        {"jdbc.credentials.provider.class", "io.confluent.connect.jdbc.util.DefaultJdbcCredentialsProvider",
         "user and password of the settings are used"},
        {"mssql.use.merge.holdlock", "true", "it belongs to another database"},
        {"dialect.name", "MySqlDatabaseDialect", "the only dialect is MySqlDatabaseDialect"},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
        const char *value = config_get(cfg, settings[i].name);
        if (value && *value && strcasecmp(value, settings[i].harmless) != 0)
            log_warn("%s=%s has no effect: %s", settings[i].name, value, settings[i].why);
    }
}

static bool
task_init(void *state, const struct sink_task_context *ctx, const struct config *cfg, struct error *err)
{
    struct sink_task *task = state;
    task->ctx = ctx;
    task->random = (unsigned)clock_now_us();
    if (!sink_config_init(&task->config, cfg, err))
        return false;
    task->retries = task->config.max_retries;
    if (!sink_writer_init(&task->writer, &task->config, cfg, ctx, err))
        return false;
    if (ctx->task == 0) {
        warn_without_effect(cfg);
        jdbc_connection_warn_unknown(&task->writer.connection);
    }
    return true;
}

static void
set_writing(struct sink_task *task, bool is_writing)
{
    pthread_mutex_lock(&task->lock);
    task->is_writing = is_writing;
    pthread_cond_broadcast(&task->changed);
    pthread_mutex_unlock(&task->lock);
}

static enum put_result
put(struct sink_task *task, const struct record_batch *batch, int64_t *retry_ms_out, struct error *err)
{
    if (!sink_writer_connect(&task->writer))
        return connect_failed(task, retry_ms_out, err);
    task->attempts = 0;
    if (!sink_writer_write(&task->writer, batch, false)) {
        enum put_result result = write_failed(task, batch, false, retry_ms_out, err);
        if (result != PUT_DONE)
            return result;
    }
    task->retries = task->config.max_retries;
    task->deadlocks = 0;
    return PUT_DONE;
}

static enum put_result
task_put(void *state, const struct record_batch *batch, int64_t *retry_ms_out, struct error *err)
{
    struct sink_task *task = state;
    if (batch->count == 0)
        return PUT_DONE;
    set_writing(task, true);
    enum put_result result = put(task, batch, retry_ms_out, err);
    set_writing(task, false);
    return result;
}

/* The exactly-once table says where to start, unless the group was moved ahead of it. */
static bool
claim_partitions(struct sink_task *task, const struct topic_partition *partitions, size_t count, struct error *err)
{
    struct sink_writer *writer = &task->writer;
    for (int attempt = 1; !sink_writer_connect(writer); attempt++)
        if (attempt >= task->config.connection_attempts || db_links_wait(&writer->links, task->config.connection_backoff_ms)) {
            *err = writer->failure.err;
            return sink_error_wrap(err);
        }
    if (!sink_offsets_create(&writer->offsets, writer->db, err) ||
        !sink_offsets_claim(&writer->offsets, writer->db, partitions, count, err)) {
        sink_writer_disconnect(writer);
        sink_error_chain(err, (struct sink_sql_place){.is_batch = false, .redact = task->config.trim_sensitive_log});
        return sink_error_wrap(err);
    }
    for (size_t i = 0; i < count; i++) {
        const struct sink_position *position = sink_offsets_find(&writer->offsets, partitions[i].topic, partitions[i].partition);
        if (position->offset > partitions[i].offset &&
            !task->ctx->seek(task->ctx, partitions[i].topic, partitions[i].partition, position->offset, err))
            return false;
    }
    return true;
}

static bool
task_open(void *state, const struct topic_partition *partitions, size_t count, struct error *err)
{
    struct sink_task *task = state;
    return !task->config.exactly_once || claim_partitions(task, partitions, count, err);
}

static void
task_close_partitions(void *state, const struct topic_partition *partitions, size_t count)
{
    struct sink_task *task = state;
    sink_offsets_release(&task->writer.offsets, partitions, count);
    sink_writer_forget_batch(&task->writer);
}

/* ---- stopping ------------------------------------------------------------------------------------------------- */

/* A batch under way may finish; one that waits for a lock, or for a server that does not answer, is ended. */
static void *
run_closer(void *arg)
{
    struct sink_task *task = arg;
    struct timespec until = clock_deadline(STOP_GRACE_MS);
    pthread_mutex_lock(&task->lock);
    while (task->is_writing && pthread_cond_clockwait(&task->changed, &task->lock, CLOCK_MONOTONIC, &until) == 0)
        ;
    pthread_mutex_unlock(&task->lock);
    db_links_close(&task->writer.links);
    return NULL;
}

static void
task_close(void *state)
{
    struct sink_task *task = state;
    pthread_mutex_lock(&task->lock);
    bool is_first = !task->is_closing, is_writing = task->is_writing;
    task->is_closing = true;
    if (is_first && is_writing)
        task->has_closer = pthread_create(&task->closer, NULL, run_closer, task) == 0;
    bool is_left_to_closer = task->has_closer;
    pthread_mutex_unlock(&task->lock);
    if (!is_left_to_closer)
        db_links_close(&task->writer.links);
}

static void
task_fini(void *state)
{
    struct sink_task *task = state;
    pthread_mutex_lock(&task->lock);
    bool has_closer = task->has_closer;
    task->is_writing = false;
    pthread_cond_broadcast(&task->changed);
    pthread_mutex_unlock(&task->lock);
    if (has_closer)
        pthread_join(task->closer, NULL);
    sink_writer_fini(&task->writer);
    sink_config_fini(&task->config);
}

/* Two statements: one is built while the other runs, and the two share a transaction. */
static size_t
task_batch_max(const void *state)
{
    const struct sink_task *task = state;
    size_t rows = 2 * (size_t)task->config.batch_size;
    return rows < BATCH_MIN ? BATCH_MIN : rows > BATCH_MAX ? BATCH_MAX : rows;
}

/* ---- the connector ---------------------------------------------------------------------------------------------- */

struct sink_connector {
    struct config *cfg;
};

static bool
connector_init(void *state, const struct connector_context *ctx, const struct config *cfg, struct error *err)
{
    struct sink_connector *connector = state;
    struct sink_config config;
    (void)ctx;
    if (!sink_config_init(&config, cfg, err))
        return false;
    sink_config_fini(&config);
    connector->cfg = config_dup(cfg);
    return true;
}

static bool
connector_task_configs(void *state, int max_tasks, struct config_list *out, struct error *err)
{
    const struct sink_connector *connector = state;
    (void)err;
    for (int i = 0; i < max_tasks; i++)
        config_list_add(out, config_dup(connector->cfg));
    return true;
}

static void
connector_close(void *state)
{
    (void)state;
}

static void
connector_fini(void *state)
{
    struct sink_connector *connector = state;
    config_free(connector->cfg);
}

/* The settings as they are used, and a connection made with them. */
static bool
try_to_connect(const struct config *cfg, struct error *err)
{
    struct sink_config config;
    struct jdbc_connection connection;
    if (!sink_config_init(&config, cfg, err))
        return false;
    bool is_fine = jdbc_connection_init(&connection, cfg, err);
    if (is_fine) {
        struct db *db = jdbc_connection_open(&connection, err);
        is_fine = db != NULL;
        db_close(db);
        jdbc_connection_fini(&connection);
    }
    sink_config_fini(&config);
    return is_fine;
}

static void
validate(const struct config *cfg, struct config_values *values)
{
    struct error err = ERROR_INIT;
    if (sink_config_validate(cfg, values) && !try_to_connect(cfg, &err))
        config_values_error(values, "connection.url", "Could not connect to database. %s", err.message);
}

/* ---- offsets over REST ------------------------------------------------------------------------------------------- */

/* {"kafka_topic":"t","kafka_partition":0} with {"kafka_offset":7} or nothing; numbers may be texts. */
static bool
parse_alteration(const char *partition_json, const char *offset_json, char **topic_out, int32_t *partition_out, int64_t *offset_out)
{
    json_t *partition = json_loads(partition_json, 0, NULL), *offset = offset_json ? json_loads(offset_json, 0, NULL) : NULL;
    const json_t *number = json_object_get(partition, "kafka_partition"), *position = json_object_get(offset, "kafka_offset");
    const char *topic = json_string_value(json_object_get(partition, "kafka_topic"));
    if (topic) {
        *topic_out = xstrdup(topic);
        *partition_out = (int32_t)(json_is_string(number) ? atoll(json_string_value(number)) : json_integer_value(number));
        *offset_out = json_is_string(position) ? atoll(json_string_value(position)) : position ? json_integer_value(position) : -1;
    }
    json_decref(partition);
    json_decref(offset);
    return topic != NULL;
}

static bool
exactly_once(const struct config *cfg)
{
    return strcasecmp(config_get_or(cfg, "exactly.once", "false"), "true") == 0;
}

/* SinkConnector.alterOffsets: with exactly.once the table must move with the group. */
static bool
alter_offsets(const struct config *cfg, const char *partition_json, const char *offset_json, struct error *err)
{
    char *topic = NULL;
    int32_t partition = 0;
    int64_t offset = -1;
    if (!exactly_once(cfg) ||
        !parse_alteration(partition_json, offset_json, &topic, &partition, &offset))
        return true;
    struct sink_config config;
    struct sink_writer *writer = xcalloc(1, sizeof(*writer));
    bool is_fine = sink_config_init(&config, cfg, err);
    if (is_fine) {
        is_fine = sink_writer_init(writer, &config, cfg, NULL, err);
        if (is_fine && !sink_writer_connect(writer)) {
            *err = writer->failure.err;
            is_fine = false;
        }
        is_fine = is_fine && sink_offsets_create(&writer->offsets, writer->db, err) &&
                  sink_offsets_alter(&writer->offsets, writer->db, topic, partition, offset, err);
        sink_writer_fini(writer);
        sink_config_fini(&config);
    }
    free(writer);
    free(topic);
    return is_fine;
}

static const struct connector_ops connector_ops = {
    .size = sizeof(struct sink_connector),
    .init = connector_init,
    .task_configs = connector_task_configs,
    .close = connector_close,
    .fini = connector_fini,
};

static const struct sink_task_ops task_ops = {
    .size = sizeof(struct sink_task),
    .init = task_init,
    .open = task_open,
    .put = task_put,
    .close_partitions = task_close_partitions,
    .close = task_close,
    .fini = task_fini,
    .batch_max = task_batch_max,
    .takes_parts = true,
};

const struct connector_plugin jdbc_sink_plugin = {
    .class_name = "io.confluent.connect.jdbc.JdbcSinkConnector",
    .task_class = "io.confluent.connect.jdbc.sink.JdbcSinkTask",
    .version = JDBC_VERSION,
    .type = CONNECTOR_SINK,
    .rows = sink_config_rows,
    .validate = validate,
    .connector = &connector_ops,
    .sink = &task_ops,
    .exactly_once = exactly_once,
    .alter_offsets = alter_offsets,
};
