/* Strings are copied in runs that need no escape, found eight bytes at a time. */
#include "connect/converters/emit.h"

#include "connect/data/number_text.h"

#include <math.h>
#include <string.h>

void
emit_int(struct strbuf *out, int64_t number)
{
    char *to = strbuf_room(out, NUMBER_TEXT_SIZE);
    strbuf_wrote(out, number_text_int(number, to));
}

/* ---- strings ------------------------------------------------------------------------------------------------ */

#define EACH_BYTE(b) (0x0101010101010101ull * (b))

static bool
needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\' || c >= 0xf0;
}

/* True when one of eight bytes needs an escape, exactly. */
static bool
word_needs_escape(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, 8);
    uint64_t quote = word ^ EACH_BYTE('"'), backslash = word ^ EACH_BYTE('\\');
    uint64_t found = ((word - EACH_BYTE(0x20)) & ~word) | ((quote - EACH_BYTE(1)) & ~quote) |
                     ((backslash - EACH_BYTE(1)) & ~backslash) | (word & word << 1 & word << 2 & word << 3);
    return found & EACH_BYTE(0x80);
}

static size_t
plain_run(const char *bytes, size_t len)
{
    size_t i = 0;
    while (i + 8 <= len && !word_needs_escape(bytes + i))
        i += 8;
    while (i < len && !needs_escape((unsigned char)bytes[i]))
        i++;
    return i;
}

/* A four-byte sequence, or 0. */
static uint32_t
decode_astral(const unsigned char *bytes, size_t len)
{
    if (len < 4 || bytes[0] > 0xf4 || (bytes[1] & 0xc0) != 0x80 || (bytes[2] & 0xc0) != 0x80 || (bytes[3] & 0xc0) != 0x80)
        return 0;
    uint32_t code = (bytes[0] & 7u) << 18 | (bytes[1] & 0x3fu) << 12 | (bytes[2] & 0x3fu) << 6 | (bytes[3] & 0x3fu);
    return code >= 0x10000 && code <= 0x10ffff ? code : 0;
}

/* Returns how many bytes were escaped. */
static size_t
emit_escape(struct strbuf *out, const unsigned char *bytes, size_t len)
{
    static const char letters[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    unsigned char c = bytes[0];
    if (c >= 0xf0) {
        uint32_t code = decode_astral(bytes, len);
        if (!code) {
            strbuf_puts(out, "\xef\xbf\xbd");
            return 1;
        }
        strbuf_printf(out, "\\u%04X\\u%04X", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
        return 4;
    }
    char letter = c < 0x20 ? letters[c] : (char)c;
    if (letter) {
        char text[2] = {'\\', letter};
        strbuf_add(out, text, 2);
    } else {
        strbuf_printf(out, "\\u%04X", c);
    }
    return 1;
}

void
emit_string(struct strbuf *out, const char *bytes, size_t len)
{
    char *to = strbuf_room(out, len + 2);
    *to++ = '"';
    size_t run = plain_run(bytes, len);
    if (run)
        memcpy(to, bytes, run);
    if (run == len) {
        to[len] = '"';
        strbuf_wrote(out, len + 2);
        return;
    }
    strbuf_wrote(out, run + 1);
    for (size_t i = run; i < len;) {
        i += emit_escape(out, (const unsigned char *)bytes + i, len - i);
        run = plain_run(bytes + i, len - i);
        strbuf_add(out, bytes + i, run);
        i += run;
    }
    strbuf_putc(out, '"');
}

/* ---- numbers -------------------------------------------------------------------------------------------------- */

static void
emit_real(struct strbuf *out, double number, const char *text, size_t (*print)(double number, char *out))
{
    char *to = strbuf_room(out, NUMBER_TEXT_SIZE + 2);
    size_t len = text ? number_text_rearrange(text, to) : 0;
    if (len == 0 && isfinite(number)) {
        len = print(number, to);
    } else if (len == 0) {
        to[0] = '"';
        len = print(number, to + 1) + 2;
        to[len - 1] = '"';
    }
    strbuf_wrote(out, len);
}

static size_t
print_float(double number, char *out)
{
    return number_text_float((float)number, out);
}

void
emit_double(struct strbuf *out, double number, const char *text)
{
    emit_real(out, number, text, number_text_double);
}

void
emit_float(struct strbuf *out, double number, const char *text)
{
    emit_real(out, number, text, print_float);
}
