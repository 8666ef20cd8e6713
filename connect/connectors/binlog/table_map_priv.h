/* The inside of table maps: how they are read and kept, for the decoder. */
#ifndef CONNECT_CONNECTORS_BINLOG_TABLE_MAP_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_TABLE_MAP_PRIV_H

#include "common/base/error.h"
#include "connect/connectors/binlog/bytes.h"
#include "connect/connectors/binlog/table_map.h"

/* Maps by table id. A statement's maps live at least as long as the statement; of older ones a bounded number is kept, as
   the same map comes again with every statement on the table. */
struct binlog_table_maps {
    struct binlog_kept_map **buckets;
    size_t bucket_count, count;
    uint64_t statement;
};

void binlog_table_maps_fini(struct binlog_table_maps *maps);
/* A file begins: ids start anew. */
void binlog_table_maps_clear(struct binlog_table_maps *maps);
/* The statement's last row event has been read. */
void binlog_table_maps_end_statement(struct binlog_table_maps *maps);
/* The map of an event's body (behind the header, without checksum); the one that is known when nothing has changed. NULL
   (ERROR_DATA): broken. */
struct binlog_table_map *binlog_table_maps_read(struct binlog_table_maps *maps, struct bytes body, struct error *err);
/* NULL: not known. */
struct binlog_table_map *binlog_table_maps_find(const struct binlog_table_maps *maps, uint64_t table_id);

#endif
