/*
 * From bytes to events.
 *
 *   header   timestamp u32, type u8, server id u32, length u32, next position u32, flags u16
 *   body, and a CRC32 of everything in front when the file's FORMAT_DESCRIPTION says so
 *
 * Positions: the header's next position has 32 bits only, is 0 for some events and means nothing in those that the server made
 * for this connection; so where the stream is, is kept here.
 */
#include "connect/connectors/binlog/decoder.h"

#include "common/base/alloc.h"
#include "connect/connectors/binlog/event_priv.h"
#include "connect/connectors/binlog/payload.h"
#include "connect/connectors/binlog/rows_priv.h"
#include "connect/connectors/binlog/table_map_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { FILE_SIZE = 512, CHECKSUM_SIZE = 4 };
enum { FLAG_IN_USE = 0x01, FLAG_ARTIFICIAL = 0x20, FLAG_IGNORABLE = 0x80, FLAGS_OFFSET = 17 };

struct binlog_decoder {
    bool has_checksum;         /* of the file that is read */
    bool is_failed;
    struct error failure;
    char files[2][FILE_SIZE];  /* the present one and the one before, which an event may still name */
    int file;
    uint64_t pos;
    struct binlog_table_maps maps;
    bool statement_has_ended;
    struct binlog_rows_reader rows;
    struct payload *payload;
    bool is_in_payload;
    uint8_t *unzipped;         /* statement of a compressed QUERY, or NULL */
    uint8_t *fed;
    size_t fed_len;
    struct binlog_event event;
};

struct binlog_decoder *
binlog_decoder_new(const char *file, uint64_t pos)
{
    struct binlog_decoder *decoder = xcalloc(1, sizeof(*decoder));
    snprintf(decoder->files[0], FILE_SIZE, "%s", file);
    decoder->pos = pos;
    decoder->payload = payload_new();
    return decoder;
}

void
binlog_decoder_free(struct binlog_decoder *decoder)
{
    if (!decoder)
        return;
    binlog_table_maps_fini(&decoder->maps);
    binlog_rows_reader_fini(&decoder->rows);
    payload_free(decoder->payload);
    free(decoder->unzipped);
    free(decoder);
}

static void
set_file(struct binlog_decoder *decoder, const char *name, uint64_t pos)
{
    decoder->file = !decoder->file;
    snprintf(decoder->files[decoder->file], FILE_SIZE, "%s", name);
    decoder->pos = pos;
}

/* The number with these low 32 bits that is nearest to where the stream is. */
static uint64_t
widen(uint64_t near, uint32_t low)
{
    uint64_t number = (near & ~(uint64_t)UINT32_MAX) | low;
    return number + (UINT64_C(1) << 31) < near ? number + (UINT64_C(1) << 32) : number;
}

/* ---- events that concern the decoder itself ---------------------------------------------------------------- */

typedef bool read_fn(struct binlog_decoder *decoder, struct bytes body, struct error *err);

static bool
cut_off(struct error *err)
{
    return error_set(err, ERROR_DATA, "the event is cut off or broken");
}

static bool
read_rotate(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    struct binlog_event *event = &decoder->event;
    if (!binlog_event_read_rotate(body, event))
        return cut_off(err);
    if (strlen(event->rotate.file) >= FILE_SIZE)
        return error_set(err, ERROR_DATA, "the name of the next file is too long");
    set_file(decoder, event->rotate.file, event->rotate.pos);
    event->rotate.file = decoder->files[decoder->file];
    return true;
}

/* version u16, server u8[50], created u32, header length u8, lengths of post-headers, checksum algorithm u8 (and a checksum,
   which the algorithm does not concern). */
static bool
read_format(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    enum { VERSION = 4, ALGORITHM_CRC32 = 1, FIXED = 2 + 50 + 4 + 1 };
    uint64_t version = bytes_le(&body, 2);
    if (bytes_left(&body) < FIXED - 2 + 1)
        return cut_off(err);
    if (version != VERSION)
        return error_set(err, ERROR_DATA, "version %llu of the binlog is not supported", (unsigned long long)version);
    uint8_t algorithm = body.end[-1];
    if (algorithm > ALGORITHM_CRC32)
        return error_set(err, ERROR_DATA, "checksum algorithm %u is not known", algorithm);
    decoder->has_checksum = algorithm == ALGORITHM_CRC32;
    binlog_table_maps_clear(&decoder->maps);
    return true;
}

