/*
 * One table in memory, and behind it a topic, a file, or nothing. A write goes there first and into the table when
 * it has been taken; what other workers write comes through the topic.
 */
#include "connect/storage/offset_store.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/storage/offset_table.h"
#include "connect/storage/store_priv.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

LOGGER("connect.storage.offset_store");

enum { OFFSET_MESSAGE_MS = 60000, OFFSET_MIRROR_MS = 5000 };

struct offset_store {
    struct kafka_log_topic *topic; /* or NULL */
    char *topic_name;
    struct config settings;        /* of the topic, if it has to be made */
    struct kafka_log *log;         /* of a connector's own topic */
    struct offset_store *shared;   /* the worker's, under a connector's own; or NULL */
    char *path;                    /* the file, or NULL */

    pthread_mutex_t lock; /* guards the table, and the file */
    struct offset_table table;
};

void
offset_list_add(struct offset_list *list, const char *partition_json, const char *offset_json)
{
    list->items = xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
    list->items[list->count++] = (struct offset_entry){xstrdup(partition_json), xstrdup(offset_json)};
}

void
offset_list_fini(struct offset_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].partition_json);
        free(list->items[i].offset_json);
    }
    free(list->items);
    *list = (struct offset_list){0};
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

struct offset_store *
offset_store_memory_new(void)
{
    struct offset_store *store = xcalloc(1, sizeof(*store));
    pthread_mutex_init(&store->lock, NULL);
    return store;
}

/* The log's thread. */
void
offset_store_read(void *arg, const struct kafka_log_record *record)
{
    struct offset_store *store = arg;
    struct error err = ERROR_INIT;
    pthread_mutex_lock(&store->lock);
    bool ok = offset_table_put(&store->table, record->key, record->key_len, record->value, record->value_len, &err);
    pthread_mutex_unlock(&store->lock);
    if (!ok)
        log_warn("ignoring the record %.*s of topic %s: %s", (int)(record->key_len < 200 ? record->key_len : 200), record->key,
                 store->topic_name, err.message);
}

static struct offset_store *
store_over(struct kafka_log *log, const struct worker_config *worker, const char *topic, const char *setting)
{
    struct offset_store *store = offset_store_memory_new();
    store->topic_name = xstrdup(topic);
    config_subset(&worker->raw, "offset.storage.", &store->settings);
    store->topic = kafka_log_add(log, &(struct kafka_log_spec){
                                          .topic = store->topic_name,
                                          .setting = setting,
                                          .purpose = "source connector offsets",
                                          .partitions = worker->offset_storage_partitions,
                                          .replication_factor = worker->offset_storage_replication_factor,
                                          .settings = &store->settings,
                                          .message_timeout_ms = OFFSET_MESSAGE_MS,
                                          .read = offset_store_read,
                                          .arg = store,
                                      });
    return store;
}

struct offset_store *
offset_store_kafka_new(struct kafka_log *log, const struct worker_config *worker)
{
    return store_over(log, worker, worker->offset_storage_topic, "offset.storage.topic");
}

struct offset_store *
offset_store_connector_open(const struct worker_config *worker, const struct config *settings, struct offset_store *shared,
                            const char *connector, const char *topic, const atomic_bool *stop, struct error *err)
{
    char *client_id = xasprintf("connector-offset-%s", connector);
    struct kafka_log *log = kafka_log_new(settings, client_id, worker->exactly_once == EXACTLY_ONCE_ENABLED, err);
    free(client_id);
    if (!log)
        return NULL;
    struct offset_store *store = store_over(log, worker, topic, "offsets.storage.topic");
    store->log = log;
    store->shared = shared;
    if (kafka_log_start(log, stop, err))
        return store;
    offset_store_close(store);
    return NULL;
}

void
offset_store_close(struct offset_store *store)
{
    if (!store)
        return;
    kafka_log_close(store->log);
    offset_table_fini(&store->table);
    config_fini(&store->settings);
    pthread_mutex_destroy(&store->lock);
    free(store->topic_name);
    free(store->path);
    free(store);
}

