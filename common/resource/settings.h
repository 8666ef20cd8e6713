/* Settings of a service: options (--server.port=8081) before environment (SERVER_PORT) before defaults. */
#ifndef COMMON_RESOURCE_SETTINGS_H
#define COMMON_RESOURCE_SETTINGS_H

#include "common/db/db.h"
#include "common/http/http.h"

struct settings {
    const char *address, *tls_cert, *tls_key;
    int64_t port, workers, readers, connections_max, body_max, header_max, idle_timeout_ms, request_timeout_ms, shutdown_timeout_ms;
    bool trusts_forwarded;  /* X-Forwarded-* headers of a proxy shape the links */
    bool has_access_log;
    char db_host[256];
    struct db_params db;
    int64_t pool_size;
};

enum settings_result { SETTINGS_DONE, SETTINGS_EXIT, SETTINGS_WRONG };

/* Strings point into argv, the environment or literals. EXIT: --help or --version was answered. WRONG: said on stderr. */
enum settings_result settings_read(const char *program, const char *port, int argc, char **argv, struct settings *out);

#endif
