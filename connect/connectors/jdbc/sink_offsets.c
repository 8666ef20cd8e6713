/* Offsets in the destination database. */
#include "connect/connectors/jdbc/sink_offsets.h"

#include "common/base/alloc.h"
#include "connect/connectors/jdbc/dialect.h"
#include "connect/connectors/jdbc/sink_value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
sink_offsets_init(struct sink_offsets *offsets, const char *connector, const char *table)
{
    struct jdbc_table name;
    struct error unused = ERROR_INIT;
    *offsets = (struct sink_offsets){.connector = xstrdup(connector)};
    struct strbuf sql = STRBUF_INIT;
    if (jdbc_table_parse(table, &name, &unused)) {
        jdbc_table_write(&sql, &name, true);
        jdbc_table_fini(&name);
    } else {
        jdbc_name_write(&sql, table, true);
    }
    offsets->sql = strbuf_take(&sql);
}

void
sink_offsets_fini(struct sink_offsets *offsets)
{
    for (size_t i = 0; i < offsets->count; i++)
        free(offsets->items[i].topic);
    free(offsets->items);
    free(offsets->connector);
    free(offsets->sql);
    strbuf_fini(&offsets->text);
    *offsets = (struct sink_offsets){0};
}

/* ---- positions ------------------------------------------------------------------------------------------------ */

static struct sink_position *
position_find(const struct sink_offsets *offsets, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < offsets->count; i++)
        if (offsets->items[i].partition == partition && strcmp(offsets->items[i].topic, topic) == 0)
            return &offsets->items[i];
    return NULL;
}

const struct sink_position *
sink_offsets_find(const struct sink_offsets *offsets, const char *topic, int32_t partition)
{
    return position_find(offsets, topic, partition);
}

static struct sink_position *
position_add(struct sink_offsets *offsets, const char *topic, int32_t partition)
{
    struct sink_position *position = position_find(offsets, topic, partition);
    if (position)
        return position;
    offsets->items = xrealloc(offsets->items, (offsets->count + 1) * sizeof(*offsets->items));
    position = &offsets->items[offsets->count++];
    *position = (struct sink_position){.topic = xstrdup(topic), .partition = partition, .offset = -1, .pending = -1};
    return position;
}

void
sink_offsets_release(struct sink_offsets *offsets, const struct topic_partition *partitions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sink_position *position = position_find(offsets, partitions[i].topic, partitions[i].partition);
        if (!position)
            continue;
        free(position->topic);
        *position = offsets->items[--offsets->count];
    }
}

bool
sink_offsets_has(struct sink_offsets *offsets, const struct record *record)
{
    const struct sink_position *position = position_find(offsets, record->original_topic, record->original_partition);
    return position && record->offset < position->offset;
}

void
sink_offsets_note(struct sink_offsets *offsets, const struct record *record)
{
    struct sink_position *position = position_find(offsets, record->original_topic, record->original_partition);
    if (position && record->offset >= position->pending)
        position->pending = record->offset + 1;
}

void
sink_offsets_committed(struct sink_offsets *offsets)
{
    for (size_t i = 0; i < offsets->count; i++)
        offsets->items[i].offset = offsets->items[i].pending;
}

void
sink_offsets_rolled_back(struct sink_offsets *offsets)
{
    for (size_t i = 0; i < offsets->count; i++)
        offsets->items[i].pending = offsets->items[i].offset;
}

/* ---- statements ------------------------------------------------------------------------------------------------ */

