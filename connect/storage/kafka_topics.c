/* Topics are looked for, made, and their cleanup policies asked for; see common/kafka/topic.h for a single one. */
#include "connect/storage/kafka_topics.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/client_config.h"

#include <string.h>
#include <time.h>

LOGGER("connect.storage.kafka_topics");

enum { PREPARE_MS = 60000, ADMIN_MS = 5000, CONTROLLER_MS = 100, STEP_MS = 1000 };

/* ---- the internal topics ---------------------------------------------------------------------------------------- */

static bool
nap(const atomic_bool *stop, int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
    return !*stop;
}

/* The address is what a person can put right. */
static void
log_waiting(rd_kafka_t *client, const struct error *err)
{
    char servers[256] = "?";
    size_t size = sizeof(servers);
    rd_kafka_conf_get(rd_kafka_conf(client), "bootstrap.servers", servers, &size);
    log_warn("waiting for Kafka at %s: %s", servers, err->message);
}

/* Java asks to make each topic at every start; looking first is quicker, and needs less rights when it is there. */
static bool
is_there(rd_kafka_t *client, const struct kafka_log_spec *spec, const atomic_bool *stop)
{
    struct error err = ERROR_INIT;
    bool exists = false;
    while (!kafka_topic_exists(client, spec->topic, &exists, STEP_MS, &err) && err.retriable && nap(stop, 500))
        log_waiting(client, &err);
    return exists || *stop;
}

/* Java retries time-outs, and a replication factor that there are not yet enough brokers for. */
static bool
prepare_one(rd_kafka_t *client, const struct kafka_log_spec *spec, const atomic_bool *stop, struct error *err)
{
    static const char *const not_of_topics[] = {"topic", "partitions", "replication.factor", "file.filename"};
    struct config settings = CONFIG_INIT;
    if (spec->settings)
        config_merge(&settings, spec->settings);
    for (size_t i = 0; i < sizeof(not_of_topics) / sizeof(not_of_topics[0]); i++)
        config_unset(&settings, not_of_topics[i]);
    if (config_has(&settings, "cleanup.policy"))
        log_warn("the cleanup policy of %s is always 'compact'; %s's own is ignored", spec->topic, spec->setting);
    config_set(&settings, "cleanup.policy", "compact");
    struct kafka_new_topic topic = {spec->topic, spec->partitions, spec->replication_factor, &settings};
    int64_t deadline_ms = 0;
    enum kafka_topic_made made;
    while ((made = kafka_topic_make(client, &topic, ADMIN_MS, err)) == TOPIC_FAILED && err->retriable && nap(stop, 500)) {
        bool is_away = err->code == ERROR_UNAVAILABLE || err->code == ERROR_TIMEOUT;
        log_waiting(client, err);
        if (deadline_ms == 0 || is_away)
            deadline_ms = clock_now_ms() + PREPARE_MS;
        if (clock_now_ms() > deadline_ms)
            break;
    }
    config_fini(&settings);
    if (made == TOPIC_MADE)
        log_info("created topic %s with %d partition(s) for %s", spec->topic, spec->partitions, spec->purpose);
    return made != TOPIC_FAILED;
}

static bool
policy_check(const struct kafka_log_spec *spec, const rd_kafka_ConfigResource_t *resource, struct error *err)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t i = 0; i < count; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "cleanup.policy") || !value || strcmp(value, "compact") == 0)
            continue;
        error_set(err, ERROR_CONFIG,
                  "Topic '%s' supplied via the '%s' property is required to have 'cleanup.policy=compact' to guarantee consistency "
                  "and durability of %s, but found the topic currently has 'cleanup.policy=%s'. Continuing would likely result in "
                  "eventually losing %s and problems restarting this Connect cluster in the future. Change the '%s' property in the "
                  "Connect worker configurations to use a topic with 'cleanup.policy=compact'.",
                  spec->topic, spec->setting, spec->purpose, value, spec->purpose, spec->setting);
        err->java_class = "org.apache.kafka.common.config.ConfigException";
        return false;
    }
    return true;
}

/* A broker that does not let us look, or does not know the request, is believed. */
static bool
policies_check(rd_kafka_t *client, const struct kafka_log_spec *const *specs, size_t count, struct error *err)
{
    rd_kafka_ConfigResource_t *resources[8];
    ensure(count <= 8, "internal topics");
    for (size_t i = 0; i < count; i++)
        resources[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, specs[i]->topic);
    char text[256];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_AdminOptions_set_request_timeout(options, ADMIN_MS, text, sizeof(text));
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_DescribeConfigs(client, resources, count, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ADMIN_MS + 1000);
    bool ok = true;
    if (event && !rd_kafka_event_error(event)) {
        size_t found;
        const rd_kafka_ConfigResource_t **results =
            rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &found);
        for (size_t r = 0; r < found; r++)
            for (size_t i = 0; i < count && ok; i++)
                if (strcmp(specs[i]->topic, rd_kafka_ConfigResource_name(results[r])) == 0)
                    ok = policy_check(specs[i], results[r], err);
    } else {
        log_info("the cleanup policy of the internal topics could not be checked: %s",
                 event ? rd_kafka_event_error_string(event) : "no answer");
    }
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_ConfigResource_destroy_array(resources, count);
    return ok;
}

/* Without one, librdkafka would wait for it in vain. */
static bool
has_controller(rd_kafka_t *client)
{
    const struct rd_kafka_metadata *metadata = NULL;
    int32_t controller = rd_kafka_controllerid(client, CONTROLLER_MS);
    bool found = false;
    if (rd_kafka_metadata(client, 0, NULL, &metadata, ADMIN_MS))
        return true; /* the request itself will say what is wrong */
    for (int i = 0; i < metadata->broker_cnt; i++)
        found = found || metadata->brokers[i].id == controller;
    rd_kafka_metadata_destroy(metadata);
    return found;
}

bool
kafka_topics_prepare(rd_kafka_t *client, const struct kafka_log_spec *const *specs, size_t count, const atomic_bool *stop,
                     struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!is_there(client, specs[i], stop) && !prepare_one(client, specs[i], stop, err))
            return false;
    if (*stop)
        return error_set(err, ERROR_TIMEOUT, "stopped while waiting for Kafka");
    if (has_controller(client))
        return policies_check(client, specs, count, err);
    log_info("the cleanup policy of the internal topics was not checked: no broker says which is the controller");
    return true;
}
