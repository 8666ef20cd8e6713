/* Events of a binlog, byte by byte, for tests of what reads them. */
#ifndef TESTS_UNIT_CONNECT_CONNECTORS_BINLOG_EVENT_BYTES_H
#define TESTS_UNIT_CONNECT_CONNECTORS_BINLOG_EVENT_BYTES_H

#include "common/base/strbuf.h"

#include <stdint.h>

static struct strbuf bytes; /* of the event that is being made */

static inline void
put(uint64_t number, int size)
{
    for (int i = 0; i < size; i++)
        strbuf_putc(&bytes, (char)(number >> (8 * i)));
}

/* A header whose length comes later; what follows is the body. */
static inline void
begin(int type, uint32_t next_pos, unsigned flags)
{
    strbuf_reset(&bytes);
    put(1700000000, 4);
    put((uint64_t)type, 1);
    put(7, 4);
    put(0, 4);
    put(next_pos, 4);
    put(flags, 2);
}

/* The header's length, once it is known. */
static inline void
set_length(size_t len)
{
    for (int i = 0; i < 4; i++)
        bytes.data[9 + i] = (char)(len >> (8 * i));
}

#endif
