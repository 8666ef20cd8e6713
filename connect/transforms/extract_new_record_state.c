/*
 * ExtractNewRecordState: the row instead of its envelope, for consumers that know nothing of changes. What it makes of an
 * envelope's schema is worked out once: the row's place, fields and headers to be added, the new schema.
 */
#include "common/base/alloc.h"
#include "connect/data/data_error.h"
#include "connect/transforms/envelope_priv.h"

#include <stdlib.h>
#include <strings.h>

enum handling { HANDLE_DROP, HANDLE_TOMBSTONE, HANDLE_REWRITE, HANDLE_REWRITE_WITH_TOMBSTONE, HANDLE_DELETE_TO_TOMBSTONE };
static const char *const handlings[] = {"drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone", NULL};

#define DELETED_FIELD "__deleted"

/* An item of add.fields or add.headers: "op", "source.ts_ms", "table:name". */
struct reference {
    char *parent;  /* NULL: the envelope itself */
    char *field;
    char *name;    /* in the record that goes on */
};

struct extract_state {
    struct {
        char *handling, *route_by, *fields_prefix, *headers_prefix, *drop_header;
        struct string_list add_fields, add_headers;
        bool drop_from_key, drop_compatible, replaces_null;
    } settings;
    enum handling handling;
    struct reference *fields, *headers;
    struct schema_cache plans;
    const struct schema *text;
};

/* Where a reference leads within one envelope schema. */
struct source {
    int parent, field;           /* parent -1: the envelope; field -1: there is none */
    const struct schema *schema; /* optional, a reference */
};

struct plan {
    int before, after, op;
    const struct schema *row;    /* borrowed from the envelope's */
    const struct schema *out;    /* with added fields, a reference */
    struct source *fields, *headers;
    size_t field_count, header_count;
};

static const struct config_row extract_rows[] = {
    {TRANSFORM_ROW("delete.tombstone.handling.mode", CONFIG_STRING, "tombstone", CONFIG_MEDIUM,
                   "What becomes of a delete: drop (nothing), tombstone (a record with a null value), rewrite (the old row with "
                   DELETED_FIELD "), rewrite-with-tombstone, delete-to-tombstone (the delete is the tombstone).",
                   offsetof(struct extract_state, settings.handling)), .choices = handlings, .choices_any_case = true},
    {TRANSFORM_ROW("route.by.field", CONFIG_STRING, "", CONFIG_LOW, "Column whose value is the new topic.",
                   offsetof(struct extract_state, settings.route_by))},
    {TRANSFORM_ROW("add.fields.prefix", CONFIG_STRING, "__", CONFIG_LOW, "In front of the names of added fields.",
                   offsetof(struct extract_state, settings.fields_prefix))},
    {TRANSFORM_ROW("add.fields", CONFIG_LIST, "", CONFIG_LOW, "Fields of the envelope to be added to the row: op, table, source.ts_ms, "
                   "table:name.", offsetof(struct extract_state, settings.add_fields))},
    {TRANSFORM_ROW("add.headers.prefix", CONFIG_STRING, "__", CONFIG_LOW, "In front of the names of added headers.",
                   offsetof(struct extract_state, settings.headers_prefix))},
    {TRANSFORM_ROW("add.headers", CONFIG_LIST, "", CONFIG_LOW, "Fields of the envelope to be added as headers.",
                   offsetof(struct extract_state, settings.add_headers))},
    {TRANSFORM_ROW("drop.fields.header.name", CONFIG_STRING, NULL, CONFIG_LOW, "Header with a list of columns to be left out.",
                   offsetof(struct extract_state, settings.drop_header))},
    {TRANSFORM_ROW("drop.fields.from.key", CONFIG_BOOLEAN, "false", CONFIG_LOW, "Leave them out of the key, too.",
                   offsetof(struct extract_state, settings.drop_from_key))},
    {TRANSFORM_ROW("drop.fields.keep.schema.compatible", CONFIG_BOOLEAN, "true", CONFIG_LOW, "Leave out only what is optional.",
                   offsetof(struct extract_state, settings.drop_compatible))},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct extract_state, settings.replaces_null)),
    {.name = NULL},
};

/* ---- settings ---------------------------------------------------------------------------------------------------- */

