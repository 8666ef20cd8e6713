/*
 * How the stores take in what stands in their topics: one record, of anybody. Whatever is in it, it is understood or passed
 * over with a line in the log. For the stores themselves and their tests; `arg` is the store.
 */
#ifndef CONNECT_STORAGE_STORE_PRIV_H
#define CONNECT_STORAGE_STORE_PRIV_H

#include "connect/storage/kafka_log.h"

void config_store_read(void *arg, const struct kafka_log_record *record);
void status_store_read(void *arg, const struct kafka_log_record *record);
void offset_store_read(void *arg, const struct kafka_log_record *record);

#endif
