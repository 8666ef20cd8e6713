/* Tests of connect/connectors/jdbc/types.c and temporal.c. */
#include "connect/connectors/jdbc/types.h"

#include "connect/connectors/jdbc/temporal.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct error err;
static struct arena arena;
static struct zone *zone;
static struct jdbc_types types;

static void
setup(void)
{
    err = ERROR_INIT;
    arena = ARENA_INIT;
    zone = zone_open("UTC", &err);
    types = (struct jdbc_types){.behaviour = {.tiny_int1_is_bit = true, .year_is_date = true}, .zone = zone};
}

static void
teardown(void)
{
    arena_fini(&arena);
    zone_close(zone);
}

/* Read one column's one text through a reader; -> did it decode? The reader is the caller's. */
static bool
decode(const struct db_column *column, const char *text, struct jdbc_reader *reader, struct value *out)
{
    db_script_reset();
    struct db_column columns[2] = {*column};
    db_script_add(&(struct db_script_rule){.match = "SELECT", .columns = columns, .rows = &text, .row_count = 1});
    struct db *db = db_connect(&(struct db_params){0}, &err);
    struct db_result *result = db_query(db, "SELECT", 6, &err);
    const char *const *texts;
    const unsigned long *lengths;
    ck_assert(jdbc_reader_init(reader, result, "T", 0, &types, &err));
    ck_assert(jdbc_reader_fits(reader, result));
    ck_assert_int_eq(db_result_next(result, &texts, &lengths, &err), DB_ROW);
    bool ok = jdbc_reader_row(reader, texts, lengths, out, &arena, &err);
    db_result_free(result);
    db_close(db);
    return ok;
}

#define COLUMN(type_, ...) {.name = "c", .table = "t", .org_name = "c", .org_table = "t", .database = "d", .type = type_, __VA_ARGS__}

static const struct {
    struct db_column column;
    const char *text;
    enum schema_type schema;
    enum schema_logical logical;
    int64_t integer;
} integers[] = {
    {COLUMN(DB_TINY, .length = 1), "-128", SCHEMA_INT8, SCHEMA_PLAIN, -128},
    {COLUMN(DB_TINY, .is_unsigned = true), "255", SCHEMA_INT16, SCHEMA_PLAIN, 255},
    {COLUMN(DB_SHORT, .is_unsigned = true), "65535", SCHEMA_INT32, SCHEMA_PLAIN, 65535},
    {COLUMN(DB_INT24, .is_unsigned = true), "1", SCHEMA_INT64, SCHEMA_PLAIN, 1},
    {COLUMN(DB_LONG, .is_zerofill = true), "0000000042", SCHEMA_INT32, SCHEMA_PLAIN, 42},
    {COLUMN(DB_LONGLONG, .is_unsigned = true, .is_zerofill = true), "00000000000000000007", SCHEMA_INT64, SCHEMA_PLAIN, 7},
    {COLUMN(DB_LONGLONG, .is_unsigned = true), "9223372036854775807", SCHEMA_INT64, SCHEMA_PLAIN, INT64_MAX},
    {COLUMN(DB_LONGLONG, .length = 20), "-9223372036854775808", SCHEMA_INT64, SCHEMA_PLAIN, INT64_MIN},
    {COLUMN(DB_YEAR, .length = 4), "2020", SCHEMA_INT32, SCHEMA_DATE, 18262},
    {COLUMN(DB_YEAR, .length = 4), "0000", SCHEMA_INT32, SCHEMA_DATE, 10957},
    {COLUMN(DB_DATE, .length = 10), "2020-02-29", SCHEMA_INT32, SCHEMA_DATE, 18321},
    {COLUMN(DB_DATE, .length = 10), "1582-10-04", SCHEMA_INT32, SCHEMA_DATE, -141428},
    {COLUMN(DB_DATE, .length = 10), "1582-10-15", SCHEMA_INT32, SCHEMA_DATE, -141427},
    {COLUMN(DB_DATE, .length = 10), "1000-01-01", SCHEMA_INT32, SCHEMA_DATE, -354280},
    {COLUMN(DB_DATE, .length = 10), "2020-00-00", SCHEMA_INT32, SCHEMA_DATE, 18230},
    {COLUMN(DB_TIME, .decimals = 6), "10:11:12.123456", SCHEMA_INT32, SCHEMA_TIME, 36672123},
    {COLUMN(DB_DATETIME, .decimals = 6), "2020-02-29 10:11:12.123456", SCHEMA_INT64, SCHEMA_TIMESTAMP, 1582971072123},
    {COLUMN(DB_DATETIME, .decimals = 6), "1969-12-31 23:59:59.999999", SCHEMA_INT64, SCHEMA_TIMESTAMP, -1},
    {COLUMN(DB_TIMESTAMP, .length = 19), "9999-12-31 23:59:59", SCHEMA_INT64, SCHEMA_TIMESTAMP, 253402300799000},
};

