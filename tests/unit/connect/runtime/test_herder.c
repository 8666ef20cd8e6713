/*
 * Tests of the herder (herder.c, herder_work.c, herder_requests.c, herder_purge.c) with stores in memory, a connector
 * made for them, and tasks that only say what happened to them. One worker that holds all slots.
 */
#include "connect/runtime/herder.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "connect/plugins.h"
#include "connect/runtime/task.h"

#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000 };

/* ---- a connector: as many tasks as "count" says, which get "mode" ------------------------------------------------ */

static atomic_int instances, running_instances;
static atomic_bool start_fails;

struct fake_connector {
    struct config *config;
    bool is_counted;
};

static bool
fake_init(void *state, const struct connector_context *ctx, const struct config *cfg, struct error *err)
{
    (void)ctx;
    struct fake_connector *connector = state;
    instances++;
    if (start_fails)
        return error_set(err, ERROR_UNAVAILABLE, "the moon is not there");
    connector->config = config_dup(cfg);
    connector->is_counted = true;
    running_instances++;
    return true;
}

static bool
fake_task_configs(void *state, int max_tasks, struct config_list *out, struct error *err)
{
    (void)err;
    struct fake_connector *connector = state;
    int count = atoi(config_get_or(connector->config, "count", "1"));
    for (int i = 0; i < count && i < max_tasks; i++) {
        struct config *task = config_new();
        config_set(task, "mode", config_get_or(connector->config, "mode", "plain"));
        config_list_add(out, task);
    }
    return true;
}

static void
fake_fini(void *state)
{
    struct fake_connector *connector = state;
    running_instances -= connector->is_counted;
    config_free(connector->config);
}

static const struct connector_ops fake_ops = {
    .size = sizeof(struct fake_connector), .init = fake_init, .task_configs = fake_task_configs, .fini = fake_fini};
static const struct config_row fake_rows[] = {{0}};
static const struct connector_plugin fake_plugin = {
    .class_name = "x.FakeConnector", .task_class = "x.FakeTask", .version = "1", .type = CONNECTOR_SOURCE, .rows = fake_rows, .connector = &fake_ops};
const struct connector_plugin *const connector_plugins[] = {&fake_plugin, NULL};

/* ---- tasks: in place of runtime/task.c ---------------------------------------------------------------------------- */

struct task {
    const struct task_env *env;
    char *connector, *mode;
    int number;
    enum target_state target;
};

static atomic_int tasks_started, tasks_alive, tasks_paused;
static const struct task_env *last_env;
static char *_Atomic last_mode;

static void
report(const struct task *task, enum status_state state)
{
    struct status status = {.task = task->number, .state = state, .worker_id = (char *)"here:1"};
    status_store_put(task->env->statuses, task->connector, &status, false);
}

struct task *
task_start(const struct task_env *env, const struct task_spec *spec)
{
    struct task *task = xcalloc(1, sizeof(*task));
    *task = (struct task){env, xstrdup(spec->connector), xstrdup(config_get_or(spec->task_config, "mode", "")), spec->task, spec->target};
    free(atomic_exchange(&last_mode, xstrdup(task->mode)));
    last_env = env;
    tasks_started++;
    tasks_alive++;
    report(task, spec->target == TARGET_PAUSED ? STATUS_PAUSED : STATUS_RUNNING);
    return task;
}

void
task_set_target(struct task *task, enum target_state target)
{
    task->target = target;
    tasks_paused += target == TARGET_PAUSED ? 1 : -1;
    report(task, target == TARGET_PAUSED ? STATUS_PAUSED : STATUS_RUNNING);
}

void
task_forsake(struct task *task)
{
    (void)task;
}

void
task_close(struct task *task)
{
    (void)task;
}

bool
task_is_ended(const struct task *task)
{
    (void)task;
    return false;
}

bool
task_join(struct task *task, int64_t deadline_ms)
{
    ck_assert_int_gt(deadline_ms, clock_now_ms());
    report(task, STATUS_UNASSIGNED);
    tasks_alive--;
    free(task->connector);
    free(task->mode);
    free(task);
    return true;
}

int
task_given_up_count(void)
{
    return 0;
}

/* ---- a worker -------------------------------------------------------------------------------------------------------- */

static struct worker_config worker;
static struct config_providers *providers;
static struct herder *herder;
static const struct herder_stores *stores;
static struct error err;

