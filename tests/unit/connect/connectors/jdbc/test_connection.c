/* Tests of connect/connectors/jdbc/connection.c. */
#include "connect/connectors/jdbc/connection.h"

#include "common/base/clock.h"
#include "tests/fakes/db_script.h"
#include "tests/fakes/log_said.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config cfg;
static struct jdbc_connection conn;
static struct db_links links;
static struct error err;

static void
setup(void)
{
    db_script_reset();
    cfg = CONFIG_INIT;
    links = (struct db_links){0};
    err = ERROR_INIT;
    config_set(&cfg, "connection.url", "jdbc:mysql://h:1/d");
}

static void
teardown(void)
{
    jdbc_connection_fini(&conn);
    config_fini(&cfg);
}

static void
init(void)
{
    ck_assert_msg(jdbc_connection_init(&conn, &cfg, &err), "%s", err.message);
}

START_TEST(defaults_are_connector_j_s)
{
    init();
    ck_assert(conn.behaviour.tiny_int1_is_bit && conn.behaviour.year_is_date);
    ck_assert(!conn.behaviour.transformed_bit_is_boolean && !conn.behaviour.null_database_means_current);
    ck_assert_int_eq(conn.behaviour.zero_dates, JDBC_ZERO_DATES_FAIL);
    ck_assert_int_eq(conn.params.ssl_mode, DB_SSL_PREFERRED);
    ck_assert(conn.params.found_rows && !conn.params.get_server_public_key);
    ck_assert_str_eq(conn.params.database, "d");
}
END_TEST

START_TEST(a_connection_setting_wins_over_the_parameter_of_the_address)
{
    config_set(&cfg, "connection.url", "jdbc:mysql://h/d?useSSL=true&requireSSL=true&connectTimeout=1500");
    config_set(&cfg, "connection.useSSL", "false");
    config_set(&cfg, "connection.tinyInt1isBit", "false");
    config_set(&cfg, "useSSL", "true"); /* no prefix: never reaches the driver */
    init();
    ck_assert_int_eq(conn.params.ssl_mode, DB_SSL_DISABLED);
    ck_assert(!conn.behaviour.tiny_int1_is_bit);
    ck_assert_uint_eq(conn.params.connect_timeout_ms, 1500);
}
END_TEST

static const struct {
    const char *parameters;
    enum db_ssl_mode mode;
    const char *ca, *client; /* NULL: none */
} encryptions[] = {
    {"useSSL=false", DB_SSL_DISABLED, NULL, NULL},
    {"useSSL=true", DB_SSL_PREFERRED, NULL, NULL},
    {"useSSL=true&requireSSL=true", DB_SSL_REQUIRED, NULL, NULL},
    {"useSSL=true&verifyServerCertificate=true", DB_SSL_VERIFY_CA, NULL, NULL},
    {"sslMode=DISABLED", DB_SSL_DISABLED, NULL, NULL},
    {"sslMode=required", DB_SSL_REQUIRED, NULL, NULL},
    {"sslMode=VERIFY_CA&trustCertificateKeyStoreUrl=file:///etc/ca.pem", DB_SSL_VERIFY_CA, "/etc/ca.pem", NULL},
    {"sslMode=VERIFY_IDENTITY&trustCertificateKeyStoreUrl=file:/etc/ca.pem&clientCertificateKeyStoreUrl=/etc/me.pem",
     DB_SSL_VERIFY_IDENTITY, "/etc/ca.pem", "/etc/me.pem"},
    {"sslMode=VERIFY_CA&useSSL=false", DB_SSL_VERIFY_CA, NULL, NULL}, /* sslMode wins */
    {"sslMode=REQUIRED&verifyServerCertificate=true", DB_SSL_REQUIRED, NULL, NULL},
};

START_TEST(encryption_is_what_the_parameters_say_together)
{
    char url[256];
    snprintf(url, sizeof(url), "jdbc:mysql://h/d?%s", encryptions[_i].parameters);
    config_set(&cfg, "connection.url", url);
    init();
    ck_assert_int_eq(conn.params.ssl_mode, encryptions[_i].mode);
    ck_assert_pstr_eq(conn.params.ssl_ca, encryptions[_i].ca);
    ck_assert_pstr_eq(conn.params.ssl_cert, encryptions[_i].client);
    ck_assert_pstr_eq(conn.params.ssl_key, encryptions[_i].client);
}
END_TEST

START_TEST(parameters_reach_the_connection)
{
    config_set(&cfg, "connection.url",
               "jdbc:mysql://h/d?allowPublicKeyRetrieval=true&socketTimeout=2500&connectTimeout=1500&useCompression=true&useAffectedRows=true"
               "&zeroDateTimeBehavior=CONVERT_TO_NULL&transformedBitIsBoolean=true&yearIsDateType=false&NULLCATALOGMEANSCURRENT=true");
    init();
    ck_assert(conn.params.get_server_public_key && conn.params.compress && !conn.params.found_rows);
    ck_assert_uint_eq(conn.params.connect_timeout_ms, 1500);
    ck_assert_uint_eq(conn.params.read_timeout_ms, 2500);
    ck_assert(conn.behaviour.transformed_bit_is_boolean && !conn.behaviour.year_is_date && conn.behaviour.null_database_means_current);
    ck_assert_int_eq(conn.behaviour.zero_dates, JDBC_ZERO_DATES_NULL);
}
END_TEST

