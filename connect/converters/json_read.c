/*
 * Payloads as JsonConverter reads them (convertToConnect), straight from the text into values. A value of
 * another JSON type than the schema asks for is coerced as Jackson's node accessors do: an int32 given as
 * text is 0, a string given as a number is null.
 */
#include "common/base/alloc.h"
#include "connect/converters/json_priv.h"
#include "connect/data/base64.h"
#include "connect/data/data_error.h"
#include "connect/data/decimal.h"

#include <string.h>

static bool read_plain(struct json_reader *reader, struct value *out);

/* Fill *err with a DataException and fail: return fail_data(reader, ...) */
#define fail_data(reader, ...) ((reader)->is_data_error = true, data_error((reader)->err, __VA_ARGS__))

static bool
read_null(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    char literal;
    const struct schema *schema = plan->schema;
    if (!scan_literal(&reader->scan, &literal))
        return false;
    *out = VALUE_NONE;
    if (schema->default_value && reader->settings->replace_null)
        *out = *schema->default_value;
    else if (!schema->is_optional)
        return fail_data(reader, "Invalid null value for required %s field", schema_type_name(schema->type));
    return true;
}

static inline bool
read_any(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    if (scan_peek(&reader->scan) == 'n')
        return read_null(reader, plan, out);
    return plan->read(reader, plan, out);
}

static inline bool
is_number_start(char c)
{
    return c == '-' || (c >= '0' && c <= '9');
}

/* Skip what is not of the type wanted, for which `instead` stands. */
static bool
read_instead(struct json_reader *reader, struct value instead, struct value *out)
{
    *out = instead;
    return scan_skip(&reader->scan);
}

/* ---- numbers -------------------------------------------------------------------------------------------------- */

/* An integer of few digits, which most are; false: nothing is consumed. */
static inline bool
scan_short_integer(struct scan *scan, int64_t *out)
{
    const char *next = scan->next + (*scan->next == '-'), *first = next;
    int64_t number = 0;
    while (next < scan->end && next - first < 18 && *next >= '0' && *next <= '9')
        number = number * 10 + (*next++ - '0');
    if (next == first || next == scan->end || (*next != ',' && *next != '}'))
        return false;
    *out = *scan->next == '-' ? -number : number;
    scan->next = next;
    return true;
}

/* Any number as a long, or 0 for what is none. *integral_out: it was a number without fraction. */
static bool
read_long(struct json_reader *reader, int64_t *out, bool *is_integral_out)
{
    struct scan_span number;
    *out = 0;
    *is_integral_out = false;
    if (!is_number_start(scan_peek(&reader->scan)))
        return scan_skip(&reader->scan);
    *is_integral_out = true;
    if (scan_short_integer(&reader->scan, out))
        return true;
    if (!scan_number(&reader->scan, &number, is_integral_out))
        return false;
    *out = scan_number_long(number);
    return true;
}

static bool
read_int(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    int64_t number;
    bool is_integral;
    if (!read_long(reader, &number, &is_integral))
        return false;
    switch (plan->schema->type) {
    case SCHEMA_INT8:
        number = (int8_t)number;
        break;
    case SCHEMA_INT16:
        number = (int16_t)number;
        break;
    case SCHEMA_INT32:
        number = (int32_t)number;
        break;
    default:
        break;
    }
    *out = value_int(number);
    return true;
}

/* Date, Time, Timestamp. */
static bool
read_instant(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    static const char *const names[] = {[SCHEMA_DATE] = "Date", [SCHEMA_TIME] = "Time", [SCHEMA_TIMESTAMP] = "Timestamp"};
    enum schema_logical logical = plan->schema->logical;
    char first = scan_peek(&reader->scan);
    int64_t number;
    bool is_integral;
    if (!read_long(reader, &number, &is_integral))
        return false;
    if (!is_integral || (logical != SCHEMA_TIMESTAMP && number != (int32_t)number))
        return fail_data(reader, "Invalid type for %s, underlying representation should be %s but was %s", names[logical],
                         logical == SCHEMA_TIMESTAMP ? "integral" : "integer", scan_type_name(first));
    if (logical == SCHEMA_TIME && (number < 0 || number > 86400000))
        return fail_data(reader, "Time values must use number of milliseconds greater than 0 and less than 86400000");
    *out = value_int(number);
    return true;
}

