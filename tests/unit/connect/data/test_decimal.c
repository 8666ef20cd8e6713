#include "connect/data/decimal.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *digits, *hex;
} bytes[] = {
    {"0", "00"}, {"-0", "00"}, {"127", "7f"}, {"128", "0080"}, {"-1", "ff"}, {"-128", "80"}, {"-129", "ff7f"}, {"255", "00ff"},
    {"1234567", "12d687"}, {"9223372036854775807", "7fffffffffffffff"}, {"-9223372036854775808", "8000000000000000"},
    {"9223372036854775808", "008000000000000000"}, {"-9223372036854775809", "ff7fffffffffffffff"},
    {"18446744073709551616", "010000000000000000"}, {"9999999999999999999999", "021e19e0c9bab23fffff"},
    {"-9999999999999999999999", "fde1e61f36454dc00001"}, {"000000000000000000000000000000000000005", "05"},
    {"340282366920938463463374607431768211456", "0100000000000000000000000000000000"},
};

START_TEST(digits_and_bytes_are_each_others_opposite)
{
    unsigned char out[DECIMAL_BYTES_MAX];
    char hex[2 * 40 + 1] = "";
    struct arena arena = ARENA_INIT;
    struct value value;
    size_t len = decimal_to_bytes(bytes[_i].digits, strlen(bytes[_i].digits), out);
    for (size_t i = 0; i < len; i++)
        snprintf(hex + 2 * i, 3, "%02x", out[i]);
    ck_assert_str_eq(hex, bytes[_i].hex);
    ck_assert(decimal_from_bytes(out, len, 3, &arena, &value));
    const char *plain = bytes[_i].digits + (bytes[_i].digits[0] == '-' && bytes[_i].digits[1] == '0');
    while (plain[0] == '0' && plain[1])
        plain++;
    ck_assert_uint_eq(value.len, strlen(plain));
    ck_assert_mem_eq(value.as.bytes, plain, value.len);
    ck_assert_int_eq(value.scale, 3);
    arena_fini(&arena);
}
END_TEST

START_TEST(very_long_numbers_come_back_or_are_refused)
{
    struct arena arena = ARENA_INIT;
    char digits[DECIMAL_DIGITS_MAX + 2];
    unsigned char out[DECIMAL_BYTES_MAX];
    struct value value;
    memset(digits, '9', sizeof(digits));
    digits[0] = '-';
    size_t len = decimal_to_bytes(digits, DECIMAL_DIGITS_MAX + 1, out);
    ck_assert_uint_gt(len, 1000);
    ck_assert(decimal_from_bytes(out, len, 0, &arena, &value));
    ck_assert_uint_eq(value.len, DECIMAL_DIGITS_MAX + 1);
    ck_assert_mem_eq(value.as.bytes, digits, value.len);
    ck_assert_uint_eq(decimal_to_bytes(digits + 1, DECIMAL_DIGITS_MAX + 1, out), 0);
    unsigned char large[DECIMAL_BYTES_MAX] = {1};
    ck_assert(!decimal_from_bytes(large, sizeof(large), 0, &arena, &value));
    ck_assert(!decimal_from_bytes(large, 0, 0, &arena, &value));
    arena_fini(&arena);
}
END_TEST

static const struct {
    const char *text, *shown; /* shown NULL: not a number */
} texts[] = {
    {"0", "0"}, {"0.00", "0.00"}, {"12.50", "12.50"}, {"-12.5", "-12.5"}, {"1e3", "1E+3"}, {"1E-7", "1E-7"}, {"0.0000001", "1E-7"},
    {"0.000001", "0.000001"}, {"123e5", "1.23E+7"}, {"-0.00", "0.00"}, {"007.5", "7.5"}, {"+5", "5"}, {"12345.67", "12345.67"},
    {"1.5e2", "1.5E+2"}, {"150e-2", "1.50"}, {"5.", "5"}, {".5", "0.5"}, {"0e5", "0E+5"}, {"", NULL}, {"-", NULL}, {"1e", NULL},
    {"1e99999", NULL}, {"x", NULL}, {"1.2.3", NULL}, {"1e2147483648", NULL},
};

START_TEST(decimals_look_as_in_java)
{
    struct arena arena = ARENA_INIT;
    struct strbuf shown = STRBUF_INIT;
    struct value value;
    bool is_number = decimal_parse(texts[_i].text, strlen(texts[_i].text), &arena, &value);
    ck_assert(is_number == (texts[_i].shown != NULL));
    if (is_number) {
        decimal_text(&value, &shown);
        ck_assert_str_eq(shown.data, texts[_i].shown);
    }
    strbuf_fini(&shown);
    arena_fini(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("decimal");
    TCase *tc = tcase_create("decimal");
    tcase_add_loop_test(tc, digits_and_bytes_are_each_others_opposite, 0, sizeof(bytes) / sizeof(bytes[0]));
    tcase_add_test(tc, very_long_numbers_come_back_or_are_refused);
    tcase_add_loop_test(tc, decimals_look_as_in_java, 0, sizeof(texts) / sizeof(texts[0]));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
