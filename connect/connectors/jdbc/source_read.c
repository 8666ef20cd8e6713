/*
 * One table's turn: statements and their rows, the ids that are missing between them, and the offsets of records.
 *
 *   statement -> rows ... end -> missing ids left? -> look at transactions -> rows of the gaps ... end
 *
 * Matches the queriers of JdbcSourceTask; what is different is said where it happens.
 */
#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/jdbc/source_task_priv.h"
#include "connect/connectors/jdbc/temporal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

LOGGER("io.confluent.connect.jdbc.source.JdbcSourceTask");

#define DATA_EXCEPTION "org.apache.kafka.connect.errors.DataException"

enum {
    CHUNK_ROWS = 50000, /* of one statement on a table with an index */
    GAPS_A_STATEMENT = 500,
    HELD_BACK_S = 60,   /* a transaction that is open for longer is named as the reason of waiting */
    QUIET_MS = 500,     /* without a row: polls come later than configured, by */
    QUIET_PAUSE_MS = 3, /* so that at poll.interval.ms=1 polling for nothing costs little */
};

/* ---- the server's clock ---------------------------------------------------------------------------------------------- */

/* Ask task->sql for one time. False: *err; *found_out is false when there is no row. */
static bool
ask_time(struct jdbc_source_task *task, bool *found_out, int64_t *seconds_out, int *nanos_out, struct error *err)
{
    struct db_result *result = db_query(task->db, task->sql.data, task->sql.len, err);
    if (!result)
        return false;
    const char *const *texts;
    const unsigned long *lengths;
    struct temporal at = {0};
    enum db_row_status status = db_result_next(result, &texts, &lengths, err);
    *found_out = status == DB_ROW && texts[0] && temporal_parse(texts[0], lengths[0], &at);
    db_result_free(result);
    if (*found_out) {
        *seconds_out = zone_to_utc(task->settings.zone, temporal_seconds(&at, true));
        *nanos_out = at.nanos;
    }
    return status != DB_FAILED;
}

bool
source_read_database_now(struct jdbc_source_task *task, int64_t *seconds_out, struct error *err)
{
    bool is_told;
    int nanos;
    strbuf_reset(&task->sql);
    strbuf_puts(&task->sql, "SELECT CURRENT_TIMESTAMP");
    if (!ask_time(task, &is_told, seconds_out, &nanos, err))
        return false;
    return is_told || error_set(err, ERROR_INTERNAL, "the server does not tell the time");
}

/* ---- open transactions ----------------------------------------------------------------------------------------- */

static void
warn_cannot_look(const struct jdbc_source_task *task, bool is_denied, const char *why)
{
    const char *cure = is_denied ? "Grant the PROCESS privilege" : "Read from the server that is written to";
    if (source_has_timestamp(task->settings.mode))
        log_warn("open transactions cannot be seen (%s): rows whose transaction commits late are lost in timestamp modes. %s, or set "
                 "timestamp.delay.interval.ms", why, cure);
    else
        log_warn("open transactions cannot be seen (%s): missing ids are looked for during incrementing.gap.timeout.ms. %s", why, cure);
}

/* SEEN, STALE (not yet), or DENIED when they cannot be seen: the privilege is missing, or they are open elsewhere. */
static enum writers_result
look(struct jdbc_source_task *task, struct writers *out, struct error *err)
{
    if (task->cannot_look)
        return WRITERS_DENIED;
    enum writers_result result = writers_look(task->db, &task->watch, out, err);
    if (result != WRITERS_DENIED && result != WRITERS_ELSEWHERE)
        return result;
    task->cannot_look = true;
    warn_cannot_look(task, result == WRITERS_DENIED, err->message);
    return WRITERS_DENIED;
}

/* Tell the gaps who writes now. False: *err. */
static bool
watch_gaps(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    struct writers writers;
    switch (look(task, &writers, err)) {
    case WRITERS_SEEN:
        gaps_observe(&t->gaps, &writers);
        return true;
    case WRITERS_STALE:
        return true;
    case WRITERS_DENIED:
        gaps_expire(&t->gaps, clock_now_ms(), task->settings.gap_timeout_ms);
        return true;
    default:
        return false;
    }
}

static bool
is_tracking(const struct jdbc_source_task *task)
{
    return task->settings.gap_tracking && task->settings.mode == SOURCE_INCREMENTING;
}

