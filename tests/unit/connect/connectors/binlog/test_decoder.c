/* Tests of connect/connectors/binlog/decoder.c: what recorded streams do not show. */
#include "connect/connectors/binlog/decoder.h"

#include "connect/connectors/binlog/bytes.h"
#include "tests/unit/connect/connectors/binlog/event_bytes.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum {
    QUERY = 2, ROTATE = 4, APPEND_BLOCK = 9, DELETE_FILE = 11, BEGIN_LOAD = 17, EXECUTE_LOAD = 18, INCIDENT = 26, FORMAT = 15, XID = 16, TABLE_MAP = 19, WRITE_ROWS = 30, GTID = 33, PAYLOAD = 40, HEARTBEAT = 27,
    HEARTBEAT_V2 = 41,
    GTID_TAGGED = 42, MARIADB_GTID = 162, WRITE_COMPRESSED_V1 = 166,
};
enum { ARTIFICIAL = 0x20, IGNORABLE = 0x80 };

static struct binlog_decoder *decoder;
static const struct binlog_event *event;
static struct error err;

static void
text(const char *from)
{
    strbuf_puts(&bytes, from);
}

static enum binlog_decoder_result
decode(bool with_checksum)
{
    size_t len = bytes.len + (with_checksum ? 4 : 0);
    set_length(len);
    if (with_checksum)
        put(crc32(0, (const uint8_t *)bytes.data, (uInt)bytes.len), 4);
    binlog_decoder_feed(decoder, (uint8_t *)bytes.data, bytes.len);
    return binlog_decoder_next(decoder, &event, &err);
}

static void
decode_event(bool with_checksum)
{
    ck_assert_msg(decode(with_checksum) == BINLOG_DECODER_EVENT, "%s", err.message);
}

static void
no_more(void)
{
    const struct binlog_event *other;
    ck_assert_int_eq(binlog_decoder_next(decoder, &other, &err), BINLOG_DECODER_HUNGRY);
}

static void
format(unsigned algorithm, uint32_t next_pos)
{
    begin(FORMAT, next_pos, 0);
    put(4, 2);
    strbuf_add(&bytes, (char[54]){0}, 54);
    put(19, 1);
    strbuf_add(&bytes, (char[40]){0}, 40);
    put(algorithm, 1);
    if (algorithm == 0)
        put(0, 4);
    decode_event(algorithm != 0);
    no_more();
}

static void
rotate(const char *file, uint64_t pos, unsigned flags, bool with_checksum)
{
    begin(ROTATE, 0, flags);
    put(pos, 8);
    text(file);
    decode_event(with_checksum);
}

static void
setup(void)
{
    decoder = binlog_decoder_new("bin.000001", 4);
    err = ERROR_INIT;
}

static void
teardown(void)
{
    binlog_decoder_free(decoder);
    strbuf_fini(&bytes);
}

START_TEST(the_first_rotate_has_a_checksum_or_not)
{
    rotate("bin.000042", 1234, ARTIFICIAL, _i == 1);
    ck_assert_int_eq(event->kind, BINLOG_ROTATE);
    ck_assert_str_eq(event->rotate.file, "bin.000042");
    ck_assert_uint_eq(event->rotate.pos, 1234);
    ck_assert(event->is_artificial);
}
END_TEST

START_TEST(files_without_checksums_are_read)
{
    format(0, 120);
    begin(XID, 147, 0);
    put(99, 8);
    decode_event(false);
    ck_assert_int_eq(event->kind, BINLOG_COMMIT);
    ck_assert_uint_eq(event->commit.xid, 99);
    ck_assert_uint_eq(event->pos, 120);
    ck_assert_uint_eq(event->next_pos, 147);
    ck_assert_str_eq(event->file, "bin.000001");
}
END_TEST

START_TEST(a_wrong_checksum_is_refused_and_stays_refused)
{
    format(1, 120);
    begin(XID, 151, 0);
    put(99, 8);
    put(0x12345678, 4);
    ck_assert_int_eq(decode(false), BINLOG_DECODER_FAILED);
    ck_assert_int_eq(err.code, ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "XID"));
    ck_assert_ptr_nonnull(strstr(err.message, "checksum"));
    ck_assert_int_eq(binlog_decoder_next(decoder, &event, &err), BINLOG_DECODER_FAILED);
}
END_TEST

