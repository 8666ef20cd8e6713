#include "common/config/config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(settings_keep_their_order_and_their_last_value)
{
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "b", "1");
    config_set(&cfg, "a", "2");
    config_set(&cfg, "b", "3");
    ck_assert_uint_eq(cfg.count, 2);
    ck_assert_str_eq(cfg.entries[0].key, "b");
    ck_assert_str_eq(config_get(&cfg, "b"), "3");
    config_unset(&cfg, "b");
    ck_assert_ptr_null(config_get(&cfg, "b"));
    ck_assert_str_eq(config_get(&cfg, "a"), "2");
    config_fini(&cfg);
}
END_TEST

START_TEST(many_settings_are_found_and_lost)
{
    struct config cfg = CONFIG_INIT;
    char key[16], value[16];
    enum { COUNT = 200000 }; /* a search for each takes minutes */
    for (int i = 0; i < COUNT; i++) {
        snprintf(key, sizeof(key), "k%d", i % (COUNT / 2));
        snprintf(value, sizeof(value), "%d", i);
        config_set(&cfg, key, value);
    }
    ck_assert_uint_eq(cfg.count, COUNT / 2);
    ck_assert_str_eq(config_get(&cfg, "k7"), "100007");
    config_unset(&cfg, "k6");
    ck_assert_str_eq(config_get(&cfg, "k7"), "100007");
    ck_assert(!config_has(&cfg, "k6"));
    while (cfg.count > 99990) /* behind the hash, too */
        config_unset(&cfg, cfg.entries[cfg.count - 1].key);
    config_set(&cfg, "k6", "new");
    ck_assert_str_eq(cfg.entries[cfg.count - 1].key, "k6");
    struct config *copy = config_dup(&cfg);
    ck_assert(config_equal(copy, &cfg));
    config_free(copy);
    config_fini(&cfg);
}
END_TEST

START_TEST(a_patch_sets_adds_and_removes)
{
    struct config cfg = CONFIG_INIT, patch = CONFIG_INIT;
    config_set(&cfg, "a", "1");
    config_set(&cfg, "b", "2");
    config_set(&cfg, "c", "3");
    config_set(&patch, "d", "4");
    config_set(&patch, "b", NULL);
    config_set(&patch, "c", "5");
    config_set(&patch, "x", NULL);
    struct config *patched = config_patched(&cfg, &patch);
    ck_assert_uint_eq(patched->count, 3);
    ck_assert_str_eq(patched->entries[0].key, "a");
    ck_assert_str_eq(patched->entries[1].value, "5");
    ck_assert_str_eq(patched->entries[2].key, "d");
    config_free(patched);
    config_fini(&cfg);
    config_fini(&patch);
}
END_TEST

START_TEST(null_is_not_absent)
{
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "n", NULL);
    ck_assert(config_has(&cfg, "n"));
    ck_assert_ptr_null(config_get(&cfg, "n"));
    ck_assert(!config_has(&cfg, "m"));
    ck_assert_str_eq(config_get_or(&cfg, "n", "d"), "d");
    config_fini(&cfg);
}
END_TEST

START_TEST(equality_does_not_look_at_order_but_at_nulls)
{
    struct config a = CONFIG_INIT, b = CONFIG_INIT;
    config_set(&a, "x", "1");
    config_set(&a, "y", NULL);
    config_set(&b, "y", NULL);
    config_set(&b, "x", "1");
    ck_assert(config_equal(&a, &b));
    config_set(&b, "y", "");
    ck_assert(!config_equal(&a, &b));
    config_fini(&a);
    config_fini(&b);
}
END_TEST

START_TEST(a_subset_loses_its_prefix)
{
    struct config cfg = CONFIG_INIT, sub = CONFIG_INIT;
    config_set(&cfg, "producer.linger.ms", "5");
    config_set(&cfg, "consumer.x", "1");
    config_subset(&cfg, "producer.", &sub);
    ck_assert_uint_eq(sub.count, 1);
    ck_assert_str_eq(config_get(&sub, "linger.ms"), "5");
    config_fini(&cfg);
    config_fini(&sub);
}
END_TEST

static const struct {
    const char *text;
    size_t count;
    const char *items[4];
} splits[] = {
    {"", 0, {0}},       {"   ", 0, {0}},           {"a", 1, {"a"}},      {"a,b", 2, {"a", "b"}},
    {" a , b c ", 2, {"a", "b c"}}, {"a,,b", 3, {"a", "", "b"}}, {"a,", 2, {"a", ""}},
};

START_TEST(lists_split_at_commas_and_blanks_around_them_go)
{
    struct string_list list = STRING_LIST_INIT;
    string_list_split(&list, splits[_i].text);
    ck_assert_uint_eq(list.count, splits[_i].count);
    for (size_t i = 0; i < list.count; i++)
        ck_assert_str_eq(list.items[i], splits[_i].items[i]);
    string_list_fini(&list);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("config");
    TCase *tc = tcase_create("config");
    tcase_add_test(tc, settings_keep_their_order_and_their_last_value);
    tcase_add_test(tc, many_settings_are_found_and_lost);
    tcase_add_test(tc, a_patch_sets_adds_and_removes);
    tcase_add_test(tc, null_is_not_absent);
    tcase_add_test(tc, equality_does_not_look_at_order_but_at_nulls);
    tcase_add_test(tc, a_subset_loses_its_prefix);
    tcase_add_loop_test(tc, lists_split_at_commas_and_blanks_around_them_go, 0, sizeof(splits) / sizeof(splits[0]));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
