/* Payloads as JsonConverter writes them (convertToJson). */
#include "connect/converters/emit.h"
#include "connect/converters/json_priv.h"
#include "connect/data/base64.h"
#include "connect/data/data_error.h"
#include "connect/data/decimal.h"
#include "connect/data/java_class.h"

#include <string.h>

static bool write_plain(const struct json_writer *writer, const struct value *value);

static inline bool
write_any(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    if (value->kind == plan->kind)
        return plan->write(writer, plan, value);
    if (plan->kind == JSON_KIND_ANY)
        return write_plain(writer, value);
    if (value->kind != VALUE_NULL)
        return data_error(writer->err, "Invalid type for %s: class %s", schema_type_name(plan->schema->type),
                          java_class_of(NULL, value));
    const struct schema *schema = plan->schema;
    if (schema->default_value && schema->default_value->kind == plan->kind && writer->settings->replace_null)
        return plan->write(writer, plan, schema->default_value);
    if (!schema->is_optional)
        return data_error(writer->err,
                          "Conversion error: null value for field that is required and has no default value");
    strbuf_add(writer->out, "null", 4);
    return true;
}

/* ---- with a schema ------------------------------------------------------------------------------------------ */

static bool
write_int(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    (void)plan;
    emit_int(writer->out, value->as.integer);
    return true;
}

/* A Time that is on another day: db.timezone can move one there. */
static bool
write_time(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    enum { DAY_MS = 86400000 };
    if (value->as.integer < 0 || value->as.integer > DAY_MS)
        return data_error(writer->err, "Kafka Connect Time type should not have any date fields set to non-zero values.");
    return write_int(writer, plan, value);
}

static bool
write_float(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    (void)plan;
    emit_float(writer->out, value->as.real, value->text);
    return true;
}

static bool
write_double(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    (void)plan;
    emit_double(writer->out, value->as.real, value->text);
    return true;
}

static bool
write_boolean(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    (void)plan;
    strbuf_add(writer->out, value->as.boolean ? "true" : "false", value->as.boolean ? 4 : 5);
    return true;
}

static bool
write_string(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    (void)plan;
    emit_string(writer->out, value->as.bytes, value->len);
    return true;
}

static bool
write_base64(const struct json_writer *writer, const void *bytes, size_t len)
{
    strbuf_putc(writer->out, '"');
    base64_encode(writer->out, bytes, len);
    strbuf_putc(writer->out, '"');
    return true;
}

static bool
write_bytes(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    (void)plan;
    return write_base64(writer, value->as.bytes, value->len);
}

static bool
write_decimal(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    if (writer->settings->is_decimal_numeric) {
        decimal_text(value, writer->out);
        return true;
    }
    int32_t scale = plan->schema->decimal_scale;
    if (scale == SCHEMA_NO_SCALE)
        return data_error(writer->err, "Invalid Decimal schema: scale parameter not found.");
    if (scale != value->scale)
        return data_error(writer->err,
                          "Decimal value has mismatching scale for given Decimal schema. Schema has scale %d, value has scale %d.",
                          scale, value->scale);
    unsigned char bytes[DECIMAL_BYTES_MAX];
    size_t len = decimal_to_bytes(value->as.bytes, value->len, bytes);
    if (len == 0)
        return data_error(writer->err, "Decimal value has more than %d digits", DECIMAL_DIGITS_MAX);
    return write_base64(writer, bytes, len);
}

static bool
write_struct(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    if (value->len != plan->part_count)
        return data_error(writer->err, "Mismatching schema.");
    for (size_t i = 0; i < plan->part_count; i++) {
        const struct json_plan *field = &plan->parts[i];
        strbuf_add(writer->out, field->name, field->name_len);
        if (!write_any(writer, field, &value->as.items[i]))
            return false;
    }
    if (plan->part_count)
        strbuf_putc(writer->out, '}');
    else
        strbuf_add(writer->out, "{}", 2);
    return true;
}

static bool
write_array(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    strbuf_putc(writer->out, '[');
    for (size_t i = 0; i < value->len; i++) {
        if (i)
            strbuf_putc(writer->out, ',');
        if (!write_any(writer, &plan->parts[0], &value->as.items[i]))
            return false;
    }
    strbuf_putc(writer->out, ']');
    return true;
}

