#include "connect/connectors/binlog/envelope.h"

#include "common/base/alloc.h"
#include "connect/connectors/binlog/row_image.h"
#include "connect/data/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { TOPIC_NAME_MAX = 249 };

/* ---- names ------------------------------------------------------------------------------------------------------ */

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Java's characters that a well-formed text of `bytes` bytes is. */
static int
units_of(int bytes)
{
    return bytes == 4 ? 2 : 1;
}

char *
cdc_topic_name(const struct cdc_config *config, const char *database, const char *table)
{
    char *name = xasprintf("%s%s%s%s%s", config->topic_prefix, config->topic_delimiter, database, config->topic_delimiter, table);
    const char *end = name + strlen(name);
    struct strbuf out = STRBUF_INIT;
    for (const char *at = name; at < end && out.len < TOPIC_NAME_MAX;) {
        int bytes = utf8_length(at, end);
        bool is_legal = is_letter(*at) || is_digit(*at) || *at == '.' || *at == '_' || *at == '-';
        for (int i = units_of(bytes); i > 0; i--)
            strbuf_putc(&out, is_legal ? *at : '_');
        at += bytes > 0 ? bytes : 1;
    }
    free(name);
    return strbuf_take(&out);
}

/* What Avro lets a name have; fields have no dots. */
struct adjustment {
    enum cdc_adjustment_mode mode;
    bool is_field;
};

static bool
is_avro(struct adjustment rule, char c, bool is_first)
{
    bool is_start = is_letter(c) || (c == '_' && rule.mode == CDC_ADJUST_AVRO);
    return is_start || (!is_first && (is_digit(c) || (c == '.' && !rule.is_field)));
}

/* One of Java's characters that is not allowed: an underscore, or its number. */
static void
replace_unit(struct adjustment rule, unsigned unit, struct strbuf *out)
{
    if (rule.mode == CDC_ADJUST_AVRO)
        strbuf_putc(out, '_');
    else if (unit <= 0xFF)
        strbuf_printf(out, "_u00%x", unit);
    else
        strbuf_printf(out, "_u%x", unit);
}

static unsigned
code_point(const char *at, int bytes)
{
    const unsigned char *in = (const unsigned char *)at;
    static const unsigned masks[] = {0x7F, 0x7F, 0x1F, 0x0F, 0x07};
    unsigned code = in[0] & masks[bytes];
    for (int i = 1; i < bytes; i++)
        code = code << 6 | (in[i] & 0x3Fu);
    return code;
}

static char *
adjust(struct adjustment rule, const char *name)
{
    if (rule.mode == CDC_ADJUST_NONE)
        return xstrdup(name);
    struct strbuf out = STRBUF_INIT;
    const char *end = name + strlen(name);
    strbuf_puts(&out, "");
    for (const char *at = name; at < end;) {
        int bytes = utf8_length(at, end);
        if (bytes < 1)
            bytes = 1;
        unsigned code = code_point(at, bytes);
        if (bytes == 1 && is_avro(rule, *at, at == name)) {
            strbuf_putc(&out, *at);
        } else if (bytes == 4) {
            replace_unit(rule, 0xD800 + ((code - 0x10000) >> 10), &out);
            replace_unit(rule, 0xDC00 + ((code - 0x10000) & 0x3FF), &out);
        } else {
            replace_unit(rule, code, &out);
            if (at == name && is_digit(*at) && rule.mode == CDC_ADJUST_AVRO)
                strbuf_putc(&out, *at); /* a digit in front is kept behind the underscore */
        }
        at += bytes;
    }
    return strbuf_take(&out);
}

char *
cdc_schema_name(const struct cdc_config *config, const char *name)
{
    return adjust((struct adjustment){config->schema_name_adjustment, false}, name);
}

char *
cdc_field_name(const struct cdc_config *config, const char *name)
{
    return adjust((struct adjustment){config->field_name_adjustment, true}, name);
}

