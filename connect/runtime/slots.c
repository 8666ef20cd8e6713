/* The golden ratio spreads any number of consecutive items evenly over any number of neighbours. */
#include "connect/runtime/slots.h"

#include <stdint.h>
#include <stdlib.h>

static int
common_factor(int a, int b)
{
    while (b) {
        int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int
slot_step(int slots)
{
    int wanted = (int)(0.6180339887 * slots + 0.5);
    for (int away = 0; away < slots; away++) {
        if (wanted + away < slots && common_factor(wanted + away, slots) == 1)
            return wanted + away;
        if (wanted - away > 0 && common_factor(wanted - away, slots) == 1)
            return wanted - away;
    }
    return 1;
}

/* FNV-1a, its upper bits folded in. */
static uint32_t
hash(const char *text)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * 0x100000001b3u;
    return (uint32_t)(value ^ value >> 32);
}

int
slot_first(const char *connector, int placed, int slots)
{
    return placed >= 0 && placed < slots ? placed : (int)(hash(connector) % (uint32_t)slots);
}

int
slot_of(int first, int task, int slots)
{
    return (int)(((uint64_t)first + (uint64_t)(task - SLOT_CONNECTOR) * (uint64_t)slot_step(slots)) % (uint64_t)slots);
}

/* Work on the same slot counts most, work further away less and less. */
static double
crowd(const int *load, int slots, int slot)
{
    double sum = 0;
    for (int other = 0; other < slots; other++) {
        int away = abs(slot - other);
        if (away > slots - away)
            away = slots - away;
        sum += load[other] / ((1.0 + away) * (1.0 + away));
    }
    return sum;
}

int
slot_place(const int *load, int slots)
{
    int best = 0;
    double least = -1;
    for (int first = 0; first < slots; first++) {
        double sum = crowd(load, slots, first) + crowd(load, slots, slot_of(first, 0, slots));
        if (least < 0 || sum < least - 1e-9) {
            best = first;
            least = sum;
        }
    }
    return best;
}
