/* How many readers a service lets at the database. */
#include "common/resource/service_priv.h"

#include <check.h>
#include <stdlib.h>

static const struct {
    int64_t workers, readers, processors, round_trip_us;
    unsigned wanted;
} cases[] = {
    {64, 0, 2, 0, 4},       /* twice the processors when the server is here */
    {64, 0, 2, 250, 8},     /* half of each question's time is the way: twice as many */
    {64, 0, 2, 1000, 20},   {64, 0, 8, 125, 24},
    {16, 0, 2, 1000, 16},   /* no more than there are workers */
    {64, 0, 2, 5000000, 64}, {64, 3, 2, 1000, 3}, /* a setting is a setting */
    {16, 40, 2, 0, 16},     {64, 1, 32, 0, 1},    {1, 0, 2, 0, 1},
};

START_TEST(readers_follow_the_processors_and_the_way_to_the_database)
{
    struct settings settings = {.workers = cases[_i].workers, .readers = cases[_i].readers};
    ck_assert_uint_eq(service_readers(&settings, cases[_i].processors, cases[_i].round_trip_us), cases[_i].wanted);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/resource/service");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, readers_follow_the_processors_and_the_way_to_the_database, 0, sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
