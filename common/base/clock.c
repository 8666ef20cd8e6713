/* The system's clocks, or a frozen one in tests. */
#include "common/base/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t clock_frozen_ms = -1;

static int64_t
clock_read_us(clockid_t id)
{
    int64_t frozen = atomic_load_explicit(&clock_frozen_ms, memory_order_relaxed);
    if (frozen >= 0)
        return frozen * 1000;
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_now_ms(void)
{
    return clock_read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t
clock_now_us(void)
{
    return clock_read_us(CLOCK_MONOTONIC);
}

int64_t
clock_wall_ms(void)
{
    return clock_read_us(CLOCK_REALTIME) / 1000;
}

int64_t
clock_wall_us(void)
{
    return clock_read_us(CLOCK_REALTIME);
}

struct timespec
clock_deadline(int64_t ms)
{
    enum { SECOND_NS = 1000000000 };
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    if (ms <= 0)
        return at;
    int64_t ns = at.tv_nsec + ms % 1000 * 1000000;
    at.tv_sec += (time_t)(ms / 1000 + ns / SECOND_NS);
    at.tv_nsec = ns % SECOND_NS;
    return at;
}

void
clock_freeze_ms(int64_t ms)
{
    atomic_store(&clock_frozen_ms, ms);
}
