/* A bounded set of connections; the one used last is used first, so that surplus ones stay idle. */
#include "common/db/pool.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

LOGGER("common.db.pool");

enum {
    RETRY_MS = 500,       /* between attempts to connect while the server is away */
    ASK_AFTER_MS = 30000, /* idle for so long: ask the server before use */
    STATEMENTS_MAX = 64,
};

struct lease_stmt {
    char *sql;
    struct db_stmt *stmt;
};

struct db_lease {
    struct db_lease *next;
    struct db_pool *pool;
    struct db *db; /* NULL: not connected */
    int64_t used_ms;
    struct lease_stmt stmts[STATEMENTS_MAX];
    unsigned stmt_count, stmt_oldest;
};

struct db_pool {
    struct db_params params;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t freed;
    struct db_lease *free, *leases;
    struct db_pool_stats stats;
    struct error away;    /* why the last attempt failed; code NONE: it did not */
    int64_t retry_ms;     /* no attempt before */
};

/* ---- the pool ---------------------------------------------------------------------------------------------- */

struct db_pool *
db_pool_new(const struct db_params *params, unsigned size)
{
    struct db_pool *pool = xcalloc(1, sizeof(*pool));
    pool->params = *params;
    pool->params.host = xstrdup(params->host);
    pool->params.user = xstrdup(params->user);
    pool->params.password = xstrdup(params->password);
    pool->params.database = xstrdup(params->database);
    pool->params.ssl_ca = xstrdup(params->ssl_ca);
    pool->params.ssl_cert = xstrdup(params->ssl_cert);
    pool->params.ssl_key = xstrdup(params->ssl_key);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pool->stats.size = size;
    pool->leases = xcalloc(size, sizeof(*pool->leases));
    for (unsigned i = size; i-- > 0;) {
        pool->leases[i].pool = pool;
        pool->leases[i].next = pool->free;
        pool->free = &pool->leases[i];
    }
    return pool;
}

static void
lease_disconnect(struct db_lease *lease)
{
    for (unsigned i = 0; i < lease->stmt_count; i++) {
        db_stmt_close(lease->stmts[i].stmt);
        free(lease->stmts[i].sql);
    }
    lease->stmt_count = lease->stmt_oldest = 0;
    db_close(lease->db);
    lease->db = NULL;
}

void
db_pool_free(struct db_pool *pool)
{
    if (!pool)
        return;
    ensure(pool->stats.leased == 0, "a connection is still in use");
    for (unsigned i = 0; i < pool->stats.size; i++)
        lease_disconnect(&pool->leases[i]);
    free(pool->leases);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->freed);
    if (pool->params.password)
        explicit_bzero((char *)pool->params.password, strlen(pool->params.password));
    const char *texts[] = {pool->params.host,   pool->params.user,     pool->params.password, pool->params.database,
                           pool->params.ssl_ca, pool->params.ssl_cert, pool->params.ssl_key};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free((char *)texts[i]);
    free(pool);
}

struct db_pool_stats
db_pool_stats(struct db_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct db_pool_stats stats = pool->stats;
    pthread_mutex_unlock(&pool->lock);
    return stats;
}

/* ---- taking ------------------------------------------------------------------------------------------------ */

static struct db_lease *
lease_wait(struct db_pool *pool, unsigned timeout_ms, struct error *err)
{
    struct timespec until = clock_deadline(timeout_ms);
    pthread_mutex_lock(&pool->lock);
    pool->stats.waiting++;
    int code = 0;
    while (!pool->free && code == 0)
        code = pthread_cond_timedwait(&pool->freed, &pool->lock, &until);
    pool->stats.waiting--;
    struct db_lease *lease = pool->free;
    if (lease) {
        pool->free = lease->next;
        pool->stats.leased++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!lease)
        error_set_retriable(err, ERROR_TIMEOUT, "all %u database connections are busy", pool->stats.size);
    return lease;
}

static void
lease_return(struct db_lease *lease)
{
    struct db_pool *pool = lease->pool;
    pthread_mutex_lock(&pool->lock);
    lease->next = pool->free;
    pool->free = lease;
    pool->stats.leased--;
    pthread_cond_signal(&pool->freed);
    pthread_mutex_unlock(&pool->lock);
}

static void
count_open(struct db_pool *pool, int more)
{
    pthread_mutex_lock(&pool->lock);
    pool->stats.open += (unsigned)more;
    pthread_mutex_unlock(&pool->lock);
}