/* next is the header's number: 0 where a server leaves it out, and only its low half beyond 4 GiB. */
static const struct {
    uint64_t at;
    uint32_t next;
    uint64_t start;
} positions[] = {
    {1000, 1027, 1000},
    {1000, 0, 1000},
    {1000, 5027, 5000},
    {0xfffffff0, 11, 0xfffffff0},
    {0x1fffffff0, 11, 0x1fffffff0},
    {0x500000000, 27, 0x500000000},
};

START_TEST(positions_go_on_beyond_32_bits)
{
    rotate("bin.000002", positions[_i].at, ARTIFICIAL, true);
    no_more();
    format(0, 0);
    ck_assert(event->is_artificial);
    ck_assert_uint_eq(event->next_pos, positions[_i].at);
    begin(XID, positions[_i].next, 0);
    put(1, 8);
    decode_event(false);
    ck_assert_uint_eq(event->pos, positions[_i].start);
    ck_assert_uint_eq(event->next_pos, positions[_i].start + 27);
}
END_TEST

START_TEST(unknown_events_are_refused_unless_they_may_be_ignored)
{
    format(0, 120);
    begin(99, 150, _i == 1 ? IGNORABLE : 0);
    put(0, 8);
    enum binlog_decoder_result result = decode(false);
    ck_assert_int_eq(result, _i == 1 ? BINLOG_DECODER_EVENT : BINLOG_DECODER_FAILED);
    if (_i == 1)
        ck_assert_int_eq(event->kind, BINLOG_OTHER);
    else
        ck_assert_ptr_nonnull(strstr(err.message, "type 99"));
}
END_TEST

START_TEST(a_heartbeat_with_a_long_position_moves_the_stream)
{
    format(0, 120);
    begin(HEARTBEAT_V2, 0, 0);
    put(1, 1);
    put(10, 1);
    text("bin.000009");
    put(2, 1);
    put(9, 1);
    put(254, 1);
    put(0x1234567890, 8);
    put(0, 1);
    decode_event(false);
    ck_assert_int_eq(event->kind, BINLOG_HEARTBEAT);
    ck_assert_str_eq(event->file, "bin.000009");
    ck_assert_uint_eq(event->pos, 0x1234567890);
    no_more();
    begin(XID, 0, 0);
    put(1, 8);
    decode_event(false);
    ck_assert_str_eq(event->file, "bin.000009");
    ck_assert_uint_eq(event->pos, 0x1234567890);
}
END_TEST

/* The header's 32 bits are the low half of a position beyond 4 GiB; MariaDB puts the whole in front of the name. */
static const struct {
    uint64_t at;
    uint32_t low;
    uint64_t wide, pos;
} heartbeats[] = {
    {1000, 1500, 0, 1500},
    {0x500000000, 0x00000020, 0, 0x500000020},
    {0x4fffffff0, 0x00000020, 0, 0x500000020},
    {0x4fffffff0, 0, 0x500000020, 0x500000020},
    {0x500001000, 0, 0, 0x500001000},
};

START_TEST(a_heartbeat_with_a_short_position_keeps_a_long_one)
{
    rotate("bin.000002", heartbeats[_i].at, ARTIFICIAL, true);
    no_more();
    format(0, 0);
    begin(HEARTBEAT, heartbeats[_i].low, 0);
    if (heartbeats[_i].wide)
        put(heartbeats[_i].wide, 8);
    text("bin.000002");
    decode_event(false);
    ck_assert_int_eq(event->kind, BINLOG_HEARTBEAT);
    ck_assert_str_eq(event->file, "bin.000002");
    ck_assert_uint_eq(event->pos, heartbeats[_i].pos);
}
END_TEST

static void
gtid_head(uint64_t number)
{
    begin(GTID, 0, 0);
    put(1, 1);
    text("0123456789abcdef");
    put(number, 8);
}

START_TEST(gtids_of_old_servers_have_no_commit_time)
{
    format(0, 120);
    gtid_head(17);
    decode_event(false);
    ck_assert_str_eq(event->gtid.text, "30313233-3435-3637-3839-616263646566:17");
    ck_assert_uint_eq(event->gtid.commit_us, 0);
    no_more();
    gtid_head(18);
    put(2, 1);
    put(1, 8);
    put(2, 8);
    put(1700000000123456 | UINT64_C(1) << 55, 7);
    put(1600000000123456, 7);
    put(200, 1);
    decode_event(false);
    ck_assert_uint_eq(event->gtid.commit_us, 1700000000123456);
    ck_assert_uint_eq(event->gtid.original_commit_us, 1600000000123456);
    ck_assert_uint_eq(event->gtid.transaction_length, 200);
}
END_TEST

