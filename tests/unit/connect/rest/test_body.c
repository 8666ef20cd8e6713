/* Tests of connect/rest/body.c: Jackson's reading, conversions and messages. */
#include "connect/rest/body.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct error err;

static void
setup(void)
{
    arena = ARENA_INIT;
    err = ERROR_INIT;
}

static void
teardown(void)
{
    arena_fini(&arena);
}

static const struct body_value *
parse(const char *text)
{
    return body_parse(&arena, text, strlen(text), &err);
}

static const struct {
    const char *text, *message; /* how the message begins */
} broken[] = {
    {"{", "Unexpected end-of-input: expected close marker for Object (start marker at [Source: REDACTED"},
    {"}", "Unexpected close marker '}': no open Object to close\n at [Source: REDACTED"},
    {"not json", "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"},
    {"{\"connection.password\": hunter2}", "Unrecognized token '[hidden]': was expecting (JSON String, Number, Array, Object or token"},
    {"[hunter2]", "Unrecognized token '[hidden]'"},
    {"{\"a\"", "Unexpected end-of-input within/between Object entries"},
    {"{\"a\":1,}", "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"},
    {"{\"a\":1 \"b\":2}", "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"},
    {"[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"},
    {"{'a':1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"},
    {"{\"a\" 1}", "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"},
    {"{\"a\":NaN}", "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"},
    {"\"\\x\"", "Unrecognized character escape 'x' (code 120)"},
    {"\"a\tb\"", "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash"},
    {"/* c */ {}", "Unexpected character ('/' (code 47)): maybe a (non-standard) comment?"},
    {"[01]", "Invalid numeric value: Leading zeroes not allowed"},
    {"[1.]", "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit"},
    {"[1e]", "Unexpected character (']' (code 93)) in numeric value: Exponent indicator not followed by a digit"},
    {"[-]", "Unexpected character (']' (code 93)) in numeric value: expected digit (0-9) to follow minus sign"},
    {"[+5]", "Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow numbers to have plus signs"},
    {"1e", "Unexpected end-of-input"},
    {"{\"a\":0x1}", "Unexpected character ('x' (code 120)): was expecting comma to separate Object entries"},
    {"[0x1]", "Unexpected character ('x' (code 120)): was expecting comma to separate Array entries"},
    {"{\"a\":}", "Unexpected character ('}' (code 125)): expected a value"},
    {",", "Unexpected character (',' (code 44)): expected a value"},
    {":", "Unexpected character (':' (code 58)): expected a valid value (JSON String"},
    {"{} more", "Unrecognized token 'more': was expecting (JSON String"},
    {"{}]", "Unexpected close marker ']': no open Array to close"},
    {"{}{\"x\":1}", "Trailing token (of type START_OBJECT) found after value"},
    {"{} [", "Trailing token (of type START_ARRAY) found after value"},
    {"{} 1.5", "Trailing token (of type VALUE_NUMBER_FLOAT) found after value"},
    {"1 null", "Trailing token (of type VALUE_NULL) found after value"},
    {"\"\\u12G4\"", "Unexpected character ('G' (code 71)): expected a hex-digit"},
    {"\"\xff\"", "Invalid UTF-8 start byte 0xff"},
    {"\"\xe2\x28\"", "Invalid UTF-8 middle byte 0x28"},
    {"\"abc", "Unexpected end-of-input"},
    {"\x01", "Illegal character ((CTRL-CHAR, code 1))"},
};

START_TEST(broken_json_is_refused_in_jacksons_words)
{
    ck_assert_ptr_null(parse(broken[_i].text));
    ck_assert_int_eq(err.code, ERROR_INTERNAL);
    ck_assert_msg(strncmp(err.message, broken[_i].message, strlen(broken[_i].message)) == 0, "%s", err.message);
}
END_TEST

START_TEST(an_error_says_line_and_column)
{
    ck_assert_ptr_null(parse("{\n  \"a\": 1,\n  b}"));
    ck_assert_ptr_nonnull(strstr(err.message, "line: 3, column: 3]"));
}
END_TEST