/* The struct that a field without a dot is looked for in. */
static const char *
parent_of(const char *field)
{
    static const struct {
        const char *field, *parent;
    } known[] = {
        {"id", "transaction"}, {"total_order", "transaction"}, {"data_collection_order", "transaction"},
        {"op", NULL}, {"ts_ms", NULL}, {"ts_us", NULL}, {"ts_ns", NULL},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(known[i].field, field) == 0)
            return known[i].parent;
    return "source";
}

static bool
parse_reference(const char *item, const char *prefix, struct reference *out, struct error *err)
{
    const char *colon = strchr(item, ':'), *end = colon ? colon : item + transform_pair_length(item);
    const char *dot = memchr(item, '.', (size_t)(end - item));
    if (colon && strchr(colon + 1, ':'))
        return transform_config_error(err, "Unexpected field name: %s", item);
    out->field = dot ? xmemdup(dot + 1, (size_t)(end - dot - 1)) : xmemdup(item, (size_t)(end - item));
    out->parent = dot ? xmemdup(item, (size_t)(dot - item)) : xstrdup(parent_of(out->field));
    if (colon && colon[1])
        out->name = xasprintf("%s%s", prefix, colon + 1);
    else
        out->name = dot ? xasprintf("%s%s_%s", prefix, out->parent, out->field) : xasprintf("%s%s", prefix, out->field);
    return true;
}

static bool
parse_references(const struct string_list *items, const char *prefix, struct reference **out, struct error *err)
{
    *out = xcalloc(items->count + 1, sizeof(**out));
    for (size_t i = 0; i < items->count; i++)
        if (!parse_reference(items->items[i], prefix, &(*out)[i], err))
            return false;
    return true;
}

static void
free_references(struct reference *references, size_t count)
{
    for (size_t i = 0; references && i < count; i++) {
        free(references[i].parent);
        free(references[i].field);
        free(references[i].name);
    }
    free(references);
}

/* ---- plans ------------------------------------------------------------------------------------------------------- */

static void
free_sources(struct source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        schema_unref(sources[i].schema);
    free(sources);
}

static void
drop_plan(void *value)
{
    struct plan *plan = value;
    schema_unref(plan->out);
    free_sources(plan->fields, plan->field_count);
    free_sources(plan->headers, plan->header_count);
}

/* In its struct, else in the envelope, where another transform may have put it. */
static struct source
find_source(const struct schema *envelope, const struct reference *reference)
{
    struct source source = {.parent = reference->parent ? schema_field_find(envelope, reference->parent) : -1, .field = -1};
    const struct schema *parent = source.parent >= 0 ? envelope->fields[source.parent].schema : envelope;
    if (parent->type == SCHEMA_STRUCT)
        source.field = schema_field_find(parent, reference->field);
    if (source.field < 0) {
        source.parent = -1;
        parent = envelope;
        source.field = schema_field_find(envelope, reference->field);
    }
    if (source.field < 0)
        return source;
    const struct schema *found = parent->fields[source.field].schema;
    struct schema_builder *builder = transform_copy_basics(found, found->type);
    for (size_t i = 0; found->type == SCHEMA_STRUCT && i < found->field_count; i++)
        schema_builder_field(builder, found->fields[i].name, found->fields[i].schema);
    schema_builder_optional(builder, true);
    source.schema = schema_builder_finish(builder);
    return source;
}

static struct source *
find_sources(const struct schema *envelope, const struct reference *references, size_t count)
{
    struct source *sources = xcalloc(count + 1, sizeof(*sources));
    for (size_t i = 0; i < count; i++)
        sources[i] = find_source(envelope, &references[i]);
    return sources;
}

static bool
is_rewriting(const struct extract_state *transform)
{
    return transform->handling == HANDLE_REWRITE || transform->handling == HANDLE_REWRITE_WITH_TOMBSTONE;
}

static const struct schema *
out_schema(const struct extract_state *transform, const struct plan *plan)
{
    struct schema_builder *builder = transform_copy_basics(plan->row, SCHEMA_STRUCT);
    for (size_t i = 0; i < plan->row->field_count; i++)
        schema_builder_field(builder, plan->row->fields[i].name, plan->row->fields[i].schema);
    if (is_rewriting(transform))
        schema_builder_field(builder, DELETED_FIELD, transform->text);
    for (size_t i = 0; i < plan->field_count; i++)
        if (plan->fields[i].schema)
            schema_builder_field(builder, transform->fields[i].name, plan->fields[i].schema);
    return schema_builder_finish(builder);
}

