/* Finds ${provider:path:key} in settings and asks the provider, a row of a table, for the value. */
#include "connect/runtime/config_provider.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"
#include "common/config/properties.h"

#include <errno.h>
#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

LOGGER("connect.runtime.config_provider");

struct provider;

/* The value of a key (heap), or NULL when there is none. False: cannot be looked up. */
typedef bool provider_get_fn(const struct provider *provider, const char *path, const char *key, char **value_out,
                             struct error *err);

struct provider {
    char *name;
    provider_get_fn *get;
    struct string_list allowed_paths; /* of files and folders; empty: all */
    bool has_pattern;
    regex_t pattern; /* of environment variable names */
};

struct config_providers {
    struct provider *items;
    size_t count;
};

/* ---- the three providers ------------------------------------------------------------------------------------- */

/* A path below one of the allowed folders, links and ".." taken out first. */
static bool
is_allowed(const struct provider *provider, const char *path)
{
    if (provider->allowed_paths.count == 0)
        return true;
    char real[PATH_MAX], allowed[PATH_MAX];
    if (!realpath(path, real))
        return true; /* reported as unreadable by whoever opens it */
    for (size_t i = 0; i < provider->allowed_paths.count; i++) {
        if (!realpath(provider->allowed_paths.items[i], allowed))
            continue;
        size_t len = strlen(allowed);
        if (strncmp(real, allowed, len) == 0 && (real[len] == '\0' || real[len] == '/' || allowed[len - 1] == '/'))
            return true;
    }
    log_error("the path %s is not below allowed.paths of the config provider %s", path, provider->name);
    return false;
}

static bool
file_get(const struct provider *provider, const char *path, const char *key, char **value_out, struct error *err)
{
    *value_out = NULL;
    if (!*path || !is_allowed(provider, path))
        return true;
    struct config cfg = CONFIG_INIT;
    struct error why = ERROR_INIT;
    if (!properties_load(path, &cfg, &why)) {
        log_error("config provider %s: %s", provider->name, why.message);
        error_set(err, ERROR_CONFIG, "Could not read properties from file %s", path);
        err->java_class = "org.apache.kafka.common.config.ConfigException";
        return false;
    }
    *value_out = xstrdup(config_get(&cfg, key));
    config_fini(&cfg);
    return true;
}

static bool
env_get(const struct provider *provider, const char *path, const char *key, char **value_out, struct error *err)
{
    *value_out = NULL;
    if (*path) {
        error_set(err, ERROR_CONFIG, "Path is not supported for EnvVarConfigProvider, invalid value '%s'", path);
        err->java_class = "org.apache.kafka.common.config.ConfigException";
        return false;
    }
    regmatch_t match;
    if (provider->has_pattern &&
        (regexec(&provider->pattern, key, 1, &match, 0) != 0 || match.rm_so != 0 || key[match.rm_eo] != '\0'))
        return true;
    *value_out = xstrdup(getenv(key));
    return true;
}

static bool
dir_get(const struct provider *provider, const char *path, const char *key, char **value_out, struct error *err)
{
    *value_out = NULL;
    struct stat info;
    if (!*path || !is_allowed(provider, path))
        return true;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        log_warn("config provider %s: the path %s is not a folder", provider->name, path);
        return true;
    }
    if (!*key || strchr(key, '/') || strcmp(key, "..") == 0)
        return true;
    char *file = xasprintf("%s/%s", path, key);
    bool ok = true;
    if (stat(file, &info) == 0 && S_ISREG(info.st_mode) && is_allowed(provider, file)) {
        size_t len;
        struct error why = ERROR_INIT;
        *value_out = file_read(file, &len, &why);
        if (!*value_out) {
            ok = error_set(err, ERROR_CONFIG, "Could not read file %s for property %s", file, key);
            err->java_class = "org.apache.kafka.common.config.ConfigException";
        }
    }
    free(file);
    return ok;
}

static const struct {
    const char *class_name;
    provider_get_fn *get;
} classes[] = {
    {"org.apache.kafka.common.config.provider.FileConfigProvider", file_get},
    {"org.apache.kafka.common.config.provider.EnvVarConfigProvider", env_get},
    {"org.apache.kafka.common.config.provider.DirectoryConfigProvider", dir_get},
};

/* ---- making --------------------------------------------------------------------------------------------------- */

static provider_get_fn *
class_find(const char *class_name)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        const char *simple = strrchr(classes[i].class_name, '.') + 1;
        if (strcmp(class_name, classes[i].class_name) == 0 || strcmp(class_name, simple) == 0)
            return classes[i].get;
    }
    return NULL;
}

