/*
 * A configuration: an ordered map from setting names to texts, as a properties file or a connector's
 * JSON gives it. A value may be NULL (a JSON null). Names are unique; setting one again keeps its place.
 *
 * A config belongs to one thread at a time. Strings that are returned are the config's own and live
 * until that setting changes or the config is freed.
 */
#ifndef COMMON_CONFIG_CONFIG_H
#define COMMON_CONFIG_CONFIG_H

#include "common/base/error.h"
#include "common/base/name_index.h"

#include <stdbool.h>
#include <stddef.h>

struct config_entry {
    char *key, *value;
};

struct config {
    struct config_entry *entries;
    size_t count, size;
    struct name_index index; /* of the keys */
};

#define CONFIG_INIT ((struct config){0})

void config_fini(struct config *cfg);
struct config *config_new(void);
void config_free(struct config *cfg); /* accepts NULL */
struct config *config_dup(const struct config *cfg);

void config_set(struct config *cfg, const char *key, const char *value); /* copies both; value may be NULL */
void config_unset(struct config *cfg, const char *key);
/* NULL when absent and when the value is null; tell them apart with config_has. */
const char *config_get(const struct config *cfg, const char *key);
const char *config_get_or(const struct config *cfg, const char *key, const char *fallback);
bool config_has(const struct config *cfg, const char *key);
/* Same names with same values, in any order. */
bool config_equal(const struct config *a, const struct config *b);
/* What begins with prefix, the prefix taken off, added to `out` (which keeps what it had). */
void config_subset(const struct config *cfg, const char *prefix, struct config *out);
/* All of `from`, over what `cfg` has. */
void config_merge(struct config *cfg, const struct config *from);

/* A new config (heap): `cfg` with the settings of `patch` over it, and without those that are null there. */
struct config *config_patched(const struct config *cfg, const struct config *patch);

/* A growing list of configs, e.g. one a task. */
struct config_list {
    struct config **items;
    size_t count;
};
#define CONFIG_LIST_INIT ((struct config_list){0})
void config_list_add(struct config_list *list, struct config *cfg); /* takes cfg */
void config_list_fini(struct config_list *list);

/* A list of strings. */
struct string_list {
    char **items;
    size_t count, size; /* size: room */
};
#define STRING_LIST_INIT ((struct string_list){0})
void string_list_add(struct string_list *list, const char *item); /* copies */
bool string_list_has(const struct string_list *list, const char *item);
void string_list_unique(struct string_list *list); /* the first of equal ones stays */
void string_list_fini(struct string_list *list);
/* Split at commas as Kafka's ConfigDef does: the whole trimmed, blanks around commas dropped, "" is empty. */
void string_list_split(struct string_list *list, const char *text);

#endif
