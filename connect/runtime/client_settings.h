/*
 * Settings of the Kafka clients that work for one connector (Worker.baseProducerConfigs and its like). Any thread.
 */
#ifndef CONNECT_RUNTIME_CLIENT_SETTINGS_H
#define CONNECT_RUNTIME_CLIENT_SETTINGS_H

#include "common/config/config.h"
#include "connect/runtime/worker_config.h"

/* Adds to `out`, under Java's names: bootstrap.servers, then `fixed`, then the worker's settings of this kind ("producer",
   "consumer", "admin"), then the connector's overrides ("producer.override.") where the policy lets them. */
void client_settings(const struct worker_config *worker, const struct config *connector_config, const char *kind,
                     const struct config *fixed, struct config *out);

/* The id that the exactly-once producer of a source task has, in Java too: group, connector, task. Heap. */
char *client_transactional_id(const struct worker_config *worker, const char *connector, int task);

#endif
