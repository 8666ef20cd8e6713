/* MySQL's binary JSON to text, and edits of it (partial updates). Text of cells: binlog_json_text() in row_image.h. */
#ifndef CONNECT_CONNECTORS_BINLOG_BINARY_JSON_H
#define CONNECT_CONNECTORS_BINLOG_BINARY_JSON_H

#include "connect/connectors/binlog/bytes.h"
#include "connect/connectors/binlog/row_image.h"

/* Append the text of the document in `before` (a JSON cell in binary form) with the edits applied to it. False
   (ERROR_DATA): broken, or an edit that does not fit the document. */
bool binary_json_edited_text(const struct binlog_cell *before, struct bytes edits, struct strbuf *out, struct error *err)
    MUST_CHECK;

#endif
