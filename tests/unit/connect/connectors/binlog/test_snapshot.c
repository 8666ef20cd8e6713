/* Tests of connect/connectors/binlog/snapshot.c, snapshot_begin.c, context.c and server.c against a scripted server. */
#include "connect/connectors/binlog/server.h"
#include "connect/connectors/binlog/snapshot_priv.h"
#include "tests/fakes/db_script.h"
#include "tests/fakes/kafka_mock.h"
#include "tests/fakes/thread_limit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* There is no stream here. */
void
binlog_stream_close_async(struct binlog_stream *stream)
{
    (void)stream;
}

#define TEXT_COLUMN(label) {.name = label, .table = "", .org_name = "", .org_table = "", .database = "", .type = DB_VARCHAR}

static const struct db_column one[] = {TEXT_COLUMN("id"), {0}}, two[] = {TEXT_COLUMN("a"), TEXT_COLUMN("b"), {0}},
                              five[] = {TEXT_COLUMN("a"), TEXT_COLUMN("b"), TEXT_COLUMN("c"), TEXT_COLUMN("d"), TEXT_COLUMN("e"), {0}},
                              six[] = {TEXT_COLUMN("a"), TEXT_COLUMN("b"), TEXT_COLUMN("c"), TEXT_COLUMN("d"), TEXT_COLUMN("e"), TEXT_COLUMN("f"), {0}};

static const struct source_task_context runtime = {.connector = "test"};

static struct kafka_mock mock;
static struct config cfg;
static struct cdc_context ctx;
static struct cdc_snapshot *snapshot;
static struct record_batch batch;
static struct error err;
static bool is_over;

static void
answer(const char *match, const struct db_column *columns, const char *const *rows, size_t count)
{
    db_script_add(&(struct db_script_rule){.match = match, .columns = columns, .rows = rows, .row_count = count});
}

static void
fail_on(const char *match, unsigned times, unsigned number, const char *message)
{
    db_script_add(&(struct db_script_rule){.match = match, .times = times, .fails = number, .message = message});
}

static void
setup(void)
{
    static const char *const base[][2] = {{"topic.prefix", "p"}, {"database.hostname", "h"}, {"database.user", "u"}, {"database.server.id", "1"},
                                          {"database.include.list", "db"}, {"schema.history.internal.kafka.topic", "hist"}};
    kafka_mock_start(&mock);
    kafka_mock_topic(&mock, "hist", 1);
    db_script_reset();
    cfg = CONFIG_INIT;
    for (size_t i = 0; i < sizeof(base) / sizeof(*base); i++)
        config_set(&cfg, base[i][0], base[i][1]);
    config_set(&cfg, "schema.history.internal.kafka.bootstrap.servers", config_get(&mock.settings, "bootstrap.servers"));
    ctx = (struct cdc_context){0};
    batch = RECORD_BATCH_INIT;
    err = ERROR_INIT;
    snapshot = NULL;
    is_over = false;
}

static void
teardown(void)
{
    cdc_snapshot_free(snapshot);
    record_batch_fini(&batch);
    cdc_context_fini(&ctx);
    config_fini(&cfg);
    kafka_mock_stop(&mock);
    ck_assert_uint_eq(db_script_open(), 0);
}

static void
init_context(void)
{
    ck_assert_msg(cdc_context_init(&ctx, &runtime, &cfg, "mysql", &err), "%s", err.message);
}

/* What every snapshot of db.t, two rows, asks for. */
static void
script_table(void)
{
    static const char *const position[] = {"b.000001", "400", "", "", "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:1-5"}, *const on[] = {"ON"},
                     *const now[] = {"1700000000000000"}, *const names[] = {"db", "t"}, *const charset[] = {"utf8mb4", "utf8mb4_bin"},
                     *const create[] = {"t", "CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`))"}, *const rows[] = {"1", "2"};
    answer("SHOW BINARY LOG STATUS", five, position, 1);
    answer("gtid_mode", one, on, 1);
    answer("UNIX_TIMESTAMP", one, now, 1);
    answer("FROM information_schema.TABLES", two, names, 1);
    answer("SHOW VARIABLES", two, NULL, 0);
    answer("information_schema.SCHEMATA", two, charset, 1);
    answer("SHOW CREATE TABLE", two, create, 1);
    answer("SELECT `id`", one, rows, 2);
}

static void
start(const struct cdc_snapshot_task *task)
{
    if (!ctx.history)
        init_context();
    snapshot = cdc_snapshot_new(&ctx, task);
}

