/* Tests of common/config/config_def.c: texts are what Kafka's ConfigDef says. */
#include "common/config/config_def.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct sample {
    bool flag;
    int32_t count, small;
    int64_t interval;
    double ratio;
    char *mode, *secret;
    struct string_list names;
};

static const char *const modes[] = {"none", "all", NULL};

static bool
check_even(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    if (!value)
        return error_set(err, ERROR_DATA, "Give one.");
    return strlen(value) % 2 == 0 ? true : error_set(err, ERROR_CONFIG, "Odd");
}

static void
recommend_two(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    string_list_add(out, "a");
    string_list_add(out, "b");
}

static bool
never_visible(const struct config *cfg)
{
    (void)cfg;
    return false;
}

#define AT(field) .offset = offsetof(struct sample, field)
static const struct config_row rows[] = {
    {"flag", CONFIG_BOOLEAN, "true", AT(flag)},
    {"count", CONFIG_INT, "1", AT(count), .has_min = true, .min = 1, .has_max = true, .max = 10},
    {"small", CONFIG_SHORT, "3", AT(small)},
    {"interval", CONFIG_LONG, NULL, AT(interval), .has_min = true, .min = 0},
    {"ratio", CONFIG_DOUBLE, "0.5", AT(ratio)},
    {"mode", CONFIG_STRING, "none", AT(mode), .choices = modes},
    {"secret", CONFIG_PASSWORD, NULL, AT(secret), .check = check_even},
    {"names", CONFIG_LIST, "", AT(names), .check = check_even, .recommend = recommend_two, .visible = never_visible},
    {0},
};
static const struct config_row required_rows[] = {
    {"who", CONFIG_STRING, config_no_default, .offset = CONFIG_NOT_PARSED},
    {"how", CONFIG_STRING, config_no_default, .offset = CONFIG_NOT_PARSED, .choices = modes, .choices_any_case = true},
    {"far", CONFIG_INT, config_no_default, .offset = CONFIG_NOT_PARSED, .has_min = true},
    {"even", CONFIG_STRING, config_no_default, .offset = CONFIG_NOT_PARSED, .check = check_even, .checks_null = true},
    {0},
};

static const struct config_row *
row(const char *name)
{
    for (const struct config_row *r = rows; r->name; r++)
        if (strcmp(r->name, name) == 0)
            return r;
    return NULL;
}

static const struct {
    const char *name, *given, *value, *error, *second;
} value_cases[] = {
    {"flag", " TRUE ", "true", NULL, NULL},
    {"flag", "yes", NULL, "Invalid value yes for configuration flag: Expected value to be either true or false", NULL},
    {"flag", NULL, NULL, NULL, NULL},
    {"count", "007", "7", NULL, NULL},
    {"count", "+7", "7", NULL, NULL},
    {"count", "0", "0", "Invalid value 0 for configuration count: Value must be at least 1", NULL},
    {"count", "11", "11", "Invalid value 11 for configuration count: Value must be no more than 10", NULL},
    {"count", " x", NULL, "Invalid value  x for configuration count: Not a number of type INT",
     "Invalid value null for configuration count: Value must be non-null"},
    {"count", "2147483648", NULL, "Invalid value 2147483648 for configuration count: Not a number of type INT",
     "Invalid value null for configuration count: Value must be non-null"},
    {"count", "1 0", NULL, "Invalid value 1 0 for configuration count: Not a number of type INT",
     "Invalid value null for configuration count: Value must be non-null"},
    {"small", "32768", NULL, "Invalid value 32768 for configuration small: Not a number of type SHORT", NULL},
    {"small", "", NULL, "Invalid value  for configuration small: Not a number of type SHORT", NULL},
    {"interval", "99999999999", "99999999999", NULL, NULL},
    {"interval", "9223372036854775808", NULL,
     "Invalid value 9223372036854775808 for configuration interval: Not a number of type LONG", NULL},
    {"interval", "-1", "-1", "Invalid value -1 for configuration interval: Value must be at least 0", NULL},
    {"ratio", "1", "1.0", NULL, NULL},
    {"ratio", "0.1d", "0.1", NULL, NULL},
    {"ratio", "NaN", "NaN", NULL, NULL},
    {"ratio", "nan", NULL, "Invalid value nan for configuration ratio: Not a number of type DOUBLE", NULL},
    {"mode", "all ", "all", NULL, NULL},
    {"mode", "ALL", "ALL", "Invalid value ALL for configuration mode: String must be one of: none, all", NULL},
    {"secret", "abc", "abc", "Invalid value [hidden] for configuration secret: Odd", NULL},
    {"names", "a , bc", "a,bc", NULL, NULL},
    {"names", " ab ,c d ", "ab,c d", NULL, NULL},
    {"names", "a,b", "a,b", "Invalid value [a, b] for configuration names: Odd", NULL},
    {"names", "", "", NULL, NULL},
};