static bool
read_table_map(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    decoder->event.map = binlog_table_maps_read(&decoder->maps, body, err);
    return decoder->event.map != NULL;
}

static bool
read_rows(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    if (!binlog_rows_open(&decoder->rows, &decoder->maps, decoder->event.type, body, &decoder->event, err))
        return false;
    decoder->statement_has_ended = decoder->event.rows.ends_statement;
    return true;
}

static bool
read_query(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    struct binlog_event *event = &decoder->event;
    if (!binlog_event_read_query(body, event))
        return cut_off(err);
    binlog_event_set_statement(event, event->query.sql.data, event->query.sql.len);
    return true;
}

static bool
read_query_compressed(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    struct binlog_event *event = &decoder->event;
    size_t len;
    if (!binlog_event_read_query(body, event))
        return cut_off(err);
    free(decoder->unzipped);
    decoder->unzipped = payload_unzip(bytes_of(event->query.sql.data, event->query.sql.len), &len, err);
    if (!decoder->unzipped)
        return false;
    decoder->unzipped[len] = '\0';
    binlog_event_set_statement(event, (const char *)decoder->unzipped, len);
    return true;
}

static bool
read_payload(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    if (decoder->is_in_payload)
        return error_set(err, ERROR_DATA, "a compressed transaction inside of another");
    decoder->is_in_payload = payload_start(decoder->payload, body, err);
    return decoder->is_in_payload;
}

static void
set_heartbeat_position(struct binlog_decoder *decoder, const char *file, uint64_t pos)
{
    if (strcmp(file, decoder->files[decoder->file]) != 0)
        set_file(decoder, file, pos);
    else if (pos > 0)
        decoder->pos = pos;
    decoder->event.file = decoder->files[decoder->file];
    decoder->event.pos = decoder->event.next_pos = decoder->pos;
}

/* The body is the file's name; the position is the header's, of 32 bits. MariaDB leaves 0 there when it needs more and puts
   eight bytes in front of the name: the last of them is 0, which no name has. */
static bool
read_heartbeat(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    enum { WIDE = 8 };
    char file[FILE_SIZE];
    uint64_t pos = decoder->event.next_pos;
    bool is_wide = pos == 0 && bytes_left(&body) > WIDE && body.at[WIDE - 1] == 0;
    if (is_wide)
        pos = bytes_le(&body, WIDE);
    size_t len = bytes_left(&body);
    if (len >= FILE_SIZE)
        return cut_off(err);
    memcpy(file, body.at, len);
    file[len] = '\0';
    if (!is_wide && pos > 0 && strcmp(file, decoder->files[decoder->file]) == 0)
        pos = widen(decoder->pos, (uint32_t)pos);
    set_heartbeat_position(decoder, file, pos);
    return true;
}

static bool
read_heartbeat_v2(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    enum { END = 0, FILE_NAME = 1, POSITION = 2 };
    char file[FILE_SIZE] = "";
    uint64_t pos = 0;
    while (bytes_left(&body) > 0) {
        uint64_t type = bytes_packed(&body);
        if (type == END)
            break;
        struct bytes value = bytes_part(&body, bytes_packed(&body));
        size_t len = bytes_left(&value);
        const uint8_t *name = type == FILE_NAME && len < FILE_SIZE ? bytes_take(&value, len) : NULL;
        if (name) {
            memcpy(file, name, len);
            file[len] = '\0';
        } else if (type == POSITION) {
            pos = bytes_packed(&value);
        }
    }
    if (body.is_short || file[0] == '\0')
        return cut_off(err);
    set_heartbeat_position(decoder, file, pos);
    return true;
}

