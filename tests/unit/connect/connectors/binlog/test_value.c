/* Tests of connect/connectors/binlog/value.c, value_default.c, value_time.c, value_mask.c and envelope.c. */
#include "connect/connectors/binlog/ddl.h"
#include "connect/connectors/binlog/envelope.h"
#include "connect/connectors/binlog/row_image.h"
#include "connect/connectors/binlog/source_block.h"
#include "tests/fakes/show_value.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct error err;
static struct arena arena;
static struct config *cfg;
static struct cdc_config config;
static struct cdc_filters *filters;
static struct cdc_tables *tables;
static struct cdc_source_maker maker;
static struct cdc_plan *plan;
static struct strbuf text;

static void
setup(void)
{
    err = ERROR_INIT;
    arena = ARENA_INIT;
    text = STRBUF_INIT;
    plan = NULL;
    cfg = calloc(1, sizeof(*cfg));
    config_set(cfg, "topic.prefix", "p");
    config_set(cfg, "database.hostname", "h");
    config_set(cfg, "database.user", "u");
    config_set(cfg, "database.server.id", "1");
    config_set(cfg, "schema.history.internal.kafka.topic", "t");
    config_set(cfg, "schema.history.internal.kafka.bootstrap.servers", "b:1");
    tables = cdc_tables_new();
    cdc_source_maker_init(&maker, "mysql", "p");
}

static void
teardown(void)
{
    cdc_plan_free(plan);
    cdc_filters_free(filters);
    cdc_config_fini(&config);
    config_free(cfg);
    cdc_tables_free(tables);
    cdc_source_maker_fini(&maker);
    strbuf_fini(&text);
    arena_fini(&arena);
}

/* A plan for the table d.t with an id and this column. */
static void
plan_for(const char *column)
{
    struct cdc_changes changes = CDC_CHANGES_INIT;
    struct strbuf sql = STRBUF_INIT;
    ck_assert_msg(cdc_config_init(&config, cfg, "mysql", &err), "%s", err.message);
    filters = cdc_filters_new(&config, &err);
    ck_assert_msg(filters != NULL, "%s", err.message);
    strbuf_printf(&sql, "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, v %s) DEFAULT CHARSET=utf8mb4", column);
    ck_assert_msg(cdc_ddl_apply(tables, "d", sql.data, sql.len, true, &changes, &err), "%s", err.message);
    plan = cdc_plan_new(&config, filters, maker.schema, cdc_tables_get(tables, "d", "t"), &err);
    ck_assert_msg(plan != NULL, "%s", err.message);
    cdc_changes_fini(&changes);
    strbuf_fini(&sql);
}

static const char *
shown_schema(void)
{
    strbuf_reset(&text);
    show_schema(plan->row.schema->fields[1].schema, &text);
    return text.data;
}

static const char *
shown(const struct value *value)
{
    strbuf_reset(&text);
    show_value(plan->row.schema->fields[1].schema, value, &text);
    return text.data;
}

static const char *
from_text(const char *v, size_t len)
{
    const char *texts[] = {"1", v};
    unsigned long lengths[] = {1, len};
    struct cdc_row row;
    ck_assert_msg(cdc_plan_texts(plan, texts, lengths, &arena, &row, &err), "%s", err.message);
    return shown(&row.row.as.items[1]);
}

static const char *
from_cell(struct binlog_cell cell)
{
    struct binlog_cell cells[] = {{.kind = BINLOG_CELL_INT, .width = 4, .integer = 1}, cell};
    struct cdc_row row;
    ck_assert_msg(cdc_plan_cells(plan, cells, &arena, &row, &err), "%s", err.message);
    return shown(&row.row.as.items[1]);
}

/* ---- from a SELECT's text ----------------------------------------------------------------------------------- */