START_TEST(a_column_becomes_a_number_of_its_schema)
{
    struct jdbc_reader reader;
    struct value value;
    ck_assert_msg(decode(&integers[_i].column, integers[_i].text, &reader, &value), "%s", err.message);
    ck_assert_int_eq(value.kind, VALUE_INT);
    ck_assert_int_eq(value.as.integer, integers[_i].integer);
    ck_assert_int_eq(reader.columns[0].schema->type, integers[_i].schema);
    ck_assert_int_eq(reader.columns[0].schema->logical, integers[_i].logical);
    ck_assert(reader.columns[0].schema->is_optional);
    jdbc_reader_fini(&reader);
}
END_TEST

static const struct {
    struct db_column column;
    const char *text, *message;
} refused[] = {
    {COLUMN(DB_LONGLONG, .is_unsigned = true), "9223372036854775808", "9223372036854775808"},
    {COLUMN(DB_LONGLONG, .is_unsigned = true), "99999999999999999999", "outside of valid range"},
    {COLUMN(DB_DATE, .length = 10), "0000-00-00", "Zero date value prohibited"},
    {COLUMN(DB_DATETIME, .length = 19), "0000-00-00 00:00:00", "Zero date value prohibited"},
    {COLUMN(DB_TIME, .length = 10), "-01:00:00", "'-01:00:00'"},
    {COLUMN(DB_TIME, .length = 10), "838:59:59", "'838:59:59'"},
    {COLUMN(DB_DATE, .length = 10), "x", "not a date"},
    {COLUMN(DB_DATETIME, .length = 10), "2020-01-01 xx:00:00", "not a date"},
    {COLUMN(DB_TIME, .length = 10), "1:2", "not a time"},
    {COLUMN(DB_DOUBLE, .length = 10), "1.2.3", "not a number"},
    {COLUMN(DB_DECIMAL, .decimals = 1), "1.23", "too many decimals"},
    {COLUMN(DB_LONG, .is_not_null = true), NULL, "null used for required field: \"c\""},
};

START_TEST(a_text_that_has_no_place_in_the_schema_is_refused_by_name)
{
    struct jdbc_reader reader;
    struct value value;
    ck_assert(!decode(&refused[_i].column, refused[_i].text, &reader, &value));
    ck_assert_int_eq(err.code, ERROR_DATA);
    ck_assert_msg(strstr(err.message, refused[_i].message) && strchr(err.message, 'c'), "%s", err.message);
    jdbc_reader_fini(&reader);
}
END_TEST

static const struct {
    const char *text;
    int scale;
    const char *digits;
} decimals[] = {
    {"12.30", 2, "1230"}, {"-0.05", 2, "-5"}, {"0.00", 2, "0"}, {"-0.00", 2, "0"}, {"00042", 0, "42"}, {"7", 3, "7000"}, {"0", 3, "0"},
    {"-99999999999999999999999999999999999999999999999999999999999999999", 0, "-99999999999999999999999999999999999999999999999999999999999999999"},
};

START_TEST(a_decimal_is_the_digits_of_its_unscaled_number)
{
    struct jdbc_reader reader;
    struct value value;
    struct db_column column = COLUMN(DB_DECIMAL, .length = 12);
    column.decimals = (unsigned)decimals[_i].scale;
    ck_assert(decode(&column, decimals[_i].text, &reader, &value));
    ck_assert_int_eq(value.kind, VALUE_DECIMAL);
    ck_assert_int_eq(value.scale, decimals[_i].scale);
    ck_assert_uint_eq(value.len, strlen(decimals[_i].digits));
    ck_assert_mem_eq(value.as.bytes, decimals[_i].digits, value.len);
    jdbc_reader_fini(&reader);
}
END_TEST

START_TEST(a_decimal_schema_names_scale_and_precision)
{
    struct jdbc_reader reader;
    struct value value;
    struct db_column column = COLUMN(DB_DECIMAL, .length = 12, .decimals = 2, .is_not_null = true);
    ck_assert(decode(&column, "1.00", &reader, &value));
    const struct schema *schema = reader.columns[0].schema;
    ck_assert_str_eq(schema->parameters[0].key, "scale");
    ck_assert_str_eq(schema->parameters[0].value, "2");
    ck_assert_str_eq(schema_parameter_get(schema, "connect.decimal.precision"), "10");
    ck_assert(!schema->is_optional);
    jdbc_reader_fini(&reader);
}
END_TEST

