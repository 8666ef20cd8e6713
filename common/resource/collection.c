/* All rows as a resource: /orders */
#include "common/resource/coerce.h"
#include "common/resource/service_priv.h"

#include "common/http/uri.h"

#include <inttypes.h>
#include <stdio.h>

enum { BULK_MAX = 1000 };

/* ---- reading --------------------------------------------------------------------------------------------------- */

static const char *
self_href(struct call *call)
{
    const char *query = call->req->query && *call->req->query ? call->req->query : NULL;
    return arena_printf(&call->arena, "%s%s%s%s", call->base, call->path, query ? "?" : "", query ? query : "");
}

static const char *
profile_href(struct call *call)
{
    return arena_printf(&call->arena, "%s/profile/%s", call->base, call->store->entity->rel);
}

static void
write_page_link(struct call *call, struct json_writer *writer, const char *name, const struct page *page, int64_t number)
{
    struct strbuf href = STRBUF_INIT;
    strbuf_printf(&href, "%s%s", call->base, call->path);
    page_query(call->store->entity, page, call->req->query, number, &href);
    write_link(writer, name, href.data, NULL);
    strbuf_fini(&href);
}

static void
write_page_links(struct call *call, struct json_writer *writer, const struct page *page, int64_t total_pages)
{
    bool has_prev = page->number > 0, has_next = page->number + 1 < total_pages;
    json_name(writer, "_links");
    json_object_open(writer);
    if (has_prev || has_next)
        write_page_link(call, writer, "first", page, 0);
    if (has_prev)
        write_page_link(call, writer, "prev", page, page->number - 1);
    write_link(writer, "self", self_href(call), NULL);
    if (has_next)
        write_page_link(call, writer, "next", page, page->number + 1);
    if (has_prev || has_next)
        write_page_link(call, writer, "last", page, total_pages ? total_pages - 1 : 0);
    write_link(writer, "profile", profile_href(call), NULL);
    json_object_end(writer);
}

static void
write_page(struct json_writer *writer, const struct page *page, int64_t total, int64_t total_pages)
{
    const struct {
        const char *name;
        int64_t value;
    } members[] = {{"size", page->size}, {"totalElements", total}, {"totalPages", total_pages}, {"number", page->number}};
    json_name(writer, "page");
    json_object_open(writer);
    for (size_t i = 0; i < 4; i++) {
        json_name(writer, members[i].name);
        json_int(writer, members[i].value);
    }
    json_object_end(writer);
}

void
write_embedded(struct call *call, struct json_writer *writer, const struct row *rows, size_t count)
{
    json_name(writer, "_embedded");
    json_object_open(writer);
    json_name(writer, call->store->entity->rel);
    json_array_open(writer);
    for (size_t i = 0; i < count; i++)
        write_item(call, writer, &rows[i]);
    json_array_end(writer);
    json_object_end(writer);
}

/* False after an answer: a percent sign without two digits. */
static bool
query_is_sound(struct call *call)
{
    const char *query = call->req->query;
    struct uri_param param;
    struct strbuf ignored = STRBUF_INIT;
    bool is_sound = true;
    while (is_sound && uri_param_next(&query, &param))
        is_sound = uri_decode(&ignored, param.text, param.len, true);
    strbuf_fini(&ignored);
    if (!is_sound)
        reply_failure(call, 500, 0, arena_printf(&call->arena, "invalid percent-encoding in \"%.*s\"", (int)param.len, param.text));
    return is_sound;
}

static void
collection_get(struct call *call)
{
    if (!query_is_sound(call))
        return;
    struct strbuf after = STRBUF_INIT;
    if (uri_query_value(call->req->query, "after", &after)) {
        const char *text = arena_memdup(&call->arena, after.data ? after.data : "", after.len);
        strbuf_fini(&after);
        wait_handle(call, text);
        return;
    }
    struct page page;
    page_parse(call->store->entity, call->req->query, &page);
    if (page.number * page.size > INT32_MAX) {
        reply_failure(call, 500, 1, "the page lies beyond 2147483647 rows");
        return;
    }
    struct row *rows;
    size_t count;
    int64_t total;
    struct error err = ERROR_INIT;
    if (!store_list(call->store, &call->arena, &page, &rows, &count, &total, &err)) {
        reply_database(call, &err);
        return;
    }
    if (!reply_label(call))
        return;
    int64_t total_pages = (total + page.size - 1) / page.size;
    struct json_writer writer = reply_json(call, true);
    json_object_open(&writer);
    write_embedded(call, &writer, rows, count);
    write_page_links(call, &writer, &page, total_pages);
    write_page(&writer, &page, total, total_pages);
    json_object_end(&writer);
}

