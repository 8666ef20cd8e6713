#include "connect/data/java_class.h"

static const char *
int_class(const struct schema *schema, const struct value *value)
{
    int width = value->width;
    if (schema) {
        if (schema->logical != SCHEMA_PLAIN)
            return "java.util.Date";
        width = schema->type == SCHEMA_INT8    ? 8
                : schema->type == SCHEMA_INT16 ? 16
                : schema->type == SCHEMA_INT32 ? 32
                                               : 64;
    }
    return width == 8 ? "java.lang.Byte" : width == 16 ? "java.lang.Short" : width == 32 ? "java.lang.Integer" : "java.lang.Long";
}

const char *
java_class_of(const struct schema *schema, const struct value *value)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL:
        return "null";
    case VALUE_BOOLEAN:
        return "java.lang.Boolean";
    case VALUE_INT:
        return int_class(schema, value);
    case VALUE_FLOAT:
        return value->width == 32 || (schema && schema->type == SCHEMA_FLOAT32) ? "java.lang.Float" : "java.lang.Double";
    case VALUE_STRING:
        return "java.lang.String";
    case VALUE_BYTES:
        return "[B";
    case VALUE_DECIMAL:
        return "java.math.BigDecimal";
    case VALUE_ARRAY:
        return "java.util.ArrayList";
    case VALUE_MAP:
        return "java.util.HashMap";
    case VALUE_STRUCT:
        return "org.apache.kafka.connect.data.Struct";
    }
    return "java.lang.Object";
}
