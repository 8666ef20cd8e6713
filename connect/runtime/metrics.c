/* The registry of task counters, and their Prometheus form. */
#include "connect/runtime/metrics.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct metrics {
    pthread_mutex_t lock; /* guards the list, not the counters */
    struct task_metrics *tasks;
    int64_t started_wall_ms;
    _Atomic int64_t task_starts, task_start_failures;
};

struct metrics *
metrics_new(void)
{
    struct metrics *metrics = xcalloc(1, sizeof(*metrics));
    metrics->started_wall_ms = clock_wall_ms();
    pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

static void
metrics_task_free(struct task_metrics *task)
{
    for (size_t i = 0; i < task->fact_count; i++)
        free(task->facts[i].alias);
    free(task->facts);
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
    new->lag_max = -1;
    new->samples[0].at_ms = new->samples[1].at_ms = clock_now_ms();
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

void
metrics_task_fact(struct metrics *metrics, struct task_metrics *task, const struct metric_fact *fact)
{
    pthread_mutex_lock(&metrics->lock);
    task->facts = xrealloc(task->facts, (task->fact_count + 1) * sizeof(*task->facts));
    task->facts[task->fact_count] = *fact;
    task->facts[task->fact_count++].alias = xstrdup(fact->alias);
    pthread_mutex_unlock(&metrics->lock);
}

static void
add(_Atomic int64_t *counter, int64_t more)
{
    atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

void
metrics_active(struct task_metrics *task, int64_t count)
{
    atomic_store_explicit(&task->records_active, count, memory_order_relaxed);
    add(&task->active_sum, count);
    add(&task->active_samples, 1);
    if (count > atomic_load_explicit(&task->active_max, memory_order_relaxed))
        atomic_store_explicit(&task->active_max, count, memory_order_relaxed);
}

void
metrics_transaction(struct task_metrics *task, int64_t records)
{
    bool is_first = atomic_load_explicit(&task->transaction_count, memory_order_relaxed) == 0;
    if (is_first || records < atomic_load_explicit(&task->transaction_size_min, memory_order_relaxed))
        atomic_store_explicit(&task->transaction_size_min, records, memory_order_relaxed);
    if (records > atomic_load_explicit(&task->transaction_size_max, memory_order_relaxed))
        atomic_store_explicit(&task->transaction_size_max, records, memory_order_relaxed);
    add(&task->transaction_size_sum, records);
    add(&task->transaction_count, 1);
}

void
metrics_task_started(struct metrics *metrics, bool ok)
{
    add(&metrics->task_starts, 1);
    add(&metrics->task_start_failures, !ok);
}

enum metric_scope { METRIC_SOURCE = 1, METRIC_SINK = 2, METRIC_BOTH = 3 };

/* How a figure is made of the counters. */
enum metric_form { METRIC_COUNT, METRIC_SHARE, METRIC_AVG_MS, METRIC_MAX_MS, METRIC_AVG, METRIC_RATE };

struct metric_row {
    const char *name;
    const char *type;
    enum metric_scope scope;
    enum metric_form form;
    size_t a, b; /* offsets of the counters; RATE: b is its place among the samples */
};

#define AT(field) offsetof(struct task_metrics, field)

enum { RATE_IN, RATE_OUT, RATE_COMMIT, RATE_SKIP };
static const size_t rate_counters[METRIC_RATES] = {AT(records_in), AT(records_out), AT(commit_count), AT(commit_skips)};

/* Names as the usual JMX exporter rules make them of kafka.connect:type=...-task-metrics. */
static const struct metric_row metric_rows[] = {
    {"kafka_connect_source_task_source_record_poll_total", "counter", METRIC_SOURCE, METRIC_COUNT, AT(records_in), 0},
    {"kafka_connect_source_task_source_record_write_total", "counter", METRIC_SOURCE, METRIC_COUNT, AT(records_out), 0},
    {"kafka_connect_source_task_source_record_active_count", "gauge", METRIC_SOURCE, METRIC_COUNT, AT(records_active), 0},
    {"kafka_connect_source_task_source_record_poll_rate", "gauge", METRIC_SOURCE, METRIC_RATE, AT(records_in), RATE_IN},
    {"kafka_connect_source_task_source_record_write_rate", "gauge", METRIC_SOURCE, METRIC_RATE, AT(records_out), RATE_OUT},
    {"kafka_connect_source_task_source_record_active_count_max", "gauge", METRIC_SOURCE, METRIC_COUNT, AT(active_max), 0},
    {"kafka_connect_source_task_source_record_active_count_avg", "gauge", METRIC_SOURCE, METRIC_AVG, AT(active_sum), AT(active_samples)},
    {"kafka_connect_source_task_transaction_size_min", "gauge", METRIC_SOURCE, METRIC_COUNT, AT(transaction_size_min), 0},
    {"kafka_connect_source_task_transaction_size_max", "gauge", METRIC_SOURCE, METRIC_COUNT, AT(transaction_size_max), 0},
    {"kafka_connect_source_task_transaction_size_avg", "gauge", METRIC_SOURCE, METRIC_AVG, AT(transaction_size_sum), AT(transaction_count)},
    {"kafka_connect_source_task_poll_batch_avg_time_ms", "gauge", METRIC_SOURCE, METRIC_AVG_MS, AT(batch_time_us_sum), AT(batch_count)},
    {"kafka_connect_source_task_poll_batch_max_time_ms", "gauge", METRIC_SOURCE, METRIC_MAX_MS, AT(batch_time_us_max), 0},
    {"kafka_connect_sink_task_sink_record_read_total", "counter", METRIC_SINK, METRIC_COUNT, AT(records_in), 0},
    {"kafka_connect_sink_task_sink_record_send_total", "counter", METRIC_SINK, METRIC_COUNT, AT(records_out), 0},
    {"kafka_connect_sink_task_sink_record_active_count", "gauge", METRIC_SINK, METRIC_COUNT, AT(records_active), 0},
    {"kafka_connect_sink_task_sink_record_read_rate", "gauge", METRIC_SINK, METRIC_RATE, AT(records_in), RATE_IN},
    {"kafka_connect_sink_task_sink_record_send_rate", "gauge", METRIC_SINK, METRIC_RATE, AT(records_out), RATE_OUT},
    {"kafka_connect_sink_task_sink_record_active_count_max", "gauge", METRIC_SINK, METRIC_COUNT, AT(active_max), 0},
    {"kafka_connect_sink_task_sink_record_active_count_avg", "gauge", METRIC_SINK, METRIC_AVG, AT(active_sum), AT(active_samples)},
    {"kafka_connect_sink_task_offset_commit_seq_no", "gauge", METRIC_SINK, METRIC_COUNT, AT(commit_sequence), 0},
    {"kafka_connect_sink_task_offset_commit_completion_rate", "gauge", METRIC_SINK, METRIC_RATE, AT(commit_count), RATE_COMMIT},
    {"kafka_connect_sink_task_offset_commit_skip_rate", "gauge", METRIC_SINK, METRIC_RATE, AT(commit_skips), RATE_SKIP},
    {"kafka_connect_sink_task_offset_commit_skip_total", "counter", METRIC_SINK, METRIC_COUNT, AT(commit_skips), 0},
    {"kafka_connect_sink_task_partition_count", "gauge", METRIC_SINK, METRIC_COUNT, AT(partition_count), 0},
    {"kafka_connect_sink_task_put_batch_avg_time_ms", "gauge", METRIC_SINK, METRIC_AVG_MS, AT(batch_time_us_sum), AT(batch_count)},
    {"kafka_connect_sink_task_put_batch_max_time_ms", "gauge", METRIC_SINK, METRIC_MAX_MS, AT(batch_time_us_max), 0},
    {"kafka_connect_sink_task_offset_commit_completion_total", "counter", METRIC_SINK, METRIC_COUNT, AT(commit_count), 0},
    {"kafka_connect_connector_task_batch_size_avg", "gauge", METRIC_BOTH, METRIC_AVG, AT(batch_size_sum), AT(batch_count)},
    {"kafka_connect_connector_task_batch_size_max", "gauge", METRIC_BOTH, METRIC_COUNT, AT(batch_size_max), 0},
    {"kafka_connect_connector_task_offset_commit_avg_time_ms", "gauge", METRIC_BOTH, METRIC_AVG_MS, AT(commit_time_us_sum), AT(commit_count)},
    {"kafka_connect_connector_task_offset_commit_max_time_ms", "gauge", METRIC_BOTH, METRIC_MAX_MS, AT(commit_time_us_max), 0},
    {"kafka_connect_connector_task_offset_commit_failure_percentage", "gauge", METRIC_BOTH, METRIC_SHARE, AT(commit_failures), AT(commit_count)},
    {"kafka_connect_connector_task_offset_commit_success_percentage", "gauge", METRIC_BOTH, METRIC_SHARE, AT(commit_count), AT(commit_failures)},
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

enum { RATE_WINDOW_MS = 30000 };

/* Java's rates are of the last 30 to 60 seconds. So are these, if they are asked for now and then; else since the last time. */
static void
take_samples(struct task_metrics *task, int64_t now_ms)
{
    if (now_ms - task->samples[1].at_ms < RATE_WINDOW_MS)
        return;
    task->samples[0] = task->samples[1];
    task->samples[1].at_ms = now_ms;
    for (size_t i = 0; i < METRIC_RATES; i++)
        task->samples[1].values[i] = metric_read(task, rate_counters[i]);
}

static double
rate(const struct task_metrics *task, double count, size_t which)
{
    const struct metric_sample *since = &task->samples[0];
    int64_t passed_ms = clock_now_ms() - since->at_ms;
    return passed_ms > 0 ? (count - (double)since->values[which]) * 1000 / (double)passed_ms : 0;
}

static double
metric_value(const struct task_metrics *task, const struct metric_row *row)
{
    double a = (double)metric_read(task, row->a);
    double b = row->b && row->form != METRIC_RATE ? (double)metric_read(task, row->b) : 0;
    switch (row->form) {
    case METRIC_COUNT:  return a;
    case METRIC_MAX_MS: return a / 1000;
    case METRIC_AVG_MS: return b > 0 ? a / b / 1000 : 0;
    case METRIC_AVG:    return b > 0 ? a / b : 0;
    case METRIC_SHARE:  return a + b > 0 ? a / (a + b) : 0;
    case METRIC_RATE:   return rate(task, a, row->b);
    }
    return 0;
}

void
metrics_label(struct strbuf *out, const char *text)
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
    metrics_label(out, task->connector);
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

static void
name_of_attribute(struct strbuf *out, const char *attribute)
{
    for (; *attribute; attribute++)
        strbuf_putc(out, *attribute == '-' ? '_' : *attribute);
}

static void
metric_facts(struct strbuf *out, const struct task_metrics *task)
{
    for (size_t i = 0; i < task->fact_count; i++) {
        const struct metric_fact *fact = &task->facts[i];
        strbuf_printf(out, "kafka_connect_%s_", fact->group);
        name_of_attribute(out, fact->attribute);
        strbuf_puts(out, "{connector=\"");
        metrics_label(out, task->connector);
        strbuf_printf(out, "\",task=\"%d\",", task->task);
        if (fact->kind) {
            strbuf_printf(out, "%s=\"", fact->kind);
            metrics_label(out, fact->alias);
            strbuf_puts(out, "\",");
        }
        name_of_attribute(out, fact->attribute);
        strbuf_puts(out, "=\"");
        metrics_label(out, fact->value);
        strbuf_puts(out, "\"} 1\n");
    }
}

/* Kafka's consumer has it, and dashboards look at it. */
static void
metric_lag(struct strbuf *out, const struct task_metrics *task)
{
    if (task->is_source || task->lag_max < 0)
        return;
    strbuf_puts(out, "kafka_consumer_fetch_manager_records_lag_max{clientId=\"connector-consumer-");
    metrics_label(out, task->connector);
    strbuf_printf(out, "-%d\"} %" PRId64 "\n", task->task, (int64_t)task->lag_max);
}

static void
write_starts(const struct metrics *metrics, struct strbuf *out)
{
    int64_t starts = metrics->task_starts, failures = metrics->task_start_failures;
    const struct {
        const char *name;
        double value;
    } rows[] = {{"attempts_total", (double)starts},
                {"success_total", (double)(starts - failures)},
                {"failure_total", (double)failures},
                {"success_percentage", starts ? (double)(starts - failures) / (double)starts : 0},
                {"failure_percentage", starts ? (double)failures / (double)starts : 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        strbuf_printf(out, "# TYPE kafka_connect_worker_task_startup_%s gauge\nkafka_connect_worker_task_startup_%s %.15g\n",
                      rows[i].name, rows[i].name, rows[i].value);
}

void
metrics_write(struct metrics *metrics, struct strbuf *out)
{
    pthread_mutex_lock(&metrics->lock);
    for (struct task_metrics *task = metrics->tasks; task; task = task->next)
        take_samples(task, clock_now_ms());
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
    for (const struct task_metrics *task = metrics->tasks; task; task = task->next) {
        metric_gauges(out, task);
        metric_facts(out, task);
        metric_lag(out, task);
    }
    write_starts(metrics, out);
    strbuf_printf(out, "# TYPE kafka_connect_app_info_start_time_ms gauge\nkafka_connect_app_info_start_time_ms %" PRId64 "\n",
                  metrics->started_wall_ms);
    pthread_mutex_unlock(&metrics->lock);
}
