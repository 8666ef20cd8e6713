/* Cast: fields, or the whole key or value, become numbers, booleans or texts. */
#include "common/base/alloc.h"
#include "connect/data/base64.h"
#include "connect/data/calendar.h"
#include "connect/data/data_error.h"
#include "connect/data/decimal.h"
#include "connect/data/inference.h"
#include "connect/transforms/transform_priv.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PURPOSE "cast types"
#define TYPES "INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING"

struct rule {
    const char *field; /* NULL: the whole */
    enum schema_type type;
};

struct cast {
    struct string_list spec;
    bool replaces_null;
    enum transform_target target;
    struct arena arena; /* of the rules' names */
    struct rule *rules;
    size_t rule_count;
    struct schema_cache derived;
};

/* ---- settings ---------------------------------------------------------------------------------------------- */

/* As String.trim. */
static char *
trimmed(struct arena *arena, const char *text, size_t len)
{
    while (len > 0 && (unsigned char)text[len - 1] <= ' ')
        len--;
    while (len > 0 && (unsigned char)*text <= ' ')
        text++, len--;
    return arena_memdup(arena, text, len);
}

static bool
parse_type(struct arena *arena, const char *text, enum schema_type *out, struct error *err)
{
    char *name = arena_strdup(arena, text);
    for (char *c = name; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    int type = SCHEMA_INT8;
    while (type <= SCHEMA_STRUCT && strcmp(schema_type_name((enum schema_type)type), name))
        type++;
    if (type > SCHEMA_STRUCT)
        return transform_config_error(err, "Invalid value java.lang.IllegalArgumentException: No enum constant "
                                           "org.apache.kafka.connect.data.Schema.Type.%s for configuration Invalid type found in "
                                           "casting spec: %s", name, text);
    if (type > SCHEMA_STRING)
        return transform_config_error(err, "Cast transformation does not support casting to %s; supported types are [%s]",
                                      schema_type_name((enum schema_type)type), TYPES);
    *out = (enum schema_type)type;
    return true;
}

/* "renames" is what Kafka says here, too. */
static bool
bad_mapping(const struct string_list *spec, const char *item, struct error *err)
{
    struct strbuf all = STRBUF_INIT;
    for (size_t i = 0; i < spec->count; i++)
        strbuf_printf(&all, "%s%s", i ? ", " : "", spec->items[i]);
    transform_config_error(err, "Invalid value [%s] for configuration renames: Invalid rename mapping: %s", all.data, item);
    strbuf_fini(&all);
    return false;
}

static bool
parse_rule(struct arena *arena, const struct string_list *spec, const char *item, struct rule *out, struct error *err)
{
    size_t len = transform_pair_length(item); /* the last colons do not count */
    const char *colon = memchr(item, ':', len);
    size_t first = colon ? (size_t)(colon - item) : len;
    if (colon && memchr(colon + 1, ':', len - first - 1))
        return bad_mapping(spec, item, err);
    char *field = trimmed(arena, item, first);
    if (!colon)
        return parse_type(arena, field, &out->type, err);
    out->field = field;
    return parse_type(arena, trimmed(arena, colon + 1, len - first - 1), &out->type, err);
}

/* `rules` has room for one an item of the list. */
static bool
parse_spec(struct arena *arena, const struct string_list *spec, struct rule *rules, struct error *err)
{
    bool has_whole = false;
    if (spec->count == 0)
        return transform_config_error(err, "Must specify at least one field to cast.");
    for (size_t i = 0; i < spec->count; i++) {
        if (!parse_rule(arena, spec, spec->items[i], &rules[i], err))
            return false;
        has_whole = has_whole || !rules[i].field;
    }
    return !has_whole || spec->count == 1 ||
           transform_config_error(err, "Cast transformations that specify a type to cast the entire value to may only specify a "
                                       "single cast in their spec");
}

static bool
check_spec(const struct config_row *row, const char *value, struct error *err)
{
    struct string_list spec = STRING_LIST_INIT;
    struct arena arena = ARENA_INIT;
    (void)row;
    string_list_split(&spec, value ? value : "");
    struct rule *rules = xcalloc(spec.count + 1, sizeof(*rules));
    bool is_fine = parse_spec(&arena, &spec, rules, err);
    if (!is_fine)
        err->code = ERROR_INTERNAL; /* the text is whole */
    free(rules);
    arena_fini(&arena);
    string_list_fini(&spec);
    return is_fine;
}

static const struct config_row cast_rows[] = {
    {TRANSFORM_ROW("spec", CONFIG_LIST, config_no_default, CONFIG_HIGH,
                   "Fields and their new types, field:type,field2:type2, or one type for the whole key or value. Types: int8, int16, "
                   "int32, int64, float32, float64, boolean, string. Bytes can only become a string, as base64.",
                   offsetof(struct cast, spec)), .check = check_spec, .checks_null = true},
    TRANSFORM_REPLACE_NULL_ROW(offsetof(struct cast, replaces_null)),
    {.name = NULL},
};

static bool
cast_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct cast *transform = state;
    transform->target = target;
    schema_cache_init(&transform->derived, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    if (!config_parse(cast_rows, cfg, transform, err))
        return false;
    transform->rule_count = transform->spec.count;
    transform->rules = xcalloc(transform->rule_count + 1, sizeof(*transform->rules));
    return parse_spec(&transform->arena, &transform->spec, transform->rules, err);
}

/* Of several rules for one field the last counts. NULL: none. */
static const struct rule *
rule_for(const struct cast *transform, const char *field)
{
    for (size_t i = transform->rule_count; i-- > 0;)
        if (transform->rules[i].field && strcmp(transform->rules[i].field, field) == 0)
            return &transform->rules[i];
    return NULL;
}

/* ---- one value --------------------------------------------------------------------------------------------- */

/* As Java's narrowing: (long), and (int) for the smaller types. */
static int64_t
real_to_int(double real, enum schema_type type)
{
    double low = type == SCHEMA_INT64 ? -9223372036854775808.0 : -2147483648.0;
    double high = type == SCHEMA_INT64 ? 9223372036854775808.0 : 2147483647.0;
    if (isnan(real))
        return 0;
    if (real <= low)
        return type == SCHEMA_INT64 ? INT64_MIN : INT32_MIN;
    if (real >= high)
        return type == SCHEMA_INT64 ? INT64_MAX : INT32_MAX;
    return (int64_t)real;
}

static int64_t
narrow(int64_t number, enum schema_type type)
{
    return type == SCHEMA_INT8 ? (int8_t)number : type == SCHEMA_INT16 ? (int16_t)number : type == SCHEMA_INT32 ? (int32_t)number : number;
}

/* The low 64 bits of a decimal's integral part. */
static int64_t
decimal_to_long(const struct value *decimal)
{
    size_t len = decimal->len, start = decimal->as.bytes[0] == '-';
    uint64_t number = 0;
    size_t whole = decimal->scale > 0 && (size_t)decimal->scale >= len - start ? start
                   : decimal->scale > 0                                        ? len - (size_t)decimal->scale
                                                                               : len;
    for (size_t i = start; i < whole; i++)
        number = number * 10 + (uint64_t)(decimal->as.bytes[i] - '0');
    for (int i = decimal->scale; i < 0 && i > -65; i++)
        number *= 10;
    return (int64_t)(start ? 0 - number : number);
}

static double
decimal_to_double(const struct value *decimal)
{
    struct strbuf text = STRBUF_INIT;
    decimal_text(decimal, &text);
    double real = strtod(text.data, NULL);
    strbuf_fini(&text);
    return real;
}

static bool
out_of_range(const struct value *text, struct error *err)
{
    return data_error(err, "Value (%.*s) was out of range for requested data type", (int)text->len, text->as.bytes);
}

/* Integer.parseInt and its like. */
static bool
text_to_int(const struct value *text, enum schema_type type, int64_t *out, struct error *err)
{
    char digits[32];
    if (text->len == 0 || text->len >= sizeof(digits))
        return out_of_range(text, err);
    memcpy(digits, text->as.bytes, text->len);
    digits[text->len] = '\0';
    const char *first = digits + (*digits == '-' || *digits == '+');
    errno = 0;
    *out = strtoll(digits, NULL, 10);
    bool is_number = *first && strspn(first, "0123456789") == strlen(first);
    return (is_number && !errno && narrow(*out, type) == *out) || out_of_range(text, err);
}

/* Double.parseDouble: blanks around, a type letter behind, NaN and Infinity by these words. */
static bool
text_to_real(const struct value *text, bool is_float, double *out, struct error *err)
{
    char *copy = xmemdup(text->as.bytes, text->len), *first = copy, *end = copy + text->len;
    while (first < end && (unsigned char)*first <= ' ')
        first++;
    while (end > first && (unsigned char)end[-1] <= ' ')
        *--end = '\0';
    const char *bare = first + (*first == '-' || *first == '+');
    bool is_word = strcmp(bare, "NaN") == 0 || strcmp(bare, "Infinity") == 0;
    bool is_hex = bare[0] == '0' && (bare[1] == 'x' || bare[1] == 'X');
    bool is_number = isdigit((unsigned char)*bare) || (*bare == '.' && isdigit((unsigned char)bare[1]));
    if (is_number && !(is_hex && !strpbrk(bare, "pP")) && strchr("fFdD", end[-1]))
        *--end = '\0';
    char *stop;
    *out = is_float ? (double)strtof(first, &stop) : strtod(first, &stop);
    bool is_fine = (is_word || (is_number && !(is_hex && !strpbrk(bare, "pP")))) && stop == end;
    free(copy);
    return is_fine || out_of_range(text, err);
}

static bool
to_int(const struct value *value, enum schema_type type, struct value *out, struct error *err)
{
    int64_t number = 0;
    switch (value->kind) {
    case VALUE_INT:
        number = value->as.integer;
        break;
    case VALUE_FLOAT:
        number = real_to_int(value->as.real, type);
        break;
    case VALUE_BOOLEAN:
        number = value->as.boolean;
        break;
    case VALUE_DECIMAL:
        number = decimal_to_long(value);
        break;
    case VALUE_STRING:
        if (!text_to_int(value, type, &number, err))
            return false;
        break;
    default:
        return data_error(err, "Unexpected type in Cast transformation: class [B");
    }
    *out = value_int(narrow(number, type));
    out->width = (uint8_t)(8 << type);
    return true;
}

static bool
to_real(const struct value *value, enum schema_type type, struct value *out, struct error *err)
{
    double real = 0;
    switch (value->kind) {
    case VALUE_INT:
        real = type == SCHEMA_FLOAT32 ? (double)(float)value->as.integer : (double)value->as.integer;
        break;
    case VALUE_FLOAT:
        real = value->as.real;
        break;
    case VALUE_BOOLEAN:
        real = value->as.boolean;
        break;
    case VALUE_DECIMAL:
        real = decimal_to_double(value);
        break;
    case VALUE_STRING:
        if (!text_to_real(value, type == SCHEMA_FLOAT32, &real, err))
            return false;
        break;
    default:
        return data_error(err, "Unexpected type in Cast transformation: class [B");
    }
    *out = value_real(type == SCHEMA_FLOAT32 ? (double)(float)real : real);
    out->width = type == SCHEMA_FLOAT32 ? 32 : 64;
    return true;
}

static bool
to_boolean(const struct value *value, struct value *out, struct error *err)
{
    switch (value->kind) {
    case VALUE_INT:
        *out = value_boolean(value->as.integer != 0);
        return true;
    case VALUE_FLOAT:
        *out = value_boolean(real_to_int(value->as.real, SCHEMA_INT64) != 0);
        return true;
    case VALUE_BOOLEAN:
        *out = *value;
        return true;
    case VALUE_DECIMAL:
        *out = value_boolean(decimal_to_long(value) != 0);
        return true;
    case VALUE_STRING:
        *out = value_boolean(value->len == 4 && strncasecmp(value->as.bytes, "true", 4) == 0);
        return true;
    default:
        return data_error(err, "Unexpected type in Cast transformation: class [B");
    }
}

static void
to_string(const struct schema *schema, const struct value *value, struct arena *arena, struct value *out)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_puts(&text, "");
    inference_text(schema, value, &text);
    *out = value_string(arena_memdup(arena, text.data, text.len), text.len);
    strbuf_fini(&text);
}