static bool
open_memory(void *arg, config_listener_fn *listener, void *listener_arg, const atomic_bool *stop, struct herder_stores *out,
            struct error *why)
{
    (void)arg, (void)stop, (void)why;
    out->config = config_store_memory_new(listener, listener_arg);
    out->status = status_store_memory_new(&worker);
    out->offsets = offset_store_memory_new();
    return true;
}

static void
close_memory(void *arg, struct herder_stores *open)
{
    (void)arg;
    config_store_close(open->config);
    status_store_close(open->status);
    offset_store_close(open->offsets);
}

static enum exactly_once_source exactly_once = EXACTLY_ONCE_DISABLED;

static void
setup(void)
{
    struct config raw = CONFIG_INIT;
    config_set(&raw, "bootstrap.servers", "localhost:1");
    config_set(&raw, "key.converter", "org.apache.kafka.connect.json.JsonConverter");
    config_set(&raw, "value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config_set(&raw, "offset.storage.file.filename", "unused");
    config_set(&raw, "config.providers", "env");
    config_set(&raw, "config.providers.env.class", "EnvVarConfigProvider");
    setenv("HERDER_TEST_MODE", "from the environment", 1);
    err = ERROR_INIT;
    providers = config_providers_new(&raw, &err);
    ck_assert_ptr_nonnull(providers);
    ck_assert_msg(worker_config_parse(&worker, &raw, false, &err), "%s", err.message);
    worker.exactly_once = exactly_once;
    herder = herder_start(&(struct herder_options){.worker = &worker, .providers = providers, .open = open_memory, .close = close_memory});
    stores = herder_stores(herder, PATIENCE_MS);
    ck_assert_ptr_nonnull(stores);
}

static void
teardown(void)
{
    herder_stop(herder);
    ck_assert_int_eq(tasks_alive, 0);
    ck_assert_int_eq(running_instances, 0);
    herder_free(herder);
    config_providers_free(providers);
    worker_config_fini(&worker);
    free(atomic_exchange(&last_mode, NULL));
}

static void
setup_exactly_once(void)
{
    exactly_once = EXACTLY_ONCE_ENABLED;
    setup();
}

static enum herder_answer
ask(struct herder_request *request)
{
    enum herder_answer answer = herder_ask(herder, request, PATIENCE_MS, &err);
    herder_request_free(request);
    return answer;
}

static enum herder_answer
put(const char *name, const char *count, const char *mode, bool must_be_new, const enum target_state *initial)
{
    struct herder_request *request = herder_request_new(HERDER_PUT_CONNECTOR, name);
    request->config = config_new();
    config_set(request->config, "name", name);
    config_set(request->config, "connector.class", "x.FakeConnector");
    config_set(request->config, "tasks.max", "9");
    config_set(request->config, "count", count);
    config_set(request->config, "mode", mode);
    request->must_be_new = must_be_new;
    request->has_initial = initial != NULL;
    request->initial = initial ? *initial : TARGET_STARTED;
    return ask(request);
}

static enum herder_answer
target(const char *name, enum target_state state)
{
    struct herder_request *request = herder_request_new(HERDER_TARGET, name);
    request->target = state;
    return ask(request);
}

/* "RUNNING 0:RUNNING 1:FAILED", or "" without a status. */
static const char *
states(const char *name)
{
    static char text[512];
    struct status_list list = {0};
    text[0] = '\0';
    status_store_list(stores->status, name, &list);
    for (size_t i = 0; i < list.count; i++) {
        size_t len = strlen(text);
        if (list.items[i].task == STATUS_CONNECTOR)
            snprintf(text + len, sizeof(text) - len, "%s", status_state_name(list.items[i].state));
        else
            snprintf(text + len, sizeof(text) - len, " %d:%s", list.items[i].task, status_state_name(list.items[i].state));
    }
    status_list_fini(&list);
    return text;
}

#define wait_until(condition, ...)                                                                                              \
    do {                                                                                                                        \
        int64_t until = clock_now_ms() + PATIENCE_MS;                                                                           \
        while (!(condition)) {                                                                                                  \
            ck_assert_msg(clock_now_ms() < until, __VA_ARGS__);                                                                 \
            usleep(1000);                                                                                                       \
        }                                                                                                                       \
    } while (0)
#define wait_states(name, expected) wait_until(strcmp(states(name), expected) == 0, "%s is %s", name, states(name))

/* ---- tests ---------------------------------------------------------------------------------------------------------------- */

START_TEST(a_new_connector_gets_its_tasks)
{
    ck_assert_int_eq(put("c", "2", "plain", true, NULL), HERDER_DONE);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");
    const struct config_snapshot *snapshot = config_store_snapshot(stores->config);
    const struct config_connector *connector = config_snapshot_find(snapshot, "c");
    ck_assert_uint_eq(connector->task_count, 2);
    ck_assert_str_eq(config_get(connector->tasks[1], "task.class"), "x.FakeTask");
    config_snapshot_release(snapshot);
}
END_TEST

START_TEST(an_existing_name_is_a_conflict_and_an_unknown_one_is_not_found)
{
    ck_assert_int_eq(put("c", "1", "plain", true, NULL), HERDER_DONE);
    ck_assert_int_eq(put("c", "1", "plain", true, NULL), HERDER_REFUSED);
    ck_assert_int_eq(err.code, ERROR_CONFLICT);
    ck_assert_str_eq(err.message, "Connector c already exists");
    ck_assert_int_eq(target("d", TARGET_PAUSED), HERDER_REFUSED);
    ck_assert_int_eq(err.code, ERROR_NOT_FOUND);
    ck_assert_int_eq(ask(herder_request_new(HERDER_DELETE, "d")), HERDER_REFUSED);
    ck_assert_str_eq(err.message, "Connector d not found");
    ck_assert_int_eq(ask(herder_request_new(HERDER_RESTART, "d")), HERDER_REFUSED);
    struct herder_request *request = herder_request_new(HERDER_RESTART_TASK, "c");
    request->task = 7;
    ck_assert_int_eq(ask(request), HERDER_REFUSED);
    ck_assert_str_eq(err.message, "Task c-7 not found");
}
END_TEST

START_TEST(the_same_config_again_restarts_the_instance_and_leaves_the_tasks)
{
    put("c", "1", "plain", true, NULL);
    wait_states("c", "RUNNING 0:RUNNING");
    int before = instances, tasks = tasks_started;
    ck_assert_int_eq(put("c", "1", "plain", false, NULL), HERDER_DONE);
    wait_until(instances == before + 1, "instances: %d", instances);
    wait_states("c", "RUNNING 0:RUNNING");
    ck_assert_int_eq(tasks_started, tasks);
}
END_TEST

START_TEST(a_changed_config_restarts_the_tasks_with_it)
{
    put("c", "1", "plain", true, NULL);
    wait_states("c", "RUNNING 0:RUNNING");
    put("c", "2", "fancy", false, NULL);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");
    wait_until(tasks_started == 3, "tasks started: %d", tasks_started);
    ck_assert_str_eq(last_mode, "fancy");
    put("c", "1", "fancy", false, NULL);
    wait_states("c", "RUNNING 0:RUNNING");
    ck_assert_int_eq(tasks_alive, 1);
}
END_TEST

START_TEST(pause_and_resume_reach_instance_and_tasks)
{
    put("c", "1", "plain", true, NULL);
    wait_states("c", "RUNNING 0:RUNNING");
    ck_assert_int_eq(target("c", TARGET_PAUSED), HERDER_DONE);
    wait_states("c", "PAUSED 0:PAUSED");
    ck_assert_int_eq(running_instances, 0);
    ck_assert_int_eq(target("c", TARGET_STARTED), HERDER_DONE);
    wait_states("c", "RUNNING 0:RUNNING");
    ck_assert_int_eq(tasks_started, 1);
}
END_TEST

START_TEST(stopped_has_no_tasks_and_their_statuses_go)
{
    put("c", "2", "plain", true, NULL);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");
    ck_assert_int_eq(ask(herder_request_new(HERDER_MAY_ALTER, "c")), HERDER_REFUSED);
    ck_assert_int_eq(err.code, ERROR_CONFIG);
    ck_assert_int_eq(target("c", TARGET_STOPPED), HERDER_DONE);
    wait_states("c", "STOPPED");
    ck_assert_int_eq(tasks_alive, 0);
    ck_assert_int_eq(ask(herder_request_new(HERDER_MAY_ALTER, "c")), HERDER_DONE);
    target("c", TARGET_STARTED);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");
}
END_TEST

START_TEST(created_paused_or_stopped_it_never_runs)
{
    enum target_state paused = TARGET_PAUSED, stopped = TARGET_STOPPED;
    put("p", "1", "plain", true, &paused);
    put("s", "1", "plain", true, &stopped);
    wait_states("p", "PAUSED");
    wait_states("s", "STOPPED");
    ck_assert_int_eq(instances, 0);
    target("p", TARGET_STARTED);
    wait_states("p", "RUNNING 0:RUNNING");
}
END_TEST

START_TEST(a_deleted_connector_leaves_nothing)
{
    put("c", "2", "plain", true, NULL);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");
    ck_assert_int_eq(ask(herder_request_new(HERDER_DELETE, "c")), HERDER_DONE);
    wait_states("c", "");
    ck_assert_int_eq(tasks_alive, 0);
    ck_assert_int_eq(running_instances, 0);
    put("c", "1", "plain", true, NULL);
    wait_states("c", "RUNNING 0:RUNNING");
}
END_TEST

START_TEST(a_failed_connector_says_why_and_waits_for_a_restart)
{
    start_fails = true;
    put("c", "1", "plain", true, NULL);
    wait_states("c", "FAILED");
    struct status status;
    ck_assert(status_store_get(stores->status, "c", STATUS_CONNECTOR, &status));
    ck_assert_str_eq(status.trace, "org.apache.kafka.connect.errors.ConnectException: the moon is not there");
    status_fini(&status);
    start_fails = false;
    target("c", TARGET_PAUSED);
    target("c", TARGET_STARTED);
    ck_assert_str_eq(states("c"), "FAILED");
    ck_assert_int_eq(ask(herder_request_new(HERDER_RESTART, "c")), HERDER_DONE);
    wait_states("c", "RUNNING 0:RUNNING");
}
END_TEST

START_TEST(a_planned_restart_shows_the_plan_and_carries_it_out)
{
    put("c", "2", "plain", true, NULL);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");
    struct herder_request *request = herder_request_new(HERDER_RESTART_PLAN, "c");
    request->include_tasks = true;
    ck_assert_int_eq(herder_ask(herder, request, PATIENCE_MS, &err), HERDER_DONE);
    ck_assert_uint_eq(request->plan.count, 3);
    ck_assert_int_eq(request->plan.items[0].state, STATUS_RESTARTING);
    ck_assert_int_eq(request->plan.items[2].state, STATUS_RESTARTING);
    herder_request_free(request);
    wait_until(tasks_started == 4 && instances == 2, "tasks %d, instances %d", tasks_started, instances);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");

    struct status failed = {.task = 1, .state = STATUS_FAILED, .trace = (char *)"x", .worker_id = (char *)"here:1"};
    status_store_put(stores->status, "c", &failed, false);
    request = herder_request_new(HERDER_RESTART_PLAN, "c");
    request->include_tasks = request->only_failed = true;
    ck_assert_int_eq(herder_ask(herder, request, PATIENCE_MS, &err), HERDER_DONE);
    ck_assert_int_eq(request->plan.items[1].state, STATUS_RUNNING);
    ck_assert_int_eq(request->plan.items[2].state, STATUS_RESTARTING);
    herder_request_free(request);
    wait_until(tasks_started == 5, "tasks %d", tasks_started);
    ck_assert_int_eq(instances, 2);
}
END_TEST

START_TEST(a_reference_is_resolved_for_the_task_and_kept_in_what_is_stored)
{
    put("c", "1", "${env:HERDER_TEST_MODE}", true, NULL);
    wait_states("c", "RUNNING 0:RUNNING");
    ck_assert_str_eq(last_mode, "from the environment");
    const struct config_snapshot *snapshot = config_store_snapshot(stores->config);
    ck_assert_str_eq(config_get(config_snapshot_find(snapshot, "c")->tasks[0], "mode"), "${env:HERDER_TEST_MODE}");
    config_snapshot_release(snapshot);
}
END_TEST

START_TEST(an_unknown_class_in_the_store_is_a_failed_connector)
{
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "connector.class", "x.Other");
    ck_assert(config_store_put_connector(stores->config, "c", &cfg, NULL, &err));
    config_fini(&cfg);
    wait_states("c", "FAILED");
}
END_TEST

