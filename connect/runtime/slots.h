/*
 * Where work belongs: every connector instance and every task sits on a slot, a partition of the offsets topic,
 * by a pure function of names. Who holds the partition in the consumer group holds the slot, so nothing has to
 * be agreed upon or stored. No state; any thread.
 */
#ifndef CONNECT_RUNTIME_SLOTS_H
#define CONNECT_RUNTIME_SLOTS_H

enum { SLOT_CONNECTOR = -1 }; /* in place of a task number: the connector instance itself */

/* Slot of a task of the connector, 0 <= slot < slots; slots > 0. */
int slot_of(const char *connector, int task, int slots);
/* Distance from one task of a connector to the next: near 0.618 * slots, without a factor in common with it,
   since the assignor gives a worker neighbouring partitions and neighbours of one connector must be apart. */
int slot_step(int slots);

#endif
