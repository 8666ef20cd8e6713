/* Tables of the settings that all connectors have, and how transforms and predicates extend them. */
#include "connect/runtime/connector_config.h"

#include "common/base/alloc.h"
#include "common/base/regex.h"
#include "connect/converters/converter.h"
#include "connect/plugin_version.h"
#include "connect/plugins.h"
#include "connect/transforms/transform.h"

#include <stdlib.h>
#include <string.h>

#define NOT_STORED .offset = CONFIG_NOT_PARSED

/* ---- checks and recommendations --------------------------------------------------------------------------------- */

/* The text stands for \0 as the two bytes C0 80, since C strings cannot hold it. */
static bool
check_name(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    if (!*value)
        return error_set(err, ERROR_CONFIG, "String may not be empty");
    struct strbuf codes = STRBUF_INIT;
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        bool is_zero = at[0] == 0xC0 && at[1] == 0x80;
        bool is_c1 = at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0;
        if (!is_zero && !is_c1 && *at >= ' ' && *at != 0x7F)
            continue;
        int code = is_zero ? 0 : is_c1 ? at[1] : *at;
        strbuf_printf(&codes, "%s%d", codes.len ? ", " : "", code);
        at += is_zero || is_c1;
    }
    if (!codes.len)
        return true;
    error_set(err, ERROR_CONFIG, "String may not contain control sequences but had the following ASCII chars: %s", codes.data);
    strbuf_fini(&codes);
    return false;
}

static bool
check_not_blank(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return *value || error_set(err, ERROR_CONFIG, "String must be non-empty");
}

static bool
check_regex(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    if (!value)
        return error_set(err, ERROR_CONFIG, "Invalid regex: there is none");
    struct error why = ERROR_INIT;
    struct regex *regex = regex_new(value, &why);
    regex_free(regex);
    return regex || error_set(err, ERROR_CONFIG, "Invalid regex: %s", why.message);
}

/* The full name of a plug-in of any kind; NULL: there is none. */
static const char *
plugin_class(const char *name)
{
    const struct connector_plugin *connector = connector_plugin_find(name);
    const struct converter_plugin *converter = converter_plugin_find(name);
    const struct transform_plugin *transform = transform_plugin_find(name);
    const struct predicate_plugin *predicate = predicate_plugin_find(name);
    return connector   ? connector->class_name
           : converter ? converter->class_name
           : transform ? transform->class_name
           : predicate ? predicate->class_name
                       : NULL;
}

/* A class that is something else, or none at all. */
static bool
no_such_class(const char *name, const char *interface, struct error *err)
{
    const char *other = plugin_class(name);
    if (other)
        return error_set(err, ERROR_DATA, "Class class %s does not implement the %s interface", other, interface);
    return error_set(err, ERROR_CONFIG, "Class %s could not be found.", name);
}

static enum converter_role
role_of(const char *setting)
{
    return strcmp(setting, "header.converter") == 0 ? CONVERTER_HEADER : CONVERTER_VALUE;
}

static bool
check_converter(const struct config_row *row, const char *value, struct error *err)
{
    enum converter_role role = role_of(row->name);
    const struct converter_plugin *plugin = converter_plugin_find(value);
    return (plugin && converter_plugin_fits(plugin, role)) ||
           no_such_class(value, role == CONVERTER_HEADER ? "HeaderConverter" : "Converter", err);
}

static void
recommend_converters(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    for (const struct converter_plugin *const *plugin = converter_plugins; *plugin; plugin++)
        if (!(*plugin)->is_header_only)
            string_list_add(out, (*plugin)->class_name);
}

static void
recommend_header_converters(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    for (const struct converter_plugin *const *plugin = converter_plugins; *plugin; plugin++)
        if ((*plugin)->is_header_only || (*plugin)->is_header_too)
            string_list_add(out, (*plugin)->class_name);
}

