/* Percent-encoding, query strings and paths. No state; any thread. */
#ifndef COMMON_HTTP_URI_H
#define COMMON_HTTP_URI_H

#include "common/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

/* Append the text with every %XX decoded, and with `plus_is_space` every '+' as a space (queries). False at a
   '%' without two hexadecimal digits, which is then kept as it is and the rest decoded all the same. */
bool uri_decode(struct strbuf *out, const char *text, size_t len, bool plus_is_space);
/* Append the text with everything encoded but letters, digits and "-._~". */
void uri_encode(struct strbuf *out, const char *text, size_t len);

/* One "name=value" of a query; raw, not NUL-terminated. A name without '=' has value NULL. */
struct uri_param {
    const char *name, *value;
    size_t name_len, value_len;
    const char *text; /* the whole of it */
    size_t len;
};

/* Start with *at = query (may be NULL); false when there is no more. Empty parts ("a=1&&b=2") are left out. */
bool uri_param_next(const char **at, struct uri_param *param_out);
/* The decoded value of the first parameter of this (decoded) name, appended to out; false if there is none. */
bool uri_query_value(const char *query, const char *name, struct strbuf *out);

/* One segment of a path; raw, not NUL-terminated. Empty segments are left out, as are ";parameters". */
bool uri_segment_next(const char **at, const char **segment_out, size_t *len_out);

#endif
