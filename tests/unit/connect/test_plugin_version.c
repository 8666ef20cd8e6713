/* Tests of connect/plugin_version.c. */
#include "connect/plugin_version.h"

#include <check.h>
#include <stdlib.h>

static const struct {
    const char *wanted;
    enum error_code code; /* ERROR_NONE: it is there */
    const char *text;
} cases[] = {
    {NULL, ERROR_NONE, NULL},
    {"latest", ERROR_NONE, NULL},
    {"10.9.7", ERROR_NONE, NULL},
    {"[10.9.7]", ERROR_NONE, NULL},
    {" 10.9.7 ", ERROR_NONE, NULL},
    {"[10,11)", ERROR_NONE, NULL},
    {"(,10.10)", ERROR_NONE, NULL},
    {"[9,10),[10.9,)", ERROR_NONE, NULL},
    {"10.9", ERROR_NOT_FOUND, "Plugin a.B not found that matches the version range [10.9,10.9], available versions: [10.9.7]"},
    {"", ERROR_NOT_FOUND, "Plugin a.B not found that matches the version range [,], available versions: [10.9.7]"},
    {"(10.9.7,11]", ERROR_NOT_FOUND, "Plugin a.B not found that matches the version range (10.9.7,11], available versions: [10.9.7]"},
    {"[1,10.9.7)", ERROR_NOT_FOUND, "Plugin a.B not found that matches the version range [1,10.9.7), available versions: [10.9.7]"},
    {"abc", ERROR_NOT_FOUND, "Plugin a.B not found that matches the version range [abc,abc], available versions: [10.9.7]"},
    {"[", ERROR_CONFIG, "Unbounded range: ["},
    {"a,,b", ERROR_CONFIG, "Range defies version ordering: [a,,b]"},
    {"[11,10]", ERROR_CONFIG, "Range defies version ordering: [11,10]"},
};

START_TEST(a_version_is_looked_for_in_what_was_asked_for)
{
    struct error err = ERROR_INIT;
    bool found = plugin_version_check("a.B", "10.9.7", cases[_i].wanted, &err);
    ck_assert_msg(found == (cases[_i].code == ERROR_NONE), "%s", cases[_i].wanted);
    ck_assert_int_eq(err.code, cases[_i].code);
    if (cases[_i].text)
        ck_assert_str_eq(err.message, cases[_i].text);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/plugin_version");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, a_version_is_looked_for_in_what_was_asked_for, 0, sizeof(cases) / sizeof(cases[0]));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
