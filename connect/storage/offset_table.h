/* Offsets by connector and partition, for the offset stores. Not locked. */
#ifndef CONNECT_STORAGE_OFFSET_TABLE_H
#define CONNECT_STORAGE_OFFSET_TABLE_H

#include "connect/storage/offset_store.h"

struct offset_row {
    struct offset_row *next;
    char *canonical;      /* the key with its members sorted: what rows are found by */
    char *key;            /* the bytes it was first seen with */
    char *connector;
    char *partition_json; /* the part of the key; NULL: null */
    char *offset_json;    /* NULL: tombstone */
};

struct offset_table {
    struct offset_row **buckets;
    size_t count, bucket_count;
};

void offset_table_fini(struct offset_table *table);
/* Take a record in. False: the key is not an array of a name and a partition. */
bool offset_table_put(struct offset_table *table, const char *key, size_t key_len, const char *offset_json, size_t offset_len,
                      struct error *err) MUST_CHECK;
/* NULL: never seen. */
const struct offset_row *offset_table_find(const struct offset_table *table, const char *connector, const char *partition_json);
/* The key's bytes for a partition that was never seen. Heap. */
char *offset_table_new_key(const char *connector, const char *partition_json);
void offset_table_each(const struct offset_table *table, void (*each)(void *arg, const struct offset_row *row), void *arg);

#endif
