/*
 * A connection in dump mode: the server sends its binlog until one side closes. Only this and db*.c know the client
 * library; what an event means is not known here.
 *
 * After db_binlog_dump the connection serves nothing but db_binlog_read, on any one thread at a time; db_kill wakes it.
 */
#ifndef COMMON_DB_DB_BINLOG_H
#define COMMON_DB_DB_BINLOG_H

#include "common/db/db.h"

enum {
    DB_BINLOG_NON_BLOCK = 1,  /* end at the end of the log instead of waiting for more */
    DB_BINLOG_ANNOTATE = 2,   /* MariaDB: with the text of statements */
};

struct db_binlog_request {
    uint32_t server_id;
    uint16_t flags;
    const char *file;         /* "": the first there is, or where the GTIDs say */
    uint32_t pos;             /* at least 4 */
    const void *gtid_set;     /* MySQL: the encoded set of what is not wanted; NULL: start by file and position */
    size_t gtid_set_len;
};

/* Ask for the dump. A server's refusal may come with the first read. */
bool db_binlog_dump(struct db *db, const struct db_binlog_request *request, struct error *err) MUST_CHECK;

enum db_binlog_status { DB_BINLOG_EVENT, DB_BINLOG_END, DB_BINLOG_FAILED };

/* The next event as the server sent it, valid until the next call. Blocks; without anything for params.read_timeout_ms it
   fails. DB_BINLOG_FAILED: err->cause is 1236 where the server refuses to go on. */
enum db_binlog_status db_binlog_read(struct db *db, const uint8_t **event_out, size_t *len_out, struct error *err);

#endif
