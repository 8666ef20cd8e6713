/* Tables are built in an arena of their own; the set of them is a list in order of appearance with a hash beside it. */
#include "connect/connectors/binlog/table.h"

#include "common/base/alloc.h"
#include "common/config/config.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- one table -------------------------------------------------------------------------------------------------- */

static const char *
copy_text(struct cdc_table *table, const char *text)
{
    return text ? arena_strdup(&table->arena, text) : NULL;
}

static const char *const *
copy_texts(struct cdc_table *table, const char *const *texts, size_t count)
{
    const char **copies = arena_array(&table->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        copies[i] = arena_strdup(&table->arena, texts[i]);
    return copies;
}

struct cdc_table *
cdc_table_new(const char *database, const char *name)
{
    struct cdc_table *table = xcalloc(1, sizeof(*table));
    atomic_init(&table->refs, 1);
    table->database = copy_text(table, database);
    table->name = copy_text(table, name);
    return table;
}

struct cdc_table *
cdc_table_dup(const struct cdc_table *table)
{
    struct cdc_table *copy = cdc_table_new(table->database, table->name);
    copy->charset = copy_text(copy, table->charset);
    copy->comment = copy_text(copy, table->comment);
    for (size_t i = 0; i < table->column_count; i++)
        cdc_table_add(copy, &table->columns[i]);
    cdc_table_key(copy, table->key, table->key_count, table->key_is_primary);
    return copy;
}

struct cdc_table *
cdc_table_ref(struct cdc_table *table)
{
    if (table)
        atomic_fetch_add(&table->refs, 1);
    return table;
}

void
cdc_table_unref(struct cdc_table *table)
{
    if (!table || atomic_fetch_sub(&table->refs, 1) > 1)
        return;
    arena_fini(&table->arena);
    free(table);
}

struct cdc_column *
cdc_table_column(const struct cdc_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcasecmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}

static void
number_columns(struct cdc_table *table)
{
    for (size_t i = 0; i < table->column_count; i++)
        table->columns[i].position = (int)i + 1;
}

static struct cdc_column *
append_column(struct cdc_table *table)
{
    if (table->column_count == table->column_room) {
        table->column_room = table->column_room ? table->column_room * 2 : 8;
        struct cdc_column *columns = arena_array(&table->arena, struct cdc_column, table->column_room);
        if (table->column_count)
            memcpy(columns, table->columns, table->column_count * sizeof(*columns));
        table->columns = columns;
    }
    return &table->columns[table->column_count++];
}

struct cdc_column *
cdc_table_add(struct cdc_table *table, const struct cdc_column *column)
{
    struct cdc_column copy = *column;
    copy.name = copy_text(table, column->name);
    copy.type_name = copy_text(table, column->type_name);
    copy.charset = copy_text(table, column->charset);
    copy.default_value = copy_text(table, column->default_value);
    copy.comment = copy_text(table, column->comment);
    copy.enum_texts = copy_texts(table, column->enum_texts, column->enum_count);
    copy.enum_values = copy_texts(table, column->enum_values, column->enum_count);
    struct cdc_column *to = cdc_table_column(table, column->name);
    if (!to)
        to = append_column(table);
    *to = copy;
    number_columns(table);
    return to;
}

void
cdc_table_move(struct cdc_table *table, const char *name, const char *after)
{
    struct cdc_column *from = cdc_table_column(table, name);
    if (!from || (after && strcasecmp(name, after) == 0))
        return;
    struct cdc_column moved = *from;
    size_t at = (size_t)(from - table->columns);
    memmove(from, from + 1, (--table->column_count - at) * sizeof(*from));
    struct cdc_column *before = after ? cdc_table_column(table, after) : NULL;
    size_t to = before ? (size_t)(before - table->columns) + 1 : 0;
    memmove(table->columns + to + 1, table->columns + to, (table->column_count++ - to) * sizeof(*from));
    table->columns[to] = moved;
    number_columns(table);
}

void
cdc_table_drop(struct cdc_table *table, const char *name)
{
    struct cdc_column *column = cdc_table_column(table, name);
    if (!column)
        return;
    size_t at = (size_t)(column - table->columns), kept = 0;
    memmove(column, column + 1, (--table->column_count - at) * sizeof(*column));
    number_columns(table);
    const char **key = arena_array(&table->arena, const char *, table->key_count + 1);
    for (size_t i = 0; i < table->key_count; i++)
        if (strcasecmp(table->key[i], name) != 0)
            key[kept++] = table->key[i];
    table->key = key;
    table->key_count = kept;
}

void
cdc_table_rename_column(struct cdc_table *table, const char *name, const char *to)
{
    struct cdc_column *column = cdc_table_column(table, name);
    if (!column)
        return;
    const char *copy = copy_text(table, to);
    const char **key = arena_array(&table->arena, const char *, table->key_count + 1);
    for (size_t i = 0; i < table->key_count; i++)
        key[i] = strcasecmp(table->key[i], column->name) == 0 ? copy : table->key[i];
    table->key = key;
    column->name = copy;
}

void
cdc_table_key(struct cdc_table *table, const char *const *names, size_t count, bool is_primary)
{
    table->key = copy_texts(table, names, count);
    table->key_count = count;
    table->key_is_primary = is_primary && count > 0;
}

/* ---- all tables --------------------------------------------------------------------------------------------------- */

enum { NOTHING = -1 };

struct cdc_tables {
    struct cdc_table **items; /* NULL where one was removed, until the next sweep */
    int *next;                /* of items with the same hash, older ones behind */
    size_t count, size, removed;
    int *buckets;             /* bucket_count, a power of two */
    size_t bucket_count;
    bool ignores_case;
    unsigned long version;
    struct config variables, charsets;
};

struct cdc_tables *
cdc_tables_new(void)
{
    return xcalloc(1, sizeof(struct cdc_tables));
}

void
cdc_tables_free(struct cdc_tables *tables)
{
    if (!tables)
        return;
    for (size_t i = 0; i < tables->count; i++)
        cdc_table_unref(tables->items[i]);
    free(tables->items);
    free(tables->next);
    free(tables->buckets);
    config_fini(&tables->variables);
    config_fini(&tables->charsets);
    free(tables);
}

void
cdc_tables_ignore_case(struct cdc_tables *tables, bool ignore_case)
{
    tables->ignores_case = ignore_case;
}

/* Without case for both kinds of comparison. */
static size_t
hash_of(const char *database, const char *name)
{
    uint64_t hash = 14695981039346656037u;
    const char *const parts[] = {database, ".", name};
    for (size_t p = 0; p < 3; p++)
        for (const char *c = parts[p]; *c; c++)
            hash = (hash ^ (uint64_t)tolower((unsigned char)*c)) * 1099511628211u;
    return (size_t)hash;
}

static void
link_item(struct cdc_tables *tables, size_t at)
{
    int *bucket = &tables->buckets[hash_of(tables->items[at]->database, tables->items[at]->name) & (tables->bucket_count - 1)];
    tables->next[at] = *bucket;
    *bucket = (int)at;
}

/* Takes removed items out and makes room for as many again. */
static void
sweep(struct cdc_tables *tables)
{
    size_t kept = 0;
    for (size_t i = 0; i < tables->count; i++)
        if (tables->items[i])
            tables->items[kept++] = tables->items[i];
    tables->count = kept;
    tables->removed = 0;
    tables->size = kept < 16 ? 32 : kept * 2;
    tables->items = xrealloc(tables->items, tables->size * sizeof(*tables->items));
    tables->next = xrealloc(tables->next, tables->size * sizeof(*tables->next));
    for (tables->bucket_count = 32; tables->bucket_count < tables->size;)
        tables->bucket_count *= 2;
    tables->buckets = xrealloc(tables->buckets, tables->bucket_count * sizeof(*tables->buckets));
    for (size_t i = 0; i < tables->bucket_count; i++)
        tables->buckets[i] = NOTHING;
    for (size_t i = 0; i < tables->count; i++)
        link_item(tables, i);
}

static bool
same_name(const struct cdc_tables *tables, const char *a, const char *b)
{
    return tables->ignores_case ? strcasecmp(a, b) == 0 : strcmp(a, b) == 0;
}

static int
find(const struct cdc_tables *tables, const char *database, const char *name)
{
    if (!tables->bucket_count)
        return NOTHING;
    int at = tables->buckets[hash_of(database, name) & (tables->bucket_count - 1)];
    for (; at != NOTHING; at = tables->next[at]) {
        const struct cdc_table *table = tables->items[at];
        if (table && same_name(tables, table->name, name) && same_name(tables, table->database, database))
            return at;
    }
    return NOTHING;
}

struct cdc_table *
cdc_tables_get(const struct cdc_tables *tables, const char *database, const char *name)
{
    int at = find(tables, database, name);
    return at == NOTHING ? NULL : tables->items[at];
}

void
cdc_tables_put(struct cdc_tables *tables, struct cdc_table *table)
{
    tables->version++;
    int at = find(tables, table->database, table->name);
    if (at != NOTHING) {
        cdc_table_unref(tables->items[at]);
        tables->items[at] = table;
        return;
    }
    if (tables->count == tables->size)
        sweep(tables);
    tables->items[tables->count] = table;
    link_item(tables, tables->count++);
}

static void
remove_at(struct cdc_tables *tables, size_t at)
{
    cdc_table_unref(tables->items[at]);
    tables->items[at] = NULL;
    tables->removed++;
    tables->version++;
}

void
cdc_tables_remove(struct cdc_tables *tables, const char *database, const char *name)
{
    int at = find(tables, database, name);
    if (at != NOTHING)
        remove_at(tables, (size_t)at);
}

void
cdc_tables_remove_database(struct cdc_tables *tables, const char *database)
{
    for (size_t i = 0; i < tables->count; i++)
        if (tables->items[i] && same_name(tables, tables->items[i]->database, database))
            remove_at(tables, i);
}

size_t
cdc_tables_all(struct cdc_tables *tables, struct cdc_table *const **items_out)
{
    if (tables->removed)
        sweep(tables);
    *items_out = tables->items;
    return tables->count;
}

unsigned long
cdc_tables_version(const struct cdc_tables *tables)
{
    return tables->version;
}

void
cdc_tables_set_variable(struct cdc_tables *tables, const char *name, const char *value)
{
    config_set(&tables->variables, name, value);
}

const char *
cdc_tables_variable(const struct cdc_tables *tables, const char *name)
{
    return config_get(&tables->variables, name);
}

void
cdc_tables_set_database_charset(struct cdc_tables *tables, const char *database, const char *charset)
{
    if (charset)
        config_set(&tables->charsets, database, charset);
    else
        config_unset(&tables->charsets, database);
}

const char *
cdc_tables_database_charset(const struct cdc_tables *tables, const char *database)
{
    return config_get(&tables->charsets, database);
}
