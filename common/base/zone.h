/*
 * Time zones by id, from the system's zone files, with Java's rules (java.util.TimeZone and ZoneId).
 *
 * A zone is immutable once open: any thread may ask. The process's own TZ is never touched.
 *
 *   Instants before 1900 use the zone's present standard offset, as java.util.TimeZone does.
 *   A wall clock time that does not exist moves forward by the gap; one that comes twice is the second.
 */
#ifndef COMMON_BASE_ZONE_H
#define COMMON_BASE_ZONE_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct zone;

/* "Asia/Seoul", "UTC", "Z", "+09:00", "GMT-05:30", and Java's old short ids ("JST"). "UTC+1" is accepted and
   means UTC, as with Java. NULL: unknown id, ERROR_CONFIG. Reads a file. */
struct zone *zone_open(const char *id, struct error *err);
void zone_close(struct zone *zone); /* accepts NULL */

/* The same distance from UTC at all times: the two functions below are then a subtraction. */
bool zone_is_fixed(const struct zone *zone);
/* Seconds east of UTC at an instant (seconds since 1970). */
int32_t zone_offset(const struct zone *zone, int64_t utc);
/* The instant of a wall clock time given as if it were UTC. */
int64_t zone_to_utc(const struct zone *zone, int64_t local);

#endif
