/*
 * Memory with one lifetime: allocate many times, reset all at once. A batch of records lives in one.
 *
 * An arena belongs to one thread at a time. After a reset it keeps its largest block, so that a
 * steady stream of batches allocates nothing. Built with the address sanitizer, freed ranges are
 * poisoned, so a value used after its batch is found.
 */
#ifndef COMMON_BASE_ARENA_H
#define COMMON_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *block; /* the one being filled; older ones are linked behind it */
    char *next, *end;          /* free range of it */
    size_t older_used;         /* bytes given out of the blocks behind it */
    size_t keep_max;           /* a block larger than this is not kept by a reset; 0: 4 MiB */
};

#define ARENA_INIT ((struct arena){0})

/* Uninitialised memory, aligned to 8; never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy with a NUL behind it. */
char *arena_memdup(struct arena *arena, const void *bytes, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Bytes given out since the last reset. */
size_t arena_used(const struct arena *arena);
/* Everything allocated before becomes invalid. */
void arena_reset(struct arena *arena);
/* As reset, and gives all memory back. The arena can be used again. */
void arena_fini(struct arena *arena);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))

#endif
