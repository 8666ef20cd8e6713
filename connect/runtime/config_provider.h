/*
 * Config providers: ${provider:[path:]key} in a setting's text is replaced by what the provider has
 * (ConfigTransformer, FileConfigProvider, EnvVarConfigProvider, DirectoryConfigProvider). What is not known
 * stays as it is. Immutable after making; any thread.
 */
#ifndef CONNECT_RUNTIME_CONFIG_PROVIDER_H
#define CONNECT_RUNTIME_CONFIG_PROVIDER_H

#include "common/base/error.h"
#include "common/config/config.h"

struct config_providers;

/* From config.providers, config.providers.NAME.class and .param.*; an unknown class is an error. */
struct config_providers *config_providers_new(const struct config *worker, struct error *err) MUST_CHECK;
void config_providers_free(struct config_providers *providers); /* accepts NULL */

/* A copy of `cfg` with all references replaced; reads files. NULL: e.g. a file that cannot be read. */
struct config *config_providers_resolve(const struct config_providers *providers, const struct config *cfg,
                                        struct error *err) MUST_CHECK;

/* Does the text hold something of the form ${a:b}? */
bool config_has_reference(const char *text);

#endif