static bool
read_double(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    struct scan_span number;
    bool is_integral;
    (void)plan;
    if (!is_number_start(scan_peek(&reader->scan)))
        return read_instead(reader, value_real(0), out);
    if (!scan_number(&reader->scan, &number, &is_integral))
        return false;
    *out = value_real(scan_number_double(number));
    return true;
}

static bool
read_float(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    struct scan_span number;
    bool is_integral;
    (void)plan;
    if (!is_number_start(scan_peek(&reader->scan)))
        return read_instead(reader, value_real(0), out);
    if (!scan_number(&reader->scan, &number, &is_integral))
        return false;
    *out = value_real((double)scan_number_float(number));
    return true;
}

static bool
read_boolean(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    (void)plan;
    return read_instead(reader, value_boolean(scan_peek(&reader->scan) == 't'), out);
}

/* ---- text and bytes ---------------------------------------------------------------------------------------------- */

static bool
read_string(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    struct scan_span text;
    (void)plan;
    if (scan_peek(&reader->scan) != '"')
        return read_instead(reader, VALUE_NONE, out);
    if (!scan_string(&reader->scan, reader->arena, &text))
        return false;
    *out = value_string(text.start, text.len);
    return true;
}

/* At a quote: base64 text into bytes in the arena. */
static bool
read_base64(struct json_reader *reader, const char *problem, unsigned char **bytes_out, size_t *len_out)
{
    struct scan_span text;
    if (!scan_string(&reader->scan, reader->arena, &text))
        return false;
    *bytes_out = arena_alloc(reader->arena, text.len / 4 * 3 + 1);
    long len = base64_decode(text.start, text.len, *bytes_out);
    if (len < 0)
        return fail_data(reader, "%s", problem);
    *len_out = (size_t)len;
    return true;
}

static bool
read_bytes(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    unsigned char *bytes = NULL;
    size_t len = 0;
    (void)plan;
    if (scan_peek(&reader->scan) != '"')
        return read_instead(reader, VALUE_NONE, out);
    if (!read_base64(reader, "Invalid bytes field", &bytes, &len))
        return false;
    *out = value_bytes((const char *)bytes, len);
    return true;
}

static bool
read_decimal_number(struct json_reader *reader, struct value *out)
{
    struct scan_span number;
    bool is_integral;
    if (!scan_number(&reader->scan, &number, &is_integral))
        return false;
    if (!decimal_parse(number.start, number.len, reader->arena, out))
        return fail_data(reader, "Decimal field out of range: %.*s", (int)number.len, number.start);
    return true;
}

/* Base64 text, or a number, whose own scale then counts. */
static bool
read_decimal(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    unsigned char *bytes = NULL;
    size_t len = 0;
    char first = scan_peek(&reader->scan);
    if (is_number_start(first))
        return read_decimal_number(reader, out);
    if (first != '"') {
        if (!scan_skip(&reader->scan))
            return false;
        return fail_data(reader, "Invalid type for Decimal, underlying representation should be numeric or bytes but was %s",
                         scan_type_name(first));
    }
    if (!read_base64(reader, "Invalid bytes for Decimal field", &bytes, &len))
        return false;
    if (plan->schema->decimal_scale == SCHEMA_NO_SCALE ||
        !decimal_from_bytes(bytes, len, plan->schema->decimal_scale, reader->arena, out))
        return fail_data(reader, "Invalid bytes for Decimal field");
    return true;
}

/* ---- arrays and maps ---------------------------------------------------------------------------------------------- */

static struct value *
push(struct json_reader *reader, size_t count)
{
    if (reader->stack_size - reader->stack_count < count) {
        reader->stack_size = reader->stack_size ? reader->stack_size * 2 : 64;
        reader->stack = xrealloc(reader->stack, reader->stack_size * sizeof(*reader->stack));
    }
    reader->stack_count += count;
    return &reader->stack[reader->stack_count - count];
}

