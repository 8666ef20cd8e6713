/* The inside of ROWS events, for the decoder. */
#ifndef CONNECT_CONNECTORS_BINLOG_ROWS_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_ROWS_PRIV_H

#include "common/base/arena.h"
#include "connect/connectors/binlog/event.h"
#include "connect/connectors/binlog/row_image_priv.h"
#include "connect/connectors/binlog/table_map_priv.h"

/* The rows of the present event; one a decoder, its memory is used again. */
struct binlog_rows_reader {
    const struct binlog_table_map *map;
    struct bytes rest;          /* rows not read yet */
    bool is_packed;             /* the rest is compressed: inflated with the first row that is asked for */
    bool has_before, has_after, is_partial;
    struct row_image before, after;
    size_t cells_size;          /* columns that the arrays have room for */
    struct arena scratch;       /* texts of the present row */
    uint8_t *unzipped;          /* rows that came compressed, or NULL */
};

void binlog_rows_reader_fini(struct binlog_rows_reader *reader);
/* Read the beginning of an event's body; `type` is the server's number. False (*err filled): broken, or its table is not
   known. */
bool binlog_rows_open(struct binlog_rows_reader *reader, const struct binlog_table_maps *maps, uint8_t type, struct bytes body,
                      struct binlog_event *event, struct error *err) MUST_CHECK;

#endif
