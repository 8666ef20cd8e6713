/*
 * One table: MySQL's type, the schema it becomes, the decoder of its text. Rows of the table are tried from the
 * top, so that a more special one stands before a general one.
 */
#include "connect/connectors/jdbc/types.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/connectors/jdbc/temporal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("connect.jdbc.types");

#define DATA_EXCEPTION "org.apache.kafka.connect.errors.DataException"

static bool
refuse(struct error *err, const char *what, const char *text, size_t len)
{
    return error_set(err, ERROR_DATA, "%s: '%.*s'", what, len > 100 ? 100 : (int)len, text);
}

/* ---- numbers ------------------------------------------------------------------------------------------ */

/* Up to 18 digits need no check for overflow. */
static bool
decode_integer(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
               struct error *err)
{
    (void)column, (void)arena;
    bool is_negative = len && text[0] == '-';
    size_t i = is_negative;
    while (len - i > 19 && text[i] == '0') /* ZEROFILL */
        i++;
    if (len - i > 19 || len == i)
        return refuse(err, "Value is outside of valid range for type java.lang.Long", text, len);
    uint64_t number = 0;
    for (; i < len; i++) {
        unsigned digit = (unsigned)(text[i] - '0');
        if (digit > 9)
            return refuse(err, "not an integer", text, len);
        number = number * 10 + digit;
    }
    if (number > (uint64_t)INT64_MAX + is_negative)
        return refuse(err, "Value is outside of valid range for type java.lang.Long", text, len);
    *out = value_int(is_negative ? (int64_t)(0 - number) : (int64_t)number);
    return true;
}

/* Connector/J: -1 and everything above 0 is true. */
static bool
decode_boolean(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
               struct error *err)
{
    if (!decode_integer(column, text, len, out, arena, err))
        return false;
    *out = value_boolean(out->as.integer > 0 || out->as.integer == -1);
    return true;
}

/* Big-endian bytes; the low eight bits are the INT8, anything above them is refused. */
static bool
decode_bit(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
           struct error *err)
{
    (void)column, (void)arena;
    for (size_t i = 0; i + 1 < len; i++)
        if (text[i] != '\0')
            return error_set(err, ERROR_DATA, "Value of a BIT column is outside of valid range for type java.lang.Byte");
    *out = value_int(len ? (int8_t)text[len - 1] : 0);
    return true;
}

/* Most numbers have few digits: then the quotient of two exact doubles is the correctly rounded one. */
static bool
short_double(const char *text, size_t len, double *out)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool is_negative = len && text[0] == '-';
    size_t point = 0, i = is_negative;
    if (len > 16)
        return false;
    uint64_t digits = 0;
    for (; i < len; i++) {
        if (text[i] == '.' && !point) {
            point = i + 1;
            continue;
        }
        unsigned digit = (unsigned)(text[i] - '0');
        if (digit > 9)
            return false;
        digits = digits * 10 + digit;
    }
    if (digits > UINT64_C(1) << 53)
        return false;
    double number = (double)digits / powers[point ? len - point : 0];
    *out = is_negative ? -number : number;
    return true;
}

