/* Tests of connect/connectors/binlog/validate.c and server_check.c against a scripted server. */
#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/server_check.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_COLUMN(label) {.name = label, .table = "", .org_name = "", .org_table = "", .database = "", .type = DB_VARCHAR}

static const struct db_column one[] = {TEXT_COLUMN("a"), {0}}, three[] = {TEXT_COLUMN("a"), TEXT_COLUMN("b"), TEXT_COLUMN("c"), {0}};

static struct config cfg;
static struct config_values values;
static struct string_list found;
static struct error err;

static void
setup(void)
{
    static const char *const base[][2] = {{"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"},
                                          {"database.password", "secret"}, {"database.server.id", "1"}, {"table.include.list", "db.t"}};
    db_script_reset();
    cfg = CONFIG_INIT;
    values = CONFIG_VALUES_INIT;
    found = STRING_LIST_INIT;
    err = ERROR_INIT;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
}

static void
teardown(void)
{
    config_fini(&cfg);
    config_values_fini(&values);
    string_list_fini(&found);
}

static void
answer(const char *match, const struct db_column *columns, const char *const *rows, size_t count)
{
    db_script_add(&(struct db_script_rule){.match = match, .columns = columns, .rows = rows, .row_count = count});
}

static struct db *
open_db(void)
{
    struct db *db = db_connect(&(struct db_params){.host = "h"}, &err);
    ck_assert_msg(db, "%s", err.message);
    return db;
}

static void
validate(void)
{
    config_validate(cdc_mysql_rows, &cfg, &values);
    cdc_mysql_validate(&cfg, &values);
}

START_TEST(a_server_is_asked_only_when_the_settings_are_right)
{
    config_set(&cfg, "database.port", "x");
    validate();
    ck_assert_uint_eq(db_script_connects(), 0);
    const struct config_value *port = config_values_find(&values, "database.port");
    ck_assert_uint_eq(port->errors.count, 2); /* nothing of Kafka's own words */
    ck_assert_str_eq(port->errors.items[0], "The 'database.port' value is invalid: An integer is expected");
}
END_TEST

START_TEST(a_server_that_cannot_be_reached_is_an_error_of_the_host)
{
    db_script_refuse(1, 2003, "HY000", "Can't connect to server on 'h'");
    validate();
    ck_assert_uint_eq(config_values_error_count(&values), 1);
    const char *text = config_values_find(&values, "database.hostname")->errors.items[0];
    ck_assert_msg(strncmp(text, "Unable to connect: ", 19) == 0 && strstr(text, "Can't connect") && !strstr(text, "secret"), "%s", text);
}
END_TEST

START_TEST(what_the_server_lacks_is_no_error)
{
    validate(); /* no question has an answer */
    ck_assert_uint_eq(db_script_connects(), 1);
    ck_assert_uint_eq(config_values_error_count(&values), 0);
    ck_assert_uint_eq(db_script_open(), 0);
}
END_TEST

static const struct {
    const char *granted[6];
    bool locks;
    const char *missing; /* names with blanks between */
} accounts[] = {
    {{"SELECT", "RELOAD", "SHOW DATABASES", "REPLICATION SLAVE", "REPLICATION CLIENT"}, true, ""},
    {{"SELECT", "LOCK TABLES", "REPLICATION SLAVE", "BINLOG MONITOR"}, true, ""},
    {{"SELECT", "REPLICATION SLAVE", "SUPER"}, false, ""},
    {{"SELECT", "REPLICATION SLAVE"}, true, "REPLICATION CLIENT RELOAD "},
    {{"USAGE"}, true, "SELECT REPLICATION SLAVE REPLICATION CLIENT RELOAD "},
};

START_TEST(each_missing_right_is_named)
{
    static const char *const none[] = {"NONE"}, *const account[] = {"'u'@'%'"};
    size_t count = 0;
    while (count < 6 && accounts[_i].granted[count])
        count++;
    answer("CURRENT_ROLE", one, none, 1);
    answer("USER_PRIVILEGES", one, accounts[_i].granted, count);
    answer("SELECT CONCAT", one, account, 1);
    struct db *db = open_db();
    struct strbuf names = STRBUF_INIT, text = STRBUF_INIT;
    strbuf_puts(&names, "");
    ck_assert_msg(cdc_server_missing_rights(db, accounts[_i].locks, &found, &err), "%s", err.message);
    for (size_t i = 0; i < found.count; i++)
        strbuf_printf(&names, "%s ", found.items[i]);
    ck_assert_str_eq(names.data, accounts[_i].missing);
    if (_i == 3) {
        cdc_server_rights_text(db, &found, &text);
        ck_assert_str_eq(text.data, "'u'@'%' lacks REPLICATION CLIENT, RELOAD: GRANT REPLICATION CLIENT, RELOAD ON *.* TO 'u'@'%'");
    }
    strbuf_fini(&names);
    strbuf_fini(&text);
    db_close(db);
}
END_TEST

START_TEST(nothing_is_said_about_an_account_with_roles)
{
    static const char *const role[] = {"`reader`@`%`"};
    answer("CURRENT_ROLE", one, role, 1);
    struct db *db = open_db();
    ck_assert(cdc_server_missing_rights(db, true, &found, &err));
    ck_assert_uint_eq(found.count, 0);
    db_close(db);
}
END_TEST

static const struct {
    const char *native; /* NULL: the server has no such variable */
    const char *found;
} servers[] = {{NULL, "db.t (fk1)"}, {"1", "db.t (fk1)"}, {"0", NULL}};

START_TEST(cascades_of_captured_tables_are_named_unless_the_server_logs_them)
{
    static const char *const keys[] = {"db", "t", "fk1", "db", "other", "fk2"};
    if (servers[_i].native)
        answer("innodb_native_foreign_keys", one, &servers[_i].native, 1);
    answer("REFERENTIAL_CONSTRAINTS", three, keys, 2);
    struct cdc_config config;
    ck_assert_msg(cdc_config_init(&config, &cfg, "mysql", &err), "%s", err.message);
    struct cdc_filters *filters = cdc_filters_new(&config, &err);
    struct db *db = open_db();
    ck_assert_msg(cdc_server_silent_cascades(db, filters, &found, &err), "%s", err.message);
    ck_assert_uint_eq(found.count, servers[_i].found ? 1 : 0);
    if (servers[_i].found)
        ck_assert_str_eq(found.items[0], servers[_i].found);
    db_close(db);
    cdc_filters_free(filters);
    cdc_config_fini(&config);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/validate");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_server_is_asked_only_when_the_settings_are_right);
    tcase_add_test(tcase, a_server_that_cannot_be_reached_is_an_error_of_the_host);
    tcase_add_test(tcase, what_the_server_lacks_is_no_error);
    tcase_add_loop_test(tcase, each_missing_right_is_named, 0, sizeof(accounts) / sizeof(*accounts));
    tcase_add_test(tcase, nothing_is_said_about_an_account_with_roles);
    tcase_add_loop_test(tcase, cascades_of_captured_tables_are_named_unless_the_server_logs_them, 0, sizeof(servers) / sizeof(*servers));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
