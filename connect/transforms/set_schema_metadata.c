/* SetSchemaMetadata: another name or version for the schema; all else of it stays. */
#include "connect/data/data_error.h"
#include "connect/transforms/transform_priv.h"

#define PURPOSE "updating schema metadata"

struct set_schema_metadata {
    char *name;
    int32_t version;
    bool has_version, replaces_null;
    enum transform_target target;
    struct schema_cache derived;
};

static const struct config_row set_schema_metadata_rows[] = {
    {TRANSFORM_ROW("schema.name", CONFIG_STRING, NULL, CONFIG_HIGH, "New name of the schema.", offsetof(struct set_schema_metadata, name))},
    {TRANSFORM_ROW("schema.version", CONFIG_INT, NULL, CONFIG_HIGH, "New version of the schema.",
                   offsetof(struct set_schema_metadata, version))},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct set_schema_metadata, replaces_null)),
    {.name = NULL},
};

static bool
set_schema_metadata_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct set_schema_metadata *transform = state;
    transform->target = target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    if (!config_parse(set_schema_metadata_rows, cfg, transform, err))
        return false;
    transform->has_version = config_get(cfg, "schema.version") != NULL;
    return transform->name || transform->has_version || transform_config_error(err, "Neither schema name nor version configured");
}

static const struct schema *
derive(struct set_schema_metadata *transform, const struct schema *schema)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->derived, schema, &is_new);
    if (is_new) {
        struct schema_builder *builder = schema_builder_from(schema);
        if (transform->name)
            schema_builder_name(builder, transform->name);
        if (transform->has_version)
            schema_builder_version(builder, transform->version);
        derived->schema = schema_builder_finish(builder);
    }
    return derived->schema;
}

static bool
set_schema_metadata_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct set_schema_metadata *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (!*side.schema)
        return side.value->kind == VALUE_NULL || data_error(err, "Schema required for [%s]", PURPOSE);
    struct value value = *side.value;
    if (value.kind == VALUE_STRUCT && (*side.schema)->type == SCHEMA_STRUCT) {
        value.as.items = arena_array(&batch->arena, struct value, value.len);
        for (size_t i = 0; i < value.len; i++)
            value.as.items[i] = transform_field(*side.schema, side.value, i, transform->replaces_null);
    }
    transform_set(side, batch, derive(transform, *side.schema), value);
    return true;
}

static void
set_schema_metadata_fini(void *state)
{
    struct set_schema_metadata *transform = state;
    schema_cache_fini(&transform->derived);
    config_parsed_free(set_schema_metadata_rows, transform);
}

static const struct transform_ops set_schema_metadata_ops = {sizeof(struct set_schema_metadata), set_schema_metadata_init,
                                                             set_schema_metadata_apply, set_schema_metadata_fini};
TRANSFORM_PLUGINS(set_schema_metadata, "SetSchemaMetadata", set_schema_metadata_rows, &set_schema_metadata_ops);
