/* Tests of connect/connectors/binlog/streaming*.c and incremental.c, over a scripted log and a scripted database. */
#include "connect/connectors/binlog/streaming.h"

#include "tests/fakes/binlog_script.h"
#include "tests/fakes/db_script.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UUID "2221460c-eaa8-11f1-b20e-02fc00000001"
#define AT(members) "{\"file\":\"binlog.000001\",\"pos\":200" members "}"
#define GTIDS(numbers) ",\"gtids\":\"" UUID ":" numbers "\""

static struct error err;
static struct config cfg;
static struct cdc_context ctx;
static struct cdc_streaming *streaming;
static struct record_batch batch;
static struct strbuf seen, history;

/* ---- what is not the matter here -------------------------------------------------------------------------------- */

struct cdc_history *
cdc_history_new(const struct cdc_config *config, struct error *unused)
{
    (void)config, (void)unused;
    return (struct cdc_history *)&history;
}

void
cdc_history_close(struct cdc_history *unused)
{
    (void)unused;
}

void
cdc_history_free(struct cdc_history *unused)
{
    (void)unused;
}

bool
cdc_history_append(struct cdc_history *unused, const struct cdc_change *change, const char *position_json, int64_t ts_ms, struct error *none)
{
    (void)unused, (void)ts_ms, (void)none;
    strbuf_printf(&history, "%s %s\n", change->table_name ? change->table_name : "-", position_json);
    return true;
}

bool
cdc_history_flush(struct cdc_history *unused, struct error *none)
{
    (void)unused, (void)none;
    return true;
}

enum binlog_row_status
binlog_rows_next(struct binlog_rows *rows, const struct binlog_cell **before_out, const struct binlog_cell **after_out, struct error *none)
{
    (void)none;
    return binlog_script_next_row(rows, before_out, after_out);
}

/* ---- tools -------------------------------------------------------------------------------------------------------- */

static void
setup(void)
{
    static const char *const base[][2] = {
        {"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"}, {"database.server.id", "1"},
        {"schema.history.internal.kafka.topic", "hist"}, {"schema.history.internal.kafka.bootstrap.servers", "b:1"},
        {"database.include.list", "d"},
    };
    err = ERROR_INIT;
    cfg = CONFIG_INIT;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
    ctx = (struct cdc_context){0};
    streaming = NULL;
    batch = RECORD_BATCH_INIT;
    seen = history = STRBUF_INIT;
    binlog_script_reset();
    db_script_reset();
}

static void
teardown(void)
{
    cdc_streaming_free(streaming);
    record_batch_fini(&batch);
    cdc_context_fini(&ctx);
    config_fini(&cfg);
    strbuf_fini(&seen);
    strbuf_fini(&history);
    binlog_script_reset();
    db_script_reset();
}

static void
make_tables(void)
{
    static const char *const statements[] = {
        "CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)", "CREATE TABLE u (id INT PRIMARY KEY, v LONGBLOB)",
        "CREATE TABLE nokey (id INT, v LONGBLOB)", "CREATE TABLE sig (id VARCHAR(42) PRIMARY KEY, type VARCHAR(32), data VARCHAR(2048))",
        "CREATE TABLE bin (id BINARY(4) PRIMARY KEY, v LONGBLOB)",
    };
    struct cdc_changes changes = CDC_CHANGES_INIT;
    for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++)
        ck_assert_msg(cdc_ddl_apply(ctx.tables, "d", statements[i], strlen(statements[i]), false, &changes, &err), "%s", err.message);
    cdc_changes_fini(&changes);
}

/* Once more, as a worker that was killed does. */
static void
start_at(const char *offset_json)
{
    static const struct source_task_context runtime = {.connector = "c"};
    struct cdc_offset offset = CDC_OFFSET_INIT;
    cdc_streaming_free(streaming);
    record_batch_reset(&batch);
    cdc_context_fini(&ctx);
    ctx = (struct cdc_context){0};
    ck_assert_msg(cdc_context_init(&ctx, &runtime, &cfg, "mysql", &err), "%s", err.message);
    make_tables();
    ck_assert_msg(cdc_offset_parse(offset_json, &offset, &err), "%s", err.message);
    streaming = cdc_streaming_new(&ctx, &offset, &err);
    ck_assert_msg(streaming != NULL, "%s", err.message);
    cdc_offset_fini(&offset);
}

