/* Types of columns with their brackets and suffixes. */
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

bool
ddl_read_collation(struct ddl_reader *reader, struct cdc_column *column)
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
            if (!ddl_read_collation(reader, column))
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

bool
ddl_read_type(struct ddl_reader *reader, struct ddl_column *out)
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
