/* Written by hand in the order that Debezium's records have; read with jansson. */
#include "connect/connectors/binlog/offset.h"

#include "common/base/alloc.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TABLE_COUNT_PREFIX "transaction_data_collection_order_"

void
cdc_offset_fini(struct cdc_offset *offset)
{
    free(offset->file);
    free(offset->gtids);
    free(offset->extra);
    *offset = CDC_OFFSET_INIT;
}

struct cdc_offset
cdc_offset_dup(const struct cdc_offset *offset)
{
    struct cdc_offset copy = *offset;
    copy.file = xstrdup(offset->file);
    copy.gtids = xstrdup(offset->gtids);
    copy.extra = xstrdup(offset->extra);
    return copy;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

static void
add_text(struct strbuf *out, const char *text)
{
    strbuf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            strbuf_putc(out, '\\');
        if ((unsigned char)*text < 0x20)
            strbuf_printf(out, "\\u%04X", *text);
        else
            strbuf_putc(out, *text);
    }
    strbuf_putc(out, '"');
}

static void
add_name(struct strbuf *out, const char *name)
{
    if (out->data[out->len - 1] != '{')
        strbuf_putc(out, ',');
    add_text(out, name);
    strbuf_putc(out, ':');
}

static void
add_number(struct strbuf *out, const char *name, uint64_t number)
{
    if (number == 0)
        return;
    add_name(out, name);
    strbuf_printf(out, "%" PRIu64, number);
}

void
cdc_offset_write(const struct cdc_offset *offset, struct strbuf *out)
{
    static const char *const phases[] = {[CDC_OFFSET_INITIAL] = "INITIAL", [CDC_OFFSET_BLOCKING] = "BLOCKING"};
    strbuf_putc(out, '{');
    if (offset->ts_sec >= 0) {
        add_name(out, "ts_sec");
        strbuf_add_int(out, offset->ts_sec);
    }
    add_name(out, "file");
    add_text(out, offset->file ? offset->file : "");
    add_name(out, "pos");
    strbuf_printf(out, "%" PRIu64, offset->pos);
    if (offset->gtids && *offset->gtids) {
        add_name(out, "gtids");
        add_text(out, offset->gtids);
    }
    if (offset->phase != CDC_OFFSET_STREAMING) {
        add_name(out, "snapshot");
        add_text(out, phases[offset->phase]);
    }
    add_number(out, "row", offset->row);
    add_number(out, "server_id", offset->server_id);
    add_number(out, "event", offset->event);
    if (offset->extra && *offset->extra) {
        strbuf_putc(out, ',');
        strbuf_puts(out, offset->extra);
    }
    strbuf_putc(out, '}');
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

static bool
read_number(const json_t *value, const char *name, uint64_t *out, struct error *err)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = (uint64_t)json_integer_value(value);
        return true;
    }
    const char *text = json_string_value(value);
    char *end = NULL;
    if (text && *text >= '0' && *text <= '9')
        *out = strtoull(text, &end, 10);
    return (end && !*end) || error_set(err, ERROR_DATA, "the offset's \"%s\" is not a whole number", name);
}

static bool
read_text(const json_t *value, const char *name, char **out, struct error *err)
{
    if (!json_is_string(value))
        return error_set(err, ERROR_DATA, "the offset's \"%s\" is not a text", name);
    free(*out);
    *out = xstrdup(json_string_value(value));
    return true;
}

/* INITIAL and BLOCKING in recent releases, true in old ones. */
static enum cdc_offset_phase
read_phase(const json_t *value)
{
    const char *text = json_string_value(value);
    if (json_is_true(value) || (text && (strcasecmp(text, "true") == 0 || strncasecmp(text, "INITIAL", 7) == 0)))
        return CDC_OFFSET_INITIAL;
    return text && strcasecmp(text, "BLOCKING") == 0 ? CDC_OFFSET_BLOCKING : CDC_OFFSET_STREAMING;
}

static void
keep_extra(struct strbuf *extra, const char *name, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (extra->len)
        strbuf_putc(extra, ',');
    add_text(extra, name);
    strbuf_putc(extra, ':');
    strbuf_puts(extra, text ? text : "null");
    free(text);
}

static bool
read_member(const char *name, const json_t *value, struct cdc_offset *out, struct strbuf *extra, struct error *err)
{
    const struct {
        const char *name;
        uint64_t *number;
        char **text;
    } members[] = {
        {"pos", &out->pos, NULL}, {"event", &out->event, NULL}, {"row", &out->row, NULL}, {"server_id", &out->server_id, NULL},
        {"file", NULL, &out->file}, {"gtids", NULL, &out->gtids},
    };
    uint64_t seconds;
    if (json_is_null(value))
        return true;
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
        if (strcmp(members[i].name, name) == 0)
            return members[i].number ? read_number(value, name, members[i].number, err) : read_text(value, name, members[i].text, err);
    if (strcmp(name, "ts_sec") == 0) {
        if (!read_number(value, name, &seconds, err))
            return false;
        out->ts_sec = (int64_t)seconds;
    } else if (strcmp(name, "snapshot") == 0) {
        out->phase = read_phase(value);
    } else {
        keep_extra(extra, name, value);
    }
    return true;
}

bool
cdc_offset_parse(const char *json, struct cdc_offset *out, struct error *err)
{
    json_t *object = json_loads(json, JSON_REJECT_DUPLICATES, NULL), *value;
    const char *name;
    struct cdc_offset offset = CDC_OFFSET_INIT;
    struct strbuf extra = STRBUF_INIT;
    bool ok = json_is_object(object) || error_set(err, ERROR_DATA, "the stored offset is not a JSON object");
    if (ok)
        json_object_foreach(object, name, value)
            ok = ok && read_member(name, value, &offset, &extra, err);
    json_decref(object);
    if (extra.len)
        offset.extra = strbuf_take(&extra);
    strbuf_fini(&extra);
    if (ok)
        *out = offset;
    else
        cdc_offset_fini(&offset);
    return ok;
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

static void
place_free(struct offset_state *state)
{
    struct cdc_place *place = (struct cdc_place *)state;
    cdc_offset_fini(&place->offset);
    free(place->counted);
    free(place);
}

struct cdc_place *
cdc_place_new(struct cdc_offset *offset, char *counted)
{
    struct cdc_place *place = xmalloc(sizeof(*place));
    *place = (struct cdc_place){.base = {.refs = 1, .free = place_free}, .offset = *offset, .counted = counted};
    *offset = CDC_OFFSET_INIT;
    return place;
}

void
cdc_place_write(const struct source_partition *partition, const struct source_offset *offset, struct strbuf *out)
{
    (void)partition;
    const struct cdc_place *place = (const struct cdc_place *)offset->state;
    struct cdc_offset full = place->offset; /* borrowed */
    struct strbuf extra = STRBUF_INIT;
    full.event = (uint64_t)offset->n[CDC_PLACE_EVENT];
    full.row = (uint64_t)offset->n[CDC_PLACE_ROW];
    if (place->counted) {
        struct strbuf name = STRBUF_INIT;
        strbuf_printf(&name, TABLE_COUNT_PREFIX "%s", place->counted);
        if (full.extra)
            strbuf_printf(&extra, "%s,", full.extra);
        add_text(&extra, name.data);
        strbuf_printf(&extra, ":%" PRId64, offset->n[CDC_PLACE_COUNT]);
        strbuf_fini(&name);
        full.extra = extra.data;
    }
    cdc_offset_write(&full, out);
    strbuf_fini(&extra);
}
