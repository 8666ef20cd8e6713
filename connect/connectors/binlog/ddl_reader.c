/* The words that all readers of statements use, and the changes that they report. */
#include "connect/connectors/binlog/ddl_priv.h"

#include "common/base/alloc.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ------------------------------------------------------------------------------------------------------------ */

bool
ddl_at(const struct ddl_reader *reader, const char *word)
{
    return ddl_is_word(&reader->lexer.token, word);
}

bool
ddl_at_symbol(const struct ddl_reader *reader, char symbol)
{
    return ddl_is_symbol(&reader->lexer.token, symbol);
}

bool
ddl_at_end(const struct ddl_reader *reader)
{
    return reader->lexer.token.kind == DDL_END;
}

bool
ddl_at_statement_end(const struct ddl_reader *reader)
{
    return ddl_at_end(reader) || ddl_at_symbol(reader, ';') || (ddl_at(reader, "START") && ddl_before(reader, "TRANSACTION"));
}

bool
ddl_at_name(const struct ddl_reader *reader)
{
    enum ddl_token_kind kind = reader->lexer.token.kind;
    return kind == DDL_WORD || kind == DDL_NAME || (kind == DDL_STRING && reader->lexer.token.text[0] == '"');
}

bool
ddl_before(const struct ddl_reader *reader, const char *word)
{
    struct ddl_token next = ddl_peek(&reader->lexer);
    return ddl_is_word(&next, word);
}

bool
ddl_accept(struct ddl_reader *reader, const char *word)
{
    bool is_there = ddl_at(reader, word);
    if (is_there)
        ddl_next(&reader->lexer);
    return is_there;
}

bool
ddl_accept_symbol(struct ddl_reader *reader, char symbol)
{
    bool is_there = ddl_at_symbol(reader, symbol);
    if (is_there)
        ddl_next(&reader->lexer);
    return is_there;
}

bool
ddl_accept_if_exists(struct ddl_reader *reader)
{
    bool is_there = ddl_at(reader, "IF") && (ddl_before(reader, "EXISTS") || ddl_before(reader, "NOT"));
    if (is_there) {
        ddl_next(&reader->lexer);
        ddl_accept(reader, "NOT");
        ddl_accept(reader, "EXISTS");
    }
    return is_there;
}

bool
ddl_fail(struct ddl_reader *reader, const char *format, ...)
{
    char problem[256];
    va_list args;
    va_start(args, format);
    vsnprintf(problem, sizeof(problem), format, args);
    va_end(args);
    const struct ddl_token *token = &reader->lexer.token;
    int len = token->len < 60 ? (int)token->len : 60;
    return error_set(reader->err, ERROR_DATA, "%s, but there is %s%.*s%s", problem, len ? "'" : "", len ? len : 7,
                     len ? token->text : "nothing", len ? "'" : "");
}

bool
ddl_expect(struct ddl_reader *reader, const char *word)
{
    return ddl_accept(reader, word) || ddl_fail(reader, "%s was expected", word);
}

bool
ddl_expect_symbol(struct ddl_reader *reader, char symbol)
{
    return ddl_accept_symbol(reader, symbol) || ddl_fail(reader, "'%c' was expected", symbol);
}

bool
ddl_expect_name(struct ddl_reader *reader, const char **name_out)
{
    const struct ddl_token *token = &reader->lexer.token;
    if (!ddl_at_name(reader) && token->kind != DDL_STRING)
        return ddl_fail(reader, "a name was expected");
    *name_out = ddl_name_text(token, reader->arena);
    ddl_next(&reader->lexer);
    return true;
}

bool
ddl_expect_table(struct ddl_reader *reader, struct ddl_id *id_out)
{
    const char *first, *second;
    ddl_accept_symbol(reader, '.'); /* an old way to say "of the current database" */
    if (!ddl_expect_name(reader, &first))
        return false;
    *id_out = (struct ddl_id){.database = reader->database, .name = first};
    if (!ddl_accept_symbol(reader, '.'))
        return true;
    if (!ddl_expect_name(reader, &second))
        return false;
    *id_out = (struct ddl_id){.database = first, .name = second};
    return true;
}

