/* The visible lists of transforms and predicates, sorted by class as GET /connector-plugins shows them. */
#include "connect/plugins.h"
#include "connect/transforms/transform.h"

#include <stddef.h>

#define BOTH_SIDES(name) name##_key_plugin, name##_value_plugin

extern const struct transform_plugin BOTH_SIDES(cast), drop_headers_plugin, BOTH_SIDES(extract_field), filter_plugin,
    BOTH_SIDES(flatten), BOTH_SIDES(header_from), BOTH_SIDES(hoist_field), BOTH_SIDES(insert_field), insert_header_plugin,
    BOTH_SIDES(mask_field), regex_router_plugin, BOTH_SIDES(replace_field), BOTH_SIDES(set_schema_metadata),
    BOTH_SIDES(timestamp_converter), timestamp_router_plugin, value_to_key_plugin, by_logical_table_router_plugin,
    extract_new_record_state_plugin;
extern const struct predicate_plugin has_header_key_plugin, record_is_tombstone_plugin, topic_name_matches_plugin;

const struct transform_plugin *const transform_plugins[] = {
    &by_logical_table_router_plugin,
    &extract_new_record_state_plugin,
    &cast_key_plugin,
    &cast_value_plugin,
    &drop_headers_plugin,
    &extract_field_key_plugin,
    &extract_field_value_plugin,
    &filter_plugin,
    &flatten_key_plugin,
    &flatten_value_plugin,
    &header_from_key_plugin,
    &header_from_value_plugin,
    &hoist_field_key_plugin,
    &hoist_field_value_plugin,
    &insert_field_key_plugin,
    &insert_field_value_plugin,
    &insert_header_plugin,
    &mask_field_key_plugin,
    &mask_field_value_plugin,
    &regex_router_plugin,
    &replace_field_key_plugin,
    &replace_field_value_plugin,
    &set_schema_metadata_key_plugin,
    &set_schema_metadata_value_plugin,
    &timestamp_converter_key_plugin,
    &timestamp_converter_value_plugin,
    &timestamp_router_plugin,
    &value_to_key_plugin,
    NULL,
};

const struct predicate_plugin *const predicate_plugins[] = {
    &has_header_key_plugin,
    &record_is_tombstone_plugin,
    &topic_name_matches_plugin,
    NULL,
};

const struct transform_plugin *
transform_plugin_find(const char *class_name)
{
    for (const struct transform_plugin *const *plugin = transform_plugins; *plugin; plugin++)
        if (plugin_name_matches((*plugin)->class_name, class_name, "Transformation"))
            return *plugin;
    return NULL;
}

const struct predicate_plugin *
predicate_plugin_find(const char *class_name)
{
    for (const struct predicate_plugin *const *plugin = predicate_plugins; *plugin; plugin++)
        if (plugin_name_matches((*plugin)->class_name, class_name, "Predicate"))
            return *plugin;
    return NULL;
}
