/* One suite for the config store in memory and over Kafka, and what only the topic shows. */
#include "connect/storage/config_store.h"

#include "common/base/alloc.h"
#include "tests/fakes/kafka_mock.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY, KAFKA, KAFKA_TRANSACTIONS, KINDS };

static struct worker_config worker = {
    .group_id = (char[]){"test"}, .config_storage_topic = (char[]){"configs"}, .config_storage_replication_factor = 1};
static struct kafka_mock mock;
static struct kafka_log *log_of_test;
static struct config_store *store;
static struct error err;
static char events[4096]; /* "event name;" for each change; written by the log's thread while the test waits in a put */

static void
on_change(void *arg, const struct config_change *change)
{
    static const char *const names[] = {"changed", "removed", "tasks", "target", "restart", "logger"};
    (void)arg;
    size_t len = strlen(events);
    snprintf(events + len, sizeof(events) - len, "%s %s;", names[change->event], change->name);
}

static void
open_store(int kind)
{
    events[0] = '\0';
    if (kind == MEMORY) {
        store = config_store_memory_new(on_change, NULL);
        return;
    }
    worker.exactly_once = kind == KAFKA_TRANSACTIONS ? EXACTLY_ONCE_PREPARING : EXACTLY_ONCE_DISABLED;
    config_merge(&worker.raw, &mock.settings);
    log_of_test = kafka_log_new(&mock.settings, "test", kind == KAFKA_TRANSACTIONS, &err);
    ck_assert_msg(log_of_test != NULL, "%s", err.message);
    store = config_store_kafka_new(log_of_test, &worker, on_change, NULL);
    ck_assert_msg(kafka_log_start(log_of_test, NULL, &err), "%s", err.message);
}

static void
close_store(void)
{
    kafka_log_close(log_of_test);
    log_of_test = NULL;
    config_store_close(store);
    config_fini(&worker.raw);
}

static void
set_up(void)
{
    kafka_mock_start(&mock);
    kafka_mock_topic(&mock, "configs", 1);
}

static void
tear_down(void)
{
    kafka_mock_stop(&mock);
}

static struct config *
config_of(const char *key, const char *value)
{
    struct config *cfg = config_new();
    config_set(cfg, key, value);
    return cfg;
}

static void
put_connector(const char *name, const char *key, const char *value)
{
    struct config *cfg = config_of(key, value);
    ck_assert_msg(config_store_put_connector(store, name, cfg, NULL, &err), "%s", err.message);
    config_free(cfg);
}

static void
put_tasks(const char *name, int count)
{
    struct config_list tasks = CONFIG_LIST_INIT;
    for (int i = 0; i < count; i++) {
        char number[8];
        snprintf(number, sizeof(number), "%d", i);
        config_list_add(&tasks, config_of("n", number));
    }
    ck_assert_msg(config_store_put_tasks(store, name, &tasks, &err), "%s", err.message);
    config_list_fini(&tasks);
}

START_TEST(a_connector_is_in_the_next_snapshot_and_an_old_one_stays_as_it_was)
{
    open_store(_i);
    const struct config_snapshot *before = config_store_snapshot(store);
    put_connector("b", "k", "v");
    put_connector("a", "k", "v \"q\" \xF0\x9F\x98\x80");
    const struct config_snapshot *after = config_store_snapshot(store);
    ck_assert_uint_eq(before->count, 0);
    ck_assert_uint_eq(after->count, 2);
    ck_assert_str_eq(after->connectors[0]->name, "a");
    ck_assert_str_eq(config_get(config_snapshot_find(after, "a")->config, "k"), "v \"q\" \xF0\x9F\x98\x80");
    ck_assert_int_eq(config_snapshot_find(after, "b")->target, TARGET_STARTED);
    ck_assert_ptr_null(config_snapshot_find(after, "c"));
    ck_assert_str_eq(events, "changed b;changed a;");
    config_snapshot_release(before);
    close_store();
    ck_assert_str_eq(after->connectors[1]->name, "b"); /* outlives the store */
    config_snapshot_release(after);
}
END_TEST

START_TEST(the_initial_state_is_there_with_the_connector_and_changes_nothing_before)
{
    open_store(_i);
    struct config *cfg = config_of("k", "v");
    enum target_state paused = TARGET_PAUSED;
    ck_assert(config_store_put_connector(store, "c", cfg, &paused, &err));
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    ck_assert_int_eq(config_snapshot_find(snapshot, "c")->target, TARGET_PAUSED);
    ck_assert_str_eq(events, "changed c;");
    config_snapshot_release(snapshot);
    config_free(cfg);
    close_store();
}
END_TEST

