/* Columns of a record. */
#include "connect/connectors/jdbc/sink_fields.h"

#include "common/base/alloc.h"
#include "common/base/strbuf.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kafka_names[] = {"__connect_topic", "__connect_partition", "__connect_offset"};

/* The coordinates of a record as columns: made once, never freed, as schemas are interned. */
static const struct schema *
coordinate_schema(enum sink_source source)
{
    enum schema_type type = source == SINK_FROM_TOPIC ? SCHEMA_STRING
                            : source == SINK_FROM_PARTITION ? SCHEMA_INT32 : SCHEMA_INT64;
    const struct schema *schema = schema_primitive(type, false);
    return schema;
}

/* Words of pk.mode in messages. */
static const char *
mode_name(enum sink_pk_mode mode)
{
    static const char *const names[] = {"NONE", "KAFKA", "RECORD_KEY", "RECORD_VALUE"};
    return names[mode];
}

/* "[a, b]", as Java prints a list; cut when long. */
static const char *
list_text(const struct string_list *list, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[");
    for (size_t i = 0; i < list->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", list->items[i]);
    if (used < size)
        snprintf(text + used, size - used, "]");
    return text;
}

static bool
has_name(const struct sink_fields *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields->items[i].name, name) == 0)
            return true;
    return false;
}

static void
add(struct sink_fields *fields, struct sink_field field)
{
    if (has_name(fields, fields->count, field.name))
        return;
    fields->items = xrealloc(fields->items, (fields->count + 1) * sizeof(*fields->items));
    fields->items[fields->count++] = field;
}

/* ---- the key ------------------------------------------------------------------------------------------------- */

static bool
add_coordinates(struct sink_fields *fields, const struct sink_config *config, const char *table, struct error *err)
{
    const struct string_list *names = &config->pk_fields;
    char text[512];
    if (names->count != 0 && names->count != 3)
        return error_set(err, ERROR_CONFIG,
                         "PK mode for table '%s' is KAFKA so there should either be no field names defined for defaults "
                         "[%s, %s, %s] to be applicable, or exactly 3, defined fields are: %s",
                         table, kafka_names[0], kafka_names[1], kafka_names[2], list_text(names, text, sizeof(text)));
    static const enum sink_source sources[] = {SINK_FROM_TOPIC, SINK_FROM_PARTITION, SINK_FROM_OFFSET};
    for (size_t i = 0; i < 3; i++)
        add(fields, (struct sink_field){.name = names->count ? names->items[i] : kafka_names[i],
                                        .schema = coordinate_schema(sources[i]), .source = sources[i], .is_key = true});
    return true;
}

static bool
add_struct_key(struct sink_fields *fields, const struct sink_config *config, const char *table,
               const struct schema *schema, struct error *err)
{
    bool is_key = config->pk_mode == SINK_PK_RECORD_KEY;
    enum sink_source source = is_key ? SINK_FROM_KEY_FIELD : SINK_FROM_VALUE_FIELD;
    const struct string_list *names = &config->pk_fields;
    char text[512];
    for (size_t i = 0; i < names->count; i++) {
        int index = schema_field_find(schema, names->items[i]);
        if (index < 0)
            return error_set(err, ERROR_CONFIG,
                             "PK mode for table '%s' is %s with configured PK fields %s, but record %s schema does not "
                             "contain field: %s", table, mode_name(config->pk_mode),
                             list_text(names, text, sizeof(text)), is_key ? "key" : "value", names->items[i]);
        add(fields, (struct sink_field){schema->fields[index].name, schema->fields[index].schema, source, index, true});
    }
    for (size_t i = 0; i < schema->field_count && names->count == 0; i++)
        add(fields, (struct sink_field){schema->fields[i].name, schema->fields[i].schema, source, (int)i, true});
    return true;
}

static bool
add_record_key(struct sink_fields *fields, const struct sink_config *config, const char *table,
               const struct schema *schema, struct error *err)
{
    char text[512];
    if (!schema)
        return error_set(err, ERROR_CONFIG, "PK mode for table '%s' is RECORD_KEY, but record key schema is missing", table);
    if (schema->type == SCHEMA_STRUCT)
        return add_struct_key(fields, config, table, schema, err);
    if (schema->type == SCHEMA_ARRAY || schema->type == SCHEMA_MAP)
        return error_set(err, ERROR_CONFIG, "Key schema must be primitive type or Struct, but is of type: %s",
                         schema_type_name(schema->type));
    if (config->pk_fields.count != 1)
        return error_set(err, ERROR_CONFIG,
                         "Need exactly one PK column defined since the key schema for records is a primitive type, "
                         "defined columns are: %s", list_text(&config->pk_fields, text, sizeof(text)));
    add(fields, (struct sink_field){config->pk_fields.items[0], schema, SINK_FROM_KEY, 0, true});
    return true;
}

