/* Lists of expressions are compiled once; a question is a text made of names, matched in full against them. */
#include "connect/connectors/binlog/filter.h"

#include "common/base/alloc.h"
#include "common/base/regex.h"
#include "common/base/strbuf.h"
#include "connect/connectors/binlog/config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct patterns {
    struct regex **items;
    size_t count;
};

enum list {
    DATABASE_INCLUDE, DATABASE_EXCLUDE, TABLE_INCLUDE, TABLE_EXCLUDE, COLUMN_INCLUDE, COLUMN_EXCLUDE, SNAPSHOT_INCLUDE,
    PROPAGATE_COLUMN, PROPAGATE_DATATYPE, GTID_INCLUDE, GTID_EXCLUDE, LIST_COUNT,
};

static const char *const settings[LIST_COUNT] = {
    "database.include.list", "database.exclude.list", "table.include.list", "table.exclude.list", "column.include.list",
    "column.exclude.list", "snapshot.include.collection.list", "column.propagate.source.type", "datatype.propagate.source.type",
    "gtid.source.includes", "gtid.source.excludes",
};

struct mask_rule {
    struct cdc_mask mask;
    char *algorithm, *salt; /* what the mask points to */
    struct patterns columns;
};

struct cdc_filters {
    const struct cdc_config *config;
    struct patterns lists[LIST_COUNT];
    struct mask_rule *masks;
    size_t mask_count;
    struct patterns keys; /* "TABLES.COLUMN" for each column of message.key.columns, in order */
};

/* ---- lists of expressions --------------------------------------------------------------------------------------------- */

/* Blanks around it do not count; a part without anything is none. */
static void
add_part(struct string_list *out, struct strbuf *part)
{
    static const char blanks[] = " \t\r\n";
    if (part->len == 0)
        return;
    while (part->len > 0 && strchr(blanks, part->data[part->len - 1]))
        part->data[--part->len] = '\0';
    const char *text = part->data + strspn(part->data, blanks);
    if (*text)
        string_list_add(out, text);
    strbuf_reset(part);
}

void
cdc_regex_split(const char *text, struct string_list *out)
{
    struct strbuf part = STRBUF_INIT;
    for (; *text; text++) {
        if (*text == ',') {
            add_part(out, &part);
        } else if (*text == '\\' && text[1]) {
            if (text[1] != ',')
                strbuf_putc(&part, '\\');
            strbuf_putc(&part, *++text);
        } else {
            strbuf_putc(&part, *text);
        }
    }
    add_part(out, &part);
    strbuf_fini(&part);
}

static bool
patterns_add(struct patterns *patterns, const char *expression, struct error *err)
{
    struct strbuf text = STRBUF_INIT;
    strbuf_printf(&text, "(?i)%s", expression);
    struct regex *regex = regex_new(text.data, err);
    strbuf_fini(&text);
    if (!regex)
        return false;
    patterns->items = xrealloc(patterns->items, (patterns->count + 1) * sizeof(*patterns->items));
    patterns->items[patterns->count++] = regex;
    return true;
}

static bool
patterns_init(struct patterns *patterns, const char *list, struct error *err)
{
    struct string_list parts = STRING_LIST_INIT;
    cdc_regex_split(list ? list : "", &parts);
    bool is_fine = true;
    for (size_t i = 0; i < parts.count && is_fine; i++)
        is_fine = patterns_add(patterns, parts.items[i], err);
    string_list_fini(&parts);
    return is_fine;
}

static void
patterns_fini(struct patterns *patterns)
{
    for (size_t i = 0; i < patterns->count; i++)
        regex_free(patterns->items[i]);
    free(patterns->items);
}

/* The first that matches; count: none does. */
static size_t
patterns_find(const struct patterns *patterns, const char *text)
{
    size_t i = 0;
    while (i < patterns->count && !regex_matches(patterns->items[i], text))
        i++;
    return i;
}

static bool
patterns_match(const struct patterns *patterns, const char *text)
{
    return patterns_find(patterns, text) < patterns->count;
}

