/* Which statement it is, and the statements besides CREATE and ALTER TABLE. */
#include "connect/connectors/binlog/ddl_priv.h"

#include "common/base/strbuf.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- changes ------------------------------------------------------------------------------------------------------------ */

/* source.table of each change: the tables of those beside it that are about the same database, each once. */
static void
name_tables(struct cdc_changes *changes)
{
    for (size_t from = 0, to; from < changes->count; from = to) {
        struct strbuf names = STRBUF_INIT;
        for (to = from; to < changes->count && strcmp(changes->items[to].database, changes->items[from].database) == 0; to++) {
            const char *name = changes->items[to].table_name;
            bool is_there = !name;
            for (size_t i = from; i < to && !is_there; i++)
                is_there = changes->items[i].table_name && strcmp(changes->items[i].table_name, name) == 0;
            if (!is_there)
                strbuf_printf(&names, "%s%s", names.len ? "," : "", name);
        }
        const char *text = names.len ? arena_strdup(&changes->arena, names.data) : NULL;
        for (size_t i = from; i < to; i++)
            changes->items[i].tables = text;
        strbuf_fini(&names);
    }
}

/* ---- tables ------------------------------------------------------------------------------------------------------------- */

static void
add_quoted(struct strbuf *out, const char *name)
{
    strbuf_putc(out, '`');
    for (const char *c = name; *c; c++) {
        if (*c == '`')
            strbuf_putc(out, '`');
        strbuf_putc(out, *c);
    }
    strbuf_putc(out, '`');
}

struct id_list {
    struct ddl_id *items;
    const char **texts; /* of each clause, as written */
    size_t count, size;
};

static void
id_list_add(struct ddl_reader *reader, struct id_list *list, const struct ddl_id *id, const char *text)
{
    if (list->count == list->size) {
        size_t size = list->size ? list->size * 2 : 8;
        struct ddl_id *items = arena_array(reader->arena, struct ddl_id, size);
        const char **texts = arena_array(reader->arena, const char *, size);
        if (list->count) {
            memcpy(items, list->items, list->count * sizeof(*items));
            memcpy(texts, list->texts, list->count * sizeof(*texts));
        }
        list->items = items;
        list->texts = texts;
        list->size = size;
    }
    list->items[list->count] = *id;
    list->texts[list->count++] = text;
}

/* Each table is a change of its own, whose text is made of the beginning and its name. */
static bool
drop_table(struct ddl_reader *reader)
{
    struct id_list dropped = {0};
    ddl_accept_if_exists(reader);
    const char *prefix = arena_memdup(reader->arena, reader->statement, (size_t)(reader->lexer.token.text - reader->statement));
    do {
        struct ddl_id id;
        if (!ddl_expect_table(reader, &id))
            return false;
        id_list_add(reader, &dropped, &id, NULL);
    } while (ddl_accept_symbol(reader, ','));
    const char *type = ddl_at(reader, "RESTRICT") || ddl_at(reader, "CASCADE") ? ddl_name_text(&reader->lexer.token, reader->arena) : NULL;
    if (type)
        ddl_next(&reader->lexer);
    if (ddl_at(reader, "WAIT") || ddl_at(reader, "NOWAIT")) /* MariaDB */
        if (!ddl_skip_item(reader))
            return false;
    if (!ddl_expect_end(reader))
        return false;
    for (size_t i = 0; i < dropped.count; i++) {
        const struct ddl_id *id = &dropped.items[i];
        struct strbuf text = STRBUF_INIT;
        strbuf_puts(&text, prefix);
        add_quoted(&text, id->database);
        strbuf_putc(&text, '.');
        add_quoted(&text, id->name);
        strbuf_printf(&text, "%s%s", type ? " " : "", type ? type : "");
        ddl_table_change(reader, CDC_CHANGE_DROP, id, arena_strdup(reader->arena, text.data));
        strbuf_fini(&text);
        cdc_tables_remove(reader->tables, id->database, id->name);
    }
    return true;
}

