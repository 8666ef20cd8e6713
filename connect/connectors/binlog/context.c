#include "connect/connectors/binlog/context.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "connect/connectors/binlog/schema_change.h"
#include "connect/connectors/binlog/server.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH_BYTES = 4 << 20 };

/* ---- life -------------------------------------------------------------------------------------------------------- */

/* {"server":"prefix"}; a prefix has no character that JSON would escape (checked by the settings). */
static void
set_partition(struct cdc_context *ctx)
{
    ctx->partition_json = xasprintf("{\"server\":\"%s\"}", ctx->config.topic_prefix);
    ctx->partition = (struct source_partition){.key_json = ctx->partition_json, .task = ctx, .write = cdc_place_write};
}

static struct header
text_header(const struct cdc_context *ctx, const char *name, const char *text)
{
    return (struct header){.name = name, .schema = ctx->header_schema, .value = value_string(text, strlen(text))};
}

static void
set_headers(struct cdc_context *ctx)
{
    ctx->headers[0] = text_header(ctx, "__debezium.context.connectorLogicalName", ctx->config.topic_prefix);
    ctx->headers[1] = text_header(ctx, "__debezium.context.taskId", "0");
    ctx->headers[2] = text_header(ctx, "__debezium.context.connectorName", ctx->maker.connector);
}

bool
cdc_context_init(struct cdc_context *ctx, const struct source_task_context *task, const struct config *cfg, const char *connector,
                 struct error *err)
{
    ctx->task = task;
    ctx->cfg = config_dup(cfg);
    if (!cdc_config_init(&ctx->config, ctx->cfg, connector, err))
        return false;
    ctx->is_configured = true;
    ctx->filters = cdc_filters_new(&ctx->config, err);
    if (!ctx->filters)
        return false;
    ctx->tables = cdc_tables_new();
    cdc_source_maker_init(&ctx->maker, ctx->config.dialect->connector, ctx->config.topic_prefix);
    ctx->change_key = cdc_schema_change_key_schema(&ctx->config);
    ctx->change_value = cdc_schema_change_value_schema(&ctx->config, ctx->maker.schema);
    ctx->header_schema = schema_primitive(SCHEMA_STRING, false);
    set_headers(ctx);
    set_partition(ctx);
    ctx->history = cdc_history_new(&ctx->config, err);
    cdc_links_history(&ctx->links, ctx->history);
    return ctx->history != NULL;
}

static void
slot_free(struct cdc_slot *slot)
{
    cdc_plan_free(slot->plan);
    free(slot->database);
    free(slot->table);
    free(slot->label);
    free(slot);
}

void
cdc_context_fini(struct cdc_context *ctx)
{
    cdc_links_history(&ctx->links, NULL);
    cdc_history_free(ctx->history);
    cdc_context_renew(ctx);
    for (size_t i = 0; i < ctx->slot_count; i++) {
        free(ctx->slots[i].name);
        slot_free(ctx->slots[i].slot);
    }
    free(ctx->slots);
    name_index_fini(&ctx->slot_index);
    strbuf_fini(&ctx->slot_name);
    free(ctx->retired);
    free(ctx->places);
    schema_unref(ctx->change_key);
    schema_unref(ctx->change_value);
    schema_unref(ctx->header_schema);
    cdc_source_maker_fini(&ctx->maker);
    cdc_tables_free(ctx->tables);
    cdc_filters_free(ctx->filters);
    if (ctx->is_configured)
        cdc_config_fini(&ctx->config);
    config_free(ctx->cfg);
    free(ctx->partition_json);
}

void
cdc_context_renew(struct cdc_context *ctx)
{
    for (size_t i = 0; i < ctx->retired_count; i++)
        cdc_plan_free(ctx->retired[i]);
    ctx->retired_count = 0;
    for (size_t i = 0; i < ctx->place_count; i++)
        cdc_place_unref(ctx->places[i]);
    ctx->place_count = 0;
}

struct db *
cdc_context_connect(struct cdc_context *ctx, struct error *err)
{
    struct db_params params = cdc_config_connection(&ctx->config);
    return db_links_connect(&ctx->links.dbs, &params, err);
}

