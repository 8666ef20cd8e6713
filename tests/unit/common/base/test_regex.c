#include "common/base/regex.h"

#include <check.h>
#include <stdlib.h>

static const struct {
    const char *pattern, *text;
    bool matches;
} matches[] = {
    {"orders", "orders", true},
    {"orders", "my-orders", false},
    {"orders", "orders2", false},
    {"a|ab", "ab", true},
    {"dbserver1\\.(.*)\\.(.*)", "dbserver1.inventory.orders", true},
    {"dbserver1\\.(.*)\\.(.*)", "dbserver1xinventory.orders", false},
    {"[a-z&]+", "a&b", true},
    {"[^a-z]+", "ABC", true},
    {"\\Qa.b\\E.", "a.bc", true},
    {"\\Qa.b\\E.", "axbc", false},
    {"\\u0041+", "AAA", true},
    {"\\p{Alpha}+", "abC", true},
    {"\\p{Alpha}+", "ab1", false},
    {"\\P{Alpha}+", "12", true},
    {"[\\p{Digit}x]+", "1x2", true},
    {"\\p{Lu}+", "ÄÖ", true},
    {"(?<db>\\w+)-\\k<db>", "a1-a1", true},
    {"(?i)ORDERS", "orders", true},
    {"a++b", "aab", true},
    {"(?!x).*", "xyz", false},
    {"(?!x).*", "abc", true},
    {"", "", true},
    {"\\[\\]", "[]", true},
    {".", "ü", true},
    {"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
};

START_TEST(the_whole_text_has_to_match)
{
    struct error err = ERROR_INIT;
    struct regex *regex = regex_new(matches[_i].pattern, &err);
    ck_assert_msg(regex != NULL, "%s", err.message);
    ck_assert_msg(regex_matches(regex, matches[_i].text) == matches[_i].matches, "%s on %s", matches[_i].pattern,
                  matches[_i].text);
    regex_free(regex);
}
END_TEST

static const struct {
    const char *pattern, *text, *replacement, *result; /* result NULL: the error's text is in `error` */
    const char *error;
} replacements[] = {
    {"(.*)", "orders", "copy-$1", "copy-orders", NULL},
    {"db\\.(?<t>.*)", "db.orders", "${t}_x", "orders_x", NULL},
    {"(a)(b)?", "ac", "[$1$2]", "[a]c", NULL},
    {"b", "abc", "\\$1\\\\", "a$1\\c", NULL},
    {"(b)", "abc", "$10", "ab0c", NULL},
    {"(b)", "abc", "$0$0", "abbc", NULL},
    {"z", "abc", "x", "abc", NULL},
    {"b", "abc", "", "ac", NULL},
    {"b", "abc", "$1", NULL, "No group 1"},
    {"b", "abc", "$x", NULL, "Illegal group reference"},
    {"b", "abc", "$", NULL, "Illegal group reference: group index is missing"},
    {"b", "abc", "\\", NULL, "character to be escaped is missing"},
    {"b", "abc", "${x}", NULL, "No group with name {x}"},
    {"b", "abc", "${x", NULL, "named capturing group is missing trailing '}'"},
};

START_TEST(the_first_match_is_replaced_as_java_does)
{
    struct error err = ERROR_INIT;
    struct strbuf out = STRBUF_INIT;
    strbuf_puts(&out, "<");
    struct regex *regex = regex_new(replacements[_i].pattern, &err);
    ck_assert_ptr_nonnull(regex);
    bool is_done = regex_replace_first(regex, replacements[_i].text, replacements[_i].replacement, &out, &err);
    ck_assert(is_done == (replacements[_i].result != NULL));
    ck_assert_str_eq(is_done ? out.data + 1 : err.message, is_done ? replacements[_i].result : replacements[_i].error);
    if (!is_done)
        ck_assert_str_eq(out.data, "<");
    regex_free(regex);
    strbuf_fini(&out);
}
END_TEST

START_TEST(a_wrong_expression_is_a_configuration_error)
{
    const char *const wrong[] = {"(", "[a", "*", "a{2,1}", "[a-z&&[^b]]", "[a[bc]]", "\\"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct error err = ERROR_INIT;
        ck_assert_ptr_null(regex_new(wrong[i], &err));
        ck_assert_int_eq(err.code, ERROR_CONFIG);
        ck_assert(err.message[0]);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("regex");
    TCase *tc = tcase_create("regex");
    tcase_add_loop_test(tc, the_whole_text_has_to_match, 0, sizeof(matches) / sizeof(matches[0]));
    tcase_add_loop_test(tc, the_first_match_is_replaced_as_java_does, 0, sizeof(replacements) / sizeof(replacements[0]));
    tcase_add_test(tc, a_wrong_expression_is_a_configuration_error);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
