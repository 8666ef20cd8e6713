/*
 * An entity is a table of fields; everything else follows from it: the SQL table and its statements, the
 * collection and item resources, their JSON form, ALPS and JSON Schema.
 *
 * The database table has a hidden key `id BIGINT AUTO_INCREMENT` besides the fields. Names of tables and
 * columns come from these tables only, never from a request.
 */
#ifndef COMMON_RESOURCE_ENTITY_H
#define COMMON_RESOURCE_ENTITY_H

#include "common/db/db.h"

enum { ENTITY_FIELDS_MAX = 16 };

enum field_type { FIELD_TEXT, FIELD_INT, FIELD_LONG, FIELD_DOUBLE };

struct field {
    const char *name;   /* member in JSON */
    const char *column;
    enum field_type type;
};

struct entity {
    const char *rel;      /* path and name of the collection: "syncOrders" */
    const char *item_rel; /* "syncOrder" */
    const char *table;
    struct field fields[ENTITY_FIELDS_MAX]; /* in JSON order, ended by one without a name */
};

struct row {
    int64_t id;
    struct db_value values[ENTITY_FIELDS_MAX]; /* in the order of the fields */
};

static inline size_t
entity_field_count(const struct entity *entity)
{
    size_t n = 0;
    while (n < ENTITY_FIELDS_MAX && entity->fields[n].name)
        n++;
    return n;
}

#endif
