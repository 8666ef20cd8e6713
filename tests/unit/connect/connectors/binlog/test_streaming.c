/* Tests of connect/connectors/binlog/streaming*.c and incremental.c, over a scripted log and a scripted database. */
#include "connect/connectors/binlog/streaming.h"

#include "common/base/clock.h"
#include "tests/fakes/binlog_script.h"
#include "tests/fakes/db_script.h"
#include "tests/fakes/kafka_mock.h"

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
        "CREATE TABLE bin (id BINARY(4) PRIMARY KEY, v LONGBLOB)", "CREATE TABLE names (name VARCHAR(10), v LONGBLOB)",
        "CREATE TABLE f (id FLOAT PRIMARY KEY, v LONGBLOB)",
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

/* ---- changes that are not in the log -------------------------------------------------------------------------------- */

static const struct {
    const char *sql;
    bool is_ours;
} dml_texts[] = {
    {"INSERT INTO t VALUES (1, NULL)", true},
    {"/* app */ insert low_priority ignore d.t SELECT * FROM x", true},
    {"REPLACE INTO other.sums SELECT COUNT(*) FROM d.t", false}, /* as checksum tools do */
    {"UPDATE other.a JOIN `d`.`t` USING (id) SET t.v = NULL", true},
    {"DELETE FROM t WHERE id = 1", true},
    {"DELETE FROM other.a WHERE v = 't'", false},
    {"WITH x AS (SELECT 1) UPDATE t SET v = NULL", true},
    {"LOAD DATA INFILE 'a' REPLACE INTO TABLE d.t", true},
    {"INSERT INTO sig VALUES ('1', 'log', '{}')", true},
    {"INSERT INTO unknown VALUES (1)", false},
};

START_TEST(a_statement_of_rows_fails_the_task_where_they_are_of_a_captured_table)
{
    config_set(&cfg, "signal.data.collection", "d.sig");
    start_at(AT(GTIDS("1-4")));
    binlog_script_gtid(UUID ":5");
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    binlog_script_query(BINLOG_QUERY, "d", dml_texts[_i].sql);
    binlog_script_add(BINLOG_COMMIT);
    add_transaction(UUID ":6", 1);
    if (!dml_texts[_i].is_ours) {
        ck_assert_str_eq(poll_all(), "t c 1 @600:2/1\nt c 2 @600:2/2\nu c 3 @600:4/1\n");
        return;
    }
    ck_assert_int_eq(poll_once(), POLL_FAILED);
    ck_assert_msg(strstr(err.message, "binlog.000001:400") && strstr(err.message, "binlog_format"), "%s", err.message);
}
END_TEST

static const char *const lenient_modes[] = {"warn", "skip", "ignore"};

START_TEST(what_is_lost_may_be_passed_over)
{
    config_set(&cfg, "event.processing.failure.handling.mode", lenient_modes[_i]);
    start_at(AT(GTIDS("1-4")));
    binlog_script_gtid(UUID ":5");
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    binlog_script_query(BINLOG_QUERY, "d", dml_texts[0].sql);
    insert_row("u", 1);
    binlog_script_add(BINLOG_COMMIT);
    ck_assert_str_eq(poll_all(), "u c 1 @200:3/1\n");
}
END_TEST

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

/* ---- incremental snapshots ------------------------------------------------------------------------------------------ */

static const struct db_column id_v[] = {{.name = "id"}, {.name = "v"}, {0}};

/* What the server has: the row with the highest key, one chunk, and then nothing. */
static void
script_table(const char *table, const char *const *rows, const unsigned long *lengths, size_t count)
{
    static char matches[8][2][32];
    static size_t next;
    char(*match)[32] = matches[next++ % 8];
    snprintf(match[0], sizeof(match[0]), "FROM `d`.`%s` ORDER BY", table);
    snprintf(match[1], sizeof(match[1]), "FROM `d`.`%s` WHERE", table);
    const unsigned long *last = lengths ? lengths + 2 * (count - 1) : NULL;
    db_script_add(&(struct db_script_rule){.match = match[0], .columns = id_v, .rows = rows + 2 * (count - 1), .lengths = last, .row_count = 1});
    db_script_add(&(struct db_script_rule){.match = match[1], .times = 1, .columns = id_v, .rows = rows, .lengths = lengths, .row_count = count});
    db_script_add(&(struct db_script_rule){.match = match[1], .columns = id_v});
}

