/* JSON as Jackson writes it: compact, upper-case escapes of control characters, characters beyond U+FFFF as two
   escapes, all others raw. For the records of the internal topics, whose keys are compared byte by byte. */
#ifndef CONNECT_STORAGE_JSON_TEXT_H
#define CONNECT_STORAGE_JSON_TEXT_H

#include "common/base/strbuf.h"

#include <jansson.h>

/* Append a quoted string. Bytes that are not UTF-8 become U+FFFD. */
void json_text_add(struct strbuf *out, const char *text, size_t len);
void json_text_puts(struct strbuf *out, const char *text); /* NULL: null */
/* Append any value; objects keep their order. */
void json_text_value(struct strbuf *out, const json_t *value);
/* As the same value in any order of members and form of escapes: members sorted. To compare by meaning. */
void json_text_canonical(struct strbuf *out, const json_t *value);
/* Parse one JSON text of any kind; NULL: *err says where. */
json_t *json_text_parse(const char *text, size_t len, struct error *err);

#endif
