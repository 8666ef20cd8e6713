/* A chained hash table over pointers; a full one is emptied, which is rare and keeps it simple. */
#include "connect/data/schema_cache.h"

#include "common/base/alloc.h"

#include <stdlib.h>

struct schema_cache_entry {
    struct schema_cache_entry *next;
    const struct schema *schema;
    max_align_t value[];
};

void
schema_cache_init(struct schema_cache *cache, size_t max, size_t value_size, void (*drop)(void *value))
{
    *cache = (struct schema_cache){.max = max ? max : 1, .value_size = value_size, .drop = drop};
}

static void
clear(struct schema_cache *cache)
{
    for (size_t i = 0; i < cache->bucket_count; i++) {
        for (struct schema_cache_entry *entry = cache->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            if (cache->drop)
                cache->drop(entry->value);
            schema_unref(entry->schema);
            free(entry);
        }
        cache->buckets[i] = NULL;
    }
    cache->count = 0;
    cache->last = NULL;
}

static struct schema_cache_entry **
bucket_of(const struct schema_cache *cache, const struct schema *schema)
{
    return &cache->buckets[schema->hash & (cache->bucket_count - 1)];
}

static void
grow(struct schema_cache *cache)
{
    struct schema_cache_entry **old = cache->buckets;
    size_t old_count = cache->bucket_count;
    cache->bucket_count = old_count ? old_count * 2 : 8;
    cache->buckets = xcalloc(cache->bucket_count, sizeof(*cache->buckets));
    for (size_t i = 0; i < old_count; i++) {
        for (struct schema_cache_entry *entry = old[i], *next; entry; entry = next) {
            next = entry->next;
            struct schema_cache_entry **bucket = bucket_of(cache, entry->schema);
            entry->next = *bucket;
            *bucket = entry;
        }
    }
    free(old);
}

void *
schema_cache_get(struct schema_cache *cache, const struct schema *schema, bool *is_new_out)
{
    *is_new_out = false;
    if (cache->last && cache->last->schema == schema)
        return cache->last->value;
    struct schema_cache_entry *entry = cache->count ? *bucket_of(cache, schema) : NULL;
    while (entry && entry->schema != schema)
        entry = entry->next;
    if (!entry) {
        if (cache->count >= cache->max)
            clear(cache);
        if (cache->count >= cache->bucket_count)
            grow(cache);
        entry = xcalloc(1, sizeof(*entry) + cache->value_size);
        entry->schema = schema_ref(schema);
        struct schema_cache_entry **bucket = bucket_of(cache, schema);
        entry->next = *bucket;
        *bucket = entry;
        cache->count++;
        *is_new_out = true;
    }
    cache->last = entry;
    return entry->value;
}

void
schema_cache_fini(struct schema_cache *cache)
{
    clear(cache);
    free(cache->buckets);
    cache->buckets = NULL;
    cache->bucket_count = 0;
}