static void
rename_table(struct ddl_reader *reader, const struct ddl_id *from, const struct ddl_id *to, const char *text)
{
    struct cdc_change *change = ddl_table_change(reader, CDC_CHANGE_ALTER, to, text);
    change->previous_database = from->database;
    change->previous_name = from->name;
    struct cdc_table *known = cdc_tables_get(reader->tables, from->database, from->name);
    if (!known) {
        cdc_tables_remove(reader->tables, to->database, to->name); /* whatever had the name, this is another */
        return;
    }
    struct cdc_table *table = cdc_table_dup(known);
    table->database = arena_strdup(&table->arena, to->database);
    table->name = arena_strdup(&table->arena, to->name);
    cdc_tables_remove(reader->tables, from->database, from->name);
    change->table = cdc_table_ref(table);
    cdc_tables_put(reader->tables, table);
}

/* RENAME TABLE a TO b, ...: from and to by turns in the list. */
static bool
rename_tables(struct ddl_reader *reader)
{
    struct id_list names = {0};
    ddl_accept_if_exists(reader);
    const char *prefix = arena_memdup(reader->arena, reader->statement, (size_t)(reader->lexer.token.text - reader->statement));
    do {
        struct ddl_id from, to;
        const char *start = reader->lexer.token.text;
        if (!ddl_expect_table(reader, &from))
            return false;
        if (ddl_at(reader, "WAIT") || ddl_at(reader, "NOWAIT")) /* MariaDB: [WAIT n] */
            while (!ddl_at_end(reader) && !ddl_at(reader, "TO"))
                ddl_next(&reader->lexer);
        if (!ddl_expect(reader, "TO") || !ddl_expect_table(reader, &to))
            return false;
        id_list_add(reader, &names, &from, NULL);
        id_list_add(reader, &names, &to, arena_printf(reader->arena, "%s%s", prefix, ddl_text(reader, start)));
    } while (ddl_accept_symbol(reader, ','));
    if (!ddl_expect_end(reader))
        return false;
    for (size_t i = 0; i < names.count; i += 2)
        rename_table(reader, &names.items[i], &names.items[i + 1], names.texts[i + 1]);
    return true;
}

static bool
truncate_table(struct ddl_reader *reader)
{
    struct ddl_id id;
    ddl_accept(reader, "TABLE");
    if (!ddl_expect_table(reader, &id) || !ddl_skip_item(reader) || !ddl_expect_end(reader))
        return false;
    ddl_table_change(reader, CDC_CHANGE_TRUNCATE, &id, ddl_text(reader, reader->statement));
    return true;
}

/* CREATE UNIQUE INDEX name ON table (columns): may become the key of a table that has none. Takes from INDEX on. */
static bool
create_unique_index(struct ddl_reader *reader)
{
    const char *name, **columns;
    size_t count;
    struct ddl_id id;
    if (!ddl_expect(reader, "INDEX"))
        return false;
    ddl_accept_if_exists(reader);
    if (!ddl_expect_name(reader, &name) || (ddl_accept(reader, "USING") && !ddl_expect_name(reader, &name)) ||
        !ddl_expect(reader, "ON") || !ddl_expect_table(reader, &id) || !ddl_read_key_columns(reader, &columns, &count) ||
        !ddl_skip_item(reader) || !ddl_expect_end(reader))
        return false;
    struct cdc_table *known = cdc_tables_get(reader->tables, id.database, id.name);
    if (!known || known->key_count)
        return true;
    struct cdc_table *table = cdc_table_dup(known);
    ddl_apply_unique(columns, count, table);
    if (table->key_count) {
        struct cdc_change *change = ddl_table_change(reader, CDC_CHANGE_ALTER, &id, ddl_text(reader, reader->statement));
        change->table = cdc_table_ref(table);
        cdc_tables_put(reader->tables, cdc_table_ref(table));
    }
    cdc_table_unref(table);
    return true;
}

/* ---- databases and variables ------------------------------------------------------------------------------------------------ */

/* [DEFAULT] CHARACTER SET [=] name, COLLATE [=] name and others. *charset_out stays NULL if neither is there. */
static bool
read_database_options(struct ddl_reader *reader, const char **charset_out)
{
    const char *name;
    while (!ddl_at_statement_end(reader)) {
        bool is_charset = ddl_accept(reader, "CHARSET");
        if (!is_charset && (ddl_at(reader, "CHARACTER") || ddl_at(reader, "CHAR")) && ddl_before(reader, "SET")) {
            ddl_next(&reader->lexer);
            ddl_next(&reader->lexer);
            is_charset = true;
        }
        if (is_charset) {
            if (!ddl_read_charset(reader, charset_out))
                return false;
        } else if (ddl_accept(reader, "COLLATE")) {
            if (!ddl_read_charset(reader, &name))
                return false;
            if (!*charset_out)
                *charset_out = ddl_collation_charset(reader, name);
        } else {
            ddl_next(&reader->lexer);
        }
    }
    return ddl_expect_end(reader);
}

