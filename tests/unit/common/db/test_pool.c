/* Tests of common/db/pool.c on a scripted database. */
#include "common/db/pool.h"

#include "common/base/clock.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct db_pool *pool;
static struct error err;

static void
setup(void)
{
    db_script_reset();
    err = ERROR_INIT;
    pool = db_pool_new(&(struct db_params){.host = "h", .user = "u", .password = "p", .database = "d"}, 2);
}

static void
teardown(void)
{
    db_pool_free(pool);
    ck_assert_uint_eq(db_script_open(), 0);
}

static struct db_lease *
take(void)
{
    struct db_lease *lease = db_pool_take(pool, 5000, &err);
    ck_assert_msg(lease, "%s", err.message);
    return lease;
}

START_TEST(it_connects_when_it_has_to_and_uses_connections_again)
{
    ck_assert_uint_eq(db_script_connects(), 0);
    struct db_lease *first = take();
    db_pool_give(first, NULL);
    struct db_lease *again = take();
    ck_assert_ptr_eq(first, again);
    ck_assert_uint_eq(db_script_connects(), 1);
    ck_assert_str_eq(db_script_params()->database, "d");
    db_pool_give(again, NULL);
}
END_TEST

START_TEST(it_is_bounded_and_waits_no_longer_than_it_may)
{
    struct db_lease *one = take(), *two = take();
    int64_t began_ms = clock_now_ms();
    ck_assert_ptr_null(db_pool_take(pool, 60, &err));
    ck_assert_int_ge(clock_now_ms() - began_ms, 60);
    ck_assert_int_eq(err.code, ERROR_TIMEOUT);
    ck_assert_str_eq(err.message, "all 2 database connections are busy");
    ck_assert_uint_eq(db_script_connects(), 2);
    struct db_pool_stats stats = db_pool_stats(pool);
    ck_assert(stats.size == 2 && stats.open == 2 && stats.leased == 2 && stats.waiting == 0);
    db_pool_give(one, NULL);
    db_pool_give(two, NULL);
    ck_assert_uint_eq(db_pool_stats(pool).leased, 0);
}
END_TEST

static void *
take_and_give(void *arg)
{
    (void)arg;
    struct error failure;
    struct db_lease *lease = db_pool_take(pool, 10000, &failure);
    db_pool_give(lease, NULL);
    return lease;
}

START_TEST(who_waits_gets_what_another_thread_gives_back)
{
    struct db_lease *one = take(), *two = take();
    pthread_t waiter;
    void *got = NULL;
    pthread_create(&waiter, NULL, take_and_give, NULL);
    while (db_pool_stats(pool).waiting == 0)
        usleep(1000);
    db_pool_give(two, NULL);
    pthread_join(waiter, &got);
    ck_assert_ptr_eq(got, two);
    db_pool_give(one, NULL);
}
END_TEST

START_TEST(a_connection_that_the_server_has_closed_is_replaced_before_use)
{
    struct db_lease *lease = take();
    ck_assert_ptr_nonnull(db_lease_stmt(lease, "UPDATE t SET a = ?", &err));
    db_kill(db_lease_db(lease)); /* a restart of the server while nobody uses it */
    db_pool_give(lease, NULL);
    lease = take();
    ck_assert_uint_eq(db_script_connects(), 2);
    ck_assert_uint_eq(db_script_open(), 1);
    ck_assert(db_is_open(db_lease_db(lease)));
    ck_assert_ptr_nonnull(db_lease_stmt(lease, "UPDATE t SET a = ?", &err)); /* prepared anew */
    ck_assert_uint_eq(db_pool_stats(pool).open, 1);
    db_pool_give(lease, NULL);
}
END_TEST

static const struct {
    enum error_code outcome;
    bool is_kept;
} outcomes[] = {{ERROR_NONE, true},         {ERROR_DATA, true},       {ERROR_INTERNAL, true},
                {ERROR_UNAVAILABLE, false}, {ERROR_UNCERTAIN, false}, {ERROR_TIMEOUT, false}};

START_TEST(errors_of_the_connection_close_it_and_others_do_not)
{
    struct db_lease *lease = take();
    struct error outcome = {.code = outcomes[_i].outcome};
    db_pool_give(lease, &outcome);
    ck_assert_uint_eq(db_script_open(), outcomes[_i].is_kept);
    ck_assert_uint_eq(db_pool_stats(pool).open, outcomes[_i].is_kept);
    db_pool_give(take(), NULL);
    ck_assert_uint_eq(db_script_connects(), outcomes[_i].is_kept ? 1 : 2);
}
END_TEST

