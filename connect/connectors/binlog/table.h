/*
 * Structure of the source's tables, as the DDL statements made it (io.debezium.relational.Table, Column, Tables).
 *
 * A cdc_table is built by one thread and never changes once cdc_tables_put has published it: a change makes a new
 * one. Tables are counted, so whoever built something from a structure (schemas, converters) keeps it as long as
 * needed and sees by the pointer that it is still the same one. Texts of a table live as long as the table.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_TABLE_H
#define CONNECT_CONNECTORS_BINLOG_TABLE_H

#include "common/base/arena.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* What a column stores; synonyms (INTEGER, DEC, LONG VARCHAR, NCHAR) are the type they stand for. */
enum cdc_type {
    CDC_TINYINT, CDC_SMALLINT, CDC_MEDIUMINT, CDC_INT, CDC_BIGINT, CDC_BOOLEAN, /* BOOLEAN: written so in the statement */
    CDC_FLOAT, CDC_DOUBLE, CDC_DECIMAL, CDC_BIT, CDC_YEAR,
    CDC_DATE, CDC_TIME, CDC_DATETIME, CDC_TIMESTAMP,
    CDC_CHAR, CDC_VARCHAR, CDC_TINYTEXT, CDC_TEXT, CDC_MEDIUMTEXT, CDC_LONGTEXT,
    CDC_BINARY, CDC_VARBINARY, CDC_TINYBLOB, CDC_BLOB, CDC_MEDIUMBLOB, CDC_LONGBLOB,
    CDC_ENUM, CDC_SET, CDC_JSON, CDC_VECTOR,
    CDC_POINT, CDC_GEOMETRY, /* GEOMETRY: all other kinds, see type_name */
    CDC_UUID, CDC_INET4, CDC_INET6, CDC_XML, /* MariaDB */
};

enum { CDC_UNSET = -1 }; /* length and scale that the statement does not give */

/* java.sql.Types, as the records of schema changes show them */
enum cdc_jdbc_type {
    JDBC_BIT = -7, JDBC_TINYINT = -6, JDBC_SMALLINT = 5, JDBC_INTEGER = 4, JDBC_BIGINT = -5, JDBC_FLOAT = 6, JDBC_REAL = 7,
    JDBC_DOUBLE = 8, JDBC_NUMERIC = 2, JDBC_DECIMAL = 3, JDBC_CHAR = 1, JDBC_VARCHAR = 12, JDBC_DATE = 91, JDBC_TIME = 92,
    JDBC_TIMESTAMP = 93, JDBC_BINARY = -2, JDBC_VARBINARY = -3, JDBC_OTHER = 1111, JDBC_BLOB = 2004, JDBC_BOOLEAN = 16,
    JDBC_NCHAR = -15, JDBC_NVARCHAR = -9, JDBC_TIMESTAMP_WITH_TIMEZONE = 2014,
};

struct cdc_column {
    const char *name;
    int position;                /* 1 is the first */
    enum cdc_type type;
    int jdbc_type;
    const char *type_name;       /* "INT UNSIGNED"; typeExpression is always the same text */
    const char *charset;         /* MySQL's name, resolved; NULL: the type has none */
    int length, scale;           /* in the type's brackets, or the type's default; CDC_UNSET */
    bool is_unsigned, is_zerofill;
    bool is_optional;            /* NULL is allowed */
    bool is_auto_incremented;
    bool is_generated;           /* as Debezium has it: of AUTO_INCREMENT columns */
    bool is_computed;            /* GENERATED ALWAYS AS */
    bool is_computed_stored;     /* the value is in the table, not made at each read */
    bool is_invisible;
    bool has_default;            /* also without DEFAULT where NULL is allowed */
    const char *default_value;   /* as written, outermost quotes off; NULL: NULL, or an expression */
    const char *comment;         /* NULL: none, or comments are not kept */
    const char *const *enum_texts;  /* of ENUM and SET as written, quotes included: 'it''s' */
    const char *const *enum_values; /* what they mean: it's */
    size_t enum_count;
};

struct cdc_table {
    atomic_uint refs;
    struct arena arena;          /* everything below */
    const char *database, *name;
    const char *charset;         /* default of its columns; NULL: unknown */
    const char *comment;
    struct cdc_column *columns;  /* by position */
    size_t column_count, column_room;
    /* Names of the columns that a record's key is made of, in the key's order: the primary key, else the first unique
       key whose columns do not allow NULL. */
    const char *const *key;
    size_t key_count;
    bool key_is_primary;
};

/* Empty, one reference for the caller, who fills it (texts copied into its arena) before it is published. */
struct cdc_table *cdc_table_new(const char *database, const char *name);
/* A copy to be changed, under the same name. */
struct cdc_table *cdc_table_dup(const struct cdc_table *table);
struct cdc_table *cdc_table_ref(struct cdc_table *table); /* accepts NULL */
void cdc_table_unref(struct cdc_table *table);            /* accepts NULL */

/* Case does not matter. NULL: there is none. */
struct cdc_column *cdc_table_column(const struct cdc_table *table, const char *name);
/* Copies the column (deeply) behind the last one, or over the one of that name. Returns the copy. */
struct cdc_column *cdc_table_add(struct cdc_table *table, const struct cdc_column *column);
/* Its place: behind the column `after`, or in front of all with NULL. */
void cdc_table_move(struct cdc_table *table, const char *name, const char *after);
void cdc_table_drop(struct cdc_table *table, const char *name);
void cdc_table_rename_column(struct cdc_table *table, const char *name, const char *to);
void cdc_table_key(struct cdc_table *table, const char *const *names, size_t count, bool is_primary); /* copies */

/* All tables of one server that are known, and what a statement's meaning depends on besides: default character
   sets of databases, system variables. One thread at a time. */
struct cdc_tables;

struct cdc_tables *cdc_tables_new(void);
void cdc_tables_free(struct cdc_tables *tables); /* accepts NULL */
/* lower_case_table_names is not 0: names of databases and tables are compared without case. Before the first put. */
void cdc_tables_ignore_case(struct cdc_tables *tables, bool ignore_case);

/* Borrowed, NULL: unknown. */
struct cdc_table *cdc_tables_get(const struct cdc_tables *tables, const char *database, const char *name);
/* Takes the caller's reference; replaces what had that name. */
void cdc_tables_put(struct cdc_tables *tables, struct cdc_table *table);
void cdc_tables_remove(struct cdc_tables *tables, const char *database, const char *name);
void cdc_tables_remove_database(struct cdc_tables *tables, const char *database);
/* In the order of their first appearance; valid until the next change. */
size_t cdc_tables_all(struct cdc_tables *tables, struct cdc_table *const **items_out);
/* Raised by every change: caches built from names ask whether something happened. */
unsigned long cdc_tables_version(const struct cdc_tables *tables);

/* "character_set_server" and the like as SET statements and the snapshot gave them; NULL: unknown. */
void cdc_tables_set_variable(struct cdc_tables *tables, const char *name, const char *value);
const char *cdc_tables_variable(const struct cdc_tables *tables, const char *name);
void cdc_tables_set_database_charset(struct cdc_tables *tables, const char *database, const char *charset); /* NULL: forget */
const char *cdc_tables_database_charset(const struct cdc_tables *tables, const char *database);

#endif
