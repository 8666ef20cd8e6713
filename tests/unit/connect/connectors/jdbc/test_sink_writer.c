/* Tests of connect/connectors/jdbc/sink_writer.c and sink_table.c with a scripted database. */
#include "sink_script.h"

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

START_TEST(a_batch_is_one_statement_and_one_commit)
{
    table_exists();
    start(NULL);
    add(0, 1, "a");
    add(1, 2, NULL);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("INSERT"), 1);
    ck_assert_str_eq(nth("INSERT", 0), "INSERT INTO `d`.`T`(`id`,`v`) VALUES(1,'a'),(2,NULL)");
    ck_assert_uint_eq(db_script_count_of("COMMIT"), 1);
    ck_assert_uint_lt(position("INSERT"), position("COMMIT"));
}
END_TEST

START_TEST(a_task_connects_when_there_is_something_to_write)
{
    table_exists();
    start(NULL);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_connects(), 0);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_connects(), 1);
}
END_TEST

START_TEST(batch_size_is_the_most_rows_of_a_statement)
{
    table_exists();
    start("batch.size", "2", NULL);
    for (int i = 0; i < 5; i++)
        add(i, i, "x");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("INSERT"), 3);
    ck_assert_str_eq(nth("INSERT", 2), "INSERT INTO `d`.`T`(`id`,`v`) VALUES(4,'x')");
    ck_assert_uint_eq(db_script_count_of("COMMIT"), 1);
}
END_TEST

static int parts_left;
static bool is_part_bad;

static bool
more(const struct sink_task_context *context, bool *more_out, struct error *error)
{
    (void)context;
    if (is_part_bad)
        return error_set(error, ERROR_DATA, "Tolerance exceeded in error handler");
    *more_out = parts_left > 0;
    for (int i = 0; i < 400 && *more_out; i++)
        add((int64_t)batch.count, (int)batch.count, "later");
    parts_left--;
    return true;
}

START_TEST(a_batch_may_come_in_parts)
{
    table_exists();
    ctx.more = more;
    parts_left = 2;
    is_part_bad = false;
    start(NULL);
    add(0, 0, "first");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(batch.count, 801);
    ck_assert_ptr_nonnull(strstr(nth("INSERT", 0), "(800,'later')"));
    ck_assert_uint_eq(db_script_count_of("COMMIT"), 1);
}
END_TEST

START_TEST(a_part_that_cannot_be_converted_ends_the_batch)
{
    table_exists();
    ctx.more = more;
    is_part_bad = true;
    start("batch.size", "1", NULL);
    add(0, 0, "first");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_str_eq(err.message, "Tolerance exceeded in error handler");
    ck_assert_uint_eq(db_script_count_of("COMMIT"), 0);
    ck_assert_uint_eq(db_script_count_of("ROLLBACK"), 1);
}
END_TEST

START_TEST(what_is_known_of_a_batch_is_forgotten_with_its_partitions)
{
    table_exists();
    statement_fails("'bad'", 1406, "22001", "Data too long", 0);
    statement_fails("COMMIT", 1205, "HY000", "Lock wait timeout exceeded", 1);
    ctx.report = report;
    start("max.retries", "0", NULL);
    add(0, 1, "bad");
    add(1, 2, "x");
    ck_assert_int_eq(put(), PUT_FAILED);
    struct topic_partition partition = {.topic = "T", .partition = 0};
    jdbc_sink_plugin.sink->close_partitions(task, &partition, 1);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(reported, 2);
}
END_TEST

START_TEST(the_definition_of_a_table_is_read_once)
{
    table_exists();
    start(NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("information_schema.TABLES"), 1);
}
END_TEST

START_TEST(a_table_that_cannot_roll_back_gets_single_rows)
{
    table_is(myisam_table, 0);
    columns_are(id_and_v, 2, 0);
    start(NULL);
    add(0, 1, "a");
    add(1, 2, "b");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("INSERT"), 2);
}
END_TEST

START_TEST(a_session_that_is_not_strict_gets_single_rows)
{
    db_script_reset();
    sql_mode_is("ALLOW_INVALID_DATES");
    table_exists();
    start(NULL);
    add(0, 1, "a");
    add(1, 2, NULL);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("INSERT"), 2);
}
END_TEST

