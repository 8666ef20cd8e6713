/*
 * Start:  CreateTopics (existing ones are fine) -> DescribeConfigs (compacted?) -> metadata (how many partitions)
 *         -> consume all partitions from the beginning -> wait for the ends as of now.
 *
 * librdkafka's queues (records, the consumer's and the producer's events) write to one eventfd, which the thread
 * waits for. The legacy consumer is used because it has no group: two connections less, and no group in Kafka.
 */
#include "connect/storage/kafka_log.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/client_config.h"
#include "connect/storage/kafka_topics.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

LOGGER("connect.storage.kafka_log");

#define SLOT_HEADER "slot"

enum { LOG_TOPICS_MAX = 8, LOG_STEP_MS = 200, LOG_METADATA_MS = 30000, LOG_FLUSH_MS = 5000, LOG_TICK_MS = 1000, LOG_ASK_MS = 1000 };

struct kafka_log_topic {
    struct kafka_log *log;
    struct kafka_log_spec spec;
    int32_t partition_count;
    rd_kafka_topic_t *reading, *writing;
    int64_t *positions; /* next offset to read of each partition; log->lock */
    bool is_given_up;   /* nobody waits any more; log->lock */
};

struct kafka_log {
    char *client_id;
    rd_kafka_t *consumer, *producer;
    rd_kafka_queue_t *records, *consumer_events, *producer_events;
    struct kafka_log_topic topics[LOG_TOPICS_MAX];
    size_t topic_count;
    int wake; /* eventfd */
    pthread_t thread;
    bool is_running;    /* the thread was started */
    atomic_bool stop; /* tells it to end */

    pthread_mutex_t lock; /* guards positions, and the counts of every write */
    pthread_cond_t moved; /* one of these changed */
};

/* Messages under way for one caller; freed by the last of caller and delivery reports. */
struct write {
    struct kafka_log_topic *topic;
    size_t refs, pending;
    struct error err;      /* the first failure */
    int64_t *ends;         /* position that reading must reach, per partition; NULL: not asked for */
    kafka_log_done_fn *done;
    void *arg;
};

/* ---- delivery ------------------------------------------------------------------------------------------------ */

/* log->lock is held. */
static void
write_unref(struct write *write)
{
    if (--write->refs > 0)
        return;
    free(write->ends);
    free(write);
}

static void
on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    (void)producer;
    struct kafka_log *log = opaque;
    struct write *write = message->_private;
    struct error err = ERROR_INIT;
    if (message->err)
        kafka_error(&err, message->err, "topic %s", write->topic->spec.topic);
    if (write->done)
        write->done(write->arg, message->err ? &err : NULL);
    pthread_mutex_lock(&log->lock);
    if (message->err && write->err.code == ERROR_NONE)
        write->err = err;
    if (!message->err && write->ends && message->partition >= 0 && message->partition < write->topic->partition_count)
        write->ends[message->partition] = message->offset + 1;
    write->pending--;
    write_unref(write);
    pthread_cond_broadcast(&log->moved);
    pthread_mutex_unlock(&log->lock);
}

/* ---- making and freeing ------------------------------------------------------------------------------------ */

static const struct {
    const char *name, *value;
} log_consumer_settings[] = {
    {"enable.partition.eof", "true"}, {"auto.offset.reset", "earliest"}, {"enable.auto.commit", "false"},
    {"queued.max.messages.kbytes", "4096"}, {"queued.min.messages", "1000"}, {"fetch.error.backoff.ms", "100"},
    {"fetch.wait.max.ms", "50"}, /* a partition that joins later waits so long for the others' request: at every start */
}, log_producer_settings[] = {
    /* As Java's: order is kept by one request at a time; a retry may write twice, which compaction heals. */
    {"acks", "all"}, {"max.in.flight.requests.per.connection", "1"}, {"enable.idempotence", "false"}, {"linger.ms", "0"},
    {"queue.buffering.max.kbytes", "16384"}, {"retries", "2147483647"},
};

