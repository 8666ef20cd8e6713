/* When a transaction begins, what it holds, and what its failures mean. */
#include "connect/runtime/source_transaction.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/client_config.h"
#include "connect/runtime/client_settings.h"
#include "connect/storage/kafka_transaction.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("org.apache.kafka.connect.runtime.ExactlyOnceWorkerSourceTask");

enum { TRY_AGAIN_MS = 500, QUEUE_FULL_WAIT_MS = 50, ABORT_MS = 2000, SUCCESSOR_MS = 2000 };

struct source_transaction {
    struct task *task;
    rd_kafka_t *producer;
    struct offset_store *offsets;
    rd_kafka_topic_t *offsets_topic;
    bool is_open;
    bool is_shut_out;    /* somebody else has the id, or the coordinator's patience was over */
    int64_t interval_ms; /* 0: each batch */
    int64_t due_ms;      /* of the next commit, by the interval */
    int64_t records;     /* added since the last commit */
};

bool
source_transaction_wanted(const struct task *task)
{
    return task->env->worker->is_distributed && task->env->worker->exactly_once == EXACTLY_ONCE_ENABLED;
}

static void
require(struct config *settings, const char *key, const char *value)
{
    const char *given = config_get(settings, key);
    if (given && strcasecmp(given, value))
        log_warn("The value '%s' for the '%s' property will be ignored as it is not compatible with exactly-once source support; "
                 "'%s' is used instead", given, key, value);
    config_set(settings, key, value);
}

void
source_transaction_settings(const struct task *task, struct config *settings)
{
    char *id = client_transactional_id(task->env->worker, task->connector, task->number);
    require(settings, "enable.idempotence", "true");
    require(settings, "transactional.id", id);
    free(id);
}

/* ---- start ---------------------------------------------------------------------------------------------------------- */

static bool
is_closing(void *task)
{
    return task_is_closing(task);
}

static bool
is_cancelled(void *task)
{
    return task_is_cancelled(task);
}

/* A leader that is not there, or busy, is no reason to fail. */
static bool
fence_others(struct task *task, struct error *err)
{
    if (!task->env->fence)
        return true;
    for (;;) {
        if (task->env->fence(task->env->arg, task->connector, is_closing, task, err))
            return true;
        if (!err->retriable || task_is_closing(task)) {
            error_cause(err, NULL, "Failed to perform round of zombie fencing");
            return false;
        }
        log_warn("earlier tasks of %s could not be shut out yet, next try soon: %s", task->connector, err->message);
        task_wait(task, TRY_AGAIN_MS);
    }
}

static bool
claim(struct source_transaction *transaction, struct error *err)
{
    struct task *task = transaction->task;
    struct patience patience = {.is_over = is_closing, .arg = task};
    return fence_others(task, err) &&
           (kafka_transaction_claim(transaction->producer, &patience, err) || error_wrap(err, "the producer of task %s", task->id)) &&
           (!task->env->is_current || task->env->is_current(task->env->arg, task->connector, task->number, task->task_generation, err));
}

static void
boundary_read(struct source_transaction *transaction)
{
    const struct config *cfg = transaction->task->connector_config;
    if (strcasecmp(config_get_or(cfg, "transaction.boundary", "poll"), "interval"))
        return;
    const char *own = config_get(cfg, "transaction.boundary.interval.ms");
    int64_t interval_ms = own ? atoll(own) : transaction->task->env->worker->offset_flush_interval_ms;
    transaction->interval_ms = interval_ms > 0 ? interval_ms : 0;
    transaction->due_ms = clock_now_ms() + transaction->interval_ms;
}

struct source_transaction *
source_transaction_new(struct task *task, rd_kafka_t *producer, struct offset_store *offsets, struct error *err)
{
    struct source_transaction *transaction = xcalloc(1, sizeof(*transaction));
    *transaction = (struct source_transaction){.task = task, .producer = producer, .offsets = offsets};
    if (!claim(transaction, err)) {
        source_transaction_free(transaction);
        return NULL;
    }
    rd_kafka_topic_conf_t *conf = rd_kafka_default_topic_conf_dup(producer);
    rd_kafka_topic_conf_set(conf, "partitioner", "murmur2_random", NULL, 0); /* whatever the records use */
    transaction->offsets_topic = rd_kafka_topic_new(producer, offset_store_topic(offsets), conf);
    ensure(transaction->offsets_topic, "topic handle");
    boundary_read(transaction);
    return transaction;
}

void
source_transaction_free(struct source_transaction *transaction)
{
    if (transaction && transaction->offsets_topic)
        rd_kafka_topic_destroy(transaction->offsets_topic);
    free(transaction);
}

/* ---- records --------------------------------------------------------------------------------------------------------- */

static bool
begin(struct source_transaction *transaction, struct error *err)
{
    if (!transaction->is_open && !kafka_transaction_begin(transaction->producer, err))
        return error_cause(err, NULL, "Failed to begin a transaction for task %s", transaction->task->id);
    transaction->is_open = true;
    return true;
}

bool
source_transaction_add(struct source_transaction *transaction, const char *topic, struct error *err)
{
    if (strcmp(topic, offset_store_topic(transaction->offsets)) == 0)
        return error_set(err, ERROR_CONFIG,
                         "Source tasks may not produce to their own offsets topics when exactly-once support is enabled");
    bool ok = begin(transaction, err);
    transaction->records += ok;
    return ok;
}

bool
source_transaction_is_due(const struct source_transaction *transaction)
{
    return !transaction->interval_ms || clock_now_ms() >= transaction->due_ms;
}

