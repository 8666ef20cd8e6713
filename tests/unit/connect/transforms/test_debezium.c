/* Tests of Debezium's transforms: extract_new_record_state.c, by_logical_table_router.c. Records go in and come out as
   JsonConverter has them. */
#include "connect/converters/converter.h"
#include "connect/transforms/transform.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROW(place) \
    "{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}," \
    "{\"type\":\"string\",\"optional\":true,\"default\":\"dd\",\"field\":\"v\"}],\"optional\":true,\"name\":\"p.db.t.Value\",\"field\":\"" place "\"}"
#define SNAPSHOT_ENUM \
    "\"optional\":true,\"name\":\"io.debezium.data.Enum\",\"version\":1,\"parameters\":{\"allowed\":\"true,last,false\"}"
#define SOURCE_FIELDS \
    "{\"type\":\"int64\",\"optional\":false,\"field\":\"ts_ms\"}," \
    "{\"type\":\"string\"," SNAPSHOT_ENUM ",\"default\":\"false\",\"field\":\"snapshot\"}," \
    "{\"type\":\"string\",\"optional\":true,\"field\":\"table\"}"
#define SOURCE \
    "{\"type\":\"struct\",\"fields\":[" SOURCE_FIELDS "],\"optional\":false,\"name\":\"io.debezium.connector.mysql.Source\",\"version\":1,\"field\":\"source\"}"
#define TRANSACTION \
    "{\"type\":\"struct\",\"fields\":[{\"type\":\"string\",\"optional\":false,\"field\":\"id\"}],\"optional\":true,\"name\":\"event.block\",\"version\":1,\"field\":\"transaction\"}"
#define OP "{\"type\":\"string\",\"optional\":false,\"field\":\"op\"}"
#define EVENT(op, before, after) \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[" ROW("before") "," ROW("after") "," SOURCE "," TRANSACTION "," OP "]," \
    "\"optional\":false,\"name\":\"p.db.t.Envelope\",\"version\":2},\"payload\":{\"before\":" before ",\"after\":" after "," \
    "\"source\":{\"ts_ms\":17,\"snapshot\":null,\"table\":\"t\"},\"transaction\":null,\"op\":\"" op "\"}}"
#define KEY \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}],\"optional\":false,\"name\":\"p.db.t.Key\"},\"payload\":{\"id\":1}}"
#define INSERT EVENT("c", "null", "{\"id\":1,\"v\":\"a\"}")
#define UPDATE EVENT("u", "{\"id\":1,\"v\":\"a\"}", "{\"id\":1,\"v\":null}")
#define DELETE EVENT("d", "{\"id\":1,\"v\":null}", "null")
#define TRUNCATE EVENT("t", "null", "null")
#define HEARTBEAT \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int64\",\"optional\":false,\"field\":\"ts_ms\"}],\"optional\":false,\"name\":\"io.debezium.connector.common.Heartbeat\",\"version\":1},\"payload\":{\"ts_ms\":1}}"
#define TOMBSTONE ""

/* What comes out: the row's own fields, and more. */
#define OUT_ROW(more, payload) \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}," \
    "{\"type\":\"string\",\"optional\":true,\"default\":\"dd\",\"field\":\"v\"}" more "],\"optional\":false,\"name\":\"p.db.t.Value\"},\"payload\":" payload "}"
#define OUT_NULL \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}," \
    "{\"type\":\"string\",\"optional\":true,\"default\":\"dd\",\"field\":\"v\"}],\"optional\":true,\"name\":\"p.db.t.Value\"},\"payload\":null}"
#define TEXT_FIELD(name) ",{\"type\":\"string\",\"optional\":true,\"field\":\"" name "\"}"
#define LONG_FIELD(name) ",{\"type\":\"int64\",\"optional\":true,\"field\":\"" name "\"}"

struct transform_case {
    const char *settings, *value;
    const char *topic, *result, *headers; /* result NULL: dropped; "!": refused with the text in headers */
};

