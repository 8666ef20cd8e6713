/*
 * ExtractNewRecordState: of a change event only the row stays, with fields and headers from the rest of the event where they
 * are asked for. What becomes of an envelope's schema is worked out once.
 */
#include "common/base/alloc.h"
#include "connect/data/data_error.h"
#include "connect/transforms/debezium.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DELETED_FIELD "__deleted"

enum deletes { DELETES_DROP, DELETES_TOMBSTONE, DELETES_REWRITE, DELETES_REWRITE_WITH_TOMBSTONE, DELETES_TO_TOMBSTONE, DELETES_COUNT };

static const char *const delete_modes[] = {"drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone", NULL};

/* A field of the envelope, or of a struct in it, and its name in the result. */
struct reference {
    char *parent;   /* NULL: of the envelope itself */
    char *field, *name;
};

struct references {
    struct reference *items;
    size_t count;
};

struct extract_state {
    struct {
        char *deletes, *route_by, *fields_prefix, *headers_prefix, *drop_header;
        struct string_list fields, headers;
        bool replaces_null, drops_from_key, keeps_compatible;
    } settings;
    enum deletes deletes;
    struct references fields, headers;
    struct schema_cache derived, dropped;
};

#define ROW(name_, type_, default_, importance_, doc_, member) \
    TRANSFORM_ROW(name_, type_, default_, importance_, doc_, offsetof(struct extract_state, settings.member))

static const struct config_row extract_state_rows[] = {
    {ROW("delete.tombstone.handling.mode", CONFIG_STRING, "tombstone", CONFIG_MEDIUM,
         "What becomes of a delete and of the tombstone behind it: drop, neither is left; tombstone, one record without a value; rewrite, "
         "the deleted row with __deleted = true; rewrite-with-tombstone, that and the tombstone; delete-to-tombstone, the delete "
         "becomes a tombstone and tombstones are dropped.", deletes)},
    {ROW("route.by.field", CONFIG_STRING, "", CONFIG_LOW, "Column whose value is the record's new topic.", route_by)},
    {ROW("add.fields.prefix", CONFIG_STRING, "__", CONFIG_LOW, "In front of the names of added fields.", fields_prefix)},
    {ROW("add.fields", CONFIG_LIST, "", CONFIG_LOW,
         "Fields of the event to add to the row: op, table, source.ts_ms, name:alias. A dotted name becomes struct_field.", fields)},
    {ROW("add.headers.prefix", CONFIG_STRING, "__", CONFIG_LOW, "In front of the names of added headers.", headers_prefix)},
    {ROW("add.headers", CONFIG_LIST, "", CONFIG_LOW, "Fields of the event to add as headers, named as in add.fields.", headers)},
    {ROW("drop.fields.header.name", CONFIG_STRING, NULL, CONFIG_LOW, "Header that lists columns to leave out.", drop_header)},
    {ROW("drop.fields.from.key", CONFIG_BOOLEAN, "false", CONFIG_LOW, "Leave those columns out of the key, too.", drops_from_key)},
    {ROW("drop.fields.keep.schema.compatible", CONFIG_BOOLEAN, "true", CONFIG_LOW,
         "Leave out only columns that are optional; otherwise all that the header lists.", keeps_compatible)},
    {ROW("replace.null.with.default", CONFIG_BOOLEAN, "true", CONFIG_LOW,
         "In the rewrite modes: take a column's default, if it has one, where it is null.", replaces_null), .is_internal = true},
    {.name = NULL},
};

/* ---- settings --------------------------------------------------------------------------------------------- */

/* Fields that may be named without their struct. */
static const char *
parent_of(const char *field)
{
    static const struct {
        const char *field, *parent;
    } known[] = {
        {"id", "transaction"}, {"data_collection_order", "transaction"}, {"total_order", "transaction"},
        {"op", NULL}, {"ts_ms", NULL}, {"ts_us", NULL}, {"ts_ns", NULL},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].field, field) == 0)
            return known[i].parent;
    return "source";
}

