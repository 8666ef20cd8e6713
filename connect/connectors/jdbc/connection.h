/*
 * The database side of a JDBC connector's configuration: connection.url, connection.user, connection.password and
 * every other connection.* setting become what common/db needs, and what the drivers' parameters say about
 * values. Shared by source and sink.
 */
#ifndef CONNECT_CONNECTORS_JDBC_CONNECTION_H
#define CONNECT_CONNECTORS_JDBC_CONNECTION_H

#include "common/config/config.h"
#include "common/db/links.h"
#include "connect/connectors/jdbc/url.h"

/* A date of zeros (0000-00-00). */
enum jdbc_zero_dates { JDBC_ZERO_DATES_FAIL, JDBC_ZERO_DATES_NULL, JDBC_ZERO_DATES_ROUND };

/* What the driver's parameters make of column types (section "parameters" of docs/CONFIGURATION.md). */
struct jdbc_behaviour {
    bool tiny_int1_is_bit, transformed_bit_is_boolean, year_is_date;
    bool null_database_means_current; /* tables are looked for in the URL's database only */
    bool use_server_prepared;         /* useServerPrepStmts: FLOAT comes with all its digits */
    enum jdbc_zero_dates zero_dates;
};

/* Immutable after init; any thread reads. */
struct jdbc_connection {
    struct jdbc_url url;
    struct jdbc_behaviour behaviour;
    struct db_params params;     /* without host and credentials of a host; strings live in this struct */
    char *user, *password;
    char *ssl_ca, *ssl_cert;     /* client certificate and key in one file */
    char **init;                 /* session statements, NULL-terminated */
};

/* Reads the connection.* settings. False (ERROR_CONFIG): the texts of the JDBC drivers; nothing to free. */
bool jdbc_connection_init(struct jdbc_connection *conn, const struct config *cfg, struct error *err) MUST_CHECK;
void jdbc_connection_fini(struct jdbc_connection *conn);
/* A warning for each parameter that nobody knows; called once a connector start. */
void jdbc_connection_warn_unknown(const struct jdbc_connection *conn);
/* Connect to the first host that answers. Blocks. NULL: the last host's error. */
struct db *jdbc_connection_open(const struct jdbc_connection *conn, struct error *err);

/* Owner of the links. Connect, up to `attempts` times with `backoff_ms` between them; what comes back is one of the links.
   NULL: the last error; ERROR_TIMEOUT when they are closed. */
struct db *jdbc_links_open(struct db_links *links, const struct jdbc_connection *conn, int attempts, int64_t backoff_ms,
                           struct error *err);

#endif
