/* Tests of connect/connectors/binlog/gtid.c. */
#include "connect/connectors/binlog/gtid.h"

#include <check.h>
#include <stdlib.h>

#define A "24ca098a-eaa8-11f1-9951-02fc00000001"
#define B "ffffffff-0000-11f1-9951-02fc00000001"

static struct strbuf text;

static struct binlog_gtids *
parse(const char *from)
{
    struct error err = ERROR_INIT;
    struct binlog_gtids *set = binlog_gtids_parse(from, &err);
    ck_assert_msg(set != NULL, "%s", err.message);
    return set;
}

static const char *
shown(const struct binlog_gtids *set)
{
    strbuf_reset(&text);
    strbuf_puts(&text, "");
    binlog_gtids_text(set, &text);
    return text.data;
}

static const struct {
    const char *from, *to; /* to NULL: refused */
} texts[] = {
    {"", ""},
    {A ":1", A ":1"},
    {A ":1-5:8", A ":1-5:8"},
    {A ":8:1-5", A ":1-5:8"},
    {A ":1-5:6-8:3", A ":1-8"},
    {A ":5-9:1-3:4", A ":1-9"},
    {"24CA098A-EAA8-11F1-9951-02FC00000001:7", A ":7"},
    {B ":1-3,\n " A ":1-2", B ":1-3," A ":1-2"},
    {A ":1," A ":2", A ":1-2"},
    {A ":1-5:blue:1-3:7:red:2", A ":1-5:blue:1-3:7:red:2"},
    {A ":blue:1," A ":9", A ":9:blue:1"},
    {"0-1-48", "0-1-48"},
    {"0-1-48,1-2-7", "0-1-48,1-2-7"},
    {"0-1-48,0-2-50", "0-2-50"},
    {"nonsense", NULL},
    {A, NULL},
    {A ":", NULL},
    {A ":1:blue", NULL},
    {A ":0", NULL},
    {A ":5-3", NULL},
    {A ":1-", NULL},
    {A ":1,0-1-2", NULL},
    {"0-1-2," A ":1", NULL},
    {"0-1", NULL},
    {A ":1 " B ":1", NULL},
    {A ":99999999999999999999999", NULL},
    {A ":a123456789012345678901234567890123:1", NULL},
};

START_TEST(texts_are_read_and_written_as_the_server_does)
{
    struct error err = ERROR_INIT;
    struct binlog_gtids *set = binlog_gtids_parse(texts[_i].from, &err);
    ck_assert_msg((set != NULL) == (texts[_i].to != NULL), "%s", texts[_i].from);
    if (set)
        ck_assert_str_eq(shown(set), texts[_i].to);
    else
        ck_assert_int_eq(err.code, ERROR_DATA);
    binlog_gtids_free(set);
}
END_TEST

START_TEST(transactions_that_are_added_join_their_neighbours)
{
    struct error err = ERROR_INIT;
    struct binlog_gtids *set = parse(A ":1-5");
    ck_assert(binlog_gtids_add(set, A ":6", &err) && binlog_gtids_add(set, A ":8", &err));
    ck_assert_str_eq(shown(set), A ":1-6:8");
    ck_assert(binlog_gtids_add(set, A ":7", &err) && binlog_gtids_add(set, A ":3", &err));
    ck_assert_str_eq(shown(set), A ":1-8");
    ck_assert(binlog_gtids_add(set, A ":blue:1", &err) && binlog_gtids_add(set, "", &err));
    ck_assert_str_eq(shown(set), A ":1-8:blue:1");
    ck_assert(!binlog_gtids_add(set, "0-1-1", &err));
    binlog_gtids_free(set);
}
END_TEST

START_TEST(a_later_transaction_of_a_mariadb_domain_takes_the_place_of_the_earlier)
{
    struct error err = ERROR_INIT;
    struct binlog_gtids *set = parse("0-1-48,2-1-3"), *further = parse("0-3-60,1-1-1");
    ck_assert(binlog_gtids_is_mariadb(set) && binlog_gtids_add(set, "0-2-49", &err));
    ck_assert_str_eq(shown(set), "0-2-49,2-1-3");
    ck_assert(!binlog_gtids_contains(set, further));
    binlog_gtids_union(set, further);
    ck_assert_str_eq(shown(set), "0-3-60,2-1-3,1-1-1");
    ck_assert(binlog_gtids_contains(set, further));
    binlog_gtids_free(set);
    binlog_gtids_free(further);
}
END_TEST