/* Those of Apache Kafka: what a worker recommends that has the JDBC connector only. */
static void
recommend_transforms(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    for (const struct transform_plugin *const *plugin = transform_plugins; *plugin; plugin++)
        if (strncmp((*plugin)->class_name, "org.apache.kafka.", strlen("org.apache.kafka.")) == 0)
            string_list_add(out, (*plugin)->class_name);
}

static void
recommend_predicates(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    for (const struct predicate_plugin *const *plugin = predicate_plugins; *plugin; plugin++)
        string_list_add(out, (*plugin)->class_name);
}

static void
recommend_connector_version(const struct config *cfg, struct string_list *out)
{
    const char *class_name = config_get(cfg, "connector.class");
    const struct connector_plugin *plugin = class_name ? connector_plugin_find(class_name) : NULL;
    if (plugin)
        string_list_add(out, plugin->version);
}

static void
recommend_version(const struct config *cfg, struct string_list *out)
{
    (void)cfg;
    string_list_add(out, CONNECT_VERSION);
}

/* Two equal items in an alias list. */
static bool
check_aliases(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    if (!value)
        return error_set(err, ERROR_CONFIG, "entry must be non null");
    struct string_list items = STRING_LIST_INIT;
    string_list_split(&items, value);
    size_t given = items.count;
    string_list_unique(&items);
    bool ok = items.count == given || error_set(err, ERROR_CONFIG, "Duplicate alias provided.");
    string_list_fini(&items);
    return ok;
}

/* A class that exists only as CLASS$Key and CLASS$Value is abstract. */
static bool
check_transform(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    if (transform_plugin_find(value))
        return true;
    const char *dot = strrchr(value, '.');
    char *key = xasprintf("%s$Key", value), *both = xasprintf("%s$Value", value);
    const struct transform_plugin *key_plugin = dot ? transform_plugin_find(key) : NULL;
    const struct transform_plugin *value_plugin = dot ? transform_plugin_find(both) : NULL;
    if (key_plugin && value_plugin)
        error_set(err, ERROR_DATA, "This class is abstract and cannot be created. Did you mean %s, %s?", key, both);
    else
        no_such_class(value, "Transformation", err);
    free(key);
    free(both);
    return false;
}

static bool
check_predicate(const struct config_row *row, const char *value, struct error *err)
{
    (void)row;
    return predicate_plugin_find(value) || no_such_class(value, "Predicate", err);
}

/* ---- the fixed tables ---------------------------------------------------------------------------------------------- */

static const char *const reload_actions[] = {"none", "restart", NULL};
static const char *const tolerances[] = {"none", "all", NULL};
/* In the order in which Java's texts list them: that of a hash table. */
static const char *const support_levels[] = {"required", "requested", NULL};
static const char *const boundaries[] = {"interval", "poll", "connector", NULL};

#define VERSION_DOC "Version of the plugin; only the built-in one exists."

