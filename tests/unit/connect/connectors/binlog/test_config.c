/* Tests of connect/connectors/binlog/config*.c: what is refused in Debezium's words, and what the texts become. */
#include "connect/connectors/binlog/config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config cfg;
static struct string_list problems;

static void
setup(void)
{
    static const char *const base[][2] = {
        {"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"}, {"database.server.id", "184054"}};
    cfg = CONFIG_INIT;
    problems = STRING_LIST_INIT;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
}

static void
teardown(void)
{
    config_fini(&cfg);
    string_list_fini(&problems);
}

static void
add_problem(void *arg, const char *setting, const char *problem)
{
    (void)arg;
    char text[600];
    snprintf(text, sizeof(text), "%s: %s", setting, problem);
    string_list_add(&problems, text);
}

#define NAME_FORMAT " has invalid format (only the underscore, hyphen, dot and alphanumeric characters are allowed)"
#define KEY_FORMAT " has an invalid format (expecting '^\\s*([^\\s:]+):([^:\\s]+)\\s*$')"
#define REGEX "A comma-separated list of valid regular expressions is expected, but "

static const struct {
    const char *setting, *value; /* NULL: not given */
    const char *problems[3];
} cases[] = {
    {"topic.prefix", "a.b-c_1", {NULL}},
    {"topic.prefix", "a/b", {"a/b" NAME_FORMAT}},
    {"topic.prefix", NULL, {"A value is required"}},
    {"topic.prefix", "", {"A value is required", NAME_FORMAT}},
    {"database.hostname", "a b", {"a b" NAME_FORMAT}},
    {"database.hostname", " ", {"A value is required"}},
    {"database.port", "x", {"An integer is expected", "An integer is expected"}},
    {"database.server.id", "0", {"A positive, non-zero long value is expected"}},
    {"database.server.id", "x", {"A long value is expected", "A positive, non-zero long value is expected"}},
    {"database.jdbc.driver", "1x", {"A Java class name is expected", "A Java class name is expected"}},
    {"max.batch.size", "0", {"A positive, non-zero integer value is expected"}},
    {"max.queue.size", "0", {"A positive queue size is required", "Must be larger than the maximum batch size"}},
    {"max.queue.size", "2048", {"Must be larger than the maximum batch size"}},
    {"skipped.operations", "c, u", {NULL}},
    {"skipped.operations", "none", {NULL}},
    {"skipped.operations", "c,x", {"Invalid operation"}},
    {"skipped.operations", "none,c", {"'none' cannot be specified with other skipped operation types"}},
    {"snapshot.mode", "WHEN_NEEDED", {NULL}},
    {"snapshot.mode", "schema_only", {"Value must be one of always, never, initial_only, configuration_based, when_needed, initial, custom, "
                                      "no_data, recovery"}},
    {"snapshot.locking.mode", "all", {"Must be a valid snapshot.locking.mode value", "Value must be one of minimal, minimal_percona, custom, "
                                      "none, minimal_percona_no_table_locks, extended"}},
    {"time.precision.mode", "adaptive", {"The 'adaptive' time.precision.mode is no longer supported"}},
    {"time.precision.mode", "x", {"Value must be one of adaptive, adaptive_time_microseconds, isostring, microseconds, nanoseconds, connect"}},
    {"event.deserialization.failure.handling.mode", "ignore", {NULL}},
    {"binary.handling.mode", "octal", {NULL}},
    {"tombstones.on.delete", "yes", {"Either 'true' or 'false' is expected", "Either 'true' or 'false' is expected"}},
    {"include.query", " TRUE ", {NULL}},
    {"table.include.list", "a.(b", {REGEX "Unclosed group near index 4\na.(b", REGEX "Unclosed group near index 4\na.(b"}},
    {"table.include.list", "a.b{1\\,2},c", {NULL}},
    {"column.exclude.list", "[", {REGEX "Unclosed character class near index 0\n[\n^"}},
    {"message.key.columns", "a.b:c,d;x:y;", {NULL}},
    {"message.key.columns", "", {"Must not be empty", KEY_FORMAT}},
    {"message.key.columns", "a.b", {"a.b" KEY_FORMAT}},
    {"message.key.columns", " a:b ;c:d:e", {"c:d:e" KEY_FORMAT}},
    {"custom.metric.tags", "a=b,c", {"A equivalent-separated map of valid key/value pairs is expected, for example: k1=v1,k2=v2"}},
};

