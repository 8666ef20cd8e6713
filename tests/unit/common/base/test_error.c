/* Tests of common/base/error.c. */
#include "common/base/error.h"

#include "common/base/strbuf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(wrapping_puts_the_context_in_front)
{
    struct error err = ERROR_INIT;
    ck_assert(!error_set(&err, ERROR_DATA, "bad value %d", 7));
    err.cause = 1406;
    ck_assert(!error_wrap(&err, "table %s", "T"));
    ck_assert_str_eq(err.message, "table T: bad value 7");
    ck_assert_int_eq(err.code, ERROR_DATA);
    ck_assert_int_eq(err.cause, 1406);
}
END_TEST

START_TEST(a_long_message_is_cut_between_characters)
{
    char text[2 * ERROR_MESSAGE_SIZE] = "x";
    for (size_t i = 1; i + 3 < sizeof(text); i += 3)
        memcpy(text + i, "\xEA\xB0\x80", 4);
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_INTERNAL, "%s", text);
    size_t len = strlen(err.message);
    ck_assert_uint_lt(len, ERROR_MESSAGE_SIZE);
    ck_assert_uint_eq((len - 1) % 3, 0);
}
END_TEST

START_TEST(a_cause_becomes_a_line_of_the_trace)
{
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_DATA, "Duplicate entry");
    err.java_class = "java.sql.SQLException";
    err.cause = 1062;
    error_cause(&err, NULL, "java.sql.SQLException: %s", "Duplicate entry");
    ck_assert_int_eq(err.cause, 1062);
    error_cause(&err, "x.Y", "outermost");
    struct strbuf out = STRBUF_INIT;
    error_trace(&err, &out);
    ck_assert_str_eq(out.data, "x.Y: outermost\n"
                               "Caused by: org.apache.kafka.connect.errors.ConnectException: java.sql.SQLException: Duplicate entry\n"
                               "Caused by: java.sql.SQLException: Duplicate entry");
    strbuf_fini(&out);
}
END_TEST

START_TEST(setting_an_error_again_forgets_the_old_causes)
{
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_DATA, "inner");
    error_cause(&err, NULL, "outer");
    error_set(&err, ERROR_CONFIG, "another");
    struct strbuf out = STRBUF_INIT;
    error_trace(&err, &out);
    ck_assert_str_eq(out.data, "org.apache.kafka.connect.errors.ConnectException: another");
    strbuf_fini(&out);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/base/error");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, wrapping_puts_the_context_in_front);
    tcase_add_test(tcase, a_long_message_is_cut_between_characters);
    tcase_add_test(tcase, a_cause_becomes_a_line_of_the_trace);
    tcase_add_test(tcase, setting_an_error_again_forgets_the_old_causes);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
