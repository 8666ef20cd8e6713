/* Tests of connect/connectors/jdbc/sink.c and sink_offsets.c with a scripted database. */
#include "sink_script.h"

#include "connect/connectors/jdbc/sink_config.h"

/* ---- failures ---------------------------------------------------------------------------------------------------------------- */

START_TEST(a_failed_batch_comes_again_over_a_new_connection)
{
    table_exists();
    statement_fails("INSERT", 1406, "22001", "Data too long for column 'v' at row 1", 0);
    start("max.retries", "1", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_RETRY);
    ck_assert_int_eq(retry_ms, 70);
    ck_assert_uint_eq(db_script_count_of("ROLLBACK"), 1);
    ck_assert_uint_eq(db_script_open(), 0);
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_uint_eq(db_script_connects(), 2);
    ck_assert_uint_eq(db_script_count_of("COMMIT"), 0);
}
END_TEST

START_TEST(a_success_gives_the_retries_back)
{
    table_exists();
    statement_fails("INSERT", 1205, "HY000", "Lock wait timeout exceeded", 1);
    statement_fails("'b'", 1406, "22001", "Data too long", 1);
    start("max.retries", "1", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_RETRY);
    ck_assert_int_eq(put(), PUT_DONE);
    record_batch_reset(&batch);
    add(1, 1, "b");
    ck_assert_int_eq(put(), PUT_RETRY);
    ck_assert_int_eq(put(), PUT_DONE);
}
END_TEST

START_TEST(a_failure_is_told_as_java_does)
{
    table_exists();
    statement_fails("INSERT", 1406, "22001", "Data too long for column 'v' at row 1", 0);
    start("max.retries", "0", NULL);
    add(0, 1, "aaaa");
    ck_assert_int_eq(put(), PUT_FAILED);
    struct strbuf trace = STRBUF_INIT;
    error_trace(&err, &trace);
    ck_assert_str_eq(trace.data,
                     "org.apache.kafka.connect.errors.ConnectException: java.sql.SQLException: Exception chain:\n"
                     "java.sql.BatchUpdateException: Data truncation: Data too long for column 'v' at row 1\n"
                     "com.mysql.cj.jdbc.exceptions.MysqlDataTruncation: Data truncation: Data too long for column 'v' at row 1\n\n"
                     "Caused by: java.sql.SQLException: Exception chain:\n"
                     "java.sql.BatchUpdateException: Data truncation: Data too long for column 'v' at row 1\n"
                     "com.mysql.cj.jdbc.exceptions.MysqlDataTruncation: Data truncation: Data too long for column 'v' at row 1\n\n"
                     "\tat column 'v' of \"d\".\"T\", varchar(3): the value has 4 bytes; ALTER TABLE makes it hold more, and "
                     "mysql.string.type=LONGTEXT makes new columns so");
    strbuf_fini(&trace);
}
END_TEST

