/* Bodies of events: positions of fields as the servers write them. Rows and table maps have files of their own. */
#include "connect/connectors/binlog/event_priv.h"

#include <stdio.h>
#include <strings.h>

/* The bytes up to the end, with a NUL behind them. */
static struct binlog_text
rest_as_text(const struct bytes *body)
{
    *(uint8_t *)body->end = '\0';
    return (struct binlog_text){(const char *)body->at, bytes_left(body)};
}

bool
binlog_event_read_rotate(struct bytes body, struct binlog_event *event)
{
    event->rotate.pos = bytes_le(&body, 8);
    event->rotate.file = rest_as_text(&body).data;
    return !body.is_short && bytes_left(&body) > 0;
}

/* ---- statements --------------------------------------------------------------------------------------------- */

enum { STATUS_FLAGS2 = 0, STATUS_SQL_MODE = 1, STATUS_CHARSET = 4 };

static void
read_status_charset(struct bytes *status, struct binlog_query *query)
{
    query->client_collation = (uint16_t)bytes_le(status, 2);
    query->connection_collation = (uint16_t)bytes_le(status, 2);
    query->server_collation = (uint16_t)bytes_le(status, 2);
}

/* Variables stand in the order of their codes; behind the character sets nothing is of interest. */
static void
read_status(struct bytes status, struct binlog_query *query)
{
    enum { CATALOG = 2, AUTO_INCREMENT = 3, CATALOG_NZ = 6 };
    while (bytes_left(&status) > 0) {
        switch (bytes_u8(&status)) {
        case STATUS_FLAGS2: bytes_take(&status, 4); break;
        case STATUS_SQL_MODE: query->sql_mode = bytes_le(&status, 8); break;
        case CATALOG: bytes_take(&status, bytes_u8(&status) + 1u); break;
        case CATALOG_NZ: bytes_take(&status, bytes_u8(&status)); break;
        case AUTO_INCREMENT: bytes_take(&status, 4); break;
        case STATUS_CHARSET: read_status_charset(&status, query); return;
        default: return;
        }
    }
}

static bool
is_word(const char *sql, size_t len, const char *word)
{
    while (len > 0 && (sql[len - 1] == ';' || sql[len - 1] == ' '))
        len--;
    return len == strlen(word) && strncasecmp(sql, word, len) == 0;
}

void
binlog_event_set_statement(struct binlog_event *event, const char *sql, size_t len)
{
    static const struct {
        const char *word;
        enum binlog_event_kind kind;
    } words[] = {{"BEGIN", BINLOG_BEGIN}, {"COMMIT", BINLOG_COMMIT}, {"ROLLBACK", BINLOG_ROLLBACK}};
    event->kind = BINLOG_QUERY;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (is_word(sql, len, words[i].word))
            event->kind = words[i].kind;
    event->query.sql = (struct binlog_text){sql, len};
    if (event->kind == BINLOG_COMMIT) {
        event->commit.xid = 0;
        event->commit.is_query = true;
    }
}

/* `more` bytes stand between the lengths and what they are of. */
static bool
read_statement(struct bytes body, size_t more, struct binlog_event *event)
{
    struct binlog_query *query = &event->query;
    *query = (struct binlog_query){.thread_id = (uint32_t)bytes_le(&body, 4), .exec_seconds = (uint32_t)bytes_le(&body, 4)};
    size_t database_len = bytes_u8(&body);
    query->error_code = (uint32_t)bytes_le(&body, 2);
    size_t status_len = bytes_le(&body, 2);
    bytes_take(&body, more);
    read_status(bytes_part(&body, status_len), query);
    const char *database = (const char *)bytes_take(&body, database_len + 1);
    if (!database || database[database_len] != '\0')
        return false;
    query->database = (struct binlog_text){database, database_len};
    query->sql = rest_as_text(&body);
    return true;
}

bool
binlog_event_read_query(struct bytes body, struct binlog_event *event)
{
    return read_statement(body, 0, event);
}

/* Number of the file, begin and end of its name in the text u32, what becomes of duplicates u8. */
bool
binlog_event_read_execute_load(struct bytes body, struct binlog_event *event)
{
    return read_statement(body, 3 * 4 + 1, event);
}

