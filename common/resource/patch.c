/* JSON Patch (RFC 6902) on the fields of one row. Fields are flat, so a path is one name. */
#include "common/resource/coerce.h"
#include "common/resource/service_priv.h"

#include <ctype.h>
#include <stdio.h>

static bool
refuse(struct call *call, const char *format, const char *name)
{
    char message[256];
    snprintf(message, sizeof(message), "JSON Patch: %s \"%.100s\"", format, name);
    answer_failure(call, 400, 1, message);
    return false;
}

static const char *
member_text(const struct json_node *op, const char *name)
{
    const struct json_node *member = json_member(op, name);
    return member && member->kind == JSON_NODE_STRING ? member->text : "";
}

/* The index of the id in what a path can name; it can be read, and set to itself. */
static size_t
id_index(const struct call *call)
{
    return call->store->field_count;
}

/* The field a path names. Slashes may be missing, doubled, or stand at the end; the first letter may be upper case. */
static bool
field_find(struct call *call, const char *path, size_t *out)
{
    const char *name = path + strspn(path, "/");
    size_t len = strcspn(name, "/");
    bool is_alone = name[len + strspn(name + len, "/")] == '\0';
    for (*out = 0; is_alone && *out <= id_index(call); ++*out) {
        const char *known = *out == id_index(call) ? "id" : call->store->entity->fields[*out].name;
        if (strlen(known) == len && len && tolower((unsigned char)*name) == *known && memcmp(known + 1, name + 1, len - 1) == 0)
            return true;
    }
    return refuse(call, "no such property:", path);
}

static struct db_value
value_get(const struct call *call, const struct row *row, size_t field)
{
    return field == id_index(call) ? (struct db_value){.kind = DB_VALUE_INT, .integer = row->id} : row->values[field];
}

/* The value of a field as JSON, to give it to a field of another type. */
static struct json_node
value_node(struct call *call, const struct db_value *value)
{
    struct json_node node = {.kind = JSON_NODE_NULL, .text = "null", .len = 4};
    if (value->kind == DB_VALUE_TEXT) {
        node = (struct json_node){.kind = JSON_NODE_STRING, .text = value->bytes, .len = value->len};
    } else if (value->kind != DB_VALUE_NULL) {
        char *text = arena_alloc(&call->arena, JAVA_DOUBLE_SIZE);
        node.kind = JSON_NODE_NUMBER;
        node.len = value->kind == DB_VALUE_INT ? (size_t)sprintf(text, "%lld", (long long)value->integer) : java_double_text(text, value->real);
        node.text = text;
    }
    return node;
}

/* What a value in a patch is to a field. The text "null" is none here, unlike in a whole body. */
static bool
value_of(struct call *call, size_t field, const struct json_node *node, struct db_value *out)
{
    static const struct field id = {"id", "id", FIELD_LONG};
    static const struct json_node none = {.kind = JSON_NODE_NULL};
    const struct field *to = field == id_index(call) ? &id : &call->store->entity->fields[field];
    struct error err = ERROR_INIT;
    if (node && node->kind == JSON_NODE_STRING && to->type != FIELD_TEXT && strcmp(node->text, "null") == 0)
        return refuse(call, "no number:", node->text);
    if (coerce(&call->arena, to, node ? node : &none, COERCE_EXISTING, out, &err))
        return true;
    answer_failure(call, 400, 5, err.message);
    return false;
}

static bool
set_field(struct call *call, struct row *row, size_t field, const struct json_node *node)
{
    struct db_value value;
    if (!value_of(call, field, node, &value))
        return false;
    if (field != id_index(call))
        row->values[field] = value;
    else if (value.kind != DB_VALUE_INT || value.integer != row->id)
        return refuse(call, "an item keeps its", "id");
    return true;
}

static bool
values_equal(const struct db_value *a, const struct db_value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case DB_VALUE_INT: return a->integer == b->integer;
    case DB_VALUE_DOUBLE: return a->real == b->real;
    case DB_VALUE_TEXT: return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
    default: return true;
    }
}

static bool
test_field(struct call *call, const struct row *row, size_t field, const struct json_node *node)
{
    struct db_value wanted, is = value_get(call, row, field);
    if (!value_of(call, field, node, &wanted))
        return false;
    return values_equal(&is, &wanted) || refuse(call, "the test failed of", field == id_index(call) ? "id" : call->store->entity->fields[field].name);
}

static bool
copy_field(struct call *call, struct row *row, size_t field, const char *from, bool is_move)
{
    size_t source;
    if (!field_find(call, from, &source))
        return false;
    struct db_value value = value_get(call, row, source);
    struct json_node node = value_node(call, &value);
    if (!set_field(call, row, field, &node))
        return false;
    return !is_move || source == field || set_field(call, row, source, NULL);
}

static bool
step(struct call *call, const struct json_node *op, struct row *row)
{
    if (op->kind != JSON_NODE_OBJECT)
        return refuse(call, "an operation has to be", "an object");
    const char *name = member_text(op, "op");
    const struct json_node *value = json_member(op, "value");
    size_t field;
    if (!field_find(call, member_text(op, "path"), &field))
        return false;
    if (strcmp(name, "add") == 0 || strcmp(name, "replace") == 0)
        return set_field(call, row, field, value);
    if (strcmp(name, "remove") == 0)
        return set_field(call, row, field, NULL);
    if (strcmp(name, "test") == 0)
        return test_field(call, row, field, value);
    if (strcmp(name, "copy") == 0 || strcmp(name, "move") == 0)
        return copy_field(call, row, field, member_text(op, "from"), *name == 'm');
    return refuse(call, "unknown operation", name);
}

bool
patch_apply(struct call *call, const struct json_node *patch, struct row *row)
{
    if (patch->kind != JSON_NODE_ARRAY)
        return refuse(call, "the body has to be", "an array");
    for (const struct json_node *op = patch->first; op; op = op->next)
        if (!step(call, op, row))
            return false;
    return row_is_storable(call, row);
}
