/* How JSON values become column values. */
#include "common/resource/coerce.h"

#include "common/resource/json_write.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const type_names[] = {
    [FIELD_TEXT] = "a text", [FIELD_INT] = "an integer of 32 bits", [FIELD_LONG] = "an integer of 64 bits", [FIELD_DOUBLE] = "a number",
};

static bool
refuse(const struct field *field, const struct json_node *node, struct error *err)
{
    static const char *const kinds[] = {
        [JSON_NODE_NULL] = "null", [JSON_NODE_FALSE] = "false", [JSON_NODE_TRUE] = "true", [JSON_NODE_NUMBER] = "the number ",
        [JSON_NODE_STRING] = "the string ", [JSON_NODE_ARRAY] = "an array", [JSON_NODE_OBJECT] = "an object",
    };
    bool has_text = node->kind == JSON_NODE_NUMBER || node->kind == JSON_NODE_STRING;
    return error_set(err, ERROR_DATA, "member \"%s\" takes %s, not %s%.*s", field->name, type_names[field->type],
                     kinds[node->kind], has_text ? (node->len < 60 ? (int)node->len : 60) : 0, has_text ? node->text : "");
}

static bool
out_of_range(const struct field *field, const struct json_node *node, struct error *err)
{
    error_set(err, ERROR_DATA, "member \"%s\": %.*s is out of range for %s", field->name,
              node->len < 60 ? (int)node->len : 60, node->text, type_names[field->type]);
    err->cause = 1;
    return false;
}

/* ---- numbers in strings ------------------------------------------------------------------------------------- */

static void
trim(const char **text, size_t *len)
{
    while (*len && (unsigned char)**text <= ' ')
        (*text)++, (*len)--;
    while (*len && (unsigned char)(*text)[*len - 1] <= ' ')
        (*len)--;
}

/* The value of a decimal digit of any script the original knows in the basic plane; moves behind it. */
static int
digit_next(const unsigned char **at, const unsigned char *end)
{
    static const uint16_t zeros[] = {0x30,   0x660,  0x6f0,  0x7c0,  0x966,  0x9e6,  0xa66,  0xae6,  0xb66,  0xbe6,  0xc66,  0xce6,
                                     0xd66,  0xde6,  0xe50,  0xed0,  0xf20,  0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80,
                                     0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10};
    const unsigned char *c = *at;
    uint32_t code = *c;
    size_t len = 1;
    if (*c >= 0xc0 && *c < 0xe0 && end - c >= 2) {
        code = (uint32_t)(*c & 31) << 6 | (c[1] & 63);
        len = 2;
    } else if (*c >= 0xe0 && *c < 0xf0 && end - c >= 3) {
        code = (uint32_t)(*c & 15) << 12 | (uint32_t)(c[1] & 63) << 6 | (c[2] & 63);
        len = 3;
    }
    *at += len;
    for (size_t i = 0; i < sizeof(zeros) / sizeof(*zeros); i++)
        if (code >= zeros[i] && code < zeros[i] + 10u)
            return (int)(code - zeros[i]);
    return -1;
}

bool
parse_java_integer(const char *text, size_t len, int64_t min, int64_t max, int64_t *out)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + len;
    bool is_negative = len && *at == '-';
    at += len && (*at == '-' || *at == '+');
    if (at == end)
        return false;
    __int128 value = 0;
    while (at < end) {
        int digit = digit_next(&at, end);
        if (digit < 0 || value > INT64_MAX)
            return false;
        value = value * 10 + digit;
    }
    value = is_negative ? -value : value;
    if (value < min || value > max)
        return false;
    *out = (int64_t)value;
    return true;
}

static size_t
skip_digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Java's Double.parseDouble without its hexadecimal form. The text ends in NUL. */
static bool
parse_java_double(const char *text, double *out)
{
    const char *at = text + (*text == '-' || *text == '+');
    double sign = *text == '-' ? -1 : 1;
    if (strcmp(at, "NaN") == 0) {
        *out = NAN;
        return true;
    }
    if (strcmp(at, "Infinity") == 0 || strcmp(text, "INF") == 0 || strcmp(text, "-INF") == 0) {
        *out = sign * INFINITY;
        return true;
    }
    size_t whole = skip_digits(at), fraction = 0;
    at += whole;
    if (*at == '.') {
        fraction = skip_digits(++at);
        at += fraction;
    }
    if (whole + fraction == 0)
        return false;
    if ((*at | 32) == 'e') {
        at++;
        at += *at == '-' || *at == '+';
        size_t digits = skip_digits(at);
        if (digits == 0)
            return false;
        at += digits;
    }
    at += strspn(at, "dDfF") == 1; /* the suffix of a literal, by an accident of the parser */
    if (*at)
        return false;
    *out = strtod(text, NULL);
    return true;
}

