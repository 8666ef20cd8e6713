/*
 * What is known of each connector is kept in one list of entries per name. A put changes the entry at once and
 * sends the record; while records of ours are on their way back, those read are older than the entry and do not
 * replace it.
 *
 * Writes are retried here rather than by Kafka's client, so that a state that was overtaken by a newer one, or by
 * another worker's, is not written after it.
 */
#include "connect/storage/status_store.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/storage/json_text.h"
#include "connect/storage/store_priv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

LOGGER("connect.storage.status_store");

enum { STATUS_MESSAGE_MS = 5000, STATUS_TASKS_MAX = 100000, STATUS_NOTES_MAX = 10000 };

/* The connector itself, or one of its tasks. */
struct entry {
    struct status status;
    bool is_present;   /* false: a tombstone */
    unsigned sequence; /* of our puts */
    unsigned unread;   /* our records that have not come back yet, one that waits among them */
    bool is_waiting;   /* its record found no room in the queue of Kafka's client */
};

struct connector {
    char *name;
    struct entry *entries; /* ordered by task, the connector itself first */
    size_t count;
    struct string_list topics;
};

/* A topic's record on its way, or waiting for another try. */
struct topic_note {
    struct status_store *store;
    struct topic_note *next;
    char *connector, *topic;
    char *text; /* NULL: a tombstone */
};

struct status_store {
    const struct worker_config *worker;
    struct kafka_log_topic *topic; /* NULL: in memory */
    struct config settings;        /* of the topic, if it has to be made */

    pthread_mutex_t lock; /* guards what follows; held while a record is sent, so that records keep the order of the entries */
    struct connector **connectors; /* sorted by name; never removed, so that their number is bounded by names used */
    size_t count, size;
    struct topic_note *notes; /* of topics in use, that wait */
    size_t note_count;
    size_t waiting; /* entries that wait; nothing else is kept for them, so that they cost no memory */
};

static const char *const state_names[] = {"UNASSIGNED", "RUNNING", "PAUSED", "FAILED", "RESTARTING", "STOPPED", "DESTROYED"};

const char *
status_state_name(enum status_state state)
{
    return state_names[state];
}

void
status_fini(struct status *status)
{
    free(status->trace);
    free(status->worker_id);
    free(status->version);
    *status = (struct status){0};
}

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
status_list_fini(struct status_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        status_fini(&list->items[i]);
    free(list->items);
    *list = (struct status_list){0};
}

/* ---- entries (the lock is held) -------------------------------------------------------------------------------- */

static struct connector *
connector_find(struct status_store *store, const char *name, size_t *place_out)
{
    size_t low = 0, high = store->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(store->connectors[middle]->name, name);
        if (order == 0)
            return store->connectors[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (place_out)
        *place_out = low;
    return NULL;
}

static struct connector *
connector_of(struct status_store *store, const char *name)
{
    size_t place = 0;
    struct connector *connector = connector_find(store, name, &place);
    if (connector)
        return connector;
    if (store->count == store->size) {
        store->size = store->size ? store->size * 2 : 16;
        store->connectors = xrealloc(store->connectors, store->size * sizeof(*store->connectors));
    }
    memmove(store->connectors + place + 1, store->connectors + place, (store->count - place) * sizeof(*store->connectors));
    store->count++;
    connector = store->connectors[place] = xcalloc(1, sizeof(*connector));
    connector->name = xstrdup(name);
    return connector;
}

static struct entry *
entry_find(struct connector *connector, int task, size_t *place_out)
{
    size_t i = 0;
    while (i < connector->count && connector->entries[i].status.task < task)
        i++;
    if (place_out)
        *place_out = i;
    return i < connector->count && connector->entries[i].status.task == task ? &connector->entries[i] : NULL;
}

static struct entry *
entry_of(struct connector *connector, int task)
{
    size_t place;
    struct entry *entry = entry_find(connector, task, &place);
    if (entry)
        return entry;
    connector->entries = xrealloc(connector->entries, (connector->count + 1) * sizeof(*connector->entries));
    memmove(connector->entries + place + 1, connector->entries + place, (connector->count - place) * sizeof(*connector->entries));
    connector->count++;
    connector->entries[place] = (struct entry){.status.task = task};
    return &connector->entries[place];
}

/* Takes the status; NULL: a tombstone. */
static void
entry_replace(struct entry *entry, struct status *status)
{
    int task = entry->status.task;
    status_fini(&entry->status);
    entry->is_present = status != NULL;
    if (status)
        entry->status = *status;
    entry->status.task = task;
}

static void
topic_note_free(struct topic_note *note)
{
    free(note->connector);
    free(note->topic);
    free(note->text);
    free(note);
}

/* ---- records as text ---------------------------------------------------------------------------------------------- */

static char *
status_key(const char *connector, int task)
{
    return task == STATUS_CONNECTOR ? xasprintf("status-connector-%s", connector) : xasprintf("status-task-%s-%d", connector, task);
}

static char *
status_text(const struct status *status)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_printf(&out, "{\"state\":\"%s\",\"trace\":", state_names[status->state]);
    json_text_puts(&out, status->trace);
    strbuf_puts(&out, ",\"worker_id\":");
    json_text_puts(&out, status->worker_id);
    strbuf_printf(&out, ",\"generation\":%d,\"version\":", status->generation);
    json_text_puts(&out, status->version);
    strbuf_putc(&out, '}');
    return strbuf_take(&out);
}

