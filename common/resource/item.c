/* One row as a resource: /orders/1 */
#include "common/resource/coerce.h"
#include "common/resource/service_priv.h"

#include <stdlib.h>

/* White space anywhere is left out; hexadecimal after 0x, 0X or #. */
static bool
id_parse(const char *text, int64_t *out)
{
    char digits[80];
    size_t len = 0;
    for (; *text; text++) {
        if (strchr(" \t\r\n\v\f", *text))
            continue;
        if (len + 1 >= sizeof(digits))
            return false;
        digits[len++] = *text;
    }
    digits[len] = '\0';
    bool is_negative = *digits == '-';
    const char *at = digits + is_negative;
    size_t prefix = *at == '#' ? 1 : at[0] == '0' && (at[1] | 32) == 'x' ? 2 : 0;
    if (prefix == 0)
        return parse_java_integer(digits, len, INT64_MIN, INT64_MAX, out);
    at += prefix;
    size_t count = strspn(at, "0123456789abcdefABCDEF");
    if (count == 0 || at[count] || count > 15)
        return false;
    *out = (int64_t)strtoull(at, NULL, 16) * (is_negative ? -1 : 1);
    return true;
}

const char *
item_href(struct call *call, int64_t id)
{
    return arena_printf(&call->arena, "%s/%s/%lld", call->base, call->store->entity->rel, (long long)id);
}

static void
write_value(struct json_writer *writer, const struct db_value *value)
{
    switch (value->kind) {
    case DB_VALUE_INT: json_int(writer, value->integer); break;
    case DB_VALUE_DOUBLE: json_double(writer, value->real); break;
    case DB_VALUE_TEXT: json_text(writer, value->bytes, value->len); break;
    default: json_raw(writer, "null");
    }
}

void
write_item(struct call *call, struct json_writer *writer, const struct row *row)
{
    const struct entity *entity = call->store->entity;
    const char *href = item_href(call, row->id);
    json_object_open(writer);
    for (size_t i = 0; i < call->store->field_count; i++) {
        json_name(writer, entity->fields[i].name);
        write_value(writer, &row->values[i]);
    }
    json_name(writer, "_links");
    json_object_open(writer);
    write_link(writer, "self", href, NULL);
    write_link(writer, entity->item_rel, href, NULL);
    json_object_end(writer);
    json_object_end(writer);
}

void
answer_item(struct call *call, int status, const struct row *row, bool has_location)
{
    answer_empty(call, call->accept || status == 201 ? status : 204);
    if (has_location)
        http_set(call->res, "Location", item_href(call, row->id));
    if (!call->accept || !answer_label(call))
        return;
    struct json_writer writer = answer_json(call, true);
    write_item(call, &writer, row);
}

/* False: answered already, because there is no such row or no database. */
static bool
is_done(struct call *call, enum store_result result, const struct error *err)
{
    if (result == STORE_MISSING)
        answer_empty(call, 404);
    else if (result == STORE_FAILED)
        answer_database(call, err);
    return result == STORE_DONE;
}

static void
item_get(struct call *call, int64_t id)
{
    struct row row;
    struct error err = ERROR_INIT;
    if (!is_done(call, store_get(call->store, &call->arena, id, &row, &err), &err) || !answer_label(call))
        return;
    struct json_writer writer = answer_json(call, true);
    write_item(call, &writer, &row);
}

static void
item_head(struct call *call, int64_t id)
{
    struct row row;
    struct error err = ERROR_INIT;
    if (!is_done(call, store_get(call->store, &call->arena, id, &row, &err), &err))
        return;
    const char *href = item_href(call, id);
    answer_empty(call, 204);
    http_set(call->res, "Link", arena_printf(&call->arena, "<%s>;rel=\"self\",<%s>;rel=\"%s\"", href, href, call->store->entity->item_rel));
}

