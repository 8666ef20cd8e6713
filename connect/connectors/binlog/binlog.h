/* The log-based sources, as plugins.c lists them. */
#ifndef CONNECT_CONNECTORS_BINLOG_BINLOG_H
#define CONNECT_CONNECTORS_BINLOG_BINLOG_H

#include "connect/connector.h"

extern const struct connector_plugin cdc_mariadb_plugin; /* io.debezium.connector.mariadb.MariaDbConnector */
extern const struct connector_plugin cdc_mysql_plugin;   /* io.debezium.connector.mysql.MySqlConnector */

#endif
