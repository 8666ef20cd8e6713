/* Statements of an entity, and how they are run. Names in SQL come from the entity; values are always bound. */
#include "common/resource/store.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    TAKE_TIMEOUT_MS = 5000, /* for a free connection; the rest of a request's time is the database's */
    ERROR_NO_TABLE = 1146,
    ERROR_DUPLICATE = 1062,
};

/* ---- statements -------------------------------------------------------------------------------------------------- */

static char *
column_list(const struct store *store, const char *format)
{
    struct strbuf out = STRBUF_INIT;
    for (size_t i = 0; i < store->field_count; i++) {
        strbuf_puts(&out, i ? ", " : "");
        for (const char *c = format; *c; c++)
            *c == '@' ? strbuf_puts(&out, store->entity->fields[i].column) : strbuf_putc(&out, *c);
    }
    return strbuf_take(&out);
}

void
store_init(struct store *store, const struct entity *entity, struct db_pool *pool)
{
    const char *table = entity->table;
    *store = (struct store){.entity = entity, .pool = pool, .field_count = entity_field_count(entity)};
    char *names = column_list(store, "`@`"), *marks = column_list(store, "?"), *sets = column_list(store, "`@` = ?");
    store->columns = xasprintf("`id`, %s", names);
    store->one = xasprintf("SELECT %s FROM `%s` WHERE `id` = ? LIMIT 2", store->columns, table);
    store->one_locked = xasprintf("SELECT %s FROM `%s` WHERE `id` = ? LIMIT 2 FOR UPDATE", store->columns, table);
    store->count = xasprintf("SELECT COUNT(*) FROM `%s`", table);
    store->newest = xasprintf("SELECT COALESCE(MAX(`id`), 0) FROM `%s`", table);
    store->after = xasprintf("SELECT %s FROM `%s` WHERE `id` > ? ORDER BY `id` LIMIT ?", store->columns, table);
    store->insert = xasprintf("INSERT INTO `%s` (%s) VALUES (%s)", table, names, marks);
    store->replace = xasprintf("UPDATE `%s` SET %s WHERE `id` = ?", table, sets);
    store->remove = xasprintf("DELETE FROM `%s` WHERE `id` = ?", table);
    store->keys = xasprintf("%s_KEYS", table);
    store->key_insert = xasprintf("INSERT INTO `%s` (`idempotencyKey`, `digest`, `row`) VALUES (?, ?, 0)", store->keys);
    store->key_find = xasprintf("SELECT `digest`, `row` FROM `%s` WHERE `idempotencyKey` = ?", store->keys);
    store->key_set = xasprintf("UPDATE `%s` SET `row` = ? WHERE `idempotencyKey` = ?", store->keys);
    store->key_expire = xasprintf("DELETE FROM `%s` WHERE `created` < NOW() - INTERVAL %d HOUR LIMIT 1000", store->keys, STORE_KEY_LIFE_HOURS);
    free(names);
    free(marks);
    free(sets);
}

void
store_fini(struct store *store)
{
    char *texts[] = {store->columns, store->one,    store->one_locked, store->count, store->newest,     store->after,    store->insert,
                     store->replace, store->remove, store->keys,       store->key_insert, store->key_find, store->key_set, store->key_expire};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free(texts[i]);
}

/* ---- running --------------------------------------------------------------------------------------------------------- */

typedef bool (*store_work)(struct db_lease *lease, void *arg, struct error *err);

/* Reading may be done again on another connection, if the first turns out to be dead. */
static bool
with_lease(struct store *store, bool may_repeat, store_work work, void *arg, struct error *err)
{
    for (int attempt = 0;; attempt++) {
        struct db_lease *lease = db_pool_take(store->pool, TAKE_TIMEOUT_MS, err);
        if (!lease)
            return false;
        bool ok = work(lease, arg, err);
        db_pool_give(lease, ok ? NULL : err);
        if (ok || !may_repeat || attempt || err->code != ERROR_UNAVAILABLE)
            return ok;
    }
}

static bool
exec(struct db_lease *lease, const char *sql, struct error *err)
{
    return db_exec(db_lease_db(lease), sql, strlen(sql), NULL, err);
}

