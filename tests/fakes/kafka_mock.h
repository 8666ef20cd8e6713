/* librdkafka's mock cluster of one broker, for unit tests. It knows no admin requests, so topics are made here. */
#ifndef TESTS_FAKES_KAFKA_MOCK_H
#define TESTS_FAKES_KAFKA_MOCK_H

#include "common/config/config.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

struct kafka_mock {
    rd_kafka_t *client; /* runs the cluster; tests produce and look with it */
    rd_kafka_mock_cluster_t *cluster;
    struct config settings; /* bootstrap.servers */
};

void kafka_mock_start(struct kafka_mock *mock);
void kafka_mock_stop(struct kafka_mock *mock);
void kafka_mock_topic(struct kafka_mock *mock, const char *topic, int partitions);
/* Write one record and wait for it; NULL: no key, or a tombstone. */
void kafka_mock_write(struct kafka_mock *mock, const char *topic, const char *key, const char *value);
/* How many records a topic holds. */
int64_t kafka_mock_count(struct kafka_mock *mock, const char *topic, int partitions);
/* Everything in partition 0 as "key=value" lines, from an offset on; heap. */
char *kafka_mock_dump(struct kafka_mock *mock, const char *topic, int64_t from);

#endif