static const struct transform_case unwraps[] = {
    {"", INSERT, "p.db.t", OUT_ROW("", "{\"id\":1,\"v\":\"a\"}"), ""},
    {"", UPDATE, "p.db.t", OUT_ROW("", "{\"id\":1,\"v\":null}"), ""},
    {"", DELETE, "p.db.t", OUT_NULL, ""},
    {"", TOMBSTONE, NULL, NULL, NULL},
    {"", TRUNCATE, NULL, NULL, NULL},
    {"", HEARTBEAT, "p.db.t", HEARTBEAT, ""},
    {"add.headers=op", HEARTBEAT, "p.db.t", HEARTBEAT, ""},
    {"delete.tombstone.handling.mode=drop", DELETE, NULL, NULL, NULL},
    {"delete.tombstone.handling.mode=drop", TOMBSTONE, NULL, NULL, NULL},
    {"delete.tombstone.handling.mode=drop", INSERT, "p.db.t", OUT_ROW("", "{\"id\":1,\"v\":\"a\"}"), ""},
    {"delete.tombstone.handling.mode=Delete-To-Tombstone", DELETE, "p.db.t", TOMBSTONE, ""},
    {"delete.tombstone.handling.mode=delete-to-tombstone", TOMBSTONE, NULL, NULL, NULL},
    /* as Java, which takes defaults for nulls when it inserts a field */
    {"delete.tombstone.handling.mode=rewrite", UPDATE, "p.db.t", OUT_ROW(TEXT_FIELD("__deleted"), "{\"id\":1,\"v\":\"dd\",\"__deleted\":\"false\"}"), ""},
    {"delete.tombstone.handling.mode=rewrite;replace.null.with.default=false", UPDATE, "p.db.t",
     OUT_ROW(TEXT_FIELD("__deleted"), "{\"id\":1,\"v\":null,\"__deleted\":\"false\"}"), ""},
    {"delete.tombstone.handling.mode=rewrite", DELETE, "p.db.t", OUT_ROW(TEXT_FIELD("__deleted"), "{\"id\":1,\"v\":\"dd\",\"__deleted\":\"true\"}"), ""},
    {"delete.tombstone.handling.mode=rewrite", TOMBSTONE, NULL, NULL, NULL},
    {"delete.tombstone.handling.mode=rewrite-with-tombstone;add.headers=op,table", TOMBSTONE, "p.db.t", TOMBSTONE, "__op=d;"},
    {"add.fields=op,table,source.ts_ms,source.snapshot:snap,transaction.id", INSERT, "p.db.t",
     OUT_ROW(TEXT_FIELD("__op") TEXT_FIELD("__table") LONG_FIELD("__source_ts_ms") ",{\"type\":\"string\"," SNAPSHOT_ENUM ",\"field\":\"__snap\"}"
             TEXT_FIELD("__transaction_id"),
             "{\"id\":1,\"v\":\"a\",\"__op\":\"c\",\"__table\":\"t\",\"__source_ts_ms\":17,\"__snap\":null,\"__transaction_id\":null}"), ""},
    {"add.fields=no_such;add.headers=no_such", INSERT, "p.db.t", OUT_ROW("", "{\"id\":1,\"v\":\"a\"}"), ""},
    {"add.fields=op;add.fields.prefix=f_;add.headers=op,source.ts_ms,table:tab;add.headers.prefix=h_;delete.tombstone.handling.mode=rewrite", DELETE, "p.db.t",
     OUT_ROW(TEXT_FIELD("__deleted") TEXT_FIELD("f_op"), "{\"id\":1,\"v\":\"dd\",\"__deleted\":\"true\",\"f_op\":\"d\"}"), "h_op=d;h_source_ts_ms=17;h_tab=t;"},
    {"add.fields=nothing.here", INSERT, NULL, "!", "no struct nothing"},
    {"add.fields=op:id;add.fields.prefix=", INSERT, NULL, "!", "field name duplication id"},
    {"route.by.field=v", INSERT, "a", OUT_ROW("", "{\"id\":1,\"v\":\"a\"}"), ""},
    {"route.by.field=v", DELETE, "dd", OUT_NULL, ""},
    {"route.by.field=nothing", INSERT, NULL, "!", "nothing is not a valid field name"},
    {"route.by.field=id", INSERT, NULL, "!", "Field 'id' is not of type STRING"},
};

struct fixture {
    struct converter json;
    struct transform_plugin const *plugin;
    struct record_batch batch;
    struct record *record;
    void *state;
};

static void
read_side(struct fixture *f, const char *text, const struct schema **schema, struct value *value)
{
    struct error err = ERROR_INIT;
    bool is_read = !*text || f->json.plugin->ops->read(f->json.state, "t", text, strlen(text), &f->batch, schema, value, &err);
    ck_assert_msg(is_read, "%s: %s", text, err.message);
}

