/* Table definitions. */
#include "connect/connectors/jdbc/sink_ddl.h"

#include "connect/connectors/jdbc/dialect.h"

#include <string.h>
#include <strings.h>

static bool
is_fine_timestamp(const struct sink_config *config, const struct sink_field *field)
{
    const struct schema *schema = field->schema;
    return schema->logical == SCHEMA_PLAIN && (schema->type == SCHEMA_INT64 || schema->type == SCHEMA_STRING) &&
           string_list_has(&config->timestamp_fields, field->name);
}

/* NULL: there is none. DECIMAL gets its scale from the caller. */
static const char *
column_type(const struct sink_config *config, const struct sink_field *field)
{
    static const char *const by_logical[] = {
        [SCHEMA_DECIMAL] = "DECIMAL(65,", [SCHEMA_DATE] = "DATE", [SCHEMA_TIME] = "TIME(3)", [SCHEMA_TIMESTAMP] = "DATETIME(3)",
    };
    static const char *const by_type[] = {
        [SCHEMA_INT8] = "TINYINT",   [SCHEMA_INT16] = "SMALLINT", [SCHEMA_INT32] = "INT",       [SCHEMA_INT64] = "BIGINT",
        [SCHEMA_FLOAT64] = "DOUBLE", [SCHEMA_BOOLEAN] = "TINYINT", [SCHEMA_STRUCT] = NULL,
    };
    const struct schema *schema = field->schema;
    if (is_fine_timestamp(config, field))
        return "DATETIME(6)";
    if (schema->logical != SCHEMA_PLAIN)
        return by_logical[schema->logical];
    switch (schema->type) {
    case SCHEMA_STRING:
        return field->is_key ? config->string_key_type : config->string_type;
    case SCHEMA_BYTES:
        return config->bytes_type;
    case SCHEMA_FLOAT32:
        return config->float32_type;
    default:
        return by_type[schema->type];
    }
}

/* Types whose DEFAULT MySQL takes as an expression only. */
static bool
is_text_type(const char *type)
{
    size_t len = strcspn(type, " (");
    return (len >= 4 && (strncasecmp(type + len - 4, "TEXT", 4) == 0 || strncasecmp(type + len - 4, "BLOB", 4) == 0));
}

static bool
write_column(struct strbuf *out, const struct sink_config *config, const struct sink_format *format,
             const struct sink_field *field, struct error *err)
{
    const struct schema *schema = field->schema;
    const char *type = column_type(config, field);
    if (!type)
        return error_set(err, ERROR_CONFIG, "%s (%s) type doesn't have a mapping to the SQL database column type",
                         schema->name ? schema->name : "null", schema_type_name(schema->type));
    jdbc_name_write(out, field->name, config->quote);
    strbuf_putc(out, ' ');
    strbuf_puts(out, type);
    if (schema->logical == SCHEMA_DECIMAL)
        strbuf_printf(out, "%d)", (int)schema->decimal_scale);
    if (schema->default_value && schema->default_value->kind != VALUE_NULL) {
        strbuf_puts(out, " DEFAULT ");
        return sink_write_default(format, out, schema, is_text_type(type), err);
    }
    strbuf_puts(out, sink_field_is_optional(field) ? " NULL" : " NOT NULL");
    return true;
}

static void
write_primary_key(struct strbuf *out, const struct sink_config *config, const struct sink_fields *fields)
{
    bool is_first = true;
    for (size_t i = 0; i < fields->count; i++) {
        const struct sink_field *field = &fields->items[fields->table_order[i]];
        if (!field->is_key)
            continue;
        strbuf_puts(out, is_first ? ",\nPRIMARY KEY(" : ",");
        jdbc_name_write(out, field->name, config->quote);
        is_first = false;
    }
    if (!is_first)
        strbuf_putc(out, ')');
}

bool
sink_ddl_create(struct strbuf *out, const struct sink_config *config, const struct sink_format *format, const char *table,
                const struct sink_fields *fields, struct error *err)
{
    strbuf_printf(out, "CREATE TABLE %s (", table);
    for (size_t i = 0; i < fields->count; i++) {
        strbuf_puts(out, i ? ",\n" : "\n");
        if (!write_column(out, config, format, &fields->items[fields->table_order[i]], err))
            return false;
    }
    write_primary_key(out, config, fields);
    strbuf_putc(out, ')');
    return true;
}

bool
sink_ddl_alter(struct strbuf *out, const struct sink_config *config, const struct sink_format *format, const char *table,
               const struct sink_field *const *missing, size_t count, struct error *err)
{
    strbuf_printf(out, "ALTER TABLE %s ", table);
    for (size_t i = 0; i < count; i++) {
        strbuf_puts(out, i ? ",\nADD " : count > 1 ? "\nADD " : "ADD ");
        if (!write_column(out, config, format, missing[i], err))
            return false;
    }
    return true;
}