/* The largest id before the first statement: when nobody writes, what is missing below it is missing for good, and the
   history of a table with many holes costs nothing. */
static bool
set_horizon(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    struct strbuf *sql = &task->sql;
    strbuf_reset(sql);
    strbuf_printf(sql, "SELECT MAX(%s) FROM ", t->incrementing_sql);
    jdbc_table_write(sql, &t->table, task->settings.with_quotes);
    struct db_result *result = db_query(task->db, sql->data, sql->len, err);
    if (!result)
        return false;
    const char *const *texts;
    const unsigned long *lengths;
    enum db_row_status status = db_result_next(result, &texts, &lengths, err);
    if (status == DB_ROW && texts[0]) {
        t->horizon = strtoll(texts[0], NULL, 10);
        gaps_set_horizon(&t->gaps, t->horizon, clock_now_ms());
    }
    db_result_free(result);
    return status != DB_FAILED;
}

static bool
start_tracking(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    if (t->has_started || !is_tracking(task))
        return true;
    t->has_started = true;
    if (!t->table.name)
        return true;
    if (!set_horizon(task, t, err) || !watch_gaps(task, t, err))
        return false;
    gaps_settle(&t->gaps);
    return true;
}

/* ---- statements ------------------------------------------------------------------------------------------------- */

static void
warn_held_back(struct jdbc_source_task *task, int64_t age_s)
{
    int64_t now_ms = clock_now_ms();
    if (age_s < HELD_BACK_S || now_ms - task->held_back_ms < HELD_BACK_S * 1000)
        return;
    task->held_back_ms = now_ms;
    log_warn("a transaction that writes is open for %" PRId64 " s: rows that were changed since it began wait for its end "
             "(timestamp.open.transactions)", age_s);
}

/* The answer may be older than `now`, which was the time at now_ms of our clock or before. A bound stays right later on. */
static void
raise_bound(struct jdbc_source_task *task, const struct writers *writers, int64_t now, int64_t now_ms)
{
    int64_t late_s = writers->is_now ? 0 : (now_ms - writers->asked_ms) / 1000 + 1;
    int64_t bound = now - late_s - writers->reach_s;
    if (bound > task->bound)
        task->bound = bound;
}

/* Where a statement in a timestamp mode has to stop: the database's time less the delay, and never behind the start of the
   oldest transaction that is still open. Without the latter, a row that commits late is passed over. */
static bool
set_end(struct jdbc_source_task *task, struct error *err)
{
    int64_t now;
    if (!source_read_database_now(task, &now, err))
        return false;
    int64_t now_ms = clock_now_ms(); /* behind the answer: however long that took, writers seen earlier are not taken for younger */
    int64_t end_ms = now * 1000 - task->settings.timestamp_delay_ms;
    task->end_seconds = end_ms / 1000 - (end_ms % 1000 < 0);
    task->end_nanos = (int)(end_ms - task->end_seconds * 1000) * 1000000;
    if (!task->settings.timestamp_bound)
        return true;
    struct writers writers;
    enum writers_result result = look(task, &writers, err);
    if (result == WRITERS_FAILED)
        return false;
    if (result == WRITERS_SEEN) {
        raise_bound(task, &writers, now, now_ms);
        warn_held_back(task, writers.oldest_age_s);
    }
    if (result != WRITERS_DENIED && task->end_seconds >= task->bound) {
        task->end_seconds = task->bound;
        task->end_nanos = 0;
    }
    return true;
}

/* "Incrementing column ID not found in id,v" */
static bool
refuse_column(struct error *err, const struct source_table *t, const char *what, const char *column, const char *problem)
{
    struct strbuf names = STRBUF_INIT;
    strbuf_puts(&names, "");
    for (size_t i = 0; i < t->reader.count; i++)
        strbuf_printf(&names, "%s%s", i ? "," : "", t->reader.columns[i].name);
    error_set(err, ERROR_DATA, "%s %s %s %s", what, column, problem, names.data);
    err->java_class = DATA_EXCEPTION;
    strbuf_fini(&names);
    return error_wrap(err, "table %s", t->label);
}