/* A null key of a map with string keys is the member "null". */
static bool
write_key(const struct json_writer *writer, const struct value *key)
{
    if (key->kind == VALUE_STRING)
        emit_string(writer->out, key->as.bytes, key->len);
    else if (key->kind == VALUE_NULL)
        strbuf_puts(writer->out, "\"null\"");
    else
        return data_error(writer->err, "Invalid type for MAP: class %s", java_class_of(NULL, key));
    strbuf_putc(writer->out, ':');
    return true;
}

static bool
write_map(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    const struct value *pair = value->as.items;
    const struct schema *keys = plan->schema->key_schema;
    bool is_object = keys && keys->type == SCHEMA_STRING;
    strbuf_putc(writer->out, is_object ? '{' : '[');
    for (size_t i = 0; i < value->len; i++, pair += 2) {
        if (i)
            strbuf_putc(writer->out, ',');
        if (!is_object)
            strbuf_putc(writer->out, '[');
        if (!(is_object ? write_key(writer, pair) : write_any(writer, &plan->parts[0], pair)))
            return false;
        if (!is_object)
            strbuf_putc(writer->out, ',');
        if (!write_any(writer, &plan->parts[1], pair + 1))
            return false;
        if (!is_object)
            strbuf_putc(writer->out, ']');
    }
    strbuf_putc(writer->out, is_object ? '}' : ']');
    return true;
}

json_write_fn *
json_write_fn_for(const struct schema *schema)
{
    static json_write_fn *const functions[] = {
        [SCHEMA_INT8] = write_int,        [SCHEMA_INT16] = write_int,     [SCHEMA_INT32] = write_int,
        [SCHEMA_INT64] = write_int,       [SCHEMA_FLOAT32] = write_float, [SCHEMA_FLOAT64] = write_double,
        [SCHEMA_BOOLEAN] = write_boolean, [SCHEMA_STRING] = write_string, [SCHEMA_BYTES] = write_bytes,
        [SCHEMA_ARRAY] = write_array,     [SCHEMA_MAP] = write_map,       [SCHEMA_STRUCT] = write_struct,
    };
    if (schema->logical == SCHEMA_TIME)
        return write_time;
    return schema->logical == SCHEMA_DECIMAL ? write_decimal : functions[schema->type];
}

/* ---- schemaless --------------------------------------------------------------------------------------------- */

static bool
write_plain_array(const struct json_writer *writer, const struct value *value)
{
    strbuf_putc(writer->out, '[');
    for (size_t i = 0; i < value->len; i++) {
        if (i)
            strbuf_putc(writer->out, ',');
        if (!write_plain(writer, &value->as.items[i]))
            return false;
    }
    strbuf_putc(writer->out, ']');
    return true;
}

/* An object if all keys are strings, otherwise pairs. */
static bool
write_plain_map(const struct json_writer *writer, const struct value *value)
{
    bool is_object = true;
    for (size_t i = 0; i < value->len; i++)
        is_object = is_object && value->as.items[2 * i].kind == VALUE_STRING;
    strbuf_putc(writer->out, is_object ? '{' : '[');
    for (size_t i = 0; i < value->len; i++) {
        const struct value *pair = &value->as.items[2 * i];
        struct value both = {.kind = VALUE_ARRAY, .len = 2, .as.items = (struct value *)pair};
        if (i)
            strbuf_putc(writer->out, ',');
        bool is_written = is_object ? write_key(writer, pair) && write_plain(writer, pair + 1)
                                    : write_plain_array(writer, &both);
        if (!is_written)
            return false;
    }
    strbuf_putc(writer->out, is_object ? '}' : ']');
    return true;
}

static bool
write_plain(const struct json_writer *writer, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        strbuf_add(writer->out, "null", 4);
        return true;
    case VALUE_BOOLEAN:
        return write_boolean(writer, NULL, value);
    case VALUE_INT:
        return write_int(writer, NULL, value);
    case VALUE_FLOAT:
        return (value->width == 32 ? write_float : write_double)(writer, NULL, value);
    case VALUE_STRING:
        return write_string(writer, NULL, value);
    case VALUE_BYTES:
        return write_bytes(writer, NULL, value);
    case VALUE_ARRAY:
        return write_plain_array(writer, value);
    case VALUE_MAP:
        return write_plain_map(writer, value);
    default:
        return data_error(writer->err, "Java class class %s does not have corresponding schema type.",
                          java_class_of(NULL, value));
    }
}

bool
json_write_value(const struct json_writer *writer, const struct json_plan *plan, const struct value *value)
{
    return plan ? write_any(writer, plan, value) : write_plain(writer, value);
}