static void
signal_row(const char *id, const char *type, const char *data)
{
    static const char *texts[16][3];
    static size_t next;
    const char **row = texts[next++ % 16];
    row[0] = id;
    row[1] = type;
    row[2] = data;
    binlog_script_gtid("");
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    binlog_script_texts("d", "sig", row);
    binlog_script_add(BINLOG_COMMIT);
}

/* Behind all statements: there is none. */
static size_t
last_place_of(const char *match)
{
    for (size_t i = db_script_count(); i-- > 0;)
        if (strstr(db_script_sql(i), match))
            return i;
    return db_script_count();
}

static const char *
last_sql_of(const char *match)
{
    return db_script_sql(last_place_of(match));
}

/* The last mark of a kind comes back through the log. */
static void
mark_comes_back(const char *kind)
{
    static char ids[8][64];
    static size_t next;
    char *id = ids[next++ % 8], match[48];
    snprintf(match, sizeof(match), "-%s', '", kind);
    const char *at = strstr(last_sql_of(match), "('");
    ck_assert_ptr_nonnull(at);
    snprintf(id, sizeof(ids[0]), "%.*s", (int)strcspn(at + 2, "'"), at + 2);
    signal_row(id, strcmp(kind, "open") == 0 ? "snapshot-window-open" : "snapshot-window-close", "");
}

static void
start_snapshot(const char *data)
{
    config_set(&cfg, "signal.data.collection", "d.sig");
    config_set(&cfg, "table.include.list", "d.t,d.u,d.nokey,d.bin,d.names,d.f");
    start_at(AT(""));
    signal_row("s1", "execute-snapshot", data);
    poll_all();
}

START_TEST(the_last_row_of_a_chunk_has_the_chunk_behind_it)
{
    static const char *const rows[] = {"1", "a", "2", "b"};
    script_table("t", rows, NULL, 2);
    start_snapshot("{\"data-collections\":[\"d.t\"]}");
    mark_comes_back("open");
    mark_comes_back("close");
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_ge(batch.count, 2);
    char *first = offset_of(batch.count - 2), *last = offset_of(batch.count - 1);
    ck_assert_msg(!strstr(first, "last_key"), "%s", first);
    ck_assert_msg(strstr(last, "\"incremental_snapshot_last_key_text\":[\"2\"]"), "%s", last);
    free(first);
    free(last);
}
END_TEST

START_TEST(a_stop_of_the_table_at_hand_goes_on_with_the_next)
{
    static const char *const rows[] = {"1", "a"};
    script_table("t", rows, NULL, 1);
    script_table("u", rows, NULL, 1);
    start_snapshot("{\"data-collections\":[\"d.t\",\"d.u\"]}");
    ck_assert_uint_eq(db_script_count_of("FROM `d`.`u`"), 0);
    signal_row("s2", "stop-snapshot", "{\"data-collections\":[\"d.t\"]}");
    poll_all();
    ck_assert_uint_eq(db_script_count_of("FROM `d`.`u`"), 2);
}
END_TEST

START_TEST(a_table_without_key_loses_only_the_rows_that_were_changed)
{
    static const char *const rows[] = {"1", "a", "2", "b", "3", "c"};
    script_table("nokey", rows, NULL, 3);
    start_snapshot("{\"data-collections\":[\"d.nokey\"],\"surrogate-key\":\"id\"}");
    mark_comes_back("open");
    binlog_script_gtid("");
    binlog_script_query(BINLOG_BEGIN, "d", "BEGIN");
    insert_row("nokey", 2);
    binlog_script_add(BINLOG_COMMIT);
    mark_comes_back("close");
    const char *all = poll_all();
    const char *first = strstr(all, "nokey r");
    ck_assert_msg(first && strstr(first + 1, "nokey r") && !strstr(strstr(first + 1, "nokey r") + 1, "nokey r"), "%s", all);
}
END_TEST

