/* Prepared statements: input travels beside the SQL, never in it. Integers and doubles in binary, the rest as text. */
#include "common/db/db_priv.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>

#ifdef MARIADB_BASE_VERSION
typedef my_bool stmt_flag;
#else
typedef bool stmt_flag;
#endif

enum { TEXT_START = 256 }; /* first size of a text column's buffer; it grows to what comes */

struct stmt_column {
    enum db_value_kind kind;
    int64_t integer;
    double real;
    char *bytes;
    unsigned long size, len; /* of the buffer, of the value */
    stmt_flag is_null, is_cut;
};

struct db_stmt {
    struct db *db;
    MYSQL_STMT *stmt;
    size_t param_count, column_count;
    MYSQL_BIND *params, *binds;
    struct stmt_column *columns;
    struct db_value *row;
    bool has_rows; /* of the last run, to be freed before the next */
};

static bool
stmt_error(struct db_stmt *stmt, struct error *err)
{
    if (atomic_load(&stmt->db->is_killed))
        return db_error_set(stmt->db, err);
    return db_error_from(err, mysql_stmt_errno(stmt->stmt), mysql_stmt_sqlstate(stmt->stmt), mysql_stmt_error(stmt->stmt));
}

/* ---- preparing ------------------------------------------------------------------------------------------ */

static enum db_value_kind
kind_of(enum enum_field_types type)
{
    switch (type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR: return DB_VALUE_INT;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE: return DB_VALUE_DOUBLE;
    default: return DB_VALUE_TEXT;
    }
}

static void
column_bind(struct stmt_column *column, MYSQL_BIND *bind)
{
    *bind = (MYSQL_BIND){.is_null = &column->is_null, .length = &column->len, .error = &column->is_cut};
    if (column->kind == DB_VALUE_INT) {
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = &column->integer;
    } else if (column->kind == DB_VALUE_DOUBLE) {
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        bind->buffer = &column->real;
    } else {
        bind->buffer_type = MYSQL_TYPE_STRING;
        bind->buffer = column->bytes;
        bind->buffer_length = column->size;
    }
}

static void
columns_learn(struct db_stmt *stmt)
{
    MYSQL_RES *meta = mysql_stmt_result_metadata(stmt->stmt);
    if (!meta)
        return;
    stmt->column_count = mysql_num_fields(meta);
    stmt->columns = xcalloc(stmt->column_count, sizeof(*stmt->columns));
    stmt->binds = xcalloc(stmt->column_count, sizeof(*stmt->binds));
    stmt->row = xcalloc(stmt->column_count, sizeof(*stmt->row));
    const MYSQL_FIELD *fields = mysql_fetch_fields(meta);
    for (size_t i = 0; i < stmt->column_count; i++) {
        struct stmt_column *column = &stmt->columns[i];
        column->kind = kind_of(fields[i].type);
        if (column->kind == DB_VALUE_TEXT) {
            column->size = TEXT_START;
            column->bytes = xmalloc(TEXT_START + 1);
        }
    }
    mysql_free_result(meta);
}

struct db_stmt *
db_prepare(struct db *db, const char *sql, struct error *err)
{
    if (!db_ready(db, err))
        return NULL;
    struct db_stmt *stmt = xcalloc(1, sizeof(*stmt));
    stmt->db = db;
    stmt->stmt = mysql_stmt_init(db->mysql);
    ensure(stmt->stmt, "mysql_stmt_init: out of memory");
    if (mysql_stmt_prepare(stmt->stmt, sql, strlen(sql)) != 0) {
        stmt_error(stmt, err);
        db_stmt_close(stmt);
        return NULL;
    }
    stmt->param_count = mysql_stmt_param_count(stmt->stmt);
    stmt->params = xcalloc(stmt->param_count + 1, sizeof(*stmt->params));
    columns_learn(stmt);
    return stmt;
}

void
db_stmt_close(struct db_stmt *stmt)
{
    if (!stmt)
        return;
    mysql_stmt_close(stmt->stmt);
    for (size_t i = 0; i < stmt->column_count; i++)
        free(stmt->columns[i].bytes);
    free(stmt->columns);
    free(stmt->binds);
    free(stmt->row);
    free(stmt->params);
    free(stmt);
}

/* ---- running -------------------------------------------------------------------------------------------- */

