/* /connector-plugins: what there is, what it can be told, and checking a configuration. */
#include "connect/rest/rest_priv.h"

#include "common/base/alloc.h"
#include "connect/converters/converter.h"
#include "connect/plugin_version.h"
#include "connect/plugins.h"
#include "connect/transforms/transform.h"

#include <stdlib.h>
#include <string.h>

/* ---- the list -------------------------------------------------------------------------------------------------------- */

struct listing {
    struct {
        const char *class_name, *version;
    } *items;
    size_t count;
};

static int
compare_classes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
listing_add(struct listing *listing, const char *class_name, const char *version)
{
    listing->items = xrealloc(listing->items, (listing->count + 1) * sizeof(*listing->items));
    listing->items[listing->count].class_name = class_name;
    listing->items[listing->count++].version = version;
}

/* Sorted by class; then empty again. */
static void
listing_write(struct listing *listing, const char *type, struct strbuf *out)
{
    if (listing->count)
        qsort(listing->items, listing->count, sizeof(*listing->items), compare_classes);
    for (size_t i = 0; i < listing->count; i++) {
        strbuf_puts(out, out->len > 1 ? ",{\"class\":" : "{\"class\":");
        body_string(out, listing->items[i].class_name);
        strbuf_printf(out, ",\"type\":\"%s\"", type);
        if (listing->items[i].version) {
            strbuf_puts(out, ",\"version\":");
            body_string(out, listing->items[i].version);
        }
        strbuf_putc(out, '}');
    }
    free(listing->items);
    *listing = (struct listing){0};
}

static void
write_connectors(enum connector_type type, struct strbuf *out)
{
    struct listing listing = {0};
    for (const struct connector_plugin *const *plugin = connector_plugins; *plugin; plugin++)
        if ((*plugin)->type == type)
            listing_add(&listing, (*plugin)->class_name, (*plugin)->version);
    listing_write(&listing, connector_type_name(type), out);
}

static void
write_others(struct strbuf *out)
{
    struct listing listing = {0};
    for (const struct transform_plugin *const *plugin = transform_plugins; *plugin; plugin++)
        listing_add(&listing, (*plugin)->class_name, (*plugin)->version);
    listing_write(&listing, "transformation", out);
    for (const struct predicate_plugin *const *plugin = predicate_plugins; *plugin; plugin++)
        listing_add(&listing, (*plugin)->class_name, (*plugin)->version);
    listing_write(&listing, "predicate", out);
    for (const struct converter_plugin *const *plugin = converter_plugins; *plugin; plugin++)
        if (!(*plugin)->is_header_only)
            listing_add(&listing, (*plugin)->class_name, (*plugin)->version);
    listing_write(&listing, "converter", out);
    for (const struct converter_plugin *const *plugin = converter_plugins; *plugin; plugin++)
        if ((*plugin)->is_header_only || (*plugin)->is_header_too)
            listing_add(&listing, (*plugin)->class_name, (*plugin)->version);
    listing_write(&listing, "header_converter", out);
}

bool
list_plugins(struct call *call, struct error *err)
{
    (void)err;
    struct strbuf *out = &call->response->body;
    const char *only = call_param(call, "connectorsOnly");
    strbuf_putc(out, '[');
    write_connectors(CONNECTOR_SINK, out);
    write_connectors(CONNECTOR_SOURCE, out);
    if (only && !call_flag(call, "connectorsOnly"))
        write_others(out);
    strbuf_putc(out, ']');
    reply_json(call, 200);
    return true;
}

/* ---- definitions --------------------------------------------------------------------------------------------------------- */

static void
write_rows(const struct config_row *rows, struct strbuf *out)
{
    for (const struct config_row *row = rows; row && row->name; row++) {
        if (row->is_internal)
            continue;
        if (out->len > 1)
            strbuf_putc(out, ',');
        view_definition(out, row);
    }
}