/* ---- every kind of event ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum binlog_event_kind kind;
    bool (*read_body)(struct bytes body, struct binlog_event *event); /* one of these two, or none */
    read_fn *read;
} types[256] = {
    [BINLOG_EVENT_QUERY] = {"QUERY", BINLOG_QUERY, NULL, read_query},
    [BINLOG_EVENT_STOP] = {"STOP", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_ROTATE] = {"ROTATE", BINLOG_ROTATE, NULL, read_rotate},
    [BINLOG_EVENT_INTVAR] = {"INTVAR", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_RAND] = {"RAND", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_USER_VAR] = {"USER_VAR", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_FORMAT] = {"FORMAT_DESCRIPTION", BINLOG_FORMAT, NULL, read_format},
    [BINLOG_EVENT_XID] = {"XID", BINLOG_COMMIT, binlog_event_read_xid, NULL},
    [BINLOG_EVENT_BEGIN_LOAD] = {"BEGIN_LOAD_QUERY", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_APPEND_BLOCK] = {"APPEND_BLOCK", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_DELETE_FILE] = {"DELETE_FILE", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_EXECUTE_LOAD] = {"EXECUTE_LOAD_QUERY", BINLOG_QUERY, binlog_event_read_execute_load, NULL},
    [BINLOG_EVENT_TABLE_MAP] = {"TABLE_MAP", BINLOG_TABLE_MAP, NULL, read_table_map},
    [BINLOG_EVENT_WRITE_V1] = {"WRITE_ROWS_V1", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_UPDATE_V1] = {"UPDATE_ROWS_V1", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_DELETE_V1] = {"DELETE_ROWS_V1", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_INCIDENT] = {"INCIDENT", BINLOG_INCIDENT, binlog_event_read_incident, NULL},
    [BINLOG_EVENT_HEARTBEAT] = {"HEARTBEAT", BINLOG_HEARTBEAT, NULL, read_heartbeat},
    [BINLOG_EVENT_IGNORABLE] = {"IGNORABLE", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_ROWS_QUERY] = {"ROWS_QUERY", BINLOG_ROWS_QUERY, binlog_event_read_rows_query, NULL},
    [BINLOG_EVENT_WRITE_V2] = {"WRITE_ROWS", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_UPDATE_V2] = {"UPDATE_ROWS", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_DELETE_V2] = {"DELETE_ROWS", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_GTID] = {"GTID", BINLOG_GTID, binlog_event_read_gtid, NULL},
    [BINLOG_EVENT_ANONYMOUS_GTID] = {"ANONYMOUS_GTID", BINLOG_GTID, binlog_event_read_gtid, NULL},
    [BINLOG_EVENT_PREVIOUS_GTIDS] = {"PREVIOUS_GTIDS", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_TRANSACTION_CONTEXT] = {"TRANSACTION_CONTEXT", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_VIEW_CHANGE] = {"VIEW_CHANGE", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_XA_PREPARE] = {"XA_PREPARE", BINLOG_XA_PREPARE, binlog_event_read_xa_prepare, NULL},
    [BINLOG_EVENT_PARTIAL_UPDATE] = {"PARTIAL_UPDATE_ROWS", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_PAYLOAD] = {"TRANSACTION_PAYLOAD", BINLOG_OTHER, NULL, read_payload},
    [BINLOG_EVENT_HEARTBEAT_V2] = {"HEARTBEAT_V2", BINLOG_HEARTBEAT, NULL, read_heartbeat_v2},
    [BINLOG_EVENT_GTID_TAGGED] = {"GTID_TAGGED", BINLOG_GTID, binlog_event_read_gtid_tagged, NULL},
    [BINLOG_EVENT_MARIADB_ANNOTATE] = {"ANNOTATE_ROWS", BINLOG_ROWS_QUERY, binlog_event_read_annotate, NULL},
    [BINLOG_EVENT_MARIADB_CHECKPOINT] = {"BINLOG_CHECKPOINT", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_MARIADB_GTID] = {"GTID", BINLOG_GTID, binlog_event_read_mariadb_gtid, NULL},
    [BINLOG_EVENT_MARIADB_GTID_LIST] = {"GTID_LIST", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_MARIADB_ENCRYPTION] = {"START_ENCRYPTION", BINLOG_OTHER, NULL, NULL},
    [BINLOG_EVENT_MARIADB_QUERY_COMPRESSED] = {"QUERY_COMPRESSED", BINLOG_QUERY, NULL, read_query_compressed},
    [BINLOG_EVENT_MARIADB_WRITE_COMPRESSED_V1] = {"WRITE_ROWS_COMPRESSED_V1", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_MARIADB_UPDATE_COMPRESSED_V1] = {"UPDATE_ROWS_COMPRESSED_V1", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_MARIADB_DELETE_COMPRESSED_V1] = {"DELETE_ROWS_COMPRESSED_V1", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_MARIADB_WRITE_COMPRESSED] = {"WRITE_ROWS_COMPRESSED", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_MARIADB_UPDATE_COMPRESSED] = {"UPDATE_ROWS_COMPRESSED", BINLOG_ROWS, NULL, read_rows},
    [BINLOG_EVENT_MARIADB_DELETE_COMPRESSED] = {"DELETE_ROWS_COMPRESSED", BINLOG_ROWS, NULL, read_rows},
};

