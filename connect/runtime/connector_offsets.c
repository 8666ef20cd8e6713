/* A connector that names the worker's own topic has no store of its own (Worker.offsetStoreForRegularSourceConnector). */
#include "connect/runtime/connector_offsets.h"

#include "connect/runtime/client_settings.h"

#include <string.h>

bool
connector_offsets_open(const struct worker_config *worker, const struct config *connector_config, const char *connector,
                       struct offset_store *shared, const atomic_bool *stop, struct offset_store **own_out, struct error *err)
{
    static const atomic_bool never;
    const char *topic = config_get(connector_config, "offsets.storage.topic");
    const char *common = offset_store_topic(shared);
    *own_out = NULL;
    if (!topic || !*topic || (common && strcmp(topic, common) == 0))
        return true;
    struct config none = CONFIG_INIT, clients = CONFIG_INIT;
    client_settings(worker, connector_config, "producer", &none, &clients);
    *own_out = offset_store_connector_open(worker, &clients, shared, connector, topic, stop ? stop : &never, err);
    config_fini(&clients);
    return *own_out || error_wrap(err, "offsets.storage.topic");
}
