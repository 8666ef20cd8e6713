#include "connect/converters/converter.h"
#include "connect/transforms/transform.h"
#include "tests/fakes/show_value.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transform_cases.h"

struct fixture {
    struct converter json, plain;
    struct record_batch batch;
    struct record *record;
};

static void
make_converter(struct converter *converter, const char *schemas_enable)
{
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    config_set(&cfg, "schemas.enable", schemas_enable);
    ck_assert(converter_new(converter, "JsonConverter", CONVERTER_VALUE, &cfg, "", &err));
    config_fini(&cfg);
}

static void
read_side(struct fixture *f, const char *text, const struct schema **schema, struct value *value)
{
    struct error err = ERROR_INIT;
    struct converter *converter = *text == '1' ? &f->json : &f->plain;
    bool is_read = converter->plugin->ops->read(converter->state, "t", *text ? text + 1 : NULL, *text ? strlen(text) - 1 : 0,
                                                &f->batch, schema, value, &err);
    ck_assert_msg(is_read, "%s: %s", text, err.message);
}

static void
set_up(struct fixture *f, const struct transform_case *c)
{
    memset(f, 0, sizeof(*f));
    make_converter(&f->json, "true");
    make_converter(&f->plain, "false");
    f->record = record_batch_add(&f->batch);
    f->record->topic = f->record->original_topic = "orders";
    f->record->partition = f->record->original_partition = 3;
    f->record->offset = 42;
    f->record->timestamp_ms = 1700000000123;
    f->record->timestamp_type = TIMESTAMP_CREATE;
    read_side(f, c->key, &f->record->key_schema, &f->record->key);
    read_side(f, c->value, &f->record->value_schema, &f->record->value);
    const struct schema *text = schema_primitive(SCHEMA_STRING, false), *number = schema_primitive(SCHEMA_INT32, false);
    record_batch_hold(&f->batch, text);
    record_batch_hold(&f->batch, number);
    schema_unref(text);
    schema_unref(number);
    f->record->headers = arena_array(&f->batch.arena, struct header, 3);
    f->record->header_count = 3;
    f->record->headers[0] = (struct header){"h1", text, value_string("x", 1)};
    f->record->headers[1] = (struct header){"h2", number, value_int(5)};
    f->record->headers[2] = (struct header){"h1", text, value_string("y", 1)};
}

static void
tear_down(struct fixture *f)
{
    converter_free(&f->json);
    converter_free(&f->plain);
    record_batch_fini(&f->batch);
    ck_assert_uint_eq(schema_interned_count(), 0);
}

static void
show_side(const char *name, const struct schema *schema, const struct value *value, struct strbuf *out)
{
    strbuf_printf(out, "%s=", name);
    show_schema(schema, out);
    strbuf_putc(out, ' ');
    show_value(schema, value, out);
    strbuf_putc(out, ' ');
}

static void
show_headers(const struct record *record, struct strbuf *out)
{
    for (size_t i = 0; i < record->header_count; i++) {
        const struct header *header = &record->headers[i];
        strbuf_printf(out, "%s:", header->name);
        show_schema(header->schema, out);
        strbuf_putc(out, ' ');
        show_value(header->schema, &header->value, out);
        strbuf_putc(out, ';');
    }
}

/* Is it the very same value, not a copy? As the reference of the original in Java. */
static bool
is_same(const struct value *a, const struct value *b)
{
    return a->kind == b->kind && a->len == b->len && a->as.integer == b->as.integer;
}

static void
show_changes(const struct record *before, const struct record *after, struct strbuf *out)
{
    struct strbuf headers = STRBUF_INIT;
    if (strcmp(before->topic, after->topic))
        strbuf_printf(out, "topic=%s ", after->topic);
    if (before->key_schema != after->key_schema || !is_same(&before->key, &after->key))
        show_side("key", after->key_schema, &after->key, out);
    if (before->value_schema != after->value_schema || !is_same(&before->value, &after->value))
        show_side("value", after->value_schema, &after->value, out);
    strbuf_puts(&headers, "");
    show_headers(after, &headers);
    if (strcmp(headers.data, "h1:string String x;h2:int32 Integer 5;h1:string String y;"))
        strbuf_printf(out, "headers=%s ", headers.data);
    strbuf_fini(&headers);
    if (out->len == 0)
        strbuf_puts(out, "SAME ");
    out->data[--out->len] = '\0';
}