START_TEST(many_connectors_come_and_go)
{
    char name[32];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "c%d", i);
        ck_assert_int_eq(put(name, "1", "plain", true, NULL), HERDER_DONE);
    }
    wait_until(tasks_alive == 100, "tasks: %d", tasks_alive);
    for (int i = 0; i < 100; i += 2) {
        snprintf(name, sizeof(name), "c%d", i);
        ck_assert_int_eq(ask(herder_request_new(HERDER_DELETE, name)), HERDER_DONE);
    }
    wait_until(tasks_alive == 50, "tasks: %d", tasks_alive);
}
END_TEST

static int
fenced(const char *name, bool *is_pending_out, unsigned *generation_out)
{
    const struct config_snapshot *snapshot = config_store_snapshot(stores->config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    int count = connector->fenced_task_count;
    *is_pending_out = connector->needs_fencing;
    *generation_out = connector->task_generation;
    config_snapshot_release(snapshot);
    return count;
}

static bool
never(void *arg)
{
    (void)arg;
    return false;
}

static bool
at_once(void *arg)
{
    (void)arg;
    return true;
}

/* The first tasks with exactly-once have none before them: only their number is written. */
START_TEST(a_round_of_fencing_writes_the_number_of_tasks_and_is_needed_once)
{
    bool is_pending;
    unsigned generation;
    ck_assert_int_eq(put("c", "2", "plain", true, NULL), HERDER_DONE);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");
    ck_assert_int_eq(fenced("c", &is_pending, &generation), -1);
    ck_assert(is_pending);
    ck_assert_msg(last_env->fence(last_env->arg, "c", never, NULL, &err), "%s", err.message);
    ck_assert_int_eq(fenced("c", &is_pending, &generation), 2);
    ck_assert(!is_pending);
    ck_assert_int_eq(ask(herder_request_new(HERDER_FENCE, "c")), HERDER_DONE);
    ck_assert(last_env->is_current(last_env->arg, "c", 1, generation, &err));
    ck_assert(!last_env->is_current(last_env->arg, "c", 1, generation - 1, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "has already generated a new set of task configs"));
    ck_assert_int_eq(ask(herder_request_new(HERDER_FENCE, "d")), HERDER_REFUSED);
    ck_assert_int_eq(err.code, ERROR_NOT_FOUND);
}
END_TEST

/* Producers of two tasks would have to be shut out, but no broker is there. */
START_TEST(fencing_that_cannot_be_done_writes_nothing_and_a_task_that_is_closed_does_not_wait_for_it)
{
    bool is_pending;
    unsigned generation;
    ck_assert_int_eq(put("c", "2", "plain", true, NULL), HERDER_DONE);
    wait_states("c", "RUNNING 0:RUNNING 1:RUNNING");
    ck_assert(last_env->fence(last_env->arg, "c", never, NULL, &err));
    ck_assert_int_eq(put("c", "1", "other", false, NULL), HERDER_DONE);
    wait_states("c", "RUNNING 0:RUNNING");
    int64_t began_ms = clock_now_ms();
    ck_assert(!last_env->fence(last_env->arg, "c", at_once, NULL, &err));
    ck_assert(err.retriable);
    ck_assert_int_lt(clock_now_ms() - began_ms, 5000);
    ck_assert_int_eq(fenced("c", &is_pending, &generation), 2);
    ck_assert(is_pending);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/runtime/herder");
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_new_connector_gets_its_tasks);
    tcase_add_test(tcase, an_existing_name_is_a_conflict_and_an_unknown_one_is_not_found);
    tcase_add_test(tcase, the_same_config_again_restarts_the_instance_and_leaves_the_tasks);
    tcase_add_test(tcase, a_changed_config_restarts_the_tasks_with_it);
    tcase_add_test(tcase, pause_and_resume_reach_instance_and_tasks);
    tcase_add_test(tcase, stopped_has_no_tasks_and_their_statuses_go);
    tcase_add_test(tcase, created_paused_or_stopped_it_never_runs);
    tcase_add_test(tcase, a_deleted_connector_leaves_nothing);
    tcase_add_test(tcase, a_failed_connector_says_why_and_waits_for_a_restart);
    tcase_add_test(tcase, a_planned_restart_shows_the_plan_and_carries_it_out);
    tcase_add_test(tcase, a_reference_is_resolved_for_the_task_and_kept_in_what_is_stored);
    tcase_add_test(tcase, an_unknown_class_in_the_store_is_a_failed_connector);
    tcase_add_test(tcase, many_connectors_come_and_go);
    suite_add_tcase(suite, tcase);
    TCase *once = tcase_create("exactly-once");
    tcase_set_timeout(once, 60);
    tcase_add_checked_fixture(once, setup_exactly_once, teardown);
    tcase_add_test(once, a_round_of_fencing_writes_the_number_of_tasks_and_is_needed_once);
    tcase_add_test(once, fencing_that_cannot_be_done_writes_nothing_and_a_task_that_is_closed_does_not_wait_for_it);
    suite_add_tcase(suite, once);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
