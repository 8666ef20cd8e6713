/* What Java's clients can be told: ProducerConfig, ConsumerConfig and AdminClientConfig of Apache Kafka 4.1. */
#include "common/kafka/client_settings.h"

#include <string.h>

enum { P = 1 << KAFKA_PRODUCER, C = 1 << KAFKA_CONSUMER, A = 1 << KAFKA_ADMIN, ALL = P | C | A };

/* A setting whose default or importance differs between clients has several rows. */
static const struct client_row {
    const char *name;
    int kinds;
    enum config_type type;
    const char *default_value;
    enum config_importance importance;
} rows[] = {
    {"acks", P, CONFIG_STRING, "all", CONFIG_LOW},
    {"allow.auto.create.topics", C, CONFIG_BOOLEAN, "true", CONFIG_MEDIUM},
    {"auto.commit.interval.ms", C, CONFIG_INT, "5000", CONFIG_LOW},
    {"auto.offset.reset", C, CONFIG_STRING, "latest", CONFIG_MEDIUM},
    {"batch.size", P, CONFIG_INT, "16384", CONFIG_MEDIUM},
    {"bootstrap.controllers", A, CONFIG_LIST, "", CONFIG_HIGH},
    {"bootstrap.servers", ALL, CONFIG_LIST, "", CONFIG_HIGH},
    {"buffer.memory", P, CONFIG_LONG, "33554432", CONFIG_HIGH},
    {"check.crcs", C, CONFIG_BOOLEAN, "true", CONFIG_LOW},
    {"client.dns.lookup", ALL, CONFIG_STRING, "use_all_dns_ips", CONFIG_MEDIUM},
    {"client.id", C, CONFIG_STRING, "", CONFIG_LOW},
    {"client.id", P | A, CONFIG_STRING, "", CONFIG_MEDIUM},
    {"client.rack", C, CONFIG_STRING, "", CONFIG_LOW},
    {"compression.gzip.level", P, CONFIG_INT, "-1", CONFIG_MEDIUM},
    {"compression.lz4.level", P, CONFIG_INT, "9", CONFIG_MEDIUM},
    {"compression.type", P, CONFIG_STRING, "none", CONFIG_HIGH},
    {"compression.zstd.level", P, CONFIG_INT, "3", CONFIG_MEDIUM},
    {"connections.max.idle.ms", A, CONFIG_LONG, "300000", CONFIG_MEDIUM},
    {"connections.max.idle.ms", P | C, CONFIG_LONG, "540000", CONFIG_MEDIUM},
    {"default.api.timeout.ms", C | A, CONFIG_INT, "60000", CONFIG_MEDIUM},
    {"delivery.timeout.ms", P, CONFIG_INT, "120000", CONFIG_MEDIUM},
    {"enable.auto.commit", C, CONFIG_BOOLEAN, "true", CONFIG_MEDIUM},
    {"enable.idempotence", P, CONFIG_BOOLEAN, "true", CONFIG_LOW},
    {"enable.metrics.push", A, CONFIG_BOOLEAN, "false", CONFIG_LOW},
    {"enable.metrics.push", P | C, CONFIG_BOOLEAN, "true", CONFIG_LOW},
    {"exclude.internal.topics", C, CONFIG_BOOLEAN, "true", CONFIG_MEDIUM},
    {"fetch.max.bytes", C, CONFIG_INT, "52428800", CONFIG_MEDIUM},
    {"fetch.max.wait.ms", C, CONFIG_INT, "500", CONFIG_LOW},
    {"fetch.min.bytes", C, CONFIG_INT, "1", CONFIG_HIGH},
    {"group.id", C, CONFIG_STRING, NULL, CONFIG_HIGH},
    {"group.instance.id", C, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"group.protocol", C, CONFIG_STRING, "classic", CONFIG_HIGH},
    {"group.remote.assignor", C, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"heartbeat.interval.ms", C, CONFIG_INT, "3000", CONFIG_HIGH},
    {"interceptor.classes", P | C, CONFIG_LIST, "", CONFIG_LOW},
    {"isolation.level", C, CONFIG_STRING, "read_uncommitted", CONFIG_MEDIUM},
    {"key.deserializer", C, CONFIG_CLASS, config_no_default, CONFIG_HIGH},
    {"key.serializer", P, CONFIG_CLASS, config_no_default, CONFIG_HIGH},
    {"linger.ms", P, CONFIG_LONG, "5", CONFIG_MEDIUM},
    {"max.block.ms", P, CONFIG_LONG, "60000", CONFIG_MEDIUM},
    {"max.in.flight.requests.per.connection", P, CONFIG_INT, "5", CONFIG_LOW},
    {"max.partition.fetch.bytes", C, CONFIG_INT, "1048576", CONFIG_HIGH},
    {"max.poll.interval.ms", C, CONFIG_INT, "300000", CONFIG_MEDIUM},
    {"max.poll.records", C, CONFIG_INT, "500", CONFIG_MEDIUM},
    {"max.request.size", P, CONFIG_INT, "1048576", CONFIG_MEDIUM},
    {"metadata.max.age.ms", ALL, CONFIG_LONG, "300000", CONFIG_LOW},
    {"metadata.max.idle.ms", P, CONFIG_LONG, "300000", CONFIG_LOW},
    {"metadata.recovery.rebootstrap.trigger.ms", ALL, CONFIG_LONG, "300000", CONFIG_LOW},
    {"metadata.recovery.strategy", ALL, CONFIG_STRING, "rebootstrap", CONFIG_LOW},
    {"metric.reporters", ALL, CONFIG_LIST, "org.apache.kafka.common.metrics.JmxReporter", CONFIG_LOW},
    {"metrics.num.samples", ALL, CONFIG_INT, "2", CONFIG_LOW},
    {"metrics.recording.level", ALL, CONFIG_STRING, "INFO", CONFIG_LOW},
    {"metrics.sample.window.ms", ALL, CONFIG_LONG, "30000", CONFIG_LOW},
    {"partition.assignment.strategy", C, CONFIG_LIST, "org.apache.kafka.clients.consumer.RangeAssignor,"
     "org.apache.kafka.clients.consumer.CooperativeStickyAssignor", CONFIG_MEDIUM},
    {"partitioner.adaptive.partitioning.enable", P, CONFIG_BOOLEAN, "true", CONFIG_LOW},
    {"partitioner.availability.timeout.ms", P, CONFIG_LONG, "0", CONFIG_LOW},
    {"partitioner.class", P, CONFIG_CLASS, NULL, CONFIG_MEDIUM},
    {"partitioner.ignore.keys", P, CONFIG_BOOLEAN, "false", CONFIG_MEDIUM},
    {"receive.buffer.bytes", P, CONFIG_INT, "32768", CONFIG_MEDIUM},
    {"receive.buffer.bytes", C | A, CONFIG_INT, "65536", CONFIG_MEDIUM},
    {"reconnect.backoff.max.ms", ALL, CONFIG_LONG, "1000", CONFIG_LOW},
    {"reconnect.backoff.ms", ALL, CONFIG_LONG, "50", CONFIG_LOW},
    {"request.timeout.ms", ALL, CONFIG_INT, "30000", CONFIG_MEDIUM},
    {"retries", P, CONFIG_INT, "2147483647", CONFIG_HIGH},
    {"retries", A, CONFIG_INT, "2147483647", CONFIG_LOW},
    {"retry.backoff.max.ms", ALL, CONFIG_LONG, "1000", CONFIG_LOW},
    {"retry.backoff.ms", ALL, CONFIG_LONG, "100", CONFIG_LOW},
    {"sasl.client.callback.handler.class", ALL, CONFIG_CLASS, NULL, CONFIG_MEDIUM},
    {"sasl.jaas.config", ALL, CONFIG_PASSWORD, NULL, CONFIG_MEDIUM},
    {"sasl.kerberos.kinit.cmd", ALL, CONFIG_STRING, "/usr/bin/kinit", CONFIG_LOW},
    {"sasl.kerberos.min.time.before.relogin", ALL, CONFIG_LONG, "60000", CONFIG_LOW},
    {"sasl.kerberos.service.name", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.kerberos.ticket.renew.jitter", ALL, CONFIG_DOUBLE, "0.05", CONFIG_LOW},
    {"sasl.kerberos.ticket.renew.window.factor", ALL, CONFIG_DOUBLE, "0.8", CONFIG_LOW},
    {"sasl.login.callback.handler.class", ALL, CONFIG_CLASS, NULL, CONFIG_MEDIUM},
    {"sasl.login.class", ALL, CONFIG_CLASS, NULL, CONFIG_MEDIUM},
    {"sasl.login.connect.timeout.ms", ALL, CONFIG_INT, NULL, CONFIG_LOW},
    {"sasl.login.read.timeout.ms", ALL, CONFIG_INT, NULL, CONFIG_LOW},
    {"sasl.login.refresh.buffer.seconds", ALL, CONFIG_SHORT, "300", CONFIG_LOW},
    {"sasl.login.refresh.min.period.seconds", ALL, CONFIG_SHORT, "60", CONFIG_LOW},
    {"sasl.login.refresh.window.factor", ALL, CONFIG_DOUBLE, "0.8", CONFIG_LOW},
    {"sasl.login.refresh.window.jitter", ALL, CONFIG_DOUBLE, "0.05", CONFIG_LOW},
    {"sasl.login.retry.backoff.max.ms", ALL, CONFIG_LONG, "10000", CONFIG_LOW},
    {"sasl.login.retry.backoff.ms", ALL, CONFIG_LONG, "100", CONFIG_LOW},
    {"sasl.mechanism", ALL, CONFIG_STRING, "GSSAPI", CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.algorithm", ALL, CONFIG_STRING, "RS256", CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.claim.aud", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.claim.exp.seconds", ALL, CONFIG_INT, "300", CONFIG_LOW},
    {"sasl.oauthbearer.assertion.claim.iss", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.claim.jti.include", ALL, CONFIG_BOOLEAN, "false", CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.claim.nbf.seconds", ALL, CONFIG_INT, "60", CONFIG_LOW},
    {"sasl.oauthbearer.assertion.claim.sub", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.file", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.private.key.file", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.private.key.passphrase", ALL, CONFIG_PASSWORD, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.assertion.template.file", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.client.credentials.client.id", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.client.credentials.client.secret", ALL, CONFIG_PASSWORD, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.clock.skew.seconds", ALL, CONFIG_INT, "30", CONFIG_LOW},
    {"sasl.oauthbearer.expected.audience", ALL, CONFIG_LIST, NULL, CONFIG_LOW},
    {"sasl.oauthbearer.expected.issuer", ALL, CONFIG_STRING, NULL, CONFIG_LOW},
    {"sasl.oauthbearer.header.urlencode", ALL, CONFIG_BOOLEAN, "false", CONFIG_LOW},
    {"sasl.oauthbearer.jwks.endpoint.refresh.ms", ALL, CONFIG_LONG, "3600000", CONFIG_LOW},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", ALL, CONFIG_LONG, "10000", CONFIG_LOW},
    {"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", ALL, CONFIG_LONG, "100", CONFIG_LOW},
    {"sasl.oauthbearer.jwks.endpoint.url", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.jwt.retriever.class", ALL, CONFIG_CLASS, "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever", CONFIG_MEDIUM},
    {"sasl.oauthbearer.jwt.validator.class", ALL, CONFIG_CLASS, "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator", CONFIG_MEDIUM},
    {"sasl.oauthbearer.scope", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"sasl.oauthbearer.scope.claim.name", ALL, CONFIG_STRING, "scope", CONFIG_LOW},
    {"sasl.oauthbearer.sub.claim.name", ALL, CONFIG_STRING, "sub", CONFIG_LOW},
    {"sasl.oauthbearer.token.endpoint.url", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"security.protocol", ALL, CONFIG_STRING, "PLAINTEXT", CONFIG_MEDIUM},
    {"security.providers", ALL, CONFIG_STRING, NULL, CONFIG_LOW},
    {"send.buffer.bytes", ALL, CONFIG_INT, "131072", CONFIG_MEDIUM},
    {"session.timeout.ms", C, CONFIG_INT, "45000", CONFIG_HIGH},
    {"share.acknowledgement.mode", C, CONFIG_STRING, "implicit", CONFIG_MEDIUM},
    {"socket.connection.setup.timeout.max.ms", ALL, CONFIG_LONG, "30000", CONFIG_MEDIUM},
    {"socket.connection.setup.timeout.ms", ALL, CONFIG_LONG, "10000", CONFIG_MEDIUM},
    {"ssl.cipher.suites", ALL, CONFIG_LIST, NULL, CONFIG_LOW},
    {"ssl.enabled.protocols", ALL, CONFIG_LIST, "TLSv1.2,TLSv1.3", CONFIG_MEDIUM},
    {"ssl.endpoint.identification.algorithm", ALL, CONFIG_STRING, "https", CONFIG_LOW},
    {"ssl.engine.factory.class", ALL, CONFIG_CLASS, NULL, CONFIG_LOW},
    {"ssl.key.password", ALL, CONFIG_PASSWORD, NULL, CONFIG_HIGH},
    {"ssl.keymanager.algorithm", ALL, CONFIG_STRING, "SunX509", CONFIG_LOW},
    {"ssl.keystore.certificate.chain", ALL, CONFIG_PASSWORD, NULL, CONFIG_HIGH},
    {"ssl.keystore.key", ALL, CONFIG_PASSWORD, NULL, CONFIG_HIGH},
    {"ssl.keystore.location", ALL, CONFIG_STRING, NULL, CONFIG_HIGH},
    {"ssl.keystore.password", ALL, CONFIG_PASSWORD, NULL, CONFIG_HIGH},
    {"ssl.keystore.type", ALL, CONFIG_STRING, "JKS", CONFIG_MEDIUM},
    {"ssl.protocol", ALL, CONFIG_STRING, "TLSv1.3", CONFIG_MEDIUM},
    {"ssl.provider", ALL, CONFIG_STRING, NULL, CONFIG_MEDIUM},
    {"ssl.secure.random.implementation", ALL, CONFIG_STRING, NULL, CONFIG_LOW},
    {"ssl.trustmanager.algorithm", ALL, CONFIG_STRING, "PKIX", CONFIG_LOW},
    {"ssl.truststore.certificates", ALL, CONFIG_PASSWORD, NULL, CONFIG_HIGH},
    {"ssl.truststore.location", ALL, CONFIG_STRING, NULL, CONFIG_HIGH},
    {"ssl.truststore.password", ALL, CONFIG_PASSWORD, NULL, CONFIG_HIGH},
    {"ssl.truststore.type", ALL, CONFIG_STRING, "JKS", CONFIG_MEDIUM},
    {"transaction.timeout.ms", P, CONFIG_INT, "60000", CONFIG_LOW},
    {"transaction.two.phase.commit.enable", P, CONFIG_BOOLEAN, "false", CONFIG_LOW},
    {"transactional.id", P, CONFIG_STRING, NULL, CONFIG_LOW},
    {"value.deserializer", C, CONFIG_CLASS, config_no_default, CONFIG_HIGH},
    {"value.serializer", P, CONFIG_CLASS, config_no_default, CONFIG_HIGH},
};

bool
kafka_client_setting(enum kafka_client_kind kind, const char *name, struct config_row *out)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].kinds & 1 << kind && strcmp(rows[i].name, name) == 0) {
            *out = (struct config_row){
                .name = rows[i].name,
                .type = rows[i].type,
                .default_value = rows[i].default_value,
                .importance = rows[i].importance,
                .order_in_group = -1,
                .display_name = rows[i].name,
                .offset = CONFIG_NOT_PARSED,
            };
            return true;
        }
    return false;
}

const char *
kafka_client_setting_name(size_t index, int *kinds_out)
{
    if (index >= sizeof(rows) / sizeof(rows[0]))
        return NULL;
    *kinds_out = rows[index].kinds;
    return rows[index].name;
}
