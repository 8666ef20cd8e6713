/*
 * A bounded set of connections with their prepared statements, for programs with many short questions.
 *
 * A lease is one connection for one thread at a time. Before it is handed out it is looked at (has the server
 * closed it? has it been idle for long? then it is asked), and a connection that failed is replaced, so the
 * program lives through a restart of the server. While the server is away, only one attempt to connect is made
 * every half second, and everybody else gets the same error at once instead of waiting.
 */
#ifndef COMMON_DB_POOL_H
#define COMMON_DB_POOL_H

#include "common/db/db.h"

struct db_pool;
struct db_lease;

struct db_pool_stats {
    unsigned size, open, leased, waiting; /* bound, connections now, with a thread, threads that wait */
    uint64_t connects, failures;          /* so far */
    int64_t round_trip_us;                /* the fastest to the server and back; 0: none yet */
};

/* Connects to nothing yet. The parameters' strings are copied, init statements must live as long as the pool. */
struct db_pool *db_pool_new(const struct db_params *params, unsigned size);
/* All leases must be back. Accepts NULL. */
void db_pool_free(struct db_pool *pool);

/* Any thread. Waits up to timeout_ms for a free place, then connects if it has to. NULL on failure: ERROR_TIMEOUT
   (all busy) or what db_connect says. */
struct db_lease *db_pool_take(struct db_pool *pool, unsigned timeout_ms, struct error *err);
/* The outcome of the last thing done with it: NULL or ERROR_NONE keeps the connection, an error of the connection
   itself (unavailable, uncertain, a time-out) closes it. Give it back outside of any transaction. Accepts NULL. */
void db_pool_give(struct db_lease *lease, const struct error *outcome);

struct db *db_lease_db(struct db_lease *lease);
/* The statement of this text, prepared once per connection; NULL on failure. Texts must be of a bounded number:
   beyond 64 the oldest is closed. The text is copied. */
struct db_stmt *db_lease_stmt(struct db_lease *lease, const char *sql, struct error *err);

struct db_pool_stats db_pool_stats(struct db_pool *pool);

#endif
