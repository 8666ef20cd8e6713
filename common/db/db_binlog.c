/*
 * Dump mode over the client library's connection. MariaDB Connector/C has no call for MySQL's GTID sets and does not know
 * MySQL's newer events, so the command is sent and packets are read by the library's lower calls; Oracle's library gives
 * raw events by its own.
 */
#include "common/db/db_binlog.h"
#include "common/db/db_priv.h"

#include "common/base/alloc.h"
#include "common/base/strbuf.h"

#include <stdlib.h>

#ifdef MARIADB_BASE_VERSION

enum { COMMAND_DUMP = 18, COMMAND_DUMP_GTID = 30 };
enum { FLAG_USES_GTIDS = 4 };
enum { PACKET_EVENT = 0x00, PACKET_END = 0xfe };

static void
put_number(struct strbuf *to, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        strbuf_putc(to, (char)(number >> (8 * i)));
}

static int
dump_by_position(const struct db_binlog_request *request, struct strbuf *to)
{
    put_number(to, request->pos, 4);
    put_number(to, request->flags, 2);
    put_number(to, request->server_id, 4);
    strbuf_puts(to, request->file);
    return COMMAND_DUMP;
}

static int
dump_by_gtids(const struct db_binlog_request *request, struct strbuf *to)
{
    put_number(to, request->flags | FLAG_USES_GTIDS, 2);
    put_number(to, request->server_id, 4);
    put_number(to, strlen(request->file), 4);
    strbuf_puts(to, request->file);
    put_number(to, request->pos, 8);
    put_number(to, request->gtid_set_len, 4);
    strbuf_add(to, request->gtid_set, request->gtid_set_len);
    return COMMAND_DUMP_GTID;
}

static bool
dump(struct db *db, const struct db_binlog_request *request)
{
    struct strbuf body = STRBUF_INIT;
    int command = request->gtid_set ? dump_by_gtids(request, &body) : dump_by_position(request, &body);
    int failed = db->mysql->methods->db_command(db->mysql, (enum enum_server_command)command, body.data, body.len, 1, NULL);
    strbuf_fini(&body);
    return !failed;
}

static enum db_binlog_status
read_packet(struct db *db, const uint8_t **event_out, size_t *len_out)
{
    unsigned long len = mysql_net_read_packet(db->mysql);
    if ((uint32_t)len == UINT32_MAX || len == 0) /* the library's error value has 32 bits set in some versions, 64 in others */
        return DB_BINLOG_FAILED;
    const uint8_t *packet = db->mysql->net.read_pos;
    if (packet[0] == PACKET_END && len < 9)
        return DB_BINLOG_END;
    if (packet[0] != PACKET_EVENT)
        return DB_BINLOG_FAILED;
    *event_out = packet + 1;
    *len_out = len - 1;
    return DB_BINLOG_EVENT;
}

#else

static void
copy_gtid_set(MYSQL_RPL *rpl, unsigned char *to)
{
    memcpy(to, rpl->gtid_set_arg, rpl->gtid_set_encoded_size);
}

static bool
dump(struct db *db, const struct db_binlog_request *request)
{
    db->binlog = (MYSQL_RPL){
        .file_name = request->file,
        .file_name_length = strlen(request->file),
        .start_position = request->pos,
        .server_id = request->server_id,
        .flags = request->flags | (request->gtid_set ? MYSQL_RPL_GTID : 0),
        .gtid_set_encoded_size = request->gtid_set_len,
        .fix_gtid_set = request->gtid_set ? copy_gtid_set : NULL,
        .gtid_set_arg = (void *)request->gtid_set,
    };
    return mysql_binlog_open(db->mysql, &db->binlog) == 0;
}

static enum db_binlog_status
read_packet(struct db *db, const uint8_t **event_out, size_t *len_out)
{
    if (mysql_binlog_fetch(db->mysql, &db->binlog) != 0)
        return DB_BINLOG_FAILED;
    if (db->binlog.size == 0)
        return DB_BINLOG_END;
    *event_out = db->binlog.buffer + 1;
    *len_out = db->binlog.size - 1;
    return DB_BINLOG_EVENT;
}

#endif

bool
db_binlog_dump(struct db *db, const struct db_binlog_request *request, struct error *err)
{
    if (!db_ready(db, err))
        return false;
    db->is_busy = true;
    if (dump(db, request))
        return true;
    db->is_busy = false;
    return db_error_set(db, err);
}

enum db_binlog_status
db_binlog_read(struct db *db, const uint8_t **event_out, size_t *len_out, struct error *err)
{
    if (!db_ready(db, err))
        return DB_BINLOG_FAILED;
    enum db_binlog_status status = read_packet(db, event_out, len_out);
    if (status == DB_BINLOG_EVENT)
        return status;
    if (status == DB_BINLOG_FAILED) {
        if (mysql_errno(db->mysql) != 0 || atomic_load(&db->is_killed))
            db_error_set(db, err);
        else
            db_error_from(err, 2027, "HY000", "Malformed packet");
    }
    db->is_busy = atomic_load(&db->is_killed); /* otherwise the server has ended the dump by itself */
    return status;
}
