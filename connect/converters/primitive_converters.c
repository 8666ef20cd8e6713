/*
 * ByteArrayConverter, BooleanConverter and the number converters: one fixed form each, no settings. Errors
 * are those of org.apache.kafka.connect.converters.*.
 */
#include "connect/converters/converter_priv.h"
#include "connect/data/data_error.h"
#include "connect/data/java_class.h"

#include <string.h>

struct primitive {
    enum schema_type type;
    const char *word;         /* in messages */
    const char *java_class;   /* the only one that is written */
    const char *deserializer; /* in messages */
    size_t size;
};

struct primitive_converter {
    const struct primitive *primitive;
    const struct schema *schema; /* optional */
};

static const struct config_row primitive_rows[] = {CONVERTER_TYPE_ROW(CONFIG_NOT_PARSED), {.name = NULL}};

static bool
primitive_init(void *state, const struct primitive *primitive)
{
    struct primitive_converter *converter = state;
    converter->primitive = primitive;
    converter->schema = schema_primitive(primitive->type, true);
    return true;
}

static void
primitive_fini(void *state)
{
    schema_unref(((struct primitive_converter *)state)->schema);
}

/* ---- numbers -------------------------------------------------------------------------------------------------- */

static void
put_big_endian(struct strbuf *out, uint64_t bits, size_t size)
{
    char bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(bits >> (8 * (size - 1 - i)));
    strbuf_add(out, bytes, size);
}

static uint64_t
real_bits(double real, size_t size)
{
    float narrow = (float)real;
    uint32_t narrow_bits;
    uint64_t bits;
    memcpy(&narrow_bits, &narrow, sizeof(narrow));
    memcpy(&bits, &real, sizeof(real));
    return size == 4 ? narrow_bits : bits;
}

static double
bits_real(uint64_t bits, size_t size)
{
    uint32_t narrow_bits = (uint32_t)bits;
    float narrow;
    double real;
    memcpy(&narrow, &narrow_bits, sizeof(narrow));
    memcpy(&real, &bits, sizeof(real));
    return size == 4 ? (double)narrow : real;
}

static bool
number_write(void *state, const char *topic, const struct schema *schema, const struct value *value, struct strbuf *out,
             bool *is_null_out, struct error *err)
{
    const struct primitive *primitive = ((struct primitive_converter *)state)->primitive;
    (void)topic;
    *is_null_out = value->kind == VALUE_NULL;
    if (*is_null_out)
        return true;
    const char *java_class = java_class_of(schema, value);
    if (strcmp(java_class, primitive->java_class))
        return data_error(err, "Failed to serialize to %s (was class %s): ", primitive->word, java_class);
    put_big_endian(out, value->kind == VALUE_INT ? (uint64_t)value->as.integer : real_bits(value->as.real, primitive->size),
                   primitive->size);
    return true;
}

/* The error of bytes that are no such primitive, with its cause. */
static bool
not_read(const struct primitive *primitive, struct error *err)
{
    err->java_class = "org.apache.kafka.common.errors.SerializationException";
    return error_cause(err, DATA_EXCEPTION, "Failed to deserialize %s: ", primitive->word);
}

static bool
check_size(const struct primitive *primitive, size_t len, struct error *err)
{
    if (len == primitive->size)
        return true;
    error_set(err, ERROR_DATA, "Size of data received by %s is not %zu", primitive->deserializer, primitive->size);
    return not_read(primitive, err);
}

static bool
number_read(void *state, const char *topic, const char *bytes, size_t len, struct record_batch *batch,
            const struct schema **schema_out, struct value *value_out, struct error *err)
{
    const struct primitive_converter *converter = state;
    const struct primitive *primitive = converter->primitive;
    (void)topic;
    if (bytes && !check_size(primitive, len, err))
        return false;
    record_batch_hold(batch, converter->schema);
    *schema_out = converter->schema;
    *value_out = VALUE_NONE;
    if (!bytes)
        return true;
    uint64_t bits = 0;
    for (size_t i = 0; i < len; i++)
        bits = bits << 8 | (unsigned char)bytes[i];
    bool is_real = primitive->type == SCHEMA_FLOAT32 || primitive->type == SCHEMA_FLOAT64;
    int64_t integer = len == 2 ? (int16_t)bits : len == 4 ? (int32_t)bits : (int64_t)bits;
    *value_out = is_real ? value_real(bits_real(bits, len)) : value_int(integer);
    return true;
}

/* ---- booleans and bytes ---------------------------------------------------------------------------------------- */

/* What both ask of a value; `name` is the converter's. */
static bool
check_written(const struct primitive *primitive, const char *name, const struct schema *schema, const struct value *value,
              struct error *err)
{
    if (schema && schema->type != primitive->type)
        return data_error(err, "Invalid schema type for %s: %s", name, schema_type_name(schema->type));
    const char *java_class = java_class_of(schema, value);
    if (value->kind != VALUE_NULL && strcmp(java_class, primitive->java_class))
        return data_error(err, "%s is not compatible with objects of type class %s", name, java_class);
    return true;
}

