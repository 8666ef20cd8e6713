/* The herder's thread: opens the stores, joins the group, then takes one mail after the other. */
#include "connect/runtime/herder_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

LOGGER("connect.runtime.herder");

enum { JOIN_PATIENCE_MS = 60000 };

static void
condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &clock);
    pthread_condattr_destroy(&clock);
}

/* ---- stages ------------------------------------------------------------------------------------------------------- */

void
stage_begin(struct herder *herder, const char *format, ...)
{
    va_list args;
    pthread_mutex_lock(&herder->lock);
    va_start(args, format);
    vsnprintf(herder->stage, sizeof(herder->stage), format, args);
    va_end(args);
    herder->stage_began_ms = clock_wall_ms();
    herder->stage_ended_ms = 0;
    pthread_mutex_unlock(&herder->lock);
}

void
stage_end(struct herder *herder)
{
    pthread_mutex_lock(&herder->lock);
    herder->stage_ended_ms = clock_wall_ms();
    pthread_mutex_unlock(&herder->lock);
}

static void
instant_text(int64_t wall_ms, char *out, size_t size)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char date[32];
    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out, size, "%s.%03dZ", date, (int)(wall_ms % 1000));
}

char *
herder_stage(struct herder *herder)
{
    char began[64], ended[64];
    pthread_mutex_lock(&herder->lock);
    instant_text(herder->stage_began_ms, began, sizeof(began));
    instant_text(herder->stage_ended_ms, ended, sizeof(ended));
    char *text = !herder->stage[0] ? xstrdup("")
                 : herder->stage_ended_ms
                     ? xasprintf("The last operation the worker completed was %s, which began at %s and completed at %s.", herder->stage,
                                 began, ended)
                     : xasprintf("The worker is currently %s, which began at %s.", herder->stage, began);
    pthread_mutex_unlock(&herder->lock);
    return text;
}

/* ---- mail ------------------------------------------------------------------------------------------------------------ */

static void
mail_free(struct herder_mail *mail)
{
    free((char *)mail->change.name);
    free((char *)mail->change.level);
    free(mail->slots);
    free(mail->connector);
    config_list_fini(&mail->tasks);
    free(mail);
}

void
post(struct herder *herder, struct herder_mail *mail)
{
    if (!mailbox_post(&herder->box, &mail->mail))
        mail_free(mail);
}

/* From the config store's thread. */
static void
config_changed(void *arg, const struct config_change *change)
{
    struct herder_mail *mail = xcalloc(1, sizeof(*mail));
    mail->kind = MAIL_CHANGE;
    mail->change = *change;
    mail->change.name = xstrdup(change->name);
    mail->change.level = xstrdup(change->level);
    post(arg, mail);
}

static struct herder_mail *
slots_mail(enum mail_kind kind, const int32_t *slots, size_t count)
{
    struct herder_mail *mail = xcalloc(1, sizeof(*mail));
    mail->kind = kind;
    mail->slots = xcalloc(count + 1, sizeof(*mail->slots));
    if (count)
        memcpy(mail->slots, slots, count * sizeof(*slots));
    mail->slot_count = count;
    return mail;
}

/* From the member's thread. */
static void
slots_gained(void *arg, const int32_t *slots, size_t count, int slots_in_all)
{
    struct herder_mail *mail = slots_mail(MAIL_GAINED, slots, count);
    mail->slots_in_all = slots_in_all;
    post(arg, mail);
}

/* From the member's thread, which may give the slots away only when all on them is stopped. */
static void
slots_revoked(void *arg, const int32_t *slots, size_t count, bool are_lost)
{
    struct herder *herder = arg;
    struct herder_waiter waiter = {.is_done = false};
    pthread_mutex_init(&waiter.lock, NULL);
    pthread_cond_init(&waiter.changed, NULL);
    struct herder_mail *mail = slots_mail(MAIL_REVOKED, slots, count);
    mail->waiter = &waiter;
    mail->are_lost = are_lost;
    if (!mailbox_post(&herder->box, &mail->mail)) {
        mail_free(mail); /* all is stopped already */
    } else {
        pthread_mutex_lock(&waiter.lock);
        while (!waiter.is_done)
            pthread_cond_wait(&waiter.changed, &waiter.lock);
        pthread_mutex_unlock(&waiter.lock);
    }
    pthread_cond_destroy(&waiter.changed);
    pthread_mutex_destroy(&waiter.lock);
}

