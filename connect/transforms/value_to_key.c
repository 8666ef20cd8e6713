/* ValueToKey: the key becomes a struct (a map, if there is no schema) of some fields of the value. */
#include "common/base/alloc.h"
#include "connect/data/data_error.h"
#include "connect/transforms/field_path.h"

#include <stdlib.h>

#define PURPOSE "copying fields from value to key"

struct value_to_key {
    struct string_list fields;
    char *version;
    bool replaces_null;
    struct field_path *paths; /* one a field */
    size_t path_count;
    struct schema_cache derived;
};

static const struct config_row value_to_key_rows[] = {
    {TRANSFORM_ROW("fields", CONFIG_LIST, config_no_default, CONFIG_HIGH, "Names of the value's fields, in the order of the key's.",
                   offsetof(struct value_to_key, fields)), .check = transform_check_list, .checks_null = true},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct value_to_key, replaces_null)),
    {FIELD_PATH_VERSION_ROW(offsetof(struct value_to_key, version)), .is_internal = true}, /* from Kafka 4.4 on */
    {.name = NULL},
};

static bool
value_to_key_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct value_to_key *transform = state;
    (void)target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    if (!config_parse(value_to_key_rows, cfg, transform, err))
        return false;
    transform->paths = xcalloc(transform->fields.count, sizeof(*transform->paths));
    for (; transform->path_count < transform->fields.count; transform->path_count++)
        if (!field_path_init(&transform->paths[transform->path_count], transform->fields.items[transform->path_count],
                             transform->version, err))
            return false;
    return true;
}

static bool
build(const struct value_to_key *transform, const struct schema *schema, struct schema_builder *builder, struct error *err)
{
    struct string_list names = STRING_LIST_INIT;
    bool is_built = true;
    for (size_t i = 0; i < transform->path_count && is_built; i++) {
        const struct field_path *path = &transform->paths[i];
        const struct schema *field;
        is_built = field_path_schema(path, schema, &field, err) && (field || data_error(err, "Field does not exist: %s", path->text)) &&
                   transform_add_field(builder, &names, path->text, field, err);
    }
    string_list_fini(&names);
    return is_built;
}

/* NULL: failed. */
static const struct schema *
derive(struct value_to_key *transform, const struct schema *schema, struct error *err)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->derived, schema, &is_new);
    if (derived->schema)
        return derived->schema;
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    if (build(transform, schema, builder, err))
        derived->schema = schema_builder_finish(builder);
    else
        schema_builder_free(builder);
    return derived->schema;
}

static bool
value_to_key_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct value_to_key *transform = state;
    struct transform_side from = transform_side(record, TRANSFORM_VALUE), to = transform_side(record, TRANSFORM_KEY);
    if (!transform_require_fields(from, PURPOSE, err))
        return false;
    const struct schema *schema = *from.schema ? derive(transform, *from.schema, err) : NULL;
    if (*from.schema && !schema)
        return false;
    struct value none = {.kind = VALUE_MAP}, key = transform_map_copy(&none, transform->path_count, batch);
    for (size_t i = 0; i < transform->path_count; i++) {
        const struct field_path *path = &transform->paths[i];
        struct value item;
        if (schema)
            key.as.items[i] = field_path_value(path, *from.schema, from.value, transform->replaces_null);
        else if (field_path_map_value(path, from.value, &item, err))
            transform_map_put(&key, path->text, item);
        else
            return false;
    }
    if (schema)
        key = (struct value){.kind = VALUE_STRUCT, .len = (uint32_t)transform->path_count, .as.items = key.as.items};
    transform_set(to, batch, schema, key);
    return true;
}

static void
value_to_key_fini(void *state)
{
    struct value_to_key *transform = state;
    for (size_t i = 0; i < transform->path_count; i++)
        field_path_fini(&transform->paths[i]);
    free(transform->paths);
    schema_cache_fini(&transform->derived);
    config_parsed_free(value_to_key_rows, transform);
}

static const struct transform_ops value_to_key_ops = {sizeof(struct value_to_key), value_to_key_init, value_to_key_apply,
                                                      value_to_key_fini};
TRANSFORM_PLUGIN(value_to_key_plugin, "ValueToKey", TRANSFORM_RECORD, value_to_key_rows, &value_to_key_ops);
