/*
 * A sink task at work: poll -> converters -> transforms -> put, and the commits behind it (WorkerSinkTask).
 *
 * One batch at a time. It stays until put has taken it: a retriable failure pauses all partitions and gives the
 * same batch again, while the consumer goes on polling so that the group keeps the task. Offsets are those of
 * batches that put has taken, and never more.
 */
#include "connect/runtime/dead_letters.h"
#include "connect/runtime/sink_consumer.h"
#include "connect/runtime/task_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LOGGER("org.apache.kafka.connect.runtime.WorkerSinkTask");

enum { SINK_IDLE_MS = 10000, SINK_BATCH_DEFAULT = 500, SINK_BATCH_LIMIT = 100000, SINK_RETRY_POLL_MS = 100, SINK_PART = 1000 };

struct sink_task {
    struct task *task;
    struct sink_task_context context;
    struct sink_consumer consumer;
    struct dead_letters *letters;
    struct record_batch batch;
    rd_kafka_message_t **messages; /* of the batch */
    size_t message_count, message_max;
    size_t filled;                 /* messages before this one are converted */
    bool has_fill_failed;          /* and fill_error says why: a failure of converting, not of putting */
    struct error fill_error;
    bool is_batch_gone;            /* partitions were taken away while the batch waited for a retry */
    int64_t commit_at_ms;
};

static void
sink_messages_free(struct sink_task *sink)
{
    for (size_t i = 0; i < sink->message_count; i++)
        rd_kafka_message_destroy(sink->messages[i]);
    sink->message_count = sink->filled = 0;
    record_batch_reset(&sink->batch);
}

/* ---- converting ------------------------------------------------------------------------------------------------ */

static bool
sink_read(struct sink_task *sink, struct converter *converter, enum stage stage, struct record *record, const char *topic,
          const void *bytes, size_t len, const struct schema **schema, struct value *value, struct error *err)
{
    if (converter->plugin->ops->read(converter->state, topic, bytes, len, &sink->batch, schema, value, err))
        return true;
    record->is_dropped = true;
    return tolerance_failed(&sink->task->tolerance, stage, converter->plugin->class_name, record, err);
}

static bool
sink_read_headers(struct sink_task *sink, struct record *record, rd_kafka_message_t *message, struct error *err)
{
    rd_kafka_headers_t *headers;
    if (rd_kafka_message_headers(message, &headers))
        return true;
    size_t count = rd_kafka_header_cnt(headers);
    record->headers = arena_array(&sink->batch.arena, struct header, count);
    const char *name;
    const void *bytes;
    size_t len;
    for (size_t i = 0; i < count && !record->is_dropped && !rd_kafka_header_get_all(headers, i, &name, &bytes, &len); i++) {
        struct header *header = &record->headers[i];
        *header = (struct header){.name = name};
        record->header_count = i + 1;
        if (!sink_read(sink, &sink->task->header_converter, STAGE_HEADER_CONVERTER, record, record->topic, bytes, len,
                       &header->schema, &header->value, err))
            return false;
    }
    return true;
}

/* The first thing that fails ends the record; what follows is not tried. */
static bool
sink_convert(struct sink_task *sink, struct record *record, rd_kafka_message_t *message, struct error *err)
{
    struct task *task = sink->task;
    return sink_read(sink, &task->key_converter, STAGE_KEY_CONVERTER, record, record->topic, message->key, message->key_len,
                     &record->key_schema, &record->key, err) &&
           (record->is_dropped || sink_read(sink, &task->value_converter, STAGE_VALUE_CONVERTER, record, record->topic,
                                            message->payload, message->len, &record->value_schema, &record->value, err)) &&
           (record->is_dropped || sink_read_headers(sink, record, message, err)) &&
           (record->is_dropped || task_transform(task, &sink->batch, record, err));
}

