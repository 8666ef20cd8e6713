/*
 * The config topic: where the records of the state (config_state.c) come from, and how the leader writes them. In memory the
 * same records are applied without a topic between, so both kinds of store run the same code.
 */
#include "connect/storage/config_store.h"

#include "common/base/alloc.h"
#include "connect/storage/config_state.h"
#include "connect/storage/json_text.h"
#include "connect/storage/leader_writer.h"
#include "connect/storage/store_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STORE_TIMEOUT_MS = 30000 };

struct config_store {
    struct config_state *state;
    struct kafka_log_topic *topic; /* NULL: in memory */
    struct leader_writer *leader;  /* NULL: the leader writes as everybody */
    struct config settings;        /* of the topic, if it has to be made */
};

/* ---- life --------------------------------------------------------------------------------------------------------- */

/* One record of the topic; the log's thread. */
void
config_store_read(void *arg, const struct kafka_log_record *record)
{
    struct config_store *store = arg;
    config_state_read(store->state, record);
}

static void
store_started(void *arg)
{
    struct config_store *store = arg;
    config_state_started(store->state);
}

static struct config_store *
store_new(config_listener_fn *listener, void *arg)
{
    struct config_store *store = xcalloc(1, sizeof(*store));
    store->state = config_state_new(listener, arg);
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
    config_state_started(store->state);
    return store;
}

void
config_store_close(struct config_store *store)
{
    if (!store)
        return;
    leader_writer_free(store->leader);
    config_state_free(store->state);
    config_fini(&store->settings);
    free(store);
}

const struct config_snapshot *
config_store_snapshot(struct config_store *store)
{
    return config_state_snapshot(store->state);
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
            letters->records[i].offset = config_state_offset(store->state);
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

bool
config_store_session_key(struct config_store *store, struct session_key *out)
{
    return config_state_session_key(store->state, out);
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