static bool
status_parse(const json_t *value, struct status *out)
{
    const char *state = json_string_value(json_object_get(value, "state"));
    const char *worker_id = json_string_value(json_object_get(value, "worker_id"));
    const json_t *generation = json_object_get(value, "generation");
    if (!state || !worker_id || !json_is_integer(generation))
        return false;
    for (size_t i = 0; i <= STATUS_DESTROYED; i++)
        if (strcmp(state, state_names[i]) == 0) {
            *out = (struct status){
                .state = (enum status_state)i,
                .trace = xstrdup(json_string_value(json_object_get(value, "trace"))),
                .worker_id = xstrdup(worker_id),
                .version = xstrdup(json_string_value(json_object_get(value, "version"))),
                .generation = (int)json_integer_value(generation),
            };
            return true;
        }
    return false;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static bool
is_ours(const struct status_store *store, const struct status *status)
{
    return !status || strcmp(status->worker_id, store->worker->worker_id) == 0;
}

/* An UNASSIGNED that arrives behind the RUNNING of the task's next holder says nothing new. */
static bool
is_overtaken(const struct entry *entry, const struct status *status)
{
    return status && status->state == STATUS_UNASSIGNED && entry->status.task != STATUS_CONNECTOR && entry->is_present &&
           entry->status.state == STATUS_RUNNING && strcmp(entry->status.worker_id, status->worker_id) &&
           entry->status.generation >= status->generation;
}

/* Takes what the status holds. The lock is held. */
static void
entry_read(struct status_store *store, struct entry *entry, struct status *status)
{
    unsigned unsent = entry->is_waiting; /* counted, but it cannot be what comes back */
    if (entry->unread > unsent && is_ours(store, status))
        entry->unread--;
    if (entry->unread > 0 || is_overtaken(entry, status)) {
        if (status)
            status_fini(status);
        return;
    }
    entry_replace(entry, status);
}

static void
read_status(struct status_store *store, const char *connector, int task, const json_t *value)
{
    struct status status;
    if (value && !status_parse(value, &status)) {
        log_error("ignoring a status record of %s: not a status", connector);
        return;
    }
    entry_read(store, entry_of(connector_of(store, connector), task), value ? &status : NULL);
}

static void
read_connector(struct status_store *store, char *name, const json_t *value)
{
    read_status(store, name, STATUS_CONNECTOR, value);
}

static void
read_task(struct status_store *store, char *name, const json_t *value)
{
    char *dash = strrchr(name, '-'), *end = NULL;
    long task = dash ? strtol(dash + 1, &end, 10) : -1;
    if (!dash || end == dash + 1 || *end || task < 0 || task >= STATUS_TASKS_MAX)
        return;
    *dash = '\0';
    read_status(store, name, (int)task, value);
}

static void
topics_remove(struct string_list *topics, const char *topic)
{
    for (size_t i = 0; i < topics->count; i++)
        if (strcmp(topics->items[i], topic) == 0) {
            free(topics->items[i]);
            topics->items[i] = topics->items[--topics->count];
            return;
        }
}

static void
read_topic(struct status_store *store, char *name, const json_t *value)
{
    char *colon = strstr(name, ":connector-");
    if (!colon || colon == name)
        return;
    *colon = '\0';
    struct string_list *topics = &connector_of(store, colon + strlen(":connector-"))->topics;
    if (!value)
        topics_remove(topics, name);
    else if (!string_list_has(topics, name))
        string_list_add(topics, name);
}

void
status_store_read(void *arg, const struct kafka_log_record *record)
{
    static const struct {
        const char *prefix;
        void (*read)(struct status_store *store, char *name, const json_t *value);
    } kinds[] = {{"status-connector-", read_connector}, {"status-task-", read_task}, {"status-topic-", read_topic}};
    struct status_store *store = arg;
    struct error err = ERROR_INIT;
    json_t *value = record->value ? json_text_parse(record->value, record->value_len, &err) : NULL;
    char *key = xmemdup(record->key, record->key_len);
    bool is_known = false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && (value || !record->value); i++) {
        size_t len = strlen(kinds[i].prefix);
        if (strncmp(key, kinds[i].prefix, len))
            continue;
        is_known = true;
        pthread_mutex_lock(&store->lock);
        kinds[i].read(store, key + len, json_is_null(value) ? NULL : value);
        pthread_mutex_unlock(&store->lock);
        break;
    }
    if (!is_known)
        log_error("ignoring the record %s of the status topic: %s", key, err.message[0] ? err.message : "its key is not known");
    json_decref(value);
    free(key);
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

struct status_store *
status_store_memory_new(const struct worker_config *worker)
{
    struct status_store *store = xcalloc(1, sizeof(*store));
    pthread_mutex_init(&store->lock, NULL);
    store->worker = worker;
    return store;
}

static void status_store_send_waiting(void *arg);

struct status_store *
status_store_kafka_new(struct kafka_log *log, const struct worker_config *worker)
{
    struct status_store *store = status_store_memory_new(worker);
    config_subset(&worker->raw, "status.storage.", &store->settings);
    store->topic = kafka_log_add(log, &(struct kafka_log_spec){
                                          .topic = worker->status_storage_topic,
                                          .setting = "status.storage.topic",
                                          .purpose = "connector and task statuses",
                                          .partitions = worker->status_storage_partitions,
                                          .replication_factor = worker->status_storage_replication_factor,
                                          .settings = &store->settings,
                                          .message_timeout_ms = STATUS_MESSAGE_MS,
                                          .read = status_store_read,
                                          .tick = status_store_send_waiting,
                                          .arg = store,
                                      });
    return store;
}

void
status_store_close(struct status_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->count; i++) {
        struct connector *connector = store->connectors[i];
        for (size_t e = 0; e < connector->count; e++)
            status_fini(&connector->entries[e].status);
        free(connector->entries);
        string_list_fini(&connector->topics);
        free(connector->name);
        free(connector);
    }
    for (struct topic_note *note = store->notes, *next; note; note = next) {
        next = note->next;
        topic_note_free(note);
    }
    free(store->connectors);
    config_fini(&store->settings);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

/* ---- writing -------------------------------------------------------------------------------------------------------- */

/* A status record on its way. */
struct letter {
    struct status_store *store;
    char *connector;
    int task;
    unsigned sequence;
};

static void
letter_free(struct letter *letter)
{
    free(letter->connector);
    free(letter);
}

static kafka_log_done_fn letter_done;

static void
entry_wait(struct status_store *store, struct entry *entry, bool is_waiting)
{
    if (entry->is_waiting && !is_waiting) {
        store->waiting--;
        entry->unread -= entry->unread > 0;
    } else if (!entry->is_waiting && is_waiting) {
        store->waiting++;
        entry->unread++;
    }
    entry->is_waiting = is_waiting;
}

/* Send the entry as it is now, or leave it waiting for room in the queue. The lock is held. Takes the letter. */
static void
letter_send(struct letter *letter, struct entry *entry)
{
    char *key = status_key(letter->connector, letter->task);
    char *text = entry->is_present ? status_text(&entry->status) : NULL;
    struct kafka_log_record record = {.key = key, .key_len = strlen(key), .value = text, .value_len = text ? strlen(text) : 0};
    struct error err = ERROR_INIT;
    entry->unread++;
    bool is_sent = kafka_log_send(letter->store->topic, &record, letter_done, letter, &err);
    entry_wait(letter->store, entry, !is_sent && err.retriable);
    if (!is_sent) {
        if (!err.retriable)
            log_error("%s cannot be written: %s", key, err.message);
        entry->unread--;
        letter_free(letter);
    }
    free(text);
    free(key);
}

static struct letter *
letter_new(struct status_store *store, const char *connector, const struct entry *entry)
{
    struct letter *letter = xmalloc(sizeof(*letter));
    *letter = (struct letter){store, xstrdup(connector), entry->status.task, entry->sequence};
    return letter;
}

/* Write again what Kafka did not take, unless it was overtaken. A purge is the end of the log. */
static void
letter_done(void *arg, const struct error *err)
{
    struct letter *letter = arg;
    struct status_store *store = letter->store;
    pthread_mutex_lock(&store->lock);
    struct entry *entry = entry_of(connector_of(store, letter->connector), letter->task);
    bool is_latest = err && entry->sequence == letter->sequence;
    if (err)
        entry->unread -= entry->unread > 0;
    if (is_latest && !err->retriable)
        log_error("status of %s (task %d) cannot be written: %s", letter->connector, letter->task, err->message);
    if (is_latest && err->retriable)
        letter_send(letter, entry);
    else
        letter_free(letter);
    pthread_mutex_unlock(&store->lock);
}

static bool
may_replace(const struct status_store *store, const struct entry *entry, int generation)
{
    return !entry->is_present || strcmp(entry->status.worker_id, store->worker->worker_id) == 0 || entry->status.generation <= generation;
}

void
status_store_put(struct status_store *store, const char *connector, const struct status *status, bool safe)
{
    pthread_mutex_lock(&store->lock);
    struct entry *entry = entry_of(connector_of(store, connector), status->task);
    if (!safe || may_replace(store, entry, status->generation)) {
        struct status copy = status_dup(status);
        free(copy.worker_id);
        copy.worker_id = xstrdup(store->worker->worker_id);
        bool is_gone = status->state == STATUS_DESTROYED;
        if (is_gone)
            status_fini(&copy);
        entry_replace(entry, is_gone ? NULL : &copy);
        entry->sequence++;
        if (store->topic)
            letter_send(letter_new(store, connector, entry), entry);
    }
    pthread_mutex_unlock(&store->lock);
}

/* ---- asking ------------------------------------------------------------------------------------------------------- */

bool
status_store_get(struct status_store *store, const char *connector, int task, struct status *out)
{
    pthread_mutex_lock(&store->lock);
    struct connector *found = connector_find(store, connector, NULL);
    struct entry *entry = found ? entry_find(found, task, NULL) : NULL;
    bool is_present = entry && entry->is_present;
    if (is_present)
        *out = status_dup(&entry->status);
    pthread_mutex_unlock(&store->lock);
    return is_present;
}

void
status_store_list(struct status_store *store, const char *connector, struct status_list *out)
{
    *out = (struct status_list){0};
    pthread_mutex_lock(&store->lock);
    struct connector *found = connector_find(store, connector, NULL);
    if (found) {
        out->items = xcalloc(found->count + 1, sizeof(*out->items));
        for (size_t i = 0; i < found->count; i++)
            if (found->entries[i].is_present)
                out->items[out->count++] = status_dup(&found->entries[i].status);
    }
    pthread_mutex_unlock(&store->lock);
}

void
status_store_connectors(struct status_store *store, struct string_list *out)
{
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->count; i++) {
        bool has_any = false;
        for (size_t e = 0; e < store->connectors[i]->count; e++)
            has_any = has_any || store->connectors[i]->entries[e].is_present;
        if (has_any)
            string_list_add(out, store->connectors[i]->name);
    }
    pthread_mutex_unlock(&store->lock);
}

