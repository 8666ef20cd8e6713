/*
 * Text of MySQL's character sets as UTF-8, with what cannot be decoded as U+FFFD, as Java does. A decoder belongs to
 * one thread.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_CHARSET_H
#define CONNECT_CONNECTORS_BINLOG_CHARSET_H

#include "common/base/arena.h"
#include "connect/data/value.h"

#include <stddef.h>

struct cdc_charset;

/* By MySQL's name ("latin1"); NULL and names that are not known: UTF-8. Never NULL. */
struct cdc_charset *cdc_charset_new(const char *name);
void cdc_charset_free(struct cdc_charset *charset); /* accepts NULL */
/* A string value in the arena. */
struct value cdc_charset_decode(struct cdc_charset *charset, const char *bytes, size_t len, struct arena *arena);

#endif
