/*
 * Frames in a buffer; what a reader writes and what the task reads are two, swapped when the second is used up:
 *
 *   kind u32, table u32, flags u32, count u32, ts_us i64, then for each column: length u32 (NONE: NULL), the bytes, NUL
 *
 * A reader holds the frames from its newest row on back, until it knows what comes behind: another row, or nothing.
 */
#include "connect/connectors/binlog/snapshot_reader.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/strbuf.h"
#include "connect/connectors/binlog/server.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTES = 256 << 10, KEEP_BYTES = 4 * BUFFER_BYTES, FLAG_LAST = 1, FLAG_LAST_OF_READER = 2 };

#define NONE UINT32_MAX
#define NOTHING SIZE_MAX

struct head {
    uint32_t kind, table, flags, count;
    int64_t ts_us;
};

struct reader {
    struct cdc_readers *readers;
    struct db *db;
    pthread_t thread;
    /* the reader's thread */
    struct strbuf own;
    size_t held;      /* place of the newest row in it; NOTHING: all may go */
    size_t table;
    /* the lock's */
    struct strbuf ready;
    bool has_ended, has_failed;
    struct error err; /* with failed: of `table` */
    /* the task's thread */
    struct strbuf draining;
    size_t at;
};

struct cdc_readers {
    const char *const *statements;
    size_t count;
    struct reader *items;
    size_t item_count, current; /* current: where the next look begins */
    bool has_turned;            /* the frames at hand are used up, another reader's are next */
    const char **texts; /* of the event at hand */
    unsigned long *lengths;
    size_t room;
    atomic_bool is_task_starving; /* it has waited in vain: rows come slowly, so each is given at once */

    pthread_mutex_t lock;
    pthread_cond_t has_more, has_room;
    size_t next; /* table that nobody has begun */
    bool is_closing;
};

/* ---- the reader's thread ------------------------------------------------------------------------------------------- */

static void
put_frame(struct reader *reader, enum cdc_read kind, int64_t ts_us, const char *const *texts, const unsigned long *lengths, size_t count)
{
    struct strbuf *own = &reader->own;
    struct head head = {(uint32_t)kind, (uint32_t)reader->table, 0, (uint32_t)count, ts_us};
    strbuf_add(own, (const char *)&head, sizeof(head));
    for (size_t i = 0; i < count; i++) {
        uint32_t len = texts[i] ? (uint32_t)(lengths ? lengths[i] : strlen(texts[i])) : NONE;
        strbuf_add(own, (const char *)&len, sizeof(len));
        if (texts[i])
            strbuf_add(own, texts[i], len);
        if (texts[i])
            strbuf_putc(own, '\0');
    }
}

static void
add_flag(struct reader *reader, uint32_t flag)
{
    struct head head;
    memcpy(&head, reader->own.data + reader->held, sizeof(head));
    head.flags |= flag;
    memcpy(reader->own.data + reader->held, &head, sizeof(head));
}

static void
reset(struct strbuf *buffer)
{
    if (buffer->size > KEEP_BYTES)
        strbuf_fini(buffer);
    else
        strbuf_reset(buffer);
}

/* What is not held back goes to the task, when that has taken what went before. False: closing. */
static bool
publish(struct reader *reader)
{
    struct cdc_readers *readers = reader->readers;
    size_t len = reader->held == NOTHING ? reader->own.len : reader->held;
    struct strbuf rest = STRBUF_INIT;
    strbuf_add(&rest, reader->own.data + len, reader->own.len - len);
    pthread_mutex_lock(&readers->lock);
    while (reader->ready.len && !readers->is_closing)
        pthread_cond_wait(&readers->has_room, &readers->lock);
    bool is_open = !readers->is_closing;
    struct strbuf swapped = reader->ready;
    reader->ready = reader->own;
    reader->ready.len = len;
    pthread_cond_signal(&readers->has_more);
    pthread_mutex_unlock(&readers->lock);
    reset(&swapped);
    strbuf_add(&swapped, rest.data, rest.len);
    strbuf_fini(&rest);
    reader->own = swapped;
    if (reader->held != NOTHING)
        reader->held = 0;
    return is_open;
}

static bool
take_row(struct reader *reader, const char *const *texts, const unsigned long *lengths, size_t count)
{
    size_t begin = reader->own.len;
    put_frame(reader, CDC_READ_ROW, 0, texts, lengths, count);
    reader->held = begin;
    bool is_due = begin >= BUFFER_BYTES || (begin > 0 && atomic_load_explicit(&reader->readers->is_task_starving, memory_order_relaxed));
    return !is_due || publish(reader);
}

static void
put_names(struct reader *reader, struct db_result *result, int64_t ts_us)
{
    const struct db_column *columns;
    size_t count = db_result_columns(result, &columns);
    const char **names = xcalloc(count + 1, sizeof(*names));
    for (size_t i = 0; i < count; i++)
        names[i] = columns[i].name;
    put_frame(reader, CDC_READ_BEGIN, ts_us, names, NULL, count);
    free(names);
}

