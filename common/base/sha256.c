/* FIPS 180-4 and RFC 2104, straight from the text. */
#include "common/base/sha256.h"

#include <string.h>

static const uint32_t round_words[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t
rotate(uint32_t word, int by)
{
    return word >> by | word << (32 - by);
}

static void
block(uint32_t state[8], const unsigned char *bytes)
{
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 | (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t b = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    memcpy(s, state, sizeof(s));
    for (int i = 0; i < 64; i++) {
        uint32_t a = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
        uint32_t one = s[7] + a + ((s[4] & s[5]) ^ (~s[4] & s[6])) + round_words[i] + w[i];
        uint32_t b = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
        uint32_t two = b + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof(*s));
        s[4] += one;
        s[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        state[i] += s[i];
}

/* Two parts in a row, so that HMAC needs no copy. */
static void
digest(const void *first, size_t first_len, const void *second, size_t second_len, unsigned char out[SHA256_SIZE])
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char buffer[64];
    size_t fill = 0;
    const unsigned char *parts[] = {first, second};
    const size_t lens[] = {first_len, second_len};
    for (int p = 0; p < 2; p++)
        for (size_t i = 0; i < lens[p]; i++) {
            buffer[fill++] = parts[p][i];
            if (fill == 64) {
                block(state, buffer);
                fill = 0;
            }
        }
    buffer[fill++] = 0x80;
    if (fill > 56) {
        memset(buffer + fill, 0, 64 - fill);
        block(state, buffer);
        fill = 0;
    }
    memset(buffer + fill, 0, 56 - fill);
    uint64_t bits = (uint64_t)(first_len + second_len) * 8;
    for (int i = 0; i < 8; i++)
        buffer[56 + i] = (unsigned char)(bits >> (56 - 8 * i));
    block(state, buffer);
    for (int i = 0; i < SHA256_SIZE; i++)
        out[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

void
sha256(const void *bytes, size_t len, unsigned char out[SHA256_SIZE])
{
    digest(bytes, len, NULL, 0, out);
}

void
hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, unsigned char out[SHA256_SIZE])
{
    unsigned char pad[64] = {0}, inner[SHA256_SIZE];
    if (key_len > sizeof(pad))
        sha256(key, key_len, pad);
    else if (key_len)
        memcpy(pad, key, key_len);
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36;
    digest(pad, sizeof(pad), bytes, len, inner);
    for (size_t i = 0; i < sizeof(pad); i++)
        pad[i] ^= 0x36 ^ 0x5c;
    digest(pad, sizeof(pad), inner, sizeof(inner), out);
}

bool
bytes_equal(const void *a, const void *b, size_t len)
{
    const unsigned char *left = a, *right = b;
    unsigned char differs = 0;
    for (size_t i = 0; i < len; i++)
        differs |= left[i] ^ right[i];
    return differs == 0;
}