static void
set_database_charset(struct ddl_reader *reader, const char *database, const char *charset)
{
    if (charset && strcasecmp(charset, "DEFAULT") == 0)
        charset = cdc_tables_variable(reader->tables, "character_set_server");
    cdc_tables_set_database_charset(reader->tables, database, charset);
}

static bool
create_database(struct ddl_reader *reader)
{
    const char *name, *charset = NULL;
    ddl_accept_if_exists(reader);
    if (!ddl_expect_name(reader, &name) || !read_database_options(reader, &charset))
        return false;
    set_database_charset(reader, name, charset);
    ddl_change(reader, CDC_CHANGE_DATABASE, name, ddl_text(reader, reader->statement))->is_of_database = true;
    return true;
}

/* No change of its own in the original: the record is that of any other statement. */
static bool
alter_database(struct ddl_reader *reader)
{
    static const char *const options[] = {"DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "ENCRYPTION", "READ", "COMMENT"};
    const char *name = reader->database, *charset = NULL;
    bool has_name = ddl_at_name(reader);
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        has_name = has_name && !ddl_at(reader, options[i]);
    if ((has_name && !ddl_expect_name(reader, &name)) || !read_database_options(reader, &charset))
        return false;
    if (charset)
        set_database_charset(reader, name, charset);
    return true;
}

static bool
drop_database(struct ddl_reader *reader)
{
    const char *name;
    ddl_accept_if_exists(reader);
    if (!ddl_expect_name(reader, &name) || !ddl_expect_end(reader))
        return false;
    cdc_tables_remove_database(reader->tables, name);
    cdc_tables_set_database_charset(reader->tables, name, NULL);
    ddl_change(reader, CDC_CHANGE_DATABASE, name, ddl_text(reader, reader->statement))->is_of_database = true;
    return true;
}

static bool
use_database(struct ddl_reader *reader)
{
    const char *name;
    if (!ddl_expect_name(reader, &name) || !ddl_expect_end(reader))
        return false;
    cdc_tables_set_variable(reader->tables, "character_set_database", cdc_tables_database_charset(reader->tables, name));
    ddl_change(reader, CDC_CHANGE_DATABASE, name, ddl_text(reader, reader->statement))->is_of_database = true;
    return true;
}

/* The name of a system variable without its scope, or NULL for another kind of assignment, whose name is taken. */
static const char *
read_variable_name(struct ddl_reader *reader)
{
    static const char *const scopes[] = {"GLOBAL", "SESSION", "LOCAL", "PERSIST", "PERSIST_ONLY"};
    int marks = 0;
    for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++)
        ddl_accept(reader, scopes[i]);
    while (ddl_accept_symbol(reader, '@'))
        marks++;
    const char *name = ddl_at_name(reader) ? ddl_name_text(&reader->lexer.token, reader->arena) : NULL;
    if (name)
        ddl_next(&reader->lexer);
    if (name && marks == 2 && ddl_accept_symbol(reader, '.')) { /* @@session.name */
        name = ddl_at_name(reader) ? ddl_name_text(&reader->lexer.token, reader->arena) : NULL;
        if (name)
            ddl_next(&reader->lexer);
    }
    return marks == 1 ? NULL : name;
}

static void
set_variable(struct ddl_reader *reader, const char *name, const char *value)
{
    cdc_tables_set_variable(reader->tables, name, value);
    if (strcasecmp(name, "character_set_database") == 0 && *reader->database)
        set_database_charset(reader, reader->database, value);
}

static const char *
read_assigned(struct ddl_reader *reader, bool *is_fine_out)
{
    const struct ddl_token first = reader->lexer.token;
    const char *start = first.text;
    *is_fine_out = ddl_skip_item(reader);
    if (first.kind == DDL_STRING && reader->lexer.last_end == first.text + first.len)
        return ddl_string_bare(&first, reader->arena);
    return ddl_text(reader, start);
}

