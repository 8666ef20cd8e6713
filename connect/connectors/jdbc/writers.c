/*
 * INNODB_TRX is served from a copy that the server makes anew only when it was not read for 0.1 s. So an answer may be
 * older than the question, and where several read it (our other tasks, monitoring), each may find nothing but old copies.
 *
 * How old a copy is, it tells itself: every reader of ours looks from within a transaction, which shows with the text of
 * its statement, and the text says what the server's clock was just before. A copy with a text from behind our question
 * is an answer to it, whoever had it made. Readers that find old copies pause longer, by chance, until there is a copy.
 *
 * CURRENT_TIMESTAMP is the start of the statement, and a statement may wait (for a metadata lock, say) before its
 * transaction begins: trx_started is no lower bound for the times in its rows. What was running in the look before is one.
 * A transaction that writes now and did not then had its first statement running then, or began it later:
 *
 *   look 1: transactions up to 70, statements since 10:00:05   -> mark: above 70 nothing is from before 10:00:05
 *   look 2: oldest transaction 75, begun at 10:00:40           -> reaches back to 10:00:05, until 75 has ended
 */
#include "connect/connectors/jdbc/writers.h"

#include "common/base/clock.h"
#include "connect/connectors/jdbc/temporal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Transactions that only read show with numbers from here on. */
#define READ_ONLY_FROM (UINT64_C(1) << 47)

enum { DENIED = 1227, SECOND_US = 1000000 };
/* The zone of the server's machine may have set its clock back since a transaction began. */
enum { CLOCK_CHANGE_S = 3600 };

static bool
run(struct db *db, const char *sql, struct error *err)
{
    return db_exec(db, sql, strlen(sql), NULL, err);
}

/* The text in a reader's statement, before the server's clock in microseconds. */
#define MARK "connect looks at "
/* in UTC, which is not set back in autumn */
#define CLOCK_SQL "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',UTC_TIMESTAMP(6))"

struct look {
    struct db *db;
    struct writers_question asked;
    struct writers writers;
    bool is_replica;
    int64_t read_us;       /* the server's clock when the copy was read */
    int64_t copied_us;     /* the copy was made behind this moment of the server's clock */
    int64_t copied_at_s;   /* and about then, in the zone of the server's machine, in which transactions have their starts */
    int64_t oldest_start_s; /* 0: unknown */
};

static int64_t
start_of(const char *text)
{
    struct temporal at;
    return text && temporal_parse(text, strlen(text), &at) ? temporal_seconds(&at, true) : 0;
}

/* A transaction of a reader, and what it says of the copy's age? The newest counts. */
static void
take_mark(struct look *look, const char *query, const char *started)
{
    const char *mark = query ? strstr(query, MARK) : NULL;
    int64_t us = mark ? strtoll(mark + strlen(MARK), NULL, 10) : 0;
    if (us <= look->copied_us)
        return;
    look->copied_us = us;
    look->copied_at_s = start_of(started); /* it had just begun */
}

static void
take_transaction(void *arg, const char *const *row)
{
    struct look *look = arg;
    uint64_t id = row[0] ? strtoull(row[0], NULL, 10) : 0;
    take_mark(look, row[1], row[2]);
    look->read_us = row[3] ? strtoll(row[3], NULL, 10) : 0;
    if (id == 0 || id >= READ_ONLY_FROM)
        return;
    struct writers *writers = &look->writers;
    if (writers->oldest == 0 || id < writers->oldest)
        writers->oldest = id;
    if (id > writers->newest)
        writers->newest = id;
    int64_t start = start_of(row[2]);
    if (start && (look->oldest_start_s == 0 || start < look->oldest_start_s))
        look->oldest_start_s = start;
}

/* A row of the process list: our own, which tells the time, or a statement that may write; its transaction shows or will
   show. A thread that applies changes of another server says that transactions are open there, too, and nobody here can
   see those. */
