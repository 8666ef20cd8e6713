/*
 * What all parts of the task share: settings, filters, structure of the tables, the schema history, the form of records
 * and the table plans; and how a record is put into the batch. Task thread only, but for `links`.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_CONTEXT_H
#define CONNECT_CONNECTORS_BINLOG_CONTEXT_H

#include "common/base/name_index.h"
#include "connect/connector.h"
#include "connect/connectors/binlog/config.h"
#include "connect/connectors/binlog/ddl.h"
#include "connect/connectors/binlog/envelope.h"
#include "connect/connectors/binlog/filter.h"
#include "connect/connectors/binlog/history.h"
#include "connect/connectors/binlog/links.h"
#include "connect/connectors/binlog/offset.h"
#include "connect/connectors/binlog/source_block.h"
#include "connect/connectors/binlog/table.h"

enum { CDC_CONTEXT_HEADERS = 3 };

/* A table by name, for as long as the task lives; its plan follows the table's structure. */
struct cdc_slot {
    char *database, *table, *label; /* label: "database.table" */
    bool is_captured, is_signal;
    bool is_reported;               /* that its structure is not known was said */
    struct cdc_plan *plan;
    unsigned long version;          /* of all tables, when the plan was looked at */
    uint64_t map_serial;            /* table map of the log that the plan was compared with; 0: none */
};

struct cdc_named_slot {
    char *name; /* length of the database's name, then both: names may have any character */
    struct cdc_slot *slot;
};

struct cdc_context {
    const struct source_task_context *task;
    struct config *cfg;
    struct cdc_config config;
    bool is_configured;
    struct cdc_filters *filters;
    struct cdc_tables *tables;
    struct cdc_history *history;
    struct cdc_links links;

    struct cdc_source_maker maker;
    const struct schema *change_key, *change_value, *header_schema;
    struct header headers[CDC_CONTEXT_HEADERS];
    struct source_partition partition;
    char *partition_json;

    struct cdc_named_slot *slots;   /* found by name */
    size_t slot_count, slot_size;
    struct name_index slot_index;
    struct strbuf slot_name;        /* of the one that is looked for */
    struct cdc_plan **retired;      /* records of this poll may still name them */
    size_t retired_count;
    struct cdc_place **places;      /* the same */
    size_t place_count, place_size;
};

bool cdc_context_init(struct cdc_context *ctx, const struct source_task_context *task, const struct config *cfg, const char *connector,
                      struct error *err) MUST_CHECK;
void cdc_context_fini(struct cdc_context *ctx); /* accepts zeroed and half-built */
/* A new poll: nothing of the last batch is needed any more. */
void cdc_context_renew(struct cdc_context *ctx);

struct db *cdc_context_connect(struct cdc_context *ctx, struct error *err);

/* Behind the recovery of the history: what it does not keep with schema.history.internal.store.only.captured.tables.ddl, the
   default character sets of databases, is taken from the server as it is now. */
bool cdc_context_complete(struct cdc_context *ctx, struct db *db, struct error *err) MUST_CHECK;

/* ---- tables ------------------------------------------------------------------------------------------------------ */

struct cdc_slot *cdc_context_slot(struct cdc_context *ctx, const char *database, const char *table);
/* The plan of a captured table; *out is NULL when its structure is not known. */
bool cdc_context_plan(struct cdc_context *ctx, struct cdc_slot *slot, struct cdc_plan **out, struct error *err) MUST_CHECK;

/* ---- records ------------------------------------------------------------------------------------------------------ */

/* May another row be added? By max.batch.size and max.queue.size.in.bytes, so that neither many rows nor large ones of a huge
   transaction pile up. */
bool cdc_context_has_room(const struct cdc_context *ctx, const struct record_batch *out);

/* Keeps the place until the next poll; takes the caller's reference. */
struct cdc_place *cdc_context_keep(struct cdc_context *ctx, struct cdc_place *place);

/* One change of one row. */
struct cdc_row_record {
    const struct cdc_plan *plan;
    const char *op;              /* "c", "u", "d", "r", "t" */
    struct value key, before, after, source, transaction;
    struct source_offset offset;
    const char *other_key_name;  /* header with another key, a literal; NULL: none */
    struct value other_key;
};

/* Returns the record. */
struct record *cdc_context_add_row(struct cdc_context *ctx, struct record_batch *out, const struct cdc_row_record *row);
/* The record with a null value behind a delete. */
void cdc_context_add_tombstone(struct cdc_context *ctx, struct record_batch *out, const struct cdc_row_record *row);
/* Any other record; topic and schemas must live until the next poll. Without headers. */
struct record *cdc_context_add(struct cdc_context *ctx, struct record_batch *out, const char *topic, const struct schema *key_schema,
                               struct value key, const struct schema *value_schema, struct value value, struct source_offset offset);
/* No record, but an offset that is to be stored. */
void cdc_context_add_offset(struct cdc_context *ctx, struct record_batch *out, struct source_offset offset);
/* The headers that rows and schema changes carry (extended.headers.enabled). */
void cdc_context_add_headers(struct cdc_context *ctx, struct record_batch *out, struct record *record);

/* Tell a change of structure: the history, and the topic of schema changes. `place` has the position of both. */
bool cdc_context_change(struct cdc_context *ctx, struct record_batch *out, const struct cdc_change *change,
                        const struct cdc_source *source, struct cdc_place *place, struct error *err) MUST_CHECK;

#endif
