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
    char params[64];      /* the others but q, as they are shown: "; version=1" */
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

/* Up to the next separator that is not in quotes; in lists a backslash takes the special sense from what follows. */
static size_t
part_length(const char *text, size_t len, char separator)
{
    bool is_quoted = false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            is_quoted = !is_quoted;
        else if (text[i] == '\\' && separator == ',')
            i++;
        else if (text[i] == separator && !is_quoted)
            return i;
    }
    return len;
}

static bool
param_parse(const char *text, size_t len, struct range *out)
{
    trim(&text, &len);
    const char *equals = memchr(text, '=', len);
    if (!equals)
        return true; /* without a value: as if it were not there */
    size_t name_len = (size_t)(equals - text), value_len = len - name_len - 1;
    if (!is_token(text, name_len) || value_len == 0)
        return false;
    bool is_charset = name_len == 7 && strncasecmp(text, "charset", 7) == 0;
    bool is_quoted = value_len >= 2 && equals[1] == '"' && equals[value_len] == '"';
    if (!is_charset && !is_quoted && !is_token(equals + 1, value_len))
        return false;
    char value[64];
    bool is_number = name_len == 1 && (*text | 32) == 'q' && is_quoted;
    snprintf(value, sizeof(value), "%.*s", (int)(value_len - 2 * is_number), equals + 1 + is_number);
    if (name_len == 1 && (*text | 32) == 'q') {
        char *end;
        out->quality = strtod(value, &end);
        return *end == '\0' && out->quality >= 0 && out->quality <= 1;
    }
    if (is_charset) {
        snprintf(out->charset, sizeof(out->charset), "%.*s", (int)strcspn(value + (*value == '"'), "\""), value + (*value == '"'));
        return true;
    }
    size_t used = strlen(out->params);
    snprintf(out->params + used, sizeof(out->params) - used, "; %.*s=%s", (int)name_len, text, value);
    return true;
}

/* "type/subtype;name=value;..." */
static bool
range_parse(const char *text, size_t len, struct range *out)
{
    *out = (struct range){.quality = 1};
    const char *name = text;
    size_t name_len = part_length(text, len, ';');
    const char *semicolon = name_len < len ? text + name_len : NULL;
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
        size_t param_len = part_length(from, left, ';');
        semicolon = param_len < left ? from + param_len : NULL;
        if (!param_parse(from, param_len, out))
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
        size_t len = part_length(at, strlen(at), ',');
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
ends_in(const char *text, const char *ending)
{
    size_t len = strlen(text), ending_len = strlen(ending);
    return len >= ending_len && strcmp(text + len - ending_len, ending) == 0;
}

static bool
is_utf8(const struct range *range)
{
    return !*range->charset || strcasecmp(range->charset, "utf-8") == 0 || strcasecmp(range->charset, "utf8") == 0;
}

static bool
range_covers(const struct range *range, const struct media_offer *offer)
{
    if (!is_utf8(range))
        return false;
    const char *wildcard = strchr(range->type, '*');
    if (!wildcard)
        return strchr(offer->type, '/') ? strcmp(range->type, offer->type) == 0 : ends_in(range->type, offer->type);
    if (strcmp(range->type, "*/*") == 0)
        return true;
    if (strncmp(range->type, offer->type, (size_t)(wildcard - range->type)) != 0)
        return false;
    return wildcard[1] ? ends_in(offer->type, wildcard + 1) : !offer->not_by_range; /* of application / *+json; of application / * */
}

static void
label_write(char *label, const struct range *range, const struct media_offer *offer)
{
    if (!range || strchr(range->type, '*'))
        snprintf(label, MEDIA_LABEL_SIZE, "%s", offer->type);
    else
        snprintf(label, MEDIA_LABEL_SIZE, "%s%s%s%s", range->type, range->params, *range->charset ? ";charset=" : "", range->charset);
}

bool
media_is_sound(const char *accept)
{
    struct range ranges[RANGES_MAX];
    return !accept || accept_parse(accept, ranges) >= 0;
}

int
media_choose(const char *accept, const struct media_offer *offers, size_t count, char label[MEDIA_LABEL_SIZE])
{
    struct range ranges[RANGES_MAX];
    int n = accept ? accept_parse(accept, ranges) : 0;
    for (int i = 0; i < n; i++) {
        for (size_t k = 0; k < count; k++) {
            if (range_covers(&ranges[i], &offers[k])) {
                label_write(label, &ranges[i], &offers[k]);
                return (int)k;
            }
        }
    }
    if (n != 0)
        return MEDIA_NONE;
    label_write(label, NULL, &offers[0]);
    return 0;
}

static bool
is_json(const char *type)
{
    return strcmp(type, "application/json") == 0 || (strncmp(type, "application/", 12) == 0 && strlen(type) > 17 && ends_in(type, "+json"));
}

enum media_body
media_body(const char *content_type)
{
    struct range range;
    if (!content_type || !content_type[strspn(content_type, " ")])
        return MEDIA_BODY_JSON;
    if (!range_parse(content_type, strlen(content_type), &range) || strchr(range.type, '*'))
        return MEDIA_BODY_MALFORMED;
    if (strcmp(range.type, "text/uri-list") == 0)
        return MEDIA_BODY_URI_LIST;
    if (!is_json(range.type) || !is_utf8(&range))
        return MEDIA_BODY_OTHER;
    return strcmp(range.type, "application/json-patch+json") == 0 ? MEDIA_BODY_JSON_PATCH : MEDIA_BODY_JSON;
}
