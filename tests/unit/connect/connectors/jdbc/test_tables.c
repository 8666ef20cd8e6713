/* Tests of connect/connectors/jdbc/tables.c against a scripted database. */
#include "connect/connectors/jdbc/tables.h"

#include "connect/connectors/jdbc/source_config.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_COLUMN(label) {.name = label, .table = "", .org_name = "", .org_table = "", .database = "", .type = DB_VARCHAR}

static const struct db_column list_columns[] = {TEXT_COLUMN("schema"), TEXT_COLUMN("name"), TEXT_COLUMN("type"), {0}};
static const char *const listed[] = {"d", "b", "BASE TABLE", "d", "a", "BASE TABLE", "d", "v", "VIEW", "mysql", "user", "BASE TABLE"};

static struct config cfg;
static struct error err;
static const char *url = "jdbc:mysql://h/d";

/* The names of the tables that are found, with blanks between. */
static const char *
found(void)
{
    static char names[256];
    struct jdbc_connection conn;
    struct source_settings settings;
    struct jdbc_tables tables = {0};
    db_script_reset();
    db_script_add(&(struct db_script_rule){.match = "information_schema.TABLES", .columns = list_columns, .rows = listed, .row_count = 4});
    config_set(&cfg, "connection.url", url);
    config_set(&cfg, "mode", "bulk");
    ck_assert_msg(source_settings_init(&settings, &cfg, &err) && jdbc_connection_init(&conn, &cfg, &err), "%s", err.message);
    struct db *db = jdbc_connection_open(&conn, &err);
    ck_assert_msg(jdbc_tables_find(db, &conn, &settings, &tables, &err), "%s", err.message);
    names[0] = '\0';
    for (size_t i = 0; i < tables.count; i++)
        snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i ? " " : "", tables.items[i].name);
    jdbc_tables_fini(&tables);
    db_close(db);
    jdbc_connection_fini(&conn);
    source_settings_fini(&settings);
    config_fini(&cfg);
    return names;
}

static const struct {
    const char *setting, *value, *found;
} cases[] = {
    {"table.types", "TABLE", "a b"},
    {"table.types", "table", "a b"},
    {"table.types", "BASE TABLE", "a b"},
    {"table.types", " VIEW , TABLE ", "a b v"},
    {"table.types", "SYSTEM TABLE", "user"},
    {"table.types", "ALIAS", ""},
    {"table.whitelist", "d.b", "b"},
    {"table.whitelist", "`d`.`b`", "b"},
    {"table.whitelist", "B", ""},
    {"table.blacklist", "b", "a"},
    {"table.include.list", "d[.].", "a b"},
    {"table.include.list", "d[.]b, .*a", "a b"},
    {"table.include.list", "b", ""}, /* the whole name with its database */
    {"catalog.pattern", "d", "a b"},
    {"catalog.pattern", "", "a b"}, /* the scripted server does not filter, the statement does */
    {"schema.pattern", "other", "a b"},
};

/* Names of databases are compared by the server, exactly. */
START_TEST(the_database_to_look_in_is_part_of_the_question)
{
    static const struct {
        const char *url, *pattern, *where;
    } places[] = {
        {"jdbc:mysql://h/d", NULL, NULL},
        {"jdbc:mysql://h/d", "o'x", " WHERE TABLE_SCHEMA='o\\'x'"},
        {"jdbc:mysql://h/d?nullDatabaseMeansCurrent=true", NULL, " WHERE TABLE_SCHEMA='d'"},
        {"jdbc:mysql://h/d", "", " WHERE TABLE_SCHEMA=''"},
    };
    cfg = CONFIG_INIT;
    if (places[_i].pattern)
        config_set(&cfg, "catalog.pattern", places[_i].pattern);
    url = places[_i].url;
    found();
    const char *sql = db_script_sql(db_script_count() - 1);
    ck_assert_msg(places[_i].where ? strstr(sql, places[_i].where) != NULL : strstr(sql, "WHERE") == NULL, "%s", sql);
}
END_TEST

START_TEST(tables_are_found_by_type_and_filter)
{
    cfg = CONFIG_INIT;
    config_set(&cfg, cases[_i].setting, cases[_i].value);
    ck_assert_str_eq(found(), cases[_i].found);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/tables");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, tables_are_found_by_type_and_filter, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_loop_test(tcase, the_database_to_look_in_is_part_of_the_question, 0, 4);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
