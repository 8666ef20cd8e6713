/* Filling error structs; nothing here allocates. */
#include "common/base/error.h"

#include "common/base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message that was cut must still be UTF-8: it goes into JSON answers. */
static void
error_trim_utf8(char *text, size_t size)
{
    size_t len = strlen(text);
    if (len + 1 < size)
        return;
    while (len > 0 && ((unsigned char)text[len - 1] & 0xC0) == 0x80)
        len--;
    if (len > 0 && ((unsigned char)text[len - 1] & 0x80))
        len--;
    text[len] = '\0';
}

bool
error_vset(struct error *err, enum error_code code, const char *format, va_list args)
{
    *err = (struct error){.code = code}; /* the two texts are cleared, too */
    vsnprintf(err->message, sizeof(err->message), format, args);
    error_trim_utf8(err->message, sizeof(err->message));
    return false;
}

bool
error_set(struct error *err, enum error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_vset(err, code, format, args);
    va_end(args);
    return false;
}

bool
error_set_retriable(struct error *err, enum error_code code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_vset(err, code, format, args);
    va_end(args);
    err->retriable = true;
    return false;
}

bool
error_wrap(struct error *err, const char *format, ...)
{
    char context[ERROR_MESSAGE_SIZE], inner[ERROR_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    memcpy(inner, err->message, sizeof(inner));
    size_t used = strlen(context);
    memcpy(err->message, context, used + 1);
    snprintf(err->message + used, sizeof(err->message) - used, ": %s", inner);
    error_trim_utf8(err->message, sizeof(err->message));
    return false;
}

const char *
error_java_class(const struct error *err)
{
    return err->java_class ? err->java_class : "org.apache.kafka.connect.errors.ConnectException";
}

bool
error_cause(struct error *err, const char *java_class, const char *format, ...)
{
    struct error cause = *err;
    snprintf(err->causes, sizeof(err->causes), "Caused by: %s: %s%s%s", error_java_class(&cause), cause.message,
             cause.causes[0] ? "\n" : "", cause.causes);
    error_trim_utf8(err->causes, sizeof(err->causes));
    err->java_class = java_class;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    error_trim_utf8(err->message, sizeof(err->message));
    return false;
}

void
error_trace(const struct error *err, struct strbuf *out)
{
    strbuf_puts(out, error_java_class(err));
    strbuf_puts(out, ": ");
    strbuf_puts(out, err->message);
    if (err->causes[0]) {
        strbuf_putc(out, '\n');
        strbuf_puts(out, err->causes);
    }
}

const char *
error_code_name(enum error_code code)
{
    static const char *const names[] = {
        [ERROR_NONE] = "none",           [ERROR_CONFIG] = "config",
        [ERROR_NOT_FOUND] = "not found", [ERROR_CONFLICT] = "conflict",
        [ERROR_DATA] = "data",           [ERROR_TIMEOUT] = "timeout",
        [ERROR_UNAVAILABLE] = "unavailable", [ERROR_UNCERTAIN] = "uncertain",
        [ERROR_INTERNAL] = "internal",
    };
    return names[code];
}

void
ensure_failed(const char *file, int line, const char *condition, const char *format, ...)
{
    fprintf(stderr, "%s:%d: this must hold: %s ", file, line, condition);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}
