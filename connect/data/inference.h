/*
 * Values as plain text and back, as org.apache.kafka.connect.data.Values does for headers and literals. The
 * type is inferred from the text: true, 5, 1.5, 2024-01-15, [1,"a"], {"k":1}, else a string. Any thread.
 */
#ifndef CONNECT_DATA_INFERENCE_H
#define CONNECT_DATA_INFERENCE_H

#include "common/base/arena.h"
#include "common/base/strbuf.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

#include <stddef.h>

/* What the text is taken for. The value lives in the arena and may point into the text; *schema_out is a
   reference for the caller (NULL with a null). Never fails: what is nothing else is a string. */
void inference_parse(const char *text, size_t len, struct arena *arena, const struct schema **schema_out,
                     struct value *value_out);
/* The text of any value but null, appended: strings as they are, nested ones quoted. `schema` may be NULL. */
void inference_text(const struct schema *schema, const struct value *value, struct strbuf *out);
/* 12:34:56.789Z for an instant of 1970-01-01 or before it, 2024-01-15 for whole days, else both with a T. */
void inference_instant_text(int64_t ms, struct strbuf *out);

#endif
