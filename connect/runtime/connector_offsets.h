/*
 * Which store the offsets of a source connector are in: the worker's, or one of its own (offsets.storage.topic) over it.
 */
#ifndef CONNECT_RUNTIME_CONNECTOR_OFFSETS_H
#define CONNECT_RUNTIME_CONNECTOR_OFFSETS_H

#include "connect/runtime/worker_config.h"
#include "connect/storage/offset_store.h"

/* *own_out is NULL when the connector uses the worker's store; else the caller closes it. `connector_config` has its
   references resolved. Blocks while the topic is made and read, or until *stop (NULL: never). */
bool connector_offsets_open(const struct worker_config *worker, const struct config *connector_config, const char *connector,
                            struct offset_store *shared, const atomic_bool *stop, struct offset_store **own_out,
                            struct error *err) MUST_CHECK;

#endif
