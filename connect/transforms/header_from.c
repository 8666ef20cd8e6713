/* HeaderFrom: headers from fields, which stay (copy) or go (move). */
#include "connect/data/data_error.h"
#include "connect/transforms/transform_priv.h"

#include <string.h>

struct header_from {
    struct string_list fields, headers;
    char *operation;
    bool is_move, replaces_null;
    enum transform_target target;
    struct schema_cache derived;
};

static const char *const operations[] = {"move", "copy", NULL};

static const struct config_row header_from_rows[] = {
    {TRANSFORM_ROW("fields", CONFIG_LIST, config_no_default, CONFIG_HIGH, "Names of the fields.", offsetof(struct header_from, fields)),
     .check = transform_check_list, .checks_null = true},
    {TRANSFORM_ROW("headers", CONFIG_LIST, config_no_default, CONFIG_HIGH, "Names of the headers, one for each field.",
                   offsetof(struct header_from, headers)), .check = transform_check_list, .checks_null = true},
    {TRANSFORM_ROW("operation", CONFIG_STRING, config_no_default, CONFIG_HIGH, "move: the fields are taken out; copy: they stay.",
                   offsetof(struct header_from, operation)), .choices = operations},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct header_from, replaces_null)),
    {.name = NULL},
};

static bool
header_from_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct header_from *transform = state;
    transform->target = target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    if (!config_parse(header_from_rows, cfg, transform, err))
        return false;
    transform->is_move = strcmp(transform->operation, "move") == 0;
    return transform->fields.count == transform->headers.count ||
           transform_config_error(err, "'fields' config must have the same number of elements as 'headers' config.");
}

static const struct schema *
derive(struct header_from *transform, const struct schema *schema)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->derived, schema, &is_new);
    if (is_new) {
        struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
        for (size_t i = 0; i < schema->field_count; i++)
            if (!string_list_has(&transform->fields, schema->fields[i].name))
                schema_builder_field(builder, schema->fields[i].name, schema->fields[i].schema);
        derived->schema = schema_builder_finish(builder);
    }
    return derived->schema;
}

static bool
from_struct(struct header_from *transform, struct record *record, struct transform_side side, struct record_batch *batch,
            struct error *err)
{
    const struct schema *schema = *side.schema;
    for (size_t i = 0; i < transform->fields.count; i++) {
        int field = schema_field_find(schema, transform->fields.items[i]);
        if (field < 0)
            return data_error(err, "Field does not exist: %s", transform->fields.items[i]);
        transform_add_header(record, batch, transform->headers.items[i], schema->fields[field].schema,
                             transform_field(schema, side.value, (size_t)field, transform->replaces_null));
    }
    if (!transform->is_move)
        return true;
    const struct schema *left = derive(transform, schema);
    struct value value = {.kind = VALUE_STRUCT, .as.items = arena_array(&batch->arena, struct value, left->field_count)};
    for (size_t i = 0; i < schema->field_count; i++)
        if (!string_list_has(&transform->fields, schema->fields[i].name))
            value.as.items[value.len++] = transform_field(schema, side.value, i, transform->replaces_null);
    transform_set(side, batch, left, value);
    return true;
}

static void
from_map(const struct header_from *transform, struct record *record, struct transform_side side, struct record_batch *batch)
{
    struct value map = transform_map_copy(side.value, 0, batch);
    for (size_t i = 0; i < transform->fields.count; i++) {
        const struct value *found = value_map_get(side.value, transform->fields.items[i]);
        transform_add_header(record, batch, transform->headers.items[i], NULL, found ? *found : VALUE_NONE);
        if (transform->is_move)
            transform_map_remove(&map, transform->fields.items[i]);
    }
    *side.value = map;
}

static bool
header_from_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct header_from *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (!transform_require_fields(side, transform->is_move ? "header move" : "header copy", err))
        return false;
    if (*side.schema)
        return from_struct(transform, record, side, batch, err);
    from_map(transform, record, side, batch);
    return true;
}

static void
header_from_fini(void *state)
{
    struct header_from *transform = state;
    schema_cache_fini(&transform->derived);
    config_parsed_free(header_from_rows, transform);
}

static const struct transform_ops header_from_ops = {sizeof(struct header_from), header_from_init, header_from_apply,
                                                     header_from_fini};
TRANSFORM_PLUGINS(header_from, "HeaderFrom", header_from_rows, &header_from_ops);
