/*
 * Java properties files: what java.util.Properties reads, in UTF-8. Comments (# !), continued lines,
 * separators (= : blank), escapes (\t \n \r \f \uXXXX).
 *
 * Errors name file and line, and the key where there is one. Any thread.
 */
#ifndef COMMON_CONFIG_PROPERTIES_H
#define COMMON_CONFIG_PROPERTIES_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <stddef.h>

typedef void properties_each_fn(void *arg, const char *key, const char *value, int line);

/* Calls `each` for every property in order; `line` is where its key stands. `where` names the text in errors. */
bool properties_parse(const char *where, const char *text, size_t len, properties_each_fn *each, void *arg,
                      struct error *err) MUST_CHECK;
/* Adds a file's properties to `out`; a key that comes twice has its last value. ERROR_NOT_FOUND: cannot be opened. */
bool properties_load(const char *path, struct config *out, struct error *err) MUST_CHECK;
/* Line of the last property of that name, or 0: to say where a wrong value stands. */
int properties_line_of(const char *path, const char *key);

/* A whole file as heap bytes with a NUL behind them; at most 16 MiB. */
char *file_read(const char *path, size_t *len_out, struct error *err) MUST_CHECK;

#endif
