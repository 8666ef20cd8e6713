/* Hints beside the database's refusals. */
#include "connect/connectors/jdbc/sink_hint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TOO_LONG = 1406, OUT_OF_RANGE = 1264, ROW_TOO_LARGE = 1118, KEY_TOO_LONG = 1071, KEY_WITHOUT_LENGTH = 1170 };

/* The name in "Data too long for column 'name' at row 1". False: another text. */
static bool
column_of(const struct error *err, char *name, size_t size)
{
    static const char before[] = "column '", after[] = "' at row ";
    const char *start = strstr(err->message, before), *end = NULL;
    if (!start)
        return false;
    start += sizeof(before) - 1;
    for (const char *next = strstr(start, after); next; next = strstr(next + 1, after))
        end = next; /* the last: a name may hold anything */
    if (!end || (size_t)(end - start) >= size)
        return false;
    snprintf(name, size, "%.*s", (int)(end - start), start);
    return true;
}

/* The setting that decides about a new column for this field, with a value that holds more. */
static const char *
setting_for(const struct sink_field *field, int cause)
{
    const struct schema *schema = field->schema;
    if (schema->logical != SCHEMA_PLAIN)
        return NULL;
    if (cause == OUT_OF_RANGE)
        return schema->type == SCHEMA_FLOAT32 ? "mysql.float32.type=DOUBLE" : NULL;
    if (schema->type == SCHEMA_BYTES)
        return "mysql.bytes.type=LONGBLOB";
    if (schema->type == SCHEMA_STRING)
        return field->is_key ? "mysql.string.key.type=VARCHAR(700)" : "mysql.string.type=LONGTEXT";
    return NULL;
}

static void
write_hint(const struct sink_table *table, const struct sink_field *field, const struct value *value, const char *setting,
           struct strbuf *out)
{
    const char *type = sink_table_column_type(table, field->name);
    strbuf_printf(out, "column '%s' of %s, %s", field->name, table->shown, type ? type : "of unknown type");
    if (value->kind == VALUE_STRING || value->kind == VALUE_BYTES)
        strbuf_printf(out, ": the value has %zu bytes", (size_t)value->len);
    strbuf_printf(out, "; ALTER TABLE makes it hold more, and %s makes new columns so", setting);
}

bool
sink_hint_row(const struct sink_table *table, const struct sink_plan *plan, const struct record *record,
              const struct error *err, struct strbuf *out)
{
    char name[256];
    if ((err->cause != TOO_LONG && err->cause != OUT_OF_RANGE) || !column_of(err, name, sizeof(name)))
        return false;
    for (size_t i = 0; i < plan->fields.count; i++) {
        const struct sink_field *field = &plan->fields.items[i];
        const char *setting = strcasecmp(field->name, name) == 0 ? setting_for(field, err->cause) : NULL;
        if (!setting)
            continue;
        struct value made;
        write_hint(table, field, sink_column_value(&plan->columns[i], record, &made), setting, out);
        return true;
    }
    return false;
}

const char *
sink_hint_ddl(const struct error *err)
{
    switch (err->cause) {
    case ROW_TOO_LARGE:
        return "mysql.bytes.type=BLOB takes bytes out of the row";
    case KEY_TOO_LONG:
    case KEY_WITHOUT_LENGTH:
        return "mysql.string.key.type, e.g. VARCHAR(100), and mysql.bytes.type, e.g. VARBINARY(100), make a key shorter";
    default:
        return NULL;
    }
}

void
sink_hint_add(struct error *err, const char *hint)
{
    size_t used = strlen(err->causes);
    snprintf(err->causes + used, sizeof(err->causes) - used, "%s\tat %s", used ? "\n" : "", hint);
}