static bool
read_body(struct binlog_decoder *decoder, struct bytes body, struct error *err)
{
    struct binlog_event *event = &decoder->event;
    event->kind = types[event->type].kind;
    if (types[event->type].read)
        return types[event->type].read(decoder, body, err);
    if (types[event->type].read_body)
        return types[event->type].read_body(body, event) || cut_off(err);
    if (types[event->type].name || event->flags & FLAG_IGNORABLE) {
        event->kind = BINLOG_OTHER;
        return true;
    }
    return error_set(err, ERROR_DATA, "events of this type are not known");
}

/* ---- headers, checksums, positions ---------------------------------------------------------------------------------- */

static bool
has_right_checksum(uint8_t *data, size_t len)
{
    struct bytes stored = bytes_of(data + len - CHECKSUM_SIZE, CHECKSUM_SIZE);
    return crc32(0, data, (uInt)(len - CHECKSUM_SIZE)) == bytes_le(&stored, CHECKSUM_SIZE);
}

/* The last file's first event was written without the flag that the file is in use, which the server sets later. */
static bool
has_right_format_checksum(uint8_t *data, size_t len)
{
    if (has_right_checksum(data, len))
        return true;
    data[FLAGS_OFFSET] ^= FLAG_IN_USE;
    bool is_right = has_right_checksum(data, len);
    data[FLAGS_OFFSET] ^= FLAG_IN_USE;
    return is_right;
}

/* Take the checksum off the body's end. What the server says before the file's first event may have one or not. */
static bool
strip_checksum(const struct binlog_decoder *decoder, uint8_t *data, size_t *len, struct error *err)
{
    uint8_t type = data[4];
    bool is_format = type == BINLOG_EVENT_FORMAT, is_expected = decoder->has_checksum || is_format;
    bool may_have = is_expected || type == BINLOG_EVENT_ROTATE;
    if (!may_have || *len < BINLOG_HEADER_SIZE + CHECKSUM_SIZE + (is_format ? 1 : 0))
        return !is_expected || cut_off(err);
    bool without = is_format && data[*len - CHECKSUM_SIZE - 1] == 0; /* its place is there, its value is not */
    if (without || (is_format ? has_right_format_checksum(data, *len) : has_right_checksum(data, *len))) {
        *len -= CHECKSUM_SIZE;
        return true;
    }
    bool is_artificial = data[FLAGS_OFFSET] & FLAG_ARTIFICIAL;
    return (type == BINLOG_EVENT_ROTATE && (is_artificial || !decoder->has_checksum)) ||
           error_set(err, ERROR_DATA, "the checksum is wrong: the event was damaged on disk or on the way");
}

static void
read_header(struct binlog_decoder *decoder, struct bytes *from)
{
    struct binlog_event *event = &decoder->event;
    event->timestamp_s = (uint32_t)bytes_le(from, 4);
    event->type = bytes_u8(from);
    event->server_id = (uint32_t)bytes_le(from, 4);
    bytes_le(from, 4);
    event->next_pos = bytes_le(from, 4);
    event->flags = (uint16_t)bytes_le(from, 2);
    event->file = decoder->files[decoder->file];
    event->is_in_payload = decoder->is_in_payload;
}

static bool
is_made_for_us(const struct binlog_event *event)
{
    return event->flags & FLAG_ARTIFICIAL || event->type == BINLOG_EVENT_HEARTBEAT || event->type == BINLOG_EVENT_HEARTBEAT_V2 ||
           (event->type == BINLOG_EVENT_FORMAT && event->next_pos == 0);
}

