/* Writing batches. */
#include "connect/connectors/jdbc/sink_writer.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/jdbc/sink_error.h"
#include "connect/connectors/jdbc/sink_hint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

LOGGER("connect.jdbc.sink_writer");

enum {
    STATEMENT_BYTES = 512 * 1024, /* more makes statements no faster, but the first row later */
    IDLE_MS = 5000,               /* after so long a connection is tried before it is used */
    MANY_STATEMENTS = 500,        /* UPDATEs or DELETEs in one text */
    UNUSED_MAX = 4,               /* statement buffers kept for the next ones */
    PACKET_TOO_LARGE = 1153,
};

/* ---- failures ------------------------------------------------------------------------------------------------ */

/* Takes the error over. Returns false. */
static bool
fail(struct sink_writer *writer, enum sink_failure_kind kind, const struct error *err)
{
    writer->failure = (struct sink_failure){.kind = kind, .err = *err};
    return false;
}

/* From an error of common/db. Returns false. */
static bool
fail_sql(struct sink_writer *writer, const struct error *err, struct sink_sql_place place)
{
    struct sink_failure *failure = &writer->failure;
    *failure = (struct sink_failure){.kind = SINK_FAILED_SQL, .is_general = sink_error_is_general(err),
                                     .is_deadlock = err->cause == 1213 || err->cause == 1205, .err = *err};
    if (err->code == ERROR_UNCERTAIN)
        failure->kind = SINK_FAILED_COMMIT;
    place.redact = writer->config->trim_sensitive_log;
    sink_error_chain(&failure->err, place);
    return false;
}

/* Who is to blame, in the database's own words, and what can be done about it. */
static void
log_record(const struct sink_writer *writer, size_t index, const struct error *err, const char *hint)
{
    const struct record *record = &writer->batch->records[index];
    log_warn("record cannot be written: %s%s%s topic=%s partition=%d offset=%" PRId64,
             writer->config->trim_sensitive_log ? "" : err->message, *hint ? ", " : "", hint, record->original_topic,
             (int)record->original_partition, record->offset);
}

/* writer->failure is about this record alone: leave it out if that is tolerated. */
static bool
give_up(struct sink_writer *writer, size_t index)
{
    struct sink_failure *failure = &writer->failure;
    if (!writer->is_tolerant || failure->is_general)
        return false;
    const struct record *record = &writer->batch->records[index];
    struct error reason = failure->err, err = ERROR_INIT;
    if (!writer->ctx->report(writer->ctx, record, &reason, &err))
        return fail(writer, SINK_FAILED_REPORT, &err);
    writer->is_done[index] = 1;
    return true;
}

/* ---- running statements ---------------------------------------------------------------------------------------- */

static struct sink_statement *
statement_take(struct sink_writer *writer)
{
    struct sink_statement *statement = writer->unused;
    if (!statement)
        return xcalloc(1, sizeof(*statement));
    writer->unused = statement->next;
    writer->unused_count--;
    return statement;
}

static void
statement_give(struct sink_writer *writer, struct sink_statement *statement)
{
    if (writer->unused_count == UNUSED_MAX) { /* many tables in one batch: their buffers are not all kept */
        sink_statement_fini(statement);
        free(statement);
        return;
    }
    sink_statement_reset(statement);
    statement->next = writer->unused;
    writer->unused = statement;
    writer->unused_count++;
}

static bool
fits_packet(struct sink_writer *writer, size_t len, struct error *err)
{
    size_t limit = db_max_allowed_packet(writer->db);
    if (!limit || len + 16 < limit)
        return true;
    error_set(err, ERROR_DATA,
              "Packet for query is too large (%zu > %zu). You can change this value on the server by setting the "
              "'max_allowed_packet' variable.", len, limit);
    err->cause = PACKET_TOO_LARGE;
    memcpy(err->sqlstate, "S1000", 6);
    err->java_class = "com.mysql.cj.jdbc.exceptions.PacketTooBigException";
    return false;
}

static bool
find_hint(struct sink_writer *writer, const struct record *record, const struct error *err, struct strbuf *out)
{
    struct error unused = ERROR_INIT;
    struct sink_table *table = sink_tables_find(&writer->tables, writer->db, record->topic, &unused);
    const struct sink_plan *plan = table ? sink_table_plan(table, record->key_schema, record->value_schema) : NULL;
    return plan && sink_hint_row(table, plan, record, err, out);
}

