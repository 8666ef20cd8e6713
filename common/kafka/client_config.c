/*
 * A row of the table says what becomes of one Java setting: another name, another form of the value, nothing
 * because the worker does that job itself, or nothing because librdkafka cannot. Names without a row go to
 * librdkafka as they are; its answer says whether it knows them.
 */
#include "common/kafka/client_config.h"

#include "common/base/alloc.h"
#include "common/base/log.h"
#include "common/base/strbuf.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

LOGGER("kafka.client");

enum { KIND_P = 1 << KAFKA_PRODUCER, KIND_C = 1 << KAFKA_CONSUMER, KIND_A = 1 << KAFKA_ADMIN, KIND_ALL = KIND_P | KIND_C | KIND_A };

/* What a setting is translated with: all settings of the client, and where the translation goes. */
struct translation {
    enum kafka_client_kind kind;
    const struct config *all;
    rd_kafka_conf_t *conf;
    const char *java; /* the setting that is looked at, as the user wrote it; NULL: one of ours */
};

typedef bool translate_fn(struct translation *t, const char *name, const char *value, struct error *err);

static translate_fn put_delivery_timeout, put_kib, put_at_least_one, put_socket_buffer, put_isolated_timeout, put_partitioner, put_reset, put_assignors,
    put_jaas, put_truststore, put_keystore, put_identification, put_ciphers,
    put_oauth_url, refuse, ignore, no_counterpart;

