/*
 * Places in a table: values of the columns that order it, as the server writes them. Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_INCREMENTAL_KEY_H
#define CONNECT_CONNECTORS_BINLOG_INCREMENTAL_KEY_H

#include "common/db/db.h"
#include "connect/connectors/binlog/table.h"

#include <jansson.h>

/* One value a column, in their order. Zeroed: none. */
struct cdc_key {
    struct cdc_key_part {
        char *bytes; /* NULL: SQL NULL */
        size_t len;
    } *parts;
    size_t count;
};

void cdc_key_fini(struct cdc_key *key); /* accepts a zeroed struct */
/* Copies; NULL is SQL NULL. */
void cdc_key_add(struct cdc_key *key, const char *bytes, size_t len);

/* A list of texts and nulls; bytes that are no text are {"hex":"00ff"}. The caller's reference. */
json_t *cdc_key_json(const struct cdc_key *key);
/* False: there is none, or it is broken; *out is then empty. */
bool cdc_key_parse(const json_t *list, struct cdc_key *out);

/* What the server compares and orders a column by: its name, or for ENUM and SET its text, since they are compared as texts
   and ordered by number. */
void cdc_key_write_column(const struct cdc_column *column, struct strbuf *sql);
/* (a = 1 AND b = 2), as many columns as the key has parts. */
void cdc_key_write_equal(const struct cdc_key *key, const struct cdc_column *const *columns, struct db *db, struct strbuf *sql);
/* (a > 1) OR (a = 1 AND b > 2): a row constructor would not use an index. NULLs come first, as the server orders them; of a row with
   one the condition may be NULL, which means that it is not behind. */
void cdc_key_write_behind(const struct cdc_key *key, const struct cdc_column *const *columns, struct db *db, struct strbuf *sql);

#endif
