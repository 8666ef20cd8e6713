/* Which changes of structure are told and stored, and the records that tell them. */
#include "connect/connectors/binlog/schema_change.h"

#include "common/base/strbuf.h"
#include "connect/connectors/binlog/change_text.h"

#include <string.h>
#include <strings.h>

/* ---- which changes ---------------------------------------------------------------------------------------------------- */

static bool
is_global_set(const char *database, const char *statement)
{
    return !(database && *database) && strncasecmp(statement, "SET ", 4) == 0;
}

static bool
touches_captured(const struct cdc_filters *filters, const struct cdc_change *change)
{
    if (change->table_name)
        return cdc_filters_has_table(filters, change->table_database, change->table_name);
    if (change->is_of_variable && !*change->database)
        return true;
    return (change->is_of_variable || change->is_of_database) && cdc_filters_has_database(filters, change->database);
}

bool
cdc_changes_concern(const struct cdc_config *config, const struct cdc_filters *filters, const char *database,
                    const char *statement, const struct cdc_changes *changes)
{
    if (!config->history_only_captured_tables || is_global_set(database, statement))
        return true;
    for (size_t i = 0; i < changes->count && changes->is_understood; i++)
        if (touches_captured(filters, &changes->items[i]))
            return true;
    return false;
}

bool
cdc_change_is_told(const struct cdc_config *config, const struct cdc_filters *filters, const struct cdc_change *change)
{
    bool is_of_ours = !*change->database || cdc_filters_has_database(filters, change->database);
    if ((config->history_only_captured_tables || config->history_only_captured_databases) && !is_of_ours)
        return false;
    bool is_known = change->table || change->kind == CDC_CHANGE_DROP;
    return !config->history_only_captured_tables || !is_known ||
           cdc_filters_has_table(filters, change->table_database, change->table_name);
}

bool
cdc_change_is_stored(const struct cdc_config *config, const struct cdc_filters *filters, const struct cdc_change *change)
{
    if (!config->history_only_captured_tables || is_global_set(change->database, change->ddl))
        return true;
    return change->table_name && cdc_filters_has_table(filters, change->table_database, change->table_name);
}

/* ---- schemas ------------------------------------------------------------------------------------------------------------ */

struct field {
    const char *name;
    enum schema_type type;
    bool is_optional;
};

static struct schema_builder *
struct_builder(const char *name)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    schema_builder_name(builder, name);
    schema_builder_version(builder, 1);
    return builder;
}

static void
add_field(struct schema_builder *builder, const char *name, const struct schema *schema)
{
    schema_builder_field(builder, name, schema);
    schema_unref(schema);
}

static void
add_fields(struct schema_builder *builder, const struct field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_field(builder, fields[i].name, schema_primitive(fields[i].type, fields[i].is_optional));
}

/* Takes the schema of the items. */
static const struct schema *
array_of(const struct schema *items, bool is_optional)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_ARRAY);
    schema_builder_optional(builder, is_optional);
    schema_builder_value(builder, items);
    schema_unref(items);
    return schema_builder_finish(builder);
}

static const struct schema *
column_schema(void)
{
    static const struct field fields[] = {
        {"name", SCHEMA_STRING, false}, {"jdbcType", SCHEMA_INT32, false}, {"nativeType", SCHEMA_INT32, true},
        {"typeName", SCHEMA_STRING, false}, {"typeExpression", SCHEMA_STRING, true}, {"charsetName", SCHEMA_STRING, true},
        {"length", SCHEMA_INT32, true}, {"scale", SCHEMA_INT32, true}, {"position", SCHEMA_INT32, false},
        {"optional", SCHEMA_BOOLEAN, true}, {"autoIncremented", SCHEMA_BOOLEAN, true}, {"generated", SCHEMA_BOOLEAN, true},
        {"comment", SCHEMA_STRING, true}, {"defaultValueExpression", SCHEMA_STRING, true},
    };
    struct schema_builder *builder = struct_builder("io.debezium.connector.schema.Column");
    add_fields(builder, fields, sizeof(fields) / sizeof(*fields));
    add_field(builder, "enumValues", array_of(schema_primitive(SCHEMA_STRING, false), true));
    return schema_builder_finish(builder);
}

static const struct schema *
table_schema(void)
{
    struct schema_builder *builder = struct_builder("io.debezium.connector.schema.Table");
    schema_builder_optional(builder, true);
    add_field(builder, "defaultCharsetName", schema_primitive(SCHEMA_STRING, true));
    add_field(builder, "primaryKeyColumnNames", array_of(schema_primitive(SCHEMA_STRING, false), true));
    add_field(builder, "columns", array_of(column_schema(), false));
    add_field(builder, "comment", schema_primitive(SCHEMA_STRING, true));
    return schema_builder_finish(builder);
}

static const struct schema *
change_schema(void)
{
    struct schema_builder *builder = struct_builder("io.debezium.connector.schema.Change");
    add_field(builder, "type", schema_primitive(SCHEMA_STRING, false));
    add_field(builder, "id", schema_primitive(SCHEMA_STRING, false));
    add_field(builder, "table", table_schema());
    return schema_builder_finish(builder);
}

