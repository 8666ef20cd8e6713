/* Tests of common/http/lanes.c. */
#include "common/http/lanes.h"

#include "common/base/clock.h"

#include <check.h>
#include <stdlib.h>
#include <time.h>
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
    clock_freeze_ms(-1);
    lanes_fini(&lanes);
}

static void
post(int item, bool is_narrow)
{
    ck_assert(lanes_post(&lanes, &items[item], is_narrow));
}

/* One after the other, however busy the machine is: the clock stands still in between. */
static void
post_in_order(int item, bool is_narrow)
{
    clock_freeze_ms(1000 + item);
    post(item, is_narrow);
}

static int
take(void)
{
    struct lane_item *item = lanes_take(&lanes);
    return item ? (int)(item - items) : -1;
}

START_TEST(what_comes_first_is_first_in_both_lanes)
{
    post_in_order(0, true);
    post_in_order(1, false);
    post_in_order(2, true);
    post_in_order(3, false);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(take(), i);
}
END_TEST

START_TEST(the_narrow_lane_lets_so_many_through_and_is_overtaken)
{
    for (int i = 0; i < 4; i++)
        post_in_order(i, true);
    post_in_order(4, false);
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

/* Somebody always looks at the clock, also behind the one who has just left with what waited longest. */
START_TEST(all_who_wait_for_long_go_one_after_the_other)
{
    pthread_t workers[3];
    lanes_width_set(&lanes, 1);
    post(0, true);
    ck_assert_int_eq(take(), 0); /* and is never done */
    for (int i = 0; i < 3; i++)
        pthread_create(&workers[i], NULL, take_one, NULL);
    usleep(50000); /* they wait by now, with nothing to look at the clock for; if not, the test proves less and holds all the same */
    for (int i = 1; i <= 3; i++) {
        post(i, true);
        usleep(5000); /* so that the next one's time comes later */
    }
    for (int i = 0; i < 3; i++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 20;
        ck_assert_int_eq(pthread_timedjoin_np(workers[i], NULL, &until), 0);
    }
}
END_TEST

START_TEST(closing_empties_it_and_ends_the_workers)
{
    for (int i = 0; i < 3; i++)
        post_in_order(i, true);
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
    tcase_add_test(tcase, all_who_wait_for_long_go_one_after_the_other);
    tcase_add_test(tcase, closing_empties_it_and_ends_the_workers);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