static bool
read_table(struct reader *reader, struct error *err)
{
    const char *sql = reader->readers->statements[reader->table];
    int64_t ts_us;
    if (!cdc_server_now_us(reader->db, &ts_us, err))
        return false;
    struct db_result *result = db_query(reader->db, sql, strlen(sql), err);
    if (!result)
        return false;
    put_names(reader, result, ts_us);
    const struct db_column *columns;
    size_t count = db_result_columns(result, &columns);
    const char *const *texts;
    const unsigned long *lengths;
    enum db_row_status status;
    bool has_rows = false, is_open = true;
    while (is_open && (status = db_result_next(result, &texts, &lengths, err)) == DB_ROW) {
        is_open = take_row(reader, texts, lengths, count);
        has_rows = true;
    }
    db_result_free(result);
    if (!is_open)
        return error_set(err, ERROR_TIMEOUT, "the snapshot is closed");
    if (status != DB_END)
        return false;
    if (has_rows)
        add_flag(reader, FLAG_LAST);
    put_frame(reader, CDC_READ_END, 0, NULL, NULL, 0);
    return true;
}

static bool
take_table(struct reader *reader)
{
    struct cdc_readers *readers = reader->readers;
    pthread_mutex_lock(&readers->lock);
    bool is_there = readers->next < readers->count && !readers->is_closing;
    if (is_there)
        reader->table = readers->next++;
    pthread_mutex_unlock(&readers->lock);
    return is_there;
}

static void *
run(void *arg)
{
    struct reader *reader = arg;
    struct cdc_readers *readers = reader->readers;
    struct error err = ERROR_INIT;
    bool ok = true;
    while (ok && take_table(reader))
        ok = read_table(reader, &err);
    if (ok && reader->held != NOTHING)
        add_flag(reader, FLAG_LAST_OF_READER);
    reader->held = NOTHING;
    if (ok && reader->own.len)
        publish(reader);
    pthread_mutex_lock(&readers->lock);
    reader->has_ended = true;
    reader->has_failed = !ok;
    reader->err = err;
    pthread_cond_signal(&readers->has_more);
    pthread_mutex_unlock(&readers->lock);
    return NULL;
}

/* ---- the task's thread ------------------------------------------------------------------------------------------------ */

/* Is there a frame of this reader? *over_out: there will never be another. */
static bool
has_frame(struct reader *reader, bool *over_out)
{
    *over_out = false;
    if (reader->at < reader->draining.len)
        return true;
    struct cdc_readers *readers = reader->readers;
    reset(&reader->draining);
    reader->at = 0;
    pthread_mutex_lock(&readers->lock);
    struct strbuf swapped = reader->ready;
    reader->ready = reader->draining;
    reader->draining = swapped;
    *over_out = reader->has_ended && !reader->has_failed && !reader->draining.len;
    pthread_cond_broadcast(&readers->has_room);
    pthread_mutex_unlock(&readers->lock);
    return reader->draining.len > 0;
}

static struct head
head_of(const struct reader *reader)
{
    struct head head;
    memcpy(&head, reader->draining.data + reader->at, sizeof(head));
    return head;
}

static enum cdc_read
take_frame(struct reader *reader, struct cdc_read_event *event)
{
    struct cdc_readers *readers = reader->readers;
    struct head head = head_of(reader);
    if (head.count > readers->room) {
        readers->room = head.count * 2;
        readers->texts = xrealloc(readers->texts, readers->room * sizeof(*readers->texts));
        readers->lengths = xrealloc(readers->lengths, readers->room * sizeof(*readers->lengths));
    }
    const char *at = reader->draining.data + reader->at + sizeof(head);
    for (size_t i = 0; i < head.count; i++) {
        uint32_t len;
        memcpy(&len, at, sizeof(len));
        at += sizeof(len);
        readers->texts[i] = len == NONE ? NULL : at;
        readers->lengths[i] = len == NONE ? 0 : len;
        at += len == NONE ? 0 : (size_t)len + 1;
    }
    reader->at = (size_t)(at - reader->draining.data);
    *event = (struct cdc_read_event){
        .table = head.table, .count = head.count, .texts = readers->texts, .lengths = readers->lengths, .ts_us = head.ts_us,
        .is_last = head.flags & FLAG_LAST,
    };
    return (enum cdc_read)head.kind;
}

/* The next frame there is: of the reader at hand until its buffer is used up, then of the others, so that none of them waits
   for long with its statement open. A reader's last row waits for the others'. */
