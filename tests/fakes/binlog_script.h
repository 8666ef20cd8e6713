/*
 * A scripted log behind connect/connectors/binlog/stream.h, for unit tests of what reads it: a test that names one of the
 * functions below is linked with it instead of the real stream.
 *
 * Events are added in the order in which they come. Each stream that is opened gives them from the first one on, as a
 * server does for a position in front of them. One thread.
 */
#ifndef TESTS_FAKES_BINLOG_SCRIPT_H
#define TESTS_FAKES_BINLOG_SCRIPT_H

#include "connect/connectors/binlog/stream.h"

void binlog_script_reset(void);
/* The file of the events to come, without an event. Texts stay the test's, here and below. */
void binlog_script_file(const char *file);
/* Each event is 100 bytes long; the first one is at 200. Returns the event, to be changed. */
struct binlog_event *binlog_script_add(enum binlog_event_kind kind);
struct binlog_event *binlog_script_gtid(const char *text); /* "": anonymous */
struct binlog_event *binlog_script_query(enum binlog_event_kind kind, const char *database, const char *sql);

/* A row event of a table with the columns id INT and v LONGBLOB (v: its length in bytes; negative: NULL), its table map in
   front. */
struct binlog_script_row {
    int id, v;   /* of an update: what it becomes */
    int old_id;  /* update and delete: what it was */
};
void binlog_script_rows(enum binlog_row_op op, const char *database, const char *table, const struct binlog_script_row *rows, size_t count);
/* One row of a table of three texts, such as the one of signals. */
void binlog_script_texts(const char *database, const char *table, const char *const *texts);

/* The stream is lost, or silent, behind so many events; at their end it is silent. */
void binlog_script_lose_at(size_t event);
size_t binlog_script_count(void);
/* What the last stream was opened with. */
const struct binlog_start *binlog_script_start(void);
size_t binlog_script_opens(void);
/* What the test's own binlog_rows_next has to call; the real one must stay in reach of the decoder's tests. */
enum binlog_row_status binlog_script_next_row(struct binlog_rows *rows, const struct binlog_cell **before_out,
                                              const struct binlog_cell **after_out);

#endif
