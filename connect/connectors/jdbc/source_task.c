/*
 * The poll loop. One connection serves the tables of the task in turn; a result is streamed over as many polls as it
 * takes, so memory does not depend on its size.
 *
 *   table due -> its turn: statements and rows (source_read.c) ... end
 *      ^                                                            |
 *      +---- at once if there were rows, else after poll.interval.ms
 *
 * Matches JdbcSourceTask; what is different is said where it happens.
 */
#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/jdbc/source_task_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

LOGGER("io.confluent.connect.jdbc.source.JdbcSourceTask");

#define CONFIG_EXCEPTION "org.apache.kafka.common.config.ConfigException"
#define ARGUMENT_EXCEPTION "java.lang.IllegalArgumentException"

enum {
    PROGRESS_MS = 1000,      /* between two updates of the metrics */
    PROGRESS_LOG_MS = 10000, /* between two lines of the log during a large read */
};

/* ---- start ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *sql;
} isolations[] = {
    {"DEFAULT", NULL},
    {"READ_UNCOMMITTED", "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED"},
    {"READ_COMMITTED", "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"},
    {"REPEATABLE_READ", "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"},
    {"SERIALIZABLE", "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"},
};

static bool
prepare_session(struct jdbc_source_task *task, struct error *err)
{
    /* a reader that waits for Kafka is not to be dropped */
    static const char patience[] = "SET SESSION net_write_timeout=3600";
    if (!db_exec(task->db, patience, sizeof(patience) - 1, NULL, err))
        return false;
    for (size_t i = 0; i < sizeof(isolations) / sizeof(*isolations); i++)
        if (strcmp(isolations[i].name, task->settings.isolation_text) == 0)
            return !isolations[i].sql || db_exec(task->db, isolations[i].sql, strlen(isolations[i].sql), NULL, err);
    error_set(err, ERROR_CONFIG,
              "No enum constant io.confluent.connect.jdbc.source.JdbcSourceConnectorConfig.TransactionIsolationMode.%s",
              task->settings.isolation_text);
    err->java_class = ARGUMENT_EXCEPTION;
    return false;
}

void
source_task_disconnect(struct jdbc_source_task *task)
{
    db_links_drop(&task->links, task->db);
    task->db = NULL;
    task->watch = (struct writers_watch){0}; /* the next server may be another one, with numbers and a clock of its own */
    task->cannot_look = false;
    task->bound = INT64_MIN;
    for (size_t i = 0; i < task->table_count; i++)
        gaps_watch_anew(&task->tables[i].gaps);
}

static bool
connect_database(struct jdbc_source_task *task, struct error *err)
{
    const struct source_settings *settings = &task->settings;
    task->db = jdbc_links_open(&task->links, &task->conn, settings->connection_attempts, settings->connection_backoff_ms, err);
    if (!task->db)
        return false;
    if (prepare_session(task, err))
        return true;
    source_task_disconnect(task);
    return false;
}

static bool
refuse_tables(struct error *err, const char *text)
{
    error_set(err, ERROR_CONFIG, "%s", text);
    err->java_class = CONFIG_EXCEPTION;
    return false;
}

/* The names are quoted, so a comma inside one does not separate. */
static bool
add_tables(struct jdbc_source_task *task, const char *names, struct error *err)
{
    bool is_quoted = false;
    for (const char *start = names, *at = names; *start; at++) {
        is_quoted ^= *at == '`';
        if (*at && (*at != ',' || is_quoted))
            continue;
        char *name = xmemdup(start, (size_t)(at - start));
        struct jdbc_table table;
        bool ok = jdbc_table_parse(name, &table, err);
        free(name);
        if (!ok)
            return false;
        task->tables = xrealloc(task->tables, (task->table_count + 1) * sizeof(*task->tables));
        source_table_init(&task->tables[task->table_count++], &task->settings, table);
        start = *at ? at + 1 : at;
        if (!*start)
            break;
    }
    /* partitions point to their tables, which have moved while the array grew */
    for (size_t i = 0; i < task->table_count; i++)
        task->tables[i].partition.task = &task->tables[i];
    return true;
}

static bool
assign_tables(struct jdbc_source_task *task, const struct config *cfg, struct error *err)
{
    const char *names = config_get_or(cfg, "tables", "");
    bool has_query = task->settings.sql != NULL;
    if (*names && has_query)
        return refuse_tables(err, "Invalid configuration: a JdbcSourceTask cannot have both a table and a query assigned to it");
    if (!*names && !has_query)
        return refuse_tables(err, "Task is being killed because it was not assigned a table nor a query to execute. If run in table "
                                  "mode please make sure that the tables exist on the database. If the table does exist on the "
                                  "database, we recommend using the fully qualified table name.");
    if (!has_query)
        return add_tables(task, names, err);
    task->tables = xcalloc(1, sizeof(*task->tables));
    task->table_count = 1;
    source_table_init(&task->tables[0], &task->settings, (struct jdbc_table){0});
    source_table_use_query(&task->tables[0]);
    return true;
}

