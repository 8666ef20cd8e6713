/* InsertHeader: a header with a fixed value, whose type is inferred from its text. */
#include "connect/data/inference.h"
#include "connect/transforms/transform_priv.h"

#include <string.h>

struct insert_header {
    char *header, *literal;
    struct arena arena; /* of the value */
    const struct schema *schema;
    struct value value;
};

static const struct config_row insert_header_rows[] = {
    {TRANSFORM_ROW("header", CONFIG_STRING, config_no_default, CONFIG_HIGH, "Name of the header.",
                   offsetof(struct insert_header, header)), .check = transform_check_given, .checks_null = true},
    {TRANSFORM_ROW("value.literal", CONFIG_STRING, config_no_default, CONFIG_HIGH,
                   "Its value for all records: 5 is a number, true a boolean, [1,2] a list, other texts are strings.",
                   offsetof(struct insert_header, literal)), .check = transform_check_given, .checks_null = true},
    {.name = NULL},
};

static bool
insert_header_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    struct insert_header *transform = state;
    (void)target;
    if (!config_parse(insert_header_rows, cfg, transform, err))
        return false;
    inference_parse(transform->literal, strlen(transform->literal), &transform->arena, &transform->schema, &transform->value);
    return true;
}

static bool
insert_header_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    const struct insert_header *transform = state;
    (void)err;
    transform_add_header(record, batch, transform->header, transform->schema, transform->value);
    return true;
}

static void
insert_header_fini(void *state)
{
    struct insert_header *transform = state;
    schema_unref(transform->schema);
    arena_fini(&transform->arena);
    config_parsed_free(insert_header_rows, transform);
}

static const struct transform_ops insert_header_ops = {sizeof(struct insert_header), insert_header_init, insert_header_apply,
                                                       insert_header_fini};
TRANSFORM_PLUGIN(insert_header_plugin, "InsertHeader", TRANSFORM_RECORD, insert_header_rows, &insert_header_ops);
