/* Tests of connect/connectors/jdbc/source_task.c and source_table.c against a scripted database. */
#include "source_script.h"

#include "common/base/log.h"

#include <pthread.h>

/* ---- turns ---------------------------------------------------------------------------------------------------------- */

/* What was read is sent at once only when there is nothing to wait for: else batches in Kafka would be small. */
START_TEST(a_batch_says_whether_it_is_the_last_for_now)
{
    config_set(&cfg, "batch.max.rows", "2");
    config_set(&cfg, "tables", _i ? "`d`.`t`,`d`.`u`" : "`d`.`t`");
    open_transaction(0, NULL);
    ANSWER("`d`.`t` WHERE `d`.`t`.`id` > -1 ", "1", "2020-01-01 00:00:00", "2", "2020-01-01 00:00:00", "3", "2020-01-01 00:00:00");
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    clock_freeze_ms(1000000);
    start();
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 2);
    ck_assert(!batch.is_last);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 1);
    ck_assert_int_eq(batch.is_last, _i == 0); /* else another table is due */
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    clock_freeze_ms(-1);
}
END_TEST

START_TEST(polls_of_a_quiet_table_come_later)
{
    open_transaction(0, NULL);
    ANSWER("SELECT * FROM", "1", "2020-01-01 00:00:00");
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    clock_freeze_ms(1000000);
    start();
    size_t reads[2];
    for (int ms = 0; ms < 1500; ms++) {
        clock_freeze_ms(1000000 + ms);
        poll_once();
        if (ms == 499)
            reads[0] = db_script_count_of("SELECT * FROM");
    }
    clock_freeze_ms(-1);
    reads[1] = db_script_count_of("SELECT * FROM") - reads[0];
    ck_assert_uint_ge(reads[0], 499); /* poll.interval.ms=1 */
    ck_assert_uint_ge(reads[1], 240);
    ck_assert_uint_le(reads[1], 260);
}
END_TEST

/* ---- pause and progress ----------------------------------------------------------------------------------------------- */

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
    tcase_add_loop_test(tcase, a_batch_says_whether_it_is_the_last_for_now, 0, 2);
    tcase_add_test(tcase, polls_of_a_quiet_table_come_later);
    tcase_add_test(tcase, a_pause_lets_go_of_a_half_read_result_and_reading_goes_on_behind_it);
    tcase_add_test(tcase, progress_is_told_as_rows_read_and_left);
    tcase_add_test(tcase, a_large_read_is_a_line_in_the_log_every_ten_seconds);
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
