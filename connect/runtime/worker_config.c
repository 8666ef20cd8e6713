/* The worker's settings as two tables that share their first part, and what is derived from them. */
#include "connect/runtime/worker_config.h"

#include "common/base/alloc.h"
#include "common/base/strbuf.h"
#include "connect/converters/converter.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <regex.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define AT(field) .offset = offsetof(struct worker_config, field)
#define UNUSED .offset = CONFIG_NOT_PARSED

static const char *const booleans_off[] = {"disabled", "preparing", "enabled", NULL};
static const char *const log_formats[] = {"text", "json", NULL};
static const char *const log_levels[] = {"OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL", NULL};
static const char *const client_auths[] = {"required", "requested", "none", NULL};
static const char *const protocols[] = {"eager", "compatible", "sessioned", NULL};
static const char *const discoveries[] = {"only_scan", "hybrid_warn", "hybrid_fail", "service_load", NULL};
static const char *const recordings[] = {"INFO", "DEBUG", "TRACE", NULL};

bool
listener_parse(const char *text, struct listener *out)
{
    *out = (struct listener){0};
    const char *sep = strstr(text, "://");
    if (!sep)
        return false;
    size_t scheme = (size_t)(sep - text);
    out->is_https = scheme == 5 && strncasecmp(text, "https", 5) == 0;
    if (!out->is_https && (scheme != 4 || strncasecmp(text, "http", 4)))
        return false;
    const char *host = sep + 3, *colon = strrchr(host, ':');
    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5)
        return false;
    out->port = atoi(colon + 1);
    size_t len = (size_t)(colon - host);
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    } else if (memchr(host, ':', len)) {
        return false;
    }
    if (len >= sizeof(out->host) || out->port > 65535)
        return false;
    memcpy(out->host, host, len);
    return true;
}

static bool
check_listeners(const struct config_row *row, const char *value, struct error *err)
{
    struct string_list items = STRING_LIST_INIT;
    struct listener listener;
    string_list_split(&items, value);
    bool ok = items.count > 0 || strcmp(row->name, "admin.listeners") == 0;
    if (!ok)
        error_set(err, ERROR_CONFIG, "Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.");
    for (size_t i = 0; ok && i < items.count; i++)
        ok = listener_parse(items.items[i], &listener) ||
             error_set(err, ERROR_CONFIG, "Listener '%s' doesn't have the form protocol://host:port, with http or https.", items.items[i]);
    string_list_fini(&items);
    return ok;
}

/* "[set|add|setDate|addDate] Name:Value", several by commas. */
static bool
check_headers(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    regex_t form;
#define ACTION "(set|add|setDate|addDate)[[:space:]]+[^:\",[:space:]]+:"
#define ITEM "[[:space:]]*(" ACTION "[^\",]*|\"" ACTION "[^\"]*\"[[:space:]]*)"
    ensure(regcomp(&form, "^(" ITEM "(," ITEM ")*)?$", REG_EXTENDED | REG_NOSUB) == 0, "fixed pattern");
#undef ACTION
#undef ITEM
    bool ok = regexec(&form, value, 0, NULL, 0) == 0;
    regfree(&form);
    return ok || error_set(err, ERROR_CONFIG, "Invalid format for header config: expected '[action] [header name]:[header value]'");
}

static bool
check_not_empty(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return *value || error_set(err, ERROR_CONFIG, "String may not be empty");
}

/* Partitions and replicas of a topic: -1 is the broker's default. */
static bool
check_not_zero(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return strtol(value, NULL, 10) != 0 || error_set(err, ERROR_CONFIG, "Value must be larger than 0, or -1 to use the broker's default");
}

static bool
check_policy(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    static const char *const known[] = {"All", "None", "Principal", "Allowlist"};
    const char *simple = strrchr(value, '.') ? strrchr(value, '.') + 1 : value;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t len = strlen(known[i]);
        if (strncmp(simple, known[i], len) == 0 &&
            (!simple[len] || strcmp(simple + len, "ConnectorClientConfigOverridePolicy") == 0))
            return true;
    }
    return error_set(err, ERROR_CONFIG, "Class %s could not be found.", value);
}