static enum poll_result
poll_once(void)
{
    record_batch_reset(&batch);
    cdc_context_renew(&ctx);
    return cdc_snapshot_poll(snapshot, &batch, &is_over, &err);
}

/* Place of a statement in what the server was asked; fails the test if it was not. */
static size_t
place_of(const char *match)
{
    for (size_t i = 0; i < db_script_count(); i++)
        if (strstr(db_script_sql(i), match))
            return i;
    ck_abort_msg("no statement has '%s'", match);
    return 0;
}

static const struct cdc_snapshot_task whole = {.with_schema = true, .with_data = true};

static const char *const locking_modes[] = {"minimal", "extended", "none", "minimal_percona"};

START_TEST(the_position_is_read_before_the_view_of_the_rows_begins)
{
    script_table();
    config_set(&cfg, "snapshot.locking.mode", locking_modes[_i]);
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert(is_over);
    ck_assert_uint_lt(place_of("SHOW BINARY LOG STATUS"), place_of("CONSISTENT SNAPSHOT"));
    ck_assert_uint_lt(place_of("CONSISTENT SNAPSHOT"), place_of("SELECT `id`"));
}
END_TEST

/* In front of the position, but not in the engine yet. */
static const char *const weak_modes[] = {"none", "minimal_percona"};

START_TEST(without_gtids_commits_that_are_under_way_are_waited_for)
{
    static const char *const off[] = {"OFF"}, *const yes[] = {"YES"}, *const first[] = {"1-7-9", "2-8-9"}, *const then[] = {"2-8-9", "3-1-9"},
                     *const later[] = {"3-1-9", "2-9-9"};
    answer("gtid_mode", one, off, 1);
    answer("setup_instruments", one, yes, 1);
    db_script_add(&(struct db_script_rule){.match = "metadata_locks", .times = 1, .columns = one, .rows = first, .row_count = 2});
    db_script_add(&(struct db_script_rule){.match = "metadata_locks", .times = 2, .columns = one, .rows = then, .row_count = 2});
    answer("metadata_locks", one, later, 2);
    answer("binlog_snapshot_", two, NULL, 0);
    script_table();
    config_set(&cfg, "snapshot.locking.mode", weak_modes[_i]);
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert_uint_eq(db_script_count_of("metadata_locks"), 4);
    ck_assert_uint_lt(place_of("SHOW BINARY LOG STATUS"), place_of("metadata_locks"));
    ck_assert_uint_lt(place_of("metadata_locks"), place_of("CONSISTENT SNAPSHOT"));
    ck_assert_str_eq(snapshot->position.file, "b.000001");
}
END_TEST

/* As a backup under FLUSH TABLES WITH READ LOCK does for long. */
START_TEST(who_holds_commits_back_is_not_waited_for)
{
    static const char *const off[] = {"OFF"}, *const yes[] = {"YES"}, *const shared[] = {"1-7-9"};
    answer("gtid_mode", one, off, 1);
    answer("setup_instruments", one, yes, 1);
    answer("LOCK_TYPE = 'INTENTION_EXCLUSIVE'", one, NULL, 0);
    answer("metadata_locks", one, shared, 1);
    answer("binlog_snapshot_", two, NULL, 0);
    script_table();
    config_set(&cfg, "snapshot.locking.mode", "none");
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert_uint_eq(db_script_count_of("metadata_locks"), 1);
}
END_TEST

/* Either the GTIDs are of what the engine has, or nobody commits. */
START_TEST(where_nothing_can_be_missed_nothing_is_waited_for)
{
    script_table();
    config_set(&cfg, "snapshot.locking.mode", locking_modes[_i]);
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert_uint_eq(db_script_count_of("metadata_locks"), 0);
    ck_assert_uint_eq(db_script_count_of("binlog_snapshot_"), 0);
}
END_TEST

START_TEST(commits_that_cannot_be_seen_are_no_reason_to_fail)
{
    static const char *const off[] = {"OFF"};
    answer("gtid_mode", one, off, 1);
    fail_on("setup_instruments", 0, 1142, "SELECT command denied");
    answer("binlog_snapshot_", two, NULL, 0);
    script_table();
    config_set(&cfg, "snapshot.locking.mode", "none");
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
}
END_TEST