static void
split_settings(const char *settings, struct config *cfg)
{
    char *copy = strdup(settings), *rest = copy, *item;
    while ((item = strsep(&rest, ";")) != NULL) {
        char *equals = strchr(item, '=');
        if (!equals)
            continue;
        *equals = '\0';
        config_set(cfg, item, equals + 1);
    }
    free(copy);
}

static void
run_transform(const struct transform_plugin *plugin, const struct config *cfg, struct fixture *f, struct strbuf *out)
{
    struct error err = ERROR_INIT;
    void *state = calloc(1, plugin->ops->size + 1);
    struct record before = *f->record;
    if (!plugin->ops->init(state, plugin->target, cfg, &err)) {
        strbuf_printf(out, "CONFIG %s", err.message);
        ck_assert_int_eq(err.code, ERROR_CONFIG);
    } else if (!plugin->ops->apply(state, f->record, &f->batch, &err)) {
        strbuf_printf(out, "ERR %s", err.message);
        ck_assert_int_eq(err.code, ERROR_DATA);
    } else if (f->record->is_dropped) {
        strbuf_puts(out, "DROPPED");
    } else {
        show_changes(&before, f->record, out);
    }
    plugin->ops->fini(state);
    free(state);
}

static void
run_predicate(const struct predicate_plugin *plugin, const struct config *cfg, struct fixture *f, struct strbuf *out)
{
    struct error err = ERROR_INIT;
    void *state = calloc(1, plugin->ops->size + 1);
    bool holds;
    if (!plugin->ops->init(state, cfg, &err) || !plugin->ops->test(state, f->record, &holds, &err))
        strbuf_printf(out, "ERR %s", err.message);
    else
        strbuf_puts(out, holds ? "true" : "false");
    plugin->ops->fini(state);
    free(state);
}

START_TEST(records_come_out_as_from_kafka_connect)
{
    const struct transform_case *c = &cases[_i];
    struct fixture f;
    struct config cfg = CONFIG_INIT;
    struct strbuf shown = STRBUF_INIT;
    const char *dot = strrchr(c->class_name, '.');
    set_up(&f, c);
    split_settings(c->settings, &cfg);
    char full[128];
    snprintf(full, sizeof(full), "org.apache.kafka.connect.transforms.%s", c->class_name);
    const struct transform_plugin *transform = dot ? NULL : transform_plugin_find(full);
    const struct predicate_plugin *predicate = dot ? predicate_plugin_find(dot + 1) : NULL;
    ck_assert(transform || predicate);
    if (transform)
        run_transform(transform, &cfg, &f, &shown);
    else
        run_predicate(predicate, &cfg, &f, &shown);
    ck_assert_msg(strcmp(shown.data, c->result) == 0, "%s with %s on %s:\n  gives    %s\n  expected %s", c->class_name, c->settings,
                  c->value, shown.data, c->result);
    strbuf_fini(&shown);
    config_fini(&cfg);
    tear_down(&f);
}
END_TEST

START_TEST(every_class_is_found_by_its_name_and_its_alias)
{
    for (const struct transform_plugin *const *plugin = transform_plugins; *plugin; plugin++) {
        ck_assert_ptr_eq(transform_plugin_find((*plugin)->class_name), *plugin);
        bool has_alias = !strchr((*plugin)->class_name, '$'); /* to Java these are all called Key and Value */
        ck_assert_ptr_eq(transform_plugin_find(strrchr((*plugin)->class_name, '.') + 1), has_alias ? *plugin : NULL);
        if (plugin[1])
            ck_assert_msg(strcmp((*plugin)->class_name, plugin[1]->class_name) < 0, "%s", (*plugin)->class_name);
    }
    ck_assert_ptr_nonnull(predicate_plugin_find("org.apache.kafka.connect.transforms.predicates.HasHeaderKey"));
    ck_assert_ptr_null(transform_plugin_find("ExtractField"));
    ck_assert_ptr_null(transform_plugin_find("HasHeaderKey"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("transforms");
    TCase *tc = tcase_create("transforms");
    tcase_add_loop_test(tc, records_come_out_as_from_kafka_connect, 0, sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tc, every_class_is_found_by_its_name_and_its_alias);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
