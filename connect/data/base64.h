/* Base64 with the standard alphabet. Any thread. */
#ifndef CONNECT_DATA_BASE64_H
#define CONNECT_DATA_BASE64_H

#include "common/base/strbuf.h"

#include <stddef.h>

/* With padding. */
void base64_encode(struct strbuf *out, const void *bytes, size_t len);
/* The opposite; spaces between groups of four are skipped, as Jackson does. Returns the number of bytes
   written to `out` (room for len / 4 * 3), or -1. */
long base64_decode(const char *text, size_t len, unsigned char *out);

#endif