static bool
in_transaction(struct db_lease *lease, store_work work, void *arg, struct error *err)
{
    if (!exec(lease, "START TRANSACTION", err))
        return false;
    if (work(lease, arg, err))
        return db_commit(db_lease_db(lease), err);
    struct error ignored;
    if (err->code != ERROR_UNAVAILABLE && !db_rollback(db_lease_db(lease), &ignored))
        err->code = ERROR_UNAVAILABLE; /* closes the connection, which rolls back */
    return false;
}

static struct db_stmt *
run(struct db_lease *lease, const char *sql, const struct db_value *params, size_t count, struct error *err)
{
    struct db_stmt *stmt = db_lease_stmt(lease, sql, err);
    return stmt && db_stmt_run(stmt, params, count, err) ? stmt : NULL;
}

static struct db_value
integer(int64_t number)
{
    return (struct db_value){.kind = DB_VALUE_INT, .integer = number};
}

static struct db_value
text(const char *bytes)
{
    return (struct db_value){.kind = DB_VALUE_TEXT, .bytes = bytes, .len = strlen(bytes)};
}

/* ---- rows ---------------------------------------------------------------------------------------------------------------- */

static void
row_copy(struct store *store, struct arena *arena, const struct db_value *from, struct row *to)
{
    to->id = from[0].integer;
    for (size_t i = 0; i < store->field_count; i++) {
        to->values[i] = from[i + 1];
        if (to->values[i].bytes)
            to->values[i].bytes = arena_memdup(arena, from[i + 1].bytes, from[i + 1].len);
    }
}

/* All rows of a statement that was run, at most `limit`. total_out: what stands behind the last field of each, or NULL. */
static bool
rows_take(struct store *store, struct arena *arena, struct db_stmt *stmt, size_t limit, struct row **rows_out, size_t *count_out,
          int64_t *total_out, struct error *err)
{
    size_t count = 0, size = limit < 20 ? limit : 20;
    struct row *rows = arena_array(arena, struct row, size + 1);
    const struct db_value *values;
    size_t n;
    enum db_row_status status;
    while ((status = db_stmt_next(stmt, &values, &n, err)) == DB_ROW && count < limit) {
        if (count == size) {
            struct row *larger = arena_array(arena, struct row, size * 4);
            memcpy(larger, rows, size * sizeof(*rows));
            rows = larger;
            size *= 4;
        }
        row_copy(store, arena, values, &rows[count++]);
        if (total_out)
            *total_out = values[store->field_count + 1].integer;
    }
    *rows_out = rows;
    *count_out = count;
    return status != DB_FAILED;
}

static bool
one_number(struct db_lease *lease, const char *sql, int64_t *out, struct error *err)
{
    struct db_stmt *stmt = run(lease, sql, NULL, 0, err);
    const struct db_value *values;
    size_t n;
    if (!stmt || db_stmt_next(stmt, &values, &n, err) != DB_ROW)
        return false;
    *out = values[0].integer;
    return true;
}

/* ---- the table ------------------------------------------------------------------------------------------------------------ */

static const char *const types[] = {
    [FIELD_TEXT] = "varchar(255)", [FIELD_INT] = "integer", [FIELD_LONG] = "bigint", [FIELD_DOUBLE] = "double precision",
};

static int
by_column(const void *a, const void *b)
{
    const struct field *const *left = a, *const *right = b;
    return strcmp((*left)->column, (*right)->column);
}

/* Behind the key the columns stand in alphabetical order: the order in which a source connector reads them. */
static void
create_sql(const struct store *store, struct strbuf *out)
{
    const struct field *sorted[ENTITY_FIELDS_MAX];
    for (size_t i = 0; i < store->field_count; i++)
        sorted[i] = &store->entity->fields[i];
    // cppcheck-suppress uninitvar ; the loop above fills what is sorted
    qsort(sorted, store->field_count, sizeof(*sorted), by_column);
    strbuf_printf(out, "CREATE TABLE IF NOT EXISTS `%s` (`id` bigint NOT NULL AUTO_INCREMENT", store->entity->table);
    for (size_t i = 0; i < store->field_count; i++)
        strbuf_printf(out, ", `%s` %s", sorted[i]->column, types[sorted[i]->type]);
    strbuf_puts(out, ", PRIMARY KEY (`id`)) ENGINE=InnoDB");
}

