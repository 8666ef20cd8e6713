/* What the files of the snapshot share. */
#ifndef CONNECT_CONNECTORS_BINLOG_SNAPSHOT_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_SNAPSHOT_PRIV_H

#include "connect/connectors/binlog/snapshot.h"
#include "connect/connectors/binlog/snapshot_reader.h"

enum cdc_snapshot_phase { PHASE_BEGIN, PHASE_SCHEMA, PHASE_DATA, PHASE_END };

/* One that makes the structure, and the database that is the current one. */
struct cdc_snapshot_statement {
    char *database, *sql;
};

struct cdc_snapshot_source {
    struct cdc_slot *slot;
    char *condition;
    int64_t row_count; /* estimated */
    size_t rank, place; /* by expression of table.include.list, then by name */
    char *sql;          /* what gives its rows */
    /* from its begin to its end */
    struct cdc_plan *plan;
    size_t *columns;    /* of the table, for each of the result; column_count: none */
    uint64_t rows;
    int64_t ts_us, begin_ms, log_ms;
};

struct cdc_snapshot {
    struct cdc_context *ctx;
    bool with_schema, with_data, is_blocking;
    enum cdc_snapshot_phase phase;
    struct db *db;
    bool has_global_lock, has_table_locks;
    struct cdc_offset resume, position;  /* resume.file NULL: none */
    struct cdc_place *running, *done;    /* offsets of the records, and of the last one */
    struct cdc_source at;                /* what all source blocks have in common */
    char *at_gtid, *extra_done;

    struct cdc_snapshot_statement *statements;
    size_t statement_count, statement_next;
    struct cdc_changes changes;

    struct cdc_snapshot_source *tables;
    size_t table_count, begun;
    struct db *others[CDC_READERS_MAX - 1]; /* sessions with the same view of the rows (snapshot.max.threads) */
    size_t other_count;
    struct cdc_readers *readers;            /* while there are rows */
    const char **statements_of_rows;        /* theirs */
    const char **texts;                     /* of the row at hand, by column of its table */
    unsigned long *lengths;
    size_t room, texts_of;                  /* of these two; index of the table */
    uint64_t rows_total;
};

/* ---- snapshot_begin.c ---- */

/* Connect, lock, position, read view, names and structure of the tables, unlock: then the phase is another one. */
bool cdc_snapshot_begin(struct cdc_snapshot *snapshot, struct error *err) MUST_CHECK;
/* The end of the read view, and of locks that were kept until now. */
void cdc_snapshot_finish(struct cdc_snapshot *snapshot);
void cdc_snapshot_stop_reading(struct cdc_snapshot *snapshot);
/* Those of the readers, which are stopped; and the snapshot's own. */
void cdc_snapshot_drop_sessions(struct cdc_snapshot *snapshot, bool with_own);
void cdc_snapshot_forget_tables(struct cdc_snapshot *snapshot);
void cdc_snapshot_add_table(struct cdc_snapshot *snapshot, struct cdc_slot *slot, const char *condition);
void cdc_snapshot_remove_table(struct cdc_snapshot *snapshot, size_t index);

#endif