static const char *
input_type_name(const struct schema *schema, const struct value *value)
{
    if (schema)
        return schema_type_name(schema->type);
    return value->kind == VALUE_ARRAY ? "ARRAY" : value->kind == VALUE_MAP ? "MAP" : "STRUCT";
}

static bool
cast_value(const struct schema *schema, struct value *value, enum schema_type type, struct arena *arena, struct error *err)
{
    struct value from = *value;
    if (from.kind == VALUE_NULL)
        return true;
    if (from.kind == VALUE_ARRAY || from.kind == VALUE_MAP || from.kind == VALUE_STRUCT)
        return data_error(err, "Cast transformation does not support casting from %s; supported types are [%s, BYTES]",
                          input_type_name(schema, value), TYPES);
    switch (type) {
    case SCHEMA_FLOAT32:
    case SCHEMA_FLOAT64:
        return to_real(&from, type, value, err);
    case SCHEMA_BOOLEAN:
        return to_boolean(&from, value, err);
    case SCHEMA_STRING:
        to_string(schema, &from, arena, value);
        return true;
    default:
        return to_int(&from, type, value, err);
    }
}

/* ---- schemas and records ---------------------------------------------------------------------------------------- */

/* The schema of what was cast: its optional and its default, cast too. NULL: failed. */
static const struct schema *
cast_schema(const struct schema *schema, enum schema_type type, struct error *err)
{
    struct schema_builder *builder = schema_builder_new(type);
    struct arena arena = ARENA_INIT;
    bool is_cast = true;
    schema_builder_optional(builder, schema->is_optional);
    if (schema->default_value) {
        struct value value = *schema->default_value;
        is_cast = cast_value(schema, &value, type, &arena, err);
        if (is_cast)
            schema_builder_default(builder, &value);
    }
    arena_fini(&arena);
    if (is_cast)
        return schema_builder_finish(builder);
    schema_builder_free(builder);
    return NULL;
}

