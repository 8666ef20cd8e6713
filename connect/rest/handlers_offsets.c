/* /connectors/X/offsets: what a connector has done so far, and changing that while it is stopped. */
#include "connect/rest/rest_priv.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "connect/data/java_text.h"
#include "connect/plugins.h"
#include "connect/runtime/connector_offsets.h"
#include "connect/storage/group_offsets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

LOGGER("connect.rest.offsets");

enum { KAFKA_MS = 30000 };

/* What is needed of a connector, copied out of the snapshot. */
struct subject {
    struct config *config;
    const struct connector_plugin *plugin;
    char *group;                /* of a sink */
    struct offset_store *own;   /* offsets.storage.topic of a source, or NULL */
    struct offset_store *store; /* of a source */
};

static void
subject_fini(struct subject *subject)
{
    config_free(subject->config);
    free(subject->group);
    offset_store_close(subject->own);
}

static bool
subject_find(struct call *call, struct subject *subject, struct error *err)
{
    *subject = (struct subject){0};
    const struct config_snapshot *snapshot = config_store_snapshot(call->stores->config);
    const struct config_connector *connector = config_snapshot_find(snapshot, call->name);
    if (connector)
        subject->config = config_providers_resolve(call->providers, connector->config, err);
    else
        error_set(err, ERROR_NOT_FOUND, "Connector %.500s not found", call->name);
    config_snapshot_release(snapshot);
    if (!subject->config)
        return false;
    subject->plugin = connector_plugin_require(config_get_or(subject->config, "connector.class", ""), err);
    if (!subject->plugin)
        return false;
    if (subject->plugin->type == CONNECTOR_SINK) {
        subject->group = group_offsets_group(subject->config, call->name);
        return true;
    }
    if (!connector_offsets_open(call->worker, subject->config, call->name, call->stores->offsets, NULL, &subject->own, err))
        return false;
    subject->store = subject->own ? subject->own : call->stores->offsets;
    return true;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static void
write_source(struct strbuf *out, const struct offset_list *offsets)
{
    strbuf_puts(out, "{\"offsets\":[");
    size_t shown = 0;
    for (size_t i = 0; i < offsets->count; i++) {
        const struct offset_entry *entry = &offsets->items[i];
        if (entry->partition_json) /* an offset of no partition is kept, but not shown */
            strbuf_printf(out, "%s{\"partition\":%s,\"offset\":%s}", shown++ ? "," : "", entry->partition_json,
                          entry->offset_json ? entry->offset_json : "null");
    }
    strbuf_puts(out, "]}");
}

static void
write_sink(struct strbuf *out, const struct group_offsets *offsets)
{
    strbuf_puts(out, "{\"offsets\":[");
    for (size_t i = 0; i < offsets->count; i++) {
        strbuf_printf(out, "%s{\"partition\":{\"kafka_partition\":%d,\"kafka_topic\":", i ? "," : "", offsets->items[i].partition);
        body_string(out, offsets->items[i].topic);
        strbuf_printf(out, "},\"offset\":{\"kafka_offset\":%lld}}", (long long)offsets->items[i].offset);
    }
    strbuf_puts(out, "]}");
}

static bool
read_all(struct call *call, const struct subject *subject, struct strbuf *out, struct error *err)
{
    if (subject->group) {
        struct group_offsets offsets = {0};
        bool ok = group_offsets_read(call->worker, subject->config, subject->group, KAFKA_MS, &offsets, err);
        if (ok)
            write_sink(out, &offsets);
        group_offsets_fini(&offsets);
        return ok;
    }
    struct offset_list offsets = {0};
    if (!offset_store_refresh(subject->store, KAFKA_MS, err))
        return false;
    offset_store_list(subject->store, call->name, &offsets);
    write_source(out, &offsets);
    offset_list_fini(&offsets);
    return true;
}

bool
get_offsets(struct call *call, struct error *err)
{
    struct subject subject;
    bool ok = subject_find(call, &subject, err) && read_all(call, &subject, &call->response->body, err);
    subject_fini(&subject);
    if (ok)
        reply_json(call, 200);
    return ok;
}

/* ---- what is asked for ------------------------------------------------------------------------------------------------ */

#define OFFSETS_CLASS "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets"
#define OFFSET_CLASS "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset"

static bool
check_item(const struct body_value *item, struct error *err)
{
    if (item->kind == BODY_NULL)
        return error_set(err, ERROR_INTERNAL, "Cannot invoke \"" OFFSET_CLASS ".partition()\" because \"offset\" is null");
    if (item->kind != BODY_OBJECT)
        return body_no_creator(item, OFFSET_CLASS, err);
    for (size_t i = 0; i < item->count; i++) {
        const struct body_value *value = item->values[i];
        if (strcmp(item->names[i], "partition") && strcmp(item->names[i], "offset"))
            return body_error(err, "Unrecognized field \"%.100s\" (class " OFFSET_CLASS
                                   "), not marked as ignorable (2 known properties: \"partition\", \"offset\"])",
                              item->names[i]);
        if (value->kind != BODY_OBJECT && value->kind != BODY_NULL)
            return body_not_a_map(value, "java.lang.Object", err);
    }
    return true;
}

/* The array of the body, which has at least one item. */
static const struct body_value *
read_request(struct call *call, struct error *err)
{
    const struct body_value *body = call_body(call, err);
    if (!body)
        return NULL;
    if (body->kind == BODY_NONE || body->kind == BODY_NULL) {
        error_set(err, ERROR_INTERNAL, "Cannot invoke \"" OFFSETS_CLASS ".offsets()\" because \"offsets\" is null");
        return NULL;
    }
    if (body->kind != BODY_OBJECT) {
        body_no_creator(body, OFFSETS_CLASS, err);
        return NULL;
    }
    for (size_t i = 0; i < body->count; i++)
        if (strcmp(body->names[i], "offsets")) {
            body_error(err, "Unrecognized field \"%.100s\" (class " OFFSETS_CLASS
                            "), not marked as ignorable (one known property: \"offsets\"])",
                       body->names[i]);
            return NULL;
        }
    const struct body_value *offsets = body_member(body, "offsets");
    if (offsets && offsets->kind != BODY_ARRAY && offsets->kind != BODY_NULL) {
        body_wrong_type(offsets, "java.util.ArrayList<" OFFSET_CLASS ">", err);
        return NULL;
    }
    if (!offsets || offsets->count == 0) {
        error_set(err, ERROR_CONFIG, "Partitions / offsets need to be provided for an alter offsets request");
        return NULL;
    }
    for (size_t i = 0; i < offsets->count; i++)
        if (!check_item(offsets->values[i], err))
            return NULL;
    return offsets;
}

/* ---- sources -------------------------------------------------------------------------------------------------------------- */

static bool
check_primitives(const struct body_value *map, struct error *err)
{
    for (size_t i = 0; map && map->kind == BODY_OBJECT && i < map->count; i++) {
        enum body_kind kind = map->values[i]->kind;
        if (kind == BODY_OBJECT || kind == BODY_ARRAY)
            return error_set(err, ERROR_INTERNAL, "Offsets may only contain primitive types as values, but field %.200s contains %s",
                             map->names[i], kind == BODY_OBJECT ? "MAP" : "ARRAY");
        if (!body_fits_long(map->values[i]))
            return error_set(err, ERROR_INTERNAL,
                             "Offsets may only contain primitive types as values, but field %.200s contains class java.math.BigInteger",
                             map->names[i]);
    }
    return true;
}

/* Members in the order of a Java HashMap: the worker that wrote partitions before ours did so, and equal keys must be
   equal bytes. */
static void
hash_order(struct body_value *object)
{
    uint32_t capacity = 16;
    while (object->count > capacity / 4 * 3)
        capacity *= 2;
    for (size_t i = 1; i < object->count; i++) /* stable: equal buckets keep their order */
        for (size_t k = i; k > 0 && (java_text_hash(object->names[k - 1]) & (capacity - 1)) > (java_text_hash(object->names[k]) & (capacity - 1)); k--) {
            const char *name = object->names[k];
            struct body_value *value = object->values[k];
            object->names[k] = object->names[k - 1];
            object->values[k] = object->values[k - 1];
            object->names[k - 1] = name;
            object->values[k - 1] = value;
        }
}

/* Heap, or NULL for null and for what is not there. */
static char *
json_of(const struct body_value *value)
{
    if (!value || value->kind == BODY_NULL)
        return NULL;
    struct strbuf text = STRBUF_INIT;
    hash_order((struct body_value *)(uintptr_t)value);
    body_write(value, &text);
    return strbuf_take(&text);
}

static bool
alter_source(struct call *call, const struct subject *subject, const struct body_value *wanted, struct error *err)
{
    struct offset_list offsets = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < wanted->count; i++) {
        const struct body_value *partition = body_member(wanted->values[i], "partition"), *offset = body_member(wanted->values[i], "offset");
        ok = check_primitives(partition, err) && check_primitives(offset, err);
        char *partition_json = json_of(partition), *offset_json = json_of(offset);
        if (ok && subject->plugin->alter_offsets)
            ok = subject->plugin->alter_offsets(subject->config, partition_json, offset_json, err);
        if (ok)
            offset_list_add(&offsets, partition_json, offset_json);
        free(partition_json);
        free(offset_json);
    }
    ok = ok && offset_store_put(subject->store, call->name, &offsets, KAFKA_MS, err) && offset_store_refresh(subject->store, KAFKA_MS, err);
    offset_list_fini(&offsets);
    return ok;
}

