/* A JSON reader whose errors read like Jackson's, and the conversions of ObjectMapper that REST needs. */
#include "connect/rest/body.h"

#include "connect/data/number_text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 1000 };

#define SOURCE "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: %d, column: %d]"
#define TOKENS "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

struct reader {
    struct arena *arena;
    const char *start, *at, *end;
    int depth;
    bool is_object; /* what is being read is a member of one */
    struct error *err;
};

bool
body_error(struct error *err, const char *format, ...)
{
    char text[ERROR_MESSAGE_SIZE / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return error_set(err, ERROR_INTERNAL, "%s\n at " SOURCE, text, 1, 1);
}

static void
place(const struct reader *reader, const char *at, int *line, int *column)
{
    *line = *column = 1;
    for (const char *c = reader->start; c < at; c++) {
        *column = *c == '\n' ? 1 : *column + 1;
        *line += *c == '\n';
    }
}

static void *fail(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void *
fail(struct reader *reader, const char *format, ...)
{
    char text[ERROR_MESSAGE_SIZE / 2];
    int line, column;
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    place(reader, reader->at, &line, &column);
    error_set(reader->err, ERROR_INTERNAL, "%s\n at " SOURCE, text, line, column);
    return NULL;
}

static void *
unexpected(struct reader *reader, const char *expected)
{
    unsigned char c = (unsigned char)*reader->at;
    if (c < ' ')
        return fail(reader, "Illegal character ((CTRL-CHAR, code %d)): only regular white space (\\r, \\n, \\t) is allowed between tokens", c);
    if (c == '/')
        return fail(reader, "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not recognized as one since Feature "
                            "'ALLOW_COMMENTS' not enabled for parser)");
    return fail(reader, "Unexpected character ('%c' (code %d)): %s", c < 0x80 ? c : '?', c, expected);
}

static void *
truncated(struct reader *reader, const char *open, const char *kind)
{
    int line, column;
    place(reader, open, &line, &column);
    return fail(reader, "Unexpected end-of-input: expected close marker for %s (start marker at " SOURCE ")", kind, line, column);
}

static void
skip_blank(struct reader *reader)
{
    while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at)
        reader->at++;
}

static struct body_value *
value_new(struct reader *reader, enum body_kind kind)
{
    struct body_value *value = arena_new(reader->arena, struct body_value);
    *value = (struct body_value){.kind = kind};
    return value;
}

/* ---- strings ------------------------------------------------------------------------------------------------------- */

static void
add_code(struct strbuf *out, unsigned code)
{
    if (code && code < 0x80) {
        strbuf_putc(out, (char)code);
        return;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    strbuf_putc(out, (char)(lead[more] | code >> (6 * more)));
    while (more-- > 0)
        strbuf_putc(out, (char)(0x80 | (code >> (6 * more) & 0x3F)));
}

/* Four hex digits at reader->at; -1 with an error. */
static int
hex4(struct reader *reader)
{
    int code = 0;
    for (int i = 0; i < 4; i++, reader->at++) {
        if (reader->at >= reader->end) {
            fail(reader, "Unexpected end-of-input in character escape sequence");
            return -1;
        }
        static const char digits[] = "0123456789abcdefABCDEF";
        const char *digit = *reader->at ? strchr(digits, *reader->at) : NULL;
        if (!digit) {
            unexpected(reader, "expected a hex-digit for character escape sequence");
            return -1;
        }
        int number = (int)(digit - digits);
        code = code << 4 | (number > 15 ? number - 6 : number);
    }
    return code;
}

/* Behind the backslash. */
static bool
read_escape(struct reader *reader, struct strbuf *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (reader->at >= reader->end)
        return fail(reader, "Unexpected end-of-input in character escape sequence") != NULL;
    char c = *reader->at;
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) {
        strbuf_putc(out, to[simple - from]);
        reader->at++;
        return true;
    }
    if (c != 'u')
        return fail(reader, "Unrecognized character escape '%c' (code %d)", c, (unsigned char)c) != NULL;
    reader->at++;
    int code = hex4(reader);
    if (code < 0)
        return false;
    if (code >= 0xD800 && code < 0xDC00 && reader->end - reader->at >= 6 && reader->at[0] == '\\' && reader->at[1] == 'u') {
        const char *before = reader->at;
        reader->at += 2;
        int low = hex4(reader);
        if (low < 0)
            return false;
        if (low >= 0xDC00 && low < 0xE000)
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        else
            reader->at = before;
    }
    add_code(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : (unsigned)code);
    return true;
}

/* One character of two to four bytes. */
static bool
read_utf8(struct reader *reader, struct strbuf *out)
{
    unsigned char lead = (unsigned char)*reader->at;
    int more = lead >= 0xC2 && lead < 0xE0 ? 1 : lead >= 0xE0 && lead < 0xF0 ? 2 : lead >= 0xF0 && lead < 0xF5 ? 3 : 0;
    if (!more)
        return fail(reader, "Invalid UTF-8 start byte 0x%x", lead) != NULL;
    unsigned code = lead & (0x3Fu >> more);
    for (int i = 1; i <= more; i++) {
        unsigned char next = reader->at + i < reader->end ? (unsigned char)reader->at[i] : 0;
        if ((next & 0xC0) != 0x80)
            return fail(reader, "Invalid UTF-8 middle byte 0x%x", next) != NULL;
        code = code << 6 | (next & 0x3F);
    }
    static const unsigned least[] = {0, 0x80, 0x800, 0x10000};
    if (code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return fail(reader, "Invalid UTF-8 start byte 0x%x", lead) != NULL;
    strbuf_add(out, reader->at, (size_t)more + 1);
    reader->at += more + 1;
    return true;
}

/* From the opening quote to behind the closing one. */
static const char *
read_string(struct reader *reader)
{
    struct strbuf text = STRBUF_INIT;
    bool ok = true, is_closed = false;
    reader->at++;
    while (ok && !is_closed && reader->at < reader->end) {
        unsigned char c = (unsigned char)*reader->at;
        if (c == '"') {
            is_closed = true;
            reader->at++;
        } else if (c == '\\') {
            reader->at++;
            ok = read_escape(reader, &text);
        } else if (c < ' ') {
            ok = fail(reader,
                      "Illegal unquoted character ((CTRL-CHAR, code %d)): has to be escaped using backslash to be included in string value",
                      c) != NULL;
        } else if (c < 0x80) {
            strbuf_putc(&text, (char)c);
            reader->at++;
        } else {
            ok = read_utf8(reader, &text);
        }
    }
    if (ok && !is_closed)
        ok = fail(reader, "Unexpected end-of-input: was expecting closing quote for a string value") != NULL;
    char *result = ok ? arena_memdup(reader->arena, text.data ? text.data : "", text.len) : NULL;
    strbuf_fini(&text);
    return result;
}

/* ---- numbers and words ------------------------------------------------------------------------------------------------ */

static size_t
digits_at(const struct reader *reader, const char *at)
{
    size_t count = 0;
    while (at + count < reader->end && at[count] >= '0' && at[count] <= '9')
        count++;
    return count;
}

static void *
unexpected_in_number(struct reader *reader, const char *expected)
{
    if (reader->at >= reader->end)
        return fail(reader, "Unexpected end-of-input in a Number value");
    unsigned char c = (unsigned char)*reader->at;
    return fail(reader, "Unexpected character ('%c' (code %d)) in numeric value: %s", c < 0x80 ? c : '?', c, expected);
}

static struct body_value *
read_number(struct reader *reader)
{
    const char *start = reader->at, *at = start + (*start == '-');
    struct body_value *value = value_new(reader, BODY_NUMBER);
    size_t digits = digits_at(reader, at);
    reader->at = at + digits;
    if (!digits)
        return unexpected_in_number(reader, "expected digit (0-9) to follow minus sign, for valid numeric value");
    if (digits > 1 && *at == '0')
        return fail(reader, "Invalid numeric value: Leading zeroes not allowed");
    if (reader->at < reader->end && *reader->at == '.') {
        value->is_decimal = true;
        digits = digits_at(reader, ++reader->at);
        reader->at += digits;
        if (!digits)
            return unexpected_in_number(reader, "Decimal point not followed by a digit");
    }
    if (reader->at < reader->end && (*reader->at == 'e' || *reader->at == 'E')) {
        value->is_decimal = true;
        reader->at++;
        if (reader->at < reader->end && (*reader->at == '+' || *reader->at == '-'))
            reader->at++;
        digits = digits_at(reader, reader->at);
        reader->at += digits;
        if (!digits)
            return unexpected_in_number(reader, "Exponent indicator not followed by a digit");
    }
    if (reader->at < reader->end && *reader->at && !strchr(" \t\r\n,]}:", *reader->at))
        return unexpected(reader, reader->depth == 0    ? "Expected space separating root-level values"
                                  : reader->is_object ? "was expecting comma to separate Object entries"
                                                      : "was expecting comma to separate Array entries");
    value->text = arena_memdup(reader->arena, start, (size_t)(reader->at - start));
    return value;
}

/* Inside an object a word may be a password without its quotes, so it is not repeated to whoever reads the log. */
static void *
unrecognized(struct reader *reader, size_t len)
{
    if (reader->depth > 0)
        return fail(reader, "Unrecognized token '[hidden]': was expecting " TOKENS);
    return fail(reader, "Unrecognized token '%.*s': was expecting " TOKENS, (int)len, reader->at);
}

static struct body_value *
read_word(struct reader *reader)
{
    static const struct {
        const char *word;
        enum body_kind kind;
    } words[] = {{"null", BODY_NULL}, {"true", BODY_TRUE}, {"false", BODY_FALSE}};
    size_t len = 0, left = (size_t)(reader->end - reader->at);
    while (len < left && len < 256 &&
           (strchr("_$", reader->at[len]) ? reader->at[len] != 0 : ((reader->at[len] | 32) >= 'a' && (reader->at[len] | 32) <= 'z') ||
                                                                     (reader->at[len] >= '0' && reader->at[len] <= '9')))
        len++;
    for (size_t i = 0; i < 3; i++)
        if (strlen(words[i].word) == len && memcmp(words[i].word, reader->at, len) == 0) {
            reader->at += len;
            return value_new(reader, words[i].kind);
        }
    if ((len == 3 && memcmp(reader->at, "NaN", 3) == 0) || (len == 8 && memcmp(reader->at, "Infinity", 8) == 0))
        return fail(reader, "Non-standard token '%.*s': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", (int)len, reader->at);
    if (len)
        return unrecognized(reader, len);
    return unexpected(reader, "expected a valid value " TOKENS);
}

/* ---- structures --------------------------------------------------------------------------------------------------------- */

static struct body_value *read_value(struct reader *reader);

static void
add_child(struct reader *reader, struct body_value *parent, struct name_index *index, const char *name, struct body_value *child)
{
    size_t known = name ? name_index_find(index, parent->names, sizeof(*parent->names), parent->count, name) : NAME_INDEX_NONE;
    if (known != NAME_INDEX_NONE && parent->values) {
        parent->values[known] = child;
        return;
    }
    if ((parent->count & (parent->count - 1)) == 0) { /* full at every power of two */
        size_t room = parent->count ? parent->count * 2 : 1;
        struct body_value **values = arena_array(reader->arena, struct body_value *, room);
        const char **names = arena_array(reader->arena, const char *, room);
        for (size_t i = 0; i < parent->count; i++) {
            values[i] = parent->values[i];
            names[i] = parent->names[i];
        }
        parent->values = values;
        parent->names = names;
    }
    parent->names[parent->count] = name;
    parent->values[parent->count++] = child;
    if (name)
        name_index_added(index, parent->names, sizeof(*parent->names), parent->count);
}

/* The name of a member and its colon. */
static const char *
read_name(struct reader *reader)
{
    if (*reader->at != '"')
        return unexpected(reader, "was expecting double-quote to start field name");
    const char *name = read_string(reader);
    if (!name)
        return NULL;
    skip_blank(reader);
    if (reader->at >= reader->end)
        return fail(reader, "Unexpected end-of-input within/between Object entries");
    if (*reader->at != ':')
        return unexpected(reader, "was expecting a colon to separate field name and value");
    reader->at++;
    skip_blank(reader);
    return reader->at < reader->end ? name : fail(reader, "Unexpected end-of-input within/between Object entries");
}

/* Behind the opening bracket. */
static bool
read_members(struct reader *reader, const char *open, struct body_value *value, struct name_index *index)
{
    bool is_object = value->kind == BODY_OBJECT;
    const char *kind = is_object ? "Object" : "Array";
    char close = is_object ? '}' : ']';
    for (bool is_first = true;; is_first = false) {
        skip_blank(reader);
        if (reader->at >= reader->end)
            return truncated(reader, open, kind) != NULL;
        if (*reader->at == close && is_first) {
            reader->at++;
            return true;
        }
        const char *name = NULL;
        if (is_object && !(name = read_name(reader)))
            return false;
        reader->is_object = is_object;
        struct body_value *child = read_value(reader);
        if (!child)
            return false;
        add_child(reader, value, index, name, child);
        skip_blank(reader);
        if (reader->at >= reader->end)
            return truncated(reader, open, kind) != NULL;
        char c = *reader->at;
        if (c != close && c != ',')
            return unexpected(reader, is_object ? "was expecting comma to separate Object entries"
                                                : "was expecting comma to separate Array entries") != NULL;
        reader->at++;
        if (c == close)
            return true;
    }
}

static struct body_value *
read_container(struct reader *reader, bool is_object)
{
    struct body_value *value = value_new(reader, is_object ? BODY_OBJECT : BODY_ARRAY);
    struct name_index index = NAME_INDEX_INIT;
    const char *open = reader->at++;
    reader->depth++;
    bool is_read = read_members(reader, open, value, &index);
    reader->depth--;
    name_index_fini(&index);
    return is_read ? value : NULL;
}

/* A closing or separating character in the place of a value. */
static void *
no_value(struct reader *reader)
{
    char c = *reader->at;
    if (reader->depth == 0 && (c == '}' || c == ']'))
        return fail(reader, "Unexpected close marker '%c': no open %s to close", c, c == '}' ? "Object" : "Array");
    return unexpected(reader, c == ':' ? "expected a valid value " TOKENS : "expected a value");
}

static struct body_value *
read_value(struct reader *reader)
{
    char c = *reader->at;
    struct body_value *value;
    if (reader->depth >= DEPTH_MAX)
        return fail(reader, "Document nesting depth (%d) exceeds the maximum allowed (%d)", DEPTH_MAX + 1, DEPTH_MAX);
    switch (c) {
    case '{':
    case '[':
        return read_container(reader, c == '{');
    case '"':
        value = value_new(reader, BODY_STRING);
        value->text = read_string(reader);
        return value->text ? value : NULL;
    case '}':
    case ']':
    case ',':
    case ':':
        return no_value(reader);
    case '+':
        reader->at++;
        return fail(reader, "Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow numbers to have plus signs: enable "
                            "`JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow");
    default:
        return c == '-' || (c >= '0' && c <= '9') ? read_number(reader) : read_word(reader);
    }
}

/* Nothing but white space may follow. */
static bool
ends_here(struct reader *reader)
{
    static const char *const tokens[] = {
        [BODY_NULL] = "VALUE_NULL",          [BODY_TRUE] = "VALUE_TRUE",     [BODY_FALSE] = "VALUE_FALSE",
        [BODY_NUMBER] = "VALUE_NUMBER_INT", [BODY_STRING] = "VALUE_STRING", [BODY_ARRAY] = "START_ARRAY",
        [BODY_OBJECT] = "START_OBJECT",
    };
    skip_blank(reader);
    if (reader->at >= reader->end)
        return true;
    const char *start = reader->at;
    char c = *start; /* of a structure, the token is its bracket */
    enum body_kind kind = c == '{' ? BODY_OBJECT : c == '[' ? BODY_ARRAY : BODY_NONE;
    const struct body_value *more = kind == BODY_NONE ? read_value(reader) : NULL;
    if (kind == BODY_NONE && !more)
        return false;
    reader->at = start;
    const char *token = more && more->is_decimal ? "VALUE_NUMBER_FLOAT" : tokens[more ? more->kind : kind];
    return fail(reader, "Trailing token (of type %s) found after value: not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`",
                token) != NULL;
}

struct body_value *
body_parse(struct arena *arena, const char *text, size_t len, struct error *err)
{
    struct reader reader = {.arena = arena, .start = text, .at = text, .end = text + len, .err = err};
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        reader.at += 3;
    skip_blank(&reader);
    if (reader.at == reader.end)
        return value_new(&reader, BODY_NONE);
    struct body_value *value = read_value(&reader);
    return value && ends_here(&reader) ? value : NULL;
}

/* ---- conversions ------------------------------------------------------------------------------------------------------------ */

const struct body_value *
body_member(const struct body_value *object, const char *name)
{
    for (size_t i = 0; i < object->count; i++)
        if (strcmp(object->names[i], name) == 0)
            return object->values[i];
    return NULL;
}

/* What Jackson calls a value of this kind, and its token. */
static const char *
kind_name(const struct body_value *value, const char **token_out)
{
    static const struct {
        const char *name, *token;
    } kinds[] = {
        [BODY_NONE] = {"Null", "VALUE_NULL"},          [BODY_NULL] = {"Null", "VALUE_NULL"},
        [BODY_TRUE] = {"Boolean", "VALUE_TRUE"},       [BODY_FALSE] = {"Boolean", "VALUE_FALSE"},
        [BODY_NUMBER] = {"Integer", "VALUE_NUMBER_INT"}, [BODY_STRING] = {"String", "VALUE_STRING"},
        [BODY_ARRAY] = {"Array", "START_ARRAY"},       [BODY_OBJECT] = {"Object", "START_OBJECT"},
    };
    bool is_float = value->kind == BODY_NUMBER && value->is_decimal;
    *token_out = is_float ? "VALUE_NUMBER_FLOAT" : kinds[value->kind].token;
    return is_float ? "Floating-point" : kinds[value->kind].name;
}

bool
body_wrong_type(const struct body_value *value, const char *java_type, struct error *err)
{
    const char *token, *name = kind_name(value, &token);
    return body_error(err, "Cannot deserialize value of type `%s` from %s value (token `JsonToken.%s`)", java_type, name, token);
}

bool
body_text(const struct body_value *value, const char **text_out, struct error *err)
{
    switch (value->kind) {
    case BODY_OBJECT:
    case BODY_ARRAY:
        return body_wrong_type(value, "java.lang.String", err);
    case BODY_TRUE:
        *text_out = "true";
        return true;
    case BODY_FALSE:
        *text_out = "false";
        return true;
    case BODY_NONE:
    case BODY_NULL:
    case BODY_NUMBER:
    case BODY_STRING:
        *text_out = value->text;
        return true;
    }
    return true;
}

/* Words are no settings. What has more in it may be a whole map that somebody wrote as a text. */
const char *
body_shown_text(const char *text)
{
    if (!text)
        return "";
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != ' ' && *c != '_')
            return "[hidden]";
    return text;
}

bool
body_no_creator(const struct body_value *value, const char *java_class, struct error *err)
{
    static const struct {
        const char *argument, *kind, *quote;
    } scalars[] = {
        [BODY_TRUE] = {"boolean/Boolean", "boolean", ""},
        [BODY_FALSE] = {"boolean/Boolean", "boolean", ""},
        [BODY_NUMBER] = {"int/Int", "Number", ""},
        [BODY_STRING] = {"String", "String", "'"},
        [BODY_OBJECT] = {NULL, NULL, NULL},
    };
    enum body_kind kind = value->kind;
    if (!scalars[kind].argument)
        return body_wrong_type(value, java_class, err);
    const char *shown = kind == BODY_TRUE ? "true" : kind == BODY_FALSE ? "false" : kind == BODY_STRING ? body_shown_text(value->text) : value->text;
    return body_error(err,
                      "Cannot construct instance of `%s` (although at least one Creator exists): no %s-argument constructor/factory method to "
                      "deserialize from %s value (%s%.200s%s)",
                      java_class, kind == BODY_NUMBER && value->is_decimal ? "double/Double" : scalars[kind].argument, scalars[kind].kind,
                      scalars[kind].quote, shown, scalars[kind].quote);
}

bool
body_not_a_map(const struct body_value *value, const char *member_class, struct error *err)
{
    char type[128];
    if (value->kind == BODY_STRING && !*value->text)
        return body_error(err, "Cannot coerce empty String (\"\") to element of `java.util.LinkedHashMap` (but could if coercion was "
                               "enabled using `CoercionConfig`)");
    if (value->kind == BODY_STRING)
        return body_no_creator(value, "java.util.LinkedHashMap", err);
    snprintf(type, sizeof(type), "java.util.LinkedHashMap<java.lang.String,%s>", member_class);
    return body_wrong_type(value, type, err);
}

bool
body_config(const struct body_value *value, struct config *out, struct error *err)
{
    if (value->kind != BODY_OBJECT)
        return body_not_a_map(value, "java.lang.String", err);
    for (size_t i = 0; i < value->count; i++) {
        const char *text = NULL;
        if (!body_text(value->values[i], &text, err))
            return false;
        config_set(out, value->names[i], text);
    }
    return true;
}

void
body_string(struct strbuf *out, const char *text)
{
    if (!text) {
        strbuf_puts(out, "null");
        return;
    }
    strbuf_putc(out, '"');
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        static const char from[] = "\"\\\b\t\n\f\r", to[] = "\"\\btnfr";
        const char *simple = strchr(from, *at);
        if (simple) {
            strbuf_putc(out, '\\');
            strbuf_putc(out, to[simple - from]);
        } else if (*at < ' ') {
            strbuf_printf(out, "\\u%04X", *at);
        } else if (at[0] == 0xC0 && at[1] == 0x80) {
            strbuf_puts(out, "\\u0000");
            at++;
        } else {
            strbuf_putc(out, (char)*at);
        }
    }
    strbuf_putc(out, '"');
}

