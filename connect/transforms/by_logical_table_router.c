/*
 * ByLogicalTableRouter: the events of several tables into one topic. Keys get a field that says from which table they are,
 * and schemas are named after the new topic.
 */
#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/name_index.h"
#include "common/base/regex.h"
#include "connect/data/data_error.h"
#include "connect/transforms/debezium.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("connect.transforms");

#define PURPOSE "Updating schema"

enum { ROUTES_MAX = 1024 }; /* topics remembered; others are worked out each time */
enum adjustment { ADJUST_NONE, ADJUST_AVRO, ADJUST_AVRO_UNICODE, ADJUST_COUNT };

/* What becomes of a topic. */
struct route {
    char *from;
    char *to;    /* NULL: stays as it is */
    char *table; /* what its keys get */
};

struct table_router {
    struct {
        char *topic_regex, *topic_replacement, *key_regex, *key_field, *key_replacement, *adjustment;
        bool extends_key;
        int32_t cache_size;
    } settings;
    struct regex *topic_regex, *key_regex; /* key_regex NULL: the topic itself is the table's name */
    enum adjustment adjustment;
    struct route *routes;
    size_t count;
    struct name_index index; /* of routes */
    struct schema_cache keys, envelopes;
};

#define ROW(name_, type_, default_, doc_, member) \
    TRANSFORM_ROW(name_, type_, default_, CONFIG_LOW, doc_, offsetof(struct table_router, settings.member))

static const struct config_row table_router_rows[] = {
    {ROW("topic.regex", CONFIG_STRING, NULL, "Regular expression in Java's dialect that has to match the whole topic. Required.", topic_regex)},
    {ROW("topic.replacement", CONFIG_STRING, NULL, "The new topic; $1 or ${name} stand for groups of the expression. Required.",
         topic_replacement)},
    {ROW("key.enforce.uniqueness", CONFIG_BOOLEAN, "true", "Add a field that names the table to keys.", extends_key)},
    {ROW("key.field.regex", CONFIG_STRING, NULL,
         "Regular expression that finds the table's name in the old topic; without it that is the whole topic.", key_regex)},
    {ROW("key.field.replacement", CONFIG_STRING, NULL, "What the table's name is made of; required with key.field.regex.", key_replacement)},
    {ROW("logical.table.cache.size", CONFIG_INT, "16", "How many schemas are remembered; 256 at least.", cache_size)},
    {ROW("key.field.name", CONFIG_STRING, "__dbz__physicalTableIdentifier", "Name of the key's new field.", key_field), .is_internal = true},
    {ROW("schema.name.adjustment.mode", CONFIG_STRING, "none", "How schema names are made fit: none, avro, avro_unicode.", adjustment),
     .is_internal = true},
    {.name = NULL},
};

/* ---- settings ------------------------------------------------------------------------------------------------ */

static bool
is_blank(const char *text)
{
    return !text || text[strspn(text, " \t\r\n")] == '\0';
}

static bool
read_regex(const char *setting, const char *pattern, struct regex **out, struct error *err)
{
    struct error cause = ERROR_INIT;
    *out = regex_new(pattern, &cause);
    return *out || debezium_config_error(setting, cause.message, err);
}

static bool
read_adjustment(struct table_router *transform, struct error *err)
{
    static const char *const modes[ADJUST_COUNT] = {"none", "avro", "avro_unicode"};
    for (int i = 0; i < ADJUST_COUNT; i++)
        if (strcasecmp(modes[i], transform->settings.adjustment) == 0) {
            transform->adjustment = (enum adjustment)i;
            return true;
        }
    return debezium_config_error("schema.name.adjustment.mode", "Value must be one of none, avro, avro_unicode", err);
}