/* NULLs come first: the last place of the first chunk is one, and what is left are the others. */
START_TEST(rows_whose_surrogate_key_is_null_are_read)
{
    static const char *const rows[] = {NULL, "a"};
    static const unsigned long lengths[] = {0, 1};
    script_table("nokey", rows, lengths, 1);
    start_snapshot("{\"data-collections\":[\"d.nokey\"],\"surrogate-key\":\"id\"}");
    const char *sql = last_sql_of("`d`.`nokey` WHERE");
    ck_assert_msg(strstr(sql, "WHERE ((`id` IS NOT NULL)) IS NOT TRUE"), "%s", sql);
    mark_comes_back("open");
    mark_comes_back("close");
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    char *offset = offset_of(batch.count - 1);
    ck_assert_msg(strstr(offset, "last_key_text\":[null]"), "%s", offset);
    start_at(offset);
    free(offset);
    poll_all();
    sql = last_sql_of("`d`.`nokey` WHERE");
    ck_assert_msg(strstr(sql, "WHERE ((`id` IS NOT NULL)) AND ((`id` IS NOT NULL)) IS NOT TRUE"), "%s", sql);
}
END_TEST

/* Of three rows with one place two are in the chunk: the next begins behind that place. */
START_TEST(all_rows_of_the_last_place_belong_to_the_chunk)
{
    static const char *const chunk[] = {"1", "a", "2", "b", "2", "c"}, *const equal[] = {"2", "b", "2", "c", "2", "d"};
    config_set(&cfg, "incremental.snapshot.chunk.size", "3");
    db_script_add(&(struct db_script_rule){.match = "WHERE (`id` = '2')", .columns = id_v, .rows = equal, .row_count = 3});
    script_table("nokey", chunk, NULL, 3);
    start_snapshot("{\"data-collections\":[\"d.nokey\"],\"surrogate-key\":\"id\"}");
    mark_comes_back("open");
    mark_comes_back("close");
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(batch.count, 2 + 4); /* marks, and rows */
    char *offset = offset_of(5);
    ck_assert_msg(strstr(offset, "last_key_text\":[\"2\"]"), "%s", offset);
    free(offset);
}
END_TEST

/* They are in the log as deleted, and the table has more rows. */
START_TEST(rows_that_go_while_their_place_is_completed_end_no_table)
{
    static const char *const chunk[] = {"2", "b", "2", "c"}, *const rest[] = {"3", "d"};
    config_set(&cfg, "incremental.snapshot.chunk.size", "2");
    db_script_add(&(struct db_script_rule){.match = "WHERE (`id` = '2')", .columns = id_v});
    db_script_add(&(struct db_script_rule){.match = "FROM `d`.`nokey` WHERE ((`id` > '3'))", .columns = id_v, .rows = chunk, .row_count = 2});
    script_table("nokey", rest, NULL, 1);
    start_snapshot("{\"data-collections\":[\"d.nokey\"],\"surrogate-key\":\"id\"}");
    ck_assert_msg(strstr(last_sql_of("`d`.`nokey` WHERE"), "WHERE ((`id` > '2')) AND"), "%s", last_sql_of("`d`.`nokey` WHERE"));
    mark_comes_back("open");
    mark_comes_back("close");
    const char *all = poll_all();
    ck_assert_msg(strstr(all, "nokey r @"), "%s", all);
}
END_TEST

START_TEST(the_key_decides_among_rows_of_one_surrogate_key)
{
    static const char *const rows[] = {"1", "a"};
    script_table("t", rows, NULL, 1);
    start_snapshot("{\"data-collections\":[\"d.t\"],\"surrogate-key\":\"v\"}");
    const char *sql = last_sql_of("`d`.`t` WHERE");
    ck_assert_msg(strstr(sql, "ORDER BY `v`, `id` LIMIT"), "%s", sql);
}
END_TEST

START_TEST(a_float_orders_by_all_of_its_digits)
{
    static const char *const rows[] = {"0.10000000149011612", "a"};
    script_table("f", rows, NULL, 1);
    start_snapshot("{\"data-collections\":[\"d.f\"]}");
    const char *sql = last_sql_of("`d`.`f` WHERE");
    ck_assert_msg(strstr(sql, "SELECT `id` + 0E0, `v` FROM `d`.`f` WHERE NOT ((`id` > '0.10000000149011612')) ORDER BY `id` LIMIT"), "%s", sql);
}
END_TEST

/* With another server the marks may be lost, and nobody would close the window. So would they be on the server of before, where it
   lives on. */