/* Numbers of the tagged form with one to nine bytes. */
START_TEST(a_tagged_gtid_with_a_long_number_is_read)
{
    format(0, 120);
    begin(GTID_TAGGED, 0, 0);
    put(1 << 1, 1);           /* version */
    put(0 << 1, 1);           /* size: of no interest */
    put(0 << 1, 1);
    put(1 << 1, 1);           /* UUID: bytes from 128 on take two */
    for (unsigned i = 0; i < 16; i++)
        put((200 + i) << 2 | 1, 2);
    put(2 << 1, 1);           /* number, signed */
    put(0xff, 1);
    put(UINT64_C(0x7ffffffffffffff0) << 1, 8);
    put(3 << 1, 1);           /* tag */
    put(4 << 1, 1);
    text("blue");
    put(6 << 1, 1);           /* commit time in eight bytes */
    put(0x7f, 1);
    put(1700000000123456, 7);
    decode_event(false);
    ck_assert_str_eq(event->gtid.text, "c8c9cacb-cccd-cecf-d0d1-d2d3d4d5d6d7:blue:9223372036854775792");
    ck_assert_uint_eq(event->gtid.commit_us, 1700000000123456);
}
END_TEST

/* binlog_alter_two_phase: the statement stands there when it begins and again when it is done, or has failed. */
static const struct {
    unsigned flags;   /* 1: standalone, 2: group commit, 0x40: XA */
    unsigned extra;   /* 0: padding only */
    bool is_without_effect;
} alters[] = {
    {0x21, 0, false}, {0x21, 2, true}, {0x21, 4, false}, {0x21, 8, true}, {0x23, 2, true}, {0x23, 4, false}, {0x22, 0, false},
    {0x40, 0, false}, {0x40, 8, true},
};

START_TEST(only_the_end_of_an_alter_in_two_parts_has_effect)
{
    unsigned flags = alters[_i].flags;
    format(0, 120);
    begin(MARIADB_GTID, 0, 0);
    put(18, 8);
    put(3, 4);
    put(flags, 1);
    if (flags & 2)
        put(0x0a0a0a0a0a0a0a0a, 8);
    if (flags & 0x40) {
        put(1, 4);
        put(2, 1);
        put(1, 1);
        text("\n\n\n");
    }
    put(alters[_i].extra, 1);
    if (alters[_i].extra)
        put(17, 8);
    decode_event(false);
    ck_assert_str_eq(event->gtid.text, "3-7-18");
    ck_assert_int_eq(event->gtid.is_without_effect, alters[_i].is_without_effect);
}
END_TEST

static void
table_map_head(uint64_t id, const char *table, unsigned columns)
{
    begin(TABLE_MAP, 0, 0);
    put(id, 6);
    put(1, 2);
    put(2, 1);
    text("db");
    put(0, 1);
    put(strlen(table), 1);
    text(table);
    put(0, 1);
    put(columns, 1);
}

static void
table_map(uint64_t id, const char *table)
{
    table_map_head(id, table, 1);
    put(3, 1); /* INT */
    put(0, 1);
    put(0, 1);
}

static void
rows_of(uint64_t id, unsigned columns)
{
    begin(WRITE_ROWS, 0, 0);
    put(id, 6);
    put(1, 2);
    put(2, 2);
    put(columns, 1);
    put(0xff, 1);
    put(0, 1);
    put(42, 4);
}

START_TEST(the_same_map_comes_again_and_a_changed_one_is_new)
{
    format(0, 120);
    table_map(8, "t");
    decode_event(false);
    struct binlog_table_map *map = event->map;
    uint64_t serial = map->serial;
    map->owner_data = decoder;
    no_more();
    table_map(8, "t");
    decode_event(false);
    ck_assert_ptr_eq(event->map, map);
    ck_assert_ptr_eq(map->owner_data, decoder);
    no_more();
    table_map(8, "u");
    decode_event(false);
    ck_assert_str_eq(event->map->table, "u");
    ck_assert_uint_gt(event->map->serial, serial);
    ck_assert_ptr_null(event->map->owner_data);
}
END_TEST