START_TEST(tasks_come_with_their_commit_and_shrink_with_a_smaller_one)
{
    open_store(_i);
    put_connector("c-1", "k", "v");
    put_tasks("c-1", 3);
    put_tasks("c-1", 1);
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    const struct config_connector *c = config_snapshot_find(snapshot, "c-1");
    ck_assert_uint_eq(c->task_count, 1);
    ck_assert_str_eq(config_get(c->tasks[0], "n"), "0");
    ck_assert_uint_eq(c->task_generation, 2);
    ck_assert_str_eq(config_get(c->applied_config, "k"), "v");
    ck_assert(c->needs_fencing);
    ck_assert_str_eq(events, "changed c-1;tasks c-1;tasks c-1;");
    config_snapshot_release(snapshot);
    close_store();
}
END_TEST

START_TEST(stopping_commits_no_tasks_before_the_state)
{
    open_store(_i);
    put_connector("c", "k", "v");
    put_tasks("c", 2);
    ck_assert(config_store_put_target(store, "c", TARGET_STOPPED, &err));
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    ck_assert_int_eq(config_snapshot_find(snapshot, "c")->target, TARGET_STOPPED);
    ck_assert_uint_eq(config_snapshot_find(snapshot, "c")->task_count, 0);
    ck_assert_str_eq(events, "changed c;tasks c;tasks c;target c;");
    config_snapshot_release(snapshot);
    close_store();
}
END_TEST

START_TEST(a_removed_connector_leaves_nothing_to_a_new_one_of_its_name)
{
    open_store(_i);
    put_connector("c", "k", "v");
    put_tasks("c", 2);
    ck_assert(config_store_put_target(store, "c", TARGET_PAUSED, &err));
    ck_assert(config_store_remove_connector(store, "c", &err));
    const struct config_snapshot *gone = config_store_snapshot(store);
    ck_assert_uint_eq(gone->count, 0);
    config_snapshot_release(gone);
    put_connector("c", "k", "w");
    const struct config_snapshot *back = config_store_snapshot(store);
    ck_assert_uint_eq(config_snapshot_find(back, "c")->task_count, 0);
    ck_assert_int_eq(config_snapshot_find(back, "c")->target, TARGET_STARTED);
    ck_assert_ptr_null(config_snapshot_find(back, "c")->applied_config);
    config_snapshot_release(back);
    close_store();
}
END_TEST

START_TEST(restarts_levels_fencing_and_session_keys_arrive)
{
    open_store(_i);
    struct session_key key = {.key = (char[]){"a+/="}, .algorithm = (char[]){"HmacSHA256"}, .created_ms = 7}, read;
    put_connector("c", "k", "v");
    put_tasks("c", 1);
    ck_assert(config_store_put_fencing(store, "c", 1, &err));
    ck_assert(config_store_put_restart(store, "c", true, false, &err));
    ck_assert(config_store_put_logger_level(store, "a.b", "DEBUG", &err));
    ck_assert(!config_store_session_key(store, &read));
    ck_assert(config_store_put_session_key(store, &key, &err));
    ck_assert(config_store_session_key(store, &read));
    ck_assert_str_eq(read.key, "a+/=");
    ck_assert_int_eq(read.created_ms, 7);
    session_key_fini(&read);
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    ck_assert(!config_snapshot_find(snapshot, "c")->needs_fencing);
    ck_assert_int_eq(config_snapshot_find(snapshot, "c")->fenced_task_count, 1);
    config_snapshot_release(snapshot);
    ck_assert_str_eq(events, "changed c;tasks c;restart c;logger a.b;");
    close_store();
}
END_TEST

START_TEST(the_records_are_javas)
{
    open_store(KAFKA);
    struct config *cfg = config_of("name", "c");
    enum target_state stopped = TARGET_STOPPED;
    ck_assert(config_store_put_connector(store, "c", cfg, &stopped, &err));
    config_free(cfg);
    put_tasks("c", 1);
    ck_assert(config_store_put_fencing(store, "c", 1, &err));
    ck_assert(config_store_put_restart(store, "c", true, false, &err));
    ck_assert(config_store_put_logger_level(store, "root", "WARN", &err));
    ck_assert(config_store_remove_connector(store, "c", &err));
    close_store();
    char *dump = kafka_mock_dump(&mock, "configs", 0);
    ck_assert_str_eq(dump, "target-state-c={\"state\":\"PAUSED\",\"state.v2\":\"STOPPED\"}\n"
                           "connector-c={\"properties\":{\"name\":\"c\"}}\n"
                           "task-c-0={\"properties\":{\"n\":\"0\"}}\n"
                           "commit-c={\"tasks\":1}\n"
                           "tasks-fencing-c={\"task-count\":1}\n"
                           "restart-connector-c={\"include-tasks\":true,\"only-failed\":false}\n"
                           "logger-cluster-root={\"level\":\"WARN\"}\n"
                           "connector-c=null\n"
                           "target-state-c=null\n");
    free(dump);
}
END_TEST

