/*
 * A source task at work: poll -> transforms -> converters -> produce, and the offsets behind them
 * (AbstractWorkerSourceTask, WorkerSourceTask).
 *
 *   poll ------> batch ------> ledger_add ------> produce        task thread
 *                                 ^                  |
 *                                 |                  v           librdkafka
 *              offset flush <- ledger_done <- delivery report    task thread again, in source_serve()
 */
#include "connect/runtime/task_priv.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/client_config.h"
#include "connect/runtime/connector_offsets.h"
#include "connect/runtime/ledger.h"
#include "connect/runtime/source_transaction.h"
#include "connect/runtime/topic_creation.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LOGGER("org.apache.kafka.connect.runtime.WorkerSourceTask");

enum {
    SOURCE_IDLE_MS = 500,
    SOURCE_ACK_MS = 2, /* for acknowledgements, before the table is asked again */
    SOURCE_QUEUE_FULL_WAIT_MS = 50,
    SOURCE_RETRY_MS = 1000,
    SOURCE_TOPIC_MS = 60000, /* for a topic to be made */
    SOURCE_LEADER_MS = 1000,
    SOURCE_LEADER_EVERY_MS = 10,
    SOURCE_READ_MS = 10000, /* offsets; then once more */
    SOURCE_TOPIC_REPORT_MS = 1000,
};

/* A topic that this task writes to. */
struct source_topic {
    char *name;
    rd_kafka_topic_t *handle;
    bool is_acknowledged; /* since it was last reported as in use */
    bool is_reported;     /* at least once: the first time is not put off */
};

struct source_task {
    struct task *task;
    struct source_task_context context;
    struct record_batch batch;

    rd_kafka_t *producer;
    struct topic_creation *creation; /* NULL: the broker makes topics, or nobody */
    struct ledger ledger;
    struct offset_store *offsets, *own_offsets; /* the latter: a connector's own, or NULL */
    struct source_transaction *transaction;     /* NULL: records and offsets are written separately */
    struct source_topic **topics;
    size_t topic_count, topic_last;
    struct strbuf key, value, header;

    int64_t flush_at_ms, topics_at_ms;
    bool is_running;          /* init has succeeded */
    bool has_failed;          /* a delivery failed for good: `failure` says why */
    struct error failure;
};

