/*
 * The topic with the history of the source's structure, in Debezium's form, so that either can go on from what the
 * other wrote (KafkaSchemaHistory): one JSON document a statement, key null, one partition, kept for ever.
 *
 * Used by the task's thread, but for cdc_history_close.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_HISTORY_H
#define CONNECT_CONNECTORS_BINLOG_HISTORY_H

#include "common/base/error.h"
#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/ddl.h"
#include "connect/connectors/binlog/table.h"

#include <stdint.h>

struct cdc_history;

/* Check the settings and make the client; nothing is asked of Kafka yet. NULL: ERROR_CONFIG (topic or servers are
   missing: the task fails, as in Debezium). */
struct cdc_history *cdc_history_new(const struct cdc_config *config, struct error *err);
/* Any thread: whatever waits for Kafka gives up (ERROR_TIMEOUT). */
void cdc_history_close(struct cdc_history *history);
void cdc_history_free(struct cdc_history *history); /* accepts NULL */

/* Is there a topic, and does it have records? Blocks up to kafka.query.timeout.ms. */
bool cdc_history_exists(struct cdc_history *history, bool *topic_out, bool *records_out, struct error *err) MUST_CHECK;
/* Make the topic if it is missing: one partition, no deletion by time or size. Blocks up to kafka.create.timeout.ms. */
bool cdc_history_create(struct cdc_history *history, struct error *err) MUST_CHECK;

struct cdc_recovered {
    size_t count;  /* records that were applied */
    bool is_whole; /* false: a rebuilding has begun that has not ended, so tables may be missing */
};
/* Apply all records of this server at or before the position (an offset as JSON text) to `tables`. Blocks until the topic is read
   to its end. */
bool cdc_history_recover(struct cdc_history *history, const char *position_json, struct cdc_tables *tables,
                         struct cdc_recovered *out, struct error *err) MUST_CHECK;

/* Between these two the structure is written anew beside a position that stays, so that nothing but the history tells whether all
   of it is there. Records of another source for whoever does not know them. Return at once, and the end goes behind what was
   appended before. */
bool cdc_history_begin_rebuild(struct cdc_history *history, const char *position_json, int64_t ts_ms, struct error *err) MUST_CHECK;
bool cdc_history_end_rebuild(struct cdc_history *history, const char *position_json, int64_t ts_ms, struct error *err) MUST_CHECK;

/* Append one change; position_json is the offset it belongs to, as JSON text. Returns at once. */
bool cdc_history_append(struct cdc_history *history, const struct cdc_change *change, const char *position_json, int64_t ts_ms,
                        struct error *err) MUST_CHECK;
/* Wait until Kafka has everything that was appended. Before records that depend on the structure are given out. */
bool cdc_history_flush(struct cdc_history *history, struct error *err) MUST_CHECK;

#endif
