/*
 * Errors of the database in the form in which the Java sink task reports them: all exceptions of a chain in one
 * message, which dead letters and traces show.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_ERROR_H
#define CONNECT_CONNECTORS_JDBC_SINK_ERROR_H

#include "common/base/error.h"

#include <stddef.h>

/* Where a statement failed. */
struct sink_sql_place {
    bool is_batch;       /* rows of records: Java has a BatchUpdateException around the error */
    size_t rows, failed; /* of the batch, and the index of the one that failed */
    bool redact;         /* trim.sensitive.log */
};

/* *err as common/db filled it becomes a java.sql.SQLException with the message "Exception chain:\n...". */
void sink_error_chain(struct error *err, struct sink_sql_place place);
/* An exception inside a ConnectException, whose message repeats it. Returns false. */
bool sink_error_wrap(struct error *err);

/* The connection or the whole transaction is gone, or the server as a whole refuses: not about one record. */
bool sink_error_is_general(const struct error *err);

#endif