/* ---- schemas ------------------------------------------------------------------------------------------------------ */

static void
add_primitive(struct schema_builder *builder, const char *name, enum schema_type type, bool is_optional)
{
    const struct schema *schema = schema_primitive(type, is_optional);
    schema_builder_field(builder, name, schema);
    schema_unref(schema);
}

const struct schema *
cdc_transaction_block_schema(void)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    schema_builder_name(builder, "event.block");
    schema_builder_version(builder, 1);
    schema_builder_optional(builder, true);
    add_primitive(builder, "id", SCHEMA_STRING, false);
    add_primitive(builder, "total_order", SCHEMA_INT64, false);
    add_primitive(builder, "data_collection_order", SCHEMA_INT64, false);
    return schema_builder_finish(builder);
}

/* "topic.Key" and the like. */
static void
set_name(struct schema_builder *builder, const struct cdc_config *config, const char *topic, const char *what)
{
    char *full = xasprintf("%s.%s", topic, what), *name = cdc_schema_name(config, full);
    schema_builder_name(builder, name);
    free(full);
    free(name);
}

static const struct schema *
envelope_schema(const struct cdc_config *config, const char *topic, const struct schema *row, const struct schema *source)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    const struct schema *transaction = cdc_transaction_block_schema();
    set_name(builder, config, topic, "Envelope");
    schema_builder_version(builder, 2);
    schema_builder_field(builder, "before", row);
    schema_builder_field(builder, "after", row);
    schema_builder_field(builder, "source", source);
    schema_builder_field(builder, "transaction", transaction);
    add_primitive(builder, "op", SCHEMA_STRING, false);
    add_primitive(builder, "ts_ms", SCHEMA_INT64, true);
    add_primitive(builder, "ts_us", SCHEMA_INT64, true);
    add_primitive(builder, "ts_ns", SCHEMA_INT64, true);
    schema_unref(transaction);
    return schema_builder_finish(builder);
}

/* ---- plans -------------------------------------------------------------------------------------------------------- */

static void
fields_fini(struct cdc_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++)
        cdc_value_converter_free(fields->converters[i]);
    free(fields->converters);
    free(fields->columns);
    schema_unref(fields->schema);
}

void
cdc_plan_free(struct cdc_plan *plan)
{
    if (!plan)
        return;
    fields_fini(&plan->key);
    fields_fini(&plan->row);
    schema_unref(plan->envelope);
    cdc_table_unref(plan->table);
    free(plan->topic);
    free(plan);
}

/* Fields for the columns listed. `filters` is NULL for the key. */
static bool
fields_init(struct cdc_fields *fields, const struct cdc_config *config, const struct cdc_filters *filters,
            const struct cdc_plan *plan, const size_t *columns, size_t count, struct error *err)
{
    fields->converters = xcalloc(count + 1, sizeof(*fields->converters));
    fields->columns = xcalloc(count + 1, sizeof(*fields->columns));
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    set_name(builder, config, plan->topic, filters ? "Value" : "Key");
    schema_builder_optional(builder, filters != NULL);
    for (size_t i = 0; i < count; i++) {
        const struct cdc_column *column = &plan->table->columns[columns[i]];
        if (!cdc_value_converter_new(config, filters, plan->table, column, &fields->converters[i], err)) {
            schema_builder_free(builder);
            return false;
        }
        fields->count++;
        fields->columns[i] = columns[i];
        char *name = cdc_field_name(config, column->name);
        schema_builder_field(builder, name, cdc_value_schema(fields->converters[i]));
        free(name);
    }
    fields->schema = schema_builder_finish(builder);
    return true;
}

static bool
plan_fields(struct cdc_plan *plan, const struct cdc_config *config, const struct cdc_filters *filters, struct error *err)
{
    const struct cdc_table *table = plan->table;
    size_t *columns = xcalloc(table->column_count + 1, sizeof(*columns)), count = cdc_filters_key(filters, table, columns);
    bool ok = count == 0 || fields_init(&plan->key, config, NULL, plan, columns, count, err);
    count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (cdc_filters_has_column(filters, table, &table->columns[i]))
            columns[count++] = i;
    ok = ok && fields_init(&plan->row, config, filters, plan, columns, count, err);
    free(columns);
    return ok;
}

