#include "connect/runtime/ledger.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned states_alive;

static void
state_free(struct offset_state *state)
{
    states_alive--;
    free(state);
}

static struct offset_state *
state_new(void)
{
    struct offset_state *state = calloc(1, sizeof(*state));
    state->refs = 1;
    state->free = state_free;
    states_alive++;
    return state;
}

static void
write_number(const struct source_partition *partition, const struct source_offset *offset, struct strbuf *out)
{
    (void)partition;
    strbuf_printf(out, "{\"incrementing\":%lld}", (long long)offset->n[0]);
}

static const struct source_partition orders = {.key_json = "{\"table\":\"orders\"}", .write = write_number};
static const struct source_partition items = {.key_json = "{\"table\":\"items\"}", .write = write_number};

static uint64_t
add(struct ledger *ledger, const struct source_partition *partition, int64_t id)
{
    struct source_offset offset = {.n = {id}};
    return ledger_add(ledger, partition, &offset);
}

static const char *
collected(struct ledger *ledger, const char *key)
{
    static char text[64];
    struct offset_list offsets = {0};
    ledger_collect(ledger, &offsets);
    text[0] = '\0';
    for (size_t i = 0; i < offsets.count; i++)
        if (strcmp(offsets.items[i].partition_json, key) == 0)
            snprintf(text, sizeof(text), "%s", offsets.items[i].offset_json ? offsets.items[i].offset_json : "null");
    offset_list_fini(&offsets);
    return text;
}

START_TEST(an_offset_waits_for_every_record_before_it)
{
    struct ledger ledger = LEDGER_INIT;
    uint64_t first = add(&ledger, &orders, 1), second = add(&ledger, &orders, 2), third = add(&ledger, &orders, 3);
    ledger_done(&ledger, third);
    ledger_done(&ledger, second);
    ck_assert(!ledger_is_dirty(&ledger));
    ck_assert_str_eq(collected(&ledger, orders.key_json), "");
    ledger_done(&ledger, first);
    ck_assert_str_eq(collected(&ledger, orders.key_json), "{\"incrementing\":3}");
    ck_assert_uint_eq(ledger_in_flight(&ledger), 0);
    ledger_fini(&ledger);
}
END_TEST

/* Memory follows the records in flight, which the producer's queue bounds, and not how many have passed. */
START_TEST(records_that_pass_need_no_memory)
{
    enum { IN_FLIGHT = 1000 };
    struct ledger ledger = LEDGER_INIT;
    for (int64_t id = 0; id < IN_FLIGHT; id++)
        add(&ledger, &orders, id);
    size_t size = ledger.size;
    const struct ledger_entry *ring = ledger.ring;
    for (uint64_t passed = 0; passed < 1000 * IN_FLIGHT; passed++) {
        ledger_done(&ledger, passed);
        add(&ledger, &orders, (int64_t)passed + IN_FLIGHT);
    }
    ck_assert_uint_eq(ledger_in_flight(&ledger), IN_FLIGHT);
    ck_assert_uint_eq(ledger.size, size);
    ck_assert_ptr_eq(ledger.ring, ring);
    ledger_fini(&ledger);
}
END_TEST

START_TEST(an_offset_is_collected_once_until_it_changes)
{
    struct ledger ledger = LEDGER_INIT;
    ledger_done(&ledger, add(&ledger, &orders, 1));
    ck_assert_str_eq(collected(&ledger, orders.key_json), "{\"incrementing\":1}");
    ck_assert_str_eq(collected(&ledger, orders.key_json), "");
    ledger_done(&ledger, add(&ledger, &orders, 2));
    ck_assert_str_eq(collected(&ledger, orders.key_json), "{\"incrementing\":2}");
    ledger_fini(&ledger);
}
END_TEST

