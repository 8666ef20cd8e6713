/* What becomes of the settings of Java's clients. */
#include "common/kafka/client_config.h"

#include "common/kafka/client_settings.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct error err;
static struct config cfg;

static void
setup(void)
{
    err = ERROR_INIT;
    cfg = CONFIG_INIT;
}

static void
teardown(void)
{
    config_fini(&cfg);
}

#define P KAFKA_PRODUCER
#define C KAFKA_CONSUMER
#define A KAFKA_ADMIN

static const struct {
    enum kafka_client_kind kind;
    const char *java, *value, *ours, *expected;
} mapped[] = {
    {P, "acks", "all", "acks", "-1"},
    {P, "batch.size", "16384", "batch.size", "16384"},
    {P, "batch.size", "0", "batch.size", "1"},
    {P, "buffer.memory", "33554432", "queue.buffering.max.kbytes", "32768"},
    {P, "buffer.memory", "10", "queue.buffering.max.kbytes", "1"},
    {P, "compression.gzip.level", "7", "compression.level", "7"},
    {P, "compression.lz4.level", "9", "compression.level", "9"},
    {P, "compression.zstd.level", "3", "compression.level", "3"},
    {P, "compression.type", "zstd", "compression.codec", "zstd"},
    {P, "delivery.timeout.ms", "30000", "delivery.timeout.ms", "30000"},
    {P, "enable.idempotence", "true", "enable.idempotence", "true"},
    {P, "linger.ms", "7", "linger.ms", "7"},
    {P, "max.in.flight.requests.per.connection", "3", "max.in.flight.requests.per.connection", "3"},
    {P, "max.request.size", "2097152", "message.max.bytes", "2097152"},
    {P, "partitioner.class", "org.apache.kafka.clients.producer.RoundRobinPartitioner", "partitioner", "random"},
    {P, "partitioner.class", "org.apache.kafka.clients.producer.internals.DefaultPartitioner", "partitioner", "murmur2_random"},
    {P, "partitioner.class", "org.apache.kafka.clients.producer.UniformStickyPartitioner", "partitioner", "random"},
    {P, "max.block.ms", "1", "partitioner", "murmur2_random"}, /* Java's choice of partitions without being asked */
    {P, "retries", "4", "retries", "4"},
    {P, "transactional.id", "t", "transactional.id", "t"},
    {P, "transaction.timeout.ms", "9000", "transaction.timeout.ms", "9000"},
    {P, "request.timeout.ms", "40000", "request.timeout.ms", "40000"},
    {P, "request.timeout.ms", "2000000", "request.timeout.ms", "900000"}, /* the most that is taken */
    {P, "request.timeout.ms", "2000000", "socket.timeout.ms", "300000"},
    {P, "retry.backoff.ms", "250", "retry.backoff.ms", "250"},
    {C, "request.timeout.ms", "40000", "socket.timeout.ms", "40000"},
    {C, "auto.offset.reset", "none", "auto.offset.reset", "error"},
    {C, "auto.offset.reset", "earliest", "auto.offset.reset", "smallest"},
    {C, "fetch.max.wait.ms", "77", "fetch.wait.max.ms", "77"},
    {C, "fetch.min.bytes", "5", "fetch.min.bytes", "5"},
    {C, "fetch.max.bytes", "60000000", "fetch.max.bytes", "60000000"},
    {C, "max.partition.fetch.bytes", "3000000", "fetch.message.max.bytes", "3000000"},
    {C, "max.poll.interval.ms", "400000", "max.poll.interval.ms", "400000"},
    {C, "session.timeout.ms", "7000", "session.timeout.ms", "7000"},
    {C, "isolation.level", "read_committed", "isolation.level", "read_committed"},
    {C, "group.instance.id", "i", "group.instance.id", "i"},
    {C, "client.rack", "r", "client.rack", "r"},
    {C, "check.crcs", "true", "check.crcs", "true"},
    {C, "partition.assignment.strategy", "org.apache.kafka.clients.consumer.RangeAssignor", "partition.assignment.strategy", "range"},
    {C, "partition.assignment.strategy",
     "org.apache.kafka.clients.consumer.CooperativeStickyAssignor,org.apache.kafka.clients.consumer.RangeAssignor",
     "partition.assignment.strategy", "cooperative-sticky"}, /* both kinds at once are refused there */
    {A, "receive.buffer.bytes", "-1", "socket.receive.buffer.bytes", "0"},
    {A, "send.buffer.bytes", "131072", "socket.send.buffer.bytes", "131072"},
    {A, "metadata.max.age.ms", "60000", "metadata.max.age.ms", "60000"},
    {A, "reconnect.backoff.ms", "55", "reconnect.backoff.ms", "55"},
    {A, "reconnect.backoff.max.ms", "9999", "reconnect.backoff.max.ms", "9999"},
    {A, "connections.max.idle.ms", "540000", "connections.max.idle.ms", "540000"},
    {A, "socket.connection.setup.timeout.ms", "5000", "socket.connection.setup.timeout.ms", "5000"},
    {A, "client.id", "me", "client.id", "me"},
    {A, "security.protocol", "SASL_SSL", "security.protocol", "sasl_ssl"},
    {A, "sasl.mechanism", "SCRAM-SHA-512", "sasl.mechanisms", "SCRAM-SHA-512"},
    {A, "sasl.jaas.config", "org.x.PlainLoginModule required username=\"u s\" password='p\\'w';", "sasl.username", "u s"},
    {A, "sasl.jaas.config", "org.x.PlainLoginModule required username=\"u\" password='p\\'w';", "sasl.password", "p'w"},
    {A, "sasl.jaas.config", "org.x.OAuthBearerLoginModule required clientId=a clientSecret=b scope=\"c d\";", "sasl.oauthbearer.scope", "c d"},
    {A, "sasl.oauthbearer.token.endpoint.url", "https://x/token", "sasl.oauthbearer.method", "oidc"},
    {A, "sasl.oauthbearer.token.endpoint.url", "https://x/token", "sasl.oauthbearer.token.endpoint.url", "https://x/token"},
    {A, "sasl.oauthbearer.client.credentials.client.id", "worker", "sasl.oauthbearer.client.id", "worker"},
    {A, "sasl.oauthbearer.client.credentials.client.secret", "hunter2", "sasl.oauthbearer.client.secret", "hunter2"},
    {A, "sasl.oauthbearer.scope", "all", "sasl.oauthbearer.scope", "all"},
    {A, "sasl.kerberos.service.name", "kafka", "sasl.kerberos.service.name", "kafka"},
    {A, "ssl.truststore.certificates", "-----BEGIN", "ssl.ca.pem", "-----BEGIN"},
    {A, "ssl.keystore.certificate.chain", "-----BEGIN", "ssl.certificate.pem", "-----BEGIN"},
    {A, "ssl.keystore.key", "-----BEGIN", "ssl.key.pem", "-----BEGIN"},
    {A, "ssl.key.password", "x", "ssl.key.password", "x"},
    {A, "ssl.endpoint.identification.algorithm", "", "ssl.endpoint.identification.algorithm", "none"},
    {A, "ssl.cipher.suites", "A,B", "ssl.cipher.suites", "A:B"},
};

