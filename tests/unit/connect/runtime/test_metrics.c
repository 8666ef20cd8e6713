#include "connect/runtime/metrics.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(each_task_has_its_lines_and_none_after_it_is_gone)
{
    struct metrics *registry = metrics_new();
    struct task_metrics *source = metrics_task_add(registry, "orders", 0, true);
    struct task_metrics *sink = metrics_task_add(registry, "say \"hi\"\\", 1, false);
    struct strbuf text = STRBUF_INIT;
    source->records_out = 42;
    sink->records_out = 7;
    metrics_write(registry, &text);
    ck_assert_ptr_nonnull(strstr(text.data, "\nkafka_connect_source_task_source_record_write_total{connector=\"orders\",task=\"0\"} 42\n"));
    ck_assert_ptr_nonnull(strstr(text.data, "kafka_connect_sink_task_sink_record_send_total{connector=\"say \\\"hi\\\"\\\\\",task=\"1\"} 7\n"));
    ck_assert_ptr_null(strstr(text.data, "source_record_write_total{connector=\"say"));
    metrics_task_remove(registry, source);
    strbuf_reset(&text);
    metrics_write(registry, &text);
    ck_assert_ptr_null(strstr(text.data, "orders"));
    strbuf_fini(&text);
    metrics_free(registry);
}
END_TEST

START_TEST(averages_and_shares_are_made_of_sums)
{
    struct metrics *registry = metrics_new();
    struct task_metrics *task = metrics_task_add(registry, "c", 0, true);
    struct strbuf text = STRBUF_INIT;
    task->batch_count = 4;
    task->batch_time_us_sum = 10000;
    task->batch_size_sum = 10;
    task->commit_count = 3;
    task->commit_failures = 1;
    metrics_write(registry, &text);
    ck_assert_ptr_nonnull(strstr(text.data, "poll_batch_avg_time_ms{connector=\"c\",task=\"0\"} 2.5\n"));
    ck_assert_ptr_nonnull(strstr(text.data, "batch_size_avg{connector=\"c\",task=\"0\"} 2.5\n"));
    ck_assert_ptr_nonnull(strstr(text.data, "offset_commit_failure_percentage{connector=\"c\",task=\"0\"} 0.25\n"));
    strbuf_fini(&text);
    metrics_free(registry);
}
END_TEST

START_TEST(gauges_of_a_connector_have_names_that_prometheus_takes)
{
    struct metrics *registry = metrics_new();
    struct task_metrics *task = metrics_task_add(registry, "c", 0, true);
    struct strbuf text = STRBUF_INIT;
    atomic_store(&task->gauges[0].value, 12.5);
    atomic_store(&task->gauges[0].name, "rows-left");
    metrics_write(registry, &text);
    ck_assert_ptr_nonnull(strstr(text.data, "kafka_connect_task_rows_left{connector=\"c\",task=\"0\"} 12.5\n"));
    strbuf_fini(&text);
    metrics_free(registry);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("metrics");
    TCase *tc = tcase_create("metrics");
    tcase_add_test(tc, each_task_has_its_lines_and_none_after_it_is_gone);
    tcase_add_test(tc, averages_and_shares_are_made_of_sums);
    tcase_add_test(tc, gauges_of_a_connector_have_names_that_prometheus_takes);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
