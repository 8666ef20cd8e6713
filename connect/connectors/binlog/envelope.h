/*
 * What the records of one table look like: topic, schemas of key, row and envelope, and a converter a column; made once a
 * version of the table's structure (TableSchema). Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_ENVELOPE_H
#define CONNECT_CONNECTORS_BINLOG_ENVELOPE_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/connectors/binlog/table.h"
#include "connect/connectors/binlog/value.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

struct binlog_cell;

/* Some columns of a table, as fields of a struct. */
struct cdc_fields {
    const struct schema *schema; /* NULL: there are none */
    struct cdc_value_converter **converters;
    size_t *columns;             /* which column of the table each field is */
    size_t count;
};

struct cdc_plan {
    struct cdc_table *table;     /* a reference */
    char *topic;
    struct cdc_fields key, row;
    const struct schema *envelope;
};

/* `source` is the schema of the source block. NULL: a setting is wrong, or no column is left. */
struct cdc_plan *cdc_plan_new(const struct cdc_config *config, const struct cdc_filters *filters, const struct schema *source,
                              struct cdc_table *table, struct error *err);
void cdc_plan_free(struct cdc_plan *plan); /* accepts NULL */

/* Key and row of one record; the key is null for a table without one. */
struct cdc_row {
    struct value key, row;
};

/* From one text (or NULL) a column of the table, in its order; a column that was not asked for is NULL. */
bool cdc_plan_texts(const struct cdc_plan *plan, const char *const *texts, const unsigned long *lengths, struct arena *arena,
                    struct cdc_row *out, struct error *err) MUST_CHECK;
/* From a row of the log. */
bool cdc_plan_cells(const struct cdc_plan *plan, const struct binlog_cell *cells, struct arena *arena, struct cdc_row *out,
                    struct error *err) MUST_CHECK;

/* Of `transaction` in every envelope; the caller gets a reference. */
const struct schema *cdc_transaction_block_schema(void);
/* A value of plan->envelope; `op` is a literal such as "c". ts_us: when the record is made. */
struct value cdc_envelope_make(struct value before, struct value after, struct value source, struct value transaction, const char *op,
                               int64_t ts_us, struct arena *arena);
/* The source block of an envelope, to be completed later. */
struct value *cdc_envelope_source(struct value *envelope);

/* "prefix.db.table" with what a topic's name cannot have replaced; heap. */
char *cdc_topic_name(const struct cdc_config *config, const char *database, const char *table);
/* A schema's name in schema.name.adjustment.mode, a field's in field.name.adjustment.mode; heap. */
char *cdc_schema_name(const struct cdc_config *config, const char *name);
char *cdc_field_name(const struct cdc_config *config, const char *name);

#endif
