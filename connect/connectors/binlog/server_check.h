/*
 * What an account lacks, and what a server does not log, told before a task meets it. Asked on a plain connection; each
 * question is quick. See server.h for the log itself.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_SERVER_CHECK_H
#define CONNECT_CONNECTORS_BINLOG_SERVER_CHECK_H

#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "common/config/config.h"
#include "common/db/db.h"
#include "connect/connectors/binlog/filter.h"

/* Rights that the account lacks, each by the name that GRANT takes; nothing is said about accounts with roles. `locks`: a
   snapshot takes locks. Adds to `out`. */
bool cdc_server_missing_rights(struct db *db, bool locks, struct string_list *out, struct error *err) MUST_CHECK;
/* "REPLICATION SLAVE, SELECT" and the statement that gives them, for messages. Needs a list that is not empty. */
void cdc_server_rights_text(struct db *db, const struct string_list *missing, struct strbuf *out);

/* Foreign keys of captured tables whose cascades change rows that the log does not show, as "database.table (key)". None
   where the server logs them. Adds to `out`. */
bool cdc_server_silent_cascades(struct db *db, const struct cdc_filters *filters, struct string_list *out, struct error *err) MUST_CHECK;

#endif