static const struct setting {
    const char *java;
    int kinds;            /* for other kinds of clients it is ignored, as Java does */
    const char *name;     /* librdkafka's; NULL: the same */
    translate_fn *put;    /* NULL: the value as it is */
    bool is_secret;
} settings[] = {
    {"acks", KIND_P, NULL, NULL, false},
    {"batch.size", KIND_P, NULL, put_at_least_one, false},
    {"buffer.memory", KIND_P, "queue.buffering.max.kbytes", put_kib, false},
    {"compression.gzip.level", KIND_P, "compression.level", NULL, false},
    {"compression.lz4.level", KIND_P, "compression.level", NULL, false},
    {"compression.zstd.level", KIND_P, "compression.level", NULL, false},
    {"delivery.timeout.ms", KIND_P, NULL, put_delivery_timeout, false},
    {"enable.idempotence", KIND_P, NULL, NULL, false},
    {"linger.ms", KIND_P, NULL, NULL, false},
    {"max.block.ms", KIND_P, NULL, ignore, false},
    {"max.in.flight.requests.per.connection", KIND_P, NULL, NULL, false},
    {"max.request.size", KIND_P, "message.max.bytes", NULL, false},
    {"partitioner.class", KIND_P, "partitioner", put_partitioner, false},
    {"partitioner.adaptive.partitioning.enable", KIND_P, NULL, ignore, false},
    {"partitioner.availability.timeout.ms", KIND_P, NULL, ignore, false},
    {"partitioner.ignore.keys", KIND_P, NULL, no_counterpart, false},
    {"retries", KIND_P, NULL, NULL, false},
    {"transactional.id", KIND_P, NULL, NULL, false},
    {"transaction.timeout.ms", KIND_P, NULL, NULL, false},
    {"key.serializer", KIND_P, NULL, ignore, false},
    {"value.serializer", KIND_P, NULL, ignore, false},
    {"metadata.max.idle.ms", KIND_P, NULL, ignore, false},

    {"auto.offset.reset", KIND_C, NULL, put_reset, false},
    {"fetch.max.wait.ms", KIND_C, "fetch.wait.max.ms", NULL, false},
    {"partition.assignment.strategy", KIND_C, NULL, put_assignors, false},
    {"max.poll.records", KIND_C, NULL, ignore, false}, /* the sink task looks at it */
    {"default.api.timeout.ms", KIND_ALL, NULL, ignore, false},
    {"exclude.internal.topics", KIND_C, NULL, ignore, false},
    {"group.protocol", KIND_C, NULL, ignore, false},
    {"key.deserializer", KIND_C, NULL, ignore, false},
    {"value.deserializer", KIND_C, NULL, ignore, false},

    {"request.timeout.ms", KIND_ALL, NULL, put_isolated_timeout, false},
    {"retry.backoff.ms", KIND_P, NULL, NULL, false},
    {"retry.backoff.max.ms", KIND_ALL, NULL, ignore, false},
    {"receive.buffer.bytes", KIND_ALL, "socket.receive.buffer.bytes", put_socket_buffer, false},
    {"send.buffer.bytes", KIND_ALL, "socket.send.buffer.bytes", put_socket_buffer, false},
    {"socket.connection.setup.timeout.max.ms", KIND_ALL, NULL, ignore, false},
    {"client.dns.lookup", KIND_ALL, NULL, ignore, false}, /* librdkafka tries all addresses anyway */
    {"metadata.recovery.strategy", KIND_ALL, NULL, ignore, false},
    {"metadata.recovery.rebootstrap.trigger.ms", KIND_ALL, NULL, ignore, false},
    {"bootstrap.controllers", KIND_ALL, NULL, no_counterpart, false},
    {"interceptor.classes", KIND_ALL, NULL, no_counterpart, false},
    {"metric.reporters", KIND_ALL, NULL, ignore, false},
    {"metrics.num.samples", KIND_ALL, NULL, ignore, false},
    {"metrics.recording.level", KIND_ALL, NULL, ignore, false},
    {"metrics.sample.window.ms", KIND_ALL, NULL, ignore, false},
    {"enable.metrics.push", KIND_ALL, NULL, ignore, false},
    {"auto.include.jmx.reporter", KIND_ALL, NULL, ignore, false},

    {"sasl.jaas.config", KIND_ALL, NULL, put_jaas, true},
    {"sasl.password", KIND_ALL, NULL, NULL, true},
    {"sasl.oauthbearer.client.secret", KIND_ALL, NULL, NULL, true},
    {"sasl.oauthbearer.client.credentials.client.id", KIND_ALL, "sasl.oauthbearer.client.id", NULL, false},
    {"sasl.oauthbearer.client.credentials.client.secret", KIND_ALL, "sasl.oauthbearer.client.secret", NULL, true},
    {"sasl.oauthbearer.assertion.private.key.passphrase", KIND_ALL, NULL, NULL, true},
    {"sasl.oauthbearer.token.endpoint.url", KIND_ALL, NULL, put_oauth_url, false},
    {"sasl.client.callback.handler.class", KIND_ALL, NULL, no_counterpart, false},
    {"sasl.login.callback.handler.class", KIND_ALL, NULL, ignore, false},
    {"sasl.login.class", KIND_ALL, NULL, no_counterpart, false},
    {"security.providers", KIND_ALL, NULL, no_counterpart, false},

    {"ssl.truststore.location", KIND_ALL, "ssl.ca.location", put_truststore, false},
    {"ssl.truststore.certificates", KIND_ALL, "ssl.ca.pem", NULL, true},
    {"ssl.truststore.type", KIND_ALL, NULL, ignore, false}, /* looked at with the location */
    {"ssl.truststore.password", KIND_ALL, NULL, ignore, true},
    {"ssl.keystore.location", KIND_ALL, NULL, put_keystore, false},
    {"ssl.keystore.certificate.chain", KIND_ALL, "ssl.certificate.pem", NULL, true}, /* a PEM text, perhaps with its key */
    {"ssl.keystore.key", KIND_ALL, "ssl.key.pem", NULL, true},
    {"ssl.keystore.type", KIND_ALL, NULL, ignore, false}, /* likewise */
    {"ssl.keystore.password", KIND_ALL, NULL, NULL, true},
    {"ssl.key.password", KIND_ALL, NULL, NULL, true},
    {"ssl.key.pem", KIND_ALL, NULL, NULL, true},
    {"ssl.certificate.pem", KIND_ALL, NULL, NULL, true},
    {"ssl.ca.pem", KIND_ALL, NULL, NULL, true},
    {"ssl.endpoint.identification.algorithm", KIND_ALL, NULL, put_identification, false},
    {"ssl.cipher.suites", KIND_ALL, NULL, put_ciphers, false},
    {"ssl.protocol", KIND_ALL, NULL, ignore, false},
    {"ssl.enabled.protocols", KIND_ALL, NULL, ignore, false},
    {"ssl.provider", KIND_ALL, NULL, no_counterpart, false},
    {"ssl.engine.factory.class", KIND_ALL, NULL, no_counterpart, false},
    {"ssl.keymanager.algorithm", KIND_ALL, NULL, ignore, false},
    {"ssl.trustmanager.algorithm", KIND_ALL, NULL, ignore, false},
    {"ssl.secure.random.implementation", KIND_ALL, NULL, ignore, false},

    /* Whoever may post a connector must not be able to run programs here. */
    {"plugin.library.paths", KIND_ALL, NULL, refuse, false},
    {"ssl.engine.location", KIND_ALL, NULL, refuse, false},
    {"ssl.providers", KIND_ALL, NULL, refuse, false},
    {"sasl.kerberos.kinit.cmd", KIND_ALL, NULL, refuse, false},
};

