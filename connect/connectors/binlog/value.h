/*
 * From a column to a field: its schema, its default, and the conversion of its values, both from the text that a SELECT
 * returns and from the log's row image (BinlogValueConverters, TableSchemaBuilder).
 *
 * A converter is made once for each version of a table. Converting allocates in the batch's arena only; texts that are
 * UTF-8 already are not copied. Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_VALUE_H
#define CONNECT_CONNECTORS_BINLOG_VALUE_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

#include <stdbool.h>
#include <stddef.h>

struct binlog_cell;
struct cdc_column;
struct cdc_config;
struct cdc_filters;
struct cdc_table;
struct cdc_value_converter;

/* For a field of the row with `filters`, whose masks and propagated types apply; for one of the key with NULL. All that
   is given must outlive it. False: a setting is wrong (`converters`, an unknown digest). */
bool cdc_value_converter_new(const struct cdc_config *config, const struct cdc_filters *filters, const struct cdc_table *table,
                             const struct cdc_column *column, struct cdc_value_converter **out, struct error *err) MUST_CHECK;
void cdc_value_converter_free(struct cdc_value_converter *converter); /* accepts NULL */
/* Optional and default as the column has them; borrowed. */
const struct schema *cdc_value_schema(const struct cdc_value_converter *converter);

/* The text of a SELECT on a session with utf8mb4 and the time zone UTC, NUL behind; NULL: SQL NULL. A value that the field
   cannot express becomes null, with a warning, or is an error, as event.converting.failure.handling.mode says. */
bool cdc_value_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena,
                         struct value *out, struct error *err) MUST_CHECK;
bool cdc_value_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena,
                         struct value *out, struct error *err) MUST_CHECK;

#endif
