/*
 * Which of two positions in the log comes first, given as the JSON of offsets (BinlogHistoryRecordComparator).
 */
#ifndef CONNECT_CONNECTORS_BINLOG_POSITION_H
#define CONNECT_CONNECTORS_BINLOG_POSITION_H

#include <stdbool.h>

/* Is `recorded` at or before `desired`? By GTID sets where both have them (without the sources that keep() does not want;
   NULL: all count), else by file, position, events and rows done. A text that is no object has no members. */
bool cdc_position_includes(const char *desired, const char *recorded, bool (*keep)(const char *source, void *arg), void *arg);
/* Names of files of one server's log: negative when `a` is older, positive when it is newer; "binlog.000009" is before
   "binlog.000010", and "binlog.999999" before "binlog.1000000". */
int cdc_position_compare_files(const char *a, const char *b);

/* Is it of the first snapshot, before all of the stream? */
bool cdc_position_is_snapshot(const char *position);

#endif