START_TEST(a_table_that_cannot_be_made_names_the_setting)
{
    table_is(NULL, 0);
    statement_fails("CREATE", 1118, "42000", "Row size too large", 0);
    start("max.retries", "0", "auto.create", "true", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_ptr_nonnull(strstr(err.causes, "\tat mysql.bytes.type=BLOB takes bytes out of the row"));
}
END_TEST

START_TEST(values_stay_out_of_errors_when_that_is_asked_for)
{
    table_exists();
    statement_fails("INSERT", 1062, "23000", "Duplicate entry 'secret' for key", 0);
    start("max.retries", "0", "trim.sensitive.log", "true", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_ptr_null(strstr(err.message, "secret"));
    ck_assert_ptr_nonnull(strstr(err.message, "SQLState=23000; errorCode=1062; updateCountLength=1; firstExecuteFailedIndex=0]"));
}
END_TEST

START_TEST(the_one_bad_record_is_given_up_and_the_others_are_written)
{
    table_exists();
    statement_fails("'bad'", 1406, "22001", "Data too long", 0);
    ctx.report = report;
    start("max.retries", "0", NULL);
    for (int i = 0; i < 100; i++)
        add(i, i, i == 37 ? "bad" : "x");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(reported, 1);
    ck_assert_int_eq(reported_offset, 37);
    ck_assert_str_eq(reported_reason.java_class, "java.sql.SQLException");
    ck_assert_uint_eq(db_script_count_of("COMMIT"), 1);
    ck_assert_uint_lt(db_script_count_of("INSERT"), 40); /* two rounds of halving, not a statement a row */
}
END_TEST

static int64_t reports[4];

static bool
report_in_order(const struct sink_task_context *context, const struct record *record, const struct error *reason, struct error *error)
{
    (void)context;
    (void)reason;
    (void)error;
    reports[reported++ % 4] = record->offset;
    return true;
}

START_TEST(records_are_given_up_in_their_order)
{
    table_is(innodb_table, 0);
    columns_are(id_and_v, 2, 0);
    statement_fails("'bad'", 1406, "22001", "Data too long", 0);
    ctx.report = report_in_order;
    start("max.retries", "0", NULL);
    add(0, 1, "a");
    add(1, 2, "bad");
    add_text("w", "a column that is not there");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(reported, 2);
    ck_assert_int_eq(reports[0], 1);
    ck_assert_int_eq(reports[1], 2);
}
END_TEST

START_TEST(a_record_given_up_is_not_reported_again_with_its_batch)
{
    table_exists();
    statement_fails("'bad'", 1406, "22001", "Data too long", 0);
    statement_fails("COMMIT", 1205, "HY000", "Lock wait timeout exceeded", 1);
    ctx.report = report;
    start("max.retries", "0", NULL);
    add(0, 1, "bad");
    add(1, 2, "x");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(reported, 1);
}
END_TEST

START_TEST(what_stands_before_a_record_that_is_not_tolerated_stays)
{
    table_exists();
    statement_fails("'bad'", 1406, "22001", "Data too long", 0);
    ctx.report = report;
    is_tolerated = false;
    start("max.retries", "0", "batch.size", "1", NULL);
    add(0, 1, "x");
    add(1, 2, "bad");
    add(2, 3, "y");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_str_eq(err.message, "Tolerance exceeded in error handler");
    ck_assert_uint_eq(db_script_count_of("COMMIT"), 1);
    ck_assert_str_eq(db_script_sql(db_script_count() - 1), "COMMIT");
}
END_TEST

START_TEST(an_outage_gives_no_record_up)
{
    table_exists();
    statement_fails("INSERT", 2013, "HY000", "Lost connection to server during query", 0);
    ctx.report = report;
    start("max.retries", "0", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_uint_eq(reported, 0);
}
END_TEST

static void
commit_is_lost(const char *mode)
{
    table_exists();
    statement_fails("COMMIT", 2013, "HY000", "Lost connection to server during query", 1);
    start("max.retries", "3", "insert.mode", mode, "pk.mode", "record_value", "pk.fields", "id", NULL);
    add(0, 1, "a");
}

START_TEST(an_insert_whose_commit_is_unknown_is_not_repeated)
{
    commit_is_lost("insert");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_int_eq(err.code, ERROR_UNCERTAIN);
}
END_TEST

START_TEST(an_upsert_whose_commit_is_unknown_is_repeated)
{
    commit_is_lost("upsert");
    ck_assert_int_eq(put(), PUT_RETRY);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("insert into"), 2);
}
END_TEST

START_TEST(a_deadlock_is_tried_again_at_once)
{
    table_exists();
    statement_fails("INSERT", 1213, "40001", "Deadlock found when trying to get lock; try restarting transaction", 1);
    start("max.retries", "1", "retry.backoff.ms", "3000", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_RETRY);
    ck_assert_int_lt(retry_ms, 200);
    ck_assert_int_eq(put(), PUT_DONE);
}
END_TEST

START_TEST(connecting_is_tried_as_often_as_configured)
{
    table_exists();
    db_script_refuse(2, 2003, "HY000", "Can't connect");
    start("connection.attempts", "3", "connection.backoff.ms", "11", "max.retries", "0", NULL);
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_RETRY);
    ck_assert_int_eq(retry_ms, 11);
    ck_assert_int_eq(put(), PUT_RETRY);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_connects(), 3);
}
END_TEST

