/* Tests of connect/connectors/jdbc/sink_plan.c, sink_fields.c and sink_ddl.c: settings and schemas become SQL. */
#include "connect/connectors/jdbc/sink_ddl.h"
#include "connect/connectors/jdbc/sink_plan.h"

#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static struct sink_config config;
static struct config cfg;
static struct sink_format format;
static struct error err;
static struct strbuf out;
static const struct schema *row_schema, *key_schema;

/* Fields as name and schema, ended by NULL; takes the references. */
static const struct schema *
struct_of(const char *name, ...)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    va_list args;
    va_start(args, name);
    for (; name; name = va_arg(args, const char *)) {
        const struct schema *schema = va_arg(args, const struct schema *);
        schema_builder_field(builder, name, schema);
        schema_unref(schema);
    }
    va_end(args);
    return schema_builder_finish(builder);
}

static void
setup(void)
{
    cfg = CONFIG_INIT;
    format = (struct sink_format){.zone = NULL};
    config_set(&cfg, "name", "c");
    config_set(&cfg, "connection.url", "jdbc:mysql://h/d");
    row_schema = struct_of("z", schema_primitive(SCHEMA_STRING, true), "id", schema_primitive(SCHEMA_INT64, false), "a",
                           schema_primitive(SCHEMA_INT32, true), NULL);
    key_schema = struct_of("k2", schema_primitive(SCHEMA_INT32, false), "k1", schema_primitive(SCHEMA_INT64, false), NULL);
}

static void
teardown(void)
{
    sink_config_fini(&config);
    config_fini(&cfg);
    strbuf_fini(&out);
    schema_unref(row_schema);
    schema_unref(key_schema);
}

static void
configure(const char *key, ...)
{
    va_list args;
    va_start(args, key);
    for (; key; key = va_arg(args, const char *))
        config_set(&cfg, key, va_arg(args, const char *));
    va_end(args);
    ck_assert_msg(sink_config_init(&config, &cfg, &err), "%s", err.message);
}

static const char *
create(const struct schema *key, const struct schema *value)
{
    struct sink_fields fields;
    strbuf_reset(&out);
    if (!sink_fields_init(&fields, &config, "t", key, value, &err))
        return err.message;
    bool is_fine = sink_ddl_create(&out, &config, &format, "`t`", &fields, &err);
    sink_fields_fini(&fields);
    return is_fine ? out.data : err.message;
}

/* ---- CREATE and ALTER ---------------------------------------------------------------------------------------- */

START_TEST(a_table_has_the_columns_in_the_order_of_the_value)
{
    configure(NULL);
    ck_assert_str_eq(create(NULL, row_schema), "CREATE TABLE `t` (\n`z` TEXT NULL,\n`id` BIGINT NOT NULL,\n`a` INT NULL)");
}
END_TEST

START_TEST(a_primary_key_is_listed_in_column_order)
{
    configure("pk.mode", "record_value", "pk.fields", "a,id", NULL);
    ck_assert_str_eq(create(NULL, row_schema),
                     "CREATE TABLE `t` (\n`z` TEXT NULL,\n`id` BIGINT NOT NULL,\n`a` INT NOT NULL,\nPRIMARY KEY(`id`,`a`))");
}
END_TEST

START_TEST(key_fields_outside_of_the_value_follow_by_name)
{
    configure("pk.mode", "record_key", NULL);
    ck_assert_str_eq(create(key_schema, row_schema),
                     "CREATE TABLE `t` (\n`z` TEXT NULL,\n`id` BIGINT NOT NULL,\n`a` INT NULL,\n`k1` BIGINT NOT NULL,\n"
                     "`k2` INT NOT NULL,\nPRIMARY KEY(`k1`,`k2`))");
}
END_TEST

START_TEST(coordinates_come_first_and_a_text_key_gets_a_length)
{
    configure("pk.mode", "kafka", "fields.whitelist", "a", NULL);
    ck_assert_str_eq(create(NULL, row_schema),
                     "CREATE TABLE `t` (\n`__connect_topic` VARCHAR(255) NOT NULL,\n`__connect_partition` INT NOT NULL,\n"
                     "`__connect_offset` BIGINT NOT NULL,\n`a` INT NULL,\n"
                     "PRIMARY KEY(`__connect_topic`,`__connect_partition`,`__connect_offset`))");
}
END_TEST

