/*
 * What is computed once per schema (a serialised form, a derived schema), found again by the schema's
 * pointer and bounded in number. One owner, one thread. Entries hold a reference to their schema.
 */
#ifndef CONNECT_DATA_SCHEMA_CACHE_H
#define CONNECT_DATA_SCHEMA_CACHE_H

#include "connect/data/schema.h"

struct schema_cache_entry;

struct schema_cache {
    size_t max;                  /* more than this many: all are dropped and it starts anew */
    size_t value_size;
    void (*drop)(void *value);   /* what the value owns; the memory itself is the cache's */
    struct schema_cache_entry **buckets;
    struct schema_cache_entry *last; /* found last */
    size_t bucket_count, count;
};

/* max 0 counts as 1. */
void schema_cache_init(struct schema_cache *cache, size_t max, size_t value_size, void (*drop)(void *value));
/* The value kept for a schema, zeroed when it is new (*is_new_out). It stays where it is until the next
   call that is answered with a new one. */
void *schema_cache_get(struct schema_cache *cache, const struct schema *schema, bool *is_new_out);
void schema_cache_fini(struct schema_cache *cache); /* accepts a zeroed struct */

#endif