START_TEST(a_value_that_java_cannot_bind_fails_the_task_at_once)
{
    table_exists();
    ctx.report = report;
    start("max.retries", "5", "timestamp.fields.list", "v", NULL);
    add_text("v", "soon");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_uint_eq(reported, 0);
    ck_assert_str_eq(error_java_class(&err), "java.lang.NumberFormatException");
    ck_assert_str_eq(err.message, "For input string: \"soon\"");
}
END_TEST

START_TEST(a_record_of_another_shape_fails_the_task_whatever_is_tolerated)
{
    table_exists();
    ctx.report = report;
    start("max.retries", "5", NULL);
    add(0, 1, "a");
    batch.records[0].value = value_int(5);
    batch.records[0].value_schema = NULL;
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_uint_eq(reported, 0);
    ck_assert_ptr_nonnull(strstr(err.message, "with a Long value and null value schema."));
}
END_TEST

/* ---- exactly once -------------------------------------------------------------------------------------------------------------- */

static int64_t sought;

static bool
seek(const struct sink_task_context *context, const char *topic, int32_t partition, int64_t offset, struct error *error)
{
    (void)context, (void)topic, (void)partition, (void)error;
    sought = offset;
    return true;
}

static void
open_at(const char *offset)
{
    static const struct db_column columns[] = {{.name = "kafka_offset"}, {.name = "epoch"}, {.name = NULL}};
    static const char *row[2];
    row[0] = offset;
    row[1] = "3";
    db_script_add(&(struct db_script_rule){.match = "SELECT kafka_offset", .columns = columns, .rows = row, .row_count = 1});
    db_script_add(&(struct db_script_rule){.match = "UPDATE `connect_sink_offsets`", .affected = 1});
    ctx.seek = seek;
    sought = -2;
    start("exactly.once", "true", "max.retries", "0", NULL);
    struct topic_partition partition = {.topic = "T", .partition = 0, .offset = 4};
    ck_assert_msg(jdbc_sink_plugin.sink->open(task, &partition, 1, &err), "%s", err.message);
}

START_TEST(a_task_starts_where_the_table_says)
{
    open_at("7");
    ck_assert_int_eq(sought, 7);
    ck_assert_uint_eq(db_script_count_of("epoch = epoch + 1"), 1);
}
END_TEST

START_TEST(a_group_that_was_moved_ahead_stays_there)
{
    open_at("3");
    ck_assert_int_eq(sought, -2);
}
END_TEST

START_TEST(offsets_are_in_the_transaction_of_the_rows)
{
    table_exists();
    open_at("7");
    add(6, 1, "applied before");
    add(7, 2, "b");
    add(8, 3, "c");
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_str_eq(nth("INSERT INTO `d`", 0), "INSERT INTO `d`.`T`(`id`,`v`) VALUES(2,'b'),(3,'c')");
    ck_assert_str_eq(nth("UPDATE `connect_sink_offsets`", 0),
                     "UPDATE `connect_sink_offsets` SET kafka_offset = 9 WHERE connector = 'c' AND topic = 'T' AND "
                     "kafka_partition = 0 AND epoch = 3");
    ck_assert_str_eq(db_script_sql(db_script_count() - 1), "COMMIT");
}
END_TEST

START_TEST(after_an_unknown_commit_the_table_says_what_is_done)
{
    table_exists();
    db_script_add(&(struct db_script_rule){.match = "COMMIT", .times = 1}); /* of the claim */
    statement_fails("COMMIT", 2013, "HY000", "Lost connection to server during query", 1);
    static const struct db_column columns[] = {{.name = "kafka_offset"}, {.name = "epoch"}, {.name = NULL}};
    static const char *const before[] = {"7", "3"}, *const after[] = {"9", "3"};
    db_script_add(&(struct db_script_rule){.match = "UPDATE `connect_sink_offsets`", .affected = 1});
    db_script_add(&(struct db_script_rule){.match = "SELECT kafka_offset", .times = 1, .columns = columns, .rows = before, .row_count = 1});
    db_script_add(&(struct db_script_rule){.match = "SELECT kafka_offset", .columns = columns, .rows = after, .row_count = 1});
    ctx.seek = seek;
    start("exactly.once", "true", "max.retries", "3", NULL);
    struct topic_partition partition = {.topic = "T", .partition = 0, .offset = 7};
    ck_assert_msg(jdbc_sink_plugin.sink->open(task, &partition, 1, &err), "%s", err.message);
    add(7, 2, "b");
    add(8, 3, "c");
    ck_assert_int_eq(put(), PUT_RETRY);
    ck_assert_int_eq(put(), PUT_DONE);
    ck_assert_uint_eq(db_script_count_of("INSERT INTO `d`"), 1);
}
END_TEST

