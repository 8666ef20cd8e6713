/* Tests of common/config/properties.c: expectations are those of java.util.Properties. */
#include "common/config/properties.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
collect(void *arg, const char *key, const char *value, int line)
{
    (void)line;
    config_set(arg, key, value);
}

static const struct {
    const char *text, *key, *value;
} cases[] = {
    {"a=b", "a", "b"},
    {"  a = b ", "a", "b "},
    {"a:b", "a", "b"},
    {"a b c", "a", "b c"},
    {"a", "a", ""},
    {"a=", "a", ""},
    {"a==b", "a", "=b"},
    {"a : = b", "a", "= b"},
    {"a\\=b=c", "a=b", "c"},
    {"a\\ b=c", "a b", "c"},
    {"a=b\\\n   c", "a", "bc"},
    {"a=b\\\r\n\tc\r\nd=e", "a", "bc"},
    {"a=b\\\\\nc=d", "c", "d"},
    {"a=\\u00fc\\uD83D\\uDE00", "a", "\xC3\xBC\xF0\x9F\x98\x80"},
    {"a=x\\ty\\n\\q", "a", "x\ty\nq"},
    {"# c=d\n! e\n\n a=1", "a", "1"},
    {"a=1\na=2", "a", "2"},
    {"a=b # not a comment", "a", "b # not a comment"},
    {"a=b\\\n# joined", "a", "b# joined"},
    {"url=jdbc:mysql://h/db?a=1&b=2", "url", "jdbc:mysql://h/db?a=1&b=2"},
    {"a=\\", "a", ""},
};

START_TEST(a_line_is_read_as_java_does)
{
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    ck_assert(properties_parse("x", cases[_i].text, strlen(cases[_i].text), collect, &cfg, &err));
    ck_assert_ptr_nonnull(config_get(&cfg, cases[_i].key));
    ck_assert_str_eq(config_get(&cfg, cases[_i].key), cases[_i].value);
    ck_assert(!config_has(&cfg, "c") || strcmp(cases[_i].key, "c") == 0);
    config_fini(&cfg);
}
END_TEST

START_TEST(an_error_names_file_line_and_key)
{
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    const char *text = "a=1\n\n# x\nb=c\\\n\\u12";
    ck_assert(!properties_parse("w.properties", text, strlen(text), collect, &cfg, &err));
    ck_assert_str_eq(err.message, "w.properties:4: malformed \\uxxxx escape in the property \"b\"");
    ck_assert(!properties_parse("w", "k\0y=1", 5, collect, &cfg, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "zero byte"));
    config_fini(&cfg);
}
END_TEST

START_TEST(a_file_is_loaded_and_knows_its_lines)
{
    char path[] = "/tmp/test_propertiesXXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    const char *text = "# head\nfirst=1\nsecond=\\\n  2\nfirst=3\n";
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    ck_assert(properties_load(path, &cfg, &err));
    ck_assert_str_eq(config_get(&cfg, "first"), "3");
    ck_assert_str_eq(config_get(&cfg, "second"), "2");
    ck_assert_int_eq(properties_line_of(path, "second"), 3);
    ck_assert_int_eq(properties_line_of(path, "first"), 5);
    ck_assert_int_eq(properties_line_of(path, "third"), 0);
    unlink(path);
    ck_assert(!properties_load(path, &cfg, &err));
    ck_assert_int_eq(err.code, ERROR_NOT_FOUND);
    ck_assert_uint_eq(cfg.count, 2);
    config_fini(&cfg);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/config/properties");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, a_line_is_read_as_java_does, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tcase, an_error_names_file_line_and_key);
    tcase_add_test(tcase, a_file_is_loaded_and_knows_its_lines);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
