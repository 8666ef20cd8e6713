/*
 * Statements that change rows, where the log has them as texts: binlog_format was not ROW for their session.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_DML_H
#define CONNECT_CONNECTORS_BINLOG_DML_H

#include "connect/connectors/binlog/table.h"

#include <stdbool.h>
#include <stddef.h>

typedef bool cdc_dml_table_fn(void *arg, const struct cdc_table *table);

/* Is it one? `database` is the current one. *table_out: a known table that is_ours() says yes to and that it may change, or NULL:
   INSERT, REPLACE and LOAD change the one behind INTO; of the others each table counts that they name, as which one they change
   is not looked for. */
bool cdc_dml_read(struct cdc_tables *tables, const char *database, const char *sql, size_t len, cdc_dml_table_fn *is_ours, void *arg,
                  const struct cdc_table **table_out);

#endif
