/* Tests of connect/connectors/jdbc/sink_value.c: literals as Connector/J would send them. */
#include "connect/connectors/jdbc/sink_value.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct strbuf out;
static struct sink_format format;

static void
setup(void)
{
    out = STRBUF_INIT;
    format = (struct sink_format){.zone = NULL};
}

static void
teardown(void)
{
    zone_close((struct zone *)format.zone);
    strbuf_fini(&out);
}

static const char *
written(const struct schema *schema, struct value value, bool is_timestamp)
{
    struct error err = ERROR_INIT;
    strbuf_reset(&out);
    sink_write_fn *write = sink_writer_find(schema, is_timestamp);
    ck_assert_ptr_nonnull(write);
    bool is_fine = write(&format, &out, &value, &err);
    schema_unref(schema);
    return is_fine ? out.data : "refused";
}

static const struct schema *
logical(enum schema_logical kind)
{
    return schema_logical_new(kind, false);
}

START_TEST(texts_are_quoted_and_no_byte_ends_them_early)
{
    const struct schema *text = schema_primitive(SCHEMA_STRING, true);
    ck_assert_str_eq(written(schema_ref(text), value_string("plain", 5), false), "'plain'");
    ck_assert_str_eq(written(schema_ref(text), value_string("", 0), false), "''");
    ck_assert_str_eq(written(schema_ref(text), value_string("it's \"x\" \\", 10), false), "'it\\'s \\\"x\\\" \\\\'");
    ck_assert_str_eq(written(schema_ref(text), value_string("a\0b\n\r\x1a", 6), false), "'a\\0b\\n\\r\\Z'");
    ck_assert_str_eq(written(schema_ref(text), value_string("\xF0\x9F\x98\x80", 4), false), "'\xF0\x9F\x98\x80'");
    ck_assert_str_eq(written(schema_primitive(SCHEMA_BYTES, true), value_bytes("\xff'", 2), false), "_binary'\xff\\''");
    schema_unref(text);
}
END_TEST

static const struct {
    enum schema_type type;
    struct value value;
    const char *text;
} numbers[] = {
    {SCHEMA_INT8, {.kind = VALUE_INT, .as.integer = -128}, "-128"},
    {SCHEMA_INT64, {.kind = VALUE_INT, .as.integer = INT64_MIN}, "-9223372036854775808"},
    {SCHEMA_INT64, {.kind = VALUE_INT, .as.integer = INT64_MAX}, "9223372036854775807"},
    {SCHEMA_BOOLEAN, {.kind = VALUE_BOOLEAN, .as.boolean = true}, "1"},
    {SCHEMA_BOOLEAN, {.kind = VALUE_BOOLEAN, .as.boolean = false}, "0"},
    {SCHEMA_FLOAT64, {.kind = VALUE_FLOAT, .as.real = 1500}, "1500.0"},
    {SCHEMA_FLOAT64, {.kind = VALUE_FLOAT, .as.real = 12345678}, "1.2345678E7"},
    {SCHEMA_FLOAT64, {.kind = VALUE_FLOAT, .as.real = 0.1}, "0.1"},
    {SCHEMA_FLOAT32, {.kind = VALUE_FLOAT, .as.real = 0.10000000149011612}, "0.1"},
    {SCHEMA_FLOAT64, {.kind = VALUE_FLOAT, .as.real = NAN}, "refused"},
    {SCHEMA_FLOAT64, {.kind = VALUE_FLOAT, .as.real = INFINITY}, "refused"},
    {SCHEMA_INT32, {.kind = VALUE_STRING, .as.bytes = "x"}, "refused"},
    {SCHEMA_STRING, {.kind = VALUE_INT, .as.integer = 1}, "refused"},
};

START_TEST(numbers_are_written_as_java_prints_them)
{
    ck_assert_str_eq(written(schema_primitive(numbers[_i].type, true), numbers[_i].value, false), numbers[_i].text);
}
END_TEST