static const struct {
    const char *column, *setting, *value; /* setting: "name=value" or NULL */
    const char *schema, *shown;
} texts[] = {
    {"TINYINT", NULL, "-128", "?int16", "Short -128"},
    {"SMALLINT UNSIGNED", NULL, "65535", "?int32", "Integer 65535"},
    {"MEDIUMINT UNSIGNED", NULL, "16777215", "?int32", "Integer 16777215"},
    {"INT(5) UNSIGNED ZEROFILL", NULL, "00007", "?int64", "Long 7"},
    {"BIGINT UNSIGNED", NULL, "18446744073709551615", "?int64", "Long -1"},
    {"BOOL", NULL, "-1", "?boolean", "Boolean true"},
    {"FLOAT", NULL, "0.1", "?float", "Float 0.1"},
    {"FLOAT(8,2)", NULL, "0.10", "?double", "Double 0.10000000149011612"},
    {"DOUBLE", NULL, "1e100", "?double", "Double 1.0E100"},
    {"DECIMAL(10,2)", "decimal.handling.mode=string", "-0.01", "?string", "String -0.01"},
    {"DECIMAL(10,2)", "decimal.handling.mode=double", "1.50", "?double", "Double 1.5"},
    {"BIT(1)", NULL, "\1", "?boolean", "Boolean true"},
    {"VARCHAR(9)", NULL, "한", "?string", "String 한"},
    {"ENUM('a','x,y')", NULL, "x,y", "?string@io.debezium.data.Enum", "String x,y"},
    {"BINARY(4)", "binary.handling.mode=hex", "ab", "?string", "String 61620000"},
    {"VARBINARY(4)", "binary.handling.mode=base64-url-safe", "\xFB\xFF", "?string", "String -_8="},
    {"YEAR", NULL, "0000", "?int32@io.debezium.time.Year", "Integer 2000"},
    {"DATE", NULL, "2020-02-29", "?int32@io.debezium.time.Date", "Integer 18321"},
    {"DATE", NULL, "0000-00-00", "?int32@io.debezium.time.Date", "null"},
    {"DATE", "time.precision.mode=isostring", "2020-02-29", "?string@io.debezium.time.IsoDate", "String 2020-02-29Z"},
    {"TIME(6)", NULL, "-838:59:58.999999", "?int64@io.debezium.time.MicroTime", "Long -3020398999999"},
    {"TIME(6)", "time.precision.mode=nanoseconds", "10:11:12.123456", "?int64@io.debezium.time.NanoTime", "Long 36672123456000"},
    {"DATETIME(3)", NULL, "1969-12-31 23:59:59.999", "?int64@io.debezium.time.Timestamp", "Long -1"},
    {"DATETIME(6)", NULL, "1582-10-10 12:00:00.500000", "?int64@io.debezium.time.MicroTimestamp", "Long -12218817599500000"},
    {"TIMESTAMP(6) NULL", NULL, "2000-01-01 00:00:00.120000", "?string@io.debezium.time.ZonedTimestamp", "String 2000-01-01T00:00:00.12Z"},
    {"JSON", NULL, "{\"a\": 1}", "?string@io.debezium.data.Json", "String {\"a\": 1}"},
};

START_TEST(texts_of_a_snapshot_become_fields)
{
    if (texts[_i].setting) {
        char *name = strdup(texts[_i].setting), *value = strchr(name, '=');
        *value++ = '\0';
        config_set(cfg, name, value);
        free(name);
    }
    plan_for(texts[_i].column);
    const char *schema = shown_schema();
    ck_assert_msg(strncmp(schema, texts[_i].schema, strlen(texts[_i].schema)) == 0, "%s: schema is %s, not %s", texts[_i].column, schema,
                  texts[_i].schema);
    ck_assert_str_eq(from_text(texts[_i].value, strlen(texts[_i].value)), texts[_i].shown);
}
END_TEST

START_TEST(a_time_outside_of_the_day_is_null_in_connect_mode)
{
    config_set(cfg, "time.precision.mode", "connect");
    plan_for("TIME");
    ck_assert_str_eq(from_text("-01:00:00", 9), "null");
}
END_TEST