START_TEST(what_was_written_before_the_start_is_read_and_not_told)
{
    kafka_mock_write(&mock, "configs", "connector-c", "{\"properties\":{\"k\":\"v\",\"n\":null}}");
    kafka_mock_write(&mock, "configs", "target-state-c", "{\"state\":\"PAUSED\"}");
    kafka_mock_write(&mock, "configs", "restart-connector-c", "{\"include-tasks\":true,\"only-failed\":true}");
    open_store(KAFKA);
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    ck_assert_int_eq(config_snapshot_find(snapshot, "c")->target, TARGET_PAUSED);
    ck_assert(config_has(config_snapshot_find(snapshot, "c")->config, "n"));
    ck_assert_int_eq(snapshot->offset, 3);
    ck_assert_str_eq(events, "");
    config_snapshot_release(snapshot);
    close_store();
}
END_TEST

START_TEST(a_commit_without_all_its_tasks_makes_the_connector_inconsistent_until_a_full_one)
{
    kafka_mock_write(&mock, "configs", "connector-c", "{\"properties\":{\"k\":\"v\"}}");
    kafka_mock_write(&mock, "configs", "task-c-0", "{\"properties\":{\"n\":\"0\"}}");
    kafka_mock_write(&mock, "configs", "commit-c", "{\"tasks\":2}");
    kafka_mock_write(&mock, "configs", "task-c-1", "{\"properties\":{\"n\":\"1\"}}");
    kafka_mock_write(&mock, "configs", "commit-c", "{\"tasks\":2}"); /* only records since the last commit count */
    open_store(KAFKA);
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    ck_assert(config_snapshot_find(snapshot, "c")->is_inconsistent);
    ck_assert_uint_eq(config_snapshot_find(snapshot, "c")->task_count, 0);
    config_snapshot_release(snapshot);
    put_tasks("c", 2);
    snapshot = config_store_snapshot(store);
    ck_assert(!config_snapshot_find(snapshot, "c")->is_inconsistent);
    ck_assert_uint_eq(config_snapshot_find(snapshot, "c")->task_count, 2);
    config_snapshot_release(snapshot);
    close_store();
}
END_TEST

