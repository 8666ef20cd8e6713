/* Tests of connect/connectors/jdbc/sink_error.c: Java's chains, and which failures are not about one record. */
#include "connect/connectors/jdbc/sink_error.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct error
database_error(int number, const char *sqlstate, const char *java_class, const char *message)
{
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_DATA, "%s", message);
    err.cause = number;
    err.java_class = java_class;
    memcpy(err.sqlstate, sqlstate, 6);
    return err;
}

#define UNIQUE "java.sql.SQLIntegrityConstraintViolationException"

static const struct {
    const char *sqlstate, *java_class;
    struct sink_sql_place place;
    const char *message;
} chains[] = {
    {"23000", UNIQUE, {.is_batch = true, .rows = 3, .failed = 1},
     "Exception chain:\njava.sql.BatchUpdateException: text\n" UNIQUE ": text\n"},
    {"23000", UNIQUE, {.is_batch = false}, "Exception chain:\n" UNIQUE ": text\n"},
    {"22001", NULL, {.is_batch = true},
     "Exception chain:\njava.sql.BatchUpdateException: Data truncation: text\n"
     "com.mysql.cj.jdbc.exceptions.MysqlDataTruncation: Data truncation: text\n"},
    {"HY000", NULL, {.is_batch = false}, "Exception chain:\njava.sql.SQLException: text\n"},
    {"S1009", NULL, {.is_batch = false},
     "Exception chain:\njava.sql.SQLException: text\ncom.mysql.cj.exceptions.WrongArgumentException: text\n"},
    {"23000", UNIQUE, {.is_batch = true, .rows = 3, .failed = 1, .redact = true},
     "Exception chain:\nio.confluent.connect.jdbc.util.LogUtil$RedactedBatchUpdateException: <redacted> "
     "[class=java.sql.BatchUpdateException; SQLState=23000; errorCode=7; updateCountLength=3; firstExecuteFailedIndex=1]\n"},
    {"22003", NULL, {.is_batch = false, .redact = true},
     "Exception chain:\nio.confluent.connect.jdbc.util.LogUtil$RedactedSQLException: <redacted> "
     "[class=com.mysql.cj.jdbc.exceptions.MysqlDataTruncation; SQLState=22003; errorCode=7]\n"},
};

START_TEST(an_error_becomes_a_chain)
{
    struct error err = database_error(7, chains[_i].sqlstate, chains[_i].java_class, "text");
    sink_error_chain(&err, chains[_i].place);
    ck_assert_str_eq(err.message, chains[_i].message);
    ck_assert_str_eq(err.java_class, "java.sql.SQLException");
    ck_assert_int_eq(err.cause, 7);
}
END_TEST

START_TEST(a_long_message_is_cut_and_the_chain_stays_whole)
{
    char text[2000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct error err = database_error(7, "23000", UNIQUE, text);
    sink_error_chain(&err, (struct sink_sql_place){.is_batch = true});
    ck_assert_ptr_nonnull(strstr(err.message, "\n" UNIQUE ": xxxx"));
    ck_assert_uint_lt(strlen(err.message), ERROR_MESSAGE_SIZE);
}
END_TEST

static const struct {
    enum error_code code;
    int number;
    bool is_general;
} kinds[] = {
    {ERROR_UNAVAILABLE, 2013, true}, {ERROR_UNCERTAIN, 2013, true}, {ERROR_TIMEOUT, 1205, true}, /* the way to the server */
    {ERROR_INTERNAL, 1021, true}, {ERROR_INTERNAL, 1114, true},                                  /* full */
    {ERROR_INTERNAL, 1290, true}, {ERROR_INTERNAL, 1836, true},                                  /* read only */
    {ERROR_CONFIG, 1142, true}, {ERROR_CONFIG, 1045, true},                                      /* not allowed */
    {ERROR_DATA, 1406, false}, {ERROR_DATA, 1264, false}, {ERROR_CONFLICT, 1062, false}, {ERROR_DATA, 1366, false},
    {ERROR_DATA, 1048, false}, {ERROR_DATA, 1452, false}, {ERROR_INTERNAL, 1153, false},
};

START_TEST(only_what_is_about_a_record_can_be_a_dead_letter)
{
    struct error err = database_error(kinds[_i].number, "HY000", NULL, "text");
    err.code = kinds[_i].code;
    ck_assert_int_eq(sink_error_is_general(&err), kinds[_i].is_general);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/sink_error");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, an_error_becomes_a_chain, 0, sizeof(chains) / sizeof(*chains));
    tcase_add_test(tcase, a_long_message_is_cut_and_the_chain_stays_whole);
    tcase_add_loop_test(tcase, only_what_is_about_a_record_can_be_a_dead_letter, 0, sizeof(kinds) / sizeof(*kinds));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
