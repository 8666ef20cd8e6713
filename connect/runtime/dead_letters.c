/* Sending given-up records to the dead letter queue. */
#include "connect/runtime/dead_letters.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"
#include "common/kafka/client_config.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter");

enum { DEAD_LETTER_TOPIC_MS = 30000, DEAD_LETTER_REPLICATION = 3, DEAD_LETTER_QUEUE_KB = 4096 };

struct dead_letters {
    struct task *task;
    char *topic;
    bool with_headers;
    rd_kafka_t *producer;
};

static void
dead_letters_delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    (void)producer;
    struct dead_letters *letters = opaque;
    if (!message->err)
        return;
    atomic_fetch_add(&letters->task->metrics->dead_letter_failures, 1);
    log_error("Could not produce message to dead letter queue. topic=%s: %s", letters->topic, rd_kafka_err2str(message->err));
}

/* ---- the topic --------------------------------------------------------------------------------------------- */

static int
dead_letters_replication(const struct task *task)
{
    const char *text = config_get(task->connector_config, "errors.deadletterqueue.topic.replication.factor");
    return text ? atoi(text) : DEAD_LETTER_REPLICATION;
}

/* What CreateTopics answered for our one topic. */
static bool
dead_letters_created(rd_kafka_event_t *event, const char *topic, struct error *err)
{
    size_t count = 0;
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
    const rd_kafka_topic_result_t **topics = result ? rd_kafka_CreateTopics_result_topics(result, &count) : NULL;
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const char *why = rd_kafka_event_error_string(event);
    if (!code && count > 0) {
        code = rd_kafka_topic_result_error(topics[0]);
        why = rd_kafka_topic_result_error_string(topics[0]);
    }
    if (!code || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return true;
    kafka_error(err, code, "%s", why ? why : "");
    return error_cause(err, NULL, "Could not initialize dead letter queue with topic=%s", topic);
}

/* An existing topic is used as it is: asking first would only add a race. */
static bool
dead_letters_make_topic(struct dead_letters *letters, struct error *err)
{
    char why[512];
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(letters->topic, 1, dead_letters_replication(letters->task), why, sizeof(why));
    if (!topic)
        return error_set(err, ERROR_CONFIG, "dead letter queue topic '%s': %s", letters->topic, why);
    rd_kafka_queue_t *answers = rd_kafka_queue_new(letters->producer);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(letters->producer, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, DEAD_LETTER_TOPIC_MS, why, sizeof(why));
    rd_kafka_CreateTopics(letters->producer, &topic, 1, options, answers);
    rd_kafka_event_t *event = rd_kafka_queue_poll(answers, DEAD_LETTER_TOPIC_MS + 1000);
    bool ok = event ? dead_letters_created(event, letters->topic, err)
                    : error_set(err, ERROR_TIMEOUT, "dead letter queue topic '%s': no answer from Kafka", letters->topic);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(answers);
    rd_kafka_NewTopic_destroy(topic);
    return ok;
}

/* ---- life ------------------------------------------------------------------------------------------------------ */

/* What may be sent must fit into the queue, which is small otherwise. */
static void
dead_letters_make_room(struct config *settings)
{
    char kbytes[32];
    long long largest = strtoll(config_get_or(settings, "max.request.size", "0"), NULL, 10);
    snprintf(kbytes, sizeof(kbytes), "%lld", DEAD_LETTER_QUEUE_KB + (largest > 0 ? largest / 1024 : 0));
    if (!config_has(settings, "queue.buffering.max.kbytes") && !config_has(settings, "buffer.memory"))
        config_set(settings, "queue.buffering.max.kbytes", kbytes);
}

static bool
dead_letters_connect(struct dead_letters *letters, struct error *err)
{
    struct config fixed = CONFIG_INIT, settings = CONFIG_INIT;
    char client_id[512];
    snprintf(client_id, sizeof(client_id), "connector-dlq-producer-%s", letters->task->id);
    config_set(&fixed, "client.id", client_id);
    config_set(&fixed, "acks", "all");
    config_set(&fixed, "delivery.timeout.ms", "2147483647");
    config_set(&fixed, "partitioner", "murmur2_random");
    task_client_settings(letters->task, "producer", &fixed, &settings);
    dead_letters_make_room(&settings);
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_PRODUCER, &settings, NULL, err);
    config_fini(&fixed);
    config_fini(&settings);
    if (!conf)
        return false;
    rd_kafka_conf_set_opaque(conf, letters);
    rd_kafka_conf_set_dr_msg_cb(conf, dead_letters_delivered);
    letters->producer = kafka_client_new(KAFKA_PRODUCER, conf, err);
    return letters->producer && dead_letters_make_topic(letters, err);
}

