/* Tests of connect/connectors/binlog/resume.c, and of what server.c asks about GTIDs, against a scripted server. */
#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/resume.h"
#include "connect/connectors/binlog/server.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_COLUMN(label) {.name = label, .table = "", .org_name = "", .org_table = "", .database = "", .type = DB_VARCHAR}
#define A "24ca098a-eaa8-11f1-9951-02fc00000001"
#define B "ffffffff-0000-11f1-9951-02fc00000001"

static const struct db_column one[] = {TEXT_COLUMN("a"), {0}}, two[] = {TEXT_COLUMN("a"), TEXT_COLUMN("b"), {0}};

static struct config cfg;
static struct cdc_config config;
static struct cdc_filters *filters;
static struct db *db;
static struct error err;
static struct cdc_offset position;
static const char *texts[8]; /* what the rules point to */

static void
setup(void)
{
    static const char *const base[][2] = {
        {"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"}, {"database.server.id", "1"}};
    db_script_reset();
    cfg = CONFIG_INIT;
    err = ERROR_INIT;
    position = CDC_OFFSET_INIT;
    filters = NULL;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
}

static void
teardown(void)
{
    db_close(db);
    cdc_filters_free(filters);
    cdc_config_fini(&config);
    config_fini(&cfg);
    cdc_offset_fini(&position);
}

static void
answer(const char *match, const struct db_column *columns, const char *const *rows, size_t count)
{
    db_script_add(&(struct db_script_rule){.match = match, .columns = columns, .rows = rows, .row_count = count});
}

static void
connect_server(const char *version)
{
    db_script_version(version);
    db = db_connect(&(struct db_params){.host = "h"}, &err);
    ck_assert_msg(db && cdc_config_init(&config, &cfg, "mariadb", &err), "%s", err.message);
    filters = cdc_filters_new(&config, &err);
    ck_assert_msg(filters, "%s", err.message);
}

/* *gtids_out: what the position has afterwards. */
static bool
check(const char *gtids, const char **gtids_out)
{
    bool is_available;
    struct error parse_err;
    char *json = NULL;
    int len = gtids ? asprintf(&json, "{\"file\":\"b.2\",\"pos\":400,\"gtids\":\"%s\"}", gtids) : asprintf(&json, "{\"file\":\"b.2\",\"pos\":400}");
    ck_assert(len > 0 && cdc_offset_parse(json, &position, &parse_err));
    free(json);
    ck_assert_msg(cdc_resume_check(db, filters, &position, &is_available, &err), "%s", err.message);
    *gtids_out = position.gtids;
    return is_available;
}

static const char *const files[] = {"b.1", "900", "b.2", "800"};

static const struct {
    const char *own, *executed, *purged, *includes;
    bool is_available;
    const char *then; /* NULL: as before */
} mariadb[] = {
    {"0-1-48", "0-1-50", "", NULL, true, NULL},
    {"0-1-48", "0-1-50", "0-1-48", NULL, true, NULL},
    {"0-1-48", "0-1-50", "0-1-49", NULL, false, NULL},        /* 49 is gone */
    {"0-1-51", "0-1-50", "", NULL, false, NULL},              /* the server is behind */
    {"0-1-48,7-1-2", "0-1-50", "", NULL, false, NULL},        /* another server: it has no such domain */
    {"0-1-48,7-1-2", "7-9-3,0-1-50", "0-1-40,7-1-2", NULL, true, NULL},
    {"0-1-48", "0-1-50,3-2-9", "3-2-4", NULL, false, NULL},   /* the beginning of domain 3 is gone */
    {"0-1-48", "0-1-50,3-2-9", "3-2-4", "0-.*", true, "0-1-48,3-2-4"},
    {"0-1-48,3-2-2", "0-1-50,3-2-9", "3-2-4", "0-.*", false, NULL}, /* a domain that was followed is wanted */
    {"0-1-48", "0-1-50", "0-2-49", "0-1", false, NULL},       /* the server that wrote it last does not matter */
};

START_TEST(a_position_on_mariadb_is_available_when_nothing_in_front_of_it_and_all_behind_it_is_there)
{
    texts[0] = mariadb[_i].executed;
    texts[1] = mariadb[_i].purged;
    answer("SHOW BINARY LOGS", two, files, 2);
    answer("BINLOG_GTID_POS('b.1', 4)", one, &texts[1], 1);
    answer("@@gtid_binlog_pos", one, &texts[0], 1);
    if (mariadb[_i].includes)
        config_set(&cfg, "gtid.source.includes", mariadb[_i].includes);
    connect_server("10.11.6-MariaDB-log");
    const char *gtids;
    ck_assert(check(mariadb[_i].own, &gtids) == mariadb[_i].is_available);
    ck_assert_str_eq(gtids, mariadb[_i].then ? mariadb[_i].then : mariadb[_i].own);
}
END_TEST

