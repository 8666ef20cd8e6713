/*
 * A scripted database behind the functions of common/db/db.h, for unit tests: a test that names one of the
 * functions below is linked with it instead of the real client.
 *
 * A script is a list of rules. A statement is answered by the first rule whose `match` it contains and that is
 * not used up; statements without rows and without a rule succeed, queries without a rule fail. Every
 * statement is kept, so that a test can look at the exact SQL. Any thread.
 */
#ifndef TESTS_FAKES_DB_SCRIPT_H
#define TESTS_FAKES_DB_SCRIPT_H

#include "common/db/db.h"

struct db_script_rule {
    const char *match;               /* part of the statement */
    unsigned times;                  /* how often the rule may be used; 0: always */
    const struct db_column *columns; /* ended by a column without name; NULL: a statement without rows */
    const char *const *rows;         /* one text a column, row by row; NULL: SQL NULL */
    const unsigned long *lengths;    /* of the texts; NULL: they end in NUL */
    size_t row_count;
    uint64_t affected, insert_id;
    unsigned fails;                  /* server error number; 0: succeeds. With rows: fails behind the last */
    const char *sqlstate, *message;
    bool blocks;                     /* does not return until db_kill */
    int64_t takes_ms;                /* turns the clock on, which is frozen for that; 0: lets it alone */
};

void db_script_reset(void);
/* The rule is copied, what it points to stays the test's. */
void db_script_add(const struct db_script_rule *rule);
/* The next `times` connections are refused. */
void db_script_refuse(unsigned times, unsigned number, const char *sqlstate, const char *message);
/* Connecting does not return until db_kill. */
void db_script_freeze(bool is_frozen);
/* What a dump of the log gives, one after the other; copied. Then it waits for db_kill, or ends as said: 0 is the end of the
   log, all else a failure of this number. */
void db_script_event(const void *event, size_t len);
void db_script_events_end(unsigned number, const char *message);
void db_script_version(const char *version); /* default "9.0.0" */
/* How much a ping turns the clock on, which is frozen for that. Default 0: the clock is let alone. */
void db_script_ping_ms(int64_t ms);

size_t db_script_count(void);               /* statements so far */
const char *db_script_sql(size_t i);        /* text of one; "" behind the last */
size_t db_script_session(size_t i);         /* the connection that it came by, 1: the first of all; 0 behind the last */
size_t db_script_count_of(const char *match);
size_t db_script_connects(void);            /* connections made so far */
size_t db_script_open(void);                /* connections that are open now */
const struct db_params *db_script_params(void); /* of the last connection; copies of host, user, password, database */

#endif
