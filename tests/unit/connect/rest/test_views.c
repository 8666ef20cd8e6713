/* Tests of connect/rest/views.c: members and their order as in Kafka Connect's answers. */
#include "connect/rest/rest_priv.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct strbuf out;

static void
setup(void)
{
    out = STRBUF_INIT;
}

static void
teardown(void)
{
    strbuf_fini(&out);
}

START_TEST(a_connector_has_name_config_tasks_type)
{
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "name", "my \"c\"");
    config_set(&cfg, "nothing", NULL);
    view_connector(&out, "my \"c\"", &cfg, 2);
    ck_assert_str_eq(out.data, "{\"name\":\"my \\\"c\\\"\",\"config\":{\"name\":\"my \\\"c\\\"\",\"nothing\":null},\"tasks\":[{\"connector\":"
                               "\"my \\\"c\\\"\",\"task\":0},{\"connector\":\"my \\\"c\\\"\",\"task\":1}],\"type\":\"unknown\"}");
    config_fini(&cfg);
}
END_TEST

START_TEST(a_status_leaves_out_what_is_not_known)
{
    struct status items[] = {
        {.task = STATUS_CONNECTOR, .state = STATUS_RUNNING, .worker_id = (char *)"h:1", .version = (char *)"1.0"},
        {.task = 0, .state = STATUS_FAILED, .worker_id = (char *)"h:2", .trace = (char *)"a.B: c\nCaused by: d"},
    };
    view_status(&out, "c", NULL, &(struct status_list){items, 2});
    ck_assert_str_eq(out.data, "{\"name\":\"c\",\"connector\":{\"state\":\"RUNNING\",\"worker_id\":\"h:1\",\"version\":\"1.0\"},\"tasks\":[{\"id\":0,"
                               "\"state\":\"FAILED\",\"worker_id\":\"h:2\",\"trace\":\"a.B: c\\nCaused by: d\"}],\"type\":\"unknown\"}");
}
END_TEST

START_TEST(a_definition_shows_its_default_as_text_and_hides_secrets)
{
    struct config_row list = {"k", CONFIG_LIST, "a , b", CONFIG_LOW, "Doc.", NULL, 3, CONFIG_WIDTH_NONE, NULL, .offset = CONFIG_NOT_PARSED};
    view_definition(&out, &list);
    ck_assert_ptr_nonnull(strstr(out.data, "{\"name\":\"k\",\"type\":\"LIST\",\"required\":false,\"default_value\":\"a,b\",\"importance\":\"LOW\","
                                           "\"documentation\":\"Doc.\",\"group\":null"));
    ck_assert_ptr_nonnull(strstr(out.data, "\"width\":\"NONE\",\"display_name\":\"k\",\"dependents\":[]"));
    strbuf_reset(&out);
    static const char *const dependents[] = {"x", "y", NULL};
    struct config_row secret = {"p", CONFIG_PASSWORD, "top", CONFIG_HIGH, "", "G", 1, CONFIG_WIDTH_LONG, "P", .dependents = dependents};
    view_definition(&out, &secret);
    ck_assert_ptr_null(strstr(out.data, "top"));
    ck_assert_ptr_nonnull(strstr(out.data, "\"dependents\":[\"x\",\"y\"]"));
    strbuf_reset(&out);
    struct config_row required = {"r", CONFIG_STRING, config_no_default, CONFIG_HIGH, "", "G", 1, CONFIG_WIDTH_LONG, "R", .offset = CONFIG_NOT_PARSED};
    view_definition(&out, &required);
    ck_assert_ptr_nonnull(strstr(out.data, "\"required\":true,\"default_value\":null"));
}
END_TEST

START_TEST(a_name_is_encoded_for_a_path)
{
    view_path_name(&out, "my conn/b%\xC3\xBC");
    ck_assert_str_eq(out.data, "my%20conn/b%25%C3%BC");
    strbuf_reset(&out);
    view_path_name(&out, "a!$&'()*+,=:@~[?#;");
    ck_assert_str_eq(out.data, "a!$&'()*+,=:@~%5B%3F%23%3B");
}
END_TEST

static const struct {
    enum error_code code;
    int cause, status;
} statuses[] = {
    {ERROR_CONFIG, 0, 400},   {ERROR_NOT_FOUND, 0, 404}, {ERROR_CONFLICT, 0, 409}, {ERROR_TIMEOUT, 0, 500},
    {ERROR_INTERNAL, 0, 500}, {ERROR_CONFIG, 403, 403},  {ERROR_CONFIG, 1045, 400}, {ERROR_UNAVAILABLE, -195, 500},
};

START_TEST(an_error_has_a_status)
{
    struct error err = {.code = statuses[_i].code, .cause = statuses[_i].cause};
    ck_assert_int_eq(error_status(&err), statuses[_i].status);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/rest/views");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_connector_has_name_config_tasks_type);
    tcase_add_test(tcase, a_status_leaves_out_what_is_not_known);
    tcase_add_test(tcase, a_definition_shows_its_default_as_text_and_hides_secrets);
    tcase_add_test(tcase, a_name_is_encoded_for_a_path);
    tcase_add_loop_test(tcase, an_error_has_a_status, 0, sizeof(statuses) / sizeof(statuses[0]));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