/* As Kafka's clients read it: [PROTOCOL://]host:port, an IPv6 address in brackets. */
static bool
check_servers(const struct config_row *row, const char *value, struct error *err)
{
    regex_t form;
    ensure(regcomp(&form, "^([[:alnum:]%._-]*://)?\\[?[[:alnum:]%.:_-]*\\]?:[0-9]+$", REG_EXTENDED | REG_NOSUB) == 0, "fixed pattern");
    struct string_list items = STRING_LIST_INIT;
    string_list_split(&items, value);
    bool ok = items.count > 0 || error_set(err, ERROR_CONFIG, "No resolvable bootstrap urls given in %s", row->name);
    for (size_t i = 0; ok && i < items.count; i++)
        ok = regexec(&form, items.items[i], 0, NULL, 0) == 0 ||
             error_set(err, ERROR_CONFIG, "Invalid url in %s: %s", row->name, items.items[i]);
    regfree(&form);
    string_list_fini(&items);
    return ok;
}

static bool
check_converter(const struct config_row *row, const char *value, struct error *err)
{
    enum converter_role role = strcmp(row->name, "header.converter") == 0 ? CONVERTER_HEADER : CONVERTER_VALUE;
    const struct converter_plugin *plugin = converter_plugin_find(value);
    return (plugin && converter_plugin_fits(plugin, role)) || error_set(err, ERROR_CONFIG, "Class %s could not be found.", value);
}

