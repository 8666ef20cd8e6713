/* Puts the tables of a configuration together, checks them, and adds the rules that span settings. */
#include "connect/runtime/validation.h"

#include "common/base/alloc.h"
#include "common/base/regex.h"
#include "common/kafka/client_settings.h"
#include "connect/converters/converter.h"
#include "connect/data/java_text.h"
#include "connect/plugin_version.h"
#include "connect/plugins.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- rules across settings --------------------------------------------------------------------------------------- */

/* Of a setting that only the connector knows, its own validation decides. */
static void
null_values(const struct config *cfg, const struct row_list *own_rows, struct config_values *values)
{
    for (size_t i = 0; i < cfg->count; i++)
        if (!cfg->entries[i].value && !row_list_find(own_rows, cfg->entries[i].key))
            config_values_error(values, cfg->entries[i].key, "Null value can not be supplied as the configuration value.");
}

static bool
is_blank(const char *text)
{
    return !text || text[strspn(text, " \t\r\n")] == '\0';
}

static void
dead_letters_in_list(const char *dead, const char *topics, struct config_values *values)
{
    struct string_list list = STRING_LIST_INIT;
    struct strbuf shown = STRBUF_INIT;
    string_list_split(&list, topics ? topics : "");
    string_list_unique(&list);
    for (size_t i = 0; i < list.count; i++)
        if (*list.items[i])
            strbuf_printf(&shown, "%s%s", shown.len ? ", " : "", list.items[i]);
    if (string_list_has(&list, dead))
        config_values_error(values, "topics",
                            "The DLQ topic '%s' may not be included in the list of topics ('topics=[%s]') consumed by the connector",
                            dead, shown.data);
    strbuf_fini(&shown);
    string_list_fini(&list);
}

static void
dead_letters_in_regex(const char *dead, const char *pattern, struct config_values *values)
{
    struct error wrong = ERROR_INIT; /* reported with the setting itself */
    struct regex *regex = is_blank(pattern) ? NULL : regex_new(pattern, &wrong);
    if (regex && regex_matches(regex, dead))
        config_values_error(values, "topics.regex",
                            "The DLQ topic '%s' may not be matched by the regex for the topics ('topics.regex=%s') consumed by the connector",
                            dead, pattern);
    regex_free(regex);
}

static void
sink_topics(const struct config *cfg, struct config_values *values)
{
    const char *topics = config_get(cfg, "topics"), *regex = config_get(cfg, "topics.regex");
    const char *problem = NULL;
    if (!is_blank(topics) && !is_blank(regex))
        problem = "topics and topics.regex are mutually exclusive options, but both are set.";
    else if (is_blank(topics) && is_blank(regex))
        problem = "Must configure one of topics or topics.regex";
    if (problem) {
        config_values_error(values, "topics", "%s", problem);
        config_values_error(values, "topics.regex", "%s", problem);
    }
    const char *dead = config_get(cfg, "errors.deadletterqueue.topic.name");
    if (!is_blank(dead)) {
        dead_letters_in_list(dead, topics, values);
        dead_letters_in_regex(dead, regex, values);
    }
}

static void
sink_group(const struct worker_config *worker, const struct config *cfg, struct config_values *values)
{
    static const char overridden[] = "consumer.override.group.id";
    if (!worker->is_distributed)
        return;
    const char *name = config_get_or(cfg, "name", ""), *own = config_get(cfg, overridden);
    if (own)
        config_values_add(values, overridden, own); /* listed here and among the overrides */
    char *group = own ? xstrdup(own) : xasprintf("connect-%s", name);
    if (strcmp(group, worker->group_id) == 0) {
        if (own)
            config_values_error(values, overridden, "Consumer group %s conflicts with Connect worker group %s", group, worker->group_id);
        else
            config_values_error(values, "name", "Consumer group for sink connector named %s conflicts with Connect worker group %s",
                                name, worker->group_id);
    }
    free(group);
}

