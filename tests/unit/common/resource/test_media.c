#include "common/resource/media.h"

#include <check.h>

#define HAL "application/hal+json"
#define JSON "application/json"

static const struct media_offer offers[] = {MEDIA_HAL, MEDIA_JSON};

static const struct {
    const char *accept;
    int want;
    const char *label;
} choices[] = {
    {NULL, 0, HAL},
    {"", 0, HAL},
    {" , ", 0, HAL},
    {"*/*", 0, HAL},
    {"*", 0, HAL},
    {HAL, 0, HAL},
    {JSON, 1, JSON},
    {"APPLICATION/JSON", 1, JSON},
    {"application/*", 1, JSON},
    {"application/*+json", 0, HAL},
    {"*/*;charset=utf-8", 0, HAL},
    {"application/json, */*;q=0.5", 1, JSON},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 0, HAL},
    {"application/hal+json;q=0.1,application/json", 1, JSON},
    {"application/json;q=0.9, application/hal+json;q=0.8", 1, JSON},
    {"application/json;q=0.5;version=1", 1, JSON "; version=1"},
    {"application/json;a=b;charset=\"UTF-8\";c=d", 1, JSON "; a=b; c=d;charset=UTF-8"},
    {"application/json;charset=ISO-8859-1", MEDIA_NONE, NULL},
    {"application/json;x=\"a,b\"", 1, JSON "; x=\"a,b\""},
    {"application/json;x=\"a\\\",b\", text/html", 1, JSON "; x=\"a\\\",b\""},
    {"application/json;x=\"a;q=0\", application/hal+json;q=0.5", 1, JSON "; x=\"a;q=0\""},
    {"application/json;q=\"0.5\", application/hal+json", 0, HAL},
    {"application/xml", MEDIA_NONE, NULL},
    {"text/plain, image/png", MEDIA_NONE, NULL},
    {"application/vnd.x+json", MEDIA_NONE, NULL},
};

START_TEST(the_best_offer_is_chosen)
{
    char label[MEDIA_LABEL_SIZE];
    ck_assert(media_is_sound(choices[_i].accept));
    ck_assert_int_eq(media_choose(choices[_i].accept, offers, 2, label), choices[_i].want);
    if (choices[_i].label)
        ck_assert_str_eq(label, choices[_i].label);
}
END_TEST

START_TEST(an_offer_can_be_an_ending)
{
    static const struct media_offer any[] = {MEDIA_JSON, {"+json", false}, {"", false}};
    char label[MEDIA_LABEL_SIZE];
    ck_assert_int_eq(media_choose("application/vnd.x+json;v=1", any, 2, label), 1);
    ck_assert_str_eq(label, "application/vnd.x+json; v=1");
    ck_assert_int_eq(media_choose("application/*+json", any, 2, label), MEDIA_NONE);
    ck_assert_int_eq(media_choose("image/png", any, 3, label), 2);
    ck_assert_str_eq(label, "image/png");
}
END_TEST

START_TEST(a_malformed_header_is_told_from_one_without_a_match)
{
    const char *malformed[] = {"json", "a/b/c", "application/", "/json", "application/json;q=2", "application/json;q=x", "application/json;x=\"a", "application/json;x=a b", "\"a,b\"", "application/json application/xml"};
    for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++)
        ck_assert_msg(!media_is_sound(malformed[i]), "%s", malformed[i]);
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
    tcase_add_test(tcase, an_offer_can_be_an_ending);
    tcase_add_test(tcase, a_malformed_header_is_told_from_one_without_a_match);
    tcase_add_loop_test(tcase, bodies_are_told_by_their_type, 0, sizeof(bodies) / sizeof(*bodies));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
