/* Destination tables. */
#include "connect/connectors/jdbc/sink_table.h"

#include "common/base/alloc.h"
#include "connect/connectors/jdbc/dialect.h"
#include "connect/connectors/jdbc/sink_ddl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct sink_topic {
    struct sink_topic *next;
    char *name;
    struct sink_table *table;
};

/* ---- life ---------------------------------------------------------------------------------------------------- */

static void
plans_free(struct sink_plan *plan)
{
    while (plan) {
        struct sink_plan *next = plan->next;
        sink_plan_free(plan);
        plan = next;
    }
}

void
sink_table_forget(struct sink_table *table)
{
    table->is_loaded = table->exists = false;
    string_list_fini(&table->columns);
    string_list_fini(&table->column_types);
}

void
sink_tables_forget(struct sink_tables *tables)
{
    for (struct sink_table *table = tables->first; table; table = table->next) {
        sink_table_forget(table);
        plans_free(table->plans);
        table->plans = NULL;
    }
}

void
sink_tables_fini(struct sink_tables *tables)
{
    sink_tables_forget(tables);
    while (tables->first) {
        struct sink_table *table = tables->first;
        tables->first = table->next;
        free(table->database);
        free(table->name);
        free(table->sql);
        free(table->shown);
        free(table);
    }
    while (tables->topics) {
        struct sink_topic *topic = tables->topics;
        tables->topics = topic->next;
        free(topic->name);
        free(topic);
    }
    tables->last = NULL;
}

/* ---- questions to the database --------------------------------------------------------------------------------- */

static void
take_any(void *arg, const char *const *values)
{
    (void)values;
    *(bool *)arg = true;
}

static bool
database_exists(struct db *db, const char *name, bool *exists_out, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ");
    sink_write_text(&sql, name, strlen(name));
    *exists_out = false;
    bool is_fine = db_each_row(db, sql.data, take_any, exists_out, err);
    strbuf_fini(&sql);
    return is_fine;
}

/* Servers differ in how they compare names here, so every row is looked at: exactly, unless the server itself
   does not tell cases apart. */
static bool
is_this_table(const struct sink_table *table, const char *name, const char *lower_case_names)
{
    return (lower_case_names && *lower_case_names != '0' ? strcasecmp : strcmp)(table->name, name) == 0;
}

/* TABLE_NAME, lower_case_table_names, TABLE_TYPE, TRANSACTIONS. Partitioned tables are tables, as with Connector/J. */
static void
take_table(void *arg, const char *const *values)
{
    struct sink_table *table = arg;
    if (!is_this_table(table, values[0], values[1]))
        return;
    table->exists = true;
    bool is_view = values[2] && strstr(values[2], "VIEW");
    table->type = is_view ? SINK_VIEW : SINK_TABLE;
    table->is_transactional = is_view || !values[3] || strcmp(values[3], "NO") != 0;
}

/* TABLE_NAME, lower_case_table_names, COLUMN_NAME, COLUMN_TYPE */
static void
take_column(void *arg, const char *const *values)
{
    struct sink_table *table = arg;
    if (!is_this_table(table, values[0], values[1]))
        return;
    string_list_add(&table->columns, values[2]);
    string_list_add(&table->column_types, values[3] ? values[3] : "");
}

static void
add_where(struct strbuf *sql, const struct sink_table *table, const char *alias)
{
    strbuf_printf(sql, " WHERE %s.TABLE_SCHEMA = ", alias);
    if (table->database)
        sink_write_text(sql, table->database, strlen(table->database));
    else
        strbuf_puts(sql, "DATABASE()");
    strbuf_printf(sql, " AND %s.TABLE_NAME = ", alias);
    sink_write_text(sql, table->name, strlen(table->name));
}

bool
sink_table_load(struct sink_table *table, struct db *db, struct error *err)
{
    if (table->is_loaded)
        return true;
    struct strbuf sql = STRBUF_INIT;
    sink_table_forget(table);
    strbuf_puts(&sql, "SELECT t.TABLE_NAME, @@lower_case_table_names, t.TABLE_TYPE, e.TRANSACTIONS "
                      "FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE");
    add_where(&sql, table, "t");
    bool is_fine = db_each_row(db, sql.data, take_table, table, err);
    if (is_fine && table->exists) {
        strbuf_reset(&sql);
        strbuf_puts(&sql, "SELECT c.TABLE_NAME, @@lower_case_table_names, c.COLUMN_NAME, c.COLUMN_TYPE "
                          "FROM information_schema.COLUMNS c");
        add_where(&sql, table, "c");
        strbuf_puts(&sql, " ORDER BY c.ORDINAL_POSITION");
        is_fine = db_each_row(db, sql.data, take_column, table, err);
    }
    strbuf_fini(&sql);
    table->is_loaded = is_fine;
    return is_fine;
}

/* ---- names --------------------------------------------------------------------------------------------------- */