static const struct setting *
setting_find(const char *java)
{
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if (strcmp(settings[i].java, java) == 0)
            return &settings[i];
    return NULL;
}

/* ---- what is said once ------------------------------------------------------------------------------------ */

static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER; /* guards said */
static struct string_list said;

static void
say_once(const char *name)
{
    enum { SAID_MAX = 500 }; /* names come from users */
    pthread_mutex_lock(&said_lock);
    bool is_new = said.count < SAID_MAX && !string_list_has(&said, name);
    if (is_new)
        string_list_add(&said, name);
    pthread_mutex_unlock(&said_lock);
    if (is_new)
        log_warn("the Kafka client setting %s has no counterpart here and is not used", name);
}

/* ---- one value ---------------------------------------------------------------------------------------------- */

static bool
put(struct translation *t, const char *name, const char *value, bool is_secret, struct error *err)
{
    char text[512] = "";
    bool says_value = true;
    switch (rd_kafka_conf_set(t->conf, name, value, text, sizeof(text))) {
    case RD_KAFKA_CONF_OK:
        return true;
    case RD_KAFKA_CONF_UNKNOWN:
        say_once(name);
        return true;
    default:
        says_value = !strstr(text, "not supported in this build");
        return error_set(err, ERROR_CONFIG, "Invalid value %s for configuration %s: %s", is_secret ? "[hidden]" : value,
                         t->java ? t->java : name, is_secret && says_value ? "not accepted by the Kafka client" : text);
    }
}

static bool
ignore(struct translation *t, const char *name, const char *value, struct error *err)
{
    (void)t, (void)name, (void)value, (void)err;
    return true;
}

static bool
no_counterpart(struct translation *t, const char *name, const char *value, struct error *err)
{
    (void)t, (void)err;
    if (*value)
        say_once(name);
    return true;
}

static bool
refuse(struct translation *t, const char *name, const char *value, struct error *err)
{
    (void)t, (void)value;
    return error_set(err, ERROR_CONFIG, "the setting %s is not allowed: it would run foreign code in the worker", name);
}

static bool
put_int(struct translation *t, const char *name, int64_t number, struct error *err)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)number);
    return put(t, name, text, false, err);
}

static bool
put_kib(struct translation *t, const char *name, const char *value, struct error *err)
{
    long long bytes = atoll(value);
    return put_int(t, name, bytes < 1024 ? 1 : bytes / 1024, err);
}

static bool
put_at_least_one(struct translation *t, const char *name, const char *value, struct error *err)
{
    return put(t, name, strcmp(value, "0") == 0 ? "1" : value, false, err);
}

static bool
put_socket_buffer(struct translation *t, const char *name, const char *value, struct error *err)
{
    return put(t, name, strcmp(value, "-1") == 0 ? "0" : value, false, err); /* both: the system's default */
}

/* A record cannot outlive its transaction; librdkafka refuses more than that, and takes that by itself. */
static bool
put_delivery_timeout(struct translation *t, const char *name, const char *value, struct error *err)
{
    long long transaction_ms = atoll(config_get_or(t->all, "transaction.timeout.ms", "60000"));
    if (*config_get_or(t->all, "transactional.id", "") && atoll(value) > transaction_ms)
        return true;
    return put(t, name, value, false, err);
}

/* Java's one time-out is two here: how long the broker may wait for replicas, and how long we wait for it. */
static bool
put_isolated_timeout(struct translation *t, const char *name, const char *value, struct error *err)
{
    long long ms = atoll(value);
    if (t->kind == KAFKA_PRODUCER && !put_int(t, name, ms > 900000 ? 900000 : ms, err))
        return false;
    return put_int(t, "socket.timeout.ms", ms > 300000 ? 300000 : ms, err);
}