static bool
boolean_write(void *state, const char *topic, const struct schema *schema, const struct value *value, struct strbuf *out,
              bool *is_null_out, struct error *err)
{
    const struct primitive_converter *converter = state;
    (void)topic;
    if (!check_written(converter->primitive, "BooleanConverter", schema, value, err))
        return false;
    *is_null_out = value->kind == VALUE_NULL;
    if (!*is_null_out)
        strbuf_putc(out, value->as.boolean);
    return true;
}

static bool
boolean_read(void *state, const char *topic, const char *bytes, size_t len, struct record_batch *batch,
             const struct schema **schema_out, struct value *value_out, struct error *err)
{
    const struct primitive_converter *converter = state;
    (void)topic;
    if (bytes && !check_size(converter->primitive, len, err))
        return false;
    if (bytes && (unsigned char)bytes[0] > 1) {
        error_set(err, ERROR_DATA, "Unexpected byte received by BooleanDeserializer: %d", (signed char)bytes[0]);
        return not_read(converter->primitive, err);
    }
    record_batch_hold(batch, converter->schema);
    *schema_out = converter->schema;
    *value_out = bytes ? value_boolean(bytes[0] == 1) : VALUE_NONE;
    return true;
}

static bool
bytes_write(void *state, const char *topic, const struct schema *schema, const struct value *value, struct strbuf *out,
            bool *is_null_out, struct error *err)
{
    const struct primitive_converter *converter = state;
    (void)topic;
    if (!check_written(converter->primitive, "ByteArrayConverter", schema, value, err))
        return false;
    *is_null_out = value->kind == VALUE_NULL;
    if (!*is_null_out)
        strbuf_add(out, value->as.bytes, value->len);
    return true;
}

static bool
bytes_read(void *state, const char *topic, const char *bytes, size_t len, struct record_batch *batch,
           const struct schema **schema_out, struct value *value_out, struct error *err)
{
    const struct primitive_converter *converter = state;
    (void)topic, (void)err;
    record_batch_hold(batch, converter->schema);
    *schema_out = converter->schema;
    *value_out = bytes ? value_bytes(bytes, len) : VALUE_NONE;
    return true;
}

/* ---- the plug-ins ------------------------------------------------------------------------------------------------ */

#define PRIMITIVE(name, java_name, schema_type, message_word, value_class, deserializer_name, length, writer, reader, headers) \
    static const struct primitive name##_primitive = {.type = (schema_type),                                           \
                                                      .word = (message_word),                                          \
                                                      .java_class = (value_class),                                     \
                                                      .deserializer = (deserializer_name),                             \
                                                      .size = (length)};                                               \
    static bool name##_init(void *state, enum converter_role role, const struct config *cfg, struct error *err)        \
    {                                                                                                                  \
        (void)role, (void)cfg, (void)err;                                                                              \
        return primitive_init(state, &name##_primitive);                                                               \
    }                                                                                                                  \
    static const struct converter_ops name##_ops = {.size = sizeof(struct primitive_converter),                        \
                                                    .init = name##_init,                                               \
                                                    .write = (writer),                                                 \
                                                    .read = (reader),                                                  \
                                                    .fini = primitive_fini};                                           \
    const struct converter_plugin name##_converter_plugin = {                                                          \
        .class_name = "org.apache.kafka.connect.converters." java_name,                                                \
        .version = CONNECT_VERSION,                                                                                    \
        .is_header_too = (headers),                                                                                    \
        .rows = primitive_rows,                                                                                        \
        .ops = &name##_ops}

PRIMITIVE(short, "ShortConverter", SCHEMA_INT16, "short", "java.lang.Short", "ShortDeserializer", 2, number_write, number_read, true);
PRIMITIVE(integer, "IntegerConverter", SCHEMA_INT32, "integer", "java.lang.Integer", "IntegerDeserializer", 4, number_write, number_read, true);
PRIMITIVE(long, "LongConverter", SCHEMA_INT64, "long", "java.lang.Long", "LongDeserializer", 8, number_write, number_read, true);
PRIMITIVE(float, "FloatConverter", SCHEMA_FLOAT32, "float", "java.lang.Float", "Deserializer", 4, number_write, number_read, true);
PRIMITIVE(double, "DoubleConverter", SCHEMA_FLOAT64, "double", "java.lang.Double", "Deserializer", 8, number_write, number_read, true);
PRIMITIVE(boolean, "BooleanConverter", SCHEMA_BOOLEAN, "boolean", "java.lang.Boolean", "BooleanDeserializer", 1, boolean_write, boolean_read, true);
PRIMITIVE(byte_array, "ByteArrayConverter", SCHEMA_BYTES, "bytes", "[B", "", 0, bytes_write, bytes_read, true);