START_TEST(every_type_has_its_column_type)
{
    configure("timestamp.fields.list", "nanos", "mysql.bytes.type", "LONGBLOB", "mysql.float32.type", "DOUBLE", NULL);
    const struct schema *schema =
        struct_of("a", schema_primitive(SCHEMA_INT8, true), "b", schema_primitive(SCHEMA_INT16, true), "c",
                  schema_primitive(SCHEMA_FLOAT32, true), "d", schema_primitive(SCHEMA_FLOAT64, true), "e",
                  schema_primitive(SCHEMA_BOOLEAN, false), "f", schema_primitive(SCHEMA_BYTES, true), "g",
                  schema_decimal(4, true), "h", schema_logical_new(SCHEMA_DATE, true), "i",
                  schema_logical_new(SCHEMA_TIME, true), "j", schema_logical_new(SCHEMA_TIMESTAMP, true), "nanos",
                  schema_primitive(SCHEMA_INT64, true), NULL);
    ck_assert_str_eq(create(NULL, schema),
                     "CREATE TABLE `t` (\n`a` TINYINT NULL,\n`b` SMALLINT NULL,\n`c` DOUBLE NULL,\n`d` DOUBLE NULL,\n"
                     "`e` TINYINT NOT NULL,\n`f` LONGBLOB NULL,\n`g` DECIMAL(65,4) NULL,\n`h` DATE NULL,\n`i` TIME(3) NULL,\n"
                     "`j` DATETIME(3) NULL,\n`nanos` DATETIME(6) NULL)");
    schema_unref(schema);
}
END_TEST

START_TEST(a_backtick_in_a_name_is_doubled)
{
    configure(NULL);
    const struct schema *schema = struct_of("a`b", schema_primitive(SCHEMA_INT32, true), NULL);
    ck_assert_str_eq(create(NULL, schema), "CREATE TABLE `t` (\n`a``b` INT NULL)");
    schema_unref(schema);
}
END_TEST

START_TEST(an_array_has_no_column_type)
{
    configure(NULL);
    struct schema_builder *builder = schema_builder_new(SCHEMA_ARRAY);
    const struct schema *schema = struct_of("tags", schema_builder_finish(builder), NULL);
    ck_assert_str_eq(create(NULL, schema), "null (ARRAY) type doesn't have a mapping to the SQL database column type");
    schema_unref(schema);
}
END_TEST

/* Java: "Unsupported source data type", and only when there is a value. */
START_TEST(an_array_without_a_value_is_null)
{
    configure(NULL);
    struct schema_builder *builder = schema_builder_new(SCHEMA_ARRAY);
    schema_builder_optional(builder, true);
    const struct schema *schema = struct_of("tags", schema_builder_finish(builder), NULL);
    struct sink_plan *plan = sink_plan_new(&config, "t", "`t`", "t", NULL, schema, &err);
    struct sink_statement statement = {.count = 0};
    struct value field[] = {VALUE_NONE};
    struct record record = {.value_schema = schema, .value = {.kind = VALUE_STRUCT, .len = 1, .as.items = field}};
    ck_assert(sink_statement_add(&statement, &plan->write, &format, &record, 0, &err));
    ck_assert_str_eq(statement.text.data, "INSERT INTO `t`(`tags`) VALUES(NULL)");
    field[0] = (struct value){.kind = VALUE_ARRAY};
    ck_assert(!sink_statement_add(&statement, &plan->write, &format, &record, 1, &err));
    ck_assert_int_eq(err.code, ERROR_CONFIG);
    ck_assert_str_eq(err.message, "Unsupported source data type: ARRAY");
    sink_statement_fini(&statement);
    sink_plan_free(plan);
    schema_unref(schema);
}
END_TEST

START_TEST(a_string_value_is_one_optional_column)
{
    configure("pk.mode", "record_key", "pk.fields", "record_value", NULL);
    const struct schema *text = schema_primitive(SCHEMA_STRING, false), *key = schema_primitive(SCHEMA_INT32, false);
    ck_assert_str_eq(create(key, text), "Configured string.output.value.column.name 'record_value' conflicts with a primary key "
                                        "column for table 't'");
    sink_config_fini(&config);
    configure("pk.fields", "k", NULL);
    ck_assert_str_eq(create(key, text), "CREATE TABLE `t` (\n`record_value` TEXT NULL,\n`k` INT NOT NULL,\nPRIMARY KEY(`k`))");
    sink_config_fini(&config);
    configure("pk.mode", "record_value", NULL);
    ck_assert_str_eq(create(key, text), "pk.mode record_value is not supported with String value schemas");
    schema_unref(text);
    schema_unref(key);
}
END_TEST