static void
source_exactly_once(const struct worker_config *worker, const struct connector_plugin *plugin, const struct config *cfg,
                    struct config_values *values)
{
    const char *support = config_get_or(cfg, "exactly.once.support", "requested");
    const char *boundary = config_get_or(cfg, "transaction.boundary", "poll");
    if (strcasecmp(support, "required") == 0) {
        if (worker->exactly_once != EXACTLY_ONCE_ENABLED)
            config_values_error(values, "exactly.once.support", "This worker does not have exactly-once source support enabled.");
        if (!plugin->exactly_once || !plugin->exactly_once(cfg))
            config_values_error(values, "exactly.once.support",
                                "The connector does not support exactly-once semantics with the provided configuration.");
    }
    if (strcasecmp(boundary, "connector") == 0)
        config_values_error(values, "transaction.boundary",
                            "The connector does not support connector-defined transaction boundaries with the given configuration. "
                            "Please reconfigure it to use a different transaction boundary definition.");
}

/* ---- client overrides ----------------------------------------------------------------------------------------------- */

static bool
override_allowed(const struct worker_config *worker, const char *client_key)
{
    const char *dot = strrchr(worker->client_config_override_policy, '.');
    const char *policy = dot ? dot + 1 : worker->client_config_override_policy;
    static const char *const principal[] = {"sasl.jaas.config", "sasl.mechanism", "security.protocol"};
    if (strncmp(policy, "All", 3) == 0 && strncmp(policy, "Allowlist", 9) != 0)
        return true;
    if (strncmp(policy, "Allowlist", 9) == 0)
        return string_list_has(&worker->client_config_override_allowlist, client_key);
    for (size_t i = 0; strncmp(policy, "Principal", 9) == 0 && i < 3; i++)
        if (strcmp(principal[i], client_key) == 0)
            return true;
    return false;
}

static char *
policy_name(const struct worker_config *worker)
{
    const char *dot = strrchr(worker->client_config_override_policy, '.');
    const char *simple = dot ? dot + 1 : worker->client_config_override_policy;
    const char *tail = strstr(simple, "ConnectorClientConfigOverridePolicy");
    return xmemdup(simple, tail ? (size_t)(tail - simple) : strlen(simple));
}

/* Which clients a connector has decides which overrides are looked at. */
static bool
uses_client(enum connector_type type, enum kafka_client_kind kind, const struct config *cfg)
{
    bool has_dead_letters = type == CONNECTOR_SINK && *config_get_or(cfg, "errors.deadletterqueue.topic.name", "");
    switch (kind) {
    case KAFKA_PRODUCER:
        return type == CONNECTOR_SOURCE || has_dead_letters;
    case KAFKA_CONSUMER:
        return type == CONNECTOR_SINK;
    case KAFKA_ADMIN:
        for (size_t i = 0; type == CONNECTOR_SOURCE && i < cfg->count; i++)
            if (strncmp(cfg->entries[i].key, "topic.creation.", 15) == 0)
                return true;
        return has_dead_letters;
    }
    return false;
}

/* One override: with the description that Java's client has of it, else without any. A value of the wrong type ends
   validation, as there. */
static bool
client_override(struct validation *validation, const struct worker_config *worker, enum kafka_client_kind kind, const char *key,
                const char *client_key, const char *value, struct error *err)
{
    struct config_row row = {.name = client_key, .type = CONFIG_STRING};
    bool is_known = kafka_client_setting(kind, client_key, &row);
    struct string_list errors = STRING_LIST_INIT;
    char *parsed = value ? config_row_check(&row, value, &errors) : NULL;
    bool ok = errors.count == 0;
    if (ok) {
        bool is_secret = row.type == CONFIG_PASSWORD || strstr(client_key, "password") || strstr(client_key, "secret");
        struct config_value *added = config_values_append(&validation->values, key, parsed && is_secret ? "[hidden]" : parsed);
        struct config_row *kept = is_known ? arena_array(&validation->arena, struct config_row, 1) : NULL;
        if (kept) {
            *kept = row;
            kept->name = arena_strdup(&validation->arena, key);
            kept->doc = "A setting of the connector's Kafka client.";
        }
        added->row = kept;
        if (!override_allowed(worker, client_key)) {
            char *policy = policy_name(worker);
            config_value_error(added, "The '%s' policy does not allow '%s' to be overridden in the connector configuration.", policy,
                               client_key);
            free(policy);
        }
    } else {
        error_set(err, ERROR_CONFIG, "%s", errors.items[0]);
        err->java_class = "org.apache.kafka.common.config.ConfigException";
    }
    string_list_fini(&errors);
    free(parsed);
    return ok;
}