/* "field", "struct.field", each with ":alias". */
static bool
read_reference(const char *text, const char *prefix, struct reference *out, struct error *err)
{
    size_t len = transform_pair_length(text);
    const char *colon = memchr(text, ':', len);
    if (colon && memrchr(text, ':', len) != colon) {
        error_set(err, ERROR_CONFIG, "Unexpected field name: %s", text);
        err->java_class = "java.lang.IllegalArgumentException";
        return false;
    }
    char *path = xmemdup(text, colon ? (size_t)(colon - text) : len), *dot = strchr(path, '.');
    if (dot) {
        *dot = '\0';
        dot[1 + strcspn(dot + 1, ".")] = '\0';
    }
    const char *field = dot ? dot + 1 : path, *parent = dot ? path : parent_of(path);
    out->parent = xstrdup(parent);
    out->field = xstrdup(field);
    out->name = colon ? xasprintf("%s%.*s", prefix, (int)(text + len - colon - 1), colon + 1)
                      : xasprintf("%s%s%s%s", prefix, dot ? path : "", dot ? "_" : "", field);
    free(path);
    return true;
}

static bool
read_references(const struct string_list *texts, const char *prefix, struct references *out, struct error *err)
{
    out->items = xcalloc(texts->count + 1, sizeof(*out->items));
    for (; out->count < texts->count; out->count++)
        if (!read_reference(texts->items[out->count], prefix, &out->items[out->count], err))
            return false;
    return true;
}

static void
references_free(struct references *references)
{
    for (size_t i = 0; i < references->count; i++) {
        free(references->items[i].parent);
        free(references->items[i].field);
        free(references->items[i].name);
    }
    free(references->items);
}

static bool
read_deletes(struct extract_state *transform, struct error *err)
{
    for (int i = 0; i < DELETES_COUNT; i++)
        if (strcasecmp(delete_modes[i], transform->settings.deletes) == 0) {
            transform->deletes = (enum deletes)i;
            return true;
        }
    return debezium_config_error("delete.tombstone.handling.mode",
                                 "Value must be one of drop, tombstone, rewrite, rewrite-with-tombstone, delete-to-tombstone", err);
}

/* ---- what becomes of a schema ---------------------------------------------------------------------------------- */

enum side { SIDE_BEFORE, SIDE_AFTER, SIDE_COUNT };

/* Where a reference leads in an envelope. */
struct source_field {
    int parent, field;            /* parent -1: the envelope itself */
    const struct schema *schema;  /* a reference; NULL: there is no such field, nothing is added */
};

struct derived {
    int sides[SIDE_COUNT];                       /* fields of the envelope */
    const struct schema *results[SIDE_COUNT];    /* a row with all that is added to it */
    struct source_field *fields, *headers;
    size_t field_count, header_count;
};

static void
source_fields_free(struct source_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        schema_unref(fields[i].schema);
    free(fields);
}

static void
derived_drop(void *value)
{
    struct derived *derived = value;
    for (int i = 0; i < SIDE_COUNT; i++)
        schema_unref(derived->results[i]);
    source_fields_free(derived->fields, derived->field_count);
    source_fields_free(derived->headers, derived->header_count);
}

/* The field's own schema as far as it goes without what is inside: name, version, doc, parameters; optional. */
static const struct schema *
reference_schema(const struct schema *schema)
{
    struct schema_builder *builder = transform_copy_basics(schema, schema->type);
    if (schema->type == SCHEMA_ARRAY || schema->type == SCHEMA_MAP)
        schema_builder_value(builder, schema->value_schema);
    if (schema->type == SCHEMA_MAP)
        schema_builder_key(builder, schema->key_schema);
    for (size_t i = 0; i < schema->field_count; i++)
        schema_builder_field(builder, schema->fields[i].name, schema->fields[i].schema);
    schema_builder_optional(builder, true);
    return schema_builder_finish(builder);
}

/* In its struct, else in the envelope, where another transform may have put it. */
static bool
resolve(const struct schema *envelope, const struct reference *reference, struct source_field *out, struct error *err)
{
    *out = (struct source_field){.parent = reference->parent ? schema_field_find(envelope, reference->parent) : -1};
    const struct schema *parent = envelope;
    if (reference->parent && (out->parent < 0 || (parent = envelope->fields[out->parent].schema)->type != SCHEMA_STRUCT))
        return data_error(err, "The event has no struct %s, of which %s.%s is asked for", reference->parent, reference->parent,
                          reference->field);
    out->field = schema_field_find(parent, reference->field);
    if (out->field < 0) {
        parent = envelope;
        out->parent = -1;
        out->field = schema_field_find(envelope, reference->field);
    }
    out->schema = out->field < 0 ? NULL : reference_schema(parent->fields[out->field].schema);
    return true;
}