/* number u16, length u8, message */
bool
binlog_event_read_incident(struct bytes body, struct binlog_event *event)
{
    bytes_le(&body, 2);
    size_t len = bytes_u8(&body);
    const uint8_t *message = bytes_take(&body, len);
    if (!message)
        return false;
    *(uint8_t *)body.at = '\0';
    event->text = (struct binlog_text){(const char *)message, len};
    return true;
}

/* MySQL: a length byte that cannot hold long texts, so it is skipped. */
bool
binlog_event_read_rows_query(struct bytes body, struct binlog_event *event)
{
    bytes_u8(&body);
    event->text = rest_as_text(&body);
    return !body.is_short;
}

bool
binlog_event_read_annotate(struct bytes body, struct binlog_event *event)
{
    event->text = rest_as_text(&body);
    return true;
}

/* ---- ends of transactions ------------------------------------------------------------------------------------- */

bool
binlog_event_read_xid(struct bytes body, struct binlog_event *event)
{
    event->commit.xid = bytes_le(&body, 8);
    event->commit.is_query = false;
    return !body.is_short;
}

bool
binlog_event_read_xa_prepare(struct bytes body, struct binlog_event *event)
{
    event->xa.is_one_phase = bytes_u8(&body) != 0;
    bytes_le(&body, 4); /* format */
    uint64_t gtrid_len = bytes_le(&body, 4), bqual_len = bytes_le(&body, 4);
    const uint8_t *xid = bytes_take(&body, gtrid_len + bqual_len);
    event->xa.xid = (struct binlog_text){(const char *)xid, xid ? gtrid_len + bqual_len : 0};
    return xid != NULL;
}

/* ---- GTIDs -------------------------------------------------------------------------------------------------------- */

static const uint64_t has_original = UINT64_C(1) << 55; /* in a commit time: the original server's follows */

static void
print_uuid(const uint8_t *bytes, char out[37])
{
    static const char hex[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = hex[bytes[i] >> 4];
        *out++ = hex[bytes[i] & 15];
    }
    *out = '\0';
}

/* flags u8, UUID, number, type of logical clock u8, two of its values, commit times u56, length (packed), ... ; servers before
   8.0 stop earlier. */
bool
binlog_event_read_gtid(struct bytes body, struct binlog_event *event)
{
    struct binlog_gtid *gtid = &event->gtid;
    *gtid = (struct binlog_gtid){.is_mariadb = false};
    bytes_u8(&body);
    const uint8_t *uuid = bytes_take(&body, 16);
    uint64_t number = bytes_le(&body, 8);
    if (!uuid || body.is_short)
        return false;
    if (event->type != BINLOG_EVENT_ANONYMOUS_GTID) {
        print_uuid(uuid, gtid->text);
        snprintf(gtid->text + 36, sizeof(gtid->text) - 36, ":%llu", (unsigned long long)number);
    }
    if (bytes_left(&body) < 1 + 16 || bytes_u8(&body) != 2)
        return true;
    bytes_take(&body, 16);
    if (bytes_left(&body) < 7)
        return true;
    uint64_t commit = bytes_le(&body, 7);
    gtid->commit_us = commit & ~has_original;
    gtid->original_commit_us = commit & has_original ? bytes_le(&body, 7) : gtid->commit_us;
    if (bytes_left(&body) > 0)
        gtid->transaction_length = bytes_packed(&body);
    return true;
}

/* A number of the tagged form's serialisation: the ones at the low end of the first byte say how many bytes follow. */
static uint64_t
read_varlen(struct bytes *body)
{
    uint8_t first = bytes_u8(body);
    unsigned more = 0;
    while (more < 8 && first >> more & 1)
        more++;
    uint64_t low = more < 7 ? (uint64_t)first >> (more + 1) : 0;
    uint64_t high = more > 0 ? bytes_le(body, more) : 0;
    return more >= 8 ? high : high << (7 - more) | low;
}

/* The sign is the lowest bit. */
static int64_t
read_varlen_signed(struct bytes *body)
{
    uint64_t bits = read_varlen(body);
    return bits & 1 ? -(int64_t)(bits >> 1) - 1 : (int64_t)(bits >> 1);
}

struct tagged {
    uint8_t uuid[16];
    int64_t number;
    char tag[33];
    uint64_t commit_us, original_us, length;
    bool has_original;
};

