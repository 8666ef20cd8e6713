/* A recursive reader over one NUL-terminated copy of the body; strings are decoded in place. */
#include "common/resource/json_read.h"

#include <stdint.h>
#include <string.h>

enum { DEPTH_MAX = 1000 };

struct reader {
    struct arena *arena;
    struct error *err;
    const char *start;
    char *at, *end;
    unsigned depth;
};

static bool
fail(struct reader *in, const char *what)
{
    unsigned line = 1, column = 1;
    for (const char *c = in->start; c < in->at; c++) {
        column = *c == '\n' ? 1 : column + 1;
        line += *c == '\n';
    }
    return error_set(in->err, ERROR_DATA, "%s at line %u, column %u", what, line, column);
}

/* ---- encodings ------------------------------------------------------------------------------------------ */

static char *
utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* Length of the well-formed UTF-8 sequence at `at`, 0 if there is none. */
static size_t
utf8_length(const unsigned char *at, const unsigned char *end)
{
    static const struct {
        unsigned char first, last, low, high; /* range of the first byte, of the second */
        size_t len;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
        {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (*at < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        if (*at < forms[i].first || *at > forms[i].last)
            continue;
        if ((size_t)(end - at) < forms[i].len || at[1] < forms[i].low || at[1] > forms[i].high)
            return 0;
        for (size_t k = 2; k < forms[i].len; k++)
            if ((at[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].len;
    }
    return 0;
}

/* Code units of two or four bytes. */
static uint32_t
unit_at(const unsigned char *text, unsigned width, bool big)
{
    uint32_t unit = 0;
    for (unsigned i = 0; i < width; i++)
        unit = unit << 8 | text[big ? i : width - 1 - i];
    return unit;
}

static char *
from_wide(struct arena *arena, const unsigned char *text, size_t len, unsigned width, bool big, size_t *len_out)
{
    char *out = arena_alloc(arena, len / width * 4 + 1), *to = out;
    for (size_t i = 0; i + width <= len; i += width) {
        uint32_t c = unit_at(text + i, width, big);
        if (c >= 0xd800 && c < 0xdc00 && width == 2 && i + 4 <= len) {
            uint32_t low = unit_at(text + i + 2, 2, big);
            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        to = utf8_put(to, (c >= 0xd800 && c < 0xe000) || c > 0x10ffff ? '?' : c);
    }
    *to = '\0';
    *len_out = (size_t)(to - out);
    return out;
}

/* A copy as UTF-8 without a mark. JSON begins with an ASCII character, so zeros tell the width of what has no mark. */
static char *
decode(struct arena *arena, const char *text, size_t len, size_t *len_out)
{
    static const struct {
        const char *bytes, *mask; /* a zero in the mask: anything but zero */
        unsigned width;           /* of a unit */
        bool is_big, is_mark;
    } forms[] = {
        {"\0\0\xfe\xff", "1111", 4, true, true}, {"\xff\xfe\0\0", "1111", 4, false, true}, {"\0\0\0", "1110", 4, true, false},
        {"\0\0\0\0", "0111", 4, false, false},  {"\xfe\xff", "11", 2, true, true},          {"\xff\xfe", "11", 2, false, true},
        {"\0\0", "10", 2, true, false},         {"\0\0", "01", 2, false, false},
    };
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        size_t n = strlen(forms[i].mask), k = 0;
        while (k < n && n <= len && (forms[i].mask[k] == '1' ? text[k] == forms[i].bytes[k] : text[k] != 0))
            k++;
        if (k == n) {
            size_t skip = forms[i].is_mark ? n : 0;
            return from_wide(arena, bytes + skip, len - skip, forms[i].width, forms[i].is_big, len_out);
        }
    }
    size_t skip = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    *len_out = len - skip;
    return arena_memdup(arena, text + skip, len - skip);
}

/* ---- values ---------------------------------------------------------------------------------------------- */

static bool read_value(struct reader *in, struct json_node *node);

static void
skip_space(struct reader *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
        in->at++;
}

static bool
read_hex4(struct reader *in, uint32_t *out)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++, in->at++) {
        char c = in->at < in->end ? *in->at : ' ';
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0)
            return fail(in, "a \\u escape needs four hexadecimal digits");
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return true;
}

/* Behind the backslash. A surrogate without its other half becomes a question mark, as the database stores it. */
static bool
read_escape(struct reader *in, char **to)
{
    static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
    char c = in->at < in->end ? *in->at++ : '\0';
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        *(*to)++ = into[known - from];
        return true;
    }
    uint32_t code = 0, low = 0;
    if (c != 'u')
        return fail(in, "unknown escape in a string");
    if (!read_hex4(in, &code))
        return false;
    if (code >= 0xd800 && code < 0xdc00 && in->end - in->at >= 6 && in->at[0] == '\\' && in->at[1] == 'u') {
        char *back = in->at;
        in->at += 2;
        if (!read_hex4(in, &low))
            return false;
        if (low >= 0xdc00 && low < 0xe000)
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        else
            in->at = back;
    }
    *to = utf8_put(*to, code >= 0xd800 && code < 0xe000 ? '?' : code);
    return true;
}

/* At the opening quote. The decoded text is never longer than its source, so it is written over it. */
static bool
read_string(struct reader *in, const char **text_out, size_t *len_out)
{
    char *to = ++in->at, *start = to;
    while (in->at < in->end && *in->at != '"') {
        unsigned char c = (unsigned char)*in->at;
        if (c < 0x20)
            return fail(in, "unescaped control character in a string");
        if (c == '\\') {
            in->at++;
            if (!read_escape(in, &to))
                return false;
            continue;
        }
        size_t len = utf8_length((const unsigned char *)in->at, (const unsigned char *)in->end);
        if (len == 0)
            return fail(in, "invalid UTF-8");
        memmove(to, in->at, len);
        to += len;
        in->at += len;
    }
    if (in->at >= in->end)
        return fail(in, "unexpected end of input in a string");
    in->at++;
    *to = '\0';
    *text_out = start;
    *len_out = (size_t)(to - start);
    return true;
}

static size_t
digits(struct reader *in)
{
    const char *start = in->at;
    while (in->at < in->end && *in->at >= '0' && *in->at <= '9')
        in->at++;
    return (size_t)(in->at - start);
}

static bool
read_number(struct reader *in, struct json_node *node)
{
    const char *start = in->at;
    in->at += *in->at == '-';
    bool has_zero = in->at < in->end && *in->at == '0';
    size_t count = digits(in);
    if (count == 0 || (has_zero && count > 1))
        return fail(in, count ? "leading zeros in a number" : "unexpected character");
    if (in->at < in->end && *in->at == '.') {
        in->at++;
        if (digits(in) == 0)
            return fail(in, "a decimal point needs digits behind it");
    }
    if (in->at < in->end && (*in->at | 32) == 'e') {
        in->at++;
        in->at += in->at < in->end && (*in->at == '+' || *in->at == '-');
        if (digits(in) == 0)
            return fail(in, "an exponent needs digits");
    }
    node->kind = JSON_NODE_NUMBER;
    node->len = (size_t)(in->at - start);
    node->text = arena_memdup(in->arena, start, node->len);
    return true;
}

static bool
read_word(struct reader *in, struct json_node *node)
{
    static const struct {
        const char *word;
        enum json_kind kind;
    } words[] = {{"null", JSON_NODE_NULL}, {"true", JSON_NODE_TRUE}, {"false", JSON_NODE_FALSE}};
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(words[i].word);
        if ((size_t)(in->end - in->at) >= len && memcmp(in->at, words[i].word, len) == 0) {
            in->at += len;
            node->kind = words[i].kind;
            node->text = words[i].word;
            node->len = len;
            return true;
        }
    }
    return fail(in, in->at < in->end ? "unexpected character" : "unexpected end of input");
}