/* With an include list what it matches, else what the exclude list does not match. */
static bool
passes(const struct cdc_filters *filters, enum list include, enum list exclude, const char *text)
{
    if (filters->lists[include].count)
        return patterns_match(&filters->lists[include], text);
    return !patterns_match(&filters->lists[exclude], text);
}

/* ---- masks -------------------------------------------------------------------------------------------------------------- */

/* What stands in `name` between two texts, as a heap string; NULL: it is another name. */
static char *
between(const char *name, const char *prefix, const char *suffix)
{
    size_t len = strlen(name), before = strlen(prefix), behind = strlen(suffix);
    if (len <= before + behind || strncmp(name, prefix, before) != 0 || strcmp(name + len - behind, suffix) != 0)
        return NULL;
    return xmemdup(name + before, len - before - behind);
}

static bool
is_number(const char *text)
{
    return *text && strspn(text, "0123456789") == strlen(text) && strlen(text) < 10;
}

/* column.truncate.to.N.chars, column.mask.with.N.chars */
static bool
parse_length_mask(const char *name, struct mask_rule *rule)
{
    static const struct {
        const char *prefix;
        enum cdc_mask_kind kind;
    } kinds[] = {{"column.truncate.to.", CDC_MASK_TRUNCATE}, {"column.mask.with.", CDC_MASK_CHARS}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        char *number = between(name, kinds[i].prefix, ".chars");
        bool is_found = number && is_number(number);
        if (is_found)
            rule->mask = (struct cdc_mask){.kind = kinds[i].kind, .length = atoi(number)};
        free(number);
        if (is_found)
            return true;
    }
    return false;
}

/* column.mask.hash.ALGORITHM.with.salt.SALT, column.mask.hash.v2.ALGORITHM.with.salt.SALT */
static bool
parse_hash_mask(const char *name, struct mask_rule *rule)
{
    static const char prefix[] = "column.mask.hash.", middle[] = ".with.salt.";
    if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
        return false;
    const char *algorithm = name + sizeof(prefix) - 1;
    bool is_v2 = strncmp(algorithm, "v2.", 3) == 0;
    algorithm += is_v2 ? 3 : 0;
    size_t len = strcspn(algorithm, ".");
    if (len == 0 || strncmp(algorithm + len, middle, sizeof(middle) - 1) != 0 || !algorithm[len + sizeof(middle) - 1])
        return false;
    rule->algorithm = xmemdup(algorithm, len);
    rule->salt = xstrdup(algorithm + len + sizeof(middle) - 1);
    rule->mask = (struct cdc_mask){.kind = is_v2 ? CDC_MASK_HASH_V2 : CDC_MASK_HASH, .algorithm = rule->algorithm, .salt = rule->salt};
    return true;
}

/* In the order in which the original looks for them: truncate, stars, hash, hash v2. */
static const enum cdc_mask_kind mask_order[] = {CDC_MASK_TRUNCATE, CDC_MASK_CHARS, CDC_MASK_HASH, CDC_MASK_HASH_V2};

static bool
add_masks(struct cdc_filters *filters, const struct config *cfg, enum cdc_mask_kind kind, struct error *err)
{
    for (size_t i = 0; i < cfg->count; i++) {
        struct mask_rule rule = {0};
        if (!cfg->entries[i].value || (!parse_length_mask(cfg->entries[i].key, &rule) && !parse_hash_mask(cfg->entries[i].key, &rule)))
            continue;
        if (rule.mask.kind != kind) {
            free(rule.algorithm);
            free(rule.salt);
            continue;
        }
        filters->masks = xrealloc(filters->masks, (filters->mask_count + 1) * sizeof(*filters->masks));
        filters->masks[filters->mask_count++] = rule;
        if (!patterns_init(&filters->masks[filters->mask_count - 1].columns, cfg->entries[i].value, err))
            return error_wrap(err, "%s", cfg->entries[i].key);
    }
    return true;
}

/* ---- keys ---------------------------------------------------------------------------------------------------------------- */