/* The digits are kept beside the number: the server wrote the shortest that mean it. */
static bool
decode_real(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
            struct error *err)
{
    (void)column;
    double number;
    for (; len > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9'; text++, len--)
        ; /* ZEROFILL */
    char *copy = arena_memdup(arena, text, len);
    if (!short_double(text, len, &number)) {
        char *end;
        number = strtod(copy, &end);
        if (*end || end == copy)
            return refuse(err, "not a number", text, len);
    }
    *out = value_real(number);
    out->text = copy;
    return true;
}

/* A FLOAT column that came as DOUBLE: the shortest digits of the float. */
static bool
decode_exact_float(const char *text, size_t len, struct value *out, struct arena *arena, struct error *err)
{
    char *copy = arena_memdup(arena, text, len), *end;
    float number = strtof(copy, &end);
    if (*end || end == copy)
        return refuse(err, "not a number", text, len);
    char *digits = arena_alloc(arena, 32);
    for (int precision = 6; precision <= 9; precision++) {
        snprintf(digits, 32, "%.*g", precision, (double)number);
        if (strtof(digits, NULL) == number)
            break;
    }
    *out = value_real((double)number);
    out->text = digits;
    return true;
}

/* "-0012.30" of scale 2 is "-1230": no point, no zeros in front. */
static bool
decode_decimal(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
               struct error *err)
{
    char *digits = arena_alloc(arena, len + 2 + (size_t)column->scale), *to = digits;
    bool is_negative = len && text[0] == '-';
    int decimals = -1;
    *to++ = '-';
    for (size_t i = is_negative; i < len; i++) {
        if (text[i] == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return refuse(err, "not a decimal number", text, len);
        decimals += decimals >= 0;
        if (to > digits + 1 || text[i] != '0')
            *to++ = text[i];
    }
    if (decimals > column->scale)
        return refuse(err, "decimal number with too many decimals", text, len);
    for (int missing = column->scale - (decimals < 0 ? 0 : decimals); missing > 0 && to > digits + 1; missing--)
        *to++ = '0';
    if (to == digits + 1) {
        *to++ = '0';
        is_negative = false;
    }
    char *start = is_negative ? digits : digits + 1;
    *out = value_decimal(start, (size_t)(to - start), column->scale);
    return true;
}

/* ---- text and bytes ------------------------------------------------------------------------------------- */

static bool
decode_string(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
              struct error *err)
{
    (void)column, (void)err;
    *out = value_string(arena_memdup(arena, text, len), len);
    return true;
}

static bool
decode_bytes(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
             struct error *err)
{
    (void)column, (void)err;
    *out = value_bytes(arena_memdup(arena, text, len), len);
    return true;
}

/* ---- dates and times --------------------------------------------------------------------------------------- */

/* A date of zeros, as zeroDateTimeBehavior wants it: an error, a NULL, or the first of January of the year 1. */
static bool
decode_zero_date(const struct jdbc_column *column, struct temporal *at, struct value *out, struct error *err)
{
    switch (column->types->behaviour.zero_dates) {
    case JDBC_ZERO_DATES_FAIL:
        return error_set(err, ERROR_DATA, "Zero date value prohibited");
    case JDBC_ZERO_DATES_NULL:
        *out = VALUE_NONE;
        return true;
    default:
        *at = (struct temporal){.year = 1, .month = 1, .day = 1};
        return true;
    }
}

/* True and at->month == 0 with a NULL in *out: there is nothing more to decode. */
static bool
parse_date(const struct jdbc_column *column, const char *text, size_t len, struct temporal *at, struct value *out,
           struct error *err)
{
    if (!temporal_parse(text, len, at))
        return refuse(err, "not a date", text, len);
    out->kind = VALUE_INT;
    return !temporal_is_zero_date(at) || decode_zero_date(column, at, out, err);
}

static bool
decode_date(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
            struct error *err)
{
    (void)arena;
    struct temporal at;
    if (!parse_date(column, text, len, &at, out, err))
        return false;
    if (!value_is_null(out))
        *out = value_int(temporal_days(at.year, at.month, at.day, column->types->is_proleptic));
    return true;
}

static bool
decode_year(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
            struct error *err)
{
    if (!decode_integer(column, text, len, out, arena, err))
        return false;
    int year = (int)out->as.integer;
    *out = value_int(temporal_days(year == 0 ? 2000 : year, 1, 1, true));
    return true;
}

static bool
decode_time(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
            struct error *err)
{
    (void)arena;
    struct temporal at;
    if (!temporal_parse_time(text, len, &at))
        return refuse(err, "not a time", text, len);
    if (at.is_negative || at.hour >= 24)
        return error_set(err, ERROR_DATA,
                         "The value '%.*s' is an invalid TIME value. JDBC Time objects represent a wall-clock time and not "
                         "a duration as MySQL treats them",
                         (int)len, text);
    /* db.timezone may move it to another day, which the converter refuses as Java's does */
    *out = value_int(zone_to_utc(column->types->zone, at.hour * 3600 + at.minute * 60 + at.second) * 1000 + at.nanos / 1000000);
    return true;
}

/* micros_long and the like. As with Java, whole seconds are cut towards zero, so that instants before 1970 with a
   fraction come out one second late in the long and string forms. */
static bool
decode_granular(const struct jdbc_types *types, int64_t seconds, int nanos, struct value *out, struct arena *arena,
                struct error *err)
{
    bool is_micros = types->granularity <= JDBC_MICROS_ISO;
    if (types->granularity == JDBC_MICROS_ISO || types->granularity == JDBC_NANOS_ISO) {
        int64_t local = seconds + zone_offset(types->zone, seconds);
        int64_t days = (local >= 0 ? local : local - 86399) / 86400, left = local - days * 86400;
        struct temporal at;
        temporal_date(days, &at);
        char *text = arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%0*d", at.year, at.month, at.day, (int)(left / 3600),
                                  (int)(left / 60 % 60), (int)(left % 60), is_micros ? 6 : 9, is_micros ? nanos / 1000 : nanos);
        *out = value_string(text, strlen(text));
        return true;
    }
    int64_t ms = seconds * 1000 + nanos / 1000000, number;
    if (__builtin_mul_overflow(ms / 1000, is_micros ? INT64_C(1000000) : INT64_C(1000000000), &number) ||
        __builtin_add_overflow(number, is_micros ? nanos / 1000 : nanos, &number))
        return error_set(err, ERROR_DATA, "the timestamp does not fit into 64 bits with timestamp.granularity");
    if (types->granularity == JDBC_MICROS_LONG || types->granularity == JDBC_NANOS_LONG) {
        *out = value_int(number);
        return true;
    }
    char *text = arena_printf(arena, "%" PRId64, number);
    *out = value_string(text, strlen(text));
    return true;
}

static bool
decode_timestamp(const struct jdbc_column *column, const char *text, size_t len, struct value *out, struct arena *arena,
                 struct error *err)
{
    const struct jdbc_types *types = column->types;
    struct temporal at;
    if (!parse_date(column, text, len, &at, out, err))
        return false;
    if (value_is_null(out))
        return true;
    int64_t seconds = zone_to_utc(types->zone, temporal_seconds(&at, types->is_proleptic));
    if (types->granularity != JDBC_CONNECT_LOGICAL)
        return decode_granular(types, seconds, at.nanos, out, arena, err);
    *out = value_int(seconds * 1000 + at.nanos / 1000000);
    return true;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

static bool
is_unsigned(const struct db_column *column, const struct jdbc_types *types)
{
    (void)types;
    return column->is_unsigned;
}

static bool
is_boolean(const struct db_column *column, const struct jdbc_types *types)
{
    const struct jdbc_behaviour *behaviour = &types->behaviour;
    return behaviour->tiny_int1_is_bit && behaviour->transformed_bit_is_boolean && column->length == 1 && !column->is_unsigned;
}

static bool
is_bytes(const struct db_column *column, const struct jdbc_types *types)
{
    (void)types;
    return column->is_binary;
}

static bool
is_number_of_year(const struct db_column *column, const struct jdbc_types *types)
{
    (void)column;
    return !types->behaviour.year_is_date;
}

static const struct mapping {
    enum db_type type;
    bool (*applies)(const struct db_column *column, const struct jdbc_types *types); /* NULL: always */
    enum schema_type schema;
    enum schema_logical logical;
    jdbc_decode_fn *decode;
} mappings[] = {
    {DB_TINY, is_boolean, SCHEMA_BOOLEAN, SCHEMA_PLAIN, decode_boolean},
    {DB_TINY, is_unsigned, SCHEMA_INT16, SCHEMA_PLAIN, decode_integer},
    {DB_TINY, NULL, SCHEMA_INT8, SCHEMA_PLAIN, decode_integer},
    {DB_SHORT, is_unsigned, SCHEMA_INT32, SCHEMA_PLAIN, decode_integer},
    {DB_SHORT, NULL, SCHEMA_INT16, SCHEMA_PLAIN, decode_integer},
    {DB_INT24, is_unsigned, SCHEMA_INT64, SCHEMA_PLAIN, decode_integer},
    {DB_INT24, NULL, SCHEMA_INT32, SCHEMA_PLAIN, decode_integer},
    {DB_LONG, is_unsigned, SCHEMA_INT64, SCHEMA_PLAIN, decode_integer},
    {DB_LONG, NULL, SCHEMA_INT32, SCHEMA_PLAIN, decode_integer},
    {DB_LONGLONG, NULL, SCHEMA_INT64, SCHEMA_PLAIN, decode_integer},
    {DB_FLOAT, NULL, SCHEMA_FLOAT32, SCHEMA_PLAIN, decode_real},
    {DB_DOUBLE, NULL, SCHEMA_FLOAT64, SCHEMA_PLAIN, decode_real},
    {DB_DECIMAL, NULL, SCHEMA_BYTES, SCHEMA_DECIMAL, decode_decimal},
    {DB_BIT, NULL, SCHEMA_INT8, SCHEMA_PLAIN, decode_bit},
    {DB_YEAR, is_number_of_year, SCHEMA_INT32, SCHEMA_PLAIN, decode_integer},
    {DB_YEAR, NULL, SCHEMA_INT32, SCHEMA_DATE, decode_year},
    {DB_DATE, NULL, SCHEMA_INT32, SCHEMA_DATE, decode_date},
    {DB_TIME, NULL, SCHEMA_INT32, SCHEMA_TIME, decode_time},
    {DB_DATETIME, NULL, SCHEMA_INT64, SCHEMA_TIMESTAMP, decode_timestamp},
    {DB_TIMESTAMP, NULL, SCHEMA_INT64, SCHEMA_TIMESTAMP, decode_timestamp},
    {DB_CHAR, is_bytes, SCHEMA_BYTES, SCHEMA_PLAIN, decode_bytes},
    {DB_CHAR, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_VARCHAR, is_bytes, SCHEMA_BYTES, SCHEMA_PLAIN, decode_bytes},
    {DB_VARCHAR, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_TINYBLOB, is_bytes, SCHEMA_BYTES, SCHEMA_PLAIN, decode_bytes},
    {DB_TINYBLOB, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_MEDIUMBLOB, is_bytes, SCHEMA_BYTES, SCHEMA_PLAIN, decode_bytes},
    {DB_MEDIUMBLOB, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_LONGBLOB, is_bytes, SCHEMA_BYTES, SCHEMA_PLAIN, decode_bytes},
    {DB_LONGBLOB, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_BLOB, is_bytes, SCHEMA_BYTES, SCHEMA_PLAIN, decode_bytes},
    {DB_BLOB, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_ENUM, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_SET, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_JSON, NULL, SCHEMA_STRING, SCHEMA_PLAIN, decode_string},
    {DB_GEOMETRY, NULL, SCHEMA_BYTES, SCHEMA_PLAIN, decode_bytes},
    {DB_VECTOR, NULL, SCHEMA_BYTES, SCHEMA_PLAIN, decode_bytes},
};

static const struct mapping *
mapping_find(const struct db_column *column, const struct jdbc_types *types)
{
    for (size_t i = 0; i < sizeof(mappings) / sizeof(*mappings); i++)
        if (mappings[i].type == column->type && (!mappings[i].applies || mappings[i].applies(column, types)))
            return &mappings[i];
    return NULL;
}

/* ---- schemas ----------------------------------------------------------------------------------------------------- */

static const struct schema *
decimal_schema(const struct db_column *column)
{
    const struct schema *plain = schema_decimal((int)column->decimals, !column->is_not_null);
    struct schema_builder *builder = schema_builder_from(plain);
    schema_unref(plain);
    char precision[16];
    snprintf(precision, sizeof(precision), "%d",
             (int)column->length - (column->is_unsigned ? 0 : 1) - (column->decimals ? 1 : 0));
    schema_builder_parameter(builder, "connect.decimal.precision", precision);
    return schema_builder_finish(builder);
}

static const struct schema *
schema_of(const struct mapping *mapping, const struct db_column *column, const struct jdbc_types *types)
{
    bool is_optional = !column->is_not_null;
    if (mapping->logical == SCHEMA_DECIMAL)
        return decimal_schema(column);
    if (mapping->logical == SCHEMA_TIMESTAMP && types->granularity != JDBC_CONNECT_LOGICAL)
        return schema_primitive(types->granularity == JDBC_MICROS_LONG || types->granularity == JDBC_NANOS_LONG ? SCHEMA_INT64
                                                                                                                : SCHEMA_STRING,
                                is_optional);
    if (mapping->logical != SCHEMA_PLAIN)
        return schema_logical_new(mapping->logical, is_optional);
    return schema_primitive(mapping->schema, is_optional);
}

/* The same column selected twice under one label is one field, as with Java. */
static bool
is_repeated(const struct db_column *columns, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(columns[k].name, columns[i].name) == 0 && strcmp(columns[k].table, columns[i].table) == 0 &&
            strcmp(columns[k].org_name, columns[i].org_name) == 0 && *columns[i].org_name)
            return true;
    return false;
}

static bool
add_column(struct jdbc_reader *reader, const struct db_column *columns, size_t i, const struct jdbc_types *types,
           struct error *err)
{
    const struct db_column *column = &columns[i];
    const struct mapping *mapping = mapping_find(column, types);
    if (!mapping) {
        log_warn("column %s is left out: its type has no counterpart in Connect", column->name);
        return true;
    }
    if (is_repeated(columns, i))
        return true;
    if (jdbc_reader_find(reader, column->name) >= 0) {
        error_set(err, ERROR_CONFIG, "Cannot create field because of field name duplication %s", column->name);
        err->java_class = "org.apache.kafka.connect.errors.SchemaBuilderException";
        return false;
    }
    reader->columns[reader->count++] = (struct jdbc_column){
        .name = xstrdup(column->name),
        .index = i,
        .exact_index = i,
        .types = types,
        .schema = schema_of(mapping, column, types),
        .decode = mapping->decode,
        .is_optional = !column->is_not_null,
        .is_auto_increment = column->is_auto_increment,
        .type = column->type,
        .scale = (int)column->decimals,
    };
    return true;
}

static const struct schema *
struct_schema(const struct jdbc_reader *reader, const char *name)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    schema_builder_name(builder, name);
    for (size_t i = 0; i < reader->count; i++)
        schema_builder_field(builder, reader->columns[i].name, reader->columns[i].schema);
    return schema_builder_finish(builder);
}

