/* Connection settings: one table of parameters, each with the function that obeys it. */
#include "connect/connectors/jdbc/connection.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

LOGGER("connect.jdbc.connection");

/* ---- values of parameters ---------------------------------------------------------------------------- */

static bool
is_true(const char *value)
{
    return strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 || strcmp(value, "1") == 0;
}

static unsigned
to_ms(const char *value)
{
    char *end;
    long ms = strtol(value, &end, 10);
    return ms > 0 && ms <= 86400000L && *end == '\0' ? (unsigned)ms : 0;
}

static void
add_init(struct jdbc_connection *conn, char *statement)
{
    size_t count = 0;
    while (conn->init && conn->init[count])
        count++;
    conn->init = xrealloc(conn->init, (count + 2) * sizeof(*conn->init));
    conn->init[count] = statement;
    conn->init[count + 1] = NULL;
}

/* ---- parameters that are obeyed --------------------------------------------------------------------------- */

/* What several parameters decide together. */
struct reading {
    struct jdbc_connection *conn;
    bool use_ssl_is_set, use_ssl, require_ssl, verify_certificate, has_ssl_mode;
    bool force_time_zone, is_strict, has_cursor;
    const char *time_zone;
};

static void
set_tiny_int1_is_bit(struct reading *r, const char *value)
{
    r->conn->behaviour.tiny_int1_is_bit = is_true(value);
}
static void
set_transformed_bit(struct reading *r, const char *value)
{
    r->conn->behaviour.transformed_bit_is_boolean = is_true(value);
}
static void
set_year_is_date(struct reading *r, const char *value)
{
    r->conn->behaviour.year_is_date = is_true(value);
}
static void
set_null_database(struct reading *r, const char *value)
{
    r->conn->behaviour.null_database_means_current = is_true(value);
}
static void
set_server_prepared(struct reading *r, const char *value)
{
    r->conn->behaviour.use_server_prepared = is_true(value);
}
/* Cursors need statements prepared by the server, so that Connector/J takes those, whatever useServerPrepStmts says. */
static void
set_cursor_fetch(struct reading *r, const char *value)
{
    r->has_cursor |= is_true(value);
}
static void
set_zero_dates(struct reading *r, const char *value)
{
    if (strcasecmp(value, "CONVERT_TO_NULL") == 0 || strcasecmp(value, "convertToNull") == 0)
        r->conn->behaviour.zero_dates = JDBC_ZERO_DATES_NULL;
    else if (strcasecmp(value, "ROUND") == 0)
        r->conn->behaviour.zero_dates = JDBC_ZERO_DATES_ROUND;
    else
        r->conn->behaviour.zero_dates = JDBC_ZERO_DATES_FAIL;
}
static void
set_connect_timeout(struct reading *r, const char *value)
{
    r->conn->params.connect_timeout_ms = to_ms(value);
}
static void
set_socket_timeout(struct reading *r, const char *value)
{
    r->conn->params.read_timeout_ms = to_ms(value);
}
static void
set_public_key(struct reading *r, const char *value)
{
    r->conn->params.get_server_public_key = is_true(value);
}
static void
set_affected_rows(struct reading *r, const char *value)
{
    r->conn->params.found_rows = !is_true(value);
}
static void
set_compression(struct reading *r, const char *value)
{
    r->conn->params.compress = is_true(value);
}
static void
set_multi_queries(struct reading *r, const char *value)
{
    r->conn->params.multi_statements = is_true(value);
}
static void
set_truncation(struct reading *r, const char *value)
{
    r->is_strict = is_true(value);
}
static void
set_use_ssl(struct reading *r, const char *value)
{
    r->use_ssl_is_set = true;
    r->use_ssl = is_true(value);
}
static void
set_require_ssl(struct reading *r, const char *value)
{
    r->require_ssl = is_true(value);
}
static void
set_verify_certificate(struct reading *r, const char *value)
{
    r->verify_certificate = is_true(value);
}
static void
set_ssl_mode(struct reading *r, const char *value)
{
    static const struct {
        const char *name;
        enum db_ssl_mode mode;
    } modes[] = {
        {"DISABLED", DB_SSL_DISABLED},   {"PREFERRED", DB_SSL_PREFERRED}, {"REQUIRED", DB_SSL_REQUIRED},
        {"VERIFY_CA", DB_SSL_VERIFY_CA}, {"VERIFY_IDENTITY", DB_SSL_VERIFY_IDENTITY},
        {"disable", DB_SSL_DISABLED},    {"trust", DB_SSL_REQUIRED},
        {"verify-ca", DB_SSL_VERIFY_CA}, {"verify-full", DB_SSL_VERIFY_IDENTITY},
    };
    for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
        if (strcasecmp(value, modes[i].name) == 0) {
            r->conn->params.ssl_mode = modes[i].mode;
            r->has_ssl_mode = true;
        }
}

