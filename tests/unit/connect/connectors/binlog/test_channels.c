/* Tests of connect/connectors/binlog/channels.c and common/kafka/topic_tail.c, over a file and librdkafka's mock cluster. */
#include "connect/connectors/binlog/channels.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "tests/fakes/kafka_mock.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXECUTE(id) "{\"id\":\"" id "\",\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"d.t\"]}}"

static struct kafka_mock mock;
static struct config cfg;
static struct cdc_config config;
static struct cdc_channels *channels;
static struct error err;
static char folder[] = "/tmp/channels-XXXXXX", *path;

static void
open_channels(const char *extra)
{
    err = ERROR_INIT;
    ck_assert_msg(cdc_config_init(&config, &cfg, "mysql", &err), "%s", err.message);
    channels = cdc_channels_new(&config, extra, &err);
}

static void
close_channels(void)
{
    cdc_channels_free(channels);
    cdc_config_fini(&config);
    channels = NULL;
}

static void
setup(void)
{
    static const char *const base[][2] = {{"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"}, {"database.server.id", "1"},
                                          {"signal.enabled.channels", "source,file,kafka"}, {"signal.kafka.topic", "sig"},
                                          {"signal.poll.interval.ms", "1"}, {"signal.consumer.fetch.wait.max.ms", "10"}};
    kafka_mock_start(&mock);
    kafka_mock_topic(&mock, "sig", 1);
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    path = xasprintf("%s/signals", folder);
    cfg = CONFIG_INIT;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
    config_set(&cfg, "signal.kafka.bootstrap.servers", config_get(&mock.settings, "bootstrap.servers"));
    config_set(&cfg, "signal.file", path);
}

static void
teardown(void)
{
    close_channels();
    config_fini(&cfg);
    kafka_mock_stop(&mock);
    unlink(path);
    rmdir(folder);
    free(path);
}

static void
write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* The id of the next signal, waited for up to ten seconds; "" when there is none for so long as ms. Heap. */
static char *
next_id(int64_t ms)
{
    struct cdc_signal signal;
    int64_t until_ms = clock_now_ms() + ms;
    do {
        if (cdc_channels_is_due(channels) && cdc_channels_next(channels, &signal)) {
            char *id = xstrdup(signal.id);
            cdc_signal_fini(&signal);
            cdc_channels_done(channels);
            return id;
        }
        usleep(1000);
    } while (clock_now_ms() < until_ms);
    return xstrdup("");
}

static void
expect(const char *id)
{
    char *found = next_id(*id ? 10000 : 300);
    ck_assert_str_eq(found, id);
    free(found);
}

static void
expect_nothing_for(int64_t ms)
{
    char *found = next_id(ms);
    ck_assert_str_eq(found, "");
    free(found);
}

START_TEST(lines_of_the_file_are_signals_and_it_is_emptied)
{
    struct stat stat_of;
    open_channels(NULL);
    expect(""); /* no file */
    write_file(EXECUTE("1") "\n\nno JSON\n{\"id\":\"2\"}\n  \n" EXECUTE("3"));
    expect("1");
    expect("3");
    expect("");
    ck_assert_int_eq(stat(path, &stat_of), 0);
    ck_assert_int_eq(stat_of.st_size, 0);
    write_file(EXECUTE("4") "\n");
    expect("4");
    ck_assert_ptr_null(cdc_channels_extra(channels));
}
END_TEST

START_TEST(a_file_that_is_too_large_stays_as_it_is)
{
    struct stat stat_of;
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 20000; i++)
        fputs(EXECUTE("1") "\n", file);
    fclose(file);
    open_channels(NULL);
    expect("");
    ck_assert_int_eq(stat(path, &stat_of), 0);
    ck_assert_int_gt(stat_of.st_size, 1 << 20);
}
END_TEST

START_TEST(records_with_the_prefix_as_their_key_are_signals)
{
    kafka_mock_write(&mock, "sig", "other", EXECUTE("1"));
    kafka_mock_write(&mock, "sig", "p", NULL);
    kafka_mock_write(&mock, "sig", "p", "no JSON");
    kafka_mock_write(&mock, "sig", NULL, EXECUTE("2"));
    kafka_mock_write(&mock, "sig", "p", EXECUTE("3"));
    open_channels(NULL);
    expect("3");
    char *extra = cdc_channels_extra(channels);
    ck_assert_str_eq(extra, "\"signal_kafka_topic\":\"sig\",\"signal_kafka_offset\":5");
    free(extra);
}
END_TEST