static bool
make(struct fixture *f, const char *class_name, const char *settings, struct error *err)
{
    struct config cfg = CONFIG_INIT;
    char *copy = strdup(settings), *save = NULL;
    for (char *item = strtok_r(copy, ";", &save); item; item = strtok_r(NULL, ";", &save)) {
        char *equals = strchr(item, '=');
        *equals = '\0';
        config_set(&cfg, item, equals + 1);
    }
    f->plugin = transform_plugin_find(class_name);
    ck_assert_ptr_nonnull(f->plugin);
    f->state = calloc(1, f->plugin->ops->size);
    bool is_made = f->plugin->ops->init(f->state, f->plugin->target, &cfg, err);
    config_fini(&cfg);
    free(copy);
    return is_made;
}

static void
set_up(struct fixture *f, const char *topic, const char *key, const char *value)
{
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    memset(f, 0, sizeof(*f));
    config_set(&cfg, "replace.null.with.default", "false"); /* so that nulls show */
    ck_assert(converter_new(&f->json, "JsonConverter", CONVERTER_VALUE, &cfg, "", &err));
    config_fini(&cfg);
    f->record = record_batch_add(&f->batch);
    f->record->topic = topic;
    read_side(f, key, &f->record->key_schema, &f->record->key);
    read_side(f, value, &f->record->value_schema, &f->record->value);
}

static void
tear_down(struct fixture *f)
{
    f->plugin->ops->fini(f->state);
    free(f->state);
    converter_free(&f->json);
    record_batch_fini(&f->batch);
    ck_assert_uint_eq(schema_interned_count(), 0);
}

static bool
apply(struct fixture *f, struct error *err)
{
    return f->plugin->ops->apply(f->state, f->record, &f->batch, err);
}

static void
check_json(struct fixture *f, const struct schema *schema, const struct value *value, const char *expected)
{
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    bool is_null = false;
    ck_assert_msg(f->json.plugin->ops->write(f->json.state, "t", schema, value, &out, &is_null, &err), "%s", err.message);
    ck_assert_str_eq(is_null ? "" : out.data, expected);
    strbuf_fini(&out);
}

static void
check_headers(const struct record *record, const char *expected)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_puts(&out, "");
    for (size_t i = 0; i < record->header_count; i++) {
        const struct value *value = &record->headers[i].value;
        if (value->kind == VALUE_STRING)
            strbuf_printf(&out, "%s=%.*s;", record->headers[i].name, (int)value->len, value->as.bytes);
        else
            strbuf_printf(&out, "%s=%lld;", record->headers[i].name, (long long)value->as.integer);
    }
    ck_assert_str_eq(out.data, expected);
    strbuf_fini(&out);
}

START_TEST(of_an_event_the_row_stays)
{
    const struct transform_case *c = &unwraps[_i];
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, "p.db.t", KEY, c->value);
    ck_assert_msg(make(&f, "io.debezium.transforms.ExtractNewRecordState", c->settings, &err), "%s", err.message);
    bool is_applied = apply(&f, &err), is_refused = c->result && strcmp(c->result, "!") == 0;
    ck_assert_msg(is_applied != is_refused, "%s", err.message);
    if (is_refused)
        ck_assert_msg(strstr(err.message, c->headers) != NULL, "%s", err.message);
    else
        ck_assert(f.record->is_dropped == (c->result == NULL));
    if (is_applied && c->result) {
        ck_assert_str_eq(f.record->topic, c->topic);
        check_json(&f, f.record->value_schema, &f.record->value, c->result);
        check_json(&f, f.record->key_schema, &f.record->key, KEY);
        check_headers(f.record, c->headers);
    }
    tear_down(&f);
}
END_TEST

static const struct {
    const char *class_name, *settings, *message;
} wrong_settings[] = {
    {"io.debezium.transforms.ExtractNewRecordState", "delete.tombstone.handling.mode=keep", "Unable to validate config."},
    {"io.debezium.transforms.ExtractNewRecordState", "add.fields=a:b:c", "Unexpected field name: a:b:c"},
    {"io.debezium.transforms.ExtractNewRecordState", "drop.fields.from.key=maybe", "drop.fields.from.key"},
    {"io.debezium.transforms.ByLogicalTableRouter", "topic.replacement=x", "Unable to validate config."},
    {"io.debezium.transforms.ByLogicalTableRouter", "topic.regex=x", "Unable to validate config."},
    {"io.debezium.transforms.ByLogicalTableRouter", "topic.regex=(;topic.replacement=x", "Unable to validate config."},
    {"io.debezium.transforms.ByLogicalTableRouter", "topic.regex=a;topic.replacement=x;key.field.regex=b", "Unable to validate config."},
    {"io.debezium.transforms.ByLogicalTableRouter", "topic.regex=a;topic.replacement=x;schema.name.adjustment.mode=y", "Unable to validate config."},
};

