/*
 * A cache of states, sorted by connector, and (with Kafka) the status topic behind it.
 *
 * What this worker writes is in the cache at once. The topic then echoes it; an echo that is older than what
 * was written meanwhile must not turn the cache back, so each entry counts the echoes it still expects and
 * looks at the last one only.
 */
#include "connect/storage/status_store.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"
#include "connect/storage/json_text.h"
#include "connect/storage/kafka_log.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LOGGER("org.apache.kafka.connect.storage.KafkaStatusBackingStore");

struct status_entry {
    struct status status;   /* state DESTROYED: gone, kept for the echoes */
    unsigned echoes;        /* own writes that were not read back yet */
};

struct status_topic {
    char *name;
    unsigned echoes;
    bool is_gone;
};

struct status_connector {
    char *name;
    struct status_entry *entries; /* by task; the connector's own (-1) first */
    size_t entry_count;
    struct status_topic *topics;  /* in order of discovery */
    size_t topic_count;
};

struct status_store {
    const char *worker_id;
    struct kafka_log_topic *topic; /* NULL: memory only */
    pthread_mutex_t lock;          /* guards the rest */
    struct status_connector **connectors; /* by name */
    size_t count;
};

static const char *const status_words[] = {"UNASSIGNED", "RUNNING", "PAUSED", "FAILED", "RESTARTING", "STOPPED", "DESTROYED"};

const char *
status_state_name(enum status_state state)
{
    return status_words[state];
}

static bool
status_state_parse(const char *word, enum status_state *out)
{
    for (size_t i = 0; word && i < sizeof(status_words) / sizeof(status_words[0]); i++)
        if (strcmp(word, status_words[i]) == 0) {
            *out = (enum status_state)i;
            return true;
        }
    return false;
}

/* ---- copies --------------------------------------------------------------------------------------------------- */

static struct status
status_dup(const struct status *status)
{
    struct status copy = *status;
    copy.trace = xstrdup(status->trace);
    copy.worker_id = xstrdup(status->worker_id);
    copy.version = xstrdup(status->version);
    return copy;
}

void
status_fini(struct status *status)
{
    free(status->trace);
    free(status->worker_id);
    free(status->version);
    *status = (struct status){0};
}

void
status_list_fini(struct status_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        status_fini(&list->items[i]);
    free(list->items);
    *list = (struct status_list){0};
}

/* ---- the cache; lock held ------------------------------------------------------------------------------------------ */