static char *
substitute(const char *format, size_t len, const char *topic)
{
    static const char variable[] = "${topic}";
    struct strbuf out = STRBUF_INIT;
    for (size_t i = 0; i < len;) {
        if (len - i >= sizeof(variable) - 1 && memcmp(format + i, variable, sizeof(variable) - 1) == 0) {
            strbuf_puts(&out, topic);
            i += sizeof(variable) - 1;
        } else {
            strbuf_putc(&out, format[i++]);
        }
    }
    return strbuf_take(&out);
}

/* Without back-ticks around it; a doubled one stands for one. */
static char *
unquote(char *name)
{
    size_t len = strlen(name);
    if (len < 2 || name[0] != '`' || name[len - 1] != '`')
        return name;
    char *to = name;
    for (size_t i = 1; i + 1 < len; i++) {
        *to++ = name[i];
        if (name[i] == '`' && name[i + 1] == '`' && i + 2 < len)
            i++;
    }
    *to = '\0';
    return name;
}

/* The first dot of the format outside of back-ticks, or NULL. */
static const char *
find_dot(const char *format)
{
    bool is_quoted = false;
    for (; *format; format++) {
        is_quoted ^= *format == '`';
        if (*format == '.' && !is_quoted)
            return format;
    }
    return NULL;
}

/*
 * A dot in the format parts database and table, and dots of the topic belong to the table's name. Without one, a
 * topic like "db.table" means a database if there is one of that name; all others are a name with dots in it.
 */
static bool
resolve(const struct sink_tables *tables, struct db *db, const char *topic, struct jdbc_table *out, struct error *err)
{
    const char *format = tables->config->table_name_format, *dot = find_dot(format);
    *out = (struct jdbc_table){.database = NULL};
    if (dot && dot > format && dot[1]) {
        out->database = unquote(substitute(format, (size_t)(dot - format), topic));
        out->name = unquote(substitute(dot + 1, strlen(dot + 1), topic));
        return true;
    }
    char *name = substitute(format, strlen(format), topic);
    char *inner = strchr(name, '.');
    if (*name != '`' && inner && inner > name && inner[1] && !strchr(inner + 1, '.')) {
        bool exists;
        *inner = '\0';
        if (!database_exists(db, name, &exists, err)) {
            free(name);
            return false;
        }
        if (exists) {
            out->database = xstrdup(name);
            out->name = xstrdup(inner + 1);
            free(name);
            return true;
        }
        *inner = '.';
    }
    out->name = unquote(name);
    out->database = xstrdup(tables->database);
    return true;
}

static bool
text_equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct sink_table *
table_get(struct sink_tables *tables, struct jdbc_table *name)
{
    for (struct sink_table *table = tables->first; table; table = table->next)
        if (strcmp(table->name, name->name) == 0 && text_equal(table->database, name->database)) {
            jdbc_table_fini(name);
            return table;
        }
    struct sink_table *table = xcalloc(1, sizeof(*table));
    bool is_own = text_equal(name->database, tables->database);
    /* a bare name of a database such as my-database is no SQL, and the connection's own need not be named */
    struct jdbc_table in_sql = {.database = tables->config->quote || !is_own ? name->database : NULL, .name = name->name};
    table->sql = jdbc_table_text(&in_sql, tables->config->quote);
    table->shown = name->database ? xasprintf("\"%s\".\"%s\"", name->database, name->name) : xasprintf("\"%s\"", name->name);
    table->database = name->database;
    table->name = name->name;
    table->next = tables->first;
    tables->first = table;
    return table;
}

struct sink_table *
sink_tables_find(struct sink_tables *tables, struct db *db, const char *topic, struct error *err)
{
    if (tables->last && strcmp(tables->last->name, topic) == 0)
        return tables->last->table;
    struct sink_topic *entry = tables->topics;
    while (entry && strcmp(entry->name, topic) != 0)
        entry = entry->next;
    if (!entry) {
        struct jdbc_table name;
        if (!resolve(tables, db, topic, &name, err))
            return NULL;
        if (!*name.name) {
            jdbc_table_fini(&name);
            error_set(err, ERROR_CONFIG, "Destination table name for topic '%s' is empty using the format string '%s'", topic,
                      tables->config->table_name_format);
            return NULL;
        }
        entry = xcalloc(1, sizeof(*entry));
        entry->name = xstrdup(topic);
        entry->table = table_get(tables, &name);
        entry->next = tables->topics;
        tables->topics = entry;
    }
    tables->last = entry;
    return entry->table;
}

/* ---- plans --------------------------------------------------------------------------------------------------- */

struct sink_plan *
sink_table_plan(struct sink_table *table, const struct schema *key_schema, const struct schema *value_schema)
{
    for (struct sink_plan **at = &table->plans; *at; at = &(*at)->next) {
        struct sink_plan *plan = *at;
        if (plan->key_schema != key_schema || plan->value_schema != value_schema)
            continue;
        *at = plan->next;
        plan->next = table->plans;
        table->plans = plan;
        return plan;
    }
    return NULL;
}

void
sink_table_plan_add(struct sink_table *table, struct sink_plan *plan)
{
    plan->next = table->plans;
    table->plans = plan;
    struct sink_plan **at = &table->plans;
    for (int i = 0; *at && i < SINK_PLANS_MAX; i++)
        at = &(*at)->next;
    plans_free(*at);
    *at = NULL;
}

