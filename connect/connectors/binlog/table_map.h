/*
 * TABLE_MAP events: which table and which column types the row events behind it have. The server's optional metadata is
 * kept where it was sent (binlog_row_metadata): with MINIMAL only signedness, character sets and geometry subtypes, and
 * nothing at all with MariaDB's NO_LOG.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_TABLE_MAP_H
#define CONNECT_CONNECTORS_BINLOG_TABLE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The server's type codes as they stand in a TABLE_MAP (STRING resolved to ENUM and SET). */
enum binlog_type {
    BINLOG_TYPE_DECIMAL = 0, BINLOG_TYPE_TINY = 1, BINLOG_TYPE_SHORT = 2, BINLOG_TYPE_LONG = 3, BINLOG_TYPE_FLOAT = 4,
    BINLOG_TYPE_DOUBLE = 5, BINLOG_TYPE_NULL = 6, BINLOG_TYPE_TIMESTAMP = 7, BINLOG_TYPE_LONGLONG = 8,
    BINLOG_TYPE_INT24 = 9, BINLOG_TYPE_DATE = 10, BINLOG_TYPE_TIME = 11, BINLOG_TYPE_DATETIME = 12,
    BINLOG_TYPE_YEAR = 13, BINLOG_TYPE_NEWDATE = 14, BINLOG_TYPE_VARCHAR = 15, BINLOG_TYPE_BIT = 16,
    BINLOG_TYPE_TIMESTAMP2 = 17, BINLOG_TYPE_DATETIME2 = 18, BINLOG_TYPE_TIME2 = 19,
    BINLOG_TYPE_BLOB_COMPRESSED = 140, BINLOG_TYPE_VARCHAR_COMPRESSED = 141, /* MariaDB */
    BINLOG_TYPE_VECTOR = 242, BINLOG_TYPE_JSON = 245, BINLOG_TYPE_NEWDECIMAL = 246, BINLOG_TYPE_ENUM = 247,
    BINLOG_TYPE_SET = 248, BINLOG_TYPE_TINY_BLOB = 249, BINLOG_TYPE_MEDIUM_BLOB = 250, BINLOG_TYPE_LONG_BLOB = 251,
    BINLOG_TYPE_BLOB = 252, BINLOG_TYPE_VAR_STRING = 253, BINLOG_TYPE_STRING = 254, BINLOG_TYPE_GEOMETRY = 255,
};

struct binlog_column {
    uint8_t type;          /* enum binlog_type */
    bool is_nullable;
    bool is_unsigned;      /* valid when the map's has_signedness */
    uint16_t meta;         /* by type: width of the length prefix, maximum length in bytes, fraction digits, precision << 8 | scale, bits */
    uint32_t collation;    /* number of the collation of a character column; 0: not sent */
    const char *name;      /* NULL: not sent */
};

struct binlog_table_map {
    uint64_t serial;       /* unique within the process; a new one whenever the bytes of the event have changed */
    uint64_t table_id;
    const char *database, *table; /* UTF-8 */
    size_t column_count;
    const struct binlog_column *columns;
    size_t json_count;     /* columns of type JSON */
    bool is_readable;      /* false: a type is not known, or the metadata does not fit to the types; rows are refused */
    size_t unknown_column; /* number from 1 of the first whose type is not known; 0: none */
    bool has_signedness, has_names;
    void *owner_data;      /* the reader's own, NULL in a new map; the stream neither reads nor frees it */
};

#endif
