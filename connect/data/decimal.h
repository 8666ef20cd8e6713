/*
 * Decimal numbers in the form of VALUE_DECIMAL (digits of the unscaled number, '-' in front, and a scale)
 * and their other forms: big-endian two's complement bytes as Connect's Decimal has them, and text as
 * java.math.BigDecimal prints it. Any thread.
 */
#ifndef CONNECT_DATA_DECIMAL_H
#define CONNECT_DATA_DECIMAL_H

#include "common/base/arena.h"
#include "common/base/strbuf.h"
#include "connect/data/value.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    DECIMAL_DIGITS_MAX = 4096, /* longer ones are refused: conversion takes quadratic time */
    DECIMAL_BYTES_MAX = 1708,
};

/* Minimal two's complement; `out` holds DECIMAL_BYTES_MAX. Returns the length, 0 if there are too many digits. */
size_t decimal_to_bytes(const char *digits, size_t len, unsigned char *out);
/* The opposite, the digits in the arena. False: no bytes, or too many. */
bool decimal_from_bytes(const unsigned char *bytes, size_t len, int scale, struct arena *arena, struct value *out);
/* A text like -12.50, 1e3: digits and scale as new BigDecimal(text) has them. False: not one, too long,
   or its scale is out of range. */
bool decimal_parse(const char *text, size_t len, struct arena *arena, struct value *out);
/* BigDecimal.toString: 0.00, 12.5, 1E+3, 1E-7. */
void decimal_text(const struct value *decimal, struct strbuf *out);

#endif
