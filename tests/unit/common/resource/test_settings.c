/* Tests of common/resource/settings.c: what options and variables a service takes, and which it refuses. */
#include "common/resource/settings.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct settings settings;

/* The outcome with one option, or none. What is said on the way is of no interest. */
static enum settings_result
read_with(const char *option)
{
    char *argv[] = {(char *)"service", (char *)option, NULL};
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDERR_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    close(nowhere);
    return settings_read("service", "8081", option ? 2 : 1, argv, &settings);
}

static void
setup(void)
{
    clearenv();
}

START_TEST(without_a_word_everything_has_a_default)
{
    ck_assert_int_eq(read_with(NULL), SETTINGS_DONE);
    ck_assert_int_eq(settings.port, 8081);
    ck_assert_str_eq(settings.db.host, "localhost");
    ck_assert_uint_eq(settings.db.port, 3306);
    ck_assert_str_eq(settings.db.database, "my-database");
    ck_assert(settings.has_access_log && !settings.trusts_forwarded && settings.db.found_rows && !settings.tls_cert);
    ck_assert_int_eq(settings.pool_size, 32);
}
END_TEST

START_TEST(an_option_goes_before_a_variable_and_that_before_the_default)
{
    setenv("SERVER_PORT", "9000", 1);
    setenv("_DATASOURCE_USERNAME", "somebody", 1);
    setenv("_DATASOURCE_TABLESPACE", "", 1); /* empty is as good as unset, */
    setenv("_DATASOURCE_PASSWORD", "", 1);   /* but a password can be empty */
    ck_assert_int_eq(read_with(NULL), SETTINGS_DONE);
    ck_assert_int_eq(settings.port, 9000);
    ck_assert_str_eq(settings.db.user, "somebody");
    ck_assert_str_eq(settings.db.database, "my-database");
    ck_assert_str_eq(settings.db.password, "");
    ck_assert_int_eq(read_with("--server.port=9001"), SETTINGS_DONE);
    ck_assert_int_eq(settings.port, 9001);
}
END_TEST

static const struct {
    const char *option, *host; /* NULL: refused */
    unsigned port;
} addresses[] = {
    {"--datasource.address=db", "db", 3306},
    {"--datasource.address=db:3307", "db", 3307},
    {"--datasource.address=[::1]", "::1", 3306},
    {"--datasource.address=[fe80::2]:3308", "fe80::2", 3308},
    {"--datasource.address=db:", NULL, 0},
    {"--datasource.address=db:0", NULL, 0},
    {"--datasource.address=db:65536", NULL, 0},
    {"--datasource.address=db:33x", NULL, 0},
    {"--datasource.address=:3306", NULL, 0},
    {"--datasource.address=[::1", NULL, 0},
    {"--datasource.address=[::1]3306", NULL, 0},
};

START_TEST(an_address_is_a_host_and_perhaps_a_port)
{
    enum settings_result result = read_with(addresses[_i].option);
    ck_assert_msg(result == (addresses[_i].host ? SETTINGS_DONE : SETTINGS_WRONG), "%s: %d, %s:%u", addresses[_i].option, result,
                  settings.db_host, settings.db.port);
    if (addresses[_i].host) {
        ck_assert_str_eq(settings.db.host, addresses[_i].host);
        ck_assert_uint_eq(settings.db.port, addresses[_i].port);
    }
}
END_TEST

static const struct {
    const char *option;
    enum settings_result result;
} options[] = {
    {"--help", SETTINGS_EXIT},
    {"--version", SETTINGS_EXIT},
    {"--server.port=0", SETTINGS_DONE},
    {"--server.port=65536", SETTINGS_WRONG},
    {"--server.port=-1", SETTINGS_WRONG},
    {"--server.port=80a", SETTINGS_WRONG},
    {"--server.port=", SETTINGS_WRONG},
    {"--server.port=99999999999999999999", SETTINGS_WRONG},
    {"--server.port", SETTINGS_WRONG},
    {"server.port=80", SETTINGS_WRONG},
    {"--server.portx=80", SETTINGS_WRONG},
    {"--=80", SETTINGS_WRONG},
    {"--server.workers=0", SETTINGS_WRONG},
    {"--datasource.ssl-mode=REQUIRED", SETTINGS_DONE},
    {"--datasource.ssl-mode=sometimes", SETTINGS_WRONG},
    {"--server.access-log=no", SETTINGS_WRONG},
    {"--logging.level=LOUD", SETTINGS_WRONG},
    {"--server.forward-headers-strategy=native", SETTINGS_DONE},
    {"--server.forward-headers-strategy=all", SETTINGS_WRONG},
};

START_TEST(what_makes_no_sense_is_refused)
{
    ck_assert_msg(read_with(options[_i].option) == options[_i].result, "%s", options[_i].option);
}
END_TEST

START_TEST(proxies_are_trusted_where_there_is_one)
{
    setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
    ck_assert_int_eq(read_with(NULL), SETTINGS_DONE);
    ck_assert(settings.trusts_forwarded);
    ck_assert_int_eq(read_with("--server.forward-headers-strategy=none"), SETTINGS_DONE);
    ck_assert(!settings.trusts_forwarded);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/resource/settings");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, without_a_word_everything_has_a_default);
    tcase_add_test(tcase, an_option_goes_before_a_variable_and_that_before_the_default);
    tcase_add_loop_test(tcase, an_address_is_a_host_and_perhaps_a_port, 0, sizeof(addresses) / sizeof(addresses[0]));
    tcase_add_loop_test(tcase, what_makes_no_sense_is_refused, 0, sizeof(options) / sizeof(options[0]));
    tcase_add_test(tcase, proxies_are_trusted_where_there_is_one);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
