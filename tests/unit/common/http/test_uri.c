#include "common/http/uri.h"

#include <check.h>
#include <stdlib.h>

static const struct {
    const char *text, *want;
    bool plus, is_clean;
} decodes[] = {
    {"a%20b", "a b", false, true}, {"a+b", "a+b", false, true},  {"a+b", "a b", true, true},
    {"%zz", "%zz", false, false},  {"%4", "%4", false, false},   {"%", "%", false, false},
    {"%41%", "A%", true, false},   {"%ed%95%9C", "한", false, true}, {"", "", false, true},
};

START_TEST(percent_sequences_are_decoded_and_broken_ones_kept)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_puts(&out, "");
    const char *text = decodes[_i].text;
    ck_assert_int_eq(uri_decode(&out, text, strlen(text), decodes[_i].plus), decodes[_i].is_clean);
    ck_assert_str_eq(out.data, decodes[_i].want);
    strbuf_fini(&out);
}
END_TEST

START_TEST(encoding_is_undone_by_decoding)
{
    struct strbuf encoded = STRBUF_INIT, back = STRBUF_INIT;
    char all[255];
    for (int i = 0; i < 255; i++)
        all[i] = (char)(i + 1);
    uri_encode(&encoded, all, sizeof(all));
    ck_assert(uri_decode(&back, encoded.data, encoded.len, false));
    ck_assert_uint_eq(back.len, sizeof(all));
    ck_assert_mem_eq(back.data, all, sizeof(all));
    ck_assert_ptr_null(strpbrk(encoded.data, "/?#&=+ "));
    strbuf_fini(&encoded);
    strbuf_fini(&back);
}
END_TEST

START_TEST(parameters_come_in_order_and_empty_ones_are_left_out)
{
    const char *at = "&a=1&&b&c=x=y&=z&";
    const char *want[] = {"a=1", "b", "c=x=y", "=z"};
    struct uri_param param;
    size_t n = 0;
    while (uri_param_next(&at, &param)) {
        ck_assert_uint_lt(n, 4);
        ck_assert_uint_eq(param.len, strlen(want[n]));
        ck_assert_mem_eq(param.text, want[n], param.len);
        n++;
    }
    ck_assert_uint_eq(n, 4);
    at = NULL;
    ck_assert(!uri_param_next(&at, &param));
}
END_TEST

START_TEST(the_first_value_of_a_name_counts)
{
    struct strbuf out = STRBUF_INIT;
    ck_assert(uri_query_value("x=0&n%61me=a+b&name=c", "name", &out));
    ck_assert_str_eq(out.data, "a b");
    strbuf_reset(&out);
    ck_assert(!uri_query_value("names=1&nam=2", "name", &out));
    ck_assert(!uri_query_value(NULL, "name", &out));
    strbuf_fini(&out);
}
END_TEST

START_TEST(segments_lose_parameters_and_doubled_slashes)
{
    const char *at = "//orders;x=1//5/;a=b/last", *segment;
    const char *want[] = {"orders", "5", "last"};
    size_t len, n = 0;
    while (uri_segment_next(&at, &segment, &len)) {
        ck_assert_uint_lt(n, 3);
        ck_assert_uint_eq(len, strlen(want[n]));
        ck_assert_mem_eq(segment, want[n], len);
        n++;
    }
    ck_assert_uint_eq(n, 3);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("uri");
    TCase *tcase = tcase_create("uri");
    tcase_add_loop_test(tcase, percent_sequences_are_decoded_and_broken_ones_kept, 0,
                        (int)(sizeof(decodes) / sizeof(*decodes)));
    tcase_add_test(tcase, encoding_is_undone_by_decoding);
    tcase_add_test(tcase, parameters_come_in_order_and_empty_ones_are_left_out);
    tcase_add_test(tcase, the_first_value_of_a_name_counts);
    tcase_add_test(tcase, segments_lose_parameters_and_doubled_slashes);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
