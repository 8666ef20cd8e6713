/* Copying and comparing values. Recursion is as deep as the value is, which those who make values bound. */
#include "connect/data/value.h"

#include <math.h>
#include <string.h>

static size_t
item_count(const struct value *value)
{
    return value->kind == VALUE_MAP ? (size_t)value->len * 2 : value->len;
}

struct value
value_copy(const struct value *value, struct arena *arena)
{
    struct value copy = *value;
    switch (value->kind) {
    case VALUE_FLOAT:
        if (value->text)
            copy.text = arena_strdup(arena, value->text);
        break;
    case VALUE_STRING:
    case VALUE_BYTES:
    case VALUE_DECIMAL:
        copy.as.bytes = arena_memdup(arena, value->as.bytes, value->len);
        break;
    case VALUE_ARRAY:
    case VALUE_MAP:
    case VALUE_STRUCT:
        copy.as.items = arena_array(arena, struct value, item_count(value));
        for (size_t i = 0; i < item_count(value); i++)
            copy.as.items[i] = value_copy(&value->as.items[i], arena);
        break;
    default:
        break;
    }
    return copy;
}

/* As Double.equals: NaN equals itself, and the zeros differ. */
static bool
real_equal(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : a == b && signbit(a) == signbit(b);
}

static bool
bytes_equal(const struct value *a, const struct value *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->as.bytes, b->as.bytes, a->len) == 0);
}

static bool
items_equal(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < item_count(a); i++)
        if (!value_equal(&a->as.items[i], &b->as.items[i]))
            return false;
    return true;
}

/* The pairs of a map have no order that counts. */
static bool
map_holds(const struct value *map, const struct value *pair)
{
    for (size_t i = 0; i < map->len; i++)
        if (value_equal(&map->as.items[2 * i], &pair[0]))
            return value_equal(&map->as.items[2 * i + 1], &pair[1]);
    return false;
}

static bool
map_equal(const struct value *a, const struct value *b)
{
    if (items_equal(a, b))
        return true;
    for (size_t i = 0; i < a->len; i++)
        if (!map_holds(b, &a->as.items[2 * i]))
            return false;
    return true;
}

bool
value_equal(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOLEAN:
        return a->as.boolean == b->as.boolean;
    case VALUE_INT:
        return a->as.integer == b->as.integer;
    case VALUE_FLOAT:
        return real_equal(a->as.real, b->as.real);
    case VALUE_DECIMAL:
        return a->scale == b->scale && bytes_equal(a, b);
    case VALUE_STRING:
    case VALUE_BYTES:
        return bytes_equal(a, b);
    case VALUE_MAP:
        return a->len == b->len && map_equal(a, b);
    default:
        return a->len == b->len && items_equal(a, b);
    }
}

const struct value *
value_map_get(const struct value *map, const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < map->len; i++) {
        const struct value *name = &map->as.items[2 * i];
        if (name->kind == VALUE_STRING && name->len == len && memcmp(name->as.bytes, key, len) == 0)
            return &map->as.items[2 * i + 1];
    }
    return NULL;
}