/* ---- by the type of the field --------------------------------------------------------------------------------- */

static bool
is_fraction(const struct json_node *number)
{
    return memchr(number->text, '.', number->len) || memchr(number->text, 'e', number->len) || memchr(number->text, 'E', number->len);
}

static bool
to_integer(struct arena *arena, const struct field *field, const struct json_node *node, struct db_value *out, struct error *err)
{
    int64_t min = field->type == FIELD_INT ? INT32_MIN : INT64_MIN, max = field->type == FIELD_INT ? INT32_MAX : INT64_MAX;
    (void)arena;
    out->kind = DB_VALUE_INT;
    if (node->kind == JSON_NODE_STRING) {
        const char *text = node->text;
        size_t len = node->len;
        trim(&text, &len);
        if (len == 0 || (len == 4 && memcmp(text, "null", 4) == 0))
            out->kind = DB_VALUE_NULL;
        else if (!parse_java_integer(text, len, min, max, &out->integer))
            return refuse(field, node, err);
        return true;
    }
    if (node->kind != JSON_NODE_NUMBER)
        return refuse(field, node, err);
    if (!is_fraction(node))
        return parse_java_integer(node->text, node->len, min, max, &out->integer) || out_of_range(field, node, err);
    double number = strtod(node->text, NULL); /* its fraction is cut off, but counts for the range */
    if (!(number >= (double)min && number <= (double)max))
        return out_of_range(field, node, err);
    out->integer = number < 0x1p63 ? (int64_t)number : INT64_MAX; /* (double)INT64_MAX is 2^63 */
    return true;
}

static bool
to_double(struct arena *arena, const struct field *field, const struct json_node *node, struct db_value *out, struct error *err)
{
    out->kind = DB_VALUE_DOUBLE;
    if (node->kind == JSON_NODE_NUMBER) {
        out->real = strtod(node->text, NULL);
        if (out->real == 0 && !is_fraction(node)) /* an integer has no negative zero */
            out->real = 0;
        return true;
    }
    if (node->kind != JSON_NODE_STRING)
        return refuse(field, node, err);
    const char *text = node->text;
    size_t len = node->len;
    trim(&text, &len);
    if (len == 0 || (len == 4 && memcmp(text, "null", 4) == 0)) {
        out->kind = DB_VALUE_NULL;
        return true;
    }
    const char *copy = arena_memdup(arena, text, len);
    return (strlen(copy) == len && parse_java_double(copy, &out->real)) || refuse(field, node, err);
}

static bool
to_text(struct arena *arena, const struct field *field, const struct json_node *node, enum coerce_mode mode, struct db_value *out, struct error *err)
{
    if (node->kind == JSON_NODE_ARRAY || node->kind == JSON_NODE_OBJECT)
        return refuse(field, node, err);
    out->kind = DB_VALUE_TEXT;
    out->bytes = node->text;
    out->len = node->len;
    if (mode == COERCE_EXISTING && node->kind == JSON_NODE_NUMBER && is_fraction(node)) {
        char *text = arena_alloc(arena, JAVA_DOUBLE_SIZE);
        out->len = java_double_text(text, strtod(node->text, NULL));
        out->bytes = text;
    } else if (mode == COERCE_EXISTING && node->kind == JSON_NODE_NUMBER && strcmp(node->text, "-0") == 0) {
        out->bytes = "0";
        out->len = 1;
    }
    return true;
}

bool
coerce(struct arena *arena, const struct field *field, const struct json_node *node, enum coerce_mode mode, struct db_value *out,
       struct error *err)
{
    *out = (struct db_value){.kind = DB_VALUE_NULL};
    if (node->kind == JSON_NODE_NULL)
        return true;
    if (field->type == FIELD_TEXT)
        return to_text(arena, field, node, mode, out, err);
    return field->type == FIELD_DOUBLE ? to_double(arena, field, node, out, err) : to_integer(arena, field, node, out, err);
}
