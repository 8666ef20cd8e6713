/* Converters of columns: schema, default and mask around the conversion of the column's kind (value_convert.c). */
#include "connect/connectors/binlog/value.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/regex.h"
#include "connect/connectors/binlog/row_image.h"
#include "connect/connectors/binlog/value_priv.h"
#include "connect/connectors/binlog/value_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("io.debezium.connector.binlog.jdbc.BinlogValueConverters");

/* ---- custom converters ---------------------------------------------------------------------------------------------------- */

#define TINYINT_CONVERTER "io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter"

/* Does the converter `name` of the setting take the column? */
static bool
takes(const struct cdc_config *config, const char *name, const char *label, const struct cdc_column *column, bool *takes_out,
      struct error *err)
{
    char key[256];
    snprintf(key, sizeof(key), "%s.type", name);
    const char *type = config_get_or(config->cfg, key, "");
    if (strcmp(type, TINYINT_CONVERTER) != 0)
        return error_set(err, ERROR_CONFIG, "the converter '%s' of type '%s' is not known: " TINYINT_CONVERTER " is", name, type);
    snprintf(key, sizeof(key), "%s.length.checker", name);
    bool checks_length = strcasecmp(config_get_or(config->cfg, key, "true"), "true") == 0;
    bool is_tiny = column->type == CDC_TINYINT && !column->is_zerofill;
    *takes_out = is_tiny && (!checks_length || column->length == 1);
    snprintf(key, sizeof(key), "%s.selector", name);
    const char *selector = config_get_or(config->cfg, key, "");
    if (!*takes_out || !*selector)
        return true;
    struct regex *regex = regex_new(selector, err);
    if (!regex)
        return error_wrap(err, "%s", key);
    *takes_out = regex_matches(regex, label);
    regex_free(regex);
    return true;
}

static bool
apply_custom(const struct cdc_config *config, const char *label, const struct cdc_column *column, struct cdc_kind *kind,
             struct error *err)
{
    char *names = xstrdup(config->converters ? config->converters : ""), *rest = names, *name;
    bool ok = true;
    while (ok && (name = strtok_r(rest, ", ", &rest))) {
        bool takes_it = false;
        ok = takes(config, name, label, column, &takes_it, err);
        if (ok && takes_it)
            *kind = cdc_kind_boolean;
    }
    free(names);
    return ok;
}

/* ---- schemas ---------------------------------------------------------------------------------------------------------------- */

/* As the records show them: a comma inside a value has a backslash in front. */
static void
set_options(struct cdc_value_converter *converter, struct strbuf *allowed)
{
    const struct cdc_column *column = converter->column;
    converter->options = arena_array(&converter->arena, struct value, column->enum_count + 1);
    converter->option_count = column->enum_count;
    for (size_t i = 0; i < column->enum_count; i++) {
        if (i)
            strbuf_putc(allowed, ',');
        size_t start = allowed->len;
        for (const char *at = column->enum_values[i]; *at; at++) {
            if (*at == ',')
                strbuf_putc(allowed, '\\');
            strbuf_putc(allowed, *at);
        }
        size_t len = allowed->len - start;
        converter->options[i] = value_string(arena_memdup(&converter->arena, allowed->data ? allowed->data + start : "", len), len);
    }
}

static void
add_number_parameter(struct schema_builder *builder, const char *name, int number)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", number);
    schema_builder_parameter(builder, name, text);
}

static void
add_field(struct schema_builder *builder, const char *name, enum schema_type type, bool is_optional)
{
    const struct schema *schema = schema_primitive(type, is_optional);
    schema_builder_field(builder, name, schema);
    schema_unref(schema);
}

