/*
 * Questions to the source's server, each on a plain session. Blocking; the session's owner calls. A failed question keeps
 * the server's own error.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_SERVER_H
#define CONNECT_CONNECTORS_BINLOG_SERVER_H

#include "common/base/strbuf.h"
#include "common/config/config.h"
#include "common/db/db.h"
#include "connect/connectors/binlog/offset.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Run a statement; its rows do not matter. */
bool cdc_server_run(struct db *db, struct error *err, const char *format, ...) __attribute__((format(printf, 3, 4))) MUST_CHECK;
/* The first column of the first row, heap; *out is NULL when there is no row or NULL in it. */
bool cdc_server_ask(struct db *db, const char *sql, char **out, struct error *err) MUST_CHECK;

/* Is the log on, and are its events whole rows? Where it is not, the message says what to set. */
bool cdc_server_check_log(struct db *db, struct error *err) MUST_CHECK;
/* MariaDB and Percona Server: the position that belongs to the read view which this session has begun WITH CONSISTENT SNAPSHOT.
   *is_known_out false: the server does not say, *out is as it was; else file and position are replaced, and so are MariaDB's GTIDs. */
bool cdc_server_view_position(struct db *db, struct cdc_offset *out, bool *is_known_out, struct error *err) MUST_CHECK;
/* MySQL writes a transaction to its log before the engine commits it, so it may be in front of a position and not in a view that is
   begun afterwards. These are the commits that are under way now, as texts to compare: one that is not among those of a later
   call is done. *is_known_out false: the account or the settings of performance_schema do not let them be seen. */
bool cdc_server_commits(struct db *db, struct string_list *out, bool *is_known_out, struct error *err) MUST_CHECK;
/* File, position and executed GTIDs (NULL: the server has none, or gtid_mode is not ON; "": none yet, on MariaDB) of now. False
   also when the log is off. */
bool cdc_server_position(struct db *db, struct cdc_offset *out, struct error *err) MUST_CHECK;
/* GTID sets that were executed and of these purged; both NULL on a server without GTIDs. Heap. */
bool cdc_server_gtids(struct db *db, char **executed_out, char **purged_out, struct error *err) MUST_CHECK;
/* MariaDB: the last GTIDs in front of a position of the log. NULL: the server is MySQL, or does not know the position. Heap. */
bool cdc_server_gtids_at(struct db *db, const char *file, uint64_t pos, char **out, struct error *err) MUST_CHECK;
bool cdc_server_has_file(struct db *db, const char *file, bool *has_out, struct error *err) MUST_CHECK;
/* The oldest file of the log; heap. */
bool cdc_server_first_file(struct db *db, char **out, struct error *err) MUST_CHECK;

struct cdc_name {
    char *database, *table;
};
struct cdc_names {
    struct cdc_name *items;
    size_t count;
};
void cdc_names_fini(struct cdc_names *names);
/* All base tables, MariaDB's system-versioned ones among them, but those of information_schema and performance_schema, in the order
   of "database.table". */
bool cdc_server_tables(struct db *db, struct cdc_names *out, struct error *err) MUST_CHECK;
/* lower_case_table_names is not 0. */
bool cdc_server_ignores_case(struct db *db, bool *out, struct error *err) MUST_CHECK;
/* "SET character_set_server=..., collation_server=...": what CREATE statements depend on. */
bool cdc_server_variables(struct db *db, struct strbuf *out, struct error *err) MUST_CHECK;
/* " CHARSET utf8mb4 COLLATE utf8mb4_0900_ai_ci" of a database; nothing for one that is gone. */
bool cdc_server_database_charset(struct db *db, const char *database, struct strbuf *out, struct error *err) MUST_CHECK;
/* The default character set of each database as it is now. */
bool cdc_server_charsets(struct db *db, void (*take)(void *arg, const char *database, const char *charset), void *arg,
                         struct error *err) MUST_CHECK;
/* SHOW CREATE TABLE; nothing for one that is gone. */
bool cdc_server_create_table(struct db *db, const char *database, const char *table, struct strbuf *out, struct error *err) MUST_CHECK;
/* The connections whose statements have been running for longest, at most three: "12 (user@host) for 340 s, Query". Without
   their texts, as those may have data. Nothing: none but this one can be seen. */
bool cdc_server_busy(struct db *db, struct strbuf *out, struct error *err) MUST_CHECK;
/* The server's clock in microseconds since 1970. */
bool cdc_server_now_us(struct db *db, int64_t *out, struct error *err) MUST_CHECK;
/* The estimated number of rows; -1: unknown. */
bool cdc_server_row_count(struct db *db, const char *database, const char *table, int64_t *out, struct error *err) MUST_CHECK;

#endif