static const struct {
    const char *text, *written;
} fine[] = {
    {"null", "null"},
    {" [ 1 , -0, 12.50, 1e3, true,false,null ] ", "[1,0,12.5,1000.0,true,false,null]"},
    {"{\"b\":1,\"a\":{\"x\":[]},\"b\":2}", "{\"b\":2,\"a\":{\"x\":[]}}"},
    {"\"\\u00fc\\ud83d\\ude00\\n\\/\"", "\"\xC3\xBC\xF0\x9F\x98\x80\\n/\""},
    {"\"a\\u0000b\\u0001\"", "\"a\\u0000b\\u0001\""},
    {"[1e999,-2.5e400]", "[\"Infinity\",\"-Infinity\"]"},
    {"\xEF\xBB\xBF{} \n", "{}"},
    {"123456789012345678901234567890", "123456789012345678901234567890"},
};

START_TEST(values_are_read_and_written_back)
{
    const struct body_value *value = parse(fine[_i].text);
    ck_assert_msg(value, "%s", err.message);
    struct strbuf out = STRBUF_INIT;
    body_write(value, &out);
    ck_assert_str_eq(out.data, fine[_i].written);
    strbuf_fini(&out);
}
END_TEST

static const struct {
    const char *text, *java;
} texts[] = {
    {"null", "null"}, {"[0, \"x\", 1.50]", "[0, x, 1.5]"}, {"{\"a\": 0, \"b\": [true]}", "{a=0, b=[true]}"}, {"\"5\"", "5"},
};

START_TEST(a_value_as_text_is_what_java_prints)
{
    struct strbuf out = STRBUF_INIT;
    body_java_text(parse(texts[_i].text), &out);
    ck_assert_str_eq(out.data, texts[_i].java);
    strbuf_fini(&out);
}
END_TEST

static const struct {
    const char *text;
    bool (*refuse)(const struct body_value *value, const char *type, struct error *err);
    const char *message;
} refusals[] = {
    {"[]", body_no_creator, "Cannot deserialize value of type `T` from Array value (token `JsonToken.START_ARRAY`)\n"},
    {"5", body_no_creator, "Cannot construct instance of `T` (although at least one Creator exists): no int/Int-argument constructor/factory "
                           "method to deserialize from Number value (5)\n"},
    {"1.5", body_no_creator, "Cannot construct instance of `T` (although at least one Creator exists): no double/Double-argument "},
    {"\"x\"", body_no_creator, "Cannot construct instance of `T` (although at least one Creator exists): no String-argument "},
    {"true", body_no_creator, "Cannot construct instance of `T` (although at least one Creator exists): no boolean/Boolean-argument "},
    {"\"\"", body_not_a_map, "Cannot coerce empty String (\"\") to element of `java.util.LinkedHashMap`"},
    {"\"x\"", body_not_a_map, "Cannot construct instance of `java.util.LinkedHashMap` (although"},
    {"2.5", body_not_a_map, "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,T>` from Floating-point value (token "
                            "`JsonToken.VALUE_NUMBER_FLOAT`)"},
    {"{}", body_wrong_type, "Cannot deserialize value of type `T` from Object value (token `JsonToken.START_OBJECT`)"},
    {"false", body_wrong_type, "Cannot deserialize value of type `T` from Boolean value (token `JsonToken.VALUE_FALSE`)"},
};

START_TEST(a_value_of_the_wrong_kind_is_refused_in_jacksons_words)
{
    ck_assert(!refusals[_i].refuse(parse(refusals[_i].text), "T", &err));
    ck_assert_msg(strncmp(err.message, refusals[_i].message, strlen(refusals[_i].message)) == 0, "%s", err.message);
}
END_TEST

START_TEST(whole_numbers_of_java_have_64_bits)
{
    ck_assert(body_fits_long(parse("9223372036854775807")) && body_fits_long(parse("-9223372036854775808")));
    ck_assert(!body_fits_long(parse("9223372036854775808")) && body_fits_long(parse("1e40")) && body_fits_long(parse("\"x\"")));
}
END_TEST

START_TEST(many_members_are_no_burden)
{
    struct strbuf text = STRBUF_INIT;
    for (int i = 0; i < 200000; i++) /* a search for each takes minutes */
        strbuf_printf(&text, "%s\"k%d\":%d", i ? "," : "{", i % 100000, i);
    strbuf_puts(&text, "}");
    const struct body_value *value = parse(text.data);
    ck_assert(value && value->count == 100000);
    ck_assert_str_eq(value->values[99999]->text, "199999");
    strbuf_fini(&text);
}
END_TEST

