#include "connect/transforms/field_path.h"

#include "common/base/alloc.h"
#include "connect/data/data_error.h"
#include "connect/data/java_class.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const field_path_versions[] = {"V1", "V2", NULL};

/* From an opening backtick to the closing one, which a dot or the end follows. NULL: there is none. */
static const char *
closing_backtick(const char *open)
{
    for (const char *c = open + 1; *c; c++)
        if (*c == '`' && (c[1] == '.' || !c[1]) && c[-1] != '\\')
            return c;
    return NULL;
}

/* A step without the backslashes in front of backticks. */
static void
add_step(struct field_path *path, const char *step, size_t len)
{
    char *name = xmalloc(len + 1), *to = name;
    for (size_t i = 0; i < len; i++)
        if (step[i] != '\\' || i + 1 == len || step[i + 1] != '`')
            *to++ = step[i];
    *to = '\0';
    string_list_add(&path->steps, name);
    free(name);
}

bool
field_path_init(struct field_path *path, const char *text, const char *version, struct error *err)
{
    *path = (struct field_path){.text = text};
    if (strcasecmp(version, "V1") == 0) {
        string_list_add(&path->steps, text);
        return true;
    }
    for (const char *next = text;;) {
        bool is_quoted = *next == '`';
        const char *end = is_quoted ? closing_backtick(next) : strchrnul(next, '.');
        if (!end) {
            transform_config_error(err, "Incomplete backtick pair in path: [%s], consider adding a backslash before backtick at "
                                        "position %d to escape it", text, (int)(next - text));
            field_path_fini(path);
            return false;
        }
        add_step(path, next + is_quoted, (size_t)(end - next) - is_quoted);
        end += is_quoted;
        if (!*end)
            return true;
        next = end + 1;
    }
}

void
field_path_fini(struct field_path *path)
{
    string_list_fini(&path->steps);
}

bool
field_path_schema(const struct field_path *path, const struct schema *schema, const struct schema **schema_out, struct error *err)
{
    *schema_out = NULL;
    for (size_t i = 0; i < path->steps.count; i++) {
        if (schema->type != SCHEMA_STRUCT)
            return data_error(err, "Cannot look up fields on non-struct type");
        int field = schema_field_find(schema, path->steps.items[i]);
        if (field < 0)
            return true;
        schema = schema->fields[field].schema;
    }
    *schema_out = schema;
    return true;
}

struct value
field_path_value(const struct field_path *path, const struct schema *schema, const struct value *value, bool replaces_null)
{
    struct value current = *value;
    for (size_t i = 0; i < path->steps.count && current.kind != VALUE_NULL; i++) {
        int field = schema_field_find(schema, path->steps.items[i]);
        current = transform_field(schema, &current, (size_t)field, replaces_null);
        schema = schema->fields[field].schema;
    }
    return current;
}

bool
field_path_map_value(const struct field_path *path, const struct value *map, struct value *out, struct error *err)
{
    struct value current = *map;
    for (size_t i = 0; i < path->steps.count && current.kind != VALUE_NULL; i++) {
        if (current.kind != VALUE_MAP)
            return data_error(err, "Only Map objects supported in absence of schema for [nested field access], found: %s",
                              java_class_of(NULL, &current));
        const struct value *found = value_map_get(&current, path->steps.items[i]);
        current = found ? *found : VALUE_NONE;
    }
    *out = current;
    return true;
}
