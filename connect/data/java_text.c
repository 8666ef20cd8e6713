#include "connect/data/java_text.h"

#include "connect/data/decimal.h"
#include "connect/data/number_text.h"

#include <time.h>

/* java.util.Date.toString in the process's time zone. */
static void
date_text(int64_t ms, struct strbuf *out)
{
    struct tm tm;
    char text[64];
    time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
    if (localtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%a %b %d %H:%M:%S %Z ", &tm)) {
        strbuf_puts(out, text);
        strbuf_printf(out, "%d", tm.tm_year + 1900);
    } else {
        strbuf_add_int(out, ms);
    }
}

static void
int_text(const struct schema *schema, int64_t number, struct strbuf *out)
{
    if (!schema || schema->logical == SCHEMA_PLAIN)
        strbuf_add_int(out, number);
    else
        date_text(schema->logical == SCHEMA_DATE ? number * 86400000 : number, out);
}

static void
real_text(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    bool is_float = value->width == 32 || (schema && schema->type == SCHEMA_FLOAT32);
    char *to = strbuf_room(out, NUMBER_TEXT_SIZE);
    size_t len = value->text ? number_text_rearrange(value->text, to) : 0;
    if (len == 0)
        len = is_float ? number_text_float((float)value->as.real, to) : number_text_double(value->as.real, to);
    strbuf_wrote(out, len);
}

static void
items_text(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    bool is_map = value->kind == VALUE_MAP;
    const struct schema *item_schema = schema ? schema->value_schema : NULL;
    const struct value *item = value->as.items;
    strbuf_putc(out, is_map ? '{' : '[');
    for (size_t i = 0; i < value->len; i++) {
        if (i)
            strbuf_puts(out, ", ");
        if (is_map) {
            java_text(schema ? schema->key_schema : NULL, item++, out);
            strbuf_putc(out, '=');
        }
        java_text(item_schema, item++, out);
    }
    strbuf_putc(out, is_map ? '}' : ']');
}

/* Fields that are null are left out. */
static void
struct_text(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    bool is_first = true;
    strbuf_puts(out, "Struct{");
    for (size_t i = 0; schema && i < value->len && i < schema->field_count; i++) {
        if (value->as.items[i].kind == VALUE_NULL)
            continue;
        strbuf_printf(out, "%s%s=", is_first ? "" : ",", schema->fields[i].name);
        java_text(schema->fields[i].schema, &value->as.items[i], out);
        is_first = false;
    }
    strbuf_putc(out, '}');
}

void
java_text(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL:
        strbuf_puts(out, "null");
        break;
    case VALUE_BOOLEAN:
        strbuf_puts(out, value->as.boolean ? "true" : "false");
        break;
    case VALUE_INT:
        int_text(schema, value->as.integer, out);
        break;
    case VALUE_FLOAT:
        real_text(schema, value, out);
        break;
    case VALUE_STRING:
        strbuf_add(out, value->as.bytes, value->len);
        break;
    case VALUE_BYTES:
        strbuf_puts(out, "[B@0");
        break;
    case VALUE_DECIMAL:
        decimal_text(value, out);
        break;
    case VALUE_ARRAY:
    case VALUE_MAP:
        items_text(schema, value, out);
        break;
    case VALUE_STRUCT:
        struct_text(schema, value, out);
        break;
    }
}

uint32_t
java_text_hash(const char *text)
{
    uint32_t hash = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        int more = *at < 0x80 ? 0 : *at < 0xE0 ? 1 : *at < 0xF0 ? 2 : 3;
        uint32_t code = more ? *at & (0x3Fu >> more) : *at;
        for (at++; more > 0 && *at; more--)
            code = code << 6 | (*at++ & 0x3F);
        if (code >= 0x10000) {
            hash = 31 * hash + 0xD800 + ((code - 0x10000) >> 10);
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        hash = 31 * hash + code;
    }
    return hash ^ hash >> 16;
}