START_TEST(a_map_written_as_a_text_is_not_repeated)
{
    struct config cfg = CONFIG_INIT;
    ck_assert(!body_config(parse("\"text\""), &cfg, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "from String value ('text')"));
    ck_assert(!body_config(parse("\"{\\\"connection.password\\\":\\\"hunter2\\\"}\""), &cfg, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "from String value ('[hidden]')"));
    config_fini(&cfg);
}
END_TEST

START_TEST(nothing_is_not_null)
{
    ck_assert_int_eq(parse("  \n")->kind, BODY_NONE);
    ck_assert_int_eq(parse("null")->kind, BODY_NULL);
}
END_TEST

START_TEST(settings_keep_the_text_of_their_numbers)
{
    struct config cfg = CONFIG_INIT;
    const struct body_value *value = parse("{\"a\":1.50,\"b\":true,\"c\":null,\"d\":\"x\",\"e\":1e3,\"f\":-0}");
    ck_assert(body_config(value, &cfg, &err));
    ck_assert_str_eq(config_get(&cfg, "a"), "1.50");
    ck_assert_str_eq(config_get(&cfg, "b"), "true");
    ck_assert(config_has(&cfg, "c") && !config_get(&cfg, "c"));
    ck_assert_str_eq(config_get(&cfg, "e"), "1e3");
    ck_assert_str_eq(config_get(&cfg, "f"), "-0");
    config_fini(&cfg);
}
END_TEST

static const struct {
    const char *text, *message;
} not_settings[] = {
    {"[]", "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,java.lang.String>` from Array value (token `JsonToken.START_ARRAY`)"},
    {"12", "Cannot deserialize value of type `java.util.LinkedHashMap<java.lang.String,java.lang.String>` from Integer value (token `JsonToken.VALUE_NUMBER_INT`)"},
    {"\"t\"", "Cannot construct instance of `java.util.LinkedHashMap` (although at least one Creator exists): no String-argument constructor/factory method to deserialize from String value ('t')"},
    {"{\"a\":{}}", "Cannot deserialize value of type `java.lang.String` from Object value (token `JsonToken.START_OBJECT`)"},
    {"{\"a\":[1]}", "Cannot deserialize value of type `java.lang.String` from Array value (token `JsonToken.START_ARRAY`)"},
};

START_TEST(what_is_no_map_of_settings_is_refused_in_jacksons_words)
{
    struct config cfg = CONFIG_INIT;
    ck_assert(!body_config(parse(not_settings[_i].text), &cfg, &err));
    ck_assert_msg(strncmp(err.message, not_settings[_i].message, strlen(not_settings[_i].message)) == 0, "%s", err.message);
    config_fini(&cfg);
}
END_TEST

START_TEST(nesting_has_a_limit)
{
    char text[5000];
    memset(text, '[', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    ck_assert_ptr_null(parse(text));
    ck_assert_ptr_nonnull(strstr(err.message, "nesting depth"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/rest/body");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, broken_json_is_refused_in_jacksons_words, 0, sizeof(broken) / sizeof(broken[0]));
    tcase_add_test(tcase, an_error_says_line_and_column);
    tcase_add_loop_test(tcase, values_are_read_and_written_back, 0, sizeof(fine) / sizeof(fine[0]));
    tcase_add_loop_test(tcase, a_value_as_text_is_what_java_prints, 0, sizeof(texts) / sizeof(texts[0]));
    tcase_add_loop_test(tcase, a_value_of_the_wrong_kind_is_refused_in_jacksons_words, 0, sizeof(refusals) / sizeof(refusals[0]));
    tcase_add_test(tcase, whole_numbers_of_java_have_64_bits);
    tcase_add_test(tcase, many_members_are_no_burden);
    tcase_add_test(tcase, a_map_written_as_a_text_is_not_repeated);
    tcase_add_test(tcase, nothing_is_not_null);
    tcase_add_test(tcase, settings_keep_the_text_of_their_numbers);
    tcase_add_loop_test(tcase, what_is_no_map_of_settings_is_refused_in_jacksons_words, 0, sizeof(not_settings) / sizeof(not_settings[0]));
    tcase_add_test(tcase, nesting_has_a_limit);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