const struct config_row connector_config_common_rows[] = {
    {"name", CONFIG_STRING, config_no_default, CONFIG_HIGH, "Name of the connector, unique in the cluster.", "Common", 1,
     CONFIG_WIDTH_MEDIUM, "Connector name", NOT_STORED, .check = check_name},
    {"connector.class", CONFIG_STRING, config_no_default, CONFIG_HIGH,
     "Class of the connector, in full or by its alias without package and without Connector at the end.", "Common", 2,
     CONFIG_WIDTH_LONG, "Connector class", NOT_STORED},
    {"connector.plugin.version", CONFIG_STRING, NULL, CONFIG_MEDIUM, VERSION_DOC, "Common", 3, CONFIG_WIDTH_MEDIUM,
     "Connector version", NOT_STORED, .recommend = recommend_connector_version},
    {"tasks.max", CONFIG_INT, "1", CONFIG_HIGH, "Most tasks that the connector may have.", "Common", 4, CONFIG_WIDTH_SHORT,
     "Tasks max", NOT_STORED, .has_min = true, .min = 1},
    {"tasks.max.enforce", CONFIG_BOOLEAN, "true", CONFIG_LOW, "Fail a connector that makes more tasks than tasks.max, instead of only warning.",
     "Common", 5, CONFIG_WIDTH_SHORT, "Enforce tasks max", NOT_STORED},
    {"key.converter", CONFIG_CLASS, NULL, CONFIG_LOW, "Converter for keys; without it the worker's. Its settings stand behind key.converter.",
     "Common", 6, CONFIG_WIDTH_SHORT, "Key converter class", NOT_STORED, .check = check_converter, .recommend = recommend_converters},
    {"key.converter.plugin.version", CONFIG_STRING, NULL, CONFIG_LOW, VERSION_DOC, "Common", 7, CONFIG_WIDTH_SHORT,
     "Key converter version", NOT_STORED, .recommend = recommend_version},
    {"value.converter", CONFIG_CLASS, NULL, CONFIG_LOW, "Converter for values; without it the worker's. Its settings stand behind value.converter.",
     "Common", 8, CONFIG_WIDTH_SHORT, "Value converter class", NOT_STORED, .check = check_converter, .recommend = recommend_converters},
    {"value.converter.plugin.version", CONFIG_STRING, NULL, CONFIG_LOW, VERSION_DOC, "Common", 9, CONFIG_WIDTH_SHORT,
     "Value converter version", NOT_STORED, .recommend = recommend_version},
    {"header.converter", CONFIG_CLASS, NULL, CONFIG_LOW, "Converter for headers; without it the worker's.", "Common", 10,
     CONFIG_WIDTH_SHORT, "Header converter class", NOT_STORED, .check = check_converter, .recommend = recommend_header_converters},
    {"header.converter.plugin.version", CONFIG_STRING, NULL, CONFIG_LOW, VERSION_DOC, "Common", 11, CONFIG_WIDTH_SHORT,
     "Header converter version", NOT_STORED, .recommend = recommend_version},
    {"transforms", CONFIG_LIST, "", CONFIG_LOW, "Aliases of the transformations, in the order in which they are applied.",
     "Transforms", 12, CONFIG_WIDTH_LONG, "Transforms", NOT_STORED, .check = check_aliases, .checks_null = true},
    {"predicates", CONFIG_LIST, "", CONFIG_LOW, "Aliases of the predicates that transformations use.", "Predicates", 13,
     CONFIG_WIDTH_LONG, "Predicates", NOT_STORED, .check = check_aliases, .checks_null = true},
    {"config.action.reload", CONFIG_STRING, "restart", CONFIG_LOW,
     "What to do when a config provider announces a new value; the built-in ones never do.", "Common", 14, CONFIG_WIDTH_MEDIUM,
     "Reload Action", NOT_STORED, .choices = reload_actions},
    {"errors.retry.timeout", CONFIG_LONG, "0", CONFIG_MEDIUM, "How long an operation is tried again after an error that may pass, in ms; 0 not at all, -1 for ever. The converters and transforms here have no such errors, like those of Apache Kafka.",
     "Error Handling", 1, CONFIG_WIDTH_MEDIUM, "Retry Timeout for Errors", NOT_STORED},
    {"errors.retry.delay.max.ms", CONFIG_LONG, "60000", CONFIG_MEDIUM, "Longest pause between two such tries.", "Error Handling", 2,
     CONFIG_WIDTH_MEDIUM, "Maximum Delay Between Retries for Errors", NOT_STORED},
    {"errors.tolerance", CONFIG_STRING, "none", CONFIG_MEDIUM,
     "none: the first record that cannot be converted or transformed fails the task; all: it is skipped.", "Error Handling", 3,
     CONFIG_WIDTH_SHORT, "Error Tolerance", NOT_STORED, .choices = tolerances},
    {"errors.log.enable", CONFIG_BOOLEAN, "false", CONFIG_MEDIUM, "Write each such error to the log.", "Error Handling", 4,
     CONFIG_WIDTH_SHORT, "Log Errors", NOT_STORED},
    {"errors.log.include.messages", CONFIG_BOOLEAN, "false", CONFIG_MEDIUM, "Say in the log which record it was.", "Error Handling", 5,
     CONFIG_WIDTH_SHORT, "Log Error Details", NOT_STORED},
    {0},
};

