/* The consumer side of WorkerSinkTask: assignment, positions, commits. */
#include "connect/runtime/sink_consumer.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/client_config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LOGGER("org.apache.kafka.connect.runtime.WorkerSinkTask");

enum { SINK_TOPIC_REPORT_MS = 1000, SINK_START_OFFSET_MS = 5000, SINK_SEEK_MS = 10000 };
enum { SINK_QUEUE_MESSAGES = 10000, SINK_ASK_MS = 5 };
enum { SINK_LOOK_SOON_MS = 5000, SINK_LOOK_MS = 300000 }; /* the second: Java's metadata.max.age.ms */
enum { SINK_BATCH_BYTES = 8 << 20, SINK_PART_MESSAGES = 500 };

/* What differs from librdkafka's defaults, and why; consumer.* settings override it. */
static const char *const sink_consumer_defaults[][2] = {
    {"auto.offset.reset", "earliest"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"isolation.level", "read_uncommitted"},   /* the Java consumer's default */
    {"allow.auto.create.topics", "true"},      /* likewise */
    {"queued.max.messages.kbytes", "8192"},    /* memory does not follow lag */
    {"queued.min.messages", "10000"},
    {"fetch.max.bytes", "262144"},             /* of all partitions together: unpacked, it may be twenty times that */
    {"max.partition.fetch.bytes", "262144"},   /* a larger batch comes whole all the same */
    {"message.max.bytes", "1000"},             /* means nothing to a consumer, but fetch.max.bytes must not be less */
    {"fetch.wait.max.ms", "500"},
};

/* ---- partitions ------------------------------------------------------------------------------------------ */

static const char *
sink_topic_intern(struct sink_consumer *consumer, const char *name)
{
    for (size_t i = 0; i < consumer->topic_count; i++)
        if (strcmp(consumer->topics[i], name) == 0)
            return consumer->topics[i];
    consumer->topics = xrealloc(consumer->topics, (consumer->topic_count + 1) * sizeof(*consumer->topics));
    return consumer->topics[consumer->topic_count++] = xstrdup(name);
}

static struct sink_partition *
sink_partition_find(struct sink_consumer *consumer, const char *topic, int32_t partition)
{
    struct sink_partition *last = consumer->last < consumer->partition_count ? &consumer->partitions[consumer->last] : NULL;
    if (last && last->partition == partition && strcmp(last->topic, topic) == 0)
        return last;
    for (size_t i = 0; i < consumer->partition_count; i++) {
        struct sink_partition *p = consumer->partitions + i;
        ensure(p, "a counted partition is there");
        if (p->partition == partition && strcmp(p->topic, topic) == 0) {
            consumer->last = i;
            return p;
        }
    }
    return NULL;
}

struct sink_partition *
sink_consumer_find(struct sink_consumer *consumer, const rd_kafka_message_t *message)
{
    return sink_partition_find(consumer, rd_kafka_topic_name(message->rkt), message->partition);
}

/* The list as the connector sees it; the caller frees. */
static struct topic_partition *
sink_partition_list(struct sink_consumer *consumer, const rd_kafka_topic_partition_list_t *list)
{
    struct topic_partition *out = xcalloc((size_t)list->cnt, sizeof(*out));
    for (int i = 0; i < list->cnt; i++)
        out[i] = (struct topic_partition){sink_topic_intern(consumer, list->elems[i].topic), list->elems[i].partition, -1};
    return out;
}

static void
sink_fail(struct sink_consumer *consumer, const struct error *err)
{
    if (!consumer->has_failed)
        consumer->failure = *err;
    consumer->has_failed = true;
}