/* SET name = value, ...: one change for all. SET NAMES and the like say nothing about structures. */
static bool
set_variables(struct ddl_reader *reader)
{
    static const char *const others[] = {"NAMES", "CHARACTER", "CHARSET", "PASSWORD", "ROLE", "DEFAULT", "TRANSACTION", "RESOURCE"};
    bool is_variable = false, is_fine = true;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (ddl_at(reader, others[i]) && ddl_peek(&reader->lexer).symbol != '=')
            return true;
    do {
        const char *name = read_variable_name(reader);
        ddl_accept_symbol(reader, ':');
        ddl_accept_symbol(reader, '=');
        const char *value = read_assigned(reader, &is_fine);
        if (name && is_fine) {
            set_variable(reader, name, value);
            is_variable = true;
        }
    } while (is_fine && ddl_accept_symbol(reader, ','));
    if (is_fine && is_variable)
        ddl_change(reader, CDC_CHANGE_DATABASE, reader->database, ddl_text(reader, reader->statement))->is_of_variable = true;
    return is_fine;
}

/* ---- which statement ---------------------------------------------------------------------------------------------------------- */

static bool
nothing(struct ddl_reader *reader)
{
    (void)reader;
    return true;
}

/* A view is a change without structure. */
static bool
create_view(struct ddl_reader *reader)
{
    struct ddl_id id;
    ddl_accept_if_exists(reader);
    if (!ddl_expect_table(reader, &id))
        return false;
    while (!ddl_at_end(reader))
        ddl_next(&reader->lexer);
    ddl_table_change(reader, CDC_CHANGE_CREATE, &id, ddl_text(reader, reader->statement));
    return true;
}

struct statement {
    const char *word;
    bool (*read)(struct ddl_reader *reader); /* behind the word */
};

static const struct statement *
find(const struct ddl_reader *reader, const struct statement *statements)
{
    for (; statements->word; statements++)
        if (ddl_at(reader, statements->word))
            return statements;
    return NULL;
}

/* `user`@`host`, CURRENT_USER(), a word: all that is no kind. */
static void
skip_front_value(struct ddl_reader *reader, const struct statement *kinds)
{
    while (!ddl_at_end(reader) && !find(reader, kinds)) {
        bool is_value = ddl_at_name(reader) || reader->lexer.token.kind == DDL_STRING || ddl_at_symbol(reader, '@') ||
                        ddl_at_symbol(reader, '(') || ddl_at_symbol(reader, ')');
        if (!is_value)
            break;
        ddl_next(&reader->lexer);
    }
}

/* The kind of thing that CREATE, ALTER or DROP is about; words in front of it (OR REPLACE, DEFINER = x@y, ...) say
   nothing about structures. */
static bool
read_kind(struct ddl_reader *reader, const struct statement *kinds)
{
    static const char *const in_front[] = {"OR", "REPLACE", "ONLINE", "OFFLINE", "IGNORE", "ALGORITHM", "DEFINER", "SQL", "SECURITY",
                                           "AGGREGATE", "FULLTEXT", "SPATIAL", "VECTOR", "UNDO", "LOGFILE", "INVOKER", "UNDEFINED",
                                           "MERGE", "TEMPTABLE", "MATERIALIZED", "JSON", "RELATIONAL", "DUALITY"};
    for (;;) {
        const struct statement *kind = find(reader, kinds);
        if (kind) {
            ddl_next(&reader->lexer);
            return kind->read(reader);
        }
        bool is_in_front = false;
        for (size_t i = 0; i < sizeof(in_front) / sizeof(*in_front) && !is_in_front; i++)
            is_in_front = ddl_accept(reader, in_front[i]);
        if (!is_in_front && ddl_accept_symbol(reader, '=')) { /* DEFINER = `user`@`host`, ALGORITHM = x */
            skip_front_value(reader, kinds);
        } else if (!is_in_front) {
            return ddl_fail(reader, "the statement is not known: a kind of object was expected");
        }
    }
}

