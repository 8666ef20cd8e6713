/*
 * From start to end: the offset and the history decide what a snapshot is taken of, then the log is followed.
 *
 *   init: settings -> offset -> history, position checked -> poll: snapshot ... -> stream ... (or rest, in initial_only)
 */
#include "connect/connectors/binlog/task.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/connectors/binlog/channels.h"
#include "connect/connectors/binlog/context.h"
#include "connect/connectors/binlog/resume.h"
#include "connect/connectors/binlog/server.h"
#include "connect/connectors/binlog/snapshot.h"
#include "connect/connectors/binlog/streaming.h"

#include <stdlib.h>
#include <string.h>

LOGGER("io.debezium.connector.binlog.BinlogSourceTask");

struct cdc_task {
    struct cdc_context ctx;     /* its links first: close may come before init */
    struct cdc_offset stored;   /* where the last run ended; file NULL: this is the first */
    bool with_schema, with_data, with_stream;
    struct cdc_snapshot *snapshot;
    struct cdc_streaming *streaming;
};

/* ---- modes --------------------------------------------------------------------------------------------------------- */

/* Which offsets ask for a snapshot: none (or one of an unfinished snapshot), all, no. */
enum when { WHEN_NEVER, WHEN_FIRST, WHEN_ALWAYS };

static const struct mode {
    enum when schema, data;
    bool stream, mends_schema, mends_data; /* mends: a snapshot is taken when history or position are lost */
} modes[] = {
    [CDC_SNAPSHOT_ALWAYS] = {WHEN_ALWAYS, WHEN_ALWAYS, true, false, false},
    [CDC_SNAPSHOT_INITIAL] = {WHEN_FIRST, WHEN_FIRST, true, false, false},
    [CDC_SNAPSHOT_INITIAL_ONLY] = {WHEN_FIRST, WHEN_FIRST, false, false, false},
    [CDC_SNAPSHOT_NO_DATA] = {WHEN_FIRST, WHEN_NEVER, true, false, false},
    [CDC_SNAPSHOT_RECOVERY] = {WHEN_ALWAYS, WHEN_NEVER, true, true, false},
    [CDC_SNAPSHOT_WHEN_NEEDED] = {WHEN_FIRST, WHEN_FIRST, true, true, true},
    [CDC_SNAPSHOT_NEVER] = {WHEN_NEVER, WHEN_NEVER, true, false, false},
};

static bool
mode_of(const struct cdc_config *config, struct mode *out, struct error *err)
{
    if (config->snapshot_mode == CDC_SNAPSHOT_CUSTOM)
        return error_set(err, ERROR_CONFIG, "snapshot.mode=custom needs a Java class, which this worker cannot load");
    if (config->locking_mode == CDC_LOCKING_CUSTOM)
        return error_set(err, ERROR_CONFIG, "snapshot.locking.mode=custom needs a Java class, which this worker cannot load");
    if (config->snapshot_mode != CDC_SNAPSHOT_CONFIGURATION_BASED) {
        *out = modes[config->snapshot_mode];
        return true;
    }
    *out = (struct mode){config->based_snapshot_schema ? WHEN_ALWAYS : WHEN_NEVER, config->based_snapshot_data ? WHEN_ALWAYS : WHEN_NEVER,
                         config->based_start_stream, config->based_on_schema_error, config->based_on_data_error};
    return true;
}

/* ---- start ---------------------------------------------------------------------------------------------------------- */

static bool
read_offset(struct cdc_task *task, struct error *err)
{
    char *json = NULL;
    const struct source_task_context *runtime = task->ctx.task;
    task->stored = CDC_OFFSET_INIT;
    if (!runtime->offset_get(runtime, task->ctx.partition_json, &json, err))
        return false;
    bool ok = !json || cdc_offset_parse(json, &task->stored, err);
    free(json);
    if (ok && json && !task->stored.file)
        return error_set(err, ERROR_DATA, "Source offset 'file' parameter is missing");
    return ok;
}

static bool
make_history(struct cdc_task *task, struct error *err)
{
    bool has_topic, has_records;
    return cdc_history_exists(task->ctx.history, &has_topic, &has_records, err) && (has_topic || cdc_history_create(task->ctx.history, err));
}

