/*
 * Transaction metadata (provide.transaction.metadata): BEGIN and END records, the block in the envelopes, and the counts
 * that the offset carries. Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_TRANSACTION_H
#define CONNECT_CONNECTORS_BINLOG_TRANSACTION_H

#include "connect/connectors/binlog/context.h"

struct cdc_transaction_count {
    char *table; /* "database.table" */
    int64_t rows;
};

struct cdc_transaction {
    bool is_enabled;
    char *topic;
    const struct schema *key_schema, *value_schema, *count_schema;
    char *id;    /* NULL: no transaction is open */
    int64_t total;
    struct cdc_transaction_count *counts;
    size_t count;
};

void cdc_transaction_init(struct cdc_transaction *transaction, const struct cdc_config *config);
void cdc_transaction_fini(struct cdc_transaction *transaction); /* accepts a zeroed struct */

/* A transaction begins; ts_ms: when it was committed. */
void cdc_transaction_begin(struct cdc_transaction *transaction, const char *id);
/* What the offset's further members (or NULL) say of one that is open: id and counts. */
void cdc_transaction_restore(struct cdc_transaction *transaction, const char *extra);
/* It is going on, with the counts that were restored. */
void cdc_transaction_go_on(struct cdc_transaction *transaction, const char *id);
void cdc_transaction_end(struct cdc_transaction *transaction);

void cdc_transaction_add_begin(struct cdc_transaction *transaction, struct cdc_context *ctx, struct record_batch *out, int64_t ts_ms,
                               struct source_offset offset);
void cdc_transaction_add_end(struct cdc_transaction *transaction, struct cdc_context *ctx, struct record_batch *out, int64_t ts_ms,
                             struct source_offset offset);

/* One row more of a table: the block for its envelope; null when there is no transaction. *count_out: rows of the table. */
struct value cdc_transaction_row(struct cdc_transaction *transaction, const char *table, struct arena *arena, int64_t *count_out);
/* Rows of a table so far. */
int64_t cdc_transaction_count(const struct cdc_transaction *transaction, const char *table);
/* Members for the offset, without the count of `but` (or NULL); heap, NULL: none. */
char *cdc_transaction_extra(const struct cdc_transaction *transaction, const char *but);

#endif
