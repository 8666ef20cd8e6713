/* The lexer: MySQL's rules for names, numbers, strings and comments. */
#include "connect/connectors/binlog/ddl_token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static bool
starts_with(const struct ddl_lexer *lexer, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(lexer->end - lexer->at) >= len && memcmp(lexer->at, text, len) == 0;
}

/* ---- blanks and comments ------------------------------------------------------------------------------------------ */

static void
skip_line(struct ddl_lexer *lexer)
{
    while (lexer->at < lexer->end && *lexer->at != '\n')
        lexer->at++;
}

/* Behind the end mark; false: there is none. */
static bool
skip_comment(struct ddl_lexer *lexer)
{
    for (lexer->at += 2; lexer->at + 1 < lexer->end; lexer->at++)
        if (lexer->at[0] == '*' && lexer->at[1] == '/') {
            lexer->at += 2;
            return true;
        }
    lexer->at = lexer->end;
    return false;
}

static bool
runs_version(const struct ddl_lexer *lexer, int version)
{
    if (lexer->is_mariadb && version >= 50700 && version <= 99999)
        return false; /* what MySQL has and MariaDB has not */
    return !lexer->server_version || version <= lexer->server_version;
}

/* At an opening mark that the server runs: go inside. */
static bool
enter_version_comment(struct ddl_lexer *lexer)
{
    bool is_for_mariadb = starts_with(lexer, "/*M!");
    if (!is_for_mariadb && !starts_with(lexer, "/*!"))
        return false;
    const char *at = lexer->at + (is_for_mariadb ? 4 : 3);
    int version = 0, digits = 0;
    for (; at < lexer->end && isdigit((unsigned char)*at) && digits < 6; at++, digits++)
        version = version * 10 + (*at - '0');
    bool runs = is_for_mariadb ? lexer->is_mariadb && runs_version(lexer, 0) : runs_version(lexer, version);
    if (!runs)
        return false;
    lexer->at = at;
    lexer->comments++;
    return true;
}

/* True: something else than a blank or a comment comes, or the end. */
static bool
skip_blanks(struct ddl_lexer *lexer)
{
    while (lexer->at < lexer->end) {
        char c = *lexer->at, next = lexer->at + 1 < lexer->end ? lexer->at[1] : '\0';
        if (isspace((unsigned char)c)) {
            lexer->at++;
        } else if (c == '#' || (c == '-' && next == '-' && (lexer->at + 2 == lexer->end || isspace((unsigned char)lexer->at[2])))) {
            skip_line(lexer);
        } else if (c == '/' && next == '*') {
            if (!enter_version_comment(lexer) && !skip_comment(lexer))
                return false;
        } else if (lexer->comments && c == '*' && next == '/') {
            lexer->comments--;
            lexer->at += 2;
        } else {
            return true;
        }
    }
    return lexer->comments == 0;
}

/* ---- words ------------------------------------------------------------------------------------------------------------ */

/* Behind the closing quote; false: there is none. A doubled quote stands for itself. */
static bool
skip_quoted(struct ddl_lexer *lexer, bool has_escapes)
{
    char quote = *lexer->at++;
    while (lexer->at < lexer->end) {
        char c = *lexer->at++;
        bool is_escape = c == '\\' && has_escapes && lexer->at < lexer->end;
        if (c == quote && (lexer->at == lexer->end || *lexer->at != quote))
            return true;
        if (is_escape || c == quote)
            lexer->at++;
    }
    return false;
}

/* Digits, with fraction and exponent; a word if letters follow. */
static enum ddl_token_kind
skip_number(struct ddl_lexer *lexer)
{
    const char *at = lexer->at, *end = lexer->end;
    if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'b') && isxdigit((unsigned char)at[2])) {
        for (at += 2; at < end && isxdigit((unsigned char)*at);)
            at++;
        if (at == end || !is_name_char(*at)) {
            lexer->at = at;
            return DDL_BITS;
        }
    }
    for (at = lexer->at; at < end && isdigit((unsigned char)*at);)
        at++;
    const char *integer_end = at;
    if (at < end && *at == '.')
        for (at++; at < end && isdigit((unsigned char)*at);)
            at++;
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1;
        if (exponent < end && (*exponent == '+' || *exponent == '-'))
            exponent++;
        if (exponent < end && isdigit((unsigned char)*exponent))
            for (at = exponent; at < end && isdigit((unsigned char)*at);)
                at++;
    }
    if (at < end && is_name_char(*at) && at == integer_end) {
        while (at < end && is_name_char(*at))
            at++;
        lexer->at = at;
        return DDL_WORD;
    }
    lexer->at = at;
    return DDL_NUMBER;
}

