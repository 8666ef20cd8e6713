#include "common/resource/page.h"

#include <check.h>
#include <string.h>

static const struct entity order = {
    .rel = "orders",
    .item_rel = "order",
    .table = "ORDER_TABLE",
    .fields = {{"customerId", "customerId", FIELD_TEXT}, {"qty", "qty", FIELD_INT}, {"price", "price", FIELD_DOUBLE}},
};

static const struct {
    const char *query;
    int64_t number, size;
    const char *order_by;
} pages[] = {
    {NULL, 0, 20, "`id`"},
    {"page=1&size=2", 1, 2, "`id`"},
    {"size=0", 0, 20, "`id`"},
    {"size=-1&page=-1", 0, 20, "`id`"},
    {"size=abc&page=abc", 0, 20, "`id`"},
    {"size=5000", 0, 1000, "`id`"},
    {"size=%205", 0, 20, "`id`"},
    {"page=1&page=0&size=3&size=4", 1, 3, "`id`"},
    {"sort=price", 0, 20, "`price` ASC, `id`"},
    {"sort=price,desc", 0, 20, "`price` DESC, `id`"},
    {"sort=Price,DESC", 0, 20, "`price` DESC, `id`"},
    {"sort=PRICE", 0, 20, "`id`"},
    {"sort=customer_id", 0, 20, "`id`"},
    {"sort=price,sideways", 0, 20, "`price` ASC, `id`"},
    {"sort=price,qty,desc", 0, 20, "`price` DESC, `qty` DESC, `id`"},
    {"sort=price&sort=qty,desc,ignorecase", 0, 20, "`price` ASC, `qty` DESC, `id`"},
    {"sort=id,desc", 0, 20, "`id` DESC, `id`"},
    {"sort=price%60;drop%20table%20x", 0, 20, "`id`"},
};

START_TEST(pages_and_orders_are_read_with_tolerance)
{
    struct page page;
    struct strbuf out = STRBUF_INIT;
    page_parse(&order, pages[_i].query, &page);
    ck_assert_int_eq(page.number, pages[_i].number);
    ck_assert_int_eq(page.size, pages[_i].size);
    page_order_by(&order, &page, &out);
    ck_assert_str_eq(out.data + strlen(" ORDER BY "), pages[_i].order_by);
    strbuf_fini(&out);
}
END_TEST

static const struct {
    const char *query, *want;
} links[] = {
    {NULL, "?page=3&size=20"},
    {"page=1&size=2", "?page=3&size=2"},
    {"foo=1&page=1&bar=%20&size=2", "?foo=1&bar=%20&page=3&size=2"},
    {"sort=price,asc&sort=qty,asc&sort=id,desc", "?page=3&size=20&sort=price,qty,asc&sort=id,desc"},
    {"sort=nosuch,desc&x", "?x&page=3&size=20"},
    {"&&=x&==&y=&", "?x&y=&page=3&size=20"},
    {"=size=8&==sort=price", "?page=3&size=20"},
};

START_TEST(links_to_pages_keep_the_other_parameters)
{
    struct page page;
    struct strbuf out = STRBUF_INIT;
    page_parse(&order, links[_i].query, &page);
    page_query(&order, &page, links[_i].query, 3, &out);
    ck_assert_str_eq(out.data, links[_i].want);
    strbuf_fini(&out);
}
END_TEST

START_TEST(the_number_of_sorts_is_bounded)
{
    struct strbuf query = STRBUF_INIT;
    for (int i = 0; i < 100; i++)
        strbuf_puts(&query, "sort=price,qty,id,desc&");
    struct page page;
    page_parse(&order, query.data, &page);
    ck_assert_uint_eq(page.sort_count, PAGE_SORTS_MAX);
    strbuf_fini(&query);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("page");
    TCase *tcase = tcase_create("all");
    tcase_add_loop_test(tcase, pages_and_orders_are_read_with_tolerance, 0, sizeof(pages) / sizeof(*pages));
    tcase_add_loop_test(tcase, links_to_pages_keep_the_other_parameters, 0, sizeof(links) / sizeof(*links));
    tcase_add_test(tcase, the_number_of_sorts_is_bounded);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