START_TEST(records_that_make_no_sense_are_passed_over)
{
    static const char *const bad[][2] = {
        {"connector-c", "nonsense"}, {"connector-c", "[]"}, {"connector-c", "{\"properties\":{\"k\":1}}"}, {"task-c", "{}"},
        {"task-c-x", "{\"properties\":{}}"}, {"task-c-99999999999", "{\"properties\":{}}"}, {"commit-c", "{\"tasks\":\"1\"}"},
        {"commit-c", "{\"tasks\":-1}"}, {"target-state-c", "{\"state\":\"FLYING\"}"}, {"tasks-fencing-c", "{}"}, {"session-key", "{}"},
        {"what", "{}"}, {"", "{}"}, {"logger-cluster-x", "{}"}, {"commit-c", NULL},
        {"connector-c", "{\"properties\":null}"}, {"connector-c", "{\"properties\":[]}"}, {"connector-c", "\xff\xfe"}, {"connector-", "7"},
        {"target-state-c", "{\"state\":5}"}, {"target-state-c", "[]"}, {"target-state-", "{}"}, {"commit-c", "{\"tasks\":1e99}"},
        {"commit-c", "{\"tasks\":99999999999}"}, {"commit-", "{}"}, {"task-", "{}"}, {"task-c--1", "{\"properties\":{}}"},
        {"restart-connector-c", "7"}, {"restart-connector-c", "{\"include-tasks\":1}"}, {"restart-connector-", "{}"},
        {"tasks-fencing-c", "{\"task-count\":\"2\"}"}, {"session-key", "{\"key\":\"*\",\"algorithm\":5,\"creation-timestamp\":\"x\"}"},
        {"logger-cluster-x", "{\"level\":5}"}, {"logger-cluster-", "{\"level\":\"LOUD\"}"}, {"task-c-0", NULL}, {"session-key", NULL},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        kafka_mock_write(&mock, "configs", bad[i][0], bad[i][1]);
    kafka_mock_write(&mock, "configs", "connector-d", "{\"properties\":{\"k\":\"v\"}}");
    open_store(KAFKA);
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    ck_assert_uint_eq(snapshot->count, 1);
    ck_assert_str_eq(snapshot->connectors[0]->name, "d");
    config_snapshot_release(snapshot);
    close_store();
}
END_TEST

START_TEST(a_topic_of_two_partitions_is_refused)
{
    kafka_mock_topic(&mock, "two", 2);
    worker.config_storage_topic = (char[]){"two"};
    log_of_test = kafka_log_new(&mock.settings, "test", false, &err);
    store = config_store_kafka_new(log_of_test, &worker, on_change, NULL);
    ck_assert(!kafka_log_start(log_of_test, NULL, &err));
    ck_assert_str_eq(err.message, "Topic 'two' supplied via the 'config.storage.topic' property is required to have a single partition in "
                                  "order to guarantee consistency of connector configurations, but found 2 partitions.");
    close_store();
}
END_TEST

START_TEST(a_start_ends_when_it_is_told_to)
{
    atomic_bool stop = true;
    rd_kafka_mock_broker_set_down(mock.cluster, 1);
    log_of_test = kafka_log_new(&mock.settings, "test", false, &err);
    store = config_store_kafka_new(log_of_test, &worker, on_change, NULL);
    ck_assert(!kafka_log_start(log_of_test, &stop, &err));
    close_store();
}
END_TEST

START_TEST(a_write_that_kafka_refuses_for_a_moment_is_repeated)
{
    open_store(KAFKA);
    rd_kafka_mock_push_request_errors(mock.cluster, 0 /* Produce */, 2, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
    put_connector("c", "k", "v");
    ck_assert_int_eq(kafka_mock_count(&mock, "configs", 1), 1);
    close_store();
}
END_TEST

START_TEST(a_leader_that_was_shut_out_writes_nothing_and_may_claim_the_right_again)
{
    open_store(KAFKA_TRANSACTIONS);
    put_connector("c", "k", "v");
    rd_kafka_mock_push_request_errors(mock.cluster, 26 /* EndTxn */, 1, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH);
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "k", "w");
    ck_assert(!config_store_put_connector(store, "c", &cfg, NULL, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "another worker writes topic configs now"));
    ck_assert_msg(config_store_claim(store, &err), "%s", err.message);
    put_connector("c", "k", "x");
    config_fini(&cfg);
    close_store();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/storage/config_store");
    TCase *both = tcase_create("in memory and over Kafka"), *kafka = tcase_create("over Kafka");
    tcase_add_checked_fixture(both, set_up, tear_down);
    tcase_add_checked_fixture(kafka, set_up, tear_down);
    tcase_set_timeout(both, 30);
    tcase_set_timeout(kafka, 60);
    tcase_add_loop_test(both, a_connector_is_in_the_next_snapshot_and_an_old_one_stays_as_it_was, 0, KINDS);
    tcase_add_loop_test(both, the_initial_state_is_there_with_the_connector_and_changes_nothing_before, 0, KINDS);
    tcase_add_loop_test(both, tasks_come_with_their_commit_and_shrink_with_a_smaller_one, 0, KINDS);
    tcase_add_loop_test(both, stopping_commits_no_tasks_before_the_state, 0, KINDS);
    tcase_add_loop_test(both, a_removed_connector_leaves_nothing_to_a_new_one_of_its_name, 0, KINDS);
    tcase_add_loop_test(both, restarts_levels_fencing_and_session_keys_arrive, 0, KINDS);
    tcase_add_test(kafka, the_records_are_javas);
    tcase_add_test(kafka, what_was_written_before_the_start_is_read_and_not_told);
    tcase_add_test(kafka, a_commit_without_all_its_tasks_makes_the_connector_inconsistent_until_a_full_one);
    tcase_add_test(kafka, records_that_make_no_sense_are_passed_over);
    tcase_add_test(kafka, a_topic_of_two_partitions_is_refused);
    tcase_add_test(kafka, a_start_ends_when_it_is_told_to);
    tcase_add_test(kafka, a_write_that_kafka_refuses_for_a_moment_is_repeated);
    tcase_add_test(kafka, a_leader_that_was_shut_out_writes_nothing_and_may_claim_the_right_again);
    suite_add_tcase(suite, both);
    suite_add_tcase(suite, kafka);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
