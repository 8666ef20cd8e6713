#include "connect/converters/converter.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void
make(struct converter *converter, const char *setting, const char *value)
{
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    if (setting)
        config_set(&cfg, setting, value);
    bool is_made = converter_new(converter, "org.apache.kafka.connect.json.JsonConverter", CONVERTER_VALUE, &cfg, "", &err);
    ck_assert_msg(is_made, "%s", err.message);
    config_fini(&cfg);
}

static bool
write_value(struct converter *converter, const struct schema *schema, const struct value *value, struct strbuf *out,
            bool *is_null, struct error *err)
{
    return converter->plugin->ops->write(converter->state, "t", schema, value, out, is_null, err);
}

static const struct schema *
order_schema(void)
{
    static const char *const names[] = {"id", "note", "price", "ts", "blob", "d"};
    const struct schema *parts[] = {
        schema_primitive(SCHEMA_INT64, false), schema_primitive(SCHEMA_STRING, true), schema_decimal(2, true),
        schema_logical_new(SCHEMA_TIMESTAMP, false), schema_primitive(SCHEMA_BYTES, true), schema_logical_new(SCHEMA_DATE, true),
    };
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    schema_builder_name(builder, "shop.Order");
    schema_builder_version(builder, 2);
    schema_builder_doc(builder, "an order");
    for (size_t i = 0; i < 6; i++) {
        schema_builder_field(builder, names[i], parts[i]);
        schema_unref(parts[i]);
    }
    return schema_builder_finish(builder);
}

#define ORDER_SCHEMA                                                                                                       \
    "{\"type\":\"struct\",\"fields\":[{\"type\":\"int64\",\"optional\":false,\"field\":\"id\"},{\"type\":\"string\","              \
    "\"optional\":true,\"field\":\"note\"},{\"type\":\"bytes\",\"optional\":true,\"name\":\"org.apache.kafka.connect.data.Decimal\"," \
    "\"version\":1,\"parameters\":{\"scale\":\"2\"},\"field\":\"price\"},{\"type\":\"int64\",\"optional\":false,\"name\":"         \
    "\"org.apache.kafka.connect.data.Timestamp\",\"version\":1,\"field\":\"ts\"},{\"type\":\"bytes\",\"optional\":true,\"field\":" \
    "\"blob\"},{\"type\":\"int32\",\"optional\":true,\"name\":\"org.apache.kafka.connect.data.Date\",\"version\":1,\"field\":\"d\"}]," \
    "\"optional\":false,\"name\":\"shop.Order\",\"version\":2,\"doc\":\"an order\"}"

static const struct {
    const char *setting, *value, *text;
} forms[] = {
    {NULL, NULL,
     "{\"schema\":" ORDER_SCHEMA
     ",\"payload\":{\"id\":42,\"note\":null,\"price\":\"EtaH\",\"ts\":1700000000123,\"blob\":\"AAH/\",\"d\":19000}}"},
    {"schemas.enable", "false", "{\"id\":42,\"note\":null,\"price\":\"EtaH\",\"ts\":1700000000123,\"blob\":\"AAH/\",\"d\":19000}"},
    {"decimal.format", "numeric",
     "{\"schema\":" ORDER_SCHEMA
     ",\"payload\":{\"id\":42,\"note\":null,\"price\":12345.67,\"ts\":1700000000123,\"blob\":\"AAH/\",\"d\":19000}}"},
    {"schemas.cache.size", "0",
     "{\"schema\":" ORDER_SCHEMA
     ",\"payload\":{\"id\":42,\"note\":null,\"price\":\"EtaH\",\"ts\":1700000000123,\"blob\":\"AAH/\",\"d\":19000}}"},
};

