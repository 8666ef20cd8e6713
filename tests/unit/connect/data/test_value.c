#include "connect/data/value.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

START_TEST(a_copy_shares_no_memory_with_the_original)
{
    struct arena arena = ARENA_INIT;
    char text[] = "abc", digits[] = "1.5";
    struct value real = {.kind = VALUE_FLOAT, .as.real = 1.5, .text = digits};
    struct value pair[2] = {value_string(text, 3), real};
    struct value map = {.kind = VALUE_MAP, .len = 1, .as.items = pair};
    struct value copy = value_copy(&map, &arena);
    ck_assert(value_equal(&copy, &map));
    memset(text, 'x', 3);
    memset(digits, '9', 3);
    ck_assert(!value_equal(&copy, &map));
    ck_assert_ptr_nonnull(value_map_get(&copy, "abc"));
    ck_assert_str_eq(value_map_get(&copy, "abc")->text, "1.5");
    ck_assert_ptr_null(value_map_get(&copy, "ab"));
    arena_fini(&arena);
}
END_TEST

START_TEST(values_are_equal_by_kind_and_content)
{
    struct value values[] = {
        VALUE_NONE,       value_int(0),          value_int(1),         value_boolean(false), value_boolean(true),
        value_real(0.0),  value_real(-0.0),      value_real(NAN),      value_real(1),        value_string("", 0),
        value_string("a", 1), value_bytes("a", 1), value_string("b", 1), value_decimal("1", 1, 0),
        value_decimal("1", 1, 1), value_decimal("10", 2, 1),
    };
    size_t count = sizeof(values) / sizeof(values[0]);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            ck_assert_msg(value_equal(&values[i], &values[j]) == (i == j), "%zu and %zu", i, j);
}
END_TEST

START_TEST(the_order_of_a_map_does_not_count)
{
    struct value ab[] = {value_string("a", 1), value_int(1), value_string("b", 1), value_int(2)};
    struct value ba[] = {value_string("b", 1), value_int(2), value_string("a", 1), value_int(1)};
    struct value other[] = {value_string("b", 1), value_int(1), value_string("a", 1), value_int(2)};
    struct value m1 = {.kind = VALUE_MAP, .len = 2, .as.items = ab};
    struct value m2 = {.kind = VALUE_MAP, .len = 2, .as.items = ba};
    struct value m3 = {.kind = VALUE_MAP, .len = 2, .as.items = other};
    ck_assert(value_equal(&m1, &m2));
    ck_assert(!value_equal(&m1, &m3));
    m1.kind = m2.kind = VALUE_ARRAY;
    ck_assert(!value_equal(&m1, &m2));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("value");
    TCase *tc = tcase_create("value");
    tcase_add_test(tc, a_copy_shares_no_memory_with_the_original);
    tcase_add_test(tc, values_are_equal_by_kind_and_content);
    tcase_add_test(tc, the_order_of_a_map_does_not_count);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
