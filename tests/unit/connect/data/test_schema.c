#include "connect/data/schema.h"

#include "connect/data/value.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const struct schema *
order_schema(const char *doc)
{
    const struct schema *id = schema_primitive(SCHEMA_INT64, false), *price = schema_decimal(2, true);
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    schema_builder_name(builder, "shop.Order");
    schema_builder_version(builder, 2);
    schema_builder_doc(builder, doc);
    schema_builder_parameter(builder, "p", "q");
    schema_builder_field(builder, "id", id);
    schema_builder_field(builder, "price", price);
    schema_unref(id);
    schema_unref(price);
    return schema_builder_finish(builder);
}

START_TEST(equal_schemas_are_one_pointer)
{
    const struct schema *a = order_schema("an order"), *b = order_schema("an order");
    ck_assert_ptr_eq(a, b);
    ck_assert_uint_eq(schema_interned_count(), 3);
    schema_unref(a);
    ck_assert_uint_eq(schema_interned_count(), 3);
    schema_unref(b);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(another_doc_is_another_schema)
{
    const struct schema *a = order_schema("an order"), *b = order_schema(NULL);
    ck_assert_ptr_ne(a, b);
    schema_unref(a);
    schema_unref(b);
}
END_TEST

/* Each step changes one thing of INT32; no two of the results may be the same. */
static const struct schema *
variant(int i)
{
    struct value seven = value_int(7), eight = value_int(8);
    struct schema_builder *builder = schema_builder_new(i == 0 ? SCHEMA_INT16 : SCHEMA_INT32);
    switch (i) {
    case 1: schema_builder_optional(builder, true); break;
    case 2: schema_builder_name(builder, "n"); break;
    case 3: schema_builder_doc(builder, "n"); break;
    case 4: schema_builder_version(builder, 0); break;
    case 5: schema_builder_version(builder, 1); break;
    case 6: schema_builder_parameter(builder, "a", "b"); break;
    case 7: schema_builder_parameter(builder, "a", "c"); break;
    case 8: schema_builder_default(builder, &seven); break;
    case 9: schema_builder_default(builder, &eight); break;
    default: break;
    }
    return schema_builder_finish(builder);
}

START_TEST(whatever_differs_makes_another_schema)
{
    enum { COUNT = 11 };
    const struct schema *all[COUNT];
    for (int i = 0; i < COUNT; i++)
        all[i] = variant(i);
    ck_assert_uint_eq(schema_interned_count(), COUNT);
    for (int i = 0; i < COUNT; i++) {
        const struct schema *again = variant(i);
        ck_assert_ptr_eq(again, all[i]);
        schema_unref(again);
        schema_unref(all[i]);
    }
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(a_copy_has_everything_of_the_original)
{
    const struct schema *order = order_schema("an order");
    const struct schema *copy = schema_builder_finish(schema_builder_from(order));
    ck_assert_ptr_eq(copy, order);
    const struct schema *optional = schema_with_optional(order, true);
    ck_assert(optional->is_optional);
    ck_assert_str_eq(optional->name, "shop.Order");
    ck_assert_int_eq(optional->version, 2);
    ck_assert_str_eq(schema_parameter_get(optional, "p"), "q");
    ck_assert_ptr_null(schema_parameter_get(optional, "q"));
    ck_assert_int_eq(schema_field_find(optional, "price"), 1);
    ck_assert_int_eq(schema_field_find(optional, "Price"), -1);
    const struct schema *back = schema_with_optional(optional, false);
    ck_assert_ptr_eq(back, order);
    schema_unref(back);
    schema_unref(optional);
    schema_unref(copy);
    schema_unref(order);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(a_logical_type_is_its_name_on_its_base_type)
{
    const struct {
        enum schema_type type;
        const char *name;
        enum schema_logical logical;
    } cases[] = {
        {SCHEMA_INT32, SCHEMA_DATE_NAME, SCHEMA_DATE},       {SCHEMA_INT32, SCHEMA_TIME_NAME, SCHEMA_TIME},
        {SCHEMA_INT64, SCHEMA_TIMESTAMP_NAME, SCHEMA_TIMESTAMP}, {SCHEMA_BYTES, SCHEMA_DECIMAL_NAME, SCHEMA_DECIMAL},
        {SCHEMA_INT64, SCHEMA_DATE_NAME, SCHEMA_PLAIN},      {SCHEMA_INT64, "io.debezium.time.MicroTimestamp", SCHEMA_PLAIN},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct schema_builder *builder = schema_builder_new(cases[i].type);
        schema_builder_name(builder, cases[i].name);
        const struct schema *schema = schema_builder_finish(builder);
        ck_assert_int_eq(schema->logical, cases[i].logical);
        schema_unref(schema);
    }
}
END_TEST

START_TEST(the_scale_of_a_decimal_is_read_from_its_parameter)
{
    const struct schema *schema = schema_decimal(-3, false);
    ck_assert_int_eq(schema->decimal_scale, -3);
    schema_unref(schema);
    const char *const wrong[] = {NULL, "", "two", "2x", "99999999999"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct schema_builder *builder = schema_builder_new(SCHEMA_BYTES);
        schema_builder_name(builder, SCHEMA_DECIMAL_NAME);
        if (wrong[i])
            schema_builder_parameter(builder, "scale", wrong[i]);
        schema = schema_builder_finish(builder);
        ck_assert_int_eq(schema->decimal_scale, SCHEMA_NO_SCALE);
        schema_unref(schema);
    }
}
END_TEST

START_TEST(a_default_value_is_copied_deeply)
{
    char text[] = "abc";
    struct value items[2] = {value_string(text, 3), value_int(1)};
    struct value list = {.kind = VALUE_ARRAY, .len = 2, .as.items = items};
    struct schema_builder *builder = schema_builder_new(SCHEMA_ARRAY);
    schema_builder_default(builder, &list);
    const struct schema *schema = schema_builder_finish(builder);
    text[0] = 'x';
    items[1] = value_int(2);
    const struct value *copy = schema->default_value;
    ck_assert_uint_eq(copy->len, 2);
    ck_assert_mem_eq(copy->as.items[0].as.bytes, "abc", 3);
    ck_assert_int_eq(copy->as.items[1].as.integer, 1);
    schema_unref(schema);
}
END_TEST

START_TEST(a_builder_that_is_given_up_leaves_nothing)
{
    const struct schema *order = order_schema("x");
    struct schema_builder *builder = schema_builder_from(order);
    schema_builder_field(builder, "self", order);
    schema_builder_value(builder, order);
    schema_builder_key(builder, order);
    schema_unref(order);
    schema_builder_free(builder);
    schema_builder_free(NULL);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(fields_can_be_taken_out_and_put_in_again)
{
    const struct schema *order = order_schema("x"), *text = schema_primitive(SCHEMA_STRING, true);
    struct schema_builder *builder = schema_builder_from(order);
    schema_builder_no_fields(builder);
    schema_builder_field(builder, "only", text);
    const struct schema *other = schema_builder_finish(builder);
    ck_assert_uint_eq(other->field_count, 1);
    ck_assert_str_eq(other->fields[0].name, "only");
    schema_unref(other);
    schema_unref(order);
    schema_unref(text);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(type_words_are_those_of_json_converter)
{
    enum schema_type type;
    ck_assert(schema_type_parse("double", 6, &type));
    ck_assert_int_eq(type, SCHEMA_FLOAT64);
    for (int i = SCHEMA_INT8; i <= SCHEMA_STRUCT; i++) {
        const char *word = schema_type_word((enum schema_type)i);
        ck_assert(schema_type_parse(word, strlen(word), &type));
        ck_assert_int_eq(type, i);
    }
    ck_assert(!schema_type_parse("float64", 7, &type));
    ck_assert(!schema_type_parse("INT32", 5, &type));
    ck_assert_str_eq(schema_type_name(SCHEMA_FLOAT32), "FLOAT32");
}
END_TEST

static void *
intern_again_and_again(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2000; i++) {
        const struct schema *schema = order_schema(i % 2 ? "odd" : "even");
        ck_assert_str_eq(schema->doc, i % 2 ? "odd" : "even");
        schema_unref(schema_ref(schema));
        schema_unref(schema);
    }
    return NULL;
}

START_TEST(threads_may_intern_and_let_go_at_once)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, intern_again_and_again, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

START_TEST(many_schemas_are_found_again)
{
    enum { COUNT = 1000 };
    const struct schema *all[COUNT];
    for (int i = 0; i < COUNT; i++)
        all[i] = schema_decimal(i, false);
    for (int i = 0; i < COUNT; i++) {
        const struct schema *again = schema_decimal(i, false);
        ck_assert_ptr_eq(again, all[i]);
        schema_unref(again);
    }
    for (int i = 0; i < COUNT; i++)
        schema_unref(all[i]);
    ck_assert_uint_eq(schema_interned_count(), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("schema");
    TCase *tc = tcase_create("schema");
    tcase_add_test(tc, equal_schemas_are_one_pointer);
    tcase_add_test(tc, another_doc_is_another_schema);
    tcase_add_test(tc, whatever_differs_makes_another_schema);
    tcase_add_test(tc, a_copy_has_everything_of_the_original);
    tcase_add_test(tc, a_logical_type_is_its_name_on_its_base_type);
    tcase_add_test(tc, the_scale_of_a_decimal_is_read_from_its_parameter);
    tcase_add_test(tc, a_default_value_is_copied_deeply);
    tcase_add_test(tc, a_builder_that_is_given_up_leaves_nothing);
    tcase_add_test(tc, fields_can_be_taken_out_and_put_in_again);
    tcase_add_test(tc, type_words_are_those_of_json_converter);
    tcase_add_test(tc, threads_may_intern_and_let_go_at_once);
    tcase_add_test(tc, many_schemas_are_found_again);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
