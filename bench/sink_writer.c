/*
 * What the JDBC sink task itself costs: batches made in memory are put into a real database.
 *
 *   sink_writer URL USER PASSWORD ROWS [setting=value ...]
 *
 * Prints rows a second, CPU a row of this process, and for comparison the same number of rows in statements made
 * beforehand.
 */
#include "common/base/clock.h"
#include "connect/connectors/jdbc/jdbc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static double
cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static const struct schema *
make_schema(void)
{
    static const struct {
        const char *name;
        enum schema_type type;
    } fields[] = {{"id", SCHEMA_INT64}, {"customerId", SCHEMA_STRING}, {"price", SCHEMA_FLOAT64},
                  {"productId", SCHEMA_INT64}, {"qty", SCHEMA_INT32}};
    struct schema_builder *builder = schema_builder_new(SCHEMA_STRUCT);
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        const struct schema *schema = schema_primitive(fields[i].type, i > 0);
        schema_builder_field(builder, fields[i].name, schema);
        schema_unref(schema);
    }
    return schema_builder_finish(builder);
}

static void
fill(struct record_batch *batch, const struct schema *schema, size_t first, size_t count)
{
    record_batch_reset(batch);
    for (size_t i = first; i < first + count; i++) {
        struct record *record = record_batch_add(batch);
        struct value *items = arena_array(&batch->arena, struct value, 5);
        char *customer = arena_printf(&batch->arena, "cust-%zu", i % 5000);
        items[0] = value_int((int64_t)i);
        items[1] = value_string(customer, strlen(customer));
        items[2] = value_real((double)(i * 7919 % 100000) / 100);
        items[3] = value_int((int64_t)(i % 997));
        items[4] = value_int((int64_t)(i % 10));
        record->topic = record->original_topic = "bench_sink_writer";
        record->partition = record->original_partition = 0;
        record->offset = (int64_t)i;
        record->value_schema = schema;
        record->value = (struct value){.kind = VALUE_STRUCT, .len = 5, .as.items = items};
    }
}

static void
check(bool is_fine, const struct error *err)
{
    if (is_fine)
        return;
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

int
main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: sink_writer URL USER PASSWORD ROWS [setting=value ...]\n");
        return 2;
    }
    struct config cfg = CONFIG_INIT;
    config_set(&cfg, "name", "bench");
    config_set(&cfg, "connection.url", argv[1]);
    config_set(&cfg, "connection.user", argv[2]);
    config_set(&cfg, "connection.password", argv[3]);
    config_set(&cfg, "auto.create", "true");
    for (int i = 5; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value) {
            *value = '\0';
            config_set(&cfg, argv[i], value + 1);
        }
    }
    const struct sink_task_ops *ops = jdbc_sink_plugin.sink;
    struct sink_task_context ctx = {.connector = "bench"};
    struct error err = ERROR_INIT;
    void *task = calloc(1, ops->size);
    check(ops->init(task, &ctx, &cfg, &err), &err);
    size_t rows = strtoull(argv[4], NULL, 10), batch_size = ops->batch_max(task);
    const struct schema *schema = make_schema();
    struct record_batch batch = RECORD_BATCH_INIT;
    double put_cpu = 0, start_ms = 0, made_ms = 0;
    for (size_t done = 0; done < rows; done += batch_size) {
        int64_t before = clock_now_us();
        fill(&batch, schema, done + 1, batch_size);
        int64_t begin = clock_now_us();
        made_ms += (double)(begin - before) / 1000;
        double cpu = cpu_seconds();
        int64_t retry_ms;
        check(ops->put(task, &batch, &retry_ms, &err) == PUT_DONE, &err);
        put_cpu += cpu_seconds() - cpu;
        start_ms += (double)(clock_now_us() - begin) / 1000;
    }
    printf("%zu rows, %zu a batch: %.0f rows/s in put, %.3f us CPU a row\n", rows, batch_size, (double)rows / start_ms * 1000,
           put_cpu * 1e6 / (double)rows);
    record_batch_fini(&batch);
    schema_unref(schema);
    ops->fini(task);
    free(task);
    config_fini(&cfg);
    return 0;
}
