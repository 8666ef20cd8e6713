/* Rows of a known schema cost no heap allocation, neither written nor read. malloc is counted, except in
   sanitizer builds, which have their own. */
#include "connect/converters/converter.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTS 0
#endif
#endif
#ifndef COUNTS
#define COUNTS 1
#endif

static size_t allocations;

#if COUNTS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
    allocations++;
    return __libc_realloc(old, size);
}
#endif

#define SCHEMA                                                                                                              \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int64\",\"optional\":false,\"field\":\"order_id\"},{\"type\":\"string\"," \
    "\"optional\":true,\"field\":\"name\"},{\"type\":\"double\",\"optional\":true,\"field\":\"weight\"},{\"type\":\"bytes\","        \
    "\"optional\":true,\"name\":\"org.apache.kafka.connect.data.Decimal\",\"version\":1,\"parameters\":{\"scale\":\"2\"},"           \
    "\"field\":\"price\"},{\"type\":\"int64\",\"optional\":true,\"name\":\"org.apache.kafka.connect.data.Timestamp\",\"version\":1," \
    "\"field\":\"created\"},{\"type\":\"array\",\"items\":{\"type\":\"int32\",\"optional\":false},\"optional\":true,\"field\":"      \
    "\"tags\"}],\"optional\":false,\"name\":\"orders\"},\"payload\":"
#define ROW SCHEMA "{\"order_id\":42,\"name\":\"a name \\\"quoted\\\"\",\"weight\":12.5,\"price\":\"EtaH\",\"created\":1700000000123,\"tags\":[1,2,3]}}"

enum { ROWS = 200, WARM_UP = 5 };

START_TEST(rows_are_read_and_written_without_allocations)
{
    struct config cfg = CONFIG_INIT;
    struct converter converter;
    struct record_batch batch = RECORD_BATCH_INIT;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    ck_assert(converter_new(&converter, "JsonConverter", CONVERTER_VALUE, &cfg, "", &err));
    const struct converter_ops *ops = converter.plugin->ops;
    size_t before = 0;
    for (int round = 0; round < 2 * WARM_UP; round++) {
        if (round == WARM_UP)
            before = allocations;
        for (int row = 0; row < ROWS; row++) {
            struct record *record = record_batch_add(&batch);
            bool is_null, is_done;
            is_done = ops->read(converter.state, "t", ROW, strlen(ROW), &batch, &record->value_schema, &record->value, &err);
            strbuf_reset(&out);
            is_done = is_done && ops->write(converter.state, "t", record->value_schema, &record->value, &out, &is_null, &err);
            if (!is_done || strcmp(out.data, ROW))
                ck_abort_msg("%s %s", err.message, out.data);
        }
        record_batch_reset(&batch);
    }
    size_t counted = allocations - before; /* check allocates, too */
    ck_assert(!COUNTS || before > 0);
    ck_assert_uint_eq(counted, 0);
    strbuf_fini(&out);
    record_batch_fini(&batch);
    converter_free(&converter);
    config_fini(&cfg);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("json_hot_path");
    TCase *tc = tcase_create("json_hot_path");
    tcase_add_test(tc, rows_are_read_and_written_without_allocations);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
