/*
 * Compressed transactions and events.
 *
 *   TRANSACTION_PAYLOAD: fields (type, length, value: all packed numbers) up to type 0, then the payload
 *   MariaDB, events and values: a byte (algorithm in bits 4-6, without zlib's frame in bit 3, width of the size in bits
 *   0-2), size (big-endian), zlib data
 */
#include "connect/connectors/binlog/payload.h"

#include "common/base/alloc.h"
#include "connect/connectors/binlog/event_priv.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 1 << 16, KEEP_MAX = 1 << 20 };
enum { COMPRESSION_ZSTD = 0, COMPRESSION_NONE = 255 };

struct payload {
    ZSTD_DStream *inflater;
    struct bytes in;
    bool is_compressed;
    bool is_in_frame;  /* the compressed data goes on */
    uint8_t *buffer;   /* inflated and not handed out yet; begins at `start` */
    size_t size, start, end;
    bool has_lent;     /* the byte at `start` was lent to the event in front of it */
    uint8_t lent;
};

struct payload *
payload_new(void)
{
    return xcalloc(1, sizeof(struct payload));
}

void
payload_free(struct payload *payload)
{
    if (!payload)
        return;
    ZSTD_freeDStream(payload->inflater);
    free(payload->buffer);
    free(payload);
}

/* ---- MySQL ---------------------------------------------------------------------------------------------- */

static bool
read_fields(struct bytes *body, uint64_t *compression_out)
{
    enum { END = 0, COMPRESSION = 2 };
    for (;;) {
        uint64_t type = bytes_packed(body);
        if (type == END || body->is_short)
            return !body->is_short;
        struct bytes value = bytes_part(body, bytes_packed(body));
        if (type == COMPRESSION)
            *compression_out = bytes_packed(&value);
    }
}

bool
payload_start(struct payload *payload, struct bytes body, struct error *err)
{
    uint64_t compression = COMPRESSION_NONE;
    if (!read_fields(&body, &compression))
        return error_set(err, ERROR_DATA, "the compressed transaction is cut off");
    if (compression != COMPRESSION_ZSTD && compression != COMPRESSION_NONE)
        return error_set(err, ERROR_DATA, "compression %llu of a transaction is not known", (unsigned long long)compression);
    if (!payload->inflater) {
        payload->inflater = ZSTD_createDStream();
        ensure(payload->inflater, "ZSTD_createDStream: out of memory");
    }
    ZSTD_initDStream(payload->inflater);
    payload->is_compressed = payload->is_in_frame = compression == COMPRESSION_ZSTD;
    payload->in = body;
    payload->start = payload->end = 0;
    payload->has_lent = false;
    if (payload->size > KEEP_MAX) {
        free(payload->buffer);
        payload->buffer = NULL;
        payload->size = 0;
    }
    return true;
}

/* Room for more behind the end; what was handed out is dropped first. */
static void
make_room(struct payload *payload, size_t more)
{
    if (payload->start > 0) {
        memmove(payload->buffer, payload->buffer + payload->start, payload->end - payload->start);
        payload->end -= payload->start;
        payload->start = 0;
    }
    if (payload->size - payload->end > more)
        return;
    payload->size = payload->end + more + 1;
    payload->buffer = xrealloc(payload->buffer, payload->size);
}

static bool
copy_more(struct payload *payload, size_t room)
{
    size_t len = bytes_left(&payload->in) < room ? bytes_left(&payload->in) : room;
    memcpy(payload->buffer + payload->end, bytes_take(&payload->in, len), len);
    payload->end += len;
    return len > 0;
}

/* Inflate some more. False: the end, or (*err filled) broken. */
static bool
inflate_more(struct payload *payload, struct error *err)
{
    size_t room = payload->end - payload->start > CHUNK ? payload->end - payload->start : CHUNK;
    make_room(payload, room);
    if (!payload->is_compressed)
        return copy_more(payload, room);
    if (bytes_left(&payload->in) == 0 && !payload->is_in_frame)
        return false;
    ZSTD_inBuffer in = {payload->in.at, bytes_left(&payload->in), 0};
    ZSTD_outBuffer out = {payload->buffer + payload->end, room, 0};
    size_t left = ZSTD_decompressStream(payload->inflater, &out, &in);
    payload->in.at += in.pos;
    payload->end += out.pos;
    if (ZSTD_isError(left)) {
        error_set(err, ERROR_DATA, "a compressed transaction cannot be inflated: %s", ZSTD_getErrorName(left));
        return false;
    }
    payload->is_in_frame = left > 0;
    if (out.pos > 0 || in.pos > 0)
        return true;
    error_set(err, ERROR_DATA, "a compressed transaction is cut off");
    return false;
}

