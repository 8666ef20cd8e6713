/*
 * What tells the connectors for MySQL and MariaDB apart; all else is common, and follows the server that it meets.
 * Immutable once main runs; any thread.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_DIALECT_H
#define CONNECT_CONNECTORS_BINLOG_DIALECT_H

#include "common/config/config_def.h"

struct cdc_dialect {
    const char *connector;         /* "mysql", "mariadb": word of the source block, the headers and schema names */
    const struct config_row *rows; /* its settings */
};

/* By the connector's word, which must be one of the two. */
const struct cdc_dialect *cdc_dialect_find(const char *connector);

/* MySqlConnectorConfig (config_rows.c) and MariaDbConnectorConfig, which differs in a few rows (dialect.c). */
extern const struct config_row cdc_mysql_rows[];
extern struct config_row cdc_mariadb_rows[];

#endif