START_TEST(offsets_that_could_not_be_stored_are_collected_again)
{
    struct ledger ledger = LEDGER_INIT;
    struct offset_list offsets = {0};
    ledger_done(&ledger, add(&ledger, &orders, 1));
    ledger_collect(&ledger, &offsets);
    ledger_uncollect(&ledger, &offsets);
    offset_list_fini(&offsets);
    ck_assert_str_eq(collected(&ledger, orders.key_json), "{\"incrementing\":1}");
    ledger_fini(&ledger);
}
END_TEST

START_TEST(partitions_have_offsets_of_their_own)
{
    struct ledger ledger = LEDGER_INIT;
    ledger_done(&ledger, add(&ledger, &orders, 5));
    ledger_done(&ledger, add(&ledger, &items, 9));
    struct offset_list offsets = {0};
    ledger_collect(&ledger, &offsets);
    ck_assert_uint_eq(offsets.count, 2);
    ck_assert_str_eq(offsets.items[0].offset_json, "{\"incrementing\":5}");
    ck_assert_str_eq(offsets.items[1].offset_json, "{\"incrementing\":9}");
    offset_list_fini(&offsets);
    ledger_fini(&ledger);
}
END_TEST

START_TEST(a_null_offset_is_a_tombstone)
{
    struct ledger ledger = LEDGER_INIT;
    struct source_offset none = {.is_null = true};
    ledger_done(&ledger, ledger_add(&ledger, &orders, &none));
    ck_assert_str_eq(collected(&ledger, orders.key_json), "null");
    ledger_fini(&ledger);
}
END_TEST

START_TEST(a_record_taken_back_leaves_no_trace)
{
    struct ledger ledger = LEDGER_INIT;
    uint64_t kept = add(&ledger, &orders, 1);
    ledger_undo(&ledger, add(&ledger, &orders, 2));
    ledger_done(&ledger, kept);
    ck_assert_str_eq(collected(&ledger, orders.key_json), "{\"incrementing\":1}");
    ledger_fini(&ledger);
}
END_TEST

START_TEST(the_ring_grows_and_wraps_without_losing_order)
{
    struct ledger ledger = LEDGER_INIT;
    uint64_t oldest = add(&ledger, &orders, 0), given = 1;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 777; i++)
            ck_assert_uint_eq(add(&ledger, &orders, (int64_t)given), given + (uint64_t)i);
        given += 777;
        for (uint64_t s = oldest; s + 100 < given; s++)
            ledger_done(&ledger, oldest = s);
        oldest = given - 100;
        ck_assert_uint_eq(ledger_in_flight(&ledger), 100);
    }
    ck_assert_uint_le(ledger.size, 1024);
    ledger_fini(&ledger);
}
END_TEST

START_TEST(shared_state_lives_as_long_as_an_offset_names_it)
{
    struct ledger ledger = LEDGER_INIT;
    struct source_offset offset = {.n = {1}, .state = state_new()};
    uint64_t first = ledger_add(&ledger, &orders, &offset), second = ledger_add(&ledger, &orders, &offset);
    offset_state_unref(offset.state);
    ck_assert_uint_eq(states_alive, 1);
    ledger_done(&ledger, first);
    ledger_done(&ledger, second);
    ck_assert_uint_eq(states_alive, 1); /* the committable offset */
    ledger_done(&ledger, add(&ledger, &orders, 2));
    ck_assert_uint_eq(states_alive, 0);
    ledger_fini(&ledger);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ledger");
    TCase *tc = tcase_create("ledger");
    tcase_add_test(tc, an_offset_waits_for_every_record_before_it);
    tcase_add_test(tc, records_that_pass_need_no_memory);
    tcase_add_test(tc, an_offset_is_collected_once_until_it_changes);
    tcase_add_test(tc, offsets_that_could_not_be_stored_are_collected_again);
    tcase_add_test(tc, partitions_have_offsets_of_their_own);
    tcase_add_test(tc, a_null_offset_is_a_tombstone);
    tcase_add_test(tc, a_record_taken_back_leaves_no_trace);
    tcase_add_test(tc, the_ring_grows_and_wraps_without_losing_order);
    tcase_add_test(tc, shared_state_lives_as_long_as_an_offset_names_it);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