START_TEST(columns_are_added_in_one_statement)
{
    configure(NULL);
    struct sink_fields fields;
    ck_assert(sink_fields_init(&fields, &config, "t", NULL, row_schema, &err));
    const struct sink_field *missing[] = {&fields.items[2], &fields.items[0]};
    ck_assert(sink_ddl_alter(&out, &config, &format, "`t`", missing, 1, &err));
    ck_assert_str_eq(out.data, "ALTER TABLE `t` ADD `a` INT NULL");
    strbuf_reset(&out);
    ck_assert(sink_ddl_alter(&out, &config, &format, "`t`", missing, 2, &err));
    ck_assert_str_eq(out.data, "ALTER TABLE `t` \nADD `a` INT NULL,\nADD `z` TEXT NULL");
    sink_fields_fini(&fields);
}
END_TEST

/* ---- what settings and schemas do not fit together ------------------------------------------------------------- */

START_TEST(a_primitive_key_needs_exactly_one_name)
{
    configure("pk.mode", "record_key", NULL);
    const struct schema *key = schema_primitive(SCHEMA_INT64, false);
    ck_assert_str_eq(create(key, row_schema),
                     "Need exactly one PK column defined since the key schema for records is a primitive type, "
                     "defined columns are: []");
    schema_unref(key);
}
END_TEST

START_TEST(a_key_field_must_exist)
{
    configure("pk.mode", "record_key", "pk.fields", "k1,nope", NULL);
    ck_assert_str_eq(create(key_schema, row_schema),
                     "PK mode for table 't' is RECORD_KEY with configured PK fields [k1, nope], but record key schema does "
                     "not contain field: nope");
}
END_TEST

START_TEST(an_upsert_needs_a_key)
{
    configure("insert.mode", "upsert", NULL);
    ck_assert_ptr_null(sink_plan_new(&config, "t", "`t`", "\"d\".\"t\"", NULL, row_schema, &err));
    ck_assert_str_eq(err.message, "Write to table '\"d\".\"t\"' in UPSERT mode requires key field names to be known, check "
                                  "the primary key configuration");
}
END_TEST

/* ---- statements -------------------------------------------------------------------------------------------------- */

static struct value items[3];

static struct record
record_of(const char *z, int64_t id, bool has_a, int32_t a)
{
    items[0] = z ? value_string(z, strlen(z)) : VALUE_NONE;
    items[1] = value_int(id);
    items[2] = has_a ? value_int(a) : VALUE_NONE;
    return (struct record){.topic = "topic", .offset = 7, .value_schema = row_schema,
                           .value = {.kind = VALUE_STRUCT, .len = 3, .as.items = items}};
}

static const char *
two_rows(bool is_delete)
{
    struct sink_plan *plan = sink_plan_new(&config, "t", "`t`", "t", NULL, row_schema, &err);
    ck_assert_msg(plan, "%s", err.message);
    const struct sink_shape *shape = is_delete ? &plan->remove : &plan->write;
    struct sink_statement statement = {.count = 0};
    struct record record = record_of("it's", 1, true, 5);
    ck_assert(sink_statement_add(&statement, shape, &format, &record, 0, &err));
    record = record_of(NULL, 2, false, 0);
    ck_assert(sink_statement_add(&statement, shape, &format, &record, 1, &err));
    sink_statement_slice(&statement, 0, 2, &out);
    sink_statement_fini(&statement);
    sink_plan_free(plan);
    return out.data;
}

START_TEST(rows_share_an_insert)
{
    configure(NULL);
    ck_assert_str_eq(two_rows(false), "INSERT INTO `t`(`z`,`id`,`a`) VALUES('it\\'s',1,5),(NULL,2,NULL)");
}
END_TEST

START_TEST(an_upsert_names_the_key_first_and_updates_the_rest)
{
    configure("insert.mode", "upsert", "pk.mode", "record_value", "pk.fields", "id", NULL);
    ck_assert_str_eq(two_rows(false), "insert into `t`(`id`,`z`,`a`) values(1,'it\\'s',5),(2,NULL,NULL) "
                                      "on duplicate key update `z`=values(`z`),`a`=values(`a`)");
}
END_TEST

