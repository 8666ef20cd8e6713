/*
 * Converters: bytes in Kafka <-> values with schemas (org.apache.kafka.connect.storage.Converter).
 *
 * A converter instance belongs to one task and one role, and is used on the task's thread only. It may
 * keep what depends on a schema alone (the serialised schema text, field writers), bounded by
 * schemas.cache.size. Same plug-in shape as connectors: the caller allocates `size` zeroed bytes.
 */
#ifndef CONNECT_CONVERTERS_CONVERTER_H
#define CONNECT_CONVERTERS_CONVERTER_H

#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "common/config/config.h"
#include "common/config/config_def.h"
#include "connect/data/record.h"

enum converter_role { CONVERTER_KEY, CONVERTER_VALUE, CONVERTER_HEADER };

struct converter_ops {
    size_t size;
    /* cfg: the settings behind "key.converter." and so on, prefix taken off. */
    bool (*init)(void *converter, enum converter_role role, const struct config *cfg, struct error *err);
    /* fromConnectData: append the bytes to `out`. *is_null_out: the record gets null bytes (a tombstone), and
       nothing was appended. Failure: ERROR_DATA. */
    bool (*write)(void *converter, const char *topic, const struct schema *schema, const struct value *value,
                  struct strbuf *out, bool *is_null_out, struct error *err);
    /* toConnectData: bytes NULL is a null. Strings in the value may point into `bytes`, which the caller keeps
       as long as the batch; everything else goes into the batch's arena, the schema is held by the batch. */
    bool (*read)(void *converter, const char *topic, const char *bytes, size_t len, struct record_batch *batch,
                 const struct schema **schema_out, struct value *value_out, struct error *err);
    void (*fini)(void *converter); /* accepts half-built state */
};

struct converter_plugin {
    const char *class_name;
    const char *version;
    bool is_header_only;           /* SimpleHeaderConverter */
    bool is_header_too;            /* can serve as header.converter */
    const struct config_row *rows;
    const struct converter_ops *ops;
};

/* An instance with its memory; what the tasks use. */
struct converter {
    const struct converter_plugin *plugin;
    void *state;
};

/* Make one by class name with settings of `cfg` behind `prefix` ("value.converter."). On failure nothing is
   left to free. Unknown class: ERROR_CONFIG. */
bool converter_new(struct converter *converter, const char *class_name, enum converter_role role,
                   const struct config *cfg, const char *prefix, struct error *err) MUST_CHECK;
void converter_free(struct converter *converter); /* accepts a zeroed struct */

/* NULL-terminated; the visible list is in converters/converters.c. */
extern const struct converter_plugin *const converter_plugins[];
const struct converter_plugin *converter_plugin_find(const char *class_name); /* full name, or alias as Java's; or NULL */
bool converter_plugin_fits(const struct converter_plugin *plugin, enum converter_role role); /* keys and values, or headers? */

#endif
