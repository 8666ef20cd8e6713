/* Tests of connect/runtime/validation.c and connector_config.c with connectors made for them. */
#include "connect/runtime/validation.h"

#include "connect/plugins.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct config_row own_rows[] = {
    {"address", CONFIG_STRING, config_no_default, CONFIG_HIGH, "", "Own", 1, CONFIG_WIDTH_LONG, "Address", .offset = CONFIG_NOT_PARSED},
    {"secret", CONFIG_PASSWORD, NULL, CONFIG_HIGH, "", "Own", 2, CONFIG_WIDTH_LONG, "Secret", .offset = CONFIG_NOT_PARSED},
    {0},
};

static size_t own_errors_seen;

static void
check_address(const struct config *cfg, struct config_values *values)
{
    own_errors_seen = config_values_error_count(values);
    if (config_get(cfg, "address") && strcmp(config_get(cfg, "address"), "nowhere") == 0)
        config_values_error(values, "address", "Cannot reach nowhere");
}

static const struct connector_plugin sink = {
    .class_name = "a.b.TestSinkConnector", .version = "3", .type = CONNECTOR_SINK, .rows = own_rows, .validate = check_address};
static const struct connector_plugin source = {.class_name = "a.b.TestSourceConnector", .version = "3", .type = CONNECTOR_SOURCE, .rows = own_rows};
const struct connector_plugin *const connector_plugins[] = {&sink, &source, NULL};

static struct worker_config worker;
static struct config_providers *providers;
static struct config cfg;
static struct validation validation;
static struct error err;