START_TEST(wrong_settings_are_refused)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, "p.db.t", KEY, INSERT);
    ck_assert(!make(&f, wrong_settings[_i].class_name, wrong_settings[_i].settings, &err));
    ck_assert_msg(strstr(err.message, wrong_settings[_i].message) != NULL, "%s", err.message);
    tear_down(&f);
}
END_TEST

/* A header with a list of columns, as Debezium's own transforms make it. */
static void
add_drop_header(struct fixture *f)
{
    struct schema_builder *builder = schema_builder_new(SCHEMA_ARRAY);
    const struct schema *text = schema_primitive(SCHEMA_STRING, false);
    schema_builder_value(builder, text);
    schema_unref(text);
    const struct schema *list = schema_builder_finish(builder);
    record_batch_hold(&f->batch, list);
    struct value *items = arena_array(&f->batch.arena, struct value, 2);
    items[0] = value_string("v", 1);
    items[1] = value_string("id", 2);
    f->record->headers = arena_array(&f->batch.arena, struct header, 1);
    f->record->header_count = 1;
    f->record->headers[0] = (struct header){"gone", list, {.kind = VALUE_ARRAY, .len = 2, .as.items = items}};
    schema_unref(list);
}

#define ONLY_ID "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}],\"optional\":false,\"name\":\"p.db.t.Value\"},\"payload\":{\"id\":1}}"
#define NOTHING(name) "{\"schema\":{\"type\":\"struct\",\"fields\":[],\"optional\":false,\"name\":\"p.db.t." name "\"},\"payload\":{}}"

static const struct {
    const char *settings, *key, *value;
} drops[] = {
    {"drop.fields.header.name=gone", KEY, ONLY_ID},
    {"drop.fields.header.name=gone;drop.fields.from.key=true", KEY, ONLY_ID},
    {"drop.fields.header.name=gone;drop.fields.keep.schema.compatible=false", KEY, NOTHING("Value")},
    {"drop.fields.header.name=gone;drop.fields.from.key=true;drop.fields.keep.schema.compatible=false", NOTHING("Key"), NOTHING("Value")},
    {"drop.fields.header.name=other", KEY, OUT_ROW("", "{\"id\":1,\"v\":\"a\"}")},
};

START_TEST(columns_that_a_header_lists_are_left_out)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, "p.db.t", KEY, INSERT);
    add_drop_header(&f);
    ck_assert_msg(make(&f, "ExtractNewRecordState", drops[_i].settings, &err), "%s", err.message);
    ck_assert_msg(apply(&f, &err), "%s", err.message);
    check_json(&f, f.record->key_schema, &f.record->key, drops[_i].key);
    check_json(&f, f.record->value_schema, &f.record->value, drops[_i].value);
    tear_down(&f);
}
END_TEST

START_TEST(the_list_may_be_another_one_with_each_record)
{
    static const struct {
        size_t len;
        const char *value;
    } lists[] = {{2, NOTHING("Value")}, {1, ONLY_ID}, {1, ONLY_ID}, {2, NOTHING("Value")}};
    struct fixture f;
    struct error err = ERROR_INIT;
    set_up(&f, "p.db.t", KEY, INSERT);
    add_drop_header(&f);
    ck_assert_msg(make(&f, "ExtractNewRecordState", "drop.fields.header.name=gone;drop.fields.keep.schema.compatible=false", &err), "%s", err.message);
    const struct schema *schema = f.record->value_schema;
    const struct value value = f.record->value;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        f.record->value_schema = schema;
        f.record->value = value;
        f.record->headers[0].value.len = lists[i].len;
        ck_assert_msg(apply(&f, &err), "%s", err.message);
        check_json(&f, f.record->value_schema, &f.record->value, lists[i].value);
    }
    tear_down(&f);
}
END_TEST

#define ROUTED_KEY(topic, field, more) \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}" field "],\"optional\":false,\"name\":\"" topic ".Key\"},\"payload\":{\"id\":1" more "}}"
#define KEY_FIELD(name) ",{\"type\":\"string\",\"optional\":false,\"field\":\"" name "\"}"
#define ROUTE "topic.regex=(.*)shard_(.*);topic.replacement=$1all"

