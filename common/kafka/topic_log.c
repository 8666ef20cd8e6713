/* librdkafka's consumer without a group reads; the producer sends one request at a time, so that order is kept. */
#include "common/kafka/topic_log.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/kafka/client_config.h"
#include "common/kafka/topic.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MS = 200, CLOSE_MS = 5000 };

struct topic_log {
    char *topic;
    struct config consumer_settings, producer_settings;
    rd_kafka_t *producer; /* made by the first append */
    atomic_bool is_given_up;
    struct error failure; /* the first record that was not taken */
};

static const struct {
    const char *name, *value;
} fixed_consumer[] = {
    {"enable.partition.eof", "true"}, {"enable.auto.commit", "false"}, {"auto.offset.reset", "earliest"},
}, default_producer[] = {
    {"acks", "all"}, {"max.in.flight.requests.per.connection", "1"}, {"linger.ms", "0"}, {"retries", "2147483647"},
};

struct topic_log *
topic_log_new(const char *topic, const struct config *consumer, const struct config *producer, struct error *err)
{
    struct topic_log *log = xcalloc(1, sizeof(*log));
    log->topic = xstrdup(topic);
    config_merge(&log->consumer_settings, consumer);
    for (size_t i = 0; i < sizeof(default_producer) / sizeof(*default_producer); i++)
        config_set(&log->producer_settings, default_producer[i].name, default_producer[i].value);
    config_merge(&log->producer_settings, producer);
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_CONSUMER, &log->consumer_settings, NULL, err);
    rd_kafka_conf_t *other = conf ? kafka_client_config(KAFKA_PRODUCER, &log->producer_settings, NULL, err) : NULL;
    bool is_fine = other != NULL;
    if (conf)
        rd_kafka_conf_destroy(conf);
    if (other)
        rd_kafka_conf_destroy(other);
    if (is_fine)
        return log;
    topic_log_free(log);
    return NULL;
}

void
topic_log_free(struct topic_log *log)
{
    if (!log)
        return;
    if (log->producer) {
        rd_kafka_flush(log->producer, log->is_given_up ? STEP_MS : CLOSE_MS);
        rd_kafka_purge(log->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(log->producer, STEP_MS);
        rd_kafka_destroy(log->producer);
    }
    config_fini(&log->consumer_settings);
    config_fini(&log->producer_settings);
    free(log->topic);
    free(log);
}

void
topic_log_give_up(struct topic_log *log)
{
    log->is_given_up = true;
}

static bool
gave_up(const struct topic_log *log, struct error *err)
{
    return error_set(err, ERROR_TIMEOUT, "topic %s is no longer waited for", log->topic);
}

/* ---- looking and making --------------------------------------------------------------------------------------------- */

static rd_kafka_t *
new_consumer(struct topic_log *log, struct error *err)
{
    struct config fixed = CONFIG_INIT;
    for (size_t i = 0; i < sizeof(fixed_consumer) / sizeof(*fixed_consumer); i++)
        config_set(&fixed, fixed_consumer[i].name, fixed_consumer[i].value);
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_CONSUMER, &log->consumer_settings, &fixed, err);
    config_fini(&fixed);
    return conf ? kafka_client_new(KAFKA_CONSUMER, conf, err) : NULL;
}

/* Waits in steps, so that giving up is quick. */
static bool
topic_exists(struct topic_log *log, rd_kafka_t *consumer, bool *exists_out, int timeout_ms, struct error *err)
{
    int64_t until_ms = clock_now_ms() + timeout_ms;
    while (!kafka_topic_exists(consumer, log->topic, exists_out, STEP_MS * 5, err)) {
        if (log->is_given_up)
            return gave_up(log, err);
        if (!err->retriable || clock_now_ms() > until_ms)
            return false;
    }
    return true;
}

static bool
ends_of(struct topic_log *log, rd_kafka_t *consumer, int64_t *low_out, int64_t *high_out, int timeout_ms, struct error *err)
{
    int64_t until_ms = clock_now_ms() + timeout_ms;
    for (;;) {
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(consumer, log->topic, 0, low_out, high_out, STEP_MS * 5);
        if (!code)
            return true;
        if (log->is_given_up)
            return gave_up(log, err);
        if (clock_now_ms() > until_ms)
            return kafka_error(err, code, "looking for the end of topic '%s'", log->topic);
    }
}

bool
topic_log_look(struct topic_log *log, bool *exists_out, bool *records_out, int timeout_ms, struct error *err)
{
    rd_kafka_t *consumer = new_consumer(log, err);
    if (!consumer)
        return false;
    int64_t low = 0, high = 0;
    bool exists = false;
    bool ok = topic_exists(log, consumer, &exists, timeout_ms, err) &&
              (!exists || ends_of(log, consumer, &low, &high, timeout_ms, err));
    rd_kafka_destroy(consumer);
    if (!ok)
        return false;
    *exists_out = exists;
    *records_out = high > low;
    return true;
}

