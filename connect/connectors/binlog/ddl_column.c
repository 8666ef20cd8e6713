/* Column definitions: a type, then attributes in any order. */
#include "connect/connectors/binlog/ddl_priv.h"

#include "common/base/strbuf.h"

#include <string.h>

/* ---- defaults ----------------------------------------------------------------------------------------------------------- */

/* CURRENT_TIMESTAMP and the like, with parentheses or without. */
static bool
accept_now(struct ddl_reader *reader, bool *is_timestamp_out)
{
    static const char *const words[] = {"CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_DATE", "CURDATE",
                                        "CURRENT_TIME", "CURTIME", "UTC_TIMESTAMP", "UTC_DATE", "UTC_TIME"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (ddl_accept(reader, words[i])) {
            *is_timestamp_out = i < 2;
            return true;
        }
    return false;
}

static void
set_default(struct cdc_column *column, const char *value)
{
    column->has_default = true;
    column->default_value = value;
}

/* Adjacent strings are one. */
static void
read_string_default(struct ddl_reader *reader, struct cdc_column *column)
{
    struct strbuf value = STRBUF_INIT;
    for (; reader->lexer.token.kind == DDL_STRING; ddl_next(&reader->lexer))
        strbuf_add(&value, reader->lexer.token.text + 1, reader->lexer.token.len - 2);
    set_default(column, arena_memdup(reader->arena, value.data, value.len));
    strbuf_fini(&value);
}

static bool
read_now_default(struct ddl_reader *reader, struct cdc_column *column, bool is_timestamp, const char *start)
{
    if (ddl_at_symbol(reader, '(') && !ddl_skip_parentheses(reader))
        return false;
    set_default(column, is_timestamp ? "1970-01-01 00:00:00" : ddl_text(reader, start));
    return true;
}

static void
read_number_default(struct ddl_reader *reader, struct cdc_column *column, const char *start)
{
    ddl_next(&reader->lexer);
    set_default(column, ddl_text(reader, start));
}

/* b'101' is its digits; hexadecimal literals have no text that the original would keep. */
static void
read_bits_default(struct ddl_reader *reader, struct cdc_column *column)
{
    const struct ddl_token token = reader->lexer.token;
    ddl_next(&reader->lexer);
    bool is_binary = (token.text[0] == 'b' || token.text[0] == 'B') && token.len >= 3;
    if (is_binary)
        set_default(column, arena_memdup(reader->arena, token.text + 2, token.len - 3));
    else if (token.len > 2 && token.text[0] == '0' && token.text[1] == 'b')
        set_default(column, arena_memdup(reader->arena, token.text + 2, token.len - 2));
}

/* MariaDB takes functions without parentheses around them: uuid(), nextval(s). */
static bool
read_function_default(struct ddl_reader *reader, struct cdc_column *column)
{
    ddl_next(&reader->lexer);
    set_default(column, NULL);
    return ddl_skip_parentheses(reader);
}

/* In front of a literal: its character set, _latin1, or its type, N, DATE, TIME, TIMESTAMP. */
static void
skip_introducer(struct ddl_reader *reader)
{
    const struct ddl_token *token = &reader->lexer.token;
    enum ddl_token_kind next = ddl_peek(&reader->lexer).kind;
    bool is_charset = token->kind == DDL_WORD && token->text[0] == '_' && next >= DDL_STRING;
    bool is_type = next == DDL_STRING && (ddl_at(reader, "N") || ddl_at(reader, "DATE") || ddl_at(reader, "TIME") || ddl_at(reader, "TIMESTAMP"));
    if (is_charset || is_type)
        ddl_next(&reader->lexer);
}

bool
ddl_read_default(struct ddl_reader *reader, struct cdc_column *column)
{
    const struct ddl_token *token = &reader->lexer.token;
    const char *start = token->text;
    bool is_timestamp;
    column->has_default = false;
    column->default_value = NULL;
    if (ddl_accept(reader, "NULL"))
        return true;
    if (ddl_at_symbol(reader, '(')) { /* made by an expression, so there is no value to show */
        set_default(column, NULL);
        return ddl_skip_parentheses(reader);
    }
    if (accept_now(reader, &is_timestamp))
        return read_now_default(reader, column, is_timestamp, start);
    skip_introducer(reader);
    if (ddl_accept_symbol(reader, '-') || ddl_accept_symbol(reader, '+')) {
        if (token->kind != DDL_NUMBER)
            return ddl_fail(reader, "column %s: a number was expected", column->name);
    }
    if (token->kind == DDL_STRING)
        read_string_default(reader, column);
    else if (token->kind == DDL_NUMBER || ddl_at(reader, "TRUE") || ddl_at(reader, "FALSE"))
        read_number_default(reader, column, start);
    else if (token->kind == DDL_BITS)
        read_bits_default(reader, column);
    else if (token->kind == DDL_WORD && ddl_peek(&reader->lexer).symbol == '(')
        return read_function_default(reader, column);
    else
        return ddl_fail(reader, "column %s: a default was expected", column->name);
    return true;
}

/* ---- attributes ------------------------------------------------------------------------------------------------------------ */

static bool
read_comment(struct ddl_reader *reader, struct ddl_column *out)
{
    ddl_accept_symbol(reader, '=');
    if (reader->lexer.token.kind != DDL_STRING)
        return ddl_fail(reader, "column %s: a comment was expected", out->column.name);
    if (reader->with_comments)
        out->column.comment = ddl_string_bare(&reader->lexer.token, reader->arena);
    ddl_next(&reader->lexer);
    return true;
}

static bool
read_not(struct ddl_reader *reader, struct ddl_column *out)
{
    if (ddl_accept(reader, "NULL"))
        out->column.is_optional = false;
    else if (!ddl_accept(reader, "SECONDARY") && !ddl_accept(reader, "ENFORCED") && !ddl_accept(reader, "VISIBLE"))
        return ddl_fail(reader, "column %s: NULL was expected", out->column.name);
    return true;
}

static bool
read_null(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)reader;
    out->column.is_optional = true;
    return true;
}

