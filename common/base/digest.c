#include "common/base/digest.h"

#include "common/base/alloc.h"
#include "common/base/error.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <strings.h>

static const struct {
    const char *name;
    gnutls_digest_algorithm_t algorithm;
} algorithms[] = {
    {"MD5", GNUTLS_DIG_MD5},           {"SHA", GNUTLS_DIG_SHA1},          {"SHA-1", GNUTLS_DIG_SHA1},
    {"SHA1", GNUTLS_DIG_SHA1},         {"SHA-224", GNUTLS_DIG_SHA224},    {"SHA-256", GNUTLS_DIG_SHA256},
    {"SHA-384", GNUTLS_DIG_SHA384},    {"SHA-512", GNUTLS_DIG_SHA512},    {"SHA3-224", GNUTLS_DIG_SHA3_224},
    {"SHA3-256", GNUTLS_DIG_SHA3_256}, {"SHA3-384", GNUTLS_DIG_SHA3_384}, {"SHA3-512", GNUTLS_DIG_SHA3_512},
};

struct digest {
    gnutls_hash_hd_t handle;
    size_t len;
};

struct digest *
digest_new(const char *name)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
        if (strcasecmp(algorithms[i].name, name) != 0)
            continue;
        struct digest *digest = xcalloc(1, sizeof(*digest));
        digest->len = gnutls_hash_get_len(algorithms[i].algorithm);
        if (gnutls_hash_init(&digest->handle, algorithms[i].algorithm) == 0)
            return digest;
        free(digest);
    }
    return NULL;
}

void
digest_free(struct digest *digest)
{
    if (digest)
        gnutls_hash_deinit(digest->handle, NULL);
    free(digest);
}

void
digest_add(struct digest *digest, const void *bytes, size_t len)
{
    ensure(gnutls_hash(digest->handle, bytes, len) == 0, "a digest failed");
}

size_t
digest_finish(struct digest *digest, unsigned char out[DIGEST_SIZE_MAX])
{
    gnutls_hash_output(digest->handle, out);
    return digest->len;
}