static rd_kafka_t *
log_client(struct kafka_log *log, enum kafka_client_kind kind, const struct config *settings, bool read_committed, struct error *err)
{
    struct config common = CONFIG_INIT, own = CONFIG_INIT;
    kafka_common_settings(settings, &common);
    char *client_id = xasprintf("%s-%s", log->client_id, kind == KAFKA_CONSUMER ? "reader" : "writer");
    config_set(&own, "client.id", client_id);
    free(client_id);
    if (kind == KAFKA_CONSUMER) {
        for (size_t i = 0; i < sizeof(log_consumer_settings) / sizeof(log_consumer_settings[0]); i++)
            config_set(&own, log_consumer_settings[i].name, log_consumer_settings[i].value);
        config_set(&own, "isolation.level", read_committed ? "read_committed" : "read_uncommitted");
    } else {
        for (size_t i = 0; i < sizeof(log_producer_settings) / sizeof(log_producer_settings[0]); i++)
            config_set(&own, log_producer_settings[i].name, log_producer_settings[i].value);
    }
    rd_kafka_conf_t *conf = kafka_client_config(kind, &common, &own, err);
    config_fini(&own);
    config_fini(&common);
    if (!conf)
        return NULL;
    rd_kafka_conf_set_opaque(conf, log);
    if (kind == KAFKA_PRODUCER)
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    return kafka_client_new(kind, conf, err);
}

static void
log_sync_init(struct kafka_log *log)
{
    pthread_mutex_init(&log->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&log->moved, &attr);
    pthread_condattr_destroy(&attr);
}

struct kafka_log *
kafka_log_new(const struct config *settings, const char *client_id, bool read_committed, struct error *err)
{
    static const uint64_t one = 1;
    struct kafka_log *log = xcalloc(1, sizeof(*log));
    log_sync_init(log);
    log->client_id = xstrdup(client_id);
    log->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    ensure(log->wake >= 0, "eventfd");
    log->consumer = log_client(log, KAFKA_CONSUMER, settings, read_committed, err);
    log->producer = log->consumer ? log_client(log, KAFKA_PRODUCER, settings, false, err) : NULL;
    if (!log->producer) {
        kafka_log_close(log);
        return NULL;
    }
    log->records = rd_kafka_queue_new(log->consumer);
    log->consumer_events = rd_kafka_queue_get_main(log->consumer);
    log->producer_events = rd_kafka_queue_get_main(log->producer);
    rd_kafka_queue_io_event_enable(log->records, log->wake, &one, sizeof(one));
    rd_kafka_queue_io_event_enable(log->consumer_events, log->wake, &one, sizeof(one));
    rd_kafka_queue_io_event_enable(log->producer_events, log->wake, &one, sizeof(one));
    return log;
}

struct kafka_log_topic *
kafka_log_add(struct kafka_log *log, const struct kafka_log_spec *spec)
{
    ensure(log->topic_count < LOG_TOPICS_MAX && !log->is_running, "topics are added before the start");
    struct kafka_log_topic *topic = &log->topics[log->topic_count++];
    *topic = (struct kafka_log_topic){.log = log, .spec = *spec};
    return topic;
}

static void
log_wake(struct kafka_log *log)
{
    uint64_t one = 1;
    ssize_t written = write(log->wake, &one, sizeof(one));
    (void)written; /* full means it is awake already */
}

static void
topic_fini(struct kafka_log_topic *topic)
{
    if (topic->reading) {
        for (int32_t p = 0; p < topic->partition_count; p++)
            rd_kafka_consume_stop(topic->reading, p);
        rd_kafka_topic_destroy(topic->reading);
    }
    if (topic->writing)
        rd_kafka_topic_destroy(topic->writing);
    free(topic->positions);
}

void
kafka_log_settle(struct kafka_log *log)
{
    int64_t until_ms = clock_now_ms() + LOG_FLUSH_MS;
    while (log && rd_kafka_outq_len(log->producer) > 0 && clock_now_ms() < until_ms)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000000L}, NULL);
}

