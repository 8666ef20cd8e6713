/*
 * Values of Connect's data model. A value is a small struct that is copied by assignment; strings,
 * bytes and items it points to live in the arena of its batch (or in the Kafka message, or are literals)
 * and die with it. What a value means is said by its kind, and by the schema beside it where there is one.
 */
#ifndef CONNECT_DATA_VALUE_H
#define CONNECT_DATA_VALUE_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schema;

enum value_kind {
    VALUE_NULL = 0,
    VALUE_BOOLEAN, /* as.boolean */
    VALUE_INT,     /* as.integer: INT8 to INT64, and Date, Time, Timestamp in their base form */
    VALUE_FLOAT,   /* as.real: FLOAT32 and FLOAT64; text, if set, is the shortest decimal form the source gave */
    VALUE_STRING,  /* as.bytes, len: UTF-8, not NUL-terminated */
    VALUE_BYTES,   /* as.bytes, len */
    VALUE_DECIMAL, /* as.bytes, len: decimal digits of the unscaled number, '-' in front if negative; scale */
    VALUE_ARRAY,   /* as.items, len */
    VALUE_MAP,     /* as.items, len pairs: items[2i] is key i, items[2i + 1] its value */
    VALUE_STRUCT,  /* as.items, len: one a field of the schema, in its order */
};

struct value {
    uint8_t kind;    /* enum value_kind */
    uint8_t width;   /* VALUE_INT/VALUE_FLOAT without a schema: 8, 16, 32, 64 bits as Java would hold it; 0: 64 */
    int16_t scale;   /* VALUE_DECIMAL */
    uint32_t len;
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *bytes;
        struct value *items;
    } as;
    const char *text; /* VALUE_FLOAT: digits as the server sent them, NUL-terminated, or NULL */
};

#define VALUE_NONE ((struct value){.kind = VALUE_NULL})

static inline struct value
value_int(int64_t integer)
{
    return (struct value){.kind = VALUE_INT, .as.integer = integer};
}

static inline struct value
value_boolean(bool boolean)
{
    return (struct value){.kind = VALUE_BOOLEAN, .as.boolean = boolean};
}

static inline struct value
value_real(double real)
{
    return (struct value){.kind = VALUE_FLOAT, .as.real = real};
}

static inline struct value
value_string(const char *bytes, size_t len)
{
    return (struct value){.kind = VALUE_STRING, .len = (uint32_t)len, .as.bytes = bytes};
}

static inline struct value
value_bytes(const char *bytes, size_t len)
{
    return (struct value){.kind = VALUE_BYTES, .len = (uint32_t)len, .as.bytes = bytes};
}

static inline struct value
value_decimal(const char *digits, size_t len, int scale)
{
    return (struct value){.kind = VALUE_DECIMAL, .scale = (int16_t)scale, .len = (uint32_t)len, .as.bytes = digits};
}

static inline bool
value_is_null(const struct value *value)
{
    return value->kind == VALUE_NULL;
}

/* A deep copy into another arena. */
struct value value_copy(const struct value *value, struct arena *arena);
/* Same kind and content, all the way down; float text is not looked at. */
bool value_equal(const struct value *a, const struct value *b);
/* The value that a map without schema holds under a string key, or NULL. */
const struct value *value_map_get(const struct value *map, const char *key);

#endif
