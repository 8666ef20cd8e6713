/*
 * Which plugins exist, and how a class name finds one: the full name, the name without its package, or that
 * without its kind at the end (JdbcSource for io.confluent.connect.jdbc.JdbcSourceConnector). Any thread.
 */
#ifndef CONNECT_PLUGINS_H
#define CONNECT_PLUGINS_H

#include "connect/connector.h"
#include "common/base/strbuf.h"

/* Version of Kafka Connect whose behaviour this is; also of the plugins that come with it. */
#define CONNECT_VERSION "4.1.1"

/* NULL-terminated; the visible list is in connect/plugins.c. */
extern const struct connector_plugin *const connector_plugins[];

/* NULL when there is none. */
const struct connector_plugin *connector_plugin_find(const char *class_name);
/* As above, with the text of Java's error, which lists what there is. */
const struct connector_plugin *connector_plugin_require(const char *class_name, struct error *err);

/* Does `name` mean the class? `kind` ("Connector", "Converter") may be missing at its end. */
bool plugin_name_matches(const char *class_name, const char *name, const char *kind);

const char *connector_type_name(enum connector_type type); /* "source" */

#endif