struct cdc_plan *
cdc_plan_new(const struct cdc_config *config, const struct cdc_filters *filters, const struct schema *source, struct cdc_table *table,
             struct error *err)
{
    struct cdc_plan *plan = xcalloc(1, sizeof(*plan));
    plan->table = cdc_table_ref(table);
    plan->topic = cdc_topic_name(config, table->database, table->name);
    if (!plan_fields(plan, config, filters, err)) {
        error_wrap(err, "table %s.%s", table->database, table->name);
        cdc_plan_free(plan);
        return NULL;
    }
    plan->envelope = envelope_schema(config, plan->topic, plan->row.schema, source);
    return plan;
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

static bool
fields_texts(const struct cdc_fields *fields, const char *const *texts, const unsigned long *lengths, struct arena *arena,
             struct value *out, struct error *err)
{
    struct value *items = arena_array(arena, struct value, fields->count + 1);
    for (size_t i = 0; i < fields->count; i++) {
        size_t column = fields->columns[i];
        if (!cdc_value_from_text(fields->converters[i], texts[column], lengths[column], arena, &items[i], err))
            return false;
    }
    *out = (struct value){.kind = VALUE_STRUCT, .len = (uint32_t)fields->count, .as.items = items};
    return true;
}

bool
cdc_plan_texts(const struct cdc_plan *plan, const char *const *texts, const unsigned long *lengths, struct arena *arena,
               struct cdc_row *out, struct error *err)
{
    out->key = VALUE_NONE;
    return (!plan->key.schema || fields_texts(&plan->key, texts, lengths, arena, &out->key, err)) &&
           fields_texts(&plan->row, texts, lengths, arena, &out->row, err);
}

static bool
fields_cells(const struct cdc_fields *fields, const struct binlog_cell *cells, struct arena *arena, struct value *out,
             struct error *err)
{
    struct value *items = arena_array(arena, struct value, fields->count + 1);
    for (size_t i = 0; i < fields->count; i++)
        if (!cdc_value_from_cell(fields->converters[i], &cells[fields->columns[i]], arena, &items[i], err))
            return false;
    *out = (struct value){.kind = VALUE_STRUCT, .len = (uint32_t)fields->count, .as.items = items};
    return true;
}

bool
cdc_plan_cells(const struct cdc_plan *plan, const struct binlog_cell *cells, struct arena *arena, struct cdc_row *out,
               struct error *err)
{
    out->key = VALUE_NONE;
    return (!plan->key.schema || fields_cells(&plan->key, cells, arena, &out->key, err)) &&
           fields_cells(&plan->row, cells, arena, &out->row, err);
}

/* ---- envelopes ------------------------------------------------------------------------------------------------------ */

enum envelope_field { E_BEFORE, E_AFTER, E_SOURCE, E_TRANSACTION, E_OP, E_TS_MS, E_TS_US, E_TS_NS, E_COUNT };

struct value
cdc_envelope_make(struct value before, struct value after, struct value source, struct value transaction, const char *op,
                  int64_t ts_us, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, E_COUNT);
    items[E_BEFORE] = before;
    items[E_AFTER] = after;
    items[E_SOURCE] = source;
    items[E_TRANSACTION] = transaction;
    items[E_OP] = value_string(op, strlen(op));
    items[E_TS_MS] = value_int(ts_us / 1000);
    items[E_TS_US] = value_int(ts_us);
    items[E_TS_NS] = value_int(ts_us * 1000);
    return (struct value){.kind = VALUE_STRUCT, .len = E_COUNT, .as.items = items};
}

struct value *
cdc_envelope_source(struct value *envelope)
{
    return &envelope->as.items[E_SOURCE];
}
