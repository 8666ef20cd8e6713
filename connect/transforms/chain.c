/* The transforms of a connector in their order, each behind its predicate (TransformationChain). */
#include "common/base/alloc.h"
#include "connect/transforms/transform_priv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct link {
    const struct transform_plugin *plugin;
    void *transform;
    const struct predicate_plugin *predicate_plugin; /* NULL: applies always */
    void *predicate;
    bool is_negated;
};

struct transform_chain {
    struct link *links;
    size_t count;
};

/* ---- making ----------------------------------------------------------------------------------------------- */

/* "transforms.a." and what stands behind it. */
static char *
prefix_of(const char *kind, const char *alias)
{
    return xasprintf("%s.%s.", kind, alias);
}

/* The class that an alias names. NULL: missing. */
static const char *
type_of(const struct config *own, const char *prefix, struct error *err)
{
    const char *type = config_get(own, "type");
    if (!type)
        transform_config_error(err, "Missing required configuration \"%stype\" which has no default value.", prefix);
    return type;
}

static bool
no_class(const char *prefix, const char *type, struct error *err)
{
    return transform_config_error(err, "Invalid value %s for configuration %stype: Class %s could not be found.", type, prefix, type);
}

static bool
make_transform(struct link *link, const struct config *own, const char *prefix, struct error *err)
{
    const char *type = type_of(own, prefix, err);
    if (!type)
        return false;
    link->plugin = transform_plugin_find(type);
    if (!link->plugin)
        return no_class(prefix, type, err);
    const struct transform_ops *ops = link->plugin->ops;
    link->transform = xcalloc(1, ops->size ? ops->size : 1);
    return ops->init(link->transform, link->plugin->target, own, err);
}

static bool
make_predicate(struct link *link, const struct config *cfg, const char *alias, struct error *err)
{
    struct config own = CONFIG_INIT;
    char *prefix = prefix_of("predicates", alias);
    config_subset(cfg, prefix, &own);
    const char *type = type_of(&own, prefix, err);
    link->predicate_plugin = type ? predicate_plugin_find(type) : NULL;
    bool is_made = link->predicate_plugin != NULL;
    if (type && !is_made)
        no_class(prefix, type, err);
    if (is_made) {
        const struct predicate_ops *ops = link->predicate_plugin->ops;
        link->predicate = xcalloc(1, ops->size ? ops->size : 1);
        is_made = ops->init(link->predicate, &own, err);
    }
    config_fini(&own);
    free(prefix);
    return is_made;
}

static bool
make_link(struct link *link, const struct config *cfg, const char *alias, struct error *err)
{
    struct config own = CONFIG_INIT;
    char *prefix = prefix_of("transforms", alias);
    config_subset(cfg, prefix, &own);
    link->is_negated = strcasecmp(config_get_or(&own, "negate", "false"), "true") == 0;
    const char *predicate = config_get(&own, "predicate");
    bool is_made = make_transform(link, &own, prefix, err) && (!predicate || make_predicate(link, cfg, predicate, err));
    config_fini(&own);
    free(prefix);
    return is_made;
}

bool
transform_chain_new(const struct config *cfg, struct transform_chain **chain_out, struct error *err)
{
    struct string_list aliases = STRING_LIST_INIT;
    string_list_split(&aliases, config_get_or(cfg, "transforms", ""));
    *chain_out = NULL;
    struct transform_chain *chain = xcalloc(1, sizeof(*chain));
    chain->links = xcalloc(aliases.count + 1, sizeof(*chain->links));
    bool is_made = true;
    for (size_t i = 0; i < aliases.count && is_made; i++)
        is_made = make_link(&chain->links[chain->count++], cfg, aliases.items[i], err);
    if (is_made && chain->count)
        *chain_out = chain;
    else
        transform_chain_free(chain);
    string_list_fini(&aliases);
    return is_made;
}

void
transform_chain_free(struct transform_chain *chain)
{
    if (!chain)
        return;
    for (size_t i = 0; i < chain->count; i++) {
        struct link *link = &chain->links[i];
        if (link->transform)
            link->plugin->ops->fini(link->transform);
        if (link->predicate)
            link->predicate_plugin->ops->fini(link->predicate);
        free(link->transform);
        free(link->predicate);
    }
    free(chain->links);
    free(chain);
}

/* ---- running ---------------------------------------------------------------------------------------------- */

static bool
apply_link(const struct link *link, struct record *record, struct record_batch *batch, struct error *err)
{
    bool holds = true;
    if (link->predicate && !link->predicate_plugin->ops->test(link->predicate, record, &holds, err))
        return false;
    if (link->predicate && holds == link->is_negated)
        return true;
    return link->plugin->ops->apply(link->transform, record, batch, err);
}

bool
transform_chain_apply(struct transform_chain *chain, struct record *record, struct record_batch *batch,
                      const char **failed_class_out, struct error *err)
{
    for (size_t i = 0; chain && i < chain->count && !record->is_dropped; i++) {
        if (!apply_link(&chain->links[i], record, batch, err)) {
            *failed_class_out = chain->links[i].plugin->class_name;
            return false;
        }
    }
    return true;
}
