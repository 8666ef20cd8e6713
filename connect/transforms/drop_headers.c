/* DropHeaders: removes all headers of the given names. */
#include "connect/transforms/transform_priv.h"

struct drop_headers {
    struct string_list headers;
};

static const struct config_row drop_headers_rows[] = {
    {TRANSFORM_ROW("headers", CONFIG_LIST, config_no_default, CONFIG_HIGH, "Names of the headers to remove.",
                   offsetof(struct drop_headers, headers)), .check = transform_check_list, .checks_null = true},
    {.name = NULL},
};

static bool
drop_headers_init(void *state, enum transform_target target, const struct config *cfg, struct error *err)
{
    (void)target;
    return config_parse(drop_headers_rows, cfg, state, err);
}

static bool
drop_headers_apply(void *state, struct record *record, struct record_batch *batch, struct error *err)
{
    const struct drop_headers *transform = state;
    (void)err;
    struct header *kept = arena_array(&batch->arena, struct header, record->header_count);
    size_t count = 0;
    for (size_t i = 0; i < record->header_count; i++)
        if (!string_list_has(&transform->headers, record->headers[i].name))
            kept[count++] = record->headers[i];
    record->headers = kept;
    record->header_count = count;
    return true;
}

static void
drop_headers_fini(void *state)
{
    config_parsed_free(drop_headers_rows, state);
}

static const struct transform_ops drop_headers_ops = {sizeof(struct drop_headers), drop_headers_init, drop_headers_apply,
                                                      drop_headers_fini};
TRANSFORM_PLUGIN(drop_headers_plugin, "DropHeaders", TRANSFORM_RECORD, drop_headers_rows, &drop_headers_ops);
