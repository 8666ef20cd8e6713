/* See lanes.h. */
#include "common/http/lanes.h"

#include "common/base/clock.h"

#include <time.h>

void
lanes_init(struct lanes *lanes, unsigned width)
{
    *lanes = (struct lanes){.width = width};
    lanes->wide.end = &lanes->wide.first;
    lanes->narrow.end = &lanes->narrow.first;
    pthread_mutex_init(&lanes->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&lanes->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void
lanes_fini(struct lanes *lanes)
{
    pthread_mutex_destroy(&lanes->lock);
    pthread_cond_destroy(&lanes->changed);
}

bool
lanes_post(struct lanes *lanes, struct lane_item *item, bool is_narrow)
{
    struct lane *lane = is_narrow ? &lanes->narrow : &lanes->wide;
    item->next = NULL;
    item->posted_ms = clock_now_ms();
    item->is_narrow = is_narrow;
    pthread_mutex_lock(&lanes->lock);
    bool is_open = !lanes->is_closed;
    if (is_open) {
        /* Behind others that are held back nobody has to wake: those who are done look for themselves. */
        bool is_of_use = !is_narrow || !lane->first || lanes->running < lanes->width;
        *lane->end = item;
        lane->end = &item->next;
        if (is_of_use)
            pthread_cond_signal(&lanes->changed);
    }
    pthread_mutex_unlock(&lanes->lock);
    return is_open;
}

/* May the first of the narrow lane go now? Lock held. */
static bool
narrow_may_go(const struct lanes *lanes, int64_t now_ms)
{
    const struct lane_item *first = lanes->narrow.first;
    return first && (lanes->running < lanes->width || lanes->is_closed || now_ms - first->posted_ms >= LANES_PATIENCE_MS);
}

/* Whose first item is next, or NULL. Lock held. */
static struct lane *
next_lane(struct lanes *lanes)
{
    if (!narrow_may_go(lanes, clock_now_ms()))
        return lanes->wide.first ? &lanes->wide : NULL;
    bool wide_is_older = lanes->wide.first && lanes->wide.first->posted_ms < lanes->narrow.first->posted_ms;
    return wide_is_older ? &lanes->wide : &lanes->narrow;
}

/* Until something changes, or the first of the narrow lane has waited for long enough. Lock held. */
static void
wait_for_change(struct lanes *lanes)
{
    if (!lanes->narrow.first) {
        pthread_cond_wait(&lanes->changed, &lanes->lock);
        return;
    }
    int64_t until_ms = lanes->narrow.first->posted_ms + LANES_PATIENCE_MS;
    struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    pthread_cond_timedwait(&lanes->changed, &lanes->lock, &until);
}

struct lane_item *
lanes_take(struct lanes *lanes)
{
    struct lane *lane;
    struct lane_item *item = NULL;
    pthread_mutex_lock(&lanes->lock);
    while (!(lane = next_lane(lanes)) && !(lanes->is_closed && !lanes->narrow.first))
        wait_for_change(lanes);
    if (lane) {
        item = lane->first;
        lane->first = item->next;
        if (!lane->first)
            lane->end = &lane->first;
        lanes->running += item->is_narrow;
        if (lanes->narrow.first || next_lane(lanes)) /* also for somebody to look at the clock */
            pthread_cond_signal(&lanes->changed);
    }
    pthread_mutex_unlock(&lanes->lock);
    return item;
}

void
lanes_done(struct lanes *lanes, bool was_narrow)
{
    if (!was_narrow)
        return;
    pthread_mutex_lock(&lanes->lock);
    lanes->running--;
    pthread_mutex_unlock(&lanes->lock); /* whoever calls this takes the next one */
}

void
lanes_close(struct lanes *lanes)
{
    pthread_mutex_lock(&lanes->lock);
    lanes->is_closed = true;
    pthread_cond_broadcast(&lanes->changed);
    pthread_mutex_unlock(&lanes->lock);
}

void
lanes_width_set(struct lanes *lanes, unsigned width)
{
    pthread_mutex_lock(&lanes->lock);
    lanes->width = width;
    pthread_cond_broadcast(&lanes->changed);
    pthread_mutex_unlock(&lanes->lock);
}