/* ---- topics in use ------------------------------------------------------------------------------------------------ */

static struct topic_note *
topic_note_new(struct status_store *store, const char *connector, const char *topic, const char *text)
{
    struct topic_note *note = xmalloc(sizeof(*note));
    *note = (struct topic_note){store, NULL, xstrdup(connector), xstrdup(topic), xstrdup(text)};
    return note;
}

/* After a failure that may pass, as long as it says what is true now. The lock is held. Takes the note. */
static void
topic_note_keep(struct topic_note *note, const struct error *err)
{
    struct status_store *store = note->store;
    struct connector *found = connector_find(store, note->connector, NULL);
    bool is_used = found && string_list_has(&found->topics, note->topic);
    if (err->retriable && is_used == (note->text != NULL) && store->note_count < STATUS_NOTES_MAX) {
        note->next = store->notes;
        store->notes = note;
        store->note_count++;
        return;
    }
    if (is_used == (note->text != NULL))
        log_warn("the topic %s in use by %s could not be recorded: %s", note->topic, note->connector, err->message);
    topic_note_free(note);
}

static void
topic_done(void *arg, const struct error *err)
{
    struct topic_note *note = arg;
    struct status_store *store = note->store;
    pthread_mutex_lock(&store->lock);
    if (err)
        topic_note_keep(note, err);
    else
        topic_note_free(note);
    pthread_mutex_unlock(&store->lock);
}

