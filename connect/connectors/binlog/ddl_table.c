/* CREATE TABLE: columns, keys, options. What a query would add is not known, so a query is an error. */
#include "connect/connectors/binlog/ddl_priv.h"

#include <string.h>
#include <strings.h>

/* ---- keys ------------------------------------------------------------------------------------------------------------ */

bool
ddl_read_key_columns(struct ddl_reader *reader, const char ***columns_out, size_t *count_out)
{
    size_t count = 0, size = 16;
    bool has_expression = false;
    const char **columns = arena_array(reader->arena, const char *, size);
    if (!ddl_expect_symbol(reader, '('))
        return false;
    do {
        if (count == size) { /* the server has a lower bound */
            return ddl_fail(reader, "a key of more than %zu columns", size);
        }
        if (ddl_at_symbol(reader, '(')) {
            has_expression = true;
            if (!ddl_skip_parentheses(reader))
                return false;
        } else if (!ddl_expect_name(reader, &columns[count++])) {
            return false;
        }
        if (ddl_at_symbol(reader, '(') && !ddl_skip_parentheses(reader)) /* of a prefix: its length */
            return false;
        if (!ddl_accept(reader, "ASC"))
            ddl_accept(reader, "DESC");
        if (ddl_at(reader, "WITHOUT") && !ddl_skip_item(reader)) /* MariaDB: WITHOUT OVERLAPS */
            return false;
    } while (ddl_accept_symbol(reader, ','));
    *columns_out = columns;
    *count_out = has_expression ? 0 : count;
    return ddl_expect_symbol(reader, ')');
}

static void
keys_add(struct ddl_reader *reader, struct ddl_keys *keys, const char **columns, size_t count, bool is_primary)
{
    if (keys->count == keys->size) {
        size_t size = keys->size ? keys->size * 2 : 8;
        void *items = arena_alloc(reader->arena, size * sizeof(*keys->items));
        if (keys->count)
            memcpy(items, keys->items, keys->count * sizeof(*keys->items));
        keys->items = items;
        keys->size = size;
    }
    keys->items[keys->count].is_primary = is_primary;
    keys->items[keys->count].columns = columns;
    keys->items[keys->count++].count = count;
}

void
ddl_add_key(struct ddl_reader *reader, struct ddl_keys *keys, const char *column, bool is_primary)
{
    const char **columns = arena_array(reader->arena, const char *, 1);
    columns[0] = column;
    keys_add(reader, keys, columns, 1, is_primary);
}

/* [INDEX | KEY] [name] [USING type] (columns) options; only PRIMARY and UNIQUE are kept. */
static bool
read_key(struct ddl_reader *reader, struct ddl_keys *keys, bool is_primary, bool is_unique)
{
    const char **columns, *name;
    size_t count;
    if (!ddl_accept(reader, "INDEX"))
        ddl_accept(reader, "KEY");
    ddl_accept_if_exists(reader);
    if (ddl_at_name(reader) && !ddl_at(reader, "USING") && !ddl_expect_name(reader, &name))
        return false;
    if (ddl_accept(reader, "USING"))
        ddl_next(&reader->lexer);
    if (!ddl_read_key_columns(reader, &columns, &count))
        return false;
    if ((is_primary || is_unique) && count)
        keys_add(reader, keys, columns, count, is_primary);
    return ddl_skip_item(reader);
}

static bool
read_primary(struct ddl_reader *reader, struct ddl_keys *keys)
{
    return ddl_at(reader, "KEY") ? read_key(reader, keys, true, false) : ddl_fail(reader, "KEY was expected");
}
static bool
read_unique(struct ddl_reader *reader, struct ddl_keys *keys)
{
    return read_key(reader, keys, false, true);
}
static bool
read_index(struct ddl_reader *reader, struct ddl_keys *keys)
{
    return read_key(reader, keys, false, false);
}
static bool
read_other(struct ddl_reader *reader, struct ddl_keys *keys)
{
    (void)keys;
    return ddl_skip_item(reader);
}

