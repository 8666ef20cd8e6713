/* One table names every setting once: option, variable, default, meaning. */
#include "common/resource/settings.h"

#include "common/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum setting_id {
    PORT, ADDRESS, WORKERS, READERS, CONNECTIONS, BODY_MAX, HEADER_MAX, IDLE_TIMEOUT, REQUEST_TIMEOUT, SHUTDOWN_TIMEOUT, TLS_CERT, TLS_KEY,
    FORWARD, DB_ADDRESS, DB_NAME, DB_USER, DB_PASSWORD, DB_SSL, DB_POOL, DB_TIMEOUT, ACCESS_LOG, LOG_FORMAT, LOG_LEVEL, SETTING_COUNT
};

static const struct setting {
    const char *option, *variable, *value, *help;
    int64_t min, max; /* of a number; max 0: a text */
} settings[SETTING_COUNT] = {
    [PORT] = {"server.port", "SERVER_PORT", NULL, "port to listen on; 0: any free one", 0, 65535},
    [ADDRESS] = {"server.address", "SERVER_ADDRESS", "", "address to listen on; empty: all", 0, 0},
    [WORKERS] = {"server.workers", "SERVER_WORKERS", "32", "requests handled at once", 1, 1024},
    [READERS] = {"server.readers", "SERVER_READERS", "0", "of those, reading; 0: as many as the database has use for", 0, 1024},
    [CONNECTIONS] = {"server.max-connections", "SERVER_MAX_CONNECTIONS", "1024", "open connections; more wait", 1, 100000},
    [BODY_MAX] = {"server.max-body-size", "SERVER_MAX_BODY_SIZE", "4194304", "bytes of a request's body", 1, 1 << 30},
    [HEADER_MAX] = {"server.max-header-size", "SERVER_MAX_HEADER_SIZE", "8192", "bytes of a request's header", 1024, 1 << 20},
    [IDLE_TIMEOUT] = {"server.idle-timeout", "SERVER_IDLE_TIMEOUT", "60000", "ms a connection may say nothing", 1000, 3600000},
    [REQUEST_TIMEOUT] = {"server.request-timeout", "SERVER_REQUEST_TIMEOUT", "20000", "ms to send a request", 100, 3600000},
    [SHUTDOWN_TIMEOUT] = {"server.shutdown-timeout", "SERVER_SHUTDOWN_TIMEOUT", "10000", "ms for clients to take their answers on stop", 0, 600000},
    [TLS_CERT] = {"server.ssl.certificate", "SERVER_SSL_CERTIFICATE", "", "PEM file; with the next: HTTPS", 0, 0},
    [TLS_KEY] = {"server.ssl.certificate-private-key", "SERVER_SSL_CERTIFICATE_PRIVATE_KEY", "", "PEM file", 0, 0},
    [FORWARD] = {"server.forward-headers-strategy", "SERVER_FORWARD_HEADERS_STRATEGY", "",
                 "native: X-Forwarded-* shape links; none (default outside of Kubernetes)", 0, 0},
    [DB_ADDRESS] = {"datasource.address", "_DATASOURCE_ADDRESS", "localhost:3306", "host:port of MySQL", 0, 0},
    [DB_NAME] = {"datasource.tablespace", "_DATASOURCE_TABLESPACE", "my-database", "name of the database", 0, 0},
    [DB_USER] = {"datasource.username", "_DATASOURCE_USERNAME", "root", "user of the database", 0, 0},
    [DB_PASSWORD] = {"datasource.password", "_DATASOURCE_PASSWORD", "1234", "password; better as a variable", 0, 0},
    [DB_SSL] = {"datasource.ssl-mode", "_DATASOURCE_SSL_MODE", "disabled", "disabled, preferred, required, verify_ca, verify_identity", 0, 0},
    [DB_POOL] = {"datasource.pool-size", "_DATASOURCE_POOL_SIZE", "32", "connections to MySQL", 1, 1024},
    [DB_TIMEOUT] = {"datasource.timeout", "_DATASOURCE_TIMEOUT", "10000", "ms without a word from MySQL", 1000, 3600000},
    [ACCESS_LOG] = {"server.access-log", "SERVER_ACCESS_LOG", "true", "a line for every request", 0, 0},
    [LOG_FORMAT] = {"logging.format", "LOGGING_FORMAT", "text", "text or json", 0, 0},
    [LOG_LEVEL] = {"logging.level", "LOGGING_LEVEL", "INFO", "TRACE, DEBUG, INFO, WARN, ERROR, OFF", 0, 0},
};

