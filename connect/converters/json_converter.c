/*
 * JsonConverter: JSON with the schema beside each payload, or without. Formats and errors are those of
 * org.apache.kafka.connect.json.JsonConverter.
 *
 * Two caches make a row cheap. By schema: its plan, and the text {"schema":…,"payload": that stands in front
 * of every payload. By text: the beginnings of messages seen last, so that a message that begins the same is
 * read from its payload on.
 */
#include "common/base/alloc.h"
#include "connect/converters/converter_priv.h"
#include "connect/converters/json_priv.h"
#include "connect/data/data_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    TEXTS_MAX = 32,              /* beginnings of messages remembered */
    TEXT_LEN_MAX = 1 << 20,
    TEXT_BLANKS_MAX = 64,        /* bytes of a beginning that are not the schema */
    STACK_KEEP = 16384,          /* items of half-read arrays that are kept room for */
};

/* What is known of a schema. */
struct schema_form {
    struct json_plan plan;
    char *prefix;
    size_t prefix_len;
};

/* The beginning of a message and the schema that it holds. */
struct known_text {
    char *text;
    size_t len;                  /* up to the payload; 0: the payload does not follow the schema */
    size_t schema_at, schema_len;
    const struct schema *schema; /* NULL: "schema":null */
};

struct json_converter {
    struct json_settings settings;
    struct schema_cache forms;
    struct known_text *texts[TEXTS_MAX]; /* the one used last first */
    size_t text_count;
    struct json_reader reader;
};

static const char *const decimal_formats[] = {"NUMERIC", "BASE64", NULL};

static const struct config_row json_rows[] = {
    CONVERTER_TYPE_ROW(offsetof(struct json_settings, converter_type)),
    {.name = "schemas.enable", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_HIGH,
     .doc = "Put the schema beside every payload, and expect it there.", .group = "Schemas", .order_in_group = 0,
     .width = CONFIG_WIDTH_MEDIUM, .display_name = "Enable Schemas", .offset = offsetof(struct json_settings, schemas_enable)},
    {.name = "schemas.cache.size", .type = CONFIG_INT, .default_value = "1000", .importance = CONFIG_HIGH,
     .doc = "How many schemas the converter remembers.", .group = "Schemas", .order_in_group = 1,
     .width = CONFIG_WIDTH_MEDIUM, .display_name = "Schema Cache Size", .offset = offsetof(struct json_settings, cache_size)},
    {.name = "decimal.format", .type = CONFIG_STRING, .default_value = "BASE64", .importance = CONFIG_LOW,
     .doc = "How decimals are written: BASE64, the bytes of the unscaled number, or NUMERIC, a JSON number. Both are read.",
     .group = "Serialization", .order_in_group = 0, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Decimal Format",
     .offset = offsetof(struct json_settings, decimal_format), .choices = decimal_formats, .choices_any_case = true},
    {.name = "replace.null.with.default", .type = CONFIG_BOOLEAN, .default_value = "true", .importance = CONFIG_LOW,
     .doc = "Take the default value of a field, if it has one, where the field is null.", .group = "Serialization",
     .order_in_group = 1, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Replace null with default",
     .offset = offsetof(struct json_settings, replace_null)},
    {.name = NULL},
};

static void
form_drop(void *value)
{
    struct schema_form *form = value;
    json_plan_fini(&form->plan);
    free(form->prefix);
}

static bool
json_init(void *state, enum converter_role role, const struct config *cfg, struct error *err)
{
    struct json_converter *converter = state;
    struct json_settings *settings = &converter->settings;
    (void)role;
    if (!config_parse(json_rows, cfg, settings, err))
        return false;
    settings->is_decimal_numeric = strcasecmp(settings->decimal_format, "NUMERIC") == 0;
    schema_cache_init(&converter->forms, settings->cache_size > 0 ? (size_t)settings->cache_size : 1,
                      sizeof(struct schema_form), form_drop);
    converter->reader.settings = settings;
    return true;
}

static void
known_text_free(struct known_text *known)
{
    schema_unref(known->schema);
    free(known->text);
    free(known);
}

static void
json_fini(void *state)
{
    struct json_converter *converter = state;
    for (size_t i = 0; i < converter->text_count; i++)
        known_text_free(converter->texts[i]);
    schema_cache_fini(&converter->forms);
    config_parsed_free(json_rows, &converter->settings);
    free(converter->reader.stack);
}

