/* UTF-8, checked and mended. Any thread. */
#ifndef CONNECT_DATA_UTF8_H
#define CONNECT_DATA_UTF8_H

#include "common/base/arena.h"

#include <stddef.h>

/* Length of the well-formed sequence that begins at `text` (1 to 4), or 0. text < end. */
int utf8_length(const char *text, const char *end);
/* The text itself if it is well-formed; otherwise a copy in the arena in which each wrong byte has become
   U+FFFD, as Java decodes. *len_io is changed to the length of what is returned. */
const char *utf8_mend(const char *text, size_t *len_io, struct arena *arena);

#endif
