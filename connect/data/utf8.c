#include "connect/data/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

int
utf8_length(const char *text, const char *end)
{
    const unsigned char *c = (const unsigned char *)text;
    if (c[0] < 0x80)
        return 1;
    int len = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
    if (c[0] < 0xc2 || c[0] > 0xf4 || end - text < len)
        return 0;
    for (int i = 1; i < len; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    bool is_overlong = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xf0 && c[1] < 0x90);
    bool is_outside = (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf4 && c[1] > 0x8f);
    return is_overlong || is_outside ? 0 : len;
}

/* How many bytes from the start are well-formed. */
static size_t
good_prefix(const char *text, size_t len)
{
    const char *end = text + len, *next = text;
    while (next < end) {
        uint64_t word;
        if (end - next >= 8 && (memcpy(&word, next, 8), (word & 0x8080808080808080ull) == 0)) {
            next += 8;
            continue;
        }
        int step = utf8_length(next, end);
        if (!step)
            break;
        next += step;
    }
    return (size_t)(next - text);
}

const char *
utf8_mend(const char *text, size_t *len_io, struct arena *arena)
{
    size_t good = good_prefix(text, *len_io);
    if (good == *len_io)
        return text;
    const char *next = text, *end = text + *len_io;
    char *copy = arena_alloc(arena, good + 3 * (*len_io - good)), *to = copy;
    while (next < end) {
        memcpy(to, next, good);
        to += good;
        next += good;
        if (next < end) {
            memcpy(to, "\xef\xbf\xbd", 3);
            to += 3;
            next++;
        }
        good = good_prefix(next, (size_t)(end - next));
    }
    *len_io = (size_t)(to - copy);
    return copy;
}
