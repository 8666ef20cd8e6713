/* Tests of marketing-service/suggestions.c on a scripted database: what is asked and written, and in which order. */
#include "marketing-service/suggestions.h"

#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct db_column three[] = {{.name = "a", .type = DB_LONGLONG}, {.name = "b", .type = DB_LONGLONG}, {.name = "c", .type = DB_LONGLONG}, {0}};

static struct db_pool *pool;
static void *state;
static struct error err;
static bool has_more;

static void
setup(void)
{
    db_script_reset();
    err = ERROR_INIT;
    pool = db_pool_new(&(struct db_params){.host = "h", .user = "u", .password = "p", .database = "d"}, 1);
    state = calloc(1, suggestions_task.state_size);
}

static void
teardown(void)
{
    db_pool_free(pool);
    free(state);
}

/* The answer to questions like this one, `times` times (0: always): a row of up to three numbers, or none. */
static void
answers(const char *match, unsigned times, const char *numbers)
{
    static char texts[32][64];
    static const char *rows[32][3];
    static size_t used;
    size_t width = 0;
    char *rest = texts[used];
    snprintf(rest, sizeof(texts[used]), "%s", numbers ? numbers : "");
    for (char *number; width < 3 && (number = strtok_r(rest, " ", &rest));)
        rows[used][width++] = number;
    db_script_add(&(struct db_script_rule){.match = match, .times = times, .columns = &three[width ? 3 - width : 0], .rows = rows[used++],
                                           .row_count = width > 0});
}

static void
affects(const char *match, uint64_t rows)
{
    db_script_add(&(struct db_script_rule){.match = match, .affected = rows});
}

static void
step(void)
{
    ck_assert_msg(suggestions_task.step(state, pool, &has_more, &err), "%s", err.message);
}

/* A table of orders up to `newest`; `part`: what is found when new ones are looked for. Nothing else is left. */
static void
orders(const char *newest, const char *part)
{
    answers("MAX(id), 0) FROM SYNC_ORDER_TABLE", 0, newest);
    answers("ORDER BY id DESC LIMIT ?) AS newest", 0, part);
    answers("SELECT COUNT(*) FROM SYNC_ORDER_TABLE", 0, "3");
    answers("information_schema.STATISTICS", 0, "1");
    answers("WHERE upTo = 9223372036854775807", 0, "0 9223372036854775807");
    answers("WHERE upTo < 9223372036854775807 ORDER BY", 1, NULL);
    answers("SELECT productId FROM SUGGESTION_DUE", 0, NULL);
}

START_TEST(a_lab_without_orders_gets_no_tables)
{
    answers("MAX(id), 0) FROM SYNC_ORDER_TABLE", 0, "0");
    step();
    step();
    ck_assert(!has_more);
    ck_assert_uint_eq(db_script_count(), 2);
}
END_TEST

START_TEST(a_few_orders_make_what_they_concern_due)
{
    orders("25", "22 25 3");
    affects("INSERT IGNORE INTO SUGGESTION_BASIS", 2);
    step();
    ck_assert_uint_eq(db_script_count_of("CREATE TABLE"), 3);
    ck_assert_uint_eq(db_script_count_of("INSERT INTO SUGGESTION_DUE"), 2); /* of those, and of the last ids when it starts */
    ck_assert_uint_eq(db_script_count_of("UPDATE SUGGESTION_UNREAD SET behind"), 1);
    ck_assert_uint_eq(db_script_count_of("INSERT INTO SUGGESTION_UNREAD (behind, upTo) VALUES"), 0);
    ck_assert(!has_more);
}
END_TEST

/* While a step waits for the lock, another service moves the row. */
START_TEST(a_row_that_another_service_moved_is_found_by_a_second_look)
{
    answers("WHERE upTo = 9223372036854775807", 1, NULL);
    orders("25", "22 25 3");
    affects("INSERT IGNORE INTO SUGGESTION_BASIS", 2);
    step();
    ck_assert_uint_eq(db_script_count_of("UPDATE SUGGESTION_UNREAD SET behind"), 1);
}
END_TEST