static struct schema_builder *
own_builder(const struct cdc_config *config, const char *kind)
{
    struct strbuf name = STRBUF_INIT;
    strbuf_printf(&name, "io.debezium.connector.%s.%s", config->dialect->connector, kind);
    struct schema_builder *builder = struct_builder(name.data);
    strbuf_fini(&name);
    return builder;
}

const struct schema *
cdc_schema_change_key_schema(const struct cdc_config *config)
{
    struct schema_builder *builder = own_builder(config, "SchemaChangeKey");
    add_field(builder, "databaseName", schema_primitive(SCHEMA_STRING, false));
    return schema_builder_finish(builder);
}

const struct schema *
cdc_schema_change_value_schema(const struct cdc_config *config, const struct schema *source)
{
    static const struct field fields[] = {
        {"ts_ms", SCHEMA_INT64, false}, {"databaseName", SCHEMA_STRING, true}, {"schemaName", SCHEMA_STRING, true},
        {"ddl", SCHEMA_STRING, true},
    };
    struct schema_builder *builder = own_builder(config, "SchemaChangeValue");
    schema_builder_field(builder, "source", source);
    add_fields(builder, fields, sizeof(fields) / sizeof(*fields));
    add_field(builder, "tableChanges", array_of(change_schema(), false));
    return schema_builder_finish(builder);
}

/* ---- values -------------------------------------------------------------------------------------------------------------- */

static struct value
text_value(const char *text, struct arena *arena)
{
    return text ? value_string(arena_strdup(arena, text), strlen(text)) : VALUE_NONE;
}

static struct value
number_value(int number)
{
    return number == CDC_UNSET ? VALUE_NONE : value_int(number);
}

static struct value
list_value(enum value_kind kind, struct value *items, size_t count)
{
    return (struct value){.kind = (uint8_t)kind, .len = (uint32_t)count, .as.items = items};
}

static struct value
texts_value(const char *const *texts, size_t count, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = text_value(texts[i], arena);
    return list_value(VALUE_ARRAY, items, count);
}

static struct value
column_value(const struct cdc_column *column, struct arena *arena)
{
    const struct value fields[] = {
        text_value(column->name, arena),
        value_int(column->jdbc_type),
        VALUE_NONE,
        text_value(column->type_name, arena),
        text_value(column->type_name, arena),
        text_value(column->charset, arena),
        number_value(column->length),
        number_value(column->scale),
        value_int(column->position),
        value_boolean(column->is_optional),
        value_boolean(column->is_auto_incremented),
        value_boolean(column->is_generated),
        text_value(column->comment, arena),
        text_value(column->default_value, arena),
        column->enum_count ? texts_value(column->enum_texts, column->enum_count, arena) : VALUE_NONE,
    };
    size_t count = sizeof(fields) / sizeof(*fields);
    struct value *items = arena_array(arena, struct value, count);
    memcpy(items, fields, sizeof(fields));
    return list_value(VALUE_STRUCT, items, count);
}

static struct value
table_value(const struct cdc_table *table, struct arena *arena)
{
    struct value *columns = arena_array(arena, struct value, table->column_count + 1);
    for (size_t i = 0; i < table->column_count; i++)
        columns[i] = column_value(&table->columns[i], arena);
    struct value *items = arena_array(arena, struct value, 4);
    items[0] = text_value(table->charset, arena);
    items[1] = texts_value(table->key, table->key_count, arena);
    items[2] = list_value(VALUE_ARRAY, columns, table->column_count);
    items[3] = text_value(table->comment, arena);
    return list_value(VALUE_STRUCT, items, 4);
}

/* One change, or none: of a view, a database, a truncated table. */
static struct value
table_changes(const struct cdc_change *change, struct arena *arena)
{
    const char *type = cdc_change_type(change);
    if (!type)
        return list_value(VALUE_ARRAY, NULL, 0);
    struct strbuf id = STRBUF_INIT;
    cdc_change_id(&id, change->table_database, change->table_name);
    struct value *items = arena_array(arena, struct value, 3), *changes = arena_array(arena, struct value, 1);
    items[0] = text_value(type, arena);
    items[1] = text_value(id.data, arena);
    items[2] = change->table ? table_value(change->table, arena) : VALUE_NONE;
    strbuf_fini(&id);
    changes[0] = list_value(VALUE_STRUCT, items, 3);
    return list_value(VALUE_ARRAY, changes, 1);
}

struct value
cdc_schema_change_key(const struct cdc_change *change, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, 1);
    items[0] = text_value(change->database, arena);
    return list_value(VALUE_STRUCT, items, 1);
}

struct value
cdc_schema_change_value(const struct cdc_change *change, struct value source, int64_t ts_ms, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, 6);
    items[0] = source;
    items[1] = value_int(ts_ms);
    items[2] = text_value(change->database, arena);
    items[3] = VALUE_NONE;
    items[4] = text_value(change->ddl, arena);
    items[5] = table_changes(change, arena);
    return list_value(VALUE_STRUCT, items, 6);
}
