/* Years are counted from March, so that the leap day is the last of its year, in eras of 400 years. */
#include "connect/data/calendar.h"

enum { ERA_DAYS = 146097, EPOCH_SHIFT = 719468 };

int64_t
calendar_floor_div(int64_t number, int64_t divisor)
{
    return number / divisor - (number % divisor < 0);
}

int64_t
calendar_floor_mod(int64_t number, int64_t divisor)
{
    int64_t rest = number % divisor;
    return rest < 0 ? rest + divisor : rest;
}

int64_t
calendar_days(int64_t year, int64_t month, int64_t day)
{
    year += calendar_floor_div(month - 1, 12);
    month = calendar_floor_mod(month - 1, 12) + 1;
    year -= month <= 2;
    int64_t era = calendar_floor_div(year, 400), of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year + day - 1 - EPOCH_SHIFT;
}

void
calendar_split(int64_t ms, struct calendar *out)
{
    int64_t days = calendar_floor_div(ms, CALENDAR_DAY_MS), shifted = days + EPOCH_SHIFT;
    int64_t era = calendar_floor_div(shifted, ERA_DAYS), of_era = shifted - era * ERA_DAYS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    int rest = (int)calendar_floor_mod(ms, CALENDAR_DAY_MS);
    out->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = year + era * 400 + (out->month <= 2);
    out->day_of_year = (int)(days - calendar_days(out->year, 1, 1)) + 1;
    out->weekday = (int)calendar_floor_mod(days + 4, 7);
    out->hour = rest / 3600000;
    out->minute = rest / 60000 % 60;
    out->second = rest / 1000 % 60;
    out->ms = rest % 1000;
}