/* A file as a path or as file:/path; Java key stores cannot be read and are named in a warning. */
static char *
pem_path(const char *value)
{
    if (strncasecmp(value, "file:", 5) == 0)
        value += 5;
    while (value[0] == '/' && value[1] == '/')
        value++;
    size_t len = strlen(value);
    if (len > 4 && (strcasecmp(value + len - 4, ".jks") == 0 || strcasecmp(value + len - 4, ".p12") == 0))
        log_warn("certificates are read as PEM only, %s will probably be refused", value);
    return xstrdup(value);
}
static void
set_ca(struct reading *r, const char *value)
{
    free(r->conn->ssl_ca);
    r->conn->ssl_ca = pem_path(value);
}
static void
set_client_certificate(struct reading *r, const char *value)
{
    free(r->conn->ssl_cert);
    r->conn->ssl_cert = pem_path(value);
}
static void
set_time_zone(struct reading *r, const char *value)
{
    r->time_zone = value;
}
static void
set_force_time_zone(struct reading *r, const char *value)
{
    r->force_time_zone = is_true(value);
}

/* "a=1,b='x,y'": one statement for each, split outside of quotes and parentheses */
static void
set_session_variables(struct reading *r, const char *value)
{
    char quote = '\0';
    int depth = 0;
    const char *start = value;
    for (const char *at = value;; at++) {
        if (*at && quote) {
            quote = *at == quote ? '\0' : quote;
            continue;
        }
        if (*at == '\'' || *at == '"' || *at == '`')
            quote = *at;
        depth += (*at == '(') - (*at == ')');
        if (*at && ((*at != ',' && *at != ';') || depth))
            continue;
        if (at > start)
            add_init(r->conn, xasprintf(*start == '@' ? "SET %.*s" : "SET SESSION %.*s", (int)(at - start), start));
        if (!*at)
            return;
        start = at + 1;
    }
}

