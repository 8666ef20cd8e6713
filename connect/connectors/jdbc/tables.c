/* Tables and columns from the server's own descriptions; names are compared exactly, never as patterns. */
#include "connect/connectors/jdbc/tables.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/regex.h"
#include "connect/connectors/jdbc/source_config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("connect.jdbc.tables");

/* ---- the filters ------------------------------------------------------------------------------------------ */

/* database.table, `database`.`table` or table, exactly. */
static bool
is_named(const struct jdbc_table *table, const struct string_list *names)
{
    char *plain = jdbc_table_text(table, false), *quoted = jdbc_table_text(table, true);
    bool is = string_list_has(names, plain) || string_list_has(names, quoted) || string_list_has(names, table->name);
    free(plain);
    free(quoted);
    return is;
}

static bool
matches(const struct jdbc_table *table, const struct string_list *patterns, struct error *err, bool *out)
{
    char *name = jdbc_table_text(table, false);
    bool ok = true;
    *out = false;
    for (size_t i = 0; i < patterns->count && ok && !*out; i++) {
        struct regex *regex = regex_new(patterns->items[i], err);
        ok = regex != NULL;
        *out = ok && regex_matches(regex, name);
        regex_free(regex);
    }
    free(name);
    return ok;
}

static bool
is_wanted(const struct source_settings *settings, const struct jdbc_table *table, bool *out, struct error *err)
{
    bool is_included = true, is_excluded = false;
    if (settings->table_include_list.count) {
        if (!matches(table, &settings->table_include_list, err, &is_included) ||
            !matches(table, &settings->table_exclude_list, err, &is_excluded))
            return false;
        *out = is_included && !is_excluded;
    } else if (settings->table_whitelist.count) {
        *out = is_named(table, &settings->table_whitelist);
    } else {
        *out = !is_named(table, &settings->table_blacklist);
    }
    return true;
}

/* Connector/J: in any case, and by the server's own name, too. */
static bool
has_type(const struct string_list *types, const char *type)
{
    for (size_t i = 0; i < types->count; i++)
        if (strcasecmp(types->items[i], type) == 0 || (strcasecmp(types->items[i], "BASE TABLE") == 0 && strcmp(type, "TABLE") == 0))
            return true;
    return false;
}

/* ---- the list ------------------------------------------------------------------------------------------------ */

void
jdbc_tables_fini(struct jdbc_tables *tables)
{
    for (size_t i = 0; i < tables->count; i++)
        jdbc_table_fini(&tables->items[i]);
    free(tables->items);
    *tables = (struct jdbc_tables){0};
}

struct typed_table {
    struct jdbc_table table;
    const char *type; /* a literal: TABLE, VIEW, SYSTEM TABLE, SYSTEM VIEW */
};

struct listing {
    struct typed_table *items;
    size_t count;
};

/* What Connector/J makes of the server's type; NULL: no table to it. */
static const char *
type_of(const char *database, const char *type)
{
    bool is_system = strcmp(database, "mysql") == 0 || strcasecmp(database, "information_schema") == 0 ||
                     strcasecmp(database, "performance_schema") == 0;
    if (strcmp(type, "BASE TABLE") == 0 || strcmp(type, "SYSTEM VERSIONED") == 0)
        return is_system ? "SYSTEM TABLE" : "TABLE";
    if (strcmp(type, "VIEW") == 0)
        return is_system ? "SYSTEM VIEW" : "VIEW";
    return strcmp(type, "SYSTEM VIEW") == 0 ? "SYSTEM VIEW" : NULL;
}

static void
take_table(void *arg, const char *const *row)
{
    struct listing *listing = arg;
    const char *type = row[0] && row[1] && row[2] ? type_of(row[0], row[2]) : NULL;
    if (!type)
        return;
    listing->items = xrealloc(listing->items, (listing->count + 1) * sizeof(*listing->items));
    listing->items[listing->count++] = (struct typed_table){
        .table = {.database = xstrdup(row[0]), .name = xstrdup(row[1])},
        .type = type,
    };
}

static int
compare(const void *a, const void *b)
{
    const struct typed_table *x = a, *y = b;
    int order = strcmp(x->type, y->type);
    if (!order)
        order = strcmp(x->table.database, y->table.database);
    return order ? order : strcmp(x->table.name, y->table.name);
}

/* The database to look in; NULL: all. An empty catalog.pattern names objects without a database: there are none. */
static const char *
database_of(const struct jdbc_connection *conn, const struct source_settings *settings)
{
    if (settings->catalog_pattern)
        return settings->catalog_pattern;
    return conn->behaviour.null_database_means_current ? conn->url.database : NULL;
}

static bool
list_all(struct db *db, const char *database, struct listing *out, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "SELECT TABLE_SCHEMA,TABLE_NAME,TABLE_TYPE FROM information_schema.TABLES");
    if (database) {
        strbuf_puts(&sql, " WHERE TABLE_SCHEMA=");
        db_quote(db, &sql, database, strlen(database));
    }
    bool ok = db_each_row(db, sql.data, take_table, out, err);
    strbuf_fini(&sql);
    if (out->count)
        qsort(out->items, out->count, sizeof(*out->items), compare);
    return ok;
}

