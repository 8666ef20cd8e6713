#include "connect/data/record.h"

#include <check.h>
#include <stdlib.h>

START_TEST(a_new_record_has_no_partition_and_no_timestamp)
{
    struct record_batch batch = RECORD_BATCH_INIT;
    for (int i = 0; i < 1000; i++) {
        struct record *record = record_batch_add(&batch);
        ck_assert_int_eq(record->partition, -1);
        ck_assert_int_eq(record->timestamp_ms, -1);
        ck_assert_int_eq(record->timestamp_type, TIMESTAMP_NONE);
        ck_assert_int_eq(record->value.kind, VALUE_NULL);
        ck_assert(!record->is_dropped);
        record->partition = i;
        record->is_dropped = true;
    }
    ck_assert_uint_eq(batch.count, 1000);
    ck_assert_int_eq(batch.records[999].partition, 999);
    record_batch_reset(&batch);
    ck_assert_uint_eq(batch.count, 0);
    ck_assert_int_eq(record_batch_add(&batch)->partition, -1);
    record_batch_fini(&batch);
}
END_TEST

START_TEST(a_held_schema_lives_until_the_reset)
{
    struct record_batch batch = RECORD_BATCH_INIT;
    for (int scale = 0; scale < 100; scale++) {
        const struct schema *schema = schema_decimal(scale, false);
        record_batch_hold(&batch, schema);
        record_batch_hold(&batch, schema);
        schema_unref(schema);
    }
    record_batch_hold(&batch, NULL);
    ck_assert_uint_eq(schema_interned_count(), 100);
    ck_assert_uint_eq(batch.held_count, 100);
    record_batch_reset(&batch);
    ck_assert_uint_eq(schema_interned_count(), 0);
    record_batch_fini(&batch);
}
END_TEST

START_TEST(room_of_one_large_batch_is_given_back_little_by_little)
{
    struct record_batch batch = RECORD_BATCH_INIT;
    for (int i = 0; i < 100000; i++)
        record_batch_add(&batch);
    size_t large = batch.size;
    record_batch_reset(&batch);
    ck_assert_uint_eq(batch.size, large);
    for (int i = 0; i < 10; i++)
        record_batch_reset(&batch);
    ck_assert_uint_lt(batch.size, 10000);
    record_batch_fini(&batch);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("record");
    TCase *tc = tcase_create("record");
    tcase_add_test(tc, a_new_record_has_no_partition_and_no_timestamp);
    tcase_add_test(tc, a_held_schema_lives_until_the_reset);
    tcase_add_test(tc, room_of_one_large_batch_is_given_back_little_by_little);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