/* Convert one part of the messages; what is dropped leaves no record, only its offset. */
static bool
sink_fill_part(struct sink_task *sink, struct error *err)
{
    size_t part = sink->task->plugin->sink->takes_parts ? SINK_PART : sink->message_count;
    for (size_t i = 0; i < part && sink->filled < sink->message_count; i++) {
        rd_kafka_message_t *message = sink->messages[sink->filled++];
        struct sink_partition *partition = sink_consumer_find(&sink->consumer, message);
        if (!partition)
            continue; /* taken away meanwhile: its next owner reads it */
        rd_kafka_timestamp_type_t type;
        struct record *record = record_batch_add(&sink->batch);
        record->topic = record->original_topic = partition->topic;
        record->partition = record->original_partition = message->partition;
        record->offset = message->offset;
        record->timestamp_ms = rd_kafka_message_timestamp(message, &type);
        record->timestamp_type = type == RD_KAFKA_TIMESTAMP_CREATE_TIME       ? TIMESTAMP_CREATE
                                 : type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME ? TIMESTAMP_LOG_APPEND
                                                                              : TIMESTAMP_NONE;
        record->message = message;
        if (!sink_convert(sink, record, message, err))
            return false;
        if (record->is_dropped)
            sink->batch.count--;
    }
    return true;
}

/* Convert until there is a record. */
static bool
sink_fill(struct sink_task *sink, struct error *err)
{
    size_t before = sink->batch.count;
    bool ok = true;
    while (ok && sink->batch.count == before && sink->filled < sink->message_count)
        ok = sink_fill_part(sink, err);
    return ok;
}

/* ---- putting ------------------------------------------------------------------------------------------------------ */

static void
sink_delivered(struct sink_task *sink)
{
    for (size_t i = 0; i < sink->message_count; i++) {
        struct sink_partition *partition = sink_consumer_find(&sink->consumer, sink->messages[i]);
        if (partition)
            partition->next = sink->messages[i]->offset + 1;
    }
}

static void
sink_commit(struct sink_task *sink, bool wait)
{
    const struct worker_config *worker = sink->task->env->worker;
    sink->commit_at_ms = clock_now_ms() + worker->offset_flush_interval_ms;
    dead_letters_flush(sink->letters, worker->offset_flush_timeout_ms);
    sink_consumer_commit(&sink->consumer, wait);
}

/* Wait before the batch is given again, polling with all partitions paused. */
static bool
sink_wait_retry(struct sink_task *sink, int64_t wait_ms, struct error *err)
{
    int64_t until_ms = clock_now_ms() + wait_ms;
    bool ok = true;
    sink_consumer_pause(&sink->consumer, true);
    do
        ok = sink_consumer_idle(&sink->consumer, SINK_RETRY_POLL_MS, err);
    while (ok && clock_now_ms() < until_ms && !task_is_closing(sink->task) && !sink->is_batch_gone);
    if (!task_is_paused(sink->task))
        sink_consumer_pause(&sink->consumer, false);
    return ok;
}

static void
sink_count_put(struct sink_task *sink, int64_t took_us)
{
    struct task_metrics *metrics = sink->task->metrics;
    int64_t count = (int64_t)sink->batch.count;
    atomic_fetch_add_explicit(&metrics->records_in, (int64_t)sink->message_count, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->records_out, count, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->batch_count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->batch_size_sum, count, memory_order_relaxed);
    atomic_fetch_add_explicit(&metrics->batch_time_us_sum, took_us, memory_order_relaxed);
    if (took_us > atomic_load_explicit(&metrics->batch_time_us_max, memory_order_relaxed))
        atomic_store_explicit(&metrics->batch_time_us_max, took_us, memory_order_relaxed);
    if (count > atomic_load_explicit(&metrics->batch_size_max, memory_order_relaxed))
        atomic_store_explicit(&metrics->batch_size_max, count, memory_order_relaxed);
}