const struct config_row connector_config_source_rows[] = {
    {"topic.creation.groups", CONFIG_LIST, "", CONFIG_LOW, "Names of groups of topics that are created with settings of their own.",
     "Topic Creation", 1, CONFIG_WIDTH_LONG, "Topic Creation Groups", NOT_STORED, .check = check_aliases, .checks_null = true},
    {"exactly.once.support", CONFIG_STRING, "requested", CONFIG_MEDIUM,
     "required: refuse to run without exactly-once support; requested: use it if the worker has it.", "Exactly Once Support", 2,
     CONFIG_WIDTH_SHORT, "Exactly once support", NOT_STORED, .choices = support_levels, .choices_any_case = true},
    {"transaction.boundary", CONFIG_STRING, "poll", CONFIG_MEDIUM,
     "What a transaction holds: one batch (poll), all of a time span (interval), or what the connector says.", "Exactly Once Support",
     3, CONFIG_WIDTH_SHORT, "Transaction Boundary", NOT_STORED, .choices = boundaries, .choices_any_case = true},
    {"transaction.boundary.interval.ms", CONFIG_LONG, NULL, CONFIG_LOW, "That time span; without it offset.flush.interval.ms.",
     "Exactly Once Support", 4, CONFIG_WIDTH_SHORT, "Transaction boundary interval", NOT_STORED, .has_min = true, .min = 0},
    {"offsets.storage.topic", CONFIG_STRING, NULL, CONFIG_LOW, "Own topic for the offsets of this connector.", "offsets.topic", 1,
     CONFIG_WIDTH_LONG, "Offsets topic", NOT_STORED, .check = check_not_blank},
    {0},
};

const struct config_row connector_config_sink_rows[] = {
    {"topics", CONFIG_LIST, "", CONFIG_HIGH, "Topics to read.", "Common", 4, CONFIG_WIDTH_LONG, "Topics", NOT_STORED},
    {"topics.regex", CONFIG_STRING, "", CONFIG_HIGH, "Regular expression for the topics to read; instead of topics.", "Common", 4,
     CONFIG_WIDTH_LONG, "Topics regex", NOT_STORED, .check = check_regex, .checks_null = true},
    {"errors.deadletterqueue.topic.name", CONFIG_STRING, "", CONFIG_MEDIUM, "Topic that gets the records which could not be processed.",
     "Error Handling", 6, CONFIG_WIDTH_MEDIUM, "Dead Letter Queue Topic Name", NOT_STORED},
    {"errors.deadletterqueue.topic.replication.factor", CONFIG_SHORT, "3", CONFIG_MEDIUM, "Replicas of that topic when it is created.",
     "Error Handling", 7, CONFIG_WIDTH_MEDIUM, "Dead Letter Queue Topic Replication Factor", NOT_STORED},
    {"errors.deadletterqueue.context.headers.enable", CONFIG_BOOLEAN, "false", CONFIG_MEDIUM,
     "Add headers that say where a record came from and what was wrong.", "Error Handling", 8, CONFIG_WIDTH_MEDIUM,
     "Enable Error Context Headers", NOT_STORED},
    {0},
};

/* ---- tables under construction ----------------------------------------------------------------------------------------- */

void
row_list_add(struct row_list *list, const struct config_row *row)
{
    if (list->count + 2 > list->size) {
        list->size = (list->count + 2) * 2;
        list->rows = xrealloc(list->rows, list->size * sizeof(*list->rows));
    }
    list->rows[list->count++] = *row;
    list->rows[list->count] = (struct config_row){0};
}