bool
sink_offsets_create(struct sink_offsets *offsets, struct db *db, struct error *err)
{
    strbuf_reset(&offsets->text);
    strbuf_printf(&offsets->text,
                  "CREATE TABLE IF NOT EXISTS %s (connector VARCHAR(255) NOT NULL, topic VARCHAR(249) NOT NULL, "
                  "kafka_partition INT NOT NULL, kafka_offset BIGINT NOT NULL, epoch BIGINT NOT NULL, "
                  "PRIMARY KEY(connector, topic, kafka_partition)) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                  offsets->sql);
    return db_exec(db, offsets->text.data, offsets->text.len, NULL, err);
}

static void
add_where(struct sink_offsets *offsets, const char *topic, int32_t partition)
{
    strbuf_puts(&offsets->text, " WHERE connector = ");
    sink_write_text(&offsets->text, offsets->connector, strlen(offsets->connector));
    strbuf_puts(&offsets->text, " AND topic = ");
    sink_write_text(&offsets->text, topic, strlen(topic));
    strbuf_printf(&offsets->text, " AND kafka_partition = %d", (int)partition);
}

static bool
run(struct sink_offsets *offsets, struct db *db, uint64_t *affected_out, struct error *err)
{
    return db_exec(db, offsets->text.data, offsets->text.len, affected_out, err);
}

/* Raise the epoch; waits for the transaction of an earlier owner. */
static bool
claim(struct sink_offsets *offsets, struct db *db, const char *topic, int32_t partition, struct error *err)
{
    strbuf_reset(&offsets->text);
    strbuf_printf(&offsets->text, "INSERT INTO %s(connector, topic, kafka_partition, kafka_offset, epoch) VALUES(", offsets->sql);
    sink_write_text(&offsets->text, offsets->connector, strlen(offsets->connector));
    strbuf_putc(&offsets->text, ',');
    sink_write_text(&offsets->text, topic, strlen(topic));
    strbuf_printf(&offsets->text, ",%d,-1,1) ON DUPLICATE KEY UPDATE epoch = epoch + 1", (int)partition);
    return run(offsets, db, NULL, err);
}

/* Offset and epoch as they are now, also to a transaction that began before; false without an error: no row. */
static bool
read_row(struct sink_offsets *offsets, struct db *db, const char *topic, int32_t partition, int64_t *offset_out,
         int64_t *epoch_out, struct error *err)
{
    strbuf_reset(&offsets->text);
    strbuf_printf(&offsets->text, "SELECT kafka_offset, epoch FROM %s", offsets->sql);
    add_where(offsets, topic, partition);
    strbuf_puts(&offsets->text, " FOR UPDATE");
    struct db_result *result = db_query(db, offsets->text.data, offsets->text.len, err);
    if (!result)
        return false;
    const char *const *values;
    const unsigned long *lengths;
    enum db_row_status status = db_result_next(result, &values, &lengths, err);
    if (status == DB_ROW) {
        *offset_out = strtoll(values[0], NULL, 10);
        *epoch_out = strtoll(values[1], NULL, 10);
    } else if (status == DB_END) {
        error_set(err, ERROR_CONFLICT, "offsets of %s-%d are gone from %s", topic, (int)partition, offsets->sql);
    }
    db_result_free(result);
    return status == DB_ROW;
}

bool
sink_offsets_claim(struct sink_offsets *offsets, struct db *db, const struct topic_partition *partitions, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *topic = partitions[i].topic;
        int64_t offset = -1, epoch = 0;
        if (!claim(offsets, db, topic, partitions[i].partition, err) ||
            !read_row(offsets, db, topic, partitions[i].partition, &offset, &epoch, err))
            return false;
        struct sink_position *position = position_add(offsets, topic, partitions[i].partition);
        position->offset = position->pending = offset;
        position->epoch = epoch;
    }
    return db_commit(db, err);
}

bool
sink_offsets_reload(struct sink_offsets *offsets, struct db *db, struct error *err)
{
    for (size_t i = 0; i < offsets->count; i++) {
        struct sink_position *position = &offsets->items[i];
        int64_t epoch;
        if (!read_row(offsets, db, position->topic, position->partition, &position->offset, &epoch, err))
            return false;
        position->pending = position->offset;
        if (epoch != position->epoch)
            return error_set(err, ERROR_CONFLICT, "another task has taken over %s-%d", position->topic, (int)position->partition);
    }
    offsets->is_stale = false;
    return db_commit(db, err);
}

bool
sink_offsets_store(struct sink_offsets *offsets, struct db *db, struct error *err)
{
    for (size_t i = 0; i < offsets->count; i++) {
        const struct sink_position *position = &offsets->items[i];
        if (position->pending == position->offset)
            continue;
        strbuf_reset(&offsets->text);
        strbuf_printf(&offsets->text, "UPDATE %s SET kafka_offset = %" PRId64, offsets->sql, position->pending);
        add_where(offsets, position->topic, position->partition);
        strbuf_printf(&offsets->text, " AND epoch = %" PRId64, position->epoch);
        uint64_t affected;
        if (!run(offsets, db, &affected, err))
            return false;
        if (affected != 1)
            return error_set(err, ERROR_CONFLICT, "another task has taken over %s-%d", position->topic, (int)position->partition);
    }
    return true;
}

bool
sink_offsets_alter(struct sink_offsets *offsets, struct db *db, const char *topic, int32_t partition, int64_t offset, struct error *err)
{
    strbuf_reset(&offsets->text);
    strbuf_printf(&offsets->text, "UPDATE %s SET epoch = epoch + 1, kafka_offset = %" PRId64, offsets->sql, offset);
    add_where(offsets, topic, partition);
    return run(offsets, db, NULL, err) && db_commit(db, err);
}
