/*
 * The database side of a JDBC connector's configuration: connection.url, connection.user, connection.password and
 * every other connection.* setting become what common/db needs, and what the drivers' parameters say about
 * values. Shared by source and sink.
 */
#ifndef CONNECT_CONNECTORS_JDBC_CONNECTION_H
#define CONNECT_CONNECTORS_JDBC_CONNECTION_H

#include "common/config/config.h"
#include "common/db/db.h"
#include "connect/connectors/jdbc/url.h"

#include <pthread.h>

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

/* ---- connections that another thread can end -------------------------------------------------------- */

enum { JDBC_LINKS_MAX = 4 };

/* The connections of one task or connector. Zeroed memory is a good start: close may come before init. */
struct jdbc_links {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    bool is_closed;
    struct db *dbs[JDBC_LINKS_MAX];
};

/* Owner. Connect, up to `attempts` times with `backoff_ms` between them. NULL: the last error; ERROR_TIMEOUT when closed. */
struct db *jdbc_links_open(struct jdbc_links *links, const struct jdbc_connection *conn, int attempts,
                           int64_t backoff_ms, struct error *err);
/* Owner. Forget and close one; accepts NULL. */
void jdbc_links_drop(struct jdbc_links *links, struct db *db);
/* Owner. Sleep; true at once when closed. */
bool jdbc_links_wait(struct jdbc_links *links, int64_t ms);
bool jdbc_links_is_closed(struct jdbc_links *links);
/* Any thread, may repeat, never blocks: waits end, statements are ended, later connections are refused. */
void jdbc_links_close(struct jdbc_links *links);

#endif
