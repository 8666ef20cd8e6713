/* One transactional producer, made when it is needed and thrown away when it fails. */
#include "connect/storage/leader_writer.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/client_config.h"
#include "connect/storage/kafka_transaction.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

LOGGER("connect.storage.leader_writer");

struct leader_writer {
    const struct worker_config *worker;
    char *topic, *id;
    pthread_mutex_t lock; /* held during a write */
    rd_kafka_t *producer; /* NULL: not claimed */
    atomic_bool is_over;  /* the worker stops */
};

struct leader_writer *
leader_writer_new(const struct worker_config *worker, const char *topic)
{
    struct leader_writer *writer = xcalloc(1, sizeof(*writer));
    writer->worker = worker;
    writer->topic = xstrdup(topic);
    writer->id = xasprintf("connect-cluster-%s", worker->group_id);
    pthread_mutex_init(&writer->lock, NULL);
    return writer;
}

/* The lock is held. */
static void
give_up(struct leader_writer *writer)
{
    if (writer->producer) {
        rd_kafka_purge(writer->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(writer->producer);
    }
    writer->producer = NULL;
}

void
leader_writer_free(struct leader_writer *writer)
{
    if (!writer)
        return;
    give_up(writer);
    pthread_mutex_destroy(&writer->lock);
    free(writer->topic);
    free(writer->id);
    free(writer);
}

void
leader_writer_give_up(struct leader_writer *writer)
{
    atomic_store(&writer->is_over, true);
}

static bool
is_over(void *arg)
{
    struct leader_writer *writer = arg;
    return atomic_load(&writer->is_over);
}

static rd_kafka_t *
producer_new(const struct leader_writer *writer, struct error *err)
{
    struct config common = CONFIG_INIT, own = CONFIG_INIT;
    kafka_common_settings(&writer->worker->raw, &common);
    char *client_id = xasprintf("%s-leader", writer->worker->group_id);
    config_set(&own, "client.id", client_id);
    config_set(&own, "transactional.id", writer->id);
    config_set(&own, "enable.idempotence", "true");
    config_set(&own, "acks", "all");
    config_set(&own, "linger.ms", "0");
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_PRODUCER, &common, &own, err);
    free(client_id);
    config_fini(&common);
    config_fini(&own);
    return conf ? kafka_client_new(KAFKA_PRODUCER, conf, err) : NULL;
}

/* The lock is held. */
static bool
claim(struct leader_writer *writer, const struct patience *patience, struct error *err)
{
    if (writer->producer)
        return true;
    writer->producer = producer_new(writer, err);
    if (writer->producer && kafka_transaction_claim(writer->producer, patience, err)) {
        log_debug("write privileges for topic %s are claimed", writer->topic);
        return true;
    }
    give_up(writer);
    return error_wrap(err, "claiming write privileges for topic %s", writer->topic);
}

bool
leader_writer_claim(struct leader_writer *writer, int64_t timeout_ms, struct error *err)
{
    struct patience patience = {.until_ms = clock_now_ms() + timeout_ms, .is_over = is_over, .arg = writer};
    pthread_mutex_lock(&writer->lock);
    give_up(writer);
    bool ok = claim(writer, &patience, err);
    pthread_mutex_unlock(&writer->lock);
    return ok;
}

static bool
send_all(struct leader_writer *writer, const struct kafka_log_record *records, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t code = (rd_kafka_resp_err_t)kafka_record_produce(writer->producer, writer->topic, &records[i]);
        if (code)
            return kafka_error(err, code, "topic %s", writer->topic);
    }
    return true;
}

bool
leader_writer_write(struct leader_writer *writer, const struct kafka_log_record *records, size_t count, int64_t timeout_ms,
                    struct error *err)
{
    struct patience patience = {.until_ms = clock_now_ms() + timeout_ms, .is_over = is_over, .arg = writer};
    bool is_expired = false;
    pthread_mutex_lock(&writer->lock);
    bool ok = claim(writer, &patience, err) && kafka_transaction_begin(writer->producer, err) &&
              send_all(writer, records, count, err) && kafka_transaction_commit(writer->producer, &patience, &is_expired, err);
    if (!ok) {
        give_up(writer);
        error_wrap(err, is_expired ? "another worker writes topic %s now" : "writing to topic %s", writer->topic);
    }
    pthread_mutex_unlock(&writer->lock);
    return ok;
}