static bool
reset_source(struct call *call, const struct subject *subject, struct error *err)
{
    struct offset_list known = {0};
    if (!offset_store_refresh(subject->store, KAFKA_MS, err))
        return false;
    offset_store_list(subject->store, call->name, &known);
    for (size_t i = 0; i < known.count; i++) {
        free(known.items[i].offset_json);
        known.items[i].offset_json = NULL;
    }
    bool ok = !known.count || (offset_store_put(subject->store, call->name, &known, KAFKA_MS, err) &&
                               offset_store_refresh(subject->store, KAFKA_MS, err));
    offset_list_fini(&known);
    return ok;
}

/* ---- sinks ------------------------------------------------------------------------------------------------------------------ */

/* In the arena: what Java's String.valueOf makes of it. */
static const char *
text_of(struct call *call, const struct body_value *value)
{
    struct strbuf text = STRBUF_INIT;
    body_java_text(value, &text);
    const char *copy = arena_strdup(&call->arena, text.data ? text.data : "");
    strbuf_fini(&text);
    return copy;
}

/* A whole number, perhaps written as a text. */
static bool
read_number(const char *text, const char *what, int64_t min, int64_t max, int64_t *out, struct error *err)
{
    const char *digits = text + (*text == '-' || *text == '+');
    bool ok = *digits && strspn(digits, "0123456789") == strlen(digits);
    errno = 0;
    long long number = ok ? strtoll(text, NULL, 10) : 0;
    if (!ok || errno == ERANGE || number < min || number > max)
        return error_set(err, ERROR_CONFIG,
                         "Failed to parse the following Kafka %s value in the provided offsets: '%.100s'. %s values for sink connectors "
                         "need to be integers.",
                         what, text, strcmp(what, "partition") == 0 ? "Partition" : "Offset");
    *out = number;
    return true;
}

