/*
 * Rounds of zombie fencing, one after the other: before the tasks of a new set of configs write in transactions, the
 * producers of the set before must be shut out, and the config topic says how many tasks the new set has
 * (DistributedHerder.fenceZombieSourceTasks). The leader's job; others ask it.
 */
#include "connect/runtime/herder_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/plugins.h"
#include "connect/runtime/client_settings.h"
#include "connect/storage/kafka_transaction.h"

#include <stdlib.h>
#include <string.h>

LOGGER("connect.runtime.fencer");

enum { READ_MS = 10000, FENCE_MS = 30000, STEP_MS = 100 };

struct fencer {
    struct herder *herder;
    struct mailbox box; /* herder, tasks -> fencer: struct herder_request */
    pthread_t thread;
};

/* ---- a round ------------------------------------------------------------------------------------------------------ */

/* What a round needs to know of a connector. */
struct round {
    const char *name;
    bool is_needed;
    int fence, record; /* how many producers to shut out; how many tasks there are now */
    unsigned generation;
    struct config *config;
};

static bool
round_read(struct herder *herder, struct round *round, struct error *err)
{
    if (!config_store_refresh(herder->stores.config, READ_MS, err))
        return error_wrap(err, "Failed to read to end of config topic before performing zombie fencing");
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, round->name);
    const struct connector_plugin *plugin =
        connector ? connector_plugin_find(config_get_or(connector->config, "connector.class", "")) : NULL;
    bool ok = true;
    if (!connector) {
        ok = error_set(err, ERROR_NOT_FOUND, "Connector %s not found", round->name);
    } else if (plugin && plugin->type != CONNECTOR_SOURCE) {
        ok = error_set(err, ERROR_CONFIG, "Connector %s is not a source connector", round->name);
    } else {
        /* From one task to one task: the new one's own claim shuts the old one out. */
        bool is_one = connector->fenced_task_count == 1 && connector->task_count == 1;
        round->is_needed = connector->needs_fencing;
        round->fence = is_one || connector->fenced_task_count < 0 ? 0 : connector->fenced_task_count;
        round->record = (int)connector->task_count;
        round->generation = connector->task_generation;
        round->config = config_providers_resolve(herder->options.providers, connector->config, err);
        ok = round->config != NULL;
    }
    config_snapshot_release(snapshot);
    return ok;
}

static bool
herder_stops(void *arg)
{
    struct herder *herder = arg;
    return atomic_load(&herder->is_stopping);
}

static bool
round_fence(struct herder *herder, const struct round *round, struct error *err)
{
    const struct worker_config *worker = herder->options.worker;
    struct config none = CONFIG_INIT, settings = CONFIG_INIT;
    struct patience patience = {.until_ms = clock_now_ms() + FENCE_MS, .is_over = herder_stops, .arg = herder};
    bool ok = true;
    client_settings(worker, round->config, "producer", &none, &settings);
    for (int task = 0; task < round->fence && ok; task++) {
        char *id = client_transactional_id(worker, round->name, task);
        ok = kafka_transaction_fence(&settings, id, &patience, err);
        free(id);
    }
    config_fini(&settings);
    return ok;
}

static bool
is_same_generation(struct herder *herder, const struct round *round, struct error *err)
{
    if (!config_store_refresh(herder->stores.config, READ_MS, err))
        return false;
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, round->name);
    bool is_same = connector && connector->task_generation == round->generation && (int)connector->task_count == round->record;
    config_snapshot_release(snapshot);
    return is_same || error_set_retriable(err, ERROR_CONFLICT, "Failed to complete zombie fencing because a new set of task configs was generated");
}

static bool
fence(struct herder *herder, const char *name, struct error *err)
{
    struct round round = {.name = name};
    bool ok = round_read(herder, &round, err);
    if (ok && round.is_needed) {
        log_debug("a round of zombie fencing for connector %s: %d producers, then %d tasks", name, round.fence, round.record);
        ok = round_fence(herder, &round, err) && (!round.fence || is_same_generation(herder, &round, err)) &&
             config_store_put_fencing(herder->stores.config, name, round.record, err);
    }
    config_free(round.config);
    return ok;
}

/* ---- the thread ----------------------------------------------------------------------------------------------------- */