/* False: it waits. The lock is held. Takes the note. */
static bool
topic_send(struct topic_note *note)
{
    char *key = xasprintf("status-topic-%s:connector-%s", note->topic, note->connector);
    struct kafka_log_record record = {
        .key = key, .key_len = strlen(key), .value = note->text, .value_len = note->text ? strlen(note->text) : 0};
    struct error err = ERROR_INIT;
    bool is_sent = kafka_log_send(note->store->topic, &record, topic_done, note, &err);
    if (!is_sent)
        topic_note_keep(note, &err);
    free(key);
    return is_sent;
}

/* Each of those that wait once, until one finds no room. The lock is held. */
static void
topics_send_waiting(struct status_store *store)
{
    for (size_t left = store->note_count; left > 0; left--) {
        struct topic_note *note = store->notes;
        store->notes = note->next;
        store->note_count--;
        if (!topic_send(note))
            return;
    }
}

void
status_store_topic_used(struct status_store *store, const char *connector, int task, const char *topic)
{
    pthread_mutex_lock(&store->lock);
    struct string_list *topics = &connector_of(store, connector)->topics;
    bool is_new = !string_list_has(topics, topic);
    if (is_new)
        string_list_add(topics, topic);
    if (is_new && store->topic) {
        struct strbuf text = STRBUF_INIT;
        strbuf_puts(&text, "{\"topic\":{\"name\":");
        json_text_puts(&text, topic);
        strbuf_puts(&text, ",\"connector\":");
        json_text_puts(&text, connector);
        strbuf_printf(&text, ",\"task\":%d,\"discoverTimestamp\":%lld}}", task, (long long)clock_wall_ms());
        topic_send(topic_note_new(store, connector, topic, text.data));
        strbuf_fini(&text);
    }
    pthread_mutex_unlock(&store->lock);
}