void
kafka_log_close(struct kafka_log *log)
{
    if (!log)
        return;
    if (log->is_running) {
        log->stop = true;
        log_wake(log);
        pthread_join(log->thread, NULL);
    }
    if (log->producer) {
        rd_kafka_flush(log->producer, log->is_running ? LOG_FLUSH_MS : 0);
        rd_kafka_purge(log->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(log->producer, LOG_STEP_MS);
    }
    for (size_t i = 0; i < log->topic_count; i++)
        topic_fini(&log->topics[i]);
    if (log->records) {
        rd_kafka_queue_destroy(log->records);
        rd_kafka_queue_destroy(log->consumer_events);
        rd_kafka_queue_destroy(log->producer_events);
    }
    if (log->producer)
        rd_kafka_destroy(log->producer);
    if (log->consumer)
        rd_kafka_destroy(log->consumer);
    close(log->wake);
    pthread_cond_destroy(&log->moved);
    pthread_mutex_destroy(&log->lock);
    free(log->client_id);
    free(log);
}

/* ---- the thread ------------------------------------------------------------------------------------------------ */

static struct kafka_log_topic *
log_topic_of(struct kafka_log *log, const rd_kafka_topic_t *handle)
{
    for (size_t i = 0; i < log->topic_count; i++)
        if (log->topics[i].reading == handle)
            return &log->topics[i];
    return NULL;
}

static void
log_record(struct kafka_log *log, const rd_kafka_message_t *message)
{
    struct kafka_log_topic *topic = log_topic_of(log, message->rkt);
    if (!topic)
        return;
    bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err && !is_end) {
        log_warn("reading topic %s: %s", topic->spec.topic, rd_kafka_message_errstr(message));
        return;
    }
    if (!is_end && message->key) {
        struct kafka_log_record record = {.key = message->key,
                                          .value = message->payload,
                                          .key_len = message->key_len,
                                          .value_len = message->len,
                                          .offset = message->offset};
        rd_kafka_headers_t *headers;
        const void *slot;
        if (!rd_kafka_message_headers(message, &headers) &&
            !rd_kafka_header_get_last(headers, SLOT_HEADER, &slot, &record.slot_len))
            record.slot = slot;
        topic->spec.read(topic->spec.arg, &record);
    }
    int64_t next = message->offset + (is_end ? 0 : 1);
    pthread_mutex_lock(&log->lock);
    if (message->partition < topic->partition_count && next > topic->positions[message->partition])
        topic->positions[message->partition] = next;
    pthread_cond_broadcast(&log->moved);
    pthread_mutex_unlock(&log->lock);
}

static void *
log_run(void *arg)
{
    struct kafka_log *log = arg;
    log_context_set("internal topics");
    while (!log->stop) {
        struct pollfd fd = {.fd = log->wake, .events = POLLIN};
        poll(&fd, 1, LOG_TICK_MS);
        uint64_t count;
        ssize_t got = read(log->wake, &count, sizeof(count));
        (void)got;
        rd_kafka_poll(log->producer, 0);
        rd_kafka_poll(log->consumer, 0);
        for (rd_kafka_message_t *message; !log->stop && (message = rd_kafka_consume_queue(log->records, 0));) {
            log_record(log, message);
            rd_kafka_message_destroy(message);
        }
        for (size_t i = 0; i < log->topic_count; i++)
            if (log->topics[i].spec.tick)
                log->topics[i].spec.tick(log->topics[i].spec.arg);
    }
    return NULL;
}

/* ---- start --------------------------------------------------------------------------------------------------- */