START_TEST(a_setting_is_refused_in_the_original_s_words)
{
    if (cases[_i].value)
        config_set(&cfg, cases[_i].setting, cases[_i].value);
    else
        config_unset(&cfg, cases[_i].setting);
    cdc_config_check(cdc_mysql_rows, &cfg, add_problem, NULL);
    size_t count = 0;
    for (; count < 3 && cases[_i].problems[count]; count++) {
        char text[600];
        snprintf(text, sizeof(text), "%s: %s", cases[_i].setting, cases[_i].problems[count]);
        ck_assert_msg(count < problems.count, "%s is missing", text);
        ck_assert_str_eq(problems.items[count], text);
    }
    ck_assert_msg(problems.count == count, "%s", problems.count ? problems.items[problems.count - 1] : "");
}
END_TEST

static const char *const exclusive[][2] = {
    {"column.include.list", "column.exclude.list"}, {"table.include.list", "table.exclude.list"},
    {"database.include.list", "database.exclude.list"}, {"gtid.source.includes", "gtid.source.excludes"},
};
START_TEST(a_list_of_what_to_leave_out_excludes_one_of_what_to_take)
{
    config_set(&cfg, exclusive[_i][0], "a");
    config_set(&cfg, exclusive[_i][1], "b");
    cdc_config_check(cdc_mysql_rows, &cfg, add_problem, NULL);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_int_eq(strncmp(problems.items[0], exclusive[_i][1], strlen(exclusive[_i][1])), 0);
}
END_TEST

START_TEST(texts_become_typed_members)
{
    static const char *const given[][2] = {
        {"snapshot.mode", "When_Needed"}, {"database.ssl.mode", "verify_ca"}, {"skipped.operations", "u,d"},
        {"inconsistent.schema.handling.mode", "ignore"}, {"binary.handling.mode", "octal"}, {"decimal.handling.mode", "string"},
        {"time.precision.mode", "isostring"}, {"database.initial.statements", " SET a = ';;' ;; ;SET b = 1;"}, {"topic.heartbeat.prefix", "beat"}};
    for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
        config_set(&cfg, given[i][0], given[i][1]);
    struct cdc_config config;
    struct error err = ERROR_INIT;
    ck_assert_msg(cdc_config_init(&config, &cfg, "mysql", &err), "%s", err.message);
    ck_assert_int_eq(config.snapshot_mode, CDC_SNAPSHOT_WHEN_NEEDED);
    ck_assert_int_eq(config.locking_mode, CDC_LOCKING_MINIMAL);
    ck_assert_int_eq(config.ssl_mode, DB_SSL_VERIFY_CA);
    ck_assert(!config.skips_create && config.skips_update && config.skips_delete && !config.skips_truncate);
    ck_assert_int_eq(config.inconsistent_schema, CDC_FAILURE_SKIP);
    ck_assert_int_eq(config.binary_mode, CDC_BINARY_BYTES);
    ck_assert_int_eq(config.decimal_mode, CDC_DECIMAL_STRING);
    ck_assert_int_eq(config.time_mode, CDC_TIME_ISOSTRING);
    ck_assert_int_eq(config.watermark_strategy, CDC_WATERMARK_INSERT_INSERT);
    ck_assert(config.tombstones && config.ignore_builtin && !config.transaction_metadata);
    ck_assert_str_eq(config.heartbeat_prefix, "beat");
    ck_assert_int_eq(config.port, 3306);
    ck_assert_int_eq(config.server_id, 184054);
    ck_assert_int_eq(config.chunk_size, 1024);
    ck_assert_str_eq(config.initial[0], "SET a = ';' ; ");
    ck_assert_str_eq(config.initial[1], "SET b = 1");
    ck_assert_ptr_null(config.initial[2]);
    cdc_config_fini(&config);
    config_set(&cfg, "snapshot.max.threads", "0");
    ck_assert(!cdc_config_init(&config, &cfg, "mysql", &err));
    ck_assert_str_eq(err.message, "The 'snapshot.max.threads' value is invalid: A positive, non-zero integer value is expected");
}
END_TEST

static const struct config_row *
row_of(const struct config_row *rows, const char *name)
{
    while (rows->name && strcmp(rows->name, name) != 0)
        rows++;
    return rows->name ? rows : NULL;
}

