/* libFuzzer: records of the config, status and offset topics. The first byte says which topic; then a line a record,
   key and value parted by a tab; without a tab the value is null. */
#include "connect/storage/config_store.h"
#include "connect/storage/offset_store.h"
#include "connect/storage/status_store.h"
#include "connect/storage/store_priv.h"

#include "common/base/log.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
on_change(void *arg, const struct config_change *change)
{
    (void)arg, (void)change;
}

static void
each_record(void *store, void (*read)(void *, const struct kafka_log_record *), const char *at, size_t left)
{
    for (int64_t offset = 0; left; offset++) {
        const char *end = memchr(at, '\n', left);
        size_t len = end ? (size_t)(end - at) : left;
        const char *tab = memchr(at, '\t', len);
        struct kafka_log_record record = {
            .key = at,
            .key_len = tab ? (size_t)(tab - at) : len,
            .value = tab ? tab + 1 : NULL,
            .value_len = tab ? len - (size_t)(tab + 1 - at) : 0,
            .offset = offset,
        };
        read(store, &record);
        at += len + (end != NULL);
        left -= len + (end != NULL);
    }
}

static void
read_configs(const char *text, size_t len)
{
    struct config_store *store = config_store_memory_new(on_change, NULL);
    each_record(store, config_store_read, text, len);
    const struct config_snapshot *snapshot = config_store_snapshot(store);
    config_snapshot_find(snapshot, "a");
    config_snapshot_release(snapshot);
    config_store_close(store);
}

static void
read_statuses(const char *text, size_t len)
{
    static char worker_id[] = "w:1";
    static struct worker_config worker = {.worker_id = worker_id};
    struct status_store *store = status_store_memory_new(&worker);
    each_record(store, status_store_read, text, len);
    struct string_list names = STRING_LIST_INIT, topics = STRING_LIST_INIT;
    status_store_connectors(store, &names);
    for (size_t i = 0; i < names.count; i++) {
        struct status_list list;
        status_store_list(store, names.items[i], &list);
        status_list_fini(&list);
    }
    status_store_topics(store, "a", &topics);
    string_list_fini(&topics);
    string_list_fini(&names);
    status_store_close(store);
}

static void
read_offsets(const char *text, size_t len)
{
    struct offset_store *store = offset_store_memory_new();
    each_record(store, offset_store_read, text, len);
    struct offset_list list = {0};
    offset_store_list(store, "a", &list);
    offset_list_fini(&list);
    offset_store_close(store);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const topics[])(const char *, size_t) = {read_configs, read_statuses, read_offsets};
    log_level_set("root", LOG_OFF);
    if (size)
        topics[data[0] % 3]((const char *)data + 1, size - 1);
    return 0;
}
