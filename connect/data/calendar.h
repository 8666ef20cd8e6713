/* Days and their dates in the Gregorian calendar, in UTC. Any thread. */
#ifndef CONNECT_DATA_CALENDAR_H
#define CONNECT_DATA_CALENDAR_H

#include <stdint.h>

#define CALENDAR_DAY_MS 86400000

struct calendar {
    int64_t year;
    int month, day;         /* from 1 */
    int day_of_year;        /* from 1 */
    int weekday;            /* 0 is Sunday */
    int hour, minute, second, ms;
};

/* Days since 1970 of a date; months and days outside their range roll over. */
int64_t calendar_days(int64_t year, int64_t month, int64_t day);
void calendar_split(int64_t ms, struct calendar *out); /* ms since 1970 */
/* Division that rounds down, and its remainder, which is never negative. */
int64_t calendar_floor_div(int64_t number, int64_t divisor);
int64_t calendar_floor_mod(int64_t number, int64_t divisor);

#endif