START_TEST(the_offset_of_the_source_says_where_to_go_on)
{
    for (const char *const *id = (const char *const[]){EXECUTE("1"), EXECUTE("2"), EXECUTE("3"), NULL}; *id; id++)
        kafka_mock_write(&mock, "sig", "p", *id);
    open_channels("\"signal_kafka_topic\":\"sig\",\"signal_kafka_offset\":2");
    expect("3");
    close_channels();
    open_channels("\"signal_kafka_topic\":\"another\",\"signal_kafka_offset\":2");
    expect("1");
}
END_TEST

/* A signal that is being carried out is not done: the offset still has the place in front of it. */
START_TEST(the_place_moves_when_the_signal_is_done)
{
    struct cdc_signal signal;
    kafka_mock_write(&mock, "sig", "p", EXECUTE("1"));
    open_channels("\"signal_kafka_topic\":\"sig\",\"signal_kafka_offset\":0");
    int64_t until_ms = clock_now_ms() + 10000;
    while (!(cdc_channels_is_due(channels) && cdc_channels_next(channels, &signal)) && clock_now_ms() < until_ms)
        usleep(1000);
    cdc_signal_fini(&signal);
    char *extra = cdc_channels_extra(channels);
    ck_assert_str_eq(extra, "\"signal_kafka_topic\":\"sig\",\"signal_kafka_offset\":0");
    free(extra);
    cdc_channels_done(channels);
    extra = cdc_channels_extra(channels);
    ck_assert_str_eq(extra, "\"signal_kafka_topic\":\"sig\",\"signal_kafka_offset\":1");
    free(extra);
}
END_TEST

START_TEST(the_group_is_told_only_what_is_stored)
{
    kafka_mock_write(&mock, "sig", "p", EXECUTE("1"));
    kafka_mock_write(&mock, "sig", "p", EXECUTE("2"));
    open_channels(NULL);
    expect("1");
    expect("2");
    close_channels(); /* nothing was stored */
    open_channels(NULL);
    expect("1");
    cdc_channels_told(channels);
    expect("2");
    cdc_channels_stored(channels);
    close_channels();
    open_channels(NULL);
    expect("2");
}
END_TEST

/* They are for connectors that may have the same group, and were not there yet. */
START_TEST(the_group_does_not_move_for_others)
{
    kafka_mock_write(&mock, "sig", "other", EXECUTE("1"));
    open_channels(NULL);
    ck_assert_int_lt(cdc_channels_place(channels), 0);
    for (int64_t until_ms = clock_now_ms() + 10000; cdc_channels_place(channels) < 1 && clock_now_ms() < until_ms;)
        expect_nothing_for(10);
    ck_assert_int_eq(cdc_channels_place(channels), 1);
    cdc_channels_told(channels);
    cdc_channels_stored(channels);
    close_channels();
    config_set(&cfg, "topic.prefix", "other");
    open_channels(NULL);
    expect("1");
}
END_TEST

START_TEST(brokers_are_needed)
{
    config_set(&cfg, "signal.kafka.bootstrap.servers", NULL);
    open_channels(NULL);
    ck_assert_ptr_null(channels);
    ck_assert_msg(strstr(err.message, "signal.kafka.bootstrap.servers"), "%s", err.message);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/channels");
    TCase *tc = tcase_create("channels");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, lines_of_the_file_are_signals_and_it_is_emptied);
    tcase_add_test(tc, a_file_that_is_too_large_stays_as_it_is);
    tcase_add_test(tc, records_with_the_prefix_as_their_key_are_signals);
    tcase_add_test(tc, the_offset_of_the_source_says_where_to_go_on);
    tcase_add_test(tc, the_place_moves_when_the_signal_is_done);
    tcase_add_test(tc, the_group_is_told_only_what_is_stored);
    tcase_add_test(tc, the_group_does_not_move_for_others);
    tcase_add_test(tc, brokers_are_needed);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
