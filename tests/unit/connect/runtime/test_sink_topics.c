/* Tests of connect/runtime/sink_topics.c. */
#include "connect/runtime/sink_topics.h"

#include <check.h>
#include <stdlib.h>

static struct config cfg;
static struct sink_topics topics;
static struct error err;

static void
setup(void)
{
    cfg = CONFIG_INIT;
    topics = (struct sink_topics){.regex = NULL};
}

static void
teardown(void)
{
    sink_topics_fini(&topics);
    config_fini(&cfg);
}

START_TEST(a_list_is_taken_as_it_is)
{
    config_set(&cfg, "topics", " b, a ");
    ck_assert(sink_topics_init(&topics, &cfg, &err));
    ck_assert_ptr_null(topics.regex);
    ck_assert_uint_eq(topics.names.count, 2);
    ck_assert_str_eq(topics.names.items[0], "b");
}
END_TEST

START_TEST(an_expression_is_javas_and_matches_the_whole_name)
{
    static const char *const existing[] = {"orders-2", "orders-x", "orders-17", "my-orders-1", "orders-13", "__consumer_offsets"};
    config_set(&cfg, "topics.regex", "(?i)ORDERS-(?!13)\\d+");
    ck_assert(sink_topics_init(&topics, &cfg, &err));
    ck_assert(sink_topics_match(&topics, existing, 6));
    ck_assert_uint_eq(topics.names.count, 2);
    ck_assert_str_eq(topics.names.items[0], "orders-17");
    ck_assert_str_eq(topics.names.items[1], "orders-2");
}
END_TEST

START_TEST(only_a_change_is_a_change)
{
    static const char *const before[] = {"a", "b"}, *const other_order[] = {"b", "a"}, *const after[] = {"a", "b", "c"};
    config_set(&cfg, "topics.regex", ".*");
    ck_assert(sink_topics_init(&topics, &cfg, &err));
    ck_assert(!sink_topics_match(&topics, NULL, 0));
    ck_assert(sink_topics_match(&topics, before, 2));
    ck_assert(!sink_topics_match(&topics, other_order, 2));
    ck_assert(sink_topics_match(&topics, after, 3));
    ck_assert(sink_topics_match(&topics, before, 1));
    ck_assert_uint_eq(topics.names.count, 1);
}
END_TEST

START_TEST(topics_of_kafka_itself_never_match)
{
    static const char *const existing[] = {"__consumer_offsets", "__transaction_state", "__share_group_state", "__mine"};
    config_set(&cfg, "topics.regex", ".*");
    ck_assert(sink_topics_init(&topics, &cfg, &err));
    ck_assert(sink_topics_match(&topics, existing, 4));
    ck_assert_uint_eq(topics.names.count, 1);
    ck_assert_str_eq(topics.names.items[0], "__mine");
}
END_TEST

START_TEST(a_wrong_expression_is_refused)
{
    config_set(&cfg, "topics.regex", "(");
    ck_assert(!sink_topics_init(&topics, &cfg, &err));
    ck_assert_int_eq(err.code, ERROR_CONFIG);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/runtime/sink_topics");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_list_is_taken_as_it_is);
    tcase_add_test(tcase, an_expression_is_javas_and_matches_the_whole_name);
    tcase_add_test(tcase, only_a_change_is_a_change);
    tcase_add_test(tcase, topics_of_kafka_itself_never_match);
    tcase_add_test(tcase, a_wrong_expression_is_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
