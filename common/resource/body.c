/* Request bodies: their type, their JSON, and their members onto a row. */
#include "common/resource/coerce.h"
#include "common/resource/service_priv.h"

#include <math.h>

static bool
is_fit(struct call *call, enum media_body kind, const char *type)
{
    switch (kind) {
    case MEDIA_BODY_JSON:
    case MEDIA_BODY_JSON_PATCH:
        return true;
    case MEDIA_BODY_URI_LIST:
        if (call->segment_count == 1)
            answer_error(call, 500, "");
        else
            answer_failure(call, 500, 0, "links to other items are no body of this one");
        break;
    case MEDIA_BODY_MALFORMED:
        answer_failure(call, 500, strchr(type, '*') ? 0 : 1, arena_printf(&call->arena, "\"%s\" is not a media type of a body", type));
        break;
    case MEDIA_BODY_OTHER:
        answer_failure(call, 400, 0, arena_printf(&call->arena, "a body of type %s cannot be read; send application/json in UTF-8", type));
        break;
    }
    return false;
}

bool
body_type_is_fit(struct call *call, bool *patch_out)
{
    const char *type = http_header(call->req, "Content-Type");
    enum media_body kind = media_body(type);
    if (patch_out)
        *patch_out = kind == MEDIA_BODY_JSON_PATCH;
    return is_fit(call, kind, type);
}

const struct json_node *
body_json(struct call *call)
{
    struct error err = ERROR_INIT;
    struct json_node *node = json_read(&call->arena, call->req->body, call->req->body_len, &err);
    if (!node)
        answer_failure(call, 400, 1, arena_printf(&call->arena, "JSON parse error: %s", err.message));
    return node;
}

const struct json_node *
body_read(struct call *call)
{
    return body_type_is_fit(call, NULL) ? body_json(call) : NULL;
}

static bool
member_apply(struct call *call, const struct json_node *object, const struct field *field, bool is_new, struct db_value *out)
{
    const struct json_node *member = json_member(object, field->name);
    struct error err = ERROR_INIT;
    if (!member || coerce(&call->arena, field, member, is_new ? COERCE_NEW : COERCE_EXISTING, out, &err))
        return true;
    answer_failure(call, 400, err.cause ? 2 : 1, err.message);
    return false;
}

bool
body_id(struct call *call, const struct json_node *object, int64_t *out)
{
    static const struct field id = {"id", "id", FIELD_LONG};
    struct db_value value = {.kind = DB_VALUE_NULL};
    if (!member_apply(call, object, &id, true, &value))
        return false;
    *out = value.kind == DB_VALUE_INT ? value.integer : 0;
    return true;
}

bool
body_apply(struct call *call, const struct json_node *object, bool is_new, struct row *row)
{
    if (object->kind != JSON_NODE_OBJECT) {
        answer_failure(call, 400, is_new && object->kind == JSON_NODE_NULL ? 0 : 1, "the body has to be a JSON object");
        return false;
    }
    for (size_t i = 0; i < call->store->field_count; i++)
        if (!member_apply(call, object, &call->store->entity->fields[i], is_new, &row->values[i]))
            return false;
    int64_t ignored; /* but it has to be one */
    return body_id(call, object, &ignored) && row_is_storable(call, row);
}

bool
row_is_storable(struct call *call, const struct row *row)
{
    for (size_t i = 0; i < call->store->field_count; i++) {
        if (row->values[i].kind == DB_VALUE_DOUBLE && !isfinite(row->values[i].real)) {
            answer_error(call, 500, "");
            return false;
        }
    }
    return true;
}
