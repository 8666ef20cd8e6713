/*
 * Values of a row as the binlog holds them. A cell points into the memory of its event or of the decoder: valid until
 * the next row is asked for. What a cell means (character set, unsigned, padding, names) is said by the table's structure.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_ROW_IMAGE_H
#define CONNECT_CONNECTORS_BINLOG_ROW_IMAGE_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "connect/connectors/binlog/table_map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum binlog_cell_kind {
    BINLOG_CELL_ABSENT,    /* not in the image (binlog_row_image other than FULL): unknown, not null */
    BINLOG_CELL_NULL,
    BINLOG_CELL_INT,       /* .integer, sign-extended from .width bytes; see binlog_cell_unsigned() */
    BINLOG_CELL_FLOAT,     /* .real32 */
    BINLOG_CELL_DOUBLE,    /* .real64 */
    BINLOG_CELL_DECIMAL,   /* .bytes: digits as the server prints them, "-0.10" */
    BINLOG_CELL_BYTES,     /* .bytes: CHAR, VARCHAR, TEXT, BINARY (without its trailing zeros), VARBINARY, BLOB */
    BINLOG_CELL_DATE,      /* .time: year, month, day; any of them may be 0 */
    BINLOG_CELL_TIME,      /* .time: hour up to 838, is_negative */
    BINLOG_CELL_DATETIME,  /* .time, no zone */
    BINLOG_CELL_TIMESTAMP, /* .timestamp; seconds and us 0 for '0000-00-00' */
    BINLOG_CELL_YEAR,      /* .integer: 0 or 1901 to 2155 */
    BINLOG_CELL_BIT,       /* .bits; .width: bits of the column */
    BINLOG_CELL_ENUM,      /* .bits: index from 1; 0 is the empty error value */
    BINLOG_CELL_SET,       /* .bits: bit 0 is the first member */
    BINLOG_CELL_JSON,      /* .bytes: MySQL's binary form, or text when .is_text; see binlog_json_text().
                              Without a byte and not text: an invalid value that the server let through */
    BINLOG_CELL_GEOMETRY,  /* .bytes: 4 bytes SRID, little-endian, then WKB */
    BINLOG_CELL_VECTOR,    /* .bytes: little-endian 32-bit floats */
};

struct binlog_bytes {
    const uint8_t *data;
    size_t len;
};

struct binlog_time {
    uint16_t year, hour;
    uint8_t month, day, minute, second;
    bool is_negative;
    uint32_t us;
};

struct binlog_cell {
    uint8_t kind;     /* enum binlog_cell_kind */
    uint8_t width;    /* bytes of an integer, bits of a BIT */
    uint8_t digits;   /* fraction digits that the column has: TIME, DATETIME, TIMESTAMP */
    bool is_text;     /* JSON */
    union {
        int64_t integer;
        uint64_t bits;
        float real32;
        double real64;
        struct binlog_bytes bytes;
        struct binlog_time time;
        struct { int64_t seconds; uint32_t us; } timestamp; /* since 1970, UTC */
    };
};

/* An integer of an UNSIGNED column. */
static inline uint64_t
binlog_cell_unsigned(const struct binlog_cell *cell)
{
    uint64_t bits = (uint64_t)cell->integer;
    return cell->width >= 8 ? bits : bits & ((UINT64_C(1) << (8 * cell->width)) - 1);
}

/* Append a JSON cell as Debezium prints it: compact, stored key order. False (ERROR_DATA): the binary form is broken. */
bool binlog_json_text(const struct binlog_cell *cell, struct strbuf *out, struct error *err) MUST_CHECK;

#endif
