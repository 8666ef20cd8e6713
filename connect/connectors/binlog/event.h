/*
 * Events of the binlog, decoded: framing, checksum, headers, and what the reader of a stream needs of each kind. Rows are
 * decoded one at a time, on demand, so a table that nobody captures costs nothing.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_EVENT_H
#define CONNECT_CONNECTORS_BINLOG_EVENT_H

#include "connect/connectors/binlog/row_image.h"
#include "connect/connectors/binlog/table_map.h"

enum binlog_event_kind {
    BINLOG_ROTATE,       /* .rotate: the next event comes from this file */
    BINLOG_FORMAT,       /* a file begins (or was opened in the middle): table maps are forgotten */
    BINLOG_GTID,         /* .gtid: a transaction begins. Also for servers without GTIDs, with an empty text */
    BINLOG_BEGIN,        /* .query: BEGIN. MariaDB has none: there .gtid.is_standalone tells */
    BINLOG_QUERY,        /* .query: DDL, SAVEPOINT, XA START ..., and other statements; LOAD DATA where it is logged as text */
    BINLOG_ROWS_QUERY,   /* .text: the statement whose rows follow (MySQL's rows query, MariaDB's annotation) */
    BINLOG_TABLE_MAP,    /* .map */
    BINLOG_ROWS,         /* .rows */
    BINLOG_COMMIT,       /* .commit: XID event, or COMMIT as a query (tables without transactions) */
    BINLOG_ROLLBACK,     /* .query: ROLLBACK as a query: the rows since BEGIN are those of tables without transactions */
    BINLOG_XA_PREPARE,   /* .xa: the rows since BEGIN end with XA PREPARE (or one-phase commit) */
    BINLOG_HEARTBEAT,    /* nothing happened; .pos is where the server is, .file in which file */
    BINLOG_INCIDENT,     /* .text: the server could not log everything, so changes are missing */
    BINLOG_OTHER,        /* known and of no interest, e.g. PREVIOUS_GTIDS, GTID_LIST, BINLOG_CHECKPOINT, STOP */
};

/* Text inside of the event; a NUL stands behind it. */
struct binlog_text {
    const char *data;
    size_t len;
};

struct binlog_query {
    struct binlog_text database, sql;
    uint32_t thread_id, exec_seconds, error_code;
    uint64_t sql_mode;
    uint16_t client_collation, connection_collation, server_collation; /* numbers; 0: not sent */
};

struct binlog_gtid {
    char text[128];          /* "uuid:n", "uuid:tag:n", MariaDB "domain-server-n"; "" for an anonymous transaction */
    bool is_mariadb;
    bool is_standalone;      /* MariaDB: one statement without BEGIN (DDL) */
    bool is_ddl, is_prepared, is_completed; /* MariaDB: XA PREPARE; XA COMMIT or XA ROLLBACK */
    bool is_without_effect;  /* MariaDB: the statement announces an ALTER that comes again when it is done, or takes it back */
    uint64_t commit_us;      /* commit on the server that is read, microseconds since 1970; 0: not sent */
    uint64_t original_commit_us;
    uint64_t transaction_length; /* bytes with this event; 0: not sent */
};

enum binlog_row_op { BINLOG_INSERT, BINLOG_UPDATE, BINLOG_DELETE };

struct binlog_rows {
    enum binlog_row_op op;
    struct binlog_table_map *map; /* NULL: the server marks the statement's end only, there are no rows */
    bool ends_statement;
    struct binlog_rows_reader *reader; /* for binlog_rows_next */
};

struct binlog_event {
    enum binlog_event_kind kind;
    uint8_t type;            /* the server's number */
    uint32_t timestamp_s, server_id;
    uint16_t flags;
    bool is_artificial;      /* made for this connection, not part of the file */
    bool is_in_payload;      /* inside of a compressed transaction: positions are those of the whole */
    const char *file;
    uint64_t pos, next_pos;  /* where it starts and where the next one starts */
    union {
        struct { const char *file; uint64_t pos; } rotate;
        struct binlog_gtid gtid;
        struct binlog_query query;
        struct binlog_text text;
        struct binlog_table_map *map;
        struct binlog_rows rows;
        struct { uint64_t xid; bool is_query; } commit;
        struct { bool is_one_phase; struct binlog_text xid; } xa; /* the bytes of gtrid and bqual */
    };
};

enum binlog_row_status { BINLOG_ROW, BINLOG_ROWS_END, BINLOG_ROWS_FAILED };

/* The next row of a ROWS event: arrays of map->column_count cells, valid until the next call; *before_out is NULL for an
   insert, *after_out for a delete. Rows may be left unread. BINLOG_ROWS_FAILED (ERROR_DATA): the event cannot be read
   further; the message names table and column. */
enum binlog_row_status binlog_rows_next(struct binlog_rows *rows, const struct binlog_cell **before_out,
                                        const struct binlog_cell **after_out, struct error *err);

#endif
