/* See inference.h. Dates and times are in UTC, where Java takes the process's time zone. */
#include "connect/data/inference.h"

#include "common/base/alloc.h"
#include "connect/data/base64.h"
#include "connect/data/calendar.h"
#include "connect/data/decimal.h"
#include "connect/data/java_text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_LEN_MAX = 1000, DEPTH_MAX = 100 };

/* ---- to text -------------------------------------------------------------------------------------------------- */

void
inference_instant_text(int64_t ms, struct strbuf *out)
{
    struct calendar c;
    calendar_split(ms, &c);
    bool has_date = ms >= CALENDAR_DAY_MS, has_time = !has_date || ms % CALENDAR_DAY_MS != 0;
    if (has_date)
        strbuf_printf(out, "%04lld-%02d-%02d", (long long)c.year, c.month, c.day);
    if (has_date && has_time)
        strbuf_putc(out, 'T');
    if (has_time)
        strbuf_printf(out, "%02d:%02d:%02d.%03dZ", c.hour, c.minute, c.second, c.ms);
}

static void put_value(const struct schema *schema, const struct value *value, bool is_nested, struct strbuf *out);

static void
put_quoted(const char *text, size_t len, struct strbuf *out)
{
    strbuf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            strbuf_putc(out, '\\');
        strbuf_putc(out, text[i]);
    }
    strbuf_putc(out, '"');
}

static void
put_array(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    strbuf_putc(out, '[');
    for (size_t i = 0; i < value->len; i++) {
        if (i)
            strbuf_putc(out, ',');
        put_value(schema ? schema->value_schema : NULL, &value->as.items[i], true, out);
    }
    strbuf_putc(out, ']');
}

static void
put_map(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    strbuf_putc(out, '{');
    for (size_t i = 0; i < value->len; i++) {
        if (i)
            strbuf_putc(out, ',');
        put_value(schema ? schema->key_schema : NULL, &value->as.items[2 * i], true, out);
        strbuf_putc(out, ':');
        put_value(schema ? schema->value_schema : NULL, &value->as.items[2 * i + 1], true, out);
    }
    strbuf_putc(out, '}');
}

static void
put_struct(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    strbuf_putc(out, '{');
    for (size_t i = 0; schema && i < value->len && i < schema->field_count; i++) {
        if (i)
            strbuf_putc(out, ',');
        put_quoted(schema->fields[i].name, schema->fields[i].name_len, out);
        strbuf_putc(out, ':');
        put_value(schema->fields[i].schema, &value->as.items[i], true, out);
    }
    strbuf_putc(out, '}');
}

static void
put_value(const struct schema *schema, const struct value *value, bool is_nested, struct strbuf *out)
{
    const char *quote = is_nested ? "\"" : "";
    switch (value->kind) {
    case VALUE_STRING:
        if (is_nested)
            put_quoted(value->as.bytes, value->len, out);
        else
            strbuf_add(out, value->as.bytes, value->len);
        return;
    case VALUE_BYTES:
        strbuf_puts(out, quote);
        base64_encode(out, value->as.bytes, value->len);
        strbuf_puts(out, quote);
        return;
    case VALUE_ARRAY:
        put_array(schema, value, out);
        return;
    case VALUE_MAP:
        put_map(schema, value, out);
        return;
    case VALUE_STRUCT:
        put_struct(schema, value, out);
        return;
    default:
        break;
    }
    if (value->kind == VALUE_INT && schema && schema->logical != SCHEMA_PLAIN)
        inference_instant_text(value->as.integer * (schema->logical == SCHEMA_DATE ? CALENDAR_DAY_MS : 1), out);
    else
        java_text(schema, value, out);
}

void
inference_text(const struct schema *schema, const struct value *value, struct strbuf *out)
{
    put_value(schema, value, false, out);
}

/* ---- from text: numbers and dates -------------------------------------------------------------------------------- */

struct parsed {
    const struct schema *schema; /* a reference; NULL: nothing fits, or null */
    struct value value;
};

struct parser {
    const char *next, *end;
    struct arena *arena;
    int depth;
};

static struct parsed
parsed_int(int64_t number)
{
    enum schema_type type = number == (int8_t)number    ? SCHEMA_INT8
                            : number == (int16_t)number ? SCHEMA_INT16
                            : number == (int32_t)number ? SCHEMA_INT32
                                                        : SCHEMA_INT64;
    struct parsed parsed = {.schema = schema_primitive(type, false), .value = value_int(number)};
    parsed.value.width = (uint8_t)(8 << type); /* INT8 is 0 */
    return parsed;
}