/* One topic's partition count; waits until it is known. */
static bool
topic_look_up(struct kafka_log_topic *topic, const atomic_bool *stop, struct error *err)
{
    int64_t deadline_ms = clock_now_ms() + LOG_METADATA_MS;
    while (!*stop) {
        const struct rd_kafka_metadata *metadata = NULL;
        rd_kafka_resp_err_t code = rd_kafka_metadata(topic->log->consumer, 0, topic->reading, &metadata, 1000);
        if (!code && metadata->topic_cnt == 1) {
            code = metadata->topics[0].err;
            topic->partition_count = code ? 0 : metadata->topics[0].partition_cnt;
        }
        if (metadata)
            rd_kafka_metadata_destroy(metadata);
        if (topic->partition_count > 0)
            return true;
        if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
            return kafka_error(err, code, "topic '%s' of %s", topic->spec.topic, topic->spec.setting);
        if (clock_now_ms() > deadline_ms)
            return error_set(err, ERROR_TIMEOUT,
                             "Could not look up partition metadata for topic '%s' in the allotted period. This could indicate a "
                             "connectivity issue, unavailable topic partitions, or a name that does not exist (%s)",
                             topic->spec.topic, rd_kafka_err2str(code));
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return error_set(err, ERROR_TIMEOUT, "stopped while looking up topic '%s'", topic->spec.topic);
}

static bool
topic_open(struct kafka_log_topic *topic, const atomic_bool *stop, struct error *err)
{
    struct kafka_log *log = topic->log;
    topic->reading = rd_kafka_topic_new(log->consumer, topic->spec.topic, NULL);
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(log->producer);
    char number[16], text[256];
    snprintf(number, sizeof(number), "%d", topic->spec.message_timeout_ms);
    rd_kafka_topic_conf_set(conf, "message.timeout.ms", number, text, sizeof(text));
    topic->writing = rd_kafka_topic_new(log->producer, topic->spec.topic, conf);
    ensure(topic->reading && topic->writing, "topic handles");
    if (!topic_look_up(topic, stop, err))
        return false;
    if (topic->spec.is_single_partition && topic->partition_count != 1)
        return error_set(err, ERROR_CONFIG,
                         "Topic '%s' supplied via the '%s' property is required to have a single partition in order to guarantee "
                         "consistency of %s, but found %d partitions.",
                         topic->spec.topic, topic->spec.setting, topic->spec.purpose, topic->partition_count);
    topic->positions = xcalloc((size_t)topic->partition_count, sizeof(*topic->positions));
    return true;
}

static bool
topic_read(struct kafka_log_topic *topic, struct error *err)
{
    for (int32_t p = 0; p < topic->partition_count; p++) /* 0, not BEGINNING: saves asking; too low is reset to the earliest */
        if (rd_kafka_consume_start_queue(topic->reading, p, 0, topic->log->records))
            return kafka_error(err, rd_kafka_last_error(), "cannot read topic %s", topic->spec.topic);
    return true;
}

bool
kafka_log_start(struct kafka_log *log, const atomic_bool *stop, struct error *err)
{
    static const atomic_bool never;
    stop = stop ? stop : &never;
    const struct kafka_log_spec *specs[LOG_TOPICS_MAX];
    for (size_t i = 0; i < log->topic_count; i++)
        specs[i] = &log->topics[i].spec;
    if (!kafka_topics_prepare(log->consumer, specs, log->topic_count, stop, err))
        return false;
    for (size_t i = 0; i < log->topic_count; i++)
        if (!topic_open(&log->topics[i], stop, err))
            return false;
    /* Only now: a question about the next topic would wait behind a fetch of the one before that finds nothing. */
    for (size_t i = 0; i < log->topic_count; i++)
        if (!topic_read(&log->topics[i], err))
            return false;
    ensure(pthread_create(&log->thread, NULL, log_run, log) == 0, "thread of the internal topics");
    log->is_running = true;
    for (size_t i = 0; i < log->topic_count; i++)
        while (!kafka_log_refresh(&log->topics[i], 1000, err))
            if (*stop || !err->retriable)
                return false;
    for (size_t i = 0; i < log->topic_count; i++)
        if (log->topics[i].spec.started)
            log->topics[i].spec.started(log->topics[i].spec.arg);
    return true;
}

/* ---- reading to the end ---------------------------------------------------------------------------------------- */

static bool
gave_up(const struct kafka_log_topic *topic, struct error *err)
{
    return error_set(err, ERROR_UNAVAILABLE, "The worker is shutting down; topic %s is not waited for", topic->spec.topic);
}

static bool
topic_is_given_up(struct kafka_log_topic *topic)
{
    pthread_mutex_lock(&topic->log->lock);
    bool is_given_up = topic->is_given_up;
    pthread_mutex_unlock(&topic->log->lock);
    return is_given_up;
}

void
kafka_log_give_up(struct kafka_log_topic *topic)
{
    pthread_mutex_lock(&topic->log->lock);
    topic->is_given_up = true;
    pthread_cond_broadcast(&topic->log->moved);
    pthread_mutex_unlock(&topic->log->lock);
}

/* Wait until each partition was read up to ends[p]. The lock is held. */
static bool
topic_wait(struct kafka_log_topic *topic, const int64_t *ends, const struct timespec *deadline, struct error *err)
{
    for (int32_t p = 0; p < topic->partition_count; p++)
        while (topic->positions[p] < ends[p]) {
            if (topic->is_given_up)
                return gave_up(topic, err);
            if (pthread_cond_timedwait(&topic->log->moved, &topic->log->lock, deadline))
                return error_set_retriable(err, ERROR_TIMEOUT, "Timed out reading to the end of topic %s (partition %d: at %lld of %lld)",
                                           topic->spec.topic, p, (long long)topic->positions[p], (long long)ends[p]);
        }
    return true;
}

/* One question about the ends of all partitions, to the brokers that lead them. */
static rd_kafka_resp_err_t
topic_ends_ask(struct kafka_log_topic *topic, int64_t *ends, int64_t timeout_ms)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(topic->partition_count);
    for (int32_t p = 0; p < topic->partition_count; p++)
        rd_kafka_topic_partition_list_add(list, topic->spec.topic, p)->offset = RD_KAFKA_OFFSET_END;
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(topic->log->producer, list, (int)timeout_ms);
    for (int i = 0; i < list->cnt; i++) {
        if (!code)
            code = list->elems[i].err;
        ends[list->elems[i].partition] = list->elems[i].offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code;
}

/* A topic that was made a moment ago: not every broker, and not our client, knows all of it yet. */
static bool
is_too_new(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
}

/* The ends of all partitions as of now. Asked by the producer: on the consumer's connection the question would
   stand behind a fetch that waits for records. In short pieces, so that a worker that stops does not wait. */
static bool
topic_ends(struct kafka_log_topic *topic, int64_t *ends, int64_t timeout_ms, struct error *err)
{
    int64_t deadline_ms = clock_now_ms() + timeout_ms, left_ms = timeout_ms;
    rd_kafka_resp_err_t code;
    while ((code = topic_ends_ask(topic, ends, left_ms < LOG_ASK_MS ? left_ms : LOG_ASK_MS))) {
        bool may_pass = is_too_new(code) || code == RD_KAFKA_RESP_ERR__TIMED_OUT;
        if (topic_is_given_up(topic))
            return gave_up(topic, err);
        left_ms = deadline_ms - clock_now_ms();
        if (left_ms <= 0 || !may_pass) {
            kafka_error(err, code, "looking up the end of topic %s", topic->spec.topic);
            err->retriable = err->retriable || may_pass;
            return false;
        }
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000000L}, NULL);
    }
    return true;
}

