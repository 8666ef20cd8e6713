/*
 * What the records of the config topic add up to, by the rules of KafkaConfigBackingStore (see config_store.h). It knows
 * records, not where they come from. For config_store.c.
 */
#ifndef CONNECT_STORAGE_CONFIG_STATE_H
#define CONNECT_STORAGE_CONFIG_STATE_H

#include "connect/storage/config_store.h"

struct config_state;

/* The listener, or NULL, is told of what comes behind config_state_started. */
struct config_state *config_state_new(config_listener_fn *listener, void *arg);
void config_state_free(struct config_state *state); /* accepts NULL */

/* Apply one record, of anybody: it is understood, or passed over with a line in the log. One thread at a time, on which the
   listener is called. */
void config_state_read(struct config_state *state, const struct kafka_log_record *record);
/* Everything that was there before has been read. Any thread. */
void config_state_started(struct config_state *state);
/* Behind the last record. Any thread. */
int64_t config_state_offset(struct config_state *state);

/* As config_store_snapshot and config_store_session_key. Any thread. */
const struct config_snapshot *config_state_snapshot(struct config_state *state);
bool config_state_session_key(struct config_state *state, struct session_key *out);

#endif