/* The library reads the values during execution only, so pointing into them is enough. */
static void
param_bind(const struct db_value *value, MYSQL_BIND *bind)
{
    *bind = (MYSQL_BIND){.buffer_type = MYSQL_TYPE_NULL};
    switch (value->kind) {
    case DB_VALUE_NULL:
        break;
    case DB_VALUE_INT:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = (void *)&value->integer;
        break;
    case DB_VALUE_DOUBLE:
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        bind->buffer = (void *)&value->real;
        break;
    case DB_VALUE_TEXT:
    case DB_VALUE_BYTES:
        bind->buffer_type = value->kind == DB_VALUE_TEXT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
        bind->buffer = (void *)value->bytes;
        bind->buffer_length = value->len;
        break;
    }
}

static bool
rows_take(struct db_stmt *stmt)
{
    for (size_t i = 0; i < stmt->column_count; i++)
        column_bind(&stmt->columns[i], &stmt->binds[i]);
    stmt->has_rows = true;
    return mysql_stmt_bind_result(stmt->stmt, stmt->binds) == 0 && mysql_stmt_store_result(stmt->stmt) == 0;
}

bool
db_stmt_run(struct db_stmt *stmt, const struct db_value *params, size_t count, struct error *err)
{
    ensure(count == stmt->param_count, "a statement with %zu parameters is given %zu", stmt->param_count, count);
    if (!db_ready(stmt->db, err))
        return false;
    if (stmt->has_rows)
        mysql_stmt_free_result(stmt->stmt);
    stmt->has_rows = false;
    for (size_t i = 0; i < count; i++)
        param_bind(&params[i], &stmt->params[i]);
    if (count && mysql_stmt_bind_param(stmt->stmt, stmt->params) != 0)
        return stmt_error(stmt, err);
    if (mysql_stmt_execute(stmt->stmt) != 0 || (stmt->column_count && !rows_take(stmt)))
        return stmt_error(stmt, err);
    return true;
}

/* A text longer than its buffer: make room and fetch it again; later rows find the larger buffer bound. */
static bool
column_refetch(struct db_stmt *stmt, size_t i)
{
    struct stmt_column *column = &stmt->columns[i];
    column->size = column->len;
    column->bytes = xrealloc(column->bytes, column->size + 1);
    column_bind(column, &stmt->binds[i]);
    return mysql_stmt_fetch_column(stmt->stmt, &stmt->binds[i], (unsigned)i, 0) == 0;
}

static void
column_value(struct stmt_column *column, struct db_value *value)
{
    *value = (struct db_value){.kind = column->is_null ? DB_VALUE_NULL : column->kind};
    if (value->kind == DB_VALUE_INT) {
        value->integer = column->integer;
    } else if (value->kind == DB_VALUE_DOUBLE) {
        value->real = column->real;
    } else if (value->kind == DB_VALUE_TEXT) {
        column->bytes[column->len] = '\0';
        value->bytes = column->bytes;
        value->len = column->len;
    }
}

enum db_row_status
db_stmt_next(struct db_stmt *stmt, const struct db_value **row_out, size_t *count_out, struct error *err)
{
    if (!stmt->has_rows)
        return DB_END;
    int code = mysql_stmt_fetch(stmt->stmt);
    if (code == MYSQL_NO_DATA)
        return DB_END;
    bool has_grown = false;
    for (size_t i = 0; (code == 0 || code == MYSQL_DATA_TRUNCATED) && i < stmt->column_count; i++) {
        struct stmt_column *column = &stmt->columns[i];
        if (column->kind == DB_VALUE_TEXT && !column->is_null && column->len > column->size) {
            code = column_refetch(stmt, i) ? code : 1;
            has_grown = true;
        }
        column_value(column, &stmt->row[i]);
    }
    if ((code != 0 && code != MYSQL_DATA_TRUNCATED) || (has_grown && mysql_stmt_bind_result(stmt->stmt, stmt->binds) != 0)) {
        stmt_error(stmt, err);
        return DB_FAILED;
    }
    *row_out = stmt->row;
    *count_out = stmt->column_count;
    return DB_ROW;
}

uint64_t
db_stmt_affected(const struct db_stmt *stmt)
{
    uint64_t affected = mysql_stmt_affected_rows(stmt->stmt);
    return affected == (uint64_t)-1 ? 0 : affected;
}

uint64_t
db_stmt_insert_id(const struct db_stmt *stmt)
{
    return mysql_stmt_insert_id(stmt->stmt);
}
