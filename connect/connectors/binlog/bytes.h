/*
 * Reading bytes that came from outside: nothing is read behind the end. A read that does not fit gives zeros and marks the
 * reader as short; so a parser reads a whole structure and asks once.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_BYTES_H
#define CONNECT_CONNECTORS_BINLOG_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *at, *end;
    bool is_short;
};

static inline struct bytes
bytes_of(const void *data, size_t len)
{
    return (struct bytes){.at = data, .end = (const uint8_t *)data + len};
}

static inline size_t
bytes_left(const struct bytes *from)
{
    return (size_t)(from->end - from->at);
}

/* The next len bytes, or NULL and the reader is at its end. */
static inline const uint8_t *
bytes_take(struct bytes *from, size_t len)
{
    if (bytes_left(from) < len) {
        from->is_short = true;
        from->at = from->end;
        return NULL;
    }
    const uint8_t *taken = from->at;
    from->at += len;
    return taken;
}

/* A reader over the next len bytes (over none when there are fewer). */
static inline struct bytes
bytes_part(struct bytes *from, size_t len)
{
    const uint8_t *data = bytes_take(from, len);
    return bytes_of(data ? data : from->end, data ? len : 0);
}

/* An unsigned number of 1 to 8 bytes, least significant first. */
static inline uint64_t
bytes_le(struct bytes *from, size_t len)
{
    const uint8_t *data = bytes_take(from, len);
    uint64_t number = 0;
    for (size_t i = len; data && i-- > 0;)
        number = number << 8 | data[i];
    return number;
}

/* The same, most significant first. */
static inline uint64_t
bytes_be(struct bytes *from, size_t len)
{
    const uint8_t *data = bytes_take(from, len);
    uint64_t number = 0;
    for (size_t i = 0; data && i < len; i++)
        number = number << 8 | data[i];
    return number;
}

static inline uint8_t
bytes_u8(struct bytes *from)
{
    const uint8_t *byte = bytes_take(from, 1);
    return byte ? *byte : 0;
}

/* The protocol's length-encoded number. */
static inline uint64_t
bytes_packed(struct bytes *from)
{
    uint8_t first = bytes_u8(from);
    switch (first) {
    case 252: return bytes_le(from, 2);
    case 253: return bytes_le(from, 3);
    case 254: return bytes_le(from, 8);
    case 251:
    case 255: from->is_short = true; return 0;
    default: return first;
    }
}

/* A sign-extended number out of the low `len` bytes. */
static inline int64_t
bytes_signed(uint64_t bits, size_t len)
{
    unsigned shift = (unsigned)(64 - 8 * len);
    return (int64_t)(bits << shift) >> shift;
}

/* Bit i of a bitmap whose first bit is the least significant one of the first byte. */
static inline bool
bytes_bit(const uint8_t *bitmap, size_t i)
{
    return bitmap[i / 8] >> (i % 8) & 1;
}

#endif