/* Where the name stands, or would stand. */
static size_t
status_position(const struct status_store *store, const char *name, bool *found_out)
{
    size_t low = 0, high = store->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(store->connectors[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found_out = low < store->count && strcmp(store->connectors[low]->name, name) == 0;
    return low;
}

static struct status_connector *
status_connector_find(const struct status_store *store, const char *name)
{
    bool found;
    size_t at = status_position(store, name, &found);
    return found ? store->connectors[at] : NULL;
}

static struct status_connector *
status_connector_make(struct status_store *store, const char *name)
{
    bool found;
    size_t at = status_position(store, name, &found);
    if (found)
        return store->connectors[at];
    struct status_connector *connector = xcalloc(1, sizeof(*connector));
    connector->name = xstrdup(name);
    store->connectors = xrealloc(store->connectors, (store->count + 1) * sizeof(*store->connectors));
    memmove(store->connectors + at + 1, store->connectors + at, (store->count - at) * sizeof(*store->connectors));
    store->count++;
    return store->connectors[at] = connector;
}

static struct status_entry *
status_entry_find(const struct status_connector *connector, int task)
{
    for (size_t i = 0; connector && i < connector->entry_count; i++)
        if (connector->entries[i].status.task == task)
            return &connector->entries[i];
    return NULL;
}

static struct status_entry *
status_entry_make(struct status_connector *connector, int task)
{
    struct status_entry *known = status_entry_find(connector, task);
    if (known)
        return known;
    size_t at = connector->entry_count;
    connector->entries = xrealloc(connector->entries, (at + 1) * sizeof(*connector->entries));
    for (; at > 0 && connector->entries[at - 1].status.task > task; at--)
        connector->entries[at] = connector->entries[at - 1];
    connector->entry_count++;
    connector->entries[at] = (struct status_entry){.status = {.task = task, .state = STATUS_DESTROYED}};
    return &connector->entries[at];
}

static bool
status_is_there(const struct status_entry *entry)
{
    return entry && entry->status.state != STATUS_DESTROYED;
}

static void
status_entry_set(struct status_entry *entry, const struct status *status)
{
    struct status copy = status_dup(status);
    copy.task = entry->status.task;
    status_fini(&entry->status);
    entry->status = copy;
}

static struct status_topic *
status_topic_find(const struct status_connector *connector, const char *name)
{
    for (size_t i = 0; connector && i < connector->topic_count; i++)
        if (strcmp(connector->topics[i].name, name) == 0)
            return &connector->topics[i];
    return NULL;
}

static struct status_topic *
status_topic_make(struct status_connector *connector, const char *name)
{
    struct status_topic *known = status_topic_find(connector, name);
    if (known)
        return known;
    connector->topics = xrealloc(connector->topics, (connector->topic_count + 1) * sizeof(*connector->topics));
    struct status_topic *topic = &connector->topics[connector->topic_count++];
    *topic = (struct status_topic){.name = xstrdup(name), .is_gone = true};
    return topic;
}

/* ---- records of the topic ---------------------------------------------------------------------------------------------- */

static void
status_value(const struct status *status, struct strbuf *out)
{
    strbuf_printf(out, "{\"state\":\"%s\",\"trace\":", status_words[status->state]);
    json_text_puts(out, status->trace);
    strbuf_puts(out, ",\"worker_id\":");
    json_text_puts(out, status->worker_id);
    strbuf_printf(out, ",\"generation\":%d,\"version\":", status->generation);
    json_text_puts(out, status->version);
    strbuf_putc(out, '}');
}

static void
status_sent(void *arg, const struct error *err)
{
    char *key = arg;
    if (err)
        log_warn("could not write %s to the status topic: %s", key, err->message);
    free(key);
}

static void
status_send(struct status_store *store, const char *key, const struct strbuf *value)
{
    struct kafka_log_record record = {.key = key, .key_len = strlen(key)};
    if (value) {
        record.value = value->data;
        record.value_len = value->len;
    }
    kafka_log_send(store->topic, &record, status_sent, xstrdup(key));
}

static bool
status_read_value(const struct kafka_log_record *record, int task, struct status *out)
{
    struct error err;
    json_t *json = json_text_parse(record->value, record->value_len, &err);
    bool ok = json && status_state_parse(json_string_value(json_object_get(json, "state")), &out->state);
    if (ok) {
        out->task = task;
        out->trace = xstrdup(json_string_value(json_object_get(json, "trace")));
        out->worker_id = xstrdup(json_string_value(json_object_get(json, "worker_id")));
        out->version = xstrdup(json_string_value(json_object_get(json, "version")));
        out->generation = (int)json_integer_value(json_object_get(json, "generation"));
    }
    json_decref(json);
    return ok;
}

/* A task that runs elsewhere is not taken back by a late farewell from where it was before. */
static bool
status_is_stale(const struct status_entry *entry, const struct status *status)
{
    return status->task >= 0 && status->state == STATUS_UNASSIGNED && entry->status.state == STATUS_RUNNING &&
           entry->status.worker_id && status->worker_id && strcmp(entry->status.worker_id, status->worker_id) != 0 &&
           entry->status.generation >= status->generation;
}

static void
status_read_state(struct status_store *store, const char *connector, int task, const struct kafka_log_record *record)
{
    struct status status = {.task = task, .state = STATUS_DESTROYED};
    if (record->value && !status_read_value(record, task, &status)) {
        log_warn("a status record of %s cannot be read and is ignored", connector);
        return;
    }
    bool is_own = !record->value || (status.worker_id && strcmp(status.worker_id, store->worker_id) == 0);
    struct status_entry *entry = status_entry_make(status_connector_make(store, connector), task);
    if (is_own && entry->echoes > 0)
        entry->echoes--;
    else if (!status_is_stale(entry, &status))
        status_entry_set(entry, &status);
    status_fini(&status);
}

static void
status_read_topic(struct status_store *store, char *name, bool is_tombstone)
{
    static const char separator[] = ":connector-";
    char *end = strstr(name, separator);
    if (!end)
        return;
    *end = '\0';
    struct status_topic *topic = status_topic_make(status_connector_make(store, end + strlen(separator)), name);
    if (topic->echoes > 0)
        topic->echoes--;
    else
        topic->is_gone = is_tombstone;
}

/* The log's thread. */
static void
status_read(void *arg, const struct kafka_log_record *record)
{
    static const char connector[] = "status-connector-", task[] = "status-task-", topic[] = "status-topic-";
    struct status_store *store = arg;
    char *key = xmemdup(record->key, record->key_len);
    char *dash = strrchr(key, '-');
    pthread_mutex_lock(&store->lock);
    if (strncmp(key, connector, strlen(connector)) == 0) {
        status_read_state(store, key + strlen(connector), STATUS_CONNECTOR, record);
    } else if (strncmp(key, topic, strlen(topic)) == 0) {
        status_read_topic(store, key + strlen(topic), record->value == NULL);
    } else if (strncmp(key, task, strlen(task)) == 0 && dash > key + strlen(task) && dash[1] && strspn(dash + 1, "0123456789") == strlen(dash + 1)) {
        *dash = '\0';
        status_read_state(store, key + strlen(task), atoi(dash + 1), record);
    } else {
        log_warn("a record of the status topic has an unknown key and is ignored");
    }
    pthread_mutex_unlock(&store->lock);
    free(key);
}

/* ---- life ------------------------------------------------------------------------------------------------------------------ */

struct status_store *
status_store_memory_new(const struct worker_config *worker)
{
    struct status_store *store = xcalloc(1, sizeof(*store));
    store->worker_id = worker->worker_id;
    pthread_mutex_init(&store->lock, NULL);
    return store;
}

struct status_store *
status_store_kafka_new(struct kafka_log *log, const struct worker_config *worker)
{
    struct status_store *store = status_store_memory_new(worker);
    struct config settings = CONFIG_INIT;
    config_subset(&worker->raw, "status.storage.", &settings);
    config_unset(&settings, "topic");
    config_unset(&settings, "partitions");
    config_unset(&settings, "replication.factor");
    struct kafka_log_spec spec = {
        .topic = worker->status_storage_topic,
        .setting = "status.storage.topic",
        .purpose = "connector and task statuses",
        .partitions = worker->status_storage_partitions,
        .replication_factor = worker->status_storage_replication_factor,
        .settings = &settings,
        .read = status_read,
        .arg = store,
    };
    store->topic = kafka_log_add(log, &spec);
    config_fini(&settings);
    return store;
}

static void
status_connector_free(struct status_connector *connector)
{
    for (size_t i = 0; i < connector->entry_count; i++)
        status_fini(&connector->entries[i].status);
    for (size_t i = 0; i < connector->topic_count; i++)
        free(connector->topics[i].name);
    free(connector->entries);
    free(connector->topics);
    free(connector->name);
    free(connector);
}

void
status_store_free(struct status_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->count; i++)
        status_connector_free(store->connectors[i]);
    free(store->connectors);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------ */

bool
status_store_get(struct status_store *store, const char *connector, int task, struct status *out)
{
    pthread_mutex_lock(&store->lock);
    const struct status_entry *entry = status_entry_find(status_connector_find(store, connector), task);
    bool found = status_is_there(entry);
    if (found)
        *out = status_dup(&entry->status);
    pthread_mutex_unlock(&store->lock);
    return found;
}

void
status_store_list(struct status_store *store, const char *connector, struct status_list *out)
{
    pthread_mutex_lock(&store->lock);
    const struct status_connector *known = status_connector_find(store, connector);
    *out = (struct status_list){.items = xcalloc(known ? known->entry_count : 0, sizeof(*out->items))};
    for (size_t i = 0; known && i < known->entry_count; i++)
        if (status_is_there(&known->entries[i]))
            out->items[out->count++] = status_dup(&known->entries[i].status);
    pthread_mutex_unlock(&store->lock);
}

void
status_store_connectors(struct status_store *store, struct string_list *out)
{
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < store->connectors[i]->entry_count && !is_there; k++)
            is_there = status_is_there(&store->connectors[i]->entries[k]);
        if (is_there)
            string_list_add(out, store->connectors[i]->name);
    }
    pthread_mutex_unlock(&store->lock);
}

