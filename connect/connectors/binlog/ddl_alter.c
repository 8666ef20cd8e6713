/* ALTER TABLE: its items one after the other onto a copy of the table, which is published at the end. */
#include "connect/connectors/binlog/ddl_priv.h"

#include <string.h>
#include <strings.h>

struct alteration {
    struct cdc_table *table; /* the copy */
    struct ddl_keys keys;    /* added, applied when the columns are there */
    struct ddl_id renamed;   /* name NULL: not renamed */
};

/* ---- columns ---------------------------------------------------------------------------------------------------------- */

/* FIRST or AFTER column. */
static bool
read_place(struct ddl_reader *reader, struct alteration *alteration, const char *name)
{
    const char *after = NULL;
    if (ddl_accept(reader, "AFTER")) {
        if (!ddl_expect_name(reader, &after))
            return false;
        if (!cdc_table_column(alteration->table, after))
            return ddl_fail(reader, "column %s, behind which %s goes, is not known", after, name);
    } else if (!ddl_accept(reader, "FIRST")) {
        return true;
    }
    cdc_table_move(alteration->table, name, after);
    return true;
}

/* Puts it on the table; a key that its definition names is applied with the others. */
static void
put_column(struct ddl_reader *reader, struct alteration *alteration, const struct ddl_column *column)
{
    struct cdc_column *put = cdc_table_add(alteration->table, &column->column);
    if (!ddl_has_charset(put))
        put->charset = NULL;
    else if (!put->charset || strcasecmp(put->charset, "DEFAULT") == 0)
        put->charset = alteration->table->charset;
    if (column->is_primary || column->is_unique)
        ddl_add_key(reader, &alteration->keys, put->name, column->is_primary);
}

static bool
read_new_column(struct ddl_reader *reader, struct alteration *alteration)
{
    struct ddl_column column = {0};
    bool if_not_exists = ddl_accept_if_exists(reader);
    if (!ddl_expect_name(reader, &column.column.name) || !ddl_read_column(reader, &column))
        return false;
    bool is_there = cdc_table_column(alteration->table, column.column.name) != NULL;
    if (is_there && !if_not_exists)
        return ddl_fail(reader, "column %s is there already", column.column.name);
    if (is_there) { /* left as it is */
        const char *after;
        return ddl_accept(reader, "FIRST") || !ddl_accept(reader, "AFTER") || ddl_expect_name(reader, &after);
    }
    put_column(reader, alteration, &column);
    return read_place(reader, alteration, column.column.name);
}

/* ( column, column, key, ... ) */
static bool
read_new_columns(struct ddl_reader *reader, struct alteration *alteration)
{
    do {
        bool is_key;
        if (!ddl_read_key(reader, &alteration->keys, &is_key) || (!is_key && !read_new_column(reader, alteration)))
            return false;
    } while (ddl_accept_symbol(reader, ','));
    return ddl_expect_symbol(reader, ')');
}

static bool
add(struct ddl_reader *reader, struct alteration *alteration)
{
    bool is_key;
    if (ddl_accept(reader, "COLUMN")) {
        is_key = false;
    } else if (ddl_at(reader, "PARTITION") || (ddl_at(reader, "SYSTEM") && ddl_before(reader, "VERSIONING"))) {
        return ddl_skip_item(reader);
    } else if (!ddl_read_key(reader, &alteration->keys, &is_key)) {
        return false;
    }
    if (is_key)
        return true;
    return ddl_accept_symbol(reader, '(') ? read_new_columns(reader, alteration) : read_new_column(reader, alteration);
}

/* The name of a column that must be there; *name_out NULL with IF EXISTS: it is not. */
static bool
read_known_column(struct ddl_reader *reader, struct alteration *alteration, bool if_exists, const char **name_out)
{
    if (!ddl_expect_name(reader, name_out))
        return false;
    if (cdc_table_column(alteration->table, *name_out))
        return true;
    if (!if_exists)
        return ddl_fail(reader, "column %s of table %s.%s is not known", *name_out, alteration->table->database, alteration->table->name);
    *name_out = NULL;
    return true;
}

/* A definition takes the place of the old one, with nothing kept but the place. */
static bool
redefine(struct ddl_reader *reader, struct alteration *alteration, const char *name, const char *new_name)
{
    struct ddl_column column = {.column.name = new_name};
    if (!ddl_read_column(reader, &column))
        return false;
    if (!name)
        return ddl_skip_item(reader);
    if (strcasecmp(name, new_name) != 0 && cdc_table_column(alteration->table, new_name))
        return ddl_fail(reader, "column %s is there already", new_name);
    cdc_table_rename_column(alteration->table, name, new_name);
    for (size_t i = 0; i < alteration->table->key_count && alteration->table->key_is_primary; i++)
        if (strcasecmp(alteration->table->key[i], new_name) == 0) { /* a key's column does not allow NULL */
            column.column.is_optional = false;
            column.column.has_default = column.column.default_value != NULL;
        }
    put_column(reader, alteration, &column);
    return read_place(reader, alteration, new_name);
}