/* At least len bytes behind the start. */
static bool
have(struct payload *payload, size_t len, struct error *err)
{
    while (payload->end - payload->start < len)
        if (!inflate_more(payload, err))
            return false;
    return true;
}

enum payload_result
payload_next(struct payload *payload, uint8_t **event_out, size_t *len_out, struct error *err)
{
    *err = ERROR_INIT;
    if (payload->has_lent)
        payload->buffer[payload->start] = payload->lent;
    payload->has_lent = false;
    if (!have(payload, BINLOG_HEADER_SIZE, err)) {
        if (err->code == ERROR_NONE && payload->end == payload->start)
            return PAYLOAD_END;
        if (err->code == ERROR_NONE)
            error_set(err, ERROR_DATA, "a compressed transaction is cut off");
        return PAYLOAD_FAILED;
    }
    struct bytes header = bytes_of(payload->buffer + payload->start + 9, 4);
    size_t len = bytes_le(&header, 4);
    if (len < BINLOG_HEADER_SIZE || len > PAYLOAD_EVENT_MAX || !have(payload, len, err)) {
        if (err->code == ERROR_NONE)
            error_set(err, ERROR_DATA, "an event in a compressed transaction is cut off");
        return PAYLOAD_FAILED;
    }
    *event_out = payload->buffer + payload->start;
    *len_out = len;
    payload->start += len;
    payload->has_lent = true;
    payload->lent = payload->buffer[payload->start];
    return PAYLOAD_EVENT;
}

/* ---- MariaDB ------------------------------------------------------------------------------------------------ */

struct packed {
    struct bytes data;
    size_t size; /* inflated */
    bool is_raw;
};

static bool
packed_read(struct bytes from, struct packed *out)
{
    enum { ZLIB_MAX_RATIO = 1040 }; /* so that a broken size does not allocate at will */
    uint8_t head = bytes_u8(&from);
    uint64_t size = bytes_be(&from, head & 7);
    *out = (struct packed){.data = from, .size = size, .is_raw = head & 8};
    return (head >> 4 & 7) == 0 && (head & 7) >= 1 && (head & 7) <= 4 && !from.is_short && size <= PAYLOAD_EVENT_MAX &&
           size <= (uint64_t)bytes_left(&from) * ZLIB_MAX_RATIO;
}

static bool
packed_inflate(const struct packed *packed, uint8_t *to)
{
    z_stream stream = {.next_in = (Bytef *)packed->data.at, .avail_in = (uInt)bytes_left(&packed->data), .next_out = to,
                       .avail_out = (uInt)packed->size};
    if (inflateInit2(&stream, packed->is_raw ? -MAX_WBITS : MAX_WBITS) != Z_OK)
        return false;
    bool is_whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
    inflateEnd(&stream);
    return is_whole;
}

uint8_t *
payload_unzip(struct bytes from, size_t *len_out, struct error *err)
{
    struct packed packed;
    if (!packed_read(from, &packed)) {
        error_set(err, ERROR_DATA, "a compressed event is broken");
        return NULL;
    }
    uint8_t *unzipped = xmalloc(packed.size + 1);
    if (!packed_inflate(&packed, unzipped)) {
        free(unzipped);
        error_set(err, ERROR_DATA, "a compressed event cannot be inflated");
        return NULL;
    }
    *len_out = packed.size;
    return unzipped;
}

bool
payload_unzip_value(struct bytes from, struct arena *arena, struct bytes *out)
{
    struct packed packed;
    *out = from;
    if (bytes_left(&from) == 0 || *from.at == 0) { /* nothing, or as it is behind a zero */
        bytes_take(out, bytes_left(&from) > 0);
        return true;
    }
    if (!packed_read(from, &packed))
        return false;
    uint8_t *unzipped = arena_alloc(arena, packed.size + 1);
    *out = (struct bytes){.at = unzipped, .end = unzipped + packed.size};
    return packed_inflate(&packed, unzipped);
}
