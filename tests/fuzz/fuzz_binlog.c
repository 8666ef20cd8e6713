/* libFuzzer: a recorded dump with anything in it. Lengths and checksums are put right, so that what is behind them is reached;
   events are read or refused as data, and so are their rows. */
#include "common/base/alloc.h"
#include "tests/fakes/binlog_text.h"

#include <stdlib.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 19, LENGTH_AT = 9, CHECKSUM = 4 };

static void
put_u32(uint8_t *to, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(number >> (8 * i));
}

/* Events where the input says, the last one as long as there is. */
static void
mend(uint8_t *data, size_t size)
{
    for (size_t at = 0; at + LENGTH_AT + 4 <= size;) {
        size_t len = data[at + LENGTH_AT] | (size_t)data[at + LENGTH_AT + 1] << 8;
        if (len < HEADER + CHECKSUM || len > size - at)
            len = size - at;
        put_u32(data + at + LENGTH_AT, (uint32_t)len);
        if (len >= HEADER + CHECKSUM)
            put_u32(data + at + len - CHECKSUM, (uint32_t)crc32(0, data + at, (uInt)(len - CHECKSUM)));
        at += len;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct strbuf out = STRBUF_INIT;
    struct error err = ERROR_INIT;
    uint8_t *mended = (uint8_t *)xmemdup(data, size);
    mend(mended, size);
    bool is_read = binlog_text_recorded(mended, size, &out, &err);
    ensure(is_read || (err.code == ERROR_DATA && err.message[0]), "refused without a word");
    free(mended);
    strbuf_fini(&out);
    return 0;
}
