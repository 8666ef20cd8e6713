/* A consumer of its own would be in the way of groups under test, so looking uses the legacy consumer. */
#include "tests/fakes/kafka_mock.h"

#include "common/base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>

static void
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char text[256];
    ensure(rd_kafka_conf_set(conf, name, value, text, sizeof(text)) == RD_KAFKA_CONF_OK, "%s", text);
}

void
kafka_mock_start(struct kafka_mock *mock)
{
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "test.mock.num.brokers", "1");
    set(conf, "partitioner", "murmur2_random");
    set(conf, "linger.ms", "0");
    set(conf, "log_level", "4");
    mock->client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    ensure(mock->client, "%s", text);
    mock->cluster = rd_kafka_handle_mock_cluster(mock->client);
    mock->settings = CONFIG_INIT;
    config_set(&mock->settings, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(mock->cluster));
    config_set(&mock->settings, "fetch.max.wait.ms", "10"); /* the mock answers a fetch no sooner when records come */
}

void
kafka_mock_stop(struct kafka_mock *mock)
{
    config_fini(&mock->settings);
    rd_kafka_destroy(mock->client);
}

void
kafka_mock_topic(struct kafka_mock *mock, const char *topic, int partitions)
{
    ensure(!rd_kafka_mock_topic_create(mock->cluster, topic, partitions, 1), "mock topic");
}

void
kafka_mock_write(struct kafka_mock *mock, const char *topic, const char *key, const char *value)
{
    rd_kafka_resp_err_t code =
        rd_kafka_producev(mock->client, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY(key, key ? strlen(key) : 0),
                          RD_KAFKA_V_VALUE((void *)(uintptr_t)value, value ? strlen(value) : 0),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    ensure(!code, "%s", rd_kafka_err2str(code));
    ensure(!rd_kafka_flush(mock->client, 10000), "flush");
}

int64_t
kafka_mock_count(struct kafka_mock *mock, const char *topic, int partitions)
{
    int64_t count = 0;
    for (int p = 0; p < partitions; p++) {
        int64_t low = 0, high = 0;
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(mock->client, topic, p, &low, &high, 10000);
        ensure(!code, "%s", rd_kafka_err2str(code));
        count += high - low;
    }
    return count;
}

char *
kafka_mock_dump(struct kafka_mock *mock, const char *topic, int64_t from)
{
    char text[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(mock->cluster));
    set(conf, "enable.partition.eof", "true");
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
    ensure(consumer, "%s", text);
    rd_kafka_topic_t *handle = rd_kafka_topic_new(consumer, topic, NULL);
    ensure(!rd_kafka_consume_start(handle, 0, from), "consume");
    struct strbuf out = STRBUF_INIT;
    strbuf_puts(&out, "");
    for (bool is_end = false; !is_end;) {
        rd_kafka_message_t *message = rd_kafka_consume(handle, 0, 10000);
        ensure(message, "no end of topic %s", topic);
        is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        if (!message->err)
            strbuf_printf(&out, "%.*s=%.*s\n", (int)message->key_len, (const char *)message->key, message->payload ? (int)message->len : 4,
                          message->payload ? (const char *)message->payload : "null");
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consume_stop(handle, 0);
    rd_kafka_topic_destroy(handle);
    rd_kafka_destroy(consumer);
    return strbuf_take(&out);
}
