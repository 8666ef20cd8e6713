/*
 * The `source` part of a record: which connector, server, file, position and transaction it comes from
 * (io.debezium.connector.mysql.Source, io.debezium.connector.mariadb.Source). Task thread only.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_SOURCE_BLOCK_H
#define CONNECT_CONNECTORS_BINLOG_SOURCE_BLOCK_H

#include "common/base/arena.h"
#include "connect/data/schema.h"
#include "connect/data/value.h"

#include <stdbool.h>
#include <stdint.h>

/* The release of the Java connectors whose behaviour is followed; shown in every record. */
#define CDC_VERSION "3.3.0.Final"

/* What `snapshot` says. */
enum cdc_mark {
    CDC_MARK_NONE, /* a change from the log: the field is left out, which reads as its default "false" */
    CDC_MARK_TRUE,
    CDC_MARK_FIRST,
    CDC_MARK_FIRST_IN_TABLE,
    CDC_MARK_LAST_IN_TABLE,
    CDC_MARK_LAST,
    CDC_MARK_INCREMENTAL,
};

/* Texts are borrowed: they live at least as long as the record. */
struct cdc_source {
    enum cdc_mark mark;
    int64_t ts_us;         /* when the transaction committed, or the snapshot read the table */
    const char *database;  /* "" where there is none */
    const char *table;     /* NULL: none */
    uint64_t server_id;    /* 0 in a snapshot */
    const char *gtid;      /* of this transaction; NULL: none */
    const char *file;
    uint64_t pos;          /* where the event starts */
    int32_t row;           /* within the event */
    int64_t thread;        /* of the session; negative: unknown */
    const char *query;     /* the statement's text; NULL: unknown */
};

/* The parts that do not change while the connector runs. */
struct cdc_source_maker {
    const struct schema *schema;
    const char *connector; /* "mysql" or "mariadb"; a literal */
    char *prefix;          /* topic.prefix */
};

/* `connector` as in the struct. */
void cdc_source_maker_init(struct cdc_source_maker *maker, const char *connector, const char *prefix);
void cdc_source_maker_fini(struct cdc_source_maker *maker); /* accepts a zeroed struct */
/* The struct value of maker->schema, its items in the arena. */
struct value cdc_source_make(const struct cdc_source_maker *maker, const struct cdc_source *source, struct arena *arena);
/* What `snapshot` says in a value that was made already. */
void cdc_source_remark(struct value *source, enum cdc_mark mark);

#endif
