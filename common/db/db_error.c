/* Server and client error numbers become errors of ours here, and nowhere else. */
#include "common/db/db_priv.h"

#include <string.h>

static const struct {
    unsigned number;
    enum error_code code;
    bool is_retriable;
    const char *java_class;
} by_number[] = {
    {1040, ERROR_UNAVAILABLE, true, "java.sql.SQLNonTransientConnectionException"}, /* too many connections */
    {1044, ERROR_CONFIG, false, "java.sql.SQLSyntaxErrorException"},   /* access to the database denied */
    {1045, ERROR_CONFIG, false, "java.sql.SQLException"},              /* access denied */
    {1049, ERROR_CONFIG, false, "java.sql.SQLSyntaxErrorException"},   /* unknown database */
    {1053, ERROR_UNAVAILABLE, true, NULL},                             /* shutdown in progress */
    {1077, ERROR_UNAVAILABLE, true, NULL},
    {1158, ERROR_UNAVAILABLE, true, NULL},                             /* network errors as the server saw them */
    {1159, ERROR_UNAVAILABLE, true, NULL},
    {1160, ERROR_UNAVAILABLE, true, NULL},
    {1161, ERROR_UNAVAILABLE, true, NULL},
    {1205, ERROR_TIMEOUT, true, "com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException"},
    {1213, ERROR_TIMEOUT, true, "com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException"},
    {1290, ERROR_INTERNAL, true, NULL},                                /* --read-only */
    {1317, ERROR_TIMEOUT, true, NULL},                                 /* query interrupted */
    {2020, ERROR_DATA, false, "com.mysql.cj.jdbc.exceptions.PacketTooBigException"}, /* comes again as large as it was */
    {1836, ERROR_INTERNAL, true, NULL},                                /* read-only mode */
    {1927, ERROR_UNAVAILABLE, true, NULL},                             /* MariaDB: connection was killed */
    {1969, ERROR_TIMEOUT, true, NULL},                                 /* MariaDB: max_statement_time */
    {3024, ERROR_TIMEOUT, true, NULL},                                 /* MySQL: max_execution_time */
    {4031, ERROR_UNAVAILABLE, true, NULL},                             /* MySQL: disconnected, was idle */
};

static const struct {
    const char *prefix;
    enum error_code code;
    bool is_retriable;
    const char *java_class;
} by_state[] = {
    {"08", ERROR_UNAVAILABLE, true, "com.mysql.cj.jdbc.exceptions.CommunicationsException"},
    {"22001", ERROR_DATA, false, "com.mysql.cj.jdbc.exceptions.MysqlDataTruncation"},
    {"22", ERROR_DATA, false, "java.sql.SQLDataException"},
    {"23", ERROR_DATA, false, "java.sql.SQLIntegrityConstraintViolationException"},
    {"28", ERROR_CONFIG, false, "java.sql.SQLInvalidAuthorizationSpecException"},
    {"40", ERROR_TIMEOUT, true, "com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException"},
    {"42", ERROR_INTERNAL, false, "java.sql.SQLSyntaxErrorException"},
};

/* The client's own numbers: 2000 to 2999; the connection is of no more use. All but those of the table are the link's fault. */
static bool
is_link_failure(unsigned number)
{
    bool is_known = false;
    for (size_t i = 0; i < sizeof(by_number) / sizeof(*by_number); i++)
        is_known = is_known || by_number[i].number == number;
    return number >= 2000 && number < 3000 && !is_known;
}

bool
db_error_from(struct error *err, unsigned number, const char *sqlstate, const char *text)
{
    enum error_code code = ERROR_INTERNAL;
    bool is_retriable = false;
    const char *java_class = NULL;
    size_t i;
    for (i = 0; i < sizeof(by_state) / sizeof(*by_state); i++)
        if (strncmp(sqlstate, by_state[i].prefix, strlen(by_state[i].prefix)) == 0) {
            code = by_state[i].code;
            is_retriable = by_state[i].is_retriable;
            java_class = by_state[i].java_class;
            break;
        }
    for (i = 0; i < sizeof(by_number) / sizeof(*by_number); i++)
        if (by_number[i].number == number) {
            code = by_number[i].code;
            is_retriable = by_number[i].is_retriable;
            java_class = by_number[i].java_class;
        }
    if (is_link_failure(number)) {
        error_set(err, ERROR_UNAVAILABLE, "Communications link failure: %s", text);
        is_retriable = true;
        java_class = "com.mysql.cj.jdbc.exceptions.CommunicationsException";
        sqlstate = "08S01";
    } else {
        error_set(err, code, "%s", text);
    }
    err->retriable = is_retriable;
    err->cause = (int)number;
    err->java_class = java_class ? java_class : "java.sql.SQLException";
    memccpy(err->sqlstate, sqlstate, '\0', sizeof(err->sqlstate) - 1);
    err->sqlstate[sizeof(err->sqlstate) - 1] = '\0';
    return false;
}

bool
db_error_set(struct db *db, struct error *err)
{
    if (atomic_load(&db->is_killed)) {
        db_error_from(err, 1317, "70100", "Query execution was interrupted");
        return false;
    }
    return db_error_from(err, mysql_errno(db->mysql), mysql_sqlstate(db->mysql), mysql_error(db->mysql));
}