#define COMMON_ROWS                                                                                                            \
    {"bootstrap.servers", CONFIG_LIST, config_no_default, CONFIG_HIGH,                                                         \
     "Addresses (host:port, several by commas) of the Kafka cluster to begin with.", UNUSED, .check = check_servers},          \
    {"key.converter", CONFIG_CLASS, config_no_default, CONFIG_HIGH,                                                            \
     "Converter for record keys; settings behind key.converter. are its own.", AT(key_converter),                              \
     .check = check_converter},                                                                                                \
    {"value.converter", CONFIG_CLASS, config_no_default, CONFIG_HIGH,                                                          \
     "Converter for record values; settings behind value.converter. are its own.", AT(value_converter),                        \
     .check = check_converter},                                                                                                \
    {"header.converter", CONFIG_CLASS, "org.apache.kafka.connect.storage.SimpleHeaderConverter", CONFIG_LOW,                   \
     "Converter for record headers.", AT(header_converter), .check = check_converter},                                         \
    {"task.shutdown.graceful.timeout.ms", CONFIG_LONG, "5000", CONFIG_LOW,                                                     \
     "Time that all tasks together get for an orderly stop; a later one is given up.", AT(task_shutdown_graceful_timeout_ms)}, \
    {"offset.flush.interval.ms", CONFIG_LONG, "60000", CONFIG_LOW, "How often tasks store their offsets.",                     \
     AT(offset_flush_interval_ms)},                                                                                            \
    {"offset.flush.timeout.ms", CONFIG_LONG, "5000", CONFIG_LOW,                                                               \
     "How long storing offsets may take before it is given up and merged into the next attempt.", AT(offset_flush_timeout_ms)}, \
    {"listeners", CONFIG_LIST, "http://:8083", CONFIG_LOW,                                                                     \
     "Addresses of the REST API, http://host:port or https://host:port; an empty host means all interfaces.", AT(listeners),   \
     .check = check_listeners},                                                                                                \
    {"rest.advertised.host.name", CONFIG_STRING, NULL, CONFIG_LOW, "Host name that other workers and status records use for this worker.", \
     AT(rest_advertised_host_name)},                                                                                           \
    {"rest.advertised.port", CONFIG_INT, NULL, CONFIG_LOW, "Port that other workers and status records use for this worker.", \
     AT(rest_advertised_port)},                                                                                                \
    {"rest.advertised.listener", CONFIG_STRING, NULL, CONFIG_LOW, "Which listener other workers use: http or https.",          \
     AT(rest_advertised_listener)},                                                                                            \
    {"admin.listeners", CONFIG_STRING, NULL, CONFIG_LOW,                                                                       \
     "Addresses of the admin endpoints; without it they are on the listeners, empty means nowhere.", AT(admin_listeners),      \
     .check = check_listeners},                                                                                                \
    {"access.control.allow.origin", CONFIG_STRING, "", CONFIG_LOW,                                                             \
     "Origins allowed by CORS, several by commas, * as wildcard; empty turns CORS off.", AT(access_control_allow_origin)},     \
    {"access.control.allow.methods", CONFIG_STRING, "", CONFIG_LOW, "Methods allowed by CORS; empty means GET, POST and HEAD.", \
     AT(access_control_allow_methods)},                                                                                        \
    {"response.http.headers.config", CONFIG_STRING, "", CONFIG_LOW,                                                            \
     "Headers added to every answer: '[set|add|setDate|addDate] Name:Value', several by commas.", AT(response_http_headers),   \
     .check = check_headers},                                                                                                  \
    {"rest.extension.classes", CONFIG_LIST, "", CONFIG_LOW,                                                                    \
     "REST extensions; BasicAuthSecurityRestExtension is built in.", AT(rest_extension_classes)},                              \
    {"plugin.path", CONFIG_STRING, NULL, CONFIG_LOW, "Accepted for compatibility; plugins are built in.", AT(plugin_path)},    \
    {"plugin.discovery", CONFIG_STRING, "hybrid_warn", CONFIG_LOW, "Accepted for compatibility; plugins are built in.", UNUSED, \
     .choices = discoveries, .choices_any_case = true},                                                                        \
    {"config.providers", CONFIG_LIST, "", CONFIG_LOW,                                                                          \
     "Names of config providers; config.providers.NAME.class and .param.* describe each.", AT(config_providers)},              \
    {"connector.client.config.override.policy", CONFIG_STRING, "All", CONFIG_MEDIUM,                                           \
     "Which producer.override., consumer.override. and admin.override. settings connectors may use: All, None, Principal, Allowlist.", \
     AT(client_config_override_policy), .check = check_policy},                                                                \
    {"connector.client.config.override.allowlist", CONFIG_LIST, "", CONFIG_MEDIUM,                                             \
     "Client settings that the Allowlist policy allows.", AT(client_config_override_allowlist)},                               \
    {"topic.creation.enable", CONFIG_BOOLEAN, "true", CONFIG_LOW,                                                              \
     "May source connectors describe the topics to create with topic.creation. settings?", AT(topic_creation_enable)},         \
    {"topic.tracking.enable", CONFIG_BOOLEAN, "true", CONFIG_LOW, "Keep track of the topics a connector uses?",                \
     AT(topic_tracking_enable)},                                                                                               \
    {"topic.tracking.allow.reset", CONFIG_BOOLEAN, "true", CONFIG_LOW, "May the topics in use be reset over REST?",             \
     AT(topic_tracking_allow_reset)},                                                                                          \
    {"metric.reporters", CONFIG_LIST, "org.apache.kafka.common.metrics.JmxReporter", CONFIG_LOW,                               \
     "Accepted for compatibility; metrics are at /metrics.", UNUSED},                                                          \
    {"metrics.num.samples", CONFIG_INT, "2", CONFIG_LOW, "Accepted for compatibility.", UNUSED, .has_min = true, .min = 1},     \
    {"metrics.sample.window.ms", CONFIG_LONG, "30000", CONFIG_LOW, "Accepted for compatibility.", UNUSED, .has_min = true},     \
    {"metrics.recording.level", CONFIG_STRING, "INFO", CONFIG_LOW, "Accepted for compatibility.", UNUSED, .choices = recordings}, \
    {"ssl.client.auth", CONFIG_STRING, "none", CONFIG_LOW,                                                                     \
     "Must clients of the https listeners show a certificate: required, requested, none.", AT(ssl_client_auth), .choices = client_auths}, \
    {"client.dns.lookup", CONFIG_STRING, "use_all_dns_ips", CONFIG_MEDIUM, "Handed to Kafka clients.", UNUSED},                \
    {"security.protocol", CONFIG_STRING, "PLAINTEXT", CONFIG_MEDIUM,                                                           \
     "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL, for the group and the internal topics.", UNUSED},                            \
    {"ssl.keystore.location", CONFIG_STRING, NULL, CONFIG_HIGH,                                                                \
     "PEM file with key and certificates, for Kafka and for https listeners; listeners.https.ssl... are for these alone.", UNUSED}, \
    {"ssl.key.location", CONFIG_STRING, NULL, CONFIG_HIGH, "PEM file with the key of https listeners, if it has one of its own.", UNUSED}, \
    {"ssl.key.password", CONFIG_PASSWORD, NULL, CONFIG_HIGH, "Password of that key.", UNUSED},                                 \
    {"ssl.truststore.location", CONFIG_STRING, NULL, CONFIG_HIGH,                                                              \
     "PEM file with the certificates to trust: of brokers, of other workers, of clients that ssl.client.auth asks.", UNUSED}, \
    {"basic.auth.credentials.file", CONFIG_STRING, NULL, CONFIG_LOW,                                                           \
     "Users of BasicAuthSecurityRestExtension, user=password a line; without it the JAAS file in KAFKA_OPTS says where.", UNUSED}, \
    {"log.format", CONFIG_STRING, "text", CONFIG_LOW, "Lines of the log: text or json.", UNUSED, .choices = log_formats},     \
    {"log.level", CONFIG_STRING, "INFO", CONFIG_LOW,                                                                           \
     "Level of the log at the start: OFF, FATAL, ERROR, WARN, INFO, DEBUG, TRACE. /admin/loggers changes it.", UNUSED,         \
     .choices = log_levels, .choices_any_case = true}

