/* What the transforms of Debezium share (io.debezium.transforms). */
#ifndef CONNECT_TRANSFORMS_DEBEZIUM_H
#define CONNECT_TRANSFORMS_DEBEZIUM_H

#include "connect/transforms/transform_priv.h"

#define DEBEZIUM_TRANSFORM_VERSION "3.3.0.Final"
#define DEBEZIUM_PLUGIN(symbol, java_name, rows_, ops_)                                                           \
    const struct transform_plugin symbol = {.class_name = "io.debezium.transforms." java_name,                   \
                                            .version = DEBEZIUM_TRANSFORM_VERSION,                                \
                                            .target = TRANSFORM_RECORD,                                           \
                                            .rows = (rows_),                                                      \
                                            .ops = (ops_)}

/* Is the value a change event (its schema's name ends in ".Envelope")? */
bool debezium_is_envelope(const struct record *record);

/* Debezium checks settings when the transform is made, logs what is wrong, and says only this. Returns false. */
bool debezium_config_error(const char *setting, const char *why, struct error *err);

#endif
