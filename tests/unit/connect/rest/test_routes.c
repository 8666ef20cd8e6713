/* Tests of connect/rest/routes.c and connect/rest/media.c: paths, methods, media types as Jetty and Jersey take them. */
#include "connect/rest/rest_priv.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *method, *path;
    enum route_result result;
    route_handler *handle; /* when found */
    const char *name;
    int task;
} cases[] = {
    {"GET", "/", ROUTE_FOUND, get_root, NULL, 0},
    {"GET", "/connectors", ROUTE_FOUND, list_connectors, NULL, 0},
    {"GET", "/connectors/", ROUTE_FOUND, list_connectors, NULL, 0},
    {"HEAD", "/connectors", ROUTE_FOUND, list_connectors, NULL, 0},
    {"POST", "/connectors/", ROUTE_FOUND, post_connector, NULL, 0},
    {"GET", "/connectors/a%20b", ROUTE_FOUND, get_connector, "a b", 0},
    {"GET", "/connectors/a+b/", ROUTE_FOUND, get_connector, "a+b", 0},
    {"GET", "/connectors/%EC%A3%BC%EB%AC%B8", ROUTE_FOUND, get_connector, "\xEC\xA3\xBC\xEB\xAC\xB8", 0},
    {"GET", "/connectors/x;a=b/config;c", ROUTE_FOUND, get_config, "x", 0},
    {"GET", "/connectors;x=1/none", ROUTE_FOUND, get_connector, "none", 0},
    {"POST", "/connectors/x/tasks/00/restart", ROUTE_FOUND, restart_task, "x", 0},
    {"GET", "/connectors/x/tasks/-1/status/", ROUTE_FOUND, get_task_status, "x", -1},
    {"GET", "/connectors/x/tasks/y/status", ROUTE_BAD_TASK, NULL, NULL, 0},
    {"GET", "/connectors/x/tasks/99999999999/status", ROUTE_BAD_TASK, NULL, NULL, 0},
    {"PATCH", "/connectors/x/offsets", ROUTE_FOUND, patch_offsets, "x", 0},
    {"PUT", "/connector-plugins/a.b.C$Key/config/validate", ROUTE_FOUND, put_validate, "a.b.C$Key", 0},
    {"GET", "/nope", ROUTE_UNKNOWN, NULL, NULL, 0},
    {"GET", "/connectors/a/b", ROUTE_UNKNOWN, NULL, NULL, 0},
    {"GET", "/connectors/../connectors", ROUTE_UNKNOWN, NULL, NULL, 0},
    {"GET", "/a/b/c/d/e/f/g/h/i/j/k", ROUTE_UNKNOWN, NULL, NULL, 0},
    {"GET", "*", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/..", ROUTE_FOUND, get_connector, "..", 0},
    {"GET", "/connectors/./config", ROUTE_FOUND, get_config, ".", 0},
    {"GET", "/..", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/../../x", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connector%73", ROUTE_UNKNOWN, NULL, NULL, 0},
    {"GET", "/connectors/a|b", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/[x]", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/%5Bx%5D", ROUTE_FOUND, get_connector, "[x]", 0},
    {"GET", "/connectors/a%0Ab", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/a%7fb", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/%ED%A0%80", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"PUT", "/connectors", ROUTE_BAD_METHOD, NULL, NULL, 0},
    {"get", "/connectors", ROUTE_BAD_METHOD, NULL, NULL, 0},
    {"OPTIONS", "/connectors/x/config", ROUTE_OPTIONS, NULL, NULL, 0},
    {"GET", "//connectors", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/x//", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/a%2Fb", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/a%5cb", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/a%25b", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/%2e%2e", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/x%00", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/%zz", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/%", ROUTE_BAD_PATH, NULL, NULL, 0},
    {"GET", "/connectors/%ff", ROUTE_BAD_PATH, NULL, NULL, 0},
};

START_TEST(a_path_and_method_mean_a_route)
{
    struct http_request request = {.method = cases[_i].method, .path = cases[_i].path};
    struct call call = {.request = &request};
    const char *allow = NULL;
    ck_assert_int_eq(route_find(&call, true, true, &allow), cases[_i].result);
    if (cases[_i].handle) {
        ck_assert_ptr_eq(call.route->handle, cases[_i].handle);
        ck_assert_int_eq(call.task, cases[_i].task);
        if (cases[_i].name)
            ck_assert_str_eq(call.name, cases[_i].name);
    }
    arena_fini(&call.arena);
}
END_TEST

START_TEST(options_lists_the_methods_of_a_path)
{
    struct http_request request = {.method = "OPTIONS", .path = "/connectors/x/config"};
    struct call call = {.request = &request};
    const char *allow = NULL;
    ck_assert_int_eq(route_find(&call, true, true, &allow), ROUTE_OPTIONS);
    ck_assert_str_eq(allow, "HEAD,GET,OPTIONS,PUT,PATCH");
    request.path = "/connectors/x";
    ck_assert_int_eq(route_find(&call, true, true, &allow), ROUTE_OPTIONS);
    ck_assert_str_eq(allow, "HEAD,DELETE,GET,OPTIONS");
    request.path = "/connectors";
    ck_assert_int_eq(route_find(&call, true, true, &allow), ROUTE_OPTIONS);
    ck_assert_str_eq(allow, "HEAD,POST,GET,OPTIONS");
    arena_fini(&call.arena);
}
END_TEST

START_TEST(admin_routes_are_on_the_admin_listeners)
{
    struct http_request request = {.method = "GET", .path = "/admin/loggers"};
    struct call call = {.request = &request};
    const char *allow = NULL;
    ck_assert_int_eq(route_find(&call, false, true, &allow), ROUTE_UNKNOWN);
    ck_assert_int_eq(route_find(&call, true, false, &allow), ROUTE_FOUND);
    request.path = "/connectors";
    ck_assert_int_eq(route_find(&call, true, false, &allow), ROUTE_UNKNOWN);
    arena_fini(&call.arena);
}
END_TEST

START_TEST(parameters_are_decoded_and_true_has_any_case)
{
    struct http_request request = {.method = "GET", .path = "/", .query = "a=b%20c&includeTasks=TRUE&x=yes&onlyFailed&expand=info&expand=status"};
    struct call call = {.request = &request};
    struct string_list expand = STRING_LIST_INIT;
    ck_assert_str_eq(call_param(&call, "a"), "b c");
    ck_assert(call_flag(&call, "includeTasks"));
    ck_assert(!call_flag(&call, "x"));
    ck_assert(!call_flag(&call, "onlyFailed"));
    ck_assert_ptr_null(call_param(&call, "none"));
    call_params(&call, "expand", &expand);
    ck_assert_uint_eq(expand.count, 2);
    string_list_fini(&expand);
    arena_fini(&call.arena);
}
END_TEST

static const struct {
    const char *accept;
    enum media_result result;
    const char *type;
} accepts[] = {
    {NULL, MEDIA_FITS, "application/json"},
    {"", MEDIA_FITS, "application/json"},
    {"*/*", MEDIA_FITS, "application/json"},
    {"*", MEDIA_FITS, "application/json"},
    {"*/json", MEDIA_FITS, "application/json"},
    {"application/*", MEDIA_FITS, "application/json"},
    {"APPLICATION/JSON", MEDIA_FITS, "application/json"},
    {"text/html, application/json;q=0.5", MEDIA_FITS, "application/json"},
    {"text/*;q=0.9, */*;q=0.1", MEDIA_FITS, "application/json"},
    {"application/json; charset=utf-8", MEDIA_FITS, "application/json;charset=utf-8"},
    {"application/json; Charset=\"UTF-8\"", MEDIA_FITS, "application/json;charset=utf-8"},
    {"application/json;charset=ISO-8859-1", MEDIA_FITS, "application/json;charset=iso-8859-1"},
    {"application/json;charset=utf8", MEDIA_FITS, "application/json;charset=utf8"},
    {"application/json; A=B; c=\"d, e\"", MEDIA_FITS, "application/json;a=B;c=\"d, e\""},
    {"application/json;q=0", MEDIA_FITS, "application/json"},
    {"text/plain", MEDIA_DIFFERS, NULL},
    {"application/vnd.kafka+json", MEDIA_DIFFERS, NULL},
    {"garbage", MEDIA_DIFFERS, NULL},
    {",,;", MEDIA_MALFORMED, NULL},
    {"application/json/x", MEDIA_MALFORMED, NULL},
    {"application/json;q=2", MEDIA_MALFORMED, NULL},
    {"application/json;q=x", MEDIA_MALFORMED, NULL},
    {"application/json;q=", MEDIA_MALFORMED, NULL},
};

START_TEST(accept_is_understood)
{
    struct arena arena = ARENA_INIT;
    const char *type = NULL;
    ck_assert_int_eq(media_accepts_json(&arena, accepts[_i].accept, &type), accepts[_i].result);
    if (accepts[_i].type)
        ck_assert_str_eq(type, accepts[_i].type);
    arena_fini(&arena);
}
END_TEST

static const struct {
    const char *type;
    bool has_body;
    enum media_result result;
} content_types[] = {
    {"application/json", true, MEDIA_FITS},
    {"Application/JSON ; charset=utf-8", true, MEDIA_FITS},
    {"application/json;", true, MEDIA_FITS},
    {"application/*", false, MEDIA_FITS},
    {"*/*", true, MEDIA_UNREADABLE},
    {"text/json", false, MEDIA_DIFFERS},
    {"application/json5", true, MEDIA_DIFFERS},
    {"", true, MEDIA_MALFORMED},
    {"json", false, MEDIA_MALFORMED},
    {"application/", false, MEDIA_MALFORMED},
    {"a/b/c", false, MEDIA_MALFORMED},
    {"application/json; charset", false, MEDIA_MALFORMED},
    {"application/json, text/plain", false, MEDIA_MALFORMED},
};

START_TEST(only_type_and_subtype_of_a_body_count)
{
    struct arena arena = ARENA_INIT;
    ck_assert_int_eq(media_is_json(&arena, content_types[_i].type, content_types[_i].has_body), content_types[_i].result);
    arena_fini(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/rest/routes");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, a_path_and_method_mean_a_route, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tcase, options_lists_the_methods_of_a_path);
    tcase_add_test(tcase, admin_routes_are_on_the_admin_listeners);
    tcase_add_test(tcase, parameters_are_decoded_and_true_has_any_case);
    tcase_add_loop_test(tcase, accept_is_understood, 0, sizeof(accepts) / sizeof(accepts[0]));
    tcase_add_loop_test(tcase, only_type_and_subtype_of_a_body_count, 0, sizeof(content_types) / sizeof(content_types[0]));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