#define RANGE(low, high) .has_min = true, .min = (low), .has_max = true, .max = (high)
#define AT_LEAST(low) .has_min = true, .min = (low)

const struct config_row worker_config_distributed_rows[] = {
    COMMON_ROWS,
    {"group.id", CONFIG_STRING, config_no_default, CONFIG_HIGH,
     "Name of the cluster of workers; not the group of any sink connector.", AT(group_id)},
    {"config.storage.topic", CONFIG_STRING, config_no_default, CONFIG_HIGH, "Topic of connector configurations.",
     AT(config_storage_topic), .check = check_not_empty},
    {"config.storage.replication.factor", CONFIG_SHORT, "3", CONFIG_LOW, "Replicas of that topic when it is created; -1 leaves it to the broker.",
     AT(config_storage_replication_factor), AT_LEAST(-1), .check = check_not_zero},
    {"offset.storage.topic", CONFIG_STRING, config_no_default, CONFIG_HIGH, "Topic of source offsets.", AT(offset_storage_topic),
     .check = check_not_empty},
    {"offset.storage.partitions", CONFIG_INT, "25", CONFIG_LOW, "Partitions of that topic when it is created; they also are the slots that workers share.",
     AT(offset_storage_partitions), AT_LEAST(-1), .check = check_not_zero},
    {"offset.storage.replication.factor", CONFIG_SHORT, "3", CONFIG_LOW, "Replicas of that topic when it is created.",
     AT(offset_storage_replication_factor), AT_LEAST(-1), .check = check_not_zero},
    {"status.storage.topic", CONFIG_STRING, config_no_default, CONFIG_HIGH, "Topic of connector and task states.",
     AT(status_storage_topic), .check = check_not_empty},
    {"status.storage.partitions", CONFIG_INT, "5", CONFIG_LOW, "Partitions of that topic when it is created.",
     AT(status_storage_partitions), AT_LEAST(-1), .check = check_not_zero},
    {"status.storage.replication.factor", CONFIG_SHORT, "3", CONFIG_LOW, "Replicas of that topic when it is created.",
     AT(status_storage_replication_factor), AT_LEAST(-1), .check = check_not_zero},
    {"session.timeout.ms", CONFIG_INT, "10000", CONFIG_HIGH, "Time without a heartbeat after which a worker counts as gone.",
     AT(session_timeout_ms), AT_LEAST(1)},
    {"heartbeat.interval.ms", CONFIG_INT, "3000", CONFIG_HIGH, "Time between heartbeats to the group's coordinator.",
     AT(heartbeat_interval_ms), AT_LEAST(1)},
    {"rebalance.timeout.ms", CONFIG_INT, "60000", CONFIG_HIGH, "Time that a worker gets to stop what it has to give away.",
     AT(rebalance_timeout_ms), AT_LEAST(1)},
    {"exactly.once.source.support", CONFIG_STRING, "disabled", CONFIG_HIGH,
     "Write source records and their offsets in one transaction: disabled, preparing, enabled.", AT(exactly_once_source_support),
     .choices = booleans_off, .choices_any_case = true},
    {"client.id", CONFIG_STRING, "", CONFIG_LOW, "Accepted; the group shows each worker by its advertised URL.", AT(client_id)},
    {"connect.protocol", CONFIG_STRING, "sessioned", CONFIG_LOW, "Accepted; workers share their work as members of a consumer group.", UNUSED,
     .choices = protocols, .choices_any_case = true},
    {"worker.sync.timeout.ms", CONFIG_INT, "3000", CONFIG_MEDIUM, "Accepted; not needed here.", UNUSED},
    {"worker.unsync.backoff.ms", CONFIG_INT, "300000", CONFIG_MEDIUM, "Accepted; not needed here.", UNUSED},
    {"scheduled.rebalance.max.delay.ms", CONFIG_INT, "300000", CONFIG_LOW, "Accepted; work of a lost worker moves at once.", UNUSED,
     RANGE(0, INT32_MAX)},
    {"inter.worker.key.ttl.ms", CONFIG_INT, "3600000", CONFIG_LOW, "Age at which the leader replaces the key that signs internal requests.",
     UNUSED, RANGE(0, INT32_MAX)},
    {"inter.worker.key.generation.algorithm", CONFIG_STRING, "HmacSHA256", CONFIG_LOW, "Accepted; always HmacSHA256.", UNUSED},
    {"inter.worker.signature.algorithm", CONFIG_STRING, "HmacSHA256", CONFIG_LOW, "Accepted; always HmacSHA256.", UNUSED},
    {"inter.worker.verification.algorithms", CONFIG_LIST, "HmacSHA256", CONFIG_LOW, "Accepted; always HmacSHA256.", UNUSED},
    {"inter.worker.key.size", CONFIG_INT, NULL, CONFIG_LOW, "Accepted.", UNUSED},
    {0},
};