static enum cdc_read
look(struct cdc_readers *readers, struct cdc_read_event *event)
{
    size_t over = 0, parked = 0;
    struct reader *last = NULL;
    for (size_t i = 0; i < readers->item_count; i++) {
        size_t at = (readers->current + i) % readers->item_count;
        struct reader *reader = &readers->items[at];
        bool is_over;
        if (!has_frame(reader, &is_over)) {
            over += is_over;
        } else if (head_of(reader).flags & FLAG_LAST_OF_READER) {
            parked++;
            last = reader;
        } else {
            enum cdc_read kind = take_frame(reader, event);
            readers->has_turned = reader->at >= reader->draining.len;
            readers->current = readers->has_turned ? (at + 1) % readers->item_count : at;
            return kind;
        }
    }
    if (over == readers->item_count)
        return CDC_READ_OVER;
    if (over + parked < readers->item_count)
        return CDC_READ_IDLE;
    take_frame(last, event);
    event->is_final = parked == 1;
    return CDC_READ_ROW;
}

/* Whatever has failed ends all, also where another reader still has rows. */
static bool
has_failed(struct cdc_readers *readers, struct cdc_read_event *event, struct error *err)
{
    bool has = false;
    pthread_mutex_lock(&readers->lock);
    for (size_t i = 0; i < readers->item_count && !has; i++) {
        struct reader *reader = &readers->items[i];
        has = reader->has_failed;
        if (has) {
            *event = (struct cdc_read_event){.table = reader->table};
            *err = reader->err;
        }
    }
    pthread_mutex_unlock(&readers->lock);
    return has;
}

static bool
has_news(const struct cdc_readers *readers)
{
    for (size_t i = 0; i < readers->item_count; i++) {
        const struct reader *reader = &readers->items[i];
        if (reader->ready.len || reader->has_failed)
            return true;
    }
    return false;
}

static size_t
ended(const struct cdc_readers *readers)
{
    size_t count = 0;
    for (size_t i = 0; i < readers->item_count; i++)
        count += readers->items[i].has_ended;
    return count;
}

/* Until a reader has something, or has ended. */
static void
wait_for_more(struct cdc_readers *readers, int timeout_ms)
{
    struct timespec until = clock_deadline(timeout_ms);
    bool is_in_vain = false;
    pthread_mutex_lock(&readers->lock);
    size_t before = ended(readers);
    while (!has_news(readers) && ended(readers) == before && before < readers->item_count)
        if (pthread_cond_timedwait(&readers->has_more, &readers->lock, &until)) {
            is_in_vain = true;
            break;
        }
    pthread_mutex_unlock(&readers->lock);
    atomic_store(&readers->is_task_starving, is_in_vain);
}

enum cdc_read
cdc_readers_next(struct cdc_readers *readers, int timeout_ms, struct cdc_read_event *event, struct error *err)
{
    if (readers->has_turned && has_failed(readers, event, err))
        return CDC_READ_FAILED;
    readers->has_turned = false;
    for (int i = 0; i < 2; i++) {
        enum cdc_read kind = look(readers, event);
        if (kind != CDC_READ_IDLE)
            return kind;
        if (has_failed(readers, event, err))
            return CDC_READ_FAILED;
        if (timeout_ms == 0)
            break;
        if (i == 0)
            wait_for_more(readers, timeout_ms);
    }
    return CDC_READ_IDLE;
}

/* ---- life ----------------------------------------------------------------------------------------------------------------- */

struct cdc_readers *
cdc_readers_new(struct db *const *dbs, size_t db_count, const char *const *statements, size_t count, struct error *err)
{
    struct cdc_readers *readers = xcalloc(1, sizeof(*readers));
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&readers->lock, NULL);
    pthread_cond_init(&readers->has_more, &monotonic);
    pthread_cond_init(&readers->has_room, NULL);
    pthread_condattr_destroy(&monotonic);
    readers->statements = statements;
    readers->count = count;
    readers->items = xcalloc(db_count, sizeof(*readers->items));
    for (size_t i = 0; i < db_count; i++) {
        struct reader *reader = &readers->items[i];
        reader->readers = readers;
        reader->db = dbs[i];
        reader->held = NOTHING;
        int failed = pthread_create(&reader->thread, NULL, run, reader);
        if (failed) {
            cdc_readers_free(readers);
            error_set_retriable(err, ERROR_UNAVAILABLE, "no thread for a reader of the snapshot: %s", strerror(failed));
            return NULL;
        }
        readers->item_count++;
    }
    return readers;
}

void
cdc_readers_free(struct cdc_readers *readers)
{
    if (!readers)
        return;
    pthread_mutex_lock(&readers->lock);
    readers->is_closing = true;
    for (size_t i = 0; i < readers->item_count; i++)
        if (!readers->items[i].has_ended)
            db_kill(readers->items[i].db);
    pthread_cond_broadcast(&readers->has_room);
    pthread_mutex_unlock(&readers->lock);
    for (size_t i = 0; i < readers->item_count; i++) {
        struct reader *reader = &readers->items[i];
        pthread_join(reader->thread, NULL);
        strbuf_fini(&reader->own);
        strbuf_fini(&reader->ready);
        strbuf_fini(&reader->draining);
    }
    pthread_cond_destroy(&readers->has_more);
    pthread_cond_destroy(&readers->has_room);
    pthread_mutex_destroy(&readers->lock);
    free(readers->items);
    free(readers->texts);
    free(readers->lengths);
    free(readers);
}
