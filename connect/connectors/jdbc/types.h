/*
 * From a result set of MySQL to Connect: what schema a column gets, and how the text of its values is decoded.
 * Follows the types that Connector/J names and the schemas that the connector makes of them; DECIMAL is always
 * Connect's Decimal, whatever numeric.mapping says.
 *
 * A reader belongs to one thread. Decoding allocates from the batch's arena only.
 */
#ifndef CONNECT_CONNECTORS_JDBC_TYPES_H
#define CONNECT_CONNECTORS_JDBC_TYPES_H

#include "common/base/arena.h"
#include "common/base/zone.h"
#include "common/db/db.h"
#include "connect/connectors/jdbc/connection.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

enum jdbc_granularity {
    JDBC_CONNECT_LOGICAL, JDBC_MICROS_LONG, JDBC_MICROS_STRING, JDBC_MICROS_ISO, JDBC_NANOS_LONG, JDBC_NANOS_STRING,
    JDBC_NANOS_ISO,
};

/* Settings that change values; outlives its readers. */
struct jdbc_types {
    struct jdbc_behaviour behaviour;
    enum jdbc_granularity granularity;
    const struct zone *zone; /* db.timezone */
    bool is_proleptic;       /* date.calendar.system */
};

struct jdbc_column;
/* The value of a text that is not NULL. False: the text is no value of the type (ERROR_DATA, without names). */
typedef bool jdbc_decode_fn(const struct jdbc_column *column, const char *text, size_t len, struct value *out,
                            struct arena *arena, struct error *err);

struct jdbc_column {
    char *name;
    size_t index;        /* in the result */
    size_t exact_index;  /* another column of the result with the same value and all its digits; or index */
    const struct jdbc_types *types;
    const struct schema *schema;
    jdbc_decode_fn *decode;
    bool is_optional, is_auto_increment;
    enum db_type type;
    int scale;           /* of DECIMAL */
};

/* The columns of one result set; those without a counterpart in Connect are left out. */
struct jdbc_reader {
    const struct schema *schema; /* of the struct */
    struct jdbc_column *columns; /* one a field of the schema */
    size_t count;
    uint64_t signature;          /* of the result's columns */
};

/* `name` is the struct's, or NULL. The last `extra` columns of the result are no fields: they repeat the FLOAT columns
   before them, in order, as DOUBLE. Logs each column that is left out. False: two fields of the same name. */
bool jdbc_reader_init(struct jdbc_reader *reader, const struct db_result *result, const char *name, size_t extra,
                      const struct jdbc_types *types, struct error *err) MUST_CHECK;
void jdbc_reader_fini(struct jdbc_reader *reader);
/* Does it read this result, too? Tables change while they are read. False for an empty reader. */
bool jdbc_reader_fits(const struct jdbc_reader *reader, const struct db_result *result);
/* A row as `reader->count` values. False: ERROR_DATA naming the column and the text. */
bool jdbc_reader_row(const struct jdbc_reader *reader, const char *const *texts, const unsigned long *lengths,
                     struct value *items_out, struct arena *arena, struct error *err) MUST_CHECK;
/* Index of a field by its exact name, or -1. */
int jdbc_reader_find(const struct jdbc_reader *reader, const char *name);
/* The same; when there is no such name, one in another case. */
int jdbc_reader_find_any_case(const struct jdbc_reader *reader, const char *name);

#endif
