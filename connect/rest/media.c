/* Accept and Content-Type headers, as far as one media type needs them. */
#include "connect/rest/rest_priv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char json[] = "application/json";

/* One media range of an Accept header without its parameters, trimmed; returns how well it fits: 0 not, 1 any
   type, 2 any application, 3 JSON itself. */
static int
range_fits(const char *range, size_t len)
{
    while (len > 0 && (range[len - 1] == ' ' || range[len - 1] == '\t'))
        len--;
    if ((len == 3 && memcmp(range, "*/*", 3) == 0) || (len == 1 && *range == '*'))
        return 1;
    if (len == 13 && strncasecmp(range, "application/*", 13) == 0)
        return 2;
    return len == strlen(json) && strncasecmp(range, json, len) == 0 ? 3 : 0;
}

/* Parameters of a range other than q, as ";name=value" each; *quality_out gets q. */
static char *
range_parameters(struct arena *arena, const char *at, const char *end, double *quality_out)
{
    char *kept = arena_strdup(arena, "");
    *quality_out = 1;
    while (at < end && *at == ';') {
        at++;
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        const char *start = at;
        while (at < end && *at != ';')
            at++;
        size_t len = (size_t)(at - start);
        while (len > 0 && (start[len - 1] == ' ' || start[len - 1] == '\t'))
            len--;
        if (len > 2 && (start[0] == 'q' || start[0] == 'Q') && start[1] == '=')
            *quality_out = atof(start + 2);
        else if (len > 0)
            kept = arena_printf(arena, "%s;%.*s", kept, (int)len, start);
    }
    return kept;
}

bool
media_accepts_json(struct arena *arena, const char *accept, const char **type_out)
{
    *type_out = json;
    if (!accept || !*accept)
        return true;
    int best = 0;
    for (const char *at = accept; *at;) {
        at += strspn(at, " \t,");
        size_t all = strcspn(at, ","), len = strcspn(at, ",;");
        double quality;
        int fits = len ? range_fits(at, len) : 0;
        char *parameters = range_parameters(arena, at + len, at + all, &quality);
        if (fits > best && quality > 0) {
            best = fits;
            *type_out = fits == 3 ? arena_printf(arena, "%s%s", json, parameters) : json;
        }
        at += all;
    }
    return best > 0;
}

bool
media_is_json(const char *content_type)
{
    size_t len = strcspn(content_type, "; \t");
    return len == strlen(json) && strncasecmp(content_type, json, len) == 0;
}
