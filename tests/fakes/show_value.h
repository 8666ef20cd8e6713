/* Values as one line of text with their Java classes, for comparing in tests: S(a=Integer 1,b=null,). */
#ifndef TESTS_FAKES_SHOW_VALUE_H
#define TESTS_FAKES_SHOW_VALUE_H

#include "common/base/strbuf.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

void show_value(const struct schema *schema, const struct value *value, struct strbuf *out);
/* ?int32, struct(a:int32,b:?string), ?Decimal(2); names after '@', defaults after '='. "-" for NULL. */
void show_schema(const struct schema *schema, struct strbuf *out);

#endif
