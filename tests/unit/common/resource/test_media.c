#include "common/resource/media.h"

#include <check.h>

static const struct media_offer offers[] = {{"application/hal+json", true}, {"application/json", false}};

static const struct {
    const char *accept;
    int want;
} choices[] = {
    {NULL, 0},
    {"", 0},
    {"*/*", 0},
    {"*", 0},
    {"application/hal+json", 0},
    {"application/json", 1},
    {"APPLICATION/JSON", 1},
    {"application/*", 1},
    {"application/json, */*;q=0.5", 1},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 0},
    {"application/hal+json;q=0.1,application/json", 1},
    {"application/json;q=0.9, application/hal+json;q=0.8", 1},
    {"application/xml", MEDIA_NONE},
    {"text/plain, image/png", MEDIA_NONE},
    {"json", MEDIA_MALFORMED},
    {"a/b/c", MEDIA_MALFORMED},
    {"application/json;q=2", MEDIA_MALFORMED},
};

START_TEST(the_best_offer_is_chosen)
{
    ck_assert_int_eq(media_choose(choices[_i].accept, offers, 2), choices[_i].want);
}
END_TEST

static const struct {
    const char *accept;
    enum media_error_form form;
    const char *type;
} errors[] = {
    {NULL, MEDIA_ERROR_JSON, "application/json"},
    {"*/*", MEDIA_ERROR_JSON, "application/json"},
    {"application/hal+json", MEDIA_ERROR_JSON, "application/hal+json"},
    {"application/vnd.x+json", MEDIA_ERROR_JSON, "application/vnd.x+json"},
    {"text/html,*/*;q=0.1", MEDIA_ERROR_HTML, NULL},
    {"application/xml", MEDIA_ERROR_NONE, NULL},
};

START_TEST(errors_have_the_form_a_client_can_read)
{
    char type[96];
    ck_assert_int_eq(media_error(errors[_i].accept, type, sizeof(type)), errors[_i].form);
    if (errors[_i].type)
        ck_assert_str_eq(type, errors[_i].type);
}
END_TEST

static const struct {
    const char *type;
    enum media_body want;
} bodies[] = {
    {NULL, MEDIA_BODY_JSON},
    {"application/json", MEDIA_BODY_JSON},
    {"application/json;charset=utf-8", MEDIA_BODY_JSON},
    {"application/json;charset=ISO-8859-1", MEDIA_BODY_OTHER},
    {"application/vnd.x+json", MEDIA_BODY_JSON},
    {"application/merge-patch+json", MEDIA_BODY_JSON},
    {"application/json-patch+json", MEDIA_BODY_JSON_PATCH},
    {"text/uri-list", MEDIA_BODY_URI_LIST},
    {"text/plain", MEDIA_BODY_OTHER},
    {"application/x-www-form-urlencoded", MEDIA_BODY_OTHER},
    {"json", MEDIA_BODY_MALFORMED},
    {"application/", MEDIA_BODY_MALFORMED},
    {"*/*", MEDIA_BODY_MALFORMED},
};

START_TEST(bodies_are_told_by_their_type)
{
    ck_assert_int_eq(media_body(bodies[_i].type), bodies[_i].want);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("media");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, the_best_offer_is_chosen, 0, sizeof(choices) / sizeof(*choices));
    tcase_add_loop_test(tcase, errors_have_the_form_a_client_can_read, 0, sizeof(errors) / sizeof(*errors));
    tcase_add_loop_test(tcase, bodies_are_told_by_their_type, 0, sizeof(bodies) / sizeof(*bodies));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
