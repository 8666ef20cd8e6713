/* Shared by the files of the DDL reader; see ddl.h. */
#ifndef CONNECT_CONNECTORS_BINLOG_DDL_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_DDL_PRIV_H

#include "connect/connectors/binlog/ddl.h"
#include "connect/connectors/binlog/ddl_token.h"

#include <stdint.h>

struct ddl_reader {
    struct ddl_lexer lexer;
    struct arena *arena;          /* of the changes: names and texts */
    struct cdc_tables *tables;    /* changed when a statement was read to its end, not before */
    const char *database;         /* the current one, "" if none */
    const char *statement;        /* where the present one begins */
    bool with_comments;
    struct cdc_changes *changes;
    struct error *err;
};

struct ddl_id {
    const char *database, *name;
};

/* The first word becomes the present one, MariaDB's SET STATEMENT ... FOR in front of it passed over. What the text means depends on
   variables of reader->tables. */
void ddl_begin(struct ddl_reader *reader, const char *sql, size_t len);

/* ---- words (ddl_reader.c) ------------------------------------------------------------------------------------------------ */

bool ddl_at(const struct ddl_reader *reader, const char *word); /* is the present word this one? */
bool ddl_at_symbol(const struct ddl_reader *reader, char symbol);
bool ddl_at_end(const struct ddl_reader *reader);
bool ddl_at_statement_end(const struct ddl_reader *reader); /* the end, a semicolon, or START TRANSACTION */
bool ddl_at_name(const struct ddl_reader *reader); /* something that can be a name */
bool ddl_before(const struct ddl_reader *reader, const char *word); /* does this word come next? */
/* Take it if it is there. */
bool ddl_accept(struct ddl_reader *reader, const char *word);
bool ddl_accept_symbol(struct ddl_reader *reader, char symbol);
bool ddl_accept_if_exists(struct ddl_reader *reader); /* IF [NOT] EXISTS */
/* Take it or fail. */
bool ddl_expect(struct ddl_reader *reader, const char *word) MUST_CHECK;
bool ddl_expect_symbol(struct ddl_reader *reader, char symbol) MUST_CHECK;
bool ddl_expect_name(struct ddl_reader *reader, const char **name_out) MUST_CHECK;
bool ddl_expect_table(struct ddl_reader *reader, struct ddl_id *id_out) MUST_CHECK;
bool ddl_expect_number(struct ddl_reader *reader, int *number_out) MUST_CHECK;
/* Nothing comes any more. In front of any change of the tables. */
bool ddl_expect_end(struct ddl_reader *reader) MUST_CHECK;
/* From an opening to behind its closing parenthesis, whatever stands between. */
bool ddl_skip_parentheses(struct ddl_reader *reader) MUST_CHECK;
/* To the next comma or closing parenthesis at this level, or the end. */
bool ddl_skip_item(struct ddl_reader *reader) MUST_CHECK;
/* ERROR_DATA: what was expected, and what is there. */
bool ddl_fail(struct ddl_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The statement so far: from its beginning to behind the last word that was taken. */
const char *ddl_text(const struct ddl_reader *reader, const char *from);

/* A new change, all empty but kind, database and text. */
struct cdc_change *ddl_change(struct ddl_reader *reader, enum cdc_change_kind kind, const char *database, const char *text);
/* The same about one table. */
struct cdc_change *ddl_table_change(struct ddl_reader *reader, enum cdc_change_kind kind, const struct ddl_id *id, const char *text);

/* ---- columns (ddl_type.c, ddl_column.c) ------------------------------------------------------------------------------------------ */

struct ddl_column {
    struct cdc_column column;     /* charset NULL: the table's */
    bool is_unique, is_primary;
};
/* Type and attributes of a column; its name is set already. Ends in front of a comma, a closing parenthesis, FIRST or
   AFTER. */
bool ddl_read_column(struct ddl_reader *reader, struct ddl_column *out) MUST_CHECK;
bool ddl_read_type(struct ddl_reader *reader, struct ddl_column *out) MUST_CHECK;
bool ddl_read_collation(struct ddl_reader *reader, struct cdc_column *column) MUST_CHECK; /* behind COLLATE, with = or without */
bool ddl_read_default(struct ddl_reader *reader, struct cdc_column *column) MUST_CHECK; /* behind DEFAULT */
bool ddl_read_charset(struct ddl_reader *reader, const char **charset_out) MUST_CHECK;  /* behind CHARACTER SET, with = or without */
/* "utf8mb4_bin" belongs to "utf8mb4"; NULL: a collation without character set in its name. */
const char *ddl_collation_charset(struct ddl_reader *reader, const char *collation);
/* Does the type hold text in a character set? */
bool ddl_has_charset(const struct cdc_column *column);
/* The type of a column whose type name is known ("INT UNSIGNED"), as the history has it. False: no such type. */
bool ddl_type_find(const char *type_name, struct cdc_column *column);
/* Enumeration values from their texts. */
void ddl_enum_values(struct ddl_reader *reader, struct cdc_column *column);

/* ---- tables (ddl_table.c, ddl_alter.c) ---------------------------------------------------------------------------------- */

bool ddl_create_table(struct ddl_reader *reader) MUST_CHECK; /* behind TABLE */
bool ddl_alter_table(struct ddl_reader *reader) MUST_CHECK;  /* behind TABLE */

/* A definition inside of CREATE TABLE or behind ADD that is no column. *is_key_out false: nothing was taken. Keys are
   collected and put on the table by ddl_apply_keys, when all columns are there. */
struct ddl_keys {
    struct {
        bool is_primary;
        const char **columns;
        size_t count;
    } *items;
    size_t count, size;
};
bool ddl_read_key(struct ddl_reader *reader, struct ddl_keys *keys, bool *is_key_out) MUST_CHECK;
void ddl_add_key(struct ddl_reader *reader, struct ddl_keys *keys, const char *column, bool is_primary);
bool ddl_apply_keys(struct ddl_reader *reader, const struct ddl_keys *keys, struct cdc_table *table) MUST_CHECK;
/* Makes these columns the key if none of them allows NULL. */
void ddl_apply_unique(const char **columns, size_t count, struct cdc_table *table);
/* (a, b(10) DESC, ...): names of columns; count 0 if there is an expression among them. */
bool ddl_read_key_columns(struct ddl_reader *reader, const char ***columns_out, size_t *count_out) MUST_CHECK;
/* [DEFAULT] CHARACTER SET, COLLATE, COMMENT onto the table; *is_option_out false: something else, nothing was taken. */
bool ddl_read_table_option(struct ddl_reader *reader, struct cdc_table *table, bool *is_option_out) MUST_CHECK;
/* The table's character set for columns that have none of their own. */
void ddl_resolve_charsets(struct cdc_table *table);

#endif