/* Overrides that are present are listed behind all others. */
static bool
client_overrides(const struct worker_config *worker, const struct config *cfg, struct validation *validation, struct error *err)
{
    static const struct {
        enum kafka_client_kind kind;
        const char *prefix;
    } clients[] = {
        {KAFKA_PRODUCER, "producer.override."}, {KAFKA_CONSUMER, "consumer.override."}, {KAFKA_ADMIN, "admin.override."}};
    for (size_t c = 0; c < 3; c++) {
        size_t len = strlen(clients[c].prefix);
        if (!uses_client(validation->plugin->type, clients[c].kind, cfg))
            continue;
        for (size_t i = 0; i < cfg->count; i++) {
            const struct config_entry *entry = &cfg->entries[i];
            if (strncmp(entry->key, clients[c].prefix, len) == 0 &&
                !client_override(validation, worker, clients[c].kind, entry->key, entry->key + len, entry->value, err))
                return false;
        }
    }
    return true;
}

/* ---- converters ------------------------------------------------------------------------------------------------------- */

/* The order of a Java HashMap, which is how validated settings of a converter come out. */
static void
hash_order(struct config_values *values)
{
    enum { BUCKETS = 16 }; /* enough for twelve settings */
    for (size_t i = 1; i < values->count; i++) /* stable: equal buckets keep their order */
        for (size_t k = i; k > 0 && java_text_hash(values->items[k - 1].name) % BUCKETS > java_text_hash(values->items[k].name) % BUCKETS; k--) {
            struct config_value item = values->items[k];
            values->items[k] = values->items[k - 1];
            values->items[k - 1] = item;
        }
}

/* Settings of a converter that the connector names itself; their errors carry the names without prefix. */
static void
converter_settings(struct validation *validation, const struct config *cfg, int which)
{
    static const char *const settings[] = {"header.converter", "key.converter", "value.converter"};
    static const char *const types[] = {"header", "key", "value"};
    const char *class_name = config_get(cfg, settings[which]);
    const struct converter_plugin *plugin = class_name ? converter_plugin_find(class_name) : NULL;
    char *version = arena_printf(&validation->arena, "%s.plugin.version", settings[which]);
    struct error unavailable = ERROR_INIT;
    if (plugin || !class_name)
        connector_config_version_errors(settings[which], class_name, version, cfg, &validation->values);
    if (!plugin || !plugin_version_check(class_name, CONNECT_VERSION, config_get(cfg, version), &unavailable))
        return;
    char *prefix = arena_printf(&validation->arena, "%s.", settings[which]);
    struct config own = CONFIG_INIT;
    config_subset(cfg, prefix, &own);
    if (!config_has(&own, "converter.type"))
        config_set(&own, "converter.type", types[which]);
    struct config_values values = CONFIG_VALUES_INIT;
    struct row_list *rows = &validation->converter_rows[which];
    rows->arena = &validation->arena;
    for (const struct config_row *row = plugin->rows; row && row->name; row++)
        row_list_add(rows, row);
    if (rows->rows)
        config_validate(rows->rows, &own, &values);
    hash_order(&values);
    for (size_t i = 0; i < values.count; i++) { /* renamed after their errors were worded */
        char *full = xasprintf("%s%s", prefix, values.items[i].name);
        free(values.items[i].name);
        values.items[i].name = full;
    }
    for (size_t i = 0; rows->rows && i < rows->count; i++)
        rows->rows[i].name = arena_printf(&validation->arena, "%s%s", prefix, rows->rows[i].name);
    config_values_take(&validation->values, &values);
    config_fini(&own);
}

