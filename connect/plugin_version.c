/* Maven's version ranges, as far as one version has to be looked for in them. */
#include "connect/plugin_version.h"

#include "common/base/alloc.h"
#include "common/base/strbuf.h"

#include <stdlib.h>
#include <string.h>

struct range {
    bool has_low, has_high, with_low, with_high;
    char low[64], high[64];
};

/* Part by part; numbers by value, anything else by its letters, a part that is missing as zero. */
static int
compare_versions(const char *a, const char *b)
{
    while (*a || *b) {
        size_t a_len = strcspn(a, ".-"), b_len = strcspn(b, ".-");
        bool numbers = strspn(a, "0123456789") >= a_len && strspn(b, "0123456789") >= b_len;
        long long left = a_len ? atoll(a) : 0, right = b_len ? atoll(b) : 0;
        int order = numbers ? (left > right) - (left < right) : strncmp(a, b, a_len > b_len ? a_len : b_len);
        if (order)
            return order;
        a += a_len + (a[a_len] != '\0');
        b += b_len + (b[b_len] != '\0');
    }
    return 0;
}

static void
copy_bound(char *to, size_t size, const char *from, size_t len)
{
    while (len && *from == ' ')
        from++, len--;
    while (len && from[len - 1] == ' ')
        len--;
    len = len < size ? len : size - 1;
    memcpy(to, from, len);
    to[len] = '\0';
}

/* One "[low,high)" at *at, which then stands behind it. */
static bool
parse_range(const char **at, const char *whole, struct range *out, struct error *err)
{
    const char *start = *at + 1, *end = start + strcspn(start, ")]");
    if ((**at != '[' && **at != '(') || !*end)
        return error_set(err, ERROR_CONFIG, "Unbounded range: %.100s", whole);
    const char *comma = memchr(start, ',', (size_t)(end - start));
    if (!comma)
        comma = end;
    *out = (struct range){.with_low = **at == '[', .with_high = *end == ']'};
    copy_bound(out->low, sizeof(out->low), start, (size_t)(comma - start));
    if (comma == end)
        memcpy(out->high, out->low, sizeof(out->high));
    else
        copy_bound(out->high, sizeof(out->high), comma + 1, (size_t)(end - comma - 1));
    out->has_low = *out->low;
    out->has_high = *out->high;
    *at = end + 1;
    if (strchr(out->high, ',') || (out->has_low && out->has_high && compare_versions(out->low, out->high) > 0))
        return error_set(err, ERROR_CONFIG, "Range defies version ordering: %.100s", whole);
    return true;
}

static bool
holds(const struct range *range, const char *version)
{
    if (!range->has_low && !range->has_high && range->with_low)
        return false; /* "[]": the empty version */
    int low = range->has_low ? compare_versions(range->low, version) : -1;
    int high = range->has_high ? compare_versions(range->high, version) : 1;
    return (low < 0 || (low == 0 && range->with_low)) && (high > 0 || (high == 0 && range->with_high));
}

bool
plugin_version_check(const char *class_name, const char *have, const char *wanted, struct error *err)
{
    if (!wanted || strcmp(wanted, "latest") == 0)
        return true;
    char *whole = *wanted == '[' || *wanted == '(' ? xstrdup(wanted) : xasprintf("[%s]", wanted);
    struct strbuf shown = STRBUF_INIT;
    bool found = false, ok = true;
    for (const char *at = whole; ok && *at; at += strspn(at, ", ")) {
        struct range range = {0};
        ok = parse_range(&at, whole, &range, err);
        if (!ok)
            break;
        found = found || holds(&range, have);
        strbuf_printf(&shown, "%s%c%s,%s%c", shown.len ? "," : "", range.with_low ? '[' : '(', range.low, range.high,
                      range.with_high ? ']' : ')');
    }
    if (ok && !found)
        error_set(err, ERROR_NOT_FOUND, "Plugin %s not found that matches the version range %.200s, available versions: [%s]", class_name,
                  shown.data ? shown.data : "", have);
    strbuf_fini(&shown);
    free(whole);
    return ok && found;
}
