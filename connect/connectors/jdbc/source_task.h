/* The task of the JDBC source: reads its tables (or its query) in turn and makes records of rows. */
#ifndef CONNECT_CONNECTORS_JDBC_SOURCE_TASK_H
#define CONNECT_CONNECTORS_JDBC_SOURCE_TASK_H

#include "connect/connector.h"

extern const struct source_task_ops jdbc_source_task_ops;

#endif
