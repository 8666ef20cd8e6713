/* Tests of connect/connectors/binlog/offset.c and transaction.c. */
#include "connect/connectors/binlog/offset.h"
#include "connect/connectors/binlog/signal.h"
#include "connect/connectors/binlog/transaction.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UUID "2221460c-eaa8-11f1-b20e-02fc00000001"

static struct error err;
static struct strbuf text;

static void
setup(void)
{
    err = ERROR_INIT;
    text = STRBUF_INIT;
}

static void
teardown(void)
{
    strbuf_fini(&text);
}

static struct cdc_offset
parsed(const char *json)
{
    struct cdc_offset offset = CDC_OFFSET_INIT;
    ck_assert_msg(cdc_offset_parse(json, &offset, &err), "%s", err.message);
    return offset;
}

START_TEST(an_offset_is_read_and_written_as_it_was)
{
    static const char json[] = "{\"ts_sec\":1,\"file\":\"b.000001\",\"pos\":4,\"gtids\":\"" UUID ":1-5\",\"row\":3,\"server_id\":7,\"event\":2,"
                               "\"transaction_id\":\"x\"}";
    struct cdc_offset offset = parsed(json);
    cdc_offset_write(&offset, &text);
    ck_assert_str_eq(text.data, json);
    cdc_offset_fini(&offset);
}
END_TEST

START_TEST(numbers_may_be_texts_and_snapshots_have_old_and_new_words)
{
    static const char *const running[] = {"true", "\"true\"", "\"INITIAL\"", "\"initial_only\""};
    struct cdc_offset offset = parsed("{\"file\":\"b.1\",\"pos\":\"44\"}");
    ck_assert_uint_eq(offset.pos, 44);
    cdc_offset_fini(&offset);
    for (size_t i = 0; i < sizeof(running) / sizeof(*running); i++) {
        char json[100];
        snprintf(json, sizeof(json), "{\"file\":\"b\",\"pos\":4,\"snapshot\":%s}", running[i]);
        offset = parsed(json);
        ck_assert_int_eq(offset.phase, CDC_OFFSET_INITIAL);
        cdc_offset_fini(&offset);
    }
}
END_TEST

START_TEST(what_is_no_offset_is_refused)
{
    static const char *const wrong[] = {"[]", "{", "{\"file\":1,\"pos\":4}", "{\"file\":\"b\",\"pos\":\"x\"}", "{\"pos\":-1}"};
    struct cdc_offset offset;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        ck_assert_msg(!cdc_offset_parse(wrong[i], &offset, &err), "%s", wrong[i]);
}
END_TEST

START_TEST(a_place_adds_event_row_and_count)
{
    struct cdc_offset offset = parsed("{\"file\":\"b.1\",\"pos\":4,\"transaction_id\":\"x\"}");
    struct cdc_place *place = cdc_place_new(&offset, strdup("d.t"));
    struct source_offset at = cdc_place_offset(place, 2, 1, 9);
    cdc_place_write(NULL, &at, &text);
    ck_assert_str_eq(text.data, "{\"file\":\"b.1\",\"pos\":4,\"row\":1,\"event\":2,\"transaction_id\":\"x\",\"transaction_data_collection_order_d.t\":9}");
    cdc_place_unref(place);
}
END_TEST

START_TEST(counts_of_a_transaction_are_taken_up_again)
{
    struct cdc_config config = {.topic_prefix = (char[]){"p"}, .topic_delimiter = (char[]){"."}, .transaction_topic = (char[]){"tx"},
                                .transaction_metadata = true};
    struct cdc_transaction transaction = {0};
    struct arena arena = ARENA_INIT;
    int64_t count;
    cdc_transaction_init(&transaction, &config);
    cdc_transaction_restore(&transaction, "\"transaction_id\":\"id\",\"transaction_data_collection_order_d.t\":2,\"transaction_data_collection_order_d.u\":1");
    struct value block = cdc_transaction_row(&transaction, "d.t", &arena, &count);
    ck_assert_int_eq(count, 3);
    ck_assert_int_eq(block.as.items[1].as.integer, 4);
    ck_assert_int_eq(block.as.items[2].as.integer, 3);
    char *extra = cdc_transaction_extra(&transaction, "d.t");
    ck_assert_str_eq(extra, "\"transaction_id\":\"id\",\"transaction_data_collection_order_d.u\":1");
    free(extra);
    cdc_transaction_fini(&transaction);
    arena_fini(&arena);
}
END_TEST

START_TEST(signals_are_read)
{
    struct cdc_signal signal;
    ck_assert(cdc_signal_parse("1", "execute-snapshot", "{\"data-collections\":[\"d.t.*\"],\"type\":\"BLOCKING\",\"additional-conditions\":"
                               "[{\"data-collection\":\"d.t1\",\"filter\":\"a > 1\"}]}", &signal, &err));
    ck_assert_int_eq(signal.kind, CDC_SIGNAL_EXECUTE);
    ck_assert(signal.is_blocking && cdc_signal_names(signal.tables.items[0], "D.T1"));
    ck_assert_str_eq(cdc_signal_condition(&signal, "d.t1"), "a > 1");
    ck_assert_ptr_null(cdc_signal_condition(&signal, "d.t2"));
    cdc_signal_fini(&signal);
    ck_assert(!cdc_signal_parse("2", "execute-snapshot", "{broken", &signal, &err));
    ck_assert(!cdc_signal_parse("3", "execute-snapshot", "{}", &signal, &err));
    ck_assert(cdc_signal_parse("4", "whatever", "", &signal, &err));
    ck_assert_int_eq(signal.kind, CDC_SIGNAL_UNKNOWN);
    cdc_signal_fini(&signal);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/offset");
    TCase *tc = tcase_create("all");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, an_offset_is_read_and_written_as_it_was);
    tcase_add_test(tc, numbers_may_be_texts_and_snapshots_have_old_and_new_words);
    tcase_add_test(tc, what_is_no_offset_is_refused);
    tcase_add_test(tc, a_place_adds_event_row_and_count);
    tcase_add_test(tc, counts_of_a_transaction_are_taken_up_again);
    tcase_add_test(tc, signals_are_read);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
