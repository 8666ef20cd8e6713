/* SHA-256 and HMAC over it, for signatures between workers. Any thread. */
#ifndef COMMON_BASE_SHA256_H
#define COMMON_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32 };

void sha256(const void *bytes, size_t len, unsigned char out[SHA256_SIZE]);
void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char out[SHA256_SIZE]);
/* As memcmp == 0, in a time that does not depend on the contents. */
bool bytes_equal(const void *a, const void *b, size_t len);

#endif
