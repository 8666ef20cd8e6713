/* Tests of connect/connectors/jdbc/gaps.c. */
#include "connect/connectors/jdbc/gaps.h"

#include <check.h>
#include <stdlib.h>

static struct gaps gaps;
static struct strbuf text;

static void
setup(void)
{
    gaps = GAPS_INIT;
    text = STRBUF_INIT;
}

static void
teardown(void)
{
    gaps_fini(&gaps);
    strbuf_fini(&text);
}

/* The gaps as offsets say them, up to an id. */
static const char *
written(int64_t last)
{
    struct offset_state *state = gaps_state(&gaps);
    strbuf_reset(&text);
    strbuf_puts(&text, "");
    gaps_state_write(state, last, &text);
    offset_state_unref(state);
    return text.data;
}

static void
observe(uint64_t oldest, uint64_t newest, int64_t now_ms)
{
    gaps_observe(&gaps, &(struct writers){.oldest = oldest, .newest = newest, .asked_ms = now_ms, .is_now = true});
}

START_TEST(a_row_in_the_middle_of_a_gap_splits_it)
{
    gaps_add(&gaps, 3, 9, 0);
    gaps_remove(&gaps, 5);
    ck_assert_str_eq(written(INT64_MAX), "[[3,4],[6,9]]");
    gaps_remove(&gaps, 3);
    gaps_remove(&gaps, 9);
    ck_assert_str_eq(written(INT64_MAX), "[[4,4],[6,8]]");
    gaps_remove(&gaps, 4);
    gaps_remove(&gaps, 5);
    gaps_remove(&gaps, 100);
    ck_assert_str_eq(written(INT64_MAX), "[[6,8]]");
}
END_TEST

START_TEST(gaps_stay_in_order_when_a_query_goes_back_in_its_ids)
{
    gaps_add(&gaps, 13, 14, 0);
    gaps_add(&gaps, 3, 10, 0);
    gaps_add(&gaps, 12, 20, 0);
    ck_assert_str_eq(written(99), "[[13,14],[15,20]]");
}
END_TEST

START_TEST(behind_the_largest_id_there_is_no_gap)
{
    gaps_set_horizon(&gaps, INT64_MAX, 0);
    observe(0, 0, 0);
    gaps_settle(&gaps);
    gaps_add(&gaps, 0, 5, 0);
    ck_assert_uint_eq(gaps.count, 0);
}
END_TEST

START_TEST(an_offset_names_only_gaps_below_its_id)
{
    gaps_add(&gaps, 3, 4, 0);
    gaps_add(&gaps, 7, 9, 0);
    ck_assert_str_eq(written(2), "");
    ck_assert_str_eq(written(5), "[[3,4]]");
    ck_assert_str_eq(written(8), "[[3,4],[7,8]]");
}
END_TEST

START_TEST(without_gaps_an_offset_has_no_state)
{
    ck_assert_ptr_null(gaps_state(&gaps));
}
END_TEST

START_TEST(a_gap_is_over_when_nobody_writes)
{
    gaps_add(&gaps, 3, 4, 0);
    observe(0, 0, 0);
    ck_assert_uint_eq(gaps_drop(&gaps), 2);
    ck_assert(!gaps_is_waiting(&gaps));
}
END_TEST

START_TEST(a_gap_stays_while_a_transaction_of_its_time_is_open)
{
    gaps_add(&gaps, 3, 4, 0);
    observe(10, 12, 0);
    ck_assert_uint_eq(gaps_drop(&gaps), 0);
    observe(12, 20, 1000000); /* 10 has ended, 12 has not */
    ck_assert_uint_eq(gaps_drop(&gaps), 0);
    observe(13, 20, 1000001); /* only later ones are open */
    ck_assert_uint_eq(gaps_drop(&gaps), 2);
}
END_TEST

START_TEST(a_later_gap_waits_for_later_transactions)
{
    gaps_add(&gaps, 3, 3, 0);
    observe(10, 10, 0);
    gaps_add(&gaps, 7, 7, 5);
    observe(10, 15, 5);
    observe(11, 20, 6);
    gaps_drop(&gaps);
    ck_assert_str_eq(written(INT64_MAX), "[[7,7]]");
    observe(16, 20, 7);
    gaps_drop(&gaps);
    ck_assert(!gaps_is_waiting(&gaps));
}
END_TEST

START_TEST(a_statement_that_has_only_begun_gets_time_to_show_its_transaction)
{
    struct writers writers = {.has_beginners = true, .asked_ms = 1000 + GAPS_GRACE_MS - 1, .is_now = true};
    gaps_add(&gaps, 3, 3, 1000);
    gaps_observe(&gaps, &writers);
    ck_assert_uint_eq(gaps_drop(&gaps), 0);
    gaps_observe(&gaps, &(struct writers){.oldest = 7, .newest = 7, .has_beginners = true, .asked_ms = 1000 + GAPS_GRACE_MS});
    ck_assert_uint_eq(gaps_drop(&gaps), 0); /* it is number 7 */
    writers.asked_ms = 1000 + GAPS_GRACE_MS + 1;
    gaps_observe(&gaps, &writers);
    ck_assert_uint_eq(gaps_drop(&gaps), 1);
}
END_TEST