const struct config_row worker_config_standalone_rows[] = {
    COMMON_ROWS,
    {"offset.storage.file.filename", CONFIG_STRING, config_no_default, CONFIG_HIGH, "File that keeps source offsets.",
     AT(offset_storage_file_filename)},
    {0},
};

static const struct config_row *
rows_of(const struct worker_config *worker)
{
    return worker->is_distributed ? worker_config_distributed_rows : worker_config_standalone_rows;
}

/* ---- what is derived -------------------------------------------------------------------------------------------- */

/* The first IPv4 address that is not the loopback, as Java's getLocalHost mostly gives. */
static void
local_address(char *out, size_t size)
{
    struct ifaddrs *all, *one;
    snprintf(out, size, "127.0.0.1");
    if (getifaddrs(&all) != 0)
        return;
    for (one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET)
            continue;
        const struct sockaddr_in *in = (const struct sockaddr_in *)one->ifa_addr;
        if (ntohl(in->sin_addr.s_addr) >> 24 == 127)
            continue;
        inet_ntop(AF_INET, &in->sin_addr, out, (socklen_t)size);
        break;
    }
    freeifaddrs(all);
}

/* The listener that others are told of: by rest.advertised.listener, else the first http one, else the first. */
static struct listener
advertised_listener(const struct worker_config *worker)
{
    struct listener found = {0}, item;
    bool want_https = worker->rest_advertised_listener && strcasecmp(worker->rest_advertised_listener, "https") == 0;
    for (size_t i = worker->listeners.count; i-- > 0;)
        if (listener_parse(worker->listeners.items[i], &item) && (!found.port || item.is_https == want_https || found.is_https != want_https))
            found = item;
    return found;
}