void
status_store_topics(struct status_store *store, const char *connector, struct string_list *out)
{
    pthread_mutex_lock(&store->lock);
    struct connector *found = connector_find(store, connector, NULL);
    for (size_t i = 0; found && i < found->topics.count; i++)
        string_list_add(out, found->topics.items[i]);
    pthread_mutex_unlock(&store->lock);
}

void
status_store_topics_reset(struct status_store *store, const char *connector)
{
    pthread_mutex_lock(&store->lock);
    struct connector *found = connector_find(store, connector, NULL);
    struct string_list topics = found ? found->topics : STRING_LIST_INIT;
    if (found)
        found->topics = STRING_LIST_INIT;
    for (size_t i = 0; store->topic && i < topics.count; i++)
        topic_send(topic_note_new(store, connector, topics.items[i], NULL));
    pthread_mutex_unlock(&store->lock);
    string_list_fini(&topics);
}

/* ---- what waits ------------------------------------------------------------------------------------------------------ */

/* As many of those that wait as there is room for. */
static void
status_store_send_waiting(void *arg)
{
    struct status_store *store = arg;
    bool has_room = true;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < store->count && store->waiting > 0 && has_room; i++) {
        struct connector *connector = store->connectors[i];
        for (size_t e = 0; e < connector->count && has_room; e++) {
            struct entry *entry = &connector->entries[e];
            if (!entry->is_waiting)
                continue;
            letter_send(letter_new(store, connector->name, entry), entry);
            has_room = !entry->is_waiting;
        }
    }
    if (has_room)
        topics_send_waiting(store);
    pthread_mutex_unlock(&store->lock);
}