START_TEST(updates_follow_each_other)
{
    configure("insert.mode", "update", "pk.mode", "record_value", "pk.fields", "id,a", NULL);
    ck_assert_str_eq(two_rows(false), "UPDATE `t` SET `z` = 'it\\'s' WHERE `id` = 1 AND `a` = 5;"
                                      "UPDATE `t` SET `z` = NULL WHERE `id` = 2 AND `a` = NULL");
}
END_TEST

START_TEST(an_update_without_a_key_changes_every_row)
{
    configure("insert.mode", "update", "fields.whitelist", "z", NULL);
    ck_assert_str_eq(two_rows(false), "UPDATE `t` SET `z` = 'it\\'s';UPDATE `t` SET `z` = NULL");
}
END_TEST

START_TEST(coordinates_are_values_of_the_record)
{
    configure("pk.mode", "kafka", "fields.whitelist", "id", "quote.sql.identifiers", "never", NULL);
    ck_assert_str_eq(two_rows(false), "INSERT INTO `t`(__connect_topic,__connect_partition,__connect_offset,id) "
                                      "VALUES('topic',0,7,1),('topic',0,7,2)");
}
END_TEST

START_TEST(a_delete_asks_for_the_whole_key)
{
    configure("delete.enabled", "true", "pk.mode", "record_key", NULL);
    struct sink_plan *plan = sink_plan_new(&config, "t", "`t`", "t", key_schema, NULL, &err);
    struct value key[] = {value_int(2), value_int(1)};
    struct record record = {.topic = "t", .key_schema = key_schema, .key = {.kind = VALUE_STRUCT, .len = 2, .as.items = key}};
    struct sink_statement statement = {.count = 0};
    ck_assert(sink_statement_add(&statement, &plan->remove, &format, &record, 0, &err));
    ck_assert_str_eq(statement.text.data, "DELETE FROM `t` WHERE `k2` = 2 AND `k1` = 1");
    sink_statement_fini(&statement);
    sink_plan_free(plan);
}
END_TEST

START_TEST(a_slice_is_a_statement_of_its_own)
{
    configure("insert.mode", "upsert", "pk.mode", "record_value", "pk.fields", "id", "fields.whitelist", "a", NULL);
    struct sink_plan *plan = sink_plan_new(&config, "t", "`t`", "t", NULL, row_schema, &err);
    struct sink_statement statement = {.count = 0};
    for (int i = 0; i < 4; i++) {
        struct record record = record_of(NULL, i, true, 10 * i);
        ck_assert(sink_statement_add(&statement, &plan->write, &format, &record, (size_t)i, &err));
    }
    sink_statement_slice(&statement, 1, 3, &out);
    ck_assert_str_eq(out.data, "insert into `t`(`id`,`a`) values(1,10),(2,20) on duplicate key update `a`=values(`a`)");
    sink_statement_slice(&statement, 3, 4, &out);
    ck_assert_str_eq(out.data, "insert into `t`(`id`,`a`) values(3,30) on duplicate key update `a`=values(`a`)");
    sink_statement_fini(&statement);
    sink_plan_free(plan);
}
END_TEST

START_TEST(a_value_that_cannot_be_written_leaves_the_statement_as_it_was)
{
    configure(NULL);
    struct sink_plan *plan = sink_plan_new(&config, "t", "`t`", "t", NULL, row_schema, &err);
    struct sink_statement statement = {.count = 0};
    struct record record = record_of("x", 1, true, 1);
    ck_assert(sink_statement_add(&statement, &plan->write, &format, &record, 0, &err));
    record = record_of("y", 2, true, 2);
    items[2] = value_string("not a number", 12);
    ck_assert(!sink_statement_add(&statement, &plan->write, &format, &record, 1, &err));
    ck_assert_str_eq(statement.text.data, "INSERT INTO `t`(`z`,`id`,`a`) VALUES('x',1,1)");
    ck_assert_uint_eq(statement.count, 1);
    sink_statement_fini(&statement);
    sink_plan_free(plan);
}
END_TEST