/* What was pushed since `base`, moved to the arena. */
static struct value *
pop_items(struct json_reader *reader, size_t base)
{
    size_t size = (reader->stack_count - base) * sizeof(struct value);
    struct value *items = arena_alloc(reader->arena, size);
    if (size)
        memcpy(items, &reader->stack[base], size);
    reader->stack_count = base;
    return items;
}

static uint64_t
key_hash(const struct value *key)
{
    uint64_t hash = key->kind;
    if (key->kind == VALUE_INT)
        return (hash + (uint64_t)key->as.integer) * 0x9e3779b97f4a7c15 >> 20;
    for (size_t i = 0; i < key->len; i++)
        hash = (hash ^ (unsigned char)key->as.bytes[i]) * 0x100000001b3;
    return hash ^ hash >> 29;
}

/* Of pairs with the same key the last value counts, in the place of the first. Maps of few pairs are
   compared one with another, larger ones through a table. Returns the number of pairs left. */
static size_t
drop_repeated_keys(struct json_reader *reader, struct value *pairs, size_t count)
{
    size_t left = 0, size = 16;
    while (size < 2 * count)
        size *= 2;
    bool is_small = count <= 8;
    uint32_t *table = is_small ? NULL : arena_array(reader->arena, uint32_t, size);
    if (!is_small)
        memset(table, 0, size * sizeof(*table));
    for (size_t i = 0; i < count; i++) {
        const struct value *key = &pairs[2 * i];
        size_t at = is_small ? 0 : key_hash(key) & (size - 1);
        size_t seen = 0;
        if (is_small) {
            while (seen < left && !value_equal(&pairs[2 * seen], key))
                seen++;
        } else {
            while (table[at] && !value_equal(&pairs[2 * (table[at] - 1)], key))
                at = (at + 1) & (size - 1);
            seen = table[at] ? table[at] - 1 : left;
        }
        if (seen == left) {
            left++;
            if (!is_small)
                table[at] = (uint32_t)left;
            pairs[2 * seen] = *key;
        }
        pairs[2 * seen + 1] = pairs[2 * i + 1];
    }
    return left;
}

static void
pop_map(struct json_reader *reader, size_t base, struct value *out)
{
    size_t count = (reader->stack_count - base) / 2;
    struct value *pairs = pop_items(reader, base);
    bool can_repeat = count > 0 && (pairs[0].kind == VALUE_STRING || pairs[0].kind == VALUE_INT);
    if (can_repeat)
        count = drop_repeated_keys(reader, pairs, count);
    *out = (struct value){.kind = VALUE_MAP, .len = (uint32_t)count, .as.items = pairs};
}

/* Items are read into a local first: the stack may move while an item is read. */
static bool
read_item(struct json_reader *reader, const struct json_plan *plan)
{
    struct value item;
    if (!(plan ? read_any(reader, plan, &item) : read_plain(reader, &item)))
        return false;
    *push(reader, 1) = item;
    return true;
}

/* At '[' or '{': the items of an array, or the values of an object, which Java's loop over a node gives too. */
static bool
read_items(struct json_reader *reader, const struct json_plan *item, struct value *out)
{
    struct scan *scan = &reader->scan;
    struct scan_span name;
    char close = *scan->next == '[' ? ']' : '}';
    size_t base = reader->stack_count;
    if (!scan_open(scan))
        return false;
    for (bool more = scan_first(scan, close); more; more = scan_next(scan, close))
        if ((close == '}' && !scan_name(scan, reader->arena, &name)) || !read_item(reader, item))
            return false;
    scan_close(scan);
    if (scan->problem)
        return false;
    *out = (struct value){.kind = VALUE_ARRAY, .len = (uint32_t)(reader->stack_count - base)};
    out->as.items = pop_items(reader, base);
    return true;
}

/* At '{'. `value` NULL: schemaless. */
static bool
read_object(struct json_reader *reader, const struct json_plan *value, struct value *out)
{
    struct scan *scan = &reader->scan;
    size_t base = reader->stack_count;
    if (!scan_open(scan))
        return false;
    for (bool more = scan_first(scan, '}'); more; more = scan_next(scan, '}')) {
        struct scan_span name;
        if (!scan_name(scan, reader->arena, &name))
            return false;
        *push(reader, 1) = value_string(name.start, name.len);
        if (!read_item(reader, value))
            return false;
    }
    scan_close(scan);
    if (scan->problem)
        return false;
    pop_map(reader, base, out);
    return true;
}