const char *
offset_store_topic(const struct offset_store *store)
{
    return store->topic_name;
}

/* ---- the file --------------------------------------------------------------------------------------------------------- */

static bool
file_read_line(struct offset_store *store, char *line, size_t number, struct error *err)
{
    char *tab = strchr(line, '\t');
    if (!tab)
        return error_set(err, ERROR_CONFIG, "offset file %s, line %zu: no tab between key and offset", store->path, number);
    *tab = '\0';
    const char *offset = tab + 1;
    if (offset_table_put(&store->table, line, strlen(line), offset, strlen(offset), err))
        return true;
    return error_wrap(err, "offset file %s, line %zu", store->path, number);
}

struct offset_store *
offset_store_file_open(const char *path, struct error *err)
{
    struct offset_store *store = offset_store_memory_new();
    store->path = xstrdup(path);
    FILE *file = fopen(path, "re");
    bool ok = file || errno == ENOENT || error_set(err, ERROR_CONFIG, "offset file %s: %s", path, strerror(errno));
    char *line = NULL;
    size_t size = 0, number = 0;
    ssize_t len;
    while (ok && file && (len = getline(&line, &size, file)) > 0) {
        if (number++ == 0 && len >= 2 && (unsigned char)line[0] == 0xAC && (unsigned char)line[1] == 0xED)
            ok = error_set(err, ERROR_CONFIG,
                           "offset file %s was written by a Java worker, whose serialised form is not read here. Name another file "
                           "in offset.storage.file.filename",
                           path);
        if (line[len - 1] == '\n')
            line[len - 1] = '\0';
        ok = ok && (!*line || file_read_line(store, line, number, err));
    }
    free(line);
    if (file)
        fclose(file);
    if (ok)
        return store;
    offset_store_close(store);
    return NULL;
}

static void
file_write_row(void *arg, const struct offset_row *row)
{
    if (row->offset_json)
        fprintf(arg, "%s\t%s\n", row->key, row->offset_json);
}

