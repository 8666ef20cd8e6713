/*
 * The worker's own settings, parsed once from its properties file. Immutable after start; any thread reads.
 * Names, defaults and meaning are Kafka Connect's (WorkerConfig, DistributedConfig, StandaloneConfig).
 */
#ifndef CONNECT_RUNTIME_WORKER_CONFIG_H
#define CONNECT_RUNTIME_WORKER_CONFIG_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "common/config/config_def.h"

enum exactly_once_source { EXACTLY_ONCE_DISABLED, EXACTLY_ONCE_PREPARING, EXACTLY_ONCE_ENABLED };

struct worker_config {
    struct config raw; /* every property as given, config providers resolved; prefixes (producer., ssl.) are read from here */
    bool is_distributed;

    char *bootstrap_servers;
    char *key_converter, *value_converter, *header_converter;
    int64_t offset_flush_interval_ms, offset_flush_timeout_ms;
    int64_t task_shutdown_graceful_timeout_ms;
    bool topic_creation_enable, topic_tracking_enable, topic_tracking_allow_reset;
    char *client_config_override_policy;
    struct string_list client_config_override_allowlist;

    struct string_list listeners;
    char *admin_listeners; /* NULL: same as listeners */
    char *rest_advertised_host_name, *rest_advertised_listener;
    int32_t rest_advertised_port;
    char *ssl_client_auth;
    char *access_control_allow_origin, *access_control_allow_methods, *response_http_headers;
    struct string_list rest_extension_classes;
    struct string_list config_providers;
    char *plugin_path;

    /* distributed */
    char *group_id, *client_id;
    char *config_storage_topic, *offset_storage_topic, *status_storage_topic;
    int32_t config_storage_replication_factor;
    int32_t offset_storage_partitions, offset_storage_replication_factor;
    int32_t status_storage_partitions, status_storage_replication_factor;
    int32_t session_timeout_ms, heartbeat_interval_ms, rebalance_timeout_ms;
    int64_t inter_worker_key_ttl_ms;
    char *exactly_once_source_support;
    enum exactly_once_source exactly_once;

    /* standalone */
    char *offset_storage_file_filename;

    /* made of the above at start */
    char *worker_id;      /* host:port, as status records and REST show it */
    char *advertised_url; /* http://host:port/ */
};

extern const struct config_row worker_config_distributed_rows[], worker_config_standalone_rows[];

/* Takes over the contents of `raw`. The message names the key; the caller adds file and line. */
bool worker_config_parse(struct worker_config *worker, struct config *raw, bool is_distributed, struct error *err) MUST_CHECK;
/* Work out worker_id and advertised_url; `bound_port` takes the place of a port 0 in `listeners`. Parsing has
   done it with 0. */
void worker_config_advertise(struct worker_config *worker, int bound_port);
/* Names in `raw` that nothing reads, for one warning at start. */
void worker_config_unknown(const struct worker_config *worker, struct string_list *out);
/* One address of `listeners`: "http://host:port", host may be empty. False: not of that form. */
struct listener {
    bool is_https;
    char host[256]; /* "": all interfaces; brackets of IPv6 taken off */
    int port;
};
bool listener_parse(const char *text, struct listener *out);
void worker_config_fini(struct worker_config *worker);

#endif
