/*
 * Which tables there are, and which of them a source reads: the look-up that Connector/J makes for
 * DatabaseMetaData.getTables, and the connector's filters. Blocks on the database.
 */
#ifndef CONNECT_CONNECTORS_JDBC_TABLES_H
#define CONNECT_CONNECTORS_JDBC_TABLES_H

#include "common/db/db.h"
#include "connect/connectors/jdbc/connection.h"
#include "connect/connectors/jdbc/dialect.h"

struct source_settings;

struct jdbc_tables {
    struct jdbc_table *items; /* by type, database and name, in byte order */
    size_t count;
};

void jdbc_tables_fini(struct jdbc_tables *tables);
/* The tables of settings->table_types that the filters leave. */
bool jdbc_tables_find(struct db *db, const struct jdbc_connection *conn, const struct source_settings *settings,
                      struct jdbc_tables *out, struct error *err) MUST_CHECK;
/* False: two tables have the same bare name and so the same topic (ERROR_CONFIG, with Java's words). */
bool jdbc_tables_check_names(const struct jdbc_tables *tables, struct error *err) MUST_CHECK;
bool jdbc_tables_equal(const struct jdbc_tables *a, const struct jdbc_tables *b);

/* One column of a table, as SHOW COLUMNS tells it. */
struct jdbc_table_column {
    char *name;
    bool is_nullable, is_auto_increment;
    bool is_float; /* FLOAT, and part of SELECT * */
};
struct jdbc_table_columns {
    struct jdbc_table_column *items;
    size_t count;
};
bool jdbc_table_columns_find(struct db *db, const struct jdbc_table *table, struct jdbc_table_columns *out,
                             struct error *err) MUST_CHECK;
void jdbc_table_columns_fini(struct jdbc_table_columns *columns);
/* By name, any case; NULL: there is none. */
const struct jdbc_table_column *jdbc_table_columns_get(const struct jdbc_table_columns *columns, const char *name);
/* Has the table an index that begins with this column? */
bool jdbc_table_has_index(struct db *db, const struct jdbc_table *table, const char *column, bool *out, struct error *err) MUST_CHECK;
/* About how many rows the table has, as the server estimates; 0 when it does not say. */
void jdbc_table_estimate(struct db *db, const struct jdbc_table *table, uint64_t *rows_out);

#endif
