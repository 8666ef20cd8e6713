/*
 * Positions of the JDBC source, byte for byte as the Java connector writes them to the offsets topic.
 *
 *   partition  {"protocol":"1","table":"db.T"}, before that {"table":"T"}; {"query":"query"} in query mode
 *   offset     {"incrementing":2}   {"timestamp_nanos":500000000,"timestamp":1577836802500}
 *              {"timestamp_nanos":1000,"incrementing":1,"timestamp":1577836801000}
 *   with open gaps        {"incrementing":8,"gaps":[[3,4],[7,7]]}: an unknown key that Java ignores
 *
 * Task thread only.
 */
#ifndef CONNECT_CONNECTORS_JDBC_SOURCE_OFFSET_H
#define CONNECT_CONNECTORS_JDBC_SOURCE_OFFSET_H

#include "connect/connectors/jdbc/dialect.h"
#include "connect/connectors/jdbc/gaps.h"
#include "connect/data/record.h"

/* Where a table is read up to. */
struct source_position {
    bool has_incrementing, has_timestamp;
    int64_t incrementing;
    int64_t seconds; /* of the timestamp, since 1970 */
    int nanos;       /* 0 to 999999999 */
};

/* What source_offset.n[] holds for this connector. */
struct source_offset source_position_offset(const struct source_position *position, struct offset_state *gaps);
/* struct source_partition.write */
void source_position_write(const struct source_partition *partition, const struct source_offset *offset, struct strbuf *out);
/* Reads a stored offset; gaps are added to `gaps` (may be NULL) as seen at now_ms. False: no JSON object, or values
   that are no numbers (ERROR_DATA). */
bool source_position_read(const char *json, struct source_position *out, struct gaps *gaps, int64_t now_ms,
                          struct error *err) MUST_CHECK;

/* Heap strings. */
char *source_partition_current(const struct jdbc_table *table); /* protocol 1 */
char *source_partition_old(const struct jdbc_table *table);     /* protocol 0 */
#define SOURCE_PARTITION_QUERY "{\"query\":\"query\"}"

#endif