/* Where the group is, for connectors that compare it with where they are themselves. */
static void
sink_read_committed(struct sink_consumer *consumer, const rd_kafka_topic_partition_list_t *list, struct topic_partition *gained)
{
    if (list->cnt == 0 || !consumer->task->plugin->sink->open)
        return;
    rd_kafka_topic_partition_list_t *copy = rd_kafka_topic_partition_list_copy(list);
    if (rd_kafka_committed(consumer->client, copy, SINK_START_OFFSET_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
        for (int i = 0; i < copy->cnt; i++)
            gained[i].offset = copy->elems[i].offset >= 0 ? copy->elems[i].offset : -1;
    rd_kafka_topic_partition_list_destroy(copy);
}

static void
sink_gained(struct sink_consumer *consumer, rd_kafka_topic_partition_list_t *list)
{
    struct error err = ERROR_INIT;
    size_t count = (size_t)list->cnt;
    struct topic_partition *gained = sink_partition_list(consumer, list);
    sink_read_committed(consumer, list, gained);
    consumer->partitions = xrealloc(consumer->partitions, (consumer->partition_count + count) * sizeof(*consumer->partitions));
    for (size_t i = 0; i < count; i++)
        consumer->partitions[consumer->partition_count++] =
            (struct sink_partition){.topic = gained[i].topic, .partition = gained[i].partition, .next = -1, .committed = -1,
                                    .rewind = -1, .read = -1};
    consumer->gaining = list;
    if (count > 0 && !consumer->events.opened(consumer->events.arg, gained, count, &err))
        sink_fail(consumer, &err);
    consumer->gaining = NULL;
    free(gained);
}

static void
sink_lost(struct sink_consumer *consumer, const rd_kafka_topic_partition_list_t *list)
{
    struct topic_partition *lost = sink_partition_list(consumer, list);
    for (int i = 0; i < list->cnt; i++) {
        struct sink_partition *p = sink_partition_find(consumer, lost[i].topic, lost[i].partition);
        if (p)
            *p = consumer->partitions[--consumer->partition_count];
    }
    if (list->cnt > 0)
        consumer->events.closed(consumer->events.arg, lost, (size_t)list->cnt);
    free(lost);
}

/* Inside poll and close. Both protocols of the group (eager, cooperative) are served. */
static void
sink_rebalanced(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct sink_consumer *consumer = opaque;
    bool is_cooperative = strcmp(rd_kafka_rebalance_protocol(client), "COOPERATIVE") == 0;
    rd_kafka_error_t *error = NULL;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        log_info("assigned %d partition(s)", list->cnt);
        sink_gained(consumer, list);
        if (is_cooperative)
            error = rd_kafka_incremental_assign(client, list);
        else
            rd_kafka_assign(client, list);
        if (consumer->is_paused)
            rd_kafka_pause_partitions(client, list);
    } else {
        log_info("%s %d partition(s)", rd_kafka_assignment_lost(client) ? "lost" : "revoked", list->cnt);
        if (!rd_kafka_assignment_lost(client))
            sink_consumer_commit(consumer, true);
        sink_lost(consumer, list);
        if (is_cooperative)
            error = rd_kafka_incremental_unassign(client, list);
        else
            rd_kafka_assign(client, NULL);
    }
    if (error) {
        log_warn("assignment: %s", rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
    }
    atomic_store(&consumer->task->metrics->partition_count, (int64_t)consumer->partition_count);
}

bool
sink_consumer_seek(struct sink_consumer *consumer, const char *topic, int32_t partition, int64_t offset, struct error *err)
{
    rd_kafka_topic_partition_t *to =
        consumer->gaining ? rd_kafka_topic_partition_list_find(consumer->gaining, topic, partition) : NULL;
    if (!to)
        return error_set(err, ERROR_INTERNAL, "partition %s-%" PRId32 " is not being assigned", topic, partition);
    to->offset = offset;
    return true;
}

/* ---- commits -------------------------------------------------------------------------------------------------- */

/* Partitions that gave no record yet: where they start, so that they are committed too, as Java does. */
static void
sink_fill_starts(struct sink_consumer *consumer)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    for (size_t i = 0; i < consumer->partition_count; i++)
        if (consumer->partitions[i].next < 0)
            rd_kafka_topic_partition_list_add(list, consumer->partitions[i].topic, consumer->partitions[i].partition);
    if (list->cnt > 0 && rd_kafka_committed(consumer->client, list, SINK_START_OFFSET_MS) == RD_KAFKA_RESP_ERR_NO_ERROR)
        for (int i = 0; i < list->cnt; i++) {
            struct sink_partition *p = sink_partition_find(consumer, list->elems[i].topic, list->elems[i].partition);
            int64_t low = -1, high = -1;
            if (list->elems[i].offset >= 0)
                p->next = p->committed = list->elems[i].offset;
            else if (rd_kafka_query_watermark_offsets(consumer->client, p->topic, p->partition, &low, &high,
                                                      SINK_START_OFFSET_MS) == RD_KAFKA_RESP_ERR_NO_ERROR && low == high)
                p->next = low;
        }
    rd_kafka_topic_partition_list_destroy(list);
}

/* The same from memory alone, when there is no time to ask: a partition that is known to hold nothing starts at 0. */
static void
sink_fill_empty(struct sink_consumer *consumer)
{
    for (size_t i = 0; i < consumer->partition_count; i++) {
        struct sink_partition *p = &consumer->partitions[i];
        int64_t low, high;
        if (p->next < 0 && rd_kafka_get_watermark_offsets(consumer->client, p->topic, p->partition, &low, &high) ==
                               RD_KAFKA_RESP_ERR_NO_ERROR && high == 0)
            p->next = 0;
    }
}

static rd_kafka_topic_partition_list_t *
sink_uncommitted(struct sink_consumer *consumer)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)consumer->partition_count + 1);
    for (size_t i = 0; i < consumer->partition_count; i++) {
        struct sink_partition *p = &consumer->partitions[i];
        if (p->next < 0 || p->next == p->committed)
            continue;
        rd_kafka_topic_partition_list_add(list, p->topic, p->partition)->offset = p->next;
        p->committed = p->next;
    }
    return list;
}

