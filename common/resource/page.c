/* Paging and sorting. */
#include "common/resource/page.h"

#include "common/http/uri.h"
#include "common/resource/coerce.h"

#include <string.h>
#include <strings.h>

static int64_t
number_of(const char *query, const char *name, int64_t otherwise)
{
    struct strbuf text = STRBUF_INIT;
    int64_t number = otherwise;
    if (!uri_query_value(query, name, &text) || !parse_java_integer(text.data ? text.data : "", text.len, INT32_MIN, INT32_MAX, &number))
        number = otherwise;
    strbuf_fini(&text);
    return number;
}

/* Properties are JSON names; the first letter may be upper case. -2 if there is none. */
static int
property_find(const struct entity *entity, const char *name, size_t len)
{
    if (len == 0)
        return -2;
    if (len == 2 && (name[0] | 32) == 'i' && name[1] == 'd')
        return PAGE_SORT_ID;
    for (int i = 0; i < (int)entity_field_count(entity); i++) {
        const char *known = entity->fields[i].name;
        bool same_first = name[0] == known[0] || (name[0] >= 'A' && name[0] <= 'Z' && name[0] + 32 == known[0]);
        if (strlen(known) == len && same_first && memcmp(known + 1, name + 1, len - 1) == 0)
            return i;
    }
    return -2;
}

static bool
is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && strncasecmp(text, word, len) == 0;
}

/* "price,qty,desc": the direction holds for all properties of one parameter. */
static void
sort_add(const struct entity *entity, const char *text, size_t len, struct page *out)
{
    const char *parts[16];
    size_t lens[16], count = 0;
    for (size_t at = 0; at <= len && count < 16;) {
        const char *comma = memchr(text + at, ',', len - at);
        parts[count] = text + at;
        lens[count] = comma ? (size_t)(comma - text) - at : len - at;
        at += lens[count++] + 1;
    }
    if (count && is_word(parts[count - 1], lens[count - 1], "ignorecase"))
        count--;
    bool is_descending = count && is_word(parts[count - 1], lens[count - 1], "desc");
    if (count && (is_descending || is_word(parts[count - 1], lens[count - 1], "asc")))
        count--;
    for (size_t i = 0; i < count && out->sort_count < PAGE_SORTS_MAX; i++) {
        int field = property_find(entity, parts[i], lens[i]);
        if (field >= PAGE_SORT_ID)
            out->sorts[out->sort_count++] = (struct page_sort){field, is_descending};
    }
}

void
page_parse(const struct entity *entity, const char *query, struct page *out)
{
    *out = (struct page){.number = number_of(query, "page", 0), .size = number_of(query, "size", PAGE_SIZE_DEFAULT)};
    if (out->number < 0)
        out->number = 0;
    if (out->size < 1)
        out->size = PAGE_SIZE_DEFAULT;
    if (out->size > PAGE_SIZE_MAX)
        out->size = PAGE_SIZE_MAX;
    struct strbuf name = STRBUF_INIT, value = STRBUF_INIT;
    struct uri_param param;
    while (uri_param_next(&query, &param)) {
        strbuf_reset(&name);
        strbuf_reset(&value);
        uri_decode(&name, param.name, param.name_len, true);
        if (!param.value || name.len != 4 || memcmp(name.data, "sort", 4) != 0)
            continue;
        uri_decode(&value, param.value, param.value_len, true);
        sort_add(entity, value.data ? value.data : "", value.len, out);
    }
    strbuf_fini(&name);
    strbuf_fini(&value);
}

static const char *
sort_name(const struct entity *entity, int field)
{
    return field == PAGE_SORT_ID ? "id" : entity->fields[field].name;
}

static bool
is_ours(const char *name, size_t len)
{
    return len == 4 && (memcmp(name, "page", 4) == 0 || memcmp(name, "size", 4) == 0 || memcmp(name, "sort", 4) == 0);
}

/* Names are not empty: equals signs in front of one are dropped, as the original does. Returns what separates the next. */
static char
copy_params(const char *query, bool with_ours, struct strbuf *out)
{
    char separator = '?';
    struct uri_param param;
    while (uri_param_next(&query, &param)) {
        size_t skip = strspn(param.text, "=");
        const char *name = param.text + skip;
        if (skip >= param.len || (!with_ours && is_ours(name, strcspn(name, "=&"))))
            continue;
        strbuf_putc(out, separator);
        strbuf_add(out, name, param.len - skip);
        separator = '&';
    }
    return separator;
}

void
page_query_copy(const char *query, struct strbuf *out)
{
    copy_params(query, true, out);
}

void
page_query(const struct entity *entity, const struct page *page, const char *query, int64_t number, struct strbuf *out)
{
    char separator = copy_params(query, false, out);
    strbuf_printf(out, "%cpage=%lld&size=%lld", separator, (long long)number, (long long)page->size);
    for (size_t i = 0; i < page->sort_count; i++) {
        bool goes_on = i > 0 && page->sorts[i - 1].is_descending == page->sorts[i].is_descending;
        bool is_last = i + 1 == page->sort_count || page->sorts[i + 1].is_descending != page->sorts[i].is_descending;
        strbuf_puts(out, goes_on ? "," : "&sort=");
        strbuf_puts(out, sort_name(entity, page->sorts[i].field));
        if (is_last)
            strbuf_puts(out, page->sorts[i].is_descending ? ",desc" : ",asc");
    }
}

void
page_order_by(const struct entity *entity, const struct page *page, struct strbuf *out)
{
    strbuf_puts(out, " ORDER BY ");
    for (size_t i = 0; i < page->sort_count; i++) {
        int field = page->sorts[i].field;
        strbuf_printf(out, "`%s` %s, ", field == PAGE_SORT_ID ? "id" : entity->fields[field].column, page->sorts[i].is_descending ? "DESC" : "ASC");
    }
    strbuf_puts(out, "`id`");
}
