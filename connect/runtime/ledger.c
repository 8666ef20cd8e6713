/* A ring of records in flight; see the picture in the header. */
#include "connect/runtime/ledger.h"

#include "common/base/alloc.h"
#include "common/base/error.h"

#include <stdlib.h>
#include <string.h>

enum { LEDGER_FIRST_SIZE = 1024 };

static struct ledger_entry *
ledger_at(const struct ledger *ledger, uint64_t sequence)
{
    return &ledger->ring[sequence & (ledger->size - 1)];
}

void
ledger_fini(struct ledger *ledger)
{
    for (uint64_t s = ledger->first; s < ledger->next; s++)
        offset_state_unref(ledger_at(ledger, s)->offset.state);
    for (size_t i = 0; i < ledger->partition_count; i++)
        offset_state_unref(ledger->partitions[i].offset.state);
    free(ledger->ring);
    free(ledger->partitions);
    *ledger = LEDGER_INIT;
}

static void
ledger_grow(struct ledger *ledger)
{
    size_t size = ledger->size ? ledger->size * 2 : LEDGER_FIRST_SIZE;
    struct ledger_entry *ring = xmalloc(size * sizeof(*ring));
    for (uint64_t s = ledger->first; s < ledger->next; s++)
        ring[s & (size - 1)] = *ledger_at(ledger, s);
    free(ledger->ring);
    ledger->ring = ring;
    ledger->size = size;
}

uint64_t
ledger_add(struct ledger *ledger, const struct source_partition *partition, const struct source_offset *offset)
{
    if (ledger->next - ledger->first == ledger->size)
        ledger_grow(ledger);
    uint64_t sequence = ledger->next++;
    struct ledger_entry *entry = ledger_at(ledger, sequence);
    entry->partition = partition;
    entry->offset = *offset;
    entry->is_done = false;
    offset_state_ref(entry->offset.state);
    return sequence;
}

/* Tasks have few partitions and batches stay with one, so the last answer is nearly always right. */
static struct ledger_partition *
ledger_partition_of(struct ledger *ledger, const struct source_partition *partition)
{
    if (ledger->last < ledger->partition_count && ledger->partitions[ledger->last].partition == partition)
        return &ledger->partitions[ledger->last];
    for (size_t i = 0; i < ledger->partition_count; i++)
        if (ledger->partitions[i].partition == partition) {
            ledger->last = i;
            return &ledger->partitions[i];
        }
    ledger->partitions = xrealloc(ledger->partitions, (ledger->partition_count + 1) * sizeof(*ledger->partitions));
    ledger->last = ledger->partition_count++;
    ledger->partitions[ledger->last] = (struct ledger_partition){.partition = partition};
    return &ledger->partitions[ledger->last];
}

/* The prefix has reached this entry: its offset replaces the partition's, and its reference moves there. */
static void
ledger_settle(struct ledger *ledger, struct ledger_entry *entry)
{
    if (!entry->partition) {
        offset_state_unref(entry->offset.state);
        return;
    }
    struct ledger_partition *to = ledger_partition_of(ledger, entry->partition);
    offset_state_unref(to->offset.state);
    to->offset = entry->offset;
    to->has_offset = to->is_dirty = true;
}

void
ledger_done(struct ledger *ledger, uint64_t sequence)
{
    ensure(sequence >= ledger->first && sequence < ledger->next, "a record that is not in flight was acknowledged");
    ledger_at(ledger, sequence)->is_done = true;
    while (ledger->first < ledger->next && ledger_at(ledger, ledger->first)->is_done)
        ledger_settle(ledger, ledger_at(ledger, ledger->first++));
}

void
ledger_undo(struct ledger *ledger, uint64_t sequence)
{
    ensure(sequence + 1 == ledger->next, "only the newest record can be taken back");
    offset_state_unref(ledger_at(ledger, sequence)->offset.state);
    ledger->next--;
}

bool
ledger_is_dirty(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->partition_count; i++)
        if (ledger->partitions[i].is_dirty)
            return true;
    return false;
}

void
ledger_collect(struct ledger *ledger, struct offset_list *out)
{
    struct strbuf text = STRBUF_INIT;
    for (size_t i = 0; i < ledger->partition_count; i++) {
        struct ledger_partition *p = &ledger->partitions[i];
        if (!p->is_dirty)
            continue;
        strbuf_reset(&text);
        if (!p->offset.is_null)
            p->partition->write(p->partition, &p->offset, &text);
        offset_list_add(out, p->partition->key_json, p->offset.is_null ? NULL : text.data);
        p->is_dirty = false;
    }
    strbuf_fini(&text);
}

void
ledger_uncollect(struct ledger *ledger, const struct offset_list *offsets)
{
    for (size_t i = 0; i < ledger->partition_count; i++) {
        struct ledger_partition *p = &ledger->partitions[i];
        for (size_t k = 0; p->has_offset && k < offsets->count; k++) {
            const char *key = offsets->items[k].partition_json, *own = p->partition->key_json;
            if (key == own || (key && own && strcmp(key, own) == 0))
                p->is_dirty = true;
        }
    }
}
