/*
 * How records of one pair of schemas become rows of one table: worked out once, then used for every record without
 * allocating anything. Statements are collected as text: many rows in one INSERT, or one UPDATE or DELETE behind the
 * other, in the order of the records.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_PLAN_H
#define CONNECT_CONNECTORS_JDBC_SINK_PLAN_H

#include "connect/connectors/jdbc/sink_fields.h"
#include "connect/connectors/jdbc/sink_value.h"

struct sink_column {
    sink_write_fn *write;
    enum sink_source source;
    int index;
    const struct value *instead_of_null; /* the default, where it replaces null; or NULL */
};

struct sink_slot {
    char *before; /* text in front of the value */
    size_t before_len;
    const struct sink_column *column;
};

/* A kind of statement: head, row, separator, row ..., tail; a row is its slots, and `after`. */
struct sink_shape {
    char *head, *after, *tail;
    char separator; /* ',' between the rows of one statement, ';' between statements */
    struct sink_slot *slots;
    size_t slot_count;
};

struct sink_plan {
    struct sink_plan *next;
    const struct schema *key_schema, *value_schema; /* references; NULL: none */
    struct sink_fields fields;
    struct sink_column *columns;                    /* beside fields.items */
    struct sink_shape write, remove;                /* remove: only with delete.enabled */
};

/* `sql` and `shown` are the table's name in SQL and in messages. NULL: ERROR_CONFIG, worded as Java's
   ConnectException. The settings must outlive the plan. */
struct sink_plan *sink_plan_new(const struct sink_config *config, const char *name, const char *sql, const char *shown,
                                const struct schema *key_schema, const struct schema *value_schema, struct error *err);
void sink_plan_free(struct sink_plan *plan); /* accepts NULL */

/* Where a column's value stands in a record; coordinates are put into *made. */
const struct value *sink_column_value(const struct sink_column *column, const struct record *record, struct value *made);

/* ---- statements ------------------------------------------------------------------------------------------ */

struct sink_statement {
    struct strbuf text;      /* head and rows; the tail is added when it is sent */
    const struct sink_shape *shape;
    struct sink_row {
        size_t at;           /* where the row begins */
        size_t record;       /* index in the batch */
    } *rows;
    size_t count, size;
    struct sink_statement *next; /* of a list of unused ones */
};

void sink_statement_reset(struct sink_statement *statement);
void sink_statement_fini(struct sink_statement *statement);
/* Can rows of this shape follow those that are there? */
bool sink_statement_takes(const struct sink_statement *statement, const struct sink_shape *shape);
/* One row more. False: the record has a value that cannot be written (codes as of sink_write_fn); the statement is as
   before. */
bool sink_statement_add(struct sink_statement *statement, const struct sink_shape *shape, const struct sink_format *format,
                        const struct record *record, size_t index, struct error *err) MUST_CHECK;
/* The text of rows from..to, `to` not included, as a statement of its own. */
void sink_statement_slice(const struct sink_statement *statement, size_t from, size_t to, struct strbuf *out);

#endif
