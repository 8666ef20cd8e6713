#include "connect/converters/converter.h"
#include "tests/fakes/show_value.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_cases.h"

struct fixture {
    struct converter converter;
    struct record_batch batch;
    struct strbuf shown;
};

static void
set_up(struct fixture *f, bool has_schemas)
{
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    memset(f, 0, sizeof(*f));
    config_set(&cfg, "value.converter.schemas.enable", has_schemas ? "true" : "false");
    bool is_made = converter_new(&f->converter, "JsonConverter", CONVERTER_VALUE, &cfg, "value.converter.", &err);
    ck_assert_msg(is_made, "%s", err.message);
    config_fini(&cfg);
}

static void
tear_down(struct fixture *f)
{
    converter_free(&f->converter);
    record_batch_fini(&f->batch);
    strbuf_fini(&f->shown);
    ck_assert_uint_eq(schema_interned_count(), 0);
}

/* The bytes are copied to a place of their exact length, so that the sanitizer sees a read beyond. */
static const char *
read_text(struct fixture *f, const char *json, struct error *err)
{
    size_t len = strlen(json);
    char *bytes = malloc(len ? len : 1);
    memcpy(bytes, json, len);
    const struct schema *schema;
    struct value value;
    strbuf_reset(&f->shown);
    if (f->converter.plugin->ops->read(f->converter.state, "t", bytes, len, &f->batch, &schema, &value, err))
        show_value(schema, &value, &f->shown);
    else
        strbuf_printf(&f->shown, "ERR %s", err->message);
    free(bytes);
    return f->shown.data;
}

START_TEST(bytes_are_read_as_kafka_connect_reads_them)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, read_cases[_i].has_schemas);
    ck_assert_str_eq(read_text(&f, read_cases[_i].json, &err), read_cases[_i].result);
    /* and the same when the beginning is known */
    ck_assert_str_eq(read_text(&f, read_cases[_i].json, &err), read_cases[_i].result);
    tear_down(&f);
}
END_TEST

START_TEST(a_parse_error_has_the_chain_of_causes_that_java_has)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, true);
    read_text(&f, "{\"schema\" 1}", &err);
    ck_assert_int_eq(err.code, ERROR_DATA);
    ck_assert_str_eq(err.java_class, "org.apache.kafka.connect.errors.DataException");
    ck_assert_ptr_nonnull(strstr(err.causes, "Caused by: org.apache.kafka.common.errors.SerializationException: "
                                             "com.fasterxml.jackson.core.JsonParseException: expected a colon"));
    tear_down(&f);
}
END_TEST

#define FIELDS \
    "\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}," \
    "{\"type\":\"string\",\"optional\":true,\"field\":\"note\"}],\"optional\":false}"

static const struct {
    const char *json, *result;
} envelopes[] = {
    {"{" FIELDS ",\"payload\":{\"id\":1,\"note\":\"a\"}}", "S(id=Integer 1,note=String a,)"},
    {"{" FIELDS ",\"payload\":{\"id\":2,\"note\":null}}", "S(id=Integer 2,note=null,)"},
    {"{" FIELDS ",\"payload\":{\"note\":\"b\",\"id\":3}}", "S(id=Integer 3,note=String b,)"},
    {"{" FIELDS ",\"payload\":{ \"id\" : 4 , \"note\" : \"\\u0041\\n\" } } ", "S(id=Integer 4,note=String A\n,)"},
    {"{" FIELDS ",\"payload\":{\"id\":5,\"i\\u0064\":6,\"x\":[1,{\"y\":2}]}}", "S(id=Integer 6,note=null,)"},
    {"{" FIELDS ",\"payload\":{\"id\":7}} and more", "S(id=Integer 7,note=null,)"},
    {"{" FIELDS ",\"payload\":{\"id\":8},\"extra\":1}", ENVELOPE_ERROR},
    {"{" FIELDS ",\"payload\":{\"id\":9},\"payload\":{\"id\":10}}", "S(id=Integer 10,note=null,)"},
    {"{" FIELDS ",\"payload\":{\"id\":11}", PARSE_ERROR},
    {"{" FIELDS ",\"payload\":", PARSE_ERROR},
    {"{" FIELDS ",\"payload\":}", PARSE_ERROR},
    {"{" FIELDS ",\"payload\":{\"note\":\"x\"}}", "ERR Invalid null value for required INT32 field"},
    {"{" FIELDS ",\"payload\":{\"note\":\"x\"", PARSE_ERROR},
    {"{" FIELDS ",\"payload\":{\"id\":null,\"note\" \"x\"}}", PARSE_ERROR},
    {"{\"payload\":{\"id\":12}," FIELDS "}", "S(id=Integer 12,note=null,)"},
    {"{ " FIELDS " , \"payload\" : {\"id\":13}}", "S(id=Integer 13,note=null,)"},
    {"{\"schema\":null,\"payload\":[1]}", "[Long 1,]"},
    {"{" FIELDS ",\"payload\":null}", "ERR Invalid null value for required STRUCT field"},
    {"{" FIELDS ",\"payload\":{\"id\":14,\"note\":\"\xff\"}}", PARSE_ERROR},
    {"{" FIELDS ",\"payload\":{\"id\":15,\"note\":\"\xed\xa0\x80\"}}", PARSE_ERROR},
    {"{" FIELDS ",\"payload\":{\"id\":-16,\"note\":\"0123456789 0123456789 \xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80\"}}",
     "S(id=Integer -16,note=String 0123456789 0123456789 \xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80,)"},
    {"\xef\xbb\xbf{" FIELDS ",\"payload\":{\"id\":17}}", "S(id=Integer 17,note=null,)"},
};