bool
topic_log_make(struct topic_log *log, const struct config *settings, int timeout_ms, struct error *err)
{
    rd_kafka_t *consumer = new_consumer(log, err);
    if (!consumer)
        return false;
    const struct kafka_new_topic topic = {.topic = log->topic, .partitions = 1, .replication_factor = -1, .settings = settings};
    int64_t until_ms = clock_now_ms() + timeout_ms;
    enum kafka_topic_made made;
    while ((made = kafka_topic_make(consumer, &topic, STEP_MS * 25, err)) == TOPIC_FAILED && err->retriable && !log->is_given_up &&
           clock_now_ms() < until_ms)
        ;
    rd_kafka_destroy(consumer);
    return made != TOPIC_FAILED;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

struct reading {
    rd_kafka_topic_t *topic;
    int64_t next, end; /* offsets */
    topic_log_read_fn *read;
    void *arg;
};

/* One record or mark of the end; *read_out: something came. */
static bool
read_one(struct topic_log *log, struct reading *reading, bool *read_out, struct error *err)
{
    *read_out = false;
    rd_kafka_message_t *message = rd_kafka_consume(reading->topic, 0, STEP_MS);
    if (!message)
        return true;
    bool ok = true;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        reading->next = message->offset > reading->next ? message->offset : reading->next;
    } else if (message->err) {
        kafka_error(err, message->err, "reading topic %s", log->topic);
        ok = err->retriable; /* the client goes on by itself */
    } else {
        *read_out = true;
        reading->next = message->offset + 1;
        ok = !message->payload || reading->read(reading->arg, message->payload, message->len, message->offset, err);
    }
    rd_kafka_message_destroy(message);
    return ok;
}

static bool
read_all(struct topic_log *log, struct reading *reading, int64_t idle_ms, struct error *err)
{
    int64_t heard_ms = clock_now_ms();
    while (reading->next < reading->end) {
        bool has_read;
        if (log->is_given_up)
            return gave_up(log, err);
        if (!read_one(log, reading, &has_read, err))
            return false;
        if (has_read)
            heard_ms = clock_now_ms();
        else if (clock_now_ms() - heard_ms > idle_ms)
            return error_set_retriable(err, ERROR_TIMEOUT, "topic %s: no record came for %lld ms, and offset %lld of %lld is reached",
                                       log->topic, (long long)idle_ms, (long long)reading->next, (long long)reading->end);
    }
    return true;
}

bool
topic_log_read(struct topic_log *log, topic_log_read_fn *read, void *arg, int64_t idle_ms, struct error *err)
{
    rd_kafka_t *consumer = new_consumer(log, err);
    if (!consumer)
        return false;
    struct reading reading = {.read = read, .arg = arg};
    bool ok = ends_of(log, consumer, &reading.next, &reading.end, (int)idle_ms, err);
    if (ok && reading.next < reading.end) {
        reading.topic = rd_kafka_topic_new(consumer, log->topic, NULL);
        ok = reading.topic && !rd_kafka_consume_start(reading.topic, 0, reading.next);
        if (!ok)
            kafka_error(err, rd_kafka_last_error(), "cannot read topic %s", log->topic);
        ok = ok && read_all(log, &reading, idle_ms, err);
        if (reading.topic) {
            rd_kafka_consume_stop(reading.topic, 0);
            rd_kafka_topic_destroy(reading.topic);
        }
    }
    rd_kafka_destroy(consumer);
    return ok;
}

/* ---- appending -------------------------------------------------------------------------------------------------------------- */

/* Runs in topic_log_append and topic_log_flush. */
static void
on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    (void)producer;
    struct topic_log *log = opaque;
    if (message->err && log->failure.code == ERROR_NONE)
        kafka_error(&log->failure, message->err, "topic %s", log->topic);
}

static bool
need_producer(struct topic_log *log, struct error *err)
{
    if (log->producer)
        return true;
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_PRODUCER, &log->producer_settings, NULL, err);
    if (!conf)
        return false;
    rd_kafka_conf_set_opaque(conf, log);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    log->producer = kafka_client_new(KAFKA_PRODUCER, conf, err);
    return log->producer != NULL;
}

bool
topic_log_append(struct topic_log *log, const char *value, size_t len, struct error *err)
{
    if (!need_producer(log, err))
        return false;
    for (;;) {
        rd_kafka_resp_err_t code =
            rd_kafka_producev(log->producer, RD_KAFKA_V_TOPIC(log->topic), RD_KAFKA_V_PARTITION(0),
                              RD_KAFKA_V_VALUE((void *)(uintptr_t)value, len), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
        rd_kafka_poll(log->producer, code == RD_KAFKA_RESP_ERR__QUEUE_FULL ? STEP_MS : 0);
        if (!code)
            return true;
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return kafka_error(err, code, "topic %s", log->topic);
        if (log->is_given_up)
            return gave_up(log, err);
    }
}

bool
topic_log_flush(struct topic_log *log, int64_t timeout_ms, struct error *err)
{
    int64_t until_ms = clock_now_ms() + timeout_ms;
    while (log->producer && rd_kafka_flush(log->producer, STEP_MS) == RD_KAFKA_RESP_ERR__TIMED_OUT) {
        if (log->is_given_up)
            return gave_up(log, err);
        if (clock_now_ms() > until_ms)
            return error_set_retriable(err, ERROR_TIMEOUT, "topic %s: records were not acknowledged in %lld ms", log->topic,
                                       (long long)timeout_ms);
    }
    if (log->failure.code == ERROR_NONE)
        return true;
    *err = log->failure;
    log->failure = ERROR_INIT;
    return false;
}
