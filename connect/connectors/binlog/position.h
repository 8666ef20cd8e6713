/*
 * Which of two positions in the log comes first, given as the JSON of offsets (BinlogHistoryRecordComparator).
 */
#ifndef CONNECT_CONNECTORS_BINLOG_POSITION_H
#define CONNECT_CONNECTORS_BINLOG_POSITION_H

#include <stdbool.h>

/* Is `recorded` at or before `desired`? By GTID sets where both have them (without the sources that keep() does not want;
   NULL: all count), else by file, position, events and rows done. A text that is no object has no members. */
bool cdc_position_includes(const char *desired, const char *recorded, bool (*keep)(const char *source, void *arg), void *arg);

/* Is it of the first snapshot, before all of the stream? */
bool cdc_position_is_snapshot(const char *position);

#endif
