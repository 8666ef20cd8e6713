/*
 * The leader's way of writing the config topic when exactly-once is prepared or enabled: each group of records in one
 * transaction, under an id that belongs to the worker which claimed it last. A leader that is no longer one, and does not
 * know it yet, cannot write (KafkaConfigBackingStore with a fencable producer). Any thread, one at a time.
 */
#ifndef CONNECT_STORAGE_LEADER_WRITER_H
#define CONNECT_STORAGE_LEADER_WRITER_H

#include "common/base/error.h"
#include "connect/runtime/worker_config.h"
#include "connect/storage/kafka_log.h"

struct leader_writer;

/* Asks nothing of Kafka yet. The worker's settings outlive it. */
struct leader_writer *leader_writer_new(const struct worker_config *worker, const char *topic);
void leader_writer_free(struct leader_writer *writer); /* accepts NULL */

/* The worker stops: nobody waits any more. Any thread. */
void leader_writer_give_up(struct leader_writer *writer);
/* Shut out whoever wrote before. Blocks. */
bool leader_writer_claim(struct leader_writer *writer, int64_t timeout_ms, struct error *err) MUST_CHECK;
/* All records or none, in this order; claims first if that was not done. Blocks until committed. After a failure the
   right is given up, and the next write claims it anew. */
bool leader_writer_write(struct leader_writer *writer, const struct kafka_log_record *records, size_t count, int64_t timeout_ms,
                         struct error *err) MUST_CHECK;

#endif