static void
take_statement(void *arg, const char *const *row)
{
    struct look *look = arg;
    if (row[2]) {
        look->asked.server_us = strtoll(row[2], NULL, 10);
        return;
    }
    if (row[1] && strcmp(row[1], "1") == 0) {
        look->is_replica = true;
        return;
    }
    look->asked.has_beginners = true;
    int64_t age = row[0] ? strtoll(row[0], NULL, 10) : 0;
    if (age + 1 > look->asked.statement_age_s)
        look->asked.statement_age_s = age + 1;
}

static bool
look_at_statements(struct look *look, struct error *err)
{
    /* CONNECTION_ID(): a proxy tells the client another one. Events run under Connect. A SELECT may be a step of a function
       that a writer calls, where it always is one INTO, or wait for a lock before it calls one that writes. */
    static const char sql[] =
        "SELECT TIME,USER='system user',IF(ID=CONNECTION_ID()," CLOCK_SQL ",NULL)"
        " FROM information_schema.PROCESSLIST WHERE ID=CONNECTION_ID() OR USER='system user' AND COMMAND<>'Daemon'"
        " OR (COMMAND IN ('Query','Execute','Bulk_execute') OR COMMAND='Connect' AND INFO IS NOT NULL) AND USER<>'event_scheduler'"
        " AND (INFO IS NULL OR INFO NOT LIKE 'SELECT%' OR INFO LIKE '% INTO %' OR STATE LIKE 'Waiting for %lock')";
    return db_each_row(look->db, sql, take_statement, look, err);
}

static bool
look_at_transactions(struct look *look, struct error *err)
{
    char sql[256];
    snprintf(sql, sizeof(sql), "SELECT trx_id,trx_query,trx_started," CLOCK_SQL ",'" MARK "%" PRId64 "' FROM information_schema.INNODB_TRX",
             look->asked.server_us);
    return db_each_row(look->db, sql, take_transaction, look, err);
}

static enum writers_result
ask(struct look *look, struct error *err)
{
    /* statements first: one that begins its transaction in between is seen twice rather than not at all */
    if (!run(look->db, "START TRANSACTION WITH CONSISTENT SNAPSHOT", err) || !look_at_statements(look, err) ||
        !look_at_transactions(look, err)) {
        struct error ignored = ERROR_INIT;
        return err->cause == DENIED && run(look->db, "COMMIT", &ignored) ? WRITERS_DENIED : WRITERS_FAILED;
    }
    if (!run(look->db, "COMMIT", err))
        return WRITERS_FAILED;
    if (!look->is_replica)
        return WRITERS_SEEN;
    error_set(err, ERROR_UNAVAILABLE, "the server applies changes of another server");
    return WRITERS_ELSEWHERE;
}

/* The clocks of servers are set back at times: a copy from the future is an old one. */
static bool
is_answered(const struct writers_question *question, const struct look *look)
{
    bool is_future = look->copied_us > look->read_us;
    return question->server_us > 0 && look->copied_us >= question->server_us && !is_future;
}

/* ---- how far back times reach ------------------------------------------------------------------------------ */

/* Without the mark that is closest to its neighbours: some transactions then reach further back than they do, never too little. */
static void
drop_mark(struct writers_watch *watch)
{
    struct writers_mark *marks = watch->marks;
    size_t least = 1;
    for (size_t i = 2; i + 1 < watch->mark_count; i++)
        if (marks[i + 1].from_us - marks[i - 1].from_us < marks[least + 1].from_us - marks[least - 1].from_us)
            least = i;
    watch->mark_count--;
    memmove(marks + least, marks + least + 1, (watch->mark_count - least) * sizeof(*marks));
}

static void
add_mark(struct writers_watch *watch, uint64_t newest, int64_t from_us)
{
    while (watch->mark_count > 0 && watch->marks[watch->mark_count - 1].newest >= newest)
        watch->mark_count--;
    if (watch->mark_count == WRITERS_MARKS)
        drop_mark(watch);
    watch->marks[watch->mark_count++] = (struct writers_mark){newest, from_us};
}

