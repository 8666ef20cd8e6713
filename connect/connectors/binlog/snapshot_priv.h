/* What the files of the snapshot share. */
#ifndef CONNECT_CONNECTORS_BINLOG_SNAPSHOT_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_SNAPSHOT_PRIV_H

#include "connect/connectors/binlog/snapshot.h"

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
    char *at_gtid;

    struct cdc_snapshot_statement *statements;
    size_t statement_count, statement_next;
    struct cdc_changes changes;

    struct cdc_snapshot_source *tables;
    size_t table_count, table_next;      /* next: behind the one being read */
    struct cdc_plan *plan;               /* of the table being read */
    struct db_result *result;
    size_t *columns;                     /* of the table, for each of the result; column_count: none */
    size_t result_count;
    const char **texts;                  /* by column of the table */
    unsigned long *lengths;
    bool has_row;
    uint64_t rows, rows_total;
    int64_t table_ms, log_ms;
};

/* ---- snapshot_begin.c ---- */

/* Connect, lock, position, read view, names and structure of the tables, unlock: then the phase is another one. */
bool cdc_snapshot_begin(struct cdc_snapshot *snapshot, struct error *err) MUST_CHECK;
/* The end of the read view, and of locks that were kept until now. */
bool cdc_snapshot_finish(struct cdc_snapshot *snapshot, struct error *err) MUST_CHECK;
void cdc_snapshot_forget_tables(struct cdc_snapshot *snapshot);
void cdc_snapshot_add_table(struct cdc_snapshot *snapshot, struct cdc_slot *slot, const char *condition);

#endif
