/*
 * Dates and times between MySQL's text and numbers: days and seconds since 1970, in Java's calendars.
 * Pure; any thread.
 */
#ifndef CONNECT_CONNECTORS_JDBC_TEMPORAL_H
#define CONNECT_CONNECTORS_JDBC_TEMPORAL_H

#include "common/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A wall clock reading; what a text does not name is zero. */
struct temporal {
    int year, month, day;
    int hour, minute, second, nanos;
    bool is_negative; /* of a TIME */
};

/* "2020-02-29", with or without " 10:11:12.123456" behind it. False: another form. */
bool temporal_parse(const char *text, size_t len, struct temporal *out);
/* "-838:59:59.000000": TIME of MySQL. */
bool temporal_parse_time(const char *text, size_t len, struct temporal *out);
/* 0000-00-00 */
static inline bool
temporal_is_zero_date(const struct temporal *at)
{
    return at->year == 0 && at->month == 0 && at->day == 0;
}
/* Days since 1970-01-01. Before 1582-10-15 by the Julian calendar, as java.util.GregorianCalendar counts, or all by
   the Gregorian one; the ten days that were skipped count on from the Julian ones either way. Month and day may be zero: the month, the day before. */
int64_t temporal_days(int year, int month, int day, bool is_proleptic);
/* The Gregorian date of a day. */
void temporal_date(int64_t days, struct temporal *out);
/* Seconds since 1970 as if the clock showed UTC. */
int64_t temporal_seconds(const struct temporal *at, bool is_proleptic);
/* "2020-02-29 10:11:12", and ".000001" (as many digits as needed, at most 6) when there is a fraction. */
void temporal_write(struct strbuf *out, int64_t seconds, int nanos);

#endif
