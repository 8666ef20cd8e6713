/* The memory form, and over Kafka what happens when its client takes no more for a while. */
#include "connect/storage/status_store.h"

#include "common/base/clock.h"
#include "connect/storage/store_priv.h"
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

/* A store whose broker does not answer, with more to write than the client's queue takes: c299 waits. */
struct full {
    struct kafka_mock mock;
    struct worker_config worker;
    struct kafka_log *log;
    struct status_store *store;
    atomic_bool stop;
};

static void
full_open(struct full *full)
{
    struct error err = ERROR_INIT;
    char *trace = malloc(TRACE_SIZE + 1);
    memset(trace, 'x', TRACE_SIZE);
    trace[TRACE_SIZE] = '\0';
    kafka_mock_start(&full->mock);
    kafka_mock_topic(&full->mock, "statuses", 1);
    full->stop = false;
    full->worker = (struct worker_config){.worker_id = worker.worker_id, .status_storage_topic = (char[]){"statuses"}};
    full->log = kafka_log_new(&full->mock.settings, "test", false, &err);
    full->store = status_store_kafka_new(full->log, &full->worker);
    ck_assert_msg(kafka_log_start(full->log, &full->stop, &err), "%s", err.message);
    rd_kafka_mock_broker_set_down(full->mock.cluster, 1);
    put_many(full->store, trace);
    free(trace);
}

static void
full_close(struct full *full)
{
    kafka_log_close(full->log);
    status_store_close(full->store);
    kafka_mock_stop(&full->mock);
}

static bool
has_failed(struct status_store *store, const char *connector)
{
    struct status status = {0};
    bool has = status_store_get(store, connector, 0, &status) && status.state == STATUS_FAILED;
    status_fini(&status);
    return has;
}

START_TEST(what_the_full_queue_of_the_client_refuses_is_written_later)
{
    struct full full;
    full_open(&full);
    ck_assert(has_failed(full.store, "c299"));
    rd_kafka_mock_broker_set_up(full.mock.cluster, 1);
    int64_t deadline_ms = clock_now_ms() + 60000;
    while (written(&full.mock) < 2 * MANY && clock_now_ms() < deadline_ms)
        usleep(20000);
    ck_assert_int_ge(written(&full.mock), 2 * MANY);
    full_close(&full);
}
END_TEST

START_TEST(a_state_that_waits_is_not_replaced_by_what_is_read_meanwhile)
{
    static const char *const values[] = {NULL, "{\"state\":\"RUNNING\",\"worker_id\":\"w:1\",\"generation\":1,\"version\":null}"};
    struct kafka_log_record record = {.key = "status-task-c299-0", .key_len = strlen("status-task-c299-0")};
    struct full full;
    full_open(&full);
    for (size_t i = 0; i < 4; i++) {
        record.value = values[i % 2];
        record.value_len = record.value ? strlen(record.value) : 0;
        status_store_read(full.store, &record);
        ck_assert_msg(has_failed(full.store, "c299"), "after %zu", i);
    }
    full_close(&full);
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
    tcase_add_test(kafka, a_state_that_waits_is_not_replaced_by_what_is_read_meanwhile);
    suite_add_tcase(suite, kafka);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
