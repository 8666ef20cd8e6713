/*
 * What a person can do about a refusal of the database: the column, its type, the length of the value, and the setting
 * that gives new columns another type. The refusals are Java's own, as its column types do not hold every value.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_HINT_H
#define CONNECT_CONNECTORS_JDBC_SINK_HINT_H

#include "connect/connectors/jdbc/sink_table.h"

/* For a row that was refused with `err`, as common/db filled it. False: there is nothing to say; *out is as before. */
bool sink_hint_row(const struct sink_table *table, const struct sink_plan *plan, const struct record *record,
                   const struct error *err, struct strbuf *out) MUST_CHECK;
/* For a refused CREATE or ALTER TABLE. NULL: there is nothing to say. */
const char *sink_hint_ddl(const struct error *err);
/* Where a trace shows the place of a failure; behind the causes that are there. */
void sink_hint_add(struct error *err, const char *hint);

#endif
