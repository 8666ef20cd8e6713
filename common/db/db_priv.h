/* The inside of a connection, for common/db/db*.c only: the one header that includes <mysql.h>. */
#ifndef COMMON_DB_DB_PRIV_H
#define COMMON_DB_DB_PRIV_H

#include "common/db/db.h"

#include <mysql.h>
#include <stdatomic.h>

struct db {
    MYSQL *mysql;
    struct db_params params; /* own copies of all strings */
    unsigned long connection_id;
    size_t max_allowed_packet;
    bool is_mariadb;
    bool is_tls;             /* the connection is encrypted; the one that kills will be, too */
    bool is_busy;            /* a statement was sent and its outcome or its rows are not read to the end */
    int wake_fd;             /* duplicate of the socket for db_kill: stays valid whatever the library closes; -1: none was to be had */
    int wake_errno;          /* then: why */
    int64_t open_until_ms;   /* while connecting: not longer */
    atomic_bool is_killed;
#ifndef MARIADB_BASE_VERSION
    MYSQL_RPL binlog;        /* dump mode; see db_binlog.h */
#endif
};

/* Fill *err with what the library says of the last call. Returns false. */
bool db_error_set(struct db *db, struct error *err);
/* The same from parts: number, SQLState and text. */
bool db_error_from(struct error *err, unsigned number, const char *sqlstate, const char *text);
/* May a statement be sent now? False (error filled) after db_kill. */
bool db_ready(struct db *db, struct error *err);

#endif