START_TEST(a_chunk_whose_connection_is_lost_is_read_again)
{
    static const char *const rows[] = {"1", "a"};
    db_script_add(&(struct db_script_rule){.match = "FROM `d`.`t` WHERE", .columns = id_v, .rows = rows, .row_count = 1});
    script_table("t", rows, NULL, 1);
    start_snapshot("{\"data-collections\":[\"d.t\"]}");
    ck_assert_uint_eq(db_script_count_of("snapshot-window-open"), 1);
    size_t session = db_script_session(last_place_of("snapshot-window-open"));
    cdc_streaming_pause(streaming); /* the connection goes, and with it what was in the log */
    binlog_script_reset();
    poll_all();
    ck_assert_uint_eq(db_script_count_of("snapshot-window-open"), 2);
    ck_assert_uint_ne(db_script_session(last_place_of("snapshot-window-open")), session);
    mark_comes_back("open");
    mark_comes_back("close");
    const char *all = poll_all();
    ck_assert_msg(strstr(all, "t r 1"), "%s", all);
}
END_TEST

START_TEST(a_paused_snapshot_stays_so_after_a_start)
{
    static const char *const rows[] = {"1", "a"};
    script_table("t", rows, NULL, 1);
    config_set(&cfg, "signal.data.collection", "d.sig");
    config_set(&cfg, "table.include.list", "d.t,d.sig");
    start_at(AT(""));
    signal_row("s1", "pause-snapshot", "{}");
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    start_behind(batch.count - 1);
    binlog_script_reset();
    binlog_script_file("binlog.000002");
    signal_row("s2", "execute-snapshot", "{\"data-collections\":[\"d.t\"]}");
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    ck_assert_uint_eq(db_script_count_of("`d`.`t`"), 0);
    start_behind(batch.count - 1);
    binlog_script_reset();
    poll_all();
    ck_assert_uint_eq(db_script_count_of("`d`.`t`"), 0);
    binlog_script_file("binlog.000003");
    signal_row("s3", "resume-snapshot", "{}");
    poll_all();
    ck_assert_uint_gt(db_script_count_of("`d`.`t`"), 0);
}
END_TEST

START_TEST(a_masked_column_orders_no_table)
{
    static const char *const rows[] = {"1", "a"};
    config_set(&cfg, "column.mask.with.3.chars", "d.names.name");
    script_table("names", rows, NULL, 1);
    start_snapshot("{\"data-collections\":[\"d.names\"],\"surrogate-key\":\"name\"}");
    ck_assert_uint_eq(db_script_count_of("`d`.`names`"), 0);
}
END_TEST

/* Without a window yet there is no other record that would carry it. */
START_TEST(the_record_of_a_signal_has_the_snapshot_in_its_offset)
{
    static const char *const rows[] = {"1", "a"};
    script_table("t", rows, NULL, 1);
    config_set(&cfg, "signal.data.collection", "d.sig");
    config_set(&cfg, "table.include.list", "d.t,d.sig");
    start_at(AT(""));
    signal_row("s1", "execute-snapshot", "{\"data-collections\":[\"d.t\"]}");
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    char *offset = offset_of(batch.count - 1);
    ck_assert_msg(strstr(offset, "incremental_snapshot_collections_id\\\":\\\"d.t"), "%s", offset);
    free(offset);
}
END_TEST

START_TEST(keys_may_have_any_bytes)
{
    static const char *const rows[] = {"\0\1a\377", "a"};
    static const unsigned long lengths[] = {4, 1};
    script_table("bin", rows, lengths, 1);
    start_snapshot("{\"data-collections\":[\"d.bin\"]}");
    ck_assert_msg(strstr(last_sql_of("`d`.`bin` WHERE"), "NOT ((`id` > X'000161ff'))"), "%s", last_sql_of("`d`.`bin`"));
    mark_comes_back("open");
    mark_comes_back("close");
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    char *offset = offset_of(batch.count - 1);
    ck_assert_msg(strstr(offset, "last_key_text\":[{\"hex\":\"000161ff\"}]"), "%s", offset);
    start_at(offset);
    free(offset);
    poll_all();
    ck_assert_msg(strstr(last_sql_of("`d`.`bin` WHERE"), "WHERE ((`id` > X'000161ff')) AND NOT"), "%s", last_sql_of("`d`.`bin`"));
}
END_TEST

#define UNFINISHED(keys) AT(",\"incremental_snapshot_collections\":\"[{\\\"incremental_snapshot_collections_id\\\":\\\"d.t\\\"}]\"" keys)