const struct config_row *
row_list_find(const struct row_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->rows[i].name, name) == 0)
            return &list->rows[i];
    return NULL;
}

void
row_list_fini(struct row_list *list)
{
    free(list->rows);
    list->rows = NULL;
    list->count = list->size = 0;
}

/* ConfigDef.sortedConfigs: those without a group first, then by order, required before others, importance, name. */
static int
compare_embedded(const void *left, const void *right)
{
    const struct config_row *a = *(const struct config_row *const *)left, *b = *(const struct config_row *const *)right;
    if (!a->group != !b->group)
        return a->group ? 1 : -1;
    if (a->group && strcmp(a->group, b->group))
        return a < b ? -1 : 1; /* groups keep the order of the table */
    if (a->order_in_group != b->order_in_group)
        return a->order_in_group < b->order_in_group ? -1 : 1;
    bool a_required = a->default_value == config_no_default, b_required = b->default_value == config_no_default;
    if (a_required != b_required)
        return a_required ? -1 : 1;
    if (a->importance != b->importance)
        return a->importance < b->importance ? -1 : 1;
    return strcmp(a->name, b->name);
}

void
row_list_embed(struct row_list *list, const char *prefix, const char *group, int first_order, const struct config_row *rows)
{
    size_t count = 0;
    while (rows[count].name)
        count++;
    const struct config_row **sorted = xcalloc(count + 1, sizeof(*sorted));
    for (size_t i = 0; i < count; i++)
        sorted[i] = &rows[i];
    qsort(sorted, count, sizeof(*sorted), compare_embedded);
    for (size_t i = 0; i < count; i++) {
        if (sorted[i]->is_internal)
            continue;
        struct config_row row = *sorted[i];
        row.name = arena_printf(list->arena, "%s%s", prefix, row.name);
        row.group = arena_printf(list->arena, "%s%s%s", group, row.group ? ": " : "", row.group ? row.group : "");
        row.order_in_group = first_order++;
        if (!row.display_name)
            row.display_name = sorted[i]->name;
        row_list_add(list, &row);
    }
    free(sorted);
}

/* ---- base and aliases ---------------------------------------------------------------------------------------------------- */

/* NULL: there is no such converter for what the setting is for. */
static const char *
converter_version(const char *setting, const char *class_name)
{
    const struct converter_plugin *plugin = class_name ? converter_plugin_find(class_name) : NULL;
    return plugin && converter_plugin_fits(plugin, role_of(setting)) ? plugin->version : NULL;
}

static bool
is_never_visible(const struct config *cfg)
{
    (void)cfg;
    return false;
}

/* A converter that is not there has no versions. */
static void
hide_version(struct config_row *row)
{
    row->recommend = NULL;
    row->visible = is_never_visible;
}

/* Defaults that depend on the worker: its converters, and the versions of what is used. */
static void
fill_default(struct config_row *row, const struct connector_plugin *plugin, const struct worker_config *worker, const struct config *cfg)
{
    const struct {
        const char *name, *version_name, *worker_class;
    } converters[] = {
        {"key.converter", "key.converter.plugin.version", worker ? worker->key_converter : NULL},
        {"value.converter", "value.converter.plugin.version", worker ? worker->value_converter : NULL},
        {"header.converter", "header.converter.plugin.version", worker ? worker->header_converter : NULL},
    };
    if (strcmp(row->name, "connector.plugin.version") == 0)
        row->default_value = plugin->version;
    for (size_t i = 0; worker && i < 3; i++) {
        if (strcmp(row->name, converters[i].name) == 0)
            row->default_value = converters[i].worker_class;
        if (strcmp(row->name, converters[i].version_name) != 0)
            continue;
        const char *name = converters[i].name;
        const char *class_name = config_has(cfg, name) ? config_get(cfg, name) : converters[i].worker_class;
        row->default_value = converter_version(name, class_name);
        if (!class_name || !converter_plugin_find(class_name))
            hide_version(row);
        else if (!row->default_value)
            row->recommend = NULL;
    }
}

