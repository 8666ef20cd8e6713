/* Reads JDBC addresses from left to right; what it cannot read it refuses, it never guesses. */
#include "connect/connectors/jdbc/url.h"

#include "common/base/alloc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HOSTS_MAX = 64 };

/* ---- pieces -------------------------------------------------------------------------------------- */

static int
hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %xx and + as in a query string; a lone % stays. */
static char *
decoded(const char *text, size_t len)
{
    char *out = xmalloc(len + 1), *to = out;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' && i + 2 < len && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0 &&
            (text[i + 1] != '0' || text[i + 2] != '0')) {
            *to++ = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            *to++ = text[i] == '+' ? ' ' : text[i];
        }
    }
    *to = '\0';
    return out;
}

static bool
refuse(struct error *err, const char *text)
{
    struct strbuf masked = STRBUF_INIT;
    jdbc_url_mask(text, &masked);
    error_set(err, ERROR_CONFIG, "Not a valid JDBC URL: %s", masked.data ? masked.data : "");
    strbuf_fini(&masked);
    return false;
}

static bool
parse_port(const char *text, size_t len, unsigned *out)
{
    unsigned port = 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    *out = port;
    return port > 0 && port <= 65535;
}

/* ---- hosts ------------------------------------------------------------------------------------------ */

/* host=h, port=1, user=u or password=p of a key-value host; others are of no interest. */
static bool
set_host_key(struct jdbc_host *host, const char *text, size_t len)
{
    const char *equals = memchr(text, '=', len);
    if (!equals)
        return false;
    size_t key_len = (size_t)(equals - text), value_len = len - key_len - 1;
    const struct {
        const char *name;
        char **field;
    } keys[] = {{"host", &host->host}, {"user", &host->user}, {"password", &host->password}};
    if (key_len == 4 && strncasecmp(text, "port", 4) == 0)
        return parse_port(equals + 1, value_len, &host->port);
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (key_len == strlen(keys[i].name) && strncasecmp(text, keys[i].name, key_len) == 0) {
            free(*keys[i].field);
            *keys[i].field = decoded(equals + 1, value_len);
        }
    return true;
}

/* "(host=h,port=1)" or "address=(host=h)(port=1)" */
static bool
parse_key_value_host(struct jdbc_host *host, const char *text, size_t len)
{
    if (len > 8 && strncasecmp(text, "address=", 8) == 0) {
        text += 8;
        len -= 8;
    }
    while (len) {
        const char *close = memchr(text, ')', len);
        if (text[0] != '(' || !close)
            return false;
        const char *key = text + 1;
        while (key < close) {
            const char *comma = memchr(key, ',', (size_t)(close - key)), *end = comma ? comma : close;
            if (!set_host_key(host, key, (size_t)(end - key)))
                return false;
            key = end + 1;
        }
        len -= (size_t)(close + 1 - text);
        text = close + 1;
    }
    return true;
}

/* "user:password@name:port", every part optional but in this order; IPv6 in brackets */
static bool
parse_plain_host(struct jdbc_host *host, const char *text, size_t len)
{
    const char *at = memrchr(text, '@', len);
    if (at) {
        size_t user_len = (size_t)(at - text);
        const char *colon = memchr(text, ':', user_len);
        host->user = decoded(text, colon ? (size_t)(colon - text) : user_len);
        if (colon)
            host->password = decoded(colon + 1, (size_t)(at - colon - 1));
        len -= user_len + 1;
        text = at + 1;
    }
    if (len && (text[0] == '(' || (len > 8 && strncasecmp(text, "address=", 8) == 0)))
        return parse_key_value_host(host, text, len);
    size_t name_len = len;
    if (len && text[0] == '[') {
        const char *close = memchr(text, ']', len);
        if (!close)
            return false;
        host->host = xmemdup(text + 1, (size_t)(close - text - 1));
        name_len = (size_t)(close + 1 - text);
    } else {
        const char *colon = memchr(text, ':', len);
        name_len = colon ? (size_t)(colon - text) : len;
        if (name_len)
            host->host = decoded(text, name_len);
    }
    if (name_len == len)
        return true;
    return text[name_len] == ':' && (name_len + 1 == len || parse_port(text + name_len + 1, len - name_len - 1, &host->port));
}

/* Hosts are separated by commas outside of parentheses; "user:pass@(h1,h2)" lists are read as one user for all. */
static bool
parse_hosts(struct jdbc_url *url, const char *text, size_t len)
{
    size_t start = 0;
    int depth = 0;
    for (size_t i = 0; i <= len; i++) {
        depth += i < len && text[i] == '(';
        depth -= i < len && text[i] == ')';
        if (i < len && (text[i] != ',' || depth))
            continue;
        if (url->host_count == HOSTS_MAX)
            return false;
        url->hosts = xrealloc(url->hosts, (url->host_count + 1) * sizeof(*url->hosts));
        struct jdbc_host *host = &url->hosts[url->host_count++];
        *host = (struct jdbc_host){0};
        if (!parse_plain_host(host, text + start, i - start))
            return false;
        const struct jdbc_host *first = &url->hosts[0];
        if (host != first && !host->user && first->user) {
            host->user = xstrdup(first->user);
            host->password = xstrdup(first->password);
        }
        start = i + 1;
    }
    return depth == 0;
}

