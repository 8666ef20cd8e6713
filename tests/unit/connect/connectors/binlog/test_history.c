/* Tests of connect/connectors/binlog/history.c, position.c and common/kafka/topic_log.c, over librdkafka's mock cluster. */
#include "connect/connectors/binlog/history.h"

#include "common/kafka/topic_log.h"
#include "connect/connectors/binlog/position.h"
#include "tests/fakes/kafka_mock.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct kafka_mock mock;
static struct config cfg;
static struct cdc_config config;
static struct cdc_history *history;
static struct cdc_tables *tables;
static struct cdc_changes changes;
static struct error err;

static void
open_history(void)
{
    ck_assert_msg(cdc_config_init(&config, &cfg, "mysql", &err), "%s", err.message);
    history = cdc_history_new(&config, &err);
    ck_assert_msg(history, "%s", err.message);
}

static void
close_history(void)
{
    cdc_history_free(history);
    cdc_config_fini(&config);
    history = NULL;
}

static void
setup(void)
{
    static const char *const base[][2] = {{"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"}, {"database.server.id", "1"},
                                          {"schema.history.internal.kafka.topic", "hist"}};
    kafka_mock_start(&mock);
    cfg = CONFIG_INIT;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
    config_set(&cfg, "schema.history.internal.kafka.bootstrap.servers", config_get(&mock.settings, "bootstrap.servers"));
    changes = CDC_CHANGES_INIT;
    err = ERROR_INIT;
    tables = cdc_tables_new();
    open_history();
}

static void
teardown(void)
{
    close_history();
    cdc_changes_fini(&changes);
    cdc_tables_free(tables);
    config_fini(&cfg);
    kafka_mock_stop(&mock);
}

static void
append(const char *sql, const char *position)
{
    ck_assert_msg(cdc_ddl_apply(tables, "db", sql, strlen(sql), false, &changes, &err), "%s", err.message);
    for (size_t i = 0; i < changes.count; i++)
        ck_assert_msg(cdc_history_append(history, &changes.items[i], position, 1, &err), "%s", err.message);
    ck_assert_msg(cdc_history_flush(history, &err), "%s", err.message);
}

/* Everything up to the position, as a task that starts again finds it. */
static struct cdc_tables *
recover(const char *position, struct cdc_recovered *out)
{
    struct cdc_tables *found = cdc_tables_new();
    close_history();
    open_history();
    ck_assert_msg(cdc_history_recover(history, position, found, out, &err), "%s", err.message);
    return found;
}

#define AT(pos) "{\"file\":\"b.000001\",\"pos\":" #pos "}"

START_TEST(what_was_written_up_to_a_position_is_recovered)
{
    kafka_mock_topic(&mock, "hist", 1);
    append("CREATE TABLE t (a INT)", AT(10));
    append("ALTER TABLE t ADD b INT", AT(20));
    append("CREATE INDEX i ON t (a)", AT(25));
    append("ALTER TABLE t ADD c INT", AT(30));
    struct cdc_recovered recovered;
    struct cdc_tables *found = recover(AT(25), &recovered);
    ck_assert_uint_eq(recovered.count, 3);
    ck_assert_uint_eq(cdc_tables_get(found, "db", "t")->column_count, 2);
    cdc_tables_free(found);
    found = recover(AT(9), &recovered);
    ck_assert_uint_eq(recovered.count, 0);
    ck_assert_ptr_null(cdc_tables_get(found, "db", "t"));
    cdc_tables_free(found);
}
END_TEST

/* As a kill leaves it: without this the next start takes what is there for all. */
START_TEST(a_rebuilding_that_did_not_end_is_seen)
{
    static const char snapshot[] = "{\"file\":\"b.000001\",\"pos\":10,\"snapshot\":\"INITIAL\"}";
    struct cdc_recovered recovered;
    kafka_mock_topic(&mock, "hist", 1);
    append("CREATE TABLE t (a INT)", AT(10));
    for (int i = 0; i < 2; i++) {
        ck_assert(cdc_history_begin_rebuild(history, AT(10), 1, &err));
        append("CREATE TABLE u (a INT)", AT(10));
        cdc_tables_free(recover(AT(10), &recovered));
        ck_assert(!recovered.is_whole);
        if (i == 0)
            ck_assert(cdc_history_end_rebuild(history, AT(10), 1, &err));
        else
            append("CREATE TABLE u (a INT)", snapshot); /* by a snapshot of all */
        ck_assert_msg(cdc_history_flush(history, &err), "%s", err.message);
        struct cdc_tables *found = recover(AT(10), &recovered);
        ck_assert(recovered.is_whole);
        ck_assert_ptr_nonnull(cdc_tables_get(found, "db", "u"));
        cdc_tables_free(found);
    }
}
END_TEST

START_TEST(records_of_others_and_broken_ones_are_left_out)
{
    kafka_mock_topic(&mock, "hist", 1);
    append("CREATE TABLE t (a INT)", AT(10));
    kafka_mock_write(&mock, "hist", "k", "no json");
    kafka_mock_write(&mock, "hist", "k", "{\"source\":{\"server\":\"other\"},\"position\":{},\"ddl\":\"DROP TABLE t\"}");
    kafka_mock_write(&mock, "hist", "k", "{\"source\":{\"server\":\"p\"},\"position\":{\"file\":\"b.000001\",\"pos\":11},\"databaseName\":\"db\","
                                         "\"ddl\":\"ALTER TABLE t ADD b INT\"}");
    struct cdc_recovered recovered;
    struct cdc_tables *found = recover(AT(99), &recovered);
    ck_assert_uint_eq(recovered.count, 2);
    ck_assert_uint_eq(cdc_tables_get(found, "db", "t")->column_count, 2); /* the statement was read */
    cdc_tables_free(found);
}
END_TEST