static bool
read_sink_item(struct call *call, const struct body_value *item, struct group_offsets *out, struct error *err)
{
    const struct body_value *partition = body_member(item, "partition"), *offset = body_member(item, "offset");
    if (!partition || partition->kind == BODY_NULL)
        return error_set(err, ERROR_CONFIG, "The partition for a sink connector offset cannot be null or missing");
    const struct body_value *topic = body_member(partition, "kafka_topic"), *number = body_member(partition, "kafka_partition");
    if (!topic || !number)
        return error_set(err, ERROR_CONFIG, "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'");
    if (topic->kind == BODY_NULL)
        return error_set(err, ERROR_CONFIG, "Kafka topic names must be valid strings and may not be null");
    if (number->kind == BODY_NULL)
        return error_set(err, ERROR_CONFIG, "Kafka partitions must be valid numbers and may not be null");
    int64_t partition_number = 0, position = -1;
    if (!read_number(text_of(call, number), "partition", INT32_MIN, INT32_MAX, &partition_number, err))
        return false;
    if (offset && offset->kind != BODY_NULL) {
        const struct body_value *value = body_member(offset, "kafka_offset");
        if (!value)
            return error_set(err, ERROR_CONFIG, "The offset for a sink connector should either be null or contain the key 'kafka_offset'");
        if (!read_number(text_of(call, value), "offset", INT64_MIN, INT64_MAX, &position, err))
            return false;
        if (position < 0)
            return error_set(err, ERROR_INTERNAL, "negative");
    }
    group_offsets_set(out, text_of(call, topic), (int32_t)partition_number, position);
    return true;
}

/* A sink that keeps offsets of its own, too, moves them along; offset -1 removes. */
static bool
tell_plugin(const struct subject *subject, const struct group_offsets *offsets, bool removes, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && subject->plugin->alter_offsets && i < offsets->count; i++) {
        const struct group_offset *item = &offsets->items[i];
        struct strbuf partition = STRBUF_INIT, offset = STRBUF_INIT;
        strbuf_printf(&partition, "{\"kafka_partition\":%d,\"kafka_topic\":", item->partition);
        body_string(&partition, item->topic);
        strbuf_putc(&partition, '}');
        strbuf_printf(&offset, "{\"kafka_offset\":%lld}", (long long)item->offset);
        ok = subject->plugin->alter_offsets(subject->config, partition.data, removes || item->offset < 0 ? NULL : offset.data, err);
        strbuf_fini(&partition);
        strbuf_fini(&offset);
    }
    return ok;
}

enum { UNKNOWN_MEMBER_ID = 25 }; /* Kafka: the group has members, and we are none of them */

