/*
 * Checking a connector's configuration as Kafka Connect does before it is stored (AbstractHerder
 * .validateConnectorConfig): its own settings, those every connector has, transforms, predicates, converters,
 * client overrides. May talk to the database when the connector's own check does; never to Kafka.
 */
#ifndef CONNECT_RUNTIME_VALIDATION_H
#define CONNECT_RUNTIME_VALIDATION_H

#include "common/base/strbuf.h"
#include "connect/runtime/config_provider.h"
#include "connect/runtime/connector_config.h"

struct validation {
    const struct connector_plugin *plugin;
    char *class_name;             /* as given */
    struct config_values values;  /* unknown names with errors first, then the order of definition */
    struct string_list groups;
    /* keeps the rows */
    struct arena arena;
    struct row_list rows, own_rows; /* of all connectors and of aliases; the connector's own */
    struct row_list converter_rows[3];
};

/* References of config providers are resolved first. False: there is nothing to validate, because
   connector.class is missing or unknown (ERROR_CONFIG), or a reference cannot be resolved. */
bool validation_run(struct validation *validation, const struct worker_config *worker, const struct config_providers *providers,
                    const struct config *cfg, struct error *err) MUST_CHECK;
void validation_fini(struct validation *validation); /* also after a failed run */

/* True when there is no error; else *message_out (heap) is Java's text that lists them. */
bool validation_passed(const struct validation *validation, char **message_out);

#endif