static const struct {
    const char *settings, *topic, *new_topic, *key;
    const char *names; /* what the names of the envelope's schemas begin with */
} routes[] = {
    {ROUTE, "p.db.shard_1", "p.db.all",
     ROUTED_KEY("p.db.all", KEY_FIELD("__dbz__physicalTableIdentifier"), ",\"__dbz__physicalTableIdentifier\":\"p.db.shard_1\""), "p.db.all"},
    {ROUTE ";key.field.name=shard;key.field.regex=(.*)shard_(.*);key.field.replacement=$2", "p.db.shard_1", "p.db.all",
     ROUTED_KEY("p.db.all", KEY_FIELD("shard"), ",\"shard\":\"1\""), "p.db.all"},
    {ROUTE ";key.field.name=shard;key.field.regex=other_(.*);key.field.replacement=$1", "p.db.shard_1", "p.db.all",
     ROUTED_KEY("p.db.all", KEY_FIELD("shard"), ",\"shard\":\"p.db.shard_1\""), "p.db.all"},
    {ROUTE ";key.enforce.uniqueness=false", "p.db.shard_1", "p.db.all", ROUTED_KEY("p.db.all", "", ""), "p.db.all"},
    {ROUTE, "p.db.other", "p.db.other", KEY, "p.db.t"},
    {"topic.regex=(.*)shard_(.*);topic.replacement=$1my-all;key.enforce.uniqueness=false;schema.name.adjustment.mode=avro", "p.db.shard_1",
     "p.db.my-all", ROUTED_KEY("p.db.my_all", "", ""), "p.db.my_all"},
    {"topic.regex=(.*)shard_(.*);topic.replacement=$1my-_all;key.enforce.uniqueness=false;schema.name.adjustment.mode=avro_unicode", "p.db.shard_1",
     "p.db.my-_all", ROUTED_KEY("p.db.my_u002d_u005fall", "", ""), "p.db.my_u002d_u005fall"},
    {"topic.regex=(x*).*;topic.replacement=$1", "p.db.shard_1", "p.db.shard_1", KEY, "p.db.t"}, /* an empty name */
};

START_TEST(tables_are_routed_to_one_topic)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    char name[100];
    set_up(&f, routes[_i].topic, KEY, UPDATE);
    ck_assert_msg(make(&f, "io.debezium.transforms.ByLogicalTableRouter", routes[_i].settings, &err), "%s", err.message);
    ck_assert_msg(apply(&f, &err), "%s", err.message);
    ck_assert_str_eq(f.record->topic, routes[_i].new_topic);
    check_json(&f, f.record->key_schema, &f.record->key, routes[_i].key);
    const struct schema *schema = f.record->value_schema;
    snprintf(name, sizeof(name), "%s.Envelope", routes[_i].names);
    ck_assert_str_eq(schema->name, name);
    ck_assert_int_eq(schema->version, 2);
    ck_assert_ptr_eq(schema->fields[0].schema, schema->fields[1].schema);
    snprintf(name, sizeof(name), "%s.Value", routes[_i].names);
    ck_assert_str_eq(schema->fields[1].schema->name, name);
    ck_assert(schema->fields[1].schema->is_optional);
    ck_assert_str_eq(schema->fields[2].schema->name, "io.debezium.connector.mysql.Source");
    tear_down(&f);
}
END_TEST

START_TEST(tombstones_and_others_only_get_the_topic_and_the_key)
{
    struct fixture f;
    struct error err = ERROR_INIT;
    const char *value = _i == 0 ? TOMBSTONE : HEARTBEAT;
    set_up(&f, "p.db.shard_1", KEY, value);
    ck_assert(make(&f, "ByLogicalTableRouter", ROUTE ";key.enforce.uniqueness=false", &err));
    ck_assert_msg(apply(&f, &err), "%s", err.message);
    ck_assert_str_eq(f.record->topic, "p.db.all");
    check_json(&f, f.record->key_schema, &f.record->key, ROUTED_KEY("p.db.all", "", ""));
    check_json(&f, f.record->value_schema, &f.record->value, value);
    tear_down(&f);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("debezium");
    TCase *tc = tcase_create("debezium");
    tcase_add_loop_test(tc, of_an_event_the_row_stays, 0, sizeof(unwraps) / sizeof(unwraps[0]));
    tcase_add_loop_test(tc, wrong_settings_are_refused, 0, sizeof(wrong_settings) / sizeof(wrong_settings[0]));
    tcase_add_loop_test(tc, columns_that_a_header_lists_are_left_out, 0, sizeof(drops) / sizeof(drops[0]));
    tcase_add_test(tc, the_list_may_be_another_one_with_each_record);
    tcase_add_loop_test(tc, tables_are_routed_to_one_topic, 0, sizeof(routes) / sizeof(routes[0]));
    tcase_add_loop_test(tc, tombstones_and_others_only_get_the_topic_and_the_key, 0, 2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