static int
compare_row_names(const void *a, const void *b)
{
    return strcmp((*(const struct config_row *const *)a)->name, (*(const struct config_row *const *)b)->name);
}

/* Groups of a converter that the connector names itself come behind all others, as Java's map of its settings has them. */
static void
converter_groups(struct validation *validation, const struct config *cfg, int which)
{
    static const char *const settings[] = {"header.converter", "key.converter", "value.converter"};
    const char *class_name = config_get(cfg, settings[which]);
    const struct converter_plugin *plugin = class_name ? converter_plugin_find(class_name) : NULL;
    const struct config_row *rows[16];
    size_t count = 0;
    for (const struct config_row *row = plugin ? plugin->rows : NULL; row && row->name && count < 16; row++)
        if (row->group)
            rows[count++] = row;
    if (count)
        qsort(rows, count, sizeof(*rows), compare_row_names);
    for (size_t i = 0; i < count; i++)
        if (!string_list_has(&validation->groups, rows[i]->group))
            string_list_add(&validation->groups, rows[i]->group);
}

/* ---- all together ------------------------------------------------------------------------------------------------------ */

/* Validators of an embedded row know it without its prefix, so their texts do, too. */
static void
strip_alias_prefixes(struct config_values *values)
{
    static const char *const full_name_texts[] = {": Not a number of type ", ": Expected value to be either true or false",
                                                  " could not be found."};
    for (size_t i = 0; i < values->count; i++) {
        struct config_value *value = &values->items[i];
        bool is_transform = strncmp(value->name, "transforms.", 11) == 0, is_predicate = strncmp(value->name, "predicates.", 11) == 0;
        const char *tail = is_transform || is_predicate ? strchr(value->name + 11, '.') : NULL;
        for (size_t e = 0; tail && e < value->errors.count; e++) {
            char *text = value->errors.items[e];
            bool keeps = false;
            for (size_t k = 0; k < 3; k++)
                keeps = keeps || strstr(text, full_name_texts[k]);
            char *at = strncmp(text, "Invalid value ", 14) == 0 && !keeps ? strstr(text, value->name) : NULL;
            if (at)
                memmove(at, at + (tail + 1 - value->name), strlen(at + (tail + 1 - value->name)) + 1);
        }
    }
}

static void
add_groups(struct validation *validation, const struct row_list *rows)
{
    const char *last = "";
    for (size_t i = 0; i < rows->count; i++) {
        const char *group = rows->rows[i].group;
        if (!group || strcmp(group, last) == 0)
            continue;
        string_list_add(&validation->groups, group);
        last = group;
    }
}

static void
collect_groups(struct validation *validation)
{
    add_groups(validation, &validation->rows);
    add_groups(validation, &validation->own_rows);
    string_list_unique(&validation->groups);
}

/* Base rows and those of the aliases; behind them the connector's own, of which one that is declared anew takes the place
   of the first. */
static void
build_rows(struct validation *validation, const struct worker_config *worker, const struct config *cfg)
{
    struct row_list *rows = &validation->rows, *own = &validation->own_rows;
    rows->arena = own->arena = &validation->arena;
    connector_config_base(rows, validation->plugin, worker, cfg);
    connector_config_aliases(rows, cfg);
    for (const struct config_row *row = validation->plugin->rows; row && row->name; row++) {
        struct config_row *known = (struct config_row *)row_list_find(rows, row->name);
        if (known)
            *known = *row;
        else
            row_list_add(own, row);
    }
}

static bool
find_plugin(struct validation *validation, const struct config *cfg, struct error *err)
{
    const char *class_name = config_get(cfg, "connector.class");
    if (!class_name) {
        struct strbuf shown = STRBUF_INIT; /* names only: values may be secrets */
        for (size_t i = 0; i < cfg->count && shown.len < 500; i++)
            strbuf_printf(&shown, "%s%s", i ? ", " : "", cfg->entries[i].key);
        error_set(err, ERROR_CONFIG, "Connector config {%s} contains no connector type", shown.data ? shown.data : "");
        strbuf_fini(&shown);
        return false;
    }
    validation->class_name = xstrdup(class_name);
    validation->plugin = connector_plugin_require(class_name, err);
    return validation->plugin != NULL;
}

