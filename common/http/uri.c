/* Percent-encoding, query strings and paths. */
#include "common/http/uri.h"

#include <ctype.h>
#include <string.h>

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
uri_decode(struct strbuf *out, const char *text, size_t len, bool plus_is_space)
{
    bool is_clean = true;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '+' && plus_is_space) {
            c = ' ';
        } else if (c == '%') {
            int high = i + 2 < len ? hex_digit(text[i + 1]) : -1, low = i + 2 < len ? hex_digit(text[i + 2]) : -1;
            if (high >= 0 && low >= 0) {
                c = (char)(high << 4 | low);
                i += 2;
            } else {
                is_clean = false;
            }
        }
        strbuf_putc(out, c);
    }
    return is_clean;
}

void
uri_encode(struct strbuf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (isalnum(c) ? c < 0x80 : c && strchr("-._~", c))
            strbuf_putc(out, (char)c);
        else
            strbuf_printf(out, "%%%02X", c);
    }
}

bool
uri_param_next(const char **at, struct uri_param *param_out)
{
    const char *text = *at;
    if (!text)
        return false;
    text += strspn(text, "&");
    if (!*text)
        return false;
    size_t len = strcspn(text, "&");
    const char *equals = memchr(text, '=', len);
    *param_out = (struct uri_param){.text = text, .len = len, .name = text, .name_len = len};
    if (equals) {
        param_out->name_len = (size_t)(equals - text);
        param_out->value = equals + 1;
        param_out->value_len = len - param_out->name_len - 1;
    }
    *at = text + len;
    return true;
}

bool
uri_query_value(const char *query, const char *name, struct strbuf *out)
{
    struct strbuf decoded = STRBUF_INIT;
    struct uri_param param;
    bool is_found = false;
    while (!is_found && uri_param_next(&query, &param)) {
        strbuf_reset(&decoded);
        uri_decode(&decoded, param.name, param.name_len, true);
        is_found = decoded.data && strlen(name) == decoded.len && memcmp(decoded.data, name, decoded.len) == 0;
        if (is_found)
            uri_decode(out, param.value ? param.value : "", param.value_len, true);
    }
    strbuf_fini(&decoded);
    return is_found;
}

bool
uri_segment_next(const char **at, const char **segment_out, size_t *len_out)
{
    for (const char *text = *at;;) {
        text += strspn(text, "/");
        if (!*text)
            return false;
        size_t len = strcspn(text, "/"), kept = strcspn(text, "/;");
        *at = text + len;
        *segment_out = text;
        *len_out = kept;
        if (kept)
            return true;
        text += len;
    }
}