/* Give the batch to the connector until it takes it, fails, or the task is closed. */
static bool
sink_put(struct sink_task *sink, struct error *err)
{
    struct task *task = sink->task;
    sink->is_batch_gone = false;
    while (!task_is_closing(task) && !sink->is_batch_gone) {
        int64_t retry_ms = 0, started_us = clock_now_us();
        switch (task->plugin->sink->put(task->state, &sink->batch, &retry_ms, err)) {
        case PUT_DONE:
            sink_count_put(sink, clock_now_us() - started_us);
            sink_delivered(sink);
            return true;
        case PUT_RETRY:
            log_warn("put failed and is tried again in %" PRId64 " ms: %s", retry_ms, err->message);
            atomic_fetch_add(&task->metrics->retries, 1);
            if (!sink_wait_retry(sink, retry_ms, err))
                return false;
            break;
        case PUT_FAILED:
            if (sink->has_fill_failed) {
                *err = sink->fill_error;
                return false;
            }
            return task_is_closing(task) || error_cause(err, NULL, "Exiting WorkerSinkTask due to unrecoverable exception.");
        }
    }
    /* The batch goes without having been taken. What is still ours is read again. */
    if (!task_is_closing(task))
        sink_consumer_rewind(&sink->consumer, sink->messages, sink->message_count);
    return true;
}

static bool
sink_turn(struct sink_task *sink, struct error *err)
{
    int64_t wait_ms = sink->commit_at_ms - clock_now_ms();
    wait_ms = wait_ms < 0 ? 0 : wait_ms > SINK_IDLE_MS ? SINK_IDLE_MS : wait_ms;
    if (!sink_consumer_poll(&sink->consumer, (int)wait_ms, sink->messages, sink->message_max, &sink->message_count, err))
        return false;
    bool ok = sink->message_count == 0 || (sink_fill(sink, err) && (sink->batch.count > 0 ? sink_put(sink, err) : true));
    if (ok && sink->batch.count == 0)
        sink_delivered(sink);
    if (ok && sink->message_count > 0)
        sink_consumer_measure(&sink->consumer);
    sink_messages_free(sink);
    if (ok && clock_now_ms() >= sink->commit_at_ms)
        sink_commit(sink, false);
    return ok;
}

/* ---- what the connector and the consumer call ---------------------------------------------------------------------- */

static bool
sink_report(const struct sink_task_context *ctx, const struct record *record, const struct error *reason, struct error *err)
{
    struct sink_task *sink = ctx->runtime;
    struct error failure = *reason;
    if (tolerance_failed(&sink->task->tolerance, STAGE_TASK_PUT, "org.apache.kafka.connect.sink.SinkTask", record, &failure))
        return true;
    *err = failure;
    return false;
}

static bool
sink_seek(const struct sink_task_context *ctx, const char *topic, int32_t partition, int64_t offset, struct error *err)
{
    return sink_consumer_seek(&((struct sink_task *)ctx->runtime)->consumer, topic, partition, offset, err);
}

static bool
sink_more(const struct sink_task_context *ctx, bool *more_out, struct error *err)
{
    struct sink_task *sink = ctx->runtime;
    size_t before = sink->batch.count;
    if (!sink_fill(sink, err)) {
        sink->has_fill_failed = true;
        sink->fill_error = *err;
        return false;
    }
    *more_out = sink->batch.count > before;
    return true;
}

static void
sink_gauge(const struct sink_task_context *ctx, const char *name, double value)
{
    task_gauge(((struct sink_task *)ctx->runtime)->task, name, value);
}

static bool
sink_opened(void *arg, const struct topic_partition *partitions, size_t count, struct error *err)
{
    struct task *task = ((struct sink_task *)arg)->task;
    return !task->plugin->sink->open || task->plugin->sink->open(task->state, partitions, count, err);
}