static void
print_help(const char *program, const char *port)
{
    printf("Usage: %s [--NAME=VALUE ...]\n\nEvery option can also be given as the environment variable beside it.\n\n", program);
    for (size_t i = 0; i < SETTING_COUNT; i++)
        printf("  --%-36s %-36s %s [%s]\n", settings[i].option, settings[i].variable, settings[i].help, i == PORT ? port : settings[i].value);
    printf("  --%-36s %-36s %s\n  --%-36s %-36s %s\n", "help", "", "this text", "version", "", "the version");
}

static bool
wrong(const char *program, const char *format, const char *name, const char *value)
{
    fprintf(stderr, "%s: ", program);
    fprintf(stderr, strcmp(format, "option") == 0 ? "unknown option %s%s; --help lists them\n" : "%s cannot be \"%s\"\n", name, value);
    return false;
}

static bool
read_options(const char *program, int argc, char **argv, const char **values)
{
    for (int k = 1; k < argc; k++) {
        const char *equals = strchr(argv[k], '=');
        size_t i = 0, len = equals ? (size_t)(equals - argv[k]) : 0;
        while (i < SETTING_COUNT && !(len > 2 && strncmp(argv[k], "--", 2) == 0 && strlen(settings[i].option) == len - 2 &&
                                      strncmp(argv[k] + 2, settings[i].option, len - 2) == 0))
            i++;
        if (i == SETTING_COUNT)
            return wrong(program, "option", argv[k], "");
        values[i] = equals + 1;
    }
    return true;
}

static bool
check_numbers(const char *program, const char *const *values, int64_t *numbers)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (settings[i].max == 0)
            continue;
        char *end;
        errno = 0;
        numbers[i] = strtoll(values[i], &end, 10);
        if (errno || end == values[i] || *end || numbers[i] < settings[i].min || numbers[i] > settings[i].max)
            return wrong(program, "value", settings[i].option, values[i]);
    }
    return true;
}

/* One of a few words; its place in the list. */
static bool
check_word(const char *program, enum setting_id id, const char *value, const char *const *words, int *out)
{
    for (*out = 0; words[*out]; ++*out)
        if (strcasecmp(words[*out], value) == 0)
            return true;
    return wrong(program, "value", settings[id].option, value);
}

/* "host", "host:port", "[v6]:port" */
static bool
split_address(const char *program, const char *value, struct settings *out)
{
    bool is_bracketed = *value == '[';
    const char *host = value + is_bracketed, *end = is_bracketed ? strchr(host, ']') : NULL;
    const char *colon = is_bracketed ? (end && end[1] == ':' ? end + 1 : NULL) : strrchr(value, ':');
    size_t len = end ? (size_t)(end - host) : colon ? (size_t)(colon - host) : strlen(host);
    char *rest = NULL;
    unsigned long port = colon ? strtoul(colon + 1, &rest, 10) : 3306;
    bool is_closed = !is_bracketed || (end && strchr(":", end[1])); /* finds the end of the text, too */
    if (!is_closed || len == 0 || len >= sizeof(out->db_host) || (rest && (*rest || rest == colon + 1)) || port == 0 || port > 65535)
        return wrong(program, "value", settings[DB_ADDRESS].option, value);
    snprintf(out->db_host, sizeof(out->db_host), "%.*s", (int)len, host);
    out->db.port = (unsigned)port;
    return true;
}