START_TEST(a_value_is_checked_as_kafka_does)
{
    struct string_list errors = STRING_LIST_INIT;
    char *value = config_row_check(row(value_cases[_i].name), value_cases[_i].given, &errors);
    if (value_cases[_i].value)
        ck_assert_str_eq(value, value_cases[_i].value);
    else
        ck_assert_ptr_null(value);
    size_t expected = !value_cases[_i].error ? 0 : !value_cases[_i].second ? 1 : 2;
    ck_assert_uint_eq(errors.count, expected);
    if (expected > 0)
        ck_assert_str_eq(errors.items[0], value_cases[_i].error);
    if (expected > 1)
        ck_assert_str_eq(errors.items[1], value_cases[_i].second);
    free(value);
    string_list_fini(&errors);
}
END_TEST

START_TEST(parsing_fills_the_struct_with_values_and_defaults)
{
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "count", "5");
    config_set(&cfg, "names", "x, yz");
    config_set(&cfg, "unknown", "1");
    struct sample sample = {0};
    struct error err = ERROR_INIT;
    config_set(&cfg, "names", "x, yzz");
    ck_assert_msg(!config_parse(rows, &cfg, &sample, &err), "odd length is refused");
    ck_assert_str_eq(err.message, "Invalid value [x, yzz] for configuration names: Odd");
    ck_assert_int_eq(err.code, ERROR_CONFIG);
    ck_assert_ptr_null(sample.mode);
    config_set(&cfg, "names", "x, yz");
    ck_assert(config_parse(rows, &cfg, &sample, &err));
    ck_assert(sample.flag);
    ck_assert_int_eq(sample.count, 5);
    ck_assert_int_eq(sample.small, 3);
    ck_assert_int_eq(sample.interval, INT64_MIN);
    ck_assert_double_eq(sample.ratio, 0.5);
    ck_assert_str_eq(sample.mode, "none");
    ck_assert_ptr_null(sample.secret);
    ck_assert_uint_eq(sample.names.count, 2);
    ck_assert_str_eq(sample.names.items[1], "yz");
    config_parsed_free(rows, &sample);
    ck_assert_ptr_null(sample.mode);
    config_fini(&cfg);
}
END_TEST

START_TEST(validation_lists_every_setting_and_keeps_errors_beside_it)
{
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "secret", "1234");
    config_set(&cfg, "count", "zero");
    struct config_values values = CONFIG_VALUES_INIT;
    config_validate(rows, &cfg, &values);
    ck_assert_uint_eq(values.count, 8);
    ck_assert_uint_eq(config_values_error_count(&values), 2);
    ck_assert_str_eq(config_values_find(&values, "secret")->value, "[hidden]");
    ck_assert_ptr_null(config_values_find(&values, "interval")->value);
    ck_assert_str_eq(config_values_find(&values, "ratio")->value, "0.5");
    ck_assert_uint_eq(config_values_find(&values, "names")->recommended.count, 2);
    ck_assert(!config_values_find(&values, "names")->is_visible);
    ck_assert(config_values_find(&values, "mode")->is_visible);
    ck_assert_uint_eq(config_values_find(&values, "mode")->recommended.count, 0);
    config_values_fini(&values);
    config_fini(&cfg);
}
END_TEST

START_TEST(a_missing_required_setting_is_reported_and_its_validators_see_null)
{
    struct config cfg = CONFIG_INIT;
    struct config_values values = CONFIG_VALUES_INIT;
    config_validate(required_rows, &cfg, &values);
    ck_assert_uint_eq(values.items[0].errors.count, 1);
    ck_assert_str_eq(values.items[0].errors.items[0],
                     "Missing required configuration \"who\" which has no default value.");
    ck_assert_uint_eq(values.items[1].errors.count, 2);
    ck_assert_str_eq(values.items[1].errors.items[1],
                     "Invalid value null for configuration how: String must be one of (case insensitive): NONE, ALL");
    ck_assert_uint_eq(values.items[2].errors.count, 2);
    ck_assert_uint_eq(values.items[3].errors.count, 2);
    ck_assert_str_eq(values.items[3].errors.items[1], "Give one.");
    config_values_fini(&values);
}
END_TEST

START_TEST(an_error_for_an_unknown_name_is_listed_before_the_known_ones)
{
    struct config cfg = CONFIG_INIT;
    struct config_values values = CONFIG_VALUES_INIT;
    config_validate(required_rows, &cfg, &values);
    config_values_error(&values, "alien", "problem %d", 1);
    config_values_error(&values, "beast", "problem 2");
    config_values_error(&values, "alien", "problem 3");
    ck_assert_str_eq(values.items[0].name, "alien");
    ck_assert_ptr_null(values.items[0].row);
    ck_assert_uint_eq(values.items[0].errors.count, 2);
    ck_assert_str_eq(values.items[0].errors.items[0], "problem 1");
    ck_assert_str_eq(values.items[1].name, "beast");
    ck_assert_str_eq(values.items[2].name, "who");
    config_values_fini(&values);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/config/config_def");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, a_value_is_checked_as_kafka_does, 0, sizeof(value_cases) / sizeof(value_cases[0]));
    tcase_add_test(tcase, parsing_fills_the_struct_with_values_and_defaults);
    tcase_add_test(tcase, validation_lists_every_setting_and_keeps_errors_beside_it);
    tcase_add_test(tcase, a_missing_required_setting_is_reported_and_its_validators_see_null);
    tcase_add_test(tcase, an_error_for_an_unknown_name_is_listed_before_the_known_ones);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
