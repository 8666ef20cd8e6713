/* Names in back-ticks. */
#include "connect/connectors/jdbc/dialect.h"

#include "common/base/alloc.h"
#include "common/db/db.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
jdbc_table_fini(struct jdbc_table *table)
{
    free(table->database);
    free(table->name);
    *table = (struct jdbc_table){0};
}

struct jdbc_table
jdbc_table_dup(const struct jdbc_table *table)
{
    return (struct jdbc_table){.database = xstrdup(table->database), .name = xstrdup(table->name)};
}

void
jdbc_name_write(struct strbuf *out, const char *name, bool with_quotes)
{
    if (with_quotes)
        db_quote_name(out, name);
    else
        strbuf_puts(out, name);
}

void
jdbc_table_write(struct strbuf *out, const struct jdbc_table *table, bool with_quotes)
{
    if (table->database) {
        jdbc_name_write(out, table->database, with_quotes);
        strbuf_putc(out, '.');
    }
    jdbc_name_write(out, table->name, with_quotes);
}

char *
jdbc_table_text(const struct jdbc_table *table, bool with_quotes)
{
    struct strbuf out = STRBUF_INIT;
    jdbc_table_write(&out, table, with_quotes);
    return strbuf_take(&out);
}

/* One name from *text on, quoted or up to the next point; moves *text behind it. NULL: empty or not closed. */
static char *
take_name(const char **text)
{
    struct strbuf name = STRBUF_INIT;
    const char *at = *text;
    bool is_quoted = *at == '`', is_closed = !is_quoted;
    if (is_quoted)
        at++;
    for (; *at; at++) {
        if (!is_quoted && *at == '.')
            break;
        if (is_quoted && *at == '`' && *++at != '`') {
            is_closed = true;
            break;
        }
        strbuf_putc(&name, *at);
    }
    *text = at;
    if (is_closed && name.len && (*at == '\0' || *at == '.'))
        return strbuf_take(&name);
    strbuf_fini(&name);
    return NULL;
}

bool
jdbc_table_parse(const char *text, struct jdbc_table *out, struct error *err)
{
    const char *at = text;
    char *first = take_name(&at), *second = NULL;
    if (first && *at == '.') {
        at++;
        second = take_name(&at);
    } else if (first && *at == '\0') {
        *out = (struct jdbc_table){.name = first};
        return true;
    }
    if (first && second && *at == '\0') {
        *out = (struct jdbc_table){.database = first, .name = second};
        return true;
    }
    free(first);
    free(second);
    return error_set(err, ERROR_CONFIG, "not a table name: '%s'", text);
}

bool
jdbc_quote_method_parse(const char *text, bool *with_quotes_out, struct error *err)
{
    bool is_always = text && strcasecmp(text, "always") == 0;
    if (is_always || (text && strcasecmp(text, "never") == 0)) {
        *with_quotes_out = is_always;
        return true;
    }
    return error_set(err, ERROR_CONFIG, "No matching QuoteMethod found for '%s'", text ? text : "");
}

/* In the order of the original's answers. */
static const char *const dialects[] = {"",
                                       "Db2DatabaseDialect",
                                       "MySqlDatabaseDialect",
                                       "SybaseDatabaseDialect",
                                       "GenericDatabaseDialect",
                                       "OracleDatabaseDialect",
                                       "SqlServerDatabaseDialect",
                                       "PostgreSqlDatabaseDialect",
                                       "SqliteDatabaseDialect",
                                       "DerbyDatabaseDialect",
                                       "SapHanaDatabaseDialect",
                                       "VerticaDatabaseDialect",
                                       NULL};

bool
jdbc_dialect_check(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    for (const char *const *name = dialects; *name; name++)
        if (strcmp(*name, value) == 0)
            return true;
    return error_set(err, ERROR_CONFIG, "Invalid enumerator");
}

void
jdbc_dialect_recommend(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    for (const char *const *name = dialects; *name; name++)
        string_list_add(out, *name);
}