START_TEST(a_double_that_is_none_is_refused_in_the_driver_s_words)
{
    static const struct {
        double real;
        const char *name;
    } reals[] = {{NAN, "'NaN'"}, {INFINITY, "'\xe2\x88\x9e'"}, {-INFINITY, "'-\xe2\x88\x9e'"}};
    for (size_t i = 0; i < sizeof(reals) / sizeof(*reals); i++) {
        struct error refusal = ERROR_INIT;
        struct strbuf text = STRBUF_INIT;
        struct value value = {.kind = VALUE_FLOAT, .as.real = reals[i].real};
        const struct schema *schema = schema_primitive(SCHEMA_FLOAT64, true);
        ck_assert(!sink_writer_find(schema, false)(&format, &text, &value, &refusal));
        ck_assert_int_eq(refusal.code, ERROR_DATA);
        ck_assert_str_eq(refusal.sqlstate, SINK_STATE_ARGUMENT);
        ck_assert_int_eq(strncmp(refusal.message, reals[i].name, strlen(reals[i].name)), 0);
        ck_assert_ptr_nonnull(strstr(refusal.message, " is not a valid numeric or approximate numeric value"));
        schema_unref(schema);
        strbuf_fini(&text);
    }
}
END_TEST

static const struct {
    const char *digits;
    int scale;
    const char *text;
} decimals[] = {
    {"1234567", 3, "1234.567"}, {"-1", 3, "-0.001"}, {"0", 3, "0.000"}, {"7", 0, "7"}, {"-99999999", 4, "-9999.9999"},
    {"5", -2, "500"}, {"0", -2, "0"}, {"123", 3, "0.123"},
    {"99999999999999999999999999999999999999", 2, "999999999999999999999999999999999999.99"},
};

START_TEST(decimals_keep_every_digit)
{
    struct value value = value_decimal(decimals[_i].digits, strlen(decimals[_i].digits), decimals[_i].scale);
    ck_assert_str_eq(written(schema_decimal(decimals[_i].scale, true), value, false), decimals[_i].text);
}
END_TEST

static const struct {
    int64_t days;
    bool is_proleptic;
    const char *text;
} dates[] = {
    {0, false, "'1970-01-01'"}, {18321, false, "'2020-02-29'"}, {-1, false, "'1969-12-31'"}, {2932896, false, "'9999-12-31'"},
    {-25567, false, "'1900-01-01'"}, {-141427, false, "'1582-10-15'"}, {-141428, false, "'1582-10-04'"},
    {-354285, false, "'0999-12-27'"}, {-354285, true, "'1000-01-01'"}, {-141439, true, "'1582-10-03'"},
    {11016, false, "'2000-02-29'"}, {47540, false, "'2100-02-28'"}, {47541, false, "'2100-03-01'"},
};

START_TEST(dates_follow_the_calendar_that_is_set)
{
    format.is_proleptic = dates[_i].is_proleptic;
    ck_assert_str_eq(written(logical(SCHEMA_DATE), value_int(dates[_i].days), false), dates[_i].text);
}
END_TEST

START_TEST(times_have_the_digits_they_need)
{
    ck_assert_str_eq(written(logical(SCHEMA_TIME), value_int(36672123), false), "'10:11:12.123'");
    ck_assert_str_eq(written(logical(SCHEMA_TIME), value_int(43200500), false), "'12:00:00.5'");
    ck_assert_str_eq(written(logical(SCHEMA_TIME), value_int(0), false), "'00:00:00'");
    ck_assert_str_eq(written(logical(SCHEMA_TIMESTAMP), value_int(1582971072123), false), "'2020-02-29 10:11:12.123'");
    ck_assert_str_eq(written(logical(SCHEMA_TIMESTAMP), value_int(-1), false), "'1969-12-31 23:59:59.999'");
    ck_assert_str_eq(written(logical(SCHEMA_TIMESTAMP), value_int(-12219292800001), false), "'1582-10-04 23:59:59.999'");
}
END_TEST

START_TEST(zones_move_times_and_west_of_greenwich_dates)
{
    struct error err = ERROR_INIT;
    format.zone = zone_open("America/New_York", &err);
    ck_assert_str_eq(written(logical(SCHEMA_TIME), value_int(0), false), "'19:00:00'");
    ck_assert_str_eq(written(logical(SCHEMA_TIMESTAMP), value_int(1625148000000), false), "'2021-07-01 10:00:00'");
    ck_assert_str_eq(written(logical(SCHEMA_DATE), value_int(18321), false), "'2020-02-28'");
    format.date_in_utc = true;
    ck_assert_str_eq(written(logical(SCHEMA_DATE), value_int(18321), false), "'2020-02-29'");
}
END_TEST