static struct parsed
parsed_real(enum schema_type type, double number)
{
    struct parsed parsed = {.schema = schema_primitive(type, false), .value = value_real(number)};
    parsed.value.width = type == SCHEMA_FLOAT32 ? 32 : 64;
    return parsed;
}

/* The integer that a decimal is exactly, if it is one of 64 bits. */
static bool
decimal_is_long(const struct value *decimal, int64_t *out)
{
    struct strbuf digits = STRBUF_INIT;
    strbuf_add(&digits, decimal->as.bytes, decimal->len);
    int scale = decimal->scale;
    bool is_zero = decimal->len == 1 && digits.data[0] == '0';
    for (; scale > 0 && digits.len > 1 && digits.data[digits.len - 1] == '0'; scale--)
        digits.data[--digits.len] = '\0';
    for (; scale < 0 && digits.len < 21 && !is_zero; scale++)
        strbuf_putc(&digits, '0');
    unsigned char bytes[DECIMAL_BYTES_MAX];
    size_t len = is_zero || scale == 0 ? decimal_to_bytes(digits.data, digits.len, bytes) : 0;
    uint64_t bits = len && bytes[0] >= 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < len && len <= 8; i++)
        bits = bits << 8 | bytes[i];
    strbuf_fini(&digits);
    *out = (int64_t)bits;
    return len > 0 && len <= 8;
}

static struct parsed
parse_number(const char *text, size_t len, struct arena *arena)
{
    struct value decimal;
    int64_t integer;
    if (len == 0 || len > NUMBER_LEN_MAX || !(isdigit((unsigned char)*text) || *text == '-' || *text == '+') ||
        !decimal_parse(text, len, arena, &decimal))
        return (struct parsed){.schema = NULL};
    if (decimal_is_long(&decimal, &integer))
        return parsed_int(integer);
    char digits[NUMBER_LEN_MAX + 1];
    memcpy(digits, text, len);
    digits[len] = '\0';
    if (decimal.scale != 0 && isfinite(strtof(digits, NULL)))
        return parsed_real(SCHEMA_FLOAT32, (double)strtof(digits, NULL));
    if (decimal.scale != 0 && isfinite(strtod(digits, NULL)))
        return parsed_real(SCHEMA_FLOAT64, strtod(digits, NULL));
    return (struct parsed){.schema = schema_decimal(decimal.scale, false), .value = decimal};
}

/* Does the text have this form? '0' stands for any digit. The groups of digits become numbers. */
static bool
match_form(const char *text, size_t len, const char *form, int *numbers)
{
    if (strlen(form) != len)
        return false;
    int number = -1;
    for (size_t i = 0; i < len; i++) {
        if (form[i] != '0') {
            number = -1;
            if (text[i] != form[i])
                return false;
            continue;
        }
        if (!isdigit((unsigned char)text[i]))
            return false;
        if (number < 0)
            *numbers++ = number = 0;
        number = number * 10 + (text[i] - '0');
        numbers[-1] = number;
    }
    return true;
}

static struct parsed
parse_instant(const char *text, size_t len)
{
    int n[7];
    if (match_form(text, len, "0000-00-00", n))
        return (struct parsed){.schema = schema_logical_new(SCHEMA_DATE, false), .value = value_int(calendar_days(n[0], n[1], n[2]))};
    if (match_form(text, len, "00:00:00.000Z", n))
        return (struct parsed){.schema = schema_logical_new(SCHEMA_TIME, false),
                               .value = value_int(((n[0] * 60 + n[1]) * 60 + n[2]) * 1000 + n[3])};
    if (match_form(text, len, "0000-00-00T00:00:00.000Z", n))
        return (struct parsed){.schema = schema_logical_new(SCHEMA_TIMESTAMP, false),
                               .value = value_int(calendar_days(n[0], n[1], n[2]) * CALENDAR_DAY_MS +
                                                  ((n[3] * 60 + n[4]) * 60 + n[5]) * 1000 + n[6])};
    return (struct parsed){.schema = NULL};
}

/* ---- from text: arrays and maps ----------------------------------------------------------------------------------- */

static bool parse_item(struct parser *parser, struct parsed *out);

static void
skip_blanks(struct parser *parser)
{
    while (parser->next < parser->end && isspace((unsigned char)*parser->next))
        parser->next++;
}