static bool
check_settings(struct table_router *transform, struct error *err)
{
    if (is_blank(transform->settings.topic_regex))
        return debezium_config_error("topic.regex", "A value is required", err);
    if (is_blank(transform->settings.topic_replacement))
        return debezium_config_error("topic.replacement", "A value is required", err);
    bool has_key_regex = !is_blank(transform->settings.key_regex);
    if (has_key_regex && is_blank(transform->settings.key_replacement))
        return debezium_config_error("key.field.replacement", "key.field.replacement must be non-empty if key.field.regex is set.", err);
    return read_regex("topic.regex", transform->settings.topic_regex, &transform->topic_regex, err) &&
           (!has_key_regex || read_regex("key.field.regex", transform->settings.key_regex, &transform->key_regex, err)) &&
           read_adjustment(transform, err);
}

/* ---- topics ------------------------------------------------------------------------------------------------------ */

/* NULL: *err is filled. */
static char *
replaced(const struct regex *regex, const char *topic, const char *replacement, struct error *err)
{
    struct strbuf out = STRBUF_INIT;
    if (regex_replace_first(regex, topic, replacement, &out, err))
        return strbuf_take(&out);
    strbuf_fini(&out);
    return NULL;
}

static bool
work_out(const struct table_router *transform, const char *topic, struct route *out, struct error *err)
{
    *out = (struct route){.from = xstrdup(topic)};
    if (!regex_matches(transform->topic_regex, topic))
        return true;
    bool has_name = transform->key_regex && regex_matches(transform->key_regex, topic);
    out->to = replaced(transform->topic_regex, topic, transform->settings.topic_replacement, err);
    out->table = has_name ? replaced(transform->key_regex, topic, transform->settings.key_replacement, err) : xstrdup(topic);
    if (out->to && out->table && !*out->to) {
        log_warn("the topic %s would get an empty name: its records stay in it", topic);
        free(out->to);
        out->to = NULL;
        return true;
    }
    return out->to && out->table;
}

static void
route_free(struct route *route)
{
    free(route->from);
    free(route->to);
    free(route->table);
}

/* Its texts live as long as the batch. NULL: failed. */
static const struct route *
route_of(struct table_router *transform, const char *topic, struct record_batch *batch, struct error *err)
{
    struct route fresh;
    size_t at = name_index_find(&transform->index, transform->routes, sizeof(*transform->routes), transform->count, topic);
    if (at != NAME_INDEX_NONE)
        return &transform->routes[at];
    if (!work_out(transform, topic, &fresh, err)) {
        route_free(&fresh);
        return NULL;
    }
    if (!transform->routes)
        transform->routes = xcalloc(ROUTES_MAX, sizeof(*transform->routes));
    if (transform->count < ROUTES_MAX) {
        transform->routes[transform->count++] = fresh;
        name_index_added(&transform->index, transform->routes, sizeof(*transform->routes), transform->count);
        return &transform->routes[transform->count - 1];
    }
    struct route *kept = arena_new(&batch->arena, struct route);
    *kept = (struct route){.to = fresh.to ? arena_strdup(&batch->arena, fresh.to) : NULL,
                           .table = arena_strdup(&batch->arena, fresh.table ? fresh.table : "")};
    route_free(&fresh);
    return kept;
}

/* ---- schemas ---------------------------------------------------------------------------------------------------------- */

/* The UTF-16 units of a character outside of ASCII, as Java sees it; *at moves behind it. */
static void
adjust_character(const char **at, enum adjustment adjustment, struct strbuf *out)
{
    unsigned char c = (unsigned char)*(*at)++;
    unsigned code = c, more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (more > 0)
        code = c & (0x3fu >> more);
    for (; more > 0 && (**at & 0xc0) == 0x80; more--)
        code = code << 6 | (unsigned)(*(*at)++ & 0x3f);
    if (adjustment == ADJUST_AVRO)
        strbuf_puts(out, code >= 0x10000 ? "__" : "_");
    else if (code >= 0x10000)
        strbuf_printf(out, "_u%x_u%x", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + (code & 0x3ff));
    else
        strbuf_printf(out, code <= 0xff ? "_u00%x" : "_u%x", code);
}

