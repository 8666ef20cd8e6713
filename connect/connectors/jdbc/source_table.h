/*
 * What a source task knows of one table, or of its query: names, statements, position, gaps. Statements are those of
 * the Java connector, a LIMIT aside that cuts the first read of a large table into short statements.
 *
 * Task thread only. Does no input or output but in source_table_check and source_table_restore.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SOURCE_TABLE_H
#define CONNECT_CONNECTORS_JDBC_SOURCE_TABLE_H

#include "connect/connector.h"
#include "connect/connectors/jdbc/source_config.h"
#include "connect/connectors/jdbc/source_offset.h"

struct source_table {
    const struct source_settings *settings;
    struct jdbc_table table;      /* name NULL: query mode */
    char *label;                  /* `db`.`t`, or "query", for messages */
    char *topic;
    char *base;                   /* SELECT * FROM `db`.`t`, or the query */
    char *incrementing_name;      /* NULL: none */
    struct string_list timestamp_names;
    char *incrementing_sql, *timestamp_sql; /* as they stand in statements */
    size_t exact_floats;          /* columns that base adds for useServerPrepStmts */
    struct jdbc_reader reader;    /* of its last result; empty at first */
    int incrementing_field;       /* of the reader; -1: none */
    size_t *timestamp_fields;     /* as many as timestamp_names */
    struct source_partition partition;
    char *partition_key;

    struct source_position position;  /* of the last row read */
    struct source_position completed; /* timestamp mode: up to where all rows of equal time were read */
    struct gaps gaps;
    struct offset_state *state_middle, *state_end; /* gaps in the offsets of the last batch */
    bool is_chunked;              /* an index gives the order, so that many rows are read in several statements */
    bool may_be_large;            /* the next statement may find many rows */
    bool has_started;             /* the horizon of its ids was looked at */
    int64_t due_ms;               /* of the next statement */
    int64_t gaps_due_ms;          /* of the next look for missing rows */
    int64_t rows_ms;              /* when it had rows last */
    unsigned failures;            /* in a row */
    uint64_t rows;                /* read by this task */
    int64_t horizon;              /* largest id at the start; 0: unknown */
    uint64_t rows_expected;       /* by the server's estimate at the start; 0: unknown */
    int64_t complete_ms;          /* up to then everything was read: when the statement began that found the last row */
};

/* Takes table. */
void source_table_init(struct source_table *t, const struct source_settings *settings, struct jdbc_table table);
void source_table_fini(struct source_table *t);
/* Table modes: find the columns, check that they exist and are not nullable, as Java's task does at its start. */
bool source_table_check(struct source_table *t, struct db *db, const struct jdbc_behaviour *behaviour, struct error *err) MUST_CHECK;
/* Query mode: take the columns from the settings. */
void source_table_use_query(struct source_table *t);
/* The stored offset: protocol 1, else 0. */
bool source_table_restore(struct source_table *t, const struct source_task_context *ctx, int64_t now_ms, struct error *err) MUST_CHECK;
/* About how many rows are left of those that were there at the start. */
double source_table_left(const struct source_table *t);

/* The next statement; end_seconds bounds timestamp modes; limit 0: none. */
void source_table_write_query(const struct source_table *t, int64_t end_seconds, int end_nanos, size_t limit, struct strbuf *out);
/* Timestamp mode: the time of row number `rows` (from 0) of that statement, so that it can end there. */
void source_table_write_milestone(const struct source_table *t, int64_t end_seconds, int end_nanos, size_t rows, struct strbuf *out);
/* Rows of the gaps from number `from` on, at most `count` gaps. */
void source_table_write_gaps(const struct source_table *t, size_t from, size_t count, struct strbuf *out);

#endif
