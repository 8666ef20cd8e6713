/* Ordered maps. Mostly of a few dozen entries, but a request may bring as many as fit its body. */
#include "common/config/config.h"

#include "common/base/alloc.h"

#include <stdlib.h>
#include <string.h>

static struct config_entry *
config_find(const struct config *cfg, const char *key)
{
    size_t at = name_index_find(&cfg->index, cfg->entries, sizeof(*cfg->entries), cfg->count, key);
    return at == NAME_INDEX_NONE ? NULL : &cfg->entries[at];
}

void
config_fini(struct config *cfg)
{
    for (size_t i = 0; i < cfg->count; i++) {
        free(cfg->entries[i].key);
        free(cfg->entries[i].value);
    }
    free(cfg->entries);
    name_index_fini(&cfg->index);
    *cfg = CONFIG_INIT;
}

struct config *
config_new(void)
{
    return xcalloc(1, sizeof(struct config));
}

void
config_free(struct config *cfg)
{
    if (!cfg)
        return;
    config_fini(cfg);
    free(cfg);
}

struct config *
config_dup(const struct config *cfg)
{
    struct config *copy = config_new();
    config_merge(copy, cfg);
    return copy;
}

void
config_set(struct config *cfg, const char *key, const char *value)
{
    struct config_entry *entry = config_find(cfg, key);
    char *copy = xstrdup(value);
    if (entry) {
        free(entry->value);
        entry->value = copy;
        return;
    }
    if (!cfg->entries || cfg->count == cfg->size) {
        cfg->size = cfg->size ? cfg->size * 2 : 16;
        cfg->entries = xrealloc(cfg->entries, cfg->size * sizeof(*cfg->entries));
    }
    cfg->entries[cfg->count++] = (struct config_entry){xstrdup(key), copy};
    name_index_added(&cfg->index, cfg->entries, sizeof(*cfg->entries), cfg->count);
}

void
config_unset(struct config *cfg, const char *key)
{
    struct config_entry *entry = config_find(cfg, key);
    if (!entry)
        return;
    free(entry->key);
    free(entry->value);
    size_t behind = cfg->count - (size_t)(entry - cfg->entries) - 1;
    memmove(entry, entry + 1, behind * sizeof(*entry));
    cfg->count--;
    name_index_rebuild(&cfg->index, cfg->entries, sizeof(*cfg->entries), cfg->count);
}

const char *
config_get(const struct config *cfg, const char *key)
{
    const struct config_entry *entry = config_find(cfg, key);
    return entry ? entry->value : NULL;
}

const char *
config_get_or(const struct config *cfg, const char *key, const char *fallback)
{
    const char *value = config_get(cfg, key);
    return value ? value : fallback;
}

bool
config_has(const struct config *cfg, const char *key)
{
    return config_find(cfg, key) != NULL;
}

bool
config_equal(const struct config *a, const struct config *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct config_entry *other = config_find(b, a->entries[i].key);
        const char *value = a->entries[i].value;
        if (!other || !value != !other->value || (value && strcmp(value, other->value)))
            return false;
    }
    return true;
}

void
config_subset(const struct config *cfg, const char *prefix, struct config *out)
{
    size_t len = strlen(prefix);
    for (size_t i = 0; i < cfg->count; i++)
        if (strncmp(cfg->entries[i].key, prefix, len) == 0)
            config_set(out, cfg->entries[i].key + len, cfg->entries[i].value);
}

void
config_merge(struct config *cfg, const struct config *from)
{
    for (size_t i = 0; i < from->count; i++)
        config_set(cfg, from->entries[i].key, from->entries[i].value);
}

struct config *
config_patched(const struct config *cfg, const struct config *patch)
{
    struct config *patched = config_new();
    for (size_t i = 0; i < cfg->count; i++) {
        const struct config_entry *change = config_find(patch, cfg->entries[i].key);
        if (!change || change->value)
            config_set(patched, cfg->entries[i].key, change ? change->value : cfg->entries[i].value);
    }
    for (size_t i = 0; patch->entries && i < patch->count; i++)
        if (patch->entries[i].value)
            config_set(patched, patch->entries[i].key, patch->entries[i].value);
    return patched;
}

void
config_list_add(struct config_list *list, struct config *cfg)
{
    list->items = xrealloc(list->items, (list->count + 1) * sizeof(*list->items));
    list->items[list->count++] = cfg;
}

void
config_list_fini(struct config_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        config_free(list->items[i]);
    free(list->items);
    *list = CONFIG_LIST_INIT;
}

void
string_list_add(struct string_list *list, const char *item)
{
    if (list->count >= list->size) {
        list->size = list->count ? list->count * 2 : 4;
        list->items = xrealloc(list->items, list->size * sizeof(*list->items));
    }
    list->items[list->count++] = xstrdup(item);
}

bool
string_list_has(const struct string_list *list, const char *item)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], item) == 0)
            return true;
    return false;
}

void
string_list_unique(struct string_list *list)
{
    struct name_index index = NAME_INDEX_INIT;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        char *item = list->items[i];
        if (name_index_find(&index, list->items, sizeof(*list->items), kept, item) != NAME_INDEX_NONE) {
            free(item);
            continue;
        }
        list->items[kept++] = item;
        name_index_added(&index, list->items, sizeof(*list->items), kept);
    }
    list->count = kept;
    name_index_fini(&index);
}

void
string_list_fini(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = STRING_LIST_INIT;
}

void
string_list_split(struct string_list *list, const char *text)
{
    static const char blank[] = " \t\r\n\f\v";
    const char *at = text + strspn(text, blank);
    if (!*at)
        return;
    for (;;) {
        at += strspn(at, blank);
        size_t span = strcspn(at, ","), len = span;
        while (len > 0 && strchr(blank, at[len - 1]))
            len--;
        char *item = xmemdup(at, len);
        string_list_add(list, item);
        free(item);
        at += span;
        if (!*at++)
            return;
    }
}
