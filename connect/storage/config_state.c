/*
 * The state machine of the config topic.
 *
 *   connector-N      properties of the connector; null: it is gone, with its tasks
 *   task-N-i         held back until ...
 *   commit-N         ... a commit says how many tasks there are: complete ones go live, others are inconsistent
 *   target-state-N   STARTED, PAUSED, STOPPED
 *
 * Each connector's published form is made when a snapshot is taken and kept until one of its records comes, so
 * that reading a long topic at start makes no copies.
 */
#include "connect/storage/config_state.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/storage/json_text.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

LOGGER("connect.storage.config_store");

enum { STATE_TASKS_MAX = 100000 };

/* The published form of a connector, shared by snapshots. */
struct published {
    struct config_connector view; /* first, so that a view leads here */
    atomic_uint refs;
};

struct snapshot {
    struct config_snapshot view;
    atomic_uint refs;
};

/* Task configs by number, with holes. */
struct task_slots {
    struct config **items;
    size_t size;
};

/* All that is known of one name; some records come before the connector's own, and some outlive it. */
struct entry {
    char *name;
    struct config *config; /* NULL: no such connector */
    struct config *applied;
    bool has_target;
    enum target_state target;
    int slot; /* -1: none */
    struct task_slots live, deferred;
    size_t task_count;
    bool is_inconsistent, needs_fencing;
    unsigned generation;
    int fenced_task_count;
    struct published *published; /* NULL: has to be made again */
};

struct config_state {
    config_listener_fn *listener;
    void *arg;

    pthread_mutex_t lock; /* guards everything below */
    struct entry **entries; /* sorted by name */
    size_t count, size;
    int64_t offset;
    bool is_started; /* changes are told from now on */
    struct session_key session_key;
    struct snapshot *snapshot; /* NULL: has to be made again */
};

const char *
target_state_name(enum target_state state)
{
    static const char *const names[] = {"STARTED", "PAUSED", "STOPPED"};
    return names[state];
}

/* ---- snapshots ------------------------------------------------------------------------------------------------ */

static void
published_unref(struct published *published)
{
    if (!published || atomic_fetch_sub(&published->refs, 1) > 1)
        return;
    struct config_connector *view = &published->view;
    free((char *)(uintptr_t)view->name);
    config_free((struct config *)(uintptr_t)view->config);
    config_free((struct config *)(uintptr_t)view->applied_config);
    for (size_t i = 0; i < view->task_count; i++)
        config_free((struct config *)(uintptr_t)view->tasks[i]);
    free((void *)(uintptr_t)view->tasks);
    free(published);
}

static struct published *
entry_publish(const struct entry *entry)
{
    struct published *published = xcalloc(1, sizeof(*published));
    atomic_init(&published->refs, 1);
    size_t count = entry->is_inconsistent ? 0 : entry->task_count;
    const struct config **tasks = xcalloc(count + 1, sizeof(*tasks));
    for (size_t i = 0; i < count; i++)
        tasks[i] = config_dup(entry->live.items[i]);
    published->view = (struct config_connector){
        .name = xstrdup(entry->name),
        .config = config_dup(entry->config),
        .target = entry->has_target ? entry->target : TARGET_STARTED,
        .slot = entry->slot,
        .tasks = tasks,
        .task_count = count,
        .is_inconsistent = entry->is_inconsistent,
        .applied_config = entry->applied ? config_dup(entry->applied) : NULL,
        .task_generation = entry->generation,
        .needs_fencing = entry->needs_fencing,
        .fenced_task_count = entry->fenced_task_count,
    };
    return published;
}

/* The lock is held. */
static struct snapshot *
snapshot_make(struct config_state *state)
{
    struct snapshot *snapshot = xcalloc(1, sizeof(*snapshot));
    atomic_init(&snapshot->refs, 1);
    const struct config_connector **connectors = xcalloc(state->count + 1, sizeof(*connectors));
    size_t count = 0;
    for (size_t i = 0; i < state->count; i++) {
        struct entry *entry = state->entries[i];
        if (!entry->config)
            continue;
        if (!entry->published)
            entry->published = entry_publish(entry);
        atomic_fetch_add(&entry->published->refs, 1);
        connectors[count++] = &entry->published->view;
    }
    snapshot->view = (struct config_snapshot){.offset = state->offset, .connectors = connectors, .count = count};
    return snapshot;
}

const struct config_snapshot *
config_state_snapshot(struct config_state *state)
{
    pthread_mutex_lock(&state->lock);
    if (!state->snapshot)
        state->snapshot = snapshot_make(state);
    struct snapshot *snapshot = state->snapshot;
    atomic_fetch_add(&snapshot->refs, 1);
    pthread_mutex_unlock(&state->lock);
    return &snapshot->view;
}

