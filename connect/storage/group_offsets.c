/* The admin calls about a consumer group's offsets. */
#include "connect/storage/group_offsets.h"

#include "common/base/alloc.h"
#include "common/kafka/client_config.h"

#include <stdlib.h>
#include <string.h>

void
group_offsets_set(struct group_offsets *offsets, const char *topic, int32_t partition, int64_t offset)
{
    for (size_t i = 0; i < offsets->count; i++)
        if (offsets->items[i].partition == partition && strcmp(offsets->items[i].topic, topic) == 0) {
            offsets->items[i].offset = offset;
            return;
        }
    offsets->items = xrealloc(offsets->items, (offsets->count + 1) * sizeof(*offsets->items));
    offsets->items[offsets->count++] = (struct group_offset){xstrdup(topic), partition, offset};
}

void
group_offsets_fini(struct group_offsets *offsets)
{
    for (size_t i = 0; i < offsets->count; i++)
        free(offsets->items[i].topic);
    free(offsets->items);
    *offsets = (struct group_offsets){0};
}

char *
group_offsets_group(const struct config *connector, const char *name)
{
    const char *own = config_get(connector, "consumer.override.group.id");
    return own ? xstrdup(own) : xasprintf("connect-%s", name);
}

/* ---- one call ---------------------------------------------------------------------------------------------------- */

struct admin {
    rd_kafka_t *client;
    rd_kafka_queue_t *queue;
    rd_kafka_AdminOptions_t *options;
};

static bool
admin_open(struct admin *admin, const struct worker_config *worker, const struct config *connector, rd_kafka_admin_op_t op, int timeout_ms,
           struct error *err)
{
    struct config earlier = CONFIG_INIT, later = CONFIG_INIT;
    kafka_common_settings(&worker->raw, &earlier);
    config_subset(&worker->raw, "admin.", &later);
    config_subset(connector, "admin.override.", &later);
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_ADMIN, &earlier, &later, err);
    config_fini(&earlier);
    config_fini(&later);
    *admin = (struct admin){.client = conf ? kafka_client_new(KAFKA_ADMIN, conf, err) : NULL};
    if (!admin->client)
        return false;
    char text[256];
    admin->queue = rd_kafka_queue_new(admin->client);
    admin->options = rd_kafka_AdminOptions_new(admin->client, op);
    rd_kafka_AdminOptions_set_request_timeout(admin->options, timeout_ms, text, sizeof(text));
    return true;
}

static void
admin_close(struct admin *admin)
{
    if (!admin->client)
        return;
    rd_kafka_AdminOptions_destroy(admin->options);
    rd_kafka_queue_destroy(admin->queue);
    rd_kafka_destroy(admin->client);
}

/* The answer, or NULL with *err. */
static rd_kafka_event_t *
admin_wait(struct admin *admin, const char *group, int timeout_ms, struct error *err)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(admin->queue, timeout_ms + 1000);
    if (!event) {
        error_set(err, ERROR_TIMEOUT, "no answer about the consumer group %s", group);
        return NULL;
    }
    if (rd_kafka_event_error(event)) {
        kafka_error(err, rd_kafka_event_error(event), "the consumer group %s: %s", group, rd_kafka_event_error_string(event));
        rd_kafka_event_destroy(event);
        return NULL;
    }
    return event;
}

/* The first error of a group's result, whole or of a partition. */
static bool
group_result(const rd_kafka_group_result_t *const *results, size_t count, const char *group, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const rd_kafka_error_t *error = rd_kafka_group_result_error(results[i]);
        if (error)
            return kafka_error(err, rd_kafka_error_code(error), "the consumer group %s: %s", group, rd_kafka_error_string(error));
        const rd_kafka_topic_partition_list_t *list = rd_kafka_group_result_partitions(results[i]);
        for (int k = 0; list && k < list->cnt; k++)
            if (list->elems[k].err)
                return kafka_error(err, list->elems[k].err, "%s-%d of the consumer group %s", list->elems[k].topic,
                                   list->elems[k].partition, group);
    }
    return true;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static void
copy_offsets(const rd_kafka_group_result_t *result, struct group_offsets *out)
{
    const rd_kafka_topic_partition_list_t *list = rd_kafka_group_result_partitions(result);
    for (int i = 0; list && i < list->cnt; i++)
        if (list->elems[i].offset >= 0)
            group_offsets_set(out, list->elems[i].topic, list->elems[i].partition, list->elems[i].offset);
}