void
connector_config_base(struct row_list *list, const struct connector_plugin *plugin, const struct worker_config *worker,
                      const struct config *cfg)
{
    const struct config_row *tables[] = {
        connector_config_common_rows,
        plugin->type == CONNECTOR_SOURCE ? connector_config_source_rows : connector_config_sink_rows,
    };
    for (size_t i = 0; i < 2; i++)
        for (const struct config_row *row = tables[i]; row->name; row++) {
            struct config_row copy = *row;
            fill_default(&copy, plugin, worker, cfg);
            row_list_add(list, &copy);
        }
}

void
connector_config_unavailable(struct row_list *list, const struct connector_plugin *plugin)
{
    for (const struct config_row *row = connector_config_common_rows; row->name; row++) {
        struct config_row copy = *row;
        bool is_converter = strstr(row->name, "converter") != NULL;
        fill_default(&copy, plugin, NULL, NULL);
        if (is_converter && strstr(row->name, ".version"))
            hide_version(&copy);
        else if (is_converter)
            copy.recommend = NULL;
        row_list_add(list, &copy);
    }
}

struct alias_kind {
    const char *setting;  /* "transforms" */
    const char *group;    /* "Transforms" */
    const char *display;  /* "Transformation" */
    config_check_fn *check;
    config_recommend_fn *recommend;
    bool has_predicate;
};
static const struct alias_kind alias_kinds[] = {
    {"transforms", "Transforms", "Transformation", check_transform, recommend_transforms, true},
    {"predicates", "Predicates", "Predicate", check_predicate, recommend_predicates, false},
};

static const struct config_row *
alias_class_rows(const struct alias_kind *kind, const char *class_name)
{
    if (kind->has_predicate) {
        const struct transform_plugin *plugin = transform_plugin_find(class_name);
        return plugin ? plugin->rows : NULL;
    }
    const struct predicate_plugin *plugin = predicate_plugin_find(class_name);
    return plugin ? plugin->rows : NULL;
}

/* The class's own rows and, for transforms, those of the predicate. */
static void
embed_class(struct row_list *list, const struct alias_kind *kind, const char *prefix, const char *group, const struct config_row *own)
{
    static const struct config_row predicate_rows[] = {
        {"predicate", CONFIG_STRING, NULL, CONFIG_MEDIUM, "Alias of a predicate that says to which records the transformation applies.",
         NULL, -1, CONFIG_WIDTH_NONE, "predicate", NOT_STORED},
        {"negate", CONFIG_BOOLEAN, "false", CONFIG_MEDIUM, "Apply it to the other records instead.", NULL, -1, CONFIG_WIDTH_NONE,
         "negate", NOT_STORED},
        {0},
    };
    struct row_list all = {.arena = list->arena};
    for (const struct config_row *row = own; row->name; row++) {
        struct config_row copy = *row;
        if (!copy.group)
            copy.order_in_group = -1;
        row_list_add(&all, &copy);
    }
    for (const struct config_row *row = predicate_rows; kind->has_predicate && row->name; row++)
        row_list_add(&all, row);
    if (all.rows)
        row_list_embed(list, prefix, group, 2, all.rows);
    row_list_fini(&all);
}

