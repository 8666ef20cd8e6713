/* The memory form; what the topic adds is tested with the stores over Kafka. */
#include "connect/storage/status_store.h"

#include <check.h>
#include <stdlib.h>

static struct worker_config worker = {.worker_id = (char[]){"w:1"}};

static void
put(struct status_store *store, const char *connector, int task, enum status_state state, int generation, bool safe)
{
    struct status status = {.task = task, .state = state, .generation = generation, .version = (char[]){"1"}};
    status_store_put(store, connector, &status, safe);
}

START_TEST(a_state_is_seen_at_once_with_the_workers_id)
{
    struct status_store *store = status_store_memory_new(&worker);
    struct status status;
    ck_assert(!status_store_get(store, "c", 0, &status));
    put(store, "c", 0, STATUS_RUNNING, 1, false);
    ck_assert(status_store_get(store, "c", 0, &status));
    ck_assert_int_eq(status.state, STATUS_RUNNING);
    ck_assert_str_eq(status.worker_id, "w:1");
    status_fini(&status);
    status_store_close(store);
}
END_TEST

START_TEST(the_connector_comes_first_and_tasks_by_number)
{
    struct status_store *store = status_store_memory_new(&worker);
    struct status_list list;
    put(store, "c", 10, STATUS_RUNNING, 1, false);
    put(store, "c", 2, STATUS_RUNNING, 1, false);
    put(store, "c", STATUS_CONNECTOR, STATUS_RUNNING, 1, false);
    put(store, "c", 5, STATUS_RUNNING, 1, false);
    put(store, "c", 5, STATUS_DESTROYED, 1, false);
    status_store_list(store, "c", &list);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_int_eq(list.items[0].task, STATUS_CONNECTOR);
    ck_assert_int_eq(list.items[1].task, 2);
    ck_assert_int_eq(list.items[2].task, 10);
    status_list_fini(&list);
    status_store_close(store);
}
END_TEST

START_TEST(connectors_are_listed_by_name_while_they_have_a_state)
{
    static const char *const names[] = {"m", "a", "z", "b"};
    struct status_store *store = status_store_memory_new(&worker);
    struct string_list list = STRING_LIST_INIT;
    for (int i = 0; i < 4; i++)
        put(store, names[i], STATUS_CONNECTOR, STATUS_RUNNING, 1, false);
    put(store, "m", STATUS_CONNECTOR, STATUS_DESTROYED, 1, false);
    status_store_connectors(store, &list);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_str_eq(list.items[0], "a");
    ck_assert_str_eq(list.items[1], "b");
    ck_assert_str_eq(list.items[2], "z");
    string_list_fini(&list);
    status_store_close(store);
}
END_TEST

START_TEST(topics_are_listed_once_and_forgotten_by_a_reset)
{
    struct status_store *store = status_store_memory_new(&worker);
    struct string_list list = STRING_LIST_INIT;
    status_store_topic_used(store, "c", 0, "t1");
    status_store_topic_used(store, "c", 1, "t1");
    status_store_topic_used(store, "c", 0, "t2");
    status_store_topics(store, "c", &list);
    ck_assert_uint_eq(list.count, 2);
    string_list_fini(&list);
    status_store_topics_reset(store, "c");
    status_store_topic_used(store, "c", 0, "t2");
    status_store_topics(store, "c", &list);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(list.items[0], "t2");
    string_list_fini(&list);
    status_store_close(store);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("status store");
    TCase *tc = tcase_create("memory");
    tcase_add_test(tc, a_state_is_seen_at_once_with_the_workers_id);
    tcase_add_test(tc, the_connector_comes_first_and_tasks_by_number);
    tcase_add_test(tc, connectors_are_listed_by_name_while_they_have_a_state);
    tcase_add_test(tc, topics_are_listed_once_and_forgotten_by_a_reset);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
