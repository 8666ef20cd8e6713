/*
 * Requests on their way to the workers, in the order they came, with one exception: of those in the narrow lane only so many
 * are worked on at once. It is for what keeps the processors of the database busy and waits for nothing else (reading rows):
 * more of that at once is not faster, only more uneven, since each takes time from the others. What has waited for long in the narrow lane
 * may overtake, so that a few slow ones do not hold up all others.
 *
 * A queue of its own because the mailbox (common/base/mailbox.h) knows neither lanes nor limits.
 */
#ifndef COMMON_HTTP_LANES_H
#define COMMON_HTTP_LANES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lane_item { /* first member of what is queued */
    struct lane_item *next;
    int64_t posted_ms;
    bool is_narrow;
};

struct lane {
    struct lane_item *first, **end;
};

struct lanes {
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t changed;
    struct lane wide, narrow;
    unsigned width, running; /* of the narrow lane: at most, now */
    bool is_closed;
};

enum { LANES_PATIENCE_MS = 250 }; /* in the narrow lane */

void lanes_init(struct lanes *lanes, unsigned width);
void lanes_fini(struct lanes *lanes); /* empty */
/* Any thread. False: closed. */
bool lanes_post(struct lanes *lanes, struct lane_item *item, bool is_narrow);
/* The next one; waits. NULL: closed and empty. */
struct lane_item *lanes_take(struct lanes *lanes);
/* One that was taken is done. */
void lanes_done(struct lanes *lanes, bool was_narrow);
void lanes_close(struct lanes *lanes);
/* Any thread, at any time. */
void lanes_width_set(struct lanes *lanes, unsigned width);

#endif