START_TEST(an_answer_from_before_a_gap_says_nothing_of_it)
{
    gaps_add(&gaps, 3, 3, 1000);
    gaps_observe(&gaps, &(struct writers){.asked_ms = 1000}); /* in the same millisecond, but before */
    ck_assert_uint_eq(gaps_drop(&gaps), 0);
    gaps_observe(&gaps, &(struct writers){.asked_ms = 1001});
    ck_assert_uint_eq(gaps_drop(&gaps), 1);
    gaps_add(&gaps, 5, 5, 2000);
    observe(0, 0, 2000);
    ck_assert_uint_eq(gaps_drop(&gaps), 1);
}
END_TEST

START_TEST(another_server_has_other_numbers)
{
    gaps_add(&gaps, 3, 3, 0);
    observe(10, 12, 0);
    gaps_watch_anew(&gaps);
    observe(500, 500, 1); /* whoever was open on the old server may be this one */
    ck_assert_uint_eq(gaps_drop(&gaps), 0);
    observe(501, 501, 2);
    ck_assert_uint_eq(gaps_drop(&gaps), 1);
}
END_TEST

START_TEST(without_sight_of_transactions_a_gap_ends_by_time)
{
    gaps_add(&gaps, 3, 3, 1000);
    gaps_add(&gaps, 5, 5, 1500);
    gaps_expire(&gaps, 2000, 1000);
    gaps_drop(&gaps);
    ck_assert_str_eq(written(INT64_MAX), "[[5,5]]");
}
END_TEST

START_TEST(holes_of_the_past_are_not_collected)
{
    gaps_set_horizon(&gaps, 100, 0);
    observe(0, 0, 0);
    gaps_settle(&gaps);
    gaps_add(&gaps, 3, 90, 0);
    ck_assert(!gaps_is_waiting(&gaps));
    gaps_add(&gaps, 95, 105, 0); /* what lies behind the horizon is */
    ck_assert_str_eq(written(INT64_MAX), "[[101,105]]");
}
END_TEST

START_TEST(holes_of_the_past_are_collected_while_somebody_writes)
{
    gaps_set_horizon(&gaps, 100, 0);
    observe(5, 5, 0);
    gaps_settle(&gaps);
    gaps_add(&gaps, 3, 4, 0);
    ck_assert_str_eq(written(INT64_MAX), "[[3,4]]");
    observe(6, 9, 1);
    gaps_drop(&gaps);
    gaps_add(&gaps, 30, 40, 2);
    ck_assert_str_eq(written(INT64_MAX), "[[3,4]]"); /* seen after 5: it waits for 9, the horizon did not */
}
END_TEST

START_TEST(the_place_among_the_gaps_is_found_by_id)
{
    gaps_add(&gaps, 3, 4, 0);
    gaps_add(&gaps, 7, 9, 0);
    ck_assert_uint_eq(gaps_find_behind(&gaps, -1), 0);
    ck_assert_uint_eq(gaps_find_behind(&gaps, 4), 1);
    ck_assert_uint_eq(gaps_find_behind(&gaps, 7), 2);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/gaps");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_row_in_the_middle_of_a_gap_splits_it);
    tcase_add_test(tcase, gaps_stay_in_order_when_a_query_goes_back_in_its_ids);
    tcase_add_test(tcase, behind_the_largest_id_there_is_no_gap);
    tcase_add_test(tcase, an_offset_names_only_gaps_below_its_id);
    tcase_add_test(tcase, without_gaps_an_offset_has_no_state);
    tcase_add_test(tcase, a_gap_is_over_when_nobody_writes);
    tcase_add_test(tcase, a_gap_stays_while_a_transaction_of_its_time_is_open);
    tcase_add_test(tcase, a_later_gap_waits_for_later_transactions);
    tcase_add_test(tcase, a_statement_that_has_only_begun_gets_time_to_show_its_transaction);
    tcase_add_test(tcase, an_answer_from_before_a_gap_says_nothing_of_it);
    tcase_add_test(tcase, another_server_has_other_numbers);
    tcase_add_test(tcase, without_sight_of_transactions_a_gap_ends_by_time);
    tcase_add_test(tcase, holes_of_the_past_are_not_collected);
    tcase_add_test(tcase, holes_of_the_past_are_collected_while_somebody_writes);
    tcase_add_test(tcase, the_place_among_the_gaps_is_found_by_id);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
