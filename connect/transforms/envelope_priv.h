/* What the transforms for records of change data capture share. */
#ifndef CONNECT_TRANSFORMS_ENVELOPE_PRIV_H
#define CONNECT_TRANSFORMS_ENVELOPE_PRIV_H

#include "connect/transforms/transform_priv.h"

#include <string.h>

/* The release of the Java classes whose behaviour is followed. */
#define ENVELOPE_VERSION "3.3.0.Final"

/* A change of a row; heartbeats, schema changes and transactions are other records. */
static inline bool
envelope_is_valid(const struct record *record)
{
    static const char suffix[] = ".Envelope";
    const char *name = record->value_schema ? record->value_schema->name : NULL;
    size_t len = name ? strlen(name) : 0;
    return len >= sizeof(suffix) - 1 && strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0 && record->value.kind == VALUE_STRUCT;
}

#endif
