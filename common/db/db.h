/*
 * MySQL and MariaDB connections: the only door to the client library (<mysql.h> is included in db*.c
 * alone, besides the replication client).
 *
 * A connection belongs to one thread at a time, except db_kill(), which any thread may call. Two ways
 * to read: streamed text rows (the source's hot path, nothing buffered) and prepared statements (small
 * questions with input in them; input never becomes SQL text). Errors are translated once, here:
 *
 *   ERROR_UNAVAILABLE  cannot connect, connection lost (retriable)
 *   ERROR_UNCERTAIN    connection lost while a COMMIT was under way
 *   ERROR_DATA         the statement was refused because of a value (SQLState 22xxx, 23xxx)
 *   ERROR_CONFIG       access denied, unknown database
 *   ERROR_TIMEOUT      interrupted, lock wait time-out, deadlock (retriable)
 *   ERROR_INTERNAL     everything else the server says, e.g. bad syntax or a missing table
 *
 * err->cause is the server's number, err->sqlstate its state, err->message its text as it is.
 */
#ifndef COMMON_DB_DB_H
#define COMMON_DB_DB_H

#include "common/base/error.h"
#include "common/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_result;
struct db_stmt;

enum db_ssl_mode { DB_SSL_PREFERRED, DB_SSL_DISABLED, DB_SSL_REQUIRED, DB_SSL_VERIFY_CA, DB_SSL_VERIFY_IDENTITY };

/* Where to connect and how; the strings stay the caller's and must live during db_new or db_connect only. */
struct db_params {
    const char *host;          /* NULL: localhost; always TCP */
    unsigned port;             /* 0: 3306 */
    const char *user, *password, *database; /* database NULL or "": none */
    unsigned connect_timeout_ms, read_timeout_ms; /* rounded up to seconds; 0: 10 s, none */
    enum db_ssl_mode ssl_mode;
    const char *ssl_ca, *ssl_cert, *ssl_key;      /* PEM files or NULL */
    bool get_server_public_key; /* allowPublicKeyRetrieval */
    bool found_rows;           /* UPDATE counts matched rows (CLIENT_FOUND_ROWS) */
    bool compress;
    bool multi_statements;     /* allowMultiQueries */
    const char *const *init;   /* statements run after connecting, NULL-terminated; or NULL */
};

/* Not connected yet, so that db_kill and db_close are already possible. Asks nothing of the network. */
struct db *db_new(const struct db_params *params);
/* Connect, once; utf8mb4, autocommit on. Blocks for the host's name, which the system resolves as long as it likes, then
   up to connect_timeout_ms (0: 10 s) for the connection, TLS and the log-in together, and as long
   as params.init takes. All addresses of the host are tried, with Oracle's library and DB_SSL_VERIFY_IDENTITY the first only.
   False: close it. */
bool db_open(struct db *db, struct error *err) MUST_CHECK;
/* Both. NULL on failure. */
struct db *db_connect(const struct db_params *params, struct error *err);
/* Accepts NULL. A statement that still runs, or whose rows were not read to the end, is ended on the server
   over a second connection (up to 3 s). */
void db_close(struct db *db);
/* Several of one server, NULLs among them; one more connection for all whose statements are to be ended (up to 3 s, or 3 s for
   each step of a server that goes on answering). */
void db_close_all(struct db *const *dbs, size_t count);
/* Any thread, at any time while db exists, never blocks: the connecting or the statement that runs now and every later one fail
   at once with ERROR_TIMEOUT (connecting: once the host's address is known). The connection is of no more use: close it. */
void db_kill(struct db *db);
/* One round trip. */
bool db_ping(struct db *db, struct error *err) MUST_CHECK;
/* Without asking the server: false if it has closed the connection (or talks out of turn). Only between statements. */
bool db_is_open(const struct db *db);
const char *db_server_version(const struct db *db); /* "10.11.6-MariaDB-..." */
bool db_is_mariadb(const struct db *db);
uint64_t db_connection_id(const struct db *db);
size_t db_max_allowed_packet(const struct db *db); /* the server's, read at connect */

/* ---- statements as text ------------------------------------------------------------------------ */

/* Run a statement that returns no rows (or whose rows are of no interest). */
bool db_exec(struct db *db, const char *sql, size_t len, uint64_t *affected_out, struct error *err) MUST_CHECK;
/* The same in two steps: send it, do something else, then wait for its outcome. The text may be reused
   once db_send returned. */
