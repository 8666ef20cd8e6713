/*
 * A topic with one partition that somebody keeps records in, one behind the other: looked for, made, read from its
 * beginning to its end, appended to with acknowledgement. Connectors that keep a topic of their own use this.
 *
 * One thread at a time, but for topic_log_give_up.
 */
#ifndef COMMON_KAFKA_TOPIC_LOG_H
#define COMMON_KAFKA_TOPIC_LOG_H

#include "common/base/error.h"
#include "common/config/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct topic_log;

/* Settings under Java's names, bootstrap.servers among them; copied into the clients, which are made when they are
   needed. NULL: ERROR_CONFIG, a setting is wrong. Kafka is not asked yet. */
struct topic_log *topic_log_new(const char *topic, const struct config *consumer, const struct config *producer, struct error *err);
void topic_log_free(struct topic_log *log); /* accepts NULL; appended records get up to 5 s */
/* Any thread, returns at once: whatever waits for Kafka now or later ends with ERROR_TIMEOUT. */
void topic_log_give_up(struct topic_log *log);

/* Is it there, and has it records? Blocks up to timeout_ms. */
bool topic_log_look(struct topic_log *log, bool *exists_out, bool *records_out, int timeout_ms, struct error *err) MUST_CHECK;
/* Make it with one partition, the broker's number of replicas, and these settings; one that is there is fine. */
bool topic_log_make(struct topic_log *log, const struct config *settings, int timeout_ms, struct error *err) MUST_CHECK;

/* A record; false ends the reading with that error. */
typedef bool topic_log_read_fn(void *arg, const char *value, size_t len, int64_t offset, struct error *err);
/* All records there are now, in order; those without value are left out. Gives up with ERROR_TIMEOUT when none came for
   idle_ms although the end is not reached. */
bool topic_log_read(struct topic_log *log, topic_log_read_fn *read, void *arg, int64_t idle_ms, struct error *err) MUST_CHECK;

/* Append a record without key; returns at once, unless the queue is full. */
bool topic_log_append(struct topic_log *log, const char *value, size_t len, struct error *err) MUST_CHECK;
/* Wait until all that was appended is acknowledged, up to timeout_ms. False: some of it may be missing. */
bool topic_log_flush(struct topic_log *log, int64_t timeout_ms, struct error *err) MUST_CHECK;

#endif
