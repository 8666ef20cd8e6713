/*
 * Counters of one task under the names of Connect's metrics. Written by the task's thread with relaxed
 * atomics, read by whoever serves /metrics. The registry keeps the list; a task adds itself at start.
 */
#ifndef CONNECT_RUNTIME_METRICS_H
#define CONNECT_RUNTIME_METRICS_H

#include "common/base/strbuf.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { METRIC_GAUGES = 8 };

struct task_metrics {
    struct task_metrics *next; /* registry */
    char *connector;
    int task;
    bool is_source;
    _Atomic int64_t records_in;      /* polled, or read from Kafka */
    _Atomic int64_t records_out;     /* written to Kafka, or sent to put */
    _Atomic int64_t records_active;  /* in flight */
    _Atomic int64_t batch_count, batch_time_us_sum, batch_time_us_max, batch_size_sum, batch_size_max;
    _Atomic int64_t commit_count, commit_failures, commit_time_us_sum, commit_time_us_max;
    _Atomic int64_t record_failures, record_errors, records_skipped, retries, errors_logged;
    _Atomic int64_t dead_letter_requests, dead_letter_failures, last_error_wall_ms;
    _Atomic int64_t partition_count, running_us, paused_us;
    struct {
        _Atomic(const char *) name; /* literal; NULL ends the list */
        _Atomic double value;
    } gauges[METRIC_GAUGES];
};

struct metrics;
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);
/* Heap, owned by the registry until removed. Any thread. */
struct task_metrics *metrics_task_add(struct metrics *metrics, const char *connector, int task, bool is_source);
void metrics_task_remove(struct metrics *metrics, struct task_metrics *task);
/* Prometheus text (names of the Strimzi exporter rules) of all tasks; workers' own lines are the caller's. */
void metrics_write(struct metrics *metrics, struct strbuf *out);

#endif
