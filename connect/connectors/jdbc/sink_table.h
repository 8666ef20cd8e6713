/*
 * Destination tables: which one a topic goes to, what columns it has, and making it or adding to it (DbStructure).
 *
 * Definitions are read once and kept until sink_tables_forget. Names are compared exactly, within one database; the
 * Java connector's look-up treats '_' as a wildcard. Task thread; what takes a session talks to the database.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_TABLE_H
#define CONNECT_CONNECTORS_JDBC_SINK_TABLE_H

#include "common/db/db.h"
#include "connect/connectors/jdbc/sink_config.h"
#include "connect/connectors/jdbc/sink_plan.h"

struct sink_table {
    struct sink_table *next;
    char *database;          /* NULL: the connection has none */
    char *name;
    char *sql, *shown;       /* in statements, and in messages: "db"."t" */
    bool is_loaded, exists;  /* what follows is known when loaded */
    unsigned type;           /* SINK_TABLE or SINK_VIEW */
    bool is_transactional;   /* its engine can roll back */
    struct string_list columns, column_types; /* side by side; types as "varchar(10)" */
    struct sink_plan *plans; /* the one used last is first; at most SINK_PLANS_MAX */
    struct sink_statement *building; /* the writer's: rows not sent yet */
};

enum { SINK_PLANS_MAX = 64 };

struct sink_topic;
struct sink_tables {
    const struct sink_config *config; /* set before the first use */
    const char *database;             /* of the URL, or NULL */
    struct sink_table *first;
    struct sink_topic *topics, *last; /* last: used last */
};

void sink_tables_fini(struct sink_tables *tables);
/* Definitions and plans are forgotten, the tables stay. No statement may have rows. */
void sink_tables_forget(struct sink_tables *tables);

/* The table of a topic; asks the database once for a topic with one dot. NULL: *err as common/db fills it, or ERROR_CONFIG. */
struct sink_table *sink_tables_find(struct sink_tables *tables, struct db *db, const char *topic, struct error *err);

/* The plan for two schemas, moved to the front; NULL: there is none yet. */
struct sink_plan *sink_table_plan(struct sink_table *table, const struct schema *key_schema, const struct schema *value_schema);
/* Takes the plan; the one unused for longest may go. The table's statement must have no rows. */
void sink_table_plan_add(struct sink_table *table, struct sink_plan *plan);

/* Read the definition, unless it is known. False: *err as common/db fills it. */
bool sink_table_load(struct sink_table *table, struct db *db, struct error *err) MUST_CHECK;

enum sink_table_need {
    SINK_TABLE_FITS,
    SINK_TABLE_CREATE,
    SINK_TABLE_ALTER,
    SINK_TABLE_REFUSED,    /* *err: TableAlterOrCreateException */
    SINK_TABLE_UNKNOWN,    /* *err: the database's */
};

/* Does the table have these columns? Loads it. */
enum sink_table_need sink_table_check(struct sink_table *table, const struct sink_config *config, struct db *db,
                                      const struct sink_fields *fields, struct error *err);
/* The statement that sink_table_check asked for. False: as sink_ddl. */
bool sink_table_ddl(const struct sink_table *table, const struct sink_config *config, const struct sink_format *format,
                    const struct sink_fields *fields, enum sink_table_need need, struct strbuf *out, struct error *err) MUST_CHECK;
/* "varbinary(1024)"; NULL: there is no such column. */
const char *sink_table_column_type(const struct sink_table *table, const char *column);
/* The definition is read again at the next check. */
void sink_table_forget(struct sink_table *table);
/* "[SinkRecordField{...}, ...]": the columns that are missing. */
void sink_table_describe_missing(const struct sink_table *table, const struct sink_fields *fields, struct strbuf *out);

#endif
