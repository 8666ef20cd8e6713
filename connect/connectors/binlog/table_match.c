/* Kinds instead of types: a server may keep a column in a wider type than the statement says (VARCHAR as TEXT, FLOAT(53)), and
   MariaDB keeps JSON and VECTOR in types for texts and bytes. */
#include "connect/connectors/binlog/table_match.h"

#include <string.h>

enum kind {
    KIND_INTEGER = 1 << 0, KIND_REAL = 1 << 1, KIND_DECIMAL = 1 << 2, KIND_BIT = 1 << 3, KIND_YEAR = 1 << 4, KIND_DATE = 1 << 5,
    KIND_TIME = 1 << 6, KIND_DATETIME = 1 << 7, KIND_TIMESTAMP = 1 << 8, KIND_BYTES = 1 << 9, KIND_ENUM = 1 << 10, KIND_SET = 1 << 11,
    KIND_JSON = 1 << 12, KIND_GEOMETRY = 1 << 13, KIND_VECTOR = 1 << 14,
};

static const uint16_t kind_in_log[256] = {
    [BINLOG_TYPE_TINY] = KIND_INTEGER, [BINLOG_TYPE_SHORT] = KIND_INTEGER, [BINLOG_TYPE_INT24] = KIND_INTEGER,
    [BINLOG_TYPE_LONG] = KIND_INTEGER, [BINLOG_TYPE_LONGLONG] = KIND_INTEGER,
    [BINLOG_TYPE_FLOAT] = KIND_REAL, [BINLOG_TYPE_DOUBLE] = KIND_REAL,
    [BINLOG_TYPE_DECIMAL] = KIND_DECIMAL, [BINLOG_TYPE_NEWDECIMAL] = KIND_DECIMAL,
    [BINLOG_TYPE_BIT] = KIND_BIT, [BINLOG_TYPE_YEAR] = KIND_YEAR,
    [BINLOG_TYPE_DATE] = KIND_DATE, [BINLOG_TYPE_NEWDATE] = KIND_DATE,
    [BINLOG_TYPE_TIME] = KIND_TIME, [BINLOG_TYPE_TIME2] = KIND_TIME,
    [BINLOG_TYPE_DATETIME] = KIND_DATETIME, [BINLOG_TYPE_DATETIME2] = KIND_DATETIME,
    [BINLOG_TYPE_TIMESTAMP] = KIND_TIMESTAMP, [BINLOG_TYPE_TIMESTAMP2] = KIND_TIMESTAMP,
    [BINLOG_TYPE_STRING] = KIND_BYTES, [BINLOG_TYPE_VARCHAR] = KIND_BYTES, [BINLOG_TYPE_VAR_STRING] = KIND_BYTES,
    [BINLOG_TYPE_VARCHAR_COMPRESSED] = KIND_BYTES, [BINLOG_TYPE_BLOB_COMPRESSED] = KIND_BYTES,
    [BINLOG_TYPE_TINY_BLOB] = KIND_BYTES, [BINLOG_TYPE_BLOB] = KIND_BYTES, [BINLOG_TYPE_MEDIUM_BLOB] = KIND_BYTES,
    [BINLOG_TYPE_LONG_BLOB] = KIND_BYTES,
    [BINLOG_TYPE_ENUM] = KIND_ENUM, [BINLOG_TYPE_SET] = KIND_SET, [BINLOG_TYPE_JSON] = KIND_JSON,
    [BINLOG_TYPE_GEOMETRY] = KIND_GEOMETRY, [BINLOG_TYPE_VECTOR] = KIND_VECTOR,
};

static const uint16_t kinds_of_column[] = {
    [CDC_TINYINT] = KIND_INTEGER, [CDC_SMALLINT] = KIND_INTEGER, [CDC_MEDIUMINT] = KIND_INTEGER, [CDC_INT] = KIND_INTEGER,
    [CDC_BIGINT] = KIND_INTEGER, [CDC_BOOLEAN] = KIND_INTEGER,
    [CDC_FLOAT] = KIND_REAL, [CDC_DOUBLE] = KIND_REAL, [CDC_DECIMAL] = KIND_DECIMAL, [CDC_BIT] = KIND_BIT, [CDC_YEAR] = KIND_YEAR,
    [CDC_DATE] = KIND_DATE, [CDC_TIME] = KIND_TIME, [CDC_DATETIME] = KIND_DATETIME, [CDC_TIMESTAMP] = KIND_TIMESTAMP,
    [CDC_CHAR] = KIND_BYTES, [CDC_VARCHAR] = KIND_BYTES, [CDC_TINYTEXT] = KIND_BYTES, [CDC_TEXT] = KIND_BYTES,
    [CDC_MEDIUMTEXT] = KIND_BYTES, [CDC_LONGTEXT] = KIND_BYTES, [CDC_BINARY] = KIND_BYTES, [CDC_VARBINARY] = KIND_BYTES,
    [CDC_TINYBLOB] = KIND_BYTES, [CDC_BLOB] = KIND_BYTES, [CDC_MEDIUMBLOB] = KIND_BYTES, [CDC_LONGBLOB] = KIND_BYTES,
    [CDC_ENUM] = KIND_ENUM, [CDC_SET] = KIND_SET, [CDC_JSON] = KIND_JSON | KIND_BYTES, [CDC_VECTOR] = KIND_VECTOR | KIND_BYTES,
    [CDC_POINT] = KIND_GEOMETRY, [CDC_GEOMETRY] = KIND_GEOMETRY,
    [CDC_UUID] = KIND_BYTES, [CDC_INET4] = KIND_BYTES, [CDC_INET6] = KIND_BYTES, [CDC_XML] = KIND_BYTES,
};

static bool
has_sign(const struct binlog_column *column)
{
    return kind_in_log[column->type] & (KIND_INTEGER | KIND_REAL | KIND_DECIMAL);
}

static bool
column_matches(const struct cdc_table *table, size_t i, const struct binlog_table_map *map, struct error *err)
{
    static const char advice[] = "restart the connector with snapshot.mode=recovery";
    const struct cdc_column *known = &table->columns[i];
    const struct binlog_column *logged = &map->columns[i];
    if (logged->name && strcmp(logged->name, known->name) != 0)
        return error_set(err, ERROR_DATA, "table %s.%s: column %zu is '%s' in the log, but '%s' in the schema history; %s", table->database,
                         table->name, i + 1, logged->name, known->name, advice);
    if (!(kind_in_log[logged->type] & kinds_of_column[known->type]))
        return error_set(err, ERROR_DATA, "table %s.%s: column %zu ('%s') is %s in the schema history, but of another kind in the log (type "
                                          "%u); %s", table->database, table->name, i + 1, known->name, known->type_name, logged->type, advice);
    if (map->has_signedness && has_sign(logged) && logged->is_unsigned != known->is_unsigned)
        return error_set(err, ERROR_DATA, "table %s.%s: column %zu ('%s') is %s in the schema history, but %s in the log; %s", table->database,
                         table->name, i + 1, known->name, known->type_name, logged->is_unsigned ? "unsigned" : "signed", advice);
    return true;
}

bool
cdc_table_matches(const struct cdc_table *table, const struct binlog_table_map *map, struct error *err)
{
    if (map->column_count != table->column_count)
        return error_set(err, ERROR_DATA, "Error processing row in %s.%s, internal schema size %zu, but row size %zu, restart connector "
                                          "with schema recovery mode", table->database, table->name, table->column_count, map->column_count);
    bool matches = true;
    for (size_t i = 0; i < map->column_count && map->is_readable && matches; i++)
        matches = column_matches(table, i, map, err);
    return matches;
}
