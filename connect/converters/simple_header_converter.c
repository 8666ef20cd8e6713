/*
 * SimpleHeaderConverter: headers as plain text, types inferred from it. Behaviour of
 * org.apache.kafka.connect.storage.SimpleHeaderConverter.
 */
#include "connect/converters/converter_priv.h"
#include "connect/data/inference.h"
#include "connect/data/utf8.h"

static const struct config_row simple_header_rows[] = {{.name = NULL}};

static bool
simple_header_init(void *state, enum converter_role role, const struct config *cfg, struct error *err)
{
    (void)state, (void)role, (void)cfg, (void)err;
    return true;
}

static bool
simple_header_write(void *state, const char *topic, const struct schema *schema, const struct value *value,
                    struct strbuf *out, bool *is_null_out, struct error *err)
{
    (void)state, (void)topic, (void)err;
    *is_null_out = value->kind == VALUE_NULL;
    if (!*is_null_out)
        inference_text(schema, value, out);
    return true;
}

static bool
simple_header_read(void *state, const char *topic, const char *bytes, size_t len, struct record_batch *batch,
                   const struct schema **schema_out, struct value *value_out, struct error *err)
{
    (void)state, (void)topic, (void)err;
    *schema_out = NULL;
    *value_out = VALUE_NONE;
    if (!bytes)
        return true;
    const char *text = utf8_mend(bytes, &len, &batch->arena);
    const struct schema *schema;
    inference_parse(text, len, &batch->arena, &schema, value_out);
    record_batch_hold(batch, schema);
    schema_unref(schema);
    *schema_out = schema;
    return true;
}

static void
simple_header_fini(void *state)
{
    (void)state;
}

static const struct converter_ops simple_header_ops = {
    .init = simple_header_init,
    .write = simple_header_write,
    .read = simple_header_read,
    .fini = simple_header_fini,
};

const struct converter_plugin simple_header_converter_plugin = {
    .class_name = "org.apache.kafka.connect.storage.SimpleHeaderConverter",
    .version = CONNECT_VERSION,
    .is_header_only = true,
    .rows = simple_header_rows,
    .ops = &simple_header_ops,
};