static const char *const reals[] = {"0", "-1.5", "123456789.125", "1e10", "1.7976931348623157e308", "0.1", "9007199254740993", "-0.00099", "4.35", "999999999999999"};

START_TEST(a_double_is_exact_and_keeps_its_digits)
{
    struct jdbc_reader reader;
    struct value value;
    struct db_column column = COLUMN(DB_DOUBLE, .length = 22);
    ck_assert(decode(&column, reals[_i], &reader, &value));
    ck_assert(value.as.real == strtod(reals[_i], NULL));
    ck_assert_str_eq(value.text, reals[_i]);
    jdbc_reader_fini(&reader);
}
END_TEST

START_TEST(zeros_in_front_are_no_digits)
{
    struct jdbc_reader reader;
    struct value value;
    struct db_column column = COLUMN(DB_FLOAT, .is_zerofill = true);
    ck_assert(decode(&column, "00012345.7", &reader, &value));
    ck_assert_str_eq(value.text, "12345.7");
    jdbc_reader_fini(&reader);
    ck_assert(decode(&column, "000000.5", &reader, &value));
    ck_assert_str_eq(value.text, "0.5");
    jdbc_reader_fini(&reader);
}
END_TEST

/* The converter refuses it, as with Java, so that errors.tolerance can be asked. */
START_TEST(a_time_that_its_zone_moves_to_another_day_is_outside_of_the_day)
{
    struct jdbc_reader reader;
    struct value value;
    struct db_column column = COLUMN(DB_TIME, .length = 10);
    zone_close(zone);
    zone = zone_open("Asia/Seoul", &err);
    types.zone = zone;
    ck_assert(decode(&column, "08:00:00", &reader, &value));
    ck_assert_int_eq(value.as.integer, -3600000);
    jdbc_reader_fini(&reader);
}
END_TEST

START_TEST(tinyint_1_is_a_boolean_when_asked_for)
{
    static const struct {
        const char *text;
        bool is_true;
    } cases[] = {{"0", false}, {"1", true}, {"5", true}, {"-1", true}, {"-2", false}};
    types.behaviour.transformed_bit_is_boolean = true;
    struct db_column column = COLUMN(DB_TINY, .length = 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct jdbc_reader reader;
        struct value value;
        ck_assert(decode(&column, cases[i].text, &reader, &value));
        ck_assert_int_eq(value.kind, VALUE_BOOLEAN);
        ck_assert_int_eq(value.as.boolean, cases[i].is_true);
        jdbc_reader_fini(&reader);
    }
}
END_TEST

START_TEST(zero_dates_become_null_or_the_first_day_when_asked_for)
{
    struct jdbc_reader reader;
    struct value value;
    struct db_column column = COLUMN(DB_DATE, .length = 10);
    types.behaviour.zero_dates = JDBC_ZERO_DATES_NULL;
    ck_assert(decode(&column, "0000-00-00", &reader, &value));
    ck_assert(value_is_null(&value));
    jdbc_reader_fini(&reader);
    types.behaviour.zero_dates = JDBC_ZERO_DATES_ROUND;
    ck_assert(decode(&column, "0000-00-00", &reader, &value));
    ck_assert_int_eq(value.as.integer, -719164);
    jdbc_reader_fini(&reader);
}
END_TEST

static const struct {
    enum jdbc_granularity granularity;
    const char *text, *expected; /* a number for the long forms */
} granular[] = {
    {JDBC_MICROS_LONG, "2020-02-29 10:11:12.123456", "1582971072123456"},
    {JDBC_NANOS_STRING, "2020-02-29 10:11:12.123456", "1582971072123456000"},
    {JDBC_NANOS_STRING, "1969-12-31 23:59:59.999999", "999999000"}, /* as Java has it */
    {JDBC_MICROS_ISO, "1969-12-31 23:59:59.999999", "1969-12-31T23:59:59.999999"},
    {JDBC_NANOS_ISO, "2020-02-29 10:11:12", "2020-02-29T10:11:12.000000000"},
};

START_TEST(timestamps_come_in_the_granularity_asked_for)
{
    struct jdbc_reader reader;
    struct value value;
    struct db_column column = COLUMN(DB_DATETIME, .decimals = 6);
    types.granularity = granular[_i].granularity;
    ck_assert(decode(&column, granular[_i].text, &reader, &value));
    if (value.kind == VALUE_INT) {
        ck_assert_int_eq(value.as.integer, strtoll(granular[_i].expected, NULL, 10));
    } else {
        ck_assert_uint_eq(value.len, strlen(granular[_i].expected));
        ck_assert_mem_eq(value.as.bytes, granular[_i].expected, value.len);
    }
    jdbc_reader_fini(&reader);
}
END_TEST

