/* ExtractField: the key or value becomes one of its fields. */
#include "connect/data/data_error.h"
#include "connect/transforms/field_path.h"

#define PURPOSE "field extraction"

struct extract_field {
    char *field, *version;
    bool replaces_null;
    enum transform_target target;
    struct field_path path;
};

static const struct config_row extract_field_rows[] = {
    {TRANSFORM_ROW("field", CONFIG_STRING, config_no_default, CONFIG_MEDIUM, "Name of the field.", offsetof(struct extract_field, field))},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct extract_field, replaces_null)),
    {FIELD_PATH_VERSION_ROW(offsetof(struct extract_field, version))},
    {.name = NULL},
};

static bool
extract_field_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct extract_field *transform = state;
    transform->target = target;
    return config_parse(extract_field_rows, cfg, transform, err) &&
           field_path_init(&transform->path, transform->field, transform->version, err);
}

static bool
extract_with_schema(const struct extract_field *transform, struct transform_side side, struct record_batch *batch, struct error *err)
{
    const struct schema *schema;
    if (side.value->kind != VALUE_NULL && !transform_require_fields(side, PURPOSE, err))
        return false;
    if (!field_path_schema(&transform->path, *side.schema, &schema, err))
        return false;
    if (!schema) {
        error_set(err, ERROR_DATA, "Unknown field: %s", transform->path.text);
        err->java_class = "java.lang.IllegalArgumentException";
        return false;
    }
    transform_set(side, batch, schema, field_path_value(&transform->path, *side.schema, side.value, transform->replaces_null));
    return true;
}

static bool
extract_field_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    const struct extract_field *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (*side.schema)
        return extract_with_schema(transform, side, batch, err);
    if (side.value->kind == VALUE_NULL)
        return true;
    return transform_require_fields(side, PURPOSE, err) && field_path_map_value(&transform->path, side.value, side.value, err);
}

static void
extract_field_fini(void *state)
{
    struct extract_field *transform = state;
    field_path_fini(&transform->path);
    config_parsed_free(extract_field_rows, transform);
}

static const struct transform_ops extract_field_ops = {sizeof(struct extract_field), extract_field_init, extract_field_apply,
                                                       extract_field_fini};
TRANSFORM_PLUGINS(extract_field, "ExtractField", extract_field_rows, &extract_field_ops);
