/* Growing byte strings. */
#include "common/base/strbuf.h"

#include "common/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
strbuf_fini(struct strbuf *buf)
{
    free(buf->data);
    *buf = STRBUF_INIT;
}

void
strbuf_grow(struct strbuf *buf, size_t more)
{
    size_t need = buf->len + more + 1;
    if (need <= buf->size)
        return;
    size_t size = buf->size ? buf->size * 2 : 64;
    while (size < need)
        size *= 2;
    buf->data = xrealloc(buf->data, size);
    buf->size = size;
    buf->data[buf->len] = '\0';
}

void
strbuf_printf(struct strbuf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *to = strbuf_room(buf, (size_t)len);
    vsnprintf(to, (size_t)len + 1, format, again);
    va_end(again);
    strbuf_wrote(buf, (size_t)len);
}

char *
strbuf_take(struct strbuf *buf)
{
    strbuf_grow(buf, 0);
    char *data = buf->data;
    *buf = STRBUF_INIT;
    return data;
}

void
strbuf_add_int(struct strbuf *buf, int64_t number)
{
    char digits[20], *end = digits + sizeof(digits), *p = end;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        strbuf_putc(buf, '-');
    strbuf_add(buf, p, (size_t)(end - p));
}