static const struct parameter {
    const char *name;
    void (*set)(struct reading *r, const char *value); /* NULL: accepted, without effect here */
} parameters[] = {
    {"tinyInt1isBit", set_tiny_int1_is_bit},
    {"transformedBitIsBoolean", set_transformed_bit},
    {"yearIsDateType", set_year_is_date},
    {"nullDatabaseMeansCurrent", set_null_database},
    {"nullCatalogMeansCurrent", set_null_database},
    {"useServerPrepStmts", set_server_prepared},
    {"useCursorFetch", set_cursor_fetch},
    {"zeroDateTimeBehavior", set_zero_dates},
    {"connectTimeout", set_connect_timeout},
    {"socketTimeout", set_socket_timeout},
    {"allowPublicKeyRetrieval", set_public_key},
    {"useAffectedRows", set_affected_rows},
    {"useCompression", set_compression},
    {"allowMultiQueries", set_multi_queries},
    {"jdbcCompliantTruncation", set_truncation},
    {"useSSL", set_use_ssl},
    {"useSsl", set_use_ssl},
    {"requireSSL", set_require_ssl},
    {"verifyServerCertificate", set_verify_certificate},
    {"sslMode", set_ssl_mode},
    {"trustCertificateKeyStoreUrl", set_ca},
    {"serverSslCert", set_ca},
    {"clientCertificateKeyStoreUrl", set_client_certificate},
    {"sessionVariables", set_session_variables},
    {"connectionTimeZone", set_time_zone},
    {"serverTimezone", set_time_zone},
    {"forceConnectionTimeZoneToSession", set_force_time_zone},
    {"user", NULL}, {"password", NULL}, /* read by set_credentials */
    {"characterEncoding", NULL}, {"useUnicode", NULL}, {"connectionCollation", NULL}, {"characterSetResults", NULL},
    {"defaultFetchSize", NULL}, {"useStreamLengthsInPrepStmts", NULL},
    {"rewriteBatchedStatements", NULL}, {"useBulkStmts", NULL}, {"useBulkStmtsForInserts", NULL},
    {"cachePrepStmts", NULL}, {"prepStmtCacheSize", NULL}, {"prepStmtCacheSqlLimit", NULL},
    {"autoReconnect", NULL}, {"autoReconnectForPools", NULL}, {"maxReconnects", NULL}, {"initialTimeout", NULL},
    {"failOverReadOnly", NULL}, {"tcpKeepAlive", NULL}, {"tcpNoDelay", NULL}, {"useLegacyDatetimeCode", NULL},
    {"useJDBCCompliantTimezoneShift", NULL}, {"useTimezone", NULL}, {"noDatetimeStringSync", NULL},
    {"sendFractionalSeconds", NULL}, {"preserveInstants", NULL}, {"useLocalSessionState", NULL},
    {"cacheServerConfiguration", NULL}, {"elideSetAutoCommits", NULL}, {"maintainTimeStats", NULL},
    {"useInformationSchema", NULL}, {"databaseTerm", NULL}, {"useHostsInPrivileges", NULL}, {"useOldAliasMetadataBehavior", NULL},
    {"allowLoadLocalInfile", NULL}, {"allowUrlInLocalInfile", NULL}, {"permitMysqlScheme", NULL},
    {"enabledTLSProtocols", NULL}, {"tlsVersions", NULL}, {"enabledSSLCipherSuites", NULL}, {"tlsCiphersuites", NULL},
    {"trustCertificateKeyStoreType", NULL}, {"trustCertificateKeyStorePassword", NULL},
    {"clientCertificateKeyStoreType", NULL}, {"clientCertificateKeyStorePassword", NULL}, {"fallbackToSystemTrustStore", NULL},
    {"paranoid", NULL}, {"logger", NULL}, {"profileSQL", NULL}, {"connectionAttributes", NULL}, {"uuidAsString", NULL},
};

static const struct parameter *
parameter_find(const char *name)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
        if (strcasecmp(parameters[i].name, name) == 0)
            return &parameters[i];
    return NULL;
}

/* ---- several parameters together --------------------------------------------------------------------------- */

static void
decide_ssl(struct reading *r)
{
    struct jdbc_connection *conn = r->conn;
    if (!r->has_ssl_mode && r->use_ssl_is_set && !r->use_ssl)
        conn->params.ssl_mode = DB_SSL_DISABLED;
    else if (!r->has_ssl_mode && r->verify_certificate)
        conn->params.ssl_mode = DB_SSL_VERIFY_CA;
    else if (!r->has_ssl_mode && (r->require_ssl || (r->use_ssl && conn->url.is_mariadb)))
        conn->params.ssl_mode = DB_SSL_REQUIRED;
    conn->params.ssl_ca = conn->ssl_ca;
    conn->params.ssl_cert = conn->params.ssl_key = conn->ssl_cert;
}

/* Does it look like a time zone, so that it can go into a statement? */
static bool
is_zone_text(const char *text)
{
    return *text && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/+-:") == strlen(text);
}