/* The one record that a statement fails for. */
static bool
bad_row(struct sink_writer *writer, const struct sink_statement *statement, size_t row, const struct error *err)
{
    size_t index = statement->rows[row].record;
    struct strbuf hint = STRBUF_INIT;
    bool has_hint = find_hint(writer, &writer->batch->records[index], err, &hint);
    log_record(writer, index, err, has_hint ? hint.data : "");
    fail_sql(writer, err, (struct sink_sql_place){.is_batch = true, .rows = statement->count, .failed = row});
    if (has_hint)
        sink_hint_add(&writer->failure.err, hint.data);
    strbuf_fini(&hint);
    return give_up(writer, index);
}

static bool
try_rows(struct sink_writer *writer, const struct sink_statement *statement, size_t from, size_t to, size_t *done_out, struct error *err)
{
    sink_statement_slice(statement, from, to, &writer->slice);
    *done_out = 0;
    return fits_packet(writer, writer->slice.len, err) && db_send(writer->db, writer->slice.data, writer->slice.len, err) &&
           db_finish_many(writer->db, done_out, err);
}

/* Rows from..to failed together, behind `done` of them: find out which, and run the others. */
static bool
run_halves(struct sink_writer *writer, const struct sink_statement *statement, size_t from, size_t to, size_t done, struct error *err)
{
    bool is_many = statement->shape->separator == ';';
    for (;;) {
        if (sink_error_is_general(err))
            return fail_sql(writer, err, (struct sink_sql_place){.is_batch = true, .rows = statement->count, .failed = from});
        bool is_known = is_many && err->cause != PACKET_TOO_LARGE; /* the server ran them one by one */
        if (is_known || to - from == 1) {
            size_t row = from + (is_known && from + done < to ? done : 0);
            if (!bad_row(writer, statement, row, err))
                return false;
            from = row + 1;
        } else {
            size_t middle = from + (to - from) / 2, half_done;
            struct error half = ERROR_INIT;
            if (!try_rows(writer, statement, from, middle, &half_done, &half) &&
                !run_halves(writer, statement, from, middle, half_done, &half))
                return false;
            from = middle;
        }
        if (from >= to || try_rows(writer, statement, from, to, &done, err))
            return true;
    }
}

/* Wait for the statement that was sent. */
static bool
finish_in_flight(struct sink_writer *writer)
{
    struct sink_statement *statement = writer->in_flight;
    if (!statement)
        return true;
    struct error err = ERROR_INIT;
    size_t done = 0;
    bool is_fine = db_finish_many(writer->db, &done, &err);
    writer->in_flight = NULL;
    if (!is_fine)
        is_fine = run_halves(writer, statement, 0, statement->count, done, &err);
    statement_give(writer, statement);
    return is_fine;
}

/* Send the rows of a table that are there. They run while the next are collected. */
static bool
send_rows(struct sink_writer *writer, struct sink_table *table)
{
    struct sink_statement *statement = table->building;
    if (!statement || statement->count == 0)
        return true;
    if (!finish_in_flight(writer))
        return false;
    table->building = NULL;
    writer->is_dirty = true;
    strbuf_puts(&statement->text, statement->shape->tail);
    struct error err = ERROR_INIT;
    if (fits_packet(writer, statement->text.len, &err) && db_send(writer->db, statement->text.data, statement->text.len, &err)) {
        writer->in_flight = statement;
        statement->text.len -= strlen(statement->shape->tail);
        return true;
    }
    statement->text.len -= strlen(statement->shape->tail);
    bool is_fine = run_halves(writer, statement, 0, statement->count, 0, &err);
    statement_give(writer, statement);
    return is_fine;
}

static bool
send_all(struct sink_writer *writer)
{
    for (struct sink_table *table = writer->tables.first; table; table = table->next)
        if (!send_rows(writer, table))
            return false;
    return finish_in_flight(writer);
}

/* ---- transactions ----------------------------------------------------------------------------------------------- */

static bool
store_offsets(struct sink_writer *writer)
{
    struct error err = ERROR_INIT;
    if (!writer->offsets.sql || sink_offsets_store(&writer->offsets, writer->db, &err))
        return true;
    if (err.code == ERROR_CONFLICT)
        return fail(writer, SINK_FAILED_OWNER, &err);
    return fail_sql(writer, &err, (struct sink_sql_place){.is_batch = false});
}

