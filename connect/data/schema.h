/*
 * Schemas of Connect's data model (org.apache.kafka.connect.data.Schema): immutable, interned and counted.
 *
 * Two schemas with the same content are the same pointer, so "same schema?" on the hot path is one
 * comparison. All functions may be called from any thread; interning takes a lock, so whoever meets the
 * same schema again and again keeps the pointer. A schema holds a reference to each schema inside it.
 */
#ifndef CONNECT_DATA_SCHEMA_H
#define CONNECT_DATA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_type {
    SCHEMA_INT8, SCHEMA_INT16, SCHEMA_INT32, SCHEMA_INT64, SCHEMA_FLOAT32, SCHEMA_FLOAT64, SCHEMA_BOOLEAN,
    SCHEMA_STRING, SCHEMA_BYTES, SCHEMA_ARRAY, SCHEMA_MAP, SCHEMA_STRUCT,
};

/* What the schema's name makes of its base type (version is not looked at). */
enum schema_logical {
    SCHEMA_PLAIN,
    SCHEMA_DECIMAL,   /* BYTES,  org.apache.kafka.connect.data.Decimal, parameter "scale" */
    SCHEMA_DATE,      /* INT32,  ...Date: days since 1970 */
    SCHEMA_TIME,      /* INT32,  ...Time: ms since midnight */
    SCHEMA_TIMESTAMP, /* INT64,  ...Timestamp: ms since 1970 UTC */
};

#define SCHEMA_DECIMAL_NAME "org.apache.kafka.connect.data.Decimal"
#define SCHEMA_DATE_NAME "org.apache.kafka.connect.data.Date"
#define SCHEMA_TIME_NAME "org.apache.kafka.connect.data.Time"
#define SCHEMA_TIMESTAMP_NAME "org.apache.kafka.connect.data.Timestamp"

#define SCHEMA_NO_SCALE INT32_MIN

struct schema;
struct value;

struct schema_field {
    const char *name;
    size_t name_len;
    const struct schema *schema;
};

struct schema_parameter {
    const char *key, *value;
};

/* Everything is set before the schema is published and never changes. */
struct schema {
    enum schema_type type;
    enum schema_logical logical;
    bool is_optional;
    bool has_version;
    int32_t version;
    int32_t decimal_scale;                    /* of SCHEMA_DECIMAL; SCHEMA_NO_SCALE: missing or not a number */
    const char *name, *doc;                   /* NULL when not set */
    const struct schema_parameter *parameters; /* in the order given */
    size_t parameter_count;
    const struct value *default_value;        /* NULL when none */
    const struct schema_field *fields;        /* of a struct, in order */
    size_t field_count;
    const struct schema *key_schema;          /* of a map */
    const struct schema *value_schema;        /* of a map, and the items of an array */
    uint64_t hash;
};

const struct schema *schema_ref(const struct schema *schema); /* accepts NULL; returns it */
void schema_unref(const struct schema *schema);               /* accepts NULL */

/* ---- building ----------------------------------------------------------------------------------- */

struct schema_builder;

struct schema_builder *schema_builder_new(enum schema_type type);
/* Starts as a copy of everything that `schema` has. */
struct schema_builder *schema_builder_from(const struct schema *schema);
void schema_builder_optional(struct schema_builder *builder, bool is_optional);
void schema_builder_name(struct schema_builder *builder, const char *name);       /* NULL: none */
void schema_builder_version(struct schema_builder *builder, int32_t version);
void schema_builder_no_version(struct schema_builder *builder);
void schema_builder_doc(struct schema_builder *builder, const char *doc);
void schema_builder_parameter(struct schema_builder *builder, const char *key, const char *value);
/* Copies the value deeply. NULL: none. */
void schema_builder_default(struct schema_builder *builder, const struct value *value);
/* Appends a field; takes no reference from the caller (adds its own). */
void schema_builder_field(struct schema_builder *builder, const char *name, const struct schema *schema);
void schema_builder_no_fields(struct schema_builder *builder);
void schema_builder_key(struct schema_builder *builder, const struct schema *schema);
void schema_builder_value(struct schema_builder *builder, const struct schema *schema); /* items, too */
/* The interned schema, one reference for the caller; frees the builder. */
const struct schema *schema_builder_finish(struct schema_builder *builder);
void schema_builder_free(struct schema_builder *builder); /* gives up; accepts NULL */

/* Shortcuts; the caller gets a reference. */
const struct schema *schema_primitive(enum schema_type type, bool is_optional);
const struct schema *schema_decimal(int scale, bool is_optional);
const struct schema *schema_logical_new(enum schema_logical logical, bool is_optional); /* Date, Time, Timestamp */
/* The same schema with another `optional`. */
const struct schema *schema_with_optional(const struct schema *schema, bool is_optional);

/* ---- asking -------------------------------------------------------------------------------------- */

/* Index of a field, or -1. Linear; callers on the hot path remember the answer per schema. */
int schema_field_find(const struct schema *schema, const char *name);
const char *schema_parameter_get(const struct schema *schema, const char *key); /* or NULL */
const char *schema_type_name(enum schema_type type);  /* "INT32", as in Connect's messages */
const char *schema_type_word(enum schema_type type);  /* "int32", "float", "double": as JsonConverter writes */
bool schema_type_parse(const char *word, size_t len, enum schema_type *out);

/* How many schemas are interned now; for tests of leaks. */
size_t schema_interned_count(void);

#endif