static bool
change(struct ddl_reader *reader, struct alteration *alteration)
{
    const char *name, *new_name;
    ddl_accept(reader, "COLUMN");
    bool if_exists = ddl_accept_if_exists(reader);
    return read_known_column(reader, alteration, if_exists, &name) && ddl_expect_name(reader, &new_name) &&
           redefine(reader, alteration, name, new_name);
}

static bool
modify(struct ddl_reader *reader, struct alteration *alteration)
{
    const char *name, *as_written;
    ddl_accept(reader, "COLUMN");
    bool if_exists = ddl_accept_if_exists(reader);
    as_written = ddl_at_name(reader) ? ddl_name_text(&reader->lexer.token, reader->arena) : "";
    if (!read_known_column(reader, alteration, if_exists, &name))
        return false;
    return redefine(reader, alteration, name, name ? cdc_table_column(alteration->table, name)->name : as_written);
}

static bool
drop(struct ddl_reader *reader, struct alteration *alteration)
{
    static const char *const others[] = {"INDEX", "KEY", "FOREIGN", "CHECK", "CONSTRAINT", "PARTITION"};
    if (ddl_at(reader, "PRIMARY")) {
        cdc_table_key(alteration->table, NULL, 0, false);
        return ddl_skip_item(reader);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (ddl_at(reader, others[i]))
            return ddl_skip_item(reader);
    if ((ddl_at(reader, "SYSTEM") && ddl_before(reader, "VERSIONING")) || (ddl_at(reader, "PERIOD") && ddl_before(reader, "FOR")))
        return ddl_skip_item(reader);
    const char *name;
    ddl_accept(reader, "COLUMN");
    bool if_exists = ddl_accept_if_exists(reader);
    if (!read_known_column(reader, alteration, if_exists, &name))
        return false;
    if (name)
        cdc_table_drop(alteration->table, name);
    if (!ddl_accept(reader, "RESTRICT"))
        ddl_accept(reader, "CASCADE");
    return true;
}

/* ALTER [COLUMN] name SET DEFAULT, DROP DEFAULT, SET VISIBLE, SET INVISIBLE */
static bool
alter_column(struct ddl_reader *reader, struct alteration *alteration)
{
    const char *name;
    if (!read_known_column(reader, alteration, ddl_accept_if_exists(reader), &name))
        return false;
    if (!name)
        return ddl_skip_item(reader);
    struct cdc_column *column = cdc_table_column(alteration->table, name);
    if (ddl_accept(reader, "DROP")) {
        column->has_default = column->is_optional;
        column->default_value = NULL;
        return ddl_expect(reader, "DEFAULT");
    }
    if (!ddl_expect(reader, "SET"))
        return false;
    if (ddl_at(reader, "VISIBLE") || ddl_at(reader, "INVISIBLE")) {
        column->is_invisible = ddl_at(reader, "INVISIBLE");
        ddl_next(&reader->lexer);
        return true;
    }
    if (!ddl_expect(reader, "DEFAULT") || !ddl_read_default(reader, column))
        return false;
    column->has_default |= column->is_optional;
    if (column->default_value)
        column->default_value = arena_strdup(&alteration->table->arena, column->default_value);
    return true;
}

static bool
alter(struct ddl_reader *reader, struct alteration *alteration)
{
    if (ddl_accept(reader, "COLUMN"))
        return alter_column(reader, alteration);
    if (ddl_at(reader, "INDEX") || ddl_at(reader, "KEY") || ddl_at(reader, "CHECK") || ddl_at(reader, "CONSTRAINT"))
        return ddl_skip_item(reader);
    return alter_column(reader, alteration);
}

static bool
rename_item(struct ddl_reader *reader, struct alteration *alteration)
{
    const char *name, *to;
    if (ddl_accept(reader, "COLUMN")) {
        bool if_exists = ddl_accept_if_exists(reader);
        if (!read_known_column(reader, alteration, if_exists, &name) || !ddl_expect(reader, "TO") || !ddl_expect_name(reader, &to))
            return false;
        if (name)
            cdc_table_rename_column(alteration->table, name, to);
        return true;
    }
    if (ddl_at(reader, "INDEX") || ddl_at(reader, "KEY"))
        return ddl_skip_item(reader);
    if (!ddl_accept(reader, "TO") && !ddl_accept(reader, "AS"))
        ddl_accept_symbol(reader, '=');
    return ddl_expect_table(reader, &alteration->renamed);
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

/* CONVERT TO CHARACTER SET: all text columns change with the table. MariaDB also converts partitions. */
static bool
convert(struct ddl_reader *reader, struct alteration *alteration)
{
    bool is_option;
    if (ddl_at(reader, "PARTITION") || ddl_at(reader, "TABLE"))
        return ddl_fail(reader, "a conversion between tables and partitions");
    if (!ddl_expect(reader, "TO") || !ddl_read_table_option(reader, alteration->table, &is_option))
        return false;
    if (!is_option)
        return ddl_fail(reader, "CHARACTER SET was expected");
    if (ddl_at(reader, "COLLATE") && !ddl_read_table_option(reader, alteration->table, &is_option))
        return false;
    for (size_t i = 0; i < alteration->table->column_count; i++)
        if (ddl_has_charset(&alteration->table->columns[i]))
            alteration->table->columns[i].charset = alteration->table->charset;
    return true;
}

/* Behind which names stand between commas: nothing that changes columns may follow. */
static bool
skip_rest(struct ddl_reader *reader, struct alteration *alteration)
{
    static const char *const changing[] = {"ADD", "ALTER", "CHANGE", "MODIFY", "DROP", "RENAME", "CONVERT"};
    (void)alteration;
    while (!ddl_at_statement_end(reader)) {
        for (size_t i = 0; i < sizeof(changing) / sizeof(*changing); i++)
            if (ddl_at(reader, changing[i]))
                return ddl_fail(reader, "nothing was expected behind a list of names");
        if (ddl_at_symbol(reader, '(') && !ddl_skip_parentheses(reader))
            return false;
        if (!ddl_at_symbol(reader, '(') && !ddl_at_statement_end(reader))
            ddl_next(&reader->lexer);
    }
    return true;
}

static bool
skip_item(struct ddl_reader *reader, struct alteration *alteration)
{
    (void)alteration;
    return ddl_skip_item(reader);
}

/* NAME [=] value, of which the structure knows nothing. */
static bool
skip_option(struct ddl_reader *reader, struct alteration *alteration)
{
    (void)alteration;
    if (!ddl_accept(reader, "DIRECTORY") && ddl_at(reader, "SYSTEM")) /* MariaDB: WITH SYSTEM VERSIONING */
        return ddl_skip_item(reader);
    ddl_accept_symbol(reader, '=');
    if (ddl_at_symbol(reader, '('))
        return ddl_skip_parentheses(reader);
    if (ddl_at_statement_end(reader) || reader->lexer.token.kind == DDL_SYMBOL)
        return ddl_fail(reader, "a value was expected");
    ddl_next(&reader->lexer);
    return true;
}

static const struct {
    const char *word;
    bool (*read)(struct ddl_reader *reader, struct alteration *alteration);
} items[] = {
    {"ADD", add}, {"CHANGE", change}, {"MODIFY", modify}, {"DROP", drop}, {"ALTER", alter}, {"RENAME", rename_item},
    {"CONVERT", convert},
    /* lists of names */
    {"ORDER", skip_rest}, {"PARTITION", skip_rest}, {"REMOVE", skip_rest}, {"COALESCE", skip_rest}, {"REORGANIZE", skip_rest},
    {"EXCHANGE", skip_rest}, {"ANALYZE", skip_rest}, {"CHECK", skip_rest}, {"OPTIMIZE", skip_rest}, {"REBUILD", skip_rest},
    {"REPAIR", skip_rest}, {"TRUNCATE", skip_rest}, {"UPGRADE", skip_rest}, {"DISCARD", skip_rest}, {"IMPORT", skip_rest},
    /* how it is done */
    {"ALGORITHM", skip_item}, {"LOCK", skip_item}, {"FORCE", skip_item}, {"ENABLE", skip_item}, {"DISABLE", skip_item},
    {"WITHOUT", skip_item}, {"SECONDARY_LOAD", skip_item}, {"SECONDARY_UNLOAD", skip_item},
    /* options */
    {"ENGINE", skip_option}, {"AUTO_INCREMENT", skip_option}, {"AVG_ROW_LENGTH", skip_option}, {"CHECKSUM", skip_option},
    {"COMPRESSION", skip_option}, {"CONNECTION", skip_option}, {"DATA", skip_option}, {"INDEX", skip_option},
    {"DELAY_KEY_WRITE", skip_option}, {"ENCRYPTION", skip_option}, {"ENCRYPTED", skip_option}, {"ENCRYPTION_KEY_ID", skip_option},
    {"ENGINE_ATTRIBUTE", skip_option}, {"INSERT_METHOD", skip_option}, {"KEY_BLOCK_SIZE", skip_option}, {"MAX_ROWS", skip_option},
    {"MIN_ROWS", skip_option}, {"PACK_KEYS", skip_option}, {"PASSWORD", skip_option}, {"ROW_FORMAT", skip_option},
    {"SECONDARY_ENGINE_ATTRIBUTE", skip_option}, {"SECONDARY_ENGINE", skip_option}, {"STATS_AUTO_RECALC", skip_option},
    {"STATS_PERSISTENT", skip_option}, {"STATS_SAMPLE_PAGES", skip_option}, {"TABLESPACE", skip_option}, {"UNION", skip_option},
    {"STORAGE", skip_option}, {"AUTOEXTEND_SIZE", skip_option}, {"PAGE_CHECKSUM", skip_option}, {"PAGE_COMPRESSED", skip_option},
    {"PAGE_COMPRESSION_LEVEL", skip_option}, {"TRANSACTIONAL", skip_option}, {"SEQUENCE", skip_option}, {"TYPE", skip_option},
    {"WITH", skip_option},
};

/* Options may stand behind each other without a comma; nothing else may. */
static bool
read_item(struct ddl_reader *reader, struct alteration *alteration, bool follows_comma)
{
    bool is_option;
    for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
        if (ddl_at(reader, items[i].word) && (follows_comma || items[i].read == skip_option)) {
            ddl_next(&reader->lexer);
            return items[i].read(reader, alteration);
        }
    if (!ddl_read_table_option(reader, alteration->table, &is_option))
        return false;
    return is_option || ddl_fail(reader, "an item of ALTER TABLE was expected");
}

static bool
read_items(struct ddl_reader *reader, struct alteration *alteration)
{
    bool follows_comma = true;
    while (!ddl_at_statement_end(reader)) {
        if (!follows_comma && (ddl_at(reader, "PARTITION") || ddl_at(reader, "REMOVE"))) /* the only ones behind without one */
            return skip_rest(reader, alteration);
        if (!read_item(reader, alteration, follows_comma))
            return false;
        follows_comma = ddl_accept_symbol(reader, ',');
    }
    return !follows_comma || reader->lexer.last_end[-1] != ',' || ddl_fail(reader, "an item was expected behind the comma");
}

/* ---- the statement ---------------------------------------------------------------------------------------------------------- */

static void
publish(struct ddl_reader *reader, const struct ddl_id *id, struct alteration *alteration)
{
    bool is_renamed = alteration->renamed.name != NULL;
    const struct ddl_id *now = is_renamed ? &alteration->renamed : id;
    struct cdc_table *table = alteration->table;
    struct cdc_change *changed = ddl_table_change(reader, CDC_CHANGE_ALTER, now, ddl_text(reader, reader->statement));
    if (is_renamed) {
        changed->previous_database = id->database;
        changed->previous_name = id->name;
        cdc_tables_remove(reader->tables, id->database, id->name);
        table->database = arena_strdup(&table->arena, now->database);
        table->name = arena_strdup(&table->arena, now->name);
    }
    changed->table = cdc_table_ref(table);
    cdc_tables_put(reader->tables, cdc_table_ref(table));
}

/* A table whose structure is not known stays so; its rows are the business of inconsistent.schema.handling.mode. */
static bool
alter_unknown(struct ddl_reader *reader)
{
    while (!ddl_at_statement_end(reader))
        ddl_next(&reader->lexer);
    return ddl_expect_end(reader);
}

bool
ddl_alter_table(struct ddl_reader *reader)
{
    struct ddl_id id;
    ddl_accept_if_exists(reader);
    if (!ddl_expect_table(reader, &id))
        return false;
    struct cdc_table *known = cdc_tables_get(reader->tables, id.database, id.name);
    if (!known)
        return alter_unknown(reader);
    if (ddl_accept(reader, "WAIT")) /* MariaDB: WAIT n, NOWAIT */
        ddl_next(&reader->lexer);
    else
        ddl_accept(reader, "NOWAIT");
    struct alteration alteration = {.table = cdc_table_dup(known)};
    bool is_fine = read_items(reader, &alteration) && ddl_expect_end(reader) &&
                   ddl_apply_keys(reader, &alteration.keys, alteration.table);
    if (is_fine)
        publish(reader, &id, &alteration);
    cdc_table_unref(alteration.table);
    return is_fine;
}
