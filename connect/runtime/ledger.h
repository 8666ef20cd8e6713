/*
 * Source records in flight, in send order, and how far the acknowledged prefix reaches: what a source offset
 * may be stored is decided here (Connect's SubmittedRecords).
 *
 *      acknowledged prefix        in flight
 *    |--------------------|------------------------|
 *    [ok][ok][ok][ok][ok]  [..][ok][..][ok][ok][..]  -> next sequence number
 *                       ^ its offset is committable
 *
 * One ring for all partitions of a task: an offset waits for every earlier record of the task, which is never
 * less than the guarantee needs. Task thread only; no allocation per record once the ring has grown.
 */
#ifndef CONNECT_RUNTIME_LEDGER_H
#define CONNECT_RUNTIME_LEDGER_H

#include "connect/data/record.h"
#include "connect/storage/offset_store.h"

struct ledger_entry {
    const struct source_partition *partition; /* NULL: nothing to commit for this record */
    struct source_offset offset;
    bool is_done;
};

/* The newest committable offset of one source partition. */
struct ledger_partition {
    const struct source_partition *partition;
    struct source_offset offset;
    bool has_offset, is_dirty;
};

struct ledger {
    struct ledger_entry *ring; /* size is a power of two */
    size_t size;
    uint64_t first, next;      /* sequence numbers: oldest in flight, next to give */
    struct ledger_partition *partitions;
    size_t partition_count, last;
};

#define LEDGER_INIT ((struct ledger){0})

void ledger_fini(struct ledger *ledger);
/* A record is about to be sent; returns its sequence number. */
uint64_t ledger_add(struct ledger *ledger, const struct source_partition *partition, const struct source_offset *offset);
/* Acknowledged, dropped or tolerated; in any order. */
void ledger_done(struct ledger *ledger, uint64_t sequence);
/* Take back the newest record, which could not be handed to the client. */
void ledger_undo(struct ledger *ledger, uint64_t sequence);
static inline size_t
ledger_in_flight(const struct ledger *ledger)
{
    return (size_t)(ledger->next - ledger->first);
}
/* Is there an offset that was not collected yet? */
bool ledger_is_dirty(const struct ledger *ledger);
/* Append the committable offsets that changed since the last collect, as JSON. */
void ledger_collect(struct ledger *ledger, struct offset_list *out);
/* The collected offsets could not be stored: collect them again. */
void ledger_uncollect(struct ledger *ledger, const struct offset_list *offsets);

#endif
