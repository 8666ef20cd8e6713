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

#endif