bool
ddl_read_key(struct ddl_reader *reader, struct ddl_keys *keys, bool *is_key_out)
{
    static const struct {
        const char *word, *next; /* next: only if this word follows */
        bool (*read)(struct ddl_reader *reader, struct ddl_keys *keys);
    } kinds[] = {
        {"PRIMARY", NULL, read_primary}, {"UNIQUE", NULL, read_unique}, {"INDEX", NULL, read_index}, {"KEY", NULL, read_index},
        {"FULLTEXT", NULL, read_index}, {"SPATIAL", NULL, read_index}, {"VECTOR", "INDEX", read_index}, {"VECTOR", "KEY", read_index},
        {"FOREIGN", NULL, read_other}, {"CHECK", NULL, read_other}, {"PERIOD", "FOR", read_other},
    };
    const char *name;
    *is_key_out = false;
    if (ddl_accept(reader, "CONSTRAINT")) {
        *is_key_out = true;
        ddl_accept_if_exists(reader);
        bool has_name = !ddl_at(reader, "PRIMARY") && !ddl_at(reader, "UNIQUE") && !ddl_at(reader, "FOREIGN") && !ddl_at(reader, "CHECK");
        if (has_name && !ddl_expect_name(reader, &name))
            return false;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (ddl_at(reader, kinds[i].word) && (!kinds[i].next || ddl_before(reader, kinds[i].next))) {
            *is_key_out = true;
            ddl_next(&reader->lexer);
            return kinds[i].read(reader, keys);
        }
    return !*is_key_out || ddl_fail(reader, "a constraint was expected");
}

/* The columns of a primary key do not allow NULL, whatever their definitions say. */
static bool
apply_primary(struct ddl_reader *reader, const char **columns, size_t count, struct cdc_table *table)
{
    for (size_t i = 0; i < count; i++) {
        struct cdc_column *column = cdc_table_column(table, columns[i]);
        if (!column)
            return ddl_fail(reader, "table %s.%s: the primary key names the column %s, which is not known", table->database,
                            table->name, columns[i]);
        columns[i] = column->name;
        if (column->is_optional && !column->default_value)
            column->has_default = false;
        column->is_optional = false;
    }
    cdc_table_key(table, columns, count, true);
    return true;
}

void
ddl_apply_unique(const char **columns, size_t count, struct cdc_table *table)
{
    for (size_t i = 0; i < count; i++) {
        const struct cdc_column *column = cdc_table_column(table, columns[i]);
        if (!column || column->is_optional) /* NULL is not unique */
            return;
        columns[i] = column->name;
    }
    cdc_table_key(table, columns, count, false);
}

bool
ddl_apply_keys(struct ddl_reader *reader, const struct ddl_keys *keys, struct cdc_table *table)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].is_primary && !apply_primary(reader, keys->items[i].columns, keys->items[i].count, table))
            return false;
    for (size_t i = 0; i < keys->count; i++)
        if (!keys->items[i].is_primary && !table->key_count)
            ddl_apply_unique(keys->items[i].columns, keys->items[i].count, table);
    return true;
}

/* ---- options ------------------------------------------------------------------------------------------------------------ */

static bool
read_table_comment(struct ddl_reader *reader, struct cdc_table *table)
{
    ddl_accept_symbol(reader, '=');
    if (reader->lexer.token.kind != DDL_STRING)
        return ddl_fail(reader, "a comment was expected");
    if (reader->with_comments) {
        const char *bare = ddl_string_bare(&reader->lexer.token, reader->arena);
        table->comment = arena_strdup(&table->arena, bare);
    }
    ddl_next(&reader->lexer);
    return true;
}

static void
set_charset(struct ddl_reader *reader, struct cdc_table *table, const char *charset)
{
    if (strcasecmp(charset, "DEFAULT") == 0)
        charset = cdc_tables_database_charset(reader->tables, table->database);
    table->charset = charset ? arena_strdup(&table->arena, charset) : NULL;
}

static bool
read_table_charset(struct ddl_reader *reader, struct cdc_table *table)
{
    const char *charset;
    if (!ddl_read_charset(reader, &charset))
        return false;
    set_charset(reader, table, charset);
    return true;
}

static bool
read_table_collation(struct ddl_reader *reader, struct cdc_table *table)
{
    const char *collation, *charset;
    if (!ddl_read_charset(reader, &collation))
        return false;
    charset = ddl_collation_charset(reader, collation);
    if (charset)
        set_charset(reader, table, charset);
    return true;
}

bool
ddl_read_table_option(struct ddl_reader *reader, struct cdc_table *table, bool *is_option_out)
{
    struct ddl_lexer before = reader->lexer;
    *is_option_out = true;
    ddl_accept(reader, "DEFAULT");
    if (ddl_accept(reader, "CHARSET"))
        return read_table_charset(reader, table);
    if (ddl_accept(reader, "CHARACTER"))
        return ddl_expect(reader, "SET") && read_table_charset(reader, table);
    if (ddl_at(reader, "CHAR") && ddl_before(reader, "SET")) {
        ddl_next(&reader->lexer);
        return ddl_expect(reader, "SET") && read_table_charset(reader, table);
    }
    if (ddl_accept(reader, "COLLATE"))
        return read_table_collation(reader, table);
    if (ddl_accept(reader, "COMMENT"))
        return read_table_comment(reader, table);
    reader->lexer = before;
    *is_option_out = false;
    return true;
}

/* A word that would begin a query, whose columns nobody could know. */
static bool
starts_query(const struct ddl_reader *reader)
{
    if (ddl_at(reader, "WITH"))
        return !ddl_before(reader, "SYSTEM"); /* MariaDB: WITH SYSTEM VERSIONING */
    return ddl_at(reader, "SELECT") || ddl_at(reader, "AS") || ddl_at(reader, "TABLE") || ddl_at(reader, "VALUES");
}

/* Inside of parentheses (partitions) VALUES LESS THAN is no query. */
static bool
skip_option_parentheses(struct ddl_reader *reader)
{
    struct ddl_token next = ddl_peek(&reader->lexer);
    if (ddl_is_word(&next, "SELECT") || ddl_is_word(&next, "WITH") || ddl_is_word(&next, "TABLE") || ddl_is_word(&next, "VALUES"))
        return ddl_fail(reader, "the table gets its columns from a query");
    return ddl_skip_parentheses(reader);
}

