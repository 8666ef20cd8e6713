/*
 * Membership of this worker in its cluster: an ordinary consumer of the offsets topic in the group group.id,
 * cooperative-sticky, consumption paused. The partitions it is given are the slots it holds (slots.h). Its
 * client.id is the worker's advertised URL, so every worker finds the holder of a slot by describing the group.
 *
 * One thread polls the consumer. What it is told goes to the listener on that thread.
 */
#ifndef CONNECT_RUNTIME_MEMBER_H
#define CONNECT_RUNTIME_MEMBER_H

#include "common/base/error.h"
#include "connect/runtime/worker_config.h"

#include <stddef.h>
#include <stdint.h>

struct member_listener {
    /* Slots are ours now; slot_count is how many there are in all. Must not block. May be called with none. */
    void (*gained)(void *arg, const int32_t *slots, size_t count, int slot_count);
    /* They go to somebody else when this returns: stop what sits on them first. `are_lost`: somebody else may have them
       already, since the session was over. */
    void (*revoked)(void *arg, const int32_t *slots, size_t count, bool are_lost);
    /* The coordinator refuses this worker for good (session.timeout.ms out of its bounds, no permission). Called once. */
    void (*refused)(void *arg, const struct error *err);
    void *arg;
};

struct member;

/* The offsets topic must exist. Joins in the background, and joins again whenever it has to. */
struct member *member_start(const struct worker_config *worker, const struct member_listener *listener, struct error *err);
/* Leaves the group, so that others take over at once; the listener is told of slots that were still held. May repeat. */
void member_leave(struct member *member); /* accepts NULL */
/* Leaves and frees. */
void member_stop(struct member *member); /* accepts NULL */

/* Any thread. */
int member_generation(struct member *member);
/* Advertised URL (heap) of the worker that holds a slot; asks the coordinator, answers of the last second are
   used again. ERROR_CONFLICT: nobody holds it now. */
char *member_holder(struct member *member, int slot, int64_t timeout_ms, struct error *err);
/* Id of the Kafka cluster (heap), or NULL when it is not known in time. */
char *member_cluster_id(struct member *member, int64_t timeout_ms);

#endif
