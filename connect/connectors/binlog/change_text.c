/* The JSON of the history: written by hand, because its blanks and the order of its members are the original's; read with
   jansson. */
#include "connect/connectors/binlog/change_text.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/connectors/binlog/ddl_priv.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("connect.connectors.binlog.history");

/* ---- names ---------------------------------------------------------------------------------------------------------------- */

const char *
cdc_change_type(const struct cdc_change *change)
{
    if (change->kind == CDC_CHANGE_DROP)
        return "DROP";
    if (!change->table)
        return NULL;
    return change->kind == CDC_CHANGE_CREATE ? "CREATE" : change->kind == CDC_CHANGE_ALTER ? "ALTER" : NULL;
}

static void
add_double_quoted(struct strbuf *out, const char *name)
{
    strbuf_putc(out, '"');
    for (const char *c = name; *c; c++) {
        if (*c == '"')
            strbuf_putc(out, '"');
        strbuf_putc(out, *c);
    }
    strbuf_putc(out, '"');
}

void
cdc_change_id(struct strbuf *out, const char *database, const char *table)
{
    add_double_quoted(out, database);
    strbuf_putc(out, '.');
    add_double_quoted(out, table);
}

/* One part of "database"."table" or database.table, from *at on. */
static char *
take_id_part(const char **at)
{
    struct strbuf part = STRBUF_INIT;
    const char *c = *at;
    if (*c == '"') {
        for (c++; *c && (*c != '"' || c[1] == '"'); c++) {
            c += *c == '"';
            strbuf_putc(&part, *c);
        }
        c += *c == '"';
    } else {
        for (; *c && *c != '.'; c++)
            strbuf_putc(&part, *c);
    }
    *at = c + (*c == '.');
    return strbuf_take(&part);
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------ */

/* A document under way: where it goes and how deep it is. Arrays do not count, as in the original. */
struct writer {
    struct strbuf *out;
    int depth;
    bool has_members; /* of the present object */
};

static void
write_string(struct writer *writer, const char *text)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    strbuf_putc(writer->out, '"');
    for (const char *c = text; *c; c++) {
        const char *at = strchr(from, *c);
        if (at)
            strbuf_printf(writer->out, "\\%c", to[at - from]);
        else if ((unsigned char)*c < 0x20)
            strbuf_printf(writer->out, "\\u%04X", (unsigned char)*c);
        else
            strbuf_putc(writer->out, *c);
    }
    strbuf_putc(writer->out, '"');
}

static void
new_line(struct writer *writer)
{
    strbuf_putc(writer->out, '\n');
    for (int i = 0; i < writer->depth; i++)
        strbuf_puts(writer->out, "  ");
}

static void
open_object(struct writer *writer)
{
    strbuf_putc(writer->out, '{');
    writer->depth++;
    writer->has_members = false;
}

static void
close_object(struct writer *writer)
{
    writer->depth--;
    if (writer->has_members)
        new_line(writer);
    else
        strbuf_putc(writer->out, ' ');
    strbuf_putc(writer->out, '}');
    writer->has_members = true;
}

static void
member(struct writer *writer, const char *name)
{
    if (writer->has_members)
        strbuf_putc(writer->out, ',');
    writer->has_members = true;
    new_line(writer);
    write_string(writer, name);
    strbuf_puts(writer->out, " : ");
}

static void
member_text(struct writer *writer, const char *name, const char *text)
{
    member(writer, name);
    if (text)
        write_string(writer, text);
    else
        strbuf_puts(writer->out, "null");
}

static void
member_int(struct writer *writer, const char *name, int64_t number)
{
    member(writer, name);
    strbuf_add_int(writer->out, number);
}

static void
member_boolean(struct writer *writer, const char *name, bool boolean)
{
    member(writer, name);
    strbuf_puts(writer->out, boolean ? "true" : "false");
}

static void
member_texts(struct writer *writer, const char *name, const char *const *texts, size_t count)
{
    member(writer, name);
    strbuf_putc(writer->out, '[');
    for (size_t i = 0; i < count; i++) {
        strbuf_puts(writer->out, i ? ", " : " ");
        write_string(writer, texts[i]);
    }
    strbuf_puts(writer->out, " ]");
}