/* Whoever remembers a serial may outlive the stream that it came from. */
START_TEST(the_maps_of_two_streams_are_never_the_same)
{
    format(0, 120);
    table_map(8, "t");
    decode_event(false);
    uint64_t serial = event->map->serial;
    binlog_decoder_free(decoder);
    decoder = binlog_decoder_new("bin.000001", 4);
    format(0, 120);
    table_map(8, "t");
    decode_event(false);
    ck_assert_uint_ne(event->map->serial, serial);
}
END_TEST

START_TEST(rows_need_the_map_of_their_file)
{
    const struct binlog_cell *before, *after;
    format(0, 120);
    table_map(8, "t");
    decode_event(false);
    no_more();
    rows_of(8, 1);
    decode_event(false);
    struct binlog_rows rows = event->rows;
    ck_assert_int_eq(binlog_rows_next(&rows, &before, &after, &err), BINLOG_ROW);
    ck_assert_int_eq(after[0].integer, 42);
    ck_assert_ptr_null(before);
    ck_assert_int_eq(binlog_rows_next(&rows, &before, &after, &err), BINLOG_ROWS_END);
    no_more();
    format(0, 120);
    rows_of(8, 1);
    ck_assert_int_eq(decode(false), BINLOG_DECODER_FAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "without a table map"));
}
END_TEST

START_TEST(rows_with_another_number_of_columns_than_their_map_are_refused)
{
    format(0, 120);
    table_map(8, "t");
    decode_event(false);
    no_more();
    rows_of(8, 2);
    ck_assert_int_eq(decode(false), BINLOG_DECODER_FAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "db.t"));
}
END_TEST

/* Behind such a column nothing is where it seems to be, also in rows where it is NULL; other tables are not concerned. */
START_TEST(rows_of_a_table_with_a_type_that_is_not_known_are_refused)
{
    const struct binlog_cell *before, *after;
    format(0, 120);
    table_map_head(8, "t", 3);
    put(3, 1);    /* INT */
    put(200, 1);
    put(15, 1);   /* VARCHAR */
    put(5, 1);
    put(0x77, 3); /* of the unknown one */
    put(20, 2);
    put(7, 1);
    decode_event(false);
    no_more();
    begin(WRITE_ROWS, 0, 0);
    put(8, 6);
    put(1, 2);
    put(2, 2);
    put(3, 1);
    put(7, 1);
    put(6, 1);    /* NULL but for the first */
    put(42, 4);
    decode_event(false);
    struct binlog_rows rows = event->rows;
    ck_assert_int_eq(binlog_rows_next(&rows, &before, &after, &err), BINLOG_ROWS_FAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "db.t"));
    ck_assert_ptr_nonnull(strstr(err.message, "column 2 (200)"));
    no_more();
    table_map(9, "u");
    decode_event(false);
}
END_TEST

/* Most tables are of no interest: what is broken is found when it is asked for. */
START_TEST(compressed_rows_are_inflated_when_they_are_read)
{
    const struct binlog_cell *before, *after;
    format(0, 120);
    table_map(8, "t");
    decode_event(false);
    no_more();
    begin(WRITE_COMPRESSED_V1, 0, 0);
    put(8, 6);
    put(1, 2);
    put(1, 1);
    put(0xff, 1);
    text("not compressed at all");
    decode_event(false);
    struct binlog_rows rows = event->rows;
    ck_assert_int_eq(binlog_rows_next(&rows, &before, &after, &err), BINLOG_ROWS_FAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "db.t"));
}
END_TEST

/* One byte of metadata too few for a VARCHAR, the right number, one too many. */
START_TEST(metadata_must_fit_to_the_types_of_columns)
{
    format(0, 120);
    table_map_head(8, "t", 1);
    put(15, 1);
    put((uint64_t)_i, 1);
    put(20, _i);
    put(1, 1);
    decode_event(false);
    no_more();
    begin(WRITE_ROWS, 0, 0);
    put(8, 6);
    put(1, 2);
    put(2, 2);
    put(1, 1);
    put(1, 1);
    put(0, 1);
    put(1, 1);
    text("x");
    decode_event(false);
    const struct binlog_cell *before, *after;
    struct binlog_rows rows = event->rows;
    ck_assert_int_eq(binlog_rows_next(&rows, &before, &after, &err), _i == 2 ? BINLOG_ROW : BINLOG_ROWS_FAILED);
    ck_assert(_i == 2 || strstr(err.message, "db.t: the metadata"));
}
END_TEST

