/*
 * The steps of a Kafka transaction, waited for in small pieces so that whoever waits can give up, with errors in our
 * words. For the producers of exactly-once source tasks, and for the one that the leader writes the config topic with.
 *
 * A transactional id belongs to the producer that claimed it last: all earlier ones are shut out (fenced).
 */
#ifndef CONNECT_STORAGE_KAFKA_TRANSACTION_H
#define CONNECT_STORAGE_KAFKA_TRANSACTION_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <librdkafka/rdkafka.h>
#include <stdint.h>

/* How long to wait: until this moment (clock_now_ms; 0: without end), or until `is_over` (or NULL) says so. */
struct patience {
    int64_t until_ms;
    bool (*is_over)(void *arg);
    void *arg;
};

/* Shut out earlier producers of this producer's transactional id and end what they left open. Blocks. A time-out, and
   giving up, is a retriable ERROR_TIMEOUT; the call may be repeated. */
bool kafka_transaction_claim(rd_kafka_t *producer, const struct patience *patience, struct error *err) MUST_CHECK;
bool kafka_transaction_begin(rd_kafka_t *producer, struct error *err) MUST_CHECK;
/* Waits for all records of the transaction, then commits; delivery reports are called meanwhile. *is_expired_out: the
   coordinator has given the transaction up, or another producer has the id. */
bool kafka_transaction_commit(rd_kafka_t *producer, const struct patience *patience, bool *is_expired_out, struct error *err) MUST_CHECK;
/* As well as can be in that time; what is left open then ends when the id is claimed again, or times out. */
void kafka_transaction_abort(rd_kafka_t *producer, int timeout_ms);

/* Shut out whoever uses this transactional id, without keeping it: a short-lived producer with these settings, which
   are Java's names. */
bool kafka_transaction_fence(const struct config *settings, const char *transactional_id, const struct patience *patience,
                             struct error *err) MUST_CHECK;

#endif