static void
write_column(struct writer *writer, const struct cdc_column *column)
{
    open_object(writer);
    member_text(writer, "name", column->name);
    member_int(writer, "jdbcType", column->jdbc_type);
    member_text(writer, "typeName", column->type_name);
    member_text(writer, "typeExpression", column->type_name);
    member_text(writer, "charsetName", column->charset);
    if (column->length != CDC_UNSET)
        member_int(writer, "length", column->length);
    if (column->scale != CDC_UNSET)
        member_int(writer, "scale", column->scale);
    member_int(writer, "position", column->position);
    member_boolean(writer, "optional", column->is_optional);
    member_boolean(writer, "autoIncremented", column->is_auto_incremented);
    member_boolean(writer, "generated", column->is_generated);
    member_text(writer, "comment", column->comment);
    member_boolean(writer, "hasDefaultValue", column->has_default);
    if (column->default_value)
        member_text(writer, "defaultValueExpression", column->default_value);
    member_texts(writer, "enumValues", column->enum_texts, column->enum_count);
    close_object(writer);
}

static void
write_table(struct writer *writer, const struct cdc_table *table)
{
    open_object(writer);
    member_text(writer, "defaultCharsetName", table->charset);
    member_texts(writer, "primaryKeyColumnNames", table->key, table->key_count);
    member(writer, "columns");
    strbuf_putc(writer->out, '[');
    for (size_t i = 0; i < table->column_count; i++) {
        strbuf_puts(writer->out, i ? ", " : " ");
        write_column(writer, &table->columns[i]);
    }
    strbuf_puts(writer->out, " ]");
    member_texts(writer, "attributes", NULL, 0);
    close_object(writer);
}

static void
member_id(struct writer *writer, const char *name, const char *database, const char *table)
{
    struct strbuf id = STRBUF_INIT;
    cdc_change_id(&id, database, table);
    member_text(writer, name, id.data);
    strbuf_fini(&id);
}

static void
write_table_changes(struct writer *writer, const struct cdc_change *change)
{
    const char *type = cdc_change_type(change);
    member(writer, "tableChanges");
    if (!type) {
        strbuf_puts(writer->out, "[ ]");
        return;
    }
    strbuf_puts(writer->out, "[ ");
    open_object(writer);
    member_text(writer, "type", type);
    member_id(writer, "id", change->table_database, change->table_name);
    if (change->previous_name)
        member_id(writer, "previousId", change->previous_database, change->previous_name);
    if (change->table) {
        member(writer, "table");
        write_table(writer, change->table);
        member_text(writer, "comment", change->table->comment);
    }
    close_object(writer);
    strbuf_puts(writer->out, " ]");
}

static void
write_value(struct writer *writer, const char *name, const json_t *value)
{
    if (json_is_string(value))
        member_text(writer, name, json_string_value(value));
    else if (json_is_integer(value))
        member_int(writer, name, json_integer_value(value));
    else if (json_is_boolean(value))
        member_boolean(writer, name, json_is_true(value));
    else
        member_text(writer, name, NULL);
}

static const char *const position_members[] = {"transaction_id", "ts_sec", "file", "pos", "gtids", "snapshot", "row", "server_id", "event"};
enum { POSITION_MEMBERS = sizeof(position_members) / sizeof(*position_members) };

static bool
is_position_member(const char *name)
{
    for (size_t i = 0; i < POSITION_MEMBERS; i++)
        if (strcmp(position_members[i], name) == 0)
            return true;
    return false;
}

static void
write_position(struct writer *writer, json_t *position)
{
    member(writer, "position");
    open_object(writer);
    for (size_t i = 0; i < POSITION_MEMBERS; i++) {
        const json_t *value = json_object_get(position, position_members[i]);
        if (value)
            write_value(writer, position_members[i], value);
    }
    const char *name;
    json_t *value;
    json_object_foreach(position, name, value)
        if (!is_position_member(name))
            write_value(writer, name, value);
    close_object(writer);
}

static const char *const rebuild_words[] = {[CDC_REBUILD_BEGIN] = "begin", [CDC_REBUILD_END] = "end"};

