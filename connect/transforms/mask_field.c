/* MaskField: fields lose their content: they become empty, zero, false, or a replacement of the user's. */
#include "common/base/alloc.h"
#include "connect/data/data_error.h"
#include "connect/data/decimal.h"
#include "connect/data/inference.h"
#include "connect/data/java_class.h"
#include "connect/transforms/transform_priv.h"

#include <stdlib.h>
#include <string.h>

#define PURPOSE "mask fields"

struct mask_field {
    struct string_list fields;
    char *replacement;
    bool replaces_null;
    enum transform_target target;
    struct arena arena;                     /* of the two below */
    struct value as_decimal, as_number;     /* the replacement; VALUE_NULL: it is none */
};

static const struct config_row mask_field_rows[] = {
    {TRANSFORM_ROW("fields", CONFIG_LIST, config_no_default, CONFIG_HIGH, "Names of the fields to mask.",
                   offsetof(struct mask_field, fields)), .check = transform_check_list, .checks_null = true},
    {TRANSFORM_ROW("replacement", CONFIG_STRING, NULL, CONFIG_LOW, "What numbers and texts are replaced by, instead of zero and nothing.",
                   offsetof(struct mask_field, replacement)), .check = transform_check_text},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct mask_field, replaces_null)),
    {.name = NULL},
};

/* The replacement as numbers, as far as it is one. */
static void
read_replacement(struct mask_field *transform)
{
    const struct schema *schema;
    struct value value;
    if (!decimal_parse(transform->replacement, strlen(transform->replacement), &transform->arena, &transform->as_decimal))
        return;
    inference_parse(transform->replacement, strlen(transform->replacement), &transform->arena, &schema, &value);
    schema_unref(schema);
    double real = strtod(transform->replacement, NULL);
    bool fits = real > -9.2e18 && real < 9.2e18;
    transform->as_number = value.kind == VALUE_INT ? value_real((double)value.as.integer) : value_real(real);
    transform->as_decimal.width = fits; /* has an integral part of 64 bits */
}

static bool
mask_field_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct mask_field *transform = state;
    transform->target = target;
    if (!config_parse(mask_field_rows, cfg, transform, err))
        return false;
    if (transform->replacement)
        read_replacement(transform);
    return true;
}

static bool
not_a_number(const struct mask_field *transform, const char *number, struct error *err)
{
    return data_error(err, "Unable to convert %s (class java.lang.String) to %s", transform->replacement, number);
}

static int64_t
narrow(int64_t number, const char *java_class)
{
    return strcmp(java_class, "java.lang.Byte") == 0      ? (int8_t)number
           : strcmp(java_class, "java.lang.Short") == 0   ? (int16_t)number
           : strcmp(java_class, "java.lang.Integer") == 0 ? (int32_t)number
                                                          : number;
}

static bool
replace(const struct mask_field *transform, const struct schema *schema, struct value *value, struct error *err)
{
    const char *java_class = java_class_of(schema, value);
    bool is_number = transform->as_number.kind == VALUE_FLOAT;
    uint8_t width = value->width;
    switch (value->kind) {
    case VALUE_STRING:
        *value = value_string(transform->replacement, strlen(transform->replacement));
        return true;
    case VALUE_DECIMAL:
        if (!is_number)
            return not_a_number(transform, "number", err);
        *value = transform->as_decimal;
        value->width = 0;
        return true;
    case VALUE_FLOAT:
        if (!is_number)
            return not_a_number(transform, "a number", err);
        *value = value_real(strcmp(java_class, "java.lang.Float") ? transform->as_number.as.real : (double)(float)transform->as_number.as.real);
        value->width = width;
        return true;
    case VALUE_INT:
        if (strcmp(java_class, "java.util.Date") == 0)
            break;
        if (!is_number || !transform->as_decimal.width)
            return not_a_number(transform, "a number", err);
        *value = value_int(narrow(strtoll(transform->replacement, NULL, 10), java_class));
        if (strpbrk(transform->replacement, ".eE"))
            *value = value_int(narrow((int64_t)transform->as_number.as.real, java_class));
        value->width = width;
        return true;
    default:
        break;
    }
    return data_error(err, "Cannot mask value of type class %s with custom replacement.", java_class);
}

static bool
mask(const struct mask_field *transform, const struct schema *schema, struct value *value, struct error *err)
{
    if (value->kind == VALUE_NULL)
        return true;
    if (transform->replacement)
        return replace(transform, schema, value, err);
    if (value->kind == VALUE_BYTES || value->kind == VALUE_STRUCT)
        return data_error(err, "Cannot mask value of type: class %s", java_class_of(schema, value));
    if (value->kind == VALUE_DECIMAL)
        *value = value_decimal("0", 1, 0);
    else
        *value = (struct value){.kind = value->kind, .width = value->width, .as.bytes = value->kind == VALUE_STRING ? "" : NULL};
    return true;
}

static bool
mask_struct(const struct mask_field *transform, struct transform_side side, struct record_batch *batch, struct error *err)
{
    const struct schema *schema = *side.schema;
    struct value value = {.kind = VALUE_STRUCT, .len = side.value->len};
    value.as.items = arena_array(&batch->arena, struct value, value.len);
    for (size_t i = 0; i < value.len; i++) {
        value.as.items[i] = transform_field(schema, side.value, i, transform->replaces_null);
        if (string_list_has(&transform->fields, schema->fields[i].name) &&
            !mask(transform, schema->fields[i].schema, &value.as.items[i], err))
            return false;
    }
    *side.value = value;
    return true;
}

static bool
mask_field_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    const struct mask_field *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (!transform_require_fields(side, PURPOSE, err))
        return false;
    if (*side.schema)
        return mask_struct(transform, side, batch, err);
    struct value map = transform_map_copy(side.value, transform->fields.count, batch);
    for (size_t i = 0; i < transform->fields.count; i++) {
        const struct value *found = value_map_get(&map, transform->fields.items[i]);
        struct value masked = found ? *found : VALUE_NONE;
        if (!mask(transform, NULL, &masked, err))
            return false;
        transform_map_put(&map, transform->fields.items[i], masked);
    }
    *side.value = map;
    return true;
}

static void
mask_field_fini(void *state)
{
    struct mask_field *transform = state;
    arena_fini(&transform->arena);
    config_parsed_free(mask_field_rows, transform);
}

static const struct transform_ops mask_field_ops = {sizeof(struct mask_field), mask_field_init, mask_field_apply, mask_field_fini};
TRANSFORM_PLUGINS(mask_field, "MaskField", mask_field_rows, &mask_field_ops);
