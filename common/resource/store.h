/*
 * Rows of an entity in its table: one prepared statement each, made from the entity's names once. Functions
 * block on the database, for a connection of the pool first; any thread. Texts of rows live in the arena.
 */
#ifndef COMMON_RESOURCE_STORE_H
#define COMMON_RESOURCE_STORE_H

#include "common/base/arena.h"
#include "common/db/pool.h"
#include "common/resource/entity.h"
#include "common/resource/page.h"

struct store {
    const struct entity *entity;
    struct db_pool *pool;
    size_t field_count;
    char *columns; /* "`id`, `customerId`, ..." in the order of the fields */
    char *one, *one_locked, *count, *newest, *after, *insert, *replace, *remove;
    char *keys; /* table of idempotency keys, made when the first one comes */
    char *key_insert, *key_find, *key_set, *key_expire;
};

enum store_result { STORE_DONE, STORE_MISSING, STORE_FAILED };

void store_init(struct store *store, const struct entity *entity, struct db_pool *pool);
void store_fini(struct store *store);

/* Create the table if it is missing, add columns that are missing. */
bool store_prepare(struct store *store, struct error *err) MUST_CHECK;

enum store_result store_get(struct store *store, struct arena *arena, int64_t id, struct row *out, struct error *err);
/* One page. The total is counted only if the page does not tell. */
bool store_list(struct store *store, struct arena *arena, const struct page *page, struct row **rows_out, size_t *count_out,
                int64_t *total_out, struct error *err) MUST_CHECK;
/* Rows with a larger id, by id, at most `limit`. */
bool store_after(struct store *store, struct arena *arena, int64_t id, int64_t limit, struct row **rows_out, size_t *count_out,
                 struct error *err) MUST_CHECK;
/* The largest id, 0 without rows. */
bool store_newest(struct store *store, int64_t *id_out, struct error *err) MUST_CHECK;
/* Sets row->id. */
bool store_insert(struct store *store, struct row *row, struct error *err) MUST_CHECK;
/* All or none. */
bool store_insert_all(struct store *store, struct row *rows, size_t count, struct error *err) MUST_CHECK;
/* All fields of the row with this id. */
enum store_result store_replace(struct store *store, const struct row *row, struct error *err);
/* Read, let `change` work on the row, write, in one transaction. When `change` returns false nothing is written,
   the result is STORE_DONE and the caller knows why. */
enum store_result store_change(struct store *store, struct arena *arena, int64_t id, struct row *row,
                               bool (*change)(void *arg, struct row *row), void *arg, struct error *err);
enum store_result store_remove(struct store *store, int64_t id, struct error *err);

enum { STORE_KEY_MAX = 255, STORE_KEY_LIFE_HOURS = 24 };
enum store_key { STORE_KEY_NEW, STORE_KEY_KNOWN, STORE_KEY_OTHER_BODY, STORE_KEY_FAILED };
/* Insert once per key: the key and the row are written in one transaction. KNOWN: row->id is that of the first
   time. OTHER_BODY: the key was used with another digest. */
enum store_key store_insert_once(struct store *store, struct row *row, const char *key, const char *digest, struct error *err);

#endif