START_TEST(while_the_server_is_away_all_get_the_error_at_once_and_it_comes_back)
{
    db_script_refuse(1, 2003, "HY000", "Can't connect to MySQL server");
    ck_assert_ptr_null(db_pool_take(pool, 5000, &err));
    ck_assert_int_eq(err.code, ERROR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.message, "Can't connect"));
    int64_t began_ms = clock_now_ms();
    for (int i = 0; i < 100; i++) {
        err = ERROR_INIT;
        ck_assert_ptr_null(db_pool_take(pool, 5000, &err));
        ck_assert_int_eq(err.code, ERROR_UNAVAILABLE);
    }
    if (clock_now_ms() - began_ms < 400) /* else the machine is too busy to tell */
        ck_assert_uint_eq(db_pool_stats(pool).failures, 1);
    struct db_lease *lease;
    while (!(lease = db_pool_take(pool, 5000, &err)))
        usleep(10000);
    ck_assert_uint_eq(db_pool_stats(pool).connects, 1);
    db_pool_give(lease, NULL);
}
END_TEST

START_TEST(a_statement_is_prepared_once_and_their_number_is_bounded)
{
    struct db_lease *lease = take();
    struct db_stmt *first = db_lease_stmt(lease, "DELETE FROM t WHERE id = 0", &err);
    ck_assert_ptr_eq(db_lease_stmt(lease, "DELETE FROM t WHERE id = 0", &err), first);
    char sql[64];
    for (int i = 1; i <= 200; i++) {
        snprintf(sql, sizeof(sql), "DELETE FROM t WHERE id = %d", i);
        ck_assert_ptr_nonnull(db_lease_stmt(lease, sql, &err));
    }
    struct db_stmt *last = db_lease_stmt(lease, sql, &err);
    ck_assert_ptr_eq(db_lease_stmt(lease, sql, &err), last);
    db_pool_give(lease, NULL);
}
END_TEST

START_TEST(the_fastest_way_to_the_server_is_kept)
{
    static const struct error cut = {.code = ERROR_UNAVAILABLE}; /* so that the next one is a new connection */
    static const int64_t pings_ms[] = {3, 1, 5}, fastest_us[] = {3000, 1000, 1000};
    ck_assert_int_eq(db_pool_stats(pool).round_trip_us, 0);
    clock_freeze_ms(clock_now_ms());
    for (size_t i = 0; i < 3; i++) {
        db_script_ping_ms(pings_ms[i]);
        db_pool_give(take(), &cut);
        ck_assert_int_eq(db_pool_stats(pool).round_trip_us, fastest_us[i]);
    }
    clock_freeze_ms(-1);
}
END_TEST

START_TEST(a_connection_is_asked_after_a_long_rest_only)
{
    static const int64_t rests_ms[] = {29000, 31000};
    int64_t now_ms = clock_now_ms();
    db_script_ping_ms(7); /* turns the clock on, which shows that it was asked */
    for (size_t i = 0; i < 2; i++) {
        clock_freeze_ms(now_ms);
        db_pool_give(take(), NULL);
        clock_freeze_ms(now_ms = clock_now_ms() + rests_ms[i]);
        db_pool_give(take(), NULL);
        ck_assert_int_eq(clock_now_ms() - now_ms, rests_ms[i] < 30000 ? 0 : 7);
    }
    clock_freeze_ms(-1);
    ck_assert_uint_eq(db_script_connects(), 1);
}
END_TEST

START_TEST(the_one_used_last_is_used_next)
{
    struct db_lease *one = take(), *two = take();
    db_pool_give(one, NULL);
    db_pool_give(two, NULL);
    for (int i = 0; i < 3; i++) {
        struct db_lease *again = take();
        ck_assert_ptr_eq(again, two);
        db_pool_give(again, NULL);
    }
    db_pool_give(NULL, NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/db/pool");
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 30);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, it_connects_when_it_has_to_and_uses_connections_again);
    tcase_add_test(tcase, it_is_bounded_and_waits_no_longer_than_it_may);
    tcase_add_test(tcase, who_waits_gets_what_another_thread_gives_back);
    tcase_add_test(tcase, a_connection_that_the_server_has_closed_is_replaced_before_use);
    tcase_add_loop_test(tcase, errors_of_the_connection_close_it_and_others_do_not, 0, sizeof(outcomes) / sizeof(outcomes[0]));
    tcase_add_test(tcase, while_the_server_is_away_all_get_the_error_at_once_and_it_comes_back);
    tcase_add_test(tcase, a_statement_is_prepared_once_and_their_number_is_bounded);
    tcase_add_test(tcase, the_fastest_way_to_the_server_is_kept);
    tcase_add_test(tcase, a_connection_is_asked_after_a_long_rest_only);
    tcase_add_test(tcase, the_one_used_last_is_used_next);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
