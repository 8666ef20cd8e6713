/* Tests of connect/connectors/binlog/task.c: what a start does, against a scripted server and a mock of Kafka. */
#include "connect/connectors/binlog/task.h"

#include "common/base/alloc.h"
#include "tests/fakes/db_script.h"
#include "tests/fakes/kafka_mock.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_COLUMN(label) {.name = label, .table = "", .org_name = "", .org_table = "", .database = "", .type = DB_VARCHAR}

static const struct db_column one[] = {TEXT_COLUMN("id"), {0}}, two[] = {TEXT_COLUMN("a"), TEXT_COLUMN("b"), {0}},
                              five[] = {TEXT_COLUMN("a"), TEXT_COLUMN("b"), TEXT_COLUMN("c"), TEXT_COLUMN("d"), TEXT_COLUMN("e"), {0}};

static struct kafka_mock mock;
static struct config cfg;
static struct record_batch batch;
static struct error err;
static const char *stored; /* the offset; NULL: none */
static void *task;

static bool
get_offset(const struct source_task_context *ctx, const char *partition_json, char **out, struct error *none)
{
    (void)ctx, (void)partition_json, (void)none;
    *out = xstrdup(stored);
    return true;
}

static const struct source_task_context runtime = {.connector = "test", .offset_get = get_offset};

static void
answer(const char *match, const struct db_column *columns, const char *const *rows, size_t count)
{
    db_script_add(&(struct db_script_rule){.match = match, .columns = columns, .rows = rows, .row_count = count});
}

/* A server with GTIDs off, and one table. */
static void
script_server(void)
{
    static const char *const on[] = {"1"}, *const row[] = {"ROW"}, *const full[] = {"FULL"}, *const position[] = {"b.000001", "400", "", "", ""},
                     *const log[] = {"b.000001", "400"}, *const now[] = {"1700000000000000"}, *const names[] = {"db", "t"},
                     *const create[] = {"t", "CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`))"}, *const off[] = {"OFF"},
                     *const charset[] = {"utf8mb4", "utf8mb4_bin"}, *const zero[] = {"0"}, *const yes[] = {"YES"};
    answer("log_bin", one, on, 1);
    answer("binlog_format", one, row, 1);
    answer("binlog_row_image", one, full, 1);
    answer("lower_case_table_names", one, zero, 1);
    answer("gtid_mode", one, off, 1);
    answer("setup_instruments", one, yes, 1);
    answer("metadata_locks", one, NULL, 0);
    answer("binlog_snapshot_", two, NULL, 0);
    answer("SHOW BINARY LOG STATUS", five, position, 1);
    answer("SHOW BINARY LOGS", two, log, 1);
    answer("UNIX_TIMESTAMP", one, now, 1);
    answer("FROM information_schema.TABLES", two, names, 1);
    answer("SHOW VARIABLES", two, NULL, 0);
    answer("information_schema.SCHEMATA", two, charset, 1);
    answer("SHOW CREATE TABLE", two, create, 1);
    answer("SELECT `id`", one, NULL, 0);
}

static void
setup(void)
{
    static const char *const base[][2] = {{"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"}, {"database.server.id", "1"},
                                          {"database.include.list", "db"}, {"schema.history.internal.kafka.topic", "hist"},
                                          {"snapshot.locking.mode", "none"}};
    kafka_mock_start(&mock);
    kafka_mock_topic(&mock, "hist", 1);
    db_script_reset();
    cfg = CONFIG_INIT;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
    config_set(&cfg, "schema.history.internal.kafka.bootstrap.servers", config_get(&mock.settings, "bootstrap.servers"));
    batch = RECORD_BATCH_INIT;
    err = ERROR_INIT;
    stored = NULL;
    task = NULL;
    script_server();
}

static void
end_task(void)
{
    record_batch_reset(&batch);
    if (task)
        cdc_mysql_task_ops.fini(task);
    free(task);
    task = NULL;
}

static void
teardown(void)
{
    end_task();
    record_batch_fini(&batch);
    config_fini(&cfg);
    kafka_mock_stop(&mock);
    ck_assert_uint_eq(db_script_open(), 0);
}

static bool
start(const char *mode)
{
    end_task();
    config_set(&cfg, "snapshot.mode", mode);
    task = xcalloc(1, cdc_mysql_task_ops.size);
    return cdc_mysql_task_ops.init(task, &runtime, &cfg, &err);
}

