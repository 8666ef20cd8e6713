/* Batches of records: the records' own array on the heap, all that they point to in the arena. */
#include "connect/data/record.h"

#include "common/base/alloc.h"

#include <stdlib.h>

enum {
    RECORDS_FIRST = 64,
    RECORDS_KEEP = 4096, /* room for records that a reset keeps without asking whether it was used */
    HELD_LOOK_BACK = 8,  /* schemas held last that are compared before one is held again */
};

struct record *
record_batch_add(struct record_batch *batch)
{
    if (batch->count == batch->size) {
        batch->size = batch->size ? batch->size * 2 : RECORDS_FIRST;
        batch->records = xrealloc(batch->records, batch->size * sizeof(*batch->records));
    }
    struct record *record = &batch->records[batch->count++];
    *record = (struct record){
        .partition = -1,
        .timestamp_ms = -1,
        .offset = -1,
        .original_partition = -1,
    };
    return record;
}

void
record_batch_hold(struct record_batch *batch, const struct schema *schema)
{
    if (!schema)
        return;
    for (size_t i = 0; i < HELD_LOOK_BACK && i < batch->held_count; i++)
        if (batch->held[batch->held_count - 1 - i] == schema)
            return;
    if (batch->held_count == batch->held_size) {
        batch->held_size = batch->held_size ? batch->held_size * 2 : HELD_LOOK_BACK;
        batch->held = xrealloc(batch->held, batch->held_size * sizeof(*batch->held));
    }
    batch->held[batch->held_count++] = schema_ref(schema);
}

void
record_batch_reset(struct record_batch *batch)
{
    for (size_t i = 0; i < batch->held_count; i++)
        schema_unref(batch->held[i]);
    batch->held_count = 0;
    if (batch->size > RECORDS_KEEP && batch->count < batch->size / 4) {
        batch->size /= 2;
        batch->records = xrealloc(batch->records, batch->size * sizeof(*batch->records));
    }
    batch->count = 0;
    batch->is_last = false;
    arena_reset(&batch->arena);
}

void
record_batch_fini(struct record_batch *batch)
{
    record_batch_reset(batch);
    arena_fini(&batch->arena);
    free(batch->records);
    free(batch->held);
    *batch = RECORD_BATCH_INIT;
}
