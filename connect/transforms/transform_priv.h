/*
 * What the transforms share: the side of the record they work on, the errors of Kafka's Requirements class,
 * maps without schema, derived schemas.
 */
#ifndef CONNECT_TRANSFORMS_TRANSFORM_PRIV_H
#define CONNECT_TRANSFORMS_TRANSFORM_PRIV_H

#include "connect/data/schema_cache.h"
#include "connect/plugins.h"
#include "connect/transforms/transform.h"

enum { TRANSFORM_SCHEMAS_MAX = 256 }; /* derived schemas that one transform remembers */

/* ---- settings --------------------------------------------------------------------------------------------- */

#define TRANSFORM_ROW(name_, type_, default_, importance_, doc_, at)                                              \
    .name = (name_), .type = (type_), .default_value = (default_), .importance = (importance_), .doc = (doc_),   \
    .order_in_group = -1, .display_name = (name_), .offset = (at)
#define TRANSFORM_REPLACE_NULL_ROW(at)                                                                            \
    {TRANSFORM_ROW("replace.null.with.default", CONFIG_BOOLEAN, "true", CONFIG_MEDIUM,                            \
                   "Take the default value of a field, if it has one, where the field is null.", at)}

/* Java's validators. Those marked so want to see NULL, too (checks_null). */
config_check_fn transform_check_list;       /* a list that is not empty; NULL */
config_check_fn transform_check_text;       /* a text that is not empty */
config_check_fn transform_check_given;      /* anything; NULL */
config_check_fn transform_check_regex;      /* a regular expression; NULL */
config_check_fn transform_check_pattern;    /* the same, and not an empty one */

/* ERROR_CONFIG as Kafka's ConfigException. Returns false. */
bool transform_config_error(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Of an item "a:b" of a list: its length without colons at the end, which Java's split drops. */
size_t transform_pair_length(const char *item);

/* The plugins of a class with a $Key and a $Value variant: NAME_key_plugin and NAME_value_plugin. */
#define TRANSFORM_PLUGIN(symbol, java_name, side, rows_, ops_)                                                    \
    const struct transform_plugin symbol = {.class_name = "org.apache.kafka.connect.transforms." java_name,      \
                                            .version = CONNECT_VERSION,                                           \
                                            .target = (side),                                                     \
                                            .rows = (rows_),                                                      \
                                            .ops = (ops_)}
#define TRANSFORM_PLUGINS(name, java_name, rows_, ops_)                                                           \
    TRANSFORM_PLUGIN(name##_key_plugin, java_name "$Key", TRANSFORM_KEY, rows_, ops_);                            \
    TRANSFORM_PLUGIN(name##_value_plugin, java_name "$Value", TRANSFORM_VALUE, rows_, ops_)

/* ---- the record -------------------------------------------------------------------------------------------- */

/* Key or value of a record, to be changed in place. */
struct transform_side {
    const struct schema **schema;
    struct value *value;
};
static inline struct transform_side
transform_side(struct record *record, enum transform_target target)
{
    return target == TRANSFORM_KEY ? (struct transform_side){&record->key_schema, &record->key}
                                   : (struct transform_side){&record->value_schema, &record->value};
}
/* Both at once, the schema held by the batch. */
void transform_set(struct transform_side side, struct record_batch *batch, const struct schema *schema, struct value value);

/* The value must be a struct (a map, if there is no schema); `purpose` stands in the message. */
bool transform_require_fields(struct transform_side side, const char *purpose, struct error *err);
/* Of transforms that derive a schema from the old one before they look at the value. */
bool transform_require_struct_schema(const struct schema *schema, struct error *err) MUST_CHECK;
void transform_add_header(struct record *record, struct record_batch *batch, const char *name, const struct schema *schema,
                          struct value value);

/* A field as Struct.get gives it: its default where it is null, unless that is switched off. */
static inline struct value
transform_field(const struct schema *schema, const struct value *value, size_t field, bool replaces_null)
{
    const struct schema *of_field = schema->fields[field].schema;
    const struct value *item = &value->as.items[field];
    return item->kind == VALUE_NULL && replaces_null && of_field->default_value ? *of_field->default_value : *item;
}

/* ---- schemas ------------------------------------------------------------------------------------------------ */

/* A builder with name, version, doc and parameters of `schema`, and nothing else. */
struct schema_builder *transform_copy_basics(const struct schema *schema, enum schema_type type);
/* Appends a field; false with the error of a name that is empty or there already. `names`: the fields so far. */
bool transform_add_field(struct schema_builder *builder, struct string_list *names, const char *name,
                         const struct schema *schema, struct error *err);

/* What a cache of derived schemas holds: drop is transform_derived_drop. */
struct transform_derived {
    const struct schema *schema; /* a reference */
};
void transform_derived_drop(void *value);

/* ---- maps without schema ------------------------------------------------------------------------------------- */

/* A copy with room for `more` pairs, in the batch. */
struct value transform_map_copy(const struct value *map, size_t more, struct record_batch *batch);
/* Replace or append (there must be room). The key must live as long as the batch. */
void transform_map_put(struct value *map, const char *key, struct value value);
void transform_map_remove(struct value *map, const char *key);
static inline bool
transform_key_is(const struct value *key, const char *name, size_t len)
{
    return key->kind == VALUE_STRING && key->len == len && __builtin_memcmp(key->as.bytes, name, len) == 0;
}

#endif
