/* Tests of connect/connectors/binlog/filter.c: which names the lists, masks and keys are about. */
#include "connect/connectors/binlog/filter.h"

#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/ddl.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct config cfg;
static struct cdc_config config;
static struct cdc_filters *filters;
static struct cdc_tables *tables;
static struct error err;

static void
setup(void)
{
    static const char *const base[][2] = {{"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"}, {"database.server.id", "1"}};
    static const char sql[] = "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(9))";
    cfg = CONFIG_INIT;
    err = ERROR_INIT;
    filters = NULL;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
    struct cdc_changes changes = CDC_CHANGES_INIT;
    tables = cdc_tables_new();
    ck_assert(cdc_ddl_apply(tables, "db", sql, strlen(sql), false, &changes, &err));
    cdc_changes_fini(&changes);
}

/* setting, value, ..., NULL */
static void
make(const char *const *settings)
{
    for (size_t i = 0; settings[i]; i += 2)
        config_set(&cfg, settings[i], settings[i + 1]);
    ck_assert_msg(cdc_config_init(&config, &cfg, "mysql", &err), "%s", err.message);
    filters = cdc_filters_new(&config, &err);
    ck_assert_msg(filters, "%s", err.message);
}
#define MAKE(...) make((const char *const[]){__VA_ARGS__, NULL})

static void
teardown(void)
{
    cdc_filters_free(filters);
    if (filters)
        cdc_config_fini(&config);
    cdc_tables_free(tables);
    config_fini(&cfg);
}

static const struct {
    const char *settings[5];
    const char *database, *table;
    bool has;
} lists[] = {
    {{NULL}, "db", "t", true},
    {{NULL}, "mysql", "user", false},
    {{NULL}, "SYS", "x", false},
    {{"table.ignore.builtin", "false"}, "mysql", "user", true},
    {{"database.include.list", "db,o.*"}, "db", "t", true},
    {{"database.include.list", "db,o.*"}, "Other", "t", true},
    {{"database.include.list", "d"}, "db", "t", false},
    {{"database.exclude.list", "d."}, "db", "t", false},
    {{"table.include.list", "db[.]t"}, "DB", "T", true},
    {{"table.include.list", "db.t"}, "db", "t1", false},
    {{"table.include.list", "db.x{1\\,2},db.t"}, "db", "xx", true},
    {{"table.exclude.list", "db.t"}, "db", "t", false},
    {{"table.exclude.list", "db.t"}, "db", "u", true},
    {{"database.include.list", "x", "table.include.list", "db.t"}, "db", "t", false},
    {{"table.include.list", "db.t", "signal.data.collection", "s.signals"}, "s", "signals", true},
};
START_TEST(a_table_is_captured_as_the_lists_say)
{
    make(lists[_i].settings);
    ck_assert_int_eq(cdc_filters_has_table(filters, lists[_i].database, lists[_i].table), lists[_i].has);
}
END_TEST

static const struct {
    const char *settings[5];
    bool in_schema[3]; /* db.t, db.u, mysql.user */
} schemas[] = {
    {{"table.include.list", "db.t"}, {true, true, false}},
    {{"table.include.list", "db.t", "schema.history.internal.store.only.captured.tables.ddl", "true"}, {true, false, false}},
    {{"database.include.list", "x", "schema.history.internal.store.only.captured.databases.ddl", "true"}, {false, false, false}},
    {{"table.ignore.builtin", "false"}, {true, true, true}},
};
START_TEST(the_structure_of_other_tables_is_kept_unless_the_history_is_for_captured_ones)
{
    make(schemas[_i].settings);
    ck_assert_int_eq(cdc_filters_in_schema(filters, "db", "t"), schemas[_i].in_schema[0]);
    ck_assert_int_eq(cdc_filters_in_schema(filters, "db", "u"), schemas[_i].in_schema[1]);
    ck_assert_int_eq(cdc_filters_in_schema(filters, "mysql", "user"), schemas[_i].in_schema[2]);
}
END_TEST

/* Does the question hold for columns id, a and b? */
static void
assert_columns(bool (*question)(const struct cdc_filters *, const struct cdc_table *, const struct cdc_column *), const char *expected)
{
    const struct cdc_table *table = cdc_tables_get(tables, "db", "t");
    char answer[4] = "";
    for (size_t i = 0; i < 3; i++)
        answer[i] = question(filters, table, &table->columns[i]) ? 'x' : '-';
    ck_assert_str_eq(answer, expected);
}

static bool
is_masked(const struct cdc_filters *of, const struct cdc_table *table, const struct cdc_column *column)
{
    return cdc_filters_mask(of, table, column) != NULL;
}

