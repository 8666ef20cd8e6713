/* libFuzzer: the small languages in settings and headers. The first byte says which: literals, regular expressions, date
   formats, field paths, decimals. Behind a zero byte stands what they are applied to. */
#include "common/base/regex.h"
#include "connect/data/date_format.h"
#include "connect/data/decimal.h"
#include "connect/data/inference.h"
#include "connect/transforms/field_path.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_literal(const char *text, size_t len)
{
    struct arena arena = ARENA_INIT;
    struct strbuf out = STRBUF_INIT;
    const struct schema *schema;
    struct value value;
    inference_parse(text, len, &arena, &schema, &value);
    if (value.kind != VALUE_NULL)
        inference_text(schema, &value, &out);
    schema_unref(schema);
    if (decimal_parse(text, len, &arena, &value)) {
        strbuf_reset(&out);
        decimal_text(&value, &out);
        struct value again;
        ensure(decimal_parse(out.data, out.len, &arena, &again) && value_equal(&value, &again), "%s", out.data);
    }
    strbuf_fini(&out);
    arena_fini(&arena);
    ensure(schema_interned_count() == 0, "a schema was leaked");
}

static void
try_regex(const char *pattern, const char *text)
{
    struct error err = ERROR_INIT;
    struct strbuf out = STRBUF_INIT;
    struct regex *regex = regex_new(pattern, &err);
    if (regex) {
        regex_matches(regex, text);
        (void)!regex_replace_first(regex, text, text, &out, &err);
    }
    regex_free(regex);
    strbuf_fini(&out);
}

static void
try_date_format(const char *pattern, const char *text)
{
    struct error err = ERROR_INIT;
    struct strbuf out = STRBUF_INIT;
    struct date_format *format = date_format_new(pattern, &err);
    int64_t ms;
    if (format && date_format_parse(format, text, strlen(text), &ms))
        date_format_print(format, ms, &out);
    date_format_free(format);
    strbuf_fini(&out);
}

static void
try_field_path(const char *text)
{
    struct field_path path;
    struct error err = ERROR_INIT;
    if (field_path_init(&path, text, "V2", &err))
        field_path_fini(&path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    char *text = malloc(size);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    const char *rest = strlen(text) < size - 1 ? text + strlen(text) + 1 : text;
    switch (data[0] % 4) {
    case 0:
        try_literal(text, size - 1);
        break;
    case 1:
        try_regex(text, rest);
        break;
    case 2:
        try_date_format(text, rest);
        break;
    default:
        try_field_path(text);
    }
    free(text);
    return 0;
}
