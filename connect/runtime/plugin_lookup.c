/* Finds connectors by class name or alias. */
#include "connect/plugins.h"

#include <string.h>

const char *
connector_type_name(enum connector_type type)
{
    return type == CONNECTOR_SOURCE ? "source" : "sink";
}

const struct connector_plugin *
connector_plugin_find(const char *class_name)
{
    for (const struct connector_plugin *const *plugin = connector_plugins; *plugin; plugin++)
        if (plugin_name_matches((*plugin)->class_name, class_name, "Connector"))
            return *plugin;
    return NULL;
}

const struct connector_plugin *
connector_plugin_require(const char *class_name, struct error *err)
{
    const struct connector_plugin *plugin = connector_plugin_find(class_name);
    if (plugin)
        return plugin;
    struct strbuf known = STRBUF_INIT;
    for (const struct connector_plugin *const *item = connector_plugins; *item; item++)
        strbuf_printf(&known, "%sPluginDesc{class=%s, version='%s', type=%s}", item == connector_plugins ? "" : ", ",
                      (*item)->class_name, (*item)->version, connector_type_name((*item)->type));
    error_set(err, ERROR_CONFIG,
              "Failed to find any class that implements Connector and which name matches %.300s, available connectors are: %s",
              class_name, known.data ? known.data : "PluginDesc{}");
    strbuf_fini(&known);
    return NULL;
}
