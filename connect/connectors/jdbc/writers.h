/*
 * Who writes to the server now: the open transactions, as information_schema.INNODB_TRX shows them. Needs the
 * PROCESS privilege.
 */
#ifndef CONNECT_CONNECTORS_JDBC_WRITERS_H
#define CONNECT_CONNECTORS_JDBC_WRITERS_H

#include "common/db/db.h"

#include <stdbool.h>
#include <stdint.h>

struct writers {
    uint64_t oldest, newest; /* numbers of the oldest and newest open transaction that has written; 0: none */
    bool has_beginners;      /* a statement runs whose transaction does not show (yet) */
    int64_t oldest_age_s;    /* of the oldest transaction or running statement; 0: there is none */
    int64_t reach_s;         /* so far back of asked_ms at most CURRENT_TIMESTAMP is in what is not committed yet */
    int64_t asked_ms;        /* all this was so at a moment behind this one, by our clock (clock_now_ms) */
    bool is_now;             /* asked in this very call: behind all that the caller has seen, even in the same millisecond */
};

struct writers_question {
    int64_t server_us; /* the server's clock (UTC) when it was asked; 0: not asked */
    int64_t ms;        /* ours */
    bool has_beginners;
    int64_t statement_age_s;
};

/* Transactions with numbers above `newest` wrote nothing in statements that began before from_us of the server's clock. */
struct writers_mark {
    uint64_t newest;
    int64_t from_us;
};

enum { WRITERS_MARKS = 64 };

/* What one reader keeps between its looks; all zero at the start and for each new connection. */
struct writers_watch {
    struct writers last;             /* the last answer; has_last */
    bool has_last;
    struct writers_question waiting; /* for a copy that is newer than it */
    struct writers_mark marks[WRITERS_MARKS]; /* both numbers grow */
    size_t mark_count;
    int64_t due_ms;                  /* not looked again before */
    int64_t pause_ms;                /* between looks; grows while readers are in each other's way */
};

enum writers_result {
    WRITERS_SEEN,
    WRITERS_STALE,  /* nothing is known yet: the server answers from a copy that is older than the question */
    WRITERS_DENIED, /* no privilege; *err is filled */
    WRITERS_ELSEWHERE, /* the server applies what another one wrote (a replica, a cluster); *err is filled */
    WRITERS_FAILED, /* *err is filled */
};

/* The server makes a new copy only when the last was not read for 0.1 s. */
enum { WRITERS_CACHE_MS = 110 };
/* The longest pause between two looks of one reader, about. */
enum { WRITERS_PAUSE_MAX_MS = 2000 };
/* Of what is open at the first look, the first statement is taken to have waited so long at most before its transaction began. */
enum { WRITERS_WAITED_S = 3600 };

/* Look, on a connection that has no open transaction and no open result. *out is filled for WRITERS_SEEN only: with a new
   answer, or with the last one while it is too soon for another or the server has no new copy; out->asked_ms tells. Blocks
   for a few short statements at most. */
enum writers_result writers_look(struct db *db, struct writers_watch *watch, struct writers *out, struct error *err);

#endif
