/* Column definitions: types with their brackets and suffixes, then attributes in any order. */
#include "connect/connectors/binlog/ddl_priv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- types -------------------------------------------------------------------------------------------------------- */

enum type_form {
    FORM_PLAIN,   /* nothing behind it */
    FORM_NUMBER,  /* [(length[, scale])] [SIGNED | UNSIGNED | ZEROFILL]... */
    FORM_LENGTH,  /* [(length)] */
    FORM_TEXT,    /* [(length)] [BINARY] [CHARACTER SET x] [COLLATE y] */
    FORM_NATIONAL, /* the same, in utf8 */
    FORM_ENUM,    /* ('a', ...) [BINARY] [CHARACTER SET x] [COLLATE y] */
};

/* Longer spellings stand before their beginnings. */
static const struct type_row {
    const char *words; /* as the type's name shows them */
    enum cdc_type type;
    int jdbc_type;
    enum type_form form;
    int length, scale; /* without brackets; 0: unset */
} type_rows[] = {
    {"TINYINT", CDC_TINYINT, JDBC_SMALLINT, FORM_NUMBER, 0, 0},
    {"INT1", CDC_TINYINT, JDBC_SMALLINT, FORM_NUMBER, 0, 0},
    {"SMALLINT", CDC_SMALLINT, JDBC_SMALLINT, FORM_NUMBER, 0, 0},
    {"INT2", CDC_SMALLINT, JDBC_SMALLINT, FORM_NUMBER, 0, 0},
    {"MEDIUMINT", CDC_MEDIUMINT, JDBC_INTEGER, FORM_NUMBER, 0, 0},
    {"INT3", CDC_MEDIUMINT, JDBC_INTEGER, FORM_NUMBER, 0, 0},
    {"MIDDLEINT", CDC_MEDIUMINT, JDBC_INTEGER, FORM_NUMBER, 0, 0},
    {"INT", CDC_INT, JDBC_INTEGER, FORM_NUMBER, 0, 0},
    {"INTEGER", CDC_INT, JDBC_INTEGER, FORM_NUMBER, 0, 0},
    {"INT4", CDC_INT, JDBC_INTEGER, FORM_NUMBER, 0, 0},
    {"BIGINT", CDC_BIGINT, JDBC_BIGINT, FORM_NUMBER, 0, 0},
    {"INT8", CDC_BIGINT, JDBC_BIGINT, FORM_NUMBER, 0, 0},
    {"REAL", CDC_DOUBLE, JDBC_REAL, FORM_NUMBER, 0, 0},
    {"DOUBLE PRECISION", CDC_DOUBLE, JDBC_DOUBLE, FORM_NUMBER, 0, 0},
    {"DOUBLE", CDC_DOUBLE, JDBC_DOUBLE, FORM_NUMBER, 0, 0},
    {"FLOAT8", CDC_DOUBLE, JDBC_DOUBLE, FORM_NUMBER, 0, 0},
    {"FLOAT", CDC_FLOAT, JDBC_FLOAT, FORM_NUMBER, 0, 0},
    {"FLOAT4", CDC_FLOAT, JDBC_FLOAT, FORM_NUMBER, 0, 0},
    {"DECIMAL", CDC_DECIMAL, JDBC_DECIMAL, FORM_NUMBER, 10, 0},
    {"DEC", CDC_DECIMAL, JDBC_DECIMAL, FORM_NUMBER, 10, 0},
    {"FIXED", CDC_DECIMAL, JDBC_DECIMAL, FORM_NUMBER, 10, 0},
    {"NUMERIC", CDC_DECIMAL, JDBC_NUMERIC, FORM_NUMBER, 10, 0},
    {"NUMBER", CDC_DECIMAL, JDBC_DECIMAL, FORM_NUMBER, 10, 0}, /* MariaDB */
    {"BIT", CDC_BIT, JDBC_BIT, FORM_LENGTH, 1, 0},
    {"BOOLEAN", CDC_BOOLEAN, JDBC_BOOLEAN, FORM_PLAIN, 0, 0},
    {"BOOL", CDC_BOOLEAN, JDBC_BOOLEAN, FORM_PLAIN, 0, 0},
    {"SERIAL", CDC_BIGINT, JDBC_BIGINT, FORM_PLAIN, 0, 0},
    {"YEAR", CDC_YEAR, JDBC_INTEGER, FORM_NUMBER, 0, 0},
    {"DATE", CDC_DATE, JDBC_DATE, FORM_PLAIN, 0, 0},
    {"TIME", CDC_TIME, JDBC_TIME, FORM_LENGTH, 0, 0},
    {"DATETIME", CDC_DATETIME, JDBC_TIMESTAMP, FORM_LENGTH, 0, 0},
    {"TIMESTAMP", CDC_TIMESTAMP, JDBC_TIMESTAMP_WITH_TIMEZONE, FORM_LENGTH, 0, 0},
    {"CHAR VARYING", CDC_VARCHAR, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"CHARACTER VARYING", CDC_VARCHAR, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"CHAR BYTE", CDC_BINARY, JDBC_BINARY, FORM_LENGTH, 0, 0},
    {"CHAR", CDC_CHAR, JDBC_CHAR, FORM_TEXT, 0, 0},
    {"CHARACTER", CDC_CHAR, JDBC_CHAR, FORM_TEXT, 0, 0},
    {"VARCHAR", CDC_VARCHAR, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"VARCHAR2", CDC_VARCHAR, JDBC_VARCHAR, FORM_TEXT, 0, 0}, /* MariaDB */
    {"VARCHARACTER", CDC_VARCHAR, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"NATIONAL CHAR VARYING", CDC_VARCHAR, JDBC_NVARCHAR, FORM_NATIONAL, 0, 0},
    {"NATIONAL CHARACTER VARYING", CDC_VARCHAR, JDBC_NVARCHAR, FORM_NATIONAL, 0, 0},
    {"NATIONAL VARCHAR", CDC_VARCHAR, JDBC_NVARCHAR, FORM_NATIONAL, 0, 0},
    {"NATIONAL CHAR", CDC_CHAR, JDBC_NCHAR, FORM_NATIONAL, 1, 0},
    {"NATIONAL CHARACTER", CDC_CHAR, JDBC_NCHAR, FORM_NATIONAL, 1, 0},
    {"NCHAR VARYING", CDC_VARCHAR, JDBC_NVARCHAR, FORM_NATIONAL, 0, 0},
    {"NCHAR VARCHAR", CDC_VARCHAR, JDBC_NVARCHAR, FORM_NATIONAL, 0, 0},
    {"NVARCHAR", CDC_VARCHAR, JDBC_NVARCHAR, FORM_NATIONAL, 0, 0},
    {"NCHAR", CDC_CHAR, JDBC_NCHAR, FORM_NATIONAL, 1, 0},
    {"TINYTEXT", CDC_TINYTEXT, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"TEXT", CDC_TEXT, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"MEDIUMTEXT", CDC_MEDIUMTEXT, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"LONGTEXT", CDC_LONGTEXT, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"LONG VARBINARY", CDC_MEDIUMBLOB, JDBC_BLOB, FORM_PLAIN, 0, 0},
    {"LONG VARCHAR", CDC_MEDIUMTEXT, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"LONG", CDC_MEDIUMTEXT, JDBC_VARCHAR, FORM_TEXT, 0, 0},
    {"CLOB", CDC_LONGTEXT, JDBC_VARCHAR, FORM_TEXT, 0, 0}, /* MariaDB */
    {"BINARY", CDC_BINARY, JDBC_BINARY, FORM_LENGTH, 0, 0},
    {"VARBINARY", CDC_VARBINARY, JDBC_VARBINARY, FORM_LENGTH, 0, 0},
    {"TINYBLOB", CDC_TINYBLOB, JDBC_BLOB, FORM_PLAIN, 0, 0},
    {"BLOB", CDC_BLOB, JDBC_BLOB, FORM_LENGTH, 0, 0},
    {"MEDIUMBLOB", CDC_MEDIUMBLOB, JDBC_BLOB, FORM_PLAIN, 0, 0},
    {"LONGBLOB", CDC_LONGBLOB, JDBC_BLOB, FORM_PLAIN, 0, 0},
    {"ENUM", CDC_ENUM, JDBC_CHAR, FORM_ENUM, 0, 0},
    {"SET", CDC_SET, JDBC_CHAR, FORM_ENUM, 0, 0},
    {"JSON", CDC_JSON, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"VECTOR", CDC_VECTOR, JDBC_OTHER, FORM_LENGTH, 2048, 0},
    {"POINT", CDC_POINT, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"GEOMETRY", CDC_GEOMETRY, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"GEOMETRYCOLLECTION", CDC_GEOMETRY, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"GEOMCOLLECTION", CDC_GEOMETRY, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"LINESTRING", CDC_GEOMETRY, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"MULTILINESTRING", CDC_GEOMETRY, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"MULTIPOINT", CDC_GEOMETRY, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"MULTIPOLYGON", CDC_GEOMETRY, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"POLYGON", CDC_GEOMETRY, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"UUID", CDC_UUID, JDBC_OTHER, FORM_PLAIN, 0, 0},     /* MariaDB, as the next ones */
    {"INET4", CDC_INET4, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"INET6", CDC_INET6, JDBC_OTHER, FORM_PLAIN, 0, 0},
    {"XMLTYPE", CDC_XML, JDBC_OTHER, FORM_PLAIN, 0, 0},
};
enum { TYPE_COUNT = sizeof(type_rows) / sizeof(*type_rows) };

