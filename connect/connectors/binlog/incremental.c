#include "connect/connectors/binlog/incremental.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "connect/connectors/binlog/incremental_key.h"
#include "connect/connectors/binlog/server.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

LOGGER("io.debezium.pipeline.source.snapshot.incremental.AbstractIncrementalSnapshotChangeEventSource");

#define PREFIX "incremental_snapshot_"
#define COLLECTIONS PREFIX "collections"
/* Debezium keeps its keys as serialised Java objects. Without them it would begin the table anew, which is right. */
#define LAST_KEY PREFIX "last_key_text"
#define MAXIMUM PREFIX "maximum_key_text"
#define PAUSED PREFIX "paused"

struct queued {
    char *label, *condition, *surrogate;
};

struct window_row {
    struct cdc_row row;
    bool is_gone;   /* changed meanwhile */
    size_t next;    /* in its bucket; WINDOW_END: none */
};

enum {
    CHUNK_ID_SIZE = 40,
    BUCKETS = 1024,
    ORDER_MAX = 1 + 16,     /* a surrogate key, and columns that a key of the server has at most */
    TABLE_DEF_CHANGED = 1412, /* the server's ER_TABLE_DEF_CHANGED */
    WINDOW_BYTES = 4 << 20, /* a window of large rows ends early; behind the first row */
};
#define WINDOW_END ((size_t)-1)

/* A column that orders the table, and where a record has its value. */
struct order_column {
    const struct cdc_column *column;
    bool is_in_row; /* else in the key */
    uint32_t field;
};

struct cdc_incremental {
    struct cdc_context *ctx;
    struct db *db;
    struct queued *queue;       /* the first is being read */
    size_t queue_count;
    char *correlation;
    bool is_paused;
    char chunk[CHUNK_ID_SIZE];  /* "": no chunk is under way */
    char open_time[40];
    bool is_open;               /* the open mark came back */
    struct binlog_gtids *high;  /* read.only: what ends the window; NULL: no chunk is under way */

    struct cdc_slot *slot;
    struct cdc_plan *plan;      /* that the window was made with */
    struct cdc_table *table;    /* a reference: the plan may be replaced */
    struct order_column order[ORDER_MAX];
    size_t order_count;
    bool is_unique;             /* the table's key is among them */
    struct cdc_key last, read, maximum; /* given out; read into the window; of the table when it was opened */
    struct window_row *rows;
    size_t row_count, row_size, buckets[BUCKETS];
    struct arena arena;         /* of the window */
    uint64_t total;
};

/* ---- keys --------------------------------------------------------------------------------------------------------- */

static uint64_t
hash_value(uint64_t hash, const struct value *value)
{
    const unsigned char *bytes = (const unsigned char *)&value->as.integer;
    size_t len = sizeof(value->as.integer);
    if (value->kind == VALUE_STRING || value->kind == VALUE_BYTES || value->kind == VALUE_DECIMAL) {
        bytes = (const unsigned char *)value->as.bytes;
        len = value->len;
    } else if (value->kind != VALUE_INT) {
        len = 0;
    }
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

/* What the window knows a row by: not the record's key, which message.key.columns may have made of anything, or which is none. */
static const struct value *
order_value(const struct cdc_incremental *incremental, const struct cdc_row *row, size_t i)
{
    const struct order_column *order = &incremental->order[i];
    return &(order->is_in_row ? &row->row : &row->key)->as.items[order->field];
}

static size_t
bucket_of(const struct cdc_incremental *incremental, const struct cdc_row *row)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < incremental->order_count; i++)
        hash = hash_value(hash, order_value(incremental, row, i));
    return (size_t)(hash % BUCKETS);
}

