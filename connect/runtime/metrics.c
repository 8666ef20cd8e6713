/* The registry of task counters, and their Prometheus form. */
#include "connect/runtime/metrics.h"

#include "common/base/alloc.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct metrics {
    pthread_mutex_t lock; /* guards the list, not the counters */
    struct task_metrics *tasks;
};

struct metrics *
metrics_new(void)
{
    struct metrics *metrics = xcalloc(1, sizeof(*metrics));
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

static void
metrics_task_free(struct task_metrics *task)
{
    free(task->connector);
    free(task);
}

void
metrics_free(struct metrics *metrics)
{
    if (!metrics)
        return;
    for (struct task_metrics *task = metrics->tasks, *next; task; task = next) {
        next = task->next;
        metrics_task_free(task);
    }
    pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

struct task_metrics *
metrics_task_add(struct metrics *metrics, const char *connector, int task, bool is_source)
{
    struct task_metrics *new = xcalloc(1, sizeof(*new));
    new->connector = xstrdup(connector);
    new->task = task;
    new->is_source = is_source;
    pthread_mutex_lock(&metrics->lock);
    new->next = metrics->tasks;
    metrics->tasks = new;
    pthread_mutex_unlock(&metrics->lock);
    return new;
}

void
metrics_task_remove(struct metrics *metrics, struct task_metrics *task)
{
    if (!task)
        return;
    pthread_mutex_lock(&metrics->lock);
    for (struct task_metrics **link = &metrics->tasks; *link; link = &(*link)->next)
        if (*link == task) {
            *link = task->next;
            break;
        }
    pthread_mutex_unlock(&metrics->lock);
    metrics_task_free(task);
}

enum metric_scope { METRIC_SOURCE = 1, METRIC_SINK = 2, METRIC_BOTH = 3 };

/* How a figure is made of the counters. */
enum metric_form { METRIC_COUNT, METRIC_SHARE, METRIC_AVG_MS, METRIC_MAX_MS, METRIC_AVG };

struct metric_row {
    const char *name;
    const char *type;
    enum metric_scope scope;
    enum metric_form form;
    size_t a, b; /* offsets of the counters */
};

#define AT(field) offsetof(struct task_metrics, field)

/* Names as the usual JMX exporter rules make them of kafka.connect:type=...-task-metrics. */
static const struct metric_row metric_rows[] = {
    {"kafka_connect_source_task_source_record_poll_total", "counter", METRIC_SOURCE, METRIC_COUNT, AT(records_in), 0},
    {"kafka_connect_source_task_source_record_write_total", "counter", METRIC_SOURCE, METRIC_COUNT, AT(records_out), 0},
    {"kafka_connect_source_task_source_record_active_count", "gauge", METRIC_SOURCE, METRIC_COUNT, AT(records_active), 0},
    {"kafka_connect_source_task_poll_batch_avg_time_ms", "gauge", METRIC_SOURCE, METRIC_AVG_MS, AT(batch_time_us_sum), AT(batch_count)},
    {"kafka_connect_source_task_poll_batch_max_time_ms", "gauge", METRIC_SOURCE, METRIC_MAX_MS, AT(batch_time_us_max), 0},
    {"kafka_connect_sink_task_sink_record_read_total", "counter", METRIC_SINK, METRIC_COUNT, AT(records_in), 0},
    {"kafka_connect_sink_task_sink_record_send_total", "counter", METRIC_SINK, METRIC_COUNT, AT(records_out), 0},
    {"kafka_connect_sink_task_sink_record_active_count", "gauge", METRIC_SINK, METRIC_COUNT, AT(records_active), 0},
    {"kafka_connect_sink_task_partition_count", "gauge", METRIC_SINK, METRIC_COUNT, AT(partition_count), 0},
    {"kafka_connect_sink_task_put_batch_avg_time_ms", "gauge", METRIC_SINK, METRIC_AVG_MS, AT(batch_time_us_sum), AT(batch_count)},
    {"kafka_connect_sink_task_put_batch_max_time_ms", "gauge", METRIC_SINK, METRIC_MAX_MS, AT(batch_time_us_max), 0},
    {"kafka_connect_sink_task_offset_commit_completion_total", "counter", METRIC_SINK, METRIC_COUNT, AT(commit_count), 0},
    {"kafka_connect_connector_task_batch_size_avg", "gauge", METRIC_BOTH, METRIC_AVG, AT(batch_size_sum), AT(batch_count)},
    {"kafka_connect_connector_task_batch_size_max", "gauge", METRIC_BOTH, METRIC_COUNT, AT(batch_size_max), 0},
    {"kafka_connect_connector_task_offset_commit_avg_time_ms", "gauge", METRIC_BOTH, METRIC_AVG_MS, AT(commit_time_us_sum), AT(commit_count)},
    {"kafka_connect_connector_task_offset_commit_max_time_ms", "gauge", METRIC_BOTH, METRIC_MAX_MS, AT(commit_time_us_max), 0},
    {"kafka_connect_connector_task_offset_commit_failure_percentage", "gauge", METRIC_BOTH, METRIC_SHARE, AT(commit_failures), AT(commit_count)},
    {"kafka_connect_connector_task_running_ratio", "gauge", METRIC_BOTH, METRIC_SHARE, AT(running_us), AT(paused_us)},
    {"kafka_connect_connector_task_pause_ratio", "gauge", METRIC_BOTH, METRIC_SHARE, AT(paused_us), AT(running_us)},
    {"kafka_connect_task_error_total_record_failures", "counter", METRIC_BOTH, METRIC_COUNT, AT(record_failures), 0},
    {"kafka_connect_task_error_total_record_errors", "counter", METRIC_BOTH, METRIC_COUNT, AT(record_errors), 0},
    {"kafka_connect_task_error_total_records_skipped", "counter", METRIC_BOTH, METRIC_COUNT, AT(records_skipped), 0},
    {"kafka_connect_task_error_total_retries", "counter", METRIC_BOTH, METRIC_COUNT, AT(retries), 0},
    {"kafka_connect_task_error_total_errors_logged", "counter", METRIC_BOTH, METRIC_COUNT, AT(errors_logged), 0},
    {"kafka_connect_task_error_deadletterqueue_produce_requests", "counter", METRIC_BOTH, METRIC_COUNT, AT(dead_letter_requests), 0},
    {"kafka_connect_task_error_deadletterqueue_produce_failures", "counter", METRIC_BOTH, METRIC_COUNT, AT(dead_letter_failures), 0},
    {"kafka_connect_task_error_last_error_timestamp", "gauge", METRIC_BOTH, METRIC_COUNT, AT(last_error_wall_ms), 0},
};

static int64_t
metric_read(const struct task_metrics *task, size_t offset)
{
    const _Atomic int64_t *counter = (const void *)((const char *)task + offset);
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static double
metric_value(const struct task_metrics *task, const struct metric_row *row)
{
    double a = (double)metric_read(task, row->a);
    double b = row->b ? (double)metric_read(task, row->b) : 0;
    switch (row->form) {
    case METRIC_COUNT:  return a;
    case METRIC_MAX_MS: return a / 1000;
    case METRIC_AVG_MS: return b > 0 ? a / b / 1000 : 0;
    case METRIC_AVG:    return b > 0 ? a / b : 0;
    case METRIC_SHARE:  return a + b > 0 ? a / (a + b) : 0;
    }
    return 0;
}

/* Prometheus label values escape backslash, quote and line end. */
static void
metric_label(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            strbuf_putc(out, '\\');
        if (*text == '\n')
            strbuf_puts(out, "\\n");
        else
            strbuf_putc(out, *text);
    }
}

static void
metric_line(struct strbuf *out, const char *name, const struct task_metrics *task, double value)
{
    strbuf_printf(out, "%s{connector=\"", name);
    metric_label(out, task->connector);
    strbuf_printf(out, "\",task=\"%d\"} %.15g\n", task->task, value);
}

/* A connector's own gauges: kafka_connect_jdbc_<name>. */
static void
metric_gauges(struct strbuf *out, const struct task_metrics *task)
{
    for (int i = 0; i < METRIC_GAUGES; i++) {
        const char *name = atomic_load(&task->gauges[i].name);
        if (!name)
            return;
        char full[128] = "kafka_connect_task_";
        size_t at = strlen(full);
        for (; *name && at < sizeof(full) - 1; name++)
            full[at++] = *name == '-' ? '_' : *name;
        full[at] = '\0';
        metric_line(out, full, task, atomic_load(&task->gauges[i].value));
    }
}

void
metrics_write(struct metrics *metrics, struct strbuf *out)
{
    pthread_mutex_lock(&metrics->lock);
    for (size_t r = 0; r < sizeof(metric_rows) / sizeof(metric_rows[0]); r++) {
        const struct metric_row *row = &metric_rows[r];
        bool has_head = false;
        for (const struct task_metrics *task = metrics->tasks; task; task = task->next) {
            if (!(row->scope & (task->is_source ? METRIC_SOURCE : METRIC_SINK)))
                continue;
            if (!has_head)
                strbuf_printf(out, "# TYPE %s %s\n", row->name, row->type);
            has_head = true;
            metric_line(out, row->name, task, metric_value(task, row));
        }
    }
    for (const struct task_metrics *task = metrics->tasks; task; task = task->next)
        metric_gauges(out, task);
    pthread_mutex_unlock(&metrics->lock);
}