bool db_send(struct db *db, const char *sql, size_t len, struct error *err) MUST_CHECK;
bool db_finish(struct db *db, uint64_t *affected_out, struct error *err) MUST_CHECK;
/* The same for a text of several statements (multi_statements): *done_out is how many succeeded, also when the
   next one failed, behind which the server runs no more. */
bool db_finish_many(struct db *db, size_t *done_out, struct error *err) MUST_CHECK;
bool db_commit(struct db *db, struct error *err) MUST_CHECK;
bool db_rollback(struct db *db, struct error *err) MUST_CHECK;
/* Quoted and escaped for a single-quoted literal (with the quotes), whatever the sql_mode. utf8mb4 only. */
void db_quote(struct db *db, struct strbuf *out, const char *bytes, size_t len);

/* ---- streamed results ---------------------------------------------------------------------------- */

enum db_type { /* as the server names them; the type maps of the connectors are keyed by this */
    DB_TINY, DB_SHORT, DB_INT24, DB_LONG, DB_LONGLONG, DB_FLOAT, DB_DOUBLE, DB_DECIMAL, DB_BIT, DB_YEAR,
    DB_DATE, DB_TIME, DB_DATETIME, DB_TIMESTAMP, DB_CHAR, DB_VARCHAR, DB_TINYBLOB, DB_MEDIUMBLOB,
    DB_LONGBLOB, DB_BLOB, DB_ENUM, DB_SET, DB_JSON, DB_GEOMETRY, DB_VECTOR, DB_NULL, DB_OTHER,
};

struct db_column {
    const char *name;      /* label; table and org_name are "" for expressions */
    const char *table, *org_table, *org_name, *database;
    enum db_type type;
    unsigned charset;      /* 63: binary */
    uint64_t length;       /* display width in bytes */
    unsigned decimals;
    bool is_not_null, is_unsigned, is_binary, is_auto_increment, is_primary_key, is_zerofill;
};

enum db_row_status { DB_ROW, DB_END, DB_FAILED };

/* Run a query and stream its rows: nothing is buffered, and the connection serves nothing else until
   db_result_free. NULL on failure. */
struct db_result *db_query(struct db *db, const char *sql, size_t len, struct error *err);
size_t db_result_columns(const struct db_result *result, const struct db_column **columns_out);
/* The next row; values_out[i] is NULL for SQL NULL; valid until the next call. */
enum db_row_status db_result_next(struct db_result *result, const char *const **values_out,
                                  const unsigned long **lengths_out, struct error *err);
/* Accepts NULL. Reads the rest of the rows away unless db_kill was called before. */
void db_result_free(struct db_result *result);

/* A small question: run it and hand each row to `take` (NULL for SQL NULL; valid during the call). */
typedef void db_row_fn(void *arg, const char *const *values);
bool db_each_row(struct db *db, const char *sql, db_row_fn *take, void *arg, struct error *err) MUST_CHECK;
/* A name between back-ticks, those inside doubled. */
void db_quote_name(struct strbuf *out, const char *name);

/* ---- prepared statements ------------------------------------------------------------------------- */

enum db_value_kind { DB_VALUE_NULL, DB_VALUE_INT, DB_VALUE_DOUBLE, DB_VALUE_TEXT, DB_VALUE_BYTES };

struct db_value {
    enum db_value_kind kind;
    int64_t integer;
    double real;
    const char *bytes; /* of text and bytes; results: NUL behind, valid until the next row or close */
    size_t len;
};

/* NULL on failure. The statement must be closed before its connection. */
struct db_stmt *db_prepare(struct db *db, const char *sql, struct error *err);
void db_stmt_close(struct db_stmt *stmt); /* accepts NULL */
/* Bind all parameters (as many as the text has question marks) and run; rows are buffered on the client. */
bool db_stmt_run(struct db_stmt *stmt, const struct db_value *params, size_t count, struct error *err) MUST_CHECK;
/* The next row of the last run; integers, doubles and text by the column's type. */
enum db_row_status db_stmt_next(struct db_stmt *stmt, const struct db_value **row_out, size_t *count_out,
                                struct error *err);
uint64_t db_stmt_affected(const struct db_stmt *stmt);
uint64_t db_stmt_insert_id(const struct db_stmt *stmt);

#endif
