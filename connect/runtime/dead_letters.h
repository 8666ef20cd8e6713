/*
 * The dead letter queue of a sink connector (DeadLetterQueueReporter): the original bytes of a record that was
 * given up, with the reason in its headers. One a task, task thread only.
 */
#ifndef CONNECT_RUNTIME_DEAD_LETTERS_H
#define CONNECT_RUNTIME_DEAD_LETTERS_H

#include "connect/runtime/task_priv.h"

struct dead_letters;

/* Opens the queue that errors.deadletterqueue.* of the connector names, making its topic if it is missing (one
   partition). *out is NULL with true when no queue is configured. Blocks on Kafka. */
bool dead_letters_open(struct task *task, struct dead_letters **out, struct error *err) MUST_CHECK;
/* Send a record there; a failure is logged and counted, never more. The signature of struct tolerance's report. */
void dead_letters_report(void *letters, const struct failed_operation *failed);
/* Wait until what was sent has arrived, at most timeout_ms. Before offsets are committed. */
void dead_letters_flush(struct dead_letters *letters, int64_t timeout_ms); /* accepts NULL */
void dead_letters_close(struct dead_letters *letters);                     /* accepts NULL */

#endif
