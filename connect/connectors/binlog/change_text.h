/*
 * Changes of structure as the texts that the history keeps (JsonTableChangeSerializer), and back.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_CHANGE_TEXT_H
#define CONNECT_CONNECTORS_BINLOG_CHANGE_TEXT_H

#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "connect/connectors/binlog/ddl.h"
#include "connect/connectors/binlog/table.h"

#include <stdint.h>

/* "CREATE", "ALTER" or "DROP"; NULL: the change is none of a known table. */
const char *cdc_change_type(const struct cdc_change *change);
/* "database"."table" with the quotes. */
void cdc_change_id(struct strbuf *out, const char *database, const char *table);

/* The history's record of a change, with line breaks and indents as the original prints it. position_json is an object;
   its members come in a fixed order. False: ERROR_INTERNAL, the position is no object. */
bool cdc_change_write(const struct cdc_change *change, const char *server, const char *position_json, int64_t ts_ms,
                      struct strbuf *out, struct error *err) MUST_CHECK;

/* Where the structure begins to be written anew, and where all of it is there: a record of the history without a change. Its
   source is not the server's but has one member more, so it is passed over by the original. */
enum cdc_rebuild { CDC_REBUILD_NONE, CDC_REBUILD_BEGIN, CDC_REBUILD_END };
/* False: ERROR_INTERNAL, the position is no object. */
bool cdc_rebuild_write(enum cdc_rebuild rebuild, const char *server, const char *position_json, int64_t ts_ms, struct strbuf *out,
                       struct error *err) MUST_CHECK;

/* A record of the history. */
struct cdc_change_record {
    char *server;        /* NULL: the record is none of ours */
    enum cdc_rebuild rebuild;
    char *position_json; /* compact */
    char *database, *ddl; /* NULL: not there */
    void *changes;       /* its table changes, for cdc_change_record_apply */
};
/* False: ERROR_DATA, no JSON object. */
bool cdc_change_read(const char *text, size_t len, struct cdc_change_record *out, struct error *err) MUST_CHECK;
void cdc_change_record_fini(struct cdc_change_record *record);
/* Puts its tables onto `tables`, with what its statement says beyond the structures (is the key primary); *count_out: how many changes there were, 0: the statement has to be read. False:
   ERROR_DATA, one of them is not understood. */
bool cdc_change_record_apply(const struct cdc_change_record *record, struct cdc_tables *tables, size_t *count_out,
                             struct error *err) MUST_CHECK;

#endif
