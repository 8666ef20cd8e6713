/* Parsing, checking and describing settings from their tables; texts are those of Kafka's ConfigDef. */
#include "common/config/config_def.h"

#include "common/base/alloc.h"
#include "common/base/strbuf.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char config_no_default[] = "(required)";

static const char *const type_names[] = {
    [CONFIG_BOOLEAN] = "BOOLEAN", [CONFIG_STRING] = "STRING", [CONFIG_INT] = "INT",
    [CONFIG_SHORT] = "SHORT",     [CONFIG_LONG] = "LONG",     [CONFIG_DOUBLE] = "DOUBLE",
    [CONFIG_LIST] = "LIST",       [CONFIG_CLASS] = "CLASS",   [CONFIG_PASSWORD] = "PASSWORD",
};

const char *
config_type_name(enum config_type type)
{
    return type_names[type];
}

const char *
config_importance_name(enum config_importance importance)
{
    static const char *const names[] = {[CONFIG_HIGH] = "HIGH", [CONFIG_MEDIUM] = "MEDIUM", [CONFIG_LOW] = "LOW"};
    return names[importance];
}

const char *
config_width_name(enum config_width width)
{
    static const char *const names[] = {[CONFIG_WIDTH_NONE] = "NONE", [CONFIG_WIDTH_SHORT] = "SHORT",
                                        [CONFIG_WIDTH_MEDIUM] = "MEDIUM", [CONFIG_WIDTH_LONG] = "LONG"};
    return names[width];
}

/* ---- one value --------------------------------------------------------------------------------------------- */

/* As String.trim: everything up to U+0020 at both ends. */
static char *
trim_dup(const char *text)
{
    size_t len = strlen(text);
    while (len > 0 && (unsigned char)text[len - 1] <= ' ')
        len--;
    size_t skip = 0;
    while (skip < len && (unsigned char)text[skip] <= ' ')
        skip++;
    return xmemdup(text + skip, len - skip);
}

static bool
parse_bool(const char *text, bool *out)
{
    *out = strcasecmp(text, "true") == 0;
    return *out || strcasecmp(text, "false") == 0;
}

/* As Integer.parseInt: a sign and decimal digits, nothing else. */
static bool
parse_integer(const char *text, int64_t min, int64_t max, int64_t *out)
{
    const char *digits = text + (*text == '-' || *text == '+');
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    if (errno || number < min || number > max)
        return false;
    *out = number;
    return true;
}

/* As Double.parseDouble: a type letter may follow; "NaN" and "Infinity" are written just so. */
static bool
parse_double(const char *text, double *out)
{
    const char *bare = text + (*text == '-' || *text == '+');
    if (!*bare || isspace((unsigned char)*bare))
        return false;
    if (isalpha((unsigned char)*bare) && strcmp(bare, "NaN") && strcmp(bare, "Infinity"))
        return false;
    char *end;
    *out = strtod(text, &end);
    if (end != text && *end && strchr("dDfF", *end) && !isalpha((unsigned char)*bare))
        end++;
    return end != text && !*end;
}

static bool
type_range(enum config_type type, int64_t *min, int64_t *max)
{
    switch (type) {
    case CONFIG_INT:
        *min = INT32_MIN, *max = INT32_MAX;
        return true;
    case CONFIG_SHORT:
        *min = INT16_MIN, *max = INT16_MAX;
        return true;
    case CONFIG_LONG:
        *min = INT64_MIN, *max = INT64_MAX;
        return true;
    default:
        return false;
    }
}