/* TABLES:COLUMN,COLUMN;... : an expression a column. */
static bool
add_key_columns(struct cdc_filters *filters, const char *mapping, size_t len, struct error *err)
{
    const char *colon = memchr(mapping, ':', len), *end = mapping + len;
    if (!colon)
        return true; /* was refused before */
    for (const char *at = colon + 1; at < end;) {
        size_t part = strcspn(at, ",;");
        char *expression = xasprintf("%.*s.%.*s", (int)(colon - mapping), mapping, (int)part, at);
        bool is_fine = patterns_add(&filters->keys, expression, err);
        free(expression);
        if (!is_fine)
            return error_wrap(err, "message.key.columns");
        at += part + 1;
    }
    return true;
}

static bool
add_keys(struct cdc_filters *filters, const char *mappings, struct error *err)
{
    for (const char *at = mappings; at && *at;) {
        at += strspn(at, " \t\r\n");
        size_t len = strcspn(at, ";"), trimmed = len;
        while (trimmed > 0 && strchr(" \t\r\n", at[trimmed - 1]))
            trimmed--;
        if (!add_key_columns(filters, at, trimmed, err))
            return false;
        at += len + (at[len] == ';');
    }
    return true;
}

/* ---- all together ---------------------------------------------------------------------------------------------------------- */

struct cdc_filters *
cdc_filters_new(const struct cdc_config *config, struct error *err)
{
    struct cdc_filters *filters = xcalloc(1, sizeof(*filters));
    filters->config = config;
    bool is_fine = true;
    for (int i = 0; i < LIST_COUNT && is_fine; i++)
        is_fine = patterns_init(&filters->lists[i], config_get(config->cfg, settings[i]), err) || error_wrap(err, "%s", settings[i]);
    for (size_t i = 0; i < sizeof(mask_order) / sizeof(*mask_order) && is_fine; i++)
        is_fine = add_masks(filters, config->cfg, mask_order[i], err);
    if (is_fine && add_keys(filters, config->message_key_columns, err))
        return filters;
    cdc_filters_free(filters);
    return NULL;
}

void
cdc_filters_free(struct cdc_filters *filters)
{
    if (!filters)
        return;
    for (int i = 0; i < LIST_COUNT; i++)
        patterns_fini(&filters->lists[i]);
    for (size_t i = 0; i < filters->mask_count; i++) {
        patterns_fini(&filters->masks[i].columns);
        free(filters->masks[i].algorithm);
        free(filters->masks[i].salt);
    }
    free(filters->masks);
    patterns_fini(&filters->keys);
    free(filters);
}

/* ---- questions -------------------------------------------------------------------------------------------------------------- */

static bool
is_builtin(const char *database)
{
    static const char *const names[] = {"mysql", "performance_schema", "sys", "information_schema"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcasecmp(names[i], database) == 0)
            return true;
    return false;
}

bool
cdc_filters_has_database(const struct cdc_filters *filters, const char *database)
{
    return passes(filters, DATABASE_INCLUDE, DATABASE_EXCLUDE, database);
}

/* Does an expression match "database.table"? */
static bool
table_passes(const struct cdc_filters *filters, enum list include, enum list exclude, const char *database, const char *table)
{
    char *name = xasprintf("%s.%s", database, table);
    bool does = passes(filters, include, exclude, name);
    free(name);
    return does;
}

bool
cdc_filters_is_signal(const struct cdc_filters *filters, const char *database, const char *table)
{
    const char *name = filters->config->signal_table;
    size_t len = strlen(database);
    return name && strncmp(name, database, len) == 0 && name[len] == '.' && strcmp(name + len + 1, table) == 0;
}

bool
cdc_filters_has_table(const struct cdc_filters *filters, const char *database, const char *table)
{
    if (cdc_filters_is_signal(filters, database, table))
        return true;
    return !(filters->config->ignore_builtin && is_builtin(database)) && cdc_filters_has_database(filters, database) &&
           table_passes(filters, TABLE_INCLUDE, TABLE_EXCLUDE, database, table);
}

