/*
 * A JSON scanner over bytes that need no NUL behind them. It takes what Jackson takes in Kafka Connect's
 * configuration: numbers with leading zeros, any \u escape (a lone surrogate reads as '?'), members given
 * twice, anything behind the first value. UTF-8 is checked. Depth, numbers and names are bounded by
 * Jackson's limits.
 *
 * A scan is a cursor that its owner copies and moves freely. A function that returns false has set
 * `problem` (a literal) and left `next` near the place. Strings without escapes point into the text, others
 * into the arena. Nothing else is allocated.
 */
#ifndef CONNECT_CONVERTERS_SCAN_H
#define CONNECT_CONVERTERS_SCAN_H

#include "common/base/arena.h"
#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCAN_DEPTH_MAX = 1000, SCAN_NUMBER_MAX = 1000, SCAN_NAME_MAX = 50000 };

struct scan {
    const char *start, *next, *end;
    const char *problem;
    int depth;
};

struct scan_span {
    const char *start; /* NULL: absent */
    size_t len;
};

void scan_init(struct scan *scan, const char *text, size_t len); /* skips a byte order mark */

/* Skip blanks and look: the byte that comes, or 0 at the end of the text. */
static inline char
scan_peek(struct scan *scan)
{
    while (scan->next < scan->end && (*scan->next == ' ' || *scan->next == '\n' || *scan->next == '\r' || *scan->next == '\t'))
        scan->next++;
    return scan->next < scan->end ? *scan->next : '\0';
}

/* Skip blanks and take this byte; false: another comes (no problem is set). */
static inline bool
scan_take(struct scan *scan, char byte)
{
    if (scan_peek(scan) != byte || scan->next == scan->end)
        return false;
    scan->next++;
    return true;
}

bool scan_fail(struct scan *scan, const char *problem); /* returns false */

/* At a quote. */
bool scan_string(struct scan *scan, struct arena *arena, struct scan_span *out);
/* At '-' or a digit. The token's text; *is_integral_out: no fraction and no exponent. */
bool scan_number(struct scan *scan, struct scan_span *out, bool *is_integral_out);
/* At the first letter of null, true, false; *out is that letter. */
bool scan_literal(struct scan *scan, char *out);
/* Over any value, checking it. */
bool scan_skip(struct scan *scan);

/* Walking an object or array whose opening byte has been taken:
     for (bool more = scan_first(s, '}'); more; more = scan_next(s, '}')) { scan_name(...); value }
   then ask whether scan->problem is set. */
bool scan_first(struct scan *scan, char close);
bool scan_next(struct scan *scan, char close);
bool scan_name(struct scan *scan, struct arena *arena, struct scan_span *out); /* a member's name and the colon */
/* Entering and leaving, for the depth. */
bool scan_open(struct scan *scan); /* takes '{' or '[' */
void scan_close(struct scan *scan);

/* The first value of the whole text is skipped and what follows it looked at: a root-level number must be
   followed by a blank. */
bool scan_document(struct scan *scan);
/* The spans of the named members of an object, the last of each name; *others_out counts the rest. At the
   opening brace. `count` names. */
bool scan_members(struct scan *scan, const char *const *names, size_t count, struct scan_span *out, size_t *others_out);

/* The low 64 bits of a number's integral part, as Java's BigInteger.longValue and BigDecimal.longValue. */
int64_t scan_number_long(struct scan_span number);
double scan_number_double(struct scan_span number);
float scan_number_float(struct scan_span number);

static inline bool
scan_span_is(struct scan_span span, const char *text, size_t len)
{
    return span.len == len && __builtin_memcmp(span.start, text, len) == 0;
}

/* JSON node types as Jackson names them in messages: OBJECT, ARRAY, STRING, NUMBER, BOOLEAN, NULL. */
const char *scan_type_name(char first);

#endif
