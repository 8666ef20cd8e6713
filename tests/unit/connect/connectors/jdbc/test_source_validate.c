/* Tests of connect/connectors/jdbc/source_validate.c: rules across settings, in the order of the original. */
#include "connect/connectors/jdbc/source_config.h"
#include "connect/connectors/jdbc/source_task.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config cfg;
static struct config_values values;

static void
setup(void)
{
    db_script_reset();
    cfg = CONFIG_INIT;
    values = CONFIG_VALUES_INIT;
    config_set(&cfg, "connection.url", "jdbc:mysql://h/d");
    config_set(&cfg, "topic.prefix", "p-");
    config_set(&cfg, "mode", "bulk");
}

static void
teardown(void)
{
    config_values_fini(&values);
    config_fini(&cfg);
    ck_assert_uint_eq(db_script_open(), 0);
}

static void
validate(void)
{
    config_validate(jdbc_source_rows, &cfg, &values);
    jdbc_source_validate(&cfg, &values);
}

/* The first error of a setting; "": none. */
static const char *
error_of(const char *name)
{
    const struct config_value *found = config_values_find(&values, name);
    return found && found->errors.count ? found->errors.items[0] : "";
}

#define MIXED "Cannot mix legacy and new configuration approaches. Legacy configurations (table.whitelist, "
#define NO_FILTER "At least one table filtering configuration is required."
#define FILTERED_QUERY "Do not specify table filtering configs with 'query'."
#define NO_SELECT "Only SELECT statements are supported for "

/* Settings as "name=value", and where which error stands; no error: accepted. */
static const struct {
    const char *settings[4], *at, *begins;
    unsigned errors;
} cases[] = {
    {{"table.whitelist=t"}, "", "", 0},
    {{"table.blacklist=t"}, "", "", 0},
    {{"table.include.list=d[.].*"}, "", "", 0},
    {{"table.include.list=d[.].*", "table.exclude.list=.*x"}, "", "", 0},
    {{"query=select 1"}, "", "", 0},
    {{"query.masked= \n SELECT(1)"}, "", "", 0},
    /* which tables */
    {{NULL}, "table.whitelist", NO_FILTER, 4},
    {{"query="}, "table.exclude.list", NO_FILTER, 4},
    {{"table.whitelist= "}, "table.whitelist", NO_FILTER, 4},
    {{"table.whitelist=t", "table.include.list=.*"}, "table.include.list", MIXED, 2},
    {{"table.whitelist=t", "timestamp.columns.mapping=.*:[a]"}, "table.whitelist", MIXED, 2},
    {{"table.exclude.list=.*"}, "table.exclude.list", "table.exclude.list cannot be used without table.include.list.", 1},
    /* mappings and mode */
    {{"mode=timestamp", "table.include.list=.*"}, "mode", "Timestamp column configuration must be provided", 1},
    {{"mode=incrementing", "table.include.list=.*"}, "mode", "Incrementing column configuration must be provided", 1},
    {{"mode=timestamp+incrementing", "table.include.list=.*"}, "mode", "Timestamp column configuration must be provided", 1},
    {{"table.include.list=.*", "incrementing.column.mapping=.*:id"}, "mode", "Incrementing column configurations should not be provided", 1},
    {{"mode=timestamp+incrementing", "table.include.list=.*", "timestamp.columns.mapping=.*:[a]", "incrementing.column.mapping=.*:id"}, "", "", 0},
    {{"mode=incrementing", "table.whitelist=t"}, "", "", 0},
    {{"mode=incrementing", "incrementing.column.mapping=.*:id", "timestamp.columns.mapping=.*:[a]"}, "mode",
     "Timestamp column configurations should not be provided", 1},
    {{"incrementing.column.mapping=.*:id"}, "mode", "Incrementing column configurations should not be provided", 1},
    /* queries */
    {{"query=select 1", "table.whitelist=t"}, "query", FILTERED_QUERY, 3},
    {{"query.masked=select 1", "table.blacklist=t"}, "table.blacklist", FILTERED_QUERY, 3},
    {{"query=select 1", "query.masked=select 2"}, "query.masked", "Both 'query' and 'query.masked' configs cannot be set", 2},
    {{"query=delete from t"}, "query", NO_SELECT "'query'", 1},
    {{"query.masked=selection"}, "query.masked", NO_SELECT "'query.masked'", 1},
    {{"query=select~0"}, "", "", 0},
    {{"query=select_1"}, "query", NO_SELECT "'query'", 1},
    {{"query=  "}, "query", NO_SELECT "'query'", 1},
    {{"query=with a as (select 1) select * from a"}, "query", NO_SELECT "'query'", 1},
    {{"query=select 1", "mode=incrementing"}, "incrementing.column.name", "'incrementing.column.name' must be provided when using mode", 1},
    {{"query=select 1", "mode=incrementing", "incrementing.column.name=id"}, "", "", 0},
    {{"query=select 1", "mode=timestamp"}, "", "", 0},
    {{"query=select 1", "mode=incrementing", "incrementing.column.name=id", "incrementing.column.mapping=.*:id"}, "", "", 0},
    {{"query=select 1", "incrementing.column.mapping=.*:id"}, "mode", "Incrementing column configurations should not be provided", 1},
    {{"query=select 1", "table.whitelist= "}, "", "", 0},
    /* others */
    {{"mode=", "table.whitelist=t"}, "validate.non.null", "Query mode must be specified", 6},
    {{"mode=sometimes", "table.whitelist=t"}, "timestamp.initial", "Invalid mode: sometimes", 7},
    {{"transaction.isolation.mode=SQL_SERVER_SNAPSHOT", "table.whitelist=t"}, "transaction.isolation.mode", "Isolation mode of ", 1},
    {{"quote.sql.identifiers=sometimes", "table.whitelist=t"}, "connection.url", "Could not connect to database. No matching QuoteMethod", 1},
    {{"connection.url=jdbc:mysql://:x/", "table.whitelist=t"}, "connection.url", "Could not connect to database. ", 1},
};