static const char *
class_simple_name(const char *class_name)
{
    const char *dot = strrchr(class_name, '.');
    return dot ? dot + 1 : class_name;
}

static bool
put_partitioner(struct translation *t, const char *name, const char *value, struct error *err)
{
    static const struct {
        const char *java, *ours;
    } rows[] = {{"DefaultPartitioner", "murmur2_random"},
                {"UniformStickyPartitioner", "random"},
                {"RoundRobinPartitioner", "random"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(class_simple_name(value), rows[i].java) == 0)
            return put(t, name, rows[i].ours, false, err);
    return error_set(err, ERROR_CONFIG, "Invalid value %s for configuration partitioner.class: Class %s could not be found.", value,
                     value);
}

static bool
put_reset(struct translation *t, const char *name, const char *value, struct error *err)
{
    return put(t, name, strcmp(value, "none") == 0 ? "error" : value, false, err);
}

/* librdkafka refuses eager and cooperative assignors together; Java takes both for rolling upgrades, and uses
   the first one that all members know. */
static bool
put_assignors(struct translation *t, const char *name, const char *value, struct error *err)
{
    static const struct {
        const char *java, *ours;
    } rows[] = {{"RangeAssignor", "range"},
                {"RoundRobinAssignor", "roundrobin"},
                {"CooperativeStickyAssignor", "cooperative-sticky"}};
    struct string_list items = STRING_LIST_INIT;
    string_list_split(&items, value);
    struct strbuf out = STRBUF_INIT;
    bool is_cooperative = false, ok = true;
    for (size_t i = 0; i < items.count && ok; i++) {
        const char *ours = items.items[i];
        for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
            if (strcmp(class_simple_name(items.items[i]), rows[r].java) == 0)
                ours = rows[r].ours;
        bool cooperative = strcmp(ours, "cooperative-sticky") == 0;
        if (i > 0 && cooperative != is_cooperative)
            continue;
        is_cooperative = cooperative;
        strbuf_printf(&out, "%s%s", out.len ? "," : "", ours);
    }
    ok = out.len == 0 || put(t, name, out.data, false, err);
    strbuf_fini(&out);
    string_list_fini(&items);
    return ok;
}

/* ---- SASL ---------------------------------------------------------------------------------------------------- */

/* The value of option `key` in "class required key="value" key2='v' key3=v;" (heap), or NULL. */
static char *
jaas_option(const char *jaas, const char *key)
{
    size_t key_len = strlen(key);
    struct strbuf value = STRBUF_INIT;
    for (const char *at = jaas; *at;) {
        at += strspn(at, " \t\r\n;");
        const char *word = at;
        at += strcspn(at, " \t\r\n;=\"'");
        size_t word_len = (size_t)(at - word);
        at += strspn(at, " \t\r\n");
        if (*at != '=') {
            if (word_len == 0 && *at)
                at++; /* stray quote */
            continue;
        }
        at++;
        at += strspn(at, " \t\r\n");
        char quote = *at == '"' || *at == '\'' ? *at++ : '\0';
        strbuf_reset(&value);
        while (*at && (quote ? *at != quote : !strchr(" \t\r\n;", *at))) {
            if (quote && *at == '\\' && at[1])
                at++;
            strbuf_putc(&value, *at++);
        }
        if (quote && *at)
            at++;
        if (word_len == key_len && strncmp(word, key, key_len) == 0)
            return strbuf_take(&value);
    }
    strbuf_fini(&value);
    return NULL;
}

static bool
is_shell_safe(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/@._-")] == '\0';
}

static bool
put_jaas(struct translation *t, const char *name, const char *value, struct error *err)
{
    static const struct {
        const char *option, *ours;
        bool in_shell; /* librdkafka puts it into the kinit command */
    } rows[] = {{"username", "sasl.username", false},
                {"password", "sasl.password", false},
                {"clientId", "sasl.oauthbearer.client.id", false},
                {"clientSecret", "sasl.oauthbearer.client.secret", false},
                {"scope", "sasl.oauthbearer.scope", false},
                {"keyTab", "sasl.kerberos.keytab", true},
                {"principal", "sasl.kerberos.principal", true}};
    size_t found = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *option = jaas_option(value, rows[i].option);
        if (!option)
            continue;
        found++;
        bool ok = rows[i].in_shell && !is_shell_safe(option)
                      ? error_set(err, ERROR_CONFIG, "%s: %s has characters that are not allowed", name, rows[i].option)
                      : put(t, rows[i].ours, option, true, err);
        free(option);
        if (!ok)
            return false;
    }
    if (found == 0 && strstr(value, "LoginModule") == NULL)
        return error_set(err, ERROR_CONFIG, "Invalid value [hidden] for configuration %s: JAAS config entry not terminated by semi-colon",
                         name);
    return true;
}