bool
kafka_log_refresh(struct kafka_log_topic *topic, int64_t timeout_ms, struct error *err)
{
    int64_t *ends = xcalloc((size_t)topic->partition_count, sizeof(*ends));
    struct timespec deadline = clock_deadline(timeout_ms);
    bool ok = topic_ends(topic, ends, timeout_ms, err);
    if (ok) {
        pthread_mutex_lock(&topic->log->lock);
        ok = topic_wait(topic, ends, &deadline, err);
        pthread_mutex_unlock(&topic->log->lock);
    }
    free(ends);
    return ok;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

static rd_kafka_resp_err_t
topic_produce(struct kafka_log_topic *topic, const struct kafka_log_record *record, struct write *write)
{
    void *value = (void *)(uintptr_t)record->value;
    if (record->slot)
        return rd_kafka_producev(topic->log->producer, RD_KAFKA_V_RKT(topic->writing), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_KEY(record->key, record->key_len), RD_KAFKA_V_VALUE(value, record->value_len),
                                 RD_KAFKA_V_HEADER(SLOT_HEADER, record->slot, record->slot_len), RD_KAFKA_V_OPAQUE(write), RD_KAFKA_V_END);
    int rc = rd_kafka_produce(topic->writing, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, record->value_len, record->key,
                              record->key_len, write);
    return rc ? rd_kafka_last_error() : RD_KAFKA_RESP_ERR_NO_ERROR;
}

int
kafka_record_produce(rd_kafka_t *producer, const char *topic, const struct kafka_log_record *record)
{
    void *value = (void *)(uintptr_t)record->value;
    if (record->slot)
        return rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                 RD_KAFKA_V_KEY(record->key, record->key_len), RD_KAFKA_V_VALUE(value, record->value_len),
                                 RD_KAFKA_V_HEADER(SLOT_HEADER, record->slot, record->slot_len), RD_KAFKA_V_END);
    return rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_KEY(record->key, record->key_len), RD_KAFKA_V_VALUE(value, record->value_len), RD_KAFKA_V_END);
}