/* From the member's thread. */
static void
group_refused(void *arg, const struct error *err)
{
    struct herder_mail *mail = xcalloc(1, sizeof(*mail));
    mail->kind = MAIL_REFUSED;
    mail->err = *err;
    post(arg, mail);
}

static void
waiter_done(struct herder_waiter *waiter)
{
    pthread_mutex_lock(&waiter->lock);
    waiter->is_done = true;
    pthread_cond_signal(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

/* ---- slots ------------------------------------------------------------------------------------------------------------- */

bool
holds(const struct herder *herder, const struct config_connector *connector, int task)
{
    if (!herder->slots)
        return false;
    int first = slot_first(connector->name, connector->slot, herder->slots);
    return herder->held[slot_of(first, task, herder->slots)];
}

static void
leader_update(struct herder *herder)
{
    bool is_leader = herder->slots > 0 && herder->held[0];
    pthread_mutex_lock(&herder->lock);
    bool was_leader = herder->is_leader;
    herder->is_leader = is_leader;
    herder->counts.is_leader = is_leader;
    pthread_mutex_unlock(&herder->lock);
    if (is_leader != was_leader)
        log_info("this worker is %s the leader", is_leader ? "now" : "no longer");
    if (is_leader && !was_leader) {
        struct error err = ERROR_INIT;
        stage_begin(herder, "claiming write privileges for the config topic");
        if (!config_store_claim(herder->stores.config, &err))
            log_warn("write privileges for the config topic could not be claimed, the next write tries again: %s", err.message);
        stage_end(herder);
        session_key_keep(herder);
        purge_soon(herder);
    }
}

/* What waited for the first assignment. */
static void
release_requests(struct herder *herder)
{
    struct mail *mail;
    while ((mail = mailbox_take(&herder->requests, 0)))
        request_handle(herder, (struct herder_request *)mail);
}

/* Lock held. */
static void
note_rebalance(struct herder *herder)
{
    struct herder_counts *counts = &herder->counts;
    int64_t now_ms = clock_now_ms(), took_ms = now_ms - herder->rebalance_began_ms;
    counts->rebalances++;
    counts->rebalanced_ms = now_ms;
    counts->rebalance_ms_sum += took_ms;
    counts->rebalance_ms_max = took_ms > counts->rebalance_ms_max ? took_ms : counts->rebalance_ms_max;
    counts->is_rebalancing = false;
}

static void
rebalance_begins(struct herder *herder)
{
    pthread_mutex_lock(&herder->lock);
    if (!herder->counts.is_rebalancing)
        herder->rebalance_began_ms = clock_now_ms();
    herder->counts.is_rebalancing = true;
    pthread_mutex_unlock(&herder->lock);
}

static void
joined(struct herder *herder)
{
    pthread_mutex_lock(&herder->lock);
    bool is_first = !herder->has_joined;
    herder->has_joined = true;
    if (herder->options.worker->is_distributed)
        note_rebalance(herder);
    pthread_cond_broadcast(&herder->changed);
    pthread_mutex_unlock(&herder->lock);
    if (is_first)
        release_requests(herder);
}

static void
handle_gained(struct herder *herder, const struct herder_mail *mail)
{
    rebalance_begins(herder);
    struct error err = ERROR_INIT;
    stage_begin(herder, "reading to the end of the config topic");
    if (!config_store_refresh(herder->stores.config, herder->options.worker->rebalance_timeout_ms ? herder->options.worker->rebalance_timeout_ms : 30000, &err))
        log_warn("the config topic could not be read to its end: %s", err.message);
    stage_end(herder);
    pthread_mutex_lock(&herder->lock);
    if (herder->slots != mail->slots_in_all) {
        herder->held = xrealloc(herder->held, (size_t)mail->slots_in_all * sizeof(bool));
        for (int i = herder->slots; i < mail->slots_in_all; i++)
            herder->held[i] = false;
        if (herder->slots)
            log_error("the offsets topic now has %d partitions, not %d: all workers must be restarted", mail->slots_in_all, herder->slots);
        herder->slots = mail->slots_in_all;
    }
    for (size_t i = 0; i < mail->slot_count; i++)
        if (mail->slots[i] >= 0 && mail->slots[i] < herder->slots)
            herder->held[mail->slots[i]] = true;
    pthread_mutex_unlock(&herder->lock);
    leader_update(herder);
    stage_begin(herder, "starting connectors and tasks");
    work_slots_gained(herder);
    stage_end(herder);
    joined(herder);
}

static void
handle_revoked(struct herder *herder, const struct herder_mail *mail)
{
    rebalance_begins(herder);
    pthread_mutex_lock(&herder->lock);
    for (size_t i = 0; i < mail->slot_count; i++)
        if (mail->slots[i] >= 0 && mail->slots[i] < herder->slots)
            herder->held[mail->slots[i]] = false;
    pthread_mutex_unlock(&herder->lock);
    leader_update(herder);
    stage_begin(herder, "stopping connectors and tasks");
    work_slots_revoked(herder, mail->are_lost);
    stage_end(herder);
    pthread_mutex_lock(&herder->lock);
    herder->counts.is_rebalancing = false; /* what comes in place of it, if anything does, is counted */
    pthread_mutex_unlock(&herder->lock);
}

/* ---- reactions ------------------------------------------------------------------------------------------------------------ */

static void
handle_change(struct herder *herder, const struct config_change *change)
{
    enum log_level level;
    switch (change->event) {
    case CONFIG_CONNECTOR_CHANGED:
    case CONFIG_CONNECTOR_REMOVED:
        work_connector_changed(herder, change->name);
        break;
    case CONFIG_TASKS_CHANGED:
        work_tasks_changed(herder, change->name);
        break;
    case CONFIG_TARGET_CHANGED:
        work_target_changed(herder, change->name);
        break;
    case CONFIG_RESTART_REQUESTED:
        work_restart_planned(herder, change->name, change->include_tasks, change->only_failed);
        break;
    case CONFIG_LOGGER_LEVEL:
        if (log_level_parse(change->level, &level))
            log_level_set(change->name, level);
        break;
    }
}

/* The leader answered, or not, to task configurations that were sent to it. */
static void
handle_sent(struct herder *herder, const struct herder_mail *mail)
{
    struct work *work = work_find(herder, mail->connector);
    if (mail->ok || !work || work->serial != mail->serial)
        return;
    log_warn("the leader did not take the task configurations of %s, next try soon: %s", mail->connector, mail->err.message);
    work->ask_again_ms = clock_now_ms() + 1000;
}

/* False: stop. */
static bool
handle_mail(struct herder *herder, struct mail *taken)
{
    struct herder_mail *mail = (struct herder_mail *)taken;
    bool goes_on = true;
    switch (mail->kind) {
    case MAIL_CHANGE:
        handle_change(herder, &mail->change);
        break;
    case MAIL_GAINED:
        handle_gained(herder, mail);
        break;
    case MAIL_REVOKED:
        handle_revoked(herder, mail);
        waiter_done(mail->waiter);
        break;
    case MAIL_INSTANCE:
        work_instance_event(herder, mail);
        break;
    case MAIL_SENT:
        handle_sent(herder, mail);
        break;
    case MAIL_REQUEST: {
        struct mail *request;
        while ((request = mailbox_take(&herder->requests, 0)))
            request_handle(herder, (struct herder_request *)request);
        break;
    }
    case MAIL_REFUSED:
        log_error("the worker cannot go on: %s", mail->err.message);
        herder->options.failed(herder->options.arg, &mail->err);
        break;
    case MAIL_STOP:
        goes_on = false;
        break;
    }
    mail_free(mail);
    return goes_on;
}

static void
count_running(struct herder *herder)
{
    int connectors = 0, tasks = 0;
    for (size_t i = 0; i < herder->work_count; i++) {
        connectors += herder->works[i]->owns_connector;
        tasks += (int)herder->works[i]->task_count;
    }
    pthread_mutex_lock(&herder->lock);
    herder->counts.connectors = connectors;
    herder->counts.tasks = tasks;
    pthread_mutex_unlock(&herder->lock);
}

static void
serve(struct herder *herder)
{
    int64_t patience = clock_now_ms() + JOIN_PATIENCE_MS;
    for (;;) {
        int64_t now = clock_now_ms(), next = work_next_timer(herder);
        if (herder->purge_ms && herder->purge_ms < next)
            next = herder->purge_ms;
        if (!herder->has_joined && patience < next)
            next = patience;
        struct mail *mail = mailbox_take(&herder->box, next == INT64_MAX ? 60000 : next > now ? next - now : 0);
        if (mail && !handle_mail(herder, mail))
            return;
        now = clock_now_ms();
        work_timers(herder, now);
        if (herder->purge_ms && herder->purge_ms <= now)
            purge_statuses(herder);
        if (!herder->has_joined && patience <= now) {
            log_warn("this worker has not been given a share of the work yet; requests are answered all the same");
            joined(herder);
        }
        if (!mail)
            session_key_keep(herder);
        count_running(herder);
    }
}

/* ---- start and stop --------------------------------------------------------------------------------------------------------- */

static struct member *
member_of(struct herder *herder)
{
    pthread_mutex_lock(&herder->lock);
    struct member *member = herder->member;
    pthread_mutex_unlock(&herder->lock);
    return member;
}

static int
generation(void *arg)
{
    struct member *member = member_of(arg);
    return member ? member_generation(member) : 0;
}

static bool
open_all(struct herder *herder, struct error *err)
{
    const struct worker_config *worker = herder->options.worker;
    stage_begin(herder, "reading the internal topics");
    /* Kept when opening fails, too: herder_free closes what there is. */
    if (!herder->options.open(herder->options.arg, config_changed, herder, &herder->stop, &herder->stores, err))
        return false;
    stage_end(herder);
    herder->env = (struct task_env){
        .worker = worker,
        .statuses = herder->stores.status,
        .offsets = herder->stores.offsets,
        .metrics = herder->options.metrics,
        .generation = generation,
        .fence = worker->exactly_once == EXACTLY_ONCE_ENABLED ? fencer_ask : NULL,
        .is_current = worker->exactly_once == EXACTLY_ONCE_ENABLED ? fencer_is_current : NULL,
        .arg = herder,
    };
    if (worker->exactly_once == EXACTLY_ONCE_ENABLED)
        herder->fencer = fencer_start(herder);
    pthread_mutex_lock(&herder->lock);
    herder->is_open = true;
    pthread_cond_broadcast(&herder->changed);
    pthread_mutex_unlock(&herder->lock);
    if (!worker->is_distributed) {
        slots_gained(herder, (int32_t[]){0}, 1, 1);
        return true;
    }
    stage_begin(herder, "ensuring membership in the cluster");
    struct member_listener listener = {.gained = slots_gained, .revoked = slots_revoked, .refused = group_refused, .arg = herder};
    struct member *member = member_start(worker, &listener, err);
    pthread_mutex_lock(&herder->lock);
    herder->member = member;
    pthread_mutex_unlock(&herder->lock);
    if (member && herder->options.send_tasks)
        herder->courier = courier_start(herder);
    return member != NULL;
}

/* Nobody is to wait for an answer that does not come. */
static void
refuse_all(struct herder *herder)
{
    struct mail *mail;
    struct error stopping = ERROR_INIT;
    error_set(&stopping, ERROR_UNAVAILABLE, "The worker is shutting down");
    requests_settle(herder, NULL, &stopping);
    mailbox_close(&herder->requests);
    while ((mail = mailbox_take(&herder->requests, 0))) {
        struct herder_request *request = (struct herder_request *)mail;
        request->err = stopping;
        request_answer(request, HERDER_REFUSED);
    }
    mailbox_close(&herder->box);
    while ((mail = mailbox_take(&herder->box, 0))) {
        struct herder_mail *left = (struct herder_mail *)mail;
        if (left->kind == MAIL_REVOKED)
            waiter_done(left->waiter);
        mail_free(left);
    }
}

static void *
herder_thread(void *arg)
{
    struct herder *herder = arg;
    struct error err = ERROR_INIT;
    log_info("Herder starting");
    if (open_all(herder, &err)) {
        log_info("Herder started");
        serve(herder);
    } else if (!herder->stop) {
        log_error("the worker cannot start: %s", err.message);
        herder->options.failed(herder->options.arg, &err);
    }
    atomic_store(&herder->is_stopping, true);
    log_info("Herder stopping");
    work_stop_all(herder);
    refuse_all(herder);
    courier_stop(herder->courier);
    fencer_stop(herder->fencer);
    member_leave(herder->member);
    log_info("Herder stopped");
    return NULL;
}

struct herder *
herder_start(const struct herder_options *options)
{
    struct herder *herder = xcalloc(1, sizeof(*herder));
    herder->options = *options;
    mailbox_init(&herder->box);
    mailbox_init(&herder->requests);
    pthread_mutex_init(&herder->lock, NULL);
    condition_init(&herder->changed);
    int failed = pthread_create(&herder->thread, NULL, herder_thread, herder);
    ensure(!failed, "no thread for the herder: %s", strerror(failed));
    return herder;
}

void
herder_stop(struct herder *herder)
{
    if (!herder)
        return;
    pthread_mutex_lock(&herder->lock);
    herder->stop = true;
    bool is_open = herder->is_open;
    pthread_cond_broadcast(&herder->changed);
    pthread_mutex_unlock(&herder->lock);
    if (is_open)
        config_store_give_up(herder->stores.config);
    struct herder_mail *mail = xcalloc(1, sizeof(*mail));
    mail->kind = MAIL_STOP;
    post(herder, mail);
    pthread_join(herder->thread, NULL);
}

bool
herder_has_stragglers(void)
{
    return task_given_up_count() > 0 || connector_instance_given_up_count() > 0;
}

void
herder_free(struct herder *herder)
{
    if (!herder)
        return;
    member_stop(herder->member);
    if (herder->options.close)
        herder->options.close(herder->options.arg, &herder->stores);
    mailbox_fini(&herder->box);
    mailbox_fini(&herder->requests);
    pthread_mutex_destroy(&herder->lock);
    pthread_cond_destroy(&herder->changed);
    free(herder->held);
    free(herder->works);
    free(herder->settling);
    free(herder);
}

/* ---- for other threads -------------------------------------------------------------------------------------------------------- */

const struct herder_stores *
herder_stores(struct herder *herder, int64_t timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    pthread_mutex_lock(&herder->lock);
    int timed_out = 0;
    while (!herder->is_open && !herder->stop && !timed_out)
        timed_out = pthread_cond_timedwait(&herder->changed, &herder->lock, &until);
    bool is_open = herder->is_open;
    pthread_mutex_unlock(&herder->lock);
    return is_open ? &herder->stores : NULL;
}

bool
herder_is_ready(struct herder *herder)
{
    pthread_mutex_lock(&herder->lock);
    bool ready = herder->is_open && herder->has_joined;
    pthread_mutex_unlock(&herder->lock);
    return ready;
}

bool
herder_is_leader(struct herder *herder)
{
    pthread_mutex_lock(&herder->lock);
    bool is_leader = herder->is_leader;
    pthread_mutex_unlock(&herder->lock);
    return is_leader;
}

bool
herder_is_stopping(struct herder *herder)
{
    return atomic_load(&herder->is_stopping);
}

struct herder_counts
herder_counts(struct herder *herder)
{
    pthread_mutex_lock(&herder->lock);
    struct herder_counts counts = herder->counts;
    struct member *member = herder->is_open && herder->has_joined ? herder->member : NULL;
    pthread_mutex_unlock(&herder->lock);
    counts.generation = member ? member_generation(member) : 0;
    return counts;
}

static char *
holder_of_slot(struct herder *herder, int slot, struct error *err)
{
    struct member *member = member_of(herder);
    if (!member) {
        error_set(err, ERROR_CONFLICT, herder->options.worker->is_distributed ? "this worker has not joined its group yet"
                                                                               : "there is only one worker");
        return NULL;
    }
    return member_holder(member, slot, 5000, err);
}

char *
herder_leader(struct herder *herder, struct error *err)
{
    return holder_of_slot(herder, 0, err);
}

char *
herder_holder(struct herder *herder, const char *connector, int task, struct error *err)
{
    pthread_mutex_lock(&herder->lock);
    int slots = herder->slots;
    pthread_mutex_unlock(&herder->lock);
    if (!slots) {
        error_set(err, ERROR_CONFLICT, "no slots are known yet");
        return NULL;
    }
    const struct config_snapshot *snapshot = config_store_snapshot(herder->stores.config);
    const struct config_connector *known = config_snapshot_find(snapshot, connector);
    int first = slot_first(connector, known ? known->slot : -1, slots);
    config_snapshot_release(snapshot);
    return holder_of_slot(herder, slot_of(first, task, slots), err);
}

char *
herder_cluster_id(struct herder *herder, int64_t timeout_ms)
{
    struct member *member = herder_stores(herder, timeout_ms) ? member_of(herder) : NULL;
    return member ? member_cluster_id(member, timeout_ms) : NULL;
}

struct herder_request *
herder_request_new(enum herder_op op, const char *name)
{
    struct herder_request *request = xcalloc(1, sizeof(*request));
    request->op = op;
    request->name = xstrdup(name);
    request->refs = 1;
    pthread_mutex_init(&request->lock, NULL);
    condition_init(&request->answered);
    return request;
}

void
herder_request_free(struct herder_request *request)
{
    pthread_mutex_lock(&request->lock);
    bool is_last = --request->refs == 0;
    pthread_mutex_unlock(&request->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&request->lock);
    pthread_cond_destroy(&request->answered);
    free(request->name);
    config_free(request->config);
    config_list_fini(&request->tasks);
    status_list_fini(&request->plan);
    free(request->level);
    free(request);
}

enum herder_answer
request_wait(struct herder_request *request, int64_t timeout_ms, struct error *err)
{
    struct timespec until = clock_deadline(timeout_ms);
    pthread_mutex_lock(&request->lock);
    int timed_out = 0;
    while (!request->done && !timed_out)
        timed_out = pthread_cond_timedwait(&request->answered, &request->lock, &until);
    enum herder_answer answer = request->done;
    if (answer == HERDER_REFUSED)
        *err = request->err;
    pthread_mutex_unlock(&request->lock);
    return answer;
}

enum herder_answer
herder_ask(struct herder *herder, struct herder_request *request, int64_t timeout_ms, struct error *err)
{
    request->refs = 2;
    if (!mailbox_post(&herder->requests, &request->mail)) {
        request->refs = 1;
        error_set(err, ERROR_UNAVAILABLE, "The worker is shutting down");
        return HERDER_REFUSED;
    }
    pthread_mutex_lock(&herder->lock);
    bool has_joined = herder->has_joined;
    pthread_mutex_unlock(&herder->lock);
    if (has_joined) { /* else it is handled with the first assignment */
        struct herder_mail *knock = xcalloc(1, sizeof(*knock));
        knock->kind = MAIL_REQUEST;
        post(herder, knock);
    }
    enum herder_answer answer = request_wait(request, timeout_ms, err);
    if (answer != HERDER_WAITING)
        return answer;
    error_set(err, ERROR_TIMEOUT, "Request timed out.");
    return HERDER_REFUSED;
}
