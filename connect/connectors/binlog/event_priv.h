/* Bodies of single events, for the decoder. */
#ifndef CONNECT_CONNECTORS_BINLOG_EVENT_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_EVENT_PRIV_H

#include "connect/connectors/binlog/bytes.h"
#include "connect/connectors/binlog/event.h"

/* The server's event numbers. */
enum binlog_event_type {
    BINLOG_EVENT_QUERY = 2, BINLOG_EVENT_STOP = 3, BINLOG_EVENT_ROTATE = 4, BINLOG_EVENT_INTVAR = 5,
    BINLOG_EVENT_APPEND_BLOCK = 9, BINLOG_EVENT_DELETE_FILE = 11, BINLOG_EVENT_RAND = 13, BINLOG_EVENT_USER_VAR = 14, BINLOG_EVENT_FORMAT = 15, BINLOG_EVENT_XID = 16,
    BINLOG_EVENT_BEGIN_LOAD = 17, BINLOG_EVENT_EXECUTE_LOAD = 18, BINLOG_EVENT_TABLE_MAP = 19,
    BINLOG_EVENT_WRITE_V1 = 23, BINLOG_EVENT_UPDATE_V1 = 24, BINLOG_EVENT_DELETE_V1 = 25, BINLOG_EVENT_INCIDENT = 26,
    BINLOG_EVENT_HEARTBEAT = 27, BINLOG_EVENT_IGNORABLE = 28, BINLOG_EVENT_ROWS_QUERY = 29,
    BINLOG_EVENT_WRITE_V2 = 30, BINLOG_EVENT_UPDATE_V2 = 31, BINLOG_EVENT_DELETE_V2 = 32,
    BINLOG_EVENT_GTID = 33, BINLOG_EVENT_ANONYMOUS_GTID = 34, BINLOG_EVENT_PREVIOUS_GTIDS = 35,
    BINLOG_EVENT_TRANSACTION_CONTEXT = 36, BINLOG_EVENT_VIEW_CHANGE = 37, BINLOG_EVENT_XA_PREPARE = 38,
    BINLOG_EVENT_PARTIAL_UPDATE = 39, BINLOG_EVENT_PAYLOAD = 40, BINLOG_EVENT_HEARTBEAT_V2 = 41, BINLOG_EVENT_GTID_TAGGED = 42,
    BINLOG_EVENT_MARIADB_ANNOTATE = 160, BINLOG_EVENT_MARIADB_CHECKPOINT = 161, BINLOG_EVENT_MARIADB_GTID = 162,
    BINLOG_EVENT_MARIADB_GTID_LIST = 163, BINLOG_EVENT_MARIADB_ENCRYPTION = 164,
    BINLOG_EVENT_MARIADB_QUERY_COMPRESSED = 165,
    BINLOG_EVENT_MARIADB_WRITE_COMPRESSED_V1 = 166, BINLOG_EVENT_MARIADB_UPDATE_COMPRESSED_V1 = 167,
    BINLOG_EVENT_MARIADB_DELETE_COMPRESSED_V1 = 168, BINLOG_EVENT_MARIADB_WRITE_COMPRESSED = 169,
    BINLOG_EVENT_MARIADB_UPDATE_COMPRESSED = 170, BINLOG_EVENT_MARIADB_DELETE_COMPRESSED = 171,
};

enum { BINLOG_HEADER_SIZE = 19 };

/* Each fills its part of the event from the body (behind the header, without the checksum); the byte behind the body may be
   written. False: cut off or broken. Kinds are set where the body decides them. */
bool binlog_event_read_rotate(struct bytes body, struct binlog_event *event);
bool binlog_event_read_query(struct bytes body, struct binlog_event *event);
bool binlog_event_read_execute_load(struct bytes body, struct binlog_event *event);
bool binlog_event_read_incident(struct bytes body, struct binlog_event *event);
bool binlog_event_read_rows_query(struct bytes body, struct binlog_event *event);
bool binlog_event_read_annotate(struct bytes body, struct binlog_event *event);
bool binlog_event_read_xid(struct bytes body, struct binlog_event *event);
bool binlog_event_read_xa_prepare(struct bytes body, struct binlog_event *event);
bool binlog_event_read_gtid(struct bytes body, struct binlog_event *event);
bool binlog_event_read_gtid_tagged(struct bytes body, struct binlog_event *event);
bool binlog_event_read_mariadb_gtid(struct bytes body, struct binlog_event *event);

/* What a QUERY is by its text: BINLOG_BEGIN, COMMIT, ROLLBACK or QUERY. Fills .query.sql from the text. */
void binlog_event_set_statement(struct binlog_event *event, const char *sql, size_t len);

#endif
