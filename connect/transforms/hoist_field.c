/* HoistField: wraps the whole value into a struct (a map, if there is no schema) with one field. */
#include "connect/transforms/transform_priv.h"

#include <string.h>

struct hoist_field {
    char *field;
    enum transform_target target;
    struct schema_cache derived;
};

static const struct config_row hoist_field_rows[] = {
    {TRANSFORM_ROW("field", CONFIG_STRING, config_no_default, CONFIG_MEDIUM, "Name of the one field of the result.",
                   offsetof(struct hoist_field, field))},
    {.name = NULL},
};

static bool
hoist_field_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct hoist_field *transform = state;
    transform->target = target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    return config_parse(hoist_field_rows, cfg, transform, err);
}

/* NULL: failed. */
static const struct schema *
derive(struct hoist_field *transform, const struct schema *schema, struct error *err)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->derived, schema, &is_new);
    if (derived->schema)
        return derived->schema;
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    struct string_list names = STRING_LIST_INIT;
    if (transform_add_field(builder, &names, transform->field, schema, err))
        derived->schema = schema_builder_finish(builder);
    else
        schema_builder_free(builder);
    string_list_fini(&names);
    return derived->schema;
}

static bool
hoist_field_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct hoist_field *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (*side.schema) {
        const struct schema *schema = derive(transform, *side.schema, err);
        if (!schema)
            return false;
        struct value *item = arena_new(&batch->arena, struct value);
        *item = *side.value;
        transform_set(side, batch, schema, (struct value){.kind = VALUE_STRUCT, .len = 1, .as.items = item});
        return true;
    }
    struct value none = {.kind = VALUE_MAP}, map = transform_map_copy(&none, 1, batch);
    transform_map_put(&map, transform->field, *side.value);
    *side.value = map;
    return true;
}

static void
hoist_field_fini(void *state)
{
    struct hoist_field *transform = state;
    schema_cache_fini(&transform->derived);
    config_parsed_free(hoist_field_rows, transform);
}

static const struct transform_ops hoist_field_ops = {sizeof(struct hoist_field), hoist_field_init, hoist_field_apply,
                                                     hoist_field_fini};
TRANSFORM_PLUGINS(hoist_field, "HoistField", hoist_field_rows, &hoist_field_ops);