/* Up to what it is about; the caller goes on, and closes the object. */
static bool
open_record(struct writer *writer, enum cdc_rebuild rebuild, const char *server, const char *position_json, int64_t ts_ms,
            struct error *err)
{
    json_t *position = json_loads(position_json, 0, NULL);
    if (!json_is_object(position)) {
        json_decref(position);
        return error_set(err, ERROR_INTERNAL, "the position of a change is no object: %s", position_json);
    }
    open_object(writer);
    member(writer, "source");
    open_object(writer);
    member_text(writer, "server", server);
    if (rebuild != CDC_REBUILD_NONE)
        member_text(writer, "rebuild", rebuild_words[rebuild]);
    close_object(writer);
    write_position(writer, position);
    member_int(writer, "ts_ms", ts_ms);
    json_decref(position);
    return true;
}

bool
cdc_change_write(const struct cdc_change *change, const char *server, const char *position_json, int64_t ts_ms,
                 struct strbuf *out, struct error *err)
{
    struct writer writer = {.out = out};
    if (!open_record(&writer, CDC_REBUILD_NONE, server, position_json, ts_ms, err))
        return false;
    member_text(&writer, "databaseName", change->database);
    member_text(&writer, "ddl", change->ddl);
    write_table_changes(&writer, change);
    close_object(&writer);
    return true;
}

