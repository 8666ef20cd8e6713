/* Tests of connect/connectors/jdbc/dialect.c. */
#include "connect/connectors/jdbc/dialect.h"

#include <check.h>
#include <stdlib.h>

static const struct {
    const char *text, *database, *name;
} tables[] = {
    {"`lab`.`ORDER_TABLE`", "lab", "ORDER_TABLE"}, {"lab.ORDER_TABLE", "lab", "ORDER_TABLE"}, {"T", NULL, "T"},
    {"`my-db`.`a.b`", "my-db", "a.b"},             {"`a``b`", NULL, "a`b"},
};

START_TEST(a_table_name_is_read_in_every_spelling)
{
    struct jdbc_table table;
    struct error err = ERROR_INIT;
    ck_assert(jdbc_table_parse(tables[_i].text, &table, &err));
    ck_assert_pstr_eq(table.database, tables[_i].database);
    ck_assert_str_eq(table.name, tables[_i].name);
    jdbc_table_fini(&table);
}
END_TEST

static const char *const no_tables[] = {"", ".", "a.", ".a", "`a", "`a`b", "a.b.c", "``"};

START_TEST(what_is_no_table_name_is_refused)
{
    struct jdbc_table table;
    struct error err = ERROR_INIT;
    ck_assert(!jdbc_table_parse(no_tables[_i], &table, &err));
}
END_TEST

START_TEST(a_written_table_reads_back_as_itself)
{
    char database[] = "d`b", name[] = "t.x";
    struct jdbc_table table = {.database = database, .name = name}, again;
    char *text = jdbc_table_text(&table, true);
    ck_assert_str_eq(text, "`d``b`.`t.x`");
    struct error err = ERROR_INIT;
    ck_assert(jdbc_table_parse(text, &again, &err));
    ck_assert_str_eq(again.database, table.database);
    ck_assert_str_eq(again.name, table.name);
    free(text);
    jdbc_table_fini(&again);
}
END_TEST

START_TEST(the_quote_method_has_no_case)
{
    bool with_quotes = false;
    struct error err = ERROR_INIT;
    ck_assert(jdbc_quote_method_parse("ALWAYS", &with_quotes, &err) && with_quotes);
    ck_assert(jdbc_quote_method_parse("never", &with_quotes, &err) && !with_quotes);
    ck_assert(jdbc_quote_method_parse("Never", &with_quotes, &err) && !with_quotes);
    ck_assert(!jdbc_quote_method_parse("sometimes", &with_quotes, &err));
    ck_assert_str_eq(err.message, "No matching QuoteMethod found for 'sometimes'");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/dialect");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, a_table_name_is_read_in_every_spelling, 0, sizeof(tables) / sizeof(*tables));
    tcase_add_loop_test(tcase, what_is_no_table_name_is_refused, 0, sizeof(no_tables) / sizeof(*no_tables));
    tcase_add_test(tcase, a_written_table_reads_back_as_itself);
    tcase_add_test(tcase, the_quote_method_has_no_case);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
