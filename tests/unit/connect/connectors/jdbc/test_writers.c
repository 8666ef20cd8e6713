/* Tests of connect/connectors/jdbc/writers.c: what a scripted server's copies of INNODB_TRX are taken for. */
#include "common/base/clock.h"
#include "connect/connectors/jdbc/writers.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdlib.h>

#define TEXT_COLUMN(label) {.name = label, .table = "", .org_name = "", .org_table = "", .database = "", .type = DB_VARCHAR}
#define RULE(...) db_script_add(&(struct db_script_rule){__VA_ARGS__})

static const struct db_column trx_columns[] = {TEXT_COLUMN("id"), TEXT_COLUMN("query"), TEXT_COLUMN("started"), TEXT_COLUMN("clock"), {0}};
static const struct db_column process_columns[] = {TEXT_COLUMN("TIME"), TEXT_COLUMN("applies"), TEXT_COLUMN("clock"), {0}};

static struct db *db;
static struct writers_watch watch;
static struct writers writers;
static struct error err;

static void
setup(void)
{
    db_script_reset();
    err = ERROR_INIT;
    watch = (struct writers_watch){0};
    writers = (struct writers){0};
    clock_freeze_ms(1000000);
    db = db_connect(&(struct db_params){.host = "h"}, &err);
    ck_assert_ptr_nonnull(db);
}

static void
teardown(void)
{
    db_close(db);
    clock_freeze_ms(-1);
}

/* The next question is asked at `clock` of the server. */
static void
server_says(const char *clock)
{
    static const char *rows[16][3];
    static size_t used;
    const char **row = rows[used++ % 16];
    row[0] = row[1] = "0";
    row[2] = clock;
    RULE(.match = "PROCESSLIST", .times = 1, .columns = process_columns, .rows = row, .row_count = 1);
}

/* The next copy: a reader's transaction with its statement, and a writer of that number. */
static void
copy_shows(const char *query, const char *writer)
{
    static const char *rows[16][8];
    static size_t used;
    const char **row = rows[used++ % 16];
    row[0] = "0", row[1] = query, row[2] = "2026-01-01 00:00:10";
    row[4] = writer, row[5] = "insert", row[6] = "2026-01-01 00:00:05";
    row[3] = row[7] = "1000000";
    RULE(.match = "INNODB_TRX", .times = 1, .columns = trx_columns, .rows = row, .row_count = 2);
}

static enum writers_result
look_at_ms(int64_t ms)
{
    clock_freeze_ms(ms);
    return writers_look(db, &watch, &writers, &err);
}

START_TEST(a_copy_with_our_own_statement_is_an_answer)
{
    server_says("500");
    copy_shows("SELECT 'connect looks at 500'", "77");
    ck_assert_int_eq(look_at_ms(1000000), WRITERS_SEEN);
    ck_assert_uint_eq(writers.oldest, 77);
    ck_assert_uint_eq(writers.newest, 77);
    ck_assert_int_eq(writers.oldest_age_s, 6);
    ck_assert_int_eq(writers.asked_ms, 1000000);
    ck_assert(writers.is_now);
    ck_assert_uint_eq(db_script_count_of("'connect looks at 500'"), 1);
}
END_TEST

START_TEST(a_copy_from_before_the_question_is_none)
{
    server_says("500");
    copy_shows("SELECT 'connect looks at 499'", "77");
    ck_assert_int_eq(look_at_ms(1000000), WRITERS_STALE);
    server_says("900");
    copy_shows("something else", "77");
    ck_assert_int_eq(look_at_ms(1001000), WRITERS_STALE);
    ck_assert_uint_eq(db_script_count_of("INNODB_TRX"), 2);
}
END_TEST

/* Another reader had it made between our two looks: it answers the first, and what was seen of statements then counts. */
START_TEST(a_copy_that_another_reader_had_made_answers_the_question_before_it)
{
    static const char *const busy[] = {"3", "0", NULL, "0", "0", "500"};
    RULE(.match = "PROCESSLIST", .times = 1, .columns = process_columns, .rows = busy, .row_count = 2);
    copy_shows("SELECT 'connect looks at 300'", "77");
    ck_assert_int_eq(look_at_ms(1000000), WRITERS_STALE);
    server_says("900");
    copy_shows("SELECT 'connect looks at 600'", "78");
    ck_assert_int_eq(look_at_ms(1001000), WRITERS_SEEN);
    ck_assert_uint_eq(writers.oldest, 78);
    ck_assert_int_eq(writers.asked_ms, 1000000);
    ck_assert(!writers.is_now);
    ck_assert(writers.has_beginners);
    server_says("1200");
    copy_shows("SELECT 'connect looks at 901'", "79"); /* the second question was kept as well */
    ck_assert_int_eq(look_at_ms(1002000), WRITERS_SEEN);
    ck_assert_int_eq(writers.asked_ms, 1001000);
    ck_assert(!writers.has_beginners);
}
END_TEST

START_TEST(the_last_answer_stands_until_there_is_a_new_one)
{
    server_says("500");
    copy_shows("SELECT 'connect looks at 500'", "77");
    ck_assert_int_eq(look_at_ms(1000000), WRITERS_SEEN);
    ck_assert_int_eq(look_at_ms(1000000 + WRITERS_CACHE_MS - 1), WRITERS_SEEN); /* too soon: the server is not asked */
    ck_assert(!writers.is_now);
    ck_assert_uint_eq(db_script_count_of("INNODB_TRX"), 1);
    server_says("900");
    copy_shows("SELECT 'connect looks at 500'", "99");
    ck_assert_int_eq(look_at_ms(1000000 + WRITERS_CACHE_MS), WRITERS_SEEN);
    ck_assert_uint_eq(db_script_count_of("INNODB_TRX"), 2);
    ck_assert_uint_eq(writers.oldest, 77);
    ck_assert_int_eq(writers.asked_ms, 1000000);
}
END_TEST

/* The server's clock was set back while its copy is an old one. */
START_TEST(a_copy_from_the_future_is_no_answer)
{
    server_says("500");
    copy_shows("SELECT 'connect looks at 1000001'", "77");
    ck_assert_int_eq(look_at_ms(1000000), WRITERS_STALE);
}
END_TEST

/* Readers that are in each other's way get nothing new as long as none of them pauses. */
START_TEST(who_finds_old_copies_pauses_longer_and_longer)
{
    static const char *const own[] = {"0", "0", "500"};
    static const char *const old[] = {"0", "SELECT 'connect looks at 1'", "2026-01-01 00:00:10", "501"};
    RULE(.match = "PROCESSLIST", .columns = process_columns, .rows = own, .row_count = 1);
    RULE(.match = "INNODB_TRX", .columns = trx_columns, .rows = old, .row_count = 1);
    for (int ms = 0; ms < 60000; ms += 10)
        ck_assert_int_eq(look_at_ms(1000000 + ms), WRITERS_STALE);
    size_t looks = db_script_count_of("INNODB_TRX");
    ck_assert_msg(looks >= 60000 / (2 * WRITERS_PAUSE_MAX_MS) && looks < 100, "%zu", looks);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/writers");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_copy_with_our_own_statement_is_an_answer);
    tcase_add_test(tcase, a_copy_from_before_the_question_is_none);
    tcase_add_test(tcase, a_copy_that_another_reader_had_made_answers_the_question_before_it);
    tcase_add_test(tcase, the_last_answer_stands_until_there_is_a_new_one);
    tcase_add_test(tcase, a_copy_from_the_future_is_no_answer);
    tcase_add_test(tcase, who_finds_old_copies_pauses_longer_and_longer);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