/* Where the event starts and ends; the stream moves behind it. */
static void
set_positions(struct binlog_decoder *decoder, size_t len)
{
    struct binlog_event *event = &decoder->event;
    event->is_artificial = is_made_for_us(event);
    if (event->is_artificial) {
        event->pos = decoder->pos;
        return;
    }
    uint64_t computed = decoder->pos + len;
    event->next_pos = event->next_pos == 0 ? computed : widen(computed, (uint32_t)event->next_pos);
    event->pos = event->next_pos - len;
    decoder->pos = event->next_pos;
}

static bool
decode(struct binlog_decoder *decoder, uint8_t *data, size_t len, struct error *err)
{
    struct bytes header = bytes_of(data, BINLOG_HEADER_SIZE), size = bytes_of(data + 9, 4);
    decoder->event = (struct binlog_event){.kind = BINLOG_OTHER};
    if (len < BINLOG_HEADER_SIZE || bytes_le(&size, 4) != len)
        return cut_off(err);
    size_t body_len = len;
    read_header(decoder, &header);
    if (!decoder->is_in_payload && !strip_checksum(decoder, data, &body_len, err))
        return false;
    if (!decoder->is_in_payload)
        set_positions(decoder, len);
    struct bytes body = bytes_of(data + BINLOG_HEADER_SIZE, body_len - BINLOG_HEADER_SIZE);
    bool is_read = read_body(decoder, body, err);
    if (decoder->event.is_artificial && decoder->event.kind != BINLOG_HEARTBEAT)
        decoder->event.next_pos = decoder->event.pos;
    return is_read;
}

/* ---- the sequence ------------------------------------------------------------------------------------------------------ */

void
binlog_decoder_feed(struct binlog_decoder *decoder, uint8_t *event, size_t len)
{
    ensure(!decoder->fed && !decoder->is_in_payload, "fed before it was hungry");
    decoder->fed = event;
    decoder->fed_len = len;
}

static enum binlog_decoder_result
fail(struct binlog_decoder *decoder, struct error *err)
{
    uint8_t type = decoder->event.type;
    error_wrap(err, "binlog event %s (type %u) at %s:%llu", types[type].name ? types[type].name : "of an unknown kind", type,
               decoder->files[decoder->file], (unsigned long long)decoder->event.pos);
    decoder->is_failed = true;
    decoder->failure = *err;
    return BINLOG_DECODER_FAILED;
}

/* Events inside of a compressed transaction have the positions of the whole. */
static enum binlog_decoder_result
next_in_payload(struct binlog_decoder *decoder, struct error *err)
{
    struct binlog_event whole = decoder->event;
    uint8_t *data;
    size_t len;
    enum payload_result result = payload_next(decoder->payload, &data, &len, err);
    if (result == PAYLOAD_END) {
        decoder->is_in_payload = false;
        return BINLOG_DECODER_HUNGRY;
    }
    bool is_read = result == PAYLOAD_EVENT && decode(decoder, data, len, err);
    decoder->event.pos = whole.pos;
    decoder->event.next_pos = whole.next_pos;
    return is_read ? BINLOG_DECODER_EVENT : fail(decoder, err);
}

static enum binlog_decoder_result
next_fed(struct binlog_decoder *decoder, struct error *err)
{
    uint8_t *data = decoder->fed;
    decoder->fed = NULL;
    if (!data)
        return BINLOG_DECODER_HUNGRY;
    return decode(decoder, data, decoder->fed_len, err) ? BINLOG_DECODER_EVENT : fail(decoder, err);
}

/* A compressed transaction is told by what is in it: its own event would say that it is over before its rows are read. */
static bool
is_withheld(const struct binlog_decoder *decoder)
{
    return decoder->event.type == BINLOG_EVENT_PAYLOAD;
}

enum binlog_decoder_result
binlog_decoder_next(struct binlog_decoder *decoder, const struct binlog_event **event_out, struct error *err)
{
    if (decoder->is_failed) {
        *err = decoder->failure;
        return BINLOG_DECODER_FAILED;
    }
    if (decoder->statement_has_ended)
        binlog_table_maps_end_statement(&decoder->maps);
    decoder->statement_has_ended = false;
    *event_out = &decoder->event;
    enum binlog_decoder_result result;
    do
        result = decoder->is_in_payload ? next_in_payload(decoder, err) : next_fed(decoder, err);
    while (result == BINLOG_DECODER_EVENT && is_withheld(decoder));
    return result;
}