static uint64_t
add_hash(uint64_t hash, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211); // NOLINT(clang-analyzer-core.*)
    return hash;
}

/* Everything of the columns that the reader depends on. */
static uint64_t
signature_of(const struct db_column *columns, size_t count)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < count; i++) {
        const struct db_column *column = &columns[i];
        uint64_t facts[] = {column->type, column->charset, column->length, column->decimals,
                            column->is_not_null | column->is_unsigned << 1 | column->is_binary << 2};
        hash = add_hash(hash, column->name, strlen(column->name) + 1);
        hash = add_hash(hash, column->table, strlen(column->table) + 1);
        hash = add_hash(hash, column->org_name, strlen(column->org_name) + 1);
        hash = add_hash(hash, facts, sizeof(facts));
    }
    return hash;
}

bool
jdbc_reader_fits(const struct jdbc_reader *reader, const struct db_result *result)
{
    const struct db_column *columns;
    size_t count = db_result_columns(result, &columns);
    return reader->schema && reader->signature == signature_of(columns, count);
}

bool
jdbc_reader_init(struct jdbc_reader *reader, const struct db_result *result, const char *name, size_t extra,
                 const struct jdbc_types *types, struct error *err)
{
    const struct db_column *columns;
    size_t count = db_result_columns(result, &columns);
    *reader = (struct jdbc_reader){
        .columns = xcalloc(count, sizeof(*reader->columns)),
        .signature = signature_of(columns, count),
    };
    size_t fields = count >= extra ? count - extra : 0, exact = fields;
    for (size_t i = 0; i < fields; i++)
        if (!add_column(reader, columns, i, types, err)) {
            jdbc_reader_fini(reader);
            return false;
        }
    for (size_t i = 0; i < reader->count && exact < count; i++)
        if (reader->columns[i].type == DB_FLOAT)
            reader->columns[i].exact_index = exact++;
    reader->schema = struct_schema(reader, name);
    return true;
}