/* The shortest digits that read back the same, with Java's ".0". */
static char *
double_text(double number)
{
    if (isnan(number))
        return xstrdup("NaN");
    if (isinf(number))
        return xstrdup(number < 0 ? "-Infinity" : "Infinity");
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    return xasprintf("%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

/* The parts of a list joined by `separator`, after Kafka's splitting. */
static char *
list_text(const char *text, const char *separator)
{
    struct string_list items = STRING_LIST_INIT;
    string_list_split(&items, text);
    struct strbuf out = STRBUF_INIT;
    for (size_t i = 0; i < items.count; i++) {
        if (i)
            strbuf_puts(&out, separator);
        strbuf_puts(&out, items.items[i]);
    }
    string_list_fini(&items);
    return strbuf_take(&out);
}

static void
add_error(struct string_list *errors, const struct config_row *row, const char *value, const char *problem)
{
    char *list = NULL;
    if (value && row->type == CONFIG_LIST)
        list = list_text(value, ", ");
    if (value && row->type == CONFIG_PASSWORD)
        value = "[hidden]";
    char *text = xasprintf("Invalid value %s%s%s for configuration %s: %s", list ? "[" : "",
                           list ? list : value ? value : "null", list ? "]" : "", row->name, problem);
    string_list_add(errors, text);
    free(text);
    free(list);
}

/* ConfigDef.parseType: the canonical text (heap), or NULL with an error added. `text` is not null. */
static char *
parse_type(const struct config_row *row, const char *text, struct string_list *errors)
{
    char *trimmed = trim_dup(text), *result = NULL;
    int64_t min, max, integer;
    double number;
    bool flag;
    if (row->type == CONFIG_BOOLEAN) {
        if (parse_bool(trimmed, &flag))
            result = xstrdup(flag ? "true" : "false");
        else
            add_error(errors, row, text, "Expected value to be either true or false");
    } else if (type_range(row->type, &min, &max)) {
        if (parse_integer(trimmed, min, max, &integer))
            result = xasprintf("%lld", (long long)integer);
    } else if (row->type == CONFIG_DOUBLE) {
        if (parse_double(trimmed, &number))
            result = double_text(number);
    } else {
        result = row->type == CONFIG_LIST ? list_text(trimmed, ",") : xstrdup(trimmed);
    }
    if (!result && row->type != CONFIG_BOOLEAN) {
        char problem[64];
        snprintf(problem, sizeof(problem), "Not a number of type %s", config_type_name(row->type));
        add_error(errors, row, text, problem);
    }
    free(trimmed);
    return result;
}

static bool
is_choice(const struct config_row *row, const char *value)
{
    for (const char *const *choice = row->choices; *choice; choice++)
        if ((row->choices_any_case ? strcasecmp(*choice, value) : strcmp(*choice, value)) == 0)
            return true;
    return false;
}

static void
check_choices(const struct config_row *row, const char *value, struct string_list *errors)
{
    if (value && is_choice(row, value))
        return;
    struct strbuf problem = STRBUF_INIT;
    strbuf_puts(&problem, row->choices_any_case ? "String must be one of (case insensitive): " : "String must be one of: ");
    for (const char *const *choice = row->choices; *choice; choice++) {
        if (choice != row->choices)
            strbuf_puts(&problem, ", ");
        for (const char *c = *choice; *c; c++)
            strbuf_putc(&problem, row->choices_any_case ? (char)toupper((unsigned char)*c) : *c);
    }
    add_error(errors, row, value, problem.data);
    strbuf_fini(&problem);
}

static void
check_range(const struct config_row *row, const char *value, struct string_list *errors)
{
    char problem[64] = "Value must be non-null";
    if (value) {
        int64_t integer;
        double number;
        bool is_integer = parse_integer(value, INT64_MIN, INT64_MAX, &integer);
        bool is_number = is_integer || parse_double(value, &number);
        if (row->has_min && is_number && (is_integer ? integer < row->min : number < (double)row->min))
            snprintf(problem, sizeof(problem), "Value must be at least %lld", (long long)row->min);
        else if (row->has_max && is_number && (is_integer ? integer > row->max : number > (double)row->max))
            snprintf(problem, sizeof(problem), "Value must be no more than %lld", (long long)row->max);
        else
            return;
    }
    add_error(errors, row, value, problem);
}

/* The validators of a row. Java runs them on null too, which a value that does not parse has become. A
   setting whose default is null takes null. *missing_out: there is no such class. */
static void
run_checks(const struct config_row *row, const char *value, struct string_list *errors, bool *missing_out)
{
    *missing_out = false;
    size_t before = errors->count;
    bool may_be_null = !row->default_value;
    if ((row->has_min || row->has_max) && (value || !may_be_null))
        check_range(row, value, errors);
    if (row->choices && (value || !may_be_null))
        check_choices(row, value, errors);
    if (row->check && (value || row->checks_null) && errors->count == before) {
        struct error err = ERROR_INIT;
        if (!row->check(row, value, &err)) {
            *missing_out = row->type == CONFIG_CLASS && err.code == ERROR_CONFIG;
            if (err.code == ERROR_CONFIG)
                add_error(errors, row, value, err.message);
            else
                string_list_add(errors, err.message);
        }
    }
}

char *
config_row_check(const struct config_row *row, const char *value, struct string_list *errors)
{
    char *parsed = value ? parse_type(row, value, errors) : NULL;
    bool is_missing;
    run_checks(row, parsed, errors, &is_missing);
    if (is_missing) { /* a class that is not there has no value */
        free(parsed);
        parsed = NULL;
    }
    return parsed;
}

/* Value of a row in a configuration, or its default. */
static char *
row_value(const struct config_row *row, const struct config *cfg, struct string_list *errors)
{
    if (config_has(cfg, row->name))
        return config_row_check(row, config_get(cfg, row->name), errors);
    if (row->default_value != config_no_default)
        return config_row_check(row, row->default_value, errors);
    char *text = xasprintf("Missing required configuration \"%s\" which has no default value.", row->name);
    string_list_add(errors, text);
    free(text);
    bool is_missing;
    run_checks(row, NULL, errors, &is_missing);
    return NULL;
}

/* ---- a struct from a table --------------------------------------------------------------------------------------- */

/* `text` is canonical or NULL. */
static void
store(const struct config_row *row, const char *text, void *out)
{
    if (row->offset == CONFIG_NOT_PARSED)
        return;
    void *to = (char *)out + row->offset;
    int64_t integer = 0;
    switch (row->type) {
    case CONFIG_BOOLEAN:
        *(bool *)to = text && strcmp(text, "true") == 0;
        break;
    case CONFIG_INT:
    case CONFIG_SHORT:
        if (text)
            parse_integer(text, INT32_MIN, INT32_MAX, &integer);
        *(int32_t *)to = (int32_t)integer;
        break;
    case CONFIG_LONG:
        if (!text || !parse_integer(text, INT64_MIN, INT64_MAX, &integer))
            integer = INT64_MIN;
        *(int64_t *)to = integer;
        break;
    case CONFIG_DOUBLE:
        if (!text || !parse_double(text, (double *)to))
            *(double *)to = 0;
        break;
    case CONFIG_LIST:
        *(struct string_list *)to = STRING_LIST_INIT;
        if (text)
            string_list_split(to, text);
        break;
    case CONFIG_STRING:
    case CONFIG_CLASS:
    case CONFIG_PASSWORD:
        *(char **)to = xstrdup(text);
        break;
    }
}

bool
config_parse(const struct config_row *rows, const struct config *cfg, void *out, struct error *err)
{
    for (const struct config_row *row = rows; row->name; row++) {
        struct string_list errors = STRING_LIST_INIT;
        char *value = row_value(row, cfg, &errors);
        if (errors.count) {
            error_set(err, ERROR_CONFIG, "%s", errors.items[0]);
            err->java_class = "org.apache.kafka.common.config.ConfigException";
        } else {
            store(row, value, out);
        }
        free(value);
        bool is_fine = errors.count == 0;
        string_list_fini(&errors);
        if (!is_fine) {
            config_parsed_free(rows, out);
            return false;
        }
    }
    return true;
}

void
config_parsed_free(const struct config_row *rows, void *out)
{
    for (const struct config_row *row = rows; row->name; row++) {
        if (row->offset == CONFIG_NOT_PARSED)
            continue;
        void *at = (char *)out + row->offset;
        if (row->type == CONFIG_LIST) {
            string_list_fini(at);
        } else if (row->type == CONFIG_STRING || row->type == CONFIG_CLASS || row->type == CONFIG_PASSWORD) {
            free(*(char **)at);
            *(char **)at = NULL;
        }
    }
}

/* ---- validation --------------------------------------------------------------------------------------------------- */

/* The value is taken. */
static struct config_value *
values_insert(struct config_values *values, size_t at, struct config_value value)
{
    if (!values->items || values->count == values->size) {
        values->size = values->size ? values->size * 2 : 64;
        values->items = xrealloc(values->items, values->size * sizeof(*values->items));
    }
    memmove(values->items + at + 1, values->items + at, (values->count - at) * sizeof(*values->items));
    values->items[at] = value;
    values->count++;
    return &values->items[at];
}

static struct config_value *
values_append(struct config_values *values, struct config_value value)
{
    struct config_value *last = values_insert(values, values->count, value);
    name_index_added(&values->by_name[1], values->items + values->undefined, sizeof(*values->items), values->count - values->undefined);
    return last;
}

void
config_validate(const struct config_row *rows, const struct config *cfg, struct config_values *out)
{
    for (const struct config_row *row = rows; row->name; row++) {
        if (row->is_internal)
            continue;
        struct config_value *value = values_append(out, (struct config_value){.name = xstrdup(row->name), .row = row, .is_visible = true});
        value->value = row_value(row, cfg, &value->errors);
        if (value->value && row->type == CONFIG_PASSWORD) {
            free(value->value);
            value->value = xstrdup("[hidden]");
        }
        if (row->recommend)
            row->recommend(cfg, &value->recommended);
        if (row->visible)
            value->is_visible = row->visible(cfg);
    }
}

struct config_value *
config_values_find(const struct config_values *values, const char *name)
{
    size_t undefined = values->undefined, stride = sizeof(*values->items);
    size_t at = name_index_find(&values->by_name[0], values->items, stride, undefined, name);
    if (at != NAME_INDEX_NONE)
        return &values->items[at];
    at = name_index_find(&values->by_name[1], values->items + undefined, stride, values->count - undefined, name);
    return at == NAME_INDEX_NONE ? NULL : &values->items[undefined + at];
}

static void value_error(struct config_value *value, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void
value_error(struct config_value *value, const char *format, va_list args)
{
    char *text;
    int len = vasprintf(&text, format, args);
    ensure(len >= 0, "out of memory");
    string_list_add(&value->errors, text);
    free(text);
}

void
config_value_error(struct config_value *value, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    value_error(value, format, args);
    va_end(args);
}

static struct config_value *
add_undefined(struct config_values *values, const char *name)
{
    struct config_value *value = values_insert(values, values->undefined, (struct config_value){.name = xstrdup(name), .is_visible = true});
    values->undefined++;
    name_index_added(&values->by_name[0], values->items, sizeof(*values->items), values->undefined);
    return value;
}

void
config_values_error(struct config_values *values, const char *name, const char *format, ...)
{
    struct config_value *value = config_values_find(values, name);
    va_list args;
    va_start(args, format);
    value_error(value ? value : add_undefined(values, name), format, args);
    va_end(args);
}

void
config_values_add(struct config_values *values, const char *name, const char *text)
{
    add_undefined(values, name)->value = xstrdup(text);
}

struct config_value *
config_values_append(struct config_values *values, const char *name, const char *text)
{
    return values_append(values, (struct config_value){.name = xstrdup(name), .value = xstrdup(text), .is_visible = true});
}

void
config_values_take(struct config_values *values, struct config_values *from)
{
    for (size_t i = 0; i < from->undefined; i++)
        for (size_t e = 0; e < from->items[i].errors.count; e++)
            config_values_error(values, from->items[i].name, "%s", from->items[i].errors.items[e]);
    for (size_t i = from->undefined; i < from->count; i++)
        values_append(values, from->items[i]);
    from->count = from->undefined;
    config_values_fini(from);
}

size_t
config_values_error_count(const struct config_values *values)
{
    size_t count = 0;
    for (size_t i = 0; i < values->count; i++)
        count += values->items[i].errors.count;
    return count;
}

void
config_values_fini(struct config_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        free(values->items[i].name);
        free(values->items[i].value);
        string_list_fini(&values->items[i].recommended);
        string_list_fini(&values->items[i].errors);
    }
    free(values->items);
    name_index_fini(&values->by_name[0]);
    name_index_fini(&values->by_name[1]);
    *values = CONFIG_VALUES_INIT;
}
