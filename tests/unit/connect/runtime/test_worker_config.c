/* Tests of connect/runtime/worker_config.c. */
#include "connect/runtime/worker_config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct config raw;
static struct worker_config worker;
static struct error err;

static void
setup(void)
{
    raw = CONFIG_INIT;
    err = ERROR_INIT;
    config_set(&raw, "bootstrap.servers", " a:1 , b:2");
    config_set(&raw, "group.id", "g");
    config_set(&raw, "key.converter", "org.apache.kafka.connect.json.JsonConverter");
    config_set(&raw, "value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config_set(&raw, "config.storage.topic", "c");
    config_set(&raw, "offset.storage.topic", "o");
    config_set(&raw, "status.storage.topic", "s");
}

static void
parse(bool is_distributed)
{
    ck_assert_msg(worker_config_parse(&worker, &raw, is_distributed, &err), "%s", err.message);
}

START_TEST(defaults_are_those_of_kafka_connect)
{
    parse(true);
    ck_assert_str_eq(worker.bootstrap_servers, "a:1,b:2");
    ck_assert_int_eq(worker.offset_flush_interval_ms, 60000);
    ck_assert_int_eq(worker.session_timeout_ms, 10000);
    ck_assert_int_eq(worker.offset_storage_partitions, 25);
    ck_assert_int_eq(worker.config_storage_replication_factor, 3);
    ck_assert_int_eq(worker.exactly_once, EXACTLY_ONCE_DISABLED);
    ck_assert_str_eq(worker.header_converter, "org.apache.kafka.connect.storage.SimpleHeaderConverter");
    ck_assert(worker.topic_tracking_enable);
    ck_assert_str_eq(worker.listeners.items[0], "http://:8083");
    ck_assert_ptr_null(worker.admin_listeners);
    ck_assert_ptr_nonnull(strstr(worker.worker_id, ":8083"));
    worker_config_fini(&worker);
}
END_TEST

START_TEST(a_missing_setting_is_named)
{
    config_unset(&raw, "group.id");
    ck_assert(!worker_config_parse(&worker, &raw, true, &err));
    ck_assert_str_eq(err.message, "Missing required configuration \"group.id\" which has no default value.");
    config_set(&raw, "offset.storage.file.filename", "/tmp/x");
    parse(false);
    ck_assert_str_eq(worker.offset_storage_file_filename, "/tmp/x");
    worker_config_fini(&worker);
}
END_TEST

static const struct {
    const char *key, *value;
} refused[] = {
    {"listeners", "8083"},
    {"listeners", "ftp://x:1"},
    {"listeners", "http://x:y"},
    {"listeners", "http://x:99999"},
    {"listeners", ""},
    {"exactly.once.source.support", "yes"},
    {"session.timeout.ms", "0"},
    {"connector.client.config.override.policy", "Some"},
    {"response.http.headers.config", "remove X"},
    {"offset.storage.topic", ""},
    {"bootstrap.servers", "localhost"},
    {"bootstrap.servers", "a:1,b:c"},
    {"bootstrap.servers", ","},
    {"key.converter", "no.such.Converter"},
    {"value.converter", "org.apache.kafka.connect.storage.SimpleHeaderConverter"},
    {"header.converter", "JsonConvert"},
};

START_TEST(a_wrong_value_is_refused)
{
    config_set(&raw, refused[_i].key, refused[_i].value);
    ck_assert(!worker_config_parse(&worker, &raw, true, &err));
    ck_assert_ptr_nonnull(strstr(err.message, refused[_i].key));
    config_fini(&raw);
}
END_TEST

static const struct {
    const char *listeners, *host, *port, *listener, *id, *url;
} addresses[] = {
    {"http://127.0.0.1:8084", NULL, NULL, NULL, "127.0.0.1:8084", "http://127.0.0.1:8084/"},
    {"HTTP://h:0", NULL, NULL, NULL, "h:7777", "http://h:7777/"},
    {"http://h:1,https://h:2", NULL, NULL, "https", "h:2", "https://h:2/"},
    {"https://h:2,http://h:1", NULL, NULL, NULL, "h:1", "http://h:1/"},
    {"https://h:2", NULL, NULL, NULL, "h:2", "https://h:2/"},
    {"http://:8083", "public", "80", NULL, "public:80", "http://public:80/"},
    {"http://[::1]:8083", NULL, NULL, NULL, "[::1]:8083", "http://[::1]:8083/"},
};

START_TEST(the_worker_is_known_by_its_advertised_address)
{
    config_set(&raw, "listeners", addresses[_i].listeners);
    if (addresses[_i].host)
        config_set(&raw, "rest.advertised.host.name", addresses[_i].host);
    if (addresses[_i].port)
        config_set(&raw, "rest.advertised.port", addresses[_i].port);
    if (addresses[_i].listener)
        config_set(&raw, "rest.advertised.listener", addresses[_i].listener);
    parse(true);
    worker_config_advertise(&worker, 7777);
    ck_assert_str_eq(worker.worker_id, addresses[_i].id);
    ck_assert_str_eq(worker.advertised_url, addresses[_i].url);
    worker_config_fini(&worker);
}
END_TEST

START_TEST(only_names_that_nothing_reads_are_unknown)
{
    config_set(&raw, "producer.linger.ms", "5");
    config_set(&raw, "key.converter.schemas.enable", "true");
    config_set(&raw, "plugin.path", "/x");
    config_set(&raw, "offset.flush.intervall.ms", "1");
    config_set(&raw, "request.timeout.ms", "1");
    config_set(&raw, "response.http.headers.config", "set X-A:b, \"add Cache-Control: no-cache, no-store\"");
    parse(true);
    struct string_list unknown = STRING_LIST_INIT;
    worker_config_unknown(&worker, &unknown);
    ck_assert_uint_eq(unknown.count, 1);
    ck_assert_str_eq(unknown.items[0], "offset.flush.intervall.ms");
    string_list_fini(&unknown);
    worker_config_fini(&worker);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/runtime/worker_config");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, defaults_are_those_of_kafka_connect);
    tcase_add_test(tcase, a_missing_setting_is_named);
    tcase_add_loop_test(tcase, a_wrong_value_is_refused, 0, sizeof(refused) / sizeof(refused[0]));
    tcase_add_loop_test(tcase, the_worker_is_known_by_its_advertised_address, 0, sizeof(addresses) / sizeof(addresses[0]));
    tcase_add_test(tcase, only_names_that_nothing_reads_are_unknown);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