static void
decide_time_zone(struct reading *r)
{
    const char *zone = r->time_zone;
    if (!r->force_time_zone || !zone || !is_zone_text(zone) || strcasecmp(zone, "SERVER") == 0 || strcasecmp(zone, "LOCAL") == 0)
        return;
    if (strcasecmp(zone, "UTC") == 0 || strcasecmp(zone, "GMT") == 0 || strcmp(zone, "Z") == 0)
        zone = "+00:00"; /* known to servers without zone tables */
    add_init(r->conn, xasprintf("SET SESSION time_zone='%s'", zone));
}

/* Without it MySQL cuts long texts silently where Java users get an error. */
static void
decide_strictness(struct reading *r)
{
    if (r->is_strict)
        add_init(r->conn, xstrdup("SET SESSION sql_mode=IF(@@SESSION.sql_mode LIKE '%STRICT\\_%',@@SESSION.sql_mode,"
                                  "CONCAT_WS(',',NULLIF(@@SESSION.sql_mode,''),'STRICT_TRANS_TABLES'))"));
}

/* connection.user and connection.password, else the parameters', else the host's own. */
static void
set_credentials(struct jdbc_connection *conn, const struct config *cfg)
{
    const char *user = config_get(cfg, "connection.user"), *password = config_get(cfg, "connection.password");
    conn->user = xstrdup(user ? user : config_get(&conn->url.properties, "user"));
    conn->password = xstrdup(password ? password : config_get(&conn->url.properties, "password"));
    for (size_t i = 0; i < conn->url.host_count; i++) {
        struct jdbc_host *host = &conn->url.hosts[i];
        if (user || !host->user) {
            free(host->user);
            host->user = xstrdup(conn->user);
        }
        if (password || !host->password) {
            free(host->password);
            host->password = xstrdup(conn->password);
        }
    }
}

/* Settings of the connector that begin with "connection." but are no parameter of the driver. */
static bool
is_connector_setting(const char *name)
{
    static const char *const own[] = {"url", "user", "password", "attempts", "backoff.ms"};
    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        if (strcmp(own[i], name) == 0)
            return true;
    return false;
}

/* connection.NAME counts as parameter NAME: before the URL's with Connector/J, behind it with MariaDB's. */
static void
merge_settings(struct jdbc_connection *conn, const struct config *cfg)
{
    struct config own = CONFIG_INIT;
    config_subset(cfg, "connection.", &own);
    for (size_t i = 0; i < own.count; i++) {
        const struct config_entry *entry = &own.entries[i];
        if (is_connector_setting(entry->key) || !entry->value)
            continue;
        if (!conn->url.is_mariadb || !config_has(&conn->url.properties, entry->key))
            config_set(&conn->url.properties, entry->key, entry->value);
    }
    config_fini(&own);
}

/* ---- life ------------------------------------------------------------------------------------------------ */

static bool
check_blocked(const struct jdbc_connection *conn, struct error *err)
{
    struct string_list blocked = STRING_LIST_INIT;
    string_list_split(&blocked, getenv("JDBC_CONNECTION_URL_BLOCKED_PARAMS") ? getenv("JDBC_CONNECTION_URL_BLOCKED_PARAMS") : "");
    bool is_blocked = false;
    for (size_t i = 0; i < conn->url.properties.count && !is_blocked; i++)
        for (size_t k = 0; k < blocked.count && !is_blocked; k++)
            if (strcasecmp(conn->url.properties.entries[i].key, blocked.items[k]) == 0) {
                is_blocked = true;
                error_set(err, ERROR_CONFIG, "The JDBC parameter '%s' is not allowed on this worker", blocked.items[k]);
            }
    string_list_fini(&blocked);
    return !is_blocked;
}

