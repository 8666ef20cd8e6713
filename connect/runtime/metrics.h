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

enum { METRIC_GAUGES = 8, METRIC_RATES = 4 };

/* What a task is made of: kafka_connect_<group>_<attribute>{connector,task[,<kind>=<alias>],<attribute>=<value>} 1. */
struct metric_fact {
    const char *group, *attribute, *value; /* literals, or of a plug-in: they outlive the task */
    const char *kind;                      /* "transform", "predicate"; NULL: no alias */
    char *alias;
};

/* The counters of all rates at one moment. */
struct metric_sample {
    int64_t at_ms, values[METRIC_RATES];
};

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
    _Atomic int64_t active_sum, active_samples, active_max;
    _Atomic int64_t commit_sequence, commit_skips;
    _Atomic int64_t lag_max; /* of a sink's partitions, in records; -1: not known */
    _Atomic int64_t transaction_count, transaction_size_sum, transaction_size_min, transaction_size_max;
    struct metric_sample samples[2]; /* the registry's lock: an older one, and one that will take its place */
    struct metric_fact *facts;       /* the registry's lock */
    size_t fact_count;
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
/* Any thread; the alias is copied. */
void metrics_task_fact(struct metrics *metrics, struct task_metrics *task, const struct metric_fact *fact);
/* Records in flight, now. Task thread. */
void metrics_active(struct task_metrics *task, int64_t count);
/* A transaction of so many records was committed. Task thread. */
void metrics_transaction(struct task_metrics *task, int64_t records);
/* A task has come to run, or has failed before that. Any thread. */
void metrics_task_started(struct metrics *metrics, bool ok);
/* A label's value: backslash, quote and line end escaped. */
void metrics_label(struct strbuf *out, const char *text);
/* Prometheus text (names of the Strimzi exporter rules) of all tasks; workers' own lines are the caller's. */
void metrics_write(struct metrics *metrics, struct strbuf *out);

#endif