/* What could not be committed is tried again with the next commit. */
static void
sink_commit_failed(struct sink_consumer *consumer, rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t *list)
{
    log_warn("could not commit offsets; they are part of the next commit: %s", rd_kafka_err2str(code));
    for (int i = 0; list && i < list->cnt; i++) {
        struct sink_partition *p = sink_partition_find(consumer, list->elems[i].topic, list->elems[i].partition);
        if (p)
            p->committed = -1;
    }
}

static void
sink_count_commit(struct task_metrics *metrics, int64_t began_us)
{
    int64_t took_us = clock_now_us() - began_us;
    atomic_fetch_add(&metrics->commit_count, 1);
    atomic_fetch_add(&metrics->commit_time_us_sum, took_us);
    if (took_us > atomic_load(&metrics->commit_time_us_max))
        atomic_store(&metrics->commit_time_us_max, took_us);
}

/* Read and not committed; and how far behind the end of the farthest partition. */
void
sink_consumer_measure(struct sink_consumer *consumer)
{
    int64_t active = 0, lag_max = -1;
    for (size_t i = 0; i < consumer->partition_count; i++) {
        const struct sink_partition *p = &consumer->partitions[i];
        int64_t low, high;
        if (p->next >= 0 && p->committed >= 0 && p->next > p->committed)
            active += p->next - p->committed;
        if (p->next >= 0 && !rd_kafka_get_watermark_offsets(consumer->client, p->topic, p->partition, &low, &high) &&
            high >= p->next && high - p->next > lag_max)
            lag_max = high - p->next;
    }
    metrics_active(consumer->task->metrics, active);
    atomic_store(&consumer->task->metrics->lag_max, lag_max);
}

/* The answer to a commit. One that comes behind a later commit is counted as skipped, as Java does: what it would say of time and
   success is the later one's to say. */
static void
sink_committed(struct sink_consumer *consumer, int64_t sequence, rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t *list)
{
    struct task_metrics *metrics = consumer->task->metrics;
    bool has_failed = code && code != RD_KAFKA_RESP_ERR__NO_OFFSET;
    if (has_failed)
        sink_commit_failed(consumer, code, list);
    if (sequence != consumer->commit_sequence)
        atomic_fetch_add(&metrics->commit_skips, 1);
    else if (has_failed)
        atomic_fetch_add(&metrics->commit_failures, 1);
    else
        sink_count_commit(metrics, consumer->commit_began_us);
    sink_consumer_measure(consumer);
}

/* The same for a commit that was not waited for; inside poll. */
static void
sink_commit_answered(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list, void *sequence)
{
    sink_committed(rd_kafka_opaque(client), (intptr_t)sequence, code, list);
}

/* Wait for the answer, but no longer than a flush may take: a dead broker must not hold up a stop. */
static void
sink_commit_wait(struct sink_consumer *consumer, const rd_kafka_topic_partition_list_t *list)
{
    rd_kafka_queue_t *answers = rd_kafka_queue_new(consumer->client);
    rd_kafka_resp_err_t code = rd_kafka_commit_queue(consumer->client, list, answers, NULL, NULL);
    if (!code) {
        rd_kafka_event_t *event = rd_kafka_queue_poll(answers, (int)consumer->task->env->worker->offset_flush_timeout_ms);
        code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
        if (event)
            rd_kafka_event_destroy(event);
    }
    sink_committed(consumer, consumer->commit_sequence, code, list);
    rd_kafka_queue_destroy(answers);
}

