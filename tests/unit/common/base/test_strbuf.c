#include "common/base/strbuf.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(what_is_appended_stands_there_with_a_nul_behind)
{
    struct strbuf buf = STRBUF_INIT;
    strbuf_puts(&buf, "ab");
    strbuf_putc(&buf, 'c');
    strbuf_add(&buf, "\0d", 2);
    strbuf_printf(&buf, "%s%d", "e", 5);
    ck_assert_uint_eq(buf.len, 7);
    ck_assert_mem_eq(buf.data, "abc\0de5", 8);
    strbuf_reset(&buf);
    ck_assert_str_eq(buf.data, "");
    strbuf_fini(&buf);
}
END_TEST

START_TEST(growth_keeps_the_content)
{
    struct strbuf buf = STRBUF_INIT;
    for (int i = 0; i < 10000; i++)
        strbuf_putc(&buf, (char)('a' + i % 26));
    ck_assert_uint_eq(buf.len, 10000);
    for (int i = 0; i < 10000; i++)
        ck_assert_int_eq(buf.data[i], 'a' + i % 26);
    strbuf_fini(&buf);
}
END_TEST

START_TEST(taking_an_empty_buffer_gives_an_empty_string)
{
    struct strbuf buf = STRBUF_INIT;
    char *text = strbuf_take(&buf);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

static const int64_t numbers[] = {0, 7, -7, 10, -10, 1234567890123, INT64_MAX, INT64_MIN, INT64_MIN + 1};

START_TEST(integers_are_written_as_printf_does)
{
    char expected[32];
    struct strbuf buf = STRBUF_INIT;
    snprintf(expected, sizeof(expected), "%" PRId64, numbers[_i]);
    strbuf_add_int(&buf, numbers[_i]);
    ck_assert_str_eq(buf.data, expected);
    strbuf_fini(&buf);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("strbuf");
    TCase *tc = tcase_create("strbuf");
    tcase_add_test(tc, what_is_appended_stands_there_with_a_nul_behind);
    tcase_add_test(tc, growth_keeps_the_content);
    tcase_add_test(tc, taking_an_empty_buffer_gives_an_empty_string);
    tcase_add_loop_test(tc, integers_are_written_as_printf_does, 0, sizeof(numbers) / sizeof(numbers[0]));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
