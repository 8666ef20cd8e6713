/*
 * ByLogicalTableRouter: tables that are parts of one go to one topic, with schemas named after it, and with a field in the key
 * that tells the parts apart.
 */
#include "common/base/alloc.h"
#include "common/base/regex.h"
#include "connect/data/data_error.h"
#include "connect/transforms/envelope_priv.h"

#include <stdlib.h>
#include <strings.h>

enum { TOPICS_MAX = 1024 }; /* remembered; others are worked out each time */

/* What becomes of a topic. */
struct route {
    char *from, *to;  /* to NULL: it is left alone */
    char *part;       /* value of the key's new field */
};

struct table_router {
    struct {
        char *topic_regex, *topic_replacement, *key_name, *key_regex, *key_replacement, *name_adjustment;
        bool adds_key;
        int32_t cache_size;
    } settings;
    struct regex *topic_regex, *key_regex;
    struct route *routes;
    size_t count;
    struct schema_cache keys, envelopes;
    const struct schema *text;
};

static const char *const adjustments[] = {"none", "avro", "avro_unicode", NULL};

static const struct config_row router_rows[] = {
    {TRANSFORM_ROW("topic.regex", CONFIG_STRING, config_no_default, CONFIG_LOW, "Regular expression that has to match the whole topic.",
                   offsetof(struct table_router, settings.topic_regex)), .check = transform_check_regex},
    {TRANSFORM_ROW("topic.replacement", CONFIG_STRING, config_no_default, CONFIG_LOW, "The new topic; $1 stands for a group.",
                   offsetof(struct table_router, settings.topic_replacement))},
    {TRANSFORM_ROW("key.enforce.uniqueness", CONFIG_BOOLEAN, "true", CONFIG_LOW, "Add a field to the key that tells the tables apart.",
                   offsetof(struct table_router, settings.adds_key))},
    {TRANSFORM_ROW("key.field.regex", CONFIG_STRING, NULL, CONFIG_LOW, "Regular expression on the old topic for that field's value.",
                   offsetof(struct table_router, settings.key_regex))},
    {TRANSFORM_ROW("key.field.name", CONFIG_STRING, "__dbz__physicalTableIdentifier", CONFIG_LOW, "Name of that field.",
                   offsetof(struct table_router, settings.key_name))},
    {TRANSFORM_ROW("key.field.replacement", CONFIG_STRING, NULL, CONFIG_LOW, "The field's value; $1 stands for a group.",
                   offsetof(struct table_router, settings.key_replacement))},
    {TRANSFORM_ROW("schema.name.adjustment.mode", CONFIG_STRING, "none", CONFIG_LOW, "avro: other characters of schema names become underscores.",
                   offsetof(struct table_router, settings.name_adjustment)), .choices = adjustments, .choices_any_case = true},
    {TRANSFORM_ROW("logical.table.cache.size", CONFIG_INT, "16", CONFIG_LOW, "Accepted; what is remembered has a bound of its own.",
                   offsetof(struct table_router, settings.cache_size))},
    {.name = NULL},
};

/* ---- topics -------------------------------------------------------------------------------------------------------- */

/* The replacement where the whole text matches, else NULL (heap). False: the replacement is wrong. */
static bool
replace(const struct regex *regex, const char *text, const char *replacement, char **out, struct error *err)
{
    *out = NULL;
    if (!regex_matches(regex, text))
        return true;
    struct strbuf to = STRBUF_INIT;
    bool ok = regex_replace_first(regex, text, replacement, &to, err);
    *out = ok ? strbuf_take(&to) : NULL;
    strbuf_fini(&to);
    return ok;
}

static bool
work_out(const struct table_router *transform, const char *topic, struct route *out, struct error *err)
{
    *out = (struct route){0};
    if (!replace(transform->topic_regex, topic, transform->settings.topic_replacement, &out->to, err))
        return false;
    if (out->to && !*out->to) { /* an empty name: the record stays as it is */
        free(out->to);
        out->to = NULL;
    }
    if (transform->key_regex && !replace(transform->key_regex, topic, transform->settings.key_replacement, &out->part, err)) {
        free(out->to);
        return false;
    }
    if (!out->part)
        out->part = xstrdup(topic);
    out->from = xstrdup(topic);
    return true;
}

static void
free_route(struct route *route)
{
    free(route->from);
    free(route->to);
    free(route->part);
}

/* Borrowed until the batch is reset. NULL: *err. */
static const struct route *
route_of(struct table_router *transform, const char *topic, struct record_batch *batch, struct error *err)
{
    for (size_t i = 0; i < transform->count; i++)
        if (strcmp(transform->routes[i].from, topic) == 0)
            return &transform->routes[i];
    struct route route;
    if (!work_out(transform, topic, &route, err))
        return NULL;
    if (transform->count < TOPICS_MAX) {
        if (!transform->routes)
            transform->routes = xcalloc(TOPICS_MAX, sizeof(*transform->routes));
        transform->routes[transform->count] = route;
        return &transform->routes[transform->count++];
    }
    struct route *kept = arena_new(&batch->arena, struct route);
    *kept = (struct route){NULL, route.to ? arena_strdup(&batch->arena, route.to) : NULL, arena_strdup(&batch->arena, route.part)};
    free_route(&route);
    return kept;
}

/* ---- schemas -------------------------------------------------------------------------------------------------------- */

