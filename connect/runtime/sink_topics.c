/* Topics by name and by expression. */
#include "connect/runtime/sink_topics.h"

#include <stdlib.h>
#include <string.h>

bool
sink_topics_init(struct sink_topics *topics, const struct config *cfg, struct error *err)
{
    *topics = (struct sink_topics){.regex = NULL};
    const char *pattern = config_get(cfg, "topics.regex");
    if (!pattern || !*pattern) {
        string_list_split(&topics->names, config_get_or(cfg, "topics", ""));
        return true;
    }
    topics->regex = regex_new(pattern, err);
    return topics->regex ? true : error_wrap(err, "topics.regex");
}

void
sink_topics_fini(struct sink_topics *topics)
{
    regex_free(topics->regex);
    string_list_fini(&topics->names);
    topics->regex = NULL;
}

static bool
is_internal(const char *topic)
{
    static const char *const internal[] = {"__consumer_offsets", "__transaction_state", "__share_group_state"};
    for (size_t i = 0; i < sizeof(internal) / sizeof(*internal); i++)
        if (strcmp(topic, internal[i]) == 0)
            return true;
    return false;
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
lists_equal(const struct string_list *a, const struct string_list *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return a->count == b->count;
}

bool
sink_topics_match(struct sink_topics *topics, const char *const *existing, size_t count)
{
    struct string_list matching = STRING_LIST_INIT;
    for (size_t i = 0; i < count; i++)
        if (!is_internal(existing[i]) && regex_matches(topics->regex, existing[i]))
            string_list_add(&matching, existing[i]);
    if (matching.count > 1)
        qsort(matching.items, matching.count, sizeof(*matching.items), compare);
    bool is_new = !lists_equal(&matching, &topics->names);
    string_list_fini(is_new ? &topics->names : &matching);
    if (is_new)
        topics->names = matching;
    return is_new;
}
