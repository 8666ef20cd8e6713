/* What the converters share. */
#ifndef CONNECT_CONVERTERS_CONVERTER_PRIV_H
#define CONNECT_CONVERTERS_CONVERTER_PRIV_H

#include "connect/converters/converter.h"
#include "connect/plugins.h"

extern const char *const converter_type_names[]; /* by role, and NULL at the end: key, value, header */

/* The setting that every converter has; converter_new gives it its value. `at`: offset of a char * or
   CONFIG_NOT_PARSED. */
#define CONVERTER_TYPE_ROW(at)                                                                              \
    {                                                                                                       \
        .name = "converter.type", .type = CONFIG_STRING, .default_value = config_no_default,               \
        .importance = CONFIG_LOW, .doc = "What the converter is for: keys, values or headers.",            \
        .order_in_group = -1, .display_name = "converter.type", .offset = (at), .choices = converter_type_names \
    }

extern const struct converter_plugin json_converter_plugin, string_converter_plugin, byte_array_converter_plugin,
    boolean_converter_plugin, short_converter_plugin, integer_converter_plugin, long_converter_plugin,
    float_converter_plugin, double_converter_plugin, simple_header_converter_plugin;

#endif