/* One option or a word of one; those without a meaning for columns are passed over. */
static bool
read_option(struct ddl_reader *reader, struct cdc_table *table)
{
    bool is_option;
    if (!ddl_read_table_option(reader, table, &is_option))
        return false;
    if (is_option)
        return true;
    if (starts_query(reader))
        return ddl_fail(reader, "the table gets its columns from a query");
    if (ddl_at_symbol(reader, '('))
        return skip_option_parentheses(reader);
    if (ddl_at_symbol(reader, ')'))
        return ddl_fail(reader, "an option was expected");
    ddl_next(&reader->lexer);
    return true;
}

/* ---- the statement ---------------------------------------------------------------------------------------------------------- */

static bool
read_definition(struct ddl_reader *reader, struct cdc_table *table, struct ddl_keys *keys)
{
    bool is_key;
    if (!ddl_read_key(reader, keys, &is_key))
        return false;
    if (is_key)
        return true;
    struct ddl_column column = {0};
    if (!ddl_expect_name(reader, &column.column.name) || !ddl_read_column(reader, &column))
        return false;
    if (cdc_table_column(table, column.column.name))
        return ddl_fail(reader, "column %s is there twice", column.column.name);
    cdc_table_add(table, &column.column);
    if (column.is_primary || column.is_unique)
        ddl_add_key(reader, keys, column.column.name, column.is_primary);
    return true;
}

static bool
read_definitions(struct ddl_reader *reader, struct cdc_table *table, struct ddl_keys *keys)
{
    do {
        if (!read_definition(reader, table, keys))
            return false;
    } while (ddl_accept_symbol(reader, ','));
    return ddl_expect_symbol(reader, ')');
}

void
ddl_resolve_charsets(struct cdc_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct cdc_column *column = &table->columns[i];
        if (!ddl_has_charset(column))
            column->charset = NULL;
        else if (!column->charset || strcasecmp(column->charset, "DEFAULT") == 0)
            column->charset = table->charset;
    }
}

static const char *
default_charset(const struct ddl_reader *reader, const char *database)
{
    const char *charset = cdc_tables_database_charset(reader->tables, database);
    return charset ? charset : cdc_tables_variable(reader->tables, "character_set_server");
}

static bool
read_table(struct ddl_reader *reader, struct cdc_table *table)
{
    struct ddl_keys keys = {0};
    if (!read_definitions(reader, table, &keys))
        return false;
    const char *charset = default_charset(reader, table->database);
    table->charset = charset ? arena_strdup(&table->arena, charset) : NULL;
    while (!ddl_at_statement_end(reader))
        if (!read_option(reader, table))
            return false;
    ddl_resolve_charsets(table);
    return ddl_apply_keys(reader, &keys, table);
}

/* At the end of the statement. Takes the table. */
static bool
publish(struct ddl_reader *reader, const struct ddl_id *id, struct cdc_table *table)
{
    struct cdc_change *change = ddl_table_change(reader, CDC_CHANGE_CREATE, id, ddl_text(reader, reader->statement));
    change->table = cdc_table_ref(table);
    cdc_tables_put(reader->tables, table);
    return true;
}

/* [(] LIKE other [)]; a copy of a table that is not known is not known. */
static bool
create_like(struct ddl_reader *reader, const struct ddl_id *id, bool keeps)
{
    struct ddl_id other;
    bool has_parentheses = ddl_accept_symbol(reader, '(');
    if (!ddl_expect(reader, "LIKE") || !ddl_expect_table(reader, &other) || (has_parentheses && !ddl_expect_symbol(reader, ')')) ||
        !ddl_expect_end(reader))
        return false;
    struct cdc_table *original = cdc_tables_get(reader->tables, other.database, other.name);
    if (keeps || !original)
        return true;
    struct cdc_table *table = cdc_table_dup(original);
    table->database = arena_strdup(&table->arena, id->database);
    table->name = arena_strdup(&table->arena, id->name);
    return publish(reader, id, table);
}

bool
ddl_create_table(struct ddl_reader *reader)
{
    struct ddl_id id;
    bool if_not_exists = ddl_accept_if_exists(reader);
    if (!ddl_expect_table(reader, &id))
        return false;
    bool keeps = if_not_exists && cdc_tables_get(reader->tables, id.database, id.name);
    struct ddl_token next = ddl_peek(&reader->lexer);
    if (ddl_at(reader, "LIKE") || (ddl_at_symbol(reader, '(') && ddl_is_word(&next, "LIKE")))
        return create_like(reader, &id, keeps);
    if (!ddl_accept_symbol(reader, '('))
        return ddl_fail(reader, "the table gets its columns from a query");
    struct cdc_table *table = cdc_table_new(id.database, id.name);
    bool is_fine = read_table(reader, table) && ddl_expect_end(reader);
    if (is_fine && !keeps)
        return publish(reader, &id, table);
    cdc_table_unref(table);
    return is_fine;
}
