/* Tests of connect/connectors/jdbc/sink_hint.c: refusals of the database name column, length and setting. */
#include "connect/connectors/jdbc/sink_hint.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Fields of the one table, each a column of the same name. */
enum { F_BYTES, F_TEXT, F_FLOAT, F_NUMBER, F_DECIMAL, F_ODD, F_COUNT };
static const char *const names[F_COUNT] = {"b", "s", "f", "n", "d", "it' at row 's"};
static const char *const types[F_COUNT] = {"varbinary(1024)", "text", "float", "int", "decimal(10,2)", "varchar(3)"};

static struct config cfg;
static struct sink_config config;
static const struct schema *schema;
static struct sink_plan *plan;
static struct sink_table table;
static struct record record;
static struct value items[F_COUNT];

static void
make(const char *pk_mode, const char *pk_fields)
{
    struct error err = ERROR_INIT;
    config_set(&cfg, "pk.mode", pk_mode);
    config_set(&cfg, "pk.fields", pk_fields);
    ck_assert_msg(sink_config_init(&config, &cfg, &err), "%s", err.message);
    plan = sink_plan_new(&config, "t", "`t`", "\"d\".\"t\"", NULL, schema, &err);
    ck_assert_msg(plan != NULL, "%s", err.message);
}

static void
setup(void)
{
    cfg = CONFIG_INIT;
    config_set(&cfg, "name", "c");
    config_set(&cfg, "connection.url", "jdbc:mysql://h/d");
    const struct schema *fields[F_COUNT] = {
        schema_primitive(SCHEMA_BYTES, true), schema_primitive(SCHEMA_STRING, true), schema_primitive(SCHEMA_FLOAT32, true),
        schema_primitive(SCHEMA_INT64, true), schema_decimal(2, true), schema_primitive(SCHEMA_STRING, true),
    };
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    table = (struct sink_table){.shown = (char *)"\"d\".\"t\"", .columns = STRING_LIST_INIT, .column_types = STRING_LIST_INIT};
    for (size_t i = 0; i < F_COUNT; i++) {
        schema_builder_field(builder, names[i], fields[i]);
        schema_unref(fields[i]);
        string_list_add(&table.columns, names[i]);
        string_list_add(&table.column_types, types[i]);
        items[i] = value_string("twelve bytes", 12);
    }
    schema = schema_builder_finish(builder);
    items[F_FLOAT] = (struct value){.kind = VALUE_FLOAT, .as.real = 1e39};
    items[F_NUMBER] = value_int(1);
    record = (struct record){.value_schema = schema, .value = {.kind = VALUE_STRUCT, .len = F_COUNT, .as.items = items}};
}

static void
teardown(void)
{
    sink_plan_free(plan);
    sink_config_fini(&config);
    config_fini(&cfg);
    string_list_fini(&table.columns);
    string_list_fini(&table.column_types);
    schema_unref(schema);
}

static const struct {
    int number;
    const char *message, *key, *hint; /* NULL: nothing to say */
} rows[] = {
    {1406, "Data too long for column 'b' at row 3", NULL,
     "column 'b' of \"d\".\"t\", varbinary(1024): the value has 12 bytes; ALTER TABLE makes it hold more, and "
     "mysql.bytes.type=LONGBLOB makes new columns so"},
    {1406, "Data too long for column 'S' at row 1", NULL,
     "column 's' of \"d\".\"t\", text: the value has 12 bytes; ALTER TABLE makes it hold more, and mysql.string.type=LONGTEXT makes "
     "new columns so"},
    {1406, "Data too long for column 's' at row 1", "s",
     "column 's' of \"d\".\"t\", text: the value has 12 bytes; ALTER TABLE makes it hold more, and "
     "mysql.string.key.type=VARCHAR(700) makes new columns so"},
    {1264, "Out of range value for column 'f' at row 1", NULL,
     "column 'f' of \"d\".\"t\", float; ALTER TABLE makes it hold more, and mysql.float32.type=DOUBLE makes new columns so"},
    {1406, "Data too long for column 'it' at row 's' at row 1", NULL,
     "column 'it' at row 's' of \"d\".\"t\", varchar(3): the value has 12 bytes; ALTER TABLE makes it hold more, and "
     "mysql.string.type=LONGTEXT makes new columns so"},
    {1264, "Out of range value for column 'n' at row 1", NULL, NULL}, /* no setting makes it larger */
    {1264, "Out of range value for column 'd' at row 1", NULL, NULL},
    {1264, "Out of range value for column 's' at row 1", NULL, NULL},
    {1406, "Data too long for column 'gone' at row 1", NULL, NULL},
    {1406, "Donnees trop longues pour la colonne b", NULL, NULL},     /* lc_messages */
    {1062, "Duplicate entry '1' for column 'b' at row 1", NULL, NULL},
};

START_TEST(a_refused_value_names_what_to_do)
{
    struct error err = ERROR_INIT;
    struct strbuf out = STRBUF_INIT;
    error_set(&err, ERROR_DATA, "%s", rows[_i].message);
    err.cause = rows[_i].number;
    make(rows[_i].key ? "record_value" : "none", rows[_i].key ? rows[_i].key : "");
    bool has_hint = sink_hint_row(&table, plan, &record, &err, &out);
    ck_assert_int_eq(has_hint, rows[_i].hint != NULL);
    if (has_hint)
        ck_assert_str_eq(out.data, rows[_i].hint);
    ck_assert_uint_eq(out.len > 0, has_hint);
    strbuf_fini(&out);
}
END_TEST

START_TEST(a_refused_table_names_the_setting)
{
    static const struct {
        int number;
        const char *part;
    } tables[] = {{1118, "mysql.bytes.type=BLOB"}, {1071, "mysql.string.key.type"}, {1170, "mysql.string.key.type"}, {1050, NULL}};
    make("none", "");
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
        struct error err = {.cause = tables[i].number};
        const char *hint = sink_hint_ddl(&err);
        ck_assert(tables[i].part ? hint && strstr(hint, tables[i].part) : !hint);
    }
}
END_TEST

START_TEST(a_hint_stands_behind_the_causes)
{
    struct error err = ERROR_INIT;
    make("none", "");
    error_set(&err, ERROR_DATA, "inner");
    sink_hint_add(&err, "first");
    ck_assert_str_eq(err.causes, "\tat first");
    error_cause(&err, NULL, "outer");
    sink_hint_add(&err, "second");
    ck_assert_msg(strstr(err.causes, "inner\n\tat first\n\tat second") != NULL, "%s", err.causes);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/sink_hint");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_refused_value_names_what_to_do, 0, sizeof(rows) / sizeof(*rows));
    tcase_add_test(tcase, a_refused_table_names_the_setting);
    tcase_add_test(tcase, a_hint_stands_behind_the_causes);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