static void
take_charset(void *arg, const char *database, const char *charset)
{
    struct cdc_tables *tables = arg;
    if (!cdc_tables_database_charset(tables, database))
        cdc_tables_set_database_charset(tables, database, charset);
}

bool
cdc_context_complete(struct cdc_context *ctx, struct db *db, struct error *err)
{
    return cdc_server_charsets(db, take_charset, ctx->tables, err);
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static struct cdc_slot *
slot_new(const struct cdc_context *ctx, const char *database, const char *table)
{
    struct cdc_slot *slot = xcalloc(1, sizeof(*slot));
    slot->database = xstrdup(database);
    slot->table = xstrdup(table);
    slot->label = xasprintf("%s.%s", database, table);
    slot->is_captured = cdc_filters_has_table(ctx->filters, database, table);
    slot->is_signal = cdc_filters_is_signal(ctx->filters, database, table);
    slot->version = cdc_tables_version(ctx->tables) - 1;
    return slot;
}

struct cdc_slot *
cdc_context_slot(struct cdc_context *ctx, const char *database, const char *table)
{
    struct strbuf *name = &ctx->slot_name;
    strbuf_reset(name);
    strbuf_printf(name, "%zu %s.%s", strlen(database), database, table);
    size_t at = name_index_find(&ctx->slot_index, ctx->slots, sizeof(*ctx->slots), ctx->slot_count, name->data);
    if (at != NAME_INDEX_NONE)
        return ctx->slots[at].slot;
    if (ctx->slot_count == ctx->slot_size) {
        ctx->slot_size = ctx->slot_size ? ctx->slot_size * 2 : 16;
        ctx->slots = xrealloc(ctx->slots, ctx->slot_size * sizeof(*ctx->slots));
    }
    struct cdc_slot *slot = slot_new(ctx, database, table);
    ctx->slots[ctx->slot_count++] = (struct cdc_named_slot){xstrdup(name->data), slot};
    name_index_added(&ctx->slot_index, ctx->slots, sizeof(*ctx->slots), ctx->slot_count);
    return slot;
}

static void
retire(struct cdc_context *ctx, struct cdc_plan *plan)
{
    if (!plan)
        return;
    ctx->retired = xrealloc(ctx->retired, (ctx->retired_count + 1) * sizeof(*ctx->retired));
    ctx->retired[ctx->retired_count++] = plan;
}

bool
cdc_context_plan(struct cdc_context *ctx, struct cdc_slot *slot, struct cdc_plan **out, struct error *err)
{
    unsigned long version = cdc_tables_version(ctx->tables);
    if (slot->version != version) {
        struct cdc_table *table = cdc_tables_get(ctx->tables, slot->database, slot->table);
        if (!slot->plan || slot->plan->table != table) {
            struct cdc_plan *plan = table ? cdc_plan_new(&ctx->config, ctx->filters, ctx->maker.schema, table, err) : NULL;
            if (table && !plan)
                return false;
            retire(ctx, slot->plan);
            slot->plan = plan;
            slot->map_serial = 0;
        }
        slot->version = version;
    }
    *out = slot->plan;
    return true;
}

/* ---- records ------------------------------------------------------------------------------------------------------ */

bool
cdc_context_has_room(const struct cdc_context *ctx, const struct record_batch *out)
{
    int64_t bytes = ctx->config.max_queue_bytes;
    if (bytes == 0 || bytes > BATCH_BYTES)
        bytes = BATCH_BYTES;
    return out->count < (size_t)ctx->config.max_batch_size && arena_used(&out->arena) < (size_t)bytes;
}

struct cdc_place *
cdc_context_keep(struct cdc_context *ctx, struct cdc_place *place)
{
    if (ctx->place_count == ctx->place_size) {
        ctx->place_size = ctx->place_size ? ctx->place_size * 2 : 64;
        ctx->places = xrealloc(ctx->places, ctx->place_size * sizeof(*ctx->places));
    }
    ctx->places[ctx->place_count++] = place;
    return place;
}

struct record *
cdc_context_add(struct cdc_context *ctx, struct record_batch *out, const char *topic, const struct schema *key_schema,
                struct value key, const struct schema *value_schema, struct value value, struct source_offset offset)
{
    struct record *record = record_batch_add(out);
    record_batch_hold(out, key_schema);
    record_batch_hold(out, value_schema);
    record->topic = topic;
    record->key_schema = key_schema;
    record->key = key;
    record->value_schema = value_schema;
    record->value = value;
    record->source_partition = &ctx->partition;
    record->source_offset = offset;
    return record;
}

void
cdc_context_add_offset(struct cdc_context *ctx, struct record_batch *out, struct source_offset offset)
{
    struct value none = VALUE_NONE;
    cdc_context_add(ctx, out, NULL, NULL, none, NULL, none, offset)->is_dropped = true;
}

/* `first`, if any, and those of the context. */
static void
add_headers(struct cdc_context *ctx, struct record_batch *out, struct record *record, const struct header *first)
{
    size_t own = ctx->config.extended_headers ? CDC_CONTEXT_HEADERS : 0, count = own + (first != NULL);
    if (count == 0)
        return;
    record->headers = arena_array(&out->arena, struct header, count);
    record->header_count = count;
    if (first)
        record->headers[0] = *first;
    memcpy(record->headers + (first != NULL), ctx->headers, own * sizeof(*ctx->headers));
}

void
cdc_context_add_headers(struct cdc_context *ctx, struct record_batch *out, struct record *record)
{
    add_headers(ctx, out, record, NULL);
}

static void
add_row_headers(struct cdc_context *ctx, struct record_batch *out, struct record *record, const struct cdc_row_record *row)
{
    struct header other = {.name = row->other_key_name, .schema = row->plan->key.schema, .value = row->other_key};
    add_headers(ctx, out, record, row->other_key_name ? &other : NULL);
}

struct record *
cdc_context_add_row(struct cdc_context *ctx, struct record_batch *out, const struct cdc_row_record *row)
{
    const struct cdc_plan *plan = row->plan;
    struct value envelope = cdc_envelope_make(row->before, row->after, row->source, row->transaction, row->op, clock_wall_us(), &out->arena);
    const struct schema *key_schema = row->key.kind == VALUE_NULL ? NULL : plan->key.schema;
    struct record *record = cdc_context_add(ctx, out, plan->topic, key_schema, row->key, plan->envelope, envelope, row->offset);
    add_row_headers(ctx, out, record, row);
    return record;
}

void
cdc_context_add_tombstone(struct cdc_context *ctx, struct record_batch *out, const struct cdc_row_record *row)
{
    struct record *record = cdc_context_add(ctx, out, row->plan->topic, row->plan->key.schema, row->key, NULL, VALUE_NONE, row->offset);
    add_row_headers(ctx, out, record, row);
}

bool
cdc_context_change(struct cdc_context *ctx, struct record_batch *out, const struct cdc_change *change,
                   const struct cdc_source *source, struct cdc_place *place, struct error *err)
{
    int64_t now_ms = clock_wall_ms();
    if (cdc_change_is_stored(&ctx->config, ctx->filters, change)) {
        struct strbuf position = STRBUF_INIT;
        cdc_offset_write(&place->offset, &position);
        bool ok = cdc_history_append(ctx->history, change, position.data, now_ms, err);
        strbuf_fini(&position);
        if (!ok)
            return false;
    }
    if (!ctx->config.include_schema_changes)
        return true;
    struct arena *arena = &out->arena;
    struct value block = cdc_source_make(&ctx->maker, source, arena);
    struct value key = cdc_schema_change_key(change, arena), value = cdc_schema_change_value(change, block, now_ms, arena);
    struct record *record = cdc_context_add(ctx, out, ctx->config.topic_prefix, ctx->change_key, key, ctx->change_value, value,
                                            cdc_place_offset(place, place->offset.event, place->offset.row, 0));
    record->partition = 0;
    add_headers(ctx, out, record, NULL);
    return true;
}
