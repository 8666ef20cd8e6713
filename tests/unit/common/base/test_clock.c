/* Tests of common/base/clock.c. */
#include "common/base/clock.h"

#include <check.h>
#include <stdlib.h>

static int64_t
us_of(struct timespec at)
{
    ck_assert(at.tv_nsec >= 0 && at.tv_nsec < 1000000000);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static const int64_t waits_ms[] = {0, 1, 999, 1000, 1999, 90061001};

START_TEST(a_deadline_is_so_far_from_now)
{
    int64_t before = clock_now_us(), at = us_of(clock_deadline(waits_ms[_i])), after = clock_now_us();
    ck_assert_int_ge(at, before + waits_ms[_i] * 1000);
    ck_assert_int_le(at, after + waits_ms[_i] * 1000);
}
END_TEST

START_TEST(a_deadline_that_has_passed_is_now)
{
    int64_t before = clock_now_us(), at = us_of(clock_deadline(-5000));
    ck_assert_int_ge(at, before);
}
END_TEST

/* Conditions wait by the real clock, and would wait for ever for a frozen one. */
START_TEST(a_frozen_clock_does_not_stop_deadlines)
{
    int64_t before = clock_now_us();
    clock_freeze_ms(5);
    int64_t at = us_of(clock_deadline(1));
    ck_assert_int_eq(clock_now_ms(), 5);
    clock_freeze_ms(-1);
    ck_assert_int_ge(at, before + 1000);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/base/clock");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, a_deadline_is_so_far_from_now, 0, sizeof(waits_ms) / sizeof(*waits_ms));
    tcase_add_test(tcase, a_deadline_that_has_passed_is_now);
    tcase_add_test(tcase, a_frozen_clock_does_not_stop_deadlines);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