/* Fields, items and parameters that belong to the kind. */
static void
describe_kind(struct cdc_value_converter *converter, const struct cdc_kind *kind, struct schema_builder *builder)
{
    const struct cdc_column *column = converter->column;
    if (kind->name && strcmp(kind->name, SCHEMA_DECIMAL_NAME) == 0) {
        bool is_wide = column->type == CDC_BIGINT;
        add_number_parameter(builder, "scale", is_wide || column->scale < 0 ? 0 : column->scale);
        add_number_parameter(builder, "connect.decimal.precision", is_wide ? 20 : column->length);
    } else if (column->type == CDC_BIT && kind->type == SCHEMA_BYTES) {
        add_number_parameter(builder, "length", column->length);
    } else if (column->type == CDC_ENUM || column->type == CDC_SET) {
        struct strbuf allowed = STRBUF_INIT;
        strbuf_puts(&allowed, "");
        set_options(converter, &allowed);
        schema_builder_parameter(builder, "allowed", allowed.data);
        strbuf_fini(&allowed);
    } else if (column->type == CDC_VECTOR) {
        const struct schema *items = schema_primitive(SCHEMA_FLOAT32, false);
        schema_builder_value(builder, items);
        schema_unref(items);
    } else if (kind->type == SCHEMA_STRUCT) {
        bool is_point = column->type == CDC_POINT;
        if (is_point) {
            add_field(builder, "x", SCHEMA_FLOAT64, false);
            add_field(builder, "y", SCHEMA_FLOAT64, false);
        }
        add_field(builder, "wkb", SCHEMA_BYTES, is_point);
        add_field(builder, "srid", SCHEMA_INT32, true);
        schema_builder_doc(builder, is_point ? "Geometry (POINT)" : "Geometry");
    }
}

static void
describe_source(const struct cdc_column *column, struct schema_builder *builder)
{
    schema_builder_parameter(builder, "__debezium.source.column.type", column->type_name);
    if (column->length != CDC_UNSET)
        add_number_parameter(builder, "__debezium.source.column.length", column->length);
    if (column->scale != CDC_UNSET)
        add_number_parameter(builder, "__debezium.source.column.scale", column->scale);
    if (column->comment && *column->comment)
        schema_builder_parameter(builder, "__debezium.source.column.comment", column->comment);
    schema_builder_parameter(builder, "__debezium.source.column.name", column->name);
}

static struct schema_builder *
describe(struct cdc_value_converter *converter, const struct cdc_kind *kind, const struct cdc_mask *mask, bool propagates)
{
    const struct cdc_column *column = converter->column;
    struct schema_builder *builder = schema_builder_new(column->is_unsigned ? kind->unsigned_type : kind->type);
    if (kind->name) {
        schema_builder_name(builder, kind->name);
        schema_builder_version(builder, 1);
    }
    describe_kind(converter, kind, builder);
    if (propagates)
        describe_source(column, builder);
    if (mask)
        cdc_mask_describe(mask, column, builder);
    schema_builder_optional(builder, column->is_optional);
    if (column->comment)
        schema_builder_doc(builder, column->comment);
    return builder;
}

/* ---- life --------------------------------------------------------------------------------------------------------------------- */

/* What NULL becomes where it is not allowed: the default, else what the type has. */
static void
set_fallback(struct cdc_value_converter *converter, const struct cdc_kind *kind, const struct value *given)
{
    converter->fallback = given ? *given : kind->conversion->fallback;
    const struct cdc_column *column = converter->column;
    if (given)
        return;
    if (converter->fallback.kind == VALUE_DECIMAL)
        converter->fallback.scale = (int16_t)(column->scale < 0 ? 0 : column->scale);
    bool is_temporal = column->type == CDC_DATE || column->type == CDC_TIME || column->type == CDC_DATETIME;
    struct binlog_time epoch = {.year = 1970, .month = 1, .day = 1};
    if (is_temporal && !cdc_time_value(column->type, converter->config->time_mode, column->length, &epoch, &converter->arena, &converter->fallback))
        converter->fallback = VALUE_NONE;
}

static enum cdc_failure_mode
failure_mode(const struct cdc_config *config)
{
    const char *mode = config_get_or(config->cfg, "event.converting.failure.handling.mode", "warn");
    return strcasecmp(mode, "fail") == 0 ? CDC_FAILURE_FAIL : strcasecmp(mode, "skip") == 0 ? CDC_FAILURE_SKIP : CDC_FAILURE_WARN;
}