/* A crash leaves the old file or the new one. The lock is held. */
static bool
file_write(struct offset_store *store, struct error *err)
{
    char *temporary = xasprintf("%s.new", store->path);
    FILE *file = fopen(temporary, "we");
    bool ok = file;
    if (file) {
        offset_table_each(&store->table, file_write_row, file);
        ok = fflush(file) == 0 && fsync(fileno(file)) == 0;
        ok = fclose(file) == 0 && ok;
    }
    ok = ok && rename(temporary, store->path) == 0;
    if (!ok)
        error_set_retriable(err, ERROR_UNAVAILABLE, "offset file %s: %s", store->path, strerror(errno));
    free(temporary);
    return ok;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

bool
offset_store_refresh(struct offset_store *store, int64_t timeout_ms, struct error *err)
{
    if (store->shared && !offset_store_refresh(store->shared, timeout_ms, err))
        return false;
    return !store->topic || kafka_log_refresh(store->topic, timeout_ms, err);
}

/* A connector's own topic wins, also with its tombstones. */
bool
offset_store_get(struct offset_store *store, const char *connector, const char *partition_json, char **offset_json_out,
                 struct error *err)
{
    pthread_mutex_lock(&store->lock);
    const struct offset_row *row = offset_table_find(&store->table, connector, partition_json);
    if (row)
        *offset_json_out = xstrdup(row->offset_json);
    pthread_mutex_unlock(&store->lock);
    if (row)
        return true;
    if (store->shared)
        return offset_store_get(store->shared, connector, partition_json, offset_json_out, err);
    *offset_json_out = NULL;
    return true;
}

struct collecting {
    const struct offset_store *above; /* leave out what this one knows; its lock is held */
    const char *connector;
    struct offset_list *out;
};

static void
collect(void *arg, const struct offset_row *row)
{
    struct collecting *c = arg;
    if (!row->offset_json || strcmp(row->connector, c->connector))
        return;
    if (!c->above || !offset_table_find(&c->above->table, row->connector, row->partition_json))
        offset_list_add(c->out, row->partition_json, row->offset_json);
}

void
offset_store_list(struct offset_store *store, const char *connector, struct offset_list *out)
{
    *out = (struct offset_list){0};
    struct collecting c = {.connector = connector, .out = out};
    pthread_mutex_lock(&store->lock);
    offset_table_each(&store->table, collect, &c);
    if (store->shared) { /* always in this order: own, shared */
        c.above = store;
        pthread_mutex_lock(&store->shared->lock);
        offset_table_each(&store->shared->table, collect, &c);
        pthread_mutex_unlock(&store->shared->lock);
    }
    pthread_mutex_unlock(&store->lock);
}

char *
offset_store_key(struct offset_store *store, const char *connector, const char *partition_json)
{
    for (struct offset_store *at = store; at; at = at->shared) {
        pthread_mutex_lock(&at->lock);
        const struct offset_row *row = offset_table_find(&at->table, connector, partition_json);
        char *key = row ? xstrdup(row->key) : NULL;
        pthread_mutex_unlock(&at->lock);
        if (key)
            return key;
    }
    return offset_table_new_key(connector, partition_json);
}

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

static bool
store_write(struct offset_store *store, const struct kafka_log_record *records, size_t count, int64_t timeout_ms, struct error *err)
{
    if (store->topic && !kafka_log_write(store->topic, records, count, false, timeout_ms, err))
        return false;
    bool ok = true;
    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; i < count && ok; i++)
        ok = offset_table_put(&store->table, records[i].key, records[i].key_len, records[i].value, records[i].value_len, err);
    if (ok && store->path)
        ok = file_write(store, err);
    pthread_mutex_unlock(&store->lock);
    return ok;
}

/* Tombstones go to the worker's topic first: were the second write lost, the removed offset would come back. */
static bool
store_write_both(struct offset_store *store, const struct kafka_log_record *records, size_t count, int64_t timeout_ms,
                 struct error *err)
{
    bool has_tombstone = false;
    for (size_t i = 0; i < count; i++)
        has_tombstone = has_tombstone || !records[i].value;
    if (has_tombstone && !store_write(store->shared, records, count, timeout_ms, err))
        return false;
    if (!store_write(store, records, count, timeout_ms, err))
        return false;
    struct error ignored = ERROR_INIT;
    if (!has_tombstone && !store_write(store->shared, records, count, timeout_ms, &ignored))
        log_warn("offsets are in topic %s, but not in the worker's topic %s: %s", store->topic_name, store->shared->topic_name,
                 ignored.message);
    return true;
}

bool
offset_store_put(struct offset_store *store, const char *connector, const struct offset_list *offsets, int64_t timeout_ms,
                 struct error *err)
{
    struct kafka_log_record *records = xcalloc(offsets->count + 1, sizeof(*records));
    for (size_t i = 0; i < offsets->count; i++) {
        const struct offset_entry *entry = &offsets->items[i];
        char *key = offset_store_key(store, connector, entry->partition_json);
        records[i] = (struct kafka_log_record){
            .key = key,
            .key_len = strlen(key),
            .value = entry->offset_json,
            .value_len = entry->offset_json ? strlen(entry->offset_json) : 0,
        };
    }
    bool ok = store->shared ? store_write_both(store, records, offsets->count, timeout_ms, err)
                            : store_write(store, records, offsets->count, timeout_ms, err);
    for (size_t i = 0; i < offsets->count; i++)
        free((char *)(uintptr_t)records[i].key);
    free(records);
    return ok;
}

bool
offset_store_mirror(struct offset_store *store, const char *connector, const struct offset_list *offsets, struct error *err)
{
    return !store->shared || !offsets->count || offset_store_put(store->shared, connector, offsets, OFFSET_MIRROR_MS, err);
}
