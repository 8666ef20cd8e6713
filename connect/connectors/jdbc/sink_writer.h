/*
 * Writes batches of records: rows become multi-row statements, one runs while the next is built, one transaction a batch.
 *
 * Statements end at batch.size rows, before they get larger than the server takes, and where table or kind change; the
 * order of the records of a table is kept. When a statement fails, it is tried again in halves inside the same
 * transaction, so that the record to blame is known. Task thread; everything here may block in the database.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_WRITER_H
#define CONNECT_CONNECTORS_JDBC_SINK_WRITER_H

#include "connect/connector.h"
#include "connect/connectors/jdbc/connection.h"
#include "connect/connectors/jdbc/sink_config.h"
#include "connect/connectors/jdbc/sink_offsets.h"
#include "connect/connectors/jdbc/sink_table.h"

/* What went wrong decides what the task does about it. */
enum sink_failure_kind {
    SINK_FAILED_CONNECT, /* no connection; the error is the database's */
    SINK_FAILED_SQL,     /* a statement: java.sql.SQLException with all messages */
    SINK_FAILED_TABLE,   /* TableAlterOrCreateException */
    SINK_FAILED_RECORD,  /* a record that these settings cannot write, or a wrong setting: nobody retries that */
    SINK_FAILED_REPORT,  /* the record was given up, but that is not tolerated; the error is the reporter's */
    SINK_FAILED_COMMIT,  /* ERROR_UNCERTAIN: done or not, nobody knows */
    SINK_FAILED_OWNER,   /* exactly once: another task owns the partition now */
};

struct sink_failure {
    enum sink_failure_kind kind;
    bool is_general;   /* not about one record: connection, deadlock, read-only server ... */
    bool is_deadlock;
    struct error err;
};

struct sink_writer {
    const struct sink_config *config;
    const struct sink_task_context *ctx;
    struct jdbc_connection connection;
    struct db_links links;
    struct db *db;             /* NULL: not connected */
    bool is_strict;            /* its sql_mode */
    int64_t used_ms;           /* when the connection was used last */
    struct zone *zone;
    struct sink_format format;
    struct sink_tables tables;
    struct sink_offsets offsets;

    /* statements */
    struct sink_statement *in_flight; /* sent, outcome not read */
    struct sink_statement *unused;
    int unused_count;
    struct strbuf slice;
    size_t statement_bytes;    /* a statement this large is sent */

    /* the present batch */
    const struct record_batch *batch;
    bool is_tolerant;          /* give bad records up and go on */
    size_t applied;            /* records before this one are in statements or behind us */
    bool is_dirty;             /* the transaction has changes */
    uint8_t *is_done;          /* a record: committed or given up; kept over retries of the same batch */
    size_t is_done_size;
    bool has_batch;            /* a batch was begun and has not been taken yet: the one with this first record */
    struct {
        const char *topic;
        int32_t partition;
        int64_t offset;
    } batch_id;
    struct sink_refusal {      /* schemas whose table was refused in this batch */
        const struct sink_table *table;
        const struct schema *key_schema, *value_schema;
        struct sink_failure failure;
    } refusal;
    struct sink_failure failure;
};

/* The settings must outlive it. False: ERROR_CONFIG. */
bool sink_writer_init(struct sink_writer *writer, const struct sink_config *config, const struct config *cfg,
                      const struct sink_task_context *ctx, struct error *err) MUST_CHECK;
void sink_writer_fini(struct sink_writer *writer); /* accepts zeroed memory */

/* Connect if need be; a connection that was idle is tried first. False: writer->failure. */
bool sink_writer_connect(struct sink_writer *writer) MUST_CHECK;
/* Drop the connection and what is known of tables. */
void sink_writer_disconnect(struct sink_writer *writer);
/* All records of the batch and COMMIT. False: writer->failure says why, and the transaction is rolled back. */
bool sink_writer_write(struct sink_writer *writer, const struct record_batch *batch, bool is_tolerant) MUST_CHECK;
/* The batch that failed will not come again. */
void sink_writer_forget_batch(struct sink_writer *writer);

#endif