static void
show_key(const struct record *record, struct strbuf *out)
{
    const struct value *key = record->key.kind == VALUE_STRUCT && record->key.len ? record->key.as.items : NULL;
    if (key && key->kind == VALUE_INT)
        strbuf_printf(out, " %d", (int)key->as.integer);
    else if (key && key->kind == VALUE_STRING)
        strbuf_printf(out, " %.*s", (int)key->len, key->as.bytes);
}

/* "t c 5 event/row", "tx END id event/row", "p DROP ..." */
static void
show_record(const struct record *record, struct strbuf *out)
{
    struct strbuf json = STRBUF_INIT;
    struct cdc_offset offset = CDC_OFFSET_INIT;
    const char *topic = record->topic ? strrchr(record->topic, '.') : NULL;
    record->source_partition->write(record->source_partition, &record->source_offset, &json);
    ck_assert_msg(cdc_offset_parse(json.data, &offset, &err), "%s", err.message);
    strbuf_printf(out, "%s", topic ? topic + 1 : record->topic ? record->topic : "(none)");
    if (record->value.kind == VALUE_STRUCT && record->value.len == 8)
        strbuf_printf(out, " %.*s", (int)record->value.as.items[4].len, record->value.as.items[4].as.bytes);
    else if (record->value.kind == VALUE_STRUCT && record->value.as.items[0].kind == VALUE_STRING)
        strbuf_printf(out, " %.*s", (int)record->value.as.items[0].len, record->value.as.items[0].as.bytes);
    show_key(record, out);
    strbuf_printf(out, " @%d:%d/%d\n", (int)offset.pos, (int)offset.event, (int)offset.row);
    cdc_offset_fini(&offset);
    strbuf_fini(&json);
}

static enum poll_result
poll_once(void)
{
    cdc_context_renew(&ctx);
    record_batch_reset(&batch);
    err = ERROR_INIT;
    return cdc_streaming_poll(streaming, &batch, 0, &err);
}

/* All there is, one line a record. */
static const char *
poll_all(void)
{
    strbuf_reset(&seen);
    strbuf_puts(&seen, "");
    enum poll_result result;
    while ((result = poll_once()) == POLL_RECORDS)
        for (size_t i = 0; i < batch.count; i++)
            show_record(&batch.records[i], &seen);
    ck_assert_msg(result == POLL_IDLE, "%s", err.message);
    return seen.data ? seen.data : "";
}

/* The offset of a record of the present batch. */
static char *
offset_of(size_t i)
{
    struct strbuf json = STRBUF_INIT;
    ck_assert_uint_lt(i, batch.count);
    batch.records[i].source_partition->write(batch.records[i].source_partition, &batch.records[i].source_offset, &json);
    return strbuf_take(&json);
}

/* Start again with the offset of a record of the present batch. */
static void
start_behind(size_t i)
{
    char *json = offset_of(i);
    start_at(json);
    free(json);
}

static void
insert_row(const char *table, int id)
{
    static struct binlog_script_row rows[64];
    static size_t next;
    struct binlog_script_row *row = &rows[next++ % 64];
    *row = (struct binlog_script_row){.id = id, .v = 1};
    binlog_script_rows(BINLOG_INSERT, "d", table, row, 1);
}

/* GTID, BEGIN, two rows of t in an event, one of u, COMMIT: events 1 to 6 (BEGIN is 0), COMMIT is 5. */
static void
add_transaction(const char *gtid, int first_id)
{
    static struct binlog_script_row rows[16][2];
    static size_t next;
    struct binlog_script_row *pair = rows[next++ % 16];
    binlog_script_gtid(gtid);
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    pair[0] = (struct binlog_script_row){.id = first_id, .v = 1};
    pair[1] = (struct binlog_script_row){.id = first_id + 1, .v = 1};
    binlog_script_rows(BINLOG_INSERT, "d", "t", pair, 2);
    insert_row("u", first_id + 2);
    binlog_script_add(BINLOG_COMMIT);
}

