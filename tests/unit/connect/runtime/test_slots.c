/* Tests of connect/runtime/slots.c. */
#include "connect/runtime/slots.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORKERS_MAX = 8 };

/* Which worker holds a slot when each has neighbouring ones. */
static int
holder(int slot, int slots, int workers)
{
    return slot * workers / slots;
}

START_TEST(the_step_visits_every_slot)
{
    for (int slots = 1; slots <= 100; slots++) {
        char seen[100] = "";
        for (int i = 0, at = 0; i < slots; i++, at = (at + slot_step(slots)) % slots)
            seen[at]++;
        for (int i = 0; i < slots; i++)
            ck_assert_int_eq(seen[i], 1);
    }
}
END_TEST

START_TEST(a_slot_is_in_range_and_depends_on_name_and_task_alone)
{
    int first = slot_first("orders", -1, 25);
    ck_assert_int_eq(first, slot_first("orders", -1, 25));
    ck_assert_int_eq(first, slot_first("orders", 25, 25));
    ck_assert_int_eq(slot_first("orders", 24, 25), 24);
    ck_assert_int_eq(slot_of(first, SLOT_CONNECTOR, 25), first);
    ck_assert_int_ne(slot_of(first, 0, 25), slot_of(first, 1, 25));
    for (int task = SLOT_CONNECTOR; task < 2000; task++) {
        ck_assert_int_ge(slot_of(slot_first("x", -1, 25), task, 25), 0);
        ck_assert_int_lt(slot_of(slot_first("x", -1, 25), task, 25), 25);
    }
    ck_assert_int_eq(slot_of(0, 7, 1), 0);
}
END_TEST

/* The worst difference from an even share, over many names. */
START_TEST(tasks_of_one_connector_are_spread_evenly_over_workers)
{
    static const int slot_counts[] = {25, 50, 24, 7};
    for (size_t s = 0; s < 4; s++)
        for (int workers = 2; workers <= 5; workers++)
            for (int tasks = workers; tasks <= slot_counts[s]; tasks++)
                for (int n = 0; n < 200; n++) {
                    char name[32];
                    int load[WORKERS_MAX] = {0}, most = 0;
                    snprintf(name, sizeof(name), "connector-%d", n);
                    for (int task = 0; task < tasks; task++)
                        load[holder(slot_of(slot_first(name, -1, slot_counts[s]), task, slot_counts[s]), slot_counts[s], workers)]++;
                    for (int w = 0; w < workers; w++)
                        most = load[w] > most ? load[w] : most;
                    ck_assert_msg(most <= (tasks + workers - 1) / workers + 2, "%d slots, %d workers, %d tasks: %d on one",
                                  slot_counts[s], workers, tasks, most);
                }
}
END_TEST

START_TEST(many_connectors_are_spread_evenly_over_workers)
{
    for (int workers = 2; workers <= 5; workers++) {
        int load[WORKERS_MAX] = {0};
        for (int n = 0; n < 1000; n++) {
            char name[32];
            snprintf(name, sizeof(name), "mysql-source-%d", n);
            for (int task = SLOT_CONNECTOR; task < 1; task++)
                load[holder(slot_of(slot_first(name, -1, 25), task, 25), 25, workers)]++;
        }
        for (int w = 0; w < workers; w++) {
            ck_assert_int_gt(load[w], 2000 / workers * 3 / 4);
            ck_assert_int_lt(load[w], 2000 / workers * 5 / 4);
        }
    }
}
END_TEST

/* Slots as the assignor leaves them with one, two and three workers, and after one of three has gone. */
static const char *const holdings[] = {
    "0000000000000111111111111", "1111111111110000000000000", "0000000001111111122222222",
    "2222111111112222000000000", "0000111111111111000000000", "1111111111110000000000000",
};

START_TEST(few_placed_connectors_are_shared_almost_equally)
{
    for (int count = 1; count <= 12; count++) {
        int load[25] = {0}, work[3] = {0};
        for (int n = 0; n < count; n++) {
            int first = slot_place(load, 25);
            load[first]++;
            load[slot_of(first, 0, 25)]++;
        }
        for (int slot = 0; slot < 25; slot++)
            work[holdings[_i][slot] - '0'] += load[slot];
        int workers = strchr(holdings[_i], '2') ? 3 : 2, most = 0, least = 1000;
        for (int w = 0; w < workers; w++) {
            most = work[w] > most ? work[w] : most;
            least = work[w] < least ? work[w] : least;
        }
        ck_assert_msg(most - least <= (count <= 8 ? 2 : 3), "%d connectors on %s: %d to %d", count, holdings[_i], least, most);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/runtime/slots");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, the_step_visits_every_slot);
    tcase_add_test(tcase, a_slot_is_in_range_and_depends_on_name_and_task_alone);
    tcase_add_test(tcase, tasks_of_one_connector_are_spread_evenly_over_workers);
    tcase_add_test(tcase, many_connectors_are_spread_evenly_over_workers);
    tcase_add_loop_test(tcase, few_placed_connectors_are_shared_almost_equally, 0, sizeof(holdings) / sizeof(holdings[0]));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
