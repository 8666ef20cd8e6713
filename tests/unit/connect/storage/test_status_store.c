/* The memory form, and over Kafka what happens when its client takes no more for a while. */
#include "connect/storage/status_store.h"

#include "common/base/clock.h"
#include "tests/fakes/kafka_mock.h"

#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

enum { MANY = 300, TRACE_SIZE = 100000 }; /* more than the 16 MiB that the producer queues */

static void
put_many(struct status_store *store, const char *trace)
{
    char name[16];
    for (int i = 0; i < MANY; i++) {
        struct status status = {.task = 0, .state = STATUS_FAILED, .trace = (char *)(uintptr_t)trace, .version = (char[]){"1"}};
        snprintf(name, sizeof(name), "c%d", i);
        status_store_put(store, name, &status, false);
        status_store_topic_used(store, name, 0, "t");
    }
}

/* Records ever written; the mock cluster drops old ones. */
static int64_t
written(struct kafka_mock *mock)
{
    int64_t low = 0, high = 0;
    rd_kafka_query_watermark_offsets(mock->client, "statuses", 0, &low, &high, 5000);
    return high;
}

START_TEST(what_the_full_queue_of_the_client_refuses_is_written_later)
{
    struct kafka_mock mock;
    struct error err = ERROR_INIT;
    atomic_bool stop = false;
    char *trace = malloc(TRACE_SIZE + 1);
    memset(trace, 'x', TRACE_SIZE);
    trace[TRACE_SIZE] = '\0';
    kafka_mock_start(&mock);
    kafka_mock_topic(&mock, "statuses", 1);
    struct worker_config over_kafka = {.worker_id = worker.worker_id, .status_storage_topic = (char[]){"statuses"}};
    struct kafka_log *log = kafka_log_new(&mock.settings, "test", false, &err);
    struct status_store *store = status_store_kafka_new(log, &over_kafka);
    ck_assert_msg(kafka_log_start(log, &stop, &err), "%s", err.message);
    rd_kafka_mock_broker_set_down(mock.cluster, 1);
    put_many(store, trace);
    struct status status;
    ck_assert(status_store_get(store, "c299", 0, &status) && status.state == STATUS_FAILED);
    status_fini(&status);
    rd_kafka_mock_broker_set_up(mock.cluster, 1);
    int64_t deadline_ms = clock_now_ms() + 60000;
    while (written(&mock) < 2 * MANY && clock_now_ms() < deadline_ms)
        usleep(20000);
    ck_assert_int_ge(written(&mock), 2 * MANY);
    kafka_log_close(log);
    status_store_close(store);
    kafka_mock_stop(&mock);
    free(trace);
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
    TCase *kafka = tcase_create("kafka");
    tcase_set_timeout(kafka, 120);
    tcase_add_test(kafka, what_the_full_queue_of_the_client_refuses_is_written_later);
    suite_add_tcase(suite, kafka);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
