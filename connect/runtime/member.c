/* The consumer whose partitions are the worker's slots. */
#include "connect/runtime/member.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/client_config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

LOGGER("connect.runtime.member");

enum {
    POLL_MS = 500,
    SAID_AGAIN_MS = 10000, /* the same trouble is said once in this time */
    VIEW_AGE_MS = 1000,    /* a description of the group may be this old */
    SLOTS_MAX = 100000,
};

/* Who holds what, as the coordinator last said. */
struct view {
    int64_t at_ms; /* 0: never asked */
    bool is_stable;
    char **holder; /* advertised URL by slot, or NULL */
    int slots;
};

struct member {
    const struct worker_config *worker;
    struct member_listener listener;
    rd_kafka_t *consumer;
    pthread_t thread;
    atomic_bool is_stopping;
    atomic_int generation;
    int slots; /* partitions of the offsets topic; member thread, as the next two */
    bool owes_gain; /* slots were taken, but nobody was told: `slots` is not known yet */
    int64_t said_ms;
    bool is_refused; /* said so */
    pthread_mutex_t lock; /* guards the rest; never held while Kafka is asked */
    struct view view;
    unsigned rebalances;
};

/* ---- what the group tells us --------------------------------------------------------------------------------------- */

static int
partition_count(struct member *member)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(member->consumer, member->worker->offset_storage_topic, NULL);
    int count = 0;
    if (rd_kafka_metadata(member->consumer, 0, topic, &metadata, 10000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_topic_destroy(topic);
    return count;
}

/* The generation is not in librdkafka's interface, but in what it hands to transactional producers:
   "CGMDv2:", then the generation as 32 bits, then names. */
static void
generation_update(struct member *member)
{
    rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(member->consumer);
    void *bytes = NULL;
    size_t size = 0;
    if (!metadata)
        return;
    rd_kafka_error_t *error = rd_kafka_consumer_group_metadata_write(metadata, &bytes, &size);
    int32_t generation;
    if (!error && size >= 11 && memcmp(bytes, "CGMDv2:", 7) == 0) {
        memcpy(&generation, (const char *)bytes + 7, sizeof(generation));
        if (generation >= 0)
            atomic_store(&member->generation, generation);
    }
    if (error)
        rd_kafka_error_destroy(error);
    else
        rd_kafka_mem_free(member->consumer, bytes);
    rd_kafka_consumer_group_metadata_destroy(metadata);
}

static int32_t *
slots_of(const rd_kafka_topic_partition_list_t *partitions)
{
    int32_t *slots = xcalloc((size_t)partitions->cnt + 1, sizeof(*slots));
    for (int i = 0; i < partitions->cnt; i++)
        slots[i] = partitions->elems[i].partition;
    return slots;
}

static void
assigned(struct member *member, rd_kafka_topic_partition_list_t *partitions)
{
    int32_t *slots = slots_of(partitions);
    for (int i = 0; i < partitions->cnt; i++)
        partitions->elems[i].offset = RD_KAFKA_OFFSET_END; /* nothing is read, so nothing needs to be looked up */
    rd_kafka_error_t *error = rd_kafka_incremental_assign(member->consumer, partitions);
    if (error) {
        log_error("the slots could not be taken: %s", rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
    } else {
        rd_kafka_pause_partitions(member->consumer, partitions);
        if (!member->slots)
            member->slots = partition_count(member);
        generation_update(member);
        log_info("Rebalance: %d slots gained, generation %d", partitions->cnt, atomic_load(&member->generation));
        member->owes_gain = !member->slots;
        if (member->slots)
            member->listener.gained(member->listener.arg, slots, (size_t)partitions->cnt, member->slots);
    }
    free(slots);
}

/* The broker did not say how many slots there are when it gave us some: ask again, and tell of all that we hold. */
static void
pay_gain(struct member *member)
{
    rd_kafka_topic_partition_list_t *held = NULL;
    member->slots = partition_count(member);
    if (!member->slots || rd_kafka_assignment(member->consumer, &held))
        return;
    int32_t *slots = slots_of(held);
    member->owes_gain = false;
    member->listener.gained(member->listener.arg, slots, (size_t)held->cnt, member->slots);
    free(slots);
    rd_kafka_topic_partition_list_destroy(held);
}

static void
revoked(struct member *member, rd_kafka_topic_partition_list_t *partitions)
{
    int32_t *slots = slots_of(partitions);
    bool is_lost = rd_kafka_assignment_lost(member->consumer);
    log_info("Rebalance: %d slots %s", partitions->cnt, is_lost ? "lost" : "revoked");
    member->listener.revoked(member->listener.arg, slots, (size_t)partitions->cnt, is_lost);
    rd_kafka_error_t *error = rd_kafka_incremental_unassign(member->consumer, partitions);
    if (error)
        rd_kafka_error_destroy(error);
    free(slots);
}

static void
rebalanced(rd_kafka_t *consumer, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    (void)consumer;
    struct member *member = opaque;
    pthread_mutex_lock(&member->lock);
    member->view.at_ms = 0;
    member->rebalances++;
    pthread_mutex_unlock(&member->lock);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        assigned(member, partitions);
    else
        revoked(member, partitions);
}

/* As in Java, what no retry mends ends the worker. */
static void
refused(struct member *member, rd_kafka_resp_err_t code)
{
    struct error err = ERROR_INIT;
    if (member->is_refused)
        return;
    member->is_refused = true;
    kafka_error(&err, code, "the group %s does not take this worker", member->worker->group_id);
    if (code == RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT)
        error_wrap(&err, "session.timeout.ms is not within what the broker allows (group.min.session.timeout.ms, group.max.session.timeout.ms)");
    member->listener.refused(member->listener.arg, &err);
}

static void
said(struct member *member, rd_kafka_resp_err_t code, const char *text)
{
    if (code == RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT || code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) {
        refused(member, code);
        return;
    }
    int64_t now = clock_now_ms();
    if (member->said_ms && now - member->said_ms < SAID_AGAIN_MS)
        return;
    member->said_ms = now;
    if (code == RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL)
        log_error("the group %s has members that share work by another protocol (Java workers?); this worker waits until they are gone",
                  member->worker->group_id);
    else
        log_warn("group membership: %s", text);
}

static void *
member_thread(void *arg)
{
    struct member *member = arg;
    log_context_set("member");
    while (!atomic_load(&member->is_stopping)) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(member->consumer, POLL_MS);
        if (member->owes_gain)
            pay_gain(member);
        if (!message)
            continue;
        if (message->err && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
            said(member, message->err, rd_kafka_message_errstr(message));
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(member->consumer);
    return NULL;
}

/* ---- start and stop ---------------------------------------------------------------------------------------------------- */

static void
set_number(struct config *cfg, const char *key, int64_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "%lld", (long long)number);
    config_set(cfg, key, text);
}

static rd_kafka_t *
consumer_new(struct member *member, struct error *err)
{
    const struct worker_config *worker = member->worker;
    struct config common = CONFIG_INIT, own = CONFIG_INIT;
    kafka_common_settings(&worker->raw, &common);
    config_set(&own, "group.id", worker->group_id);
    config_set(&own, "client.id", worker->advertised_url);
    config_set(&own, "partition.assignment.strategy", "cooperative-sticky");
    config_set(&own, "enable.auto.commit", "false");
    config_set(&own, "auto.offset.reset", "latest");
    set_number(&own, "session.timeout.ms", worker->session_timeout_ms);
    set_number(&own, "heartbeat.interval.ms", worker->heartbeat_interval_ms);
    int64_t poll_ms = worker->rebalance_timeout_ms > worker->session_timeout_ms ? worker->rebalance_timeout_ms : worker->session_timeout_ms;
    set_number(&own, "max.poll.interval.ms", poll_ms);
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_CONSUMER, &common, &own, err);
    config_fini(&common);
    config_fini(&own);
    if (!conf)
        return NULL;
    rd_kafka_conf_set_opaque(conf, member);
    rd_kafka_conf_set_rebalance_cb(conf, rebalanced);
    return kafka_client_new(KAFKA_CONSUMER, conf, err);
}

static void
view_clear(struct view *view)
{
    for (int i = 0; i < view->slots; i++)
        free(view->holder[i]);
    free(view->holder);
    *view = (struct view){0};
}

struct member *
member_start(const struct worker_config *worker, const struct member_listener *listener, struct error *err)
{
    struct member *member = xcalloc(1, sizeof(*member));
    member->worker = worker;
    member->listener = *listener;
    pthread_mutex_init(&member->lock, NULL);
    member->consumer = consumer_new(member, err);
    if (!member->consumer) {
        pthread_mutex_destroy(&member->lock);
        free(member);
        return NULL;
    }
    rd_kafka_poll_set_consumer(member->consumer);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, worker->offset_storage_topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(member->consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    int failed = code ? 0 : pthread_create(&member->thread, NULL, member_thread, member);
    if (!code && !failed)
        return member;
    kafka_error(err, code ? code : RD_KAFKA_RESP_ERR__FAIL, "cannot join the group %s", worker->group_id);
    rd_kafka_destroy(member->consumer);
    pthread_mutex_destroy(&member->lock);
    free(member);
    return NULL;
}

void
member_leave(struct member *member)
{
    if (!member || atomic_exchange(&member->is_stopping, true))
        return;
    pthread_join(member->thread, NULL);
}

void
member_stop(struct member *member)
{
    if (!member)
        return;
    member_leave(member);
    /* librdkafka 2.0 aborts when a handle is destroyed between the answers to its first JoinGroup and SyncGroup. Such a one has
       left the group and is kept to the end of the process, which is near. */
    if (atomic_load(&member->generation) > 0)
        rd_kafka_destroy(member->consumer);
    pthread_mutex_destroy(&member->lock);
    view_clear(&member->view);
    free(member);
}

/* ---- asking about the group ------------------------------------------------------------------------------------------------ */

int
member_generation(struct member *member)
{
    return atomic_load(&member->generation);
}

/* MemberAssignment of the consumer protocol: version int16, topics [name, partitions [int32]], user data. */
struct reader {
    const unsigned char *at, *end;
    bool is_broken;
};

static int32_t
read_number(struct reader *reader, int bytes)
{
    if (reader->end - reader->at < bytes) {
        reader->is_broken = true;
        return 0;
    }
    uint32_t number = 0;
    for (int i = 0; i < bytes; i++)
        number = number << 8 | *reader->at++;
    return (int32_t)number;
}

static void
note_holder(struct view *view, const char *topic, const struct rd_kafka_group_member_info *info)
{
    struct reader reader = {info->member_assignment, (const unsigned char *)info->member_assignment + info->member_assignment_size, false};
    read_number(&reader, 2);
    int32_t topics = info->member_assignment_size ? read_number(&reader, 4) : 0;
    for (int32_t t = 0; t < topics && !reader.is_broken; t++) {
        int32_t len = read_number(&reader, 2);
        if (reader.is_broken || len < 0 || reader.end - reader.at < len)
            return;
        bool is_ours = strlen(topic) == (size_t)len && memcmp(reader.at, topic, (size_t)len) == 0;
        reader.at += len;
        int32_t partitions = read_number(&reader, 4);
        for (int32_t p = 0; p < partitions && !reader.is_broken; p++) {
            int32_t slot = read_number(&reader, 4);
            if (reader.is_broken || !is_ours || slot < 0 || slot >= SLOTS_MAX)
                continue;
            if (slot >= view->slots) {
                view->holder = xrealloc(view->holder, (size_t)(slot + 1) * sizeof(char *));
                memset(view->holder + view->slots, 0, (size_t)(slot + 1 - view->slots) * sizeof(char *));
                view->slots = slot + 1;
            }
            free(view->holder[slot]);
            view->holder[slot] = xstrdup(info->client_id);
        }
    }
}

static bool
view_ask(struct member *member, int64_t timeout_ms, struct view *out, struct error *err)
{
    const struct rd_kafka_group_list *list;
    rd_kafka_resp_err_t code = rd_kafka_list_groups(member->consumer, member->worker->group_id, &list, (int)timeout_ms);
    if (code)
        return kafka_error(err, code, "the group %s could not be described", member->worker->group_id);
    for (int i = 0; i < list->group_cnt; i++) {
        const struct rd_kafka_group_info *group = &list->groups[i];
        if (strcmp(group->group, member->worker->group_id) || group->err)
            continue;
        out->is_stable = group->state && strcmp(group->state, "Stable") == 0;
        for (int m = 0; m < group->member_cnt; m++)
            note_holder(out, member->worker->offset_storage_topic, &group->members[m]);
    }
    rd_kafka_group_list_destroy(list);
    out->at_ms = clock_now_ms();
    return true;
}

static char *
holder_in(const struct view *view, int slot)
{
    return view->is_stable && view->holder && slot < view->slots ? xstrdup(view->holder[slot]) : NULL;
}

char *
member_holder(struct member *member, int slot, int64_t timeout_ms, struct error *err)
{
    struct view view = {0};
    pthread_mutex_lock(&member->lock);
    bool is_fresh = member->view.at_ms && member->view.is_stable && clock_now_ms() - member->view.at_ms < VIEW_AGE_MS;
    char *url = is_fresh ? holder_in(&member->view, slot) : NULL;
    unsigned rebalances = member->rebalances;
    pthread_mutex_unlock(&member->lock);
    if (!is_fresh) {
        if (!view_ask(member, timeout_ms, &view, err))
            return NULL;
        url = holder_in(&view, slot);
        pthread_mutex_lock(&member->lock);
        if (rebalances == member->rebalances) { /* else the answer may be about the time before */
            struct view old = member->view;
            member->view = view;
            view = old;
        }
        pthread_mutex_unlock(&member->lock);
        view_clear(&view);
    }
    if (!url)
        error_set(err, ERROR_CONFLICT, "nobody holds slot %d of the group %s now", slot, member->worker->group_id);
    return url;
}

char *
member_cluster_id(struct member *member, int64_t timeout_ms)
{
    char *id = rd_kafka_clusterid(member->consumer, (int)timeout_ms), *copy = xstrdup(id);
    if (id)
        rd_kafka_mem_free(member->consumer, id);
    return copy;
}
