/* Tests of connect/connectors/jdbc/source_offset.c: the bytes are those of the Java connector. */
#include "connect/connectors/jdbc/source_offset.h"

#include <check.h>
#include <stdlib.h>

static const char *const offsets[] = {
    "{}",
    "{\"incrementing\":2}",
    "{\"timestamp_nanos\":500000000,\"timestamp\":1577836802500}",
    "{\"timestamp_nanos\":1000,\"incrementing\":1,\"timestamp\":1577836801000}",
    "{\"timestamp_nanos\":250000000,\"timestamp\":-750}",
    "{\"incrementing\":9223372036854775807}",
    "{\"incrementing\":8,\"gaps\":[[3,4],[7,7]]}",
};

START_TEST(an_offset_is_written_as_it_was_read)
{
    struct source_position position;
    struct gaps gaps = GAPS_INIT;
    struct error err = ERROR_INIT;
    ck_assert(source_position_read(offsets[_i], &position, &gaps, 0, &err));
    struct offset_state *state = gaps_state(&gaps);
    struct source_offset offset = source_position_offset(&position, state);
    struct strbuf out = STRBUF_INIT;
    source_position_write(NULL, &offset, &out);
    ck_assert_str_eq(out.data, offsets[_i]);
    strbuf_fini(&out);
    offset_state_unref(state);
    gaps_fini(&gaps);
}
END_TEST

START_TEST(gaps_behind_the_id_of_a_record_are_not_in_its_offset)
{
    struct gaps gaps = GAPS_INIT;
    gaps_add(&gaps, 6, 7, 0);
    struct offset_state *state = gaps_state(&gaps);
    struct source_position position = {.has_incrementing = true, .incrementing = 5};
    struct source_offset offset = source_position_offset(&position, state);
    struct strbuf out = STRBUF_INIT;
    source_position_write(NULL, &offset, &out);
    ck_assert_str_eq(out.data, "{\"incrementing\":5}");
    strbuf_fini(&out);
    offset_state_unref(state);
    gaps_fini(&gaps);
}
END_TEST

START_TEST(an_old_offset_without_nanoseconds_is_read)
{
    struct source_position position;
    struct error err = ERROR_INIT;
    ck_assert(source_position_read("{\"timestamp\":-750}", &position, NULL, 0, &err));
    ck_assert_int_eq(position.seconds, -1);
    ck_assert_int_eq(position.nanos, 250000000);
    ck_assert(!position.has_incrementing);
}
END_TEST

static const char *const refused[] = {
    "", "7", "[]", "{\"incrementing\":\"x\"}", "{\"incrementing\":1.5}", "{\"timestamp\":true}",
    "{\"incrementing\":9,\"gaps\":[[4,3]]}", "{\"incrementing\":9,\"gaps\":[[5,6],[3,4]]}", "{\"incrementing\":9,\"gaps\":[[\"a\",3]]}",
};

START_TEST(what_is_no_offset_is_refused)
{
    struct source_position position;
    struct error err = ERROR_INIT;
    ck_assert(!source_position_read(refused[_i], &position, NULL, 0, &err));
    ck_assert_int_eq(err.code, ERROR_DATA);
}
END_TEST

START_TEST(partitions_have_java_s_bytes)
{
    char database[] = "my-db", name[] = "a\"b\\c";
    struct jdbc_table table = {.database = database, .name = name};
    char *current = source_partition_current(&table), *old = source_partition_old(&table);
    ck_assert_str_eq(current, "{\"protocol\":\"1\",\"table\":\"my-db.a\\\"b\\\\c\"}");
    ck_assert_str_eq(old, "{\"table\":\"a\\\"b\\\\c\"}");
    free(current);
    free(old);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/jdbc/source_offset");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, an_offset_is_written_as_it_was_read, 0, sizeof(offsets) / sizeof(*offsets));
    tcase_add_test(tcase, gaps_behind_the_id_of_a_record_are_not_in_its_offset);
    tcase_add_test(tcase, an_old_offset_without_nanoseconds_is_read);
    tcase_add_loop_test(tcase, what_is_no_offset_is_refused, 0, sizeof(refused) / sizeof(*refused));
    tcase_add_test(tcase, partitions_have_java_s_bytes);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