/* Everything up to writer->applied becomes durable. */
static bool
commit(struct sink_writer *writer)
{
    if (!send_all(writer) || !store_offsets(writer))
        return false;
    struct error err = ERROR_INIT;
    if (!db_commit(writer->db, &err)) {
        writer->offsets.is_stale = true;
        return fail_sql(writer, &err, (struct sink_sql_place){.is_batch = false});
    }
    writer->is_dirty = false;
    sink_offsets_committed(&writer->offsets);
    for (size_t i = 0; i < writer->applied; i++)
        writer->is_done[i] = 1;
    return true;
}

static void
drop_statements(struct sink_writer *writer)
{
    for (struct sink_table *table = writer->tables.first; table; table = table->next) {
        if (table->building)
            statement_give(writer, table->building);
        table->building = NULL;
    }
    if (writer->in_flight)
        statement_give(writer, writer->in_flight);
    writer->in_flight = NULL;
}

/* After a failure: nothing of the transaction stays. Rows before a record whose report was refused do, as with Java. */
static void
roll_back(struct sink_writer *writer)
{
    struct error err = ERROR_INIT;
    bool keeps = writer->failure.kind == SINK_FAILED_REPORT && !writer->offsets.sql;
    if (writer->in_flight && !db_finish(writer->db, NULL, &err))
        log_debug("behind the failure: %s", err.message);
    drop_statements(writer);
    if (!(keeps ? db_commit(writer->db, &err) : db_rollback(writer->db, &err)))
        sink_writer_disconnect(writer);
    writer->is_dirty = false;
    sink_offsets_rolled_back(&writer->offsets);
}

/* ---- tables and plans ---------------------------------------------------------------------------------------------- */

/* On one line. */
static void
log_ddl(const char *sql)
{
    char *text = xstrdup(sql);
    for (char *c = text; *c; c++)
        if (*c == '\n')
            *c = ' ';
    log_info("%s", text);
    free(text);
}

static bool
run_ddl(struct sink_writer *writer, struct sink_table *table, const struct sink_plan *plan, enum sink_table_need need, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    bool is_text = sink_table_ddl(table, writer->config, &writer->format, &plan->fields, need, &sql, err);
    if (is_text)
        log_ddl(sql.data);
    else
        fail(writer, SINK_FAILED_RECORD, err);
    bool is_fine = is_text && db_exec(writer->db, sql.data, sql.len, NULL, err);
    if (is_text && !is_fine) {
        const char *hint = sink_hint_ddl(err);
        fail_sql(writer, err, (struct sink_sql_place){.is_batch = false});
        if (hint)
            sink_hint_add(&writer->failure.err, hint);
    }
    strbuf_fini(&sql);
    sink_table_forget(table);
    return is_fine;
}

/* Somebody else may have been faster: then the table is there now, or at least changed. */
static bool
is_worth_another_look(struct sink_writer *writer, const struct sink_table *table, const struct sink_plan *plan,
                      enum sink_table_need need, int *looks)
{
    if (writer->failure.kind != SINK_FAILED_SQL || writer->failure.is_general)
        return false;
    if (need == SINK_TABLE_CREATE)
        return writer->failure.err.cause == 1050; /* it exists */
    if ((*looks)++ < writer->config->max_retries && writer->failure.err.cause == 1060 /* column exists */)
        return true;
    struct strbuf missing = STRBUF_INIT;
    sink_table_describe_missing(table, &plan->fields, &missing);
    struct error err = writer->failure.err;
    error_cause(&err, "io.confluent.connect.jdbc.sink.TableAlterOrCreateException",
                "Failed to amend TABLE '%s' to add missing fields: %s", table->shown, missing.data);
    fail(writer, SINK_FAILED_TABLE, &err);
    strbuf_fini(&missing);
    return false;
}

/* Make the table fit. MySQL commits before it changes a table, so we do: then it is known what is done. */
static bool
prepare_table(struct sink_writer *writer, struct sink_table *table, const struct sink_plan *plan)
{
    for (int looks = 0;;) {
        struct error err = ERROR_INIT;
        enum sink_table_need need = sink_table_check(table, writer->config, writer->db, &plan->fields, &err);
        if (need == SINK_TABLE_FITS)
            return true;
        if (need == SINK_TABLE_REFUSED)
            return fail(writer, SINK_FAILED_TABLE, &err);
        if (need == SINK_TABLE_UNKNOWN)
            return fail_sql(writer, &err, (struct sink_sql_place){.is_batch = false});
        if (!send_all(writer) || (writer->is_dirty && !commit(writer)))
            return false;
        struct sink_table before = *table;
        before.columns = STRING_LIST_INIT;
        for (size_t i = 0; i < table->columns.count; i++)
            string_list_add(&before.columns, table->columns.items[i]);
        bool is_fine = run_ddl(writer, table, plan, need, &err) || is_worth_another_look(writer, &before, plan, need, &looks);
        string_list_fini(&before.columns);
        if (!is_fine)
            return false;
    }
}

