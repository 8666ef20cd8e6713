/*
 * Where work belongs: every connector instance and every task sits on a slot, a partition of the offsets topic. Who
 * holds the partition in the consumer group holds the slot.
 *
 * A connector's first slot is chosen by the leader when the connector is made, so that all work is spread evenly, and
 * stands in the connector's record for as long as it lives; everything else follows from it. One that another
 * implementation made sits where the hash of its name says. No state; any thread.
 */
#ifndef CONNECT_RUNTIME_SLOTS_H
#define CONNECT_RUNTIME_SLOTS_H

enum { SLOT_CONNECTOR = -1 }; /* in place of a task number: the connector instance itself */

/* First slot of a connector: `placed` if it is one of the slots, else by the name. */
int slot_first(const char *connector, int placed, int slots);
/* Slot of a task, or of the instance, of a connector with this first slot: 0 <= slot < slots; slots > 0. */
int slot_of(int first, int task, int slots);
/* Distance from one task of a connector to the next: near 0.618 * slots, without a factor in common with it,
   since the assignor gives a worker neighbouring partitions and neighbours of one connector must be apart. */
int slot_step(int slots);
/* A first slot for a new connector with one task: as far from all other work as can be. `load[slot]` says how many
   instances and tasks sit on a slot. */
int slot_place(const int *load, int slots);

#endif
