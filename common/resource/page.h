/* Which page of a collection a query asks for, and the links to its neighbours. Never an error: what cannot be
   understood gets its default. */
#ifndef COMMON_RESOURCE_PAGE_H
#define COMMON_RESOURCE_PAGE_H

#include "common/base/strbuf.h"
#include "common/resource/entity.h"

enum { PAGE_SORTS_MAX = 8, PAGE_SIZE_DEFAULT = 20, PAGE_SIZE_MAX = 1000, PAGE_SORT_ID = -1 };

struct page_sort {
    int field; /* index, or PAGE_SORT_ID */
    bool is_descending;
};

struct page {
    int64_t number, size;
    struct page_sort sorts[PAGE_SORTS_MAX];
    size_t sort_count;
};

void page_parse(const struct entity *entity, const char *query, struct page *out);
/* Append "?..." of a query as it was sent, without empty parameters; nothing if none is left. */
void page_query_copy(const char *query, struct strbuf *out);
/* Append "?..." of page `number`: the other parameters of the query as they are, then page, size and sort. */
void page_query(const struct entity *entity, const struct page *page, const char *query, int64_t number, struct strbuf *out);
/* Append " ORDER BY ...", always ended by the id so that pages do not overlap. */
void page_order_by(const struct entity *entity, const struct page *page, struct strbuf *out);

#endif
