#include "common/base/clock.h"
#include "common/base/log.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

LOGGER("connect.test.unit");

static char captured[16384];

/* What one call writes to stderr. */
static const char *
capture(void (*write_lines)(void))
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    write_lines();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    captured[fread(captured, 1, sizeof(captured) - 1, file)] = '\0';
    fclose(file);
    return captured;
}

static void
write_info(void)
{
    log_info("read %d rows", 7);
}

static void
write_debug(void)
{
    log_debug("hidden");
}

static void
write_odd(void)
{
    log_info("quote \" backslash \\ line\nbell \a");
}

static void
write_long(void)
{
    char text[6000];
    memset(text, '\a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_info("%s", text);
}

START_TEST(a_line_has_level_context_message_and_logger)
{
    log_context_set("orders|task-0");
    ck_assert_ptr_nonnull(strstr(capture(write_info), "] INFO [orders|task-0] read 7 rows (connect.test.unit)\n"));
    log_context_set(NULL);
    ck_assert_ptr_null(strstr(capture(write_info), "orders"));
}
END_TEST

START_TEST(levels_of_a_parent_apply_until_a_child_has_its_own)
{
    ck_assert_str_eq(capture(write_debug), "");
    log_level_set("connect.test", LOG_DEBUG);
    ck_assert_ptr_nonnull(strstr(capture(write_debug), "hidden"));
    log_level_set("connect.test.unit", LOG_ERROR);
    ck_assert_str_eq(capture(write_info), "");
    log_level_set("connect", LOG_INFO);
    ck_assert_ptr_nonnull(strstr(capture(write_info), "read 7"));
    ck_assert_str_eq(capture(write_debug), "");
}
END_TEST

START_TEST(a_name_that_only_begins_alike_is_no_parent)
{
    log_level_set("connect.te", LOG_DEBUG);
    ck_assert_str_eq(capture(write_debug), "");
}
END_TEST

START_TEST(json_lines_escape_what_json_needs)
{
    log_format_set(LOG_JSON);
    const char *line = capture(write_odd);
    log_format_set(LOG_TEXT);
    ck_assert_ptr_nonnull(strstr(line, "\"message\":\"quote \\\" backslash \\\\ line\\nbell \\u0007\"}\n"));
    ck_assert_int_eq(line[0], '{');
}
END_TEST

START_TEST(the_time_of_a_change_is_kept)
{
    int64_t modified;
    ck_assert_int_eq(log_level_of("connect.test.unit", &modified), LOG_INFO);
    ck_assert_int_eq(modified, -1);
    clock_freeze_ms(1700000000123);
    log_level_set("connect.test.unit", LOG_TRACE);
    ck_assert_int_eq(log_level_of("connect.test.unit", &modified), LOG_TRACE);
    ck_assert_int_eq(modified, 1700000000123);
    clock_freeze_ms(-1);
}
END_TEST

START_TEST(level_words_are_read_in_any_case)
{
    enum log_level level;
    ck_assert(log_level_parse("warn", &level));
    ck_assert_int_eq(level, LOG_WARN);
    ck_assert(log_level_parse("All", &level));
    ck_assert_int_eq(level, LOG_ALL);
    ck_assert_str_eq(log_level_name(level), "ALL");
    ck_assert(!log_level_parse("loud", &level));
}
END_TEST

/* What stood behind the end on the stack was written, too. */
static void
count_strangers(void *arg, const char *name, enum log_level level, int64_t modified_ms)
{
    (void)level, (void)modified_ms;
    *(int *)arg += strncmp(name, "from.outside.", 13) == 0;
}

START_TEST(names_of_no_logger_are_kept_up_to_a_number)
{
    log_register(&log_here);
    log_level_set("connect.test", LOG_ERROR);
    char name[64];
    for (int i = 0; i < 3 * LOG_STRANGERS_MAX; i++) {
        snprintf(name, sizeof(name), "from.outside.%d", i);
        log_level_set(name, LOG_DEBUG);
    }
    int count = 0;
    int64_t modified_ms;
    log_each_logger(count_strangers, &count);
    ck_assert_int_eq(count, LOG_STRANGERS_MAX);
    ck_assert_int_eq(log_level_of(name, &modified_ms), LOG_DEBUG);
    ck_assert_int_eq(log_level_of("connect.test.unit", &modified_ms), LOG_ERROR); /* older, but of use */
}
END_TEST

START_TEST(a_line_that_is_cut_ends_like_all_others)
{
    const char *line = capture(write_long);
    const char *end = strstr(line, " (connect.test.unit)\n");
    ck_assert_ptr_nonnull(end);
    ck_assert_str_eq(end, " (connect.test.unit)\n");
}
END_TEST

static void
count_passing(void *arg, const char *name, enum log_level level, int64_t modified_ms)
{
    (void)level, (void)modified_ms;
    *(int *)arg += strcmp(name, "connect.test.passing") == 0;
}

START_TEST(a_logger_that_ends_is_forgotten_and_the_others_stay)
{
    struct logger *passing = calloc(1, sizeof(*passing));
    passing->name = "connect.test.passing";
    int before = 0, after = 0;
    struct logger later = {.name = "connect.test.later"};
    log_register(passing);
    log_register(&later);
    log_each_logger(count_passing, &before);
    log_forget(passing);
    free(passing);
    log_each_logger(count_passing, &after);
    ck_assert_int_eq(before, 1);
    ck_assert_int_eq(after, 0);
    log_forget(&later);
    log_forget(&later); /* not there: nothing happens */
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("log");
    tcase_add_test(tc, a_line_has_level_context_message_and_logger);
    tcase_add_test(tc, levels_of_a_parent_apply_until_a_child_has_its_own);
    tcase_add_test(tc, a_name_that_only_begins_alike_is_no_parent);
    tcase_add_test(tc, json_lines_escape_what_json_needs);
    tcase_add_test(tc, the_time_of_a_change_is_kept);
    tcase_add_test(tc, level_words_are_read_in_any_case);
    tcase_add_test(tc, names_of_no_logger_are_kept_up_to_a_number);
    tcase_add_test(tc, a_line_that_is_cut_ends_like_all_others);
    tcase_add_test(tc, a_logger_that_ends_is_forgotten_and_the_others_stay);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
