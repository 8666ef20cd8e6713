/* The worker's settings, and what a connector may override of them. */
#include "connect/runtime/client_settings.h"

#include "common/base/alloc.h"

#include <stdio.h>
#include <string.h>

/* Kafka's names of settings that the override policy "Principal" lets through. */
static const char *const principal_settings[] = {"security.protocol", "sasl.jaas.config", "sasl.mechanism", NULL};

static bool
override_allowed(const struct worker_config *worker, const char *setting)
{
    const char *policy = worker->client_config_override_policy ? worker->client_config_override_policy : "All";
    if (strcmp(policy, "None") == 0)
        return false;
    if (strcmp(policy, "Allowlist") == 0)
        return string_list_has(&worker->client_config_override_allowlist, setting);
    if (strcmp(policy, "Principal") == 0) {
        for (const char *const *name = principal_settings; *name; name++)
            if (strcmp(*name, setting) == 0)
                return true;
        return false;
    }
    return true;
}

void
client_settings(const struct worker_config *worker, const struct config *connector_config, const char *kind,
                const struct config *fixed, struct config *out)
{
    char prefix[64];
    config_set(out, "bootstrap.servers", worker->bootstrap_servers);
    config_merge(out, fixed);
    snprintf(prefix, sizeof(prefix), "%s.", kind);
    config_subset(&worker->raw, prefix, out);

    struct config overrides = CONFIG_INIT;
    snprintf(prefix, sizeof(prefix), "%s.override.", kind);
    config_subset(connector_config, prefix, &overrides);
    for (size_t i = 0; i < overrides.count; i++)
        if (override_allowed(worker, overrides.entries[i].key))
            config_set(out, overrides.entries[i].key, overrides.entries[i].value);
    config_fini(&overrides);
}

char *
client_transactional_id(const struct worker_config *worker, const char *connector, int task)
{
    return xasprintf("%s-%s-%d", worker->group_id, connector, task);
}
