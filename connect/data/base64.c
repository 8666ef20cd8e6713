#include "connect/data/base64.h"

#include <stdint.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_encode(struct strbuf *out, const void *bytes, size_t len)
{
    const unsigned char *from = bytes;
    char *to = strbuf_room(out, (len + 2) / 3 * 4), *first = to;
    for (; len >= 3; len -= 3, from += 3) {
        uint32_t bits = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
        *to++ = letters[bits >> 18];
        *to++ = letters[bits >> 12 & 63];
        *to++ = letters[bits >> 6 & 63];
        *to++ = letters[bits & 63];
    }
    if (len) {
        uint32_t bits = (uint32_t)from[0] << 16 | (len == 2 ? (uint32_t)from[1] << 8 : 0);
        *to++ = letters[bits >> 18];
        *to++ = letters[bits >> 12 & 63];
        *to++ = len == 2 ? letters[bits >> 6 & 63] : '=';
        *to++ = '=';
    }
    strbuf_wrote(out, (size_t)(to - first));
}

static int
digit_of(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
        return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9')
        return letter - '0' + 52;
    return letter == '+' ? 62 : letter == '/' ? 63 : -1;
}

/* Four characters. Returns the bytes they make, or -1. */
static int
decode_group(const char *text, unsigned char *out)
{
    int padding = (text[3] == '=') + (text[3] == '=' && text[2] == '=');
    uint32_t bits = 0;
    for (int i = 0; i < 4; i++) {
        int digit = i >= 4 - padding ? 0 : digit_of(text[i]);
        if (digit < 0)
            return -1;
        bits = bits << 6 | (uint32_t)digit;
    }
    unsigned char bytes[3] = {(unsigned char)(bits >> 16), (unsigned char)(bits >> 8), (unsigned char)bits};
    memcpy(out, bytes, (size_t)(3 - padding));
    return 3 - padding;
}

long
base64_decode(const char *text, size_t len, unsigned char *out)
{
    unsigned char *to = out;
    for (size_t i = 0; i < len;) {
        if ((unsigned char)text[i] <= ' ') {
            i++;
            continue;
        }
        int count = len - i >= 4 ? decode_group(text + i, to) : -1;
        if (count < 0)
            return -1;
        to += count;
        i += 4;
    }
    return to - out;
}
