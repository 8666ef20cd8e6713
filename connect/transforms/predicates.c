/* The predicates of Apache Kafka (org.apache.kafka.connect.transforms.predicates). */
#include "common/base/regex.h"
#include "connect/transforms/transform_priv.h"

#include <string.h>

#define PREDICATE_PLUGIN(symbol, java_name, rows_, ops_)                                                             \
    const struct predicate_plugin symbol = {.class_name = "org.apache.kafka.connect.transforms.predicates." java_name, \
                                            .version = CONNECT_VERSION,                                              \
                                            .rows = (rows_),                                                         \
                                            .ops = (ops_)}

/* ---- HasHeaderKey: at least one header of this name ---------------------------------------------------------- */

struct has_header_key {
    char *name;
};

static const struct config_row has_header_key_rows[] = {
    {TRANSFORM_ROW("name", CONFIG_STRING, config_no_default, CONFIG_MEDIUM, "Name of the header.",
                   offsetof(struct has_header_key, name)), .check = transform_check_text},
    {.name = NULL},
};

static bool
has_header_key_init(void *state, const struct config *cfg, struct error *err)
{
    return config_parse(has_header_key_rows, cfg, state, err);
}

static bool
has_header_key_test(void *state, const struct record *record, bool *holds_out, struct error *err)
{
    const struct has_header_key *predicate = state;
    (void)err;
    *holds_out = false;
    for (size_t i = 0; i < record->header_count; i++)
        *holds_out = *holds_out || strcmp(record->headers[i].name, predicate->name) == 0;
    return true;
}

static void
has_header_key_fini(void *state)
{
    config_parsed_free(has_header_key_rows, state);
}

static const struct predicate_ops has_header_key_ops = {
    sizeof(struct has_header_key), has_header_key_init, has_header_key_test, has_header_key_fini};
PREDICATE_PLUGIN(has_header_key_plugin, "HasHeaderKey", has_header_key_rows, &has_header_key_ops);

/* ---- RecordIsTombstone: the value is null -------------------------------------------------------------------- */

static const struct config_row record_is_tombstone_rows[] = {{.name = NULL}};

static bool
record_is_tombstone_init(void *state, const struct config *cfg, struct error *err)
{
    (void)state, (void)cfg, (void)err;
    return true;
}

static bool
record_is_tombstone_test(void *state, const struct record *record, bool *holds_out, struct error *err)
{
    (void)state, (void)err;
    *holds_out = record->value.kind == VALUE_NULL;
    return true;
}

static void
record_is_tombstone_fini(void *state)
{
    (void)state;
}

static const struct predicate_ops record_is_tombstone_ops = {0, record_is_tombstone_init, record_is_tombstone_test,
                                                             record_is_tombstone_fini};
PREDICATE_PLUGIN(record_is_tombstone_plugin, "RecordIsTombstone", record_is_tombstone_rows, &record_is_tombstone_ops);

/* ---- TopicNameMatches: a regular expression matches the whole topic ---------------------------------------------- */

struct topic_name_matches {
    struct {
        char *pattern;
    } settings;
    struct regex *regex;
};

static const struct config_row topic_name_matches_rows[] = {
    {TRANSFORM_ROW("pattern", CONFIG_STRING, config_no_default, CONFIG_MEDIUM,
                   "Regular expression in Java's dialect for the whole name of the topic.",
                   offsetof(struct topic_name_matches, settings.pattern)), .check = transform_check_pattern, .checks_null = true},
    {.name = NULL},
};

static bool
topic_name_matches_init(void *state, const struct config *cfg, struct error *err)
{
    struct topic_name_matches *predicate = state;
    if (!config_parse(topic_name_matches_rows, cfg, predicate, err))
        return false;
    predicate->regex = regex_new(predicate->settings.pattern, err);
    return predicate->regex != NULL;
}

static bool
topic_name_matches_test(void *state, const struct record *record, bool *holds_out, struct error *err)
{
    (void)err;
    *holds_out = record->topic && regex_matches(((struct topic_name_matches *)state)->regex, record->topic);
    return true;
}

static void
topic_name_matches_fini(void *state)
{
    struct topic_name_matches *predicate = state;
    regex_free(predicate->regex);
    config_parsed_free(topic_name_matches_rows, predicate);
}

static const struct predicate_ops topic_name_matches_ops = {sizeof(struct topic_name_matches), topic_name_matches_init,
                                                            topic_name_matches_test, topic_name_matches_fini};
PREDICATE_PLUGIN(topic_name_matches_plugin, "TopicNameMatches", topic_name_matches_rows, &topic_name_matches_ops);
