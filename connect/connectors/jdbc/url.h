/*
 * JDBC addresses of MySQL and MariaDB, as Connector/J and MariaDB Connector/J read them.
 *
 *   jdbc:mysql://user:pass@h1:3306,[::1]:3307/database?name=value&name2=value2
 *   jdbc:mysql://(host=h,port=3306,user=u),address=(host=h2)(port=1)/database
 *   jdbc:mysql:loadbalance://..., jdbc:mysql:replication://..., jdbc:mariadb://...
 *
 * Pure text handling; any thread.
 */
#ifndef CONNECT_CONNECTORS_JDBC_URL_H
#define CONNECT_CONNECTORS_JDBC_URL_H

#include "common/base/error.h"
#include "common/base/strbuf.h"
#include "common/config/config.h"

struct jdbc_host {
    char *host;          /* NULL: localhost */
    unsigned port;       /* 0: 3306 */
    char *user, *password; /* NULL: those of the connection */
};

struct jdbc_url {
    bool is_mariadb;     /* jdbc:mariadb: */
    struct jdbc_host *hosts;
    size_t host_count;   /* at least one; tried in order */
    char *database;      /* NULL: none */
    struct config properties; /* decoded, in the order given */
};

#define JDBC_URL_INIT ((struct jdbc_url){0})

/* False: "Not a valid JDBC URL: ..." or "No suitable driver found for ...", ERROR_CONFIG, nothing to free. */
bool jdbc_url_parse(const char *text, struct jdbc_url *out, struct error *err) MUST_CHECK;
void jdbc_url_fini(struct jdbc_url *url);
/* The address without passwords, for logs and messages. */
void jdbc_url_mask(const char *text, struct strbuf *out);

#endif