static bool
take(struct parser *parser, char c)
{
    skip_blanks(parser);
    if (parser->next == parser->end || *parser->next != c)
        return false;
    parser->next++;
    return true;
}

static bool
take_word(struct parser *parser, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(parser->end - parser->next) < len || memcmp(parser->next, word, len))
        return false;
    parser->next += len;
    return true;
}

static bool
parse_quoted(struct parser *parser, struct parsed *out)
{
    char *text = arena_alloc(parser->arena, (size_t)(parser->end - parser->next) + 1), *to = text;
    for (parser->next++; parser->next < parser->end && *parser->next != '"'; parser->next++) {
        if (*parser->next == '\\' && parser->end - parser->next > 1)
            parser->next++;
        *to++ = *parser->next;
    }
    if (parser->next == parser->end)
        return false;
    parser->next++;
    *out = parse_instant(text, (size_t)(to - text));
    if (!out->schema)
        *out = (struct parsed){.schema = schema_primitive(SCHEMA_STRING, false), .value = value_string(text, (size_t)(to - text))};
    return true;
}

/* Whole numbers and floating ones of different width have a common type, in this order. */
static bool
is_number_type(const struct schema *schema)
{
    return schema->logical == SCHEMA_PLAIN && schema->type <= SCHEMA_FLOAT64;
}

/* What the types of items have in common so far. */
struct common_type {
    const struct schema *schema; /* a reference */
    bool is_mixed, has_null;
    size_t count;
};

/* False: this item cannot stand beside the ones before it (a null beside others). */
static bool
common_add(struct common_type *common, const struct parsed *item)
{
    const struct schema *schema = item->schema;
    bool is_null = !schema;
    if (common->count++ > 0 && is_null != common->has_null) {
        schema_unref(schema);
        return false;
    }
    common->has_null = is_null;
    if (is_null || common->is_mixed || common->schema == schema) {
        schema_unref(schema);
        return true;
    }
    bool widens = common->schema && is_number_type(common->schema) && is_number_type(schema);
    if (!common->schema || (widens && schema->type > common->schema->type)) {
        schema_unref(common->schema);
        common->schema = schema;
        return true;
    }
    schema_unref(schema);
    if (!widens) {
        common->is_mixed = true;
        schema_unref(common->schema);
        common->schema = NULL;
    }
    return true;
}

/* Integers among floating numbers become floating. */
static void
widen(const struct schema *schema, struct value *items, size_t count, size_t step)
{
    if (!schema || (schema->type != SCHEMA_FLOAT32 && schema->type != SCHEMA_FLOAT64))
        return;
    for (size_t i = 0; i < count; i++, items += step)
        if (items->kind == VALUE_INT)
            *items = value_real((double)items->as.integer);
}

/* Items on the heap while they are read. */
struct items {
    struct value *at;
    size_t count;
};

static void
items_add(struct items *items, struct value value)
{
    if ((items->count & (items->count - 1)) == 0)
        items->at = xrealloc(items->at, (items->count ? items->count * 2 : 1) * sizeof(*items->at));
    items->at[items->count++] = value;
}

static struct value *
items_move(struct items *items, struct arena *arena)
{
    struct value *moved = arena_array(arena, struct value, items->count);
    if (items->count)
        memcpy(moved, items->at, items->count * sizeof(*moved));
    return moved;
}

/* Behind '[' or '{', to the closing bracket. `keys` NULL: an array. */
static bool
parse_items(struct parser *parser, char close, struct items *items, struct common_type *keys, struct common_type *values)
{
    struct parsed item;
    while (!take(parser, close)) {
        if (keys) {
            if (!parse_item(parser, &item))
                return false;
            items_add(items, item.value);
            if (!common_add(keys, &item) || keys->has_null || !take(parser, ':'))
                return false;
        }
        if (!parse_item(parser, &item))
            return false;
        items_add(items, item.value);
        if (!common_add(values, &item) || (keys && values->has_null))
            return false;
        skip_blanks(parser);
        if (!take(parser, ',') && (parser->next == parser->end || *parser->next != close))
            return false;
    }
    return true;
}