static void
collection_head(struct call *call)
{
    reply_empty(call, 204);
    http_set(call->res, "Link", arena_printf(&call->arena, "<%s>;rel=\"self\",<%s>;rel=\"profile\"", self_href(call), profile_href(call)));
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

/* All rows or none. What is wrong with one names its place in the array. */
static void
post_many(struct call *call, const struct json_node *array)
{
    size_t count = 0;
    for (const struct json_node *element = array->first; element; element = element->next)
        count++;
    if (count == 0 || count > BULK_MAX) {
        reply_failure(call, 400, 1, "an array has to hold 1 to 1000 objects");
        return;
    }
    struct row *rows = arena_array(&call->arena, struct row, count);
    memset(rows, 0, count * sizeof(*rows));
    size_t i = 0;
    for (const struct json_node *element = array->first; element; element = element->next, i++) {
        call->place = arena_printf(&call->arena, "element %zu: ", i);
        if (!body_apply(call, element, true, &rows[i]))
            return;
    }
    call->place = NULL; /* the database says it by itself */
    struct error err = ERROR_INIT;
    if (!store_insert_all(call->store, rows, count, &err)) {
        reply_database(call, &err);
        return;
    }
    reply_empty(call, 201);
    if (!call->accept || !reply_label(call))
        return;
    struct json_writer writer = reply_json(call, true);
    json_object_open(&writer);
    write_embedded(call, &writer, rows, count);
    json_object_end(&writer);
}

static void
post_once(struct call *call, struct row *row, const char *key)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (size_t i = 0; i < call->req->body_len; i++)
        hash = (hash ^ (unsigned char)call->req->body[i]) * 0x100000001b3u;
    char digest[17];
    snprintf(digest, sizeof(digest), "%016" PRIx64, hash);
    struct error err = ERROR_INIT;
    if (!*key || strlen(key) > STORE_KEY_MAX) {
        reply_failure(call, 400, 0, "an Idempotency-Key has 1 to 255 characters");
        return;
    }
    switch (store_insert_once(call->store, row, key, digest, &err)) {
    case STORE_KEY_FAILED:
        reply_database(call, &err);
        break;
    case STORE_KEY_OTHER_BODY:
        reply_failure(call, 422, 0, "this Idempotency-Key was used with another body");
        break;
    case STORE_KEY_NEW:
        reply_item(call, 201, row, true);
        break;
    case STORE_KEY_KNOWN:
        reply_item(call, 201, row, true);
        http_set(call->res, "Idempotency-Replayed", "true");
        break;
    }
}

/* The id of an existing row makes it an update, any other is ignored. False after an answer. */
static bool
post_id(struct call *call, const struct json_node *body, int64_t *out)
{
    static const struct field id = {"id", "id", FIELD_LONG};
    const struct json_node *member = json_member(body, "id");
    struct db_value value = {.kind = DB_VALUE_NULL};
    struct error err = ERROR_INIT;
    if (member && !coerce(&call->arena, &id, member, COERCE_NEW, &value, &err)) {
        reply_failure(call, 400, err.cause ? 2 : 1, err.message);
        return false;
    }
    *out = value.kind == DB_VALUE_INT ? value.integer : 0;
    return true;
}

static void
collection_post(struct call *call)
{
    const struct json_node *body = body_read(call, NULL);
    if (!body)
        return;
    if (body->kind == JSON_NODE_ARRAY) {
        post_many(call, body);
        return;
    }
    struct row row = {0};
    struct error err = ERROR_INIT;
    if (!body_apply(call, body, true, &row) || !post_id(call, body, &row.id))
        return;
    const char *key = http_header(call->req, "Idempotency-Key");
    if (key) {
        post_once(call, &row, key);
        return;
    }
    enum store_result result = row.id ? store_replace(call->store, &row, &err) : STORE_MISSING;
    if (result == STORE_MISSING)
        result = store_insert(call->store, &row, &err) ? STORE_DONE : STORE_FAILED;
    if (result == STORE_FAILED)
        reply_database(call, &err);
    else
        reply_item(call, 201, &row, true);
}

static void
collection_options(struct call *call)
{
    reply_empty(call, 200);
    http_set(call->res, "Allow", "GET,HEAD,POST,OPTIONS");
}

void
collection_handle(struct call *call)
{
    static const struct {
        const char *method;
        void (*handle)(struct call *call);
    } methods[] = {{"GET", collection_get}, {"HEAD", collection_head}, {"POST", collection_post}, {"OPTIONS", collection_options}};
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (method_is(call, methods[i].method)) {
            methods[i].handle(call);
            return;
        }
    }
    reply_error(call, method_is(call, "TRACE") ? 405 : 404, "");
}
