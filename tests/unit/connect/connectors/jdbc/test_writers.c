/* Tests of connect/connectors/jdbc/writers.c: what a scripted server's copies of INNODB_TRX are taken for. */
#include "common/base/clock.h"
#include "connect/connectors/jdbc/writers.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A look at second `at` of the server: a statement that has run for `statement_s` seconds (NULL: none), and a transaction
   of that number, begun at `started` (NULL: none). */
static void
look_sees(unsigned at, const char *statement_s, const char *writer, const char *started)
{
    static char texts[128][3][64];
    static const char *rows[128][14];
    static size_t used;
    char(*text)[64] = texts[used % 128];
    const char **row = rows[used++ % 128];
    snprintf(text[0], sizeof(*text), "%u000000", at);
    snprintf(text[1], sizeof(*text), "SELECT 'connect looks at %u000000'", at);
    snprintf(text[2], sizeof(*text), "2026-01-01 %02u:%02u:%02u", at / 3600 % 24, at / 60 % 60, at % 60);
    const char *statements[] = {"0", "0", text[0], statement_s, "0", NULL};
    const char *transactions[] = {"0", text[1], text[2], text[0], writer, "insert", started, text[0]};
    memcpy(row, statements, sizeof(statements));
    memcpy(row + 6, transactions, sizeof(transactions));
    RULE(.match = "PROCESSLIST", .times = 1, .columns = process_columns, .rows = row, .row_count = statement_s ? 2 : 1);
    RULE(.match = "INNODB_TRX", .times = 1, .columns = trx_columns, .rows = row + 6, .row_count = writer ? 2 : 1);
    ck_assert_int_eq(look_at_ms(at * INT64_C(1000)), WRITERS_SEEN);
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

/* It waited before its transaction began, and has ended: nothing but what was seen before tells its start. */
START_TEST(times_reach_back_to_a_statement_that_waited_before_its_transaction_began)
{
    look_sees(36000, NULL, NULL, NULL);
    ck_assert_int_eq(writers.reach_s, 0);
    look_sees(36040, "30", "70", "2026-01-01 10:00:39");
    ck_assert_int_eq(writers.reach_s, 40); /* transaction 70 may be one whose statement began at any time since the look before */
    look_sees(36050, "40", "70", "2026-01-01 10:00:39");
    ck_assert_int_eq(writers.reach_s, 50);
    look_sees(36060, NULL, "75", "2026-01-01 10:00:52");
    ck_assert_int_eq(writers.reach_s, 51); /* 75 began its transaction behind its statement, which began at 9 */
    ck_assert_int_eq(writers.oldest_age_s, 9);
    look_sees(36070, NULL, "75", "2026-01-01 10:00:52");
    ck_assert_int_eq(writers.reach_s, 61);
    look_sees(36080, NULL, "80", "2026-01-01 10:01:19");
    ck_assert_int_eq(writers.reach_s, 10); /* 80 was not there in the look before, and no statement was */
    look_sees(36090, NULL, NULL, NULL);
    ck_assert_int_eq(writers.reach_s, 0);
}
END_TEST

/* Of those nobody knows how long their statement had waited; and the clock may have been set back, as here. */
START_TEST(what_is_open_at_the_first_look_reaches_back_further_than_its_start)
{
    look_sees(36000, NULL, "70", _i ? "2026-01-01 10:50:00" : "2026-01-01 09:59:00");
    int64_t true_age_s = _i ? 10 * 60 : 60;
    ck_assert_int_ge(writers.reach_s, true_age_s);
    ck_assert_int_le(writers.reach_s, true_age_s + WRITERS_WAITED_S + 3601);
    look_sees(36010, NULL, "71", "2026-01-01 10:00:05");
    ck_assert_int_eq(writers.reach_s, 10);
}
END_TEST

/* Begun at 2:50, one hour later it is 2:50 again. */
START_TEST(a_clock_that_is_set_back_makes_no_transaction_younger)
{
    look_sees(2 * 3600 + 50 * 60, NULL, NULL, NULL);
    look_sees(2 * 3600 + 50 * 60 + 2, NULL, "70", "2026-01-01 03:50:01");
    ck_assert_int_ge(writers.reach_s, 1);
    look_sees(3 * 3600, NULL, "70", "2026-01-01 03:50:01");
    ck_assert_int_ge(writers.reach_s, 599);
    ck_assert_int_ge(writers.oldest_age_s, 0);
}
END_TEST

START_TEST(what_is_kept_of_looks_is_bounded_and_never_reaches_too_little)
{
    look_sees(36000, NULL, NULL, NULL);
    for (unsigned i = 1; i <= 1000; i++) {
        static char newest[16];
        snprintf(newest, sizeof(newest), "%u", 100 + i);
        const char *row[] = {"0", "SELECT 'connect looks at 99999000000'", "2026-01-01 10:00:00", "99999000000",
                             "100", "insert", "2026-01-01 10:00:00", "0", newest, "insert", "2026-01-01 10:00:00", "99999000000"};
        char clock[32];
        snprintf(clock, sizeof(clock), "%u000000", 36000 + i);
        const char *own[] = {"0", "0", clock};
        db_script_reset();
        RULE(.match = "PROCESSLIST", .columns = process_columns, .rows = own, .row_count = 1);
        RULE(.match = "INNODB_TRX", .columns = trx_columns, .rows = row, .row_count = 3);
        ck_assert_int_eq(look_at_ms((36000 + i) * INT64_C(1000)), WRITERS_SEEN);
        ck_assert_uint_le(watch.mark_count, WRITERS_MARKS);
        ck_assert_int_eq(writers.reach_s, i);
    }
    db_script_reset();
    look_sees(37100, NULL, "700", "2026-01-01 10:18:00"); /* began behind 36599 and its statement perhaps as early */
    ck_assert_int_ge(writers.reach_s, 500);
    ck_assert_int_lt(writers.reach_s, 700); /* coarse, not useless */
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
    tcase_add_test(tcase, times_reach_back_to_a_statement_that_waited_before_its_transaction_began);
    tcase_add_loop_test(tcase, what_is_open_at_the_first_look_reaches_back_further_than_its_start, 0, 2);
    tcase_add_test(tcase, a_clock_that_is_set_back_makes_no_transaction_younger);
    tcase_add_test(tcase, what_is_kept_of_looks_is_bounded_and_never_reaches_too_little);
    tcase_add_test(tcase, who_finds_old_copies_pauses_longer_and_longer);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
