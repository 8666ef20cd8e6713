#include "connect/data/number_text.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    double number;
    const char *text;
} doubles[] = {
    {0, "0.0"}, {-0.0, "-0.0"}, {1, "1.0"}, {-1, "-1.0"}, {100, "100.0"}, {0.001, "0.001"}, {0.01, "0.01"}, {0.1, "0.1"},
    {0.00099, "9.9E-4"}, {1e-5, "1.0E-5"}, {123456789, "1.23456789E8"}, {1e7, "1.0E7"}, {9999999, "9999999.0"},
    {1e21, "1.0E21"}, {4.9e-324, "4.9E-324"}, {19.99, "19.99"}, {1.0 / 3, "0.3333333333333333"}, {2e23, "2.0E23"},
    {DBL_MAX, "1.7976931348623157E308"}, {DBL_MIN, "2.2250738585072014E-308"}, {5.684341886080802e-14, "5.684341886080802E-14"},
    {9007199254740993.0, "9.007199254740992E15"}, {1234567.125, "1234567.125"}, {12345678.9, "1.23456789E7"},
    {2.2e-322, "2.2E-322"}, {9e-324, "9.9E-324"}, {1e-323, "9.9E-324"}, {0.3, "0.3"}, {100.5, "100.5"}, {1e100, "1.0E100"},
};

START_TEST(doubles_look_as_in_java)
{
    char text[NUMBER_TEXT_SIZE + 1];
    text[number_text_double(doubles[_i].number, text)] = '\0';
    ck_assert_str_eq(text, doubles[_i].text);
}
END_TEST

static const struct {
    float number;
    const char *text;
} floats[] = {
    {0, "0.0"}, {-0.0f, "-0.0"}, {1.1f, "1.1"}, {0.1f, "0.1"}, {1e7f, "1.0E7"}, {16777216, "1.6777216E7"}, {FLT_MAX, "3.4028235E38"},
    {FLT_MIN, "1.1754944E-38"}, {1.4e-45f, "1.4E-45"}, {3.4e-45f, "2.8E-45"}, {123456.7f, "123456.7"}, {0.3f, "0.3"},
    {1.0f / 3, "0.33333334"}, {8.5899346e9f, "8.589935E9"}, {33554432.0f, "3.3554432E7"},
};

START_TEST(floats_look_as_in_java)
{
    char text[NUMBER_TEXT_SIZE + 1];
    text[number_text_float(floats[_i].number, text)] = '\0';
    ck_assert_str_eq(text, floats[_i].text);
}
END_TEST

START_TEST(what_is_no_number_has_a_word)
{
    char text[NUMBER_TEXT_SIZE + 1];
    text[number_text_double(NAN, text)] = '\0';
    ck_assert_str_eq(text, "NaN");
    text[number_text_float(INFINITY, text)] = '\0';
    ck_assert_str_eq(text, "Infinity");
    text[number_text_double(-INFINITY, text)] = '\0';
    ck_assert_str_eq(text, "-Infinity");
}
END_TEST

START_TEST(decimals_come_back_as_they_were_written)
{
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 100000; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        int decimals = 1 + (int)(state % 6), last = 1 + (int)(state / 6 % 9);
        char expected[40], text[NUMBER_TEXT_SIZE + 1];
        snprintf(expected, sizeof(expected), "%s%d.%0*d%d", state & 1 ? "-" : "", 1 + (int)(state / 54 % 9999998), decimals,
                 (int)(state / 1000 % 10), last);
        text[number_text_double(strtod(expected, NULL), text)] = '\0';
        ck_assert_str_eq(text, expected);
    }
}
END_TEST

START_TEST(every_double_reads_back_the_same)
{
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 100000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double number;
        char text[NUMBER_TEXT_SIZE + 1];
        memcpy(&number, &bits, sizeof(number));
        if (!isfinite(number))
            continue;
        text[number_text_double(number, text)] = '\0';
        ck_assert_msg(strtod(text, NULL) == number, "%.17g became %s", number, text);
        float narrow = (float)number;
        if (!isfinite(narrow))
            continue;
        text[number_text_float(narrow, text)] = '\0';
        ck_assert_msg(strtof(text, NULL) == narrow, "%.9g became %s", (double)narrow, text);
    }
}
END_TEST

static const struct {
    const char *digits, *text;
} rearranged[] = {
    {"0", "0.0"}, {"-0", "-0.0"}, {"0.000", "0.0"}, {"1", "1.0"}, {"100", "100.0"}, {"19.99", "19.99"}, {"1e20", "1.0E20"},
    {"1.5e-7", "1.5E-7"}, {"-1.234560E+05", "-123456.0"}, {"0.00012", "1.2E-4"}, {"12345678.9", "1.23456789E7"}, {".5", "0.5"},
    {"00012.50", "12.5"}, {"1e", ""}, {"", ""}, {"-", ""}, {"x", ""}, {"1.5x", ""}, {"nan", ""}, {"1.2.3", ""},
    {"1234567890123456789012345", ""}, {"1e999999999999", ""}, {"0.001", "0.001"}, {"10000000", "1.0E7"},
};

START_TEST(digits_of_another_program_are_rearranged)
{
    char text[NUMBER_TEXT_SIZE + 1];
    text[number_text_rearrange(rearranged[_i].digits, text)] = '\0';
    ck_assert_str_eq(text, rearranged[_i].text);
}
END_TEST

START_TEST(integers_are_printed_over_their_whole_range)
{
    const int64_t numbers[] = {0, 1, -1, 9, 10, 99, 100, -100, 12345, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char text[NUMBER_TEXT_SIZE + 1];
        text[number_text_int(numbers[i], text)] = '\0';
        ck_assert_int_eq(strtoll(text, NULL, 10), numbers[i]);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("number_text");
    TCase *tc = tcase_create("number_text");
    tcase_add_loop_test(tc, doubles_look_as_in_java, 0, sizeof(doubles) / sizeof(doubles[0]));
    tcase_add_loop_test(tc, floats_look_as_in_java, 0, sizeof(floats) / sizeof(floats[0]));
    tcase_add_test(tc, what_is_no_number_has_a_word);
    tcase_add_test(tc, decimals_come_back_as_they_were_written);
    tcase_add_test(tc, every_double_reads_back_the_same);
    tcase_add_loop_test(tc, digits_of_another_program_are_rearranged, 0, sizeof(rearranged) / sizeof(rearranged[0]));
    tcase_add_test(tc, integers_are_printed_over_their_whole_range);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