/* Names fit for Avro: letters, behind the first also digits and dots, and underscores unless those start an escape. */
static void
add_adjusted(const char *name, enum adjustment adjustment, struct strbuf *out)
{
    for (const char *at = name; *at;) {
        unsigned char c = (unsigned char)*at;
        bool is_first = at == name;
        bool is_valid = c < 128 && (isalpha(c) || (c == '_' && adjustment == ADJUST_AVRO) || (!is_first && (isdigit(c) || c == '.')));
        if (adjustment == ADJUST_NONE || is_valid)
            strbuf_putc(out, *at++);
        else
            adjust_character(&at, adjustment, out);
        if (is_first && adjustment == ADJUST_AVRO && isdigit(c))
            strbuf_putc(out, (char)c);
    }
}

static void
set_name(const struct table_router *transform, struct schema_builder *builder, const char *topic, const char *ending)
{
    struct strbuf plain = STRBUF_INIT, name = STRBUF_INIT;
    strbuf_printf(&plain, "%s%s", topic, ending);
    add_adjusted(plain.data, transform->adjustment, &name);
    schema_builder_name(builder, name.data);
    strbuf_fini(&plain);
    strbuf_fini(&name);
}

static const struct schema *
derive_key(struct table_router *transform, const struct schema *schema, const char *topic, struct error *err)
{
    bool is_new, is_built = true;
    struct transform_derived *derived = schema_cache_get(&transform->keys, schema, &is_new);
    if (derived->schema)
        return derived->schema;
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    struct string_list names = STRING_LIST_INIT;
    schema_builder_optional(builder, schema->is_optional);
    set_name(transform, builder, topic, ".Key");
    for (size_t i = 0; i < schema->field_count && is_built; i++)
        is_built = transform_add_field(builder, &names, schema->fields[i].name, schema->fields[i].schema, err);
    if (is_built && transform->settings.extends_key) {
        const struct schema *text = schema_primitive(SCHEMA_STRING, false);
        is_built = transform_add_field(builder, &names, transform->settings.key_field, text, err);
        schema_unref(text);
    }
    string_list_fini(&names);
    if (is_built)
        derived->schema = schema_builder_finish(builder);
    else
        schema_builder_free(builder);
    return derived->schema;
}

/* A row's schema under its new name. */
static const struct schema *
derive_row(const struct table_router *transform, const struct schema *row, const char *topic)
{
    struct schema_builder *builder = schema_builder_from(row);
    schema_builder_default(builder, NULL);
    set_name(transform, builder, topic, ".Value");
    return schema_builder_finish(builder);
}

static bool
is_row(const struct schema_field *field)
{
    return strcmp(field->name, "before") == 0 || strcmp(field->name, "after") == 0;
}

static const struct schema *
derive_envelope(struct table_router *transform, const struct schema *schema, const char *topic, struct error *err)
{
    bool is_new;
    struct transform_derived *derived = schema_cache_get(&transform->envelopes, schema, &is_new);
    int before = schema_field_find(schema, "before");
    if (derived->schema)
        return derived->schema;
    if (before < 0) {
        data_error(err, "An event without before cannot be routed: %s", schema->name);
        return NULL;
    }
    const struct schema *row = derive_row(transform, schema->fields[before].schema, topic);
    struct schema_builder *builder = transform_copy_basics(schema, SCHEMA_STRUCT);
    schema_builder_optional(builder, schema->is_optional);
    set_name(transform, builder, topic, ".Envelope");
    for (size_t i = 0; i < schema->field_count; i++)
        schema_builder_field(builder, schema->fields[i].name, is_row(&schema->fields[i]) ? row : schema->fields[i].schema);
    schema_unref(row);
    return derived->schema = schema_builder_finish(builder);
}