START_TEST(a_parameter_that_nobody_knows_is_warned_about_by_name_only)
{
    config_set(&cfg, "connection.url", "jdbc:mysql://h/d?characterEncoding=UTF-8&noSuchThing=hush&useSSL=false&other=1");
    init();
    log_said_begin();
    jdbc_connection_warn_unknown(&conn);
    const char *said = log_said_end();
    const char *first = strstr(said, "WARN");
    ck_assert_msg(first && strstr(said, "noSuchThing") && strstr(said, "other"), "%s", said);
    ck_assert_msg(!strstr(said, "hush") && !strstr(said, "characterEncoding") && !strstr(said, "useSSL"), "%s", said);
}
END_TEST

START_TEST(a_cursor_needs_statements_that_the_server_prepares)
{
    config_set(&cfg, "connection.url", "jdbc:mysql://h/d?useCursorFetch=true&useServerPrepStmts=false");
    init();
    ck_assert(conn.behaviour.use_server_prepared);
}
END_TEST

START_TEST(credentials_of_the_settings_win_over_those_of_the_address)
{
    config_set(&cfg, "connection.url", "jdbc:mysql://u:p@h/d");
    config_set(&cfg, "connection.user", "root");
    init();
    struct db *db = jdbc_connection_open(&conn, &err);
    ck_assert_ptr_nonnull(db);
    ck_assert_str_eq(db_script_params()->user, "root");
    ck_assert_str_eq(db_script_params()->password, "p");
    db_close(db);
}
END_TEST

START_TEST(session_variables_become_statements)
{
    config_set(&cfg, "connection.url",
               "jdbc:mysql://h/d?sessionVariables=a=1,sql_mode='X,Y',@u=f(1,2)&jdbcCompliantTruncation=false"
               "&connectionTimeZone=UTC&forceConnectionTimeZoneToSession=true");
    init();
    db_close(jdbc_connection_open(&conn, &err));
    ck_assert_uint_eq(db_script_count(), 4);
    ck_assert_str_eq(db_script_sql(0), "SET SESSION a=1");
    ck_assert_str_eq(db_script_sql(1), "SET SESSION sql_mode='X,Y'");
    ck_assert_str_eq(db_script_sql(2), "SET @u=f(1,2)");
    ck_assert_str_eq(db_script_sql(3), "SET SESSION time_zone='+00:00'");
}
END_TEST

START_TEST(the_session_is_strict_unless_told_otherwise)
{
    init();
    db_close(jdbc_connection_open(&conn, &err));
    ck_assert_uint_eq(db_script_count_of("STRICT_TRANS_TABLES"), 1);
}
END_TEST

START_TEST(a_time_zone_with_a_quote_never_becomes_sql)
{
    config_set(&cfg, "connection.url", "jdbc:mysql://h/d?connectionTimeZone=x'%3BDROP&forceConnectionTimeZoneToSession=true");
    init();
    db_close(jdbc_connection_open(&conn, &err));
    ck_assert_uint_eq(db_script_count_of("DROP"), 0);
}
END_TEST

START_TEST(the_next_host_is_tried_when_one_does_not_answer)
{
    config_set(&cfg, "connection.url", "jdbc:mysql://a,b/d");
    init();
    db_script_refuse(1, 2002, "08S01", "down");
    struct db *db = jdbc_connection_open(&conn, &err);
    ck_assert_ptr_nonnull(db);
    ck_assert_str_eq(db_script_params()->host, "b");
    db_close(db);
}
END_TEST

START_TEST(connecting_is_tried_as_often_as_configured)
{
    init();
    db_script_refuse(5, 2002, "08S01", "down");
    ck_assert_ptr_null(jdbc_links_open(&links, &conn, 3, 1, &err));
    ck_assert_uint_eq(db_script_connects(), 3);
    ck_assert_str_eq(err.message, "down");
}
END_TEST

static void *
close_soon(void *arg)
{
    while (db_script_connects() == 0)
        ;
    db_links_close(arg);
    return NULL;
}

START_TEST(close_ends_the_wait_between_two_attempts)
{
    init();
    db_script_refuse(5, 2002, "08S01", "down");
    pthread_t thread;
    int64_t start = clock_now_ms();
    pthread_create(&thread, NULL, close_soon, &links);
    ck_assert_ptr_null(jdbc_links_open(&links, &conn, 3, 60000, &err));
    pthread_join(thread, NULL);
    ck_assert_int_lt(clock_now_ms() - start, 10000);
}
END_TEST

START_TEST(after_close_no_connection_is_made)
{
    init();
    db_links_close(&links);
    ck_assert_ptr_null(jdbc_links_open(&links, &conn, 3, 1, &err));
    ck_assert_uint_eq(db_script_connects(), 0);
    ck_assert(db_links_wait(&links, 60000));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/connection");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, defaults_are_connector_j_s);
    tcase_add_test(tcase, a_connection_setting_wins_over_the_parameter_of_the_address);
    tcase_add_loop_test(tcase, encryption_is_what_the_parameters_say_together, 0, sizeof(encryptions) / sizeof(*encryptions));
    tcase_add_test(tcase, parameters_reach_the_connection);
    tcase_add_test(tcase, a_parameter_that_nobody_knows_is_warned_about_by_name_only);
    tcase_add_test(tcase, a_cursor_needs_statements_that_the_server_prepares);
    tcase_add_test(tcase, credentials_of_the_settings_win_over_those_of_the_address);
    tcase_add_test(tcase, session_variables_become_statements);
    tcase_add_test(tcase, the_session_is_strict_unless_told_otherwise);
    tcase_add_test(tcase, a_time_zone_with_a_quote_never_becomes_sql);
    tcase_add_test(tcase, the_next_host_is_tried_when_one_does_not_answer);
    tcase_add_test(tcase, connecting_is_tried_as_often_as_configured);
    tcase_add_test(tcase, close_ends_the_wait_between_two_attempts);
    tcase_add_test(tcase, after_close_no_connection_is_made);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
