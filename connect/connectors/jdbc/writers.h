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
};

enum writers_result {
    WRITERS_SEEN,
    WRITERS_STALE,  /* the server answered from a cache that is older than the question: ask again in WRITERS_CACHE_MS */
    WRITERS_DENIED, /* no privilege; *err is filled */
    WRITERS_ELSEWHERE, /* the server applies what another one wrote (a replica, a cluster); *err is filled */
    WRITERS_FAILED, /* *err is filled */
};

/* How long the server answers from its cache when it is asked too often. */
enum { WRITERS_CACHE_MS = 110 };

/* Look, on a connection that has no open transaction and no open result. `serial` is different for every look. */
enum writers_result writers_look(struct db *db, unsigned serial, struct writers *out, struct error *err);

#endif