START_TEST(listed_fields_are_micro_or_nanoseconds)
{
    struct value text = value_string("-1", 2);
    ck_assert_str_eq(written(schema_primitive(SCHEMA_INT64, true), value_int(1582971072123456), true), "'2020-02-29 10:11:12.123456'");
    ck_assert_str_eq(written(schema_primitive(SCHEMA_STRING, true), text, true), "'1969-12-31 23:59:59.999999'");
    format.timestamps_are_nanos = true;
    ck_assert_str_eq(written(schema_primitive(SCHEMA_INT64, true), value_int(1582971072123456789), true),
                     "'2020-02-29 10:11:12.123456789'");
    ck_assert_str_eq(written(schema_primitive(SCHEMA_STRING, true), value_string("soon", 4), true), "refused");
    ck_assert_str_eq(written(schema_primitive(SCHEMA_STRING, true), value_string("99999999999999999999", 20), true),
                     "'5138-11-16 09:46:39.999999999'");
    ck_assert_str_eq(written(schema_primitive(SCHEMA_STRING, true), value_string("-10000000000000000001", 21), true),
                     "'1653-02-10 06:13:19.999999999'");
    ck_assert_str_eq(written(schema_primitive(SCHEMA_STRING, true), value_string("9999999999999999999999999999", 28), true), "refused");
    ck_assert_str_eq(written(schema_primitive(SCHEMA_STRING, true), value_string("123456789-12345678", 18), true), "refused");
    ck_assert_str_eq(written(schema_primitive(SCHEMA_INT32, true), value_int(7), true), "7");
}
END_TEST

START_TEST(arrays_maps_and_structs_have_no_literal)
{
    static const enum schema_type types[] = {SCHEMA_ARRAY, SCHEMA_MAP, SCHEMA_STRUCT};
    for (size_t i = 0; i < 3; i++) {
        static const enum value_kind kinds[] = {VALUE_ARRAY, VALUE_MAP, VALUE_STRUCT};
        struct schema_builder *builder = schema_builder_new(types[i]);
        ck_assert_str_eq(written(schema_builder_finish(builder), (struct value){.kind = kinds[i]}, false), "refused");
    }
}
END_TEST

static const char *
default_of(enum schema_type type, const char *name, struct value value, bool is_text)
{
    struct error err = ERROR_INIT;
    struct schema_builder *builder = schema_builder_new(type);
    schema_builder_name(builder, name);
    schema_builder_default(builder, &value);
    const struct schema *schema = schema_builder_finish(builder);
    strbuf_reset(&out);
    ck_assert(sink_write_default(&format, &out, schema, is_text, &err));
    schema_unref(schema);
    return out.data;
}

START_TEST(defaults_of_columns_are_literals_too)
{
    ck_assert_str_eq(default_of(SCHEMA_INT32, NULL, value_int(-32), false), "-32");
    ck_assert_str_eq(default_of(SCHEMA_BOOLEAN, NULL, value_boolean(true), false), "1");
    ck_assert_str_eq(default_of(SCHEMA_BYTES, NULL, value_bytes("\0\xff", 2), false), "x'00ff'");
    ck_assert_str_eq(default_of(SCHEMA_INT32, SCHEMA_TIME_NAME, value_int(36672000), false), "'10:11:12.000'");
    ck_assert_str_eq(default_of(SCHEMA_INT64, SCHEMA_TIMESTAMP_NAME, value_int(1582971072000), false), "'2020-02-29 10:11:12.000'");
    ck_assert_str_eq(default_of(SCHEMA_STRING, NULL, value_string("it's", 4), true), "'it\\'s'");
    format.mysql_default_brackets = true;
    ck_assert_str_eq(default_of(SCHEMA_STRING, NULL, value_string("it's", 4), true), "('it\\'s')");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/sink_value");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, texts_are_quoted_and_no_byte_ends_them_early);
    tcase_add_loop_test(tcase, numbers_are_written_as_java_prints_them, 0, sizeof(numbers) / sizeof(*numbers));
    tcase_add_test(tcase, a_double_that_is_none_is_refused_in_the_driver_s_words);
    tcase_add_loop_test(tcase, decimals_keep_every_digit, 0, sizeof(decimals) / sizeof(*decimals));
    tcase_add_loop_test(tcase, dates_follow_the_calendar_that_is_set, 0, sizeof(dates) / sizeof(*dates));
    tcase_add_test(tcase, times_have_the_digits_they_need);
    tcase_add_test(tcase, zones_move_times_and_west_of_greenwich_dates);
    tcase_add_test(tcase, listed_fields_are_micro_or_nanoseconds);
    tcase_add_test(tcase, arrays_maps_and_structs_have_no_literal);
    tcase_add_test(tcase, defaults_of_columns_are_literals_too);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