static void
source_count(_Atomic int64_t *counter, int64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static void
source_max(_Atomic int64_t *counter, int64_t value)
{
    if (value > atomic_load_explicit(counter, memory_order_relaxed))
        atomic_store_explicit(counter, value, memory_order_relaxed);
}

/* ---- deliveries --------------------------------------------------------------------------------------- */

/* Told of a record that Kafka did not take. True: tolerated. */
static bool
source_is_tolerated(struct source_task *source, const rd_kafka_message_t *message, struct error *err)
{
    struct task *task = source->task;
    struct record record = {.topic = rd_kafka_topic_name(message->rkt)};
    return !source->transaction && task->tolerance.all &&
           tolerance_failed(&task->tolerance, STAGE_KAFKA_PRODUCE, task->plugin->task_class, &record, err);
}

/* rd_kafka_poll calls this on the task's thread. The opaque is the ledger's sequence number; in a transaction the commit
   settles all at once. */
static void
source_delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    (void)producer;
    struct source_task *source = opaque;
    uint64_t sequence = (uint64_t)(uintptr_t)message->_private;
    if (!message->err) {
        struct source_topic *topic = rd_kafka_topic_opaque(message->rkt);
        if (topic) { /* else it is the transaction's offsets */
            topic->is_acknowledged = true;
            if (!topic->is_reported)
                source->topics_at_ms = 0;
        }
        if (!source->transaction)
            ledger_done(&source->ledger, sequence);
        return;
    }
    if (source->has_failed || message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
        return; /* stays open in the ledger, so no later offset is stored */
    struct error err;
    kafka_error(&err, message->err, "topic %s", rd_kafka_topic_name(message->rkt));
    error_cause(&err, NULL, "Unrecoverable exception from producer send callback");
    if (source_is_tolerated(source, message, &err)) {
        ledger_done(&source->ledger, sequence);
        return;
    }
    source->has_failed = true;
    source->failure = err;
}

/* Serve what librdkafka has for this thread; waits up to timeout_ms if there is nothing. */
static bool
source_serve(struct source_task *source, int timeout_ms, struct error *err)
{
    rd_kafka_poll(source->producer, timeout_ms);
    int64_t active = source->transaction ? rd_kafka_outq_len(source->producer) : (int64_t)ledger_in_flight(&source->ledger);
    metrics_active(source->task->metrics, active);
    if (source->has_failed) {
        *err = source->failure;
        return false;
    }
    char why[512];
    rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(source->producer, why, sizeof(why));
    if (!fatal)
        return true;
    kafka_error(err, fatal, "%s", why);
    return error_cause(err, NULL, "Unrecoverable exception from producer send callback");
}

/* ---- topics -------------------------------------------------------------------------------------------- */

/* A topic that the broker makes at the first question has its leader a moment later. librdkafka asks again only after
   a second, so the first record would wait that long; we ask until it is there. What fails here fails again, with its
   reason, when the record is sent. */
static void
source_topic_await(struct source_task *source, rd_kafka_topic_t *topic)
{
    int64_t until_ms = clock_now_ms() + SOURCE_LEADER_MS;
    bool has_leader = false;
    do {
        const struct rd_kafka_metadata *metadata = NULL;
        if (rd_kafka_metadata(source->producer, 0, topic, &metadata, SOURCE_LEADER_MS) || !metadata)
            return;
        const rd_kafka_metadata_topic_t *found = metadata->topic_cnt == 1 ? &metadata->topics[0] : NULL;
        bool is_coming = found && (found->err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
                                   found->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
        has_leader = found && !is_coming;
        rd_kafka_metadata_destroy(metadata);
    } while (!has_leader && clock_now_ms() < until_ms && !task_wait(source->task, SOURCE_LEADER_EVERY_MS));
}

/* Make the topic as the connector's topic.creation.* says, unless it exists: then it is used as it is. */
static bool
source_topic_make(struct source_task *source, const char *name, struct error *err)
{
    struct kafka_new_topic wanted;
    const char *group = topic_creation_find(source->creation, name, &wanted);
    switch (kafka_topic_make(source->producer, &wanted, SOURCE_TOPIC_MS, err)) {
    case TOPIC_MADE:
        log_info("Created topic '%s' using creation group '%s'", name, group);
        return true;
    case TOPIC_EXISTS:
        return true;
    case TOPIC_UNKNOWN:
    case TOPIC_FAILED:
        break;
    }
    return error_cause(err, NULL, "Task failed to create new topic '%s' of group '%s'. Ensure that the task is authorized to create topics or that "
                                  "the topic exists and restart the task", name, group);
}

static struct source_topic *
source_topic_open(struct source_task *source, const char *name, struct error *err)
{
    if (source->creation && !source_topic_make(source, name, err))
        return NULL;
    struct source_topic *topic = xcalloc(1, sizeof(*topic));
    rd_kafka_topic_conf_t *conf = rd_kafka_topic_conf_new();
    rd_kafka_topic_conf_set_opaque(conf, topic);
    topic->handle = rd_kafka_topic_new(source->producer, name, conf);
    if (!topic->handle) {
        rd_kafka_topic_conf_destroy(conf);
        free(topic);
        kafka_error(err, rd_kafka_last_error(), "topic '%s'", name);
        error_cause(err, NULL, "Unrecoverable exception trying to send");
        return NULL;
    }
    source_topic_await(source, topic->handle);
    topic->name = xstrdup(name);
    source->topics = xrealloc(source->topics, (source->topic_count + 1) * sizeof(*source->topics));
    source->topic_last = source->topic_count;
    source->topics[source->topic_count++] = topic;
    return topic;
}

/* The last answer is nearly always right: records of one poll go to one topic. */
static struct source_topic *
source_topic_find(struct source_task *source, const char *name, struct error *err)
{
    if (source->topic_last < source->topic_count && strcmp(source->topics[source->topic_last]->name, name) == 0)
        return source->topics[source->topic_last];
    for (size_t i = 0; i < source->topic_count; i++)
        if (strcmp(source->topics[i]->name, name) == 0) {
            source->topic_last = i;
            return source->topics[i];
        }
    return source_topic_open(source, name, err);
}

/* Tell the status store which topics took records; it knows most of them already. */
static void
source_report_topics(struct source_task *source)
{
    int64_t now_ms = clock_now_ms();
    if (now_ms < source->topics_at_ms)
        return;
    source->topics_at_ms = now_ms + SOURCE_TOPIC_REPORT_MS;
    struct task *task = source->task;
    if (!task->env->worker->topic_tracking_enable || task_is_cancelled(task))
        return;
    for (size_t i = 0; i < source->topic_count; i++)
        if (source->topics[i]->is_acknowledged) {
            source->topics[i]->is_acknowledged = false;
            source->topics[i]->is_reported = true;
            status_store_topic_used(task->env->statuses, task->connector, task->number, source->topics[i]->name);
        }
}

/* ---- sending ---------------------------------------------------------------------------------------------- */

/* What one record becomes; NULL bytes are a null key or value. */
struct source_bytes {
    const char *key, *value;
    size_t key_len, value_len;
};

static bool
source_convert_side(struct source_task *source, struct converter *converter, enum stage stage, struct record *record,
                    const struct schema *schema, const struct value *value, struct strbuf *buf, const char **bytes_out,
                    size_t *len_out, struct error *err)
{
    bool is_null = false;
    strbuf_reset(buf);
    if (!converter->plugin->ops->write(converter->state, record->topic, schema, value, buf, &is_null, err)) {
        record->is_dropped = true;
        return tolerance_failed(&source->task->tolerance, stage, converter->plugin->class_name, record, err);
    }
    *bytes_out = is_null ? NULL : buf->data ? buf->data : "";
    *len_out = is_null ? 0 : buf->len;
    return true;
}

static bool
source_convert(struct source_task *source, struct record *record, struct source_bytes *out, struct error *err)
{
    struct task *task = source->task;
    return source_convert_side(source, &task->key_converter, STAGE_KEY_CONVERTER, record, record->key_schema, &record->key,
                               &source->key, &out->key, &out->key_len, err) &&
           (record->is_dropped ||
            source_convert_side(source, &task->value_converter, STAGE_VALUE_CONVERTER, record, record->value_schema,
                                &record->value, &source->value, &out->value, &out->value_len, err));
}

static void
source_headers_free(rd_kafka_headers_t *headers)
{
    if (headers)
        rd_kafka_headers_destroy(headers);
}

static bool
source_headers(struct source_task *source, struct record *record, rd_kafka_headers_t **out, struct error *err)
{
    *out = record->header_count ? rd_kafka_headers_new(record->header_count) : NULL;
    for (size_t i = 0; i < record->header_count && !record->is_dropped; i++) {
        const struct header *header = &record->headers[i];
        const char *bytes = NULL;
        size_t len = 0;
        if (!source_convert_side(source, &source->task->header_converter, STAGE_HEADER_CONVERTER, record, header->schema,
                                 &header->value, &source->header, &bytes, &len, err))
            return false;
        rd_kafka_header_add(*out, header->name, -1, bytes, (ssize_t)len);
    }
    return true;
}

/* One attempt to hand the bytes to librdkafka, which copies them. The headers are its own if it takes them. */
static rd_kafka_resp_err_t
source_produce(struct source_topic *topic, rd_kafka_t *producer, const struct record *record,
               const struct source_bytes *bytes, rd_kafka_headers_t *headers, uint64_t sequence)
{
    void *opaque = (void *)(uintptr_t)sequence;
    int32_t partition = record->partition >= 0 ? record->partition : RD_KAFKA_PARTITION_UA;
    if (!headers && record->timestamp_ms < 0)
        return rd_kafka_produce(topic->handle, partition, RD_KAFKA_MSG_F_COPY, (void *)bytes->value, bytes->value_len,
                                bytes->key, bytes->key_len, opaque) == 0
                   ? RD_KAFKA_RESP_ERR_NO_ERROR
                   : rd_kafka_last_error();
    return rd_kafka_producev(producer, RD_KAFKA_V_RKT(topic->handle), RD_KAFKA_V_PARTITION(partition),
                             RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE((void *)bytes->value, bytes->value_len),
                             RD_KAFKA_V_KEY(bytes->key, bytes->key_len),
                             RD_KAFKA_V_TIMESTAMP(record->timestamp_ms < 0 ? 0 : record->timestamp_ms),
                             RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
}

/* Hand one record over, waiting while the client's queue is full. *sent_out is false when the task was closed
   meanwhile. */
static bool
source_send(struct source_task *source, const struct record *record, const struct source_bytes *bytes,
            rd_kafka_headers_t *headers, bool *sent_out, struct error *err)
{
    *sent_out = false;
    struct source_topic *topic = source_topic_find(source, record->topic, err);
    if (!topic || (source->transaction && !source_transaction_add(source->transaction, record->topic, err))) {
        source_headers_free(headers);
        return false;
    }
    uint64_t sequence = ledger_add(&source->ledger, record->source_partition, &record->source_offset);
    for (;;) {
        rd_kafka_resp_err_t code = source_produce(topic, source->producer, record, bytes, headers, sequence);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (source->transaction)
                ledger_done(&source->ledger, sequence);
            *sent_out = true;
            return true;
        }
        bool is_full = code == RD_KAFKA_RESP_ERR__QUEUE_FULL;
        bool ok = is_full ? source_serve(source, SOURCE_QUEUE_FULL_WAIT_MS, err) : false;
        if (!is_full) {
            kafka_error(err, code, "topic '%s', a record of %zu bytes", topic->name, bytes->key_len + bytes->value_len);
            error_cause(err, NULL, "Unrecoverable exception trying to send");
        }
        if (ok && !task_is_closing(source->task))
            continue;
        ledger_undo(&source->ledger, sequence);
        source_headers_free(headers);
        return ok;
    }
}

static bool
source_send_record(struct source_task *source, struct record *record, bool *sent_out, struct error *err)
{
    struct source_bytes bytes = {0};
    rd_kafka_headers_t *headers = NULL;
    *sent_out = true;
    if (!record->is_dropped && !task_transform(source->task, &source->batch, record, err))
        return false;
    if (!record->is_dropped && !source_convert(source, record, &bytes, err))
        return false;
    if (!record->is_dropped && record->header_count && !source_headers(source, record, &headers, err)) {
        source_headers_free(headers);
        return false;
    }
    if (!record->is_dropped)
        return source_send(source, record, &bytes, headers, sent_out, err);
    source_headers_free(headers);
    /* Dropped records count as done: their offsets advance with the others. */
    ledger_done(&source->ledger, ledger_add(&source->ledger, record->source_partition, &record->source_offset));
    return true;
}

static bool
source_send_batch(struct source_task *source, struct error *err)
{
    struct task_metrics *metrics = source->task->metrics;
    struct record_batch *batch = &source->batch;
    int64_t sent = 0;
    bool ok = true, was_sent = true;
    for (size_t i = 0; ok && was_sent && i < batch->count; i++) {
        ok = source_send_record(source, &batch->records[i], &was_sent, err);
        sent += ok && was_sent && !batch->records[i].is_dropped;
    }
    source_count(&metrics->records_out, sent);
    return ok;
}

/* ---- offsets ----------------------------------------------------------------------------------------------- */

/* Store the offsets of the acknowledged prefix. A failure is logged and the offsets are part of the next flush. */
static void
source_flush(struct source_task *source)
{
    struct task *task = source->task;
    const struct worker_config *worker = task->env->worker;
    source->flush_at_ms = clock_now_ms() + worker->offset_flush_interval_ms;
    if (source->transaction || !ledger_is_dirty(&source->ledger) || task_is_cancelled(task))
        return;
    struct offset_list offsets = {0};
    struct error err = ERROR_INIT;
    int64_t started_us = clock_now_us();
    ledger_collect(&source->ledger, &offsets);
    if (offset_store_put(source->offsets, task->connector, &offsets, worker->offset_flush_timeout_ms, &err)) {
        int64_t took_us = clock_now_us() - started_us;
        source_count(&task->metrics->commit_count, 1);
        source_count(&task->metrics->commit_time_us_sum, took_us);
        source_max(&task->metrics->commit_time_us_max, took_us);
        log_debug("stored %zu source offset(s) in %" PRId64 " us", offsets.count, took_us);
        if (task->plugin->source->committed && ledger_in_flight(&source->ledger) == 0)
            task->plugin->source->committed(task->state);
    } else {
        source_count(&task->metrics->commit_failures, 1);
        log_warn("could not store source offsets; they are part of the next flush: %s", err.message);
        ledger_uncollect(&source->ledger, &offsets);
    }
    offset_list_fini(&offsets);
}

static bool
source_tend(struct source_task *source, struct error *err)
{
    if (!source_serve(source, 0, err))
        return false;
    source_report_topics(source);
    if (source->transaction)
        return !source_transaction_is_due(source->transaction) || source_transaction_commit(source->transaction, &source->ledger, err);
    if (clock_now_ms() >= source->flush_at_ms)
        source_flush(source);
    return true;
}

/* The task ends, well or badly: give outstanding records the time to arrive, then store what is safe. */
static void
source_finish(struct source_task *source)
{
    int64_t until_ms = clock_now_ms() + source->task->env->worker->offset_flush_timeout_ms;
    while (ledger_in_flight(&source->ledger) > 0 && !source->has_failed && clock_now_ms() < until_ms &&
           !task_is_cancelled(source->task)) {
        rd_kafka_flush(source->producer, 50); /* also sends at once what waits for linger.ms */
        if (rd_kafka_fatal_error(source->producer, NULL, 0))
            break;
    }
    source->topics_at_ms = 0;
    source_report_topics(source);
    source_flush(source);
}

/* The same for a transaction: the last one is committed when all went well, and counts for nothing otherwise. */
static bool
source_finish_transaction(struct source_task *source, bool ok, struct error *err)
{
    ok = ok && !task_is_cancelled(source->task) && source_transaction_commit(source->transaction, &source->ledger, err);
    if (!ok && !task_is_cancelled(source->task))
        source_transaction_abort(source->transaction);
    source->topics_at_ms = 0;
    source_report_topics(source);
    return ok;
}

/* ---- life ---------------------------------------------------------------------------------------------------- */

static bool
source_offset_get(const struct source_task_context *ctx, const char *partition_json, char **offset_json_out, struct error *err)
{
    struct source_task *source = ctx->runtime;
    return offset_store_get(source->offsets, source->task->connector, partition_json, offset_json_out, err);
}

static void
source_gauge(const struct source_task_context *ctx, const char *name, double value)
{
    task_gauge(((struct source_task *)ctx->runtime)->task, name, value);
}

/* What differs from librdkafka's defaults, and why. Everything can be overridden by producer.* settings. */
static const char *const source_producer_defaults[][2] = {
    {"acks", "all"},
    {"enable.idempotence", "true"},           /* order and no duplicates within a session, at no cost */
    {"delivery.timeout.ms", "2147483647"},    /* as Java: a record is never given up for time */
    {"topic.metadata.propagation.max.ms", "2100000"}, /* as Java: a topic that is not there yet is waited for; more overflows */
    {"partitioner", "murmur2_random"},        /* the partitions that Java's producer chooses */
    {"compression.type", "lz4"},              /* schemas repeat in every record: twice the throughput, half the CPU */
    {"linger.ms", "200"},                     /* full batches while rows come; source_settle() sends the last one at once */
    {"batch.size", "1000000"},                /* an idempotent librdkafka has one request of a partition in flight */
    {"queue.buffering.max.messages", "100000"},
};

/* The bound on records in flight, so that memory does not follow lag: some batches, or the largest record if that is more. */
static void
source_queue_bound(struct config *settings)
{
    enum { SOURCE_QUEUE_KIB = 8192 };
    if (config_has(settings, "buffer.memory") || config_has(settings, "queue.buffering.max.kbytes"))
        return;
    long long largest_kib = strtoll(config_get_or(settings, "max.request.size", "0"), NULL, 10) / 1024 + 1;
    char kib[32];
    snprintf(kib, sizeof(kib), "%lld", largest_kib > SOURCE_QUEUE_KIB ? largest_kib : SOURCE_QUEUE_KIB);
    config_set(settings, "queue.buffering.max.kbytes", kib);
}

static bool
source_producer_new(struct source_task *source, struct error *err)
{
    struct task *task = source->task;
    struct config fixed = CONFIG_INIT, settings = CONFIG_INIT;
    char client_id[512];
    snprintf(client_id, sizeof(client_id), "connector-producer-%s", task->id);
    config_set(&fixed, "client.id", client_id);
    for (size_t i = 0; i < sizeof(source_producer_defaults) / sizeof(source_producer_defaults[0]); i++)
        config_set(&fixed, source_producer_defaults[i][0], source_producer_defaults[i][1]);
    task_client_settings(task, "producer", &fixed, &settings);
    if (source_transaction_wanted(task))
        source_transaction_settings(task, &settings);
    source_queue_bound(&settings);

    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_PRODUCER, &settings, NULL, err);
    if (conf) {
        rd_kafka_conf_set_dr_msg_cb(conf, source_delivered);
        rd_kafka_conf_set_opaque(conf, source);
        source->producer = kafka_client_new(KAFKA_PRODUCER, conf, err);
    }
    config_fini(&fixed);
    config_fini(&settings);
    return source->producer != NULL;
}

/* Read all that was committed: another task's transaction that is still open is waited for. */
static bool
source_offsets_read(struct source_task *source, struct error *err)
{
    while (!offset_store_refresh(source->offsets, SOURCE_READ_MS, err)) {
        if (!err->retriable || task_is_closing(source->task))
            return error_wrap(err, "reading the source offsets");
        log_warn("the source offsets could not be read yet, next try: %s", err->message);
        task_wait(source->task, SOURCE_RETRY_MS);
    }
    return true;
}

/* The store and, for exactly-once, the right to write: both before the offsets are read. */
static bool
source_offsets_open(struct source_task *source, struct error *err)
{
    struct task *task = source->task;
    if (!connector_offsets_open(task->env->worker, task->connector_config, task->connector, task->env->offsets, &task->is_closing,
                                &source->own_offsets, err))
        return false;
    source->offsets = source->own_offsets ? source->own_offsets : task->env->offsets;
    if (!source_transaction_wanted(task))
        return true;
    source->transaction = source_transaction_new(task, source->producer, source->offsets, err);
    return source->transaction != NULL;
}

static bool
source_start(struct source_task *source, struct error *err)
{
    struct task *task = source->task;
    const struct worker_config *worker = task->env->worker;
    source->context = (struct source_task_context){
        .connector = task->connector,
        .task = task->number,
        .runtime = source,
        .offset_get = source_offset_get,
        .gauge = source_gauge,
    };
    source->flush_at_ms = clock_now_ms() + worker->offset_flush_interval_ms;
    if (!topic_creation_new(task->connector_config, worker->topic_creation_enable, &source->creation, err) ||
        !source_producer_new(source, err) || !source_offsets_open(source, err) || !source_offsets_read(source, err))
        return false;
    if (!task->plugin->source->init(task->state, &source->context, task->task_config, err))
        return false;
    task_report(task, STATUS_RUNNING, NULL);
    return true;
}

static bool
source_idle(struct task *task, void *arg)
{
    (void)task;
    struct source_task *source = arg;
    return source_tend(source, &source->failure) || !(source->has_failed = true);
}

/* Nothing more to read for now: send what waits for linger.ms, and give it a moment to be acknowledged. */
static bool
source_settle(struct source_task *source, struct error *err)
{
    if (ledger_in_flight(&source->ledger) == 0)
        return true;
    rd_kafka_flush(source->producer, SOURCE_ACK_MS);
    return source_serve(source, 0, err);
}

/* Poll once and send what came. */
static bool
source_turn(struct source_task *source, struct error *err)
{
    struct task *task = source->task;
    struct task_metrics *metrics = task->metrics;
    record_batch_reset(&source->batch);
    int64_t started_us = clock_now_us();
    int wait_ms = ledger_in_flight(&source->ledger) ? 0 : SOURCE_IDLE_MS;
    if (source->transaction)
        wait_ms = source_transaction_wait_ms(source->transaction, wait_ms);
    enum poll_result result = task->plugin->source->poll(task->state, &source->batch, wait_ms, err);
    switch (result) {
    case POLL_IDLE:
        return source_settle(source, err);
    case POLL_RETRY:
        log_warn("poll failed and is tried again: %s", err->message);
        source_count(&metrics->retries, 1);
        task_wait(task, SOURCE_RETRY_MS);
        return true;
    case POLL_FAILED:
        return task_is_closing(task); /* a query that was killed because of close is no failure */
    case POLL_RECORDS:
        break;
    }
    int64_t took_us = clock_now_us() - started_us, count = (int64_t)source->batch.count;
    source_count(&metrics->records_in, count);
    source_count(&metrics->batch_count, 1);
    source_count(&metrics->batch_size_sum, count);
    source_max(&metrics->batch_size_max, count);
    source_count(&metrics->batch_time_us_sum, took_us);
    source_max(&metrics->batch_time_us_max, took_us);
    return source_send_batch(source, err) && (!source->batch.is_last || source_settle(source, err));
}

static bool
source_work(struct source_task *source, struct error *err)
{
    struct task *task = source->task;
    while (!task_is_closing(task)) {
        if (!source_tend(source, err))
            return false;
        if (!task_is_paused(task)) {
            if (!source_turn(source, err))
                return false;
            continue;
        }
        source->flush_at_ms = 0; /* pausing stores the offsets first */
        if (source->transaction && !source_transaction_commit(source->transaction, &source->ledger, err))
            return false;
        if (task->plugin->source->pause)
            task->plugin->source->pause(task->state);
        if (!task_sit_out_pause(task, source_idle, source) && source->has_failed) {
            *err = source->failure;
            return false;
        }
    }
    return true;
}

bool
source_task_run(struct task *task, struct error *err)
{
    struct source_task *source = xcalloc(1, sizeof(*source));
    source->task = task;
    bool ok = source_start(source, err) && source_work(source, err);
    if (source->transaction)
        ok = source_finish_transaction(source, ok, err);
    else if (source->producer && source->offsets)
        source_finish(source);
    task_state_fini(task);
    topic_creation_free(source->creation);
    source_transaction_free(source->transaction);
    offset_store_close(source->own_offsets);
    ledger_fini(&source->ledger);
    record_batch_fini(&source->batch);
    for (size_t i = 0; i < source->topic_count; i++) {
        rd_kafka_topic_destroy(source->topics[i]->handle);
        free(source->topics[i]->name);
    }
    if (source->producer) {
        rd_kafka_purge(source->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(source->producer);
    }
    for (size_t i = 0; i < source->topic_count; i++)
        free(source->topics[i]); /* after the last delivery report that names them */
    free(source->topics);
    strbuf_fini(&source->key);
    strbuf_fini(&source->value);
    strbuf_fini(&source->header);
    free(source);
    return ok;
}