bool
ddl_expect_number(struct ddl_reader *reader, int *number_out)
{
    const struct ddl_token *token = &reader->lexer.token;
    if (token->kind != DDL_NUMBER)
        return ddl_fail(reader, "a number was expected");
    char digits[32];
    snprintf(digits, sizeof(digits), "%.*s", (int)(token->len < 31 ? token->len : 31), token->text);
    long long number = strtoll(digits, NULL, 10);
    *number_out = number > INT_MAX ? INT_MAX : (int)number; /* LONGTEXT's 2^32-1 is cut so by the original, too */
    ddl_next(&reader->lexer);
    return true;
}

bool
ddl_expect_end(struct ddl_reader *reader)
{
    const struct ddl_lexer at_end = reader->lexer; /* what follows is no part of the statement's text */
    if (ddl_accept(reader, "START"))
        ddl_accept(reader, "TRANSACTION"); /* the server's own addition to CREATE TABLE ... SELECT */
    while (ddl_accept_symbol(reader, ';'))
        ;
    if (!ddl_at_end(reader))
        return ddl_fail(reader, "the end of the statement was expected");
    reader->lexer = at_end;
    return true;
}

bool
ddl_skip_parentheses(struct ddl_reader *reader)
{
    if (!ddl_expect_symbol(reader, '('))
        return false;
    for (int depth = 1; depth > 0; ddl_next(&reader->lexer)) {
        if (ddl_at_end(reader))
            return ddl_fail(reader, "')' was expected");
        depth += ddl_at_symbol(reader, '(');
        depth -= ddl_at_symbol(reader, ')');
    }
    return true;
}

bool
ddl_skip_item(struct ddl_reader *reader)
{
    while (!ddl_at_statement_end(reader) && !ddl_at_symbol(reader, ',') && !ddl_at_symbol(reader, ')')) {
        if (!ddl_at_symbol(reader, '('))
            ddl_next(&reader->lexer);
        else if (!ddl_skip_parentheses(reader))
            return false;
    }
    return true;
}

const char *
ddl_text(const struct ddl_reader *reader, const char *from)
{
    return arena_memdup(reader->arena, from, reader->lexer.last_end > from ? (size_t)(reader->lexer.last_end - from) : 0);
}

/* ---- changes ---------------------------------------------------------------------------------------------------------- */

void
cdc_changes_reset(struct cdc_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        cdc_table_unref(changes->items[i].table);
    changes->count = 0;
    changes->is_understood = false;
    arena_reset(&changes->arena);
}

void
cdc_changes_fini(struct cdc_changes *changes)
{
    cdc_changes_reset(changes);
    free(changes->items);
    arena_fini(&changes->arena);
    *changes = CDC_CHANGES_INIT;
}

struct cdc_change *
ddl_change(struct ddl_reader *reader, enum cdc_change_kind kind, const char *database, const char *text)
{
    struct cdc_changes *changes = reader->changes;
    if (changes->count == changes->size) {
        changes->size = changes->size ? changes->size * 2 : 4;
        changes->items = xrealloc(changes->items, changes->size * sizeof(*changes->items));
    }
    struct cdc_change *change = &changes->items[changes->count++];
    *change = (struct cdc_change){.kind = kind, .database = database, .ddl = text};
    changes->is_understood = true;
    return change;
}

struct cdc_change *
ddl_table_change(struct ddl_reader *reader, enum cdc_change_kind kind, const struct ddl_id *id, const char *text)
{
    struct cdc_change *change = ddl_change(reader, kind, id->database, text);
    change->table_database = id->database;
    change->table_name = id->name;
    return change;
}