bool
jdbc_connection_init(struct jdbc_connection *conn, const struct config *cfg, struct error *err)
{
    *conn = (struct jdbc_connection){0};
    const char *url = config_get(cfg, "connection.url");
    if (!jdbc_url_parse(url ? url : "", &conn->url, err))
        return false;
    bool is_mariadb = conn->url.is_mariadb;
    conn->behaviour = (struct jdbc_behaviour){
        .tiny_int1_is_bit = true,
        .year_is_date = true,
        .zero_dates = is_mariadb ? JDBC_ZERO_DATES_NULL : JDBC_ZERO_DATES_FAIL,
    };
    conn->params.found_rows = true;
    conn->params.get_server_public_key = is_mariadb;
    conn->params.ssl_mode = is_mariadb ? DB_SSL_DISABLED : DB_SSL_PREFERRED;
    merge_settings(conn, cfg);
    if (!check_blocked(conn, err)) {
        jdbc_connection_fini(conn);
        return false;
    }
    struct reading reading = {.conn = conn, .is_strict = !is_mariadb};
    for (size_t i = 0; i < conn->url.properties.count; i++) {
        const struct config_entry *entry = &conn->url.properties.entries[i];
        const struct parameter *parameter = parameter_find(entry->key);
        if (parameter && parameter->set && entry->value)
            parameter->set(&reading, entry->value);
    }
    conn->behaviour.use_server_prepared |= reading.has_cursor;
    decide_ssl(&reading);
    decide_time_zone(&reading);
    decide_strictness(&reading);
    set_credentials(conn, cfg);
    conn->params.database = conn->url.database;
    conn->params.init = (const char *const *)conn->init;
    return true;
}

void
jdbc_connection_fini(struct jdbc_connection *conn)
{
    jdbc_url_fini(&conn->url);
    if (conn->password)
        explicit_bzero(conn->password, strlen(conn->password));
    free(conn->user);
    free(conn->password);
    free(conn->ssl_ca);
    free(conn->ssl_cert);
    for (size_t i = 0; conn->init && conn->init[i]; i++)
        free(conn->init[i]);
    free(conn->init);
    *conn = (struct jdbc_connection){0};
}

void
jdbc_connection_warn_unknown(const struct jdbc_connection *conn)
{
    for (size_t i = 0; i < conn->url.properties.count; i++)
        if (!parameter_find(conn->url.properties.entries[i].key))
            log_warn("unknown JDBC parameter '%s' is ignored", conn->url.properties.entries[i].key);
}

/* One after the other of the hosts; links may be NULL. */
static struct db *
open_any(const struct jdbc_connection *conn, struct db_links *links, struct error *err)
{
    struct db *db = NULL;
    for (size_t i = 0; i < conn->url.host_count && !db; i++) {
        const struct jdbc_host *host = &conn->url.hosts[i];
        struct db_params params = conn->params;
        params.host = host->host;
        params.port = host->port;
        params.user = host->user;
        params.password = host->password;
        db = links ? db_links_connect(links, &params, err) : db_connect(&params, err);
        if (!db && err->code == ERROR_CONFIG)
            return NULL; /* the same everywhere */
    }
    return db;
}

struct db *
jdbc_connection_open(const struct jdbc_connection *conn, struct error *err)
{
    return open_any(conn, NULL, err);
}

/* ---- links ----------------------------------------------------------------------------------------------- */

struct db *
jdbc_links_open(struct db_links *links, const struct jdbc_connection *conn, int attempts, int64_t backoff_ms,
                struct error *err)
{
    for (int attempt = 1; !db_links_is_closed(links); attempt++) {
        struct db *db = open_any(conn, links, err);
        if (db || (attempt >= attempts && !db_links_is_closed(links)))
            return db;
        if (!db_links_is_closed(links))
            log_info("Unable to connect to database on attempt %d/%d. Will retry in %lld ms. %s", attempt, attempts,
                     (long long)backoff_ms, err->message);
        db_links_wait(links, backoff_ms);
    }
    error_set(err, ERROR_TIMEOUT, "stopped while connecting");
    return NULL;
}