static const struct plan *
plan_for(struct extract_state *transform, const struct schema *envelope)
{
    bool is_new;
    struct plan *plan = schema_cache_get(&transform->plans, envelope, &is_new);
    if (!is_new)
        return plan;
    plan->before = schema_field_find(envelope, "before");
    plan->after = schema_field_find(envelope, "after");
    plan->op = schema_field_find(envelope, "op");
    plan->field_count = transform->settings.add_fields.count;
    plan->header_count = transform->settings.add_headers.count;
    plan->fields = find_sources(envelope, transform->fields, plan->field_count);
    plan->headers = find_sources(envelope, transform->headers, plan->header_count);
    if (plan->before >= 0 && plan->after >= 0 && envelope->fields[plan->after].schema->type == SCHEMA_STRUCT) {
        plan->row = envelope->fields[plan->after].schema;
        plan->out = out_schema(transform, plan);
    }
    return plan;
}

static struct value
read_source(const struct source *source, const struct value *envelope)
{
    const struct value *parent = source->parent >= 0 ? &envelope->as.items[source->parent] : envelope;
    return parent->kind == VALUE_STRUCT ? parent->as.items[source->field] : VALUE_NONE;
}

/* ---- columns to be left out ---------------------------------------------------------------------------------------- */

static bool
list_has(const struct value *list, const char *name, size_t len)
{
    for (uint32_t i = 0; i < list->len; i++)
        if (transform_key_is(&list->as.items[i], name, len))
            return true;
    return false;
}

static bool
is_left_out(const struct extract_state *transform, const struct value *list, const struct schema_field *field)
{
    return list_has(list, field->name, field->name_len) && (!transform->settings.drop_compatible || field->schema->is_optional);
}

static void
drop_from(const struct extract_state *transform, struct transform_side side, const struct value *list, struct record_batch *batch)
{
    const struct schema *schema = *side.schema;
    if (!schema || side.value->kind != VALUE_STRUCT)
        return;
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    struct value left = {.kind = VALUE_STRUCT, .as.items = arena_array(&batch->arena, struct value, schema->field_count + 1)};
    for (size_t i = 0; i < schema->field_count; i++) {
        if (is_left_out(transform, list, &schema->fields[i]))
            continue;
        schema_builder_field(builder, schema->fields[i].name, schema->fields[i].schema);
        left.as.items[left.len++] = side.value->as.items[i];
    }
    const struct schema *out = schema_builder_finish(builder);
    if (left.len < schema->field_count)
        transform_set(side, batch, out, left);
    schema_unref(out);
}

