/* Tests of common/http/lanes.c. */
#include "common/http/lanes.h"

#include "common/base/clock.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

static struct lanes lanes;
static struct lane_item items[8];

static void
setup(void)
{
    lanes_init(&lanes, 2);
}

static void
teardown(void)
{
    lanes_fini(&lanes);
}

static void
post(int item, bool is_narrow)
{
    ck_assert(lanes_post(&lanes, &items[item], is_narrow));
    for (int64_t now_ms = clock_now_ms(); clock_now_ms() == now_ms;) /* so that the next one is younger */
        usleep(100);
}

static int
take(void)
{
    struct lane_item *item = lanes_take(&lanes);
    return item ? (int)(item - items) : -1;
}

START_TEST(what_comes_first_is_first_in_both_lanes)
{
    post(0, true);
    post(1, false);
    post(2, true);
    post(3, false);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(take(), i);
}
END_TEST

START_TEST(the_narrow_lane_lets_so_many_through_and_is_overtaken)
{
    for (int i = 0; i < 4; i++)
        post(i, true);
    post(4, false);
    ck_assert_int_eq(take(), 0);
    ck_assert_int_eq(take(), 1);
    ck_assert_int_eq(take(), 4);
    lanes_done(&lanes, false); /* makes no room */
    lanes_done(&lanes, true);
    ck_assert_int_eq(take(), 2);
    lanes_width_set(&lanes, 3);
    ck_assert_int_eq(take(), 3);
}
END_TEST

START_TEST(who_has_waited_for_long_goes_although_it_is_full)
{
    for (int i = 0; i < 3; i++)
        post(i, true);
    int64_t began_ms = clock_now_ms();
    ck_assert_int_eq(take(), 0);
    ck_assert_int_eq(take(), 1);
    ck_assert_int_eq(take(), 2);
    ck_assert_int_ge(clock_now_ms() - began_ms, LANES_PATIENCE_MS - 20);
}
END_TEST

static void *
take_one(void *arg)
{
    (void)arg;
    return lanes_take(&lanes);
}

START_TEST(a_waiting_worker_is_woken)
{
    for (int is_narrow = 0; is_narrow < 2; is_narrow++) {
        pthread_t worker;
        void *got = NULL;
        pthread_create(&worker, NULL, take_one, NULL);
        usleep(20000);
        post(is_narrow, is_narrow);
        pthread_join(worker, &got);
        ck_assert_ptr_eq(got, &items[is_narrow]);
    }
}
END_TEST

START_TEST(closing_empties_it_and_ends_the_workers)
{
    for (int i = 0; i < 3; i++)
        post(i, true);
    lanes_close(&lanes);
    ck_assert(!lanes_post(&lanes, &items[3], false));
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(take(), i);
    ck_assert_int_eq(take(), -1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/http/lanes");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_comes_first_is_first_in_both_lanes);
    tcase_add_test(tcase, the_narrow_lane_lets_so_many_through_and_is_overtaken);
    tcase_add_test(tcase, who_has_waited_for_long_goes_although_it_is_full);
    tcase_add_test(tcase, a_waiting_worker_is_woken);
    tcase_add_test(tcase, closing_empties_it_and_ends_the_workers);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