/* What the connector says of its own settings, whatever is wrong with those that all connectors have. */
static void
check_own(struct validation *validation, const struct config *cfg)
{
    struct config_values own = CONFIG_VALUES_INIT;
    if (validation->own_rows.rows)
        config_validate(validation->own_rows.rows, cfg, &own);
    if (validation->plugin->validate)
        validation->plugin->validate(cfg, &own);
    config_values_take(&validation->values, &own);
}

static bool
check_everything(struct validation *validation, const struct worker_config *worker, const struct config *raw, const struct config *cfg,
                 struct error *err)
{
    struct config_values *values = &validation->values;
    build_rows(validation, worker, cfg);
    config_validate(validation->rows.rows, cfg, values);
    strip_alias_prefixes(values);
    connector_config_alias_errors(cfg, values);
    connector_config_class_names(values);
    collect_groups(validation);
    if (validation->plugin->type == CONNECTOR_SINK) {
        sink_topics(cfg, values);
        sink_group(worker, cfg, values);
    } else {
        source_exactly_once(worker, validation->plugin, cfg, values);
    }
    null_values(raw, &validation->own_rows, values);
    check_own(validation, cfg);
    if (!client_overrides(worker, cfg, validation, err))
        return false;
    for (int which = 0; which < 3; which++) {
        converter_settings(validation, cfg, which);
        converter_groups(validation, cfg, which);
    }
    return true;
}

/* A version of the connector that is not there: that is all there is to say. */
static void
report_unavailable(struct validation *validation, const struct config *cfg, const struct error *unavailable)
{
    validation->rows.arena = &validation->arena;
    connector_config_unavailable(&validation->rows, validation->plugin);
    config_validate(validation->rows.rows, cfg, &validation->values);
    collect_groups(validation);
    config_values_error(&validation->values, "connector.class", "%s", unavailable->message);
    config_values_error(&validation->values, "connector.plugin.version", "%s", unavailable->message);
}

bool
validation_run(struct validation *validation, const struct worker_config *worker, const struct config_providers *providers,
               const struct config *cfg, struct error *err)
{
    *validation = (struct validation){0};
    struct config *resolved = config_providers_resolve(providers, cfg, err);
    bool ok = resolved && find_plugin(validation, resolved, err);
    if (ok) {
        const struct connector_plugin *plugin = validation->plugin;
        struct error unavailable = ERROR_INIT;
        if (plugin_version_check(plugin->class_name, plugin->version, config_get(resolved, "connector.plugin.version"), &unavailable))
            ok = check_everything(validation, worker, cfg, resolved, err);
        else if (unavailable.code == ERROR_NOT_FOUND)
            report_unavailable(validation, resolved, &unavailable);
        else
            ok = error_set(err, ERROR_CONFIG, "%s", unavailable.message);
    }
    config_free(resolved);
    return ok;
}

void
validation_fini(struct validation *validation)
{
    free(validation->class_name);
    config_values_fini(&validation->values);
    string_list_fini(&validation->groups);
    row_list_fini(&validation->rows);
    row_list_fini(&validation->own_rows);
    for (int i = 0; i < 3; i++)
        row_list_fini(&validation->converter_rows[i]);
    arena_fini(&validation->arena);
    *validation = (struct validation){0};
}

bool
validation_passed(const struct validation *validation, char **message_out)
{
    size_t count = config_values_error_count(&validation->values);
    if (count == 0)
        return true;
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "Connector configuration is invalid and contains the following %zu error(s):", count);
    for (size_t i = 0; i < validation->values.count; i++)
        for (size_t e = 0; e < validation->values.items[i].errors.count; e++) {
            strbuf_putc(&text, '\n');
            strbuf_puts(&text, validation->values.items[i].errors.items[e]);
        }
    strbuf_puts(&text, "\nYou can also find the above list of errors at the endpoint "
                       "`/connector-plugins/{connectorType}/config/validate`");
    *message_out = strbuf_take(&text);
    return false;
}
