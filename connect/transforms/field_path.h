/*
 * Paths to fields (field.syntax.version). V1: the text is one name. V2: dots descend; a step in backticks may
 * hold dots, and a backslash makes a backtick part of the name.
 */
#ifndef CONNECT_TRANSFORMS_FIELD_PATH_H
#define CONNECT_TRANSFORMS_FIELD_PATH_H

#include "connect/transforms/transform_priv.h"

extern const char *const field_path_versions[]; /* choices of the setting */

#define FIELD_PATH_VERSION_ROW(at)                                                                               \
    TRANSFORM_ROW("field.syntax.version", CONFIG_STRING, "V1", CONFIG_HIGH,                                      \
                  "How fields are named: V1, by their name; V2, with dots for fields inside fields and backticks " \
                  "around names that hold dots.", at),                                                           \
        .choices = field_path_versions, .choices_any_case = true

struct field_path {
    const char *text; /* as configured, for messages; borrowed */
    struct string_list steps;
};

bool field_path_init(struct field_path *path, const char *text, const char *version, struct error *err) MUST_CHECK;
void field_path_fini(struct field_path *path);
/* The schema of the field, borrowed from `schema`; NULL: no such field. False: a step leads into what is no struct. */
bool field_path_schema(const struct field_path *path, const struct schema *schema, const struct schema **schema_out,
                       struct error *err) MUST_CHECK;
/* The value of a field that field_path_schema has found; null where a step on the way is null. */
struct value field_path_value(const struct field_path *path, const struct schema *schema, const struct value *value,
                              bool replaces_null);
/* In maps without schema; null where there is none. */
bool field_path_map_value(const struct field_path *path, const struct value *map, struct value *out, struct error *err) MUST_CHECK;

#endif