/* Do the words of a row come? How many there are, 0: no. */
static int
words_come(const struct ddl_reader *reader, const char *words)
{
    struct ddl_lexer lexer = reader->lexer;
    int count = 0;
    while (*words) {
        size_t len = strcspn(words, " ");
        if (lexer.token.kind != DDL_WORD || lexer.token.len != len || strncasecmp(lexer.token.text, words, len) != 0)
            return 0;
        ddl_next(&lexer);
        words += len + (words[len] == ' ');
        count++;
    }
    return count;
}

/* The type with the most words. */
static const struct type_row *
take_type_words(struct ddl_reader *reader)
{
    const struct type_row *found = NULL;
    int most = 0;
    for (int i = 0; i < TYPE_COUNT; i++) {
        int words = words_come(reader, type_rows[i].words);
        if (words > most) {
            most = words;
            found = &type_rows[i];
        }
    }
    for (int i = 0; i < most; i++)
        ddl_next(&reader->lexer);
    return found;
}

static bool
read_brackets(struct ddl_reader *reader, struct cdc_column *column, bool with_scale)
{
    if (!ddl_accept_symbol(reader, '('))
        return true;
    if (!ddl_expect_number(reader, &column->length))
        return false;
    if (column->type == CDC_DECIMAL && column->length == 0)
        column->length = 10; /* as the server does */
    if (with_scale && ddl_accept_symbol(reader, ',') && !ddl_expect_number(reader, &column->scale))
        return false;
    return ddl_expect_symbol(reader, ')');
}