/* Numbers only grow, so marks before the one for the oldest transaction are of no more use. */
static int64_t
mark_of(struct writers_watch *watch, uint64_t oldest)
{
    size_t at = watch->mark_count - 1;
    while (at > 0 && watch->marks[at].newest >= oldest)
        at--;
    watch->mark_count -= at;
    memmove(watch->marks, watch->marks + at, watch->mark_count * sizeof(*watch->marks));
    return watch->marks[0].from_us;
}

/* Seconds since the oldest transaction began; both ends are cut to whole seconds. */
static int64_t
age_of(const struct look *look)
{
    return look->oldest_start_s ? look->copied_at_s - look->oldest_start_s + 1 : 0;
}

/* The earliest CURRENT_TIMESTAMP of what is not committed yet, and a mark for what begins from now on. */
static int64_t
reach_back(struct writers_watch *watch, const struct look *look, const struct writers_question *question)
{
    int64_t statements_us = question->server_us - question->statement_age_s * SECOND_US, from_us = statements_us;
    int64_t started_us = look->copied_us - age_of(look) * SECOND_US;
    if (!watch->has_last)
        add_mark(watch, 0, started_us - (int64_t)(WRITERS_WAITED_S + CLOCK_CHANGE_S) * SECOND_US);
    if (look->writers.oldest) {
        int64_t marked_us = mark_of(watch, look->writers.oldest);
        from_us = marked_us < from_us ? marked_us : from_us;
        from_us = started_us < from_us ? started_us : from_us;
    }
    add_mark(watch, look->writers.newest, statements_us);
    return from_us;
}

static void
fill(struct writers_watch *watch, const struct look *look, const struct writers_question *question)
{
    struct writers *out = &watch->last;
    int64_t age_s = age_of(look), reach_us = question->server_us - reach_back(watch, look, question);
    *out = look->writers;
    out->asked_ms = question->ms;
    out->is_now = question == &look->asked;
    out->has_beginners = question->has_beginners;
    out->oldest_age_s = age_s > question->statement_age_s ? age_s : question->statement_age_s;
    out->reach_s = (reach_us + SECOND_US - 1) / SECOND_US;
    watch->has_last = true;
}

/* ---- looking ------------------------------------------------------------------------------------------------- */

/* Is the copy an answer to this question, to one before, or to none? The oldest that has no answer waits for one. */
static bool
judge(struct writers_watch *watch, const struct look *look)
{
    struct writers_question *waiting = &watch->waiting;
    bool is_new = is_answered(&look->asked, look);
    bool has_answer = is_new || is_answered(waiting, look);
    if (has_answer)
        fill(watch, look, is_new ? &look->asked : waiting);
    if (is_new)
        *waiting = (struct writers_question){0};
    else if (has_answer || waiting->server_us == 0 || waiting->server_us > look->asked.server_us)
        *waiting = look->asked;
    return has_answer;
}

/* Who found an old copy waits longer, and not as long as others: only a pause of all readers brings a new copy. */
static void
pace(struct writers_watch *watch, bool is_stale)
{
    int64_t pause = is_stale ? watch->pause_ms * 2 : watch->pause_ms / 2;
    pause = pause < WRITERS_CACHE_MS ? WRITERS_CACHE_MS : pause > WRITERS_PAUSE_MAX_MS ? WRITERS_PAUSE_MAX_MS : pause;
    int64_t by_chance = pause > WRITERS_CACHE_MS ? clock_now_us() % pause - pause / 2 : 0;
    watch->pause_ms = pause;
    watch->due_ms = clock_now_ms() + (pause + by_chance > WRITERS_CACHE_MS ? pause + by_chance : WRITERS_CACHE_MS);
}

enum writers_result
writers_look(struct db *db, struct writers_watch *watch, struct writers *out, struct error *err)
{
    int64_t now_ms = clock_now_ms();
    watch->last.is_now = false;
    if (now_ms >= watch->due_ms) {
        struct look look = {.db = db, .asked = {.ms = now_ms}};
        enum writers_result result = ask(&look, err);
        if (result != WRITERS_SEEN)
            return result;
        pace(watch, !judge(watch, &look));
    }
    *out = watch->last;
    return watch->has_last ? WRITERS_SEEN : WRITERS_STALE;
}