static bool
put_oauth_url(struct translation *t, const char *name, const char *value, struct error *err)
{
    return put(t, "sasl.oauthbearer.method", "oidc", false, err) && put(t, name, value, false, err);
}

/* ---- TLS ------------------------------------------------------------------------------------------------------ */

static bool
store_is(const struct translation *t, const char *type_name, const char *type)
{
    return strcasecmp(config_get_or(t->all, type_name, "JKS"), type) == 0;
}

static bool
put_truststore(struct translation *t, const char *name, const char *value, struct error *err)
{
    if (!store_is(t, "ssl.truststore.type", "PEM"))
        return error_set(err, ERROR_CONFIG,
                         "ssl.truststore.location: only PEM trust stores can be read. Export the certificates of %s to a PEM file "
                         "and set ssl.truststore.type=PEM",
                         value);
    return put(t, name, value, false, err);
}

static bool
put_keystore(struct translation *t, const char *name, const char *value, struct error *err)
{
    if (store_is(t, "ssl.keystore.type", "PKCS12"))
        return put(t, name, value, false, err);
    if (store_is(t, "ssl.keystore.type", "PEM")) /* one file with the key and the chain */
        return put(t, "ssl.certificate.location", value, false, err) && put(t, "ssl.key.location", value, false, err);
    return error_set(err, ERROR_CONFIG,
                     "ssl.keystore.location: only PEM and PKCS12 key stores can be read. Convert %s and set ssl.keystore.type", value);
}

static bool
put_identification(struct translation *t, const char *name, const char *value, struct error *err)
{
    return put(t, name, *value ? value : "none", false, err);
}

static bool
put_ciphers(struct translation *t, const char *name, const char *value, struct error *err)
{
    char *list = xstrdup(value);
    for (char *comma = list; (comma = strchr(comma, ','));)
        *comma = ':';
    bool ok = !*list || put(t, name, list, false, err);
    free(list);
    return ok;
}

/* ---- whole configurations ------------------------------------------------------------------------------------- */

static bool
translate(struct translation *t, const char *name, const char *value, struct error *err)
{
    if (strcmp(name, "sasl.kerberos.principal") == 0 || strcmp(name, "sasl.kerberos.keytab") == 0)
        if (!is_shell_safe(value))
            return error_set(err, ERROR_CONFIG, "%s has characters that are not allowed", name);
    const struct setting *row = setting_find(name);
    t->java = name;
    if (!row)
        return put(t, name, value, strstr(name, "password") || strstr(name, "secret"), err);
    if (!(row->kinds & 1 << t->kind))
        return true;
    const char *ours = row->name ? row->name : name;
    return row->put ? row->put(t, ours, value, err) : put(t, ours, value, row->is_secret, err);
}

/* librdkafka's levels are syslog's. Its INFO is chatter to us, and a broker that is away is a warning in Java. */
static enum log_level
level_of(int syslog_level)
{
    static const enum log_level levels[] = {LOG_ERROR, LOG_ERROR, LOG_ERROR, LOG_WARN, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE};
    return levels[syslog_level & 7];
}

static void
on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    log_at(level_of(level), "%s: %s: %s", rd_kafka_name(client), facility, text);
}

/* What matters is logged by librdkafka already (through on_log); without this callback it would go to stderr. */
static void
on_error(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
    (void)opaque;
    log_debug("%s: %s: %s", rd_kafka_name(client), rd_kafka_err2name((rd_kafka_resp_err_t)code), reason);
}