START_TEST(columns_are_chosen_by_their_full_names)
{
    MAKE("column.include.list", "db.t.A,.*[.]id", "column.propagate.source.type", ".*b", "datatype.propagate.source.type", ".*[.]INT");
    assert_columns(cdc_filters_has_column, "xx-");
    assert_columns(cdc_filters_propagates, "xxx");
    assert_columns(is_masked, "---");
}
END_TEST

START_TEST(the_first_mask_that_names_a_column_counts)
{
    MAKE("column.mask.hash.SHA-256.with.salt.pe.pper", "db.t.id", "column.mask.hash.v2.MD5.with.salt.x", "db.t.a", "column.mask.with.5.chars",
         "db.t.b,db.t.id", "column.truncate.to.3.chars", "db.t.b", "column.mask.with.x.chars", "(");
    const struct cdc_table *table = cdc_tables_get(tables, "db", "t");
    const struct cdc_mask *mask = cdc_filters_mask(filters, table, &table->columns[0]);
    ck_assert(mask->kind == CDC_MASK_CHARS && mask->length == 5);
    mask = cdc_filters_mask(filters, table, &table->columns[1]);
    ck_assert_int_eq(mask->kind, CDC_MASK_HASH_V2);
    ck_assert_str_eq(mask->algorithm, "MD5");
    ck_assert_str_eq(mask->salt, "x");
    mask = cdc_filters_mask(filters, table, &table->columns[2]);
    ck_assert(mask->kind == CDC_MASK_TRUNCATE && mask->length == 3);
}
END_TEST

static const struct {
    const char *mapping; /* NULL: none */
    const char *key;     /* names in order */
} keys[] = {
    {NULL, "id"}, {"db.t:b,a", "ba"}, {"db.t:nothing", "id"}, {"other.t:a; .*[.]t:b,.*", "bida"}, {"db.x:a;DB.T:A", "a"},
};
START_TEST(the_key_has_the_columns_of_the_setting_in_its_order)
{
    if (keys[_i].mapping)
        config_set(&cfg, "message.key.columns", keys[_i].mapping);
    make((const char *const[]){NULL});
    const struct cdc_table *table = cdc_tables_get(tables, "db", "t");
    size_t columns[3], count = cdc_filters_key(filters, table, columns);
    char names[16] = "";
    for (size_t i = 0; i < count; i++)
        strcat(names, table->columns[columns[i]].name);
    ck_assert_str_eq(names, keys[_i].key);
}
END_TEST

START_TEST(a_snapshot_reads_what_its_settings_name)
{
    MAKE("snapshot.include.collection.list", "db.t,db.x.*", "snapshot.select.statement.overrides", "db.t, db.u",
         "snapshot.select.statement.overrides.db.t", "SELECT 1", "gtid.source.includes", "aaa.*");
    ck_assert(cdc_filters_in_snapshot(filters, "db", "t") && cdc_filters_in_snapshot(filters, "db", "x9"));
    ck_assert(!cdc_filters_in_snapshot(filters, "db", "y"));
    ck_assert_str_eq(cdc_filters_select_override(filters, "db", "t"), "SELECT 1");
    ck_assert_ptr_null(cdc_filters_select_override(filters, "db", "u"));
    ck_assert_ptr_null(cdc_filters_select_override(filters, "db", "v"));
    ck_assert(cdc_filters_has_gtid_source(filters, "AAAB") && !cdc_filters_has_gtid_source(filters, "b"));
}
END_TEST

START_TEST(a_mask_with_a_wrong_expression_is_an_error)
{
    config_set(&cfg, "column.mask.with.5.chars", "(");
    ck_assert_msg(cdc_config_init(&config, &cfg, "mysql", &err), "%s", err.message);
    ck_assert_ptr_null(cdc_filters_new(&config, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "column.mask.with.5.chars"));
    cdc_config_fini(&config);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/filter");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_table_is_captured_as_the_lists_say, 0, sizeof(lists) / sizeof(*lists));
    tcase_add_loop_test(tcase, the_structure_of_other_tables_is_kept_unless_the_history_is_for_captured_ones, 0,
                        sizeof(schemas) / sizeof(*schemas));
    tcase_add_test(tcase, columns_are_chosen_by_their_full_names);
    tcase_add_test(tcase, the_first_mask_that_names_a_column_counts);
    tcase_add_loop_test(tcase, the_key_has_the_columns_of_the_setting_in_its_order, 0, sizeof(keys) / sizeof(*keys));
    tcase_add_test(tcase, a_snapshot_reads_what_its_settings_name);
    tcase_add_test(tcase, a_mask_with_a_wrong_expression_is_an_error);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
