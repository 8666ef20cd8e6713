/* Reporting failed records, and deciding whether the task survives them. */
#include "connect/runtime/tolerance.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

LOGGER("org.apache.kafka.connect.runtime.errors.LogReporter");

static const char *const stage_names[] = {
    [STAGE_TASK_POLL] = "TASK_POLL",
    [STAGE_TASK_PUT] = "TASK_PUT",
    [STAGE_TRANSFORMATION] = "TRANSFORMATION",
    [STAGE_KEY_CONVERTER] = "KEY_CONVERTER",
    [STAGE_VALUE_CONVERTER] = "VALUE_CONVERTER",
    [STAGE_HEADER_CONVERTER] = "HEADER_CONVERTER",
    [STAGE_KAFKA_PRODUCE] = "KAFKA_PRODUCE",
    [STAGE_KAFKA_CONSUME] = "KAFKA_CONSUME",
};

const char *
stage_name(enum stage stage)
{
    return stage_names[stage];
}

static bool
tolerance_flag(const struct config *cfg, const char *key)
{
    return strcasecmp(config_get_or(cfg, key, "false"), "true") == 0;
}

void
tolerance_init(struct tolerance *tolerance, const char *connector, int task, bool is_source,
               const struct config *cfg, struct task_metrics *metrics)
{
    *tolerance = (struct tolerance){
        .connector = connector,
        .task = task,
        .is_source = is_source,
        .all = strcasecmp(config_get_or(cfg, "errors.tolerance", "none"), "all") == 0,
        .log_enable = tolerance_flag(cfg, "errors.log.enable"),
        .log_messages = tolerance_flag(cfg, "errors.log.include.messages"),
        .metrics = metrics,
    };
}

/* Never the payload: only where the record stands. */
static void
tolerance_log(const struct tolerance *tolerance, const struct failed_operation *failed)
{
    const struct record *record = failed->record;
    char where[512] = "";
    if (tolerance->log_messages && record && tolerance->is_source)
        snprintf(where, sizeof(where), ", where source record is {topic='%s'}", record->topic);
    else if (tolerance->log_messages && record)
        snprintf(where, sizeof(where),
                 ", where consumed record is {topic='%s', partition=%" PRId32 ", offset=%" PRId64
                 ", timestamp=%" PRId64 ", timestampType=%s}",
                 record->original_topic, record->original_partition, record->offset, record->timestamp_ms,
                 record->timestamp_type == TIMESTAMP_LOG_APPEND ? "LogAppendTime" : "CreateTime");
    log_error("Error encountered in task %s-%d. Executing stage '%s' with class '%s'%s. %s", tolerance->connector,
              tolerance->task, stage_name(failed->stage), failed->class_name, where, failed->error->message);
    atomic_fetch_add_explicit(&tolerance->metrics->errors_logged, 1, memory_order_relaxed);
}

/* Java runs these itself, and counts a record that it has to leave out as an error even if that is tolerated; of others (the
   producer's, those that a sink task reports) it hears afterwards, and counts what ends the task. */
static bool
is_operation(enum stage stage)
{
    return stage >= STAGE_TRANSFORMATION && stage <= STAGE_HEADER_CONVERTER;
}

bool
tolerance_failed(struct tolerance *tolerance, enum stage stage, const char *class_name,
                 const struct record *record, struct error *err)
{
    struct task_metrics *metrics = tolerance->metrics;
    struct failed_operation failed = {stage, class_name, record, err};
    atomic_fetch_add_explicit(&metrics->record_failures, 1, memory_order_relaxed);
    atomic_store_explicit(&metrics->last_error_wall_ms, clock_wall_ms(), memory_order_relaxed);
    if (tolerance->log_enable)
        tolerance_log(tolerance, &failed);
    if (tolerance->report)
        tolerance->report(tolerance->report_arg, &failed);
    if (tolerance->all && is_operation(stage))
        atomic_fetch_add_explicit(&metrics->records_skipped, 1, memory_order_relaxed);
    if (!tolerance->all || is_operation(stage))
        atomic_fetch_add_explicit(&metrics->record_errors, 1, memory_order_relaxed);
    return tolerance->all || error_cause(err, NULL, "Tolerance exceeded in error handler");
}
