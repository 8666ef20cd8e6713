/* librdkafka's consumer with a partition assigned by hand, so that no other member of the group takes it away. */
#include "common/kafka/topic_tail.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"
#include "common/kafka/client_config.h"

#include <inttypes.h>
#include <stdlib.h>

LOGGER("common.kafka.topic_tail");

enum { CLOSE_MS = 2000 };

struct topic_tail {
    char *topic;
    rd_kafka_t *consumer;
    rd_kafka_message_t *message; /* the one that was given out last */
    struct strbuf key, value;
    int64_t next;                /* to be committed; negative: nothing new */
};

/* Few small records: no more than a megabyte of them waits here. */
static const struct {
    const char *name, *value;
} defaults[] = {
    {"auto.offset.reset", "earliest"}, {"queued.min.messages", "10"}, {"queued.max.messages.kbytes", "1024"},
}, fixed[] = {
    {"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}, {"enable.partition.eof", "false"},
};

static rd_kafka_t *
new_consumer(const struct config *settings, struct error *err)
{
    struct config earlier = CONFIG_INIT, later = CONFIG_INIT;
    for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
        config_set(&earlier, defaults[i].name, defaults[i].value);
    config_merge(&earlier, settings);
    for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
        config_set(&later, fixed[i].name, fixed[i].value);
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_CONSUMER, &earlier, &later, err);
    config_fini(&earlier);
    config_fini(&later);
    return conf ? kafka_client_new(KAFKA_CONSUMER, conf, err) : NULL;
}

static rd_kafka_topic_partition_list_t *
partition_at(const struct topic_tail *tail, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, tail->topic, 0)->offset = offset;
    return list;
}

struct topic_tail *
topic_tail_new(const char *topic, const struct config *settings, int64_t from, struct error *err)
{
    rd_kafka_t *consumer = new_consumer(settings, err);
    if (!consumer)
        return NULL;
    struct topic_tail *tail = xcalloc(1, sizeof(*tail));
    *tail = (struct topic_tail){.topic = xstrdup(topic), .consumer = consumer, .key = STRBUF_INIT, .value = STRBUF_INIT, .next = -1};
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *list = partition_at(tail, from < 0 ? RD_KAFKA_OFFSET_STORED : from);
    rd_kafka_resp_err_t code = rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (!code)
        return tail;
    kafka_error(err, code, "topic %s", topic);
    topic_tail_free(tail);
    return NULL;
}

static void
drop_message(struct topic_tail *tail)
{
    if (tail->message)
        rd_kafka_message_destroy(tail->message);
    tail->message = NULL;
}

/* Waits no longer than CLOSE_MS: a queue takes the answer. */
static void
commit_at_last(struct topic_tail *tail)
{
    if (tail->next < 0)
        return;
    rd_kafka_queue_t *answers = rd_kafka_queue_new(tail->consumer);
    rd_kafka_topic_partition_list_t *list = partition_at(tail, tail->next);
    if (!rd_kafka_commit_queue(tail->consumer, list, answers, NULL, NULL)) {
        rd_kafka_event_t *answer = rd_kafka_queue_poll(answers, CLOSE_MS);
        if (answer)
            rd_kafka_event_destroy(answer);
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_destroy(answers);
}

void
topic_tail_free(struct topic_tail *tail)
{
    if (!tail)
        return;
    drop_message(tail);
    commit_at_last(tail);
    rd_kafka_destroy_flags(tail->consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    strbuf_fini(&tail->key);
    strbuf_fini(&tail->value);
    free(tail->topic);
    free(tail);
}

static const char *
terminated(struct strbuf *buf, const void *bytes, size_t len)
{
    strbuf_reset(buf);
    strbuf_add(buf, bytes ? bytes : "", bytes ? len : 0);
    return bytes ? (buf->data ? buf->data : "") : NULL;
}

bool
topic_tail_next(struct topic_tail *tail, struct topic_tail_record *out)
{
    for (;;) {
        drop_message(tail);
        tail->message = rd_kafka_consumer_poll(tail->consumer, 0);
        if (!tail->message)
            return false;
        if (!tail->message->err)
            break;
        log_warn("topic %s: %s", tail->topic, rd_kafka_message_errstr(tail->message));
    }
    *out = (struct topic_tail_record){
        .key = terminated(&tail->key, tail->message->key, tail->message->key_len),
        .value = terminated(&tail->value, tail->message->payload, tail->message->len),
        .offset = tail->message->offset,
    };
    return true;
}

void
topic_tail_commit(struct topic_tail *tail, int64_t next)
{
    tail->next = next;
    rd_kafka_topic_partition_list_t *list = partition_at(tail, next);
    rd_kafka_resp_err_t code = rd_kafka_commit(tail->consumer, list, 1);
    rd_kafka_topic_partition_list_destroy(list);
    if (code)
        log_warn("topic %s: the group's offset %" PRId64 " is not committed: %s", tail->topic, next, rd_kafka_err2str(code));
}
