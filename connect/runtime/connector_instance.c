/* The thread of a connector: init, task_configs, then watch and task_configs in turn, fini. */
#include "connect/runtime/connector_instance.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("connect.runtime.connector_instance");

static atomic_int instances_given_up; /* by connector_instance_join, and still running */

int
connector_instance_given_up_count(void)
{
    return atomic_load(&instances_given_up);
}

enum {
    RETRY_FIRST_MS = 250, /* after task configurations could not be made, doubled each time */
    RETRY_MAX_MS = 60000,
    WATCH_MS = 1000,
    STACK_SIZE = 512 << 10,
};

struct connector_instance {
    char *connector;
    const struct connector_plugin *plugin;
    struct config *config;
    unsigned serial;
    instance_listener_fn *listener;
    void *arg;
    void *state; /* the connector's own */
    pthread_t thread;
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    bool is_closing, is_asked, is_finishing, is_ended, is_abandoned;
    int closers; /* threads inside the connector's close; fini waits for them */
};

static void
instance_free(struct connector_instance *instance)
{
    pthread_mutex_destroy(&instance->lock);
    pthread_cond_destroy(&instance->changed);
    config_free(instance->config);
    free(instance->connector);
    free(instance->state);
    free(instance);
}

/* Nothing is told by an instance that was given up. */
static void
tell(struct connector_instance *instance, enum instance_event event, struct config_list *tasks, const struct error *err)
{
    pthread_mutex_lock(&instance->lock);
    bool is_silent = instance->is_closing || instance->is_abandoned;
    pthread_mutex_unlock(&instance->lock);
    if (!is_silent)
        instance->listener(instance->arg, instance->connector, instance->serial, event, tasks, err);
    if (tasks)
        config_list_fini(tasks);
}

static bool
is_closing(struct connector_instance *instance)
{
    pthread_mutex_lock(&instance->lock);
    bool closing = instance->is_closing;
    pthread_mutex_unlock(&instance->lock);
    return closing;
}

/* Until asked, closed, or `ms` (negative: no limit) are over. True: asked. */
static bool
wait_asked(struct connector_instance *instance, int64_t ms)
{
    struct timespec until = clock_deadline(ms);
    pthread_mutex_lock(&instance->lock);
    int timed_out = 0;
    while (!instance->is_closing && !instance->is_asked && !timed_out)
        timed_out = ms < 0 ? pthread_cond_wait(&instance->changed, &instance->lock)
                           : pthread_cond_timedwait(&instance->changed, &instance->lock, &until);
    bool asked = instance->is_asked;
    pthread_mutex_unlock(&instance->lock);
    return asked;
}

static bool
too_many(const struct connector_instance *instance, size_t count, int max, struct error *err)
{
    if (count <= (size_t)max)
        return false;
    const char *enforce = config_get_or(instance->config, "tasks.max.enforce", "true");
    if (strcasecmp(enforce, "false") == 0) {
        log_warn("the connector made %zu tasks, more than tasks.max=%d allows; tasks.max.enforce=false lets it", count, max);
        return false;
    }
    error_set(err, ERROR_CONFIG,
              "The connector %s has generated %zu tasks, which is greater than %d, the maximum number of tasks it is configured "
              "to create. It can be permitted by setting 'tasks.max.enforce' to false.",
              instance->connector, count, max);
    err->java_class = "org.apache.kafka.connect.runtime.TooManyTasksException";
    return true;
}

enum outcome { DONE, FAILED, AGAIN };

static enum outcome
make_tasks(struct connector_instance *instance, int64_t *retry_ms)
{
    struct config_list tasks = CONFIG_LIST_INIT;
    struct error err = ERROR_INIT;
    int max = atoi(config_get_or(instance->config, "tasks.max", "1"));
    pthread_mutex_lock(&instance->lock);
    instance->is_asked = false;
    pthread_mutex_unlock(&instance->lock);
    if (!instance->plugin->connector->task_configs(instance->state, max, &tasks, &err)) {
        config_list_fini(&tasks);
        if (!is_closing(instance))
            log_error("task configurations could not be made, next try in %lld ms: %s", (long long)*retry_ms, err.message);
        return AGAIN;
    }
    *retry_ms = RETRY_FIRST_MS;
    if (too_many(instance, tasks.count, max, &err)) {
        config_list_fini(&tasks);
        tell(instance, INSTANCE_FAILED, NULL, &err);
        return FAILED;
    }
    tell(instance, INSTANCE_TASKS, &tasks, NULL);
    return DONE;
}