bool
dead_letters_open(struct task *task, struct dead_letters **out, struct error *err)
{
    const struct config *cfg = task->connector_config;
    const char *topic = config_get(cfg, "errors.deadletterqueue.topic.name");
    *out = NULL;
    if (!topic || !*topic)
        return true;
    struct dead_letters *letters = xcalloc(1, sizeof(*letters));
    letters->task = task;
    letters->topic = xstrdup(topic);
    letters->with_headers = strcasecmp(config_get_or(cfg, "errors.deadletterqueue.context.headers.enable", "false"), "true") == 0;
    if (!dead_letters_connect(letters, err)) {
        dead_letters_close(letters);
        return false;
    }
    *out = letters;
    return true;
}

void
dead_letters_flush(struct dead_letters *letters, int64_t timeout_ms)
{
    if (letters && rd_kafka_outq_len(letters->producer) > 0)
        rd_kafka_flush(letters->producer, (int)timeout_ms);
}

void
dead_letters_close(struct dead_letters *letters)
{
    if (!letters)
        return;
    if (letters->producer) {
        dead_letters_flush(letters, letters->task->env->worker->offset_flush_timeout_ms);
        rd_kafka_destroy(letters->producer);
    }
    free(letters->topic);
    free(letters);
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

static void
dead_letters_header(rd_kafka_headers_t *headers, const char *name, const char *value)
{
    char full[128];
    snprintf(full, sizeof(full), "__connect.errors.%s", name);
    rd_kafka_header_add(headers, full, -1, value, value ? (ssize_t)strlen(value) : 0);
}

static void
dead_letters_number(rd_kafka_headers_t *headers, const char *name, int64_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, number);
    dead_letters_header(headers, name, text);
}

/* In Java's order, behind the record's own headers. */
static void
dead_letters_context(const struct dead_letters *letters, const struct failed_operation *failed, rd_kafka_headers_t *headers)
{
    const struct record *record = failed->record;
    struct strbuf trace = STRBUF_INIT;
    error_trace(failed->error, &trace);
    dead_letters_header(headers, "topic", record->original_topic);
    dead_letters_number(headers, "partition", record->original_partition);
    dead_letters_number(headers, "offset", record->offset);
    dead_letters_header(headers, "connector.name", letters->task->connector);
    dead_letters_number(headers, "task.id", letters->task->number);
    dead_letters_header(headers, "stage", stage_name(failed->stage));
    dead_letters_header(headers, "class.name", failed->class_name);
    dead_letters_header(headers, "exception.class.name", error_java_class(failed->error));
    dead_letters_header(headers, "exception.message", failed->error->message);
    dead_letters_header(headers, "exception.stacktrace", trace.data);
    strbuf_fini(&trace);
}

void
dead_letters_report(void *arg, const struct failed_operation *failed)
{
    struct dead_letters *letters = arg;
    rd_kafka_message_t *message = failed->record->message;
    atomic_fetch_add(&letters->task->metrics->dead_letter_requests, 1);

    rd_kafka_headers_t *own = NULL;
    rd_kafka_headers_t *headers =
        rd_kafka_message_headers(message, &own) == RD_KAFKA_RESP_ERR_NO_ERROR ? rd_kafka_headers_copy(own) : rd_kafka_headers_new(10);
    if (letters->with_headers)
        dead_letters_context(letters, failed, headers);

    rd_kafka_timestamp_type_t type;
    int64_t timestamp_ms = rd_kafka_message_timestamp(message, &type);
    for (;;) {
        rd_kafka_resp_err_t code = rd_kafka_producev(
            letters->producer, RD_KAFKA_V_TOPIC(letters->topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_VALUE(message->payload, message->len), RD_KAFKA_V_KEY(message->key, message->key_len),
            RD_KAFKA_V_TIMESTAMP(timestamp_ms < 0 ? 0 : timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
        if (!code)
            break;
        bool has_others = rd_kafka_outq_len(letters->producer) > 0; /* else it will never fit */
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && has_others && !task_is_closing(letters->task)) {
            rd_kafka_poll(letters->producer, 50);
            continue;
        }
        rd_kafka_headers_destroy(headers);
        atomic_fetch_add(&letters->task->metrics->dead_letter_failures, 1);
        log_error("Could not produce message to dead letter queue. topic=%s: %s", letters->topic, rd_kafka_err2str(code));
        break;
    }
    rd_kafka_poll(letters->producer, 0);
}