bool
cdc_filters_in_schema(const struct cdc_filters *filters, const char *database, const char *table)
{
    const struct cdc_config *config = filters->config;
    if (config->ignore_builtin && is_builtin(database) && !cdc_filters_is_signal(filters, database, table))
        return false;
    if (config->history_only_captured_tables)
        return cdc_filters_has_table(filters, database, table);
    return !config->history_only_captured_databases || cdc_filters_has_database(filters, database);
}

bool
cdc_filters_has_gtid_source(const struct cdc_filters *filters, const char *source)
{
    return passes(filters, GTID_INCLUDE, GTID_EXCLUDE, source);
}

bool
cdc_filters_in_snapshot(const struct cdc_filters *filters, const char *database, const char *table)
{
    if (!filters->lists[SNAPSHOT_INCLUDE].count)
        return true;
    char *name = xasprintf("%s.%s", database, table);
    bool does = patterns_match(&filters->lists[SNAPSHOT_INCLUDE], name);
    free(name);
    return does;
}

size_t
cdc_filters_table_rank(const struct cdc_filters *filters, const char *database, const char *table)
{
    char *name = xasprintf("%s.%s", database, table);
    size_t rank = patterns_find(&filters->lists[TABLE_INCLUDE], name);
    free(name);
    return rank;
}

const char *
cdc_filters_select_override(const struct cdc_filters *filters, const char *database, const char *table)
{
    struct string_list tables = STRING_LIST_INIT;
    char *name = xasprintf("%s.%s", database, table);
    string_list_split(&tables, filters->config->select_overrides ? filters->config->select_overrides : "");
    const char *found = NULL;
    if (string_list_has(&tables, name)) {
        char *setting = xasprintf("snapshot.select.statement.overrides.%s", name);
        found = config_get(filters->config->cfg, setting);
        free(setting);
    }
    string_list_fini(&tables);
    free(name);
    return found;
}

static char *
column_name(const struct cdc_table *table, const char *last)
{
    return xasprintf("%s.%s.%s", table->database, table->name, last);
}

bool
cdc_filters_has_column(const struct cdc_filters *filters, const struct cdc_table *table, const struct cdc_column *column)
{
    char *name = column_name(table, column->name);
    bool does = passes(filters, COLUMN_INCLUDE, COLUMN_EXCLUDE, name);
    free(name);
    return does;
}

const struct cdc_mask *
cdc_filters_mask(const struct cdc_filters *filters, const struct cdc_table *table, const struct cdc_column *column)
{
    const struct cdc_mask *found = NULL;
    char *name = column_name(table, column->name);
    for (size_t i = 0; i < filters->mask_count && !found; i++)
        if (patterns_match(&filters->masks[i].columns, name))
            found = &filters->masks[i].mask;
    free(name);
    return found;
}

bool
cdc_filters_propagates(const struct cdc_filters *filters, const struct cdc_table *table, const struct cdc_column *column)
{
    char *name = column_name(table, column->name), *type = column_name(table, column->type_name);
    bool does = patterns_match(&filters->lists[PROPAGATE_COLUMN], name) || patterns_match(&filters->lists[PROPAGATE_DATATYPE], type);
    free(name);
    free(type);
    return does;
}

static size_t
table_key(const struct cdc_table *table, size_t *out)
{
    size_t count = 0;
    for (size_t i = 0; i < table->key_count; i++) {
        const struct cdc_column *column = cdc_table_column(table, table->key[i]);
        if (column)
            out[count++] = (size_t)(column - table->columns);
    }
    return count;
}

size_t
cdc_filters_key(const struct cdc_filters *filters, const struct cdc_table *table, size_t *out)
{
    size_t count = 0;
    for (size_t k = 0; k < filters->keys.count; k++)
        for (size_t i = 0; i < table->column_count; i++) {
            char *name = column_name(table, table->columns[i].name);
            bool is_key = regex_matches(filters->keys.items[k], name);
            free(name);
            for (size_t o = 0; o < count && is_key; o++)
                is_key = out[o] != i;
            if (is_key)
                out[count++] = i;
        }
    return count ? count : table_key(table, out);
}
