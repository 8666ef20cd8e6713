/*
 * What JsonConverter costs a record: five columns with their schema, written and read again and again.
 *
 *   json_converter [SECONDS]
 *
 * Prints nanoseconds a record. One thread, nothing but the converter.
 */
#include "common/base/clock.h"
#include "connect/converters/converter.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 1000 };

static const struct schema *
order_schema(void)
{
    static const char *const names[] = {"ORDER_ID", "USER_NAME", "PRODUCT", "PRICE", "CREATED_AT"};
    const struct schema *columns[] = {
        schema_primitive(SCHEMA_INT64, false), schema_primitive(SCHEMA_STRING, true), schema_primitive(SCHEMA_STRING, true),
        schema_primitive(SCHEMA_FLOAT64, true), schema_logical_new(SCHEMA_TIMESTAMP, true),
    };
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    schema_builder_name(builder, "ORDER_TABLE");
    for (int i = 0; i < 5; i++) {
        schema_builder_field(builder, names[i], columns[i]);
        schema_unref(columns[i]);
    }
    return schema_builder_finish(builder);
}

static void
report(const char *what, int64_t records, int64_t us, size_t len)
{
    printf("%-6s %6.0f ns a record, %5.1f million a second, %zu bytes each\n", what, (double)us * 1000 / (double)records,
           (double)records / (double)us, len);
}

static void
measure_write(struct converter *converter, const struct schema *schema, int seconds, struct strbuf *out)
{
    struct error err = ERROR_INIT;
    struct value columns[] = {value_int(0), value_string("Somebody Somewhere", 18), value_string("a thing of some kind", 20),
                              {.kind = VALUE_FLOAT, .as.real = 19.99, .text = "19.99"}, value_int(1700000000123)};
    struct value row = {.kind = VALUE_STRUCT, .len = 5, .as.items = columns};
    int64_t records = 0, start = clock_now_us(), end = start + seconds * 1000000ll;
    bool is_null;
    while (clock_now_us() < end) {
        for (int i = 0; i < BATCH; i++, records++) {
            columns[0].as.integer = records;
            strbuf_reset(out);
            if (!converter->plugin->ops->write(converter->state, "t", schema, &row, out, &is_null, &err))
                abort();
        }
    }
    report("write", records, clock_now_us() - start, out->len);
}

static void
measure_read(struct converter *converter, int seconds, const struct strbuf *message)
{
    struct error err = ERROR_INIT;
    struct record_batch batch = RECORD_BATCH_INIT;
    int64_t records = 0, start = clock_now_us(), end = start + seconds * 1000000ll;
    while (clock_now_us() < end) {
        for (int i = 0; i < BATCH; i++, records++) {
            const struct schema *schema;
            struct value value;
            if (!converter->plugin->ops->read(converter->state, "t", message->data, message->len, &batch, &schema, &value, &err))
                abort();
        }
        record_batch_reset(&batch);
    }
    report("read", records, clock_now_us() - start, message->len);
    record_batch_fini(&batch);
}

int
main(int argc, char **argv)
{
    int seconds = argc > 1 ? atoi(argv[1]) : 2;
    struct config cfg = CONFIG_INIT;
    struct converter converter;
    struct error err = ERROR_INIT;
    struct strbuf message = STRBUF_INIT;
    if (!converter_new(&converter, "JsonConverter", CONVERTER_VALUE, &cfg, "", &err)) {
        fprintf(stderr, "%s\n", err.message);
        return EXIT_FAILURE;
    }
    const struct schema *schema = order_schema();
    measure_write(&converter, schema, seconds, &message);
    measure_read(&converter, seconds, &message);
    schema_unref(schema);
    strbuf_fini(&message);
    converter_free(&converter);
    config_fini(&cfg);
    return EXIT_SUCCESS;
}
