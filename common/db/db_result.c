/* Streamed text rows: what the library reads from the socket is handed out without a copy. */
#include "common/db/db_priv.h"

#include "common/base/alloc.h"

#include <stdlib.h>

/* Numbers that not every version of the library names. */
enum { TYPE_VECTOR = 242, TYPE_JSON = 245 };
enum { CHARSET_BINARY = 63 };

struct db_result {
    struct db *db;
    MYSQL_RES *rows;
    size_t count;
    struct db_column columns[];
};

static enum db_type
type_of(const MYSQL_FIELD *field)
{
    if (field->flags & ENUM_FLAG)
        return DB_ENUM;
    if (field->flags & SET_FLAG)
        return DB_SET;
    switch ((int)field->type) {
    case MYSQL_TYPE_TINY: return DB_TINY;
    case MYSQL_TYPE_SHORT: return DB_SHORT;
    case MYSQL_TYPE_INT24: return DB_INT24;
    case MYSQL_TYPE_LONG: return DB_LONG;
    case MYSQL_TYPE_LONGLONG: return DB_LONGLONG;
    case MYSQL_TYPE_FLOAT: return DB_FLOAT;
    case MYSQL_TYPE_DOUBLE: return DB_DOUBLE;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return DB_DECIMAL;
    case MYSQL_TYPE_BIT: return DB_BIT;
    case MYSQL_TYPE_YEAR: return DB_YEAR;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return DB_DATE;
    case MYSQL_TYPE_TIME: return DB_TIME;
    case MYSQL_TYPE_DATETIME: return DB_DATETIME;
    case MYSQL_TYPE_TIMESTAMP: return DB_TIMESTAMP;
    case MYSQL_TYPE_STRING: return DB_CHAR;
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING: return DB_VARCHAR;
    case MYSQL_TYPE_TINY_BLOB: return DB_TINYBLOB;
    case MYSQL_TYPE_MEDIUM_BLOB: return DB_MEDIUMBLOB;
    case MYSQL_TYPE_LONG_BLOB: return DB_LONGBLOB;
    case MYSQL_TYPE_BLOB: return DB_BLOB;
    case MYSQL_TYPE_ENUM: return DB_ENUM;
    case MYSQL_TYPE_SET: return DB_SET;
    case TYPE_JSON: return DB_JSON;
    case MYSQL_TYPE_GEOMETRY: return DB_GEOMETRY;
    case TYPE_VECTOR: return DB_VECTOR;
    case MYSQL_TYPE_NULL: return DB_NULL;
    default: return DB_OTHER;
    }
}

static const char *
text(const char *bytes)
{
    return bytes ? bytes : "";
}

static struct db_column
column_of(const MYSQL_FIELD *field)
{
    return (struct db_column){
        .name = text(field->name),
        .table = text(field->table),
        .org_table = text(field->org_table),
        .org_name = text(field->org_name),
        .database = text(field->db),
        .type = type_of(field),
        .charset = field->charsetnr,
        .length = field->length,
        .decimals = field->decimals,
        .is_not_null = field->flags & NOT_NULL_FLAG,
        .is_unsigned = field->flags & UNSIGNED_FLAG,
        .is_binary = (field->flags & BINARY_FLAG) && field->charsetnr == CHARSET_BINARY,
        .is_auto_increment = field->flags & AUTO_INCREMENT_FLAG,
        .is_primary_key = field->flags & PRI_KEY_FLAG,
        .is_zerofill = field->flags & ZEROFILL_FLAG,
    };
}

struct db_result *
db_query(struct db *db, const char *sql, size_t len, struct error *err)
{
    if (!db_send(db, sql, len, err))
        return NULL;
    MYSQL_RES *rows = NULL;
    if (mysql_read_query_result(db->mysql) != 0 || !(rows = mysql_use_result(db->mysql))) {
        db->is_busy = atomic_load(&db->is_killed);
        if (atomic_load(&db->is_killed) || mysql_errno(db->mysql))
            db_error_set(db, err);
        else
            db_error_from(err, 0, "HY000", "The statement returned no rows");
        return NULL;
    }
    size_t count = mysql_num_fields(rows);
    struct db_result *result = xmalloc(sizeof(*result) + count * sizeof(*result->columns));
    result->db = db;
    result->rows = rows;
    result->count = count;
    const MYSQL_FIELD *fields = mysql_fetch_fields(rows);
    for (size_t i = 0; i < count; i++)
        result->columns[i] = column_of(&fields[i]);
    return result;
}

size_t
db_result_columns(const struct db_result *result, const struct db_column **columns_out)
{
    if (columns_out)
        *columns_out = result->columns;
    return result->count;
}

enum db_row_status
db_result_next(struct db_result *result, const char *const **values_out, const unsigned long **lengths_out,
               struct error *err)
{
    struct db *db = result->db;
    MYSQL_ROW row = db->is_busy ? mysql_fetch_row(result->rows) : NULL;
    if (row) {
        *values_out = (const char *const *)row;
        *lengths_out = mysql_fetch_lengths(result->rows);
        return DB_ROW;
    }
    if (!db->is_busy)
        return DB_END;
    if (mysql_errno(db->mysql) == 0) {
        db->is_busy = false;
        return DB_END;
    }
    db_error_set(db, err);
    db->is_busy = atomic_load(&db->is_killed);
    return DB_FAILED;
}

void
db_result_free(struct db_result *result)
{
    if (!result)
        return;
    struct db *db = result->db;
    if (db->is_busy && atomic_load(&db->is_killed)) {
        db->mysql->status = MYSQL_STATUS_READY; /* else the library would read all rows that are left */
    } else if (db->is_busy) {
        while (mysql_fetch_row(result->rows))
            ;
        db->is_busy = false;
    }
    mysql_free_result(result->rows);
    free(result);
}