static void
add_alias(struct row_list *list, const struct alias_kind *kind, const char *alias, const struct config *cfg)
{
    char *prefix = arena_printf(list->arena, "%s.%s.", kind->setting, alias);
    char *group = arena_printf(list->arena, "%s: %s", kind->group, alias);
    struct config_row type = {
        arena_printf(list->arena, "%stype", prefix), CONFIG_CLASS, config_no_default, CONFIG_HIGH,
        arena_printf(list->arena, "Class of %s.", alias), group, 0, CONFIG_WIDTH_LONG,
        arena_printf(list->arena, "%s type for %s", kind->display, alias), NOT_STORED, .check = kind->check,
        .recommend = kind->recommend,
    };
    row_list_add(list, &type);
    const char *class_name = config_get(cfg, type.name);
    const struct config_row *own = class_name ? alias_class_rows(kind, class_name) : NULL;
    struct config_row version = {
        arena_printf(list->arena, "%splugin.version", prefix), CONFIG_STRING, own ? CONNECT_VERSION : NULL, CONFIG_HIGH, VERSION_DOC,
        group, 1, CONFIG_WIDTH_LONG, arena_printf(list->arena, "%s version for %s", kind->display, alias), NOT_STORED,
        .recommend = own ? recommend_version : NULL,
    };
    row_list_add(list, &version);
    struct error unavailable = ERROR_INIT;
    if (own && plugin_version_check(class_name, CONNECT_VERSION, config_get(cfg, version.name), &unavailable))
        embed_class(list, kind, prefix, group, own);
}

void
connector_config_aliases(struct row_list *list, const struct config *cfg)
{
    for (size_t k = 0; k < sizeof(alias_kinds) / sizeof(alias_kinds[0]); k++) {
        struct string_list aliases = STRING_LIST_INIT;
        string_list_split(&aliases, config_get_or(cfg, alias_kinds[k].setting, ""));
        string_list_unique(&aliases);
        for (size_t i = 0; i < aliases.count; i++)
            add_alias(list, &alias_kinds[k], aliases.items[i], cfg);
        string_list_fini(&aliases);
    }
}

void
connector_config_version_errors(const char *class_setting, const char *class_name, const char *version_setting,
                                const struct config *cfg, struct config_values *values)
{
    struct error err = ERROR_INIT;
    const char *shown = class_name ? class_name : "";
    if (plugin_version_check(shown, CONNECT_VERSION, config_get(cfg, version_setting), &err))
        return;
    if (class_name)
        config_values_error(values, class_setting, "%s", err.message);
    if (class_name || err.code == ERROR_CONFIG)
        config_values_error(values, version_setting, "%s", err.message);
}

void
connector_config_class_names(struct config_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        struct config_value *value = &values->items[i];
        const char *full = value->row && value->row->type == CONFIG_CLASS && value->value ? plugin_class(value->value) : NULL;
        if (!full)
            continue;
        free(value->value);
        value->value = xstrdup(full);
    }
}

static void
alias_errors(const struct alias_kind *kind, const char *alias, const struct config *cfg, struct config_values *values)
{
    char *type = xasprintf("%s.%s.type", kind->setting, alias), *version = xasprintf("%s.%s.plugin.version", kind->setting, alias);
    char *negate = xasprintf("%s.%s.negate", kind->setting, alias), *predicate = xasprintf("%s.%s.predicate", kind->setting, alias);
    const char *class_name = config_get(cfg, type);
    if (class_name && alias_class_rows(kind, class_name))
        connector_config_version_errors(type, class_name, version, cfg, values);
    if (kind->has_predicate && config_has(cfg, negate) && !config_has(cfg, predicate))
        config_values_error(values, type,
                            "Config '%s' was provided but there is no config '%s' defining a predicate to be negated.", negate, predicate);
    free(type);
    free(version);
    free(negate);
    free(predicate);
}

void
connector_config_alias_errors(const struct config *cfg, struct config_values *values)
{
    for (size_t k = 0; k < sizeof(alias_kinds) / sizeof(alias_kinds[0]); k++) {
        struct string_list aliases = STRING_LIST_INIT;
        string_list_split(&aliases, config_get_or(cfg, alias_kinds[k].setting, ""));
        for (size_t i = 0; i < aliases.count; i++)
            alias_errors(&alias_kinds[k], aliases.items[i], cfg, values);
        string_list_fini(&aliases);
    }
}
