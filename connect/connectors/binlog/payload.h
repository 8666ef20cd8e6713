/*
 * What servers compress: whole transactions (MySQL, TRANSACTION_PAYLOAD: inflated as a stream, one event at a time) and
 * parts of single events (MariaDB). One thread.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_PAYLOAD_H
#define CONNECT_CONNECTORS_BINLOG_PAYLOAD_H

#include "common/base/arena.h"
#include "common/base/error.h"
#include "connect/connectors/binlog/bytes.h"

/* No event is larger: the server's limit for a packet. */
enum { PAYLOAD_EVENT_MAX = 1 << 30 };

struct payload;

struct payload *payload_new(void);
void payload_free(struct payload *payload); /* accepts NULL */
/* Begin with the body of a TRANSACTION_PAYLOAD event, which must stay until the last event is read. */
bool payload_start(struct payload *payload, struct bytes body, struct error *err) MUST_CHECK;

enum payload_result { PAYLOAD_EVENT, PAYLOAD_END, PAYLOAD_FAILED };

/* The next event, without checksum and with one writable byte behind it, valid until the next call. */
enum payload_result payload_next(struct payload *payload, uint8_t **event_out, size_t *len_out, struct error *err);

/* Inflate what MariaDB compressed (heap, one more byte behind the end). NULL (ERROR_DATA): broken. */
uint8_t *payload_unzip(struct bytes from, size_t *len_out, struct error *err);
/* The value of a column that MariaDB stores compressed; it lives in `arena`, or where it was if it is not compressed. False: broken. */
bool payload_unzip_value(struct bytes from, struct arena *arena, struct bytes *out) MUST_CHECK;

#endif
