/*
 * The first digest form hashes the text as Java serialises it (a stream header, a type byte, a length, modified UTF-8),
 * the second its UTF-8 bytes. A digest is cut to the column's length.
 */
#include "connect/connectors/binlog/value_mask.h"

#include "common/base/alloc.h"
#include "common/base/digest.h"
#include "connect/data/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cdc_mask_hand {
    const struct cdc_mask *mask;
    int column_length;
    struct digest *digest;
    char *stars;
};

static bool
is_text(const struct cdc_column *column)
{
    static const int types[] = {JDBC_CHAR, JDBC_VARCHAR, JDBC_NCHAR, JDBC_NVARCHAR};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (column->jdbc_type == types[i])
            return true;
    return false;
}

static bool
is_cut(const struct cdc_mask *mask, const struct cdc_column *column)
{
    return mask->kind == CDC_MASK_TRUNCATE && (column->length < 0 || column->length > mask->length);
}

void
cdc_mask_describe(const struct cdc_mask *mask, const struct cdc_column *column, struct schema_builder *builder)
{
    char number[16];
    snprintf(number, sizeof(number), "%d", mask->length);
    if (mask->kind != CDC_MASK_TRUNCATE)
        schema_builder_parameter(builder, "masked", "true");
    else if (is_cut(mask, column))
        schema_builder_parameter(builder, "truncateLength", number);
}

bool
cdc_mask_hand_new(const struct cdc_mask *mask, const struct cdc_column *column, struct cdc_mask_hand **out, struct error *err)
{
    *out = NULL;
    if (mask->kind == CDC_MASK_TRUNCATE ? !is_cut(mask, column) : !is_text(column))
        return true;
    struct cdc_mask_hand *hand = xcalloc(1, sizeof(*hand));
    hand->mask = mask;
    hand->column_length = column->length;
    if (mask->kind == CDC_MASK_CHARS) {
        hand->stars = xcalloc(1, (size_t)mask->length + 1);
        memset(hand->stars, '*', (size_t)mask->length);
    } else if (mask->kind != CDC_MASK_TRUNCATE) {
        hand->digest = digest_new(mask->algorithm);
        if (!hand->digest) {
            error_set(err, ERROR_CONFIG, "%s MessageDigest not available", mask->algorithm);
            cdc_mask_hand_free(hand);
            return false;
        }
    }
    *out = hand;
    return true;
}

void
cdc_mask_hand_free(struct cdc_mask_hand *hand)
{
    if (!hand)
        return;
    digest_free(hand->digest);
    free(hand->stars);
    free(hand);
}

/* ---- lengths in Java's characters ---------------------------------------------------------------------------- */

/* Bytes of the first `count` UTF-16 units of a well-formed text. */
static size_t
cut_length(const char *text, size_t len, int count)
{
    const char *at = text, *end = text + len;
    while (at < end && count > 0) {
        int bytes = utf8_length(at, end);
        count -= bytes == 4 ? 2 : 1;
        if (count < 0)
            break; /* half of a pair is of no use */
        at += bytes > 0 ? bytes : 1;
    }
    return (size_t)(at - text);
}

/* ---- digests ---------------------------------------------------------------------------------------------------- */

/* Modified UTF-8: NUL as two bytes, characters beyond U+FFFF as two surrogates of three bytes each. */
static size_t
modified_utf8(const char *text, size_t len, unsigned char *out)
{
    unsigned char *to = out;
    const char *at = text, *end = text + len;
    while (at < end) {
        int bytes = utf8_length(at, end);
        const unsigned char *in = (const unsigned char *)at;
        if (bytes == 4) {
            uint32_t code = ((in[0] & 7u) << 18 | (in[1] & 63u) << 12 | (in[2] & 63u) << 6 | (in[3] & 63u)) - 0x10000;
            uint32_t pair[] = {0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)};
            for (int i = 0; i < 2; i++) {
                *to++ = (unsigned char)(0xE0 | pair[i] >> 12);
                *to++ = (unsigned char)(0x80 | (pair[i] >> 6 & 63));
                *to++ = (unsigned char)(0x80 | (pair[i] & 63));
            }
        } else if (*in == 0) {
            *to++ = 0xC0;
            *to++ = 0x80;
        } else {
            memcpy(to, at, (size_t)(bytes > 0 ? bytes : 1));
            to += bytes > 0 ? bytes : 1;
        }
        at += bytes > 0 ? bytes : 1;
    }
    return (size_t)(to - out);
}

static void
add_serialized(struct digest *digest, const struct value *value, struct arena *arena)
{
    unsigned char head[] = {0xAC, 0xED, 0x00, 0x05, 0x74, 0, 0, 0, 0, 0, 0, 0, 0};
    unsigned char *body = arena_alloc(arena, (size_t)value->len * 2 + 1);
    size_t len = modified_utf8(value->as.bytes, value->len, body), width = len > 0xFFFF ? 8 : 2;
    if (width == 8)
        head[4] = 0x7C; /* a long string */
    for (size_t i = 0, left = len; i < width; i++, left >>= 8)
        head[5 + width - 1 - i] = (unsigned char)left;
    digest_add(digest, head, 5 + width);
    digest_add(digest, body, len);
}

static void
apply_digest(struct cdc_mask_hand *hand, struct value *value, struct arena *arena)
{
    unsigned char bytes[DIGEST_SIZE_MAX];
    digest_add(hand->digest, hand->mask->salt, strlen(hand->mask->salt));
    if (hand->mask->kind == CDC_MASK_HASH)
        add_serialized(hand->digest, value, arena);
    else
        digest_add(hand->digest, value->as.bytes, value->len);
    size_t len = digest_finish(hand->digest, bytes);
    char *text = arena_alloc(arena, len * 2 + 1);
    for (size_t i = 0; i < len; i++)
        snprintf(text + i * 2, 3, "%02x", bytes[i]);
    len *= 2;
    if (hand->column_length > 0 && (size_t)hand->column_length < len)
        len = (size_t)hand->column_length;
    *value = value_string(text, len);
}

void
cdc_mask_apply(struct cdc_mask_hand *hand, struct value *value, struct arena *arena)
{
    switch (hand->mask->kind) {
    case CDC_MASK_CHARS:
        *value = value_string(hand->stars, (size_t)hand->mask->length);
        break;
    case CDC_MASK_TRUNCATE:
        if (value->kind == VALUE_STRING)
            value->len = (uint32_t)cut_length(value->as.bytes, value->len, hand->mask->length);
        else if (value->kind == VALUE_BYTES && value->len > (uint32_t)hand->mask->length)
            value->len = (uint32_t)hand->mask->length;
        break;
    default:
        if (value->kind == VALUE_STRING)
            apply_digest(hand, value, arena);
        else
            *value = VALUE_NONE;
    }
}