START_TEST(an_owner_of_yesterday_commits_nothing)
{
    table_exists();
    db_script_add(&(struct db_script_rule){.match = "UPDATE `connect_sink_offsets`", .affected = 0});
    open_at("0");
    size_t commits = db_script_count_of("COMMIT");
    add(0, 1, "a");
    ck_assert_int_eq(put(), PUT_FAILED);
    ck_assert_uint_eq(db_script_count_of("COMMIT"), commits);
    ck_assert_ptr_nonnull(strstr(err.message, "another task has taken over T-0"));
}
END_TEST

/* ---- the plug-in ------------------------------------------------------------------------------------------------------------------- */

START_TEST(every_task_gets_the_whole_configuration)
{
    const struct connector_ops *ops = jdbc_sink_plugin.connector;
    void *connector = calloc(1, ops->size);
    struct connector_context context = {.connector = "c"};
    struct config_list configs = CONFIG_LIST_INIT;
    config_set(&cfg, "unknown.key", "kept");
    ck_assert(ops->init(connector, &context, &cfg, &err));
    ck_assert(ops->task_configs(connector, 3, &configs, &err));
    ck_assert_uint_eq(configs.count, 3);
    ck_assert(config_equal(configs.items[2], &cfg));
    config_list_fini(&configs);
    ops->fini(connector);
    free(connector);
}
END_TEST

/* What belongs to other databases is accepted, as in Java. */
START_TEST(a_setting_without_effect_is_said_once_by_the_first_task)
{
    ctx.task = _i;
    log_said_begin();
    start("mssql.use.merge.holdlock", "false", "dialect.name", "PostgreSqlDatabaseDialect", NULL);
    const char *said = log_said_end();
    ck_assert_uint_eq(log_said_count(said, "mssql.use.merge.holdlock=false has no effect: it belongs to another database"), _i == 0);
    ck_assert_uint_eq(log_said_count(said, "dialect.name=PostgreSqlDatabaseDialect has no effect"), _i == 0);
}
END_TEST

START_TEST(dates_are_of_utc_when_that_is_asked_for)
{
    static const struct {
        const char *zone;
        bool is_utc;
    } zones[] = {{"utc", true}, {"UTC", true}, {"db_timezone", false}, {"DB_TIMEZONE", false}};
    struct sink_config config;
    config_set(&cfg, "date.timezone", zones[_i].zone);
    ck_assert_msg(sink_config_init(&config, &cfg, &err), "%s", err.message);
    ck_assert_int_eq(config.date_in_utc, zones[_i].is_utc);
    sink_config_fini(&config);
}
END_TEST

static const char *
validated(const char *key, const char *value, const char *of)
{
    static char text[1024];
    struct config_values values = CONFIG_VALUES_INIT;
    config_set(&cfg, key, value);
    config_validate(jdbc_sink_plugin.rows, &cfg, &values);
    jdbc_sink_plugin.validate(&cfg, &values);
    const struct config_value *found = config_values_find(&values, of);
    snprintf(text, sizeof(text), "%s", found && found->errors.count ? found->errors.items[0] : "");
    config_values_fini(&values);
    return text;
}

START_TEST(validation_connects)
{
    db_script_refuse(1, 1045, "28000", "Access denied for user 'u'@'h' (using password: YES)");
    ck_assert_str_eq(validated("x", "y", "connection.url"),
                     "Could not connect to database. Access denied for user 'u'@'h' (using password: YES)");
    ck_assert_str_eq(validated("x", "y", "connection.url"), "");
}
END_TEST

