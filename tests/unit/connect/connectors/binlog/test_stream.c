/* Tests of connect/connectors/binlog/stream.c on a scripted dump. */
#include "connect/connectors/binlog/stream.h"

#include "tests/fakes/db_script.h"
#include "tests/fakes/thread_limit.h"
#include "tests/unit/connect/connectors/binlog/event_bytes.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ROTATE = 4, FORMAT = 15, XID = 16, HEARTBEAT = 27, ARTIFICIAL = 0x20, WAIT_MS = 5000 };

static struct error err;
static enum binlog_failure failure;
static struct binlog_stream *stream;
static const struct binlog_event *event;
static const struct db_params db = {.host = "h", .user = "u", .password = "p"};

static void
end(void)
{
    set_length(bytes.len);
    db_script_event(bytes.data, bytes.len);
}

static void
rotate(const char *file, uint64_t pos, unsigned flags)
{
    begin(ROTATE, 0, flags);
    put(pos, 8);
    strbuf_puts(&bytes, file);
    end();
}

/* What a dump begins with, without checksums. */
static void
head(uint64_t pos)
{
    rotate("bin.000003", pos, ARTIFICIAL);
    begin(FORMAT, 0, 0);
    put(4, 2);
    strbuf_add(&bytes, (char[54]){0}, 54);
    put(19, 1);
    strbuf_add(&bytes, (char[40]){0}, 40);
    put(0, 1);
    put(0, 4);
    end();
}

static void
xid(uint64_t next_pos)
{
    begin(XID, next_pos, 0);
    put(99, 8);
    end();
}

static void
setup(void)
{
    db_script_reset();
    err = ERROR_INIT;
    failure = BINLOG_FAIL_NONE;
    stream = binlog_stream_new(&(struct binlog_stream_params){.db = &db, .server_id = 5});
}

static void
teardown(void)
{
    binlog_stream_free(stream);
    strbuf_fini(&bytes);
}

static void
open_at(uint64_t pos)
{
    ck_assert_msg(binlog_stream_open(stream, &(struct binlog_start){.file = "bin.000003", .pos = pos}, &failure, &err), "%s", err.message);
}

static void
next_event(enum binlog_event_kind kind)
{
    ck_assert_int_eq(binlog_stream_next(stream, WAIT_MS, &event, &err), BINLOG_EVENT);
    ck_assert_int_eq(event->kind, kind);
}

START_TEST(a_dump_is_read_from_its_position_on)
{
    head(1000);
    xid(1027);
    open_at(1000);
    ck_assert_uint_eq(db_script_count_of("DUMP bin.000003:1000"), 1);
    next_event(BINLOG_ROTATE);
    next_event(BINLOG_FORMAT);
    next_event(BINLOG_COMMIT);
    ck_assert_uint_eq(event->pos, 1000);
    ck_assert_int_eq(binlog_stream_next(stream, 0, &event, &err), BINLOG_IDLE);
}
END_TEST

/* The command has 32 bits for the position, so the file is read from its beginning; nothing of that is shown. */
START_TEST(a_position_beyond_4_gib_is_gone_to_silently)
{
    static const uint64_t start = 0x100000040;
    head(4);
    xid(0xfffffff0);
    begin(HEARTBEAT, 0xfffffff0, 0);
    strbuf_puts(&bytes, "bin.000003");
    end();
    xid(start);
    xid(start + 27);
    open_at(start);
    ck_assert_uint_eq(db_script_count_of("DUMP bin.000003:4"), 1);
    next_event(BINLOG_COMMIT);
    ck_assert_uint_eq(event->pos, start);
}
END_TEST

START_TEST(the_next_file_is_shown_where_the_position_is_not_reached)
{
    head(4);
    rotate("bin.000004", 4, 0);
    xid(31);
    open_at(0x100000040);
    next_event(BINLOG_ROTATE);
    ck_assert_str_eq(event->rotate.file, "bin.000004");
    next_event(BINLOG_COMMIT);
    ck_assert_uint_eq(event->pos, 4);
}
END_TEST