static void
item_put(struct call *call, int64_t id)
{
    const struct json_node *body = body_read(call);
    struct row row = {.id = id};
    struct error err = ERROR_INIT;
    if (!body || !body_apply(call, body, false, &row))
        return;
    enum store_result result = store_replace(call->store, &row, &err);
    if (result == STORE_MISSING) { /* a new row gets an id of its own */
        struct row fresh = {0};
        if (!body_apply(call, body, true, &fresh))
            return;
        if (store_insert(call->store, &fresh, &err))
            answer_item(call, 201, &fresh, true);
        else
            answer_database(call, &err);
    } else if (is_done(call, result, &err)) {
        answer_item(call, 200, &row, true);
    }
}

struct patch {
    struct call *call;
    bool is_json_patch, is_refused;
};

/* The row comes first: what is missing is 404, whatever the body holds. */
static bool
patch_row(void *arg, struct row *row)
{
    struct patch *patch = arg;
    const struct json_node *body = body_json(patch->call);
    patch->is_refused = !body || (patch->is_json_patch ? !patch_apply(patch->call, body, row) : !body_apply(patch->call, body, false, row));
    return !patch->is_refused;
}

static void
item_patch(struct call *call, int64_t id)
{
    struct patch patch = {.call = call};
    if (!body_type_is_fit(call, &patch.is_json_patch))
        return;
    struct row row;
    struct error err = ERROR_INIT;
    enum store_result result = store_change(call->store, &call->arena, id, &row, patch_row, &patch, &err);
    if (is_done(call, result, &err) && !patch.is_refused)
        answer_item(call, 200, &row, false);
}

static void
item_delete(struct call *call, int64_t id)
{
    struct error err = ERROR_INIT;
    if (is_done(call, store_remove(call->store, id, &err), &err))
        answer_empty(call, 204);
}

static void
item_options(struct call *call, int64_t id)
{
    (void)id;
    answer_empty(call, 200);
    http_set(call->res, "Allow", "GET,HEAD,PUT,PATCH,DELETE,OPTIONS");
    http_add(call->res, "Accept-Patch", "application/json-patch+json");
    http_add(call->res, "Accept-Patch", "application/merge-patch+json");
    http_add(call->res, "Accept-Patch", "application/json");
}

/* Rows have no version, so no precondition can hold. True after an answer. */
static bool
has_precondition(struct call *call, int64_t id)
{
    const char *tag = http_header(call->req, "If-Match");
    if (!tag)
        return false;
    struct row row;
    struct error err = ERROR_INIT;
    bool makes_row = method_is(call, "PUT");
    if (!makes_row && !is_done(call, store_get(call->store, &call->arena, id, &row, &err), &err))
        return true;
    size_t len = strlen(tag + strspn(tag, "\""));
    tag += strlen(tag) - len;
    while (len && tag[len - 1] == '"')
        len--;
    answer_empty(call, 412);
    http_set(call->res, "ETag", arena_printf(&call->arena, "\"%.*s\"", (int)len, tag));
    return true;
}

void
item_handle(struct call *call)
{
    static const struct {
        const char *method;
        void (*handle)(struct call *call, int64_t id);
        bool is_conditional;
    } methods[] = {
        {"GET", item_get, false},    {"HEAD", item_head, false},    {"PUT", item_put, true},
        {"PATCH", item_patch, true}, {"DELETE", item_delete, true}, {"OPTIONS", item_options, false},
    };
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (!method_is(call, methods[i].method))
            continue;
        int64_t id = 0;
        if (methods[i].handle != item_options && !id_parse(call->segments[1], &id))
            answer_failure(call, 500, 1, arena_printf(&call->arena, "\"%s\" is not an id", call->segments[1]));
        else if (!methods[i].is_conditional || !has_precondition(call, id))
            methods[i].handle(call, id);
        return;
    }
    answer_error(call, method_is(call, "TRACE") ? 405 : 404, "");
}