static bool
read_name(struct reader *in, struct json_node *member)
{
    skip_space(in);
    if (in->at >= in->end || *in->at != '"')
        return fail(in, in->at < in->end ? "a member needs a name in double quotes" : "unexpected end of input");
    if (!read_string(in, &member->name, &member->name_len))
        return false;
    skip_space(in);
    if (in->at >= in->end || *in->at != ':')
        return fail(in, in->at < in->end ? "a colon is missing behind the name of a member" : "unexpected end of input");
    in->at++;
    return true;
}

/* At '{' or '['. */
static bool
read_container(struct reader *in, struct json_node *node)
{
    char close = *in->at++ == '{' ? '}' : ']';
    node->kind = close == '}' ? JSON_NODE_OBJECT : JSON_NODE_ARRAY;
    struct json_node **last = &node->first;
    skip_space(in);
    if (in->at < in->end && *in->at == close) {
        in->at++;
        return true;
    }
    for (;;) {
        struct json_node *child = arena_new(in->arena, struct json_node);
        *child = (struct json_node){0};
        if ((close == '}' && !read_name(in, child)) || !read_value(in, child))
            return false;
        *last = child;
        last = &child->next;
        skip_space(in);
        char c = in->at < in->end ? *in->at : '\0';
        if (c != ',' && c != close)
            return fail(in, in->at < in->end ? "a comma or a closing bracket is missing" : "unexpected end of input");
        in->at++;
        if (c == close)
            return true;
    }
}

static bool
read_value(struct reader *in, struct json_node *node)
{
    skip_space(in);
    char c = in->at < in->end ? *in->at : '\0';
    if (c == '{' || c == '[') {
        if (++in->depth > DEPTH_MAX)
            return fail(in, "nested too deeply");
        bool ok = read_container(in, node);
        in->depth--;
        return ok;
    }
    if (c == '"') {
        node->kind = JSON_NODE_STRING;
        return read_string(in, &node->text, &node->len);
    }
    return c == '-' || (c >= '0' && c <= '9') ? read_number(in, node) : read_word(in, node);
}

struct json_node *
json_read(struct arena *arena, const char *text, size_t len, struct error *err)
{
    struct reader in = {.arena = arena, .err = err};
    size_t decoded;
    in.start = in.at = decode(arena, text, len, &decoded);
    in.end = in.at + decoded;
    struct json_node *node = arena_new(arena, struct json_node);
    *node = (struct json_node){0};
    return read_value(&in, node) ? node : NULL;
}

const struct json_node *
json_member(const struct json_node *object, const char *name)
{
    const struct json_node *found = NULL;
    size_t len = strlen(name);
    for (const struct json_node *m = object->first; m; m = m->next)
        if (m->name_len == len && memcmp(m->name, name, len) == 0)
            found = m;
    return found;
}
