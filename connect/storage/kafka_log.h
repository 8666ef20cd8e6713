/*
 * Compacted topics that a worker keeps its state in (KafkaBasedLog): made if missing, checked, read from the
 * beginning and followed, written with acknowledgement.
 *
 * One kafka_log is one consumer, one producer and one thread for any number of topics, so that an idle worker
 * stays small. The thread serves everything that librdkafka calls back, and hands each record to the `read`
 * function of its topic.
 */
#ifndef CONNECT_STORAGE_KAFKA_LOG_H
#define CONNECT_STORAGE_KAFKA_LOG_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct kafka_log;
struct kafka_log_topic;

/* NUL stands behind neither text; value NULL is a tombstone. */
struct kafka_log_record {
    const char *key, *value;
    size_t key_len, value_len;
    const char *slot; /* value of the header "slot"; NULL: none */
    size_t slot_len;
    int64_t offset;
};

struct rd_kafka_s;
/* Hand one record to a producer by the topic's name, with its header; rd_kafka_resp_err_t, 0 is success. */
int kafka_record_produce(struct rd_kafka_s *producer, const char *topic, const struct kafka_log_record *record);

struct kafka_log_spec {
    const char *topic;            /* name of the topic */
    const char *setting;          /* where the user wrote it: "config.storage.topic" */
    const char *purpose;          /* what is kept there, for messages: "connector configurations" */
    int32_t partitions, replication_factor; /* of a topic that has to be made */
    bool is_single_partition;     /* more than one is an error */
    const struct config *settings; /* of a topic that has to be made: what stands behind "config.storage."; or NULL */
    int32_t message_timeout_ms;   /* a write that Kafka has not taken by then has failed; 0: never */
    void (*read)(void *arg, const struct kafka_log_record *record); /* the log's thread */
    void (*started)(void *arg);   /* everything there was at the start has been read; or NULL */
    void (*tick)(void *arg);      /* again and again, at least once a second, on the log's thread: what could not be sent; or NULL */
    void *arg;
};

/* Settings of the worker, or of a connector's clients, under Java's names; what is not for a Kafka client is left
   alone. client_id is what Kafka's logs call us. Nothing is asked of Kafka yet. */
struct kafka_log *kafka_log_new(const struct config *settings, const char *client_id, bool read_committed, struct error *err);
/* Before kafka_log_start. The spec is copied, but the texts must stay. The topic lives as long as the log. */
struct kafka_log_topic *kafka_log_add(struct kafka_log *log, const struct kafka_log_spec *spec);
/* Make missing topics, check all, start the thread and wait until every topic was read to its end. Blocks until
   Kafka answers or *stop is true (ERROR_TIMEOUT); fails with what no waiting mends. */
bool kafka_log_start(struct kafka_log *log, const atomic_bool *stop, struct error *err) MUST_CHECK;
/* Ends the thread; writes that are under way get up to 5 s. Accepts NULL. */
void kafka_log_close(struct kafka_log *log);
/* Writes that are under way get up to 5 s; for a process that ends without kafka_log_close. Accepts NULL. */
void kafka_log_settle(struct kafka_log *log);

/* Any thread but the log's: wait until everything the topic holds now was given to `read`. */
bool kafka_log_refresh(struct kafka_log_topic *topic, int64_t timeout_ms, struct error *err) MUST_CHECK;

/* The worker stops: whoever waits for this topic, now or later, gives up (ERROR_UNAVAILABLE). Any thread. */
void kafka_log_give_up(struct kafka_log_topic *topic);

/* Any thread but the log's: write the records in this order and wait for the acknowledgement of all; with
   `read_back` also until they were given to `read`. After ERROR_TIMEOUT they may still arrive. */
bool kafka_log_write(struct kafka_log_topic *topic, const struct kafka_log_record *records, size_t count, bool read_back,
                     int64_t timeout_ms, struct error *err) MUST_CHECK;

/* Any thread; returns at once. `done` is called once with NULL or the error: on the log's thread, or while the log is
   closed. False: it could not be taken, and `done` is not called. */
typedef void kafka_log_done_fn(void *arg, const struct error *err);
bool kafka_log_send(struct kafka_log_topic *topic, const struct kafka_log_record *record, kafka_log_done_fn *done, void *arg,
                    struct error *err) MUST_CHECK;

#endif
