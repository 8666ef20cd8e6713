/*
 * Java client settings for librdkafka. One table maps names and values; what has no counterpart is said once
 * in the log, by name. Secrets are never logged.
 */
#ifndef COMMON_KAFKA_CLIENT_CONFIG_H
#define COMMON_KAFKA_CLIENT_CONFIG_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <librdkafka/rdkafka.h>

enum kafka_client_kind { KAFKA_PRODUCER, KAFKA_CONSUMER, KAFKA_ADMIN };

/* A new librdkafka configuration from Java-named settings: bootstrap.servers, security.protocol, sasl.jaas.config
   (split into mechanism, user, password), ssl.* (PEM), linger.ms, compression.type, ...; librdkafka's own names
   are taken as they are, save those that run programs or load libraries. `later` settings override `earlier`; any
   may be NULL. NULL: *err names the setting. */
rd_kafka_conf_t *kafka_client_config(enum kafka_client_kind kind, const struct config *earlier, const struct config *later,
                                     struct error *err);
/* A client of this configuration, which it takes in any case. Its log lines and errors go to common/base/log, from
   whichever thread polls it. Destroy it with rd_kafka_destroy. NULL: *err is filled. */
rd_kafka_t *kafka_client_new(enum kafka_client_kind kind, rd_kafka_conf_t *conf, struct error *err);
/* Adds to `out` what a worker's top level says for all of its own clients: bootstrap.servers, security, TLS, SASL,
   sockets, back-offs. Not group.id, client.id and the timers of the group. */
void kafka_common_settings(const struct config *all, struct config *out);
/* Does librdkafka have a counterpart for this Java client setting? */
bool kafka_client_setting_known(enum kafka_client_kind kind, const char *java_name);
/* What becomes of a Java client setting, for documentation: librdkafka's name, or why there is none. */
const char *kafka_client_setting_fate(const char *java_name);
/* Translate a librdkafka error into ours (UNAVAILABLE, TIMEOUT, CONFIG, ...; retriable or not; the Java class that
   traces name). Returns false. */
bool kafka_error(struct error *err, rd_kafka_resp_err_t code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
