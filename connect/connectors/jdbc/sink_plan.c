/* Plans and the statements that follow from them. */
#include "connect/connectors/jdbc/sink_plan.h"

#include "common/base/alloc.h"
#include "connect/connectors/jdbc/dialect.h"

#include <stdlib.h>
#include <string.h>

/* ---- shapes -------------------------------------------------------------------------------------------------- */

static void
shape_fini(struct sink_shape *shape)
{
    for (size_t i = 0; i < shape->slot_count; i++)
        free(shape->slots[i].before);
    free(shape->slots);
    free(shape->head);
    free(shape->after);
    free(shape->tail);
    *shape = (struct sink_shape){0};
}

/* What was collected in `before` stands in front of this column's value. */
static void
add_slot(struct sink_shape *shape, struct strbuf *before, const struct sink_column *column)
{
    shape->slots = xrealloc(shape->slots, (shape->slot_count + 1) * sizeof(*shape->slots));
    struct sink_slot *slot = &shape->slots[shape->slot_count++];
    slot->before_len = before->len;
    slot->before = strbuf_take(before);
    slot->column = column;
}

static void
add_name(const struct sink_config *config, const struct sink_plan *plan, size_t i, struct strbuf *out)
{
    jdbc_name_write(out, plan->fields.items[i].name, config->quote);
}

/* INSERT INTO t(a,b) VALUES(1,2),(3,4); upserts are written in lower case, as Java does */
static void
make_insert(struct sink_plan *plan, const struct sink_config *config, const char *sql, bool is_upsert)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "%s %s(", is_upsert ? "insert into" : "INSERT INTO", sql);
    for (size_t i = 0; i < plan->fields.count; i++) {
        strbuf_puts(&text, i ? "," : "");
        add_name(config, plan, i, &text);
    }
    strbuf_puts(&text, is_upsert ? ") values" : ") VALUES");
    plan->write.head = strbuf_take(&text);
    for (size_t i = 0; i < plan->fields.count; i++) {
        strbuf_putc(&text, i ? ',' : '(');
        add_slot(&plan->write, &text, &plan->columns[i]);
    }
    plan->write.after = xstrdup(")");
    plan->write.separator = ',';
}

static void
make_upsert(struct sink_plan *plan, const struct sink_config *config, const char *sql)
{
    make_insert(plan, config, sql, true);
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, " on duplicate key update ");
    size_t first = plan->fields.key_count < plan->fields.count ? plan->fields.key_count : 0;
    for (size_t i = first; i < plan->fields.count; i++) {
        strbuf_puts(&text, i > first ? "," : "");
        add_name(config, plan, i, &text);
        strbuf_puts(&text, "=values(");
        add_name(config, plan, i, &text);
        strbuf_putc(&text, ')');
    }
    plan->write.tail = strbuf_take(&text);
}

/* " WHERE a = 1 AND b = 2"; nothing at all without a key */
static void
add_where(struct sink_shape *shape, const struct sink_plan *plan, const struct sink_config *config, struct strbuf *text)
{
    for (size_t i = 0; i < plan->fields.key_count; i++) {
        strbuf_puts(text, i ? " AND " : " WHERE ");
        add_name(config, plan, i, text);
        strbuf_puts(text, " = ");
        add_slot(shape, text, &plan->columns[i]);
    }
    shape->separator = ';';
    shape->after = strbuf_take(text);
    shape->head = xstrdup("");
    shape->tail = xstrdup("");
}

static void
make_update(struct sink_plan *plan, const struct sink_config *config, const char *sql)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "UPDATE %s SET ", sql);
    for (size_t i = plan->fields.key_count; i < plan->fields.count; i++) {
        strbuf_puts(&text, i > plan->fields.key_count ? ", " : "");
        add_name(config, plan, i, &text);
        strbuf_puts(&text, " = ");
        add_slot(&plan->write, &text, &plan->columns[i]);
    }
    if (plan->fields.key_count == plan->fields.count) { /* nothing to change: say so in valid SQL */
        add_name(config, plan, 0, &text);
        strbuf_puts(&text, " = ");
        add_name(config, plan, 0, &text);
    }
    add_where(&plan->write, plan, config, &text);
}

/* One DELETE a row: a list of keys would be deleted in the order of the index, which triggers see. */
static void
make_delete(struct sink_plan *plan, const struct sink_config *config, const char *sql)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "DELETE FROM %s", sql);
    add_where(&plan->remove, plan, config, &text);
}

/* ---- plans ---------------------------------------------------------------------------------------------------- */

static void
make_columns(struct sink_plan *plan, const struct sink_config *config)
{
    plan->columns = xcalloc(plan->fields.count, sizeof(*plan->columns));
    for (size_t i = 0; i < plan->fields.count; i++) {
        const struct sink_field *field = &plan->fields.items[i];
        struct sink_column *column = &plan->columns[i];
        *column = (struct sink_column){
            .write = sink_writer_find(field->schema, string_list_has(&config->timestamp_fields, field->name)),
            .source = field->source, .index = field->index};
        const struct value *value = field->schema->default_value;
        if (value && value->kind != VALUE_NULL && (field->is_key || config->replace_null_with_default))
            column->instead_of_null = value;
    }
}