/* ---- what a table needs ------------------------------------------------------------------------------------------ */

static bool
has_column(const struct sink_table *table, const char *name, int (*compare)(const char *a, const char *b))
{
    for (size_t i = 0; i < table->columns.count; i++)
        if (compare(table->columns.items[i], name) == 0)
            return true;
    return false;
}

const char *
sink_table_column_type(const struct sink_table *table, const char *column)
{
    for (size_t i = 0; i < table->columns.count; i++)
        if (strcasecmp(table->columns.items[i], column) == 0)
            return table->column_types.items[i];
    return NULL;
}

/* MySQL's columns have no case, and Java takes the second look, too. */
static bool
is_missing(const struct sink_table *table, const struct sink_field *field)
{
    return !has_column(table, field->name, strcmp) && !has_column(table, field->name, strcasecmp);
}

void
sink_table_describe_missing(const struct sink_table *table, const struct sink_fields *fields, struct strbuf *out)
{
    bool is_first = true;
    strbuf_putc(out, '[');
    for (size_t i = 0; i < fields->count; i++) {
        const struct sink_field *field = &fields->items[fields->table_order[i]];
        if (!is_missing(table, field))
            continue;
        strbuf_puts(out, is_first ? "" : ", ");
        sink_field_describe(field, out);
        is_first = false;
    }
    strbuf_putc(out, ']');
}

static const char alter_class[] = "io.confluent.connect.jdbc.sink.TableAlterOrCreateException";

static enum sink_table_need
refuse_missing(const struct sink_table *table, const struct sink_fields *fields, const char *why, struct error *err)
{
    struct strbuf missing = STRBUF_INIT;
    sink_table_describe_missing(table, fields, &missing);
    error_set(err, ERROR_CONFIG, "%s %s is missing fields (%s) and %s", table->type == SINK_VIEW ? "View" : "Table",
              table->shown, missing.data, why);
    err->java_class = alter_class;
    strbuf_fini(&missing);
    return SINK_TABLE_REFUSED;
}

static enum sink_table_need
refuse_required(const struct sink_table *table, const struct sink_field *field, struct error *err)
{
    struct strbuf text = STRBUF_INIT;
    sink_field_describe(field, &text);
    error_set(err, ERROR_CONFIG,
              "Cannot ALTER TABLE %s to add missing field %s, as the field is not optional and does not have a default value",
              table->shown, text.data);
    err->java_class = alter_class;
    strbuf_fini(&text);
    return SINK_TABLE_REFUSED;
}

static enum sink_table_need
check_columns(const struct sink_table *table, const struct sink_config *config, const struct sink_fields *fields, struct error *err)
{
    const struct sink_field *required = NULL;
    size_t missing = 0;
    for (size_t i = 0; i < fields->count; i++) {
        const struct sink_field *field = &fields->items[fields->table_order[i]];
        if (!is_missing(table, field))
            continue;
        missing++;
        bool has_default = field->schema->default_value && field->schema->default_value->kind != VALUE_NULL;
        if (!required && !sink_field_is_optional(field) && !has_default)
            required = field;
    }
    if (missing == 0)
        return SINK_TABLE_FITS;
    if (table->type == SINK_VIEW)
        return refuse_missing(table, fields, "ALTER VIEW is unsupported", err);
    if (required)
        return refuse_required(table, required, err);
    if (!config->auto_evolve)
        return refuse_missing(table, fields, "auto-evolution is disabled", err);
    return SINK_TABLE_ALTER;
}

enum sink_table_need
sink_table_check(struct sink_table *table, const struct sink_config *config, struct db *db, const struct sink_fields *fields,
                 struct error *err)
{
    if (!sink_table_load(table, db, err))
        return SINK_TABLE_UNKNOWN;
    /* with auto.create Java tries to create over an unlisted view, fails, and writes to the view all the same */
    bool is_listed = (table->type & config->table_types) || config->auto_create;
    if (table->exists && is_listed)
        return check_columns(table, config, fields, err);
    if (config->auto_create)
        return SINK_TABLE_CREATE;
    error_set(err, ERROR_CONFIG, "Table %s is missing and auto-creation is disabled", table->shown);
    err->java_class = alter_class;
    return SINK_TABLE_REFUSED;
}

bool
sink_table_ddl(const struct sink_table *table, const struct sink_config *config, const struct sink_format *format,
               const struct sink_fields *fields, enum sink_table_need need, struct strbuf *out, struct error *err)
{
    if (need == SINK_TABLE_CREATE)
        return sink_ddl_create(out, config, format, table->sql, fields, err);
    const struct sink_field **missing = xcalloc(fields->count, sizeof(struct sink_field *));
    size_t count = 0;
    for (size_t i = 0; i < fields->count; i++) {
        const struct sink_field *field = &fields->items[fields->table_order[i]];
        if (is_missing(table, field))
            missing[count++] = field;
    }
    bool is_fine = sink_ddl_alter(out, config, format, table->sql, missing, count, err);
    free(missing);
    return is_fine;
}
