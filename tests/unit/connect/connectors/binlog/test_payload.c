/* Tests of connect/connectors/binlog/payload.c: values of columns that MariaDB stores compressed. Whole events and transactions are in
   test_recorded.c. */
#include "connect/connectors/binlog/payload.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { SIZE = 3000 };
static struct arena arena;
static uint8_t plain[SIZE], stored[2 * SIZE];

static void
setup(void)
{
    for (int i = 0; i < SIZE; i++)
        plain[i] = (uint8_t)("0123456789abcdef"[i * i % 16]);
}

static void
teardown(void)
{
    arena_fini(&arena);
}

/* As the server stores it. Returns the length. */
static size_t
pack(bool is_raw)
{
    z_stream stream = {.next_in = plain, .avail_in = SIZE, .next_out = stored + 3, .avail_out = sizeof(stored) - 3};
    stored[0] = (uint8_t)(0x80 | (is_raw ? 8 : 0) | 2);
    stored[1] = SIZE >> 8;
    stored[2] = SIZE & 255;
    ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, is_raw ? -MAX_WBITS : MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return 3 + stream.total_out;
}

START_TEST(a_compressed_value_is_inflated_with_and_without_zlib_s_frame)
{
    struct bytes value;
    ck_assert(payload_unzip_value(bytes_of(stored, pack(_i)), &arena, &value));
    ck_assert_uint_eq(bytes_left(&value), SIZE);
    ck_assert_mem_eq(value.at, plain, SIZE);
}
END_TEST

START_TEST(a_short_value_is_stored_as_it_is_behind_a_zero)
{
    static const uint8_t word[] = {0, 'a', 'b'};
    struct bytes value;
    ck_assert(payload_unzip_value(bytes_of(word, sizeof(word)), &arena, &value));
    ck_assert_uint_eq(bytes_left(&value), 2);
    ck_assert_mem_eq(value.at, "ab", 2);
    ck_assert(payload_unzip_value(bytes_of(word, 0), &arena, &value));
    ck_assert_uint_eq(bytes_left(&value), 0);
}
END_TEST

START_TEST(a_broken_value_is_refused)
{
    size_t len = pack(false);
    struct bytes value;
    ck_assert(!payload_unzip_value(bytes_of(stored, len - 9), &arena, &value)); /* cut off */
    stored[2]++;
    ck_assert(!payload_unzip_value(bytes_of(stored, len), &arena, &value)); /* of another size */
    stored[0] = 0x84;
    memset(stored + 1, 0xff, 4);
    ck_assert(!payload_unzip_value(bytes_of(stored, len), &arena, &value)); /* more than zlib could make of it */
    stored[0] = 0x92;
    ck_assert(!payload_unzip_value(bytes_of(stored, len), &arena, &value)); /* another algorithm */
    ck_assert(!payload_unzip_value(bytes_of(stored, 2), &arena, &value));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/payload");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_compressed_value_is_inflated_with_and_without_zlib_s_frame, 0, 2);
    tcase_add_test(tcase, a_short_value_is_stored_as_it_is_behind_a_zero);
    tcase_add_test(tcase, a_broken_value_is_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
