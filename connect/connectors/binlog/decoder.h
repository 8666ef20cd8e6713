/*
 * From the bytes of a dump to events: checksums, positions, table maps, compressed transactions. No input or output of its
 * own; stream.c, the tests and the fuzz target feed it.
 *
 * One thread. Strings and rows of an event point into the bytes that were fed and into the decoder.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_DECODER_H
#define CONNECT_CONNECTORS_BINLOG_DECODER_H

#include "connect/connectors/binlog/event.h"

struct binlog_decoder;

enum binlog_decoder_result {
    BINLOG_DECODER_EVENT,
    BINLOG_DECODER_HUNGRY, /* everything fed is decoded */
    BINLOG_DECODER_FAILED, /* ERROR_DATA; the message names event, file and position. Every later call fails, too */
};

/* `file` and `pos` are where the dump was asked to start (the server says so itself at once, unless it cannot). */
struct binlog_decoder *binlog_decoder_new(const char *file, uint64_t pos);
void binlog_decoder_free(struct binlog_decoder *decoder); /* accepts NULL */

/* One event as the server sent it, and one writable byte behind its end. Only when hungry; the bytes stay unchanged (but by
   the decoder) until it is hungry again. */
void binlog_decoder_feed(struct binlog_decoder *decoder, uint8_t *event, size_t len);
/* The next event, valid until the next call. */
enum binlog_decoder_result binlog_decoder_next(struct binlog_decoder *decoder, const struct binlog_event **event_out,
                                               struct error *err);

#endif
