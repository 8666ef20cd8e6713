/*
 * java.text.SimpleDateFormat in UTC and English: texts from instants and instants from texts, as leniently as
 * Java reads them. Letters: G y Y M L d D E u F w W a H k K h m s S z Z X, quotes by apostrophes. A format does
 * not change; any thread.
 */
#ifndef CONNECT_DATA_DATE_FORMAT_H
#define CONNECT_DATA_DATE_FORMAT_H

#include "common/base/error.h"
#include "common/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct date_format;

/* NULL: ERROR_CONFIG with Java's text ("Illegal pattern character 'Q'"). */
struct date_format *date_format_new(const char *pattern, struct error *err);
void date_format_free(struct date_format *format); /* accepts NULL */
const char *date_format_pattern(const struct date_format *format);

void date_format_print(const struct date_format *format, int64_t ms, struct strbuf *out);
/* What follows the part that the pattern describes is ignored. False: the text does not match. */
bool date_format_parse(const struct date_format *format, const char *text, size_t len, int64_t *ms_out);

#endif
