#include "tests/fakes/show_value.h"

#include "connect/data/java_class.h"
#include "connect/data/java_text.h"

#include <stdlib.h>

static void
show_bytes(const struct value *value, struct strbuf *out)
{
    strbuf_puts(out, "byte[]");
    for (size_t i = 0; i < value->len; i++)
        strbuf_printf(out, "%02x", (unsigned char)value->as.bytes[i]);
}

static void
show_items(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    const struct value *item = value->as.items;
    bool is_map = value->kind == VALUE_MAP;
    strbuf_putc(out, is_map ? '{' : '[');
    for (size_t i = 0; i < value->len; i++) {
        if (is_map) {
            show_value(schema ? schema->key_schema : NULL, item++, out);
            strbuf_putc(out, '=');
        }
        show_value(schema ? schema->value_schema : NULL, item++, out);
        strbuf_putc(out, ',');
    }
    strbuf_putc(out, is_map ? '}' : ']');
}

static void
show_struct(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    strbuf_puts(out, "S(");
    if (!schema || value->len != schema->field_count) {
        strbuf_puts(out, "SCHEMA AND VALUE DIFFER)");
        return;
    }
    for (size_t i = 0; i < value->len; i++) {
        strbuf_printf(out, "%s=", schema->fields[i].name);
        show_value(schema->fields[i].schema, &value->as.items[i], out);
        strbuf_putc(out, ',');
    }
    strbuf_putc(out, ')');
}

void
show_value(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    const char *name = java_class_of(schema, value);
    switch ((enum value_kind)value->kind) {
    case VALUE_BYTES:
        show_bytes(value, out);
        return;
    case VALUE_ARRAY:
    case VALUE_MAP:
        show_items(schema, value, out);
        return;
    case VALUE_STRUCT:
        show_struct(schema, value, out);
        return;
    case VALUE_NULL:
        strbuf_puts(out, "null");
        return;
    default:
        break;
    }
    if (value->kind == VALUE_INT && schema && schema->logical != SCHEMA_PLAIN) {
        strbuf_printf(out, "Date%lld", (long long)value->as.integer * (schema->logical == SCHEMA_DATE ? 86400000 : 1));
        return;
    }
    strbuf_printf(out, "%s ", strrchr(name, '.') + 1);
    if (value->kind == VALUE_STRING)
        for (size_t i = 0; i < value->len; i++)
            value->as.bytes[i] ? strbuf_putc(out, value->as.bytes[i]) : strbuf_puts(out, "<NUL>");
    else
        java_text(schema, value, out);
}

static void
show_fields(const struct schema *schema, struct strbuf *out)
{
    strbuf_putc(out, '(');
    for (size_t i = 0; i < schema->field_count; i++) {
        strbuf_printf(out, "%s%s:", i ? "," : "", schema->fields[i].name);
        show_schema(schema->fields[i].schema, out);
    }
    strbuf_putc(out, ')');
}

void
show_schema(const struct schema *schema, struct strbuf *out)
{
    if (!schema) {
        strbuf_putc(out, '-');
        return;
    }
    strbuf_printf(out, "%s%s", schema->is_optional ? "?" : "", schema_type_word(schema->type));
    if (schema->logical != SCHEMA_PLAIN)
        strbuf_printf(out, " %s", strrchr(schema->name, '.') + 1);
    else if (schema->name)
        strbuf_printf(out, "@%s", schema->name);
    if (schema->logical == SCHEMA_DECIMAL)
        strbuf_printf(out, "(%d)", schema->decimal_scale);
    else if (schema->has_version && schema->logical == SCHEMA_PLAIN)
        strbuf_printf(out, "#%d", schema->version);
    if (schema->type == SCHEMA_STRUCT)
        show_fields(schema, out);
    if (schema->type == SCHEMA_ARRAY || schema->type == SCHEMA_MAP) {
        strbuf_putc(out, '<');
        if (schema->type == SCHEMA_MAP) {
            show_schema(schema->key_schema, out);
            strbuf_putc(out, ',');
        }
        show_schema(schema->value_schema, out);
        strbuf_putc(out, '>');
    }
    if (schema->default_value) {
        strbuf_putc(out, '=');
        show_value(schema, schema->default_value, out);
    }
}