static bool
read_default(struct ddl_reader *reader, struct ddl_column *out)
{
    return ddl_read_default(reader, &out->column);
}

static bool
read_auto_increment(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)reader;
    out->column.is_auto_incremented = out->column.is_generated = true;
    return true;
}

/* SERIAL DEFAULT VALUE */
static bool
read_serial(struct ddl_reader *reader, struct ddl_column *out)
{
    out->column.is_auto_incremented = out->column.is_generated = true;
    out->column.is_optional = false;
    out->is_unique = true;
    return ddl_expect(reader, "DEFAULT") && ddl_expect(reader, "VALUE");
}

static bool
read_unique(struct ddl_reader *reader, struct ddl_column *out)
{
    ddl_accept(reader, "KEY");
    out->is_unique = true;
    return true;
}

static bool
read_primary(struct ddl_reader *reader, struct ddl_column *out)
{
    out->is_primary = true;
    return ddl_expect(reader, "KEY");
}

static bool
read_bare_key(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)reader;
    out->is_primary = true;
    return true;
}

static bool
read_expression(struct ddl_reader *reader, struct ddl_column *out)
{
    out->column.is_computed = true;
    return ddl_skip_parentheses(reader);
}

/* GENERATED ALWAYS AS (expression); MariaDB's system versioning: AS ROW START. */
static bool
read_generated(struct ddl_reader *reader, struct ddl_column *out)
{
    if (!ddl_expect(reader, "ALWAYS") || !ddl_expect(reader, "AS"))
        return false;
    if (ddl_accept(reader, "ROW"))
        return ddl_accept(reader, "START") || ddl_expect(reader, "END");
    return read_expression(reader, out);
}

static bool
read_stored(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)reader;
    out->column.is_computed_stored = true;
    return true;
}

static bool
read_invisible(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)reader;
    out->column.is_invisible = true;
    return true;
}

static bool
read_nothing(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)reader;
    (void)out;
    return true;
}

/* A word, string or number behind it, perhaps with = between. */
static bool
read_value(struct ddl_reader *reader, struct ddl_column *out)
{
    ddl_accept_symbol(reader, '=');
    if (ddl_at_end(reader) || reader->lexer.token.kind == DDL_SYMBOL)
        return ddl_fail(reader, "column %s: a value was expected", out->column.name);
    ddl_next(&reader->lexer);
    return true;
}

static bool
read_column_collation(struct ddl_reader *reader, struct ddl_column *out)
{
    return ddl_read_collation(reader, &out->column);
}

static bool
read_column_charset(struct ddl_reader *reader, struct ddl_column *out)
{
    return ddl_expect(reader, "SET") && ddl_read_charset(reader, &out->column.charset);
}

static bool
read_check(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)out;
    return ddl_skip_parentheses(reader);
}

/* [name] in front of CHECK, PRIMARY KEY, UNIQUE, REFERENCES. */
static bool
read_constraint(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)out;
    const char *name;
    static const char *const kinds[] = {"CHECK", "PRIMARY", "UNIQUE", "REFERENCES"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (ddl_at(reader, kinds[i]))
            return true;
    return ddl_expect_name(reader, &name);
}

