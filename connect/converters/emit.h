/*
 * JSON text as Kafka Connect's JsonConverter (Jackson) writes it, appended to a buffer. Any thread.
 */
#ifndef CONNECT_CONVERTERS_EMIT_H
#define CONNECT_CONVERTERS_EMIT_H

#include "common/base/strbuf.h"
#include "connect/data/value.h"

#include <stddef.h>
#include <stdint.h>

void emit_int(struct strbuf *out, int64_t number);
/* Quoted; escapes only ", \ and control characters, and writes what lies beyond U+FFFF as two escaped
   surrogates. */
void emit_string(struct strbuf *out, const char *bytes, size_t len);
/* Digits, or a quoted NaN or Infinity. `text`: digits that the source gave, or NULL. */
void emit_double(struct strbuf *out, double number, const char *text);
void emit_float(struct strbuf *out, double number, const char *text);

#endif