static void
add_to_name(struct ddl_reader *reader, struct cdc_column *column, const char *word)
{
    column->type_name = arena_printf(reader->arena, "%s %s", column->type_name, word);
}

/* The name shows each suffix once, in this order. */
static void
read_number_suffixes(struct ddl_reader *reader, struct cdc_column *column)
{
    static const char *const suffixes[] = {"SIGNED", "UNSIGNED", "ZEROFILL"};
    bool is_there[3] = {false, false, false};
    for (bool found = true; found;) {
        found = false;
        for (int i = 0; i < 3; i++)
            if (ddl_accept(reader, suffixes[i]))
                found = is_there[i] = true;
    }
    for (int i = 0; i < 3; i++)
        if (is_there[i])
            add_to_name(reader, column, suffixes[i]);
    column->is_unsigned = is_there[1] || is_there[2];
    column->is_zerofill = is_there[2];
}

const char *
ddl_collation_charset(struct ddl_reader *reader, const char *collation)
{
    const char *underline = strchr(collation, '_');
    if (!underline)
        return strcasecmp(collation, "binary") == 0 ? "binary" : NULL;
    if (strncasecmp(collation, "uca1400", 7) == 0)
        return NULL; /* MariaDB: of the character set that is there already */
    char *charset = arena_memdup(reader->arena, collation, (size_t)(underline - collation));
    for (char *c = charset; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return charset;
}

bool
ddl_read_charset(struct ddl_reader *reader, const char **charset_out)
{
    ddl_accept_symbol(reader, '=');
    return ddl_expect_name(reader, charset_out);
}

static bool
accept_charset_words(struct ddl_reader *reader)
{
    if (ddl_accept(reader, "CHARSET"))
        return true;
    bool is_long = (ddl_at(reader, "CHARACTER") || ddl_at(reader, "CHAR")) && ddl_before(reader, "SET");
    if (is_long) {
        ddl_next(&reader->lexer);
        ddl_next(&reader->lexer);
    }
    return is_long;
}

static bool
read_collation(struct ddl_reader *reader, struct cdc_column *column)
{
    const char *collation;
    ddl_accept_symbol(reader, '=');
    if (!ddl_expect_name(reader, &collation))
        return false;
    if (!column->charset && ddl_has_charset(column))
        column->charset = ddl_collation_charset(reader, collation);
    return true;
}

static bool
read_text_suffixes(struct ddl_reader *reader, struct cdc_column *column)
{
    for (;;) {
        if (ddl_accept(reader, "BINARY")) {
            add_to_name(reader, column, "BINARY");
        } else if (ddl_accept(reader, "ASCII")) {
            column->charset = "latin1";
        } else if (ddl_accept(reader, "UNICODE")) {
            column->charset = "ucs2";
        } else if (ddl_accept(reader, "BYTE")) {
            column->charset = "binary";
        } else if (accept_charset_words(reader)) {
            if (!ddl_read_charset(reader, &column->charset))
                return false;
        } else if (ddl_accept(reader, "COLLATE")) {
            if (!read_collation(reader, column))
                return false;
        } else {
            return true;
        }
    }
}

static bool
read_enum(struct ddl_reader *reader, struct cdc_column *column)
{
    size_t size = 16;
    const char **texts = arena_array(reader->arena, const char *, size);
    if (!ddl_expect_symbol(reader, '('))
        return false;
    do {
        const struct ddl_token *token = &reader->lexer.token;
        if (token->kind != DDL_STRING && token->kind != DDL_BITS)
            return ddl_fail(reader, "a value of the list was expected");
        if (column->enum_count == size) {
            const char **more = arena_array(reader->arena, const char *, size * 2);
            memcpy(more, texts, size * sizeof(*more));
            texts = more;
            size *= 2;
        }
        texts[column->enum_count++] = arena_memdup(reader->arena, token->text, token->len);
        ddl_next(&reader->lexer);
    } while (ddl_accept_symbol(reader, ','));
    column->enum_texts = texts;
    ddl_enum_values(reader, column);
    column->length = column->type == CDC_ENUM ? 1 : (int)column->enum_count * 2 - 1;
    return ddl_expect_symbol(reader, ')') && read_text_suffixes(reader, column);
}

void
ddl_enum_values(struct ddl_reader *reader, struct cdc_column *column)
{
    const char **values = arena_array(reader->arena, const char *, column->enum_count + 1);
    for (size_t i = 0; i < column->enum_count; i++) {
        struct ddl_lexer lexer;
        ddl_lexer_init(&lexer, column->enum_texts[i], strlen(column->enum_texts[i]));
        bool is_string = lexer.token.kind == DDL_STRING;
        values[i] = is_string ? ddl_string_value(&lexer.token, reader->lexer.no_backslash_escapes, reader->arena)
                              : column->enum_texts[i];
    }
    column->enum_values = values;
}

bool
ddl_has_charset(const struct cdc_column *column)
{
    static const int with_charset[] = {JDBC_CHAR, JDBC_VARCHAR, JDBC_NCHAR, JDBC_NVARCHAR};
    for (size_t i = 0; i < sizeof(with_charset) / sizeof(*with_charset); i++)
        if (with_charset[i] == column->jdbc_type)
            return true;
    return false;
}

static void
set_type(struct cdc_column *column, const struct type_row *row)
{
    column->type = row->type;
    column->jdbc_type = row->jdbc_type;
    column->type_name = row->words;
    column->length = CDC_UNSET;
    column->scale = CDC_UNSET;
}

/* What the type has without brackets. */
static void
set_default_length(struct cdc_column *column, const struct type_row *row)
{
    if (column->length == CDC_UNSET && row->length)
        column->length = row->length;
    if (column->scale == CDC_UNSET && row->type == CDC_DECIMAL)
        column->scale = 0;
}

static bool
read_type(struct ddl_reader *reader, struct ddl_column *out)
{
    struct cdc_column *column = &out->column;
    const struct type_row *row = take_type_words(reader);
    if (!row)
        return ddl_fail(reader, "column %s: a type was expected", column->name);
    set_type(column, row);
    bool is_fine = true;
    switch (row->form) {
    case FORM_PLAIN:
        break;
    case FORM_NUMBER:
        is_fine = read_brackets(reader, column, true);
        if (is_fine)
            read_number_suffixes(reader, column);
        break;
    case FORM_LENGTH:
        is_fine = read_brackets(reader, column, false);
        break;
    case FORM_TEXT:
    case FORM_NATIONAL:
        is_fine = read_brackets(reader, column, false) && read_text_suffixes(reader, column);
        if (row->form == FORM_NATIONAL)
            column->charset = "utf8";
        break;
    case FORM_ENUM:
        is_fine = read_enum(reader, column);
        break;
    }
    set_default_length(column, row);
    if (strcmp(row->words, "SERIAL") == 0) { /* stands for a type and its attributes */
        column->type_name = "BIGINT UNSIGNED";
        column->is_unsigned = true;
        column->is_optional = false;
        column->is_auto_incremented = column->is_generated = true;
        out->is_unique = true;
    }
    return is_fine;
}

bool
ddl_type_find(const char *type_name, struct cdc_column *column)
{
    struct arena scratch = ARENA_INIT;
    struct ddl_reader reader = {.arena = &scratch};
    ddl_lexer_init(&reader.lexer, type_name, strlen(type_name));
    const struct type_row *row = take_type_words(&reader);
    if (row) {
        int length = column->length, scale = column->scale, jdbc_type = column->jdbc_type;
        set_type(column, row);
        column->length = length;
        column->scale = scale;
        column->jdbc_type = jdbc_type;
        column->type_name = type_name;
    }
    for (; row && reader.lexer.token.kind == DDL_WORD; ddl_next(&reader.lexer)) {
        column->is_zerofill |= ddl_at(&reader, "ZEROFILL");
        column->is_unsigned |= ddl_at(&reader, "UNSIGNED") || column->is_zerofill;
    }
    arena_fini(&scratch);
    return row != NULL;
}

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
    const char *value = "";
    for (; reader->lexer.token.kind == DDL_STRING; ddl_next(&reader->lexer))
        value = arena_printf(reader->arena, "%s%s", value, ddl_string_bare(&reader->lexer.token, reader->arena));
    set_default(column, value);
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
    if (token->kind == DDL_WORD && token->text[0] == '_' && ddl_peek(&reader->lexer).kind >= DDL_STRING)
        ddl_next(&reader->lexer); /* the character set of the literal */
    else if ((ddl_at(reader, "N") || ddl_at(reader, "DATE") || ddl_at(reader, "TIME") || ddl_at(reader, "TIMESTAMP")) &&
             ddl_peek(&reader->lexer).kind == DDL_STRING)
        ddl_next(&reader->lexer);
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
    return read_collation(reader, &out->column);
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
    if (!read_type(reader, out))
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
