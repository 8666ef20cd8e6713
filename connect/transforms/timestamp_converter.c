/*
 * TimestampConverter: an instant from one form (text, unix time, Date, Time, Timestamp) into another, in UTC.
 * Without a schema an instant is an integer of milliseconds, for a date too.
 */
#include "connect/data/calendar.h"
#include "connect/data/data_error.h"
#include "connect/data/date_format.h"
#include "connect/data/java_class.h"
#include "connect/transforms/transform_priv.h"

#include <stdlib.h>
#include <string.h>

#define PURPOSE "converting timestamp formats"

enum form { FORM_STRING, FORM_UNIX, FORM_DATE, FORM_TIME, FORM_TIMESTAMP };
static const char *const form_names[] = {"string", "unix", "Date", "Time", "Timestamp", NULL};
static const char *const precision_names[] = {"nanoseconds", "microseconds", "milliseconds", "seconds", NULL};

struct timestamp_converter {
    struct {
        char *field, *target_type, *format, *precision;
        bool replaces_null;
    } settings;
    enum transform_target target;
    enum form form;                  /* to be converted into */
    int64_t per_ms, ms_per;          /* units of the unix precision in a millisecond, and the reverse */
    struct date_format *format;      /* NULL: none given */
    struct schema_cache derived;
};

static const struct config_row timestamp_converter_rows[] = {
    {TRANSFORM_ROW("field", CONFIG_STRING, "", CONFIG_HIGH, "The field that holds the instant; empty: the whole key or value does.",
                   offsetof(struct timestamp_converter, settings.field))},
    {TRANSFORM_ROW("target.type", CONFIG_STRING, config_no_default, CONFIG_HIGH, "The form wanted: string, unix, Date, Time or Timestamp.",
                   offsetof(struct timestamp_converter, settings.target_type)), .choices = form_names},
    {TRANSFORM_ROW("format", CONFIG_STRING, "", CONFIG_MEDIUM,
                   "How texts are read and written, in the letters of java.text.SimpleDateFormat.",
                   offsetof(struct timestamp_converter, settings.format))},
    {TRANSFORM_ROW("unix.precision", CONFIG_STRING, "milliseconds", CONFIG_LOW,
                   "Unit of unix times, read and written. What is finer than a millisecond is lost.",
                   offsetof(struct timestamp_converter, settings.precision)), .choices = precision_names},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct timestamp_converter, settings.replaces_null)),
    {.name = NULL},
};

static int
index_of(const char *const *names, const char *name)
{
    int i = 0;
    while (strcmp(names[i], name))
        i++;
    return i;
}

static bool
timestamp_converter_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    static const int64_t per_ms[] = {1000000, 1000, 1, 1};
    struct timestamp_converter *transform = state;
    transform->target = target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    if (!config_parse(timestamp_converter_rows, cfg, transform, err))
        return false;
    int precision = index_of(precision_names, transform->settings.precision);
    transform->form = (enum form)index_of(form_names, transform->settings.target_type);
    transform->per_ms = per_ms[precision];
    transform->ms_per = strcmp(transform->settings.precision, "seconds") == 0 ? 1000 : 1;
    if (!*transform->settings.format)
        return transform->form != FORM_STRING ||
               transform_config_error(err, "TimestampConverter requires format option to be specified when using string timestamps");
    struct error cause = ERROR_INIT;
    transform->format = date_format_new(transform->settings.format, &cause);
    return transform->format ||
           transform_config_error(err, "Invalid value java.lang.IllegalArgumentException: %s for configuration TimestampConverter "
                                       "requires a SimpleDateFormat-compatible pattern for string timestamps: %s",
                                  cause.message, transform->settings.format);
}

/* ---- one value --------------------------------------------------------------------------------------------- */

static bool
form_of(const struct schema *schema, const struct value *value, enum form *out, struct error *err)
{
    static const enum form logicals[] = {[SCHEMA_DATE] = FORM_DATE, [SCHEMA_TIME] = FORM_TIME, [SCHEMA_TIMESTAMP] = FORM_TIMESTAMP};
    bool is_text = schema ? schema->type == SCHEMA_STRING : value->kind == VALUE_STRING;
    bool is_unix = schema ? schema->type == SCHEMA_INT64 && schema->logical == SCHEMA_PLAIN : value->kind == VALUE_INT;
    bool is_logical = schema && schema->logical != SCHEMA_PLAIN && schema->logical != SCHEMA_DECIMAL;
    if (is_text || is_unix || is_logical) {
        *out = is_text ? FORM_STRING : is_unix ? FORM_UNIX : logicals[schema->logical];
        return true;
    }
    if (schema)
        return data_error(err, "Schema Schema{%s%s%s} does not correspond to a known timestamp type format",
                          schema->name ? schema->name : "", schema->name ? ":" : "", schema_type_name(schema->type));
    return data_error(err, "TimestampConverter does not support class %s objects as timestamps", java_class_of(NULL, value));
}

/* The instant in milliseconds. */
static bool
instant_of(const struct timestamp_converter *transform, enum form form, const struct value *value, int64_t *ms, struct error *err)
{
    if (form == FORM_STRING) {
        if (!transform->format)
            return data_error(err, "TimestampConverter has no format to read the text %.*s with", (int)value->len, value->as.bytes);
        return date_format_parse(transform->format, value->as.bytes, value->len, ms) ||
               data_error(err, "Could not parse timestamp: value (%.*s) does not match pattern (%s)", (int)value->len,
                          value->as.bytes, transform->settings.format);
    }
    int64_t number = value->as.integer;
    bool fits = true;
    if (form == FORM_DATE)
        fits = !__builtin_mul_overflow(number, CALENDAR_DAY_MS, &number);
    else if (form == FORM_UNIX)
        fits = !__builtin_mul_overflow(number / transform->per_ms, transform->ms_per, &number);
    *ms = number;
    return fits || data_error(err, "Timestamp out of range: %lld", (long long)value->as.integer);
}

