/*
 * Which columns a record has, and where in the record their values are (FieldsMetadata): follows from pk.mode,
 * pk.fields, fields.whitelist and the record's two schemas. Pure; names and schemas are borrowed from the
 * settings and the two schemas, which must outlive it.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_FIELDS_H
#define CONNECT_CONNECTORS_JDBC_SINK_FIELDS_H

#include "connect/connectors/jdbc/sink_config.h"
#include "connect/data/record.h"

enum sink_source {
    SINK_FROM_KEY,         /* the key itself, a primitive */
    SINK_FROM_KEY_FIELD,
    SINK_FROM_VALUE,       /* the value itself, a string */
    SINK_FROM_VALUE_FIELD,
    SINK_FROM_TOPIC, SINK_FROM_PARTITION, SINK_FROM_OFFSET,
};

struct sink_field {
    const char *name;
    const struct schema *schema;
    enum sink_source source;
    int index;                  /* of the field in its struct */
    bool is_key;
};

/* In the order of statements: the key first, then the other value fields. */
struct sink_fields {
    struct sink_field *items;
    size_t count, key_count;
    size_t *table_order;        /* indexes in the order of CREATE TABLE */
};

/* False: ERROR_CONFIG, worded as Java's ConnectException. Nothing to free then. `table` is for messages. */
bool sink_fields_init(struct sink_fields *fields, const struct sink_config *config, const char *table,
                      const struct schema *key_schema, const struct schema *value_schema, struct error *err) MUST_CHECK;
void sink_fields_fini(struct sink_fields *fields);

static inline bool
sink_field_is_optional(const struct sink_field *field)
{
    return !field->is_key && field->schema->is_optional;
}

/* Java's words for a field in messages: SinkRecordField{schema=Schema{INT32}, name='qty', isPrimaryKey=false} */
void sink_field_describe(const struct sink_field *field, struct strbuf *out);

/* Is the record one that these settings can write (RecordValidator)? False: ERROR_CONFIG as Java words it; the task
   fails with it, whatever is tolerated. */
bool sink_record_check(const struct sink_config *config, const struct record *record, struct error *err) MUST_CHECK;

#endif
