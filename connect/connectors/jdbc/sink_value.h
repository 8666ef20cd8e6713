/*
 * Values as SQL literals, as Connector/J binds them (PreparedStatementBinder): one writer function a field, chosen
 * once a schema. Pure; nothing is allocated but room in the output.
 *
 * Strings are escaped with backslashes: the session must not have NO_BACKSLASH_ESCAPES, and its character set must
 * be utf8mb4 (sink_writer.c sees to both).
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_VALUE_H
#define CONNECT_CONNECTORS_JDBC_SINK_VALUE_H

#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "common/base/zone.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

/* Settings that values depend on. */
struct sink_format {
    const struct zone *zone;     /* db.timezone; NULL: UTC */
    bool date_in_utc;            /* date.timezone=utc */
    bool is_proleptic;           /* date.calendar.system */
    bool timestamps_are_nanos;   /* of timestamp.fields.list */
    bool mysql_default_brackets; /* DEFAULT ('x') for TEXT, which MySQL needs and MariaDB does not */
};

/* The state of values that the driver itself refuses. */
#define SINK_STATE_ARGUMENT "S1009"

/* Append one value that is not null. False: it has no literal; the output may have grown. ERROR_DATA: the driver's
   SQLException, about this record alone; ERROR_CONFIG: any other exception, which no tolerance covers. */
typedef bool sink_write_fn(const struct sink_format *format, struct strbuf *out, const struct value *value, struct error *err);

/* The writer for a schema; is_timestamp: the field stands in timestamp.fields.list. Arrays, maps and structs have one
   that refuses them. Never NULL. */
sink_write_fn *sink_writer_find(const struct schema *schema, bool is_timestamp);

/* Single quotes around it, escaped. */
void sink_write_text(struct strbuf *out, const char *bytes, size_t len);

/* What stands behind DEFAULT in a column definition, for a schema with a default of that type. False: as a writer. */
bool sink_write_default(const struct sink_format *format, struct strbuf *out, const struct schema *schema, bool is_text_type,
                        struct error *err) MUST_CHECK;

#endif
