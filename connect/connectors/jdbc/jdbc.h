/* The JDBC connectors for MySQL and MariaDB, as plugins.c lists them. */
#ifndef CONNECT_CONNECTORS_JDBC_JDBC_H
#define CONNECT_CONNECTORS_JDBC_JDBC_H

#include "connect/connector.h"

/* The release of the Java connectors whose behaviour is followed. */
#define JDBC_VERSION "10.9.7"

extern const struct connector_plugin jdbc_source_plugin; /* io.confluent.connect.jdbc.JdbcSourceConnector */
extern const struct connector_plugin jdbc_sink_plugin;   /* io.confluent.connect.jdbc.JdbcSinkConnector */

#endif