void
worker_config_advertise(struct worker_config *worker, int bound_port)
{
    struct listener listener = advertised_listener(worker);
    char local[64];
    local_address(local, sizeof(local));
    bool is_any = !listener.host[0] || strcmp(listener.host, "0.0.0.0") == 0 || strcmp(listener.host, "::") == 0;
    const char *host = worker->rest_advertised_host_name && *worker->rest_advertised_host_name ? worker->rest_advertised_host_name
                       : is_any                                                               ? local
                                                                                              : listener.host;
    int port = worker->rest_advertised_port ? worker->rest_advertised_port : listener.port ? listener.port : bound_port;
    const char *scheme = worker->rest_advertised_listener ? worker->rest_advertised_listener : listener.is_https ? "https" : "http";
    bool is_ipv6 = strchr(host, ':') && host[0] != '[';
    free(worker->worker_id);
    free(worker->advertised_url);
    worker->worker_id = xasprintf(is_ipv6 ? "[%s]:%d" : "%s:%d", host, port);
    worker->advertised_url = xasprintf("%s://%s/", scheme, worker->worker_id);
}

static void
join(char **out, const struct config *cfg, const char *key)
{
    struct string_list items = STRING_LIST_INIT;
    struct strbuf text = STRBUF_INIT;
    string_list_split(&items, config_get_or(cfg, key, ""));
    for (size_t i = 0; i < items.count; i++)
        strbuf_printf(&text, "%s%s", i ? "," : "", items.items[i]);
    string_list_fini(&items);
    *out = strbuf_take(&text);
}

bool
worker_config_parse(struct worker_config *worker, struct config *raw, bool is_distributed, struct error *err)
{
    *worker = (struct worker_config){.is_distributed = is_distributed};
    const struct config_row *rows = rows_of(worker);
    if (!config_parse(rows, raw, worker, err))
        return false;
    worker->raw = *raw;
    *raw = CONFIG_INIT;
    join(&worker->bootstrap_servers, &worker->raw, "bootstrap.servers");
    if (is_distributed) {
        const char *support = worker->exactly_once_source_support;
        worker->exactly_once = strcasecmp(support, "enabled") == 0     ? EXACTLY_ONCE_ENABLED
                               : strcasecmp(support, "preparing") == 0 ? EXACTLY_ONCE_PREPARING
                                                                       : EXACTLY_ONCE_DISABLED;
        worker->inter_worker_key_ttl_ms = atoll(config_get_or(&worker->raw, "inter.worker.key.ttl.ms", "3600000"));
    }
    worker_config_advertise(worker, 0);
    return true;
}

void
worker_config_fini(struct worker_config *worker)
{
    config_parsed_free(rows_of(worker), worker);
    config_fini(&worker->raw);
    free(worker->bootstrap_servers);
    free(worker->worker_id);
    free(worker->advertised_url);
    *worker = (struct worker_config){0};
}

/* ---- unknown names ------------------------------------------------------------------------------------------------ */

static bool
is_known(const struct worker_config *worker, const char *name)
{
    static const char *const prefixes[] = {
        "producer.", "consumer.", "admin.", "key.converter.", "value.converter.", "header.converter.", "config.providers.",
        "listeners.https.", "config.storage.", "offset.storage.", "status.storage.", "ssl.", "sasl.", "metrics.context.",
        "basic.auth.", "log.",
    };
    static const char *const clients[] = { /* handed to the worker's own Kafka clients */
        "request.timeout.ms", "connections.max.idle.ms", "retry.backoff.ms", "retry.backoff.max.ms", "reconnect.backoff.ms",
        "reconnect.backoff.max.ms", "metadata.max.age.ms", "metadata.recovery.strategy", "metadata.recovery.rebootstrap.trigger.ms",
        "socket.connection.setup.timeout.ms", "socket.connection.setup.timeout.max.ms", "send.buffer.bytes", "receive.buffer.bytes",
        "auto.include.jmx.reporter", "group.instance.id", "enable.metrics.push",
    };
    for (const struct config_row *row = rows_of(worker); row->name; row++)
        if (strcmp(row->name, name) == 0)
            return true;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
        if (strcmp(name, clients[i]) == 0)
            return true;
    return false;
}

void
worker_config_unknown(const struct worker_config *worker, struct string_list *out)
{
    for (size_t i = 0; i < worker->raw.count; i++)
        if (!is_known(worker, worker->raw.entries[i].key))
            string_list_add(out, worker->raw.entries[i].key);
}