/* The history of an offset must be there, or be made anew where the mode allows it. *mend_out: it is to be made anew. */
static bool
load_history(struct cdc_task *task, const struct mode *mode, struct db *db, bool *mend_out, struct error *err)
{
    bool has_topic, has_records, ok = true;
    struct cdc_recovered recovered = {0};
    struct strbuf position = STRBUF_INIT;
    if (!cdc_history_exists(task->ctx.history, &has_topic, &has_records, err))
        return false;
    if (!has_topic && !cdc_history_create(task->ctx.history, err))
        return false;
    cdc_offset_write(&task->stored, &position);
    if (has_records)
        ok = cdc_history_recover(task->ctx.history, position.data, task->ctx.tables, &recovered, err) && cdc_context_complete(&task->ctx, db, err);
    strbuf_fini(&position);
    if (!ok)
        return false;
    *mend_out = !recovered.is_whole;
    if (*mend_out)
        return mode->mends_schema ||
               error_set(err, ERROR_NOT_FOUND, "The db history topic or its content is fully or partially missing. Please check database "
                                               "schema history topic configuration and re-execute the snapshot.");
    log_info("Recovered %zu records of the schema history", recovered.count);
    return true;
}

/* No offset, or one of a snapshot that did not end. */
static bool
start_first(struct cdc_task *task, const struct mode *mode, struct error *err)
{
    if (task->ctx.config.snapshot_mode == CDC_SNAPSHOT_RECOVERY)
        return error_set(err, ERROR_CONFIG, "Could not find existing binlog information while attempting schema only recovery snapshot");
    if (task->stored.file && mode->schema == WHEN_NEVER && mode->data == WHEN_NEVER)
        return error_set(err, ERROR_CONFIG, "The connector previously stopped while taking a snapshot, but now the connector is configured "
                                            "to never allow snapshots. Reconfigure the connector to use snapshots initially or when needed.");
    task->with_schema = mode->schema != WHEN_NEVER;
    task->with_data = mode->data != WHEN_NEVER;
    return make_history(task, err);
}

/* Go on from the offset. */
static bool
start_again(struct cdc_task *task, const struct mode *mode, struct db *db, struct error *err)
{
    bool is_available = true, mend;
    if (mode->stream && !cdc_resume_check(db, task->ctx.filters, &task->stored, &is_available, err))
        return false;
    if (!is_available && !mode->mends_data)
        return cdc_resume_refuse(&task->stored, err);
    task->with_schema = mode->schema == WHEN_ALWAYS;
    task->with_data = mode->data == WHEN_ALWAYS;
    if (!is_available) {
        log_warn("The last recorded offset is no longer available, a snapshot is taken to fill the gap");
        task->with_schema = task->with_data = true;
        cdc_offset_fini(&task->stored);
    }
    if (task->with_schema)
        return make_history(task, err);
    if (!load_history(task, mode, db, &mend, err))
        return false;
    task->with_schema = mend;
    return true;
}

/* What mode `never` begins with: all of the log that there is. */
static bool
start_at_oldest(struct cdc_task *task, struct db *db, struct error *err)
{
    if (task->stored.file || task->with_schema || task->with_data || !task->with_stream)
        return true;
    task->stored.pos = 4;
    return cdc_server_first_file(db, &task->stored.file, err);
}

static bool
decide(struct cdc_task *task, struct db *db, struct error *err)
{
    struct mode mode = {0};
    bool ignores_case;
    if (!mode_of(&task->ctx.config, &mode, err) || !cdc_server_ignores_case(db, &ignores_case, err))
        return false;
    cdc_tables_ignore_case(task->ctx.tables, ignores_case);
    cdc_tables_set_variable(task->ctx.tables, "version", db_server_version(db));
    task->with_stream = mode.stream;
    if (mode.stream && !cdc_server_check_log(db, err))
        return false;
    bool is_first = !task->stored.file || task->stored.phase == CDC_OFFSET_INITIAL;
    return (is_first ? start_first(task, &mode, err) : start_again(task, &mode, db, err)) && start_at_oldest(task, db, err);
}

static struct cdc_snapshot *
new_snapshot(struct cdc_task *task)
{
    /* without rows a position that is there already stays */
    bool keeps = !task->with_data && task->stored.file && task->stored.phase != CDC_OFFSET_INITIAL;
    struct cdc_snapshot_task what = {
        .with_schema = task->with_schema, .with_data = task->with_data, .resume = keeps ? &task->stored : NULL,
    };
    return cdc_snapshot_new(&task->ctx, &what);
}