static void
set_name(const struct table_router *transform, struct schema_builder *builder, const char *topic, const char *suffix)
{
    char *name = xasprintf("%s.%s", topic, suffix);
    for (char *at = name; strcasecmp(transform->settings.name_adjustment, "none") != 0 && *at; at++) {
        bool is_letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || *at == '_';
        if (!is_letter && (at == name || (*at != '.' && (*at < '0' || *at > '9'))))
            *at = '_';
    }
    schema_builder_name(builder, name);
    free(name);
}

static struct schema_builder *
copy(const struct schema *schema)
{
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    schema_builder_optional(builder, schema->is_optional);
    return builder;
}

static const struct schema *
key_schema(struct table_router *transform, const struct schema *old, const char *topic)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->keys, old, &is_new);
    if (!is_new)
        return derived->schema;
    struct schema_builder *builder = copy(old);
    for (size_t i = 0; i < old->field_count; i++)
        schema_builder_field(builder, old->fields[i].name, old->fields[i].schema);
    set_name(transform, builder, topic, "Key");
    if (transform->settings.adds_key)
        schema_builder_field(builder, transform->settings.key_name, transform->text);
    derived->schema = schema_builder_finish(builder);
    return derived->schema;
}

static const struct schema *
row_schema(const struct table_router *transform, const struct schema *old, const char *topic)
{
    struct schema_builder *builder = copy(old);
    for (size_t i = 0; i < old->field_count; i++)
        schema_builder_field(builder, old->fields[i].name, old->fields[i].schema);
    set_name(transform, builder, topic, "Value");
    return schema_builder_finish(builder);
}

static const struct schema *
envelope_schema(struct table_router *transform, const struct schema *old, const char *topic)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->envelopes, old, &is_new);
    if (!is_new)
        return derived->schema;
    struct schema_builder *builder = copy(old);
    for (size_t i = 0; i < old->field_count; i++) {
        const struct schema_field *field = &old->fields[i];
        bool is_row = strcmp(field->name, "before") == 0 || strcmp(field->name, "after") == 0;
        const struct schema *schema = is_row ? row_schema(transform, field->schema, topic) : schema_ref(field->schema);
        schema_builder_field(builder, field->name, schema);
        schema_unref(schema);
    }
    set_name(transform, builder, topic, "Envelope");
    derived->schema = schema_builder_finish(builder);
    return derived->schema;
}

/* ---- records -------------------------------------------------------------------------------------------------------- */

static bool
change_key(struct table_router *transform, struct record *record, const struct route *route, struct record_batch *batch, struct error *err)
{
    struct transform_side side = transform_side(record, TRANSFORM_KEY);
    if (record->key.kind == VALUE_NULL)
        return true;
    if (!*side.schema || side.value->kind != VALUE_STRUCT)
        return data_error(err, "Only Struct objects supported for [Updating schema]");
    const struct schema *schema = key_schema(transform, *side.schema, route->to);
    struct value key = {.kind = VALUE_STRUCT, .len = (uint32_t)schema->field_count};
    key.as.items = arena_array(&batch->arena, struct value, schema->field_count + 1);
    memcpy(key.as.items, side.value->as.items, side.value->len * sizeof(struct value));
    if (transform->settings.adds_key)
        key.as.items[schema->field_count - 1] = value_string(route->part, strlen(route->part));
    transform_set(side, batch, schema, key);
    return true;
}

static bool
router_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct table_router *transform = state;
    const struct route *route = route_of(transform, record->topic, batch, err);
    if (!route)
        return false;
    if (!route->to)
        return true;
    if (!change_key(transform, record, route, batch, err))
        return false;
    if (envelope_is_valid(record))
        transform_set(transform_side(record, TRANSFORM_VALUE), batch, envelope_schema(transform, record->value_schema, route->to), record->value);
    record->topic = route->to;
    return true;
}

/* ---- life ------------------------------------------------------------------------------------------------------------ */

static bool
router_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct table_router *transform = state;
    (void)target;
    schema_cache_init(&transform->keys, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    schema_cache_init(&transform->envelopes, TRANSFORM_SCHEMAS_MAX, sizeof(struct transform_derived), transform_derived_drop);
    transform->text = schema_primitive(SCHEMA_STRING, false);
    if (!config_parse(router_rows, cfg, transform, err))
        return false;
    const char *key_regex = transform->settings.key_regex;
    bool has_key_regex = key_regex && *key_regex;
    if (has_key_regex && (!transform->settings.key_replacement || !*transform->settings.key_replacement))
        return transform_config_error(err, "key.field.replacement must be non-empty if key.field.regex is set.");
    transform->topic_regex = regex_new(transform->settings.topic_regex, err);
    if (!transform->topic_regex)
        return error_wrap(err, "topic.regex");
    transform->key_regex = has_key_regex ? regex_new(key_regex, err) : NULL;
    return !has_key_regex || transform->key_regex || error_wrap(err, "key.field.regex");
}

static void
router_fini(void *state)
{
    struct table_router *transform = state;
    for (size_t i = 0; i < transform->count; i++)
        free_route(&transform->routes[i]);
    free(transform->routes);
    regex_free(transform->topic_regex);
    regex_free(transform->key_regex);
    schema_cache_fini(&transform->keys);
    schema_cache_fini(&transform->envelopes);
    schema_unref(transform->text);
    config_parsed_free(router_rows, transform);
}

static const struct transform_ops router_ops = {sizeof(struct table_router), router_init, router_apply, router_fini};
const struct transform_plugin by_logical_table_router_plugin = {
    .class_name = "io.debezium.transforms.ByLogicalTableRouter",
    .version = ENVELOPE_VERSION,
    .target = TRANSFORM_RECORD,
    .rows = router_rows,
    .ops = &router_ops,
};