/* Without a stored offset timestamp modes begin at timestamp.initial, else in 1970. */
static bool
set_initial(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    int64_t initial_ms = task->settings.timestamp_initial;
    struct source_position *position = &t->position;
    if (!source_has_timestamp(task->settings.mode) || position->has_timestamp || initial_ms == INT64_MIN)
        return true;
    if (initial_ms == -1) {
        if (!source_read_database_now(task, &position->seconds, err))
            return false;
    } else {
        position->seconds = initial_ms / 1000 - (initial_ms % 1000 < 0);
        position->nanos = (int)(initial_ms - position->seconds * 1000) * 1000000;
    }
    position->has_timestamp = true;
    t->completed = *position;
    return true;
}

static bool
start_table(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    t->complete_ms = clock_now_ms();
    bool needs_columns = t->table.name && !t->base;
    if (needs_columns && !source_table_check(t, task->db, &task->conn.behaviour, err))
        return false;
    return source_table_restore(t, task->ctx, clock_now_ms(), err) && set_initial(task, t, err);
}

static bool
task_init(void *state, const struct source_task_context *ctx, const struct config *cfg, struct error *err)
{
    struct jdbc_source_task *task = state;
    task->ctx = ctx;
    task->progress_ms = task->progress_log_ms = clock_now_ms();
    task->bound = INT64_MIN;
    task->seen = GAPS_INIT;
    if (!source_settings_init(&task->settings, cfg, err))
        return false;
    task->has_settings = true;
    if (task->settings.batch_max_rows < 1) {
        error_set(err, ERROR_CONFIG, "Maximum batch size must be positive");
        err->java_class = ARGUMENT_EXCEPTION;
        return false;
    }
    if (!jdbc_connection_init(&task->conn, cfg, err))
        return false;
    task->has_connection = true;
    task->settings.types.behaviour = task->conn.behaviour;
    if (!assign_tables(task, cfg, err) || !connect_database(task, err))
        return false;
    for (size_t i = 0; i < task->table_count; i++)
        if (!start_table(task, &task->tables[i], err))
            return false;
    return true;
}

/* ---- progress ----------------------------------------------------------------------------------------------------------- */

static void
set_gauges(const struct jdbc_source_task *task, double rate, double left, int64_t lag_ms)
{
    const struct {
        const char *name;
        double value;
    } gauges[] = {
        {"rows-read", (double)task->rows_read}, {"rows-per-second", rate}, {"rows-left-estimate", left}, {"lag-ms", (double)lag_ms},
    };
    for (size_t i = 0; task->ctx->gauge && i < sizeof(gauges) / sizeof(*gauges); i++)
        task->ctx->gauge(task->ctx, gauges[i].name, gauges[i].value);
}

/* How far the task is: metrics once a second, a line in the log now and then while much is left. The lag is the time since
   when everything was read. */
static void
report_progress(struct jdbc_source_task *task)
{
    int64_t now = clock_now_ms(), ms = now - task->progress_ms, complete_ms = now;
    if (ms < PROGRESS_MS)
        return;
    double rate = (double)(task->rows_read - task->progress_rows) * 1000 / (double)ms, left = 0;
    for (size_t i = 0; i < task->table_count; i++) {
        const struct source_table *t = &task->tables[i];
        left += source_table_left(t);
        if (t->complete_ms < complete_ms)
            complete_ms = t->complete_ms;
    }
    set_gauges(task, rate, left, now - complete_ms);
    double left_here = task->reading ? source_table_left(task->reading) : 0;
    if (task->reading && left_here > 0 && rate > 0 && now - task->progress_log_ms >= PROGRESS_LOG_MS) {
        log_info("table %s: read %" PRIu64 " rows, about %.0f left, %.0f rows/s", task->reading->label, task->reading->rows, left_here, rate);
        task->progress_log_ms = now;
    }
    task->progress_ms = now;
    task->progress_rows = task->rows_read;
}

/* ---- turns ------------------------------------------------------------------------------------------------------------ */

static int64_t
due_of(const struct source_table *t)
{
    return t->due_ms < t->gaps_due_ms || t->gaps_due_ms == 0 ? t->due_ms : t->gaps_due_ms;
}

static struct source_table *
next_table(struct jdbc_source_task *task)
{
    struct source_table *next = &task->tables[0];
    for (size_t i = 1; i < task->table_count; i++)
        if (due_of(&task->tables[i]) < due_of(next))
            next = &task->tables[i];
    return next;
}

