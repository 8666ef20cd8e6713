/* Filter: drops every record that its predicate lets through. */
#include "connect/transforms/transform_priv.h"

static const struct config_row filter_rows[] = {{.name = NULL}};

static bool
filter_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    (void)state, (void)target, (void)cfg, (void)err;
    return true;
}

static bool
filter_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    (void)state, (void)batch, (void)err;
    record->is_dropped = true;
    return true;
}

static void
filter_fini(void *state)
{
    (void)state;
}

static const struct transform_ops filter_ops = {0, filter_init, filter_apply, filter_fini};
TRANSFORM_PLUGIN(filter_plugin, "Filter", TRANSFORM_RECORD, filter_rows, &filter_ops);