static bool
check_engine(struct sink_writer *writer, const struct sink_table *table)
{
    if (table->is_transactional || !writer->offsets.sql)
        return true;
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_CONFIG, "exactly.once needs tables that can roll back, but the engine of %s cannot", table->shown);
    return fail(writer, SINK_FAILED_RECORD, &err);
}

static struct sink_plan *
make_plan(struct sink_writer *writer, struct sink_table *table, const struct record *record)
{
    struct error err = ERROR_INIT;
    struct sink_plan *plan = sink_plan_new(writer->config, table->name, table->sql, table->shown, record->key_schema,
                                           record->value_schema, &err);
    if (!plan) {
        fail(writer, SINK_FAILED_RECORD, &err);
        return NULL;
    }
    if (prepare_table(writer, table, plan) && check_engine(writer, table)) {
        sink_table_plan_add(table, plan);
        return plan;
    }
    sink_plan_free(plan);
    return NULL;
}

/* A refusal holds for all records of these schemas in this batch; asking again would only take time. */
static bool
was_refused(struct sink_writer *writer, const struct sink_table *table, const struct record *record)
{
    const struct sink_refusal *refusal = &writer->refusal;
    if (refusal->table != table || refusal->key_schema != record->key_schema || refusal->value_schema != record->value_schema)
        return false;
    writer->failure = refusal->failure;
    return true;
}

static struct sink_plan *
find_plan(struct sink_writer *writer, struct sink_table *table, const struct record *record)
{
    struct sink_plan *plan = table->plans;
    if (plan && plan->key_schema == record->key_schema && plan->value_schema == record->value_schema)
        return plan;
    plan = sink_table_plan(table, record->key_schema, record->value_schema);
    if (plan || was_refused(writer, table, record))
        return plan;
    if (!send_rows(writer, table)) /* as Java: rows of the earlier schema first */
        return NULL;
    plan = make_plan(writer, table, record);
    if (!plan)
        writer->refusal = (struct sink_refusal){table, record->key_schema, record->value_schema, writer->failure};
    return plan;
}

/* ---- records ----------------------------------------------------------------------------------------------------------- */

static bool
is_full(const struct sink_writer *writer, const struct sink_table *table, const struct sink_statement *statement)
{
    size_t rows = (size_t)writer->config->batch_size;
    if (statement->shape->separator == ';' && rows > MANY_STATEMENTS)
        rows = MANY_STATEMENTS;
    if (!table->is_transactional || !writer->is_strict)
        rows = 1; /* half a statement would stay when it fails; NULL in a column that takes none would become 0 or '' */
    return statement->count >= rows || statement->text.len >= writer->statement_bytes;
}

/* A record that never gets into a statement is reported behind the bad ones before it. */
static bool
give_up_in_order(struct sink_writer *writer, size_t index)
{
    struct sink_failure failure = writer->failure;
    if (writer->is_tolerant && !failure.is_general && !send_all(writer))
        return false;
    writer->failure = failure;
    return give_up(writer, index);
}

static bool
add_row(struct sink_writer *writer, struct sink_table *table, const struct sink_shape *shape, size_t index)
{
    if (table->building && !sink_statement_takes(table->building, shape) && !send_rows(writer, table))
        return false;
    if (!table->building)
        table->building = statement_take(writer);
    struct error err = ERROR_INIT;
    if (!sink_statement_add(table->building, shape, &writer->format, &writer->batch->records[index], index, &err)) {
        log_record(writer, index, &err, "");
        if (err.code != ERROR_DATA)
            return fail(writer, SINK_FAILED_RECORD, &err);
        fail_sql(writer, &err, (struct sink_sql_place){.is_batch = false});
        return give_up_in_order(writer, index);
    }
    return is_full(writer, table, table->building) ? send_rows(writer, table) : true;
}

/* A delete before the table was made by the first record has nothing to delete. */
static bool
has_nothing_to_delete(struct sink_writer *writer, struct sink_table *table, bool *has_nothing_out)
{
    struct error err = ERROR_INIT;
    *has_nothing_out = false;
    if (!writer->config->auto_create || table->plans)
        return true;
    if (!sink_table_load(table, writer->db, &err))
        return fail_sql(writer, &err, (struct sink_sql_place){.is_batch = false});
    *has_nothing_out = !table->exists;
    return true;
}