/* So that a task that goes there can be stopped, paused or asked meanwhile. */
START_TEST(going_to_a_position_beyond_4_gib_returns_in_time)
{
    enum { ROWS_QUERY = 29, EVENTS = 40, LARGE = 900000 };
    static const uint64_t start = 0x100000040;
    head(4);
    for (int i = 0; i < EVENTS; i++) {
        begin(ROWS_QUERY, (uint64_t)(i + 2) * LARGE, 0);
        strbuf_putc(&bytes, '\0');
        for (int j = 0; j < LARGE; j++)
            strbuf_putc(&bytes, 'q');
        end();
    }
    xid(0xfffffff0);
    xid(start);
    xid(start + 27);
    open_at(start);
    ck_assert_int_eq(binlog_stream_next(stream, 1, &event, &err), BINLOG_IDLE);
    enum binlog_result result;
    while ((result = binlog_stream_next(stream, 1, &event, &err)) == BINLOG_IDLE)
        ;
    ck_assert_int_eq(result, BINLOG_EVENT);
    ck_assert_uint_eq(event->pos, start);
}
END_TEST

START_TEST(without_a_thread_it_is_opened_again_later)
{
    thread_limit_set(true);
    bool is_open = binlog_stream_open(stream, &(struct binlog_start){.file = "bin.000003", .pos = 4}, &failure, &err);
    thread_limit_set(false);
    ck_assert(!is_open);
    ck_assert_int_eq(failure, BINLOG_FAIL_CONNECTION);
    ck_assert(err.retriable);
}
END_TEST

static const struct {
    unsigned number;
    const char *message;
    enum binlog_failure failure;
    enum binlog_result result;
    const char *advice;
} ends[] = {
    {2013, "Lost connection", BINLOG_FAIL_CONNECTION, BINLOG_LOST, ""},
    {2020, "Got packet bigger than 'max_allowed_packet' bytes", BINLOG_FAIL_TOO_LARGE, BINLOG_FAILED, "1 GiB"},
    {1236, "log event entry exceeded max_allowed_packet; Increase max_allowed_packet on source", BINLOG_FAIL_TOO_LARGE, BINLOG_FAILED, "1 GiB"},
    {1236, "Could not find first log file name in binary log index file", BINLOG_FAIL_PURGED, BINLOG_FAILED, ""},
};

START_TEST(a_failure_is_told_with_what_to_do)
{
    db_script_events_end(ends[_i].number, ends[_i].message);
    open_at(1000);
    ck_assert_int_eq(binlog_stream_next(stream, WAIT_MS, &event, &err), ends[_i].result);
    ck_assert_int_eq(binlog_stream_failure(stream), ends[_i].failure);
    ck_assert_int_eq(err.retriable, ends[_i].result == BINLOG_LOST);
    ck_assert_ptr_nonnull(strstr(err.message, ends[_i].advice));
}
END_TEST

static void *
close_stream(void *arg)
{
    binlog_stream_close_async(arg);
    return NULL;
}

START_TEST(closing_ends_a_connecting_that_hangs)
{
    pthread_t thread;
    db_script_freeze(true);
    ck_assert_int_eq(pthread_create(&thread, NULL, close_stream, stream), 0);
    ck_assert(!binlog_stream_open(stream, &(struct binlog_start){.file = "bin.000003", .pos = 4}, &failure, &err));
    ck_assert_int_eq(err.code, ERROR_TIMEOUT);
    pthread_join(thread, NULL);
}
END_TEST

START_TEST(closing_ends_a_stream_that_waits)
{
    pthread_t thread;
    open_at(4);
    ck_assert_int_eq(pthread_create(&thread, NULL, close_stream, stream), 0);
    ck_assert_int_eq(binlog_stream_next(stream, 60000, &event, &err), BINLOG_LOST);
    pthread_join(thread, NULL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/stream");
    TCase *tc = tcase_create("stream");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_dump_is_read_from_its_position_on);
    tcase_add_test(tc, a_position_beyond_4_gib_is_gone_to_silently);
    tcase_add_test(tc, going_to_a_position_beyond_4_gib_returns_in_time);
    tcase_add_test(tc, without_a_thread_it_is_opened_again_later);
    tcase_add_test(tc, the_next_file_is_shown_where_the_position_is_not_reached);
    tcase_add_loop_test(tc, a_failure_is_told_with_what_to_do, 0, sizeof(ends) / sizeof(ends[0]));
    tcase_add_test(tc, closing_ends_a_connecting_that_hangs);
    tcase_add_test(tc, closing_ends_a_stream_that_waits);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
