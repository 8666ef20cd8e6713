/* A growing byte string that always ends in NUL. Owned by one thread; keeps its memory on reset. */
#ifndef COMMON_BASE_STRBUF_H
#define COMMON_BASE_STRBUF_H

#include "common/base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct strbuf {
    char *data; /* NUL behind the last byte; never NULL after the first append */
    size_t len, size;
};

#define STRBUF_INIT ((struct strbuf){0})

void strbuf_fini(struct strbuf *buf);
/* Make room for `more` bytes and a NUL behind the current end. */
void strbuf_grow(struct strbuf *buf, size_t more);
void strbuf_printf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The bytes as a heap string that the caller frees; the buffer is empty afterwards. Never NULL. */
char *strbuf_take(struct strbuf *buf);
/* Decimal digits. */
void strbuf_add_int(struct strbuf *buf, int64_t number);

static inline void
strbuf_reset(struct strbuf *buf)
{
    buf->len = 0;
    if (buf->data)
        buf->data[0] = '\0';
}

/* Room for at least n bytes; write there, then call strbuf_wrote. */
static inline char *
strbuf_room(struct strbuf *buf, size_t n)
{
    if (buf->size - buf->len <= n)
        strbuf_grow(buf, n);
    return buf->data + buf->len;
}

static inline void
strbuf_wrote(struct strbuf *buf, size_t n)
{
    buf->len += n;
    buf->data[buf->len] = '\0';
}

static inline void
strbuf_add(struct strbuf *buf, const void *bytes, size_t len)
{
    char *to = strbuf_room(buf, len);
    if (len)
        memcpy(to, bytes, len);
    strbuf_wrote(buf, len);
}

static inline void
strbuf_puts(struct strbuf *buf, const char *text)
{
    strbuf_add(buf, text, strlen(text));
}

static inline void
strbuf_putc(struct strbuf *buf, char c)
{
    *strbuf_room(buf, 1) = c;
    strbuf_wrote(buf, 1);
}

#endif