static bool
add_record(struct sink_writer *writer, size_t index)
{
    const struct record *record = &writer->batch->records[index];
    struct error err = ERROR_INIT;
    if (!sink_record_check(writer->config, record, &err))
        return fail(writer, SINK_FAILED_RECORD, &err);
    struct sink_table *table = sink_tables_find(&writer->tables, writer->db, record->topic, &err);
    if (!table)
        return err.java_class ? fail_sql(writer, &err, (struct sink_sql_place){.is_batch = false})
                              : fail(writer, SINK_FAILED_RECORD, &err);
    bool is_delete = record->value.kind == VALUE_NULL, has_nothing = false;
    if (is_delete && !has_nothing_to_delete(writer, table, &has_nothing))
        return false;
    if (has_nothing)
        return true;
    struct sink_plan *plan = find_plan(writer, table, record);
    if (!plan) {
        bool is_about_it = writer->failure.kind == SINK_FAILED_TABLE || writer->failure.kind == SINK_FAILED_SQL;
        if (is_about_it && writer->is_tolerant)
            log_record(writer, index, &writer->failure.err, "");
        return is_about_it && give_up_in_order(writer, index);
    }
    return add_row(writer, table, is_delete ? &plan->remove : &plan->write, index);
}

/* Room for what is known of each record; new ones are to be written. */
static void
grow_is_done(struct sink_writer *writer)
{
    size_t count = writer->batch->count;
    if (count <= writer->is_done_size)
        return;
    writer->is_done = xrealloc(writer->is_done, count);
    memset(writer->is_done + writer->is_done_size, 0, count - writer->is_done_size);
    writer->is_done_size = count;
}

/* Is there a record at this index? The next part of the batch is converted while the database runs a statement. */
static bool
has_record(struct sink_writer *writer, size_t index, bool *has_out)
{
    struct error err = ERROR_INIT;
    *has_out = index < writer->batch->count;
    if (*has_out || !writer->ctx->more)
        return true;
    if (!writer->ctx->more(writer->ctx, has_out, &err))
        return fail(writer, SINK_FAILED_RECORD, &err);
    grow_is_done(writer);
    return true;
}

static bool
add_records(struct sink_writer *writer)
{
    bool is_once = writer->offsets.sql != NULL, has_one;
    for (size_t i = 0;; i++) {
        if (!has_record(writer, i, &has_one))
            return false;
        if (!has_one)
            break;
        const struct record *record = &writer->batch->records[i];
        bool is_behind = writer->is_done[i] || (is_once && sink_offsets_has(&writer->offsets, record));
        writer->applied = i;
        if (!is_behind && !record->is_dropped && !add_record(writer, i))
            return false;
        if (is_once && !is_behind)
            sink_offsets_note(&writer->offsets, record);
    }
    writer->applied = writer->batch->count;
    return true;
}

/* Is it the batch that came last time? Then what was committed or given up of it stays so. */
static void
begin_batch(struct sink_writer *writer, const struct record_batch *batch, bool is_tolerant)
{
    const struct record *first = batch->records;
    bool is_same = writer->has_batch && writer->batch_id.offset == first->offset &&
                   writer->batch_id.partition == first->original_partition && writer->batch_id.topic == first->original_topic;
    if (!is_same)
        writer->is_done_size = 0;
    writer->has_batch = true;
    writer->batch_id.topic = first->original_topic;
    writer->batch_id.partition = first->original_partition;
    writer->batch_id.offset = first->offset;
    writer->batch = batch;
    grow_is_done(writer);
    writer->is_tolerant = is_tolerant;
    writer->applied = 0;
    for (struct sink_table *table = writer->tables.first; table; table = table->next)
        if (!table->exists)
            sink_table_forget(table); /* somebody may have made it meanwhile */
    writer->refusal = (struct sink_refusal){.table = NULL};
}

void
sink_writer_forget_batch(struct sink_writer *writer)
{
    writer->has_batch = false;
}

bool
sink_writer_write(struct sink_writer *writer, const struct record_batch *batch, bool is_tolerant)
{
    if (batch->count == 0)
        return true;
    begin_batch(writer, batch, is_tolerant);
    bool is_fine = add_records(writer) && commit(writer);
    if (is_fine)
        sink_writer_forget_batch(writer);
    else
        roll_back(writer);
    writer->batch = NULL;
    writer->used_ms = clock_now_ms();
    return is_fine;
}

