/* JSON of partitions and offsets. Writing is by hand because the order of keys is Java's; reading is jansson's. */
#include "connect/connectors/jdbc/source_offset.h"

#include "common/base/alloc.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { N_INCREMENTING, N_SECONDS, N_NANOS, N_FLAGS };
enum { HAS_INCREMENTING = 1, HAS_TIMESTAMP = 2 };
enum { NANOS = 1000000000 };

struct source_offset
source_position_offset(const struct source_position *position, struct offset_state *gaps)
{
    return (struct source_offset){
        .n = {position->incrementing, position->seconds, position->nanos,
              (position->has_incrementing ? HAS_INCREMENTING : 0) | (position->has_timestamp ? HAS_TIMESTAMP : 0)},
        .state = gaps,
    };
}

static void
add_key(struct strbuf *out, const char *key)
{
    if (out->data[out->len - 1] != '{')
        strbuf_putc(out, ',');
    strbuf_putc(out, '"');
    strbuf_puts(out, key);
    strbuf_puts(out, "\":");
}

void
source_position_write(const struct source_partition *partition, const struct source_offset *offset, struct strbuf *out)
{
    (void)partition;
    bool has_timestamp = offset->n[N_FLAGS] & HAS_TIMESTAMP;
    strbuf_putc(out, '{');
    if (has_timestamp) {
        add_key(out, "timestamp_nanos");
        strbuf_add_int(out, offset->n[N_NANOS]);
    }
    if (offset->n[N_FLAGS] & HAS_INCREMENTING) {
        add_key(out, "incrementing");
        strbuf_add_int(out, offset->n[N_INCREMENTING]);
    }
    if (has_timestamp) {
        add_key(out, "timestamp");
        strbuf_add_int(out, offset->n[N_SECONDS] * 1000 + offset->n[N_NANOS] / 1000000);
    }
    size_t before = out->len;
    if (offset->state) {
        add_key(out, "gaps");
        if (!gaps_state_write(offset->state, offset->n[N_INCREMENTING], out)) {
            out->len = before;
            out->data[before] = '\0';
        }
    }
    strbuf_putc(out, '}');
}

/* ---- reading -------------------------------------------------------------------------------------------- */

static bool
take_integer(const json_t *object, const char *key, bool *has_out, int64_t *out, struct error *err)
{
    json_t *value = json_object_get(object, key);
    *has_out = json_is_integer(value);
    if (*has_out)
        *out = json_integer_value(value);
    if (!value || json_is_null(value) || *has_out)
        return true;
    return error_set(err, ERROR_DATA, "the offset's \"%s\" is not a whole number", key);
}

static bool
take_gaps(const json_t *object, struct gaps *gaps, int64_t now_ms, struct error *err)
{
    json_t *ranges = json_object_get(object, "gaps"), *range;
    size_t i;
    int64_t last = -1;
    json_array_foreach(ranges, i, range) {
        json_t *from = json_array_get(range, 0), *to = json_array_get(range, 1);
        if (!json_is_integer(from) || !json_is_integer(to) || json_integer_value(from) <= last ||
            json_integer_value(to) < json_integer_value(from) || i >= GAPS_MAX)
            return error_set(err, ERROR_DATA, "the offset's \"gaps\" are not pairs of numbers in order");
        last = json_integer_value(to);
        if (gaps)
            gaps_add(gaps, json_integer_value(from), last, now_ms);
    }
    return true;
}

static bool
read_object(const json_t *object, struct source_position *out, struct gaps *gaps, int64_t now_ms, struct error *err)
{
    struct source_position position = {.incrementing = -1};
    int64_t ms = 0, nanos = 0;
    bool has_nanos;
    if (!take_integer(object, "incrementing", &position.has_incrementing, &position.incrementing, err) ||
        !take_integer(object, "timestamp", &position.has_timestamp, &ms, err) ||
        !take_integer(object, "timestamp_nanos", &has_nanos, &nanos, err) || !take_gaps(object, gaps, now_ms, err))
        return false;
    position.seconds = ms / 1000 - (ms % 1000 < 0);
    position.nanos = (int)(ms - position.seconds * 1000) * 1000000;
    if (has_nanos && nanos >= 0 && nanos < NANOS)
        position.nanos = (int)nanos;
    *out = position;
    return true;
}

bool
source_position_read(const char *json, struct source_position *out, struct gaps *gaps, int64_t now_ms, struct error *err)
{
    json_t *object = json_loads(json, 0, NULL);
    bool is_read = json_is_object(object) ? read_object(object, out, gaps, now_ms, err)
                                          : error_set(err, ERROR_DATA, "the stored offset is not a JSON object");
    json_decref(object);
    return is_read;
}

/* ---- partitions ------------------------------------------------------------------------------------------- */

static void
add_escaped(struct strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            strbuf_putc(out, '\\');
        if ((unsigned char)*text < 0x20)
            strbuf_printf(out, "\\u%04X", *text);
        else
            strbuf_putc(out, *text);
    }
}

char *
source_partition_current(const struct jdbc_table *table)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_puts(&out, "{\"protocol\":\"1\",\"table\":\"");
    if (table->database) {
        add_escaped(&out, table->database);
        strbuf_putc(&out, '.');
    }
    add_escaped(&out, table->name);
    strbuf_puts(&out, "\"}");
    return strbuf_take(&out);
}

char *
source_partition_old(const struct jdbc_table *table)
{
    struct strbuf out = STRBUF_INIT;
    strbuf_puts(&out, "{\"table\":\"");
    add_escaped(&out, table->name);
    strbuf_puts(&out, "\"}");
    return strbuf_take(&out);
}
