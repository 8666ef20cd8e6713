/* Tests of connect/connectors/binlog/table_match.c. */
#include "connect/connectors/binlog/table_match.h"

#include "common/base/strbuf.h"
#include "connect/connectors/binlog/ddl.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct error err;
static struct cdc_tables *tables;
static struct binlog_column columns[2];
static struct binlog_table_map map;

static void
setup(void)
{
    err = ERROR_INIT;
    tables = cdc_tables_new();
    memset(columns, 0, sizeof(columns));
    columns[0].type = BINLOG_TYPE_LONG;
    map = (struct binlog_table_map){.database = "d", .table = "t", .column_count = 2, .columns = columns, .is_readable = true};
}

static void
teardown(void)
{
    cdc_tables_free(tables);
}

/* Does d.t with an id and this column match the map? */
static bool
matches(const char *column)
{
    struct cdc_changes changes = CDC_CHANGES_INIT;
    struct strbuf sql = STRBUF_INIT;
    strbuf_printf(&sql, "CREATE TABLE t (id INT, v %s)", column);
    ck_assert_msg(cdc_ddl_apply(tables, "d", sql.data, sql.len, true, &changes, &err), "%s", err.message);
    cdc_changes_fini(&changes);
    strbuf_fini(&sql);
    return cdc_table_matches(cdc_tables_get(tables, "d", "t"), &map, &err);
}

/* What servers make of a column, and something else that they do not. */
static const struct {
    const char *column;
    uint8_t type, other;
    bool is_unsigned;
} kinds[] = {
    {"INT", BINLOG_TYPE_LONG, BINLOG_TYPE_VARCHAR, false},
    {"BIGINT UNSIGNED", BINLOG_TYPE_LONGLONG, BINLOG_TYPE_NEWDECIMAL, true},
    {"SERIAL", BINLOG_TYPE_LONGLONG, BINLOG_TYPE_BIT, true},
    {"BOOLEAN", BINLOG_TYPE_TINY, BINLOG_TYPE_BIT, false},
    {"INT(5) ZEROFILL", BINLOG_TYPE_LONG, BINLOG_TYPE_ENUM, true},
    {"FLOAT(53)", BINLOG_TYPE_DOUBLE, BINLOG_TYPE_LONGLONG, false},
    {"DECIMAL(5,2) UNSIGNED", BINLOG_TYPE_NEWDECIMAL, BINLOG_TYPE_DOUBLE, true},
    {"BIT(3)", BINLOG_TYPE_BIT, BINLOG_TYPE_TINY, false},
    {"YEAR", BINLOG_TYPE_YEAR, BINLOG_TYPE_TINY, true},
    {"DATE", BINLOG_TYPE_DATE, BINLOG_TYPE_DATETIME2, false},
    {"TIME(3)", BINLOG_TYPE_TIME2, BINLOG_TYPE_DATETIME2, false},
    {"DATETIME", BINLOG_TYPE_DATETIME2, BINLOG_TYPE_TIMESTAMP2, false},
    {"TIMESTAMP(6)", BINLOG_TYPE_TIMESTAMP2, BINLOG_TYPE_DATETIME2, false},
    {"VARCHAR(20)", BINLOG_TYPE_VARCHAR, BINLOG_TYPE_JSON, false},
    {"VARCHAR(20000)", BINLOG_TYPE_BLOB, BINLOG_TYPE_LONG, false},
    {"CHAR(4)", BINLOG_TYPE_STRING, BINLOG_TYPE_ENUM, false},
    {"ENUM('a','b')", BINLOG_TYPE_ENUM, BINLOG_TYPE_SET, false},
    {"SET('a','b')", BINLOG_TYPE_SET, BINLOG_TYPE_STRING, false},
    {"JSON", BINLOG_TYPE_JSON, BINLOG_TYPE_LONG, false},
    {"JSON", BINLOG_TYPE_BLOB, BINLOG_TYPE_GEOMETRY, false}, /* MariaDB */
    {"POINT", BINLOG_TYPE_GEOMETRY, BINLOG_TYPE_BLOB, false},
    {"VECTOR(3)", BINLOG_TYPE_VECTOR, BINLOG_TYPE_GEOMETRY, false},
    {"INET6", BINLOG_TYPE_STRING, BINLOG_TYPE_LONG, false},
};

START_TEST(a_column_has_the_kind_that_the_history_says)
{
    map.has_signedness = true;
    columns[1] = (struct binlog_column){.type = kinds[_i].type, .is_unsigned = kinds[_i].is_unsigned};
    ck_assert_msg(matches(kinds[_i].column), "%s: %s", kinds[_i].column, err.message);
    columns[1].type = kinds[_i].other;
    ck_assert(!matches(kinds[_i].column));
    ck_assert_int_eq(err.code, ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "d.t: column 2 ('v')"));
}
END_TEST

START_TEST(a_column_has_the_sign_that_the_history_says)
{
    columns[1] = (struct binlog_column){.type = BINLOG_TYPE_LONG, .is_unsigned = true};
    ck_assert(matches("INT")); /* not sent */
    map.has_signedness = true;
    ck_assert(matches("INT UNSIGNED"));
    ck_assert(!matches("INT"));
    ck_assert_ptr_nonnull(strstr(err.message, "unsigned in the log"));
}
END_TEST

START_TEST(columns_have_their_number_and_their_names)
{
    columns[1].type = BINLOG_TYPE_LONG;
    columns[1].name = "v";
    ck_assert(matches("INT"));
    columns[1].name = "w";
    ck_assert(!matches("INT"));
    ck_assert_ptr_nonnull(strstr(err.message, "'w'"));
    map.column_count = 1;
    ck_assert(!matches("INT"));
    ck_assert_ptr_nonnull(strstr(err.message, "row size 1"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/table_match");
    TCase *tc = tcase_create("table_match");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_column_has_the_kind_that_the_history_says, 0, sizeof(kinds) / sizeof(kinds[0]));
    tcase_add_test(tc, a_column_has_the_sign_that_the_history_says);
    tcase_add_test(tc, columns_have_their_number_and_their_names);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
