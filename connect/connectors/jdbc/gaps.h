/*
 * Ids that were missing between rows read, and may still appear (docs/ARCHITECTURE.md, "Rows that commit out of order").
 *
 * InnoDB numbers the transactions that write in growing order. So whoever could still fill a gap is a transaction
 * that was open when the gap was first looked at, and all of those are gone once the oldest open transaction
 * is newer than the newest of that moment: one number a gap. A gap is given up one step later: it must be read
 * once more behind that observation.
 *
 * Gaps are ranges in order. One thread, no input or output.
 */
#ifndef CONNECT_CONNECTORS_JDBC_GAPS_H
#define CONNECT_CONNECTORS_JDBC_GAPS_H

#include "common/base/strbuf.h"
#include "connect/connectors/jdbc/writers.h"
#include "connect/data/record.h"

/* More are never collected: reading waits until some are closed. */
enum { GAPS_MAX = 10000 };
/* A statement may have taken an id before its transaction shows; this long it is given the benefit of the doubt. */
enum { GAPS_GRACE_MS = 1000 };

struct gap {
    int64_t first, last;
    int64_t seen_ms;
    uint64_t newest; /* number of the newest transaction that was open behind that; valid when is_watched */
    bool is_watched; /* transactions were looked at since it was seen */
    bool is_over;    /* nobody can fill it any more: read it once more, then drop it */
};

struct gaps {
    struct gap *items;
    size_t count, size;
    int64_t settled;     /* ids up to here need no tracking; -1 at first */
    struct gap horizon;  /* ids up to horizon.last existed at the start; becomes `settled` when it is over */
    bool has_horizon;
};

#define GAPS_INIT ((struct gaps){.settled = -1})

void gaps_fini(struct gaps *gaps);
/* All ids up to `last` had been given out at now_ms. */
void gaps_set_horizon(struct gaps *gaps, int64_t last, int64_t now_ms);
/* Ids `first` to `last` were missing. What is settled, or not behind all gaps so far, is left out. */
void gaps_add(struct gaps *gaps, int64_t first, int64_t last, int64_t now_ms);
/* The row has appeared. */
void gaps_remove(struct gaps *gaps, int64_t id);
static inline bool
gaps_is_full(const struct gaps *gaps)
{
    return gaps->count >= GAPS_MAX;
}
static inline bool
gaps_is_waiting(const struct gaps *gaps)
{
    return gaps->count > 0 || gaps->has_horizon;
}
/* Transactions were looked at: find what is over. */
void gaps_observe(struct gaps *gaps, const struct writers *writers);
/* The server may be another one from now on, with other numbers: nothing that was seen of transactions counts any more. */
void gaps_watch_anew(struct gaps *gaps);
/* Without sight of the transactions: what was seen timeout_ms ago is over. */
void gaps_expire(struct gaps *gaps, int64_t now_ms, int64_t timeout_ms);
/* The horizon alone: nothing was read yet, so no gap below it is known. */
void gaps_settle(struct gaps *gaps);
/* Number of the first gap that begins behind `id`; gaps->count: none does. */
size_t gaps_find_behind(const struct gaps *gaps, int64_t id);
/* All gaps were read once more since they were found to be over: forget those. How many ids were given up. */
uint64_t gaps_drop(struct gaps *gaps);

/* ---- in offsets --------------------------------------------------------------------------------------- */

/* The gaps as part of source offsets, or NULL when there are none. The caller owns one reference. */
struct offset_state *gaps_state(const struct gaps *gaps);
/* Gaps were given up since the state was made, and nothing else has changed: forget them in the state, too, so that an
   offset that waits to be stored need not name them. Accepts NULL. Task thread, as the writing. */
void gaps_state_shrink(struct offset_state *state, const struct gaps *gaps);
/* Ranges of a state up to id `last`, as a JSON array of pairs: [[3,4],[7,7]]. False: there are none, nothing is written. */
bool gaps_state_write(const struct offset_state *state, int64_t last, struct strbuf *out);

#endif