START_TEST(it_is_an_error_when_failures_are_to_fail)
{
    config_set(cfg, "time.precision.mode", "connect");
    config_set(cfg, "event.converting.failure.handling.mode", "fail");
    plan_for("TIME");
    const char *row[] = {"1", "-01:00:00"};
    unsigned long lengths[] = {1, 9};
    struct cdc_row out;
    ck_assert(!cdc_plan_texts(plan, row, lengths, &arena, &out, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "d.t.v"));
}
END_TEST

START_TEST(null_where_it_is_not_allowed_is_the_default)
{
    plan_for("INT NOT NULL DEFAULT 9");
    ck_assert_str_eq(from_text(NULL, 0), "Integer 9");
}
END_TEST

/* ---- from the log ---------------------------------------------------------------------------------------------- */

START_TEST(cells_of_the_log_become_fields)
{
    plan_for("ENUM('a','x,y')");
    ck_assert_str_eq(from_cell((struct binlog_cell){.kind = BINLOG_CELL_ENUM, .bits = 2}), "String x\\,y");
    ck_assert_str_eq(from_cell((struct binlog_cell){.kind = BINLOG_CELL_ENUM, .bits = 0}), "String ");
    ck_assert_str_eq(from_cell((struct binlog_cell){.kind = BINLOG_CELL_NULL}), "null");
}
END_TEST

START_TEST(text_of_the_log_is_decoded_by_its_character_set)
{
    plan_for("VARCHAR(9) CHARACTER SET latin1");
    static const uint8_t bytes[] = {0xE9, 0x80, 0x81};
    ck_assert_str_eq(from_cell((struct binlog_cell){.kind = BINLOG_CELL_BYTES, .bytes = {bytes, 3}}), "String é€\xEF\xBF\xBD");
}
END_TEST

START_TEST(multibyte_text_is_decoded_too)
{
    plan_for("VARCHAR(9) CHARACTER SET utf16");
    static const uint8_t bytes[] = {0xD5, 0x5C, 0x00, 0x61};
    ck_assert_str_eq(from_cell((struct binlog_cell){.kind = BINLOG_CELL_BYTES, .bytes = {bytes, 4}}), "String 한a");
}
END_TEST

START_TEST(timestamps_of_the_log_have_all_digits_of_the_column)
{
    plan_for("TIMESTAMP(3) NULL");
    ck_assert_str_eq(from_cell((struct binlog_cell){.kind = BINLOG_CELL_TIMESTAMP, .timestamp = {946684800, 100000}}),
                     "String 2000-01-01T00:00:00.100Z");
    ck_assert_str_eq(from_cell((struct binlog_cell){.kind = BINLOG_CELL_TIMESTAMP}), "String 1970-01-01T00:00:00.000Z");
}
END_TEST

START_TEST(unsigned_columns_are_read_so)
{
    plan_for("INT UNSIGNED");
    ck_assert_str_eq(from_cell((struct binlog_cell){.kind = BINLOG_CELL_INT, .width = 4, .integer = -1}), "Long 4294967295");
}
END_TEST

START_TEST(a_value_that_the_log_does_not_have_is_an_error)
{
    plan_for("INT");
    struct binlog_cell cells[] = {{.kind = BINLOG_CELL_INT, .width = 4, .integer = 1}, {.kind = BINLOG_CELL_ABSENT}};
    struct cdc_row out;
    ck_assert(!cdc_plan_cells(plan, cells, &arena, &out, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "binlog_row_image"));
}
END_TEST

