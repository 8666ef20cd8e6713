/* A task of the JDBC source on a scripted database, for its unit tests: one table `d`.`t`, settings of incrementing mode. */
#ifndef TESTS_UNIT_CONNECT_CONNECTORS_JDBC_SOURCE_SCRIPT_H
#define TESTS_UNIT_CONNECT_CONNECTORS_JDBC_SOURCE_SCRIPT_H

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "connect/connectors/jdbc/source_task.h"
#include "tests/fakes/db_script.h"
#include "tests/fakes/log_said.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct config cfg;
static struct error err;
static struct record_batch batch;
static void *task;
static const char *stored_key, *stored; /* the one stored offset */

static inline bool
offset_get(const struct source_task_context *ctx, const char *partition_json, char **offset_json_out, struct error *error)
{
    (void)ctx, (void)error;
    *offset_json_out = stored_key && strcmp(stored_key, partition_json) == 0 ? xstrdup(stored) : NULL;
    return true;
}

static struct {
    const char *name;
    double value;
} gauges[8];

static inline void
gauge(const struct source_task_context *ctx, const char *name, double value)
{
    (void)ctx;
    size_t i = 0;
    while (gauges[i].name && strcmp(gauges[i].name, name) != 0)
        i++;
    gauges[i].name = name;
    gauges[i].value = value;
}

static inline double
gauge_value(const char *name)
{
    for (size_t i = 0; gauges[i].name; i++)
        if (strcmp(gauges[i].name, name) == 0)
            return gauges[i].value;
    return -1;
}

static const struct source_task_context context = {.connector = "test", .offset_get = offset_get, .gauge = gauge};

/* ---- the database ----------------------------------------------------------------------------------------- */

#define TEXT_COLUMN(label) {.name = label, .table = "", .org_name = "", .org_table = "", .database = "", .type = DB_VARCHAR}

static const struct db_column table_columns[] = {
    {.name = "id", .table = "t", .org_name = "id", .type = DB_LONGLONG, .is_not_null = true},
    {.name = "at", .table = "t", .org_name = "at", .type = DB_DATETIME, .is_not_null = true},
    {0},
};
static const struct db_column one_column[] = {TEXT_COLUMN("x"), {0}};
static const struct db_column show_columns[] = {TEXT_COLUMN("Field"), TEXT_COLUMN("Type"), TEXT_COLUMN("Null"),
                                                TEXT_COLUMN("Key"), TEXT_COLUMN("Default"), TEXT_COLUMN("Extra"), {0}};
static const struct db_column trx_columns[] = {TEXT_COLUMN("id"), TEXT_COLUMN("query"), TEXT_COLUMN("started"), TEXT_COLUMN("clock"), {0}};
static const struct db_column process_columns[] = {TEXT_COLUMN("TIME"), TEXT_COLUMN("applies"), TEXT_COLUMN("clock"), {0}};
static const char *const shown[] = {"id", "bigint", "NO", "PRI", NULL, "auto_increment", "at", "datetime(6)", "NO", "", NULL, ""};

#define RULE(...) db_script_add(&(struct db_script_rule){__VA_ARGS__})

/* Rows of the next statement that contains `match`; "id", "at" pairs. */
static inline void
answer(const char *match, const char *const *rows, size_t count)
{
    RULE(.match = match, .times = 1, .columns = table_columns, .rows = rows, .row_count = count);
}
#define ANSWER(match, ...) \
    do { \
        static const char *const rows_[] = {__VA_ARGS__}; \
        answer(match, rows_, sizeof(rows_) / sizeof(*rows_) / 2); \
    } while (0)

/* What the server says of open transactions at the next look: our own, and one of number `other` (NULL: none). */
static inline void
open_transaction(unsigned times, const char *other)
{
    static const char *rows[8][8];
    static size_t used;
    const char **row = rows[used++ % 8];
    const char *own[] = {"0", "SELECT 'connect looks at 5'", "2026-01-01 00:00:10", "6"};
    memcpy(row, own, sizeof(own));
    const char *foreign[] = {other, "insert", "2026-01-01 00:00:05", "6"};
    memcpy(row + 4, foreign, sizeof(foreign));
    RULE(.match = "INNODB_TRX", .times = times, .columns = trx_columns, .rows = row, .row_count = other ? 2 : 1);
}

static inline void
setup(void)
{
    db_script_reset();
    cfg = CONFIG_INIT;
    err = ERROR_INIT;
    batch = RECORD_BATCH_INIT;
    task = xcalloc(1, jdbc_source_task_ops.size);
    stored_key = stored = NULL;
    memset(gauges, 0, sizeof(gauges));
    const char *const settings[][2] = {
        {"connection.url", "jdbc:mysql://h/d?jdbcCompliantTruncation=false"}, {"connection.attempts", "1"}, {"mode", "incrementing"},
        {"incrementing.column.name", "id"}, {"topic.prefix", "p-"}, {"tables", "`d`.`t`"}, {"poll.interval.ms", "1"},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
        config_set(&cfg, settings[i][0], settings[i][1]);
    static const char *const yes[] = {"1"};
    RULE(.match = "SHOW COLUMNS", .columns = show_columns, .rows = shown, .row_count = 2);
    RULE(.match = "STATISTICS", .columns = one_column, .rows = yes, .row_count = 1);
}

static inline void
teardown(void)
{
    record_batch_fini(&batch);
    jdbc_source_task_ops.fini(task);
    free(task);
    config_fini(&cfg);
}

static inline void
start(void)
{
    static const char *const horizon[] = {"0"};
    RULE(.match = "SELECT MAX", .columns = one_column, .rows = horizon, .row_count = 1);
    static const char *const own[] = {"0", "0", "5"};
    RULE(.match = "PROCESSLIST", .columns = process_columns, .rows = own, .row_count = 1);
    RULE(.match = "LIMIT 50000,1", .columns = one_column);
    ck_assert_msg(jdbc_source_task_ops.init(task, &context, &cfg, &err), "%s", err.message);
}

static inline enum poll_result
poll_once(void)
{
    record_batch_reset(&batch);
    return jdbc_source_task_ops.poll(task, &batch, 0, &err);
}

/* The offset of a record as JSON; lives until the next call. */
static inline const char *
offset_of(size_t i)
{
    static struct strbuf out;
    const struct record *record = &batch.records[i];
    strbuf_reset(&out);
    record->source_partition->write(record->source_partition, &record->source_offset, &out);
    return out.data;
}

static inline int64_t
id_of(size_t i)
{
    return batch.records[i].value.as.items[0].as.integer;
}

/* The last statement that reads the table. */
static inline const char *
last_read(void)
{
    for (size_t i = db_script_count(); i-- > 0;)
        if (strncmp(db_script_sql(i), "SELECT * FROM", 13) == 0)
            return db_script_sql(i);
    return "";
}

#endif
