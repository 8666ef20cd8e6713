/* libFuzzer: messages to JsonConverter, with and without schemas. Whatever comes, it is read or refused as data; what was
   read is written, and what was written is read again. */
#include "connect/converters/converter.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
make(struct converter *converter, const char *schemas_enable)
{
    struct config cfg = CONFIG_INIT;
    struct error err = ERROR_INIT;
    config_set(&cfg, "schemas.enable", schemas_enable);
    bool is_made = converter_new(converter, "JsonConverter", CONVERTER_VALUE, &cfg, "", &err);
    ensure(is_made, "%s", err.message);
    config_fini(&cfg);
}

static bool
read_bytes(struct converter *converter, const char *bytes, size_t len, struct record_batch *batch, const struct schema **schema,
           struct value *value)
{
    struct error err = ERROR_INIT;
    bool is_read = converter->plugin->ops->read(converter->state, "t", bytes, len, batch, schema, value, &err);
    ensure(is_read || (err.code == ERROR_DATA && err.message[0]), "refused without a word");
    return is_read;
}

static void
try_converter(struct converter *converter, const char *bytes, size_t len)
{
    struct record_batch batch = RECORD_BATCH_INIT;
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    const struct schema *schema;
    struct value value;
    bool is_null;
    if (read_bytes(converter, bytes, len, &batch, &schema, &value) &&
        converter->plugin->ops->write(converter->state, "t", schema, &value, &out, &is_null, &err) && !is_null) {
        bool is_read = read_bytes(converter, out.data, out.len, &batch, &schema, &value);
        ensure(is_read || len > 100000, "not readable: %s", out.data);
    }
    strbuf_fini(&out);
    record_batch_fini(&batch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct converter with_schemas, without;
    make(&with_schemas, "true");
    make(&without, "false");
    for (int round = 0; round < 2; round++) /* the second time its beginning is known */
        try_converter(&with_schemas, (const char *)data, size);
    try_converter(&without, (const char *)data, size);
    converter_free(&with_schemas);
    converter_free(&without);
    ensure(schema_interned_count() == 0, "a schema was leaked");
    return 0;
}
