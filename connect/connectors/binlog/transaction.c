#include "connect/connectors/binlog/transaction.h"

#include "common/base/alloc.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_PREFIX "transaction_data_collection_order_"

/* ---- schemas ------------------------------------------------------------------------------------------------------ */

static void
add_primitive(struct schema_builder *builder, const char *name, enum schema_type type, bool is_optional)
{
    const struct schema *schema = schema_primitive(type, is_optional);
    schema_builder_field(builder, name, schema);
    schema_unref(schema);
}

static struct schema_builder *
named(const struct cdc_config *config, const char *name)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    char *adjusted = cdc_schema_name(config, name);
    schema_builder_name(builder, adjusted);
    schema_builder_version(builder, 1);
    free(adjusted);
    return builder;
}

static const struct schema *
make_count_schema(const struct cdc_config *config)
{
    struct schema_builder *builder = named(config, "event.collection");
    schema_builder_optional(builder, true);
    add_primitive(builder, "data_collection", SCHEMA_STRING, false);
    add_primitive(builder, "event_count", SCHEMA_INT64, false);
    return schema_builder_finish(builder);
}

static const struct schema *
make_value_schema(const struct cdc_config *config, const struct schema *count_schema)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_ARRAY);
    schema_builder_value(builder, count_schema);
    schema_builder_optional(builder, true);
    const struct schema *counts = schema_builder_finish(builder);
    builder = named(config, "io.debezium.connector.common.TransactionMetadataValue");
    add_primitive(builder, "status", SCHEMA_STRING, false);
    add_primitive(builder, "id", SCHEMA_STRING, false);
    add_primitive(builder, "event_count", SCHEMA_INT64, true);
    schema_builder_field(builder, "data_collections", counts);
    add_primitive(builder, "ts_ms", SCHEMA_INT64, false);
    schema_unref(counts);
    return schema_builder_finish(builder);
}

void
cdc_transaction_init(struct cdc_transaction *transaction, const struct cdc_config *config)
{
    transaction->is_enabled = config->transaction_metadata;
    transaction->topic = xasprintf("%s%s%s", config->topic_prefix, config->topic_delimiter, config->transaction_topic);
    struct schema_builder *builder = named(config, "io.debezium.connector.common.TransactionMetadataKey");
    add_primitive(builder, "id", SCHEMA_STRING, false);
    transaction->key_schema = schema_builder_finish(builder);
    transaction->count_schema = make_count_schema(config);
    transaction->value_schema = make_value_schema(config, transaction->count_schema);
}

void
cdc_transaction_fini(struct cdc_transaction *transaction)
{
    cdc_transaction_end(transaction);
    free(transaction->counts);
    free(transaction->topic);
    schema_unref(transaction->key_schema);
    schema_unref(transaction->value_schema);
    schema_unref(transaction->count_schema);
    *transaction = (struct cdc_transaction){0};
}

/* ---- counting ------------------------------------------------------------------------------------------------------ */

void
cdc_transaction_end(struct cdc_transaction *transaction)
{
    for (size_t i = 0; i < transaction->count; i++)
        free(transaction->counts[i].table);
    transaction->count = 0;
    transaction->total = 0;
    free(transaction->id);
    transaction->id = NULL;
}

void
cdc_transaction_begin(struct cdc_transaction *transaction, const char *id)
{
    cdc_transaction_end(transaction);
    if (transaction->is_enabled)
        transaction->id = xstrdup(id);
}

static struct cdc_transaction_count *
find_count(const struct cdc_transaction *transaction, const char *table)
{
    for (size_t i = 0; i < transaction->count; i++)
        if (strcmp(transaction->counts[i].table, table) == 0)
            return &transaction->counts[i];
    return NULL;
}

static struct cdc_transaction_count *
count_of(struct cdc_transaction *transaction, const char *table)
{
    struct cdc_transaction_count *found = find_count(transaction, table);
    if (found)
        return found;
    transaction->counts = xrealloc(transaction->counts, (transaction->count + 1) * sizeof(*transaction->counts));
    transaction->counts[transaction->count] = (struct cdc_transaction_count){.table = xstrdup(table)};
    return &transaction->counts[transaction->count++];
}

void
cdc_transaction_restore(struct cdc_transaction *transaction, const char *extra)
{
    cdc_transaction_end(transaction);
    if (!transaction->is_enabled || !extra)
        return;
    char *text = xasprintf("{%s}", extra);
    json_t *object = json_loads(text, 0, NULL), *value;
    const char *name;
    transaction->id = xstrdup(json_string_value(json_object_get(object, "transaction_id")));
    json_object_foreach(object, name, value)
        if (strncmp(name, COUNT_PREFIX, strlen(COUNT_PREFIX)) == 0 && json_is_integer(value)) {
            count_of(transaction, name + strlen(COUNT_PREFIX))->rows = json_integer_value(value);
            transaction->total += json_integer_value(value);
        }
    json_decref(object);
    free(text);
}

