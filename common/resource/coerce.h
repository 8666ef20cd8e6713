/*
 * JSON values into columns, with the original's tolerance: numbers in strings, truncated fractions, blanks and
 * "null" for no number. See the table in the tests.
 */
#ifndef COMMON_RESOURCE_COERCE_H
#define COMMON_RESOURCE_COERCE_H

#include "common/resource/entity.h"
#include "common/resource/json_read.h"

/* Onto an existing row the original goes through a number, so that 10.50 becomes the text "10.5". */
enum coerce_mode { COERCE_NEW, COERCE_EXISTING };

/* A value for one field; text may point into the node. ERROR_DATA on failure (err->cause 1: a number out of range). */
bool coerce(struct arena *arena, const struct field *field, const struct json_node *node, enum coerce_mode mode,
            struct db_value *out, struct error *err) MUST_CHECK;
/* Java's Integer.parseInt and Long.parseLong: a sign, digits of any script, nothing else. */
bool parse_java_integer(const char *text, size_t len, int64_t min, int64_t max, int64_t *out);

#endif