START_TEST(a_row_is_written_as_kafka_connect_writes_it)
{
    struct converter converter;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    bool is_null;
    make(&converter, forms[_i].setting, forms[_i].value);
    const struct schema *schema = order_schema();
    struct value fields[] = {value_int(42), VALUE_NONE, value_decimal("1234567", 7, 2), value_int(1700000000123), value_bytes("\0\1\xff", 3), value_int(19000)};
    struct value row = {.kind = VALUE_STRUCT, .len = 6, .as.items = fields};
    for (int round = 0; round < 2; round++) {
        strbuf_reset(&out);
        ck_assert_msg(write_value(&converter, schema, &row, &out, &is_null, &err), "%s", err.message);
        ck_assert(!is_null);
        ck_assert_str_eq(out.data, forms[_i].text);
    }
    strbuf_fini(&out);
    schema_unref(schema);
    converter_free(&converter);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

/* Payload after payload through reading and writing: what JsonConverter reads, it writes in one form. */
static const struct {
    const char *in, *out; /* out NULL: the same */
} round_trips[] = {
    {"{\"schema\":{\"type\":\"int64\",\"optional\":false},\"payload\":5}", NULL},
    {"{\"schema\":{\"type\":\"int32\",\"optional\":true,\"name\":\"nm\",\"version\":3,\"doc\":\"d\",\"parameters\":{\"p\":\"q\"},\"default\":7},\"payload\":7}", NULL},
    {"{\"schema\":null,\"payload\":\"x\"}", NULL},
    {"{\"schema\":null,\"payload\":{\"a\":[1,2.5,true,null,\"s\",{}]}}", NULL},
    {"{\"schema\":{\"type\":\"map\",\"keys\":{\"type\":\"string\",\"optional\":false},\"values\":{\"type\":\"int32\",\"optional\":false},\"optional\":false},\"payload\":{\"a\":1,\"b\":2}}", NULL},
    {"{\"schema\":{\"type\":\"map\",\"keys\":{\"type\":\"int32\",\"optional\":false},\"values\":{\"type\":\"boolean\",\"optional\":false},\"optional\":false},\"payload\":[[1,true],[2,false]]}", NULL},
    {"{\"schema\":{\"type\":\"array\",\"items\":{\"type\":\"double\",\"optional\":true},\"optional\":false},\"payload\":[1e10, 1,null,0.00001]}",
     "{\"schema\":{\"type\":\"array\",\"items\":{\"type\":\"double\",\"optional\":true},\"optional\":false},\"payload\":[1.0E10,1.0,null,1.0E-5]}"},
    {"{\"schema\":{\"type\":\"float\",\"optional\":false},\"payload\":1.1}", NULL},
    {"{\"schema\":{\"type\":\"struct\",\"fields\":[],\"optional\":true},\"payload\":{}}", NULL},
    {"{\"schema\":{\"type\":\"struct\",\"fields\":[],\"optional\":true},\"payload\":null}", NULL},
    {"{\"schema\":{\"type\":\"int32\",\"optional\":true,\"default\":7},\"payload\":null}", "{\"schema\":{\"type\":\"int32\",\"optional\":true,\"default\":7},\"payload\":7}"},
    {"{\"schema\":{\"type\":\"string\",\"optional\":false},\"payload\":\"\\u0000\\u001f\\b\\t\\n\\f\\r\\\"\\\\\\/\\u007f\\u2028\\ud83d\\ude00 \\u00e4\"}",
     "{\"schema\":{\"type\":\"string\",\"optional\":false},\"payload\":\"\\u0000\\u001F\\b\\t\\n\\f\\r\\\"\\\\/\x7f\xe2\x80\xa8\\uD83D\\uDE00 \xc3\xa4\"}"},
    {"{\"schema\":{\"type\":\"bytes\",\"optional\":false,\"name\":\"org.apache.kafka.connect.data.Decimal\",\"version\":1,\"parameters\":{\"scale\":\"2\"},\"default\":\"fw==\"},\"payload\":\"gA==\"}", NULL},
    {"{\"schema\":{\"type\":\"boolean\",\"optional\":false,\"default\":true},\"payload\":false}", NULL},
    {"{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"struct\",\"fields\":[{\"type\":\"int8\",\"optional\":false,\"field\":\"x\\\"y\"}],\"optional\":true,\"field\":\"in\"}],\"optional\":false},\"payload\":{\"in\":{\"x\\\"y\":1}}}", NULL},
};

START_TEST(what_is_read_is_written_again)
{
    struct converter converter;
    struct record_batch batch = RECORD_BATCH_INIT;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    const struct schema *schema;
    struct value value;
    bool is_null;
    make(&converter, NULL, NULL);
    const char *in = round_trips[_i].in;
    ck_assert_msg(converter.plugin->ops->read(converter.state, "t", in, strlen(in), &batch, &schema, &value, &err), "%s", err.message);
    ck_assert_msg(write_value(&converter, schema, &value, &out, &is_null, &err), "%s", err.message);
    ck_assert_str_eq(out.data, round_trips[_i].out ? round_trips[_i].out : in);
    strbuf_fini(&out);
    record_batch_fini(&batch);
    converter_free(&converter);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(only_a_null_without_schema_is_a_tombstone)
{
    struct converter converter;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    struct value none = VALUE_NONE;
    bool is_null;
    const struct schema *optional = schema_primitive(SCHEMA_INT32, true), *required = schema_primitive(SCHEMA_INT32, false);
    make(&converter, "schemas.enable", "false");
    ck_assert(write_value(&converter, NULL, &none, &out, &is_null, &err));
    ck_assert(is_null);
    ck_assert_uint_eq(out.len, 0);
    ck_assert(write_value(&converter, optional, &none, &out, &is_null, &err));
    ck_assert(!is_null);
    ck_assert_str_eq(out.data, "null");
    ck_assert(!write_value(&converter, required, &none, &out, &is_null, &err));
    ck_assert_str_eq(err.message, "Conversion error: null value for field that is required and has no default value");
    ck_assert_str_eq(out.data, "null"); /* nothing half-written */
    schema_unref(optional);
    schema_unref(required);
    converter_free(&converter);
    strbuf_fini(&out);
}
END_TEST

START_TEST(a_null_stays_null_when_defaults_are_not_to_replace_it)
{
    struct converter converter;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    struct value none = VALUE_NONE, seven = value_int(7);
    bool is_null;
    struct schema_builder *builder = schema_builder_new(SCHEMA_INT32);
    schema_builder_optional(builder, true);
    schema_builder_default(builder, &seven);
    const struct schema *schema = schema_builder_finish(builder);
    make(&converter, "replace.null.with.default", "false");
    ck_assert(write_value(&converter, schema, &none, &out, &is_null, &err));
    ck_assert_str_eq(out.data, "{\"schema\":{\"type\":\"int32\",\"optional\":true,\"default\":7},\"payload\":null}");
    schema_unref(schema);
    converter_free(&converter);
    strbuf_fini(&out);
}
END_TEST

static const struct {
    enum schema_type type;
    struct value value;
    const char *message;
} wrong[] = {
    {SCHEMA_INT32, {.kind = VALUE_STRING, .len = 1, .as.bytes = "x"}, "Invalid type for INT32: class java.lang.String"},
    {SCHEMA_STRING, {.kind = VALUE_INT, .width = 32}, "Invalid type for STRING: class java.lang.Integer"},
    {SCHEMA_FLOAT64, {.kind = VALUE_INT}, "Invalid type for FLOAT64: class java.lang.Long"},
    {SCHEMA_STRUCT, {.kind = VALUE_STRUCT, .len = 1}, "Mismatching schema."},
    {SCHEMA_BOOLEAN, {.kind = VALUE_BYTES}, "Invalid type for BOOLEAN: class [B"},
};

START_TEST(a_value_of_another_type_is_an_error_of_the_record)
{
    struct converter converter;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    bool is_null;
    make(&converter, NULL, NULL);
    const struct schema *schema = schema_primitive(wrong[_i].type, false);
    ck_assert(!write_value(&converter, schema, &wrong[_i].value, &out, &is_null, &err));
    ck_assert_str_eq(err.message, wrong[_i].message);
    ck_assert_int_eq(err.code, ERROR_DATA);
    schema_unref(schema);
    converter_free(&converter);
    strbuf_fini(&out);
}
END_TEST

START_TEST(a_decimal_must_have_the_scale_of_its_schema)
{
    struct converter converter;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    struct value value = value_decimal("15", 2, 1);
    bool is_null;
    make(&converter, "schemas.enable", "false");
    const struct schema *schema = schema_decimal(2, false);
    ck_assert(!write_value(&converter, schema, &value, &out, &is_null, &err));
    ck_assert_str_eq(err.message, "Decimal value has mismatching scale for given Decimal schema. Schema has scale 2, value has scale 1.");
    schema_unref(schema);
    converter_free(&converter);
    strbuf_fini(&out);
}
END_TEST

START_TEST(floats_take_the_digits_of_the_source)
{
    struct converter converter;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    bool is_null;
    make(&converter, "schemas.enable", "false");
    struct value value = {.kind = VALUE_FLOAT, .as.real = 1.5, .text = "19.99"};
    ck_assert(write_value(&converter, NULL, &value, &out, &is_null, &err));
    ck_assert_str_eq(out.data, "19.99");
    strbuf_reset(&out);
    value = value_real(-1.0 / 0.0);
    ck_assert(write_value(&converter, NULL, &value, &out, &is_null, &err));
    ck_assert_str_eq(out.data, "\"-Infinity\"");
    converter_free(&converter);
    strbuf_fini(&out);
}
END_TEST

START_TEST(long_strings_are_escaped_wherever_it_is_needed)
{
    struct converter converter;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    bool is_null;
    make(&converter, "schemas.enable", "false");
    for (size_t at = 0; at < 40; at++) {
        char text[40], expected[64] = "\"";
        memset(text, 'a', sizeof(text));
        text[at] = '"';
        memset(expected + 1, 'a', 41);
        memcpy(expected + 1 + at, "\\\"", 2);
        memcpy(expected + 42, "\"", 2);
        struct value value = value_string(text, sizeof(text));
        strbuf_reset(&out);
        ck_assert(write_value(&converter, NULL, &value, &out, &is_null, &err));
        ck_assert_str_eq(out.data, expected);
    }
    converter_free(&converter);
    strbuf_fini(&out);
}
END_TEST

START_TEST(a_time_of_another_day_is_refused)
{
    static const int64_t times[] = {-1, 0, 86400000, 86400001}; /* Java takes the end of the day, too */
    struct converter converter;
    struct strbuf out = STRBUF_INIT;
    const struct schema *schema = schema_logical_new(SCHEMA_TIME, false);
    bool is_null;
    make(&converter, "schemas.enable", "true");
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        struct value value = value_int(times[i]);
        struct error err = ERROR_INIT;
        strbuf_reset(&out);
        ck_assert_int_eq(write_value(&converter, schema, &value, &out, &is_null, &err), i == 1 || i == 2);
        ck_assert_str_eq(err.message, i == 1 || i == 2 ? "" : "Kafka Connect Time type should not have any date fields set to non-zero values.");
    }
    schema_unref(schema);
    converter_free(&converter);
    strbuf_fini(&out);
}
END_TEST

START_TEST(wrong_settings_are_refused_with_kafkas_words)
{
    struct converter converter;
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    config_set(&cfg, "decimal.format", "octal");
    ck_assert(!converter_new(&converter, "JsonConverter", CONVERTER_KEY, &cfg, "", &err));
    ck_assert_str_eq(err.message, "Invalid value octal for configuration decimal.format: String must be one of (case insensitive): NUMERIC, BASE64");
    ck_assert(!converter_new(&converter, "NoConverter", CONVERTER_KEY, &cfg, "", &err));
    ck_assert_int_eq(err.code, ERROR_CONFIG);
    converter_free(&converter);
    config_fini(&cfg);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("json_write");
    TCase *tc = tcase_create("json_write");
    tcase_add_loop_test(tc, a_row_is_written_as_kafka_connect_writes_it, 0, sizeof(forms) / sizeof(forms[0]));
    tcase_add_loop_test(tc, what_is_read_is_written_again, 0, sizeof(round_trips) / sizeof(round_trips[0]));
    tcase_add_test(tc, only_a_null_without_schema_is_a_tombstone);
    tcase_add_test(tc, a_null_stays_null_when_defaults_are_not_to_replace_it);
    tcase_add_loop_test(tc, a_value_of_another_type_is_an_error_of_the_record, 0, sizeof(wrong) / sizeof(wrong[0]));
    tcase_add_test(tc, a_decimal_must_have_the_scale_of_its_schema);
    tcase_add_test(tc, floats_take_the_digits_of_the_source);
    tcase_add_test(tc, long_strings_are_escaped_wherever_it_is_needed);
    tcase_add_test(tc, a_time_of_another_day_is_refused);
    tcase_add_test(tc, wrong_settings_are_refused_with_kafkas_words);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