/* Packages of librdkafka come with and without libcurl, which it asks for tokens with. */
static bool
lacks(const char *name)
{
    char text[512] = "";
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, name, "", text, sizeof(text));
    rd_kafka_conf_destroy(conf);
    return strstr(text, "not supported in this build") != NULL;
}

START_TEST(a_setting_of_java_becomes_one_of_librdkafka)
{
    char text[256] = "";
    size_t size = sizeof(text);
    config_set(&cfg, mapped[_i].java, mapped[_i].value);
    if (lacks(mapped[_i].ours)) {
        ck_assert(!kafka_client_config(mapped[_i].kind, &cfg, NULL, &err));
        ck_assert_msg(strstr(err.message, mapped[_i].java) && strstr(err.message, "not supported in this build"), "%s", err.message);
        return;
    }
    rd_kafka_conf_t *conf = kafka_client_config(mapped[_i].kind, &cfg, NULL, &err);
    ck_assert_msg(conf, "%s", err.message);
    ck_assert_msg(rd_kafka_conf_get(conf, mapped[_i].ours, text, &size) == RD_KAFKA_CONF_OK, "%s is not known", mapped[_i].ours);
    ck_assert_msg(strcmp(text, mapped[_i].expected) == 0, "%s=%s gives %s=%s", mapped[_i].java, mapped[_i].value, mapped[_i].ours, text);
    rd_kafka_conf_destroy(conf);
}
END_TEST