/* MariaDB writes its log first, too, but knows where a view stands. */
START_TEST(a_server_that_knows_the_position_of_a_view_is_asked_for_it)
{
    static const char *const status[] = {"Binlog_snapshot_file", "m.000002", "Binlog_snapshot_position", "777"}, *const position[] = {"m.000002", "900"},
                     *const late[] = {"0-1-9"}, *const exact[] = {"0-1-8"};
    db_script_version("10.11.6-MariaDB");
    answer("binlog_snapshot_", two, status, 2);
    answer("SHOW MASTER STATUS", two, position, 1);
    answer("gtid_binlog_pos", one, late, 1);
    answer("BINLOG_GTID_POS('m.000002', 777)", one, exact, 1);
    script_table();
    config_set(&cfg, "snapshot.locking.mode", "none");
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert_str_eq(snapshot->position.file, "m.000002");
    ck_assert_uint_eq(snapshot->position.pos, 777);
    ck_assert_str_eq(snapshot->position.gtids, "0-1-8");
    ck_assert_uint_lt(place_of("CONSISTENT SNAPSHOT"), place_of("binlog_snapshot_"));
}
END_TEST

START_TEST(tables_are_listed_behind_the_lock)
{
    script_table();
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert_uint_lt(place_of("FLUSH TABLES WITH READ LOCK"), place_of("information_schema.TABLES"));
    ck_assert_uint_lt(place_of("information_schema.TABLES"), place_of("UNLOCK TABLES"));
}
END_TEST

