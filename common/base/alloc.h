/* Heap memory that cannot fail: running out ends the process with a message. Sizes that come from
 * outside are checked against a bound before they get here. */
#ifndef COMMON_BASE_ALLOC_H
#define COMMON_BASE_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);                 /* NULL gives NULL */
char *xmemdup(const void *bytes, size_t len);    /* adds a NUL behind the copy */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Once, before there are threads: one heap a core instead of eight. Each heap keeps what its threads once used, so that
   the bound on records in flight would otherwise count many times over. */
void alloc_bound_heaps(void);
/* Gives unused memory back to the system. Any thread; takes a moment, for the end of something large. */
void alloc_give_back(void);

#endif
