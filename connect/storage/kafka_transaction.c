/* librdkafka's calls may be repeated after a time-out, and go on where they were. */
#include "connect/storage/kafka_transaction.h"

#include "common/base/clock.h"
#include "common/kafka/client_config.h"

enum { STEP_MS = 200 };

static bool
patience_is_over(const struct patience *patience)
{
    return (patience->until_ms && clock_now_ms() >= patience->until_ms) || (patience->is_over && patience->is_over(patience->arg));
}

/* The error in our words; takes it. */
static bool
failed(rd_kafka_error_t *error, struct error *err)
{
    kafka_error(err, rd_kafka_error_code(error), "%s", rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

static bool
timed_out(struct error *err, const char *what)
{
    return error_set_retriable(err, ERROR_TIMEOUT, "%s did not end in time", what);
}

bool
kafka_transaction_claim(rd_kafka_t *producer, const struct patience *patience, struct error *err)
{
    rd_kafka_error_t *error;
    while ((error = rd_kafka_init_transactions(producer, STEP_MS))) {
        if (!rd_kafka_error_is_retriable(error))
            return failed(error, err);
        rd_kafka_error_destroy(error);
        rd_kafka_poll(producer, 0);
        if (patience_is_over(patience))
            return timed_out(err, "claiming the transactional id");
    }
    return true;
}

bool
kafka_transaction_begin(rd_kafka_t *producer, struct error *err)
{
    rd_kafka_error_t *error = rd_kafka_begin_transaction(producer);
    return !error || failed(error, err);
}

static bool
is_shut_out(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH ||
           code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING;
}

bool
kafka_transaction_commit(rd_kafka_t *producer, const struct patience *patience, bool *is_expired_out, struct error *err)
{
    rd_kafka_error_t *error;
    *is_expired_out = false;
    while ((error = rd_kafka_commit_transaction(producer, STEP_MS))) {
        if (!rd_kafka_error_is_retriable(error)) {
            rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(producer, NULL, 0);
            *is_expired_out = is_shut_out(fatal ? fatal : rd_kafka_error_code(error));
            return failed(error, err);
        }
        rd_kafka_error_destroy(error);
        if (patience_is_over(patience))
            return timed_out(err, "the transaction");
    }
    return true;
}

void
kafka_transaction_abort(rd_kafka_t *producer, int timeout_ms)
{
    rd_kafka_purge(producer, RD_KAFKA_PURGE_F_QUEUE);
    rd_kafka_error_t *error = rd_kafka_abort_transaction(producer, timeout_ms);
    if (error)
        rd_kafka_error_destroy(error);
}

bool
kafka_transaction_fence(const struct config *settings, const char *transactional_id, const struct patience *patience, struct error *err)
{
    struct config own = CONFIG_INIT;
    config_set(&own, "transactional.id", transactional_id);
    config_set(&own, "enable.idempotence", "true");
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_PRODUCER, settings, &own, err);
    config_fini(&own);
    rd_kafka_t *producer = conf ? kafka_client_new(KAFKA_PRODUCER, conf, err) : NULL;
    if (!producer)
        return false;
    bool ok = kafka_transaction_claim(producer, patience, err) || error_wrap(err, "transactional id %s", transactional_id);
    rd_kafka_destroy(producer);
    return ok;
}