/* The connector's own settings first, then those of all connectors that it does not have itself. */
static void
write_connector_rows(struct call *call, const struct connector_plugin *plugin, struct strbuf *out)
{
    struct config none = CONFIG_INIT;
    struct row_list base = {.arena = &call->arena}, others = {.arena = &call->arena}, own = {.arena = &call->arena};
    for (const struct config_row *row = plugin->rows; row && row->name; row++)
        row_list_add(&own, row);
    connector_config_base(&base, plugin, NULL, &none);
    for (size_t i = 0; i < base.count; i++)
        if (!row_list_find(&own, base.rows[i].name))
            row_list_add(&others, &base.rows[i]);
    write_rows(plugin->rows, out);
    write_rows(others.rows, out);
    row_list_fini(&base);
    row_list_fini(&others);
    row_list_fini(&own);
}

/* A class that exists only in its $Key and $Value forms. */
static bool
is_abstract(struct call *call, const char *name)
{
    return strchr(name, '.') && transform_plugin_find(arena_printf(&call->arena, "%s$Key", name)) != NULL;
}

bool
get_plugin_config(struct call *call, struct error *err)
{
    const struct connector_plugin *connector = connector_plugin_find(call->name);
    const struct converter_plugin *converter = connector ? NULL : converter_plugin_find(call->name);
    const struct transform_plugin *transform = converter ? NULL : transform_plugin_find(call->name);
    const struct predicate_plugin *predicate = transform ? NULL : predicate_plugin_find(call->name);
    struct strbuf *out = &call->response->body;
    if (!connector && !converter && !transform && !predicate)
        return is_abstract(call, call->name) ? error_set(err, ERROR_INTERNAL, "Instantiation error")
                                             : error_set(err, ERROR_NOT_FOUND, "Unknown plugin %.300s.", call->name);
    const char *version = connector   ? connector->version
                          : converter ? converter->version
                          : transform ? transform->version
                                      : predicate->version;
    const char *class_name = connector   ? connector->class_name
                             : converter ? converter->class_name
                             : transform ? transform->class_name
                                         : predicate->class_name;
    if (!plugin_version_check(class_name, version, call_param(call, "version"), err)) {
        err->code = ERROR_CONFIG;
        return false;
    }
    strbuf_putc(out, '[');
    if (connector)
        write_connector_rows(call, connector, out);
    else
        write_rows(converter ? converter->rows : transform ? transform->rows : predicate->rows, out);
    strbuf_putc(out, ']');
    reply_json(call, 200);
    return true;
}

/* ---- validation ------------------------------------------------------------------------------------------------------------ */

/* Length without one "Connector" at the end, if anything stands before it. */
static size_t
stem(const char *class_name)
{
    size_t len = strlen(class_name), tail = strlen("Connector");
    return len > tail && strcmp(class_name + len - tail, "Connector") == 0 ? len - tail : len;
}

static bool
check_type(const char *requested, const char *included, struct error *err)
{
    size_t wanted = stem(requested), have = included ? stem(included) : 0;
    if (!included || (have >= wanted && memcmp(included + have - wanted, requested, wanted) == 0))
        return true;
    return error_set(err, ERROR_CONFIG, "Included connector type %.300s does not match request type %.300s", included, requested);
}

/* Whatever keeps validation from running is an internal error here, named by its class. */
static bool
not_validated(struct error *err)
{
    bool is_provider = err->java_class && strstr(err->java_class, "ConfigException");
    char *text = xasprintf("%s: %s", is_provider ? "org.apache.kafka.common.config.ConfigException"
                                                 : "org.apache.kafka.connect.runtime.rest.errors.BadRequestException",
                           err->message);
    error_set(err, ERROR_INTERNAL, "%s", text);
    free(text);
    return false;
}

bool
put_validate(struct call *call, struct error *err)
{
    struct config cfg = CONFIG_INIT;
    struct validation validation = {0};
    bool ok = call_config(call, &cfg, "Cannot invoke \"java.util.Map.get(Object)\" because \"connectorConfig\" is null", err) &&
              check_type(call->name, config_get(&cfg, "connector.class"), err);
    if (ok) {
        ok = validation_run(&validation, call->worker, call->providers, &cfg, err) || not_validated(err);
        if (ok) {
            view_validation(&call->response->body, &validation);
            reply_json(call, 200);
        }
        validation_fini(&validation);
    }
    config_fini(&cfg);
    return ok;
}
