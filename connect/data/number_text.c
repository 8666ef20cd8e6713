/*
 * Shortest digits without tables: numbers of up to 15 digits (6 for float) come back from a correctly
 * rounded print, so that is tried first; few numbers need the second or third print.
 */
#include "connect/data/number_text.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                            "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                            "8081828384858687888990919293949596979899";

size_t
number_text_int(int64_t number, char *out)
{
    char digits[20];
    char *first = digits + sizeof(digits);
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    while (rest >= 100) {
        first -= 2;
        memcpy(first, pairs + 2 * (rest % 100), 2);
        rest /= 100;
    }
    if (rest >= 10) {
        first -= 2;
        memcpy(first, pairs + 2 * rest, 2);
    } else {
        *--first = (char)('0' + rest);
    }
    size_t len = (size_t)(digits + sizeof(digits) - first);
    if (number < 0)
        *out++ = '-';
    memcpy(out, first, len);
    return len + (number < 0);
}

/* ---- the form ----------------------------------------------------------------------------------------------- */

/* 0.DIGITS times ten to the power of `point`. */
struct decimal_form {
    bool is_negative;
    char digits[24];
    int count, point;
};

static size_t
form_print(const struct decimal_form *form, char *out)
{
    char *to = out;
    const char *digits = form->digits;
    int count = form->count, point = form->point;
    if (form->is_negative)
        *to++ = '-';
    if (count == 0) {
        memcpy(to, "0.0", 3);
        return (size_t)(to - out) + 3;
    }
    if (point > 7 || point < -2) { /* 1.0E7 and above, below 0.001 */
        *to++ = digits[0];
        *to++ = '.';
        memcpy(to, count > 1 ? digits + 1 : "0", count > 1 ? (size_t)count - 1 : 1);
        to += count > 1 ? count - 1 : 1;
        *to++ = 'E';
        return (size_t)(to - out) + number_text_int(point - 1, to);
    }
    if (point <= 0) {
        memcpy(to, "0.00", 4);
        to += 2 - point;
        memcpy(to, digits, (size_t)count);
        return (size_t)(to - out) + (size_t)count;
    }
    for (int i = 0; i < point || i < count; i++) {
        if (i == point)
            *to++ = '.';
        *to++ = i < count ? digits[i] : '0';
    }
    if (count <= point) {
        memcpy(to, ".0", 2);
        to += 2;
    }
    return (size_t)(to - out);
}

static void
form_strip_zeros(struct decimal_form *form)
{
    while (form->count > 0 && form->digits[form->count - 1] == '0')
        form->count--;
}

/* One digit of a text; leading zeros only move the point. False: too many. */
static bool
form_add_digit(struct decimal_form *form, char digit, bool is_fraction)
{
    if (form->count == 0 && digit == '0') {
        form->point -= is_fraction;
        return true;
    }
    if (form->count == (int)sizeof(form->digits))
        return false;
    form->digits[form->count++] = digit;
    form->point += !is_fraction;
    return true;
}

size_t
number_text_rearrange(const char *digits, char *out)
{
    struct decimal_form form = {.is_negative = *digits == '-'};
    const char *next = digits + (*digits == '-' || *digits == '+');
    bool has_digits = false, is_fraction = false;
    for (; isdigit((unsigned char)*next) || (*next == '.' && !is_fraction); next++) {
        if (*next == '.') {
            is_fraction = true;
            continue;
        }
        has_digits = true;
        if (!form_add_digit(&form, *next, is_fraction))
            return 0;
    }
    if (has_digits && (*next == 'e' || *next == 'E')) {
        char *end;
        long exponent = strtol(next + 1, &end, 10);
        if (end == next + 1 || exponent < -400 || exponent > 400)
            return 0;
        form.point += (int)exponent;
        next = end;
    }
    if (!has_digits || *next)
        return 0;
    form_strip_zeros(&form);
    return form_print(&form, out);
}

/* ---- shortest digits ------------------------------------------------------------------------------------------- */

/* The two types as this file sees them. */
struct real_type {
    int sure, max; /* digits that always come back; digits that always suffice */
    double smallest_normal;
};
static const struct real_type double_type = {DBL_DIG, 17, DBL_MIN};
static const struct real_type float_type = {FLT_DIG, 9, (double)FLT_MIN};

static bool
reads_back(const struct real_type *type, const char *text, double number)
{
    return type == &float_type ? strtof(text, NULL) == (float)number : strtod(text, NULL) == number;
}

/* The correctly rounded digits are not always among those that read back, at powers of two; a neighbour
   in the last place may be. */
static bool
neighbour_reads_back(const struct real_type *type, char *text, double number)
{
    char *last = strchr(text, 'e') - 1;
    for (int step = -1; step <= 1; step += 2) {
        char digit = (char)(*last + step);
        if (digit < '0' || digit > '9')
            continue;
        char kept = *last;
        *last = digit;
        if (reads_back(type, text, number))
            return true;
        *last = kept;
    }
    return false;
}

/* d.ddde±x of a positive finite number. Java takes two digits at least, which matters where one would do
   but two are closer (4.9E-324). */
static void
shortest(const struct real_type *type, double number, char *text, size_t size)
{
    int first = number < type->smallest_normal ? 2 : type->sure;
    for (int count = first; count <= type->max; count++) {
        snprintf(text, size, "%.*e", count - 1, number);
        if (reads_back(type, text, number) || neighbour_reads_back(type, text, number))
            return;
    }
}

/* Most numbers that people store have few decimals. Integer and power of ten are exact here, so their quotient is
   rounded as reading those digits would be; and below 15 digits no shorter text means the same number. 0: others. */
static size_t
few_decimals(double number, char *out)
{
    static const double powers[] = {1, 10, 100, 1000, 10000};
    if (!(number >= 1e-3 && number < 1e7))
        return 0;
    for (size_t decimals = 1; decimals < sizeof(powers) / sizeof(*powers); decimals++) {
        uint64_t integer = (uint64_t)(number * powers[decimals] + 0.5);
        if ((double)integer / powers[decimals] != number)
            continue;
        uint64_t power = (uint64_t)powers[decimals], fraction = integer % power;
        size_t len = number_text_int((int64_t)(integer / power), out);
        out[len] = '.';
        for (size_t i = decimals; i > 0; i--, fraction /= 10)
            out[len + i] = (char)('0' + fraction % 10);
        return len + 1 + decimals;
    }
    return 0;
}

static size_t
real_text(const struct real_type *type, double number, char *out)
{
    if (!isfinite(number)) {
        const char *word = isnan(number) ? "NaN" : number < 0 ? "-Infinity" : "Infinity";
        memcpy(out, word, strlen(word));
        return strlen(word);
    }
    if (number == rint(number) && fabs(number) < 1e7 && (number != 0 || !signbit(number))) {
        size_t len = number_text_int((int64_t)number, out);
        memcpy(out + len, ".0", 2);
        return len + 2;
    }
    *out = '-'; /* kept only in front of a negative number */
    size_t few = type == &double_type ? few_decimals(fabs(number), out + (signbit(number) ? 1 : 0)) : 0;
    if (few)
        return few + (signbit(number) ? 1 : 0);
    char text[40];
    text[0] = '-';
    shortest(type, fabs(number), text + 1, sizeof(text) - 1);
    return number_text_rearrange(signbit(number) ? text : text + 1, out);
}

size_t
number_text_double(double number, char *out)
{
    return real_text(&double_type, number, out);
}

size_t
number_text_float(float number, char *out)
{
    return real_text(&float_type, (double)number, out);
}