static void
write_number(const struct body_value *value, struct strbuf *out)
{
    double number = value->is_decimal ? strtod(value->text, NULL) : 0;
    if (isinf(number)) /* too large for Java's double, which JSON cannot hold either */
        strbuf_puts(out, number < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    else if (value->is_decimal)
        strbuf_wrote(out, number_text_double(number, strbuf_room(out, NUMBER_TEXT_SIZE)));
    else
        strbuf_puts(out, strcmp(value->text, "-0") == 0 ? "0" : value->text);
}

void
body_write(const struct body_value *value, struct strbuf *out)
{
    static const char *const words[] = {[BODY_NONE] = "null", [BODY_NULL] = "null", [BODY_TRUE] = "true", [BODY_FALSE] = "false"};
    bool is_object = value->kind == BODY_OBJECT;
    switch (value->kind) {
    case BODY_NUMBER:
        write_number(value, out);
        break;
    case BODY_STRING:
        body_string(out, value->text);
        break;
    case BODY_ARRAY:
    case BODY_OBJECT:
        strbuf_putc(out, is_object ? '{' : '[');
        for (size_t i = 0; i < value->count; i++) {
            if (i)
                strbuf_putc(out, ',');
            if (is_object) {
                body_string(out, value->names[i]);
                strbuf_putc(out, ':');
            }
            body_write(value->values[i], out);
        }
        strbuf_putc(out, is_object ? '}' : ']');
        break;
    default:
        strbuf_puts(out, words[value->kind]);
    }
}

void
body_java_text(const struct body_value *value, struct strbuf *out)
{
    bool is_object = value->kind == BODY_OBJECT;
    if (value->kind == BODY_STRING) {
        strbuf_puts(out, value->text);
        return;
    }
    if (!is_object && value->kind != BODY_ARRAY) {
        body_write(value, out);
        return;
    }
    strbuf_putc(out, is_object ? '{' : '[');
    for (size_t i = 0; i < value->count; i++) {
        strbuf_puts(out, i ? ", " : "");
        if (is_object)
            strbuf_printf(out, "%s=", value->names[i]);
        body_java_text(value->values[i], out);
    }
    strbuf_putc(out, is_object ? '}' : ']');
}

bool
body_fits_long(const struct body_value *value)
{
    if (value->kind != BODY_NUMBER || value->is_decimal)
        return true;
    errno = 0;
    (void)strtoll(value->text, NULL, 10);
    return errno != ERANGE;
}
