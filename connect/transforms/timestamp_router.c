/* TimestampRouter: a topic from the old one and the time of the record, in UTC. */
#include "connect/data/data_error.h"
#include "connect/data/date_format.h"
#include "connect/transforms/transform_priv.h"

#include <string.h>

struct timestamp_router {
    struct {
        char *topic_format, *timestamp_format;
    } settings;
    struct date_format *format;
    struct strbuf text, topic;
};

static const struct config_row timestamp_router_rows[] = {
    {TRANSFORM_ROW("topic.format", CONFIG_STRING, "${topic}-${timestamp}", CONFIG_HIGH,
                   "The new topic; ${topic} stands for the old one, ${timestamp} for the formatted time.",
                   offsetof(struct timestamp_router, settings.topic_format))},
    {TRANSFORM_ROW("timestamp.format", CONFIG_STRING, "yyyyMMdd", CONFIG_HIGH,
                   "Format of the time, in the letters of java.text.SimpleDateFormat.",
                   offsetof(struct timestamp_router, settings.timestamp_format))},
    {.name = NULL},
};

static bool
timestamp_router_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct timestamp_router *transform = state;
    (void)target;
    if (!config_parse(timestamp_router_rows, cfg, transform, err))
        return false;
    transform->format = date_format_new(transform->settings.timestamp_format, err);
    return transform->format != NULL;
}

/* Every `name` in the template. Templates are short. */
static void
expand(const char *template, const char *topic, const char *timestamp, struct strbuf *out)
{
    while (*template) {
        bool is_topic = strncmp(template, "${topic}", 8) == 0, is_timestamp = strncmp(template, "${timestamp}", 12) == 0;
        if (is_topic || is_timestamp)
            strbuf_puts(out, is_topic ? topic : timestamp);
        else
            strbuf_putc(out, *template);
        template += is_topic ? 8 : is_timestamp ? 12 : 1;
    }
}

static bool
timestamp_router_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct timestamp_router *transform = state;
    if (record->timestamp_ms < 0)
        return data_error(err, "Timestamp missing on record: topic %s, partition %d", record->topic, record->partition);
    strbuf_reset(&transform->text);
    strbuf_reset(&transform->topic);
    strbuf_puts(&transform->topic, "");
    date_format_print(transform->format, record->timestamp_ms, &transform->text);
    expand(transform->settings.topic_format, record->topic, transform->text.data ? transform->text.data : "", &transform->topic);
    record->topic = arena_memdup(&batch->arena, transform->topic.data, transform->topic.len);
    return true;
}

static void
timestamp_router_fini(void *state)
{
    struct timestamp_router *transform = state;
    date_format_free(transform->format);
    strbuf_fini(&transform->text);
    strbuf_fini(&transform->topic);
    config_parsed_free(timestamp_router_rows, transform);
}

static const struct transform_ops timestamp_router_ops = {sizeof(struct timestamp_router), timestamp_router_init,
                                                          timestamp_router_apply, timestamp_router_fini};
TRANSFORM_PLUGIN(timestamp_router_plugin, "TimestampRouter", TRANSFORM_RECORD, timestamp_router_rows, &timestamp_router_ops);
