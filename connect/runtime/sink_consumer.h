/*
 * The consumer of a sink task: its group, the partitions it holds, how far they are delivered, and the
 * commits. Task thread only; the rebalance callback runs inside sink_consumer_poll and _close.
 */
#ifndef CONNECT_RUNTIME_SINK_CONSUMER_H
#define CONNECT_RUNTIME_SINK_CONSUMER_H

#include "connect/runtime/sink_topics.h"
#include "connect/runtime/task_priv.h"

#include <librdkafka/rdkafka.h>

/* A partition that is assigned to this task now. */
struct sink_partition {
    const char *topic;      /* the consumer's, lives until it is closed */
    int32_t partition;
    int64_t next;           /* offset behind the last delivered record; -1: nothing known yet */
    int64_t committed;      /* last offset handed to a commit; -1: none */
    int64_t rewind;         /* inside sink_consumer_rewind; else -1 */
    int64_t read;           /* offset behind the last record that was polled; -1: none */
    bool is_used;           /* records came since the topic was last reported as in use */
};

/* Who is told of rebalances. */
struct sink_consumer_events {
    /* Partitions were gained, before reading starts; sink_consumer_seek may be called. False ends the task. */
    bool (*opened)(void *arg, const struct topic_partition *partitions, size_t count, struct error *err);
    /* Partitions go: what was not delivered must be forgotten. Their offsets are committed already. */
    void (*closed)(void *arg, const struct topic_partition *partitions, size_t count);
    void *arg;
};

struct sink_consumer {
    struct task *task;
    struct sink_consumer_events events;
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    struct sink_partition *partitions;
    size_t partition_count, last;
    char **topics;          /* names, interned */
    size_t topic_count;
    struct sink_topics wanted;
    int64_t wanted_ms, look_at_ms; /* topics.regex: how often the topics are looked at, and when next */
    rd_kafka_topic_partition_list_t *gaining; /* inside opened() */
    bool is_paused;
    bool has_failed;
    struct error failure;
    int64_t topics_at_ms;   /* when topics in use are reported next */
    bool must_ask;          /* librdkafka needs to be told when its queue has room again */
    int64_t asked_ms;
    size_t asked;           /* the partition that was asked for last */
    int64_t commit_began_us, commit_sequence; /* of the latest */
};

/* Join the group and subscribe to topics or topics.regex. The struct must stay where it is. */
bool sink_consumer_open(struct sink_consumer *consumer, struct task *task, const struct sink_consumer_events *events,
                        struct error *err) MUST_CHECK;
/* Wait up to timeout_ms for a first message, then take what is at hand, up to `max`. Returns how many; the caller
   destroys them. False: the task cannot go on. */
bool sink_consumer_poll(struct sink_consumer *consumer, int timeout_ms, rd_kafka_message_t **messages, size_t max,
                        size_t *count_out, struct error *err) MUST_CHECK;
/* Bring the task's metrics of records in flight and of lag up to date. */
void sink_consumer_measure(struct sink_consumer *consumer);
/* The partition of a message; NULL when it was taken away meanwhile. */
struct sink_partition *sink_consumer_find(struct sink_consumer *consumer, const rd_kafka_message_t *message);
/* Read these messages again: nobody has used them. For those whose partitions are still ours. */
void sink_consumer_rewind(struct sink_consumer *consumer, rd_kafka_message_t *const *messages, size_t count);
/* Poll while paused, so that the group keeps the task; what comes all the same is read again later. */
bool sink_consumer_idle(struct sink_consumer *consumer, int timeout_ms, struct error *err) MUST_CHECK;
/* Stop and go on reading everything, without leaving the group. */
void sink_consumer_pause(struct sink_consumer *consumer, bool pause);
/* Start the partition that is being gained at this offset. Inside opened() only. */
bool sink_consumer_seek(struct sink_consumer *consumer, const char *topic, int32_t partition, int64_t offset, struct error *err);
/* Commit what is delivered: at once and without waiting for the answer, or (wait) with, up to offset.flush.timeout.ms. */
void sink_consumer_commit(struct sink_consumer *consumer, bool wait);
/* Commits, leaves the group. Accepts a half-open one. */
void sink_consumer_close(struct sink_consumer *consumer);

#endif
