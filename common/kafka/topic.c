/* Admin requests are asynchronous in librdkafka; here each has a queue of its own and is waited for. */
#include "common/kafka/topic.h"

#include "common/base/log.h"
#include "common/kafka/client_config.h"

#include <string.h>

LOGGER("common.kafka.topic");

static rd_kafka_NewTopic_t *
new_topic(const struct kafka_new_topic *topic, struct error *err)
{
    char text[256];
    rd_kafka_NewTopic_t *made =
        rd_kafka_NewTopic_new(topic->topic, topic->partitions, topic->replication_factor, text, sizeof(text));
    if (!made) {
        error_set(err, ERROR_CONFIG, "topic '%s': %s", topic->topic, text);
        return NULL;
    }
    for (size_t i = 0; topic->settings && i < topic->settings->count; i++)
        if (topic->settings->entries[i].value)
            rd_kafka_NewTopic_set_config(made, topic->settings->entries[i].key, topic->settings->entries[i].value);
    return made;
}

static enum kafka_topic_made
made_of(rd_kafka_resp_err_t code, const char *topic, const char *text, struct error *err)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return TOPIC_MADE;
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
        return TOPIC_EXISTS;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
        log_debug("topic '%s' cannot be made (%s), it is taken to exist", topic, rd_kafka_err2str(code));
        return TOPIC_UNKNOWN;
    default:
        kafka_error(err, code, "Error while attempting to create/find topic '%s'%s%s", topic, text ? ": " : "", text ? text : "");
        return TOPIC_FAILED;
    }
}

enum kafka_topic_made
kafka_topic_make(rd_kafka_t *client, const struct kafka_new_topic *topic, int timeout_ms, struct error *err)
{
    char text[256];
    rd_kafka_NewTopic_t *made = new_topic(topic, err);
    if (!made)
        return TOPIC_FAILED;
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, text, sizeof(text));
    rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms, text, sizeof(text));
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_CreateTopics(client, &made, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
    rd_kafka_resp_err_t code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    const char *reason = NULL;
    if (event && !code) {
        size_t count;
        const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
        if (count == 1) {
            code = rd_kafka_topic_result_error(results[0]);
            reason = rd_kafka_topic_result_error_string(results[0]);
        }
    }
    enum kafka_topic_made result = made_of(code, topic->topic, reason, err);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_NewTopic_destroy(made);
    return result;
}

bool
kafka_topic_exists(rd_kafka_t *client, const char *topic, bool *exists_out, int timeout_ms, struct error *err)
{
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
    if (!handle)
        return kafka_error(err, rd_kafka_last_error(), "topic '%s'", topic);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, handle, &metadata, timeout_ms);
    if (!code && metadata->topic_cnt == 1)
        code = metadata->topics[0].err;
    if (metadata)
        rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
    bool is_missing = code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    if (code && !is_missing && code != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
        return kafka_error(err, code, "looking up topic '%s'", topic);
    *exists_out = !is_missing;
    return true;
}
