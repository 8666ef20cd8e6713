#include "connect/transforms/transform.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct config cfg;
    struct record_batch batch;
    struct transform_chain *chain;
    struct error err;
};

/* Settings as "key=value" texts, ended by NULL. */
static bool
make(struct fixture *f, const char *const *settings)
{
    memset(f, 0, sizeof(*f));
    for (; *settings; settings++) {
        const char *equals = strchr(*settings, '=');
        char *key = strndup(*settings, (size_t)(equals - *settings));
        config_set(&f->cfg, key, equals + 1);
        free(key);
    }
    return transform_chain_new(&f->cfg, &f->chain, &f->err);
}

static struct record *
add(struct fixture *f, const char *topic, struct value value)
{
    struct record *record = record_batch_add(&f->batch);
    record->topic = topic;
    record->value = value;
    return record;
}

static void
apply(struct fixture *f, struct record *record)
{
    const char *failed = NULL;
    ck_assert_msg(transform_chain_apply(f->chain, record, &f->batch, &failed, &f->err), "%s", f->err.message);
    ck_assert_ptr_null(failed);
}

static void
tear_down(struct fixture *f)
{
    transform_chain_free(f->chain);
    record_batch_fini(&f->batch);
    config_fini(&f->cfg);
    ck_assert_uint_eq(schema_interned_count(), 0);
}

START_TEST(without_transforms_there_is_no_chain)
{
    struct fixture f;
    ck_assert(make(&f, (const char *const[]){"name=x", NULL}));
    ck_assert_ptr_null(f.chain);
    apply(&f, add(&f, "t", value_int(1)));
    tear_down(&f);
}
END_TEST

START_TEST(transforms_apply_in_the_order_of_their_aliases)
{
    struct fixture f;
    ck_assert(make(&f, (const char *const[]){"transforms= b , a ", "transforms.a.type=RegexRouter", "transforms.a.regex=b-(.*)",
                                             "transforms.a.replacement=a-$1",
                                             "transforms.b.type=org.apache.kafka.connect.transforms.RegexRouter",
                                             "transforms.b.regex=(.*)", "transforms.b.replacement=b-$1", NULL}));
    struct record *first = add(&f, "t", value_int(1));
    apply(&f, first);
    ck_assert_str_eq(first->topic, "a-t");
    const char *topic = first->topic;
    struct record *second = add(&f, "t", value_int(2));
    apply(&f, second);
    ck_assert_ptr_eq(second->topic, topic); /* same topic, same pointer */
    tear_down(&f);
}
END_TEST

START_TEST(a_predicate_gates_its_transform_and_negate_turns_it_round)
{
    for (int negated = 0; negated < 2; negated++) {
        struct fixture f;
        ck_assert(make(&f, (const char *const[]){"transforms=f", "transforms.f.type=Filter", "transforms.f.predicate=p",
                                                 negated ? "transforms.f.negate=TRUE" : "transforms.f.negate=false", "predicates=p",
                                                 "predicates.p.type=RecordIsTombstone", NULL}));
        struct record *tombstone = add(&f, "t", VALUE_NONE);
        apply(&f, tombstone);
        ck_assert(tombstone->is_dropped == !negated);
        struct record *other = add(&f, "t", value_int(1));
        apply(&f, other);
        ck_assert(other->is_dropped == negated);
        tear_down(&f);
    }
}
END_TEST

START_TEST(a_dropped_record_ends_its_way)
{
    struct fixture f;
    ck_assert(make(&f, (const char *const[]){"transforms=f,r", "transforms.f.type=Filter", "transforms.r.type=RegexRouter",
                                             "transforms.r.regex=.*", "transforms.r.replacement=x", NULL}));
    struct record *record = add(&f, "t", value_int(1));
    apply(&f, record);
    ck_assert(record->is_dropped);
    ck_assert_str_eq(record->topic, "t");
    tear_down(&f);
}
END_TEST

START_TEST(a_failure_names_the_class_of_the_transform)
{
    struct fixture f;
    const char *failed = NULL;
    ck_assert(make(&f, (const char *const[]){"transforms=e", "transforms.e.type=org.apache.kafka.connect.transforms.ExtractField$Value", "transforms.e.field=a", NULL}));
    ck_assert(!transform_chain_apply(f.chain, add(&f, "t", value_int(1)), &f.batch, &failed, &f.err));
    ck_assert_str_eq(failed, "org.apache.kafka.connect.transforms.ExtractField$Value");
    ck_assert_int_eq(f.err.code, ERROR_DATA);
    tear_down(&f);
}
END_TEST

static const struct {
    const char *settings[6], *message;
} wrong[] = {
    {{"transforms=a", NULL}, "Missing required configuration \"transforms.a.type\" which has no default value."},
    {{"transforms=a", "transforms.a.type=Nope", NULL}, "Invalid value Nope for configuration transforms.a.type: Class Nope could not be found."},
    {{"transforms=a", "transforms.a.type=DropHeaders", NULL}, "Missing required configuration \"headers\" which has no default value."},
    {{"transforms=f,a", "transforms.f.type=Filter", "transforms.a.type=Filter", "transforms.a.predicate=p", NULL},
     "Missing required configuration \"predicates.p.type\" which has no default value."},
    {{"transforms=a", "transforms.a.type=Filter", "transforms.a.predicate=p", "predicates.p.type=Nope", NULL},
     "Invalid value Nope for configuration predicates.p.type: Class Nope could not be found."},
    {{"transforms=a", "transforms.a.type=Filter", "transforms.a.predicate=p", "predicates.p.type=HasHeaderKey", NULL},
     "Missing required configuration \"name\" which has no default value."},
};

START_TEST(a_chain_that_cannot_be_made_says_why_and_leaves_nothing)
{
    struct fixture f;
    ck_assert(!make(&f, wrong[_i].settings));
    ck_assert_ptr_null(f.chain);
    ck_assert_str_eq(f.err.message, wrong[_i].message);
    ck_assert_int_eq(f.err.code, ERROR_CONFIG);
    tear_down(&f);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("chain");
    TCase *tc = tcase_create("chain");
    tcase_add_test(tc, without_transforms_there_is_no_chain);
    tcase_add_test(tc, transforms_apply_in_the_order_of_their_aliases);
    tcase_add_test(tc, a_predicate_gates_its_transform_and_negate_turns_it_round);
    tcase_add_test(tc, a_dropped_record_ends_its_way);
    tcase_add_test(tc, a_failure_names_the_class_of_the_transform);
    tcase_add_loop_test(tc, a_chain_that_cannot_be_made_says_why_and_leaves_nothing, 0, sizeof(wrong) / sizeof(wrong[0]));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
