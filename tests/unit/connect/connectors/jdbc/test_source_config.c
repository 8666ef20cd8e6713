/* Tests of connect/connectors/jdbc/source_config.c: settings that are refused, in Java's words. */
#include "connect/connectors/jdbc/source_config.h"

#include "connect/connectors/jdbc/jdbc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define VALUE(value, name) "Invalid value " value " for configuration " name ": "
#define IDS "incrementing.column.mapping"
#define TIMES "timestamp.columns.mapping"

static const struct {
    const char *setting, *value, *error; /* NULL: accepted */
} cases[] = {
    {IDS, ".*:id,x:n", NULL},
    {IDS, "id", VALUE("id", IDS) "Invalid format. Expected 'regex:columnName'"},
    {IDS, "a:b:c", VALUE("a:b:c", IDS) "Invalid format. Expected 'regex:columnName'"},
    {IDS, ".*:", VALUE("", IDS) "Column name cannot be empty"},
    {IDS, "(:id", VALUE("(", IDS) "Invalid regular expression: "},
    {TIMES, ".*:[a|b]", NULL},
    {TIMES, "x", VALUE("x", TIMES) "Invalid format. Expected 'regex:[col1|col2|...]'"},
    {TIMES, ".*:u", VALUE("u", TIMES) "Columns list must be enclosed in square brackets"},
    {TIMES, ".*:[]", VALUE("[]", TIMES) "Columns list cannot be empty"},
    {"table.include.list", "(", VALUE("[(]", "table.include.list") "Must be a valid comma-separated list of regular expression patterns: "},
    {"dialect.name", "MySqlDatabaseDialect", NULL},
    {"dialect.name", "Nope", VALUE("Nope", "dialect.name") "Invalid enumerator"},
    {"db.timezone", "Mars/X", VALUE("Mars/X", "db.timezone") "Invalid time zone. See the list of valid time zones at https://"},
    {"topic.prefix", "a b", VALUE("a b", "topic.prefix") "Topic prefix must not contain any character other than ASCII alphanumerics"},
    {"numeric.mapping", "Best_Fit", VALUE("Best_Fit", "numeric.mapping") "Invalid enumerator"},
    {"connection.attempts", "0", VALUE("0", "connection.attempts") "Value must be at least 1"},
};

static const struct config_row *
row_of(const char *name)
{
    const struct config_row *row = jdbc_source_rows;
    while (strcmp(row->name, name) != 0)
        row++;
    return row;
}

START_TEST(a_setting_is_refused_in_java_s_words)
{
    struct string_list errors = STRING_LIST_INIT;
    char *text = config_row_check(row_of(cases[_i].setting), cases[_i].value, &errors);
    if (cases[_i].error) {
        ck_assert_uint_eq(errors.count, 1);
        ck_assert_msg(strncmp(errors.items[0], cases[_i].error, strlen(cases[_i].error)) == 0, "%s", errors.items[0]);
    } else {
        ck_assert_uint_eq(errors.count, 0);
    }
    free(text);
    string_list_fini(&errors);
}
END_TEST

START_TEST(what_is_recommended_needs_no_database)
{
    static const char *const tables[] = {"table.whitelist", "table.blacklist", "table.include.list", "table.exclude.list"};
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        ck_assert(!row_of(tables[i])->recommend);
    struct string_list names = STRING_LIST_INIT;
    struct config cfg = CONFIG_INIT;
    row_of("dialect.name")->recommend(&cfg, &names);
    ck_assert_uint_eq(names.count, 12);
    ck_assert_str_eq(names.items[0], "");
    ck_assert_str_eq(names.items[2], "MySqlDatabaseDialect");
    ck_assert_str_eq(names.items[11], "VerticaDatabaseDialect");
    string_list_fini(&names);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/source_config");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, a_setting_is_refused_in_java_s_words, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tcase, what_is_recommended_needs_no_database);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
