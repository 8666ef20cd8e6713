/*
 * Versions of plug-ins that users ask for: connector.plugin.version and its like. One version (the one built in) exists of
 * each plug-in.
 */
#ifndef CONNECT_PLUGIN_VERSION_H
#define CONNECT_PLUGIN_VERSION_H

#include "common/base/error.h"

/* Is version `have` of a class what `wanted` asks for? NULL and "latest" ask for any, a bare version for itself, and
   Maven's ranges for what lies in them: "[4.0,5)", "(,4.1]", several separated by commas. False, in Connect's words:
   ERROR_NOT_FOUND when it is not, ERROR_CONFIG when `wanted` cannot be understood. */
bool plugin_version_check(const char *class_name, const char *have, const char *wanted, struct error *err) MUST_CHECK;

#endif
