/* Media types, parsed as far as the services need them. */
#include "common/resource/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { RANGES_MAX = 32, TYPE_SIZE = 96 };

struct range {
    char type[TYPE_SIZE]; /* "application/json", lower case */
    char charset[32];     /* "" if none */
    double quality;
};

static bool
is_token(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f || strchr("()<>@,;:\\\"/[]?={}", text[i]))
            return false;
    return len > 0;
}

static void
trim(const char **text, size_t *len)
{
    while (*len && (**text == ' ' || **text == '\t'))
        (*text)++, (*len)--;
    while (*len && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
        (*len)--;
}

static bool
param_parse(const char *text, size_t len, struct range *out)
{
    trim(&text, &len);
    const char *equals = memchr(text, '=', len);
    if (!equals)
        return len == 0;
    size_t name_len = (size_t)(equals - text), value_len = len - name_len - 1;
    if (!is_token(text, name_len) || value_len == 0)
        return false;
    char value[32];
    snprintf(value, sizeof(value), "%.*s", (int)value_len, equals + 1);
    if (name_len == 1 && (*text | 32) == 'q') {
        char *end;
        out->quality = strtod(value, &end);
        return *end == '\0' && out->quality >= 0 && out->quality <= 1;
    }
    if (name_len == 7 && strncasecmp(text, "charset", 7) == 0)
        snprintf(out->charset, sizeof(out->charset), "%.*s", (int)strcspn(value + (*value == '"'), "\""), value + (*value == '"'));
    return true;
}

/* "type/subtype;name=value;..." */
static bool
range_parse(const char *text, size_t len, struct range *out)
{
    *out = (struct range){.quality = 1};
    const char *semicolon = memchr(text, ';', len);
    const char *name = text;
    size_t name_len = semicolon ? (size_t)(semicolon - text) : len;
    trim(&name, &name_len);
    const char *slash = memchr(name, '/', name_len);
    if (name_len == 1 && *name == '*') { /* the original takes it for the full wildcard */
        strcpy(out->type, "*/*");
    } else {
        if (!slash || name_len >= TYPE_SIZE || !is_token(name, (size_t)(slash - name)) ||
            !is_token(slash + 1, name_len - (size_t)(slash - name) - 1))
            return false;
        for (size_t i = 0; i < name_len; i++)
            out->type[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
        if (out->type[0] == '*' && out->type[1] == '/' && strcmp(out->type, "*/*") != 0)
            return false;
    }
    while (semicolon) {
        const char *from = semicolon + 1;
        size_t left = len - (size_t)(from - text);
        semicolon = memchr(from, ';', left);
        if (!param_parse(from, semicolon ? (size_t)(semicolon - from) : left, out))
            return false;
    }
    return true;
}

/* The ranges of an Accept header, best first and otherwise in its order; -1 if it is malformed. */
static int
accept_parse(const char *accept, struct range *ranges)
{
    int count = 0;
    for (const char *at = accept; *at && count < RANGES_MAX;) {
        size_t len = strcspn(at, ",");
        const char *text = at;
        size_t text_len = len;
        trim(&text, &text_len);
        struct range range;
        if (text_len && !range_parse(text, text_len, &range))
            return -1;
        int place = count;
        if (text_len) {
            for (; place > 0 && ranges[place - 1].quality < range.quality; place--)
                ranges[place] = ranges[place - 1];
            ranges[place] = range;
            count++;
        }
        at += len + (at[len] == ',');
    }
    return count;
}

static bool
range_covers(const struct range *range, const struct media_offer *offer)
{
    if (strcmp(range->type, "*/*") == 0 || strcmp(range->type, offer->type) == 0)
        return true;
    size_t prefix = strcspn(range->type, "*");
    if (!range->type[prefix] || strncmp(range->type, offer->type, prefix) != 0 || offer->not_by_range)
        return false;
    const char *suffix = range->type + prefix + 1; /* of application / *+json */
    size_t type_len = strlen(offer->type), suffix_len = strlen(suffix);
    return type_len >= prefix + suffix_len && strcmp(offer->type + type_len - suffix_len, suffix) == 0;
}

int
media_choose(const char *accept, const struct media_offer *offers, size_t count)
{
    if (!accept || !*accept)
        return 0;
    struct range ranges[RANGES_MAX];
    int n = accept_parse(accept, ranges);
    if (n < 0)
        return MEDIA_MALFORMED;
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < count; k++)
            if (range_covers(&ranges[i], &offers[k]))
                return (int)k;
    return n == 0 ? 0 : MEDIA_NONE;
}

static bool
is_json(const char *type)
{
    size_t len = strlen(type);
    if (strcmp(type, "application/json") == 0)
        return true;
    return strncmp(type, "application/", 12) == 0 && len > 17 && strcmp(type + len - 5, "+json") == 0 && !strchr(type, '*');
}

enum media_error_form
media_error(const char *accept, char *type, size_t size)
{
    static const struct media_offer json = {"application/json", false};
    snprintf(type, size, "%s", json.type);
    if (!accept || !*accept)
        return MEDIA_ERROR_JSON;
    struct range ranges[RANGES_MAX];
    int n = accept_parse(accept, ranges);
    for (int i = 0; i < n; i++) {
        if (strcmp(ranges[i].type, "text/html") == 0)
            return MEDIA_ERROR_HTML;
        if (is_json(ranges[i].type)) {
            snprintf(type, size, "%s", ranges[i].type);
            return MEDIA_ERROR_JSON;
        }
        if (range_covers(&ranges[i], &json))
            return MEDIA_ERROR_JSON;
    }
    return n == 0 ? MEDIA_ERROR_JSON : MEDIA_ERROR_NONE;
}

enum media_body
media_body(const char *content_type)
{
    struct range range;
    if (!content_type)
        return MEDIA_BODY_JSON;
    if (!range_parse(content_type, strlen(content_type), &range) || strchr(range.type, '*'))
        return MEDIA_BODY_MALFORMED;
    if (strcmp(range.type, "text/uri-list") == 0)
        return MEDIA_BODY_URI_LIST;
    if (!is_json(range.type) || (*range.charset && strcasecmp(range.charset, "utf-8") != 0))
        return MEDIA_BODY_OTHER;
    return strcmp(range.type, "application/json-patch+json") == 0 ? MEDIA_BODY_JSON_PATCH : MEDIA_BODY_JSON;
}