/* ---- properties ----------------------------------------------------------------------------------------- */

static void
parse_properties(struct jdbc_url *url, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "&");
        const char *equals = memchr(text, '=', len);
        size_t name_len = equals ? (size_t)(equals - text) : len;
        if (name_len) {
            char *name = decoded(text, name_len);
            char *value = equals ? decoded(equals + 1, len - name_len - 1) : xstrdup("");
            config_set(&url->properties, name, value);
            free(name);
            free(value);
        }
        text += len + (text[len] == '&');
    }
}

/* ---- the whole ------------------------------------------------------------------------------------------ */

static const struct {
    const char *scheme;
    bool is_mariadb;
} schemes[] = {
    {"jdbc:mysql://", false},         {"jdbc:mysql:loadbalance://", false}, {"jdbc:mysql:replication://", false},
    {"jdbc:mariadb://", true},        {"jdbc:mariadb:loadbalance://", true}, {"jdbc:mariadb:replication://", true},
    {"jdbc:mariadb:sequential://", true}, {"jdbc:mariadb:load-balance-read://", true},
};

static const char *
skip_scheme(const char *text, bool *is_mariadb_out)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        size_t len = strlen(schemes[i].scheme);
        if (strncasecmp(text, schemes[i].scheme, len) == 0) {
            *is_mariadb_out = schemes[i].is_mariadb;
            return text + len;
        }
    }
    return NULL;
}

/* jdbc:SUB:REST, as the connector's dialect look-up wants it */
static bool
is_jdbc(const char *text)
{
    const char *sub = text + 5, *colon = strncmp(text, "jdbc:", 5) == 0 ? strchr(sub, ':') : NULL;
    return colon && colon > sub && colon[1] != '\0';
}

bool
jdbc_url_parse(const char *text, struct jdbc_url *out, struct error *err)
{
    struct jdbc_url url = JDBC_URL_INIT;
    if (!text || !is_jdbc(text))
        return refuse(err, text ? text : "");
    const char *rest = skip_scheme(text, &url.is_mariadb);
    if (!rest) {
        struct strbuf masked = STRBUF_INIT;
        jdbc_url_mask(text, &masked);
        error_set(err, ERROR_CONFIG, "No suitable driver found for %s", masked.data);
        strbuf_fini(&masked);
        return false;
    }
    size_t hosts_len = strcspn(rest, "/?");
    if (!parse_hosts(&url, rest, hosts_len)) {
        jdbc_url_fini(&url);
        return refuse(err, text);
    }
    rest += hosts_len;
    if (*rest == '/') {
        size_t len = strcspn(++rest, "?");
        url.database = len ? decoded(rest, len) : NULL;
        rest += len;
    }
    if (*rest == '?')
        parse_properties(&url, rest + 1);
    *out = url;
    return true;
}

void
jdbc_url_fini(struct jdbc_url *url)
{
    for (size_t i = 0; i < url->host_count; i++) {
        free(url->hosts[i].host);
        free(url->hosts[i].user);
        free(url->hosts[i].password);
    }
    free(url->hosts);
    free(url->database);
    config_fini(&url->properties);
    *url = JDBC_URL_INIT;
}

/* ---- masking ----------------------------------------------------------------------------------------------- */

/* Does a parameter's name say that its value is secret? */
static bool
is_secret(const char *name, size_t len)
{
    for (size_t i = 0; i + 8 <= len; i++)
        if (strncasecmp(name + i, "password", 8) == 0)
            return true;
    return false;
}

static size_t
user_info_len(const char *text)
{
    size_t len = strcspn(text, "/?");
    const char *at = memrchr(text, '@', len);
    return at ? (size_t)(at - text) : 0;
}

void
jdbc_url_mask(const char *text, struct strbuf *out)
{
    const char *hosts = strstr(text, "://");
    size_t name_start = 0, i = 0, len = strlen(text);
    strbuf_add(out, "", 0);
    while (i < len) {
        if (hosts && text + i == hosts + 3 && user_info_len(text + i)) {
            size_t info = user_info_len(text + i);
            const char *colon = memchr(text + i, ':', info);
            strbuf_add(out, text + i, colon ? (size_t)(colon - text) - i : info);
            strbuf_puts(out, colon ? ":****" : "");
            i += info;
            continue;
        }
        char c = text[i++];
        strbuf_putc(out, c);
        if (strchr("?&(,;", c))
            name_start = i;
        if (c == '=' && is_secret(text + name_start, i - 1 - name_start)) {
            strbuf_puts(out, "****");
            i += strcspn(text + i, "&),;");
        }
    }
}
