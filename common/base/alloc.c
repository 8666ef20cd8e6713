/* malloc and friends that end the process instead of failing. */
#include "common/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void *
alloc_check(void *memory, size_t size)
{
    if (!memory) {
        fprintf(stderr, "out of memory: %zu bytes\n", size);
        abort();
    }
    return memory;
}

void *
xmalloc(size_t size)
{
    return alloc_check(malloc(size ? size : 1), size);
}

void *
xcalloc(size_t count, size_t size)
{
    return alloc_check(calloc(count ? count : 1, size ? size : 1), count * size);
}

void *
xrealloc(void *old, size_t size)
{
    return alloc_check(realloc(old, size ? size : 1), size);
}

char *
xstrdup(const char *text)
{
    return text ? xmemdup(text, strlen(text)) : NULL;
}

char *
xmemdup(const void *bytes, size_t len)
{
    char *copy = xmalloc(len + 1);
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *
xasprintf(const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    return alloc_check(n < 0 ? NULL : text, 0);
}

void
alloc_bound_heaps(void)
{
#ifdef __GLIBC__
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    mallopt(M_ARENA_MAX, cores > 2 ? (int)cores : 2);
#endif
}

void
alloc_give_back(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
