/*
 * Where the source stands, in Debezium's form: {"file":..,"pos":..,"gtids":..,"event":..,"row":..}. The same
 * members are the `position` of a record of the schema history. Task thread only.
 *
 *   file, pos, gtids   the start of the transaction being read, or the end of the last one; gtids is what was complete
 *                      before it
 *   event, row         events of that transaction that are done (BEGIN counts), and rows of the event behind them
 */
#ifndef CONNECT_CONNECTORS_BINLOG_OFFSET_H
#define CONNECT_CONNECTORS_BINLOG_OFFSET_H

#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "connect/data/record.h"

#include <stdbool.h>
#include <stdint.h>

enum cdc_offset_phase { CDC_OFFSET_STREAMING, CDC_OFFSET_INITIAL, CDC_OFFSET_BLOCKING };

struct cdc_offset {
    char *file;             /* NULL: there is no position */
    uint64_t pos;
    char *gtids;            /* NULL: the server has none */
    uint64_t event, row;    /* 0: not written */
    uint64_t server_id;     /* 0: not written */
    int64_t ts_sec;         /* negative: not written */
    enum cdc_offset_phase phase; /* a snapshot was still running, or not */
    char *extra;            /* further members as text (`"a":1,"b":"x"`): transaction and incremental snapshot; or NULL */
};

#define CDC_OFFSET_INIT ((struct cdc_offset){.ts_sec = -1})

void cdc_offset_fini(struct cdc_offset *offset); /* accepts a zeroed struct */
struct cdc_offset cdc_offset_dup(const struct cdc_offset *offset);
/* As a compact JSON object. */
void cdc_offset_write(const struct cdc_offset *offset, struct strbuf *out);
/* Read it back; numbers may be texts, members may be missing. False: no JSON object, or not of these kinds. */
bool cdc_offset_parse(const char *json, struct cdc_offset *out, struct error *err) MUST_CHECK;

/* ---- offsets of records ---------------------------------------------------------------------------------------- */

/* What the records of one transaction share; immutable, counted. A record adds how far it is (source_offset.n). */
struct cdc_place {
    struct offset_state base;
    struct cdc_offset offset;
    char *counted; /* table of the record's count, as in transaction metadata; NULL: none */
};

enum cdc_place_number { CDC_PLACE_EVENT, CDC_PLACE_ROW, CDC_PLACE_COUNT };

/* Takes what `offset` owns, and `counted` (heap or NULL). One reference for the caller. */
struct cdc_place *cdc_place_new(struct cdc_offset *offset, char *counted);
static inline void
cdc_place_unref(struct cdc_place *place)
{
    offset_state_unref(place ? &place->base : NULL);
}
static inline struct source_offset
cdc_place_offset(struct cdc_place *place, uint64_t event, uint64_t row, uint64_t count)
{
    return (struct source_offset){.n = {(int64_t)event, (int64_t)row, (int64_t)count}, .state = &place->base};
}
/* source_partition.write. */
void cdc_place_write(const struct source_partition *partition, const struct source_offset *offset, struct strbuf *out);

#endif
