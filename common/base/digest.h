/* Digests by the names that java.security.MessageDigest has for them. A digest belongs to one thread. */
#ifndef COMMON_BASE_DIGEST_H
#define COMMON_BASE_DIGEST_H

#include <stddef.h>

struct digest;

enum { DIGEST_SIZE_MAX = 64 };

/* "SHA-256", "MD5", in any case. NULL: not known. */
struct digest *digest_new(const char *name);
void digest_free(struct digest *digest); /* accepts NULL */
void digest_add(struct digest *digest, const void *bytes, size_t len);
/* Writes the digest of all that was added and begins anew. Returns its length. */
size_t digest_finish(struct digest *digest, unsigned char out[DIGEST_SIZE_MAX]);

#endif