/* Which fields have a column; returns the number of columns of the table, 0 if there is no table. */
static bool
columns_find(struct store *store, struct db_lease *lease, bool *found, size_t *count_out, struct error *err)
{
    struct db_value table = text(store->entity->table);
    struct db_stmt *stmt = run(lease, "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?", &table, 1, err);
    if (!stmt)
        return false;
    const struct db_value *values;
    size_t n;
    enum db_row_status status;
    for (*count_out = 0; (status = db_stmt_next(stmt, &values, &n, err)) == DB_ROW; (*count_out)++)
        for (size_t i = 0; i < store->field_count; i++)
            found[i] = found[i] || strcasecmp(values[0].bytes, store->entity->fields[i].column) == 0;
    return status == DB_END;
}

static bool
prepare_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct store *store = arg;
    bool found[ENTITY_FIELDS_MAX] = {false}, ok = true;
    size_t count;
    if (!columns_find(store, lease, found, &count, err))
        return false;
    struct strbuf sql = STRBUF_INIT;
    if (count == 0) {
        create_sql(store, &sql);
        ok = exec(lease, sql.data, err);
    }
    for (size_t i = 0; ok && count && i < store->field_count; i++) {
        if (found[i])
            continue;
        strbuf_reset(&sql);
        strbuf_printf(&sql, "ALTER TABLE `%s` ADD COLUMN `%s` %s", store->entity->table, store->entity->fields[i].column, types[store->entity->fields[i].type]);
        ok = exec(lease, sql.data, err);
    }
    strbuf_fini(&sql);
    return ok || error_wrap(err, "table %s", store->entity->table);
}

bool
store_prepare(struct store *store, struct error *err)
{
    return with_lease(store, true, prepare_work, store, err);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------------- */

struct get_args {
    struct store *store;
    struct arena *arena;
    const char *sql;
    int64_t id;
    struct row *out;
    bool is_missing;
};

static bool
get_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct get_args *get = arg;
    struct db_value id = integer(get->id);
    struct db_stmt *stmt = run(lease, get->sql, &id, 1, err);
    struct row *rows;
    size_t count;
    if (!stmt || !rows_take(get->store, get->arena, stmt, 2, &rows, &count, NULL, err))
        return false;
    if (count > 1) /* a table without a key */
        return error_set(err, ERROR_INTERNAL, "table %s has more than one row with id %lld", get->store->entity->table, (long long)get->id);
    get->is_missing = count == 0;
    if (count)
        *get->out = rows[0];
    return true;
}

enum store_result
store_get(struct store *store, struct arena *arena, int64_t id, struct row *out, struct error *err)
{
    struct get_args get = {.store = store, .arena = arena, .sql = store->one, .id = id, .out = out};
    if (!with_lease(store, true, get_work, &get, err))
        return STORE_FAILED;
    return get.is_missing ? STORE_MISSING : STORE_DONE;
}

struct list_args {
    struct store *store;
    struct arena *arena;
    const struct page *page;
    int64_t after;
    int64_t limit;
    struct row *rows;
    size_t count;
    int64_t total;
};

/* The page and how many rows there are, in one question; what lies behind the last row is asked about again. */
static bool
list_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct list_args *list = arg;
    const struct page *page = list->page;
    const struct store *store = list->store;
    struct strbuf sql = STRBUF_INIT;
    strbuf_printf(&sql, "SELECT %s, (%s) FROM `%s`", store->columns, store->count, store->entity->table);
    page_order_by(store->entity, page, &sql);
    strbuf_puts(&sql, " LIMIT ? OFFSET ?");
    struct db_value params[] = {integer(page->size), integer(page->number * page->size)};
    struct db_stmt *stmt = run(lease, sql.data, params, 2, err);
    strbuf_fini(&sql);
    list->total = 0;
    if (!stmt || !rows_take(list->store, list->arena, stmt, (size_t)page->size, &list->rows, &list->count, &list->total, err))
        return false;
    return list->count > 0 || page->number == 0 || one_number(lease, store->count, &list->total, err);
}

bool
store_list(struct store *store, struct arena *arena, const struct page *page, struct row **rows_out, size_t *count_out,
           int64_t *total_out, struct error *err)
{
    struct list_args list = {.store = store, .arena = arena, .page = page};
    if (!with_lease(store, true, list_work, &list, err))
        return false;
    *rows_out = list.rows;
    *count_out = list.count;
    *total_out = list.total;
    return true;
}

