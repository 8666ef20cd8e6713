/* The JSON of the answers, in Java's order of members, and which status an error has. */
#include "connect/rest/rest_priv.h"

#include "common/http/uri.h"
#include "connect/plugins.h"

#include <stdlib.h>
#include <string.h>

/* ---- replies --------------------------------------------------------------------------------------------------- */

void
reply_json(struct call *call, int status)
{
    call->response->status = status;
    http_set(call->response, "Content-Type", call->media_type);
}

void
reply_empty(struct call *call, int status)
{
    http_reset(call->response, status);
}

void
reply_error(struct call *call, int status, const char *message, bool has_type)
{
    http_reset(call->response, status);
    strbuf_printf(&call->response->body, "{\"error_code\":%d,\"message\":", status);
    body_string(&call->response->body, message);
    strbuf_putc(&call->response->body, '}');
    if (has_type)
        http_set(call->response, "Content-Type", call->media_type);
}

int
error_status(const struct error *err)
{
    static const int statuses[] = {
        [ERROR_NONE] = 500,    [ERROR_CONFIG] = 400,      [ERROR_NOT_FOUND] = 404, [ERROR_CONFLICT] = 409, [ERROR_DATA] = 400,
        [ERROR_TIMEOUT] = 500, [ERROR_UNAVAILABLE] = 500, [ERROR_UNCERTAIN] = 500, [ERROR_INTERNAL] = 500,
    };
    return err->cause >= 400 && err->cause < 600 ? err->cause : statuses[err->code];
}

/* ---- connectors --------------------------------------------------------------------------------------------------- */

void
view_config(struct strbuf *out, const struct config *cfg)
{
    strbuf_putc(out, '{');
    for (size_t i = 0; i < cfg->count; i++) {
        if (i)
            strbuf_putc(out, ',');
        body_string(out, cfg->entries[i].key);
        strbuf_putc(out, ':');
        body_string(out, cfg->entries[i].value);
    }
    strbuf_putc(out, '}');
}

static const char *
type_of(const struct config *cfg)
{
    const char *class_name = config_get(cfg, "connector.class");
    const struct connector_plugin *plugin = class_name ? connector_plugin_find(class_name) : NULL;
    return plugin ? connector_type_name(plugin->type) : "unknown";
}

void
view_connector(struct strbuf *out, const char *name, const struct config *cfg, size_t task_count)
{
    strbuf_puts(out, "{\"name\":");
    body_string(out, name);
    strbuf_puts(out, ",\"config\":");
    view_config(out, cfg);
    strbuf_puts(out, ",\"tasks\":[");
    for (size_t i = 0; i < task_count; i++) {
        strbuf_puts(out, i ? ",{\"connector\":" : "{\"connector\":");
        body_string(out, name);
        strbuf_printf(out, ",\"task\":%zu}", i);
    }
    strbuf_printf(out, "],\"type\":\"%s\"}", type_of(cfg));
}

void
view_connector_config(struct strbuf *out, const struct config_connector *connector)
{
    view_connector(out, connector->name, connector->config, connector->task_count);
}

static void
view_state(struct strbuf *out, const struct status *status)
{
    strbuf_printf(out, "\"state\":\"%s\",\"worker_id\":", status_state_name(status->state));
    body_string(out, status->worker_id);
    if (status->version) {
        strbuf_puts(out, ",\"version\":");
        body_string(out, status->version);
    }
    if (status->trace && *status->trace) {
        strbuf_puts(out, ",\"trace\":");
        body_string(out, status->trace);
    }
    strbuf_putc(out, '}');
}

void
view_task_status(struct strbuf *out, const struct status *status)
{
    strbuf_printf(out, "{\"id\":%d,", status->task);
    view_state(out, status);
}