/* ---- transactions --------------------------------------------------------------------------------------------------- */

START_TEST(a_transaction_is_told_with_the_position_of_its_start)
{
    start_at(AT(GTIDS("1-4")));
    add_transaction(UUID ":5", 1);
    insert_row("t", 9); /* without a begin: not what a server writes, and the position is behind the last transaction */
    ck_assert_str_eq(poll_all(), "t c 1 @200:2/1\nt c 2 @200:2/2\nu c 3 @200:4/1\nt c 9 @900:0/1\n");
}
END_TEST

START_TEST(events_between_an_anonymous_gtid_and_begin_do_not_move_the_position)
{
    start_at(AT(""));
    binlog_script_gtid("");
    binlog_script_add(BINLOG_OTHER); /* a compressed transaction */
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    insert_row("t", 1);
    binlog_script_add(BINLOG_COMMIT);
    ck_assert_str_eq(poll_all(), "t c 1 @200:2/1\n");
}
END_TEST

START_TEST(no_heartbeat_inside_of_an_anonymous_transaction)
{
    config_set(&cfg, "heartbeat.interval.ms", "1");
    start_at(AT(""));
    binlog_script_gtid("");
    binlog_script_add(BINLOG_OTHER);
    usleep(2000);
    ck_assert_str_eq(poll_all(), "");
}
END_TEST

START_TEST(a_transaction_goes_on_at_the_row)
{
    start_at(AT(GTIDS("1-4") ",\"event\":2,\"row\":1"));
    add_transaction(UUID ":5", 1);
    ck_assert_str_eq(poll_all(), "t c 2 @200:2/2\nu c 3 @200:4/1\n");
    start_at(AT(GTIDS("1-4") ",\"event\":4"));
    ck_assert_str_eq(poll_all(), "u c 3 @200:4/1\n");
}
END_TEST

/* As Debezium writes it. */
START_TEST(the_position_may_be_that_of_the_begin)
{
    start_at("{\"file\":\"binlog.000001\",\"pos\":300,\"event\":4" GTIDS("1-4") "}");
    add_transaction(UUID ":5", 1);
    ck_assert_str_eq(poll_all(), "u c 3 @200:4/1\n");
}
END_TEST

START_TEST(another_transaction_is_not_passed_over)
{
    start_at(AT(GTIDS("1-4") ",\"event\":4"));
    binlog_script_file("other.000007");
    add_transaction(UUID ":6", 11);
    add_transaction(UUID ":5", 1);
    ck_assert_str_eq(poll_all(), "t c 11 @200:2/1\nt c 12 @200:2/2\nu c 13 @200:4/1\nt c 1 @900:2/1\nt c 2 @900:2/2\nu c 3 @900:4/1\n");
}
END_TEST

START_TEST(another_transaction_at_the_same_place_is_not_passed_over)
{
    config_set(&cfg, "provide.transaction.metadata", "true");
    start_at(AT(GTIDS("1-4") ",\"event\":4,\"transaction_id\":\"" UUID ":5\",\"transaction_data_collection_order_d.t\":2"));
    add_transaction(UUID ":6", 11);
    ck_assert_str_eq(poll_all(), "transaction BEGIN " UUID ":6 @200:0/0\nt c 11 @200:2/1\nt c 12 @200:2/2\nu c 13 @200:4/1\n"
                                 "transaction END " UUID ":6 @200:5/0\n");
}
END_TEST