static bool
resolve_all(const struct schema *envelope, const struct references *references, struct source_field **out, size_t *count_out,
            struct error *err)
{
    *out = xcalloc(references->count + 1, sizeof(**out));
    for (; *count_out < references->count; ++*count_out)
        if (!resolve(envelope, &references->items[*count_out], &(*out)[*count_out], err))
            return false;
    return true;
}

static bool
is_rewriting(const struct extract_state *transform)
{
    return transform->deletes == DELETES_REWRITE || transform->deletes == DELETES_REWRITE_WITH_TOMBSTONE;
}

static bool
add_fields(const struct extract_state *transform, const struct derived *derived, const struct schema *row,
           struct schema_builder *builder, struct error *err)
{
    struct string_list names = STRING_LIST_INIT;
    bool is_built = true;
    for (size_t i = 0; i < row->field_count && is_built; i++)
        is_built = transform_add_field(builder, &names, row->fields[i].name, row->fields[i].schema, err);
    if (is_built && is_rewriting(transform)) {
        const struct schema *text = schema_primitive(SCHEMA_STRING, true);
        is_built = transform_add_field(builder, &names, DELETED_FIELD, text, err);
        schema_unref(text);
    }
    for (size_t i = 0; i < transform->fields.count && is_built; i++)
        if (derived->fields[i].schema)
            is_built = transform_add_field(builder, &names, transform->fields.items[i].name, derived->fields[i].schema, err);
    string_list_fini(&names);
    return is_built;
}

static bool
derive_side(const struct extract_state *transform, struct derived *derived, const struct schema *envelope, enum side side,
            struct error *err)
{
    static const char *const names[] = {[SIDE_BEFORE] = "before", [SIDE_AFTER] = "after"};
    derived->sides[side] = schema_field_find(envelope, names[side]);
    const struct schema *row = derived->sides[side] < 0 ? NULL : envelope->fields[derived->sides[side]].schema;
    if (!row || row->type != SCHEMA_STRUCT) {
        error_set(err, ERROR_DATA, "Unknown field: %s", names[side]);
        err->java_class = "java.lang.IllegalArgumentException";
        return false;
    }
    struct schema_builder *builder = transform_copy_basics(row, SCHEMA_STRUCT);
    if (!add_fields(transform, derived, row, builder, err)) {
        schema_builder_free(builder);
        return false;
    }
    derived->results[side] = schema_builder_finish(builder);
    return true;
}

/* NULL: failed. */
static const struct derived *
derive(struct extract_state *transform, const struct schema *envelope, struct error *err)
{
    bool is_new;
    struct derived *derived = schema_cache_get(&transform->derived, envelope, &is_new);
    if (derived->results[SIDE_AFTER])
        return derived;
    derived_drop(derived);
    *derived = (struct derived){.field_count = 0};
    return resolve_all(envelope, &transform->fields, &derived->fields, &derived->field_count, err) &&
                   resolve_all(envelope, &transform->headers, &derived->headers, &derived->header_count, err) &&
                   derive_side(transform, derived, envelope, SIDE_BEFORE, err) &&
                   derive_side(transform, derived, envelope, SIDE_AFTER, err)
               ? derived
               : NULL;
}

/* ---- values -------------------------------------------------------------------------------------------------------- */

static struct value
referenced_value(const struct source_field *field, const struct value *envelope)
{
    const struct value *parent = field->parent < 0 ? envelope : &envelope->as.items[field->parent];
    return parent->kind == VALUE_NULL ? VALUE_NONE : parent->as.items[field->field];
}

static void
add_headers(const struct extract_state *transform, const struct derived *derived, struct record *record, struct record_batch *batch)
{
    for (size_t i = 0; i < transform->headers.count; i++)
        if (derived->headers[i].schema)
            transform_add_header(record, batch, transform->headers.items[i].name, derived->headers[i].schema,
                                 referenced_value(&derived->headers[i], &record->value));
}

/* A tombstone's headers can only say that it is one. */
static void
add_tombstone_headers(const struct extract_state *transform, struct record *record, struct record_batch *batch)
{
    const struct schema *text = schema_primitive(SCHEMA_STRING, false);
    for (size_t i = 0; i < transform->headers.count; i++)
        if (strcmp(transform->headers.items[i].field, "op") == 0)
            transform_add_header(record, batch, transform->headers.items[i].name, text, value_string("d", 1));
    schema_unref(text);
}