static bool
read_tagged_field(uint64_t id, struct bytes *body, struct tagged *out)
{
    enum { FLAGS = 0, UUID = 1, NUMBER = 2, TAG = 3, LAST_COMMITTED = 4, SEQUENCE = 5, COMMIT = 6, ORIGINAL = 7, LENGTH = 8 };
    size_t len;
    const uint8_t *tag;
    switch (id) {
    case FLAGS: read_varlen(body); return true;
    case UUID:
        for (size_t i = 0; i < sizeof(out->uuid); i++)
            out->uuid[i] = (uint8_t)read_varlen(body);
        return true;
    case NUMBER: out->number = read_varlen_signed(body); return true;
    case TAG:
        len = read_varlen(body);
        tag = len < sizeof(out->tag) ? bytes_take(body, len) : NULL;
        if (tag)
            memcpy(out->tag, tag, len);
        return tag != NULL;
    case LAST_COMMITTED:
    case SEQUENCE: read_varlen_signed(body); return true;
    case COMMIT: out->commit_us = read_varlen(body); return true;
    case ORIGINAL: out->original_us = read_varlen(body); out->has_original = true; return true;
    case LENGTH: out->length = read_varlen(body); return true;
    default: return false; /* nothing behind is of interest */
    }
}

/* format version, size, last field that must be known, then fields: number, value. */
bool
binlog_event_read_gtid_tagged(struct bytes body, struct binlog_event *event)
{
    struct tagged tagged = {.number = 0};
    read_varlen(&body);
    read_varlen(&body);
    read_varlen(&body);
    while (bytes_left(&body) > 0 && read_tagged_field(read_varlen(&body), &body, &tagged))
        ;
    if (body.is_short || tagged.number <= 0)
        return false;
    struct binlog_gtid *gtid = &event->gtid;
    *gtid = (struct binlog_gtid){.commit_us = tagged.commit_us, .transaction_length = tagged.length,
                                 .original_commit_us = tagged.has_original ? tagged.original_us : tagged.commit_us};
    print_uuid(tagged.uuid, gtid->text);
    snprintf(gtid->text + 36, sizeof(gtid->text) - 36, "%s%s:%lld", tagged.tag[0] ? ":" : "", tagged.tag,
             (long long)tagged.number);
    return true;
}

enum mariadb_gtid_flags { GTID_STANDALONE = 1, GTID_GROUP_COMMIT = 2, GTID_DDL = 0x20, GTID_PREPARED = 0x40, GTID_COMPLETED = 0x80 };

/* Flags of a further byte, behind what the first ones announce; servers before 10.8 have none, or zeros there. */
static uint8_t
read_mariadb_extra(struct bytes body, uint8_t flags)
{
    if (flags & GTID_GROUP_COMMIT)
        bytes_take(&body, 8);
    if (flags & (GTID_PREPARED | GTID_COMPLETED)) {
        bytes_take(&body, 4);
        size_t gtrid_len = bytes_u8(&body), bqual_len = bytes_u8(&body);
        bytes_take(&body, gtrid_len + bqual_len);
    }
    return bytes_u8(&body);
}

/* number u64, domain u32, flags u8, [commit u64], [XID], [more flags u8, ...]; the server is that of the header. */
bool
binlog_event_read_mariadb_gtid(struct bytes body, struct binlog_event *event)
{
    enum { START_ALTER = 2, ROLLBACK_ALTER = 8 };
    uint64_t number = bytes_le(&body, 8);
    uint32_t domain = (uint32_t)bytes_le(&body, 4);
    uint8_t flags = bytes_u8(&body);
    if (body.is_short)
        return false;
    struct binlog_gtid *gtid = &event->gtid;
    *gtid = (struct binlog_gtid){.is_mariadb = true, .is_standalone = flags & GTID_STANDALONE, .is_ddl = flags & GTID_DDL,
                                 .is_prepared = flags & GTID_PREPARED, .is_completed = flags & GTID_COMPLETED,
                                 .is_without_effect = read_mariadb_extra(body, flags) & (START_ALTER | ROLLBACK_ALTER)};
    snprintf(gtid->text, sizeof(gtid->text), "%u-%u-%llu", domain, event->server_id, (unsigned long long)number);
    return true;
}