/* Of tables that come and go only so many are remembered. */
START_TEST(many_tables_do_not_take_up_memory_for_ever)
{
    const struct binlog_cell *before, *after;
    char name[32];
    format(0, 120);
    for (uint64_t id = 1; id <= 5000; id++) {
        snprintf(name, sizeof(name), "t%llu", (unsigned long long)id);
        table_map(id, name);
        decode_event(false);
        no_more();
        rows_of(id, 1);
        decode_event(false);
        struct binlog_rows rows = event->rows;
        ck_assert_int_eq(binlog_rows_next(&rows, &before, &after, &err), BINLOG_ROW);
        ck_assert_str_eq(rows.map->table, name);
        no_more();
    }
    rows_of(1, 1);
    ck_assert_int_eq(decode(false), BINLOG_DECODER_FAILED);
}
END_TEST

/* ---- what is not rows ------------------------------------------------------------------------------------------ */

START_TEST(an_incident_is_told_with_the_servers_words)
{
    format(0, 120);
    begin(INCIDENT, 0, 0);
    put(1, 2);
    put(11, 1);
    text("disk is full");
    decode_event(false);
    ck_assert_int_eq(event->kind, BINLOG_INCIDENT);
    ck_assert_str_eq(event->text.data, "disk is ful"); /* as long as it says */
}
END_TEST

START_TEST(load_data_in_a_log_of_statements_is_a_statement)
{
    static const int parts[] = {BEGIN_LOAD, APPEND_BLOCK, DELETE_FILE};
    format(0, 120);
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
        begin(parts[i], 0, 0);
        put(1, 4);
        text("1,2,3");
        decode_event(false);
        ck_assert_int_eq(event->kind, BINLOG_OTHER);
        no_more();
    }
    begin(EXECUTE_LOAD, 0, 0);
    put(5, 4);
    put(0, 4);
    put(1, 1);
    put(0, 2);
    put(9, 2);
    put(1, 4);  /* file, name from 9 to 20, duplicates */
    put(9, 4);
    put(20, 4);
    put(0, 1);
    put(1, 1);  /* sql_mode */
    put(4, 8);
    text("d");
    put(0, 1);
    text("LOAD DATA INFILE 'x' INTO TABLE t");
    decode_event(false);
    ck_assert_int_eq(event->kind, BINLOG_QUERY);
    ck_assert_str_eq(event->query.database.data, "d");
    ck_assert_str_eq(event->query.sql.data, "LOAD DATA INFILE 'x' INTO TABLE t");
    ck_assert_uint_eq(event->query.sql_mode, 4);
}
END_TEST

/* ---- compressed transactions ------------------------------------------------------------------------------------ */

/* What is put between the two is an event of its own, without checksum. */
static size_t
begin_inner(int type)
{
    size_t at = bytes.len;
    put(1700000000, 4);
    put((uint64_t)type, 1);
    put(7, 4);
    put(0, 4);
    put(0, 4);
    put(0, 2);
    return at;
}

static void
end_inner(size_t at)
{
    for (int i = 0; i < 4; i++)
        bytes.data[at + 9 + (size_t)i] = (char)((bytes.len - at) >> (8 * i));
}

static void
put_begin(void)
{
    size_t at = begin_inner(QUERY);
    put(5, 4);
    put(0, 4);
    put(0, 1);
    put(0, 2);
    put(0, 2);
    put(0, 1);
    text("BEGIN");
    end_inner(at);
}

static void
put_xid(void)
{
    size_t at = begin_inner(XID);
    put(99, 8);
    end_inner(at);
}

/* Fields of a payload that is not compressed: the end of them alone. */
static void
begin_payload(uint32_t next_pos)
{
    begin(PAYLOAD, next_pos, 0);
    put(0, 1);
}

