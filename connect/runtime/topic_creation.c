/* Groups of topics: the first whose include matches and whose exclude does not decides; "default" comes last. */
#include "connect/runtime/topic_creation.h"

#include "common/base/alloc.h"
#include "common/base/regex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "topic.creation."

struct regex_list {
    struct regex **items;
    size_t count;
};

struct topic_group {
    char *name;
    struct regex_list include, exclude; /* of the default group: empty, it takes what is left */
    int partitions, replication_factor;
    struct config settings;             /* of the topic itself, e.g. cleanup.policy */
};

struct topic_creation {
    struct topic_group *groups; /* in order; the last is "default" */
    size_t count;
};

static bool
list_matches(const struct regex_list *list, const char *topic)
{
    for (size_t i = 0; i < list->count; i++)
        if (regex_matches(list->items[i], topic))
            return true;
    return false;
}

static void
list_free(struct regex_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        regex_free(list->items[i]);
    free(list->items);
}

static bool
list_read(struct regex_list *list, const struct config *group, const char *group_name, const char *key, struct error *err)
{
    struct string_list patterns = STRING_LIST_INIT;
    bool ok = true;
    string_list_split(&patterns, config_get_or(group, key, ""));
    list->items = xcalloc(patterns.count, sizeof(*list->items));
    for (size_t i = 0; ok && i < patterns.count; i++) {
        list->items[list->count] = regex_new(patterns.items[i], err);
        ok = list->items[list->count] || error_wrap(err, PREFIX "%s.%s", group_name, key);
        list->count += ok;
    }
    string_list_fini(&patterns);
    return ok;
}

/* -1 (the broker's default) or at least 1. */
static bool
count_read(const struct config *group, const char *group_name, const char *key, const int *fallback, int *out, struct error *err)
{
    const char *text = config_get(group, key);
    if (!text && fallback) {
        *out = *fallback;
        return true;
    }
    if (!text)
        return error_set(err, ERROR_CONFIG, "Missing required configuration \"" PREFIX "%s.%s\" which has no default value.", group_name, key);
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (*end || end == text || errno || number > 32767 || (number < 1 && number != -1))
        return error_set(err, ERROR_CONFIG, "Invalid value %s for configuration " PREFIX "%s.%s: Value must be larger than 0, or -1 to use the broker's default",
                         text, group_name, key);
    *out = (int)number;
    return true;
}

static bool
group_read(struct topic_group *group, const struct config *connector, const char *name, const struct topic_group *fallback, struct error *err)
{
    static const char *const own[] = {"include", "exclude", "partitions", "replication.factor"};
    char *prefix = xasprintf(PREFIX "%s.", name);
    group->name = xstrdup(name);
    config_subset(connector, prefix, &group->settings);
    free(prefix);
    bool ok = count_read(&group->settings, name, "replication.factor", fallback ? &fallback->replication_factor : NULL, &group->replication_factor, err) &&
              count_read(&group->settings, name, "partitions", fallback ? &fallback->partitions : NULL, &group->partitions, err) &&
              (!fallback || (list_read(&group->include, &group->settings, name, "include", err) &&
                             list_read(&group->exclude, &group->settings, name, "exclude", err)));
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        config_unset(&group->settings, own[i]);
    if (!ok)
        err->java_class = "org.apache.kafka.common.config.ConfigException";
    return ok;
}

static bool
is_configured(const struct config *connector)
{
    for (size_t i = 0; i < connector->count; i++)
        if (strncmp(connector->entries[i].key, PREFIX, strlen(PREFIX)) == 0)
            return true;
    return false;
}

bool
topic_creation_new(const struct config *connector, bool is_allowed, struct topic_creation **out, struct error *err)
{
    *out = NULL;
    if (!is_allowed || !is_configured(connector))
        return true;
    struct string_list names = STRING_LIST_INIT;
    string_list_split(&names, config_get_or(connector, PREFIX "groups", ""));
    struct topic_creation *creation = xcalloc(1, sizeof(*creation));
    creation->groups = xcalloc(names.count + 1, sizeof(*creation->groups));
    struct topic_group fallback = {0};
    bool ok = group_read(&fallback, connector, "default", NULL, err);
    for (size_t i = 0; ok && i < names.count; i++)
        if (strcmp(names.items[i], "default") != 0)
            ok = group_read(&creation->groups[creation->count++], connector, names.items[i], &fallback, err);
    creation->groups[creation->count++] = fallback;
    string_list_fini(&names);
    if (ok)
        *out = creation;
    else
        topic_creation_free(creation);
    return ok;
}

void
topic_creation_free(struct topic_creation *creation)
{
    if (!creation)
        return;
    for (size_t i = 0; i < creation->count; i++) {
        free(creation->groups[i].name);
        list_free(&creation->groups[i].include);
        list_free(&creation->groups[i].exclude);
        config_fini(&creation->groups[i].settings);
    }
    free(creation->groups);
    free(creation);
}

static const struct topic_group *
group_of(const struct topic_creation *creation, const char *topic)
{
    size_t last = creation->count - 1;
    for (size_t i = 0; i < last; i++)
        if (list_matches(&creation->groups[i].include, topic) && !list_matches(&creation->groups[i].exclude, topic))
            return &creation->groups[i];
    return &creation->groups[last];
}

const char *
topic_creation_find(const struct topic_creation *creation, const char *topic, struct kafka_new_topic *out)
{
    const struct topic_group *group = group_of(creation, topic);
    *out = (struct kafka_new_topic){
        .topic = topic,
        .partitions = group->partitions,
        .replication_factor = group->replication_factor,
        .settings = &group->settings,
    };
    return group->name;
}