/* The row with all that is added to it. */
static void
set_row(const struct extract_state *transform, const struct derived *derived, enum side side, struct record *record,
        struct record_batch *batch)
{
    const struct schema *result = derived->results[side], *row_schema = record->value_schema->fields[derived->sides[side]].schema;
    const struct value envelope = record->value, *row = &envelope.as.items[derived->sides[side]];
    struct value value = {.kind = VALUE_STRUCT, .as.items = arena_array(&batch->arena, struct value, result->field_count)};
    bool replaces_null = is_rewriting(transform) && transform->settings.replaces_null;
    for (size_t i = 0; i < row_schema->field_count; i++)
        value.as.items[value.len++] = transform_field(row_schema, row, i, replaces_null);
    if (is_rewriting(transform))
        value.as.items[value.len++] = side == SIDE_BEFORE ? value_string("true", 4) : value_string("false", 5);
    for (size_t i = 0; i < derived->field_count; i++)
        if (derived->fields[i].schema)
            value.as.items[value.len++] = referenced_value(&derived->fields[i], &envelope);
    transform_set(transform_side(record, TRANSFORM_VALUE), batch, result, value);
}

static bool
route(const struct extract_state *transform, const struct schema *schema, const struct value *row, struct record *record,
      struct record_batch *batch, struct error *err)
{
    const char *field = transform->settings.route_by;
    if (!*field)
        return true;
    int at = schema_field_find(schema, field);
    if (at < 0)
        return data_error(err, "%s is not a valid field name", field);
    struct value topic = transform_field(schema, row, (size_t)at, true);
    if (topic.kind != VALUE_NULL && topic.kind != VALUE_STRING)
        return data_error(err, "Field '%s' is not of type STRING", field);
    if (topic.kind == VALUE_STRING && topic.len > 0)
        record->topic = arena_memdup(&batch->arena, topic.as.bytes, topic.len);
    return true;
}

/* ---- columns that a header lists ---------------------------------------------------------------------------------------- */

static bool
is_listed(const struct value *list, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < list->len; i++)
        if (list->as.items[i].kind == VALUE_STRING && list->as.items[i].len == len && memcmp(list->as.items[i].as.bytes, name, len) == 0)
            return true;
    return false;
}

/* What was left of a schema when it was looked at last: mostly the list is the same for all records of a table. */
struct dropped {
    bool *is_kept; /* by field */
    const struct schema *result;
};

static void
dropped_drop(void *value)
{
    struct dropped *dropped = value;
    free(dropped->is_kept);
    schema_unref(dropped->result);
}

static const struct schema *
without(const struct schema *schema, const bool *is_kept)
{
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    for (size_t i = 0; i < schema->field_count; i++)
        if (is_kept[i])
            schema_builder_field(builder, schema->fields[i].name, schema->fields[i].schema);
    return schema_builder_finish(builder);
}

static const struct schema *
what_is_left(struct extract_state *transform, const struct schema *schema, const bool *is_kept)
{
    bool is_new;
    size_t size = schema->field_count * sizeof(*is_kept);
    struct dropped *dropped = schema_cache_get(&transform->dropped, schema, &is_new);
    if (dropped->result && memcmp(dropped->is_kept, is_kept, size) == 0)
        return dropped->result;
    dropped_drop(dropped);
    *dropped = (struct dropped){.is_kept = xmalloc(size), .result = without(schema, is_kept)};
    memcpy(dropped->is_kept, is_kept, size);
    return dropped->result;
}

static void
drop_from(struct extract_state *transform, struct transform_side side, struct record_batch *batch, const struct value *list)
{
    const struct schema *schema = *side.schema;
    if (!schema || schema->type != SCHEMA_STRUCT || side.value->kind == VALUE_NULL)
        return;
    bool *is_kept = arena_array(&batch->arena, bool, schema->field_count);
    struct value value = {.kind = VALUE_STRUCT, .as.items = arena_array(&batch->arena, struct value, schema->field_count)};
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        is_kept[i] = !is_listed(list, field->name) || (!field->schema->is_optional && transform->settings.keeps_compatible);
        if (is_kept[i])
            value.as.items[value.len++] = transform_field(schema, side.value, i, true);
    }
    if (value.len < schema->field_count)
        transform_set(side, batch, what_is_left(transform, schema, is_kept), value);
}