START_TEST(messages_after_one_another_are_read_alike_whichever_way_they_go)
{
    struct fixture f;
    set_up(&f, true);
    size_t count = sizeof(envelopes) / sizeof(envelopes[0]);
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < count; i++) {
            struct error err = ERROR_INIT;
            ck_assert_str_eq(read_text(&f, envelopes[i].json, &err), envelopes[i].result);
        }
        record_batch_reset(&f.batch);
    }
    tear_down(&f);
}
END_TEST

START_TEST(many_schemas_in_turn_are_all_read)
{
    struct fixture f;
    set_up(&f, true);
    for (int i = 0; i < 300; i++) {
        struct error err = ERROR_INIT;
        char json[256], expected[64];
        snprintf(json, sizeof(json),
                 "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int64\",\"field\":\"f%d\"}]},\"payload\":{\"f%d\":%d}}",
                 i % 50, i % 50, i);
        snprintf(expected, sizeof(expected), "S(f%d=Long %d,)", i % 50, i);
        ck_assert_str_eq(read_text(&f, json, &err), expected);
    }
    tear_down(&f);
}
END_TEST

START_TEST(nesting_is_bounded)
{
    struct fixture f;
    set_up(&f, false);
    struct strbuf json = STRBUF_INIT;
    for (int depth = 999; depth <= 1002; depth++) {
        struct error err = ERROR_INIT;
        strbuf_reset(&json);
        for (int i = 0; i < depth; i++)
            strbuf_putc(&json, '[');
        for (int i = 0; i < depth; i++)
            strbuf_putc(&json, ']');
        bool is_error = strncmp(read_text(&f, json.data, &err), "ERR", 3) == 0;
        ck_assert(is_error == (depth > 1000));
    }
    strbuf_fini(&json);
    tear_down(&f);
}
END_TEST

START_TEST(a_schema_nested_without_end_is_refused)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, true);
    struct strbuf json = STRBUF_INIT;
    strbuf_puts(&json, "{\"schema\":");
    for (int i = 0; i < 200; i++)
        strbuf_puts(&json, "{\"type\":\"array\",\"items\":");
    strbuf_puts(&json, "{\"type\":\"int8\"}");
    for (int i = 0; i < 200; i++)
        strbuf_putc(&json, '}');
    strbuf_puts(&json, ",\"payload\":[]}");
    ck_assert_str_eq(read_text(&f, json.data, &err), "ERR Schema is nested deeper than 100 levels");
    strbuf_fini(&json);
    tear_down(&f);
}
END_TEST

START_TEST(large_maps_keep_the_last_of_equal_keys)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, false);
    struct strbuf json = STRBUF_INIT;
    for (int i = 0; i < 20000; i++)
        strbuf_printf(&json, "%c\"k%d\":%d", i ? ',' : '{', i % 5000, i);
    strbuf_putc(&json, '}');
    const struct schema *schema;
    struct value value;
    ck_assert(f.converter.plugin->ops->read(f.converter.state, "t", json.data, json.len, &f.batch, &schema, &value, &err));
    ck_assert_uint_eq(value.len, 5000);
    ck_assert_int_eq(value_map_get(&value, "k0")->as.integer, 15000);
    ck_assert_int_eq(value_map_get(&value, "k4999")->as.integer, 19999);
    strbuf_fini(&json);
    tear_down(&f);
}
END_TEST

START_TEST(strings_without_escapes_point_into_the_message)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, false);
    const char *json = "[\"plain\",\"esc\\t\"]";
    const struct schema *schema;
    struct value value;
    ck_assert(f.converter.plugin->ops->read(f.converter.state, "t", json, strlen(json), &f.batch, &schema, &value, &err));
    ck_assert_ptr_eq(value.as.items[0].as.bytes, json + 2);
    ck_assert_mem_eq(value.as.items[1].as.bytes, "esc\t", 4);
    tear_down(&f);
}
END_TEST

START_TEST(null_bytes_are_a_null_without_schema)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, true);
    const struct schema *schema;
    struct value value;
    ck_assert(f.converter.plugin->ops->read(f.converter.state, "t", NULL, 0, &f.batch, &schema, &value, &err));
    ck_assert_ptr_null(schema);
    ck_assert_int_eq(value.kind, VALUE_NULL);
    tear_down(&f);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("json_read");
    TCase *tc = tcase_create("json_read");
    tcase_add_loop_test(tc, bytes_are_read_as_kafka_connect_reads_them, 0, sizeof(read_cases) / sizeof(read_cases[0]));
    tcase_add_test(tc, a_parse_error_has_the_chain_of_causes_that_java_has);
    tcase_add_test(tc, messages_after_one_another_are_read_alike_whichever_way_they_go);
    tcase_add_test(tc, many_schemas_in_turn_are_all_read);
    tcase_add_test(tc, nesting_is_bounded);
    tcase_add_test(tc, a_schema_nested_without_end_is_refused);
    tcase_add_test(tc, large_maps_keep_the_last_of_equal_keys);
    tcase_add_test(tc, strings_without_escapes_point_into_the_message);
    tcase_add_test(tc, null_bytes_are_a_null_without_schema);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
