/* All rows as a resource: /orders */
#include "common/resource/service_priv.h"

#include "common/http/uri.h"

#include <inttypes.h>
#include <stdio.h>

enum { BULK_MAX = 1000 };

/* ---- reading --------------------------------------------------------------------------------------------------- */

struct link {
    const char *name, *href;
};

enum { LINKS_MAX = 6 };

static const char *
self_href(struct call *call)
{
    struct strbuf query = STRBUF_INIT;
    page_query_copy(call->req->query, &query);
    const char *href = arena_printf(&call->arena, "%s%s%s", call->base, call->path, query.len ? query.data : "");
    strbuf_fini(&query);
    return href;
}

static const char *
profile_href(struct call *call)
{
    return arena_printf(&call->arena, "%s/profile/%s", call->base, call->store->entity->rel);
}

static const char *
page_href(struct call *call, const struct page *page, int64_t number)
{
    struct strbuf query = STRBUF_INIT;
    page_query(call->store->entity, page, call->req->query, number, &query);
    const char *href = arena_printf(&call->arena, "%s%s%s", call->base, call->path, query.data);
    strbuf_fini(&query);
    return href;
}

static size_t
page_links(struct call *call, const struct page *page, int64_t total_pages, struct link links[LINKS_MAX])
{
    bool has_prev = page->number > 0, has_next = page->number + 1 < total_pages;
    size_t n = 0;
    if (has_prev || has_next)
        links[n++] = (struct link){"first", page_href(call, page, 0)};
    if (has_prev)
        links[n++] = (struct link){"prev", page_href(call, page, page->number - 1)};
    links[n++] = (struct link){"self", self_href(call)};
    if (has_next)
        links[n++] = (struct link){"next", page_href(call, page, page->number + 1)};
    if (has_prev || has_next)
        links[n++] = (struct link){"last", page_href(call, page, total_pages ? total_pages - 1 : 0)};
    links[n++] = (struct link){"profile", profile_href(call)};
    return n;
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
        answer_failure(call, 500, 0, arena_printf(&call->arena, "invalid percent-encoding in \"%.*s\"", (int)param.len, param.text));
    return is_sound;
}

/* What was found for a request of a page. */
struct listing {
    struct page page;
    struct row *rows;
    size_t count;
    int64_t total, total_pages;
    struct link links[LINKS_MAX];
    size_t link_count;
};

static void
write_hal(struct call *call, const struct listing *list)
{
    struct json_writer writer = answer_json(call, true);
    json_object_open(&writer);
    write_embedded(call, &writer, list->rows, list->count);
    json_name(&writer, "_links");
    json_object_open(&writer);
    for (size_t i = 0; i < list->link_count; i++)
        write_link(&writer, list->links[i].name, list->links[i].href, NULL);
    json_object_end(&writer);
    write_page(&writer, &list->page, list->total, list->total_pages);
    json_object_end(&writer);
}

/* Links alone, those of the items behind those of the page. */
static void
write_compact(struct call *call, const struct listing *list)
{
    struct json_writer writer = answer_json(call, true);
    json_object_open(&writer);
    json_name(&writer, "links");
    json_array_open(&writer);
    for (size_t i = 0; i < list->link_count; i++)
        write_any_link(&writer, list->links[i].name, list->links[i].href, false);
    for (size_t i = 0; i < list->count; i++)
        write_any_link(&writer, call->store->entity->item_rel, item_href(call, list->rows[i].id), false);
    json_array_end(&writer);
    json_name(&writer, "content");
    json_array_open(&writer);
    json_array_end(&writer);
    write_page(&writer, &list->page, list->total, list->total_pages);
    json_object_end(&writer);
}

static void
write_uris(struct call *call, const struct listing *list)
{
    for (size_t i = 0; i < list->link_count; i++)
        strbuf_printf(&call->res->body, "%s\n", list->links[i].href);
    for (size_t i = 0; i < list->count; i++)
        strbuf_printf(&call->res->body, "%s\n", item_href(call, list->rows[i].id));
}

/* False after an answer. */
static bool
list_page(struct call *call, struct listing *list)
{
    struct page *page = &list->page;
    page_parse(call->store->entity, call->req->query, page);
    if (page->number * page->size > INT32_MAX || page->number == INT32_MAX) {
        answer_failure(call, 500, page->number * page->size > INT32_MAX, "the page lies beyond 2147483647 rows");
        return false;
    }
    struct error err = ERROR_INIT;
    if (!store_list(call->store, &call->arena, page, &list->rows, &list->count, &list->total, &err)) {
        answer_database(call, &err);
        return false;
    }
    list->total_pages = (list->total + page->size - 1) / page->size;
    list->link_count = page_links(call, page, list->total_pages, list->links);
    return true;
}

static void
collection_get(struct call *call)
{
    static const struct media_offer offers[] = {
        MEDIA_HAL, MEDIA_JSON, {"application/x-spring-data-compact+json", true}, {"text/uri-list", false},
    };
    static void (*const writers[])(struct call *call, const struct listing *list) = {write_hal, write_hal, write_compact, write_uris};
    if (!query_is_sound(call))
        return;
    struct strbuf after = STRBUF_INIT;
    if (uri_query_value(call->req->query, "after", &after)) {
        const char *text = arena_memdup(&call->arena, after.data ? after.data : "", after.len);
        strbuf_fini(&after);
        wait_handle(call, text);
        return;
    }
    struct listing list;
    if (!list_page(call, &list))
        return;
    int choice = answer_choose(call, offers, 4);
    if (choice != MEDIA_NONE)
        writers[choice](call, &list);
}

static void
collection_head(struct call *call)
{
    answer_empty(call, 204);
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
        answer_failure(call, 400, 1, "an array has to hold 1 to 1000 objects");
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
        answer_database(call, &err);
        return;
    }
    answer_empty(call, 201);
    if (!call->accept || !answer_label(call))
        return;
    struct json_writer writer = answer_json(call, true);
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
        answer_failure(call, 400, 0, "an Idempotency-Key has 1 to 255 characters");
        return;
    }
    switch (store_insert_once(call->store, row, key, digest, &err)) {
    case STORE_KEY_FAILED:
        answer_database(call, &err);
        break;
    case STORE_KEY_OTHER_BODY:
        answer_failure(call, 422, 0, "this Idempotency-Key was used with another body");
        break;
    case STORE_KEY_NEW:
        answer_item(call, 201, row, true);
        break;
    case STORE_KEY_KNOWN:
        answer_item(call, 201, row, true);
        http_set(call->res, "Idempotency-Replayed", "true");
        break;
    }
}

static void
collection_post(struct call *call)
{
    const struct json_node *body = body_read(call);
    if (!body)
        return;
    if (body->kind == JSON_NODE_ARRAY) {
        post_many(call, body);
        return;
    }
    struct row row = {0};
    struct error err = ERROR_INIT;
    /* The id of an existing row makes it an update, any other is ignored. */
    if (!body_apply(call, body, true, &row) || !body_id(call, body, &row.id))
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
        answer_database(call, &err);
    else
        answer_item(call, 201, &row, true);
}

static void
collection_options(struct call *call)
{
    answer_empty(call, 200);
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
    answer_error(call, method_is(call, "TRACE") ? 405 : 404, "");
}
