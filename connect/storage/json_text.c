/* A small writer over jansson's values; jansson's own writer escapes and prints numbers differently. */
#include "connect/storage/json_text.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Decode one UTF-8 character: its length, or 0 when it is not one. */
static size_t
utf8_decode(const unsigned char *at, size_t len, uint32_t *code_out)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (size_t n = 0; n < 4; n++) {
        if ((at[0] & forms[n].mask) != forms[n].lead)
            continue;
        if (len < n + 1)
            return 0;
        uint32_t code = at[0] & (unsigned char)~forms[n].mask;
        for (size_t i = 1; i <= n; i++) {
            if ((at[i] & 0xC0) != 0x80)
                return 0;
            code = code << 6 | (at[i] & 0x3F);
        }
        *code_out = code;
        return code >= forms[n].least && code <= 0x10FFFF ? n + 1 : 0;
    }
    return 0;
}

static void
add_control(struct strbuf *out, unsigned char c)
{
    static const char named[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (named[c])
        strbuf_printf(out, "\\%c", named[c]);
    else
        strbuf_printf(out, "\\u%04X", c);
}

void
json_text_add(struct strbuf *out, const char *text, size_t len)
{
    strbuf_putc(out, '"');
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i];
        uint32_t code = 0;
        size_t n = utf8_decode((const unsigned char *)text + i, len - i, &code);
        if (c == '"' || c == '\\') {
            strbuf_putc(out, '\\');
            strbuf_putc(out, (char)c);
        } else if (c < 0x20) {
            add_control(out, c);
        } else if (n == 0) {
            strbuf_puts(out, "\xEF\xBF\xBD");
        } else if (n == 4) {
            strbuf_printf(out, "\\u%04X\\u%04X", 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF));
        } else {
            strbuf_add(out, text + i, n);
        }
        i += n ? n : 1;
    }
    strbuf_putc(out, '"');
}

void
json_text_puts(struct strbuf *out, const char *text)
{
    if (text)
        json_text_add(out, text, strlen(text));
    else
        strbuf_puts(out, "null");
}

static void json_text_write(struct strbuf *out, const json_t *value, bool is_sorted);

static int
compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
write_object(struct strbuf *out, const json_t *value, bool is_sorted)
{
    size_t count = json_object_size(value), n = 0;
    const char **keys = xcalloc(count + 1, sizeof(*keys));
    json_t *object = (json_t *)(uintptr_t)value; /* jansson's iterators want it so */
    for (void *it = json_object_iter(object); it; it = json_object_iter_next(object, it))
        keys[n++] = json_object_iter_key(it);
    if (is_sorted)
        qsort(keys, n, sizeof(*keys), compare_keys);
    strbuf_putc(out, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            strbuf_putc(out, ',');
        json_text_puts(out, keys[i]);
        strbuf_putc(out, ':');
        json_text_write(out, json_object_get(value, keys[i]), is_sorted);
    }
    strbuf_putc(out, '}');
    free(keys);
}

static void
write_real(struct strbuf *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    strbuf_puts(out, text ? text : "null");
    free(text);
}

static void
json_text_write(struct strbuf *out, const json_t *value, bool is_sorted)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        write_object(out, value, is_sorted);
        break;
    case JSON_ARRAY:
        strbuf_putc(out, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (i > 0)
                strbuf_putc(out, ',');
            json_text_write(out, json_array_get(value, i), is_sorted);
        }
        strbuf_putc(out, ']');
        break;
    case JSON_STRING:
        json_text_add(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        strbuf_add_int(out, json_integer_value(value));
        break;
    case JSON_REAL:
        write_real(out, value);
        break;
    case JSON_TRUE:
        strbuf_puts(out, "true");
        break;
    case JSON_FALSE:
        strbuf_puts(out, "false");
        break;
    case JSON_NULL:
        strbuf_puts(out, "null");
        break;
    }
}

void
json_text_value(struct strbuf *out, const json_t *value)
{
    json_text_write(out, value, false);
}

void
json_text_canonical(struct strbuf *out, const json_t *value)
{
    json_text_write(out, value, true);
}

json_t *
json_text_parse(const char *text, size_t len, struct error *err)
{
    json_error_t where;
    json_t *value = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &where);
    if (value)
        return value;
    char *quote = strstr(where.text, " near '"); /* a piece of the text, which may be a password */
    if (quote)
        *quote = '\0';
    error_set(err, ERROR_DATA, "not JSON: %s (line %d, column %d)", where.text, where.line, where.column);
    return NULL;
}
