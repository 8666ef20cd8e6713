/* The visible list of converters, and instances of them. */
#include "common/base/alloc.h"
#include "connect/converters/converter_priv.h"

#include <stdlib.h>
#include <string.h>

const char *const converter_type_names[] = {
    [CONVERTER_KEY] = "key", [CONVERTER_VALUE] = "value", [CONVERTER_HEADER] = "header", NULL};

/* Sorted by class, as GET /connector-plugins shows them. */
const struct converter_plugin *const converter_plugins[] = {
    &boolean_converter_plugin, &byte_array_converter_plugin, &double_converter_plugin, &float_converter_plugin,
    &integer_converter_plugin, &long_converter_plugin,       &short_converter_plugin,  &json_converter_plugin,
    &simple_header_converter_plugin, &string_converter_plugin, NULL,
};

const struct converter_plugin *
converter_plugin_find(const char *class_name)
{
    for (const struct converter_plugin *const *plugin = converter_plugins; *plugin; plugin++)
        if (plugin_name_matches((*plugin)->class_name, class_name, (*plugin)->is_header_only ? "HeaderConverter" : "Converter"))
            return *plugin;
    return NULL;
}

bool
converter_plugin_fits(const struct converter_plugin *plugin, enum converter_role role)
{
    return role == CONVERTER_HEADER ? plugin->is_header_only || plugin->is_header_too : !plugin->is_header_only;
}

bool
converter_new(struct converter *converter, const char *class_name, enum converter_role role, const struct config *cfg,
              const char *prefix, struct error *err)
{
    const struct converter_plugin *plugin = converter_plugin_find(class_name);
    *converter = (struct converter){.plugin = NULL};
    if (!plugin)
        return error_set(err, ERROR_CONFIG, "Class %s could not be found.", class_name);
    if (!converter_plugin_fits(plugin, role))
        return error_set(err, ERROR_CONFIG, "Class %s is not a %s.", plugin->class_name,
                         role == CONVERTER_HEADER ? "HeaderConverter" : "Converter");
    struct config own = CONFIG_INIT;
    config_subset(cfg, prefix, &own);
    config_set(&own, "converter.type", converter_type_names[role]);
    converter->plugin = plugin;
    converter->state = xcalloc(1, plugin->ops->size ? plugin->ops->size : 1);
    bool is_made = plugin->ops->init(converter->state, role, &own, err);
    config_fini(&own);
    if (!is_made)
        converter_free(converter);
    return is_made;
}

void
converter_free(struct converter *converter)
{
    if (!converter->plugin)
        return;
    converter->plugin->ops->fini(converter->state);
    free(converter->state);
    *converter = (struct converter){.plugin = NULL};
}