static void *
fencer_thread(void *arg)
{
    struct fencer *fencer = arg;
    struct herder *herder = fencer->herder;
    struct mail *mail;
    log_context_set("fencing");
    while ((mail = mailbox_take(&fencer->box, -1))) {
        struct herder_request *request = (struct herder_request *)mail;
        if (herder_stops(herder))
            error_set(&request->err, ERROR_UNAVAILABLE, "The worker is shutting down");
        bool ok = !herder_stops(herder) && herder_is_leader(herder) && fence(herder, request->name, &request->err);
        request_answer(request, ok ? HERDER_DONE : request->err.code ? HERDER_REFUSED : HERDER_ASK_LEADER);
    }
    return NULL;
}

struct fencer *
fencer_start(struct herder *herder)
{
    struct fencer *fencer = xcalloc(1, sizeof(*fencer));
    fencer->herder = herder;
    mailbox_init(&fencer->box);
    int failed = pthread_create(&fencer->thread, NULL, fencer_thread, fencer);
    ensure(!failed, "no thread for fencing: %s", strerror(failed));
    return fencer;
}

void
fencer_post(struct fencer *fencer, struct herder_request *request)
{
    if (fencer && mailbox_post(&fencer->box, &request->mail))
        return;
    error_set(&request->err, ERROR_UNAVAILABLE, "The worker is shutting down");
    request_answer(request, HERDER_REFUSED);
}

void
fencer_stop(struct fencer *fencer)
{
    if (!fencer)
        return;
    mailbox_close(&fencer->box);
    pthread_join(fencer->thread, NULL);
    mailbox_fini(&fencer->box);
    free(fencer);
}

/* ---- for tasks -------------------------------------------------------------------------------------------------------- */

/* By our own fencer, if this is the leader. HERDER_WAITING: gave up. */
static enum herder_answer
fence_here(struct herder *herder, const char *connector, bool (*gives_up)(void *arg), void *arg, struct error *err)
{
    struct herder_request *request = herder_request_new(HERDER_FENCE, connector);
    enum herder_answer answer;
    request->refs = 2;
    fencer_post(herder->fencer, request);
    while (!(answer = request_wait(request, STEP_MS, err)) && !gives_up(arg)) {
    }
    herder_request_free(request);
    return answer;
}

bool
fencer_ask(void *arg, const char *connector, bool (*gives_up)(void *arg), void *gives_up_arg, struct error *err)
{
    struct herder *herder = arg;
    enum herder_answer answer = HERDER_ASK_LEADER;
    if (herder_is_leader(herder))
        answer = fence_here(herder, connector, gives_up, gives_up_arg, err);
    if (answer == HERDER_WAITING)
        return error_set_retriable(err, ERROR_TIMEOUT, "the task was stopped before earlier ones were shut out");
    if (answer != HERDER_ASK_LEADER)
        return answer == HERDER_DONE;
    if (!herder->options.send_fence)
        return error_set(err, ERROR_CONFLICT, "only the leader may perform zombie fencing");
    char *leader = herder_leader(herder, err);
    bool ok = leader && herder->options.send_fence(herder->options.arg, leader, connector, gives_up, gives_up_arg, err);
    free(leader);
    /* Who leads may change at any moment; only what is wrong with the connector itself stays wrong. */
    err->retriable = err->retriable || (err->code != ERROR_NOT_FOUND && err->code != ERROR_CONFIG);
    return ok;
}

bool
fencer_is_current(void *arg, const char *name, int task, unsigned generation, struct error *err)
{
    struct herder *herder = arg;
    if (!config_store_refresh(herder->stores.config, READ_MS, err))
        return error_wrap(err, "reading to the end of the config topic");
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    bool is_latest = connector && connector->task_generation == generation;
    pthread_mutex_lock(&herder->lock);
    bool is_ours = connector && holds(herder, connector, task);
    pthread_mutex_unlock(&herder->lock);
    config_snapshot_release(snapshot);
    if (!is_latest)
        return error_set(err, ERROR_CONFLICT,
                         "Cannot start source task %s-%d with exactly-once support as the connector has already generated a new set of task configs",
                         name, task);
    return is_ours || error_set(err, ERROR_CONFLICT,
                                "Cannot start source task %s-%d as it has been assigned to another worker", name, task);
}