/* Events that servers send first say where they begin to look. */
START_TEST(the_position_waits_for_a_transaction_that_is_known_in_part)
{
    config_set(&cfg, "heartbeat.interval.ms", "1");
    start_at(AT(GTIDS("1-4") ",\"event\":4"));
    struct binlog_event *rotate = binlog_script_add(BINLOG_ROTATE);
    rotate->is_artificial = true;
    rotate->rotate.file = "binlog.000001";
    rotate->rotate.pos = 4;
    binlog_script_file("binlog.000001"); /* at 200 again */
    usleep(2000);
    ck_assert_str_eq(poll_all(), "");
    add_transaction(UUID ":5", 1);
    ck_assert_str_eq(poll_all(), "u c 3 @200:4/1\np p @900:0/0\n");
}
END_TEST

START_TEST(a_pause_while_rows_are_passed_over_forgets_nothing)
{
    start_at(AT(GTIDS("1-4") ",\"event\":4"));
    binlog_script_gtid(UUID ":5");
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    cdc_streaming_pause(streaming);
    insert_row("t", 1);
    insert_row("u", 2);
    binlog_script_add(BINLOG_COMMIT);
    ck_assert_str_eq(poll_all(), "u c 2 @200:4/1\n");
    ck_assert_str_eq(binlog_script_start()->gtids, UUID ":1-4");
    cdc_streaming_pause(streaming);
    ck_assert_int_eq(poll_once(), POLL_RECORDS); /* the script has but one answer; the question matters */
    ck_assert_str_eq(binlog_script_start()->gtids, UUID ":1-5");
}
END_TEST

START_TEST(a_lost_connection_goes_on_at_the_row)
{
    config_set(&cfg, "max.batch.size", "1");
    start_at(AT(""));
    add_transaction("", 1);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    binlog_script_lose_at(4);
    ck_assert_int_eq(poll_once(), POLL_RECORDS); /* row 2 of the event at hand */
    ck_assert_int_eq(poll_once(), POLL_RETRY);
    binlog_script_lose_at(2);
    ck_assert_int_eq(poll_once(), POLL_RETRY); /* less of it has come than before */
    ck_assert_uint_eq(binlog_script_start()->pos, 200);
    binlog_script_lose_at(99);
    ck_assert_str_eq(poll_all(), "u c 3 @200:4/1\n");
}
END_TEST

/* ---- transaction metadata --------------------------------------------------------------------------------------------- */

START_TEST(begin_and_end_are_told_once)
{
    static const char *const rest[] = {
        "t c 1 @200:2/1\nt c 2 @200:2/2\nu c 3 @200:4/1\ntransaction END " UUID ":5 @200:5/0\n",
        "t c 2 @200:2/2\nu c 3 @200:4/1\ntransaction END " UUID ":5 @200:5/0\n",
        "u c 3 @200:4/1\ntransaction END " UUID ":5 @200:5/0\n",
        "transaction END " UUID ":5 @200:5/0\n", "",
    };
    config_set(&cfg, "provide.transaction.metadata", "true");
    add_transaction(UUID ":5", 1);
    for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
        start_at(AT(GTIDS("1-4")));
        ck_assert_int_eq(poll_once(), POLL_RECORDS);
        start_behind(i);
        ck_assert_str_eq(poll_all(), rest[i]);
    }
}
END_TEST

START_TEST(the_end_of_an_empty_transaction_is_told_behind_its_begin)
{
    config_set(&cfg, "provide.transaction.metadata", "true");
    binlog_script_gtid(UUID ":5");
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    binlog_script_add(BINLOG_COMMIT);
    start_at(AT(GTIDS("1-4")));
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    start_behind(0);
    ck_assert_str_eq(poll_all(), "transaction END " UUID ":5 @200:1/0\n");
}
END_TEST

/* A delete and its tombstone: the first of them leaves the row undone, and the count as it was. */
START_TEST(a_row_that_is_not_done_does_not_count)
{
    static const struct binlog_script_row deleted = {.old_id = 7};
    config_set(&cfg, "provide.transaction.metadata", "true");
    binlog_script_gtid(UUID ":5");
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    insert_row("t", 1);
    binlog_script_rows(BINLOG_DELETE, "d", "t", &deleted, 1);
    binlog_script_add(BINLOG_COMMIT);
    start_at(AT(GTIDS("1-4")));
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    char *offset = offset_of(2);
    ck_assert_msg(strstr(offset, "_order_d.t\":1}"), "%s", offset);
    free(offset);
    start_behind(2);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_int_eq(batch.records[0].value.as.items[3].as.items[2].as.integer, 2); /* data_collection_order */
}
END_TEST

