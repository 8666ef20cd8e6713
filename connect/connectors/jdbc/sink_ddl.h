/*
 * CREATE TABLE and ALTER TABLE as the Java connector writes them for MySQL. Pure text.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_DDL_H
#define CONNECT_CONNECTORS_JDBC_SINK_DDL_H

#include "connect/connectors/jdbc/sink_fields.h"
#include "connect/connectors/jdbc/sink_value.h"

/* `table` is the name as it stands in SQL. False: a field's type has no column type (ERROR_CONFIG, worded as Java's
   ConnectException), or its default no literal. */
bool sink_ddl_create(struct strbuf *out, const struct sink_config *config, const struct sink_format *format,
                     const char *table, const struct sink_fields *fields, struct error *err) MUST_CHECK;
/* Adds `count` columns, at least one. */
bool sink_ddl_alter(struct strbuf *out, const struct sink_config *config, const struct sink_format *format,
                    const char *table, const struct sink_field *const *missing, size_t count, struct error *err) MUST_CHECK;

#endif