START_TEST(tables_come_in_the_order_of_the_include_list)
{
    static const char *const names[] = {"db", "a", "db", "b", "db", "t", "db", "t2", "db", "x"};
    answer("FROM information_schema.TABLES", two, names, 5);
    script_table();
    config_set(&cfg, "table.include.list", "db.T.*,db.a,db.B");
    config_set(&cfg, "snapshot.locking.mode", "none");
    config_set(&cfg, "schema.history.internal.store.only.captured.tables.ddl", "true");
    start(&(struct cdc_snapshot_task){.with_schema = true});
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    static const char *const wanted[] = {"t", "t2", "a", "b"};
    ck_assert_uint_eq(snapshot->table_count, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(snapshot->tables[i].slot->table, wanted[i]);
}
END_TEST

START_TEST(a_table_that_is_made_before_the_locks_of_single_tables_is_among_them)
{
    static const char *const before[] = {"db", "t"}, *const after[] = {"db", "t", "db", "u"},
                     *const create[] = {"u", "CREATE TABLE `u` (`id` int NOT NULL)"};
    fail_on("FLUSH TABLES WITH READ LOCK", 0, 1227, "Access denied; you need RELOAD");
    db_script_add(&(struct db_script_rule){.match = "FROM information_schema.TABLES", .times = 1, .columns = two, .rows = before, .row_count = 1});
    answer("FROM information_schema.TABLES", two, after, 2);
    answer("SHOW CREATE TABLE `db`.`u`", two, create, 1);
    script_table();
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert_uint_eq(db_script_count_of("FLUSH TABLES `db`.`t` WITH READ LOCK"), 1);
    ck_assert_uint_eq(db_script_count_of("FLUSH TABLES `db`.`t`,`db`.`u` WITH READ LOCK"), 1);
    ck_assert_uint_lt(place_of("UNLOCK TABLES"), place_of("`db`.`u` WITH READ LOCK"));
    ck_assert_uint_eq(db_script_count_of("CONSISTENT SNAPSHOT"), 0); /* it would end the locks */
}
END_TEST

/* Behind the locks of single tables the server shows the structure of no other table to that session. */
START_TEST(with_locks_of_single_tables_the_structure_is_read_by_a_session_without)
{
    static const char *const names[] = {"db", "t", "other", "u"}, *const create[] = {"u", "CREATE TABLE `u` (`id` int NOT NULL)"};
    fail_on("FLUSH TABLES WITH READ LOCK", 0, 1227, "Access denied; you need RELOAD");
    answer("FROM information_schema.TABLES", two, names, 2);
    answer("SHOW CREATE TABLE `other`.`u`", two, create, 1);
    script_table();
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    size_t locked = place_of("FLUSH TABLES `db`.`t` WITH READ LOCK"), shown = place_of("SHOW CREATE TABLE `other`.`u`");
    ck_assert_uint_lt(locked, shown);
    ck_assert_uint_ne(db_script_session(shown), db_script_session(locked));
    ck_assert_uint_lt(shown, place_of("UNLOCK TABLES"));
    ck_assert_uint_eq(db_script_session(place_of("UNLOCK TABLES")), db_script_session(locked));
}
END_TEST

static const unsigned gone_numbers[] = {1146, 1049};

START_TEST(a_table_that_is_dropped_while_the_snapshot_begins_is_left_out)
{
    static const char *const names[] = {"db", "a", "db", "t", "db", "z"};
    answer("FROM information_schema.TABLES", two, names, 3);
    fail_on("SHOW CREATE TABLE `db`.`a`", 0, gone_numbers[_i], "it does not exist");
    fail_on("SHOW CREATE TABLE `db`.`z`", 0, gone_numbers[_i], "it does not exist");
    script_table();
    config_set(&cfg, "snapshot.locking.mode", "none");
    start(&whole);
    while (!is_over)
        ck_assert_msg(poll_once() != POLL_FAILED, "%s", err.message);
    ck_assert_uint_eq(snapshot->table_count, 1);
    ck_assert_str_eq(snapshot->tables[0].slot->table, "t");
    ck_assert_uint_eq(db_script_count_of("SELECT `id`"), 1);
}
END_TEST

static const char *const lock_words[] = {"FLUSH TABLES WITH READ LOCK", "FLUSH TABLES `db`.`t` WITH READ LOCK"};

START_TEST(a_lock_that_is_not_granted_ends_the_task_and_names_who_is_in_the_way)
{
    static const char *const list[] = {
        "7",  "u", "h:1", NULL, "Query", "900", "11", "app", "web:5", "db", "Sleep", "800", "12", "report", "bi:9", "db", "Query", "340",
        "13", "x", "y:1", NULL, "Daemon", "9999", "14", "app", "web:6", "db", "Query", "2",
    };
    if (_i > 0)
        fail_on("FLUSH TABLES WITH READ LOCK", 0, 1227, "Access denied; you need RELOAD");
    fail_on(lock_words[_i], 0, 1205, "Lock wait timeout exceeded");
    answer("SHOW PROCESSLIST", six, list, 5);
    script_table();
    config_set(&cfg, "snapshot.lock.timeout.ms", "1500");
    start(&whole);
    ck_assert_int_eq(poll_once(), POLL_FAILED);
    ck_assert(!err.retriable);
    ck_assert_msg(strstr(err.message, "12 (report@bi:9) for 340 s, Query, 14 (app@web:6) for 2 s, Query, 11 (app@web:5) for 800 s, Sleep"), "%s",
                  err.message);
    ck_assert_ptr_nonnull(strstr(err.message, "snapshot.lock.timeout.ms (1500)"));
    ck_assert_uint_eq(db_script_count_of("lock_wait_timeout = 2,"), 1);
}
END_TEST

START_TEST(a_paused_snapshot_lets_go_of_its_locks_and_begins_again)
{
    script_table();
    config_set(&cfg, "snapshot.locking.mode", "extended");
    config_set(&cfg, "max.batch.size", "1");
    start(&whole);
    while (db_script_count_of("SELECT `id`") == 0)
        ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    cdc_snapshot_pause(snapshot);
    ck_assert_uint_eq(db_script_open(), 0);
    while (!is_over)
        ck_assert_msg(poll_once() != POLL_FAILED, "%s", err.message);
    ck_assert_uint_eq(db_script_count_of("FLUSH TABLES WITH READ LOCK"), 2);
    ck_assert_uint_eq(db_script_count_of("SELECT `id`"), 2);
}
END_TEST

START_TEST(without_locks_a_paused_snapshot_keeps_its_view)
{
    script_table();
    config_set(&cfg, "max.batch.size", "1");
    start(&whole);
    while (db_script_count_of("SELECT `id`") == 0)
        ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    cdc_snapshot_pause(snapshot);
    ck_assert_uint_eq(db_script_open(), 1);
    while (!is_over)
        ck_assert_msg(poll_once() != POLL_FAILED, "%s", err.message);
    ck_assert_uint_eq(db_script_count_of("SELECT `id`"), 1);
}
END_TEST

static char *
offset_text(const struct record *record)
{
    struct strbuf text = STRBUF_INIT;
    record->source_partition->write(record->source_partition, &record->source_offset, &text);
    return strbuf_take(&text);
}

START_TEST(a_position_that_stays_keeps_all_its_members_in_every_record)
{
    struct cdc_offset stored;
    ck_assert(cdc_offset_parse("{\"file\":\"b.000007\",\"pos\":1000,\"event\":3,\"row\":2}", &stored, &err));
    script_table();
    start(&(struct cdc_snapshot_task){.with_schema = true, .resume = &stored});
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert_uint_gt(batch.count, 3);
    for (size_t i = 0; i < batch.count; i++) {
        char *text = offset_text(&batch.records[i]);
        ck_assert_str_eq(text, "{\"file\":\"b.000007\",\"pos\":1000,\"row\":2,\"event\":3}");
        free(text);
    }
    cdc_offset_fini(&stored);
}
END_TEST

START_TEST(a_snapshot_of_its_own_position_is_marked_until_the_last_record)
{
    script_table();
    start(&whole);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    char *first = offset_text(&batch.records[0]), *last = offset_text(&batch.records[batch.count - 1]);
    ck_assert_msg(strstr(first, "\"snapshot\":\"INITIAL\"") && strstr(first, "\"ts_sec\":1700000000"), "%s", first);
    ck_assert_msg(!strstr(last, "snapshot") && strstr(last, "\"ts_sec\":1700000000"), "%s", last);
    free(first);
    free(last);
}
END_TEST

START_TEST(a_blocking_snapshot_whose_connection_is_lost_is_taken_again_at_its_place)
{
    static const char *const first[] = {"1"};
    static const char sql[] = "CREATE TABLE t (id INT PRIMARY KEY)";
    struct cdc_changes changes = CDC_CHANGES_INIT;
    struct cdc_offset at;
    ck_assert(cdc_offset_parse("{\"file\":\"b.000007\",\"pos\":1000,\"event\":3,\"row\":2}", &at, &err));
    init_context();
    ck_assert(cdc_ddl_apply(ctx.tables, "db", sql, strlen(sql), false, &changes, &err));
    cdc_changes_fini(&changes);
    db_script_add(&(struct db_script_rule){.match = "SELECT `id`", .times = 1, .columns = one, .rows = first, .row_count = 1, .fails = 2013});
    script_table();
    const struct cdc_snapshot_table table = {.slot = cdc_context_slot(&ctx, "db", "t"), .condition = "id < 10"};
    const struct cdc_source source = {.gtid = "u:1", .file = "b.000007", .pos = 1200, .server_id = 9};
    start(&(struct cdc_snapshot_task){.with_data = true, .tables = &table, .table_count = 1, .at = &source, .at_offset = &at});
    ck_assert_int_eq(poll_once(), POLL_FAILED);
    ck_assert(err.retriable);
    cdc_snapshot_rewind(snapshot);
    ck_assert_uint_eq(db_script_open(), 0);
    ck_assert_msg(poll_once() == POLL_RECORDS, "%s", err.message);
    ck_assert(is_over);
    ck_assert_uint_eq(batch.count, 2);
    ck_assert_uint_eq(db_script_count_of("WHERE id < 10"), 2);
    char *text = offset_text(&batch.records[1]);
    ck_assert_str_eq(text, "{\"file\":\"b.000007\",\"pos\":1000,\"row\":2,\"event\":3}");
    free(text);
    cdc_offset_fini(&at);
}
END_TEST

/* ---- several tables at once -------------------------------------------------------------------------------------- */

/* db.t has rows, as have db.u and db.x, unless a rule in front says otherwise. */
static void
script_three_tables(void)
{
    static const char *const names[] = {"db", "t", "db", "u", "db", "x"}, *const u[] = {"u", "CREATE TABLE `u` (`id` int NOT NULL, PRIMARY KEY (`id`))"},
                     *const x[] = {"x", "CREATE TABLE `x` (`id` int NOT NULL, PRIMARY KEY (`id`))"};
    answer("FROM information_schema.TABLES", two, names, 3);
    answer("SHOW CREATE TABLE `db`.`u`", two, u, 1);
    answer("SHOW CREATE TABLE `db`.`x`", two, x, 1);
    script_table();
}

static bool
is_row(const struct record *record)
{
    return record->value_schema != ctx.change_value;
}

/* Rows by table in `counts`; the last record alone has the offset of the end. */
static void
read_all(size_t counts[3])
{
    char *last = NULL;
    while (!is_over) {
        ck_assert_msg(poll_once() != POLL_FAILED, "%s", err.message);
        for (size_t i = 0; i < batch.count; i++) {
            const struct record *record = &batch.records[i];
            if (is_row(record))
                counts[strstr(record->topic, ".t") ? 0 : strstr(record->topic, ".u") ? 1 : 2]++;
            ck_assert_msg(!last || strstr(last, "INITIAL"), "%s", last);
            free(last);
            last = offset_text(record);
        }
    }
    ck_assert_msg(last && !strstr(last, "INITIAL"), "%s", last);
    free(last);
}

static const char *const thread_counts[] = {"1", "2", "3", "9"};

START_TEST(tables_are_read_by_as_many_sessions_as_the_setting_says)
{
    static const size_t sessions[] = {1, 2, 3, 9};
    size_t counts[3] = {0};
    script_three_tables();
    config_set(&cfg, "snapshot.max.threads", thread_counts[_i]);
    config_set(&cfg, "max.batch.size", "1");
    start(&whole);
    read_all(counts);
    ck_assert(counts[0] == 2 && counts[1] == 2 && counts[2] == 2);
    ck_assert_uint_eq(db_script_connects(), sessions[_i]);
    ck_assert_uint_eq(db_script_count_of("CONSISTENT SNAPSHOT"), sessions[_i]);
    size_t last = 0;
    for (size_t i = 0; i < db_script_count(); i++)
        if (strstr(db_script_sql(i), "CONSISTENT SNAPSHOT"))
            last = i;
    ck_assert_uint_lt(last, place_of("UNLOCK TABLES"));
}
END_TEST

/* A table that waits for another's end has its statement open all the time, until the server closes it. */
START_TEST(tables_that_are_read_at_once_come_in_turns)
{
    enum { ROWS = 60000, SOME = 1000 };
    static const char *rows[ROWS];
    size_t counts[2] = {0};
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = "1234567";
    answer("FROM `db`.`t`", one, rows, ROWS);
    answer("FROM `db`.`u`", one, rows, ROWS);
    answer("FROM `db`.`x`", one, NULL, 0);
    script_three_tables();
    config_set(&cfg, "snapshot.max.threads", "2");
    start(&whole);
    while (counts[0] < ROWS - SOME && counts[1] < ROWS - SOME) { /* the last row of a session waits for the other's */
        ck_assert_msg(poll_once() != POLL_FAILED, "%s", err.message);
        for (size_t i = 0; i < batch.count; i++) {
            counts[strstr(batch.records[i].topic, ".u") != NULL] += is_row(&batch.records[i]);
            for (int work = 0; work < 4; work++) /* a task has more to do for a row than a reader */
                free(offset_text(&batch.records[i]));
        }
    }
    ck_assert_msg(counts[0] > SOME && counts[1] > SOME, "%zu %zu", counts[0], counts[1]);
}
END_TEST

START_TEST(a_session_that_is_lost_when_all_was_read_loses_nothing)
{
    script_table();
    fail_on("COMMIT", 0, 2013, "Lost connection to server during query");
    start(&whole);
    while (!is_over)
        ck_assert_msg(poll_once() != POLL_FAILED, "%s", err.message);
    ck_assert(batch.count > 0);
}
END_TEST

START_TEST(the_last_row_is_known_whatever_tables_without_rows_come_behind)
{
    size_t counts[3] = {0};
    answer("FROM `db`.`u`", one, NULL, 0);
    answer("FROM `db`.`x`", one, NULL, 0);
    script_three_tables();
    config_set(&cfg, "snapshot.max.threads", thread_counts[_i]);
    config_set(&cfg, "max.batch.size", "1");
    start(&whole);
    read_all(counts);
    ck_assert(counts[0] == 2 && counts[1] == 0 && counts[2] == 0);
}
END_TEST

START_TEST(without_any_row_the_last_record_is_one_of_the_structure)
{
    size_t counts[3] = {0};
    answer("SELECT `id`", one, NULL, 0);
    script_three_tables();
    config_set(&cfg, "snapshot.max.threads", thread_counts[_i]);
    config_set(&cfg, "max.batch.size", "1");
    start(&whole);
    read_all(counts);
    ck_assert(counts[0] == 0 && counts[1] == 0 && counts[2] == 0);
}
END_TEST

START_TEST(a_table_that_cannot_be_read_is_named)
{
    fail_on("FROM `db`.`u`", 0, 1142, "SELECT command denied");
    script_three_tables();
    config_set(&cfg, "snapshot.max.threads", thread_counts[_i]);
    start(&whole);
    enum poll_result result;
    while ((result = poll_once()) != POLL_FAILED && !is_over)
        ;
    ck_assert_int_eq(result, POLL_FAILED);
    ck_assert_msg(strstr(err.message, "table db.u") && strstr(err.message, "SELECT command denied"), "%s", err.message);
}
END_TEST

/* A blocking one, of the rows of db.t twice, through two sessions. */
static void
start_two_at_once(void)
{
    static const char sql[] = "CREATE TABLE t (id INT PRIMARY KEY)";
    struct cdc_changes changes = CDC_CHANGES_INIT;
    struct cdc_offset at;
    script_table();
    config_set(&cfg, "snapshot.max.threads", "2");
    init_context();
    ck_assert(cdc_ddl_apply(ctx.tables, "db", sql, strlen(sql), false, &changes, &err));
    cdc_changes_fini(&changes);
    const struct cdc_snapshot_table tables[] = {{cdc_context_slot(&ctx, "db", "t"), NULL}, {cdc_context_slot(&ctx, "db", "t"), "id > 1"}};
    const struct cdc_source source = {.gtid = "u:1", .file = "b.000007", .pos = 1200, .server_id = 9};
    ck_assert(cdc_offset_parse("{\"file\":\"b.000007\",\"pos\":1000}", &at, &err));
    start(&(struct cdc_snapshot_task){.with_data = true, .tables = tables, .table_count = 2, .at = &source, .at_offset = &at});
    cdc_offset_fini(&at);
}

START_TEST(without_threads_the_snapshot_is_taken_again_later)
{
    start_two_at_once();
    thread_limit_set(true);
    enum poll_result result = poll_once();
    thread_limit_set(false);
    ck_assert_int_eq(result, POLL_FAILED);
    ck_assert(err.retriable);
    ck_assert_msg(strstr(err.message, "no thread"), "%s", err.message);
    cdc_snapshot_rewind(snapshot);
    ck_assert_uint_eq(db_script_open(), 0);
    while (!is_over)
        ck_assert_msg(poll_once() != POLL_FAILED, "%s", err.message);
}
END_TEST

START_TEST(a_snapshot_is_freed_while_its_sessions_wait_for_the_server)
{
    size_t i = 0;
    db_script_add(&(struct db_script_rule){.match = "SELECT `id`", .columns = one, .blocks = true});
    start_two_at_once();
    for (; i < 20 && db_script_count_of("SELECT `id`") < 2; i++)
        ck_assert_int_eq(poll_once(), POLL_IDLE);
    cdc_snapshot_free(snapshot);
    snapshot = NULL;
    ck_assert_uint_eq(db_script_count_of("SELECT `id`"), 2);
}
END_TEST

/* ---- the server ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *version, *mode, *gtids;
} servers[] = {
    {"9.0.0", "ON", "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:1-5"}, {"9.0.0", "OFF", NULL}, {"9.0.0", "OFF_PERMISSIVE", NULL},
    {"9.0.0", "ON_PERMISSIVE", NULL}, {"10.11.6-MariaDB", NULL, "0-1-4"},
};

START_TEST(a_position_has_gtids_only_where_all_that_is_logged_has_one)
{
    static const char *const row[] = {"b.000001", "400", "", "", "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa:1-5"}, *const maria[] = {"0-1-4"};
    const char *const mode[] = {servers[_i].mode};
    struct cdc_offset offset;
    db_script_version(servers[_i].version);
    answer("STATUS", five, row, 1);
    answer("gtid_mode", one, mode, 1);
    answer("gtid_binlog_pos", one, maria, 1);
    struct db *db = db_connect(&(struct db_params){.host = "h"}, &err);
    ck_assert_msg(cdc_server_position(db, &offset, &err), "%s", err.message);
    ck_assert_pstr_eq(offset.gtids, servers[_i].gtids);
    cdc_offset_fini(&offset);
    db_close(db);
}
END_TEST

/* ---- what the history does not keep ---------------------------------------------------------------------------- */

START_TEST(character_sets_that_the_history_does_not_know_are_those_of_the_server)
{
    static const char *const rows[] = {"db", "latin1", "other", "latin1"};
    static const char *const statements[] = {"CREATE DATABASE other CHARSET utf8mb4", "CREATE TABLE other.t (v VARCHAR(9))", "CREATE TABLE db.t (v VARCHAR(9))"};
    struct cdc_changes changes = CDC_CHANGES_INIT;
    answer("information_schema.SCHEMATA", two, rows, 2);
    init_context();
    cdc_tables_set_variable(ctx.tables, "character_set_server", "utf8mb3");
    ck_assert(cdc_ddl_apply(ctx.tables, "", statements[0], strlen(statements[0]), false, &changes, &err));
    struct db *db = db_connect(&(struct db_params){.host = "h"}, &err);
    ck_assert_msg(cdc_context_complete(&ctx, db, &err), "%s", err.message);
    db_close(db);
    for (size_t i = 1; i < 3; i++)
        ck_assert(cdc_ddl_apply(ctx.tables, "", statements[i], strlen(statements[i]), false, &changes, &err));
    ck_assert_str_eq(cdc_tables_get(ctx.tables, "db", "t")->columns[0].charset, "latin1");
    ck_assert_str_eq(cdc_tables_get(ctx.tables, "other", "t")->columns[0].charset, "utf8mb4");
    cdc_changes_fini(&changes);
}
END_TEST

/* ---- tables by name -------------------------------------------------------------------------------------------- */

START_TEST(tables_are_told_apart_whatever_is_in_their_names)
{
    init_context();
    struct cdc_slot *slot = cdc_context_slot(&ctx, "a.b", "c");
    ck_assert_ptr_ne(cdc_context_slot(&ctx, "a", "b.c"), slot);
    for (int i = 0; i < 5000; i++) {
        char name[16];
        snprintf(name, sizeof(name), "t%d", i);
        ck_assert_str_eq(cdc_context_slot(&ctx, "db", name)->table, name);
    }
    ck_assert_ptr_eq(cdc_context_slot(&ctx, "a.b", "c"), slot);
    ck_assert_uint_eq(ctx.slot_count, 5002);
    ck_assert_uint_gt(ctx.slot_index.size, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/connectors/binlog/snapshot");
    TCase *tcase = tcase_create("snapshot");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, the_position_is_read_before_the_view_of_the_rows_begins, 0, sizeof(locking_modes) / sizeof(*locking_modes));
    tcase_add_loop_test(tcase, without_gtids_commits_that_are_under_way_are_waited_for, 0, 2);
    tcase_add_test(tcase, who_holds_commits_back_is_not_waited_for);
    tcase_add_loop_test(tcase, where_nothing_can_be_missed_nothing_is_waited_for, 0, sizeof(locking_modes) / sizeof(*locking_modes));
    tcase_add_test(tcase, commits_that_cannot_be_seen_are_no_reason_to_fail);
    tcase_add_test(tcase, a_server_that_knows_the_position_of_a_view_is_asked_for_it);
    tcase_add_test(tcase, tables_are_listed_behind_the_lock);
    tcase_add_test(tcase, tables_come_in_the_order_of_the_include_list);
    tcase_add_test(tcase, a_table_that_is_made_before_the_locks_of_single_tables_is_among_them);
    tcase_add_test(tcase, with_locks_of_single_tables_the_structure_is_read_by_a_session_without);
    tcase_add_loop_test(tcase, a_table_that_is_dropped_while_the_snapshot_begins_is_left_out, 0, 2);
    tcase_add_loop_test(tcase, a_lock_that_is_not_granted_ends_the_task_and_names_who_is_in_the_way, 0, 2);
    tcase_add_test(tcase, a_paused_snapshot_lets_go_of_its_locks_and_begins_again);
    tcase_add_test(tcase, without_locks_a_paused_snapshot_keeps_its_view);
    tcase_add_test(tcase, a_position_that_stays_keeps_all_its_members_in_every_record);
    tcase_add_test(tcase, a_snapshot_of_its_own_position_is_marked_until_the_last_record);
    tcase_add_test(tcase, a_blocking_snapshot_whose_connection_is_lost_is_taken_again_at_its_place);
    tcase_add_loop_test(tcase, tables_are_read_by_as_many_sessions_as_the_setting_says, 0, 4);
    tcase_add_test(tcase, tables_that_are_read_at_once_come_in_turns);
    tcase_add_test(tcase, a_session_that_is_lost_when_all_was_read_loses_nothing);
    tcase_add_loop_test(tcase, the_last_row_is_known_whatever_tables_without_rows_come_behind, 0, 4);
    tcase_add_loop_test(tcase, without_any_row_the_last_record_is_one_of_the_structure, 0, 4);
    tcase_add_loop_test(tcase, a_table_that_cannot_be_read_is_named, 0, 4);
    tcase_add_test(tcase, without_threads_the_snapshot_is_taken_again_later);
    tcase_add_test(tcase, a_snapshot_is_freed_while_its_sessions_wait_for_the_server);
    tcase_add_loop_test(tcase, a_position_has_gtids_only_where_all_that_is_logged_has_one, 0, sizeof(servers) / sizeof(*servers));
    tcase_add_test(tcase, character_sets_that_the_history_does_not_know_are_those_of_the_server);
    tcase_add_test(tcase, tables_are_told_apart_whatever_is_in_their_names);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
