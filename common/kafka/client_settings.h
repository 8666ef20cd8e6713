/*
 * The settings that Java's producer, consumer and admin client define: type, default, importance. Connect describes and
 * checks producer.override.*, consumer.override.* and admin.override.* with them. What becomes of a setting here is the
 * business of client_config.h.
 */
#ifndef COMMON_KAFKA_CLIENT_SETTINGS_H
#define COMMON_KAFKA_CLIENT_SETTINGS_H

#include "common/config/config_def.h"
#include "common/kafka/client_config.h"

/* Describes one setting of a client; texts are static. False: Java's client does not define it. */
bool kafka_client_setting(enum kafka_client_kind kind, const char *name, struct config_row *out);
/* The settings one by one, by name, for documentation; a name with several rows comes several times. kinds_out has the bit
   1 << kind for each client of that row. NULL behind the last. */
const char *kafka_client_setting_name(size_t index, int *kinds_out);

#endif
