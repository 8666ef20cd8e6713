/* Events of a binlog as lines of text, for the tests of the decoder. */
#ifndef TESTS_FAKES_BINLOG_TEXT_H
#define TESTS_FAKES_BINLOG_TEXT_H

#include "connect/connectors/binlog/decoder.h"

/* A cell as it would stand in a statement, ABSENT when it is unknown. */
void binlog_text_cell(const struct binlog_cell *cell, struct strbuf *out);
/* A line, and one for every row of a ROWS event. False (*err filled): a row cannot be read. */
bool binlog_text_event(const struct binlog_event *event, struct strbuf *out, struct error *err) MUST_CHECK;
/* All events of recorded bytes (each has its length in its header). False: what the decoder said. */
bool binlog_text_recorded(const void *data, size_t len, struct strbuf *out, struct error *err) MUST_CHECK;

#endif