static const struct {
    const char *set, *other, *joined, *left;
    bool contains;
} pairs[] = {
    {A ":1-10", A ":3-4:8", A ":1-10", A ":1-2:5-7:9-10", true},
    {A ":1-10", A ":11", A ":1-11", A ":1-10", false},
    {A ":1-10", A ":1-10", A ":1-10", "", true},
    {A ":5-6", A ":1-10", A ":1-10", "", false},
    {A ":1-3:7-9", A ":2-8", A ":1-9", A ":1:9", false},
    {A ":1-3", B ":1-3", A ":1-3," B ":1-3", A ":1-3", false},
    {A ":1-3:blue:1", A ":1-3", A ":1-3:blue:1", A ":blue:1", true},
    {A ":1-3", "", A ":1-3", A ":1-3", true},
    {"", A ":1-3", A ":1-3", "", false},
};

START_TEST(sets_are_joined_subtracted_and_compared)
{
    struct binlog_gtids *set = parse(pairs[_i].set), *other = parse(pairs[_i].other), *copy = binlog_gtids_dup(set);
    ck_assert(binlog_gtids_contains(set, other) == pairs[_i].contains);
    binlog_gtids_union(copy, other);
    ck_assert_str_eq(shown(copy), pairs[_i].joined);
    binlog_gtids_subtract(set, other);
    ck_assert_str_eq(shown(set), pairs[_i].left);
    ck_assert(binlog_gtids_is_empty(set) == (pairs[_i].left[0] == '\0'));
    binlog_gtids_free(set);
    binlog_gtids_free(other);
    binlog_gtids_free(copy);
}
END_TEST

static bool
is_wanted(const char *source, void *arg)
{
    return strcmp(source, arg) == 0;
}

START_TEST(sources_that_are_not_wanted_are_dropped)
{
    char wanted[] = B;
    struct binlog_gtids *set = parse(A ":1-3:blue:1," B ":9");
    ck_assert(binlog_gtids_has_source(set, A) && !binlog_gtids_has_source(set, "0"));
    binlog_gtids_retain(set, is_wanted, wanted);
    ck_assert_str_eq(shown(set), B ":9");
    ck_assert(!binlog_gtids_has_source(set, A));
    binlog_gtids_free(set);
    char stream[] = "0-2";
    set = parse("0-2-49,10-2-3");
    ck_assert(binlog_gtids_has_source(set, "10-7") && !binlog_gtids_has_source(set, "1-2"));
    binlog_gtids_retain(set, is_wanted, stream);
    ck_assert_str_eq(shown(set), "0-2-49");
    binlog_gtids_free(set);
}
END_TEST

START_TEST(the_binary_form_has_tags_only_when_there_are_some)
{
    static const unsigned char uuid[16] = {0x24, 0xca, 0x09, 0x8a, 0xea, 0xa8, 0x11, 0xf1, 0x99, 0x51, 0x02, 0xfc, 0, 0, 0, 1};
    static const unsigned char intervals[] = {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0};
    struct binlog_gtids *set = parse(A ":1-5");
    strbuf_reset(&text);
    binlog_gtids_encode(set, &text);
    ck_assert_uint_eq(text.len, 8 + 16 + 24);
    ck_assert_mem_eq(text.data, "\1\0\0\0\0\0\0\0", 8);
    ck_assert_mem_eq(text.data + 8, uuid, 16);
    ck_assert_mem_eq(text.data + 24, intervals, 24);
    binlog_gtids_free(set);

    set = parse(A ":1-5:red:1-5");
    strbuf_reset(&text);
    binlog_gtids_encode(set, &text);
    ck_assert_uint_eq(text.len, 8 + (16 + 1 + 24) + (16 + 4 + 24));
    ck_assert_mem_eq(text.data, "\1\2\0\0\0\0\0\1", 8);
    ck_assert_mem_eq(text.data + 24, "\0", 1);
    ck_assert_mem_eq(text.data + 25, intervals, 24);
    ck_assert_mem_eq(text.data + 49, uuid, 16);
    ck_assert_mem_eq(text.data + 65, "\6red", 4);
    ck_assert_mem_eq(text.data + 69, intervals, 24);
    binlog_gtids_free(set);
}
END_TEST

static void
teardown(void)
{
    strbuf_fini(&text);
}

int
main(void)
{
    Suite *suite = suite_create("gtid");
    TCase *tc = tcase_create("gtid");
    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_loop_test(tc, texts_are_read_and_written_as_the_server_does, 0, sizeof(texts) / sizeof(texts[0]));
    tcase_add_test(tc, transactions_that_are_added_join_their_neighbours);
    tcase_add_test(tc, a_later_transaction_of_a_mariadb_domain_takes_the_place_of_the_earlier);
    tcase_add_loop_test(tc, sets_are_joined_subtracted_and_compared, 0, sizeof(pairs) / sizeof(pairs[0]));
    tcase_add_test(tc, sources_that_are_not_wanted_are_dropped);
    tcase_add_test(tc, the_binary_form_has_tags_only_when_there_are_some);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
