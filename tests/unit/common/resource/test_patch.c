/* Tests of common/resource/patch.c and body.c: what JSON Patch and merge patch do to a row, as Spring Data REST does it. */
#include "common/resource/service_priv.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct entity order = {
    .rel = "orders", .item_rel = "order", .table = "ORDER_TABLE",
    .fields = {{"customerId", "customerId", FIELD_TEXT}, {"qty", "qty", FIELD_INT}, {"price", "price", FIELD_DOUBLE},
               {"productId", "productId", FIELD_LONG}},
};

static struct store store;
static struct http_request request = {.method = "PATCH", .target = "/orders/1", .path = "/orders/1", .body = "", .local = "h:1"};
static struct http_response response;
static struct call call;
static struct row row;

static void
setup(void)
{
    store_init(&store, &order, NULL);
    response = (struct http_response){0};
    call = (struct call){.req = &request, .res = &response, .path = "/orders/1", .base = "http://h:1", .store = &store};
    row = (struct row){.id = 1};
    row.values[0] = (struct db_value){.kind = DB_VALUE_TEXT, .bytes = "c1", .len = 2};
    row.values[1] = (struct db_value){.kind = DB_VALUE_INT, .integer = 2};
    row.values[2] = (struct db_value){.kind = DB_VALUE_DOUBLE, .real = 7.5};
    row.values[3] = (struct db_value){.kind = DB_VALUE_INT, .integer = 101};
}

static void
teardown(void)
{
    http_reply(&response, 200, "text/plain", ""); /* forgets headers */
    strbuf_fini(&response.body);
    arena_fini(&call.arena);
    store_fini(&store);
}

/* "customerId qty price productId" of the row. */
static const char *
shown(void)
{
    static char text[200];
    char parts[4][40];
    for (int i = 0; i < 4; i++) {
        const struct db_value *value = &row.values[i];
        if (value->kind == DB_VALUE_TEXT)
            snprintf(parts[i], sizeof(parts[i]), "%.*s", (int)value->len, value->bytes);
        else if (value->kind == DB_VALUE_INT)
            snprintf(parts[i], sizeof(parts[i]), "%lld", (long long)value->integer);
        else if (value->kind == DB_VALUE_DOUBLE)
            snprintf(parts[i], sizeof(parts[i]), "%g", value->real);
        else
            snprintf(parts[i], sizeof(parts[i]), "-");
    }
    snprintf(text, sizeof(text), "%s %s %s %s", parts[0], parts[1], parts[2], parts[3]);
    return text;
}

static const struct json_node *
json(const char *text)
{
    struct error err = ERROR_INIT;
    const struct json_node *node = json_read(&call.arena, text, strlen(text), &err);
    ck_assert_msg(node, "%s: %s", text, err.message);
    return node;
}