int
source_transaction_wait_ms(const struct source_transaction *transaction, int ms)
{
    if (!transaction->interval_ms || !transaction->is_open)
        return ms;
    int64_t left_ms = transaction->due_ms - clock_now_ms();
    return left_ms <= 0 ? 0 : left_ms < ms ? (int)left_ms : ms;
}

/* ---- commit ---------------------------------------------------------------------------------------------------------- */

static bool
produce_offset(struct source_transaction *transaction, const struct offset_entry *entry, struct error *err)
{
    char *key = offset_store_key(transaction->offsets, transaction->task->connector, entry->partition_json);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__QUEUE_FULL;
    while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !task_is_cancelled(transaction->task)) {
        int rc = rd_kafka_produce(transaction->offsets_topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, entry->offset_json,
                                  entry->offset_json ? strlen(entry->offset_json) : 0, key, strlen(key), NULL);
        code = rc ? rd_kafka_last_error() : RD_KAFKA_RESP_ERR_NO_ERROR;
        if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
            rd_kafka_poll(transaction->producer, QUEUE_FULL_WAIT_MS);
    }
    free(key);
    return !code || kafka_error(err, code, "topic %s", offset_store_topic(transaction->offsets));
}

static bool
has_tombstone(const struct offset_list *offsets)
{
    for (size_t i = 0; i < offsets->count; i++)
        if (!offsets->items[i].offset_json)
            return true;
    return false;
}

static bool
write_all(struct source_transaction *transaction, const struct offset_list *offsets, bool *is_expired, struct error *err)
{
    struct task *task = transaction->task;
    struct patience patience = {.is_over = is_cancelled, .arg = task};
    bool is_mirrored_first = has_tombstone(offsets);
    if (is_mirrored_first && !offset_store_mirror(transaction->offsets, task->connector, offsets, err))
        return false;
    for (size_t i = 0; i < offsets->count; i++)
        if (!produce_offset(transaction, &offsets->items[i], err))
            return false;
    if (!kafka_transaction_commit(transaction->producer, &patience, is_expired, err))
        return false;
    transaction->is_open = false;
    struct error ignored = ERROR_INIT;
    if (!is_mirrored_first && !offset_store_mirror(transaction->offsets, task->connector, offsets, &ignored))
        log_warn("offsets are in the connector's topic, but not in the worker's: %s", ignored.message);
    return true;
}

static bool
expired(struct source_transaction *transaction, struct error *err)
{
    transaction->is_open = false;
    transaction->is_shut_out = true;
    return error_cause(err, NULL,
                       "The task %s was unable to finish writing records to Kafka before its producer transaction expired. It may be "
                       "necessary to reconfigure this connector in order for it to run healthily with exactly-once support. Options "
                       "for this include: tune the connector's producer configuration for higher throughput, increase the "
                       "transaction timeout for the connector's producers, decrease the offset commit interval (if using "
                       "interval-based transaction boundaries), or use the 'poll' transaction boundary (if the connector is not "
                       "already configured to use it).",
                       transaction->task->id);
}

static void
count_commit(struct task_metrics *metrics, bool ok, int64_t took_us)
{
    atomic_fetch_add_explicit(ok ? &metrics->commit_count : &metrics->commit_failures, 1, memory_order_relaxed);
    if (!ok)
        return;
    atomic_fetch_add_explicit(&metrics->commit_time_us_sum, took_us, memory_order_relaxed);
    if (took_us > atomic_load_explicit(&metrics->commit_time_us_max, memory_order_relaxed))
        atomic_store_explicit(&metrics->commit_time_us_max, took_us, memory_order_relaxed);
}

bool
source_transaction_commit(struct source_transaction *transaction, struct ledger *ledger, struct error *err)
{
    struct task *task = transaction->task;
    int64_t started_us = clock_now_us();
    transaction->due_ms = started_us / 1000 + transaction->interval_ms;
    if (!transaction->is_open && !ledger_is_dirty(ledger))
        return true;
    if (!begin(transaction, err)) /* records that were all dropped have offsets, too */
        return false;
    struct offset_list offsets = {0};
    bool is_expired = false;
    ledger_collect(ledger, &offsets);
    bool ok = write_all(transaction, &offsets, &is_expired, err);
    count_commit(task->metrics, ok, clock_now_us() - started_us);
    if (ok)
        metrics_transaction(task->metrics, transaction->records);
    transaction->records = 0;
    if (ok) {
        log_debug("committed a transaction with %zu source offset(s) in %" PRId64 " us", offsets.count, clock_now_us() - started_us);
        if (task->plugin->source->committed)
            task->plugin->source->committed(task->state);
    } else if (is_expired) {
        expired(transaction, err);
    } else {
        error_cause(err, NULL, "Failed to flush offsets and/or records for task %s", task->id);
    }
    offset_list_fini(&offsets);
    return ok;
}

/* If it was our successor who shut us out, the group tells us in a moment, and there was no failure. */
static void
await_successor(const struct source_transaction *transaction)
{
    struct task *task = transaction->task;
    int64_t until_ms = clock_now_ms() + 2 * task->env->worker->heartbeat_interval_ms + SUCCESSOR_MS;
    while (!task_is_closing(task) && clock_now_ms() < until_ms)
        task_wait(task, until_ms - clock_now_ms());
}

void
source_transaction_abort(struct source_transaction *transaction)
{
    if (transaction->is_shut_out || rd_kafka_fatal_error(transaction->producer, NULL, 0))
        await_successor(transaction);
    else if (transaction->is_open)
        kafka_transaction_abort(transaction->producer, ABORT_MS);
    transaction->is_open = false;
}
