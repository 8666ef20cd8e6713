/* Records of the heartbeat topic: they move the stored offset while nothing of interest happens. Task thread only. */
#ifndef CONNECT_CONNECTORS_BINLOG_HEARTBEAT_H
#define CONNECT_CONNECTORS_BINLOG_HEARTBEAT_H

#include "connect/connectors/binlog/context.h"

struct cdc_heartbeat {
    int64_t interval_ms, due_ms; /* interval 0: off */
    char *topic;
    const struct schema *key_schema, *value_schema;
};

void cdc_heartbeat_init(struct cdc_heartbeat *heartbeat, const struct cdc_config *config);
void cdc_heartbeat_fini(struct cdc_heartbeat *heartbeat); /* accepts a zeroed struct */
/* Is one to be sent? */
bool cdc_heartbeat_is_due(const struct cdc_heartbeat *heartbeat);
void cdc_heartbeat_add(struct cdc_heartbeat *heartbeat, struct cdc_context *ctx, struct record_batch *out, struct source_offset offset);

#endif
