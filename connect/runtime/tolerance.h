/*
 * What happens to a record that cannot be converted or transformed (RetryWithToleranceOperator): it is
 * reported, and then either skipped (errors.tolerance=all) or the end of the task. One a task, task thread only.
 */
#ifndef CONNECT_RUNTIME_TOLERANCE_H
#define CONNECT_RUNTIME_TOLERANCE_H

#include "common/base/error.h"
#include "common/config/config.h"
#include "connect/data/record.h"
#include "connect/runtime/metrics.h"

enum stage {
    STAGE_TASK_POLL, STAGE_TASK_PUT, STAGE_TRANSFORMATION, STAGE_KEY_CONVERTER, STAGE_VALUE_CONVERTER,
    STAGE_HEADER_CONVERTER, STAGE_KAFKA_PRODUCE, STAGE_KAFKA_CONSUME,
};
const char *stage_name(enum stage stage); /* "VALUE_CONVERTER" */

/* One failed operation, as reporters see it. */
struct failed_operation {
    enum stage stage;
    const char *class_name;       /* of the converter, transform or task */
    const struct record *record;
    const struct error *error;
};

struct tolerance {
    const char *connector;
    int task;
    bool is_source;
    bool all;                     /* errors.tolerance=all */
    bool log_enable, log_messages;
    struct task_metrics *metrics;
    /* Further reporter (dead letter queue), or NULL. */
    void (*report)(void *arg, const struct failed_operation *failed);
    void *report_arg;
};

/* Reads errors.* of the connector. The strings stay the caller's. */
void tolerance_init(struct tolerance *tolerance, const char *connector, int task, bool is_source,
                    const struct config *cfg, struct task_metrics *metrics);
/* Report the failure in *err. True: it is tolerated, skip the record. False: *err has become
   "Tolerance exceeded in error handler" with the failure as its cause. Reported in both cases, as Java does. */
bool tolerance_failed(struct tolerance *tolerance, enum stage stage, const char *class_name,
                      const struct record *record, struct error *err) MUST_CHECK;

#endif
