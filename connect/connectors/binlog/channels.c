#include "connect/connectors/binlog/channels.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"
#include "common/kafka/topic_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

LOGGER("io.debezium.pipeline.signal.SignalProcessor");

#define TOPIC "signal_kafka_topic"
#define OFFSET "signal_kafka_offset"

enum { FILE_BYTES = 1 << 20 };

struct cdc_channels {
    const struct cdc_config *config;
    int64_t due_ms;

    bool has_file, is_file_reported;
    struct strbuf lines;     /* of the file; those in front of `line` were given out */
    size_t line;

    struct topic_tail *tail; /* NULL: no topic */
    char *topic;
    int64_t next;            /* place in the topic; negative: not known yet */
    int64_t next_done;       /* behind the signal given out last; negative: that was not of the topic */
    int64_t obeyed;          /* behind the signal carried out last */
    int64_t told, committed; /* `obeyed` that a record has, and that the group has */
};

/* ---- life ------------------------------------------------------------------------------------------------------------ */

/* -1 where the offset has none of this topic. */
static int64_t
restore(const char *extra, const char *topic)
{
    char *text = xasprintf("{%s}", extra ? extra : "");
    json_t *state = json_loads(text, 0, NULL), *next = json_object_get(state, OFFSET);
    const char *of = json_string_value(json_object_get(state, TOPIC));
    int64_t place = of && strcmp(of, topic) == 0 && json_is_integer(next) ? (int64_t)json_integer_value(next) : -1;
    json_decref(state);
    free(text);
    return place;
}

static bool
open_topic(struct cdc_channels *channels, const char *extra, struct error *err)
{
    const struct cdc_config *config = channels->config;
    if (!config->signal_servers || !*config->signal_servers) {
        error_set(err, ERROR_CONFIG, "Signal channel kafka configuration is invalid: the 'signal.kafka.bootstrap.servers' value is invalid: A value is required");
        err->java_class = "io.debezium.DebeziumException";
        return false;
    }
    struct config settings = CONFIG_INIT;
    channels->topic = config->signal_topic ? xstrdup(config->signal_topic) : xasprintf("%s-signal", config->topic_prefix);
    config_set(&settings, "bootstrap.servers", config->signal_servers);
    config_set(&settings, "group.id", config->signal_group);
    config_subset(config->cfg, "signal.consumer.", &settings);
    channels->next = channels->obeyed = channels->told = channels->committed = restore(extra, channels->topic);
    channels->tail = topic_tail_new(channels->topic, &settings, channels->next, err);
    config_fini(&settings);
    if (!channels->tail)
        return error_wrap(err, "signal channel kafka");
    return true;
}

/* Those that are not there are said once: they need a JVM. */
static void
warn_of_others(const struct cdc_config *config)
{
    static const char *const known[] = {"source", "file", "kafka"};
    for (size_t i = 0; i < config->signal_channels.count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < sizeof(known) / sizeof(*known); j++)
            is_known |= strcmp(config->signal_channels.items[i], known[j]) == 0;
        if (!is_known)
            log_warn("signal.enabled.channels: there is no channel '%s' in this worker, only source, file and kafka", config->signal_channels.items[i]);
    }
}

struct cdc_channels *
cdc_channels_new(const struct cdc_config *config, const char *extra, struct error *err)
{
    struct cdc_channels *channels = xcalloc(1, sizeof(*channels));
    *channels = (struct cdc_channels){.config = config, .lines = STRBUF_INIT, .next = -1, .next_done = -1, .obeyed = -1, .told = -1, .committed = -1};
    warn_of_others(config);
    channels->has_file = string_list_has(&config->signal_channels, "file");
    if (channels->has_file)
        log_info("Reading '%s' file for signals", config->signal_file);
    if (string_list_has(&config->signal_channels, "kafka") && !open_topic(channels, extra, err)) {
        cdc_channels_free(channels);
        return NULL;
    }
    if (channels->tail)
        log_info("Subscribing to signals topic '%s'", channels->topic);
    return channels;
}

void
cdc_channels_free(struct cdc_channels *channels)
{
    if (!channels)
        return;
    topic_tail_free(channels->tail);
    strbuf_fini(&channels->lines);
    free(channels->topic);
    free(channels);
}

bool
cdc_channels_check(const struct cdc_config *config, struct error *err)
{
    struct cdc_channels channels = {.config = config};
    bool ok = !string_list_has(&config->signal_channels, "kafka") || open_topic(&channels, NULL, err);
    topic_tail_free(channels.tail);
    free(channels.topic);
    return ok;
}

/* ---- the file -------------------------------------------------------------------------------------------------------------- */

static bool
read_all(int fd, struct strbuf *out)
{
    ssize_t got;
    do {
        got = read(fd, strbuf_room(out, 4096), 4096);
        if (got > 0)
            strbuf_wrote(out, (size_t)got);
    } while (got > 0 && out->len <= FILE_BYTES);
    return got == 0 && out->len <= FILE_BYTES;
}

