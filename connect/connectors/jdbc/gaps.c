/* A sorted array of ranges; there are few of them, and most changes happen at the end. */
#include "connect/connectors/jdbc/gaps.h"

#include "common/base/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
gaps_fini(struct gaps *gaps)
{
    free(gaps->items);
    *gaps = GAPS_INIT;
}

void
gaps_set_horizon(struct gaps *gaps, int64_t last, int64_t now_ms)
{
    gaps->horizon = (struct gap){.first = 0, .last = last, .seen_ms = now_ms};
    gaps->has_horizon = last > gaps->settled;
}

static void
insert(struct gaps *gaps, size_t at, struct gap gap)
{
    if (gaps->count == gaps->size) {
        gaps->size = gaps->size ? gaps->size * 2 : 16;
        gaps->items = xrealloc(gaps->items, gaps->size * sizeof(*gaps->items));
    }
    memmove(gaps->items + at + 1, gaps->items + at, (gaps->count - at) * sizeof(*gaps->items));
    gaps->items[at] = gap;
    gaps->count++;
}

static void
erase(struct gaps *gaps, size_t at)
{
    gaps->count--;
    memmove(gaps->items + at, gaps->items + at + 1, (gaps->count - at) * sizeof(*gaps->items));
}

void
gaps_add(struct gaps *gaps, int64_t first, int64_t last, int64_t now_ms)
{
    int64_t before = gaps->count ? gaps->items[gaps->count - 1].last : gaps->settled; /* a query may go back in its ids */
    if (before < gaps->settled)
        before = gaps->settled;
    if (last <= before)
        return;
    if (first <= before)
        first = before + 1;
    if (first <= last)
        insert(gaps, gaps->count, (struct gap){.first = first, .last = last, .seen_ms = now_ms});
}

void
gaps_remove(struct gaps *gaps, int64_t id)
{
    size_t low = 0, high = gaps->count; /* the first range that ends at or behind id */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (gaps->items[middle].last < id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == gaps->count || gaps->items[low].first > id)
        return;
    struct gap *gap = &gaps->items[low];
    struct gap behind = *gap;
    behind.first = id + 1;
    if (gap->first == id && gap->last == id) {
        erase(gaps, low);
    } else if (gap->first == id) {
        gap->first++;
    } else if (gap->last == id) {
        gap->last--;
    } else {
        gap->last = id - 1;
        insert(gaps, low + 1, behind);
    }
}

/* ---- transactions -------------------------------------------------------------------------------------- */

static void
observe(struct gap *gap, const struct writers *writers)
{
    if (!gap->is_watched) {
        if (!writers->is_now && writers->asked_ms <= gap->seen_ms) /* somebody may have begun in between, and taken an id of it */
            return;
        if (writers->has_beginners && writers->asked_ms - gap->seen_ms < GAPS_GRACE_MS)
            return;
        gap->is_watched = true;
        gap->newest = writers->newest;
    }
    gap->is_over = writers->oldest == 0 || writers->oldest > gap->newest;
}

void
gaps_observe(struct gaps *gaps, const struct writers *writers)
{
    for (size_t i = 0; i < gaps->count; i++)
        observe(&gaps->items[i], writers);
    if (gaps->has_horizon)
        observe(&gaps->horizon, writers);
}

void
gaps_watch_anew(struct gaps *gaps)
{
    for (size_t i = 0; i < gaps->count; i++)
        gaps->items[i].is_watched = gaps->items[i].is_over = false;
    gaps->horizon.is_watched = gaps->horizon.is_over = false;
}

void
gaps_expire(struct gaps *gaps, int64_t now_ms, int64_t timeout_ms)
{
    for (size_t i = 0; i < gaps->count; i++)
        gaps->items[i].is_over = now_ms - gaps->items[i].seen_ms >= timeout_ms;
    gaps->horizon.is_over = now_ms - gaps->horizon.seen_ms >= timeout_ms;
}

void
gaps_settle(struct gaps *gaps)
{
    if (!gaps->has_horizon || !gaps->horizon.is_over)
        return;
    gaps->settled = gaps->horizon.last;
    gaps->has_horizon = false;
}

size_t
gaps_find_behind(const struct gaps *gaps, int64_t id)
{
    size_t i = 0;
    while (i < gaps->count && gaps->items[i].first <= id)
        i++;
    return i;
}

uint64_t
gaps_drop(struct gaps *gaps)
{
    uint64_t dropped = 0;
    size_t kept = 0;
    gaps_settle(gaps);
    for (size_t i = 0; i < gaps->count; i++) {
        struct gap *gap = &gaps->items[i];
        if (gap->is_over)
            dropped += (uint64_t)gap->last - (uint64_t)gap->first + 1;
        else
            gaps->items[kept++] = *gap;
    }
    gaps->count = kept;
    return dropped;
}

/* ---- offsets --------------------------------------------------------------------------------------------- */

struct gaps_state {
    struct offset_state base;
    size_t count;
    struct {
        int64_t first, last;
    } ranges[];
};

static void
state_free(struct offset_state *state)
{
    free(state);
}

static void
state_fill(struct gaps_state *state, const struct gaps *gaps)
{
    state->count = gaps->count;
    for (size_t i = 0; i < gaps->count; i++) {
        state->ranges[i].first = gaps->items[i].first;
        state->ranges[i].last = gaps->items[i].last;
    }
}

struct offset_state *
gaps_state(const struct gaps *gaps)
{
    if (gaps->count == 0)
        return NULL;
    struct gaps_state *state = xmalloc(sizeof(*state) + gaps->count * sizeof(*state->ranges));
    state->base = (struct offset_state){.refs = 1, .free = state_free};
    state_fill(state, gaps);
    return &state->base;
}

void
gaps_state_shrink(struct offset_state *base, const struct gaps *gaps)
{
    struct gaps_state *state = (struct gaps_state *)base;
    if (state && gaps->count <= state->count)
        state_fill(state, gaps);
}

bool
gaps_state_write(const struct offset_state *base, int64_t last, struct strbuf *out)
{
    const struct gaps_state *state = (const struct gaps_state *)base;
    size_t written = 0;
    for (size_t i = 0; state && i < state->count && state->ranges[i].first <= last; i++) {
        int64_t end = state->ranges[i].last < last ? state->ranges[i].last : last;
        strbuf_puts(out, written++ ? ",[" : "[[");
        strbuf_add_int(out, state->ranges[i].first);
        strbuf_putc(out, ',');
        strbuf_add_int(out, end);
        strbuf_putc(out, ']');
    }
    if (written)
        strbuf_putc(out, ']');
    return written > 0;
}
