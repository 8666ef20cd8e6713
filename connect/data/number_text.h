/*
 * Numbers as Java prints them: Long.toString, Double.toString, Float.toString (shortest digits that read
 * back the same, as since JDK 19). All functions write to a buffer of at least NUMBER_TEXT_SIZE bytes, add
 * no NUL and return the length. Any thread; nothing is allocated.
 */
#ifndef CONNECT_DATA_NUMBER_TEXT_H
#define CONNECT_DATA_NUMBER_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { NUMBER_TEXT_SIZE = 64 };

size_t number_text_int(int64_t number, char *out);
/* NaN, Infinity, -Infinity, 1.0, 1.0E10, 4.9E-324. */
size_t number_text_double(double number, char *out);
size_t number_text_float(float number, char *out);
/* The same form from digits that another program printed ("1e20", "19.99", "-0"), by rearranging them.
   0: not a decimal number, or more digits than a double can have. */
size_t number_text_rearrange(const char *digits, char *out);

#endif