/* Key stores are one setting here and several there. */
static const struct {
    const char *location, *type, *store_type, *ours;
} stores[] = {
    {"ssl.truststore.location", "ssl.truststore.type", "PEM", "ssl.ca.location"},
    {"ssl.keystore.location", "ssl.keystore.type", "PEM", "ssl.certificate.location"},
    {"ssl.keystore.location", "ssl.keystore.type", "PEM", "ssl.key.location"},
    {"ssl.keystore.location", "ssl.keystore.type", "PKCS12", "ssl.keystore.location"},
};

START_TEST(stores_are_read_by_their_type)
{
    char text[256] = "";
    size_t size = sizeof(text);
    config_set(&cfg, stores[_i].type, stores[_i].store_type);
    config_set(&cfg, stores[_i].location, "/etc/store");
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_ADMIN, &cfg, NULL, &err);
    ck_assert_msg(conf, "%s", err.message);
    ck_assert_int_eq(rd_kafka_conf_get(conf, stores[_i].ours, text, &size), RD_KAFKA_CONF_OK);
    ck_assert_str_eq(text, "/etc/store");
    rd_kafka_conf_destroy(conf);
}
END_TEST

/* Needed nowhere here, or done otherwise; and what librdkafka (2.0 of Debian 12, the oldest that is supported) lacks. */
static const char *const not_needed[] = {
    "auto.include.jmx.reporter", "client.dns.lookup", "default.api.timeout.ms", "enable.metrics.push", "exclude.internal.topics",
    "group.protocol", "key.deserializer", "key.serializer", "max.block.ms", "max.poll.records", "metadata.max.idle.ms",
    "metadata.recovery.rebootstrap.trigger.ms", "metadata.recovery.strategy", "metric.reporters", "metrics.num.samples",
    "metrics.recording.level", "metrics.sample.window.ms", "partitioner.adaptive.partitioning.enable",
    "partitioner.availability.timeout.ms", "retry.backoff.max.ms", "sasl.login.callback.handler.class",
    "socket.connection.setup.timeout.max.ms", "ssl.enabled.protocols", "ssl.keymanager.algorithm", "ssl.keystore.type", "ssl.protocol",
    "ssl.secure.random.implementation", "ssl.trustmanager.algorithm", "ssl.truststore.password", "ssl.truststore.type",
    "value.deserializer", "value.serializer", NULL};
static const char *const without_counterpart[] = {
    "bootstrap.controllers", "config.providers", "group.remote.assignor", "interceptor.classes", "internal.",
    "partitioner.ignore.keys", "sasl.client.callback.handler.class", "sasl.kerberos.kinit.cmd", "sasl.kerberos.min.time.before.relogin",
    "sasl.kerberos.ticket.renew.jitter", "sasl.kerberos.ticket.renew.window.factor", "sasl.login.", "sasl.oauthbearer.assertion.",
    "sasl.oauthbearer.clock.skew.seconds", "sasl.oauthbearer.expected.", "sasl.oauthbearer.header.urlencode", "sasl.oauthbearer.jwks.",
    "sasl.oauthbearer.jwt.", "sasl.oauthbearer.scope.claim.name", "sasl.oauthbearer.sub.claim.name", "security.providers",
    "share.acknowledgement.mode", "ssl.engine.factory.class", "ssl.provider", "throw.on.fetch.stable.offset.unsupported",
    "transaction.two.phase.commit.enable", NULL};

static bool
is_listed(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0 || ((*names)[strlen(*names) - 1] == '.' && strncmp(*names, name, strlen(*names)) == 0))
            return true;
    return false;
}

START_TEST(every_setting_of_java_is_accounted_for)
{
    const char *name;
    int kinds;
    for (size_t i = 0; (name = kafka_client_setting_name(i, &kinds)) != NULL; i++) {
        const char *fate = kafka_client_setting_fate(name);
        const char *expected = is_listed(not_needed, name)            ? "not needed"
                               : is_listed(without_counterpart, name) ? "no counterpart; the log says so once"
                                                                      : NULL;
        if (expected && strcmp(fate, expected) == 0)
            continue;
        if (expected && is_listed(without_counterpart, name)) /* a younger librdkafka, or refused */
            continue;
        char text[512];
        size_t size = sizeof(text);
        rd_kafka_conf_t *conf = rd_kafka_conf_new();
        rd_kafka_conf_res_t known = rd_kafka_conf_set(conf, fate, "", text, size);
        rd_kafka_conf_destroy(conf);
        ck_assert_msg(known != RD_KAFKA_CONF_UNKNOWN, "%s: %s", name, fate);
    }
}
END_TEST

