/*
 * Records on their way between a connector and Kafka (SourceRecord, SinkRecord), in batches.
 *
 * Everything a record points to lives as long as its batch is not reset: bytes in the batch's arena or in
 * the Kafka messages that the batch came from, schemas held by the batch (record_batch_hold). A batch is
 * used by one thread, the task's.
 */
#ifndef CONNECT_DATA_RECORD_H
#define CONNECT_DATA_RECORD_H

#include "common/base/arena.h"
#include "common/base/strbuf.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

#include <stdint.h>

struct header {
    const char *name; /* NUL-terminated */
    const struct schema *schema;
    struct value value;
};

/* ---- source positions --------------------------------------------------------------------------------- */

/* What several offsets share and numbers cannot say (open gaps, a binlog file name): made by the
   connector, immutable, counted. Task thread only. */
struct offset_state {
    unsigned refs;
    void (*free)(struct offset_state *state);
};
static inline struct offset_state *
offset_state_ref(struct offset_state *state)
{
    if (state)
        state->refs++;
    return state;
}
static inline void
offset_state_unref(struct offset_state *state)
{
    if (state && --state->refs == 0)
        state->free(state);
}

/* Where a source would go on behind a record. Plain numbers, so that a record costs no allocation; what
   they mean is the connector's business, which writes them as JSON when offsets are flushed. */
struct source_offset {
    int64_t n[4];
    struct offset_state *state; /* or NULL; whoever stores a copy of the offset holds a reference */
    bool is_null;               /* the framework writes a tombstone (bulk mode) */
};

/* One partition of a source (a table, a server), as Connect means the word. Made and owned by the task;
   it must outlive every record that names it (free it in fini, not before). */
struct source_partition {
    const char *key_json;  /* {"protocol":"1","table":"db.T"}: the exact bytes of the offsets topic's key part; NULL: null */
    void *task;            /* for write */
    /* The offset as a compact JSON object. Task thread. */
    void (*write)(const struct source_partition *partition, const struct source_offset *offset, struct strbuf *out);
    void *runtime;         /* the framework's own, NULL at first */
};

/* ---- records ---------------------------------------------------------------------------------------- */

enum timestamp_type { TIMESTAMP_NONE, TIMESTAMP_CREATE, TIMESTAMP_LOG_APPEND };

struct record {
    const char *topic;        /* NUL-terminated; same pointer for same topic wherever possible */
    int32_t partition;        /* -1: by key, or the producer's choice */
    int64_t timestamp_ms;     /* -1: none */
    enum timestamp_type timestamp_type;
    const struct schema *key_schema, *value_schema; /* NULL: schemaless */
    struct value key, value;
    struct header *headers;
    size_t header_count;

    /* source */
    const struct source_partition *source_partition;
    struct source_offset source_offset;

    /* sink: where it stood in Kafka, before any transform */
    int64_t offset;
    const char *original_topic;
    int32_t original_partition;
    void *message;            /* the runtime's handle of the raw message, for dead letters */

    bool is_dropped;          /* by a transform or by tolerance, or the connector has but an offset to give; that counts */
};

struct record_batch {
    struct arena arena;
    struct record *records;   /* heap, kept over resets */
    size_t count, size;
    const struct schema **held;
    size_t held_count, held_size;
    bool is_last;             /* of a source: nothing more is there to be read for now, so what was read is to be sent at once */
};

#define RECORD_BATCH_INIT ((struct record_batch){0})

/* A new record at the end, with partition and timestamps set to "none" and all else zero. Earlier
   record pointers may become invalid. */
struct record *record_batch_add(struct record_batch *batch);
/* Keep a schema alive until the reset. Cheap for the one held last. Accepts NULL. */
void record_batch_hold(struct record_batch *batch, const struct schema *schema);
/* Empties it and lets go of all its memory but what the next batch will need. */
void record_batch_reset(struct record_batch *batch);
void record_batch_fini(struct record_batch *batch);

#endif