static bool
not_altered(const struct call *call, struct error *err)
{
    bool has_members = err->cause == UNKNOWN_MEMBER_ID;
    return error_set(err, ERROR_INTERNAL, "Failed to alter consumer group offsets for connector %.300s%s", call->name,
                     has_members ? " either because its tasks haven't stopped completely yet or the connector was resumed before the request to "
                                   "alter its offsets could be successfully completed. If the connector is in a stopped state, this operation "
                                   "can be safely retried. If it doesn't eventually succeed, the Connect cluster may need to be restarted to "
                                   "get rid of the zombie sink tasks."
                                 : "");
}

static bool
alter_sink(struct call *call, const struct subject *subject, const struct body_value *wanted, struct error *err)
{
    struct group_offsets offsets = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < wanted->count; i++)
        ok = read_sink_item(call, wanted->values[i], &offsets, err);
    if (!ok && err->code == ERROR_INTERNAL && strcmp(err->message, "negative") == 0)
        error_set(err, ERROR_INTERNAL, "Failed to modify offsets for sink connector %.500s", call->name);
    ok = ok && tell_plugin(subject, &offsets, false, err);
    if (ok && !group_offsets_alter(call->worker, subject->config, subject->group, &offsets, KAFKA_MS, err))
        ok = not_altered(call, err);
    group_offsets_fini(&offsets);
    return ok;
}

static bool
reset_sink(struct call *call, const struct subject *subject, struct error *err)
{
    struct group_offsets known = {0};
    bool ok = !subject->plugin->alter_offsets ||
              (group_offsets_read(call->worker, subject->config, subject->group, KAFKA_MS, &known, err) &&
               tell_plugin(subject, &known, true, err));
    group_offsets_fini(&known);
    if (!ok)
        return false;
    if (group_offsets_reset(call->worker, subject->config, subject->group, KAFKA_MS, err))
        return true;
    return error_set(err, ERROR_INTERNAL,
                     "Failed to reset consumer group offsets for connector %.300s either because its tasks haven't stopped completely yet "
                     "or the connector was resumed before the request to reset its offsets could be successfully completed. If the "
                     "connector is in a stopped state, this operation can be safely retried.",
                     call->name);
}

/* ---- the requests --------------------------------------------------------------------------------------------------------------- */

/* Tasks of before may still have a transaction open, whose offsets must not come behind ours. */
static bool
fence_source(struct call *call, const struct subject *subject, struct error *err)
{
    if (subject->group || call->worker->exactly_once != EXACTLY_ONCE_ENABLED)
        return true;
    struct herder_request *request = herder_request_new(HERDER_FENCE, call->name);
    enum herder_answer answer = herder_ask(call->herder, request, REST_TIMEOUT_MS, err);
    herder_request_free(request);
    if (answer == HERDER_DONE)
        return true;
    log_error("earlier tasks of %s could not be shut out: %s", call->name, answer == HERDER_REFUSED ? err->message : "not the leader");
    return error_set(err, ERROR_INTERNAL, "Failed to perform zombie fencing for source connector prior to modifying offsets");
}

static bool
modify(struct call *call, const struct body_value *wanted, struct error *err)
{
    struct herder_request *request = herder_request_new(HERDER_MAY_ALTER, call->name);
    struct strbuf path = STRBUF_INIT;
    bool is_forwarded = false;
    strbuf_puts(&path, "connectors/");
    view_path_name(&path, call->name);
    strbuf_puts(&path, "/offsets");
    bool ok = ask_or_forward(call, request, path.data, NULL, &is_forwarded, err);
    strbuf_fini(&path);
    herder_request_free(request);
    if (!ok || is_forwarded)
        return ok;
    struct subject subject;
    ok = subject_find(call, &subject, err) && fence_source(call, &subject, err);
    if (ok && subject.group)
        ok = wanted ? alter_sink(call, &subject, wanted, err) : reset_sink(call, &subject, err);
    else if (ok)
        ok = wanted ? alter_source(call, &subject, wanted, err) : reset_source(call, &subject, err);
    subject_fini(&subject);
    if (!ok)
        return false;
    const char *done = wanted ? "altered" : "reset";
    strbuf_printf(&call->response->body,
                  "{\"message\":\"The Connect framework-managed offsets for this connector have been %s successfully. However, if this "
                  "connector manages offsets externally, they will need to be manually %s in the system that the connector uses.\"}",
                  done, done);
    reply_json(call, 200);
    return true;
}

bool
patch_offsets(struct call *call, struct error *err)
{
    const struct body_value *wanted = read_request(call, err);
    return wanted && modify(call, wanted, err);
}

bool
delete_offsets(struct call *call, struct error *err)
{
    return modify(call, NULL, err);
}
