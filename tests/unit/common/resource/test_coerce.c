#include "common/resource/coerce.h"

#include <check.h>
#include <string.h>

static struct arena arena;

static void
arena_open(void)
{
    arena = ARENA_INIT;
}

static void
arena_close(void)
{
    arena_fini(&arena);
}

static bool
coerce_text(enum field_type type, const char *json, enum coerce_mode mode, struct db_value *out, struct error *err)
{
    const struct field field = {"member", "column", type};
    struct json_node *node = json_read(&arena, json, strlen(json), err);
    ck_assert_msg(node != NULL, "%s", json);
    return coerce(&arena, &field, node, mode, out, err);
}

#define NOTHING INT64_MIN + 1 /* stands for null */

static const struct {
    enum field_type type;
    const char *json;
    int64_t want;
} integers[] = {
    {FIELD_INT, "10", 10},          {FIELD_INT, "10.5", 10},         {FIELD_INT, "-10.9", -10},    {FIELD_INT, "1e3", 1000},
    {FIELD_INT, "2147483646.9", 2147483646}, {FIELD_INT, "\"10\"", 10},     {FIELD_INT, "\" 10 \"", 10},   {FIELD_INT, "\"+5\"", 5},
    {FIELD_INT, "\"007\"", 7},      {FIELD_INT, "\"\"", NOTHING},    {FIELD_INT, "\"  \"", NOTHING}, {FIELD_INT, "\"null\"", NOTHING},
    {FIELD_INT, "null", NOTHING},   {FIELD_INT, "-0", 0},            {FIELD_INT, "\"\xd9\xa1\xd9\xa2\"", 12},
    {FIELD_INT, "-2147483648", INT32_MIN}, {FIELD_LONG, "2147483648", 2147483648}, {FIELD_LONG, "\"-9223372036854775808\"", INT64_MIN},
    {FIELD_LONG, "9223372036854775807", INT64_MAX}, {FIELD_LONG, "9e18", 9000000000000000000},
    {FIELD_LONG, "9223372036854775807.0", INT64_MAX},
};

START_TEST(integers_come_from_numbers_and_strings)
{
    struct db_value value;
    struct error err = ERROR_INIT;
    ck_assert_msg(coerce_text(integers[_i].type, integers[_i].json, COERCE_NEW, &value, &err), "%s", err.message);
    ck_assert_int_eq(value.kind, integers[_i].want == NOTHING ? DB_VALUE_NULL : DB_VALUE_INT);
    if (value.kind == DB_VALUE_INT)
        ck_assert_int_eq(value.integer, integers[_i].want);
}
END_TEST

static const struct {
    enum field_type type;
    const char *json;
    int cause; /* 1: out of range, which the original nests once more */
} refused[] = {
    {FIELD_INT, "\"10.5\"", 0},     {FIELD_INT, "\"1e3\"", 0},       {FIELD_INT, "\"0x10\"", 0},   {FIELD_INT, "\"abc\"", 0},
    {FIELD_INT, "\"1,000\"", 0},    {FIELD_INT, "true", 0},          {FIELD_INT, "{}", 0},         {FIELD_INT, "[1]", 0},
    {FIELD_INT, "2147483648", 1},   {FIELD_INT, "\"2147483648\"", 0}, {FIELD_INT, "1e400", 1}, {FIELD_INT, "2147483647.5", 1},     {FIELD_INT, "\"-\"", 0},
    {FIELD_LONG, "9223372036854775808", 1}, {FIELD_LONG, "9223372036854777000.0", 1}, {FIELD_LONG, "\"9223372036854775808\"", 0},
    {FIELD_LONG, "99999999999999999999999999999999999999999999", 1},
    {FIELD_DOUBLE, "false", 0},     {FIELD_DOUBLE, "\"abc\"", 0},    {FIELD_DOUBLE, "\"1,5\"", 0}, {FIELD_DOUBLE, "{}", 0},
    {FIELD_DOUBLE, "\"1\\u00002\"", 0}, {FIELD_DOUBLE, "\".\"", 0},   {FIELD_DOUBLE, "\"1e\"", 0},
    {FIELD_DOUBLE, "\"1df\"", 0},      {FIELD_DOUBLE, "\"d\"", 0},
    {FIELD_TEXT, "{}", 0},          {FIELD_TEXT, "[]", 0},
};

START_TEST(what_does_not_fit_is_refused_and_the_member_named)
{
    struct db_value value;
    struct error err = ERROR_INIT;
    ck_assert(!coerce_text(refused[_i].type, refused[_i].json, COERCE_NEW, &value, &err));
    ck_assert_int_eq(err.code, ERROR_DATA);
    ck_assert_int_eq(err.cause, refused[_i].cause);
    ck_assert_ptr_nonnull(strstr(err.message, "\"member\""));
}
END_TEST

static const struct {
    const char *json;
    double want;
} doubles[] = {
    {"10", 10}, {"10.5", 10.5}, {"1e3", 1000}, {"\"1e3\"", 1000}, {"\" .5 \"", 0.5}, {"\"5.\"", 5}, {"\"-0\"", -0.0}, {"\"1E-2\"", 0.01}, {"\"10d\"", 10},
};

START_TEST(doubles_come_from_numbers_and_strings)
{
    struct db_value value;
    struct error err = ERROR_INIT;
    ck_assert(coerce_text(FIELD_DOUBLE, doubles[_i].json, COERCE_NEW, &value, &err));
    ck_assert_int_eq(value.kind, DB_VALUE_DOUBLE);
    ck_assert(value.real == doubles[_i].want);
}
END_TEST

static const struct {
    const char *json, *is_new, *is_old;
} texts[] = {
    {"\"  a \"", "  a ", "  a "}, {"\"\"", "", ""},       {"1000", "1000", "1000"}, {"10.50", "10.50", "10.5"},
    {"1e3", "1e3", "1000.0"},     {"true", "true", "true"}, {"-0", "-0", "0"},
};

START_TEST(a_number_in_a_text_keeps_its_source_on_a_new_row_only)
{
    struct db_value value;
    struct error err = ERROR_INIT;
    ck_assert(coerce_text(FIELD_TEXT, texts[_i].json, COERCE_NEW, &value, &err));
    ck_assert_uint_eq(value.len, strlen(texts[_i].is_new));
    ck_assert_mem_eq(value.bytes, texts[_i].is_new, value.len);
    ck_assert(coerce_text(FIELD_TEXT, texts[_i].json, COERCE_EXISTING, &value, &err));
    ck_assert_uint_eq(value.len, strlen(texts[_i].is_old));
    ck_assert_mem_eq(value.bytes, texts[_i].is_old, value.len);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("coerce");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, arena_open, arena_close);
    tcase_add_loop_test(tcase, integers_come_from_numbers_and_strings, 0, sizeof(integers) / sizeof(*integers));
    tcase_add_loop_test(tcase, what_does_not_fit_is_refused_and_the_member_named, 0, sizeof(refused) / sizeof(*refused));
    tcase_add_loop_test(tcase, doubles_come_from_numbers_and_strings, 0, sizeof(doubles) / sizeof(*doubles));
    tcase_add_loop_test(tcase, a_number_in_a_text_keeps_its_source_on_a_new_row_only, 0, sizeof(texts) / sizeof(*texts));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
