/*
 * Exactly-once: a source task's records and their offsets in one Kafka transaction (ExactlyOnceWorkerSourceTask).
 *
 *   [begin] record record ... record | offsets | commit        at each batch, or each transaction.boundary.interval.ms
 *
 * The producer's transactional id is the task's alone; claiming it ends what an earlier holder of the task left open,
 * and shuts that holder out. Task thread only.
 */
#ifndef CONNECT_RUNTIME_SOURCE_TRANSACTION_H
#define CONNECT_RUNTIME_SOURCE_TRANSACTION_H

#include "connect/runtime/ledger.h"
#include "connect/runtime/task_priv.h"

#include <librdkafka/rdkafka.h>

struct source_transaction;

/* Do tasks of this worker write in transactions? */
bool source_transaction_wanted(const struct task *task);
/* What the producer's settings must say for that; other values are replaced, with a warning. */
void source_transaction_settings(const struct task *task, struct config *settings);
/* Shut out earlier tasks of the connector and claim the transactional id; blocks until that is done or the task is closed.
   Both pointers are the caller's and stay. NULL: *err. */
struct source_transaction *source_transaction_new(struct task *task, rd_kafka_t *producer, struct offset_store *offsets,
                                                  struct error *err);
void source_transaction_free(struct source_transaction *transaction); /* accepts NULL */

/* A record for this topic is about to be sent. */
bool source_transaction_add(struct source_transaction *transaction, const char *topic, struct error *err) MUST_CHECK;
/* Has the moment for a commit come? A batch was sent, or nothing happened. */
bool source_transaction_is_due(const struct source_transaction *transaction);
/* How long a poll may wait, at most `ms`, so that the commit is in time. */
int source_transaction_wait_ms(const struct source_transaction *transaction, int ms);
/* Commit what was sent, with the offsets that the ledger has for it; nothing to do is fine. A failure is the task's end. */
bool source_transaction_commit(struct source_transaction *transaction, struct ledger *ledger, struct error *err) MUST_CHECK;
/* The task has failed: none of what is open counts. */
void source_transaction_abort(struct source_transaction *transaction);

#endif