/* ---- records ------------------------------------------------------------------------------------------------------------ */

/* A copy of a struct's fields with their defaults where they are null, and room for one more. */
static struct value
copy_fields(const struct schema *schema, const struct value *from, struct record_batch *batch)
{
    struct value value = {.kind = VALUE_STRUCT, .as.items = arena_array(&batch->arena, struct value, schema->field_count + 1)};
    for (size_t i = 0; i < schema->field_count; i++)
        value.as.items[value.len++] = transform_field(schema, from, i, true);
    return value;
}

static bool
update_key(struct table_router *transform, const struct route *route, struct record *record, struct record_batch *batch, struct error *err)
{
    struct transform_side side = transform_side(record, TRANSFORM_KEY);
    if (record->key.kind == VALUE_NULL) {
        record->key_schema = NULL;
        return true;
    }
    if (!record->key_schema || record->key.kind != VALUE_STRUCT)
        return data_error(err, "Only Struct objects supported for [%s]: the key is none", PURPOSE);
    const struct schema *schema = derive_key(transform, record->key_schema, route->to, err);
    if (!schema)
        return false;
    struct value value = copy_fields(record->key_schema, &record->key, batch);
    if (transform->settings.extends_key)
        value.as.items[value.len++] = value_string(route->table, strlen(route->table));
    transform_set(side, batch, schema, value);
    return true;
}

static bool
update_value(struct table_router *transform, const struct route *route, struct record *record, struct record_batch *batch, struct error *err)
{
    if (record->value.kind != VALUE_STRUCT || !debezium_is_envelope(record))
        return true;
    const struct schema *old = record->value_schema, *schema = derive_envelope(transform, old, route->to, err);
    if (!schema)
        return false;
    struct value value = copy_fields(old, &record->value, batch);
    for (size_t i = 0; i < old->field_count; i++)
        if (is_row(&old->fields[i]) && value.as.items[i].kind == VALUE_STRUCT)
            value.as.items[i] = copy_fields(old->fields[i].schema, &value.as.items[i], batch);
    transform_set(transform_side(record, TRANSFORM_VALUE), batch, schema, value);
    return true;
}

static bool
table_router_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    struct table_router *transform = state;
    const struct route *route = route_of(transform, record->topic, batch, err);
    if (!route)
        return false;
    if (!route->to)
        return true;
    if (!update_key(transform, route, record, batch, err) || !update_value(transform, route, record, batch, err))
        return false;
    record->topic = route->to;
    return true;
}

/* ---- life ----------------------------------------------------------------------------------------------------------------- */

static bool
table_router_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct table_router *transform = state;
    (void)target;
    if (!config_parse(table_router_rows, cfg, transform, err))
        return false;
    size_t size = transform->settings.cache_size > TRANSFORM_SCHEMAS_MAX ? (size_t)transform->settings.cache_size : TRANSFORM_SCHEMAS_MAX;
    schema_cache_init(&transform->keys, size, sizeof(struct transform_derived), transform_derived_drop);
    schema_cache_init(&transform->envelopes, size, sizeof(struct transform_derived), transform_derived_drop);
    return check_settings(transform, err);
}

static void
table_router_fini(void *state)
{
    struct table_router *transform = state;
    for (size_t i = 0; i < transform->count; i++)
        route_free(&transform->routes[i]);
    free(transform->routes);
    name_index_fini(&transform->index);
    regex_free(transform->topic_regex);
    regex_free(transform->key_regex);
    schema_cache_fini(&transform->keys);
    schema_cache_fini(&transform->envelopes);
    config_parsed_free(table_router_rows, transform);
}

static const struct transform_ops table_router_ops = {sizeof(struct table_router), table_router_init, table_router_apply,
                                                      table_router_fini};
DEBEZIUM_PLUGIN(by_logical_table_router_plugin, "ByLogicalTableRouter", table_router_rows, &table_router_ops);