/* Its own event would say that the transaction is over before its rows have been read. */
START_TEST(a_compressed_transaction_is_told_by_what_is_in_it)
{
    format(0, 120);
    begin_payload(200);
    put_begin();
    put_xid();
    uint64_t start = 200 - bytes.len;
    decode_event(false);
    ck_assert_int_eq(event->kind, BINLOG_BEGIN);
    ck_assert(event->is_in_payload);
    ck_assert_uint_eq(event->pos, start);
    ck_assert_uint_eq(event->next_pos, 200);
    ck_assert_int_eq(binlog_decoder_next(decoder, &event, &err), BINLOG_DECODER_EVENT);
    ck_assert_int_eq(event->kind, BINLOG_COMMIT);
    ck_assert_uint_eq(event->next_pos, 200);
    no_more();
}
END_TEST

START_TEST(a_compressed_transaction_with_nothing_in_it_is_passed_over)
{
    format(0, 120);
    begin_payload(0);
    ck_assert_int_eq(decode(false), BINLOG_DECODER_HUNGRY);
    begin(XID, 0, 0);
    put(1, 8);
    decode_event(false);
    ck_assert(!event->is_in_payload);
}
END_TEST

/* The fields say zstd. How much of the frame's end is there? Not one byte may be missing, although all events are complete. */
START_TEST(a_compressed_transaction_that_is_cut_off_is_refused)
{
    char packed[256];
    format(0, 120);
    strbuf_reset(&bytes);
    put_begin();
    size_t len = ZSTD_compress(packed, sizeof(packed), bytes.data, bytes.len, 3);
    ck_assert(!ZSTD_isError(len));
    begin(PAYLOAD, 0, 0);
    put(2, 1);
    put(1, 1);
    put(0, 1); /* zstd */
    put(0, 1);
    strbuf_add(&bytes, packed, len - (size_t)_i);
    enum binlog_decoder_result result = decode(false);
    while (result == BINLOG_DECODER_EVENT)
        result = binlog_decoder_next(decoder, &event, &err);
    ck_assert_int_eq(result, _i == 0 ? BINLOG_DECODER_HUNGRY : BINLOG_DECODER_FAILED);
    ck_assert(_i == 0 || strstr(err.message, "cut off"));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("decoder");
    TCase *tc = tcase_create("decoder");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, the_first_rotate_has_a_checksum_or_not, 0, 2);
    tcase_add_test(tc, files_without_checksums_are_read);
    tcase_add_test(tc, a_wrong_checksum_is_refused_and_stays_refused);
    tcase_add_loop_test(tc, positions_go_on_beyond_32_bits, 0, sizeof(positions) / sizeof(positions[0]));
    tcase_add_loop_test(tc, unknown_events_are_refused_unless_they_may_be_ignored, 0, 2);
    tcase_add_test(tc, a_heartbeat_with_a_long_position_moves_the_stream);
    tcase_add_loop_test(tc, a_heartbeat_with_a_short_position_keeps_a_long_one, 0, sizeof(heartbeats) / sizeof(heartbeats[0]));
    tcase_add_test(tc, gtids_of_old_servers_have_no_commit_time);
    tcase_add_test(tc, a_tagged_gtid_with_a_long_number_is_read);
    tcase_add_loop_test(tc, only_the_end_of_an_alter_in_two_parts_has_effect, 0, sizeof(alters) / sizeof(alters[0]));
    tcase_add_test(tc, the_same_map_comes_again_and_a_changed_one_is_new);
    tcase_add_test(tc, the_maps_of_two_streams_are_never_the_same);
    tcase_add_test(tc, rows_need_the_map_of_their_file);
    tcase_add_test(tc, rows_with_another_number_of_columns_than_their_map_are_refused);
    tcase_add_test(tc, rows_of_a_table_with_a_type_that_is_not_known_are_refused);
    tcase_add_test(tc, compressed_rows_are_inflated_when_they_are_read);
    tcase_add_loop_test(tc, metadata_must_fit_to_the_types_of_columns, 1, 4);
    tcase_add_test(tc, many_tables_do_not_take_up_memory_for_ever);
    tcase_add_test(tc, an_incident_is_told_with_the_servers_words);
    tcase_add_test(tc, load_data_in_a_log_of_statements_is_a_statement);
    tcase_add_test(tc, a_compressed_transaction_is_told_by_what_is_in_it);
    tcase_add_test(tc, a_compressed_transaction_with_nothing_in_it_is_passed_over);
    tcase_add_loop_test(tc, a_compressed_transaction_that_is_cut_off_is_refused, 0, 30);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
