/* Tests of connect/connectors/jdbc/source_task.c and source_table.c against a scripted database. */
#include "connect/connectors/jdbc/source_task.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/jdbc/gaps.h"
#include "tests/fakes/db_script.h"
#include "tests/fakes/log_said.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct config cfg;
static struct error err;
static struct record_batch batch;
static void *task;
static const char *stored_key, *stored; /* the one stored offset */

static bool
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

static void
gauge(const struct source_task_context *ctx, const char *name, double value)
{
    (void)ctx;
    size_t i = 0;
    while (gauges[i].name && strcmp(gauges[i].name, name) != 0)
        i++;
    gauges[i].name = name;
    gauges[i].value = value;
}

static double
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
static const struct db_column trx_columns[] = {TEXT_COLUMN("id"), TEXT_COLUMN("thread"), TEXT_COLUMN("query"), TEXT_COLUMN("started"), {0}};
static const struct db_column process_columns[] = {TEXT_COLUMN("TIME"), TEXT_COLUMN("applies"), {0}};
static const char *const shown[] = {"id", "bigint", "NO", "PRI", NULL, "auto_increment", "at", "datetime(6)", "NO", "", NULL, ""};

#define RULE(...) db_script_add(&(struct db_script_rule){__VA_ARGS__})

/* Rows of the next statement that contains `match`; "id", "at" pairs. */
static void
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
static void
open_transaction(unsigned times, const char *other)
{
    static const char *rows[8][8];
    static size_t used;
    const char **row = rows[used++ % 8];
    const char *own[] = {"0", "7", "look 1. look 2. look 3. look 4. look 5. look 6. look 7. look 8.", "2026-01-01 00:00:10"};
    memcpy(row, own, sizeof(own));
    const char *foreign[] = {other, "99", "insert", "2026-01-01 00:00:05"};
    memcpy(row + 4, foreign, sizeof(foreign));
    RULE(.match = "INNODB_TRX", .times = times, .columns = trx_columns, .rows = row, .row_count = other ? 2 : 1);
}

static void
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

static void
teardown(void)
{
    record_batch_fini(&batch);
    jdbc_source_task_ops.fini(task);
    free(task);
    config_fini(&cfg);
}

static void
start(void)
{
    static const char *const horizon[] = {"0"};
    RULE(.match = "SELECT MAX", .columns = one_column, .rows = horizon, .row_count = 1);
    RULE(.match = "PROCESSLIST", .columns = process_columns);
    RULE(.match = "LIMIT 50000,1", .columns = one_column);
    ck_assert_msg(jdbc_source_task_ops.init(task, &context, &cfg, &err), "%s", err.message);
}

static enum poll_result
poll_once(void)
{
    record_batch_reset(&batch);
    return jdbc_source_task_ops.poll(task, &batch, 0, &err);
}

/* The offset of a record as JSON; lives until the next call. */
static const char *
offset_of(size_t i)
{
    static struct strbuf out;
    const struct record *record = &batch.records[i];
    strbuf_reset(&out);
    record->source_partition->write(record->source_partition, &record->source_offset, &out);
    return out.data;
}

static int64_t
id_of(size_t i)
{
    return batch.records[i].value.as.items[0].as.integer;
}

/* The last statement that reads the table. */
static const char *
last_read(void)
{
    for (size_t i = db_script_count(); i-- > 0;)
        if (strncmp(db_script_sql(i), "SELECT * FROM", 13) == 0)
            return db_script_sql(i);
    return "";
}

/* ---- incrementing ------------------------------------------------------------------------------------------------ */

START_TEST(rows_become_records_and_the_next_statement_goes_on_behind_them)
{
    open_transaction(0, NULL);
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00", "2", "2020-01-01 00:00:00");
    RULE(.match = "`id` > 2 ", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 2);
    ck_assert_str_eq(batch.records[0].topic, "p-t");
    ck_assert_str_eq(batch.records[0].value_schema->name, "t");
    ck_assert_str_eq(batch.records[0].source_partition->key_json, "{\"protocol\":\"1\",\"table\":\"d.t\"}");
    ck_assert_str_eq(offset_of(0), "{\"incrementing\":1}");
    ck_assert_str_eq(offset_of(1), "{\"incrementing\":2}");
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_str_eq(last_read(), "SELECT * FROM `d`.`t` WHERE `d`.`t`.`id` > 2 ORDER BY `d`.`t`.`id` ASC LIMIT 50000");
}
END_TEST

START_TEST(a_result_is_handed_out_in_batches)
{
    config_set(&cfg, "batch.max.rows", "2");
    open_transaction(0, NULL);
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00", "2", "2020-01-01 00:00:00", "3", "2020-01-01 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 2);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 1);
    ck_assert_int_eq(id_of(0), 3);
    ck_assert_uint_eq(db_script_count_of("> -1 "), 1);
}
END_TEST