START_TEST(a_default_takes_the_place_of_null_as_the_setting_says)
{
    struct value five = value_int(5);
    struct schema_builder *builder = schema_builder_new(SCHEMA_INT32);
    schema_builder_optional(builder, true);
    schema_builder_default(builder, &five);
    const struct schema *schema = struct_of("v", schema_builder_finish(builder), NULL);
    for (int replace = 0; replace < 2; replace++) {
        configure("replace.null.with.default", replace ? "true" : "false", NULL);
        struct sink_plan *plan = sink_plan_new(&config, "t", "`t`", "t", NULL, schema, &err);
        struct value null = VALUE_NONE;
        struct record record = {.topic = "t", .value_schema = schema, .value = {.kind = VALUE_STRUCT, .len = 1, .as.items = &null}};
        struct sink_statement statement = {.count = 0};
        ck_assert(sink_statement_add(&statement, &plan->write, &format, &record, 0, &err));
        ck_assert_str_eq(statement.text.data, replace ? "INSERT INTO `t`(`v`) VALUES(5)" : "INSERT INTO `t`(`v`) VALUES(NULL)");
        sink_statement_fini(&statement);
        sink_plan_free(plan);
        sink_config_fini(&config);
    }
    schema_unref(schema);
}
END_TEST

/* ---- records that are refused ------------------------------------------------------------------------------------- */

START_TEST(a_tombstone_is_refused_unless_deletes_are_enabled)
{
    configure(NULL);
    struct record record = {.topic = "t", .partition = 0, .offset = 1, .timestamp_ms = 99};
    ck_assert(!sink_record_check(&config, &record, &err));
    ck_assert_str_eq(err.message,
                     "Sink connector 'c' is configured with 'delete.enabled=false' and 'pk.mode=none' and therefore requires "
                     "records with a non-null Struct or String value and non-null Struct or String schema, but found record at "
                     "(topic='t',partition=0,offset=1,timestamp=99) with a null value and null value schema.");
    sink_config_fini(&config);
    configure("delete.enabled", "true", "pk.mode", "record_key", NULL);
    struct value key[] = {value_int(2), value_int(1)};
    record.key_schema = key_schema;
    record.key = (struct value){.kind = VALUE_STRUCT, .len = 2, .as.items = key};
    ck_assert(sink_record_check(&config, &record, &err));
}
END_TEST

START_TEST(a_missing_key_is_named)
{
    configure("pk.mode", "record_key", NULL);
    struct record record = record_of("x", 1, true, 1);
    record.timestamp_ms = -1;
    ck_assert(!sink_record_check(&config, &record, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "non-null key and non-null Struct or primitive key schema, but found record at "
                                              "(topic='topic',partition=0,offset=7,timestamp=null) with a null key and null key schema."));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/sink_plan");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_table_has_the_columns_in_the_order_of_the_value);
    tcase_add_test(tcase, a_primary_key_is_listed_in_column_order);
    tcase_add_test(tcase, key_fields_outside_of_the_value_follow_by_name);
    tcase_add_test(tcase, coordinates_come_first_and_a_text_key_gets_a_length);
    tcase_add_test(tcase, every_type_has_its_column_type);
    tcase_add_test(tcase, a_backtick_in_a_name_is_doubled);
    tcase_add_test(tcase, an_array_has_no_column_type);
    tcase_add_test(tcase, an_array_without_a_value_is_null);
    tcase_add_test(tcase, a_string_value_is_one_optional_column);
    tcase_add_test(tcase, columns_are_added_in_one_statement);
    tcase_add_test(tcase, a_primitive_key_needs_exactly_one_name);
    tcase_add_test(tcase, a_key_field_must_exist);
    tcase_add_test(tcase, an_upsert_needs_a_key);
    tcase_add_test(tcase, rows_share_an_insert);
    tcase_add_test(tcase, an_upsert_names_the_key_first_and_updates_the_rest);
    tcase_add_test(tcase, updates_follow_each_other);
    tcase_add_test(tcase, an_update_without_a_key_changes_every_row);
    tcase_add_test(tcase, coordinates_are_values_of_the_record);
    tcase_add_test(tcase, a_delete_asks_for_the_whole_key);
    tcase_add_test(tcase, a_slice_is_a_statement_of_its_own);
    tcase_add_test(tcase, a_value_that_cannot_be_written_leaves_the_statement_as_it_was);
    tcase_add_test(tcase, a_default_takes_the_place_of_null_as_the_setting_says);
    tcase_add_test(tcase, a_tombstone_is_refused_unless_deletes_are_enabled);
    tcase_add_test(tcase, a_missing_key_is_named);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