static void
sink_closed(void *arg, const struct topic_partition *partitions, size_t count)
{
    struct sink_task *sink = arg;
    sink->is_batch_gone = true;
    if (sink->task->plugin->sink->close_partitions)
        sink->task->plugin->sink->close_partitions(sink->task->state, partitions, count);
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

/* How many records a batch holds: what the connector likes, but no more than max.poll.records if somebody set it. */
static size_t
sink_batch_max(const struct task *task)
{
    size_t max = task->plugin->sink->batch_max ? task->plugin->sink->batch_max(task->state) : 0;
    const char *asked = config_get(task->connector_config, "consumer.override.max.poll.records");
    if (!asked)
        asked = config_get(&task->env->worker->raw, "consumer.max.poll.records");
    size_t limit = asked ? strtoul(asked, NULL, 10) : 0;
    if (max == 0)
        max = SINK_BATCH_DEFAULT;
    if (limit > 0 && limit < max)
        max = limit;
    return max < SINK_BATCH_LIMIT ? max : SINK_BATCH_LIMIT;
}

static bool
sink_start(struct sink_task *sink, struct error *err)
{
    struct task *task = sink->task;
    if (!dead_letters_open(task, &sink->letters, err))
        return false;
    if (sink->letters) {
        task->tolerance.report = dead_letters_report;
        task->tolerance.report_arg = sink->letters;
    }
    sink->context = (struct sink_task_context){
        .connector = task->connector,
        .task = task->number,
        .runtime = sink,
        .report = sink->letters || task->tolerance.log_enable ? sink_report : NULL,
        .seek = sink_seek,
        .gauge = sink_gauge,
        .more = sink_more,
    };
    if (!task->plugin->sink->init(task->state, &sink->context, task->task_config, err))
        return false;
    sink->message_max = sink_batch_max(task);
    sink->messages = xcalloc(sink->message_max, sizeof(*sink->messages));
    struct sink_consumer_events events = {.opened = sink_opened, .closed = sink_closed, .arg = sink};
    if (!sink_consumer_open(&sink->consumer, task, &events, err))
        return false;
    sink->commit_at_ms = clock_now_ms() + task->env->worker->offset_flush_interval_ms;
    task_report(task, STATUS_RUNNING, NULL);
    return true;
}

/* While paused the task stays in its group: it polls, and nothing comes. */
static bool
sink_sit_out_pause(struct sink_task *sink, struct error *err)
{
    struct task *task = sink->task;
    bool ok = true;
    sink_commit(sink, true);
    sink_consumer_pause(&sink->consumer, true);
    task_report(task, STATUS_PAUSED, NULL);
    int64_t started_us = clock_now_us();
    while (ok && task_is_paused(task) && !task_is_closing(task))
        ok = sink_consumer_idle(&sink->consumer, SINK_IDLE_MS, err);
    atomic_fetch_add(&task->metrics->paused_us, clock_now_us() - started_us);
    if (!ok || task_is_closing(task))
        return ok;
    sink_consumer_pause(&sink->consumer, false);
    task_report(task, STATUS_RUNNING, NULL);
    return true;
}

static bool
sink_work(struct sink_task *sink, struct error *err)
{
    while (!task_is_closing(sink->task)) {
        if (task_is_paused(sink->task) && !sink_sit_out_pause(sink, err))
            return false;
        if (!task_is_closing(sink->task) && !sink_turn(sink, err))
            return false;
    }
    return true;
}

bool
sink_task_run(struct task *task, struct error *err)
{
    struct sink_task *sink = xcalloc(1, sizeof(*sink));
    sink->task = task;
    bool ok = sink_start(sink, err) && sink_work(sink, err);
    sink_messages_free(sink);
    dead_letters_flush(sink->letters, task->env->worker->offset_flush_timeout_ms);
    sink_consumer_close(&sink->consumer);
    task_state_fini(task);
    dead_letters_close(sink->letters);
    record_batch_fini(&sink->batch);
    free(sink->messages);
    free(sink);
    return ok;
}