START_TEST(mariadb_s_settings_are_mysql_s_but_for_a_few)
{
    ck_assert_ptr_null(row_of(cdc_mariadb_rows, "database.jdbc.driver"));
    ck_assert_ptr_null(row_of(cdc_mariadb_rows, "database.protocol"));
    const struct config_row *ssl = row_of(cdc_mariadb_rows, "database.ssl.mode"), *locking = row_of(cdc_mariadb_rows, "snapshot.locking.mode");
    ck_assert_str_eq(ssl->default_value, "disable");
    ck_assert_str_eq(ssl->group, "MariaDB");
    ck_assert_int_eq(ssl->order_in_group, 14);
    ck_assert_int_eq(locking->width, CONFIG_WIDTH_NONE);
    ck_assert_str_eq(row_of(cdc_mysql_rows, "database.ssl.mode")->default_value, "preferred");
    ck_assert_str_eq(row_of(cdc_mariadb_rows, "sourceinfo.struct.maker")->default_value, "io.debezium.connector.mariadb.MariaDbSourceInfoStructMaker");
    size_t count = 0, mysql_count = 0;
    for (const struct config_row *row = cdc_mariadb_rows; row->name; row++, count++)
        ck_assert_str_ne(row->group ? row->group : "", "MySQL");
    while (cdc_mysql_rows[mysql_count].name)
        mysql_count++;
    ck_assert_uint_eq(count, mysql_count - 2);
}
END_TEST

static const struct {
    const char *setting, *value, *problems[2];
} mariadb_cases[] = {
    {"database.ssl.mode", "preferred", {"Value must be one of trust, disable, verify-ca, verify-full"}},
    {"database.ssl.mode", "VERIFY-FULL", {NULL}},
    {"snapshot.locking.mode", "minimal_percona", {"Must be a valid snapshot.locking.mode value", "Value must be one of minimal, custom, none, extended"}},
};

START_TEST(mariadb_has_words_of_its_own)
{
    config_set(&cfg, mariadb_cases[_i].setting, mariadb_cases[_i].value);
    cdc_config_check(cdc_mariadb_rows, &cfg, add_problem, NULL);
    size_t count = 0;
    for (; count < 2 && mariadb_cases[_i].problems[count]; count++) {
        char text[600];
        snprintf(text, sizeof(text), "%s: %s", mariadb_cases[_i].setting, mariadb_cases[_i].problems[count]);
        ck_assert_msg(count < problems.count, "%s is missing", text);
        ck_assert_str_eq(problems.items[count], text);
    }
    ck_assert_uint_eq(problems.count, count);
}
END_TEST

static const struct {
    const char *word;
    enum db_ssl_mode mode;
} mariadb_modes[] = {{NULL, DB_SSL_DISABLED}, {"trust", DB_SSL_REQUIRED}, {"verify-ca", DB_SSL_VERIFY_CA}, {"verify-full", DB_SSL_VERIFY_IDENTITY}};

START_TEST(mariadb_s_ssl_modes_mean_those_of_mysql)
{
    struct cdc_config config;
    struct error err = ERROR_INIT;
    if (mariadb_modes[_i].word)
        config_set(&cfg, "database.ssl.mode", mariadb_modes[_i].word);
    ck_assert_msg(cdc_config_init(&config, &cfg, "mariadb", &err), "%s", err.message);
    ck_assert_int_eq(config.ssl_mode, mariadb_modes[_i].mode);
    ck_assert_str_eq(config.dialect->connector, "mariadb");
    cdc_config_fini(&config);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/config");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_setting_is_refused_in_the_original_s_words, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_loop_test(tcase, a_list_of_what_to_leave_out_excludes_one_of_what_to_take, 0, 4);
    tcase_add_test(tcase, texts_become_typed_members);
    tcase_add_test(tcase, mariadb_s_settings_are_mysql_s_but_for_a_few);
    tcase_add_loop_test(tcase, mariadb_has_words_of_its_own, 0, sizeof(mariadb_cases) / sizeof(*mariadb_cases));
    tcase_add_loop_test(tcase, mariadb_s_ssl_modes_mean_those_of_mysql, 0, sizeof(mariadb_modes) / sizeof(*mariadb_modes));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
