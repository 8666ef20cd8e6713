/* InsertField: fields that say where a record stands (topic, partition, offset, time), or a fixed text. */
#include "connect/data/data_error.h"
#include "connect/transforms/transform_priv.h"

#include <string.h>

#define PURPOSE "field insertion"

/* In the order in which fields are appended. */
enum insertion { INSERT_TOPIC, INSERT_PARTITION, INSERT_OFFSET, INSERT_TIMESTAMP, INSERT_STATIC, INSERT_COUNT };

struct insert_field {
    char *names[INSERT_COUNT]; /* NULL: not inserted; the suffix taken off by init */
    char *static_value;
    bool replaces_null;
    bool is_required[INSERT_COUNT];
    size_t count;
    enum transform_target target;
    struct schema_cache derived;
};

#define NAME_ROW(name_, which, doc_) \
    {TRANSFORM_ROW(name_, CONFIG_STRING, NULL, CONFIG_MEDIUM, doc_, offsetof(struct insert_field, names[which]))}
#define SUFFIX " A \"!\" at its end makes the field required, a \"?\" optional, as it is without."

static const struct config_row insert_field_rows[] = {
    NAME_ROW("topic.field", INSERT_TOPIC, "Name of a field for the topic." SUFFIX),
    NAME_ROW("partition.field", INSERT_PARTITION, "Name of a field for the partition in Kafka." SUFFIX),
    NAME_ROW("offset.field", INSERT_OFFSET, "Name of a field for the offset in Kafka; for sinks only." SUFFIX),
    NAME_ROW("timestamp.field", INSERT_TIMESTAMP, "Name of a field for the record's timestamp." SUFFIX),
    NAME_ROW("static.field", INSERT_STATIC, "Name of a field for static.value." SUFFIX),
    {TRANSFORM_ROW("static.value", CONFIG_STRING, NULL, CONFIG_MEDIUM, "The text in static.field.",
                   offsetof(struct insert_field, static_value))},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct insert_field, replaces_null)),
    {.name = NULL},
};

static bool
insert_field_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct insert_field *transform = state;
    transform->target = target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    if (!config_parse(insert_field_rows, cfg, transform, err))
        return false;
    for (int i = 0; i < INSERT_COUNT; i++) {
        char *name = transform->names[i];
        size_t len = name ? strlen(name) : 0;
        transform->count += name != NULL;
        transform->is_required[i] = len && name[len - 1] == '!';
        if (len && (name[len - 1] == '!' || name[len - 1] == '?'))
            name[len - 1] = '\0';
    }
    if (!transform->count)
        return transform_config_error(err, "No field insertion configured");
    if (transform->names[INSERT_STATIC] && !transform->static_value)
        return transform_config_error(err, "Invalid value null for configuration static.value: No value specified for static field: %s",
                                      transform->names[INSERT_STATIC]);
    return true;
}

static const struct schema *
schema_of(enum insertion which, bool is_optional)
{
    static const enum schema_type types[] = {
        [INSERT_TOPIC] = SCHEMA_STRING, [INSERT_PARTITION] = SCHEMA_INT32, [INSERT_OFFSET] = SCHEMA_INT64, [INSERT_STATIC] = SCHEMA_STRING};
    return which == INSERT_TIMESTAMP ? schema_logical_new(SCHEMA_TIMESTAMP, is_optional) : schema_primitive(types[which], is_optional);
}

static bool
build(const struct insert_field *transform, const struct schema *schema, struct schema_builder *builder, struct error *err)
{
    struct string_list names = STRING_LIST_INIT;
    bool is_built = true;
    for (size_t i = 0; i < schema->field_count && is_built; i++)
        is_built = transform_add_field(builder, &names, schema->fields[i].name, schema->fields[i].schema, err);
    for (int i = 0; i < INSERT_COUNT && is_built; i++) {
        if (!transform->names[i])
            continue;
        const struct schema *inserted = schema_of((enum insertion)i, !transform->is_required[i]);
        is_built = transform_add_field(builder, &names, transform->names[i], inserted, err);
        schema_unref(inserted);
    }
    string_list_fini(&names);
    return is_built;
}

/* NULL: failed. */
static const struct schema *
derive(struct insert_field *transform, const struct schema *schema, struct error *err)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->derived, schema, &is_new);
    if (derived->schema)
        return derived->schema;
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    if (build(transform, schema, builder, err))
        derived->schema = schema_builder_finish(builder);
    else
        schema_builder_free(builder);
    return derived->schema;
}

/* What is inserted; null when the record does not have it. */
static struct value
inserted_value(const struct insert_field *transform, enum insertion which, const struct record *record)
{
    struct value value = VALUE_NONE;
    switch (which) {
    case INSERT_TOPIC:
        return value_string(record->topic, strlen(record->topic));
    case INSERT_PARTITION:
        if (record->partition >= 0)
            value = value_int(record->partition);
        value.width = 32;
        return value;
    case INSERT_OFFSET:
        return value_int(record->offset);
    case INSERT_TIMESTAMP:
        return record->timestamp_ms >= 0 ? value_int(record->timestamp_ms) : value;
    default:
        return value_string(transform->static_value, strlen(transform->static_value));
    }
}

static bool
insert_into_struct(struct insert_field *transform, const struct record *record, struct transform_side side,
                   struct record_batch *batch, struct error *err)
{
    const struct schema *schema = derive(transform, *side.schema, err);
    if (!schema)
        return false;
    struct value value = {.kind = VALUE_STRUCT, .as.items = arena_array(&batch->arena, struct value, schema->field_count)};
    for (size_t i = 0; i < (*side.schema)->field_count; i++)
        value.as.items[value.len++] = transform_field(*side.schema, side.value, i, transform->replaces_null);
    for (int i = 0; i < INSERT_COUNT; i++)
        if (transform->names[i])
            value.as.items[value.len++] = inserted_value(transform, (enum insertion)i, record);
    transform_set(side, batch, schema, value);
    return true;
}

static void
insert_into_map(const struct insert_field *transform, const struct record *record, struct transform_side side,
                struct record_batch *batch)
{
    struct value map = transform_map_copy(side.value, transform->count, batch);
    for (int i = 0; i < INSERT_COUNT; i++) {
        struct value value = transform->names[i] ? inserted_value(transform, (enum insertion)i, record) : VALUE_NONE;
        if (value.kind != VALUE_NULL)
            transform_map_put(&map, transform->names[i], value);
    }
    *side.value = map;
}

static bool
insert_field_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct insert_field *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (side.value->kind == VALUE_NULL)
        return true;
    if (!transform_require_fields(side, PURPOSE, err))
        return false;
    if (transform->names[INSERT_OFFSET] && record->source_partition)
        return data_error(err, "Only SinkRecord supported for [%s], found: org.apache.kafka.connect.source.SourceRecord", PURPOSE);
    if (*side.schema)
        return insert_into_struct(transform, record, side, batch, err);
    insert_into_map(transform, record, side, batch);
    return true;
}

static void
insert_field_fini(void *state)
{
    struct insert_field *transform = state;
    schema_cache_fini(&transform->derived);
    config_parsed_free(insert_field_rows, transform);
}

static const struct transform_ops insert_field_ops = {sizeof(struct insert_field), insert_field_init, insert_field_apply,
                                                      insert_field_fini};
TRANSFORM_PLUGINS(insert_field, "InsertField", insert_field_rows, &insert_field_ops);