/* While the server is away: one attempt at a time, and its error for everybody in between. */
static bool
may_connect(struct db_pool *pool, struct error *err)
{
    pthread_mutex_lock(&pool->lock);
    bool may = pool->away.code == ERROR_NONE || clock_now_ms() >= pool->retry_ms;
    if (may)
        pool->retry_ms = clock_now_ms() + RETRY_MS;
    else
        *err = pool->away;
    pthread_mutex_unlock(&pool->lock);
    return may;
}

/* A connection is new and nothing is asked on it yet: how far away is the server? */
static int64_t
measure_round_trip(struct db *db)
{
    struct error ignored;
    int64_t began_us = clock_now_us();
    return db_ping(db, &ignored) ? clock_now_us() - began_us : 0;
}

static void
note_round_trip(struct db_pool *pool, int64_t took_us)
{
    pthread_mutex_lock(&pool->lock);
    if (took_us > 0 && (pool->stats.round_trip_us == 0 || took_us < pool->stats.round_trip_us))
        pool->stats.round_trip_us = took_us;
    pthread_mutex_unlock(&pool->lock);
}

static void
note_attempt(struct db_pool *pool, const struct error *failure)
{
    pthread_mutex_lock(&pool->lock);
    bool was_away = pool->away.code != ERROR_NONE;
    pool->stats.connects += !failure;
    pool->stats.failures += failure != NULL;
    pool->stats.open += !failure;
    pool->away = failure ? *failure : ERROR_INIT;
    pool->retry_ms = clock_now_ms() + RETRY_MS;
    pthread_mutex_unlock(&pool->lock);
    if (failure && !was_away)
        log_warn("the database cannot be reached: %s", failure->message);
    else if (!failure && was_away)
        log_info("the database is back");
}

static bool
lease_connect(struct db_lease *lease, struct error *err)
{
    struct db_pool *pool = lease->pool;
    if (!may_connect(pool, err))
        return false;
    lease->db = db_connect(&pool->params, err);
    note_attempt(pool, lease->db ? NULL : err);
    if (lease->db)
        note_round_trip(pool, measure_round_trip(lease->db));
    return lease->db != NULL;
}

static bool
lease_is_fit(struct db_lease *lease)
{
    struct error err;
    if (!lease->db || !db_is_open(lease->db))
        return false;
    return clock_now_ms() - lease->used_ms < ASK_AFTER_MS || db_ping(lease->db, &err);
}

struct db_lease *
db_pool_take(struct db_pool *pool, unsigned timeout_ms, struct error *err)
{
    struct db_lease *lease = lease_wait(pool, timeout_ms, err);
    if (!lease || lease_is_fit(lease))
        return lease;
    if (lease->db) {
        lease_disconnect(lease);
        count_open(pool, -1);
    }
    if (lease_connect(lease, err))
        return lease;
    lease_return(lease);
    return NULL;
}

void
db_pool_give(struct db_lease *lease, const struct error *outcome)
{
    if (!lease)
        return;
    enum error_code code = outcome ? outcome->code : ERROR_NONE;
    if (code == ERROR_UNAVAILABLE || code == ERROR_UNCERTAIN || code == ERROR_TIMEOUT) {
        lease_disconnect(lease);
        count_open(lease->pool, -1);
    }
    lease->used_ms = clock_now_ms();
    lease_return(lease);
}

/* ---- using ------------------------------------------------------------------------------------------------- */

struct db *
db_lease_db(struct db_lease *lease)
{
    return lease->db;
}

struct db_stmt *
db_lease_stmt(struct db_lease *lease, const char *sql, struct error *err)
{
    for (unsigned i = 0; i < lease->stmt_count; i++)
        if (strcmp(lease->stmts[i].sql, sql) == 0)
            return lease->stmts[i].stmt;
    struct db_stmt *stmt = db_prepare(lease->db, sql, err);
    if (!stmt)
        return NULL;
    struct lease_stmt *place;
    if (lease->stmt_count < STATEMENTS_MAX) {
        place = &lease->stmts[lease->stmt_count++];
    } else {
        place = &lease->stmts[lease->stmt_oldest++ % STATEMENTS_MAX];
        db_stmt_close(place->stmt);
        free(place->sql);
    }
    *place = (struct lease_stmt){.sql = xstrdup(sql), .stmt = stmt};
    return stmt;
}