static bool
add_key(struct sink_fields *fields, const struct sink_config *config, const char *table,
        const struct schema *key_schema, const struct schema *value_schema, struct error *err)
{
    switch (config->pk_mode) {
    case SINK_PK_NONE:
        return true;
    case SINK_PK_KAFKA:
        return add_coordinates(fields, config, table, err);
    case SINK_PK_RECORD_KEY:
        return add_record_key(fields, config, table, key_schema, err);
    case SINK_PK_RECORD_VALUE:
        break;
    }
    if (!value_schema)
        return error_set(err, ERROR_CONFIG, "PK mode for table '%s' is RECORD_VALUE, but record value schema is missing", table);
    if (value_schema->type != SCHEMA_STRUCT)
        return error_set(err, ERROR_CONFIG, "pk.mode record_value is not supported with String value schemas");
    return add_struct_key(fields, config, table, value_schema, err);
}

/* ---- the whole ----------------------------------------------------------------------------------------------- */

static bool
add_string_value(struct sink_fields *fields, const struct sink_config *config, const char *table, struct error *err)
{
    if (has_name(fields, fields->count, config->string_column))
        return error_set(err, ERROR_CONFIG,
                         "Configured string.output.value.column.name '%s' conflicts with a primary key column for table '%s'",
                         config->string_column, table);
    /* optional and without a default, whatever the record's schema says */
    add(fields, (struct sink_field){config->string_column, schema_primitive(SCHEMA_STRING, true), SINK_FROM_VALUE, 0, false});
    return true;
}

static void
add_value_fields(struct sink_fields *fields, const struct sink_config *config, const struct schema *schema)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        if (config->fields_whitelist.count == 0 || string_list_has(&config->fields_whitelist, field->name))
            add(fields, (struct sink_field){field->name, field->schema, SINK_FROM_VALUE_FIELD, (int)i, false});
    }
}

static size_t
field_index(const struct sink_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->items[i].name, name) == 0)
            return i;
    return fields->count;
}

static void
order_add(struct sink_fields *fields, size_t *used, size_t index)
{
    for (size_t i = 0; i < *used; i++)
        if (fields->table_order[i] == index)
            return;
    if (index < fields->count)
        fields->table_order[(*used)++] = index;
}

/* CREATE TABLE: the default names of coordinates, then the value's order, then the rest by name. */
static void
make_table_order(struct sink_fields *fields, const struct sink_config *config, const struct schema *value_schema)
{
    size_t used = 0;
    fields->table_order = xcalloc(fields->count, sizeof(*fields->table_order));
    for (size_t i = 0; i < 3; i++)
        order_add(fields, &used, field_index(fields, kafka_names[i]));
    if (value_schema && value_schema->type == SCHEMA_STRING)
        order_add(fields, &used, field_index(fields, config->string_column));
    for (size_t i = 0; value_schema && value_schema->type == SCHEMA_STRUCT && i < value_schema->field_count; i++)
        order_add(fields, &used, field_index(fields, value_schema->fields[i].name));
    size_t sorted_from = used;
    for (size_t i = 0; i < fields->count; i++)
        order_add(fields, &used, i);
    for (size_t i = sorted_from + 1; i < used; i++)
        for (size_t j = i; j > sorted_from; j--) {
            size_t *pair = &fields->table_order[j - 1];
            if (strcmp(fields->items[pair[0]].name, fields->items[pair[1]].name) <= 0)
                break;
            size_t swap = pair[0];
            pair[0] = pair[1];
            pair[1] = swap;
        }
}

bool
sink_fields_init(struct sink_fields *fields, const struct sink_config *config, const char *table,
                 const struct schema *key_schema, const struct schema *value_schema, struct error *err)
{
    *fields = (struct sink_fields){0};
    if (value_schema && value_schema->type != SCHEMA_STRUCT && value_schema->type != SCHEMA_STRING)
        return error_set(err, ERROR_CONFIG, "Value schema must be of type Struct or String");
    bool is_string = value_schema && value_schema->type == SCHEMA_STRING;
    bool is_fine = add_key(fields, config, table, key_schema, value_schema, err);
    fields->key_count = fields->count;
    if (!is_fine || (is_string && !add_string_value(fields, config, table, err))) {
        sink_fields_fini(fields);
        return false;
    }
    if (value_schema && !is_string)
        add_value_fields(fields, config, value_schema);
    if (fields->count == 0)
        return error_set(err, ERROR_CONFIG, "No fields found using key and value schemas for table: %s", table);
    make_table_order(fields, config, value_schema);
    return true;
}

/* Of columns that are no field of a record. */
static bool
owns_schema(enum sink_source source)
{
    return source == SINK_FROM_VALUE || source >= SINK_FROM_TOPIC;
}

void
sink_fields_fini(struct sink_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        if (owns_schema(fields->items[i].source))
            schema_unref(fields->items[i].schema);
    free(fields->items);
    free(fields->table_order);
    *fields = (struct sink_fields){0};
}

