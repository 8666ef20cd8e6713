/*
 * RegexRouter: a new topic for topics that the expression matches as a whole. What became of a topic is
 * remembered, so that all its records name the new one by the same pointer.
 */
#include "common/base/alloc.h"
#include "common/base/regex.h"
#include "connect/transforms/transform_priv.h"

#include <stdlib.h>
#include <string.h>

enum { TOPICS_MAX = 1024 }; /* remembered; others are worked out each time */

struct route {
    char *from, *to;
};

struct regex_router {
    struct {
        char *regex, *replacement;
    } settings;
    struct regex *regex;
    struct route *routes;
    size_t count;
};

static const struct config_row regex_router_rows[] = {
    {TRANSFORM_ROW("regex", CONFIG_STRING, config_no_default, CONFIG_HIGH,
                   "Regular expression in Java's dialect that has to match the whole topic.",
                   offsetof(struct regex_router, settings.regex)), .check = transform_check_regex, .checks_null = true},
    {TRANSFORM_ROW("replacement", CONFIG_STRING, config_no_default, CONFIG_HIGH,
                   "The new topic; $1 or ${name} stand for groups of the expression.",
                   offsetof(struct regex_router, settings.replacement))},
    {.name = NULL},
};

static bool
regex_router_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct regex_router *transform = state;
    (void)target;
    if (!config_parse(regex_router_rows, cfg, transform, err))
        return false;
    transform->regex = regex_new(transform->settings.regex, err);
    return transform->regex != NULL;
}

/* The new topic on the heap; NULL: failed. */
static char *
work_out(const struct regex_router *transform, const char *topic, struct error *err)
{
    struct strbuf to = STRBUF_INIT;
    if (!regex_matches(transform->regex, topic))
        return xstrdup(topic);
    if (!regex_replace_first(transform->regex, topic, transform->settings.replacement, &to, err)) {
        strbuf_fini(&to);
        return NULL;
    }
    return strbuf_take(&to);
}

static const char *
route(struct regex_router *transform, const char *topic, struct record_batch *batch, struct error *err)
{
    for (size_t i = 0; i < transform->count; i++)
        if (strcmp(transform->routes[i].from, topic) == 0)
            return transform->routes[i].to;
    char *to = work_out(transform, topic, err);
    if (!to)
        return NULL;
    if (transform->count == TOPICS_MAX) {
        const char *kept = arena_strdup(&batch->arena, to);
        free(to);
        return kept;
    }
    if ((transform->count & (transform->count - 1)) == 0)
        transform->routes = xrealloc(transform->routes, (transform->count ? transform->count * 2 : 1) * sizeof(*transform->routes));
    transform->routes[transform->count++] = (struct route){.from = xstrdup(topic), .to = to};
    return to;
}

static bool
regex_router_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    const char *to = route(state, record->topic, batch, err);
    if (!to)
        return false;
    if (strcmp(to, record->topic))
        record->topic = to;
    return true;
}

static void
regex_router_fini(void *state)
{
    struct regex_router *transform = state;
    for (size_t i = 0; i < transform->count; i++) {
        free(transform->routes[i].from);
        free(transform->routes[i].to);
    }
    free(transform->routes);
    regex_free(transform->regex);
    config_parsed_free(regex_router_rows, transform);
}

static const struct transform_ops regex_router_ops = {sizeof(struct regex_router), regex_router_init, regex_router_apply,
                                                      regex_router_fini};
TRANSFORM_PLUGIN(regex_router_plugin, "RegexRouter", TRANSFORM_RECORD, regex_router_rows, &regex_router_ops);