START_TEST(a_wrong_quote_setting_counts_as_a_failed_connection)
{
    ck_assert_str_eq(validated("quote.sql.identifiers", "sometimes", "connection.url"),
                     "Could not connect to database. No matching QuoteMethod found for 'sometimes'");
}
END_TEST

static const struct {
    const char *key, *value, *text;
} wrong[] = {
    {"insert.mode", "Upsert", "Invalid value Upsert for configuration insert.mode: Invalid enumerator"},
    {"table.types", "TABLE,SYNONYM", "Invalid value SYNONYM for configuration table.types: Invalid enumerator"},
    {"table.types", "", "Invalid value [] for configuration table.types: At least one value must be specified. "
                        "Valid values are: [table, partitioned table, view]"},
    {"table.name.format", "", "Invalid value  for configuration table.name.format: String must be non-empty"},
    {"batch.size", "-1", "Invalid value -1 for configuration batch.size: Value must be at least 0"},
    {"delete.enabled", "true", "Deletes are only supported for pk.mode record_key"},
    {"mysql.bytes.type", "BLOB); DROP TABLE x", "Invalid value BLOB); DROP TABLE x for configuration mysql.bytes.type: "
                                                "Not a column type such as VARCHAR(255)"},
    {"exactly.once", "maybe", "Invalid value maybe for configuration exactly.once: Expected value to be either true or false"},
    {"insert.mode", "UPSERT", ""},
    {"table.types", "view, TABLE", ""},
};

START_TEST(wrong_settings_are_named)
{
    ck_assert_str_eq(validated(wrong[_i].key, wrong[_i].value, wrong[_i].key), wrong[_i].text);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/sink_task");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_failed_batch_comes_again_over_a_new_connection);
    tcase_add_test(tcase, a_success_gives_the_retries_back);
    tcase_add_test(tcase, a_failure_is_told_as_java_does);
    tcase_add_test(tcase, a_table_that_cannot_be_made_names_the_setting);
    tcase_add_test(tcase, values_stay_out_of_errors_when_that_is_asked_for);
    tcase_add_test(tcase, the_one_bad_record_is_given_up_and_the_others_are_written);
    tcase_add_test(tcase, records_are_given_up_in_their_order);
    tcase_add_test(tcase, a_record_given_up_is_not_reported_again_with_its_batch);
    tcase_add_test(tcase, what_stands_before_a_record_that_is_not_tolerated_stays);
    tcase_add_test(tcase, an_outage_gives_no_record_up);
    tcase_add_test(tcase, an_insert_whose_commit_is_unknown_is_not_repeated);
    tcase_add_test(tcase, an_upsert_whose_commit_is_unknown_is_repeated);
    tcase_add_test(tcase, a_deadlock_is_tried_again_at_once);
    tcase_add_test(tcase, connecting_is_tried_as_often_as_configured);
    tcase_add_test(tcase, a_record_of_another_shape_fails_the_task_whatever_is_tolerated);
    tcase_add_test(tcase, a_value_that_java_cannot_bind_fails_the_task_at_once);
    tcase_add_test(tcase, a_task_starts_where_the_table_says);
    tcase_add_test(tcase, a_group_that_was_moved_ahead_stays_there);
    tcase_add_test(tcase, offsets_are_in_the_transaction_of_the_rows);
    tcase_add_test(tcase, after_an_unknown_commit_the_table_says_what_is_done);
    tcase_add_test(tcase, an_owner_of_yesterday_commits_nothing);
    tcase_add_test(tcase, every_task_gets_the_whole_configuration);
    tcase_add_loop_test(tcase, a_setting_without_effect_is_said_once_by_the_first_task, 0, 2);
    tcase_add_loop_test(tcase, dates_are_of_utc_when_that_is_asked_for, 0, 4);
    tcase_add_test(tcase, validation_connects);
    tcase_add_test(tcase, a_wrong_quote_setting_counts_as_a_failed_connection);
    tcase_add_loop_test(tcase, wrong_settings_are_named, 0, sizeof(wrong) / sizeof(*wrong));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