static void
run(struct connector_instance *instance)
{
    const struct connector_ops *ops = instance->plugin->connector;
    int64_t retry_ms = RETRY_FIRST_MS;
    enum outcome outcome = AGAIN;
    while (!is_closing(instance)) {
        outcome = make_tasks(instance, &retry_ms);
        if (outcome == FAILED)
            return;
        if (outcome == AGAIN) {
            wait_asked(instance, retry_ms);
            retry_ms = retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : retry_ms * 2;
            continue;
        }
        if (!ops->watch)
            wait_asked(instance, -1);
        while (ops->watch && !wait_asked(instance, 0) && !is_closing(instance) && !ops->watch(instance->state, WATCH_MS))
            ;
    }
}

static void *
instance_thread(void *arg)
{
    struct connector_instance *instance = arg;
    const struct connector_ops *ops = instance->plugin->connector;
    struct connector_context context = {.connector = instance->connector};
    struct error err = ERROR_INIT;
    char *name = xasprintf("%s|worker", instance->connector);
    log_context_set(name);
    free(name);
    bool ok = !ops->init || ops->init(instance->state, &context, instance->config, &err);
    if (ok) {
        tell(instance, INSTANCE_STARTED, NULL, NULL);
        run(instance);
    } else {
        tell(instance, INSTANCE_FAILED, NULL, &err);
    }
    pthread_mutex_lock(&instance->lock);
    instance->is_finishing = true;
    while (instance->closers)
        pthread_cond_wait(&instance->changed, &instance->lock);
    pthread_mutex_unlock(&instance->lock);
    if (ops->fini)
        ops->fini(instance->state);
    pthread_mutex_lock(&instance->lock);
    instance->is_ended = true;
    bool is_abandoned = instance->is_abandoned;
    pthread_cond_broadcast(&instance->changed);
    pthread_mutex_unlock(&instance->lock);
    if (is_abandoned) {
        instance_free(instance);
        atomic_fetch_sub(&instances_given_up, 1);
    }
    return NULL;
}

struct connector_instance *
connector_instance_start(const struct instance_spec *spec)
{
    struct connector_instance *instance = xcalloc(1, sizeof(*instance));
    instance->connector = xstrdup(spec->connector);
    instance->plugin = spec->plugin;
    instance->config = config_dup(spec->config);
    instance->serial = spec->serial;
    instance->listener = spec->listener;
    instance->arg = spec->arg;
    instance->state = xcalloc(1, spec->plugin->connector->size ? spec->plugin->connector->size : 1);
    pthread_mutex_init(&instance->lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&instance->changed, &clock);
    pthread_condattr_destroy(&clock);
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    int failed = pthread_create(&instance->thread, &attr, instance_thread, instance);
    pthread_attr_destroy(&attr);
    if (!failed)
        return instance;
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_INTERNAL, "no thread for the connector: %s", strerror(failed));
    spec->listener(spec->arg, spec->connector, spec->serial, INSTANCE_FAILED, NULL, &err);
    instance_free(instance);
    return NULL;
}

void
connector_instance_ask(struct connector_instance *instance)
{
    pthread_mutex_lock(&instance->lock);
    instance->is_asked = true;
    pthread_cond_broadcast(&instance->changed);
    pthread_mutex_unlock(&instance->lock);
}

void
connector_instance_close(struct connector_instance *instance)
{
    pthread_mutex_lock(&instance->lock);
    instance->is_closing = true;
    bool calls_close = !instance->is_finishing && instance->plugin->connector->close;
    instance->closers += calls_close;
    pthread_cond_broadcast(&instance->changed);
    pthread_mutex_unlock(&instance->lock);
    if (!calls_close)
        return;
    instance->plugin->connector->close(instance->state);
    pthread_mutex_lock(&instance->lock);
    instance->closers--;
    pthread_cond_broadcast(&instance->changed);
    pthread_mutex_unlock(&instance->lock);
}

bool
connector_instance_join(struct connector_instance *instance, int64_t deadline_ms)
{
    int64_t left = deadline_ms - clock_now_ms();
    struct timespec until = clock_deadline(left);
    pthread_mutex_lock(&instance->lock);
    int timed_out = 0;
    while (!instance->is_ended && !timed_out)
        timed_out = pthread_cond_timedwait(&instance->changed, &instance->lock, &until);
    bool is_ended = instance->is_ended;
    pthread_t thread = instance->thread;
    if (!is_ended) {
        instance->is_abandoned = true;
        atomic_fetch_add(&instances_given_up, 1);
        pthread_detach(thread); /* with the lock held: after it the instance frees itself at any moment */
    }
    pthread_mutex_unlock(&instance->lock);
    if (!is_ended)
        return false;
    pthread_join(thread, NULL);
    instance_free(instance);
    return true;
}
