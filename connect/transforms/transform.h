/*
 * Single message transforms and predicates (org.apache.kafka.connect.transforms), and the chain of them
 * that a connector configures. Instances belong to one task and are used on its thread only.
 */
#ifndef CONNECT_TRANSFORMS_TRANSFORM_H
#define CONNECT_TRANSFORMS_TRANSFORM_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "common/config/config_def.h"
#include "connect/data/record.h"

enum transform_target { TRANSFORM_RECORD, TRANSFORM_KEY, TRANSFORM_VALUE };

struct transform_ops {
    size_t size;
    /* cfg: the settings of this alias, prefix taken off. */
    bool (*init)(void *transform, enum transform_target target, const struct config *cfg, struct error *err);
    /* Change the record in place, new memory in batch->arena, new schemas held by the batch; set is_dropped
       to end its way. Failure: ERROR_DATA. */
    bool (*apply)(void *transform, struct record *record, struct record_batch *batch, struct error *err);
    void (*fini)(void *transform);
};

struct transform_plugin {
    const char *class_name; /* with $Key or $Value where it has variants */
    const char *version;
    enum transform_target target;
    const struct config_row *rows;
    const struct transform_ops *ops;
};

struct predicate_ops {
    size_t size;
    bool (*init)(void *predicate, const struct config *cfg, struct error *err);
    bool (*test)(void *predicate, const struct record *record, bool *holds_out, struct error *err);
    void (*fini)(void *predicate);
};

struct predicate_plugin {
    const char *class_name;
    const char *version;
    const struct config_row *rows;
    const struct predicate_ops *ops;
};

/* NULL-terminated; the visible lists are in transforms/transforms.c. */
extern const struct transform_plugin *const transform_plugins[];
extern const struct predicate_plugin *const predicate_plugins[];
const struct transform_plugin *transform_plugin_find(const char *class_name); /* full name, or alias as Java's; or NULL */
const struct predicate_plugin *predicate_plugin_find(const char *class_name);

/* All transforms of a connector configuration, in order, each with its predicate. */
struct transform_chain;

/* cfg: the connector's settings. An empty chain is NULL with true. */
bool transform_chain_new(const struct config *cfg, struct transform_chain **chain_out, struct error *err) MUST_CHECK;
void transform_chain_free(struct transform_chain *chain); /* accepts NULL */
/* Run one record through. False: *err is filled and *failed_class_out names the transform's class (for
   error reports). A record that is dropped has is_dropped set. Accepts a NULL chain. */
bool transform_chain_apply(struct transform_chain *chain, struct record *record, struct record_batch *batch,
                           const char **failed_class_out, struct error *err) MUST_CHECK;

#endif
