#include "connect/storage/json_text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(an_error_does_not_quote_the_text)
{
    static const char *const broken[] = {
        "{\"properties\":{\"connection.password\":\"s3cret\" \"s3cret\"}}",
        "{\"properties\":{\"connection.password\":s3cret}}",
        "{\"properties\":{\"connection.password\":\"s3cret",
    };
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct error err = ERROR_INIT;
        ck_assert_ptr_null(json_text_parse(broken[i], strlen(broken[i]), &err));
        ck_assert_ptr_nonnull(strstr(err.message, "not JSON: "));
        ck_assert_ptr_nonnull(strstr(err.message, "line 1"));
        ck_assert_msg(!strstr(err.message, "s3c"), "%s", err.message);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("json_text");
    TCase *tc = tcase_create("json_text");
    tcase_add_test(tc, an_error_does_not_quote_the_text);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