void
sink_consumer_commit(struct sink_consumer *consumer, bool wait)
{
    if (task_is_cancelled(consumer->task))
        return;
    if (wait)
        sink_fill_empty(consumer);
    else
        sink_fill_starts(consumer);
    rd_kafka_topic_partition_list_t *list = sink_uncommitted(consumer);
    if (list->cnt > 0) {
        consumer->commit_began_us = clock_now_us();
        atomic_store(&consumer->task->metrics->commit_sequence, ++consumer->commit_sequence);
    }
    if (list->cnt > 0 && wait)
        sink_commit_wait(consumer, list);
    else if (list->cnt > 0)
        rd_kafka_commit_queue(consumer->client, list, consumer->queue, sink_commit_answered, (void *)(intptr_t)consumer->commit_sequence);
    rd_kafka_topic_partition_list_destroy(list);
}

/* ---- topics --------------------------------------------------------------------------------------------------------- */

static bool
sink_subscribe(struct sink_consumer *consumer, struct error *err)
{
    const struct string_list *names = &consumer->wanted.names;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)names->count + 1);
    for (size_t i = 0; i < names->count; i++)
        rd_kafka_topic_partition_list_add(list, names->items[i], RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(consumer->client, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code ? kafka_error(err, code, "cannot subscribe to the topics of the connector") : true;
}

/* topics.regex: subscribe anew when other topics match than before. A broker that does not answer is asked again. */
static bool
sink_look_for_topics(struct sink_consumer *consumer, struct error *err)
{
    int64_t now_ms = clock_now_ms();
    const struct rd_kafka_metadata *metadata = NULL;
    if (!consumer->wanted.regex || now_ms < consumer->look_at_ms)
        return true;
    consumer->look_at_ms = now_ms + SINK_LOOK_SOON_MS;
    if (rd_kafka_metadata(consumer->client, 1, NULL, &metadata, SINK_START_OFFSET_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    size_t count = (size_t)metadata->topic_cnt;
    const char **names = xcalloc(count + 1, sizeof(*names));
    for (size_t i = 0; i < count; i++)
        names[i] = metadata->topics[i].topic;
    bool is_new = sink_topics_match(&consumer->wanted, names, count);
    free(names);
    rd_kafka_metadata_destroy(metadata);
    if (consumer->wanted.names.count > 0 || consumer->wanted_ms < SINK_LOOK_SOON_MS)
        consumer->look_at_ms = now_ms + consumer->wanted_ms;
    if (is_new)
        log_info("topics.regex matches %zu topic(s)", consumer->wanted.names.count);
    return is_new ? sink_subscribe(consumer, err) : true;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static void
sink_report_topics(struct sink_consumer *consumer)
{
    struct task *task = consumer->task;
    int64_t now_ms = clock_now_ms();
    if (now_ms < consumer->topics_at_ms || !task->env->worker->topic_tracking_enable)
        return;
    consumer->topics_at_ms = now_ms + SINK_TOPIC_REPORT_MS;
    for (size_t i = 0; i < consumer->partition_count; i++)
        if (consumer->partitions[i].is_used) {
            consumer->partitions[i].is_used = false;
            status_store_topic_used(task->env->statuses, task->connector, task->number, consumer->partitions[i].topic);
        }
}

/* An event that is not a record. Most pass by themselves; what only a person can mend ends the task. */
static bool
sink_event(struct sink_consumer *consumer, const rd_kafka_message_t *message, struct error *err)
{
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        return true;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR__FATAL:
        return kafka_error(err, message->err, "%s", rd_kafka_message_errstr(message));
    default:
        log_warn("consumer: %s", rd_kafka_message_errstr(message));
        (void)consumer;
        return true;
    }
}

/* Keep what is a record of a partition that is still ours; the rest is destroyed. */
static bool
sink_sift(struct sink_consumer *consumer, rd_kafka_message_t **messages, size_t *count, struct error *err)
{
    bool ok = true;
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        struct sink_partition *p = messages[i]->err ? NULL : sink_consumer_find(consumer, messages[i]);
        if (p) {
            p->is_used = true;
            p->read = messages[i]->offset + 1;
            messages[kept++] = messages[i];
            continue;
        }
        if (messages[i]->err && ok)
            ok = sink_event(consumer, messages[i], err);
        rd_kafka_message_destroy(messages[i]);
    }
    *count = kept;
    return ok;
}

/* Does every partition have records that are not in the queue yet? By what librdkafka remembers. */
static bool
sink_is_behind(struct sink_consumer *consumer, size_t queued)
{
    int64_t low, high, behind = 0;
    for (size_t i = 0; i < consumer->partition_count; i++) {
        const struct sink_partition *p = &consumer->partitions[i];
        if (p->read < 0 || rd_kafka_get_watermark_offsets(consumer->client, p->topic, p->partition, &low, &high) ||
            p->read >= high)
            return false;
        behind += high - p->read;
    }
    return behind > (int64_t)queued;
}

/*
 * librdkafka stops fetching when its queue is full, and before 2.2 it looks at the queue again only when something wakes the
 * thread of that broker, after a second at the latest. At 200,000 records a second a bounded queue lasts for a tenth
 * of that, so the thread is woken: by any request to it, for one partition after the other. The answer comes at once
 * while no fetch is waiting at the broker, which is so when all partitions are behind.
 */
static void
sink_ask_for_more(struct sink_consumer *consumer)
{
    int64_t now_ms = clock_now_ms(), low, high;
    size_t queued = consumer->must_ask ? rd_kafka_queue_length(consumer->queue) : 0;
    if (!consumer->must_ask || consumer->partition_count == 0 || now_ms < consumer->asked_ms + SINK_ASK_MS ||
        queued > SINK_QUEUE_MESSAGES / 2 || !sink_is_behind(consumer, queued))
        return;
    consumer->asked_ms = now_ms;
    const struct sink_partition *p = &consumer->partitions[++consumer->asked % consumer->partition_count];
    rd_kafka_query_watermark_offsets(consumer->client, p->topic, p->partition, &low, &high, SINK_ASK_MS);
}

/* What is at hand, in parts, so that records of megabytes make small batches. */
static size_t
sink_take(struct sink_consumer *consumer, rd_kafka_message_t **messages, size_t max)
{
    size_t count = 0, bytes = 0;
    while (count < max && bytes < SINK_BATCH_BYTES) {
        size_t part = max - count < SINK_PART_MESSAGES ? max - count : SINK_PART_MESSAGES;
        ssize_t taken = rd_kafka_consume_batch_queue(consumer->queue, 0, messages + count, part);
        for (ssize_t i = 0; i < taken; i++)
            bytes += messages[count + (size_t)i]->len + messages[count + (size_t)i]->key_len;
        count += taken > 0 ? (size_t)taken : 0;
        if (taken < (ssize_t)part)
            break;
    }
    return count;
}

/* No longer than until the topics are looked at again. */
static int
sink_wait(const struct sink_consumer *consumer, int timeout_ms)
{
    int64_t left_ms = consumer->look_at_ms - clock_now_ms();
    return consumer->wanted.regex && left_ms < timeout_ms ? (int)(left_ms > 0 ? left_ms : 0) : timeout_ms;
}

bool
sink_consumer_poll(struct sink_consumer *consumer, int timeout_ms, rd_kafka_message_t **messages, size_t max,
                   size_t *count_out, struct error *err)
{
    size_t count = 0;
    sink_ask_for_more(consumer);
    if (!sink_look_for_topics(consumer, err))
        return false;
    messages[0] = rd_kafka_consumer_poll(consumer->client, sink_wait(consumer, timeout_ms));
    if (messages[0])
        count = 1 + sink_take(consumer, messages + 1, max - 1);
    bool ok = sink_sift(consumer, messages, &count, err);
    sink_report_topics(consumer);
    if (ok && consumer->has_failed) {
        *err = consumer->failure;
        ok = false;
    }
    if (!ok)
        for (size_t i = 0; i < count; i++)
            rd_kafka_message_destroy(messages[i]);
    *count_out = ok ? count : 0;
    return ok;
}

void
sink_consumer_rewind(struct sink_consumer *consumer, rd_kafka_message_t *const *messages, size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    for (size_t i = count; i-- > 0;) {
        struct sink_partition *p = sink_consumer_find(consumer, messages[i]);
        if (p)
            p->rewind = messages[i]->offset;
    }
    for (size_t i = 0; i < consumer->partition_count; i++) {
        struct sink_partition *p = &consumer->partitions[i];
        if (p->rewind >= 0)
            rd_kafka_topic_partition_list_add(list, p->topic, p->partition)->offset = p->rewind;
        p->rewind = -1;
    }
    rd_kafka_error_t *error = list->cnt > 0 ? rd_kafka_seek_partitions(consumer->client, list, SINK_SEEK_MS) : NULL;
    if (error) {
        struct error err;
        kafka_error(&err, rd_kafka_error_code(error), "going back to records that were not delivered: %s", rd_kafka_error_string(error));
        sink_fail(consumer, &err); /* going on would skip them */
        rd_kafka_error_destroy(error);
    }
    rd_kafka_topic_partition_list_destroy(list);
}

bool
sink_consumer_idle(struct sink_consumer *consumer, int timeout_ms, struct error *err)
{
    rd_kafka_message_t *stray;
    size_t count = 0;
    bool ok = sink_consumer_poll(consumer, timeout_ms, &stray, 1, &count, err);
    if (count > 0) {
        sink_consumer_rewind(consumer, &stray, 1);
        rd_kafka_message_destroy(stray);
    }
    return ok;
}

void
sink_consumer_pause(struct sink_consumer *consumer, bool pause)
{
    rd_kafka_topic_partition_list_t *list = NULL;
    consumer->is_paused = pause;
    if (rd_kafka_assignment(consumer->client, &list) || !list)
        return;
    (pause ? rd_kafka_pause_partitions : rd_kafka_resume_partitions)(consumer->client, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* ---- life ------------------------------------------------------------------------------------------------------------ */

static void
sink_wake(void *arg)
{
    rd_kafka_queue_yield(((struct sink_consumer *)arg)->queue);
}

bool
sink_consumer_open(struct sink_consumer *consumer, struct task *task, const struct sink_consumer_events *events, struct error *err)
{
    struct config fixed = CONFIG_INIT, settings = CONFIG_INIT;
    char client_id[512], group[512];
    consumer->task = task;
    consumer->events = *events;
    snprintf(client_id, sizeof(client_id), "connector-consumer-%s", task->id);
    snprintf(group, sizeof(group), "connect-%s", task->connector);
    config_set(&fixed, "client.id", client_id);
    config_set(&fixed, "group.id", group);
    for (size_t i = 0; i < sizeof(sink_consumer_defaults) / sizeof(sink_consumer_defaults[0]); i++)
        config_set(&fixed, sink_consumer_defaults[i][0], sink_consumer_defaults[i][1]);
    if (task->plugin->exactly_once && task->plugin->exactly_once(task->connector_config))
        config_set(&fixed, "isolation.level", "read_committed"); /* a record that was aborted comes again */
    task_client_settings(task, "consumer", &fixed, &settings);
    const char *age = config_get(&settings, "metadata.max.age.ms");
    consumer->wanted_ms = age ? strtoll(age, NULL, 10) : SINK_LOOK_MS;

    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_CONSUMER, &settings, NULL, err);
    config_fini(&fixed);
    config_fini(&settings);
    if (!conf)
        return false;
    char why[512];
    consumer->must_ask = rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "5", why, sizeof(why)) != RD_KAFKA_CONF_OK;
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_rebalance_cb(conf, sink_rebalanced);
    consumer->client = kafka_client_new(KAFKA_CONSUMER, conf, err);
    if (!consumer->client)
        return false;
    rd_kafka_poll_set_consumer(consumer->client);
    consumer->queue = rd_kafka_queue_get_consumer(consumer->client);
    task_set_wake(task, sink_wake, consumer);
    if (!sink_topics_init(&consumer->wanted, task->task_config, err))
        return false;
    return consumer->wanted.regex ? sink_look_for_topics(consumer, err) : sink_subscribe(consumer, err);
}

void
sink_consumer_close(struct sink_consumer *consumer)
{
    if (!consumer->client)
        return;
    task_set_wake(consumer->task, NULL, NULL);
    rd_kafka_consumer_close(consumer->client); /* revokes, which commits */
    if (consumer->queue)
        rd_kafka_queue_destroy(consumer->queue);
    rd_kafka_destroy(consumer->client);
    for (size_t i = 0; i < consumer->topic_count; i++)
        free(consumer->topics[i]);
    free(consumer->topics);
    sink_topics_fini(&consumer->wanted);
    free(consumer->partitions);
    consumer->client = NULL;
}