static bool
is_same_row(const struct cdc_incremental *incremental, const struct cdc_row *a, const struct cdc_row *b)
{
    for (size_t i = 0; i < incremental->order_count; i++)
        if (!value_equal(order_value(incremental, a, i), order_value(incremental, b, i)))
            return false;
    return true;
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

static void
forget_window(struct cdc_incremental *incremental)
{
    incremental->row_count = 0;
    incremental->is_open = false;
    incremental->chunk[0] = '\0';
    binlog_gtids_free(incremental->high);
    incremental->high = NULL;
    for (size_t i = 0; i < BUCKETS; i++)
        incremental->buckets[i] = WINDOW_END;
    arena_reset(&incremental->arena);
    cdc_key_fini(&incremental->read);
}

static void
forget_table(struct cdc_incremental *incremental)
{
    forget_window(incremental);
    cdc_key_fini(&incremental->last);
    cdc_key_fini(&incremental->maximum);
    cdc_table_unref(incremental->table);
    incremental->table = NULL;
    incremental->plan = NULL;
    incremental->slot = NULL;
    incremental->order_count = 0;
    incremental->total = 0;
}

void
cdc_incremental_forget_chunk(struct cdc_incremental *incremental)
{
    forget_window(incremental);
    db_links_drop(&incremental->ctx->links.dbs, incremental->db);
    incremental->db = NULL;
}

static void
queue_remove(struct cdc_incremental *incremental, size_t index)
{
    struct queued *queued = &incremental->queue[index];
    free(queued->label);
    free(queued->condition);
    free(queued->surrogate);
    incremental->queue_count--;
    memmove(queued, queued + 1, (incremental->queue_count - index) * sizeof(*queued));
    if (index == 0)
        forget_table(incremental);
}

static void
queue_add(struct cdc_incremental *incremental, const char *label, const char *condition, const char *surrogate)
{
    for (size_t i = 0; i < incremental->queue_count; i++)
        if (strcmp(incremental->queue[i].label, label) == 0)
            return;
    incremental->queue = xrealloc(incremental->queue, (incremental->queue_count + 1) * sizeof(*incremental->queue));
    incremental->queue[incremental->queue_count++] = (struct queued){xstrdup(label), xstrdup(condition), xstrdup(surrogate)};
}

static void
restore(struct cdc_incremental *incremental, const char *extra)
{
    char *text = xasprintf("{%s}", extra);
    json_t *state = json_loads(text, 0, NULL), *item;
    const char *collections = json_string_value(json_object_get(state, COLLECTIONS));
    const char *correlation = json_string_value(json_object_get(state, PREFIX "correlation_id"));
    json_t *list = collections ? json_loads(collections, 0, NULL) : NULL;
    size_t i;
    json_array_foreach(list, i, item) {
        const char *label = json_string_value(json_object_get(item, COLLECTIONS "_id"));
        if (label)
            queue_add(incremental, label, json_string_value(json_object_get(item, COLLECTIONS "_additional_condition")),
                      json_string_value(json_object_get(item, COLLECTIONS "_surrogate_key")));
    }
    (void)cdc_key_parse(json_object_get(state, LAST_KEY), &incremental->last);
    (void)cdc_key_parse(json_object_get(state, MAXIMUM), &incremental->maximum);
    incremental->correlation = xstrdup(correlation);
    incremental->is_paused = json_is_true(json_object_get(state, PAUSED));
    json_decref(list);
    json_decref(state);
    free(text);
}

struct cdc_incremental *
cdc_incremental_new(struct cdc_context *ctx, const char *extra)
{
    struct cdc_incremental *incremental = xcalloc(1, sizeof(*incremental));
    incremental->ctx = ctx;
    forget_window(incremental);
    if (extra)
        restore(incremental, extra);
    if (incremental->queue_count && !ctx->config.signal_table && !ctx->config.read_only)
        log_warn("The offset has an incremental snapshot that is not done; it waits until signal.data.collection is set again");
    return incremental;
}

void
cdc_incremental_free(struct cdc_incremental *incremental)
{
    if (!incremental)
        return;
    while (incremental->queue_count)
        queue_remove(incremental, incremental->queue_count - 1);
    forget_table(incremental);
    db_links_drop(&incremental->ctx->links.dbs, incremental->db);
    free(incremental->queue);
    free(incremental->rows);
    free(incremental->correlation);
    arena_fini(&incremental->arena);
    free(incremental);
}

/* ---- marks ------------------------------------------------------------------------------------------------------------- */

static void
new_chunk_id(struct cdc_incremental *incremental)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        memset(bytes, 0, sizeof(bytes));
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    int len = 0;
    for (size_t i = 0; i < sizeof(bytes); i++)
        len += snprintf(incremental->chunk + len, sizeof(incremental->chunk) - (size_t)len, "%s%02x",
                        i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
}

static void
iso_now(char *out, size_t size)
{
    int64_t us = clock_wall_us();
    time_t seconds = (time_t)(us / 1000000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t len = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + len, size - len, ".%06" PRId64 "Z", us % 1000000);
}

static void
write_signal_table(const struct cdc_incremental *incremental, struct strbuf *sql)
{
    const char *name = incremental->ctx->config.signal_table, *dot = strchr(name, '.');
    char *database = dot ? xmemdup(name, (size_t)(dot - name)) : NULL;
    if (database) {
        db_quote_name(sql, database);
        strbuf_putc(sql, '.');
    }
    db_quote_name(sql, dot ? dot + 1 : name);
    free(database);
}

static bool
insert_mark(struct cdc_incremental *incremental, const char *what, const char *data, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    strbuf_puts(&sql, "INSERT INTO ");
    write_signal_table(incremental, &sql);
    strbuf_printf(&sql, " VALUES ('%s-%s', 'snapshot-window-%s', ", incremental->chunk, what, what);
    db_quote(incremental->db, &sql, data, strlen(data));
    strbuf_putc(&sql, ')');
    bool ok = db_exec(incremental->db, sql.data, sql.len, NULL, err);
    strbuf_fini(&sql);
    return ok || error_wrap(err, "the mark of an incremental snapshot in %s", incremental->ctx->config.signal_table);
}

static bool
mark_open(struct cdc_incremental *incremental, struct error *err)
{
    char data[128];
    new_chunk_id(incremental);
    iso_now(incremental->open_time, sizeof(incremental->open_time));
    snprintf(data, sizeof(data), "{\"openWindowTimestamp\": \"%s\"}", incremental->open_time);
    return insert_mark(incremental, "open", data, err);
}

static bool
mark_close(struct cdc_incremental *incremental, struct error *err)
{
    if (incremental->ctx->config.watermark_strategy == CDC_WATERMARK_INSERT_DELETE) {
        struct strbuf sql = STRBUF_INIT;
        strbuf_puts(&sql, "DELETE FROM ");
        write_signal_table(incremental, &sql);
        strbuf_printf(&sql, " WHERE id = '%s-open'", incremental->chunk);
        bool ok = db_exec(incremental->db, sql.data, sql.len, NULL, err);
        strbuf_fini(&sql);
        return ok || error_wrap(err, "the mark of an incremental snapshot in %s", incremental->ctx->config.signal_table);
    }
    char data[256], now[40];
    iso_now(now, sizeof(now));
    snprintf(data, sizeof(data), "{\"openWindowTimestamp\": \"%s\", \"closeWindowTimestamp\": \"%s\"}", incremental->open_time, now);
    return insert_mark(incremental, "close", data, err);
}

/* ---- statements ---------------------------------------------------------------------------------------------------------- */

/* The place of the last row; rows in front of it; those whose place is that of the last one that was read. */
enum selection { SELECT_MAXIMUM, SELECT_CHUNK, SELECT_EQUAL };

/* FLOAT is shown with six digits, which are another number: as DOUBLE it is shown as it is. */
static void
write_column(const struct cdc_incremental *incremental, const struct cdc_column *column, struct strbuf *sql)
{
    bool is_order = false;
    for (size_t i = 0; i < incremental->order_count; i++)
        is_order |= incremental->order[i].column == column;
    db_quote_name(sql, column->name);
    if (is_order && column->type == CDC_FLOAT)
        strbuf_puts(sql, " + 0E0");
}

/* Behind what was given out, up to what the table had when it was opened. */
static void
write_range(const struct cdc_incremental *incremental, const struct cdc_column *const *columns, struct strbuf *sql)
{
    bool has_nulls = false;
    if (incremental->last.count) {
        cdc_key_write_behind(&incremental->last, columns, incremental->db, sql);
        strbuf_puts(sql, " AND ");
    }
    for (size_t i = 0; i < incremental->order_count; i++)
        has_nulls |= columns[i]->is_optional;
    strbuf_puts(sql, has_nulls ? "" : "NOT "); /* a plain NOT leaves the server both ends of a range */
    cdc_key_write_behind(&incremental->maximum, columns, incremental->db, sql);
    strbuf_puts(sql, has_nulls ? " IS NOT TRUE" : "");
}

static void
write_select(struct cdc_incremental *incremental, struct strbuf *sql, enum selection selection)
{
    const struct cdc_column *columns[ORDER_MAX];
    const char *condition = incremental->queue[0].condition, *word = " WHERE ";
    for (size_t i = 0; i < incremental->order_count; i++)
        columns[i] = incremental->order[i].column;
    strbuf_puts(sql, "SELECT ");
    for (size_t i = 0; i < incremental->table->column_count; i++) {
        strbuf_puts(sql, i ? ", " : "");
        write_column(incremental, &incremental->table->columns[i], sql);
    }
    strbuf_puts(sql, " FROM ");
    db_quote_name(sql, incremental->table->database);
    strbuf_putc(sql, '.');
    db_quote_name(sql, incremental->table->name);
    if (selection != SELECT_MAXIMUM) {
        strbuf_puts(sql, word);
        word = " AND ";
        if (selection == SELECT_CHUNK)
            write_range(incremental, columns, sql);
        else
            cdc_key_write_equal(&incremental->read, columns, incremental->db, sql);
    }
    if (condition)
        strbuf_printf(sql, "%s(%s)", word, condition);
    if (selection == SELECT_EQUAL)
        return;
    strbuf_puts(sql, " ORDER BY ");
    for (size_t i = 0; i < incremental->order_count; i++) {
        strbuf_puts(sql, i ? ", " : "");
        cdc_key_write_column(columns[i], sql);
        strbuf_puts(sql, selection == SELECT_MAXIMUM ? " DESC" : "");
    }
    strbuf_printf(sql, " LIMIT %d", selection == SELECT_MAXIMUM ? 1 : incremental->ctx->config.chunk_size);
}

static void
set_key(const struct cdc_incremental *incremental, const char *const *texts, const unsigned long *lengths, struct cdc_key *out)
{
    cdc_key_fini(out);
    for (size_t i = 0; i < incremental->order_count; i++) {
        size_t column = (size_t)(incremental->order[i].column - incremental->table->columns);
        cdc_key_add(out, texts[column], lengths[column]);
    }
}

static bool
add_row(struct cdc_incremental *incremental, const char *const *texts, const unsigned long *lengths, struct error *err)
{
    if (incremental->row_count == incremental->row_size) {
        incremental->row_size = incremental->row_size ? incremental->row_size * 2 : 256;
        incremental->rows = xrealloc(incremental->rows, incremental->row_size * sizeof(*incremental->rows));
    }
    struct window_row *row = &incremental->rows[incremental->row_count];
    if (!cdc_plan_texts(incremental->plan, texts, lengths, &incremental->arena, &row->row, err))
        return false;
    size_t bucket = bucket_of(incremental, &row->row);
    row->is_gone = false;
    row->next = incremental->buckets[bucket];
    incremental->buckets[bucket] = incremental->row_count++;
    set_key(incremental, texts, lengths, &incremental->read);
    return true;
}

/* Runs the statement; a maximum is kept, rows go to the window. *is_cut_out: there may be more rows. */
static bool
run_select(struct cdc_incremental *incremental, enum selection selection, bool *is_cut_out, struct error *err)
{
    struct strbuf sql = STRBUF_INIT;
    write_select(incremental, &sql, selection);
    struct db_result *result = db_query(incremental->db, sql.data, sql.len, err);
    strbuf_fini(&sql);
    if (!result)
        return false;
    const char *const *texts;
    const unsigned long *lengths;
    enum db_row_status status;
    bool ok = true, is_large = false;
    while (!is_large && ok && (status = db_result_next(result, &texts, &lengths, err)) == DB_ROW) {
        if (selection == SELECT_MAXIMUM)
            set_key(incremental, texts, lengths, &incremental->maximum);
        else
            ok = add_row(incremental, texts, lengths, err);
        is_large = selection == SELECT_CHUNK && arena_used(&incremental->arena) > WINDOW_BYTES;
    }
    db_result_free(result);
    *is_cut_out = is_large || incremental->row_count >= (size_t)incremental->ctx->config.chunk_size;
    return ok && status != DB_FAILED;
}

/* The next chunk begins behind the last place of this one. Where several rows may have it, all of them belong to this one. */
static bool
complete(struct cdc_incremental *incremental, struct error *err)
{
    bool is_cut;
    struct window_row last = incremental->rows[incremental->row_count - 1];
    while (incremental->row_count && is_same_row(incremental, &incremental->rows[incremental->row_count - 1].row, &last.row)) {
        const struct window_row *row = &incremental->rows[--incremental->row_count];
        incremental->buckets[bucket_of(incremental, &row->row)] = row->next;
    }
    return run_select(incremental, SELECT_EQUAL, &is_cut, err);
}

/* The place of the last row that was read is done. */
static void
pass_place(struct cdc_incremental *incremental)
{
    cdc_key_fini(&incremental->last);
    incremental->last = incremental->read;
    incremental->read = (struct cdc_key){0};
}

/* Rows behind the last place that was given out; none: there are no more. A chunk of one place has none where its rows went before it
   was completed, and then there may be others behind that place. */
static bool
read_rows(struct cdc_incremental *incremental, struct error *err)
{
    bool is_cut;
    while (run_select(incremental, SELECT_CHUNK, &is_cut, err)) {
        if (!is_cut || incremental->is_unique || incremental->row_count == 0)
            return true;
        if (!complete(incremental, err))
            return false;
        if (incremental->row_count)
            return true;
        arena_reset(&incremental->arena);
        pass_place(incremental);
    }
    return false;
}

/* ---- chunks ------------------------------------------------------------------------------------------------------------------ */

/* Rows are told apart by the column's value in records: it must be its own. */
static bool
can_order(const struct cdc_incremental *incremental, const struct cdc_column *column, bool is_in_row)
{
    return !is_in_row || !cdc_filters_mask(incremental->ctx->filters, incremental->table, column);
}

static bool
add_order(struct cdc_incremental *incremental, const char *name)
{
    const struct cdc_table *table = incremental->table;
    const struct cdc_fields *places[] = {&incremental->plan->key, &incremental->plan->row};
    const struct cdc_column *column = cdc_table_column(table, name);
    for (size_t i = 0; column && i < 2; i++)
        for (size_t field = 0; field < places[i]->count; field++)
            if (&table->columns[places[i]->columns[field]] == column && can_order(incremental, column, i == 1) &&
                incremental->order_count < ORDER_MAX) {
                incremental->order[incremental->order_count++] =
                    (struct order_column){.column = column, .is_in_row = i == 1, .field = (uint32_t)field};
                return true;
            }
    return false;
}

/* All columns of the table's own key, behind those that are there. False: it has none, or one of them cannot order it; then
   nothing was added. */
static bool
add_own_key(struct cdc_incremental *incremental)
{
    const struct cdc_table *table = incremental->table;
    size_t before = incremental->order_count;
    bool ok = table->key_count > 0;
    for (size_t i = 0; i < table->key_count && ok; i++)
        ok = add_order(incremental, table->key[i]);
    if (!ok)
        incremental->order_count = before;
    return ok;
}

/* The columns that order the table: that of the signal and those of its key, else of the records' key. False: there are none, or
   one of them cannot order it. */
static bool
choose_order(struct cdc_incremental *incremental)
{
    const char *surrogate = incremental->queue[0].surrogate;
    const struct cdc_table *table = incremental->table;
    const struct cdc_fields *key = &incremental->plan->key;
    incremental->order_count = 0;
    if (surrogate && !add_order(incremental, surrogate))
        return false;
    incremental->is_unique = add_own_key(incremental);
    if (surrogate || incremental->is_unique)
        return true;
    for (size_t i = 0; i < key->count; i++)
        if (!add_order(incremental, table->columns[key->columns[i]].name))
            return false;
    return incremental->order_count > 0;
}

/* The table at the head of the queue, with its structure of now. False: it is passed over. */
static bool
prepare_table(struct cdc_incremental *incremental)
{
    struct cdc_context *ctx = incremental->ctx;
    const char *label = incremental->queue[0].label, *dot = strchr(label, '.');
    char *database = xmemdup(label, dot ? (size_t)(dot - label) : 0);
    struct cdc_slot *slot = cdc_context_slot(ctx, database, dot ? dot + 1 : label);
    struct error err = ERROR_INIT;
    free(database);
    if (!slot->is_captured || !cdc_context_plan(ctx, slot, &incremental->plan, &err) || !incremental->plan) {
        log_warn("Incremental snapshot: schema not found for table '%s', it is passed over %s", label, err.message);
        return false;
    }
    incremental->slot = slot;
    cdc_table_unref(incremental->table);
    incremental->table = cdc_table_ref(incremental->plan->table);
    if (!choose_order(incremental)) {
        log_warn("Incremental snapshot for table '%s' skipped because it has no primary key, and no surrogate-key or message.key.columns whose "
                 "columns are in its records, and not masked or truncated", label);
        return false;
    }
    if (incremental->maximum.count != incremental->order_count || (incremental->last.count && incremental->last.count != incremental->order_count)) {
        cdc_key_fini(&incremental->last); /* of another key, or of Debezium: from the start */
        cdc_key_fini(&incremental->maximum);
    }
    return true;
}

/* Fill the window from the table at the head. *done_out: there is nothing (more) in it. */
static bool
fill(struct cdc_incremental *incremental, bool *done_out, struct error *err)
{
    *done_out = true;
    if (!prepare_table(incremental))
        return true;
    if (incremental->maximum.count == 0) {
        bool is_cut;
        if (!run_select(incremental, SELECT_MAXIMUM, &is_cut, err))
            return false;
        if (incremental->maximum.count == 0) {
            log_info("Incremental snapshot: table '%s' is empty", incremental->slot->label);
            return true;
        }
    }
    if (!read_rows(incremental, err))
        return false;
    *done_out = incremental->row_count == 0;
    if (*done_out)
        log_info("Incremental snapshot of table '%s' finished, %" PRIu64 " records", incremental->slot->label, incremental->total);
    return true;
}

static bool
connect_session(struct cdc_incremental *incremental, struct error *err)
{
    if (incremental->db && db_is_open(incremental->db))
        return true;
    db_links_drop(&incremental->ctx->links.dbs, incremental->db);
    incremental->db = cdc_context_connect(incremental->ctx, err);
    return incremental->db && cdc_server_run(incremental->db, err, "SET SESSION time_zone = '+00:00'");
}

/* Is the table not to be given up? A read view has no table whose structure was changed behind it; the next view has. */
static bool
is_worth_another_try(struct error *err)
{
    err->retriable = err->retriable || err->cause == TABLE_DEF_CHANGED;
    return err->retriable;
}

/* As many tables as it takes to find rows. */
static bool
fill_from_queue(struct cdc_incremental *incremental, struct error *err)
{
    char chunk[CHUNK_ID_SIZE];
    memcpy(chunk, incremental->chunk, sizeof(chunk));
    while (incremental->queue_count) {
        bool is_done;
        if (!fill(incremental, &is_done, err)) {
            if (is_worth_another_try(err))
                return false;
            log_error("Incremental snapshot of table '%s' failed and is passed over: %s", incremental->queue[0].label, err->message);
            is_done = true;
        }
        if (!is_done)
            break;
        queue_remove(incremental, 0);
        memcpy(incremental->chunk, chunk, sizeof(chunk));
    }
    return true;
}

static bool
fill_window(struct cdc_incremental *incremental, struct error *err)
{
    return connect_session(incremental, err) && mark_open(incremental, err) && fill_from_queue(incremental, err) && mark_close(incremental, err);
}

/* Every change from here on may be one of a row of the chunk. */
static bool
fill_read_only(struct cdc_incremental *incremental, const struct cdc_seen *seen, struct error *err)
{
    new_chunk_id(incremental);
    if (!connect_session(incremental, err) || !cdc_watermark_low(incremental->db, seen, err) || !fill_from_queue(incremental, err))
        return false;
    incremental->is_open = true;
    return cdc_watermark_high(incremental->db, &incremental->high, err);
}

static bool
read_chunk(struct cdc_incremental *incremental, struct error *err)
{
    if (incremental->ctx->config.read_only || !incremental->ctx->config.signal_table || !cdc_incremental_wants_chunk(incremental))
        return true;
    if (fill_window(incremental, err))
        return true;
    forget_window(incremental);
    return false;
}

bool
cdc_incremental_execute(struct cdc_incremental *incremental, const struct cdc_signal *signal, struct error *err)
{
    struct cdc_context *ctx = incremental->ctx;
    struct cdc_table *const *tables;
    bool is_idle = incremental->queue_count == 0;
    size_t count = cdc_tables_all(ctx->tables, &tables);
    for (size_t i = 0; i < signal->tables.count; i++) {
        const char *expression = signal->tables.items[i];
        size_t before = incremental->queue_count;
        for (size_t j = 0; j < count; j++) {
            const struct cdc_slot *slot = cdc_context_slot(ctx, tables[j]->database, tables[j]->name);
            if (slot->is_captured && cdc_signal_names(expression, slot->label))
                queue_add(incremental, slot->label, cdc_signal_condition(signal, slot->label), signal->surrogate_key);
        }
        if (incremental->queue_count == before)
            log_warn("signal '%s': no captured table is named by '%s'", signal->id, expression);
    }
    if (is_idle) {
        free(incremental->correlation);
        incremental->correlation = xstrdup(signal->id);
    }
    return read_chunk(incremental, err);
}

bool
cdc_incremental_resume(struct cdc_incremental *incremental, struct error *err)
{
    return read_chunk(incremental, err);
}

bool
cdc_incremental_stop(struct cdc_incremental *incremental, const struct cdc_signal *signal, struct error *err)
{
    for (size_t i = incremental->queue_count; i-- > 0;) {
        bool is_named = signal->tables.count == 0;
        for (size_t j = 0; !is_named && j < signal->tables.count; j++)
            is_named = cdc_signal_names(signal->tables.items[j], incremental->queue[i].label);
        if (is_named) {
            log_info("Incremental snapshot of table '%s' is stopped", incremental->queue[i].label);
            queue_remove(incremental, i);
        }
    }
    return read_chunk(incremental, err); /* of the next table, when the one at hand was stopped */
}

bool
cdc_incremental_pause(struct cdc_incremental *incremental, bool is_paused, struct error *err)
{
    incremental->is_paused = is_paused;
    return read_chunk(incremental, err);
}

/* ---- without a signal table ------------------------------------------------------------------------------------------------- */

bool
cdc_incremental_wants_chunk(const struct cdc_incremental *incremental)
{
    return incremental->queue_count > 0 && !incremental->is_paused && !*incremental->chunk;
}

/* A session that failed between the marks may have its read view open: it is not used again. */
bool
cdc_incremental_read(struct cdc_incremental *incremental, const struct cdc_seen *seen, struct error *err)
{
    if (fill_read_only(incremental, seen, err))
        return true;
    forget_window(incremental);
    db_links_drop(&incremental->ctx->links.dbs, incremental->db);
    incremental->db = NULL;
    return false;
}

bool
cdc_incremental_is_over(const struct cdc_incremental *incremental, const struct binlog_gtids *seen)
{
    return incremental->high && binlog_gtids_contains(seen, incremental->high);
}

/* ---- windows ------------------------------------------------------------------------------------------------------------------- */

static bool
is_mark(const struct cdc_incremental *incremental, const char *id)
{
    size_t len = strlen(incremental->chunk);
    return len && strncmp(id, incremental->chunk, len) == 0 && id[len] == '-';
}

void
cdc_incremental_open(struct cdc_incremental *incremental, const char *id)
{
    if (is_mark(incremental, id))
        incremental->is_open = true;
}

bool
cdc_incremental_close(struct cdc_incremental *incremental, const char *id)
{
    return is_mark(incremental, id);
}

bool
cdc_incremental_watches(const struct cdc_incremental *incremental, const struct cdc_slot *slot)
{
    return incremental->is_open && incremental->slot == slot && incremental->row_count > 0 && slot->plan &&
           slot->plan->table == incremental->table; /* else emit drops the window */
}

void
cdc_incremental_changed(struct cdc_incremental *incremental, const struct cdc_slot *slot, const struct cdc_row *row)
{
    if (!cdc_incremental_watches(incremental, slot))
        return;
    for (size_t i = incremental->buckets[bucket_of(incremental, row)]; i != WINDOW_END; i = incremental->rows[i].next)
        if (is_same_row(incremental, &incremental->rows[i].row, row))
            incremental->rows[i].is_gone = true;
}

/* After a change of the table's structure the window is of no use: the same chunk is read again. */
void
cdc_incremental_emit(struct cdc_incremental *incremental, const struct cdc_source *source, struct source_offset offset,
                     struct record_batch *out)
{
    struct cdc_context *ctx = incremental->ctx;
    bool is_current = incremental->slot && incremental->row_count &&
                      cdc_tables_get(ctx->tables, incremental->slot->database, incremental->slot->table) == incremental->table;
    for (size_t i = 0; is_current && i < incremental->row_count; i++) {
        const struct window_row *row = &incremental->rows[i];
        if (row->is_gone)
            continue;
        struct cdc_source block = *source;
        block.mark = CDC_MARK_INCREMENTAL;
        block.ts_us = clock_wall_us();
        block.database = incremental->plan->table->database;
        block.table = incremental->plan->table->name;
        struct cdc_row_record record = {
            .plan = incremental->plan, .op = "r", .key = value_copy(&row->row.key, &out->arena),
            .after = value_copy(&row->row.row, &out->arena), .source = cdc_source_make(&ctx->maker, &block, &out->arena), .offset = offset,
        };
        cdc_context_add_row(ctx, out, &record);
        incremental->total++;
    }
    if (is_current)
        pass_place(incremental);
    forget_window(incremental);
}

bool
cdc_incremental_next(struct cdc_incremental *incremental, struct error *err)
{
    return read_chunk(incremental, err);
}

/* ---- offsets --------------------------------------------------------------------------------------------------------------------- */

char *
cdc_incremental_extra(const struct cdc_incremental *incremental)
{
    if (incremental->queue_count == 0 && !incremental->is_paused)
        return NULL;
    json_t *list = json_array(), *state = json_object();
    if (incremental->is_paused)
        json_object_set_new(state, PAUSED, json_true());
    for (size_t i = 0; i < incremental->queue_count; i++) {
        const struct queued *queued = &incremental->queue[i];
        json_array_append_new(list, json_pack("{s:s, s:s?, s:s?}", COLLECTIONS "_id", queued->label, COLLECTIONS "_additional_condition",
                                              queued->condition, COLLECTIONS "_surrogate_key", queued->surrogate));
    }
    char *collections = json_dumps(list, JSON_COMPACT);
    if (incremental->queue_count)
        json_object_set_new(state, COLLECTIONS, json_string(collections));
    if (incremental->queue_count && incremental->correlation)
        json_object_set_new(state, PREFIX "correlation_id", json_string(incremental->correlation));
    if (incremental->last.count)
        json_object_set_new(state, LAST_KEY, cdc_key_json(&incremental->last));
    if (incremental->maximum.count)
        json_object_set_new(state, MAXIMUM, cdc_key_json(&incremental->maximum));
    char *text = json_dumps(state, JSON_COMPACT), *members = xmemdup(text + 1, strlen(text) - 2);
    free(text);
    free(collections);
    json_decref(list);
    json_decref(state);
    return members;
}