void
status_store_topics(struct status_store *store, const char *connector, struct string_list *out)
{
    pthread_mutex_lock(&store->lock);
    const struct status_connector *known = status_connector_find(store, connector);
    for (size_t i = 0; known && i < known->topic_count; i++)
        if (!known->topics[i].is_gone)
            string_list_add(out, known->topics[i].name);
    pthread_mutex_unlock(&store->lock);
}

/* ---- writing -------------------------------------------------------------------------------------------------------------------- */

static void
status_write(struct status_store *store, const char *connector, struct status_entry *entry)
{
    char *key = entry->status.task == STATUS_CONNECTOR ? xasprintf("status-connector-%s", connector)
                                                       : xasprintf("status-task-%s-%d", connector, entry->status.task);
    struct strbuf value = STRBUF_INIT;
    if (status_is_there(entry))
        status_value(&entry->status, &value);
    entry->echoes++;
    status_send(store, key, status_is_there(entry) ? &value : NULL);
    strbuf_fini(&value);
    free(key);
}

/* Somebody else's younger record is not overwritten by our farewell. */
static bool
status_may_overwrite(const struct status_store *store, const struct status_entry *entry, const struct status *status)
{
    return !status_is_there(entry) || (entry->status.worker_id && strcmp(entry->status.worker_id, store->worker_id) == 0) ||
           entry->status.generation <= status->generation;
}

