/*
 * Exactly once: the offsets that were applied, in a table beside the rows and changed in their transaction.
 *
 *   connector  topic  kafka_partition  kafka_offset  epoch
 *   orders     SYNC   0                4711          3       the next record to apply, and how often it was claimed
 *
 * Whoever is assigned a partition claims it by raising its epoch; an earlier owner that still writes finds its epoch gone
 * and must not commit. Task thread; what takes a db talks to the database, inside the present transaction.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SINK_OFFSETS_H
#define CONNECT_CONNECTORS_JDBC_SINK_OFFSETS_H

#include "common/db/db.h"
#include "connect/connector.h"

struct sink_position {
    char *topic;
    int32_t partition;
    int64_t offset;  /* the next record to apply; -1: not known, the group's offset counts */
    int64_t pending; /* the same with what the present transaction has applied */
    int64_t epoch;
};

struct sink_offsets {
    char *sql;        /* the table's name in SQL; NULL: exactly.once is off */
    char *connector;
    struct sink_position *items;
    size_t count;
    bool is_stale;    /* a commit's outcome is not known: read the offsets again */
    struct strbuf text;
};

/* `table` may name a database: database.table. */
void sink_offsets_init(struct sink_offsets *offsets, const char *connector, const char *table);
void sink_offsets_fini(struct sink_offsets *offsets);

/* Make the table if it is missing. */
bool sink_offsets_create(struct sink_offsets *offsets, struct db *db, struct error *err) MUST_CHECK;
/* Claim partitions and read where they are; commits. */
bool sink_offsets_claim(struct sink_offsets *offsets, struct db *db, const struct topic_partition *partitions, size_t count,
                        struct error *err) MUST_CHECK;
/* After a lost connection: what do the rows say? False, ERROR_CONFLICT: a partition has another owner. */
bool sink_offsets_reload(struct sink_offsets *offsets, struct db *db, struct error *err) MUST_CHECK;
/* Partitions went away. */
void sink_offsets_release(struct sink_offsets *offsets, const struct topic_partition *partitions, size_t count);

/* Was the record applied before? */
bool sink_offsets_has(struct sink_offsets *offsets, const struct record *record);
/* It is applied in the present transaction. */
void sink_offsets_note(struct sink_offsets *offsets, const struct record *record);
/* Write what was noted; the caller commits and then calls sink_offsets_committed. False, ERROR_CONFLICT: another owner. */
bool sink_offsets_store(struct sink_offsets *offsets, struct db *db, struct error *err) MUST_CHECK;
void sink_offsets_committed(struct sink_offsets *offsets);
void sink_offsets_rolled_back(struct sink_offsets *offsets);
const struct sink_position *sink_offsets_find(const struct sink_offsets *offsets, const char *topic, int32_t partition);

/* PATCH and DELETE of offsets over REST: move one partition (offset -1: forget it). Commits. */
bool sink_offsets_alter(struct sink_offsets *offsets, struct db *db, const char *topic, int32_t partition, int64_t offset,
                        struct error *err) MUST_CHECK;

#endif