static bool
read_array(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    char first = scan_peek(&reader->scan);
    if (first == '[' || first == '{')
        return read_items(reader, &plan->parts[0], out);
    return read_instead(reader, (struct value){.kind = VALUE_ARRAY}, out);
}

/* One [key, value] of a map whose keys are not strings. */
static bool
read_pair(struct json_reader *reader, const struct json_plan *plan)
{
    struct scan *scan = &reader->scan;
    char first = scan_peek(scan);
    if (first != '[') {
        if (!scan_skip(scan))
            return false;
        return fail_data(reader, "Found invalid map entry instead of array tuple: %s", scan_type_name(first));
    }
    struct scan ahead = *scan;
    int count = 0;
    if (!scan_open(&ahead))
        return *scan = ahead, false;
    for (bool more = scan_first(&ahead, ']'); more; more = scan_next(&ahead, ']'), count++)
        if (!scan_skip(&ahead))
            return *scan = ahead, false;
    if (ahead.problem)
        return *scan = ahead, false;
    if (count != 2)
        return fail_data(reader, "Found invalid map entry, expected length 2 but found :%d", count);
    bool is_read = scan_open(scan) && read_item(reader, &plan->parts[0]) && scan_take(scan, ',') &&
                   read_item(reader, &plan->parts[1]) && scan_take(scan, ']');
    scan_close(scan);
    return is_read;
}

static bool
read_map(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    struct scan *scan = &reader->scan;
    bool is_object = plan->schema->key_schema->type == SCHEMA_STRING;
    char first = scan_peek(scan);
    if (first != (is_object ? '{' : '[')) {
        if (!scan_skip(scan))
            return false;
        return fail_data(reader, "Maps with %s, but found %s",
                         is_object ? "string fields should be encoded as JSON objects"
                                   : "non-string fields should be encoded as JSON array of tuples",
                         scan_type_name(first));
    }
    if (is_object)
        return read_object(reader, &plan->parts[1], out);
    size_t base = reader->stack_count;
    if (!scan_open(scan))
        return false;
    for (bool more = scan_first(scan, ']'); more; more = scan_next(scan, ']'))
        if (!read_pair(reader, plan))
            return false;
    scan_close(scan);
    if (scan->problem)
        return false;
    pop_map(reader, base, out);
    return true;
}

/* ---- structs ---------------------------------------------------------------------------------------------------- */

/* The field that a member names, part_count if none. Members mostly come in the schema's order. */
static size_t
find_field(const struct json_plan *plan, struct scan_span name, size_t expected)
{
    const struct schema_field *fields = plan->schema->fields;
    for (size_t i = 0; i < plan->part_count; i++) {
        size_t at = expected + i < plan->part_count ? expected + i : expected + i - plan->part_count;
        if (scan_span_is(name, fields[at].name, fields[at].name_len))
            return at;
    }
    return plan->part_count;
}

/* The name of the next member, when it is the one expected, written without blanks and escapes. */
static inline bool
take_expected_name(struct scan *scan, const struct json_plan *field)
{
    const char *name = field->name + 1; /* behind the brace or comma */
    size_t len = field->name_len - 1;
    if ((size_t)(scan->end - scan->next) <= len || memcmp(scan->next, name, len))
        return false;
    scan->next += len;
    return true;
}

enum { ABSENT = 0xff }; /* kind of a field that no member has given */

static bool
read_member(struct json_reader *reader, const struct json_plan *plan, struct value *items, size_t *expected_io)
{
    struct scan *scan = &reader->scan;
    size_t at = *expected_io;
    if (at >= plan->part_count || !take_expected_name(scan, &plan->parts[at])) {
        struct scan_span name;
        if (!scan_name(scan, reader->arena, &name))
            return false;
        at = find_field(plan, name, at);
        if (at == plan->part_count)
            return scan_skip(scan);
    }
    *expected_io = at + 1;
    if (!read_any(reader, &plan->parts[at], &items[at]))
        return false;
    const struct schema *schema = plan->parts[at].schema;
    if (items[at].kind == VALUE_NULL && !schema->is_optional)
        return fail_data(reader, "Invalid value: null used for required field: \"%s\", schema type: %s",
                         plan->schema->fields[at].name, schema_type_name(schema->type));
    return true;
}

