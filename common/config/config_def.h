/*
 * Definitions of settings: one table of rows per plug-in is parser, validator, default, REST description
 * and documentation, as Kafka's ConfigDef is. Nothing about a setting is written twice.
 */
#ifndef COMMON_CONFIG_CONFIG_DEF_H
#define COMMON_CONFIG_CONFIG_DEF_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The C type that a value is parsed into stands behind each; NULL texts stay NULL (numbers 0, lists empty). */
enum config_type {
    CONFIG_BOOLEAN,  /* bool */
    CONFIG_STRING,   /* char *, NULL for null */
    CONFIG_INT,      /* int32_t */
    CONFIG_SHORT,    /* int32_t, range of int16 */
    CONFIG_LONG,     /* int64_t; a null LONG parses to INT64_MIN */
    CONFIG_DOUBLE,   /* double */
    CONFIG_LIST,     /* struct string_list */
    CONFIG_CLASS,    /* char * */
    CONFIG_PASSWORD, /* char *; shown as [hidden], never logged */
};
enum config_importance { CONFIG_HIGH, CONFIG_MEDIUM, CONFIG_LOW };
enum config_width { CONFIG_WIDTH_NONE, CONFIG_WIDTH_SHORT, CONFIG_WIDTH_MEDIUM, CONFIG_WIDTH_LONG };

/* Default of a row that has none: the setting is required. */
extern const char config_no_default[];

struct config_row;

/* Checks a text that has the row's type, in its canonical form (lists joined by ","); called with NULL only if
   the row says so. False fills *err with the part of Kafka's message behind
   "Invalid value V for configuration K: ", or with another code than ERROR_CONFIG the whole text. For a class, ERROR_CONFIG
   means that there is none of that name. */
typedef bool config_check_fn(const struct config_row *row, const char *value, struct error *err);
/* Adds recommended values; may talk to the outside (e.g. list tables), bounded in time. */
typedef void config_recommend_fn(const struct config *cfg, struct string_list *out);
/* Is the setting of interest with this configuration? */
typedef bool config_visible_fn(const struct config *cfg);

#define CONFIG_NOT_PARSED ((size_t)-1)

struct config_row {
    const char *name;
    enum config_type type;
    const char *default_value;      /* text form; NULL: null; config_no_default: required */
    enum config_importance importance;
    const char *doc;                /* our own words, for REST and docs/CONFIGURATION.md */
    const char *group;
    int order_in_group;
    enum config_width width;
    const char *display_name;
    size_t offset;                  /* where config_parse stores it, or CONFIG_NOT_PARSED */
    const char *const *choices;     /* NULL-terminated allowed values, or NULL */
    bool choices_any_case;
    bool has_min, has_max;
    int64_t min, max;               /* for numbers */
    config_check_fn *check;         /* further rule, or NULL */
    bool checks_null;               /* `check` wants to see NULL too: a value that is missing or does not parse */
    config_recommend_fn *recommend; /* or NULL: none */
    config_visible_fn *visible;     /* or NULL: always */
    const char *const *dependents;  /* NULL-terminated names, or NULL */
    bool is_internal;               /* accepted, but not described */
};

/* Parse all rows of a table (ended by a row without name) into the struct `out`, zeroed by the caller;
   the first wrong value is the error (ERROR_CONFIG), worded as Kafka's ConfigException. On failure `out`
   holds nothing to free. */
bool config_parse(const struct config_row *rows, const struct config *cfg, void *out, struct error *err) MUST_CHECK;
/* Free the strings and lists that config_parse made in the struct. */
void config_parsed_free(const struct config_row *rows, void *out);

/* One setting of a validation result (Kafka's ConfigValue). */
struct config_value {
    char *name;
    char *value;                     /* text form of the parsed value, "[hidden]" for a set password; or NULL */
    const struct config_row *row;    /* NULL: unknown name that only has errors */
    struct string_list recommended, errors;
    bool is_visible;
};
struct config_values { /* those without a definition first, then in the order of definition */
    struct config_value *items;
    size_t count, size, undefined;             /* of count, the first so many */
    struct name_index by_name[2];              /* of the undefined ones, of the others */
};
#define CONFIG_VALUES_INIT ((struct config_values){0})

/* Check every row, each error kept beside its setting: Kafka's ConfigDef.validate. Appends to `out`. */
void config_validate(const struct config_row *rows, const struct config *cfg, struct config_values *out);
struct config_value *config_values_find(const struct config_values *values, const char *name);
/* Attach an error to a setting; a name that is not there yet is put first, without a definition. */
void config_values_error(struct config_values *values, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void config_value_error(struct config_value *value, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A setting without a definition: put first, behind others of its kind; or last. Texts are copied. */
void config_values_add(struct config_values *values, const char *name, const char *text);
struct config_value *config_values_append(struct config_values *values, const char *name, const char *text);
/* All of `from`, which is empty then, behind what is there; errors of what has no definition go to the setting of that name. */
void config_values_take(struct config_values *values, struct config_values *from);
size_t config_values_error_count(const struct config_values *values);
void config_values_fini(struct config_values *values);

/* Kafka's texts for one value against one row (0 to 2 errors) and its canonical text form (heap, or NULL). */
char *config_row_check(const struct config_row *row, const char *value, struct string_list *errors);

const char *config_type_name(enum config_type type);             /* "STRING" */
const char *config_importance_name(enum config_importance importance);
const char *config_width_name(enum config_width width);

#endif