static bool
after_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct list_args *list = arg;
    struct db_value params[] = {integer(list->after), integer(list->limit)};
    struct db_stmt *stmt = run(lease, list->store->after, params, 2, err);
    return stmt && rows_take(list->store, list->arena, stmt, (size_t)list->limit, &list->rows, &list->count, NULL, err);
}

bool
store_after(struct store *store, struct arena *arena, int64_t id, int64_t limit, struct row **rows_out, size_t *count_out,
            struct error *err)
{
    struct list_args list = {.store = store, .arena = arena, .after = id, .limit = limit};
    if (!with_lease(store, true, after_work, &list, err))
        return false;
    *rows_out = list.rows;
    *count_out = list.count;
    return true;
}

static bool
newest_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct list_args *list = arg;
    return one_number(lease, list->store->newest, &list->total, err);
}

bool
store_newest(struct store *store, int64_t *id_out, struct error *err)
{
    struct list_args list = {.store = store};
    if (!with_lease(store, true, newest_work, &list, err))
        return false;
    *id_out = list.total;
    return true;
}

/* ---- writing ---------------------------------------------------------------------------------------------------------------- */

struct write_args {
    struct store *store;
    struct row *rows;
    size_t count;
    bool is_missing;
};

/* The original's zeros lose their sign on the way, as SQL literals do. */
static void
bind_fields(const struct store *store, const struct row *row, struct db_value *params)
{
    memcpy(params, row->values, store->field_count * sizeof(*params));
    for (size_t i = 0; i < store->field_count; i++)
        if (params[i].kind == DB_VALUE_DOUBLE && params[i].real == 0)
            params[i].real = 0;
}

static bool
insert_one(struct store *store, struct db_lease *lease, struct row *row, struct error *err)
{
    struct db_value params[ENTITY_FIELDS_MAX];
    bind_fields(store, row, params);
    struct db_stmt *stmt = run(lease, store->insert, params, store->field_count, err);
    if (stmt)
        row->id = (int64_t)db_stmt_insert_id(stmt);
    return stmt != NULL;
}

static bool
insert_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct write_args *write = arg;
    for (size_t i = 0; i < write->count; i++)
        if (!insert_one(write->store, lease, &write->rows[i], err))
            return write->count == 1 ? false : error_wrap(err, "element %zu", i);
    return true;
}

bool
store_insert(struct store *store, struct row *row, struct error *err)
{
    struct write_args write = {.store = store, .rows = row, .count = 1};
    return with_lease(store, false, insert_work, &write, err);
}

static bool
insert_all_work(struct db_lease *lease, void *arg, struct error *err)
{
    return in_transaction(lease, insert_work, arg, err);
}

bool
store_insert_all(struct store *store, struct row *rows, size_t count, struct error *err)
{
    struct write_args write = {.store = store, .rows = rows, .count = count};
    return with_lease(store, false, insert_all_work, &write, err);
}

static bool
replace_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct write_args *write = arg;
    struct db_value params[ENTITY_FIELDS_MAX + 1];
    bind_fields(write->store, write->rows, params);
    params[write->store->field_count] = integer(write->rows->id);
    struct db_stmt *stmt = run(lease, write->store->replace, params, write->store->field_count + 1, err);
    if (stmt)
        write->is_missing = db_stmt_affected(stmt) == 0;
    return stmt != NULL;
}

enum store_result
store_replace(struct store *store, const struct row *row, struct error *err)
{
    struct write_args write = {.store = store, .rows = (struct row *)row, .count = 1};
    if (!with_lease(store, false, replace_work, &write, err))
        return STORE_FAILED;
    return write.is_missing ? STORE_MISSING : STORE_DONE;
}

struct change_args {
    struct get_args get;
    bool (*change)(void *arg, struct row *row);
    void *arg;
};

static bool
change_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct change_args *args = arg;
    if (!get_work(lease, &args->get, err))
        return false;
    if (args->get.is_missing || !args->change(args->arg, args->get.out))
        return true;
    struct write_args write = {.store = args->get.store, .rows = args->get.out, .count = 1};
    return replace_work(lease, &write, err);
}

static bool
change_in_transaction(struct db_lease *lease, void *arg, struct error *err)
{
    return in_transaction(lease, change_work, arg, err);
}