void
config_snapshot_release(const struct config_snapshot *view)
{
    struct snapshot *snapshot = (struct snapshot *)(uintptr_t)view;
    if (!snapshot || atomic_fetch_sub(&snapshot->refs, 1) > 1)
        return;
    for (size_t i = 0; i < view->count; i++)
        published_unref((struct published *)(uintptr_t)view->connectors[i]);
    free((void *)(uintptr_t)view->connectors);
    free(snapshot);
}

const struct config_connector *
config_snapshot_find(const struct config_snapshot *snapshot, const char *name)
{
    size_t low = 0, high = snapshot->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(snapshot->connectors[middle]->name, name);
        if (order == 0)
            return snapshot->connectors[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- entries (the lock is held) -------------------------------------------------------------------------------- */

static void
slots_clear(struct task_slots *slots)
{
    for (size_t i = 0; i < slots->size; i++)
        config_free(slots->items[i]);
    free(slots->items);
    *slots = (struct task_slots){0};
}

static void
slots_set(struct task_slots *slots, size_t number, struct config *cfg)
{
    if (number >= slots->size) {
        slots->items = xrealloc(slots->items, (number + 1) * sizeof(*slots->items));
        for (size_t i = slots->size; i <= number; i++)
            slots->items[i] = NULL;
        slots->size = number + 1;
    }
    config_free(slots->items[number]);
    slots->items[number] = cfg;
}

static void
entry_changed(struct config_state *state, struct entry *entry)
{
    published_unref(entry->published);
    entry->published = NULL;
    if (state->snapshot)
        config_snapshot_release(&state->snapshot->view);
    state->snapshot = NULL;
}

static struct entry *
entry_of(struct config_state *state, const char *name)
{
    size_t low = 0, high = state->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(state->entries[middle]->name, name);
        if (order == 0)
            return state->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (state->count == state->size) {
        state->size = state->size ? state->size * 2 : 16;
        state->entries = xrealloc(state->entries, state->size * sizeof(*state->entries));
    }
    memmove(state->entries + low + 1, state->entries + low, (state->count - low) * sizeof(*state->entries));
    state->count++;
    struct entry *entry = state->entries[low] = xcalloc(1, sizeof(*entry));
    entry->name = xstrdup(name);
    entry->fenced_task_count = -1;
    entry->slot = -1;
    return entry;
}

static void
entry_free(struct entry *entry)
{
    published_unref(entry->published);
    config_free(entry->config);
    config_free(entry->applied);
    slots_clear(&entry->live);
    slots_clear(&entry->deferred);
    free(entry->name);
    free(entry);
}

/* ---- records ----------------------------------------------------------------------------------------------------- */

/* One record, taken apart. `change` is filled when somebody should be told. */
struct applied {
    struct config_state *state;
    const char *key;    /* whole, NUL-terminated */
    const char *name;   /* behind the prefix */
    const json_t *value; /* NULL: a tombstone */
    int slot;            /* of the record's header, or -1 */
    bool tell;
    struct config_change change;
};

static void
tell(struct applied *a, enum config_event event)
{
    a->tell = true;
    a->change.event = event;
    a->change.name = a->name;
}

static bool
skip(const struct applied *a, const char *why)
{
    log_error("ignoring the record %s of the config topic: %s", a->key, why);
    return false;
}

/* {"properties":{...}} as a config; NULL when it is not that. */
static struct config *
properties_of(const json_t *value)
{
    const json_t *properties = json_object_get(value, "properties");
    if (!json_is_object(properties))
        return NULL;
    struct config *cfg = config_new();
    json_t *object = (json_t *)(uintptr_t)properties;
    const char *key;
    json_t *item;
    json_object_foreach(object, key, item) {
        if (!json_is_string(item) && !json_is_null(item)) {
            config_free(cfg);
            return NULL;
        }
        config_set(cfg, key, json_string_value(item));
    }
    return cfg;
}

static bool
apply_connector(struct applied *a)
{
    struct entry *entry = entry_of(a->state, a->name);
    struct config *cfg = a->value ? properties_of(a->value) : NULL;
    if (a->value && !cfg)
        return skip(a, "no properties in it");
    config_free(entry->config);
    entry->config = cfg;
    entry->slot = a->slot;
    if (cfg) {
        entry->target = entry->has_target ? entry->target : TARGET_STARTED;
        entry->has_target = true;
        tell(a, CONFIG_CONNECTOR_CHANGED);
    } else { /* fencing stays: producers of the old tasks may still be alive */
        slots_clear(&entry->live);
        slots_clear(&entry->deferred);
        entry->task_count = 0;
        entry->is_inconsistent = false;
        config_free(entry->applied);
        entry->applied = NULL;
        tell(a, CONFIG_CONNECTOR_REMOVED);
    }
    entry_changed(a->state, entry);
    return true;
}

static bool
apply_task(struct applied *a)
{
    const char *dash = strrchr(a->name, '-');
    char *end = NULL;
    long number = dash ? strtol(dash + 1, &end, 10) : -1;
    if (!dash || dash == a->name || end == dash + 1 || *end || number < 0 || number >= STATE_TASKS_MAX)
        return skip(a, "no task number in its key");
    struct config *cfg = a->value ? properties_of(a->value) : NULL;
    if (!cfg)
        return skip(a, "no properties in it");
    char *name = xmemdup(a->name, (size_t)(dash - a->name));
    slots_set(&entry_of(a->state, name)->deferred, (size_t)number, cfg);
    free(name);
    return true;
}

/* Move what was held back into place, if each task of the commit is there. */
static bool
tasks_go_live(struct entry *entry, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (i >= entry->deferred.size || !entry->deferred.items[i])
            return false;
    for (size_t i = 0; i < count; i++) {
        slots_set(&entry->live, i, entry->deferred.items[i]);
        entry->deferred.items[i] = NULL;
    }
    return true;
}

static bool
apply_commit(struct applied *a)
{
    const json_t *tasks = json_object_get(a->value, "tasks");
    if (!json_is_integer(tasks) || json_integer_value(tasks) < 0 || json_integer_value(tasks) > STATE_TASKS_MAX)
        return skip(a, "no number of tasks in it");
    struct entry *entry = entry_of(a->state, a->name);
    if (!entry->config) {
        slots_clear(&entry->deferred);
        return true; /* left over from a connector that was deleted */
    }
    size_t count = (size_t)json_integer_value(tasks);
    if (tasks_go_live(entry, count)) {
        entry->is_inconsistent = false;
        entry->generation += count > 0;
        config_free(entry->applied);
        entry->applied = config_dup(entry->config);
    } else {
        log_debug("connector %s has a commit of %zu tasks, but not all of their configs", a->name, count);
        entry->is_inconsistent = true;
    }
    slots_clear(&entry->deferred);
    entry->task_count = count;
    entry->needs_fencing = true;
    tell(a, CONFIG_TASKS_CHANGED);
    entry_changed(a->state, entry);
    return true;
}

static bool
target_of(const json_t *value, enum target_state *out)
{
    const char *word = json_string_value(json_object_get(value, "state.v2"));
    if (!word)
        word = json_string_value(json_object_get(value, "state"));
    for (int i = TARGET_STARTED; word && i <= TARGET_STOPPED; i++)
        if (strcmp(word, target_state_name((enum target_state)i)) == 0) {
            *out = (enum target_state)i;
            return true;
        }
    return false;
}

/* A tombstone under a living connector takes effect at the next start only: nobody is told. */
static bool
apply_target(struct applied *a)
{
    struct entry *entry = entry_of(a->state, a->name);
    enum target_state target = TARGET_STARTED;
    if (a->value && !target_of(a->value, &target))
        return skip(a, "no known state in it");
    entry->has_target = a->value || entry->config;
    entry->target = target;
    if (a->value && entry->config)
        tell(a, CONFIG_TARGET_CHANGED);
    entry_changed(a->state, entry);
    return true;
}

static bool
apply_fencing(struct applied *a)
{
    const json_t *count = json_object_get(a->value, "task-count");
    if (!json_is_integer(count))
        return skip(a, "no number of tasks in it");
    struct entry *entry = entry_of(a->state, a->name);
    entry->fenced_task_count = (int)json_integer_value(count);
    entry->needs_fencing = false;
    entry_changed(a->state, entry);
    return true;
}

static bool
apply_session_key(struct applied *a)
{
    const char *key = json_string_value(json_object_get(a->value, "key"));
    const char *algorithm = json_string_value(json_object_get(a->value, "algorithm"));
    const json_t *created = json_object_get(a->value, "creation-timestamp");
    if (!key || !algorithm || !json_is_integer(created))
        return skip(a, "not a session key");
    session_key_fini(&a->state->session_key);
    a->state->session_key = (struct session_key){xstrdup(key), xstrdup(algorithm), json_integer_value(created)};
    return true;
}

static bool
apply_restart(struct applied *a)
{
    if (!a->value)
        return true;
    a->change.include_tasks = json_is_true(json_object_get(a->value, "include-tasks"));
    a->change.only_failed = json_is_true(json_object_get(a->value, "only-failed"));
    tell(a, CONFIG_RESTART_REQUESTED);
    return true;
}

static bool
apply_logger(struct applied *a)
{
    a->change.level = json_string_value(json_object_get(a->value, "level"));
    if (!a->change.level)
        return !a->value || skip(a, "no level in it");
    tell(a, CONFIG_LOGGER_LEVEL);
    return true;
}

static const struct {
    const char *prefix;
    bool (*apply)(struct applied *a);
} record_kinds[] = {
    {"connector-", apply_connector},     {"task-", apply_task},           {"commit-", apply_commit},
    {"target-state-", apply_target},     {"tasks-fencing-", apply_fencing}, {"session-key", apply_session_key},
    {"restart-connector-", apply_restart}, {"logger-cluster-", apply_logger},
};

static void
record_apply(struct applied *a)
{
    for (size_t i = 0; i < sizeof(record_kinds) / sizeof(record_kinds[0]); i++) {
        size_t len = strlen(record_kinds[i].prefix);
        if (strncmp(a->key, record_kinds[i].prefix, len))
            continue;
        a->name = a->key + len;
        record_kinds[i].apply(a);
        return;
    }
    log_error("ignoring the record %s of the config topic: its key is not known", a->key);
}

/* A slot as a decimal number; -1 for anything else. */
static int
slot_read(const struct kafka_log_record *record)
{
    enum { DIGITS_MAX = 6 };
    int slot = 0;
    if (!record->slot || record->slot_len == 0 || record->slot_len > DIGITS_MAX)
        return -1;
    for (size_t i = 0; i < record->slot_len; i++) {
        if (record->slot[i] < '0' || record->slot[i] > '9')
            return -1;
        slot = slot * 10 + (record->slot[i] - '0');
    }
    return slot;
}

void
config_state_read(struct config_state *state, const struct kafka_log_record *record)
{
    char *key = xmemdup(record->key, record->key_len);
    struct error err = ERROR_INIT;
    struct applied a = {.state = state, .key = key, .slot = slot_read(record)};
    json_t *value = record->value ? json_text_parse(record->value, record->value_len, &err) : NULL;
    a.value = value && !json_is_null(value) ? value : NULL;
    pthread_mutex_lock(&state->lock);
    if (record->value && !value)
        log_error("ignoring the record %s of the config topic: %s", key, err.message);
    else
        record_apply(&a);
    state->offset = record->offset + 1;
    bool is_started = state->is_started;
    pthread_mutex_unlock(&state->lock);
    if (a.tell && is_started && state->listener)
        state->listener(state->arg, &a.change);
    json_decref(value);
    free(key);
}

/* ---- life --------------------------------------------------------------------------------------------------------- */

struct config_state *
config_state_new(config_listener_fn *listener, void *arg)
{
    struct config_state *state = xcalloc(1, sizeof(*state));
    pthread_mutex_init(&state->lock, NULL);
    state->listener = listener;
    state->arg = arg;
    return state;
}

void
config_state_free(struct config_state *state)
{
    if (!state)
        return;
    if (state->snapshot)
        config_snapshot_release(&state->snapshot->view);
    for (size_t i = 0; i < state->count; i++)
        entry_free(state->entries[i]);
    free(state->entries);
    session_key_fini(&state->session_key);
    pthread_mutex_destroy(&state->lock);
    free(state);
}

void
config_state_started(struct config_state *state)
{
    pthread_mutex_lock(&state->lock);
    state->is_started = true;
    pthread_mutex_unlock(&state->lock);
}

int64_t
config_state_offset(struct config_state *state)
{
    pthread_mutex_lock(&state->lock);
    int64_t offset = state->offset;
    pthread_mutex_unlock(&state->lock);
    return offset;
}

/* ---- the session key ---------------------------------------------------------------------------------------------- */

void
session_key_fini(struct session_key *key)
{
    free(key->key);
    free(key->algorithm);
    *key = (struct session_key){0};
}

bool
config_state_session_key(struct config_state *state, struct session_key *out)
{
    pthread_mutex_lock(&state->lock);
    bool has_key = state->session_key.key;
    if (has_key)
        *out = (struct session_key){xstrdup(state->session_key.key), xstrdup(state->session_key.algorithm), state->session_key.created_ms};
    pthread_mutex_unlock(&state->lock);
    return has_key;
}
