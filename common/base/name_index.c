/* Open addressing with linear probing, at most half full. */
#include "common/base/name_index.h"

#include "common/base/alloc.h"
#include "common/base/error.h"

#include <stdlib.h>
#include <string.h>

enum { SEARCHED_MAX = 64 }; /* up to here a search is as fast */

static const char *
name_at(const void *items, size_t stride, size_t place)
{
    return *(char *const *)((const char *)items + place * stride);
}

/* FNV-1a, mixed once more since the low bits choose the slot. */
static size_t
hash(const char *name)
{
    uint64_t sum = 14695981039346656037u;
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        sum = (sum ^ *c) * 1099511628211u;
    return (size_t)(sum ^ sum >> 29);
}

size_t
name_index_find(const struct name_index *index, const void *items, size_t stride, size_t count, const char *name)
{
    if (index->size == 0) {
        for (size_t i = 0; i < count; i++)
            if (strcmp(name_at(items, stride, i), name) == 0)
                return i;
        return NAME_INDEX_NONE;
    }
    for (size_t at = hash(name);; at++) {
        uint32_t place = index->slots[at & (index->size - 1)];
        if (place == 0)
            return NAME_INDEX_NONE;
        if (strcmp(name_at(items, stride, place - 1), name) == 0)
            return place - 1;
    }
}

static void
put(struct name_index *index, const void *items, size_t stride, size_t place)
{
    size_t at = hash(name_at(items, stride, place));
    while (index->slots[at & (index->size - 1)])
        at++;
    index->slots[at & (index->size - 1)] = (uint32_t)(place + 1);
}

void
name_index_rebuild(struct name_index *index, const void *items, size_t stride, size_t count)
{
    name_index_fini(index);
    if (count <= SEARCHED_MAX)
        return;
    ensure(count < UINT32_MAX, "too many names");
    index->size = (size_t)SEARCHED_MAX * 4;
    while (index->size < count * 2)
        index->size *= 2;
    index->slots = xcalloc(index->size, sizeof(*index->slots));
    for (size_t i = 0; i < count; i++)
        put(index, items, stride, i);
}

void
name_index_added(struct name_index *index, const void *items, size_t stride, size_t count)
{
    if (count <= SEARCHED_MAX)
        return;
    if (index->size < count * 2)
        name_index_rebuild(index, items, stride, count);
    else
        put(index, items, stride, count - 1);
}

void
name_index_fini(struct name_index *index)
{
    free(index->slots);
    *index = NAME_INDEX_INIT;
}