static struct write *
write_new(struct kafka_log_topic *topic, size_t count, bool read_back)
{
    struct write *write = xcalloc(1, sizeof(*write));
    write->topic = topic;
    write->refs = count + 1; /* one a message, one the caller's */
    write->pending = count;
    if (read_back)
        write->ends = xcalloc((size_t)topic->partition_count, sizeof(*write->ends));
    return write;
}

bool
kafka_log_write(struct kafka_log_topic *topic, const struct kafka_log_record *records, size_t count, bool read_back, int64_t timeout_ms,
                struct error *err)
{
    struct kafka_log *log = topic->log;
    struct timespec deadline = clock_deadline(timeout_ms);
    struct write *write = write_new(topic, count, read_back);
    bool ok = true;
    size_t sent = 0;
    while (sent < count && ok) {
        rd_kafka_resp_err_t code = topic_produce(topic, &records[sent], write);
        if (code)
            ok = kafka_error(err, code, "Failed to write to topic %s", topic->spec.topic);
        else
            sent++;
    }
    pthread_mutex_lock(&log->lock);
    write->refs -= count - sent;
    write->pending -= count - sent;
    while (ok && write->pending > 0)
        if (topic->is_given_up)
            ok = gave_up(topic, err);
        else if (pthread_cond_timedwait(&log->moved, &log->lock, &deadline))
            ok = error_set_retriable(err, ERROR_TIMEOUT, "Timed out writing to topic %s", topic->spec.topic);
    if (ok && write->err.code) {
        *err = write->err;
        ok = error_wrap(err, "Failed to write to Kafka");
    }
    if (ok && read_back)
        ok = topic_wait(topic, write->ends, &deadline, err);
    write_unref(write);
    pthread_mutex_unlock(&log->lock);
    return ok;
}

bool
kafka_log_send(struct kafka_log_topic *topic, const struct kafka_log_record *record, kafka_log_done_fn *done, void *arg, struct error *err)
{
    struct write *write = write_new(topic, 1, false);
    write->refs = 1; /* nobody waits */
    write->done = done;
    write->arg = arg;
    rd_kafka_resp_err_t code = topic_produce(topic, record, write);
    if (!code)
        return true;
    pthread_mutex_lock(&topic->log->lock);
    write_unref(write);
    pthread_mutex_unlock(&topic->log->lock);
    return kafka_error(err, code, "topic %s", topic->spec.topic);
}
