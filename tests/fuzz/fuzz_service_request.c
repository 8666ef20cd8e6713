/* libFuzzer: what a client of the services sends: bodies, query strings, media types. Whatever comes, it is read or refused. */
#include "common/base/alloc.h"
#include "common/http/uri.h"
#include "common/resource/coerce.h"
#include "common/resource/json_write.h"
#include "common/resource/media.h"
#include "common/resource/page.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct entity entity = {
    .rel = "things",
    .item_rel = "thing",
    .table = "THING",
    .fields = {{"customerId", "customerId", FIELD_TEXT}, {"qty", "qty", FIELD_INT}, {"price", "price", FIELD_DOUBLE}, {"productId", "productId", FIELD_LONG}},
};

/* A text that was read is written and read again as the same. */
static void
check_text(struct arena *arena, const struct json_node *node)
{
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    struct json_writer writer = {.out = &out, .is_pretty = true};
    json_text(&writer, node->text, node->len);
    const struct json_node *again = json_read(arena, out.data, out.len, &err);
    ensure(again && again->len == node->len && memcmp(again->text, node->text, node->len) == 0, "not the same: %s", out.data);
    strbuf_fini(&out);
}

static void
check_value(struct arena *arena, const struct json_node *node)
{
    for (size_t i = 0; i < entity_field_count(&entity); i++) {
        for (enum coerce_mode mode = COERCE_NEW; mode <= COERCE_EXISTING; mode++) {
            struct db_value value;
            struct error err = ERROR_INIT;
            if (!coerce(arena, &entity.fields[i], node, mode, &value, &err))
                ensure(err.code == ERROR_DATA && err.message[0], "refused without a word");
            else if (value.kind == DB_VALUE_INT && entity.fields[i].type == FIELD_INT)
                ensure(value.integer >= INT32_MIN && value.integer <= INT32_MAX, "out of range");
        }
    }
    if (node->kind == JSON_NODE_STRING)
        check_text(arena, node);
}

static void
read_body(const char *text, size_t len)
{
    struct arena arena = ARENA_INIT;
    struct error err = ERROR_INIT;
    const struct json_node *node = json_read(&arena, text, len, &err);
    ensure(node || (err.code == ERROR_DATA && err.message[0]), "refused without a word");
    if (node) {
        check_value(&arena, node);
        for (const struct json_node *child = node->first; child; child = child->next)
            check_value(&arena, child);
    }
    arena_fini(&arena);
}

/* The links of a page lead to that page, unless a name in the query is written with escapes, which they keep. */
static void
read_query(const char *query)
{
    struct page page, again;
    struct strbuf out = STRBUF_INIT;
    page_parse(&entity, query, &page);
    ensure(page.number >= 0 && page.size >= 1 && page.size <= PAGE_SIZE_MAX, "no page");
    page_query(&entity, &page, query, page.number, &out);
    page_parse(&entity, out.data + 1, &again);
    ensure(strchr(out.data, '%') || (again.number == page.number && again.size == page.size && again.sort_count == page.sort_count), "another page: %s", out.data);
    strbuf_reset(&out);
    page_query_copy(query, &out);
    page_order_by(&entity, &page, &out);
    strbuf_fini(&out);
}

static void
read_types(const char *text)
{
    static const struct media_offer offers[] = {MEDIA_HAL, MEDIA_JSON, {"+json", false}, {"text/html", false}};
    char label[MEDIA_LABEL_SIZE];
    if (media_is_sound(text) && media_choose(text, offers, 4, label) != MEDIA_NONE)
        ensure(*label, "no label");
    media_body(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    read_body(text, size);
    read_query(text);
    read_types(text);
    free(text);
    return 0;
}
