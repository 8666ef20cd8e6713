/* Time, in one place, so that tests can turn it. All functions may be called from any thread. */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since some fixed point; never goes back. For deadlines and intervals. */
int64_t clock_now_ms(void);
/* Microseconds on the same clock. */
int64_t clock_now_us(void);
/* Milliseconds since 1970, UTC. For timestamps that somebody reads. */
int64_t clock_wall_ms(void);
/* Microseconds since 1970, UTC. */
int64_t clock_wall_us(void);
/* What pthread_cond_timedwait waits for, on a condition of CLOCK_MONOTONIC: `ms` from now (negative: now). Real also when the
   clocks stand still. */
struct timespec clock_deadline(int64_t ms);
/* Tests only: all clocks stand still at `ms` until told otherwise; negative: real time again. */
void clock_freeze_ms(int64_t ms);

#endif
