/* Conversion between digits and binary goes through limbs of 32 bits; up to 18 digits through one integer. */
#include "connect/data/decimal.h"

#include "connect/data/number_text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LIMBS_MAX = DECIMAL_BYTES_MAX / 4 + 1, GROUP = 9 };

/* Little-endian limbs, no leading zeros. */
struct magnitude {
    uint32_t limbs[LIMBS_MAX];
    size_t count;
};

static void
multiply_add(struct magnitude *number, uint32_t factor, uint32_t addend)
{
    uint64_t carry = addend;
    for (size_t i = 0; i < number->count; i++) {
        carry += (uint64_t)number->limbs[i] * factor;
        number->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        number->limbs[number->count++] = (uint32_t)carry;
}

/* Returns the remainder. */
static uint32_t
divide(struct magnitude *number, uint32_t divisor)
{
    uint64_t rest = 0;
    for (size_t i = number->count; i-- > 0;) {
        rest = rest << 32 | number->limbs[i];
        number->limbs[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    while (number->count && number->limbs[number->count - 1] == 0)
        number->count--;
    return (uint32_t)rest;
}

/* Big-endian, as few bytes as hold the sign. `byte_at(i)` counts from the least significant. */
static size_t
put_minimal(const unsigned char *little_endian, size_t len, unsigned char *out)
{
    while (len > 1 && ((little_endian[len - 1] == 0 && little_endian[len - 2] < 0x80) ||
                       (little_endian[len - 1] == 0xff && little_endian[len - 2] >= 0x80)))
        len--;
    for (size_t i = 0; i < len; i++)
        out[i] = little_endian[len - 1 - i];
    return len;
}

static size_t
small_to_bytes(const char *digits, size_t len, bool is_negative, unsigned char *out)
{
    int64_t number = 0;
    for (size_t i = 0; i < len; i++)
        number = number * 10 + (digits[i] - '0');
    uint64_t bits = (uint64_t)(is_negative ? -number : number);
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(bits >> (8 * i));
    return put_minimal(bytes, sizeof(bytes), out);
}

static size_t
large_to_bytes(const char *digits, size_t len, bool is_negative, unsigned char *out)
{
    struct magnitude number = {.count = 0};
    for (size_t i = 0; i < len;) {
        size_t group = (len - i) % GROUP ? (len - i) % GROUP : GROUP;
        uint32_t value = 0, factor = 1;
        for (size_t end = i + group; i < end; i++, factor *= 10)
            value = value * 10 + (uint32_t)(digits[i] - '0');
        multiply_add(&number, factor, value);
    }
    unsigned char bytes[4 * LIMBS_MAX + 1] = {0};
    unsigned carry = 1;
    for (size_t i = 0; i < number.count * 4 + 1; i++) {
        unsigned byte = i < number.count * 4 ? number.limbs[i / 4] >> (8 * (i % 4)) & 0xff : 0;
        if (is_negative) {
            byte = (~byte & 0xff) + carry;
            carry = byte >> 8;
        }
        bytes[i] = (unsigned char)byte;
    }
    return put_minimal(bytes, number.count * 4 + 1, out);
}

size_t
decimal_to_bytes(const char *digits, size_t len, unsigned char *out)
{
    bool is_negative = len > 0 && digits[0] == '-';
    digits += is_negative;
    len -= is_negative;
    while (len > 1 && *digits == '0') {
        digits++;
        len--;
    }
    if (len > DECIMAL_DIGITS_MAX)
        return 0;
    return len <= 18 ? small_to_bytes(digits, len, is_negative, out) : large_to_bytes(digits, len, is_negative, out);
}

static void
set_decimal(struct value *out, struct arena *arena, const char *digits, size_t len, int scale)
{
    *out = value_decimal(arena_memdup(arena, digits, len), len, scale);
}

static void
magnitude_from_bytes(struct magnitude *number, const unsigned char *bytes, size_t len)
{
    bool is_negative = bytes[0] >= 0x80;
    unsigned carry = 1;
    *number = (struct magnitude){.count = (len + 3) / 4};
    for (size_t i = 0; i < len; i++) {
        unsigned byte = bytes[len - 1 - i];
        if (is_negative) {
            byte = (~byte & 0xff) + carry;
            carry = byte >> 8;
        }
        number->limbs[i / 4] |= (uint32_t)(byte & 0xff) << (8 * (i % 4));
    }
    while (number->count && number->limbs[number->count - 1] == 0)
        number->count--;
}

bool
decimal_from_bytes(const unsigned char *bytes, size_t len, int scale, struct arena *arena, struct value *out)
{
    if (len == 0 || len > DECIMAL_BYTES_MAX - 4)
        return false;
    if (len <= 8) {
        uint64_t bits = bytes[0] >= 0x80 ? UINT64_MAX : 0;
        for (size_t i = 0; i < len; i++)
            bits = bits << 8 | bytes[i];
        char digits[NUMBER_TEXT_SIZE];
        set_decimal(out, arena, digits, number_text_int((int64_t)bits, digits), scale);
        return true;
    }
    struct magnitude number;
    magnitude_from_bytes(&number, bytes, len);
    char digits[DECIMAL_BYTES_MAX * 5 / 2];
    char *first = digits + sizeof(digits);
    while (number.count) {
        uint32_t group = divide(&number, 1000000000);
        for (int i = 0; i < GROUP && (number.count || group); i++, group /= 10)
            *--first = (char)('0' + group % 10);
    }
    if (first == digits + sizeof(digits))
        *--first = '0';
    if (bytes[0] >= 0x80)
        *--first = '-';
    set_decimal(out, arena, first, (size_t)(digits + sizeof(digits) - first), scale);
    return true;
}

/* ---- text --------------------------------------------------------------------------------------------------- */

/* Behind the digits: nothing, or an exponent. */
static bool
parse_exponent(const char *text, const char *end, long *exponent)
{
    *exponent = 0;
    if (text == end)
        return true;
    if (*text != 'e' && *text != 'E')
        return false;
    bool is_negative = ++text < end && *text == '-';
    text += text < end && (*text == '-' || *text == '+');
    if (text == end || end - text > 9)
        return false;
    for (; text < end; text++) {
        if (!isdigit((unsigned char)*text))
            return false;
        *exponent = *exponent * 10 + (*text - '0');
    }
    *exponent = is_negative ? -*exponent : *exponent;
    return true;
}

bool
decimal_parse(const char *text, size_t len, struct arena *arena, struct value *out)
{
    const char *next = text, *end = text + len;
    bool is_negative = next < end && *next == '-', is_fraction = false, has_digits = false;
    next += next < end && (*next == '-' || *next == '+');
    char digits[DECIMAL_DIGITS_MAX + 1] = {'-'};
    size_t count = 1;
    long scale = 0, exponent;
    for (; next < end && (isdigit((unsigned char)*next) || (*next == '.' && !is_fraction)); next++) {
        if (*next == '.') {
            is_fraction = true;
            continue;
        }
        has_digits = true;
        scale += is_fraction;
        if (count == 2 && digits[1] == '0')
            count = 1;
        if (count == sizeof(digits))
            return false;
        digits[count++] = *next;
    }
    if (!has_digits || !parse_exponent(next, end, &exponent))
        return false;
    scale -= exponent;
    if (scale < INT16_MIN || scale > INT16_MAX)
        return false;
    bool has_sign = is_negative && !(count == 2 && digits[1] == '0');
    set_decimal(out, arena, digits + !has_sign, count - !has_sign, (int)scale);
    return true;
}

static void
add_zeros(struct strbuf *out, long count)
{
    while (count-- > 0)
        strbuf_putc(out, '0');
}

void
decimal_text(const struct value *decimal, struct strbuf *out)
{
    const char *digits = decimal->as.bytes;
    long count = decimal->len, scale = decimal->scale;
    if (count && *digits == '-') {
        strbuf_putc(out, '-');
        digits++;
        count--;
    }
    long adjusted = count - 1 - scale;
    if (scale == 0) {
        strbuf_add(out, digits, (size_t)count);
    } else if (scale > 0 && adjusted >= -6) {
        long whole = count > scale ? count - scale : 0;
        strbuf_add(out, whole ? digits : "0", whole ? (size_t)whole : 1);
        strbuf_putc(out, '.');
        add_zeros(out, scale - count);
        strbuf_add(out, digits + whole, (size_t)(count - whole));
    } else {
        strbuf_putc(out, digits[0]);
        if (count > 1) {
            strbuf_putc(out, '.');
            strbuf_add(out, digits + 1, (size_t)count - 1);
        }
        if (adjusted)
            strbuf_printf(out, "E%+ld", adjusted);
    }
}