static const struct schema *
build(const struct cast *transform, const struct schema *schema, struct error *err)
{
    if (!transform->rules[0].field)
        return cast_schema(schema, transform->rules[0].type, err);
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    schema_builder_optional(builder, schema->is_optional);
    for (size_t i = 0; i < schema->field_count; i++) {
        const struct schema_field *field = &schema->fields[i];
        const struct rule *rule = rule_for(transform, field->name);
        const struct schema *kept = rule ? cast_schema(field->schema, rule->type, err) : schema_ref(field->schema);
        if (!kept) {
            schema_builder_free(builder);
            return NULL;
        }
        schema_builder_field(builder, field->name, kept);
        schema_unref(kept);
    }
    return schema_builder_finish(builder);
}

/* NULL: failed. */
static const struct schema *
derive(struct cast *transform, const struct schema *schema, struct error *err)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->derived, schema, &is_new);
    if (!derived->schema)
        derived->schema = build(transform, schema, err);
    return derived->schema;
}

static bool
cast_struct(struct cast *transform, struct transform_side side, struct record_batch *batch, struct error *err)
{
    const struct schema *schema = *side.schema, *target = derive(transform, schema, err);
    if (!target)
        return false;
    struct value value = {.kind = VALUE_STRUCT, .len = side.value->len};
    value.as.items = arena_array(&batch->arena, struct value, value.len);
    for (size_t i = 0; i < value.len; i++) {
        const struct rule *rule = rule_for(transform, schema->fields[i].name);
        value.as.items[i] = transform_field(schema, side.value, i, transform->replaces_null);
        if (rule && !cast_value(schema->fields[i].schema, &value.as.items[i], rule->type, &batch->arena, err))
            return false;
    }
    transform_set(side, batch, target, value);
    return true;
}