void
sink_field_describe(const struct sink_field *field, struct strbuf *out)
{
    const struct schema *schema = field->schema;
    strbuf_printf(out, "SinkRecordField{schema=Schema{%s%s%s}, name='%s', isPrimaryKey=%s}", schema->name ? schema->name : "",
                  schema->name ? ":" : "", schema_type_name(schema->type), field->name, field->is_key ? "true" : "false");
}

/* ---- records that can be written ------------------------------------------------------------------------------- */

/* Simple name of the Java class that a value would have there. */
static const char *
java_value_class(const struct value *value, const struct schema *schema)
{
    static const char *const by_logical[] = {
        [SCHEMA_DECIMAL] = "BigDecimal", [SCHEMA_DATE] = "Date", [SCHEMA_TIME] = "Date", [SCHEMA_TIMESTAMP] = "Date",
    };
    if (value_is_null(value))
        return "null";
    if (schema && schema->logical != SCHEMA_PLAIN)
        return by_logical[schema->logical];
    enum schema_type type = schema ? schema->type : SCHEMA_INT64;
    switch ((enum value_kind)value->kind) {
    case VALUE_BOOLEAN:
        return "Boolean";
    case VALUE_INT:
        if (schema ? type == SCHEMA_INT8 : value->width == 8)
            return "Byte";
        if (schema ? type == SCHEMA_INT16 : value->width == 16)
            return "Short";
        return (schema ? type == SCHEMA_INT32 : value->width == 32) ? "Integer" : "Long";
    case VALUE_FLOAT:
        return (schema ? type == SCHEMA_FLOAT32 : value->width == 32) ? "Float" : "Double";
    case VALUE_STRING:
        return "String";
    case VALUE_BYTES:
        return "byte[]";
    case VALUE_DECIMAL:
        return "BigDecimal";
    case VALUE_ARRAY:
        return "ArrayList";
    case VALUE_MAP:
        return "HashMap";
    default:
        return "Struct";
    }
}

static const char *
schema_words(const struct schema *schema)
{
    if (!schema)
        return "null";
    return schema->type == SCHEMA_STRUCT ? "Struct" : schema->type == SCHEMA_FLOAT32 ? "float32"
           : schema->type == SCHEMA_FLOAT64 ? "float64" : schema_type_word(schema->type);
}

static bool
refuse(const struct sink_config *config, const struct record *record, const char *needs, const char *part,
       const struct value *value, const struct schema *schema, struct error *err)
{
    char timestamp[24] = "null";
    if (record->timestamp_ms >= 0)
        snprintf(timestamp, sizeof(timestamp), "%" PRId64, record->timestamp_ms);
    return error_set(err, ERROR_CONFIG,
                     "Sink connector '%s' is configured with 'delete.enabled=%s' and 'pk.mode=%s' and therefore requires "
                     "records with a %s, but found record at (topic='%s',partition=%d,offset=%" PRId64
                     ",timestamp=%s) with a %s %s and %s %s schema.",
                     config->name, config->delete_enabled ? "true" : "false", sink_pk_mode_name(config->pk_mode), needs,
                     record->topic, (int)record->partition, record->offset, timestamp, java_value_class(value, schema),
                     part, schema_words(schema), part);
}

static bool
check_string_value(const struct sink_config *config, struct error *err)
{
    bool has_fields = config->fields_whitelist.count > 0, has_timestamps = config->timestamp_fields.count > 0;
    if (!has_fields && !has_timestamps)
        return true;
    return error_set(err, ERROR_CONFIG,
                     "Sink connector '%s' is configured with field-level options that are not applicable to String values: "
                     "%s%s%s. Remove these options, or have the upstream producer emit Struct values instead.",
                     config->name, has_fields ? "fields.whitelist" : "", has_fields && has_timestamps ? ", " : "",
                     has_timestamps ? "timestamp.fields.list" : "");
}

bool
sink_record_check(const struct sink_config *config, const struct record *record, struct error *err)
{
    const struct schema *key_schema = record->key_schema, *value_schema = record->value_schema;
    bool has_key = key_schema && record->key.kind != VALUE_NULL && key_schema->type != SCHEMA_ARRAY && key_schema->type != SCHEMA_MAP;
    if (config->pk_mode == SINK_PK_RECORD_KEY && !has_key)
        return refuse(config, record, "non-null key and non-null Struct or primitive key schema", "key", &record->key, key_schema, err);
    if (record->value.kind == VALUE_STRUCT && value_schema && value_schema->type == SCHEMA_STRUCT)
        return true;
    if (config->delete_enabled && (record->value.kind == VALUE_NULL || value_schema))
        return true; /* other values with a schema are refused with their fields */
    if (record->value.kind == VALUE_STRING && value_schema && value_schema->type == SCHEMA_STRING)
        return check_string_value(config, err);
    return refuse(config, record, "non-null Struct or String value and non-null Struct or String schema", "value",
                  &record->value, value_schema, err);
}
