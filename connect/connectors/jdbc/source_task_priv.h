/*
 * What the two files of the task share: source_task.c has its life, its turns and its failures, source_read.c reads one table,
 * from statements to batches of records. Task thread only.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SOURCE_TASK_PRIV_H
#define CONNECT_CONNECTORS_JDBC_SOURCE_TASK_PRIV_H

#include "connect/connectors/jdbc/source_table.h"
#include "connect/connectors/jdbc/source_task.h"

enum source_phase { SOURCE_PHASE_NONE, SOURCE_PHASE_ROWS, SOURCE_PHASE_GAPS };

struct jdbc_source_task {
    struct db_links links;
    const struct source_task_context *ctx;
    struct source_settings settings;
    struct jdbc_connection conn;
    struct source_table *tables;
    size_t table_count;
    bool has_settings, has_connection;

    struct db *db;
    struct strbuf sql;
    struct writers_watch watch; /* who writes */
    bool cannot_look;         /* that cannot be seen on this connection; said once */
    int64_t bound;            /* timestamp modes: seconds that no open transaction can still write; INT64_MIN: unknown */

    /* what is being read */
    struct source_table *reading; /* NULL: nothing */
    enum source_phase phase;
    struct db_result *result;
    size_t rows;                  /* taken in this turn */
    struct source_position start; /* of this turn */
    bool is_due;                  /* new rows are read in this turn; else only those of gaps */
    size_t chunk;                 /* a statement with so many rows may have left some; 0: it has them all */
    int64_t asked_ms;             /* when the statement began */
    int64_t gaps_asked;           /* gaps up to this id were read in this turn */
    int64_t end_seconds;          /* upper bound of this statement in timestamp modes */
    int end_nanos;
    bool has_row;                 /* texts and lengths hold a row that is not taken yet */
    const char *const *texts;
    const unsigned long *lengths;

    /* the batch being filled */
    struct gaps seen;             /* gaps as a record in its middle must carry them */

    uint64_t rows_read;           /* of all tables */
    uint64_t progress_rows;       /* rows_read at progress_ms */
    int64_t progress_ms, progress_log_ms;
    int64_t held_back_ms;         /* when it was last said */
    struct error failure;         /* told at the next poll, as rows were read before it */
    bool has_failed;
};

/* Close the connection, which the next turn opens again. A statement that still runs is to be killed before. */
void source_task_disconnect(struct jdbc_source_task *task);

/* The server's clock, in seconds of UTC. Blocks for the server. */
bool source_read_database_now(struct jdbc_source_task *task, int64_t *seconds_out, struct error *err) MUST_CHECK;
/* Go on with the table that is being read, or begin the turn of this one, until the batch is full or the turn is over. Blocks for
   the server. False with *err: records that are in the batch by then count; giving up the statement is left to the caller. */
bool source_read_batch(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out, struct error *err) MUST_CHECK;
/* Forget the result. Rows that were not read are read away first, unless the statement was killed. */
void source_read_close(struct jdbc_source_task *task);
/* The turn of this table is over; it comes again at once when it had something. */
void source_read_end_turn(struct jdbc_source_task *task, struct source_table *t);

#endif