/* ---- the connection --------------------------------------------------------------------------------------------------- */

/* Without a strict sql_mode statements of one row and of many do not mean the same. */
static bool
read_strictness(struct sink_writer *writer, struct error *err)
{
    static const char sql[] = "SELECT @@SESSION.sql_mode";
    struct db_result *result = db_query(writer->db, sql, sizeof(sql) - 1, err);
    if (!result)
        return false;
    const char *const *values;
    const unsigned long *lengths;
    enum db_row_status status = db_result_next(result, &values, &lengths, err);
    writer->is_strict = status == DB_ROW && values[0] && strstr(values[0], "STRICT_");
    db_result_free(result);
    return status != DB_FAILED;
}

static bool
run_text(struct sink_writer *writer, const char *sql, struct error *err)
{
    return db_exec(writer->db, sql, strlen(sql), NULL, err);
}

/* Literals are escaped with backslashes and are UTF-8, whatever the settings of the server and of the URL say. */
static bool
prepare_session(struct sink_writer *writer, struct error *err)
{
    if (!run_text(writer, "SET NAMES utf8mb4", err) ||
        !run_text(writer, "SET autocommit=0, sql_mode=REPLACE(@@SESSION.sql_mode,'NO_BACKSLASH_ESCAPES','')", err) ||
        !read_strictness(writer, err))
        return false;
    writer->format.mysql_default_brackets = !db_is_mariadb(writer->db);
    size_t packet = db_max_allowed_packet(writer->db);
    writer->statement_bytes = packet && packet / 2 < STATEMENT_BYTES ? packet / 2 : STATEMENT_BYTES;
    return !writer->offsets.is_stale || sink_offsets_reload(&writer->offsets, writer->db, err);
}

static bool
is_alive(struct sink_writer *writer)
{
    struct error err = ERROR_INIT;
    return clock_now_ms() - writer->used_ms < IDLE_MS || db_ping(writer->db, &err);
}

bool
sink_writer_connect(struct sink_writer *writer)
{
    if (writer->db && is_alive(writer))
        return true;
    sink_writer_disconnect(writer);
    struct error err = ERROR_INIT;
    writer->db = jdbc_links_open(&writer->links, &writer->connection, 1, 0, &err);
    if (!writer->db)
        return fail(writer, SINK_FAILED_CONNECT, &err);
    writer->used_ms = clock_now_ms();
    if (prepare_session(writer, &err))
        return true;
    sink_writer_disconnect(writer);
    return fail(writer, err.code == ERROR_CONFLICT ? SINK_FAILED_OWNER : SINK_FAILED_CONNECT, &err);
}

void
sink_writer_disconnect(struct sink_writer *writer)
{
    drop_statements(writer);
    sink_tables_forget(&writer->tables);
    if (writer->db)
        db_links_drop(&writer->links, writer->db);
    writer->db = NULL;
}

bool
sink_writer_init(struct sink_writer *writer, const struct sink_config *config, const struct config *cfg,
                 const struct sink_task_context *ctx, struct error *err)
{
    writer->config = config;
    writer->ctx = ctx;
    if (!jdbc_connection_init(&writer->connection, cfg, err))
        return false;
    writer->connection.params.multi_statements = true;
    writer->connection.params.found_rows = true;
    writer->tables.config = config;
    writer->tables.database = writer->connection.url.database;
    writer->format = (struct sink_format){.date_in_utc = config->date_in_utc, .is_proleptic = config->calendar_is_proleptic,
                                          .timestamps_are_nanos = config->timestamps_are_nanos};
    writer->zone = zone_open(config->db_timezone, err);
    if (!writer->zone)
        return false;
    bool is_utc = zone_is_fixed(writer->zone) && zone_offset(writer->zone, 0) == 0;
    writer->format.zone = is_utc ? NULL : writer->zone;
    if (config->exactly_once)
        sink_offsets_init(&writer->offsets, config->name, config->exactly_once_table);
    return true;
}

void
sink_writer_fini(struct sink_writer *writer)
{
    sink_writer_disconnect(writer);
    sink_tables_fini(&writer->tables);
    sink_offsets_fini(&writer->offsets);
    while (writer->unused) {
        struct sink_statement *statement = writer->unused;
        writer->unused = statement->next;
        sink_statement_fini(statement);
        free(statement);
    }
    strbuf_fini(&writer->slice);
    free(writer->is_done);
    zone_close(writer->zone);
    jdbc_connection_fini(&writer->connection);
}
