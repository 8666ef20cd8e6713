/* See transform_priv.h. */
#include "connect/transforms/transform_priv.h"

#include "common/base/regex.h"
#include "connect/data/data_error.h"
#include "connect/data/java_class.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool
transform_check_list(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return (value && *value) || error_set(err, ERROR_CONFIG, "Empty list");
}

bool
transform_check_text(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return *value || error_set(err, ERROR_CONFIG, "String must be non-empty");
}

bool
transform_check_given(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return value || error_set(err, ERROR_CONFIG, "entry must be non null");
}

bool
transform_check_regex(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    if (!value)
        return error_set(err, ERROR_CONFIG, "Invalid regex: there is none");
    struct error cause = ERROR_INIT;
    struct regex *regex = regex_new(value, &cause);
    regex_free(regex);
    return regex || error_set(err, ERROR_CONFIG, "Invalid regex: %s", cause.message);
}

bool
transform_check_pattern(const struct config_row *row, const char *value, struct error *err)
{
    return (!value || transform_check_text(row, value, err)) && transform_check_regex(row, value, err);
}

bool
transform_config_error(struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_vset(err, ERROR_CONFIG, format, args);
    va_end(args);
    err->java_class = "org.apache.kafka.common.config.ConfigException";
    return false;
}

size_t
transform_pair_length(const char *item)
{
    size_t len = strlen(item);
    while (len > 0 && item[len - 1] == ':')
        len--;
    return len;
}

void
transform_set(struct transform_side side, struct record_batch *batch, const struct schema *schema, struct value value)
{
    record_batch_hold(batch, schema);
    *side.schema = schema;
    *side.value = value;
}

bool
transform_require_fields(struct transform_side side, const char *purpose, struct error *err)
{
    bool has_schema = *side.schema != NULL;
    if (side.value->kind == (has_schema ? VALUE_STRUCT : VALUE_MAP))
        return true;
    return data_error(err, "Only %s for [%s], found: %s",
                      has_schema ? "Struct objects supported" : "Map objects supported in absence of schema", purpose,
                      java_class_of(*side.schema, side.value));
}

bool
transform_require_struct_schema(const struct schema *schema, struct error *err)
{
    return !schema || schema->type == SCHEMA_STRUCT || data_error(err, "Cannot list fields on non-struct type");
}

void
transform_add_header(struct record *record, struct record_batch *batch, const char *name, const struct schema *schema,
                     struct value value)
{
    struct header *headers = arena_array(&batch->arena, struct header, record->header_count + 1);
    if (record->header_count)
        memcpy(headers, record->headers, record->header_count * sizeof(*headers));
    record_batch_hold(batch, schema);
    headers[record->header_count++] = (struct header){.name = name, .schema = schema, .value = value};
    record->headers = headers;
}

struct schema_builder *
transform_copy_basics(const struct schema *schema, enum schema_type type)
{
    struct schema_builder *builder = schema_builder_new(type);
    schema_builder_name(builder, schema->name);
    schema_builder_doc(builder, schema->doc);
    if (schema->has_version)
        schema_builder_version(builder, schema->version);
    for (size_t i = 0; i < schema->parameter_count; i++)
        schema_builder_parameter(builder, schema->parameters[i].key, schema->parameters[i].value);
    return builder;
}

bool
transform_add_field(struct schema_builder *builder, struct string_list *names, const char *name, const struct schema *schema,
                    struct error *err)
{
    const char *problem = !*name ? "fieldName cannot be null." : string_list_has(names, name) ? "" : NULL;
    if (problem) {
        error_set(err, ERROR_DATA, *problem ? "%s" : "Cannot create field because of field name duplication %s",
                  *problem ? problem : name);
        err->java_class = "org.apache.kafka.connect.errors.SchemaBuilderException";
        return false;
    }
    string_list_add(names, name);
    schema_builder_field(builder, name, schema);
    return true;
}

void
transform_derived_drop(void *value)
{
    schema_unref(((struct transform_derived *)value)->schema);
}

struct value
transform_map_copy(const struct value *map, size_t more, struct record_batch *batch)
{
    struct value copy = {.kind = VALUE_MAP, .len = map->len};
    copy.as.items = arena_array(&batch->arena, struct value, 2 * (map->len + more));
    if (map->len)
        memcpy(copy.as.items, map->as.items, 2 * map->len * sizeof(struct value));
    return copy;
}

void
transform_map_put(struct value *map, const char *key, struct value value)
{
    struct value *present = (struct value *)value_map_get(map, key);
    if (present) {
        *present = value;
        return;
    }
    map->as.items[2 * map->len] = value_string(key, strlen(key));
    map->as.items[2 * map->len + 1] = value;
    map->len++;
}

void
transform_map_remove(struct value *map, const char *key)
{
    const struct value *present = value_map_get(map, key);
    if (!present)
        return;
    struct value *pair = (struct value *)present - 1, *end = map->as.items + 2 * map->len;
    memmove(pair, pair + 2, (size_t)((char *)end - (char *)(pair + 2)));
    map->len--;
}
