/* Tests of common/db/links.c and db_ask.c on a scripted database. */
#include "common/db/links.h"

#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct db_links links;
static struct error err;

static void
setup(void)
{
    db_script_reset();
    links = (struct db_links){0};
    err = ERROR_INIT;
}

static const struct db_params params = {.host = "h", .user = "u", .password = "p"};

static struct db *
connect_one(void)
{
    struct db *db = db_links_connect(&links, &params, &err);
    ck_assert_msg(db, "%s", err.message);
    return db;
}

static void *
close_links(void *arg)
{
    (void)arg;
    db_links_close(&links);
    return NULL;
}

START_TEST(a_wait_ends_by_time_or_when_they_are_closed)
{
    ck_assert(!db_links_wait(&links, 1));
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, close_links, NULL), 0);
    ck_assert(db_links_wait(&links, 60000));
    pthread_join(thread, NULL);
    ck_assert(db_links_is_closed(&links));
    ck_assert(db_links_wait(&links, 60000));
}
END_TEST

START_TEST(closing_ends_a_statement_that_runs)
{
    db_script_add(&(struct db_script_rule){.match = "sleep", .blocks = true});
    struct db *db = connect_one();
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, close_links, NULL), 0);
    ck_assert(!db_exec(db, "select sleep(60)", 16, NULL, &err));
    pthread_join(thread, NULL);
    db_links_drop(&links, db);
    ck_assert_uint_eq(db_script_open(), 0);
}
END_TEST

START_TEST(closing_ends_a_connecting_that_hangs)
{
    db_script_freeze(true);
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, close_links, NULL), 0);
    ck_assert_ptr_null(db_links_connect(&links, &params, &err));
    ck_assert_int_eq(err.code, ERROR_TIMEOUT);
    pthread_join(thread, NULL);
}
END_TEST

START_TEST(after_closing_none_is_made)
{
    db_links_close(&links);
    ck_assert_ptr_null(db_links_connect(&links, &params, &err));
    ck_assert_int_eq(err.code, ERROR_TIMEOUT);
    ck_assert_uint_eq(db_script_connects(), 0);
}
END_TEST

START_TEST(what_was_dropped_makes_room)
{
    for (int i = 0; i < 3 * DB_LINKS_MAX; i++) {
        struct db *db = connect_one();
        db_links_drop(&links, db);
    }
    db_links_drop(&links, NULL);
    ck_assert_uint_eq(db_script_open(), 0);
}
END_TEST

static void
add(void *arg, const char *const *values)
{
    strbuf_printf(arg, "%s;", values[0] ? values[0] : "NULL");
}

START_TEST(each_row_is_handed_over)
{
    static const struct db_column columns[] = {{.name = "a", .type = DB_LONG}, {.name = NULL}};
    static const char *const rows[] = {"1", NULL, "3"};
    db_script_add(&(struct db_script_rule){.match = "select a", .columns = columns, .rows = rows, .row_count = 3});
    db_script_add(&(struct db_script_rule){.match = "select b", .columns = columns, .rows = rows, .row_count = 1, .fails = 1317, .sqlstate = "70100", .message = "interrupted"});
    struct db *db = connect_one();
    struct strbuf out = STRBUF_INIT;
    ck_assert(db_each_row(db, "select a", add, &out, &err));
    ck_assert_str_eq(out.data, "1;NULL;3;");
    ck_assert(!db_each_row(db, "select b", add, &out, &err)); /* half of a result is none */
    ck_assert(!db_each_row(db, "select c", add, &out, &err));
    strbuf_fini(&out);
    db_links_drop(&links, db);
}
END_TEST

START_TEST(names_are_quoted)
{
    struct strbuf out = STRBUF_INIT;
    db_quote_name(&out, "a`b");
    ck_assert_str_eq(out.data, "`a``b`");
    strbuf_fini(&out);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/db/links");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, a_wait_ends_by_time_or_when_they_are_closed);
    tcase_add_test(tcase, closing_ends_a_statement_that_runs);
    tcase_add_test(tcase, closing_ends_a_connecting_that_hangs);
    tcase_add_test(tcase, after_closing_none_is_made);
    tcase_add_test(tcase, what_was_dropped_makes_room);
    tcase_add_test(tcase, each_row_is_handed_over);
    tcase_add_test(tcase, names_are_quoted);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