bool
group_offsets_read(const struct worker_config *worker, const struct config *connector, const char *group, int timeout_ms,
                   struct group_offsets *out, struct error *err)
{
    struct admin admin;
    if (!admin_open(&admin, worker, connector, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, timeout_ms, err))
        return false;
    rd_kafka_ListConsumerGroupOffsets_t *request = rd_kafka_ListConsumerGroupOffsets_new(group, NULL);
    rd_kafka_ListConsumerGroupOffsets(admin.client, &request, 1, admin.options, admin.queue);
    rd_kafka_event_t *event = admin_wait(&admin, group, timeout_ms, err);
    bool ok = event != NULL;
    if (event) {
        size_t count;
        const rd_kafka_group_result_t **results =
            rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
        ok = group_result(results, count, group, err);
        for (size_t i = 0; ok && i < count; i++)
            copy_offsets(results[i], out);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    admin_close(&admin);
    return ok;
}

/* ---- changing ---------------------------------------------------------------------------------------------------------- */

static rd_kafka_topic_partition_list_t *
to_list(const struct group_offsets *offsets, bool removed)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)offsets->count);
    for (size_t i = 0; i < offsets->count; i++)
        if ((offsets->items[i].offset < 0) == removed)
            rd_kafka_topic_partition_list_add(list, offsets->items[i].topic, offsets->items[i].partition)->offset = offsets->items[i].offset;
    return list;
}

static bool
alter_some(const struct worker_config *worker, const struct config *connector, const char *group,
           const rd_kafka_topic_partition_list_t *list, int timeout_ms, struct error *err)
{
    struct admin admin;
    if (!admin_open(&admin, worker, connector, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, timeout_ms, err))
        return false;
    rd_kafka_AlterConsumerGroupOffsets_t *request = rd_kafka_AlterConsumerGroupOffsets_new(group, list);
    rd_kafka_AlterConsumerGroupOffsets(admin.client, &request, 1, admin.options, admin.queue);
    rd_kafka_event_t *event = admin_wait(&admin, group, timeout_ms, err);
    bool ok = event != NULL;
    if (event) {
        size_t count;
        const rd_kafka_group_result_t **results =
            rd_kafka_AlterConsumerGroupOffsets_result_groups(rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count);
        ok = group_result(results, count, group, err);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AlterConsumerGroupOffsets_destroy(request);
    admin_close(&admin);
    return ok;
}

static bool
remove_some(const struct worker_config *worker, const struct config *connector, const char *group,
            const rd_kafka_topic_partition_list_t *list, int timeout_ms, struct error *err)
{
    struct admin admin;
    if (!admin_open(&admin, worker, connector, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS, timeout_ms, err))
        return false;
    rd_kafka_DeleteConsumerGroupOffsets_t *request = rd_kafka_DeleteConsumerGroupOffsets_new(group, list);
    rd_kafka_DeleteConsumerGroupOffsets(admin.client, &request, 1, admin.options, admin.queue);
    rd_kafka_event_t *event = admin_wait(&admin, group, timeout_ms, err);
    bool ok = event != NULL;
    if (event) {
        size_t count;
        const rd_kafka_group_result_t **results =
            rd_kafka_DeleteConsumerGroupOffsets_result_groups(rd_kafka_event_DeleteConsumerGroupOffsets_result(event), &count);
        ok = group_result(results, count, group, err);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_DeleteConsumerGroupOffsets_destroy(request);
    admin_close(&admin);
    return ok;
}

bool
group_offsets_alter(const struct worker_config *worker, const struct config *connector, const char *group,
                    const struct group_offsets *offsets, int timeout_ms, struct error *err)
{
    rd_kafka_topic_partition_list_t *kept = to_list(offsets, false), *removed = to_list(offsets, true);
    bool ok = (kept->cnt == 0 || alter_some(worker, connector, group, kept, timeout_ms, err)) &&
              (removed->cnt == 0 || remove_some(worker, connector, group, removed, timeout_ms, err));
    rd_kafka_topic_partition_list_destroy(kept);
    rd_kafka_topic_partition_list_destroy(removed);
    return ok;
}

bool
group_offsets_reset(const struct worker_config *worker, const struct config *connector, const char *group, int timeout_ms,
                    struct error *err)
{
    struct admin admin;
    if (!admin_open(&admin, worker, connector, RD_KAFKA_ADMIN_OP_DELETEGROUPS, timeout_ms, err))
        return false;
    rd_kafka_DeleteGroup_t *request = rd_kafka_DeleteGroup_new(group);
    rd_kafka_DeleteGroups(admin.client, &request, 1, admin.options, admin.queue);
    rd_kafka_event_t *event = admin_wait(&admin, group, timeout_ms, err);
    bool ok = event != NULL;
    if (event) {
        size_t count;
        const rd_kafka_group_result_t **results = rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
        const rd_kafka_error_t *error = count ? rd_kafka_group_result_error(results[0]) : NULL;
        bool is_unknown = error && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;
        ok = is_unknown || group_result(results, count, group, err);
        rd_kafka_event_destroy(event);
    }
    rd_kafka_DeleteGroup_destroy(request);
    admin_close(&admin);
    return ok;
}

char *
group_cluster_id(const struct worker_config *worker, int timeout_ms)
{
    static const struct config none;
    struct admin admin;
    struct error err = ERROR_INIT;
    if (!admin_open(&admin, worker, &none, RD_KAFKA_ADMIN_OP_DELETEGROUPS, timeout_ms, &err))
        return NULL;
    char *id = rd_kafka_clusterid(admin.client, timeout_ms), *copy = xstrdup(id);
    if (id)
        rd_kafka_mem_free(admin.client, id);
    admin_close(&admin);
    return copy;
}