static bool
provider_init(struct provider *provider, const char *name, const struct config *worker, struct error *err)
{
    char *key = xasprintf("config.providers.%s.class", name);
    char *paths = xasprintf("config.providers.%s.param.allowed.paths", name);
    char *pattern = xasprintf("config.providers.%s.param.allowlist.pattern", name);
    const char *class_name = config_get(worker, key);
    bool ok = false;
    *provider = (struct provider){.name = xstrdup(name)};
    provider->get = class_name ? class_find(class_name) : NULL;
    if (!class_name)
        error_set(err, ERROR_CONFIG, "Missing required configuration \"%s\" which has no default value.", key);
    else if (!provider->get)
        error_set(err, ERROR_CONFIG, "Invalid value %s for configuration %s: Class %s could not be found.", class_name, key,
                  class_name);
    else
        ok = true;
    string_list_split(&provider->allowed_paths, config_get_or(worker, paths, ""));
    const char *regex = config_get(worker, pattern);
    if (ok && regex) {
        provider->has_pattern = regcomp(&provider->pattern, regex, REG_EXTENDED) == 0;
        ok = provider->has_pattern || error_set(err, ERROR_CONFIG, "%s: not a regular expression: %s", pattern, regex);
    }
    free(key);
    free(paths);
    free(pattern);
    return ok;
}

struct config_providers *
config_providers_new(const struct config *worker, struct error *err)
{
    struct config_providers *providers = xcalloc(1, sizeof(*providers));
    struct string_list names = STRING_LIST_INIT;
    string_list_split(&names, config_get_or(worker, "config.providers", ""));
    providers->items = xcalloc(names.count + 1, sizeof(*providers->items));
    bool ok = true;
    for (size_t i = 0; ok && i < names.count; i++)
        ok = provider_init(&providers->items[providers->count++], names.items[i], worker, err);
    string_list_fini(&names);
    if (ok)
        return providers;
    config_providers_free(providers);
    return NULL;
}

void
config_providers_free(struct config_providers *providers)
{
    if (!providers)
        return;
    for (size_t i = 0; i < providers->count; i++) {
        free(providers->items[i].name);
        string_list_fini(&providers->items[i].allowed_paths);
        if (providers->items[i].has_pattern)
            regfree(&providers->items[i].pattern);
    }
    free(providers->items);
    free(providers);
}

/* ---- resolving -------------------------------------------------------------------------------------------------- */

/* ${NAME:[PATH:]KEY}: no '}' inside; the path ends at the second colon. */
struct reference {
    const char *start, *end; /* of all of it */
    char *name, *path, *key; /* heap */
};

static bool
reference_find(const char *text, struct reference *ref)
{
    for (const char *at = strstr(text, "${"); at; at = strstr(at + 2, "${")) {
        const char *close = strchr(at, '}'), *colon = strchr(at, ':');
        if (!close)
            return false;
        if (!colon || colon > close)
            continue;
        const char *second = memchr(colon + 1, ':', (size_t)(close - colon - 1));
        const char *key = second ? second + 1 : colon + 1;
        *ref = (struct reference){
            .start = at,
            .end = close + 1,
            .name = xmemdup(at + 2, (size_t)(colon - at - 2)),
            .path = second ? xmemdup(colon + 1, (size_t)(second - colon - 1)) : xstrdup(""),
            .key = xmemdup(key, (size_t)(close - key)),
        };
        return true;
    }
    return false;
}

static void
reference_fini(struct reference *ref)
{
    free(ref->name);
    free(ref->path);
    free(ref->key);
}

bool
config_has_reference(const char *text)
{
    struct reference ref;
    if (!text || !reference_find(text, &ref))
        return false;
    reference_fini(&ref);
    return true;
}

static const struct provider *
provider_find(const struct config_providers *providers, const char *name)
{
    for (size_t i = 0; i < providers->count; i++)
        if (strcmp(providers->items[i].name, name) == 0)
            return &providers->items[i];
    return NULL;
}

static bool
resolve_text(const struct config_providers *providers, const char *text, struct strbuf *out, struct error *err)
{
    struct reference ref;
    while (reference_find(text, &ref)) {
        const struct provider *provider = provider_find(providers, ref.name);
        char *value = NULL;
        bool ok = !provider || provider->get(provider, ref.path, ref.key, &value, err);
        strbuf_add(out, text, (size_t)(ref.start - text));
        if (value)
            strbuf_puts(out, value);
        else
            strbuf_add(out, ref.start, (size_t)(ref.end - ref.start));
        text = ref.end;
        free(value);
        reference_fini(&ref);
        if (!ok)
            return false;
    }
    strbuf_puts(out, text);
    return true;
}

struct config *
config_providers_resolve(const struct config_providers *providers, const struct config *cfg, struct error *err)
{
    struct config *resolved = config_new();
    struct strbuf text = STRBUF_INIT;
    bool ok = true;
    for (size_t i = 0; ok && i < cfg->count; i++) {
        const char *value = cfg->entries[i].value;
        strbuf_reset(&text);
        ok = !value || resolve_text(providers, value, &text, err);
        if (ok)
            config_set(resolved, cfg->entries[i].key, value ? text.data : NULL);
    }
    strbuf_fini(&text);
    if (ok)
        return resolved;
    config_free(resolved);
    return NULL;
}
