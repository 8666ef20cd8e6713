#include "connect/connectors/binlog/signal.h"

#include "common/base/alloc.h"
#include "common/base/regex.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const kinds[] = {
    [CDC_SIGNAL_EXECUTE] = "execute-snapshot", [CDC_SIGNAL_STOP] = "stop-snapshot", [CDC_SIGNAL_PAUSE] = "pause-snapshot",
    [CDC_SIGNAL_RESUME] = "resume-snapshot", [CDC_SIGNAL_LOG] = "log", [CDC_SIGNAL_WINDOW_OPEN] = "snapshot-window-open",
    [CDC_SIGNAL_WINDOW_CLOSE] = "snapshot-window-close",
};

static enum cdc_signal_kind
kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (strcmp(kinds[i], type) == 0)
            return (enum cdc_signal_kind)i;
    return CDC_SIGNAL_UNKNOWN;
}

static void
read_texts(const json_t *list, struct string_list *out)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) {
        if (json_is_string(item))
            string_list_add(out, json_string_value(item));
    }
}

static void
read_conditions(const json_t *list, struct string_list *out)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) {
        const char *table = json_string_value(json_object_get(item, "data-collection"));
        const char *filter = json_string_value(json_object_get(item, "filter"));
        if (table && filter) {
            string_list_add(out, table);
            string_list_add(out, filter);
        }
    }
}

static void
read_data(const json_t *data, struct cdc_signal *out)
{
    const char *type = json_string_value(json_object_get(data, "type"));
    out->is_blocking = type && strcasecmp(type, "blocking") == 0;
    read_texts(json_object_get(data, "data-collections"), &out->tables);
    read_conditions(json_object_get(data, "additional-conditions"), &out->conditions);
    out->surrogate_key = xstrdup(json_string_value(json_object_get(data, "surrogate-key")));
    out->message = xstrdup(json_string_value(json_object_get(data, "message")));
}

bool
cdc_signal_parse(const char *id, const char *type, const char *data, struct cdc_signal *out, struct error *err)
{
    struct cdc_signal signal = {.kind = kind_of(type), .id = xstrdup(id), .tables = STRING_LIST_INIT, .conditions = STRING_LIST_INIT};
    bool is_own = signal.kind == CDC_SIGNAL_WINDOW_OPEN || signal.kind == CDC_SIGNAL_WINDOW_CLOSE;
    json_error_t problem;
    json_t *object = !is_own && data && *data ? json_loads(data, 0, &problem) : NULL;
    if (!is_own && data && *data && !json_is_object(object)) {
        cdc_signal_fini(&signal);
        json_decref(object);
        return error_set(err, ERROR_DATA, "the data of signal '%s' of type '%s' is not a JSON object", id, type);
    }
    read_data(object, &signal);
    json_decref(object);
    if (signal.kind == CDC_SIGNAL_EXECUTE && signal.tables.count == 0) {
        cdc_signal_fini(&signal);
        return error_set(err, ERROR_DATA, "signal '%s' of type '%s' has no data-collections", id, type);
    }
    *out = signal;
    return true;
}

void
cdc_signal_fini(struct cdc_signal *signal)
{
    free(signal->id);
    free(signal->message);
    free(signal->surrogate_key);
    string_list_fini(&signal->tables);
    string_list_fini(&signal->conditions);
    *signal = (struct cdc_signal){0};
}

bool
cdc_signal_names(const char *expression, const char *label)
{
    struct error ignored;
    char *text = xasprintf("(?i)%s", expression);
    struct regex *regex = regex_new(text, &ignored);
    bool is_match = regex && regex_matches(regex, label);
    regex_free(regex);
    free(text);
    return is_match;
}

const char *
cdc_signal_condition(const struct cdc_signal *signal, const char *label)
{
    for (size_t i = 0; i + 1 < signal->conditions.count; i += 2)
        if (cdc_signal_names(signal->conditions.items[i], label))
            return signal->conditions.items[i + 1];
    return NULL;
}
