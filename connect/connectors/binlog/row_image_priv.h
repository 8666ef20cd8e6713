/* The inside of row images: one value after the other, for the decoder and for the values inside of JSON. */
#ifndef CONNECT_CONNECTORS_BINLOG_ROW_IMAGE_PRIV_H
#define CONNECT_CONNECTORS_BINLOG_ROW_IMAGE_PRIV_H

#include "connect/connectors/binlog/bytes.h"
#include "connect/connectors/binlog/row_image.h"

/* Which columns an image has, and where its cells go. */
struct row_image {
    const uint8_t *present;     /* bitmap over the columns */
    size_t present_count;
    struct binlog_cell *cells;  /* as many as columns */
};

/* Read one image. partial: bitmap over the JSON columns of those that hold edits of the value in `before` instead of a
   value, or NULL. Texts that have to be made live in `scratch`. False (ERROR_DATA): names the column. */
bool row_image_read(const struct binlog_table_map *map, struct bytes *from, const struct row_image *image,
                    const uint8_t *partial, const struct binlog_cell *before, struct arena *scratch, struct error *err)
    MUST_CHECK;

/* A DECIMAL of the server's binary form as text. NULL: broken. The text lives in `scratch`. */
const char *row_image_decimal(struct bytes *from, unsigned precision, unsigned scale, struct arena *scratch, size_t *len_out);

#endif