static bool
make_shapes(struct sink_plan *plan, const struct sink_config *config, const char *sql, const char *shown, struct error *err)
{
    bool has_key = plan->fields.key_count > 0;
    if (config->insert_mode == SINK_UPSERT && !has_key)
        return error_set(err, ERROR_CONFIG,
                         "Write to table '%s' in UPSERT mode requires key field names to be known, check the primary key "
                         "configuration", shown);
    if (config->insert_mode == SINK_INSERT)
        make_insert(plan, config, sql, false);
    else if (config->insert_mode == SINK_UPSERT)
        make_upsert(plan, config, sql);
    else
        make_update(plan, config, sql);
    if (!plan->write.tail)
        plan->write.tail = xstrdup("");
    if (config->delete_enabled)
        make_delete(plan, config, sql);
    return true;
}

struct sink_plan *
sink_plan_new(const struct sink_config *config, const char *name, const char *sql, const char *shown,
              const struct schema *key_schema, const struct schema *value_schema, struct error *err)
{
    struct sink_plan *plan = xcalloc(1, sizeof(*plan));
    plan->key_schema = schema_ref(key_schema);
    plan->value_schema = schema_ref(value_schema);
    if (sink_fields_init(&plan->fields, config, name, key_schema, value_schema, err)) {
        make_columns(plan, config);
        if (make_shapes(plan, config, sql, shown, err))
            return plan;
    }
    sink_plan_free(plan);
    return NULL;
}

void
sink_plan_free(struct sink_plan *plan)
{
    if (!plan)
        return;
    shape_fini(&plan->write);
    shape_fini(&plan->remove);
    free(plan->columns);
    sink_fields_fini(&plan->fields);
    schema_unref(plan->key_schema);
    schema_unref(plan->value_schema);
    free(plan);
}

/* ---- statements -------------------------------------------------------------------------------------------------- */

void
sink_statement_reset(struct sink_statement *statement)
{
    strbuf_reset(&statement->text);
    statement->count = 0;
    statement->shape = NULL;
}

void
sink_statement_fini(struct sink_statement *statement)
{
    strbuf_fini(&statement->text);
    free(statement->rows);
    *statement = (struct sink_statement){0};
}

bool
sink_statement_takes(const struct sink_statement *statement, const struct sink_shape *shape)
{
    const struct sink_shape *has = statement->shape;
    if (statement->count == 0 || has == shape)
        return true;
    return has->separator == shape->separator && strcmp(has->head, shape->head) == 0 && strcmp(has->tail, shape->tail) == 0;
}

static const struct value *
struct_item(const struct value *value, int index)
{
    static const struct value none = {.kind = VALUE_NULL};
    return value->kind == VALUE_STRUCT && (uint32_t)index < value->len ? &value->as.items[index] : &none;
}

const struct value *
sink_column_value(const struct sink_column *column, const struct record *record, struct value *made)
{
    switch (column->source) {
    case SINK_FROM_VALUE_FIELD:
        return struct_item(&record->value, column->index);
    case SINK_FROM_KEY_FIELD:
        return struct_item(&record->key, column->index);
    case SINK_FROM_KEY:
        return &record->key;
    case SINK_FROM_VALUE:
        return &record->value;
    case SINK_FROM_TOPIC:
        *made = value_string(record->topic, strlen(record->topic));
        return made;
    case SINK_FROM_PARTITION:
        *made = value_int(record->partition);
        return made;
    case SINK_FROM_OFFSET:
        *made = value_int(record->offset);
        return made;
    }
    return NULL;
}

static bool
write_row(struct strbuf *text, const struct sink_shape *shape, const struct sink_format *format,
          const struct record *record, struct error *err)
{
    for (size_t i = 0; i < shape->slot_count; i++) {
        const struct sink_slot *slot = &shape->slots[i];
        strbuf_add(text, slot->before, slot->before_len);
        struct value made;
        const struct value *value = sink_column_value(slot->column, record, &made);
        if (value->kind == VALUE_NULL)
            value = slot->column->instead_of_null;
        if (!value)
            strbuf_add(text, "NULL", 4);
        else if (!slot->column->write(format, text, value, err))
            return false;
    }
    strbuf_puts(text, shape->after);
    return true;
}

bool
sink_statement_add(struct sink_statement *statement, const struct sink_shape *shape, const struct sink_format *format,
                   const struct record *record, size_t index, struct error *err)
{
    struct strbuf *text = &statement->text;
    size_t before = text->len;
    if (statement->count == 0) {
        strbuf_reset(text);
        strbuf_puts(text, shape->head);
        statement->shape = shape;
    } else {
        strbuf_putc(text, shape->separator);
    }
    size_t at = text->len;
    if (!write_row(text, shape, format, record, err)) {
        text->len = before;
        text->data[before] = '\0';
        return false;
    }
    if (statement->count == statement->size) {
        statement->size = statement->size ? 2 * statement->size : 256;
        statement->rows = xrealloc(statement->rows, statement->size * sizeof(*statement->rows));
    }
    statement->rows[statement->count++] = (struct sink_row){.at = at, .record = index};
    return true;
}

void
sink_statement_slice(const struct sink_statement *statement, size_t from, size_t to, struct strbuf *out)
{
    size_t begin = statement->rows[from].at;
    size_t end = to < statement->count ? statement->rows[to].at - 1 : statement->text.len;
    strbuf_reset(out);
    strbuf_puts(out, statement->shape->head);
    strbuf_add(out, statement->text.data + begin, end - begin);
    strbuf_puts(out, statement->shape->tail);
}
