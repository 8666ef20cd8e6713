#include "connect/transforms/debezium.h"

#include "common/base/log.h"

#include <string.h>

LOGGER("connect.transforms");

bool
debezium_is_envelope(const struct record *record)
{
    static const char ending[] = ".Envelope";
    const char *name = record->value_schema ? record->value_schema->name : NULL;
    size_t len = name ? strlen(name) : 0;
    return len >= sizeof(ending) - 1 && strcmp(name + len - (sizeof(ending) - 1), ending) == 0;
}

bool
debezium_config_error(const char *setting, const char *why, struct error *err)
{
    log_error("The '%s' value is invalid: %s", setting, why);
    return error_set(err, ERROR_CONFIG, "Unable to validate config.");
}