static enum ddl_token_kind
skip_word(struct ddl_lexer *lexer)
{
    char first = (char)tolower((unsigned char)*lexer->at);
    if ((first == 'b' || first == 'x') && lexer->at + 1 < lexer->end && lexer->at[1] == '\'') {
        lexer->at++;
        return skip_quoted(lexer, false) ? DDL_BITS : DDL_BROKEN;
    }
    while (lexer->at < lexer->end && is_name_char(*lexer->at))
        lexer->at++;
    return DDL_WORD;
}

static enum ddl_token_kind
read_token(struct ddl_lexer *lexer, bool follows_name)
{
    char c = *lexer->at, next = lexer->at + 1 < lexer->end ? lexer->at[1] : '\0';
    if (c == '`')
        return skip_quoted(lexer, false) ? DDL_NAME : DDL_BROKEN;
    if (c == '\'' || c == '"')
        return skip_quoted(lexer, !lexer->no_backslash_escapes) ? DDL_STRING : DDL_BROKEN;
    if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)next) && !follows_name))
        return skip_number(lexer);
    if (is_name_char(c))
        return skip_word(lexer);
    lexer->at++;
    return DDL_SYMBOL;
}

void
ddl_next(struct ddl_lexer *lexer)
{
    const struct ddl_token before = lexer->token;
    lexer->last_end = before.text ? before.text + before.len : lexer->at;
    bool is_fine = skip_blanks(lexer);
    const char *start = lexer->at;
    lexer->token = (struct ddl_token){.kind = is_fine ? DDL_END : DDL_BROKEN, .text = start};
    if (lexer->at == lexer->end || !is_fine)
        return;
    bool follows_name = start == lexer->last_end && (before.kind == DDL_NAME || before.kind == DDL_WORD);
    lexer->token.kind = read_token(lexer, follows_name);
    lexer->token.len = (size_t)(lexer->at - start);
    lexer->token.symbol = lexer->token.kind == DDL_SYMBOL ? *start : '\0';
}

void
ddl_lexer_init(struct ddl_lexer *lexer, const char *sql, size_t len)
{
    *lexer = (struct ddl_lexer){.at = sql, .end = sql + len};
    ddl_next(lexer);
}

struct ddl_token
ddl_peek(const struct ddl_lexer *lexer)
{
    struct ddl_lexer copy = *lexer;
    ddl_next(&copy);
    return copy.token;
}

/* ---- what words mean ----------------------------------------------------------------------------------------------------- */

bool
ddl_is_word(const struct ddl_token *token, const char *word)
{
    return token->kind == DDL_WORD && strlen(word) == token->len && strncasecmp(token->text, word, token->len) == 0;
}

bool
ddl_is_symbol(const struct ddl_token *token, char symbol)
{
    return token->kind == DDL_SYMBOL && token->symbol == symbol;
}

char *
ddl_name_text(const struct ddl_token *token, struct arena *arena)
{
    if (token->kind != DDL_NAME && token->kind != DDL_STRING)
        return arena_memdup(arena, token->text, token->len);
    char quote = token->text[0], *out = arena_alloc(arena, token->len), *to = out;
    for (size_t i = 1; i + 1 < token->len; i++) {
        *to++ = token->text[i];
        if (token->text[i] == quote)
            i++; /* doubled */
    }
    *to = '\0';
    return out;
}

static char
escaped(char c)
{
    static const char from[] = "0btnrZ", to[] = "\0\b\t\n\r\032";
    const char *at = c ? strchr(from, c) : NULL;
    return at ? to[at - from] : c;
}

char *
ddl_string_value(const struct ddl_token *token, bool no_backslash_escapes, struct arena *arena)
{
    char quote = token->text[0], *out = arena_alloc(arena, token->len), *to = out;
    for (size_t i = 1; i + 1 < token->len; i++) {
        char c = token->text[i];
        if (c == '\\' && !no_backslash_escapes && i + 2 < token->len)
            c = escaped(token->text[++i]);
        else if (c == quote)
            i++;
        *to++ = c;
    }
    *to = '\0';
    return out;
}

char *
ddl_string_bare(const struct ddl_token *token, struct arena *arena)
{
    return arena_memdup(arena, token->text + 1, token->len - 2);
}