/* What the stream will need is checked now, not when a snapshot of hours is done. */
static bool
begin(struct cdc_task *task, struct error *err)
{
    if (task->with_schema || task->with_data) {
        if (task->with_stream && !cdc_channels_check(&task->ctx.config, err))
            return false;
        task->snapshot = new_snapshot(task);
        return true;
    }
    if (!task->with_stream)
        return true;
    task->streaming = cdc_streaming_new(&task->ctx, &task->stored, err);
    return task->streaming != NULL;
}

static bool
task_init(struct cdc_task *task, const struct source_task_context *runtime, const struct config *cfg, const char *connector,
          struct error *err)
{
    if (!cdc_context_init(&task->ctx, runtime, cfg, connector, err) || !read_offset(task, err))
        return false;
    struct db *db = cdc_context_connect(&task->ctx, err);
    bool ok = db && decide(task, db, err);
    db_links_drop(&task->ctx.links.dbs, db);
    return ok && begin(task, err);
}

static bool
mysql_init(void *state, const struct source_task_context *runtime, const struct config *cfg, struct error *err)
{
    return task_init(state, runtime, cfg, "mysql", err);
}

static bool
mariadb_init(void *state, const struct source_task_context *runtime, const struct config *cfg, struct error *err)
{
    return task_init(state, runtime, cfg, "mariadb", err);
}

/* ---- polling ---------------------------------------------------------------------------------------------------------- */

/* The snapshot is over: the stream begins where it stands, or goes on after a blocking one. */
static bool
follow(struct cdc_task *task, struct error *err)
{
    if (task->with_stream && !task->streaming) {
        task->streaming = cdc_streaming_new(&task->ctx, cdc_snapshot_position(task->snapshot), err);
        if (!task->streaming)
            return false;
    }
    cdc_snapshot_free(task->snapshot);
    task->snapshot = NULL;
    return true;
}

/* A snapshot whose connection was lost begins again. */
static enum poll_result
poll_snapshot(struct cdc_task *task, struct record_batch *out, struct error *err)
{
    bool is_over = false;
    enum poll_result result = cdc_snapshot_poll(task->snapshot, out, &is_over, err);
    if (result == POLL_FAILED && err->retriable && !db_links_is_closed(&task->ctx.links.dbs)) {
        cdc_snapshot_rewind(task->snapshot);
        return POLL_RETRY;
    }
    if (result != POLL_FAILED && is_over && !follow(task, err))
        return POLL_FAILED;
    return result;
}

static enum poll_result
poll_stream(struct cdc_task *task, struct record_batch *out, int timeout_ms, struct error *err)
{
    struct cdc_snapshot_task wanted;
    enum poll_result result = cdc_streaming_poll(task->streaming, out, timeout_ms, err);
    if (result != POLL_FAILED && cdc_streaming_wants_snapshot(task->streaming, &wanted))
        task->snapshot = cdc_snapshot_new(&task->ctx, &wanted);
    return result;
}

static enum poll_result
task_poll(void *state, struct record_batch *out, int timeout_ms, struct error *err)
{
    struct cdc_task *task = state;
    cdc_context_renew(&task->ctx);
    if (task->snapshot)
        return poll_snapshot(task, out, err);
    if (task->streaming)
        return poll_stream(task, out, timeout_ms, err);
    db_links_wait(&task->ctx.links.dbs, timeout_ms);
    return POLL_IDLE;
}

static void
task_pause(void *state)
{
    struct cdc_task *task = state;
    if (task->snapshot)
        cdc_snapshot_pause(task->snapshot);
    if (task->streaming)
        cdc_streaming_pause(task->streaming);
}

static void
task_committed(void *state)
{
    struct cdc_task *task = state;
    if (task->streaming)
        cdc_streaming_stored(task->streaming);
}

static void
task_close(void *state)
{
    struct cdc_task *task = state;
    cdc_links_close(&task->ctx.links);
}

static void
task_fini(void *state)
{
    struct cdc_task *task = state;
    cdc_streaming_free(task->streaming);
    cdc_snapshot_free(task->snapshot);
    cdc_offset_fini(&task->stored);
    cdc_context_fini(&task->ctx);
}

#define TASK_OPS(dialect_init) \
    { \
        .size = sizeof(struct cdc_task), .init = (dialect_init), .poll = task_poll, .pause = task_pause, .committed = task_committed, .close = task_close, .fini = task_fini, \
    }

const struct source_task_ops cdc_mysql_task_ops = TASK_OPS(mysql_init);
const struct source_task_ops cdc_mariadb_task_ops = TASK_OPS(mariadb_init);
