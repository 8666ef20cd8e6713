#include "common/base/arena.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

START_TEST(memory_is_aligned_and_does_not_overlap)
{
    struct arena arena = ARENA_INIT;
    char *before = NULL;
    for (size_t size = 1; size < 3000; size += 7) {
        char *memory = arena_alloc(&arena, size);
        ck_assert_uint_eq((uintptr_t)memory % 8, 0);
        memset(memory, (int)(size & 0xff), size);
        if (before)
            ck_assert_int_eq((unsigned char)before[0], (int)((size - 7) & 0xff));
        before = memory;
    }
    arena_fini(&arena);
}
END_TEST

START_TEST(a_reset_keeps_one_block_for_the_next_batch)
{
    struct arena arena = ARENA_INIT;
    for (int i = 0; i < 100; i++)
        arena_alloc(&arena, 1000);
    arena_reset(&arena);
    char *first = arena_alloc(&arena, 64);
    arena_reset(&arena);
    ck_assert_ptr_eq(arena_alloc(&arena, 64), first);
    arena_fini(&arena);
}
END_TEST

START_TEST(a_block_above_the_limit_is_given_back)
{
    struct arena arena = {.keep_max = 8192};
    arena_alloc(&arena, 100000);
    arena_reset(&arena);
    ck_assert_ptr_null(arena.block);
    arena_fini(&arena);
}
END_TEST

START_TEST(nothing_is_allocated_at_an_address_too)
{
    struct arena arena = ARENA_INIT;
    ck_assert_ptr_nonnull(arena_alloc(&arena, 0));
    ck_assert_ptr_nonnull(arena_alloc(&arena, 0));
    arena_fini(&arena);
}
END_TEST

START_TEST(copies_end_in_nul)
{
    struct arena arena = ARENA_INIT;
    ck_assert_str_eq(arena_memdup(&arena, "abcdef", 3), "abc");
    ck_assert_str_eq(arena_strdup(&arena, ""), "");
    ck_assert_str_eq(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
    arena_fini(&arena);
}
END_TEST

START_TEST(what_was_given_out_is_counted_over_blocks_until_the_reset)
{
    struct arena arena = ARENA_INIT;
    ck_assert_uint_eq(arena_used(&arena), 0);
    for (int i = 0; i < 100; i++)
        arena_alloc(&arena, 1000);
    ck_assert_uint_eq(arena_used(&arena), 100 * 1000);
    arena_reset(&arena);
    ck_assert_uint_eq(arena_used(&arena), 0);
    arena_alloc(&arena, 3);
    ck_assert_uint_eq(arena_used(&arena), 8);
    arena_fini(&arena);
    ck_assert_uint_eq(arena_used(&arena), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tc = tcase_create("arena");
    tcase_add_test(tc, memory_is_aligned_and_does_not_overlap);
    tcase_add_test(tc, a_reset_keeps_one_block_for_the_next_batch);
    tcase_add_test(tc, a_block_above_the_limit_is_given_back);
    tcase_add_test(tc, nothing_is_allocated_at_an_address_too);
    tcase_add_test(tc, copies_end_in_nul);
    tcase_add_test(tc, what_was_given_out_is_counted_over_blocks_until_the_reset);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
