/* ReplaceField: leaves fields out and renames others. What becomes of a schema's fields is worked out once. */
#include "common/base/alloc.h"
#include "connect/transforms/transform_priv.h"

#include <stdlib.h>
#include <string.h>

#define PURPOSE "field replacement"

struct replace_field {
    struct string_list exclude, include, renames; /* renames: old:new */
    bool replaces_null;
    enum transform_target target;
    struct schema_cache derived;
};

/* A schema's successor, and from which field each of its fields comes. */
struct replaced {
    struct transform_derived derived; /* first: dropped as such */
    size_t *from;
};

static bool
check_renames(const struct config_row *row, const char *value, struct error *err)
{
    struct string_list renames = STRING_LIST_INIT;
    (void)row;
    string_list_split(&renames, value);
    bool is_fine = true;
    for (size_t i = 0; i < renames.count && is_fine; i++) {
        size_t len = transform_pair_length(renames.items[i]);
        const char *colon = memchr(renames.items[i], ':', len);
        is_fine = colon && memrchr(colon, ':', len - (size_t)(colon - renames.items[i])) == colon;
        if (!is_fine)
            error_set(err, ERROR_CONFIG, "Invalid rename mapping: %s", renames.items[i]);
    }
    string_list_fini(&renames);
    return is_fine;
}

static const struct config_row replace_field_rows[] = {
    {TRANSFORM_ROW("exclude", CONFIG_LIST, "", CONFIG_MEDIUM, "Fields to leave out, also when they are included.",
                   offsetof(struct replace_field, exclude))},
    {TRANSFORM_ROW("include", CONFIG_LIST, "", CONFIG_MEDIUM, "If given, the only fields to keep.",
                   offsetof(struct replace_field, include))},
    {TRANSFORM_ROW("renames", CONFIG_LIST, "", CONFIG_MEDIUM, "New names of fields: old:new,old2:new2.",
                   offsetof(struct replace_field, renames)), .check = check_renames},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct replace_field, replaces_null)),
    {.name = NULL},
};

static void
drop(void *value)
{
    transform_derived_drop(value);
    free(((struct replaced *)value)->from);
}

static bool
replace_field_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct replace_field *transform = state;
    transform->target = target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct replaced), drop);
    if (!config_parse(replace_field_rows, cfg, transform, err))
        return false;
    for (size_t i = 0; i < transform->renames.count; i++)
        transform->renames.items[i][transform_pair_length(transform->renames.items[i])] = '\0';
    return true;
}

static bool
is_kept(const struct replace_field *transform, const char *name)
{
    return !string_list_has(&transform->exclude, name) &&
           (transform->include.count == 0 || string_list_has(&transform->include, name));
}

/* The name afterwards; of several renames of one field the last counts. Borrowed. */
static const char *
renamed(const struct replace_field *transform, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = transform->renames.count; i-- > 0;) {
        const char *rename = transform->renames.items[i];
        if (strncmp(rename, name, len) == 0 && rename[len] == ':')
            return rename + len + 1;
    }
    return name;
}

/* NULL: failed. */
static const struct replaced *
derive(struct replace_field *transform, const struct schema *schema, struct error *err)
{
    bool is_new, is_built = true;
    struct replaced *replaced = schema_cache_get(&transform->derived, schema, &is_new);
    if (replaced->derived.schema)
        return replaced;
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    struct string_list names = STRING_LIST_INIT;
    free(replaced->from);
    replaced->from = xcalloc(schema->field_count + 1, sizeof(*replaced->from));
    for (size_t i = 0; i < schema->field_count && is_built; i++) {
        const struct schema_field *field = &schema->fields[i];
        if (!is_kept(transform, field->name))
            continue;
        replaced->from[names.count] = i;
        is_built = transform_add_field(builder, &names, renamed(transform, field->name), field->schema, err);
    }
    if (is_built)
        replaced->derived.schema = schema_builder_finish(builder);
    else
        schema_builder_free(builder);
    string_list_fini(&names);
    return is_built ? replaced : NULL;
}

static void
replace_in_map(const struct replace_field *transform, struct transform_side side, struct record_batch *batch)
{
    struct value none = {.kind = VALUE_MAP}, map = transform_map_copy(&none, side.value->len, batch);
    for (size_t i = 0; i < side.value->len; i++) {
        const struct value *pair = &side.value->as.items[2 * i];
        if (pair->kind != VALUE_STRING)
            continue;
        const char *name = arena_memdup(&batch->arena, pair->as.bytes, pair->len);
        if (is_kept(transform, name))
            transform_map_put(&map, renamed(transform, name), pair[1]);
    }
    *side.value = map;
}

static bool
replace_field_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct replace_field *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (side.value->kind == VALUE_NULL)
        return true;
    if (!transform_require_fields(side, PURPOSE, err))
        return false;
    if (!*side.schema) {
        replace_in_map(transform, side, batch);
        return true;
    }
    const struct replaced *replaced = derive(transform, *side.schema, err);
    if (!replaced)
        return false;
    size_t count = replaced->derived.schema->field_count;
    struct value value = {.kind = VALUE_STRUCT, .len = (uint32_t)count, .as.items = arena_array(&batch->arena, struct value, count)};
    for (size_t i = 0; i < count; i++)
        value.as.items[i] = transform_field(*side.schema, side.value, replaced->from[i], transform->replaces_null);
    transform_set(side, batch, replaced->derived.schema, value);
    return true;
}

static void
replace_field_fini(void *state)
{
    struct replace_field *transform = state;
    schema_cache_fini(&transform->derived);
    config_parsed_free(replace_field_rows, transform);
}

static const struct transform_ops replace_field_ops = {sizeof(struct replace_field), replace_field_init, replace_field_apply,
                                                       replace_field_fini};
TRANSFORM_PLUGINS(replace_field, "ReplaceField", replace_field_rows, &replace_field_ops);
