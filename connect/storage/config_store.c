/*
 * The state machine of the config topic. In memory the same records are applied without a topic between, so
 * both kinds of store run the same code.
 *
 *   connector-N      properties of the connector; null: it is gone, with its tasks
 *   task-N-i         held back until ...
 *   commit-N         ... a commit says how many tasks there are: complete ones go live, others are inconsistent
 *   target-state-N   STARTED, PAUSED, STOPPED
 *
 * Each connector's published form is made when a snapshot is taken and kept until one of its records comes, so
 * that reading a long topic at start makes no copies.
 */
#include "connect/storage/config_store.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/storage/json_text.h"
#include "connect/storage/leader_writer.h"
#include "connect/storage/store_priv.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LOGGER("connect.storage.config_store");

enum { STORE_TIMEOUT_MS = 30000, STORE_TASKS_MAX = 100000 };

/* The published form of a connector, shared by snapshots. */
struct published {
    struct config_connector view; /* first, so that a view leads here */
    atomic_uint refs;
    size_t tasks_owned;
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

struct config_store {
    struct kafka_log_topic *topic; /* NULL: in memory */
    struct leader_writer *leader;  /* NULL: the leader writes as everybody */
    struct config settings;        /* of the topic, if it has to be made */
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
snapshot_make(struct config_store *store)
{
    struct snapshot *snapshot = xcalloc(1, sizeof(*snapshot));
    atomic_init(&snapshot->refs, 1);
    const struct config_connector **connectors = xcalloc(store->count + 1, sizeof(*connectors));
    size_t count = 0;
    for (size_t i = 0; i < store->count; i++) {
        struct entry *entry = store->entries[i];
        if (!entry->config)
            continue;
        if (!entry->published)
            entry->published = entry_publish(entry);
        atomic_fetch_add(&entry->published->refs, 1);
        connectors[count++] = &entry->published->view;
    }
    snapshot->view = (struct config_snapshot){.offset = store->offset, .connectors = connectors, .count = count};
    return snapshot;
}

const struct config_snapshot *
config_store_snapshot(struct config_store *store)
{
    pthread_mutex_lock(&store->lock);
    if (!store->snapshot)
        store->snapshot = snapshot_make(store);
    struct snapshot *snapshot = store->snapshot;
    atomic_fetch_add(&snapshot->refs, 1);
    pthread_mutex_unlock(&store->lock);
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
entry_changed(struct config_store *store, struct entry *entry)
{
    published_unref(entry->published);
    entry->published = NULL;
    if (store->snapshot)
        config_snapshot_release(&store->snapshot->view);
    store->snapshot = NULL;
}

static struct entry *
entry_of(struct config_store *store, const char *name)
{
    size_t low = 0, high = store->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(store->entries[middle]->name, name);
        if (order == 0)
            return store->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (store->count == store->size) {
        store->size = store->size ? store->size * 2 : 16;
        store->entries = xrealloc(store->entries, store->size * sizeof(*store->entries));
    }
    memmove(store->entries + low + 1, store->entries + low, (store->count - low) * sizeof(*store->entries));
    store->count++;
    struct entry *entry = store->entries[low] = xcalloc(1, sizeof(*entry));
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
    struct config_store *store;
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
    struct entry *entry = entry_of(a->store, a->name);
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
    entry_changed(a->store, entry);
    return true;
}

static bool
apply_task(struct applied *a)
{
    const char *dash = strrchr(a->name, '-');
    char *end = NULL;
    long number = dash ? strtol(dash + 1, &end, 10) : -1;
    if (!dash || dash == a->name || end == dash + 1 || *end || number < 0 || number >= STORE_TASKS_MAX)
        return skip(a, "no task number in its key");
    struct config *cfg = a->value ? properties_of(a->value) : NULL;
    if (!cfg)
        return skip(a, "no properties in it");
    char *name = xmemdup(a->name, (size_t)(dash - a->name));
    slots_set(&entry_of(a->store, name)->deferred, (size_t)number, cfg);
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
    if (!json_is_integer(tasks) || json_integer_value(tasks) < 0 || json_integer_value(tasks) > STORE_TASKS_MAX)
        return skip(a, "no number of tasks in it");
    struct entry *entry = entry_of(a->store, a->name);
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
    entry_changed(a->store, entry);
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
    struct entry *entry = entry_of(a->store, a->name);
    enum target_state target = TARGET_STARTED;
    if (a->value && !target_of(a->value, &target))
        return skip(a, "no known state in it");
    entry->has_target = a->value || entry->config;
    entry->target = target;
    if (a->value && entry->config)
        tell(a, CONFIG_TARGET_CHANGED);
    entry_changed(a->store, entry);
    return true;
}

static bool
apply_fencing(struct applied *a)
{
    const json_t *count = json_object_get(a->value, "task-count");
    if (!json_is_integer(count))
        return skip(a, "no number of tasks in it");
    struct entry *entry = entry_of(a->store, a->name);
    entry->fenced_task_count = (int)json_integer_value(count);
    entry->needs_fencing = false;
    entry_changed(a->store, entry);
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
    session_key_fini(&a->store->session_key);
    a->store->session_key = (struct session_key){xstrdup(key), xstrdup(algorithm), json_integer_value(created)};
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
store_apply(struct applied *a)
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

/* One record of the topic; the log's thread. */
void
config_store_read(void *arg, const struct kafka_log_record *record)
{
    struct config_store *store = arg;
    char *key = xmemdup(record->key, record->key_len);
    struct error err = ERROR_INIT;
    struct applied a = {.store = store, .key = key, .slot = slot_read(record)};
    json_t *value = record->value ? json_text_parse(record->value, record->value_len, &err) : NULL;
    a.value = value && !json_is_null(value) ? value : NULL;
    pthread_mutex_lock(&store->lock);
    if (record->value && !value)
        log_error("ignoring the record %s of the config topic: %s", key, err.message);
    else
        store_apply(&a);
    store->offset = record->offset + 1;
    bool is_started = store->is_started;
    pthread_mutex_unlock(&store->lock);
    if (a.tell && is_started && store->listener)
        store->listener(store->arg, &a.change);
    json_decref(value);
    free(key);
}

static void
store_started(void *arg)
{
    struct config_store *store = arg;
    pthread_mutex_lock(&store->lock);
    store->is_started = true;
    pthread_mutex_unlock(&store->lock);
}

/* ---- life --------------------------------------------------------------------------------------------------------- */

static struct config_store *
store_new(config_listener_fn *listener, void *arg)
{
    struct config_store *store = xcalloc(1, sizeof(*store));
    pthread_mutex_init(&store->lock, NULL);
    store->listener = listener;
    store->arg = arg;
    return store;
}

struct config_store *
config_store_kafka_new(struct kafka_log *log, const struct worker_config *worker, config_listener_fn *listener, void *arg)
{
    struct config_store *store = store_new(listener, arg);
    config_subset(&worker->raw, "config.storage.", &store->settings);
    store->topic = kafka_log_add(log, &(struct kafka_log_spec){
                                          .topic = worker->config_storage_topic,
                                          .setting = "config.storage.topic",
                                          .purpose = "connector configurations",
                                          .partitions = 1,
                                          .replication_factor = worker->config_storage_replication_factor,
                                          .is_single_partition = true,
                                          .settings = &store->settings,
                                          .message_timeout_ms = STORE_TIMEOUT_MS,
                                          .read = config_store_read,
                                          .started = store_started,
                                          .arg = store,
                                      });
    if (worker->exactly_once != EXACTLY_ONCE_DISABLED)
        store->leader = leader_writer_new(worker, worker->config_storage_topic);
    return store;
}

struct config_store *
config_store_memory_new(config_listener_fn *listener, void *arg)
{
    struct config_store *store = store_new(listener, arg);
    store->is_started = true;
    return store;
}

void
config_store_close(struct config_store *store)
{
    if (!store)
        return;
    leader_writer_free(store->leader);
    if (store->snapshot)
        config_snapshot_release(&store->snapshot->view);
    for (size_t i = 0; i < store->count; i++)
        entry_free(store->entries[i]);
    free(store->entries);
    session_key_fini(&store->session_key);
    config_fini(&store->settings);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

bool
config_store_refresh(struct config_store *store, int64_t timeout_ms, struct error *err)
{
    return !store->topic || kafka_log_refresh(store->topic, timeout_ms, err);
}

void
config_store_give_up(struct config_store *store)
{
    if (store->leader)
        leader_writer_give_up(store->leader);
    if (store->topic)
        kafka_log_give_up(store->topic);
}

bool
config_store_claim(struct config_store *store, struct error *err)
{
    return !store->leader || leader_writer_claim(store->leader, STORE_TIMEOUT_MS, err);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

/* Records that are written together, in this order. */
struct letters {
    struct kafka_log_record *records;
    size_t count;
};

/* Takes the key and the text; NULL text: a tombstone. */
static void
letters_add(struct letters *letters, char *key, char *text)
{
    letters->records = xrealloc(letters->records, (letters->count + 1) * sizeof(*letters->records));
    letters->records[letters->count++] =
        (struct kafka_log_record){.key = key, .key_len = strlen(key), .value = text, .value_len = text ? strlen(text) : 0};
}

/* Only the leader writes these, or any worker may. */
enum privilege { FOR_LEADER, FOR_ANYBODY };

/* Write, read back, free. */
static bool
letters_send(struct config_store *store, struct letters *letters, enum privilege privilege, struct error *err)
{
    bool ok = true;
    if (store->leader && privilege == FOR_LEADER) {
        ok = leader_writer_write(store->leader, letters->records, letters->count, STORE_TIMEOUT_MS, err) &&
             kafka_log_refresh(store->topic, STORE_TIMEOUT_MS, err);
    } else if (store->topic) {
        ok = kafka_log_write(store->topic, letters->records, letters->count, true, STORE_TIMEOUT_MS, err);
    } else {
        for (size_t i = 0; i < letters->count; i++) {
            letters->records[i].offset = store->offset;
            config_store_read(store, &letters->records[i]);
        }
    }
    for (size_t i = 0; i < letters->count; i++) {
        free((char *)(uintptr_t)letters->records[i].key);
        free((char *)(uintptr_t)letters->records[i].value);
    }
    free(letters->records);
    return ok || error_wrap(err, "Error writing to the config topic");
}

static char *
properties_text(const struct config *cfg)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_puts(&out, "{\"properties\":{");
    for (size_t i = 0; i < cfg->count; i++) {
        if (i > 0)
            strbuf_putc(&out, ',');
        json_text_puts(&out, cfg->entries[i].key);
        strbuf_putc(&out, ':');
        json_text_puts(&out, cfg->entries[i].value);
    }
    strbuf_puts(&out, "}}");
    return strbuf_take(&out);
}

/* Workers before 3.5 know no STOPPED; they are told PAUSED. */
static void
letters_add_target(struct letters *letters, const char *name, enum target_state state)
{
    letters_add(letters, xasprintf("target-state-%s", name),
                xasprintf("{\"state\":\"%s\",\"state.v2\":\"%s\"}",
                          target_state_name(state == TARGET_STOPPED ? TARGET_PAUSED : state), target_state_name(state)));
}

bool
config_store_put_connector(struct config_store *store, const char *name, const struct config *cfg, const enum target_state *initial,
                           struct error *err)
{
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    const struct config_connector *connector = config_snapshot_find(snapshot, name);
    int slot = connector ? connector->slot : -1;
    config_snapshot_release(snapshot);
    return config_store_place_connector(store, name, cfg, initial, slot, err);
}

bool
config_store_place_connector(struct config_store *store, const char *name, const struct config *cfg, const enum target_state *initial,
                             int slot, struct error *err)
{
    struct letters letters = {0};
    char text[16];
    if (initial)
        letters_add_target(&letters, name, *initial);
    letters_add(&letters, xasprintf("connector-%s", name), properties_text(cfg));
    if (slot >= 0) {
        struct kafka_log_record *record = &letters.records[letters.count - 1];
        record->slot = text;
        record->slot_len = (size_t)snprintf(text, sizeof(text), "%d", slot);
    }
    return letters_send(store, &letters, FOR_LEADER, err);
}

bool
config_store_remove_connector(struct config_store *store, const char *name, struct error *err)
{
    struct letters letters = {0};
    letters_add(&letters, xasprintf("connector-%s", name), NULL);
    letters_add(&letters, xasprintf("target-state-%s", name), NULL);
    return letters_send(store, &letters, FOR_LEADER, err);
}

bool
config_store_put_tasks(struct config_store *store, const char *name, const struct config_list *tasks, struct error *err)
{
    if (!config_store_refresh(store, STORE_TIMEOUT_MS, err))
        return false;
    struct letters configs = {0}, commit = {0};
    struct letters *last = store->leader ? &configs : &commit; /* one transaction holds them all */
    for (size_t i = 0; i < tasks->count; i++)
        letters_add(&configs, xasprintf("task-%s-%zu", name, i), properties_text(tasks->items[i]));
    if (!store->leader && configs.count > 0 && !letters_send(store, &configs, FOR_LEADER, err))
        return false;
    letters_add(last, xasprintf("commit-%s", name), xasprintf("{\"tasks\":%zu}", tasks->count));
    return letters_send(store, last, FOR_LEADER, err);
}

bool
config_store_put_target(struct config_store *store, const char *name, enum target_state state, struct error *err)
{
    static const struct config_list none = CONFIG_LIST_INIT;
    if (state == TARGET_STOPPED && !config_store_put_tasks(store, name, &none, err))
        return false;
    struct letters letters = {0};
    letters_add_target(&letters, name, state);
    return letters_send(store, &letters, FOR_ANYBODY, err);
}

bool
config_store_put_restart(struct config_store *store, const char *name, bool include_tasks, bool only_failed, struct error *err)
{
    struct letters letters = {0};
    letters_add(&letters, xasprintf("restart-connector-%s", name),
                xasprintf("{\"include-tasks\":%s,\"only-failed\":%s}", include_tasks ? "true" : "false",
                          only_failed ? "true" : "false"));
    return letters_send(store, &letters, FOR_LEADER, err);
}

bool
config_store_put_fencing(struct config_store *store, const char *name, int task_count, struct error *err)
{
    struct letters letters = {0};
    letters_add(&letters, xasprintf("tasks-fencing-%s", name), xasprintf("{\"task-count\":%d}", task_count));
    return letters_send(store, &letters, FOR_LEADER, err);
}

bool
config_store_put_logger_level(struct config_store *store, const char *logger, const char *level, struct error *err)
{
    struct letters letters = {0};
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "{\"level\":");
    json_text_puts(&text, level);
    strbuf_putc(&text, '}');
    letters_add(&letters, xasprintf("logger-cluster-%s", logger), strbuf_take(&text));
    return letters_send(store, &letters, FOR_ANYBODY, err);
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
config_store_session_key(struct config_store *store, struct session_key *out)
{
    pthread_mutex_lock(&store->lock);
    bool has_key = store->session_key.key;
    if (has_key)
        *out = (struct session_key){xstrdup(store->session_key.key), xstrdup(store->session_key.algorithm), store->session_key.created_ms};
    pthread_mutex_unlock(&store->lock);
    return has_key;
}

bool
config_store_put_session_key(struct config_store *store, const struct session_key *key, struct error *err)
{
    struct letters letters = {0};
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "{\"key\":");
    json_text_puts(&text, key->key);
    strbuf_puts(&text, ",\"algorithm\":");
    json_text_puts(&text, key->algorithm);
    strbuf_printf(&text, ",\"creation-timestamp\":%lld}", (long long)key->created_ms);
    letters_add(&letters, xstrdup("session-key"), strbuf_take(&text));
    return letters_send(store, &letters, FOR_LEADER, err);
}
