/* What there is: the links at the root, and the description of each entity as ALPS or JSON Schema. */
#include "common/resource/service_priv.h"

#include <ctype.h>

/* "customerId" -> "Customer id" */
static const char *
title_of(struct call *call, const char *name)
{
    struct strbuf out = STRBUF_INIT;
    for (const char *c = name; *c; c++) {
        if (c > name && isupper((unsigned char)*c))
            strbuf_putc(&out, ' ');
        strbuf_putc(&out, (char)(c == name ? toupper((unsigned char)*c) : tolower((unsigned char)*c)));
    }
    const char *title = arena_strdup(&call->arena, out.data);
    strbuf_fini(&out);
    return title;
}

/* ---- links ------------------------------------------------------------------------------------------------------- */

static bool
is_get(const struct call *call)
{
    return method_is(call, "GET") || method_is(call, "HEAD");
}

static void
allow_get(struct call *call)
{
    answer_empty(call, 200);
    http_set(call->res, "Allow", "GET");
}

/* Profiles are no resources of a repository, and refuse as such. */
static void
refuse_on_profile(struct call *call, int status)
{
    call->varies = false;
    answer_error(call, status, "");
    if (status == 405)
        http_set(call->res, "Allow", "GET,OPTIONS");
}

static void
write_root_links(struct call *call)
{
    struct json_writer writer = answer_json(call, true);
    json_object_open(&writer);
    json_name(&writer, "_links");
    json_object_open(&writer);
    for (size_t i = 0; i < call->service->store_count; i++) {
        const char *rel = call->service->stores[i].entity->rel;
        write_link(&writer, rel, arena_printf(&call->arena, "%s/%s{?page,size,sort}", call->base, rel), "true");
    }
    write_link(&writer, "profile", arena_printf(&call->arena, "%s/profile", call->base), NULL);
    json_object_end(&writer);
    json_object_end(&writer);
}

void
root_handle(struct call *call)
{
    if (method_is(call, "OPTIONS"))
        allow_get(call);
    else if (method_is(call, "HEAD"))
        answer_empty(call, 204);
    else if (!is_get(call))
        answer_error(call, method_is(call, "TRACE") ? 405 : 404, "");
    else if (answer_label(call))
        write_root_links(call);
}

/* HAL's links are members named by their relation; other JSON has them as a list. */
static void
write_profile_links(struct call *call, bool is_hal)
{
    struct json_writer writer = answer_json(call, true);
    json_object_open(&writer);
    json_name(&writer, is_hal ? "_links" : "links");
    is_hal ? json_object_open(&writer) : json_array_open(&writer);
    write_any_link(&writer, "self", arena_printf(&call->arena, "%s/profile", call->base), is_hal);
    for (size_t i = 0; i < call->service->store_count; i++) {
        const char *rel = call->service->stores[i].entity->rel;
        write_any_link(&writer, rel, arena_printf(&call->arena, "%s/profile/%s", call->base, rel), is_hal);
    }
    is_hal ? json_object_end(&writer) : json_array_end(&writer);
    json_object_end(&writer);
}

static void
profile_list(struct call *call)
{
    static const struct media_offer offers[] = {MEDIA_HAL, MEDIA_JSON, {"+json", false}};
    if (method_is(call, "OPTIONS")) {
        allow_get(call);
    } else if (!is_get(call)) {
        refuse_on_profile(call, 405);
    } else {
        int choice = answer_choose(call, offers, 3);
        if (choice != MEDIA_NONE)
            write_profile_links(call, choice < 2);
    }
}

/* ---- ALPS --------------------------------------------------------------------------------------------------------- */

static void
write_parameter(struct json_writer *writer, const char *name, const char *meaning)
{
    json_object_open(writer);
    json_text_member(writer, "name", name);
    json_text_member(writer, "type", "SEMANTIC");
    if (meaning) {
        json_name(writer, "doc");
        json_object_open(writer);
        json_text_member(writer, "format", "TEXT");
        json_text_member(writer, "value", meaning);
        json_object_end(writer);
    }
    json_object_end(writer);
}

