/* What every converter has to do, and what each of the small ones does. */
#include "connect/converters/converter.h"
#include "tests/fakes/show_value.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static size_t
plugin_count(void)
{
    size_t count = 0;
    while (converter_plugins[count])
        count++;
    return count;
}

static void
make(struct converter *converter, const char *class_name, const char *encoding)
{
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    bool is_header = converter_plugin_find(class_name)->is_header_only;
    if (encoding)
        config_set(&cfg, "c.converter.encoding", encoding);
    bool is_made = converter_new(converter, class_name, is_header ? CONVERTER_HEADER : CONVERTER_VALUE, &cfg, "c.", &err);
    ck_assert_msg(is_made, "%s", err.message);
    config_fini(&cfg);
}

/* ---- every converter --------------------------------------------------------------------------------------- */

START_TEST(every_converter_is_found_by_name_and_alias_and_serves_in_its_roles)
{
    const struct converter_plugin *plugin = converter_plugins[_i];
    ck_assert_ptr_eq(converter_plugin_find(plugin->class_name), plugin);
    ck_assert_ptr_eq(converter_plugin_find(strrchr(plugin->class_name, '.') + 1), plugin);
    for (int role = CONVERTER_KEY; role <= CONVERTER_HEADER; role++) {
        struct config cfg = CONFIG_INIT;
        struct error err = ERROR_INIT;
        struct converter converter;
        bool fits = role == CONVERTER_HEADER ? plugin->is_header_only || plugin->is_header_too : !plugin->is_header_only;
        ck_assert(converter_new(&converter, plugin->class_name, (enum converter_role)role, &cfg, "", &err) == fits);
        ck_assert(fits || err.code == ERROR_CONFIG);
        converter_free(&converter);
        config_fini(&cfg);
    }
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(every_converter_reads_null_bytes_as_null_and_writes_a_null_as_null_bytes)
{
    struct converter converter;
    struct record_batch batch = RECORD_BATCH_INIT;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    const struct schema *schema;
    struct value value = value_int(1), none = VALUE_NONE;
    bool is_null = false;
    make(&converter, converter_plugins[_i]->class_name, NULL);
    ck_assert(converter.plugin->ops->read(converter.state, "t", NULL, 0, &batch, &schema, &value, &err));
    ck_assert_int_eq(value.kind, VALUE_NULL);
    ck_assert(converter.plugin->ops->write(converter.state, "t", NULL, &none, &out, &is_null, &err));
    ck_assert(is_null);
    ck_assert_uint_eq(out.len, 0);
    strbuf_fini(&out);
    converter_free(&converter);
    record_batch_fini(&batch);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(every_converter_answers_any_bytes_with_a_value_or_an_error_of_the_record)
{
    struct converter converter;
    make(&converter, converter_plugins[_i]->class_name, NULL);
    uint64_t random = 88172645463325252u;
    for (int round = 0; round < 3000; round++) {
        struct record_batch batch = RECORD_BATCH_INIT;
        struct strbuf out = STRBUF_INIT;
        struct error err = ERROR_INIT;
        const struct schema *schema;
        struct value value;
        size_t len = (size_t)round % 24;
        char *bytes = malloc(len + 1); /* of its exact length for the sanitizer */
        for (size_t i = 0; i < len; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            bytes[i] = round % 2 ? "{}[]\",:0123456789eE.-+ntfu\\"[random % 28] : (char)random;
        }
        bool is_null;
        if (!converter.plugin->ops->read(converter.state, "t", bytes, len, &batch, &schema, &value, &err))
            ck_assert_int_eq(err.code, ERROR_DATA);
        else
            ck_assert_msg(converter.plugin->ops->write(converter.state, "t", schema, &value, &out, &is_null, &err) ||
                              err.code == ERROR_DATA, "%s", err.message);
        free(bytes);
        strbuf_fini(&out);
        record_batch_fini(&batch);
    }
    converter_free(&converter);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

/* What a converter has written before stays, when it fails as well. */
START_TEST(every_converter_appends)
{
    struct converter converter;
    struct error err = ERROR_INIT;
    struct strbuf out = STRBUF_INIT;
    struct value values[] = {value_string("x", 1), value_int(5), value_boolean(true), value_bytes("\1", 1), value_real(1.5),
                             {.kind = VALUE_STRUCT}, {.kind = VALUE_INT, .width = 16}, {.kind = VALUE_FLOAT, .width = 32}};
    make(&converter, converter_plugins[_i]->class_name, NULL);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        bool is_null = false;
        strbuf_reset(&out);
        strbuf_puts(&out, "before");
        bool is_written = converter.plugin->ops->write(converter.state, "t", NULL, &values[i], &out, &is_null, &err);
        ck_assert_mem_eq(out.data, "before", 6);
        ck_assert(is_written || out.len == 6);
    }
    strbuf_fini(&out);
    converter_free(&converter);
}
END_TEST

/* ---- the small ones ------------------------------------------------------------------------------------------ */

static const struct {
    const char *class_name;
    struct value value;
    enum schema_type type; /* SCHEMA_STRUCT: no schema */
    const char *hex;       /* or ERR and the message */
} written[] = {
    {"ShortConverter", {.kind = VALUE_INT, .as.integer = 5}, SCHEMA_INT16, "0005"},
    {"ShortConverter", {.kind = VALUE_INT, .as.integer = -2, .width = 16}, SCHEMA_STRUCT, "fffe"},
    {"IntegerConverter", {.kind = VALUE_INT, .as.integer = 5}, SCHEMA_INT32, "00000005"},
    {"LongConverter", {.kind = VALUE_INT, .as.integer = 5}, SCHEMA_INT64, "0000000000000005"},
    {"LongConverter", {.kind = VALUE_INT, .as.integer = 5}, SCHEMA_STRUCT, "0000000000000005"},
    {"FloatConverter", {.kind = VALUE_FLOAT, .as.real = 1.5}, SCHEMA_FLOAT32, "3fc00000"},
    {"DoubleConverter", {.kind = VALUE_FLOAT, .as.real = 1.5}, SCHEMA_FLOAT64, "3ff8000000000000"},
    {"BooleanConverter", {.kind = VALUE_BOOLEAN, .as.boolean = true}, SCHEMA_BOOLEAN, "01"},
    {"ByteArrayConverter", {.kind = VALUE_BYTES, .as.bytes = "\1\2", .len = 2}, SCHEMA_BYTES, "0102"},
    {"LongConverter", {.kind = VALUE_INT, .as.integer = 5}, SCHEMA_INT32, "ERR Failed to serialize to long (was class java.lang.Integer): "},
    {"ShortConverter", {.kind = VALUE_STRING, .as.bytes = "x", .len = 1}, SCHEMA_STRING, "ERR Failed to serialize to short (was class java.lang.String): "},
    {"BooleanConverter", {.kind = VALUE_INT}, SCHEMA_INT8, "ERR Invalid schema type for BooleanConverter: INT8"},
    {"BooleanConverter", {.kind = VALUE_STRING, .as.bytes = "x", .len = 1}, SCHEMA_STRUCT, "ERR BooleanConverter is not compatible with objects of type class java.lang.String"},
    {"ByteArrayConverter", {.kind = VALUE_STRING, .as.bytes = "x", .len = 1}, SCHEMA_STRING, "ERR Invalid schema type for ByteArrayConverter: STRING"},
    {"ByteArrayConverter", {.kind = VALUE_DECIMAL, .as.bytes = "1", .len = 1}, SCHEMA_BYTES, "ERR ByteArrayConverter is not compatible with objects of type class java.math.BigDecimal"},
    {"StringConverter", {.kind = VALUE_INT, .as.integer = 5}, SCHEMA_INT32, "35"},
    {"StringConverter", {.kind = VALUE_FLOAT, .as.real = 1}, SCHEMA_FLOAT64, "312e30"},
    {"StringConverter", {.kind = VALUE_DECIMAL, .as.bytes = "1", .len = 1, .scale = -3}, SCHEMA_STRUCT, "31452b33"},
};

START_TEST(values_are_written_as_kafka_connect_writes_them)
{
    struct converter converter;
    struct strbuf out = STRBUF_INIT, shown = STRBUF_INIT;
    struct error err = ERROR_INIT;
    bool is_null;
    make(&converter, written[_i].class_name, NULL);
    const struct schema *schema = written[_i].type == SCHEMA_STRUCT ? NULL : schema_primitive(written[_i].type, false);
    if (converter.plugin->ops->write(converter.state, "t", schema, &written[_i].value, &out, &is_null, &err))
        for (size_t i = 0; i < out.len; i++)
            strbuf_printf(&shown, "%02x", (unsigned char)out.data[i]);
    else
        strbuf_printf(&shown, "ERR %s", err.message);
    ck_assert_str_eq(shown.data, written[_i].hex);
    schema_unref(schema);
    strbuf_fini(&out);
    strbuf_fini(&shown);
    converter_free(&converter);
}
END_TEST

static const struct {
    const char *class_name, *bytes;
    size_t len;
    const char *shown;
} read_bytes[] = {
    {"ShortConverter", "\xff\xfe", 2, "?int16 Short -2"},
    {"IntegerConverter", "\0\0\0\5", 4, "?int32 Integer 5"},
    {"LongConverter", "\0\0\0\0\0\0\0\5", 8, "?int64 Long 5"},
    {"FloatConverter", "\x3f\xc0\0\0", 4, "?float Float 1.5"},
    {"DoubleConverter", "\x3f\xf8\0\0\0\0\0\0", 8, "?double Double 1.5"},
    {"BooleanConverter", "\0", 1, "?boolean Boolean false"},
    {"ByteArrayConverter", "", 0, "?bytes byte[]"},
    {"StringConverter", "a\xff" "b", 3, "?string String a\xef\xbf\xbd" "b"},
    {"StringConverter", "", 0, "?string String "},
    {"SimpleHeaderConverter", "[1,2]", 5, "array<int8> [Byte 1,Byte 2,]"},
    {"ShortConverter", "\1\2\3", 3, "ERR Failed to deserialize short: / Size of data received by ShortDeserializer is not 2"},
    {"IntegerConverter", "", 0, "ERR Failed to deserialize integer: / Size of data received by IntegerDeserializer is not 4"},
    {"LongConverter", "\1", 1, "ERR Failed to deserialize long: / Size of data received by LongDeserializer is not 8"},
    {"DoubleConverter", "\1", 1, "ERR Failed to deserialize double: / Size of data received by Deserializer is not 8"},
    {"BooleanConverter", "\2", 1, "ERR Failed to deserialize boolean: / Unexpected byte received by BooleanDeserializer: 2"},
};

START_TEST(bytes_are_read_as_kafka_connect_reads_them)
{
    struct converter converter;
    struct record_batch batch = RECORD_BATCH_INIT;
    struct strbuf shown = STRBUF_INIT;
    struct error err = ERROR_INIT;
    const struct schema *schema;
    struct value value;
    make(&converter, read_bytes[_i].class_name, NULL);
    if (converter.plugin->ops->read(converter.state, "t", read_bytes[_i].bytes, read_bytes[_i].len, &batch, &schema, &value, &err)) {
        show_schema(schema, &shown);
        strbuf_putc(&shown, ' ');
        show_value(schema, &value, &shown);
    } else {
        const char *cause = strstr(err.causes, "SerializationException: ");
        strbuf_printf(&shown, "ERR %s/ %s", err.message, cause ? cause + strlen("SerializationException: ") : "");
        while (shown.len && shown.data[shown.len - 1] == '\n')
            shown.data[--shown.len] = '\0';
    }
    ck_assert_str_eq(shown.data, read_bytes[_i].shown);
    strbuf_fini(&shown);
    record_batch_fini(&batch);
    converter_free(&converter);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

static const struct {
    const char *encoding, *text, *hex, *back;
} encodings[] = {
    {"UTF-8", "\xc3\xbc", "c3bc", "\xc3\xbc"},
    {"ISO-8859-1", "\xc3\xbc\xe2\x82\xac", "fc3f", "\xc3\xbc?"},
    {"UTF-16", "x", "feff0078", "x"},
    {"US-ASCII", "a\xc3\xbc", "613f", "a?"},
};

START_TEST(texts_are_written_and_read_in_the_character_set_of_choice)
{
    struct converter converter;
    struct record_batch batch = RECORD_BATCH_INIT;
    struct strbuf out = STRBUF_INIT, hex = STRBUF_INIT;
    struct error err = ERROR_INIT;
    const struct schema *schema;
    struct value value = value_string(encodings[_i].text, strlen(encodings[_i].text));
    bool is_null;
    make(&converter, "StringConverter", encodings[_i].encoding);
    ck_assert(converter.plugin->ops->write(converter.state, "t", NULL, &value, &out, &is_null, &err));
    for (size_t i = 0; i < out.len; i++)
        strbuf_printf(&hex, "%02x", (unsigned char)out.data[i]);
    ck_assert_str_eq(hex.data, encodings[_i].hex);
    ck_assert(converter.plugin->ops->read(converter.state, "t", out.data, out.len, &batch, &schema, &value, &err));
    ck_assert_uint_eq(value.len, strlen(encodings[_i].back));
    ck_assert_mem_eq(value.as.bytes, encodings[_i].back, value.len);
    strbuf_fini(&out);
    strbuf_fini(&hex);
    record_batch_fini(&batch);
    converter_free(&converter);
}
END_TEST

START_TEST(a_character_set_that_does_not_exist_is_refused)
{
    struct converter converter;
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    config_set(&cfg, "converter.encoding", "nope");
    ck_assert(!converter_new(&converter, "StringConverter", CONVERTER_KEY, &cfg, "", &err));
    ck_assert_str_eq(err.message, "Unsupported encoding nope");
    config_fini(&cfg);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("converters");
    TCase *tc = tcase_create("converters");
    int count = (int)plugin_count();
    tcase_add_loop_test(tc, every_converter_is_found_by_name_and_alias_and_serves_in_its_roles, 0, count);
    tcase_add_loop_test(tc, every_converter_reads_null_bytes_as_null_and_writes_a_null_as_null_bytes, 0, count);
    tcase_add_loop_test(tc, every_converter_answers_any_bytes_with_a_value_or_an_error_of_the_record, 0, count);
    tcase_add_loop_test(tc, every_converter_appends, 0, count);
    tcase_add_loop_test(tc, values_are_written_as_kafka_connect_writes_them, 0, sizeof(written) / sizeof(written[0]));
    tcase_add_loop_test(tc, bytes_are_read_as_kafka_connect_reads_them, 0, sizeof(read_bytes) / sizeof(read_bytes[0]));
    tcase_add_loop_test(tc, texts_are_written_and_read_in_the_character_set_of_choice, 0, sizeof(encodings) / sizeof(encodings[0]));
    tcase_add_test(tc, a_character_set_that_does_not_exist_is_refused);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
