/*
 * StringConverter: any value by its text, in a character set of choice. Formats and errors are those of
 * org.apache.kafka.connect.storage.StringConverter. UTF-8 needs no conversion; others go through iconv, and
 * what the set does not have becomes '?'.
 */
#include "connect/converters/converter_priv.h"
#include "connect/data/data_error.h"
#include "connect/data/java_text.h"
#include "connect/data/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct string_settings {
    char *converter_type;
    char *encoding;
};

struct string_converter {
    struct string_settings settings;
    bool is_utf8;
    iconv_t encode, decode;      /* not with UTF-8; (iconv_t)-1: not open */
    struct strbuf text;          /* before it is encoded */
    const struct schema *schema; /* optional string */
};

static const struct config_row string_rows[] = {
    CONVERTER_TYPE_ROW(offsetof(struct string_settings, converter_type)),
    {.name = "converter.encoding", .type = CONFIG_STRING, .default_value = "UTF-8", .importance = CONFIG_HIGH,
     .doc = "Character set of the bytes.", .order_in_group = -1, .width = CONFIG_WIDTH_MEDIUM, .display_name = "Encoding",
     .offset = offsetof(struct string_settings, encoding)},
    {.name = NULL},
};

static bool
string_init(void *state, enum converter_role role, const struct config *cfg, struct error *err)
{
    struct string_converter *converter = state;
    (void)role;
    converter->encode = converter->decode = (iconv_t)-1;
    if (!config_parse(string_rows, cfg, &converter->settings, err))
        return false;
    converter->schema = schema_primitive(SCHEMA_STRING, true);
    const char *encoding = converter->settings.encoding;
    converter->is_utf8 = strcasecmp(encoding, "UTF-8") == 0 || strcasecmp(encoding, "UTF8") == 0;
    if (converter->is_utf8)
        return true;
    converter->encode = iconv_open(strcasecmp(encoding, "UTF-16") ? encoding : "UTF-16BE", "UTF-8");
    converter->decode = iconv_open("UTF-8", encoding);
    if (converter->encode != (iconv_t)-1 && converter->decode != (iconv_t)-1)
        return true;
    error_set(err, ERROR_CONFIG, "Unsupported encoding %s", encoding);
    err->java_class = "org.apache.kafka.common.errors.SerializationException";
    return false;
}

static void
string_fini(void *state)
{
    struct string_converter *converter = state;
    if (converter->encode != (iconv_t)-1)
        iconv_close(converter->encode);
    if (converter->decode != (iconv_t)-1)
        iconv_close(converter->decode);
    config_parsed_free(string_rows, &converter->settings);
    strbuf_fini(&converter->text);
    schema_unref(converter->schema);
}

/* Append `len` bytes in the other set. `substitute` stands for what cannot be converted; `is_utf8`: the
   input is UTF-8, so that whole characters are skipped. */
static void
convert(iconv_t way, const char *from, size_t len, bool is_utf8, const char *substitute, struct strbuf *out)
{
    char *next = (char *)from;
    iconv(way, NULL, NULL, NULL, NULL);
    while (len > 0) {
        size_t room = len * 2 + 16, left = room;
        char *to = strbuf_room(out, room);
        size_t result = iconv(way, &next, &len, &to, &left);
        strbuf_wrote(out, room - left);
        if (result != (size_t)-1 || errno == E2BIG)
            continue;
        size_t skip = is_utf8 ? (size_t)utf8_length(next, next + len) : 1;
        next += skip ? skip : 1;
        len -= skip ? skip : 1;
        char *mark = (char *)substitute;
        size_t mark_len = strlen(substitute);
        left = 16;
        to = strbuf_room(out, left);
        if (!is_utf8) { /* into UTF-8: as it is */
            strbuf_puts(out, substitute);
        } else {
            iconv(way, &mark, &mark_len, &to, &left);
            strbuf_wrote(out, 16 - left);
        }
    }
}

static bool
string_write(void *state, const char *topic, const struct schema *schema, const struct value *value, struct strbuf *out,
             bool *is_null_out, struct error *err)
{
    struct string_converter *converter = state;
    (void)topic, (void)err;
    *is_null_out = value->kind == VALUE_NULL;
    if (*is_null_out)
        return true;
    if (converter->is_utf8) {
        java_text(schema, value, out);
        return true;
    }
    strbuf_reset(&converter->text);
    java_text(schema, value, &converter->text);
    if (strcasecmp(converter->settings.encoding, "UTF-16") == 0)
        strbuf_add(out, "\xfe\xff", 2); /* Java's mark for this one */
    convert(converter->encode, converter->text.data, converter->text.len, true, "?", out);
    return true;
}

static bool
string_read(void *state, const char *topic, const char *bytes, size_t len, struct record_batch *batch,
            const struct schema **schema_out, struct value *value_out, struct error *err)
{
    struct string_converter *converter = state;
    (void)topic, (void)err;
    record_batch_hold(batch, converter->schema);
    *schema_out = converter->schema;
    *value_out = VALUE_NONE;
    if (!bytes)
        return true;
    if (converter->is_utf8) {
        const char *text = utf8_mend(bytes, &len, &batch->arena);
        *value_out = value_string(text, len);
        return true;
    }
    strbuf_reset(&converter->text);
    strbuf_puts(&converter->text, "");
    convert(converter->decode, bytes, len, false, "\xef\xbf\xbd", &converter->text);
    *value_out = value_string(arena_memdup(&batch->arena, converter->text.data, converter->text.len), converter->text.len);
    return true;
}

static const struct converter_ops string_ops = {
    .size = sizeof(struct string_converter),
    .init = string_init,
    .write = string_write,
    .read = string_read,
    .fini = string_fini,
};

const struct converter_plugin string_converter_plugin = {
    .class_name = "org.apache.kafka.connect.storage.StringConverter",
    .version = CONNECT_VERSION,
    .is_header_too = true,
    .rows = string_rows,
    .ops = &string_ops,
};