void
view_status(struct strbuf *out, const char *name, const struct config *cfg, const struct status_list *statuses)
{
    strbuf_puts(out, "{\"name\":");
    body_string(out, name);
    strbuf_puts(out, ",\"connector\":{");
    view_state(out, &statuses->items[0]);
    strbuf_puts(out, ",\"tasks\":[");
    for (size_t i = 1; i < statuses->count; i++) {
        if (i > 1)
            strbuf_putc(out, ',');
        view_task_status(out, &statuses->items[i]);
    }
    strbuf_printf(out, "],\"type\":\"%s\"}", cfg ? type_of(cfg) : "unknown");
}

void
view_path_name(struct strbuf *out, const char *name)
{
    static const char plain[] = "/!$&'()*+,=:@"; /* and not ';', behind which a path has parameters */
    for (const char *at = name; *at; at++)
        if (strchr(plain, *at))
            strbuf_putc(out, *at);
        else
            uri_encode(out, at, 1);
}

/* ---- definitions and validation -------------------------------------------------------------------------------------- */

static void
view_list(struct strbuf *out, const struct string_list *list)
{
    strbuf_putc(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            strbuf_putc(out, ',');
        body_string(out, list->items[i]);
    }
    strbuf_putc(out, ']');
}

/* A default as the typed value prints: lists joined anew, secrets hidden. */
static void
view_default(struct strbuf *out, const struct config_row *row)
{
    if (row->default_value == config_no_default || !row->default_value) {
        strbuf_puts(out, "null");
        return;
    }
    struct string_list errors = STRING_LIST_INIT;
    struct config_row plain = *row;
    plain.check = NULL;
    plain.choices = NULL;
    char *text = config_row_check(&plain, row->default_value, &errors);
    body_string(out, row->type == CONFIG_PASSWORD ? "[hidden]" : text);
    free(text);
    string_list_fini(&errors);
}

void
view_definition(struct strbuf *out, const struct config_row *row)
{
    bool is_required = row->default_value == config_no_default;
    strbuf_puts(out, "{\"name\":");
    body_string(out, row->name);
    strbuf_printf(out, ",\"type\":\"%s\",\"required\":%s,\"default_value\":", config_type_name(row->type), is_required ? "true" : "false");
    view_default(out, row);
    strbuf_printf(out, ",\"importance\":\"%s\",\"documentation\":", config_importance_name(row->importance));
    body_string(out, row->doc ? row->doc : "");
    strbuf_puts(out, ",\"group\":");
    body_string(out, row->group);
    int order = row->group ? row->order_in_group : -1;
    strbuf_printf(out, ",\"width\":\"%s\",\"display_name\":", config_width_name(row->width));
    body_string(out, row->display_name ? row->display_name : row->name);
    strbuf_puts(out, ",\"dependents\":[");
    for (const char *const *dependent = row->dependents; dependent && *dependent; dependent++) {
        if (dependent != row->dependents)
            strbuf_putc(out, ',');
        body_string(out, *dependent);
    }
    strbuf_printf(out, "],\"order\":%d}", order);
}

static void
view_value(struct strbuf *out, const struct config_value *value)
{
    strbuf_puts(out, "{\"definition\":");
    if (value->row)
        view_definition(out, value->row);
    else
        strbuf_puts(out, "null");
    strbuf_puts(out, ",\"value\":{\"name\":");
    body_string(out, value->name);
    strbuf_puts(out, ",\"value\":");
    body_string(out, value->value);
    strbuf_puts(out, ",\"recommended_values\":");
    view_list(out, &value->recommended);
    strbuf_puts(out, ",\"errors\":");
    view_list(out, &value->errors);
    strbuf_printf(out, ",\"visible\":%s}}", value->is_visible ? "true" : "false");
}

void
view_validation(struct strbuf *out, const struct validation *validation)
{
    strbuf_puts(out, "{\"name\":");
    body_string(out, validation->class_name);
    strbuf_printf(out, ",\"error_count\":%zu,\"groups\":", config_values_error_count(&validation->values));
    view_list(out, &validation->groups);
    strbuf_puts(out, ",\"configs\":[");
    for (size_t i = 0; i < validation->values.count; i++) {
        if (i)
            strbuf_putc(out, ',');
        view_value(out, &validation->values.items[i]);
    }
    strbuf_puts(out, "]}");
}