START_TEST(a_statement_that_cannot_be_read_ends_the_recovery_unless_it_is_skipped)
{
    struct cdc_recovered recovered;
    kafka_mock_topic(&mock, "hist", 1);
    kafka_mock_write(&mock, "hist", "k", "{\"source\":{\"server\":\"p\"},\"position\":{},\"ddl\":\"SOMETHING new\"}");
    ck_assert(!cdc_history_recover(history, AT(1), tables, &recovered, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "SOMETHING new"));
    close_history();
    config_set(&cfg, "schema.history.internal.skip.unparseable.ddl", "true");
    open_history();
    ck_assert_msg(cdc_history_recover(history, AT(1), tables, &recovered, &err), "%s", err.message);
}
END_TEST

START_TEST(a_topic_without_records_is_told_from_one_with_some)
{
    bool exists, has_records;
    kafka_mock_topic(&mock, "hist", 1); /* a mock makes topics that are looked for, so one is never missing */
    ck_assert_msg(cdc_history_exists(history, &exists, &has_records, &err), "%s", err.message);
    ck_assert(exists && !has_records);
    append("CREATE TABLE t (a INT)", AT(10));
    ck_assert_msg(cdc_history_exists(history, &exists, &has_records, &err), "%s", err.message);
    ck_assert(exists && has_records);
}
END_TEST

START_TEST(closing_ends_every_wait)
{
    struct cdc_recovered recovered;
    kafka_mock_topic(&mock, "hist", 1);
    append("CREATE TABLE t (a INT)", AT(10));
    cdc_history_close(history);
    ck_assert(!cdc_history_recover(history, AT(10), tables, &recovered, &err));
    ck_assert_int_eq(err.code, ERROR_TIMEOUT);
}
END_TEST

START_TEST(a_history_without_topic_or_brokers_is_refused)
{
    static const char *const needed[] = {"kafka.topic", "kafka.bootstrap.servers"};
    for (size_t i = 0; i < 2; i++) {
        struct config less = CONFIG_INIT;
        struct cdc_config parsed;
        config_merge(&less, &cfg);
        char setting[80];
        snprintf(setting, sizeof(setting), "schema.history.internal.%s", needed[i]);
        config_unset(&less, setting);
        ck_assert_msg(cdc_config_init(&parsed, &less, "mysql", &err), "%s", err.message);
        ck_assert_ptr_null(cdc_history_new(&parsed, &err));
        ck_assert_int_eq(err.code, ERROR_CONFIG);
        ck_assert_ptr_nonnull(strstr(err.message, setting));
        cdc_config_fini(&parsed);
        config_fini(&less);
    }
}
END_TEST

/* ---- positions ------------------------------------------------------------------------------------------------------------ */

#define U "\"gtids\":\"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:"

static const struct {
    const char *desired, *recorded;
    bool includes;
} positions[] = {
    {AT(10), AT(10), true}, {AT(10), AT(11), false}, {AT(10), AT(9), true},
    {"{\"file\":\"b.000010\",\"pos\":4}", "{\"file\":\"b.000009\",\"pos\":99}", true},
    {"{\"file\":\"b.999999\",\"pos\":99}", "{\"file\":\"b.1000000\",\"pos\":4}", false},
    {"{\"file\":\"b.1\",\"pos\":4,\"event\":2}", "{\"file\":\"b.1\",\"pos\":4,\"event\":3}", false},
    {"{\"file\":\"b.1\",\"pos\":4,\"row\":2}", "{\"file\":\"b.1\",\"pos\":4,\"row\":2}", true},
    {"{\"file\":\"b.1\",\"pos\":4,\"server_id\":1,\"ts_sec\":5}", "{\"file\":\"b.9\",\"pos\":4,\"server_id\":2,\"ts_sec\":4}", true},
    {"{" U "1-5\"}", "{" U "1-5\"}", true}, {"{" U "1-5\"}", "{" U "1-6\"}", false}, {"{" U "1-5\"}", "{" U "2-3\"}", true},
    {"{" U "1-5\"}", AT(9), true}, {AT(9), "{" U "1-5\"}", false},
    {"{" U "1-5\",\"snapshot\":\"INITIAL\"}", "{" U "1-5\"}", false}, {"{" U "1-5\"}", "{" U "1-5\",\"snapshot\":\"INITIAL\"}", true},
    {"{" U "1-5\",\"snapshot\":\"BLOCKING\"}", "{" U "1-5\"}", true},
    {"{" U "1-5\",\"event\":1}", "{" U "1-5\",\"event\":2}", false}, {"{}", "{}", true}, {"", "", true},
};

START_TEST(positions_are_compared_as_the_original_does)
{
    ck_assert_int_eq(cdc_position_includes(positions[_i].desired, positions[_i].recorded, NULL, NULL), positions[_i].includes);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/history");
    TCase *tcase = tcase_create("kafka"), *plain = tcase_create("positions");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, what_was_written_up_to_a_position_is_recovered);
    tcase_add_test(tcase, a_rebuilding_that_did_not_end_is_seen);
    tcase_add_test(tcase, records_of_others_and_broken_ones_are_left_out);
    tcase_add_test(tcase, a_statement_that_cannot_be_read_ends_the_recovery_unless_it_is_skipped);
    tcase_add_test(tcase, a_topic_without_records_is_told_from_one_with_some);
    tcase_add_test(tcase, closing_ends_every_wait);
    tcase_add_test(tcase, a_history_without_topic_or_brokers_is_refused);
    tcase_add_loop_test(plain, positions_are_compared_as_the_original_does, 0, sizeof(positions) / sizeof(*positions));
    suite_add_tcase(suite, tcase);
    suite_add_tcase(suite, plain);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
