/* Object.toString of the Java original, for StringConverter and messages. Any thread. */
#ifndef CONNECT_DATA_JAVA_TEXT_H
#define CONNECT_DATA_JAVA_TEXT_H

#include "common/base/strbuf.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

#include <stdint.h>

/* 5, 1.0, [1, 2], {a=1, b=2}, Struct{a=1,b=x}, Tue Nov 14 22:13:20 UTC 2023, null. Bytes are written as "[B@0": Java
   prints an address there. `schema` may be NULL. */
void java_text(const struct schema *schema, const struct value *value, struct strbuf *out);
/* Hash of a text as a Java string, over its UTF-16 units, spread as HashMap does: the lowest bits are the bucket. */
uint32_t java_text_hash(const char *text);

#endif
