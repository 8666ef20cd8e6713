/*
 * Words of an SQL statement, one at a time. Comments are passed over; what stands in a version comment that this
 * server runs counts as if it stood outside.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_DDL_TOKEN_H
#define CONNECT_CONNECTORS_BINLOG_DDL_TOKEN_H

#include "common/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum ddl_token_kind {
    DDL_END,
    DDL_WORD,    /* keyword or name, not quoted; also one that begins with digits */
    DDL_NAME,    /* `quoted` */
    DDL_STRING,  /* 'quoted' or "quoted" */
    DDL_NUMBER,
    DDL_BITS,    /* b'01', x'FF', 0xFF, 0b01 */
    DDL_SYMBOL,  /* one other character; its code is `symbol` */
    DDL_BROKEN,  /* a quote or comment without end */
};

struct ddl_token {
    enum ddl_token_kind kind;
    char symbol;
    const char *text; /* in the statement, quotes included */
    size_t len;
};

/* Plain data: a copy looks ahead without moving the original. */
struct ddl_lexer {
    const char *at, *end;
    struct ddl_token token;     /* the present one */
    const char *last_end;       /* behind the one before it */
    int comments;               /* version comments that are open */
    int server_version;         /* 80400; 0: unknown, every version comment counts */
    bool is_mariadb;
    bool no_backslash_escapes;  /* sql_mode */
};

/* The first word becomes the present one. The text stays the caller's. */
void ddl_lexer_init(struct ddl_lexer *lexer, const char *sql, size_t len);
void ddl_next(struct ddl_lexer *lexer);
struct ddl_token ddl_peek(const struct ddl_lexer *lexer); /* the one behind the present one */

bool ddl_is_word(const struct ddl_token *token, const char *word); /* without case */
bool ddl_is_symbol(const struct ddl_token *token, char symbol);
/* The name that a word or a quoted name or string means, in the arena. */
char *ddl_name_text(const struct ddl_token *token, struct arena *arena);
/* What a string literal means, escapes resolved, in the arena. */
char *ddl_string_value(const struct ddl_token *token, bool no_backslash_escapes, struct arena *arena);
/* The literal without its quotes, all else as written. */
char *ddl_string_bare(const struct ddl_token *token, struct arena *arena);

#endif