static bool
parse_container(struct parser *parser, struct parsed *out)
{
    bool is_map = *parser->next++ == '{';
    struct items items = {.at = NULL};
    struct common_type keys = {.schema = NULL}, values = {.schema = NULL};
    bool is_parsed = parse_items(parser, is_map ? '}' : ']', &items, is_map ? &keys : NULL, &values);
    if (is_parsed) {
        struct schema_builder *builder = schema_builder_new(is_map ? SCHEMA_MAP : SCHEMA_ARRAY);
        schema_builder_key(builder, keys.schema);
        schema_builder_value(builder, values.schema);
        struct value *moved = items_move(&items, parser->arena);
        size_t count = is_map ? items.count / 2 : items.count;
        widen(keys.schema, moved, is_map ? count : 0, 2);
        widen(values.schema, moved + is_map, count, is_map ? 2 : 1);
        *out = (struct parsed){.schema = schema_builder_finish(builder),
                               .value = {.kind = is_map ? VALUE_MAP : VALUE_ARRAY, .len = (uint32_t)count, .as.items = moved}};
    }
    free(items.at);
    schema_unref(keys.schema);
    schema_unref(values.schema);
    return is_parsed;
}

/* A token without quotes: a date, a time, a number. */
static bool
parse_token(struct parser *parser, struct parsed *out)
{
    static const char *const forms[] = {"0000-00-00T00:00:00.000Z", "00:00:00.000Z", "0000-00-00"};
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(forms[i]);
        *out = (size_t)(parser->end - parser->next) >= len ? parse_instant(parser->next, len) : (struct parsed){.schema = NULL};
        if (out->schema) {
            parser->next += len;
            return true;
        }
    }
    const char *first = parser->next, *last;
    while (parser->next < parser->end && !strchr("{}[],:\"\\", *parser->next))
        parser->next++;
    for (last = parser->next; last > first && isspace((unsigned char)last[-1]);)
        last--;
    *out = parse_number(first, (size_t)(last - first), parser->arena);
    return out->schema != NULL;
}

static bool
parse_item(struct parser *parser, struct parsed *out)
{
    skip_blanks(parser);
    if (parser->next == parser->end || parser->depth >= DEPTH_MAX)
        return false;
    if (*parser->next == '"')
        return parse_quoted(parser, out);
    if (*parser->next == '[' || *parser->next == '{') {
        parser->depth++;
        bool is_parsed = parse_container(parser, out);
        parser->depth--;
        return is_parsed;
    }
    if (take_word(parser, "null")) {
        *out = (struct parsed){.schema = NULL};
        return true;
    }
    bool is_true = take_word(parser, "true");
    if (is_true || take_word(parser, "false")) {
        *out = (struct parsed){.schema = schema_primitive(SCHEMA_BOOLEAN, false), .value = value_boolean(is_true)};
        return true;
    }
    return parse_token(parser, out);
}

/* ---- the whole text ------------------------------------------------------------------------------------------------- */

/* A value at the top: a string keeps its quotes there, words stand alone, and only dates that fill the text
   are dates. */
static bool
parse_top(struct parser *parser, struct parsed *out)
{
    size_t len = (size_t)(parser->end - parser->next);
    const char *text = parser->next;
    if (len == 0 || *text == '"')
        return false;
    if (*text == '[' || *text == '{')
        return parse_item(parser, out);
    bool is_true = len == 4 && memcmp(text, "true", 4) == 0;
    if (is_true || (len == 5 && memcmp(text, "false", 5) == 0)) {
        *out = (struct parsed){.schema = schema_primitive(SCHEMA_BOOLEAN, false), .value = value_boolean(is_true)};
        return true;
    }
    if (len == 4 && memcmp(text, "null", 4) == 0) {
        *out = (struct parsed){.schema = NULL};
        return true;
    }
    *out = parse_instant(text, len);
    if (out->schema)
        return true;
    size_t token = 0;
    while (token < len && !strchr("{}[],:\"\\", text[token]))
        token++;
    *out = parse_number(text, token, parser->arena);
    return out->schema != NULL;
}

void
inference_parse(const char *text, size_t len, struct arena *arena, const struct schema **schema_out, struct value *value_out)
{
    struct parser parser = {.next = text, .end = text + len, .arena = arena};
    struct parsed parsed = {.schema = NULL};
    skip_blanks(&parser);
    while (parser.end > parser.next && isspace((unsigned char)parser.end[-1]))
        parser.end--;
    if (!parse_top(&parser, &parsed))
        parsed = (struct parsed){.schema = schema_primitive(SCHEMA_STRING, false), .value = value_string(text, len)};
    *schema_out = parsed.schema;
    *value_out = parsed.value;
}