START_TEST(orders_that_repeat_known_pairs_concern_nobody)
{
    orders("25", "22 25 3");
    step();
    ck_assert_uint_eq(db_script_count_of("INSERT IGNORE INTO SUGGESTION_BASIS"), 2);
    ck_assert_uint_eq(db_script_count_of("INSERT INTO SUGGESTION_DUE"), 0);
}
END_TEST

START_TEST(of_many_orders_the_rest_becomes_a_backlog_and_all_is_due_at_its_end)
{
    orders("25000", "15000 25000 10000");
    affects("INSERT IGNORE INTO SUGGESTION_BASIS", 9000);
    step();
    ck_assert_uint_eq(db_script_count_of("INSERT INTO SUGGESTION_UNREAD (behind, upTo) VALUES"), 1);
    ck_assert_uint_eq(db_script_count_of("SELECT DISTINCT productId, 1 FROM SUGGESTION_BASIS"), 0);
}
END_TEST

START_TEST(a_backlog_is_shortened_then_ended)
{
    answers("WHERE upTo < 9223372036854775807 ORDER BY", 2, "0 15000");
    answers("ORDER BY id DESC LIMIT ?) AS newest", 2, "5000 15000 10000"); /* news, backlog */
    answers("FROM SUGGESTION_UNREAD WHERE upTo < 9223372036854775807", 1, "0"); /* how many others */
    orders("15000", "0 5000 5000");
    step();
    ck_assert(has_more);
    ck_assert_uint_eq(db_script_count_of("UPDATE SUGGESTION_UNREAD SET upTo"), 1);
    step();
    ck_assert_uint_eq(db_script_count_of("DELETE FROM SUGGESTION_UNREAD WHERE behind"), 1);
    ck_assert_uint_eq(db_script_count_of("SELECT DISTINCT productId, 1 FROM SUGGESTION_BASIS"), 1);
}
END_TEST

START_TEST(a_step_without_news_asks_two_questions_and_a_late_order_is_news)
{
    answers("SELECT COUNT(*) FROM SYNC_ORDER_TABLE", 3, "3"); /* next, last, looked at again */
    answers("SELECT COUNT(*) FROM SYNC_ORDER_TABLE", 0, "4"); /* one came late */
    orders("25", "22 25 3");
    step();
    size_t before = db_script_count(), pairs = db_script_count_of("INSERT IGNORE INTO SUGGESTION_BASIS");
    step();
    ck_assert_uint_eq(db_script_count(), before + 2);
    step();
    ck_assert_uint_gt(db_script_count_of("INSERT IGNORE INTO SUGGESTION_BASIS"), pairs);
}
END_TEST

START_TEST(a_failure_is_rolled_back_and_the_next_step_begins_anew)
{
    orders("25", "22 25 3");
    db_script_add(&(struct db_script_rule){.match = "UPDATE SUGGESTION_UNREAD SET behind", .times = 1, .fails = 1146, .sqlstate = "42S02", .message = "no table"});
    ck_assert(!suggestions_task.step(state, pool, &has_more, &err));
    ck_assert_str_eq(err.message, "suggestions: no table");
    ck_assert_uint_eq(db_script_count_of("COMMIT"), db_script_count_of("READ COMMITTED"));
    ck_assert_uint_ge(db_script_count_of("ROLLBACK"), 1);
    step();
    ck_assert_uint_eq(db_script_count_of("CREATE TABLE"), 6);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("marketing-service/suggestions");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_lab_without_orders_gets_no_tables);
    tcase_add_test(tcase, a_few_orders_make_what_they_concern_due);
    tcase_add_test(tcase, a_row_that_another_service_moved_is_found_by_a_second_look);
    tcase_add_test(tcase, orders_that_repeat_known_pairs_concern_nobody);
    tcase_add_test(tcase, of_many_orders_the_rest_becomes_a_backlog_and_all_is_due_at_its_end);
    tcase_add_test(tcase, a_backlog_is_shortened_then_ended);
    tcase_add_test(tcase, a_step_without_news_asks_two_questions_and_a_late_order_is_news);
    tcase_add_test(tcase, a_failure_is_rolled_back_and_the_next_step_begins_anew);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
