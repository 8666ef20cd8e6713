/*
 * Regular expressions in the dialect of java.util.regex, as Kafka's settings use them.
 *
 * A compiled expression never changes and may be used from any thread. Of Java's dialect, intersections
 * ("[a-z&&[^b]]") and classes inside classes are refused with a message rather than read differently.
 * Backtracking is bounded: an expression that explodes on a text does not match it.
 */
#ifndef COMMON_BASE_REGEX_H
#define COMMON_BASE_REGEX_H

#include "common/base/error.h"
#include "common/base/strbuf.h"

#include <stddef.h>

struct regex;

/* NULL: ERROR_CONFIG, with what is wrong and where. */
struct regex *regex_new(const char *pattern, struct error *err);
void regex_free(struct regex *regex); /* accepts NULL */

/* Matcher.matches: the whole text. */
bool regex_matches(const struct regex *regex, const char *text);
/* Matcher.replaceFirst, appended to `out`: $1, $12 (as many digits as name a group), ${name}, backslash
   escapes. The text itself when nothing matches. False: the replacement is wrong (ERROR_DATA). */
bool regex_replace_first(const struct regex *regex, const char *text, const char *replacement, struct strbuf *out,
                         struct error *err) MUST_CHECK;

#endif