static bool
find_fields(struct source_table *t, struct error *err)
{
    t->incrementing_field = t->incrementing_name ? jdbc_reader_find_any_case(&t->reader, t->incrementing_name) : -1;
    if (t->incrementing_name && t->incrementing_field < 0)
        return refuse_column(err, t, "Incrementing column", t->incrementing_name, "not found in");
    if (t->incrementing_name && t->reader.columns[t->incrementing_field].is_auto_increment && t->gaps.settled < 0)
        t->gaps.settled = 0; /* the server never hands out 0, so that a missing 0 is no gap */
    t->timestamp_fields = xrealloc(t->timestamp_fields, (t->timestamp_names.count + 1) * sizeof(*t->timestamp_fields));
    for (size_t i = 0; i < t->timestamp_names.count; i++) {
        int field = jdbc_reader_find_any_case(&t->reader, t->timestamp_names.items[i]);
        enum db_type type = field < 0 ? DB_OTHER : t->reader.columns[field].type;
        if (type != DB_DATETIME && type != DB_TIMESTAMP)
            return refuse_column(err, t, "Timestamp column", t->timestamp_names.items[i],
                                 field < 0 ? "not found in" : "is no DATETIME or TIMESTAMP, of");
        t->timestamp_fields[i] = (size_t)field;
    }
    return true;
}

/* Send task->sql and get ready for its rows. */
static bool
open_result(struct jdbc_source_task *task, struct source_table *t, enum source_phase phase, struct error *err)
{
    if (log_enabled(&log_here, LOG_DEBUG) && !(task->settings.query_masked && *task->settings.query_masked))
        log_debug("%s", task->sql.data);
    task->result = db_query(task->db, task->sql.data, task->sql.len, err);
    if (!task->result)
        return false;
    task->phase = phase;
    task->has_row = false;
    if (jdbc_reader_fits(&t->reader, task->result))
        return true;
    jdbc_reader_fini(&t->reader);
    return jdbc_reader_init(&t->reader, task->result, t->table.name, t->exact_floats, &task->settings.types, err) &&
           find_fields(t, err);
}

static bool
is_time_only(const struct source_table *t)
{
    return t->timestamp_sql && !t->incrementing_sql;
}

/* Timestamp mode cannot be cut by LIMIT, as rows of one time belong together: end behind the time of the row that would
   be one too many. */
static bool
shorten(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    enum { MICROSECOND = 1000, SECOND = 1000000000 };
    if (!t->is_chunked || !t->may_be_large || !is_time_only(t))
        return true;
    bool is_found;
    int64_t seconds;
    int nanos;
    source_table_write_milestone(t, task->end_seconds, task->end_nanos, CHUNK_ROWS, &task->sql);
    if (!ask_time(task, &is_found, &seconds, &nanos, err))
        return false;
    if (is_found && seconds < task->end_seconds) {
        task->chunk = CHUNK_ROWS;
        nanos += MICROSECOND;
        task->end_seconds = seconds + nanos / SECOND;
        task->end_nanos = nanos % SECOND;
    }
    return true;
}

static size_t
limit_of(const struct jdbc_source_task *task, const struct source_table *t)
{
    if (!t->is_chunked || is_time_only(t))
        return 0;
    if (!is_tracking(task) || !t->gaps.has_horizon)
        return CHUNK_ROWS;
    return t->gaps.count < GAPS_MAX ? GAPS_MAX - t->gaps.count : 1;
}

/* False with *err, or true without task->result when there is nothing to ask for now. */
static bool
open_rows(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    if (!start_tracking(task, t, err))
        return false;
    if (is_tracking(task) && gaps_is_full(&t->gaps))
        return true; /* first the gaps must become fewer */
    if (t->timestamp_sql && !set_end(task, err))
        return false;
    if (is_time_only(t))
        t->position = t->completed;
    if (t->timestamp_sql && task->end_seconds < t->position.seconds)
        return true;
    task->asked_ms = clock_now_ms();
    task->chunk = limit_of(task, t);
    if (!shorten(task, t, err))
        return false;
    size_t limit = is_time_only(t) ? 0 : task->chunk;
    source_table_write_query(t, task->end_seconds, task->end_nanos, limit, &task->sql);
    return open_result(task, t, SOURCE_PHASE_ROWS, err);
}

void
source_read_close(struct jdbc_source_task *task)
{
    db_result_free(task->result);
    task->result = NULL;
    task->phase = SOURCE_PHASE_NONE;
    task->has_row = false;
}

/* ---- one row ---------------------------------------------------------------------------------------------------- */