START_TEST(a_stored_offset_is_gone_on_from)
{
    stored_key = "{\"protocol\":\"1\",\"table\":\"d.t\"}";
    stored = "{\"incrementing\":41}";
    open_transaction(0, NULL);
    RULE(.match = "`id` > 41 ", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_uint_eq(db_script_count_of("`id` > 41 "), 1);
}
END_TEST

START_TEST(an_offset_of_the_old_protocol_is_gone_on_from)
{
    stored_key = "{\"table\":\"t\"}";
    stored = "{\"incrementing\":7}";
    open_transaction(0, NULL);
    RULE(.match = "`id` > 7 ", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_uint_eq(db_script_count_of("`id` > 7 "), 1);
}
END_TEST

START_TEST(a_missing_id_is_read_when_its_transaction_commits_late)
{
    open_transaction(0, "50");
    ANSWER("`id`=2", "2", "2020-01-01 00:00:00");
    stored_key = "{\"protocol\":\"1\",\"table\":\"d.t\"}";
    stored = "{\"incrementing\":0}";
    ANSWER("`id` > 0 ", "1", "2020-01-01 00:00:00", "3", "2020-01-01 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 3);
    ck_assert_int_eq(id_of(2), 2);
    ck_assert_str_eq(offset_of(1), "{\"incrementing\":3,\"gaps\":[[2,2]]}");
    ck_assert_str_eq(offset_of(2), "{\"incrementing\":3}");
}
END_TEST

START_TEST(a_gap_that_is_still_open_is_part_of_the_offset)
{
    stored_key = "{\"protocol\":\"1\",\"table\":\"d.t\"}";
    stored = "{\"incrementing\":0}";
    open_transaction(0, "50");
    ANSWER("`id` > 0 ", "1", "2020-01-01 00:00:00", "4", "2020-01-01 00:00:00");
    RULE(.match = "`id` BETWEEN 2 AND 3", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 2);
    ck_assert_str_eq(offset_of(0), "{\"incrementing\":1}");
    ck_assert_str_eq(offset_of(1), "{\"incrementing\":4,\"gaps\":[[2,3]]}");
    ck_assert_uint_eq(db_script_count_of("`id` BETWEEN 2 AND 3"), 1);
}
END_TEST

START_TEST(a_gap_of_a_stored_offset_is_asked_for)
{
    stored_key = "{\"protocol\":\"1\",\"table\":\"d.t\"}";
    stored = "{\"incrementing\":9,\"gaps\":[[5,5]]}";
    open_transaction(0, NULL);
    RULE(.match = "`id` > 9 ", .columns = table_columns);
    ANSWER("`id`=5", "5", "2020-01-01 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_int_eq(id_of(0), 5);
    ck_assert_str_eq(offset_of(0), "{\"incrementing\":9}");
}
END_TEST

/* On a replica, id 2 may be committed on the other server and arrive here later. */
START_TEST(where_another_server_s_changes_are_applied_a_gap_is_not_given_up)
{
    static const char *const applier[] = {"5", "1"};
    RULE(.match = "PROCESSLIST", .columns = process_columns, .rows = applier, .row_count = 1);
    stored_key = "{\"protocol\":\"1\",\"table\":\"d.t\"}";
    stored = "{\"incrementing\":0}";
    open_transaction(0, NULL);
    ANSWER("`id` > 0 ", "1", "2020-01-01 00:00:00", "3", "2020-01-01 00:00:00");
    ANSWER("`id`=2", NULL);
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_str_eq(offset_of(1), "{\"incrementing\":3,\"gaps\":[[2,2]]}");
}
END_TEST

START_TEST(a_pause_lets_go_of_a_half_read_result_and_reading_goes_on_behind_it)
{
    config_set(&cfg, "batch.max.rows", "2");
    open_transaction(0, NULL);
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00", "2", "2020-01-01 00:00:00", "3", "2020-01-01 00:00:00");
    ANSWER("`id` > 2 ", "3", "2020-01-01 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(db_script_open(), 1);
    jdbc_source_task_ops.pause(task);
    ck_assert_uint_eq(db_script_open(), 0);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 1);
    ck_assert_int_eq(id_of(0), 3);
    ck_assert_uint_eq(db_script_count_of("`id` > -1 "), 1);
}
END_TEST

START_TEST(progress_is_told_as_rows_read_and_left)
{
    static const char *const largest[] = {"100"};
    config_set(&cfg, "batch.max.rows", "1");
    RULE(.match = "SELECT MAX", .columns = one_column, .rows = largest, .row_count = 1);
    open_transaction(0, NULL);
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00", "60", "2020-01-01 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_double_eq(gauge_value("rows-read"), -1); /* not for every poll */
    clock_freeze_ms(clock_now_ms() + 1500);
    poll_once();
    clock_freeze_ms(-1);
    ck_assert_double_eq(gauge_value("rows-read"), 2);
    ck_assert_double_eq(gauge_value("rows-left-estimate"), 40);
    ck_assert_double_ge(gauge_value("lag-ms"), 1500);
}
END_TEST

START_TEST(a_large_read_is_a_line_in_the_log_every_ten_seconds)
{
    static const char *const largest[] = {"100"};
    config_set(&cfg, "batch.max.rows", "1");
    RULE(.match = "SELECT MAX", .columns = one_column, .rows = largest, .row_count = 1);
    open_transaction(0, NULL);
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00", "40", "2020-01-01 00:00:00", "60", "2020-01-01 00:00:00", "61",
           "2020-01-01 00:00:00");
    clock_freeze_ms(1000000);
    start();
    log_said_begin();
    for (int seconds = 0; seconds <= 16; seconds += 4) {
        clock_freeze_ms(1000000 + 1000 * seconds);
        poll_once();
    }
    const char *said = log_said_end();
    clock_freeze_ms(-1);
    ck_assert_uint_eq(log_said_count(said, "left"), 1);
    ck_assert_msg(strstr(said, "table `d`.`t`: read 3 rows, about 40 left, 0 rows/s") != NULL, "%s", said);
}
END_TEST

/* Gaps are looked at again every 110 ms; that must not put off the next look for new rows. */
START_TEST(an_open_gap_does_not_hold_up_new_rows)
{
    config_set(&cfg, "poll.interval.ms", "1000");
    stored_key = "{\"protocol\":\"1\",\"table\":\"d.t\"}";
    stored = "{\"incrementing\":0}";
    open_transaction(0, "50");
    ANSWER("`id` > 0 ", "1", "2020-01-01 00:00:00", "3", "2020-01-01 00:00:00");
    RULE(.match = "`id`=2", .columns = table_columns);
    RULE(.match = "`id` > 3 ", .times = 1, .columns = table_columns);
    ANSWER("`id` > 3 ", "4", "2020-01-01 00:00:00");
    start();
    clock_freeze_ms(1000000);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    for (int ms = 200; ms <= 1200; ms += 200) {
        clock_freeze_ms(1000000 + ms);
        if (poll_once() == POLL_RECORDS)
            break;
    }
    clock_freeze_ms(-1);
    ck_assert_uint_eq(batch.count, 1);
    ck_assert_int_eq(id_of(0), 4);
    ck_assert_uint_ge(db_script_count_of("`id`=2"), 4);
}
END_TEST

/* What is remembered of missing ids is bounded: before it grows further, some must be found or given up. */
START_TEST(while_too_many_ids_are_missing_reading_waits)
{
    enum { ROWS = GAPS_MAX + 10 };
    static char texts[ROWS][8];
    static const char *rows[2 * ROWS];
    for (int i = 0; i < ROWS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%d", 2 * (i + 1));
        rows[2 * i] = texts[i];
        rows[2 * i + 1] = "2020-01-01 00:00:00";
    }
    config_set(&cfg, "batch.max.rows", "100000");
    stored_key = "{\"protocol\":\"1\",\"table\":\"d.t\"}";
    stored = "{\"incrementing\":0}";
    open_transaction(4, "50");
    open_transaction(0, NULL);
    answer("`id` > 0 ", rows, ROWS);
    RULE(.match = "WHERE (", .columns = table_columns);
    ANSWER("`id` > 20000 ", "20021", "2020-01-01 00:00:00");
    clock_freeze_ms(1000000);
    start();
    log_said_begin();
    enum poll_result first = poll_once();
    size_t count = batch.count;
    int64_t last = count ? id_of(count - 1) : -1, next = -1;
    unsigned polls = 0;
    for (int ms = 200; ms <= 4000 && next < 0; ms += 200, polls++) {
        clock_freeze_ms(1000000 + ms);
        if (poll_once() == POLL_RECORDS)
            next = id_of(0);
    }
    const char *said = log_said_end();
    clock_freeze_ms(-1);
    ck_assert_int_eq(first, POLL_RECORDS);
    ck_assert_uint_eq(count, GAPS_MAX);
    ck_assert_int_eq(last, 20000);
    ck_assert_int_eq(next, 20021);
    ck_assert_uint_gt(polls, 2); /* not while the transaction was open */
    ck_assert_uint_eq(db_script_count_of("`id` > 20000 "), 1);
    ck_assert_uint_eq(log_said_count(said, "more than 10000 gaps between ids while transactions are open; waiting for them"), 1);
}
END_TEST

/* UNION ALL … WHERE id > 5 ORDER BY id: the condition is the second part's alone. */
START_TEST(a_query_that_finds_the_same_rows_again_waits_for_its_next_turn)
{
    static const char *const same[] = {"1", "2020-01-01 00:00:00", "5", "2020-01-01 00:00:00", "3", "2020-01-01 00:00:00"};
    config_set(&cfg, "poll.interval.ms", "1000");
    config_set(&cfg, "incrementing.gap.tracking", "false");
    RULE(.match = "SELECT * FROM", .columns = table_columns, .rows = same, .row_count = 3);
    start();
    clock_freeze_ms(1000000);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_int_eq(poll_once(), POLL_RECORDS); /* id 3 is more than none */
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    clock_freeze_ms(1001001);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    clock_freeze_ms(-1);
}
END_TEST

START_TEST(without_tracking_nothing_is_asked_twice)
{
    config_set(&cfg, "incrementing.gap.tracking", "false");
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00", "9", "2020-01-01 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_str_eq(offset_of(1), "{\"incrementing\":9}");
    ck_assert_uint_eq(db_script_count_of("INNODB_TRX"), 0);
}
END_TEST

/* ---- timestamp ------------------------------------------------------------------------------------------------------ */

static void
use_timestamp(const char *mode)
{
    static const char *const now[] = {"2026-01-01 00:00:10"};
    config_set(&cfg, "mode", mode);
    config_set(&cfg, "timestamp.column.name", "at");
    RULE(.match = "CURRENT_TIMESTAMP", .columns = one_column, .rows = now, .row_count = 1);
}

static const char *const equal_times[] = {"1", "2020-01-01 00:00:01", "2", "2020-01-01 00:00:01", "3", "2020-01-01 00:00:02",
                                          "4", "2020-01-01 00:00:02", "5", "2020-01-01 00:00:03"};
#define OFFSET(s) "{\"timestamp_nanos\":0,\"timestamp\":15778368" s "000}"
static const char *const lagging[] = {"{}", OFFSET("01"), OFFSET("01"), OFFSET("02"), OFFSET("03")};

START_TEST(the_offset_of_a_time_counts_when_its_last_row_was_read)
{
    static const char sizes[][4] = {"1", "2", "3", "5", "100"};
    config_set(&cfg, "batch.max.rows", sizes[_i]);
    use_timestamp("timestamp");
    open_transaction(0, NULL);
    answer("SELECT * FROM", equal_times, 5);
    start();
    for (size_t row = 0; row < 5;) {
        ck_assert_int_eq(poll_once(), POLL_RECORDS);
        for (size_t i = 0; i < batch.count; i++, row++) {
            ck_assert_int_eq(id_of(i), (int64_t)row + 1);
            ck_assert_str_eq(offset_of(i), lagging[row]);
        }
    }
}
END_TEST

START_TEST(a_timestamp_statement_ends_before_the_oldest_open_transaction)
{
    use_timestamp("timestamp+incrementing");
    open_transaction(0, "50");
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_str_eq(last_read(), "SELECT * FROM `d`.`t` WHERE `d`.`t`.`at` < '2026-01-01 00:00:04' AND "
                                  "((`d`.`t`.`at` = '1970-01-01 00:00:00' AND `d`.`t`.`id` > -1) OR `d`.`t`.`at` > '1970-01-01 00:00:00') "
                                  "ORDER BY `d`.`t`.`at`,`d`.`t`.`id` ASC LIMIT 50000");
}
END_TEST

/* 50000 rows a statement: no LIMIT, which would part rows of one time. */
START_TEST(many_rows_are_read_in_several_statements_that_end_between_two_times)
{
    static const char *const milestone[] = {"2020-01-01 00:00:02.500000"};
    use_timestamp("timestamp");
    open_transaction(0, NULL);
    RULE(.match = "LIMIT 50000,1", .times = 1, .columns = one_column, .rows = milestone, .row_count = 1);
    answer("SELECT * FROM", equal_times, 4);
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 4);
    ck_assert_str_eq(offset_of(3), OFFSET("02"));
    ck_assert_ptr_nonnull(strstr(last_read(), "`at` < '2020-01-01 00:00:02.500001' ORDER BY"));
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_ptr_nonnull(strstr(last_read(), "`at` < '2026-01-01 00:00:10' ORDER BY"));
    ck_assert_uint_eq(db_script_count_of("LIMIT 50000,1"), 1);
}
END_TEST

START_TEST(a_pause_in_timestamp_mode_keeps_the_result_so_that_no_row_comes_twice)
{
    config_set(&cfg, "batch.max.rows", "1");
    use_timestamp("timestamp");
    open_transaction(0, NULL);
    answer("SELECT * FROM", equal_times, 5);
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    jdbc_source_task_ops.pause(task);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_int_eq(id_of(0), 2);
}
END_TEST

START_TEST(without_open_transactions_it_ends_at_the_database_s_time)
{
    use_timestamp("timestamp");
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_ptr_nonnull(strstr(last_read(), "`at` < '2026-01-01 00:00:10' ORDER BY"));
}
END_TEST

static const struct {
    const char *initial, *from;
} initials[] = {
    {NULL, "'1970-01-01 00:00:00'"},
    {"1577836801500", "'2020-01-01 00:00:01.5'"},
    {"-86400001", "'1969-12-30 23:59:59.999'"},
    {"-1", "'2026-01-01 00:00:10'"}, /* the server's time, in db.timezone */
};

START_TEST(without_an_offset_reading_begins_at_the_initial_time)
{
    if (initials[_i].initial)
        config_set(&cfg, "timestamp.initial", initials[_i].initial);
    use_timestamp("timestamp");
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    poll_once();
    struct strbuf condition = STRBUF_INIT;
    strbuf_printf(&condition, "`at` > %s AND ", initials[_i].from);
    ck_assert_msg(strstr(last_read(), condition.data) != NULL, "%s", last_read());
    strbuf_fini(&condition);
}
END_TEST

START_TEST(a_stored_time_wins_over_the_initial_one)
{
    config_set(&cfg, "timestamp.initial", "-1");
    stored_key = "{\"protocol\":\"1\",\"table\":\"d.t\"}";
    stored = OFFSET("02");
    use_timestamp("timestamp");
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    poll_once();
    ck_assert_ptr_nonnull(strstr(last_read(), "`at` > '2020-01-01 00:00:02' AND "));
}
END_TEST

START_TEST(a_delay_ends_a_statement_earlier)
{
    config_set(&cfg, "timestamp.delay.interval.ms", "2500");
    use_timestamp("timestamp");
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    poll_once();
    ck_assert_msg(strstr(last_read(), "`at` < '2026-01-01 00:00:07.5' ORDER BY") != NULL, "%s", last_read());
}
END_TEST

/* Times of statements and of rows are the zone's, those of offsets are UTC. */
START_TEST(a_zone_moves_times_of_statements_and_offsets)
{
    config_set(&cfg, "db.timezone", "Asia/Seoul");
    config_set(&cfg, "timestamp.initial", "0");
    use_timestamp("timestamp");
    open_transaction(0, NULL);
    ANSWER("SELECT * FROM", "1", "2020-01-01 09:00:02");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_ptr_nonnull(strstr(last_read(), "`at` > '1970-01-01 09:00:00' AND "));
    ck_assert_ptr_nonnull(strstr(last_read(), "`at` < '2026-01-01 00:00:10' ORDER BY"));
    ck_assert_str_eq(offset_of(0), OFFSET("02"));
}
END_TEST

START_TEST(open_transactions_are_looked_at_unless_that_is_switched_off)
{
    config_set(&cfg, "timestamp.open.transactions", "false");
    use_timestamp("timestamp");
    open_transaction(0, "50");
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    poll_once();
    ck_assert_uint_eq(db_script_count_of("INNODB_TRX"), 0);
    ck_assert_ptr_nonnull(strstr(last_read(), "`at` < '2026-01-01 00:00:10' ORDER BY"));
}
END_TEST

/* The row of PROCESSLIST is a thread that applies changes of another server. */
START_TEST(where_another_server_s_changes_are_applied_times_have_no_bound_and_that_is_said_once)
{
    static const char *const applier[] = {"0", "1"};
    use_timestamp("timestamp");
    RULE(.match = "PROCESSLIST", .columns = process_columns, .rows = applier, .row_count = 1);
    open_transaction(0, "50");
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    log_said_begin();
    start();
    poll_once();
    clock_freeze_ms(clock_now_ms() + 2000);
    poll_once();
    clock_freeze_ms(-1);
    const char *said = log_said_end();
    ck_assert_uint_eq(db_script_count_of("SELECT * FROM"), 2);
    ck_assert_ptr_nonnull(strstr(last_read(), "`at` < '2026-01-01 00:00:10' ORDER BY"));
    ck_assert_uint_eq(log_said_count(said, "rows whose transaction commits late are lost in timestamp modes. Read from the server"), 1);
}
END_TEST

/* Without the PROCESS privilege. */
START_TEST(where_open_transactions_may_not_be_seen_times_end_by_the_delay_and_that_is_said_once)
{
    config_set(&cfg, "timestamp.delay.interval.ms", "3000");
    use_timestamp("timestamp");
    RULE(.match = "INNODB_TRX", .columns = trx_columns, .fails = 1227, .sqlstate = "42000",
         .message = "Access denied; you need (at least one of) the PROCESS privilege(s) for this operation");
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    log_said_begin();
    start();
    poll_once();
    clock_freeze_ms(clock_now_ms() + 2000);
    poll_once();
    clock_freeze_ms(-1);
    const char *said = log_said_end();
    ck_assert_uint_eq(db_script_count_of("SELECT * FROM"), 2);
    ck_assert_uint_eq(db_script_count_of("INNODB_TRX"), 1);
    ck_assert_msg(strstr(last_read(), "`at` < '2026-01-01 00:00:07' ORDER BY") != NULL, "%s", last_read());
    ck_assert_uint_eq(log_said_count(said, "Grant the PROCESS privilege, or set timestamp.delay.interval.ms"), 1);
}
END_TEST

START_TEST(several_timestamp_columns_are_one_expression)
{
    static const char *const wide[] = {"id", "bigint", "NO", "PRI", NULL, "", "at", "datetime(6)", "NO", "", NULL, "",
                                       "changed", "timestamp", "YES", "", NULL, ""};
    db_script_reset();
    RULE(.match = "SHOW COLUMNS", .columns = show_columns, .rows = wide, .row_count = 3);
    use_timestamp("timestamp");
    config_set(&cfg, "timestamp.column.name", "changed, AT");
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    log_said_begin();
    start();
    const char *said = log_said_end();
    ck_assert_uint_eq(log_said_count(said, "sorts the whole table"), 1);
    poll_once();
    ck_assert_msg(strstr(last_read(), " ORDER BY COALESCE(`d`.`t`.`changed`,`d`.`t`.`at`) ASC") != NULL, "%s", last_read());
}
END_TEST

/* ---- tables that cannot be read well --------------------------------------------------------------------------------- */

START_TEST(a_missing_index_is_said_once_and_the_table_read_in_one_statement)
{
    static const char *const none[] = {"0"};
    db_script_reset();
    RULE(.match = "SHOW COLUMNS", .columns = show_columns, .rows = shown, .row_count = 2);
    RULE(.match = "STATISTICS", .columns = one_column, .rows = none, .row_count = 1);
    open_transaction(0, NULL);
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00");
    RULE(.match = "`id` > 1 ", .columns = table_columns);
    log_said_begin();
    start();
    poll_once();
    poll_once();
    const char *said = log_said_end();
    ck_assert_uint_eq(log_said_count(said, "table `d`.`t` has no index that begins with column id"), 1);
    ck_assert_ptr_null(strstr(last_read(), "LIMIT"));
}
END_TEST

static const struct {
    const char *mode, *is_id_nullable, *is_time_nullable, *message; /* NULL: accepted */
} nullables[] = {
    {"incrementing", "NO", "YES", NULL},
    {"incrementing", "YES", "NO", "Cannot make incremental queries using incrementing column id on `d`.`t` because this column is nullable."},
    {"timestamp", "YES", "NO", NULL},
    {"timestamp", "NO", "YES", "Cannot make incremental queries using timestamp columns at on `d`.`t` because all of these columns are nullable."},
};

START_TEST(columns_that_may_be_null_are_refused_unless_that_is_switched_off)
{
    const char *const columns[] = {"id", "bigint", nullables[_i].is_id_nullable, "", NULL, "",
                                   "at", "datetime(6)", nullables[_i].is_time_nullable, "", NULL, ""};
    static const char *const yes[] = {"1"};
    db_script_reset();
    RULE(.match = "SHOW COLUMNS", .columns = show_columns, .rows = columns, .row_count = 2);
    RULE(.match = "STATISTICS", .columns = one_column, .rows = yes, .row_count = 1);
    config_set(&cfg, "mode", nullables[_i].mode);
    config_set(&cfg, "timestamp.column.name", "at");
    bool is_fine = jdbc_source_task_ops.init(task, &context, &cfg, &err);
    ck_assert_int_eq(is_fine, nullables[_i].message == NULL);
    if (!is_fine) {
        ck_assert_str_eq(err.message, nullables[_i].message);
        jdbc_source_task_ops.fini(task);
        memset(task, 0, jdbc_source_task_ops.size);
        config_set(&cfg, "validate.non.null", "false");
        ck_assert_msg(jdbc_source_task_ops.init(task, &context, &cfg, &err), "%s", err.message);
    }
}
END_TEST

START_TEST(the_isolation_is_set_for_the_session)
{
    config_set(&cfg, "transaction.isolation.mode", "READ_COMMITTED");
    start();
    ck_assert_uint_eq(db_script_count_of("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"), 1);
}
END_TEST

START_TEST(names_are_bare_when_quotes_are_switched_off)
{
    config_set(&cfg, "quote.sql.identifiers", "NEVER");
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    poll_once();
    ck_assert_str_eq(last_read(), "SELECT * FROM d.t WHERE d.t.id > -1 ORDER BY d.t.id ASC LIMIT 50000");
}
END_TEST

/* ---- bulk and query ------------------------------------------------------------------------------------------------- */

START_TEST(bulk_reads_all_and_stores_no_offset)
{
    config_set(&cfg, "mode", "bulk");
    config_set(&cfg, "poll.interval.ms", "86400000");
    ANSWER("SELECT * FROM `d`.`t`", "1", "2020-01-01 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_str_eq(last_read(), "SELECT * FROM `d`.`t`");
    ck_assert(batch.records[0].source_offset.is_null);
    ck_assert_str_eq(batch.records[0].source_partition->key_json, "{\"table\":\"t\"}");
    ck_assert_int_eq(poll_once(), POLL_IDLE);
}
END_TEST

START_TEST(a_query_gets_the_condition_behind_it_and_a_suffix)
{
    config_set(&cfg, "tables", "");
    config_set(&cfg, "query", "SELECT * FROM v");
    config_set(&cfg, "query.suffix", "  LIMIT 5 ");
    config_set(&cfg, "topic.prefix", "all");
    open_transaction(0, NULL);
    ANSWER("SELECT * FROM v", "1", "2020-01-01 00:00:00");
    RULE(.match = "`id`=0", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(db_script_count_of("SELECT * FROM v WHERE `id` > -1 ORDER BY `id` ASC LIMIT 5"), 1);
    ck_assert_str_eq(batch.records[0].topic, "all");
    ck_assert_ptr_null(batch.records[0].value_schema->name);
    ck_assert_str_eq(batch.records[0].source_partition->key_json, "{\"query\":\"query\"}");
}
END_TEST

START_TEST(an_empty_query_is_none_and_a_hidden_one_is_not_logged)
{
    static const char *const texts[] = {"", "SELECT 'hush' FROM v"};
    config_set(&cfg, "query", "");
    config_set(&cfg, "query.masked", texts[_i]);
    config_set(&cfg, "tables", _i ? "" : "`d`.`t`");
    config_set(&cfg, "mode", "bulk");
    log_level_set("io.confluent.connect.jdbc.source.JdbcSourceTask", LOG_DEBUG);
    RULE(.match = "SELECT", .columns = table_columns);
    log_said_begin();
    ck_assert_msg(jdbc_source_task_ops.init(task, &context, &cfg, &err), "%s", err.message);
    poll_once();
    const char *said = log_said_end();
    ck_assert_uint_eq(db_script_count_of("hush"), _i ? 1 : 0);
    ck_assert_uint_eq(db_script_count_of("SELECT * FROM `d`.`t`"), _i ? 0 : 1);
    ck_assert_ptr_null(strstr(said, "hush"));
    ck_assert_uint_eq(log_said_count(said, "SELECT * FROM"), _i ? 0 : 1);
}
END_TEST

/* ---- failures ---------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *setting, *value, *message, *java_class;
} refused[] = {
    {"tables", "", "Task is being killed because it was not assigned a table", "org.apache.kafka.common.config.ConfigException"},
    {"query", "SELECT 1", "cannot have both a table and a query", "org.apache.kafka.common.config.ConfigException"},
    {"incrementing.column.name", "nope", "Incrementing column: nope does not exist in table '`d`.`t`'",
     "org.apache.kafka.common.config.ConfigException"},
    {"transaction.isolation.mode", "sometimes", "TransactionIsolationMode.sometimes", "java.lang.IllegalArgumentException"},
    {"batch.max.rows", "0", "Maximum batch size must be positive", "java.lang.IllegalArgumentException"},
    {"table.include.list", ".*", "Error while validating incrementing column mappings: Included table '\"d\".\"t\"' does not match any of the "
                                 "provided regexes", NULL},
    {"mode", "", "Query mode must be specified", "org.apache.kafka.common.config.ConfigException"},
};

START_TEST(a_start_that_cannot_work_says_why)
{
    config_set(&cfg, refused[_i].setting, refused[_i].value);
    ck_assert(!jdbc_source_task_ops.init(task, &context, &cfg, &err));
    ck_assert_msg(strstr(err.message, refused[_i].message) != NULL, "%s", err.message);
    ck_assert_pstr_eq(err.java_class, refused[_i].java_class);
}
END_TEST

START_TEST(a_refused_statement_fails_the_task)
{
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .fails = 1146, .sqlstate = "42S02", .message = "Table 'd.t' doesn't exist");
    start();
    ck_assert_int_eq(poll_once(), POLL_FAILED);
    ck_assert_str_eq(err.message, "Error while polling for records");
    ck_assert_ptr_nonnull(strstr(err.causes, "doesn't exist"));
}
END_TEST

START_TEST(after_a_lost_connection_reading_goes_on_behind_the_last_row)
{
    static const char *const rows[] = {"1", "2020-01-01 00:00:00", "2", "2020-01-01 00:00:00"};
    open_transaction(0, NULL);
    RULE(.match = "`id` > -1 ", .columns = table_columns, .rows = rows, .row_count = 2, .fails = 2013, .message = "lost");
    ANSWER("`id` > 2 ", "3", "2020-01-01 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 2);
    enum poll_result result = POLL_IDLE;
    for (int i = 0; i < 1000 && result == POLL_IDLE; i++) {
        record_batch_reset(&batch);
        result = jdbc_source_task_ops.poll(task, &batch, 10, &err);
    }
    ck_assert_int_eq(result, POLL_RECORDS);
    ck_assert_int_eq(id_of(0), 3);
    ck_assert_uint_eq(db_script_connects(), 2);
}
END_TEST

START_TEST(rows_before_a_bad_one_are_handed_on_first)
{
    open_transaction(0, NULL);
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00", "2", "0000-00-00 00:00:00");
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 1);
    ck_assert_int_eq(poll_once(), POLL_FAILED);
    ck_assert_ptr_nonnull(strstr(err.causes, "table `d`.`t`: column at: Zero date value prohibited"));
}
END_TEST

START_TEST(retries_end_when_they_are_counted)
{
    config_set(&cfg, "query.retry.attempts", "2");
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .fails = 1205, .message = "Lock wait timeout exceeded");
    start();
    ck_assert_int_eq(poll_once(), POLL_RETRY);
    enum poll_result result = POLL_IDLE;
    for (int i = 0; i < 1000 && result == POLL_IDLE; i++)
        result = jdbc_source_task_ops.poll(task, &batch, 10, &err);
    ck_assert_int_eq(result, POLL_FAILED);
    ck_assert_str_eq(err.message, "Error while polling for records");
    ck_assert_ptr_nonnull(strstr(err.causes, "Failed to query table after retries"));
}
END_TEST

static void *
close_when_it_reads(void *arg)
{
    while (db_script_count_of("SELECT * FROM") == 0)
        ;
    jdbc_source_task_ops.close(arg);
    return NULL;
}

START_TEST(close_ends_a_statement_that_would_run_for_ever)
{
    open_transaction(0, NULL);
    RULE(.match = "SELECT * FROM", .columns = table_columns, .blocks = true);
    start();
    pthread_t thread;
    pthread_create(&thread, NULL, close_when_it_reads, task);
    poll_once();
    pthread_join(thread, NULL);
    ck_assert_uint_eq(batch.count, 0);
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_uint_eq(db_script_open(), 0);
}
END_TEST

START_TEST(a_changed_table_gets_a_new_schema_at_the_next_statement)
{
    static const struct db_column wider[] = {
        {.name = "id", .table = "t", .org_name = "id", .type = DB_LONGLONG, .is_not_null = true},
        {.name = "more", .table = "t", .org_name = "more", .type = DB_LONG},
        {0},
    };
    static const char *const rows[] = {"2", "7"};
    open_transaction(0, NULL);
    ANSWER("`id` > -1 ", "1", "2020-01-01 00:00:00");
    RULE(.match = "`id` > 1 ", .columns = wider, .rows = rows, .row_count = 1);
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_str_eq(batch.records[0].value_schema->fields[1].name, "more");
    ck_assert_int_eq(batch.records[0].value.as.items[1].as.integer, 7);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/source_task");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, rows_become_records_and_the_next_statement_goes_on_behind_them);
    tcase_add_test(tcase, a_result_is_handed_out_in_batches);
    tcase_add_test(tcase, a_stored_offset_is_gone_on_from);
    tcase_add_test(tcase, an_offset_of_the_old_protocol_is_gone_on_from);
    tcase_add_test(tcase, a_missing_id_is_read_when_its_transaction_commits_late);
    tcase_add_test(tcase, a_gap_that_is_still_open_is_part_of_the_offset);
    tcase_add_test(tcase, a_gap_of_a_stored_offset_is_asked_for);
    tcase_add_test(tcase, where_another_server_s_changes_are_applied_a_gap_is_not_given_up);
    tcase_add_test(tcase, a_pause_lets_go_of_a_half_read_result_and_reading_goes_on_behind_it);
    tcase_add_test(tcase, progress_is_told_as_rows_read_and_left);
    tcase_add_test(tcase, a_large_read_is_a_line_in_the_log_every_ten_seconds);
    tcase_add_test(tcase, an_open_gap_does_not_hold_up_new_rows);
    tcase_add_test(tcase, while_too_many_ids_are_missing_reading_waits);
    tcase_add_test(tcase, a_query_that_finds_the_same_rows_again_waits_for_its_next_turn);
    tcase_add_test(tcase, without_tracking_nothing_is_asked_twice);
    tcase_add_loop_test(tcase, the_offset_of_a_time_counts_when_its_last_row_was_read, 0, 5);
    tcase_add_test(tcase, a_timestamp_statement_ends_before_the_oldest_open_transaction);
    tcase_add_test(tcase, many_rows_are_read_in_several_statements_that_end_between_two_times);
    tcase_add_test(tcase, a_pause_in_timestamp_mode_keeps_the_result_so_that_no_row_comes_twice);
    tcase_add_test(tcase, without_open_transactions_it_ends_at_the_database_s_time);
    tcase_add_loop_test(tcase, without_an_offset_reading_begins_at_the_initial_time, 0, sizeof(initials) / sizeof(*initials));
    tcase_add_test(tcase, a_stored_time_wins_over_the_initial_one);
    tcase_add_test(tcase, a_delay_ends_a_statement_earlier);
    tcase_add_test(tcase, a_zone_moves_times_of_statements_and_offsets);
    tcase_add_test(tcase, open_transactions_are_looked_at_unless_that_is_switched_off);
    tcase_add_test(tcase, where_another_server_s_changes_are_applied_times_have_no_bound_and_that_is_said_once);
    tcase_add_test(tcase, where_open_transactions_may_not_be_seen_times_end_by_the_delay_and_that_is_said_once);
    tcase_add_test(tcase, several_timestamp_columns_are_one_expression);
    tcase_add_test(tcase, a_missing_index_is_said_once_and_the_table_read_in_one_statement);
    tcase_add_loop_test(tcase, columns_that_may_be_null_are_refused_unless_that_is_switched_off, 0,
                        sizeof(nullables) / sizeof(*nullables));
    tcase_add_test(tcase, the_isolation_is_set_for_the_session);
    tcase_add_test(tcase, names_are_bare_when_quotes_are_switched_off);
    tcase_add_test(tcase, bulk_reads_all_and_stores_no_offset);
    tcase_add_test(tcase, a_query_gets_the_condition_behind_it_and_a_suffix);
    tcase_add_loop_test(tcase, an_empty_query_is_none_and_a_hidden_one_is_not_logged, 0, 2);
    tcase_add_loop_test(tcase, a_start_that_cannot_work_says_why, 0, sizeof(refused) / sizeof(*refused));
    tcase_add_test(tcase, a_refused_statement_fails_the_task);
    tcase_add_test(tcase, after_a_lost_connection_reading_goes_on_behind_the_last_row);
    tcase_add_test(tcase, rows_before_a_bad_one_are_handed_on_first);
    tcase_add_test(tcase, retries_end_when_they_are_counted);
    tcase_add_test(tcase, close_ends_a_statement_that_would_run_for_ever);
    tcase_add_test(tcase, a_changed_table_gets_a_new_schema_at_the_next_statement);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