START_TEST(an_unfinished_snapshot_waits_for_its_signal_table)
{
    start_at(UNFINISHED(""));
    insert_row("t", 1);
    ck_assert_int_eq(poll_once(), POLL_RECORDS);
    char *offset = offset_of(0);
    ck_assert_msg(strstr(offset, "d.t"), "%s", offset);
    free(offset);
    ck_assert_uint_eq(db_script_count(), 0);
}
END_TEST

START_TEST(a_place_of_another_key_is_forgotten)
{
    static const char *const rows[] = {"1", "a"};
    script_table("t", rows, NULL, 1);
    config_set(&cfg, "signal.data.collection", "d.sig");
    start_at(UNFINISHED(",\"incremental_snapshot_last_key_text\":[\"1\"],\"incremental_snapshot_maximum_key_text\":[\"7\",\"8\",\"9\"]"));
    poll_all();
    ck_assert_msg(strstr(last_sql_of("`d`.`t` WHERE"), "WHERE NOT ((`id` > '1'))"), "%s", last_sql_of("`d`.`t`"));
}
END_TEST

/* ---- other channels, read.only ---------------------------------------------------------------------------------------- */

static char signal_path[] = "/tmp/signals-XXXXXX";

static void
write_signals(const char *text)
{
    FILE *file = fopen(signal_path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void
set_file(void)
{
    setup();
    strcpy(signal_path + strlen(signal_path) - 6, "XXXXXX");
    int fd = mkstemp(signal_path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    config_set(&cfg, "signal.enabled.channels", "file");
    config_set(&cfg, "signal.file", signal_path);
    config_set(&cfg, "table.include.list", "d.t,d.u");
}

static void
unset_file(void)
{
    unlink(signal_path);
    teardown();
}

static const struct db_column one_column[] = {{.name = "x"}, {0}};

/* What the server has executed when a chunk was read. */
static void
script_marks(const char *const *high)
{
    static const char *const ok[] = {"0"};
    config_set(&cfg, "read.only", "true");
    db_script_add(&(struct db_script_rule){.match = "WAIT_FOR_EXECUTED_GTID_SET", .columns = one_column, .rows = ok, .row_count = 1});
    db_script_add(&(struct db_script_rule){.match = "GTID_SUBTRACT", .columns = one_column, .rows = high, .row_count = 1});
}

#define EXECUTE "{\"id\":\"s\",\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"d.t\"]}}\n"

START_TEST(a_chunk_waits_for_what_the_server_had_executed)
{
    static const char *const rows[] = {"1", "a", "11", "b"}, *const high[] = {UUID ":1-5"};
    script_marks(high);
    script_table("t", rows, NULL, 2);
    write_signals(EXECUTE);
    start_at(AT(GTIDS("1-4")));
    ck_assert_str_eq(poll_all(), "(none) @200:0/0\n"); /* the offset alone */
    ck_assert_uint_eq(db_script_count_of("WAIT_FOR_EXECUTED_GTID_SET('" UUID ":1-4', 1)"), 1);
    add_transaction(UUID ":5", 10);
    const char *all = poll_all();
    ck_assert_msg(strstr(all, "t c 10"), "%s", all);
    ck_assert_msg(strstr(all, "t r 1 "), "%s", all);
    ck_assert_msg(!strstr(all, "t r 11 "), "%s", all);
    ck_assert_msg(strstr(all, "t r 1 ") > strstr(all, "u c 12"), "%s", all);
    ck_assert_uint_eq(db_script_count_of("INSERT"), 0);
}
END_TEST

START_TEST(a_chunk_is_given_out_at_once_where_nothing_is_to_come)
{
    static const char *const rows[] = {"1", "a"}, *const high[] = {UUID ":1-4"};
    script_marks(high);
    script_table("t", rows, NULL, 1);
    write_signals(EXECUTE);
    start_at(AT(GTIDS("1-4")));
    const char *all = poll_all();
    ck_assert_msg(strstr(all, "t r 1 "), "%s", all);
}
END_TEST

START_TEST(what_the_server_does_not_show_yet_is_read_later)
{
    static const char *const rows[] = {"1", "a"}, *const high[] = {UUID ":1-4"}, *const late[] = {"1"};
    db_script_add(&(struct db_script_rule){.match = "WAIT_FOR_EXECUTED_GTID_SET", .columns = one_column, .rows = late, .row_count = 1});
    script_marks(high);
    script_table("t", rows, NULL, 1);
    write_signals(EXECUTE);
    start_at(AT(GTIDS("1-4")));
    const char *all = poll_all();
    ck_assert_msg(!strstr(all, "t r"), "%s", all);
    ck_assert_uint_eq(db_script_count_of("`d`.`t`"), 0);
}
END_TEST

/* MariaDB's chunks are read in a view. One without the table's structure of now is of no use, but the next has it. */
START_TEST(a_structure_that_changes_behind_the_view_gives_up_no_table)
{
    static const char *const rows[] = {"1", "a"}, *const high[] = {UUID ":1-4"};
    script_marks(high);
    db_script_add(&(struct db_script_rule){.match = "FROM `d`.`t`", .times = 1, .fails = 1412, .sqlstate = "HY000",
                                           .message = "Table definition has changed, please retry transaction"});
    script_table("t", rows, NULL, 1);
    write_signals(EXECUTE);
    start_at(AT(GTIDS("1-4")));
    clock_freeze_ms(1000000);
    poll_all();
    ck_assert_uint_eq(db_script_count_of("`d`.`t`"), 1);
    clock_freeze_ms(1010000);
    const char *all = poll_all();
    ck_assert_msg(strstr(all, "t r 1 "), "%s", all);
    ck_assert_uint_eq(db_script_connects(), 2);
    clock_freeze_ms(-1);
}
END_TEST

/* Part of a transaction is with the consumers already, and the server may not show it yet. */
START_TEST(no_chunk_is_read_inside_of_a_transaction)
{
    static const char *const rows[] = {"1", "a"}, *const high[] = {UUID ":1-4"};
    script_marks(high);
    script_table("t", rows, NULL, 1);
    write_signals(EXECUTE);
    start_at(AT(GTIDS("1-4") ",\"event\":2,\"row\":1"));
    ck_assert_str_eq(poll_all(), "");
    ck_assert_uint_eq(db_script_count_of("`d`.`t`"), 0);
}
END_TEST

START_TEST(without_gtids_or_a_table_no_snapshot_begins)
{
    config_set(&cfg, "read.only", _i ? "true" : "false");
    write_signals(EXECUTE);
    start_at(AT(""));
    poll_all();
    ck_assert_uint_eq(db_script_count_of("`d`.`t`"), 0);
}
END_TEST

START_TEST(the_table_is_no_channel_unless_it_is_enabled)
{
    static const char *const rows[] = {"1", "a"};
    script_table("t", rows, NULL, 1);
    start_snapshot("{\"data-collections\":[\"d.t\"]}");
    ck_assert_uint_eq(db_script_count_of("`d`.`t`"), 0);
}
END_TEST

/* A start while it runs takes it again: its place is in front of the signal until the end. */
START_TEST(a_blocking_snapshot_of_a_channel_has_two_places)
{
    struct cdc_snapshot_task wanted;
    write_signals("{\"id\":\"s\",\"type\":\"execute-snapshot\",\"data\":{\"data-collections\":[\"d.t\"],\"type\":\"blocking\"}}\n");
    start_at(AT(GTIDS("1-4")));
    ck_assert_int_eq(poll_once(), POLL_IDLE);
    ck_assert(cdc_streaming_wants_snapshot(streaming, &wanted));
    ck_assert_uint_eq(wanted.table_count, 1);
    ck_assert_uint_eq(wanted.at_offset->pos, 200);
    ck_assert_uint_eq(wanted.at_offset->row, 0);
    ck_assert_str_eq(poll_all(), "(none) @200:0/0\n"); /* when it is over */
}
END_TEST

/* ---- the signal topic ------------------------------------------------------------------------------------------------- */

static struct kafka_mock mock;

static void
set_topic(void)
{
    setup();
    kafka_mock_start(&mock);
    kafka_mock_topic(&mock, "sig", 1);
    config_set(&cfg, "signal.enabled.channels", "kafka");
    config_set(&cfg, "signal.kafka.topic", "sig");
    config_set(&cfg, "signal.kafka.bootstrap.servers", config_get(&mock.settings, "bootstrap.servers"));
    config_set(&cfg, "signal.poll.interval.ms", "1");
    config_set(&cfg, "signal.consumer.fetch.wait.max.ms", "10");
}

static void
unset_topic(void)
{
    teardown();
    kafka_mock_stop(&mock);
}

/* Up to ten seconds, until a record has it; with rows: there is one for each poll. */
static bool
offset_comes(const char *part, bool with_rows)
{
    bool is_there = false;
    for (int i = 0; i < 100 && !is_there; i++) {
        if (with_rows)
            insert_row("t", i);
        if (poll_once() == POLL_RECORDS) {
            char *offset = offset_of(batch.count - 1);
            is_there = strstr(offset, part) != NULL;
            free(offset);
        }
        usleep(is_there ? 0 : 100000);
    }
    return is_there;
}

/* Without a place of its own a start would begin where the group is, which the other connector may share. */
START_TEST(the_first_place_is_told_also_when_the_signals_are_for_others)
{
    kafka_mock_write(&mock, "sig", "other", EXECUTE);
    start_at(AT(""));
    ck_assert(offset_comes("\"signal_kafka_offset\":1", false));
    ck_assert_str_eq(poll_all(), "");
}
END_TEST

START_TEST(later_places_come_with_other_records)
{
    kafka_mock_write(&mock, "sig", "other", EXECUTE);
    start_at(AT(",\"signal_kafka_topic\":\"sig\",\"signal_kafka_offset\":0"));
    ck_assert(offset_comes("\"signal_kafka_offset\":1", true));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/streaming");
    TCase *tc = tcase_create("transactions");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_statement_of_rows_fails_the_task_where_they_are_of_a_captured_table, 0, sizeof(dml_texts) / sizeof(*dml_texts));
    tcase_add_loop_test(tc, what_is_lost_may_be_passed_over, 0, 3);
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
    tcase_add_test(tc, the_last_row_of_a_chunk_has_the_chunk_behind_it);
    tcase_add_test(tc, a_stop_of_the_table_at_hand_goes_on_with_the_next);
    tcase_add_test(tc, a_table_without_key_loses_only_the_rows_that_were_changed);
    tcase_add_test(tc, rows_whose_surrogate_key_is_null_are_read);
    tcase_add_test(tc, all_rows_of_the_last_place_belong_to_the_chunk);
    tcase_add_test(tc, rows_that_go_while_their_place_is_completed_end_no_table);
    tcase_add_test(tc, the_key_decides_among_rows_of_one_surrogate_key);
    tcase_add_test(tc, a_float_orders_by_all_of_its_digits);
    tcase_add_test(tc, a_chunk_whose_connection_is_lost_is_read_again);
    tcase_add_test(tc, a_paused_snapshot_stays_so_after_a_start);
    tcase_add_test(tc, a_masked_column_orders_no_table);
    tcase_add_test(tc, the_record_of_a_signal_has_the_snapshot_in_its_offset);
    tcase_add_test(tc, keys_may_have_any_bytes);
    tcase_add_test(tc, an_unfinished_snapshot_waits_for_its_signal_table);
    tcase_add_test(tc, a_place_of_another_key_is_forgotten);
    suite_add_tcase(suite, tc);
    tc = tcase_create("channels");
    tcase_add_checked_fixture(tc, set_file, unset_file);
    tcase_add_test(tc, a_chunk_waits_for_what_the_server_had_executed);
    tcase_add_test(tc, a_chunk_is_given_out_at_once_where_nothing_is_to_come);
    tcase_add_test(tc, what_the_server_does_not_show_yet_is_read_later);
    tcase_add_test(tc, a_structure_that_changes_behind_the_view_gives_up_no_table);
    tcase_add_test(tc, no_chunk_is_read_inside_of_a_transaction);
    tcase_add_loop_test(tc, without_gtids_or_a_table_no_snapshot_begins, 0, 2);
    tcase_add_test(tc, the_table_is_no_channel_unless_it_is_enabled);
    tcase_add_test(tc, a_blocking_snapshot_of_a_channel_has_two_places);
    suite_add_tcase(suite, tc);
    tc = tcase_create("topic");
    tcase_add_checked_fixture(tc, set_topic, unset_topic);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, the_first_place_is_told_also_when_the_signals_are_for_others);
    tcase_add_test(tc, later_places_come_with_other_records);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
