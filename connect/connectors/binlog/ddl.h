/*
 * Reader of DDL statements: applies what a statement does to the structure of tables (MySqlAntlrDdlParser).
 *
 * The reader never guesses. A statement is either read to its end, or it is of a kind that provably leaves the columns
 * of all tables alone, or it is an error; whoever calls decides (schema.history.internal.skip.unparseable.ddl).
 */
#ifndef CONNECT_CONNECTORS_BINLOG_DDL_H
#define CONNECT_CONNECTORS_BINLOG_DDL_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "connect/connectors/binlog/table.h"

#include <stddef.h>

enum cdc_change_kind {
    CDC_CHANGE_CREATE,   /* of a table, or of a view (no structure) */
    CDC_CHANGE_ALTER,    /* of a table; renamed when previous_name is set */
    CDC_CHANGE_DROP,     /* of a table */
    CDC_CHANGE_TRUNCATE, /* of a table: no record of a schema change, but op "t" if that is not skipped */
    CDC_CHANGE_DATABASE, /* everything else: databases, SET, USE, and statements that change no structure */
};

/* One record of a schema change (SchemaChangeEvent). */
struct cdc_change {
    enum cdc_change_kind kind;
    const char *database;          /* databaseName of the record; "" for none */
    const char *ddl;               /* the part of the statement that the record shows */
    const char *table_database, *table_name; /* what it is about; NULL: no single table */
    const char *previous_database, *previous_name; /* of a renamed table, else NULL */
    struct cdc_table *table;       /* structure after CREATE and ALTER; NULL: not known (views) or none */
    const char *tables;            /* source.table: all tables of the statement in that database, "t1,t2"; NULL: none */
    bool is_of_database;           /* CREATE, ALTER, DROP DATABASE, USE */
    bool is_of_variable;           /* SET */
};

struct cdc_changes {
    struct cdc_change *items;
    size_t count, size;
    struct arena arena; /* texts */
    bool is_understood; /* a change of structure was found, see cdc_changes_concern */
};
#define CDC_CHANGES_INIT ((struct cdc_changes){0})
void cdc_changes_reset(struct cdc_changes *changes);
void cdc_changes_fini(struct cdc_changes *changes);

/* Apply one statement, with `database` as the current one ("" or NULL: none), and say what it did, in order; `out` is
   emptied first. A statement without any change of structure gives one CDC_CHANGE_DATABASE with the whole text, as in
   Debezium. False: ERROR_DATA, the statement cannot be read; its text is in the message, `tables` is as before. */
/* What the text means depends on variables of cdc_tables: sql_mode of the session that wrote it, version of the server
   (which version comments count). Both may be unknown. */
bool cdc_ddl_apply(struct cdc_tables *tables, const char *database, const char *sql, size_t len, bool with_comments,
                   struct cdc_changes *out, struct error *err) MUST_CHECK;

/* Statements that are left out whatever they are about, neither record nor history: accounts, views and routines,
   temporary tables, maintenance, rows written as statements, comments (the default of the original's filter). Not to be
   given to cdc_ddl_apply. TRUNCATE TABLE is none of them. */
bool cdc_statement_is_ignored(const char *sql, size_t len);

#endif