static void
poll_once(void)
{
    record_batch_reset(&batch);
    enum poll_result result = cdc_mysql_task_ops.poll(task, &batch, 10, &err);
    ck_assert_msg(result == POLL_RECORDS || result == POLL_IDLE, "%s", err.message);
}

/* ---- the history ----------------------------------------------------------------------------------------------- */

/* As a kill leaves it: it has records, but not all tables. */
static void
write_half_a_history(void)
{
    static const char position[] = "\"position\":{\"file\":\"b.000001\",\"pos\":400}";
    char begin[200], drop[200];
    snprintf(begin, sizeof(begin), "{\"source\":{\"server\":\"p\",\"rebuild\":\"begin\"},%s,\"ts_ms\":1}", position);
    snprintf(drop, sizeof(drop), "{\"source\":{\"server\":\"p\"},%s,\"ts_ms\":1,\"databaseName\":\"db\",\"ddl\":\"DROP TABLE IF EXISTS t\"}", position);
    kafka_mock_write(&mock, "hist", NULL, begin);
    kafka_mock_write(&mock, "hist", NULL, drop);
}

START_TEST(half_a_history_is_no_history)
{
    stored = "{\"file\":\"b.000001\",\"pos\":400}";
    write_half_a_history();
    ck_assert(!start("initial"));
    ck_assert_msg(strstr(err.message, "fully or partially missing"), "%s", err.message);
}
END_TEST

START_TEST(half_a_history_is_written_anew_where_the_mode_may)
{
    stored = "{\"file\":\"b.000001\",\"pos\":400}";
    write_half_a_history();
    ck_assert_msg(start("when_needed"), "%s", err.message);
    poll_once();
    ck_assert_uint_eq(db_script_count_of("SHOW CREATE TABLE"), 1);
    ck_assert_uint_eq(db_script_count_of("SELECT `id`"), 0); /* the position stays */
    ck_assert_msg(start("initial"), "%s", err.message);      /* now it is whole */
    poll_once();
    ck_assert_uint_eq(db_script_count_of("SHOW CREATE TABLE"), 1);
}
END_TEST

/* ---- offsets --------------------------------------------------------------------------------------------------- */

static const char *const modes_without_rows[] = {"initial", "no_data", "initial_only"};

START_TEST(a_snapshot_without_records_gives_its_position)
{
    struct strbuf json = STRBUF_INIT;
    config_set(&cfg, "include.schema.changes", "false");
    ck_assert_msg(start(modes_without_rows[_i]), "%s", err.message);
    for (int i = 0; i < 10 && batch.count == 0; i++)
        poll_once();
    ck_assert_uint_eq(batch.count, 1);
    const struct record *record = &batch.records[0];
    ck_assert(record->is_dropped);
    record->source_partition->write(record->source_partition, &record->source_offset, &json);
    ck_assert_str_eq(json.data, "{\"ts_sec\":1700000000,\"file\":\"b.000001\",\"pos\":400}");
    strbuf_fini(&json);
}
END_TEST

/* ---- signals --------------------------------------------------------------------------------------------------- */

static const char *const wrong_settings[][2] = {{"signal.kafka.topic", "sig"}, {"signal.consumer.security.protocol", "none of them"}};

/* They are of use only behind the snapshot, which would be for nothing, and be taken again with each start. */
START_TEST(settings_of_the_signal_topic_are_checked_before_the_snapshot)
{
    config_set(&cfg, "signal.enabled.channels", "source,kafka");
    if (_i)
        config_set(&cfg, "signal.kafka.bootstrap.servers", config_get(&mock.settings, "bootstrap.servers"));
    config_set(&cfg, wrong_settings[_i][0], wrong_settings[_i][1]);
    ck_assert(!start("initial"));
    ck_assert_msg(strstr(err.message, _i ? "security.protocol" : "signal.kafka.bootstrap.servers"), "%s", err.message);
    ck_assert_msg(start("initial_only"), "%s", err.message); /* there will be no stream */
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/task");
    TCase *tcase = tcase_create("task");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, half_a_history_is_no_history);
    tcase_add_test(tcase, half_a_history_is_written_anew_where_the_mode_may);
    tcase_add_loop_test(tcase, a_snapshot_without_records_gives_its_position, 0, 3);
    tcase_add_loop_test(tcase, settings_of_the_signal_topic_are_checked_before_the_snapshot, 0, 2);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