void
status_store_put(struct status_store *store, const char *connector, const struct status *status, bool safe)
{
    struct status own = *status;
    own.worker_id = (char *)store->worker_id;
    pthread_mutex_lock(&store->lock);
    struct status_entry *entry = status_entry_make(status_connector_make(store, connector), status->task);
    if (!safe || status_may_overwrite(store, entry, status)) {
        status_entry_set(entry, &own);
        if (store->topic)
            status_write(store, connector, entry); /* under the lock: records stand in the order of the changes */
    }
    pthread_mutex_unlock(&store->lock);
}

void
status_store_topic_used(struct status_store *store, const char *connector, int task, const char *topic)
{
    pthread_mutex_lock(&store->lock);
    struct status_topic *known = status_topic_make(status_connector_make(store, connector), topic);
    if (known->is_gone) {
        known->is_gone = false;
        struct strbuf value = STRBUF_INIT;
        char *key = xasprintf("status-topic-%s:connector-%s", topic, connector);
        strbuf_puts(&value, "{\"topic\":{\"name\":");
        json_text_puts(&value, topic);
        strbuf_puts(&value, ",\"connector\":");
        json_text_puts(&value, connector);
        strbuf_printf(&value, ",\"task\":%d,\"discoverTimestamp\":%" PRId64 "}}", task, clock_wall_ms());
        if (store->topic) {
            known->echoes++;
            status_send(store, key, &value);
        }
        free(key);
        strbuf_fini(&value);
    }
    pthread_mutex_unlock(&store->lock);
}

void
status_store_topics_reset(struct status_store *store, const char *connector)
{
    pthread_mutex_lock(&store->lock);
    struct status_connector *known = status_connector_find(store, connector);
    for (size_t i = 0; known && i < known->topic_count; i++) {
        struct status_topic *topic = &known->topics[i];
        if (topic->is_gone)
            continue;
        topic->is_gone = true;
        if (store->topic) {
            char *key = xasprintf("status-topic-%s:connector-%s", topic->name, connector);
            topic->echoes++;
            status_send(store, key, NULL);
            free(key);
        }
    }
    pthread_mutex_unlock(&store->lock);
}