bool
cdc_rebuild_write(enum cdc_rebuild rebuild, const char *server, const char *position_json, int64_t ts_ms, struct strbuf *out,
                  struct error *err)
{
    struct writer writer = {.out = out};
    if (!open_record(&writer, rebuild, server, position_json, ts_ms, err))
        return false;
    close_object(&writer);
    return true;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------------------- */

static enum cdc_rebuild
read_rebuild(const json_t *source)
{
    const char *word = json_string_value(json_object_get(source, "rebuild"));
    for (size_t i = CDC_REBUILD_BEGIN; word && i < sizeof(rebuild_words) / sizeof(*rebuild_words); i++)
        if (strcmp(word, rebuild_words[i]) == 0)
            return (enum cdc_rebuild)i;
    return CDC_REBUILD_NONE;
}

bool
cdc_change_read(const char *text, size_t len, struct cdc_change_record *out, struct error *err)
{
    *out = (struct cdc_change_record){0};
    json_error_t problem;
    json_t *record = json_loadb(text, len, 0, &problem);
    if (!json_is_object(record)) {
        json_decref(record);
        return error_set(err, ERROR_DATA, "no JSON object: %s", record ? "another value" : problem.text);
    }
    out->server = xstrdup(json_string_value(json_object_get(json_object_get(record, "source"), "server")));
    out->rebuild = read_rebuild(json_object_get(record, "source"));
    const json_t *position = json_object_get(record, "position");
    char *compact = json_is_object(position) ? json_dumps(position, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    out->position_json = xstrdup(compact ? compact : "{}");
    free(compact);
    out->database = xstrdup(json_string_value(json_object_get(record, "databaseName")));
    out->ddl = xstrdup(json_string_value(json_object_get(record, "ddl")));
    out->changes = json_incref(json_object_get(record, "tableChanges"));
    json_decref(record);
    return true;
}

void
cdc_change_record_fini(struct cdc_change_record *record)
{
    free(record->server);
    free(record->position_json);
    free(record->database);
    free(record->ddl);
    json_decref(record->changes);
    *record = (struct cdc_change_record){0};
}

static const char *
text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static int
int_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_integer(value) ? (int)json_integer_value(value) : CDC_UNSET;
}

static const char **
texts_of(const json_t *array, struct arena *arena, size_t *count_out)
{
    const char **texts = arena_array(arena, const char *, json_array_size(array) + 1);
    *count_out = 0;
    for (size_t i = 0; i < json_array_size(array); i++)
        if (json_is_string(json_array_get(array, i)))
            texts[(*count_out)++] = json_string_value(json_array_get(array, i));
    return texts;
}

static bool
read_column(const json_t *object, struct cdc_table *table, struct error *err)
{
    struct arena scratch = ARENA_INIT;
    struct ddl_reader reader = {.arena = &scratch};
    const char *type = text_of(object, "typeName");
    struct cdc_column column = {
        .name = text_of(object, "name"),
        .jdbc_type = int_of(object, "jdbcType"),
        .charset = text_of(object, "charsetName"),
        .length = int_of(object, "length"),
        .scale = int_of(object, "scale"),
        .is_optional = json_is_true(json_object_get(object, "optional")),
        .is_auto_incremented = json_is_true(json_object_get(object, "autoIncremented")),
        .is_generated = json_is_true(json_object_get(object, "generated")),
        .comment = text_of(object, "comment"),
        .has_default = json_is_true(json_object_get(object, "hasDefaultValue")),
        .default_value = text_of(object, "defaultValueExpression"),
    };
    column.has_default |= column.default_value || column.is_optional;
    bool is_fine = column.name && type && ddl_type_find(type, &column);
    if (is_fine) {
        column.enum_texts = texts_of(json_object_get(object, "enumValues"), &scratch, &column.enum_count);
        ddl_enum_values(&reader, &column);
        cdc_table_add(table, &column);
    }
    arena_fini(&scratch);
    return is_fine || error_set(err, ERROR_DATA, "table %s.%s: column %s has the type %s, which is not known", table->database,
                                table->name, column.name ? column.name : "(no name)", type ? type : "(none)");
}

/* What the structure does not say, but its statement did. */
static bool
is_primary_key(const struct cdc_table *stated, const char *const *names, size_t count)
{
    bool is_same = stated && stated->key_count == count;
    for (size_t i = 0; i < count && is_same; i++)
        is_same = strcasecmp(stated->key[i], names[i]) == 0;
    return !is_same || stated->key_is_primary;
}

/* `stated`: what the statement made of the table; NULL: not known. */
static bool
read_table(const json_t *object, const struct cdc_table *stated, struct cdc_table *table, struct error *err)
{
    const char *charset = text_of(object, "defaultCharsetName");
    table->charset = charset ? arena_strdup(&table->arena, charset) : NULL;
    const json_t *columns = json_object_get(object, "columns");
    for (size_t i = 0; i < json_array_size(columns); i++)
        if (!read_column(json_array_get(columns, i), table, err))
            return false;
    struct arena scratch = ARENA_INIT;
    size_t count;
    const char **key = texts_of(json_object_get(object, "primaryKeyColumnNames"), &scratch, &count);
    cdc_table_key(table, key, count, is_primary_key(stated, key, count));
    arena_fini(&scratch);
    return true;
}

static void
remove_table(struct cdc_tables *tables, const char *id)
{
    char *database = take_id_part(&id), *name = take_id_part(&id);
    cdc_tables_remove(tables, database, name);
    free(database);
    free(name);
}

static bool
apply_one(const json_t *change, struct cdc_tables *tables, struct error *err)
{
    const char *type = text_of(change, "type"), *id = text_of(change, "id"), *previous = text_of(change, "previousId");
    const json_t *structure = json_object_get(change, "table");
    if (!type || !id)
        return error_set(err, ERROR_DATA, "a change of a table without type or id");
    if (previous)
        remove_table(tables, previous);
    if (strcmp(type, "DROP") == 0) {
        remove_table(tables, id);
        return true;
    }
    if (!json_is_object(structure))
        return error_set(err, ERROR_DATA, "a change of %s without its structure", id);
    char *database = take_id_part(&id), *name = take_id_part(&id);
    const char *comment = text_of(change, "comment"); /* beside the structure, not in it */
    struct cdc_table *table = cdc_table_new(database, name);
    table->comment = comment ? arena_strdup(&table->arena, comment) : NULL;
    free(database);
    free(name);
    if (!read_table(structure, cdc_tables_get(tables, table->database, table->name), table, err)) {
        cdc_table_unref(table);
        return false;
    }
    cdc_tables_put(tables, table);
    return true;
}

/* The structures of the record take the place of what the statement is understood to make; if it cannot be read, they are
   all there is. */
static void
apply_statement(const struct cdc_change_record *record, struct cdc_tables *tables)
{
    struct cdc_changes changes = CDC_CHANGES_INIT;
    struct error ignored;
    if (json_array_size(record->changes) && record->ddl &&
        !cdc_ddl_apply(tables, record->database, record->ddl, strlen(record->ddl), false, &changes, &ignored))
        log_debug("only the structure of a record of the history is used: %s", ignored.message);
    cdc_changes_fini(&changes);
}

bool
cdc_change_record_apply(const struct cdc_change_record *record, struct cdc_tables *tables, size_t *count_out, struct error *err)
{
    *count_out = json_array_size(record->changes);
    apply_statement(record, tables);
    for (size_t i = 0; i < *count_out; i++)
        if (!apply_one(json_array_get(record->changes, i), tables, err))
            return false;
    return true;
}
