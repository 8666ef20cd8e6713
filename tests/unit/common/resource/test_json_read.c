#include "common/resource/json_read.h"

#include <check.h>
#include <string.h>

static struct arena arena;

static void
arena_open(void)
{
    arena = ARENA_INIT;
}

static void
arena_close(void)
{
    arena_fini(&arena);
}

static struct json_node *
read_text(const char *text, size_t len)
{
    struct error err = ERROR_INIT;
    struct json_node *node = json_read(&arena, text, len, &err);
    ck_assert(node || (err.code == ERROR_DATA && err.message[0]));
    return node;
}

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
    const char *text;
    size_t len;
    enum json_kind kind;
} accepted[] = {
    {TEXT("{}"), JSON_NODE_OBJECT},
    {TEXT(" [ ] "), JSON_NODE_ARRAY},
    {TEXT("null"), JSON_NODE_NULL},
    {TEXT("true"), JSON_NODE_TRUE},
    {TEXT("-1.5e+3"), JSON_NODE_NUMBER},
    {TEXT("{} behind it"), JSON_NODE_OBJECT},
    {TEXT("\xef\xbb\xbf{}"), JSON_NODE_OBJECT},
    {TEXT("\xff\xfe{\0}\0"), JSON_NODE_OBJECT},
    {TEXT("\xfe\xff\0{\0}"), JSON_NODE_OBJECT},
    {TEXT("{\0}\0"), JSON_NODE_OBJECT},
    {TEXT("\0{\0}"), JSON_NODE_OBJECT},
    {TEXT("{\0\0\0}\0\0\0"), JSON_NODE_OBJECT},
    {TEXT("\0\0\0{\0\0\0}"), JSON_NODE_OBJECT},
    {TEXT("\xff\xfe\0\0{\0\0\0}\0\0\0"), JSON_NODE_OBJECT},
    {TEXT("\0\0\xfe\xff\0\0\0{\0\0\0}"), JSON_NODE_OBJECT},
    {TEXT("{\"a\":1,\"a\":{\"b\":[null,[],{}]}}"), JSON_NODE_OBJECT},
    {TEXT("99999999999999999999999999999999999999e999999"), JSON_NODE_NUMBER},
};

START_TEST(what_the_original_takes_is_taken)
{
    struct json_node *node = read_text(accepted[_i].text, accepted[_i].len);
    ck_assert_ptr_nonnull(node);
    ck_assert_int_eq(node->kind, accepted[_i].kind);
}
END_TEST

static const struct {
    const char *text;
    size_t len;
} refused[] = {
    {TEXT("")},          {TEXT(" ")},           {TEXT("{")},           {TEXT("{\"a\"}")},       {TEXT("{\"a\":}")},
    {TEXT("{\"a\":1,}")}, {TEXT("{a:1}")},      {TEXT("{'a':1}")},     {TEXT("[1,]")},          {TEXT("[1 2]")},
    {TEXT("\"a")},       {TEXT("\"\\x\"")},     {TEXT("\"\\u12\"")},   {TEXT("\"\n\"")},        {TEXT("\"\xff\"")},
    {TEXT("01")},        {TEXT("+1")},          {TEXT(".5")},          {TEXT("1.")},            {TEXT("1e")},
    {TEXT("NaN")},       {TEXT("nul")},         {TEXT("/**/{}")},      {TEXT("{\"a\":\"\xed\xa0\x80\"}")},
    {TEXT("\"\xc0\x80\"")}, {TEXT("\"\xf4\x90\x80\x80\"")}, {TEXT("\"\xe2\x82")}, {TEXT("\xff\xfe{")},
};

START_TEST(what_is_no_json_is_refused_with_a_reason)
{
    ck_assert_ptr_null(read_text(refused[_i].text, refused[_i].len));
}
END_TEST

START_TEST(the_reason_names_line_and_column)
{
    struct error err = ERROR_INIT;
    ck_assert_ptr_null(json_read(&arena, TEXT("{\n  \"qty\": x}"), &err));
    ck_assert_ptr_nonnull(strstr(err.message, "line 2, column 10"));
}
END_TEST

static const struct {
    const char *text;
    size_t len;
    const char *want;
    size_t want_len;
} strings[] = {
    {TEXT("\"\""), TEXT("")},
    {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), TEXT("\"\\/\b\f\n\r\t")},
    {TEXT("\"\\u0041\\u00e9\\uD55C\""), TEXT("A\xc3\xa9\xed\x95\x9c")},
    {TEXT("\"\\ud83d\\ude00\""), TEXT("\xf0\x9f\x98\x80")},
    {TEXT("\"\\ud83d\""), TEXT("?")},
    {TEXT("\"\\ud83dx\\ude00\""), TEXT("?x?")},
    {TEXT("\"\\ud83d\\u0041\""), TEXT("?A")},
    {TEXT("\"\\u0000\""), TEXT("\0")},
    {TEXT("\"\0\0\0\0\xf6\1\0\"\0\0\0"), TEXT("\xf0\x9f\x98\x80")},
    {TEXT("\"\0\0\0\0\0\x11\0\"\0\0\0"), TEXT("?")},
    {TEXT("\xff\xfe\"\0\x3d\xd8\0\xde\"\0"), TEXT("\xf0\x9f\x98\x80")},
};

START_TEST(strings_are_decoded)
{
    struct json_node *node = read_text(strings[_i].text, strings[_i].len);
    ck_assert_ptr_nonnull(node);
    ck_assert_int_eq(node->kind, JSON_NODE_STRING);
    ck_assert_uint_eq(node->len, strings[_i].want_len);
    ck_assert_mem_eq(node->text, strings[_i].want, node->len + 1);
}
END_TEST

START_TEST(of_a_repeated_member_the_last_counts)
{
    struct json_node *node = read_text(TEXT("{\"a\":1,\"b\":2,\"a\":10.50}"));
    const struct json_node *member = json_member(node, "a");
    ck_assert_str_eq(member->text, "10.50");
    ck_assert_ptr_null(json_member(node, "A"));
}
END_TEST

START_TEST(nesting_is_bounded)
{
    char text[4000];
    for (size_t depth = 999; depth <= 1001; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ck_assert_int_eq(read_text(text, 2 * depth) != NULL, depth <= 1000);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("json_read");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, arena_open, arena_close);
    tcase_add_loop_test(tcase, what_the_original_takes_is_taken, 0, sizeof(accepted) / sizeof(*accepted));
    tcase_add_loop_test(tcase, what_is_no_json_is_refused_with_a_reason, 0, sizeof(refused) / sizeof(*refused));
    tcase_add_test(tcase, the_reason_names_line_and_column);
    tcase_add_loop_test(tcase, strings_are_decoded, 0, sizeof(strings) / sizeof(*strings));
    tcase_add_test(tcase, of_a_repeated_member_the_last_counts);
    tcase_add_test(tcase, nesting_is_bounded);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