static const struct {
    const char *patch, *result; /* NULL: 400 */
} patches[] = {
    {"[]", "c1 2 7.5 101"},
    {"[{\"op\":\"replace\",\"path\":\"/qty\",\"value\":42}]", "c1 42 7.5 101"},
    {"[{\"op\":\"add\",\"path\":\"/customerId\",\"value\":\"a\"},{\"op\":\"replace\",\"path\":\"/price\",\"value\":1.25}]", "a 2 1.25 101"},
    {"[{\"op\":\"replace\",\"path\":\"/qty\",\"value\":\"43\"}]", "c1 43 7.5 101"}, /* texts become numbers */
    {"[{\"op\":\"replace\",\"path\":\"/qty\",\"value\":null}]", "c1 - 7.5 101"},
    {"[{\"op\":\"remove\",\"path\":\"/productId\"}]", "c1 2 7.5 -"},
    {"[{\"op\":\"test\",\"path\":\"/qty\",\"value\":2},{\"op\":\"replace\",\"path\":\"/qty\",\"value\":3}]", "c1 3 7.5 101"},
    {"[{\"op\":\"test\",\"path\":\"/qty\",\"value\":1},{\"op\":\"replace\",\"path\":\"/qty\",\"value\":99}]", NULL},
    {"[{\"op\":\"test\",\"path\":\"/customerId\",\"value\":\"c2\"}]", NULL},
    {"[{\"op\":\"test\",\"path\":\"/customerId\",\"value\":\"c1\"}]", "c1 2 7.5 101"},
    {"[{\"op\":\"copy\",\"from\":\"/qty\",\"path\":\"/productId\"}]", "c1 2 7.5 2"},
    {"[{\"op\":\"copy\",\"from\":\"/qty\",\"path\":\"/customerId\"}]", "2 2 7.5 101"},
    {"[{\"op\":\"move\",\"from\":\"/qty\",\"path\":\"/productId\"}]", "c1 - 7.5 2"},
    {"[{\"op\":\"move\",\"from\":\"/qty\",\"path\":\"/qty\"}]", "c1 2 7.5 101"},
    {"[{\"op\":\"move\",\"from\":\"/customerId\",\"path\":\"/productId\"}]", NULL}, /* no number */
    {"[{\"op\":\"copy\",\"from\":\"/nothing\",\"path\":\"/qty\"}]", NULL},
    {"[{\"op\":\"copy\",\"path\":\"/qty\"}]", NULL},
    /* paths: one name, slashes around it as they come */
    {"[{\"op\":\"replace\",\"path\":\"qty\",\"value\":5}]", "c1 5 7.5 101"},
    {"[{\"op\":\"replace\",\"path\":\"//qty/\",\"value\":5}]", "c1 5 7.5 101"},
    {"[{\"op\":\"replace\",\"path\":\"/Qty\",\"value\":5}]", "c1 5 7.5 101"},
    {"[{\"op\":\"replace\",\"path\":\"/QTY\",\"value\":5}]", NULL},
    {"[{\"op\":\"replace\",\"path\":\"/qty/0\",\"value\":5}]", NULL},
    {"[{\"op\":\"replace\",\"path\":\"/q~1ty\",\"value\":5}]", NULL}, /* names have neither ~ nor / in them, whatever stands for them */
    {"[{\"op\":\"replace\",\"path\":\"/~0qty\",\"value\":5}]", NULL},
    {"[{\"op\":\"replace\",\"path\":\"\",\"value\":{\"qty\":5}}]", NULL},
    {"[{\"op\":\"replace\",\"value\":5}]", NULL},
    /* the id: to be read, and to be set to itself */
    {"[{\"op\":\"copy\",\"from\":\"/id\",\"path\":\"/qty\"}]", "c1 1 7.5 101"},
    {"[{\"op\":\"test\",\"path\":\"/id\",\"value\":1}]", "c1 2 7.5 101"},
    {"[{\"op\":\"replace\",\"path\":\"/id\",\"value\":1}]", "c1 2 7.5 101"},
    {"[{\"op\":\"replace\",\"path\":\"/id\",\"value\":2}]", NULL},
    {"[{\"op\":\"remove\",\"path\":\"/id\"}]", NULL},
    /* what is no patch */
    {"{\"op\":\"replace\",\"path\":\"/qty\",\"value\":5}", NULL},
    {"[1]", NULL},
    {"[{\"op\":\"spin\",\"path\":\"/qty\",\"value\":5}]", NULL},
    {"[{\"path\":\"/qty\",\"value\":5}]", NULL},
    {"[{\"op\":\"replace\",\"path\":\"/qty\",\"value\":\"x\"}]", NULL},
    {"[{\"op\":\"replace\",\"path\":\"/qty\",\"value\":\"null\"}]", NULL},
    {"[{\"op\":\"replace\",\"path\":\"/qty\",\"value\":{}}]", NULL},
    {"[{\"op\":\"replace\",\"path\":\"/qty\",\"value\":3000000000}]", NULL},
};

START_TEST(a_json_patch_changes_the_row)
{
    bool ok = patch_apply(&call, json(patches[_i].patch), &row);
    if (patches[_i].result) {
        ck_assert_msg(ok, "%s: %d %s", patches[_i].patch, response.status, response.body.data);
        ck_assert_msg(strcmp(shown(), patches[_i].result) == 0, "%s gives %s", patches[_i].patch, shown());
    } else {
        ck_assert_msg(!ok && response.status == 400, "%s: %d, %s", patches[_i].patch, response.status, shown());
    }
}
END_TEST

static const struct {
    const char *body, *result; /* NULL: 400 */
} merges[] = {
    {"{}", "c1 2 7.5 101"},
    {"{\"qty\":7,\"price\":null}", "c1 7 - 101"},
    {"{\"customerId\":\"p\"}", "p 2 7.5 101"},
    {"{\"customerId\":5}", "5 2 7.5 101"},
    {"{\"productId\":\"12\",\"unknown\":{\"a\":[]}}", "c1 2 7.5 12"},
    {"{\"qty\":1,\"qty\":3}", "c1 3 7.5 101"},
    {"{\"id\":9,\"qty\":3}", "c1 3 7.5 101"}, /* an item keeps its id */
    {"{\"qty\":\"abc\"}", NULL},
    {"{\"qty\":true}", NULL},
    {"{\"customerId\":{}}", NULL},
    {"[]", NULL},
    {"null", NULL},
    {"\"x\"", NULL},
};

START_TEST(a_merge_patch_changes_what_it_names)
{
    bool ok = body_apply(&call, json(merges[_i].body), false, &row);
    if (merges[_i].result) {
        ck_assert_msg(ok, "%s: %d %s", merges[_i].body, response.status, response.body.data);
        ck_assert_msg(strcmp(shown(), merges[_i].result) == 0, "%s gives %s", merges[_i].body, shown());
    } else {
        ck_assert_msg(!ok && response.status == 400, "%s: %d, %s", merges[_i].body, response.status, shown());
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("common/resource/patch");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_json_patch_changes_the_row, 0, sizeof(patches) / sizeof(patches[0]));
    tcase_add_loop_test(tcase, a_merge_patch_changes_what_it_names, 0, sizeof(merges) / sizeof(merges[0]));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
