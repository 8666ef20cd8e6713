/*
 * Is a table in the log the one that the schema history knows? Rows of the log are told apart by their columns' places alone,
 * so with another structure values would come under wrong names or be misread. Any thread.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_TABLE_MATCH_H
#define CONNECT_CONNECTORS_BINLOG_TABLE_MATCH_H

#include "common/base/error.h"
#include "connect/connectors/binlog/table.h"
#include "connect/connectors/binlog/table_map.h"

/* The number of columns, their kinds of type, and signedness and names as far as the server sends them. False (ERROR_DATA):
   names table and column. */
bool cdc_table_matches(const struct cdc_table *table, const struct binlog_table_map *map, struct error *err) MUST_CHECK;

#endif