static const struct {
    const char *own, *executed, *purged, *excludes;
    bool is_available;
    const char *then;
} mysql[] = {
    {A ":1-5", A ":1-9", A ":1-5", NULL, true, NULL},
    {A ":1-5", A ":1-9", A ":1-6", NULL, false, NULL},
    {A ":1-5", A ":1-9," B ":1-3", B ":1-2", NULL, false, NULL},
    {A ":1-5", A ":1-9," B ":1-3", B ":1-2", B, true, A ":1-5," B ":1-2"},
    {A ":1-5," B ":1-9", A ":1-9," B ":1-3", "", B, true, NULL}, /* it may lack what is not wanted */
    {A ":1-5," B ":1-9", A ":1-9," B ":1-3", "", NULL, false, NULL},
};

START_TEST(sources_that_are_not_wanted_do_not_make_a_position_of_mysql_unavailable)
{
    static const char *const on[] = {"ON"};
    texts[0] = mysql[_i].executed;
    texts[1] = mysql[_i].purged;
    answer("gtid_mode", one, on, 1);
    answer("gtid_executed", one, &texts[0], 1);
    answer("gtid_purged", one, &texts[1], 1);
    if (mysql[_i].excludes)
        config_set(&cfg, "gtid.source.excludes", mysql[_i].excludes);
    connect_server("9.0.0");
    const char *gtids;
    ck_assert(check(mysql[_i].own, &gtids) == mysql[_i].is_available);
    ck_assert_str_eq(gtids, mysql[_i].then ? mysql[_i].then : mysql[_i].own);
}
END_TEST

START_TEST(mariadb_tells_the_gtids_of_a_position_that_has_none)
{
    static const char *const at[] = {"0-7-5,3-7-2"}, *const none[] = {""}, *const executed[] = {"3-7-4,0-7-5"};
    answer("SHOW BINARY LOGS", two, files, 2);
    answer("BINLOG_GTID_POS('b.2', 400)", one, at, 1);
    answer("BINLOG_GTID_POS('b.1', 4)", one, none, 1);
    answer("@@gtid_binlog_pos", one, executed, 1);
    connect_server("10.11.6-MariaDB-log");
    const char *gtids;
    ck_assert(check(NULL, &gtids));
    ck_assert_str_eq(gtids, at[0]);
}
END_TEST

START_TEST(a_position_without_gtids_needs_its_file)
{
    static const char *const unknown[] = {NULL};
    answer("SHOW BINARY LOGS", two, files, (size_t)_i);
    answer("BINLOG_GTID_POS", one, unknown, 1);
    connect_server("10.11.6-MariaDB-log");
    const char *gtids;
    ck_assert(check(NULL, &gtids) == (_i == 2));
    ck_assert_ptr_null(gtids);
}
END_TEST

START_TEST(a_position_of_mariadb_s_snapshot_has_gtids_even_if_there_are_none_yet)
{
    static const struct db_column four[] = {TEXT_COLUMN("a"), TEXT_COLUMN("b"), TEXT_COLUMN("c"), TEXT_COLUMN("d"), {0}};
    static const char *const status[] = {"b.1", "328", "", ""}, *const none[] = {""};
    answer("SHOW MASTER STATUS", four, status, 1);
    answer("@@gtid_binlog_pos", one, none, 1);
    connect_server("10.11.6-MariaDB-log");
    ck_assert_msg(cdc_server_position(db, &position, &err), "%s", err.message);
    ck_assert_str_eq(position.gtids, "");
    struct strbuf text = STRBUF_INIT;
    cdc_offset_write(&position, &text);
    ck_assert_ptr_null(strstr(text.data, "gtids")); /* as Debezium's offset */
    strbuf_fini(&text);
}
END_TEST

START_TEST(a_position_that_is_gone_is_told_as_it_was_stored)
{
    connect_server("9.0.0");
    struct error ignored;
    ck_assert(cdc_offset_parse("{\"file\":\"b.2\",\"pos\":400,\"gtids\":\"0-1-2\"}", &position, &ignored));
    ck_assert(!cdc_resume_refuse(&position, &err));
    ck_assert_msg(strstr(err.message, "starting at {\"file\":\"b.2\",\"pos\":400,\"gtids\":\"0-1-2\"}, but this is no longer available"), "%s",
                  err.message);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/resume");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_position_on_mariadb_is_available_when_nothing_in_front_of_it_and_all_behind_it_is_there, 0,
                        sizeof(mariadb) / sizeof(*mariadb));
    tcase_add_loop_test(tcase, sources_that_are_not_wanted_do_not_make_a_position_of_mysql_unavailable, 0, sizeof(mysql) / sizeof(*mysql));
    tcase_add_test(tcase, mariadb_tells_the_gtids_of_a_position_that_has_none);
    tcase_add_loop_test(tcase, a_position_without_gtids_needs_its_file, 1, 3);
    tcase_add_test(tcase, a_position_of_mariadb_s_snapshot_has_gtids_even_if_there_are_none_yet);
    tcase_add_test(tcase, a_position_that_is_gone_is_told_as_it_was_stored);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
