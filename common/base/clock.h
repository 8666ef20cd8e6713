/* Time, in one place, so that tests can turn it. All functions may be called from any thread. */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some fixed point; never goes back. For deadlines and intervals. */
int64_t clock_now_ms(void);
/* Microseconds on the same clock. */
int64_t clock_now_us(void);
/* Milliseconds since 1970, UTC. For timestamps that somebody reads. */
int64_t clock_wall_ms(void);
/* Microseconds since 1970, UTC. */
int64_t clock_wall_us(void);
/* Tests only: all clocks stand still at `ms` until told otherwise; negative: real time again. */
void clock_freeze_ms(int64_t ms);

#endif