void
jdbc_reader_fini(struct jdbc_reader *reader)
{
    for (size_t i = 0; i < reader->count; i++) {
        free(reader->columns[i].name);
        schema_unref(reader->columns[i].schema);
    }
    free(reader->columns);
    schema_unref(reader->schema);
    *reader = (struct jdbc_reader){0};
}

int
jdbc_reader_find(const struct jdbc_reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->count; i++)
        if (strcmp(reader->columns[i].name, name) == 0)
            return (int)i;
    return -1;
}

int
jdbc_reader_find_any_case(const struct jdbc_reader *reader, const char *name)
{
    int found = jdbc_reader_find(reader, name);
    for (size_t i = 0; i < reader->count && found < 0; i++)
        if (strcasecmp(reader->columns[i].name, name) == 0)
            found = (int)i;
    return found;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static bool
check_required(const struct jdbc_column *column, struct error *err)
{
    error_set(err, ERROR_DATA, "Invalid value: null used for required field: \"%s\", schema type: %s", column->name,
              schema_type_name(column->schema->type));
    err->java_class = DATA_EXCEPTION;
    return false;
}

static bool
decode(const struct jdbc_column *column, const char *const *texts, const unsigned long *lengths, struct value *out,
       struct arena *arena, struct error *err)
{
    size_t i = column->exact_index;
    if (i == column->index)
        return column->decode(column, texts[i], lengths[i], out, arena, err);
    return decode_exact_float(texts[i], lengths[i], out, arena, err);
}

bool
jdbc_reader_row(const struct jdbc_reader *reader, const char *const *texts, const unsigned long *lengths,
                struct value *items_out, struct arena *arena, struct error *err)
{
    for (size_t i = 0; i < reader->count; i++) {
        const struct jdbc_column *column = &reader->columns[i];
        if (!texts[column->index])
            items_out[i] = VALUE_NONE;
        else if (!decode(column, texts, lengths, &items_out[i], arena, err))
            return error_wrap(err, "column %s", column->name);
        if (value_is_null(&items_out[i]) && !column->is_optional)
            return check_required(column, err);
    }
    return true;
}
