/*
 * What the source task costs without Kafka: reads a table through poll() and prints rows/s and CPU a row.
 *
 *   source_rows NAME=VALUE...        settings of the connector, as in its configuration, and of this program:
 *     rows=N    stop after N rows (default: when two polls in a row find nothing)
 *     print=1   print each row's topic, offset and first values
 *     seconds=N stop after that time
 */
#include "connect/connectors/jdbc/jdbc.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "connect/data/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static bool
no_offset(const struct source_task_context *ctx, const char *partition_json, char **offset_json_out, struct error *err)
{
    (void)ctx, (void)partition_json, (void)err;
    *offset_json_out = NULL;
    return true;
}

static void
print_value(const struct value *value)
{
    switch (value->kind) {
    case VALUE_INT: printf(" %" PRId64, value->as.integer); break;
    case VALUE_FLOAT: printf(" %s", value->text); break;
    case VALUE_STRING: printf(" '%.*s'", (int)value->len, value->as.bytes); break;
    case VALUE_DECIMAL: printf(" %.*se-%d", (int)value->len, value->as.bytes, value->scale); break;
    case VALUE_BOOLEAN: printf(" %s", value->as.boolean ? "true" : "false"); break;
    case VALUE_NULL: printf(" null"); break;
    default: printf(" (%u bytes)", value->len); break;
    }
}

static void
print_record(const struct record *record)
{
    struct strbuf offset = STRBUF_INIT;
    if (!record->source_offset.is_null)
        record->source_partition->write(record->source_partition, &record->source_offset, &offset);
    printf("%s %s %s", record->topic, record->source_partition->key_json, offset.len ? offset.data : "null");
    for (size_t i = 0; i < record->value.len && i < 8; i++)
        print_value(&record->value.as.items[i]);
    printf("\n");
    strbuf_fini(&offset);
}

static double
cpu_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* -> rows read */
static uint64_t
read_all(void *task, const struct config *cfg)
{
    const struct source_task_ops *ops = jdbc_source_plugin.source;
    uint64_t limit = strtoull(config_get_or(cfg, "rows", "0"), NULL, 10), rows = 0;
    int64_t until_ms = clock_now_ms() + 1000 * strtoll(config_get_or(cfg, "seconds", "3600"), NULL, 10);
    bool is_printed = config_has(cfg, "print"), is_timed = config_has(cfg, "seconds");
    struct record_batch batch = RECORD_BATCH_INIT;
    int idle = 0;
    while ((!limit || rows < limit) && (idle < 2 || is_timed) && clock_now_ms() < until_ms) {
        struct error err = ERROR_INIT;
        record_batch_reset(&batch);
        enum poll_result result = ops->poll(task, &batch, 100, &err);
        idle = result == POLL_IDLE ? idle + 1 : 0;
        rows += result == POLL_RECORDS ? batch.count : 0;
        for (size_t i = 0; is_printed && result == POLL_RECORDS && i < batch.count; i++)
            print_record(&batch.records[i]);
        if (result == POLL_RETRY || result == POLL_FAILED) {
            struct strbuf trace = STRBUF_INIT;
            error_trace(&err, &trace);
            fprintf(stderr, "%s\n", trace.data);
            strbuf_fini(&trace);
            if (result == POLL_FAILED)
                break;
        }
    }
    record_batch_fini(&batch);
    return rows;
}

int
main(int argc, char **argv)
{
    struct config *cfg = config_new();
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            continue;
        *equals = '\0';
        config_set(cfg, argv[i], equals + 1);
    }
    const struct source_task_ops *ops = jdbc_source_plugin.source;
    const struct source_task_context ctx = {.connector = "bench", .offset_get = no_offset};
    void *task = xcalloc(1, ops->size);
    struct error err = ERROR_INIT;
    double started = (double)clock_now_us() / 1e6, cpu = cpu_seconds();
    uint64_t rows = 0;
    if (ops->init(task, &ctx, cfg, &err))
        rows = read_all(task, cfg);
    else
        fprintf(stderr, "%s\n", err.message);
    double seconds = (double)clock_now_us() / 1e6 - started;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    ops->fini(task);
    free(task);
    config_free(cfg);
    fprintf(stderr, "%" PRIu64 " rows in %.3f s, %.0f rows/s, %.3f us CPU a row, peak %.1f MiB\n", rows, seconds, (double)rows / seconds,
            (cpu_seconds() - cpu) / (double)(rows ? rows : 1) * 1e6, (double)usage.ru_maxrss / 1024);
    return rows ? EXIT_SUCCESS : EXIT_FAILURE;
}