void
cdc_transaction_go_on(struct cdc_transaction *transaction, const char *id)
{
    if (transaction->is_enabled && !transaction->id)
        transaction->id = xstrdup(id);
}

struct value
cdc_transaction_row(struct cdc_transaction *transaction, const char *table, struct arena *arena, int64_t *count_out)
{
    *count_out = 0;
    if (!transaction->id)
        return VALUE_NONE;
    struct cdc_transaction_count *count = count_of(transaction, table);
    *count_out = ++count->rows;
    transaction->total++;
    struct value *items = arena_array(arena, struct value, 3);
    size_t len = strlen(transaction->id);
    items[0] = value_string(arena_memdup(arena, transaction->id, len), len);
    items[1] = value_int(transaction->total);
    items[2] = value_int(count->rows);
    return (struct value){.kind = VALUE_STRUCT, .len = 3, .as.items = items};
}

int64_t
cdc_transaction_count(const struct cdc_transaction *transaction, const char *table)
{
    const struct cdc_transaction_count *found = find_count(transaction, table);
    return found ? found->rows : 0;
}

char *
cdc_transaction_extra(const struct cdc_transaction *transaction, const char *but)
{
    if (!transaction->id)
        return NULL;
    json_t *object = json_pack("{s:s}", "transaction_id", transaction->id);
    for (size_t i = 0; i < transaction->count; i++) {
        if (but && strcmp(transaction->counts[i].table, but) == 0)
            continue;
        char *name = xasprintf(COUNT_PREFIX "%s", transaction->counts[i].table);
        json_object_set_new(object, name, json_integer(transaction->counts[i].rows));
        free(name);
    }
    char *text = json_dumps(object, JSON_COMPACT), *members = text ? xmemdup(text + 1, strlen(text) - 2) : NULL;
    free(text);
    json_decref(object);
    return members;
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

static struct value
copy_text(const char *text, struct arena *arena)
{
    size_t len = strlen(text);
    return value_string(arena_memdup(arena, text, len), len);
}

static struct value
list_counts(const struct cdc_transaction *transaction, struct arena *arena)
{
    struct value *list = arena_array(arena, struct value, transaction->count + 1);
    for (size_t i = 0; i < transaction->count; i++) {
        struct value *items = arena_array(arena, struct value, 2);
        items[0] = copy_text(transaction->counts[i].table, arena);
        items[1] = value_int(transaction->counts[i].rows);
        list[i] = (struct value){.kind = VALUE_STRUCT, .len = 2, .as.items = items};
    }
    return (struct value){.kind = VALUE_ARRAY, .len = (uint32_t)transaction->count, .as.items = list};
}

static void
add_record(struct cdc_transaction *transaction, struct cdc_context *ctx, struct record_batch *out, bool is_end, int64_t ts_ms,
           struct source_offset offset)
{
    if (!transaction->id)
        return;
    struct arena *arena = &out->arena;
    struct value *key = arena_array(arena, struct value, 1), *items = arena_array(arena, struct value, 5);
    *key = copy_text(transaction->id, arena);
    items[0] = is_end ? value_string("END", 3) : value_string("BEGIN", 5);
    items[1] = *key;
    items[2] = is_end ? value_int(transaction->total) : VALUE_NONE;
    items[3] = is_end ? list_counts(transaction, arena) : VALUE_NONE;
    items[4] = value_int(ts_ms);
    cdc_context_add(ctx, out, transaction->topic, transaction->key_schema,
                    (struct value){.kind = VALUE_STRUCT, .len = 1, .as.items = key}, transaction->value_schema,
                    (struct value){.kind = VALUE_STRUCT, .len = 5, .as.items = items}, offset);
}

void
cdc_transaction_add_begin(struct cdc_transaction *transaction, struct cdc_context *ctx, struct record_batch *out, int64_t ts_ms,
                          struct source_offset offset)
{
    add_record(transaction, ctx, out, false, ts_ms, offset);
}

void
cdc_transaction_add_end(struct cdc_transaction *transaction, struct cdc_context *ctx, struct record_batch *out, int64_t ts_ms,
                        struct source_offset offset)
{
    add_record(transaction, ctx, out, true, ts_ms, offset);
}