static bool
check_words(const char *program, const char *const *values, struct settings *out)
{
    static const char *const modes[] = {"preferred", "disabled", "required", "verify_ca", "verify_identity", NULL};
    static const char *const strategies[] = {"none", "native", "framework", NULL}, *const truths[] = {"false", "true", NULL};
    static const char *const formats[] = {"text", "json", NULL};
    int mode, forward = getenv("KUBERNETES_SERVICE_HOST") != NULL, access, format;
    enum log_level level;
    if (!check_word(program, DB_SSL, values[DB_SSL], modes, &mode) || !check_word(program, ACCESS_LOG, values[ACCESS_LOG], truths, &access) ||
        !check_word(program, LOG_FORMAT, values[LOG_FORMAT], formats, &format) ||
        (*values[FORWARD] && !check_word(program, FORWARD, values[FORWARD], strategies, &forward)))
        return false;
    if (!log_level_parse(values[LOG_LEVEL], &level))
        return wrong(program, "value", settings[LOG_LEVEL].option, values[LOG_LEVEL]);
    log_level_set("root", level);
    log_format_set(format ? LOG_JSON : LOG_TEXT);
    out->db.ssl_mode = (enum db_ssl_mode)mode;
    out->trusts_forwarded = forward > 0;
    out->has_access_log = access;
    return true;
}

enum settings_result
settings_read(const char *program, const char *port, int argc, char **argv, struct settings *out)
{
    /* A value that does not fit is refused, not cut. And MySQL counts rows with threads that it starts for each
       COUNT(*), which for many small pages costs far more than it saves; MariaDB skips the comment. */
    static const char *const init[] = {
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')"
        " /*!80014 , innodb_parallel_read_threads = 1 */", NULL,
    };
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            print_help(program, port);
        else if (strcmp(argv[i], "--version") == 0)
            printf("%s %s\n", program, PROJECT_VERSION);
        else
            continue;
        return SETTINGS_EXIT;
    }
    const char *values[SETTING_COUNT];
    int64_t numbers[SETTING_COUNT];
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        values[i] = getenv(settings[i].variable);
        if (!values[i] || (!*values[i] && i != DB_PASSWORD))
            values[i] = i == PORT ? port : settings[i].value;
    }
    *out = (struct settings){0};
    if (!read_options(program, argc, argv, values) || !check_numbers(program, values, numbers) || !check_words(program, values, out) ||
        !split_address(program, values[DB_ADDRESS], out))
        return SETTINGS_WRONG;
    out->port = numbers[PORT];
    out->address = values[ADDRESS];
    out->workers = numbers[WORKERS];
    out->readers = numbers[READERS];
    out->connections_max = numbers[CONNECTIONS];
    out->body_max = numbers[BODY_MAX];
    out->header_max = numbers[HEADER_MAX];
    out->idle_timeout_ms = numbers[IDLE_TIMEOUT];
    out->request_timeout_ms = numbers[REQUEST_TIMEOUT];
    out->shutdown_timeout_ms = numbers[SHUTDOWN_TIMEOUT];
    out->tls_cert = *values[TLS_CERT] ? values[TLS_CERT] : NULL;
    out->tls_key = *values[TLS_KEY] ? values[TLS_KEY] : NULL;
    out->pool_size = numbers[DB_POOL];
    out->db.host = out->db_host;
    out->db.database = values[DB_NAME];
    out->db.user = values[DB_USER];
    out->db.password = values[DB_PASSWORD];
    out->db.read_timeout_ms = (unsigned)numbers[DB_TIMEOUT];
    out->db.connect_timeout_ms = 3000;
    out->db.get_server_public_key = true;
    out->db.found_rows = true;
    out->db.init = init;
    return SETTINGS_DONE;
}
