#include "connect/connectors/binlog/heartbeat.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"

#include <stdlib.h>
#include <string.h>

static const struct schema *
make_schema(const struct cdc_config *config, const char *name, const char *field, enum schema_type type)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    const struct schema *schema = schema_primitive(type, false);
    char *adjusted = cdc_schema_name(config, name);
    schema_builder_name(builder, adjusted);
    schema_builder_version(builder, 1);
    schema_builder_field(builder, field, schema);
    schema_unref(schema);
    free(adjusted);
    return schema_builder_finish(builder);
}

void
cdc_heartbeat_init(struct cdc_heartbeat *heartbeat, const struct cdc_config *config)
{
    heartbeat->interval_ms = config->heartbeat_interval_ms;
    heartbeat->due_ms = clock_now_ms() + heartbeat->interval_ms;
    heartbeat->topic = xasprintf("%s%s%s", config->heartbeat_prefix, config->topic_delimiter, config->topic_prefix);
    heartbeat->key_schema = make_schema(config, "io.debezium.connector.common.ServerNameKey", "serverName", SCHEMA_STRING);
    heartbeat->value_schema = make_schema(config, "io.debezium.connector.common.Heartbeat", "ts_ms", SCHEMA_INT64);
}

void
cdc_heartbeat_fini(struct cdc_heartbeat *heartbeat)
{
    free(heartbeat->topic);
    schema_unref(heartbeat->key_schema);
    schema_unref(heartbeat->value_schema);
    *heartbeat = (struct cdc_heartbeat){0};
}

bool
cdc_heartbeat_is_due(const struct cdc_heartbeat *heartbeat)
{
    return heartbeat->interval_ms > 0 && clock_now_ms() >= heartbeat->due_ms;
}

void
cdc_heartbeat_add(struct cdc_heartbeat *heartbeat, struct cdc_context *ctx, struct record_batch *out, struct source_offset offset)
{
    struct value *key = arena_array(&out->arena, struct value, 1), *value = arena_array(&out->arena, struct value, 1);
    const char *prefix = ctx->config.topic_prefix;
    *key = value_string(prefix, strlen(prefix));
    *value = value_int(clock_wall_ms());
    struct record *record = cdc_context_add(ctx, out, heartbeat->topic, heartbeat->key_schema,
                                            (struct value){.kind = VALUE_STRUCT, .len = 1, .as.items = key}, heartbeat->value_schema,
                                            (struct value){.kind = VALUE_STRUCT, .len = 1, .as.items = value}, offset);
    record->partition = 0;
    heartbeat->due_ms = clock_now_ms() + heartbeat->interval_ms;
}