/* ---- statements ------------------------------------------------------------------------------------------------------- */

/* GTID at 200, the statement at 300; behind it is 400. */
START_TEST(only_the_last_change_of_a_statement_has_the_position_behind_it)
{
    binlog_script_gtid(UUID ":5");
    binlog_script_query(BINLOG_QUERY, "d", "DROP TABLE t, u");
    start_at(AT(GTIDS("1-4")));
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 2);
    for (size_t i = 0; i < 2; i++) {
        char *offset = offset_of(i);
        ck_assert_msg(strstr(offset, i ? "\"pos\":400,\"gtids\":\"" UUID ":1-5\"" : "\"pos\":200,\"gtids\":\"" UUID ":1-4\""), "%s", offset);
        free(offset);
    }
    const char *first = strstr(history.data, "\"pos\":400"); /* so that a start in front of it leaves both out */
    ck_assert_msg(first && strstr(first + 1, "\"pos\":400"), "%s", history.data);
    start_behind(0);
    ck_assert_str_eq(poll_all(), "p d @200:0/0\np d @400:0/0\n");
}
END_TEST

/* ---- bounds ----------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *limit;
    int row_bytes;
    size_t count; /* rows of a poll */
} bounds[] = {{"0", 1 << 20, 4}, {"0", 5 << 20, 1}, {"1000000", 400000, 3}, {"99999999999", 1 << 20, 4}};

START_TEST(a_batch_is_bounded_by_its_bytes)
{
    struct binlog_script_row rows[8];
    for (int i = 0; i < 8; i++)
        rows[i] = (struct binlog_script_row){.id = i, .v = bounds[_i].row_bytes};
    config_set(&cfg, "max.queue.size.in.bytes", bounds[_i].limit);
    start_at(AT(""));
    binlog_script_gtid("");
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    binlog_script_rows(BINLOG_INSERT, "d", "t", rows, 8);
    binlog_script_add(BINLOG_COMMIT);
    size_t polls = (8 + bounds[_i].count - 1) / bounds[_i].count;
    for (size_t i = 0; i < polls; i++) {
        ck_assert_int_eq(poll_once(), POLL_RECORDS);
        ck_assert_uint_le(batch.count, bounds[_i].count);
    }
    ck_assert_int_eq(poll_once(), POLL_IDLE);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/streaming");
    TCase *tc = tcase_create("transactions");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_transaction_is_told_with_the_position_of_its_start);
    tcase_add_test(tc, events_between_an_anonymous_gtid_and_begin_do_not_move_the_position);
    tcase_add_test(tc, no_heartbeat_inside_of_an_anonymous_transaction);
    tcase_add_test(tc, a_transaction_goes_on_at_the_row);
    tcase_add_test(tc, the_position_may_be_that_of_the_begin);
    tcase_add_test(tc, another_transaction_is_not_passed_over);
    tcase_add_test(tc, another_transaction_at_the_same_place_is_not_passed_over);
    tcase_add_test(tc, the_position_waits_for_a_transaction_that_is_known_in_part);
    tcase_add_test(tc, a_pause_while_rows_are_passed_over_forgets_nothing);
    tcase_add_test(tc, a_lost_connection_goes_on_at_the_row);
    tcase_add_test(tc, begin_and_end_are_told_once);
    tcase_add_test(tc, the_end_of_an_empty_transaction_is_told_behind_its_begin);
    tcase_add_test(tc, a_row_that_is_not_done_does_not_count);
    tcase_add_test(tc, only_the_last_change_of_a_statement_has_the_position_behind_it);
    tcase_add_loop_test(tc, a_batch_is_bounded_by_its_bytes, 0, sizeof(bounds) / sizeof(*bounds));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