START_TEST(settings_that_do_not_go_together_are_named)
{
    for (size_t i = 0; i < sizeof(cases[_i].settings) / sizeof(*cases[_i].settings) && cases[_i].settings[i]; i++) {
        char name[64], *value;
        snprintf(name, sizeof(name), "%s", cases[_i].settings[i]);
        value = strchr(name, '=');
        *value++ = '\0';
        config_set(&cfg, name, cases[_i].settings[i] + (value - name));
    }
    validate();
    const char *error = error_of(cases[_i].at);
    ck_assert_msg(strncmp(error, cases[_i].begins, strlen(cases[_i].begins)) == 0, "%s", error);
    ck_assert_uint_eq(config_values_error_count(&values), cases[_i].errors);
}
END_TEST

START_TEST(the_database_is_asked_only_when_the_settings_are_right)
{
    validate();
    ck_assert_uint_eq(db_script_connects(), 0);
}
END_TEST

START_TEST(a_database_that_refuses_is_quoted)
{
    config_set(&cfg, "table.whitelist", "t");
    db_script_refuse(1, 1045, "28000", "Access denied for user 'u'@'h' (using password: YES)");
    validate();
    ck_assert_str_eq(error_of("connection.url"), "Could not connect to database. Access denied for user 'u'@'h' (using password: YES)");
}
END_TEST

START_TEST(a_query_is_looked_at_by_the_server_and_its_text_stays_a_text)
{
    config_set(&cfg, "query.masked", "SELECT 'it''s' FROM nowhere");
    db_script_add(&(struct db_script_rule){.match = "PREPARE", .fails = 1146, .sqlstate = "42S02", .message = "Table 'd.nowhere' doesn't exist"});
    validate();
    ck_assert_uint_eq(db_script_count_of("PREPARE connector_query FROM 'SELECT \\'it\\'\\'s\\' FROM nowhere'"), 1);
    ck_assert_ptr_nonnull(strstr(error_of("query.masked"), "(SQLState: 42S02, errorCode: 1146)"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/source_validate");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, settings_that_do_not_go_together_are_named, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tcase, the_database_is_asked_only_when_the_settings_are_right);
    tcase_add_test(tcase, a_database_that_refuses_is_quoted);
    tcase_add_test(tcase, a_query_is_looked_at_by_the_server_and_its_text_stays_a_text);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
