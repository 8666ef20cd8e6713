/*
 * Finds names in an array whose elements begin with a `char *`: configurations, members of JSON objects. A short array is
 * searched; a long one gets a hash table beside it, so that many names from outside do not cost time that grows with their square.
 *
 * The array stays the caller's, who passes it with each call. The index belongs to one thread at a time; finding changes nothing.
 */
#ifndef COMMON_BASE_NAME_INDEX_H
#define COMMON_BASE_NAME_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct name_index {
    uint32_t *slots; /* position + 1 in the array; 0: free */
    size_t size;     /* a power of two; 0: the array is searched */
};
#define NAME_INDEX_INIT ((struct name_index){0})
#define NAME_INDEX_NONE ((size_t)-1)

/* Position of a name among `count` elements of `stride` bytes; NAME_INDEX_NONE: not there. */
size_t name_index_find(const struct name_index *index, const void *items, size_t stride, size_t count, const char *name);
/* The last of now `count` elements is new. */
void name_index_added(struct name_index *index, const void *items, size_t stride, size_t count);
/* The array has changed in another way. */
void name_index_rebuild(struct name_index *index, const void *items, size_t stride, size_t count);
void name_index_fini(struct name_index *index);

#endif