bool
cdc_value_converter_new(const struct cdc_config *config, const struct cdc_filters *filters, const struct cdc_table *table,
                        const struct cdc_column *column, struct cdc_value_converter **out, struct error *err)
{
    struct cdc_value_converter *converter = xcalloc(1, sizeof(*converter));
    converter->config = config;
    converter->column = column;
    converter->on_failure = failure_mode(config);
    converter->charset = cdc_charset_new(column->charset);
    converter->label = arena_printf(&converter->arena, "%s.%s.%s", table->database, table->name, column->name);
    const struct cdc_mask *mask = filters ? cdc_filters_mask(filters, table, column) : NULL;
    struct cdc_kind kind = cdc_kind_of(config, column);
    if (!apply_custom(config, converter->label, column, &kind, err) || (mask && !cdc_mask_hand_new(mask, column, &converter->mask, err))) {
        cdc_value_converter_free(converter);
        return false;
    }
    converter->conversion = kind.conversion;
    struct schema_builder *builder = describe(converter, &kind, mask, filters && cdc_filters_propagates(filters, table, column));
    struct value given;
    bool has_default = column->has_default && cdc_value_default(converter, &given);
    if (has_default)
        schema_builder_default(builder, &given);
    converter->schema = schema_builder_finish(builder);
    set_fallback(converter, &kind, has_default ? &given : NULL);
    *out = converter;
    return true;
}

void
cdc_value_converter_free(struct cdc_value_converter *converter)
{
    if (!converter)
        return;
    schema_unref(converter->schema);
    cdc_charset_free(converter->charset);
    cdc_mask_hand_free(converter->mask);
    strbuf_fini(&converter->scratch);
    arena_fini(&converter->arena);
    free(converter);
}

const struct schema *
cdc_value_schema(const struct cdc_value_converter *converter)
{
    return converter->schema;
}

/* ---- converting ------------------------------------------------------------------------------------------------------------- */

/* The end of both ways: NULL, failures, masks. */
static bool
finish(struct cdc_value_converter *converter, enum cdc_outcome outcome, struct arena *arena, struct value *out, struct error *err)
{
    if (outcome == CDC_MISSING) {
        *out = converter->column->is_optional ? VALUE_NONE : converter->fallback;
    } else if (outcome == CDC_IMPOSSIBLE) {
        if (converter->on_failure == CDC_FAILURE_FAIL)
            return error_wrap(err, "Failed to properly convert data value for '%s' of type %s", converter->label,
                              converter->column->type_name);
        if (converter->on_failure == CDC_FAILURE_WARN && !converter->has_warned)
            log_warn("Failed to properly convert data value for '%s' of type %s: %s (said once)", converter->label,
                     converter->column->type_name, err->message);
        converter->has_warned = true;
        *out = VALUE_NONE;
    }
    if (converter->mask)
        cdc_mask_apply(converter->mask, out, arena);
    return true;
}

bool
cdc_value_from_text(struct cdc_value_converter *converter, const char *text, size_t len, struct arena *arena, struct value *out,
                    struct error *err)
{
    enum cdc_outcome outcome = text ? converter->conversion->from_text(converter, text, len, arena, out, err) : CDC_MISSING;
    if (outcome == CDC_VALUE && !converter->mask)
        return true;
    return finish(converter, outcome, arena, out, err);
}

bool
cdc_value_from_cell(struct cdc_value_converter *converter, const struct binlog_cell *cell, struct arena *arena, struct value *out,
                    struct error *err)
{
    if (cell->kind == BINLOG_CELL_ABSENT)
        return error_set(err, ERROR_DATA, "the log does not have the value of %s: set binlog_row_image=FULL on the server",
                         converter->label);
    enum cdc_outcome outcome = cell->kind == BINLOG_CELL_NULL
                                   ? CDC_MISSING
                                   : converter->conversion->from_cell(converter, cell, arena, out, err);
    if (outcome == CDC_VALUE && !converter->mask)
        return true;
    return finish(converter, outcome, arena, out, err);
}
