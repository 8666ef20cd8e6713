/* A chain of blocks, each twice the size of the one before; a reset keeps the last. */
#include "common/base/arena.h"

#include "common/base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum { ARENA_FIRST = 4096, ARENA_KEEP = 4 << 20, ARENA_GROW_MAX = 1 << 20 };

struct arena_block {
    struct arena_block *older;
    size_t size; /* of the data */
    max_align_t data[];
};

static size_t
arena_block_used(const struct arena *arena)
{
    return arena->block ? (size_t)(arena->next - (const char *)arena->block->data) : 0;
}

size_t
arena_used(const struct arena *arena)
{
    return arena->older_used + arena_block_used(arena);
}

static void
arena_grow(struct arena *arena, size_t need)
{
    size_t size = arena->block ? arena->block->size : ARENA_FIRST / 2;
    size = size < ARENA_GROW_MAX ? size * 2 : size;
    if (size < need)
        size = need;
    struct arena_block *block = xmalloc(sizeof(*block) + size);
    arena->older_used += arena_block_used(arena);
    block->older = arena->block;
    block->size = size;
    ASAN_POISON_MEMORY_REGION(block->data, size);
    arena->block = block;
    arena->next = (char *)block->data;
    arena->end = arena->next + size;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    size_t rounded = (size + 7) & ~(size_t)7;
    if (!arena->block || (size_t)(arena->end - arena->next) < rounded)
        arena_grow(arena, rounded);
    void *memory = arena->next;
    arena->next += rounded;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    return memory;
}

char *
arena_memdup(struct arena *arena, const void *bytes, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
    return arena_memdup(arena, text, strlen(text));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

static void
arena_block_free(struct arena_block *block)
{
    ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
    free(block);
}

void
arena_reset(struct arena *arena)
{
    struct arena_block *block = arena->block;
    if (!block)
        return;
    size_t keep = arena->keep_max ? arena->keep_max : ARENA_KEEP;
    while (block->older) {
        struct arena_block *older = block->older;
        block->older = older->older;
        arena_block_free(older);
    }
    if (block->size > keep) {
        arena_fini(arena);
        return;
    }
    ASAN_POISON_MEMORY_REGION(block->data, block->size);
    arena->next = (char *)block->data;
    arena->end = arena->next + block->size;
    arena->older_used = 0;
}

void
arena_fini(struct arena *arena)
{
    for (struct arena_block *block = arena->block, *older; block; block = older) {
        older = block->older;
        arena_block_free(block);
    }
    arena->block = NULL;
    arena->next = arena->end = NULL;
    arena->older_used = 0;
}