static bool
id_of(const struct source_table *t, const struct value *items, int64_t *out, struct error *err)
{
    static const char too_large[] = "Decimal value for incrementing column exceeded Long.MAX_VALUE";
    const struct value *value = &items[t->incrementing_field];
    const struct schema *schema = t->reader.columns[t->incrementing_field].schema;
    if (value->kind == VALUE_INT && schema->logical == SCHEMA_PLAIN) {
        *out = value->as.integer;
        return true;
    }
    if (value->kind == VALUE_NULL)
        return error_set(err, ERROR_DATA, "Null value for incrementing column of type: %s", schema_type_name(schema->type));
    if (value->kind != VALUE_DECIMAL)
        return error_set(err, ERROR_DATA, "Invalid type for incrementing column: %s", schema_type_name(schema->type));
    if (value->scale != 0)
        return error_set(err, ERROR_DATA, "Scale of Decimal value for incrementing column must be 0");
    char digits[24], *end;
    if (value->len >= sizeof(digits))
        return error_set(err, ERROR_DATA, "%s", too_large);
    memcpy(digits, value->as.bytes, value->len);
    digits[value->len] = '\0';
    unsigned long long magnitude = strtoull(digits + (*digits == '-'), &end, 10);
    if (magnitude > INT64_MAX)
        return error_set(err, ERROR_DATA, "%s", too_large);
    *out = *digits == '-' ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

/* The first timestamp column that is not NULL, in full precision whatever timestamp.granularity says. */
static bool
time_of(const struct jdbc_source_task *task, const struct source_table *t, int64_t *seconds_out, int *nanos_out,
        struct error *err)
{
    for (size_t i = 0; i < t->timestamp_names.count; i++) {
        size_t column = t->reader.columns[t->timestamp_fields[i]].index;
        struct temporal at;
        if (!task->texts[column])
            continue;
        if (!temporal_parse(task->texts[column], task->lengths[column], &at))
            return error_set(err, ERROR_DATA, "the timestamp column holds no time");
        *seconds_out = zone_to_utc(task->settings.zone, temporal_seconds(&at, task->settings.types.is_proleptic));
        *nanos_out = at.nanos;
        return true;
    }
    return error_set(err, ERROR_DATA, "all timestamp columns are NULL");
}

static bool
is_later(int64_t seconds, int nanos, const struct source_position *than)
{
    return seconds > than->seconds || (seconds == than->seconds && nanos > than->nanos);
}

/* Timestamp mode: rows of one time count as read when the last of them was, which the next row or the end tells. */
static void
complete_time(struct source_table *t, struct record *last)
{
    t->completed = t->position;
    if (last)
        last->source_offset = source_position_offset(&t->completed, NULL);
}

static void
pass_id(struct jdbc_source_task *task, struct source_table *t, int64_t id)
{
    int64_t last = t->position.incrementing;
    if (task->phase == SOURCE_PHASE_GAPS) {
        gaps_remove(&t->gaps, id);
        return;
    }
    if (is_tracking(task) && id > last + 1) {
        size_t before = t->gaps.count;
        gaps_add(&t->gaps, last + 1, id - 1, clock_now_ms());
        if (t->gaps.count > before)
            gaps_add(&task->seen, t->gaps.items[before].first, id - 1, 0);
    }
    t->position.incrementing = id;
    t->position.has_incrementing = true;
}

/* Move the position to this row and give the record its offset. */
static bool
advance(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out, struct record *record, struct error *err)
{
    int64_t id = 0, seconds = 0;
    int nanos = 0;
    if (t->incrementing_sql && !id_of(t, record->value.as.items, &id, err))
        return false;
    if (t->timestamp_sql && !time_of(task, t, &seconds, &nanos, err))
        return false;
    if (t->timestamp_sql) {
        if (is_time_only(t) && task->rows > 0 && is_later(seconds, nanos, &t->position))
            complete_time(t, out->count > 1 ? record - 1 : NULL);
        t->position.has_timestamp = true;
        t->position.seconds = seconds;
        t->position.nanos = nanos;
    }
    if (t->incrementing_sql)
        pass_id(task, t, id);
    record->source_offset = source_position_offset(is_time_only(t) ? &t->completed : &t->position, NULL);
    record->source_offset.is_null = task->settings.mode == SOURCE_BULK;
    return true;
}

/* The row at hand becomes the batch's next record. */
static bool
take_row(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out, struct error *err)
{
    const struct jdbc_reader *reader = &t->reader;
    struct value *items = arena_array(&out->arena, struct value, reader->count + 1);
    if (!jdbc_reader_row(reader, task->texts, task->lengths, items, &out->arena, err))
        return error_wrap(err, "table %s", t->label);
    struct record *record = record_batch_add(out);
    if (out->count == 1 || record[-1].value_schema != reader->schema)
        record_batch_hold(out, reader->schema);
    record->topic = t->topic;
    record->value_schema = reader->schema;
    record->value = (struct value){.kind = VALUE_STRUCT, .len = (uint32_t)reader->count, .as.items = items};
    record->source_partition = &t->partition;
    if (!advance(task, t, out, record, err)) {
        out->count--;
        return error_wrap(err, "table %s", t->label);
    }
    task->has_row = false;
    task->rows++;
    task->rows_read++;
    t->rows++;
    return true;
}

/* ---- the end of a result -------------------------------------------------------------------------------------- */

/* Has the position moved on? */
static bool
is_behind(const struct source_position *position, const struct source_position *start)
{
    return position->incrementing > start->incrementing || (position->has_timestamp && !start->has_timestamp) ||
           (position->has_timestamp && is_later(position->seconds, position->nanos, start));
}

void
source_read_end_turn(struct jdbc_source_task *task, struct source_table *t)
{
    int64_t now = clock_now_ms();
    /* A query may find rows that are not behind the position: it waits, else it would find them without end. */
    bool is_at_once = task->rows > 0 && is_behind(&t->position, &task->start);
    bool is_held_up = gaps_is_full(&t->gaps) || (t->timestamp_sql && task->bound == INT64_MIN && !task->cannot_look);
    if (task->rows > 0)
        t->rows_ms = now;
    t->may_be_large = task->rows >= CHUNK_ROWS;
    int64_t pause_ms = now - t->rows_ms > QUIET_MS ? QUIET_PAUSE_MS : 0;
    int64_t soon = now + WRITERS_CACHE_MS, later = now + task->settings.poll_interval_ms + pause_ms;
    if (task->is_due)
        t->due_ms = is_at_once ? now : is_held_up && soon < later ? soon : later;
    t->gaps_due_ms = gaps_is_waiting(&t->gaps) ? soon : INT64_MAX;
    t->failures = 0;
    task->reading = NULL;
}

/* Ask for rows of the next gaps, if there are any left to ask for. Gaps that were filled are gone from the list, so the
   place in it is kept as an id. */
static bool
open_gaps(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    size_t from = gaps_find_behind(&t->gaps, task->gaps_asked), behind = from + GAPS_A_STATEMENT;
    if (from == t->gaps.count)
        return true;
    if (behind > t->gaps.count)
        behind = t->gaps.count;
    source_table_write_gaps(t, from, behind - from, &task->sql);
    task->gaps_asked = t->gaps.items[behind - 1].last;
    return open_result(task, t, SOURCE_PHASE_GAPS, err);
}

/* Look who writes first, then read: what is missing then and has nobody to write it is missing for good. */
static bool
start_gaps(struct jdbc_source_task *task, struct source_table *t, struct error *err)
{
    if (!watch_gaps(task, t, err))
        return false;
    task->gaps_asked = -1;
    return open_gaps(task, t, err);
}

static void
drop_gaps(const struct jdbc_source_task *task, struct source_table *t, const struct record_batch *out)
{
    uint64_t dropped = gaps_drop(&t->gaps);
    if (dropped && out->count == 0)
        gaps_state_shrink(t->state_end, &t->gaps);
    if (dropped && task->cannot_look)
        log_info("table %s: %" PRIu64 " id(s) did not appear within incrementing.gap.timeout.ms and are given up", t->label, dropped);
    else if (dropped)
        log_debug("table %s: %" PRIu64 " id(s) will never appear", t->label, dropped);
}

/* Every row of the result is taken: go on with the next statement of the turn, or end it. */
static bool
result_ended(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out, struct error *err)
{
    enum source_phase phase = task->phase;
    if (is_time_only(t) && task->rows > 0)
        complete_time(t, out->count ? &out->records[out->count - 1] : NULL);
    source_read_close(task);
    if (phase == SOURCE_PHASE_ROWS && (!task->chunk || task->rows < task->chunk))
        t->complete_ms = task->asked_ms;
    if (phase == SOURCE_PHASE_ROWS && is_tracking(task) && gaps_is_waiting(&t->gaps) && !start_gaps(task, t, err))
        return false;
    if (phase == SOURCE_PHASE_GAPS && !open_gaps(task, t, err))
        return false;
    if (task->result)
        return true;
    if (is_tracking(task))
        drop_gaps(task, t, out);
    source_read_end_turn(task, t);
    return true;
}

/* ---- batches -------------------------------------------------------------------------------------------------------- */

static void
begin_batch(struct jdbc_source_task *task, const struct source_table *t)
{
    task->seen.count = 0;
    for (size_t i = 0; is_tracking(task) && i < t->gaps.count; i++)
        gaps_add(&task->seen, t->gaps.items[i].first, t->gaps.items[i].last, 0);
}

/* Records in the middle carry all gaps of the batch, those found meanwhile included: behind a crash rows come twice
   rather than not at all. The last one carries exactly what is open. */
static void
end_batch(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out)
{
    if (!out->count || !is_tracking(task))
        return;
    offset_state_unref(t->state_middle);
    offset_state_unref(t->state_end);
    t->state_middle = gaps_state(&task->seen);
    t->state_end = gaps_state(&t->gaps);
    if (!t->state_middle)
        return; /* there were none, so there are none */
    for (size_t i = 0; i + 1 < out->count; i++)
        out->records[i].source_offset.state = t->state_middle;
    struct record *last = &out->records[out->count - 1];
    last->source_offset = source_position_offset(&t->position, t->state_end);
}

/* Timestamp mode: the offset of the last record depends on the row behind it. */
static bool
fetch(struct jdbc_source_task *task, enum db_row_status *status_out, struct error *err)
{
    *status_out = DB_ROW;
    if (!task->has_row)
        *status_out = db_result_next(task->result, &task->texts, &task->lengths, err);
    task->has_row = *status_out == DB_ROW;
    return *status_out != DB_FAILED;
}

/* The batch is full: in timestamp mode see whether the next row begins a new time. */
static bool
look_ahead(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out, struct error *err)
{
    if (!task->result || !is_time_only(t))
        return true;
    enum db_row_status status;
    int64_t seconds = 0;
    int nanos = 0;
    if (!fetch(task, &status, err))
        return false;
    if (status == DB_END)
        return result_ended(task, t, out, err);
    if (!time_of(task, t, &seconds, &nanos, err))
        return false;
    if (is_later(seconds, nanos, &t->position))
        complete_time(t, &out->records[out->count - 1]);
    return true;
}

/* Too many gaps in one result: leave the rest of it for a later statement. */
static void
abandon(struct jdbc_source_task *task, struct source_table *t)
{
    log_warn("table %s: more than %d gaps between ids while transactions are open; waiting for them", t->label, GAPS_MAX);
    db_kill(task->db);
    source_read_close(task);
    source_task_disconnect(task);
    source_read_end_turn(task, t);
}

static bool
fill(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out, struct error *err)
{
    size_t max = (size_t)task->settings.batch_max_rows;
    while (task->result && out->count < max) {
        enum db_row_status status;
        if (!fetch(task, &status, err))
            return false;
        bool ok = status == DB_ROW ? take_row(task, t, out, err) : result_ended(task, t, out, err);
        if (!ok)
            return false;
        if (task->phase == SOURCE_PHASE_ROWS && gaps_is_full(&t->gaps))
            abandon(task, t);
    }
    return out->count < max || look_ahead(task, t, out, err);
}

/* ---- turns ------------------------------------------------------------------------------------------------------------ */

/* Begin the turn of a table that is due: its rows, or only a look for missing ones. */
static bool
start_turn(struct jdbc_source_task *task, struct source_table *t, const struct record_batch *out, struct error *err)
{
    task->reading = t;
    task->rows = 0;
    task->start = t->position;
    task->is_due = t->due_ms <= clock_now_ms();
    if (task->is_due && !open_rows(task, t, err))
        return false;
    if (task->result)
        return true;
    if (is_tracking(task) && gaps_is_waiting(&t->gaps) && !start_gaps(task, t, err))
        return false;
    if (task->result)
        return true;
    drop_gaps(task, t, out);
    source_read_end_turn(task, t);
    return true;
}

bool
source_read_batch(struct jdbc_source_task *task, struct source_table *t, struct record_batch *out, struct error *err)
{
    begin_batch(task, t);
    bool ok = (task->reading || start_turn(task, t, out, err)) && fill(task, t, out, err);
    if (ok || out->count)
        end_batch(task, t, out);
    return ok;
}
