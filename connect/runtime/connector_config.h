/*
 * Settings that every connector has (ConnectorConfig, SourceConnectorConfig, SinkConnectorConfig), and the
 * complete list of settings of one connector configuration: with those of its transforms, predicates and the
 * connector itself.
 */
#ifndef CONNECT_RUNTIME_CONNECTOR_CONFIG_H
#define CONNECT_RUNTIME_CONNECTOR_CONFIG_H

#include "common/base/arena.h"
#include "connect/connector.h"
#include "connect/runtime/worker_config.h"

/* The fixed rows, ended by one without a name; for documentation. */
extern const struct config_row connector_config_common_rows[], connector_config_source_rows[], connector_config_sink_rows[];

/* A table under construction; rows and their texts live in the arena. */
struct row_list {
    struct arena *arena;
    struct config_row *rows; /* heap, ended by a row without a name once something was added */
    size_t count, size; /* size: room */
};
void row_list_add(struct row_list *list, const struct config_row *row);
/* `rows` under a prefix, in Kafka's order for embedded definitions, as one group. */
void row_list_embed(struct row_list *list, const char *prefix, const char *group, int first_order, const struct config_row *rows);
const struct config_row *row_list_find(const struct row_list *list, const char *name);
void row_list_fini(struct row_list *list);

/* The fixed rows for a connector of this plugin. With a worker, defaults that depend on it are filled in. */
void connector_config_base(struct row_list *list, const struct connector_plugin *plugin, const struct worker_config *worker,
                           const struct config *cfg);
/* What is described of a connector whose version is not the one asked for: the common rows, and nothing of the worker. */
void connector_config_unavailable(struct row_list *list, const struct connector_plugin *plugin);
/* Rows for each alias in transforms and predicates of cfg. What is wrong with an alias as a whole (an unknown
   class is a row's own error) is attached by connector_config_alias_errors once values exist. */
void connector_config_aliases(struct row_list *list, const struct config *cfg);
void connector_config_alias_errors(const struct config *cfg, struct config_values *values);
/* Classes that were named by an alias get their full names, as Java shows them. */
void connector_config_class_names(struct config_values *values);
/* A version that is not there is an error of both settings. Without a class (the worker's is used) only of one that cannot
   be understood. */
void connector_config_version_errors(const char *class_setting, const char *class_name, const char *version_setting,
                                     const struct config *cfg, struct config_values *values);

#endif