static bool
from_instant(const struct timestamp_converter *transform, int64_t ms, bool has_schema, struct arena *arena, struct value *out,
             struct error *err)
{
    struct strbuf text = STRBUF_INIT;
    int64_t number = ms;
    switch (transform->form) {
    case FORM_STRING:
        date_format_print(transform->format, ms, &text);
        *out = value_string(arena_memdup(arena, text.data ? text.data : "", text.len), text.len);
        strbuf_fini(&text);
        return true;
    case FORM_UNIX:
        if (__builtin_mul_overflow(ms / transform->ms_per, transform->per_ms, &number))
            return data_error(err, "Timestamp out of range: %lld", (long long)ms);
        break;
    case FORM_DATE:
        number = calendar_floor_div(ms, CALENDAR_DAY_MS) * (has_schema ? 1 : CALENDAR_DAY_MS);
        break;
    case FORM_TIME:
        number = calendar_floor_mod(ms, CALENDAR_DAY_MS);
        break;
    default:
        break;
    }
    *out = value_int(number);
    return true;
}

static bool
convert(const struct timestamp_converter *transform, const struct schema *schema, struct value *value, struct arena *arena,
        struct error *err)
{
    enum form form = FORM_UNIX;
    int64_t ms = 0;
    if (!schema && value->kind == VALUE_NULL)
        return true;
    if (!form_of(schema, value, &form, err))
        return false;
    return value->kind == VALUE_NULL ||
           (instant_of(transform, form, value, &ms, err) && from_instant(transform, ms, schema != NULL, arena, value, err));
}

/* ---- key or value ------------------------------------------------------------------------------------------------ */

static const struct schema *
target_schema(enum form form, bool is_optional)
{
    switch (form) {
    case FORM_STRING:
        return schema_primitive(SCHEMA_STRING, is_optional);
    case FORM_UNIX:
        return schema_primitive(SCHEMA_INT64, is_optional);
    default:
        return schema_logical_new(form == FORM_DATE   ? SCHEMA_DATE
                                  : form == FORM_TIME ? SCHEMA_TIME
                                                      : SCHEMA_TIMESTAMP,
                                  is_optional);
    }
}

static const struct schema *
build(const struct timestamp_converter *transform, const struct schema *schema)
{
    if (!*transform->settings.field)
        return target_schema(transform->form, schema->is_optional);
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    schema_builder_optional(builder, schema->is_optional);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        bool is_converted = strcmp(field->name, transform->settings.field) == 0;
        const struct schema *converted = is_converted ? target_schema(transform->form, field->schema->is_optional) : schema_ref(field->schema);
        schema_builder_field(builder, field->name, converted);
        schema_unref(converted);
    }
    return schema_builder_finish(builder);
}

static const struct schema *
derive(struct timestamp_converter *transform, const struct schema *schema)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->derived, schema, &is_new);
    if (is_new)
        derived->schema = build(transform, schema);
    return derived->schema;
}

static bool
convert_struct(struct timestamp_converter *transform, struct transform_side side, struct record_batch *batch, struct error *err)
{
    const struct schema *schema = *side.schema;
    struct value value = {.kind = VALUE_STRUCT, .len = side.value->len};
    value.as.items = arena_array(&batch->arena, struct value, value.len);
    for (size_t i = 0; i < value.len; i++) {
        value.as.items[i] = transform_field(schema, side.value, i, transform->settings.replaces_null);
        if (strcmp(schema->fields[i].name, transform->settings.field) == 0 &&
            !convert(transform, schema->fields[i].schema, &value.as.items[i], &batch->arena, err))
            return false;
    }
    transform_set(side, batch, derive(transform, schema), value);
    return true;
}

static bool
convert_map(const struct timestamp_converter *transform, struct transform_side side, struct record_batch *batch, struct error *err)
{
    struct value map = transform_map_copy(side.value, 1, batch);
    const struct value *found = value_map_get(&map, transform->settings.field);
    struct value value = found ? *found : VALUE_NONE;
    if (!convert(transform, NULL, &value, &batch->arena, err))
        return false;
    transform_map_put(&map, transform->settings.field, value);
    *side.value = map;
    return true;
}

static bool
timestamp_converter_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct timestamp_converter *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (!*transform->settings.field) {
        const struct schema *schema = *side.schema;
        if (!convert(transform, schema, side.value, &batch->arena, err))
            return false;
        transform_set(side, batch, schema ? derive(transform, schema) : NULL, *side.value);
        return true;
    }
    if (!transform_require_struct_schema(*side.schema, err))
        return false;
    if (side.value->kind == VALUE_NULL) {
        if (*side.schema)
            transform_set(side, batch, derive(transform, *side.schema), *side.value);
        return true;
    }
    if (!transform_require_fields(side, PURPOSE, err))
        return false;
    return *side.schema ? convert_struct(transform, side, batch, err) : convert_map(transform, side, batch, err);
}

static void
timestamp_converter_fini(void *state)
{
    struct timestamp_converter *transform = state;
    date_format_free(transform->format);
    schema_cache_fini(&transform->derived);
    config_parsed_free(timestamp_converter_rows, transform);
}

static const struct transform_ops timestamp_converter_ops = {sizeof(struct timestamp_converter), timestamp_converter_init,
                                                             timestamp_converter_apply, timestamp_converter_fini};
TRANSFORM_PLUGINS(timestamp_converter, "TimestampConverter", timestamp_converter_rows, &timestamp_converter_ops);
