/*
 * Can the log be followed from a stored position on? Asked once, at the start of a task, on a plain session.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_RESUME_H
#define CONNECT_CONNECTORS_BINLOG_RESUME_H

#include "common/db/db.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/connectors/binlog/offset.h"

/* Is what follows the position still to be had from the server? Blocks for a few questions. The position's GTIDs are made
   complete: what MariaDB knows them to be at a file and position that came without; and what was purged of sources that are
   not wanted (gtid.source.includes, gtid.source.excludes), as if it had been seen, else the server would refuse. */
bool cdc_resume_check(struct db *db, const struct cdc_filters *filters, struct cdc_offset *position, bool *is_available_out,
                      struct error *err) MUST_CHECK;
/* "The connector is trying to read change stream starting at ..., but this is no longer available on the server. ..." */
bool cdc_resume_refuse(const struct cdc_offset *position, struct error *err);

#endif