rd_kafka_conf_t *
kafka_client_config(enum kafka_client_kind kind, const struct config *earlier, const struct config *later, struct error *err)
{
    struct config all = CONFIG_INIT;
    if (earlier)
        config_merge(&all, earlier);
    if (later)
        config_merge(&all, later);
    struct translation t = {.kind = kind, .all = &all, .conf = rd_kafka_conf_new()};
    rd_kafka_conf_set_log_cb(t.conf, on_log);
    rd_kafka_conf_set_error_cb(t.conf, on_error);
    bool ok = put(&t, "log.queue", "true", false, err) && put(&t, "log.connection.close", "false", false, err);
    if (kind == KAFKA_PRODUCER)
        ok = ok && put(&t, "partitioner", "murmur2_random", false, err); /* Java's */
    for (size_t i = 0; i < all.count && ok; i++)
        if (all.entries[i].value)
            ok = translate(&t, all.entries[i].key, all.entries[i].value, err);
    config_fini(&all);
    if (ok)
        return t.conf;
    rd_kafka_conf_destroy(t.conf);
    err->java_class = "org.apache.kafka.common.config.ConfigException";
    return NULL;
}

/* librdkafka names its own settings in what it says; " (setting ...)" for one that is called otherwise in Java. A literal. */
static const char *
java_names_of(const char *text)
{
    static const struct {
        const char *ours, *java;
    } rows[] = {{"ssl.ca.pem", " (setting ssl.truststore.certificates)"},
                {"ssl.ca.location", " (setting ssl.truststore.location)"},
                {"ssl.certificate.pem", " (setting ssl.keystore.certificate.chain)"},
                {"ssl.certificate.location", " (setting ssl.keystore.location)"},
                {"ssl.key.pem", " (setting ssl.keystore.key)"},
                {"ssl.key.location", " (setting ssl.keystore.location)"},
                {"queue.buffering.max.kbytes", " (setting buffer.memory)"},
                {"message.max.bytes", " (setting max.request.size)"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strstr(text, rows[i].ours))
            return rows[i].java;
    return "";
}

rd_kafka_t *
kafka_client_new(enum kafka_client_kind kind, rd_kafka_conf_t *conf, struct error *err)
{
    char text[512];
    rd_kafka_t *client = rd_kafka_new(kind == KAFKA_CONSUMER ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    if (!client) {
        rd_kafka_conf_destroy(conf);
        error_set(err, ERROR_CONFIG, "Failed to create the Kafka client: %s%s", text, java_names_of(text));
        err->java_class = "org.apache.kafka.common.KafkaException";
        return NULL;
    }
    rd_kafka_set_log_queue(client, NULL);
    return client;
}

bool
kafka_client_setting_known(enum kafka_client_kind kind, const char *java_name)
{
    const struct setting *row = setting_find(java_name);
    if (row)
        return (row->kinds & 1 << kind) && row->put != no_counterpart && row->put != refuse;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[512]; /* asking for the value would miss those that have none at first */
    bool known = rd_kafka_conf_set(conf, java_name, "", why, sizeof(why)) != RD_KAFKA_CONF_UNKNOWN;
    rd_kafka_conf_destroy(conf);
    return known;
}

const char *
kafka_client_setting_fate(const char *java_name)
{
    const struct setting *row = setting_find(java_name);
    if (row && row->put == refuse)
        return "refused: it would run foreign code";
    if (row && row->put == ignore)
        return "not needed";
    if (row && row->put != no_counterpart)
        return row->name ? row->name : java_name;
    bool is_known = !row && (kafka_client_setting_known(KAFKA_CONSUMER, java_name) || kafka_client_setting_known(KAFKA_PRODUCER, java_name));
    return is_known ? java_name : "no counterpart; the log says so once";
}

void
kafka_common_settings(const struct config *all, struct config *out)
{
    static const char *const names[] = {
        "bootstrap.servers", "request.timeout.ms", "connections.max.idle.ms", "retry.backoff.ms", "reconnect.backoff.ms",
        "reconnect.backoff.max.ms", "metadata.max.age.ms", "socket.connection.setup.timeout.ms", "send.buffer.bytes",
        "receive.buffer.bytes", "client.rack", "fetch.max.wait.ms",
    };
    for (size_t i = 0; i < all->count; i++) {
        const char *key = all->entries[i].key;
        bool is_common = strncmp(key, "security.", 9) == 0 || strncmp(key, "sasl.", 5) == 0 ||
                         (strncmp(key, "ssl.", 4) == 0 && strcmp(key, "ssl.client.auth"));
        for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
            is_common = is_common || strcmp(names[n], key) == 0;
        if (is_common)
            config_set(out, key, all->entries[i].value);
    }
}
