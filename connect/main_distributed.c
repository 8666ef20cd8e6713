/* connect-distributed: a worker that shares its work with others; all state is in Kafka. */
#include "connect/main.h"
#include "connect/storage/kafka_log.h"

static struct kafka_log *internal_topics;

static bool
open_kafka(void *arg, config_listener_fn *listener, void *listener_arg, const atomic_bool *stop, struct herder_stores *out,
           struct error *err)
{
    (void)arg;
    const struct worker_config *worker = program_worker();
    bool read_committed = worker->exactly_once != EXACTLY_ONCE_DISABLED;
    internal_topics = kafka_log_new(&worker->raw, worker->group_id, read_committed, err);
    if (!internal_topics)
        return false;
    out->config = config_store_kafka_new(internal_topics, worker, listener, listener_arg);
    out->status = status_store_kafka_new(internal_topics, worker);
    out->offsets = offset_store_kafka_new(internal_topics, worker);
    return kafka_log_start(internal_topics, stop, err);
}

static void
close_kafka(void *arg, struct herder_stores *stores)
{
    (void)arg;
    kafka_log_close(internal_topics);
    config_store_close(stores->config);
    status_store_close(stores->status);
    offset_store_close(stores->offsets);
}

static void
settle_kafka(void)
{
    kafka_log_settle(internal_topics);
}

int
main(int argc, char **argv)
{
    static const struct program program = {
        .name = "connect-distributed",
        .arguments = "worker.properties",
        .is_distributed = true,
        .open = open_kafka,
        .close = close_kafka,
        .settle = settle_kafka,
    };
    return program_main(&program, argc, argv);
}