START_TEST(a_setting_of_another_kind_of_client_is_passed_over)
{
    config_set(&cfg, "linger.ms", "no number");
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_CONSUMER, &cfg, NULL, &err);
    ck_assert(conf);
    rd_kafka_conf_destroy(conf);
    ck_assert(!kafka_client_config(KAFKA_PRODUCER, &cfg, NULL, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "Invalid value no number for configuration linger.ms"));
}
END_TEST

START_TEST(later_settings_win)
{
    struct config later = CONFIG_INIT;
    char text[64];
    size_t size = sizeof(text);
    config_set(&cfg, "linger.ms", "1");
    config_set(&later, "linger.ms", "2");
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_PRODUCER, &cfg, &later, &err);
    rd_kafka_conf_get(conf, "linger.ms", text, &size);
    ck_assert_str_eq(text, "2");
    rd_kafka_conf_destroy(conf);
    config_fini(&later);
}
END_TEST

static const char *const foreign[] = {"plugin.library.paths", "ssl.engine.location", "ssl.providers", "sasl.kerberos.kinit.cmd"};

START_TEST(what_would_run_foreign_code_is_refused)
{
    config_set(&cfg, foreign[_i], "/tmp/x");
    ck_assert(!kafka_client_config(KAFKA_ADMIN, &cfg, NULL, &err));
    ck_assert_ptr_nonnull(strstr(err.message, foreign[_i]));
    ck_assert_str_eq(kafka_client_setting_fate(foreign[_i]), "refused: it would run foreign code");
}
END_TEST

/* Errors of one setting: which it is, by its Java name, and not what it holds. */
static const struct {
    const char *java, *value;
} secrets[] = {
    {"ssl.keystore.key", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n"},
    {"ssl.keystore.certificate.chain", "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n"},
    {"ssl.truststore.certificates", "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n"},
    {"sasl.jaas.config", "hunter2"},
};

START_TEST(an_error_names_the_setting_and_hides_what_it_holds)
{
    config_set(&cfg, "bootstrap.servers", "localhost:1");
    config_set(&cfg, "security.protocol", "SSL");
    config_set(&cfg, secrets[_i].java, secrets[_i].value);
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_PRODUCER, &cfg, NULL, &err);
    ck_assert(!conf || !kafka_client_new(KAFKA_PRODUCER, conf, &err));
    ck_assert_msg(strstr(err.message, secrets[_i].java), "%s", err.message);
    ck_assert_msg(!strstr(err.message, "hunter2"), "%s", err.message);
}
END_TEST

START_TEST(what_goes_into_a_shell_is_looked_at)
{
    config_set(&cfg, "sasl.jaas.config", "com.sun.security.auth.module.Krb5LoginModule required principal=\"a;rm -rf /\";");
    ck_assert(!kafka_client_config(KAFKA_ADMIN, &cfg, NULL, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "principal has characters that are not allowed"));
}
END_TEST

START_TEST(a_delivery_does_not_outlive_its_transaction)
{
    char text[64];
    size_t size = sizeof(text);
    config_set(&cfg, "transactional.id", "t");
    config_set(&cfg, "delivery.timeout.ms", "120000");
    rd_kafka_conf_t *conf = kafka_client_config(KAFKA_PRODUCER, &cfg, NULL, &err);
    rd_kafka_conf_get(conf, "delivery.timeout.ms", text, &size);
    ck_assert_str_ne(text, "120000"); /* refused there: longer than transaction.timeout.ms */
    rd_kafka_conf_destroy(conf);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int
main(void)
{
    Suite *suite = suite_create("common/kafka/client_config");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_setting_of_java_becomes_one_of_librdkafka, 0, COUNT(mapped));
    tcase_add_loop_test(tcase, stores_are_read_by_their_type, 0, COUNT(stores));
    tcase_add_test(tcase, every_setting_of_java_is_accounted_for);
    tcase_add_test(tcase, a_setting_of_another_kind_of_client_is_passed_over);
    tcase_add_test(tcase, later_settings_win);
    tcase_add_loop_test(tcase, what_would_run_foreign_code_is_refused, 0, COUNT(foreign));
    tcase_add_loop_test(tcase, an_error_names_the_setting_and_hides_what_it_holds, 0, COUNT(secrets));
    tcase_add_test(tcase, what_goes_into_a_shell_is_looked_at);
    tcase_add_test(tcase, a_delivery_does_not_outlive_its_transaction);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
