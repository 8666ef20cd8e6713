/* Tests of connect/connectors/jdbc/url.c. */
#include "connect/connectors/jdbc/url.h"

#include <check.h>
#include <stdlib.h>

static struct jdbc_url
parsed(const char *text)
{
    struct jdbc_url url;
    struct error err = ERROR_INIT;
    ck_assert_msg(jdbc_url_parse(text, &url, &err), "%s: %s", text, err.message);
    return url;
}

START_TEST(an_address_has_host_port_database_and_decoded_parameters)
{
    struct jdbc_url url = parsed("jdbc:mysql://db.example:3307/my-database?a=1&connectionTimeZone=%2B09%3A00&flag&b=x=y");
    ck_assert_uint_eq(url.host_count, 1);
    ck_assert_str_eq(url.hosts[0].host, "db.example");
    ck_assert_uint_eq(url.hosts[0].port, 3307);
    ck_assert_str_eq(url.database, "my-database");
    ck_assert_str_eq(config_get(&url.properties, "connectionTimeZone"), "+09:00");
    ck_assert_str_eq(config_get(&url.properties, "flag"), "");
    ck_assert_str_eq(config_get(&url.properties, "b"), "x=y");
    ck_assert(!url.is_mariadb);
    jdbc_url_fini(&url);
}
END_TEST

START_TEST(everything_but_the_scheme_may_be_left_out)
{
    struct jdbc_url url = parsed("jdbc:mariadb://");
    ck_assert_uint_eq(url.host_count, 1);
    ck_assert_ptr_null(url.hosts[0].host);
    ck_assert_uint_eq(url.hosts[0].port, 0);
    ck_assert_ptr_null(url.database);
    ck_assert(url.is_mariadb);
    jdbc_url_fini(&url);
}
END_TEST

START_TEST(several_hosts_keep_their_order_and_share_the_user)
{
    struct jdbc_url url = parsed("jdbc:mysql://me:se%40cret@a:1,[::1]:2,c/db");
    ck_assert_uint_eq(url.host_count, 3);
    ck_assert_str_eq(url.hosts[1].host, "::1");
    ck_assert_uint_eq(url.hosts[1].port, 2);
    ck_assert_str_eq(url.hosts[2].host, "c");
    for (size_t i = 0; i < 3; i++) {
        ck_assert_str_eq(url.hosts[i].user, "me");
        ck_assert_str_eq(url.hosts[i].password, "se@cret");
    }
    jdbc_url_fini(&url);
}
END_TEST

START_TEST(key_value_hosts_are_read_in_both_spellings)
{
    struct jdbc_url url = parsed("jdbc:mysql://(host=a,port=11,user=u),address=(protocol=tcp)(host=b)(port=12)/d");
    ck_assert_uint_eq(url.host_count, 2);
    ck_assert_str_eq(url.hosts[0].host, "a");
    ck_assert_uint_eq(url.hosts[0].port, 11);
    ck_assert_str_eq(url.hosts[0].user, "u");
    ck_assert_str_eq(url.hosts[1].host, "b");
    ck_assert_uint_eq(url.hosts[1].port, 12);
    ck_assert_str_eq(url.database, "d");
    jdbc_url_fini(&url);
}
END_TEST

static const struct {
    const char *url, *message;
} refused[] = {
    {"", "Not a valid JDBC URL: "},
    {"mysql://127.0.0.1/x", "Not a valid JDBC URL: mysql://127.0.0.1/x"},
    {"jdbc:mysql", "Not a valid JDBC URL: jdbc:mysql"},
    {"jdbc:mysql:", "Not a valid JDBC URL: jdbc:mysql:"},
    {"jdbc:oracle:thin:@h", "No suitable driver found for jdbc:oracle:thin:@h"},
    {"jdbc:mysql://h:port/x", "Not a valid JDBC URL: jdbc:mysql://h:port/x"},
    {"jdbc:mysql://h:70000/x", "Not a valid JDBC URL: jdbc:mysql://h:70000/x"},
    {"jdbc:mysql://[::1/x", "Not a valid JDBC URL: jdbc:mysql://[::1/x"},
    {"jdbc:mysql://(host=h/x", "Not a valid JDBC URL: jdbc:mysql://(host=h/x"},
    {"jdbc:mysql://h:x/x?password=pw", "Not a valid JDBC URL: jdbc:mysql://h:x/x?password=****"},
};

START_TEST(what_is_no_address_is_refused_in_the_drivers_words)
{
    struct jdbc_url url;
    struct error err = ERROR_INIT;
    ck_assert(!jdbc_url_parse(refused[_i].url, &url, &err));
    ck_assert_str_eq(err.message, refused[_i].message);
    ck_assert_int_eq(err.code, ERROR_CONFIG);
}
END_TEST

static const struct {
    const char *url, *masked;
} masks[] = {
    {"jdbc:mysql://h/x?user=a&password=b&c=d", "jdbc:mysql://h/x?user=a&password=****&c=d"},
    {"jdbc:mysql://u:p@h/x", "jdbc:mysql://u:****@h/x"},
    {"jdbc:mysql://u@h/x", "jdbc:mysql://u@h/x"},
    {"jdbc:mysql://(host=h,password=b)/x", "jdbc:mysql://(host=h,password=****)/x"},
    {"jdbc:mysql://h/x?trustCertificateKeyStorePassword=b", "jdbc:mysql://h/x?trustCertificateKeyStorePassword=****"},
    {"", ""},
};

START_TEST(passwords_are_masked_wherever_they_stand)
{
    struct strbuf out = STRBUF_INIT;
    jdbc_url_mask(masks[_i].url, &out);
    ck_assert_str_eq(out.data, masks[_i].masked);
    strbuf_fini(&out);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/url");
    TCase *tcase = tcase_create("all");
    tcase_add_test(tcase, an_address_has_host_port_database_and_decoded_parameters);
    tcase_add_test(tcase, everything_but_the_scheme_may_be_left_out);
    tcase_add_test(tcase, several_hosts_keep_their_order_and_share_the_user);
    tcase_add_test(tcase, key_value_hosts_are_read_in_both_spellings);
    tcase_add_loop_test(tcase, what_is_no_address_is_refused_in_the_drivers_words, 0, sizeof(refused) / sizeof(*refused));
    tcase_add_loop_test(tcase, passwords_are_masked_wherever_they_stand, 0, sizeof(masks) / sizeof(*masks));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
