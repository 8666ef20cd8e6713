/* Flatten: structs and maps inside become fields of one level, their names joined. */
#include "connect/data/data_error.h"
#include "connect/transforms/transform_priv.h"

#define PURPOSE "flattening"

struct flatten {
    char *delimiter;
    enum transform_target target;
    struct schema_cache derived;
};

static const struct config_row flatten_rows[] = {
    {TRANSFORM_ROW("delimiter", CONFIG_STRING, ".", CONFIG_MEDIUM, "What stands between the joined names.",
                   offsetof(struct flatten, delimiter))},
    {.name = NULL},
};

static bool
flatten_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct flatten *transform = state;
    transform->target = target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    return config_parse(flatten_rows, cfg, transform, err);
}

/* ---- the schema: a level of it at a time --------------------------------------------------------------------- */

struct flattening {
    const struct flatten *transform;
    struct schema_builder *builder;
    struct string_list names;
    struct arena arena;
    struct error *err;
};

/* The schema of a field that was inside others: optional if one of them is, with the default they give it. */
static bool
add_leaf(struct flattening *f, const char *name, const struct schema *schema, bool is_optional, const struct value *default_value)
{
    struct schema_builder *builder = schema_builder_from(schema);
    schema_builder_optional(builder, is_optional);
    if (default_value && default_value->kind != VALUE_NULL)
        schema_builder_default(builder, default_value);
    const struct schema *leaf = schema_builder_finish(builder);
    bool is_added = transform_add_field(f->builder, &f->names, name, leaf, f->err);
    schema_unref(leaf);
    return is_added;
}

static bool
add_level(struct flattening *f, const char *prefix, const struct schema *schema, bool is_optional, const struct value *defaults)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        const char *name = *prefix ? arena_printf(&f->arena, "%s%s%s", prefix, f->transform->delimiter, field->name) : field->name;
        bool field_is_optional = is_optional || field->schema->is_optional;
        const struct value *default_value = field->schema->default_value;
        if (!default_value && defaults && defaults->kind == VALUE_STRUCT && i < defaults->len)
            default_value = &defaults->as.items[i];
        if (field->schema->type == SCHEMA_MAP)
            return data_error(f->err, "Flatten transformation does not support MAP for record with schemas (for field %s).", name);
        bool is_added = field->schema->type == SCHEMA_STRUCT ? add_level(f, name, field->schema, field_is_optional, default_value)
                                                             : add_leaf(f, name, field->schema, field_is_optional, default_value);
        if (!is_added)
            return false;
    }
    return true;
}

/* NULL: failed. */
static const struct schema *
derive(struct flatten *transform, const struct schema *schema, struct error *err)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->derived, schema, &is_new);
    if (derived->schema)
        return derived->schema;
    struct flattening f = {.transform = transform, .builder = transform_copy_basics(schema, SCHEMA_STRUCT), .err = err};
    if (add_level(&f, "", schema, schema->is_optional, schema->default_value))
        derived->schema = schema_builder_finish(f.builder);
    else
        schema_builder_free(f.builder);
    string_list_fini(&f.names);
    arena_fini(&f.arena);
    return derived->schema;
}

/* ---- the values ------------------------------------------------------------------------------------------------ */

/* The leaves of a struct in order; `value` NULL: it is null, and so are they. */
static void
put_leaves(const struct schema *schema, const struct value *value, struct value *into)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema *of_field = schema->fields[i].schema;
        struct value item = value ? transform_field(schema, value, i, true) : VALUE_NONE;
        if (of_field->type == SCHEMA_STRUCT)
            put_leaves(of_field, item.kind == VALUE_STRUCT ? &item : NULL, into);
        else
            into->as.items[into->len++] = item;
    }
}

static size_t
count_leaves(const struct value *map)
{
    size_t count = 0;
    for (size_t i = 0; i < map->len; i++) {
        const struct value *item = &map->as.items[2 * i + 1];
        count += item->kind == VALUE_MAP ? count_leaves(item) : 1;
    }
    return count;
}

static void
put_map(const struct flatten *transform, const char *prefix, const struct value *map, struct value *into, struct record_batch *batch)
{
    for (size_t i = 0; i < map->len; i++) {
        const struct value *pair = &map->as.items[2 * i];
        const char *key = pair->kind == VALUE_STRING ? arena_memdup(&batch->arena, pair->as.bytes, pair->len) : "null";
        const char *name = *prefix ? arena_printf(&batch->arena, "%s%s%s", prefix, transform->delimiter, key) : key;
        if (pair[1].kind == VALUE_MAP)
            put_map(transform, name, &pair[1], into, batch);
        else
            transform_map_put(into, name, pair[1]);
    }
}

static bool
flatten_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct flatten *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (side.value->kind == VALUE_NULL)
        return true;
    if (!transform_require_fields(side, PURPOSE, err))
        return false;
    if (!*side.schema) {
        struct value none = {.kind = VALUE_MAP}, map = transform_map_copy(&none, count_leaves(side.value), batch);
        put_map(transform, "", side.value, &map, batch);
        *side.value = map;
        return true;
    }
    const struct schema *schema = derive(transform, *side.schema, err);
    if (!schema)
        return false;
    struct value value = {.kind = VALUE_STRUCT, .as.items = arena_array(&batch->arena, struct value, schema->field_count)};
    put_leaves(*side.schema, side.value, &value);
    transform_set(side, batch, schema, value);
    return true;
}

static void
flatten_fini(void *state)
{
    struct flatten *transform = state;
    schema_cache_fini(&transform->derived);
    config_parsed_free(flatten_rows, transform);
}

static const struct transform_ops flatten_ops = {sizeof(struct flatten), flatten_init, flatten_apply, flatten_fini};
TRANSFORM_PLUGINS(flatten, "Flatten", flatten_rows, &flatten_ops);
