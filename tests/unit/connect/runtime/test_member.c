/* Tests of connect/runtime/member.c. */
#include "connect/runtime/member.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "tests/fakes/kafka_mock.h"

#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

static struct kafka_mock mock;
static struct worker_config worker;
static struct member *member;
static atomic_int slots_held;

static void
gained(void *arg, const int32_t *slots, size_t count, int slot_count)
{
    (void)arg;
    (void)slots;
    ck_assert_int_eq(slot_count, 5);
    atomic_fetch_add(&slots_held, (int)count);
}

static void
revoked(void *arg, const int32_t *slots, size_t count, bool are_lost)
{
    (void)arg;
    (void)slots;
    (void)are_lost;
    atomic_fetch_sub(&slots_held, (int)count);
}

static void
setup(void)
{
    struct error err = ERROR_INIT;
    kafka_mock_start(&mock);
    kafka_mock_topic(&mock, "offsets", 5);
    struct config raw = CONFIG_INIT;
    config_merge(&raw, &mock.settings);
    config_set(&raw, "group.id", "g");
    config_set(&raw, "session.timeout.ms", "3000");
    config_set(&raw, "heartbeat.interval.ms", "100");
    config_set(&raw, "config.storage.topic", "configs");
    config_set(&raw, "offset.storage.topic", "offsets");
    config_set(&raw, "status.storage.topic", "statuses");
    config_set(&raw, "key.converter", "JsonConverter");
    config_set(&raw, "value.converter", "JsonConverter");
    ck_assert_msg(worker_config_parse(&worker, &raw, true, &err), "%s", err.message);
    atomic_store(&slots_held, 0);
}

static void
teardown(void)
{
    worker_config_fini(&worker);
    kafka_mock_stop(&mock);
}

static void
start(void)
{
    struct error err = ERROR_INIT;
    static const struct member_listener listener = {.gained = gained, .revoked = revoked};
    member = member_start(&worker, &listener, &err);
    ck_assert_msg(member != NULL, "%s", err.message);
}

START_TEST(the_only_member_holds_all_slots_until_it_leaves)
{
    start();
    for (int64_t end = clock_now_ms() + 20000; atomic_load(&slots_held) < 5 && clock_now_ms() < end;)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    ck_assert_int_eq(atomic_load(&slots_held), 5);
    member_leave(member);
    ck_assert_int_eq(atomic_load(&slots_held), 0);
    member_stop(member);
}
END_TEST

/* Between the answer to JoinGroup and that to SyncGroup, which here says "again" for ever. */
START_TEST(it_may_stop_when_it_has_joined_but_was_given_nothing_yet)
{
    enum { SYNC_GROUP = 14, MANY = 1000 };
    rd_kafka_resp_err_t *errors = xcalloc(MANY, sizeof(*errors));
    for (int i = 0; i < MANY; i++)
        errors[i] = RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
    rd_kafka_mock_push_request_errors_array(mock.cluster, SYNC_GROUP, MANY, errors);
    free(errors);
    start();
    nanosleep(&(struct timespec){.tv_sec = 5}, NULL); /* the mock cluster answers the first JoinGroup after 3 s, and nothing shows it */
    member_stop(member);
    ck_assert_int_eq(atomic_load(&slots_held), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/runtime/member");
    TCase *tcase = tcase_create("on a mock cluster");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_only_member_holds_all_slots_until_it_leaves);
    tcase_add_test(tcase, it_may_stop_when_it_has_joined_but_was_given_nothing_yet);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