START_TEST(a_timestamp_beyond_64_bits_of_nanoseconds_is_refused)
{
    struct jdbc_reader reader;
    struct value value;
    struct db_column column = COLUMN(DB_DATETIME, .length = 19);
    types.granularity = JDBC_NANOS_LONG;
    ck_assert(!decode(&column, "9999-12-31 23:59:59", &reader, &value));
    ck_assert_int_eq(err.code, ERROR_DATA);
    jdbc_reader_fini(&reader);
}
END_TEST

/* A reader of columns of the given labels and origins; false: refused. */
static bool
read_columns(const struct db_column *columns, struct jdbc_reader *reader)
{
    db_script_reset();
    db_script_add(&(struct db_script_rule){.match = "SELECT", .columns = columns});
    struct db *db = db_connect(&(struct db_params){0}, &err);
    struct db_result *result = db_query(db, "SELECT", 6, &err);
    bool ok = jdbc_reader_init(reader, result, NULL, 0, &types, &err);
    db_result_free(result);
    db_close(db);
    return ok;
}

START_TEST(the_same_column_twice_is_one_field_but_two_columns_of_one_name_are_refused)
{
    struct jdbc_reader reader;
    const struct db_column same[] = {COLUMN(DB_LONG, .length = 11), COLUMN(DB_LONG, .length = 11), {0}};
    ck_assert(read_columns(same, &reader));
    ck_assert_uint_eq(reader.count, 1);
    jdbc_reader_fini(&reader);
    struct db_column other[] = {COLUMN(DB_LONG, .length = 11), COLUMN(DB_LONG, .length = 11), {0}};
    other[1].table = "u";
    ck_assert(!read_columns(other, &reader));
    ck_assert_ptr_nonnull(strstr(err.message, "field name duplication c"));
}
END_TEST

START_TEST(a_column_without_a_counterpart_is_left_out)
{
    struct jdbc_reader reader;
    const struct db_column columns[] = {COLUMN(DB_NULL, .length = 0), {.name = "d", .table = "", .org_name = "", .type = DB_LONG}, {0}};
    ck_assert(read_columns(columns, &reader));
    ck_assert_uint_eq(reader.count, 1);
    ck_assert_int_eq(jdbc_reader_find(&reader, "c"), -1);
    ck_assert_int_eq(jdbc_reader_find(&reader, "d"), 0);
    ck_assert_uint_eq(reader.columns[0].index, 1);
    jdbc_reader_fini(&reader);
}
END_TEST

START_TEST(a_time_is_written_with_as_many_digits_as_it_needs)
{
    struct strbuf out = STRBUF_INIT;
    temporal_write(&out, 1577836801, 1000);
    strbuf_putc(&out, '|');
    temporal_write(&out, 0, 0);
    strbuf_putc(&out, '|');
    temporal_write(&out, -1, 250000000);
    ck_assert_str_eq(out.data, "2020-01-01 00:00:01.000001|1970-01-01 00:00:00|1969-12-31 23:59:59.25");
    strbuf_fini(&out);
}
END_TEST

#define LOOP(test, cases) tcase_add_loop_test(tcase, test, 0, sizeof(cases) / sizeof(*cases))

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/types");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    LOOP(a_column_becomes_a_number_of_its_schema, integers);
    LOOP(a_text_that_has_no_place_in_the_schema_is_refused_by_name, refused);
    LOOP(a_decimal_is_the_digits_of_its_unscaled_number, decimals);
    tcase_add_test(tcase, a_decimal_schema_names_scale_and_precision);
    LOOP(a_double_is_exact_and_keeps_its_digits, reals);
    tcase_add_test(tcase, zeros_in_front_are_no_digits);
    tcase_add_test(tcase, a_time_that_its_zone_moves_to_another_day_is_outside_of_the_day);
    tcase_add_test(tcase, tinyint_1_is_a_boolean_when_asked_for);
    tcase_add_test(tcase, zero_dates_become_null_or_the_first_day_when_asked_for);
    LOOP(timestamps_come_in_the_granularity_asked_for, granular);
    tcase_add_test(tcase, a_timestamp_beyond_64_bits_of_nanoseconds_is_refused);
    tcase_add_test(tcase, the_same_column_twice_is_one_field_but_two_columns_of_one_name_are_refused);
    tcase_add_test(tcase, a_column_without_a_counterpart_is_left_out);
    tcase_add_test(tcase, a_time_is_written_with_as_many_digits_as_it_needs);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
