/*
 * The only task of the log-based source: takes a snapshot where the mode asks for one, then follows the log
 * (MySqlConnectorTask, MariaDbConnectorTask). The offset's partition is {"server":"<topic.prefix>"}.
 */
#ifndef CONNECT_CONNECTORS_BINLOG_TASK_H
#define CONNECT_CONNECTORS_BINLOG_TASK_H

#include "connect/connector.h"

extern const struct source_task_ops cdc_mysql_task_ops, cdc_mariadb_task_ops;

#endif