static bool
cast_map(const struct cast *transform, struct transform_side side, struct record_batch *batch, struct error *err)
{
    struct value map = transform_map_copy(side.value, transform->rule_count, batch);
    for (size_t i = 0; i < transform->rule_count; i++) {
        const struct value *found = value_map_get(side.value, transform->rules[i].field);
        struct value value = found ? *found : VALUE_NONE;
        if (!cast_value(NULL, &value, transform->rules[i].type, &batch->arena, err))
            return false;
        transform_map_put(&map, transform->rules[i].field, value);
    }
    *side.value = map;
    return true;
}

static bool
cast_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct cast *transform = state;
    struct transform_side side = transform_side(record, transform->target);
    if (side.value->kind == VALUE_NULL)
        return true;
    if (transform->rules[0].field) {
        if (!transform_require_struct_schema(*side.schema, err) || !transform_require_fields(side, PURPOSE, err))
            return false;
        return *side.schema ? cast_struct(transform, side, batch, err) : cast_map(transform, side, batch, err);
    }
    const struct schema *schema = *side.schema;
    struct value value = *side.value;
    if (!cast_value(schema, &value, transform->rules[0].type, &batch->arena, err))
        return false;
    const struct schema *target = schema ? derive(transform, schema, err) : NULL;
    if (schema && !target)
        return false;
    transform_set(side, batch, target, value);
    return true;
}

static void
cast_fini(void *state)
{
    struct cast *transform = state;
    schema_cache_fini(&transform->derived);
    arena_fini(&transform->arena);
    free(transform->rules);
    config_parsed_free(cast_rows, transform);
}

static const struct transform_ops cast_ops = {sizeof(struct cast), cast_init, cast_apply, cast_fini};
TRANSFORM_PLUGINS(cast, "Cast", cast_rows, &cast_ops);