static struct schema_form *
form_of(struct json_converter *converter, const struct schema *schema)
{
    bool is_new;
    struct schema_form *form = schema_cache_get(&converter->forms, schema, &is_new);
    if (is_new)
        json_plan_init(&form->plan, schema);
    return form;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

static bool
make_prefix(const struct json_writer *writer, const struct schema *schema, struct schema_form *form)
{
    struct strbuf text = STRBUF_INIT;
    struct json_writer into = {.settings = writer->settings, .out = &text, .err = writer->err};
    strbuf_puts(&text, "{\"schema\":");
    if (!json_schema_write(&into, schema, NULL)) {
        strbuf_fini(&text);
        return false;
    }
    strbuf_puts(&text, ",\"payload\":");
    form->prefix_len = text.len;
    form->prefix = strbuf_take(&text);
    return true;
}

static bool
write_message(struct json_converter *converter, const struct json_writer *writer, const struct schema *schema,
              const struct value *value)
{
    struct schema_form *form = schema ? form_of(converter, schema) : NULL;
    if (!converter->settings.schemas_enable)
        return json_write_value(writer, form ? &form->plan : NULL, value);
    if (form && !form->prefix && !make_prefix(writer, schema, form))
        return false;
    if (form)
        strbuf_add(writer->out, form->prefix, form->prefix_len);
    else
        strbuf_puts(writer->out, "{\"schema\":null,\"payload\":");
    if (!json_write_value(writer, form ? &form->plan : NULL, value))
        return false;
    strbuf_putc(writer->out, '}');
    return true;
}

static bool
json_write(void *state, const char *topic, const struct schema *schema, const struct value *value, struct strbuf *out,
           bool *is_null_out, struct error *err)
{
    struct json_converter *converter = state;
    struct json_writer writer = {.settings = &converter->settings, .out = out, .err = err};
    size_t before = out->len;
    (void)topic;
    *is_null_out = !schema && value->kind == VALUE_NULL;
    if (*is_null_out || write_message(converter, &writer, schema, value))
        return true;
    if (out->data)
        out->data[out->len = before] = '\0';
    return false;
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

#define PARSE_EXCEPTION "com.fasterxml.jackson.core.JsonParseException"

/* The chain of causes that Java's trace shows. */
static bool
parse_error(const struct scan *scan, struct error *err)
{
    char text[256];
    snprintf(text, sizeof(text), "%s at byte %zu", scan->problem, (size_t)(scan->next - scan->start) + 1);
    error_set(err, ERROR_DATA, "%s", text);
    err->java_class = PARSE_EXCEPTION;
    error_cause(err, "org.apache.kafka.common.errors.SerializationException", PARSE_EXCEPTION ": %s", text);
    return error_cause(err, DATA_EXCEPTION, "Converting byte[] to Kafka Connect data failed due to serialization error: ");
}

static bool
envelope_error(struct error *err)
{
    return data_error(err, "JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields and may not contain "
                           "additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false in "
                           "your converter configuration.");
}

static void
reader_start(struct json_reader *reader, const char *bytes, size_t len, struct record_batch *batch, struct error *err)
{
    scan_init(&reader->scan, bytes, len);
    reader->arena = &batch->arena;
    reader->err = err;
    reader->is_data_error = false;
    if (reader->stack_size > STACK_KEEP) {
        free(reader->stack);
        reader->stack = NULL;
        reader->stack_size = 0;
    }
}

static bool
read_schemaless(struct json_converter *converter, struct value *value_out, struct error *err)
{
    struct json_reader *reader = &converter->reader;
    struct scan check = reader->scan;
    *value_out = VALUE_NONE;
    if (scan_peek(&check) == '\0' && check.next == check.end)
        return true;
    if (!scan_document(&check))
        return parse_error(&check, err);
    return json_read_value(reader, NULL, value_out) || parse_error(&reader->scan, err);
}

/* The remembered text that the message begins with, moved to the front; or NULL. */
static struct known_text *
find_beginning(struct json_converter *converter, const char *bytes, size_t len)
{
    for (size_t i = 0; i < converter->text_count; i++) {
        struct known_text *known = converter->texts[i];
        if (known->len == 0 || known->len >= len || memcmp(known->text, bytes, known->len))
            continue;
        memmove(&converter->texts[1], &converter->texts[0], i * sizeof(known));
        converter->texts[0] = known;
        return known;
    }
    return NULL;
}

/* From the payload on. False says only that the long way has to be gone. */
static bool
read_known(struct json_converter *converter, const struct known_text *known, struct record_batch *batch, struct value *value_out)
{
    struct json_reader *reader = &converter->reader;
    reader->scan.next = reader->scan.start + known->len;
    reader->scan.depth = 1;
    const struct json_plan *plan = known->schema ? &form_of(converter, known->schema)->plan : NULL;
    if (!json_read_value(reader, plan, value_out) || !scan_take(&reader->scan, '}'))
        return false;
    record_batch_hold(batch, known->schema);
    return true;
}

/* The schema of a text seen before, wherever it stood; *found_out tells "none" from "null". */
static const struct schema *
find_schema(const struct json_converter *converter, struct scan_span schema, bool *found_out)
{
    *found_out = false;
    for (size_t i = 0; i < converter->text_count; i++) {
        const struct known_text *known = converter->texts[i];
        *found_out = scan_span_is(schema, known->text + known->schema_at, known->schema_len);
        if (*found_out)
            return known->schema;
    }
    return NULL;
}

static void
remember(struct json_converter *converter, struct known_text *known)
{
    size_t max = converter->settings.cache_size < TEXTS_MAX ? (size_t)converter->settings.cache_size : TEXTS_MAX;
    if (converter->settings.cache_size < 1)
        max = 1;
    if (converter->text_count == max)
        known_text_free(converter->texts[--converter->text_count]);
    memmove(&converter->texts[1], &converter->texts[0], converter->text_count * sizeof(known));
    converter->texts[0] = known;
    converter->text_count++;
}

/* Of a message that begins at `bytes`: the schema's text and, if the payload comes right behind it, all up to
   the payload. */
static void
remember_text(struct json_converter *converter, const char *bytes, struct scan_span schema_text, struct scan_span payload,
              const struct schema *schema)
{
    size_t before = (size_t)(payload.start - bytes);
    bool is_beginning = payload.start > schema_text.start && before - schema_text.len <= TEXT_BLANKS_MAX;
    if (schema_text.len > TEXT_LEN_MAX)
        return;
    struct known_text *known = xcalloc(1, sizeof(*known));
    known->schema = schema_ref(schema);
    known->schema_len = schema_text.len;
    known->schema_at = is_beginning ? (size_t)(schema_text.start - bytes) : 0;
    known->len = is_beginning ? before : 0;
    known->text = is_beginning ? xmemdup(bytes, before) : xmemdup(schema_text.start, schema_text.len);
    remember(converter, known);
}

/* A reference for the caller. */
static bool
schema_of_text(struct json_converter *converter, const char *bytes, struct scan_span text, struct scan_span payload,
               const struct schema **schema_out, struct error *err)
{
    bool is_found;
    *schema_out = schema_ref(find_schema(converter, text, &is_found));
    if (is_found)
        return true;
    if (!json_schema_read(&converter->settings, text, schema_out, err))
        return false;
    remember_text(converter, bytes, text, payload, *schema_out);
    return true;
}

/* The long way: check the whole text, find the two members, then read each. */
static bool
read_envelope(struct json_converter *converter, const char *bytes, struct record_batch *batch,
              const struct schema **schema_out, struct value *value_out, struct error *err)
{
    static const char *const names[] = {"schema", "payload"};
    struct json_reader *reader = &converter->reader;
    struct scan check = reader->scan, members = reader->scan;
    struct scan_span spans[2];
    size_t others;
    if (scan_peek(&check) == '\0' && check.next == check.end)
        return envelope_error(err);
    if (!scan_document(&check))
        return parse_error(&check, err);
    if (scan_peek(&members) != '{')
        return envelope_error(err);
    if (!scan_members(&members, names, 2, spans, &others))
        return parse_error(&members, err);
    if (!spans[0].start || !spans[1].start || others)
        return envelope_error(err);
    if (!schema_of_text(converter, bytes, spans[0], spans[1], schema_out, err))
        return false;
    const struct schema *schema = *schema_out;
    record_batch_hold(batch, schema);
    const struct json_plan *plan = schema ? &form_of(converter, schema)->plan : NULL;
    schema_unref(schema);
    reader->scan.next = spans[1].start;
    reader->scan.depth = 1;
    return json_read_value(reader, plan, value_out) || reader->is_data_error || parse_error(&reader->scan, err);
}

static bool
json_read(void *state, const char *topic, const char *bytes, size_t len, struct record_batch *batch,
          const struct schema **schema_out, struct value *value_out, struct error *err)
{
    struct json_converter *converter = state;
    (void)topic;
    *schema_out = NULL;
    *value_out = VALUE_NONE;
    if (!bytes)
        return true;
    reader_start(&converter->reader, bytes, len, batch, err);
    if (!converter->settings.schemas_enable)
        return read_schemaless(converter, value_out, err);
    const struct known_text *known = find_beginning(converter, bytes, len);
    if (known && read_known(converter, known, batch, value_out)) {
        *schema_out = known->schema;
        return true;
    }
    reader_start(&converter->reader, bytes, len, batch, err);
    return read_envelope(converter, bytes, batch, schema_out, value_out, err) && !converter->reader.is_data_error;
}

static const struct converter_ops json_ops = {
    .size = sizeof(struct json_converter),
    .init = json_init,
    .write = json_write,
    .read = json_read,
    .fini = json_fini,
};

const struct converter_plugin json_converter_plugin = {
    .class_name = "org.apache.kafka.connect.json.JsonConverter",
    .version = CONNECT_VERSION,
    .is_header_too = true,
    .rows = json_rows,
    .ops = &json_ops,
};
