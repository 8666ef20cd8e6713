/* The source block's schema, and its values: one small array a record, whose constant parts are copied. */
#include "connect/connectors/binlog/source_block.h"

#include "common/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENUM_NAME "io.debezium.data.Enum"

/* In the order of the schema. */
enum source_field {
    F_VERSION, F_CONNECTOR, F_NAME, F_TS_MS, F_SNAPSHOT, F_DB, F_SEQUENCE, F_TS_US, F_TS_NS, F_TABLE, F_SERVER_ID, F_GTID, F_FILE,
    F_POS, F_ROW, F_THREAD, F_QUERY, F_COUNT,
};

static const struct {
    const char *name;
    enum schema_type type;
    bool is_optional;
} fields[F_COUNT] = {
    [F_VERSION] = {"version", SCHEMA_STRING, false}, [F_CONNECTOR] = {"connector", SCHEMA_STRING, false},
    [F_NAME] = {"name", SCHEMA_STRING, false},       [F_TS_MS] = {"ts_ms", SCHEMA_INT64, false},
    [F_SNAPSHOT] = {"snapshot", SCHEMA_STRING, true}, [F_DB] = {"db", SCHEMA_STRING, false},
    [F_SEQUENCE] = {"sequence", SCHEMA_STRING, true}, [F_TS_US] = {"ts_us", SCHEMA_INT64, true},
    [F_TS_NS] = {"ts_ns", SCHEMA_INT64, true},       [F_TABLE] = {"table", SCHEMA_STRING, true},
    [F_SERVER_ID] = {"server_id", SCHEMA_INT64, false}, [F_GTID] = {"gtid", SCHEMA_STRING, true},
    [F_FILE] = {"file", SCHEMA_STRING, false},       [F_POS] = {"pos", SCHEMA_INT64, false},
    [F_ROW] = {"row", SCHEMA_INT32, false},          [F_THREAD] = {"thread", SCHEMA_INT64, true},
    [F_QUERY] = {"query", SCHEMA_STRING, true},
};

static const char *const mark_names[] = {
    [CDC_MARK_NONE] = NULL, [CDC_MARK_TRUE] = "true", [CDC_MARK_FIRST] = "first",
    [CDC_MARK_FIRST_IN_TABLE] = "first_in_data_collection", [CDC_MARK_LAST_IN_TABLE] = "last_in_data_collection",
    [CDC_MARK_LAST] = "last", [CDC_MARK_INCREMENTAL] = "incremental",
};

static const struct schema *
snapshot_schema(void)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRING);
    struct value no = value_string("false", strlen("false"));
    schema_builder_optional(builder, true);
    schema_builder_name(builder, ENUM_NAME);
    schema_builder_version(builder, 1);
    schema_builder_parameter(builder, "allowed", "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental");
    schema_builder_default(builder, &no);
    return schema_builder_finish(builder);
}

void
cdc_source_maker_init(struct cdc_source_maker *maker, const char *connector, const char *prefix)
{
    char name[64];
    snprintf(name, sizeof(name), "io.debezium.connector.%s.Source", connector);
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    schema_builder_name(builder, name);
    schema_builder_version(builder, 1);
    for (int i = 0; i < F_COUNT; i++) {
        const struct schema *schema = i == F_SNAPSHOT ? snapshot_schema() : schema_primitive(fields[i].type, fields[i].is_optional);
        schema_builder_field(builder, fields[i].name, schema);
        schema_unref(schema);
    }
    maker->schema = schema_builder_finish(builder);
    maker->connector = connector;
    maker->prefix = xstrdup(prefix);
}

void
cdc_source_maker_fini(struct cdc_source_maker *maker)
{
    schema_unref(maker->schema);
    free(maker->prefix);
    *maker = (struct cdc_source_maker){0};
}

static struct value
text_or_null(const char *text)
{
    return text ? value_string(text, strlen(text)) : VALUE_NONE;
}

struct value
cdc_source_make(const struct cdc_source_maker *maker, const struct cdc_source *source, struct arena *arena)
{
    struct value *items = arena_array(arena, struct value, F_COUNT);
    items[F_VERSION] = value_string(CDC_VERSION, strlen(CDC_VERSION));
    items[F_CONNECTOR] = text_or_null(maker->connector);
    items[F_NAME] = text_or_null(maker->prefix);
    items[F_TS_MS] = value_int(source->ts_us / 1000);
    items[F_SNAPSHOT] = text_or_null(mark_names[source->mark]);
    items[F_DB] = text_or_null(source->database);
    items[F_SEQUENCE] = VALUE_NONE;
    items[F_TS_US] = value_int(source->ts_us);
    items[F_TS_NS] = value_int(source->ts_us * 1000);
    items[F_TABLE] = text_or_null(source->table);
    items[F_SERVER_ID] = value_int((int64_t)source->server_id);
    items[F_GTID] = text_or_null(source->gtid);
    items[F_FILE] = text_or_null(source->file);
    items[F_POS] = value_int((int64_t)source->pos);
    items[F_ROW] = value_int(source->row);
    items[F_THREAD] = source->thread < 0 ? VALUE_NONE : value_int(source->thread);
    items[F_QUERY] = text_or_null(source->query);
    return (struct value){.kind = VALUE_STRUCT, .len = F_COUNT, .as.items = items};
}

void
cdc_source_remark(struct value *source, enum cdc_mark mark)
{
    source->as.items[F_SNAPSHOT] = text_or_null(mark_names[mark]);
}
