/* The visible list of connectors. Converters and transforms have theirs in converters/ and transforms/. */
#include "connect/plugins.h"

#if __has_include("connect/connectors/jdbc/jdbc.h")
#include "connect/connectors/jdbc/jdbc.h"
#define JDBC_PLUGINS &jdbc_sink_plugin, &jdbc_source_plugin,
#else
#define JDBC_PLUGINS
#endif

#if __has_include("connect/connectors/binlog/binlog.h")
#include "connect/connectors/binlog/binlog.h"
#define BINLOG_PLUGINS &cdc_mariadb_plugin, &cdc_mysql_plugin,
#else
#define BINLOG_PLUGINS
#endif

/* Sinks before sources, each sorted by class, as GET /connector-plugins shows them. */
const struct connector_plugin *const connector_plugins[] = {
    JDBC_PLUGINS
    BINLOG_PLUGINS
    NULL,
};
