#include "connect/runtime/tolerance.h"

#include "tests/fakes/log_said.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct task_metrics metrics;
static int reported;
static char reported_message[256];

static void
note(void *arg, const struct failed_operation *failed)
{
    ck_assert_str_eq(arg, "letters");
    reported++;
    snprintf(reported_message, sizeof(reported_message), "%s %s", stage_name(failed->stage), failed->error->message);
}

static struct tolerance
tolerance_of(const char *word)
{
    struct config cfg = CONFIG_INIT;
    struct tolerance tolerance;
    config_set(&cfg, "errors.tolerance", word);
    metrics = (struct task_metrics){0};
    reported = 0;
    tolerance_init(&tolerance, "orders", 0, false, &cfg, &metrics);
    tolerance.report = note;
    static char letters[] = "letters";
    tolerance.report_arg = letters;
    config_fini(&cfg);
    return tolerance;
}

START_TEST(all_skips_the_record_after_reporting_it)
{
    struct tolerance tolerance = tolerance_of("ALL");
    struct record record = {.topic = "t"};
    struct error err;
    error_set(&err, ERROR_DATA, "bad bytes");
    ck_assert(tolerance_failed(&tolerance, STAGE_VALUE_CONVERTER, "a.B", &record, &err));
    ck_assert_int_eq(reported, 1);
    ck_assert_str_eq(reported_message, "VALUE_CONVERTER bad bytes");
    ck_assert_int_eq(metrics.record_failures, 1);
    ck_assert_int_eq(metrics.records_skipped, 1);
    ck_assert_int_eq(metrics.record_errors, 1);
}
END_TEST

START_TEST(what_a_sink_reports_is_a_failure_and_no_error_while_it_is_tolerated)
{
    struct tolerance tolerance = tolerance_of("all");
    struct record record = {.topic = "t"};
    struct error err;
    error_set(&err, ERROR_DATA, "duplicate key");
    ck_assert(tolerance_failed(&tolerance, STAGE_TASK_PUT, "a.B", &record, &err));
    ck_assert_int_eq(metrics.record_failures, 1);
    ck_assert_int_eq(metrics.records_skipped, 0);
    ck_assert_int_eq(metrics.record_errors, 0);
}
END_TEST

START_TEST(none_ends_the_task_but_reports_first)
{
    struct tolerance tolerance = tolerance_of("none");
    struct record record = {.topic = "t"};
    struct error err;
    error_set(&err, ERROR_DATA, "bad bytes");
    ck_assert(!tolerance_failed(&tolerance, STAGE_TRANSFORMATION, "a.B", &record, &err));
    ck_assert_int_eq(reported, 1);
    ck_assert_str_eq(err.message, "Tolerance exceeded in error handler");
    ck_assert_ptr_nonnull(strstr(err.causes, "bad bytes"));
    ck_assert_int_eq(metrics.record_errors, 1);
    ck_assert_int_eq(metrics.records_skipped, 0);
}
END_TEST

START_TEST(without_a_setting_nothing_is_tolerated)
{
    struct config cfg = CONFIG_INIT;
    struct tolerance tolerance;
    tolerance_init(&tolerance, "orders", 0, false, &cfg, &metrics);
    ck_assert(!tolerance.all);
    ck_assert(!tolerance.log_enable);
}
END_TEST

static const struct {
    const char *enable, *messages;
    bool is_source;
    const char *line; /* NULL: none */
} lines[] = {
    {"false", "true", false, NULL},
    {"true", "false", false, "Error encountered in task orders-3. Executing stage 'KEY_CONVERTER' with class 'a.B'. bad bytes"},
    {"TRUE", "true", false, "Error encountered in task orders-3. Executing stage 'KEY_CONVERTER' with class 'a.B', where consumed record is "
                            "{topic='t', partition=2, offset=7, timestamp=1000, timestampType=CreateTime}. bad bytes"},
    {"true", "true", true, "Error encountered in task orders-3. Executing stage 'KEY_CONVERTER' with class 'a.B', where source record is "
                           "{topic='t'}. bad bytes"},
};

/* errors.log.enable and errors.log.include.messages. What is in a record never gets there. */
START_TEST(a_failure_is_a_line_of_the_log_where_that_is_asked_for)
{
    struct config cfg = CONFIG_INIT;
    struct tolerance tolerance;
    struct record record = {.topic = "t", .original_topic = "t", .original_partition = 2, .offset = 7, .timestamp_ms = 1000, .timestamp_type = TIMESTAMP_CREATE,
                            .value = {.kind = VALUE_STRING, .as.bytes = "secret", .len = 6}};
    struct error err;
    metrics = (struct task_metrics){0};
    config_set(&cfg, "errors.tolerance", "all");
    config_set(&cfg, "errors.log.enable", lines[_i].enable);
    config_set(&cfg, "errors.log.include.messages", lines[_i].messages);
    tolerance_init(&tolerance, "orders", 3, lines[_i].is_source, &cfg, &metrics);
    error_set(&err, ERROR_DATA, "bad bytes");
    log_said_begin();
    bool is_tolerated = tolerance_failed(&tolerance, STAGE_KEY_CONVERTER, "a.B", &record, &err);
    const char *said = log_said_end();
    ck_assert(is_tolerated);
    ck_assert_int_eq(metrics.errors_logged, lines[_i].line != NULL);
    ck_assert_msg(lines[_i].line ? strstr(said, lines[_i].line) != NULL : !*said, "%s", said);
    ck_assert_ptr_null(strstr(said, "secret"));
    config_fini(&cfg);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("tolerance");
    TCase *tc = tcase_create("tolerance");
    tcase_add_test(tc, all_skips_the_record_after_reporting_it);
    tcase_add_test(tc, what_a_sink_reports_is_a_failure_and_no_error_while_it_is_tolerated);
    tcase_add_test(tc, none_ends_the_task_but_reports_first);
    tcase_add_test(tc, without_a_setting_nothing_is_tolerated);
    tcase_add_loop_test(tc, a_failure_is_a_line_of_the_log_where_that_is_asked_for, 0, sizeof(lines) / sizeof(lines[0]));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