enum store_result
store_change(struct store *store, struct arena *arena, int64_t id, struct row *row, bool (*change)(void *arg, struct row *row), void *arg,
             struct error *err)
{
    struct change_args args = {{.store = store, .arena = arena, .sql = store->one_locked, .id = id, .out = row}, change, arg};
    if (!with_lease(store, false, change_in_transaction, &args, err))
        return STORE_FAILED;
    return args.get.is_missing ? STORE_MISSING : STORE_DONE;
}

static bool
remove_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct write_args *write = arg;
    struct db_value id = integer(write->rows->id);
    struct db_stmt *stmt = run(lease, write->store->remove, &id, 1, err);
    if (stmt)
        write->is_missing = db_stmt_affected(stmt) == 0;
    return stmt != NULL;
}

enum store_result
store_remove(struct store *store, int64_t id, struct error *err)
{
    struct row row = {.id = id};
    struct write_args write = {.store = store, .rows = &row, .count = 1};
    if (!with_lease(store, false, remove_work, &write, err))
        return STORE_FAILED;
    return write.is_missing ? STORE_MISSING : STORE_DONE;
}

/* ---- once per key ------------------------------------------------------------------------------------------------------------- */

struct once_args {
    struct store *store;
    struct row *row;
    const char *key, *digest;
    enum store_key result;
};

/* The key's row is locked from its insertion to the commit, so a repeated request that runs at the same time waits
   here, and then finds the key taken. */
static bool
once_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct once_args *once = arg;
    struct db_value params[] = {text(once->key), text(once->digest)};
    if (!run(lease, once->store->key_insert, params, 2, err) || !insert_one(once->store, lease, once->row, err))
        return false;
    struct db_value set[] = {integer(once->row->id), text(once->key)};
    once->result = STORE_KEY_NEW;
    return run(lease, once->store->key_set, set, 2, err) != NULL;
}

static bool
known_work(struct db_lease *lease, void *arg, struct error *err)
{
    struct once_args *once = arg;
    struct db_value key = text(once->key);
    struct db_stmt *stmt = run(lease, once->store->key_find, &key, 1, err);
    const struct db_value *values;
    size_t n;
    enum db_row_status status = stmt ? db_stmt_next(stmt, &values, &n, err) : DB_FAILED;
    if (status == DB_END) /* the first request failed in the meantime: the caller tries again */
        return error_set_retriable(err, ERROR_TIMEOUT, "the first request with this key has not ended");
    if (status == DB_FAILED)
        return false;
    once->row->id = values[1].integer;
    once->result = strcmp(values[0].bytes, once->digest) == 0 ? STORE_KEY_KNOWN : STORE_KEY_OTHER_BODY;
    return true;
}

static bool
keys_create(struct store *store, struct db_lease *lease, struct error *err)
{
    char *sql = xasprintf("CREATE TABLE IF NOT EXISTS `%s` (`idempotencyKey` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
                          "`digest` char(16) NOT NULL, `row` bigint NOT NULL, `created` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, "
                          "PRIMARY KEY (`idempotencyKey`), KEY (`created`)) ENGINE=InnoDB",
                          store->keys);
    bool ok = exec(lease, sql, err);
    free(sql);
    return ok;
}

static bool
once_in_transaction(struct db_lease *lease, void *arg, struct error *err)
{
    struct once_args *once = arg;
    if (in_transaction(lease, once_work, once, err))
        return true;
    if (err->cause == ERROR_NO_TABLE && keys_create(once->store, lease, err))
        return in_transaction(lease, once_work, once, err);
    return err->cause == ERROR_DUPLICATE && known_work(lease, once, err);
}

static bool
expire_work(struct db_lease *lease, void *arg, struct error *err)
{
    return run(lease, ((struct once_args *)arg)->store->key_expire, NULL, 0, err) != NULL;
}

enum store_key
store_insert_once(struct store *store, struct row *row, const char *key, const char *digest, struct error *err)
{
    struct once_args once = {.store = store, .row = row, .key = key, .digest = digest};
    if (!with_lease(store, false, once_in_transaction, &once, err))
        return STORE_KEY_FAILED;
    struct error ignored;
    if (once.result == STORE_KEY_NEW && row->id % 256 == 0) /* now and then, so that keys do not pile up */
        (void)!with_lease(store, false, expire_work, &once, &ignored);
    return once.result;
}
