/* Tests of connect/connectors/jdbc/source_read.c against a scripted database: incrementing and timestamp modes. */
#include "source_script.h"

#include "connect/connectors/jdbc/gaps.h"

#include <stdio.h>

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

static const struct {
    const char *key, *offset, *from;
} offsets[] = {
    {"{\"protocol\":\"1\",\"table\":\"d.t\"}", "{\"incrementing\":41}", "`id` > 41 "},
    {"{\"table\":\"t\"}", "{\"incrementing\":7}", "`id` > 7 "}, /* of the old protocol */
};

START_TEST(a_stored_offset_is_gone_on_from)
{
    stored_key = offsets[_i].key;
    stored = offsets[_i].offset;
    open_transaction(0, NULL);
    RULE(.match = offsets[_i].from, .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_uint_eq(db_script_count_of(offsets[_i].from), 1);
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
    static const char *const applier[] = {"5", "1", NULL};
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

/* By two hours more, as it was open at the first look (writers.c). */
START_TEST(a_timestamp_statement_ends_before_the_oldest_open_transaction)
{
    use_timestamp("timestamp+incrementing");
    open_transaction(0, "50");
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    start();
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert_str_eq(last_read(), "SELECT * FROM `d`.`t` WHERE `d`.`t`.`at` < '2025-12-31 22:00:04' AND "
                                  "((`d`.`t`.`at` = '1970-01-01 00:00:00' AND `d`.`t`.`id` > -1) OR `d`.`t`.`at` > '1970-01-01 00:00:00') "
                                  "ORDER BY `d`.`t`.`at`,`d`.`t`.`id` ASC LIMIT 50000");
}
END_TEST

/* Writers were seen when the first statement was made, and the server has no new copy of them when the second is. */
START_TEST(a_time_that_was_long_on_its_way_is_no_later_than_the_writers_that_were_seen_before)
{
    static const char *const ten[] = {"2026-01-01 00:00:10"}, *const thirteen[] = {"2026-01-01 00:00:13"};
    static const char *const old[] = {"0", "SELECT 'connect looks at 4'", "2026-01-01 00:00:09", "6"};
    RULE(.match = "CURRENT_TIMESTAMP", .times = 1, .columns = one_column, .rows = ten, .row_count = 1);
    RULE(.match = "CURRENT_TIMESTAMP", .columns = one_column, .rows = thirteen, .row_count = 1, .takes_ms = 2500);
    use_timestamp("timestamp");
    open_transaction(1, NULL);
    RULE(.match = "INNODB_TRX", .columns = trx_columns, .rows = old, .row_count = 1);
    RULE(.match = "SELECT * FROM", .columns = table_columns);
    clock_freeze_ms(1000000);
    start();
    poll_once();
    ck_assert_msg(strstr(last_read(), "`at` < '2026-01-01 00:00:10' ORDER BY") != NULL, "%s", last_read());
    clock_freeze_ms(1000200);
    poll_once();
    clock_freeze_ms(-1);
    ck_assert_uint_eq(db_script_count_of("SELECT * FROM"), 2);
    ck_assert_msg(strstr(last_read(), "`at` < '2026-01-01 00:00:10' ORDER BY") != NULL, "%s", last_read());
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
    static const char *const applier[] = {"0", "1", NULL};
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

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/source_read");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, rows_become_records_and_the_next_statement_goes_on_behind_them);
    tcase_add_test(tcase, a_result_is_handed_out_in_batches);
    tcase_add_loop_test(tcase, a_stored_offset_is_gone_on_from, 0, sizeof(offsets) / sizeof(*offsets));
    tcase_add_test(tcase, a_missing_id_is_read_when_its_transaction_commits_late);
    tcase_add_test(tcase, a_gap_that_is_still_open_is_part_of_the_offset);
    tcase_add_test(tcase, a_gap_of_a_stored_offset_is_asked_for);
    tcase_add_test(tcase, where_another_server_s_changes_are_applied_a_gap_is_not_given_up);
    tcase_add_test(tcase, an_open_gap_does_not_hold_up_new_rows);
    tcase_add_test(tcase, while_too_many_ids_are_missing_reading_waits);
    tcase_add_test(tcase, a_query_that_finds_the_same_rows_again_waits_for_its_next_turn);
    tcase_add_test(tcase, without_tracking_nothing_is_asked_twice);
    tcase_add_loop_test(tcase, the_offset_of_a_time_counts_when_its_last_row_was_read, 0, 5);
    tcase_add_test(tcase, a_timestamp_statement_ends_before_the_oldest_open_transaction);
    tcase_add_test(tcase, a_time_that_was_long_on_its_way_is_no_later_than_the_writers_that_were_seen_before);
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
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