static const struct statement created[] = {
    {"TABLE", ddl_create_table}, {"DATABASE", create_database}, {"SCHEMA", create_database}, {"UNIQUE", create_unique_index},
    {"VIEW", create_view}, {"INDEX", nothing}, {"TEMPORARY", nothing}, {"USER", nothing}, {"ROLE", nothing}, {"FUNCTION", nothing},
    {"PROCEDURE", nothing}, {"TRIGGER", nothing}, {"EVENT", nothing}, {"SERVER", nothing}, {"TABLESPACE", nothing},
    {"GROUP", nothing}, {"RESOURCE", nothing}, {"REFERENCE", nothing}, {"SEQUENCE", nothing}, {"PACKAGE", nothing},
    {"LIBRARY", nothing}, {NULL, NULL},
};
static const struct statement altered[] = {
    {"TABLE", ddl_alter_table}, {"DATABASE", alter_database}, {"SCHEMA", alter_database}, {"VIEW", nothing}, {"USER", nothing},
    {"ROLE", nothing}, {"FUNCTION", nothing}, {"PROCEDURE", nothing}, {"EVENT", nothing}, {"SERVER", nothing},
    {"TABLESPACE", nothing}, {"GROUP", nothing}, {"RESOURCE", nothing}, {"SEQUENCE", nothing}, {"PACKAGE", nothing},
    {"INSTANCE", nothing}, {"LIBRARY", nothing}, {NULL, NULL},
};
static const struct statement dropped[] = {
    {"TABLE", drop_table}, {"TABLES", drop_table}, {"DATABASE", drop_database}, {"SCHEMA", drop_database}, {"TEMPORARY", nothing},
    {"INDEX", nothing}, {"VIEW", nothing}, {"USER", nothing}, {"ROLE", nothing}, {"FUNCTION", nothing}, {"PROCEDURE", nothing},
    {"TRIGGER", nothing}, {"EVENT", nothing}, {"SERVER", nothing}, {"TABLESPACE", nothing}, {"GROUP", nothing},
    {"RESOURCE", nothing}, {"REFERENCE", nothing}, {"SEQUENCE", nothing}, {"PACKAGE", nothing}, {"PREPARE", nothing},
    {"LIBRARY", nothing}, {NULL, NULL},
};
static const struct statement renamed[] = {{"TABLE", rename_tables}, {"TABLES", rename_tables}, {"USER", nothing}, {NULL, NULL}};

static bool
read_create(struct ddl_reader *reader)
{
    return read_kind(reader, created);
}
static bool
read_alter(struct ddl_reader *reader)
{
    return read_kind(reader, altered);
}
static bool
read_drop(struct ddl_reader *reader)
{
    return read_kind(reader, dropped);
}
static bool
read_rename(struct ddl_reader *reader)
{
    return read_kind(reader, renamed);
}

static const struct statement statements[] = {
    {"CREATE", read_create}, {"ALTER", read_alter}, {"DROP", read_drop}, {"RENAME", read_rename}, {"TRUNCATE", truncate_table},
    {"USE", use_database}, {"SET", set_variables},
    /* rows, transactions, accounts and maintenance: the structure of no table changes */
    {"INSERT", nothing}, {"UPDATE", nothing}, {"DELETE", nothing}, {"REPLACE", nothing}, {"LOAD", nothing}, {"SELECT", nothing},
    {"WITH", nothing}, {"DO", nothing}, {"CALL", nothing}, {"HANDLER", nothing}, {"BEGIN", nothing}, {"COMMIT", nothing},
    {"ROLLBACK", nothing}, {"SAVEPOINT", nothing}, {"RELEASE", nothing}, {"START", nothing}, {"XA", nothing}, {"LOCK", nothing},
    {"UNLOCK", nothing}, {"GRANT", nothing}, {"REVOKE", nothing}, {"ANALYZE", nothing}, {"CHECK", nothing}, {"CHECKSUM", nothing},
    {"OPTIMIZE", nothing}, {"REPAIR", nothing}, {"FLUSH", nothing}, {"RESET", nothing}, {"PURGE", nothing}, {"CHANGE", nothing},
    {"KILL", nothing}, {"INSTALL", nothing}, {"UNINSTALL", nothing}, {"CACHE", nothing}, {"SHOW", nothing}, {"EXPLAIN", nothing},
    {"DESCRIBE", nothing}, {"DESC", nothing}, {"HELP", nothing}, {NULL, NULL},
};

