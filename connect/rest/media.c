/* Accept and Content-Type headers, as far as one media type needs them, read as Jersey and Jetty read them. */
#include "connect/rest/rest_priv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char json[] = "application/json";

/* A character of a type, a subtype or a parameter's name. */
static bool
is_token(char c)
{
    return c > ' ' && c < 0x7F && !strchr("()<>@,;:\\\"/[]?=", c);
}

static size_t
token_length(const char *at)
{
    size_t len = 0;
    while (is_token(at[len]))
        len++;
    return len;
}

static size_t
blank_length(const char *at)
{
    return strspn(at, " \t");
}

/* A token, or a text in quotes; 0 when it is neither. */
static size_t
value_length(const char *at)
{
    if (*at != '"')
        return token_length(at);
    size_t len = 1;
    while (at[len] && at[len] != '"')
        len += at[len] == '\\' && at[len + 1] ? 2 : 1;
    return at[len] ? len + 1 : 0;
}

/* One media range, or the type of a body. */
struct range {
    const char *type, *subtype;
    size_t type_len, subtype_len;
    const char *parameters; /* in the arena: ";name=value" each, without q */
};

static bool
is_part(const char *part, size_t len, const char *expected)
{
    return (len == 1 && *part == '*') || (len == strlen(expected) && strncasecmp(part, expected, len) == 0);
}

/* The type of a range is JSON's, or a wildcard. */
static bool
is_json(const struct range *range)
{
    return is_part(range->type, range->type_len, "application") && is_part(range->subtype, range->subtype_len, "json");
}

/* Between 0 and 1. */
static bool
is_quality(const char *text, size_t len)
{
    char number[16], *end;
    if (len == 0 || len >= sizeof(number))
        return false;
    memcpy(number, text, len);
    number[len] = '\0';
    double quality = strtod(number, &end);
    return *end == '\0' && isdigit((unsigned char)*number) && quality >= 0 && quality <= 1;
}

/* Jetty knows two charsets and writes them its own way; everything else stays. */
static char *
parameter_text(struct arena *arena, const char *name, size_t name_len, const char *value, size_t len)
{
    char *lower = arena_memdup(arena, name, name_len);
    for (char *c = lower; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (strcmp(lower, "charset") == 0) {
        bool is_quoted = *value == '"';
        const char *bare = value + is_quoted;
        size_t bare_len = len - (is_quoted ? 2 : 0);
        if (is_part(bare, bare_len, "utf-8") || is_part(bare, bare_len, "iso-8859-1")) {
            char *charset = arena_memdup(arena, bare, bare_len);
            for (char *c = charset; *c; c++)
                *c = (char)tolower((unsigned char)*c);
            return arena_printf(arena, ";charset=%s", charset);
        }
    }
    return arena_printf(arena, ";%s=%.*s", lower, (int)len, value);
}

/* ";name=value" and so on behind a type. NULL: malformed. */
static const char *
parameters_read(struct arena *arena, const char *at, struct range *range)
{
    range->parameters = "";
    while (at += blank_length(at), *at == ';') {
        at++;
        at += blank_length(at);
        const char *name = at;
        size_t name_len = token_length(at);
        if (name_len == 0) /* nothing behind a semicolon */
            continue;
        at += name_len;
        if (*at != '=')
            return NULL;
        const char *value = ++at;
        size_t len = value_length(at);
        if (len == 0)
            return NULL;
        at += len;
        bool is_q = name_len == 1 && (*name == 'q' || *name == 'Q');
        if (is_q && !is_quality(value, len))
            return NULL;
        if (!is_q)
            range->parameters = arena_printf(arena, "%s%s", range->parameters, parameter_text(arena, name, name_len, value, len));
    }
    return at;
}

/* One range at the start of the text; returns where it ends, NULL: malformed. "*" alone and a type without subtype
   stand for any subtype, which only Accept may say. */
static const char *
range_read(struct arena *arena, const char *at, bool may_lack_subtype, struct range *range)
{
    range->type = at;
    range->type_len = token_length(at);
    at += range->type_len;
    range->subtype = "*";
    range->subtype_len = 1;
    if (range->type_len == 0 || (*at != '/' && !may_lack_subtype))
        return NULL;
    if (*at == '/') {
        range->subtype = ++at;
        range->subtype_len = token_length(at);
        at += range->subtype_len;
        if (range->subtype_len == 0)
            return NULL;
    }
    return parameters_read(arena, at, range);
}

enum media_result
media_accepts_json(struct arena *arena, const char *accept, const char **type_out)
{
    *type_out = json;
    if (!accept || !*accept)
        return MEDIA_FITS;
    int best = 0;
    for (const char *at = accept;;) {
        struct range range;
        at += blank_length(at);
        at = range_read(arena, at, true, &range);
        if (!at || (*at && *at != ','))
            return MEDIA_MALFORMED;
        bool has_subtype = *range.subtype != '*' || range.subtype_len > 1;
        int fits = !is_json(&range) ? 0 : !has_subtype ? 1 : *range.type == '*' ? 2 : 3;
        if (fits > best) {
            best = fits;
            *type_out = fits == 3 ? arena_printf(arena, "%s%s", json, range.parameters) : json;
        }
        if (!*at)
            return best ? MEDIA_FITS : MEDIA_DIFFERS;
        at++;
    }
}

enum media_result
media_is_json(struct arena *arena, const char *content_type, bool has_body)
{
    struct range range;
    const char *end = range_read(arena, content_type + blank_length(content_type), false, &range);
    if (!end || *end)
        return MEDIA_MALFORMED;
    bool is_wildcard = *range.type == '*' || *range.subtype == '*';
    if (!is_json(&range))
        return MEDIA_DIFFERS;
    return is_wildcard && has_body ? MEDIA_UNREADABLE : MEDIA_FITS; /* no reader is chosen by a wildcard */
}
