/* Tests of connect/runtime/config_provider.c. */
#include "connect/runtime/config_provider.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_providerXXXXXX";
static struct config worker;
static struct error err;

static void
write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void
setup(void)
{
    strcpy(strrchr(folder, '/'), "/test_providerXXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    write_file("secret.properties", "user=joe\npass: x y\n");
    write_file("token", "abc\n");
    setenv("PROVIDER_TEST_A", "from env", 1);
    setenv("OTHER_TEST", "hidden", 1);
    err = ERROR_INIT;
    worker = CONFIG_INIT;
    config_set(&worker, "config.providers", "file, env,dir");
    config_set(&worker, "config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider");
    config_set(&worker, "config.providers.env.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider");
    config_set(&worker, "config.providers.env.param.allowlist.pattern", "PROVIDER_.*|X");
    config_set(&worker, "config.providers.dir.class", "org.apache.kafka.common.config.provider.DirectoryConfigProvider");
}

static void
teardown(void)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/secret.properties", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/token", folder);
    unlink(path);
    rmdir(folder);
    config_fini(&worker);
}

/* Resolves one text in which @ stands for the folder; heap, NULL when it failed. */
static char *
resolve(const char *text)
{
    char value[1024] = "";
    for (const char *at = text; *at; at++) {
        size_t len = strlen(value);
        snprintf(value + len, sizeof(value) - len, *at == '@' ? "%s" : "%.1s", *at == '@' ? folder : at);
    }
    struct config_providers *providers = config_providers_new(&worker, &err);
    ck_assert_ptr_nonnull(providers);
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "k", value);
    config_set(&cfg, "null", NULL);
    struct config *resolved = config_providers_resolve(providers, &cfg, &err);
    char *got = resolved ? strdup(config_get(resolved, "k")) : NULL;
    ck_assert(!resolved || (config_has(resolved, "null") && !config_get(resolved, "null")));
    config_free(resolved);
    config_fini(&cfg);
    config_providers_free(providers);
    return got;
}

static const struct {
    const char *text, *expected; /* "=": unchanged */
} cases[] = {
    {"plain", "="},
    {"${file:@/secret.properties:user}", "joe"},
    {"${file:@/secret.properties:pass}", "x y"},
    {"a${file:@/secret.properties:user}b${env:PROVIDER_TEST_A}", "ajoebfrom env"},
    {"${file:@/secret.properties:nokey}", "="},
    {"${env:OTHER_TEST}", "="},
    {"${env:PROVIDER_NO_SUCH}", "="},
    {"$${env:PROVIDER_TEST_A}", "$from env"},
    {"${other:x:y}", "="},
    {"${file:}", "="},
    {"${file}", "="},
    {"${env:}", "="},
    {"${", "="},
    {"${dir:@:token}", "abc\n"},
    {"${dir:@:nofile}", "="},
    {"${dir:@:../token}", "="},
    {"${dir:@/nofolder:token}", "="},
    {"${x ${env:PROVIDER_TEST_A}", "="},
    {"${x} ${env:PROVIDER_TEST_A}", "${x} from env"},
};

START_TEST(references_are_replaced_and_the_unknown_stay)
{
    char *expected = cases[_i].expected[0] == '=' ? NULL : strdup(cases[_i].expected);
    char *got = resolve(cases[_i].text);
    ck_assert_msg(got, "%s", err.message);
    if (expected)
        ck_assert_str_eq(got, expected);
    else if (!strchr(cases[_i].text, '@'))
        ck_assert_str_eq(got, cases[_i].text);
    else
        ck_assert_ptr_nonnull(strstr(got, folder));
    free(expected);
    free(got);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_an_error)
{
    char *got = resolve("${file:/no/such/file:k}");
    ck_assert_ptr_null(got);
    ck_assert_str_eq(err.message, "Could not read properties from file /no/such/file");
    ck_assert_str_eq(err.java_class, "org.apache.kafka.common.config.ConfigException");
}
END_TEST

START_TEST(a_path_for_the_environment_is_an_error)
{
    char *got = resolve("${env:p:PROVIDER_TEST_A}");
    ck_assert_ptr_null(got);
    ck_assert_ptr_nonnull(strstr(err.message, "Path is not supported for EnvVarConfigProvider"));
}
END_TEST

START_TEST(paths_outside_the_allowed_ones_give_nothing)
{
    config_set(&worker, "config.providers.file.param.allowed.paths", "/usr/share");
    config_set(&worker, "config.providers.dir.param.allowed.paths", folder);
    char *got = resolve("${file:@/secret.properties:user}");
    ck_assert_ptr_nonnull(strstr(got, "${file:"));
    free(got);
    got = resolve("${dir:@/../@:token}");
    ck_assert_ptr_nonnull(strstr(got, "${dir:"));
    free(got);
    got = resolve("${dir:@:token}");
    ck_assert_str_eq(got, "abc\n");
    free(got);
}
END_TEST

START_TEST(an_unknown_or_missing_class_is_refused)
{
    config_set(&worker, "config.providers.dir.class", "com.example.Vault");
    ck_assert_ptr_null(config_providers_new(&worker, &err));
    ck_assert_str_eq(err.message,
                     "Invalid value com.example.Vault for configuration config.providers.dir.class: Class com.example.Vault could not be found.");
    config_unset(&worker, "config.providers.dir.class");
    ck_assert_ptr_null(config_providers_new(&worker, &err));
}
END_TEST

START_TEST(a_reference_is_recognised)
{
    ck_assert(config_has_reference("a${x:y}b"));
    ck_assert(!config_has_reference("${xy}"));
    ck_assert(!config_has_reference(NULL));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/runtime/config_provider");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, references_are_replaced_and_the_unknown_stay, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tcase, a_file_that_cannot_be_read_is_an_error);
    tcase_add_test(tcase, a_path_for_the_environment_is_an_error);
    tcase_add_test(tcase, paths_outside_the_allowed_ones_give_nothing);
    tcase_add_test(tcase, an_unknown_or_missing_class_is_refused);
    tcase_add_test(tcase, a_reference_is_recognised);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