static const struct statement ignored_kinds[] = {
    {"VIEW", nothing}, {"FUNCTION", nothing}, {"PROCEDURE", nothing}, {"TRIGGER", nothing}, {"USER", nothing}, {"ROLE", nothing},
    {"TEMPORARY", nothing}, {NULL, NULL},
};
static bool
is_ignored_kind(struct ddl_reader *reader)
{
    return read_kind(reader, ignored_kinds);
}
static bool
is_ignored_flush(struct ddl_reader *reader)
{
    return ddl_at(reader, "RELAY");
}
/* Their read says whether the statement is left out. */
static const struct statement ignored[] = {
    {"CREATE", is_ignored_kind}, {"ALTER", is_ignored_kind}, {"DROP", is_ignored_kind}, {"GRANT", nothing}, {"REVOKE", nothing},
    {"SAVEPOINT", nothing}, {"ANALYZE", nothing}, {"OPTIMIZE", nothing}, {"REPAIR", nothing}, {"FLUSH", is_ignored_flush},
    {"INSERT", nothing}, {"UPDATE", nothing}, {"DELETE", nothing}, {"REPLACE", nothing}, {NULL, NULL},
};

/* MariaDB: SET STATEMENT variable = value, ... FOR statement. The statement's text is the whole all the same. */
static void
skip_set_statement(struct ddl_reader *reader)
{
    if (!ddl_at(reader, "SET") || !ddl_before(reader, "STATEMENT"))
        return;
    while (!ddl_at_end(reader) && !ddl_accept(reader, "FOR"))
        ddl_next(&reader->lexer);
}

static bool
is_whole(struct ddl_reader *reader)
{
    struct ddl_lexer lexer = reader->lexer;
    for (; lexer.token.kind != DDL_END; ddl_next(&lexer))
        if (lexer.token.kind == DDL_BROKEN)
            return error_set(reader->err, ERROR_DATA, "a quote or comment does not end");
    return true;
}

static bool
read_statement(struct ddl_reader *reader)
{
    if (ddl_at_end(reader)) /* nothing but comments */
        return true;
    const struct statement *statement = find(reader, statements);
    if (!statement)
        return ddl_fail(reader, "the statement is not known: a statement was expected");
    if (statement->read != nothing && !is_whole(reader))
        return false;
    ddl_next(&reader->lexer);
    return statement->read(reader);
}

/* What the meaning of the text depends on, as the session that wrote it had it. */
void
ddl_begin(struct ddl_reader *reader, const char *sql, size_t len)
{
    const char *mode = cdc_tables_variable(reader->tables, "sql_mode"), *version = cdc_tables_variable(reader->tables, "version");
    int major = 0, minor = 0, patch = 0;
    if (version && sscanf(version, "%d.%d.%d", &major, &minor, &patch) >= 2)
        reader->lexer.server_version = major * 10000 + minor * 100 + patch;
    struct ddl_lexer lexer = {.at = sql, .end = sql + len, .server_version = reader->lexer.server_version};
    lexer.is_mariadb = version && strcasestr(version, "mariadb");
    lexer.no_backslash_escapes = mode && strcasestr(mode, "NO_BACKSLASH_ESCAPES");
    reader->lexer = lexer;
    ddl_next(&reader->lexer);
    reader->statement = reader->lexer.token.text;
    skip_set_statement(reader);
}

bool
cdc_ddl_apply(struct cdc_tables *tables, const char *database, const char *sql, size_t len, bool with_comments,
              struct cdc_changes *out, struct error *err)
{
    cdc_changes_reset(out);
    struct ddl_reader reader = {.arena = &out->arena, .tables = tables, .with_comments = with_comments, .changes = out, .err = err};
    reader.database = arena_strdup(&out->arena, database ? database : "");
    ddl_begin(&reader, sql, len);
    if (!read_statement(&reader)) {
        cdc_changes_reset(out);
        return error_wrap(err, "The statement '%.*s' cannot be read", (int)(len < 600 ? len : 600), sql);
    }
    name_tables(out);
    if (out->count == 0) {
        struct cdc_change *change = ddl_change(&reader, CDC_CHANGE_DATABASE, reader.database, arena_memdup(&out->arena, sql, len));
        change->tables = "";
        out->is_understood = false;
    }
    return true;
}

bool
cdc_statement_is_ignored(const char *sql, size_t len)
{
    struct arena scratch = ARENA_INIT;
    struct error unused = ERROR_INIT;
    struct ddl_reader reader = {.arena = &scratch, .err = &unused};
    ddl_lexer_init(&reader.lexer, sql, len);
    skip_set_statement(&reader);
    const struct statement *statement = find(&reader, ignored);
    bool is_ignored = ddl_at_end(&reader);
    if (statement) {
        ddl_next(&reader.lexer);
        is_ignored = statement->read(&reader);
    }
    arena_fini(&scratch);
    return is_ignored;
}