bool
jdbc_tables_find(struct db *db, const struct jdbc_connection *conn, const struct source_settings *settings,
                 struct jdbc_tables *out, struct error *err)
{
    struct listing listing = {0};
    struct jdbc_tables found = {0};
    bool ok = list_all(db, database_of(conn, settings), &listing, err);
    found.items = xcalloc(listing.count + 1, sizeof(*found.items));
    for (size_t i = 0; i < listing.count; i++) {
        bool is_kept = false;
        if (ok && has_type(&settings->table_types, listing.items[i].type))
            ok = is_wanted(settings, &listing.items[i].table, &is_kept, err);
        if (is_kept)
            found.items[found.count++] = listing.items[i].table;
        else
            jdbc_table_fini(&listing.items[i].table);
    }
    free(listing.items);
    if (!ok) {
        jdbc_tables_fini(&found);
        return false;
    }
    *out = found;
    return true;
}

/* Names that more than one table has, as "db"."t", listed behind the message. */
static void
add_duplicates(const struct jdbc_tables *tables, struct strbuf *out)
{
    for (size_t i = 0; i < tables->count; i++)
        for (size_t k = 0; k < tables->count; k++)
            if (i != k && strcmp(tables->items[i].name, tables->items[k].name) == 0) {
                strbuf_printf(out, "%s\"%s\".\"%s\"", out->len ? ", " : "", tables->items[i].database, tables->items[i].name);
                break;
            }
}

bool
jdbc_tables_check_names(const struct jdbc_tables *tables, struct error *err)
{
    struct strbuf names = STRBUF_INIT;
    add_duplicates(tables, &names);
    bool is_unique = names.len == 0;
    if (!is_unique)
        error_set(err, ERROR_CONFIG,
                  "The connector uses the unqualified table name as the topic name and has detected duplicate unqualified table "
                  "names. Name each table with its database in table.whitelist, or set catalog.pattern: [%s]",
                  names.data);
    strbuf_fini(&names);
    return is_unique;
}

bool
jdbc_tables_equal(const struct jdbc_tables *a, const struct jdbc_tables *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i].name, b->items[i].name) || strcmp(a->items[i].database, b->items[i].database))
            return false;
    return true;
}

/* ---- columns ------------------------------------------------------------------------------------------------------ */

/* Field, Type, Null, Key, Default, Extra */
static void
take_column(void *arg, const char *const *row)
{
    struct jdbc_table_columns *columns = arg;
    columns->items = xrealloc(columns->items, (columns->count + 1) * sizeof(*columns->items));
    columns->items[columns->count++] = (struct jdbc_table_column){
        .name = xstrdup(row[0]),
        .is_nullable = row[2] && strcasecmp(row[2], "YES") == 0,
        .is_auto_increment = row[5] && strcasestr(row[5], "auto_increment"),
        .is_float = row[1] && strncasecmp(row[1], "float", 5) == 0 && !(row[5] && strcasestr(row[5], "invisible")),
    };
}

bool
jdbc_table_columns_find(struct db *db, const struct jdbc_table *table, struct jdbc_table_columns *out, struct error *err)
{
    struct jdbc_table_columns columns = {0};
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "SHOW COLUMNS FROM ");
    jdbc_table_write(&sql, table, true);
    bool ok = db_each_row(db, sql.data, take_column, &columns, err);
    strbuf_fini(&sql);
    if (!ok)
        jdbc_table_columns_fini(&columns);
    else
        *out = columns;
    return ok;
}

void
jdbc_table_columns_fini(struct jdbc_table_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        free(columns->items[i].name);
    free(columns->items);
    *columns = (struct jdbc_table_columns){0};
}

const struct jdbc_table_column *
jdbc_table_columns_get(const struct jdbc_table_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++)
        if (strcasecmp(columns->items[i].name, name) == 0)
            return &columns->items[i];
    return NULL;
}

static void
take_count(void *arg, const char *const *row)
{
    *(bool *)arg = row[0] && strcmp(row[0], "0") != 0;
}

/* " TABLE_SCHEMA='d' AND TABLE_NAME='t'", for the server's own descriptions */
static void
write_identity(struct db *db, const struct jdbc_table *table, struct strbuf *out)
{
    strbuf_puts(out, " TABLE_SCHEMA=");
    if (table->database)
        db_quote(db, out, table->database, strlen(table->database));
    else
        strbuf_puts(out, "DATABASE()");
    strbuf_puts(out, " AND TABLE_NAME=");
    db_quote(db, out, table->name, strlen(table->name));
}

bool
jdbc_table_has_index(struct db *db, const struct jdbc_table *table, const char *column, bool *out, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE SEQ_IN_INDEX=1 AND INDEX_TYPE='BTREE' AND");
    write_identity(db, table, &sql);
    strbuf_puts(&sql, " AND COLUMN_NAME=");
    db_quote(db, &sql, column, strlen(column));
    bool ok = db_each_row(db, sql.data, take_count, out, err);
    strbuf_fini(&sql);
    return ok;
}

static void
take_number(void *arg, const char *const *row)
{
    *(uint64_t *)arg = row[0] ? strtoull(row[0], NULL, 10) : 0;
}

void
jdbc_table_estimate(struct db *db, const struct jdbc_table *table, uint64_t *rows_out)
{
    struct strbuf sql = STRBUF_INIT;
    struct error ignored = ERROR_INIT;
    *rows_out = 0;
    strbuf_puts(&sql, "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE");
    write_identity(db, table, &sql);
    if (!db_each_row(db, sql.data, take_number, rows_out, &ignored))
        log_debug("no estimate of the rows of table %s: %s", table->name, ignored.message);
    strbuf_fini(&sql);
}
