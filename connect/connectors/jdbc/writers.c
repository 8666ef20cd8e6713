/*
 * INNODB_TRX is served from a copy that is made anew only when it was not read for 0.1 s, so an answer may be older
 * than the question. To know, we look from within a transaction of our own: it shows with the text of its
 * statement, and only a fresh copy shows the text with the serial number of this very look.
 */
#include "connect/connectors/jdbc/writers.h"

#include "connect/connectors/jdbc/temporal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Transactions that only read show with numbers from here on. */
#define READ_ONLY_FROM (UINT64_C(1) << 47)

enum { DENIED = 1227 };

static bool
run(struct db *db, const char *sql, struct error *err)
{
    return db_exec(db, sql, strlen(sql), NULL, err);
}

struct look {
    struct db *db;
    char marker[32];
    struct writers writers;
    bool is_fresh;
    bool is_replica;
    int64_t own_start, oldest_start; /* by the server's clock in the zone of its machine; 0: unknown */
};

static int64_t
start_of(const char *text)
{
    struct temporal at;
    return text && temporal_parse(text, strlen(text), &at) ? temporal_seconds(&at, true) : 0;
}

static void
take_transaction(void *arg, const char *const *row)
{
    struct look *look = arg;
    uint64_t id = row[0] ? strtoull(row[0], NULL, 10) : 0;
    if (row[1] && strtoull(row[1], NULL, 10) == db_connection_id(look->db)) {
        look->is_fresh = row[2] && strstr(row[2], look->marker) != NULL;
        look->own_start = start_of(row[3]);
        return;
    }
    if (id == 0 || id >= READ_ONLY_FROM)
        return;
    struct writers *writers = &look->writers;
    if (writers->oldest == 0 || id < writers->oldest)
        writers->oldest = id;
    if (id > writers->newest)
        writers->newest = id;
    int64_t start = start_of(row[3]);
    if (start && (look->oldest_start == 0 || start < look->oldest_start))
        look->oldest_start = start;
}

/* A row of the process list: a statement that may write; its transaction shows or will show. A thread that applies
   changes of another server says that transactions are open there, too, and nobody here can see those. */
static void
take_statement(void *arg, const char *const *row)
{
    struct look *look = arg;
    if (row[1] && strcmp(row[1], "1") == 0) {
        look->is_replica = true;
        return;
    }
    look->writers.has_beginners = true;
    int64_t age = row[0] ? strtoll(row[0], NULL, 10) : 0;
    if (age + 1 > look->writers.oldest_age_s)
        look->writers.oldest_age_s = age + 1;
}

static bool
look_at_statements(struct look *look, struct error *err)
{
    char sql[512];
    snprintf(sql, sizeof(sql),
             "SELECT TIME,USER='system user' FROM information_schema.PROCESSLIST WHERE ID<>%" PRIu64
             " AND (USER='system user' AND COMMAND<>'Daemon' OR COMMAND IN ('Query','Execute') AND USER<>'event_scheduler'"
             " AND (INFO IS NULL OR INFO NOT LIKE 'SELECT%%'))",
             db_connection_id(look->db));
    return db_each_row(look->db, sql, take_statement, look, err);
}

static bool
look_at_transactions(struct look *look, struct error *err)
{
    char sql[256];
    snprintf(sql, sizeof(sql),
             "SELECT trx_id,trx_mysql_thread_id,trx_query,trx_started,'%s' FROM information_schema.INNODB_TRX", look->marker);
    if (!db_each_row(look->db, sql, take_transaction, look, err))
        return false;
    int64_t age = look->own_start - look->oldest_start; /* our transaction has just begun: its start is now */
    if (look->oldest_start && age + 1 > look->writers.oldest_age_s)
        look->writers.oldest_age_s = age > 0 ? age + 1 : 1; /* both ends are cut to whole seconds */
    return true;
}

enum writers_result
writers_look(struct db *db, unsigned serial, struct writers *out, struct error *err)
{
    struct look look = {.db = db};
    snprintf(look.marker, sizeof(look.marker), "look %u.", serial);
    /* statements first: one that begins its transaction in between is seen twice rather than not at all */
    bool ok = run(db, "START TRANSACTION WITH CONSISTENT SNAPSHOT", err) && look_at_statements(&look, err) &&
              look_at_transactions(&look, err);
    struct error ignored = ERROR_INIT;
    if (!ok) {
        int cause = err->cause;
        if (cause == DENIED && run(db, "COMMIT", &ignored))
            return WRITERS_DENIED;
        return WRITERS_FAILED;
    }
    if (!run(db, "COMMIT", err))
        return WRITERS_FAILED;
    *out = look.writers;
    if (look.is_replica) {
        error_set(err, ERROR_UNAVAILABLE, "the server applies changes of another server");
        return WRITERS_ELSEWHERE;
    }
    return look.is_fresh ? WRITERS_SEEN : WRITERS_STALE;
}
