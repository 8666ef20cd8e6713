#include "common/resource/json_write.h"

#include <check.h>
#include <string.h>

static const struct {
    double number;
    const char *want;
} doubles[] = {
    {0, "0.0"},           {-0.0, "-0.0"},         {10000, "10000.0"},    {19.99, "19.99"},         {0.1, "0.1"},
    {1e7, "1.0E7"},       {9999999, "9999999.0"}, {12345678.9, "1.23456789E7"}, {0.001, "0.001"},  {0.0001, "1.0E-4"},
    {-1.5, "-1.5"},       {100, "100.0"},         {1.7976931348623157e308, "1.7976931348623157E308"},
    {4.9e-324, "4.9E-324"}, {123456789012345678.0, "1.2345678901234568E17"}, {1e23, "1.0E23"}, {0.00123, "0.00123"},
};

START_TEST(doubles_are_written_as_java_does)
{
    char text[JAVA_DOUBLE_SIZE];
    ck_assert_uint_eq(java_double_text(text, doubles[_i].number), strlen(doubles[_i].want));
    ck_assert_str_eq(text, doubles[_i].want);
}
END_TEST

static void
write_sample(struct json_writer *writer)
{
    json_object_open(writer);
    json_name(writer, "none");
    json_array_open(writer);
    json_array_end(writer);
    json_name(writer, "some");
    json_array_open(writer);
    for (int i = 0; i < 2; i++) {
        json_object_open(writer);
        json_name(writer, "i");
        json_int(writer, i);
        json_object_end(writer);
    }
    json_array_end(writer);
    json_name(writer, "empty");
    json_object_open(writer);
    json_object_end(writer);
    json_object_end(writer);
}

START_TEST(there_is_a_pretty_and_a_compact_form)
{
    struct strbuf out = STRBUF_INIT;
    struct json_writer pretty = {.out = &out, .is_pretty = true}, compact = {.out = &out};
    write_sample(&pretty);
    ck_assert_str_eq(out.data, "{\n  \"none\" : [ ],\n  \"some\" : [ {\n    \"i\" : 0\n  }, {\n    \"i\" : 1\n  } ],\n  \"empty\" : { }\n}");
    strbuf_reset(&out);
    write_sample(&compact);
    ck_assert_str_eq(out.data, "{\"none\":[],\"some\":[{\"i\":0},{\"i\":1}],\"empty\":{}}");
    strbuf_fini(&out);
}
END_TEST

START_TEST(text_is_escaped_as_the_original_does)
{
    static const char text[] = "\"\\\b\t\n\f\r\x1f\0é한😀/";
    struct strbuf out = STRBUF_INIT;
    struct json_writer pretty = {.out = &out, .is_pretty = true};
    json_text(&pretty, text, sizeof(text) - 1);
    ck_assert_str_eq(out.data, "\"\\\"\\\\\\b\\t\\n\\f\\r\\u001F\\u0000é한\\uD83D\\uDE00/\"");
    strbuf_fini(&out);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("json_write");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, doubles_are_written_as_java_does, 0, sizeof(doubles) / sizeof(*doubles));
    tcase_add_test(tcase, there_is_a_pretty_and_a_compact_form);
    tcase_add_test(tcase, text_is_escaped_as_the_original_does);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
