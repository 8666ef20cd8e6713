/* Tests of connect/runtime/connector_instance.c with a connector made for them. */
#include "connect/runtime/connector_instance.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int inits, finis, closes, made, task_count, failures, watch_hits;
static atomic_bool init_fails, hangs;

static bool
fake_init(void *connector, const struct connector_context *ctx, const struct config *cfg, struct error *err)
{
    (void)connector;
    ck_assert_str_eq(ctx->connector, "c");
    ck_assert_str_eq(config_get(cfg, "tasks.max"), "2");
    inits++;
    return init_fails ? error_set(err, ERROR_UNAVAILABLE, "no database") : true;
}

static bool
fake_task_configs(void *connector, int max_tasks, struct config_list *out, struct error *err)
{
    (void)connector;
    ck_assert_int_eq(max_tasks, 2);
    made++;
    while (hangs && !closes)
        usleep(1000);
    if (failures > 0) {
        failures--;
        return error_set(err, ERROR_UNAVAILABLE, "not now");
    }
    for (int i = 0; i < task_count; i++)
        config_list_add(out, config_new());
    return true;
}

static bool
fake_watch(void *connector, int timeout_ms)
{
    (void)connector;
    (void)timeout_ms;
    usleep(1000);
    return watch_hits > 0 && watch_hits-- > 0;
}

static void
fake_close(void *connector)
{
    (void)connector;
    closes++;
}

static void
fake_fini(void *connector)
{
    (void)connector;
    finis++;
}

static const struct connector_ops plain_ops = {.size = 1, .init = fake_init, .task_configs = fake_task_configs, .close = fake_close,
                                               .fini = fake_fini};
static const struct connector_ops watching_ops = {.size = 1, .init = fake_init, .task_configs = fake_task_configs,
                                                  .watch = fake_watch, .close = fake_close, .fini = fake_fini};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int events[3];
    size_t last_tasks;
    char message[1024];
} heard = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void
listen(void *arg, const char *connector, unsigned serial, enum instance_event event, struct config_list *tasks, const struct error *err)
{
    ck_assert_ptr_eq(arg, &heard);
    ck_assert_str_eq(connector, "c");
    ck_assert_uint_eq(serial, 9);
    pthread_mutex_lock(&heard.lock);
    heard.events[event]++;
    if (tasks)
        heard.last_tasks = tasks->count;
    if (err)
        strcpy(heard.message, err->message);
    pthread_cond_broadcast(&heard.changed);
    pthread_mutex_unlock(&heard.lock);
}

static void
wait_for(enum instance_event event, int count)
{
    pthread_mutex_lock(&heard.lock);
    while (heard.events[event] < count)
        pthread_cond_wait(&heard.changed, &heard.lock);
    pthread_mutex_unlock(&heard.lock);
}

static struct connector_instance *
start(const struct connector_ops *ops, const char *enforce)
{
    static struct connector_plugin plugin = {.class_name = "x.Fake"};
    plugin.connector = ops;
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "tasks.max", "2");
    if (enforce)
        config_set(&cfg, "tasks.max.enforce", enforce);
    struct connector_instance *instance = connector_instance_start(&(struct instance_spec){
        .connector = "c", .plugin = &plugin, .config = &cfg, .serial = 9, .listener = listen, .arg = &heard});
    config_fini(&cfg);
    return instance;
}

static void
stop(struct connector_instance *instance)
{
    connector_instance_close(instance);
    ck_assert(connector_instance_join(instance, clock_now_ms() + 5000));
    ck_assert_int_eq(inits, 1);
    ck_assert_int_eq(finis, 1);
}

START_TEST(it_starts_and_tells_the_tasks)
{
    task_count = 2;
    struct connector_instance *instance = start(&plain_ops, NULL);
    wait_for(INSTANCE_TASKS, 1);
    ck_assert_int_eq(heard.events[INSTANCE_STARTED], 1);
    ck_assert_uint_eq(heard.last_tasks, 2);
    connector_instance_ask(instance);
    wait_for(INSTANCE_TASKS, 2);
    stop(instance);
}
END_TEST

START_TEST(a_failed_start_is_told_and_cleaned_up)
{
    init_fails = true;
    struct connector_instance *instance = start(&plain_ops, NULL);
    wait_for(INSTANCE_FAILED, 1);
    ck_assert_str_eq(heard.message, "no database");
    stop(instance);
    ck_assert_int_eq(made, 0);
}
END_TEST

START_TEST(task_configurations_that_cannot_be_made_are_tried_again)
{
    task_count = 1;
    failures = 2;
    struct connector_instance *instance = start(&plain_ops, NULL);
    wait_for(INSTANCE_TASKS, 1);
    ck_assert_int_eq(made, 3);
    stop(instance);
}
END_TEST

START_TEST(a_change_outside_asks_for_tasks_again)
{
    task_count = 1;
    watch_hits = 2;
    struct connector_instance *instance = start(&watching_ops, NULL);
    wait_for(INSTANCE_TASKS, 3);
    stop(instance);
}
END_TEST

START_TEST(too_many_tasks_fail_the_connector_unless_allowed)
{
    task_count = 3;
    struct connector_instance *instance = start(&plain_ops, NULL);
    wait_for(INSTANCE_FAILED, 1);
    ck_assert_ptr_nonnull(strstr(heard.message, "has generated 3 tasks, which is greater than 2"));
    stop(instance);
    inits = finis = 0;
    instance = start(&plain_ops, "false");
    wait_for(INSTANCE_TASKS, 1);
    ck_assert_uint_eq(heard.last_tasks, 3);
    stop(instance);
}
END_TEST

START_TEST(close_ends_a_connector_that_is_busy)
{
    hangs = true;
    struct connector_instance *instance = start(&plain_ops, NULL);
    wait_for(INSTANCE_STARTED, 1);
    stop(instance);
    ck_assert_int_eq(heard.events[INSTANCE_TASKS], 0);
}
END_TEST

static atomic_bool released;

static bool
stubborn_task_configs(void *connector, int max_tasks, struct config_list *out, struct error *err)
{
    (void)connector, (void)max_tasks, (void)out, (void)err;
    made++;
    while (!released)
        usleep(1000);
    return true;
}

START_TEST(one_that_does_not_end_is_given_up_and_stays_silent)
{
    static const struct connector_ops stubborn = {.size = 1, .init = fake_init, .task_configs = stubborn_task_configs, .fini = fake_fini};
    struct connector_instance *instance = start(&stubborn, NULL);
    while (!made)
        usleep(1000);
    connector_instance_close(instance);
    ck_assert(!connector_instance_join(instance, clock_now_ms() + 20));
    released = true;
    while (!finis)
        usleep(1000);
    usleep(20000); /* lets it free itself, for the leak check */
    ck_assert_int_eq(heard.events[INSTANCE_TASKS], 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/runtime/connector_instance");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, it_starts_and_tells_the_tasks);
    tcase_add_test(tcase, a_failed_start_is_told_and_cleaned_up);
    tcase_add_test(tcase, task_configurations_that_cannot_be_made_are_tried_again);
    tcase_add_test(tcase, a_change_outside_asks_for_tasks_again);
    tcase_add_test(tcase, too_many_tasks_fail_the_connector_unless_allowed);
    tcase_add_test(tcase, close_ends_a_connector_that_is_busy);
    tcase_add_test(tcase, one_that_does_not_end_is_given_up_and_stays_silent);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