/* Is nothing there to be read at once? This table was read to its end; that it comes again at once is to find what came meanwhile. */
static bool
is_all_read(const struct jdbc_source_task *task, const struct source_table *t)
{
    int64_t now = clock_now_ms();
    bool is_all = !task->reading && !t->may_be_large;
    for (size_t i = 0; i < task->table_count; i++)
        is_all = is_all && (t == &task->tables[i] || due_of(&task->tables[i]) > now);
    return is_all;
}

/* Java: errors of the link and the server's own troubles pass, others do not (SQLNonTransientException). */
static bool
passes(const struct error *err)
{
    return err->code == ERROR_UNAVAILABLE || (err->code == ERROR_TIMEOUT && err->cause != 1317) ||
           strncmp(err->sqlstate, "HY", 2) == 0 || strncmp(err->sqlstate, "40", 2) == 0;
}

/* Rows that were read before the failure are handed on first. */
static enum poll_result
fail_behind(struct jdbc_source_task *task, const struct record_batch *out, const struct error *err)
{
    if (!out->count)
        return POLL_FAILED;
    task->failure = *err;
    task->has_failed = true;
    return POLL_RECORDS;
}

/* Give up the statement; the position stands behind the last record that was handed on. */
static enum poll_result
fail(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out, struct error *err)
{
    bool is_passing = passes(err);
    if (task->db && task->result)
        db_kill(task->db);
    source_read_close(task);
    source_task_disconnect(task);
    task->reading = NULL;
    if (!is_passing || db_links_is_closed(&task->links)) {
        if (err->code == ERROR_DATA)
            error_cause(err, NULL, "Error while processing table querier");
        error_cause(err, NULL, "Error while polling for records");
        return fail_behind(task, out, err);
    }
    int32_t attempts = task->settings.query_retry_attempts; /* as in Java 0 means for ever, too */
    if (attempts > 0 && ++t->failures >= (unsigned)attempts) {
        error_cause(err, NULL, "Failed to query table after retries");
        error_cause(err, NULL, "Error while polling for records");
        return fail_behind(task, out, err);
    }
    t->due_ms = clock_now_ms() + task->settings.poll_interval_ms;
    t->gaps_due_ms = INT64_MAX;
    if (out->count) { /* rows before the failure count */
        log_warn("table %s: %s; trying again in %d ms", t->label, err->message, task->settings.poll_interval_ms);
        return POLL_RECORDS;
    }
    return POLL_RETRY;
}

static enum poll_result
task_poll(void *state, struct record_batch *out, int timeout_ms, struct error *err)
{
    struct jdbc_source_task *task = state;
    int64_t until_ms = clock_now_ms() + timeout_ms;
    if (task->has_failed) {
        *err = task->failure;
        return POLL_FAILED;
    }
    while (!db_links_is_closed(&task->links)) {
        report_progress(task);
        struct source_table *t = task->reading ? task->reading : next_table(task);
        int64_t now = clock_now_ms(), wait_ms = task->reading ? 0 : due_of(t) - now;
        if (wait_ms > 0 && now >= until_ms)
            return POLL_IDLE;
        if (wait_ms > 0) {
            db_links_wait(&task->links, wait_ms < until_ms - now ? wait_ms : until_ms - now);
            continue;
        }
        if (!task->db && !connect_database(task, err))
            return POLL_FAILED;
        if (!source_read_batch(task, t, out, err))
            return fail(task, t, out, err);
        out->is_last = is_all_read(task, t);
        if (out->count)
            return POLL_RECORDS;
    }
    return POLL_IDLE;
}

/* ---- end ------------------------------------------------------------------------------------------------------------------ */

/* A result that nobody reads on keeps its transaction open on the server, so it is given up where the next statement goes
   on behind the last row. Without an id rows would come twice: there it stays open. */
static void
task_pause(void *state)
{
    struct jdbc_source_task *task = state;
    struct source_table *t = task->reading;
    if (!task->result || !t->incrementing_sql)
        return;
    db_kill(task->db);
    source_read_close(task);
    source_task_disconnect(task);
    source_read_end_turn(task, t);
}

static void
task_close(void *state)
{
    struct jdbc_source_task *task = state;
    db_links_close(&task->links);
}

static void
task_fini(void *state)
{
    struct jdbc_source_task *task = state;
    if (task->db && task->result)
        db_kill(task->db); /* else the rest of the rows would be read away */
    source_read_close(task);
    source_task_disconnect(task);
    for (size_t i = 0; i < task->table_count; i++)
        source_table_fini(&task->tables[i]);
    free(task->tables);
    gaps_fini(&task->seen);
    strbuf_fini(&task->sql);
    if (task->has_connection)
        jdbc_connection_fini(&task->conn);
    if (task->has_settings)
        source_settings_fini(&task->settings);
}

const struct source_task_ops jdbc_source_task_ops = {
    .size = sizeof(struct jdbc_source_task),
    .init = task_init,
    .poll = task_poll,
    .pause = task_pause,
    .close = task_close,
    .fini = task_fini,
};