static void
write_methods(struct call *call, struct json_writer *writer)
{
    static const struct {
        const char *verb, *type;
        bool is_collection, is_paged;
    } methods[] = {
        {"get", "SAFE", true, true},      {"create", "UNSAFE", true, false}, {"get", "SAFE", false, false},
        {"update", "IDEMPOTENT", false, false}, {"patch", "UNSAFE", false, false}, {"delete", "IDEMPOTENT", false, false},
    };
    const struct entity *entity = call->store->entity;
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        const char *name = methods[i].is_collection ? entity->rel : entity->item_rel;
        json_object_open(writer);
        json_text_member(writer, "id", arena_printf(&call->arena, "%s-%s", methods[i].verb, name));
        json_text_member(writer, "name", name);
        json_text_member(writer, "type", methods[i].type);
        json_name(writer, "descriptor");
        json_array_open(writer);
        if (methods[i].is_paged) {
            write_parameter(writer, "page", "The page to return.");
            write_parameter(writer, "size", "The size of the page to return.");
            write_parameter(writer, "sort", "The sorting criteria to use to calculate the content of the page.");
        }
        json_array_end(writer);
        json_text_member(writer, "rt", arena_printf(&call->arena, "#%s-representation", entity->item_rel));
        json_object_end(writer);
    }
}

static void
profile_alps(struct call *call)
{
    const struct entity *entity = call->store->entity;
    struct json_writer writer = answer_json(call, true);
    json_object_open(&writer);
    json_name(&writer, "alps");
    json_object_open(&writer);
    json_text_member(&writer, "version", "1.0");
    json_name(&writer, "descriptor");
    json_array_open(&writer);
    json_object_open(&writer);
    json_text_member(&writer, "id", arena_printf(&call->arena, "%s-representation", entity->item_rel));
    json_text_member(&writer, "href", arena_printf(&call->arena, "%s/profile/%s", call->base, entity->rel));
    json_name(&writer, "descriptor");
    json_array_open(&writer);
    for (size_t i = 0; i < call->store->field_count; i++)
        write_parameter(&writer, entity->fields[i].name, NULL);
    json_array_end(&writer);
    json_object_end(&writer);
    write_methods(call, &writer);
    json_array_end(&writer);
    json_object_end(&writer);
    json_object_end(&writer);
}

/* ---- JSON Schema ---------------------------------------------------------------------------------------------------- */

static void
profile_schema(struct call *call)
{
    static const char *const types[] = {[FIELD_TEXT] = "string", [FIELD_INT] = "integer", [FIELD_LONG] = "integer", [FIELD_DOUBLE] = "number"};
    const struct entity *entity = call->store->entity;
    struct json_writer writer = answer_json(call, true);
    json_object_open(&writer);
    json_text_member(&writer, "title", title_of(call, entity->item_rel));
    json_name(&writer, "properties");
    json_object_open(&writer);
    for (size_t i = 0; i < call->store->field_count; i++) {
        json_name(&writer, entity->fields[i].name);
        json_object_open(&writer);
        json_text_member(&writer, "title", title_of(call, entity->fields[i].name));
        json_name(&writer, "readOnly");
        json_raw(&writer, "false");
        json_text_member(&writer, "type", types[entity->fields[i].type]);
        json_object_end(&writer);
    }
    json_object_end(&writer);
    json_name(&writer, "definitions");
    json_object_open(&writer);
    json_object_end(&writer);
    json_text_member(&writer, "type", "object");
    json_text_member(&writer, "$schema", "http://json-schema.org/draft-04/schema#");
    json_object_end(&writer);
}

/* ALPS for everybody who does not ask for a schema, under the name the client likes. */
static void
profile_of(struct call *call)
{
    static const struct media_offer offers[] = {{"application/alps+json", false}, {"application/schema+json", true}, {"", false}};
    enum { SCHEMA = 1 };
    if (!is_get(call)) {
        refuse_on_profile(call, method_is(call, "OPTIONS") ? 406 : 405);
        return;
    }
    int choice = answer_choose(call, offers, 3);
    if (choice == SCHEMA)
        profile_schema(call);
    else if (choice != MEDIA_NONE)
        profile_alps(call);
}

void
profile_handle(struct call *call)
{
    if (call->segment_count == 1) {
        profile_list(call);
        return;
    }
    for (size_t i = 0; call->segment_count == 2 && i < call->service->store_count; i++) {
        if (strcmp(call->service->stores[i].entity->rel, call->segments[1]) == 0) {
            call->store = &call->service->stores[i];
            profile_of(call);
            return;
        }
    }
    if (call->segment_count == 2 && method_is(call, "OPTIONS"))
        refuse_on_profile(call, 406);
    else if (call->segment_count == 2)
        answer_failure(call, 500, 0, arena_printf(&call->arena, "there is no profile of \"%s\"", call->segments[1]));
    else
        answer_error(call, 404, "");
}