/* SET NULL, SET DEFAULT, NO ACTION, CASCADE, RESTRICT */
static bool
read_action(struct ddl_reader *reader)
{
    if (ddl_accept(reader, "SET"))
        return ddl_accept(reader, "NULL") || ddl_expect(reader, "DEFAULT");
    if (ddl_accept(reader, "NO"))
        return ddl_expect(reader, "ACTION");
    return ddl_accept(reader, "CASCADE") || ddl_expect(reader, "RESTRICT");
}

/* ON UPDATE CURRENT_TIMESTAMP; of a reference: ON DELETE or UPDATE and an action. */
static bool
read_on(struct ddl_reader *reader, struct ddl_column *out)
{
    bool is_timestamp;
    (void)out;
    if (ddl_accept(reader, "DELETE"))
        return read_action(reader);
    if (!ddl_expect(reader, "UPDATE"))
        return false;
    if (accept_now(reader, &is_timestamp))
        return !ddl_at_symbol(reader, '(') || ddl_skip_parentheses(reader);
    return read_action(reader);
}

static bool
read_references(struct ddl_reader *reader, struct ddl_column *out)
{
    struct ddl_id id;
    (void)out;
    if (!ddl_expect_table(reader, &id) || (ddl_at_symbol(reader, '(') && !ddl_skip_parentheses(reader)))
        return false;
    if (ddl_accept(reader, "MATCH"))
        return ddl_accept(reader, "FULL") || ddl_accept(reader, "PARTIAL") || ddl_expect(reader, "SIMPLE");
    return true;
}

/* WITH or WITHOUT SYSTEM VERSIONING (MariaDB) */
static bool
read_versioning(struct ddl_reader *reader, struct ddl_column *out)
{
    (void)out;
    return ddl_expect(reader, "SYSTEM") && ddl_expect(reader, "VERSIONING");
}

/* MariaDB: COMPRESSED[=method] stores a text or blob column compressed, which the log shows in another form. */
static bool
read_compressed(struct ddl_reader *reader, struct ddl_column *out)
{
    return !ddl_accept_symbol(reader, '=') || read_value(reader, out);
}

static const struct {
    const char *word;
    bool (*read)(struct ddl_reader *reader, struct ddl_column *out);
} attributes[] = {
    {"NOT", read_not}, {"NULL", read_null}, {"DEFAULT", read_default}, {"AUTO_INCREMENT", read_auto_increment},
    {"SERIAL", read_serial}, {"UNIQUE", read_unique}, {"PRIMARY", read_primary}, {"KEY", read_bare_key},
    {"COMMENT", read_comment}, {"COLLATE", read_column_collation}, {"CHARACTER", read_column_charset},
    {"GENERATED", read_generated}, {"AS", read_expression}, {"VIRTUAL", read_nothing}, {"STORED", read_stored},
    {"PERSISTENT", read_stored}, {"VISIBLE", read_nothing}, {"INVISIBLE", read_invisible}, {"COLUMN_FORMAT", read_value},
    {"STORAGE", read_value}, {"ENGINE_ATTRIBUTE", read_value}, {"SECONDARY_ENGINE_ATTRIBUTE", read_value},
    {"SRID", read_value}, {"REF_SYSTEM_ID", read_value}, {"CHECK", read_check}, {"ENFORCED", read_nothing},
    {"CONSTRAINT", read_constraint}, {"REFERENCES", read_references}, {"ON", read_on}, {"WITH", read_versioning},
    {"WITHOUT", read_versioning}, {"COMPRESSED", read_compressed},
};

/* Takes one attribute; *found_out false: what comes is none. */
static bool
read_attribute(struct ddl_reader *reader, struct ddl_column *out, bool *found_out)
{
    for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++)
        if (ddl_accept(reader, attributes[i].word)) {
            *found_out = true;
            return attributes[i].read(reader, out);
        }
    *found_out = false;
    return true;
}

bool
ddl_read_column(struct ddl_reader *reader, struct ddl_column *out)
{
    struct cdc_column *column = &out->column;
    *column = (struct cdc_column){.name = column->name, .is_optional = true};
    out->is_unique = out->is_primary = false;
    bool found = true;
    if (!ddl_read_type(reader, out))
        return false;
    while (found)
        if (!read_attribute(reader, out, &found))
            return false;
    if (out->is_primary)
        column->is_optional = false;
    if (column->is_optional)
        column->has_default = true; /* NULL, if nothing else is given */
    return true;
}