static void
base_settings(struct config *raw)
{
    static const char *const settings[][2] = {
        {"bootstrap.servers", "x:1"}, {"group.id", "connect-mine"}, {"key.converter", "org.apache.kafka.connect.json.JsonConverter"},
        {"value.converter", "org.apache.kafka.connect.json.JsonConverter"}, {"config.storage.topic", "c"}, {"offset.storage.topic", "o"},
        {"status.storage.topic", "s"}, {"connector.client.config.override.policy", "Principal"}, {"config.providers", "env"},
        {"config.providers.env.class", "EnvVarConfigProvider"},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        config_set(raw, settings[i][0], settings[i][1]);
}

static void
setup(void)
{
    struct config raw = CONFIG_INIT;
    base_settings(&raw);
    providers = config_providers_new(&raw, &err);
    ck_assert(worker_config_parse(&worker, &raw, true, &err));
    cfg = CONFIG_INIT;
    config_set(&cfg, "name", "n");
    config_set(&cfg, "connector.class", "TestSink");
    config_set(&cfg, "topics", "t");
    config_set(&cfg, "address", "here");
}

static void
teardown(void)
{
    validation_fini(&validation);
    config_fini(&cfg);
    config_providers_free(providers);
    worker_config_fini(&worker);
}

static void
run(void)
{
    ck_assert_msg(validation_run(&validation, &worker, providers, &cfg, &err), "%s", err.message);
}

static const struct config_value *
value(const char *name)
{
    const struct config_value *found = config_values_find(&validation.values, name);
    ck_assert_msg(found, "%s is not listed", name);
    return found;
}

/* The only error of a setting. */
static const char *
error_of(const char *name)
{
    const struct config_value *found = value(name);
    ck_assert_msg(found->errors.count == 1, "%s has %zu errors", name, found->errors.count);
    return found->errors.items[0];
}

START_TEST(a_good_configuration_passes_with_all_settings_in_order)
{
    char *message = NULL;
    config_set(&cfg, "secret", "1234");
    config_set(&cfg, "unknown.key", "1");
    run();
    ck_assert_msg(validation_passed(&validation, &message), "%s", message);
    ck_assert_str_eq(validation.class_name, "TestSink");
    ck_assert_str_eq(validation.values.items[0].name, "name");
    ck_assert_str_eq(validation.values.items[validation.values.count - 1].name, "secret");
    ck_assert_str_eq(value("secret")->value, "[hidden]");
    ck_assert_str_eq(value("key.converter")->value, "org.apache.kafka.connect.json.JsonConverter");
    ck_assert_str_eq(value("connector.plugin.version")->value, "3");
    ck_assert_ptr_null(config_values_find(&validation.values, "unknown.key"));
    ck_assert_str_eq(validation.groups.items[0], "Common");
    ck_assert_str_eq(validation.groups.items[validation.groups.count - 1], "Own");
}
END_TEST

/* Time that grows with the square of what comes from outside is over the limit of a test here. */
START_TEST(very_many_wrong_settings_are_named_in_time)
{
    enum { MANY = 200000 };
    for (int i = 0; i < MANY; i++) {
        char name[32];
        snprintf(name, sizeof(name), "unknown.%d", i);
        config_set(&cfg, name, NULL);
    }
    ck_assert(validation_run(&validation, &worker, providers, &cfg, &err));
    ck_assert_uint_eq(config_values_error_count(&validation.values), MANY);
    ck_assert_str_eq(validation.values.items[MANY - 1].name, "unknown.199999");
    ck_assert_uint_eq(config_values_find(&validation.values, "unknown.4711")->errors.count, 1);
    ck_assert_uint_eq(config_values_find(&validation.values, "address")->errors.count, 0);
}
END_TEST

START_TEST(very_many_aliases_are_looked_through_in_time)
{
    struct strbuf names = STRBUF_INIT;
    for (int i = 0; i < 50000; i++)
        strbuf_printf(&names, "a%d,", i);
    strbuf_puts(&names, "a7");
    config_set(&cfg, "predicates", names.data);
    ck_assert(validation_run(&validation, &worker, providers, &cfg, &err));
    ck_assert_uint_eq(config_values_find(&validation.values, "predicates")->errors.count, 1);
    strbuf_fini(&names);
}
END_TEST

START_TEST(a_missing_or_unknown_class_cannot_be_validated)
{
    config_unset(&cfg, "connector.class");
    ck_assert(!validation_run(&validation, &worker, providers, &cfg, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "contains no connector type"));
    validation_fini(&validation);
    config_set(&cfg, "connector.class", "Nope");
    ck_assert(!validation_run(&validation, &worker, providers, &cfg, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "Failed to find any class that implements Connector and which name matches Nope"));
}
END_TEST

START_TEST(the_message_counts_and_lists_the_errors)
{
    char *message = NULL;
    config_set(&cfg, "tasks.max", "x");
    config_set(&cfg, "address", "nowhere");
    run();
    ck_assert(!validation_passed(&validation, &message));
    ck_assert_str_eq(message, "Connector configuration is invalid and contains the following 3 error(s):\n"
                              "Invalid value x for configuration tasks.max: Not a number of type INT\n"
                              "Invalid value null for configuration tasks.max: Value must be non-null\n"
                              "Cannot reach nowhere\n"
                              "You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`");
    free(message);
}
END_TEST

START_TEST(a_sink_needs_exactly_one_way_to_name_topics)
{
    config_set(&cfg, "topics.regex", "t.*");
    run();
    ck_assert_str_eq(error_of("topics"), "topics and topics.regex are mutually exclusive options, but both are set.");
    validation_fini(&validation);
    config_unset(&cfg, "topics.regex");
    config_set(&cfg, "topics", " ");
    run();
    ck_assert_str_eq(error_of("topics.regex"), "Must configure one of topics or topics.regex");
}
END_TEST

START_TEST(topics_are_matched_by_an_expression_of_java)
{
    config_unset(&cfg, "topics");
    config_set(&cfg, "topics.regex", "(?i)a_(?!skip)[a-z]++-\\d{1,2}");
    run();
    ck_assert_uint_eq(value("topics.regex")->errors.count, 0);
    validation_fini(&validation);
    config_set(&cfg, "topics.regex", "(");
    run();
    ck_assert_ptr_nonnull(strstr(error_of("topics.regex"), "Invalid value ( for configuration topics.regex: Invalid regex: "));
}
END_TEST

START_TEST(a_sink_must_not_read_its_own_dead_letters)
{
    config_set(&cfg, "topics", "a, dead");
    config_set(&cfg, "errors.deadletterqueue.topic.name", "dead");
    run();
    ck_assert_ptr_nonnull(strstr(error_of("topics"), "The DLQ topic 'dead' may not be included in the list of topics ('topics=[a, dead]')"));
}
END_TEST

START_TEST(a_sink_group_must_not_be_the_workers)
{
    config_set(&cfg, "name", "mine");
    run();
    ck_assert_str_eq(error_of("name"), "Consumer group for sink connector named mine conflicts with Connect worker group connect-mine");
}
END_TEST

START_TEST(the_override_policy_is_kept)
{
    config_set(&cfg, "consumer.override.max.poll.records", "5");
    config_set(&cfg, "consumer.override.sasl.mechanism", "PLAIN");
    run();
    ck_assert_str_eq(error_of("consumer.override.max.poll.records"),
                     "The 'Principal' policy does not allow 'max.poll.records' to be overridden in the connector configuration.");
    ck_assert_uint_eq(value("consumer.override.sasl.mechanism")->errors.count, 0);
}
END_TEST

START_TEST(overrides_are_described_as_javas_clients_do)
{
    config_set(&cfg, "consumer.override.security.protocol", " SSL ");
    config_set(&cfg, "consumer.override.foo", "x");
    config_set(&cfg, "consumer.override.ssl.key.password", "1234");
    config_set(&cfg, "producer.override.acks", "all");
    run();
    const struct config_value *known = value("consumer.override.security.protocol");
    ck_assert_int_eq(known->row->importance, CONFIG_MEDIUM);
    ck_assert_str_eq(known->row->default_value, "PLAINTEXT");
    ck_assert_str_eq(known->value, "SSL");
    ck_assert_ptr_null(value("consumer.override.foo")->row);
    ck_assert_str_eq(value("consumer.override.ssl.key.password")->value, "[hidden]");
    ck_assert_ptr_null(config_values_find(&validation.values, "producer.override.acks")); /* a sink without dead letters has none */
}
END_TEST

START_TEST(an_override_of_the_wrong_type_ends_validation)
{
    config_set(&cfg, "consumer.override.max.poll.records", "many");
    ck_assert(!validation_run(&validation, &worker, providers, &cfg, &err));
    ck_assert_str_eq(err.message, "Invalid value many for configuration max.poll.records: Not a number of type INT");
}
END_TEST

START_TEST(a_version_that_is_not_there_is_an_error_of_class_and_version)
{
    config_set(&cfg, "value.converter", "org.apache.kafka.connect.storage.StringConverter");
    config_set(&cfg, "value.converter.plugin.version", "9");
    config_set(&cfg, "transforms", "f");
    config_set(&cfg, "transforms.f.type", "Filter");
    config_set(&cfg, "transforms.f.plugin.version", "[5,)");
    run();
    ck_assert_str_eq(error_of("value.converter"), "Plugin org.apache.kafka.connect.storage.StringConverter not found that matches "
                                                  "the version range [9,9], available versions: [4.1.1]");
    ck_assert_str_eq(error_of("value.converter.plugin.version"), error_of("value.converter"));
    ck_assert_str_eq(error_of("transforms.f.plugin.version"), error_of("transforms.f.type"));
    ck_assert_ptr_null(config_values_find(&validation.values, "transforms.f.negate"));
    validation_fini(&validation);
    config_set(&cfg, "connector.plugin.version", "[1,3)");
    run();
    ck_assert_str_eq(error_of("connector.class"), error_of("connector.plugin.version"));
    ck_assert_uint_eq(config_values_error_count(&validation.values), 2);
}
END_TEST

START_TEST(exactly_once_can_be_required_only_where_it_is)
{
    config_set(&cfg, "connector.class", "TestSource");
    config_set(&cfg, "exactly.once.support", "Required");
    config_set(&cfg, "transaction.boundary", "connector");
    run();
    ck_assert_uint_eq(value("exactly.once.support")->errors.count, 2);
    ck_assert_str_eq(value("exactly.once.support")->errors.items[0], "This worker does not have exactly-once source support enabled.");
    ck_assert_ptr_nonnull(strstr(error_of("transaction.boundary"), "does not support connector-defined transaction boundaries"));
}
END_TEST

static const struct {
    const char *name, *codes;
} bad_names[] = {{"a\nb", "10"}, {"\x7f", "127"}, {"a\xC0\x80" "b\tc", "0, 9"}, {"\xC2\x85", "133"}};

START_TEST(a_name_has_no_control_characters)
{
    config_set(&cfg, "name", bad_names[_i].name);
    run();
    const char *text = error_of("name"), *codes = strrchr(text, ':');
    ck_assert_ptr_nonnull(strstr(text, "String may not contain control sequences but had the following ASCII chars"));
    ck_assert_str_eq(codes + 2, bad_names[_i].codes);
}
END_TEST

START_TEST(dead_letters_are_looked_for_in_what_is_read)
{
    config_set(&cfg, "errors.deadletterqueue.topic.name", "a");
    config_set(&cfg, "topics", "a,,b,a");
    run();
    ck_assert_str_eq(error_of("topics"), "The DLQ topic 'a' may not be included in the list of topics ('topics=[a, b]') consumed by the connector");
    validation_fini(&validation);
    config_unset(&cfg, "topics");
    config_set(&cfg, "topics.regex", "[ab]+");
    run();
    ck_assert_str_eq(error_of("topics.regex"),
                     "The DLQ topic 'a' may not be matched by the regex for the topics ('topics.regex=[ab]+') consumed by the connector");
    validation_fini(&validation);
    config_set(&cfg, "errors.deadletterqueue.topic.name", "ac");
    run();
    ck_assert_uint_eq(value("topics.regex")->errors.count, 0);
}
END_TEST

START_TEST(the_connector_is_asked_whatever_else_is_wrong)
{
    config_set(&cfg, "tasks.max", "0");
    config_set(&cfg, "address", "nowhere");
    run();
    ck_assert_uint_eq(own_errors_seen, 0);
    ck_assert_str_eq(error_of("address"), "Cannot reach nowhere");
    ck_assert_uint_eq(value("tasks.max")->errors.count, 1);
}
END_TEST

START_TEST(null_of_a_setting_of_the_connectors_own_is_its_business)
{
    config_set(&cfg, "secret", NULL);
    run();
    ck_assert_uint_eq(value("secret")->errors.count, 0);
    ck_assert_ptr_null(value("secret")->value);
}
END_TEST

static const struct {
    const char *setting, *given, *value, *error;
} classes[] = {
    {"key.converter", "StringConverter", "org.apache.kafka.connect.storage.StringConverter", NULL},
    {"header.converter", "SimpleHeaderConverter", "org.apache.kafka.connect.storage.SimpleHeaderConverter", NULL},
    {"transforms.t.type", "Filter", "org.apache.kafka.connect.transforms.Filter", NULL},
    {"key.converter", "SimpleHeaderConverter", "org.apache.kafka.connect.storage.SimpleHeaderConverter",
     "Class class org.apache.kafka.connect.storage.SimpleHeaderConverter does not implement the Converter interface"},
    {"transforms.t.type", "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
     "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
     "Class class org.apache.kafka.connect.transforms.predicates.RecordIsTombstone does not implement the Transformation interface"},
    {"predicates.p.type", "org.apache.kafka.connect.transforms.Filter", "org.apache.kafka.connect.transforms.Filter",
     "Class class org.apache.kafka.connect.transforms.Filter does not implement the Predicate interface"},
    {"transforms.t.type", "org.apache.kafka.connect.transforms.HoistField", "org.apache.kafka.connect.transforms.HoistField",
     "This class is abstract and cannot be created. Did you mean org.apache.kafka.connect.transforms.HoistField$Key, "
     "org.apache.kafka.connect.transforms.HoistField$Value?"},
    {"key.converter", "nope", NULL, "Invalid value nope for configuration key.converter: Class nope could not be found."},
};

START_TEST(a_class_is_shown_by_its_full_name_also_when_it_does_not_fit)
{
    if (classes[_i].setting[0] == 't')
        config_set(&cfg, "transforms", "t");
    if (classes[_i].setting[0] == 'p')
        config_set(&cfg, "predicates", "p");
    config_set(&cfg, classes[_i].setting, classes[_i].given);
    run();
    if (classes[_i].value)
        ck_assert_str_eq(value(classes[_i].setting)->value, classes[_i].value);
    else
        ck_assert_ptr_null(value(classes[_i].setting)->value);
    if (classes[_i].error)
        ck_assert_str_eq(error_of(classes[_i].setting), classes[_i].error);
    else
        ck_assert_uint_eq(value(classes[_i].setting)->errors.count, 0);
}
END_TEST

START_TEST(settings_of_a_converter_come_in_the_order_of_javas_map)
{
    static const char *const names[] = {"decimal.format", "converter.type", "schemas.cache.size", "replace.null.with.default", "schemas.enable"};
    config_set(&cfg, "value.converter", "org.apache.kafka.connect.json.JsonConverter");
    run();
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(validation.values.items[validation.values.count - 5 + i].name + strlen("value.converter."), names[i]);
}
END_TEST

START_TEST(a_version_is_offered_of_converters_that_fit)
{
    config_set(&cfg, "key.converter", "SimpleHeaderConverter");
    config_set(&cfg, "value.converter", NULL);
    run();
    ck_assert_uint_eq(value("key.converter.plugin.version")->recommended.count, 0);
    ck_assert(value("key.converter.plugin.version")->is_visible);
    ck_assert_ptr_null(value("key.converter.plugin.version")->value);
    ck_assert(!value("value.converter.plugin.version")->is_visible);
    ck_assert_uint_eq(value("header.converter.plugin.version")->recommended.count, 1);
}
END_TEST

START_TEST(the_type_of_a_converter_may_be_given_and_is_checked)
{
    config_set(&cfg, "value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config_set(&cfg, "value.converter.converter.type", "x");
    run();
    ck_assert_str_eq(error_of("value.converter.converter.type"),
                     "Invalid value x for configuration converter.type: String must be one of: key, value, header");
}
END_TEST

START_TEST(a_pattern_for_topics_is_not_empty)
{
    config_set(&cfg, "predicates", "p");
    config_set(&cfg, "predicates.p.type", "org.apache.kafka.connect.transforms.predicates.TopicNameMatches");
    config_set(&cfg, "predicates.p.pattern", "");
    run();
    ck_assert_str_eq(error_of("predicates.p.pattern"), "Invalid value  for configuration pattern: String must be non-empty");
}
END_TEST

START_TEST(null_is_no_value)
{
    config_set(&cfg, "what", NULL);
    config_set(&cfg, "tasks.max.enforce", NULL);
    run();
    ck_assert_str_eq(validation.values.items[0].name, "what");
    ck_assert_str_eq(error_of("what"), "Null value can not be supplied as the configuration value.");
    ck_assert_str_eq(error_of("tasks.max.enforce"), "Null value can not be supplied as the configuration value.");
}
END_TEST

START_TEST(references_are_resolved_before_checking)
{
    setenv("VALIDATION_TEST_TASKS", "0", 1);
    config_set(&cfg, "tasks.max", "${env:VALIDATION_TEST_TASKS}");
    run();
    ck_assert_str_eq(error_of("tasks.max"), "Invalid value 0 for configuration tasks.max: Value must be at least 1");
}
END_TEST

START_TEST(a_converter_of_the_connectors_own_is_checked_by_its_own_names)
{
    config_set(&cfg, "value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config_set(&cfg, "value.converter.schemas.enable", "perhaps");
    run();
    ck_assert_str_eq(error_of("value.converter.schemas.enable"),
                     "Invalid value perhaps for configuration schemas.enable: Expected value to be either true or false");
    validation_fini(&validation);
    config_set(&cfg, "value.converter", "Nope");
    run();
    ck_assert_str_eq(error_of("value.converter"), "Invalid value Nope for configuration value.converter: Class Nope could not be found.");
}
END_TEST

START_TEST(an_alias_needs_a_class_and_is_used_once)
{
    config_set(&cfg, "transforms", "a, a");
    config_set(&cfg, "transforms.a.type", "org.example.Nothing");
    config_set(&cfg, "predicates", "p");
    run();
    ck_assert_str_eq(error_of("transforms"), "Invalid value [a, a] for configuration transforms: Duplicate alias provided.");
    ck_assert_str_eq(error_of("transforms.a.type"),
                     "Invalid value org.example.Nothing for configuration transforms.a.type: Class org.example.Nothing could not be found.");
    ck_assert_str_eq(error_of("predicates.p.type"), "Missing required configuration \"predicates.p.type\" which has no default value.");
}
END_TEST

START_TEST(negate_needs_a_predicate)
{
    config_set(&cfg, "transforms", "a");
    config_set(&cfg, "transforms.a.type", "Filter");
    config_set(&cfg, "transforms.a.negate", "true");
    run();
    ck_assert_uint_eq(value("transforms.a.negate")->errors.count, 0);
    ck_assert_str_eq(error_of("transforms.a.type"),
                     "Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a predicate to be negated.");
}
END_TEST

#define T(name) "org.apache.kafka.connect.transforms." name

/* What the settings of transforms say when one is missing, empty or wrong: `setting` with `text` (NULL: missing). */
static const struct {
    const char *class_name, *setting, *text, *errors[2];
} transform_errors[] = {
    {T("DropHeaders"), "headers", NULL,
     {"Missing required configuration \"transforms.a.headers\" which has no default value.",
      "Invalid value null for configuration headers: Empty list"}},
    {T("HeaderFrom$Key"), "fields", NULL,
     {"Missing required configuration \"transforms.a.fields\" which has no default value.",
      "Invalid value null for configuration fields: Empty list"}},
    {T("HeaderFrom$Key"), "operation", NULL,
     {"Missing required configuration \"transforms.a.operation\" which has no default value.",
      "Invalid value null for configuration operation: String must be one of: move, copy"}},
    {T("InsertHeader"), "value.literal", NULL,
     {"Missing required configuration \"transforms.a.value.literal\" which has no default value.",
      "Invalid value null for configuration value.literal: entry must be non null"}},
    {T("MaskField$Value"), "fields", "", {"Invalid value [] for configuration fields: Empty list"}},
    {T("MaskField$Value"), "replacement", "", {"Invalid value  for configuration replacement: String must be non-empty"}},
    {T("ValueToKey"), "fields", NULL,
     {"Missing required configuration \"transforms.a.fields\" which has no default value.",
      "Invalid value null for configuration fields: Empty list"}},
    {T("HoistField$Key"), "field", NULL, {"Missing required configuration \"transforms.a.field\" which has no default value."}},
    {T("Cast$Value"), "spec", "", {"Must specify at least one field to cast."}},
    {T("Cast$Value"), "spec", "a:int8:int16", {"Invalid value [a:int8:int16] for configuration renames: Invalid rename mapping: a:int8:int16"}},
    {T("Cast$Value"), "spec", "a:bytes",
     {"Cast transformation does not support casting to BYTES; supported types are [INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING]"}},
    {T("Cast$Value"), "spec", "a:foo",
     {"Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.FOO for configuration "
      "Invalid type found in casting spec: foo"}},
    {T("Cast$Value"), "spec", "int8,b:int8",
     {"Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec"}},
    {T("ReplaceField$Value"), "renames", "x:y, a", {"Invalid value [x:y, a] for configuration renames: Invalid rename mapping: a"}},
    {T("TimestampConverter$Value"), "unix.precision", "x",
     {"Invalid value x for configuration unix.precision: String must be one of: nanoseconds, microseconds, milliseconds, seconds"}},
    {T("SetSchemaMetadata$Value"), "schema.version", "x", {"Invalid value x for configuration transforms.a.schema.version: Not a number of type INT"}},
};

/* Policies of connector.client.config.override.policy: what a setting of a client's is refused with. */
static const struct {
    const char *policy, *allowlist, *setting;
    bool is_refused;
} policies[] = {
    {"Allowlist", "linger.ms,acks", "linger.ms", false},
    {"Allowlist", "linger.ms,acks", "acks", false},
    {"Allowlist", "linger.ms,acks", "batch.size", true},
    {"Allowlist", "linger.ms,acks", "linger", true},
    {"Allowlist", "linger.ms,acks", "sasl.jaas.config", true},
    {"Allowlist", "", "linger.ms", true},
    {"Allowlist", NULL, "linger.ms", true},
    {"org.apache.kafka.connect.connector.policy.AllowlistConnectorClientConfigOverridePolicy", "acks", "acks", false},
    {"org.apache.kafka.connect.connector.policy.AllowlistConnectorClientConfigOverridePolicy", "acks", "linger.ms", true},
    {"All", "acks", "linger.ms", false},
    {"org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy", NULL, "linger.ms", false},
    {"None", "acks", "acks", true},
    {"Principal", "acks", "acks", true},
    {"Principal", NULL, "sasl.mechanism", false},
};

START_TEST(the_policy_decides_which_clients_settings_a_connector_may_have)
{
    char name[64];
    worker_config_fini(&worker);
    struct config raw = CONFIG_INIT;
    base_settings(&raw);
    config_set(&raw, "connector.client.config.override.policy", policies[_i].policy);
    if (policies[_i].allowlist)
        config_set(&raw, "connector.client.config.override.allowlist", policies[_i].allowlist);
    ck_assert_msg(worker_config_parse(&worker, &raw, true, &err), "%s", err.message);
    snprintf(name, sizeof(name), "producer.override.%s", policies[_i].setting);
    config_set(&cfg, "connector.class", "TestSource");
    config_unset(&cfg, "topics");
    config_set(&cfg, name, "1");
    run();
    if (!policies[_i].is_refused) {
        ck_assert_uint_eq(value(name)->errors.count, 0);
        return;
    }
    char text[256], policy[64];
    const char *dot = strrchr(policies[_i].policy, '.');
    snprintf(policy, sizeof(policy), "%.*s", (int)strcspn(dot ? dot + 1 : policies[_i].policy, "C"), dot ? dot + 1 : policies[_i].policy);
    snprintf(text, sizeof(text), "The '%s' policy does not allow '%s' to be overridden in the connector configuration.", policy,
             policies[_i].setting);
    ck_assert_str_eq(error_of(name), text);
}
END_TEST

START_TEST(transforms_refuse_what_those_of_kafka_refuse)
{
    char name[64];
    snprintf(name, sizeof(name), "transforms.a.%s", transform_errors[_i].setting);
    config_set(&cfg, "transforms", "a");
    config_set(&cfg, "transforms.a.type", transform_errors[_i].class_name);
    if (transform_errors[_i].text)
        config_set(&cfg, name, transform_errors[_i].text);
    run();
    const struct config_value *found = value(name);
    size_t count = transform_errors[_i].errors[1] ? 2 : 1;
    ck_assert_msg(found->errors.count == count, "%s has %zu errors", name, found->errors.count);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(found->errors.items[i], transform_errors[_i].errors[i]);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("connect/runtime/validation");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, the_policy_decides_which_clients_settings_a_connector_may_have, 0, sizeof(policies) / sizeof(policies[0]));
    tcase_add_loop_test(tcase, transforms_refuse_what_those_of_kafka_refuse, 0,
                        sizeof(transform_errors) / sizeof(transform_errors[0]));
    tcase_add_test(tcase, a_good_configuration_passes_with_all_settings_in_order);
    tcase_add_test(tcase, very_many_wrong_settings_are_named_in_time);
    tcase_add_test(tcase, very_many_aliases_are_looked_through_in_time);
    tcase_add_test(tcase, a_missing_or_unknown_class_cannot_be_validated);
    tcase_add_test(tcase, the_message_counts_and_lists_the_errors);
    tcase_add_test(tcase, a_sink_needs_exactly_one_way_to_name_topics);
    tcase_add_test(tcase, topics_are_matched_by_an_expression_of_java);
    tcase_add_test(tcase, a_sink_must_not_read_its_own_dead_letters);
    tcase_add_test(tcase, a_sink_group_must_not_be_the_workers);
    tcase_add_test(tcase, the_override_policy_is_kept);
    tcase_add_test(tcase, overrides_are_described_as_javas_clients_do);
    tcase_add_test(tcase, an_override_of_the_wrong_type_ends_validation);
    tcase_add_test(tcase, a_version_that_is_not_there_is_an_error_of_class_and_version);
    tcase_add_test(tcase, exactly_once_can_be_required_only_where_it_is);
    tcase_add_loop_test(tcase, a_name_has_no_control_characters, 0, sizeof(bad_names) / sizeof(bad_names[0]));
    tcase_add_test(tcase, null_is_no_value);
    tcase_add_test(tcase, references_are_resolved_before_checking);
    tcase_add_test(tcase, a_converter_of_the_connectors_own_is_checked_by_its_own_names);
    tcase_add_test(tcase, an_alias_needs_a_class_and_is_used_once);
    tcase_add_test(tcase, dead_letters_are_looked_for_in_what_is_read);
    tcase_add_test(tcase, the_connector_is_asked_whatever_else_is_wrong);
    tcase_add_test(tcase, null_of_a_setting_of_the_connectors_own_is_its_business);
    tcase_add_loop_test(tcase, a_class_is_shown_by_its_full_name_also_when_it_does_not_fit, 0, sizeof(classes) / sizeof(classes[0]));
    tcase_add_test(tcase, settings_of_a_converter_come_in_the_order_of_javas_map);
    tcase_add_test(tcase, a_version_is_offered_of_converters_that_fit);
    tcase_add_test(tcase, the_type_of_a_converter_may_be_given_and_is_checked);
    tcase_add_test(tcase, a_pattern_for_topics_is_not_empty);
    tcase_add_test(tcase, negate_needs_a_predicate);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