static void
drop_columns(const struct extract_state *transform, struct record *record, struct record_batch *batch)
{
    const char *name = transform->settings.drop_header;
    for (size_t i = 0; name && *name && i < record->header_count; i++) {
        const struct header *header = &record->headers[i];
        if (strcmp(header->name, name) != 0 || header->value.kind != VALUE_ARRAY)
            continue;
        if (transform->settings.drop_from_key)
            drop_from(transform, transform_side(record, TRANSFORM_KEY), &header->value, batch);
        drop_from(transform, transform_side(record, TRANSFORM_VALUE), &header->value, batch);
        return;
    }
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

static void
add_headers(const struct extract_state *transform, const struct plan *plan, struct record *record, struct record_batch *batch)
{
    struct value envelope = record->value;
    for (size_t i = 0; i < transform->settings.add_headers.count; i++) {
        if (plan && plan->headers[i].schema)
            transform_add_header(record, batch, transform->headers[i].name, plan->headers[i].schema, read_source(&plan->headers[i], &envelope));
        else if (!plan && strcmp(transform->headers[i].field, "op") == 0) /* a tombstone belongs to a delete */
            transform_add_header(record, batch, transform->headers[i].name, transform->text, value_string("d", 1));
    }
}

/* The row with what is added to it. */
static struct value
unwrap(const struct extract_state *transform, const struct plan *plan, const struct value *envelope, const struct value *row,
       bool is_delete, struct record_batch *batch)
{
    struct value out = {.kind = VALUE_STRUCT, .len = (uint32_t)plan->out->field_count};
    out.as.items = arena_array(&batch->arena, struct value, plan->out->field_count + 1);
    size_t at = plan->row->field_count;
    for (size_t i = 0; i < at; i++)
        out.as.items[i] = is_rewriting(transform) ? transform_field(plan->row, row, i, transform->settings.replaces_null) : row->as.items[i];
    if (is_rewriting(transform))
        out.as.items[at++] = is_delete ? value_string("true", 4) : value_string("false", 5);
    for (size_t i = 0; i < plan->field_count; i++)
        if (plan->fields[i].schema)
            out.as.items[at++] = read_source(&plan->fields[i], envelope);
    return out;
}

static void
route(const struct extract_state *transform, const struct plan *plan, const struct value *row, struct record *record,
      struct record_batch *batch)
{
    const char *name = transform->settings.route_by;
    int field = name && *name ? schema_field_find(plan->row, name) : -1;
    if (field >= 0 && row->as.items[field].kind == VALUE_STRING && row->as.items[field].len > 0)
        record->topic = arena_memdup(&batch->arena, row->as.items[field].as.bytes, row->as.items[field].len);
}

static void
handle_delete(struct extract_state *transform, const struct plan *plan, struct record *record, struct record_batch *batch)
{
    struct value envelope = record->value, before = envelope.as.items[plan->before];
    if (transform->handling == HANDLE_DROP) {
        record->is_dropped = true;
        return;
    }
    route(transform, plan, &before, record, batch);
    if (is_rewriting(transform)) {
        transform_set(transform_side(record, TRANSFORM_VALUE), batch, plan->out, unwrap(transform, plan, &envelope, &before, true, batch));
        drop_columns(transform, record, batch);
        return;
    }
    /* null, with the row's schema unless it is to be a tombstone: the two differ in what a converter writes */
    const struct schema *schema = transform->handling == HANDLE_TOMBSTONE ? plan->row : NULL;
    transform_set(transform_side(record, TRANSFORM_VALUE), batch, schema, VALUE_NONE);
}

static bool
extract_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct extract_state *transform = state;
    bool is_tombstone = record->value.kind == VALUE_NULL;
    if (is_tombstone) {
        add_headers(transform, NULL, record, batch);
        record->is_dropped = transform->handling != HANDLE_REWRITE_WITH_TOMBSTONE;
        return true;
    }
    if (!envelope_is_valid(record))
        return true;
    const struct plan *plan = plan_for(transform, record->value_schema);
    if (!plan->out)
        return data_error(err, "Unknown field: %s", plan->after < 0 ? "after" : "before");
    record_batch_hold(batch, record->value_schema);
    add_headers(transform, plan, record, batch);
    struct value envelope = record->value;
    const struct value *before = &envelope.as.items[plan->before], *after = &envelope.as.items[plan->after];
    if (after->kind == VALUE_STRUCT) {
        route(transform, plan, after, record, batch);
        transform_set(transform_side(record, TRANSFORM_VALUE), batch, plan->out, unwrap(transform, plan, &envelope, after, false, batch));
        drop_columns(transform, record, batch);
    } else if (before->kind == VALUE_STRUCT) {
        handle_delete(transform, plan, record, batch);
    } else {
        record->is_dropped = true; /* a truncation */
    }
    return true;
}

/* ---- life ---------------------------------------------------------------------------------------------------------- */

static bool
extract_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct extract_state *transform = state;
    (void)target;
    schema_cache_init(&transform->plans, TRANSFORM_SCHEMAS_MAX, sizeof(struct plan), drop_plan);
    transform->text = schema_primitive(SCHEMA_STRING, true);
    if (!config_parse(extract_rows, cfg, transform, err))
        return false;
    for (size_t i = 0; handlings[i]; i++)
        if (strcasecmp(handlings[i], transform->settings.handling) == 0)
            transform->handling = (enum handling)i;
    return parse_references(&transform->settings.add_fields, transform->settings.fields_prefix, &transform->fields, err) &&
           parse_references(&transform->settings.add_headers, transform->settings.headers_prefix, &transform->headers, err);
}

static void
extract_fini(void *state)
{
    struct extract_state *transform = state;
    schema_cache_fini(&transform->plans);
    free_references(transform->fields, transform->settings.add_fields.count);
    free_references(transform->headers, transform->settings.add_headers.count);
    schema_unref(transform->text);
    config_parsed_free(extract_rows, transform);
}

static const struct transform_ops extract_ops = {sizeof(struct extract_state), extract_init, extract_apply, extract_fini};
const struct transform_plugin extract_new_record_state_plugin = {
    .class_name = "io.debezium.transforms.ExtractNewRecordState",
    .version = ENVELOPE_VERSION,
    .target = TRANSFORM_RECORD,
    .rows = extract_rows,
    .ops = &extract_ops,
};