/* A field without member is as one that is null. */
static bool
fill_absent(struct json_reader *reader, const struct json_plan *plan, struct value *items)
{
    for (size_t i = 0; i < plan->part_count; i++) {
        const struct schema *schema = plan->parts[i].schema;
        if (items[i].kind != ABSENT)
            continue;
        items[i] = VALUE_NONE;
        if (schema->default_value && reader->settings->replace_null)
            items[i] = *schema->default_value;
        else if (!schema->is_optional)
            return fail_data(reader, "Invalid null value for required %s field", schema_type_name(schema->type));
    }
    return true;
}

static bool
read_struct(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    struct scan *scan = &reader->scan;
    char first = scan_peek(scan);
    if (first != '{') {
        if (!scan_skip(scan))
            return false;
        return fail_data(reader, "Structs should be encoded as JSON objects, but found %s", scan_type_name(first));
    }
    struct value *items = arena_array(reader->arena, struct value, plan->part_count);
    for (size_t i = 0; i < plan->part_count; i++)
        items[i].kind = ABSENT;
    size_t expected = 0;
    if (!scan_open(scan))
        return false;
    for (bool more = scan_first(scan, '}'); more; more = scan_next(scan, '}'))
        if (!read_member(reader, plan, items, &expected))
            return false;
    scan_close(scan);
    if (scan->problem || !fill_absent(reader, plan, items))
        return false;
    *out = (struct value){.kind = VALUE_STRUCT, .len = (uint32_t)plan->part_count, .as.items = items};
    return true;
}

json_read_fn *
json_read_fn_for(const struct schema *schema)
{
    static json_read_fn *const functions[] = {
        [SCHEMA_INT8] = read_int,        [SCHEMA_INT16] = read_int,     [SCHEMA_INT32] = read_int,
        [SCHEMA_INT64] = read_int,       [SCHEMA_FLOAT32] = read_float, [SCHEMA_FLOAT64] = read_double,
        [SCHEMA_BOOLEAN] = read_boolean, [SCHEMA_STRING] = read_string, [SCHEMA_BYTES] = read_bytes,
        [SCHEMA_ARRAY] = read_array,     [SCHEMA_MAP] = read_map,       [SCHEMA_STRUCT] = read_struct,
    };
    if (schema->logical == SCHEMA_DECIMAL)
        return read_decimal;
    return schema->logical == SCHEMA_PLAIN ? functions[schema->type] : read_instant;
}

/* ---- schemaless --------------------------------------------------------------------------------------------------- */

static bool
read_plain_number(struct json_reader *reader, struct value *out)
{
    struct scan_span number;
    bool is_integral;
    if (!scan_number(&reader->scan, &number, &is_integral))
        return false;
    *out = is_integral ? value_int(scan_number_long(number)) : value_real(scan_number_double(number));
    out->width = 64;
    return true;
}

static bool
read_plain(struct json_reader *reader, struct value *out)
{
    char literal;
    switch (scan_peek(&reader->scan)) {
    case '{':
        return read_object(reader, NULL, out);
    case '[':
        return read_items(reader, NULL, out);
    case '"':
        return read_string(reader, NULL, out);
    case 'n':
    case 't':
    case 'f':
        if (!scan_literal(&reader->scan, &literal))
            return false;
        *out = literal == 'n' ? VALUE_NONE : value_boolean(literal == 't');
        return true;
    default:
        if (is_number_start(scan_peek(&reader->scan)))
            return read_plain_number(reader, out);
        return scan_skip(&reader->scan); /* says what is wrong */
    }
}

bool
json_read_value(struct json_reader *reader, const struct json_plan *plan, struct value *out)
{
    reader->stack_count = 0;
    return plan ? read_any(reader, plan, out) : read_plain(reader, out);
}