static bool
drop_fields(struct extract_state *transform, struct record *record, struct record_batch *batch, struct error *err)
{
    const char *name = transform->settings.drop_header;
    const struct value *list = NULL;
    for (size_t i = 0; name && *name && i < record->header_count && !list; i++)
        if (strcmp(record->headers[i].name, name) == 0)
            list = &record->headers[i].value;
    if (!list || list->kind == VALUE_NULL)
        return true;
    if (list->kind != VALUE_ARRAY)
        return data_error(err, "Header %s is not a list of fields", name);
    if (transform->settings.drops_from_key)
        drop_from(transform, transform_side(record, TRANSFORM_KEY), batch, list);
    drop_from(transform, transform_side(record, TRANSFORM_VALUE), batch, list);
    return true;
}

/* ---- records ------------------------------------------------------------------------------------------------------------ */

static bool
change_row(struct extract_state *transform, const struct derived *derived, struct record *record, struct record_batch *batch,
           struct error *err)
{
    const struct schema *row = record->value_schema->fields[derived->sides[SIDE_AFTER]].schema;
    if (!route(transform, row, &record->value.as.items[derived->sides[SIDE_AFTER]], record, batch, err))
        return false;
    set_row(transform, derived, SIDE_AFTER, record, batch);
    return drop_fields(transform, record, batch, err);
}

/* A record without a value keeps the row's schema, unless it is to be a tombstone. */
static bool
change_delete(struct extract_state *transform, const struct derived *derived, struct record *record, struct record_batch *batch,
              struct error *err)
{
    const struct schema *row = record->value_schema->fields[derived->sides[SIDE_BEFORE]].schema;
    record->is_dropped = transform->deletes == DELETES_DROP;
    if (record->is_dropped)
        return true;
    if (!route(transform, row, &record->value.as.items[derived->sides[SIDE_BEFORE]], record, batch, err))
        return false;
    if (is_rewriting(transform))
        set_row(transform, derived, SIDE_BEFORE, record, batch);
    else
        transform_set(transform_side(record, TRANSFORM_VALUE), batch,
                      transform->deletes == DELETES_TO_TOMBSTONE ? NULL
                                                                 : record->value_schema->fields[derived->sides[SIDE_AFTER]].schema,
                      VALUE_NONE);
    return drop_fields(transform, record, batch, err);
}

static bool
extract_state_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct extract_state *transform = state;
    if (record->value.kind == VALUE_NULL) {
        add_tombstone_headers(transform, record, batch);
        record->is_dropped = transform->deletes != DELETES_REWRITE_WITH_TOMBSTONE;
        return true;
    }
    if (!debezium_is_envelope(record))
        return true;
    if (record->value.kind != VALUE_STRUCT)
        return transform_require_fields(transform_side(record, TRANSFORM_VALUE), "field extraction", err);
    const struct derived *derived = derive(transform, record->value_schema, err);
    if (!derived)
        return false;
    add_headers(transform, derived, record, batch);
    if (record->value.as.items[derived->sides[SIDE_AFTER]].kind != VALUE_NULL)
        return change_row(transform, derived, record, batch, err);
    if (record->value.as.items[derived->sides[SIDE_BEFORE]].kind != VALUE_NULL)
        return change_delete(transform, derived, record, batch, err);
    record->is_dropped = true; /* a truncate */
    return true;
}

/* ---- life ----------------------------------------------------------------------------------------------------------------- */

static bool
extract_state_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct extract_state *transform = state;
    (void)target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct derived), derived_drop);
    schema_cache_init(&transform->dropped, TRANSFORM_SCHEMAS_MAX, sizeof(struct dropped), dropped_drop);
    return config_parse(extract_state_rows, cfg, transform, err) && read_deletes(transform, err) &&
           read_references(&transform->settings.fields, transform->settings.fields_prefix, &transform->fields, err) &&
           read_references(&transform->settings.headers, transform->settings.headers_prefix, &transform->headers, err);
}

static void
extract_state_fini(void *state)
{
    struct extract_state *transform = state;
    schema_cache_fini(&transform->derived);
    schema_cache_fini(&transform->dropped);
    references_free(&transform->fields);
    references_free(&transform->headers);
    config_parsed_free(extract_state_rows, transform);
}

static const struct transform_ops extract_state_ops = {sizeof(struct extract_state), extract_state_init, extract_state_apply,
                                                       extract_state_fini};
DEBEZIUM_PLUGIN(extract_new_record_state_plugin, "ExtractNewRecordState", extract_state_rows, &extract_state_ops);