/* ---- defaults ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *column, *shown;
} defaults[] = {
    {"BIGINT UNSIGNED NOT NULL DEFAULT 18446744073709551615", "=Long 9223372036854775807"},
    {"INT NOT NULL DEFAULT '7'", "=Integer 7"},
    {"DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP", "=Long 0"},
    {"TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00'", "=String 1970-01-01T00:00:00Z"},
    {"DATE NOT NULL DEFAULT '0000-00-00'", "=Integer 0"},
    {"BIT(1) NOT NULL DEFAULT b'1'", "=Boolean true"},
    {"FLOAT NOT NULL DEFAULT 1.5", "=Float 1.5"},
    {"VARCHAR(9) NOT NULL DEFAULT 'd'", "=String d"},
};

START_TEST(defaults_of_columns_are_defaults_of_fields)
{
    plan_for(defaults[_i].column);
    ck_assert_msg(strstr(shown_schema(), defaults[_i].shown), "%s: %s", defaults[_i].column, shown_schema());
}
END_TEST

START_TEST(an_expression_is_no_default)
{
    plan_for("CHAR(36) NOT NULL DEFAULT (UUID())");
    ck_assert_ptr_null(plan->row.schema->fields[1].schema->default_value);
}
END_TEST

/* ---- masks, names -------------------------------------------------------------------------------------------------- */

START_TEST(masks_hide_text)
{
    config_set(cfg, "column.mask.hash.SHA-256.with.salt.pepper", "d.t.v");
    plan_for("VARCHAR(20)");
    ck_assert_str_eq(from_text("abcdefgh", 8), "String 66591dd8f2d73b9f9ec7");
    ck_assert_str_eq(from_text(NULL, 0), "null");
}
END_TEST

START_TEST(stars_are_put_in_for_null_as_well)
{
    config_set(cfg, "column.mask.with.5.chars", "d.t.v");
    plan_for("VARCHAR(20)");
    ck_assert_str_eq(from_text(NULL, 0), "String *****");
}
END_TEST

START_TEST(names_are_adjusted_for_topics_and_avro)
{
    config_set(cfg, "schema.name.adjustment.mode", "avro");
    config_set(cfg, "field.name.adjustment.mode", "avro_unicode");
    plan_for("INT");
    char *topic = cdc_topic_name(&config, "d", "한 x"), *schema = cdc_schema_name(&config, "p.my-table.1"),
         *field = cdc_field_name(&config, "a-b");
    ck_assert_str_eq(topic, "p.d.__x");
    ck_assert_str_eq(schema, "p.my_table.1");
    ck_assert_str_eq(field, "a_u002db");
    free(topic);
    free(schema);
    free(field);
    ck_assert_str_eq(plan->envelope->name, "p.d.t.Envelope");
    ck_assert_str_eq(plan->key.schema->name, "p.d.t.Key");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/value");
    TCase *tc = tcase_create("all");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, texts_of_a_snapshot_become_fields, 0, sizeof(texts) / sizeof(*texts));
    tcase_add_test(tc, a_time_outside_of_the_day_is_null_in_connect_mode);
    tcase_add_test(tc, it_is_an_error_when_failures_are_to_fail);
    tcase_add_test(tc, null_where_it_is_not_allowed_is_the_default);
    tcase_add_test(tc, cells_of_the_log_become_fields);
    tcase_add_test(tc, text_of_the_log_is_decoded_by_its_character_set);
    tcase_add_test(tc, multibyte_text_is_decoded_too);
    tcase_add_test(tc, timestamps_of_the_log_have_all_digits_of_the_column);
    tcase_add_test(tc, unsigned_columns_are_read_so);
    tcase_add_test(tc, a_value_that_the_log_does_not_have_is_an_error);
    tcase_add_loop_test(tc, defaults_of_columns_are_defaults_of_fields, 0, sizeof(defaults) / sizeof(*defaults));
    tcase_add_test(tc, an_expression_is_no_default);
    tcase_add_test(tc, masks_hide_text);
    tcase_add_test(tc, stars_are_put_in_for_null_as_well);
    tcase_add_test(tc, names_are_adjusted_for_topics_and_avro);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
