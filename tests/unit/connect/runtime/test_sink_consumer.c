/* The consumer of a sink task, on librdkafka's mock cluster: what becomes of answers to commits. */
#include "connect/runtime/sink_consumer.h"

#include "common/base/clock.h"
#include "tests/fakes/kafka_mock.h"

#include <check.h>
#include <stdlib.h>

enum { OFFSET_COMMIT = 8, SLOW_MS = 200, PATIENCE_MS = 20000 };

static struct kafka_mock mock;
static struct worker_config worker;
static struct task_env env;
static struct task task;
static struct sink_consumer consumer;
static struct error err;

static bool
opened(void *arg, const struct topic_partition *partitions, size_t count, struct error *failure)
{
    (void)arg, (void)partitions, (void)count, (void)failure;
    return true;
}

static void
closed(void *arg, const struct topic_partition *partitions, size_t count)
{
    (void)arg, (void)partitions, (void)count;
}

static void
worker_settings(void)
{
    struct config raw = CONFIG_INIT;
    config_merge(&raw, &mock.settings);
    config_set(&raw, "offset.storage.file.filename", "none");
    config_set(&raw, "key.converter", "JsonConverter");
    config_set(&raw, "value.converter", "JsonConverter");
    ck_assert_msg(worker_config_parse(&worker, &raw, false, &err), "%s", err.message);
    config_fini(&raw);
}

/* Poll until the condition holds. */
#define poll_until(condition)                                                                                                      \
    for (int64_t end_ms = clock_now_ms() + PATIENCE_MS; !(condition);) {                                                           \
        ck_assert_msg(clock_now_ms() < end_ms, "never: " #condition);                                                              \
        poll_once();                                                                                                               \
    }

static void
poll_once(void)
{
    rd_kafka_message_t *messages[10];
    size_t count = 0;
    ck_assert_msg(sink_consumer_poll(&consumer, 50, messages, 10, &count, &err), "%s", err.message);
    for (size_t i = 0; i < count; i++)
        rd_kafka_message_destroy(messages[i]);
}

static void
setup(void)
{
    static const struct sink_task_ops ops = {0};
    static const struct connector_plugin plugin = {.class_name = "X", .sink = &ops};
    static const struct sink_consumer_events events = {opened, closed, NULL};
    err = ERROR_INIT;
    kafka_mock_start(&mock);
    kafka_mock_topic(&mock, "t", 1);
    for (int i = 0; i < 3; i++)
        kafka_mock_write(&mock, "t", NULL, "v");
    worker_settings();
    env = (struct task_env){.worker = &worker, .statuses = status_store_memory_new(&worker), .metrics = metrics_new()};
    task = (struct task){.env = &env, .plugin = &plugin, .connector = (char[]){"c"}, .id = (char[]){"c-0"}};
    task.connector_config = config_new();
    task.task_config = config_new();
    config_set(task.task_config, "topics", "t");
    task.metrics = metrics_task_add(env.metrics, "c", 0, false);
    pthread_mutex_init(&task.lock, NULL);
    consumer = (struct sink_consumer){0};
    ck_assert_msg(sink_consumer_open(&consumer, &task, &events, &err), "%s", err.message);
    poll_until(consumer.partition_count == 1 && consumer.partitions[0].read == 3);
}

static void
teardown(void)
{
    sink_consumer_close(&consumer);
    pthread_mutex_destroy(&task.lock);
    config_free(task.connector_config);
    config_free(task.task_config);
    metrics_free(env.metrics);
    status_store_close(env.statuses);
    worker_config_fini(&worker);
    kafka_mock_stop(&mock);
}

static void
commit_up_to(int64_t next)
{
    consumer.partitions[0].next = next;
    sink_consumer_commit(&consumer, false);
}

static void
slow_answers(rd_kafka_resp_err_t first, rd_kafka_resp_err_t second)
{
    rd_kafka_mock_broker_push_request_error_rtts(mock.cluster, 1, OFFSET_COMMIT, 2, first, SLOW_MS, second, SLOW_MS);
}

START_TEST(an_answer_behind_a_later_commit_is_skipped)
{
    slow_answers(RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NO_ERROR);
    commit_up_to(1);
    commit_up_to(2);
    ck_assert_int_eq(task.metrics->commit_sequence, 2);
    poll_until(task.metrics->commit_skips + task.metrics->commit_count == 2);
    ck_assert_int_eq(task.metrics->commit_skips, 1);
    commit_up_to(3);
    poll_until(task.metrics->commit_count == 2);
    ck_assert_int_eq(task.metrics->commit_skips, 1);
    ck_assert_int_eq(task.metrics->commit_failures, 0);
}
END_TEST

START_TEST(what_was_not_committed_is_part_of_the_next_commit)
{
    slow_answers(RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE);
    commit_up_to(1);
    commit_up_to(2);
    poll_until(task.metrics->commit_failures == 1);
    ck_assert_int_eq(task.metrics->commit_skips, 1);
    ck_assert_int_eq(consumer.partitions[0].committed, -1);
    commit_up_to(2); /* nothing new was delivered */
    poll_until(task.metrics->commit_count == 1);
    ck_assert_int_eq(consumer.partitions[0].committed, 2);
}
END_TEST

START_TEST(a_commit_that_is_waited_for_counts_before_it_returns)
{
    consumer.partitions[0].next = 3;
    sink_consumer_commit(&consumer, true);
    ck_assert_int_eq(task.metrics->commit_count, 1);
    sink_consumer_commit(&consumer, true); /* nothing to say */
    ck_assert_int_eq(task.metrics->commit_sequence, 1);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sink consumer");
    TCase *tc = tcase_create("commits");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, an_answer_behind_a_later_commit_is_skipped);
    tcase_add_test(tc, what_was_not_committed_is_part_of_the_next_commit);
    tcase_add_test(tc, a_commit_that_is_waited_for_counts_before_it_returns);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
