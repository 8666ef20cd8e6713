/* Stands in for the transforms until they are there. */
#include "connect/transforms/transform.h"

#define WEAK __attribute__((weak))

WEAK const struct transform_plugin *const transform_plugins[] = {NULL};
WEAK const struct predicate_plugin *const predicate_plugins[] = {NULL};

WEAK const struct transform_plugin *
transform_plugin_find(const char *class_name)
{
    (void)class_name;
    return NULL;
}

WEAK const struct predicate_plugin *
predicate_plugin_find(const char *class_name)
{
    (void)class_name;
    return NULL;
}

WEAK bool
transform_chain_new(const struct config *cfg, struct transform_chain **chain_out, struct error *err)
{
    (void)cfg;
    (void)err;
    *chain_out = NULL;
    return true;
}

WEAK void
transform_chain_free(struct transform_chain *chain)
{
    (void)chain;
}

WEAK bool
transform_chain_apply(struct transform_chain *chain, struct record *record, struct record_batch *batch, const char **failed_class_out,
                      struct error *err)
{
    (void)chain, (void)record, (void)batch, (void)failed_class_out, (void)err;
    return true;
}
