/* A hash table with chains. The key's text is parsed once for each record. */
#include "connect/storage/offset_table.h"

#include "common/base/alloc.h"
#include "connect/storage/json_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static size_t
hash_of(const char *text)
{
    uint64_t hash = 1469598103934665603u; /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return (size_t)hash;
}

static void
row_free(struct offset_row *row)
{
    free(row->canonical);
    free(row->key);
    free(row->connector);
    free(row->partition_json);
    free(row->offset_json);
    free(row);
}

void
offset_table_fini(struct offset_table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++)
        for (struct offset_row *row = table->buckets[i], *next; row; row = next) {
            next = row->next;
            row_free(row);
        }
    free(table->buckets);
    *table = (struct offset_table){0};
}

static struct offset_row *
table_find(const struct offset_table *table, const char *canonical)
{
    if (table->bucket_count == 0)
        return NULL;
    struct offset_row *row = table->buckets[hash_of(canonical) % table->bucket_count];
    while (row && strcmp(row->canonical, canonical))
        row = row->next;
    return row;
}

static void
table_add(struct offset_table *table, struct offset_row *row)
{
    if (table->count >= table->bucket_count) {
        struct offset_table bigger = {.bucket_count = table->bucket_count ? table->bucket_count * 2 : 64};
        bigger.buckets = xcalloc(bigger.bucket_count, sizeof(*bigger.buckets));
        for (size_t i = 0; i < table->bucket_count; i++)
            for (struct offset_row *old = table->buckets[i], *next; old; old = next) {
                next = old->next;
                table_add(&bigger, old);
            }
        free(table->buckets);
        *table = bigger;
    }
    ensure(table->bucket_count > 0, "a table has buckets before it has rows");
    struct offset_row **bucket = &table->buckets[hash_of(row->canonical) % table->bucket_count];
    row->next = *bucket;
    *bucket = row;
    table->count++;
}

/* The raw text of the second element of ["name",{...}], which is known to be valid JSON. */
static char *
partition_text(const char *key, size_t len)
{
    const char *at = key, *end = key + len;
    while (*at != '"')
        at++;
    for (at++; *at != '"'; at++)
        if (*at == '\\')
            at++;
    while (*at != ',')
        at++;
    at++;
    while (end > at && end[-1] != ']')
        end--;
    end--;
    while (at < end && isspace((unsigned char)*at))
        at++;
    while (end > at && isspace((unsigned char)end[-1]))
        end--;
    return xmemdup(at, (size_t)(end - at));
}

static char *
canonical_text(const json_t *key)
{
    struct strbuf out = STRBUF_INIT;
    json_text_canonical(&out, key);
    return strbuf_take(&out);
}

bool
offset_table_put(struct offset_table *table, const char *key, size_t key_len, const char *offset_json, size_t offset_len,
                 struct error *err)
{
    json_t *parsed = json_text_parse(key, key_len, err);
    if (!parsed)
        return false;
    json_t *partition = json_array_get(parsed, 1);
    bool is_key = json_array_size(parsed) == 2 && json_is_string(json_array_get(parsed, 0)) &&
                  (json_is_object(partition) || json_is_null(partition));
    if (!is_key) {
        json_decref(parsed);
        return error_set(err, ERROR_DATA, "the key is not an array of a connector name and a partition");
    }
    char *canonical = canonical_text(parsed);
    struct offset_row *row = table_find(table, canonical);
    if (row) {
        free(canonical);
    } else {
        row = xcalloc(1, sizeof(*row));
        row->canonical = canonical;
        row->key = xmemdup(key, key_len);
        row->connector = xstrdup(json_string_value(json_array_get(parsed, 0)));
        row->partition_json = json_is_null(partition) ? NULL : partition_text(key, key_len);
        table_add(table, row);
    }
    bool is_null = !offset_json || (offset_len == 4 && memcmp(offset_json, "null", 4) == 0);
    free(row->offset_json);
    row->offset_json = is_null ? NULL : xmemdup(offset_json, offset_len);
    json_decref(parsed);
    return true;
}

char *
offset_table_new_key(const char *connector, const char *partition_json)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_putc(&out, '[');
    json_text_puts(&out, connector);
    strbuf_printf(&out, ",%s]", partition_json ? partition_json : "null");
    return strbuf_take(&out);
}

const struct offset_row *
offset_table_find(const struct offset_table *table, const char *connector, const char *partition_json)
{
    char *key = offset_table_new_key(connector, partition_json);
    struct error err = ERROR_INIT;
    json_t *parsed = json_text_parse(key, strlen(key), &err);
    const struct offset_row *row = NULL;
    if (parsed) {
        char *canonical = canonical_text(parsed);
        row = table_find(table, canonical);
        free(canonical);
    }
    json_decref(parsed);
    free(key);
    return row;
}

void
offset_table_each(const struct offset_table *table, void (*each)(void *arg, const struct offset_row *row), void *arg)
{
    for (size_t i = 0; i < table->bucket_count; i++)
        for (struct offset_row *row = table->buckets[i]; row; row = row->next)
            each(arg, row);
}
