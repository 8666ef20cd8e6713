/* Which group makes a topic, and with what. */
#include "connect/runtime/topic_creation.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct config
settings(const char *const (*pairs)[2])
{
    struct config cfg = CONFIG_INIT;
    for (; (*pairs)[0]; pairs++)
        config_set(&cfg, (*pairs)[0], (*pairs)[1]);
    return cfg;
}

static const char *const grouped[][2] = {
    {"topic.creation.default.partitions", "3"},
    {"topic.creation.default.replication.factor", "-1"},
    {"topic.creation.default.cleanup.policy", "compact"},
    {"topic.creation.groups", "logs, orders"},
    {"topic.creation.logs.include", ".*log, audit.*"},
    {"topic.creation.logs.exclude", "audit_private"},
    {"topic.creation.logs.partitions", "7"},
    {"topic.creation.orders.include", "orders"},
    {"topic.creation.orders.replication.factor", "2"},
    {"topic.creation.orders.retention.ms", "1000"},
    {NULL, NULL},
};

static const struct {
    const char *topic, *group;
    int partitions, replication_factor;
    const char *setting, *value;
} topics[] = {
    {"worklog", "logs", 7, -1, "cleanup.policy", NULL},
    {"audit_private", "default", 3, -1, "cleanup.policy", "compact"},
    {"orders", "orders", 3, 2, "retention.ms", "1000"},
    {"orders2", "default", 3, -1, "cleanup.policy", "compact"},
    {"my_audit", "default", 3, -1, "cleanup.policy", "compact"},
    {"audit", "logs", 7, -1, "partitions", NULL},
};

START_TEST(the_first_group_that_takes_a_topic_decides)
{
    struct config cfg = settings(grouped);
    struct topic_creation *creation = NULL;
    struct error err = ERROR_INIT;
    ck_assert_msg(topic_creation_new(&cfg, true, &creation, &err), "%s", err.message);
    ck_assert_ptr_nonnull(creation);
    struct kafka_new_topic wanted;
    ck_assert_str_eq(topic_creation_find(creation, topics[_i].topic, &wanted), topics[_i].group);
    ck_assert_str_eq(wanted.topic, topics[_i].topic);
    ck_assert_int_eq(wanted.partitions, topics[_i].partitions);
    ck_assert_int_eq(wanted.replication_factor, topics[_i].replication_factor);
    if (topics[_i].value)
        ck_assert_str_eq(config_get(wanted.settings, topics[_i].setting), topics[_i].value);
    else
        ck_assert(!config_has(wanted.settings, topics[_i].setting));
    topic_creation_free(creation);
    config_fini(&cfg);
}
END_TEST

START_TEST(nothing_is_made_without_a_setting_or_against_the_worker)
{
    static const char *const none[][2] = {{"topics", "x"}, {NULL, NULL}};
    struct config without = settings(none), with = settings(grouped);
    struct topic_creation *creation;
    struct error err;
    ck_assert(topic_creation_new(&without, true, &creation, &err));
    ck_assert_ptr_null(creation);
    ck_assert(topic_creation_new(&with, false, &creation, &err));
    ck_assert_ptr_null(creation);
    config_fini(&without);
    config_fini(&with);
}
END_TEST

static const struct {
    const char *key, *value, *says;
} wrong[] = {
    {"topic.creation.default.partitions", NULL, "Missing required configuration \"topic.creation.default.partitions\""},
    {"topic.creation.default.partitions", "0", "Invalid value 0 for configuration topic.creation.default.partitions"},
    {"topic.creation.default.replication.factor", "many", "Invalid value many"},
    {"topic.creation.logs.include", "(", "topic.creation.logs.include"},
};

START_TEST(a_wrong_setting_is_named)
{
    struct config cfg = settings(grouped);
    struct topic_creation *creation;
    struct error err = ERROR_INIT;
    if (wrong[_i].value)
        config_set(&cfg, wrong[_i].key, wrong[_i].value);
    else
        config_unset(&cfg, wrong[_i].key);
    ck_assert(!topic_creation_new(&cfg, true, &creation, &err));
    ck_assert_msg(strstr(err.message, wrong[_i].says) != NULL, "%s", err.message);
    ck_assert_ptr_null(creation);
    config_fini(&cfg);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("topic creation");
    TCase *tc = tcase_create("groups");
    tcase_add_loop_test(tc, the_first_group_that_takes_a_topic_decides, 0, sizeof(topics) / sizeof(topics[0]));
    tcase_add_test(tc, nothing_is_made_without_a_setting_or_against_the_worker);
    tcase_add_loop_test(tc, a_wrong_setting_is_named, 0, sizeof(wrong) / sizeof(wrong[0]));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