/* Nothing else but a regular file is emptied; one that is not there has no signals. */
static const char *
take_file(const char *path, struct strbuf *out)
{
    struct stat stat;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT || errno == EISDIR ? NULL : strerrordesc_np(errno);
    const char *problem = NULL;
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        problem = "it is no regular file";
    else if (!read_all(fd, out))
        problem = "it cannot be read, or is larger than a mebibyte";
    else if (out->len && ftruncate(fd, 0) != 0)
        problem = "it cannot be emptied";
    close(fd);
    if (problem)
        strbuf_reset(out);
    return problem;
}

static void
read_file(struct cdc_channels *channels)
{
    channels->line = 0;
    strbuf_reset(&channels->lines);
    const char *path = channels->config->signal_file, *problem = take_file(path, &channels->lines);
    if (problem && !channels->is_file_reported)
        log_error("Failed to read signal file %s: %s", path, problem);
    channels->is_file_reported = problem != NULL;
}

/* The next line that is not blank; NULL: there is none. */
static const char *
next_line(struct cdc_channels *channels)
{
    while (channels->line < channels->lines.len) {
        char *line = channels->lines.data + channels->line;
        size_t len = strcspn(line, "\n");
        channels->line += len + 1;
        line[len] = '\0';
        if (line[strspn(line, " \t\r")])
            return line;
    }
    return NULL;
}

/* ---- signals ------------------------------------------------------------------------------------------------------------ */

static bool
read_signal(const char *text, struct cdc_signal *out)
{
    struct error err = ERROR_INIT;
    json_t *object = json_loads(text, 0, NULL), *data = json_object_get(object, "data");
    const char *id = json_string_value(json_object_get(object, "id")), *type = json_string_value(json_object_get(object, "type"));
    char *data_text = data && !json_is_null(data) ? json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    bool ok = false;
    if (!type)
        log_warn("Skipped signal due to an error: it is no JSON object with id, type and data");
    else if (!(ok = cdc_signal_parse(id ? id : "", type, data_text, out, &err)))
        log_warn("%s; it is passed over", err.message);
    else if (out->kind == CDC_SIGNAL_UNKNOWN)
        log_warn("Signal '%s' has been received but the type '%s' is not recognized", out->id, type);
    free(data_text);
    json_decref(object);
    return ok;
}

static bool
next_of_file(struct cdc_channels *channels, struct cdc_signal *out)
{
    const char *line;
    while ((line = next_line(channels)))
        if (read_signal(line, out))
            return true;
    return false;
}

static bool
next_of_topic(struct cdc_channels *channels, struct cdc_signal *out)
{
    struct topic_tail_record record;
    const char *prefix = channels->config->topic_prefix;
    while (channels->tail && topic_tail_next(channels->tail, &record)) {
        bool is_own = record.key && strcmp(record.key, prefix) == 0;
        if (!is_own)
            log_info("Signal key '%s' doesn't match the connector's name '%s'", record.key ? record.key : "null", prefix);
        if (is_own && record.value && *record.value && read_signal(record.value, out)) {
            channels->next_done = record.offset + 1;
            return true;
        }
        channels->next = record.offset + 1;
    }
    return false;
}

bool
cdc_channels_is_due(struct cdc_channels *channels)
{
    if (!channels->has_file && !channels->tail)
        return false;
    int64_t now_ms = clock_now_ms();
    if (now_ms < channels->due_ms)
        return false;
    channels->due_ms = now_ms + channels->config->signal_poll_interval_ms;
    if (channels->has_file && channels->line >= channels->lines.len)
        read_file(channels);
    return true;
}

bool
cdc_channels_next(struct cdc_channels *channels, struct cdc_signal *out)
{
    channels->next_done = -1;
    return next_of_file(channels, out) || next_of_topic(channels, out);
}

void
cdc_channels_done(struct cdc_channels *channels)
{
    if (channels->next_done >= 0)
        channels->next = channels->obeyed = channels->next_done;
    channels->next_done = -1;
}

/* ---- offsets ------------------------------------------------------------------------------------------------------------ */

int64_t
cdc_channels_place(const struct cdc_channels *channels)
{
    return channels->next;
}

char *
cdc_channels_extra(const struct cdc_channels *channels)
{
    if (channels->next < 0)
        return NULL;
    json_t *state = json_pack("{s:s, s:I}", TOPIC, channels->topic, OFFSET, (json_int_t)channels->next);
    char *text = json_dumps(state, JSON_COMPACT), *members = xmemdup(text + 1, strlen(text) - 2);
    free(text);
    json_decref(state);
    return members;
}

void
cdc_channels_told(struct cdc_channels *channels)
{
    channels->told = channels->obeyed;
}

void
cdc_channels_stored(struct cdc_channels *channels)
{
    if (!channels->tail || channels->told < 0 || channels->told == channels->committed)
        return;
    topic_tail_commit(channels->tail, channels->told);
    channels->committed = channels->told;
}
