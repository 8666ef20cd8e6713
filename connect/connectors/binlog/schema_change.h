/*
 * Records of the topic of schema changes (named like the topic prefix), and which changes are told and stored.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_SCHEMA_CHANGE_H
#define CONNECT_CONNECTORS_BINLOG_SCHEMA_CHANGE_H

#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/ddl.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

/* Does the statement concern this configuration at all? With ...store.only.captured.tables.ddl those that touch no
   captured table or database do not: neither record nor history. `statement` is the whole text. */
bool cdc_changes_concern(const struct cdc_config *config, const struct cdc_filters *filters, const char *database,
                         const char *statement, const struct cdc_changes *changes);
/* For each change of a statement that concerns: does it go to the topic of schema changes (if include.schema.changes
   is on, which the caller asks) and on to cdc_change_is_stored? TRUNCATE: is its op "t" record due (unless skipped)? */
bool cdc_change_is_told(const struct cdc_config *config, const struct cdc_filters *filters, const struct cdc_change *change);
/* Does it go to the history? */
bool cdc_change_is_stored(const struct cdc_config *config, const struct cdc_filters *filters, const struct cdc_change *change);
/* The caller gets a reference. `source` is the schema of the source block. */
const struct schema *cdc_schema_change_key_schema(const struct cdc_config *config);
const struct schema *cdc_schema_change_value_schema(const struct cdc_config *config, const struct schema *source);

/* Values of these schemas, made in `arena`; texts of the change are copied. ts_ms: now. */
struct value cdc_schema_change_key(const struct cdc_change *change, struct arena *arena);
struct value cdc_schema_change_value(const struct cdc_change *change, struct value source, int64_t ts_ms, struct arena *arena);

#endif
