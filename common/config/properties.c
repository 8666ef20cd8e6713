/* Reads properties files: a logical line is joined from continued ones first, then split and unescaped. */
#include "common/config/properties.h"

#include "common/base/alloc.h"
#include "common/base/strbuf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_SIZE_MAX = 16 << 20 };

char *
file_read(const char *path, size_t *len_out, struct error *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        error_set(err, errno == ENOENT ? ERROR_NOT_FOUND : ERROR_CONFIG, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct strbuf text = STRBUF_INIT;
    size_t got;
    do {
        char *room = strbuf_room(&text, 65536);
        got = fread(room, 1, 65536, file);
        strbuf_wrote(&text, got);
    } while (got > 0 && text.len <= FILE_SIZE_MAX);
    int failed = ferror(file) ? errno : text.len > FILE_SIZE_MAX ? EFBIG : 0;
    fclose(file);
    if (failed) {
        strbuf_fini(&text);
        error_set(err, ERROR_CONFIG, "%s: %s", path, strerror(failed));
        return NULL;
    }
    *len_out = text.len;
    return strbuf_take(&text);
}

struct reader {
    const char *where, *at, *end;
    int line;       /* of `at` */
    int first_line; /* of the logical line in `text` */
    struct strbuf text, key, value;
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

/* One natural line without its end; steps over it. */
static const char *
natural_line(struct reader *reader, size_t *len_out)
{
    const char *start = reader->at;
    while (reader->at < reader->end && *reader->at != '\n' && *reader->at != '\r')
        reader->at++;
    *len_out = (size_t)(reader->at - start);
    if (reader->at < reader->end) {
        bool is_crlf = *reader->at == '\r' && reader->at + 1 < reader->end && reader->at[1] == '\n';
        reader->at += is_crlf ? 2 : 1;
    }
    reader->line++;
    return start;
}

static bool
is_continued(const char *line, size_t len)
{
    size_t slashes = 0;
    while (slashes < len && line[len - 1 - slashes] == '\\')
        slashes++;
    return slashes % 2 == 1;
}

/* Joins the next logical line into reader->text; false at the end. Comments and empty lines are skipped. */
static bool
logical_line(struct reader *reader)
{
    strbuf_reset(&reader->text);
    bool is_first = true;
    while (reader->at < reader->end) {
        size_t len;
        const char *line = natural_line(reader, &len);
        while (len > 0 && is_blank(*line)) {
            line++;
            len--;
        }
        if (is_first && (len == 0 || *line == '#' || *line == '!'))
            continue;
        if (is_first)
            reader->first_line = reader->line;
        is_first = false;
        bool goes_on = is_continued(line, len);
        strbuf_add(&reader->text, line, goes_on ? len - 1 : len);
        if (!goes_on)
            return true;
    }
    return !is_first;
}

static void
add_utf8(struct strbuf *out, unsigned code)
{
    if (code < 0x80) {
        strbuf_putc(out, (char)code);
    } else if (code < 0x800) {
        strbuf_putc(out, (char)(0xC0 | code >> 6));
        strbuf_putc(out, (char)(0x80 | (code & 0x3F)));
    } else if (code < 0x10000) {
        strbuf_putc(out, (char)(0xE0 | code >> 12));
        strbuf_putc(out, (char)(0x80 | (code >> 6 & 0x3F)));
        strbuf_putc(out, (char)(0x80 | (code & 0x3F)));
    } else {
        strbuf_putc(out, (char)(0xF0 | code >> 18));
        strbuf_putc(out, (char)(0x80 | (code >> 12 & 0x3F)));
        strbuf_putc(out, (char)(0x80 | (code >> 6 & 0x3F)));
        strbuf_putc(out, (char)(0x80 | (code & 0x3F)));
    }
}

static bool
hex4(const char *at, const char *end, unsigned *code_out)
{
    unsigned code = 0;
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdefABCDEF";
        const char *digit = at[i] ? strchr(digits, at[i]) : NULL;
        if (!digit)
            return false;
        unsigned value = (unsigned)(digit - digits);
        code = code << 4 | (value > 15 ? value - 6 : value);
    }
    *code_out = code;
    return true;
}

/* One escape behind its backslash; returns where it ends, NULL when malformed. */
static const char *
unescape(const char *at, const char *end, struct strbuf *out)
{
    static const char from[] = "tnrf", to[] = "\t\n\r\f";
    const char *simple = *at ? strchr(from, *at) : NULL;
    if (*at != 'u') {
        strbuf_putc(out, simple ? to[simple - from] : *at);
        return at + 1;
    }
    unsigned code, low;
    if (!hex4(at + 1, end, &code) || code == 0)
        return NULL;
    at += 5;
    if (code >= 0xD800 && code < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u' && hex4(at + 2, end, &low) &&
        low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
    }
    add_utf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
    return at;
}

static bool
split_line(struct reader *reader, struct error *err)
{
    const char *at = reader->text.data, *end = at + reader->text.len;
    strbuf_reset(&reader->key);
    strbuf_reset(&reader->value);
    struct strbuf *out = &reader->key;
    while (at < end) {
        if (out == &reader->key && (*at == '=' || *at == ':' || is_blank(*at))) {
            while (at < end && is_blank(*at))
                at++;
            if (at < end && (*at == '=' || *at == ':'))
                at++;
            while (at < end && is_blank(*at))
                at++;
            out = &reader->value;
        } else if (*at == '\\' && at + 1 < end) {
            at = unescape(at + 1, end, out);
            if (!at)
                return error_set(err, ERROR_CONFIG, "%s:%d: malformed \\uxxxx escape in the property \"%s\"", reader->where,
                                 reader->first_line, reader->key.data ? reader->key.data : "");
        } else if (*at == '\0') {
            return error_set(err, ERROR_CONFIG, "%s:%d: a zero byte in the property \"%s\"", reader->where,
                             reader->first_line, reader->key.data ? reader->key.data : "");
        } else {
            strbuf_putc(out, *at++);
        }
    }
    return true;
}

bool
properties_parse(const char *where, const char *text, size_t len, properties_each_fn *each, void *arg, struct error *err)
{
    struct reader reader = {.where = where, .at = text, .end = text + len};
    bool ok = true;
    while (ok && logical_line(&reader)) {
        ok = split_line(&reader, err);
        if (ok)
            each(arg, reader.key.data ? reader.key.data : "", reader.value.data ? reader.value.data : "", reader.first_line);
    }
    strbuf_fini(&reader.text);
    strbuf_fini(&reader.key);
    strbuf_fini(&reader.value);
    return ok;
}

static void
set_in(void *cfg, const char *key, const char *value, int line)
{
    (void)line;
    config_set(cfg, key, value);
}

bool
properties_load(const char *path, struct config *out, struct error *err)
{
    size_t len;
    char *text = file_read(path, &len, err);
    if (!text)
        return false;
    struct config found = CONFIG_INIT;
    bool ok = properties_parse(path, text, len, set_in, &found, err);
    if (ok)
        config_merge(out, &found);
    config_fini(&found);
    free(text);
    return ok;
}

struct line_search {
    const char *key;
    int line;
};

static void
note_line(void *arg, const char *key, const char *value, int line)
{
    (void)value;
    struct line_search *search = arg;
    if (strcmp(key, search->key) == 0)
        search->line = line;
}

int
properties_line_of(const char *path, const char *key)
{
    struct error err = ERROR_INIT;
    struct line_search search = {.key = key};
    size_t len;
    char *text = file_read(path, &len, &err);
    if (!text)
        return 0;
    bool ok = properties_parse(path, text, len, note_line, &search, &err);
    free(text);
    return ok ? search.line : 0;
}