START_TEST(a_session_reads_literals_as_they_are_written)
{
    table_exists();
    start("connection.url", "jdbc:mysql://h/d?sessionVariables=character_set_client=gbk,sql_mode='NO_BACKSLASH_ESCAPES'", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_lt(position("character_set_client=gbk"), position("SET NAMES utf8mb4"));
    ck_assert_uint_lt(position("SET SESSION sql_mode='NO_BACKSLASH_ESCAPES'"), position("REPLACE(@@SESSION.sql_mode,'NO_BACKSLASH_ESCAPES','')"));
    ck_assert_uint_lt(position("REPLACE(@@SESSION.sql_mode,'NO_BACKSLASH_ESCAPES','')"), position("INSERT"));
}
END_TEST

START_TEST(writes_and_deletes_keep_their_order)
{
    table_exists();
    start("pk.mode", "record_key", "pk.fields", "id", "delete.enabled", "true", "insert.mode", "upsert", NULL);
    add_keyed(0, 1, "a");
    add_keyed(1, 2, "b");
    add_keyed(2, 1, NULL);
    add_keyed(3, 7, NULL);
    add_keyed(4, 1, "c");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_str_eq(nth("insert into", 0), "insert into `d`.`T`(`id`,`v`) values(1,'a'),(2,'b') on duplicate key update `v`=values(`v`)");
    ck_assert_str_eq(nth("DELETE", 0), "DELETE FROM `d`.`T` WHERE `id` = 1;DELETE FROM `d`.`T` WHERE `id` = 7");
    ck_assert_str_eq(nth("insert into", 1), "insert into `d`.`T`(`id`,`v`) values(1,'c') on duplicate key update `v`=values(`v`)");
    ck_assert_uint_lt(position("DELETE"), position("'c'"));
}
END_TEST

/* ---- tables ---------------------------------------------------------------------------------------------------------------- */

START_TEST(a_missing_table_is_created_when_that_is_allowed)
{
    table_is(NULL, 1);
    table_exists();
    start("auto.create", "true", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_str_eq(nth("CREATE", 0), "CREATE TABLE `d`.`T` (\n`id` INT NOT NULL,\n`v` TEXT NULL)");
}
END_TEST

START_TEST(a_missing_table_fails_the_task_otherwise)
{
    table_is(NULL, 0);
    start(NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_str_eq(err.message, "Table \"d\".\"T\" is missing and auto-creation is disabled");
    ck_assert_str_eq(err.java_class, "io.confluent.connect.jdbc.sink.TableAlterOrCreateException");
}
END_TEST

START_TEST(a_table_whose_name_only_looks_alike_is_another)
{
    table_is(other_table, 0);
    start(NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_str_eq(err.message, "Table \"d\".\"T\" is missing and auto-creation is disabled");
}
END_TEST

START_TEST(a_missing_column_is_added_and_what_came_before_is_committed)
{
    table_is(innodb_table, 0);
    columns_are(only_id, 1, 1);
    columns_are(id_and_v, 2, 0);
    start("auto.evolve", "true", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_str_eq(nth("ALTER", 0), "ALTER TABLE `d`.`T` ADD `v` TEXT NULL");
}
END_TEST

START_TEST(a_missing_column_fails_the_task_unless_it_may_be_added)
{
    table_is(innodb_table, 0);
    columns_are(only_id, 1, 0);
    start(NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_str_eq(err.message, "Table \"d\".\"T\" is missing fields ([SinkRecordField{schema=Schema{STRING}, name='v', "
                                  "isPrimaryKey=false}]) and auto-evolution is disabled");
}
END_TEST

START_TEST(another_task_may_create_the_table_first)
{
    table_is(NULL, 1);
    table_exists();
    statement_fails("CREATE TABLE", 1050, "42S01", "Table 'T' already exists", 0);
    start("auto.create", "true", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("INSERT"), 1);
}
END_TEST

START_TEST(a_delete_before_the_first_record_creates_nothing)
{
    table_is(NULL, 0);
    start("auto.create", "true", "pk.mode", "record_key", "pk.fields", "id", "delete.enabled", "true", NULL);
    add_keyed(0, 1, NULL);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("CREATE"), 0);
    ck_assert_uint_eq(db_script_count_of("DELETE"), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/sink_writer");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_batch_is_one_statement_and_one_commit);
    tcase_add_test(tcase, a_task_connects_when_there_is_something_to_write);
    tcase_add_test(tcase, batch_size_is_the_most_rows_of_a_statement);
    tcase_add_test(tcase, a_batch_may_come_in_parts);
    tcase_add_test(tcase, a_part_that_cannot_be_converted_ends_the_batch);
    tcase_add_test(tcase, what_is_known_of_a_batch_is_forgotten_with_its_partitions);
    tcase_add_test(tcase, the_definition_of_a_table_is_read_once);
    tcase_add_test(tcase, a_table_that_cannot_roll_back_gets_single_rows);
    tcase_add_test(tcase, a_session_that_is_not_strict_gets_single_rows);
    tcase_add_test(tcase, a_session_reads_literals_as_they_are_written);
    tcase_add_test(tcase, writes_and_deletes_keep_their_order);
    tcase_add_test(tcase, a_missing_table_is_created_when_that_is_allowed);
    tcase_add_test(tcase, a_missing_table_fails_the_task_otherwise);
    tcase_add_test(tcase, a_table_whose_name_only_looks_alike_is_another);
    tcase_add_test(tcase, a_missing_column_is_added_and_what_came_before_is_committed);
    tcase_add_test(tcase, a_missing_column_fails_the_task_unless_it_may_be_added);
    tcase_add_test(tcase, another_task_may_create_the_table_first);
    tcase_add_test(tcase, a_delete_before_the_first_record_creates_nothing);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
